//! The predicates: each answers held, broken or unchecked, with the facts. They know no codes, severities or prose.

use std::collections::BTreeMap;

use crate::amount::{Amount, Round};
use crate::calculate::{Calculation, Reason, Rounding, Working};
use crate::currency::Currency;
use crate::order::{Charge, Field, Found, Items, Line, Misnamed, Order, Place, Unusable};

/// How far a stated amount may be off, by identity, and still hold. All are 0 unless set: the identities are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tolerances {
    /// For OC101.
    pub extended_amount: Amount,
    /// For OC102.
    pub sub_total: Amount,
    /// For OC103.
    pub sales_tax: Amount,
    /// For OC104.
    pub order_discount: Amount,
    /// For OC105.
    pub grand_total: Amount,
}

/// What the predicates look at: an order, calculated.
pub(crate) struct Case<'a> {
    pub(crate) calculation: Calculation<'a>,
    pub(crate) rounding: Rounding,
    tolerances: &'a Tolerances,
    traits: Traits,
}

/// What there is in an order, seen in one pass over its charges: a predicate looks for the places only where there is
/// something to find.
#[derive(Clone, Copy, Default)]
struct Traits {
    /// Amounts below 0: a bit for each field that has one.
    negative: u32,
    /// An amount with more decimals than are kept.
    excess: bool,
    /// An amount of many digits, whose products may be too long to be held.
    long: bool,
    /// A field that cannot be used.
    unusable: bool,
    /// An empty text.
    blank: bool,
}

impl Traits {
    fn of(order: &Order, decimals: u32) -> Traits {
        let mut traits = Traits::default();
        let mut see = |field, charge| traits.see(field, charge, decimals);
        see(Field::SubTotal, &order.sub_total);
        see(Field::OrderDiscount, &order.order_discount);
        see(Field::SalesTax, &order.sales_tax);
        see(Field::ShippingHandling, &order.shipping_handling);
        see(Field::GrandTotal, &order.grand_total);
        see(Field::Balance, &order.balance);
        for line in order.lines().iter().filter(|line| line.not_an_object.is_none()) {
            see(Field::Quantity, &line.quantity);
            see(Field::Price, &line.price);
            see(Field::Discount, &line.discount);
            see(Field::AddlDiscount, &line.addl_discount);
            see(Field::Tax, &line.tax);
            see(Field::ShippingSurcharge, &line.shipping_surcharge);
            see(Field::ExtendedAmount, &line.extended_amount);
        }
        traits
    }

    #[inline(always)]
    fn see(&mut self, field: Field, charge: &Charge, decimals: u32) {
        match charge {
            Charge::Unset => {}
            Charge::Blank => self.blank = true,
            Charge::Unusable(_) => self.unusable = true,
            Charge::Amount(amount) => {
                self.negative |= u32::from(amount.is_negative()) << field as u32;
                self.long |= !amount.is_short();
                self.excess |= excess(field, *amount, decimals).is_some();
            }
        }
    }
}

/// The answer at one place.
#[derive(Debug)]
pub(crate) enum Verdict {
    Held,
    Unchecked(Reason),
    Broken(Fact),
}

/// What is wrong at a place.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) stated: Option<Amount>,
    pub(crate) expected: Option<Amount>,
    pub(crate) working: Option<Working>,
    pub(crate) detail: Detail,
}

impl Fact {
    /// How far the stated amount is off, where both are known and the difference can be held.
    pub(crate) fn difference(&self) -> Option<Amount> {
        self.stated?.checked_sub(self.expected?)
    }
}

/// What else there is to say.
#[derive(Debug)]
pub(crate) enum Detail {
    None,
    /// What stands there instead.
    Found(Found),
    /// The field that seems to be meant.
    Means(Field),
    /// How many decimals are kept.
    Kept(u32),
    /// The amount that must not be exceeded.
    Limit(Amount),
    /// The stated amount as it is stored.
    Stored(Amount),
    /// The currency code.
    Code(String),
    /// The amount cannot be calculated; else, it cannot be held.
    Calculated,
}

/// Takes the answers of a predicate.
pub(crate) type Sink<'s> = &'s mut dyn FnMut(Place, Verdict);
/// A predicate of the rule table.
pub(crate) type Predicate = fn(&Case<'_>, Sink<'_>);

fn fact(stated: Option<Amount>, detail: Detail) -> Verdict {
    Verdict::Broken(Fact { stated, expected: None, working: None, detail })
}

