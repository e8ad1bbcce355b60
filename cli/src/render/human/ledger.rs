//! The amounts of an order as a table: for orders whose text does not fit on the terminal, and for those that were read from
//! CSV, with the line and the column of each cell.

use ordercharge::{Level, Outline};

use super::sheet::{Role, Row, Sheet, cut, level, line_name};
use crate::columns::{columns, wrapped};
use crate::excerpt::Text;
use crate::output::visible;

/// The marker of a wrong amount.
const MARKER: &str = "> ";

/// A line of the table.
pub(super) struct Line {
    pub(super) text: String,
    /// Whether it is a wrong amount.
    pub(super) wrong: bool,
    /// The line of its cell in the source.
    pub(super) number: Option<u64>,
}

impl Line {
    fn plain(text: String) -> Line {
        Line { text, wrong: false, number: None }
    }
}

/// The lines of the table, in at most `room` columns. `cells` are those of the amounts, one for each.
pub(super) fn lines(
    sheet: &Sheet,
    outline: &Outline<'_>,
    text: &Text<'_>,
    cells: Option<&[Option<(u64, String)>]>,
    room: usize,
) -> Vec<Line> {
    let cell = |at: usize| cells.and_then(|cells| cells.get(at)?.as_ref());
    let number = |at: usize| cell(at).map(|(number, _)| *number);
    let title = |at: usize| cell(at).map(|(_, title)| cut(&visible(title)));
    let table = table(sheet, outline, text, cells.map_or("", |_| "column"), &number, &title);
    let fits = table.iter().all(|line| columns(&line.text) <= room);
    let mut lines = if fits { table } else { list(sheet, &number, &title, room) };
    if sheet.more > 0 {
        lines.push(Line::plain(format!("  ... and {} more", sheet.more)));
    }
    lines
}

fn table(
    sheet: &Sheet,
    outline: &Outline<'_>,
    text: &Text<'_>,
    head: &str,
    number: &dyn Fn(usize) -> Option<u64>,
    title: &dyn Fn(usize) -> Option<String>,
) -> Vec<Line> {
    let unset = |row: &Row| if row.stated.is_empty() { "unset".to_owned() } else { row.stated.clone() };
    let stated = Column::new("stated", sheet.rows.iter().map(unset));
    let right = Column::new("should be", sheet.rows.iter().map(|row| row.right.clone()));
    let label = |(at, row): (usize, &Row)| {
        let indent = if level(&row.place) == Level::Line { "  " } else { "" };
        format!("{indent}{}", title(at).unwrap_or_else(|| row.place.name().to_owned()))
    };
    // A wrong line as a whole has its name already.
    let names: Vec<String> = sheet.rows.iter().enumerate().map(label).collect();
    let widest = names.iter().map(|name| columns(name)).chain([head.len()]).max().unwrap_or_default();
    let has_right = sheet.rows.iter().any(|row| !row.right.is_empty());
    let line = |marker: &str, name: &str, stated: &str, right: &str, remark: &str| {
        let gap = " ".repeat(widest.saturating_sub(columns(name)));
        let right = if has_right { format!("  {right}") } else { String::new() };
        format!("{marker}{name}{gap}  {stated}{right}  {remark}").trim_end().to_owned()
    };
    let mut lines = vec![Line::plain(line("  ", head, &stated.title(), &right.title(), ""))];
    let mut last = None;
    for ((row, name), at) in sheet.rows.iter().zip(&names).zip(0..) {
        let of_line = row.place.line();
        if let Some(line) = of_line.filter(|_| last != of_line) {
            lines.push(Line::plain(format!("  {}", line_name(line, outline, text))));
        }
        last = of_line;
        let wrong = row.role.is_wrong();
        let marker = if wrong { MARKER } else { "  " };
        let text = line(marker, name, &stated.cell(at), &right.cell(at), &remark(row));
        lines.push(Line { text, wrong, number: number(at) });
    }
    lines
}

/// Like [`lines`], but without columns, for narrow terminals and long amounts.
fn list(
    sheet: &Sheet,
    number: &dyn Fn(usize) -> Option<u64>,
    title: &dyn Fn(usize) -> Option<String>,
    room: usize,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for (row, of) in sheet.rows.iter().zip(0..) {
        let stated = if row.stated.is_empty() { "unset" } else { &row.stated };
        let right = if row.right.is_empty() { String::new() } else { format!(", should be {}", row.right) };
        let remark = remark(row);
        let remark = if remark.is_empty() { remark } else { format!(" ({remark})") };
        // Where the file calls the column as CartRover calls the field, that is said once.
        let title = title(of).filter(|title| title != row.place.name());
        let column = title.map_or_else(String::new, |title| format!(" in {title}"));
        let words = format!("{}{column}: {stated}{right}{remark}", row.place.in_words());
        let wrong = row.role.is_wrong();
        let marker = if wrong { MARKER } else { "  " };
        for (at, part) in wrapped(&words, room.saturating_sub(2), room.saturating_sub(4)).into_iter().enumerate() {
            let (marker, number) = if at == 0 { (marker, number(of)) } else { ("    ", None) };
            lines.push(Line { text: format!("{marker}{part}"), wrong, number });
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
