//! An order as fixed-point numbers, in which mistakes are made and undone.

mod broken;
mod fixed;
mod line;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::edit::Edit;
use crate::order::{self, Field, Order, Place};
use crate::policy::Policy;

pub(crate) use broken::{Broken, DISCOUNT, EXTENDED, Faults, LINES, NAMES, SIGNS, SUB_TOTAL, TAX, TOTAL};
pub(crate) use fixed::{Fixed, Product};
pub(crate) use line::{LINE_FIELDS, Line, Terms};

/// The fields of the header that a mistake may be in.
pub(crate) const HEADER_FIELDS: [Field; 5] =
    [Field::SubTotal, Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::GrandTotal];

/// Shared lines in serde: a list.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Line;

    pub(super) fn serialize<S: Serializer>(lines: &Arc<[Line]>, serializer: S) -> Result<S::Ok, S::Error> {
        lines.as_ref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[Line]>, D::Error> {
        Vec::deserialize(deserializer).map(Arc::from)
    }
}

/// An order in millionths, with the sums that the rows of the table use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) terms: Terms,
    /// The amounts of the header fields; 0 if unset.
    header: [Fixed; 5],
    /// Which of them are set: one bit each, in the order of `HEADER_FIELDS`.
    set: u8,
    /// Shared by orders that differ only in the header.
    #[serde(with = "shared")]
    pub(crate) lines: Arc<[Line]>,
    /// The header fields that are unusable: one bit each.
    unusable: u8,
    /// The identities OC102 to OC105 that cannot be checked: one bit each.
    unchecked: u8,
    /// Amounts under wrong names, with the places where they belong.
    pub(crate) renamed: Vec<(Place, Fixed)>,
    /// Sums over the lines: `extended_amount`, `addl_discount`, `tax`.
    pub(crate) e: Fixed,
    pub(crate) a: Fixed,
    pub(crate) tl: Fixed,
    /// The lines' `p q` and `d q`, to six decimals.
    pub(crate) w: Fixed,
    pub(crate) cuts: Fixed,
    /// The sum of the lines' `shipping_surcharge`.
    pub(crate) surcharges: Fixed,
    /// By how much `grand_total` is off; 0 if it is unset.
    off: Fixed,
    /// How many lines break OC101.
    pub(crate) bad: usize,
    /// How many amounts break OC201, OC202, OC205.
    wrong_signs: usize,
    negatives: usize,
    exceeding: usize,
    /// The number of lines that are not in the text.
    pub(crate) added: usize,
}

const AT_SUB_TOTAL: usize = 0;
const AT_SALES_TAX: usize = 1;
const AT_SHIPPING: usize = 2;
const AT_DISCOUNT: usize = 3;
const AT_TOTAL: usize = 4;

fn at(field: Field) -> Option<usize> {
    match field {
        Field::SubTotal => Some(AT_SUB_TOTAL),
        Field::SalesTax => Some(AT_SALES_TAX),
        Field::ShippingHandling => Some(AT_SHIPPING),
        Field::OrderDiscount => Some(AT_DISCOUNT),
        Field::GrandTotal => Some(AT_TOTAL),
        _ => None,
    }
}

