//! Orders that are wrong in exactly one named way.

use core::fmt;
use core::str::FromStr;

use crate::amount::Amount;
use crate::check::check;
use crate::currency::Currency;
use crate::error::Error;
use crate::findings::Violation;
use crate::mistakes::Mistake;
use crate::order::{Charge, Field, Found, Items, Level, Line, Misnamed, Order, Place, Unusable};
use crate::policy::Policy;
use crate::rules::Rule;

use super::Choices;
use super::mistake::{Mistaken, with_mistake};
use super::order::{Draft, Params, Presence, amount, line_mut, set};

use Presence::{Always, Never};

/// The name of a fault: the rule it breaks, or the mistake that was made.
///
/// `Display` prints the code of the rule or the name of the mistake; `FromStr` reads a code or a name. `misnamed-field`,
/// which names both a rule and a mistake, means the mistake.
///
/// ```
/// use ordercharge::generate::Label;
/// use ordercharge::{Mistake, Rule};
///
/// assert_eq!("OC105".parse(), Ok(Label::Rule(Rule::GrandTotal)));
/// assert_eq!("tax-twice".parse(), Ok(Label::Mistake(Mistake::TaxTwice)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// A broken rule.
    Rule(Rule),
    /// A mistake of the table.
    Mistake(Mistake),
}

/// An order with one fault, and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Faulty {
    /// The order with the fault.
    pub order: Order,
    /// The original order.
    pub original: Order,
    /// The rule that is broken.
    pub rule: Rule,
    /// The place.
    pub place: Place,
    /// The stated less the expected amount, for the rules that compare amounts.
    pub difference: Option<Amount>,
    /// The mistake that was made, if the fault is a mistake. It is in the first rank of the diagnoses.
    pub mistake: Option<Mistake>,
}

impl Label {
    /// Every rule, then every mistake.
    pub fn all() -> impl Iterator<Item = Label> {
        let rules = Rule::ALL.iter().copied().map(Label::Rule);
        rules.chain(Mistake::ALL.iter().copied().map(Label::Mistake))
    }
}

/// Makes an order with exactly one fault.
///
/// For a rule: [`check`](crate::check()) finds this rule broken at the place, by the difference, and nothing else, except
/// rules that are always broken with it ([`Rule::example_also_breaks`]). Everything that follows from the wrong amount is
/// calculated from it as stated.
///
/// For a mistake: it is in the first rank of the diagnoses, alone or with others that the figures cannot distinguish from
/// it. Undoing it gives the charges of the original.
///
/// ```
/// use ordercharge::generate::{Choices, one_fault};
/// use ordercharge::{Policy, Rule, check};
///
/// let faulty = one_fault(Rule::SubTotal, &mut Choices::seeded(1));
/// let report = check(&faulty.order, &Policy::default());
/// let [found] = report.violations.as_slice() else { panic!("one fault, one violation") };
/// assert_eq!((found.rule, &found.place, found.difference()), (Rule::SubTotal, &faulty.place, faulty.difference));
/// ```
pub fn one_fault(label: impl Into<Label>, choices: &mut Choices<'_>) -> Faulty {
    let label = label.into();
    let mut seed = 0;
    let mut drawn = try_one_fault(label, choices);
    // If another mistake fits better by chance, make another order.
    loop {
        match drawn {
            Some(faulty) => return faulty,
            None if choices.are_left() => drawn = try_one_fault(label, choices),
            None => {
                drawn = try_one_fault(label, &mut Choices::seeded(seed));
                seed += 1;
            }
        }
    }
}

/// Like [`one_fault`], but `None` if another mistake fits the figures better by chance.
pub fn try_one_fault(label: impl Into<Label>, choices: &mut Choices<'_>) -> Option<Faulty> {
    match label.into() {
        Label::Rule(rule) => broken_rule(rule, choices),
        Label::Mistake(mistake) => (0..MOST_MADE).find_map(|attempt| {
            if attempt > 0 && !choices.are_left() {
                return diagnosed(with_mistake(mistake, &mut Choices::seeded(attempt))?);
            }
            diagnosed(with_mistake(mistake, choices)?)
        }),
    }
}

/// The most attempts to make a mistake that is in the first rank.
const MOST_MADE: u64 = 60;

