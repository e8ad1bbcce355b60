//! Mistakes: every way a cause leads to a wrong amount, put into a draft.

use crate::amount::{Amount, Round};
use crate::causes::Cause;
use crate::currency::Currency;
use crate::order::{Charge, Field, Items, Line, Misnamed, Order, Place};
use crate::policy::Policy;
use crate::report::{Report, check};

use super::Choices;
use super::order::{Draft, Params, Presence, amount, extension, line_mut, scaled, set};

use Presence::{Always, Never};

/// The currencies whose totals are rounded to what coins can pay.
const COINS: [&str; 7] = ["CHF", "AUD", "CAD", "SEK", "DKK", "NOK", "NZD"];

/// A way in which a cause leads to a wrong amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mistake {
    cause: Cause,
    field: Field,
    /// Causes that do it in several ways number them.
    variant: u8,
}

impl Mistake {
    /// Every way in which a cause leads to a wrong amount.
    pub fn of(cause: Cause) -> impl Iterator<Item = Mistake> {
        ways(cause).iter().map(move |(field, variant)| Mistake { cause, field: *field, variant: *variant })
    }

    /// What leads to it.
    pub fn cause(self) -> Cause {
        self.cause
    }

    /// The amount that is wrong, or is found to be.
    pub fn field(self) -> Field {
        self.field
    }
}

/// An order with mistakes in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistaken {
    /// The order as it was before.
    pub original: Order,
    /// The order with the mistakes.
    pub order: Order,
    /// Where each of them is seen.
    pub places: Vec<Place>,
}

/// Makes an order and puts mistakes into it, one after the other, later ones into amounts further to the right: lines,
/// then tax, discount, sub-total and total. `None` where they do not go together, or one hides another.
///
/// With one mistake, all that follows from the wrong amount is worked out from it, so that nothing else is wrong; with
/// several, every other time.
///
/// ```
/// use ordercharge::generate::{Choices, Mistake, mistaken};
/// use ordercharge::Cause;
///
/// let twice = Mistake::of(Cause::ShippingTwice).next().unwrap();
/// let found = mistaken(&[twice], &mut Choices::seeded(1)).unwrap();
/// let (right, wrong) = (found.original.grand_total, found.order.grand_total);
/// assert_eq!(
///     right.amount().unwrap().checked_add(found.order.shipping_handling.amount().unwrap()),
///     wrong.amount(),
/// );
/// ```
pub fn mistaken(mistakes: &[Mistake], choices: &mut Choices<'_>) -> Option<Mistaken> {
    make(mistakes, choices).map(|(made, _)| made)
}

/// The same, with what a check finds.
pub(super) fn make(mistakes: &[Mistake], choices: &mut Choices<'_>) -> Option<(Mistaken, Report)> {
    let mut params = Params { left_off: Never, ..Params::default() };
    mistakes.iter().for_each(|mistake| mistake.needs(&mut params));
    // What one needs another may not do without.
    let content = |mistake: &Mistake| {
        let mut again = params.clone();
        mistake.needs(&mut again);
        again == params
    };
    if !mistakes.iter().all(content) {
        return None;
    }
    let mut draft = Draft::new(&params, choices)?;
    let mut lines = Vec::new();
    for mistake in mistakes {
        let at = choices.below(draft.believed.lines().len() as u64) as usize;
        mistake.prepare(&mut draft, at, choices)?;
        lines.push(at);
    }
    let mut original = draft.believed.clone();
    for field in mistakes.iter().filter_map(|mistake| mistake.leaves_off()) {
        set(&mut original, field, Charge::Unset);
    }
    let mut places = Vec::new();
    for (mistake, at) in mistakes.iter().zip(lines) {
        let spreads = mistakes.len() == 1 || choices.chance(50);
        places.push(Making { draft: &mut draft, mistake: *mistake, at, spreads }.make(choices)?);
    }
    // One may hide another, or make up for it.
    let report = check(&draft.stated, &Policy::default());
    let seen = |place: &Place| report.violations.iter().any(|found| found.rule.is_identity() && found.place == *place);
    places.iter().all(seen).then_some((Mistaken { original, order: draft.stated, places }, report))
}

