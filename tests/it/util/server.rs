//! A server of our own that speaks the published replies, keeps the orders it takes, and misbehaves as the test says.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What is to be done with a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mischief {
    /// What is published.
    None,
    /// Read the request, do nothing, and close.
    HangUp,
    /// Do what is asked, write so many bytes of the reply, and close.
    Cut(usize),
    /// Do what is asked if that is said, and never answer.
    Stall { take: bool },
    /// Do what is asked if that is said, and answer with this status and body.
    Answer { take: bool, status: u16, body: String },
    /// Do what is asked so much later, whether the caller is there still or not.
    Late(Duration),
    /// The same, and never answer.
    LateAndSilent(Duration),
    /// Send the caller elsewhere.
    Redirect { take: bool },
    /// Do nothing: the limit is reached.
    RateLimit,
    /// Do what is asked, and leave so many orders out of the reply.
    LeaveOut(usize),
    /// Do what is asked, and name others as well.
    Strangers,
    /// Do what is asked, and name all that was taken as failed too.
    Both,
    /// Do what is asked, and answer without a length: the end of the connection ends the reply, after so many bytes.
    Unframed(usize),
}

/// A call as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) number: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// What the server has seen and keeps.
#[derive(Default)]
pub(crate) struct Kept {
    /// The orders that were taken, by name, with their bytes as JSON.
    pub(crate) orders: BTreeMap<String, Value>,
    /// How often an order arrived that had been taken before.
    pub(crate) again: Vec<String>,
    /// How often each arrived.
    pub(crate) arrived: BTreeMap<String, u32>,
    pub(crate) calls: Vec<Call>,
    /// Names it refuses, with `Invalid`.
    pub(crate) invalid: BTreeSet<String>,
}

type Script = Box<dyn FnMut(&Call) -> Mischief + Send>;

pub(crate) struct Server {
    pub(crate) url: String,
    kept: Arc<Mutex<Kept>>,
    script: Arc<Mutex<Script>>,
}

impl Server {
    /// Starts one that behaves.
    pub(crate) fn start() -> Server {
        Server::scripted(|_| Mischief::None)
    }

    /// Starts one that does what the test says for each call.
    pub(crate) fn scripted(script: impl FnMut(&Call) -> Mischief + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let kept = Arc::new(Mutex::new(Kept::default()));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let server = Server { url, kept: Arc::clone(&kept), script: Arc::clone(&script) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                // A caller that is gone is no fault of the server's.
                thread::spawn(move || stream.map(|stream| serve(&stream, &kept, &script)));
            }
        });
        server
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    /// From now on.
    pub(crate) fn does(&self, script: impl FnMut(&Call) -> Mischief + Send + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }
}

fn serve(stream: &TcpStream, kept: &Mutex<Kept>, script: &Mutex<Script>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let mut words = head.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
        });
        let mut body = vec![0; length.unwrap_or_default()];
        reader.read_exact(&mut body).ok()?;
        let number = kept.lock().unwrap().calls.len();
        let call = Call { number, method, path, head, body };
        kept.lock().unwrap().calls.push(call.clone());
        let mischief = (script.lock().unwrap())(&call);
        match mischief {
            Mischief::HangUp => return None,
            Mischief::Late(time) | Mischief::LateAndSilent(time) => thread::sleep(time),
            _ => {}
        }
        answer(stream, &call, &mischief, kept)?;
        if mischief != Mischief::None {
            return None;
        }
    }
}

