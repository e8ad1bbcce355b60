//! Replies and orders are read by the text of each value: no number passes through a binary float, and a feature of
//! `serde_json` that another crate has switched on changes nothing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use ordercharge::submit::{Content, Outcome, Response, judge, judge_read_back};

fn reply(body: &str) -> Result<Response, ordercharge::submit::Breakdown> {
    Ok(Response::new(200, [("", "")], body.as_bytes().to_vec()))
}

#[test]
fn numbers_keep_their_digits() {
    let name = "123456789012345";
    assert_eq!(
        judge(&[name], &reply(&format!(r#"{{"success_code": true, "cust_ref": {name}}}"#))).outcomes[0],
        Outcome::Sent
    );
    let by_place = r#"{"success_code": true, "response": {"success": [{"index_pos": 0}], "failed": []}}"#;
    assert_eq!(judge(&[name], &reply(by_place)).outcomes[0], Outcome::Sent);
    // Numbers that a binary float cannot distinguish.
    let sent =
        Content::of(br#"{"grand_total": 9007199254740993, "items": [{"item": 9007199254740993, "quantity": 0.10}]}"#);
    for (total, item, quantity, outcome) in [
        ("9007199254740993.00", "9007199254740993", "1e-1", "sent"),
        ("9007199254740992", "9007199254740993", "0.1", "disputed"),
        ("\"9007199254740993\"", "9007199254740992", "0.1", "disputed"),
        ("9007199254740993", "9007199254740993", "0.10000000000000000001", "disputed"),
    ] {
        let found = format!(
            r#"{{"success_code": true, "response": {{"cust_ref": {name}, "grand_total": {total}, "items": [{{"item": {item}, "quantity": {quantity}}}]}}}}"#
        );
        assert_eq!(judge_read_back(name, &sent, &reply(&found), &[]).outcomes[0].name(), outcome, "{total} {item}");
    }
}
