//! The tax rates of an order: those that its figures state, and those that they show.

use ordercharge::{Amount, Rounding};

use super::Calculations;
use super::term::{Kind, Term};
use crate::exact::{divided, half_unit};

/// A larger percentage is not a tax.
const MOST_RATE: i64 = 40;

impl Calculations<'_, '_, '_> {
    /// The tax rates of the order, in percent: those that are stated, and those that a tax is of an amount.
    pub(super) fn rates(&self) -> &[Amount] {
        const MOST: usize = 3;
        self.rates.get_or_init(|| {
            let mut counts: Vec<(Amount, usize)> = Vec::new();
            let mut count = |rate: Amount, weight: usize| match counts.iter_mut().find(|(known, _)| *known == rate) {
                Some((_, times)) => *times += weight,
                None => counts.push((rate, weight)),
            };
            let values = self.values;
            for leaf in values.leaves.iter().filter(|leaf| !leaf.value.is_zero()).take(1000) {
                let name = values.json.key(leaf.node).to_ascii_lowercase();
                let (is_rate, is_other) = (name.contains("rate") || name.contains("percent"), name.contains("ship"));
                let one =
                    if leaf.value < Amount::ONE { leaf.value.checked_mul(Amount::from(100)) } else { Some(leaf.value) };
                let plausible = |rate: &Amount| *rate <= Amount::from(MOST_RATE) && !rate.is_negative();
                if let Some(rate) = one.filter(plausible).filter(|_| is_rate && !is_other) {
                    count(rate, 10);
                }
            }
            let places = std::iter::once(None).chain((0..values.quantities.len().min(4)).map(Some));
            for line in places {
                let terms = self.terms(line);
                let slack = if line.is_some() { half_unit(values.decimals) } else { self.slack_of_lines() };
                let of = |kind: Kind| terms.own.iter().filter(move |term| term.kind == kind);
                for tax in of(Kind::Tax).take(6) {
                    for goods in of(Kind::Goods).take(8) {
                        let less = |other: &Term| goods.amount.checked_sub(other.amount.abs());
                        let own = [Some(goods.amount), less(tax)];
                        let net = of(Kind::Discount).take(4).map(less);
                        for base in own.into_iter().chain(net).flatten() {
                            if let Some(rate) = rate_of(tax.amount, base, slack) {
                                // By chance a rate is seldom a whole one.
                                count(rate, if rate.rounded(0, Rounding::Down) == rate { 4 } else { 1 });
                            }
                        }
                    }
                }
            }
            counts.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
            // Some ratios are round by chance: a rate must count at least half as much as the best one.
            let most = counts.first().map_or(0, |(_, times)| *times);
            counts.into_iter().filter(|(_, times)| *times * 2 >= most).take(MOST).map(|(rate, _)| rate).collect()
        })
    }
}

/// The rate in percent at which an amount has a tax: a round one that the amounts are large enough to tell from its neighbours.
fn rate_of(tax: Amount, base: Amount, slack: Amount) -> Option<Amount> {
    let hundred = Amount::from(100);
    if tax.is_negative() || tax.is_zero() || base <= tax {
        return None;
    }
    let percent = divided(tax.checked_mul(hundred)?, base, 6)?;
    // Whole percents, quarters, fortieths: each only if it makes a difference of at least two minor units.
    [1, 4, 40].into_iter().map(Amount::from).find_map(|steps: Amount| {
        let rate = divided(percent.checked_mul(steps)?.rounded(0, Rounding::HalfUp), steps, 3)?;
        let off = base.checked_mul(rate)?.checked_sub(tax.checked_mul(hundred)?)?.abs();
        let tells = base >= slack.checked_mul(steps)?.checked_mul(Amount::from(400))?;
        let plausible = !rate.is_zero() && rate <= Amount::from(MOST_RATE);
        (tells && plausible && off <= slack.checked_mul(hundred)?).then_some(rate)
    })
}

/// A rate without zeros at its end.
pub(super) fn percent_text(rate: Amount) -> String {
    let text = rate.to_string();
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
