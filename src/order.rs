//! The order: its header, its lines, the names of their charge fields, and the places in it.

use core::convert::Infallible;
use core::fmt::{self, Write};
use core::str::FromStr;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::amount::{self, Amount, PRICE_DECIMALS};
use crate::currency::Currency;
use crate::edit::Edit;
use crate::error::Error;
use crate::text_form::{named, serde_as_text};

/// What a charge field holds: unset, unusable and zero are three different things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Charge {
    /// Absent, or `null`.
    #[default]
    Unset,
    /// An empty or blank text, which counts as unset (OC305).
    Blank,
    /// An amount, possibly 0.
    Amount(Amount),
    /// Something that cannot be calculated with, and is not guessed.
    Unusable(Unusable),
}

/// Why a field cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unusable {
    /// It holds something that is no amount (OC301).
    NotAmount(Found),
    /// It holds an amount of more digits than can be held exactly (OC302).
    Inexact,
    /// It stands more than once in its object (OC303).
    Duplicate,
}

/// What stands where something else was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found {
    /// A text that is no number.
    Text,
    /// A text with a currency sign.
    CurrencySign,
    /// A text with a comma, between thousands or in place of the point.
    Comma,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// An array.
    Array,
    /// An object.
    Object,
    /// `null`.
    Null,
}

named!(
    Found,
    "kind of value",
    Text = "a text",
    CurrencySign = "a text with a currency sign",
    Comma = "a text with a comma",
    Boolean = "a boolean",
    Number = "a number",
    Array = "an array",
    Object = "an object",
    Null = "null",
);

impl Charge {
    /// What a text holds: an amount, nothing, or something unusable. JSON strings, JSON numbers and the cells of a
    /// table are all read by this.
    ///
    /// ```
    /// use ordercharge::Charge;
    ///
    /// assert!(Charge::from_text(" 5.00 ").amount().is_some());
    /// assert_eq!(Charge::from_text(" "), Charge::Blank);
    /// assert!(Charge::from_text("1,000").is_unusable());
    /// ```
    pub fn from_text(text: &str) -> Charge {
        Charge::from_utf8(text.as_bytes())
    }

    /// The same of a text known to be UTF-8.
    pub(crate) fn from_utf8(text: &[u8]) -> Charge {
        match Amount::read(text) {
            Ok(amount) => Charge::Amount(amount),
            Err(amount::Unreadable::Inexact) => Charge::Unusable(Unusable::Inexact),
            Err(amount::Unreadable::Malformed) if amount::trim(text).is_empty() => Charge::Blank,
            Err(amount::Unreadable::Malformed) => {
                Charge::Unusable(Unusable::NotAmount(describe(core::str::from_utf8(text).unwrap_or_default())))
            }
        }
    }

    /// The amount, if it holds one.
    pub fn amount(self) -> Option<Amount> {
        match self {
            Charge::Amount(amount) => Some(amount),
            _ => None,
        }
    }

    /// Whether it is absent, `null` or blank.
    pub fn is_unset(self) -> bool {
        matches!(self, Charge::Unset | Charge::Blank)
    }

    /// Whether the text it was read from has its field, and once only.
    pub(crate) fn stands_once(self) -> bool {
        !matches!(self, Charge::Unset | Charge::Unusable(Unusable::Duplicate))
    }

    /// Whether it holds something that cannot be calculated with.
    pub fn is_unusable(self) -> bool {
        matches!(self, Charge::Unusable(_))
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Charge::Amount(amount) => fmt::Display::fmt(amount, f),
            Charge::Unset | Charge::Blank => f.pad("unset"),
            Charge::Unusable(_) => f.pad("unusable"),
        }
    }
}

impl<T> From<T> for Charge
where
    Amount: TryFrom<T>,
{
    /// An amount, or unusable where it cannot be held exactly.
    fn from(value: T) -> Charge {
        Amount::try_from(value).map_or(Charge::Unusable(Unusable::Inexact), Charge::Amount)
    }
}

impl From<Option<Amount>> for Charge {
    /// An amount, or unset.
    fn from(amount: Option<Amount>) -> Charge {
        amount.map_or(Charge::Unset, Charge::Amount)
    }
}

impl From<Option<Decimal>> for Charge {
    /// An amount, or unset where there is none, or unusable where it cannot be held exactly.
    fn from(amount: Option<Decimal>) -> Charge {
        amount.map_or(Charge::Unset, Charge::from)
    }
}

impl FromStr for Charge {
    type Err = Infallible;

    /// What [`Charge::from_text`] makes of it: a string that is not an amount is a charge too, which cannot be used.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Charge::from_text(text))
    }
}

