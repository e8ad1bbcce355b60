//! The journal: runs that are taken up again, damage, and runs killed at every write.

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use ordercharge::submit::{Client, Clock, Endpoint, FileJournal, Ledger, Outcome, Session, Settings, Unfit, drive};

use super::{checked, credentials, folder, orders, resume, submit};
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
    let changed = checked(r#"{"cust_ref": "T-00000", "items": [{"quantity": 9}]}"#);
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
    let mended = checked(r#"{"cust_ref": "T-00000", "ship_zip": "1", "items": [{"quantity": 1}]}"#);
    let run = resume(&server, &journal, Settings::default(), &[mended]);
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
    drop(FileJournal::resume(&path).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    fs::write(&path, whole.trim_end()).unwrap();
    let (_, ledger) = FileJournal::resume(&path).unwrap();
    assert_eq!(ledger.get("T-00000").unwrap().outcome(), Outcome::Sent);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);

    // What is no journal is left as it is.
    for other in ["hello", "{\"a\": 1}", "{\"journal\":\"other\"", ""] {
        fs::write(&path, other).unwrap();
        assert_eq!(FileJournal::resume(&path).is_ok(), other.is_empty(), "{other}");
        assert_eq!(fs::read_to_string(&path).unwrap(), other);
    }
    for nowhere in [folder.join("no/a.journal"), folder.clone()] {
        assert!(FileJournal::create(&nowhere).is_err());
        assert!(FileJournal::resume(&nowhere).unwrap_err().is_file());
    }
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
    endpoint.timeouts.reply = Duration::from_secs(20);
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
