//! What a run that could not do its work leaves for those who see only a report of it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use util::{Folder, RIGHT, WRONG};

mod util;

/// The formats that say why a run is not complete.
const FORMATS: &[&str] = &["ndjson", "json", "html", "sarif", "github", "markdown", "junit", "metrics"];

#[test]
fn an_input_that_cannot_be_read_is_named_in_the_reports() {
    let folder = Folder::new("failure-input").with("right.json", RIGHT).with("empty.json", "");
    let reports: Vec<String> = FORMATS.iter().map(|format| format!("--report {format}=r.{format}")).collect();
    let ran = folder.run(&format!("check -q --format github {} no|pe.ndjson right.json empty.json", reports.join(" ")));
    assert_eq!(ran.status, 2, "{}", ran.whole());
    let missing = "cannot read no|pe.ndjson: No such file or directory (os error 2)";
    let empty = "no order found in empty.json: it is empty";
    assert_eq!(ran.err, format!("error: {missing}\nerror: {empty}\n"));
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], format!("::error title=ordercharge::{missing}"));
    assert_eq!(lines[1], format!("::error title=ordercharge::{empty}"));
    assert!(lines.len() == 3 && lines[2].starts_with("::notice title=ordercharge::1 order: 1 valid,"), "{}", ran.out);
    let file = |name: &str| folder.read(&format!("r.{name}"));
    let markdown = file("markdown").replace('\\', "").replace("&#58;", ":");
    assert!(markdown.contains(&format!("\n\n- error: {missing}\n- error: {empty}\n")), "{markdown}");
    let html = file("html");
    for why in [missing, empty] {
        assert!(html.contains(&format!("<p class=\"note\">Error: {why}</p>")), "{html}");
    }
    let sarif: Value = serde_json::from_str(&file("sarif")).unwrap();
    let invocation = &sarif["runs"][0]["invocations"][0];
    let said = invocation["toolExecutionNotifications"].as_array().unwrap();
    let texts: Vec<&str> = said.iter().map(|one| one["message"]["text"].as_str().unwrap()).collect();
    assert_eq!((texts, &said[0]["level"]), (vec![missing, empty], &"error".into()));
    assert_eq!(invocation["executionSuccessful"], false);
    let junit = file("junit");
    assert!(junit.contains("tests=\"2\" failures=\"0\" errors=\"1\""), "{junit}");
    assert!(
        junit.contains(&format!("<error message=\"{missing}\" type=\"run\">{missing}\n{empty}</error>")),
        "{junit}"
    );
    let summary: Value = serde_json::from_str(file("ndjson").lines().last().unwrap()).unwrap();
    assert_eq!(summary["errors"], serde_json::json!([missing, empty]));
    assert!(file("metrics").contains("ordercharge_complete 0\n"));
    // Saved records say the same.
    for name in FORMATS {
        let again = folder.run(&format!("report r.ndjson --format {name}"));
        assert_eq!((again.status, again.out), (2, file(name)), "{name}");
    }
    // Of many files, the first ones are named.
    let many: Vec<String> = (0..13).map(|at| format!("m{at}")).collect();
    let ran = folder.run(&format!("check -q --format github {} right.json", many.join(" ")));
    let errors: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 11, "{}", ran.out);
    assert_eq!(errors[10], "::error title=ordercharge::3 more errors are not listed here");
    // `compare` names its inputs too.
    let ran = folder.run("compare -q --format github nope.json right.json");
    assert!(ran.out.starts_with("::error title=ordercharge::nope.json: cannot read it: No such file"), "{}", ran.out);
}

/// A code says nothing to a person who reads the summary of a CI job.
#[test]
fn markdown_names_the_rules() {
    let ran = Folder::new("markdown-names").pipe("check --format markdown", WRONG);
    assert!(ran.out.contains("| OC101 extended-amount | 1 |\n"), "{}", ran.out);
    assert!(ran.out.contains("| misnamed-field | 1 |\n"), "{}", ran.out);
}

#[test]
fn an_output_that_cannot_be_written_is_annotated_once() {
    let folder = Folder::new("failure-output").with("wrong.json", WRONG);
    let ran = folder.run("check -q --format github --report csv=/dev/full wrong.json");
    assert_eq!(ran.status, 2);
    let errors: Vec<&str> = ran.out.lines().filter(|line| line.contains("/dev/full")).collect();
    assert_eq!(errors, ["::error title=ordercharge::cannot write to /dev/full: No space left on device (os error 28)"]);
    assert_eq!(ran.err.matches("/dev/full").count(), 1, "{}", ran.err);
}

