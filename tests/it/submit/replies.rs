//! What an answer is taken to say, and what one that says nothing of use leads to.

use std::time::Duration;

use ordercharge::generate::{Answer, Choices, batch_reply};
use ordercharge::submit::{
    Breakdown, Endpoint, Outcome, Phase, Request, Response, Settings, Step, judge, judge_read_back,
};

use super::{Run, endpoint, order, orders, reply, session, submit, submit_with};
use crate::util::server::{Mischief, Server};

const NOT_FOUND: &str = r#"{"success_code": false, "error_code": "Failure", "message": "Order not found"}"#;

#[test]
fn a_reply_cut_anywhere() {
    let server = Server::start();
    let whole = {
        let run = submit(&server, 2, &orders(2));
        assert_eq!(run.settled.len(), 2);
        // More than any reply to two orders has.
        400
    };
    for end in 0..whole {
        let server = Server::scripted(move |call| if call.number == 0 { Mischief::Cut(end) } else { Mischief::None });
        let run = submit(&server, 2, &orders(2));
        assert!(run.settled.iter().all(|order| order.outcome == Outcome::Sent), "{end}");
        let kept = server.kept();
        assert!(kept.again.is_empty() && kept.arrived.values().all(|count| *count == 1), "{end}");
    }
}

#[test]
fn a_batch_fails_in_part() {
    let server = Server::start();
    server.kept().invalid.extend(["T-00001".to_owned(), "T-00002".to_owned()]);
    let run = submit(&server, 4, &orders(4));
    let said: Vec<String> = run.settled.iter().map(|order| order.outcome.to_string()).collect();
    let refused = "refused: Order missing required field(s): ship_zip";
    assert_eq!(said, ["sent", refused, refused, "sent"]);

    // One that another run has sent.
    let run = submit(&server, 1, &[order("T-00000")]);
    assert_eq!(run.outcome("T-00000").to_string(), "refused: Failure: OrderDuplicate");
}

#[test]
fn one_that_breaks_the_server_breaks_no_other() {
    let server = Server::scripted(|call| {
        let poison = call.method == "POST" && String::from_utf8_lossy(&call.body).contains("T-00003");
        if poison { Mischief::HangUp } else { Mischief::None }
    });
    let run = submit(&server, 5, &orders(10));
    for order in &run.settled {
        let (name, of) = (order.outcome.name(), order.cust_ref.as_str());
        assert_eq!(name, if of == "T-00003" { "unsent" } else { "sent" }, "{of}");
    }
    assert_eq!((run.settled.len(), server.kept().orders.len()), (10, 9));
    assert!(server.kept().again.is_empty());
}

