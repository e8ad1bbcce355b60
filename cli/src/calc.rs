//! `ordercharge calc`: orders with their unset amounts filled in, every other byte as it was.

use std::cell::Cell;
use std::io::Write;

use ordercharge::Reader;

use crate::args;
use crate::input::Source;
use crate::output::{self, Stop};

pub(crate) fn run(args: &args::Calc, quiet: bool) -> Result<u8, Stop> {
    let mut out = output::stdout();
    let status = Cell::new(0);
    let mut orders = 0_u64;
    let writing = |error: std::io::Error, status: u8| match Stop::writing("standard output", &error) {
        Stop::BrokenPipe(_) => Stop::BrokenPipe(status),
        other => other,
    };
    for source in Source::all(&args.input.inputs)? {
        let name = source.name();
        let unreadable = |why: String| {
            status.set(2);
            output::complain(&why);
        };
        let mut reader = match source.open() {
            Ok(stream) => Reader::new(stream),
            Err(error) => {
                unreadable(format!("cannot read {name}: {error}"));
                continue;
            }
        };
        loop {
            match reader.next_record() {
                Ok(None) => break,
                Ok(Some(record)) => {
                    orders += 1;
                    match record.document {
                        Err(error) => unreadable(format!("{name}: {error}")),
                        Ok(document) => {
                            let completed = document.completed(args.rounding.rounding);
                            out.write_all(&completed)
                                .and_then(|()| out.write_all(b"\n"))
                                .map_err(|error| writing(error, status.get()))?;
                        }
                    }
                }
                Err(error) => {
                    unreadable(format!("cannot read {name}: {error}"));
                    break;
                }
            }
        }
    }
    out.flush().map_err(|error| writing(error, status.get()))?;
    if orders == 0 && status.get() == 0 {
        if !quiet {
            output::complain("no order found: expected a JSON order, a list of orders, or lines of them");
        }
        status.set(2);
    }
    Ok(status.get())
}
