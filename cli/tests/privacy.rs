//! No output shows more of an order than its charges, its ids and the names of its fields.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod util;

use std::fs;

use util::{Folder, Ran, minified};

/// What somebody's order says of them, each in a place of its own: names, addresses and numbers, as values of every kind and
/// as names of fields.
const SECRETS: &[&str] = &[
    "Zebulon",
    "Quimby",
    "zebulon@example.com",
    "5550109999",
    "Larkspur",
    "987654321",
    "1717171",
    "Thornfield",
    "quimby@example.org",
    "5550108888",
    "2020202",
    "gift message",
    "Wisteria",
    "3131313",
    "Foxglove",
    "4242424",
    "Hemlock",
];

/// An order with all of them and with findings of many kinds.
fn order() -> String {
    r#"{
  "cust_ref": "JT-1",
  "order_source": "Shop",
  "currency_code": {"name": "Zebulon Quimby"},
  "ship_first_name": "Zebulon", "ship_last_name": "Quimby",
  "ship_e_mail": "zebulon@example.com",
  "ship_phone": 5550109999,
  "ship_address": {"street": "Larkspur", "price": "Larkspur 1", "cust_ref": "Larkspur 2", "items": [{"item": "Larkspur 3"}]},
  "loyalty": 987654321,
  "tags": ["Thornfield", 1717171, {"grand_total": 1717171}],
  "quimby@example.org": true,
  "+5550108888": {"2020202 Wisteria": "Wisteria"},
  "message": "gift message for \"price\": 3131313",
  "balance": "3.00",
  "shipping_handling": "ask Zebulon Quimby",
  "sub_total": 92.000000000001,
  "tax": "0.50",
  "grand_total": 99.00,
  "items": [
    {"item": "C100", "price": 30.67, "quantity": 3, "extended_amount": "92.00", "engraving": "Foxglove", "4242424@x": 4242424},
    {"item": "C200", "price": "Hemlock", "quantity": null, "discount": {"Hemlock 1": "Hemlock"}, "tax": ["Hemlock"]}
  ]
}"#
    .to_owned()
}

/// What cannot be read, with secrets before, at and after the place where reading fails.
fn broken() -> [String; 5] {
    [
        order().replace("\"balance\"", "balance"),
        order().replace("\"Zebulon\"", "\"Zebulon"),
        minified(&order()).replace("5550109999,", "5550109999 \"Zebulon\","),
        r#"{"success_code": false, "message": "Zebulon Quimby", "response": "Larkspur"}"#.to_owned(),
        "[\"Zebulon\", 5550109999, [\"Quimby\"]]".to_owned(),
    ]
}

/// Orders in CSV, with secrets in cells that are read, that are not, and that cannot be read, and as names of columns.
const ROWS: &str = "cust_ref,order_source,ship_first_name,engraving,quimby@example.org,Thornfield 5550108888,sub_total,item,quantity,price
JT-1,Shop,Zebulon,Foxglove,Larkspur,1,12.00,C100,2,5.00
JT-1,Shop,Zebulon,Foxglove,Larkspur,1,,C200,,ask Hemlock
JT-2,Shop,Quimby,\"Foxglove,Larkspur,1,12.00,C100,2,5.00
JT-3,Shop,Quimby,Foxglove,Larkspur,1,12.00,C100,2
JT-4,Shop,Quimby,Foxglove,Larkspur,1,12.00,C100,2,5.00
JT-4,Shop,Zebulon,Foxglove,Larkspur,1,12.00,C100,2,5.00
";

/// A cart's orders, with secrets as values and as names of members: in orders that can be mapped, and in others.
const CART: &str = r#"{"payload": {"Orders": [
  {"AmazonOrderId": "JT-1", "BuyerInfo": {"BuyerName": "Zebulon Quimby", "BuyerEmail": "zebulon@example.com"},
   "note": "gift message", "quimby@example.org": "33.97", "+5550108888": {"2020202 Wisteria": "27.98"}, "loyalty": 987654321,
   "OrderTotal": {"CurrencyCode": "USD", "Amount": "33.97"}, "OrderItems": [
    {"SellerSKU": "C100", "Title": "Foxglove", "QuantityOrdered": 2, "ItemPrice": {"Amount": "27.98"}, "ShippingPrice": {"Amount": "5.99"}}]},
  {"AmazonOrderId": "JT-2", "BuyerInfo": {"BuyerName": "Zebulon"}, "OrderTotal": {"CurrencyCode": "USD", "Amount": "Hemlock lane"},
   "OrderItems": [{"SellerSKU": "C100", "QuantityOrdered": 1, "ItemPrice": {"Amount": "Wisteria"}}]},
  {"AmazonOrderId": "JT-3", "quimby@example.org": "321.11", "OrderTotal": {"CurrencyCode": "USD", "Amount": "9.99"}, "OrderItems": [
    {"SellerSKU": "C100", "QuantityOrdered": 1, "ItemPrice": {"Amount": "7.99"}, "Larkspur lane": "6.54"}]},
  {"AmazonOrderId": "JT-4", "OrderTotal": {"CurrencyCode": "Quimby", "Amount": "1.00"}, "OrderItems": [
    {"SellerSKU": "C100", "QuantityOrdered": "Zebulon", "ItemPrice": {"Amount": "1.00"}}]},
  {"customer_name": "Zebulon", "phone_number": 5550109999, "orderer_name": "Quimby", "customer_no": "987654321",
   "order_phone_number": "5550108888", "buyer_reference": "Larkspur", "AmazonOrderId": "JT-6",
   "OrderTotal": {"CurrencyCode": "Quimby", "Amount": "3.00"}, "OrderItems": [
    {"SellerSKU": "C100", "QuantityOrdered": 1, "ItemPrice": {"CurrencyCode": "Hemlock", "Amount": "3.00"}}]},
  {"AmazonOrderId": "JT-7", "OrderTotal": {"CurrencyCode": "USD", "Amount": "3.00"}, "OrderItems": [
    {"SellerSKU": "C100", "QuantityOrdered": 1, "ItemPrice": {"CurrencyCode": "USD", "Amount": "3.00"}}]}
]}}"#;

