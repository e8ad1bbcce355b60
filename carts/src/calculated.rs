//! Amounts that a mapping calculated from figures of the cart's order: a sum of several, one with tax, a share of one.

use std::cell::OnceCell;

use ordercharge::Amount;

use crate::exact::{divided, half_unit};
use crate::values::{Candidate, Leaf, Values};

mod rates;
mod search;
mod term;

use search::Search;
use term::{Done, Figure, Kind, Term, is_money};

/// The right amount of a field, where a table knows it.
pub(crate) struct Right {
    pub(crate) amount: Amount,
    /// Its first place in the cart's order, as a JSON Pointer (for a sum over lines a pattern), and its pattern.
    pub(crate) place: (String, String),
}

/// The figures of one order, as they are calculated with.
pub(crate) struct Calculations<'c, 'v, 'a> {
    values: &'c Values<'v, 'a>,
    /// What each leaf is, if it is money.
    kinds: Vec<OnceCell<Option<Kind>>>,
    header: OnceCell<Terms>,
    lines: Vec<OnceCell<Terms>>,
    /// What a sum lacks if it leaves out a line: the figures of each line, with and without discounts and tax.
    whole_lines: OnceCell<Vec<Term>>,
    rates: OnceCell<Vec<Amount>>,
}

/// The figures of a line, or of the header with the sums over lines.
#[derive(Default)]
struct Terms {
    own: Vec<Term>,
    /// The goods: each figure of them, and what is left of it after each discount; in the header with shipping too.
    goods: Vec<Term>,
    /// What may be added to an amount or taken off it: figures of the line, and of the header, which may be shared among the lines.
    others: Vec<Term>,
}

/// The most figures of a line or of the header that are calculated with.
const MOST_TERMS: usize = 40;