impl Figures {
    /// The figures of an order; `None` if it cannot be diagnosed: it has no lines, or amounts that are too large.
    pub(crate) fn new(order: &Order, policy: &Policy) -> Option<Figures> {
        let terms = Terms::new(order, policy)?;
        let mut figures = Figures {
            terms,
            header: [Fixed::ZERO; 5],
            set: 0,
            lines: Arc::from([]),
            unusable: 0,
            unchecked: 0,
            renamed: Vec::new(),
            e: Fixed::ZERO,
            a: Fixed::ZERO,
            tl: Fixed::ZERO,
            w: Fixed::ZERO,
            cuts: Fixed::ZERO,
            surcharges: Fixed::ZERO,
            off: Fixed::ZERO,
            bad: 0,
            wrong_signs: 0,
            negatives: 0,
            exceeding: 0,
            added: 0,
        };
        for (index, field) in HEADER_FIELDS.iter().enumerate() {
            let charge = order.get(*field);
            if let Some(amount) = charge.amount() {
                let slot = figures.header.get_mut(index)?;
                *slot = Fixed::read(amount)?;
                figures.set |= 1 << index;
            } else if charge.is_unusable() {
                figures.unusable |= 1 << index;
            }
        }
        let read_line = |line: &order::Line| {
            let read = |field| {
                let charge = line.get(field);
                Some((charge.amount().map_or(Some(Fixed::ZERO), Fixed::read)?, charge.is_unusable()))
            };
            let ((p, up), (d, ud), (q, uq)) = (read(Field::Price)?, read(Field::Discount)?, read(Field::Quantity)?);
            let ((a, ua), (t, ut), (e, ue)) =
                (read(Field::AddlDiscount)?, read(Field::Tax)?, read(Field::ExtendedAmount)?);
            let stated = line.extended_amount.amount().map(|_| e);
            let object = line.not_an_object.is_none();
            let mut line = Line {
                p,
                d,
                q,
                a,
                t,
                stated,
                e,
                x: 0,
                holds: true,
                has_price: line.price.amount().is_some() && !ud,
                has_quantity: line.quantity.amount().is_some(),
                priced: false,
                bad_tax: ut || !object,
                bad_addl: ua || !object,
                unusable: up || ud || uq || ua || ut || ue || !object,
            };
            line.refresh(&terms);
            Some(line)
        };
        let mut fits = !order.lines().is_empty();
        // A line is always made, so that the number of lines is known and they are put in their place directly.
        let made = |line| {
            let read = read_line(line);
            fits &= read.is_some();
            read.unwrap_or_else(|| Line::of_one(Fixed::ZERO))
        };
        figures.lines = order.lines().iter().map(made).collect();
        if !fits {
            return None;
        }
        let surcharges = order.lines().iter().filter_map(|line| line.shipping_surcharge.amount());
        figures.surcharges = surcharges.map(|amount| Fixed::read(amount).unwrap_or_default()).sum();
        figures.add_up();
        for edit in Edit::of_other_names(order) {
            figures.renamed.push((edit.place, Fixed::read(edit.value)?));
        }
        Some(figures)
    }

    /// Adds up the lines again.
    fn add_up(&mut self) {
        let (mut e, mut a, mut tl, mut w, mut cuts) = (Fixed::ZERO, Fixed::ZERO, Fixed::ZERO, 0_i128, 0_i128);
        let (mut bad, mut wrong_signs, mut negatives, mut exceeding) = (0, 0, 0, 0);
        let (mut no_sum, mut no_tax, mut no_discount) = (false, false, false);
        let is_negative = |amount: Fixed| usize::from(amount.0 < 0);
        for line in self.lines.iter() {
            e = e + line.e;
            a = a + line.a;
            tl = tl + line.t;
            w = w.saturating_add(line.p.times(line.q));
            if !line.d.is_zero() {
                cuts = cuts.saturating_add(line.d.times(line.q));
            }
            no_sum |= line.stated.is_none() && !line.priced;
            no_tax |= line.bad_tax;
            no_discount |= line.bad_addl;
            bad += usize::from(!line.holds);
            wrong_signs += is_negative(line.d) + is_negative(line.a);
            negatives += is_negative(line.p) + is_negative(line.t) + line.stated.map_or(0, is_negative);
            exceeding += usize::from(line.priced && line.p.0 >= 0 && line.d > line.p);
        }
        let [sub_total, sales_tax, shipping, discount, _] = self.header;
        wrong_signs += is_negative(discount);
        negatives += is_negative(sub_total) + is_negative(sales_tax) + is_negative(shipping);
        (self.e, self.a, self.tl, self.bad) = (e, a, tl, bad);
        let unusable = |index: usize| self.unusable & (1 << index) != 0;
        let missing = |index: usize, no_sum: bool| unusable(index) || (no_sum && self.set & (1 << index) == 0);
        let total = missing(AT_SUB_TOTAL, no_sum) || missing(AT_SALES_TAX, no_tax) || missing(AT_DISCOUNT, no_discount);
        let unchecked = [no_sum, no_tax, no_discount, total || unusable(AT_SHIPPING)];
        self.unchecked = unchecked.iter().enumerate().map(|(bit, is)| u8::from(*is) << bit).sum();
        self.w = Fixed::of_product(w, Fixed(1));
        self.cuts = Fixed::of_product(cuts, Fixed(1));
        (self.wrong_signs, self.negatives, self.exceeding) = (wrong_signs, negatives, exceeding);
        self.compare_total();
    }

    /// Compares `grand_total` with its terms again. Nearly every row of the table asks for the difference.
    fn compare_total(&mut self) {
        self.off = self.g().map_or(Fixed::ZERO, |total| total - self.due());
    }

    fn stated(&self, index: usize) -> Option<Fixed> {
        if self.set & (1 << index) != 0 { self.header.get(index).copied() } else { None }
    }

    /// Whether the value at a place is unusable: it is left as it is.
    pub(crate) fn is_unusable(&self, place: &Place) -> bool {
        match place {
            Place::Field(field) => at(*field).is_some_and(|index| self.unusable & (1 << index) != 0),
            Place::LineField(line, _) => self.lines.get(*line).is_some_and(|line| line.unusable),
            _ => false,
        }
    }

