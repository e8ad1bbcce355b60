//! What undoing a mistake gives: the orders that may have been meant.

use super::Mistake;
use super::figures::{Figures, Fixed, Line};
use super::witness::{Bits, FOLLOWS};
use crate::order::Field;

/// An order as it may have been meant, with the cost in bits in addition to the mistake's own.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The mistake that was undone.
    pub(crate) mistake: Mistake,
    pub(crate) right: Figures,
    pub(crate) cost: Bits,
    /// Whether every right value is determined to the last digit.
    pub(crate) exact: bool,
    /// Whether the evidence is so weak that a repair needs `--prefer`.
    pub(crate) thin: bool,
    /// Whether it assumes a usual tax rate or percentage.
    pub(crate) usual: bool,
    /// Whether other figures of the order confirm an amount that is in none of its fields.
    pub(crate) known: bool,
}

impl Step {
    /// The cost of the mistake and its step.
    pub(crate) fn bits(&self) -> Bits {
        self.mistake.row().bits + self.cost
    }

    /// Whether it has an amount that is in no field of the order and that nothing else confirms.
    pub(crate) fn is_free(&self) -> bool {
        self.mistake.row().free_amount && !self.known
    }
}

/// Collects the orders that may have been meant.
#[derive(Debug)]
pub(crate) struct Steps {
    /// Whether only orders in which everything agrees are kept. Otherwise first steps towards one are kept too, which
    /// takes longer.
    pub(crate) whole: bool,
    /// The mistake that is being undone.
    pub(crate) mistake: Mistake,
    pub(crate) found: Vec<Step>,
    /// What [`Steps::take_asked`] gives, once it was needed.
    asked: Option<Vec<(usize, Line)>>,
}

impl Steps {
    pub(crate) fn new(whole: bool, mistake: Mistake) -> Steps {
        Steps { whole, mistake, found: Vec::new(), asked: None }
    }

    /// Each line with the `extended_amount` that it has if the difference of the sum is in it alone: what most mistakes on
    /// lines are tried on. They are the same for all rows; [`Steps::put_asked`] takes them back.
    pub(crate) fn take_asked(&mut self, order: &Figures, more: Fixed) -> Vec<(usize, Line)> {
        let of = |(at, line): (usize, &Line)| {
            let e = line.e + more;
            let able = !line.unusable && line.priced && e.0 > 0;
            able.then(|| (at, order.refreshed(Line { stated: Some(e), ..line.clone() })))
        };
        self.asked.take().unwrap_or_else(|| order.lines.iter().enumerate().filter_map(of).collect())
    }

    pub(crate) fn put_asked(&mut self, asked: Vec<(usize, Line)>) {
        self.asked = Some(asked);
    }

    pub(crate) fn push(&mut self, right: Figures, cost: Bits, exact: bool) {
        self.keep(Step { mistake: self.mistake, right, cost, exact, thin: false, usual: false, known: false });
    }

    /// A step of a mistake with a free amount, if other figures of the order confirm the amount.
    pub(crate) fn push_known(&mut self, right: Figures, cost: Bits, exact: bool) {
        self.keep(Step { mistake: self.mistake, right, cost, exact, thin: false, usual: false, known: true });
    }

    /// A step that assumes a usual rate: it is never more than likely, even if the rate determines every right value.
    pub(crate) fn push_usual(&mut self, right: Figures, cost: Bits, exact: bool) {
        self.keep(Step { mistake: self.mistake, right, cost, exact, thin: false, usual: true, known: false });
    }

    /// A step with evidence so weak that a repair needs `--prefer`.
    pub(crate) fn push_thin(&mut self, right: Figures, cost: Bits) {
        self.keep(Step { mistake: self.mistake, right, cost, exact: false, thin: true, usual: false, known: false });
    }

    /// Marks the steps after the first `count` whose free amount other figures confirm, and adds to their cost. They are
    /// exact, unless what confirms them is a usual percentage.
    pub(crate) fn confirm(&mut self, count: usize, usual: bool, cost: impl Fn(&Figures) -> Option<Bits>) {
        for step in self.found.iter_mut().skip(count) {
            if let Some(cost) = cost(&step.right) {
                step.known = true;
                step.usual = usual;
                step.exact = true;
                step.cost += cost;
            }
        }
    }

    /// Takes what a coincidence earns off the cost of the steps after the first `count`.
    pub(crate) fn reward(&mut self, count: usize, earned: impl Fn(&Figures) -> Bits) {
        self.found.iter_mut().skip(count).for_each(|step| step.cost -= earned(&step.right));
    }

    /// Adds to the cost of the steps after the first `count` whose free amount nothing confirms.
    pub(crate) fn doubt(&mut self, count: usize, cost: impl Fn(&Figures) -> Bits) {
        self.found.iter_mut().skip(count).filter(|step| step.is_free()).for_each(|step| step.cost += cost(&step.right));
    }

    /// Skips the first `count` steps, and adds `cost` to each of the others whose evidence is weak.
    pub(crate) fn weaken(&mut self, count: usize, cost: Bits) {
        self.found.iter_mut().skip(count).filter(|step| step.thin).for_each(|step| step.cost += cost);
    }

    fn keep(&mut self, step: Step) {
        if !self.whole || step.right.broken().is_none() {
            self.found.push(step);
        }
    }

    /// Whether an order with right lines whose sum is `e` may be one that is kept.
    pub(crate) fn may_follow(&self, order: &Figures, e: Fixed, was_bad: bool) -> bool {
        let change = e - order.e;
        if !self.whole || change.is_zero() {
            return true;
        }
        let (off, total) = (order.off(), order.g().is_some());
        if !order.has_sub_total() {
            return !total || off == change || (off.is_zero() && was_bad);
        }
        let as_stated = order.s() == e && off.is_zero();
        let followed = order.s() == order.e && (!total || off == change || (off.is_zero() && was_bad));
        as_stated || followed
    }

    /// The order with other lines, in up to three versions: with the totals as stated; with `sub_total` calculated again
    /// if it agreed with the lines; and with `grand_total` calculated again too if it agreed with `sub_total`. In the last
    /// two nothing is a witness of the right amounts.
    pub(crate) fn followed(&mut self, order: &Figures, right: Figures, cost: Bits, exact: bool, thin: bool) {
        let mistake = self.mistake;
        let step = |right, follows: Bits, exact| Step {
            mistake,
            right,
            cost: cost + follows * FOLLOWS,
            exact: exact && !thin,
            thin,
            usual: false,
            known: false,
        };
        let changed = right.e != order.e;
        if changed && order.has_sub_total() && order.s() == order.e {
            let sum = right.e;
            let followed = right.with(Field::SubTotal, sum);
            if order.g().is_some() && order.off().is_zero() {
                let total = followed.due();
                self.keep(step(followed.with(Field::GrandTotal, total), 2, false));
            }
            // Only `grand_total` is a witness, and it may itself be wrong.
            self.keep(step(followed, 1, false));
        } else if changed && !order.has_sub_total() && order.g().is_some() && order.off().is_zero() {
            let total = right.due();
            self.keep(step(right.with(Field::GrandTotal, total), 2, false));
        }
        self.keep(step(right, 0, exact));
    }
}
