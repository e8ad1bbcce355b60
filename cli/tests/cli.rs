//! The command, run as its users run it: what it prints, what it exits with, what it leaves behind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder of its own for a test, where it also runs the command.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn with(self, name: &str, text: impl AsRef<[u8]>) -> Folder {
        fs::write(self.0.join(name), text).unwrap();
        self
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ordercharge"));
        command.args(args.split_whitespace()).current_dir(&self.0).env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    fn run(&self, args: &str) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    fn pipe(&self, args: &str, input: impl AsRef<[u8]>) -> Ran {
        let mut child =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Ran::of(child.wait_with_output().unwrap())
    }
}

struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn records(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn whole(&self) -> String {
        format!("{}--- standard error\n{}--- exit {}\n", self.out, self.err, self.status)
    }
}

/// Compares with a committed snapshot; ORDERCHARGE_BLESS=1 writes it instead.
fn compare(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("ORDERCHARGE_BLESS").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{name} differs (ORDERCHARGE_BLESS=1 accepts it):\n{actual}");
}

const WRONG: &str = r#"{
  "cust_ref": "TEST02",
  "ship_company": "Example Company",
  "sub_total": 14,
  "order_discount": 2,
  "tax": 1,
  "grand_total": 15,
  "items": [
    {
      "item": "C100",
      "price": 4.4,
      "quantity": 2,
      "extended_amount": 9
    },
    {
      "item": "C300",
      "quantity": 1,
      "price": "5.00",
      "extended_amount": 5
    }
  ]
}
"#;
const RIGHT: &str = r#"{"cust_ref":"R1","grand_total":"5.00","items":[{"price":"5.00","quantity":1}]}"#;
const BARE: &str = r#"{"cust_ref":"B1","items":[{"item":"C100","quantity":2}]}"#;

fn minified(text: &str) -> String {
    text.lines().map(str::trim).collect()
}

#[test]
fn the_human_report() {
    let folder = Folder::new("human").with("order.json", WRONG).with("line.json", minified(WRONG));
    compare("human.txt", &folder.run("check order.json line.json").whole());
    compare("human-colour.txt", &folder.run("check --color always --select OC105 order.json").whole());
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
    compare("odd.txt", &folder.run("check odd.ndjson").whole());
    compare("odd-short.txt", &folder.run("check --format short odd.ndjson").whole());
    let shown = folder.run("check odd.ndjson");
    assert!(!shown.out.contains("secret"));
    assert!(folder.run("check --show-values odd.ndjson").out.contains("secret"));
    let few = folder.run("check --max-shown 2 odd.ndjson");
    assert_eq!(few.out.matches("-->").count(), 2);
    assert!(few.err.contains("more findings are not drawn"), "{}", few.err);
    assert_eq!((few.status, few.err.lines().next()), (shown.status, shown.err.lines().next()));
}

#[test]
fn machine_formats() {
    let input = format!("{}\n{RIGHT}\n{BARE}\noops\n", minified(WRONG));
    let folder = Folder::new("machine").with("orders.ndjson", input);
    let ndjson = folder.run("check --format ndjson orders.ndjson");
    compare("report.ndjson", &ndjson.whole());
    compare("report-all.ndjson", &folder.run("check --format ndjson --all orders.ndjson").whole());
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
                ["cust_ref", "error", "identities", "index", "line", "source", "type", "verdict", "violations"]
            ),
            _ => assert_eq!(
                keys,
                ["at_risk", "complete", "exit", "invalid", "orders", "type", "unreadable", "valid", "violations"]
            ),
        }
    }
}

