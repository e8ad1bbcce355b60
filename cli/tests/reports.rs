//! Reports of `check --report` and of `report`: the same whichever way they are made, in every format.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::Value;
use util::{Folder, RIGHT, WRONG, minified};

mod util;

/// The formats that are made from records.
const FORMATS: &[&str] =
    &["ndjson", "json", "html", "sarif", "github", "markdown", "gitlab", "junit", "metrics", "csv"];

/// A folder with orders of every rule and every mistake, right ones, and what cannot be read.
fn corpus(test: &str) -> Folder {
    let folder = Folder::new(test);
    let faulty = folder.run("generate --count 300 --seed 5 --fault any --style any").out;
    let right = folder.run("generate --count 20 --seed 6").out;
    let hostile = r#"{"cust_ref":"=1+2,\"<script>alert(1)</script>\u001b[31m|%0A::error::x\n[a](b){0}","order_source":"@x'\"<b>","grand_total":"7.00","tax":"1","items":[{"price":"5.00","quantity":1}]}"#;
    folder
        .with("a b&'\"<ü>.ndjson", format!("{faulty}{right}oops\n{hostile}\n"))
        .with("small.ndjson", format!("{}\n{RIGHT}\n", minified(WRONG)))
}

#[test]
fn a_report_of_saved_records_is_that_of_the_check() {
    let folder = corpus("saved");
    let inputs = "a\\ b\\&\\'\\\"\\<ü\\>.ndjson small.ndjson";
    for all in ["", "--all"] {
        let direct: Vec<String> = FORMATS.iter().map(|format| format!("--report {format}=direct.{format}")).collect();
        let checked = folder.shell(&format!("$OC check -q {all} -j 2 {} {inputs} --format ndjson", direct.join(" ")));
        assert_eq!(checked.status, 2, "{}", checked.err);
        assert_eq!(checked.out, folder.read("direct.ndjson"));
        let folder_records = Folder(folder.0.clone()).with("records.ndjson", &checked.out);
        for records in ["records.ndjson", "direct.json"] {
            let saved: Vec<String> = FORMATS.iter().map(|format| format!("--report {format}=saved.{format}")).collect();
            let reported = folder_records.run(&format!("report {records} {}", saved.join(" ")));
            assert_eq!((reported.status, reported.out.as_str(), reported.err.as_str()), (2, "", ""));
            for format in FORMATS {
                let [direct, saved] = ["direct", "saved"].map(|name| folder_records.read(&format!("{name}.{format}")));
                assert!(direct == saved, "{format} of {records} {all}");
                // Standard output gets the same bytes with any number of threads, and the exit status is the same.
                let alone = folder_records.shell(&format!("$OC check -q {all} -j 1 --format {format} {inputs}"));
                assert!((alone.status, &alone.out) == (2, &direct), "{format} {all}");
                assert!(folder_records.run(&format!("report {records} --format {format}")).out == direct, "{format}");
            }
        }
    }
}

#[test]
fn the_exit_status_is_the_same_in_every_format() {
    let folder = Folder::new("statuses").with("right.json", RIGHT).with("wrong.json", WRONG).with("bad.json", "oops");
    for format in ["human", "short"].iter().chain(FORMATS) {
        for (inputs, status) in [
            ("right.json", 0),
            ("wrong.json right.json", 1),
            ("wrong.json --max-invalid 1", 0),
            ("wrong.json --fail-on never", 0),
            ("bad.json wrong.json", 2),
            ("missing.json", 2),
        ] {
            assert_eq!(folder.run(&format!("check -q --format {format} {inputs}")).status, status, "{format} {inputs}");
            let file = folder.run(&format!("check -q --report {format}=report {inputs}"));
            assert_eq!(file.status, status, "{format} {inputs}: {}", file.err);
        }
    }
}

