//! The figures of an order: what is stated, what is calculated from it, and why something cannot be.
//!
//! The exact numbers show where an amount has too many digits (more than 28, or more than 28 decimals): if a result, or a step
//! towards it, is too long, there is no result.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::Zero;

use crate::currency::minor_unit_of;
use crate::exact::{held, rounded};
use crate::policy::Rounding;
use crate::reader::{Charge, Fields, Items, Order};

/// Why it cannot be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The field is unset.
    Unset(String),
    /// The field is unusable.
    Unusable(String),
    /// The calculated amount has too many digits.
    TooLong(String),
    /// No line sets tax.
    NoLineTax,
    /// `items` is unset, not an array, or empty.
    NoItems,
}

/// The amount of a charge field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stated {
    Unset,
    Unusable,
    Is(BigRational),
}

impl Stated {
    pub(crate) fn number(&self) -> Option<&BigRational> {
        match self {
            Stated::Is(number) => Some(number),
            _ => None,
        }
    }
}

/// The result of a calculation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Result {
    Is(BigRational),
    /// A step of it gives too many digits.
    TooLong,
    /// Something it needs is not known.
    Unknown,
}

impl Result {
    /// One step: an unknown amount stays unknown, however long the rest is.
    pub(crate) fn then(self, other: Result, step: impl Fn(BigRational, BigRational) -> BigRational) -> Result {
        match (self, other) {
            (Result::Unknown, _) | (_, Result::Unknown) => Result::Unknown,
            (Result::TooLong, _) | (_, Result::TooLong) => Result::TooLong,
            (Result::Is(a), Result::Is(b)) => Some(step(a, b)).filter(held).map_or(Result::TooLong, Result::Is),
        }
    }

    /// A stated amount, or another result if there is none.
    pub(crate) fn of(stated: &Stated, unset: Result) -> Result {
        match stated {
            Stated::Is(number) => Result::Is(number.clone()),
            Stated::Unset => unset,
            Stated::Unusable => Result::Unknown,
        }
    }

    /// The result as a part of another calculation: there it is only unknown, for any reason.
    pub(crate) fn known(self) -> Result {
        match self {
            Result::TooLong => Result::Unknown,
            other => other,
        }
    }