#[test]
fn an_order_without_charges_is_valid_and_says_what_was_not_checked() {
    let folder = Folder::new("bare");
    let ran = folder.pipe("check --all", BARE);
    compare("bare.txt", &ran.whole());
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
        "explain",
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
        let told = |violation: &Value| format!("{} {}", violation["severity"], violation["rule"]).replace('"', "");
        found.iter().map(told).collect()
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
    for format in ["human", "short", "ndjson", "json", "ndjson --all", "short --statistics --max-shown 7"] {
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
    let mut packed = flate2::read::GzEncoder::new(WRONG.as_bytes(), flate2::Compression::fast());
    let mut bytes = Vec::new();
    packed.read_to_end(&mut bytes).unwrap();
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
    compare("calc.txt", &ran.whole());
    assert_eq!(ran.status, 2);
    assert_eq!(folder.pipe("check", &ran.out).status, 0);
    assert_eq!(folder.pipe("calc", &ran.out).out, ran.out);
}

#[test]
fn fixes_are_shown_and_written() {
    let input = format!("\u{feff}[{RIGHT},\r\n {WRONG} ]\noops\n");
    let folder = Folder::new("fix").with("orders.json", &input).with("other.json", WRONG);
    compare("fix-diff.txt", &folder.run("fix --unsafe --diff other.json").whole());
    // Nothing about it is safe.
    let safe = folder.run("fix other.json");
    assert_eq!((safe.status, safe.out.as_str()), (1, WRONG));
    assert!(safe.err.contains("1 order more may be mended with --unsafe"), "{}", safe.err);

    let mended = folder.run("fix -q --unsafe orders.json");
    assert_eq!(
        (mended.status, mended.err.as_str()),
        (2, "error: orders.json: expected an order, or a list of orders, found `o` at line 25, column 1\n")
    );
    let by_hand = input
        .replace("\"sub_total\": 14,", "\"sub_total\": 13.8,")
        .replace("\"grand_total\": 15,", "\"grand_total\": 12.8,\n  \"sales_tax\": 1,")
        .replace("\"extended_amount\": 9\n", "\"extended_amount\": 8.8\n");
    assert_eq!(mended.out, by_hand);

    assert_eq!(folder.run("fix -q --unsafe --output mended.json orders.json").out, "");
    assert_eq!(folder.read("mended.json"), by_hand);
    assert_eq!(folder.read("orders.json"), input);
    assert_eq!(folder.run("fix -q --unsafe --in-place orders.json other.json").out, "");
    assert_eq!(folder.read("orders.json"), by_hand);
    assert_eq!(folder.run("check other.json").status, 0);
    assert_eq!(folder.run("fix --unsafe --diff other.json").out, "", "a second time there is nothing to do");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 3, "nothing else is left behind");
    assert_eq!(folder.pipe("fix --in-place", RIGHT).status, 2);
}

#[test]
fn faults_are_counted_by_cause() {
    let order = |source: &str| {
        format!(
            r#"{{"order_source":"{source}","sub_total":14,"order_discount":2,"grand_total":14,"items":[{{"price":14,"quantity":1}}]}}"#
        )
    };
    let orders = [order("WooCommerce"), order("WooCommerce"), order("WooCommerce"), minified(WRONG)].join("\n");
    compare("statistics.txt", &Folder::new("statistics").pipe("check --statistics --format short", orders).whole());
}

#[test]
fn the_readme_shows_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut command = Folder::new("readme").command("check samples/spring-order.json");
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
        compare(name, &ran.out);
    }
    let all = folder.run("explain --all --format json");
    let rules: Vec<Value> = serde_json::from_str(&all.out).unwrap();
    let codes: Vec<&str> = rules.iter().filter_map(|rule| rule["code"].as_str()).collect();
    let table: Vec<&str> = ordercharge::Rule::ALL.iter().map(|rule| rule.code()).collect();
    let names = ordercharge::Cause::ALL.len();
    assert_eq!(codes, table);
    assert_eq!(rules.len(), table.len() + names);
    assert!(folder.run("explain discount-not-subtracted").out.contains("left out of the grand total"));
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
    let source = [include_str!("cli.rs"), include_str!("submit.rs")].concat();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")).unwrap() {
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

    let wrong = folder.run("generate --count 132 --seed 5 --fault any --style any --labels answers.ndjson");
    let found = folder.pipe("check --format ndjson --all", &wrong.out).records();
    let answers: Vec<Value> =
        folder.read("answers.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((answers.len(), found.len()), (132, 133));
    for (answer, record) in answers.iter().zip(&found) {
        assert_eq!(answer["cust_ref"], record["cust_ref"]);
        let told = record["violations"].as_array().unwrap();
        let at = |told: &&Value| ["rule", "path", "difference"].iter().all(|key| told[*key] == answer[*key]);
        let told = told.iter().find(at).unwrap_or_else(|| panic!("{answer} is not among {told:?}"));
        match &answer["cause"] {
            Value::Null => assert_eq!(answer["fault"], answer["rule"]),
            cause => assert_eq!(&told["causes"][0]["causes"][0], cause),
        }
    }

    // The same seed makes the same orders, however many.
    let fewer = folder.run("generate --count 7 --seed 5 --style any");
    assert!(right.out.starts_with(&fewer.out));
    assert_ne!(folder.run("generate --count 7 --seed 6 --style any").out, fewer.out);
    let refused = folder.run("generate --fault nonsense");
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("no rule or cause is named"), "{}", refused.err);
}
