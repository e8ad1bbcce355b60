//! Findings drawn for people: the message, the lines it is about, carets and labelled operands.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use ordercharge::{Document, Explanation, Field, Outline, Place, Report, Rule, Severity, Violation};

use super::{Finding, ended};
use crate::excerpt::{Excerpt, Mark, Text};
use crate::output::{brief, visible};

/// The most operands that get a label.
const MAX_LABELS: usize = 8;

pub(super) struct Human {
    renderer: Renderer,
    show_values: bool,
    max_shown: u64,
    /// How many have been written, and how many there were to write.
    shown: AtomicU64,
    found: AtomicU64,
}

/// Drawings in the order of the findings.
#[derive(Default)]
pub(super) struct Drawn {
    texts: Vec<Drawing>,
    len: usize,
    /// How many of them are findings.
    findings: u64,
}

enum Drawing {
    Finding(String),
    /// So many findings that nobody will see.
    Left(u64),
    /// Something that is always shown.
    Remark(String),
}

impl Drawn {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    fn push(&mut self, drawing: Drawing) {
        match (&drawing, self.texts.last_mut()) {
            (Drawing::Left(more), Some(Drawing::Left(left))) => *left += more,
            _ => {
                if let Drawing::Finding(text) | Drawing::Remark(text) = &drawing {
                    self.len += text.len();
                }
                self.texts.push(drawing);
            }
        }
    }
}

impl Human {
    pub(super) fn new(styled: bool, show_values: bool, max_shown: u64) -> Human {
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        let (shown, found) = (AtomicU64::new(0), AtomicU64::new(0));
        Human { renderer: renderer.term_width(160), show_values, max_shown, shown, found }
    }

    /// How many findings were not shown.
    pub(super) fn not_shown(&self) -> u64 {
        self.found.load(Ordering::Relaxed) - self.shown.load(Ordering::Relaxed)
    }

    pub(super) fn finding(&self, drawn: &mut Drawn, finding: &Finding<'_>, all: bool) -> io::Result<()> {
        match &finding.outcome {
            Err(error) => self.draw(drawn, || {
                let at = error.position().unwrap_or(finding.position);
                let origin =
                    Origin::path(visible(finding.source)).line(at.line as usize).char_column(at.column as usize);
                let title = Level::ERROR.primary_title(brief(&error.reason())).element(origin);
                self.renderer.render(&[title])
            }),
            Ok((document, report)) => {
                // Looked into once, however much is wrong.
                let mut looked: Option<(Outline<'_>, Text<'_>)> = None;
                for violation in &report.violations {
                    self.draw(drawn, || {
                        let (outline, text) = looked
                            .get_or_insert_with(|| (document.outline(), Text::new(document.text(), self.show_values)));
                        let excerpt = excerpt(outline, text, violation);
                        let drawing = self.renderer.render(&[group(finding, document, violation, &excerpt)]);
                        placed(&drawing, finding, violation)
                    });
                }
                if all {
                    drawn.push(Drawing::Remark(summary(finding, document, report)));
                }
            }
        }
        Ok(())
    }

    /// Draws a finding, unless there are enough before it for certain.
    fn draw(&self, drawn: &mut Drawn, draw: impl FnOnce() -> String) {
        let before = drawn.findings.max(self.shown.load(Ordering::Relaxed));
        drawn.findings += 1;
        drawn.push(if before < self.max_shown { Drawing::Finding(draw() + "\n\n") } else { Drawing::Left(1) });
    }

