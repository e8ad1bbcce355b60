//! Our answers and the oracle's in the same words, so that two texts are all there is to compare. It is a module of the
//! tests and of the fuzz targets.
#![allow(unreachable_pub, reason = "the fuzz targets, another crate, use it too")]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ordercharge::{
    Amount, Charge, Currency, Document, Field, IdentityOutcome, Items, Options, Order, Place, Policy, Reason, Report,
    Rounding, Rule, Severity, Unusable, Violation, ViolationKind, Working, Workings, calculate, complete,
};
use ordercharge_oracle::{self as oracle, BigRational, derive, judge, shown};

/// Reads, checks, calculates and completes one text twice. A difference is returned; nothing is compared where neither takes
/// it for an order.
pub fn compare(text: &[u8]) -> Result<(), String> {
    compare_under(text, &Policy::default())
}

/// The same under a policy.
pub fn compare_under(text: &[u8], policy: &Policy) -> Result<(), String> {
    let Some((document, reference)) = read_both(text)? else { return Ok(()) };
    let described =
        |difference: String| format!("{difference}, under {policy:?}, for\n{}", String::from_utf8_lossy(text));
    let report = document.check(policy);
    let same_policy = reference_policy(policy);
    let verdict = judge(&reference, &same_policy);
    let listed = listed(&report, verdict.lines()).map_err(described)?;
    same(&said(&report), &listed, text).map_err(described)?;
    let wrong = unchecked_without_reason(&report, &verdict);
    let mut wrong =
        wrong.into_iter().chain(report.violations.iter().filter(|found| is_listed(found)).filter_map(|violation| {
            misweighed(violation, &same_policy).or_else(|| miscalculated(violation, same_policy.rounding))
        }));
    match wrong.next() {
        Some(wrong) => Err(described(wrong)),
        None => same_amounts(document.order(), &reference, &policy.options).map_err(described),
    }
}

/// Whether it is one violation, and not the number of those that are not listed.
fn is_listed(violation: &Violation) -> bool {
    !matches!(violation.kind, ViolationKind::Further { .. })
}

/// The oracle's answer without the findings that the report counts but does not list.
fn listed(report: &Report, mut lines: Vec<String>) -> Result<Vec<String>, String> {
    for further in report.violations.iter().filter(|found| !is_listed(found)) {
        let of_rule = |violation: &&Violation| violation.rule == further.rule;
        let count: u64 = report.violations.iter().filter(of_rule).map(Violation::count).sum();
        let is_of_rule = |line: &String| line.starts_with(further.rule.code()) && line.contains(", not ");
        let known = lines.iter().filter(|line| is_of_rule(line)).count() as u64;
        if count != known {
            return Err(format!("{count} violations of {}, expected {known}", further.rule));
        }
        let said: BTreeSet<String> = said(report).into_iter().collect();
        lines.retain(|line| !is_of_rule(line) || said.contains(line));
    }
    Ok(lines)
}

/// A policy drawn from bytes; from none, the default.
pub fn policy(bytes: &[u8]) -> Policy {
    let mut bytes = bytes.iter().copied();
    let mut of = |count: usize| usize::from(bytes.next().unwrap_or_default()) % count;
    let rounding = Rounding::ALL.get(of(Rounding::ALL.len())).copied().unwrap_or_default();
    let mut policy = Policy { options: rounding.into(), ..Policy::default() };
    for rule in Rule::ALL.iter().copied() {
        match of(16) {
            1 | 2 => policy.set_severity(rule, None),
            3 => policy.set_severity(rule, Some(Severity::Warning)),
            4 => policy.set_severity(rule, Some(Severity::Error)),
            _ => {}
        }
        let tolerance = match of(8) {
            1 | 2 => Amount::new(1, 2),
            3 => Amount::new(5, 3),
            4 => Amount::new(of(256) as i128, of(5) as u32),
            5 => Amount::new(1, of(29) as u32),
            _ => None,
        };
        if let Some(tolerance) = tolerance {
            // Rules that are no identities have none.
            let _ = policy.set_tolerance(rule, tolerance);
        }
    }
    policy
}

