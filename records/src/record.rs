//! The record of one document, as JSON. It is written by hand, because for an order with a fault a general serialiser would
//! take longer than the check. A test compares it with what serde writes for the same report.

use core::fmt::{self, Write};

use ordercharge::{
    Amount, Currency, Diagnosis, Document, Edit, Formula, Patch, Place, Repair, Report, Span, Violation, ViolationKind,
    Working,
};

use crate::finding::{Cells, Finding};
use crate::output::push_json;

/// Writes the record of a document, without a line end.
pub fn finding(out: &mut Vec<u8>, finding: &Finding<'_>) {
    let (document, report) = match &finding.outcome {
        Ok((document, report)) => (Some(document), Some(*report)),
        Err(_) => (None, None),
    };
    let verdict = match report {
        None => "unreadable",
        Some(report) if report.is_valid() => "valid",
        Some(_) => "invalid",
    };
    let unset = Currency::default();
    let currency = document.map_or(&unset, |document| &document.order().currency);
    // Most records fit without growing.
    out.reserve(4096);
    out.extend_from_slice(b"{\"format\":1,\"type\":\"order\",\"source\":");
    string(out, finding.source);
    out.extend_from_slice(b",\"index\":");
    number(out, finding.index);
    out.extend_from_slice(b",\"line\":");
    number(out, finding.position.line);
    out.extend_from_slice(b",\"cust_ref\":");
    maybe(out, document.and_then(|document| document.order().cust_ref.as_deref()), string);
    out.extend_from_slice(b",\"currency\":");
    maybe(out, document.and_then(|document| document.order().currency.shown()), string);
    out.extend_from_slice(b",\"verdict\":\"");
    out.extend_from_slice(verdict.as_bytes());
    out.extend_from_slice(b"\",\"error\":");
    maybe(out, finding.outcome.as_ref().err(), shown);
    out.extend_from_slice(b",\"violations\":[");
    list(out, report.map(|report| report.violations.as_slice()).unwrap_or_default(), |out, found| {
        violation(out, found, currency)
    });
    out.extend_from_slice(b"],\"diagnoses\":[");
    list(out, report.map(|report| report.diagnoses.as_slice()).unwrap_or_default(), |out, found| {
        diagnosis(out, found, currency)
    });
    out.extend_from_slice(b"],\"repair\":");
    let rows = finding.rows;
    let stated = document.zip(report).map(|(document, report)| stated(document, report, rows)).unwrap_or_default();
    let repair = document.and_then(|document| Some((document, report?.repair.as_ref()?)));
    maybe(out, repair, |out, (document, known)| self::repair(out, document, known, &stated, rows));
    out.extend_from_slice(b",\"identities\":");
    identities(out, report);
    out.extend_from_slice(b",\"order_source\":");
    maybe(out, document.and_then(|document| document.order().order_source.as_deref()), string);
    out.extend_from_slice(b",\"at_risk\":");
    maybe(out, report.map_or(Some(Amount::ZERO), Report::at_risk), amount);
    out.extend_from_slice(b",\"amounts\":[");
    amounts(out, &stated);
    out.extend_from_slice(b"],\"error_at\":");
    maybe(out, finding.outcome.as_ref().err(), |out, error| {
        let at = error.position().unwrap_or(finding.position);
        out.extend_from_slice(b"{\"line\":");
        number(out, at.line);
        out.extend_from_slice(b",\"column\":");
        number(out, at.column);
        out.extend_from_slice(b",\"byte_start\":");
        number(out, at.offset);
        out.push(b'}');
    });
    out.push(b'}');
}

/// An amount that the order states, and where.
struct Stated {
    place: Place,
    amount: Amount,
    span: Span,
}

