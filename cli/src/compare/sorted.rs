//! Two streams that list the same orders in the same order are joined within a window, so that memory stays small.

use std::collections::VecDeque;

use ordercharge::Reader;
use ordercharge_carts::{Cart, Comparison, Json, references};
use ordercharge_records::{Unpaired, compared, cust_ref};

use super::{Inputs, Run};
use crate::cart::Known;
use crate::input::{Source, Stream};
use crate::output::Stop;

/// How many of the cart's orders are kept to find the partner of the next order in.
const WINDOW: usize = 10_000;

/// Sources with one document after the other.
struct Side<'a> {
    /// Those that were not opened yet.
    sources: &'a [Source],
    /// The one that is read, its reader, and its name.
    open: Option<(&'a Source, Reader<Stream>)>,
    source: String,
    max_document: usize,
    ended: bool,
}

impl<'a> Side<'a> {
    fn new(sources: &'a [Source], max_document: usize) -> Side<'a> {
        Side { sources, open: None, source: String::new(), max_document, ended: false }
    }

    /// Opens the next source.
    fn advance(&mut self, run: &mut Run<'_>) {
        let Some((next, rest)) = self.sources.split_first() else {
            self.ended = true;
            return;
        };
        self.sources = rest;
        self.source = next.name();
        match next.open_alone() {
            Ok(stream) => self.open = Some((next, Reader::new(stream).max_document(self.max_document))),
            Err(error) => {
                next.found();
                run.unreadable(&self.source, &format!("cannot read it: {error}"));
            }
        }
    }

    /// Reads one more document, and returns what `take` makes of the name of its source, its JSON and its line. It is `None` if
    /// there is no document, or if it cannot be read.
    fn read<T>(&mut self, run: &mut Run<'_>, take: impl FnOnce(&mut Run<'_>, &str, &Json<'_>, u64) -> T) -> Option<T> {
        let Some((of, reader)) = &mut self.open else {
            self.advance(run);
            return None;
        };
        let record = match reader.next_record() {
            Ok(None) => {
                self.open = None;
                return None;
            }
            record => record,
        };
        of.found();
        let record = match record.transpose()? {
            Ok(record) => record,
            Err(error) => {
                self.open = None;
                run.unreadable(&self.source, &format!("cannot read it: {error}"));
                return None;
            }
        };
        let why = match &record.document {
            Ok(document) => match Json::parse(document.text()) {
                Ok(json) => return Some(take(run, &self.source, &json, record.position.line)),
                Err(error) => format!("{}: {error}", record.position),
            },
            Err(error) => super::unreadable(of, record.position, error),
        };
        run.unreadable(&self.source, &why);
        None
    }
}

struct Waiting {
    source: String,
    text: Vec<u8>,
    line: u64,
    cart: Option<&'static Cart>,
    names: Vec<String>,
}

/// The cart's orders that were read and have no partner yet.
struct Window<'a> {
    side: Side<'a>,
    known: Known,
    waiting: VecDeque<Waiting>,
    sample: Option<Vec<u8>>,
}

impl Window<'_> {
    /// Reads one more document.
    fn read(&mut self, run: &mut Run<'_>) {
        let known = self.known;
        let read = self.side.read(run, |_, source, json, line| {
            let waiting = |(order, cart)| {
                let text = json.text(order).as_bytes().to_vec();
                Waiting { source: source.to_owned(), text, line, cart, names: references(json, order, cart) }
            };
            known.orders(json).into_iter().map(waiting).collect::<Vec<_>>()
        });
        self.waiting.extend(read.into_iter().flatten());
        if self.sample.is_none() {
            self.sample = self.waiting.front().map(|first| first.text.clone());
        }
    }

    /// The place of the order with a name, reading on until it is found or the window is full.
    fn find(&mut self, name: &str, run: &mut Run<'_>) -> Option<usize> {
        let mut searched = 0;
        loop {
            let is = |waiting: &Waiting| waiting.names.iter().any(|own| own == name);
            if let Some(at) = self.waiting.iter().skip(searched).position(is) {
                return Some(searched + at);
            }
            searched = self.waiting.len();
            if self.side.ended || searched >= WINDOW {
                return None;
            }
            self.read(run);
        }
    }
}

/// Compares, and returns the text of one of the cart's orders.
pub(super) fn run(inputs: &Inputs<'_>, run: &mut Run<'_>) -> Result<Option<Vec<u8>>, Stop> {
    let Inputs { args, known, choice, .. } = *inputs;
    let side = Side::new(inputs.cart, args.max_document);
    let mut window = Window { side, known, waiting: VecDeque::new(), sample: None };
    let mut orders = Side::new(inputs.orders, args.max_document);
    let mut index = 0;
    let mut add = |run: &mut Run<'_>, source: &str, line: u64, comparison: &Comparison| {
        index += 1;
        run.add(source, index - 1, line, comparison)
    };
    let unmatched = |left: &Waiting| Comparison::unmatched(left.names.first().cloned(), left.cart, true);
    while !run.writer.is_silent() && !orders.ended {
        let done = orders.read(run, |run, source, json, line| {
            let at = cust_ref(json).and_then(|name| window.find(&name, run));
            // Both sides have the same order: what precedes the partner has none.
            for earlier in window.waiting.drain(..at.unwrap_or_default()) {
                add(run, &earlier.source, earlier.line, &unmatched(&earlier))?;
            }
            let partner = at.and_then(|_| window.waiting.pop_front());
            let partner = partner.as_ref().map(|partner| (partner.text.as_slice(), partner.cart));
            add(run, source, line, &compared(json, partner.ok_or(Unpaired::NoOrder), choice))
        });
        done.unwrap_or(Ok(()))?;
    }
    while !run.writer.is_silent() {
        while let Some(left) = window.waiting.pop_front() {
            add(run, &left.source, left.line, &unmatched(&left))?;
        }
        if window.side.ended {
            break;
        }
        window.read(run);
    }
    Ok(window.sample)
}
