//! A summary of a run in Markdown, such as the step summary of a CI job.

use std::fmt::Write as _;

use super::words::{at_risk, counts, label, money, sentence, title};
use super::{Format, Run};
use crate::model::{Compared, Record, Remark, Wants, descriptors};
use crate::output::{Stop, brief};

/// The most orders, and the most sources, that are listed.
const SHOWN: usize = 10;

pub(super) struct Markdown;

impl Format for Markdown {
    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        let mut text = String::from("## Order charges\n\n");
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}.", counts(run.totals));
        if !run.totals.at_risk.is_empty() {
            let _ = writeln!(
                text,
                "Money at risk: **{}**. That is the money that these errors put in doubt.",
                money(run.totals)
            );
        }
        for line in run.totals.accepted() {
            let _ = writeln!(text, "{}.", escaped(&line));
        }
        problems(&mut text, run);
        mappings(&mut text, run);
        if let Some(compared) = &run.totals.compared {
            fields(&mut text, compared);
        }
        names(&mut text, run);
        worst(&mut text, run);
        Ok(text)
    }

    fn wants(&self) -> Option<Wants> {
        Some(Wants { worst: SHOWN, first: 0 })
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}

/// What could not be read or written, and what is to be said about waivers.
fn problems(text: &mut String, run: &Run<'_>) {
    let errors = run.totals.errors.iter().map(|why| format!("error: {why}"));
    let remarks = run.totals.remarks();
    for (at, line) in errors.chain(remarks.iter().map(Remark::in_words)).enumerate() {
        let blank = if at == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{blank}- {}", escaped(&line));
    }
}

fn mappings(text: &mut String, run: &Run<'_>) {
    let mut mappings: Vec<_> = run.totals.mappings.iter().collect();
    mappings.sort_by_key(|mapping| std::cmp::Reverse(mapping.broken));
    if mappings.is_empty() {
        return;
    }
    text.push_str("\n### What to change\n\n| source | what is wrong | what to change |\n| --- | --- | --- |\n");
    for mapping in mappings.iter().take(SHOWN) {
        let source = mapping.order_source.as_deref().map_or("(none)".to_owned(), escaped);
        let (sentence, remedy) = (code(&mapping.sentence), code(&mapping.remedy));
        let _ = writeln!(text, "| {source} | {sentence} | {remedy} |");
    }
    more(text, mappings.len() as u64, "source");
}

/// The fields that the mapping takes from the wrong place.
fn fields(text: &mut String, compared: &Compared) {
    if compared.fields.is_empty() {
        return;
    }
    text.push_str("\n### What to change\n\n| field | what is wrong | what to change |\n| --- | --- | --- |\n");
    for field in &compared.fields {
        let (name, sentence, remedy) = (escaped(&field.field), escaped(&field.sentence), escaped(&field.remedy));
        let _ = writeln!(text, "| {name} | {sentence} | {remedy} |");
    }
}

fn names(text: &mut String, run: &Run<'_>) {
    if run.gathered.names.is_empty() {
        return;
    }
    let mut names: Vec<(&String, &u64)> = run.gathered.names.iter().collect();
    names.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), name.as_str()));
    text.push_str("\n### Findings\n\n| finding | how many |\n| --- | ---: |\n");
    let known = descriptors();
    for (name, count) in names {
        let label = label(name, known.iter().find(|known| known.id == name));
        let _ = writeln!(text, "| {} | {count} |", escaped(&label));
    }
}

fn worst(text: &mut String, run: &Run<'_>) {
    let shown: Vec<&Record> = run.gathered.worst().collect();
    if shown.is_empty() {
        return;
    }
    text.push_str("\n### Orders with the most money at risk\n\n");
    text.push_str("| order | where | at risk | what is wrong | what to change |\n| --- | --- | ---: | --- | --- |\n");
    for record in shown.iter().take(SHOWN) {
        let Some(finding) = record.findings.first() else { continue };
        let place = format!("{}:{}", escaped(&record.source), finding.line(record));
        let risk = escaped(&at_risk(record).unwrap_or_default());
        let (title, message, remedy) = (escaped(&title(record)), escaped(&sentence(finding)), code(&finding.remedy));
        let _ = writeln!(text, "| {title} | {place} | {risk} | {message} | {remedy} |");
    }
    more(text, run.gathered.records, "order");
}

fn more(text: &mut String, all: u64, noun: &str) {
    match all.saturating_sub(SHOWN as u64) {
        0 => {}
        1 => drop(writeln!(text, "\nOne more {noun} is not listed.")),
        more => drop(writeln!(text, "\n{more} more {noun}s are not listed.")),
    }
}

/// A string in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut plain = String::new();
    for char in brief(text).chars() {
        match char {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '@' => plain.push_str("&#64;"),
            '#' => plain.push_str("&#35;"),
            ':' => plain.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '$' => {
                plain.push('\\');
                plain.push(char);
            }
            char => plain.push(char),
        }
    }
    plain
}

/// A sentence of this command in which names of fields are in backticks.
fn code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of parts means that the backticks come in pairs.
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part = |(at, part): (usize, &&str)| {
        let plain = |char: char| char.is_ascii_alphanumeric() || " _/*.=-+".contains(char);
        if at % 2 == 1 && part.chars().all(plain) { format!("`{part}`") } else { escaped(part) }
    };
    parts.iter().enumerate().map(part).collect()
}
