//! The drawings for people: their width, their layouts, and what they say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod util;

use std::fs;

use unicode_width::UnicodeWidthStr;
use util::{Folder, RIGHT, Ran, WRONG, minified};

/// Runs `check` for a terminal of this width.
fn drawn(folder: &Folder, columns: usize, args: &str) -> Ran {
    let mut command = folder.command(&format!("check {args}"));
    Ran::of(command.env("COLUMNS", columns.to_string()).output().unwrap())
}

#[test]
fn drawings_fit_the_terminal() {
    let samples = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/orders.ndjson")).unwrap();
    let spring = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/spring-order.json")).unwrap();
    let folder = Folder::new("widths");
    let generated = folder.run("generate --count 262 --seed 4 --fault any --style any").out;
    // Wide characters, long names, many digits, many lines, a long line that is cut off.
    let wide = r#"{"cust_ref": "注文番号〇一二三四五六七八九", "note": "これは個人情報です", "sub_total": 14,
        "項目": "秘密", "balance": 3, "items": [{"item": "青いマグカップ大サイズ特別版", "price": "14", "quantity": 1}]}"#;
    let wide_line = wide.replace('\n', "");
    let long = format!(
        r#"{{"cust_ref":"{}","sub_total":"1234567890123456.123456789012","grand_total":"9234567890123456.123456789013","items":[{{"item":"{}","price":1,"quantity":1}}]}}"#,
        "R".repeat(300),
        "I".repeat(300)
    );
    let line = r#"{"item":"C","price":"3.00","quantity":2,"extended_amount":"7.00"}"#;
    let many = format!(r#"{{"sub_total":"1.00","items":[{}]}}"#, vec![line; 300].join(","));
    let cut = format!("{{\"note\": \"{}\", \"sub_total\": 14 \"x\"}}", "é".repeat(400));
    let wrong = minified(WRONG);
    let text =
        [&samples, &spring, &generated, wide, &wide_line, &long, &many, &cut, &wrong].map(|text| text.trim_end());
    let folder = folder.with("f", text.join("\n"));
    let mut drawings = Vec::new();
    for columns in [40, 64, 80, 100, 160] {
        let ran = drawn(&folder, columns, "--max-shown 1000 --all f");
        for line in ran.out.lines() {
            assert!(line.width() <= columns, "{columns}: {line}");
        }
        assert!(ran.out.lines().count() > 2000);
        drawings.push(ran.out);
    }
    drawings.dedup();
    assert_eq!(drawings.len(), 5, "each width has its own drawing");
    // Without a terminal it is 100; a width that is none does not count; extremes are limited.
    assert_eq!(folder.run("check --max-shown 1000 --all f").out, drawings[3]);
    assert_eq!(drawn(&folder, 0, "--max-shown 1000 --all f").out, drawings[3]);
    assert_eq!(drawn(&folder, 1, "--max-shown 1000 --all f").out, drawings[0]);
    assert_eq!(drawn(&folder, 9999, "--max-shown 1000 --all f").out, drawings[4]);
}

/// Without colours, a drawing with colours is the one without.
#[test]
fn colours_change_nothing_else() {
    let folder = Folder::new("colours").with("f", format!("{}\noops\n{WRONG}", minified(WRONG)));
    let plain = folder.run("check f").out;
    let styled = folder.run("check --color always f").out;
    let mut text = String::new();
    let mut rest = styled.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        text.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    text.push_str(rest);
    assert_eq!(text, plain);
    assert!(styled.len() > plain.len() + 200);
    assert!(!folder.run("check --color never f").out.contains('\u{1b}'));
}

#[test]
fn an_order_is_one_block_and_says_everything() {
    let folder = Folder::new("blocks").with("line.json", minified(WRONG)).with("order.json", WRONG);
    for file in ["line.json", "order.json"] {
        let ran = folder.run(&format!("check {file}"));
        assert_eq!(ran.out.matches("-->").count(), 1, "{}", ran.out);
        for part in [
            "(order TEST02)",
            "= why: ",
            "= change: ",
            "= or: ",
            "= repair: ",
            "= breaks: OC105 grand-total, OC304",
            "OC101",
        ] {
            assert!(ran.out.contains(part), "{part}: {}", ran.out);
        }
        let first = ran.out.lines().next().unwrap();
        assert!(first.starts_with("error: an amount is under another name"), "{first}");
    }
    // On one line it is a table, with the lines first and the wrong amounts marked.
    let table = folder.run("check line.json").out;
    let row = |name: &str| table.lines().find(|line| line.contains(name)).unwrap_or_default();
    assert_eq!(row("stated").split_whitespace().collect::<Vec<_>>(), ["|", "stated", "should", "be"]);
    assert_eq!(
        row("> order_discount").split_whitespace().collect::<Vec<_>>(),
        ["|", ">", "order_discount", "2.00", "0.00", "wrong"]
    );
    assert_eq!(row("  tax ").split_whitespace().collect::<Vec<_>>(), ["|", "tax", "1.00", "another", "name"]);
    assert!(row("grand_total  ").ends_with("agrees"), "{table}");
    assert!(table.find("line 1 (C100)").unwrap() < table.find("sub_total").unwrap());
    // On lines of its own it is drawn where it is.
    assert!(folder.run("check order.json").out.contains("  \"order_discount\": 2,\n"));
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    let order = |code: &str, price: &str, total: &str| {
        format!(
            r#"{{"cust_ref":"A","currency_code":"{code}","balance":{total},"items":[{{"price":{price},"quantity":3}}]}}"#
        )
    };
    let folder = Folder::new("decimals");
    let said = |code: &str, price: &str, total: &str, expected: &str| {
        for format in ["human", "short"] {
            let ran = folder.pipe(&format!("check --format {format}"), order(code, price, total));
            let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(expected), "{format}: {}", ran.out);
        }
    };
    said("USD", "5", "10.5", "balance is 10.50,");
    said("JPY", "500", "999", "balance is 999,");
    said("KWD", "5", "10.5", "balance is 10.500,");
    said(
        "USD",
        "5.000000000000001",
        "15",
        "price of line 1 is 5.000000000000001, which is 5.00 sent as a binary float",
    );
}

#[test]
fn what_cannot_be_read_is_pointed_at() {
    let folder = Folder::new("pointed");
    let pointed = |text: &str| folder.pipe("check --max-shown 9", text).out;
    assert_eq!(
        pointed("{\"sub_total\": 14 \"note\": 1}"),
        "error: expected `,` or `}`, found `\"`\n --> -:1:18\n  |\n1 | {\"sub_total\": … \"\n  |                 ^\n\n"
    );
    let hidden = pointed("{\"ship_name\": \"Ann Smith\", \"price\": 5, \"+15550109999\": {\"a\": Ann}}\n");
    assert!(hidden.contains("1 | {\"…\": \"…\", \"price\": …, \"…\": {\"…\": A\n"), "{hidden}");
    let all = folder.pipe("check --show-values", "{\"ship_name\": \"Ann Smith\", \"x\": Ann}\n").out;
    assert!(all.contains("1 | {\"ship_name\": \"Ann Smith\", \"x\": A\n"), "{all}");
    // How the input is cut into pieces makes no difference.
    let lines = format!("{RIGHT}\n{{\"a\": oops}}\n").repeat(4000);
    let folder = folder.with("many", lines);
    let one = folder.run("check -j1 --max-shown 9999 many").out;
    assert_eq!(folder.run("check -j5 --max-shown 9999 many").out, one);
    assert_eq!(one.matches("| {\"…\": o\n").count(), 4000);
}
