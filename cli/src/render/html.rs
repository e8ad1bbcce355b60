//! A page for people: one file without scripts that needs no network. Its size does not grow with the number of orders.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment};
use ordercharge::{Amount, Currency, Place, Rule, Severity};
use serde::Serialize;

use super::words::{at_risk, counts, in_words, label, title};
use super::{Format, Run, words};
use crate::model::{
    Broken, Descriptor, Finding, Kind, Record, Remark, Totals, Wants, WrongField, by_path, descriptors,
};
use crate::output::{Stop, brief};

/// The most orders that are shown.
const SHOWN: usize = 100;
/// The most sources, the most rows of a chart, and the most amounts of an order.
const MOST_SOURCES: usize = 40;
const MOST_BARS: usize = 25;
const MOST_ROWS: usize = 60;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
/// The hash of the style, which is all that the page may use. A test compares it.
const STYLE_HASH: &str = "sha256-j8a33LSTx+9Z0nlsn0afT+DznechBS6Cke+y1qlnzts=";

pub(super) struct Html;

impl Format for Html {
    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        let cannot = |error: minijinja::Error| Stop::Failed(format!("cannot make the page: {error}"));
        let mut templates = Environment::new();
        templates.set_auto_escape_callback(|_| AutoEscape::Html);
        templates.add_template("page", PAGE).map_err(cannot)?;
        let page = templates.get_template("page").map_err(cannot)?;
        page.render(Value::from(Serde(Page::of(run)))).map_err(cannot)
    }

    fn wants(&self) -> Option<Wants> {
        Some(Wants { worst: SHOWN, first: 0 })
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}

/// What the template shows. Every text in it is escaped there.
#[derive(Serialize)]
struct Page {
    style: Value,
    style_hash: Value,
    title: String,
    lead: String,
    complete: bool,
    errors: Vec<String>,
    facts: Vec<Fact>,
    /// What was accepted, and what is to be said about waivers.
    accepted: Vec<String>,
    remarks: Vec<String>,
    mappings: Vec<Mapping>,
    more_mappings: Option<String>,
    change: &'static str,
    charts: Vec<Chart>,
    unreadable: Vec<Document>,
    more_unreadable: Option<String>,
    groups: Vec<Group>,
    shown: String,
    version: &'static str,
    exit: u8,
}

#[derive(Serialize)]
struct Fact {
    value: String,
    what: String,
    bad: bool,
}

#[derive(Serialize)]
struct Mapping {
    source: String,
    sentence: String,
    remedy: String,
}

/// A bar chart in a table.
#[derive(Serialize)]
struct Chart {
    id: &'static str,
    title: &'static str,
    caption: String,
    column: &'static str,
    count: &'static str,
    explained: bool,
    bars: Vec<Bar>,
}

#[derive(Serialize)]
struct Bar {
    name: String,
    anchor: Option<String>,
    count: String,
    /// In thousandths of the widest.
    width: u64,
    meaning: String,
    remedy: String,
}

#[derive(Serialize)]
struct Document {
    place: String,
    why: String,
}

/// Orders with the same first finding.
#[derive(Serialize)]
struct Group {
    name: String,
    anchor: String,
    orders: Vec<Order>,
}

#[derive(Serialize)]
struct Order {
    title: String,
    place: String,
    source: Option<String>,
    at_risk: Option<String>,
    message: String,
    /// What else there is to say about it.
    messages: Vec<String>,
    remedy: String,
    repair: Option<String>,
    rows: Vec<Row>,
    more_rows: Option<String>,
}

/// An amount of an order.
#[derive(Serialize)]
struct Row {
    name: String,
    stated: String,
    right: String,
    remark: String,
    wrong: bool,
    agrees: bool,
}

impl Row {
    /// An amount that a comparison reports, with its own decimals.
    fn compared(finding: &Finding) -> Row {
        let shown = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
        let wrong = finding.severity == Severity::Error;
        Row {
            name: in_words(&finding.path),
            stated: shown(finding.stated).unwrap_or_else(|| "unset".to_owned()),
            right: shown(finding.right).unwrap_or_default(),
            remark: if wrong { "wrong" } else { "" }.to_owned(),
            wrong,
            agrees: false,
        }
    }
}

