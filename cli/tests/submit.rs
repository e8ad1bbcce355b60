//! `submit` and `reconcile`, run as their users run them, against a server of our own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../../tests/it/util/server.rs"]
mod server;
mod util;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use server::{Mischief, Server};
use util::snapshot;

const USER: &str = "user-7Qp2";
const KEY: &str = "key-Zx81vK";
/// base64 of `user-7Qp2:key-Zx81vK`.
const TOKEN: &str = "dXNlci03UXAyOmtleS1aeDgxdks=";

/// A folder of its own for a test, where it also runs the command.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("submit-{test}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let folder = Folder(path);
        folder.write("secret.txt", &format!("api_user = {USER}\napi_key = {KEY}\n"), 0o600);
        folder
    }

    fn write(&self, name: &str, text: &str, mode: u32) {
        let path = self.0.join(name);
        let _ = fs::remove_file(&path);
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }

    fn with(self, name: &str, text: &str) -> Folder {
        self.write(name, text, 0o644);
        self
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ordercharge"));
        command.args(args.split_whitespace()).current_dir(&self.0).stdin(Stdio::null());
        command.env_remove("ORDERCHARGE_API_USER").env_remove("ORDERCHARGE_API_KEY");
        command
    }

    fn run(&self, args: &str) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// Sends to a server, with credentials from the file, and waits for nothing.
    fn submit(&self, server: &Server, args: &str) -> Ran {
        let url = &server.url;
        self.run(&format!("submit --yes --credentials secret.txt --settle-after 0 --base-url {url} {args}"))
    }
}

struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn records(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn order(cust_ref: &str) -> String {
    format!(
        r#"{{"cust_ref":"{cust_ref}","note":"kept","grand_total":"5.00","items":[{{"item":"C100","price":"5.00","quantity":1}}]}}"#
    )
}

fn orders(names: &[&str]) -> String {
    names.iter().map(|name| order(name) + "\n").collect()
}

const WRONG: &str =
    r#"{"cust_ref":"WRONG","grand_total":"6.00","items":[{"item":"C100","price":"5.00","quantity":1}]}"#;
const NAMELESS: &str = r#"{"grand_total":"5.00","items":[{"item":"C100","price":"5.00","quantity":1}]}"#;

#[test]
fn nothing_is_sent_unless_asked_for() {
    let server = Server::start();
    let folder = Folder::new("dry").with("orders.ndjson", &format!("{}{WRONG}\n", orders(&["A", "B"])));
    let url = &server.url;
    let ran = folder.run(&format!("submit --base-url {url} orders.ndjson"));
    assert_eq!(ran.status, 1);
    let wrong =
        "orders.ndjson:3: WRONG: invalid: error[OC105] /grand_total: grand_total is 6, expected 5 (over by 1)\n";
    assert_eq!(ran.out, wrong);
    assert_eq!(ran.err, "3 orders: 2 would be sent, 1 invalid; nothing was sent: --yes sends\n");
    let ran = folder.run(&format!("submit --base-url {url} --format ndjson orders.ndjson"));
    let records = ran.records();
    assert_eq!(records[0]["outcome"], "ready");
    assert_eq!(
        (&records[3]["type"], &records[3]["exit"], &records[3]["ready"]),
        (&"summary".into(), &1.into(), &2.into())
    );
    assert_eq!(folder.run(&format!("submit --base-url {url} --all-or-nothing -q orders.ndjson")).status, 1);
    assert!(server.kept().calls.is_empty());
}

#[test]
fn the_right_ones_are_sent() {
    let server = Server::start();
    server.kept().invalid.insert("C".to_owned());
    let input = format!("{}{WRONG}\noops\n{NAMELESS}\n{}{}", orders(&["A", "B"]), orders(&["C", "A"]), order("D"));
    let folder = Folder::new("right").with("orders.ndjson", &input);
    let ran = folder.submit(&server, "--journal a.journal --batch 2 --format ndjson orders.ndjson");
    assert_eq!(ran.status, 2, "{}", ran.err);
    let records = ran.records();
    let of = |index: u64| records.iter().find(|record| record["index"] == index).unwrap();
    let outcomes = (0..8).map(|at| of(at)["outcome"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(outcomes, ["sent", "sent", "invalid", "unreadable", "unfit", "refused", "unfit", "sent"]);
    assert_eq!(of(5)["message"], "Order missing required field(s): ship_zip");
    assert_eq!(
        (&of(7)["line"], &of(7)["source"], &of(7)["cust_ref"]),
        (&8.into(), &"orders.ndjson".into(), &"D".into())
    );
    assert_eq!(of(0)["process_id"], "P0");
    assert!(of(6)["message"].as_str().unwrap().contains("the order with index 0"));
    let summary = records.last().unwrap();
    assert_eq!((&summary["sent"], &summary["unfit"], &summary["orders"]), (&3.into(), &2.into(), &8.into()));
    // A wrong order never reaches the socket.
    let kept = server.kept();
    assert!(kept.calls.iter().all(|call| !String::from_utf8_lossy(&call.body).contains("WRONG")));
    assert_eq!(kept.calls[0].body, format!("[{},{}]", order("A"), order("B")).into_bytes());
    drop(kept);

    // Nothing is left to be done but what was refused.
    let calls = server.kept().calls.len();
    let again = folder.submit(&server, "--journal a.journal --resume --format ndjson orders.ndjson");
    assert_eq!((again.status, server.kept().calls.len()), (2, calls));
    assert!(
        again.records().iter().filter(|record| record["outcome"] == "sent").all(|record| record["earlier"] == true)
    );
    server.kept().invalid.clear();
    let again = folder.submit(&server, "--journal a.journal --resume --retry-refused orders.ndjson");
    assert!(again.err.starts_with("8 orders: 4 sent, 1 invalid"), "{}", again.err);
    assert!(server.kept().again.is_empty());
    let reconciled = folder.run(&format!("reconcile a.journal --base-url {}", server.url));
    assert_eq!((reconciled.status, reconciled.out.as_str()), (0, ""));
    assert_eq!(reconciled.err, "4 orders: 4 sent\n");
}

#[test]
fn all_or_nothing() {
    let server = Server::start();
    let folder = Folder::new("all").with("some.ndjson", &format!("{}{WRONG}\n", orders(&["A", "B"])));
    let folder = folder.with("good.ndjson", &orders(&["A", "B"]));
    let ran = folder.submit(&server, "--journal a.journal --all-or-nothing some.ndjson");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("some.ndjson:1: A: held-back: not all orders can be sent\n"), "{}", ran.out);
    assert!(server.kept().calls.is_empty() && !folder.0.join("a.journal").exists());
    let ran = folder.submit(&server, "--journal a.journal --all-or-nothing good.ndjson missing.ndjson");
    assert_eq!((ran.status, server.kept().calls.len()), (2, 0));
    assert_eq!(folder.submit(&server, "--journal a.journal --all-or-nothing good.ndjson").status, 0);
    assert_eq!(server.kept().orders.len(), 2);
}

#[test]
fn what_is_unknown_is_reported_and_reconciled() {
    // Orders arrive, nothing comes back, and nothing can be read.
    let server = Server::scripted(|call| match call.method.as_str() {
        "POST" => Mischief::Cut(0),
        _ => Mischief::Answer {
            take: false,
            status: 200,
            body: r#"{"success_code": true, "response": null}"#.to_owned(),
        },
    });
    let folder = Folder::new("unknown").with("orders.ndjson", &orders(&["A", "B"]));
    let ran = folder.submit(&server, "--journal a.journal orders.ndjson");
    assert_eq!(ran.status, 3);
    assert!(
        ran.out.starts_with("orders.ndjson:1: A: unknown: reading it back gave no order, or others (process id P1)\n")
    );
    assert!(
        ran.err.contains(
            "2 of the journal unknown: settle them with `ordercharge reconcile a.journal --base-url http://127.0.0.1:"
        ),
        "{}",
        ran.err
    );
    let url = &server.url;
    let reconcile = format!("reconcile a.journal --settle-after 0 --credentials secret.txt --base-url {url}");
    let ran = folder.run(&reconcile);
    assert_eq!((ran.status, ran.out.lines().count()), (3, 2), "{}{}", ran.out, ran.err);
    server.does(|_| Mischief::None);
    server.kept().orders.remove("B");
    let ran = folder.run(&format!("{reconcile} --format ndjson"));
    assert_eq!(ran.status, 1);
    let outcomes: Vec<Value> = ran.records().iter().map(|record| record["outcome"].clone()).collect();
    assert_eq!(outcomes, ["sent".into(), "unsent".into(), Value::Null]);
    let ran = folder.submit(&server, "--journal a.journal --resume orders.ndjson");
    assert_eq!(ran.status, 0);
    assert_eq!((server.kept().orders.len(), folder.run(&reconcile).status), (2, 0));
    // A journal that was emptied knows of no run, and that is said.
    fs::write(folder.0.join("empty.journal"), "").unwrap();
    let ran = folder.submit(&server, "--journal empty.journal --resume orders.ndjson");
    assert!(ran.err.starts_with("empty.journal has no order of an earlier run: all orders are new\n"), "{}", ran.err);
    // The journal is of that server only.
    let other = folder.run("reconcile a.journal --credentials secret.txt");
    assert_eq!(other.status, 2);
    assert!(other.err.contains("expected a journal of https://api.cartrover.com, found one of"), "{}", other.err);
}

#[test]
#[cfg(unix)]
fn killed_while_the_server_thinks() {
    let server =
        Server::scripted(|call| if call.number == 1 { Mischief::Stall { take: true } } else { Mischief::None });
    let folder = Folder::new("killed").with("orders.ndjson", &orders(&["A", "B", "C"]));
    let args = format!("--settle-after 0 --batch 1 --journal a.journal --base-url {} orders.ndjson", server.url);
    let mut child = folder
        .command(&format!("submit --yes --credentials secret.txt {args}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while server.kept().orders.len() < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // While it runs, nobody else takes its journal.
    let second = folder.run(&format!("submit --yes --resume --credentials secret.txt {args}"));
    assert_eq!(second.status, 2);
    assert!(second.err.contains("another run holds it"), "{}", second.err);
    child.kill().unwrap();
    child.wait().unwrap();
    let ran = folder.run(&format!("submit --yes --resume --credentials secret.txt {args}"));
    assert_eq!((ran.status, ran.err.as_str()), (0, "3 orders: 3 sent, 2 of them sent before\n"), "{}", ran.out);
    let kept = server.kept();
    assert!(kept.again.is_empty() && kept.arrived.values().all(|count| *count == 1));
}

#[test]
fn usage_that_is_refused() {
    let server = Server::start();
    let folder = Folder::new("usage").with("orders.ndjson", &orders(&["A"])).with("empty.ndjson", "");
    let folder =
        folder.with("open.txt", &format!("api_user = {USER}\napi_key = {KEY}\n")).with("mine.txt", "do not touch\n");
    folder.write("bad.txt", &format!("{USER}:{KEY}\n"), 0o600);
    let url = &server.url;
    let refused = |args: &str, why: &str| {
        let ran = folder.run(&format!("submit --base-url {url} {args} orders.ndjson"));
        assert_eq!(ran.status, 2, "{args}: {}", ran.out);
        assert!(ran.err.contains(why), "{args}: {}", ran.err);
        assert!(!ran.err.contains(USER) && !ran.err.contains(KEY));
    };
    refused("--yes", "--journal");
    refused("--yes --journal a.journal", "found no ORDERCHARGE_API_USER");
    #[cfg(unix)]
    refused("--yes --journal a.journal --credentials open.txt", "chmod 600 open.txt");
    refused("--yes --journal a.journal --credentials bad.txt", "line 1 of the credentials");
    refused("--yes --journal a.journal --credentials none.txt", "cannot use the credentials none.txt");
    refused("--yes --credentials secret.txt --journal mine.txt", "--resume continues it");
    refused("--yes --credentials secret.txt --journal mine.txt --resume", "expected a journal of a submission");
    refused("--yes --credentials secret.txt --journal no/a.journal", "cannot begin the journal no/a.journal");
    refused("--yes --credentials secret.txt --journal none.journal --resume", "cannot read the journal none.journal");
    refused("--journal mine.txt --resume", "expected a journal of a submission");
    refused("--resume", "--journal");
    refused("--batch 0", "--batch");
    refused("--timeout reply=0", "reply=120");
    refused("--order-path /x", "{cust_ref}");
    assert_eq!(folder.read("mine.txt"), "do not touch\n");
    assert!(!folder.0.join("a.journal").exists());
    assert_eq!(folder.run("submit --base-url http://example.com orders.ndjson").status, 2);
    assert_eq!(folder.submit(&server, "--journal e.journal empty.ndjson").status, 2);
    assert!(server.kept().calls.is_empty());
}

#[test]
fn credentials_from_the_environment_and_orders_from_a_pipe() {
    let server = Server::start();
    let folder = Folder::new("pipe");
    let mut child = folder
        .command(&format!("submit --yes --journal a.journal --base-url {}", server.url))
        .env("ORDERCHARGE_API_USER", USER)
        .env("ORDERCHARGE_API_KEY", KEY)
        // A proxy is not asked on the way to this machine.
        .env("http_proxy", "http://127.0.0.1:9")
        .env("ALL_PROXY", "http://127.0.0.1:9")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(order("A").as_bytes()).unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.status, ran.err.as_str()), (0, "1 order: 1 sent\n"));
    assert_eq!(server.kept().calls[0].body, order("A").into_bytes());
}

#[test]
fn whoever_has_read_enough_stops_nothing() {
    let server = Server::start();
    server.kept().invalid.extend((0..50).map(|at| format!("N{at}")));
    let names: Vec<String> = (0..60).map(|at| format!("N{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let folder = Folder::new("broken-pipe").with("orders.ndjson", &orders(&names));
    let mut command = folder.command(&format!(
        "submit --yes --credentials secret.txt --batch 1 --journal a.journal --base-url {} orders.ndjson",
        server.url
    ));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.status, ran.err.as_str()), (1, "60 orders: 10 sent, 50 refused\n"));
    assert_eq!(server.kept().arrived.len(), 60);
}

/// Whatever a server says, whatever fails.
#[test]
fn no_secret_shows() {
    let bodies = ["Failure", "Invalid", "RateLimit", TOKEN];
    let folder = Folder::new("secrets").with("orders.ndjson", &orders(&["A", "B"]));
    let mut shown = String::new();
    for (at, code) in bodies.iter().enumerate() {
        let body = format!(
            r#"{{"success_code": false, "error_code": "{code}", "message": "Authorization: Basic {TOKEN}, {USER}:{KEY}"}}"#
        );
        let status = if at == 1 { 401 } else { 200 };
        let server = Server::scripted(move |_| Mischief::Answer { take: true, status, body: body.clone() });
        for format in ["human", "ndjson"] {
            let ran = folder
                .submit(&server, &format!("--attempts 1 --journal {at}-{format} --format {format} orders.ndjson"));
            shown += &format!("{}{}{}", ran.out, ran.err, folder.read(&format!("{at}-{format}")));
            let args = "--attempts 1 --settle-after 0 --credentials secret.txt";
            let ran =
                folder.run(&format!("reconcile {at}-{format} {args} --base-url {} --format {format}", server.url));
            shown += &format!("{}{}", ran.out, ran.err);
        }
    }
    for secret in [USER, KEY, TOKEN] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("[redacted]"));
}

#[test]
fn help_and_pages_know_the_commands() {
    let folder = Folder::new("help");
    snapshot("submit-help.txt", &folder.run("--help").out);
    snapshot("submit-help-submit.txt", &folder.run("submit --help").out);
    snapshot("submit-help-reconcile.txt", &folder.run("reconcile --help").out);
    // A secret is never a flag.
    assert!(!folder.run("submit --help").out.contains("--api"));
    assert!(folder.run("completions bash").out.contains("reconcile"));
    assert!(folder.run("man").out.contains("submit"));
}

/// Nothing is sent where one cannot be, though the journal knows why.
#[test]
fn all_or_nothing_goes_by_the_journal_too() {
    let server = Server::start();
    server.kept().invalid.insert("A".to_owned());
    let folder = Folder::new("all-or-nothing-again")
        .with("one.ndjson", &orders(&["A"]))
        .with("two.ndjson", &orders(&["A", "B"]));
    assert_eq!(folder.submit(&server, "--journal a.journal one.ndjson").status, 1);
    let calls = server.kept().calls.len();
    let ran = folder.submit(&server, "--journal a.journal --resume --all-or-nothing --format ndjson two.ndjson");
    let outcomes: Vec<_> = ran.records().iter().map(|record| record["outcome"].clone()).collect();
    assert_eq!(outcomes[..2], ["refused", "held-back"], "{}", ran.err);
    assert_eq!((ran.status, server.kept().calls.len()), (1, calls));
    // Sent before is as good as sent now.
    server.kept().invalid.clear();
    assert_eq!(folder.submit(&server, "--journal a.journal --resume --retry-refused one.ndjson").status, 0);
    assert_eq!(folder.submit(&server, "--journal a.journal --resume --all-or-nothing two.ndjson").status, 0);
    assert!(server.kept().again.is_empty() && server.kept().orders.len() == 2);
}

/// A report that cannot be written is a failure, also where all else is well; a journal others could read is closed to them.
#[cfg(unix)]
#[test]
fn a_report_that_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    let folder = Folder::new("full").with("orders.ndjson", &orders(&["A"]));
    assert_eq!(folder.submit(&server, "--journal a.journal orders.ndjson").status, 0);
    let journal = folder.0.join("a.journal");
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o644)).unwrap();
    for args in ["reconcile a.journal --format ndjson", "submit orders.ndjson --format ndjson"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = folder.command(&format!("{args} --base-url {}", server.url)).stdout(full).output().unwrap();
        let ran = Ran::of(output);
        assert_eq!(ran.status, 2, "{args}: {}", ran.err);
        assert!(ran.err.contains("cannot write to standard output"), "{}", ran.err);
    }
    assert_eq!(fs::metadata(&journal).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Sends `SIGTERM` to a run once the server has its order, and waits for its end. `SIGINT` would do the same, but whatever
/// a shell starts in the background ignores it, these tests included.
#[cfg(unix)]
fn interrupted(folder: &Folder, server: &Server, args: &str) {
    let calls = server.kept().calls.len();
    let mut child = folder
        .command(&format!("submit --yes --credentials secret.txt --base-url {} {args}", server.url))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while server.kept().calls.len() == calls {
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    child.wait().unwrap();
}

/// A server that takes a batch long after the caller is gone, but within the timeouts: nothing is there twice.
#[cfg(unix)]
#[test]
fn interrupted_while_a_slow_server_is_at_a_batch() {
    let server =
        Server::scripted(
            |call| if call.method == "POST" { Mischief::Late(Duration::from_secs(3)) } else { Mischief::None },
        );
    let folder = Folder::new("interrupted").with("orders.ndjson", &orders(&["A", "B", "C"]));
    let args = "--timeout resolve=1,connect=1,send=1,reply=4 --journal a.journal orders.ndjson";
    interrupted(&folder, &server, args);
    assert!(server.kept().orders.is_empty());
    let ran = folder.submit(&server, &format!("--resume {args}"));
    assert_eq!((ran.status, ran.err.as_str()), (0, "3 orders: 3 sent, 3 of them sent before\n"), "{}", ran.out);
    let kept = server.kept();
    assert!(kept.again.is_empty() && kept.arrived.values().all(|count| *count == 1));
    assert_eq!(kept.orders.len(), 3);
}

/// A server slower than the timeout of the reply.
#[test]
fn a_server_slower_than_the_timeout() {
    let server = Server::scripted(|call| match call.method.as_str() {
        "POST" => Mischief::Late(Duration::from_millis(1_600)),
        _ => Mischief::None,
    });
    let folder = Folder::new("slow").with("orders.ndjson", &orders(&["A", "B"]));
    let ran = folder.submit(&server, "--timeout reply=1 --journal a.journal orders.ndjson");
    assert_eq!((ran.status, ran.err.as_str()), (0, "2 orders: 2 sent\n"), "{}", ran.out);
    assert!(server.kept().arrived.values().all(|count| *count == 1));
}

/// A batch that fails as a whole, although the server has kept some of it.
#[test]
fn a_batch_that_fails_as_a_whole() {
    let server = Server::scripted(|call| match call.body.first() {
        Some(b'[') => Mischief::Answer {
            take: true,
            status: 200,
            body: r#"{"success_code": false, "error_code": "Failure", "message": "one is wrong"}"#.to_owned(),
        },
        _ => Mischief::None,
    });
    server.kept().invalid.insert("B".to_owned());
    let folder = Folder::new("whole").with("orders.ndjson", &orders(&["A", "B", "C"]));
    let ran = folder.submit(&server, "--journal a.journal --format ndjson orders.ndjson");
    let outcome = |name: &str| {
        let records = ran.records();
        let of = records.iter().find(|record| record["cust_ref"] == name).unwrap();
        (of["outcome"].as_str().unwrap().to_owned(), of["message"].as_str().map(str::to_owned))
    };
    assert_eq!((outcome("A"), outcome("C")), (("sent".to_owned(), None), ("sent".to_owned(), None)));
    let why = "Order missing required field(s): ship_zip";
    assert_eq!((outcome("B"), ran.status), (("refused".to_owned(), Some(why.to_owned())), 1));
    assert!(server.kept().again.is_empty());
}

/// An order of the same name that was there before, and is another one.
#[test]
fn another_order_of_the_same_name() {
    let server = Server::scripted(|call| if call.method == "POST" { Mischief::HangUp } else { Mischief::None });
    let there =
        serde_json::json!({"cust_ref": "A", "grand_total": "9.00", "items": [{"item": "C100", "quantity": "1"}]});
    server.kept().orders.insert("A".to_owned(), there);
    let ours = serde_json::from_str(&order("B").replace("5.00", "5.0000")).unwrap();
    server.kept().orders.insert("B".to_owned(), ours);
    let folder = Folder::new("same-name").with("orders.ndjson", &orders(&["A", "B"]));
    let ran = folder.submit(&server, "--journal a.journal orders.ndjson");
    assert_eq!(ran.status, 3);
    let why = "A: disputed: the server has an order of this name that differs from what was sent in its grand_total";
    assert!(ran.out.contains(why) && ran.out.lines().count() == 1, "{}", ran.out);
    assert!(ran.err.starts_with("2 orders: 1 sent, 1 disputed; 1 of the journal unknown"), "{}", ran.err);
    // By the journal alone too, and it is never sent.
    for args in ["reconcile a.journal", "submit --yes --journal a.journal --resume orders.ndjson"] {
        let ran = folder.run(&format!("{args} --credentials secret.txt --settle-after 0 --base-url {}", server.url));
        assert_eq!(ran.status, 3, "{}", ran.err);
        assert!(ran.out.contains(why), "{}", ran.out);
    }
    assert_eq!(server.kept().calls.iter().filter(|call| call.method == "POST").count(), 1);
}

/// What is packed is read to its end before anything is sent of it.
#[test]
fn a_packed_file_that_is_damaged() {
    let server = Server::start();
    let names: Vec<String> = (0..400).map(|at| format!("N{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let folder = Folder::new("packed");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packer.write_all(orders(&names).as_bytes()).unwrap();
    let whole = packer.finish().unwrap();
    // A letter of a note: still JSON, still valid.
    let mut flipped = whole.clone();
    let at = flipped.windows(4).position(|window| window == b"kept").unwrap();
    flipped[at] ^= 1;
    let damaged = [flipped, whole[..whole.len() - 4].to_vec(), [&whole[..], b"more"].concat()];
    for (at, bytes) in damaged.iter().enumerate() {
        fs::write(folder.0.join("orders.gz"), bytes).unwrap();
        let ran = folder.submit(&server, &format!("--journal {at}.journal orders.gz"));
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains("cannot read orders.gz: ") && ran.err.contains("; nothing was sent"), "{}", ran.err);
        // As standard input too, if that is the file.
        #[cfg(unix)]
        {
            let file = fs::File::open(folder.0.join("orders.gz")).unwrap();
            let url = &server.url;
            let args = format!("submit --yes --credentials secret.txt --base-url {url} --journal {at}.journal");
            let ran = Ran::of(folder.command(&args).stdin(file).output().unwrap());
            assert!(ran.status == 2 && ran.err.contains("cannot read standard input: "), "{}", ran.err);
        }
        assert!(server.kept().calls.is_empty() && !folder.0.join(format!("{at}.journal")).exists());
    }
    fs::write(folder.0.join("orders.gz"), &whole).unwrap();
    let file = fs::File::open(folder.0.join("orders.gz")).unwrap();
    let args = format!("submit --yes --credentials secret.txt --base-url {} --journal a.journal", server.url);
    let ran = Ran::of(folder.command(&args).stdin(file).output().unwrap());
    assert_eq!((ran.status, ran.err.as_str()), (0, "400 orders: 400 sent\n"));
    let ran = folder.submit(&server, "--journal b.journal orders.gz");
    assert_eq!(ran.err, "400 orders: 400 refused\n");
}

/// Orders that only the journal knows are named when a run is resumed.
#[test]
fn orders_of_the_journal_only() {
    let server = Server::start();
    server.kept().invalid.insert("C".to_owned());
    let folder = Folder::new("journal-only")
        .with("all.ndjson", &orders(&["A", "B", "C"]))
        .with("some.ndjson", &format!("{}{WRONG}\n", orders(&["B", "D"])));
    assert_eq!(folder.submit(&server, "--journal a.journal all.ndjson").status, 1);
    let ran = folder.run(&format!("submit --journal a.journal --resume --base-url {} some.ndjson", server.url));
    assert!(ran.err.ends_with("--yes sends; 2 orders are in the journal only: A, C\n"), "{}", ran.err);
    let ran = folder.submit(&server, "--journal a.journal --resume some.ndjson");
    let summary = "3 orders: 2 sent, 1 invalid, 1 of them sent before; 2 orders are in the journal only: A, C\n";
    assert_eq!((ran.status, ran.err.as_str()), (1, summary));
    assert!(ran.out.contains("a.journal: C: refused: "), "{}", ran.out);
    // What is in an input, but invalid or changed, is not left.
    folder.write("changed.ndjson", &orders(&["A", "B", "D"]).replace("kept", "changed"), 0o644);
    let ran = folder.submit(&server, "--journal a.journal --resume --format ndjson changed.ndjson");
    let records = ran.records();
    let only: Vec<&Value> = records.iter().filter(|record| record["source"] == "a.journal").collect();
    assert_eq!((only.len(), &only[0]["cust_ref"], &only[0]["earlier"]), (1, &"C".into(), &true.into()));
    let summary = records.last().unwrap();
    assert_eq!((&summary["journal_only"], &summary["orders"]), (&1.into(), &3.into()));
}

/// Lines without an `item`, and orders with many errors.
#[test]
fn what_is_not_fit_is_said_in_a_line() {
    let server = Server::start();
    let line = r#"{"item":"C100","price":"5.00","quantity":1,"extended_amount":"6.00"}"#;
    let bad = format!(r#"{{"cust_ref":"BAD","items":[{}]}}"#, vec![line; 5_000].join(","));
    let input = format!("{}\n{bad}\n", order("A").replace(r#""item":"C100","#, ""));
    let folder = Folder::new("unfit").with("orders.ndjson", &input);
    let ran = folder.submit(&server, "--journal a.journal orders.ndjson");
    assert_eq!(ran.status, 1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].ends_with("A: unfit: expected the SKU of the goods at /items/0/item, found none"), "{}", lines[0]);
    assert!(lines[1].len() < 2_000 && lines[1].ends_with("; and 4990 more, which `ordercharge check` lists"));
    assert!(server.kept().calls.is_empty());
}

/// A generator that is the same at every run.
#[cfg(unix)]
struct Dice(u64);

#[cfg(unix)]
impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Runs that are killed at random, and resumed until they come to their end, while the server takes orders later than it
/// was asked: before the timeout of the reply, or after it. Each order is there exactly once.
///
/// `ORDERCHARGE_KILLS` says how many runs are killed; `just kills 1000` is what it is for.
#[cfg(unix)]
#[test]
#[expect(clippy::print_stdout, reason = "what was measured is to be seen")]
fn killed_at_random() {
    use std::sync::atomic::{AtomicU64, Ordering};
    let kills: u64 = std::env::var("ORDERCHARGE_KILLS").map_or(6, |kills| kills.parse().unwrap());
    let (killed, rounds, late_kills) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let round = |seed: u64| {
        let mut dice = Dice(seed);
        let count = 4 + dice.roll(9);
        let names: Vec<String> = (0..count).map(|at| format!("K{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut of_server = Dice(!seed);
        let server = Server::scripted(move |call| {
            // Half of the replies to orders come in time, a quarter too late, a quarter not at all.
            let time = match of_server.roll(4) {
                0 | 1 => of_server.roll(700),
                _ => 1_050 + of_server.roll(400),
            };
            match (call.method.as_str(), of_server.roll(4)) {
                ("POST", 0) => Mischief::LateAndSilent(Duration::from_millis(time)),
                ("POST", _) => Mischief::Late(Duration::from_millis(time)),
                _ => Mischief::None,
            }
        });
        let folder = Folder::new(&format!("kills-{seed}")).with("orders.ndjson", &orders(&names));
        let args = format!(
            "submit --yes --credentials secret.txt --base-url {} --settle-after 0 --attempts 20 --batch {} \
             --timeout resolve=1,connect=1,send=1,reply=1 --journal a.journal orders.ndjson",
            server.url,
            1 + dice.roll(5)
        );
        for run in 0.. {
            assert!(run < 100, "{seed}: it gets on");
            let resume = if folder.0.join("a.journal").exists() { "--resume" } else { "" };
            let mut child = folder
                .command(&format!("{args} {resume}"))
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            if run < 4 {
                std::thread::sleep(Duration::from_millis(dice.roll(2_500)));
                if child.try_wait().unwrap().is_none() {
                    killed.fetch_add(1, Ordering::Relaxed);
                    child.kill().unwrap();
                    child.wait().unwrap();
                    let journal = fs::read_to_string(folder.0.join("a.journal")).unwrap_or_default();
                    let is_begun = journal.lines().last().is_some_and(|line| line.contains(r#""step":"send""#));
                    late_kills.fetch_add(u64::from(is_begun), Ordering::Relaxed);
                    continue;
                }
            }
            let ran = Ran::of(child.wait_with_output().unwrap());
            assert_eq!(ran.status, 0, "{seed}: {}", ran.err);
            break;
        }
        // What is on its way still would be too many.
        std::thread::sleep(Duration::from_millis(1_600));
        let kept = server.kept();
        assert_eq!(kept.orders.len() as u64, count, "{seed}");
        assert!(kept.again.is_empty() && kept.arrived.values().all(|count| *count == 1), "{seed}: {:?}", kept.again);
        rounds.fetch_add(1, Ordering::Relaxed);
        let _ = fs::remove_dir_all(&folder.0);
    };
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while killed.load(Ordering::Relaxed) < kills {
                    round(next.fetch_add(1, Ordering::Relaxed));
                }
            });
        }
    });
    let (killed, rounds, late_kills) = (killed.into_inner(), rounds.into_inner(), late_kills.into_inner());
    println!("{killed} runs killed in {rounds} rounds, {late_kills} of them during a call: each order is there once");
}