    /// A header field, if it is stated.
    pub(crate) fn header(&self, field: Field) -> Option<Fixed> {
        self.stated(at(field)?)
    }

    pub(crate) fn unit(&self) -> Fixed {
        self.terms.unit
    }

    /// How many lines there are.
    pub(crate) fn n(&self) -> i64 {
        self.lines.len() as i64
    }

    /// `sub_total`, stated, else calculated.
    pub(crate) fn s(&self) -> Fixed {
        self.stated(AT_SUB_TOTAL).unwrap_or(self.e)
    }

    /// `sales_tax`.
    pub(crate) fn t(&self) -> Fixed {
        self.stated(AT_SALES_TAX).unwrap_or(self.tl)
    }

    /// `shipping_handling`.
    pub(crate) fn h(&self) -> Fixed {
        self.stated(AT_SHIPPING).unwrap_or_default()
    }

    /// `order_discount`.
    pub(crate) fn d(&self) -> Fixed {
        self.stated(AT_DISCOUNT).unwrap_or(self.a)
    }

    /// `grand_total`, if it is stated.
    pub(crate) fn g(&self) -> Option<Fixed> {
        self.stated(AT_TOTAL)
    }

    /// What `grand_total` should be.
    pub(crate) fn due(&self) -> Fixed {
        self.s() + self.t() + self.h() - self.d()
    }

    /// The sum that the lines must have: `sub_total`, or what `grand_total` leaves for it.
    pub(crate) fn goal(&self) -> Option<Fixed> {
        self.stated(AT_SUB_TOTAL).or_else(|| Some(self.g()? - self.t() - self.h() + self.d()))
    }

    /// By how much `grand_total` is off; 0 if it is unset.
    pub(crate) fn off(&self) -> Fixed {
        self.off
    }

    pub(crate) fn has_sub_total(&self) -> bool {
        self.set & (1 << AT_SUB_TOTAL) != 0
    }

    pub(crate) fn has_sales_tax(&self) -> bool {
        self.set & (1 << AT_SALES_TAX) != 0
    }

    pub(crate) fn has_discount(&self) -> bool {
        self.set & (1 << AT_DISCOUNT) != 0
    }

    /// What is broken, as the rows of the table name it.
    pub(crate) fn faults(&self) -> Faults {
        let broken = self.broken();
        let open = broken.grand_total && self.lines.iter().any(|line| line.stated.is_none());
        let lines = self.bad > 0 || open || self.goal().is_some_and(|goal| goal != self.e);
        [
            (EXTENDED, self.bad > 0),
            (LINES, lines),
            (SUB_TOTAL, broken.sub_total),
            (TAX, broken.sales_tax),
            (DISCOUNT, broken.order_discount),
            (TOTAL, broken.grand_total),
            (SIGNS, self.wrong_signs > 0 || self.negatives > 0),
            (NAMES, !self.renamed.is_empty()),
        ]
        .iter()
        .fold(0, |faults, (fault, is_there)| if *is_there { faults | fault } else { faults })
    }

    /// What is broken.
    pub(crate) fn broken(&self) -> Broken {
        let checked = |bit: u8| self.unchecked & (1 << bit) == 0;
        let off = |identity, index, expected| {
            self.stated(index).is_some_and(|stated| self.terms.is_off(identity, stated, expected))
        };
        Broken {
            lines: if self.terms.tolerances[0].is_some() { self.bad } else { 0 },
            sub_total: checked(0) && off(1, AT_SUB_TOTAL, self.e),
            sales_tax: checked(1) && off(2, AT_SALES_TAX, self.tl) && self.lines.iter().any(|line| !line.t.is_zero()),
            order_discount: checked(2)
                && self.stated(AT_DISCOUNT).is_some_and(|stated| stated < self.a)
                && off(3, AT_DISCOUNT, self.a),
            grand_total: checked(3) && off(4, AT_TOTAL, self.due()),
            wrong_signs: self.wrong_signs,
            negatives: self.negatives,
            exceeding: self.exceeding,
        }
    }

    /// Whether every identity of the header can be checked and has no tolerance, so that equations alone say whether it holds.
    pub(crate) fn is_strict(&self) -> bool {
        self.unchecked == 0 && self.terms.tolerances.iter().all(|most| *most == Some(Fixed::ZERO))
    }