impl Page {
    fn of(run: &Run<'_>) -> Page {
        let known: BTreeMap<&str, Descriptor> = descriptors().into_iter().map(|known| (known.id, known)).collect();
        let groups = groups(run, &known);
        let totals = run.totals;
        let lead = match totals {
            totals if totals.orders == 0 => "No order was found.".to_owned(),
            totals if totals.invalid + totals.unreadable == 0 && run.gathered.records == 0 => {
                let accepted = if totals.leaves_out() { ", apart from accepted findings" } else { "" };
                format!("All {} are right{accepted}.", orders(totals.orders))
            }
            Totals { compared: Some(_), .. } => {
                let differ = if totals.invalid == 1 { "is not" } else { "are not" };
                format!("{} of {} {differ} as the cart's orders say.", grouped(totals.invalid), orders(totals.orders))
            }
            totals => {
                let wrong = if totals.invalid == 1 { "is" } else { "are" };
                let unreadable = match totals.unreadable {
                    0 => String::new(),
                    count => format!(" {} could not be read.", grouped(count)),
                };
                format!(
                    "{} of {} {wrong} wrong: the amounts do not add up as CartRover's definitions ask.{unreadable}",
                    grouped(totals.invalid),
                    orders(totals.orders)
                )
            }
        };
        let shown: usize = groups.iter().map(|group| group.orders.len()).sum();
        let shown = match run.gathered.records - (totals.unreadable).min(run.gathered.records) {
            all if all == shown as u64 => format!("All {} with a finding.", orders(all)),
            all => format!("{shown} of {} with a finding.", orders(all)),
        };
        Page {
            style: Value::from_safe_string(STYLE.to_owned()),
            style_hash: Value::from_safe_string(STYLE_HASH.to_owned()),
            title: counts(totals),
            lead,
            complete: totals.complete,
            errors: totals.errors.iter().map(|why| brief(why)).collect(),
            facts: facts(run),
            accepted: totals.accepted(),
            remarks: totals.remarks().iter().map(Remark::in_words).collect(),
            mappings: match &totals.compared {
                Some(compared) => compared.fields.iter().map(Mapping::of_field).collect(),
                None => mappings(run),
            },
            more_mappings: more(totals.mappings.len(), MOST_SOURCES, "source", "sources"),
            change: if totals.compared.is_some() {
                "Fields that the mapping does not take from where the cart's orders have them:"
            } else {
                "A mapping is the program that makes the orders of one source. What is wrong with each mapping:"
            },
            charts: charts(run, &known, &groups),
            unreadable: run.gathered.unreadable.iter().map(Document::of).collect(),
            more_unreadable: more(totals.unreadable as usize, run.gathered.unreadable.len(), "document", "documents"),
            groups,
            shown,
            version: env!("CARGO_PKG_VERSION"),
            exit: totals.exit,
        }
    }
}

fn facts(run: &Run<'_>) -> Vec<Fact> {
    let totals = run.totals;
    let count = |count: u64, what: &str, bad: bool| Fact {
        value: grouped(count),
        what: what.to_owned(),
        bad: bad && count > 0,
    };
    if let Some(compared) = &totals.compared {
        let fact = |(name, number): (&str, u64)| count(number, name, name != "same");
        return [count(totals.orders, "orders compared", false)]
            .into_iter()
            .chain(compared.counts().map(fact))
            .collect();
    }
    let mut facts = vec![
        count(totals.orders, "orders checked", false),
        count(totals.valid, "valid", false),
        count(totals.invalid, "invalid", true),
    ];
    if totals.unreadable > 0 {
        facts.push(count(totals.unreadable, "could not be read", true));
    }
    if totals.unchecked > 0 {
        facts.push(count(totals.unchecked, "valid, but no total could be checked", false));
    }
    for (code, sum) in &totals.at_risk {
        let value = sum.clone().unwrap_or_else(|| "too much to add up".to_owned());
        let value = if code == "unset" { value } else { format!("{value} {}", brief(code)) };
        let currency = if code == "unset" { ", without a known currency" } else { "" };
        let what = format!("at risk{currency}: the money that these errors put in doubt");
        facts.push(Fact { value, what, bad: true });
    }
    if totals.repairable > 0 {
        facts.push(count(totals.repairable, "can be repaired automatically: ask whoever runs ordercharge", false));
    }
    facts
}