    /// Writes drawings until there are enough.
    pub(super) fn write(&self, out: &mut dyn Write, drawn: &mut Drawn) -> io::Result<()> {
        for drawing in std::mem::take(drawn).texts {
            match drawing {
                Drawing::Remark(text) => out.write_all(text.as_bytes())?,
                Drawing::Left(count) => {
                    self.found.fetch_add(count, Ordering::Relaxed);
                }
                Drawing::Finding(text) => {
                    self.found.fetch_add(1, Ordering::Relaxed);
                    if self.shown.load(Ordering::Relaxed) < self.max_shown {
                        out.write_all(text.as_bytes())?;
                        self.shown.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The lines of the order the violation is about.
fn excerpt(outline: &Outline<'_>, text: &Text<'_>, violation: &Violation) -> Excerpt {
    let primary = Mark { range: outline.nearest(&violation.place), label: primary_label(violation), primary: true };
    let mut marks = vec![primary];
    for (place, label) in operands(violation).into_iter().take(MAX_LABELS) {
        if let Some(range) = outline.value_at(&place) {
            marks.push(Mark { range, label, primary: false });
        }
    }
    text.excerpt(marks)
}

/// Stands for the place of a finding while it is drawn: the lines that are drawn may have been cut, so their columns
/// are not those of the source.
const PLACE: char = '\u{E000}';

/// The drawing with the place of the finding in its source.
fn placed(drawn: &str, finding: &Finding<'_>, violation: &Violation) -> String {
    let Some((before, behind)) = drawn.split_once(PLACE) else { return drawn.to_owned() };
    let behind = behind.trim_start_matches(|char: char| char == ':' || char.is_ascii_digit());
    let at = violation.span.map_or(finding.position, |span| span.start);
    format!("{before}{}:{}:{}{behind}", visible(finding.source), at.line, at.column)
}

fn group<'a>(
    finding: &Finding<'_>,
    document: &'a Document<'_>,
    violation: &'a Violation,
    excerpt: &'a Excerpt,
) -> Group<'a> {
    let level = match violation.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let first_line = finding.position.line as usize + excerpt.first_line;
    let annotations = excerpt.marks.iter().map(|mark| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(mark.range.clone()).label(mark.label.as_str())
    });
    let snippet = Snippet::source(excerpt.text.as_str()).path(PLACE.to_string()).line_start(first_line);
    let mut group = level
        .primary_title(brief(&violation.message))
        .id(violation.rule.code())
        .element(snippet.annotations(annotations));
    if let Some(formula) = formula(violation) {
        group = group.element(Level::NOTE.message(formula));
    }
    for (name, words) in causes(violation) {
        group = group.element(Level::NOTE.with_name(name).message(words));
    }
    group = group.element(Level::HELP.message(help(violation)));
    if let Some(cust_ref) = &document.order().cust_ref {
        group = group.element(Level::NOTE.with_name("order").message(brief(cust_ref)));
    }
    group
}

fn primary_label(violation: &Violation) -> String {
    match (violation.stated, violation.expected) {
        (Some(stated), Some(expected)) if violation.rule == Rule::OrderDiscount => {
            format!("stated {stated}, expected at least {expected}")
        }
        (Some(stated), Some(expected)) => format!("stated {stated}, expected {expected}"),
        _ => String::new(),
    }
}

/// The formula with the names of its operands, where it has different ones.
fn formula(violation: &Violation) -> Option<String> {
    let plain = violation.formula.as_deref()?;
    let named = |at: usize| violation.terms.0.get(at).map(|(name, amount)| format!("{name} {amount}"));
    let operands = match violation.rule {
        Rule::GrandTotal => {
            format!("{} + {} + {} - {}", named(0)?, named(1)?, named(2)?, named(3)?)
        }
        Rule::ExtendedAmount => format!("({} - {}) * {}", named(0)?, named(1)?, named(2)?),
        _ => return Some(plain.to_owned()),
    };
    let (_, result) = plain.split_once(" = ")?;
    Some(format!("{operands} = {result}"))
}

/// Why the amount is what it is: a line for each cause that fits, or what it follows from.
fn causes(violation: &Violation) -> Vec<(&'static str, String)> {
    if !violation.rule.is_identity() {
        return Vec::new();
    }
    let told = |explanation: &Explanation| {
        let names: Vec<&str> = explanation.causes.iter().map(|cause| cause.name()).collect();
        visible(&format!("{} [{}, {}]", explanation.message, names.join(" + "), explanation.certainty.name()))
    };
    if let Some(root) = &violation.root {
        let first = violation.causes.first().map(told).unwrap_or_default();
        return vec![("follows", first), ("note", format!("the fault is at {root}; with that mended this is right"))];
    }
    let mut lines: Vec<_> = violation.causes.iter().map(|explanation| ("cause", told(explanation))).collect();
    if lines.is_empty() {
        lines.push(("cause", "no known cause".to_owned()));
    }
    if violation.is_ambiguous() {
        lines.push(("note", "several fit equally well: the numbers cannot choose between them".to_owned()));
    }
    lines
}

/// What to do about it, with the amount to write where there is one.
fn help(violation: &Violation) -> String {
    match &violation.fix {
        Some(fix) => {
            let edits: Vec<String> = fix.edits.iter().map(|edit| format!("{} = {}", edit.place, edit.value)).collect();
            format!(
                "{}; by itself: {} ({} to write)",
                violation.rule.remedy(),
                visible(&edits.join(", ")),
                fix.applicability.name()
            )
        }
        None => violation.rule.remedy().to_owned(),
    }
}

/// The operands of a violation with what happens to them.
fn operands(violation: &Violation) -> Vec<(Place, String)> {
    let line_field = |field| violation.place.line().map(|line| Place::LineField(line, field));
    let labelled = |fields: &[(Field, &str)]| {
        let place = |(field, label): &(Field, &str)| Some((line_field(*field)?, (*label).to_owned()));
        fields.iter().filter_map(place).collect()
    };
    match violation.rule {
        Rule::ExtendedAmount => {
            labelled(&[(Field::Price, "unit price"), (Field::Discount, "off each"), (Field::Quantity, "times")])
        }
        Rule::DiscountExceedsPrice => labelled(&[(Field::Price, "unit price")]),
        Rule::AddlDiscountExceedsLine => {
            labelled(&[(Field::ExtendedAmount, "what the line costs"), (Field::Tax, "and its tax")])
        }
        _ => {
            let term = |(name, _): &(Cow<str>, _)| {
                let place: Place =
                    if name.starts_with('/') { name.parse().ok()? } else { format!("/{name}").parse().ok()? };
                let label = if place == Place::Field(Field::OrderDiscount) { "taken off" } else { "added" };
                Some((place, label.to_owned()))
            };
            violation.terms.0.iter().filter_map(term).collect()
        }
    }
}

/// What is said of every order where all are asked for: how it ended, and what could not be checked.
fn summary(finding: &Finding<'_>, document: &Document<'_>, report: &Report) -> String {
    let verdict = if report.is_valid() { "valid" } else { "invalid" };
    let name = document.order().cust_ref.as_deref().map_or(String::new(), |name| format!(" {}", brief(name)));
    let (source, at) = (visible(finding.source), finding.position);
    let mut text = format!("{verdict}: order{name} at {source}:{}:{}: {}\n", at.line, at.column, ended(report));
    for (identity, reason) in report.unchecked() {
        // Writing to memory does not fail.
        let _ = writeln!(text, "  not checked: {} {} ({reason})", identity.rule, identity.place);
    }
    text + "\n"
}
