//! What a fix must never do, whatever it mends.
#![allow(unreachable_pub, reason = "it is shared with the fuzz targets")]

use ordercharge::{Amount, Applicability, Charge, Edit, Field, Fix, Order};

/// A safe fix changes nothing anyone was charged: it fills in what is blank, sets a balance to 0, or takes off less than
/// half a minor unit.
pub fn charges_nothing(order: &Order, fix: &Fix) -> Result<(), String> {
    const DERIVED: [Field; 5] =
        [Field::ExtendedAmount, Field::SubTotal, Field::SalesTax, Field::OrderDiscount, Field::GrandTotal];
    if fix.applicability != Applicability::Safe {
        return Err("it says that it is unsafe".to_owned());
    }
    let half = Amount::new(5, order.currency.decimals() + 1).ok_or("no half of the minor unit")?;
    for Edit { place, value } in &fix.edits {
        let safe = match (place.field(), order.charge_at(place)) {
            (Some(Field::Balance), _) => value.is_zero(),
            (Some(field), charge) if DERIVED.contains(&field) => match charge {
                Charge::Amount(was) => value.checked_sub(was).is_some_and(|off| off.abs() < half),
                charge => charge.is_unset(),
            },
            _ => false,
        };
        if !safe {
            return Err(format!("{place} is no safe edit"));
        }
    }
    Ok(())
}

/// Sums that are calculated may change; an input only by its sign, or where it stands under a wrong name, and neither without
/// asking.
pub fn keeps_inputs(order: &Order, fix: &Fix) -> Result<(), String> {
    const INPUTS: [Field; 7] = [
        Field::Price,
        Field::Quantity,
        Field::Discount,
        Field::AddlDiscount,
        Field::Tax,
        Field::ShippingHandling,
        Field::ShippingSurcharge,
    ];
    for Edit { place, value } in &fix.edits {
        let field = place.field().ok_or_else(|| format!("{place} is no field"))?;
        let was = order.charge_at(place);
        if let (Field::OrderDiscount, Some(was)) = (field, was.amount())
            && was.is_negative()
            && *value != was.negated()
        {
            return Err(format!("{place}: more than the sign"));
        }
        if !INPUTS.contains(&field) {
            continue;
        }
        let misnamed = match place.line() {
            None => Some(&order.misnamed),
            Some(at) => order.lines().get(at).map(|line| &line.misnamed),
        };
        let allowed = match was {
            Charge::Amount(was) => field == Field::Discount && was.is_negative() && was.negated() == *value,
            charge => {
                let means = |other: &ordercharge::Misnamed| other.means == field && other.amount == *value;
                charge.is_unset() && misnamed.is_some_and(|misnamed| misnamed.iter().any(means))
            }
        };
        if !allowed || fix.applicability != Applicability::Unsafe {
            return Err(format!("{place} is an input"));
        }
    }
    Ok(())
}
