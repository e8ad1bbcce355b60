//! `fix`: the edits after which an order's identities hold, if there are such.

use std::collections::BTreeSet;

use crate::amount::Amount;
use crate::calculate::missing;
use crate::edit::{Applicability, Edit, Fix, renamed};
use crate::order::{Charge, Field, Order, Place};
use crate::policy::Policy;
use crate::report::{Report, Violation, check, is_tail, sign};
use crate::rules::{Rule, Severity};

/// Finds the edits that mend an order: those that are safe, or with [`Applicability::Unsafe`] all of them.
///
/// Safe is what nobody was charged by: filling in a calculated amount that is blank, a balance set to 0, a difference of
/// less than half a minor unit. Unsafe is every other change of a calculated amount (`extended_amount`, `sub_total`,
/// `grand_total`, and `sales_tax` and `order_discount` where the lines give them), the sign of a discount where that is
/// the exact cause, and an amount under a wrong name, which is added under the right one. Nothing else is ever changed.
///
/// The answer is `None` where there is nothing to mend, and where the order would not be strictly better afterwards with
/// nothing new wrong. Once made, the edits need no others: a second fix finds nothing.
///
/// ```
/// use ordercharge::{Applicability, Order, Policy, check, fix};
///
/// let order = Order::from_json(br#"{
///     "sub_total": 14, "order_discount": 2, "tax": 1, "grand_total": 15,
///     "items": [{"price": 4.4, "quantity": 2, "extended_amount": 9}, {"price": 5, "quantity": 1}]
/// }"#)?;
/// let policy = Policy::default();
/// assert_eq!(fix(&order, &policy, Applicability::Safe), None);
/// let fix = fix(&order, &policy, Applicability::Unsafe).unwrap();
/// let fixed = fix.apply(&order);
/// assert_eq!(fixed.grand_total.amount(), Some("12.8".parse()?));
/// assert!(check(&fixed, &policy).violations.is_empty());
/// # Ok::<(), ordercharge::Error>(())
/// ```
pub fn fix(order: &Order, policy: &Policy, allowed: Applicability) -> Option<Fix> {
    let mut mended: Option<Order> = None;
    // Each round works on what the last one left; the first one nearly always leaves nothing.
    for _ in 0..4 {
        let before = mended.as_ref().unwrap_or(order);
        match round(before, policy, allowed) {
            Some(after) => mended = Some(after),
            None => break,
        }
    }
    let edits = differences(order, &mended?);
    let minor_unit = order.currency.decimals();
    let applicability = edits.iter().map(|edit| applicability(order, edit, minor_unit)).max()?;
    Some(Fix { applicability, edits })
}

impl Fix {
    /// The order with the edits made.
    #[must_use]
    pub fn apply(&self, order: &Order) -> Order {
        let mut order = order.clone();
        for edit in &self.edits {
            order.put(&edit.place, edit.value);
        }
        order
    }

    /// How much money moves: by how much the grand total changes, or where it does not, by how much the sub-total or
    /// else the lines do. `None` where that cannot be held.
    pub fn moved(&self, order: &Order) -> Option<Amount> {
        let change = |fields: &[Field]| {
            let of = |edit: &&Edit| edit.place.field().is_some_and(|field| fields.contains(&field));
            self.edits.iter().filter(of).try_fold(Amount::ZERO, |sum, edit| match order.charge_at(&edit.place) {
                Charge::Amount(was) => sum.checked_add(edit.value.checked_sub(was)?.abs()),
                _ => Some(sum),
            })
        };
        let steps = [[Field::GrandTotal].as_slice(), &[Field::SubTotal], &[Field::ExtendedAmount]];
        steps.into_iter().map(change).find(|moved| *moved != Some(Amount::ZERO)).unwrap_or(Some(Amount::ZERO))
    }
}

