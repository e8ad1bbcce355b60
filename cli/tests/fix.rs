//! `fix`, and what `check` says of repairs and mappings: both are the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use util::{Folder, RIGHT, ROUNDED, Ran, minified, snapshot, unclear};

mod util;

#[test]
fn repairs_are_shown_and_written() {
    let input = format!("\u{feff}[{RIGHT},\r\n {ROUNDED} ]\noops\n");
    let folder = Folder::new("fix").with("orders.json", &input).with("other.json", ROUNDED);
    snapshot("fix-diff.txt", &folder.run("fix --unsafe --diff other.json").whole());
    // Nothing about it is safe.
    let safe = folder.run("fix other.json");
    assert_eq!((safe.status, safe.out.as_str()), (1, ROUNDED));
    assert!(safe.err.contains("--unsafe would repair 1 more order"), "{}", safe.err);

    let repaired = folder.run("fix -q --unsafe orders.json");
    assert_eq!(repaired.status, 2);
    let why = "error: orders.json: expected an order, or a list of orders, found `o` at line 11, column 1\n";
    assert_eq!(repaired.err, why);
    let by_hand = input.replace("\"price\": 30.67,", "\"price\": 30.6667,");
    assert_eq!(repaired.out, by_hand);

    assert_eq!(folder.run("fix -q --unsafe --output repaired.json orders.json").out, "");
    assert_eq!(folder.read("repaired.json"), by_hand);
    assert_eq!(folder.read("orders.json"), input);
    assert_eq!(folder.run("fix -q --unsafe --in-place orders.json other.json").out, "");
    assert_eq!(folder.read("orders.json"), by_hand);
    assert_eq!(folder.run("check other.json").status, 0);
    assert_eq!(folder.run("fix --unsafe --diff other.json").out, "", "a second time there is nothing to do");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 3, "nothing else is left behind");
    assert_eq!(folder.pipe("fix --in-place", RIGHT).status, 2);
}

#[test]
fn edits_are_printed_for_programs() {
    let safe = r#"{"cust_ref":"S1","balance":"3.00","grand_total":"5.00","items":[{"price":"5.00","quantity":1}]}"#;
    let orders = format!("{RIGHT}\n{}\n{}\noops\n[{safe}]\n", minified(ROUNDED), unclear("Shop", 1));
    let folder = Folder::new("edits").with("orders.ndjson", &orders);
    let ran = folder.run("fix --unsafe --edits ndjson orders.ndjson");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("2 of 5 orders would be repaired: 2 amounts to write"), "{}", ran.err);
    let records = ran.records();
    let expected = serde_json::json!([
        {"format": 1, "type": "repair", "source": "orders.ndjson", "index": 1, "line": 2, "cust_ref": "JT-1",
         "applicability": "unsafe", "edits": [{"path": "/items/0/price", "stated": "30.67", "value": "30.6667"}], "withheld": null},
        {"format": 1, "type": "repair", "source": "orders.ndjson", "index": 2, "line": 3, "cust_ref": "U1",
         "applicability": "unsafe", "edits": [],
         "withheld": "several diagnoses fit equally well: choose one with --prefer"},
        {"format": 1, "type": "repair", "source": "orders.ndjson", "index": 4, "line": 5, "cust_ref": "S1",
         "applicability": "safe", "edits": [{"path": "/balance", "stated": "3", "value": "0.00"}], "withheld": null},
    ]);
    assert_eq!(Value::from(records), expected);
    let patches = folder.run("fix --unsafe --edits json-patch orders.ndjson").records();
    let expected = serde_json::json!([
        {"format": 1, "type": "patch", "source": "orders.ndjson", "index": 1, "line": 2, "cust_ref": "JT-1",
         "patch": [{"op": "replace", "path": "/items/0/price", "value": 30.6667}]},
        {"format": 1, "type": "patch", "source": "orders.ndjson", "index": 4, "line": 5, "cust_ref": "S1",
         "patch": [{"op": "replace", "path": "/balance", "value": "0.00"}]},
    ]);
    assert_eq!(Value::from(patches), expected);
    assert_eq!(folder.read("orders.ndjson"), orders);
    // To a file, and nothing where nothing is written.
    assert_eq!(folder.run("fix -q --edits ndjson --output edits orders.ndjson").out, "");
    assert_eq!(folder.read("edits").lines().count(), 1);
    assert_eq!(folder.pipe("fix --unsafe --edits json-patch", RIGHT).out, "");
    for args in ["--diff", "--in-place"] {
        assert_eq!(folder.run(&format!("fix --edits ndjson {args} orders.ndjson")).status, 2, "{args}");
    }
}

