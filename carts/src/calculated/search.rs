//! What may have been done with figures to give an amount.

use ordercharge::{Amount, Rounding};

use super::rates::percent_text;
use super::term::{Done, Figure, Kind, Part, Term};
use super::{Calculations, Right};
use crate::exact::{divided, half_unit};
use crate::values::{Candidate, How, Sum};

/// What is said of an amount of the whole line.
const BY_QUANTITY: &str = ", divided by the quantity";

/// What an amount is compared with.
pub(super) struct Search<'s, 'c, 'v, 'a> {
    of: &'s Calculations<'c, 'v, 'a>,
    field: &'s str,
    line: Option<usize>,
    stated: Amount,
    /// Half of the last decimal that is stated, or of a minor unit.
    slack: Amount,
    /// The quantity of the line, unless it is 0 or 1.
    quantity: Option<Amount>,
    /// What is stated, and the slack, both times the quantity.
    times_quantity: Option<(Amount, Amount)>,
    pub(super) right: Option<&'s Right>,
    pub(super) found: Vec<Candidate>,
}

impl<'s, 'c, 'v, 'a> Search<'s, 'c, 'v, 'a> {
    pub(super) fn new(
        of: &'s Calculations<'c, 'v, 'a>,
        field: &'s str,
        line: Option<usize>,
        stated: Amount,
    ) -> Option<Search<'s, 'c, 'v, 'a>> {
        if stated.is_zero() || field == "quantity" {
            return None;
        }
        let slack = half_unit(stated.decimals().max(of.values.decimals));
        let quantity = of.quantity(line);
        let times = |quantity: Amount| stated.checked_mul(quantity).zip(slack.checked_mul(quantity.abs()));
        let times_quantity = quantity.and_then(times);
        Some(Search { of, field, line, stated, slack, quantity, times_quantity, right: None, found: Vec::new() })
    }
}

impl Search<'_, '_, '_, '_> {
    fn push(&mut self, term: &Term, how: How, words: &str) {
        const COST: u32 = 40;
        let cost = COST + if term.kind.suits(self.field) { 0 } else { 9 };
        let (pointer, pattern) = self.place(term.first.figure);
        self.found.push(Candidate::calculated(pointer, pattern, how, cost, format!("is {words}")));
    }

    /// The place of a figure, and its pattern.
    fn place(&self, figure: Figure) -> (String, String) {
        let values = self.of.values;
        match figure {
            Figure::Right => self.right.map(|right| right.place.clone()).unwrap_or_default(),
            Figure::Leaf(node) => (values.json.pointer(node), values.json.pattern(node)),
            Figure::Sum(at) => {
                let pattern = values.sums.get(at).map(|sum| sum.pattern.clone()).unwrap_or_default();
                (pattern.clone(), pattern)
            }
        }
    }

    fn words(&self, term: &Term) -> String {
        let part = |part: &Part| {
            let place = match part.figure {
                Figure::Right => "the right amount".to_owned(),
                Figure::Leaf(node) => self.of.values.json.pointer(node),
                Figure::Sum(at) => self.of.values.sums.get(at).map(Sum::in_words).unwrap_or_default(),
            };
            let done = match part.done {
                Done::Nothing => "",
                // In the header each line has its own quantity.
                Done::TimesQuantity if self.line.is_none() => " multiplied by its quantity",
                Done::TimesQuantity => " multiplied by the quantity",
                Done::SharedEqually => " shared equally among the lines",
                Done::SharedByAmounts => " shared by the amounts of the lines",
            };
            format!("{place}{done}")
        };
        let mut words = part(&term.first);
        for more in term.more.iter().flatten() {
            words.push_str(if more.is_less { " less " } else { " plus " });
            words.push_str(&part(more));
        }
        words
    }

    fn in_parentheses(&self, term: &Term) -> String {
        if term.is_sum() { format!("({})", self.words(term)) } else { self.words(term) }
    }

    /// Whether the stated amount is `amount / divisor`, rounded.
    fn is(&self, amount: Option<Amount>, divisor: Amount) -> bool {
        self.is_within(amount, divisor, self.slack)
    }

    fn is_amount(&self, amount: Amount) -> bool {
        self.stated.checked_sub(amount).is_some_and(|off| off.abs() <= self.slack)
    }

    fn is_within(&self, amount: Option<Amount>, divisor: Amount, slack: Amount) -> bool {
        let off = || self.stated.checked_mul(divisor)?.checked_sub(amount?);
        let most = slack.checked_mul(divisor.abs());
        off().zip(most).is_some_and(|(off, most)| off.abs() <= most)
    }

