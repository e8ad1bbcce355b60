//! Any bytes as a reply, as a journal, as credentials and as a URL: nothing panics, and nothing is accepted that it does not
//! say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::submit::{Content, Credentials, Endpoint, Ledger, Outcome, Response, judge, judge_read_back};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let status = [200, 201, 302, 400, 401, 404, 500][usize::from(*first) % 7];
    let reply = Ok(Response::new(status, [("", "")], rest.to_vec()));
    let text = rest.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(rest);
    let json = serde_json::from_slice::<Value>(text).unwrap_or_default();

    let names = ["TEST02", "TEST03", "0"];
    let judged = judge(&names, &reply);
    assert_eq!(judged.outcomes.len(), names.len());
    for (at, outcome) in judged.outcomes.iter().enumerate() {
        match outcome {
            Outcome::Sent => {
                assert!(status < 300 && json["success_code"] == true, "{outcome}");
                let named = |order: &Value| match (&order["cust_ref"], &order["index_pos"]) {
                    (Value::String(name), _) => name == names[at],
                    (Value::Number(number), _) => number.to_string() == names[at],
                    (_, Value::String(place)) => place.parse() == Ok(at),
                    (_, place) => place.as_u64() == Some(at as u64),
                };
                let list = json["response"]["success"].as_array();
                assert!(named(&json) || list.is_some_and(|list| list.iter().any(named)));
            }
            Outcome::Refused { .. } => assert!(status < 500 && !json["success_code"].is_null(), "{outcome}"),
            _ => {}
        }
    }
    let read = judge_read_back("TEST02", &Content::of(rest), &reply, &Endpoint::default().absent);
    if read.outcomes == [Outcome::Sent] {
        assert!(status < 300 && json["success_code"] == true);
    } else if matches!(read.outcomes[..], [Outcome::Unsent { .. }]) {
        assert!(status < 500 && json["success_code"] == false);
    }

    if let Ok(ledger) = Ledger::read(rest) {
        let whole = &rest[..rest.len() - ledger.torn()];
        let again = Ledger::read(whole).expect("what remains of a torn journal is one");
        assert!(again.torn() == 0 && again.entries().eq(ledger.entries()));
    }
    let _ = Credentials::read(rest);
    if let Ok(url) = core::str::from_utf8(rest)
        && let Ok(endpoint) = Endpoint::new(url)
    {
        assert!(url.starts_with("https://") || endpoint.is_loopback());
    }
});
