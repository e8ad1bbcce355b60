//! The arguments, as data.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use ordercharge::{Amount, Policy, Rounding, Rule, Severity};

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
    Calc(Calc),
    Explain(Explain),
    /// Print a completion script for a shell.
    ///
    /// Example: ordercharge completions bash > /etc/bash_completion.d/ordercharge
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    ///
    /// Example: ordercharge man > ordercharge.1
    Man,
}

/// Check orders and report what is wrong with them.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge check orders.ndjson
  curl ... | ordercharge check --format short
  ordercharge check --write-valid good.ndjson --write-invalid bad.ndjson orders.ndjson.gz
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
    /// Check these rules only: codes, names, or the beginning of codes (OC1).
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = parse_rules)]
    select: Vec<Rules>,
    /// Leave these rules out.
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
    /// Write the valid orders to a file, or to standard output with `-` (the report then goes to standard error).
    #[arg(long, value_name = "PATH|-")]
    pub(crate) write_valid: Option<PathBuf>,
    /// Write the invalid orders to a file, or to standard output with `-`.
    #[arg(long, value_name = "PATH|-")]
    pub(crate) write_invalid: Option<PathBuf>,
    /// Draw at most so many findings in the human format; counts and exit status stay the same.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) max_shown: u64,
    /// Show all values on the lines that are drawn, not only charges, item and cust_ref.
    #[arg(long)]
    pub(crate) show_values: bool,
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

/// Explain a rule: what must hold, why, and an order that breaks it.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge explain OC105
  ordercharge explain grand-total --format json
  ordercharge explain --all --format md")]
pub(crate) struct Explain {
    /// The rules, by code, name, or the beginning of a code.
    #[arg(value_name = "RULE", required_unless_present = "all", value_parser = parse_rules)]
    pub(crate) rules: Vec<Rules>,
    /// Explain every rule.
    #[arg(long, conflicts_with = "rules")]
    pub(crate) all: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExplainFormat,
}

#[derive(Parser)]
pub(crate) struct Input {
    /// Files to read; `-`, or nothing where input is piped, is standard input.
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
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
    /// A JSON array of rules.
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

fn parse_rules(name: &str) -> Result<Rules, String> {
    let begins = |rule: &Rule| {
        name.len() >= 3 && rule.code().get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
    };
    match name.parse::<Rule>() {
        Ok(rule) => Ok(Rules(vec![rule])),
        Err(error) => {
            let rules: Vec<Rule> = Rule::ALL.iter().copied().filter(begins).collect();
            if rules.is_empty() {
                return Err(format!("{error}; `ordercharge explain --all` lists the rules"));
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

impl Check {
    /// The policy the arguments ask for.
    pub(crate) fn policy(&self) -> Policy {
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
