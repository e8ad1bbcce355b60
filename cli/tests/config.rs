//! The configuration file, as users meet it: where it is found, what it sets, and what is said about one that is wrong.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use util::{Folder, RIGHT, WRONG, minified};

mod util;

/// Right by rounding to the nearest only.
const TIE: &str =
    r#"{"cust_ref":"T1","order_source":"Amazon","items":[{"price":"0.125","quantity":1,"extended_amount":"0.13"}]}"#;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md")).unwrap()
}

/// The blocks of a language on the page.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let begin = format!("```{language}\n");
    page.split(begin.as_str()).skip(1).map(|block| block.split("```").next().unwrap()).collect()
}

#[test]
fn the_example_of_the_page_does_what_the_page_says() {
    let page = page();
    let precise = r#"{"cust_ref":"P1","items":[{"price":"1.23456","quantity":1}]}"#;
    let orders = format!("{}\n{RIGHT}\n{precise}\n", minified(WRONG)).repeat(60);
    let folder =
        Folder::new("config-page").with("orders.ndjson", orders).with("ordercharge.toml", blocks(&page, "toml")[0]);
    let command = blocks(&page, "sh")[0].replace("\\\n", "");
    let command = command.trim().strip_prefix("ordercharge ").unwrap();
    let with_file = folder.run("check orders.ndjson");
    let without = folder.run(&format!("{command} --no-config"));
    assert_eq!(with_file.whole(), without.whole());
    assert_eq!(with_file.status, 1);
    assert!(with_file.whole() != folder.run("check --no-config orders.ndjson").whole());
    assert_eq!(folder.pipe("check", TIE).status, 1, "half-even makes it 0.12");
    assert_eq!(folder.pipe("check --no-config", TIE).status, 0);
    assert_eq!(folder.pipe("check", TIE.replace("Amazon", "Other")).status, 0);
}

#[test]
fn it_is_found_upwards_and_never_beside_the_data() {
    let folder = Folder::new("config-find").with("wrong.json", WRONG).with("ordercharge.toml", "fail-on = \"never\"\n");
    fs::create_dir_all(folder.0.join("a/b")).unwrap();
    fs::create_dir_all(folder.0.join("work/.git")).unwrap();
    fs::create_dir_all(folder.0.join("work/inner")).unwrap();
    fs::create_dir_all(folder.0.join("data")).unwrap();
    fs::write(folder.0.join("data/ordercharge.toml"), "no such key").unwrap();
    fs::write(folder.0.join("data/wrong.json"), WRONG).unwrap();
    let status = |at: &str, args: &str| {
        let mut command = folder.command(args);
        command.current_dir(folder.0.join(at)).output().unwrap().status.code().unwrap()
    };
    assert_eq!(status("", "check wrong.json"), 0);
    assert_eq!(status("a/b", "check ../../wrong.json"), 0);
    assert_eq!(status("", "check data/wrong.json"), 0, "beside the data is not looked for");
    assert_eq!(status("work/inner", "check ../../wrong.json"), 1, "a folder with .git ends the search");
    assert_eq!(status("a/b", "check --no-config ../../wrong.json"), 1);
    assert_eq!(status("work", "check --config ../ordercharge.toml ../wrong.json"), 0);
    assert_eq!(status("data", "check wrong.json"), 2);
    // The commands that do not read orders do not read it.
    assert_eq!(status("data", "explain OC105"), 0);
    // The nearest one is taken, also if it has another effect.
    fs::write(folder.0.join("a/ordercharge.toml"), "").unwrap();
    assert_eq!(status("a/b", "check ../../wrong.json"), 1);
}

