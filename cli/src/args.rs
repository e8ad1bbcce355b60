//! The arguments, as data.

#[cfg(feature = "submit")]
mod submit;

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use ordercharge::generate::Label;
use ordercharge::{Amount, Cause, Policy, Rounding, Rule, Severity};

#[cfg(feature = "submit")]
pub(crate) use submit::{Link, Reconcile, Submit, SubmitFormat};

/// Calculates and validates the charges of orders.
///
/// The rules are CartRover's Order Charge Field Definitions. Orders are read as JSON: one order, an array of orders,
/// {"orders": [...]}, a reply of the API, and any of these one after the other (NDJSON); gzip is seen by itself.
///
/// Exit status: 0 all orders are valid; 1 at least one is invalid; 2 bad usage, something unreadable, no order at all,
/// or an input or output error (2 wins over 1).
#[derive(Parser)]
#[command(name = "ordercharge", version, arg_required_else_help = true, propagate_version = true)]
pub(crate) struct Args {
    /// When to use colours; `auto` follows the terminal and NO_COLOR.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Leave off the summary and remarks on standard error.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Check(Check),
    Fix(Fix),
    Calc(Calc),
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
    /// Print the manual page, or that of one command.
    ///
    /// Example: ordercharge man check > ordercharge-check.1
    Man {
        /// The command.
        command: Option<String>,
    },
}

/// Check orders and report what is wrong with them.
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
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Report every order, not only those with a finding.
    #[arg(long)]
    pub(crate) all: bool,
    /// What makes an order count as failed for exit status 1.
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub(crate) fail_on: FailOn,
    /// Exit with 0 as long as no more orders fail than this: a number, or a share such as 5%.
    #[arg(long, value_name = "N|P%", value_parser = Allowance::parse)]
    pub(crate) max_invalid: Option<Allowance>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    /// Print a table of the causes: how many faults each has, and where their orders came from.
    #[arg(long)]
    pub(crate) statistics: bool,
    /// Write the valid orders to a file, or to standard output with `-` (the report then goes to standard error).
    #[arg(long, value_name = "PATH|-")]
    pub(crate) write_valid: Option<PathBuf>,
    /// Write the invalid orders to a file, or to standard output with `-`.
    #[arg(long, value_name = "PATH|-")]
    pub(crate) write_invalid: Option<PathBuf>,
    /// Draw at most so many findings in the human format; counts and exit status stay the same.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) max_shown: u64,
    /// Work on so many threads; unless given, as many as there are cores. The report is the same with any number.
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) threads: Option<NonZero<usize>>,
    /// Draw no progress, which is drawn on a terminal where the work takes long.
    #[arg(long)]
    pub(crate) no_progress: bool,
    /// Show all values on the lines that are drawn, not only charges, item and cust_ref.
    #[arg(long)]
    pub(crate) show_values: bool,
}

/// Mend orders: write the amounts that make their charges agree.
///
/// Only what is safe is written: blank amounts that can be calculated, a balance of 0, differences of less than half a
/// minor unit. With --unsafe, every calculated amount that is wrong too, the sign of a discount where that is the exact
/// cause, and amounts under a wrong name, added under the right one. An order is changed only if it is strictly better
/// afterwards and nothing new is wrong with it; every other byte of the input stays as it is.
///
/// Without --diff, --in-place or --output the input is printed with the fixes made. Exit status as for check, by what
/// is left.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge fix --unsafe --diff orders.ndjson
  ordercharge fix --in-place orders.ndjson
  ordercharge fix --unsafe < order.json > mended.json")]
pub(crate) struct Fix {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Make unsafe fixes too: somebody may have been charged by the amounts they change.
    #[arg(long = "unsafe")]
    pub(crate) unsafe_too: bool,
    /// Show what would be written, as a unified diff, and write nothing.
    #[arg(long, conflicts_with_all = ["in_place", "output"])]
    pub(crate) diff: bool,
    /// Write each input back to its file.
    #[arg(long, conflicts_with = "output")]
    pub(crate) in_place: bool,
    /// Write to this file.
    #[arg(long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

/// Print orders with their unset amounts filled in.
///
/// Every byte of an order stays as it is; amounts that are unset and can be calculated are added beside the others.
/// Each order is printed on its own, whatever container it came in.
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

/// Explain a rule or a cause: what must hold and why, with an order that breaks it; what happened.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge explain OC105
  ordercharge explain discount-not-subtracted
  ordercharge explain grand-total --format json
  ordercharge explain --all --format md")]
pub(crate) struct Explain {
    /// Rules, by code, name, or the beginning of a code; causes by name.
    #[arg(value_name = "RULE|CAUSE", required_unless_present = "all", value_parser = parse_subject)]
    pub(crate) subjects: Vec<Subject>,
    /// Explain every rule and every cause.
    #[arg(long, conflicts_with = "subjects")]
    pub(crate) all: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExplainFormat,
}

/// Make orders to test with: right ones, or ones that are wrong in exactly one way.
///
/// The same seed makes the same orders, on every machine. A fault is a rule or a cause by code or name (a name of both,
/// such as misnamed-field, is the cause), `any` for all of them in turn, or `none`.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge generate --count 1000 | ordercharge check
  ordercharge generate --fault discount-not-subtracted
  ordercharge generate --count 500 --fault any --style any --labels answers.ndjson > questions.ndjson")]
pub(crate) struct Generate {
    /// How many.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) count: u64,
    /// What the choices are made from.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// What is to be wrong with each.
    #[arg(long, value_name = "RULE|CAUSE|any|none", default_value = "none", value_parser = Fault::parse)]
    pub(crate) fault: Fault,
    /// How they are written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) style: Writing,
    /// Write to this file what is wrong with each: a line of JSON with its cust_ref, rule, path, difference and cause.
    #[arg(long, value_name = "PATH")]
    pub(crate) labels: Option<PathBuf>,
}

/// What is to be wrong with generated orders.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    None,
    Any,
    Of(Label),
}