/// The order, if its mistake is in the first rank.
fn diagnosed(made: Mistaken) -> Option<Faulty> {
    let report = check(&made.order, &Policy::default());
    let first = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first() && !diagnosis.partial);
    let known = first.flat_map(|diagnosis| &diagnosis.mistakes).any(|known| known.mistake == made.mistake);
    let found = report.violations.iter().find(|found| found.diagnosis.is_some()).filter(|_| known)?;
    Some(Faulty {
        rule: found.rule,
        difference: found.difference(),
        place: found.place.clone(),
        order: made.order,
        original: made.original,
        mistake: Some(made.mistake),
    })
}

/// The parameters of orders in which a rule can be broken alone.
fn params(rule: Rule, choices: &mut Choices<'_>) -> Params {
    let mut params = Params { left_off: Never, ..Params::default() };
    match rule {
        Rule::SalesTax => params.line_taxes = Always,
        Rule::OrderDiscount => (params.addl_discounts, params.overall_discount) = (Always, Never),
        Rule::NegativeDiscount if choices.chance(50) => params.addl_discounts = Always,
        Rule::NegativeDiscount => params.unit_discounts = Always,
        Rule::NegativeAmount => (params.lines, params.addl_discounts) = (2..=6, Never),
        Rule::UnitPricePrecision => (params.addl_discounts, params.overall_discount) = (Never, Never),
        Rule::Quantity => params.addl_discounts = Never,
        Rule::OddQuantity => (params.addl_discounts, params.overall_discount) = (Never, Never),
        Rule::DiscountExceedsPrice => (params.addl_discounts, params.line_taxes) = (Never, Never),
        Rule::ExcessPrecision | Rule::BreaksInStorage => {
            params.currencies.retain(|currency| currency.decimals() < 4);
            params.lines = 2..=6;
        }
        Rule::MisnamedField | Rule::EmptyAmount => match choices.below(3) {
            0 => params.line_taxes = Always,
            1 => (params.addl_discounts, params.overall_discount) = (Always, Never),
            _ => {}
        },
        Rule::NoItems => params.addl_discounts = Never,
        Rule::UnknownCurrency => params.currencies = vec![Currency::Unset, Currency::from_code("USD")],
        _ => {}
    }
    params
}

fn broken_rule(rule: Rule, choices: &mut Choices<'_>) -> Option<Faulty> {
    let params = params(rule, choices);
    let draft = Draft::new(&params, choices)?;
    let original = draft.believed.clone();
    let at = choices.below(original.lines().len() as u64) as usize;
    let mut breaking = Breaking { draft, at };
    let (place, difference) = breaking.break_rule(rule, choices)?;
    Some(Faulty { order: breaking.draft.stated, original, rule, place, difference, mistake: None })
}

/// A draft whose stated order is being broken at a line or in the header.
struct Breaking {
    draft: Draft,
    at: usize,
}

