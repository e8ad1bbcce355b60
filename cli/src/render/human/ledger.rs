//! The amounts of an order as a table, for orders whose text does not fit on the terminal.

use ordercharge::{Level, Outline};

use super::sheet::{Role, Row, Sheet, level, line_name};
use super::words::name;
use crate::columns::{columns, wrapped};
use crate::excerpt::Text;

/// The marker of a wrong amount.
const MARKER: &str = "> ";

/// The lines of the table, each with whether it is a wrong amount, in at most `room` columns.
pub(super) fn lines(sheet: &Sheet, outline: &Outline<'_>, text: &Text<'_>, room: usize) -> Vec<(String, bool)> {
    let table = table(sheet, outline, text);
    let mut lines = if table.iter().all(|(line, _)| columns(line) <= room) { table } else { list(sheet, room) };
    if sheet.more > 0 {
        lines.push((format!("  ... and {} more", sheet.more), false));
    }
    lines
}

fn table(sheet: &Sheet, outline: &Outline<'_>, text: &Text<'_>) -> Vec<(String, bool)> {
    let unset = |row: &Row| if row.stated.is_empty() { "unset".to_owned() } else { row.stated.clone() };
    let stated = Column::new("stated", sheet.rows.iter().map(unset));
    let right = Column::new("should be", sheet.rows.iter().map(|row| row.right.clone()));
    let label = |row: &Row| {
        let indent = if level(&row.place) == Level::Line { "  " } else { "" };
        format!("{indent}{}", row.place.name())
    };
    // A wrong line as a whole has its name already.
    let names: Vec<String> = sheet.rows.iter().map(label).collect();
    let widest = names.iter().map(|name| columns(name)).max().unwrap_or_default();
    let has_right = sheet.rows.iter().any(|row| !row.right.is_empty());
    let line = |marker: &str, name: &str, stated: &str, right: &str, remark: &str| {
        let gap = " ".repeat(widest.saturating_sub(columns(name)));
        let right = if has_right { format!("  {right}") } else { String::new() };
        format!("{marker}{name}{gap}  {stated}{right}  {remark}").trim_end().to_owned()
    };
    let mut lines = vec![(line("  ", "", &stated.title(), &right.title(), ""), false)];
    let mut last = None;
    for ((row, name), at) in sheet.rows.iter().zip(&names).zip(0..) {
        let of_line = row.place.line();
        if let Some(number) = of_line.filter(|_| last != of_line) {
            lines.push((format!("  {}", line_name(number, outline, text)), false));
        }
        last = of_line;
        let wrong = row.role.is_wrong();
        let marker = if wrong { MARKER } else { "  " };
        lines.push((line(marker, name, &stated.cell(at), &right.cell(at), &remark(row)), wrong));
    }
    lines
}

/// Like [`lines`], but without columns, for narrow terminals and long amounts.
fn list(sheet: &Sheet, room: usize) -> Vec<(String, bool)> {
    let mut lines = Vec::new();
    for row in &sheet.rows {
        let stated = if row.stated.is_empty() { "unset" } else { &row.stated };
        let right = if row.right.is_empty() { String::new() } else { format!(", should be {}", row.right) };
        let remark = remark(row);
        let remark = if remark.is_empty() { remark } else { format!(" ({remark})") };
        let words = format!("{}: {stated}{right}{remark}", name(&row.place));
        let wrong = row.role.is_wrong();
        let marker = if wrong { MARKER } else { "  " };
        for (at, part) in wrapped(&words, room.saturating_sub(2), room.saturating_sub(4)).into_iter().enumerate() {
            lines.push((if at == 0 { format!("{marker}{part}") } else { format!("    {part}") }, wrong));
        }
    }
    lines
}

fn remark(row: &Row) -> String {
    match &row.role {
        Role::Culprit if row.right.is_empty() => "cannot be right".to_owned(),
        Role::Culprit => "wrong".to_owned(),
        Role::Broken(rule) => rule.code().to_owned(),
        Role::Witness => "agrees".to_owned(),
        Role::Operand(what) => (*what).to_owned(),
    }
}

/// A column of amounts, aligned at the point.
struct Column {
    name: &'static str,
    cells: Vec<(String, String)>,
    whole: usize,
    width: usize,
}

impl Column {
    fn new(name: &'static str, cells: impl Iterator<Item = String>) -> Column {
        let split = |cell: String| match cell.split_once('.') {
            Some((whole, part)) if is_amount(&cell) => (whole.to_owned(), format!(".{part}")),
            _ => (cell, String::new()),
        };
        let cells: Vec<(String, String)> = cells.map(split).collect();
        let widest =
            |of: fn(&(String, String)) -> &String| cells.iter().map(|cell| columns(of(cell))).max().unwrap_or(0);
        // What is not an amount does not move the point.
        let part = widest(|(_, part)| part);
        let needed = cells
            .iter()
            .map(|(whole, own)| columns(whole) + if own.is_empty() && !is_amount(whole) { 0 } else { part });
        let width = needed.max().unwrap_or(0).max(name.len());
        Column { name, whole: width - part.min(width), cells, width }
    }

    fn title(&self) -> String {
        format!("{:>1$}", self.name, self.width)
    }

    fn cell(&self, at: usize) -> String {
        let Some((whole, part)) = self.cells.get(at) else { return String::new() };
        let room = if is_amount(whole) { self.whole } else { self.width };
        let cell = format!("{}{whole}{part}", " ".repeat(room.saturating_sub(columns(whole))));
        let rest = self.width.saturating_sub(columns(&cell));
        cell + &" ".repeat(rest)
    }
}

/// Whether a cell holds a number.
fn is_amount(cell: &str) -> bool {
    let digits = cell.trim_start_matches(['-', '~']);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
