//! What an answer is taken to say, and what one that says nothing of use leads to.

use std::time::Duration;

use ordercharge::generate::{Answer, Choices, batch_reply};
use ordercharge::submit::{
    Breakdown, Content, Endpoint, Outcome, Phase, Request, Response, Settings, Step, judge, judge_read_back,
};

use super::{NOT_FOUND, Run, endpoint, order, orders, reply, session, submit, submit_with};
use crate::util::server::{Mischief, Server};

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
        judge_read_back("A", &Content::default(), &reply, &absent).outcomes[0].name()
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
        assert_eq!(
            judge_read_back(name, &Content::default(), &none, &absent).outcomes[0].name(),
            "unknown",
            "{message}"
        );
    }
    for (words, outcome) in [("gibt es nicht", "unsent"), ("gibt*nicht", "unsent"), ("*", "unknown"), ("", "unknown")] {
        let none = Ok(Response::new(200, [("", "")], error("Failure", "Bestellung A gibt es nicht").into_bytes()));
        assert_eq!(
            judge_read_back("A", &Content::default(), &none, &[words.to_owned()]).outcomes[0].name(),
            outcome,
            "{words}"
        );
    }
    let none = Ok(Response::new(200, [("", "")], error("Failure", "order order not found").into_bytes()));
    assert_eq!(judge_read_back("order", &Content::default(), &none, &absent).outcomes[0].name(), "unsent");
    let lost = Err(Breakdown::new(Phase::Connect, "nobody"));
    assert_eq!(judge_read_back("A", &Content::default(), &lost, &absent).outcomes[0].name(), "unknown");
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
            assert_eq!(
                run.settled.iter().filter(|order| order.outcome.name() == "disputed").count(),
                run.settled.len()
            );
            assert!(session.ledger().get("T-00000").unwrap().disputed);
            journal = run.journal;
        }
        assert_eq!(posts, 1, "{journal}");
    }
}