fn answer(mut stream: &TcpStream, call: &Call, mischief: &Mischief, kept: &Mutex<Kept>) -> Option<()> {
    let takes = match mischief {
        Mischief::Stall { take } | Mischief::Answer { take, .. } | Mischief::Redirect { take } => *take,
        Mischief::RateLimit => false,
        _ => true,
    };
    let mut reply = if takes { published(call, &mut kept.lock().unwrap()) } else { Value::Null };
    let (mut status, mut extra) = (200, String::new());
    let text = match mischief {
        Mischief::LateAndSilent(_) => return None,
        Mischief::Stall { .. } => {
            // Until the caller hangs up.
            let _ = stream.read(&mut [0]);
            return None;
        }
        Mischief::Answer { status: other, body, .. } => {
            status = *other;
            body.clone()
        }
        Mischief::Redirect { .. } => {
            (status, extra) = (307, "Location: /v1/elsewhere\r\n".to_owned());
            String::new()
        }
        Mischief::RateLimit => {
            extra = "X-CartRover-Api-Minute-Hits-Remaining: 0\r\n".to_owned();
            json!({"success_code": false, "error_code": "RateLimit", "message": "Over API Limit. Please slow down requests."}).to_string()
        }
        Mischief::LeaveOut(count) => {
            if let Some(list) = reply["response"]["success"].as_array_mut() {
                list.truncate(list.len().saturating_sub(*count));
            }
            reply.to_string()
        }
        Mischief::Strangers => {
            if let Some(list) = reply["response"]["success"].as_array_mut() {
                list.push(json!({"cust_ref": "NOBODY", "cust_po_no": null}));
                list.push(json!("NOBODY"));
            }
            reply.to_string()
        }
        Mischief::Both => {
            let taken = reply["response"]["success"].clone();
            if let (Some(taken), Some(failed)) = (taken.as_array(), reply["response"]["failed"].as_array_mut()) {
                failed.extend(taken.iter().cloned());
            }
            reply.to_string()
        }
        _ => reply.to_string(),
    };
    let framing = match mischief {
        Mischief::Unframed(_) => "Connection: close\r\n".to_owned(),
        _ => format!("Content-Length: {}\r\n", text.len()),
    };
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nX-CartRover-Process-ID: P{}\r\n{extra}{framing}\r\n",
        call.number
    );
    let whole = [head.as_bytes(), text.as_bytes()].concat();
    let end = match mischief {
        Mischief::Cut(end) => (*end).min(whole.len()),
        Mischief::Unframed(end) => (head.len() + end).min(whole.len()),
        _ => whole.len(),
    };
    stream.write_all(&whole[..end]).ok()
}

/// What the API does and says.
fn published(call: &Call, kept: &mut Kept) -> Value {
    if call.method == "GET" {
        let name = unescape(call.path.rsplit('/').next().unwrap());
        return match kept.orders.get(&name) {
            Some(order) => json!({"success_code": true, "response": order}),
            None => json!({"success_code": false, "error_code": "Failure", "message": "Order not found"}),
        };
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    let Value::Array(orders) = &body else {
        return match take(&body, kept) {
            Ok(name) => json!({"success_code": true, "cust_ref": name, "order_number": name}),
            Err((code, why)) => json!({"success_code": false, "error_code": code, "message": why}),
        };
    };
    let (mut success, mut failed) = (Vec::new(), Vec::new());
    for (at, order) in orders.iter().enumerate() {
        match take(order, kept) {
            Ok(name) => success.push(json!({"cust_ref": name, "cust_po_no": name})),
            // Some failures are named by order, some by position.
            Err((_, why)) if at % 2 == 0 => {
                failed.push(json!({"cust_ref": order["cust_ref"], "cust_po_no": null, "message": why}))
            }
            Err((_, why)) => {
                failed.push(json!({"cust_ref": null, "cust_po_no": null, "index_pos": at, "message": why}))
            }
        }
    }
    json!({"success_code": true, "response": {"success": success, "failed": failed}})
}

fn take(order: &Value, kept: &mut Kept) -> Result<String, (&'static str, &'static str)> {
    let name = order["cust_ref"].as_str().ok_or(("Invalid", "Order missing required field(s): cust_ref"))?.to_owned();
    *kept.arrived.entry(name.clone()).or_default() += 1;
    if kept.invalid.contains(&name) {
        return Err(("Invalid", "Order missing required field(s): ship_zip"));
    }
    if kept.orders.contains_key(&name) {
        kept.again.push(name);
        return Err(("Failure", "OrderDuplicate"));
    }
    kept.orders.insert(name.clone(), order.clone());
    Ok(name)
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: String = [rest.next().unwrap(), rest.next().unwrap()].map(char::from).iter().collect();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