#[test]
fn read_back_or_unknown() {
    let absent = Endpoint::default().absent;
    let said = |status, body: &str| {
        let reply = Ok(Response::new(status, [("", "")], body.as_bytes().to_vec()));
        judge_read_back("A", &reply, &absent).outcomes[0].name()
    };
    let error = |code: &str, message: &str| {
        format!(r#"{{"success_code": false, "error_code": "{code}", "message": "{message}"}}"#)
    };
    assert_eq!(said(200, r#"{"success_code": true, "response": {"cust_ref": "A"}}"#), "sent");
    assert_eq!(said(200, r#"{"success_code": true, "response": [{"cust_ref": "A"}]}"#), "sent");
    assert_eq!(said(404, &error("Failure", "Order Not Found")), "unsent");
    assert_eq!(said(200, &error("Invalid", "OrderNotFound: A")), "unsent");
    assert_eq!(said(200, &error("Failure", "Order 'A' was not found.")), "unsent");
    assert_eq!(said(200, &error("Failure", "The order with cust_ref A does not exist")), "unsent");
    assert_eq!(said(200, &error("Invalid", "Could not find order A")), "unsent");
    assert_eq!(said(200, &error("Failure", "Unable to find order")), "unsent");
    assert_eq!(said(200, &error("Failure", "Could not find the warehouse of order A")), "unknown");
    let unknown = [
        (200, r#"{"success_code": true, "response": {"cust_ref": "a"}}"#.to_owned()),
        (200, r#"{"success_code": true, "response": {"cust_ref": null}}"#.to_owned()),
        (200, r#"{"success_code": true, "response": []}"#.to_owned()),
        (200, r#"{"success_code": true, "response": null}"#.to_owned()),
        (200, r#"{"success_code": true, "response": [{"cust_ref": "A"}, {"cust_ref": "B"}]}"#.to_owned()),
        (200, r#"{"success_code": true, "cust_ref": "A"}"#.to_owned()),
        (200, r#"{"cust_ref": "A"}"#.to_owned()),
        (200, error("Failure", "Service down")),
        (200, error("Failure", "")),
        (200, error("Invalid", "API user not found")),
        (200, error("Invalid", "Endpoint /v1/cart/orders/A not found")),
        (200, error("Invalid", "Not found: order desk is closed")),
        (200, error("Other", "Order not found")),
        (200, error("RateLimit", "not found")),
        (401, error("Invalid", "user not found")),
        (403, error("Failure", "not found")),
        (404, "not found".to_owned()),
        (302, error("Failure", "not found")),
        (500, error("Failure", "not found")),
        (200, "[]".to_owned()),
    ];
    for (status, body) in unknown {
        assert_eq!(said(status, &body), "unknown", "{status} {body}");
    }
    // What is about something else than the order's being there says nothing of that.
    let about = [
        "Order A is locked: warehouse not found",
        "Order A: merchant not found",
        "Cannot read order: api_user not found",
        "Order endpoint not found",
        "order status not found",
        "Order lookup failed, index not found; try again later",
        "Customer of the order does not exist",
        "Order A was not found in archive, still importing",
        "No order was read, the database is not found",
        "A",
        "",
    ];
    for message in about {
        assert_eq!(said(200, &error("Failure", message)), "unknown", "{message}");
    }
    for message in
        ["No orders found.", "Order(s) not found", "Error: the order could not be found!", "Unknown order: A"]
    {
        assert_eq!(said(200, &error("Failure", message)), "unsent", "{message}");
    }
    for (name, message) in [
        ("no such order 7", "Database locked while reading no such order 7"),
        ("ORDER-NOT FOUND", "Cannot read ORDER-NOT FOUND now"),
        ("Order 5 not found", "The system is busy, retry Order 5 not found"),
    ] {
        let none = Ok(Response::new(200, [("", "")], error("Failure", message).into_bytes()));
        assert_eq!(judge_read_back(name, &none, &absent).outcomes[0].name(), "unknown", "{message}");
    }
    for (words, outcome) in [("gibt es nicht", "unsent"), ("gibt*nicht", "unsent"), ("*", "unknown"), ("", "unknown")] {
        let none = Ok(Response::new(200, [("", "")], error("Failure", "Bestellung A gibt es nicht").into_bytes()));
        assert_eq!(judge_read_back("A", &none, &[words.to_owned()]).outcomes[0].name(), outcome, "{words}");
    }
    let none = Ok(Response::new(200, [("", "")], error("Failure", "order order not found").into_bytes()));
    assert_eq!(judge_read_back("order", &none, &absent).outcomes[0].name(), "unsent");
    let lost = Err(Breakdown::new(Phase::Connect, "nobody"));
    assert_eq!(judge_read_back("A", &lost, &absent).outcomes[0].name(), "unknown");
}

/// A server that keeps orders under names of its own says that it took them, and that there is none of theirs.
#[test]
fn what_a_server_took_under_another_name_is_not_sent_again() {
    for taken in [
        r#"{"success_code": true, "cust_ref": "T-0"}"#,
        r#"{"success_code": true, "response": {"success": [{"cust_ref": "t-00000"}], "failed": []}}"#,
    ] {
        let (mut journal, mut posts) = (String::new(), 0);
        for _ in 0..3 {
            let mut session = session(Settings::default(), &journal);
            let mut run = Run { journal, now: Duration::from_secs(1_795_460_000), ..Run::default() };
            run.all(&mut session, &orders(1), |request| match request.method() {
                "GET" => reply(NOT_FOUND),
                _ => {
                    posts += 1;
                    reply(taken)
                }
            });
            assert_eq!(run.settled.iter().filter(|order| order.outcome.name() == "unknown").count(), run.settled.len());
            assert!(session.ledger().get("T-00000").unwrap().disputed);
            journal = run.journal;
        }
        assert_eq!(posts, 1, "{journal}");
    }
}

/// A server that refuses an order as one it has, and says that it has none of its name, is not believed either.
#[test]
fn a_duplicate_that_is_not_there_is_unknown() {
    for said in ["OrderDuplicate", "Order already exists"] {
        let mut session = session(Settings::default(), "");
        let (mut run, mut posts) = (Run::default(), 0);
        run.all(&mut session, &orders(1), |request| {
            if request.method() == "GET" {
                return reply(NOT_FOUND);
            }
            posts += 1;
            match posts {
                1 => Err(Breakdown::new(Phase::Send, "closed")),
                _ => reply(&format!(r#"{{"success_code": false, "error_code": "Invalid", "message": "{said}"}}"#)),
            }
        });
        let history = ["send", "reply unknown", "read-back unsent", "send", "reply unknown", "read-back unknown"];
        assert_eq!(run.history("T-00000"), history);
        assert_eq!(run.outcome("T-00000").name(), "unknown");
    }
}

/// Nobody knows when a run was killed: what it has begun waits from the time it is taken up.
#[test]
fn what_was_begun_waits_from_the_resuming() {
    let mut first = session(Settings::default(), "");
    let mut run = Run { now: Duration::from_secs(1_795_460_000), ..Run::default() };
    first.add(0, &orders(1)[0]).unwrap();
    first.close();
    while let Step::Record(line) = first.step(run.now) {
        run.journal.push_str(&line);
        first.recorded();
    }
    let mut again = session(Settings::default(), &run.journal);
    let resumed = run.now + Duration::from_secs(300);
    assert!(matches!(again.step(resumed), Step::Wait(wait) if wait == Duration::from_secs(10)));
    let later = resumed + Duration::from_secs(10);
    assert!(matches!(again.step(later), Step::Send(request) if request.method() == "GET"));
}

/// Of those that were in one call with what broke it, each goes alone the next time, in its order, also after a resume.
#[test]
fn what_was_unknown_goes_alone() {
    for killed in [false, true] {
        let settings = Settings { batch: 4, ..Settings::default() };
        let mut bodies = Vec::new();
        let mut run = Run { now: Duration::from_secs(1_795_460_000), ..Run::default() };
        let mut answer = |request: &Request| match request.body() {
            None => reply(NOT_FOUND),
            Some(body) if body.starts_with(b"[") => Err(Breakdown::new(Phase::Send, "closed")),
            Some(body) => {
                let order: serde_json::Value = serde_json::from_slice(body).unwrap();
                bodies.push(order["cust_ref"].as_str().unwrap().to_owned());
                reply(&format!(r#"{{"success_code": true, "cust_ref": {}}}"#, order["cust_ref"]))
            }
        };
        if killed {
            let mut session = session(settings, "");
            let all = orders(4);
            all.iter().enumerate().for_each(|(at, order)| drop(session.add(at as u64, order)));
            while let Step::Record(line) = session.step(run.now) {
                run.journal.push_str(&line);
                session.recorded();
            }
        }
        let mut session = session(settings, &run.journal);
        run.all(&mut session, &orders(4), &mut answer);
        assert_eq!(bodies, ["T-00000", "T-00001", "T-00002", "T-00003"], "{killed}");
    }
}

/// A server that answers, but never says what became of an order, ends the run as one that does not answer.
#[test]
fn useless_answers_end_the_run() {
    for useless in [
        r#"{"success_code": true}"#,
        r#"{"success_code": true, "response": {"success": [], "failed": []}}"#,
        r#"{"success_code": false, "error_code": "Other"}"#,
        "oops",
    ] {
        let mut session = session(Settings { batch: 2, ..Settings::default() }, "");
        let (mut run, mut posts) = (Run::default(), 0);
        run.all(&mut session, &orders(60), |request| match request.method() {
            "GET" => reply(NOT_FOUND),
            _ => {
                posts += 1;
                reply(useless)
            }
        });
        assert_eq!(posts, 6, "{useless}");
        assert_eq!(session.stopped(), Some("there was no usable reply 6 times in a row"));
        assert_eq!(run.settled.len(), 60);
    }
}

#[test]
fn generated_replies_are_read_as_they_are_meant() {
    let names: Vec<String> = (0..20).map(|at| format!("G-{at}")).collect();
    for seed in 0..2_000 {
        let sent: Vec<&str> = names.iter().take(1 + seed as usize % 20).map(String::as_str).collect();
        let reply = batch_reply(&sent, &mut Choices::seeded(seed));
        let judged = judge(&sent, &Ok(Response::new(200, [("X-CartRover-Process-ID", "1")], reply.text.into_bytes())));
        assert_eq!(judged.strangers, reply.strangers, "{seed}");
        for (outcome, answer) in judged.outcomes.iter().zip(&reply.answers) {
            match answer {
                Answer::Success => assert_eq!(outcome, &Outcome::Sent, "{seed}"),
                Answer::Failed(why) => assert_eq!(outcome.to_string(), format!("refused: {why}"), "{seed}"),
                Answer::Missing => assert_eq!(outcome.to_string(), "unknown: the reply leaves the order out", "{seed}"),
            }
        }
    }
}

#[test]
fn hostile_replies() {
    let deep = "[".repeat(100_000);
    let nested = format!(r#"{{"success_code": true, "cust_ref": "A", "x": {}{}}}"#, "[".repeat(500), "]".repeat(500));
    let bodies: [&[u8]; 12] = [
        deep.as_bytes(),
        nested.as_bytes(),
        b"\xFF\xFE{\"success_code\": true}",
        b"{\"success_code\": true, \"cust_ref\": \"\xFF\"}",
        b"{\"success_code\": true, \"cust_ref\": \"\\ud800\"}",
        b"{\"success_code\": true, \"cust_ref\": {\"A\": 1}}",
        b"{\"success_code\": true, \"response\": {\"success\": [\"A\", 1, null, [\"A\"]]}}",
        b"{\"success_code\": true, \"response\": {\"success\": [{\"index_pos\": -1}, {\"index_pos\": 1e9}, {\"index_pos\": 7}]}}",
        b"{\"success_code\": true, \"response\": {\"success\": [{\"cust_ref\": \"A\", \"cust_ref\": \"A\"}]}}",
        b"{\"success_code\": true, \"cust_ref\": \"A\"} {}",
        b"[true, \"A\"]",
        b"\0\0\0",
    ];
    for body in bodies {
        let judged = judge(&["A"], &Ok(Response::new(200, [("", "")], body.to_vec())));
        assert_eq!(judged.outcomes[0].name(), "unknown", "{:?}", String::from_utf8_lossy(body));
    }
    let by_place = br#"{"success_code": true, "response": {"success": [{"index_pos": "1"}], "failed": [{"index_pos": 0, "message": "no"}]}}"#;
    let judged = judge(&["A", "B"], &Ok(Response::new(201, [("", "")], by_place.to_vec())));
    assert_eq!(judged.outcomes.iter().map(Outcome::name).collect::<Vec<_>>(), ["refused", "sent"]);

    // A reply larger than is read, and one with many strangers: neither fills the journal.
    let huge = format!(r#"{{"success_code": true, "cust_ref": "T-00000", "x": "{}"}}"#, "x".repeat(100_000));
    let strangers: Vec<String> =
        (0..10_000).map(|at| format!(r#"{{"cust_ref": "{}{at}"}}"#, "S".repeat(400))).collect();
    let many = format!(r#"{{"success_code": true, "response": {{"success": [{}]}}}}"#, strangers.join(","));
    for body in [huge, many] {
        let server = Server::scripted(move |call| match call.method.as_str() {
            "POST" => Mischief::Answer { take: true, status: 200, body: body.clone() },
            _ => Mischief::None,
        });
        let mut endpoint = endpoint(&server.url);
        endpoint.largest_reply = 50_000;
        let run = submit_with(endpoint, Settings::default(), &orders(1));
        assert_eq!(run.history("T-00000"), ["send", "reply unknown", "read-back sent"]);
        assert!(run.journal.len() < 10_000);
    }
}
