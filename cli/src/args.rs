//! The arguments of the command, as data.

mod carts;
mod offered;
mod show;
#[cfg(feature = "submit")]
mod submit;

use std::num::NonZero;
use std::path::{Path, PathBuf};

use crate::date::Date;
use crate::input::Source;
use crate::input::csv::{Setting, Settings};
use crate::names::{Rules, mistake_names, parse_mistake, parse_rules, rule_names, rules, suggestion, unknown};
use crate::output::Stop;
use crate::render::{self, FORMATS};
use crate::threshold::{Allowance, FailOn};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Parser, Subcommand, ValueEnum};
use ordercharge::bulk::Bulk;
use ordercharge::{Amount, Mistake, Policy, Rounding, Rule, Severity};
use ordercharge_carts::generate::CARTS;
use ordercharge_carts::{Cart, CartRule};
use ordercharge_records::{Fault, cart_rules};

pub(crate) use carts::{Compare, Map};
use offered::Offering;
pub(crate) use show::{Show, ShowFormat};
#[cfg(feature = "submit")]
pub(crate) use submit::{Link, Reconcile, Submit, SubmitFormat};

/// Calculates and validates the charges of orders.
///
/// The rules are CartRover's Order Charge Field Definitions. Orders are read as JSON: one order, an array of orders,
/// {"orders": [...]}, a reply of the API, and any of these one after the other (NDJSON). Gzip and zstd are recognised by
/// their first bytes.
///
/// Exit status: 0 all orders are valid; 1 at least one is invalid; 2 bad usage, an unreadable document, no order at all,
/// or an input or output error (2 takes precedence over 1).
#[derive(Parser)]
#[command(name = "ordercharge", version, arg_required_else_help = true, propagate_version = true)]
pub(crate) struct Args {
    /// When to use colours; `auto` follows the terminal and NO_COLOR.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Do not print the summary and remarks on standard error.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// The format of the report on standard output, if the command has one.
    pub(crate) fn format(&self) -> Option<&'static render::Row> {
        match &self.command {
            Command::Check(check) => Some(check.format),
            Command::Compare(compare) => Some(compare.format),
            Command::Report(report) => report.format,
            _ => None,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Check(Check),
    Fix(Fix),
    Calc(Calc),
    Config(Show),
    Report(Report),
    Compare(Compare),
    Map(Map),
    Explain(Explain),
    Generate(Generate),
    #[cfg(feature = "submit")]
    Submit(Submit),
    #[cfg(feature = "submit")]
    Reconcile(Reconcile),
    /// Print a completion script for a shell.
    ///
    /// Example: ordercharge completions bash > /etc/bash_completion.d/ordercharge
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page of `ordercharge`, or of one command.
    ///
    /// Example: ordercharge man check > ordercharge-check.1
    Man {
        /// The command.
        command: Option<String>,
    },
}

/// Check orders and report what is wrong with them.
///
/// Exit status: 0 all orders are valid, or as many as --fail-on and --max-invalid ask for; 1 more of them failed; 2 bad
/// usage, an unreadable document, no order at all, or an input or output error (2 takes precedence over 1).
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge check orders.ndjson
  curl ... | ordercharge check --format short
  ordercharge check --write-valid good.json --write-invalid bad.json orders.ndjson.gz
  ordercharge check --ignore OC208 --severity OC304=error --tolerance OC103=0.01 *.json")]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) input: Input,
    /// How to report on standard output.
    #[arg(long, value_parser = formats(), default_value = FORMATS.first().map(|row| row.name))]
    pub(crate) format: &'static render::Row,
    #[command(flatten)]
    pub(crate) reports: Reports,
    /// Report every order, not only those with a finding.
    #[arg(long)]
    pub(crate) all: bool,
    /// What makes an order count as failed for exit status 1.
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub(crate) fail_on: FailOn,
    /// Exit with 0 if at most this many orders fail: a number, or a share such as 5%.
    #[arg(long, value_name = "N|P%", value_parser = Allowance::parse)]
    pub(crate) max_invalid: Option<Allowance>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// Accept the findings that are in this file, so that only new ones are reported and fail the run.
    #[arg(long, value_name = "PATH", conflicts_with = "write_baseline")]
    pub(crate) baseline: Option<PathBuf>,
    /// Accept the findings of now: write them to this file for `--baseline`. The exit status is 0 unless something could not
    /// be read.
    #[arg(long, value_name = "PATH")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// The day on which the end of a waiver is judged, such as 2026-12-31. By default it is the current day in UTC.
    #[arg(long, value_name = "DATE", value_parser = |date: &str| date.parse::<Date>())]
    pub(crate) today: Option<Date>,
    /// Write the valid orders to a file, or to standard output with `-` (the report then goes to standard error).
    #[arg(long, value_name = "PATH|-")]
    pub(crate) write_valid: Option<PathBuf>,
    /// Write the invalid orders to a file, or to standard output with `-`.
    #[arg(long, value_name = "PATH|-")]
    pub(crate) write_invalid: Option<PathBuf>,
    /// Show at most N orders in the human format, each with all its findings. Counts and exit status stay the same.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = parse_count)]
    pub(crate) max_shown: u64,
    /// Use N threads, at most 256. The default is the number of cores. The report does not depend on N.
    #[arg(short = 'j', long, value_name = "N", value_parser = parse_threads)]
    pub(crate) threads: Option<NonZero<usize>>,
    /// Show no progress bar. By default one is shown on a terminal when a run takes long.
    #[arg(long)]
    pub(crate) no_progress: bool,
    /// Show all values in the source lines. By default, values other than charges, item and cust_ref are masked.
    #[arg(long)]
    pub(crate) show_values: bool,
}

