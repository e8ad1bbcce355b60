//! Which orders are sent, as which bytes, and when one is sent again.

use std::time::Duration;

use ordercharge::submit::{Breakdown, Client, Ledger, Outcome, Phase, Session, Settings, Step};
use ordercharge::{Charge, Checked, Line, Order, OrderBuilder, Policy};

use super::{Run, TOKEN, checked, credentials, endpoint, impatient, order, orders, resume, submit, submit_with};
use crate::util::server::{Mischief, Server};

#[test]
fn what_is_sent_is_what_was_read() {
    let server = Server::start();
    let run = submit(&server, 1, &orders(3));
    assert!(run.settled.iter().all(|order| order.outcome == Outcome::Sent));
    assert_eq!(run.settled[2].process_id.as_deref(), Some("P2"));
    let kept = server.kept();
    let call = &kept.calls[0];
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/v1/cart/orders/cartrover"));
    assert_eq!(call.body, orders(1)[0].text().unwrap());
    assert!(call.head.to_lowercase().contains(&format!("authorization: basic {}", TOKEN.to_lowercase())));
    drop(kept);

    let server = Server::start();
    let run = submit(&server, 2, &orders(5));
    assert_eq!(run.settled.len(), 5);
    let kept = server.kept();
    assert_eq!(kept.calls.len(), 3);
    let texts = orders(5);
    let batch = [b"[", texts[0].text().unwrap(), b",", texts[1].text().unwrap(), b"]"].concat();
    assert_eq!(kept.calls[0].body, batch);
    // The last one is alone, and goes as an object.
    assert_eq!(kept.calls[2].body, texts[4].text().unwrap());
}