    /// Whether an order with other amounts in its stated header fields may be right. Without tolerances the equations of the
    /// header decide it, which takes far less than making that order.
    pub(crate) fn may_be_right_with(&self, changed: impl Fn(Field, Fixed) -> Fixed) -> bool {
        if !self.is_strict() {
            return true;
        }
        let sub_total = changed(Field::SubTotal, self.s());
        let due = sub_total + changed(Field::SalesTax, self.t()) + changed(Field::ShippingHandling, self.h())
            - changed(Field::OrderDiscount, self.d());
        self.bad == 0
            && (!self.has_sub_total() || sub_total == self.e)
            && self.g().is_none_or(|total| changed(Field::GrandTotal, total) == due)
    }

    /// The order with another amount in the header.
    #[must_use]
    pub(crate) fn with(&self, field: Field, amount: Fixed) -> Figures {
        let mut other = self.clone();
        other.set(field, amount);
        other
    }

    /// The order with `sub_total` calculated from the lines, if it is stated.
    #[must_use]
    pub(crate) fn summed(mut self) -> Figures {
        if self.has_sub_total() {
            self.set(Field::SubTotal, self.e);
        }
        self
    }

    /// Puts an amount into the header.
    pub(crate) fn set(&mut self, field: Field, amount: Fixed) {
        let Some(index) = at(field) else { return };
        let Some(slot) = self.header.get_mut(index) else { return };
        let was = *slot;
        *slot = amount;
        self.set |= 1 << index;
        let change = usize::from(amount.0 < 0).wrapping_sub(usize::from(was.0 < 0));
        match index {
            AT_DISCOUNT => self.wrong_signs = self.wrong_signs.wrapping_add(change),
            AT_TOTAL => {}
            _ => self.negatives = self.negatives.wrapping_add(change),
        }
        self.compare_total();
    }

    /// Takes an amount out of the header.
    pub(crate) fn unset(&mut self, field: Field) {
        self.set(field, Fixed::ZERO);
        if let Some(index) = at(field) {
            self.set &= !(1 << index);
        }
        self.compare_total();
    }

    /// The order with other lines.
    #[must_use]
    pub(crate) fn with_lines(&self, lines: impl IntoIterator<Item = Line>) -> Figures {
        self.with_refreshed(lines.into_iter().map(|line| self.refreshed(line)))
    }

    /// The order with other lines, whose calculated amounts are refreshed.
    #[must_use]
    pub(crate) fn with_refreshed(&self, lines: impl Iterator<Item = Line>) -> Figures {
        let mut other = Figures { lines: lines.collect(), renamed: self.renamed.clone(), ..*self };
        other.add_up();
        other
    }

    /// The order with every line changed.
    #[must_use]
    pub(crate) fn map_lines(&self, change: impl FnMut(&Line) -> Line) -> Figures {
        self.with_lines(self.lines.iter().map(change))
    }

    /// The order with one line changed.
    #[must_use]
    pub(crate) fn with_line(&self, index: usize, line: Line) -> Figures {
        let line = self.refreshed(line);
        let chosen = |(at, known): (usize, &Line)| if at == index { line.clone() } else { known.clone() };
        self.with_refreshed(self.lines.iter().enumerate().map(chosen))
    }

    /// The order with the misnamed amounts under their right names.
    pub(crate) fn with_renamed(&self) -> Figures {
        let mut other = self.clone();
        let mut lines = self.lines.to_vec();
        for (place, amount) in &self.renamed {
            match place {
                Place::Field(field) => other.set(*field, *amount),
                Place::LineField(at, field) => {
                    if let Some(line) = lines.get_mut(*at) {
                        line.put(*field, *amount);
                        line.refresh(&self.terms);
                    }
                }
                _ => {}
            }
        }
        other.renamed.clear();
        other.lines = lines.into();
        other.add_up();
        other
    }

    /// The order with an amount of the header, or of a line, under a wrong name.
    pub(crate) fn with_misnamed(&self, place: &Place) -> Option<Figures> {
        let mut other = self.clone();
        let amount = match place {
            Place::Field(field) => {
                let amount = self.header(*field)?;
                other.unset(*field);
                amount
            }
            Place::LineField(at, field) => {
                let mut lines = self.lines.to_vec();
                let line = lines.get_mut(*at)?;
                let amount = line.get(*field);
                line.take(*field);
                line.refresh(&self.terms);
                other.lines = lines.into();
                amount
            }
            _ => return None,
        };
        other.renamed.push((place.clone(), amount));
        other.add_up();
        Some(other)
    }

    /// A changed line, with the amounts that follow from it.
    pub(crate) fn refreshed(&self, mut line: Line) -> Line {
        line.refresh(&self.terms);
        line
    }