/// Repair orders: write the amounts that make their charges agree.
///
/// By default, only safe repairs are written: blank amounts that can be calculated, a balance of 0, differences of less
/// than half a minor unit. With --unsafe, the repair of a diagnosis is written too, if that diagnosis is alone in the first
/// rank. If several diagnoses share it, or an amount is in no field of the order, nothing is written to that order, and the
/// summary lists the choices. After a repair every total that can be checked agrees. Every other byte of the input stays as
/// it is.
///
/// Without --diff, --edits, --in-place or --output, the repaired input is printed. The exit status is that of `check` for the
/// repaired orders.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge fix --unsafe --diff orders.ndjson
  ordercharge fix --unsafe --from-mapping --in-place orders.ndjson
  ordercharge fix --unsafe --prefer prices-include-tax < orders.ndjson > repaired.ndjson
  ordercharge fix --unsafe --edits json-patch orders.ndjson
  ordercharge fix --recalculate --diff orders.ndjson")]
pub(crate) struct Fix {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Also write the repairs that follow from a diagnosis.
    #[arg(long = "unsafe")]
    pub(crate) unsafe_too: bool,
    /// If several diagnoses share the first rank, write the one with this mistake. It also confirms a mistake with an amount
    /// that is in no field of the order. May be given several times.
    #[arg(long, value_name = "MISTAKE", requires = "unsafe_too", value_delimiter = ',', hide_possible_values = true,
        value_parser = Offering::new(offered::mistakes, parse_mistake))]
    pub(crate) prefer: Vec<Mistake>,
    /// Read all inputs first, find what is wrong with the mapping of each order_source, then write the repairs of that
    /// mistake, also for amounts that are in no field of an order. Standard input is kept in memory.
    #[arg(long, requires = "unsafe_too")]
    pub(crate) from_mapping: bool,
    /// Trust the inputs (price, discount, quantity, tax, shipping) and overwrite every derived amount. Only this option
    /// overwrites totals that no diagnosis blames.
    #[arg(long, conflicts_with_all = ["unsafe_too", "prefer", "from_mapping"])]
    pub(crate) recalculate: bool,
    /// Print the changes as a unified diff and write nothing. Values other than charges, item and cust_ref are masked.
    #[arg(long, conflicts_with_all = ["in_place", "output"])]
    pub(crate) diff: bool,
    /// Show all values in the diff.
    #[arg(long, requires = "diff")]
    pub(crate) show_values: bool,
    /// Print the edits instead of the repaired orders: a line of JSON for each order. Paths are within the order.
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with_all = ["diff", "in_place"])]
    pub(crate) edits: Option<EditsFormat>,
    /// Replace each input file in one step. Owner, mode and extended attributes are kept. A file that changes during the
    /// run, has several names (hard links) or is compressed is not written.
    #[arg(long, conflicts_with = "output")]
    pub(crate) in_place: bool,
    /// Write to this file.
    #[arg(long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

/// How `fix` prints its edits.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EditsFormat {
    /// A record for each order with the amounts that change, or why nothing is written.
    Ndjson,
    /// A record for each order that changes, with a JSON Patch (RFC 6902).
    JsonPatch,
}

/// Print orders with their unset amounts filled in.
///
/// Amounts that are unset and can be calculated are added; every other byte of an order stays as it is. Each order is
/// printed on its own, whatever container it came in.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge calc cart.json
  ordercharge calc orders.ndjson | ordercharge check")]
pub(crate) struct Calc {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) rounding: RoundingArg,
}