/// A report that is made at the end fails when all findings are written. The records still say so.
#[test]
fn a_report_that_fails_at_its_end_is_in_the_records() {
    let folder = Folder::new("failure-end").with("wrong.json", WRONG).with("right.json", RIGHT);
    for gathered in ["html", "markdown", "junit", "metrics"] {
        let broken = format!("--report {gathered}=/dev/full");
        for (command, inputs) in [("check", "wrong.json"), ("compare", "right.json wrong.json")] {
            for reports in [format!("{broken} --report json=r.json"), format!("--report json=r.json {broken}")] {
                let args = format!("{command} -q {reports} {inputs}");
                let ran = folder.run(&args);
                let records: Value = serde_json::from_str(&folder.read("r.json")).unwrap();
                let summary = records.as_array().unwrap().last().unwrap();
                let why = "cannot write to /dev/full: No space left on device (os error 28)";
                assert_eq!(summary["errors"], json!([why]), "{args}: {}", ran.err);
                assert_eq!(
                    (ran.status, &summary["complete"], &summary["exit"]),
                    (2, &json!(false), &json!(2)),
                    "{args}"
                );
                assert_eq!(ran.err.matches("/dev/full").count(), 1, "{args}: {}", ran.err);
            }
        }
    }
}

/// A run that ends before it has a report still has its annotation.
#[test]
fn a_run_that_does_not_begin_is_annotated() {
    let folder = Folder::new("failure-begin").with("right.json", RIGHT).with("wrong.toml", "fromat = 1\n");
    let begin = "::error title=ordercharge::";
    for (args, expected) in [
        ("check --format github --baseline nope right.json", "cannot read the baseline nope: No such file"),
        ("check --format=github --baseline nope right.json", "cannot read the baseline nope: No such file"),
        ("check --format github --config wrong.toml right.json", "wrong.toml:1:1: no option is called \"fromat\""),
        ("check --format github --config no.toml right.json", "cannot read the configuration file no.toml: "),
        ("check --rounding up --format github right.json", "invalid value 'up' for '--rounding <HOW>': "),
        (
            "check --format github --fail-on x right.json",
            "invalid value 'x' for '--fail-on <LEVEL>' [possible values: error",
        ),
        (
            "check --format github --report sarf=x right.json",
            "invalid value 'sarf=x' for '--report <FORMAT=PATH>': no format",
        ),
        ("check --format github --report sarif=no/folder right.json", "cannot write to no/folder: "),
        ("check --format github --select OC105 --ignore OC105 right.json", "expected at least one rule"),
        ("report no%25.ndjson --format github", "cannot read no%2525.ndjson: No such file"),
        ("compare --format github --cart-table no.toml right.json right.json", "cannot read no.toml: "),
    ] {
        let ran = folder.run(args);
        assert!(ran.status == 2 && ran.out.starts_with(&format!("{begin}{expected}")), "{args}: {}", ran.whole());
        assert_eq!(ran.out.lines().count(), 1, "{args}: {}", ran.whole());
        assert!(ran.err.starts_with("error: "), "{args}: {}", ran.err);
        // The words are those of standard error.
        let said = ran.out.trim_end().strip_prefix(begin).unwrap().replace("%25", "%");
        assert!(ran.err.split_whitespace().collect::<Vec<_>>().join(" ").contains(&said), "{args}: {}", ran.whole());
        let other = folder.run(&args.replace("github", "csv"));
        assert_eq!((other.status, other.out.as_str()), (2, ""), "{args}: {}", other.whole());
    }
    // The configuration may ask for the format.
    let folder = folder.with("ordercharge.toml", "format = \"github\"\nbaseline = \"nope\"\n");
    assert!(folder.run("check right.json").out.starts_with(&format!("{begin}cannot read the baseline nope")));
    assert_eq!(folder.run("check --format csv right.json").out, "");
    // Orders on standard output are not mixed with it.
    for output in ["--write-valid -", "--write-valid=-", "--report csv=-", "--report=csv=-"] {
        let ran = folder.run(&format!("check --format github {output} right.json"));
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{output}");
        assert!(ran.err.contains(&format!("{begin}cannot read the baseline nope")), "{output}: {}", ran.err);
    }
    // Help is no failure, and names after `--` are files.
    assert!(!folder.run("check --format github --help").whole().contains("::"));
    assert_eq!(folder.run("check --no-config --baseline nope -- --format=github").out, "");
}