impl<'a> Case<'a> {
    pub(crate) fn new(order: &'a Order, rounding: Rounding, tolerances: &'a Tolerances) -> Case<'a> {
        let calculation = Calculation::new(order, rounding);
        let traits = Traits::of(order, calculation.lines.decimals);
        Case { calculation, rounding, tolerances, traits }
    }

    fn order(&self) -> &'a Order {
        self.calculation.order
    }

    /// The lines that are objects.
    fn lines(&self) -> impl Iterator<Item = (usize, &'a Line)> {
        self.order().lines().iter().enumerate().filter(|(_, line)| line.not_an_object.is_none())
    }

    /// The charge fields that hold an amount.
    fn amounts(&self) -> impl Iterator<Item = (Place, Field, Amount)> {
        self.order().charges().filter_map(|(place, charge)| {
            let field = place.field()?;
            Some((place, field, charge.amount()?))
        })
    }
}

/// OC101: the stated amount is the exact extension, or its rounding where that is not a multiple of the minor unit.
pub(crate) fn extended_amount(case: &Case<'_>, sink: Sink<'_>) {
    for (at, line) in case.lines() {
        sink(Place::LineField(at, Field::ExtendedAmount), line_verdict(case, at, line));
    }
}

fn line_verdict(case: &Case<'_>, at: usize, line: &Line) -> Verdict {
    let place = Place::LineField(at, Field::ExtendedAmount);
    let stated = match line.extended_amount {
        Charge::Amount(stated) => stated,
        Charge::Unusable(_) => return Verdict::Unchecked(Reason::Unusable(place)),
        Charge::Unset | Charge::Blank => return Verdict::Unchecked(Reason::Unset(place)),
    };
    let lines = &case.calculation.lines;
    match lines.extension(at) {
        Err(reason) => Verdict::Unchecked(reason),
        Ok(exact) if extension_holds(case, stated, exact) => Verdict::Held,
        Ok(_) => broken(stated, lines.extension_working(at)),
    }
}

fn extension_holds(case: &Case<'_>, stated: Amount, exact: Amount) -> bool {
    if stated == exact {
        return true;
    }
    let decimals = case.calculation.lines.decimals;
    let rounded = case.rounding.apply(exact, decimals);
    let tolerance = case.tolerances.extended_amount;
    if within(stated, exact, tolerance) || within(stated, rounded, tolerance) {
        return true;
    }
    // A tie may go either way: what is as near on the other side is right too.
    let other = || {
        let off = exact.checked_sub(rounded)?;
        let is_tie = off.abs() == Amount::new(5, decimals + 1)?;
        exact.checked_add(off).filter(|_| is_tie)
    };
    case.rounding == Rounding::Nearest && other().is_some_and(|other| within(stated, other, tolerance))
}

fn within(stated: Amount, expected: Amount, tolerance: Amount) -> bool {
    stated == expected || stated.is_within(expected, tolerance)
}

fn broken(stated: Amount, working: Result<Working, Reason>) -> Verdict {
    match working {
        Err(reason) => Verdict::Unchecked(reason),
        Ok(working) => Verdict::Broken(Fact {
            stated: Some(stated),
            expected: Some(working.result),
            working: Some(working),
            detail: Detail::None,
        }),
    }
}

/// OC102.
pub(crate) fn sub_total(case: &Case<'_>, sink: Sink<'_>) {
    sink(Place::Field(Field::SubTotal), sub_total_verdict(case));
}

fn sub_total_verdict(case: &Case<'_>) -> Verdict {
    header_verdict(case, Field::SubTotal, case.tolerances.sub_total)
}

/// OC103.
pub(crate) fn sales_tax(case: &Case<'_>, sink: Sink<'_>) {
    sink(Place::Field(Field::SalesTax), sales_tax_verdict(case));
}

fn sales_tax_verdict(case: &Case<'_>) -> Verdict {
    if !matches!(case.order().items, Items::Unusable(_)) && !case.calculation.lines.set_tax() {
        return Verdict::Unchecked(Reason::NoLineTax);
    }
    line_tax_verdict(case)
}

/// The same where the lines are known to set tax.
fn line_tax_verdict(case: &Case<'_>) -> Verdict {
    header_verdict(case, Field::SalesTax, case.tolerances.sales_tax)
}

/// OC105.
pub(crate) fn grand_total(case: &Case<'_>, sink: Sink<'_>) {
    sink(Place::Field(Field::GrandTotal), grand_total_verdict(case));
}

