//! Two streams that list the same orders in the same order are joined within a window, so that memory stays small.

use std::collections::VecDeque;

use ordercharge::Reader;
use ordercharge_carts::{Cart, Choice, Comparison, Json, Node, references};

use super::{Run, compared, cust_ref};
use crate::args;
use crate::cart::Known;
use crate::input::{Source, Stream};
use crate::output::Stop;

/// How many of the cart's orders are kept to find the partner of the next order in.
const WINDOW: usize = 10_000;

struct Waiting {
    text: Vec<u8>,
    cart: Option<&'static Cart>,
    names: Vec<String>,
}

/// The cart's orders that were read and have no partner yet.
struct Window {
    source: String,
    reader: Reader<Stream>,
    known: Known,
    waiting: VecDeque<Waiting>,
    ended: bool,
    sample: Option<Vec<u8>>,
}

impl Window {
    /// Reads one more document.
    fn read(&mut self, run: &mut Run) {
        let record = match self.reader.next_record() {
            Ok(Some(record)) => record,
            Ok(None) => {
                self.ended = true;
                return;
            }
            Err(error) => {
                self.ended = true;
                return run.unreadable(&self.source, &format!("cannot read it: {error}"));
            }
        };
        let document = match record.document {
            Ok(document) => document,
            Err(error) => {
                let at = error.position().unwrap_or(record.position);
                return run.unreadable(&self.source, &format!("{at}: {}", error.reason()));
            }
        };
        let json = match Json::parse(document.text()) {
            Ok(json) => json,
            Err(error) => return run.unreadable(&self.source, &format!("{}: {error}", record.position)),
        };
        for (order, cart) in self.known.orders(&json) {
            let text = json.text(order).as_bytes().to_vec();
            self.sample.get_or_insert_with(|| text.clone());
            self.waiting.push_back(Waiting { text, cart, names: references(&json, order, cart) });
        }
    }

    /// The place of the order with a name, reading on until it is found or the window is full.
    fn find(&mut self, name: &str, run: &mut Run) -> Option<usize> {
        let mut looked = 0;
        loop {
            let is = |waiting: &Waiting| waiting.names.iter().any(|own| own == name);
            if let Some(at) = self.waiting.iter().skip(looked).position(is) {
                return Some(looked + at);
            }
            looked = self.waiting.len();
            if self.ended || looked >= WINDOW {
                return None;
            }
            self.read(run);
        }
    }
}

fn open(sources: &[Source], most: usize) -> Result<(String, Reader<Stream>), Stop> {
    let source = sources.first().ok_or_else(|| Stop::Failed("expected a file to read".into()))?;
    let name = source.name();
    let stream = source.open().map_err(|error| Stop::Failed(format!("cannot read {name}: {error}")))?;
    Ok((name, Reader::new(stream).max_document(most)))
}

/// Compares, and returns the text of one of the cart's orders.
pub(super) fn run(
    args: &args::Compare,
    known: Known,
    choice: Choice,
    cart: &[Source],
    orders: &[Source],
    run: &mut Run,
) -> Result<Option<Vec<u8>>, Stop> {
    let (source, reader) = open(cart, args.max_document)?;
    let mut window = Window { source, reader, known, waiting: VecDeque::new(), ended: false, sample: None };
    let (name, mut reader) = open(orders, args.max_document)?;
    while !run.silent {
        let record = match reader.next_record() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(error) => {
                run.unreadable(&name, &format!("cannot read it: {error}"));
                break;
            }
        };
        let line = record.position.line;
        let document = match record.document {
            Ok(document) => document,
            Err(error) => {
                let at = error.position().unwrap_or(record.position);
                run.unreadable(&name, &format!("{at}: {}", error.reason()));
                continue;
            }
        };
        let json = match Json::parse(document.text()) {
            Ok(json) => json,
            Err(error) => {
                run.unreadable(&name, &format!("{}: {error}", record.position));
                continue;
            }
        };
        let own = cust_ref(&json);
        let at = own.as_deref().and_then(|own| window.find(own, run));
        let comparison = match at {
            None => Comparison::unmatched(own, None, false),
            Some(at) => {
                // Both sides have the same order: what comes before has no partner.
                for earlier in window.waiting.drain(..at).collect::<Vec<_>>() {
                    run.add(0, &Comparison::unmatched(earlier.names.into_iter().next(), earlier.cart, true))?;
                }
                match window.waiting.pop_front() {
                    Some(partner) => match Json::parse(&partner.text) {
                        Ok(cart_json) => compared(partner.cart, choice, &cart_json, Node::ROOT, &json, document.text()),
                        // It was read before.
                        Err(_) => Comparison::unmatched(own, partner.cart, false),
                    },
                    None => Comparison::unmatched(own, None, false),
                }
            }
        };
        run.add(line, &comparison)?;
    }
    while !run.silent {
        while let Some(left) = window.waiting.pop_front() {
            run.add(0, &Comparison::unmatched(left.names.into_iter().next(), left.cart, true))?;
        }
        if window.ended {
            break;
        }
        window.read(run);
    }
    Ok(window.sample)
}
