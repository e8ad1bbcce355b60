//! The sentences of a drawing.

use ordercharge::{
    Applicability, Currency, Diagnosis, Field, Formula, Order, Origin, Place, Policy, Repair, RepairOptions, Report,
    Rule, Severity, Term, Violation, Withheld, Working,
};

use crate::choices::{choices, reason};
use crate::render::listed::Listed;
use crate::render::words::plain;

/// The most findings that no diagnosis explains, and the most edits of a repair, that are listed for an order.
const MOST_LISTED: usize = 12;

/// An amount as people write it: money with the decimals of its currency, with a binary float rounded.
pub(super) fn amount(currency: &Currency, place: &Place, amount: ordercharge::Amount) -> String {
    if place.field() == Some(Field::Quantity) {
        return amount.to_string();
    }
    let decimals = currency.decimals() as usize;
    match amount.without_float_error() {
        Some(meant) => format!("~{meant:.decimals$}"),
        None => format!("{amount:.decimals$}"),
    }
}

/// The first line of a block: what is wrong with the order.
pub(super) fn title(listed: &[Listed<'_>], currency: &Currency) -> (Severity, String) {
    let is_identity = |item: &Listed<'_>| matches!(item, Listed::Violation(violation) if violation.rule.is_identity());
    let words = match listed {
        [] => String::new(),
        [Listed::Diagnosis(diagnosis, _), ..] => diagnosis.message_in(currency),
        [Listed::Violation(only)] => only.message_in(currency),
        all if all.iter().all(is_identity) => format!("{} amounts do not agree", all.len()),
        [Listed::Violation(first), more @ ..] => {
            let more =
                if more.len() == 1 { "1 more finding".to_owned() } else { format!("{} more findings", more.len()) };
            format!("{}; {more}", first.message_in(currency))
        }
    };
    (listed.first().map_or(Severity::Warning, Listed::severity), words)
}

/// The notes below the amounts: names and sentences.
pub(super) fn notes(order: &Order, report: &Report, listed: &[Listed<'_>], policy: &Policy) -> Vec<(String, String)> {
    let mut notes: Vec<(String, String)> = Vec::new();
    let mut note = |name: &str, words: String| notes.push((name.to_owned(), words));
    let explained: Vec<&Violation> = report.violations.iter().filter(|one| one.diagnosis == Some(0)).collect();
    let others = listed.iter().filter_map(|item| match item {
        Listed::Violation(violation) => Some(*violation),
        Listed::Diagnosis(..) => None,
    });
    let others: Vec<&Violation> = others.collect();
    if let Some(diagnosis) = report.diagnoses.first() {
        if let Some(Listed::Violation(_)) = listed.first() {
            // The title is about another finding.
            note("also", diagnosis.message_in(&order.currency));
        }
        let why = explained.iter().find_map(|violation| arithmetic(order, violation));
        note("why", why.map_or_else(|| tag(diagnosis), |why| format!("{why} {}", tag(diagnosis))));
        note("change", plain(&diagnosis.remedy()));
        for rival in report.diagnoses.iter().skip(1).filter(|rival| rival.is_first()) {
            note("or", format!("{} {}", rival.message_in(&order.currency), tag(rival)));
            note("change", plain(&rival.remedy()));
        }
    }
    let alone = report.diagnoses.is_empty() && others.len() == 1;
    for violation in others.iter().take(MOST_LISTED) {
        let perhaps = violation.diagnosis.and_then(|index| report.diagnoses.get(index));
        let perhaps =
            perhaps.map(|diagnosis| format!("; perhaps {} {}", diagnosis.message_in(&order.currency), tag(diagnosis)));
        let working = violation.working().map(|working| formula(order, violation, working));
        let working = working.map(|working| format!(": {working}")).unwrap_or_default();
        let Violation { rule, severity, .. } = violation;
        if alone {
            // The title is its sentence.
            if !working.is_empty() {
                note("why", working.trim_start_matches(": ").to_owned());
            }
        } else {
            let also = violation.message_in(&order.currency);
            note(severity.name(), format!("{rule} {}: {also}{working}{}", rule.name(), perhaps.unwrap_or_default()));
        }
    }
    if others.len() > MOST_LISTED {
        note("more", format!("{} more findings; --format short lists all", others.len() - MOST_LISTED));
    }
    if report.diagnoses.is_empty() && others.iter().any(|violation| violation.rule.is_identity()) {
        let tried = "not known: none of the known mistakes gives these amounts (`ordercharge explain` lists the mistakes). Compare the amounts with the cart's own order";
        note("cause", plain(tried));
    }
    let mut remedies: Vec<&str> = Vec::new();
    for violation in &others {
        let remedy = violation.rule.remedy();
        if !remedies.contains(&remedy) {
            remedies.push(remedy);
            note("change", plain(remedy));
        }
    }
    if let Some(words) = repair(order, report, policy) {
        note("repair", words);
    }
    let broken = if explained.is_empty() && alone { &others } else { &explained };
    if !broken.is_empty() {
        note("breaks", rules(broken));
    }
    notes
}

/// The mistakes of a diagnosis and how certain it is: `[price-is-line-total, exact]`.
fn tag(diagnosis: &Diagnosis) -> String {
    let partial = if diagnosis.partial { ", explains a part" } else { "" };
    format!("[{}, {}{partial}]", diagnosis.names(), diagnosis.certainty.name())
}

/// The calculated amount of a violation, and what is stated instead.
fn arithmetic(order: &Order, violation: &Violation) -> Option<String> {
    // The rule compares with a limit, not with an amount.
    if violation.rule == Rule::OrderDiscount {
        return None;
    }
    let (working, stated) = (violation.working()?, violation.stated()?);
    let stated = amount(&order.currency, &violation.place, stated);
    Some(format!("{}, but {} is {stated}", formula(order, violation, working), violation.place.in_words()))
}

/// A calculation with the names of its operands.
fn formula(order: &Order, violation: &Violation, working: &Working) -> String {
    let money = |value| amount(&order.currency, &violation.place, value);
    let named = |term: &Term| {
        let (name, value) = (term.place.name(), amount(&order.currency, &term.place, term.amount));
        match term.origin {
            Origin::Zero => format!("{name} (unset)"),
            // No line has one.
            Origin::Calculated if term.amount.is_zero() => format!("{name} (unset)"),
            Origin::Calculated => format!("{name} {value} (calculated)"),
            _ if term.amount.is_negative() => format!("{name} ({value})"),
            _ => format!("{name} {value}"),
        }
    };
    let result = match working.exact == working.result {
        true => money(working.result),
        false => format!("{}, rounded {}", money(working.exact), money(working.result)),
    };
    match (working.formula, working.terms.as_slice()) {
        (Formula::GrandTotal, [sub_total, tax, shipping, discount]) => {
            format!("{} + {} + {} - {} = {result}", named(sub_total), named(tax), named(shipping), named(discount))
        }
        (Formula::Extension, [price, discount, quantity]) => {
            format!("({} - {}) * {} = {result}", named(price), named(discount), named(quantity))
        }
        (_, []) => format!("no line has one, which makes {result}"),
        (_, [only]) => format!("the only line comes to {}", amount(&order.currency, &only.place, only.amount)),
        (_, terms) => {
            let shown: Vec<String> = terms
                .iter()
                .take(MOST_LISTED)
                .map(|term| amount(&order.currency, &term.place, term.amount))
                .map(|term| if term.starts_with('-') { format!("({term})") } else { term })
                .collect();
            let more = match terms.len().saturating_sub(MOST_LISTED) {
                0 => String::new(),
                more => format!(" + ... ({more} more)"),
            };
            let lines = terms.first().map(|term| term.place.name()).unwrap_or_default();
            format!("{lines} of the lines: {}{more} = {result}", shown.join(" + "))
        }
    }
}

/// The repair of an order: what which command writes, or why nothing is written.
fn repair(order: &Order, report: &Report, policy: &Policy) -> Option<String> {
    let Repair { applicability, edits, withheld, .. } = report.repair.as_ref()?;
    match withheld {
        // The note on the cause says so.
        Some(Withheld::NoKnownMistake) => None,
        Some(withheld) => {
            let choices = choices(order, report, policy, &RepairOptions::default());
            let named: Vec<&str> = choices.iter().map(|mistake| mistake.name()).collect();
            let list = match named.join(" or ") {
                none if none.is_empty() => none,
                named => format!(" (fix --unsafe --prefer {named})"),
            };
            Some(format!("withheld: {}{list}", reason(*withheld, !choices.is_empty())))
        }
        None => {
            let command = if *applicability == Applicability::Safe { "fix" } else { "fix --unsafe" };
            let listed: Vec<String> = edits
                .iter()
                .take(MOST_LISTED)
                .map(|edit| format!("{} to {:.*}", edit.place, edit.decimals as usize, edit.value))
                .collect();
            let more = match edits.len().saturating_sub(MOST_LISTED) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            Some(format!("set {}{more} ({command})", listed.join(", ")))
        }
    }
}

/// The rules that are broken, each once: `OC101 extended-amount (2 places), OC105 grand-total`.
fn rules(violations: &[&Violation]) -> String {
    let mut counts: Vec<(Rule, usize)> = Vec::new();
    for violation in violations {
        match counts.iter_mut().find(|(rule, _)| *rule == violation.rule) {
            Some((_, count)) => *count += 1,
            None => counts.push((violation.rule, 1)),
        }
    }
    let named = counts.iter().map(|(rule, count)| match count {
        1 => format!("{} {}", rule.code(), rule.name()),
        count => format!("{} {} ({count} places)", rule.code(), rule.name()),
    });
    named.collect::<Vec<_>>().join(", ")
}