/// The orders that were made of them. Some of their amounts are in the cart's orders only under the name of somebody.
const MADE: &str = r#"{"cust_ref":"JT-1","ship_first_name":"Zebulon","items":[{"item":"C100","quantity":2,"price":"27.98"}],"grand_total":"33.97"}
{"cust_ref":"JT-2","ship_first_name":"Zebulon","items":[{"item":"C100","quantity":1,"price":"ask Hemlock"}],"grand_total":"7.99"}
{"cust_ref":"JT-3","items":[{"item":"C100","quantity":1,"price":"6.54","quimby@example.org":3}],"shipping_handling":321.11,"grand_total":"9.90"}
{"cust_ref":"JT-4","ship_phone":5550109999,"items":[{"item":"C100","quantity":1,"price":"7.99"}],"grand_total":"7.99"}
{"cust_ref":"JT-7","currency_code":"Wisteria","items":[{"item":"C100","quantity":1,"price":"3.00"}],"grand_total":"3.00"}
{"cust_ref":"JT-5","ship_phone":5550109999 "Zebulon"}
"#;

/// The formats of `check`, as the command itself lists them.
fn formats(folder: &Folder) -> Vec<String> {
    let listed = folder.run("check --format none-of-them x").err;
    let names = listed.split_once("[possible values: ").unwrap().1.split_once(']').unwrap().0;
    names.split(", ").map(str::to_owned).collect()
}

fn assert_hidden(args: &str, texts: &[&str]) {
    for text in texts {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{args}: {secret} is shown:\n{text}");
        }
    }
}

#[test]
fn nothing_else_of_an_order_is_shown() {
    let folder = Folder::new("private").with("order.json", order()).with("line.json", minified(&order()));
    for (at, text) in broken().iter().enumerate() {
        fs::write(folder.0.join(format!("broken{at}")), text).unwrap();
    }
    let inputs = "order.json line.json broken0 broken1 broken2 broken3 broken4";
    let formats = formats(&folder);
    assert!(formats.len() >= 4, "{formats:?}");
    let mut commands = Vec::new();
    for format in &formats {
        commands.push(format!("check --format {format} {inputs}"));
        commands.push(format!("check --all --format {format} {inputs}"));
        commands.push(format!("check --fail-on unchecked --select OC3 --format {format} {inputs}"));
    }
    for how in ["--diff", "--edits ndjson", "--edits json-patch"] {
        for which in ["", "--unsafe", "--unsafe --from-mapping", "--recalculate"] {
            commands.push(format!("fix {which} {how} {inputs}"));
        }
    }
    if cfg!(feature = "submit") {
        commands.push(format!("submit {inputs}"));
        commands.push(format!("submit --format ndjson {inputs}"));
    }
    for args in &commands {
        let ran = folder.run(args);
        assert!(ran.out.len() + ran.err.len() > 100, "{args}");
        assert_hidden(args, &[&ran.out, &ran.err]);
        // Narrow terminals have layouts of their own.
        let narrow = Ran::of(folder.command(args).env("COLUMNS", "40").output().unwrap());
        assert_hidden(args, &[&narrow.out, &narrow.err]);
    }
    // These write orders; what they say beside that is about charges only.
    for args in ["calc", "fix", "fix --unsafe", "fix --recalculate --output fixed"] {
        let ran = folder.run(&format!("{args} {inputs}"));
        assert!(!ran.err.is_empty(), "{args}");
        assert_hidden(args, &[&ran.err]);
    }
    // The secrets are there, and can be asked for.
    let shown = folder.run(&format!("check --show-values {inputs}")).out;
    assert!(shown.contains("Quimby"), "{shown}");
    let shown = folder.run("fix --unsafe --diff --show-values line.json").out;
    assert!(SECRETS.iter().all(|secret| shown.contains(secret)), "{shown}");
}