/// Whether an edit may be made without asking.
fn applicability(order: &Order, edit: &Edit, minor_unit: u32) -> Applicability {
    let safe = match (order.charge_at(&edit.place), edit.place.field()) {
        (_, Some(Field::Balance)) => true,
        (Charge::Blank, _) => !means(order, &edit.place),
        (Charge::Amount(was), _) => edit.value.checked_sub(was).is_some_and(|off| is_tail(off, minor_unit)),
        // What is added under its right name was not calculated.
        _ => false,
    };
    if safe { Applicability::Safe } else { Applicability::Unsafe }
}

/// Whether an amount under a wrong name means that place.
fn means(order: &Order, place: &Place) -> bool {
    let list = place.line().map_or(Some(&order.misnamed), |at| order.lines().get(at).map(|line| &line.misnamed));
    list.is_some_and(|list| list.iter().any(|other| Some(other.means) == place.field()))
}

/// Mends what can be mended at once: with the inputs, without them, or with what is safe only, whichever first makes the
/// order better.
fn round(order: &Order, policy: &Policy, allowed: Applicability) -> Option<Order> {
    let report = check(order, policy);
    if report.violations.is_empty() {
        return None;
    }
    let unsafe_too = allowed == Applicability::Unsafe;
    let ways: &[(bool, bool)] =
        if unsafe_too { &[(true, true), (true, false), (false, false)] } else { &[(false, false)] };
    let mend = |(overwrite, inputs): &(bool, bool)| {
        let mut mended = order.clone();
        let added = if *inputs { mend_inputs(&mut mended, &report) } else { BTreeSet::new() };
        mend_derived(&mut mended, policy, *overwrite, &added);
        mended
    };
    let better = ways.iter().map(mend).find(|mended| is_better(&report, &check(mended, policy)));
    better.or_else(|| ways.iter().find_map(|way| one_by_one(order, &report, &mend(way), policy)))
}

/// The most edits that are tried one by one.
const MAX_SINGLE: usize = 24;

/// Where all edits together bring something new, those that make the order better by themselves.
fn one_by_one(order: &Order, report: &Report, mended: &Order, policy: &Policy) -> Option<Order> {
    let mut kept: Option<(Order, Report)> = None;
    for edit in differences(order, mended).iter().take(MAX_SINGLE) {
        let (before, known) = kept.as_ref().map_or((order, report), |(order, report)| (order, report));
        let mut after = before.clone();
        after.put(&edit.place, edit.value);
        let found = check(&after, policy);
        if is_better(known, &found) {
            kept = Some((after, found));
        }
    }
    kept.map(|(order, _)| order)
}

/// Whether the second report is strictly better: fewer violations, none of them new, and none graver.
fn is_better(before: &Report, after: &Report) -> bool {
    let known = |report: &Report| -> BTreeSet<(Rule, Place, Severity)> {
        report.violations.iter().map(|found| (found.rule, found.place.clone(), found.severity)).collect()
    };
    let (before, after) = (known(before), known(after));
    after.len() < before.len() && after.is_subset(&before)
}

/// The signs of discounts that are the exact cause of something, and amounts under wrong names. These are added as they
/// stand, at the places that are given back, or not at all.
fn mend_inputs(order: &mut Order, report: &Report) -> BTreeSet<Place> {
    let signs: Vec<Edit> = report.violations.iter().filter_map(|violation| sign(order, violation)).collect();
    let misnamed = report.violations.iter().any(|violation| violation.rule == Rule::MisnamedField);
    let renamed = if misnamed { renamed(order) } else { Vec::new() };
    for edit in signs.iter().chain(&renamed) {
        order.put(&edit.place, edit.value);
    }
    renamed.into_iter().map(|edit| edit.place).collect()
}

/// Whether an amount still stands under a wrong name, so that sums would be calculated without it.
fn is_unsure(order: &Order) -> bool {
    order.meant().next().is_some()
}

