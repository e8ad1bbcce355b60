//! The calculation: every amount of an order with the named terms that it comes from.

use core::fmt::{self, Write};
use core::str::FromStr;
use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, Serializer};

use crate::amount::Amount;
use crate::error::Error;
use crate::options::Options;
use crate::order::{Charge, Field, Items, Line, Order, Place, Renamed, Unusable};
use crate::text_form::serde_as_text;

/// Why an amount cannot be calculated, or an identity cannot be checked.
///
/// `Display` prints it as `/items/0/price is unset`, and `FromStr` reads that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The field at this place is unset.
    Unset(Place),
    /// The field at this place is unusable.
    Unusable(Place),
    /// The amount to be calculated at this place has too many digits.
    Inexact(Place),
    /// Every line's tax is unset or 0: "most interfaces don't set tax on the order line".
    NoLineTax,
    /// `items` is unset, not an array, or empty (OC306).
    NoItems,
}

const UNSET: &str = " is unset";
const UNUSABLE: &str = " cannot be used";
const INEXACT: &str = " cannot be calculated exactly";
const NO_LINE_TAX: &str = "no line sets tax";
const NO_ITEMS: &str = "the order has no items";

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Unset(place) => write!(f, "{place}{UNSET}"),
            Reason::Unusable(place) => write!(f, "{place}{UNUSABLE}"),
            Reason::Inexact(place) => write!(f, "{place}{INEXACT}"),
            Reason::NoLineTax => f.write_str(NO_LINE_TAX),
            Reason::NoItems => f.write_str(NO_ITEMS),
        }
    }
}

impl FromStr for Reason {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            NO_LINE_TAX => return Ok(Reason::NoLineTax),
            NO_ITEMS => return Ok(Reason::NoItems),
            _ => {}
        }
        let of = |suffix: &str| text.strip_suffix(suffix).map(Place::from_str);
        if let Some(place) = of(UNSET) {
            place.map(Reason::Unset)
        } else if let Some(place) = of(UNUSABLE) {
            place.map(Reason::Unusable)
        } else if let Some(place) = of(INEXACT) {
            place.map(Reason::Inexact)
        } else {
            Err(Error::unknown_name("reason", text, None))
        }
    }
}

serde_as_text!(Reason);

/// Where the amount of a term comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Origin {
    /// It is stated in the order.
    Stated,
    /// It is unset and is calculated.
    Calculated,
    /// It is unset and counts as 0.
    Zero,
}

/// One operand of a calculation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Term {
    /// The field.
    #[serde(rename = "path")]
    pub place: Place,
    /// The amount it counts as.
    pub amount: Amount,
    /// Where the amount comes from.
    pub origin: Origin,
}

/// How the terms give the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Formula {
    /// `(price - discount) * quantity`, rounded.
    Extension,
    /// All terms added up.
    Sum,
    /// The first three terms added up, less the last one.
    GrandTotal,
}

/// A calculated amount and how it was calculated. `Display` prints the formula with its operands: `14 + 1 + 0 - 2 = 13`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Working {
    /// How the terms give the exact result.
    pub formula: Formula,
    /// The operands, in the order of the formula.
    pub terms: Vec<Term>,
    /// The result before any rounding.
    pub exact: Amount,
    /// The result.
    pub result: Amount,
}

impl Working {
    /// The terms by name: a field's name, or, in a sum over the lines, its JSON Pointer.
    pub fn named_terms(&self) -> impl Iterator<Item = (Cow<'static, str>, Amount)> {
        self.terms.iter().map(|term| match (self.formula, term.place.field()) {
            (Formula::Extension | Formula::GrandTotal, Some(field)) => (Cow::Borrowed(field.name()), term.amount),
            _ => (Cow::Owned(term.place.pointer()), term.amount),
        })
    }

    /// Writes what `Display` prints, in half of the time.
    pub fn write(&self, out: &mut impl Write) -> fmt::Result {
        match (self.formula, self.terms.as_slice()) {
            (Formula::Extension, [price, discount, quantity]) => {
                out.write_str("(")?;
                price.write(out)?;
                out.write_str(" - ")?;
                discount.write(out)?;
                out.write_str(") * ")?;
                quantity.write(out)?;
            }
            (_, []) => out.write_str("0")?,
            (formula, terms) => {
                for (at, term) in terms.iter().take(PRINTED_TERMS).enumerate() {
                    let taken_off = formula == Formula::GrandTotal && at == 3;
                    out.write_str(if at == 0 {
                        ""
                    } else if taken_off {
                        " - "
                    } else {
                        " + "
                    })?;
                    term.write(out)?;
                }
                if terms.len() > PRINTED_TERMS {
                    write!(out, " + ... ({} more)", terms.len() - PRINTED_TERMS)?;
                }
            }
        }
        out.write_str(" = ")?;
        out.write_str(&self.exact.text())?;
        if self.exact != self.result {
            out.write_str(", rounded ")?;
            out.write_str(&self.result.text())?;
        }
        Ok(())
    }
}

