//! The findings of a comparison: codes OC401 to OC407.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// What a comparison reports. The codes follow those of `ordercharge::Rule` and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CartRule {
    /// OC401.
    Charge,
    /// OC402.
    MissingLine,
    /// OC403.
    ExtraLine,
    /// OC404.
    Currency,
    /// OC405.
    Place,
    /// OC406.
    Unmatched,
    /// OC407.
    Disagrees,
}

struct Row {
    rule: CartRule,
    code: &'static str,
    name: &'static str,
    explanation: &'static str,
    remedy: &'static str,
}

/// One row for each rule, in the order of their codes.
static ROWS: &[Row] = &[
    Row {
        rule: CartRule::Charge,
        code: "OC401",
        name: "charge-differs",
        explanation: "An amount or a quantity of the CartRover order is not what the cart's order says. The finding has the right \
                      value and, if the value that is stated is somewhere in the cart's order, its place and what was done with it. \
                      Every way to state the charges that the definitions allow is accepted: a line's discount in `discount` or in \
                      `price`, a discount in the lines or in `order_discount`, the lines' tax or none.",
        remedy: "take the field from the place that the summary names for it",
    },
    Row {
        rule: CartRule::MissingLine,
        code: "OC402",
        name: "line-missing",
        explanation: "A line of the cart's order is not in the CartRover order.",
        remedy: "map every line of the cart's order; only parts of configurable products and bundles are left out",
    },
    Row {
        rule: CartRule::ExtraLine,
        code: "OC403",
        name: "line-not-in-cart",
        explanation: "A line of the CartRover order is not in the cart's order, is there twice, or is a part of a product that is \
                      charged as a whole.",
        remedy: "map each line once; put shipping, fees and discounts into the fields of the header",
    },
    Row {
        rule: CartRule::Currency,
        code: "OC404",
        name: "currency-differs",
        explanation: "`currency_code` is not the currency of the cart's amounts.",
        remedy: "take the currency from the same part of the cart's order as the amounts",
    },
    Row {
        rule: CartRule::Place,
        code: "OC405",
        name: "taken-from",
        explanation: "There is no table for the cart, and the CartRover order disagrees with itself or with the cart's total. The \
                      finding says where an amount of it comes from; it may be right.",
        remedy: "compare the place with the definition of the field",
    },
    Row {
        rule: CartRule::Unmatched,
        code: "OC406",
        name: "unmatched",
        explanation: "No order on the other side has this name, or it is not certain which one has. The `cust_ref` of a CartRover \
                      order may be any name that the cart has for the order: its id, its number.",
        remedy: "compare files of the same orders; with a table of your own, check its `references`",
    },
    Row {
        rule: CartRule::Disagrees,
        code: "OC407",
        name: "cart-unmappable",
        explanation: "The cart's own order disagrees with itself, states too little, or is of a cart without a table, so that \
                      the CartRover order cannot be compared with it.",
        remedy: "look at the figures in the message: the cart's order is incomplete, was edited, or is not what the table describes",
    },
];

impl CartRule {
    /// All rules, in the order of their codes.
    pub fn all() -> impl Iterator<Item = CartRule> {
        ROWS.iter().map(|row| row.rule)
    }

    fn row(self) -> &'static Row {
        // Every rule has a row; a test compares them.
        static NONE: Row = Row { rule: CartRule::Disagrees, code: "", name: "", explanation: "", remedy: "" };
        ROWS.iter().find(|row| row.rule == self).unwrap_or(&NONE)
    }

    /// The code, such as `OC401`.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// The name in kebab-case.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it means.
    pub fn explanation(self) -> &'static str {
        self.row().explanation
    }

    /// What to change.
    pub fn remedy(self) -> &'static str {
        self.row().remedy
    }

    /// Its section in the documentation.
    pub fn markdown(self) -> String {
        format!("### {} {}\n\n{}\n\nWhat to change: {}.\n", self.code(), self.name(), self.explanation(), self.remedy())
    }
}

impl fmt::Display for CartRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for CartRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl FromStr for CartRule {
    type Err = ();

    /// The rule with this code, in any letter case, or name.
    fn from_str(text: &str) -> Result<Self, ()> {
        let row = ROWS.iter().find(|row| row.code.eq_ignore_ascii_case(text) || row.name == text);
        row.map(|row| row.rule).ok_or(())
    }
}
