//! Submission, against a server of our own: whatever goes wrong, no order is lost, none is sent twice, and no wrong one
//! is sent at all.

mod journal;
#[path = "../../compat/arbitrary-precision/submit.rs"]
mod numbers;
mod replies;
mod secrets;
mod sending;
mod trouble;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ordercharge::submit::{
    Added, Breakdown, Client, Credentials, Endpoint, Ledger, Outcome, Request, Response, Session, Settings, Settled,
    Step, Unfit,
};
use ordercharge::{Checked, Document, Policy};

use crate::util::server::Server;

const USER: &str = "user-7Qp2";
const KEY: &str = "key-Zx81vK";
/// base64 of `user-7Qp2:key-Zx81vK`.
const TOKEN: &str = "dXNlci03UXAyOmtleS1aeDgxdks=";

const NOT_FOUND: &str = r#"{"success_code": false, "error_code": "Failure", "message": "Order not found"}"#;

fn reply(body: &str) -> Result<Response, Breakdown> {
    Ok(Response::new(200, [("X-CartRover-Process-ID", "1")], body.as_bytes().to_vec()))
}

fn credentials() -> Credentials {
    Credentials::new(USER, KEY).unwrap()
}

fn endpoint(url: &str) -> Endpoint {
    let mut endpoint = Endpoint::new(url).unwrap();
    endpoint.timeouts.reply = Duration::from_secs(20);
    endpoint
}

/// Of one who does not wait for long: for servers that do not answer.
fn impatient(url: &str) -> Endpoint {
    let mut endpoint = endpoint(url);
    endpoint.timeouts.reply = Duration::from_millis(700);
    endpoint
}

fn checked(text: &str) -> Checked {
    Checked::document(Document::from_json(text.as_bytes()).unwrap(), &Policy::default()).unwrap()
}

/// A right order with a field of its sender's own.
fn order(cust_ref: &str) -> Checked {
    let name = serde_json::to_string(cust_ref).unwrap();
    checked(&format!(
        r#"{{"cust_ref": {name}, "x_note": [1.50, null], "grand_total": "5.00", "items": [{{"item": "C100", "price": "5.00", "quantity": 1}}]}}"#
    ))
}

fn orders(count: usize) -> Vec<Checked> {
    (0..count).map(|at| order(&format!("T-{at:05}"))).collect()
}

/// A run whose time passes by waiting only.
#[derive(Default)]
struct Run {
    settled: Vec<Settled>,
    journal: String,
    unfit: Vec<(u64, Unfit)>,
    now: Duration,
}

impl Run {
    fn outcome(&self, cust_ref: &str) -> &Outcome {
        let of: Vec<&Settled> = self.settled.iter().filter(|order| order.cust_ref == cust_ref).collect();
        assert_eq!(of.len(), 1, "{cust_ref} is told once: {:?}", self.settled);
        &of[0].outcome
    }

    /// The outcomes the journal has of an order, one after the other.
    fn history(&self, cust_ref: &str) -> Vec<String> {
        let mut said = Vec::new();
        for line in self.journal.lines().skip(1) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            for order in line["orders"].as_array().unwrap().iter().filter(|order| order["cust_ref"] == cust_ref) {
                let step = line["step"].as_str().unwrap();
                said.push(match order["outcome"].as_str() {
                    Some(outcome) => format!("{step} {outcome}"),
                    None => step.to_owned(),
                });
            }
        }
        said
    }

    fn drive(&mut self, session: &mut Session, mut send: impl FnMut(&Request) -> Result<Response, Breakdown>) {
        loop {
            match session.step(self.now) {
                Step::Record(line) => {
                    self.journal.push_str(&line);
                    session.recorded();
                }
                Step::Send(request) => {
                    let answer = send(&request);
                    session.answered(self.now, answer);
                }
                Step::Wait(time) => self.now += time,
                Step::Settled(settled) => self.settled.push(settled),
                Step::Pending => panic!("nothing is on its way"),
                Step::Idle | Step::Done => return,
            }
        }
    }

    fn all(
        &mut self,
        session: &mut Session,
        orders: &[Checked],
        mut send: impl FnMut(&Request) -> Result<Response, Breakdown>,
    ) {
        self.drive(session, &mut send);
        for (index, order) in orders.iter().enumerate() {
            match session.add(index as u64, order) {
                Ok(Added::Waiting) => {}
                Ok(Added::Settled(settled)) => self.settled.push(settled),
                Err(why) => self.unfit.push((index as u64, why)),
            }
            if session.is_full() {
                self.drive(session, &mut send);
            }
        }
        session.close();
        self.drive(session, &mut send);
    }
}

fn submit_with(endpoint: Endpoint, settings: Settings, orders: &[Checked]) -> Run {
    let client = Client::new(&endpoint);
    let mut session = Session::new(endpoint, credentials(), settings, Ledger::default()).unwrap();
    let mut run = Run { now: Duration::from_secs(1_795_460_000), ..Run::default() };
    run.all(&mut session, orders, |request| client.send(request));
    run
}

fn submit(server: &Server, batch: usize, orders: &[Checked]) -> Run {
    submit_with(endpoint(&server.url), Settings { batch, ..Settings::default() }, orders)
}

fn session(settings: Settings, journal: &str) -> Session {
    Session::new(Endpoint::default(), credentials(), settings, Ledger::read(journal.as_bytes()).unwrap()).unwrap()
}

fn resume(server: &Server, journal: &str, settings: Settings, orders: &[Checked]) -> Run {
    let endpoint = endpoint(&server.url);
    let client = Client::new(&endpoint);
    let ledger = Ledger::read(journal.as_bytes()).unwrap();
    let mut session = Session::new(endpoint, credentials(), settings, ledger).unwrap();
    let mut run = Run { now: Duration::from_secs(1_795_470_000), journal: journal.to_owned(), ..Run::default() };
    run.all(&mut session, orders, |request| client.send(request));
    run
}

fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("submit-{test}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}