/// Explain a rule or a mistake, with an order that shows it and what to change; or a cart, with what each field comes from.
///
/// Without a name, it lists all of them, a line each.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge explain
  ordercharge explain OC105
  ordercharge explain price-is-line-total
  ordercharge explain shopify
  ordercharge explain grand-total --format json
  ordercharge explain --all --format md")]
pub(crate) struct Explain {
    /// Rules, by code, name, or the beginning of a code; mistakes and carts by name.
    #[arg(value_name = "RULE|MISTAKE|CART", hide_possible_values = true,
        value_parser = Offering::new(offered::subjects, parse_subject))]
    pub(crate) subjects: Vec<Subject>,
    /// Explain every rule, mistake and cart.
    #[arg(long, conflicts_with = "subjects")]
    pub(crate) all: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExplainFormat,
}

/// Make orders to test with: right ones, or ones that are wrong in exactly one way.
///
/// The same seed makes the same orders on every machine. A fault is a rule or a mistake, by code or name; `any` takes all
/// of them in turn. A name of both a rule and a mistake, such as misnamed-field, means the mistake.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge generate --count 1000 | ordercharge check
  ordercharge generate --fault discount-not-subtracted
  ordercharge generate --count 500 --fault any --style any --labels answers.ndjson > questions.ndjson
  ordercharge generate --cart shopify --labels orders.ndjson > cart.ndjson")]
pub(crate) struct Generate {
    /// How many orders to make.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) count: u64,
    /// The seed of all random choices.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// What is wrong with each order.
    #[arg(long, value_name = "RULE|MISTAKE|any|none", default_value = "none", hide_possible_values = true,
        value_parser = Offering::new(offered::faults, parse_fault))]
    pub(crate) fault: Fault,
    /// How the orders are written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) style: Writing,
    /// Write what is wrong with each order to this file: a line of JSON with its cust_ref, rule, path, difference and
    /// mistake.
    #[arg(long, value_name = "PATH")]
    pub(crate) labels: Option<PathBuf>,
    /// Make orders of this cart. --labels then writes the CartRover order that is right for each.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["fault", "style"], value_parser = PossibleValuesParser::new(CARTS))]
    pub(crate) cart: Option<String>,
}

fn parse_fault(name: &str) -> Result<Fault, String> {
    name.parse().map_err(|_| unknown("rule or mistake", name, rule_names().chain(mistake_names())))
}

/// How generated orders are written.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Writing {
    /// One order on each line, amounts as numbers.
    #[default]
    Plain,
    /// One order on each line, amounts as CartRover returns them.
    Returned,
    /// Each order in another way: blanks, order of fields, amounts, escapes, unknown fields.
    Any,
}

#[derive(Parser)]
pub(crate) struct Input {
    /// Files, directories and patterns such as 'orders/*.json' to read. Of a directory, the files *.json, *.ndjson,
    /// *.jsonl and *.csv are read (also .gz and .zst), sorted by name. `-` is standard input, which is also read if no file is named
    /// and input is piped.
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// How to read CSV: delimiter, header, layout, line, ignore, or the column or the value of a field
    /// (price="Unit price", currency_code==USD). docs/csv.md describes them.
    #[arg(long, value_name = "NAME=VALUE", value_parser = Setting::parse)]
    pub(crate) csv: Vec<Setting>,
    /// Also read the directories below a directory.
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// Read documents of at most SIZE: a number of bytes, or one with a unit such as 64MB or 1GiB. A longer document is
    /// unreadable, and reading goes on after it.
    #[arg(long, value_name = "SIZE", default_value = "256MB", value_parser = parse_size)]
    pub(crate) max_document: usize,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

impl Input {
    /// The inputs that the arguments name.
    pub(crate) fn sources(&self) -> Result<Vec<Source>, Stop> {
        self.sources_but(&[])
    }

