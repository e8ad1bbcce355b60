//! `ordercharge generate`: makes orders to test with, right ones or wrong ones, and labels that say what is wrong.

use std::io::Write;

use ordercharge::generate::{Amounts, Choices, Style};
use ordercharge_carts::generate::cart_order;
use ordercharge_records::{Generated, plain_style};

use crate::apart::{Output, keep_apart};
use crate::args::{self, Writing};
use crate::file::{self, Target};
use crate::output::{self, Stop};

pub(crate) fn run(args: &args::Generate) -> Result<u8, Stop> {
    let mut out = output::stdout();
    let mut labels = None;
    if let Some(path) = &args.labels {
        if file::is_stdout(path) {
            return Err(Stop::Failed("expected a file for --labels, found -: the orders go to standard output".into()));
        }
        keep_apart(&[], &[], vec![Output::path("--labels", path), Output::stdout()])?;
        labels = Some(Target::open(path, None).map_err(Stop::Failed)?);
    }
    let mut written = Ok(());
    for number in 0..args.count {
        if let Some(cart) = args.cart.as_deref().and_then(|cart| cart_order(cart, args.seed, number)) {
            if let Some(labels) = &mut labels {
                let right = output::json(&cart.order).map_err(|error| Stop::Failed(error.to_string()))?;
                labels.write(format!("{right}\n").as_bytes()).map_err(Stop::Failed)?;
            }
            written = out.write_all(format!("{}\n", cart.cart_order).as_bytes());
            if written.is_err() {
                break;
            }
            continue;
        }
        let order = Generated::new(args.seed, number, args.fault, |choices| style(args.style, choices));
        if let Some(labels) = &mut labels {
            let label = order.label().map_err(|error| Stop::Failed(error.to_string()))?;
            labels.write(format!("{label}\n").as_bytes()).map_err(Stop::Failed)?;
        }
        written = out.write_all(format!("{}\n", order.text).as_bytes());
        if written.is_err() {
            break;
        }
    }
    let written = written.and_then(|()| out.flush()).map_err(|error| Stop::writing("standard output", &error));
    // A reader that has read enough orders still gets their labels.
    if let (Ok(()) | Err(Stop::BrokenPipe(_)), Some(labels)) = (&written, labels) {
        labels.finish().map_err(Stop::Failed)?;
    }
    written.map(|()| 0)
}

fn style(writing: Writing, choices: &mut Choices<'_>) -> Style {
    match writing {
        Writing::Plain => plain_style(),
        Writing::Returned => Style { amounts: Amounts::AsReturned, nulls: true, ..plain_style() },
        Writing::Any => Style::drawn(choices),
    }
}