#[test]
fn the_command_line_takes_precedence() {
    let file = r#"
        format = "short"
        max-shown = 1
        ignore = ["OC105"]
        [severity]
        OC3 = "error"
        OC304 = "off"
        [tolerance]
        OC101 = 0.2
    "#;
    let folder = Folder::new("config-over").with("wrong.json", WRONG).with("ordercharge.toml", file);
    let rules = |args: &str| -> Vec<String> {
        let ran = folder.run(&format!("check --format ndjson {args} wrong.json"));
        let found = ran.records()[0]["violations"].as_array().cloned().unwrap_or_default();
        found.iter().map(|one| format!("{} {}", one["severity"], one["rule"]).replace('"', "")).collect()
    };
    assert_eq!(rules("--no-config"), ["error OC101", "error OC105", "warning OC304"]);
    assert_eq!(rules(""), [""; 0], "the tolerance accepts OC101, and the others are off");
    assert_eq!(rules("--severity OC304=warning"), ["warning OC304"]);
    assert_eq!(rules("--tolerance OC101=0.1"), ["error OC101"]);
    assert_eq!(rules("--select OC105"), ["error OC105"], "who selects rules does not get the ignored ones of the file");
    assert_eq!(rules("--ignore OC208"), ["error OC105"]);
    let short = folder.run("-q check --ignore OC208 wrong.json");
    assert!(short.out.starts_with("wrong.json:"), "{}", short.out);
    assert!(folder.run("check --ignore OC208 --format human wrong.json").out.contains("-->"));
    // Global options may precede the command.
    assert_eq!(folder.run("--color never -q check wrong.json").whole(), folder.run("-q check wrong.json").whole());
}

