//! `Endpoint`: where orders are sent, and the requests that do it, as data.

use core::fmt;
use core::num::NonZeroU16;
use core::time::Duration;
use std::net::{Ipv4Addr, Ipv6Addr};

use zeroize::Zeroizing;

use super::credentials::Credentials;
use super::error::SubmitError;

/// The server of CartRover.
const CARTROVER: &str = "https://api.cartrover.com";

/// Where the `cust_ref` goes in the path of an order.
const PLACE: &str = "{cust_ref}";

/// The time limit of each phase of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To look the name up (10 s).
    pub resolve: Duration,
    /// To connect and agree on TLS (10 s).
    pub connect: Duration,
    /// To send the request (60 s).
    pub send: Duration,
    /// To wait for the head of the reply (120 s): the server needs time for a batch.
    pub reply: Duration,
    /// To read the body of the reply (60 s).
    pub body: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let [resolve, connect, send, reply, body] = [10, 10, 60, 120, 60].map(Duration::from_secs);
        Timeouts { resolve, connect, send, reply, body }
    }
}

impl Timeouts {
    /// The longest time until the head of a reply has come, by all timeouts. Until then the server may still process the orders,
    /// even if the caller is gone.
    pub fn longest_call(&self) -> Duration {
        [self.resolve, self.connect, self.send, self.reply].into_iter().fold(Duration::ZERO, Duration::saturating_add)
    }
}

/// The server and the paths where orders are sent and read back, and the limits of a call.
///
/// ```
/// use ordercharge::submit::Endpoint;
///
/// let endpoint = Endpoint::new("https://proxy.example.com/cartrover")?.order_path("/v2/orders/{cust_ref}")?;
/// assert_eq!(endpoint.base_url(), "https://proxy.example.com/cartrover");
/// assert!(Endpoint::new("http://127.0.0.1:8080").is_ok());
///
/// let refused = Endpoint::new("http://api.example.com").unwrap_err();
/// assert_eq!(refused.to_string(), "expected a base URL with https (http to this machine only), found http to another host");
/// # Ok::<(), ordercharge::submit::SubmitError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Endpoint {
    base_url: String,
    loopback: bool,
    new_orders: String,
    order: String,
    /// The time limit of each phase of a call.
    pub timeouts: Timeouts,
    /// The largest body of a reply that is read, in bytes (8 MiB). A larger one counts as cut off.
    pub largest_reply: u64,
    /// Other error messages that mean "no such order": words in their order, in any letter case, where `*` matches anything. The
    /// definitions do not fix the message: "Order not found" and similar ones always count, and any other answer leaves the order
    /// unknown.
    pub absent: Vec<String>,
}

impl Default for Endpoint {
    fn default() -> Self {
        Endpoint {
            base_url: CARTROVER.to_owned(),
            loopback: false,
            new_orders: "/v1/cart/orders/cartrover".to_owned(),
            order: "/v1/cart/orders/{cust_ref}".to_owned(),
            timeouts: Timeouts::default(),
            largest_reply: 8 * 1024 * 1024,
            absent: Vec::new(),
        }
    }
}

impl Endpoint {
    /// Makes an endpoint with another base URL: `https://host[:port][/path]`, or `http` to this machine (`localhost` or a
    /// loopback address).
    ///
    /// # Errors
    ///
    /// If it is another URL, or has a user, a password, a query or a fragment.
    pub fn new(base_url: &str) -> Result<Endpoint, SubmitError> {
        let base_url = base_url.strip_suffix('/').unwrap_or(base_url);
        let expected = |what: &str| SubmitError::setting(format!("expected a base URL {what}"));
        let (secure, rest) = match (base_url.strip_prefix("https://"), base_url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(expected("that begins with https://, found something else")),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = split_port(authority);
        let named = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).map(str::parse::<Ipv6Addr>);
        let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let is_port = |port: &str| digits(port) && port.parse::<NonZeroU16>().is_ok();
        let v4 = host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
        let loopback = v4 || host.eq_ignore_ascii_case("localhost") || matches!(v6, Some(Ok(Ipv6Addr::LOCALHOST)));
        let fault = first_of([
            (authority.contains('@'), "without a user or a password in it, found one"),
            (!named && !matches!(v6, Some(Ok(_))), "with the name or address of a host, found none"),
            (!port.is_none_or(is_port), "with a port from 1 to 65535, found another one"),
        ]);
        let insecure = (!secure && !loopback, "with https (http to this machine only), found http to another host");
        match fault.or_else(|| path_fault(path)).or_else(|| first_of([insecure])) {
            Some(what) => Err(expected(what)),
            None => Ok(Endpoint { base_url: base_url.to_owned(), loopback, ..Endpoint::default() }),
        }
    }

