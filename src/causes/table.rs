//! The rows: what each cause is, and what it offers to the search.

use rust_decimal::Decimal;

use crate::amount::{Amount, Round};
use crate::order::{Charge, Field, Misnamed, Place};

use super::books::{Books, LineFigures};
use super::search::{Figure, Search};
use super::{Broken, Certainty};

/// Declares the causes. A row reads:
///
/// - its doc comment: what happened, in Markdown; the first sentence is the summary;
/// - `name`: stable for ever;
/// - `on`: the amounts it may explain;
/// - `signature`: the formula it rests on, in the letters of `docs/causes.md`;
/// - `guard`: what must not be 0 or must be so for it to be tried;
/// - `certainty`: how sure it is when it fits;
/// - `finds`: what it offers to the search, with its sentence.
macro_rules! causes {
    ($($(#[doc = $doc:literal])+ $cause:ident {
        name: $name:literal, on: $on:literal, signature: $signature:literal, guard: $guard:literal,
        certainty: $certainty:ident, finds: $finds:expr,
    })+) => {
        /// A cause: a mistake that leads to a wrong amount.
        ///
        /// It prints as its name and is read from it. `docs/causes.md` lists them all.
        ///
        /// ```
        /// use ordercharge::Cause;
        ///
        /// assert_eq!("discount-not-subtracted".parse(), Ok(Cause::DiscountNotSubtracted));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Cause { $($(#[doc = $doc])+ $cause),+ }

        impl Cause {
            /// Every cause, in the order in which those that fit equally well are told.
            pub const ALL: &'static [Cause] = &[$(Cause::$cause),+];

            pub(super) const fn row(self) -> &'static Row {
                match self {
                    $(Cause::$cause => const {
                        &Row {
                            name: $name,
                            on: $on,
                            signature: $signature,
                            guard: $guard,
                            certainty: Certainty::$certainty,
                            explanation: concat!($($doc, "\n"),+),
                            finds: $finds,
                        }
                    }),+
                }
            }
        }
    };
}

/// A row of the table.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) on: &'static str,
    pub(super) signature: &'static str,
    pub(super) guard: &'static str,
    pub(super) certainty: Certainty,
    pub(super) explanation: &'static str,
    pub(super) finds: fn(&Books<'_>, &Broken, &mut Search<'_>),
}

fn negated(amount: Option<Amount>) -> Option<Amount> {
    amount.map(Amount::negated)
}

fn twice(amount: Option<Amount>) -> Option<Amount> {
    amount?.checked_add(amount?)
}

fn minus(a: Option<Amount>, b: Option<Amount>) -> Option<Amount> {
    a?.checked_sub(b?)
}

fn times(a: Option<Amount>, b: Option<Amount>) -> Option<Amount> {
    a?.checked_mul(b?)
}

/// The right side of an equation: the exact result, and what it was rounded to.
fn equals(exact: Option<Amount>, stated: Amount) -> String {
    match exact {
        Some(exact) if exact != stated => format!("{exact}, rounded {stated}"),
        _ => stated.to_string(),
    }
}

fn shown(amount: Option<Amount>) -> String {
    amount.unwrap_or_default().to_string()
}

const D: Figure = Figure::Header(Field::OrderDiscount);
const T: Figure = Figure::Header(Field::SalesTax);
const H: Figure = Figure::Header(Field::ShippingHandling);
const S: Figure = Figure::Header(Field::SubTotal);

