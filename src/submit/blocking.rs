//! The blocking transport: makes one call, to its reply or to the phase in which it failed, and the loop around a session.

use core::time::Duration;
use std::fs;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, SendBody, Timeout, http};

use super::boot::Boot;
use super::endpoint::{Endpoint, Request};
use super::error::SubmitError;
use super::reply::{Breakdown, Phase, Response};
use super::session::{Session, Settled, Step};

/// Makes calls, one at a time, with TLS by rustls. It follows no redirect, reads no more of a reply than the endpoint
/// allows, and keeps to its timeouts. A proxy is taken from the environment, but never on the way to this machine.
#[derive(Debug)]
pub struct Client {
    /// Each call has its own connection: a kept one may be closed by the time an order is sent on it.
    posts: Agent,
    reads: Agent,
    largest_reply: u64,
}

impl Client {
    /// A client for calls to an endpoint, which proves who it is by Mozilla's list of certificate authorities.
    pub fn new(endpoint: &Endpoint) -> Client {
        Client::with(endpoint, RootCerts::WebPki)
    }

    /// A client that trusts the certificate authorities of a PEM text, and no others.
    ///
    /// # Errors
    ///
    /// The string has no certificate, or is not PEM.
    pub fn trusting(endpoint: &Endpoint, authorities: &[u8]) -> Result<Client, SubmitError> {
        let read = |item: Result<PemItem<'static>, ureq::Error>| match item {
            Ok(PemItem::Certificate(certificate)) => Ok(Some(certificate)),
            Ok(_) => Ok(None),
            Err(error) => Err(SubmitError::setting(format!("expected certificates in PEM, found others: {error}"))),
        };
        let roots: Vec<Certificate<'static>> =
            parse_pem(authorities).map(read).filter_map(Result::transpose).collect::<Result<_, _>>()?;
        if roots.is_empty() {
            return Err(SubmitError::setting("expected certificates in PEM, found none"));
        }
        Ok(Client::with(endpoint, RootCerts::Specific(Arc::new(roots))))
    }

    fn with(endpoint: &Endpoint, roots: RootCerts) -> Client {
        let agent = |idle: usize| {
            let timeouts = endpoint.timeouts;
            let config = Agent::config_builder()
                .http_status_as_error(false)
                .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
                .https_only(!endpoint.is_loopback())
                .max_redirects(0)
                .max_redirects_will_error(false)
                .max_idle_connections(idle)
                .timeout_resolve(Some(timeouts.resolve))
                .timeout_connect(Some(timeouts.connect))
                .timeout_send_request(Some(timeouts.send))
                .timeout_send_body(Some(timeouts.send))
                .timeout_recv_response(Some(timeouts.reply))
                .timeout_recv_body(Some(timeouts.body))
                // The whole call takes no longer than all phases together.
                .timeout_global(Some(timeouts.longest_call().saturating_add(timeouts.body)));
            let config = if endpoint.is_loopback() { config.proxy(None) } else { config };
            config.build().new_agent()
        };
        Client { posts: agent(0), reads: agent(1), largest_reply: endpoint.largest_reply }
    }

    /// Makes a call.
    ///
    /// If it fails, the orders may have arrived if the first byte of the body was requested. That is after the connection, its TLS
    /// and the head of the request.
    pub fn send(&self, request: &Request) -> Result<Response, Breakdown> {
        let mut body = Watched { rest: request.body().unwrap_or_default(), begun: false };
        let answer = match request.body() {
            Some(bytes) => {
                let call = request
                    .headers()
                    .fold(self.posts.post(request.url()), |call, (name, value)| call.header(name, value));
                call.header("Content-Length", bytes.len().to_string()).send(SendBody::from_reader(&mut body))
            }
            None => {
                let call = request
                    .headers()
                    .fold(self.reads.get(request.url()), |call, (name, value)| call.header(name, value));
                call.call()
            }
        };
        match answer {
            Ok(response) => self.read(response),
            Err(error) => {
                let phase = match &error {
                    _ if body.begun => Phase::Send,
                    ureq::Error::HostNotFound | ureq::Error::Timeout(Timeout::Resolve) => Phase::Resolve,
                    ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Phase::Tls,
                    // The peer did not speak TLS, or was not the expected server.
                    ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Phase::Tls,
                    _ => Phase::Connect,
                };
                Err(Breakdown::new(phase, why(&error)))
            }
        }
    }

    /// Reads a reply whose head has come.
    fn read(&self, mut response: http::Response<Body>) -> Result<Response, Breakdown> {
        let read = response.body_mut().with_config().limit(self.largest_reply).read_to_vec();
        let headers = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let whole = Response::new(response.status().as_u16(), headers, Vec::new());
        match read {
            Ok(body) => Ok(Response { body, ..whole }),
            Err(error) => Err(Breakdown {
                status: Some(whole.status),
                process_id: whole.process_id,
                ..Breakdown::new(Phase::Reply, format!("the reply was cut off: {}", why(&error)))
            }),
        }
    }
}