fn grand_total_verdict(case: &Case<'_>) -> Verdict {
    header_verdict(case, Field::GrandTotal, case.tolerances.grand_total)
}

/// What a header field states and what it is calculated to be, if the two can be compared.
fn compared(calculation: &Calculation<'_>, field: Field) -> Result<(Amount, Amount), Reason> {
    let stated = match calculation.order.get(field) {
        Charge::Amount(stated) => stated,
        Charge::Unusable(_) => return Err(Reason::Unusable(Place::Field(field))),
        Charge::Unset | Charge::Blank => return Err(Reason::Unset(Place::Field(field))),
    };
    Ok((stated, calculation.calculated(field).map_err(Reason::clone)?))
}

fn header_verdict(case: &Case<'_>, field: Field, tolerance: Amount) -> Verdict {
    match compared(&case.calculation, field) {
        Err(reason) => Verdict::Unchecked(reason),
        Ok((stated, expected)) if within(stated, expected, tolerance) => Verdict::Held,
        Ok((stated, _)) => broken(stated, case.calculation.working(field)),
    }
}

/// OC104: the stated discount covers the lines'; the rest of it is the overall discount.
pub(crate) fn order_discount(case: &Case<'_>, sink: Sink<'_>) {
    sink(Place::Field(Field::OrderDiscount), order_discount_verdict(case));
}

fn order_discount_verdict(case: &Case<'_>) -> Verdict {
    let field = Field::OrderDiscount;
    match compared(&case.calculation, field) {
        Ok((stated, least)) if stated >= least => Verdict::Held,
        _ => header_verdict(case, field, case.tolerances.order_discount),
    }
}

/// OC106: the balance is unset or 0.
pub(crate) fn balance(case: &Case<'_>, sink: Sink<'_>) {
    if let Charge::Amount(balance) = case.order().balance
        && !balance.is_zero()
    {
        let fact = Fact { stated: Some(balance), expected: Some(Amount::ZERO), working: None, detail: Detail::None };
        sink(Place::Field(Field::Balance), Verdict::Broken(fact));
    }
}

/// OC201 and OC202: the fields that must not be negative.
fn negative(case: &Case<'_>, sink: Sink<'_>, fields: &[Field]) {
    if fields.iter().all(|field| case.traits.negative & 1 << *field as u32 == 0) {
        return;
    }
    for (place, field, amount) in case.amounts() {
        if amount.is_negative() && fields.contains(&field) {
            sink(place, fact(Some(amount), Detail::None));
        }
    }
}

/// OC201.
pub(crate) fn negative_discount(case: &Case<'_>, sink: Sink<'_>) {
    negative(case, sink, &[Field::Discount, Field::AddlDiscount, Field::OrderDiscount]);
}

/// OC202.
pub(crate) fn negative_amount(case: &Case<'_>, sink: Sink<'_>) {
    let fields = [
        Field::Price,
        Field::Tax,
        Field::ShippingSurcharge,
        Field::ExtendedAmount,
        Field::SubTotal,
        Field::SalesTax,
        Field::ShippingHandling,
    ];
    negative(case, sink, &fields);
}

/// OC203: the quantity is set and not negative.
pub(crate) fn quantity(case: &Case<'_>, sink: Sink<'_>) {
    for (at, line) in case.lines() {
        let stated = line.quantity.amount();
        if line.quantity.is_unset() || stated.is_some_and(Amount::is_negative) {
            sink(Place::LineField(at, Field::Quantity), fact(stated, Detail::None));
        }
    }
}

/// OC204: the quantity is a whole number other than 0.
pub(crate) fn odd_quantity(case: &Case<'_>, sink: Sink<'_>) {
    for (at, line) in case.lines() {
        if let Charge::Amount(quantity) = line.quantity
            && (quantity.is_zero() || quantity.has_more_decimals_than(0))
        {
            sink(Place::LineField(at, Field::Quantity), fact(Some(quantity), Detail::None));
        }
    }
}

/// OC205.
pub(crate) fn discount_exceeds_price(case: &Case<'_>, sink: Sink<'_>) {
    for (at, line) in case.lines() {
        if let (Charge::Amount(discount), Charge::Amount(price)) = (line.discount, line.price)
            && !price.is_negative()
            && discount > price
        {
            sink(Place::LineField(at, Field::Discount), fact(Some(discount), Detail::Limit(price)));
        }
    }
}

