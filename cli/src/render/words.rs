//! What several formats say in the same words.

use crate::model::{Descriptor, Record, Totals, Verdict};
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

/// What a record is called: `order JT-1099`, or where it is.
pub(super) fn title(record: &Record) -> String {
    match (&record.cust_ref, record.verdict) {
        (Some(cust_ref), _) => format!("order {}", brief(cust_ref)),
        (None, Verdict::Unreadable) => format!("document on line {}", record.line),
        (None, _) => format!("order on line {}", record.line),
    }
}

/// The name of a finding; a rule with its code.
pub(super) fn label(name: &str, known: Option<&Descriptor>) -> String {
    match known {
        Some(known) if known.id != known.name => format!("{} {}", known.id, known.name),
        _ => brief(name),
    }
}
