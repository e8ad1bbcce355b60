//! The journal: runs that are taken up again, damage, and runs killed at every write.

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{env, fs, thread};

use ordercharge::submit::{
    Boot, Breakdown, Client, Clock, Endpoint, FileJournal, Ledger, Outcome, Phase, Session, Settings, Step,
    SubmitError, Timeouts, Unfit, drive,
};

use super::{NOT_FOUND, Run, checked, credentials, folder, orders, reply, resume, session, submit};
use crate::util::server::Server;

/// A journal of two orders, the first sent, of the second nothing but that it was to be sent.
fn begun(server: &Server) -> String {
    let run = submit(server, 1, &orders(2));
    let lines: Vec<&str> = run.journal.lines().collect();
    lines[..lines.len() - 1].join("\n") + "\n"
}

#[test]
fn a_run_is_resumed() {
    let server = Server::start();
    let journal = begun(&server);
    let run = resume(&server, &journal, Settings::default(), &orders(3));
    assert_eq!(run.history("T-00000"), ["send", "reply sent"]);
    assert_eq!(run.history("T-00001"), ["send", "read-back sent"]);
    assert_eq!(run.history("T-00002"), ["send", "reply sent"]);
    assert!(server.kept().again.is_empty());
    // Again: nothing is left to be done.
    let calls = server.kept().calls.len();
    let again = resume(&server, &run.journal, Settings::default(), &orders(3));
    assert!(again.settled.iter().all(|order| order.outcome == Outcome::Sent && order.earlier));
    assert_eq!((again.settled.len(), &again.journal, server.kept().calls.len()), (3, &run.journal, calls));

    // Where the server never got it, it is sent.
    let elsewhere = Server::start();
    let journal = journal.replace(&server.url, &elsewhere.url);
    let run = resume(&elsewhere, &journal, Settings::default(), &orders(2));
    assert_eq!(run.history("T-00001"), ["send", "read-back unsent", "send", "reply sent"]);
    assert_eq!(elsewhere.kept().orders.len(), 1);

    // The clock has gone back by a year since: no longer is waited than is meant.
    let backwards = journal.replace("\"at\":17", "\"at\":1817");
    assert!(Ledger::read(backwards.as_bytes()).unwrap().entries().all(|entry| entry.at > 18_000_000_000_000));
    let run = resume(&elsewhere, &backwards, Settings::default(), &orders(2));
    assert_eq!(run.now, Duration::from_secs(1_795_470_010));

    // Other content under a name that was sent, or may have been, is not sent.
    let changed = checked(r#"{"cust_ref": "T-00000", "items": [{"item": "C100", "quantity": 9}]}"#);
    let run = resume(&elsewhere, &journal, Settings::default(), &[changed]);
    assert_eq!(run.unfit, [(0, Unfit::Changed)]);

    // A journal of another server is refused.
    let ledger = Ledger::read(journal.as_bytes()).unwrap();
    let refused = Session::new(Endpoint::default(), credentials(), Settings::default(), ledger).unwrap_err();
    assert!(refused.is_journal() && refused.to_string().contains(&elsewhere.url));
}

#[test]
fn refused_orders_are_sent_again_when_they_are_mended() {
    let server = Server::start();
    server.kept().invalid.insert("T-00000".to_owned());
    let first = submit(&server, 1, &orders(1));
    assert_eq!(first.history("T-00000"), ["send", "reply refused"]);
    server.kept().invalid.clear();
    let same = resume(&server, &first.journal, Settings::default(), &orders(1));
    assert_eq!((same.outcome("T-00000").name(), same.history("T-00000").len()), ("refused", 2));
    let retried = resume(&server, &first.journal, Settings { retry_refused: true, ..Settings::default() }, &orders(1));
    assert_eq!(retried.outcome("T-00000"), &Outcome::Sent);

    let server = Server::start();
    let before = Ledger::read(first.journal.as_bytes()).unwrap();
    let journal = first.journal.replace(before.base_url().unwrap(), &server.url);
    let fixed = checked(r#"{"cust_ref": "T-00000", "ship_zip": "1", "items": [{"item": "C100", "quantity": 1}]}"#);
    let run = resume(&server, &journal, Settings::default(), &[fixed]);
    assert_eq!(run.outcome("T-00000"), &Outcome::Sent);
}

#[test]
fn damaged_journals() {
    let server = Server::start();
    let journal = submit(&server, 2, &orders(4)).journal;
    assert_eq!(Ledger::read(journal.as_bytes()).unwrap().entries().count(), 4);
    // Cut off anywhere it says less, but nothing wrong, and what remains is a journal.
    for end in 0..journal.len() {
        let ledger = Ledger::read(&journal.as_bytes()[..end]).unwrap();
        let whole = end - ledger.torn();
        assert!(whole == 0 || journal.as_bytes()[whole - 1] == b'\n' || ledger.is_unended(), "{end}");
        Ledger::read(&journal.as_bytes()[..whole]).unwrap();
    }
    let lines: Vec<&str> = journal.lines().collect();
    let with = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines[at] = line;
        Ledger::read((lines.join("\n") + "\n").as_bytes()).unwrap_err()
    };
    for (at, line) in [
        (2, ""),
        (2, "{"),
        (3, "\u{0}\u{0}"),
        (4, r#"{"at":1,"step":"reply","orders":[{"cust_ref":"X","outcome":"sent"}]}"#),
        (4, r#"{"at":1,"step":"other","orders":[{"cust_ref":"T-00000"}]}"#),
        (4, r#"{"at":1,"step":"reply","orders":[{"cust_ref":"T-00000","outcome":"maybe"}]}"#),
        (4, r#"{"at":"x","step":"reply","orders":[]}"#),
        (1, r#"{"at":1,"step":"send","orders":[{"cust_ref":"A","index":-1,"sha256":""}]}"#),
        (1, r#"{"at":1,"step":"send","orders":[{"cust_ref":"A","index":0,"sha256":"","content":{"count":"x"}}]}"#),
        (1, r#"{"at":1,"step":"send","orders":[],"boot":{"id":1}}"#),
    ] {
        let error = with(at, line);
        assert_eq!((error.is_journal(), error.line()), (true, Some(at as u64 + 1)), "{error}");
    }
    for other in ["hello", "hello\n", "\n", "[]\n", "{}\n", "{\"cust_ref\": \"A\"}\n", "\u{FEFF}{}", "\0\0\0\n"] {
        assert!(Ledger::read(other.as_bytes()).unwrap_err().is_journal(), "{other:?}");
    }
    assert!(Ledger::read(b"\xFF\xFE\n").unwrap_err().is_journal());
    let newer = journal.replacen("\"version\":1", "\"version\":2", 1);
    assert!(Ledger::read(newer.as_bytes()).unwrap_err().to_string().contains("version 1"));
}

/// Resumes the journal once nobody holds it. A child that another test starts holds all locks of this process until it has
/// become another program.
fn released(path: &Path) -> Result<(FileJournal, Ledger), SubmitError> {
    for _ in 0..500 {
        match FileJournal::resume(path) {
            Err(held) if held.to_string().contains("another run holds it") => thread::sleep(Duration::from_millis(10)),
            known => return known,
        }
    }
    FileJournal::resume(path)
}

#[test]
fn the_journal_as_a_file() {
    let folder = folder("file");
    let path = folder.join("a.journal");
    let mut journal = FileJournal::create(&path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let server = Server::start();
    let whole = submit(&server, 1, &orders(1)).journal;
    journal.append(&whole).unwrap();
    assert!(FileJournal::resume(&path).unwrap_err().to_string().contains("another run holds it"));
    drop(journal);

    // A torn line goes; one that only lacks its end is ended.
    fs::write(&path, format!("{whole}{{\"at\":1,\"st")).unwrap();
    drop(released(&path).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    fs::write(&path, whole.trim_end()).unwrap();
    let (_, ledger) = released(&path).unwrap();
    assert_eq!(ledger.get("T-00000").unwrap().outcome(), Outcome::Sent);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);

    // What is no journal is left as it is.
    for other in ["hello", "{\"a\": 1}", "{\"journal\":\"other\"", ""] {
        fs::write(&path, other).unwrap();
        assert_eq!(released(&path).is_ok(), other.is_empty(), "{other}");
        assert_eq!(fs::read_to_string(&path).unwrap(), other);
    }
    for nowhere in [folder.join("no/a.journal"), folder.clone()] {
        assert!(FileJournal::create(&nowhere).is_err());
        assert!(FileJournal::resume(&nowhere).unwrap_err().is_file());
    }
}

/// A run that is killed while the server is at a batch, and taken up at once: "none" counts only when the call could have
/// lasted no longer.
#[test]
fn a_server_slower_than_the_resumed_run_waits() {
    let within = Timeouts::default().longest_call();
    for (late, old) in [(14, false), (119, false), (199, false), (14, true), (199, true)] {
        // The server begins with the batch, and has it done so much later.
        let sent_at = Duration::from_secs(1_795_460_000);
        let done_at = sent_at + Duration::from_secs(late);
        let mut first = session(Settings { batch: 3, ..Settings::default() }, "");
        let started = |set: u64| Some(Boot::new("this start", 1_795_400_000_000 + 1000 * set));
        first.set_boot(started(0));
        let mut run = Run { now: sent_at, ..Run::default() };
        for (index, order) in orders(3).iter().enumerate() {
            first.add(index as u64, order).unwrap();
        }
        while let Step::Record(line) = first.step(run.now) {
            run.journal.push_str(&line);
            first.recorded();
        }
        if old {
            // Of a version that did not write how long the call may take.
            run.journal = run.journal.replace(&format!("\"within\":{},", within.as_millis()), "");
        }
        // Killed after a second, and taken up after another, by a clock that may have been set in between: during the first run,
        // so that the time of the file is later too, or after it.
        for (set, later) in [(0, false), (7_200, false), (7_200, true), (-7_200_i64, true)] {
            let mut session = session(Settings::default(), &run.journal);
            let offset = |time: Duration| match set {
                0.. => time + Duration::from_secs(set.unsigned_abs()),
                _ => time - Duration::from_secs(set.unsigned_abs()),
            };
            if !later {
                // The clock of a file goes with that of the system.
                session = with_file(&run.journal, offset(sent_at));
            } else if set > 0 {
                session.set_boot(started(set.unsigned_abs()));
            }
            let (mut now, mut posts, mut reads) = (sent_at + Duration::from_secs(2), 0, 0);
            session.close();
            loop {
                match session.step(offset(now)) {
                    Step::Record(_) => session.recorded(),
                    Step::Wait(time) => now += time,
                    Step::Send(request) => {
                        posts += usize::from(request.method() == "POST");
                        reads += 1;
                        let name = request.url().rsplit('/').next().unwrap();
                        let answer = match now >= done_at {
                            true => {
                                reply(&format!(r#"{{"success_code": true, "response": {{"cust_ref": "{name}"}}}}"#))
                            }
                            false => reply(NOT_FOUND),
                        };
                        session.answered(offset(now), answer);
                    }
                    Step::Settled(settled) => assert_eq!(settled.outcome, Outcome::Sent, "{late} {set}"),
                    Step::Done => break,
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(
                (posts, session.ledger().entries().filter(|entry| entry.outcome() == Outcome::Sent).count()),
                (0, 3)
            );
            assert!(reads < 3 * 9, "{reads}: the pauses grow");
            assert!(now <= sent_at + within + Duration::from_secs(15));
        }
    }
}

/// A session over a journal in a file that was last written to at some time.
fn with_file(journal: &str, written_at: Duration) -> Session {
    let path = folder("written").join("a.journal");
    fs::write(&path, journal).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH + written_at).unwrap();
    let (_, ledger) = FileJournal::resume(&path).unwrap();
    Session::new(Endpoint::default(), credentials(), Settings::default(), ledger).unwrap()
}

/// An order that is not there is sent, once the call could have lasted no longer; and at once if that is long ago.
#[test]
fn what_never_arrived_is_sent_in_the_end() {
    let server = Server::start();
    let journal = begun(&server);
    let elsewhere = Server::start();
    let journal = journal.replace(&server.url, &elsewhere.url);
    for (later, waited) in [(1, 109), (50, 60), (1_000, 10)] {
        let mut session = {
            let endpoint = super::endpoint(&elsewhere.url);
            let ledger = Ledger::read(journal.as_bytes()).unwrap();
            Session::new(endpoint, credentials(), Settings::default(), ledger).unwrap()
        };
        session.close();
        let start = Duration::from_secs(1_795_460_000 + later);
        let mut run = Run { now: start, ..Run::default() };
        run.drive(&mut session, |_| reply(NOT_FOUND));
        assert_eq!(
            (run.settled[0].outcome.name(), run.now - start),
            ("unsent", Duration::from_secs(waited)),
            "{later}"
        );
    }
}

/// A call that ran into its timeout says that the server is slow: it is given as long again.
#[test]
fn a_server_slower_than_the_timeout() {
    let mut session = session(Settings { settle_after: Duration::ZERO, ..Settings::default() }, "");
    let (mut run, mut posts, mut done_at) = (Run::default(), 0, Duration::MAX);
    session.add(0, &orders(1)[0]).unwrap();
    session.close();
    loop {
        match session.step(run.now) {
            Step::Record(_) => session.recorded(),
            Step::Wait(time) => run.now += time,
            Step::Send(request) => {
                let answer = match request.method() {
                    "POST" => {
                        posts += 1;
                        done_at = run.now + Duration::from_secs(230);
                        run.now += Duration::from_secs(120);
                        Err(Breakdown::new(Phase::Send, "time ran out while waiting for the reply"))
                    }
                    _ if run.now >= done_at => reply(r#"{"success_code": true, "response": {"cust_ref": "T-00000"}}"#),
                    _ => reply(NOT_FOUND),
                };
                session.answered(run.now, answer);
            }
            Step::Settled(settled) => run.settled.push(settled),
            _ => break,
        }
    }
    assert_eq!((posts, run.outcome("T-00000")), (1, &Outcome::Sent));
}

/// A clock that jumps within a run: back, nothing waits for longer, and nothing is sent twice.
#[test]
fn a_clock_that_jumps_back() {
    let mut session = session(Settings::default(), "");
    let (mut now, mut waited, mut posts, mut calls) = (Duration::from_secs(1_795_460_000), Duration::ZERO, 0, 0_u32);
    for (index, order) in orders(3).iter().enumerate() {
        session.add(index as u64, order).unwrap();
    }
    session.close();
    let mut times = Vec::new();
    loop {
        match session.step(now) {
            Step::Record(line) => {
                let line: serde_json::Value = serde_json::from_str(&line).unwrap();
                times.extend(line["at"].as_u64());
                session.recorded();
            }
            Step::Wait(time) => {
                waited += time;
                now += time;
            }
            Step::Send(request) => {
                calls += 1;
                now -= Duration::from_secs(3_600 * u64::from(calls));
                let answer = match request.method() {
                    "POST" => {
                        posts += 1;
                        Err(Breakdown::new(Phase::Send, "closed"))
                    }
                    _ => {
                        let name = request.url().rsplit('/').next().unwrap();
                        reply(&format!(r#"{{"success_code": true, "response": {{"cust_ref": "{name}"}}}}"#))
                    }
                };
                session.answered(now, answer);
            }
            Step::Settled(settled) => assert_eq!(settled.outcome, Outcome::Sent),
            _ => break,
        }
    }
    assert_eq!((posts, calls), (3, 6));
    assert!(waited < Duration::from_secs(3 * 12), "{waited:?}");
    assert!(times.is_sorted(), "{times:?}");
}

/// Where the process that is killed finds what it is to do.
const CHILD: &str = "ORDERCHARGE_TEST_KILLED";

/// Not a test by itself: a run that kills itself at its n-th write to the journal, before it, within it, or after it.
#[test]
#[ignore = "run by killed_at_every_write"]
fn killed_child() {
    let Ok(told) = env::var(CHILD) else { return };
    let told: Vec<&str> = told.split(' ').collect();
    let [url, path, batch, at, when] = told[..] else { panic!("{told:?}") };
    let (path, at): (&Path, usize) = (Path::new(path), at.parse().unwrap());
    let (mut journal, ledger) = match path.exists() {
        true => FileJournal::resume(path).unwrap(),
        false => (FileJournal::create(path).unwrap(), Ledger::default()),
    };
    let mut endpoint = Endpoint::new(url).unwrap();
    // What was killed is not believed to be absent before the call could have ended.
    let short = Duration::from_millis(100);
    endpoint.timeouts = Timeouts { resolve: short, connect: short, send: short, reply: 5 * short, body: short };
    let client = Client::new(&endpoint);
    let settings = Settings { batch: batch.parse().unwrap(), settle_after: Duration::ZERO, ..Settings::default() };
    let mut session = Session::new(endpoint, credentials(), settings, ledger).unwrap();
    let mut written = 0;
    let mut go = |session: &mut Session| {
        let record = |line: &str| {
            written += 1;
            if written < at {
                return journal.append(line);
            }
            match when {
                "before" => {}
                "within" => fs::OpenOptions::new()
                    .append(true)
                    .open(path)
                    .and_then(|mut file| std::io::Write::write_all(&mut file, &line.as_bytes()[..line.len() * 2 / 3]))
                    .unwrap(),
                _ => journal.append(line).unwrap(),
            }
            Command::new("kill").args(["-9", &std::process::id().to_string()]).status().unwrap();
            panic!("killed")
        };
        drive(session, &client, &Clock::start(), record, |_| {}).unwrap();
    };
    go(&mut session);
    for (index, order) in orders(200).iter().enumerate() {
        session.add(index as u64, order).unwrap();
        if session.is_full() {
            go(&mut session);
        }
    }
    session.close();
    go(&mut session);
}

/// Runs the child: whether it came to its end.
fn child(server: &Server, path: &Path, batch: usize, at: usize, when: &str) -> bool {
    let told = format!("{} {} {batch} {at} {when}", server.url, path.display());
    let ran = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "submit::journal::killed_child"])
        .env(CHILD, told)
        .output()
        .unwrap();
    assert!(ran.status.success() || ran.status.code().is_none(), "{}", String::from_utf8_lossy(&ran.stdout));
    ran.status.success()
}

/// Each of the 200 is there once, and the journal says so.
fn all_sent_once(server: &Server, path: &Path) {
    let kept = server.kept();
    assert_eq!(kept.orders.len(), 200);
    assert!(kept.again.is_empty(), "{:?}", kept.again);
    assert!(kept.arrived.values().all(|count| *count == 1));
    let ledger = Ledger::read(&fs::read(path).unwrap()).unwrap();
    assert_eq!((ledger.torn(), ledger.entries().count()), (0, 200));
    for entry in ledger.entries() {
        assert_eq!(entry.outcome(), Outcome::Sent, "{}", entry.cust_ref);
    }
}

/// Killed at every write, and resumed.
#[test]
fn killed_at_every_write() {
    let folder = folder("killed");
    let path = folder.join("a.journal");
    let batch = 20;
    // The head, and two lines for each of ten calls.
    let writes = 21;
    for at in 1..=writes + 1 {
        for when in ["before", "within", "after"] {
            let _ = fs::remove_file(&path);
            let server = Server::start();
            let ended = child(&server, &path, batch, at, when);
            assert_eq!(ended, at > writes, "{at} {when}");
            assert!(ended || child(&server, &path, batch, usize::MAX, "-"), "{at} {when}");
            all_sent_once(&server, &path);
        }
    }
    // And killed over and over again, a few writes on each time.
    for step in [2, 3, 5] {
        let _ = fs::remove_file(&path);
        let server = Server::start();
        let mut whens = ["before", "within", "after"].iter().cycle();
        let mut runs = 0;
        while !child(&server, &path, batch, step, whens.next().unwrap()) {
            runs += 1;
            assert!(runs < 400, "it gets on");
        }
        all_sent_once(&server, &path);
    }
}
