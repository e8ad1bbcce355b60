//! A comparison of an order with the cart's order, for people: as a block, and as lines.

use std::fmt::Write as _;

use ordercharge_carts::{CartRule, Comparison, Difference, Verdict};

use crate::output::{brief, visible};

/// A comparison with the place of the order that it is about.
pub(crate) type Compared<'a> = ordercharge_records::Compared<'a>;

/// A line for each difference.
pub(super) fn lines(compared: &Compared<'_>) -> String {
    let order =
        compared.comparison.cust_ref.as_deref().map_or(String::new(), |name| format!(" (order {})", brief(name)));
    let place = format!("{}:{}: ", visible(compared.source), compared.line);
    if compared.is_same() {
        return format!("{place}same{order}\n");
    }
    let line = |difference: &Difference| {
        let (rule, path, message) = (difference.rule, brief(&difference.path), brief(&difference.message));
        let path = if path.is_empty() { path } else { format!(" {path}") };
        let kind = if rule == CartRule::Place { "note" } else { "error" };
        format!("{place}{kind}[{rule}]{path}: {message}{order}\n")
    };
    compared.comparison.differences.iter().map(line).collect()
}

/// One block: what differs in words, then the amounts in columns.
pub(super) fn block(compared: &Compared<'_>) -> String {
    let Comparison { cust_ref, cart, verdict, differences } = compared.comparison;
    let order =
        cust_ref.as_deref().map_or("an order without cust_ref".to_owned(), |name| format!("order {}", brief(name)));
    let cart = cart.as_deref().map_or(String::new(), |cart| format!(" ({})", visible(cart)));
    let count = differences.iter().filter(|difference| difference.rule != CartRule::Place).count();
    let (kind, title) = match verdict {
        Verdict::Same => ("same", "every charge is that of the cart's order".to_owned()),
        Verdict::Different if count == 1 => ("error", "1 charge differs from the cart's order".to_owned()),
        Verdict::Different => ("error", format!("{count} charges differ from the cart's order")),
        Verdict::Unmatched => ("error", "no partner".to_owned()),
        Verdict::Unmappable => ("error", "nothing to compare with".to_owned()),
    };
    let mut out = format!("{kind}: {order}{cart}: {title}\n");
    let width = |get: fn(&Difference) -> usize| differences.iter().map(get).max().unwrap_or(0);
    let paths = width(|difference| difference.path.len()).min(40);
    let stated = width(|difference| difference.stated.as_deref().map_or(5, str::len)).min(24);
    for difference in differences {
        // Writing to a string does not fail.
        let _ = if matches!(difference.rule, CartRule::Charge | CartRule::Place | CartRule::Currency) {
            let value = brief(difference.stated.as_deref().unwrap_or("unset"));
            let right =
                difference.right.as_deref().map_or(String::new(), |right| format!(", should be {}", brief(right)));
            let place = match (&difference.taken_from, difference.how) {
                (Some(place), Some(how)) => format!("  <- {} {}", brief(place), how.words()),
                _ => String::new(),
            };
            let path = brief(&difference.path);
            writeln!(out, "  {path:paths$}  {value:>stated$}{right}{place} [{}]", difference.rule)
        } else {
            writeln!(out, "  {} [{}]", brief(&difference.message), difference.rule)
        };
    }
    out.push('\n');
    out
}
