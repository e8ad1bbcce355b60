//! JUnit XML for the test page of a CI service: a failed test case for each order that is invalid, up to a limit, and one for
//! all others.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::words::{counts, plain, sentence, title};
use super::{Format, Run};
use crate::model::{Record, Remark, Verdict, Wants};
use crate::output::{Stop, brief, visible};

/// The most orders that get a test case of their own.
const SHOWN: usize = 1000;
/// The most findings of an order that are listed.
const LISTED: usize = 50;

pub(super) struct Junit;

impl Format for Junit {
    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        let mut text = Vec::from(&b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"[..]);
        let mut writer = Writer::new_with_indent(&mut text, b' ', 1);
        write(&mut writer, run).map_err(|error| Stop::Failed(format!("cannot make the report: {error}")))?;
        text.push(b'\n');
        String::from_utf8(text).map_err(|error| Stop::Failed(format!("cannot make the report: {error}")))
    }

    fn wants(&self) -> Option<Wants> {
        Some(Wants { worst: 0, first: SHOWN })
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}

fn write(writer: &mut Writer<&mut Vec<u8>>, run: &Run<'_>) -> io::Result<()> {
    let totals = run.totals;
    let shown = run.gathered.first.iter().take(SHOWN);
    let count = |verdict| shown.clone().filter(|record| record.verdict == verdict).count() as u64;
    let (invalid, unreadable) = (count(Verdict::Invalid), count(Verdict::Unreadable));
    // What has no test case of its own.
    let more = (totals.invalid + totals.unreadable).saturating_sub(invalid + unreadable);
    let right = totals.valid.saturating_sub(count(Verdict::Valid));
    // What could not be read or written has one for itself.
    let broken = u64::from(!totals.errors.is_empty());
    let tests = shown.clone().count() as u64 + u64::from(more > 0) + u64::from(right > 0) + broken;
    let failures = invalid + u64::from(more > 0);
    let [tests, failures, errors] = [tests, failures, unreadable + broken].map(|count| count.to_string());
    let numbers = [("tests", tests.as_str()), ("failures", &failures), ("errors", &errors)];
    let suites = writer.create_element("testsuites").with_attribute(("name", "ordercharge")).with_attributes(numbers);
    suites.write_inner_content(|writer| {
        let name = if totals.compared.is_some() { "ordercharge compare" } else { "ordercharge check" };
        let suite = writer.create_element("testsuite").with_attribute(("name", name));
        suite.with_attributes(numbers).write_inner_content(|writer| {
            writer.create_element("properties").write_inner_content(|writer| {
                let mut counts = vec![("orders", totals.orders)];
                match &totals.compared {
                    Some(compared) => counts.extend(compared.counts()),
                    None => counts.extend([
                        ("valid", totals.valid),
                        ("invalid", totals.invalid),
                        ("unreadable", totals.unreadable),
                    ]),
                }
                counts.extend([("findings", run.gathered.findings), ("exit", totals.exit.into())]);
                counts.extend(totals.waivers.as_ref().map(|waivers| ("waived_findings", waivers.findings)));
                counts.extend(totals.baseline.as_ref().map(|baseline| ("baseline_findings", baseline.findings)));
                for (name, count) in counts {
                    let property = writer.create_element("property").with_attribute(("name", name));
                    property.with_attribute(("value", count.to_string().as_str())).write_empty()?;
                }
                Ok(())
            })?;
            if let Some(first) = totals.errors.first() {
                test_case(writer, "ordercharge", "the run").write_inner_content(|writer| {
                    let error = writer.create_element("error").with_attribute(("message", legal(first).as_str()));
                    let all = legal(&totals.errors.join("\n"));
                    error.with_attribute(("type", "run")).write_text_content(BytesText::new(&all))?;
                    Ok(())
                })?;
            }
            for record in shown.clone() {
                case(writer, record)?;
            }
            if right > 0 {
                let name = format!("{right} orders without a finding or an error");
                test_case(writer, "ordercharge", &name).write_empty()?;
            }
            if more > 0 {
                let name = format!("{more} more orders that are invalid or cannot be read");
                test_case(writer, "ordercharge", &name).write_inner_content(|writer| {
                    let message = counts(totals);
                    let failure = writer.create_element("failure").with_attribute(("message", message.as_str()));
                    failure.with_attribute(("type", "more")).write_empty()?;
                    Ok(())
                })?;
            }
            let remarks = totals.remarks();
            let lines: Vec<String> = totals
                .accepted()
                .into_iter()
                .chain(remarks.iter().map(Remark::in_words))
                .map(|line| legal(&line))
                .collect();
            if !lines.is_empty() {
                writer.create_element("system-out").write_text_content(BytesText::new(&lines.join("\n")))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn test_case<'w, 'a>(
    writer: &'w mut Writer<&'a mut Vec<u8>>,
    class: &str,
    name: &str,
) -> quick_xml::writer::ElementWriter<'w, &'a mut Vec<u8>> {
    writer.create_element("testcase").with_attributes([("classname", class), ("name", name)])
}

/// The test case of an order.
fn case(writer: &mut Writer<&mut Vec<u8>>, record: &Record) -> io::Result<()> {
    let name = format!("{} ({}:{})", title(record), brief(&record.source), record.line);
    test_case(writer, &legal(&visible(&record.source)), &legal(&name)).write_inner_content(|writer| {
        let first = record.findings.first();
        let message = first.map_or(String::new(), |finding| legal(&sentence(finding)));
        let kind = first.map_or(String::new(), |finding| legal(&brief(&finding.name())));
        let listed = record.findings.iter().take(LISTED).map(|finding| {
            let (line, severity, name) = (finding.line(record), finding.severity, finding.name());
            let column = finding.region.map_or(String::new(), |region| format!(":{}", region.column));
            let (message, remedy) = (sentence(finding), brief(&plain(&finding.remedy)));
            let place = if finding.path.is_empty() { String::new() } else { format!(" {}", brief(&finding.path)) };
            let source = visible(&record.source);
            format!("{source}:{line}{column}: {severity}[{name}]{place}: {message}; to change: {remedy}")
        });
        let text = legal(&listed.collect::<Vec<_>>().join("\n"));
        let element = match record.verdict {
            Verdict::Valid => writer.create_element("system-out"),
            Verdict::Invalid => {
                writer.create_element("failure").with_attributes([("message", &*message), ("type", &kind)])
            }
            Verdict::Unreadable => {
                writer.create_element("error").with_attributes([("message", &*message), ("type", &kind)])
            }
        };
        element.write_text_content(BytesText::new(&text))?;
        Ok(())
    })?;
    Ok(())
}

/// A string without the two characters that are visible but that XML does not allow.
fn legal(text: &str) -> String {
    text.replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}