impl Breaking {
    /// Breaks a rule. Returns the place, and the difference if there is one.
    fn break_rule(&mut self, rule: Rule, choices: &mut Choices<'_>) -> Option<(Place, Option<Amount>)> {
        let line = self.at;
        let at = |field| Place::LineField(line, field);
        match rule {
            Rule::ExtendedAmount => {
                let place = at(Field::ExtendedAmount);
                // The discount is still at most the price. Next to a tie, either neighbour is right.
                let right = amount(self.line()?.extended_amount);
                let off = self.off(right.checked_sub(self.draft.of(Field::OrderDiscount))?, 2, choices)?;
                self.shift_line(off)?;
                Some((place, Some(off)))
            }
            Rule::SubTotal => {
                let right = self.draft.of(Field::SubTotal);
                let off = self.off(right.checked_sub(self.draft.of(Field::OrderDiscount))?, 1, choices)?;
                self.shift(Field::SubTotal, off)
            }
            Rule::SalesTax => {
                let off = self.off(self.draft.of(Field::SalesTax), 1, choices)?;
                self.shift(Field::SalesTax, off)
            }
            Rule::OrderDiscount => {
                let most = self.draft.units(self.draft.of(Field::OrderDiscount))?;
                let off = self.draft.minor(-choices.between(1, most))?;
                self.shift(Field::OrderDiscount, off)
            }
            Rule::GrandTotal => {
                let off = self.off(self.draft.of(Field::GrandTotal), 1, choices)?;
                let total = self.draft.of(Field::GrandTotal).checked_add(off)?;
                self.draft.stated.grand_total = total.into();
                Some((Place::Field(Field::GrandTotal), Some(off)))
            }
            Rule::NegativeDiscount => self.negative_discount(),
            Rule::NegativeAmount => self.negative_amount(choices),
            Rule::Quantity => {
                let negative = choices.chance(50);
                let quantity = amount(self.line()?.quantity);
                let line = line_mut(&mut self.draft.stated, self.at)?;
                line.quantity = Charge::Unset;
                if negative {
                    line.quantity = quantity.negated().into();
                    line.extended_amount = Charge::Unset;
                    self.leave_off_totals();
                }
                Some((at(Field::Quantity), None))
            }
            Rule::OddQuantity => {
                let half = Amount::new(5, 1)?;
                let line = line_mut(&mut self.draft.believed, self.at)?;
                let quantity = if choices.chance(50) { amount(line.quantity).checked_add(half)? } else { Amount::ZERO };
                line.quantity = quantity.into();
                self.draft.derive()?;
                Some((at(Field::Quantity), None))
            }
            Rule::DiscountExceedsPrice => {
                let more = self.draft.minor(choices.between(1, 5000))?;
                let line = line_mut(&mut self.draft.stated, self.at)?;
                line.discount = amount(line.price).checked_add(more)?.into();
                line.extended_amount = Charge::Unset;
                self.leave_off_totals();
                Some((at(Field::Discount), None))
            }
            Rule::AddlDiscountExceedsLine => {
                let more = self.draft.minor(choices.between(1, 5000))?;
                let shipping = self.draft.of(Field::ShippingHandling);
                let line = line_mut(&mut self.draft.believed, self.at)?;
                let costs = amount(line.extended_amount).checked_add(amount(line.tax))?;
                let discount = costs.checked_add(more)?;
                line.addl_discount = discount.into();
                // The amount to pay stays positive.
                self.draft.believed.shipping_handling = shipping.checked_add(discount)?.into();
                self.draft.add_up()?;
                Some((at(Field::AddlDiscount), None))
            }
            Rule::NegativeGrandTotal => {
                let charges = self.draft.of(Field::GrandTotal).checked_add(self.draft.overall)?;
                self.draft.overall = charges.checked_add(self.draft.minor(choices.between(1, 5000))?)?;
                self.draft.add_up()?;
                Some((Place::Field(Field::GrandTotal), None))
            }
            Rule::ExcessPrecision => self.excess_precision(choices),
            Rule::BreaksInStorage => self.breaks_in_storage(),
            Rule::UnitPricePrecision => self.unit_price_precision(choices),
            Rule::InvalidAmount => {
                let kinds =
                    [Found::Text, Found::CurrencySign, Found::Comma, Found::Boolean, Found::Array, Found::Object];
                let found = *choices.one_of(&kinds)?;
                self.make_unusable(Unusable::NotAmount(found), choices)
            }
            Rule::InexactAmount => self.make_unusable(Unusable::Inexact, choices),
            Rule::DuplicateField if choices.chance(10) => {
                self.draft.stated.items = Items::Unusable(Unusable::Duplicate);
                Some((Place::Items, None))
            }
            Rule::DuplicateField => self.make_unusable(Unusable::Duplicate, choices),
            Rule::MisnamedField => self.misnamed(choices),
            Rule::EmptyAmount => {
                let fields = self.calculable();
                let place = choices.one_of(&fields)?.clone();
                *self.slot(&place)? = Charge::Blank;
                Some((place, None))
            }
            Rule::NoItems => self.no_items(choices),
            Rule::UnknownCurrency => {
                let code = *choices.one_of(&["XYZ", "usd", "US$", "EURO", "840"])?;
                self.draft.stated.currency = Currency::from_code(code);
                Some((Place::CurrencyCode, None))
            }
            // A rule needs no way of its own to be broken.
            _ => self.like_example(rule, choices),
        }
    }