/// The amounts that the order states in its header and in each line with a violation or a culprit of the first rank.
fn stated(document: &Document<'_>, report: &Report, rows: Option<&dyn Cells>) -> Vec<Stated> {
    if report.violations.is_empty() {
        return Vec::new();
    }
    let first = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first());
    let culprits = first.flat_map(|diagnosis| &diagnosis.culprits).map(|culprit| &culprit.place);
    let mut lines: Vec<usize> =
        report.violations.iter().map(|violation| &violation.place).chain(culprits).filter_map(Place::line).collect();
    lines.sort_unstable();
    let concerns = |place: &Place| place.line().is_none_or(|line| lines.binary_search(&line).is_ok());
    let mut charges: Vec<(Place, Amount)> = Vec::with_capacity(16);
    for (place, charge) in document.order().charges() {
        if let Some(amount) = charge.amount()
            && concerns(&place)
        {
            charges.push((place, amount));
        }
    }
    let mut spans = document.spans(charges.iter().map(|(place, _)| place));
    if let Some(rows) = rows {
        charges.iter().zip(&mut spans).for_each(|((place, _), span)| rows.place(place, span));
    }
    charges.into_iter().zip(spans).map(|((place, amount), span)| Stated { place, amount, span }).collect()
}

fn amounts(out: &mut Vec<u8>, stated: &[Stated]) {
    list(out, stated, |out, stated| {
        out.extend_from_slice(b"{\"path\":");
        place(out, &stated.place);
        out.extend_from_slice(b",\"amount\":");
        amount(out, stated.amount);
        at(out, stated.span);
        out.push(b'}');
    });
}

/// Writes where something is in its source, briefly.
fn at(out: &mut Vec<u8>, span: Span) {
    out.extend_from_slice(b",\"at\":[");
    number(out, span.start.line);
    out.push(b',');
    number(out, span.start.column);
    out.push(b',');
    number(out, span.start.offset);
    out.push(b',');
    number(out, span.end);
    out.push(b']');
}

fn identities(out: &mut Vec<u8>, report: Option<&Report>) {
    out.extend_from_slice(b"{\"held\":");
    number(out, report.map_or(0, Report::held) as u64);
    out.extend_from_slice(b",\"broken\":");
    number(out, report.map_or(0, Report::broken) as u64);
    out.extend_from_slice(b",\"unchecked\":[");
    let unchecked = report.into_iter().flat_map(Report::unchecked);
    list(out, unchecked, |out, (identity, reason)| {
        out.extend_from_slice(b"{\"rule\":\"");
        out.extend_from_slice(identity.rule.code().as_bytes());
        out.extend_from_slice(b"\",\"path\":");
        place(out, &identity.place);
        out.extend_from_slice(b",\"reason\":");
        shown(out, reason);
        out.push(b'}');
    });
    out.extend_from_slice(b"]}");
}

/// Writes a violation as serde does, but without its `kind`: the other keys are all of the contract of the records. Its sentence
/// has the decimals of the currency, as people write money.
fn violation(out: &mut Vec<u8>, violation: &Violation, currency: &Currency) {
    out.extend_from_slice(b"{\"rule\":\"");
    out.extend_from_slice(violation.rule.code().as_bytes());
    out.extend_from_slice(b"\",\"name\":\"");
    out.extend_from_slice(violation.rule.name().as_bytes());
    out.extend_from_slice(b"\",\"severity\":\"");
    out.extend_from_slice(violation.severity.name().as_bytes());
    out.extend_from_slice(b"\",\"path\":");
    place(out, &violation.place);
    let start = violation.span.map(|span| span.start);
    out.extend_from_slice(b",\"line\":");
    maybe(out, start.map(|start| start.line), number);
    out.extend_from_slice(b",\"column\":");
    maybe(out, start.map(|start| start.column), number);
    out.extend_from_slice(b",\"byte_start\":");
    maybe(out, start.map(|start| start.offset), number);
    out.extend_from_slice(b",\"byte_end\":");
    maybe(out, violation.span.map(|span| span.end), number);
    out.extend_from_slice(b",\"stated\":");
    maybe(out, violation.stated(), amount);
    out.extend_from_slice(b",\"expected\":");
    maybe(out, violation.expected(), amount);
    out.extend_from_slice(b",\"difference\":");
    maybe(out, violation.difference(), amount);
    out.extend_from_slice(b",\"formula\":");
    maybe(out, violation.working(), |out, working| printed(out, |out| working.write(out)));
    out.extend_from_slice(b",\"terms\":{");
    violation.working().into_iter().for_each(|working| terms(out, working));
    out.extend_from_slice(b"},\"message\":");
    printed(out, |out| violation.write_in(currency, out));
    out.extend_from_slice(b",\"diagnosis\":");
    maybe(out, violation.diagnosis.map(|index| index as u64), number);
    if let ViolationKind::Further { count, .. } = violation.kind {
        out.extend_from_slice(b",\"further\":");
        number(out, count);
    }
    out.push(b'}');
}

