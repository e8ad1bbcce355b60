//! What is read: packed files, directories, patterns, and what is not JSON.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod util;

use std::fs;
use std::os::unix::fs::symlink;

use util::{Folder, RIGHT, WRONG, gzip, minified};

/// The minified [`WRONG`] on 200 lines, as `zstd -q` packs it.
const ZSTD_WRONG: &[u8] = include_bytes!("packed/wrong-200-times.zst");
/// [`RIGHT`], as `zstd -q -19 --long=27` packs it.
const ZSTD_RIGHT: &[u8] = include_bytes!("packed/right.zst");

/// The names of the sources that a run reports, in order.
fn sources(folder: &Folder, args: &str) -> Vec<String> {
    let ran = folder.run(&format!("check --format ndjson --all {args}"));
    let records = ran.records();
    let orders = records.iter().filter(|record| record["type"] == "order");
    orders.map(|record| record["source"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn zstd_is_seen_by_its_first_bytes() {
    let folder = Folder::new("zstd")
        .with("a.ndjson", format!("{}\n", minified(WRONG)).repeat(200))
        .with("b.ndjson", RIGHT)
        .with("a", ZSTD_WRONG)
        .with("b", ZSTD_RIGHT);
    let packed = folder.shell(
        "cat a b > two && (cat a; head -c 60 b) > cut \
         && printf '\\123\\052\\115\\030\\003\\000\\000\\000abc' > skipped && cat skipped a skipped > three",
    );
    assert_eq!((packed.status, packed.err.as_str()), (0, ""));
    let whole = folder.run("check --format ndjson -j2 a.ndjson b.ndjson").out.replace("b.ndjson", "a.ndjson");
    let of_two = folder.run("check --format ndjson -j2 two").out.replace("\"two\"", "\"a.ndjson\"");
    let ends = |out: &str| out.lines().last().unwrap().to_owned();
    assert_eq!(ends(&of_two), ends(&whole));
    assert_eq!(of_two.lines().next(), whole.lines().next());
    assert_eq!(folder.run("check three").status, 1);
    assert_eq!(folder.shell("cat b | $OC check").status, 0);
    // What is before the damage is reported.
    let cut = folder.run("check --format ndjson cut");
    assert!(cut.out.lines().count() > 1, "{}", cut.out);
    assert_eq!(
        (cut.status, cut.err.starts_with("error: cannot read cut: the zstd data is cut off")),
        (2, true),
        "{}",
        cut.err
    );
    let summary = cut.records().pop().unwrap();
    assert_eq!(summary["complete"], false);
    let ran = folder.run("fix --in-place two");
    assert!(ran.err.contains("expected a file that is not packed to write back to, found zstd"), "{}", ran.err);
}

/// On any number of threads, from a file and from a pipe: what is before the damage is reported, then the damage.
#[test]
fn damaged_gzip_is_reported_after_what_is_before_it() {
    let line = format!("{}\n", minified(WRONG));
    let (one, two) = (gzip(line.repeat(40)), gzip(line.repeat(20)));
    let other = |at: usize| {
        let mut bytes = one.clone();
        bytes[at] ^= 1;
        bytes
    };
    let end = one.len();
    for (name, bytes, orders, damage) in [
        ("whole", one.clone(), 40, None),
        ("members", [&one[..], &two].concat(), 60, None),
        ("sum", other(end - 8), 40, Some("corrupt gzip stream does not have a matching checksum")),
        ("length", other(end - 4), 40, Some("corrupt gzip stream does not have a matching checksum")),
        ("sum-of-first", [&other(end - 8)[..], &two].concat(), 40, Some("corrupt gzip stream does not")),
        ("no-sum", one[..end - 8].to_vec(), 40, Some("unexpected end of file")),
        ("method", other(2), 0, Some("invalid gzip header")),
        ("garbage", [&one[..], b"neither gzip nor zeros"].concat(), 40, Some("invalid gzip header")),
        ("zeros", [&one[..], &[0; 512]].concat(), 40, Some("invalid gzip header")),
        ("header", [&one[..], b"\x1F\x8B"].concat(), 40, Some("unexpected end of file")),
    ] {
        let folder = Folder::new("damaged").with("in", &bytes);
        let first = folder.run("check --format ndjson -j1 in");
        assert_eq!(first.records().iter().filter(|record| record["type"] == "order").count(), orders, "{name}");
        match damage {
            None => assert_eq!(first.status, 1, "{name}: {}", first.err),
            Some(damage) => {
                assert_eq!(first.status, 2, "{name}");
                assert!(first.err.starts_with(&format!("error: cannot read in: {damage}")), "{name}: {}", first.err);
            }
        }
        for threads in [2, 5] {
            let file = folder.run(&format!("check --format ndjson -j{threads} in"));
            assert_eq!((file.out, file.err), (first.out.clone(), first.err.clone()), "{name}, {threads}");
            let pipe = folder.shell(&format!("cat in | $OC check --format ndjson -j{threads}"));
            let named = pipe.out.replace("\"-\"", "\"in\"").replace("cannot read standard input", "cannot read in");
            assert_eq!(named, first.out, "{name}, {threads}");
            assert_eq!(pipe.status, first.status, "{name}, {threads}");
        }
    }
    let cut = Folder::new("cut").with("in", &one[..end * 2 / 3]).run("check --format ndjson in");
    assert_eq!(
        (cut.status, cut.err.contains("error: cannot read in: incomplete deflate stream")),
        (2, true),
        "{}",
        cut.err
    );
}

/// A run whose reader has had enough ends, although more could be decompressed.
#[test]
fn packed_sources_are_left_when_nobody_reads_the_report() {
    let cart = r#"{"AmazonOrderId":"A-2","OrderTotal":{"CurrencyCode":"USD","Amount":"7.99"},"OrderItems":[{"SellerSKU":"PEN","QuantityOrdered":1,"ItemPrice":{"CurrencyCode":"USD","Amount":"7.99"}}]}"#;
    let many = |order: &str| gzip(format!("{order}\n").repeat(100));
    let folder = Folder::new("left").with("orders.gz", many(&minified(WRONG))).with("carts.gz", many(cart));
    for (packed, command) in [
        ("orders.gz", "check --format ndjson -j1"),
        ("orders.gz", "check --format ndjson -j4"),
        ("orders.gz", "check --format ndjson -j4 - orders.gz carts.gz"),
        ("orders.gz", "calc"),
        ("carts.gz", "map -j1"),
        ("carts.gz", "map -j4"),
        ("orders.gz", "compare --all --format ndjson -j4 carts.gz -"),
        ("orders.gz", "compare --all --format ndjson --sorted carts.gz -"),
    ] {
        let ran =
            folder.shell(&format!("(while cat {packed}; do :; done) 2> /dev/null | $OC {command} 2> err | head -c 1"));
        assert_eq!((ran.status, ran.out.len()), (0, 1), "{command}: {}", folder.read("err"));
    }
}

/// Files that are decompressed before their turn come in their order, with what is wrong with each of them.
#[test]
fn many_packed_files_give_the_same_bytes_on_any_number_of_threads() {
    let mut folder = Folder::new("many-packed");
    let mut names = String::new();
    for file in 0..9 {
        let text = format!("{}\n", minified(if file % 2 == 0 { WRONG } else { RIGHT })).repeat(20 * file + 1);
        let mut bytes = if file == 4 { text.clone().into_bytes() } else { gzip(&text) };
        if file == 6 {
            bytes.truncate(bytes.len() - 4);
        }
        folder = folder.with(&format!("{file}"), bytes);
        names.push_str(&format!(" {file}{}", if file == 2 { " gone" } else { "" }));
    }
    let first = folder.run(&format!("check --format ndjson --all -j1{names}"));
    let summary = first.records().pop().unwrap();
    assert_eq!((summary["valid"].as_u64(), summary["invalid"].as_u64()), (Some(324), Some(405)));
    assert_eq!(first.err.matches("error: cannot read").count(), 2, "{}", first.err);
    for threads in [2, 3, 9] {
        let ran = folder.run(&format!("check --format ndjson --all -j{threads}{names}"));
        assert_eq!((ran.status, ran.out, ran.err), (2, first.out.clone(), first.err.clone()), "{threads}");
    }
}

/// The most threads that a run has had until it has read a packed input whose end never comes.
#[cfg(target_os = "linux")]
fn threads_until_read(folder: &Folder, args: &str) -> usize {
    use std::io::Write;
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(format!("{RIGHT}\n").repeat(4000).as_bytes()).unwrap();
    packed.flush().unwrap();
    let packed = packed.get_ref();
    let mut child =
        folder.command(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(packed).unwrap();
    let process = format!("/proc/{}", child.id());
    let (begun, mut most) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(20) {
        most = most.max(fs::read_dir(format!("{process}/task")).unwrap().count());
        let counts = fs::read_to_string(format!("{process}/io")).unwrap();
        let read = counts.lines().find_map(|line| line.strip_prefix("rchar: ")?.parse::<usize>().ok());
        if read.is_some_and(|read| read >= packed.len()) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(child.stdin.take());
    child.wait().unwrap();
    most
}

/// One thread is one thread: also what is packed is read in it.
#[test]
#[cfg(target_os = "linux")]
fn one_thread_decompresses_too() {
    let folder = Folder::new("threads-of-packed").with("orders.ndjson", RIGHT);
    for (command, alone, two) in [
        ("check", "-j1", "-j2"),
        ("map", "-j1", "-j2"),
        ("compare - orders.ndjson", "-j1", "-j2"),
        ("compare - orders.ndjson", "--sorted", "-j2"),
    ] {
        assert_eq!(threads_until_read(&folder, &format!("{command} {alone}")), 1, "{command} {alone}");
        assert_eq!(threads_until_read(&folder, &format!("{command} {two}")), 3, "{command} {two}");
    }
}

#[test]
fn a_directory_is_read_by_the_names_of_its_files() {
    let folder = Folder::new("directory");
    fs::create_dir_all(folder.0.join("in/below/deep")).unwrap();
    for name in ["b.ndjson", "a.json", "C.JSONL", ".hidden.json", "notes.txt", "below/d.json", "below/deep/e.json"] {
        fs::write(folder.0.join("in").join(name), RIGHT).unwrap();
    }
    fs::write(folder.0.join("in/a.json.zst"), ZSTD_RIGHT).unwrap();
    assert_eq!(folder.shell("cd in && gzip -k a.json && mkfifo pipe.json").status, 0);
    let top = ["in/C.JSONL", "in/a.json", "in/a.json.gz", "in/a.json.zst", "in/b.ndjson"];
    assert_eq!(sources(&folder, "in"), top);
    assert_eq!(sources(&folder, "in/"), top);
    let all = [&top[..4], &["in/b.ndjson", "in/below/d.json", "in/below/deep/e.json"]].concat();
    assert_eq!(sources(&folder, "--recursive in"), all);
    // Links: no loop, nothing twice, and a link to nothing is reported.
    symlink("..", folder.0.join("in/below/loop")).unwrap();
    symlink("a.json", folder.0.join("in/z.json")).unwrap();
    assert_eq!(sources(&folder, "-r in"), all);
    symlink("gone", folder.0.join("in/y.json")).unwrap();
    let ran = folder.run("check in");
    assert_eq!((ran.status, ran.err.lines().filter(|line| line.contains("cannot read in/y.json")).count()), (2, 1));
    // An output in the directory is not an input of the same run.
    let ran = folder.run("check in --write-valid in/a.json");
    assert!(ran.err.contains("--write-valid in/a.json to be another file than the input in/a.json"), "{}", ran.err);
}

#[test]
fn every_command_reads_directories() {
    let wrong = RIGHT.replace(r#""grand_total""#, r#""balance":3,"grand_total""#);
    let folder = Folder::new("directories");
    fs::create_dir(folder.0.join("in")).unwrap();
    fs::write(folder.0.join("in/a.json"), &wrong).unwrap();
    fs::write(folder.0.join("in/b.json"), RIGHT).unwrap();
    assert_eq!(folder.run("fix --in-place in").status, 0);
    assert!(folder.read("in/a.json").contains("\"balance\":0"));
    assert_eq!(folder.read("in/b.json"), RIGHT);
    assert_eq!(folder.run("calc in").out.lines().count(), 2);
}

#[test]
fn a_directory_without_orders_says_so_and_costs_no_other() {
    let folder = Folder::new("nothing").with("a.json", RIGHT);
    fs::create_dir_all(folder.0.join("in/below")).unwrap();
    for (args, expected) in [
        ("in", "cannot read in: this directory has no file to read (*.json, *.ndjson, *.jsonl"),
        ("in -r", "cannot read in: this directory has no file to read"),
        ("in/*.json", "cannot read in/*.json: no file matches this pattern\n"),
        ("in/a[.json", "cannot read in/a[.json: there is no such file, and it is not a pattern"),
    ] {
        for command in ["check", "fix", "calc", "fix --in-place"] {
            let ran = folder.run(&format!("{command} {args} a.json"));
            let lines: Vec<&str> = ran.err.lines().filter(|line| line.starts_with("error: ")).collect();
            assert_eq!((ran.status, lines.len()), (2, 1), "{command} {args}: {}", ran.err);
            assert!(ran.err.contains(expected), "{command} {args}: {}", ran.err);
        }
        assert_eq!(folder.run(&format!("check --format ndjson {args} a.json")).records().pop().unwrap()["valid"], 1);
    }
    assert!(folder.run("check in").err.contains("--recursive also reads the directories in it"));
    assert!(!folder.run("check -r in").err.contains("--recursive"));
}

#[test]
fn patterns_are_expanded_unless_a_file_has_their_name() {
    let folder = Folder::new("patterns").with("a[1].json", RIGHT).with("b.json", RIGHT).with(".c.json", RIGHT);
    assert_eq!(sources(&folder, "*.json"), ["a[1].json", "b.json"]);
    assert_eq!(sources(&folder, "a[1].json"), ["a[1].json"]);
    assert_eq!(sources(&folder, "?.json"), ["b.json"]);
    fs::create_dir(folder.0.join("in")).unwrap();
    fs::write(folder.0.join("in/x.ndjson"), RIGHT).unwrap();
    assert_eq!(sources(&folder, "i*"), ["in/x.ndjson"]);
    assert_eq!(sources(&folder, "**/*.ndjson"), ["in/x.ndjson"]);
}

/// A baseline beside the orders is not one of them, however it is named.
#[test]
fn the_baseline_of_a_run_is_left_out_of_directories_and_patterns() {
    let folder = Folder::new("baseline-beside");
    fs::create_dir(folder.0.join("d")).unwrap();
    let folder = folder.with("d/orders.ndjson", format!("{}\n{RIGHT}\n", minified(WRONG)));
    let counts = |args: &str| {
        let ran = folder.shell(&format!("$OC check --format ndjson {args}"));
        let summary = ran.records().pop().unwrap();
        assert_eq!(ran.err.lines().filter(|line| line.starts_with("error")).count(), 0, "{args}: {}", ran.whole());
        (ran.status, summary["orders"].as_u64().unwrap())
    };
    // Written anew where it is already, too.
    for _ in 0..2 {
        assert_eq!(counts("--write-baseline d/known.ndjson d"), (0, 2));
    }
    symlink("known.ndjson", folder.0.join("d/link.ndjson")).unwrap();
    for inputs in ["d", "d/", "-r .", "'d/*.ndjson'", "'d*'", "d/*.ndjson", "d/known.ndjson d/orders.ndjson"] {
        assert_eq!(counts(&format!("--baseline d/known.ndjson {inputs}")), (0, 2), "{inputs}");
        assert_eq!(counts(&format!("--baseline d/../d/link.ndjson {inputs}")), (0, 2), "{inputs}");
        let without = folder.shell(&format!("$OC check --format short {inputs}"));
        let named = "d/known.ndjson: this is a baseline of ordercharge, not orders: name it with --baseline";
        assert!(without.status == 2 && without.err.contains(named), "{inputs}: {}", without.whole());
    }
    // Alone, it is named for what it is.
    let alone = folder.run("check --baseline d/known.ndjson d/known.ndjson");
    assert!(alone.status == 2 && alone.err.contains("this is a baseline of ordercharge"), "{}", alone.err);
}

#[test]
fn files_of_the_command_are_named() {
    let folder = Folder::new("own-files").with("wrong.json", WRONG).with("right.json", RIGHT);
    for (make, what) in [
        ("check --format ndjson wrong.json", "a file of records of ordercharge"),
        ("check --format ndjson right.json", "a file of records of ordercharge"),
        ("check --format json wrong.json", "a file of records of ordercharge"),
        ("check --format json right.json", "a file of records of ordercharge"),
        ("compare --format ndjson right.json wrong.json", "a file of records of ordercharge"),
        ("compare --format json right.json wrong.json", "a file of records of ordercharge"),
        ("check --format csv wrong.json", "a report of ordercharge"),
        ("fix --edits ndjson --unsafe wrong.json", "a file of edits of ordercharge"),
    ] {
        let made = folder.run(make).out;
        for (name, bytes) in [
            ("own.json", made.clone().into_bytes()),
            ("own.csv", made.clone().into_bytes()),
            ("own.json.gz", gzip(&made)),
        ] {
            let folder = Folder(folder.0.clone()).with(name, bytes);
            for command in ["check", "fix", "calc"] {
                let ran = folder.run(&format!("{command} {name}"));
                let expected = format!("error: cannot read {name}: this is {what}, not orders: ");
                assert_eq!((ran.status, ran.err.starts_with(&expected)), (2, true), "{make}, {command}: {}", ran.err);
            }
        }
    }
    // An order that begins in a similar way is one.
    let order = RIGHT.replacen('{', r#"{"format":1,"type":"order","#, 1);
    assert_eq!(folder.pipe("check", &order).status, 0);
}

#[test]
fn images_programs_and_text_are_named_once() {
    let mut png = b"\x89PNG\r\n\x1A\n".to_vec();
    png.extend((0..30_000_u32).map(|at| (at * at / 7) as u8));
    let text = "Dear colleague,\nthe orders are below.\n\nNo, they are not.\n";
    let latin = b"Gr\xFC\xDFe\nund mehr\n".to_vec();
    let folder = Folder::new("kinds-named").with("a.png", png).with("a.txt", text).with("latin", latin);
    let folder = folder.with("data", b"ab\0\x01\x02cd\nef\0\n{gh\0\n");
    let program = std::env::current_exe().unwrap();
    fs::copy(program, folder.0.join("program")).unwrap();
    for (name, what) in [
        ("a.png", "a PNG image, not JSON: export the orders as JSON"),
        ("a.txt", "text, not JSON: export the orders as JSON"),
        ("latin", "text, not JSON: export the orders as JSON"),
        ("program", "a program, not JSON: name a file with orders"),
    ] {
        let ran = folder.run(&format!("check --format short {name}"));
        let (all, said) = (ran.whole(), format!("this is {what}"));
        assert_eq!(
            (ran.status, all.matches("error: ").count(), all.matches(&said).count()),
            (2, 1, 1),
            "{name}: {all}"
        );
    }
    let data = folder.run("check --format short data").out;
    assert!(data.starts_with("data:1:1: error: this is binary data, not JSON: export the orders as JSON"), "{data}");
    // What may be a part of JSON is not called text.
    for part in ["ef\":\"X\",\"items\":[]}\n", "true\n", "12\n", "-x\n", "\"a\"\n", "oops\n{}\n", "a ]\n"] {
        let ran = folder.pipe("check --format short", part);
        assert!(ran.status == 2 && !ran.whole().contains("this is text"), "{part}: {}", ran.whole());
    }
}

#[test]
fn what_is_not_json_is_named() {
    let utf_16: Vec<u8> = RIGHT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = Folder::new("kinds").with("utf16", utf_16).with("zip", b"PK\x03\x04rest").with("empty", "\n");
    for (name, expected) in [
        ("utf16", "error: cannot read utf16: this is text in UTF-16, not JSON: convert it to UTF-8"),
        ("zip", "error: cannot read zip: this is a ZIP archive, not JSON: unpack it first"),
        ("empty", "error: no order found in empty: it is empty"),
    ] {
        for command in ["check", "fix", "calc"] {
            let ran = folder.run(&format!("{command} {name}"));
            assert_eq!((ran.status, ran.err.starts_with(expected)), (2, true), "{command} {name}: {}", ran.err);
        }
    }
    assert_eq!(folder.pipe("check", "").err, "error: no order found: standard input is empty\n");
    let piped = folder.pipe("check", b"PK\x03\x04rest");
    assert!(piped.err.starts_with("error: cannot read standard input: this is a ZIP archive"), "{}", piped.err);
    // Text is read on: one broken document costs no other.
    let page = format!("\n<html><title>502</title>\n{RIGHT}\n<html>\n");
    for command in ["check --format ndjson -j1", "check --format ndjson -j3", "fix", "calc"] {
        let ran = folder.pipe(command, &page);
        let all = ran.out + &ran.err;
        assert_eq!(all.matches("this is HTML, not JSON").count(), 1, "{command}: {all}");
        assert!(all.contains(" at line 2, column 1"), "{command}: {all}");
        assert_eq!((ran.status, all.contains("R1") || all.contains("\"valid\":1")), (2, true), "{command}: {all}");
    }
}
