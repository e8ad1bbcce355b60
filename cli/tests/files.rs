//! Files that are read and written: none is lost, whatever it is called and whatever happens.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod util;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use util::{Folder, RIGHT, WRONG, minified};

/// An order that `fix` repairs, before and after.
const BLANK: &str = r#"{"cust_ref":"B1","sub_total":"5.00","grand_total":"5.00","balance":"3.00","items":[{"price":"5.00","quantity":1}]}"#;
const FILLED: &str = r#"{"cust_ref":"B1","sub_total":"5.00","grand_total":"5.00","balance":"0.00","items":[{"price":"5.00","quantity":1}]}"#;

fn lines(count: usize) -> String {
    format!("{RIGHT}\n{}\n", minified(WRONG)).repeat(count)
}

#[test]
fn a_missing_file_is_one_line() {
    let folder = Folder::new("missing-file").with("right.json", RIGHT).with("empty.json", "");
    for command in ["check", "check --format ndjson", "fix", "calc", "map", "compare missing.json"] {
        let ran = folder.run(&format!("{command} missing.json"));
        let lines = if command.starts_with("compare") { 2 } else { 1 };
        assert_eq!((ran.status, ran.err.lines().count()), (2, lines), "{command}: {}", ran.whole());
        assert!(ran.err.starts_with("error: ") && ran.err.contains("missing.json"), "{}", ran.err);
    }
    assert_eq!(folder.run("check empty.json").err, "error: no order found in empty.json: it is empty\n");
    // If another one could be read, the summary follows.
    assert_eq!(folder.run("check missing.json right.json").err.lines().count(), 2);
}

#[test]
fn no_output_is_an_input_by_whatever_name() {
    let orders = lines(3);
    for script in [
        "$OC check --write-valid f < f",
        "$OC check --write-invalid f - < f",
        "$OC check --write-valid ./f f",
        "$OC check --write-valid sub/../f f",
        "$OC check --write-valid folder/f f",
        "$OC check --write-valid link f",
        "$OC check --write-valid f link",
        "$OC check --write-valid hard f",
        "$OC check --write-valid f < link",
        "$OC check --write-valid f /dev/stdin < f",
        "$OC check --write-valid /dev/stdout f >> f",
        "$OC check --write-valid - f >> f",
        "$OC check f >> f",
        "$OC check --format ndjson --all < f >> link",
        "$OC check f missing 2>> f",
        "$OC check f 2<> f",
        "$OC check f >> f 2>&1",
        "$OC check - < f 1<> f",
        "$OC calc f >> f",
        "$OC calc < f 1<> f",
        "$OC fix f >> f",
        "$OC fix --diff --recalculate f >> f",
        "$OC fix --in-place f >> f",
        "$OC fix --output f < f",
        "$OC fix --output folder/f f",
    ] {
        let folder = Folder::new("apart-names").with("f", &orders);
        fs::create_dir(folder.0.join("sub")).unwrap();
        symlink("f", folder.0.join("link")).unwrap();
        symlink(".", folder.0.join("folder")).unwrap();
        fs::hard_link(folder.0.join("f"), folder.0.join("hard")).unwrap();
        let ran = folder.shell(script);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{script}: {}", ran.err);
        assert_eq!(folder.read("f"), orders, "{script}");
        // Where standard error is the file, there is no place for a message.
        let is_silent = script.contains("2>") || script.contains("2<");
        let said = ran.err;
        let is_said = said.starts_with("error: expected ") && said.contains("to be another file than");
        assert!(if is_silent { said.is_empty() } else { is_said }, "{script}: {said}");
    }
}

#[test]
fn no_two_outputs_are_one_file_by_whatever_name() {
    for script in [
        "$OC check --write-valid out --write-invalid ./out f",
        "$OC check --write-valid out --write-invalid out f",
        "$OC check --write-valid out --write-invalid sub/../out f",
        "$OC check --write-valid out --write-invalid folder/out f",
        "$OC check --write-valid out --write-invalid dangling f",
        "$OC check --write-valid there --write-invalid ./there f",
        "$OC check --write-valid there --write-invalid folder/there f",
        "$OC check --write-valid out f > out",
        "$OC check --write-valid ./out --format ndjson f > out",
        "$OC check --write-invalid out f 2> out",
        "$OC check --write-valid dangling f >> out",
        "$OC check --write-valid - --write-invalid out f > out",
        "$OC check --write-valid - --write-invalid - f",
        "$OC check --write-valid - --write-invalid /dev/stdout f",
        "$OC check --write-valid - f > out 2>&1",
        "$OC generate --labels out > out",
        "$OC generate --labels dangling > out",
        "$OC generate --labels /dev/stdout > out",
    ] {
        let folder = Folder::new("apart-outputs").with("f", lines(3)).with("there", "kept");
        fs::create_dir(folder.0.join("sub")).unwrap();
        symlink(".", folder.0.join("folder")).unwrap();
        symlink("folder/out", folder.0.join("dangling")).unwrap();
        let ran = folder.shell(script);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{script}: {}", ran.err);
        let said = if script.contains("2>") { folder.read("out") } else { ran.err };
        assert!(said.starts_with("error: expected "), "{script}: {said}");
        assert_eq!(folder.read("there"), "kept", "{script}");
    }
}

