//! Figures of a cart's order, with what their names say they are.

use ordercharge::Amount;

use crate::json::Node;

/// What a figure is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tax,
    Discount,
    Shipping,
    Fee,
    /// Lines, or sums of them.
    Goods,
}

impl Kind {
    /// If a name has words of several kinds, the first kind in `WORDS` decides: a `shipping_discount` is a discount.
    pub(super) fn of(pattern: &str) -> Kind {
        const WORDS: [(Kind, &[&str]); 4] = [
            (Kind::Discount, &["disc", "promo", "coupon", "voucher", "rebate"]),
            (Kind::Tax, &["tax", "vat", "gst"]),
            (Kind::Shipping, &["ship", "deliver", "freight", "postage"]),
            (Kind::Fee, &["fee", "tip", "gift", "wrap", "handling", "duty", "duties", "surcharge", "adjust"]),
        ];
        // The end of a place says what it is: an `amount` in `tax_lines` is a tax.
        let mut name = pattern.to_ascii_lowercase();
        if name.contains("_tax") {
            for with_tax in ["inc_tax", "incl_tax", "ex_tax", "excl_tax", "including_tax", "excluding_tax"] {
                name = name.replace(with_tax, "");
            }
        }
        let mut steps = name.rsplit('/').filter(|step| *step != "*");
        let (last, before) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
        let is = |step: &str, words: &[&str]| words.iter().any(|word| step.contains(word));
        let kind = |step: &str| WORDS.iter().find(|(_, words)| is(step, words)).map(|(kind, _)| *kind);
        kind(last).or_else(|| kind(before)).unwrap_or(Kind::Goods)
    }

    /// Whether an amount of a field is likely to be calculated from it.
    pub(super) fn suits(self, field: &str) -> bool {
        match field {
            "discount" | "addl_discount" | "order_discount" => self == Kind::Discount,
            "tax" | "sales_tax" => self == Kind::Tax,
            "shipping_handling" => matches!(self, Kind::Shipping | Kind::Fee),
            _ => self == Kind::Goods,
        }
    }
}

/// A figure that is calculated with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    /// The right amount, where a table knows it.
    Right,
    /// An element of the cart's order.
    Leaf(Node),
    /// A sum over the lines or a list, by its number.
    Sum(usize),
}

/// What was done with a figure before it is added to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Nothing,
    TimesQuantity,
    SharedEqually,
    SharedByAmounts,
}

/// One figure of a sum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) is_less: bool,
    pub(super) figure: Figure,
    pub(super) done: Done,
}

/// A figure, or a sum of some. It is small, since many are tried; its words are made for those that fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) amount: Amount,
    pub(super) kind: Kind,
    pub(super) first: Part,
    pub(super) more: [Option<Part>; 4],
}

impl Term {
    pub(super) fn new(figure: Figure, amount: Amount, kind: Kind) -> Term {
        Term { amount, kind, first: Part { is_less: false, figure, done: Done::Nothing }, more: [None; 4] }
    }

    /// The same figure with another amount.
    pub(super) fn made(&self, done: Done, amount: Amount) -> Term {
        Term { amount, first: Part { done, ..self.first }, ..*self }
    }

    pub(super) fn is_sum(&self) -> bool {
        self.more.iter().any(Option::is_some)
    }

    pub(super) fn plus(&self, other: &Term) -> Option<Term> {
        self.with(other, self.amount.checked_add(other.amount)?, false)
    }

    pub(super) fn less(&self, other: &Term) -> Option<Term> {
        self.with(other, self.amount.checked_sub(other.amount)?, true)
    }

    fn with(&self, other: &Term, amount: Amount, is_less: bool) -> Option<Term> {
        let mut sum = Term { amount, ..*self };
        let parts = std::iter::once(&other.first).chain(other.more.iter().flatten());
        let mut free = sum.more.iter_mut().filter(|part| part.is_none());
        for part in parts {
            *free.next()? = Some(Part { is_less: part.is_less != is_less, ..*part });
        }
        Some(sum)
    }

    pub(super) fn is_other(&self, other: &Term) -> bool {
        self.first.figure != other.first.figure
    }
}

/// Whether the place of a figure is certainly one of money, by its names.
pub(super) fn is_money(pattern: &str) -> bool {
    const WORDS: [&str; 13] =
        ["total", "price", "amount", "tax", "ship", "disc", "fee", "cost", "tip", "gift", "value", "promo", "sum"];
    let lower = pattern.to_ascii_lowercase();
    let last = lower.rsplit('/').next().unwrap_or_default();
    let counts = ["qty", "quantity", "count", "rate", "percent", "divisor", "weight"];
    // A `discount` holds a `count`, and a `shippingRate` is no rate of tax.
    let without = last.replace("discount", "");
    let counts_something = |word: &&str| without.contains(word) && !(last.contains("ship") && **word == *"rate");
    WORDS.iter().any(|word| lower.contains(word)) && !last.ends_with("id") && !counts.iter().any(counts_something)
}
