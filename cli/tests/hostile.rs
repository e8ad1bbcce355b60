//! Inputs that are meant to do harm, outputs that are full, checks that check nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod util;

use std::time::{Duration, Instant};

use util::{Folder, RIGHT, WRONG};

/// Characters that a terminal may obey or that cannot be seen, each from another range.
const HIDDEN: &str = "\u{7}\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{34f}\u{61c}\u{115f}\u{17b4}\u{180e}\u{200b}\u{200f}\u{2028}\
    \u{202e}\u{2066}\u{2069}\u{2800}\u{3164}\u{e000}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{fffb}\u{1bca0}\u{1d173}\u{e0001}\
    \u{e007f}\u{e0100}\u{10fffd}\r";

/// The hidden characters in a string, apart from line ends.
fn hidden(text: &str) -> Vec<char> {
    text.replace("\r\n", "\n")
        .chars()
        .filter(|char| HIDDEN.contains(*char) || (char.is_control() && *char != '\n'))
        .collect()
}

/// JSON has no control characters below U+0020 in its strings.
fn in_json(text: &str) -> String {
    text.chars().map(|char| if char < ' ' { format!("\\u{:04x}", u32::from(char)) } else { char.to_string() }).collect()
}

#[test]
fn nothing_that_is_hidden_reaches_a_terminal() {
    // In names, in values that are shown and masked, between orders, in a name that is mistaken for a charge.
    let h = in_json(HIDDEN);
    let order = |end: &str| {
        format!(
            r#"{{"cust_ref":"x{h}y","order_source":"s{h}","not{HIDDEN}e{h}":"v{h}","currency_code":"{h}","balance":"3.00","sub_total":"92.00","gr{h}and_total":"1","grand_total":92.00,"items":[{{"item":"i{h}","price":30.67,"quantity":3,"price{h}":1,"discount":"{h}","extended_amount":"92.00"}}]}}{end}"#
        )
        .replace(['\r', '\u{7}', '\u{1b}'], "")
    };
    let text = [order("\r\n"), format!("oops {HIDDEN}\n"), format!("{{\"a\": {HIDDEN}}}\n"), order("\r "), order("\n")]
        .concat();
    let folder = Folder::new("hidden").with("f", &text);
    let name = format!("f{}", HIDDEN.replace(['\r', '\u{7}'], ""));
    std::fs::write(folder.0.join(&name), &text).unwrap();
    let mut checked = 0;
    for args in [
        "check",
        "check --all",
        "check --all --show-values --max-shown 9999",
        "check --format short --all",
        "check --format ndjson --all",
        "check --format json --all",
        "fix --unsafe --diff",
        "fix --unsafe --diff --show-values",
        "fix --recalculate --diff --show-values",
        "fix --unsafe --from-mapping --diff",
    ] {
        let ran = util::Ran::of(folder.command(args).args(["f", &name, "missing\u{9b}"]).output().unwrap());
        assert_eq!(hidden(&ran.out), [], "{args}: {:?}", ran.out);
        assert_eq!(hidden(&ran.err), [], "{args}: {:?}", ran.err);
        assert!(ran.out.len() > 1000, "{args}: {}", ran.out);
        checked += 1;
    }
    for args in [
        "calc",
        "explain",
        "check --format",
        "check --select",
        "fix --prefer",
        "man",
        "generate --fault",
        "",
        "check --write-valid .",
    ] {
        let ran = util::Ran::of(folder.command(args).arg(&name).output().unwrap());
        assert_eq!(hidden(&ran.err), [], "{args}: {:?}", ran.err);
        assert!(!ran.err.is_empty(), "{args}");
        checked += 1;
    }
    assert_eq!(checked, 19);
    // What is escaped for terminals is the same string to who reads JSON.
    let records = folder.run("check --format ndjson --all f").records();
    assert_eq!(records[0]["cust_ref"], format!("x{HIDDEN}y"));
}

