//! Header fields in minor units.

use crate::mistakes::figures::{Figures, Fixed};
use crate::mistakes::steps::Steps;
use crate::order::Field;

pub(crate) fn minor_units_in_header(o: &Figures, steps: &mut Steps) {
    const ALL: [Field; 5] =
        [Field::SubTotal, Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::GrandTotal];
    const SETS: [&[Field]; 7] = [
        &[Field::SubTotal],
        &[Field::SalesTax],
        &[Field::ShippingHandling],
        &[Field::OrderDiscount],
        &[Field::GrandTotal],
        &[Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount],
        &ALL,
    ];
    // Lines without cents are in minor units themselves.
    let whole_lines = o.lines.iter().all(|line| line.p.is_whole() && line.e.is_whole());
    // Which of the sets are stated, and whether all their amounts are whole.
    let able = SETS.map(|set| {
        let stated = set.iter().filter_map(|field| o.header(*field)).filter(|amount| !amount.is_zero());
        let (count, whole) = stated.fold((0, true), |(count, whole), amount| (count + 1, whole && amount.is_whole()));
        (set, count >= set.len().min(2), whole)
    });
    for power in [2, 1, 3, 4, 5, 6, -2] {
        if (power == 1 && o.unit() == Fixed(10_000)) || (power < 0 && whole_lines) {
            continue;
        }
        let factor = 10_i64.pow(i32::unsigned_abs(power));
        for (set, _, _) in able.iter().filter(|(_, able, whole)| *able && (power < 0 || *whole)) {
            let stated = || {
                set.iter().filter_map(|field| Some((*field, o.header(*field)?))).filter(|(_, amount)| !amount.is_zero())
            };
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

pub(crate) fn make_minor_units_in_header(o: &Figures, pick: usize) -> Option<Figures> {
    let fields = [Field::SubTotal, Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::GrandTotal];
    let field = fields.get(pick % fields.len()).copied()?;
    let amount = o.header(field).filter(|amount| !amount.is_zero())?;
    let whole = amount.by(if o.unit() == Fixed(10_000) { 100 } else { 1000 });
    whole.is_whole().then(|| o.with(field, whole))
}