impl Term {
    /// Its amount, in parentheses if the sign would look like an operator.
    fn write(&self, out: &mut impl Write) -> fmt::Result {
        let text = self.amount.text();
        if self.amount.is_negative() { write!(out, "({})", &*text) } else { out.write_str(&text) }
    }
}

/// The most operands of a sum that are printed one by one.
const PRINTED_TERMS: usize = 12;

impl fmt::Display for Working {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

/// All amounts of an order, each calculated from what the order states, or with the reason why that is not possible.
///
/// Each term is the stated amount if there is one, else the calculated one. Unset `shipping_handling`, `tax`,
/// `addl_discount` and `discount` count as 0.
///
/// In serde, an amount that cannot be calculated is an object with the `reason`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Workings {
    /// `extended_amount` of each line: `(price - discount) * quantity`, rounded to the minor unit.
    #[serde(serialize_with = "serialize_workings")]
    pub extended_amounts: Vec<Result<Working, Reason>>,
    /// `sub_total`: the sum of the lines' `extended_amount`.
    #[serde(serialize_with = "serialize_working")]
    pub sub_total: Result<Working, Reason>,
    /// `sales_tax`: the sum of the lines' `tax`.
    #[serde(serialize_with = "serialize_working")]
    pub sales_tax: Result<Working, Reason>,
    /// `order_discount`: the sum of the lines' `addl_discount`; the overall discount is not known and counts as 0.
    #[serde(serialize_with = "serialize_working")]
    pub order_discount: Result<Working, Reason>,
    /// `grand_total`: `sub_total + sales_tax + shipping_handling - order_discount`.
    #[serde(serialize_with = "serialize_working")]
    pub grand_total: Result<Working, Reason>,
}