/// What kind of text stands where an amount should.
fn describe(text: &str) -> Found {
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    if digits && text.contains(['$', '€', '£', '¥', '₹', '₩', '₽', '฿', '₫', '₺']) {
        Found::CurrencySign
    } else if digits && text.contains(',') {
        Found::Comma
    } else {
        Found::Text
    }
}

/// Which object a field stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// The order itself.
    Header,
    /// A line: an entry of `items`.
    Line,
}

/// How many decimals CartRover keeps of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kept {
    /// Four, of whatever currency.
    Four,
    /// Those of the order's minor unit.
    MinorUnit,
    /// It is a count, not an amount of money.
    Count,
}

/// The table of the charge fields. A row gives the name in code and, by the field of the struct, on the wire; the
/// level it stands on; the decimals CartRover keeps; and the other names it is known to be sent under, in lower
/// case without `-` and `_`: other words for it, and the names that carts have for the same amount. Left out is what may
/// mean something else: on a line `discount_amount` and `total_discount` (of the whole line in most carts, not of an item),
/// `total` and `subtotal` (with tax or before discounts, it depends on the cart) and `original_price`; in the header
/// `total_line_items_price` (before discounts), `base_grand_total` (in another currency) and `coupon_discount` (one discount
/// of several).
macro_rules! fields {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:ident, $level:ident, $kept:ident, [$($alias:literal),*];)*) => {
        /// A charge field of the definitions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Field { $($(#[doc = $doc])* $variant),* }

        named!(Field, "charge field", $($variant = stringify!($name)),*);

        impl Field {
            /// The object it stands in.
            pub const fn level(self) -> Level {
                match self { $(Field::$variant => Level::$level),* }
            }

            pub(crate) const fn kept(self) -> Kept {
                match self { $(Field::$variant => Kept::$kept),* }
            }

            /// The other names it is sent under, folded.
            pub(crate) const fn aliases(self) -> &'static [&'static str] {
                match self { $(Field::$variant => &[$($alias),*]),* }
            }
        }
    };
}

fields! {
    /// Sum of the lines' `extended_amount`.
    SubTotal = sub_total, Header, MinorUnit, ["subtotal", "subtotalprice", "subtotalextax"];
    /// Total post-tax discount: the overall discount and the lines' `addl_discount`, as a positive number.
    OrderDiscount = order_discount, Header, MinorUnit,
        ["discount", "totaldiscount", "totaldiscounts", "discounttotal", "discountamount", "discountamt"];
    /// Total tax.
    SalesTax = sales_tax, Header, MinorUnit, ["tax", "totaltax", "taxtotal", "taxamount", "totaltaxcost"];
    /// Total shipping charge; no relation to the lines' `shipping_surcharge`.
    ShippingHandling = shipping_handling, Header, MinorUnit,
        ["shipping", "shippingcost", "shippingtotal", "shippingamount", "shippingfee", "totalshipping",
            "totalshippingcost", "shippingcostextax"];
    /// `sub_total + sales_tax + shipping_handling - order_discount`.
    GrandTotal = grand_total, Header, MinorUnit,
        ["total", "ordertotal", "grandtotal", "totalprice", "totalamount", "totalinctax"];
    /// Not used: 0 or unset.
    Balance = balance, Header, MinorUnit, [];
    /// How many were ordered.
    Quantity = quantity, Line, Count, ["qty", "qtyordered", "quantityordered"];
    /// Cost of a single item, without taxes, discounts and shipping.
    Price = price, Line, Four, ["unitprice", "unitpricepaid", "priceextax"];
    /// Pre-tax discount on each single item, as a positive number.
    Discount = discount, Line, Four, [];
    /// Post-tax discount on the whole line, as a positive number.
    AddlDiscount = addl_discount, Line, Four, ["additionaldiscount"];
    /// Tax on the whole line.
    Tax = tax, Line, MinorUnit, ["salestax", "taxamount", "totaltax", "linetax"];
    /// Extra shipping for the line; enters no identity.
    ShippingSurcharge = shipping_surcharge, Line, MinorUnit, [];
    /// `(price - discount) * quantity`.
    ExtendedAmount = extended_amount, Line, MinorUnit, ["linetotal", "rowtotal", "extendedprice", "totalextax"];
}

impl Field {
    /// The field of that name at that level, to the letter.
    pub fn from_name(level: Level, name: &str) -> Option<Field> {
        Field::ALL.iter().copied().find(|field| field.level() == level && field.name() == name)
    }