/// The same policy for the oracle.
fn reference_policy(policy: &Policy) -> oracle::Policy {
    let tolerances = &policy.options.tolerances;
    let tolerances = [
        ("OC101", tolerances.extended_amount),
        ("OC102", tolerances.sub_total),
        ("OC103", tolerances.sales_tax),
        ("OC104", tolerances.order_discount),
        ("OC105", tolerances.grand_total),
    ];
    let tolerances = tolerances.into_iter().filter_map(|(code, amount)| Some((code.to_owned(), number(amount)?)));
    let severities = policy.severities.iter().map(|(rule, severity)| (rule.code().to_owned(), weight(*severity)));
    oracle::Policy {
        rounding: reference_rounding(policy.options.rounding),
        tolerances: tolerances.collect(),
        severities: severities.collect(),
    }
}

fn weight(severity: Option<Severity>) -> oracle::Severity {
    match severity {
        Some(Severity::Error) => oracle::Severity::Error,
        Some(Severity::Warning) => oracle::Severity::Warning,
        None => oracle::Severity::Off,
    }
}

fn reference_rounding(rounding: Rounding) -> oracle::Rounding {
    match rounding {
        Rounding::HalfUp => oracle::Rounding::HalfUp,
        Rounding::HalfEven => oracle::Rounding::HalfEven,
        Rounding::Down => oracle::Rounding::Down,
        Rounding::Exact => oracle::Rounding::Exact,
        _ => oracle::Rounding::Nearest,
    }
}

fn number(amount: Amount) -> Option<BigRational> {
    oracle::Decimal::read(&amount.to_string())?.held()
}

/// The identities that are unchecked for a reason that is none of theirs.
fn unchecked_without_reason(report: &Report, verdict: &oracle::Verdict) -> Option<String> {
    let mut without = report.unchecked().filter(|(identity, reason)| {
        let reasons = verdict.reasons.get(&(identity.rule.code(), identity.place.to_string()));
        !reasons.zip(why(reason)).is_some_and(|(reasons, why)| reasons.contains(&why))
    });
    without.next().map(|(identity, reason)| format!("{} is unchecked, but not because {reason}", identity.place))
}

/// A reason as the oracle has it.
fn why(reason: &Reason) -> Option<oracle::Why> {
    Some(match reason {
        Reason::Unset(place) => oracle::Why::Unset(place.to_string()),
        Reason::Unusable(place) => oracle::Why::Unusable(place.to_string()),
        Reason::Inexact(place) => oracle::Why::TooLong(place.to_string()),
        Reason::NoLineTax => oracle::Why::NoLineTax,
        Reason::NoItems => oracle::Why::NoItems,
        _ => return None,
    })
}

/// A violation that does not weigh what the policy says.
fn misweighed(violation: &Violation, policy: &oracle::Policy) -> Option<String> {
    let right = policy.severity(violation.rule.code());
    (weight(Some(violation.severity)) != right).then(|| format!("{violation}: expected {right:?}"))
}

/// A violation whose terms do not come to what it expects. An identity has a formula, and so have sums as they are
/// stored and extended amounts that no price gives.
fn miscalculated(violation: &Violation, rounding: oracle::Rounding) -> Option<String> {
    let others = [Rule::BreaksInStorage, Rule::UnitPricePrecision];
    if !violation.rule.is_identity() && !others.contains(&violation.rule) {
        return violation.working().map(|working| format!("{violation}: it has a formula, {working}"));
    }
    let (Some(working), Some(expected)) = (violation.working(), violation.expected()) else {
        return Some(format!("{violation}: it has no formula"));
    };
    let terms: Vec<_> = working.named_terms().collect();
    let exact = violation.place.field().and_then(|field| come_to(field, &terms));
    let right = exact.zip(number(expected)).is_some_and(|(exact, expected)| {
        // What an extended amount is rounded to has been compared before.
        let of_line = [Rule::ExtendedAmount, Rule::UnitPricePrecision].contains(&violation.rule);
        let places = if of_line { 0..5 } else { 28..29 };
        exact == expected || places.into_iter().any(|places| rounding.apply(&exact, places) == expected)
    });
    if !right {
        return Some(format!("{violation}: {terms:?} do not come to it"));
    }
    let formula = working.to_string();
    (!formula.ends_with(&format!(" {expected}"))).then(|| format!("{violation}: {formula} ends otherwise"))
}

