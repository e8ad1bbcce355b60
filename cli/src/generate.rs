//! `ordercharge generate`: orders to test with, right ones or precisely wrong ones, and what is wrong with them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use ordercharge::Order;
use ordercharge::generate::{
    Amounts, Blanks, Choices, Faulty, Label, Params, Style, consistent_order, json_text, one_fault,
};
use serde::Serialize;

use crate::args::{self, Fault, Writing};
use crate::output::{self, Stop};

/// What is known of a generated order.
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
        if path.as_path() == Path::new("-") {
            return Err(Stop::Failed("expected a file for --labels, found -: the orders go to standard output".into()));
        }
        let place = path.display().to_string();
        let file = File::create(path).map_err(|error| Stop::writing(&place, &error))?;
        labels = Some((BufWriter::new(file), place));
    }
    let all: Vec<Label> = Label::all().collect();
    for number in 0..args.count {
        // Each order has choices of its own: the thousandth is the same whether 999 were made before it or not.
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
        out.write_all(text.as_bytes()).map_err(|error| Stop::writing("standard output", &error))?;
        if let Some((labels, place)) = &mut labels {
            let line = known(&order, label, faulty.as_ref())?;
            labels.write_all(line.as_bytes()).map_err(|error| Stop::writing(place, &error))?;
        }
    }
    if let Some((labels, place)) = &mut labels {
        labels.flush().map_err(|error| Stop::writing(place, &error))?;
    }
    out.flush().map_err(|error| Stop::writing("standard output", &error))?;
    Ok(0)
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