    /// Adds the charges of the rule's example to the order, several times as high. Where that breaks another rule too, the
    /// order has the charges of the example alone.
    fn like_example(&mut self, rule: Rule, choices: &mut Choices<'_>) -> Option<(Place, Option<Amount>)> {
        let example = Order::from_json(rule.example().as_bytes()).ok()?;
        let times = Amount::new(choices.between(1, 99), 0)?;
        let stated = &self.draft.stated;
        let alone = Order { cust_ref: stated.cust_ref.clone(), ..Order::default() };
        let attempts = [(stated, times), (&alone, times), (&alone, Amount::ONE)];
        let (order, place, difference) = attempts.into_iter().find_map(|(order, times)| {
            let mut order = order.clone();
            add_charges(&mut order, &example, times)?;
            let report = check(&order, &Policy::default());
            let found = report.violations.iter().find(|found| found.rule == rule)?;
            let (place, difference) = (found.place.clone(), found.difference());
            let is_alone = |other: &Violation| other.rule == rule && other.place == place;
            let is_only = report
                .violations
                .iter()
                .all(|other| is_alone(other) || rule.example_also_breaks().contains(&other.rule));
            is_only.then_some((order, place, difference))
        })?;
        self.draft.stated = order;
        Some((place, difference))
    }

    fn line(&self) -> Option<&Line> {
        self.draft.believed.lines().get(self.at)
    }

    /// A difference of at least the given number of minor units, after which the amount is not negative.
    fn off(&self, right: Amount, least: i128, choices: &mut Choices<'_>) -> Option<Amount> {
        let units = self.draft.units(right)?;
        let off = choices.between(least, 5000);
        let less = choices.chance(50) && units >= off;
        self.draft.minor(if less { -off } else { off })
    }

    /// Makes an amount of the header wrong, and calculates the total from it.
    fn shift(&mut self, field: Field, off: Amount) -> Option<(Place, Option<Amount>)> {
        let wrong = self.draft.of(field).checked_add(off)?;
        self.draft.put(field, wrong);
        self.draft.total()?;
        Some((Place::Field(field), Some(off)))
    }

    /// Makes the line's extended amount wrong, and calculates the totals from it.
    fn shift_line(&mut self, off: Amount) -> Option<()> {
        let line = line_mut(&mut self.draft.believed, self.at)?;
        line.extended_amount = amount(line.extended_amount).checked_add(off)?.into();
        self.draft.add_up()
    }

    /// Leaves off the totals, which can no longer be calculated.
    fn leave_off_totals(&mut self) {
        set(&mut self.draft.stated, Field::SubTotal, Charge::Unset);
        set(&mut self.draft.stated, Field::GrandTotal, Charge::Unset);
    }

    fn negative_discount(&mut self) -> Option<(Place, Option<Amount>)> {
        let line = line_mut(&mut self.draft.believed, self.at)?;
        let (discount, addl) = (amount(line.discount), amount(line.addl_discount));
        if !discount.is_zero() {
            line.discount = discount.negated().into();
            // The other amounts are calculated with the minus sign.
            self.draft.derive()?;
            return Some((Place::LineField(self.at, Field::Discount), None));
        }
        // The order's discount stays: it still covers the lines'.
        line_mut(&mut self.draft.stated, self.at)?.addl_discount = addl.negated().into();
        (!addl.is_zero()).then_some((Place::LineField(self.at, Field::AddlDiscount), None))
    }

    fn negative_amount(&mut self, choices: &mut Choices<'_>) -> Option<(Place, Option<Amount>)> {
        let total = self.draft.units(self.draft.of(Field::GrandTotal))?;
        match choices.below(2) {
            0 => {
                let surcharge = self.draft.minor(-choices.between(1, 900))?;
                line_mut(&mut self.draft.stated, self.at)?.shipping_surcharge = surcharge.into();
                Some((Place::LineField(self.at, Field::ShippingSurcharge), None))
            }
            _ => {
                // The amount to pay stays positive.
                let shipping = self.draft.units(self.draft.of(Field::ShippingHandling))?;
                let credit = choices.between(1, (total - shipping).clamp(1, 2000));
                self.draft.believed.shipping_handling = self.draft.minor(-credit)?.into();
                self.draft.add_up()?;
                Some((Place::Field(Field::ShippingHandling), None))
            }
        }
    }

    fn excess_precision(&mut self, choices: &mut Choices<'_>) -> Option<(Place, Option<Amount>)> {
        let decimals = self.draft.decimals;
        if choices.chance(50) {
            let surcharge = Amount::new(choices.between(10, 99) * 10 + choices.between(1, 9), decimals + 1)?;
            line_mut(&mut self.draft.stated, self.at)?.shipping_surcharge = surcharge.into();
            return Some((Place::LineField(self.at, Field::ShippingSurcharge), None));
        }
        let tail = Amount::new(choices.between(1, 9), 5)?;
        let line = line_mut(&mut self.draft.believed, self.at)?;
        line.price = amount(line.price).checked_add(tail)?.into();
        self.draft.derive()?;
        Some((Place::LineField(self.at, Field::Price), None))
    }

