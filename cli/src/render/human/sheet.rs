//! The amounts that a drawing shows: the wrong ones, those that agree with each other, and what an amount is calculated from.

use std::collections::BTreeMap;
use std::ops::Range;

use ordercharge::{
    Currency, Document, Field, Formula, Level, Outline, Place, Report, Rule, Term, Violation, ViolationKind,
};

use ordercharge_records::Cells;

use super::words;
use crate::columns::columns;
use crate::excerpt::{Mark, Text};
use crate::output::visible;

/// The most amounts that are shown of an order.
const MOST_ROWS: usize = 24;
/// The most columns of a value that is not an amount, and of the name of a line.
const BRIEF: usize = 24;

/// An amount of the order.
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) range: Range<usize>,
    /// What is written in the order; empty if it is unset.
    pub(super) stated: String,
    /// What it should be; empty if that is not known.
    pub(super) right: String,
    pub(super) role: Role,
}

/// Why an amount is shown. Of two reasons for one amount, the first counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// It is wrong by the diagnosis.
    Culprit,
    /// A rule is broken there, and no diagnosis says why.
    Broken(Rule),
    /// It agrees with others.
    Witness,
    /// It is a part of a calculation.
    Operand(&'static str),
}

impl Role {
    pub(super) fn is_wrong(&self) -> bool {
        matches!(self, Role::Culprit | Role::Broken(_))
    }
}

/// The amounts that matter for the findings of an order, in the order in which they are calculated.
pub(super) struct Sheet {
    pub(super) rows: Vec<Row>,
    /// How many more there are.
    pub(super) more: usize,
}

impl Sheet {
    /// `of_rows` says that the order was made of rows.
    pub(super) fn new(
        document: &Document<'_>,
        outline: &Outline<'_>,
        text: &Text<'_>,
        report: &Report,
        of_rows: bool,
    ) -> Sheet {
        let currency = &document.order().currency;
        let mut roles: BTreeMap<Place, (Role, String)> = BTreeMap::new();
        let mut more = 0;
        let mut add = |place: &Place, role: Role, right: String| match roles.get(place) {
            Some((known, _)) if *known <= role => {}
            None if roles.len() >= MOST_ROWS => more += usize::from(role.is_wrong()),
            _ => drop(roles.insert(place.clone(), (role, right))),
        };
        let diagnosis = report.diagnoses.first();
        for culprit in diagnosis.into_iter().flat_map(|diagnosis| &diagnosis.culprits) {
            let right = culprit.right.map(|right| words::amount(currency, &culprit.place, right));
            add(&culprit.place, Role::Culprit, right.unwrap_or_default());
        }
        let others = || report.violations.iter().filter(|violation| violation.diagnosis != Some(0));
        for violation in others() {
            // OC104 names the least that it can be.
            let expected = violation.expected().filter(|_| violation.rule != Rule::OrderDiscount);
            let right = expected.map(|right| words::amount(currency, &violation.place, right));
            add(&violation.place, Role::Broken(violation.rule), right.unwrap_or_default());
        }
        for witness in diagnosis.into_iter().flat_map(|diagnosis| &diagnosis.witnesses) {
            add(witness, Role::Witness, String::new());
        }
        // What is under another name is the amount that its field should have.
        for violation in report.violations.iter().filter(|violation| violation.rule == Rule::MisnamedField) {
            add(&violation.place, Role::Operand("another name"), String::new());
        }
        for violation in others().chain(report.violations.iter().filter(|violation| violation.diagnosis == Some(0))) {
            operands(violation).into_iter().for_each(|(place, what)| add(&place, Role::Operand(what), String::new()));
        }
        let row = |(place, (role, right)): (Place, (Role, String))| {
            let value = outline.value_at(&place);
            // An operand that is unset has no amount to show.
            let range = match (&value, role.is_wrong()) {
                (Some(range), _) => range.clone(),
                (None, true) => outline.nearest(&place),
                (None, false) => return None,
            };
            let charge = document.order().charge_at(&place).amount();
            let amount = charge.map(|stated| words::amount(currency, &place, stated));
            let stated = match (amount.or_else(|| other_name(report, &place, currency)), value) {
                (Some(stated), _) => stated,
                (None, Some(range)) => {
                    let shown = text.shown(range);
                    // In rows, a string is written without the quotes that it has in the order that was made of them.
                    let bare = if of_rows { serde_json::from_str::<String>(&shown).ok() } else { None };
                    cut(&bare.map_or(shown, |bare| visible(&bare)))
                }
                (None, None) => String::new(),
            };
            Some(Row { place, range, stated, right, role })
        };
        let mut rows: Vec<Row> = roles.into_iter().filter_map(row).collect();
        rows.sort_by_key(|row| key(&row.place));
        Sheet { rows, more }
    }

    /// The cell of each amount, in a source of rows.
    pub(super) fn cells(&self, rows: &dyn Cells) -> Vec<Option<(u64, String)>> {
        let again = |row: &Row| row.role == Role::Broken(Rule::DuplicateField);
        self.rows.iter().map(|row| rows.cell(&row.place, again(row))).collect()
    }

