//! When a run fails: how bad an order must be to count as failed, and how many may.

use clap::ValueEnum;
use ordercharge::Amount;

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A violation of severity error.
    #[default]
    Error,
    /// Any violation.
    Warning,
    /// A violation of severity error, or a valid order without an identity that could be checked.
    Unchecked,
    /// Nothing: the exit status is never 1.
    Never,
}

/// How many orders may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// This number.
    Count(u64),
    /// A share of all orders, in millionths of a percent.
    Share(u64),
}

impl Allowance {
    pub(crate) fn parse(text: &str) -> Result<Allowance, String> {
        let usage = || format!("expected a number such as 10, or a share such as 2.5%, found {text:?}");
        let Some(percent) = text.strip_suffix('%') else {
            return text.parse().map(Allowance::Count).map_err(|_| usage());
        };
        let percent: Amount = percent.parse().map_err(|_| usage())?;
        let millionths = percent.checked_mul(Amount::from(1_000_000));
        let share = millionths.and_then(|share| share.to_string().parse().ok()).filter(|share| *share <= 100_000_000);
        share.map(Allowance::Share).ok_or_else(usage)
    }

    /// Whether `failed` of `all` orders may fail.
    pub(crate) fn allows(self, failed: u64, all: u64) -> bool {
        match self {
            Allowance::Count(count) => failed <= count,
            Allowance::Share(share) => u128::from(failed) * 100_000_000 <= u128::from(all) * u128::from(share),
        }
    }
}