impl Fault {
    fn parse(name: &str) -> Result<Fault, String> {
        match name {
            "none" => Ok(Fault::None),
            "any" => Ok(Fault::Any),
            name => name.parse().map(Fault::Of).map_err(|_| {
                format!("no rule or cause is named {name:?}; `ordercharge explain --all` lists what there is")
            }),
        }
    }
}

/// How generated orders are written.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Writing {
    /// An order a line, amounts as numbers.
    #[default]
    Plain,
    /// An order a line, amounts as CartRover returns them.
    Returned,
    /// Each in another way: blanks, order of fields, amounts, escapes, unknown fields.
    Any,
}

#[derive(Parser)]
pub(crate) struct Input {
    /// Files to read; `-`, or nothing where input is piped, is standard input.
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
}

/// What is checked, and how strictly.
#[derive(Parser)]
pub(crate) struct PolicyArgs {
    /// Check these rules only: codes, names, or the beginning of codes (OC1).
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = parse_rules)]
    select: Vec<Rules>,
    /// Leave these rules out, whatever --select and --severity say.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = parse_rules)]
    ignore: Vec<Rules>,
    /// Change the severity of a rule: error, warning or off.
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',', value_parser = parse_severity)]
    severity: Vec<(Rules, Option<Severity>)>,
    #[command(flatten)]
    rounding: RoundingArg,
    /// Let an identity (OC101 to OC105) be off by so much.
    #[arg(long, value_name = "RULE=AMOUNT", value_delimiter = ',', value_parser = parse_tolerance)]
    tolerance: Vec<(Rule, Amount)>,
}

#[derive(Parser)]
pub(crate) struct RoundingArg {
    /// How an extended amount is rounded to the minor unit: nearest, half-up, half-even, down or exact.
    #[arg(long, value_name = "HOW", default_value_t, value_parser = |name: &str| name.parse::<Rounding>())]
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
    /// Makes it the choice of every stream.
    pub(crate) fn apply(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Drawn with source lines, carets and labels.
    #[default]
    Human,
    /// A line for each finding.
    Short,
    /// A JSON record for each order with a finding, then a summary.
    Ndjson,
    /// The same records as one JSON array.
    Json,
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

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A violation of severity error.
    #[default]
    Error,
    /// Any violation.
    Warning,
    /// Nothing: exit with 1 never.
    Never,
}

/// How many orders may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// So many.
    Count(u64),
    /// So many millionths of a percent of all.
    Share(u64),
}

impl Allowance {
    fn parse(text: &str) -> Result<Allowance, String> {
        let usage = || format!("expected a number such as 10, or a share such as 2.5%, found {text:?}");
        let Some(percent) = text.strip_suffix('%') else {
            return text.parse().map(Allowance::Count).map_err(|_| usage());
        };
        let percent: Amount = percent.parse().map_err(|_| usage())?;
        let millionths = percent.checked_mul(Amount::from(1_000_000));
        let share = millionths.and_then(|share| share.to_string().parse().ok()).filter(|share| *share <= 100_000_000);
        share.map(Allowance::Share).ok_or_else(usage)
    }

    /// Whether it allows that many of all.
    pub(crate) fn allows(self, failed: u64, all: u64) -> bool {
        match self {
            Allowance::Count(count) => failed <= count,
            Allowance::Share(share) => u128::from(failed) * 100_000_000 <= u128::from(all) * u128::from(share),
        }
    }
}

/// The rules one argument names.
#[derive(Clone)]
pub(crate) struct Rules(pub(crate) Vec<Rule>);

/// What one argument of explain names.
#[derive(Clone)]
pub(crate) enum Subject {
    Rules(Rules),
    Cause(Cause),
}

fn parse_subject(name: &str) -> Result<Subject, String> {
    match name.parse::<Cause>() {
        Ok(cause) => Ok(Subject::Cause(cause)),
        Err(_) => parse_rules(name).map(Subject::Rules).map_err(|why| why.replacen("no rule", "no rule or cause", 1)),
    }
}

fn parse_rules(name: &str) -> Result<Rules, String> {
    let begins = |rule: &Rule| {
        name.len() >= 3 && rule.code().get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
    };
    match name.parse::<Rule>() {
        Ok(rule) => Ok(Rules(vec![rule])),
        Err(error) => {
            let rules: Vec<Rule> = Rule::ALL.iter().copied().filter(begins).collect();
            if rules.is_empty() {
                return Err(format!("{error}; `ordercharge explain --all` lists what there is"));
            }
            Ok(Rules(rules))
        }
    }
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
        _ => return Err(format!("expected error, warning or off, found {level:?}")),
    };
    Ok((parse_rules(rule)?, level))
}

fn parse_tolerance(text: &str) -> Result<(Rule, Amount), String> {
    let (rule, amount) = pair(text)?;
    let rule = rule.parse::<Rule>().map_err(|error| error.to_string())?;
    let amount = amount.parse::<Amount>().map_err(|error| error.to_string())?;
    // Tried on a policy here, so that a tolerance no rule takes is a usage error.
    Policy::default().set_tolerance(rule, amount).map_err(|error| error.to_string())?;
    Ok((rule, amount))
}

impl PolicyArgs {
    /// The policy the arguments ask for.
    pub(crate) fn get(&self) -> Policy {
        let mut policy = Policy { rounding: self.rounding.rounding, ..Policy::default() };
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
            // The argument's parser has tried it.
            let _ = policy.set_tolerance(*rule, *amount);
        }
        policy
    }
}
