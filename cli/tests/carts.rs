//! `compare` and `map`, run as their users run them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use util::schema::{conforms, properties};
use util::{Folder, snapshot};

mod util;

const AMAZON: &str = r#"{"payload": {"Orders": [
  {"AmazonOrderId": "A-1", "OrderTotal": {"CurrencyCode": "USD", "Amount": "33.97"}, "OrderItems": [
    {"SellerSKU": "MUG", "QuantityOrdered": 2, "ItemPrice": {"Amount": "27.98"}, "ShippingPrice": {"Amount": "5.99"}}]},
  {"AmazonOrderId": "A-2", "OrderTotal": {"CurrencyCode": "USD", "Amount": "7.99"}, "OrderItems": [
    {"SellerSKU": "PEN", "QuantityOrdered": 1, "ItemPrice": {"Amount": "7.99"}}]},
  {"AmazonOrderId": "A-3", "OrderTotal": {"CurrencyCode": "USD", "Amount": "9.99"}, "OrderItems": [
    {"SellerSKU": "PEN", "QuantityOrdered": 1, "ItemPrice": {"Amount": "7.99"}}]},
  {"AmazonOrderId": "A-4", "OrderTotal": {"CurrencyCode": "USD", "Amount": "1.00"}, "OrderItems": [
    {"SellerSKU": "PEN", "QuantityOrdered": 1, "ItemPrice": {"Amount": "1.00"}}]}
]}}"#;
const ORDERS: &str = r#"{"cust_ref":"A-1","items":[{"item":"MUG","quantity":2,"price":"27.98"}],"shipping_handling":"5.99","grand_total":"33.97"}
{"cust_ref":"A-2","items":[{"item":"PEN","quantity":1,"price":"7.99"}],"grand_total":"7.99"}
{"cust_ref":"A-3","items":[{"item":"PEN","quantity":1,"price":"7.99"}],"grand_total":"9.99"}
{"cust_ref":"B-1\u001b[31m","items":[{"item":"PEN","quantity":1,"price":"7.99"}],"grand_total":"7.99"}
"#;

fn folder(name: &str) -> Folder {
    Folder::new(name).with("cart.json", AMAZON).with("orders.ndjson", ORDERS)
}

#[test]
fn a_comparison_in_every_format() {
    let folder = folder("compare");
    snapshot("compare-human.txt", &folder.run("compare cart.json orders.ndjson").whole());
    snapshot("compare-short.txt", &folder.run("compare --format short --all cart.json orders.ndjson").whole());
    snapshot("compare-ndjson.txt", &folder.run("compare --format ndjson --all cart.json orders.ndjson").whole());
    let json = folder.run("compare --format json cart.json orders.ndjson");
    let records: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(records.as_array().unwrap().len(), 5, "{}", json.out);
    for (shown, said) in [(2, "2 more orders are not shown"), (3, "1 more order is not shown"), (4, "")] {
        let ran = folder.run(&format!("compare --max-shown {shown} cart.json orders.ndjson"));
        let line = ran.err.lines().find(|line| line.contains("not shown")).unwrap_or_default();
        assert_eq!(line.split(';').next().unwrap().trim(), said, "{}", ran.err);
    }
    snapshot("compare-by-value.txt", &folder.run("compare --cart none cart.json orders.ndjson").whole());
}

/// One order without a name belongs to one order, not to every order.
#[test]
fn an_order_without_a_name_has_one_partner() {
    let order = |name: &str| {
        format!(
            r#"{{"cust_ref":"{name}","items":[{{"item":"PEN","quantity":1,"price":"7.99"}}],"grand_total":"7.99"}}"#
        )
    };
    let cart = r#"{"OrderTotal": {"Amount": "7.99"}, "OrderItems": [{"SellerSKU": "PEN", "QuantityOrdered": 1, "ItemPrice": {"Amount": "7.99"}}]}"#;
    let orders = ["A", "B", "C"].map(order).join("\n");
    let folder =
        Folder::new("nameless").with("cart.json", cart).with("one.ndjson", order("A")).with("orders.ndjson", &orders);
    assert_eq!(folder.run("compare cart.json one.ndjson").status, 0);
    for threads in 1..4 {
        let ran = folder.run(&format!("compare --format short -j {threads} cart.json orders.ndjson"));
        assert_eq!((ran.status, ran.out.matches("OC406").count()), (1, 2), "{}", ran.out);
    }
}