    /// Like [`Search::is`], also divided by the quantity. What was done, in words.
    fn is_of_line(&self, amount: Option<Amount>, divisor: Amount) -> Option<&'static str> {
        if self.is(amount, divisor) {
            return Some("");
        }
        let by_quantity = self.quantity.and_then(|quantity| divisor.checked_mul(quantity))?;
        self.is(amount, by_quantity).then_some(BY_QUANTITY)
    }

    fn is_amount_of_line(&self, amount: Amount) -> Option<&'static str> {
        if self.is_amount(amount) {
            return Some("");
        }
        let (stated, slack) = self.times_quantity?;
        stated.checked_sub(amount).is_some_and(|off| off.abs() <= slack).then_some(BY_QUANTITY)
    }

    /// What one change makes of an amount.
    pub(super) fn altered(&mut self, base: &Term) {
        let Some((how, words)) = self.change(base.amount) else { return };
        self.push(base, how, &format!("{} {words}", self.in_parentheses(base)));
    }

    pub(super) fn by_quantity_twice(&mut self, base: &Term) {
        let Some(square) = self.quantity.and_then(|quantity| quantity.checked_mul(quantity)) else { return };
        if self.is(Some(base.amount), square) {
            self.push(base, How::DividedByQuantity, &format!("{} divided by the quantity twice", self.words(base)));
        } else if self.is(base.amount.checked_mul(square), Amount::ONE) {
            self.push(
                base,
                How::MultipliedByQuantity,
                &format!("{} multiplied by the quantity twice", self.words(base)),
            );
        }
    }

    fn change(&self, right: Amount) -> Option<(How, &'static str)> {
        let (stated, values) = (self.stated, self.of.values);
        let times = |factor: Amount| right.checked_mul(factor);
        let near = |value: Option<Amount>, most: Amount| {
            value.and_then(|value| value.checked_sub(stated)).is_some_and(|off| off.abs() <= most)
        };
        // Prices have four decimals, which may be rounded.
        let fine = Amount::new(1, 4)?;
        if right.negated() == stated {
            return Some((How::SignTurned, "with its sign turned"));
        }
        let hundred = Amount::new(10_i128.checked_pow(values.decimals)?, 0)?;
        if hundred != Amount::ONE && near(times(hundred), fine.checked_mul(hundred)?) {
            return Some((How::MinorUnits, "in minor units"));
        }
        if let Some(quantity) = self.quantity {
            if near(times(quantity), fine.checked_mul(quantity.abs())?) {
                return Some((How::MultipliedByQuantity, "multiplied by the quantity"));
            }
            if values.times_quantity(right, Some(quantity), stated).is_some() {
                return Some((How::DividedByQuantity, "divided by the quantity"));
            }
        }
        if times(Amount::from(2)) == Some(stated) {
            return Some((How::Summed, "twice"));
        }
        let count = Amount::new(values.quantities.len() as i128, 0).filter(|count| *count > Amount::ONE);
        if self.line.is_none() && count.is_some_and(|count| times(count) == Some(stated)) {
            return Some((How::Summed, "multiplied by the number of lines"));
        }
        self.is_cut(right).then_some((How::Rounded, "with fewer decimals"))
    }

    /// Whether the stated amount is an amount rounded or cut to fewer decimals. A single decimal does not count: more likely a
    /// zero after it was left out.
    fn is_cut(&self, amount: Amount) -> bool {
        let decimals = self.stated.decimals();
        let to = |rounding| amount.rounded(decimals, rounding) == self.stated;
        decimals < amount.decimals() && decimals != 1 && (to(Rounding::HalfUp) || to(Rounding::Down))
    }

    pub(super) fn cut(&mut self, term: &Term) {
        if self.stated.decimals() > 0 {
            return;
        }
        if self.is_cut(term.amount) {
            self.push(term, How::Rounded, &format!("{} with fewer decimals", self.words(term)));
        } else if let Some(each) = self.quantity.and_then(|quantity| divided(term.amount, quantity, 4))
            && self.is_cut(each)
        {
            self.push(
                term,
                How::Rounded,
                &format!("{} divided by the quantity, with fewer decimals", self.words(term)),
            );
        }
    }

    pub(super) fn rounded_to_coins(&mut self, base: &Term) {
        let coin = Amount::new(5, 2).unwrap_or(Amount::ONE);
        let is_coins = || divided(self.stated, coin, 4).is_some_and(|coins| coins.rounded(0, Rounding::Down) == coins);
        let off = base.amount.checked_sub(self.stated).unwrap_or_default().abs();
        let half = Amount::new(25, 3).unwrap_or_default();
        let is_total = self.field == "grand_total" && self.of.values.decimals == 2;
        if is_total && !off.is_zero() && off <= half && is_coins() {
            self.push(base, How::Rounded, &format!("{} rounded to 0.05", self.words(base)));
        }
    }

    pub(super) fn less_a_percentage(&mut self, base: &Term) {
        const PERCENTS: [i64; 6] = [1, 2, 3, 4, 5, 10];
        if self.field != "grand_total" {
            return;
        }
        for percent in PERCENTS {
            let left = base.amount.checked_mul(Amount::from(100 - percent));
            if self.is(left, Amount::from(100)) {
                self.push(base, How::Percentage, &format!("{} less {percent} %", self.words(base)));
            }
        }
    }

    /// An amount that is a sum by itself.
    pub(super) fn sum(&mut self, base: &Term) {
        if !base.is_sum() {
            return;
        }
        if let Some(words) = self.sum_in_words(base) {
            self.push(base, How::Summed, &words);
        } else if let Some((how, words)) = self.change(base.amount).filter(|(how, _)| *how != How::Rounded) {
            // Of many sums, one is rounded to a whole amount by chance.
            self.push(base, how, &format!("{} {words}", self.in_parentheses(base)));
        }
    }

    fn sum_in_words(&self, sum: &Term) -> Option<String> {
        let by_quantity = self.is_amount_of_line(sum.amount)?;
        let is_each = !by_quantity.is_empty();
        Some(if is_each { format!("({}) divided by the quantity", self.words(sum)) } else { self.words(sum) })
    }

    /// Tax put on an amount or taken out of it; of a tax, a percentage of the amount.
    pub(super) fn with_rate(&mut self, base: &Term) {
        let of = self.of;
        for rate in of.rates() {
            let Some((how, words)) = self.by_rate(base, *rate) else { continue };
            let in_words = self.in_parentheses(base);
            let words = words.replace("{}", &in_words).replace("{rate}", &percent_text(*rate));
            self.push(base, how, &words);
        }
    }

    /// What was done at a rate: `{}` is the amount.
    fn by_rate(&self, base: &Term, rate: Amount) -> Option<(How, String)> {
        let hundred = Amount::from(100);
        let with_tax = hundred.checked_add(rate)?;
        if matches!(self.field, "tax" | "sales_tax") {
            let part = base.amount.checked_mul(rate).filter(|_| base.kind != Kind::Tax)?;
            let is = |divisor: Amount| self.is_of_line(Some(part), divisor);
            let of_lines = || self.line.is_none() && self.is_within(Some(part), hundred, self.of.slack_of_lines());
            let words = if let Some(by_quantity) = is(hundred) {
                format!("{{rate}} % of {{}}{by_quantity}")
            } else if let Some(by_quantity) = is(with_tax) {
                format!("the {{rate}} % tax in {{}}{by_quantity}")
            } else if of_lines() {
                "{rate} % of {}, rounded on each line".to_owned()
            } else if self.is_rounded_for_each(part) {
                "{rate} % of {}, rounded, multiplied by the quantity".to_owned()
            } else {
                return None;
            };
            return Some((How::Percentage, words));
        }
        if !base.kind.suits(self.field) {
            return None;
        }
        if let Some(by_quantity) = self.is_of_line(base.amount.checked_mul(with_tax), hundred) {
            return Some((How::TaxAdded, format!("{{}} with {{rate}} % added{by_quantity}")));
        }
        let by_quantity = self.is_of_line(base.amount.checked_mul(hundred), with_tax)?;
        Some((How::TaxTakenOut, format!("{{}} without the {{rate}} % tax in it{by_quantity}")))
    }

    /// Whether the stated amount is a hundredth of an amount, rounded, times the quantity.
    fn is_rounded_for_each(&self, part: Amount) -> bool {
        let each = divided(part, Amount::from(100), self.of.values.decimals);
        self.quantity.is_some_and(|quantity| each.and_then(|each| each.checked_mul(quantity)) == Some(self.stated))
    }

    /// A discount as a percentage or a fraction of the goods.
    pub(super) fn percentage(&mut self, own: &[Term]) {
        if !Kind::Discount.suits(self.field) || self.stated.is_negative() || self.stated > Amount::from(100) {
            return;
        }
        let hundred = Amount::from(100);
        let of = |kind: Kind| own.iter().filter(move |term| term.kind == kind);
        for discount in of(Kind::Discount) {
            for goods in of(Kind::Goods).filter(|goods| goods.amount > discount.amount) {
                let Some(product) = goods.amount.checked_mul(self.stated) else { continue };
                let near = |amount: Option<Amount>, most: Option<Amount>| {
                    let off = amount.and_then(|amount| amount.abs().checked_sub(product));
                    off.zip(most).is_some_and(|(off, most)| off.abs() <= most)
                };
                let whole = self.stated.decimals() == 0;
                let cent = self.slack.checked_mul(hundred);
                let what = if whole && near(discount.amount.checked_mul(hundred), cent) {
                    "percentage"
                } else if !whole
                    && self.stated < Amount::ONE
                    && near(Some(discount.amount), Some(half_unit(self.of.values.decimals)))
                {
                    "fraction"
                } else {
                    continue;
                };
                let words = format!("{} as a {what} of {}", self.words(discount), self.words(goods));
                self.push(discount, How::Percentage, &words);
            }
        }
    }

    /// The line's share of a figure of the header.
    pub(super) fn shares(&mut self) {
        let of = self.of;
        if self.line.is_none() {
            return;
        }
        let is_share = |term: &&Term| matches!(term.first.done, Done::SharedEqually | Done::SharedByAmounts);
        for share in of.terms(self.line).others.iter().filter(is_share).filter(|term| term.kind.suits(self.field)) {
            if let Some(by_quantity) = self.is_amount_of_line(share.amount) {
                self.push(share, How::Shared, &format!("{}{by_quantity}", self.words(share)));
            }
        }
    }

    /// Another figure added to an amount or taken off it.
    pub(super) fn with_others(&mut self, base: &Term, others: &[Term]) {
        for other in others.iter().filter(|other| base.is_other(other)) {
            if let Some(words) = [base.plus(other), base.less(other)].into_iter().find_map(|sum| self.with(base, sum?))
            {
                self.push(base, How::Summed, &words);
            }
        }
    }

    fn with(&self, base: &Term, sum: Term) -> Option<String> {
        if sum.amount.is_zero() {
            return None;
        }
        if let Some(words) = self.sum_in_words(&sum) {
            return Some(words);
        }
        // The price of one item, and a figure of the whole line.
        let (stated, slack) = self.times_quantity.filter(|_| self.field == "price" || self.field == "discount")?;
        let quantity = self.quantity?;
        let whole = base.amount.checked_mul(quantity)?.checked_add(sum.amount.checked_sub(base.amount)?)?;
        // Both prices are rounded.
        let most = slack.checked_add(half_unit(4).checked_mul(quantity.abs())?)?;
        let is = whole.checked_sub(stated)?.abs() <= most;
        is.then(|| format!("{} divided by the quantity", self.words(&sum)))
    }

    /// A sum less one of the lines, with its tax or without.
    pub(super) fn less_a_line(&mut self, base: &Term) {
        let of = self.of;
        if !matches!(self.field, "sub_total" | "grand_total") {
            return;
        }
        let Some(less) = base.amount.checked_sub(self.stated) else { return };
        if let Some(line) = of.whole_lines().iter().find(|line| line.amount == less) {
            let words = format!("{} less {}", self.words(base), self.in_parentheses(line));
            self.push(base, How::Summed, &words);
        }
    }

    /// Two figures of the header, of different kinds, added to an amount or taken off it.
    pub(super) fn with_two_others(&mut self, base: &Term) {
        const MOST: usize = 16;
        let of = self.of;
        let Some(more) = self.stated.checked_sub(base.amount) else { return };
        let is_other = |term: &&Term| term.kind != Kind::Goods && base.is_other(term);
        let others: Vec<&Term> = of.terms(None).own.iter().filter(is_other).take(MOST).collect();
        for (at, one) in others.iter().enumerate() {
            for two in others.iter().skip(at + 1).filter(|two| two.kind != one.kind) {
                let sum = one.amount.checked_add(two.amount);
                let difference = one.amount.checked_sub(two.amount);
                let is = |value: Option<Amount>| value.is_some_and(|value| value.abs() == more.abs());
                if !is(sum) && !is(difference) {
                    continue;
                }
                let with = |one: &Term, two: &Term| {
                    let first = [base.plus(one), base.less(one)].into_iter().flatten();
                    let mut all = first.flat_map(|sum| [sum.plus(two), sum.less(two)]).flatten();
                    all.find(|sum| self.is_amount(sum.amount))
                };
                if let Some(all) = with(one, two) {
                    let words = self.words(&all);
                    self.push(base, How::Summed, &words);
                    return;
                }
            }
        }
    }
}