#[test]
fn an_order_built_in_code_is_written() {
    let mut line = Line { price: Charge::from_text("4.40"), quantity: 2.into(), ..Line::default() };
    line.extra.set_text("item", "C \"100\"\u{2028}");
    let builder = OrderBuilder::new().cust_ref("A \"1\"").currency_code("USD").line(line);
    let builder = builder.text("ship_city", "Oslo").json("x_tags", "[1.50, {\"a\": null}]").unwrap();
    let built = builder.build().unwrap();
    let built = Checked::order(built, &Policy::default()).unwrap();
    let server = Server::start();
    let run = submit(&server, 1, std::slice::from_ref(&built));
    assert_eq!(run.outcome("A \"1\""), &Outcome::Sent);
    let sent = String::from_utf8(server.kept().calls[0].body.clone()).unwrap();
    assert_eq!(sent, built.get().to_json().unwrap());
    assert!(sent.contains(r#""item":"C \"100\"\u2028""#) && sent.contains(r#""x_tags":[1.50, {"a": null}]"#), "{sent}");
    let read: serde_json::Value = serde_json::from_str(&sent).unwrap();
    assert_eq!((&read["ship_city"], &read["items"][0]["item"]), (&"Oslo".into(), &"C \"100\"\u{2028}".into()));
    assert_eq!(Order::from_json(sent.as_bytes()).unwrap().grand_total, built.get().grand_total);
}

#[test]
fn what_cannot_be_settled_is_not_sent() {
    let server = Server::start();
    let texts = [
        r#"{"items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": "", "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": " ", "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": null, "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": "A", "cust\u005fref": "B", "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": "A ", "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": "..", "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": "a\u000d\nb", "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": 1.50, "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": 12345678901234567, "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": "A", "items": [{"item": "C100", "quantity": 1}]}"#,
        r#"{"cust_ref": "A", "items": [{"item": "C100", "quantity": 2}]}"#,
    ];
    let run = submit(&server, 100, &texts.map(checked));
    assert_eq!(run.settled.len(), 1);
    assert_eq!(run.outcome("A"), &Outcome::Sent);
    let why: Vec<String> = run.unfit.iter().map(|(_, why)| why.to_string()).collect();
    assert_eq!(why.len(), 11, "{why:?}");
    assert!(why[8..10].iter().all(|why| why.contains("a number that may be written in other ways")), "{why:?}");
    assert!(why[..4].iter().all(|why| why.contains("found none")));
    assert!(why[4].contains("found it twice"));
    assert!(why[5].contains("blank") && why[6].contains("place") && why[7].contains("control"));
    assert_eq!(why[10], "expected a cust_ref of its own, found that of the order with index 10");
    assert_eq!(server.kept().calls.len(), 1);
}

#[test]
fn names_are_read_back_whatever_they_hold() {
    // Each is taken, and its reply is lost.
    let names =
        ["SO/2024/001", "a b?c#d&e=f", "%2e%2e", "é\u{1F600}\"'\\", "status", "../x", "ends.", "12e3", "{cust_ref}"];
    for name in names {
        let server = Server::scripted(|call| if call.method == "POST" { Mischief::Cut(0) } else { Mischief::None });
        let run = submit(&server, 1, &[order(name)]);
        assert_eq!(run.history(name), ["send", "reply unknown", "read-back sent"], "{name}");
        assert_eq!(run.outcome(name), &Outcome::Sent);
        let path = server.kept().calls[1].path.clone();
        assert!(path.starts_with("/v1/cart/orders/") && path.matches('/').count() == 4, "{path}");
    }
}

/// The phase table, a row at a time. Each row says what the journal has of an order, and how often it arrived.
#[test]
fn each_row_of_the_phase_table() {
    let settings = Settings { batch: 2, ..Settings::default() };
    let answer = |take, status, body: &str| Mischief::Answer { take, status, body: body.to_owned() };
    let taken: &[&str] = &["send", "reply unknown", "read-back sent"];
    let lost: &[&str] = &["send", "reply unknown", "read-back unsent", "send", "reply sent"];
    let limited: &[&str] = &["send", "reply unsent", "send", "reply sent"];
    let rows = [
        (Mischief::RateLimit, limited),
        // Of more than one order it says nothing: each is looked for, and sent alone.
        (answer(false, 200, r#"{"success_code": false, "error_code": "Invalid", "message": "no"}"#), lost),
        (answer(false, 400, r#"{"success_code": false, "error_code": "Failure", "message": ["no", 1]}"#), lost),
        (answer(true, 200, r#"{"success_code": false, "error_code": "Failure", "message": "no"}"#), taken),
        (Mischief::Stall { take: true }, taken),
        (Mischief::Stall { take: false }, lost),
        (Mischief::HangUp, lost),
        (Mischief::Cut(0), taken),
        (answer(true, 500, r#"{"success_code": true, "cust_ref": "T-00000"}"#), taken),
        (answer(false, 503, "busy"), lost),
        (answer(false, 500, r#"{"success_code": false, "error_code": "Failure", "message": "no"}"#), lost),
        (Mischief::Redirect { take: true }, taken),
        (Mischief::Redirect { take: false }, lost),
        (Mischief::Unframed(30), taken),
        (answer(true, 200, "<html>ok</html>"), taken),
        (answer(true, 200, ""), taken),
        (answer(true, 200, "true"), taken),
        (answer(true, 200, r#"{"success_code": "true", "cust_ref": "T-00000"}"#), taken),
        (answer(true, 200, r#"{"success_code": 1}"#), taken),
        (answer(true, 200, r#"{"cust_ref": "T-00000"}"#), taken),
        (answer(true, 200, r#"{"success_code": true}"#), taken),
        (answer(true, 200, r#"{"success_code": true, "success_code": false, "error_code": "Invalid"}"#), taken),
        (answer(true, 200, r#"{"success_code": true, "error_code": "Failure"}"#), taken),
        (answer(true, 200, r#"{"success_code": false, "error_code": "Strange"}"#), taken),
        (answer(true, 200, r#"{"success_code": false, "error_code": "Invalid", "response": {"success": []}}"#), taken),
        (answer(true, 200, r#"{"success_code": true, "cust_ref": "NOBODY"}"#), taken),
        (answer(true, 200, r#"{"success_code": true, "response": [{"cust_ref": "T-00000"}]}"#), taken),
        (answer(true, 200, r#"{"success_code": true, "response": {"success": {"cust_ref": "T-00000"}}}"#), taken),
        (answer(true, 404, r#"{"success_code": true, "cust_ref": "T-00000"}"#), taken),
        (answer(true, 429, "slow down"), taken),
        (Mischief::LeaveOut(2), taken),
        (Mischief::Both, taken),
        (Mischief::Strangers, &["send", "reply sent"]),
    ];
    for (mischief, history) in rows {
        let row = format!("{mischief:?}");
        let stalls = matches!(mischief, Mischief::Stall { .. });
        let mut first = Some(mischief);
        let server = Server::scripted(move |_| first.take().unwrap_or(Mischief::None));
        let endpoint = if stalls { impatient(&server.url) } else { endpoint(&server.url) };
        let run = submit_with(endpoint, settings, &orders(2));
        for name in ["T-00000", "T-00001"] {
            assert_eq!(run.history(name), history, "{row}");
            let kept = server.kept();
            assert!(kept.again.is_empty(), "{row}");
            assert_eq!((run.outcome(name), kept.orders.contains_key(name)), (&Outcome::Sent, true), "{row}");
        }
        // The process id stands in whatever is told of a reply.
        let told = &run.settled[0];
        assert!(told.to_string().ends_with(&format!("(process id {})", told.process_id.as_ref().unwrap())), "{row}");
    }
    // Nobody there, no such name, no TLS: never sent, tried again, then given up as not sent.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let plain = Server::start();
    for url in [nobody, "https://ordercharge.invalid".to_owned(), plain.url.replace("http:", "https:")] {
        let run = submit_with(endpoint(&url), settings, &orders(3));
        let mut twelve = ["send", "reply unsent"].repeat(6);
        assert_eq!(run.history("T-00000"), twelve, "{url}");
        assert!(matches!(run.outcome("T-00000"), Outcome::Unsent { .. }), "{url}");
        // The run has stopped: the third was never tried.
        twelve.clear();
        assert_eq!(run.history("T-00002"), twelve, "{url}");
        assert!(
            run.outcome("T-00002")
                .to_string()
                .contains("the run has stopped: there was no usable reply 6 times in a row"),
            "{url}"
        );
    }
    assert!(plain.kept().calls.is_empty());
}

#[test]
fn one_that_arrives_late_is_no_duplicate() {
    let server = Server::start();
    let endpoint = endpoint(&server.url);
    let client = Client::new(&endpoint);
    let mut session = Session::new(endpoint, credentials(), Settings::default(), Ledger::default()).unwrap();
    let (mut run, mut posts) = (Run::default(), 0);
    run.all(&mut session, &orders(1), |request| {
        posts += u32::from(request.method() == "POST");
        match (request.method(), posts) {
            ("POST", 1) => Err(Breakdown::new(Phase::Send, "time ran out while waiting for the reply")),
            ("POST", 2) => {
                // The server has been so slow that the first comes in just now.
                client.send(request).unwrap();
                client.send(request)
            }
            _ => client.send(request),
        }
    });
    let history = ["send", "reply unknown", "read-back unsent", "send", "reply unknown", "read-back sent"];
    assert_eq!(run.history("T-00000"), history);
    assert_eq!(run.outcome("T-00000"), &Outcome::Sent);

    // The same, had the run been ended between reading back and sending again.
    let until: String = run.journal.split_inclusive('\n').take(4).collect();
    let again = resume(&server, &until, Settings::default(), &orders(1));
    assert_eq!(again.history("T-00000"), history);
    // With other content it is not this order that is there.
    let changed = checked(r#"{"cust_ref": "T-00000", "items": [{"item": "C100", "quantity": 9}]}"#);
    let again = resume(&server, &until, Settings::default(), &[changed]);
    let differs =
        "disputed: the server has an order of this name that differs from what was sent in its items or quantities";
    assert_eq!(again.outcome("T-00000").to_string().split(" (").next(), Some(differs));
}

#[test]
fn wrong_credentials_stop_the_run() {
    for (status, body, first) in [
        (401, r#"{"success_code": false, "error_code": "Invalid", "message": "bad key"}"#, "unsent"),
        (403, "<html>", "unknown"),
    ] {
        let server = Server::scripted(move |_| Mischief::Answer { take: false, status, body: body.to_owned() });
        let run = submit(&server, 2, &orders(10));
        assert_eq!(run.settled.len(), 10);
        assert_eq!(run.outcome("T-00000").name(), first);
        assert!(run.settled[2..].iter().all(|order| order.outcome.name() == "unsent"));
        assert_eq!(server.kept().calls.len(), 1);
    }
}

#[test]
fn the_limit_is_kept_and_the_header_heard() {
    // Every reply to an order is lost: each is read back, and reading is limited.
    let server = Server::scripted(|call| if call.method == "POST" { Mischief::Cut(0) } else { Mischief::None });
    let settings = Settings { settle_after: Duration::ZERO, batch: 250, ..Settings::default() };
    let endpoint = endpoint(&server.url);
    let client = Client::new(&endpoint);
    let mut session = Session::new(endpoint, credentials(), settings, Ledger::default()).unwrap();
    let (mut run, mut reads) = (Run::default(), Vec::new());
    let all = orders(250);
    for (index, order) in all.iter().enumerate() {
        session.add(index as u64, order).unwrap();
    }
    session.close();
    loop {
        match session.step(run.now) {
            Step::Record(_) => session.recorded(),
            Step::Send(request) => {
                if request.method() == "GET" {
                    reads.push(run.now);
                }
                let answer = client.send(&request);
                session.answered(run.now, answer);
            }
            Step::Wait(time) => run.now += time,
            Step::Settled(settled) => run.settled.push(settled),
            _ => break,
        }
    }
    assert_eq!((run.settled.len(), reads.len()), (250, 250));
    for (at, now) in reads.iter().enumerate().skip(100) {
        // In any stretch of time no more than 100 calls and one for each 0.6 s.
        assert!(*now - reads[at - 100] >= Duration::from_millis(600), "{at}");
    }
    assert!(run.now >= Duration::from_millis(600 * 150));
    assert!(run.now < Duration::from_millis(600 * 152));
}