#[test]
fn a_diff_shows_charges_and_masks_the_rest() {
    let secrets = r#""ship_name":"SECRET1","e":{"price":"SECRET2","cust_ref":"SECRET3","items":[{"item":"SECRET4"}]},"n":["SECRET5",123456789,{"grand_total":987654321}],"SECRET6":"","ship_zip":123456789"#;
    let item = r#""note":"SECRET7","gift":{"price":"SECRET8"},"item":"C100""#;
    let order = format!(
        r#"{{"cust_ref":"R-1",{secrets},"balance":"3.00","grand_total":"5.00","items":[{{{item},"price":"5.00","quantity":1}}]}}"#
    )
    .replace(r#","SECRET6":"""#, "");
    let pretty = order.replace(',', ",\n  ").replace('{', "{\n  ");
    let reply = format!(r#"{{"success_code":true,"message":"SECRET9","response":[{order}]}}"#);
    let cut = format!("{order}\n{{\"ship_name\":\"SECRET10\n{order}\nSECRET11\n");
    for (name, text) in [("order", &order), ("pretty", &pretty), ("reply", &reply), ("cut", &cut)] {
        let folder = Folder::new("masked-kinds").with(name, text);
        for args in ["", "--unsafe", "--recalculate"] {
            let masked = folder.run(&format!("fix {args} --diff {name}"));
            for secret in ["SECRET", "123456789", "987654321"] {
                assert!(!masked.out.contains(secret) && !masked.err.contains(secret), "{name}: {}", masked.whole());
            }
            assert!(masked.out.contains(r#""balance":"0.00""#), "{name}: {}", masked.out);
            let shown = folder.run(&format!("fix {args} --diff --show-values {name}")).out;
            assert!(shown.contains("SECRET"), "{name}: {shown}");
            // What identifies an order is shown.
            assert!(name == "pretty" || masked.out.contains("R-1"), "{name}: {}", masked.out);
        }
    }
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let folder = Folder::new("full").with("right.json", RIGHT).with("wrong.json", WRONG);
    for args in [
        "--help",
        "-h",
        "--version",
        "check --help",
        "check -h",
        "check --version",
        "fix --help",
        "help",
        "help check",
        "explain OC105",
        "explain --all --format json",
        "completions bash",
        "completions zsh",
        "man",
        "man check",
        "check wrong.json",
        "check --format short wrong.json",
        "check --format ndjson right.json",
        "check --format json right.json",
        "check --all right.json",
        "check --write-valid - right.json",
        "check --write-valid /dev/full right.json",
        "check --write-invalid /dev/full wrong.json",
        "fix right.json",
        "fix --diff --recalculate wrong.json",
        "fix --output /dev/full right.json",
        "calc right.json",
        "generate",
        "generate --count 100000",
        "generate --labels labels",
    ] {
        let ran = folder.shell(&format!("$OC {args} > /dev/full"));
        assert_eq!(ran.status, 2, "{args}: {}", ran.err);
        assert!(ran.err.contains("error: cannot write to "), "{args}: {}", ran.err);
    }
    let ran = folder.shell("$OC --help | head -1 > /dev/null; $OC man | head -1; $OC completions zsh | head -1");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "a reader that stops early is not an error");
}

#[test]
fn silence_is_no_verdict() {
    let bare = r#"{"cust_ref":"B1","items":[{"item":"C100","quantity":2}]}"#;
    let folder = Folder::new("silence").with("right.json", RIGHT).with("bare.json", bare);
    for (name, text) in
        [("blank", " \n\r\n"), ("list", "[]"), ("orders", "{\"orders\":[]}"), ("mark", "\u{feff}"), ("empty", "")]
    {
        std::fs::write(folder.0.join(name), text).unwrap();
        for args in [
            format!("check right.json {name}"),
            format!("check {name} right.json"),
            format!("check --fail-on never {name} right.json"),
            format!("check --max-invalid 100% --format ndjson right.json {name}"),
            format!("check --quiet --write-valid new right.json {name}"),
            format!("fix right.json {name}"),
            format!("fix --in-place {name}"),
            format!("fix --diff right.json {name}"),
            format!("fix --unsafe --from-mapping right.json {name}"),
            format!("calc {name} right.json"),
            format!("submit right.json {name}"),
        ] {
            if args.starts_with("submit") && !cfg!(feature = "submit") {
                continue;
            }
            let ran = folder.run(&args);
            assert_eq!(ran.status, 2, "{args}");
            assert!(ran.err.contains(&format!("no order found in {name}")), "{args}: {}", ran.err);
        }
    }
    for policy in [
        "--select OC101 --ignore OC101",
        "--select OC1 --ignore OC101,OC102,OC103,OC104,OC105,OC106",
        "--ignore OC1,OC2,OC3",
        "--severity OC1=off,OC2=off,OC3=off",
        "--select OC105 --severity grand-total=off",
    ] {
        for command in [
            "check",
            "check --fail-on never --max-invalid 9",
            "check --format ndjson",
            "fix",
            "fix --diff",
            "fix --in-place",
        ] {
            let ran = folder.run(&format!("{command} {policy} right.json"));
            assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{command} {policy}");
            assert!(ran.err.contains("expected at least one rule to check"), "{command} {policy}: {}", ran.err);
        }
    }
    // An order of which nothing could be checked is said to be that.
    for (args, said) in [
        ("check bare.json", "1 order: 1 valid, 0 invalid, 0 unreadable, 1 not checkable"),
        ("check --select OC105 bare.json", "1 not checkable"),
        ("check --select OC203 right.json", "1 not checkable"),
        ("fix bare.json", "no total could be checked of 1 order"),
    ] {
        let ran = folder.run(args);
        assert!(ran.status == 0 && ran.err.contains(said), "{args}: {}", ran.err);
    }
    assert_eq!(folder.run("check --fail-on unchecked bare.json").status, 1);
    assert_eq!(folder.run("check --format ndjson bare.json").records()[0]["unchecked"], 1);
    assert!(!folder.run("fix right.json").err.contains("could be checked"));
}

#[test]
fn large_numbers_end() {
    let folder = Folder::new("numbers").with("right.json", RIGHT);
    let begun = Instant::now();
    for threads in [
        "256",
        "4096",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
    ] {
        assert_eq!(folder.run(&format!("check -j {threads} right.json")).status, 0, "{threads}");
    }
    for args in ["-j 18446744073709551616", "-j -1", "-j 0", "--max-shown 18446744073709551616"] {
        assert_eq!(folder.run(&format!("check {args} right.json")).status, 2, "{args}");
    }
    assert_eq!(
        folder.run("check --max-shown 18446744073709551615 --max-invalid 18446744073709551615 right.json").status,
        0
    );
    assert!(begun.elapsed() < Duration::from_secs(30));
}

/// Runs take about eight times as long over eight times as much; a quadratic one would take 64 times as long.
fn grows(what: &str, mut run: impl FnMut(usize)) {
    let mut time = |size: usize| {
        let begun = Instant::now();
        run(size);
        begun.elapsed()
    };
    time(1);
    // The machine may be busy: one good try of some is enough.
    let mut times: Vec<(Duration, Duration)> = Vec::new();
    let is_good = (0..4).any(|_| {
        let (one, eight) = (time(1), time(8));
        times.push((one, eight));
        eight < one * 24
    });
    assert!(is_good, "{what}: {times:?}");
}

#[test]
fn work_grows_with_the_input() {
    let folder = Folder::new("growth");
    let orders = folder.run("generate --count 1200 --seed 1 --fault any").out;
    let lines: Vec<&str> = orders.lines().collect();
    grows("fix --diff", |size| {
        let ran = folder.pipe("fix -q --unsafe --diff", lines[..size * lines.len() / 8].join("\n"));
        assert!(ran.out.contains("@@ "));
    });
    // One order, with many findings in each of its lines.
    let item = r#"{"price":"x","quantity":"y","discount":"z","addl_discount":"q","tax":"w","extended_amount":"u","total":"5"}"#;
    for between in [",", ",\n"] {
        grows("check --max-shown", |size| {
            let order = format!(r#"{{"cust_ref":"W","items":[{}]}}"#, vec![item; size * 40].join(between));
            let ran = folder.pipe("check -q", &order);
            assert!(ran.out.contains("more findings; --format short lists all"), "{}", ran.out);
            let ran = folder.pipe("check -q --format short", order);
            assert!(ran.out.matches("error").count() >= size * 40);
        });
    }
    // A pair of orders whose lines all differ, and are in another order.
    for table in ["", "--cart none "] {
        grows(&format!("compare {table}"), |size| {
            let lines = |line: &dyn Fn(usize) -> String| (0..size * 200).map(line).collect::<Vec<_>>().join(",");
            let cart = lines(&|at| format!(r#"{{"sku":"S{at}","quantity":2,"subtotal":"{at}.20","total":"{at}.10"}}"#));
            let total = size * 100 * (size * 200 - 1) + size * 20;
            let cart = format!(r#"{{"id":"W","total":"{total}.00","total_tax":"0","line_items":[{cart}]}}"#);
            let last = size * 200 - 1;
            let items = lines(&|at| format!(r#"{{"item":"S{}","quantity":2,"price":"7.77"}}"#, last - at));
            std::fs::write(folder.0.join("cart.json"), cart).unwrap();
            let order = format!(r#"{{"cust_ref":"W","grand_total":"1.00","items":[{items}]}}"#);
            let ran = folder.pipe(&format!("compare -q --format short {table}cart.json -"), order);
            assert!(
                ran.out.matches("error[OC401]").count() > if table.is_empty() { size * 200 } else { 0 },
                "{}",
                ran.out
            );
        });
    }
    // One row of CSV that is an order, with findings in many of its cells.
    let layout = "check -q -j1 --format short --csv layout=horizontal";
    grows("a long row", |size| {
        let cells = ",C100,1.5,x".repeat(size * 120);
        let ran = folder.pipe(layout, format!("cust_ref,sub_total,item,quantity,price\nA,1{cells}\n"));
        assert_eq!(ran.out.matches("OC301").count(), size * 120);
    });
    grows("a long header", |size| {
        let header = ",item,quantity,price".repeat(size * 120);
        let cells = ",\"C\"\"100\",1.5,x".repeat(size * 120);
        let ran = folder.pipe(layout, format!("cust_ref,sub_total{header}\nA,1{cells}\n"));
        assert_eq!(ran.out.matches("OC301").count(), size * 120);
    });
}