    /// Sets the path for new orders. The default is `/v1/cart/orders/cartrover`.
    pub fn new_orders_path(mut self, path: &str) -> Result<Endpoint, SubmitError> {
        self.new_orders = checked_path(path, 0)?;
        Ok(self)
    }

    /// Sets the path for reading an order. The default is `/v1/cart/orders/{cust_ref}`; `{cust_ref}` is replaced by the name of
    /// the order.
    pub fn order_path(mut self, path: &str) -> Result<Endpoint, SubmitError> {
        self.order = checked_path(path, 1)?;
        Ok(self)
    }

    /// The base URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The request that sends the texts of orders: one order as an object, several as an array.
    pub(super) fn submit<'a>(&self, credentials: &Credentials, texts: impl Iterator<Item = &'a [u8]>) -> Request {
        let texts: Vec<&[u8]> = texts.collect();
        let body = match texts.as_slice() {
            [one] => one.to_vec(),
            several => [b"[", several.join(&b',').as_slice(), b"]"].concat(),
        };
        self.request("POST", &self.new_orders, credentials, Some(body))
    }

    /// The request that reads an order back.
    pub(super) fn read_back(&self, credentials: &Credentials, cust_ref: &str) -> Request {
        self.request("GET", &self.order.replace(PLACE, &percent(cust_ref)), credentials, None)
    }

    fn request(&self, method: &'static str, path: &str, who: &Credentials, body: Option<Vec<u8>>) -> Request {
        let url = [self.base_url.as_str(), path].concat();
        Request { method, url, authorization: who.authorization(), body }
    }
}

/// A host and the port after it. An IPv6 address is in brackets.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let end = authority.rfind(']').map_or(0, |at| at + 1);
    match authority.get(end..).and_then(|rest| rest.rfind(':')) {
        Some(at) => (authority.get(..end + at).unwrap_or_default(), authority.get(end + at + 1..)),
        None => (authority, None),
    }
}

fn checked_path(path: &str, places: usize) -> Result<String, SubmitError> {
    let fault = first_of([
        (!path.starts_with('/'), "that begins with `/`, found something else"),
        (places == 0 && path.contains(PLACE), "without {cust_ref}, found one with it"),
        (path.matches(PLACE).count() != places, "with {cust_ref} in it once, found none or several"),
    ]);
    match fault.or_else(|| path_fault(&path.replace(PLACE, ""))) {
        Some(what) => Err(SubmitError::setting(format!("expected a path {what}"))),
        None => Ok(path.to_owned()),
    }
}

/// Why not every reader of URLs understands a path in the same way: it must have only plain characters and complete escapes,
/// and no segments `.` and `..`.
fn path_fault(path: &str) -> Option<&'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&byte);
    let complete = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    let dots = |segment: &str| matches!(segment.to_lowercase().replace("%2e", ".").as_str(), "." | "..");
    first_of([
        (!path.bytes().all(plain), "of plain characters, without a query or a fragment, found another one"),
        (!path.split('%').skip(1).all(complete), "with two hexadecimal digits after each `%`, found others"),
        (path.split('/').any(dots), "without `.` and `..` between its slashes, found one"),
    ])
}

/// The first fault that is there.
fn first_of<const N: usize>(faults: [(bool, &'static str); N]) -> Option<&'static str> {
    faults.into_iter().find_map(|(is_there, what)| is_there.then_some(what))
}

/// Writes a string as one segment of a path: everything but letters, digits, `-`, `.`, `_` and `~` is escaped.
fn percent(text: &str) -> String {
    let shown = |byte: u8| match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(shown).collect()
}

/// A request, as data. `Debug` shows neither its body nor its `Authorization`.
pub struct Request {
    method: &'static str,
    url: String,
    authorization: Zeroizing<String>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// `POST` or `GET`.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The complete URL. It has no secret.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers, including `Authorization`.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let fixed = [
            ("Authorization", self.authorization.as_str()),
            ("Accept", "application/json"),
            ("User-Agent", concat!("ordercharge/", env!("CARGO_PKG_VERSION"))),
        ];
        let content = self.body.is_some().then_some(("Content-Type", "application/json"));
        fixed.into_iter().chain(content)
    }

    /// The bytes to send.
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// The body, to keep.
    pub fn into_body(self) -> Option<Vec<u8>> {
        self.body
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {}, {} bytes)", self.method, self.url, self.body.as_deref().unwrap_or_default().len())
    }
}