#[test]
fn an_output_stays_as_it_was_until_all_of_the_new_content_is_there() {
    for script in [
        "$OC check --write-valid out missing",
        "$OC check --write-valid out --write-invalid other f missing",
        "$OC check --write-valid out < /dev/null",
        "echo '[]' | $OC check --write-valid out",
        "$OC check --write-valid out .",
        "$OC check --write-valid out --write-invalid missing/other f",
        "$OC check --write-valid out --select OC101 --ignore OC101 f",
        "$OC check --write-valid out --format ndjson --all f > /dev/full",
        "$OC check --write-valid out --write-invalid /dev/full f",
        "head -c 50 f.gz | $OC check --write-valid out",
        "$OC fix --output out missing",
        "$OC fix --output out f missing",
        "$OC fix --output out < /dev/null",
        "$OC generate --labels out > /dev/full",
    ] {
        let folder = Folder::new("kept").with("f", lines(3)).with("out", "kept");
        let packed = std::process::Command::new("gzip").arg("-k").arg(folder.0.join("f")).status().unwrap();
        assert!(packed.success());
        let ran = folder.shell(script);
        assert_eq!(ran.status, 2, "{script}: {}", ran.err);
        assert_eq!(folder.read("out"), "kept", "{script}");
        assert_eq!(folder.names(), ["f", "f.gz", "out"], "{script}");
    }
    let folder = Folder::new("kept").with("out", "kept");
    let said = folder.run("check --write-valid out missing").err;
    assert!(said.contains("out is not written: an input could not be read to its end, or holds no order"), "{said}");
}

