//! Amounts under names that CartRover does not know (OC304).

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;

use crate::books::{Row, Stated};
use crate::names::means;
use crate::reader::{Charge, Fields};

/// Amounts under another name.
pub(crate) struct Misnamed<'a> {
    pub(crate) name: &'a str,
    /// The amount, if the name has only one.
    pub(crate) amount: Option<BigRational>,
    /// The unset fields that it may mean.
    pub(crate) means: Vec<&'a str>,
}

/// Every amount under another name for a field that is unset.
pub(crate) fn misnamed<'a>(fields: &'a Fields, names: &[(&'a str, &[&str])]) -> Vec<Misnamed<'a>> {
    let row = Row::new(fields);
    let mut others: BTreeMap<&str, BTreeSet<BigRational>> = BTreeMap::new();
    for (name, charge) in &fields.others {
        if let Charge::Amount(decimal) = charge {
            others.entry(name).or_default().extend(decimal.held());
        }
    }
    others.retain(|_, amounts| !amounts.is_empty());
    let meant = others.into_iter().map(|(name, mut amounts)| {
        let amount = amounts.pop_first().filter(|_| amounts.is_empty());
        let fields = names.iter().filter(|(field, aliases)| means(name, field, aliases)).map(|(field, _)| *field);
        Misnamed { name, amount, means: fields.filter(|field| *row.get(field) == Stated::Unset).collect() }
    });
    meant.filter(|other| !other.means.is_empty()).collect()
}