    /// The decimals CartRover keeps of it, for a currency whose minor unit has `minor_unit` decimals; none for
    /// `quantity`.
    pub fn decimals_kept(self, minor_unit: u32) -> Option<u32> {
        match self.kept() {
            Kept::Four => Some(PRICE_DECIMALS),
            Kept::MinorUnit => Some(minor_unit),
            Kept::Count => None,
        }
    }
}

/// An order: the charges of its header and its lines, and no other fields. To keep the others, read a
/// [`Document`](crate::Document) and let it fill in or mend its own text.
///
/// Any combination of values is an order; whether it is right is what [`check`](crate::check) says. Money is in the
/// order's currency.
///
/// ```
/// use ordercharge::{Charge, Items, Line, Order};
///
/// let line = Line { price: Charge::from_text("4.40"), quantity: 2.into(), ..Line::default() };
/// let order = Order {
///     items: Items::Lines(vec![line]),
///     grand_total: Charge::from_text("8.80"),
///     ..Order::default()
/// };
/// assert!(ordercharge::check(&order, &Default::default()).is_valid());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// The sender's name of the order, if it has one.
    pub cust_ref: Option<String>,
    /// Where it was placed: the cart or marketplace.
    pub order_source: Option<String>,
    /// Whether it was read from a reply of the API, which may leave out lines that are filtered.
    pub from_reply: bool,
    /// The currency all amounts are in.
    pub currency: Currency,
    /// See [`Field::SubTotal`].
    pub sub_total: Charge,
    /// See [`Field::OrderDiscount`].
    pub order_discount: Charge,
    /// See [`Field::SalesTax`].
    pub sales_tax: Charge,
    /// See [`Field::ShippingHandling`].
    pub shipping_handling: Charge,
    /// See [`Field::GrandTotal`].
    pub grand_total: Charge,
    /// See [`Field::Balance`].
    pub balance: Charge,
    /// The lines.
    pub items: Items,
    /// Fields of the header that bear a charge field's name in other words.
    pub misnamed: Vec<Misnamed>,
    /// Where there are no items: another field that seems to hold them, an array of objects such as `line_items`.
    pub items_elsewhere: Option<String>,
}

/// What stands in `items`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Items {
    /// Absent, or `null`.
    #[default]
    Unset,
    /// No array, or standing there twice.
    Unusable(Unusable),
    /// The lines, possibly none.
    Lines(Vec<Line>),
}

/// A line of an order: one entry of `items`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// See [`Field::Quantity`].
    pub quantity: Charge,
    /// See [`Field::Price`].
    pub price: Charge,
    /// See [`Field::Discount`].
    pub discount: Charge,
    /// See [`Field::AddlDiscount`].
    pub addl_discount: Charge,
    /// See [`Field::Tax`].
    pub tax: Charge,
    /// See [`Field::ShippingSurcharge`].
    pub shipping_surcharge: Charge,
    /// See [`Field::ExtendedAmount`].
    pub extended_amount: Charge,
    /// Fields of the line that bear a charge field's name in other words.
    pub misnamed: Vec<Misnamed>,
    /// Whether `filtered_sku` says "Y": the line is left out elsewhere.
    pub filtered: bool,
    /// What stands in `items` where this line's object should; its charges are then not known.
    pub not_an_object: Option<Found>,
}

/// A field the definitions do not know that bears a charge field's name in other words and holds an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misnamed {
    /// Its name on the wire.
    pub name: String,
    /// The field it seems to mean.
    pub means: Field,
    /// What it holds.
    pub amount: Amount,
}

/// A field that is unset and that amounts under other names seem to mean. This alone decides which of them counts: the
/// report, `complete` and every repair use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Renamed<'a> {
    /// The place of the field, which is unset.
    pub(crate) place: Place,
    /// The field there.
    pub(crate) means: Field,
    /// What the field should be, or none where the names hold different amounts: then none of them counts.
    pub(crate) amount: Option<Amount>,
    /// The other names with their amounts. A name that is there twice with different amounts has none.
    pub(crate) names: BTreeMap<&'a str, Option<Amount>>,
}

impl<'a> Renamed<'a> {
    /// Adds the fields that some amounts of one object seem to mean and that are unset in it.
    fn gather(
        misnamed: &'a [Misnamed],
        get: impl Fn(Field) -> Charge,
        place: impl Fn(Field) -> Place,
        all: &mut Vec<Renamed<'a>>,
    ) {
        let start = all.len();
        for Misnamed { name, means, amount } in misnamed.iter().filter(|other| get(other.means).is_unset()) {
            let known = all.iter_mut().skip(start).find(|known| known.means == *means);
            match known {
                Some(known) => {
                    known.amount = known.amount.filter(|other| other == amount);
                    let held = known.names.entry(name).or_insert(Some(*amount));
                    *held = held.filter(|other| other == amount);
                }
                None => all.push(Renamed {
                    place: place(*means),
                    means: *means,
                    amount: Some(*amount),
                    names: BTreeMap::from([(name.as_str(), Some(*amount))]),
                }),
            }
        }
    }
}

