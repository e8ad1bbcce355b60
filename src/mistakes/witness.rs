//! Evidence, in tenths of bits: what a story costs, and what a coincidence earns.

use super::figures::{Broken, Figures, Fixed};
use crate::order::{Field, Place};

/// Tenths of a bit.
pub(crate) type Bits = i32;

/// How rare a mistake is.
pub(crate) const COMMON: Bits = 80;
pub(crate) const USUAL: Bits = 100;
pub(crate) const RARE: Bits = 130;
/// An amount that is in no field of the order.
pub(crate) const FREE: Bits = 120;
/// A field is changed although the identity that it is the result of holds.
pub(crate) const WITNESS: Bits = 30;
/// The cost of changing the lines and their sum together: they repeat the mistake, so neither is a witness.
pub(crate) const IN_STEP: Bits = -WITNESS;
/// `grand_total` is changed although its identity holds: the customer has paid it.
pub(crate) const PAID: Bits = 60;
/// `grand_total` is changed, and its identity is broken.
pub(crate) const TOTAL: Bits = 20;
/// A total that repeats the mistake.
pub(crate) const FOLLOWS: Bits = 10;
/// The story fits only within rounding.
pub(crate) const LOOSE: Bits = 30;
/// A total was rounded to a coin that the currency does not have, or cut: the customer may have paid a round amount.
pub(crate) const ROUND_TOTAL: Bits = 50;
/// A story that costs more is not reported.
pub(crate) const MOST: Bits = 340;
/// A story of one order with a free amount that costs more is not reported: that something unknown has happened is a shorter
/// one. Many orders together may confirm it.
pub(crate) const MOST_OF_ONE: Bits = 300;
/// A free amount on a line that nobody would have chosen.
pub(crate) const UNLIKELY: Bits = 90;
/// A difference of fewer minor units fits one story or another by chance, because there are as many of them.
pub(crate) const SMALL: i64 = 100;
/// Diagnoses within this of the first share its rank.
pub(crate) const MARGIN: Bits = 30;
/// An amount in no field is known if the coincidences that only it explains earn this.
pub(crate) const KNOWN: Bits = 60;
/// The most that one coincidence earns.
const CREDIT: Bits = 80;

/// The logarithm to base 2, in tenths.
pub(crate) fn log2(number: u64) -> Bits {
    let number = number.max(1);
    let whole = number.ilog2();
    let rest = u128::from(number - (1 << whole)) * 10 / (1_u128 << whole);
    whole as Bits * 10 + rest as Bits
}

/// What an amount earns that a story derives from others to the last digit, if the story had this number of `choices`.
pub(crate) fn coincidence(amount: Fixed, unit: Fixed, choices: u64) -> Bits {
    if amount.is_zero() {
        return 0;
    }
    let units = (amount.0 / unit.0.max(1)).unsigned_abs();
    (log2(units + 1) - log2(choices)).clamp(0, CREDIT)
}

/// Usual percentages of discounts.
const PERCENTAGES: [i64; 10] = [5, 10, 12, 15, 20, 25, 30, 35, 40, 50];

/// What it costs to write down an amount that somebody chose: round amounts are chosen more often.
pub(crate) fn written(amount: Fixed, unit: Fixed) -> Bits {
    let most = if amount.is_multiple_of(Fixed::whole(5)) {
        40
    } else if amount.is_whole() {
        70
    } else {
        FREE
    };
    log2((amount.0 / unit.0.max(1)).unsigned_abs()).min(most)
}

/// What an amount earns that is a usual percentage of another one: rounded once, or in each of a number of lines.
pub(crate) fn percentage(part: Fixed, whole: Fixed, unit: Fixed, lines: i64) -> Bits {
    if part.0 <= 0 || whole.0 <= 0 {
        return 0;
    }
    let nearest = i64::try_from((i128::from(part.0) * 200 + i128::from(whole.0)) / (i128::from(whole.0) * 2));
    let Some(percentage) = nearest.ok().filter(|nearest| PERCENTAGES.contains(nearest)) else { return 0 };
    let far = (whole.part(Fixed(percentage), Fixed(100), unit).unwrap_or_default() - part).abs();
    if !far.is_zero() && far.by(2) > unit.by(lines) {
        return 0;
    }
    let choices = PERCENTAGES.len() as u64 * if far.is_zero() { 1 } else { lines.unsigned_abs() + 1 };
    (written(part, unit) - log2(choices)).max(0)
}

/// The cost of changing amounts that other amounts agree with.
pub(crate) fn disbelieved(order: &Figures, broken: &Broken, culprits: &[(Place, Option<Fixed>)]) -> Bits {
    let mut bits = 0;
    let mut lines = false;
    for (place, _) in culprits {
        match place {
            Place::LineField(at, Field::ExtendedAmount) if order.lines.get(*at).is_some_and(|line| line.holds) => {
                lines = true
            }
            Place::Field(Field::SubTotal) if !broken.sub_total => bits += WITNESS,
            Place::Field(Field::SalesTax) if !broken.sales_tax && !order.tl.is_zero() => bits += WITNESS,
            Place::Field(Field::GrandTotal) => bits += if broken.grand_total { TOTAL } else { PAID },
            _ => {}
        }
    }
    bits + if lines { WITNESS } else { 0 }
}

/// Whether an order is off by so much that a story does not fit by chance. Lines that do not hold have more figures to fit.
pub(crate) fn is_telling(order: &Figures, broken: &Broken) -> bool {
    let off = [
        (broken.sub_total, order.s() - order.e),
        (broken.sales_tax, order.t() - order.tl),
        (broken.order_discount, order.d() - order.a),
        (broken.grand_total, order.off()),
    ];
    let is_large = |(is_broken, off): &(bool, Fixed)| *is_broken && off.abs() >= order.unit().by(SMALL);
    broken.lines > 0 || broken.identities() == 0 || off.iter().any(is_large)
}

/// The header amounts that agree with each other and that a story leaves as they are: its witnesses.
pub(crate) fn witnesses(order: &Figures, culprits: &[(Place, Option<Fixed>)]) -> Vec<Place> {
    // The amounts of lines whose price, discount or quantity is a culprit. The culprits of a line follow each other.
    let of_lines = culprits.chunk_by(|(one, _), (next, _)| one.line() == next.line()).filter_map(|of_line| {
        let at = of_line.first()?.0.line()?;
        let amount = Place::LineField(at, Field::ExtendedAmount);
        let is_stated = order.lines.get(at).is_some_and(|line| line.stated.is_some());
        (is_stated && of_line.iter().all(|(culprit, _)| *culprit != amount)).then_some(amount)
    });
    let mut found: Vec<Place> = of_lines.take(8).collect();
    for field in [Field::SubTotal, Field::GrandTotal] {
        let place = Place::Field(field);
        if order.header(field).is_some() && culprits.iter().all(|(culprit, _)| *culprit != place) {
            found.push(place);
        }
    }
    found
}

/// Whether a difference is so small that rounding explains it.
pub(crate) fn is_rounding(o: &Figures, off: Fixed) -> bool {
    off.abs().by(2) <= o.unit().by(o.n() + 3)
}
