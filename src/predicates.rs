//! The predicates: each says held, broken or unchecked, with the figures. They know no codes, severities or messages.

use core::cell::Cell;

use crate::amount::{Amount, PRICE_DECIMALS, Rounding};
use crate::calculate::{Calculation, Reason, Working};
use crate::currency::Currency;
use crate::kind::{LISTED_NAMES, ViolationKind};
use crate::options::Options;
use crate::order::{Charge, Field, FieldSet, Found, Items, Line, Order, Place, Renamed, Unusable};

/// The input of the predicates: an order with its calculated amounts.
pub(crate) struct Case<'a> {
    pub(crate) calculation: Calculation<'a>,
    options: &'a Options,
    traits: Traits,
    /// Whether OC101 held for some line only because of OC210; `None` if OC101 was not checked.
    held_by_precision: Cell<Option<bool>>,
}

/// What the charges of an order contain, collected in one pass. A predicate searches for places only if there is something
/// to find.
#[derive(Clone, Copy, Default)]
struct Traits {
    /// The fields that hold amounts below 0.
    negative: FieldSet,
    /// An amount with more decimals than CartRover keeps.
    excess: bool,
    /// An amount of many digits, whose products may have too many.
    long: bool,
    /// A price or discount of 4 decimals, or more.
    exact_price: bool,
    /// An unusable field.
    unusable: bool,
    /// An empty string.
    blank: bool,
}