    /// The marks of the amounts in the text of the order.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        let diagnosed = self.rows.iter().any(|row| row.role == Role::Culprit);
        for row in &self.rows {
            let label = match &row.role {
                Role::Operand(_) if diagnosed => continue,
                Role::Operand(what) => (*what).to_owned(),
                Role::Witness => String::new(),
                Role::Broken(_) if row.right.is_empty() => String::new(),
                Role::Broken(_) => format!("expected {}", row.right),
                Role::Culprit if row.stated.is_empty() && row.right.is_empty() => "incomplete".to_owned(),
                Role::Culprit if row.stated.is_empty() => {
                    format!("{} is unset, should be {}", row.place.name(), row.right)
                }
                Role::Culprit if row.right.is_empty() => "cannot be right".to_owned(),
                Role::Culprit => format!("should be {}", row.right),
            };
            marks.push(Mark { range: row.range.clone(), label, primary: row.role.is_wrong() });
        }
        let witnesses = self.rows.iter().filter(|row| row.role == Role::Witness);
        let label = if witnesses.clone().count() == 1 { "agrees" } else { "agree with each other" };
        if let Some(last) = witnesses.map(|row| row.range.start).max() {
            let mark = marks.iter_mut().find(|mark| !mark.primary && mark.range.start == last);
            mark.into_iter().for_each(|mark| label.clone_into(&mut mark.label));
        }
        marks
    }
}

/// The amount under another name.
fn other_name(report: &Report, place: &Place, currency: &Currency) -> Option<String> {
    report.violations.iter().filter(|violation| violation.place == *place).find_map(|violation| match violation.kind {
        ViolationKind::Misnamed { stated, means: Field::Quantity, .. } => Some(stated.to_string()),
        ViolationKind::Misnamed { stated, .. } => Some(words::amount(currency, place, stated)),
        _ => None,
    })
}

/// The name of a line: its number and its item.
pub(super) fn line_name(line: usize, outline: &Outline<'_>, text: &Text<'_>) -> String {
    let item = outline.value_at(&Place::LineNamed(line, "item".to_owned())).map(|range| text.shown(range));
    let item = item.and_then(|item| serde_json::from_str::<String>(&item).ok()).filter(|item| !item.is_empty());
    item.map_or_else(|| format!("line {}", line + 1), |item| format!("line {} ({})", line + 1, cut(&visible(&item))))
}

/// A string of at most [`BRIEF`] columns.
pub(super) fn cut(text: &str) -> String {
    if columns(text) <= BRIEF {
        return text.to_owned();
    }
    let mut short = String::new();
    for char in text.chars() {
        if columns(&short) + 2 >= BRIEF - 2 {
            break;
        }
        short.push(char);
    }
    short + "..."
}

/// Lines come first and `grand_total` last, as they are calculated.
fn key(place: &Place) -> (u8, usize, usize) {
    const HEADER: [Field; 5] =
        [Field::SubTotal, Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::GrandTotal];
    const LINE: [Field; 4] = [Field::Price, Field::Discount, Field::Quantity, Field::ExtendedAmount];
    let at = |fields: &[Field], field: &Field| fields.iter().position(|one| one == field).unwrap_or(fields.len());
    match place {
        Place::CurrencyCode => (0, 0, 0),
        Place::Items => (1, 0, 0),
        Place::Line(line) => (2, *line, 0),
        Place::LineField(line, field) => (2, *line, 1 + at(&LINE, field)),
        Place::LineNamed(line, _) => (2, *line, 9),
        Place::Field(field) => (3, at(&HEADER, field), 0),
        // A name of the input.
        _ => (4, 0, 0),
    }
}

/// The operands of a violation, with labels that say what happens to them.
fn operands(violation: &Violation) -> Vec<(Place, &'static str)> {
    let of_line = |fields: &[(Field, &'static str)]| {
        let line = violation.place.line();
        let operand = |(field, label): &(Field, &'static str)| Some((Place::LineField(line?, *field), *label));
        fields.iter().filter_map(operand).collect()
    };
    match violation.rule {
        Rule::ExtendedAmount => {
            of_line(&[(Field::Price, "unit price"), (Field::Discount, "off each"), (Field::Quantity, "times")])
        }
        Rule::DiscountExceedsPrice => of_line(&[(Field::Price, "unit price")]),
        Rule::AddlDiscountExceedsLine => {
            of_line(&[(Field::ExtendedAmount, "what the line costs"), (Field::Tax, "and its tax")])
        }
        _ => {
            let term = |term: &Term| {
                let off = term.place == Place::Field(Field::OrderDiscount);
                (term.place.clone(), if off { "subtracted" } else { "added" })
            };
            let sum = violation.working().filter(|working| working.formula != Formula::Extension);
            sum.map(|working| working.terms.iter().take(MOST_ROWS).map(term).collect()).unwrap_or_default()
        }
    }
}

/// Whether a place is in the header.
pub(super) fn level(place: &Place) -> Level {
    if place.line().is_some() { Level::Line } else { Level::Header }
}