/// Writes the operands by name, as [`Working::named_terms`] gives them, but without making a string for each.
fn terms(out: &mut Vec<u8>, working: &Working) {
    list(out, &working.terms, |out, term| {
        match (working.formula, term.place.field()) {
            (Formula::Extension | Formula::GrandTotal, Some(field)) => plain(out, field.name()),
            _ => place(out, &term.place),
        }
        out.push(b':');
        amount(out, term.amount);
    });
}

/// Writes a diagnosis as serde does, but without `free_amount`, which is not part of the records, and with a sentence that has the
/// decimals of the currency.
fn diagnosis(out: &mut Vec<u8>, diagnosis: &Diagnosis, currency: &Currency) {
    let flag = |out: &mut Vec<u8>, is: bool| out.extend_from_slice(if is { b"true" } else { b"false" });
    out.extend_from_slice(b"{\"rank\":");
    number(out, diagnosis.rank.into());
    out.extend_from_slice(b",\"certainty\":\"");
    out.extend_from_slice(diagnosis.certainty.name().as_bytes());
    out.extend_from_slice(b"\",\"partial\":");
    flag(out, diagnosis.partial);
    out.extend_from_slice(b",\"mistakes\":[");
    list(out, &diagnosis.mistakes, |out, made| {
        out.extend_from_slice(b"{\"name\":");
        plain(out, made.mistake.name());
        out.extend_from_slice(b",\"paths\":[");
        list(out, &made.places, place);
        out.extend_from_slice(b"]}");
    });
    out.extend_from_slice(b"],\"culprits\":[");
    list(out, &diagnosis.culprits, |out, culprit| {
        out.extend_from_slice(b"{\"path\":");
        place(out, &culprit.place);
        out.extend_from_slice(b",\"stated\":");
        maybe(out, culprit.stated, amount);
        out.extend_from_slice(b",\"right\":");
        maybe(out, culprit.right, amount);
        out.push(b'}');
    });
    out.extend_from_slice(b"],\"witnesses\":[");
    list(out, &diagnosis.witnesses, place);
    out.extend_from_slice(b"],\"message\":");
    printed(out, |out| diagnosis.write_in(currency, out));
    out.extend_from_slice(b",\"remedy\":\"");
    for (at, made) in diagnosis.mistakes.iter().enumerate() {
        out.extend_from_slice(if at > 0 { b"; " } else { b"" });
        out.extend_from_slice(made.mistake.remedy().as_bytes());
    }
    out.extend_from_slice(b"\"}");
}

/// Writes a repair as serde does, and with each edit the bytes of the source that it replaces.
/// Of CSV nothing is replaced: a value may be repeated in several rows, or have no column.
fn repair(out: &mut Vec<u8>, document: &Document<'_>, repair: &Repair, stated: &[Stated], rows: Option<&dyn Cells>) {
    out.extend_from_slice(b"{\"applicability\":\"");
    out.extend_from_slice(repair.applicability.name().as_bytes());
    out.extend_from_slice(b"\",\"edits\":[");
    list(out, changes(document, repair, if rows.is_none() { stated } else { &[] }), |out, (edit, (mut span, text))| {
        rows.into_iter().for_each(|rows| rows.place(&edit.place, &mut span));
        out.extend_from_slice(b"{\"path\":");
        place(out, &edit.place);
        out.extend_from_slice(b",\"value\":");
        shown(out, format_args!("{:.*}", edit.decimals as usize, edit.value));
        at(out, span);
        out.extend_from_slice(b",\"text\":");
        maybe(out, rows.is_none().then_some(text.as_str()), string);
        out.push(b'}');
    });
    out.extend_from_slice(b"],\"withheld\":");
    maybe(out, repair.withheld.map(|why| why.name()), plain);
    out.push(b'}');
}