fn mappings(run: &Run<'_>) -> Vec<Mapping> {
    let mut mappings: Vec<_> = run.totals.mappings.iter().collect();
    mappings.sort_by_key(|mapping| std::cmp::Reverse(mapping.broken));
    let shown = mappings.into_iter().take(MOST_SOURCES).map(|mapping| Mapping {
        source: mapping.order_source.as_deref().map_or("Orders without an order_source".to_owned(), brief),
        sentence: plain(&mapping.sentence),
        remedy: plain(&mapping.remedy),
    });
    shown.collect()
}

impl Mapping {
    fn of_field(wrong: &WrongField) -> Mapping {
        Mapping { source: brief(&wrong.field), sentence: plain(&wrong.sentence), remedy: plain(&wrong.remedy) }
    }
}

fn charts(run: &Run<'_>, known: &BTreeMap<&str, Descriptor>, groups: &[Group]) -> Vec<Chart> {
    let mut names: Vec<(&String, u64)> = run.gathered.names.iter().map(|(name, count)| (name, *count)).collect();
    names.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name.as_str()));
    let most = names.first().map_or(1, |(_, count)| *count);
    let all = names.len();
    let bars = names.into_iter().take(MOST_BARS).map(|(name, count)| {
        let known = known.get(name.as_str());
        let anchor = anchor(name);
        Bar {
            name: label(name, known),
            anchor: groups.iter().any(|group| group.anchor == anchor).then_some(anchor),
            count: grouped(count),
            width: share(count, most),
            meaning: known.map_or(String::new(), |known| plain(&known.summary)),
            remedy: known.map_or(String::new(), |known| plain(known.remedy)),
        }
    });
    let mut charts = vec![Chart {
        id: "findings",
        title: "What is wrong",
        caption: match all.saturating_sub(MOST_BARS) {
            0 => "How many findings there are of each kind".to_owned(),
            more => format!("How many findings there are of each kind; {more} more kinds are not listed"),
        },
        column: "Finding",
        count: "How many",
        explained: true,
        bars: bars.collect(),
    }];
    let mut sources: Vec<&(Option<String>, u64)> = run.gathered.sources.iter().collect();
    sources.sort_by_key(|(source, count)| (std::cmp::Reverse(*count), source.as_deref()));
    let most = sources.first().map_or(1, |(_, count)| *count);
    let bar = |name: String, count: u64| Bar {
        name,
        anchor: None,
        count: grouped(count),
        width: share(count, most),
        meaning: String::new(),
        remedy: String::new(),
    };
    let mut bars: Vec<Bar> = Vec::new();
    let name = |source: &Option<String>| source.as_deref().map_or("no order_source".to_owned(), brief);
    bars.extend(sources.iter().take(MOST_BARS).map(|(source, count)| bar(name(source), *count)));
    let others = sources.iter().skip(MOST_BARS).map(|(_, count)| count).sum::<u64>() + run.gathered.other_sources;
    if others > 0 {
        bars.push(bar("all other sources".to_owned(), others));
    }
    charts.push(Chart {
        id: "sources",
        title: "Where it comes from",
        caption: "How many orders with a finding each source has".to_owned(),
        column: "Source",
        count: "Orders",
        explained: false,
        bars,
    });
    charts.retain(|chart| !chart.bars.is_empty());
    charts
}

