//! The table of the charge fields, and what is derived from it: the fields, the structs that hold them, their names.

use super::{Charge, Found, Items, Misnamed};
use crate::amount::PRICE_DECIMALS;
use crate::currency::Currency;
use crate::extra::Extra;
use crate::text_form::named;

/// The object that a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// The order itself.
    Header,
    /// A line: an entry of `items`.
    Line,
}

/// The number of decimals that CartRover keeps of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kept {
    /// Four, in every currency.
    Four,
    /// Those of the order's minor unit.
    MinorUnit,
    /// It is a count, not an amount of money.
    Count,
}

/// Makes the types of the table. A block describes an object: the struct, the level of its fields, a row for each charge
/// field and, after `and`, its other members. A row reads:
///
/// - its doc comment: what the field is, for both [`Field`] and the member of the struct;
/// - the name in code and, as the member of the struct, the name on the wire;
/// - the decimals CartRover keeps;
/// - the other names it is known to be sent under, in lower case without `-` and `_`: other words for it, and the names
///   that carts have for the same amount.
///
/// The row `SubTotal = sub_total, MinorUnit, ["subtotal"];` of `Order at Header` becomes `Field::SubTotal`, its name
/// `"sub_total"`, its level, decimals and aliases, the member `pub sub_total: Charge` of `Order`, and an arm of `Order::get`,
/// `get_mut` and `each`. The readers, the generators and the command take everything else from these.
macro_rules! fields {
    ($(
        $(#[doc = $doc:literal])+
        $object:ident at $level:ident {
            $($(#[doc = $field_doc:literal])+ $field:ident = $name:ident, $kept:ident, [$($alias:literal),* $(,)?];)+
        } and {
            $($(#[doc = $member_doc:literal])+ $member:ident: $type:ty,)+
        }
    )+) => {
        /// A charge field of the definitions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Field { $($($(#[doc = $field_doc])+ $field,)+)+ }

        named!(Field, "charge field", $($($field = stringify!($name),)+)+);

        impl Field {
            /// The object that it belongs to.
            pub const fn level(self) -> Level {
                match self { $($(Field::$field => Level::$level,)+)+ }
            }

            pub(crate) const fn kept(self) -> Kept {
                match self { $($(Field::$field => Kept::$kept,)+)+ }
            }

            /// The other names it is sent under, folded.
            pub(crate) const fn aliases(self) -> &'static [&'static str] {
                match self { $($(Field::$field => &[$($alias),*],)+)+ }
            }
        }

        impl Level {
            /// The fields of the object, in the order of the table.
            pub(crate) const fn fields(self) -> &'static [Field] {
                match self { $(Level::$level => &[$(Field::$field),+],)+ }
            }
        }

        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, Default, PartialEq, Eq)]
            pub struct $object {
                $($(#[doc = $member_doc])+ pub $member: $type,)+
                $($(#[doc = $field_doc])+ pub $name: Charge,)+
            }

            impl $object {
                /// The state of a charge field; `Unset` for fields that this object does not have.
                pub fn get(&self, field: Field) -> Charge {
                    match field {
                        $(Field::$field => self.$name,)+
                        _ => Charge::Unset,
                    }
                }

                pub(crate) fn get_mut(&mut self, field: Field) -> Option<&mut Charge> {
                    match field {
                        $(Field::$field => Some(&mut self.$name),)+
                        _ => None,
                    }
                }

                /// Calls a function with each charge field.
                #[inline(always)]
                pub(crate) fn each(&self, mut see: impl FnMut(Field, &Charge)) {
                    $(see(Field::$field, &self.$name);)+
                }

                /// Whether a function returns `true` for each charge field. It ends at the first other one.
                #[inline(always)]
                pub(crate) fn all(&self, mut is: impl FnMut(Field, &Charge) -> bool) -> bool {
                    true $(&& is(Field::$field, &self.$name))+
                }
            }
        )+
    };
}

// Left out of the other names is what may mean something else: on a line `discount_amount` and `total_discount` (of the
// whole line in most carts, not of an item), `total` and `subtotal` (with tax or before discounts, it depends on the cart)
// and `original_price`; in the header `total_line_items_price` (before discounts), `base_grand_total` (in another currency)
// and `coupon_discount` (one discount of several).
fields! {
    /// An order: the charges of its header and its lines. Of the other fields it has those that code has set
    /// ([`extra`](Order::extra)), and none of those it was read with: to keep these, read a
    /// [`Document`](crate::Document), which fills in or repairs its own text.
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
    Order at Header {
        /// Sum of the lines' `extended_amount`.
        SubTotal = sub_total, MinorUnit, ["subtotal", "subtotalprice", "subtotalextax"];
        /// Total post-tax discount: the overall discount and the lines' `addl_discount`, as a positive number.
        OrderDiscount = order_discount, MinorUnit,
            ["discount", "totaldiscount", "totaldiscounts", "discounttotal", "discountamount", "discountamt"];
        /// Total tax.
        SalesTax = sales_tax, MinorUnit, ["tax", "totaltax", "taxtotal", "taxamount", "totaltaxcost"];
        /// Total shipping charge; no relation to the lines' `shipping_surcharge`.
        ShippingHandling = shipping_handling, MinorUnit,
            ["shipping", "shippingcost", "shippingtotal", "shippingamount", "shippingfee", "totalshipping",
                "totalshippingcost", "shippingcostextax"];
        /// `sub_total + sales_tax + shipping_handling - order_discount`.
        GrandTotal = grand_total, MinorUnit,
            ["total", "ordertotal", "grandtotal", "totalprice", "totalamount", "totalinctax"];
        /// Not used: 0 or unset.
        Balance = balance, MinorUnit, [];
    } and {
        /// The sender's name of the order, if it has one.
        cust_ref: Option<String>,
        /// The cart or marketplace where the order was placed.
        order_source: Option<String>,
        /// Whether it was read from a reply of the API, which may leave out filtered lines.
        from_reply: bool,
        /// The currency of all amounts.
        currency: Currency,
        /// The lines.
        items: Items,
        /// Fields of the header with another name for a charge field.
        misnamed: Vec<Misnamed>,
        /// If there are no items: another field that seems to hold them, an array of objects such as `line_items`.
        items_elsewhere: Option<String>,
        /// Other fields, such as addresses, that [`Order::to_json`] writes. Reading sets none.
        extra: Extra,
    }

    /// A line of an order: one entry of `items`.
    Line at Line {
        /// How many were ordered.
        Quantity = quantity, Count, ["qty", "qtyordered", "quantityordered"];
        /// Cost of a single item, without taxes, discounts and shipping.
        Price = price, Four, ["unitprice", "unitpricepaid", "priceextax"];
        /// Pre-tax discount on each single item, as a positive number.
        Discount = discount, Four, [];
        /// Post-tax discount on the whole line, as a positive number.
        AddlDiscount = addl_discount, Four, ["additionaldiscount"];
        /// Tax on the whole line.
        Tax = tax, MinorUnit, ["salestax", "taxamount", "totaltax", "linetax"];
        /// Extra shipping for the line; not part of any identity.
        ShippingSurcharge = shipping_surcharge, MinorUnit, [];
        /// `(price - discount) * quantity`.
        ExtendedAmount = extended_amount, MinorUnit, ["linetotal", "rowtotal", "extendedprice", "totalextax"];
    } and {
        /// Fields of the line with another name for a charge field.
        misnamed: Vec<Misnamed>,
        /// Whether `filtered_sku` says "Y": the line is left out elsewhere.
        filtered: bool,
        /// The kind of the entry of `items`, if it is not an object; its charges are then not known.
        not_an_object: Option<Found>,
        /// Other fields, such as `item`, that [`Order::to_json`] writes. Reading sets none.
        extra: Extra,
    }
}

impl Field {
    /// The field with exactly this name at this level.
    pub fn from_name(level: Level, name: &str) -> Option<Field> {
        Field::from_utf8(level, name.as_bytes())
    }

    /// Like [`Field::from_name`], for a name in UTF-8.
    pub(crate) fn from_utf8(level: Level, name: &[u8]) -> Option<Field> {
        level.fields().iter().copied().find(|field| field.name().as_bytes() == name)
    }

    /// The number of decimals that CartRover keeps of it, for a currency whose minor unit has `minor_unit` decimals; `None` for
    /// `quantity`.
    pub fn decimals_kept(self, minor_unit: u32) -> Option<u32> {
        match self.kept() {
            Kept::Four => Some(PRICE_DECIMALS),
            Kept::MinorUnit => Some(minor_unit),
            Kept::Count => None,
        }
    }
}

/// A set of charge fields, one bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet(u32);

// Each field has a bit of its own.
const _: () = assert!(Field::ALL.len() <= u32::BITS as usize);

impl FieldSet {
    const fn bit(field: Field) -> u32 {
        1 << field as u32
    }

    /// The set of these fields.
    pub(crate) const fn of(fields: &[Field]) -> FieldSet {
        let (mut bits, mut rest) = (0, fields);
        while let [field, others @ ..] = rest {
            bits |= FieldSet::bit(*field);
            rest = others;
        }
        FieldSet(bits)
    }

    /// The fields that are kept with the decimals of the minor unit.
    pub(crate) const fn money() -> FieldSet {
        let (mut bits, mut rest) = (0, Field::ALL);
        while let [field, others @ ..] = rest {
            if matches!(field.kept(), Kept::MinorUnit) {
                bits |= FieldSet::bit(*field);
            }
            rest = others;
        }
        FieldSet(bits)
    }

    #[inline(always)]
    pub(crate) const fn has(self, field: Field) -> bool {
        self.0 & FieldSet::bit(field) != 0
    }

    /// Adds a field. Returns whether it was new.
    #[inline(always)]
    pub(crate) fn add(&mut self, field: Field) -> bool {
        let first = !self.has(field);
        self.0 |= FieldSet::bit(field);
        first
    }

    /// Adds a field if a condition holds, without a branch.
    #[inline(always)]
    pub(crate) fn add_if(&mut self, holds: bool, field: Field) {
        self.0 |= u32::from(holds) << field as u32;
    }

    #[inline(always)]
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The fields that are in one of both.
    pub(crate) const fn or(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 | other.0)
    }

    /// The fields that are in both.
    #[inline(always)]
    pub(crate) const fn and(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 & other.0)
    }

    /// The fields that are not in the other.
    #[inline(always)]
    pub(crate) const fn without(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 & !other.0)
    }

    /// How many fields it has.
    pub(crate) const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Its fields, in the order of the table.
    pub(crate) fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.iter().copied().filter(move |field| self.has(*field))
    }
}

impl FromIterator<Field> for FieldSet {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> FieldSet {
        let mut set = FieldSet::default();
        for field in fields {
            set.add(field);
        }
        set
    }
}