causes! {
    /// The right amount of something that is wrong itself was used: a consequence. Its root is the wrong amount.
    CorrectedAmount {
        name: "corrected-amount", on: "S, G",
        signature: "S adds up with the expected extended_amount of the lines that are wrong; G with the expected S, T or D",
        guard: "that amount is broken", certainty: Exact,
        finds: |books, broken, search| match broken.header() {
            Some(Field::SubTotal) => corrected_lines(books, search),
            Some(Field::GrandTotal) => {
                let headers = [(Field::SubTotal, false), (Field::SalesTax, false), (Field::OrderDiscount, true)];
                for (field, taken_off) in headers {
                    if let Some(wrong) = books.broken_at(field) {
                        let by = wrong.expected.checked_sub(wrong.stated);
                        let by = if taken_off { negated(by) } else { by };
                        search.consequence(by, Figure::Header(field), || wrong.place.clone(), || {
                            format!("{field} was taken as {}, which it should be, not as {}", wrong.expected, wrong.stated)
                        });
                    }
                }
                corrected_lines(books, search);
            }
            _ => {}
        },
    }

    /// An amount stands under a name CartRover does not know (OC304); taken for the field it means, it fits.
    MisnamedField {
        name: "misnamed-field", on: "G, T, S", signature: "an OC304 amount taken for the field it means makes it fit",
        guard: "that amount", certainty: Exact,
        finds: misnamed,
    }

    /// The order discount was left out of the grand total.
    DiscountNotSubtracted {
        name: "discount-not-subtracted", on: "G", signature: "G* + D", guard: "D", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::GrandTotal) {
            search.shift(books.order_discount, D, |by| format!("order_discount {by} was not subtracted"));
        },
    }

    /// The sub-total has the order discount taken off already. The definitions warn of it: "you may need to add the
    /// order_discount to the sub_total".
    SubTotalNetOfDiscount {
        name: "sub-total-net-of-discount", on: "S", signature: "E - D", guard: "D", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::SubTotal) {
            search.shift(negated(books.order_discount), D, |by| {
                format!("order_discount {} was taken off the sub_total already", by.abs())
            });
        },
    }

    /// The sub-total has the lines' post-tax discounts taken off.
    SubTotalNetOfAddlDiscount {
        name: "sub-total-net-of-addl-discount", on: "S", signature: "E - A", guard: "A, A != D", certainty: Exact,
        finds: |books, broken, search| {
            if broken.is(Field::SubTotal) && books.lines_discount != books.order_discount {
                search.shift(negated(books.lines_discount), D, |by| {
                    format!("the lines' addl_discount {} was taken off the sub_total", by.abs())
                });
            }
        },
    }

    /// The order discount was taken off the grand total twice.
    DiscountSubtractedTwice {
        name: "discount-subtracted-twice", on: "G", signature: "G* - D", guard: "D", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::GrandTotal) {
            let by = negated(books.order_discount);
            search.shift(by, D, |by| format!("order_discount {} was subtracted twice", by.abs()));
        },
    }

    /// The lines' post-tax discounts, which are in the order discount already, were taken off once more.
    AddlDiscountSubtractedTwice {
        name: "addl-discount-subtracted-twice", on: "G", signature: "G* - A", guard: "A", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::GrandTotal) && !less_than_lines(books) {
            search.shift(negated(books.lines_discount), D, |by| {
                format!("the lines' addl_discount {} was subtracted once more, beside order_discount", by.abs())
            });
        },
    }

    /// The discount was taken with the wrong sign: added where it should be subtracted, or stated as a negative number.
    DiscountSign {
        name: "discount-sign", on: "G, D, e",
        signature: "D < 0 and G = S + T + H + D; D > 0 and G = G* + 2D; e = (p + d) * q", guard: "D or d", certainty: Exact,
        finds: |books, broken, search| {
            if broken.is(Field::GrandTotal) {
                search.shift(twice(books.order_discount), D, |_| match books.order_discount {
                    Some(discount) if discount.is_negative() => {
                        format!("order_discount {discount} is stated with a minus sign, and was meant to be taken off")
                    }
                    discount => format!("order_discount {} was added instead of subtracted", shown(discount)),
                });
            }
            if broken.is(Field::OrderDiscount) && broken.stated.is_negative() {
                let taken_off = books.charges().and_then(|charges| charges.checked_add(broken.stated));
                search.fits(totals(books, taken_off), Certainty::Exact, || {
                    format!("order_discount {} is stated with a minus sign, and was meant to be taken off", broken.stated)
                });
            }
            if let Some(line) = broken.line(books) && !line.discount.is_zero() {
                let discount = line.discount;
                let both = discount.checked_add(discount);
                line_shift(books, line, times(both, line.quantity), Figure::Line(Field::Discount), search, |_| {
                    if discount.is_negative() {
                        format!("discount {discount} is stated with a minus sign, and was meant to be taken off")
                    } else {
                        format!("discount {discount} was added instead of subtracted")
                    }
                });
            }
        },
    }

    /// The discount on each item was taken off once for the whole line.
    DiscountOncePerLine {
        name: "discount-once-per-line", on: "e", signature: "p * q - d", guard: "d, q != 1", certainty: Exact,
        finds: |books, broken, search| if let Some(line) = broken.line(books) {
            let by = minus(times(Some(line.discount), line.quantity), Some(line.discount));
            line_shift(books, line, by, Figure::Line(Field::Discount), search, |_| {
                format!("discount {} was taken off once, not for each of {}", line.discount, shown(line.quantity))
            });
        },
    }

    /// The discount on each item was not taken off.
    DiscountIgnored {
        name: "discount-ignored", on: "e, S", signature: "p * q; sum of p * q", guard: "d", certainty: Exact,
        finds: |books, broken, search| {
            if let Some(line) = broken.line(books) {
                let by = times(Some(line.discount), line.quantity);
                line_shift(books, line, by, Figure::Line(Field::Discount), search, |_| {
                    format!("discount {} was not taken off", line.discount)
                });
            }
            if broken.is(Field::SubTotal) && books.lines.iter().any(|line| !line.discount.is_zero()) {
                let gross = books.sum(|line| books.rounded(times(line.price, line.quantity)));
                search.shift(minus(gross, books.lines_extended), Figure::UnitDiscounts, |_| {
                    "the lines were added up without their discounts".to_owned()
                });
            }
        },
    }

    /// The discount on each item was taken off twice.
    DiscountTwice {
        name: "discount-twice", on: "e", signature: "(p - 2d) * q", guard: "d", certainty: Exact,
        finds: |books, broken, search| if let Some(line) = broken.line(books) {
            let by = negated(times(Some(line.discount), line.quantity));
            line_shift(books, line, by, Figure::Line(Field::Discount), search, |_| {
                format!("discount {} was taken off twice", line.discount)
            });
        },
    }

    /// The discount was read as a percentage of the price.
    DiscountIsPercentage {
        name: "discount-is-percentage", on: "e", signature: "p * q * (1 - d / 100), to the nearest u", guard: "d", certainty: Exact,
        finds: |books, broken, search| if let Some(line) = broken.line(books) && !line.discount.is_zero() {
            let share = minus(Some(Amount::ONE), times(Some(line.discount), Amount::new(1, 2)));
            let gives = times(times(line.price, line.quantity), share);
            search.fits(books.same(Some(broken.stated), gives), Certainty::Exact, || {
                format!(
                    "discount {} was taken as {} %: {} * {} * {} = {}",
                    line.discount, line.discount, shown(line.price), shown(line.quantity), shown(share),
                    shown(times(times(line.price, line.quantity), share))
                )
            });
        },
    }

    /// The order discount was taken off every line in full.
    OrderDiscountOnEveryLine {
        name: "order-discount-on-every-line", on: "e, D", signature: "x - D on every line; A = n * D", guard: "D, n >= 2", certainty: Exact,
        finds: |books, broken, search| {
            let discount = books.order_discount;
            if broken.line(books).is_some() {
                let off = books.discount_on_every_line;
                let exact = broken.line(books).and_then(|line| line.exact);
                search.fits(off.is_some(), Certainty::Exact, || {
                    format!("the order's discount {} was taken off every line: {} - {} = {}", shown(off), shown(exact), shown(off), equals(minus(exact, off), broken.stated))
                });
            }
            let count = books.lines.len();
            if broken.is(Field::OrderDiscount) && count > 1 && discount.is_some_and(|discount| !discount.is_zero()) {
                let all = times(discount, u32::try_from(count).ok().map(Amount::from));
                search.fits(all == Some(broken.expected), Certainty::Exact, || {
                    format!("order_discount {} stands on each of {count} lines in full: {} in all", shown(discount), broken.expected)
                });
            }
        },
    }

    /// Tax was added to amounts that are to be without it.
    TaxIncluded {
        name: "tax-included", on: "e, S", signature: "x + t; E + Tl; E + T", guard: "t, T", certainty: Exact,
        finds: |books, broken, search| {
            if let Some(line) = broken.line(books) {
                line_shift(books, line, Some(line.tax), Figure::Line(Field::Tax), search, |by| format!("tax {by} was added"));
            }
            if broken.is(Field::SubTotal) {
                search.shift(books.sales_tax, T, |by| format!("sales_tax {by} is in the sub_total"));
                if books.lines_tax != books.sales_tax {
                    search.shift(books.lines_tax, T, |by| format!("the lines' tax {by} is in the sub_total"));
                }
            }
        },
    }

    /// The line's post-tax discount was taken off its extended amount.
    AddlDiscountIncluded {
        name: "addl-discount-included", on: "e", signature: "x - a; x - a + t", guard: "a", certainty: Exact,
        finds: |books, broken, search| if let Some(line) = broken.line(books) && !line.addl_discount.is_zero() {
            let discount = line.addl_discount;
            line_shift(books, line, Some(discount.negated()), Figure::Line(Field::AddlDiscount), search, |_| {
                format!("addl_discount {discount} was taken off")
            });
            let with_tax = minus(line.exact.and_then(|exact| exact.checked_add(line.tax)), Some(discount));
            if !line.tax.is_zero() {
                search.fits(books.same(Some(broken.stated), with_tax), Certainty::Exact, || {
                    format!(
                        "addl_discount {discount} was taken off and tax {} added: {} - {discount} + {} = {}",
                        line.tax, shown(line.exact), line.tax, equals(with_tax, broken.stated)
                    )
                });
            }
        },
    }

    /// Every line shows the price of the line, or of one item, for its extended amount.
    PriceIsLineTotal {
        name: "price-is-line-total", on: "e", signature: "p - d, with x != p - d, on every line", guard: "q != 1", certainty: Likely,
        finds: |books, broken, search| if broken.line(books).is_some() {
            // On every one of several lines this is one mistake, and it stands before one for each line.
            search.prevailing(books.price_for_all, || {
                format!("on every line the price stands for the whole line, here {}: it may not be that of one item", broken.stated)
            });
            if let Some(line) = broken.line(books) && books.lines.len() == 1 {
                let each = minus(line.price, Some(line.discount));
                search.fits(not_one(line) && books.same(Some(broken.stated), each), Certainty::Likely, || {
                    format!("the price {} may be that of the whole line, not of one item", broken.stated)
                });
            }
        },
    }

    /// The quantity was left out.
    QuantityIgnored {
        name: "quantity-ignored", on: "e", signature: "p - d; p", guard: "q != 1", certainty: Exact,
        finds: |books, broken, search| if let Some(line) = broken.line(books) && not_one(line) {
            let each = minus(line.price, Some(line.discount));
            search.fits(books.same(Some(broken.stated), each), Certainty::Exact, || match line.discount {
                discount if discount.is_zero() => {
                    format!("quantity {} was left out: it is the price {}", shown(line.quantity), broken.stated)
                }
                discount => format!(
                    "quantity {} was left out: {} - {discount} = {}",
                    shown(line.quantity), shown(line.price), equals(each, broken.stated)
                ),
            });
            search.fits(books.same(Some(broken.stated), line.price), Certainty::Exact, || {
                format!("quantity {} and discount {} were left out: it is the price {}", shown(line.quantity), line.discount, shown(line.price))
            });
        },
    }

    /// The quantity was applied twice.
    QuantityTwice {
        name: "quantity-twice", on: "e", signature: "x * q", guard: "q != 1", certainty: Exact,
        finds: |books, broken, search| if let Some(line) = broken.line(books) && not_one(line) {
            let twice = times(line.exact, line.quantity).filter(|twice| !twice.is_zero());
            search.fits(books.same(Some(broken.stated), twice), Certainty::Exact, || {
                format!("quantity {} was applied twice: {} * {} = {}", shown(line.quantity), shown(line.exact), shown(line.quantity), equals(twice, broken.stated))
            });
        },
    }

    /// The price of one item was rounded before it was multiplied.
    UnitRoundedFirst {
        name: "unit-rounded-first", on: "e", signature: "round(p - d) * q", guard: "p - d has more decimals than u", certainty: Exact,
        finds: |books, broken, search| if let Some(line) = broken.line(books) {
            let each = minus(line.price, Some(line.discount)).filter(|each| each.decimals() > books.decimals);
            let rounded = books.rounded(each);
            search.formula(times(rounded, line.quantity), || {
                format!("the price of one was rounded first: {} * {} = {}", shown(rounded), shown(line.quantity), broken.stated)
            });
        },
    }

    /// The exact amount was rounded in another way than the policy asks for.
    RoundedOtherwise {
        name: "rounded-otherwise", on: "e", signature: "x cut, half-even or up to u", guard: "x has more decimals than u", certainty: Exact,
        finds: |books, broken, search| {
            let exact = broken.line(books).and_then(|line| line.exact);
            if let Some(exact) = exact.filter(|exact| exact.decimals() > books.decimals) {
                let ways = [
                    (Round::Down, "cut off"),
                    (Round::HalfEven, "rounded half to even"),
                    (Round::HalfUp, "rounded half up"),
                    (Round::Up, "rounded up"),
                ];
                for (how, words) in ways {
                    let other = books.rounding.apply(exact, books.decimals) != broken.stated;
                    search.fits(other && exact.rounded(books.decimals, how) == broken.stated, Certainty::Exact, || {
                        format!("{exact} was {words}: {}, not {}", broken.stated, broken.expected)
                    });
                }
            }
        },
    }

    /// A line was not added up.
    LineMissing {
        name: "line-missing", on: "S", signature: "E - e_i", guard: "e_i", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::SubTotal) {
            for (at, line) in books.lines.iter().enumerate() {
                search.single(negated(line.counted), || format!("line {at} with {} was not added", shown(line.counted)));
            }
        },
    }

    /// A line was added up twice.
    LineTwice {
        name: "line-twice", on: "S", signature: "E + e_i", guard: "e_i", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::SubTotal) {
            for (at, line) in books.lines.iter().enumerate() {
                search.single(line.counted, || format!("line {at} with {} was added twice", shown(line.counted)));
            }
        },
    }

    /// Shipping was added to the sub-total.
    ShippingIncluded {
        name: "shipping-included", on: "S", signature: "E + H", guard: "H", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::SubTotal) {
            search.shift(Some(books.shipping), H, |by| format!("shipping_handling {by} is in the sub_total"));
        },
    }

    /// The grand total stands in the sub-total.
    GrandTotalInSubTotal {
        name: "grand-total-in-sub-total", on: "S", signature: "E + T + H - D", guard: "a term", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::SubTotal) {
            let charges = books.sales_tax.and_then(|tax| tax.checked_add(books.shipping));
            search.single(minus(charges, books.counted_discount()), || "it is the grand total that stands here".to_owned());
        },
    }

    /// Shipping was left out of the grand total.
    ShippingLeftOut {
        name: "shipping-left-out", on: "G", signature: "G* - H", guard: "H", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::GrandTotal) {
            let by = Some(books.shipping.negated());
            search.shift(by, H, |by| format!("shipping_handling {} was not added", by.abs()));
        },
    }

    /// Shipping was added to the grand total twice.
    ShippingTwice {
        name: "shipping-twice", on: "G", signature: "G* + H", guard: "H", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::GrandTotal) {
            search.shift(Some(books.shipping), H, |by| format!("shipping_handling {by} was added twice"));
        },
    }

    /// The lines' shipping surcharges were added; they have no place in the grand total.
    SurchargeAdded {
        name: "surcharge-added", on: "G", signature: "G* + R", guard: "R", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::GrandTotal) {
            search.shift(books.sum(|line| Some(line.surcharge)), Figure::Surcharges, |by| {
                format!("the lines' shipping_surcharge {by} was added, which belongs in shipping_handling if it is charged")
            });
        },
    }

    /// Tax was left out of the grand total, or was thought to be in the prices.
    TaxLeftOut {
        name: "tax-left-out", on: "G", signature: "G* - T", guard: "T", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::GrandTotal) {
            search.shift(negated(books.sales_tax), T, |by| format!("sales_tax {} was not added", by.abs()));
        },
    }

    /// Tax was added to the grand total twice.
    TaxTwice {
        name: "tax-twice", on: "G", signature: "G* + T", guard: "T", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::GrandTotal) {
            search.shift(books.sales_tax, T, |by| format!("sales_tax {by} was added twice"));
        },
    }

    /// The lines' tax is in the grand total, but not in the order's sales tax.
    LineTaxNotInHeader {
        name: "line-tax-not-in-header", on: "G, T", signature: "T = 0, G = G* + Tl", guard: "Tl", certainty: Exact,
        finds: |books, broken, search| {
            let none = books.order.sales_tax.amount().is_some() && books.sales_tax == Some(Amount::ZERO);
            if broken.is(Field::GrandTotal) && none {
                search.shift(books.lines_tax, T, |by| format!("the lines' tax {by} was added, but sales_tax is 0"));
            }
            search.fits(broken.is(Field::SalesTax) && none, Certainty::Exact, || {
                format!("the lines' tax {} is not in sales_tax, which is 0", broken.expected)
            });
        },
    }

    /// The lines' post-tax discounts are not in the order discount.
    AddlDiscountNotInHeader {
        name: "addl-discount-not-in-header", on: "D, G", signature: "D < A and G = S + T + H - D - A, or D unset and G = S + T + H",
        guard: "A", certainty: Exact,
        finds: |books, broken, search| {
            let discount = books.order.order_discount;
            if broken.is(Field::GrandTotal) {
                if less_than_lines(books) {
                    search.shift(negated(books.lines_discount), D, |by| {
                        format!("the lines' addl_discount {} was subtracted, but is not in order_discount", by.abs())
                    });
                } else if discount.is_unset() {
                    search.shift(books.lines_discount, D, |by| {
                        format!("the lines' addl_discount {by} was not subtracted: order_discount is unset")
                    });
                }
            }
            if broken.is(Field::OrderDiscount) {
                let left = minus(minus(books.charges(), books.order_discount), books.lines_discount);
                let fits = broken.stated.is_zero() || totals(books, left);
                search.fits(fits && !broken.stated.is_negative(), Certainty::Exact, || {
                    format!("the lines' addl_discount {} is not in order_discount {}", broken.expected, broken.stated)
                });
            }
        },
    }

    /// Tax was taken of each item, and multiplied by the quantity again.
    TaxPerItem {
        name: "tax-per-item", on: "T", signature: "sum of t * q", guard: "some q != 1", certainty: Exact,
        finds: |books, broken, search| if broken.is(Field::SalesTax) && books.lines.iter().any(not_one) {
            search.formula(books.sum(|line| times(Some(line.tax), line.quantity)), || {
                let terms: Vec<String> =
                    books.lines.iter().take(6).map(|line| format!("{} * {}", line.tax, shown(line.quantity))).collect();
                let more = if books.lines.len() > 6 { " + ..." } else { "" };
                format!("the tax of each line was multiplied by its quantity: {}{more} = {}", terms.join(" + "), broken.stated)
            });
        },
    }

    /// The grand total is below 0 and was set to 0.
    FlooredAtZero {
        name: "floored-at-zero", on: "G", signature: "0 while G* < 0", guard: "G* < 0", certainty: Exact,
        finds: |_, broken, search| {
            let floored = broken.is(Field::GrandTotal) && broken.stated.is_zero() && broken.expected.is_negative();
            search.fits(floored, Certainty::Exact, || {
                format!("it comes to {}, and was set to 0: the discount exceeds what there is to pay", broken.expected)
            });
        },
    }

    /// The amount went through a binary float: it is off by less than a billionth.
    FloatNoise {
        name: "float-noise", on: "any amount", signature: "within 1e-9 of an amount of at most 4 decimals, more than 9 decimals stated",
        guard: "", certainty: Exact,
        finds: |books, broken, search| if broken.stated.has_more_decimals_than(9) {
            // An amount of a line need not have been rounded before.
            let exact = broken.line(books).and_then(|line| line.exact);
            for of in [Some(broken.expected), exact].into_iter().flatten() {
                let off = broken.stated.checked_sub(of).map(Amount::abs);
                let near = off.is_some_and(|off| Amount::new(1, 9).is_some_and(|most| off <= most));
                search.fits(near && of.decimals() <= 4, Certainty::Exact, || {
                    format!("{} is {of} after a detour through a binary float", broken.stated)
                });
            }
        },
    }

    /// The amount is in minor units (cents), or was divided by as many once too often.
    MinorUnits {
        name: "minor-units", on: "any", signature: "expected / u or * u", guard: "expected", certainty: Exact,
        finds: |books, broken, search| if books.decimals > 0 && !broken.expected.is_zero() {
            let factor = 10_i128.checked_pow(books.decimals).and_then(|factor| Amount::new(factor, 0));
            search.formula(times(Some(broken.expected), factor), || {
                format!("{} is {} in minor units", broken.stated, broken.expected)
            });
            // Whoever divided may have rounded, too; what then is 0 says nothing.
            let divided = times(Some(broken.expected), books.units(1));
            let certainty = if divided == Some(broken.stated) { Certainty::Exact } else { Certainty::Likely };
            search.fits(!broken.stated.is_zero() && books.same(Some(broken.stated), divided), certainty, || {
                format!("{} is {} divided by {}", broken.stated, broken.expected, shown(factor))
            });
            // A term no identity of its own tells to be wrong.
            if broken.is(Field::GrandTotal) {
                for field in [Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount] {
                    let term = books.order.get(field).amount();
                    for right in [times(term, books.units(1)), times(term, factor)] {
                        let by = minus(right, term);
                        let by = if field == Field::OrderDiscount { negated(by) } else { by };
                        search.single(by, || format!("{field} {} was meant as {}, in other units", shown(term), shown(right)));
                    }
                }
            }
        },
    }

    /// The total was rounded to what can be paid in coins.
    CashRounding {
        name: "cash-rounding", on: "G", signature: "a multiple of 0.05 within 0.025 of G*", guard: "CHF, AUD, CAD, SEK, DKK, NOK or NZD", certainty: Likely,
        finds: |books, broken, search| {
            let coins = ["CHF", "AUD", "CAD", "SEK", "DKK", "NOK", "NZD"];
            let code = books.order.currency.code().unwrap_or_default();
            if broken.is(Field::GrandTotal) && coins.contains(&code) {
                let twentieths = broken.stated.checked_mul(Amount::from(20));
                let multiple = twentieths.is_some_and(|count| count.decimals() == 0);
                let near = off_by_at_most(broken, Amount::new(25, 3));
                search.fits(near && multiple, Certainty::Likely, || {
                    format!("{} was rounded to what {code} coins can pay", broken.expected)
                });
            }
        },
    }

    /// Tax was rounded once for the order, not for each line.
    TaxRoundedPerOrder {
        name: "tax-rounded-per-order", on: "T", signature: "0 < |T - Tl| <= n * u / 2", guard: "n >= 2", certainty: Likely,
        finds: |books, broken, search| if broken.is(Field::SalesTax) && books.lines.len() > 1 {
            let half = books.units(books.lines.len()).and_then(|units| units.checked_mul(Amount::new(5, 1)?));
            search.fits(off_by_at_most(broken, half), Certainty::Likely, || {
                format!("the tax {} was rounded once for the order, the lines' {} each for itself", broken.stated, broken.expected)
            });
        },
    }

    /// The amount was rounded to a whole number.
    RoundedToWhole {
        name: "rounded-to-whole", on: "any", signature: "expected rounded to 1", guard: "expected is not whole", certainty: Likely,
        finds: |_, broken, search| if broken.expected.decimals() > 0 {
            search.fits(broken.expected.rounded(0, Round::HalfUp) == broken.stated, Certainty::Likely, || {
                format!("{} was rounded to a whole number: {}", broken.expected, broken.stated)
            });
        },
    }

    /// The decimals of the amount were cut off.
    CentsCut {
        name: "cents-cut", on: "any", signature: "expected cut to 1", guard: "expected is not whole", certainty: Likely,
        finds: |_, broken, search| if broken.expected.decimals() > 0 {
            search.fits(broken.expected.rounded(0, Round::Down) == broken.stated, Certainty::Likely, || {
                format!("the decimals of {} were cut off: {}", broken.expected, broken.stated)
            });
        },
    }

    /// The document leaves lines out: a reply of the API may, and a filtered SKU is.
    LineFiltered {
        name: "line-filtered", on: "S", signature: "S > E in a reply of the API, or a line says filtered_sku Y", guard: "", certainty: Likely,
        finds: |books, broken, search| {
            let more = broken.is(Field::SubTotal) && broken.stated > broken.expected;
            let filtered = || books.order.from_reply || books.order.lines().iter().any(|line| line.filtered);
            search.fits(more && filtered(), Certainty::Likely, || {
                format!("the document may leave out lines that are filtered: {} stated, {} on the lines", broken.stated, broken.expected)
            });
        },
    }

    /// A few minor units were lost when an amount was spread over the lines.
    LostCent {
        name: "lost-cent", on: "D, T", signature: "0 < |D - A| <= n * u", guard: "n >= 2", certainty: Likely,
        finds: |books, broken, search| if broken.is(Field::OrderDiscount) || broken.is(Field::SalesTax) {
            let count = books.lines.len();
            search.fits(count > 1 && off_by_at_most(broken, books.units(count)), Certainty::Likely, || {
                format!("a minor unit or so was lost when {} was spread over {count} lines", broken.stated)
            });
        },
    }

    /// The order's tax holds the tax on shipping, which no line has.
    TaxOnShipping {
        name: "tax-on-shipping", on: "T", signature: "T - Tl = H * Tl / E within u; or, weaker, 0 < T - Tl <= 0.3 H", guard: "H, Tl", certainty: Likely,
        finds: |books, broken, search| {
            let more = broken.stated.checked_sub(broken.expected).filter(|more| !more.is_zero() && !more.is_negative());
            if let Some(more) = more
                && broken.is(Field::SalesTax)
                && !books.shipping.is_zero()
                && !broken.expected.is_zero()
            {
                // more = H * Tl / E within u, multiplied by E to stay exact.
                let of_lines = times(Some(more), books.lines_extended);
                let of_shipping = times(Some(books.shipping), Some(broken.expected));
                let off = minus(of_lines, of_shipping).map(Amount::abs);
                let most = times(books.lines_extended.map(Amount::abs), books.units(1));
                let same_rate = off.zip(most).is_some_and(|(off, most)| off <= most);
                let words = || format!("{more} more than the lines' tax {}: the tax on shipping_handling {}", broken.expected, books.shipping);
                search.fits(same_rate, Certainty::Likely, words);
                let share = times(Some(books.shipping), Amount::new(3, 1));
                search.weak(!same_rate && share.is_some_and(|share| more <= share), words);
            }
        },
    }

    /// Something was added that has no field: fees belong in shipping_handling.
    FeeOrTip {
        name: "fee-or-tip", on: "G", signature: "0 < delta, nothing else fits", guard: "", certainty: Likely,
        finds: |books, broken, search| if broken.is(Field::GrandTotal) && let Some(more) = broken.stated.checked_sub(broken.expected) {
            let unit = books.units(1).unwrap_or(Amount::ONE);
            search.weak(more >= unit, || {
                format!("{more} more than the charges: a fee or a tip? What is charged beside them belongs in shipping_handling")
            });
        },
    }

    /// Two neighbouring digits changed places.
    TransposedDigits {
        name: "transposed-digits", on: "any", signature: "delta divisible by 9u; swapping two neighbouring digits of one gives the other",
        guard: "", certainty: Likely,
        finds: |_, broken, search| {
            search.weak(transposed(broken.stated, broken.expected), || {
                format!("two digits of {} changed places: {}", broken.expected, broken.stated)
            });
        },
    }
}