impl Traits {
    fn of(order: &Order, decimals: u32) -> Traits {
        let mut traits = Traits::default();
        order.each(|field, charge| traits.see(field, charge, decimals));
        for line in order.lines().iter().filter(|line| line.not_an_object.is_none()) {
            line.each(|field, charge| traits.see(field, charge, decimals));
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
                self.negative.add_if(amount.is_negative(), field);
                self.long |= !amount.is_short();
                self.exact_price |= matches!(field, Field::Price | Field::Discount) && amount.scale() >= PRICE_DECIMALS;
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
    Broken(ViolationKind),
}

/// Receives the answers of a predicate.
pub(crate) type Sink<'s> = &'s mut dyn FnMut(Place, Verdict);
/// A predicate of the rule table.
pub(crate) type Predicate = fn(&Case<'_>, Sink<'_>);

impl<'a> Case<'a> {
    pub(crate) fn new(order: &'a Order, options: &'a Options) -> Case<'a> {
        let calculation = Calculation::new(order, options);
        let traits = Traits::of(order, calculation.lines.decimals);
        Case { calculation, options, traits, held_by_precision: Cell::new(None) }
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

/// OC101: the stated amount is the exact product, or its rounding if that is not a multiple of the minor unit, or as near to
/// it as a price of 4 decimals can be.
pub(crate) fn extended_amount(case: &Case<'_>, sink: Sink<'_>) {
    case.held_by_precision.set(Some(false));
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
        Ok(exact) if is_as_exact_as_kept(case, line, stated, exact) => {
            case.held_by_precision.set(Some(true));
            Verdict::Held
        }
        Ok(_) => broken(lines.extension_working(at), |working| ViolationKind::Differs { stated, working }),
    }
}

fn extension_holds(case: &Case<'_>, stated: Amount, exact: Amount) -> bool {
    if stated == exact {
        return true;
    }
    let decimals = case.calculation.lines.decimals;
    let rounded = exact.rounded(decimals, case.options.rounding);
    let tolerance = case.options.tolerances.extended_amount;
    if within(stated, exact, tolerance) || within(stated, rounded, tolerance) {
        return true;
    }
    // A tie may go either way: the amount that is as near on the other side is right too.
    let other = || {
        let off = exact.checked_sub(rounded)?;
        let is_tie = off.abs() == Amount::new(5, decimals + 1)?;
        exact.checked_add(off).filter(|_| is_tie)
    };
    case.options.rounding == Rounding::Nearest && other().is_some_and(|other| within(stated, other, tolerance))
}

/// Whether the rounding of price and discount to 4 decimals explains the difference of a stated amount, and no price of 4
/// decimals gives it. The tolerance of OC101 is not used: an amount within it holds already, and a tolerance must not break
/// what holds without it.
fn is_as_exact_as_kept(case: &Case<'_>, line: &Line, stated: Amount, exact: Amount) -> bool {
    if !case.traits.exact_price || case.options.rounding != Rounding::Nearest {
        return false;
    }
    let decimals = case.calculation.lines.decimals;
    let [price, discount, quantity] =
        [line.price, line.discount, line.quantity].map(|charge| charge.amount().unwrap_or_default());
    let of_four = [price, discount].iter().filter(|each| each.decimals() == PRICE_DECIMALS).count() as u32;
    // A difference with too many digits explains nothing.
    let (Some(off), Some(half)) = (stated.checked_sub(exact), Amount::new(5, decimals + 1)) else { return false };
    // Prices of 4 decimals, less a discount of up to 4, are all multiples of 0.0001. With a longer discount they are not;
    // but then the price has 4 decimals, and another price must make up for the difference.
    let wanted = if discount.has_more_decimals_than(PRICE_DECIMALS) { off } else { stated };
    of_four > 0
        && off.abs() > half
        && off.is_rounding_of_prices(of_four, quantity, decimals)
        && !wanted.has_unit_price(quantity, decimals)
}

/// OC210: some price and discount of 4 decimals give the extended amount.
pub(crate) fn unit_price_precision(case: &Case<'_>, sink: Sink<'_>) {
    // OC101 has checked every line already, unless it is off.
    if !case.traits.exact_price || case.held_by_precision.get() == Some(false) {
        return;
    }
    for (at, line) in case.lines() {
        if let (Charge::Amount(stated), Ok(exact)) = (line.extended_amount, case.calculation.lines.extension(at))
            && !extension_holds(case, stated, exact)
            && is_as_exact_as_kept(case, line, stated, exact)
        {
            let working = case.calculation.lines.extension_working(at);
            let verdict = broken(working, |working| ViolationKind::NoExactPrice { stated, working });
            sink(Place::LineField(at, Field::ExtendedAmount), verdict);
        }
    }
}

fn within(stated: Amount, expected: Amount, tolerance: Amount) -> bool {
    stated == expected || stated.is_within(expected, tolerance)
}

/// The verdict on an amount that differs from the calculated one.
fn broken(working: Result<Working, Reason>, kind: impl FnOnce(Working) -> ViolationKind) -> Verdict {
    match working {
        Err(reason) => Verdict::Unchecked(reason),
        Ok(working) => Verdict::Broken(kind(working)),
    }
}

/// OC102.
pub(crate) fn sub_total(case: &Case<'_>, sink: Sink<'_>) {
    sink(Place::Field(Field::SubTotal), sub_total_verdict(case));
}

fn sub_total_verdict(case: &Case<'_>) -> Verdict {
    sum_verdict(case, Field::SubTotal, case.options.tolerances.sub_total)
}

/// OC103.
pub(crate) fn sales_tax(case: &Case<'_>, sink: Sink<'_>) {
    sink(Place::Field(Field::SalesTax), sales_tax_verdict(case));
}

fn sales_tax_verdict(case: &Case<'_>) -> Verdict {
    match &case.order().items {
        Items::Lines(lines) if !lines.is_empty() && !case.calculation.lines.set_tax() => {
            Verdict::Unchecked(Reason::NoLineTax)
        }
        _ => line_tax_verdict(case),
    }
}

/// Like [`sales_tax`], for callers that know that a line sets tax.
fn line_tax_verdict(case: &Case<'_>) -> Verdict {
    sum_verdict(case, Field::SalesTax, case.options.tolerances.sales_tax)
}

/// OC105.
pub(crate) fn grand_total(case: &Case<'_>, sink: Sink<'_>) {
    sink(Place::Field(Field::GrandTotal), grand_total_verdict(case));
}

fn grand_total_verdict(case: &Case<'_>) -> Verdict {
    header_verdict(case, Field::GrandTotal, case.options.tolerances.grand_total)
}

/// The stated and the calculated amount of a header field, if they can be compared.
fn compared(calculation: &Calculation<'_>, field: Field) -> Result<(Amount, Amount), Reason> {
    let stated = match calculation.order.get(field) {
        Charge::Amount(stated) => stated,
        Charge::Unusable(_) => return Err(Reason::Unusable(Place::Field(field))),
        Charge::Unset | Charge::Blank => return Err(Reason::Unset(Place::Field(field))),
    };
    Ok((stated, calculation.calculated(field).map_err(Reason::clone)?))
}

/// The verdict on a sum over the lines. An order without items breaks one rule (OC306), not one for each sum.
fn sum_verdict(case: &Case<'_>, field: Field, tolerance: Amount) -> Verdict {
    if case.order().has_no_items() {
        return Verdict::Unchecked(Reason::NoItems);
    }
    header_verdict(case, field, tolerance)
}

fn header_verdict(case: &Case<'_>, field: Field, tolerance: Amount) -> Verdict {
    match compared(&case.calculation, field) {
        Err(reason) => Verdict::Unchecked(reason),
        Ok((stated, expected)) if within(stated, expected, tolerance) => Verdict::Held,
        Ok((stated, _)) => broken(case.calculation.working(field), |working| match field {
            Field::OrderDiscount => ViolationKind::LessThanLines { stated, working },
            _ => ViolationKind::Differs { stated, working },
        }),
    }
}

/// OC104: the stated discount is at least the sum of the lines'; the rest of it is the overall discount.
pub(crate) fn order_discount(case: &Case<'_>, sink: Sink<'_>) {
    sink(Place::Field(Field::OrderDiscount), order_discount_verdict(case));
}

fn order_discount_verdict(case: &Case<'_>) -> Verdict {
    let field = Field::OrderDiscount;
    match compared(&case.calculation, field) {
        Ok((stated, least)) if stated >= least && !case.order().has_no_items() => Verdict::Held,
        _ => sum_verdict(case, field, case.options.tolerances.order_discount),
    }
}

/// OC106: the balance is unset or 0.
pub(crate) fn balance(case: &Case<'_>, sink: Sink<'_>) {
    if let Charge::Amount(balance) = case.order().balance
        && !balance.is_zero()
    {
        sink(Place::Field(Field::Balance), Verdict::Broken(ViolationKind::NotUsed { stated: balance }));
    }
}

/// OC201 and OC202: the fields that must not be negative.
fn negative(case: &Case<'_>, sink: Sink<'_>, fields: FieldSet, kind: impl Fn(Amount) -> ViolationKind) {
    if case.traits.negative.and(fields).is_empty() {
        return;
    }
    for (place, field, amount) in case.amounts() {
        if amount.is_negative() && fields.has(field) {
            sink(place, Verdict::Broken(kind(amount)));
        }
    }
}

/// OC201.
pub(crate) fn negative_discount(case: &Case<'_>, sink: Sink<'_>) {
    const FIELDS: FieldSet = FieldSet::of(&[Field::Discount, Field::AddlDiscount, Field::OrderDiscount]);
    negative(case, sink, FIELDS, |stated| ViolationKind::NegativeDiscount { stated });
}

/// OC202.
pub(crate) fn negative_amount(case: &Case<'_>, sink: Sink<'_>) {
    const FIELDS: FieldSet = FieldSet::of(&[
        Field::Price,
        Field::Tax,
        Field::ShippingSurcharge,
        Field::ExtendedAmount,
        Field::SubTotal,
        Field::SalesTax,
        Field::ShippingHandling,
    ]);
    negative(case, sink, FIELDS, |stated| ViolationKind::NegativeAmount { stated });
}

/// OC203: the quantity is set and not negative.
pub(crate) fn quantity(case: &Case<'_>, sink: Sink<'_>) {
    for (at, line) in case.lines() {
        let kind = match line.quantity {
            Charge::Unset | Charge::Blank => ViolationKind::QuantityUnset,
            Charge::Amount(stated) if stated.is_negative() => ViolationKind::NegativeQuantity { stated },
            _ => continue,
        };
        sink(Place::LineField(at, Field::Quantity), Verdict::Broken(kind));
    }
}

/// OC204: the quantity is a whole number other than 0.
pub(crate) fn odd_quantity(case: &Case<'_>, sink: Sink<'_>) {
    for (at, line) in case.lines() {
        if let Charge::Amount(stated) = line.quantity
            && (stated.is_zero() || stated.has_more_decimals_than(0))
        {
            sink(Place::LineField(at, Field::Quantity), Verdict::Broken(ViolationKind::OddQuantity { stated }));
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
            let kind = ViolationKind::ExceedsPrice { stated: discount, price };
            sink(Place::LineField(at, Field::Discount), Verdict::Broken(kind));
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
            let kind = ViolationKind::ExceedsLine { stated: discount, limit };
            sink(Place::LineField(at, Field::AddlDiscount), Verdict::Broken(kind));
        }
    }
}

/// OC207.
pub(crate) fn negative_grand_total(case: &Case<'_>, sink: Sink<'_>) {
    negative(case, sink, FieldSet::of(&[Field::GrandTotal]), |stated| ViolationKind::NegativeAmount { stated });
}

/// The number of decimals that are kept of a field, if the amount has more.
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
            sink(place, Verdict::Broken(ViolationKind::ExcessDecimals { stated: amount, kept }));
        }
    }
}