/// A working in serde, or the reason why there is none.
#[derive(Serialize)]
#[serde(untagged)]
enum Written<'a> {
    Working(&'a Working),
    Missing { reason: &'a Reason },
}

impl<'a> From<&'a Result<Working, Reason>> for Written<'a> {
    fn from(working: &'a Result<Working, Reason>) -> Written<'a> {
        match working {
            Ok(working) => Written::Working(working),
            Err(reason) => Written::Missing { reason },
        }
    }
}

fn serialize_working<S: Serializer>(working: &Result<Working, Reason>, serializer: S) -> Result<S::Ok, S::Error> {
    Written::from(working).serialize(serializer)
}

fn serialize_workings<S: Serializer>(workings: &[Result<Working, Reason>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(workings.iter().map(Written::from))
}

/// Calculates all amounts of an order, with the terms that they come from.
///
/// Definitions: `extended_amount`, `sub_total`, `sales_tax`, `order_discount` and `grand_total` of the Order Charge Field
/// Definitions. Only `extended_amount` is rounded, to the minor unit of the order's currency.
///
/// ```
/// use ordercharge::{Options, Order, calculate};
///
/// let order = Order::from_json(br#"{"sales_tax": 1, "items": [{"price": 4.4, "quantity": 2}]}"#)?;
/// let workings = calculate(&order, &Options::default());
/// let grand_total = workings.grand_total.unwrap();
/// assert_eq!(grand_total.to_string(), "8.8 + 1 + 0 - 0 = 9.8");
/// # Ok::<(), ordercharge::Error>(())
/// ```
pub fn calculate(order: &Order, options: &Options) -> Workings {
    let calculation = Calculation::new(order, options);
    Workings {
        extended_amounts: (0..order.lines().len()).map(|line| calculation.lines.extension_working(line)).collect(),
        sub_total: calculation.working(Field::SubTotal),
        sales_tax: calculation.working(Field::SalesTax),
        order_discount: calculation.working(Field::OrderDiscount),
        grand_total: calculation.working(Field::GrandTotal),
    }
}

/// Fills in the amounts that are unset and can be calculated. What is stated stays as it is. A field whose amount is under a
/// wrong name (OC304) is left unset, and so is what is calculated from it: a calculated amount would hide the fault.
///
/// ```
/// use ordercharge::{Options, Order, complete};
///
/// let order = Order::from_json(br#"{"items": [{"price": "23.15", "quantity": 1}]}"#)?;
/// let order = complete(order, &Options::default());
/// assert_eq!(order.grand_total.amount(), Some("23.15".parse()?));
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[must_use]
pub fn complete(mut order: Order, options: &Options) -> Order {
    for (place, amount) in missing(&order, options) {
        order.put(&place, amount);
    }
    order
}

/// The amounts that `complete` fills in, with their places: lines first, then the header. Empty if there are no lines to
/// calculate from.
pub(crate) fn missing(order: &Order, options: &Options) -> Vec<(Place, Amount)> {
    if order.lines().is_empty() {
        return Vec::new();
    }
    let calculation = Calculation::new(order, options);
    let unsure = meant_elsewhere(order);
    let lines =
        order.lines().iter().enumerate().filter(|(_, line)| line.extended_amount.is_unset()).filter_map(|(at, _)| {
            Some((Place::LineField(at, Field::ExtendedAmount), calculation.lines.extended_amount(at).ok()?))
        });
    let header = [Field::SubTotal, Field::SalesTax, Field::OrderDiscount, Field::GrandTotal];
    let header = header
        .into_iter()
        .filter(|field| order.get(*field).is_unset())
        .filter_map(|field| Some((Place::Field(field), calculation.calculated(field).ok()?)));
    lines.chain(header).filter(|(place, _)| !unsure.contains(place)).collect()
}

/// Calculates every derived amount that is stated again, lines first, then the header. What cannot be calculated stays.
pub(crate) fn complete_one(order: &mut Order, options: &Options) {
    let lines = order.lines().len();
    for at in 0..lines {
        let place = Place::LineField(at, Field::ExtendedAmount);
        if !order.charge_at(&place).is_unset()
            && let Ok(amount) = Calculation::new(order, options).lines.extended_amount(at)
        {
            order.put(&place, amount);
        }
    }
    for field in [Field::SubTotal, Field::SalesTax, Field::OrderDiscount, Field::GrandTotal] {
        let stated = order.get(field);
        let calculation = Calculation::new(order, options);
        let keeps = match field {
            Field::SalesTax => !calculation.lines.set_tax(),
            // The part that exceeds the discounts of the lines is the discount on the whole order.
            Field::OrderDiscount => calculation.calculated(field).is_ok_and(|least| stated.amount() >= Some(least)),
            _ => false,
        };
        if stated.amount().is_some()
            && !keeps
            && let Ok(amount) = calculation.calculated(field)
        {
            order.put(&Place::Field(field), amount);
        }
    }
}

/// The fields whose amounts are misnamed or calculated from a misnamed one: calculating them without it would hide it.
fn meant_elsewhere(order: &Order) -> BTreeSet<Place> {
    let mut unsure = BTreeSet::new();
    for Renamed { place, means, .. } in order.renamed() {
        match (place.line(), means) {
            // No other amount is calculated from these.
            (_, Field::ShippingSurcharge | Field::Balance) => {}
            (None, _) => drop(unsure.insert(place)),
            (_, Field::Tax) => drop(unsure.insert(Place::Field(Field::SalesTax))),
            (_, Field::AddlDiscount) => drop(unsure.insert(Place::Field(Field::OrderDiscount))),
            (Some(at), _) => {
                let extended_amount = Place::LineField(at, Field::ExtendedAmount);
                if order.charge_at(&extended_amount).amount().is_none() {
                    unsure.extend([extended_amount, Place::Field(Field::SubTotal)]);
                }
            }
        }
    }
    // A stated amount is used as it is, whatever it should be.
    unsure.retain(|place| order.charge_at(place).is_unset());
    if unsure.iter().any(|place| place.line().is_none()) {
        unsure.insert(Place::Field(Field::GrandTotal));
    }
    unsure
}

/// The amounts calculated from the lines of an order: their exact products and the sums over them. The terms are not kept;
/// they are collected again when they are shown.
pub(crate) struct Lines<'a> {
    order: &'a Order,
    options: &'a Options,
    /// The number of decimals of the minor unit.
    pub(crate) decimals: u32,
}

impl<'a> Lines<'a> {
    #[inline]
    fn line(&self, at: usize) -> Result<&'a Line, Reason> {
        match self.order.lines().get(at) {
            Some(line) if line.not_an_object.is_none() => Ok(line),
            _ => Err(Reason::Unusable(Place::Line(at))),
        }
    }

    /// The exact product of a line: `(price - discount) * quantity`.
    pub(crate) fn extension(&self, at: usize) -> Result<Amount, Reason> {
        let line = self.line(at)?;
        let operand = |field, stated: Charge| {
            stated.amount().ok_or_else(|| {
                let place = Place::LineField(at, field);
                if stated.is_unusable() { Reason::Unusable(place) } else { Reason::Unset(place) }
            })
        };
        let price = operand(Field::Price, line.price)?;
        let each = match line.discount {
            Charge::Unset | Charge::Blank => Some(price),
            stated => price.checked_sub(operand(Field::Discount, stated)?),
        };
        let quantity = operand(Field::Quantity, line.quantity)?;
        let exact = each.and_then(|each| each.checked_mul(quantity));
        exact.ok_or(Reason::Inexact(Place::LineField(at, Field::ExtendedAmount)))
    }

    /// The calculated `extended_amount` of a line.
    pub(crate) fn extended_amount(&self, at: usize) -> Result<Amount, Reason> {
        self.extension(at).map(|exact| exact.rounded(self.decimals, self.options.rounding))
    }

    pub(crate) fn extension_working(&self, at: usize) -> Result<Working, Reason> {
        let exact = self.extension(at)?;
        let line = self.line(at)?;
        let term = |field| {
            let origin = if line.get(field).is_unset() { Origin::Zero } else { Origin::Stated };
            Term { place: Place::LineField(at, field), amount: line.get(field).amount().unwrap_or_default(), origin }
        };
        Ok(Working {
            formula: Formula::Extension,
            terms: vec![term(Field::Price), term(Field::Discount), term(Field::Quantity)],
            exact,
            result: exact.rounded(self.decimals, self.options.rounding),
        })
    }

    /// The amount that a line adds to a header field; `None` if it adds nothing.
    #[inline]
    fn addend(&self, header: Field, at: usize) -> Result<Option<Amount>, Reason> {
        let line = self.line(at)?;
        let (field, stated) = match header {
            Field::SubTotal => return self.extended(at, line).map(Some),
            Field::SalesTax => (Field::Tax, line.tax),
            _ => (Field::AddlDiscount, line.addl_discount),
        };
        match stated {
            Charge::Unusable(_) => Err(Reason::Unusable(Place::LineField(at, field))),
            usable => Ok(usable.amount()),
        }
    }

    /// A line's `extended_amount`: stated, else calculated (also if the stated value is unusable).
    fn extended(&self, at: usize, line: &Line) -> Result<Amount, Reason> {
        match line.extended_amount {
            Charge::Amount(stated) => Ok(stated),
            Charge::Unusable(_) => {
                let unusable = |_| Reason::Unusable(Place::LineField(at, Field::ExtendedAmount));
                self.extended_amount(at).map_err(unusable)
            }
            Charge::Unset | Charge::Blank => self.extended_amount(at),
        }
    }

    /// The sum over the lines that gives a header field. An order without items has no sub-total; its taxes and discounts add up
    /// to 0, unless `items` is unusable.
    #[inline]
    fn sum(&self, header: Field) -> Result<Amount, Reason> {
        match &self.order.items {
            Items::Unusable(Unusable::Duplicate) => return Err(Reason::Unusable(Place::Items)),
            Items::Unusable(_) => return Err(Reason::NoItems),
            _ if header == Field::SubTotal && self.order.has_no_items() => return Err(Reason::NoItems),
            _ => {}
        }
        // A line that cannot be read is a better reason than a sum with too many digits.
        let mut sum = Some(Amount::ZERO);
        for (at, line) in self.order.lines().iter().enumerate() {
            let stated = match header {
                Field::SubTotal => line.extended_amount,
                Field::SalesTax => line.tax,
                _ => line.addl_discount,
            };
            // Nearly all addends are stated: a reason that may be returned would take most of the time.
            let addend = match stated {
                Charge::Amount(stated) if line.not_an_object.is_none() => Some(stated),
                _ => self.addend(header, at)?,
            };
            if let Some(amount) = addend {
                sum = sum.and_then(|sum| sum.checked_add(amount));
            }
        }
        sum.ok_or(Reason::Inexact(Place::Field(header)))
    }

    /// A sum with its terms. They are collected again after [`Lines::sum`], because they are seldom shown.
    fn working_of(&self, header: Field, result: Amount) -> Working {
        let field = match header {
            Field::SubTotal => Field::ExtendedAmount,
            Field::SalesTax => Field::Tax,
            _ => Field::AddlDiscount,
        };
        let lines = self.order.lines().iter().enumerate();
        let terms = lines.filter_map(|(at, line)| {
            let amount = self.addend(header, at).ok()??;
            let origin = if line.get(field).amount().is_some() { Origin::Stated } else { Origin::Calculated };
            Some(Term { place: Place::LineField(at, field), amount, origin })
        });
        Working { formula: Formula::Sum, terms: terms.collect(), exact: result, result }
    }

    /// Whether a line sets a tax other than 0.
    pub(crate) fn set_tax(&self) -> bool {
        self.order.lines().iter().any(|line| match line.tax {
            Charge::Amount(tax) => !tax.is_zero(),
            Charge::Unset | Charge::Blank => line.not_an_object.is_some(),
            Charge::Unusable(_) => true,
        })
    }
}