/// The worst orders by their first finding, most money first.
fn groups(run: &Run<'_>, known: &BTreeMap<&str, Descriptor>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for record in run.gathered.worst() {
        let Some(finding) = record.findings.first() else { continue };
        if finding.kind == Kind::Unreadable {
            // Those have a list of their own.
            continue;
        }
        let name = finding.first_name();
        let anchor = anchor(name);
        let at = groups.iter().position(|group| group.anchor == anchor).unwrap_or(groups.len());
        if at == groups.len() {
            groups.push(Group { name: label(name, known.get(name)), anchor, orders: Vec::new() });
        }
        if let Some(group) = groups.get_mut(at) {
            group.orders.push(Order::of(record, finding));
        }
    }
    groups
}

impl Order {
    fn of(record: &Record, first: &Finding) -> Order {
        let decimals = Currency::from_code(record.currency.as_deref().unwrap_or_default()).decimals() as usize;
        let broken = first.broken.iter().filter(|_| !first.culprits.is_empty()).take(MESSAGES);
        let mut messages: Vec<String> =
            first.alternatives.iter().take(MESSAGES).map(|other| format!("Or: {}.", brief(&other.message))).collect();
        messages.extend(
            broken.map(|broken| format!("Breaks {} {}: {}.", broken.rule, broken.name, brief(&broken.message))),
        );
        messages.extend(
            record.findings.iter().skip(1).take(MESSAGES).map(|other| format!("Also: {}.", brief(&other.message))),
        );
        let repair = record.repaired().map(|finding| {
            let edits = finding.changes.iter().take(MESSAGES);
            let edits: Vec<String> =
                edits.map(|change| format!("{} = {}", in_words(&change.path), change.value)).collect();
            let command = if finding.safe { "ordercharge fix" } else { "ordercharge fix --unsafe" };
            format!("{} ({command})", edits.join(", "))
        });
        let rows = rows(record, decimals);
        let all = rows.len();
        Order {
            title: title(record),
            place: format!("{}:{}", brief(&record.source), first.line(record)),
            source: record.order_source.as_deref().map(brief),
            at_risk: at_risk(record),
            message: brief(&first.message),
            messages,
            remedy: plain(&first.remedy),
            repair,
            rows: chosen(rows),
            more_rows: more(all, MOST_ROWS, "amount", "amounts"),
        }
    }
}

/// The most sentences of a kind for one order.
const MESSAGES: usize = 5;

/// The amounts of an order as a ledger: its lines, then its totals. Every field that is wrong has a row, also if it is unset or not
/// an amount.
fn rows(record: &Record, decimals: usize) -> Vec<Row> {
    let of_kind = |kind: Kind| record.findings.iter().filter(move |finding| finding.kind == kind);
    let compared = of_kind(Kind::Difference).filter(|finding| finding.stated.or(finding.right).is_some());
    let stated = record.stated();
    let diagnosis = || of_kind(Kind::Diagnosis);
    let culprits =
        by_path(diagnosis().flat_map(|finding| &finding.culprits).map(|culprit| (culprit.path.as_str(), culprit)));
    let witnesses: BTreeSet<&str> = diagnosis().flat_map(|finding| &finding.witnesses).map(String::as_str).collect();
    let is_explained = |broken: &&Broken| is_identity(broken) && !culprits.is_empty();
    let explained = diagnosis().flat_map(|finding| &finding.broken).filter(|broken| !is_explained(broken));
    let broken = of_kind(Kind::Violation).flat_map(|finding| &finding.broken).chain(explained);
    let broken: Vec<(&str, &Broken)> = broken.map(|broken| (broken.path.as_str(), broken)).collect();
    let broken = by_path(broken.into_iter());
    let mut paths: BTreeMap<(u64, Option<Place>, &str), &str> = BTreeMap::new();
    for path in stated.keys().chain(culprits.keys()).chain(broken.keys()) {
        let place = path.parse::<Place>().ok();
        let line = place.as_ref().and_then(Place::line).map_or(u64::MAX, |line| line as u64);
        paths.insert((line, place, path), path);
    }
    let row = |path: &str| {
        let amount = stated.get(path).map(|stated| stated.amount);
        let (culprit, broken) = (culprits.get(path), broken.get(path));
        let right = culprit.map_or(broken.and_then(|broken| broken.right()), |culprit| culprit.right);
        let places = if path.ends_with("/quantity") { 0 } else { decimals };
        let shown = |amount: Amount| format!("{amount:.places$}");
        let amount = amount.or(broken.and_then(|broken| broken.stated)).map(shown);
        let wrong = culprit.is_some() || broken.is_some();
        let agrees = !wrong && witnesses.contains(path);
        Row {
            name: in_words(path),
            stated: amount.unwrap_or_else(|| broken.map_or("unset", |broken| instead_of_an_amount(broken)).to_owned()),
            right: right.map_or(String::new(), shown),
            remark: match (culprit, broken) {
                (Some(_), _) => "wrong".to_owned(),
                (None, Some(broken)) => format!("{} {}", broken.rule, broken.name),
                (None, None) => if agrees { "agrees with the others" } else { "" }.to_owned(),
            },
            wrong,
            agrees,
        }
    };
    compared.map(Row::compared).chain(paths.into_values().map(row)).collect()
}