/// The amounts a cause applies to, each with a number for every way it does.
fn ways(cause: Cause) -> &'static [(Field, u8)] {
    use Field::{ExtendedAmount as E, GrandTotal as G, OrderDiscount as D, SalesTax as T, SubTotal as S};
    match cause {
        Cause::CorrectedAmount => &[(S, 0), (G, 0), (G, 1), (G, 2), (G, 3)],
        Cause::MisnamedField => &[(G, 0), (G, 1), (G, 2), (G, 3), (G, 4), (S, 0), (T, 0)],
        Cause::DiscountSign => &[(E, 0), (E, 1), (G, 0), (G, 1), (D, 0)],
        Cause::DiscountIgnored => &[(E, 0), (S, 0)],
        Cause::TaxIncluded => &[(E, 0), (S, 0), (S, 1)],
        Cause::AddlDiscountIncluded | Cause::QuantityIgnored | Cause::RoundedOtherwise => &[(E, 0), (E, 1)],
        Cause::OrderDiscountOnEveryLine => &[(E, 0), (D, 0)],
        Cause::DiscountOncePerLine
        | Cause::DiscountTwice
        | Cause::DiscountIsPercentage
        | Cause::QuantityTwice
        | Cause::PriceIsLineTotal
        | Cause::UnitRoundedFirst => &[(E, 0)],
        Cause::RoundedToWhole | Cause::CentsCut | Cause::FloatNoise | Cause::TransposedDigits => {
            &[(E, 0), (S, 0), (T, 0), (D, 0), (G, 0)]
        }
        Cause::MinorUnits => &[(E, 0), (E, 1), (S, 0), (S, 1), (T, 0), (T, 1), (D, 1), (G, 0), (G, 1)],
        Cause::SubTotalNetOfDiscount
        | Cause::SubTotalNetOfAddlDiscount
        | Cause::LineMissing
        | Cause::LineTwice
        | Cause::ShippingIncluded
        | Cause::GrandTotalInSubTotal => &[(S, 0)],
        Cause::LineFiltered => &[(S, 0), (S, 1)],
        Cause::LineTaxNotInHeader => &[(T, 0), (T, 1)],
        Cause::TaxRoundedPerOrder | Cause::TaxPerItem => &[(T, 0)],
        Cause::TaxOnShipping => &[(T, 0), (T, 1)],
        Cause::AddlDiscountNotInHeader => &[(D, 0), (G, 0)],
        Cause::LostCent => &[(D, 0), (T, 0)],
        Cause::DiscountNotSubtracted
        | Cause::DiscountSubtractedTwice
        | Cause::AddlDiscountSubtractedTwice
        | Cause::ShippingLeftOut
        | Cause::ShippingTwice
        | Cause::SurchargeAdded
        | Cause::TaxLeftOut
        | Cause::TaxTwice
        | Cause::FlooredAtZero
        | Cause::CashRounding
        | Cause::FeeOrTip => &[(G, 0)],
    }
}

