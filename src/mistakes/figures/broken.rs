//! What is broken of an order, counted for comparing and as the rows of the table name it.

/// What is broken of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) lines: usize,
    pub(crate) sub_total: bool,
    pub(crate) sales_tax: bool,
    pub(crate) order_discount: bool,
    pub(crate) grand_total: bool,
    pub(crate) wrong_signs: usize,
    pub(super) negatives: usize,
    pub(super) exceeding: usize,
}

impl Broken {
    /// How many identities are broken.
    pub(crate) fn identities(&self) -> usize {
        self.lines
            + [self.sub_total, self.sales_tax, self.order_discount, self.grand_total]
                .iter()
                .filter(|broken| **broken)
                .count()
    }

    /// Whether there is something to diagnose.
    pub(crate) fn is_any(&self) -> bool {
        self.identities() > 0 || self.wrong_signs > 0 || self.negatives > 0
    }

    /// Whether every identity holds and no discount is negative.
    pub(crate) fn is_none(&self) -> bool {
        self.identities() == 0 && self.wrong_signs == 0
    }

    /// Whether it may be a step towards a right order: no line, sign or discount is newly wrong.
    pub(crate) fn is_possible_after(&self, before: &Broken) -> bool {
        self.lines <= before.lines
            && self.wrong_signs <= before.wrong_signs
            && self.negatives <= before.negatives
            && self.exceeding <= before.exceeding
    }

    /// Whether nothing that was right before is wrong now.
    pub(crate) fn is_within(&self, before: &Broken) -> bool {
        self.lines <= before.lines
            && (before.sub_total || !self.sub_total)
            && (before.sales_tax || !self.sales_tax)
            && (before.order_discount || !self.order_discount)
            && (before.grand_total || !self.grand_total)
            && self.wrong_signs <= before.wrong_signs
            && self.negatives <= before.negatives
            && self.exceeding <= before.exceeding
    }
}

/// What is broken, as the rows of the table name it: one bit each.
pub(crate) type Faults = u8;
/// A line breaks OC101.
pub(crate) const EXTENDED: Faults = 1;
/// A line breaks OC101, or the lines do not have the sum they must have, or a total is off and a line is incomplete.
pub(crate) const LINES: Faults = 2;
/// `sub_total` is not the sum of the lines.
pub(crate) const SUB_TOTAL: Faults = 4;
/// `sales_tax` is not the sum of the lines' tax.
pub(crate) const TAX: Faults = 8;
/// `order_discount` is less than the lines' `addl_discount`.
pub(crate) const DISCOUNT: Faults = 16;
/// `grand_total` is off.
pub(crate) const TOTAL: Faults = 32;
/// An amount is negative although it must not be.
pub(crate) const SIGNS: Faults = 64;
/// An amount is under another name.
pub(crate) const NAMES: Faults = 128;