fn is_identity(broken: &Broken) -> bool {
    broken.rule.parse().is_ok_and(Rule::is_identity)
}

/// What the order has at the place of a violation that states no amount.
fn instead_of_an_amount(broken: &Broken) -> &'static str {
    match broken.rule.parse() {
        Ok(Rule::InvalidAmount) => "not an amount",
        Ok(Rule::InexactAmount) => "too many digits",
        Ok(Rule::DuplicateField) => "more than once",
        Ok(Rule::EmptyAmount) => "empty",
        Ok(Rule::NoItems) if broken.path == "/items" => "no lines",
        Ok(Rule::NoItems) => "not an object",
        Ok(Rule::UnknownCurrency) => "not a known code",
        _ => "unset",
    }
}

/// The rows that are shown of many: the wrong ones, and as many others as there is room for.
fn chosen(rows: Vec<Row>) -> Vec<Row> {
    let mut numbered: Vec<(usize, Row)> = rows.into_iter().enumerate().collect();
    numbered.sort_by_key(|(at, row)| (!row.wrong, *at));
    numbered.truncate(MOST_ROWS);
    numbered.sort_by_key(|(at, _)| *at);
    numbered.into_iter().map(|(_, row)| row).collect()
}

impl Document {
    fn of(record: &Record) -> Document {
        let finding = record.findings.first();
        Document {
            place: format!("{}:{}", brief(&record.source), finding.map_or(record.line, |finding| finding.line(record))),
            why: finding.map_or(String::new(), |finding| brief(&finding.message)),
        }
    }
}

/// The fragment of a URL for the name of a finding.
fn anchor(name: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() { char } else { '-' };
    format!("finding-{}", brief(name).chars().map(plain).collect::<String>())
}

/// A sentence of this command without the backticks around names of fields.
fn plain(text: &str) -> String {
    brief(&words::plain(text))
}

fn share(count: u64, most: u64) -> u64 {
    // At least a line that can be seen.
    (u128::from(count) * 1000 / u128::from(most.max(1))).max(4) as u64
}

fn orders(count: u64) -> String {
    format!("{} {}", grouped(count), if count == 1 { "order" } else { "orders" })
}

fn more(all: usize, shown: usize, one: &str, many: &str) -> Option<String> {
    match all.saturating_sub(shown) {
        0 => None,
        1 => Some(format!("One more {one} is not shown.")),
        more => Some(format!("{} more {many} are not shown.", grouped(more as u64))),
    }
}

/// A number with a narrow blank between groups of three digits.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_page_allows_its_style_and_nothing_else() {
        let hash = Sha256::digest(STYLE);
        let digits: String = hash.iter().map(|byte| format!("{byte:08b}")).collect();
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let sextet = |bits: &str| usize::from_str_radix(&format!("{bits:0<6}"), 2).ok();
        let text: String = (0..digits.len())
            .step_by(6)
            .filter_map(|at| letters.chars().nth(sextet(digits.get(at..(at + 6).min(digits.len()))?)?))
            .collect();
        assert_eq!(STYLE_HASH, format!("sha256-{text}="), "the style has changed: write its new hash");
    }
}