    /// The `extended_amount` of a line with this product.
    pub(crate) fn extended(&self, exact: Product) -> Fixed {
        self.terms.extended(exact)
    }

    /// The lines' `extended_amount`s.
    pub(crate) fn es(&self) -> Vec<Fixed> {
        self.lines.iter().map(|line| line.e).collect()
    }

    /// Whether two orders state the same amounts; unset counts as 0.
    pub(crate) fn is_same(&self, other: &Figures) -> bool {
        [self.s(), self.t(), self.h(), self.d()] == [other.s(), other.t(), other.h(), other.d()]
            && self.g() == other.g()
            && self.lines.len() == other.lines.len()
            && (Arc::ptr_eq(&self.lines, &other.lines)
                || self
                    .lines
                    .iter()
                    .zip(other.lines.iter())
                    .all(|(one, two)| LINE_FIELDS.iter().all(|field| one.get(*field) == two.get(*field))))
    }

    /// Whether a field of a line is under another name.
    fn is_renamed(&self, line: usize, field: Field) -> bool {
        self.renamed.iter().any(|(place, _)| *place == Place::LineField(line, field))
    }

    /// The places where two orders differ, with the amount of the second: `None` for a line that is not in the first.
    pub(crate) fn differences(&self, right: &Figures) -> Vec<(Place, Option<Fixed>)> {
        let mut found = Vec::new();
        for (index, field) in HEADER_FIELDS.iter().enumerate() {
            let (was, is) = (self.stated(index), right.stated(index));
            let counted = |amount: Option<Fixed>| amount.unwrap_or_default();
            let derived = matches!(index, AT_SUB_TOTAL | AT_TOTAL);
            let renamed =
                was.is_none() && is.is_some() && self.renamed.iter().any(|(place, _)| *place == Place::Field(*field));
            if counted(was) != counted(is) || renamed || (derived && was != is && is.is_some()) {
                found.push((Place::Field(*field), Some(counted(is))));
            }
        }
        let lines = if Arc::ptr_eq(&self.lines, &right.lines) { &[] } else { &self.lines[..] };
        for (index, (was, is)) in lines.iter().zip(right.lines.iter()).enumerate() {
            // Nearly all lines are the same, and their `extended_amount` is what it was.
            if was == is && (is.priced || is.stated.is_some()) && self.renamed.is_empty() {
                continue;
            }
            for field in LINE_FIELDS {
                let differs = match field {
                    // An unset amount is calculated again, unless that would give another amount.
                    Field::ExtendedAmount if was.stated.is_none() => {
                        is.e != right.extended(is.x) || (is.stated.is_some() && self.is_renamed(index, field))
                    }
                    Field::ExtendedAmount => was.stated != is.stated,
                    field => {
                        was.get(field) != is.get(field) || self.is_renamed(index, field) && right.renamed.is_empty()
                    }
                };
                if differs {
                    found.push((Place::LineField(index, field), Some(is.get(field))));
                }
            }
        }
        if right.lines.len() > self.lines.len() {
            found.push((Place::Items, None));
        }
        found
    }

    /// The order with every amount that differs from the figures it was read as.
    #[cfg(feature = "generate")]
    pub(crate) fn write_to(&self, before: &Figures, order: &Order) -> Order {
        use crate::order::{Charge, Items, Misnamed};
        let mut order = order.clone();
        for (index, field) in HEADER_FIELDS.iter().enumerate() {
            if self.stated(index) != before.stated(index) {
                let charge = self.stated(index).map_or(Charge::Unset, |amount| Charge::Amount(amount.amount()));
                if let Some(slot) = order.get_mut(*field) {
                    *slot = charge;
                }
            }
        }
        if let Items::Lines(lines) = &mut order.items {
            lines.truncate(self.lines.len());
        }
        for (at, (line, was)) in self.lines.iter().zip(before.lines.iter()).enumerate() {
            for field in LINE_FIELDS {
                let changed = match field {
                    Field::ExtendedAmount => line.stated != was.stated,
                    field => line.get(field) != was.get(field),
                };
                if changed {
                    order.put(&Place::LineField(at, field), line.get(field).amount());
                }
            }
        }
        for (place, amount) in &self.renamed {
            let Some(means) = place.field() else { continue };
            let name = means.aliases().first().copied().unwrap_or(means.name()).to_owned();
            let other = Misnamed { name, means, amount: amount.amount() };
            match (place.line(), &mut order.items) {
                (None, _) => order.misnamed.push(other),
                (Some(at), Items::Lines(lines)) => {
                    if let Some(line) = lines.get_mut(at) {
                        line.misnamed.push(other);
                    }
                }
                _ => {}
            }
        }
        order
    }
}