    /// Like [`sources`](Input::sources), without files that are known to hold no orders.
    pub(crate) fn sources_but(&self, without: &[&Path]) -> Result<Vec<Source>, Stop> {
        Source::all(&self.inputs, self.recursive, without, Settings::new(&self.csv), self.max_document)
    }
}

/// Where options come from that the command line does not give.
#[derive(Default, Parser)]
pub(crate) struct ConfigArgs {
    /// Read options from this file. By default, they are read from `ordercharge.toml` in the working directory, or in the
    /// nearest folder above it up to the one that holds `.git`.
    #[arg(long, value_name = "PATH", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Read no configuration file.
    #[arg(long)]
    no_config: bool,
}

/// What is checked, and how strictly.
#[derive(Parser)]
pub(crate) struct PolicyArgs {
    /// Check only these rules: codes, names, or the beginning of codes (OC1).
    #[arg(long, value_name = "RULE", value_delimiter = ',', hide_possible_values = true,
        value_parser = Offering::new(offered::rules, parse_rules))]
    select: Vec<Rules>,
    /// Do not check these rules, whatever --select and --severity say.
    #[arg(long, value_name = "RULE", value_delimiter = ',', hide_possible_values = true,
        value_parser = Offering::new(offered::rules, parse_rules))]
    ignore: Vec<Rules>,
    /// Change the severity of a rule: error, warning or off.
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',', hide_possible_values = true,
        value_parser = Offering::new(offered::severities, parse_severity))]
    severity: Vec<(Rules, Option<Severity>)>,
    #[command(flatten)]
    rounding: RoundingArg,
    /// Accept an identity (OC101 to OC105) that is off by at most this amount.
    #[arg(long, value_name = "RULE=AMOUNT", value_delimiter = ',', hide_possible_values = true,
        value_parser = Offering::new(offered::tolerances, parse_tolerance))]
    tolerance: Vec<(Rule, Amount)>,
}

#[derive(Parser)]
pub(crate) struct RoundingArg {
    /// How an extended amount is rounded to the minor unit: nearest, half-up, half-even, down or exact.
    #[arg(long, value_name = "HOW", default_value_t, hide_possible_values = true,
        value_parser = Offering::new(offered::roundings, |name: &str| name.parse::<Rounding>()))]
    pub(crate) rounding: Rounding,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// Applies the choice to every stream.
    pub(crate) fn apply(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// The reports that are written in addition to that on standard output.
#[derive(Parser)]
pub(crate) struct Reports {
    /// Also write the report in this format to a file. May be given several times. With `-` it goes to standard output, and
    /// the report of --format to standard error. A file is replaced once the report is complete.
    #[arg(long, value_name = "FORMAT=PATH", hide_possible_values = true,
        value_parser = Offering::new(offered::reports, ReportTo::parse))]
    pub(crate) report: Vec<ReportTo>,
}

/// A format and where it goes.
#[derive(Clone)]
pub(crate) struct ReportTo {
    pub(crate) format: &'static render::Row,
    pub(crate) path: PathBuf,
}

impl ReportTo {
    fn parse(text: &str) -> Result<ReportTo, String> {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or_else(|| format!("expected FORMAT=PATH, such as html=report.html, found {text:?}"))?;
        Ok(ReportTo { format: render::format(format)?, path: path.into() })
    }
}

/// The formats by their names.
fn formats() -> impl TypedValueParser<Value = &'static render::Row> {
    let names = FORMATS.iter().map(|row| PossibleValue::new(row.name).help(row.about));
    PossibleValuesParser::new(names).try_map(|name| render::format(&name))
}

/// The formats that can be made from records alone.
fn record_formats() -> impl TypedValueParser<Value = &'static render::Row> {
    let rows = FORMATS.iter().filter(|row| row.from_records);
    PossibleValuesParser::new(rows.map(|row| PossibleValue::new(row.name).help(row.about)))
        .try_map(|name| render::format(&name))
}

/// Make reports from the records that `check` or `compare` has written with `--format ndjson`, without running it again.
///
/// The reports are the same as those of the run, and so is the exit status.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge check --format ndjson orders.ndjson > records.ndjson
  ordercharge report records.ndjson --format markdown
  ordercharge report records.ndjson --report html=report.html --report sarif=report.sarif")]
#[command(group(ArgGroup::new("reported").args(["format", "report"]).required(true).multiple(true)))]
pub(crate) struct Report {
    /// The records: a file, packed by gzip or not, or standard input with `-`.
    #[arg(value_name = "RECORDS")]
    pub(crate) records: PathBuf,
    /// How to report on standard output.
    #[arg(long, value_parser = record_formats())]
    pub(crate) format: Option<&'static render::Row>,
    #[command(flatten)]
    pub(crate) reports: Reports,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// Plain text.
    #[default]
    Text,
    /// A JSON array.
    Json,
    /// Markdown.
    Md,
}

/// What one argument of explain names.
#[derive(Clone)]
pub(crate) enum Subject {
    Rules(Rules),
    Mistake(Mistake),
    /// Findings of `compare`.
    Comparison(Vec<CartRule>),
    /// A cart, by name.
    Cart(&'static str),
}

fn parse_count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}, found {text:?}", u64::MAX))
}

fn parse_threads(text: &str) -> Result<NonZero<usize>, String> {
    text.parse()
        .map_err(|_| format!("expected a number of threads from 1 on, found {text:?} (without -j, all cores are used)"))
}