impl Mistake {
    /// What an order must have for this mistake to be possible.
    fn needs(self, params: &mut Params) {
        let Mistake { cause, field, variant } = self;
        let several = 2..=12;
        // Of the fields whose identity is that of the lines.
        match field {
            // A line that is wrong may cost less than what is taken off it otherwise.
            Field::ExtendedAmount if cause != Cause::AddlDiscountIncluded => {
                (params.addl_discounts, params.overall_discount) = (Never, Never);
            }
            // A little more tax may be that on shipping.
            Field::SalesTax => (params.line_taxes, params.shipping) = (Always, Never),
            Field::OrderDiscount if cause != Cause::OrderDiscountOnEveryLine => {
                (params.addl_discounts, params.overall_discount) = (Always, Never);
            }
            _ => {}
        }
        match cause {
            Cause::DiscountOncePerLine => (params.unit_discounts, params.quantities) = (Always, several),
            Cause::DiscountIgnored | Cause::DiscountTwice => params.unit_discounts = Always,
            Cause::DiscountSign if field == Field::ExtendedAmount => params.unit_discounts = Always,
            Cause::DiscountSign if field == Field::GrandTotal => params.overall_discount = Always,
            Cause::DiscountIsPercentage => params.unit_discounts = Always,
            Cause::TaxIncluded => match (field, variant) {
                (Field::SubTotal, 0) => params.header_tax = Always,
                _ => params.line_taxes = Always,
            },
            Cause::AddlDiscountIncluded => {
                params.addl_discounts = Always;
                if variant == 1 {
                    params.line_taxes = Always;
                }
            }
            Cause::OrderDiscountOnEveryLine => {
                params.lines = 2..=6;
                params.addl_discounts = Never;
            }
            Cause::QuantityIgnored | Cause::QuantityTwice | Cause::TaxPerItem => params.quantities = several,
            // On one line alone it is no more than a forgotten quantity.
            Cause::PriceIsLineTotal => (params.quantities, params.lines) = (several, 2..=6),
            Cause::SubTotalNetOfDiscount | Cause::DiscountNotSubtracted | Cause::DiscountSubtractedTwice => {
                params.overall_discount = Always;
            }
            Cause::SubTotalNetOfAddlDiscount | Cause::AddlDiscountSubtractedTwice => {
                (params.addl_discounts, params.overall_discount) = (Always, Always);
            }
            Cause::LineMissing | Cause::LineTwice | Cause::TaxRoundedPerOrder | Cause::LostCent => {
                params.lines = 2..=6;
            }
            Cause::ShippingIncluded | Cause::ShippingLeftOut | Cause::ShippingTwice | Cause::TaxOnShipping => {
                params.shipping = Always;
            }
            Cause::GrandTotalInSubTotal => (params.shipping, params.header_tax) = (Always, Always),
            Cause::SurchargeAdded => params.surcharges = Always,
            Cause::TaxLeftOut | Cause::TaxTwice => params.header_tax = Always,
            Cause::LineTaxNotInHeader => params.line_taxes = Always,
            Cause::AddlDiscountNotInHeader => (params.addl_discounts, params.overall_discount) = (Always, Never),
            Cause::CashRounding => params.currencies = COINS.map(Currency::from_code).to_vec(),
            Cause::CorrectedAmount => match (field, variant) {
                // A line that is stated too small may not cost less than what is taken off it.
                (Field::SubTotal, _) | (Field::GrandTotal, 3) => params.addl_discounts = Never,
                (Field::GrandTotal, 1) => params.line_taxes = Always,
                (Field::GrandTotal, 2) => (params.addl_discounts, params.overall_discount) = (Always, Never),
                _ => {}
            },
            Cause::MisnamedField => match (field, variant) {
                (Field::GrandTotal, 0) => (params.header_tax, params.line_taxes) = (Always, Never),
                (Field::GrandTotal, 1) => params.overall_discount = Always,
                (Field::GrandTotal, 2) => params.shipping = Always,
                (Field::GrandTotal, 4) => (params.addl_discounts, params.overall_discount) = (Always, Never),
                // Where no other line sets tax, nothing is left to compare.
                (Field::SalesTax, _) => params.lines = 2..=6,
                _ => {}
            },
            _ => {}
        }
        // So may an order whose sub-total is too small.
        let less = [Cause::LineMissing, Cause::MinorUnits, Cause::TransposedDigits, Cause::MisnamedField];
        if less.contains(&cause) && (field == Field::SubTotal || (field, variant) == (Field::GrandTotal, 3)) {
            (params.addl_discounts, params.overall_discount) = (Never, Never);
        }
        // What is about cents has no meaning where there are none.
        let decimal = [
            Cause::RoundedToWhole,
            Cause::CentsCut,
            Cause::MinorUnits,
            Cause::DiscountIsPercentage,
            Cause::UnitRoundedFirst,
            Cause::RoundedOtherwise,
        ];
        if decimal.contains(&cause) {
            params.currencies.retain(|currency| (1..4).contains(&currency.decimals()));
        }
    }

    /// The field that is unset where this mistake is made, and may as well be without it.
    fn leaves_off(self) -> Option<Field> {
        match (self.cause, self.field, self.variant) {
            (Cause::CorrectedAmount, Field::GrandTotal, 3) => Some(Field::SubTotal),
            (Cause::MisnamedField, Field::GrandTotal, 4) | (Cause::AddlDiscountNotInHeader, Field::GrandTotal, _) => {
                Some(Field::OrderDiscount)
            }
            _ => None,
        }
    }