    /// Two lines, each four tenths of a minor unit more than can be stored: their sum rounds up.
    fn breaks_in_storage(&mut self) -> Option<(Place, Option<Amount>)> {
        let decimals = self.draft.decimals;
        let tail = Amount::new(4, decimals + 1)?;
        for at in 0..2 {
            let line = line_mut(&mut self.draft.believed, at)?;
            (line.price, line.discount) = (Charge::Unset, Charge::Unset);
            line.extended_amount = amount(line.extended_amount).checked_add(tail)?.into();
        }
        self.draft.add_up()?;
        Some((Place::Field(Field::SubTotal), Some(tail.checked_add(tail)?)))
    }

    /// A total between those that two neighbouring prices of four decimals give, which are some minor units apart.
    fn unit_price_precision(&mut self, choices: &mut Choices<'_>) -> Option<(Place, Option<Amount>)> {
        let apart = choices.between(3, 9);
        let quantity =
            Amount::new(apart, 0)?.checked_mul(Amount::new(10_i128.pow(4 - self.draft.decimals.min(4)), 0)?)?;
        let off = choices.between(1, i128::midpoint(apart, 1));
        let off = self.draft.minor(if choices.chance(50) { -off } else { off })?;
        let line = line_mut(&mut self.draft.believed, self.at)?;
        line.quantity = quantity.into();
        line.price = Amount::new(choices.between(10, 99_999) * 10 + choices.between(1, 9), 4)?.into();
        line.discount = Charge::Unset;
        self.draft.derive()?;
        self.shift_line(off)?;
        Some((Place::LineField(self.at, Field::ExtendedAmount), Some(off)))
    }

    /// Any charge field of the order.
    fn any_field(&self, choices: &mut Choices<'_>) -> Option<Place> {
        let fields: Vec<Place> = self.draft.stated.charges().map(|(place, _)| place).collect();
        choices.one_of(&fields).cloned()
    }

    fn slot(&mut self, place: &Place) -> Option<&mut Charge> {
        match place {
            Place::Field(field) => self.draft.stated.get_mut(*field),
            Place::LineField(at, field) => line_mut(&mut self.draft.stated, *at)?.get_mut(*field),
            _ => None,
        }
    }

    fn make_unusable(&mut self, why: Unusable, choices: &mut Choices<'_>) -> Option<(Place, Option<Amount>)> {
        let place = self.any_field(choices)?;
        *self.slot(&place)? = Charge::Unusable(why);
        Some((place, None))
    }

    /// The stated amounts that would be calculated to the same value if they were unset.
    fn calculable(&self) -> Vec<Place> {
        let draft = &self.draft;
        let taxed = draft.believed.lines().iter().any(|line| line.tax.amount().is_some());
        let of_lines = draft.overall.is_zero();
        let mut places = vec![Place::LineField(self.at, Field::ExtendedAmount)];
        let header = [
            (Field::SubTotal, true),
            (Field::SalesTax, taxed),
            (Field::OrderDiscount, of_lines),
            (Field::GrandTotal, true),
        ];
        places.extend(header.into_iter().filter(|(_, calculable)| *calculable).map(|(field, _)| Place::Field(field)));
        places
    }

    fn misnamed(&mut self, choices: &mut Choices<'_>) -> Option<(Place, Option<Amount>)> {
        let fields = self.calculable();
        let place = choices.one_of(&fields)?.clone();
        let means = place.field()?;
        let names: &[&str] = match means {
            Field::SubTotal => &["subtotal", "sub_total_price", "Sub-Total", "sub_totl"],
            Field::SalesTax => &["tax", "total_tax", "salesTax", "sales_tx"],
            Field::OrderDiscount => &["discount", "total_discount", "orderDiscount", "order_discont"],
            Field::GrandTotal => &["total", "order_total", "grandtotal", "grand_totl"],
            _ => &["line_total", "extended_price", "extendedAmount", "extended_amont"],
        };
        let name = (*choices.one_of(names)?).to_owned();
        let slot = self.slot(&place)?;
        let amount = slot.amount()?;
        *slot = Charge::Unset;
        let other = Misnamed { name: name.clone(), means, amount };
        match place {
            Place::LineField(at, _) => {
                line_mut(&mut self.draft.stated, at)?.misnamed.push(other);
                Some((Place::LineNamed(at, name), None))
            }
            _ => {
                self.draft.stated.misnamed.push(other);
                Some((Place::Named(name), None))
            }
        }
    }

