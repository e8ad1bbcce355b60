//! Our answers and the oracle's in the same words, so that two texts are all there is to compare. It is a module of the
//! tests and of the fuzz targets.
#![allow(unreachable_pub, reason = "the fuzz targets, another crate, use it too")]

use ordercharge::{
    Amount, Charge, Currency, Document, Field, Items, Order, Outcome, Place, Policy, Reason, Report, Rule, Unusable,
    Violation,
};
use ordercharge_oracle::{self as oracle, judge, shown};

/// Reads and checks one text twice. What differs is told; nothing is compared where neither takes it for an order.
pub fn compare(text: &[u8]) -> Result<(), String> {
    let Some((document, reference)) = read_both(text)? else { return Ok(()) };
    let report = document.check(&Policy::default());
    same(&said(&report), &judge(&reference).lines(), text)?;
    let untrue = unchecked_without_reason(document.order(), &report);
    if let Some(untrue) = untrue.into_iter().chain(report.violations.iter().filter_map(miscalculated)).next() {
        return Err(format!("{untrue}, for\n{}", String::from_utf8_lossy(text)));
    }
    Ok(())
}

/// The identities that are unchecked for a reason that is not so.
fn unchecked_without_reason(order: &Order, report: &Report) -> Option<String> {
    let usable = |place: &Place| match place {
        Place::Items => !matches!(order.items, Items::Unusable(_)),
        Place::Line(at) => order.lines().get(*at).is_some_and(|line| line.not_an_object.is_none()),
        charge => !order.charge_at(charge).is_unusable(),
    };
    let told_inexact = |place: &Place| {
        report.violations.iter().any(|found| found.rule == Rule::InexactAmount && found.place == *place)
    };
    let is_so = |reason: &Reason| match reason {
        Reason::Unset(place) => order.charge_at(place).is_unset(),
        Reason::Unusable(place) => !usable(place),
        Reason::Inexact(place) => told_inexact(place),
        Reason::NoLineTax => order.lines().iter().filter_map(|line| line.tax.amount()).all(Amount::is_zero),
        _ => false,
    };
    let mut untrue = report.unchecked().filter(|(_, reason)| !is_so(reason));
    untrue.next().map(|(identity, reason)| format!("{} is unchecked, but not because {reason}", identity.place))
}

/// A violation whose terms do not come to what it expects.
fn miscalculated(violation: &Violation) -> Option<String> {
    violation.formula.as_ref()?;
    let number = |amount: Amount| oracle::Decimal::read(&amount.to_string())?.held();
    let term = |name: &str| {
        let (_, amount) = violation.terms.0.iter().find(|(other, _)| other == name)?;
        number(*amount)
    };
    let come_to = || match violation.place.field()? {
        Field::GrandTotal => {
            Some(term("sub_total")? + term("sales_tax")? + term("shipping_handling")? - term("order_discount")?)
        }
        Field::ExtendedAmount => Some((term("price")? - term("discount")?) * term("quantity")?),
        _ => violation.terms.0.iter().map(|(_, amount)| number(*amount)).sum(),
    };
    let right = come_to().zip(violation.expected.and_then(number)).is_some_and(|(exact, expected)| {
        // What an extended amount is rounded to has been compared before.
        let places = if violation.rule == Rule::ExtendedAmount { 0..5 } else { 28..29 };
        exact == expected || places.into_iter().any(|places| oracle::rounded(&exact, places) == expected)
    });
    (!right).then(|| format!("{violation}: {:?} do not come to it", violation.terms))
}

/// Reads one text twice: both, neither, or what differs.
pub fn read_both(text: &[u8]) -> Result<Option<(Document<'_>, oracle::Order)>, String> {
    match (Document::from_json(text), oracle::read(text)) {
        (Err(_), Err(_)) => Ok(None),
        (Ok(document), Ok(reference)) => {
            same(&order(document.order()), &reference_order(&reference), text)?;
            Ok(Some((document, reference)))
        }
        (Ok(_), Err(refused)) => Err(format!("only the reference refuses it, {refused:?}: {}", text.escape_ascii())),
        (Err(error), Ok(_)) => Err(format!("only we refuse it, {error}: {}", text.escape_ascii())),
    }
}

fn same(ours: &[String], theirs: &[String], text: &[u8]) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    let missing = |from: &[String], to: &[String], who: &str| -> String {
        from.iter().filter(|line| !to.contains(line)).map(|line| format!("only {who}: {line}\n")).collect()
    };
    let (ours_only, theirs_only) = (missing(ours, theirs, "we"), missing(theirs, ours, "the oracle"));
    let text = String::from_utf8_lossy(text);
    Err(format!("{ours_only}{theirs_only}{} lines and {}, for\n{text}", ours.len(), theirs.len()))
}

