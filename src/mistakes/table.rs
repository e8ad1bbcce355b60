//! The table of mistakes, one row for each. A row makes its mistake and undoes it. Everything that names a mistake reads
//! this table; the search (`diagnose.rs`) names none.

use super::figures::{DISCOUNT, EXTENDED, Faults, Figures, LINES, NAMES, SIGNS, SUB_TOTAL, TAX, TOTAL};
use super::steps::{Step, Steps};
use super::witness::{Bits, COMMON, RARE, USUAL};
use super::{header, lines, total};

/// Declares the mistakes. A row reads:
///
/// - its doc comment: what happened, in Markdown;
/// - `name`: stable for ever;
/// - `bits`: how rare it is, in tenths of a bit;
/// - `free_amount`: whether it has an amount that is in no field of the order;
/// - `when`: what has to be broken for this row to be tried;
/// - `what`: what is wrong, as a clause; names of fields are in backticks;
/// - `remedy`: what to change in the mapping;
/// - `undo`: gives the orders that may have been meant;
/// - `make`: makes the mistake in a right order, if the order has what it needs; the number chooses one of several ways.
macro_rules! mistakes {
    ($($(#[doc = $doc:literal])+ $mistake:ident {
        name: $name:literal, bits: $bits:expr, free_amount: $free:literal,
        when: $when:expr,
        what: $what:literal,
        remedy: $remedy:literal,
        undo: $undo:path, make: $make:path,
    })+) => {
        /// A mistake: something that a mapping or a program does to a right order.
        ///
        /// `Display` prints its name, and `FromStr` reads it. `docs/mistakes.md` lists all mistakes.
        ///
        /// ```
        /// use ordercharge::Mistake;
        ///
        /// assert_eq!("price-is-line-total".parse(), Ok(Mistake::PriceIsLineTotal));
        /// assert_eq!(Mistake::PriceIsLineTotal.remedy(), "send the price of one item: price = value / quantity");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Mistake {
            $($(#[doc = $doc])+ $mistake),+
        }

        impl Mistake {
            /// Every mistake, in the order of the table.
            pub const ALL: &'static [Mistake] = &[$(Mistake::$mistake),+];

            /// What has to be broken for each of them to be tried, in the order of the table. They are next to each other,
            /// because the search looks at all of them for every order.
            pub(crate) const WHEN: &'static [Faults] = &[$($when),+];

            pub(crate) fn when(self) -> Faults {
                Self::WHEN.get(self as usize).copied().unwrap_or_default()
            }

            pub(crate) const fn row(self) -> &'static Row {
                match self {
                    $(Mistake::$mistake => const {
                        &Row {
                            name: $name,
                            bits: $bits,
                            free_amount: $free,
                            explanation: concat!($($doc, "\n"),+),
                            what: $what,
                            plain: {
                                const PLAIN: [u8; plain_length($what)] = plain($what);
                                match core::str::from_utf8(&PLAIN) {
                                    Ok(plain) => plain,
                                    Err(_) => $what,
                                }
                            },
                            remedy: $remedy,
                            undo: $undo,
                            make: $make,
                        }
                    }),+
                }
            }
        }
    };
}

impl Mistake {
    /// Undoes it in an order.
    pub(crate) fn undo(self, order: &Figures, whole: bool) -> Vec<Step> {
        let mut steps = Steps::new(whole, self);
        (self.row().undo)(order, &mut steps);
        steps.found
    }
}

/// A row of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) bits: Bits,
    pub(crate) free_amount: bool,
    pub(crate) explanation: &'static str,
    pub(crate) what: &'static str,
    /// `what` without its backticks.
    pub(crate) plain: &'static str,
    pub(crate) remedy: &'static str,
    pub(crate) undo: fn(&Figures, &mut Steps),
    pub(crate) make: fn(&Figures, usize) -> Option<Figures>,
}

/// The number of bytes of a clause that are not backticks.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn plain_length(clause: &str) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < clause.len() {
        count += (clause.as_bytes()[at] != b'`') as usize;
        at += 1;
    }
    count
}

/// A clause without its backticks.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn plain<const LENGTH: usize>(clause: &str) -> [u8; LENGTH] {
    let (mut plain, mut count, mut at) = ([0; LENGTH], 0, 0);
    while at < clause.len() {
        if clause.as_bytes()[at] != b'`' {
            plain[count] = clause.as_bytes()[at];
            count += 1;
        }
        at += 1;
    }
    plain
}