/// OC206: the post-tax discount of a line is at most what the line costs with tax.
pub(crate) fn addl_discount_exceeds_line(case: &Case<'_>, sink: Sink<'_>) {
    for (at, line) in case.lines() {
        let Charge::Amount(discount) = line.addl_discount else { continue };
        let extended = match line.extended_amount {
            Charge::Unset | Charge::Blank => case.calculation.lines.extended_amount(at).ok(),
            stated => stated.amount(),
        };
        let tax = if line.tax.is_unset() { Some(Amount::ZERO) } else { line.tax.amount() };
        if let Some(limit) = extended.zip(tax).and_then(|(extended, tax)| extended.checked_add(tax))
            && discount > limit
        {
            sink(Place::LineField(at, Field::AddlDiscount), fact(Some(discount), Detail::Limit(limit)));
        }
    }
}

/// OC207.
pub(crate) fn negative_grand_total(case: &Case<'_>, sink: Sink<'_>) {
    negative(case, sink, &[Field::GrandTotal]);
}

/// The decimals kept of a field, where the amount has more.
fn excess(field: Field, amount: Amount, minor_unit: u32) -> Option<u32> {
    field.decimals_kept(minor_unit).filter(|kept| amount.has_more_decimals_than(*kept))
}

/// OC208: no amount has more decimals than CartRover keeps.
pub(crate) fn excess_precision(case: &Case<'_>, sink: Sink<'_>) {
    if !case.traits.excess {
        return;
    }
    for (place, field, amount) in case.amounts() {
        if let Some(kept) = excess(field, amount, case.calculation.lines.decimals) {
            sink(place, fact(Some(amount), Detail::Kept(kept)));
        }
    }
}