#[test]
fn what_is_not_repaired_says_why_and_can_be_chosen() {
    let orders: Vec<String> = (1..=6).map(|number| unclear("Shop", number)).collect();
    let folder = Folder::new("choices").with("orders.ndjson", orders.join("\n"));
    let withheld = folder.run("fix --unsafe orders.ndjson");
    assert_eq!(withheld.out, orders.join("\n"));
    assert!(
        withheld.err.contains("repair withheld for 6 orders: several diagnoses fit equally well"),
        "{}",
        withheld.err
    );
    assert!(withheld.err.contains("--prefer discount-not-subtracted would repair 6 orders"), "{}", withheld.err);

    let chosen = folder.run("fix --unsafe --prefer discount-not-subtracted orders.ndjson");
    assert!(chosen.out.contains(r#""grand_total":"12.00""#) && chosen.err.contains("6 of 6 orders repaired"));
    let chosen = folder.run("fix --unsafe --prefer discount-in-prices-already orders.ndjson");
    assert!(chosen.out.contains(r#""order_discount":"0.00","grand_total":"14.00""#), "{}", chosen.out);
    let recalculated = folder.run("fix --recalculate orders.ndjson");
    assert!(recalculated.out.contains(r#""grand_total":"12.00""#), "{}", recalculated.out);

    let unknown = folder.run("fix --unsafe --prefer discount-not-substracted orders.ndjson");
    assert_eq!(unknown.status, 2);
    assert!(unknown.err.contains("did you mean discount-not-subtracted?"), "{}", unknown.err);
    assert_eq!(folder.run("fix --prefer discount-not-subtracted orders.ndjson").status, 2, "it needs --unsafe");
    assert_eq!(folder.run("fix --recalculate --unsafe orders.ndjson").status, 2, "two different requests");
}

#[test]
fn the_mapping_behind_many_orders_is_named_and_repaired() {
    // The total of the line as price: the orders with a quantity of 1 are right.
    let order = |number: u32| {
        let (quantity, total) = (1 + number % 3, number * 12);
        format!(
            r#"{{"order_source":"Amazon","sub_total":"{total}.00","shipping_handling":"{}.00","grand_total":"{}.00","items":[{{"price":"{total}.00","quantity":{quantity}}}]}}"#,
            number % 2,
            total + 5
        )
    };
    let orders: Vec<String> = (1..=30).map(order).collect();
    let folder = Folder::new("mapping").with("orders.ndjson", orders.join("\n"));
    let checked = folder.run("check --format ndjson orders.ndjson");
    let summary = checked.records().pop().unwrap();
    let mapping = &summary["mappings"][0];
    assert_eq!(
        (&mapping["order_source"], &mapping["orders"], &mapping["broken"]),
        (&"Amazon".into(), &30.into(), &30.into())
    );
    let names: Vec<&str> =
        mapping["mistakes"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["price-is-line-total", "charge-in-no-field"]);
    assert_eq!(mapping["mistakes"][0]["fields"], serde_json::json!(["items/*/price"]));
    assert_eq!(mapping["unexplained"], 0);
    assert!(checked.err.contains("In all 30 broken orders of Amazon"), "{}", checked.err);

    let repaired = folder.run("fix --unsafe --from-mapping orders.ndjson");
    assert_eq!(repaired.status, 0, "{}", repaired.err);
    assert!(repaired.err.contains("30 of 30 orders repaired"), "{}", repaired.err);
    assert_eq!(folder.pipe("check", &repaired.out).status, 0);
    let piped = folder.pipe("fix --unsafe --from-mapping", orders.join("\n"));
    assert_eq!(piped.out, repaired.out, "standard input is read once and kept");
    let again = folder.pipe("fix --unsafe --from-mapping", &repaired.out);
    assert_eq!(again.out, repaired.out, "a second time there is nothing to do");
}

#[test]
fn what_is_counted_as_repairable_is_what_is_written() {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/orders.ndjson");
    let folder = Folder::new("repairable").with("samples.ndjson", fs::read_to_string(samples).unwrap());
    let generated = folder.run("generate --count 400 --seed 3 --fault any");
    let folder = folder.with("generated.ndjson", generated.out);
    for file in ["samples.ndjson", "generated.ndjson"] {
        let summary = folder.run(&format!("check --format ndjson {file}")).records().pop().unwrap();
        let fixed = folder.run(&format!("fix --unsafe {file}"));
        let written = fixed.err.split(' ').next().unwrap().parse::<u64>().unwrap();
        assert_eq!(summary["repairable"], written, "{file}: {}", fixed.err);
        assert!(written > 0, "{file}");
        assert_eq!(folder.pipe("fix --unsafe", &fixed.out).out, fixed.out, "{file}: a second time nothing changes");
    }
}

/// What is said of a mapping depends on nothing but the input.
#[test]
fn mappings_are_the_same_in_every_run_and_are_what_fix_writes() {
    let order = |number: u32, total: u32, pad: &str| {
        format!(
            r#"{{"order_source":"Z","sub_total":"{number}7.00","order_discount":"2.00","grand_total":"{number}{total}.00","items":[{{"price":"{number}7.00","quantity":1}}],"pad":"{pad}"}}"#
        )
    };
    // Valid orders beyond the part of the source that is sampled, and broken ones.
    let mut orders: Vec<String> = (1..40).map(|number| order(number, 5, &"x".repeat(3000))).collect();
    orders.extend((1..200).map(|number| order(number, 5, "")));
    orders.extend((1..50).map(|number| order(number, 7, "")));
    let folder = Folder::new("mappings").with("orders.ndjson", orders.join("\n"));
    let summary =
        |args: &str| folder.run(&format!("check {args} --format ndjson orders.ndjson")).records().pop().unwrap();
    let first = summary("-j1");
    for args in ["-j3", "--all", "--all -j3"] {
        assert_eq!(summary(args), first, "{args}");
    }
    let explained = first["mappings"][0]["mistakes"][0]["explained"].as_u64().unwrap();
    let fixed = folder.run("fix --unsafe --from-mapping orders.ndjson");
    assert!(fixed.err.starts_with(&format!("{explained} of {} orders repaired", orders.len())), "{}", fixed.err);
}

#[test]
fn every_way_to_fix_changes_nothing_the_second_time() {
    let folder = Folder::new("twice");
    let generated = folder.run("generate --count 200 --seed 11 --fault any --style any").out;
    for args in [
        "",
        "--unsafe",
        "--unsafe --from-mapping",
        "--unsafe --prefer discount-in-prices-already,price-is-line-total,charge-in-no-field",
        "--recalculate",
    ] {
        let once = folder.pipe(&format!("fix {args}"), &generated);
        assert_ne!(once.out, generated, "{args}");
        assert_eq!(folder.pipe(&format!("fix {args}"), &once.out).out, once.out, "{args}");
    }
}

/// A choice that is offered is one that repairs.
#[test]
fn only_choices_that_repair_are_offered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let partial = fs::read_to_string(root.join("samples/spring-order.json")).unwrap();
    let samples = fs::read_to_string(root.join("samples/orders.ndjson")).unwrap();
    let folder = Folder::new("offered").with("orders.ndjson", format!("{samples}{}\n", minified(&partial)));
    let withheld = folder.run("fix --unsafe orders.ndjson");
    let repaired = |ran: &Ran| ran.err.split(' ').next().unwrap().parse::<u64>().unwrap();
    let offers: Vec<&str> = withheld.err.lines().filter(|line| line.contains("--prefer ")).collect();
    let offers: Vec<Vec<&str>> = offers.iter().map(|line| line.split_whitespace().collect()).collect();
    let offers: Vec<&Vec<&str>> = offers.iter().filter(|words| words[0] == "--prefer").collect();
    assert!(offers.len() > 2, "{}", withheld.err);
    for words in offers {
        let chosen = folder.run(&format!("fix --unsafe --prefer {} orders.ndjson", words[1]));
        assert_eq!(repaired(&chosen), repaired(&withheld) + words[4].parse::<u64>().unwrap(), "{words:?}");
    }
}

#[test]
fn a_diff_masks_what_is_around_orders() {
    let reply = format!("{{\"success_code\":true,\"response\":[{}]}}\r\noops someone@example.com\n", minified(ROUNDED));
    let folder = Folder::new("masked").with("reply.json", reply);
    let masked = folder.run("fix --unsafe --diff reply.json");
    assert!(masked.out.contains(r#""price": 30.6667"#) && masked.out.contains(r#""ship_company": "…""#));
    assert!(!masked.out.contains("Example Company") && !masked.out.contains("someone"), "{}", masked.out);
    let shown = folder.run("fix --unsafe --diff --show-values reply.json");
    assert!(shown.out.contains("Example Company") && shown.out.contains("someone"), "{}", shown.out);
    assert_eq!(folder.run("fix --show-values reply.json").status, 2, "only a diff shows values");
}

/// A stream is repaired as it comes: what was read is written before the rest is there.
#[test]
fn a_stream_is_not_waited_for() {
    let folder = Folder::new("fix-stream");
    let mut child = folder.command("fix -q --unsafe -").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (wrong, right) = (minified(ROUNDED) + "\n", minified(&ROUNDED.replace("30.67,", "30.6667,")) + "\n");
    let count = 2_000_000 / wrong.len();
    let writer = std::thread::spawn(move || {
        input.write_all(wrong.repeat(count).as_bytes()).unwrap();
        input
    });
    let mut begun = vec![0; right.len() * count / 2];
    output.read_exact(&mut begun).unwrap();
    // Only now does the input end.
    drop(writer.join().unwrap());
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).unwrap();
    assert!(child.wait().unwrap().code() == Some(0));
    assert!([begun, rest].concat() == right.repeat(count).into_bytes());
}

/// A source that is damaged at its end is repaired up to there, but not to a file.
#[test]
fn a_damaged_end_is_no_result() {
    let folder = Folder::new("fix-damaged").with("there.json", "before");
    let packed = util::gzip(ROUNDED.repeat(3).as_bytes());
    fs::write(folder.0.join("cut.gz"), &packed[..packed.len() - 4]).unwrap();
    let ran = folder.run("fix -q --unsafe cut.gz");
    assert_eq!((ran.status, ran.out.matches("30.6667").count()), (2, 3), "{}", ran.err);
    let ran = folder.run("fix -q --unsafe --output there.json cut.gz");
    assert_eq!((ran.status, folder.read("there.json").as_str()), (2, "before"), "{}", ran.err);
    assert!(ran.err.contains("there.json is not written"), "{}", ran.err);
}
