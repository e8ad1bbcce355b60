//! The command, run as its users run it: what it prints, what it exits with, what it leaves behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use util::schema::{conforms, properties};
use util::{Folder, RIGHT, ROUNDED, Ran, WRONG, gzip, minified, snapshot, unclear};

mod util;

const BARE: &str = r#"{"cust_ref":"B1","items":[{"item":"C100","quantity":2}]}"#;

#[test]
fn the_human_report() {
    let folder = Folder::new("human").with("order.json", WRONG).with("line.json", minified(WRONG));
    let folder = folder.with("rounded.json", ROUNDED).with("rounded-line.json", minified(ROUNDED));
    // One diagnosis is as good as the other; nothing is known; it is repaired without --unsafe.
    let unknown = unclear("Shop", 2).replace(r#""grand_total":"24.00""#, r#""grand_total":"99.37""#);
    let safe = r#"{"cust_ref":"S1","balance":"3.00","grand_total":"5.00","items":[{"price":"5.00","quantity":1}]}"#;
    let folder = folder.with("others.ndjson", [&unclear("Shop", 1), &unknown, safe].join("\n"));
    let inputs = "order.json line.json rounded.json rounded-line.json others.ndjson";
    snapshot("human.txt", &folder.run(&format!("check {inputs}")).whole());
    snapshot("short.txt", &folder.run(&format!("check --format short {inputs}")).whole());
    snapshot("human-colour.txt", &folder.run("check --color always rounded.json").whole());
}

#[test]
fn odd_orders_drawn() {
    let orders = [
        r#"{"items": {"a": "secret"}, "cust_ref": "x\u001b[31m", "note": "secret"}"#,
        r#"{"items": [{"price": "$5.00"}, 3, {"quantity": 2, "price": 5, "price": 6, "discount": 9, "addl_discount": "70"}], "note": "é"}"#,
        r#"{"items": [{"quantity": 1, "extended_amount": 10.004}, {"quantity": 1, "extended_amount": 10.004}], "sub_total": 20.008, "currency_code": "usd"}"#,
        "oops",
        "{\"a\": \"\u{7}\"}",
    ];
    let folder = Folder::new("odd").with("odd.ndjson", orders.join("\n"));
    snapshot("odd.txt", &folder.run("check odd.ndjson").whole());
    snapshot("odd-short.txt", &folder.run("check --format short odd.ndjson").whole());
    let shown = folder.run("check odd.ndjson");
    assert!(!shown.out.contains("secret"));
    assert!(folder.run("check --show-values odd.ndjson").out.contains("secret"));
    let few = folder.run("check --max-shown 2 odd.ndjson");
    assert_eq!(few.out.matches("-->").count(), 2);
    assert!(few.err.contains("3 more orders with findings are not shown"), "{}", few.err);
    assert_eq!((few.status, few.err.lines().next()), (shown.status, shown.err.lines().next()));
}

#[test]
fn machine_formats() {
    let input = format!("{}\n{RIGHT}\n{BARE}\noops\n{}\n", minified(WRONG), minified(ROUNDED));
    let folder = Folder::new("machine").with("orders.ndjson", input);
    let ndjson = folder.run("check --format ndjson orders.ndjson");
    snapshot("report.ndjson", &ndjson.whole());
    snapshot("report-all.ndjson", &folder.run("check --format ndjson --all orders.ndjson").whole());
    let json = folder.run("check --format json orders.ndjson");
    let array: Vec<Value> = serde_json::from_str(&json.out).unwrap();
    assert_eq!(array, ndjson.records());
    let none = folder.pipe("check --format json", "");
    assert_eq!(serde_json::from_str::<Vec<Value>>(&none.out).unwrap().len(), 1, "the summary alone");
    for record in folder.run("check --format ndjson --all orders.ndjson").records() {
        let keys: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
        match record["type"].as_str() {
            Some("order") => assert_eq!(
                keys,
                [
                    "amounts",
                    "at_risk",
                    "currency",
                    "cust_ref",
                    "diagnoses",
                    "error",
                    "error_at",
                    "format",
                    "identities",
                    "index",
                    "line",
                    "order_source",
                    "repair",
                    "source",
                    "type",
                    "verdict",
                    "violations"
                ]
            ),
            _ => assert_eq!(
                keys,
                [
                    "at_risk",
                    "baseline",
                    "complete",
                    "errors",
                    "exit",
                    "format",
                    "invalid",
                    "mappings",
                    "orders",
                    "repairable",
                    "type",
                    "unchecked",
                    "unreadable",
                    "valid",
                    "violations",
                    "waivers"
                ]
            ),
        }
    }
}

#[test]
fn an_order_without_charges_is_valid_and_says_what_was_not_checked() {
    let folder = Folder::new("bare");
    let ran = folder.pipe("check --all", BARE);
    snapshot("bare.txt", &ran.whole());
    assert_eq!(ran.status, 0);
    assert_eq!(folder.pipe("check", BARE).out, "");
}

#[test]
fn exit_statuses() {
    let folder = Folder::new("exit").with("right.json", RIGHT).with("wrong.json", WRONG).with("bad.json", "oops");
    let status = |args: &str| folder.run(args).status;
    assert_eq!(status("check right.json"), 0);
    assert_eq!(status("check wrong.json right.json"), 1);
    assert_eq!(status("check bad.json wrong.json"), 2);
    assert_eq!(status("check missing.json right.json"), 2);
    assert_eq!(status("check ."), 2);
    assert_eq!(status("check --fail-on never wrong.json"), 0);
    assert_eq!(status("check --fail-on never bad.json"), 2);
    assert_eq!(status("check --ignore OC1 wrong.json"), 0);
    assert_eq!(status("check --ignore OC1 --fail-on warning wrong.json"), 1);
    assert_eq!(status("check --max-invalid 1 wrong.json"), 0);
    assert_eq!(status("check --max-invalid 1 wrong.json wrong.json"), 1);
    assert_eq!(status("check --max-invalid 50% wrong.json right.json"), 0);
    assert_eq!(status("check --max-invalid 49.9% wrong.json right.json"), 1);
    assert_eq!(folder.pipe("check", "").status, 2);
    assert_eq!(folder.pipe("check", "[]").status, 2);
    assert_eq!(folder.pipe("check -", RIGHT).status, 0);
    assert_eq!(status(""), 2);
    for usage in [
        "check --select OC999 x",
        "check --format xml x",
        "check --tolerance OC203=1 x",
        "check --tolerance OC105=-1 x",
        "check --severity OC105=loud x",
        "check --rounding sideways x",
        "check --max-invalid 101% x",
        "frobnicate",
    ] {
        let ran = folder.run(usage);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{usage}");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn a_bad_input_costs_no_other() {
    let folder = Folder::new("others").with("wrong.json", WRONG);
    let ran = folder.run("check --format ndjson missing.json wrong.json");
    let records = ran.records();
    assert_eq!(records.len(), 2);
    assert_eq!(records[1]["complete"], false);
    assert_eq!(records[1]["exit"], 2);
    assert!(ran.err.starts_with("error: cannot read missing.json: "), "{}", ran.err);
}

#[test]
fn policies() {
    let folder = Folder::new("policy").with("wrong.json", WRONG);
    let rules = |args: &str| -> Vec<String> {
        let ran = folder.run(&format!("check --format ndjson {args} wrong.json"));
        let records = ran.records();
        let found = records[0]["violations"].as_array().cloned().unwrap_or_default();
        let shown = |violation: &Value| format!("{} {}", violation["severity"], violation["rule"]).replace('"', "");
        found.iter().map(shown).collect()
    };
    assert_eq!(rules(""), ["error OC101", "error OC105", "warning OC304"]);
    assert_eq!(rules("--select OC105,misnamed-field"), ["error OC105", "warning OC304"]);
    assert_eq!(rules("--select oc1 --ignore OC105"), ["error OC101"]);
    assert_eq!(rules("--severity OC304=error,OC101=warning --severity OC105=off"), ["warning OC101", "error OC304"]);
    assert_eq!(rules("--tolerance OC101=0.2 --tolerance OC105=2.99"), ["error OC105", "warning OC304"]);
    let tie = r#"{"items": [{"price": "0.125", "quantity": 1, "extended_amount": "0.12"}]}"#;
    for (rounding, status) in [("nearest", 0), ("half-even", 0), ("down", 0), ("half-up", 1), ("exact", 1)] {
        assert_eq!(folder.pipe(&format!("check --rounding {rounding}"), tie).status, status, "{rounding}");
    }
}

/// Enough orders for many pieces, in lines and in one array: whatever is printed and written is the same to the byte.
#[test]
fn the_number_of_threads_changes_nothing() {
    let samples = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/orders.ndjson")).unwrap();
    let lines = samples.repeat(16);
    let array = format!("[{}]", samples.lines().collect::<Vec<_>>().join(","));
    let folder = Folder::new("threads").with("lines", &lines).with("array", &array);
    for format in ["human", "short", "ndjson", "json", "ndjson --all", "short --max-shown 7"] {
        let run = |threads: u32| {
            let args =
                format!("check -j{threads} --write-valid v --write-invalid i --format {format} lines array lines");
            let ran = folder.run(&args);
            (ran.status, ran.out, ran.err, folder.read("v"), folder.read("i"))
        };
        let one = run(1);
        assert!(one.1.len() > 10_000, "{}", one.1);
        for threads in [2, 7] {
            assert_eq!(run(threads), one, "{format}");
        }
    }
    assert_eq!(folder.run("check -j0 lines").status, 2);
}

#[test]
fn splitting() {
    let wrong = minified(WRONG);
    let folder = Folder::new("split").with("orders.ndjson", format!("{wrong}\n{RIGHT}\r\noops\n[{BARE}]\n"));
    let ran = folder.run("check -q --format ndjson --write-valid good --write-invalid bad orders.ndjson");
    assert_eq!(folder.read("good"), format!("{RIGHT}\n{BARE}\n"));
    assert_eq!(folder.read("bad"), format!("{wrong}\n"));
    assert_eq!((ran.status, ran.err.as_str()), (2, ""));
    let piped = folder.run("check --write-valid - orders.ndjson");
    assert_eq!(piped.out, format!("{RIGHT}\n{BARE}\n"));
    assert!(piped.err.contains("OC105"), "the report goes to standard error");
    assert_eq!(folder.run("check --write-valid - --write-invalid - orders.ndjson").status, 2);

    // An entry of an array that looks like a container is written so that it stays an entry.
    let odd = r#"[{"orders":[{"items":[{"quantity":1}]}]},{"response":{},"success_code":true},{"x":1}]"#;
    let folder = folder.with("odd.json", odd);
    assert_eq!(folder.run("check -q --write-invalid odd.ndjson odd.json").status, 1);
    let again = folder.run("check -q --format short odd.ndjson");
    assert_eq!((again.status, again.out.matches("OC306").count()), (1, 3), "{}", folder.read("odd.ndjson"));
}

#[test]
fn no_output_is_an_input() {
    let folder = Folder::new("apart").with("orders.ndjson", format!("{RIGHT}\n"));
    for args in
        ["--write-valid orders.ndjson", "--write-invalid ./orders.ndjson", "--write-valid both --write-invalid both"]
    {
        let ran = folder.run(&format!("check {args} orders.ndjson"));
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args}");
        assert!(ran.err.starts_with("error: expected"), "{}", ran.err);
        assert_eq!(folder.read("orders.ndjson"), format!("{RIGHT}\n"), "{args}");
    }
}

#[test]
fn splits_are_written_to_the_end_though_nobody_reads_the_report() {
    let folder = Folder::new("unread").with("many.ndjson", format!("{RIGHT}\n").repeat(20_000));
    let mut child = folder
        .command("check -q --all --format ndjson --write-valid good many.ndjson")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    assert_eq!(folder.read("good").lines().count(), 20_000);
}

#[test]
fn gzip_is_seen_by_itself() {
    let bytes = gzip(WRONG.as_bytes());
    let folder = Folder::new("gzip").with("orders.gz", &bytes).with("cut.gz", &bytes[..bytes.len() / 2]);
    let records = folder.run("check --format ndjson orders.gz").records();
    assert_eq!(records[0]["violations"][0]["byte_start"], WRONG.find("9\n").unwrap());
    let cut = folder.run("check --format ndjson cut.gz");
    assert_eq!((cut.status, &cut.records()[0]["complete"]), (2, &Value::Bool(false)));
}

#[test]
fn a_reader_that_has_had_enough_is_no_fault() {
    let folder = Folder::new("pipe").with("many.ndjson", format!("{}\n", minified(WRONG)).repeat(20_000));
    for format in ["human", "short", "ndjson", "json"] {
        let mut child = folder
            .command(&format!("check --max-shown 100000 --format {format} many.ndjson"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{format}");
        assert_eq!(output.status.code(), Some(1), "{format}: what was found so far");
    }
}

#[test]
fn calc_fills_in_what_is_unset() {
    let folder = Folder::new("calc").with("orders.ndjson", format!("{RIGHT}\n{BARE}\noops\n"));
    let ran = folder.run("calc orders.ndjson");
    snapshot("calc.txt", &ran.whole());
    assert_eq!(ran.status, 2);
    assert_eq!(folder.pipe("check", &ran.out).status, 0);
    assert_eq!(folder.pipe("calc", &ran.out).out, ran.out);
}

#[test]
fn what_could_not_be_checked_can_be_a_failure() {
    let folder = Folder::new("unchecked").with("orders.ndjson", format!("{BARE}\n{RIGHT}\n"));
    assert_eq!(folder.run("check orders.ndjson").status, 0);
    let failed = folder.run("check --fail-on unchecked --format ndjson orders.ndjson");
    assert_eq!(failed.status, 1);
    assert_eq!(failed.records().pop().unwrap()["unchecked"], 1);
    assert!(failed.err.starts_with("2 orders: 2 valid, 0 invalid, 0 unreadable, 1 not checkable"), "{}", failed.err);
}

/// The fast path counts orders that could not be checked as the full check does.
#[test]
fn unchecked_orders_are_the_same_with_and_without_the_fast_path() {
    let samples = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/orders.ndjson")).unwrap();
    // Valid under a policy that only warns of it: an identity that is broken was checked.
    let warned = r#"{"sub_total":"6.00","items":[{"price":"5.00","quantity":1}]}"#;
    let folder = Folder::new("fast").with("orders.ndjson", format!("{samples}{BARE}\n{RIGHT}\n{warned}\n"));
    for policy in ["", "--select OC101", "--select OC102,OC105", "--select OC203", "--severity OC102=warning"] {
        let of = |all: &str| {
            let ran = folder.run(&format!("check {all} --fail-on unchecked {policy} --format ndjson orders.ndjson"));
            (ran.status, ran.records().pop().unwrap())
        };
        assert_eq!(of(""), of("--all"), "{policy}");
    }
    let ran = folder.pipe("check --severity OC102=warning --format ndjson", warned);
    assert_eq!(ran.records().pop().unwrap()["unchecked"], 0);
}

#[test]
fn unknown_words_get_a_suggestion() {
    let folder = Folder::new("words");
    for (args, suggestion) in [
        ("explain grand-totl", "did you mean grand-total?"),
        ("explain OC15", "did you mean OC105?"),
        ("explain price-is-line-totl", "did you mean price-is-line-total?"),
        ("check --select oc1o5 x", "did you mean OC105?"),
        ("check --severity grand-total=eror x", "did you mean error?"),
        ("check --tolerance sub-totl=1 x", "did you mean sub-total?"),
        ("check --fail-on uncheked x", "a similar value exists: 'unchecked'"),
        ("check --format ndjsn x", "a similar value exists: 'ndjson'"),
        ("fix --unsafe --prefer tax-twise x", "did you mean tax-twice?"),
        ("generate --fault discount-not-substracted", "did you mean discount-not-subtracted?"),
        ("man chekc", "did you mean check?"),
        ("chekc", "a similar subcommand exists: 'check'"),
    ] {
        let ran = folder.run(args);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args}");
        assert!(ran.err.contains(suggestion), "{args}: {}", ran.err);
    }
    let unlike = folder.run("explain zzz").err;
    assert!(!unlike.contains("did you mean") && unlike.contains("(`ordercharge explain` lists all names)"), "{unlike}");
}

#[test]
fn records_are_what_the_schema_and_the_page_say() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let schema: Value = serde_json::from_str(&fs::read_to_string(docs.join("records.schema.json")).unwrap()).unwrap();
    let page = fs::read_to_string(docs.join("output.md")).unwrap();
    let mut keys = Vec::new();
    properties(&schema, &mut keys);
    assert!(keys.len() > 60);
    for key in keys {
        assert!(page.contains(&format!("`{key}`")), "docs/output.md does not describe {key}");
    }

    let samples = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/orders.ndjson")).unwrap();
    let huge = r#"{"sub_total":"9999999999999999999999999999","grand_total":"-9999999999999999999999999999","items":[{"price":1,"quantity":1}]}"#;
    let input = format!("{samples}{BARE}\noops\n{}\n{huge}\n{huge}\n{}\n", minified(WRONG), unclear("Shop", 1));
    let folder = Folder::new("schema").with("orders.ndjson", input);
    let folder_of = folder.run("generate --count 262 --seed 2 --fault any --style any").out;
    let folder = folder.with("generated.ndjson", folder_of);
    let records = folder.run("check --all --format ndjson orders.ndjson generated.ndjson").records();
    assert!(records.len() > 300);
    for record in &records {
        conforms(&schema, &schema, record).unwrap();
    }
    // It would notice.
    let mut record = records[0].clone();
    record["more"] = 1.into();
    assert!(conforms(&schema, &schema, &record).is_err());
    let mut record = records[0].clone();
    record.as_object_mut().unwrap().remove("currency");
    assert!(conforms(&schema, &schema, &record).is_err());
    let mut record = records.last().unwrap().clone();
    record["at_risk"]["USD"] = 3.into();
    assert!(conforms(&schema, &schema, &record).is_err());
}

#[test]
fn money_at_risk_has_the_decimals_of_its_currency() {
    let order = |code: &str, sub_total: &str, total: &str| {
        format!(
            r#"{{"currency_code":"{code}","sub_total":"{sub_total}","grand_total":"{total}","items":[{{"price":"{sub_total}","quantity":1}}]}}"#
        )
    };
    let orders =
        [order("KWD", "1.000", "2.005"), order("JPY", "100", "173"), order("XYZ", "1.00", "2.5"), order("", "1", "2")];
    let ran = Folder::new("risk").pipe("check --format ndjson", orders.join("\n"));
    let at_risk = serde_json::json!({"JPY": "73", "KWD": "1.005", "unset": "2.50"});
    assert_eq!(ran.records().pop().unwrap()["at_risk"], at_risk, "{}", ran.err);
    assert!(ran.err.contains("money at risk: 73 JPY + 1.005 KWD + 2.50 (no known currency)"), "{}", ran.err);
}

#[test]
fn nothing_to_check_is_no_success() {
    let folder = Folder::new("nothing").with("empty.ndjson", "\n").with("right.json", RIGHT);
    for args in
        ["check right.json empty.ndjson", "check empty.ndjson", "calc right.json empty.ndjson", "fix empty.ndjson"]
    {
        let ran = folder.run(args);
        assert_eq!(ran.status, 2, "{args}");
        assert_eq!(ran.err.matches("no order found in empty.ndjson").count(), 1, "{args}: {}", ran.err);
    }
    let ran = folder.run("check missing.ndjson right.json");
    assert!(ran.err.contains("cannot read missing.ndjson") && !ran.err.contains("no order found"), "{}", ran.err);
    let ran = folder.run("fix --select OC101 --ignore OC101 right.json");
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    let ran = folder.run("check --select OC101 --ignore OC101 right.json");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("expected at least one rule to check"), "{}", ran.err);
}

