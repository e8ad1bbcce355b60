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
    // Global options before the command are no hindrance.
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
    // The same bytes with any number of threads.
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
