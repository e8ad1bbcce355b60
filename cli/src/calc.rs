//! `ordercharge calc`: fills in the unset amounts of orders. Every other byte stays as it was.

use std::cell::Cell;
use std::io::Write;

use ordercharge::{Policy, Reader};

use crate::apart::{Output, keep_apart};
use crate::args;
use crate::config::Config;
use crate::output::{self, Stop};

pub(crate) fn run(args: &args::Calc, config: &Config) -> Result<u8, Stop> {
    let policies = config.policies(Policy { options: args.rounding.rounding.into(), ..Policy::default() })?;
    let sources = args.input.sources()?;
    keep_apart(&sources, &[config.also_read()], vec![Output::stdout()])?;
    let mut out = output::stdout();
    let status = Cell::new(0);
    let mut orders = 0_u64;
    let writing = |error: std::io::Error, status: u8| match Stop::writing("standard output", &error) {
        Stop::BrokenPipe(_) => Stop::BrokenPipe(status),
        other => other,
    };
    for source in sources {
        let (name, before) = (source.title(), orders);
        let mut failed = false;
        let unreadable = |why: String| {
            status.set(2);
            output::complain(&why);
        };
        let mut reader = match source.open() {
            Ok(stream) => Reader::new(stream).max_document(args.input.max_document),
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
                        Err(error) => {
                            let error = source.explained(&error, record.position);
                            unreadable(format!("{name}: {error}"));
                        }
                        Ok(document) => {
                            let completed = document.completed(&policies.of(document.order()).options);
                            out.write_all(&completed)
                                .and_then(|()| out.write_all(b"\n"))
                                .map_err(|error| writing(error, status.get()))?;
                        }
                    }
                }
                Err(error) => {
                    unreadable(format!("cannot read {name}: {error}"));
                    failed = true;
                    break;
                }
            }
        }
        if orders == before && !failed {
            unreadable(source.no_order());
        }
    }
    out.flush().map_err(|error| writing(error, status.get()))?;
    Ok(status.get())
}
