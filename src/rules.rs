//! The rule book, one row for each rule. Codes, names, severities, formulas, explanations and predicates are here and
//! nowhere else: everything that names a rule reads this table.

use core::fmt;
use core::str::FromStr;

use crate::error::Error;
use crate::order::Field;
use crate::predicates::{self, Predicate};
use crate::text_form::{named, serde_as_text};

/// How serious a broken rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Probably a mistake; the order stays valid.
    Warning,
    /// The order is invalid.
    Error,
}

named!(Severity, "severity", Warning = "warning", Error = "error");

/// Declares the rules. A row reads:
///
/// - its doc comment: the explanation, in Markdown; the first paragraph is the summary;
/// - `code` and `name`: stable for ever, and never used again once retired;
/// - `severity`: unless a policy says otherwise;
/// - `identity`: whether every order ends with it held, broken, or unchecked with a reason;
/// - `formula`: what must hold;
/// - `definition`: the words of the definitions that it comes from;
/// - `remedy`: what to do;
/// - `example`: an order that breaks this rule, and no others except those named in `with`;
/// - `check`: the predicate, whose answer makes the sentence;
/// - `not_fast`: empty if `src/fast_path.rs` proves that the rule holds. Otherwise one of these fields has to be stated for the
///   rule to be broken, and orders that state one are left to the full check; with `Quantity`, all orders are.
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident {
        code: $code:literal, name: $name:literal, severity: $severity:ident, identity: $identity:literal,
        formula: $formula:literal,
        definition: $definition:literal,
        remedy: $remedy:literal,
        example: $example:literal, with: [$($with:ident),*],
        check: $check:path, not_fast: [$($field:ident),*],
    })+) => {
        /// A rule: something that must hold of an order.
        ///
        /// `Display` prints its code; `FromStr` reads its code or its name. `docs/rules.md` lists all rules.
        ///
        /// ```
        /// use ordercharge::Rule;
        ///
        /// assert_eq!("OC105".parse(), Ok(Rule::GrandTotal));
        /// assert_eq!("grand-total".parse(), Ok(Rule::GrandTotal));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule { $($(#[doc = $doc])+ $rule),+ }

        impl Rule {
            /// Every rule, in the order of the codes.
            pub const ALL: &'static [Rule] = &[$(Rule::$rule),+];

            pub(crate) const fn row(self) -> &'static Row {
                match self {
                    $(Rule::$rule => const {
                        &Row {
                            code: $code,
                            name: $name,
                            severity: Severity::$severity,
                            identity: $identity,
                            explanation: concat!($($doc, "\n"),+),
                            formula: $formula,
                            definition: $definition,
                            remedy: $remedy,
                            example: $example,
                            with: &[$(Rule::$with),*],
                            check: $check,
                            not_fast: &[$(Field::$field),*],
                        }
                    }),+
                }
            }
        }
    };
}

/// A row of the table.
pub(crate) struct Row {
    code: &'static str,
    name: &'static str,
    severity: Severity,
    pub(crate) identity: bool,
    explanation: &'static str,
    formula: &'static str,
    definition: &'static str,
    remedy: &'static str,
    example: &'static str,
    with: &'static [Rule],
    pub(crate) check: Predicate,
    pub(crate) not_fast: &'static [Field],
}

