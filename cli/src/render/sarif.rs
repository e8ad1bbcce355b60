//! SARIF 2.1.0: a result for each finding, with the rules and mistakes of the library's tables as reporting descriptors.

use std::collections::{BTreeMap, HashSet};

use ordercharge::{Amount, Severity};
use serde::Serialize;

use super::fingerprint::fingerprint;
use super::words::{plain, sentence};
use super::{Format, Found, Page, Run};
use crate::model::{Finding, Record, Region, Stated, descriptors};
use crate::output::{self, Stop};

/// GitHub takes no more results of a run.
pub(super) const MOST_RESULTS: u64 = 25_000;
/// The most related locations of a result.
const MOST_RELATED: usize = 20;

pub(super) struct Sarif {
    descriptors: Vec<Descriptor>,
    /// Where each of them is in the list.
    indices: BTreeMap<&'static str, usize>,
}

impl Sarif {
    pub(super) fn new() -> Sarif {
        let descriptors: Vec<Descriptor> = descriptors().into_iter().map(Descriptor::of).collect();
        let indices = descriptors.iter().enumerate().map(|(at, known)| (known.id, at)).collect();
        Sarif { descriptors, indices }
    }
}

impl Format for Sarif {
    fn begin(&self) -> Result<String, Stop> {
        let driver = Driver { name: "ordercharge", version: env!("CARGO_PKG_VERSION"), rules: &self.descriptors };
        let tool = output::json(&Tool { driver }).map_err(|error| Stop::Failed(error.to_string()))?;
        let schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
        // The columns count characters.
        Ok(format!(
            "{{\"$schema\":\"{schema}\",\"version\":\"2.1.0\",\"runs\":[{{\n\"tool\":{tool},\n\
             \"columnKind\":\"unicodeCodePoints\",\n\"results\":[\n"
        ))
    }

    fn found(&self, page: &mut Page<'_>, found: &Found<'_>) -> serde_json::Result<()> {
        let record = found.record()?;
        let stated = record.stated();
        for finding in &record.findings {
            page.limited_json(|| self.result(record, finding, &stated))?;
        }
        Ok(())
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        let mut notifications = Vec::new();
        if run.left_out > 0 {
            let text = format!("{} more findings are not in this file: it has at most {MOST_RESULTS}", run.left_out);
            notifications.push(Notification::new("warning", &text));
        }
        notifications.extend(run.totals.errors.iter().map(|why| Notification::new("error", why)));
        if !run.totals.complete && run.totals.errors.is_empty() {
            let text = "an input could not be read, or an output not be written, to its end";
            notifications.push(Notification::new("error", text));
        }
        notifications.extend(run.totals.accepted().iter().map(|text| Notification::new("note", text)));
        let remarks = run.totals.remarks();
        notifications.extend(remarks.iter().map(|remark| Notification {
            locations: remark.line.map(|line| vec![NotificationLocation::new(remark.file, line)]),
            ..Notification::new("warning", &remark.message)
        }));
        let invocation = Invocation {
            execution_successful: run.totals.exit < 2,
            exit_code: run.totals.exit,
            tool_execution_notifications: notifications,
        };
        let invocation = output::json(&invocation).map_err(|error| Stop::Failed(error.to_string()))?;
        Ok(format!("\n],\n\"invocations\":[{invocation}],\n\"properties\":{{\"summary\":{}}}\n}}]}}\n", run.summary))
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}

impl Sarif {
    fn result<'a>(
        &self,
        record: &'a Record,
        finding: &'a Finding,
        stated: &BTreeMap<&str, &'a Stated>,
    ) -> ResultObject<'a> {
        let text = format!("{}; to change: {}", sentence(finding), plain(&finding.remedy));
        ResultObject {
            rule_id: finding.first_name(),
            rule_index: self.indices.get(finding.first_name()).copied(),
            level: level(finding.severity),
            message: Message::new(&text),
            locations: vec![Location {
                physical_location: Physical::new(record, finding.region, finding.stated.is_some()),
                logical_locations: Some(vec![Logical { fully_qualified_name: &finding.path, kind: "member" }])
                    .filter(|_| !finding.path.is_empty()),
                message: None,
            }],
            related_locations: related(record, finding, stated),
            partial_fingerprints: Fingerprints { first: fingerprint(record, finding) },
            fixes: fixes(record, finding),
            properties: Properties {
                cust_ref: record.cust_ref.as_deref(),
                order_source: record.order_source.as_deref(),
                names: &finding.names,
                breaks: finding.rules(),
                stated: finding.stated,
                right: finding.right,
                difference: finding.difference,
            },
        }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// The other places that a finding is about: culprits, violations, witnesses and operands. Each place is named once.
fn related<'a>(record: &'a Record, finding: &'a Finding, stated: &BTreeMap<&str, &'a Stated>) -> Vec<Location<'a>> {
    let culprits = finding.culprits.iter().map(|culprit| {
        let right = culprit.right.map_or("cannot be right".to_owned(), |right| format!("should be {right}"));
        (culprit.path.as_str(), None, right)
    });
    let broken = finding
        .broken
        .iter()
        .map(|broken| (broken.path.as_str(), broken.region, format!("breaks {} {}", broken.rule, broken.name)));
    let witnesses =
        finding.witnesses.iter().map(|path| (path.as_str(), None, "agrees with the other amounts".to_owned()));
    let operands = finding.operands.iter().map(|path| (path.as_str(), None, "is an operand".to_owned()));
    let mut named = HashSet::from([finding.path.as_str()]);
    let mut related = Vec::new();
    for (path, region, what) in culprits.chain(broken).chain(witnesses).chain(operands) {
        if related.len() >= MOST_RELATED {
            break;
        }
        if !named.insert(path) {
            continue;
        }
        let stated = stated.get(path);
        let Some(region) = stated.map(|stated| stated.region).or(region) else { continue };
        related.push(Location {
            physical_location: Physical::new(record, Some(region), stated.is_some()),
            logical_locations: Some(vec![Logical { fully_qualified_name: path, kind: "member" }]),
            message: Some(Message::new(&match stated {
                Some(stated) => format!("{path}: {} {what}", stated.amount),
                None => what,
            })),
        });
    }
    related
}

