//! `ordercharge config`: the value of each option, where it comes from, and the schema of the file.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use util::{Folder, Ran, WRONG};

mod util;

const FILE: &str = r#"
fail-on = "warning"
ignore = ["OC208", "OC2"]
baseline = "known"
quiet = true
[severity]
OC304 = "off"
OC3 = "error"
[tolerance]
grand-total = 0.02
[csv]
line = "ship_date, Colour"
"Unit = price" = "x"
[source."A\t\u202e"]
rounding = "exact"
severity = { OC105 = "warning" }
[[waiver]]
cust_ref = "W1"
rule = "OC105"
reason = "r"
until = 2026-12-31
"#;

/// `KEY`, or `KEY.NAME`: the value, and where it comes from.
fn options(ran: &Ran) -> Vec<(String, Value, String)> {
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.whole());
    rows(&ran.records()[0]["options"])
}

fn rows(options: &Value) -> Vec<(String, Value, String)> {
    let row = |row: &Value| {
        let text = |key: &str| row[key].as_str();
        let key = text("key").unwrap().to_owned() + &text("name").map(|name| format!(".{name}")).unwrap_or_default();
        (key, row["value"].clone(), text("at").or(text("from")).unwrap().to_owned())
    };
    options.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn each_value_is_shown_with_its_origin() {
    let file = FILE.replace("\"Unit = price\" = \"x\"\n", "");
    let folder = Folder::new("settings").with("ordercharge.toml", file);
    let ran =
        folder.run("config --format json --severity OC305=off --tolerance OC105=0.03 -j 3 --ignore OC1 missing.json");
    let found = options(&ran);
    let of = |key: &str| {
        let of_key: Vec<_> = found.iter().filter(|row| row.0 == key).collect();
        assert_eq!(of_key.len(), 1, "{key}: {of_key:?}");
        (of_key[0].1.clone(), of_key[0].2.as_str())
    };
    assert_eq!(of("fail-on"), (json!("warning"), "ordercharge.toml:2"));
    assert_eq!(of("ignore"), (json!(["OC1"]), "command line"));
    assert_eq!(of("baseline"), (json!("known"), "ordercharge.toml:4"));
    assert_eq!(of("quiet"), (json!(true), "ordercharge.toml:5"));
    assert_eq!(of("severity.OC304"), (json!("off"), "ordercharge.toml:7"), "the more exact name wins");
    assert_eq!(of("severity.OC303"), (json!("error"), "ordercharge.toml:8"));
    assert_eq!(of("severity.OC305"), (json!("off"), "command line"));
    assert_eq!(of("tolerance.OC105"), (json!("0.03"), "command line"));
    assert_eq!(of("csv.line"), (json!("ship_date, Colour"), "ordercharge.toml:12"));
    assert_eq!(of("rounding"), (json!("nearest"), "default"));
    assert_eq!(of("threads"), (json!("3"), "command line"));
    assert_eq!(of("max-invalid"), (Value::Null, "default"));
    assert_eq!(of("format"), (json!("human"), "default"), "the format of `check`, not that of `config`");
    let shown = &ran.records()[0];
    assert_eq!(shown["file"], "ordercharge.toml");
    let source = rows(&shown["sources"][0]["options"]);
    assert!(source.contains(&("rounding".to_owned(), json!("exact"), "ordercharge.toml:14".to_owned())), "{source:?}");
    assert!(source.contains(&("severity.OC105".to_owned(), json!("warning"), "ordercharge.toml:15".to_owned())));
    assert!(source.contains(&("severity.OC305".to_owned(), json!("off"), "command line".to_owned())));
    assert_eq!(shown["waivers"], json!([{"at": "ordercharge.toml:16", "what": "OC105 of W1", "until": "2026-12-31"}]));
    // Every option of `check` that a file can set is there, and nothing else is made of none.
    let none = options(&folder.run("config --no-config --format json"));
    assert!(none.iter().all(|row| row.2 == "default"), "{none:?}");
    // A baseline that is written anew is not read.
    let anew = options(&folder.run("config --format json --write-baseline known"));
    assert!(anew.contains(&("baseline".to_owned(), Value::Null, "default".to_owned())), "{anew:?}");
}

/// The text is a configuration file with the same meaning.
#[test]
fn the_text_can_be_read_again() {
    let folder = Folder::new("settings-text").with("ordercharge.toml", FILE.replace("\"Unit = price\" = \"x\"\n", ""));
    let text = folder.run("config --severity OC101=warning").out;
    assert!(text.contains("OC101 = \"warning\"                      # command line\n"), "{text}");
    assert!(!text.contains('\u{202e}') && text.contains("# waiver: OC105 of W1 until 2026-12-31"), "{text}");
    let folder = folder.with("again.toml", &text);
    let values = |args: &str| -> Vec<(String, Value)> {
        let ran = folder.run(args);
        let shown = &ran.records()[0];
        let sources = shown["sources"].as_array().unwrap().iter().flat_map(|source| rows(&source["options"]));
        let all = rows(&shown["options"]).into_iter().chain(sources);
        all.map(|(key, value, _)| (key, value)).collect()
    };
    let first = values("config --severity OC101=warning --format json");
    assert_eq!(values("config --config again.toml --format json"), first);
}

#[test]
fn what_check_refuses_is_refused() {
    let folder = Folder::new("settings-wrong").with("wrong.json", WRONG);
    for (file, args, expected) in [
        ("fail_on = \"error\"\n", "", "ordercharge.toml:1:1: no option is called \"fail_on\": did you mean fail-on?"),
        ("[csv]\n\"Unit = price\" = \"x\"\n", "", "ordercharge.toml:2:1: expected one name with one value"),
        ("csv = 3\n", "", "ordercharge.toml:1:7: expected a table for csv, found a number"),
        ("ignore = [\"OC1\", \"OC2\", \"OC3\"]\n", "", "expected at least one rule"),
        ("", "--select OC1 --ignore OC1", "expected at least one rule"),
        (
            "[source.A]\nignore = [\"OC1\", \"OC2\", \"OC3\"]\n",
            "",
            "for the orders of \"A\": expected at least one rule",
        ),
    ] {
        fs::write(folder.0.join("ordercharge.toml"), file).unwrap();
        let (shown, checked) = (folder.run(&format!("config {args}")), folder.run(&format!("check {args} wrong.json")));
        assert_eq!((shown.status, shown.out.as_str(), &shown.err), (2, "", &checked.err), "{file}");
        assert!(shown.err.contains(expected), "{}", shown.err);
        // The schema is needed the more where a file is wrong.
        assert_eq!(folder.run("config --schema").status, 0);
    }
    assert_eq!(folder.run("config --format short").status, 2);
    assert_eq!(folder.run("config --config missing.toml").status, 2);
}

/// ORDERCHARGE_BLESS=1 writes it instead.
#[test]
fn the_schema_is_that_of_the_options() {
    let folder = Folder::new("settings-schema");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ordercharge.schema.json");
    let made = folder.run("config --schema").out;
    if std::env::var_os("ORDERCHARGE_BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let written: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&made).unwrap(), written, "`ordercharge config --schema` makes it");
    // The schema has the options that the loader takes, and each is shown.
    let mut keys: Vec<&String> = written["properties"].as_object().unwrap().keys().collect();
    keys.retain(|key| !["source", "waiver", "severity", "tolerance", "csv"].contains(&key.as_str()));
    let shown = options(&folder.run("config --no-config --format json"));
    let mut names: Vec<&String> = shown.iter().map(|row| &row.0).collect();
    names.sort();
    keys.sort();
    assert_eq!(keys, names);
}
