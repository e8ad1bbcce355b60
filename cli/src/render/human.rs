//! Findings for people: the message, the source lines, carets and labelled operands.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use ordercharge::{
    Applicability, Diagnosis, Document, Field, Formula, Outline, Place, Policies, Position, Repair, RepairOptions,
    Report, Rule, Severity, Term, Violation, Withheld,
};

use super::{Finding, Format, Options, Page, ended, severity_explained};
use crate::choices::{choices, reason};
use crate::excerpt::{Excerpt, Mark, Text};
use crate::output::{brief, visible};

/// The most operands that get a label.
const MAX_LABELS: usize = 8;
/// The most columns of a line that is drawn for a diagnosis; amounts that do not fit are left out of the drawing.
const MOST_COLUMNS: usize = 140;

pub(super) struct Human {
    renderer: Renderer,
    show_values: bool,
    policies: Policies,
    all: bool,
}

impl Format for Human {
    fn finding(&self, page: &mut Page<'_>, finding: &Finding<'_>) {
        match &finding.outcome {
            Err(error) => page.limited(|| {
                let at = error.position().unwrap_or(finding.position);
                let origin =
                    Origin::path(visible(finding.source)).line(at.line as usize).char_column(at.column as usize);
                let title = Level::ERROR.primary_title(brief(&error.reason())).element(origin);
                self.render(title)
            }),
            Ok((document, report)) => {
                // The text is scanned only once, however much is wrong.
                let mut looked: Option<(Outline<'_>, Text<'_>)> = None;
                if let Some(diagnosis) = report.diagnoses.first() {
                    page.limited(|| {
                        let (outline, text) = looked
                            .get_or_insert_with(|| (document.outline(), Text::new(document.text(), self.show_values)));
                        let excerpt = diagnosed_excerpt(outline, text, diagnosis);
                        let notes = self.notes(document, report, diagnosis);
                        let drawing = self.render(diagnosed(finding, report, diagnosis, &excerpt, &notes));
                        let first = report.violations.iter().find(|violation| violation.diagnosis == Some(0));
                        placed(&drawing, finding, first.and_then(|violation| Some(violation.span?.start)))
                    });
                }
                // The block of the first diagnosis shows everything that it explains, and the rivals of its rank.
                let mut repair =
                    if report.diagnoses.is_empty() { self.repair_in_words(document, report) } else { None };
                for violation in report.violations.iter().filter(|violation| violation.diagnosis != Some(0)) {
                    let repair = repair.take();
                    page.limited(|| {
                        let (outline, text) = looked
                            .get_or_insert_with(|| (document.outline(), Text::new(document.text(), self.show_values)));
                        let excerpt = excerpt(outline, text, violation);
                        let group = group(finding, document, report, violation, &excerpt, repair.as_deref());
                        let drawing = self.render(group);
                        placed(&drawing, finding, violation.span.map(|span| span.start))
                    });
                }
                if self.all {
                    page.text().extend_from_slice(summary(finding, document, report).as_bytes());
                }
            }
        }
    }
}

impl Human {
    pub(super) fn new(options: Options) -> Human {
        let Options { styled, all, show_values, policies } = options;
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        Human { renderer: renderer.term_width(160), show_values, policies, all }
    }

    /// A block and the blank line after it.
    fn render(&self, group: Group<'_>) -> String {
        self.renderer.render(&[group]) + "\n\n"
    }

    /// The notes below a diagnosis: titles and sentences.
    fn notes(&self, document: &Document<'_>, report: &Report, diagnosis: &Diagnosis) -> Vec<(&'static str, String)> {
        let explained: Vec<&Violation> =
            report.violations.iter().filter(|violation| violation.diagnosis == Some(0)).collect();
        let why = match explained.iter().find_map(|violation| arithmetic(violation)) {
            Some(arithmetic) => format!("{arithmetic} {}", tag(diagnosis)),
            None => tag(diagnosis),
        };
        let mut notes = vec![("why", why), ("change", diagnosis.remedy().replace('`', ""))];
        for rival in report.diagnoses.iter().skip(1).filter(|rival| rival.is_first()) {
            notes.push(("or", format!("{rival} {}", tag(rival))));
            notes.push(("change", rival.remedy().replace('`', "")));
        }
        notes.extend(self.repair_in_words(document, report).map(|words| ("repair", words)));
        if !explained.is_empty() {
            notes.push(("breaks", rules_in_words(&explained)));
        }
        if let Some(cust_ref) = &document.order().cust_ref {
            notes.push(("order", brief(cust_ref)));
        }
        notes.into_iter().map(|(name, words)| (name, brief(&words))).collect()
    }