impl Order {
    /// The lines; none where `items` is unset or unusable.
    pub fn lines(&self) -> &[Line] {
        match &self.items {
            Items::Lines(lines) => lines,
            _ => &[],
        }
    }

    /// Whether `items` is unset, not an array, or empty (OC306). `items` that is there twice (OC303) does not count.
    pub(crate) fn has_no_items(&self) -> bool {
        match &self.items {
            Items::Unset => true,
            Items::Unusable(why) => *why != Unusable::Duplicate,
            Items::Lines(lines) => lines.is_empty(),
        }
    }

    /// What a header field holds; `Unset` for the fields of lines.
    pub fn get(&self, field: Field) -> Charge {
        match field {
            Field::SubTotal => self.sub_total,
            Field::OrderDiscount => self.order_discount,
            Field::SalesTax => self.sales_tax,
            Field::ShippingHandling => self.shipping_handling,
            Field::GrandTotal => self.grand_total,
            Field::Balance => self.balance,
            _ => Charge::Unset,
        }
    }

    pub(crate) fn get_mut(&mut self, field: Field) -> Option<&mut Charge> {
        match field {
            Field::SubTotal => Some(&mut self.sub_total),
            Field::OrderDiscount => Some(&mut self.order_discount),
            Field::SalesTax => Some(&mut self.sales_tax),
            Field::ShippingHandling => Some(&mut self.shipping_handling),
            Field::GrandTotal => Some(&mut self.grand_total),
            Field::Balance => Some(&mut self.balance),
            _ => None,
        }
    }

    /// Writes an amount at the place of a charge field; other places take none.
    pub(crate) fn put(&mut self, place: &Place, amount: Amount) {
        let slot = match (place, &mut self.items) {
            (Place::Field(field), _) => self.get_mut(*field),
            (Place::LineField(at, field), Items::Lines(lines)) => {
                lines.get_mut(*at).and_then(|line| line.get_mut(*field))
            }
            _ => None,
        };
        if let Some(slot) = slot {
            *slot = Charge::Amount(amount);
        }
    }

    /// The unset fields that amounts under other names seem to mean: the header's, then line by line.
    pub(crate) fn renamed(&self) -> Vec<Renamed<'_>> {
        let mut all = Vec::new();
        Renamed::gather(&self.misnamed, |field| self.get(field), Place::Field, &mut all);
        for (at, line) in self.lines().iter().enumerate().filter(|(_, line)| !line.misnamed.is_empty()) {
            Renamed::gather(&line.misnamed, |field| line.get(field), |field| Place::LineField(at, field), &mut all);
        }
        all
    }

    /// The amounts under other names, each for the field that it means; where names disagree, none of them is chosen.
    pub(crate) fn renaming(&self) -> Vec<Edit> {
        let edit = |renamed: Renamed<'_>| Some(Edit::new(self, renamed.place, renamed.amount?));
        self.renamed().into_iter().filter_map(edit).collect()
    }

    /// What stands at a place, for the places of charge fields.
    pub fn charge_at(&self, place: &Place) -> Charge {
        match place {
            Place::Field(field) => self.get(*field),
            Place::LineField(line, field) => self.lines().get(*line).map_or(Charge::Unset, |line| line.get(*field)),
            _ => Charge::Unset,
        }
    }

    /// Every charge field of the order with what it holds: the header's, then line by line. Entries of `items` that
    /// are no objects have none.
    pub fn charges(&self) -> impl Iterator<Item = (Place, Charge)> {
        let of = |level| Field::ALL.iter().copied().filter(move |field| field.level() == level);
        let header = of(Level::Header).map(|field| (Place::Field(field), self.get(field)));
        let lines = self.lines().iter().enumerate().filter(|(_, line)| line.not_an_object.is_none());
        header.chain(lines.flat_map(move |(at, line)| {
            of(Level::Line).map(move |field| (Place::LineField(at, field), line.get(field)))
        }))
    }
}