/// What each edit replaces by what.
fn changes<'r>(
    document: &Document<'_>,
    repair: &'r Repair,
    stated: &[Stated],
) -> impl Iterator<Item = (&'r Edit, (Span, String))> {
    // If all of them replace stated amounts, their places are known. Sorted, since there may be as many as lines.
    let mut sorted: Vec<&Stated> = stated.iter().collect();
    sorted.sort_unstable_by(|one, other| one.place.cmp(&other.place));
    let known = |edit: &Edit| {
        let at = sorted.binary_search_by(|stated| stated.place.cmp(&edit.place)).ok()?;
        let span = sorted.get(at)?.span;
        let start = document.position().offset;
        let range = (span.start.offset - start) as usize..(span.end - start) as usize;
        Some((span, edit.replacing(document.text().get(range)?)))
    };
    let known: Option<Vec<(Span, String)>> = repair.edits.iter().map(known).collect();
    let changes = known
        .unwrap_or_else(|| document.patches(repair).into_iter().map(|Patch { span, text, .. }| (span, text)).collect());
    repair.edits.iter().zip(changes)
}

fn list<T>(out: &mut Vec<u8>, entries: impl IntoIterator<Item = T>, write: impl Fn(&mut Vec<u8>, T)) {
    for (at, entry) in entries.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, entry);
    }
}

fn maybe<T>(out: &mut Vec<u8>, value: Option<T>, write: impl Fn(&mut Vec<u8>, T)) {
    match value {
        Some(value) => write(out, value),
        None => out.extend_from_slice(b"null"),
    }
}

fn number(out: &mut Vec<u8>, number: u64) {
    // As most lines of an order are.
    if let Ok(digit @ 0..10) = u8::try_from(number) {
        return out.push(b'0' + digit);
    }
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// An amount is a string, so that no reader parses it as a binary float.
fn amount(out: &mut Vec<u8>, amount: Amount) {
    out.push(b'"');
    out.extend_from_slice(amount.text().as_bytes());
    out.push(b'"');
}

fn place(out: &mut Vec<u8>, place: &Place) {
    match place {
        Place::Field(field) => {
            out.extend_from_slice(b"\"/");
            out.extend_from_slice(field.name().as_bytes());
            out.push(b'"');
        }
        Place::LineField(line, field) => {
            out.extend_from_slice(b"\"/items/");
            number(out, *line as u64);
            out.push(b'/');
            out.extend_from_slice(field.name().as_bytes());
            out.push(b'"');
        }
        // Some contain names of the input.
        place => string(out, &place.to_string()),
    }
}

/// Writes a string of the library's tables, which needs no escape.
fn plain(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Writes what a value prints as.
fn shown(out: &mut Vec<u8>, value: impl fmt::Display) {
    printed(out, |out| write!(out, "{value}"));
}

/// Writes a string that is printed in parts.
fn printed(out: &mut Vec<u8>, print: impl FnOnce(&mut Plain<'_>) -> fmt::Result) {
    out.push(b'"');
    let start = out.len();
    // Writing to a vector does not fail.
    let _ = print(&mut Plain(out));
    // The parts are short: all of them are looked at together.
    if out.get(start..).is_some_and(needs_escape) {
        let printed = String::from_utf8_lossy(&out.split_off(start)).into_owned();
        escaped(out, &printed);
    }
    out.push(b'"');
}

/// Takes text as it is.
struct Plain<'o>(&'o mut Vec<u8>);

impl Write for Plain<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Whether a string may not hold it as it is: then it is looked at by characters.
fn is_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte >= 0x7F)
}

/// Nearly no string needs an escape, and a test of all bytes without an early exit is quicker.
fn needs_escape(text: &[u8]) -> bool {
    text.iter().fold(false, |any, byte| any | is_escaped(*byte))
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    within(out, text);
    out.push(b'"');
}