#[test]
fn an_output_is_replaced_in_one_step_and_keeps_what_is_not_its_content() {
    let long = "n".repeat(255);
    let folder = Folder::new("replaced").with("f", lines(1)).with(&long, "old").with("there", "old");
    fs::set_permissions(folder.0.join("there"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("there", folder.0.join("link")).unwrap();
    symlink("new", folder.0.join("dangling")).unwrap();
    let before = fs::File::open(folder.0.join("there")).unwrap();
    let valid = format!("{RIGHT}\n");
    for name in [&long, "link", "dangling", "fresh"] {
        let ran = folder.run(&format!("check -q --write-valid {name} f"));
        assert_eq!((ran.status, ran.err.as_str()), (1, ""), "{name}");
        assert_eq!(folder.read(name), valid, "{name}");
    }
    assert_eq!(fs::metadata(folder.0.join("there")).unwrap().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(folder.0.join("link")).unwrap().is_symlink(), "through a link, its file is replaced");
    assert_eq!(folder.read("new"), valid);
    let mut old = String::new();
    { before }.read_to_string(&mut old).unwrap();
    assert_eq!(old, "old", "who has the old file open sees no half of the new one");
    assert_eq!(folder.names(), ["dangling", "f", "fresh", "link", "new", &long, "there"]);

    for args in ["check --write-valid there/ f", "check --write-valid there/new f", "check --write-valid none/new f"] {
        let ran = folder.run(args);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args}");
        assert!(ran.err.starts_with("error: cannot write to "), "{args}: {}", ran.err);
    }
    assert_eq!(folder.read("there"), valid);
    fs::hard_link(folder.0.join("there"), folder.0.join("twin")).unwrap();
    let ran = folder.run("check --write-valid twin f");
    assert!(ran.status == 2 && ran.err.contains("several names"), "{}", ran.err);
}

/// What other commands of a step have written to its summary stays.
#[test]
fn the_summary_of_a_step_is_appended_to() {
    let folder = Folder::new("step-summary").with("right.json", RIGHT).with("wrong.json", WRONG);
    let one = folder.run("check -q --format markdown right.json").out;
    let two = folder.run("check -q --format markdown wrong.json").out;
    let script = |summary: &str| {
        format!(
            "export GITHUB_STEP_SUMMARY={summary}; echo before > s.md; \
             $OC check -q --report markdown=\"$GITHUB_STEP_SUMMARY\" --report csv=r.csv right.json; \
             $OC check -q --format csv --report markdown=\"$GITHUB_STEP_SUMMARY\" --report csv=r.csv wrong.json >/dev/null; \
             echo after >> s.md; cat s.md"
        )
    };
    let summary = folder.0.join("s.md");
    let ran = folder.shell(&script(summary.to_str().unwrap()));
    assert_eq!(ran.out, format!("before\n{one}{two}after\n"), "{}", ran.err);
    assert_eq!(folder.read("r.csv").lines().filter(|line| line.starts_with("kind,")).count(), 1, "others are replaced");
    // However its path is written.
    let ran = folder.shell(
        "echo before > s.md; GITHUB_STEP_SUMMARY=$PWD/s.md $OC check -q --report markdown=../$(basename $PWD)/s.md right.json; cat s.md",
    );
    assert_eq!(ran.out, format!("before\n{one}"), "{}", ran.err);
    // It need not be there yet, and an empty name means nothing.
    fs::remove_file(&summary).unwrap();
    let ran =
        folder.shell("GITHUB_STEP_SUMMARY=s.md $OC check -q --report markdown=s.md right.json >/dev/null; cat s.md");
    assert_eq!(ran.out.matches("## Order charges").count(), 1, "{}", ran.whole());
    let ran = folder.shell("GITHUB_STEP_SUMMARY= $OC check -q --report markdown=s.md wrong.json >/dev/null; cat s.md");
    assert_eq!(ran.out, two);
}

#[test]
fn pipes_devices_and_descriptors_are_written_to_directly() {
    let valid = format!("{RIGHT}\n");
    let folder = Folder::new("direct").with("f", lines(1));
    let ran = folder.shell("mkfifo p; cat p > got & $OC check -q --write-valid p f > /dev/null; wait; test -p p");
    assert_eq!((ran.status, folder.read("got")), (0, valid.clone()), "{}", ran.err);
    for script in [
        "$OC check -q --write-valid - f 2> /dev/null",
        "$OC check -q --write-valid /dev/stdout f 2> /dev/null",
        "$OC check -q --write-valid /dev/stdout f 2> /dev/null > out; cat out",
        "$OC check -q --write-valid /dev/fd/3 f 3> out > /dev/null; cat out",
        "echo 1 > out; $OC check -q --write-valid /dev/fd/3 f 3>> out > /dev/null; tail -1 out",
        "$OC check -q --write-valid - f 2>&1 >&3 3>&- | grep -c OC105 > /dev/null",
        "$OC check -q --write-valid /dev/null --write-invalid /dev/null f > /dev/null; $OC check -q --write-valid - f 2> /dev/null",
        "$OC fix -q --output /dev/stdout f | head -1",
    ] {
        let ran = folder.shell(&format!("exec 3>&1; {script}"));
        assert_eq!(ran.out, valid, "{script}: {}", ran.err);
    }
    let full = folder.run("check --write-valid /dev/full f");
    assert!(full.status == 2 && full.err.contains("cannot write to /dev/full"), "{}", full.err);
}

/// Whether a process has locked a file: until then, another run may still take its place.
fn has_lock(process: u32) -> bool {
    let open = fs::read_dir(format!("/proc/{process}/fdinfo")).into_iter().flatten().flatten();
    open.filter_map(|file| fs::read_to_string(file.path()).ok()).any(|info| info.contains("lock:"))
}

#[test]
fn what_a_killed_run_leaves_is_gone_after_the_next() {
    let folder = Folder::new("killed").with("f", lines(1)).with("out", "kept").with("blank", BLANK);
    let part = |folder: &Folder| folder.names().into_iter().find(|name| name.ends_with(".part"));
    for (begin, args) in
        [("check -q --write-valid out", "check -q --write-valid out f"), ("", "fix -q --in-place blank")]
    {
        let left = if begin.is_empty() {
            // As it is left beside a file that is written in place: nothing there may stop the next run.
            let name = folder.shell("$OC check -q --write-valid blank - > /dev/null < /dev/zero & until ls -A | grep -q part; do sleep 0.02; done; kill -9 $!; wait $!; ls -A | grep part").out;
            name.trim().to_owned()
        } else {
            let mut child = folder.command(begin).stdin(Stdio::piped()).spawn().unwrap();
            let mut orders = child.stdin.take().unwrap();
            orders.write_all(lines(1).as_bytes()).unwrap();
            let begun = Instant::now();
            while !has_lock(child.id()) && begun.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(5));
            }
            // A second run does not write what the first is writing.
            let second = folder.run(args);
            assert!(second.status == 2 && second.err.contains("another run is writing it"), "{}", second.err);
            child.kill().unwrap();
            child.wait().unwrap();
            part(&folder).unwrap()
        };
        assert!(folder.0.join(&left).exists(), "{left}");
        assert_eq!(folder.read("out"), "kept");
        let ran = folder.run(args);
        assert!(ran.status < 2, "{}", ran.err);
        assert_eq!(part(&folder), None, "{args}");
        fs::write(folder.0.join("out"), "kept").unwrap();
    }
    assert_eq!(folder.read("blank"), FILLED);
    // Nothing is to be written, and still it is cleared away.
    let ran = folder.shell("$OC check -q --write-valid blank - > /dev/null < /dev/zero & until ls -A | grep -q part; do sleep 0.02; done; kill -9 $!; wait $!; ls -A | grep -c part; $OC fix --in-place blank; ls -A | grep -c part");
    assert_eq!(ran.out, "1\n0\n", "{}", ran.err);
}