#[test]
fn the_records_are_what_the_schema_says_and_the_same_on_any_number_of_threads() {
    let folder = folder("threads");
    let ran = folder.run("compare --format ndjson --all -j 1 cart.json orders.ndjson");
    assert_eq!(ran.out, folder.run("compare --format ndjson --all -j 4 cart.json orders.ndjson").out);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let read = |name: &str| fs::read_to_string(docs.join(name)).unwrap();
    let schema: Value = serde_json::from_str(&read("comparisons.schema.json")).unwrap();
    let (page, mut keys) = (read("carts.md"), Vec::new());
    properties(&schema, &mut keys);
    assert!(keys.len() > 30);
    for key in keys {
        assert!(page.contains(&format!("`{key}`")), "docs/carts.md does not describe {key}");
    }
    let records = ran.records();
    let by_value = folder.run("compare --cart none --format ndjson cart.json orders.ndjson").records();
    for record in records.iter().chain(&by_value) {
        conforms(&schema, &schema, record).unwrap();
    }
    // It would notice.
    let mut record = records[0].clone();
    record["differences"][0]["how"] = "guessed".into();
    assert!(conforms(&schema, &schema, &record).is_err());
    let summary = records.last().unwrap();
    let counts = ["pairs", "same", "different", "unmatched", "unmappable"].map(|key| summary[key].as_u64().unwrap());
    assert_eq!((counts, ran.status), ([5, 1, 1, 2, 1], 1));
}

