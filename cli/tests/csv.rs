//! Orders in CSV: the same verdicts as the same orders in JSON, findings at their cells, and nothing silently misread.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod util;

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Map, Value, json};
use util::Folder;

const HEADER: &[&str] = &[
    "cust_ref",
    "order_source",
    "currency_code",
    "sub_total",
    "order_discount",
    "sales_tax",
    "shipping_handling",
    "grand_total",
    "balance",
];
const LINE: &[&str] =
    &["item", "quantity", "price", "discount", "addl_discount", "tax", "shipping_surcharge", "extended_amount"];

/// A value as a cell; `None` if a cell cannot have it.
fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

fn quoted(cell: &str, delimiter: char) -> String {
    match cell.contains([delimiter, '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

/// The cells of the header and of each line, if the order has only fields that have columns.
fn cells(order: &Value) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let of = |object: &Map<String, Value>, names: &[&str]| -> Option<Vec<String>> {
        names.iter().map(|name| cell(object.get(*name).unwrap_or(&Value::Null))).collect()
    };
    let order = order.as_object()?;
    let known = |object: &Map<String, Value>, names: &[&str]| object.keys().all(|key| names.contains(&key.as_str()));
    let lines = order.get("items")?.as_array()?.iter().map(|line| line.as_object().filter(|line| known(line, LINE)));
    let lines = lines.map(|line| of(line?, LINE)).collect::<Option<Vec<_>>>()?;
    let mut header = order.clone();
    header.remove("items");
    (known(&header, HEADER) && header.get("cust_ref")?.is_string() && !lines.is_empty())
        .then(|| Some((of(&header, HEADER)?, lines)))?
}

/// A record without what depends on the form of the source.
fn figures(mut record: Value) -> Value {
    for key in ["source", "line", "amounts", "index"] {
        record.as_object_mut().unwrap().remove(key);
    }
    for violation in record["violations"].as_array_mut().unwrap() {
        for key in ["line", "column", "byte_start", "byte_end"] {
            violation.as_object_mut().unwrap().remove(key);
        }
    }
    if let Some(edits) = record["repair"]["edits"].as_array_mut() {
        for edit in edits {
            edit.as_object_mut().unwrap().retain(|key, _| key == "path" || key == "value");
        }
    }
    record
}

#[test]
fn the_verdicts_are_those_of_the_same_orders_in_json() {
    let folder = Folder::new("csv-same");
    let mut orders: Vec<Value> = Vec::new();
    for args in [
        "--fault any --count 160 --style plain",
        "--count 40 --seed 7 --style returned",
        "--fault any --count 80 --seed 3 --style any",
    ] {
        let made = folder.run(&format!("generate {args}"));
        orders.extend(made.out.lines().filter_map(|line| serde_json::from_str(line).ok()));
    }
    let mut names = BTreeSet::new();
    // The other members have no column, and no part in the verdict.
    for order in &mut orders {
        let Some(order) = order.as_object_mut() else { continue };
        order.retain(|key, value| {
            HEADER.contains(&key.as_str())
                || key == "items"
                || value.as_str().is_none_or(|text| text.parse::<f64>().is_ok())
        });
        if let Some(lines) = order.get_mut("items").and_then(Value::as_array_mut) {
            for line in lines.iter_mut().filter_map(Value::as_object_mut) {
                line.retain(|key, value| {
                    LINE.contains(&key.as_str()) || value.as_str().is_none_or(|text| text.parse::<f64>().is_ok())
                });
            }
        }
    }
    orders
        .retain(|order| cells(order).is_some() && names.insert(order["cust_ref"].as_str().unwrap().trim().to_owned()));
    assert!(orders.len() > 100, "{}", orders.len());
    let json: String = orders.iter().map(|order| format!("{order}\n")).collect();
    let (mut vertical, mut horizontal) = (Vec::new(), Vec::new());
    for (delimiter, line_end) in [(',', "\n"), (';', "\r\n"), ('\t', "\n"), ('|', "\n")] {
        let join = |cells: &[String]| {
            cells.iter().map(|cell| quoted(cell, delimiter)).collect::<Vec<_>>().join(&delimiter.to_string())
        };
        let names: Vec<String> = HEADER.iter().chain(LINE).map(|name| (*name).to_owned()).collect();
        let (mut rows, mut wide) = (join(&names) + line_end, join(&names) + line_end);
        for order in &orders {
            let (header, lines) = cells(order).unwrap();
            for line in &lines {
                rows += &(join(&[header.clone(), line.clone()].concat()) + line_end);
            }
            wide += &(join(&[header, lines.concat()].concat()) + line_end);
        }
        vertical.push(rows);
        horizontal.push(wide);
    }
    let expected: Vec<Value> = {
        fs::write(folder.0.join("j"), &json).unwrap();
        let ran = folder.run("check --all --format ndjson j");
        let records = ran.records();
        records.into_iter().filter(|record| record["type"] == "order").map(figures).collect()
    };
    assert!(expected.iter().filter(|record| record["verdict"] == "invalid").count() > 50);
    let same = |args: &str, text: &str| {
        fs::write(folder.0.join("t"), text).unwrap();
        let ran = folder.run(&format!("check --all --format ndjson {args} t"));
        let records: Vec<Value> =
            ran.records().into_iter().filter(|record| record["type"] == "order").map(figures).collect();
        assert_eq!(records.len(), expected.len(), "{args}\n{}", ran.err);
        for (record, expected) in records.iter().zip(&expected) {
            assert_eq!(record, expected, "{args}");
        }
    };
    for text in &vertical {
        same("", text);
    }
    // The fast path and any number of threads say the same.
    let repeated = vertical[0].replace('\n', "\n\n");
    fs::write(folder.0.join("t"), repeated).unwrap();
    let quick = folder.run("check --format ndjson -j1 t").out;
    assert_eq!(quick, folder.run("check --format ndjson -j3 t").out);
    same("--csv layout=horizontal", &horizontal[0]);
    same("--csv layout=horizontal", &horizontal[1]);
    // Without a header.
    let (_, rows) = vertical[0].split_once('\n').unwrap();
    let columns: Vec<String> =
        HEADER.iter().chain(LINE).enumerate().map(|(at, name)| format!("--csv {name}={}", at + 1)).collect();
    same(&format!("--csv header=false {}", columns.join(" ")), rows);
    // What is written is JSON, and is the same orders.
    let folder = folder.with("o.csv", &vertical[0]);
    folder.run("check -q --write-valid v --write-invalid i o.csv");
    let written = folder.shell("cat v i | $OC check --all --format ndjson");
    let by_name = |records: Vec<Value>| {
        let mut records: Vec<Value> =
            records.into_iter().filter(|record| record["type"] == "order").map(figures).collect();
        records.sort_by_key(|record| record["cust_ref"].to_string());
        records
    };
    let mut sorted = expected.clone();
    sorted.sort_by_key(|record| record["cust_ref"].to_string());
    assert_eq!(by_name(written.records()), sorted);
}

/// What each order of a CSV text comes to: rules with their places, or the error.
fn found(text: impl AsRef<[u8]>, args: &str) -> Vec<String> {
    let folder = Folder::new(&format!(
        "csv-{:x}",
        text.as_ref().iter().fold(args.len(), |sum, byte| sum.wrapping_mul(31) + usize::from(*byte))
    ));
    let ran = folder.pipe(&format!("check --all --format ndjson --csv header=true {args}"), text);
    let mut found = Vec::new();
    for record in ran.records().iter().filter(|record| record["type"] == "order") {
        if record["error"].is_string() {
            found.push(record["error"].as_str().unwrap().to_owned());
            continue;
        }
        let of = |violation: &Value| {
            format!(
                "{} {} {}:{} {}-{}",
                violation["rule"].as_str().unwrap(),
                violation["path"].as_str().unwrap(),
                violation["line"],
                violation["column"],
                violation["byte_start"],
                violation["byte_end"]
            )
        };
        let violations: Vec<String> = record["violations"].as_array().unwrap().iter().map(of).collect();
        found.push(
            format!("{} {}", record["cust_ref"].as_str().unwrap_or("-"), violations.join(", ")).trim().to_owned(),
        );
    }
    if found.is_empty() { vec![ran.err] } else { found }
}

#[test]
fn the_sample_has_its_known_result() {
    let folder = Folder::new("csv-sample").with("orders.csv", include_str!("../../samples/orders.csv"));
    let ran = folder.run("check --format short orders.csv");
    let places: Vec<&str> = ran.out.lines().map(|line| line.split(&[']', 'x', 'r'][..]).next().unwrap()).collect();
    assert_eq!(ran.status, 2);
    assert_eq!(ran.out.lines().count(), 7, "{}", ran.out);
    assert!(ran.err.contains("8 orders: 2 valid, 4 invalid, 2 unreadable"), "{} {places:?}", ran.err);
    for expected in [
        "orders.csv:4:80: error: price was rounded: price of line 1 is 30.67, should be 30.6667 [unit-price-rounded; ",
        "orders.csv:5:35: error: order_discount is in the prices already: order_discount is 3.00, should be 0.00 [",
        "orders.csv:7:45: error: shipping_handling is in its object more than once: parsers differ on which one counts [OC303]",
        "orders.csv:8:64: error: price of line 1 holds a string with a currency sign, expected an amount [OC301]",
        "orders.csv:9:1: error: expected 15 cells in the row, found 16",
        "orders.csv:10:1: error: expected the rows of one order to follow each other",
    ] {
        assert!(ran.out.contains(expected), "{expected}\n{}", ran.out);
    }
}

#[test]
fn findings_are_at_their_cells() {
    // A cell is its bytes with its quotes; columns count characters; a quoted cell may have lines.
    let text = "\u{FEFF}cust_ref,ship_city,item,quantity,price,sub_total\r\n\
        \r\n\
        A,\"Köln\n1\",x,1,\"1.234,56\",\r\n\
        A,\"Köln\n1\",y,,$2,3\r\n\
        B,Köln,y,1,2,2\r\n";
    let at = |cell: &str| {
        let start = text.find(cell).unwrap();
        format!("{start}-{}", start + cell.len())
    };
    let second = text.find("y,,").unwrap() + 2;
    assert_eq!(
        found(text, ""),
        [
            format!(
                "A OC203 /items/1/quantity 6:6 {second}-{second}, OC301 /items/0/price 4:8 {}, OC301 /items/1/price 6:7 {}",
                at("\"1.234,56\""),
                at("$2")
            ),
            "B".to_owned(),
        ]
    );
    // Quotes within a quoted cell, in the row of the finding.
    let text = "cust_ref,item,quantity,price,sub_total\nA,\"a 6\"\" pen\",2,1.00,3.00\n";
    let start = text.find("3.00").unwrap();
    assert_eq!(found(text, ""), [format!("A OC102 /sub_total 2:{} {start}-{}", start - 38, start + 4)]);
    // A field without a column is at the name of its order.
    assert_eq!(found("cust_ref,price\nA,1\n", ""), ["A OC203 /items/0/quantity 2:1 15-16"]);
    assert_eq!(
        found("grand_total,item,price,item,price\n1,a,1,b,2\n", ""),
        ["- OC203 /items/0/quantity 2:3 36-37, OC203 /items/1/quantity 2:7 40-41"]
    );
}

/// What is in a cell has no quotes, however long it is.
#[test]
fn a_long_cell_is_shown_without_quotes() {
    let text = "cust_ref,quantity,price\nA,1,\"USD 1,234,567,890,123.00\"\nB,1,\"USD 1,234,567,890,12.00\"\n";
    let shown = Folder::new("long-cell").with("f.csv", text).run("check f.csv").out;
    assert!(shown.contains("  USD 1,234,567,890,123.00"), "{shown}");
    assert!(shown.contains("  USD 1,234,567,890,12.00"), "{shown}");
    assert!(!shown.contains("\"USD"), "{shown}");
}

/// Findings for people show the line of each cell, the name of its column as the file has it, and what is in it.
#[test]
fn a_drawing_shows_cells() {
    let text = "cust_ref,item,Unit price,quantity,extended_amount,sub_total\nA-1,PEN,9.00,1,9.00,29.00\n\n\
        A-1,INK,10.00,2,10.00,\nB-1,INK,$5,2,10.00,\n";
    let folder = Folder::new("csv-drawing").with("o.csv", text);
    let drawn = |columns: &str| {
        let mut command = folder.command("check o.csv");
        let ran = util::Ran::of(command.args(["--csv", "price=Unit price"]).env("COLUMNS", columns).output().unwrap());
        assert!(!ran.out.contains(['{', '"']), "no JSON: {}", ran.out);
        ran.out
    };
    let wide = " --> o.csv:4:17 (order A-1)
  |
  |   column             stated  should be
  |   line 1 (PEN)
2 |     extended_amount    9.00             added
  |   line 2 (INK)
4 |     Unit price        10.00             unit price
4 |     quantity           2                times
4 | >   extended_amount   10.00      20.00  wrong
2 |   sub_total           29.00             agrees
  |
";
    assert!(drawn("100").contains(wide), "{}", drawn("100"));
    // What is in a cell is shown as it is there.
    assert!(drawn("100").contains("5 | >   Unit price      $5  OC301\n"), "{}", drawn("100"));
    let narrow = "\n5 | > price of line 1 in Unit\n  |     price: $5 (OC301)\n";
    assert!(drawn("40").contains(narrow), "{}", drawn("40"));
}

#[test]
fn rows_of_one_order_agree() {
    let header = "cust_ref,ship_city,grand_total,quantity,price\n";
    let of = |rows: &str, args: &str| found(format!("{header}{rows}"), args);
    // An amount is the same however it is written, and an empty cell says nothing.
    assert_eq!(of("A,X,3,1,1\nA,X,3.00,1,2\nA,,,1,0\n", ""), ["A"]);
    assert_eq!(of("A,X,,1,1\nA,X,3,1,2\n", ""), ["A"]);
    assert_eq!(of("A,X,3,1,1\nA,X,4,1,2\n", ""), ["A OC303 /grand_total 3:5 60-61"]);
    let differs = of("A,X,3,1,1\nA,Y,3,1,2\nB,X,1,1,1\n", "");
    assert!(
        differs[0].starts_with("expected one ship_city in all rows of the order, found another one than in line 2"),
        "{differs:?}"
    );
    assert!(differs[0].ends_with("at line 3, column 3"), "{differs:?}");
    assert_eq!(differs[1], "B");
    for args in ["--csv line=ship_city", "--csv ignore=ship_city"] {
        assert_eq!(of("A,X,3,1,1\nA,Y,3,1,2\n", args), ["A"], "{args}");
    }
    let apart = of("A,X,1,1,1\nB,X,1,1,1\nA,X,1,1,1\nC,X,1,1,1\n", "");
    assert_eq!((apart.len(), apart[3].as_str()), (4, "C"));
    assert!(apart[2].contains("expected the rows of one order to follow each other"), "{apart:?}");
    assert!(of("A,X,1,1,1\n,X,1,1,1\nC,X,1,1,1\n", "")[0].contains("found an empty cust_ref at line 3, column 1"));
}

#[test]
fn one_broken_row_costs_no_other_order() {
    let rows =
        |broken: &[u8]| [&b"cust_ref,item,quantity,price\nA,x,1,1\n"[..], broken, b"\nC,x,1,1\nD,x,1,1\n"].concat();
    for (broken, expected) in [
        (&b"B,x,1"[..], "expected 4 cells in the row, found 3"),
        (b"B,x,1,1,1", "expected 4 cells in the row, found 5"),
        (b"B,\"x,1,1", "a quote"),
        (b"B,\"x\" y,1,1", "expected a delimiter after the quote that ends the cell"),
        (b"B,\xE9,1,1", "expected text in UTF-8, found the byte 0xE9"),
        (b"B,\xFF\xFE\0,1,1", "expected text in UTF-8, found the byte 0xFF"),
    ] {
        let found = found(rows(broken), "");
        let shown = format!("{}: {found:?}", String::from_utf8_lossy(broken));
        assert_eq!(
            (found.len(), found[0].as_str(), &found[2..]),
            (4, "A", &["C".to_owned(), "D".to_owned()][..]),
            "{shown}"
        );
        assert!(found[1].contains(expected) && found[1].contains("line 3, column"), "{shown}");
    }
    // A broken row of an order makes that order unreadable: a line of it would be missing.
    let of_order = found("cust_ref,item,quantity,price\nA,x,1,1\nA,x,1\nA,x,1,1\nB,x,1,1\n", "");
    assert!(of_order.len() == 2 && of_order[0].contains("line 3, column 1") && of_order[1] == "B", "{of_order:?}");
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for (text, args, expected) in [
        ("cust_ref,grand_total,grand_total,price\nA,1,2,1\n", "", "two columns are grand_total"),
        ("cust_ref,price,price\nA,1,2\n", "--csv layout=vertical", "two columns are price"),
        ("grand_total,price\n1,1\n", "", "no column is cust_ref"),
        (
            "cust_ref,name\nA,1\n",
            "",
            "line 1, column 1: no column is a charge; the columns are cust_ref, name. Give them",
        ),
        (
            "Order,Unit,Qty,Sum\nA,1,2,2\n",
            "--csv layout=vertical",
            "the columns are Order, Unit, Qty, Sum. Give them the names of CartRover's fields, or map them: \
             `--csv quantity=\"Qty\" --csv cust_ref=\"Order number\"`; cust_ref says which rows are one order",
        ),
        ("Order,Unit,Qty\nA,1,2\n", "--csv prize=Unit", "no field is called prize: did you mean price?"),
        (
            "Order,Unit\nA,1\n",
            "--csv foobar=Unit --csv cust_ref=Order",
            "`--csv price=\"Unit price\"`; no field is called foobar",
        ),
        ("Qty,bob@example.com\nA,1\n", "--csv layout=vertical", "the columns are Qty, …. Give them"),
        (
            "Order,Bob\nA,1\n",
            "--csv layout=vertical",
            "no column is a charge; none of the columns has a known name. Give them",
        ),
        (
            "A,1\n",
            "--csv header=false --csv cust_ref=1",
            "map cust_ref and the columns that are charges, by their numbers from 1 to 2 (`--csv price=2`)",
        ),
        ("Order,Unit\nA,1\n", "--csv cust_ref=Order --csv price=Price", "no column is called \"Price\""),
        ("A,1\n", "--csv header=false --csv cust_ref=1 --csv price=3", "expected a column from 1 to 2 for price"),
        ("cust_ref,price\nA,1\n", "--csv price==1", "price is a constant and a column"),
        ("cust_ref,\"price\nA,1\n", "", "expected a quote that ends the cell"),
        ("cust_ref,price\n", "", "it has no row after the header"),
    ] {
        let found = found(text, args);
        assert!(found.len() == 1 && found[0].contains(expected), "{text} {args}: {found:?}");
    }
    let folder = Folder::new("csv-refused").with("a.csv", "cust_ref,price\nA,1\n");
    for command in ["fix", "fix --in-place", "fix --diff", "calc"] {
        let ran = folder.run(&format!("{command} a.csv"));
        assert!(ran.status == 2 && ran.err.contains("this is CSV, which only `check` reads"), "{command}: {}", ran.err);
    }
    for setting in ["delimiter=ab", "header=maybe", "layout=flat", "price", "=1"] {
        let ran = folder.run(&format!("check --csv {setting} a.csv"));
        assert!(ran.status == 2 && ran.err.contains("expected"), "{setting}: {}", ran.err);
    }
}

#[test]
fn columns_are_found_by_name_or_mapped() {
    assert_eq!(found("Cust Ref;GRAND-TOTAL;Quantity;Price\nA;1;1;1\n", ""), ["A"]);
    assert_eq!(
        found("sep=;\r\ncust_ref;grand_total;quantity;price\r\nA;2;1;1\r\n", ""),
        ["A OC105 /grand_total 3:3 46-47"]
    );
    assert_eq!(
        found("Order,Unit,quantity\nA,1,1\n", "--csv cust_ref=order --csv price=unit --csv currency_code==ZZZ"),
        ["A OC307 /currency_code 2:1 20-21"]
    );
    // A name that seems to mean a charge, of the order or of the line.
    assert_eq!(
        found("cust_ref,order_total,price,qty\nA,1,1,1\n", ""),
        ["A OC203 /items/0/quantity 2:1 31-32, OC304 /order_total 2:3 33-34, OC304 /items/0/qty 2:7 37-38"]
    );
    let folder = Folder::new("csv-columns");
    let ran = folder.pipe("check", "cust_ref,price,quantity,colour\nA,1,1,red\n");
    assert!(ran.err.contains("columns without the name of a field are not read: colour"), "{}", ran.err);
    // A CSV text with other names is named for what it is.
    let ran = folder.pipe("check", "Name,Email,Total\na,b,1\n");
    assert!(ran.out.contains("this is CSV, not JSON: give its columns the names of CartRover's fields"), "{}", ran.out);
    // JSON is JSON, whatever its file is called.
    let folder = folder.with("j.csv", "{\"cust_ref\":\"R\",\"items\":[{\"quantity\":1}]}\n");
    assert_eq!(folder.run("check j.csv").status, 0);
}

#[test]
fn records_of_rows_conform_and_no_value_leaks() {
    let folder = Folder::new("csv-private")
        .with("o.csv", "cust_ref,ship_city,quantity,price,extended_amount\nA,Secretville,3,30.67,92.00\nB,\"Secret\n");
    for format in ["human", "short", "ndjson", "json", "sarif", "github", "markdown"] {
        let ran = folder.run(&format!("check --format {format} o.csv"));
        assert!(!ran.whole().contains("Secret") && !ran.whole().contains("csv rows"), "{format}: {}", ran.whole());
    }
    let record = &folder.run("check --format ndjson o.csv").records()[0];
    assert_eq!(record["amounts"][0], json!({"path": "/items/0/quantity", "amount": "3", "at": [2, 15, 64, 65]}));
    let edits = record["repair"]["edits"].as_array();
    assert!(edits.is_none_or(|edits| edits.iter().all(|edit| edit["text"].is_null())), "{record}");
    // One order at a time: a limit that the rows together exceed.
    let many = format!("cust_ref,price,quantity\n{}", (0..5000).map(|at| format!("{at},1,1\n")).collect::<String>());
    assert_eq!(folder.pipe("check --max-document 300", &many).status, 0);
    let long = format!("cust_ref,price,quantity\n{}B,1,1\n", "A,1,1\n".repeat(50));
    let ran = folder.pipe("check --format short --max-document 300", &long);
    assert!(ran.status == 2 && ran.out.contains("expected an order of at most 300 bytes"), "{}", ran.out);
    assert!(ran.err.contains("1 valid"), "{}", ran.err);
}