rules! {
    /// The extended amount of a line is its unit price, less the discount on each item, times the quantity.
    ///
    /// If the exact product has more decimals than the currency, any rounding to the nearest minor unit is right, and a
    /// tie may go either way; a policy may ask for one rounding. The post-tax discount (`addl_discount`) and `tax` are not
    /// part of it. If no price of 4 decimals gives the stated amount, the rule holds, and OC210 says how far it is off.
    ExtendedAmount {
        code: "OC101", name: "extended-amount", severity: Error, identity: true,
        formula: "extended_amount = (price - discount) * quantity, rounded to the minor unit",
        definition: "extended_amount: `(price - discount) * quantity`. \"Does not take `addl_discount` or `tax` into account.\"",
        remedy: "write the expected amount, or correct the price, discount or quantity",
        example: r#"{"items": [{"price": 4.40, "quantity": 2, "extended_amount": 9}]}"#, with: [],
        check: predicates::extended_amount, not_fast: [],
    }

    /// The sub-total is the sum of the lines' extended amounts.
    ///
    /// Stated extended amounts are added up as they are, right or wrong; a line without one counts with its calculated
    /// one. Tax, shipping and order discount are not part of it. The rule is not checked if a line has neither an extended
    /// amount nor a price and quantity.
    SubTotal {
        code: "OC102", name: "sub-total", severity: Error, identity: true,
        formula: "sub_total = sum of the lines' extended_amount",
        definition: "sub_total: \"Sum of Order Line `extended_amount` fields. Does not include `sales_tax`, `order_discount`, or `shipping_handling`.\"",
        remedy: "write the sum of the lines, without tax, shipping and order discount",
        example: r#"{"sub_total": "17.00", "order_discount": "2.00", "items": [{"quantity": 1, "extended_amount": "19.00"}]}"#, with: [],
        check: predicates::sub_total, not_fast: [],
    }

    /// If lines have a tax, the order's sales tax is the sum of it.
    ///
    /// The rule is not checked if every line's tax is unset or 0: most carts do not set tax on the line.
    SalesTax {
        code: "OC103", name: "sales-tax", severity: Error, identity: true,
        formula: "sales_tax = sum of the lines' tax",
        definition: "sales_tax: \"If tax is set on Order Line this must match the sum of all order line tax fields. Most interfaces don't set tax on the order line.\"",
        remedy: "write the sum of the lines' tax, or leave tax off every line",
        example: r#"{"sales_tax": "2.25", "items": [{"quantity": 1, "tax": "1.13"}, {"quantity": 1, "tax": "1.13"}]}"#, with: [],
        check: predicates::sales_tax, not_fast: [],
    }

    /// The order discount covers at least the post-tax discounts of the lines; the rest of it is the overall discount.
    OrderDiscount {
        code: "OC104", name: "order-discount", severity: Error, identity: true,
        formula: "order_discount >= sum of the lines' addl_discount",
        definition: "order_discount: \"Total post-tax discount on order as a positive number. Overall order level post-tax discount passed from cart + (Sum of `addl_discount` from Order Lines)\"",
        remedy: "write the sum of the overall discount and the lines' addl_discount, as a positive number",
        example: r#"{"order_discount": 5, "items": [{"quantity": 1, "extended_amount": 40, "addl_discount": 3}, {"quantity": 1, "extended_amount": 40, "addl_discount": 4}]}"#, with: [],
        check: predicates::order_discount, not_fast: [],
    }

    /// The grand total is the sub-total plus sales tax and shipping, less the order discount.
    ///
    /// Each term is the stated amount if there is one, else the calculated one; unset shipping counts as 0. The rule is not
    /// checked if a term cannot be used, or if the sub-total is unset and cannot be calculated.
    GrandTotal {
        code: "OC105", name: "grand-total", severity: Error, identity: true,
        formula: "grand_total = sub_total + sales_tax + shipping_handling - order_discount",
        definition: "grand_total: `sub_total + sales_tax + shipping_handling - order_discount`",
        remedy: "write the expected amount, or correct the term that is wrong",
        example: r#"{"sub_total": 14, "sales_tax": 1, "order_discount": 2, "grand_total": 15, "items": [{"quantity": 1, "extended_amount": 14}]}"#, with: [],
        check: predicates::grand_total, not_fast: [],
    }

    /// CartRover does not use the balance: it is 0 or left off.
    Balance {
        code: "OC106", name: "balance", severity: Warning, identity: false,
        formula: "balance = 0, or unset",
        definition: "balance: \"Not used right now. Set to 0 or leave off completely.\"",
        remedy: "set it to 0, or leave it off",
        example: r#"{"balance": 25, "items": [{"quantity": 1}]}"#, with: [],
        check: predicates::balance, not_fast: [],
    }

    /// Discounts are positive numbers: they are subtracted, so they are written without a minus sign.
    NegativeDiscount {
        code: "OC201", name: "negative-discount", severity: Error, identity: false,
        formula: "discount, addl_discount and order_discount >= 0",
        definition: "discount, addl_discount and order_discount: \"as a positive number\"",
        remedy: "write the discount without its minus sign",
        example: r#"{"order_discount": -5, "items": [{"quantity": 1}]}"#, with: [OrderDiscount],
        check: predicates::negative_discount, not_fast: [],
    }

    /// Prices, taxes, surcharges, shipping and the sums of them are not negative.
    NegativeAmount {
        code: "OC202", name: "negative-amount", severity: Error, identity: false,
        formula: "price, tax, shipping_surcharge, extended_amount, sub_total, sales_tax and shipping_handling >= 0",
        definition: "price: \"Cost of a single item.\"; the others are charges or sums of charges",
        remedy: "send what is taken off as a discount; a return does not belong in an order",
        example: r#"{"shipping_handling": "-4.99", "items": [{"quantity": 1}]}"#, with: [],
        check: predicates::negative_amount, not_fast: [],
    }

    /// Every line says how many were ordered.
    Quantity {
        code: "OC203", name: "quantity", severity: Error, identity: false,
        formula: "quantity is set, and >= 0",
        definition: "quantity: \"Number/Quantity of this product ordered.\"",
        remedy: "send the quantity that was ordered, 0 or more; a return does not belong in an order",
        example: r#"{"items": [{"price": 5}]}"#, with: [],
        check: predicates::quantity, not_fast: [],
    }

    /// A quantity of 0, or a fractional one, is usually a mistake.
    OddQuantity {
        code: "OC204", name: "odd-quantity", severity: Warning, identity: false,
        formula: "quantity is a whole number other than 0",
        definition: "quantity: \"Number/Quantity of this product ordered.\"",
        remedy: "leave the line off, or sell by a smaller unit",
        example: r#"{"items": [{"quantity": 2.5}]}"#, with: [],
        check: predicates::odd_quantity, not_fast: [],
    }

    /// The discount on an item is at most its price.
    DiscountExceedsPrice {
        code: "OC205", name: "discount-exceeds-price", severity: Error, identity: false,
        formula: "discount <= price",
        definition: "discount: \"Pre-tax Discount amounts to be applied to EACH single item as a positive number.\"",
        remedy: "write the discount on each single item, not on the whole line",
        example: r#"{"items": [{"price": 10, "discount": 30, "quantity": 5}]}"#, with: [],
        check: predicates::discount_exceeds_price, not_fast: [],
    }

    /// The post-tax discount of a line is at most what the line costs with its tax.
    AddlDiscountExceedsLine {
        code: "OC206", name: "addl-discount-exceeds-line", severity: Warning, identity: false,
        formula: "addl_discount <= extended_amount + tax",
        definition: "addl_discount: \"Post-tax Discount amount to be applied to the total item line as a positive number.\"",
        remedy: "spread the discount over the lines it belongs to",
        example: r#"{"items": [{"quantity": 1, "extended_amount": 10, "tax": 1, "addl_discount": 12}]}"#, with: [],
        check: predicates::addl_discount_exceeds_line, not_fast: [],
    }

    /// A grand total below 0 is usually a mistake.
    NegativeGrandTotal {
        code: "OC207", name: "negative-grand-total", severity: Warning, identity: false,
        formula: "grand_total >= 0",
        definition: "grand_total: `sub_total + sales_tax + shipping_handling - order_discount`",
        remedy: "check the order discount: it exceeds the amount to pay",
        example: r#"{"sub_total": 10, "order_discount": 15, "grand_total": -5, "items": [{"quantity": 1, "extended_amount": 10}]}"#, with: [],
        check: predicates::negative_grand_total, not_fast: [],
    }

    /// An amount has no more decimals than CartRover keeps: 4 for price, discount and addl_discount, those of the
    /// currency for every other amount. Trailing zeros do not count.
    ExcessPrecision {
        code: "OC208", name: "excess-precision", severity: Warning, identity: false,
        formula: "decimals <= 4 for price, discount and addl_discount, <= those of the minor unit for every other amount",
        definition: "the API keeps price, discount and addl_discount with 4 decimals, every other amount with those of the currency",
        remedy: "round the amount before it is sent; many decimals usually come from a binary float",
        example: r#"{"items": [{"price": 26.400000000000002, "quantity": 3}]}"#, with: [],
        check: predicates::excess_precision, not_fast: [],
    }

    /// The sums hold as stated, but no longer after every amount is rounded to the decimals that CartRover keeps.
    ///
    /// Each amount is stored rounded, ties away from zero. The warehouse then sees sums that are off by a cent, although
    /// every check before passed.
    BreaksInStorage {
        code: "OC209", name: "breaks-in-storage", severity: Error, identity: false,
        formula: "OC102 to OC105 hold for the amounts as stored",
        definition: "the API keeps price, discount and addl_discount with 4 decimals, every other amount with those of the currency",
        remedy: "round every amount first, and add up the rounded amounts",
        example: r#"{"sub_total": 20.008, "items": [{"quantity": 1, "extended_amount": 10.004}, {"quantity": 1, "extended_amount": 10.004}]}"#, with: [ExcessPrecision],
        check: predicates::breaks_in_storage, not_fast: [],
    }

    /// CartRover keeps 4 decimals of price and discount, which may be too few for the total of the line.
    ///
    /// From a quantity of about 100 on, two neighbouring prices of 4 decimals give line totals that are more than a cent
    /// apart, and the total that the cart charged may lie between them: 300 items for 100.00 are 0.3333 each, which comes
    /// to 99.99. If price or discount has 4 decimals, OC101 therefore holds if the stated amount is off by at most half a
    /// minor unit plus 0.00005 for each item (and for each of the two that has 4 decimals), and no price of 4 decimals
    /// gives it. If one does, the price is wrong, and OC101 reports it. With any rounding but `nearest`, OC101 does not
    /// hold.
    UnitPricePrecision {
        code: "OC210", name: "unit-price-precision", severity: Warning, identity: false,
        formula: "a price of 4 decimals gives extended_amount, rounded to the minor unit",
        definition: "the API keeps price and discount with 4 decimals, extended_amount with those of the currency",
        remedy: "nothing, if the cart charged the stated amount; to make the line exact, round the price up and add the excess to addl_discount",
        example: r#"{"items": [{"price": 0.3333, "quantity": 300, "extended_amount": 100}]}"#, with: [],
        check: predicates::unit_price_precision, not_fast: [],
    }

    /// A charge field holds an amount: a JSON number, or a string that is one decimal number.
    ///
    /// A value that is not an amount is not guessed, and what depends on it is not checked.
    InvalidAmount {
        code: "OC301", name: "invalid-amount", severity: Error, identity: false,
        formula: "a charge field holds a number, or a string that is one",
        definition: "the charge fields are amounts; they are sent as numbers and as numeric strings",
        remedy: "send the number only, without a currency sign or thousands separator, and with a point before the decimals",
        example: r#"{"items": [{"price": "$5.00", "quantity": 1}]}"#, with: [],
        check: predicates::invalid_amount, not_fast: [],
    }

    /// Every amount, stated or calculated, has at most 28 digits, at most 28 of them decimals.
    ///
    /// An amount with more digits would have to be rounded. It is not used, and what depends on it is not checked.
    InexactAmount {
        code: "OC302", name: "inexact-amount", severity: Error, identity: false,
        formula: "at most 28 digits, at most 28 of them decimals",
        definition: "a sum of rounded amounts proves nothing",
        remedy: "write the amount with the decimals of its currency",
        example: r#"{"items": [{"price": 1e400, "quantity": 1}]}"#, with: [],
        check: predicates::inexact_amount, not_fast: [],
    }

    /// A charge field, or `items`, is there at most once in its object.
    ///
    /// Parsers differ on which of two counts, so the sender and the receiver may see different orders. The field is
    /// unusable.
    DuplicateField {
        code: "OC303", name: "duplicate-field", severity: Error, identity: false,
        formula: "a charge field, or items, is there at most once in its object",
        definition: "JSON leaves open which of two equal names counts (RFC 8259, section 4)",
        remedy: "leave one of them off",
        example: r#"{"items": [{"price": 5, "price": 6, "quantity": 1}]}"#, with: [],
        check: predicates::duplicate_field, not_fast: [],
    }

    /// An amount is under a name that is not a charge field, and the field that it seems to mean is unset.
    ///
    /// CartRover ignores names that it does not know, so the amount is lost. Recognised are other words for the field
    /// (`tax`, `total`, `qty`), the names that carts have for it (`total_price`, `shipping_amount`, `row_total`) and names
    /// with one wrong letter (`grand_totl`). Letter case, `-` and `_` make no difference.
    ///
    /// Several names for one field count once if they hold equal amounts. If they disagree, or one name is there twice
    /// with different amounts, none of them counts.
    MisnamedField {
        code: "OC304", name: "misnamed-field", severity: Warning, identity: false,
        formula: "an amount is under its name in the definitions",
        definition: "the names of the Order Charge Field Definitions",
        remedy: "send the amount under the right name",
        example: r#"{"tax": 1, "items": [{"quantity": 1}]}"#, with: [],
        check: predicates::misnamed_field, not_fast: [],
    }

    /// A charge field holds an empty or blank string, which counts as unset.
    EmptyAmount {
        code: "OC305", name: "empty-amount", severity: Warning, identity: false,
        formula: "a charge field holds an amount, or is left off",
        definition: "the charge fields are amounts",
        remedy: "send the amount, or leave the field off",
        example: r#"{"sales_tax": "", "items": [{"quantity": 1}]}"#, with: [],
        check: predicates::empty_amount, not_fast: [],
    }

    /// An order has lines: `items` is an array of at least one object.
    ///
    /// An order without items is one mistake, so OC102, OC103 and OC104 are then not checked. The grand total (OC105) is
    /// checked if the sub-total is stated. If an array of objects is under another name, such as `line_items` or
    /// `products`, the message names it.
    NoItems {
        code: "OC306", name: "no-items", severity: Error, identity: false,
        formula: "items is an array of at least one object",
        definition: "the order lines are in items",
        remedy: "send the lines as an array of objects in items",
        example: r#"{"cust_ref": "TEST02", "items": {"quantity": 1}}"#, with: [],
        check: predicates::no_items, not_fast: [],
    }

    /// The currency code, if set, is an ISO 4217 code: three capital letters of its table.
    ///
    /// If the code is unknown, two decimals are assumed.
    UnknownCurrency {
        code: "OC307", name: "unknown-currency", severity: Warning, identity: false,
        formula: "currency_code is an ISO 4217 code, or unset",
        definition: "currency_code: an ISO 4217 code or null",
        remedy: "send the code of ISO 4217, such as USD",
        example: r#"{"currency_code": "usd", "items": [{"quantity": 1}]}"#, with: [],
        check: predicates::unknown_currency, not_fast: [],
    }
}

