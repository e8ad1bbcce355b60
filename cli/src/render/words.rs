//! What several formats say in the same words.

use ordercharge::{Currency, Place};

use crate::model::{Descriptor, Finding, Record, Totals, Verdict};
use crate::output::brief;

/// The counts of a run: `3 orders: 1 valid, 2 invalid, 0 unreadable, 0 not checkable`.
pub(super) fn counts(totals: &Totals) -> String {
    let Totals { orders, valid, invalid, unreadable, unchecked, .. } = totals;
    let noun = if *orders == 1 { "order" } else { "orders" };
    let complete = if totals.complete { "" } else { "; the run is not complete" };
    if let Some(compared) = &totals.compared {
        let counts = compared.counts().map(|(name, count)| format!("{count} {name}")).join(", ");
        return format!("{orders} {noun}: {counts}{complete}");
    }
    format!(
        "{orders} {noun}: {valid} valid, {invalid} invalid, {unreadable} unreadable, {unchecked} not checkable{complete}"
    )
}

/// The money at risk: `3.20 USD + 500 JPY`.
pub(super) fn money(totals: &Totals) -> String {
    let sum = |(code, sum): (&String, &Option<String>)| {
        let amount = sum.as_deref().unwrap_or("more than can be held");
        // The key of money whose currency is unset or unknown.
        if code == "unset" { format!("{amount} (no known currency)") } else { format!("{amount} {code}") }
    };
    totals.at_risk.iter().map(sum).collect::<Vec<_>>().join(" + ")
}

/// The money at risk in an order, `3.20 USD`; `None` if its total is right or not known to be wrong.
pub(super) fn at_risk(record: &Record) -> Option<String> {
    let Some(amount) = record.at_risk else { return Some("too much to add up".to_owned()) };
    if amount.is_zero() {
        return None;
    }
    let code = record.currency.as_deref().unwrap_or_default();
    let decimals = Currency::from_code(code).decimals() as usize;
    Some(format!("{amount:.decimals$} {}", brief(code)).trim_end().to_owned())
}

/// The field that a JSON Pointer leads to: `price of line 1`.
pub(super) fn in_words(path: &str) -> String {
    brief(&path.parse::<Place>().map_or_else(|_| path.to_owned(), |place| place.in_words().to_string()))
}

/// What a record is called: `order JT-1099`, or where it is.
pub(super) fn title(record: &Record) -> String {
    match (&record.cust_ref, record.verdict) {
        (Some(cust_ref), _) => format!("order {}", brief(cust_ref)),
        (None, Verdict::Unreadable) => format!("document on line {}", record.line),
        (None, _) => format!("order on line {}", record.line),
    }
}

/// What is wrong, with what it may be just as well: `grand_total has the sub-total twice: ...; or price is for ...`.
pub(super) fn sentence(finding: &Finding) -> String {
    let others = finding.alternatives.iter().map(|other| format!("; or {}", brief(&other.message)));
    brief(&finding.message) + &others.collect::<String>()
}

/// A sentence without the backticks around names of fields, for a format in which they are not markup.
pub(super) fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// The name of a finding; a rule with its code.
pub(super) fn label(name: &str, known: Option<&Descriptor>) -> String {
    match known {
        Some(known) if known.id != known.name => format!("{} {}", known.id, known.name),
        _ => brief(name),
    }
}