    fn no_items(&mut self, choices: &mut Choices<'_>) -> Option<(Place, Option<Amount>)> {
        let others = [Found::Object, Found::Text, Found::Number, Found::Boolean];
        let found = *choices.one_of(&others)?;
        let stated = &mut self.draft.stated;
        let Items::Lines(lines) = &mut stated.items else { return None };
        let place = match choices.below(4) {
            0 => {
                stated.items = Items::Unset;
                Place::Items
            }
            1 => {
                stated.items = Items::Lines(Vec::new());
                Place::Items
            }
            2 => {
                stated.items = Items::Unusable(Unusable::NotAmount(found));
                Place::Items
            }
            _ => {
                let found = if found == Found::Object { Found::Null } else { found };
                lines.push(Line { not_an_object: Some(found), ..Line::default() });
                return Some((Place::Line(lines.len() - 1), None));
            }
        };
        // Without lines their sum is 0.
        self.leave_off_totals();
        Some((place, None))
    }
}

/// Adds the lines and the charges of another order, whose amounts of money count several times. A sum that the other order does
/// not state is left off: it would have to count the new lines.
fn add_charges(order: &mut Order, other: &Order, times: Amount) -> Option<()> {
    let add = |slot: &mut Charge, field: Field, charge: Charge| {
        *slot = match charge {
            Charge::Amount(more) if field == Field::Quantity => more.into(),
            Charge::Amount(more) => amount(*slot).checked_add(more.checked_mul(times)?)?.into(),
            other => other,
        };
        Some(())
    };
    for field in Level::Header.fields().iter().copied() {
        let is_sum = matches!(field, Field::SubTotal | Field::SalesTax | Field::OrderDiscount | Field::GrandTotal);
        let charge = other.get(field);
        if charge != Charge::Unset || is_sum {
            add(order.get_mut(field)?, field, charge)?;
        }
    }
    if other.currency != Currency::Unset {
        order.currency = other.currency.clone();
    }
    order.misnamed.extend(other.misnamed.iter().cloned());
    match (&mut order.items, &other.items) {
        (Items::Lines(lines), Items::Lines(more)) => {
            for line in more {
                let mut line = line.clone();
                for field in Level::Line.fields().iter().copied() {
                    let slot = line.get_mut(field)?;
                    let charge = core::mem::take(slot);
                    add(slot, field, charge)?;
                }
                lines.push(line);
            }
        }
        (items, more) => *items = more.clone(),
    }
    Some(())
}

impl From<Rule> for Label {
    fn from(rule: Rule) -> Label {
        Label::Rule(rule)
    }
}

impl From<Mistake> for Label {
    fn from(mistake: Mistake) -> Label {
        Label::Mistake(mistake)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Rule(rule) => fmt::Display::fmt(rule, f),
            Label::Mistake(mistake) => fmt::Display::fmt(mistake, f),
        }
    }
}

impl FromStr for Label {
    type Err = Error;

    fn from_str(name: &str) -> Result<Label, Error> {
        let mistake = name.parse().map(Label::Mistake);
        mistake.or_else(|_| name.parse().map(Label::Rule))
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_can_be_broken_like_its_example() {
        for rule in Rule::ALL.iter().copied() {
            let mut made = BTreeSet::new();
            for seed in 0..40 {
                let mut choices = Choices::seeded(seed);
                let draft = Draft::new(&params(rule, &mut choices), &mut choices).expect("parameters that fit");
                let mut breaking = Breaking { draft, at: 0 };
                let found = breaking.like_example(rule, &mut choices);
                let (place, difference) = found.unwrap_or_else(|| panic!("{rule}, seed {seed}"));
                let report = check(&breaking.draft.stated, &Policy::default());
                let labelled =
                    |found: &&Violation| found.rule == rule && found.place == place && found.difference() == difference;
                assert_eq!(report.violations.iter().filter(labelled).count(), 1, "{rule}, seed {seed}");
                let others = report.violations.iter().filter(|found| found.rule != rule);
                assert!(others.map(|other| other.rule).all(|other| rule.example_also_breaks().contains(&other)));
                made.insert(format!("{:?}", breaking.draft.stated));
            }
            assert!(made.len() > 20, "{rule}: {} of 40 orders differ", made.len());
        }
    }
}
