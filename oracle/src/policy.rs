//! The policy of a verdict: how extended amounts are rounded, how far identities may be off, and the severity of each rule.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::exact::{power_of_ten, rounded};

/// A policy of the specification, sections 3 and 4. The default is what they say without a policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// How an extended amount is rounded.
    pub rounding: Rounding,
    /// How far an identity may be off, by its code.
    pub tolerances: BTreeMap<String, BigRational>,
    /// The severity of a rule, by its code, if it is not the default.
    pub severities: BTreeMap<String, Severity>,
}

/// How an extended amount is rounded to the minor unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, a tie either way; calculated amounts round ties away from zero.
    #[default]
    Nearest,
    /// To the nearest, a tie away from zero.
    HalfUp,
    /// To the nearest, a tie to the even digit.
    HalfEven,
    /// Towards zero.
    Down,
    /// No rounding.
    Exact,
}

/// The severity of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It makes an order invalid.
    Error,
    /// It leaves an order valid.
    Warning,
    /// It is not checked.
    Off,
}

impl Policy {
    /// Whether two amounts are as near as the identity requires.
    pub(crate) fn is_near(&self, code: &str, stated: &BigRational, right: &BigRational) -> bool {
        let off = (stated - right).abs();
        self.tolerances.get(code).map_or_else(|| off.is_zero(), |tolerance| off <= *tolerance)
    }
}

impl Rounding {
    /// The calculated extended amount for an exact product.
    pub fn apply(self, exact: &BigRational, places: u32) -> BigRational {
        let scaled = exact * power_of_ten(places);
        match self {
            Rounding::Nearest | Rounding::HalfUp => rounded(exact, places),
            Rounding::HalfEven => {
                let two = BigRational::from(BigInt::from(2));
                // Half of a tie is not a tie: it rounds to one side, and twice a whole number is even.
                let tie = (&scaled * &two).is_integer() && !scaled.is_integer();
                let even = (&scaled / &two).round() * two;
                if tie { even / power_of_ten(places) } else { rounded(exact, places) }
            }
            Rounding::Down => scaled.trunc() / power_of_ten(places),
            Rounding::Exact => exact.clone(),
        }
    }

    /// The right extended amounts for an exact product: the product, and what it may be rounded to.
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