#[test]
fn fix_in_place_keeps_what_is_not_content_or_refuses() {
    let long = format!("{}.ndjson", "n".repeat(248));
    let folder =
        Folder::new("in-place").with(&long, BLANK).with("mode", BLANK).with("hard", BLANK).with("owner", BLANK);
    assert_eq!(folder.run(&format!("fix -q --in-place {long}")).status, 0);
    assert_eq!(folder.read(&long), FILLED);

    let mode = folder.0.join("mode");
    fs::set_permissions(&mode, fs::Permissions::from_mode(0o604)).unwrap();
    let attributes = xattr::set(&mode, "user.origin", b"the shop").is_ok();
    assert_eq!(folder.run("fix -q --in-place mode").status, 0);
    assert_eq!(fs::metadata(&mode).unwrap().mode() & 0o7777, 0o604);
    if attributes {
        assert_eq!(xattr::get(&mode, "user.origin").unwrap().unwrap(), b"the shop");
    }

    // Only root may give files away.
    let owner = folder.0.join("owner");
    if std::os::unix::fs::chown(&owner, Some(1234), Some(2345)).is_ok() {
        assert_eq!(folder.run("fix -q --in-place owner").status, 0);
        let known = fs::metadata(&owner).unwrap();
        assert_eq!((known.uid(), known.gid(), folder.read("owner").as_str()), (1234, 2345, FILLED));
    }

    fs::hard_link(folder.0.join("hard"), folder.0.join("twin")).unwrap();
    let ran = folder.run("fix --in-place hard");
    assert!(ran.status == 2 && ran.err.contains("several names"), "{}", ran.err);
    assert_eq!((folder.read("hard"), folder.read("twin")), (BLANK.to_owned(), BLANK.to_owned()));

    let pipes =
        "mkfifo p; $OC fix --in-place p; $OC fix --in-place --unsafe --from-mapping p; $OC fix --in-place /dev/zero";
    let ran = folder.shell(&format!("{pipes}; $OC fix --in-place /dev/fd/3 3<> twin"));
    assert_eq!(ran.status, 2);
    assert_eq!(ran.err.matches("expected a file to write back to, found a pipe or a device").count(), 3, "{}", ran.err);
    assert_eq!(folder.read("twin"), BLANK);
    assert!(!folder.names().iter().any(|name| name.ends_with(".part")));
}

/// Waits until a run has read a number of bytes, or for a while where the system does not say how many it has read.
fn wait_until_read(process: u32, bytes: usize) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        let Ok(text) = fs::read_to_string(format!("/proc/{process}/io")) else {
            return std::thread::sleep(Duration::from_millis(100));
        };
        let read = text.lines().find_map(|line| line.strip_prefix("rchar: ")?.parse::<usize>().ok());
        if read.is_some_and(|read| read >= bytes) {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn fix_in_place_does_not_overwrite_what_has_changed_meanwhile() {
    // Long enough to be changed while it is repaired.
    let orders = format!("{BLANK}\n").repeat(40_000);
    let changes: [fn(&Path); 3] = [
        |path| writeln!(fs::OpenOptions::new().append(true).open(path).unwrap(), "{RIGHT}").unwrap(),
        |path| {
            fs::write(path.with_extension("new"), RIGHT).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        },
        |path| fs::remove_file(path).unwrap(),
    ];
    for change in changes {
        let folder = Folder::new("changed").with("f", &orders);
        let path = folder.0.join("f");
        let child = folder.command("fix --in-place f").stderr(Stdio::piped()).spawn().unwrap();
        // It is repaired in some hundreds of milliseconds once all of it has been read.
        wait_until_read(child.id(), orders.len());
        change(&path);
        let left = fs::read(&path).unwrap_or_default();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("changed by another program"), "{said}");
        assert_eq!(fs::read(&path).unwrap_or_default(), left);
        assert!(!folder.names().iter().any(|name| name.ends_with(".part")));
    }
}