    /// The repair of an order: what which command writes, or why nothing is written.
    fn repair_in_words(&self, document: &Document<'_>, report: &Report) -> Option<String> {
        let Repair { applicability, edits, withheld, .. } = report.repair.as_ref()?;
        match withheld {
            // The block says so.
            Some(Withheld::NoKnownMistake) => None,
            Some(withheld) => {
                let choices =
                    choices(document.order(), report, self.policies.of(document.order()), &RepairOptions::default());
                let named: Vec<&str> = choices.iter().map(|mistake| mistake.name()).collect();
                let list = match named.join(" or ") {
                    none if none.is_empty() => none,
                    named => format!(" (`fix --unsafe --prefer` {named})"),
                };
                Some(format!("withheld: {}{list}", reason(*withheld, !choices.is_empty())))
            }
            None => {
                let command = if *applicability == Applicability::Safe { "fix" } else { "fix --unsafe" };
                let together = if edits.len() > 1 { "repaired together: " } else { "" };
                let edits: Vec<String> = edits.iter().map(ToString::to_string).collect();
                Some(format!("{together}{} (`{command}`)", edits.join(", ")))
            }
        }
    }
}

/// The source lines of a violation.
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

/// A placeholder for the position of a finding: the lines in a drawing may be cut, so their columns are not those of the
/// source.
const PLACE: char = '\u{E000}';

/// The drawing with the position of the finding in its source.
fn placed(drawn: &str, finding: &Finding<'_>, at: Option<Position>) -> String {
    let Some((before, after)) = drawn.split_once(PLACE) else { return drawn.to_owned() };
    let after = after.trim_start_matches(|char: char| char == ':' || char.is_ascii_digit());
    let at = at.unwrap_or(finding.position);
    format!("{before}{}:{}:{}{after}", visible(finding.source), at.line, at.column)
}

fn group<'a>(
    finding: &Finding<'_>,
    document: &'a Document<'_>,
    report: &Report,
    violation: &'a Violation,
    excerpt: &'a Excerpt,
    repair: Option<&str>,
) -> Group<'a> {
    let level = level(violation.severity);
    let first_line = finding.position.line as usize + excerpt.first_line;
    let annotations = excerpt.marks.iter().map(|mark| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(mark.range.clone()).label(mark.label.as_str())
    });
    let snippet = Snippet::source(excerpt.text.as_str()).path(PLACE.to_string()).line_start(first_line);
    let mut group = level
        .primary_title(brief(&violation.message()))
        .id(violation.rule.code())
        .element(snippet.annotations(annotations));
    if let Some(formula) = formula(violation) {
        group = group.element(Level::NOTE.message(formula));
    }
    let why = match violation.diagnosis.and_then(|index| report.diagnoses.get(index)) {
        Some(diagnosis) => Some(format!("perhaps {diagnosis} {}", tag(diagnosis))),
        None => violation.rule.is_identity().then(|| "no known mistake".to_owned()),
    };
    if let Some(why) = why {
        group = group.element(Level::NOTE.with_name("why").message(brief(&why)));
    }
    group = group.element(Level::HELP.message(violation.rule.remedy()));
    if let Some(repair) = repair {
        group = group.element(Level::NOTE.with_name("repair").message(brief(repair)));
    }
    if let Some(cust_ref) = &document.order().cust_ref {
        group = group.element(Level::NOTE.with_name("order").message(brief(cust_ref)));
    }
    group
}

fn primary_label(violation: &Violation) -> String {
    match (violation.stated(), violation.expected()) {
        (Some(stated), Some(expected)) if violation.rule == Rule::OrderDiscount => {
            format!("stated {stated}, expected at least {expected}")
        }
        (Some(stated), Some(expected)) => format!("stated {stated}, expected {expected}"),
        _ => String::new(),
    }
}

/// The formula with the names of its operands, if it has operands of different fields.
fn formula(violation: &Violation) -> Option<String> {
    let working = violation.working()?;
    let plain = working.to_string();
    let named = |term: &Term| format!("{} {}", term.place.name(), term.amount);
    let operands = match (violation.rule, working.terms.as_slice()) {
        (Rule::GrandTotal, [sub_total, tax, shipping, discount]) => {
            format!("{} + {} + {} - {}", named(sub_total), named(tax), named(shipping), named(discount))
        }
        (Rule::ExtendedAmount, [price, discount, quantity]) => {
            format!("({} - {}) * {}", named(price), named(discount), named(quantity))
        }
        _ => return Some(plain),
    };
    let (_, result) = plain.split_once(" = ")?;
    Some(format!("{operands} = {result}"))
}