#[test]
fn reports_and_the_places_they_go_to() {
    let folder = Folder::new("places").with("wrong.json", WRONG).with("records.ndjson", "{}\n");
    let folder = folder.with("order.ndjson", r#"{"record_no":3,"format":null,"items":[{"price":1,"quantity":1}]}"#);
    let usage = |args: &str| {
        let ran = folder.run(args);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args}");
        ran.err
    };
    assert!(usage("check wrong.json --report sarf=x").contains("did you mean sarif?"));
    assert!(usage("check wrong.json --report sarif").contains("expected FORMAT=PATH"));
    assert!(usage("check wrong.json --report sarif=").contains("expected FORMAT=PATH"));
    assert!(usage("check wrong.json --report csv=x --report json=./x").contains("different files"));
    assert!(usage("check wrong.json --report csv=wrong.json").contains("another file"));
    assert!(usage("check wrong.json --report csv=- --report json=-").contains("only one"));
    assert!(usage("check wrong.json --report csv=no/folder").contains("cannot write to no/folder"));
    assert!(usage("report records.ndjson").contains("--format <FORMAT>|--report <FORMAT=PATH>"));
    assert!(usage("report order.ndjson --format csv").contains(
        "cannot read order.ndjson: line 1: this is an order, not a record: make records with `ordercharge check --format ndjson`"
    ));
    assert!(usage("report records.ndjson --format csv").contains("line 1: expected a record"));
    assert!(usage("report records.ndjson --report human=x").contains("human needs the orders"));
    assert!(usage("report wrong.json --format human").contains("possible values"));
    // One goes to standard output: then the standard report is on standard error.
    let both = folder.run("check -q wrong.json --report ndjson=- --format short");
    assert_eq!(both.records().len(), 2);
    assert!(both.err.starts_with("wrong.json:"), "{}", both.err);
    // Nothing is written over what is there until the report is complete.
    let folder = folder.with("there", "as it was").with("cut.ndjson", without_summary(&both.out));
    assert!(folder.run("report cut.ndjson --report csv=there").err.contains("cut short"));
    assert_eq!(folder.read("there"), "as it was");
    assert_eq!(folder.run("check -q wrong.json --report csv=there").status, 1);
    assert!(folder.read("there").starts_with("kind,severity,"));
    assert!(folder.names().iter().all(|name| !name.contains(".part")), "{:?}", folder.names());
}

/// Records without their summary.
fn without_summary(records: &str) -> String {
    records.lines().next().unwrap().to_owned() + "\n"
}

#[test]
fn a_full_disk_or_a_closed_pipe() {
    let folder = Folder::new("full").with("wrong.json", WRONG);
    let full = folder.run("check -q wrong.json --report sarif=/dev/full --report csv=good.csv");
    assert_eq!(full.status, 2);
    assert!(full.err.contains("cannot write to /dev/full"), "{}", full.err);
    assert!(folder.read("good.csv").contains("violation"));
    let closed = folder.shell("$OC check wrong.json --format sarif --report json=all.json | true; cat all.json");
    assert_eq!(serde_json::from_str::<Vec<Value>>(&closed.out).unwrap().len(), 2, "{}", closed.err);
}