/// A shift of a line's amount, from the exact extension: the result may have been rounded.
fn line_shift(
    books: &Books<'_>,
    line: &LineFigures,
    by: Option<Amount>,
    figure: Figure,
    search: &mut Search<'_>,
    clause: impl FnOnce(Amount) -> String,
) {
    let Some(by) = by.filter(|by| !by.is_zero()) else { return };
    let shifted = books.rounded(line.exact.and_then(|exact| exact.checked_add(by)));
    let expected = books.rounding.apply(line.exact.unwrap_or_default(), books.decimals);
    let exact = line.exact.and_then(|exact| exact.checked_add(by));
    // Unless the stated amount has more decimals than that, what was seen is the rounded one.
    let seen = if exact == line.stated { exact } else { shifted };
    search.shift(minus(seen, Some(expected)), figure, |_| clause(by));
}

/// The lines' wrong amounts, taken as they should be: all of them, or one.
fn corrected_lines(books: &Books<'_>, search: &mut Search<'_>) {
    let corrections: Vec<(usize, Option<Amount>)> = books.corrections().collect();
    let Some((first, _)) = corrections.first() else { return };
    let place = |at: usize| Place::LineField(at, Field::ExtendedAmount);
    let all = corrections.iter().try_fold(Amount::ZERO, |sum, (_, by)| sum.checked_add((*by)?));
    search.consequence(
        all,
        Figure::WrongLines,
        || place(*first),
        || match corrections.len() {
            1 => format!("line {first} was taken with the extended_amount it should have"),
            count => format!("{count} lines were taken with the extended_amount they should have"),
        },
    );
    if corrections.len() > 1 {
        for (at, by) in corrections.iter().take(8) {
            search.consequence(
                *by,
                Figure::WrongLines,
                || place(*at),
                || format!("line {at} was taken with the extended_amount it should have"),
            );
        }
    }
}