/// What a report says.
pub fn said(report: &Report) -> Vec<String> {
    let or_dash = |amount: Option<Amount>| amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string());
    let mut findings: Vec<_> = report
        .violations
        .iter()
        .map(|found| {
            let (stated, expected) = (or_dash(found.stated), or_dash(found.expected));
            let finding = format!("{stated}, not {expected}: off by {}", or_dash(found.difference));
            (found.rule.code(), found.place.to_string(), finding)
        })
        .collect();
    let mut identities: Vec<_> = report
        .identities
        .iter()
        .map(|identity| {
            let outcome = match identity.outcome {
                Outcome::Held => "Held",
                Outcome::Broken => "Broken",
                Outcome::Unchecked(_) => "Unchecked",
            };
            (identity.rule.code(), identity.place.to_string(), outcome.to_owned())
        })
        .collect();
    findings.sort();
    identities.sort();
    let lines = findings.into_iter().chain(identities).map(|(code, place, rest)| format!("{code} {place}: {rest}"));
    lines.chain([format!("valid: {}", report.is_valid())]).collect()
}

/// An order as we have read it.
fn order(order: &Order) -> Vec<String> {
    let held = |charge: Charge| match charge {
        Charge::Unset => "unset".to_owned(),
        Charge::Blank => "blank".to_owned(),
        Charge::Amount(amount) => amount.to_string(),
        Charge::Unusable(Unusable::Inexact) => "too long".to_owned(),
        Charge::Unusable(Unusable::NotAmount(_)) => "no amount".to_owned(),
        Charge::Unusable(Unusable::Duplicate) => "twice".to_owned(),
        other => format!("{other:?}"),
    };
    let mut lines: Vec<String> = order.charges().map(|(place, charge)| format!("{place}: {}", held(charge))).collect();
    for (at, line) in order.lines().iter().enumerate() {
        lines.push(format!("/items/{at}: object {}, filtered {}", line.not_an_object.is_none(), line.filtered));
    }
    let items = match &order.items {
        Items::Unset => "unset".to_owned(),
        Items::Unusable(Unusable::Duplicate) => "twice".to_owned(),
        Items::Unusable(_) => "no array".to_owned(),
        Items::Lines(lines) => format!("{} entries", lines.len()),
        other => format!("{other:?}"),
    };
    lines.push(format!("/items: {items}"));
    lines.push(format!("/cust_ref: {:?}", order.cust_ref));
    lines.push(format!("/order_source: {:?}", order.order_source));
    lines.push(match &order.currency {
        Currency::Unset => "/currency_code: unset".to_owned(),
        Currency::Known(_) => format!("/currency_code: {:?}", order.currency.code().unwrap_or_default()),
        _ => "/currency_code: unknown".to_owned(),
    });
    lines.sort();
    lines
}

/// The same of the order the reference has read.
fn reference_order(order: &oracle::Order) -> Vec<String> {
    let held = |charge: &oracle::Charge| match charge {
        oracle::Charge::Unset => "unset".to_owned(),
        oracle::Charge::Blank => "blank".to_owned(),
        oracle::Charge::Amount(decimal) => decimal.held().as_ref().map_or_else(|| "too long".to_owned(), shown),
        oracle::Charge::NotAmount => "no amount".to_owned(),
        oracle::Charge::Twice => "twice".to_owned(),
    };
    let charges = |at: String, fields: &oracle::Fields| -> Vec<String> {
        fields.charges.iter().map(|(name, charge)| format!("{at}/{name}: {}", held(charge))).collect()
    };
    let mut lines = charges(String::new(), &order.header);
    let items = match &order.items {
        oracle::Items::Unset => "unset".to_owned(),
        oracle::Items::Twice => "twice".to_owned(),
        oracle::Items::NotArray => "no array".to_owned(),
        oracle::Items::Entries(entries) => {
            for (at, entry) in entries.iter().enumerate() {
                let filtered = entry.as_ref().is_some_and(|line| line.filtered);
                lines.push(format!("/items/{at}: object {}, filtered {filtered}", entry.is_some()));
                if let Some(line) = entry {
                    lines.extend(charges(format!("/items/{at}"), &line.fields));
                }
            }
            format!("{} entries", entries.len())
        }
    };
    lines.push(format!("/items: {items}"));
    lines.push(format!("/cust_ref: {:?}", order.cust_ref));
    lines.push(format!("/order_source: {:?}", order.order_source));
    lines.push(match &order.currency {
        oracle::Currency::Unset => "/currency_code: unset".to_owned(),
        oracle::Currency::Code(code) if oracle::minor_unit(code).is_some() => format!("/currency_code: {code:?}"),
        _ => "/currency_code: unknown".to_owned(),
    });
    lines.sort();
    lines
}