#[test]
fn all_formats_count_the_same() {
    let folder = corpus("counts");
    let reports: Vec<String> = FORMATS.iter().map(|format| format!("--report {format}=r.{format}")).collect();
    let ran = folder.shell(&format!("$OC check -q --format ndjson {} *.ndjson", reports.join(" ")));
    let records = ran.records();
    let (summary, orders) = records.split_last().unwrap();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let violations: usize = orders.iter().map(|order| list(&order["violations"]).len()).sum();
    let findings: usize = orders
        .iter()
        .map(|order| {
            let alone = list(&order["violations"]).iter().filter(|violation| violation["diagnosis"] != 0).count();
            alone + usize::from(!list(&order["diagnoses"]).is_empty()) + usize::from(!order["error"].is_null())
        })
        .sum();
    assert!(findings > 300, "{findings}");

    let sarif: Value = serde_json::from_str(&folder.read("r.sarif")).unwrap();
    assert_eq!(list(&sarif["runs"][0]["results"]).len(), findings);
    assert_eq!(sarif["runs"][0]["properties"]["summary"], *summary);
    let gitlab: Vec<Value> = serde_json::from_str(&folder.read("r.gitlab")).unwrap();
    assert_eq!(gitlab.len(), findings);
    let csv = folder.read("r.csv");
    let rows = |kind: &str| csv.lines().filter(|line| line.starts_with(kind)).count();
    assert_eq!((rows("violation,"), rows("unreadable,")), (violations, 1));
    let metrics = folder.read("r.metrics");
    let sum = |name: &str| -> u64 {
        let samples = metrics.lines().filter(|line| line.starts_with(&format!("{name}{{")));
        samples.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    };
    assert_eq!(sum("ordercharge_violations"), violations as u64);
    assert_eq!(sum("ordercharge_orders"), summary["orders"].as_u64().unwrap());
    let junit = folder.read("r.junit");
    let property = |name: &str| {
        let (_, rest) = junit.split_once(&format!("<property name=\"{name}\" value=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse::<u64>().unwrap()
    };
    assert_eq!(property("findings"), findings as u64);
    for name in ["orders", "valid", "invalid", "unreadable", "exit"] {
        assert_eq!(property(name), summary[name].as_u64().unwrap(), "{name}");
    }
    let failures = junit.matches("<failure ").count() as u64;
    assert_eq!(failures, summary["invalid"].as_u64().unwrap());
    assert!(junit.contains(&format!(" failures=\"{failures}\" errors=\"1\"")));
    let html = folder.read("r.html");
    for name in ["orders", "valid", "invalid"] {
        assert!(html.contains(&format!("<strong>{}</strong> {name}", summary[name])), "{name}");
    }
    assert!(html.contains(&format!("of {} orders with a finding", orders.len() - 1)));
    let shown = 10;
    let rest = format!("{} more have a finding", orders.len() - shown);
    assert!(folder.read("r.github").contains(&rest), "{rest}");
    assert!(folder.read("r.markdown").contains(&format!("{} more orders are not listed", orders.len() - shown)));
    for report in ["r.github", "r.markdown"] {
        let text = folder.read(report);
        assert!(text.contains(&format!("{} invalid", summary["invalid"])), "{report}");
    }
}

/// A warning on both lines, and the error that makes the order invalid.
const STORED: &str = r#"{"cust_ref":"K-1","currency_code":"KES","sub_total":"36","sales_tax":"2.25","grand_total":"38.25","items":[{"price":"18","quantity":"1","tax":"1.125"},{"price":"18","quantity":"1","tax":"1.125"}]}"#;

#[test]
fn an_error_headlines_an_order_before_a_warning() {
    let folder = Folder::new("headline").with("stored.json", STORED).with("wrong.json", minified(WRONG));
    let of = |format: &str| folder.run(&format!("check -q --format {format} stored.json")).out;
    let cause = "sales_tax is 2.25, which is right as stated";
    for format in ["human", "short", "github", "gitlab", "sarif", "junit", "html", "markdown"] {
        let text = of(format);
        let [error, warning] = [cause, "with 3 decimals"].map(|words| text.replace("\\_", "_").find(words));
        // Markdown shows nothing but the headline of an order.
        assert!(error.is_some() && warning.is_none_or(|at| at > error.unwrap()), "{format}\n{text}");
    }
    assert!(of("short").starts_with("stored.json:1:70: error: sales_tax"), "{}", of("short"));
    assert!(of("junit").contains("type=\"OC209\""));
    assert!(of("html").contains("<a href=\"#finding-OC209\">"));
    // A diagnosis that explains only warnings comes after an error.
    let rules = "--severity OC101=warning,OC105=warning,OC106=error";
    let folder = folder.with("both.json", minified(WRONG).replacen('{', "{\"balance\":3,", 1));
    let of = |format: &str| folder.run(&format!("check -q {rules} --format {format} both.json")).out;
    for format in ["human", "short", "github", "markdown", "csv"] {
        let text = of(format).replace("\\_", "_");
        let [error, warning] = ["balance is 3", "under another name"].map(|words| text.find(words));
        assert!(error.is_some() && warning.is_none_or(|at| at > error.unwrap()), "{format}\n{text}");
    }
    assert!(of("human").starts_with("error: balance is 3"));
}

#[test]
fn sentences_have_the_line_and_the_decimals_of_the_currency() {
    let order = r#"{"cust_ref":"U-1","currency_code":"USD","grand_total":"21.5","items":[{"price":"$12.50","quantity":1},{"price":"9","discount":"10.5","quantity":1}]}"#;
    let folder = Folder::new("sentences").with("order.json", order).with("stored.json", STORED);
    let of = |format: &str, name: &str| {
        let text = folder.run(&format!("check -q --format {format} {name}")).out.replace("\\_", "_");
        text.replace("&#x2f;", "/").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for format in ["human", "short", "ndjson", "github", "gitlab", "sarif", "junit", "html", "csv"] {
        let text = of(format, "order.json");
        assert!(text.contains("price of line 1 holds a string with a currency sign"), "{format}\n{text}");
        assert!(
            text.contains("discount of line 2 is 10.50, expected at most the price of the item, 9.00"),
            "{format}\n{text}"
        );
        let text = of(format, "stored.json");
        assert!([1, 2].iter().all(|line| text.contains(&format!("tax of line {line} is 1.125, with 3"))), "{format}");
    }
}

#[test]
fn rows_of_csv_say_what_to_write_and_what_is_an_alternative() {
    let either = r#"{"cust_ref":"U-1","sub_total":"14","order_discount":"2","grand_total":"14","items":[{"price":"14","quantity":1,"extended_amount":"14"}]}"#;
    let folder = Folder::new("csv-rows").with("either.json", either).with("stored.json", STORED);
    let rows = |name: &str| -> Vec<String> {
        let text = folder.run(&format!("check -q --format csv {name}")).out;
        assert!(!text.contains('`'), "{text}");
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let shown = ["kind", "diagnosis", "code", "order_line", "field", "stated", "expected", "right", "difference"];
        let at = shown.map(|name| header.iter().position(|column| column == name).unwrap());
        lines.map(|cells| at.map(|at| cells[at].clone()).join(",")).collect()
    };
    assert_eq!(
        rows("either.json"),
        [
            "violation,explained,OC105,,grand_total,14,12,,2",
            "culprit,1 of 2,,,order_discount,2,,0,2",
            "culprit,2 of 2,,,grand_total,14,,12,2",
        ]
    );
    assert_eq!(
        rows("stored.json"),
        [
            "violation,,OC209,,sales_tax,2.25,2.26,,-0.01",
            "violation,,OC208,1,tax,1.125,,,",
            "violation,,OC208,2,tax,1.125,,,",
        ]
    );
    // The other formats name the alternative too.
    for format in ["human", "short", "github", "gitlab", "sarif", "junit", "html", "markdown"] {
        let text = folder.run(&format!("check -q --format {format} either.json")).out.replace("\\_", "_");
        assert!(text.contains("grand_total was calculated without the discount"), "{format}\n{text}");
    }
    // Every column is documented.
    let header = folder.run("check -q --format csv either.json").out.lines().next().unwrap().to_owned();
    let page = include_str!("../../docs/output.md");
    let (_, table) = page.split_once("## The columns of CSV").unwrap();
    let documented = table.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
    let documented = documented.take_while(|line| line.starts_with("| "));
    let names = documented.flat_map(|line| line.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    assert_eq!(names.collect::<Vec<_>>().join(","), header);
}

#[test]
fn every_field_with_a_violation_is_in_the_table_of_the_page() {
    let odd = r#"{"cust_ref":"O-1","currency_code":"usd","tax":"3","grand_total":"","sales_tax":1,"sales_tax":2,"items":[{"price":"$12.50"},7,{"price":"9","discount":"10.5","quantity":1}]}"#;
    let folder = Folder::new("table").with("odd.json", odd).with("stored.json", STORED).with("wrong.json", WRONG);
    let rows = |name: &str, class: &str| -> Vec<String> {
        let page = folder.run(&format!("check -q --format html {name}")).out;
        let rows = page.lines().filter(|line| line.starts_with(&format!("<tr{class}><th scope=\"row\">")));
        let cells = |line: &str| {
            line.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.to_owned()).collect()
        };
        let cells = rows.map(|line| -> Vec<String> { cells(line) });
        cells.map(|cells| cells.into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" | ")).collect()
    };
    let wrong = |name: &str| rows(name, " class=\"wrong\"");
    assert_eq!(
        wrong("stored.json"),
        [
            "tax of line 1 | 1.125 | OC208 excess-precision",
            "tax of line 2 | 1.125 | OC208 excess-precision",
            "sales_tax | 2.25 | 2.26 | OC209 breaks-in-storage",
        ]
    );
    assert_eq!(
        wrong("odd.json"),
        [
            "quantity of line 1 | unset | OC203 quantity",
            "price of line 1 | not an amount | OC301 invalid-amount",
            "line 2 | not an object | OC306 no-items",
            "discount of line 3 | 10.50 | OC205 discount-exceeds-price",
            "sales_tax | more than once | OC303 duplicate-field",
            "grand_total | empty | OC305 empty-amount",
            "currency_code | not a known code | OC307 unknown-currency",
        ]
    );
    // What a diagnosis blames is wrong, what it explains is not, but for an amount under another name.
    assert_eq!(
        wrong("wrong.json"),
        [
            "extended_amount of line 1 | 9.00 | 8.80 | OC101 extended-amount",
            "order_discount | 2.00 | 0.00 | wrong",
            "sales_tax | unset | 1.00 | wrong",
            "tax | 1.00 | OC304 misnamed-field",
        ]
    );
    assert!(rows("wrong.json", "").contains(&"grand_total | 15.00 | agrees with the others".to_owned()));
}

#[test]
fn an_order_is_at_one_position_in_every_format() {
    let folder = corpus("positions");
    let of =
        |format: &str| folder.run(&format!("check -q --max-shown 1000000 --format {format} small.ndjson {CORPUS}")).out;
    // The first line of `short` for each order, which also shows its name.
    let mut short: Vec<(String, String)> = Vec::new();
    for line in of("short").lines() {
        let (place, rest) = line.split_once(": ").unwrap();
        let order =
            rest.rsplit_once(" (order ").map_or(String::new(), |(_, name)| name.trim_end_matches(')').to_owned());
        if !rest.starts_with("note: ") && short.last().is_none_or(|(_, last)| *last != order) {
            short.push((place.to_owned(), order));
        }
    }
    assert!(short.len() > 250, "{}", short.len());
    let human: Vec<String> =
        of("human").lines().filter_map(|line| Some(line.trim_start().strip_prefix("--> ")?.to_owned())).collect();
    let places = |named: &[(String, String)]| named.iter().map(|(place, _)| place.clone()).collect::<Vec<_>>();
    let human: Vec<String> = human.iter().map(|line| line.split(" (order ").next().unwrap().to_owned()).collect();
    assert_eq!(human, places(&short));
    let junit = of("junit");
    let cases = junit
        .split("<testcase ")
        .skip(1)
        .filter(|case| case.contains("classname=\"small") || case.contains("classname=\"a b"));
    let lines = cases.filter_map(|case| {
        let (_, text) =
            case.split_once("<failure ").or(case.split_once("<error ")).or(case.split_once("<system-out"))?;
        text.split_once('>')?.1.split_once(": ").map(|(place, _)| unescaped(place))
    });
    assert_eq!(lines.collect::<Vec<_>>(), places(&short));
}

/// The name of the first file of a corpus, as an argument.
const CORPUS: &str = "a?b*.ndjson";

/// A text of XML.
fn unescaped(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, char)| text.replace(entity, char))
}

