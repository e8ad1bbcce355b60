//! TLS: nothing is sent to a server that cannot prove who it is, also where the issuer of its certificate is trusted.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ordercharge::submit::{Client, Credentials, Endpoint, Ledger, Session, Settings, Step};
use ordercharge::{Checked, Document, Policy};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const AUTHORITY: &[u8] = include_bytes!("authority.pem");
const KEY: &[u8] = include_bytes!("key.pem");
const RIGHT: &[u8] = include_bytes!("localhost.pem");
const OTHER_HOST: &[u8] = include_bytes!("other-host.pem");
const EXPIRED: &[u8] = include_bytes!("expired.pem");

/// A server with a certificate: its port, and what it has read beyond TLS.
fn serve(certificate: &[u8]) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let chain = vec![CertificateDer::from_pem_slice(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, heard) = (listener.local_addr().unwrap().port(), Arc::default());
    let kept: Arc<Mutex<Vec<u8>>> = Arc::clone(&heard);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            let mut room = [0; 4096];
            // If the caller breaks off, the server is not at fault.
            while let Ok(count @ 1..) = stream.read(&mut room) {
                let mut heard = kept.lock().unwrap();
                heard.extend_from_slice(&room[..count]);
                if heard.ends_with(b"}") {
                    let reply = r#"{"success_code":true,"cust_ref":"T-00000"}"#;
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", reply.len());
                    let _ = stream.write_all((head + reply).as_bytes()).and_then(|()| stream.flush());
                    break;
                }
            }
        }
    });
    (port, heard)
}

/// What becomes of an order that is sent once.
fn sent(endpoint: Endpoint, client: &Client) -> String {
    let text = br#"{"cust_ref": "T-00000", "items": [{"item": "C100", "quantity": 1}]}"#;
    let order = Checked::document(Document::from_json(text).unwrap(), &Policy::default()).unwrap();
    let settings = Settings { attempts: 1, ..Settings::default() };
    let credentials = Credentials::new("a-user", "a-key").unwrap();
    let mut session = Session::new(endpoint, credentials, settings, Ledger::default()).unwrap();
    session.add(0, &order).unwrap();
    session.close();
    loop {
        match session.step(Duration::ZERO) {
            Step::Record(_) => session.recorded(),
            Step::Send(request) => {
                let answer = client.send(&request);
                session.answered(Duration::ZERO, answer);
            }
            Step::Settled(settled) => return settled.outcome.to_string(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn who_it_is_must_be_proven() {
    for (certificate, trusted, said) in [
        (RIGHT, true, None),
        (RIGHT, false, Some("UnknownIssuer")),
        (OTHER_HOST, true, Some("not valid for")),
        (EXPIRED, true, Some("expired")),
    ] {
        let (port, heard) = serve(certificate);
        let endpoint = Endpoint::new(&format!("https://localhost:{port}")).unwrap();
        let client = match trusted {
            true => Client::trusting(&endpoint, AUTHORITY).unwrap(),
            false => Client::new(&endpoint),
        };
        let outcome = sent(endpoint, &client);
        let heard = heard.lock().unwrap();
        match said {
            None => assert_eq!((outcome.as_str(), heard.is_empty()), ("sent", false)),
            // Not sent, and known not to be: not even the head of the request was.
            Some(why) => {
                assert!(outcome.starts_with("unsent: ") && outcome.contains(why), "{outcome}");
                assert!(heard.is_empty());
            }
        }
    }
    let endpoint = Endpoint::new("https://localhost:1").unwrap();
    for nothing in [&b""[..], b"hello", KEY] {
        assert!(Client::trusting(&endpoint, nothing).unwrap_err().is_setting());
    }
}