/// What the terms of a formula come to.
fn come_to(field: Field, terms: &[(Cow<'static, str>, Amount)]) -> Option<BigRational> {
    let term = |name: &str| number(terms.iter().find(|(other, _)| other == name)?.1);
    match field {
        Field::GrandTotal => {
            Some(term("sub_total")? + term("sales_tax")? + term("shipping_handling")? - term("order_discount")?)
        }
        Field::ExtendedAmount => Some((term("price")? - term("discount")?) * term("quantity")?),
        _ => terms.iter().map(|(_, amount)| number(*amount)).sum(),
    }
}

/// Calculates and completes an order twice: every amount that follows from others is right, or missing for a good reason,
/// and is filled in where it is unset; nothing else is another.
pub fn same_amounts(order: &Order, reference: &oracle::Order, options: &Options) -> Result<(), String> {
    let mut derived = derive(reference, reference_rounding(options.rounding));
    let full = complete(order.clone(), options);
    let mut filled = BTreeMap::new();
    for (place, working) in workings(calculate(order, options)) {
        let Some(right) = derived.remove(&place.to_string()) else {
            return Err(format!("only we calculate {place}"));
        };
        let is_right = match (&working, &right.amount) {
            (Ok(working), Some(amount)) => is_worked_out(&place, working, amount),
            (Err(reason), None) => why(reason).is_some_and(|why| right.reasons.contains(&why)),
            _ => false,
        };
        if !is_right {
            return Err(format!("{place} is calculated as {working:?}, not {:?}", right.amount.as_ref().map(shown)));
        }
        filled.extend(right.amount.filter(|_| right.missing).map(|amount| (place.to_string(), shown(&amount))));
    }
    if let Some((place, _)) = derived.first_key_value() {
        return Err(format!("only the oracle calculates {place}"));
    }
    let expected = self::order(order).into_iter().map(|line| {
        let place = line.split_once(": ").map_or("", |(place, _)| place);
        filled.get(place).map(|amount| format!("{place}: {amount}")).unwrap_or(line)
    });
    let expected: Vec<String> = expected.collect();
    same(&self::order(&full), &expected, b"").map_err(|difference| format!("completed, {difference}"))
}

/// Every amount that is calculated, by its place.
fn workings(all: Workings) -> impl Iterator<Item = (Place, Result<Working, Reason>)> {
    let lines = all.extended_amounts.into_iter().enumerate();
    let lines = lines.map(|(at, working)| (Place::LineField(at, Field::ExtendedAmount), working));
    let header = [
        (Field::SubTotal, all.sub_total),
        (Field::SalesTax, all.sales_tax),
        (Field::OrderDiscount, all.order_discount),
        (Field::GrandTotal, all.grand_total),
    ];
    lines.chain(header.into_iter().map(|(field, working)| (Place::Field(field), working)))
}

/// Whether the terms come to the exact result, and that to the right one.
fn is_worked_out(place: &Place, working: &Working, right: &BigRational) -> bool {
    let terms: Vec<_> = working.named_terms().collect();
    let exact = place.field().and_then(|field| come_to(field, &terms));
    exact.is_some() && exact == number(working.exact) && number(working.result).as_ref() == Some(right)
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
        .filter(|found| is_listed(found))
        .map(|found| {
            let (stated, expected) = (or_dash(found.stated()), or_dash(found.expected()));
            let finding = format!("{stated}, not {expected}: off by {}", or_dash(found.difference()));
            (found.rule.code(), found.place.to_string(), finding)
        })
        .collect();
    let mut identities: Vec<_> = report
        .identities
        .iter()
        .map(|identity| {
            let outcome = match identity.outcome {
                IdentityOutcome::Held => "Held",
                IdentityOutcome::Broken => "Broken",
                IdentityOutcome::Unchecked(_) => "Unchecked",
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