/// OC209: what holds as stated still holds after every amount is rounded to the decimals that CartRover keeps.
pub(crate) fn breaks_in_storage(case: &Case<'_>, sink: Sink<'_>) {
    if !case.traits.excess {
        return;
    }
    let stored_order = stored(case.order(), case.calculation.lines.decimals);
    let stored = Case {
        calculation: Calculation::new(&stored_order, case.options),
        options: case.options,
        traits: case.traits,
        held_by_precision: Cell::new(None),
    };
    // A tax that is stored as 0 is still a tax that the line sets.
    type Identity = fn(&Case<'_>) -> Verdict;
    let identities: [(Field, Identity, Identity); 4] = [
        (Field::SubTotal, sub_total_verdict, sub_total_verdict),
        (Field::SalesTax, sales_tax_verdict, line_tax_verdict),
        (Field::OrderDiscount, order_discount_verdict, order_discount_verdict),
        (Field::GrandTotal, grand_total_verdict, grand_total_verdict),
    ];
    for (field, as_stated, as_stored) in identities {
        if let (Verdict::Held, Verdict::Broken(broken)) = (as_stated(case), as_stored(&stored))
            && let ViolationKind::Differs { stated: stored, working }
            | ViolationKind::LessThanLines { stated: stored, working } = broken
            && let Charge::Amount(stated) = case.order().get(field)
        {
            let kind = ViolationKind::BreaksInStorage { stated, stored, working };
            sink(Place::Field(field), Verdict::Broken(kind));
        }
    }
}

/// The order as CartRover stores it.
fn stored(order: &Order, decimals: u32) -> Order {
    let mut stored = order.clone();
    let round = |slot: Option<&mut Charge>, field: Field| {
        if let (Some(Charge::Amount(amount)), Some(kept)) = (slot, field.decimals_kept(decimals)) {
            *amount = amount.rounded(kept, Rounding::HalfUp);
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

/// Every charge field that is unusable for the given reason, and `items` if it is.
fn unusable(case: &Case<'_>, sink: Sink<'_>, kind: impl Fn(Unusable) -> Option<ViolationKind>) {
    if !case.traits.unusable {
        return;
    }
    for (place, charge) in case.order().charges() {
        if let Charge::Unusable(why) = charge
            && let Some(kind) = kind(why)
        {
            sink(place, Verdict::Broken(kind));
        }
    }
}

/// OC301.
pub(crate) fn invalid_amount(case: &Case<'_>, sink: Sink<'_>) {
    unusable(case, sink, |why| match why {
        Unusable::NotAmount(found) => Some(ViolationKind::NotAnAmount { found }),
        _ => None,
    });
}

/// OC302: no amount, stated or calculated, has too many digits. The amount of a line is always calculated; a sum only if it
/// is compared with something.
pub(crate) fn inexact_amount(case: &Case<'_>, sink: Sink<'_>) {
    unusable(case, sink, |why| (why == Unusable::Inexact).then_some(ViolationKind::TooLong));
    // A stated value with too many digits is already reported.
    let uncalculable = |reason: &Reason, place: &Place, stated: Charge| {
        matches!(reason, Reason::Inexact(at) if at == place) && stated != Charge::Unusable(Unusable::Inexact)
    };
    for (at, line) in case.lines().filter(|_| case.traits.long) {
        if let Err(reason) = case.calculation.lines.extension(at) {
            let place = Place::LineField(at, Field::ExtendedAmount);
            if uncalculable(&reason, &place, line.extended_amount) {
                let stated = line.extended_amount.amount();
                sink(place, Verdict::Broken(ViolationKind::Incalculable { stated }));
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
            sink(place, Verdict::Broken(ViolationKind::Incalculable { stated: stated.amount() }));
        }
    }
}

/// OC303: every charge field, and `items`, is there at most once in its object.
pub(crate) fn duplicate_field(case: &Case<'_>, sink: Sink<'_>) {
    unusable(case, sink, |why| (why == Unusable::Duplicate).then_some(ViolationKind::Duplicate));
    if case.order().items == Items::Unusable(Unusable::Duplicate) {
        sink(Place::Items, Verdict::Broken(ViolationKind::Duplicate));
    }
}

/// OC304: no unknown field holds an amount under another name of a charge field that is unset.
pub(crate) fn misnamed_field(case: &Case<'_>, sink: Sink<'_>) {
    for Renamed { place, means, amount, names } in case.order().renamed() {
        let listed = || names.iter().take(LISTED_NAMES + 1).map(|(name, held)| ((*name).to_owned(), *held)).collect();
        for (name, held) in &names {
            let named = (*name).to_owned();
            let named =
                place.line().map_or_else(|| Place::Named(named.clone()), |at| Place::LineNamed(at, named.clone()));
            let kind = match amount {
                Some(amount) => ViolationKind::Misnamed { stated: held.unwrap_or(amount), means },
                None => ViolationKind::NamesDisagree { stated: *held, means, names: listed() },
            };
            sink(named, Verdict::Broken(kind));
        }
    }
}

/// OC305: no charge field holds an empty string.
pub(crate) fn empty_amount(case: &Case<'_>, sink: Sink<'_>) {
    if !case.traits.blank {
        return;
    }
    for (place, charge) in case.order().charges() {
        if charge == Charge::Blank {
            sink(place, Verdict::Broken(ViolationKind::Blank));
        }
    }
}

/// OC306: `items` is an array of at least one line, and every entry is an object.
pub(crate) fn no_items(case: &Case<'_>, sink: Sink<'_>) {
    let order = case.order();
    let found = match &order.items {
        Items::Lines(lines) if !lines.is_empty() => {
            for (at, line) in lines.iter().enumerate() {
                if let Some(found) = line.not_an_object {
                    sink(Place::Line(at), Verdict::Broken(ViolationKind::NotALine { found }));
                }
            }
            return;
        }
        Items::Lines(_) => Some(Found::Array),
        Items::Unset => None,
        Items::Unusable(Unusable::NotAmount(found)) => Some(*found),
        Items::Unusable(_) => return,
    };
    let elsewhere = order.items_elsewhere.clone();
    sink(Place::Items, Verdict::Broken(ViolationKind::NoLines { found, elsewhere }));
}

/// OC307: a currency code that is set is an ISO 4217 code.
pub(crate) fn unknown_currency(case: &Case<'_>, sink: Sink<'_>) {
    if let Currency::Unknown(code) = &case.order().currency {
        sink(Place::CurrencyCode, Verdict::Broken(ViolationKind::UnknownCurrency { code: code.clone() }));
    }
}