#[test]
fn the_readme_shows_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut command = Folder::new("readme").command("check samples/discount-sign.json");
    let ran = Ran::of(command.current_dir(root).output().unwrap());
    let first = ran.out.split("\n\n").next().unwrap();
    assert!(readme.contains(first), "the README shows another drawing than:\n{first}");
}

#[test]
fn help_and_reference() {
    let folder = Folder::new("help");
    for (name, args) in [
        ("help.txt", "--help"),
        ("help-check.txt", "check --help"),
        ("help-fix.txt", "fix --help"),
        ("help-calc.txt", "calc --help"),
        ("help-explain.txt", "explain --help"),
        ("help-generate.txt", "generate --help"),
        ("explain.txt", "explain OC105"),
    ] {
        // With feature `submit` there are more commands; its own tests have that page.
        if cfg!(feature = "submit") && args == "--help" {
            continue;
        }
        let ran = folder.run(args);
        assert_eq!(ran.status, 0, "{args}");
        snapshot(name, &ran.out);
    }
    // Without a name, a line for each; every line begins with what `explain` takes.
    let list = folder.run("explain").out;
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(list.contains("\nprice-is-line-total                    price holds the total of the line\n"), "{list}");
    let explained = folder.run(&format!("explain {}", names.join(" "))).out;
    assert_eq!(explained, folder.run("explain --all").out);
    let all = folder.run("explain --all --format json");
    assert_eq!(all.out, folder.run("explain --format json").out);
    let rules: Vec<Value> = serde_json::from_str(&all.out).unwrap();
    let codes: Vec<&str> = rules.iter().filter_map(|rule| rule["code"].as_str()).collect();
    let comparison = ordercharge_carts::CartRule::all().map(ordercharge_carts::CartRule::code);
    let table: Vec<&str> = ordercharge::Rule::ALL.iter().map(|rule| rule.code()).chain(comparison).collect();
    let names = ordercharge::Mistake::ALL.len() + ordercharge_carts::Cart::all().len();
    assert_eq!(codes, table);
    assert_eq!(rules.len(), table.len() + names);
    let explained = folder.run("explain discount-not-subtracted").out;
    assert!(explained.contains("What to change: subtract order_discount") && explained.contains(r#""grand_total""#));
    // The pages of the documentation are what the command prints.
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let pages = ["rules.md", "mistakes.md", "carts.md"];
    let pages = pages.map(|page| fs::read_to_string(docs.join(page)).unwrap()).concat();
    let all = folder.run("explain --all --format md").out.replace("\n### ", "\n## ");
    for section in all.split("\n## ") {
        assert!(pages.contains(section.trim()), "no page in docs has {section}");
    }
    assert!(folder.run("man").out.contains(".TH ordercharge 1"));
    let page = folder.run("man check").out;
    assert!(page.contains(".TH ordercharge-check 1") && page.contains("tolerance"), "{page}");
    let unknown = folder.run("man chekc");
    assert_eq!((unknown.status, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.contains("expected a command (check, fix, "), "{}", unknown.err);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(folder.run(&format!("completions {shell}")).out.contains("ordercharge"), "{shell}");
    }
}

#[test]
fn every_snapshot_is_used() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let sources = fs::read_dir(&tests).unwrap().map(|entry| entry.unwrap().path());
    let sources = sources.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let source: String = sources.map(|path| fs::read_to_string(path).unwrap()).collect();
    for entry in fs::read_dir(tests.join("snapshots")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(source.contains(&format!("\"{name}\"")), "{name} belongs to no test");
    }
}

#[test]
fn generated_orders_are_what_their_labels_say() {
    let folder = Folder::new("generate");
    let right = folder.run("generate --count 300 --seed 5 --style any");
    assert_eq!((right.status, right.err.as_str()), (0, ""));
    let checked = folder.pipe("check --fail-on warning --format ndjson", &right.out);
    assert_eq!(checked.status, 0, "{}", checked.out);
    assert_eq!(checked.records().pop().unwrap()["orders"], 300);

    let wrong = folder.run("generate --count 262 --seed 5 --fault any --style any --labels answers.ndjson");
    let found = folder.pipe("check --format ndjson --all", &wrong.out).records();
    let answers: Vec<Value> =
        folder.read("answers.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((answers.len(), found.len()), (262, 263));
    for (answer, record) in answers.iter().zip(&found) {
        assert_eq!(answer["cust_ref"], record["cust_ref"]);
        let found = record["violations"].as_array().unwrap();
        let at = |one: &&Value| ["rule", "path", "difference"].iter().all(|key| one[*key] == answer[*key]);
        let found = found.iter().find(at).unwrap_or_else(|| panic!("{answer} is not among {found:?}"));
        let first = record["diagnoses"].as_array().unwrap().iter().filter(|diagnosis| diagnosis["rank"] == 1);
        let names: Vec<&Value> =
            first.flat_map(|one| one["mistakes"].as_array().unwrap()).map(|made| &made["name"]).collect();
        match &answer["mistake"] {
            Value::Null => assert_eq!(answer["fault"], answer["rule"]),
            mistake => assert!(names.contains(&mistake), "{mistake} is not among {names:?}: {found}"),
        }
    }

    // The same seed makes the same orders, however many.
    let fewer = folder.run("generate --count 7 --seed 5 --style any");
    assert!(right.out.starts_with(&fewer.out));
    assert_ne!(folder.run("generate --count 7 --seed 6 --style any").out, fewer.out);
    folder.run("generate --count 3 --fault price-is-line-total --labels one.ndjson");
    for label in folder.read("one.ndjson").lines() {
        let label: Value = serde_json::from_str(label).unwrap();
        assert_eq!(
            (&label["fault"], &label["mistake"]),
            (&"price-is-line-total".into(), &"price-is-line-total".into())
        );
    }
    let refused = folder.run("generate --fault nonsense");
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("no rule or mistake is called"), "{}", refused.err);
}
