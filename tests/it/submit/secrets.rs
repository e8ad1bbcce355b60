//! No secret is shown anywhere, and none goes where it does not belong.

use ordercharge::submit::{Breakdown, Client, Credentials, Endpoint, Ledger, Phase, Response, Session, Settings};

use super::{KEY, Run, TOKEN, USER, credentials, endpoint, orders, reply, session};
use crate::util::server::{Mischief, Server};

/// A wrong order never reaches the socket, and no secret shows.
#[test]
fn no_secret_shows() {
    // A server that repeats what it was told in every place it can.
    let echo = |status, code: &str| Mischief::Answer {
        take: true,
        status,
        body: format!(
            r#"{{"success_code": false, "error_code": "{code}", "message": "{USER} {KEY} Basic {TOKEN} {USER}:{KEY}"}}"#
        ),
    };
    let mischief =
        [echo(200, "Failure"), echo(401, "Invalid"), echo(200, TOKEN), echo(500, "Failure"), echo(200, "RateLimit")];
    let mut shown = String::new();
    for mischief in mischief {
        let server = Server::scripted(move |_| mischief.clone());
        let endpoint = endpoint(&server.url);
        let client = Client::new(&endpoint);
        let mut session = Session::new(endpoint, credentials(), Settings::default(), Ledger::default()).unwrap();
        let mut run = Run::default();
        run.all(&mut session, &orders(1), |request| {
            shown.push_str(&format!("{request:?} {:?}", client.send(request)));
            client.send(request)
        });
        shown.push_str(&format!("{:?} {:?} {:?} {client:?} {}", run.settled, session, session.ledger(), run.journal));
        shown.extend(run.settled.iter().map(ToString::to_string));
    }
    // In headers, without padding, and where characters are escaped.
    let odd = Credentials::new("us\\er\"ODD1", "k\"ey\\ODD2").unwrap();
    let echoes = [
        (credentials(), TOKEN),
        (credentials(), TOKEN.trim_end_matches('=')),
        (odd.clone(), "us\\er\"ODD1"),
        (odd, "k\"ey\\ODD2"),
    ];
    for (credentials, echo) in echoes {
        let mut session =
            Session::new(Endpoint::default(), credentials, Settings::default(), Ledger::default()).unwrap();
        let mut run = Run::default();
        let text = serde_json::to_string(echo).unwrap();
        run.all(&mut session, &orders(1), |request| {
            if request.method() == "GET" {
                return Err(Breakdown { process_id: Some(echo.to_owned()), ..Breakdown::new(Phase::Reply, echo) });
            }
            let body = format!(r#"{{"success_code": false, "error_code": {text}, "message": {{"x": [{text}]}}}}"#);
            let response = Response::new(200, [("X-CartRover-Process-ID", echo)], body.into_bytes());
            shown.push_str(&format!("{response:?}"));
            Ok(response)
        });
        shown.push_str(&format!("{:?} {:?} {}", run.settled, session.ledger(), run.journal));
    }
    // Escaped, once or twice, as in a URL, in JSON or in HTML; in another letter case.
    let credentials_of = |user: &str, key: &str| Credentials::new(user, key).unwrap();
    for (credentials, echoes) in [
        (
            credentials_of("user-7Qp2", "KEYk/ey+5678\"q\\z%"),
            vec![
                "KEYk%2Fey%2B5678%22q%5Cz%25",
                "KEYk%2fey+5678%22q%5cz%25",
                r#"KEYk/ey+5678\"q\\z%"#,
                r#"KEYk\/ey+5678\"q\\z%"#,
                r#"KEYk\u002fey\u002B5678\u0022q\u005cz%"#,
                "KEYk&#47;ey&#x2b;5678&quot;q\\z%",
                "KEYk%252Fey%252B5678%2522q%255Cz%2525",
                "keyK/EY+5678\"Q\\Z%",
            ],
        ),
        (
            credentials_of("user?>plain", "key~~5678"),
            vec![
                "dXNlcj8+cGxhaW46a2V5fn41Njc4",
                "dXNlcj8%2BcGxhaW46a2V5fn41Njc4==",
                r"dXNlcj8\u002bcGxhaW46a2V5fn41Njc4",
                "user%3F%3Eplain",
                "user?&gt;plain",
            ],
        ),
    ] {
        for echo in echoes {
            let text = serde_json::to_string(&format!("<{echo}>")).unwrap();
            let mut session =
                Session::new(Endpoint::default(), credentials.clone(), Settings::default(), Ledger::default()).unwrap();
            let mut run = Run::default();
            run.all(&mut session, &orders(1), |_| {
                reply(&format!(r#"{{"success_code": false, "error_code": "Failure", "message": {text}}}"#))
            });
            assert_eq!(run.outcome("T-00000").to_string(), "refused: Failure: <[redacted]>", "{echo}");
        }
    }
    // However long the message is, and where it is cut, within a secret too.
    for before in [0, 1, 2, 3, 5, 7, 11] {
        let text = format!("{}{}", "x".repeat(before), KEY.repeat(200_000));
        let mut session = session(Settings::default(), "");
        let mut run = Run::default();
        run.all(&mut session, &orders(1), |_| {
            reply(&format!(r#"{{"success_code": false, "error_code": "Failure", "message": "{text}"}}"#))
        });
        let said = run.outcome("T-00000").to_string();
        assert!(said.ends_with("[redacted]...") || said.len() > 300, "{said}");
        assert!(!run.journal.contains("key-Z"), "{said}");
    }
    // A short one may be a word: it is taken out where it stands alone.
    let mut session =
        Session::new(Endpoint::default(), credentials_of("ship", "pass"), Settings::default(), Ledger::default())
            .unwrap();
    let mut run = Run::default();
    run.all(&mut session, &orders(1), |_| {
        reply(r#"{"success_code": false, "error_code": "Invalid", "message": "ship, pass: no ship_zip, bypass c2hpcDpwYXNz"}"#)
    });
    let said = "refused: Invalid: [redacted], [redacted]: no ship_zip, bypass [redacted]";
    assert_eq!(run.outcome("T-00000").to_string(), said);
    shown.push_str(&format!(
        "{:?} {:?}",
        credentials(),
        Session::new(endpoint("http://localhost"), credentials(), Settings::default(), Ledger::default())
    ));
    for text in [
        "api_user=a:b\napi_key=SECRET1",
        "SECRET1",
        "api_user=x\napi_key=SECRET1\napi_key=SECRET1",
        "api_key = SECRET1 SECRET1\napi_user=x",
        "api_user=SECRET1\u{7}\napi_key=a",
    ] {
        shown.push_str(&format!("{0} {0:?}", Credentials::read(text.as_bytes()).unwrap_err()));
    }
    for secret in [USER, KEY, TOKEN.trim_end_matches('='), "SECRET1", "ODD1", "ODD2"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("[redacted]") && shown.contains("P1"));
}

#[test]
fn endpoints_and_paths() {
    for url in [
        "https://api.cartrover.com",
        "https://api.cartrover.com:8443/base/",
        "http://localhost:1",
        "http://127.0.0.1",
        "http://127.8.0.1:99",
        "http://[::1]:80",
        "https://[2001:db8::1]",
    ] {
        assert!(Endpoint::new(url).is_ok(), "{url}");
    }
    for url in [
        "",
        "https://",
        "ftp://localhost",
        "api.cartrover.com",
        "http://api.cartrover.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://example.com#@localhost",
        "http://example.com\\@localhost",
        "http://localhost\\.example.com",
        "https://user:key@api.cartrover.com",
        "https://api.cartrover.com?api_key=x",
        "https://api.cartrover.com/#x",
        "https://api.cartrover.com:0",
        "https://api.cartrover.com:99999",
        "https://api.cartrover.com:8 0",
        "https://api.cartrover.com:",
        "https://api.cartrover.com/a/../b",
        "https://api.cartrover.com/%zz",
        "https://api.cartrover.com\r\nHost: x",
        "https://[::1",
        "https://[::1]x",
        "HTTP://example.com",
        "http://[::2]",
        "http://2130706433",
    ] {
        let error = Endpoint::new(url).unwrap_err();
        assert!(error.is_setting() && error.to_string().starts_with("expected a base URL"), "{url}");
    }
    let endpoint = Endpoint::default();
    assert!(endpoint.clone().order_path("/v2/{cust_ref}/view").is_ok());
    for path in [
        "",
        "v1/{cust_ref}",
        "/v1",
        "/{cust_ref}/{cust_ref}",
        "/{cust_ref}?x",
        "/%2E%2e/{cust_ref}",
        "/../{cust_ref}",
        "/a b/{cust_ref}",
    ] {
        assert!(endpoint.clone().order_path(path).is_err(), "{path}");
    }
    assert!(endpoint.clone().new_orders_path("/v2/orders").is_ok());
    assert!(endpoint.new_orders_path("/v2/{cust_ref}").is_err());
}

#[test]
fn credentials_of_all_sorts() {
    for text in
        ["api_user=a\napi_key=b", "\u{FEFF}api_user = a\r\n\r\n# x\r\napi_key = b==\r\n", "api_key=a:b\napi_user=c"]
    {
        assert!(Credentials::read(text.as_bytes()).is_ok(), "{text}");
    }
    for text in [
        "",
        "api_user=a",
        "api_user=\napi_key=b",
        "api_user=a\napi_key=",
        "api_user=a\napi_key=b\napi_key=c",
        "user=a\napi_key=b",
        "a:b",
        "api_user=a:b\napi_key=c",
        "api_user=a b\napi_key=c",
        "api_user=é\napi_key=c",
    ] {
        assert!(Credentials::read(text.as_bytes()).is_err(), "{text}");
    }
    assert!(Credentials::read(b"api_user=\xFF\napi_key=b").is_err());
    for (user, key) in [("a\r\nX: y", "b"), ("a", "b\n"), ("a:b", "c"), ("", "b"), ("a", "")] {
        assert!(Credentials::new(user, key).is_err());
    }
}