/// The source lines of a diagnosis: its culprits and witnesses. If an order is on one long line, witnesses are left out
/// first, then culprits, until the line fits.
fn diagnosed_excerpt(outline: &Outline<'_>, text: &Text<'_>, diagnosis: &Diagnosis) -> Excerpt {
    let mut marks = Vec::new();
    for culprit in diagnosis.culprits.iter().take(MAX_LABELS) {
        let label = match (culprit.stated, culprit.right) {
            (Some(stated), Some(right)) => format!("{stated}, should be {right}"),
            (Some(stated), None) => format!("{stated}, which cannot be right"),
            (None, Some(right)) => format!("{} is unset, should be {right}", culprit.place.name()),
            (None, None) => "incomplete".to_owned(),
        };
        marks.push(Mark { range: outline.nearest(&culprit.place), label, primary: true });
    }
    let culprits = marks.len();
    for range in diagnosis.witnesses.iter().take(MAX_LABELS).filter_map(|place| outline.value_at(place)) {
        marks.push(Mark { range, label: String::new(), primary: false });
    }
    loop {
        let excerpt = text.excerpt(with_agreement(&marks, culprits));
        let widest = excerpt.text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        if widest <= MOST_COLUMNS || marks.len() <= 1 {
            return excerpt;
        }
        marks.pop();
    }
}

/// The marks, with a label at the last witness that says that they agree.
fn with_agreement(marks: &[Mark], culprits: usize) -> Vec<Mark> {
    let mut marks = marks.to_vec();
    let from = culprits.min(marks.len());
    let witnesses = marks.get_mut(from..).unwrap_or_default();
    let label = if witnesses.len() == 1 { "agrees" } else { "agree with each other" };
    if let Some(last) = witnesses.iter_mut().max_by_key(|mark| mark.range.start) {
        label.clone_into(&mut last.label);
    }
    marks
}

/// The mistakes of a diagnosis and how certain it is: `[price-is-line-total, exact]`.
fn tag(diagnosis: &Diagnosis) -> String {
    let partial = if diagnosis.partial { ", explains a part" } else { "" };
    format!("[{}, {}{partial}]", diagnosis.names(), diagnosis.certainty.name())
}

/// The calculated amount of a violation, and what is stated instead.
fn arithmetic(violation: &Violation) -> Option<String> {
    // The rule compares with a limit, not with an amount.
    if violation.rule == Rule::OrderDiscount {
        return None;
    }
    let (formula, stated) = (formula(violation)?, violation.stated()?);
    Some(format!("{formula}, but {} is {stated}", violation.place.name()))
}

/// The rules that are broken, each once: `OC101 extended-amount (2 places), OC105 grand-total`.
fn rules_in_words(violations: &[&Violation]) -> String {
    let mut counts: Vec<(Rule, usize)> = Vec::new();
    for violation in violations {
        match counts.iter_mut().find(|(rule, _)| *rule == violation.rule) {
            Some((_, count)) => *count += 1,
            None => counts.push((violation.rule, 1)),
        }
    }
    let named = counts.iter().map(|(rule, count)| match count {
        1 => format!("{} {}", rule.code(), rule.name()),
        count => format!("{} {} ({count} places)", rule.code(), rule.name()),
    });
    named.collect::<Vec<_>>().join(", ")
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

/// The drawing of an order with a diagnosis.
fn diagnosed<'a>(
    finding: &Finding<'_>,
    report: &Report,
    diagnosis: &Diagnosis,
    excerpt: &'a Excerpt,
    notes: &'a [(&'static str, String)],
) -> Group<'a> {
    let level = level(severity_explained(report));
    let first_line = finding.position.line as usize + excerpt.first_line;
    let annotations = excerpt.marks.iter().map(|mark| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(mark.range.clone()).label(mark.label.as_str())
    });
    let snippet = Snippet::source(excerpt.text.as_str()).path(PLACE.to_string()).line_start(first_line);
    let mut group = level.primary_title(brief(&diagnosis.to_string())).element(snippet.annotations(annotations));
    for (name, words) in notes {
        group = group.element(Level::NOTE.with_name(*name).message(words.as_str()));
    }
    group
}

/// The operands of a violation, with labels that say what happens to them.
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
            let term = |term: &Term| {
                let label = if term.place == Place::Field(Field::OrderDiscount) { "taken off" } else { "added" };
                (term.place.clone(), label.to_owned())
            };
            let sum = violation.working().filter(|working| working.formula != Formula::Extension);
            sum.map(|working| working.terms.iter().map(term).collect()).unwrap_or_default()
        }
    }
}

/// With `--all`: the verdict of an order, and what could not be checked.
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
