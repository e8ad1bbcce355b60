//! Generated orders as text, and labels that say what is wrong with them.

use core::str::FromStr;

use ordercharge::generate::{Blanks, Choices, Faulty, Label, Params, Style, consistent_order, json_text, one_fault};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// What is wrong with generated orders.
#[derive(Clone, Copy, Debug, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Each rule and mistake in turn.
    Any,
    /// One rule or mistake.
    Of(Label),
}

impl FromStr for Fault {
    type Err = ordercharge::Error;

    fn from_str(name: &str) -> Result<Fault, ordercharge::Error> {
        match name {
            "none" => Ok(Fault::None),
            "any" => Ok(Fault::Any),
            name => name.parse().map(Fault::Of),
        }
    }
}

/// A generated order.
#[derive(Debug)]
pub struct Generated {
    /// Its JSON, without a line end.
    pub text: String,
    cust_ref: String,
    label: Option<Label>,
    faulty: Option<Faulty>,
}

/// What is known about a generated order.
#[derive(Serialize)]
struct Known<'o> {
    cust_ref: &'o str,
    fault: Option<String>,
    rule: Option<&'static str>,
    path: Option<String>,
    difference: Option<String>,
    mistake: Option<&'static str>,
}

impl Generated {
    /// Makes the order with this number among those of a seed. `style` decides how it is written.
    pub fn new(seed: u64, number: u64, fault: Fault, style: impl FnOnce(&mut Choices<'_>) -> Style) -> Generated {
        // Each order has its own choices, so that the thousandth order does not depend on the 999 before it.
        let mut choices = Choices::seeded(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number));
        let label = match fault {
            Fault::None => None,
            Fault::Of(label) => Some(label),
            Fault::Any => {
                let all: Vec<Label> = Label::all().collect();
                all.get((seed.wrapping_add(number) % all.len() as u64) as usize).copied()
            }
        };
        let faulty = label.map(|label| one_fault(label, &mut choices));
        let mut order = match &faulty {
            Some(faulty) => faulty.order.clone(),
            None => consistent_order(&Params::default(), &mut choices),
        };
        let cust_ref = format!("G{number:06}");
        order.cust_ref = Some(cust_ref.clone());
        let style = style(&mut choices);
        Generated { text: json_text(&order, &style, &mut choices), cust_ref, label, faulty }
    }

    /// What is wrong with it, as JSON without a line end.
    ///
    /// # Errors
    ///
    /// Never: every key is a string.
    pub fn label(&self) -> serde_json::Result<String> {
        let faulty = self.faulty.as_ref();
        serde_json::to_string(&Known {
            cust_ref: &self.cust_ref,
            fault: self.label.map(|label| label.to_string()),
            rule: faulty.map(|faulty| faulty.rule.code()),
            path: faulty.map(|faulty| faulty.place.to_string()),
            difference: faulty.and_then(|faulty| faulty.difference).map(|difference| difference.to_string()),
            mistake: faulty.and_then(|faulty| faulty.mistake).map(ordercharge::Mistake::name),
        })
    }
}

/// How orders are written by default: plainly, on one line.
pub fn plain_style() -> Style {
    Style { blanks: Blanks::None, ..Style::default() }
}

/// The options of the function `generate`.
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

/// The orders, each on a line. With `labels`, the label of each order follows on its own line.
pub(crate) fn orders(options: &Options) -> Result<Vec<u8>, Failure> {
    let fault: Fault = options.fault.parse().map_err(|error: ordercharge::Error| Failure::new(error.to_string()))?;
    let mut text = String::new();
    for number in 0..options.count {
        let order = Generated::new(options.seed, number, fault, |_| plain_style());
        text.push_str(&order.text);
        text.push('\n');
        if options.labels {
            text.push_str(&order.label().map_err(|error| Failure::new(error.to_string()))?);
            text.push('\n');
        }
    }
    Ok(text.into_bytes())
}
