//! The arguments of `submit` and `reconcile`, as data.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use ordercharge::submit::{Endpoint, Timeouts};

use super::{Input, PolicyArgs};

/// Send orders to CartRover: no wrong order, none twice, and none lost.
///
/// Each order is checked first. An invalid order is reported and not sent; the others are sent. Without --yes nothing is
/// sent: the run prints what would be sent.
///
/// With --yes, every step is written to the journal before and after it is done. --resume continues a run that ended early
/// for any reason: what is settled is not sent again, and what is unknown is read back first.
///
/// Exit status: 0 all orders are sent (or would be); 1 at least one is invalid, refused, or unfit to be sent; 2 bad
/// usage, an unreadable document, no order at all, an input or output error, or orders that could not be sent; 3 the
/// outcome of at least one order is unknown or disputed (3 takes precedence over 2, and 2 over 1).
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge submit orders.ndjson
  ordercharge submit --yes --journal day.journal --credentials key.txt orders.ndjson
  ordercharge submit --yes --journal day.journal --resume --credentials key.txt orders.ndjson
  ORDERCHARGE_API_USER=... ORDERCHARGE_API_KEY=... ordercharge submit --yes --journal a.journal")]
pub(crate) struct Submit {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Send the orders.
    #[arg(long, requires = "journal")]
    pub(crate) yes: bool,
    /// Keep the journal of the run in this file, which must not exist yet.
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
    /// Continue the run of an existing journal.
    #[arg(long, requires = "journal")]
    pub(crate) resume: bool,
    /// Send at most N orders in one call.
    #[arg(long, value_name = "N", default_value = "50")]
    pub(crate) batch: NonZero<usize>,
    /// Send nothing unless every order can be sent. All of them are then held in memory.
    #[arg(long)]
    pub(crate) all_or_nothing: bool,
    /// Send orders again that were refused according to the journal, even if nothing about them has changed.
    #[arg(long, requires = "resume")]
    pub(crate) retry_refused: bool,
    #[command(flatten)]
    pub(crate) link: Link,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// How to report on standard output.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SubmitFormat,
}

/// Settle the orders of a journal whose outcome is unknown by reading them back. Nothing is sent.
///
/// Exit status: 0 all orders of the journal are sent; 1 at least one was refused or is not sent; 2 bad usage, or an input
/// or output error; 3 the outcome of at least one is still unknown, or disputed.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge reconcile day.journal --credentials key.txt
  ordercharge reconcile day.journal --format ndjson")]
pub(crate) struct Reconcile {
    /// The journal.
    pub(crate) journal: PathBuf,
    #[command(flatten)]
    pub(crate) link: Link,
    /// How to report on standard output.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SubmitFormat,
}

/// Where orders are sent, and with which credentials.
#[derive(Parser)]
pub(crate) struct Link {
    /// Read the credentials from a file that only its owner can read, with the lines `api_user = ...` and `api_key = ...`.
    /// By default they come from ORDERCHARGE_API_USER and ORDERCHARGE_API_KEY.
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
    /// The server of the API: https, or http to this machine.
    #[arg(long, value_name = "URL", default_value = "https://api.cartrover.com")]
    base_url: String,
    /// The path for new orders [default: /v1/cart/orders/cartrover]
    #[arg(long, value_name = "PATH")]
    new_orders_path: Option<String>,
    /// The path of an order, with `{cust_ref}` in it [default: /v1/cart/orders/{cust_ref}]
    #[arg(long, value_name = "PATH")]
    order_path: Option<String>,
    /// Also accept an error message that contains these words (`*` matches anything) as `no such order`.
    #[arg(long, value_name = "WORDS")]
    absent: Vec<String>,
    /// Change how many seconds a phase may take: resolve, connect, send, reply or body.
    #[arg(long, value_name = "PHASE=SECONDS", value_delimiter = ',', value_parser = parse_timeout)]
    timeout: Vec<(Phase, Duration)>,
    /// Try a call at most N times; stop after N calls in a row without a usable reply.
    #[arg(long, value_name = "N", default_value = "6")]
    pub(crate) attempts: NonZero<u32>,
    /// Wait this many seconds before reading back an order whose outcome is unknown.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub(crate) settle_after: u32,
    /// Also count new orders against the API limit. They are exempt today.
    #[arg(long)]
    pub(crate) limit_new_orders: bool,
}

#[derive(Clone, Copy)]
enum Phase {
    Resolve,
    Connect,
    Send,
    Reply,
    Body,
}

fn parse_timeout(text: &str) -> Result<(Phase, Duration), String> {
    let usage = || {
        format!("expected resolve, connect, send, reply or body with a number of seconds (reply=120), found {text:?}")
    };
    let (phase, seconds) = text.split_once('=').ok_or_else(usage)?;
    let phase = match phase {
        "resolve" => Phase::Resolve,
        "connect" => Phase::Connect,
        "send" => Phase::Send,
        "reply" => Phase::Reply,
        "body" => Phase::Body,
        _ => return Err(usage()),
    };
    let seconds: NonZero<u32> = seconds.parse().map_err(|_| usage())?;
    Ok((phase, Duration::from_secs(seconds.get().into())))
}

impl Link {
    /// The endpoint the arguments ask for.
    pub(crate) fn endpoint(&self) -> Result<Endpoint, ordercharge::submit::SubmitError> {
        let mut endpoint = Endpoint::new(&self.base_url)?;
        if let Some(path) = &self.new_orders_path {
            endpoint = endpoint.new_orders_path(path)?;
        }
        if let Some(path) = &self.order_path {
            endpoint = endpoint.order_path(path)?;
        }
        endpoint.absent.extend(self.absent.iter().cloned());
        let Timeouts { resolve, connect, send, reply, body } = &mut endpoint.timeouts;
        for (phase, time) in &self.timeout {
            *match phase {
                Phase::Resolve => &mut *resolve,
                Phase::Connect => &mut *connect,
                Phase::Send => &mut *send,
                Phase::Reply => &mut *reply,
                Phase::Body => &mut *body,
            } = *time;
        }
        Ok(endpoint)
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SubmitFormat {
    /// One line for each order that is not sent.
    #[default]
    Human,
    /// One JSON record for each order as it is settled, then a summary.
    Ndjson,
}