fn misnamed(books: &Books<'_>, broken: &Broken, search: &mut Search<'_>) {
    let meant = |other: &Misnamed| format!("`{}` {} was meant as {}", other.name, other.amount, other.means);
    let order = books.order;
    if broken.header().is_none() {
        return;
    }
    for other in
        order.misnamed.iter().filter(|other| !other.amount.is_zero() && order.get(other.means).is_unset()).take(8)
    {
        let counted = match other.means {
            Field::SubTotal => books.sub_total,
            Field::SalesTax => books.sales_tax,
            Field::OrderDiscount => books.counted_discount(),
            Field::ShippingHandling => Some(Amount::ZERO),
            _ => None,
        };
        if broken.is(Field::GrandTotal) {
            let by = minus(Some(other.amount), counted);
            let by = if other.means == Field::OrderDiscount { negated(by) } else { by };
            search.shift(by, Figure::Header(other.means), |_| meant(other));
        }
    }
    for (at, line) in order.lines().iter().enumerate() {
        for other in line.misnamed.iter().filter(|other| line.get(other.means).is_unset()).take(2) {
            let unset = |field: Field| order.get(field) == Charge::Unset || order.get(field) == Charge::Blank;
            let counted = books.lines.get(at).and_then(|line| line.counted);
            let total = broken.is(Field::GrandTotal);
            let (by, figure) = match other.means {
                Field::ExtendedAmount if broken.is(Field::SubTotal) || (total && unset(Field::SubTotal)) => {
                    (minus(Some(other.amount), counted), S)
                }
                Field::Tax if broken.is(Field::SalesTax) || (total && unset(Field::SalesTax)) => {
                    (Some(other.amount), T)
                }
                Field::AddlDiscount if total && unset(Field::OrderDiscount) => (Some(other.amount.negated()), D),
                _ => continue,
            };
            search.shift(by, figure, |_| format!("in line {at} {}", meant(other)));
        }
    }
}