impl Line {
    /// What a line's field holds; `Unset` for the fields of the header.
    pub fn get(&self, field: Field) -> Charge {
        match field {
            Field::Quantity => self.quantity,
            Field::Price => self.price,
            Field::Discount => self.discount,
            Field::AddlDiscount => self.addl_discount,
            Field::Tax => self.tax,
            Field::ShippingSurcharge => self.shipping_surcharge,
            Field::ExtendedAmount => self.extended_amount,
            _ => Charge::Unset,
        }
    }

    pub(crate) fn get_mut(&mut self, field: Field) -> Option<&mut Charge> {
        match field {
            Field::Quantity => Some(&mut self.quantity),
            Field::Price => Some(&mut self.price),
            Field::Discount => Some(&mut self.discount),
            Field::AddlDiscount => Some(&mut self.addl_discount),
            Field::Tax => Some(&mut self.tax),
            Field::ShippingSurcharge => Some(&mut self.shipping_surcharge),
            Field::ExtendedAmount => Some(&mut self.extended_amount),
            _ => None,
        }
    }
}

/// A place in an order. It prints as the JSON Pointer (RFC 6901) of that place, and is read back from it.
///
/// ```
/// use ordercharge::{Field, Place};
///
/// let place = Place::LineField(0, Field::ExtendedAmount);
/// assert_eq!(place.to_string(), "/items/0/extended_amount");
/// assert_eq!("/items/0/extended_amount".parse(), Ok(place));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Place {
    /// A charge field of the header.
    Field(Field),
    /// `currency_code`.
    CurrencyCode,
    /// `items`.
    Items,
    /// An entry of `items`, counted from 0.
    Line(usize),
    /// A charge field of a line.
    LineField(usize, Field),
    /// A field of the header by its name on the wire.
    Named(String),
    /// A field of a line by its name on the wire.
    LineNamed(usize, String),
}

impl Place {
    /// The charge field there, if it is one.
    pub fn field(&self) -> Option<Field> {
        match self {
            Place::Field(field) | Place::LineField(_, field) => Some(*field),
            _ => None,
        }
    }

    /// The line it stands in, if any.
    pub fn line(&self) -> Option<usize> {
        match self {
            Place::Line(line) | Place::LineField(line, _) | Place::LineNamed(line, _) => Some(*line),
            _ => None,
        }
    }

    /// The name of what stands there: `extended_amount`, whatever the line.
    pub fn name(&self) -> &str {
        match self {
            Place::Field(field) | Place::LineField(_, field) => field.name(),
            Place::CurrencyCode => "currency_code",
            Place::Items => "items",
            Place::Line(_) => "line",
            Place::Named(name) | Place::LineNamed(_, name) => name,
        }
    }

    /// The JSON Pointer to it.
    pub(crate) fn pointer(&self) -> String {
        // Nearly all fit without growing; writing to a text does not fail.
        let mut pointer = String::with_capacity(32);
        let _ = write!(pointer, "{self}");
        pointer
    }
}

impl fmt::Display for Place {
    // The parts are written one by one: half of the time a format string would take.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Field(field) => {
                f.write_char('/')?;
                f.write_str(field.name())
            }
            Place::CurrencyCode => f.write_str("/currency_code"),
            Place::Items => f.write_str("/items"),
            Place::Line(line) => write!(f, "/items/{line}"),
            Place::LineField(line, field) => {
                write!(f, "/items/{line}/")?;
                f.write_str(field.name())
            }
            Place::Named(name) => write!(f, "/{}", escape(name)),
            Place::LineNamed(line, name) => write!(f, "/items/{line}/{}", escape(name)),
        }
    }
}

fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(pointer: &str) -> Result<Self, Error> {
        let unknown = || Error::unknown_name("place of an order", pointer, None);
        let path = pointer.strip_prefix('/').ok_or_else(unknown)?;
        let mut tokens = path.split('/');
        let place = match (tokens.next(), tokens.next(), tokens.next(), tokens.next()) {
            (Some("items"), None, ..) => Place::Items,
            (Some("items"), Some(line), field, None) => {
                let line = line.parse().map_err(|_| unknown())?;
                match field.map(unescape) {
                    None => Place::Line(line),
                    Some(name) => match Field::from_name(Level::Line, &name) {
                        Some(field) => Place::LineField(line, field),
                        None => Place::LineNamed(line, name),
                    },
                }
            }
            (Some("currency_code"), None, ..) => Place::CurrencyCode,
            (Some(name), None, ..) => match Field::from_name(Level::Header, &unescape(name)) {
                Some(field) => Place::Field(field),
                None => Place::Named(unescape(name)),
            },
            _ => return Err(unknown()),
        };
        Ok(place)
    }
}

serde_as_text!(Place);