    pub(crate) fn number(self) -> Option<BigRational> {
        match self {
            Result::Is(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn map(self, change: impl Fn(BigRational) -> BigRational) -> Result {
        match self {
            Result::Is(number) => Result::Is(change(number)),
            other => other,
        }
    }
}

pub(crate) fn zero() -> Result {
    Result::Is(BigRational::zero())
}

/// The charges of one object.
#[derive(Clone, Debug)]
pub(crate) struct Row(pub(crate) BTreeMap<&'static str, Stated>);

impl Row {
    pub(crate) fn new(fields: &Fields) -> Row {
        let stated = |charge: &Charge| match charge {
            Charge::Unset | Charge::Blank => Stated::Unset,
            Charge::Amount(decimal) => decimal.held().map_or(Stated::Unusable, Stated::Is),
            Charge::NotAmount | Charge::Twice => Stated::Unusable,
        };
        Row(fields.charges.iter().map(|(name, charge)| (*name, stated(charge))).collect())
    }

    pub(crate) fn get(&self, name: &str) -> &Stated {
        self.0.get(name).unwrap_or(&Stated::Unset)
    }

    pub(crate) fn number(&self, name: &str) -> Option<&BigRational> {
        self.get(name).number()
    }

    /// Why a field has no amount.
    pub(crate) fn why_none(&self, at: &str, name: &str) -> Option<Why> {
        match self.get(name) {
            Stated::Unset => Some(Why::Unset(format!("{at}/{name}"))),
            Stated::Unusable => Some(Why::Unusable(format!("{at}/{name}"))),
            Stated::Is(_) => None,
        }
    }

    /// Why a field that counts as 0 if it is unset has no amount.
    pub(crate) fn why_unusable(&self, at: &str, name: &str) -> Option<Why> {
        self.why_none(at, name).filter(|why| matches!(why, Why::Unusable(_)))
    }

    /// Why the line has no extension.
    pub(crate) fn why_no_extension(&self, at: &str) -> BTreeSet<Why> {
        let operands = [self.why_none(at, "price"), self.why_unusable(at, "discount"), self.why_none(at, "quantity")];
        let mut why: BTreeSet<Why> = operands.into_iter().flatten().collect();
        if why.is_empty() && self.extension() == Result::TooLong {
            why.insert(Why::TooLong(format!("{at}/extended_amount")));
        }
        why
    }

    /// The amounts as CartRover stores them.
    pub(crate) fn stored(&self, money: u32) -> Row {
        let keep = |(name, stated): (&&'static str, &Stated)| match (stated, kept(name, money)) {
            (Stated::Is(number), Some(places)) => (*name, Stated::Is(rounded(number, places))),
            _ => (*name, stated.clone()),
        };
        Row(self.0.iter().map(keep).collect())
    }

    /// `(price - discount) * quantity`.
    pub(crate) fn extension(&self) -> Result {
        let needed = |name| Result::of(self.get(name), Result::Unknown);
        let each = needed("price").then(Result::of(self.get("discount"), zero()), |price, discount| price - discount);
        each.then(needed("quantity"), |each, quantity| each * quantity)
    }

    /// What the line adds to the sub-total: the stated amount if it is usable, else the calculated one.
    pub(crate) fn extended_amount(&self, grid: Grid) -> Result {
        match self.number("extended_amount") {
            Some(number) => Result::Is(number.clone()),
            None => self.extension().map(|exact| grid.round(&exact)),
        }
    }
}

/// The number of decimals that are kept of an amount; quantities are not amounts.
pub(crate) fn kept(name: &str, money: u32) -> Option<u32> {
    match name {
        "quantity" => None,
        "price" | "discount" | "addl_discount" => Some(4),
        _ => Some(money),
    }
}

/// What extensions are rounded to, and how.
#[derive(Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) money: u32,
    rounding: Rounding,
}

impl Grid {
    pub(crate) fn round(self, exact: &BigRational) -> BigRational {
        self.rounding.apply(exact, self.money)
    }
}

/// All charges of an order.
pub(crate) struct Books {
    pub(crate) grid: Grid,
    pub(crate) header: Row,
    /// `None` for an entry that is not an object; empty if `items` has no list.
    pub(crate) lines: Option<Vec<Option<Row>>>,
    /// Whether `items` is unset, not an array, or empty.
    pub(crate) no_items: bool,
    /// The header as calculated.
    sums: BTreeMap<&'static str, Result>,
}

impl Books {
    pub(crate) fn new(order: &Order, rounding: Rounding) -> Books {
        let grid = Grid { money: minor_unit_of(&order.currency).unwrap_or(2), rounding };
        let lines = match &order.items {
            Items::Unset => Some(Vec::new()),
            Items::Twice | Items::NotArray => None,
            Items::Entries(entries) => {
                Some(entries.iter().map(|entry| entry.as_ref().map(|line| Row::new(&line.fields))).collect())
            }
        };
        let no_items = match &order.items {
            Items::Unset | Items::NotArray => true,
            Items::Twice => false,
            Items::Entries(entries) => entries.is_empty(),
        };
        Books::of(grid, Row::new(&order.header), lines, no_items)
    }

    fn of(grid: Grid, header: Row, lines: Option<Vec<Option<Row>>>, no_items: bool) -> Books {
        let mut books = Books { grid, header, lines, no_items, sums: BTreeMap::new() };
        // The grand total is calculated from the others.
        for name in ["sub_total", "sales_tax", "order_discount", "grand_total"] {
            let result = books.calculate(name);
            books.sums.insert(name, result);
        }
        books
    }

    pub(crate) fn stored(&self) -> Books {
        let money = self.grid.money;
        let rows =
            |lines: &Vec<Option<Row>>| lines.iter().map(|line| line.as_ref().map(|row| row.stored(money))).collect();
        Books::of(self.grid, self.header.stored(money), self.lines.as_ref().map(rows), self.no_items)
    }

    /// Adds up what each line gives, from 0 and in the order of the lines.
    pub(crate) fn sum(&self, of: impl Fn(&Row) -> Result) -> Result {
        let Some(lines) = &self.lines else { return Result::Unknown };
        let parts = lines.iter().map(|line| line.as_ref().map_or(Result::Unknown, &of).known());
        parts.fold(zero(), |sum, part| sum.then(part, |sum, part| sum + part))
    }

    /// The calculated amount of a header field; 0 for fields that are not calculated.
    pub(crate) fn calculated(&self, name: &str) -> Result {
        self.sums.get(name).cloned().unwrap_or_else(zero)
    }

    pub(crate) fn calculate(&self, name: &str) -> Result {
        match name {
            "sub_total" if self.no_items => Result::Unknown,
            "sub_total" => self.sum(|line| line.extended_amount(self.grid)),
            "sales_tax" => self.sum(|line| Result::of(line.get("tax"), zero())),
            "order_discount" => self.sum(|line| Result::of(line.get("addl_discount"), zero())),
            "grand_total" => {
                let part = |name| Result::of(self.header.get(name), self.calculated(name).known());
                let charges = part("sub_total").then(part("sales_tax"), |a, b| a + b);
                let charges = charges.then(part("shipping_handling"), |a, b| a + b);
                charges.then(part("order_discount"), |a, b| a - b)
            }
            _ => zero(),
        }
    }

    /// Why a header field cannot be calculated.
    pub(crate) fn why_not(&self, name: &str) -> BTreeSet<Why> {
        let mut why: BTreeSet<Why> = match name {
            "grand_total" => ["sub_total", "sales_tax", "shipping_handling", "order_discount"]
                .into_iter()
                .flat_map(|term| match self.header.get(term) {
                    Stated::Unset => self.why_not(term),
                    _ => self.header.why_none("", term).into_iter().collect(),
                })
                .collect(),
            "sub_total" if self.no_items => BTreeSet::from([Why::NoItems]),
            "sub_total" => self.why_no_sum(|line, at| {
                let mut why = line.why_no_extension(at);
                why.extend(line.why_none(at, "extended_amount"));
                let known = line.extended_amount(self.grid).number().is_some();
                if known { BTreeSet::new() } else { why }
            }),
            "sales_tax" => self.why_no_sum(|line, at| line.why_unusable(at, "tax").into_iter().collect()),
            "order_discount" => {
                self.why_no_sum(|line, at| line.why_unusable(at, "addl_discount").into_iter().collect())
            }
            _ => BTreeSet::new(),
        };
        if why.is_empty() && self.calculated(name) == Result::TooLong {
            why.insert(Why::TooLong(format!("/{name}")));
        }
        why
    }

    /// Why the lines have no sum, given why one of them adds nothing to it.
    pub(crate) fn why_no_sum(&self, of: impl Fn(&Row, &str) -> BTreeSet<Why>) -> BTreeSet<Why> {
        let Some(lines) = &self.lines else {
            return BTreeSet::from([if self.no_items { Why::NoItems } else { Why::Unusable("/items".to_owned()) }]);
        };
        let why = lines.iter().enumerate().flat_map(|(at, line)| {
            let at = format!("/items/{at}");
            line.as_ref().map_or_else(|| BTreeSet::from([Why::Unusable(at.clone())]), |line| of(line, &at))
        });
        why.collect()
    }

    /// Whether every line is known to have no tax, or one of 0.
    pub(crate) fn is_without_tax(&self) -> bool {
        let is_none = |line: &Row| match line.get("tax") {
            Stated::Is(tax) => tax.is_zero(),
            unset => *unset == Stated::Unset,
        };
        self.lines.as_ref().is_some_and(|lines| lines.iter().all(|line| line.as_ref().is_some_and(is_none)))
    }

    /// Whether a line sets a tax that is not 0.
    pub(crate) fn tax_is_set(&self) -> bool {
        let lines = self.lines.iter().flatten().flatten();
        lines.filter_map(|line| line.number("tax")).any(|tax| !tax.is_zero())
    }
}