/// A server that refuses an order as one it has, and says that it has none of its name, is not believed either.
#[test]
fn a_duplicate_that_is_not_there_is_disputed() {
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
        let history = ["send", "reply unknown", "read-back unsent", "send", "reply unknown", "read-back disputed"];
        assert_eq!(run.history("T-00000"), history);
        assert_eq!(run.outcome("T-00000").name(), "disputed");
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

fn failure(code: &str, message: &str) -> String {
    let message = serde_json::to_string(message).unwrap();
    format!(r#"{{"success_code": false, "error_code": "{code}", "message": {message}}}"#)
}

/// A batch that fails as a whole says nothing of its orders: those that are there are found, the others go alone.
#[test]
fn a_batch_that_fails_as_a_whole() {
    for code in ["Failure", "Invalid"] {
        let mut session = session(Settings { batch: 4, ..Settings::default() }, "");
        let (mut run, mut taken, mut bodies) = (Run::default(), vec!["T-00000".to_owned(), "T-00002".to_owned()], 0);
        run.all(&mut session, &orders(4), |request| {
            let Some(body) = request.body() else {
                let name = request.url().rsplit('/').next().unwrap();
                return match taken.iter().any(|taken| taken == name) {
                    true => reply(&format!(r#"{{"success_code": true, "response": {{"cust_ref": "{name}"}}}}"#)),
                    false => reply(NOT_FOUND),
                };
            };
            bodies += 1;
            if body.starts_with(b"[") {
                return reply(&failure(code, "one of the orders is wrong"));
            }
            let order: serde_json::Value = serde_json::from_slice(body).unwrap();
            let name = order["cust_ref"].as_str().unwrap().to_owned();
            if name == "T-00003" {
                return reply(&failure(code, "no such warehouse"));
            }
            taken.push(name.clone());
            reply(&format!(r#"{{"success_code": true, "cust_ref": "{name}"}}"#))
        });
        assert_eq!(run.history("T-00000"), ["send", "reply unknown", "read-back sent"]);
        let alone = ["send", "reply unknown", "read-back unsent", "send"];
        assert_eq!(run.history("T-00001"), [&alone[..], &["reply sent"]].concat());
        assert_eq!(run.history("T-00003"), [&alone[..], &["reply unknown", "read-back refused"]].concat());
        assert_eq!(run.outcome("T-00003").to_string(), format!("refused: {code}: no such warehouse"));
        assert_eq!((bodies, session.stopped()), (3, None));
    }
    // Of one order it is a verdict.
    let judged = judge(&["A"], &reply(&failure("Failure", "no")));
    assert_eq!(judged.outcomes[0].name(), "refused");
}

/// What was looked for in vain and is then refused has arrived late, in whatever words and wherever in them it is said.
#[test]
fn what_arrived_late_is_found_in_whatever_words() {
    let long = format!("{} duplicate", "x".repeat(400));
    for (code, said) in [
        ("Failure", "Order exists"),
        ("Failure", "cust_ref must be unique"),
        ("Failure", "was submitted before"),
        ("Failure", "42"),
        ("Failure", long.as_str()),
        ("Invalid", "conflict"),
    ] {
        for is_there in [true, false] {
            let mut session = session(Settings::default(), "");
            let (mut run, mut posts, mut reads) = (Run::default(), 0, 0);
            run.all(&mut session, &orders(1), |request| {
                if request.method() == "GET" {
                    reads += 1;
                    return match reads > 1 && is_there {
                        true => reply(r#"{"success_code": true, "response": {"cust_ref": "T-00000"}}"#),
                        false => reply(NOT_FOUND),
                    };
                }
                posts += 1;
                match posts {
                    1 => Err(Breakdown::new(Phase::Send, "closed")),
                    _ => reply(&failure(code, said)),
                }
            });
            let outcome = match is_there {
                true => "sent",
                // That it is a duplicate and not there contradicts itself; anything else is what it says.
                false if said.contains("duplicate") => "disputed",
                false => "refused",
            };
            assert_eq!((run.outcome("T-00000").name(), posts, reads), (outcome, 2, 2), "{said}");
        }
    }
}

/// An answer about another order says nothing of this one.
#[test]
fn the_name_is_a_word_of_its_own() {
    let said = |name: &str, message: &str| {
        let none = reply(&failure("Failure", message));
        judge_read_back(name, &Content::default(), &none, &[]).outcomes[0].name()
    };
    for (name, message) in [
        ("A", "Order AA not found"),
        ("A", "Order A-1 not found"),
        ("A", "Order B/A not found"),
        ("A", "Order A.1 not found"),
        ("A", "Order _A not found"),
        ("1", "Order 11 not found"),
        ("1", "Order 1,1 not found"),
        ("A", "Order A's not found"),
        ("A", "Order A\u{2019}s not found"),
        ("B", "Order A not found"),
        ("B", "Order AN not found"),
        ("B", "Order a not found"),
        ("B", "Order in not found"),
        ("ord", "order not founds"),
        ("é", "Order éé not found"),
    ] {
        assert_eq!(said(name, message), "unknown", "{name}: {message}");
    }
    for (name, message) in [
        ("A", "Order A not found"),
        ("A", "Order 'A' not found."),
        ("A", "Order not found: A."),
        ("A", "Order \u{201C}A\u{201D} not found"),
        ("A", "No order with cust_ref=A was found"),
        ("A", "Order (A) not found"),
        ("B", "Could not find an order with this cust_ref"),
        ("B", "The order was not found"),
        ("SO/2024/001", "Order SO/2024/001 does not exist"),
        ("a b", "No such order: a b"),
        ("Order", "Order not found"),
        ("A", "A: order A not found"),
    ] {
        assert_eq!(said(name, message), "unsent", "{name}: {message}");
    }
}

/// However long a reply and its message, it is judged at once.
#[test]
fn long_replies_take_no_time() {
    let begun = std::time::Instant::now();
    for size in [160_000, 8 << 20] {
        let pieces = ["A ", "order A ", "not found", "a", "'"];
        // The largest reply that is read takes a while to make.
        for piece in pieces.iter().take(if size > 1 << 20 { 1 } else { 5 }) {
            let message = piece.repeat(size / piece.len());
            let answer = reply(&failure("Failure", &message));
            for name in ["A", "order", "a", "a a", "not"] {
                let none = judge_read_back(name, &Content::default(), &answer, &["x*y".to_owned()]);
                assert_eq!(none.outcomes[0].name(), "unknown");
                assert!(none.outcomes[0].message().unwrap().len() < 20_000);
            }
            let names: Vec<String> = (0..1_000).map(|at| format!("N{at}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            // Nor is it kept for each order of a batch.
            assert!(judge(&names, &answer).outcomes.iter().all(|said| said.message().unwrap().len() < 20_000));
        }
        let many = |entry: &str, count: usize| vec![entry; count].join(",");
        let list = many(r#"{"":0}"#, size / 7);
        let said = [many(r#"{"cust_ref":"A"}"#, size / 40), many(r#"{"cust_ref":"A"}"#, size / 40)];
        for body in [
            format!(r#"{{"success_code": true, "response": {{"success": [{list}], "failed": []}}}}"#),
            format!(r#"{{"success_code": true, "response": {{"success": [{}], "failed": [{}]}}}}"#, said[0], said[1]),
            format!(r#"{{"success_code": true, "cust_ref": [{list}]}}"#),
            format!(r#"{{"success_code": true, "response": [{list}]}}"#),
        ] {
            let judged = judge(&["A", "B"], &reply(&body));
            assert!(judged.outcomes.iter().all(|outcome| outcome.name() == "unknown"), "{size}");
            assert!(judged.strangers.len() <= 20);
        }
    }
    // Each took minutes, or memory a hundred times its size, before.
    assert!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());
}

/// An order of the same name that was there before is not ours.
#[test]
fn what_is_read_back_is_compared() {
    let text = br#"{"cust_ref": "A", "grand_total": "7.50", "items": [
        {"item": "C100", "price": 2.5, "quantity": "1"}, {"item": 7, "price": "5", "quantity": 1}]}"#;
    let sent = Content::of(text);
    let said = |order: &str| {
        let found = reply(&format!(r#"{{"success_code": true, "response": {order}}}"#));
        judge_read_back("A", &sent, &found, &[]).outcomes[0].to_string()
    };
    let lines =
        r#"[{"item": "7", "price": "5.0000", "quantity": 1.0}, {"item": "C100", "price": "2.5000", "quantity": 1}]"#;
    for same in [
        r#"{"cust_ref": "A"}"#.to_owned(),
        format!(r#"{{"cust_ref": "A", "grand_total": 7.50, "balance": "0.00", "items": {lines}}}"#),
        format!(r#"[{{"cust_ref": "A", "grand_total": "7.5", "items": {lines}}}]"#),
        r#"{"cust_ref": "A", "grand_total": null, "items": [{"quantity": 1}, {"quantity": 9}]}"#.to_owned(),
        // One of several is it.
        r#"[{"cust_ref": "A", "grand_total": "1.00"}, {"cust_ref": "A", "grand_total": "7.50"}]"#.to_owned(),
    ] {
        assert_eq!(said(&same), "sent", "{same}");
    }
    for (other, what) in [
        (r#"{"cust_ref": "A", "grand_total": "7.51"}"#.to_owned(), "grand_total"),
        (r#"{"cust_ref": "A", "grand_total": "0.00"}"#.to_owned(), "grand_total"),
        (
            r#"{"cust_ref": "A", "grand_total": "7.50", "items": [{"item": "C100", "quantity": 1}]}"#.to_owned(),
            "number of lines",
        ),
        (r#"{"cust_ref": "A", "items": []}"#.to_owned(), "number of lines"),
        (format!(r#"{{"cust_ref": "A", "items": {}}}"#, lines.replace("C100", "C101")), "items or quantities"),
        (format!(r#"{{"cust_ref": "A", "items": {}}}"#, lines.replace("1.0", "2")), "items or quantities"),
        (format!(r#"{{"cust_ref": "A", "items": {}}}"#, lines.replace("2.5000", "3")), "prices"),
    ] {
        let why =
            format!("disputed: the server has an order of this name that differs from what was sent in its {what}");
        assert_eq!(said(&other), why, "{other}");
    }
    // In a run, and by its journal alone: it is reported as disputed, and never sent again, also when it is gone.
    let (mut journal, mut posts) = (String::new(), 0);
    for round in 0..3 {
        let mut session = session(Settings::default(), &journal);
        let mut run = Run { journal, now: Duration::from_secs(1_795_460_000), ..Run::default() };
        let all = orders(1);
        run.all(&mut session, &all[..if round == 1 { 0 } else { 1 }], |request| match request.method() {
            "GET" if round < 2 => {
                reply(r#"{"success_code": true, "response": {"cust_ref": "T-00000", "grand_total": "5.01"}}"#)
            }
            "GET" => reply(NOT_FOUND),
            _ => {
                posts += 1;
                Err(Breakdown::new(Phase::Send, "closed"))
            }
        });
        assert_eq!(session.ledger().get("T-00000").unwrap().outcome().name(), "disputed");
        assert!(run.settled.iter().all(|order| order.outcome.name() == "disputed"), "{:?}", run.settled);
        assert!(!run.journal.contains("5.00"), "no amounts");
        journal = run.journal;
    }
    assert_eq!(posts, 1);
}

/// A line without an `item` is not sent: nobody would know what to pack.
#[test]
fn lines_say_what_was_ordered() {
    let mut session = session(Settings::default(), "");
    for (line, found) in [
        (r#"{"quantity": 1}"#, "none"),
        (r#"{"item": null, "quantity": 1}"#, "none"),
        (r#"{"item": " ", "quantity": 1}"#, "an empty one"),
        (r#"{"item": ["C100"], "quantity": 1}"#, "neither a string nor a number"),
        (r#"{"item": "C100", "it\u0065m": "C200", "quantity": 1}"#, "it twice"),
        (r#"{"sku": "C100", "quantity": 1}"#, "none"),
    ] {
        let text = format!(r#"{{"cust_ref": "A", "items": [{{"item": "C100", "quantity": 1}}, {line}]}}"#);
        let why = session.add(0, &super::checked(&text)).unwrap_err();
        assert_eq!(why.to_string(), format!("expected the SKU of the goods at /items/1/item, found {found}"));
    }
    let number = super::checked(r#"{"cust_ref": "A", "items": [{"item": 100, "quantity": 1}]}"#);
    assert!(session.add(0, &number).is_ok());
}
