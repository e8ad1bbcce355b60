//! Findings for people: a block for each order. It says what is wrong, shows the amounts with the wrong one marked, and says
//! why, what to change, and what the repair is.

mod ledger;
mod sheet;
mod words;

use std::fmt::Write as _;

use annotate_snippets::renderer::{
    DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_LINE_NUM_STYLE, DEFAULT_NOTE_STYLE, DEFAULT_WARNING_STYLE,
    Style,
};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use ordercharge::{Document, Error, Policies, Position, Report, Severity};

use self::sheet::Sheet;
use super::listed::listed;
use super::{Compared, Finding, Format, Options, Page, ended};
use crate::columns::{columns, tail, wrapped};
use crate::excerpt::{self, Text};
use crate::output::{brief, visible};

pub(super) struct Human {
    styles: Styles,
    columns: usize,
    show_values: bool,
    policies: Policies,
    all: bool,
}

impl Format for Human {
    fn finding(&self, page: &mut Page<'_>, finding: &Finding<'_>) {
        match &finding.outcome {
            Err(error) => page.limited(|| self.unreadable(finding, error)),
            Ok((document, report)) => {
                if !report.violations.is_empty() {
                    page.limited(|| self.block(finding, document, report));
                }
                if self.all {
                    page.text().extend_from_slice(self.summary(finding, document, report).as_bytes());
                }
            }
        }
    }

    fn compared(&self, page: &mut Page<'_>, compared: &Compared<'_>) {
        page.limited(|| super::comparison::block(compared));
    }
}

/// The styles of the parts of a block; none without colours.
struct Styles {
    renderer: Renderer,
    error: Style,
    warning: Style,
    title: Style,
    gutter: Style,
    note: Style,
}

impl Styles {
    fn new(styled: bool) -> Styles {
        if styled {
            // Links to files would have to know the editor.
            return Styles {
                renderer: Renderer::styled(),
                error: DEFAULT_ERROR_STYLE,
                warning: DEFAULT_WARNING_STYLE,
                title: DEFAULT_EMPHASIS_STYLE,
                gutter: DEFAULT_LINE_NUM_STYLE,
                note: DEFAULT_NOTE_STYLE,
            };
        }
        let none = Style::new();
        Styles { renderer: Renderer::plain(), error: none, warning: none, title: none, gutter: none, note: none }
    }

    fn of(&self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
        }
    }
}

impl Human {
    pub(super) fn new(options: Options) -> Human {
        let Options { styled, columns, all, show_values, policies } = options;
        Human { styles: Styles::new(styled), columns, show_values, policies, all }
    }

    /// The block of an order.
    fn block(&self, finding: &Finding<'_>, document: &Document<'_>, report: &Report) -> String {
        let order = document.order();
        let listed = listed(report);
        let (severity, title) = words::title(&listed, &order.currency);
        let outline = document.outline();
        let text = Text::new(document.text(), self.show_values);
        let sheet = Sheet::new(document, &outline, &text, report, finding.rows.is_some());
        let line = finding.position.line as usize;
        // The text that was checked is in the source only if that is JSON.
        let source = if finding.rows.is_none() { self.source(&sheet, &text, line, severity) } else { None };
        let drawing = source.unwrap_or_else(|| {
            let cells = finding.rows.map(|rows| sheet.cells(rows));
            let room = self.columns.saturating_sub(GUTTER + if cells.is_some() { MOST_OF_NUMBER } else { 0 });
            self.gutted(&ledger::lines(&sheet, &outline, &text, cells.as_deref(), room), severity)
        });
        let at = listed.first().map_or(finding.position, |headline| headline.position(finding, document));
        let named = order.cust_ref.as_deref().map(|name| format!(" (order {})", brief(name)));
        let mut block = self.head(severity.name(), self.styles.of(severity), &title);
        self.place(&mut block, drawing.gutter, finding.source, at, &named.unwrap_or_default());
        block.push_str(&drawing.text);
        for (name, words) in words::notes(order, report, &listed, self.policies.of(order)) {
            self.note(&mut block, drawing.gutter, &name, &words);
        }
        block.push('\n');
        block
    }

    /// The block of a document that cannot be read.
    fn unreadable(&self, finding: &Finding<'_>, error: &Error) -> String {
        let at = error.position().unwrap_or(finding.position);
        let mut block = self.head("error", self.styles.error, &error.reason());
        let number = at.line.to_string();
        self.place(&mut block, number.len(), finding.source, at, "");
        if let Some(line) = error.line() {
            let shown = excerpt::broken_line(line, self.show_values);
            let room = self.columns.saturating_sub(number.len() + GUTTER + CUT.len());
            let end = tail(&shown, room);
            let cut = if end.len() < shown.len() || columns(line) < at.column as usize { CUT } else { "" };
            let last = end.chars().next_back().map_or(0, |char| columns(char.encode_utf8(&mut [0; 4])));
            let before = columns(cut) + columns(end).saturating_sub(last);
            let (gutter, mark) = (self.styles.gutter, self.styles.error);
            let blank = " ".repeat(number.len());
            // Writing to memory does not fail.
            let _ = writeln!(block, "{gutter}{blank} |{gutter:#}");
            let _ = writeln!(block, "{gutter}{number} |{gutter:#} {cut}{end}");
            let _ = writeln!(block, "{gutter}{blank} |{gutter:#} {}{mark}^{mark:#}", " ".repeat(before));
        }
        block.push('\n');
        block
    }

