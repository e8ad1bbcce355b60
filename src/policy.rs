//! `Policy`: what a check is asked to do, as plain data.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::calculate::Rounding;
use crate::check::Tolerances;
use crate::error::Error;
use crate::rules::{Rule, Severity};

/// How strictly an order is checked. The default is what the definitions say: exact identities, extended amounts to
/// the nearest minor unit, every rule with its own severity.
///
/// ```
/// use ordercharge::{Policy, Rounding, Rule, Severity};
///
/// let mut policy = Policy::default();
/// policy.rounding = Rounding::HalfEven;
/// policy.set_severity(Rule::ExcessPrecision, None); // off
/// policy.set_severity(Rule::MisnamedField, Some(Severity::Error));
/// policy.set_tolerance(Rule::SalesTax, "0.01".parse()?)?;
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// How an extension is rounded to the minor unit (OC101, and amounts that are calculated).
    pub rounding: Rounding,
    /// How far each identity may be off.
    pub tolerances: Tolerances,
    /// Severities that differ from the rule's own; `None` switches the rule off.
    pub severities: BTreeMap<Rule, Option<Severity>>,
}

impl Policy {
    /// The severity of a rule under this policy; `None` where it is off.
    pub fn severity(&self, rule: Rule) -> Option<Severity> {
        self.severities.get(&rule).copied().unwrap_or(Some(rule.severity()))
    }

    /// Sets the severity of a rule; `None` switches it off.
    pub fn set_severity(&mut self, rule: Rule, severity: Option<Severity>) {
        self.severities.insert(rule, severity);
    }

    /// Lets an identity be off by that much. Only OC101 to OC105 have a tolerance, and it is not negative: anything
    /// else is an error.
    pub fn set_tolerance(&mut self, rule: Rule, tolerance: Amount) -> Result<(), Error> {
        if tolerance.is_negative() {
            return Err(Error::unbuildable(format!("expected a tolerance of 0 or more, found {tolerance}")));
        }
        let slot = match rule {
            Rule::ExtendedAmount => &mut self.tolerances.extended_amount,
            Rule::SubTotal => &mut self.tolerances.sub_total,
            Rule::SalesTax => &mut self.tolerances.sales_tax,
            Rule::OrderDiscount => &mut self.tolerances.order_discount,
            Rule::GrandTotal => &mut self.tolerances.grand_total,
            _ => return Err(Error::unbuildable(format!("{rule} has no tolerance: only OC101 to OC105 have one"))),
        };
        *slot = tolerance;
        Ok(())
    }
}
