//! Servers that fail at random, and runs that are killed at random.

use std::collections::BTreeMap;
use std::time::Duration;

use ordercharge::submit::{
    Added, Breakdown, Client, Endpoint, Ledger, Outcome, Phase, Request, Response, Session, Settings, Step,
};

use super::{Run, credentials, impatient, orders, resume};
use crate::util::server::{Call, Mischief, Server};

/// A generator that is the same at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// Ten thousand orders through a server that fails every fifth call.
#[test]
fn ten_thousand_through_trouble() {
    let mut dice = Dice(7);
    let server = Server::scripted(move |_: &Call| {
        if dice.roll(5) > 0 {
            return Mischief::None;
        }
        let way = dice.roll(14);
        let answer = |take, status, body: &str| Mischief::Answer { take, status, body: body.to_owned() };
        match way {
            0 => Mischief::HangUp,
            1 => Mischief::Cut(dice.roll(300)),
            2 => Mischief::RateLimit,
            3 => Mischief::Redirect { take: dice.roll(2) == 0 },
            4 => answer(dice.roll(2) == 0, 500 + dice.roll(5) as u16, "oops"),
            5 => answer(dice.roll(2) == 0, 200, "<html>"),
            6 => Mischief::LeaveOut(dice.roll(30)),
            7 => Mischief::Strangers,
            8 => Mischief::Both,
            9 => Mischief::Unframed(dice.roll(200)),
            10 => answer(true, 200, r#"{"success_code": "yes"}"#),
            11 => answer(dice.roll(2) == 0, 502, ""),
            12 if dice.roll(10) == 0 => Mischief::Stall { take: dice.roll(2) == 0 },
            _ => answer(true, 200, r#"{"success_code": true, "response": {"success": [], "failed": []}}"#),
        }
    });
    let all = orders(10_000);
    let settings = Settings { batch: 100, attempts: 12, settle_after: Duration::ZERO, ..Settings::default() };
    let endpoint = impatient(&server.url);
    let client = Client::new(&endpoint);
    let mut session = Session::new(endpoint, credentials(), settings, Ledger::default()).unwrap();
    let mut run = Run::default();
    let mut unreachable = Dice(11);
    run.all(&mut session, &all, |request| match unreachable.roll(50) {
        0 => Err(Breakdown::new(Phase::Connect, "the connection was refused")),
        _ => client.send(request),
    });
    assert_eq!(session.stopped(), None);
    let mut told: BTreeMap<&str, &Outcome> = BTreeMap::new();
    for settled in &run.settled {
        assert!(told.insert(&settled.cust_ref, &settled.outcome).is_none(), "{} is told twice", settled.cust_ref);
    }
    assert_eq!(told.len(), 10_000);
    // Reading back may fail too, and what an odd answer leaves unknown is told as that. It is settled by resuming.
    assert!(told.values().all(|outcome| matches!(outcome, Outcome::Sent | Outcome::Unknown { .. })));
    let unknown = told.values().filter(|outcome| **outcome != &Outcome::Sent).count();
    assert!(unknown < 1_000, "{unknown}");
    for _ in 0..20 {
        let again = resume(&server, &run.journal, settings, &all);
        (run.journal, run.settled) = (again.journal, again.settled);
        if run.settled.iter().all(|order| order.outcome == Outcome::Sent) {
            break;
        }
    }
    assert_eq!(run.settled.iter().filter(|order| order.outcome == Outcome::Sent && order.earlier).count(), 10_000);
    let kept = server.kept();
    assert_eq!(kept.orders.len(), 10_000);
    assert!(kept.again.is_empty());
    for (order, (name, sent)) in all.iter().zip(&kept.orders) {
        let read: serde_json::Value = serde_json::from_slice(order.text().unwrap()).unwrap();
        assert_eq!((order.get().cust_ref.as_deref(), &read), (Some(name.as_str()), sent));
    }
    let ledger = Ledger::read(run.journal.as_bytes()).unwrap();
    assert!(ledger.entries().count() == 10_000 && ledger.entries().all(|entry| entry.outcome() == Outcome::Sent));
}

/// A server in memory, which takes orders and answers as the dice fall. What it says is never a lie about what it has.
struct Model {
    dice: Dice,
    /// How bad it is: one call in so many goes as it should.
    trouble: usize,
    taken: BTreeMap<String, u32>,
}

impl Model {
    fn call(&mut self, request: &Request) -> Result<Response, Breakdown> {
        let reply =
            |status, body: String| Ok(Response::new(status, [("X-CartRover-Process-ID", "1")], body.into_bytes()));
        let bad = self.dice.roll(self.trouble) > 0;
        let odd = |dice: &mut Dice| match dice.roll(8) {
            0 => Err(Breakdown::new(Phase::Send, "closed")),
            1 => Err(Breakdown::new(Phase::Reply, "cut off")),
            2 => reply(500, r#"{"success_code": false, "error_code": "Failure", "message": "not found"}"#.to_owned()),
            3 => reply(302, String::new()),
            4 => reply(200, "[".repeat(dice.roll(300))),
            5 => reply(200, r#"{"success_code": null}"#.to_owned()),
            6 => reply(429, String::new()),
            _ => reply(
                200,
                r#"{"success_code": true, "response": {"success": null, "failed": [{"cust_ref": "X"}]}}"#.to_owned(),
            ),
        };
        if request.method() == "GET" {
            if bad && self.dice.roll(2) == 0 {
                return odd(&mut self.dice);
            }
            let name = request.url().rsplit('/').next().unwrap();
            return match self.taken.contains_key(name) {
                true => reply(200, format!(r#"{{"success_code": true, "response": {{"cust_ref": "{name}"}}}}"#)),
                false => reply(
                    404,
                    r#"{"success_code": false, "error_code": "Invalid", "message": "No order was found"}"#.to_owned(),
                ),
            };
        }
        if bad && self.dice.roll(3) == 0 {
            return match self.dice.roll(2) {
                0 => Err(Breakdown::new(Phase::Connect, "refused")),
                _ => reply(200, r#"{"success_code": false, "error_code": "RateLimit", "message": "slow"}"#.to_owned()),
            };
        }
        let body: serde_json::Value = serde_json::from_slice(request.body().unwrap()).unwrap();
        let orders = body.as_array().cloned().unwrap_or_else(|| vec![body]);
        let mut entries = Vec::new();
        for (at, order) in orders.iter().enumerate() {
            // It may break off at any order of a batch.
            if bad && self.dice.roll(4) == 0 {
                return odd(&mut self.dice);
            }
            let name = order["cust_ref"].as_str().unwrap();
            *self.taken.entry(name.to_owned()).or_default() += 1;
            match self.dice.roll(if bad { 4 } else { 1 }) {
                0 => entries.push(format!(r#"{{"cust_ref": "{name}"}}"#)),
                1 => entries.push(format!(r#"{{"cust_ref": null, "index_pos": {at}}}"#)),
                // Left out.
                _ => {}
            }
        }
        if bad && self.dice.roll(2) == 0 {
            return odd(&mut self.dice);
        }
        reply(200, format!(r#"{{"success_code": true, "response": {{"success": [{}]}}}}"#, entries.join(",")))
    }
}

/// Thousands of runs through a server that is down, slow, wrong or cut off, and killed at any step, lines torn anywhere.
#[test]
fn whatever_happens_in_whatever_order() {
    let all = orders(7);
    for seed in 0..1_000 {
        let mut dice = Dice(seed);
        let trouble = 1 + dice.roll(6);
        let mut model = Model { dice: Dice(!seed), trouble, taken: BTreeMap::new() };
        let settings = Settings {
            batch: 1 + dice.roll(4),
            attempts: 1 + dice.roll(5) as u32,
            limit_new_orders: dice.roll(2) == 0,
            seed,
            ..Settings::default()
        };
        let (mut journal, mut now) = (String::new(), Duration::from_secs(1_795_460_000));
        for run in 0.. {
            assert!(run < 500, "{seed}: it gets on");
            // In the end all is well.
            if run > 20 {
                model.trouble = 1;
            }
            let fatal = if run > 20 { usize::MAX } else { dice.roll(60) };
            let ledger = Ledger::read(journal.as_bytes()).unwrap();
            let whole = journal.len() - ledger.torn();
            journal.truncate(whole);
            if ledger.is_unended() {
                journal.push('\n');
            }
            let mut session = Session::new(Endpoint::default(), credentials(), settings, ledger).unwrap();
            let mut left = all.iter().enumerate();
            let mut told: BTreeMap<String, Outcome> = BTreeMap::new();
            let ended = 'run: {
                for step in 0.. {
                    match session.step(now) {
                        Step::Record(line) if step >= fatal => {
                            journal.extend(line.chars().take(dice.roll(line.len() + 1)));
                            break 'run false;
                        }
                        Step::Record(line) => {
                            journal.push_str(&line);
                            session.recorded();
                        }
                        Step::Send(request) => {
                            let answer = model.call(&request);
                            if step >= fatal {
                                break 'run false;
                            }
                            session.answered(now, answer);
                        }
                        Step::Wait(time) => now += time,
                        Step::Settled(settled) if settled.earlier => {}
                        Step::Settled(settled) => {
                            assert!(told.insert(settled.cust_ref, settled.outcome).is_none(), "{seed}: told twice");
                        }
                        Step::Pending => panic!("{seed}"),
                        Step::Idle => match left.next() {
                            None => session.close(),
                            Some((index, order)) => match session.add(index as u64, order).unwrap() {
                                Added::Waiting => {}
                                Added::Settled(settled) => {
                                    assert!(
                                        told.insert(settled.cust_ref, settled.outcome).is_none(),
                                        "{seed}: told twice"
                                    );
                                }
                            },
                        },
                        Step::Done => break 'run true,
                    }
                }
                false
            };
            // What is told as sent is there, what is told as not sent is not; and never is one taken twice.
            for (name, outcome) in &told {
                match outcome {
                    Outcome::Sent => assert!(model.taken.contains_key(name), "{seed} {name}"),
                    Outcome::Unsent { .. } => assert!(!model.taken.contains_key(name), "{seed} {name}"),
                    Outcome::Refused { .. } => panic!("{seed}: nothing was refused"),
                    _ => {}
                }
            }
            assert!(model.taken.values().all(|count| *count == 1), "{seed}: {:?}", model.taken);
            if ended {
                assert_eq!(told.len(), all.len(), "{seed}: each is told");
                if told.values().all(|outcome| *outcome == Outcome::Sent) {
                    break;
                }
            }
        }
        assert_eq!(model.taken.len(), all.len(), "{seed}");
    }
}
