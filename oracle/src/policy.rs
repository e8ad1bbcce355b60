//! What a verdict goes by: how extensions are rounded, how far identities may be off, and how much each rule weighs.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::exact::{power_of_ten, rounded};

/// A policy of the specification, sections 3 and 4. The default is what they say where there is none.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// How an extension is rounded.
    pub rounding: Rounding,
    /// How far an identity may be off, by its code.
    pub tolerances: BTreeMap<String, BigRational>,
    /// What a rule weighs, by its code, where that is not its own weight.
    pub severities: BTreeMap<String, Severity>,
}

/// How an extension is rounded to the minor unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, a tie either way; what is calculated takes it away from zero.
    #[default]
    Nearest,
    /// To the nearest, a tie away from zero.
    HalfUp,
    /// To the nearest, a tie to the even digit.
    HalfEven,
    /// Cut off.
    Down,
    /// Not at all.
    Exact,
}

/// What a rule weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It makes an order invalid.
    Error,
    /// It does not.
    Warning,
    /// Nothing is said of it.
    Off,
}

/// The rules that only warn.
const WARNINGS: [&str; 9] = ["OC106", "OC204", "OC206", "OC207", "OC208", "OC210", "OC304", "OC305", "OC307"];

impl Policy {
    /// What a rule weighs.
    pub fn severity(&self, code: &str) -> Severity {
        let own = if WARNINGS.contains(&code) { Severity::Warning } else { Severity::Error };
        self.severities.get(code).copied().unwrap_or(own)
    }

    /// Whether two amounts are as near as the identity asks for.
    pub(crate) fn is_near(&self, code: &str, stated: &BigRational, right: &BigRational) -> bool {
        let off = (stated - right).abs();
        self.tolerances.get(code).map_or_else(|| off.is_zero(), |tolerance| off <= *tolerance)
    }
}

impl Rounding {
    /// What an extension is calculated to be.
    pub fn apply(self, exact: &BigRational, places: u32) -> BigRational {
        let scaled = exact * power_of_ten(places);
        match self {
            Rounding::Nearest | Rounding::HalfUp => rounded(exact, places),
            Rounding::HalfEven => {
                let two = BigRational::from(BigInt::from(2));
                // Half of a tie is no tie: it rounds to one side, and twice a whole number is even.
                let tie = (&scaled * &two).is_integer() && !scaled.is_integer();
                let even = (&scaled / &two).round() * two;
                if tie { even / power_of_ten(places) } else { rounded(exact, places) }
            }
            Rounding::Down => scaled.trunc() / power_of_ten(places),
            Rounding::Exact => exact.clone(),
        }
    }

    /// The amounts that are right for an extension: itself, and what it may be rounded to.
    pub(crate) fn right(self, exact: &BigRational, places: u32) -> Vec<BigRational> {
        let mut right = vec![exact.clone(), self.apply(exact, places)];
        if self == Rounding::Nearest {
            let scaled = exact * power_of_ten(places);
            let half = BigRational::new(BigInt::from(1), BigInt::from(2));
            let neighbours = [scaled.floor(), scaled.ceil()].into_iter();
            let nearest = neighbours.filter(|neighbour| (neighbour - &scaled).abs() <= half);
            right.extend(nearest.map(|neighbour| neighbour / power_of_ten(places)));
        }
        right
    }
}