fn within(out: &mut Vec<u8>, text: &str) {
    if needs_escape(text.as_bytes()) {
        escaped(out, text);
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

fn escaped(out: &mut Vec<u8>, text: &str) {
    for char in text.chars() {
        match char {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{C}' => out.extend_from_slice(b"\\f"),
            ' '..='~' => out.push(char as u8),
            char => {
                let mut shown = String::new();
                push_json(&mut shown, char);
                out.extend_from_slice(shown.as_bytes());
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use ordercharge::{Documents, Policy};
    use serde_json::Value;

    use super::*;

    /// A repair without what the records add to its edits.
    fn without_places(mut repair: Value) -> Value {
        for edit in repair["edits"].as_array_mut().unwrap() {
            let edit = edit.as_object_mut().unwrap();
            assert!(edit.remove("at").is_some() && edit.remove("text").is_some());
        }
        repair
    }

    /// The text of an order after the changes that its record says.
    fn patched(source: &[u8], document: &Document<'_>, repair: &Value) -> Vec<u8> {
        let at = |edit: &Value, which: usize| edit["at"][which].as_u64().unwrap() as usize;
        let mut edits: Vec<&Value> = repair["edits"].as_array().unwrap().iter().collect();
        edits.sort_by_key(|edit| at(edit, 2));
        let start = document.position().offset as usize;
        let (mut patched, mut from) = (Vec::new(), start);
        for edit in edits {
            patched.extend_from_slice(&source[from..at(edit, 2)]);
            patched.extend_from_slice(edit["text"].as_str().unwrap().as_bytes());
            from = at(edit, 3);
        }
        patched.extend_from_slice(&source[from..start + document.text().len()]);
        patched
    }

    /// Orders with every kind of finding: those on the pages of cases, and names that must be escaped.
    #[test]
    fn violations_are_written_as_serde_writes_them() {
        let odd =
            r#"{"cust_ref": "q\"\\\u0001\b\f\n\r\t/é", "sales_ta\"x": 1, "sub_to\ntal": "2", "items": [{"q~ty/": 1}]}"#;
        let mut text = odd.as_bytes().to_vec();
        let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../tests").into()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir::<std::path::PathBuf>(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "md") {
                    let page = std::fs::read_to_string(path).unwrap();
                    let blocks = page.split("```json\n").skip(1).filter_map(|block| block.split("```\n").next());
                    text.extend(blocks.flat_map(|block| block.bytes().chain([b'\n'])));
                }
            }
        }
        let mut compared = 0;
        for record in Documents::new(&text) {
            let (index, position) = (record.index, record.position);
            let (mut written, outcome) = (Vec::new(), &record.document);
            let report = outcome.as_ref().map(|document| document.check(&Policy::default()));
            let outcome =
                outcome.as_ref().and_then(|document| Ok((document, report.as_ref().map_err(|error| *error)?)));
            finding(&mut written, &Finding { source: "s", index, position, outcome, rows: None });
            let value: Value = serde_json::from_slice(&written).unwrap();
            assert_eq!(value["index"], index);
            let Ok(report) = report else { continue };
            let currency = &record.document.as_ref().unwrap().order().currency;
            let sentences = |plain: String, shown: String| {
                [plain, shown].map(|text| format!("\"message\":{}", serde_json::to_string(&text).unwrap()))
            };
            let violation = |violation: &Violation| {
                let kind = format!(",\"kind\":{}", serde_json::to_string(&violation.kind).unwrap());
                let [plain, shown] = sentences(violation.message(), violation.message_in(currency));
                serde_json::to_string(violation).unwrap().replace(&kind, "").replace(&plain, &shown)
            };
            let mut parts: Vec<String> = report.violations.iter().map(violation).collect();
            let diagnosis = |diagnosis: &Diagnosis| {
                let free = format!(",\"free_amount\":{}", diagnosis.free_amount);
                let [plain, shown] = sentences(diagnosis.message(), diagnosis.message_in(currency));
                serde_json::to_string(diagnosis).unwrap().replace(&free, "").replace(&plain, &shown)
            };
            parts.extend(report.diagnoses.iter().map(diagnosis));
            if let Some(repair) = &report.repair {
                assert_eq!(without_places(value["repair"].clone()), serde_json::to_value(repair).unwrap());
                let document = record.document.as_ref().unwrap();
                assert_eq!(patched(&text, document, &value["repair"]), document.repaired(repair));
            }
            for expected in parts {
                let at = written.windows(expected.len()).position(|part| part == expected.as_bytes());
                assert!(at.is_some(), "{expected}\n{}", String::from_utf8_lossy(&written));
                compared += 1;
            }
            assert_eq!(value["violations"].as_array().unwrap().len(), report.violations.len());
        }
        assert!(compared > 1000, "{compared}");
    }
}
