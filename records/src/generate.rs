//! Generated orders as text: those that `ordercharge generate` prints for the same seed.

use ordercharge::generate::{Blanks, Choices, Label, Params, Style, consistent_order, json_text, one_fault};
use serde::{Deserialize, Serialize};

/// What is wrong with each order, and which orders.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    count: u64,
    seed: u64,
    /// A rule, a mistake, `any` or `none`.
    fault: String,
    labels: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { count: 10, seed: 0, fault: "none".to_owned(), labels: false }
    }
}

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

/// The orders, one on each line; with `labels`, each followed by a line that says what is wrong with it.
pub(crate) fn orders(options: &Options) -> Result<Vec<u8>, String> {
    let all: Vec<Label> = Label::all().collect();
    let fault = match options.fault.as_str() {
        "none" | "any" => None,
        name => Some(name.parse::<Label>().map_err(|error| error.to_string())?),
    };
    let mut text = String::new();
    for number in 0..options.count {
        // Each order has its own choices, so that the thousandth order does not depend on the 999 before it.
        let mut choices = Choices::seeded(options.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number));
        let any = || all.get((options.seed.wrapping_add(number) % all.len() as u64) as usize).copied();
        let label = if options.fault == "any" { any() } else { fault };
        let faulty = label.map(|label| one_fault(label, &mut choices));
        let mut order = match &faulty {
            Some(faulty) => faulty.order.clone(),
            None => consistent_order(&Params::default(), &mut choices),
        };
        order.cust_ref = Some(format!("G{number:06}"));
        let style = Style { blanks: Blanks::None, ..Style::default() };
        text.push_str(&json_text(&order, &style, &mut choices));
        text.push('\n');
        if options.labels {
            let known = Known {
                cust_ref: order.cust_ref.as_deref(),
                fault: label.map(|label| label.to_string()),
                rule: faulty.as_ref().map(|faulty| faulty.rule.code()),
                path: faulty.as_ref().map(|faulty| faulty.place.to_string()),
                difference: faulty
                    .as_ref()
                    .and_then(|faulty| faulty.difference)
                    .map(|difference| difference.to_string()),
                mistake: faulty.as_ref().and_then(|faulty| faulty.mistake).map(ordercharge::Mistake::name),
            };
            text.push_str(&serde_json::to_string(&known).map_err(|error| error.to_string())?);
            text.push('\n');
        }
    }
    Ok(text.into_bytes())
}