#[test]
fn a_comparison_is_reported_in_every_format_and_again_from_its_records() {
    let folder = folder("compare-reports");
    let formats = ["json", "html", "sarif", "github", "markdown", "gitlab", "junit", "metrics", "csv"];
    let reports = |name: &str| formats.map(|format| format!("--report {format}={name}.{format}")).join(" ");
    let compare = format!("compare --all --format ndjson {} cart.json orders.ndjson", reports("first"));
    let ran = folder.run(&compare);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let folder = folder.with("records.ndjson", &ran.out);
    let again = folder.run(&format!("report records.ndjson {}", reports("second")));
    assert_eq!((again.status, again.out.as_str()), (1, ""), "{}", again.err);
    for format in formats {
        let report = folder.read(&format!("first.{format}"));
        assert_eq!(report, folder.read(&format!("second.{format}")), "{format}");
        assert!(!report.contains('\u{1b}'), "{format}: {report}");
        // The counts of the run, or its findings.
        let named = match format {
            "html" => "<strong>2</strong> unmatched",
            "github" | "markdown" => "5 orders: 1 same, 1 different, 2 unmatched, 1 unmappable",
            "junit" => r#"name="unmappable" value="1""#,
            "metrics" => r#"ordercharge_comparisons{verdict="unmatched"} 2"#,
            "csv" => "difference,error,cart.json,1,,4,A-4,",
            _ => "OC401",
        };
        assert!(report.contains(named), "{format}: {report}");
    }
    let sarif: Value = serde_json::from_str(&folder.read("first.sarif")).unwrap();
    let run = &sarif["runs"][0];
    let first = &run["results"][0];
    let rule = &run["tool"]["driver"]["rules"][first["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!((first["ruleId"].as_str(), rule["name"].as_str()), (Some("OC401"), Some("charge-differs")));
    let place = &first["locations"][0];
    assert_eq!(place["physicalLocation"]["region"]["startLine"], 1);
    assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "/items/0/price");
    // An input is not overwritten.
    let ran = folder.run("compare --report csv=cart.json cart.json orders.ndjson");
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert_eq!(folder.read("cart.json"), AMAZON);
    let folder =
        folder.with("my.toml", "name = \"mine\"\nlines = \"a\"\nquantity = \"n\"\nrow = \"n\"\ntotal = \"/n\"\n");
    for command in ["compare --report csv=my.toml cart.json orders.ndjson", "map --report my.toml cart.json"] {
        let ran = folder.run(&format!("{command} --cart-table my.toml"));
        assert!(ran.status == 2 && ran.err.contains("another file than the table my.toml"), "{}", ran.err);
    }
}

#[test]
fn sorted_inputs_give_the_same_verdicts() {
    let folder = folder("sorted");
    let verdicts = |args: &str| {
        let mut all: Vec<String> = folder
            .run(args)
            .records()
            .iter()
            .map(|record| format!("{} {}", record["cust_ref"], record["verdict"]))
            .collect();
        all.sort();
        all
    };
    let in_memory = verdicts("compare --format ndjson --all cart.json orders.ndjson");
    assert_eq!(in_memory, verdicts("compare --format ndjson --all --sorted cart.json orders.ndjson"));
}

/// A directory is read to its end, and a file without an order in it is not a verdict.
#[test]
fn all_files_of_both_sides_are_compared() {
    let folder = Folder::new("sides");
    let order = |number: usize| ORDERS.lines().nth(number).unwrap().to_owned();
    let cart: Value = serde_json::from_str(AMAZON).unwrap();
    for side in ["carts", "orders"] {
        fs::create_dir(folder.0.join(side)).unwrap();
    }
    for number in 0..3 {
        fs::write(folder.0.join(format!("orders/{number}.json")), order(number)).unwrap();
        let text = cart["payload"]["Orders"][number].to_string();
        fs::write(folder.0.join(format!("carts/{number}.json")), text).unwrap();
    }
    let one = folder.run("compare --format ndjson --all -j1 carts orders");
    assert_eq!(one.records().len(), 4, "{}", one.whole());
    let sources: Vec<Value> = one.records()[..3].iter().map(|record| record["source"].clone()).collect();
    assert_eq!(sources, ["orders/0.json", "orders/1.json", "orders/2.json"]);
    for how in ["-j4", "--sorted"] {
        assert_eq!(folder.run(&format!("compare --format ndjson --all {how} carts orders")).out, one.out, "{how}");
    }
    // What is left over of the cart has the name of its own file.
    fs::remove_file(folder.0.join("orders/1.json")).unwrap();
    for how in ["", "--sorted"] {
        let ran = folder.run(&format!("compare --format ndjson --all {how} carts orders"));
        assert!(ran.out.contains(r#""source":"carts/1.json","index""#), "{how}: {}", ran.out);
    }
    for (side, other) in [("orders", "carts"), ("carts", "orders")] {
        let empty = folder.0.join(side).join("9.json");
        fs::write(&empty, "[]").unwrap();
        for how in ["-j1", "-j3", "--sorted"] {
            let ran = folder.run(&format!("compare {how} carts orders"));
            assert_eq!(ran.status, 2, "{how}: {}", ran.whole());
            assert!(ran.err.contains(&format!("no order found in {side}/9.json")), "{how}: {}", ran.err);
            assert!(!ran.err.contains(&format!("no order found in {other}")), "{how}: {}", ran.err);
        }
        fs::remove_file(empty).unwrap();
    }
}

#[test]
fn orders_that_are_the_same_exit_with_zero_and_say_little() {
    let folder = folder("same").with("right.ndjson", r#"[{"cust_ref":"A-2","items":[{"quantity":1,"price":"7.99"}]}]"#);
    let cart = r#"{"AmazonOrderId": "A-2", "OrderTotal": {"Amount": "7.99"}, "OrderItems": [{"QuantityOrdered": 1, "ItemPrice": {"Amount": "7.99"}}]}"#;
    let folder = folder.with("one.json", cart);
    let ran = folder.run("compare one.json right.ndjson");
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    assert_eq!(ran.err, "1 order: 1 same, 0 different, 0 unmatched, 0 unmappable\n");
}

#[test]
fn a_map_with_its_explanation() {
    let folder = folder("map");
    let ran = folder.run("map --explain cart.json --report refused.ndjson");
    snapshot("map-explain.txt", &format!("{}--- the report\n{}", ran.whole(), folder.read("refused.ndjson")));
    // What is mapped checks clean, and compares as the same.
    let mapped = folder.run("map -q cart.json").out;
    assert_eq!(folder.pipe("check -q", &mapped).status, 0);
    let folder = folder.with("mapped.ndjson", &mapped);
    let compared = folder.run("compare --format short -q cart.json mapped.ndjson");
    assert_eq!(
        compared.out,
        "cart.json:1: error[OC406] /cust_ref: the cart's order has no CartRover order (order A-3)\n"
    );
}

#[test]
fn a_table_of_ones_own_is_checked() {
    let table = "name = \"mine\"\nlines = \"rows\"\nquantity = \"n\"\nrow = \"each * n\"\nshipping = \"/frieght\"\ntotal = \"/sum\"\nreferences = \"/id\"\n";
    let folder = Folder::new("table").with("my.toml", table).with("bad.toml", table.replace("total", "totl"));
    let folder = folder.with("cart.json", r#"{"id": 7, "sum": 3, "freight": 0, "rows": [{"n": 2, "each": "1.50"}]}"#);
    let ran = folder.run("map --cart-table my.toml cart.json");
    assert_eq!(ran.status, 2);
    assert!(ran.out.contains(r#""cust_ref":"7""#), "{}", ran.out);
    assert!(ran.err.contains("my.toml:5:13: expected a path that some order has, found \"/frieght\", which none has; there is a \"freight\""), "{}", ran.err);
    let ran = folder.run("map --cart-table bad.toml cart.json");
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err, "error: bad.toml:6:1: no part of a table is called \"totl\": did you mean total?\n");
    let ran = folder.run("map --cart shopfy cart.json");
    assert!(ran.status == 2 && ran.err.contains("did you mean shopify?"), "{}", ran.err);
}

#[test]
fn what_cannot_be_read_is_reported_and_costs_no_other_order() {
    let folder = folder("unreadable").with("broken.ndjson", format!("{{\"oops\n{ORDERS}"));
    for sorted in ["", "--sorted "] {
        let ran = folder.run(&format!("compare --format ndjson {sorted}cart.json broken.ndjson"));
        assert_eq!(ran.status, 2, "{}", ran.err);
        assert!(ran.err.contains("broken.ndjson: line 1"), "{}", ran.err);
        assert!(ran.out.contains(r#""cust_ref":"A-1","cart":"amazon","verdict":"different""#), "{}", ran.out);
        assert!(ran.out.contains(r#""complete":false"#), "{}", ran.out);
    }
    for args in [
        "compare none.json orders.ndjson",
        "compare cart.json none.json",
        "compare --sorted none.json orders.ndjson",
        "map none.json",
        "compare - -",
        "map --report - cart.json",
    ] {
        let ran = folder.run(args);
        assert_eq!(ran.status, 2, "{args}: {}", ran.err);
    }
    let folder = folder.with("empty.json", "");
    assert_eq!(folder.run("compare empty.json empty.json").status, 2);
    assert_eq!(folder.run("map empty.json").status, 2);
    // What is not JSON at all is named in the same words.
    let folder = folder.with("orders.xml", "<orders><order/></orders>");
    let ran = |args: &str| folder.run(args).err.lines().next().map(str::to_owned);
    assert_eq!(ran("compare --sorted cart.json orders.xml"), ran("compare cart.json orders.xml"));
    assert!(ran("compare --sorted orders.xml orders.ndjson").is_some_and(|why| why.contains("XML")));
    // It is not a failure if the reader closes the pipe.
    let ran = folder.shell("$OC map -q cart.json cart.json | head -c 1 >/dev/null; $OC compare -q cart.json orders.ndjson | head -c 1 >/dev/null");
    assert_eq!(
        (ran.status, ran.err.as_str()),
        (
            0,
            "error: cart.json:1: order A-3 (amazon): the cart's order disagrees with itself: lines 7.99 = 7.99, but /payload/Orders/2/OrderTotal states 9.99 (off by 2)\nerror: cart.json:1: order A-3 (amazon): the cart's order disagrees with itself: lines 7.99 = 7.99, but /payload/Orders/2/OrderTotal states 9.99 (off by 2)\n"
        )
    );
    let full = folder.shell("$OC map -q cart.json > /dev/full");
    assert_eq!(full.status, 2, "{}", full.err);
}

#[test]
fn generated_orders_of_a_cart_come_with_the_right_ones() {
    let folder = Folder::new("generated-carts");
    for cart in ordercharge_carts::generate::CARTS {
        let made = folder.run(&format!("generate --cart {cart} --count 40 --seed 3 --labels right.ndjson"));
        fs::write(folder.0.join("cart.ndjson"), &made.out).unwrap();
        let ran = folder.run("compare cart.ndjson right.ndjson");
        assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{cart}: {}", ran.err);
    }
}

#[test]
fn explain_knows_carts_and_findings() {
    let folder = Folder::new("explain-carts");
    assert!(folder.run("explain OC401").out.starts_with("OC401 charge-differs"));
    assert_eq!(folder.run("explain OC4").out.matches("What to change").count(), 7);
    assert!(folder.run("explain shopify").out.contains("order_discount"));
}