/// Whether the stated grand total is that amount.
fn totals(books: &Books<'_>, amount: Option<Amount>) -> bool {
    amount.is_some() && books.order.grand_total.amount() == amount
}

fn not_one(line: &LineFigures) -> bool {
    line.quantity.is_some_and(|quantity| quantity != Amount::ONE)
}

/// Whether the stated order discount is less than the lines'.
fn less_than_lines(books: &Books<'_>) -> bool {
    books.order_discount.zip(books.lines_discount).is_some_and(|(stated, lines)| stated < lines)
}

fn off_by_at_most(broken: &Broken, most: Option<Amount>) -> bool {
    let off = broken.stated.checked_sub(broken.expected).map(Amount::abs);
    off.zip(most).is_some_and(|(off, most)| !off.is_zero() && off <= most)
}

/// Whether swapping two neighbouring digits of one gives the other.
fn transposed(a: Amount, b: Amount) -> bool {
    if a.is_negative() != b.is_negative() || !a.checked_sub(b).is_some_and(is_nine_times_a_digit) {
        return false;
    }
    let decimals = a.decimals().max(b.decimals()) as usize;
    let digits =
        |amount: Amount| format!("{:.decimals$}", amount.abs()).bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    let (mut a_digits, mut b_digits) = (digits(a), digits(b));
    let width = a_digits.len().max(b_digits.len());
    for digits in [&mut a_digits, &mut b_digits] {
        digits.splice(0..0, core::iter::repeat_n(b'0', width - digits.len()));
    }
    let differ: Vec<usize> = (0..width).filter(|at| a_digits.get(*at) != b_digits.get(*at)).collect();
    let [first, second] = differ.as_slice() else { return false };
    *second == first + 1
        && a_digits.get(*first) == b_digits.get(*second)
        && a_digits.get(*second) == b_digits.get(*first)
}

/// Whether an amount may be nine times a digit, a power of ten aside: two numbers differ by that whose neighbouring
/// digits have changed places.
fn is_nine_times_a_digit(amount: Amount) -> bool {
    let Ok(mut digits) = u64::try_from(Decimal::from(amount).mantissa().unsigned_abs()) else { return true };
    while digits > 90 && digits.is_multiple_of(10) {
        digits /= 10;
    }
    digits <= 90 && digits.is_multiple_of(9)
}