/// The terms of the grand total: the first three are added up, the last one is subtracted.
const TOTAL_TERMS: [Field; 4] = [Field::SubTotal, Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount];

/// The amounts of one order, with each sum calculated once.
pub(crate) struct Calculation<'a> {
    pub(crate) order: &'a Order,
    pub(crate) lines: Lines<'a>,
    sub_total: Result<Amount, Reason>,
    sales_tax: Result<Amount, Reason>,
    order_discount: Result<Amount, Reason>,
    grand_total: Result<Amount, Reason>,
}

impl<'a> Calculation<'a> {
    pub(crate) fn new(order: &'a Order, options: &'a Options) -> Calculation<'a> {
        let lines = Lines { order, options, decimals: order.currency.decimals() };
        let mut calculation = Calculation {
            order,
            sub_total: lines.sum(Field::SubTotal),
            sales_tax: lines.sum(Field::SalesTax),
            order_discount: lines.sum(Field::OrderDiscount),
            grand_total: Ok(Amount::ZERO),
            lines,
        };
        calculation.grand_total = calculation.total();
        calculation
    }

    /// The calculated amount of a header field; 0 for fields that are not calculated.
    pub(crate) fn calculated(&self, header: Field) -> Result<Amount, &Reason> {
        match header {
            Field::SubTotal => self.sub_total.as_ref().copied(),
            Field::SalesTax => self.sales_tax.as_ref().copied(),
            Field::OrderDiscount => self.order_discount.as_ref().copied(),
            Field::GrandTotal => self.grand_total.as_ref().copied(),
            _ => Ok(Amount::ZERO),
        }
    }

    /// The amount of a header field in the grand total: stated, else calculated.
    pub(crate) fn counted(&self, header: Field) -> Result<Amount, Reason> {
        match self.order.get(header) {
            Charge::Amount(stated) => Ok(stated),
            Charge::Unusable(_) => Err(Reason::Unusable(Place::Field(header))),
            Charge::Unset | Charge::Blank => self.calculated(header).map_err(Reason::clone),
        }
    }

    fn total(&self) -> Result<Amount, Reason> {
        let [sub_total, sales_tax, shipping, discount] = TOTAL_TERMS.map(|header| self.counted(header));
        let charges = sub_total?.checked_add(sales_tax?);
        let (shipping, discount) = (shipping?, discount?);
        let total = charges.and_then(|sum| sum.checked_add(shipping)).and_then(|sum| sum.checked_sub(discount));
        total.ok_or(Reason::Inexact(Place::Field(Field::GrandTotal)))
    }

    /// How a header field is calculated.
    pub(crate) fn working(&self, header: Field) -> Result<Working, Reason> {
        let result = self.calculated(header).map_err(Reason::clone)?;
        if header != Field::GrandTotal {
            return Ok(self.lines.working_of(header, result));
        }
        let term = |header| {
            let origin = match self.order.get(header) {
                Charge::Unset | Charge::Blank if header == Field::ShippingHandling => Origin::Zero,
                Charge::Unset | Charge::Blank => Origin::Calculated,
                _ => Origin::Stated,
            };
            Ok(Term { place: Place::Field(header), amount: self.counted(header)?, origin })
        };
        let terms = TOTAL_TERMS.into_iter().map(term).collect::<Result<_, Reason>>()?;
        Ok(Working { formula: Formula::GrandTotal, terms, exact: result, result })
    }
}