/// The calculated amounts, lines first, each from what was mended before it; but for those that were just added.
fn mend_derived(order: &mut Order, policy: &Policy, overwrite: bool, added: &BTreeSet<Place>) {
    let minor_unit = order.currency.decimals();
    if order.balance.amount().is_some_and(|balance| !balance.is_zero())
        && policy.severity(Rule::Balance).is_some()
        && !added.contains(&Place::Field(Field::Balance))
    {
        order.balance = Charge::Amount(Amount::ZERO);
    }
    let steps = [Rule::ExtendedAmount, Rule::SalesTax, Rule::OrderDiscount, Rule::SubTotal, Rule::GrandTotal];
    for rule in steps {
        if policy.severity(rule).is_none() {
            continue;
        }
        let report = check(order, policy);
        let broken =
            report.violations.iter().filter(|violation| violation.rule == rule && !added.contains(&violation.place));
        let edits: Vec<Edit> = broken.filter_map(|violation| mended(order, violation, overwrite, minor_unit)).collect();
        for edit in edits {
            order.put(&edit.place, edit.value);
        }
        fill_blank(order, policy, rule);
    }
}

/// What a broken identity's amount becomes.
fn mended(order: &Order, violation: &Violation, overwrite: bool, minor_unit: u32) -> Option<Edit> {
    // What it follows from was not mended: then neither is this.
    if violation.root.is_some() {
        return None;
    }
    let expected = violation.expected?;
    let tail = violation.difference.is_some_and(|off| is_tail(off, minor_unit));
    if !tail && !overwrite {
        return None;
    }
    let no_lines = order.lines().is_empty();
    // Lines may be left out of a reply, and those of a filtered SKU are.
    let lines_left_out = || order.from_reply || order.lines().iter().any(|line| line.filtered);
    let value = match violation.rule {
        rule if rule != Rule::ExtendedAmount && !tail && is_unsure(order) => return None,
        Rule::SubTotal if !tail && violation.stated? > expected && lines_left_out() => return None,
        // Without lines there is nothing to calculate from.
        _ if no_lines => return None,
        // A negative discount is an input that is wrong by itself.
        Rule::OrderDiscount if violation.stated?.is_negative() => return None,
        Rule::OrderDiscount => with_overall_discount(order, violation.stated?, expected),
        _ => expected,
    };
    Some(Edit { place: violation.place.clone(), value })
}

/// The order discount that covers the lines': where the grand total tells that the stated one is the overall discount
/// alone, the two together.
fn with_overall_discount(order: &Order, stated: Amount, of_lines: Amount) -> Amount {
    let together = stated.checked_add(of_lines);
    let total = || {
        let charges = order.sub_total.amount()?.checked_add(order.sales_tax.amount().unwrap_or_default())?;
        let charges = charges.checked_add(order.shipping_handling.amount().unwrap_or_default())?;
        charges.checked_sub(together?)
    };
    match together {
        Some(together) if order.grand_total.amount().is_some() && order.grand_total.amount() == total() => together,
        _ => of_lines,
    }
}

/// Fills in the blank amounts an identity is about.
fn fill_blank(order: &mut Order, policy: &Policy, rule: Rule) {
    let field = match rule {
        Rule::ExtendedAmount => Field::ExtendedAmount,
        Rule::SubTotal => Field::SubTotal,
        Rule::SalesTax => Field::SalesTax,
        Rule::OrderDiscount => Field::OrderDiscount,
        _ => Field::GrandTotal,
    };
    for (place, amount) in missing(order, policy.rounding) {
        if place.field() == Some(field) && order.charge_at(&place) == Charge::Blank && !means(order, &place) {
            order.put(&place, amount);
        }
    }
}

/// The amounts that are not what they were.
fn differences(before: &Order, after: &Order) -> Vec<Edit> {
    let changed = after.charges().filter(|(place, charge)| before.charge_at(place) != *charge);
    changed.filter_map(|(place, charge)| Some(Edit { place, value: charge.amount()? })).collect()
}
