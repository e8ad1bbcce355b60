//! No output shows more of an order than its charges, its ids and the names of its fields.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

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