impl<'c, 'v, 'a> Calculations<'c, 'v, 'a> {
    pub(crate) fn new(values: &'c Values<'v, 'a>) -> Calculations<'c, 'v, 'a> {
        let kinds = values.leaves.iter().map(|_| OnceCell::new()).collect();
        let lines = values.quantities.iter().map(|_| OnceCell::new()).collect();
        let (header, whole_lines, rates) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Calculations { values, kinds, header, lines, whole_lines, rates }
    }

    /// What was done with the right amount to give a wrong one.
    pub(crate) fn of_right(&self, field: &str, line: Option<usize>, stated: Amount, right: &Right) -> Vec<Candidate> {
        let Some(mut search) = Search::new(self, field, line, stated) else { return Vec::new() };
        if right.amount.is_zero() || !self.values.may_look(MOST_TERMS) {
            return Vec::new();
        }
        search.right = Some(right);
        let kind = if matches!(field, "tax" | "sales_tax") { Kind::Tax } else { Kind::Goods };
        let right = Term::new(Figure::Right, right.amount, kind);
        search.altered(&right);
        if search.found.is_empty() {
            // The figures of a header add up to the cent. On a line a rate is more likely than a figure of another kind.
            if line.is_some() {
                search.with_rate(&right);
            }
            search.rounded_to_coins(&right);
            search.less_a_percentage(&right);
            search.with_others(&right, &self.terms(line).others);
            if line.is_none() {
                search.with_rate(&right);
            }
        }
        if search.found.is_empty() && line.is_none() {
            search.less_a_line(&right);
            search.with_two_others(&right);
        }
        search.found
    }

    /// What was done with figures of the cart's order to give an amount.
    pub(crate) fn of_figures(&self, field: &str, line: Option<usize>, stated: Amount) -> Vec<Candidate> {
        let Some(mut search) = Search::new(self, field, line, stated) else { return Vec::new() };
        if !self.values.may_look(MOST_TERMS * MOST_TERMS) {
            return Vec::new();
        }
        let Terms { own, goods, others } = self.terms(line);
        let suiting = || own.iter().filter(|term| term.kind.suits(field));
        let suiting_goods = || goods.iter().filter(|term| term.kind.suits(field));
        // From what is least likely to be so by chance to what is most.
        for term in suiting() {
            search.cut(term);
            search.altered(term);
            search.by_quantity_twice(term);
            if term.kind != Kind::Goods {
                search.with_rate(term);
            }
        }
        for term in goods {
            search.sum(term);
            search.with_rate(term);
        }
        search.percentage(own);
        search.shares();
        if search.found.is_empty() {
            suiting().chain(suiting_goods()).for_each(|term| search.with_others(term, others));
            for term in suiting() {
                search.rounded_to_coins(term);
                search.less_a_percentage(term);
            }
        }
        if search.found.is_empty() {
            own.iter().for_each(|term| search.with_others(term, own));
        }
        if search.found.is_empty() && line.is_none() {
            for term in suiting_goods() {
                search.less_a_line(term);
                search.with_two_others(term);
            }
            if !Kind::Goods.suits(field) {
                suiting().for_each(|term| search.with_two_others(term));
            }
        }
        search.found.sort_by_key(|found| found.cost);
        search.found
    }

    fn terms(&self, line: Option<usize>) -> &Terms {
        const NONE: &Terms = &Terms { own: Vec::new(), goods: Vec::new(), others: Vec::new() };
        match line {
            None => self.header.get_or_init(|| self.header()),
            Some(at) => self.lines.get(at).map_or(NONE, |terms| terms.get_or_init(|| self.line(at))),
        }
    }

    fn line(&self, line: usize) -> Terms {
        let mut own = self.leaves(Some(line));
        let quantity = self.quantity(Some(line));
        let times = |term: &Term| Some(term.made(Done::TimesQuantity, term.amount.checked_mul(quantity?)?));
        let times: Vec<Term> = own.iter().filter_map(times).collect();
        own.extend(times);
        let mut others = own.clone();
        let of_header = self.terms(None).own.iter().filter(|term| term.kind != Kind::Goods);
        let weights = self.weights(line);
        others.extend(of_header.clone());
        others.extend(of_header.flat_map(|term| self.shares_of(term, &weights)));
        Terms { goods: goods(&own), own, others }
    }

    fn header(&self) -> Terms {
        let mut own = self.leaves(None);
        let sums = self.values.sums.iter().enumerate();
        let sums = sums.filter(|(_, sum)| !sum.sum.is_zero() && is_money(&sum.pattern));
        own.extend(sums.map(|(at, sum)| Term::new(Figure::Sum(at), sum.sum, Kind::of(&sum.pattern))));
        own.truncate(MOST_TERMS);
        let mut goods = goods(&own);
        let shipping = own.iter().filter(|term| term.kind == Kind::Shipping);
        let shipped: Vec<Term> = shipping.flat_map(|other| goods.iter().filter_map(|term| term.plus(other))).collect();
        goods.extend(shipped);
        goods.truncate(MOST_TERMS);
        Terms { others: own.clone(), own, goods }
    }

    fn leaves(&self, line: Option<usize>) -> Vec<Term> {
        let term = |(leaf, kind): (&Leaf, Kind)| Term::new(Figure::Leaf(leaf.node), leaf.value, kind);
        self.money(line).map(term).take(MOST_TERMS).collect()
    }

    /// The figures of a line, or of the header, that are money and not 0, and what each is.
    fn money(&self, line: Option<usize>) -> impl Iterator<Item = (&Leaf, Kind)> {
        let of_line = self.values.leaves.iter().zip(&self.kinds);
        let of_line = of_line.filter(move |(leaf, _)| leaf.line == line && !leaf.value.is_zero());
        of_line.filter_map(|(leaf, kind)| {
            let kind = kind.get_or_init(|| {
                let pattern = self.values.json.pattern(leaf.node);
                is_money(&pattern).then(|| Kind::of(&pattern))
            });
            kind.map(|kind| (leaf, kind))
        })
    }

    /// The quantity of a line, unless it is 0 or 1.
    fn quantity(&self, line: Option<usize>) -> Option<Amount> {
        let quantity = self.values.quantities.get(line?).copied();
        quantity.filter(|quantity| *quantity != Amount::ONE && !quantity.is_zero())
    }

    /// The goods of a line, each with the sum of the like figures of all lines.
    fn weights(&self, line: usize) -> Vec<(Amount, Amount)> {
        let times = self.quantity(Some(line)).unwrap_or(Amount::ONE);
        let mut weights = Vec::new();
        for (leaf, _) in self.money(Some(line)).filter(|(_, kind)| *kind == Kind::Goods) {
            let pattern = self.values.json.pattern(leaf.node);
            for sum in self.values.sums.iter().filter(|sum| sum.pattern == pattern) {
                let weight = if sum.times_quantity { leaf.value.checked_mul(times) } else { Some(leaf.value) };
                weights.extend(weight.map(|weight| (weight, sum.sum)));
            }
        }
        weights
    }

    /// A line's share of a figure of the header: an equal one, and one by each of the weights of the line.
    fn shares_of(&self, term: &Term, weights: &[(Amount, Amount)]) -> Vec<Term> {
        let values = self.values;
        let count = Amount::new(values.quantities.len() as i128, 0).filter(|count| *count > Amount::ONE);
        let Some(count) = count else { return Vec::new() };
        let share = |weight: Amount, all: Amount, done: Done| {
            let share = divided(term.amount.checked_mul(weight)?, all, values.decimals)?;
            Some(term.made(done, share))
        };
        let equal = share(Amount::ONE, count, Done::SharedEqually);
        let by_amounts = weights.iter().filter_map(|(weight, all)| share(*weight, *all, Done::SharedByAmounts));
        equal.into_iter().chain(by_amounts).collect()
    }

    fn whole_lines(&self) -> &[Term] {
        const MOST_LINES: usize = 100;
        self.whole_lines.get_or_init(|| {
            let mut all = Vec::new();
            for line in 0..self.values.quantities.len().min(MOST_LINES) {
                let terms = self.terms(Some(line));
                let taxes = || terms.own.iter().filter(|term| term.kind == Kind::Tax);
                for goods in &terms.goods {
                    all.push(*goods);
                    all.extend(taxes().filter_map(|tax| goods.plus(tax)));
                }
            }
            all
        })
    }

    /// How far a sum over the lines may be off if each of them was rounded.
    fn slack_of_lines(&self) -> Amount {
        let count = Amount::new(self.values.quantities.len().max(1) as i128, 0);
        let half = half_unit(self.values.decimals);
        count.and_then(|count| half.checked_mul(count)).unwrap_or(half)
    }
}

/// The figures of goods, and what is left of each after each discount.
fn goods(own: &[Term]) -> Vec<Term> {
    let of = |kind: Kind| own.iter().filter(move |term| term.kind == kind);
    let left = |goods: &Term, discount: &Term| {
        if discount.amount.is_negative() { goods.plus(discount) } else { goods.less(discount) }
    };
    let mut all: Vec<Term> = of(Kind::Goods).copied().collect();
    all.extend(of(Kind::Goods).flat_map(|goods| of(Kind::Discount).filter_map(move |discount| left(goods, discount))));
    all.truncate(MOST_TERMS);
    all
}
