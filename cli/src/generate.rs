//! `ordercharge generate`: makes orders to test with, right ones or wrong ones, and labels that say what is wrong.

use std::io::Write;

use ordercharge::Order;
use ordercharge::generate::{
    Amounts, Blanks, Choices, Faulty, Label, Params, Style, consistent_order, json_text, one_fault,
};
use ordercharge_carts::generate::cart_order;
use serde::Serialize;

use crate::args::{self, Fault, Writing};
use crate::file::{self, Output, Target};
use crate::output::{self, Stop};

/// What is known about a generated order.
#[derive(Serialize)]
struct Known<'o> {
    cust_ref: Option<&'o str>,
    fault: Option<String>,
    rule: Option<&'static str>,
    path: Option<String>,
    difference: Option<String>,
    mistake: Option<&'static str>,
}

pub(crate) fn run(args: &args::Generate) -> Result<u8, Stop> {
    let mut out = output::stdout();
    let mut labels = None;
    if let Some(path) = &args.labels {
        if file::is_stdout(path) {
            return Err(Stop::Failed("expected a file for --labels, found -: the orders go to standard output".into()));
        }
        file::keep_apart(&[], &[], vec![Output::path("--labels", path), Output::stdout()])?;
        labels = Some(Target::open(path, None).map_err(Stop::Failed)?);
    }
    let all: Vec<Label> = Label::all().collect();
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
        // Each order has its own choices, so that the thousandth order does not depend on the 999 before it.
        let mut choices = Choices::seeded(args.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number));
        let label = match args.fault {
            Fault::None => None,
            Fault::Of(label) => Some(label),
            Fault::Any => all.get((args.seed.wrapping_add(number) % all.len() as u64) as usize).copied(),
        };
        let faulty = label.map(|label| one_fault(label, &mut choices));
        let mut order = match &faulty {
            Some(faulty) => faulty.order.clone(),
            None => consistent_order(&Params::default(), &mut choices),
        };
        order.cust_ref = Some(format!("G{number:06}"));
        let mut text = json_text(&order, &style(args.style, &mut choices), &mut choices);
        text.push('\n');
        if let Some(labels) = &mut labels {
            labels.write(known(&order, label, faulty.as_ref())?.as_bytes()).map_err(Stop::Failed)?;
        }
        written = out.write_all(text.as_bytes());
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
    let plain = Style { blanks: Blanks::None, ..Style::default() };
    match writing {
        Writing::Plain => plain,
        Writing::Returned => Style { amounts: Amounts::AsReturned, nulls: true, ..plain },
        Writing::Any => Style::drawn(choices),
    }
}

fn known(order: &Order, label: Option<Label>, faulty: Option<&Faulty>) -> Result<String, Stop> {
    let known = Known {
        cust_ref: order.cust_ref.as_deref(),
        fault: label.map(|label| label.to_string()),
        rule: faulty.map(|faulty| faulty.rule.code()),
        path: faulty.map(|faulty| faulty.place.to_string()),
        difference: faulty.and_then(|faulty| faulty.difference).map(|difference| difference.to_string()),
        mistake: faulty.and_then(|faulty| faulty.mistake).map(ordercharge::Mistake::name),
    };
    let mut line = serde_json::to_string(&known).map_err(|error| Stop::Failed(error.to_string()))?;
    line.push('\n');
    Ok(line)
}
