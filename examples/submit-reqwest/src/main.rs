//! Sends orders without blocking: tokio and reqwest around the same session that the blocking client drives.
//!
//! Run it with `cargo run -p submit-reqwest`: it starts a small server of its own, on this
//! machine, that speaks the published replies and drops its first one.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use ordercharge::submit::{
    Added, Breakdown, Credentials, Endpoint, Ledger, Outcome, Phase, Request, Response, Session, Settings, Step,
};
use ordercharge::{Checked, Documents, Policy, Severity};
use reqwest::redirect::Policy as Redirects;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = Endpoint::new(&format!("http://{}", listener.local_addr()?))?;
    tokio::spawn(serve(listener));

    let credentials = Credentials::new("example-user", "example-key")?;
    let settings = Settings { batch: 3, settle_after: Duration::ZERO, ..Settings::default() };
    let timeouts = endpoint.timeouts;
    let mut session = Session::new(endpoint, credentials, settings, Ledger::default())?;
    let client = reqwest::Client::builder()
        .redirect(Redirects::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .connect_timeout(timeouts.resolve + timeouts.connect)
        .timeout(timeouts.send + timeouts.reply + timeouts.body)
        .build()?;

    // Only what was checked can be added.
    let text = fs::read("samples/orders.ndjson")?;
    for record in Documents::new(&text) {
        match Checked::document(record.document?, &Policy::default()) {
            Ok(order) => drop::<Added>(session.add(record.index, &order)?),
            Err(refused) => {
                for violation in refused.report.of(Severity::Error) {
                    show(&format!("order {} is not sent: {violation}", record.index));
                }
            }
        }
    }
    session.close();

    let path = std::env::temp_dir().join(format!("ordercharge-example-{}.journal", std::process::id()));
    let mut journal = File::create_new(&path)?;
    let (then, since) = (SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?, Instant::now());
    let now = || then + since.elapsed();
    loop {
        match session.step(now()) {
            Step::Record(line) => {
                // A line has to be on the disk before anything else is done; it is short, so the runtime may wait for it.
                journal.write_all(line.as_bytes())?;
                journal.sync_data()?;
                session.recorded();
            }
            Step::Send(request) => {
                let answer = call(&client, request).await;
                session.answered(now(), answer);
            }
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::Settled(order) => show(&format!("{}: {order}", order.cust_ref)),
            Step::Pending | Step::Idle | Step::Done => break,
        }
    }
    let ledger = Ledger::read(&fs::read(&path)?)?;
    fs::remove_file(&path)?;
    let sent = ledger.entries().filter(|entry| entry.outcome() == Outcome::Sent).count();
    show(&format!("{sent} orders are sent, by the journal"));
    if sent != ledger.entries().count() {
        return Err("expected every order to be sent".into());
    }
    Ok(())
}

/// Makes a call: its reply, or how far it came.
async fn call(client: &reqwest::Client, request: Request) -> Result<Response, Breakdown> {
    let mut builder = match request.method() {
        "POST" => client.post(request.url()),
        _ => client.get(request.url()),
    };
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    if let Some(body) = request.into_body() {
        builder = builder.body(body);
    }
    // In doubt, it was sent.
    let broken = |phase, error: reqwest::Error| Breakdown::new(phase, error.without_url().to_string());
    let reply = builder.send().await.map_err(|error| match error.is_connect() {
        true => broken(Phase::Connect, error),
        false => broken(Phase::Send, error),
    })?;
    let whole = Response::new(reply.status().as_u16(), reply.headers(), Vec::new());
    match reply.bytes().await {
        Ok(body) => Ok(Response { body: body.to_vec(), ..whole }),
        Err(error) => {
            Err(Breakdown { status: Some(whole.status), process_id: whole.process_id, ..broken(Phase::Reply, error) })
        }
    }
}

/// Takes every order, but hangs up on its first caller instead of telling so.
async fn serve(listener: TcpListener) {
    let mut taken = BTreeSet::new();
    let mut calls = 0;
    while let Ok((stream, _)) = listener.accept().await {
        calls += 1;
        // That the caller is gone is not a fault of the server.
        let _ = answer(stream, calls, &mut taken).await;
    }
}

async fn answer(mut stream: TcpStream, call: u32, taken: &mut BTreeSet<String>) -> Result<(), Box<dyn Error>> {
    let mut bytes = Vec::new();
    let head = loop {
        stream.read_buf(&mut bytes).await?;
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            break String::from_utf8(bytes.drain(..end + 4).collect())?.to_lowercase();
        }
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    while bytes.len() < length.unwrap_or(0) {
        stream.read_buf(&mut bytes).await?;
    }
    let reply = if head.starts_with("post") {
        let names: Vec<String> =
            Documents::new(&bytes).filter_map(|one| one.document.ok()?.into_order().cust_ref).collect();
        taken.extend(names.iter().cloned());
        let list = names.iter().map(|name| format!(r#"{{"cust_ref":"{name}"}}"#)).collect::<Vec<_>>().join(",");
        format!(r#"{{"success_code":true,"response":{{"success":[{list}],"failed":[]}}}}"#)
    } else {
        match taken.iter().find(|name| head.contains(&format!("/{} ", name.to_lowercase()))) {
            Some(name) => format!(r#"{{"success_code":true,"response":{{"cust_ref":"{name}"}}}}"#),
            None => r#"{"success_code":false,"error_code":"Failure","message":"Order not found"}"#.to_owned(),
        }
    };
    if call > 1 {
        let head =
            format!("HTTP/1.1 200 OK\r\nX-CartRover-Process-ID: {call}\r\nContent-Length: {}\r\n\r\n", reply.len());
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(reply.as_bytes()).await?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn show(line: &str) {
    println!("{line}");
}