    /// The first line, which says what is wrong.
    fn head(&self, name: &str, style: Style, title: &str) -> String {
        let indent = columns(name) + 2;
        let room = self.columns.saturating_sub(indent);
        let bold = self.styles.title;
        let lines = wrapped(&brief(title), room, room);
        let mut head = format!("{style}{name}{style:#}");
        for (at, line) in lines.iter().enumerate() {
            let before = if at == 0 { ": ".to_owned() } else { " ".repeat(indent) };
            let _ = writeln!(head, "{bold}{before}{line}{bold:#}");
        }
        head
    }

    /// The line with the place in the input.
    fn place(&self, block: &mut String, gutter: usize, source: &str, at: Position, named: &str) {
        let style = self.styles.gutter;
        let arrow = format!("{}-->", " ".repeat(gutter));
        let place = format!("{}:{}:{}", visible(source), at.line, at.column);
        let named = if columns(&place) + columns(named) + gutter + 4 > self.columns {
            let indent = " ".repeat(gutter + 4);
            wrapped(
                named.trim_start(),
                self.columns.saturating_sub(gutter + 4),
                self.columns.saturating_sub(gutter + 4),
            )
            .iter()
            .map(|line| format!("\n{indent}{line}"))
            .collect()
        } else {
            named.to_owned()
        };
        let _ = writeln!(block, "{style}{arrow}{style:#} {place}{named}");
    }

    /// A note below the amounts.
    fn note(&self, block: &mut String, gutter: usize, name: &str, words: &str) {
        let (style, bold) = (self.styles.gutter, self.styles.note);
        let indent = gutter + 3 + columns(name) + 2;
        let room = self.columns.saturating_sub(indent);
        let short: String = words.chars().take(MOST_OF_NOTE).collect();
        let cut = if short.len() < words.len() { CUT } else { "" };
        let lines = wrapped(&(visible(&short) + cut), room, room);
        for (at, line) in lines.iter().enumerate() {
            let _ = match at {
                0 => {
                    let blank = " ".repeat(gutter);
                    writeln!(block, "{style}{blank} ={style:#} {bold}{name}{bold:#}: {line}")
                }
                _ => writeln!(block, "{}{line}", " ".repeat(indent)),
            };
        }
    }

    /// Lines of a table with a gutter before them.
    fn gutted(&self, lines: &[ledger::Line], severity: Severity) -> Drawing {
        let (style, mark) = (self.styles.gutter, self.styles.of(severity));
        let number = |line: &ledger::Line| line.number.map_or_else(String::new, |number| number.to_string());
        let gutter = lines.iter().map(|line| number(line).len()).max().unwrap_or_default().max(1);
        let blank = format!("{style}{:gutter$} |{style:#}", "");
        let mut text = format!("{blank}\n");
        for line in lines {
            let mark = if line.wrong { mark } else { Style::new() };
            let _ = writeln!(text, "{style}{:gutter$} |{style:#} {mark}{}{mark:#}", number(line), line.text);
        }
        let _ = writeln!(text, "{blank}");
        Drawing { gutter, text }
    }

    /// The source lines with carets, if they fit.
    fn source(&self, sheet: &Sheet, text: &Text<'_>, line: usize, severity: Severity) -> Option<Drawing> {
        let room = self.columns.saturating_sub(GUTTER + 3);
        if sheet.more > 0 || text.is_long_line(room) {
            return None;
        }
        let excerpt = text.excerpt(sheet.marks(), room);
        let draw = |renderer: &Renderer| {
            let annotations = excerpt.marks.iter().map(|mark| {
                let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
                kind.span(mark.range.clone()).label(mark.label.as_str())
            });
            let snippet = Snippet::source(excerpt.text.as_str()).line_start(line + excerpt.first_line);
            let level = match severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
            };
            let group = Group::with_level(level).element(snippet.annotations(annotations));
            renderer.clone().term_width(self.columns).render(&[group]) + "\n"
        };
        let plain = draw(&Renderer::plain());
        let fits = plain.lines().all(|line| columns(line) <= self.columns);
        let gutter = plain.lines().next().and_then(|line| line.find('|')).unwrap_or(2).saturating_sub(1);
        let blank = format!("{0}{1} |{0:#}\n", self.styles.gutter, " ".repeat(gutter));
        fits.then(|| Drawing { gutter, text: draw(&self.styles.renderer) + &blank })
    }

    /// With `--all`: the verdict of an order, and what could not be checked.
    fn summary(&self, finding: &Finding<'_>, document: &Document<'_>, report: &Report) -> String {
        let verdict = if report.is_valid() { "valid" } else { "invalid" };
        let name = document.order().cust_ref.as_deref().map_or(String::new(), |name| format!(" {}", brief(name)));
        let (source, at) = (visible(finding.source), finding.position);
        let first = format!("{verdict}: order{name} at {source}:{}:{}: {}", at.line, at.column, ended(report));
        let mut text = String::new();
        let mut add = |indent: &str, words: &str| {
            let room = self.columns.saturating_sub(indent.len());
            for part in wrapped(words, room, room) {
                text.push_str(indent);
                text.push_str(&part);
                text.push('\n');
            }
        };
        add("", &first);
        for (identity, reason) in report.unchecked() {
            add("  ", &format!("not checked: {} {} ({reason})", identity.rule, identity.place));
        }
        text + "\n"
    }
}

/// The columns of a gutter with a short line number, and the blank after it.
const GUTTER: usize = 4;
/// The columns of the number of a line in a large file, beside those of the gutter.
const MOST_OF_NUMBER: usize = 8;
/// The most characters of a note: it may contain names of the input.
const MOST_OF_NOTE: usize = 1200;
/// Replaces what is left out of a line.
const CUT: &str = "...";

/// The amounts of an order, drawn.
struct Drawing {
    /// The columns of its line numbers.
    gutter: usize,
    text: String,
}