    /// Changes what a cart knows so that the mistake shows, and shows as nothing else.
    fn prepare(self, draft: &mut Draft, at: usize, choices: &mut Choices<'_>) -> Option<()> {
        match (self.cause, self.field) {
            (Cause::OrderDiscountOnEveryLine, _) => {
                let amounts: Option<Vec<i128>> =
                    draft.believed.lines().iter().map(|line| draft.units(amount(line.extended_amount))).collect();
                let least = amounts?.into_iter().min()?;
                // Next to a tie, either neighbour is right.
                draft.overall = draft.minor(choices.between(2, (least / 3).min(2000)))?;
                draft.derive()
            }
            (Cause::UnitRoundedFirst, _) => {
                // Between these the price of one is off by so much that twice as much rounds to another amount.
                let (more, tail) = tail(draft, choices, 30, 70)?;
                reprice(draft, at, more, tail, None)
            }
            (Cause::RoundedOtherwise, _) => {
                let (least, most) = if self.variant == 0 { (51, 99) } else { (1, 49) };
                let (more, tail) = tail(draft, choices, least, most)?;
                reprice(draft, at, more, tail, Some(Amount::ONE))
            }
            (Cause::RoundedToWhole | Cause::CentsCut, field) => {
                // Where cutting and rounding give the same, rounding is told; a discount is only wrong if it is less. What
                // is off by a few cents may have other causes.
                let cut = self.cause == Cause::RoundedToWhole && field == Field::OrderDiscount;
                let (least, most) = if cut { (11, 49) } else { (51, 89) };
                let cents = choices.between(least, most);
                self.set_fraction(draft, at, cents, 2)
            }
            (Cause::CashRounding, _) => {
                let cents = choices.between(0, 19) * 5 + choices.number_of(&[1, 2, 3, 4]);
                self.set_fraction(draft, at, cents, 2)
            }
            (Cause::FlooredAtZero, _) => {
                let charges = draft.of(Field::GrandTotal).checked_add(draft.overall)?;
                draft.overall = charges.checked_add(draft.minor(choices.between(50, 5000))?)?;
                draft.add_up()
            }
            (Cause::TransposedDigits | Cause::MinorUnits, _) => {
                // Round amounts have no digits to change places.
                let less = self.field == Field::OrderDiscount;
                for _ in 0..20 {
                    let units = draft.units(self.right(draft, at)?)?;
                    if units >= 100 && !swaps(units, less).is_empty() {
                        break;
                    }
                    self.add(draft, at, draft.minor(100 + choices.between(1, 89))?)?;
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    /// The right amount of the field.
    fn right(self, draft: &Draft, at: usize) -> Option<Amount> {
        match self.field {
            Field::ExtendedAmount => Some(amount(draft.believed.lines().get(at)?.extended_amount)),
            field => Some(draft.of(field)),
        }
    }

    /// Gives the right amount a fraction, in the first decimals of the minor unit.
    fn set_fraction(self, draft: &mut Draft, at: usize, fraction: i128, digits: u32) -> Option<()> {
        let decimals = draft.decimals;
        let wanted = if decimals < digits {
            fraction / 10_i128.checked_pow(digits - decimals)?
        } else {
            fraction * 10_i128.checked_pow(decimals - digits)?
        };
        let whole = 10_i128.checked_pow(decimals)?;
        let units = draft.units(self.right(draft, at)?)?;
        // What is cut to 0 may as well be missing.
        let by = (wanted - units % whole).rem_euclid(whole) + if units < whole { whole } else { 0 };
        self.add(draft, at, draft.minor(by)?)
    }

    /// Makes the right amount larger, by what the cart knows.
    fn add(self, draft: &mut Draft, at: usize, by: Amount) -> Option<()> {
        let line = line_mut(&mut draft.believed, at)?;
        let more = |charge: &mut Charge| {
            *charge = amount(*charge).checked_add(by)?.into();
            Some(())
        };
        match self.field {
            Field::SalesTax => more(&mut line.tax)?,
            Field::OrderDiscount => {
                more(&mut line.addl_discount)?;
                let costs = amount(line.extended_amount).checked_add(amount(line.tax))?;
                if amount(line.addl_discount) > costs {
                    // The line may not cost less than what is taken off it.
                    line.price = amount(line.price).checked_add(by)?.into();
                    return draft.derive();
                }
            }
            Field::GrandTotal => {
                more(&mut draft.believed.shipping_handling)?;
                // A small amount that is all the shipping there is would explain itself.
                let all = draft.of(Field::ShippingHandling) == by;
                let usual = draft.minor(if all { 795 } else { 0 })?;
                let shipping = draft.of(Field::ShippingHandling).checked_add(usual.rounded(0, Round::Down))?;
                draft.believed.shipping_handling = shipping.into();
            }
            _ => {
                line.quantity = Amount::ONE.into();
                // The line's amount was that of several items until now.
                let before = amount(line.extended_amount);
                line.price = before.checked_add(amount(line.discount))?.checked_add(by)?.into();
                return draft.derive();
            }
        }
        draft.add_up()
    }
}

/// The fraction of a minor unit at the end of a price: so many digits, and their number, between two shares of 100.
fn tail(draft: &Draft, choices: &mut Choices<'_>, least: i128, most: i128) -> Option<(u32, i128)> {
    match draft.decimals {
        0..=2 => Some((2, choices.between(least, most))),
        3 => Some((1, choices.between((least + 9) / 10, most / 10))),
        _ => None,
    }
}

/// Gives a price another tail, and perhaps its line another quantity.
fn reprice(draft: &mut Draft, at: usize, more: u32, tail: i128, quantity: Option<Amount>) -> Option<()> {
    let decimals = draft.decimals;
    let line = line_mut(&mut draft.believed, at)?;
    let whole = amount(line.price).rounded(decimals, Round::Down);
    line.price = whole.checked_add(Amount::new(tail, decimals + more)?)?.into();
    match quantity {
        Some(quantity) => line.quantity = quantity.into(),
        None if amount(line.quantity) == Amount::ONE => line.quantity = Amount::from(2).into(),
        None => {}
    }
    draft.derive()
}

/// The numbers that two neighbouring digits of one change places in: the other numbers, smaller ones only if so asked.
fn swaps(units: i128, smaller: bool) -> Vec<i128> {
    let digits = units.to_string().into_bytes();
    let swapped = (1..digits.len()).filter_map(|at| {
        let mut other = digits.clone();
        other.swap(at - 1, at);
        let leads = other.first() != Some(&b'0');
        let other: i128 = String::from_utf8(other).ok()?.parse().ok()?;
        (leads && other != units && (!smaller || other < units)).then_some(other)
    });
    swapped.collect()
}

/// A mistake at work.
struct Making<'d> {
    draft: &'d mut Draft,
    mistake: Mistake,
    /// The line it is in, if it is in one.
    at: usize,
    /// Whether the other amounts are worked out from the wrong one.
    spreads: bool,
}

impl Making<'_> {
    /// Puts the mistake in, and says where it is seen. `None` where it needs another order.
    fn make(&mut self, choices: &mut Choices<'_>) -> Option<Place> {
        match self.mistake.field {
            Field::ExtendedAmount => self.in_a_line(choices),
            Field::SubTotal => self.in_the_sub_total(choices),
            Field::SalesTax => self.in_the_sales_tax(choices),
            Field::OrderDiscount => self.in_the_order_discount(choices),
            _ => self.in_the_grand_total(choices),
        }
    }

    fn line(&self) -> Option<Line> {
        self.draft.believed.lines().get(self.at).cloned()
    }

    fn stated_line(&mut self) -> Option<&mut Line> {
        line_mut(&mut self.draft.stated, self.at)
    }

    fn count(&self) -> i128 {
        self.draft.believed.lines().len() as i128
    }

    /// A wrong amount in the header that is not used any further.
    fn wrong_alone(&mut self, field: Field, amount: Amount) -> Option<Place> {
        let changes = amount != self.draft.of(field);
        set(&mut self.draft.stated, field, amount.into());
        (changes && !amount.is_negative()).then_some(Place::Field(field))
    }

    /// A wrong amount in the header.
    fn wrong(&mut self, field: Field, amount: Amount) -> Option<Place> {
        let place = self.wrong_alone(field, amount)?;
        if self.spreads && field != Field::GrandTotal {
            self.draft.put(field, amount);
            self.draft.total()?;
        }
        Some(place)
    }

    /// A wrong amount of a line.
    fn wrong_line(&mut self, amount: Amount) -> Option<Place> {
        self.wrong_lines(&[(self.at, amount)])
    }

    fn wrong_lines(&mut self, wrong: &[(usize, Amount)]) -> Option<Place> {
        for (at, amount) in wrong.iter().copied() {
            // What shifts by nothing is no mistake.
            let right = line_mut(&mut self.draft.believed, at)?.extended_amount;
            if right == amount.into() || amount.is_negative() {
                return None;
            }
            line_mut(&mut self.draft.stated, at)?.extended_amount = amount.into();
            if self.spreads {
                line_mut(&mut self.draft.believed, at)?.extended_amount = amount.into();
            }
        }
        if self.spreads {
            let sum = self.draft.sum(Field::ExtendedAmount)?;
            self.draft.put(Field::SubTotal, sum);
            self.draft.total()?;
        }
        wrong.first().map(|(at, _)| Place::LineField(*at, Field::ExtendedAmount))
    }

    /// Every line's amount as something gives it.
    fn wrong_everywhere(&mut self, gives: impl Fn(&Line) -> Option<Amount>) -> Option<Place> {
        let lines = self.draft.believed.lines().iter().enumerate();
        let wrong = lines.map(|(at, line)| Some((at, self.draft.rounded(gives(line)?))));
        let wrong: Vec<(usize, Amount)> = wrong.collect::<Option<_>>()?;
        self.wrong_lines(&wrong)
    }

    fn in_a_line(&mut self, choices: &mut Choices<'_>) -> Option<Place> {
        let line = self.line()?;
        let (price, discount, quantity) = (amount(line.price), amount(line.discount), amount(line.quantity));
        let each = price.checked_sub(discount)?;
        let exact = each.checked_mul(quantity)?;
        let right = amount(line.extended_amount);
        let gives = match (self.mistake.cause, self.mistake.variant) {
            (Cause::DiscountSign, 0) => {
                // The discount is stated with a minus sign, and the amount is right.
                self.stated_line()?.discount = discount.negated().into();
                return Some(Place::LineField(self.at, Field::ExtendedAmount));
            }
            (Cause::DiscountSign, _) => price.checked_add(discount)?.checked_mul(quantity)?,
            (Cause::DiscountOncePerLine, _) => price.checked_mul(quantity)?.checked_sub(discount)?,
            (Cause::DiscountIgnored, _) => price.checked_mul(quantity)?,
            (Cause::DiscountTwice, _) => each.checked_sub(discount)?.checked_mul(quantity)?,
            (Cause::DiscountIsPercentage, _) => {
                let share = Amount::ONE.checked_sub(scaled(discount, 2)?)?;
                price.checked_mul(quantity)?.checked_mul(share)?
            }
            (Cause::TaxIncluded, _) => exact.checked_add(amount(line.tax))?,
            (Cause::AddlDiscountIncluded, 0) => exact.checked_sub(amount(line.addl_discount))?,
            (Cause::AddlDiscountIncluded, _) => {
                exact.checked_sub(amount(line.addl_discount))?.checked_add(amount(line.tax))?
            }
            (Cause::OrderDiscountOnEveryLine, _) => {
                let off = self.draft.of(Field::OrderDiscount);
                return self.wrong_everywhere(|line| extension(line)?.checked_sub(off));
            }
            (Cause::PriceIsLineTotal, _) => {
                return self.wrong_everywhere(|line| amount(line.price).checked_sub(amount(line.discount)));
            }
            (Cause::QuantityIgnored, 0) => each,
            (Cause::QuantityIgnored, _) => price,
            (Cause::QuantityTwice, _) => exact.checked_mul(quantity)?,
            (Cause::UnitRoundedFirst, _) => self.draft.rounded(each).checked_mul(quantity)?,
            (Cause::RoundedOtherwise, 0) => exact.rounded(self.draft.decimals, Round::Down),
            (Cause::RoundedOtherwise, _) => exact.rounded(self.draft.decimals, Round::Up),
            _ => {
                let value = self.anywhere(right, choices)?;
                return self.wrong_line(value);
            }
        };
        let gives = self.draft.rounded(gives);
        self.wrong_line(gives)
    }

    fn in_the_sub_total(&mut self, choices: &mut Choices<'_>) -> Option<Place> {
        let field = Field::SubTotal;
        let right = self.draft.of(field);
        let line = self.line()?;
        let value = match (self.mistake.cause, self.mistake.variant) {
            (Cause::CorrectedAmount, _) => {
                let value = self.arbitrary(amount(line.extended_amount), choices)?;
                self.spreads = false;
                self.wrong_line(value)?;
                return Some(Place::Field(field));
            }
            (Cause::MisnamedField, _) => {
                let value = self.arbitrary(amount(line.extended_amount), choices)?;
                self.spreads = true;
                self.wrong_line(value)?;
                let line = self.stated_line()?;
                line.extended_amount = Charge::Unset;
                line.misnamed.push(misnamed("line_total", Field::ExtendedAmount, value));
                return Some(Place::Field(field));
            }
            (Cause::SubTotalNetOfDiscount, _) => right.checked_sub(self.draft.of(Field::OrderDiscount))?,
            (Cause::SubTotalNetOfAddlDiscount, _) => right.checked_sub(self.draft.sum(Field::AddlDiscount)?)?,
            (Cause::DiscountIgnored, _) => {
                let gross = |line: &Line| amount(line.price).checked_mul(amount(line.quantity));
                let mut lines = self.draft.believed.lines().iter();
                lines.try_fold(Amount::ZERO, |sum, line| sum.checked_add(self.draft.rounded(gross(line)?)))?
            }
            (Cause::TaxIncluded, 0) => right.checked_add(self.draft.of(Field::SalesTax))?,
            (Cause::TaxIncluded, _) => right.checked_add(self.draft.sum(Field::Tax)?)?,
            (Cause::LineMissing, _) => right.checked_sub(amount(line.extended_amount))?,
            (Cause::LineTwice, _) => right.checked_add(amount(line.extended_amount))?,
            (Cause::LineFiltered, variant) => {
                let hidden = self.draft.minor(choices.between(99, 30_000))?;
                if variant == 0 {
                    self.draft.stated.from_reply = true;
                } else {
                    self.stated_line()?.filtered = true;
                }
                right.checked_add(hidden)?
            }
            (Cause::ShippingIncluded, _) => right.checked_add(self.draft.of(Field::ShippingHandling))?,
            (Cause::GrandTotalInSubTotal, _) => self.draft.of(Field::GrandTotal),
            _ => self.anywhere(right, choices)?,
        };
        self.wrong(field, value)
    }

    fn in_the_sales_tax(&mut self, choices: &mut Choices<'_>) -> Option<Place> {
        let field = Field::SalesTax;
        let right = self.draft.of(field);
        let line = self.line()?;
        let count = self.count();
        let value = match (self.mistake.cause, self.mistake.variant) {
            (Cause::MisnamedField, _) => {
                let tax = amount(line.tax);
                let stated = self.stated_line()?;
                stated.tax = Charge::Unset;
                stated.misnamed.push(misnamed("sales_tax", Field::Tax, tax));
                return (tax != right && !tax.is_zero()).then_some(Place::Field(field));
            }
            (Cause::LineTaxNotInHeader, 0) => Amount::ZERO,
            // The grand total counts it.
            (Cause::LineTaxNotInHeader, _) => return self.wrong_alone(field, Amount::ZERO),
            (Cause::TaxRoundedPerOrder, _) => self.off_by(right, choices.between(1, count / 2), choices)?,
            (Cause::LostCent, _) => self.off_by(right, choices.between(count / 2 + 1, count), choices)?,
            (Cause::TaxOnShipping, variant) => {
                let shipping = self.draft.units(self.draft.of(Field::ShippingHandling))?;
                let more = if variant == 0 {
                    let goods = self.draft.units(self.draft.of(Field::SubTotal))?;
                    (shipping * self.draft.units(right)? + goods / 2).checked_div(goods)?
                } else {
                    shipping * choices.between(3, 30) / 100
                };
                // Less could have been lost in rounding.
                right.checked_add(self.draft.minor(more.max(count + 1))?)?
            }
            (Cause::TaxPerItem, _) => self.draft.believed.lines().iter().try_fold(Amount::ZERO, |sum, line| {
                sum.checked_add(amount(line.tax).checked_mul(amount(line.quantity))?)
            })?,
            _ => self.anywhere(right, choices)?,
        };
        self.wrong(field, value)
    }

    fn in_the_order_discount(&mut self, choices: &mut Choices<'_>) -> Option<Place> {
        let field = Field::OrderDiscount;
        let right = self.draft.of(field);
        let value = match self.mistake.cause {
            Cause::DiscountSign => {
                self.draft.stated.order_discount = right.negated().into();
                return (!right.is_zero()).then_some(Place::Field(field));
            }
            Cause::OrderDiscountOnEveryLine => {
                for order in [&mut self.draft.stated, &mut self.draft.believed] {
                    let Items::Lines(lines) = &mut order.items else { return None };
                    lines.iter_mut().for_each(|line| line.addl_discount = right.into());
                }
                return Some(Place::Field(field));
            }
            // The total is right, or there would be nothing to tell it by.
            Cause::AddlDiscountNotInHeader => return self.wrong_alone(field, Amount::ZERO),
            Cause::LostCent => {
                let lost = self.draft.minor(choices.between(1, self.count()))?;
                right.checked_sub(lost)?
            }
            _ => self.anywhere(right, choices)?,
        };
        // More than the lines' discounts is no mistake.
        if value < right { self.wrong(field, value) } else { None }
    }

    fn in_the_grand_total(&mut self, choices: &mut Choices<'_>) -> Option<Place> {
        let field = Field::GrandTotal;
        let place = Place::Field(field);
        let right = self.draft.of(field);
        let (discount, tax) = (self.draft.of(Field::OrderDiscount), self.draft.of(Field::SalesTax));
        let shipping = self.draft.of(Field::ShippingHandling);
        let addl = self.draft.sum(Field::AddlDiscount)?;
        let value = match (self.mistake.cause, self.mistake.variant) {
            (Cause::CorrectedAmount, 0) => {
                let value = self.arbitrary(self.draft.of(Field::SubTotal), choices)?;
                self.wrong_alone(Field::SubTotal, value)?;
                return Some(place);
            }
            (Cause::CorrectedAmount, 1) => {
                let value = self.arbitrary(self.draft.sum(Field::Tax)?, choices)?;
                self.wrong_alone(Field::SalesTax, value)?;
                return Some(place);
            }
            (Cause::CorrectedAmount, 2) => {
                // The lines' discount is all there is, and less than it is stated.
                let less = choices.between(1, self.draft.units(addl)?);
                self.wrong_alone(Field::OrderDiscount, addl.checked_sub(self.draft.minor(less)?)?)?;
                return Some(place);
            }
            (Cause::CorrectedAmount, _) => {
                let value = self.arbitrary(amount(self.line()?.extended_amount), choices)?;
                self.spreads = false;
                self.wrong_line(value)?;
                self.draft.stated.sub_total = Charge::Unset;
                return Some(place);
            }
            (Cause::MisnamedField, variant) => return self.misname(variant, choices),
            (Cause::DiscountSign, 0) => {
                // Stated with a minus sign, and taken off as it should be.
                self.draft.stated.order_discount = discount.negated().into();
                return (!discount.is_zero()).then_some(place);
            }
            (Cause::DiscountSign, _) => right.checked_add(discount)?.checked_add(discount)?,
            (Cause::DiscountNotSubtracted, _) => right.checked_add(discount)?,
            (Cause::DiscountSubtractedTwice, _) => right.checked_sub(discount)?,
            (Cause::AddlDiscountSubtractedTwice, _) => right.checked_sub(addl)?,
            (Cause::ShippingLeftOut, _) => right.checked_sub(shipping)?,
            (Cause::ShippingTwice, _) => right.checked_add(shipping)?,
            (Cause::SurchargeAdded, _) => right.checked_add(self.draft.sum(Field::ShippingSurcharge)?)?,
            (Cause::TaxLeftOut, _) => right.checked_sub(tax)?,
            (Cause::TaxTwice, _) => right.checked_add(tax)?,
            (Cause::AddlDiscountNotInHeader, _) => {
                self.draft.stated.order_discount = Charge::Unset;
                right.checked_add(addl)?
            }
            (Cause::FlooredAtZero, _) => {
                if !right.is_negative() {
                    return None;
                }
                Amount::ZERO
            }
            (Cause::CashRounding, _) => {
                right.checked_mul(20.into())?.rounded(0, Round::HalfUp).checked_mul(Amount::new(5, 2)?)?
            }
            (Cause::FeeOrTip, _) => {
                let fee = choices.between(30, 1500);
                // Two digits that change places make nine times something.
                let fee = if fee % 9 == 0 { fee + 1 } else { fee };
                right.checked_add(self.draft.minor(fee)?)?
            }
            _ => self.anywhere(right, choices)?,
        };
        self.wrong_alone(field, value)
    }

    /// An amount of the header under another name; the grand total counts it.
    fn misname(&mut self, variant: u8, choices: &mut Choices<'_>) -> Option<Place> {
        let (name, means) = match variant {
            0 => ("tax", Field::SalesTax),
            1 => ("total_discount", Field::OrderDiscount),
            2 => ("shipping", Field::ShippingHandling),
            3 => ("subtotal", Field::SubTotal),
            _ => {
                // Of a line, where the order's discount is unset.
                let discount = amount(self.line()?.addl_discount);
                self.draft.stated.order_discount = Charge::Unset;
                let stated = self.stated_line()?;
                stated.addl_discount = Charge::Unset;
                stated.misnamed.push(misnamed("additional_discount", Field::AddlDiscount, discount));
                return (!discount.is_zero()).then_some(Place::Field(Field::GrandTotal));
            }
        };
        if means == Field::SubTotal {
            let value = self.arbitrary(self.draft.of(means), choices)?;
            self.draft.put(means, value);
            self.draft.total()?;
        }
        let value = self.draft.of(means);
        if value.is_zero() {
            return None;
        }
        set(&mut self.draft.stated, means, Charge::Unset);
        self.draft.stated.misnamed.push(misnamed(name, means, value));
        Some(Place::Field(Field::GrandTotal))
    }

    /// The mistakes that can be made with any amount.
    fn anywhere(&self, right: Amount, choices: &mut Choices<'_>) -> Option<Amount> {
        if right.is_zero() {
            return None;
        }
        let decimals = self.draft.decimals;
        let less = self.mistake.field == Field::OrderDiscount;
        match (self.mistake.cause, self.mistake.variant) {
            (Cause::RoundedToWhole, _) => Some(right.rounded(0, Round::HalfUp)),
            (Cause::CentsCut, _) => Some(right.rounded(0, Round::Down)),
            (Cause::FloatNoise, _) => {
                // What a detour through a binary float leaves.
                let noise = Amount::new(choices.between(1, 999), 13)?;
                right.checked_add(if less || choices.chance(50) { noise.negated() } else { noise })
            }
            (Cause::MinorUnits, 0) => right.checked_mul(Amount::new(10_i128.checked_pow(decimals)?, 0)?),
            (Cause::MinorUnits, _) => scaled(right, decimals),
            (Cause::TransposedDigits, _) => {
                let swapped = *choices.one_of(&swaps(self.draft.units(right)?, less))?;
                self.draft.minor(swapped)
            }
            _ => None,
        }
    }

    /// So many minor units more or less.
    fn off_by(&self, right: Amount, units: i128, choices: &mut Choices<'_>) -> Option<Amount> {
        let less = choices.chance(50) && self.draft.units(right)? > units;
        right.checked_add(self.draft.minor(if less { -units } else { units })?)
    }

    /// Any other amount between the least one and twice itself.
    fn arbitrary(&self, was: Amount, choices: &mut Choices<'_>) -> Option<Amount> {
        let units = self.draft.units(was)?;
        let other = choices.between(1, (2 * units).max(2));
        self.draft.minor(if other == units { other + 1 } else { other })
    }
}

fn misnamed(name: &str, means: Field, amount: Amount) -> Misnamed {
    Misnamed { name: name.to_owned(), means, amount }
}