/// What waivers and a baseline accept is in each format that has a place for it.
#[test]
fn all_formats_count_what_is_accepted() {
    let waivers = r#"
[[waiver]]
cust_ref = "TEST02"
rule = "OC101"
reason = "Ticket 1"
until = 2026-12-31
[[waiver]]
cust_ref = "TEST02"
rule = "OC105"
reason = "Over"
until = 2026-01-31
[[waiver]]
cust_ref = "|[x](y)\u001b%0A::error::,:"
rule = "OC105"
reason = "Of no order"
until = 2026-12-31
"#;
    let named = |name: &str| minified(WRONG).replace("TEST02", name) + "\n";
    let folder = Folder::new("accepted")
        .with("old.ndjson", named("A") + &named("B"))
        .with("orders.ndjson", named("A") + &named("TEST02"))
        .with("ordercharge.toml", waivers);
    assert_eq!(folder.run("check -q --no-config --write-baseline known old.ndjson").status, 0);
    let reports: Vec<String> = FORMATS.iter().map(|format| format!("--report {format}=r.{format}")).collect();
    let args = format!("--today 2026-06-30 --baseline known {} orders.ndjson", reports.join(" "));
    let ran = folder.run(&format!("check --format ndjson {args}"));
    assert_eq!(ran.status, 1, "{}", ran.whole());
    let summary = ran.records().pop().unwrap();
    let file = |name: &str| folder.read(&format!("r.{name}"));
    let (waived, known, gone) =
        ("1 finding of 1 order waived", "3 findings known from the baseline", "3 findings of the baseline gone");
    let ended = "the waiver for OC105 of TEST02 ended on 2026-01-31";
    let unused = "waives nothing in this run";
    for name in ["github", "markdown", "html", "junit", "sarif"] {
        // Markdown escapes its signs, SARIF those of its messages, and the commands of GitHub the end of a line.
        let text = file(name).replace("&#58;", ":").replace('\\', "");
        for sentence in [waived, known, gone, ended, unused] {
            assert!(text.contains(sentence), "{name}: {sentence}: {text}");
        }
        assert!(!text.contains('\u{1b}'), "{name}");
    }
    let github = file("github");
    let warnings: Vec<&str> = github.lines().filter(|line| line.starts_with("::warning ")).collect();
    let place = "::warning file=ordercharge.toml,line=7,title=ordercharge::";
    assert_eq!(warnings[0], format!("{place}{ended}"));
    assert!(warnings.len() == 2 && warnings[1].starts_with("::warning file=ordercharge.toml,line=12,"), "{github}");
    assert!(github.lines().all(|line| line.starts_with("::")), "{github}");
    assert!(file("markdown").contains("- ordercharge.toml&#58;7&#58; the waiver for OC105"), "{}", file("markdown"));
    let sarif: Value = serde_json::from_str(&file("sarif")).unwrap();
    let said = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let levels: Vec<&str> = said.iter().map(|one| one["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["note", "note", "note", "warning", "warning"]);
    let physical = &said[3]["locations"][0]["physicalLocation"];
    assert_eq!(
        (&physical["artifactLocation"]["uri"], &physical["region"]["startLine"]),
        (&"ordercharge.toml".into(), &7.into())
    );
    let metrics = file("metrics");
    for sample in [
        "ordercharge_accepted_findings{by=\"waivers\"} 1",
        "ordercharge_accepted_findings{by=\"baseline\"} 3",
        "ordercharge_waivers{state=\"expired\"} 1",
        "ordercharge_waivers{state=\"unused\"} 1",
        "ordercharge_gone_findings 3",
    ] {
        assert!(metrics.lines().any(|line| line == sample), "{sample}: {metrics}");
    }
    for property in ["name=\"waived_findings\" value=\"1\"", "name=\"baseline_findings\" value=\"3\""] {
        assert!(file("junit").contains(property), "{property}");
    }
    for line in [waived, known, gone, ended, unused] {
        assert!(ran.err.contains(line), "{line}: {}", ran.err);
    }
    assert_eq!((&summary["waivers"]["findings"], &summary["baseline"]["findings"]), (&1.into(), &3.into()));
    // Saved records say the same.
    for name in FORMATS {
        let again = folder.run(&format!("report r.ndjson --format {name}"));
        assert_eq!((again.status, again.out), (1, file(name)), "{name}");
    }
    // Without a finding that is left, the page does not say that all is right.
    let right = folder.run("check --no-config --baseline known --format html old.ndjson");
    assert!(right.out.contains("All 2 orders are right, apart from accepted findings."), "{}", right.out);
}

#[test]
fn hostile_texts_stay_texts() {
    let folder = corpus("hostile-texts");
    let reports: Vec<String> = FORMATS.iter().map(|format| format!("--report {format}=r.{format}")).collect();
    folder.shell(&format!("$OC check -q {} *.ndjson", reports.join(" ")));
    for format in FORMATS {
        let text = folder.read(&format!("r.{format}"));
        assert!(!text.contains('\u{1b}'), "{format}");
        if *format != "ndjson" && *format != "json" && *format != "sarif" && *format != "gitlab" && *format != "csv" {
            assert!(!text.contains("<script") && !text.contains("'\"<b>"), "{format}");
        }
    }
    let csv = folder.read("r.csv");
    assert!(csv.contains("'=1+2") && csv.contains("'@x") && !csv.contains(",=1") && !csv.contains(",\"=1"));
    // A negative amount is a number, not a formula.
    assert!(csv.contains(",-"));
    let github = folder.read("r.github");
    assert!(github.lines().all(|line| line.starts_with("::")), "{github}");
}