/// The repair of the order.
fn fixes(record: &Record, finding: &Finding) -> Vec<Fix> {
    if finding.changes.is_empty() {
        return Vec::new();
    }
    let edits: Vec<String> =
        finding.changes.iter().map(|change| format!("{} = {}", change.path, change.value)).collect();
    let replacements = finding.changes.iter().map(|change| Replacement {
        deleted_region: RegionObject::exact(change.region),
        inserted_content: Content { text: change.text.clone() },
    });
    let command = if finding.safe { "fix" } else { "fix --unsafe" };
    vec![Fix {
        description: Message::new(&format!("{} ({command})", edits.join(", "))),
        artifact_changes: vec![ArtifactChange {
            artifact_location: ArtifactLocation { uri: uri(&record.source) },
            replacements: replacements.collect(),
        }],
    }]
}

/// A path as a relative or absolute URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    if uri.starts_with('/') { format!("file://{uri}") } else { uri }
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    rules: &'a [Descriptor],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    help: Help,
    default_configuration: Configuration,
    properties: Tags,
}

impl Descriptor {
    fn of(known: crate::model::Descriptor) -> Descriptor {
        Descriptor {
            id: known.id,
            name: known.name,
            short_description: Message::new(&plain(&known.summary)),
            help: Help {
                text: plain(&format!("{} To change: {}.", known.summary, known.remedy)),
                markdown: known.help,
            },
            default_configuration: Configuration { level: level(known.severity) },
            properties: Tags { tags: [known.kind] },
        }
    }
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Tags {
    tags: [&'static str; 1],
}

#[derive(Serialize)]
struct Message {
    text: String,
}

impl Message {
    /// A string in which nothing is a placeholder or a link.
    fn new(text: &str) -> Message {
        let mut plain = String::with_capacity(text.len());
        for char in text.chars() {
            match char {
                '\\' | '[' | ']' => plain.extend(['\\', char]),
                '{' | '}' => plain.extend([char, char]),
                char => plain.push(char),
            }
        }
        Message { text: plain }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: Vec<Location<'a>>,
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "ordercharge/v1")]
    first: String,
}

#[derive(Serialize)]
struct Properties<'a> {
    cust_ref: Option<&'a str>,
    order_source: Option<&'a str>,
    names: &'a [String],
    breaks: Vec<&'a str>,
    stated: Option<Amount>,
    right: Option<Amount>,
    difference: Option<Amount>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical_locations: Option<Vec<Logical<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical<'a> {
    fully_qualified_name: &'a str,
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: ArtifactLocation,
    region: RegionObject,
}

impl Physical {
    /// `is_amount`: whether the region is an amount, which has as many characters as bytes.
    fn new(record: &Record, region: Option<Region>, is_amount: bool) -> Physical {
        let region = match region {
            None => RegionObject { start_line: record.line, ..RegionObject::default() },
            Some(region) if is_amount => RegionObject::exact(region),
            Some(region) => RegionObject::beginning(region),
        };
        Physical { artifact_location: ArtifactLocation { uri: uri(&record.source) }, region }
    }
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionObject {
    start_line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_length: Option<u64>,
}

impl RegionObject {
    /// A region on one line, with a character for each byte.
    fn exact(region: Region) -> RegionObject {
        let length = region.byte_end.saturating_sub(region.byte_start);
        RegionObject {
            start_line: region.line,
            start_column: Some(region.column),
            end_column: Some(region.column + length),
            byte_offset: Some(region.byte_start),
            byte_length: Some(length),
        }
    }

    /// The first character of a region whose last one is not known.
    fn beginning(region: Region) -> RegionObject {
        let end = if region.byte_end > region.byte_start { 1 } else { 0 };
        RegionObject::exact(Region { byte_end: region.byte_start + end, ..region })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    description: Message,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: RegionObject,
    inserted_content: Content,
}

#[derive(Serialize)]
struct Content {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    exit_code: u8,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    #[serde(skip_serializing_if = "Option::is_none")]
    locations: Option<Vec<NotificationLocation>>,
    level: &'static str,
    message: Message,
}

impl Notification {
    fn new(level: &'static str, text: &str) -> Notification {
        Notification { locations: None, level, message: Message::new(text) }
    }
}

/// The line of a file that is not an input.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotificationLocation {
    physical_location: Physical,
}

impl NotificationLocation {
    fn new(file: &str, line: u64) -> NotificationLocation {
        let region = RegionObject { start_line: line, ..RegionObject::default() };
        let artifact_location = ArtifactLocation { uri: uri(file) };
        NotificationLocation { physical_location: Physical { artifact_location, region } }
    }
}