/// The inputs of these tests hold all that is looked for, and it would be seen.
#[test]
fn every_secret_is_in_the_inputs() {
    let inputs = [&order(), ROWS, CART, MADE].concat();
    for secret in SECRETS {
        assert!(order().contains(secret), "{secret}");
        let seen =
            std::panic::catch_unwind(|| assert_hidden("nothing", &["hidden", &inputs[inputs.find(secret).unwrap()..]]));
        assert!(seen.is_err(), "{secret}");
    }
    let others = [ROWS, CART, MADE].concat();
    for secret in SECRETS.iter().filter(|secret| !["1717171", "2020202", "3131313", "4242424"].contains(secret)) {
        assert!(others.contains(secret), "{secret}");
    }
    // What is read of rows can be shown; it is hidden unless it is asked for.
    let folder = Folder::new("private-control").with("rows.csv", ROWS);
    let shown = folder.run("check --show-values --csv layout=vertical rows.csv").out;
    assert!(shown.contains("Hemlock"), "{shown}");
}

/// The other commands that read orders, and the other things they can be.
#[test]
fn nothing_else_of_rows_carts_and_records_is_shown() {
    let folder = Folder::new("private-others").with("rows.csv", ROWS).with("cart.json", CART).with("made.ndjson", MADE);
    let folder = folder.with("broken.json", &CART[..CART.len() * 2 / 3]).with("order.json", order());
    let run = |args: &str| {
        let ran = folder.run(args);
        assert!(ran.out.len() + ran.err.len() > 20, "{args}");
        assert_hidden(args, &[&ran.out, &ran.err]);
        let narrow = Ran::of(folder.command(args).env("COLUMNS", "40").output().unwrap());
        assert_hidden(args, &[&narrow.out, &narrow.err]);
        ran
    };
    let formats = formats(&folder);
    for format in &formats {
        run(&format!("check --format {format} rows.csv"));
        run(&format!("check --all --format {format} --csv layout=vertical --csv line=ship_first_name rows.csv"));
        for which in ["", "--all ", "--cart none ", "--all --cart none "] {
            run(&format!("compare {which}--format {format} cart.json made.ndjson"));
        }
        run(&format!("compare --format {format} broken.json made.ndjson"));
        run(&format!("compare --format {format} cart.json broken.json"));
    }
    // What `report` says, from the records of both commands.
    for made in [
        "check --all rows.csv order.json",
        "compare --all cart.json made.ndjson",
        "compare --cart none cart.json made.ndjson",
    ] {
        let records = folder.run(&format!("{made} --format ndjson")).out;
        fs::write(folder.0.join("records.ndjson"), records).unwrap();
        for format in formats.iter().filter(|format| !["human", "short"].contains(&format.as_str())) {
            run(&format!("report records.ndjson --format {format}"));
        }
    }
    // `map` writes orders; what it says beside that is about charges only.
    for args in [
        "map cart.json",
        "map --explain cart.json",
        "map broken.json",
        "map --cart shopify cart.json",
        "map made.ndjson",
    ] {
        let ran = folder.run(&format!("{args} --report refused.ndjson"));
        let refused = folder.read("refused.ndjson");
        assert!(ran.err.len() + refused.len() > 40, "{args}");
        assert_hidden(args, &[&ran.err, &refused]);
    }
    // A baseline is kept among the sources of a project.
    folder.run("check --write-baseline known order.json rows.csv");
    assert!(folder.read("known").lines().count() > 5);
    assert_hidden("the baseline", &[&folder.read("known")]);
    // What cannot be read is said without any of it.
    for (name, text) in [
        ("text", "Zebulon Quimby\n"),
        ("xml", "<order><name>Zebulon</name></order>"),
        ("cells.csv", "Zebulon,Quimby\nLarkspur,2\n"),
    ] {
        fs::write(folder.0.join(name), text).unwrap();
        for command in ["check", "compare made.ndjson", "map", "report --format json"] {
            run(&format!("{command} {name}"));
        }
    }
}

/// What identifies an order and its charges is not hidden.
#[test]
fn charges_and_ids_are_shown() {
    let folder = Folder::new("public").with("order.json", order()).with("line.json", minified(&order()));
    let ran = folder.run("check order.json line.json");
    for shown in ["JT-1", "C100", "30.67", "shipping_handling", "~92.00"] {
        assert!(ran.out.contains(shown), "{shown}: {}", ran.out);
    }
    let price = r#"{"items":[{"item":"C1","price":"$ 5,00","quantity":1}]}"#;
    assert!(folder.pipe("check", price).out.contains("$ 5,00"));
}