/// OC209: what holds as stated still holds once every amount is rounded to the decimals CartRover keeps.
pub(crate) fn breaks_in_storage(case: &Case<'_>, sink: Sink<'_>) {
    if !case.traits.excess {
        return;
    }
    let stored_order = stored(case.order(), case.calculation.lines.decimals);
    let stored = Case { calculation: Calculation::new(&stored_order, case.rounding), ..*case };
    // A tax that is stored as 0 is still a tax the line has set.
    type Identity = fn(&Case<'_>) -> Verdict;
    let identities: [(Field, Identity, Identity); 4] = [
        (Field::SubTotal, sub_total_verdict, sub_total_verdict),
        (Field::SalesTax, sales_tax_verdict, line_tax_verdict),
        (Field::OrderDiscount, order_discount_verdict, order_discount_verdict),
        (Field::GrandTotal, grand_total_verdict, grand_total_verdict),
    ];
    for (field, as_stated, as_stored) in identities {
        if let (Verdict::Held, Verdict::Broken(broken)) = (as_stated(case), as_stored(&stored)) {
            let detail = broken.stated.map_or(Detail::None, Detail::Stored);
            let stated = case.order().get(field).amount();
            sink(Place::Field(field), Verdict::Broken(Fact { stated, detail, ..broken }));
        }
    }
}

/// The order as CartRover keeps it.
fn stored(order: &Order, decimals: u32) -> Order {
    let mut stored = order.clone();
    let round = |slot: Option<&mut Charge>, field: Field| {
        if let (Some(Charge::Amount(amount)), Some(kept)) = (slot, field.decimals_kept(decimals)) {
            *amount = amount.rounded(kept, Round::HalfUp);
        }
    };
    for field in Field::ALL.iter().copied() {
        round(stored.get_mut(field), field);
        if let Items::Lines(lines) = &mut stored.items {
            lines.iter_mut().for_each(|line| round(line.get_mut(field), field));
        }
    }
    stored
}

/// Every charge field that is unusable for a reason, and `items` where it is.
fn unusable(case: &Case<'_>, sink: Sink<'_>, detail: impl Fn(Unusable) -> Option<Detail>) {
    if !case.traits.unusable {
        return;
    }
    for (place, charge) in case.order().charges() {
        if let Charge::Unusable(why) = charge
            && let Some(detail) = detail(why)
        {
            sink(place, fact(None, detail));
        }
    }
}

/// OC301.
pub(crate) fn invalid_amount(case: &Case<'_>, sink: Sink<'_>) {
    unusable(case, sink, |why| match why {
        Unusable::NotAmount(found) => Some(Detail::Found(found)),
        _ => None,
    });
}

/// OC302: every amount, stated or to be calculated, can be held. What a line comes to is always calculated; a sum
/// only where it is compared with something.
pub(crate) fn inexact_amount(case: &Case<'_>, sink: Sink<'_>) {
    unusable(case, sink, |why| (why == Unusable::Inexact).then_some(Detail::None));
    // A value that cannot be held is reported as such already.
    let uncalculable = |reason: &Reason, place: &Place, stated: Charge| {
        matches!(reason, Reason::Inexact(at) if at == place) && stated != Charge::Unusable(Unusable::Inexact)
    };
    for (at, line) in case.lines().filter(|_| case.traits.long) {
        if let Err(reason) = case.calculation.lines.extension(at) {
            let place = Place::LineField(at, Field::ExtendedAmount);
            if uncalculable(&reason, &place, line.extended_amount) {
                sink(place, fact(line.extended_amount.amount(), Detail::Calculated));
            }
        }
    }
    let total_stated = case.order().grand_total.amount().is_some();
    for field in [Field::SubTotal, Field::SalesTax, Field::OrderDiscount, Field::GrandTotal] {
        let (stated, place) = (case.order().get(field), Place::Field(field));
        if let Err(reason) = case.calculation.calculated(field)
            && (stated.amount().is_some() || (stated.is_unset() && total_stated))
            && uncalculable(reason, &place, stated)
        {
            sink(place, fact(stated.amount(), Detail::Calculated));
        }
    }
}

/// OC303: every charge field, and `items`, stands once in its object.
pub(crate) fn duplicate_field(case: &Case<'_>, sink: Sink<'_>) {
    unusable(case, sink, |why| (why == Unusable::Duplicate).then_some(Detail::None));
    if case.order().items == Items::Unusable(Unusable::Duplicate) {
        sink(Place::Items, fact(None, Detail::None));
    }
}

/// OC304: no unknown field holds an amount under another name of a charge field that is unset.
pub(crate) fn misnamed_field(case: &Case<'_>, sink: Sink<'_>) {
    let order = case.order();
    for other in meant(&order.misnamed, |field| order.get(field)) {
        sink(Place::Named(other.name.clone()), fact(Some(other.amount), Detail::Means(other.means)));
    }
    for (at, line) in case.lines().filter(|(_, line)| !line.misnamed.is_empty()) {
        for other in meant(&line.misnamed, |field| line.get(field)) {
            sink(Place::LineNamed(at, other.name.clone()), fact(Some(other.amount), Detail::Means(other.means)));
        }
    }
}

/// The amounts under other names whose right field is unset. Of equal names the last counts, as most parsers have it.
fn meant(misnamed: &[Misnamed], get: impl Fn(Field) -> Charge) -> impl Iterator<Item = &Misnamed> {
    let last: BTreeMap<&str, &Misnamed> = match misnamed {
        [] | [_] => BTreeMap::new(),
        several => several.iter().map(|other| (other.name.as_str(), other)).collect(),
    };
    misnamed.iter().filter(move |other| {
        let counts = last.get(other.name.as_str()).is_none_or(|last| core::ptr::eq(*last, *other));
        counts && get(other.means).is_unset()
    })
}

/// OC305: no charge field holds an empty text.
pub(crate) fn empty_amount(case: &Case<'_>, sink: Sink<'_>) {
    if !case.traits.blank {
        return;
    }
    for (place, charge) in case.order().charges() {
        if charge == Charge::Blank {
            sink(place, fact(None, Detail::None));
        }
    }
}

/// OC306: `items` is a list of at least one line, and every entry an object.
pub(crate) fn no_items(case: &Case<'_>, sink: Sink<'_>) {
    match &case.order().items {
        Items::Unset => sink(Place::Items, fact(None, Detail::None)),
        Items::Unusable(Unusable::NotAmount(found)) => sink(Place::Items, fact(None, Detail::Found(*found))),
        Items::Unusable(_) => {}
        Items::Lines(lines) if lines.is_empty() => sink(Place::Items, fact(None, Detail::Found(Found::Array))),
        Items::Lines(lines) => {
            for (at, line) in lines.iter().enumerate() {
                if let Some(found) = line.not_an_object {
                    sink(Place::Line(at), fact(None, Detail::Found(found)));
                }
            }
        }
    }
}

/// OC307: a currency code that is set is an ISO 4217 code.
pub(crate) fn unknown_currency(case: &Case<'_>, sink: Sink<'_>) {
    if let Currency::Unknown(code) = &case.order().currency {
        sink(Place::CurrencyCode, fact(None, Detail::Code(code.clone())));
    }
}
