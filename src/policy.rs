//! `Policy`: how strictly a check works, and `Policies`: one for each source of orders. Both are plain data.

use std::collections::BTreeMap;

use serde::de::{Deserializer, Error as _};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::error::Error;
use crate::options::Options;
use crate::order::Order;
use crate::rules::{Rule, Severity};

/// How strictly an order is checked. The default follows the definitions: exact identities, extended amounts rounded to
/// the nearest minor unit, every rule with its default severity.
///
/// ```
/// use ordercharge::{Policy, Rounding, Rule, Severity};
///
/// let mut policy = Policy::default();
/// policy.options.rounding = Rounding::HalfEven;
/// policy.set_severity(Rule::ExcessPrecision, None); // off
/// policy.set_severity(Rule::MisnamedField, Some(Severity::Error));
/// policy.set_tolerance(Rule::SalesTax, "0.01".parse()?)?;
///
/// // The same policy as data. The words are those of the command's options; an unknown key is an error.
/// let read: Policy = serde_json::from_str(r#"{
///     "rounding": "half-even",
///     "severities": {"excess-precision": "off", "OC304": "error"},
///     "tolerances": {"OC103": "0.01"}
/// }"#)?;
/// assert_eq!(read, policy);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// How amounts are calculated and compared.
    #[serde(flatten)]
    pub options: Options,
    /// Severities that differ from the default of the rule. `None` switches the rule off.
    #[serde(with = "levels")]
    pub severities: BTreeMap<Rule, Option<Severity>>,
}

impl Policy {
    /// The severity of a rule under this policy; `None` if it is off.
    pub fn severity(&self, rule: Rule) -> Option<Severity> {
        self.severities.get(&rule).copied().unwrap_or(Some(rule.severity()))
    }

    /// Sets the severity of a rule; `None` switches it off.
    pub fn set_severity(&mut self, rule: Rule, severity: Option<Severity>) {
        self.severities.insert(rule, severity);
    }

    /// Lets the amounts of an identity differ by at most `tolerance`.
    ///
    /// # Errors
    ///
    /// If the rule is not an identity (OC101 to OC105), or the tolerance is negative.
    pub fn set_tolerance(&mut self, rule: Rule, tolerance: Amount) -> Result<(), Error> {
        if tolerance.is_negative() {
            return Err(Error::not_tolerance(format!("expected a tolerance of 0 or more, found {tolerance}")));
        }
        let slot = match rule {
            Rule::ExtendedAmount => &mut self.options.tolerances.extended_amount,
            Rule::SubTotal => &mut self.options.tolerances.sub_total,
            Rule::SalesTax => &mut self.options.tolerances.sales_tax,
            Rule::OrderDiscount => &mut self.options.tolerances.order_discount,
            Rule::GrandTotal => &mut self.options.tolerances.grand_total,
            _ => return Err(Error::not_tolerance(format!("{rule} has no tolerance: only OC101 to OC105 have one"))),
        };
        *slot = tolerance;
        Ok(())
    }
}

/// A policy for all orders, and others for the orders of some sources.
///
/// ```
/// use ordercharge::{Order, Policies, Policy, Rounding};
///
/// let mut policies = Policies::from(Policy::default());
/// policies.sources.insert("Amazon".into(), Policy { options: Rounding::HalfEven.into(), ..Policy::default() });
///
/// let order = Order::from_json(br#"{"order_source": "Amazon", "items": []}"#)?;
/// assert_eq!(policies.of(&order).options.rounding, Rounding::HalfEven);
///
/// // Policies are also plain data.
/// let read: Policies = serde_json::from_str(r#"{"base": {}, "sources": {"Amazon": {"rounding": "half-even"}}}"#)?;
/// assert_eq!(read, policies);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policies {
    /// The policy of all orders whose source is not in `sources`.
    pub base: Policy,
    /// Policies by `order_source`. Each is used instead of `base` and takes nothing from it.
    pub sources: BTreeMap<String, Policy>,
}

impl Policies {
    /// The policy for an order, by its `order_source`.
    pub fn of(&self, order: &Order) -> &Policy {
        self.of_source(order.order_source.as_deref())
    }

    /// The policy for the orders of a source; `None` for orders that name none.
    pub fn of_source(&self, source: Option<&str>) -> &Policy {
        source.and_then(|source| self.sources.get(source)).unwrap_or(&self.base)
    }
}

impl From<Policy> for Policies {
    /// Uses one policy for all orders.
    fn from(base: Policy) -> Policies {
        Policies { base, sources: BTreeMap::new() }
    }
}

/// Severities in serde: the name of a severity, or `off`.
mod levels {
    use super::*;

    const OFF: &str = "off";

    pub(super) fn serialize<S: Serializer>(
        severities: &BTreeMap<Rule, Option<Severity>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(severities.iter().map(|(rule, severity)| (rule, severity.map_or(OFF, Severity::name))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Rule, Option<Severity>>, D::Error> {
        let levels = BTreeMap::<Rule, String>::deserialize(deserializer)?;
        let severity = |level: &str| match level {
            OFF => Ok(None),
            level => level.parse().map(Some).map_err(D::Error::custom),
        };
        levels.into_iter().map(|(rule, level)| Ok((rule, severity(&level)?))).collect()
    }
}