/// The number of threads to use: those that are asked for, or all cores. More than 256 are never of use, and each takes memory.
pub(crate) fn threads(wanted: Option<NonZero<usize>>) -> NonZero<usize> {
    let most = NonZero::<usize>::MIN.saturating_add(255);
    wanted.unwrap_or(Bulk::default().threads).min(most)
}

/// A number of bytes, with or without a unit.
pub(crate) fn parse_size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|char: char| !char.is_ascii_digit());
    let unit = match text.get(digits.len()..).unwrap_or_default().trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" => Some(1_000),
        "m" | "mb" => Some(1_000_000),
        "g" | "gb" => Some(1_000_000_000),
        "kib" => Some(1 << 10),
        "mib" => Some(1 << 20),
        "gib" => Some(1 << 30),
        _ => None,
    };
    let size = digits.parse::<usize>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    size.filter(|size| *size > 0).ok_or_else(|| format!("expected a size such as 64MB or 1GiB, found {text:?}"))
}

fn parse_subject(name: &str) -> Result<Subject, String> {
    if let Ok(mistake) = name.parse::<Mistake>() {
        return Ok(Subject::Mistake(mistake));
    }
    if let Some(rules) = rules(name) {
        return Ok(Subject::Rules(rules));
    }
    let comparison = cart_rules(name);
    if !comparison.is_empty() {
        return Ok(Subject::Comparison(comparison));
    }
    if let Some(cart) = Cart::named(name) {
        return Ok(Subject::Cart(cart.name()));
    }
    let carts = CartRule::all().flat_map(|rule| [rule.code(), rule.name()]).chain(Cart::all().iter().map(Cart::name));
    Err(unknown("rule, mistake or cart", name, rule_names().chain(mistake_names()).chain(carts)))
}

/// What to do about a command that this build does not have, if it is one of a feature.
pub(crate) fn not_built(command: &str) -> Option<String> {
    let of_feature = !cfg!(feature = "submit") && ["submit", "reconcile"].contains(&command);
    of_feature.then(|| {
        format!(
            "{command} is not in this build of ordercharge: \
             `cargo install --path cli --features submit` in its source tree installs it"
        )
    })
}

fn pair(text: &str) -> Result<(&str, &str), String> {
    text.split_once('=').ok_or_else(|| format!("expected RULE=VALUE, found {text:?}"))
}

fn parse_severity(text: &str) -> Result<(Rules, Option<Severity>), String> {
    let (rule, level) = pair(text)?;
    let level = match level {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "off" => None,
        _ => {
            let near = suggestion(level, ["error", "warning", "off"].into_iter());
            return Err(format!("expected error, warning or off, found {level:?}{near}"));
        }
    };
    Ok((parse_rules(rule)?, level))
}

fn parse_tolerance(text: &str) -> Result<(Rule, Amount), String> {
    let (rule, amount) = pair(text)?;
    let rule = rule.parse::<Rule>().map_err(|_| unknown("rule", rule, rule_names()))?;
    let amount = amount.parse::<Amount>().map_err(|error| error.to_string())?;
    // Set on a policy here, so that a tolerance that no rule accepts is a usage error.
    Policy::default().set_tolerance(rule, amount).map_err(|error| error.to_string())?;
    Ok((rule, amount))
}

impl PolicyArgs {
    /// The policy the arguments ask for; a selection without a rule is a usage error.
    pub(crate) fn get(&self) -> Result<Policy, Stop> {
        let mut policy = Policy { options: self.rounding.rounding.into(), ..Policy::default() };
        if !self.select.is_empty() {
            let selected: Vec<Rule> = self.select.iter().flat_map(|rules| rules.0.clone()).collect();
            let others = Rule::ALL.iter().filter(|rule| !selected.contains(rule));
            policy.severities.extend(others.map(|rule| (*rule, None)));
        }
        for (rules, level) in &self.severity {
            let selected = |rule: &Rule| self.select.is_empty() || policy.severity(*rule).is_some();
            let rules: Vec<Rule> = rules.0.iter().copied().filter(selected).collect();
            policy.severities.extend(rules.into_iter().map(|rule| (rule, *level)));
        }
        for rules in &self.ignore {
            policy.severities.extend(rules.0.iter().map(|rule| (*rule, None)));
        }
        for (rule, amount) in &self.tolerance {
            // `parse_tolerance` has already accepted it.
            let _ = policy.set_tolerance(*rule, *amount);
        }
        if Rule::ALL.iter().all(|rule| policy.severity(*rule).is_none()) {
            return Err(Stop::Failed(
                "expected at least one rule to check: --select, --ignore and --severity leave none".into(),
            ));
        }
        Ok(policy)
    }
}