/// A body that records whether any of it was requested.
struct Watched<'a> {
    rest: &'a [u8],
    begun: bool,
}

impl Read for Watched<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.begun = true;
        self.rest.read(room)
    }
}

/// An error in words.
fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "the name of the host was not found".to_owned(),
        ureq::Error::Timeout(phase) => {
            let doing = match phase {
                Timeout::Resolve => "looking the name up",
                Timeout::Connect => "connecting",
                Timeout::SendRequest | Timeout::SendBody => "sending",
                Timeout::RecvResponse => "waiting for the reply",
                Timeout::RecvBody => "reading the reply",
                _ => "calling",
            };
            format!("time ran out while {doing}")
        }
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => "the connection was refused".to_owned(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
                "the connection was closed".to_owned()
            }
            _ => error.to_string(),
        },
        ureq::Error::BodyExceedsLimit(limit) => format!("it is larger than {limit} bytes"),
        other => other.to_string(),
    }
}

/// The time since 1970, from a clock that does not go back.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    then: Duration,
    since: Instant,
    boot: Option<Boot>,
}

impl Clock {
    /// Starts it.
    pub fn start() -> Clock {
        let then = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Clock { then, since: Instant::now(), boot: boot(then) }
    }

    /// What it says.
    pub fn now(&self) -> Duration {
        self.then + self.since.elapsed()
    }
}

/// When the system was started, as Linux reports it; `None` elsewhere.
fn boot(now: Duration) -> Option<Boot> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let up = fs::read_to_string("/proc/uptime").ok()?;
    let (seconds, hundredths) = up.split_whitespace().next()?.split_once('.')?;
    let up = Duration::from_secs(seconds.parse().ok()?) + Duration::from_millis(10 * hundredths.parse::<u64>().ok()?);
    Some(Boot::new(id.trim(), u64::try_from(now.saturating_sub(up).as_millis()).ok()?))
}

/// Does what a session asks for until it needs more orders or is done. `record` gets the lines of the journal and returns when
/// they are on the disk; `report` gets the outcome of each order. An error of `record` ends the run at once: the call of the line
/// is not made, or its outcome stays unknown until the run is resumed.
pub fn drive(
    session: &mut Session,
    client: &Client,
    clock: &Clock,
    mut record: impl FnMut(&str) -> io::Result<()>,
    mut report: impl FnMut(Settled),
) -> io::Result<()> {
    session.set_boot(clock.boot);
    loop {
        match session.step(clock.now()) {
            Step::Record(line) => {
                record(&line)?;
                session.recorded();
            }
            Step::Send(request) => {
                let answer = client.send(&request);
                session.answered(clock.now(), answer);
            }
            Step::Wait(time) => std::thread::sleep(time),
            Step::Settled(settled) => report(settled),
            Step::Pending | Step::Idle | Step::Done => return Ok(()),
        }
    }
}