impl Rule {
    /// The stable code: `OC105`.
    pub const fn code(self) -> &'static str {
        self.row().code
    }

    /// The stable name: `grand-total`.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The default severity. A policy can change it.
    pub const fn severity(self) -> Severity {
        self.row().severity
    }

    /// Whether it relates amounts: every report says whether it is held, broken, or unchecked and why.
    pub const fn is_identity(self) -> bool {
        self.row().identity
    }

    /// What must hold.
    pub const fn formula(self) -> &'static str {
        self.row().formula
    }

    /// The words of the definitions that it comes from.
    pub const fn definition(self) -> &'static str {
        self.row().definition
    }

    /// What to change if it is broken.
    pub const fn remedy(self) -> &'static str {
        self.row().remedy
    }

    /// An order, as JSON, that breaks it.
    pub const fn example(self) -> &'static str {
        self.row().example
    }

    /// The other rules that its example breaks.
    pub const fn example_also_breaks(self) -> &'static [Rule] {
        self.row().with
    }

    /// What must hold and why, in Markdown.
    pub fn explanation(self) -> String {
        let lines: Vec<&str> =
            self.row().explanation.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        lines.join("\n").trim().to_owned()
    }
}

impl Rule {
    /// The whole row as a section of Markdown, as in `docs/rules.md`.
    pub fn markdown(self) -> String {
        format!(
            "## {} `{}`\n\nSeverity: {}.\n\n{}\n\nHolds when: {}.\n\nSource: {}\n\nWhat to do: {}.\n\nAn order that breaks it:\n\n\
             ```json\n{}\n```\n",
            self.code(),
            self.name(),
            self.severity(),
            self.explanation(),
            self.formula(),
            self.definition(),
            self.remedy(),
            self.example(),
        )
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for Rule {
    type Err = Error;

    /// Reads a code or a name, in upper or lower case.
    fn from_str(name: &str) -> Result<Self, Error> {
        let named = |rule: &Rule| [rule.code(), rule.name()].iter().any(|known| known.eq_ignore_ascii_case(name));
        Rule::ALL.iter().copied().find(named).ok_or_else(|| {
            let near =
                Rule::ALL.iter().map(|rule| rule.name()).find(|known| known.contains(name) || name.contains(*known));
            Error::unknown_name("rule", name, near.map(str::to_owned))
        })
    }
}

serde_as_text!(Rule);
