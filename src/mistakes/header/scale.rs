//! Header fields in minor units, and in each other's place.

use crate::mistakes::figures::{Figures, Fixed};
use crate::mistakes::rates::taxed;
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{LOOSE, coincidence};
use crate::order::{Field, FieldSet};

/// Fields, as a list and as a set, which the compiler makes.
const fn listed(fields: &'static [Field]) -> (&'static [Field], FieldSet) {
    (fields, FieldSet::of(fields))
}

pub(crate) fn minor_units_in_header(o: &Figures, steps: &mut Steps) {
    const ALL: [Field; 5] =
        [Field::SubTotal, Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::GrandTotal];
    const SETS: [(&[Field], FieldSet); 7] = [
        listed(&[Field::SubTotal]),
        listed(&[Field::SalesTax]),
        listed(&[Field::ShippingHandling]),
        listed(&[Field::OrderDiscount]),
        listed(&[Field::GrandTotal]),
        listed(&[Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount]),
        listed(&ALL),
    ];
    // No change to the header repairs a broken line.
    if steps.whole && o.bad > 0 && o.is_strict() {
        return;
    }
    // Lines without cents are in minor units themselves.
    let whole_lines = o.lines.iter().all(|line| line.p.is_whole() && line.e.is_whole());
    let amount = |field: &Field| o.header(*field).filter(|amount| !amount.is_zero());
    let (mut stated_fields, mut fractions) = (FieldSet::default(), FieldSet::default());
    for (field, amount) in ALL.iter().filter_map(|field| Some((*field, amount(field)?))) {
        stated_fields.add(field);
        fractions.add_if(!amount.is_whole(), field);
    }
    let any_whole = !stated_fields.without(fractions).is_empty();
    for power in [2, 1, 3, 4, 5, 6, -2] {
        // Minor units are whole.
        if (power == 1 && o.unit() == Fixed(10_000)) || if power < 0 { whole_lines } else { !any_whole } {
            continue;
        }
        let factor = 10_i64.pow(i32::unsigned_abs(power));
        for (set, fields) in SETS {
            let is_stated = stated_fields.and(fields).len() >= set.len().min(2);
            if !is_stated || (power > 0 && !fractions.and(fields).is_empty()) {
                continue;
            }
            let stated = || set.iter().filter_map(|field| Some((*field, amount(field)?)));
            let scaled = |amount: Fixed| if power > 0 { Fixed(amount.0 / factor) } else { amount.by(factor) };
            if let (true, [field], Some((_, amount))) = (steps.whole, set, stated().next()) {
                let change = scaled(amount) - amount;
                let fits = match field {
                    Field::SubTotal => scaled(amount) == o.e,
                    Field::GrandTotal => scaled(amount) == o.due(),
                    Field::OrderDiscount => o.off() == -change,
                    _ => o.off() == change,
                };
                if !fits {
                    continue;
                }
            } else if steps.whole {
                let in_set = stated_fields.and(fields);
                let changed = |field: Field, amount: Fixed| if in_set.has(field) { scaled(amount) } else { amount };
                if !o.may_be_right_with(changed) {
                    continue;
                }
            }
            let mut right = o.clone();
            stated().for_each(|(field, amount)| right.set(field, scaled(amount)));
            // Scales other than hundredths are tried only if nothing else is wrong.
            if (power == 2 && !steps.whole) || right.broken().is_none() {
                steps.push(right, if power == 2 { 0 } else { 20 }, o.g().is_some());
            }
        }
    }
}

/// The amounts of the header that a mapping may put into each other's fields.
const SWAPPED: [(Field, Field); 5] = [
    (Field::SalesTax, Field::OrderDiscount),
    (Field::ShippingHandling, Field::OrderDiscount),
    (Field::SubTotal, Field::GrandTotal),
    (Field::SubTotal, Field::ShippingHandling),
    (Field::SalesTax, Field::ShippingHandling),
];

fn swapped(o: &Figures, (one, two): (Field, Field)) -> Option<Figures> {
    let (first, second) = (o.header(one)?, o.header(two)?);
    (first != second).then(|| o.with(one, second).with(two, first))
}

/// Whether an order may be right with these amounts in each other's place.
fn may_be_swapped(o: &Figures, (one, two): (Field, Field)) -> bool {
    let (Some(first), Some(second)) = (o.header(one), o.header(two)) else { return false };
    o.may_be_right_with(|field, amount| match field {
        _ if field == one => second,
        _ if field == two => first,
        _ => amount,
    })
}

pub(crate) fn header_amounts_swapped(o: &Figures, steps: &mut Steps) {
    for pair in SWAPPED.into_iter().filter(|pair| may_be_swapped(o, *pair)) {
        let Some(right) = swapped(o, pair).filter(|right| right.broken().is_none()) else { continue };
        let far = o.header(pair.0).unwrap_or_default() - o.header(pair.1).unwrap_or_default();
        // That an amount of 0 is in the wrong field is more likely another mistake.
        let any_zero = [pair.0, pair.1].iter().any(|field| o.header(*field).is_some_and(|amount| amount.is_zero()));
        let earned = coincidence(far, o.unit(), 2 * SWAPPED.len() as u64);
        // The total counts tax and shipping alike, so it alone does not say which of them was swapped: only the lines know
        // `sub_total` and their tax. Else a tax at a usual rate speaks for the swap.
        let is_in_lines = pair.0 == Field::SubTotal || (pair.0 == Field::SalesTax && !o.tl.is_zero());
        let goods = right.s() - right.d();
        let in_place = right.t().is_zero() || taxed(&right, goods).max(taxed(&right, goods + right.h())) >= LOOSE;
        if any_zero {
            steps.push_thin(right, 20);
        } else if is_in_lines || in_place {
            steps.push(right, -earned, is_in_lines);
        } else {
            steps.push_thin(right, -earned);
        }
    }
}

pub(crate) fn make_header_amounts_swapped(o: &Figures, pick: usize) -> Option<Figures> {
    let pair = SWAPPED.get(pick % SWAPPED.len()).copied()?;
    let able = [pair.0, pair.1].iter().all(|field| o.header(*field).is_some_and(|amount| amount.0 > 0));
    swapped(o, pair).filter(|wrong| able && o.g().is_some() && !wrong.broken().is_none())
}

pub(crate) fn make_minor_units_in_header(o: &Figures, pick: usize) -> Option<Figures> {
    let fields = [Field::SubTotal, Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::GrandTotal];
    let field = fields.get(pick % fields.len()).copied()?;
    let amount = o.header(field).filter(|amount| !amount.is_zero())?;
    let whole = amount.by(if o.unit() == Fixed(10_000) { 100 } else { 1000 });
    whole.is_whole().then(|| o.with(field, whole))
}