#[test]
fn each_source_has_its_policy_in_every_command() {
    let file = r#"
        ignore = ["OC304"]
        [source."Amazon"]
        rounding = "half-even"
        ignore = []
        [source."Shop é\t"]
        select = ["OC304"]
        [source.None]
        severity = { OC101 = "off" }
    "#;
    let folder = Folder::new("config-source").with("ordercharge.toml", file);
    let named = |name: &str| minified(WRONG).replacen('{', &format!("{{\"order_source\":{name},"), 1);
    let rules = |text: &str| -> Vec<String> {
        let ran = folder.pipe("check --format ndjson", text);
        let found = ran.records()[0]["violations"].as_array().cloned().unwrap_or_default();
        found.iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(rules(&named("\"Other\"")), ["OC101", "OC105"]);
    assert_eq!(rules(&named("\"Amazon\"")), ["OC101", "OC105", "OC304"]);
    assert_eq!(rules(&named("\"Shop \\u00e9\\t\"")), ["OC304"]);
    assert_eq!(rules(&named("\"None\"")), ["OC105"]);
    assert_eq!(rules(&named("null")), ["OC101", "OC105"]);
    // `calc` and `fix` round by source too.
    let bare = r#"{"order_source":"Amazon","items":[{"price":"0.125","quantity":1}]}"#;
    assert!(folder.pipe("calc", bare).out.contains(r#""extended_amount":"0.12""#));
    assert!(
        folder.pipe("calc --rounding nearest", bare).out.contains(r#""extended_amount":"0.13""#),
        "the command line wins"
    );
    let fixed = folder.pipe("fix --recalculate", TIE);
    assert!(fixed.out.contains(r#""extended_amount":"0.12""#), "{}", fixed.whole());
    // The number of threads does not change a byte.
    let many: String = (0..4000).map(|at| TIE.replace("Amazon", ["Amazon", "None", "x"][at % 3]) + "\n").collect();
    let folder = folder.with("many.ndjson", many);
    let one = folder.run("check -j1 --format ndjson many.ndjson");
    assert_eq!(one.records().len(), 1 + 1334);
    for threads in [2, 5] {
        assert_eq!(folder.run(&format!("check -j{threads} --format ndjson many.ndjson")).whole(), one.whole());
    }
}

/// What is said about a file with this text.
fn said(folder: &Folder, text: impl AsRef<[u8]>) -> String {
    fs::write(folder.0.join("ordercharge.toml"), text).unwrap();
    let ran = folder.pipe("check", RIGHT);
    assert_eq!((ran.status, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{}", ran.whole());
    ran.err.trim_end().strip_prefix("error: ").unwrap().to_owned()
}

#[test]
fn a_wrong_file_is_reported_with_the_place_and_the_remedy() {
    let folder = Folder::new("config-wrong");
    for (text, expected) in [
        ("\n  fromat = 1", "ordercharge.toml:2:3: no option is called \"fromat\": did you mean format?"),
        ("é = 1", "ordercharge.toml:1:1: "),
        ("all = true\n\"é\" = 1 # é\n", "ordercharge.toml:2:1: no option is called \"é\""),
        ("format = \"shrt\"", "ordercharge.toml:1:10: expected one of human, short"),
        ("all = \"yes\"", "ordercharge.toml:1:7: expected true or false for all, found a string"),
        ("max-shown = \"many\"", "ordercharge.toml:1:13: expected a whole number"),
        ("threads = 0", "ordercharge.toml:1:11: expected a number of threads from 1 on, found \"0\""),
        ("rounding = true", "ordercharge.toml:1:12: expected one value for rounding, found true or false"),
        ("rounding = 1979-05-27", "ordercharge.toml:1:12: expected one value for rounding, found a date"),
        ("select = \"OC1\"", "ordercharge.toml:1:10: expected a list of strings for select, found a string"),
        ("select = []", "ordercharge.toml:1:10: expected at least one rule for select"),
        ("select = [\"OC1\", \"OC999\"]", "ordercharge.toml:1:18: no rule is called \"OC999\""),
        ("severity = 3", "ordercharge.toml:1:12: expected a table of rules for severity, found a number"),
        (
            "[severity]\nOC304 = \"eror\"",
            "ordercharge.toml:2:9: expected error, warning or off, found \"eror\": did you mean error?",
        ),
        (
            "[severity]\ngrand-totl = \"off\"",
            "ordercharge.toml:2:1: no rule is called \"grand-totl\": did you mean grand-total?",
        ),
        ("[severity]\nOC304 = \"off,OC105=off\"", "ordercharge.toml:2:1: expected one rule with one value"),
        ("[tolerance]\nOC105 = -0.01", "ordercharge.toml:2:9: expected a tolerance of 0 or more, found -0.01"),
        ("[tolerance]\nOC105 = nan", "ordercharge.toml:2:9: "),
        ("[tolerance]\nOC203 = 1", "ordercharge.toml:2:9: OC203"),
        ("[source]\nrounding = \"exact\"", "ordercharge.toml:2:12: expected a table, found a string"),
        (
            "[source.A]\nroundin = \"exact\"",
            "ordercharge.toml:2:1: no option is called \"roundin\": did you mean rounding?",
        ),
        ("[source.A]\nformat = \"short\"", "ordercharge.toml:2:1: no option is called \"format\""),
        (
            "[source.A]\nignore = [\"OC1\", \"OC2\", \"OC3\"]",
            "ordercharge.toml:1:9: for the orders of \"A\": expected at least one rule",
        ),
        (
            "write-valid = \"x\"",
            "ordercharge.toml:1:1: write-valid can only be set on the command line (--write-valid)",
        ),
        ("config = \"x\"", "ordercharge.toml:1:1: config can only be set on the command line"),
        ("a = 1\na = 2", "ordercharge.toml:2:1: duplicate key"),
        ("all = ", "ordercharge.toml:1:"),
        ("\u{7}\u{1b}[31m = 1", "ordercharge.toml:1:"),
        ("[severity]\n\"\\u001b[31m\" = \"off\"", "ordercharge.toml:2:1: no rule is called "),
    ] {
        let said = said(&folder, text);
        assert!(said.starts_with(expected), "{text}: {said}");
        assert!(!said.contains('\u{1b}'), "{said}");
    }
    assert_eq!(said(&folder, b"all = true\n# caf\xff"), "ordercharge.toml:2:6: expected UTF-8, found another encoding");
    assert!(said(&folder, "[".repeat(100_000)).starts_with("ordercharge.toml:1:"));
    assert!(said(&folder, format!("a = {}", "[".repeat(100_000))).starts_with("ordercharge.toml:1:"));
    assert!(said(&folder, "#".repeat(16 * 1024 * 1024 + 1)).contains("expected at most 16777216 bytes"));
    // Nothing is wrong with an empty one, one with a byte order mark, or one that is long.
    let many: Vec<String> = vec!["\"OC208\"".to_owned(); 100_000];
    for text in ["", "\u{feff}all = false\r\n", "# only a comment", &format!("ignore = [{}]", many.join(",\n"))] {
        fs::write(folder.0.join("ordercharge.toml"), text).unwrap();
        assert_eq!(folder.pipe("check", RIGHT).status, 0, "{:.40}", text);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_stops_the_run() {
    let folder = Folder::new("config-unreadable");
    let path = folder.0.join("ordercharge.toml");
    let said = |expected: &str| {
        let ran = folder.pipe("check", RIGHT);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.whole());
        assert!(ran.err.contains(expected) && ran.err.contains("ordercharge.toml"), "{}", ran.err);
        assert_eq!(folder.pipe("check --no-config", RIGHT).status, 0);
    };
    fs::create_dir(&path).unwrap();
    said("expected a file, found a folder");
    fs::remove_dir(&path).unwrap();
    std::os::unix::fs::symlink("ordercharge.toml", &path).unwrap();
    said("symbolic links");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    said("No such file");
    let missing = folder.pipe("check --config missing.toml", RIGHT);
    assert_eq!(
        missing.err,
        "error: cannot read the configuration file missing.toml: No such file or directory (os error 2)\n"
    );
    let both = folder.pipe("check --no-config --config missing.toml", RIGHT);
    assert_eq!(both.status, 2);
    let piped = folder.shell(&format!(
        "printf 'fail-on = \"never\"' | $OC check --config /dev/stdin - <<'E'\n{}\nE",
        minified(WRONG)
    ));
    assert_eq!(piped.status, 2, "standard input holds either orders or the configuration: {}", piped.whole());
}

#[test]
fn the_table_for_csv_maps_columns() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/csv.md")).unwrap();
    let orders = "Order number;Unit price;quantity;ship_date;Colour;grand_total;comments\n\
                  C-1;2.50;2;monday;red;8.00;\"a, b\"\nC-1;3.00;1;friday;blue;8.00;other\n";
    let folder =
        Folder::new("config-csv").with("orders.csv", orders).with("ordercharge.toml", blocks(&page, "toml")[0]);
    let ran = folder.run("check --format ndjson --write-valid valid.ndjson orders.csv");
    assert_eq!(ran.status, 0, "ship_date and Colour differ between the rows of one order: {}", ran.whole());
    let order: serde_json::Value = serde_json::from_str(folder.read("valid.ndjson").trim()).unwrap();
    assert_eq!((&order["cust_ref"], &order["currency_code"]), (&"C-1".into(), &"USD".into()), "{order}");
    let dates: Vec<&str> =
        order["items"].as_array().unwrap().iter().map(|item| item["ship_date"].as_str().unwrap()).collect();
    assert_eq!(dates, ["monday", "friday"]);
    // The command line wins, name by name.
    let over = folder.run("check --csv price=quantity orders.csv");
    assert_eq!(over.status, 1, "{}", over.whole());
    assert_eq!(folder.run("check --no-config orders.csv").status, 2);
    // JSON is still JSON, and a column may be called anything.
    assert_eq!(folder.pipe("check", RIGHT).status, 0);
    let folder = folder.with("ordercharge.toml", "[csv]\ncust_ref = \"a, b\"\nprice = \"c=d\"\n");
    let ran = folder.with("comma.csv", "\"a, b\",c=d,quantity\nC-1,2.50,2\n").run("check comma.csv");
    assert_eq!(ran.status, 0, "{}", ran.whole());
}

#[test]
fn the_waivers_of_the_page_do_what_the_page_says() {
    let page = page();
    let rounded = r#"{"cust_ref":"JT-1","order_source":"Shop","sub_total":"92.00","grand_total":92.00,"items":[{"item":"C100","price":30.67,"quantity":3,"extended_amount":"92.00"}]}"#;
    let total = r#"{"cust_ref":"JT-1043","grand_total":"6.00","items":[{"price":"5.00","quantity":1}]}"#;
    let folder = Folder::new("config-waivers")
        .with("orders.ndjson", format!("{total}\n{rounded}\n"))
        .with("ordercharge.toml", blocks(&page, "toml")[1]);
    let failing = |day: &str| {
        let ran = folder.run(&format!("check --fail-on warning --today {day} --format ndjson orders.ndjson"));
        let records = ran.records();
        let orders = records.iter().filter(|record| record["type"] != "summary");
        orders.map(|record| record["cust_ref"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(failing("2026-12-31"), [""; 0]);
    assert_eq!(failing("2027-01-01"), ["JT-1043"]);
    assert_eq!(failing("2027-04-01"), ["JT-1043", "JT-1"]);
}

#[test]
fn what_a_run_reads_is_not_written() {
    let folder = Folder::new("config-apart").with("wrong.json", WRONG).with("ordercharge.toml", "all = false\n");
    assert_eq!(folder.run("check --write-baseline known wrong.json").status, 0);
    fs::create_dir(folder.0.join("in")).unwrap();
    for (args, expected) in [
        ("check --write-invalid ordercharge.toml", "another file than the configuration file ordercharge.toml"),
        ("check --report csv=in/../ordercharge.toml", "another file than the configuration file ordercharge.toml"),
        ("check --write-baseline ordercharge.toml", "another file than the configuration file ordercharge.toml"),
        ("fix --output ordercharge.toml", "another file than the configuration file ordercharge.toml"),
        ("check --baseline known --write-valid known", "another file than the baseline known"),
        ("check --baseline known --report csv=in/../known", "another file than the baseline known"),
    ] {
        let before = (folder.read("ordercharge.toml"), folder.read("known"));
        let ran = folder.run(&format!("{args} wrong.json"));
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args}: {}", ran.whole());
        assert!(ran.err.contains(expected), "{args}: {}", ran.err);
        assert_eq!((folder.read("ordercharge.toml"), folder.read("known")), before, "{args}");
    }
    // A configured baseline is written anew, as the message about a missing one says.
    let folder = folder.with("ordercharge.toml", "baseline = \"known\"\n");
    fs::remove_file(folder.0.join("known")).unwrap();
    assert_eq!(folder.run("check wrong.json").status, 2);
    for _ in 0..2 {
        let ran = folder.run("check --write-baseline known wrong.json");
        assert_eq!(ran.status, 0, "{}", ran.whole());
        assert_eq!(folder.run("check wrong.json").status, 0);
    }
}

const WAIVER: &str = r#"
[[waiver]]
cust_ref = "TEST02"
rule = "OC1"
reason = "The shop knows: ticket 17"
until = 2026-12-31
[[waiver]]
source = ["Amazon", "Shop"]
mistake = "unit-price-rounded"
reason = "The mapping is changed in spring"
until = 2027-03-31
[[waiver]]
cust_ref = "OLD"
rule = "OC105"
reason = "Over"
until = 2026-01-31
"#;

#[test]
fn a_waiver_accepts_a_finding_until_its_day() {
    let rounded = r#"{"cust_ref":"JT-1","order_source":"Shop","sub_total":"92.00","grand_total":92.00,"items":[{"item":"C100","price":30.67,"quantity":3,"extended_amount":"92.00"}]}"#;
    let orders = format!("{}\n{rounded}\n{RIGHT}\n", minified(WRONG));
    let folder = Folder::new("waiver").with("orders.ndjson", orders).with("ordercharge.toml", WAIVER);
    let run = |today: &str| folder.run(&format!("check --today {today} --format ndjson orders.ndjson"));
    let ran = run("2026-12-31");
    let records = ran.records();
    assert_eq!(ran.status, 0, "{}", ran.whole());
    // The warning is not waived, and the order is valid.
    assert_eq!(records.len(), 2, "{}", ran.whole());
    assert_eq!(records[0]["verdict"], "valid");
    let left: Vec<&str> =
        records[0]["violations"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!(left, ["OC304"]);
    let summary = &records[1];
    assert_eq!((summary["valid"].as_u64(), summary["invalid"].as_u64()), (Some(3), Some(0)));
    let waivers = &summary["waivers"];
    assert_eq!(waivers["file"], "ordercharge.toml");
    assert_eq!((waivers["findings"].as_u64(), waivers["orders"].as_u64()), (Some(3), Some(2)), "{waivers}");
    assert_eq!(waivers["unused"].as_array().unwrap().len(), 0);
    assert_eq!(
        (waivers["expired"][0]["line"].as_u64(), waivers["expired"][0]["until"].as_str()),
        (Some(12), Some("2026-01-31"))
    );
    assert_eq!(summary["mappings"].as_array().unwrap().len(), 0, "{summary}");
    assert!(ran.err.contains("3 findings of 2 orders waived"), "{}", ran.err);
    assert!(ran.err.contains("ordercharge.toml:12: the waiver for OC105 of OLD ended on 2026-01-31"), "{}", ran.err);
    // A day later one of them is over.
    let later = run("2027-01-01");
    assert_eq!(later.status, 1);
    assert_eq!(later.records()[0]["violations"].as_array().unwrap().len(), 3);
    assert_eq!(run("2027-04-01").records().len(), 3);
    assert_eq!(folder.run("check --no-config orders.ndjson").status, 1);
    // Nothing to waive.
    let unused = folder.pipe("check --today 2026-12-31", RIGHT);
    assert!(
        unused.err.contains("ordercharge.toml:2: the waiver for OC1 of TEST02 waives nothing in this run"),
        "{}",
        unused.err
    );
    assert_eq!(unused.status, 0);
    for threads in [1, 3] {
        let again = folder.run(&format!("check -j{threads} --today 2026-12-31 --format ndjson orders.ndjson"));
        assert_eq!(again.whole(), ran.whole());
    }
}

#[test]
fn a_wrong_waiver_is_an_error() {
    let folder = Folder::new("waiver-wrong");
    let rest = "reason = \"r\"\nuntil = 2026-12-31\n";
    let until = |day: &str| format!("[[waiver]]\ncust_ref = \"A\"\nrule = \"OC105\"\nreason = \"r\"\nuntil = {day}\n");
    for (text, expected) in [
        (format!("[[waiver]]\nrule = \"OC105\"\n{rest}"), "1:1: expected cust_ref or source"),
        (format!("[[waiver]]\ncust_ref = []\nrule = \"OC105\"\n{rest}"), "1:1: expected cust_ref or source"),
        (format!("[[waiver]]\ncust_ref = \"A\"\n{rest}"), "1:1: expected rule or mistake"),
        (
            format!("[[waiver]]\ncust_ref = \"A\"\nrule = \"OC105\"\nmistake = \"unit-price-rounded\"\n{rest}"),
            "4:11: expected either rule or mistake in the waiver, found both",
        ),
        (
            format!("[[waiver]]\ncust_ref = 3\nrule = \"OC105\"\n{rest}"),
            "2:12: expected a string or a list of strings for cust_ref, found a number",
        ),
        (
            format!("[[waiver]]\nsource = [\"A\", 3]\nrule = \"OC105\"\n{rest}"),
            "2:16: expected a list of strings for source, found a number",
        ),
        (
            format!("[[waiver]]\ncust_ref = \"A\"\nrul = \"OC105\"\n{rest}"),
            "3:1: no key of a waiver is called \"rul\": did you mean rule?",
        ),
        (
            format!("\n[[waiver]]\ncust_ref = \"A\"\nrule = \"OC1055\"\n{rest}"),
            "4:8: no rule is called \"OC1055\": did you mean OC105? (`ordercharge explain` lists all names)",
        ),
        (
            format!("[[waiver]]\ncust_ref = \"A\"\nrule = 105\n{rest}"),
            "3:8: expected a string for rule, found a number",
        ),
        (
            format!("[[waiver]]\ncust_ref = \"A\"\nmistake = \"unit-price-round\"\n{rest}"),
            "3:11: no mistake is called \"unit-price-round\": did you mean unit-price-rounded?",
        ),
        (
            "[[waiver]]\ncust_ref = \"A\"\nrule = \"OC105\"\nuntil = 2026-12-31\n".to_owned(),
            "1:1: expected a reason in the waiver, such as reason = ",
        ),
        (
            "[[waiver]]\ncust_ref = \"A\"\nrule = \"OC105\"\nreason = \"r\"\n".to_owned(),
            "1:1: expected the last day of the waiver, such as until = 2026-12-31",
        ),
        (
            "[[waiver]]\ncust_ref = \"A\"\nrule = \"OC105\"\nreason = \" \"\nuntil = 2026-12-31\n".to_owned(),
            "4:10: expected a reason in the waiver, found a blank one",
        ),
        (until("07:32:00"), "5:9: expected a date such as 2026-12-31 for until, found 07:32:00"),
        (until("\"2027-12-31\""), "5:9: write the date without quotes: until = 2027-12-31"),
        (until("\"soon\""), "5:9: expected a date such as 2026-12-31 for until, found a string"),
        (until("2026-02-30"), "5:"),
        ("waiver = 3\n".to_owned(), "1:10: expected [[waiver]], found a number"),
        ("waiver = [3]\n".to_owned(), "1:11: expected a table, found a number"),
        (
            format!("all = true\n[waiver]\ncust_ref = \"A\"\nrule = \"OC105\"\n{rest}"),
            "2:2: write [[waiver]] with two brackets",
        ),
    ] {
        let said = said(&folder, &text);
        assert!(said.starts_with(&format!("ordercharge.toml:{expected}")), "{text}: {said}");
    }
    assert_eq!(folder.run("check --no-config --today tomorrow x").status, 2);
}

#[test]
fn with_a_baseline_only_new_findings_fail() {
    let named = |name: &str| minified(WRONG).replace("TEST02", name);
    let without = minified(WRONG).replace(r#""cust_ref": "TEST02","#, "");
    let folder =
        Folder::new("baseline").with("old.ndjson", format!("{}\n{without}\n{RIGHT}\n{}\n", named("B"), named("A")));
    let written = folder.run("check --write-baseline known.ndjson old.ndjson");
    assert_eq!((written.status, written.out.as_str()), (0, ""), "{}", written.whole());
    assert!(written.err.contains("9 findings written to the baseline known.ndjson"), "{}", written.err);
    let text = folder.read("known.ndjson");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..2], [r#"{"format":1,"type":"baseline"}"#, r#"["A","OC101","/items/0/extended_amount"]"#]);
    assert_eq!(lines.len(), 10);
    assert!(lines[1..].is_sorted());
    assert!(!text.contains("Example Company"));
    let known = folder.run("check --baseline known.ndjson --format ndjson old.ndjson");
    assert_eq!((known.status, known.records().len()), (0, 1), "{}", known.whole());
    assert_eq!(
        known.records()[0]["baseline"],
        serde_json::json!({"file": "known.ndjson", "findings": 9, "gone": 0, "written": null})
    );
    // One is new, and the others are gone.
    let folder = folder.with("new.ndjson", format!("{}\n{}\n", named("A"), named("C")));
    for threads in [1, 3] {
        let new = folder.run(&format!("check -j{threads} --baseline known.ndjson --format ndjson new.ndjson"));
        let records = new.records();
        assert_eq!((new.status, records.len(), &records[0]["cust_ref"]), (1, 2, &"C".into()), "{}", new.whole());
        assert_eq!(
            records[1]["baseline"],
            serde_json::json!({"file": "known.ndjson", "findings": 3, "gone": 6, "written": null})
        );
        assert!(
            new.err.contains("6 findings of the baseline gone; --write-baseline known.ndjson leaves them out"),
            "{}",
            new.err
        );
    }
    // An order without a name is known by its text.
    let changed = without.replace("\"C100\"", "\"C101\"");
    assert_eq!(folder.pipe("check --baseline known.ndjson", &without).status, 0);
    assert_eq!(folder.pipe("check --baseline known.ndjson", changed).status, 1);
    // A configured baseline is beside the configuration, and is not read when it is written.
    let folder = folder.with("ordercharge.toml", "baseline = \"b/known.ndjson\"\n");
    fs::create_dir_all(folder.0.join("b/c")).unwrap();
    let missing = folder.run("check old.ndjson");
    assert_eq!(missing.status, 2);
    assert!(
        missing.err.contains("cannot read the baseline b/known.ndjson")
            && missing.err.contains("`ordercharge check --write-baseline b/known.ndjson`"),
        "{}",
        missing.err
    );
    // An input that cannot be read leaves the baseline as it was.
    assert_eq!(folder.run("check --write-baseline known.ndjson missing.json old.ndjson").status, 2);
    assert_eq!(folder.read("known.ndjson"), text);
    assert_eq!(folder.run("check --no-config --write-baseline - old.ndjson").status, 2);
}

#[test]
fn a_corrupt_baseline_is_an_error() {
    let folder = Folder::new("baseline-corrupt");
    let head = "{\"format\":1,\"type\":\"baseline\"}\n";
    for (text, place) in [
        (String::new(), "b:1: "),
        ("{}\n".to_owned(), "b:1: "),
        (head.replace('1', "2"), "b:1: "),
        (format!("{head}[\"A\",\"OC105\",\"/grand_total\"]"), "b:2: expected the end of a line"),
        (format!("{head}<<<<<<< HEAD\n"), "b:2: expected a finding"),
        (format!("{head}[\"A\",\"OC999\",\"/grand_total\"]\n"), "b:2: "),
        (format!("{head}[null,\"OC105\",\"/grand_total\"]\n"), "b:2: "),
        (format!("{head}[\"A\",\"OC105\",\"grand_total\"]\n"), "b:2: "),
        (format!("{head}\n"), "b:2: "),
        (format!("{head}{}\n", "[".repeat(2 * 1024 * 1024)), "b:2: "),
    ] {
        let folder = Folder(folder.0.clone()).with("b", &text);
        let ran = folder.pipe("check --baseline b", RIGHT);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{:.100}: {}", text, ran.err);
        assert!(ran.err.contains(place) && ran.err.contains("--write-baseline b"), "{:.100}: {}", text, ran.err);
    }
    let folder = folder.with("b", b"{\"format\":1,\"type\":\"baseline\"}\n[\"\xff\",\"OC105\",\"/x\"]\n");
    assert_eq!(folder.pipe("check --baseline b", RIGHT).status, 2);
    assert_eq!(folder.pipe("check --baseline .", RIGHT).status, 2);
    // A file that ends its lines as Windows does is right, in any order.
    let folder = folder.with("b", format!("{head}[\"TEST02\", \"OC304\", \"/tax\"]\n[\"TEST02\",\"OC105\",\"/grand_total\"]\n[\"TEST02\",\"OC101\",\"/items/0/extended_amount\"]\n").replace('\n', "\r\n"));
    assert_eq!(folder.pipe("check --baseline b --fail-on warning", WRONG).status, 0);
}