mistakes! {
    /// CartRover ignores names that it does not know: the amount is lost. `docs/rules.md` lists the names that are
    /// recognised, at OC304.
    MisnamedField {
        name: "misnamed-field", bits: COMMON - 40, free_amount: false,
        when: NAMES,
        what: "an amount is under another name",
        remedy: "send the amount under the name that the definitions give it",
        undo: header::misnamed_field, make: header::make_misnamed_field,
    }

    /// The mapping copied the total of the line (a row total, a line price) into `price`, which is the price of one
    /// item. Lines with a quantity of 1 do not show it.
    PriceIsLineTotal {
        name: "price-is-line-total", bits: COMMON, free_amount: false,
        when: LINES,
        what: "`price` holds the total of the line",
        remedy: "send the price of one item: price = value / quantity",
        undo: lines::price_is_line_total, make: lines::make_price_is_line_total,
    }

    /// The mapping copied both the total of the line before its discount and the whole discount of the line. Both
    /// fields are for one item.
    PriceAndDiscountAreLineTotals {
        name: "price-and-discount-are-line-totals", bits: USUAL, free_amount: false,
        when: LINES,
        what: "`price` and `discount` hold the totals of the line",
        remedy: "send both for one item: divide them by the quantity",
        undo: lines::price_and_discount_are_line_totals, make: lines::make_price_and_discount_are_line_totals,
    }

    /// The price is the total of the line, and the extended amount was calculated from it, so that the quantity counts
    /// twice. `sub_total` and `grand_total` still agree with the right amount.
    LineTotalTimesQuantity {
        name: "line-total-times-quantity", bits: COMMON, free_amount: false,
        when: LINES | TOTAL,
        what: "`price` holds the total of the line, and `extended_amount` multiplies it by the quantity again",
        remedy: "send the price of one item: price = value / quantity",
        undo: lines::line_total_times_quantity, make: lines::make_line_total_times_quantity,
    }

    /// The cart reports a price after the discount, and the mapping sent the discount as well. Every calculation then
    /// takes it off a second time.
    PriceIsNetOfDiscount {
        name: "price-is-net-of-discount", bits: COMMON, free_amount: false,
        when: LINES,
        what: "`price` has the discount taken off already",
        remedy: "send the price before the discount, or leave `discount` off",
        undo: lines::price_is_net_of_discount, make: lines::make_price_is_net_of_discount,
    }

    /// The price is after the discount, and the extended amount was calculated with the discount a second time.
    /// `sub_total` and `grand_total` agree with the discount taken off once.
    DiscountOffTwice {
        name: "discount-off-twice", bits: USUAL, free_amount: false,
        when: LINES | TOTAL,
        what: "`price` has the discount taken off already, and `extended_amount` takes it off again",
        remedy: "send the price before the discount",
        undo: lines::discount_off_twice, make: lines::make_discount_off_twice,
    }

    /// The price is the one that the customer sees, with the tax; the extended amount is without.
    PriceHoldsTax {
        name: "price-holds-tax", bits: COMMON, free_amount: false,
        when: LINES,
        what: "`price` includes the tax, `extended_amount` does not",
        remedy: "send the price without tax",
        undo: lines::price_holds_tax, make: lines::make_price_holds_tax,
    }

    /// The price of one item was made by dividing the total of a line and rounded to cents, so that price times
    /// quantity misses the total of the line by some cents. CartRover keeps four decimals of a price.
    UnitPriceRounded {
        name: "unit-price-rounded", bits: COMMON, free_amount: false,
        when: LINES | TOTAL,
        what: "`price` was rounded",
        remedy: "send the price with four decimals: price = extended_amount / quantity + discount",
        undo: lines::unit_price_rounded, make: lines::make_unit_price_rounded,
    }

    /// The discount on one item was made by dividing the discount of the line and rounded to cents. CartRover keeps four
    /// decimals of a discount.
    UnitDiscountRounded {
        name: "unit-discount-rounded", bits: COMMON, free_amount: false,
        when: LINES,
        what: "`discount` was rounded",
        remedy: "send the discount with four decimals: discount = price - extended_amount / quantity",
        undo: lines::unit_discount_rounded, make: lines::make_unit_discount_rounded,
    }

    /// The price is for a dozen, a hundred or another pack, and the quantity counts single items.
    PricePerPack {
        name: "price-per-pack", bits: USUAL, free_amount: false,
        when: LINES,
        what: "`price` is for a pack, not for one item",
        remedy: "send the price of the unit that `quantity` counts",
        undo: lines::price_per_pack, make: lines::make_price_per_pack,
    }

    /// The quantity counts packs or cases, and the price is for one piece in them.
    PriceForOtherUnit {
        name: "price-for-other-unit", bits: RARE, free_amount: false,
        when: LINES,
        what: "`price` is for a smaller unit than the one that `quantity` counts",
        remedy: "send the price of the unit that `quantity` counts",
        undo: lines::price_for_other_unit, make: lines::make_price_for_other_unit,
    }

    /// The mapping copied the whole discount of the line into `discount`, which is taken off each item. Lines with a
    /// quantity of 1 do not show it.
    DiscountIsLineTotal {
        name: "discount-is-line-total", bits: COMMON, free_amount: false,
        when: LINES,
        what: "`discount` holds the discount of the whole line",
        remedy: "send the discount on one item: discount = value / quantity",
        undo: lines::discount_is_line_total, make: lines::make_discount_is_line_total,
    }

    /// The discount is for the whole line, and the extended amount was calculated as if it were for each item.
    /// `sub_total` and `grand_total` agree with the right amount.
    DiscountIsLineTotalTimesQuantity {
        name: "discount-is-line-total-times-quantity", bits: USUAL, free_amount: false,
        when: LINES | TOTAL,
        what: "`discount` holds the discount of the whole line, and `extended_amount` takes it off each item",
        remedy: "send the discount on one item: discount = value / quantity",
        undo: lines::discount_is_line_total_times_quantity, make: lines::make_discount_is_line_total_times_quantity,
    }

    /// Some items of the line were cancelled or refunded, and the discount is still that of all of them, spread over those
    /// that are left.
    DiscountOfMoreItems {
        name: "discount-of-more-items", bits: USUAL, free_amount: false,
        when: LINES,
        what: "`discount` holds the discount of more items than `quantity` counts",
        remedy: "divide the discount by the quantity that it was given for",
        undo: lines::discount_of_more_items, make: lines::make_discount_of_more_items,
    }

    /// The mapping copied the percentage of a discount instead of the amount on one item.
    DiscountIsPercentage {
        name: "discount-is-percentage", bits: USUAL, free_amount: false,
        when: LINES,
        what: "`discount` holds a percentage",
        remedy: "send the amount: discount = price * percentage / 100",
        undo: lines::discount_is_percentage, make: lines::make_discount_is_percentage,
    }

    /// Some of several items were free, as with "buy two, pay one": the extended amount is for those that were paid.
    FreeUnits {
        name: "free-units", bits: RARE - 20, free_amount: false,
        when: LINES,
        what: "some items of the line are free, and `discount` does not say so",
        remedy: "send what is free as a discount on each item",
        undo: lines::free_units, make: lines::make_free_units,
    }

    /// The extended amount is less than the price times the quantity, and `sub_total` and `grand_total` agree with it:
    /// a discount was taken off that the order does not show.
    DiscountInNoFieldOnLines {
        name: "discount-in-no-field-on-lines", bits: USUAL, free_amount: true,
        when: LINES,
        what: "a discount on the line is in no field, or `price` is not the one that was charged",
        remedy: "send the discount on one item in `discount` (price - extended_amount / quantity), or the price after it",
        undo: lines::discount_in_no_field_on_lines, make: lines::make_discount_in_no_field_on_lines,
    }

    /// The extended amount is more than the price times the quantity, and `sub_total` and `grand_total` agree with it:
    /// the price is too low, or the discount is too high.
    PriceWrong {
        name: "price-wrong", bits: RARE, free_amount: true,
        when: LINES,
        what: "`price` is too low for what the line comes to, or `discount` is too high",
        remedy: "find out where price and discount come from",
        undo: lines::price_wrong, make: lines::make_price_wrong,
    }

    /// The article is sold by weight or length, and the mapping cut the quantity to a whole number.
    QuantityCut {
        name: "quantity-cut", bits: USUAL, free_amount: false,
        when: LINES,
        what: "`quantity` was cut to a whole number",
        remedy: "send the quantity with its decimals",
        undo: lines::quantity_cut, make: lines::make_quantity_cut,
    }

    /// The quantity was changed after the amounts had been calculated: some items were cancelled, added or refunded.
    StaleQuantity {
        name: "stale-quantity", bits: RARE, free_amount: false,
        when: LINES,
        what: "`quantity` is not the one that the amounts were made with",
        remedy: "send the quantity that was charged",
        undo: lines::stale_quantity, make: lines::make_stale_quantity,
    }

    /// The cart or the payment service counts in cents, and the mapping sent them as they are. It happens to single
    /// fields and to all amounts of the lines, and with a fixed factor of 100 also in currencies without cents.
    MinorUnitsOnLines {
        name: "minor-units-on-lines", bits: COMMON, free_amount: false,
        when: LINES | TOTAL | TAX | DISCOUNT,
        what: "amounts of the lines are in minor units (cents)",
        remedy: "divide by 100: amounts are in the major unit of the currency (by 1000 where the currency has three decimals)",
        undo: lines::minor_units_on_lines, make: lines::make_minor_units_on_lines,
    }

    /// The mapping cut prices or extended amounts to whole numbers.
    CentsCutOnLines {
        name: "cents-cut-on-lines", bits: USUAL, free_amount: false,
        when: LINES,
        what: "the decimals of a line were cut off",
        remedy: "send amounts with their decimals",
        undo: lines::cents_cut_on_lines, make: lines::make_cents_cut_on_lines,
    }

    /// The header is in the currency that the customer paid, the lines are in the currency of the shop, or the other
    /// way round. One rate explains both the amounts and the tax.
    LinesInAnotherCurrency {
        name: "lines-in-another-currency", bits: COMMON, free_amount: true,
        when: SUB_TOTAL,
        what: "the lines are in another currency than the header",
        remedy: "send all amounts in the currency of the order",
        undo: lines::lines_in_another_currency, make: lines::make_lines_in_another_currency,
    }

    /// Prices and extended amounts include the tax, and the header is without it.
    LinesHoldTax {
        name: "lines-hold-tax", bits: USUAL, free_amount: false,
        when: SUB_TOTAL,
        what: "the lines include the tax, `sub_total` does not",
        remedy: "send the lines without tax",
        undo: lines::lines_hold_tax, make: lines::make_lines_hold_tax,
    }

    /// The discount of the order was spread over the lines, but `sub_total` and `order_discount` are still those from
    /// before.
    LinesNetOfOrderDiscount {
        name: "lines-net-of-order-discount", bits: USUAL, free_amount: false,
        when: SUB_TOTAL,
        what: "the lines have the order discount taken off already, `sub_total` does not",
        remedy: "send `sub_total` as the sum of the lines, and `order_discount` as 0",
        undo: lines::lines_net_of_order_discount, make: lines::make_lines_net_of_order_discount,
    }

    /// The mapping copied the tax on one item. `tax` is for the total quantity of the line.
    LineTaxIsPerItem {
        name: "line-tax-is-per-item", bits: USUAL, free_amount: false,
        when: TAX,
        what: "`tax` of the lines is for one item",
        remedy: "send the tax of the whole line: tax * quantity",
        undo: lines::line_tax_is_per_item, make: lines::make_line_tax_is_per_item,
    }

    /// The mapping copied the rate of the tax (such as 20 for 20 %) instead of the amount.
    LineTaxIsRate {
        name: "line-tax-is-rate", bits: USUAL, free_amount: false,
        when: TAX,
        what: "`tax` of the lines holds the rate",
        remedy: "send the amount of the tax",
        undo: lines::line_tax_is_rate, make: lines::make_line_tax_is_rate,
    }

    /// The tax of a line is for its whole quantity already, but `sales_tax` was added up with each tax multiplied by the
    /// quantity.
    LineTaxMultiplied {
        name: "line-tax-multiplied", bits: USUAL, free_amount: false,
        when: TAX,
        what: "`sales_tax` multiplies the tax of each line by its quantity",
        remedy: "add up the tax of the lines as it is",
        undo: lines::line_tax_multiplied, make: lines::make_line_tax_multiplied,
    }

    /// `sales_tax` holds the tax on shipping too, which belongs to no line, so that the tax of the lines cannot add up
    /// to it.
    LineTaxWithoutShippingTax {
        name: "line-tax-without-shipping-tax", bits: COMMON, free_amount: false,
        when: TAX,
        what: "the tax on shipping is in `sales_tax` and on no line",
        remedy: "leave `tax` off the lines where shipping is taxed",
        undo: lines::line_tax_without_shipping_tax, make: lines::make_line_tax_without_shipping_tax,
    }

    /// `sales_tax` and the tax of the lines were rounded independently of each other.
    TaxRoundedPerLineOrOrder {
        name: "tax-rounded-per-line-or-order", bits: USUAL, free_amount: false,
        when: TAX,
        what: "the tax was rounded for each line, and `sales_tax` once for the order",
        remedy: "leave `tax` off the lines, or spread the cents",
        undo: lines::tax_rounded_per_line_or_order, make: lines::make_tax_rounded_per_line_or_order,
    }

    /// The tax on one item was rounded to cents and then multiplied, which multiplies the rounding too.
    TaxRoundedPerUnit {
        name: "tax-rounded-per-unit", bits: USUAL, free_amount: false,
        when: TAX | TOTAL,
        what: "the tax was rounded for each item and multiplied by the quantity",
        remedy: "calculate the tax of the line from the amount of the line",
        undo: lines::tax_rounded_per_unit, make: lines::make_tax_rounded_per_unit,
    }

    /// `grand_total` agrees with `sales_tax`, and the tax of the lines does not.
    LineTaxDiffers {
        name: "line-tax-differs", bits: USUAL, free_amount: true,
        when: TAX,
        what: "the tax of the lines is not the tax that the total was made with",
        remedy: "leave `tax` off the lines, or send the tax that was charged",
        undo: lines::line_tax_differs, make: lines::make_line_tax_differs,
    }

    /// The mapping wrote the discount of the order on each line.
    OrderDiscountOnEveryLine {
        name: "order-discount-on-every-line", bits: USUAL, free_amount: false,
        when: DISCOUNT,
        what: "`addl_discount` of every line holds the discount of the whole order",
        remedy: "spread the discount over the lines",
        undo: lines::order_discount_on_every_line, make: lines::make_order_discount_on_every_line,
    }

    /// The parts of a discount were rounded one by one, and together are more than the discount.
    DiscountSpreadWithCentsLeft {
        name: "discount-spread-with-cents-left", bits: USUAL, free_amount: false,
        when: DISCOUNT,
        what: "the discount was spread over the lines and rounded, and some cents are left over",
        remedy: "let the last line take the rest",
        undo: lines::discount_spread_with_cents_left, make: lines::make_discount_spread_with_cents_left,
    }

    /// A bundle is listed with its price, and so are the articles in it: their amounts add up to the price of the
    /// bundle.
    BundleAndParts {
        name: "bundle-and-parts", bits: COMMON, free_amount: false,
        when: LINES | TOTAL,
        what: "a bundle and its parts both have a price",
        remedy: "send either the bundle or its parts with a price of 0",
        undo: lines::bundle_and_parts, make: lines::make_bundle_and_parts,
    }

    /// `sub_total` and `grand_total` were made without the line: it was cancelled, or could not be delivered.
    LineCancelled {
        name: "line-cancelled", bits: USUAL, free_amount: false,
        when: SUB_TOTAL | TOTAL,
        what: "a line is listed that the totals do not count",
        remedy: "leave the line off, or send it with quantity 0",
        undo: lines::line_cancelled, make: lines::make_line_cancelled,
    }

    /// `sub_total` is more than the sum of the lines: one of them was left out, or the totals are those of a basket of
    /// which this order is a part.
    LineMissing {
        name: "line-missing", bits: USUAL, free_amount: true,
        when: SUB_TOTAL,
        what: "`sub_total` counts a line that is not in `items`",
        remedy: "send every line of the order, or the totals of these lines",
        undo: lines::line_missing, make: lines::make_line_missing,
    }

    /// The cart reports discounts as negative numbers, and the mapping copied the sign.
    DiscountSign {
        name: "discount-sign", bits: COMMON, free_amount: false,
        when: SIGNS,
        what: "the discount of the line has a minus sign",
        remedy: "send discounts as positive numbers",
        undo: lines::discount_sign, make: lines::make_discount_sign,
    }

    /// The cart lists a coupon or a credit as an item with a negative price. CartRover wants prices and amounts of
    /// lines that are not negative.
    DiscountSentAsLine {
        name: "discount-sent-as-line", bits: USUAL + 60, free_amount: false,
        when: SIGNS,
        what: "a discount is sent as a line with a negative price",
        remedy: "send the discount in `order_discount`, without a line",
        undo: lines::discount_sent_as_line, make: lines::make_discount_sent_as_line,
    }

    /// The extended amount was not multiplied by the quantity. `sub_total` and `grand_total` agree with price times
    /// quantity.
    QuantityIgnored {
        name: "quantity-ignored", bits: COMMON, free_amount: false,
        when: EXTENDED,
        what: "`extended_amount` is the price of one item",
        remedy: "multiply by the quantity",
        undo: lines::quantity_ignored, make: lines::make_quantity_ignored,
    }

    /// The extended amount is the total of the line times the quantity. `sub_total` and `grand_total` agree with the
    /// total of the line.
    QuantityTwice {
        name: "quantity-twice", bits: USUAL, free_amount: false,
        when: EXTENDED,
        what: "`extended_amount` was multiplied by the quantity twice",
        remedy: "multiply by the quantity once",
        undo: lines::quantity_twice, make: lines::make_quantity_twice,
    }

    /// The extended amount is the price times the quantity without the discount. `sub_total` and `grand_total` have it
    /// taken off.
    DiscountIgnored {
        name: "discount-ignored", bits: USUAL, free_amount: false,
        when: EXTENDED,
        what: "`extended_amount` was calculated without the discount",
        remedy: "subtract the discount before multiplying",
        undo: lines::discount_ignored, make: lines::make_discount_ignored,
    }

    /// The discount was taken off the line only once, twice, multiplied by the quantity twice, or added. `sub_total`
    /// and `grand_total` agree with (price - discount) * quantity.
    DiscountTakenOtherwise {
        name: "discount-taken-otherwise", bits: USUAL, free_amount: false,
        when: EXTENDED,
        what: "`extended_amount` has the discount taken off once, twice, or with the wrong sign",
        remedy: "subtract the discount from the price of each item",
        undo: lines::discount_taken_otherwise, make: lines::make_discount_taken_otherwise,
    }

    /// The extended amounts are those of other lines of the order: lists were joined in another order. Or the prices or
    /// the quantities of two lines are.
    LinesMixedUp {
        name: "lines-mixed-up", bits: USUAL, free_amount: false,
        when: EXTENDED,
        what: "extended amounts, prices or quantities of lines were swapped",
        remedy: "send each amount with its line",
        undo: lines::lines_mixed_up, make: lines::make_lines_mixed_up,
    }

    /// The extended amount includes the tax. `sub_total` does not.
    ExtendedAmountHoldsTax {
        name: "extended-amount-holds-tax", bits: USUAL, free_amount: false,
        when: EXTENDED,
        what: "`extended_amount` includes the tax of the line",
        remedy: "send `extended_amount` without tax",
        undo: lines::extended_amount_holds_tax, make: lines::make_extended_amount_holds_tax,
    }

    /// The extended amount was reduced by the post-tax discount of the line, which is part of `order_discount`.
    ExtendedAmountNetOfAddlDiscount {
        name: "extended-amount-net-of-addl-discount", bits: USUAL, free_amount: false,
        when: EXTENDED,
        what: "`extended_amount` has `addl_discount` taken off",
        remedy: "send `extended_amount` before `addl_discount`, which is part of `order_discount`",
        undo: lines::extended_amount_net_of_addl_discount, make: lines::make_extended_amount_net_of_addl_discount,
    }

    /// The extended amount was cut, rounded up, or made from a price that was rounded first.
    ExtendedAmountRoundedOtherwise {
        name: "extended-amount-rounded-otherwise", bits: USUAL, free_amount: false,
        when: EXTENDED,
        what: "`extended_amount` was not rounded to the nearest minor unit",
        remedy: "round to the nearest minor unit, once, after multiplying",
        undo: lines::extended_amount_rounded_otherwise, make: lines::make_extended_amount_rounded_otherwise,
    }

    /// Price, discount and quantity agree with `sub_total` and `grand_total`. The extended amount does not.
    ExtendedAmountWrong {
        name: "extended-amount-wrong", bits: USUAL, free_amount: true,
        when: EXTENDED,
        what: "`extended_amount` is not (price - discount) * quantity, but the totals agree with that product",
        remedy: "find out where the amount comes from",
        undo: lines::extended_amount_wrong, make: lines::make_extended_amount_wrong,
    }

    /// The shop shows prices with tax. The mapping sent them as they are, and the tax again in `sales_tax`:
    /// `grand_total` is right, and everything else counts the tax twice.
    PricesIncludeTax {
        name: "prices-include-tax", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "the prices include the tax, which is in `sales_tax` too",
        remedy: "send prices, extended amounts and `sub_total` without tax",
        undo: header::prices_include_tax, make: header::make_prices_include_tax,
    }

    /// A net price was taken for one that includes the tax: the tax was taken out of it, and calculated on the rest.
    /// `grand_total` has the price as it was, and the tax on it.
    TaxTakenOutOfNetPrices {
        name: "tax-taken-out-of-net-prices", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "the tax was taken out of prices that do not include it",
        remedy: "send net prices as they are",
        undo: header::tax_taken_out_of_net_prices, make: header::make_tax_taken_out_of_net_prices,
    }

    /// `sales_tax` is a usual rate of another figure of the order, such as the discount, shipping, or the sub-total
    /// before the discount. `grand_total` has the tax at the same rate on the right amount.
    TaxOfOtherAmount {
        name: "tax-of-other-amount", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`sales_tax` is the tax on another amount",
        remedy: "send the tax that was charged",
        undo: header::tax_of_other_amount, make: header::make_tax_of_other_amount,
    }

    /// `grand_total` has a tax at a usual rate, and `sales_tax` is another amount.
    SalesTaxDiffers {
        name: "sales-tax-differs", bits: USUAL, free_amount: true,
        when: TOTAL,
        what: "`sales_tax` is not the tax that the total was made with",
        remedy: "send the tax that was charged",
        undo: header::sales_tax_differs, make: header::make_sales_tax_differs,
    }

    /// The mapping copied the rate of the tax (such as 20 for 20 %) instead of the amount.
    SalesTaxIsRate {
        name: "sales-tax-is-rate", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`sales_tax` holds the rate",
        remedy: "send the amount of the tax",
        undo: header::sales_tax_is_rate, make: header::make_sales_tax_is_rate,
    }

    /// `grand_total` was made with a tax that was rounded at another step, and is off by one or two minor units.
    TaxRoundedApart {
        name: "tax-rounded-apart", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`sales_tax` was not rounded in the same step as the total",
        remedy: "send the tax that the total was made with",
        undo: header::tax_rounded_apart, make: header::make_tax_rounded_apart,
    }

    /// The mapping copied the tax of a single line.
    SalesTaxOfOneLine {
        name: "sales-tax-of-one-line", bits: USUAL, free_amount: false,
        when: TAX,
        what: "`sales_tax` holds the tax of one line",
        remedy: "add up the tax of all lines",
        undo: header::sales_tax_of_one_line, make: header::make_sales_tax_of_one_line,
    }

    /// Shipping or tax is listed as an item, and is in its own field as well.
    ChargeIsALineToo {
        name: "charge-is-a-line-too", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "a charge is in its field and in a line too",
        remedy: "send the charge once: in its field",
        undo: header::charge_is_a_line_too, make: header::make_charge_is_a_line_too,
    }

    /// The mapping reversed the sign of a charge, as for a refund.
    AmountSign {
        name: "amount-sign", bits: USUAL, free_amount: false,
        when: SIGNS,
        what: "an amount of the header has a minus sign",
        remedy: "send charges as positive numbers",
        undo: header::amount_sign, make: header::make_amount_sign,
    }

    /// A coupon or a credit was sent as negative tax or negative shipping. The sums hold.
    DiscountSentAsCharge {
        name: "discount-sent-as-charge", bits: USUAL, free_amount: false,
        when: SIGNS,
        what: "a discount is sent as a negative charge",
        remedy: "send the discount in `order_discount`, as a positive number",
        undo: header::discount_sent_as_charge, make: header::make_discount_sent_as_charge,
    }

    /// The mapping cut the amount to a whole number.
    CentsCutInHeader {
        name: "cents-cut-in-header", bits: USUAL, free_amount: false,
        when: SUB_TOTAL | TOTAL,
        what: "the decimals of an amount of the header were cut off",
        remedy: "send amounts with their decimals",
        undo: header::cents_cut_in_header, make: header::make_cents_cut_in_header,
    }

    /// `shipping_surcharge` of the lines enters no total. What was charged belongs in `shipping_handling`.
    SurchargeNotInShipping {
        name: "surcharge-not-in-shipping", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`shipping_handling` lacks the surcharges of the lines, which are in `grand_total`",
        remedy: "add what was charged to `shipping_handling`",
        undo: header::surcharge_not_in_shipping, make: header::make_surcharge_not_in_shipping,
    }

    /// The discount of each line is in `discount` already. The mapping sent the total of the discounts in
    /// `order_discount` as well.
    DiscountInLinesAndHeader {
        name: "discount-in-lines-and-header", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "the discounts of the lines are also in `order_discount`",
        remedy: "leave the discounts of the lines out of `order_discount`",
        undo: header::discount_in_lines_and_header, make: header::make_discount_in_lines_and_header,
    }

    /// The prices are those after the discount, and the mapping sent the discount as well. `grand_total` has it taken
    /// off once.
    DiscountInPricesAlready {
        name: "discount-in-prices-already", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "`order_discount` is in the prices already",
        remedy: "send `order_discount` as 0, or the prices before the discount",
        undo: header::discount_in_prices_already, make: header::make_discount_in_prices_already,
    }

    /// `order_discount` is the total of the discounts: the one over the whole order and the `addl_discount` of each
    /// line.
    OrderDiscountWithoutLines {
        name: "order-discount-without-lines", bits: COMMON, free_amount: false,
        when: DISCOUNT | TOTAL,
        what: "`order_discount` lacks the discounts of the lines",
        remedy: "add the `addl_discount` of the lines to `order_discount`",
        undo: header::order_discount_without_lines, make: header::make_order_discount_without_lines,
    }

    /// A fee or a surcharge was sent in `order_discount`, which is taken off.
    ChargeInOrderDiscount {
        name: "charge-in-order-discount", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`order_discount` holds a charge",
        remedy: "send fees and surcharges in `shipping_handling`",
        undo: header::charge_in_order_discount, make: header::make_charge_in_order_discount,
    }

    /// The cart reports discounts as negative numbers, and the mapping copied the sign.
    OrderDiscountSign {
        name: "order-discount-sign", bits: COMMON, free_amount: false,
        when: SIGNS,
        what: "`order_discount` has a minus sign",
        remedy: "send discounts as positive numbers",
        undo: header::order_discount_sign, make: header::make_order_discount_sign,
    }

    /// The mapping copied the percentage of a coupon instead of the amount.
    OrderDiscountIsPercentage {
        name: "order-discount-is-percentage", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`order_discount` holds a percentage",
        remedy: "send the amount of the discount",
        undo: header::order_discount_is_percentage, make: header::make_order_discount_is_percentage,
    }

    /// `grand_total` was made with a discount that was not rounded yet, or that was rounded for each item, and is a minor
    /// unit or some off.
    DiscountRoundedApart {
        name: "discount-rounded-apart", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`order_discount` was not rounded in the same step as the total",
        remedy: "send the discount that the total was made with",
        undo: header::discount_rounded_apart, make: header::make_discount_rounded_apart,
    }

    /// `grand_total` has the discount taken off twice. The customer may have had two equal discounts, of which one is in
    /// no field.
    SecondEqualDiscount {
        name: "second-equal-discount", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "the total has the discount taken off twice: there may be a second, equal one",
        remedy: "send the sum of both discounts in `order_discount`",
        undo: header::second_equal_discount, make: header::make_second_equal_discount,
    }

    /// The sub-total of the cart is after the discount. CartRover takes `order_discount` off a second time.
    SubTotalNetOfDiscount {
        name: "sub-total-net-of-discount", bits: COMMON, free_amount: false,
        when: SUB_TOTAL,
        what: "`sub_total` has the discount taken off already",
        remedy: "send `sub_total` before `order_discount`",
        undo: header::sub_total_net_of_discount, make: header::make_sub_total_net_of_discount,
    }

    /// `sub_total` is the sum of price times quantity. The discounts of the lines are not taken off.
    SubTotalBeforeLineDiscounts {
        name: "sub-total-before-line-discounts", bits: USUAL, free_amount: false,
        when: SUB_TOTAL,
        what: "`sub_total` is before the discounts of the lines",
        remedy: "send the sum of the extended amounts",
        undo: header::sub_total_before_line_discounts, make: header::make_sub_total_before_line_discounts,
    }

    /// The sub-total of the cart includes the tax, which is in `sales_tax` too.
    SubTotalHoldsTax {
        name: "sub-total-holds-tax", bits: COMMON, free_amount: false,
        when: SUB_TOTAL,
        what: "`sub_total` includes the tax",
        remedy: "send `sub_total` without tax",
        undo: header::sub_total_holds_tax, make: header::make_sub_total_holds_tax,
    }

    /// The sub-total of the cart includes shipping, which is in `shipping_handling` too.
    SubTotalHoldsShipping {
        name: "sub-total-holds-shipping", bits: USUAL, free_amount: false,
        when: SUB_TOTAL,
        what: "`sub_total` includes shipping",
        remedy: "send `sub_total` without shipping",
        undo: header::sub_total_holds_shipping, make: header::make_sub_total_holds_shipping,
    }

    /// The mapping copied the total of the order into `sub_total`.
    SubTotalIsGrandTotal {
        name: "sub-total-is-grand-total", bits: USUAL, free_amount: false,
        when: SUB_TOTAL,
        what: "`sub_total` holds the grand total",
        remedy: "send the sum of the extended amounts",
        undo: header::sub_total_is_grand_total, make: header::make_sub_total_is_grand_total,
    }

    /// The mapping copied the amount of a single line.
    SubTotalOfOneLine {
        name: "sub-total-of-one-line", bits: USUAL, free_amount: false,
        when: SUB_TOTAL,
        what: "`sub_total` holds the amount of one line",
        remedy: "add up all lines",
        undo: header::sub_total_of_one_line, make: header::make_sub_total_of_one_line,
    }

    /// The lines agree with `grand_total`. `sub_total` does not.
    SubTotalWrong {
        name: "sub-total-wrong", bits: USUAL, free_amount: true,
        when: SUB_TOTAL,
        what: "`sub_total` is not the sum of the lines, and `grand_total` agrees with the lines",
        remedy: "send the sum of the extended amounts",
        undo: header::sub_total_wrong, make: header::make_sub_total_wrong,
    }

    /// The sum was made from amounts that were not rounded yet.
    SubTotalRoundedApart {
        name: "sub-total-rounded-apart", bits: USUAL, free_amount: false,
        when: SUB_TOTAL,
        what: "`sub_total` was rounded once, the lines one by one",
        remedy: "add up the extended amounts as they are sent",
        undo: header::sub_total_rounded_apart, make: header::make_sub_total_rounded_apart,
    }

    /// The sub-total of the cart is after a discount, and the mapping did not send the discount.
    SubTotalNetOfHiddenDiscount {
        name: "sub-total-net-of-hidden-discount", bits: COMMON, free_amount: true,
        when: SUB_TOTAL,
        what: "`sub_total` has a discount taken off that `order_discount` does not show",
        remedy: "send `sub_total` before the discount, and the discount in `order_discount`",
        undo: header::sub_total_net_of_hidden_discount, make: header::make_sub_total_net_of_hidden_discount,
    }

    /// The sub-total of the cart includes a fee, gift wrap or shipping, which the mapping did not send.
    SubTotalHoldsHiddenCharge {
        name: "sub-total-holds-hidden-charge", bits: USUAL, free_amount: true,
        when: SUB_TOTAL,
        what: "`sub_total` includes a charge that is in no field",
        remedy: "send the charge in `shipping_handling`",
        undo: header::sub_total_holds_hidden_charge, make: header::make_sub_total_holds_hidden_charge,
    }

    /// The mapping added up the tax of the goods and forgot the tax on shipping.
    ShippingTaxMissing {
        name: "shipping-tax-missing", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "the tax on shipping is in `grand_total` but not in `sales_tax`",
        remedy: "add the tax on shipping to `sales_tax`",
        undo: header::shipping_tax_missing, make: header::make_shipping_tax_missing,
    }

    /// The cart shows shipping with tax. The tax is in `sales_tax` as well.
    ShippingHoldsItsTax {
        name: "shipping-holds-its-tax", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "`shipping_handling` includes its tax, which is in `sales_tax` too",
        remedy: "send shipping without its tax",
        undo: header::shipping_holds_its_tax, make: header::make_shipping_holds_its_tax,
    }

    /// A discount was taken off shipping too, and the mapping sent the price before it.
    ShippingBeforeItsDiscount {
        name: "shipping-before-its-discount", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`shipping_handling` is before its discount",
        remedy: "send what was charged for shipping",
        undo: header::shipping_before_its_discount, make: header::make_shipping_before_its_discount,
    }

    /// `grand_total` has a lower charge for shipping.
    ShippingTooHigh {
        name: "shipping-too-high", bits: USUAL, free_amount: true,
        when: TOTAL,
        what: "`shipping_handling` is more than was charged",
        remedy: "send what was charged for shipping",
        undo: header::shipping_too_high, make: header::make_shipping_too_high,
    }

    /// The discount is a gross amount, and the tax was reduced by the discount as well: the tax on the discount is
    /// taken off twice.
    DiscountHoldsTax {
        name: "discount-holds-tax", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`order_discount` includes tax, and `sales_tax` is the tax after the discount",
        remedy: "send the discount without tax, or the tax before the discount",
        undo: header::discount_holds_tax, make: header::make_discount_holds_tax,
    }

    /// The discounts are gross amounts, and prices are net.
    LineDiscountsHoldTax {
        name: "line-discounts-hold-tax", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "the discounts of the lines include tax",
        remedy: "send `discount` without tax",
        undo: header::line_discounts_hold_tax, make: header::make_line_discounts_hold_tax,
    }

    /// The tax was calculated on the prices before the discount, or the other way round. `grand_total` was made with
    /// the other one.
    TaxBeforeDiscount {
        name: "tax-before-discount", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`sales_tax` is the tax before the discount, and `grand_total` has the tax after it",
        remedy: "send the tax that was charged",
        undo: header::tax_before_discount, make: header::make_tax_before_discount,
    }

    /// `grand_total` is higher by a usual rate of tax, and `sales_tax` is 0 or unset.
    TaxInNoField {
        name: "tax-in-no-field", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "the tax is in `grand_total` and in no field",
        remedy: "send the tax in `sales_tax`",
        undo: header::tax_in_no_field, make: header::make_tax_in_no_field,
    }

    /// `grand_total` agrees without the tax: the marketplace collects and remits it, or the customer is exempt.
    TaxNotCharged {
        name: "tax-not-charged", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`sales_tax` was not charged",
        remedy: "send `sales_tax` as 0 where the tax is not part of the total",
        undo: header::tax_not_charged, make: header::make_tax_not_charged,
    }

    /// `sales_tax` is 0 and `grand_total` agrees without the tax of the lines: the marketplace collects and remits it.
    LineTaxNotCharged {
        name: "line-tax-not-charged", bits: USUAL, free_amount: false,
        when: TAX,
        what: "`tax` of the lines was not charged",
        remedy: "leave `tax` off the lines",
        undo: header::line_tax_not_charged, make: header::make_line_tax_not_charged,
    }

    /// The lines have tax, and the mapping left `sales_tax` at 0.
    LineTaxNotInHeader {
        name: "line-tax-not-in-header", bits: COMMON, free_amount: false,
        when: TAX,
        what: "the tax of the lines is not in `sales_tax`",
        remedy: "send the sum of the tax of the lines in `sales_tax`",
        undo: header::line_tax_not_in_header, make: header::make_line_tax_not_in_header,
    }

    /// The lines agree with `grand_total`. `sales_tax` does not.
    SalesTaxWrong {
        name: "sales-tax-wrong", bits: USUAL, free_amount: true,
        when: TAX,
        what: "`sales_tax` is not the sum of the tax of the lines",
        remedy: "send the sum of the tax of the lines",
        undo: header::sales_tax_wrong, make: header::make_sales_tax_wrong,
    }

    /// `grand_total` agrees without shipping: it was free, and the mapping sent what it would have cost.
    ShippingNotCharged {
        name: "shipping-not-charged", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "`shipping_handling` was not charged",
        remedy: "send `shipping_handling` as 0 where shipping is free",
        undo: header::shipping_not_charged, make: header::make_shipping_not_charged,
    }

    /// `grand_total` is more than the charges of the order: a fee, a tip, a duty, gift wrap or shipping is missing.
    ChargeInNoField {
        name: "charge-in-no-field", bits: COMMON, free_amount: true,
        when: TOTAL,
        what: "a charge is in `grand_total` and in no field",
        remedy: "send fees, tips, duties and gift wrap in `shipping_handling`",
        undo: header::charge_in_no_field, make: header::make_charge_in_no_field,
    }

    /// `grand_total` is less than the charges of the order: a discount, points or a coupon is missing.
    DiscountInNoField {
        name: "discount-in-no-field", bits: COMMON, free_amount: true,
        when: TOTAL,
        what: "a discount is in `grand_total` and in no field",
        remedy: "send the discount in `order_discount`",
        undo: header::discount_in_no_field, make: header::make_discount_in_no_field,
    }

    /// The cart or the payment service counts in cents or in another unit, and the mapping sent the figures as they
    /// are.
    MinorUnitsInHeader {
        name: "minor-units-in-header", bits: COMMON, free_amount: false,
        when: SUB_TOTAL | TAX | DISCOUNT | TOTAL,
        what: "amounts of the header are in minor units (cents), or off by a power of ten",
        remedy: "divide by 100: amounts are in the major unit of the currency (by 1000 where the currency has three decimals)",
        undo: header::minor_units_in_header, make: header::make_minor_units_in_header,
    }

    /// The mapping put two amounts of the header into each other's field.
    HeaderAmountsSwapped {
        name: "header-amounts-swapped", bits: USUAL, free_amount: false,
        when: SUB_TOTAL | TAX | TOTAL,
        what: "two amounts of the header are in each other's field",
        remedy: "send each amount in its own field",
        undo: header::header_amounts_swapped, make: header::make_header_amounts_swapped,
    }

    /// `grand_total` is the sum of the charges, and the discount is not taken off.
    DiscountNotSubtracted {
        name: "discount-not-subtracted", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "`grand_total` was calculated without the discount",
        remedy: "subtract `order_discount`",
        undo: total::discount_not_subtracted, make: total::make_discount_not_subtracted,
    }

    /// `grand_total` is higher by twice the discount.
    DiscountAdded {
        name: "discount-added", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`order_discount` was added to `grand_total`",
        remedy: "subtract `order_discount`",
        undo: total::discount_added, make: total::make_discount_added,
    }

    /// `grand_total` was made from the prices of single items. The lines and `sub_total` count the quantities.
    QuantityIgnoredInTotal {
        name: "quantity-ignored-in-total", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`grand_total` was calculated without the quantities",
        remedy: "make the total from the extended amounts",
        undo: total::quantity_ignored_in_total, make: total::make_quantity_ignored_in_total,
    }

    /// `grand_total` was made from a sub-total that had the discount taken off already.
    DiscountSubtractedTwice {
        name: "discount-subtracted-twice", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`grand_total` has the discount taken off twice",
        remedy: "subtract `order_discount` once",
        undo: total::discount_subtracted_twice, make: total::make_discount_subtracted_twice,
    }

    /// `grand_total` is higher by the discounts of the lines: it was made from price times quantity.
    TotalBeforeLineDiscounts {
        name: "total-before-line-discounts", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`grand_total` was calculated without the discounts of the lines",
        remedy: "make the total from the extended amounts",
        undo: total::total_before_line_discounts, make: total::make_total_before_line_discounts,
    }

    /// The mapping copied the sub-total into `grand_total`.
    TotalIsSubTotal {
        name: "total-is-sub-total", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`grand_total` holds the sub-total",
        remedy: "add tax and shipping, and subtract the discount",
        undo: total::total_is_sub_total, make: total::make_total_is_sub_total,
    }

    /// The sign of the total was reversed, as for a credit note.
    TotalSign {
        name: "total-sign", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`grand_total` has a minus sign",
        remedy: "send the total as a positive number",
        undo: total::total_sign, make: total::make_total_sign,
    }

    /// `shipping_surcharge` of the lines enters no total.
    SurchargeAdded {
        name: "surcharge-added", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`grand_total` has the surcharges of the lines added",
        remedy: "leave `shipping_surcharge` out of the total",
        undo: total::surcharge_added, make: total::make_surcharge_added,
    }

    /// `grand_total` is the sum of the charges without the tax.
    TaxLeftOut {
        name: "tax-left-out", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`grand_total` was calculated without the tax",
        remedy: "add `sales_tax`",
        undo: total::tax_left_out, make: total::make_tax_left_out,
    }

    /// `grand_total` is the sum of the charges without shipping.
    ShippingLeftOut {
        name: "shipping-left-out", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "`grand_total` was calculated without shipping",
        remedy: "add `shipping_handling`",
        undo: total::shipping_left_out, make: total::make_shipping_left_out,
    }

    /// The tax was added to a sum that included it already.
    TaxTwice {
        name: "tax-twice", bits: RARE, free_amount: false,
        when: TOTAL,
        what: "`grand_total` has the tax twice",
        remedy: "add `sales_tax` once",
        undo: total::tax_twice, make: total::make_tax_twice,
    }

    /// Shipping was added to a sum that included it already.
    ShippingTwice {
        name: "shipping-twice", bits: RARE, free_amount: false,
        when: TOTAL,
        what: "`grand_total` has shipping twice",
        remedy: "add `shipping_handling` once",
        undo: total::shipping_twice, make: total::make_shipping_twice,
    }

    /// The sub-total was added to a sum that included it already.
    SubTotalTwice {
        name: "sub-total-twice", bits: RARE, free_amount: false,
        when: TOTAL,
        what: "`grand_total` has the sub-total twice",
        remedy: "add `sub_total` once",
        undo: total::sub_total_twice, make: total::make_sub_total_twice,
    }

    /// A line was refunded. `grand_total` is the total after the refund, and the other amounts are those from before.
    LineRefunded {
        name: "line-refunded", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "a line is not in `grand_total`: it was refunded or cancelled",
        remedy: "send the total of the lines that are sent",
        undo: total::line_refunded, make: total::make_line_refunded,
    }

    /// `grand_total` is off by a few minor units, as if amounts were rounded in another step.
    TotalFromUnroundedTerms {
        name: "total-from-unrounded-terms", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "`grand_total` was calculated from amounts that were not rounded yet",
        remedy: "add up the amounts as they are sent",
        undo: total::total_from_unrounded_terms, make: total::make_total_from_unrounded_terms,
    }

    /// Terms of payment are not a charge of the order.
    TermsDiscount {
        name: "terms-discount", bits: RARE + 50, free_amount: false,
        when: TOTAL,
        what: "a discount for early payment was taken off `grand_total`",
        remedy: "send the total before the discount for early payment",
        undo: total::terms_discount, make: total::make_terms_discount,
    }

    /// Somebody typed the total.
    TotalDigitsSwapped {
        name: "total-digits-swapped", bits: RARE, free_amount: false,
        when: TOTAL,
        what: "two digits of `grand_total` are swapped",
        remedy: "correct the digits",
        undo: total::total_digits_swapped, make: total::make_total_digits_swapped,
    }

    /// `grand_total` is less than the charges of the order: a gift card, store credit or a deposit has paid a part.
    PaymentSubtracted {
        name: "payment-subtracted", bits: COMMON, free_amount: true,
        when: TOTAL,
        what: "a payment was taken off `grand_total`",
        remedy: "send the total before gift cards, store credit and deposits: they are payments",
        undo: total::payment_subtracted, make: total::make_payment_subtracted,
    }

    /// `grand_total` is more than the charges of the order: a line was taken off or made cheaper after the total had been
    /// made.
    StaleTotal {
        name: "stale-total", bits: COMMON, free_amount: true,
        when: TOTAL,
        what: "`grand_total` was made before the order was made cheaper",
        remedy: "send the total of the amounts that are sent",
        undo: total::stale_total, make: total::make_stale_total,
    }

    /// The total was rounded to the smallest coin.
    CashRounding {
        name: "cash-rounding", bits: USUAL, free_amount: false,
        when: TOTAL,
        what: "`grand_total` was rounded to the smallest coin, as for cash",
        remedy: "send the total before it is rounded for cash",
        undo: total::cash_rounding, make: total::make_cash_rounding,
    }

    /// `order_discount` holds the whole value of a coupon, of which only a part was needed.
    FlooredAtZero {
        name: "floored-at-zero", bits: COMMON, free_amount: false,
        when: TOTAL,
        what: "the discount is more than there is to pay, and `grand_total` was set to 0",
        remedy: "send the part of the discount that was used",
        undo: total::floored_at_zero, make: total::make_floored_at_zero,
    }
}
