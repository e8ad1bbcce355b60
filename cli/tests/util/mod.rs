//! What the tests of the command share: a folder to run it in, what came of it, orders.
#![allow(dead_code, reason = "each test program uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub(crate) mod schema;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::read::GzEncoder;
use serde_json::Value;

/// A folder of its own for a test, where it also runs the command.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn with(self, name: &str, text: impl AsRef<[u8]>) -> Folder {
        fs::write(self.0.join(name), text).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub(crate) fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ordercharge"));
        command
            .args(args.split_whitespace())
            .current_dir(&self.0)
            .env_remove("NO_COLOR")
            .env_remove("COLUMNS")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &str) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// Runs a script in which `$OC` is the command, for at most a minute.
    pub(crate) fn shell(&self, script: &str) -> Ran {
        let mut command = Command::new("timeout");
        command.args(["60", "sh", "-c", script]).env("OC", env!("CARGO_BIN_EXE_ordercharge"));
        Ran::of(command.current_dir(&self.0).stdin(Stdio::null()).output().unwrap())
    }

    /// The names of what is in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn pipe(&self, args: &str, input: impl AsRef<[u8]>) -> Ran {
        let mut child =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Ran::of(child.wait_with_output().unwrap())
    }
}

pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Ran {
        Ran {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn records(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn whole(&self) -> String {
        format!("{}--- standard error\n{}--- exit {}\n", self.out, self.err, self.status)
    }
}

pub(crate) const WRONG: &str = r#"{
  "cust_ref": "TEST02",
  "ship_company": "Example Company",
  "sub_total": 14,
  "order_discount": 2,
  "tax": 1,
  "grand_total": 15,
  "items": [
    {
      "item": "C100",
      "price": 4.4,
      "quantity": 2,
      "extended_amount": 9
    },
    {
      "item": "C300",
      "quantity": 1,
      "price": "5.00",
      "extended_amount": 5
    }
  ]
}
"#;
pub(crate) const RIGHT: &str = r#"{"cust_ref":"R1","grand_total":"5.00","items":[{"price":"5.00","quantity":1}]}"#;

pub(crate) fn minified(text: &str) -> String {
    text.lines().map(str::trim).collect()
}

/// These bytes, packed by gzip.
pub(crate) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = Vec::new();
    GzEncoder::new(bytes.as_ref(), Compression::default()).read_to_end(&mut packed).unwrap();
    packed
}

/// Compares with a committed snapshot; ORDERCHARGE_BLESS=1 writes it instead.
pub(crate) fn snapshot(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("ORDERCHARGE_BLESS").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{name} differs (ORDERCHARGE_BLESS=1 accepts it):\n{actual}");
}

/// Its price was rounded to cents.
pub(crate) const ROUNDED: &str = r#"{
  "cust_ref": "JT-1",
  "order_source": "Shop",
  "ship_company": "Example Company",
  "sub_total": "92.00",
  "grand_total": 92.00,
  "items": [{"item": "C100", "price": 30.67, "quantity": 3, "extended_amount": "92.00"}]
}
"#;

/// An order whose figures cannot choose between two stories.
pub(crate) fn unclear(source: &str, number: u32) -> String {
    format!(
        r#"{{"cust_ref":"U{number}","order_source":"{source}","sub_total":"{number}4.00","order_discount":"2.00","grand_total":"{number}4.00","items":[{{"price":"{number}4.00","quantity":1}}]}}"#
    )
}
