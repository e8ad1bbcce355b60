//! Many orders: what is wrong with the mapping that made them.
//!
//! Orders from one source share their mistakes. One order often cannot say whether a discount was forgotten in the total or
//! is in the prices already; five hundred orders of the same mapping can. [`Mappings`] takes the reports of checked orders,
//! one after the other, and names for each `order_source` the smallest set of mistakes (one, else two) that explains the
//! broken orders. It needs the same memory however many orders there are, and parts that were added up on different threads
//! are merged into the same result.
//!
//! ```
//! use ordercharge::mapping::Mappings;
//! use ordercharge::{Order, Policy, check};
//!
//! let policy = Policy::default();
//! let mut mappings = Mappings::default();
//! for (total, quantity) in [("27.98", 2), ("30.00", 3), ("8.00", 4), ("5.00", 1)] {
//!     let text = format!(r#"{{"order_source": "Amazon", "sub_total": "{total}", "grand_total": "{total}",
//!         "items": [{{"price": "{total}", "quantity": {quantity}}}]}}"#);
//!     let order = Order::from_json(text.as_bytes())?;
//!     mappings.add(&order, &check(&order, &policy), &policy);
//! }
//! let mappings = mappings.summaries();
//! assert_eq!(mappings[0].mistakes[0].mistake.name(), "price-is-line-total");
//! assert_eq!((mappings[0].orders, mappings[0].broken, mappings[0].unexplained), (4, 3, 0));
//! # Ok::<(), ordercharge::Error>(())
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::mistakes::{Bits, Figures, Fit, Mistake, MistakeSet, search};
use crate::order::{Field, FieldSet, Level, Order};
use crate::policy::Policy;
use crate::report::Report;

/// The cost of an order that is left unexplained, or that contradicts a mistake.
const UNEXPLAINED: i64 = 300;
/// The cost of naming which of two mistakes an order has.
const WHICH: i64 = 10;
/// The most sources that are counted separately, so that memory does not grow with the input.
const MOST_SOURCES: usize = 256;
/// The most valid orders of a source that mistakes are tried on.
const MOST_SAMPLED: usize = 64;
/// The most mistakes that are counted for one order.
const MOST_FITS: usize = 12;
/// The most mistakes of which pairs are tried.
const MOST_PAIRED: usize = 24;
/// The fewest broken orders that each of two mistakes explains.
const LEAST_SHOWN: u64 = 3;
/// The share of a source's broken orders that must be explained, in percent.
const LEAST_EXPLAINED: u64 = 50;
/// The share that must be explained before an amount is written that is in no field of an order, in percent. Such an amount fits
/// most differences, so it may fit orders that are wrong for another reason.
const LEAST_CONFIRMED: u64 = 80;

/// Counts of the orders of several sources.
///
/// With serde, parts that were added up on other machines can be sent and merged here. The form is for the same version of
/// this crate. Of the orders it holds only amounts and `order_source`.
#[derive(Clone, Debug, Default)]
pub struct Mappings {
    sources: BTreeMap<Option<String>, Tally>,
}

/// Counts of the orders of one source.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Tally {
    orders: u64,
    broken: u64,
    /// What explains the first broken order best, by itself.
    first: Option<MistakeSet>,
    singles: BTreeMap<Mistake, Single>,
    #[serde(serialize_with = "write_pairs", deserialize_with = "read_pairs")]
    pairs: Pairs,
    /// The first valid orders.
    sample: Vec<Figures>,
}

/// What one mistake explains alone.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Single {
    orders: u64,
    gain: i64,
    /// How often it is in each field, in the order of `Field::ALL`.
    fields: [u64; Field::ALL.len()],
}

/// What two mistakes explain together in addition to what each explains alone.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Pair {
    /// Orders that each of them explains alone, and the smaller gain of the two.
    both: u64,
    overlap: i64,
    /// Orders that only the two together explain; the gain beyond that of each alone.
    only: u64,
    more: i64,
    /// Orders that the two together explain.
    together: u64,
}

/// Pairs of mistakes in serde: a list, because the key is not a string.
type Pairs = BTreeMap<(Mistake, Mistake), Pair>;

fn write_pairs<S: Serializer>(pairs: &Pairs, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(pairs)
}

fn read_pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pairs, D::Error> {
    Vec::deserialize(deserializer).map(Pairs::from_iter)
}

/// Serialises as a list of sources with their counts.
impl Serialize for Mappings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.sources)
    }
}

impl<'de> Deserialize<'de> for Mappings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sources: Vec<(Option<String>, Tally)> = Vec::deserialize(deserializer)?;
        let mut mappings = Mappings::default();
        for (source, part) in sources {
            mappings.merge(Mappings { sources: BTreeMap::from([(source, part)]) });
        }
        Ok(mappings)
    }
}

impl Mappings {
    /// Adds an order that was checked, with its report.
    pub fn add(&mut self, order: &Order, report: &Report, policy: &Policy) {
        let Some(tally) = self.tally(order.order_source.as_deref()) else { return };
        tally.orders += 1;
        if !report.violations.iter().any(|violation| violation.rule.is_identity()) {
            if report.is_valid() {
                tally.show(order, policy);
            }
            return;
        }
        tally.broken += 1;
        if report.evidence.0.is_empty() {
            // The report was read back, or no mistake fits.
            let fits = search(order, policy).map(|known| known.stories.fits).unwrap_or_default();
            tally.explain(&fits);
        } else {
            tally.explain(&report.evidence.0);
        }
    }

    /// Adds a number of orders of a source that are known to be valid.
    pub fn add_valid(&mut self, source: Option<&str>, count: u64) {
        if let Some(tally) = self.tally(source) {
            tally.orders += count;
        }
    }

    /// Keeps a valid order that was counted by [`add_valid`](Mappings::add_valid), because it may contradict a mistake. The
    /// first 64 of each source are kept.
    pub fn show_valid(&mut self, order: &Order, policy: &Policy) {
        if let Some(tally) = self.tally(order.order_source.as_deref()) {
            tally.show(order, policy);
        }
    }

    /// Adds the counts of orders that follow these in the input.
    pub fn merge(&mut self, later: Mappings) {
        for (source, part) in later.sources {
            let Some(tally) = self.tally(source.as_deref()) else { continue };
            tally.merge(part);
        }
    }

    fn tally(&mut self, source: Option<&str>) -> Option<&mut Tally> {
        let source = named(source);
        if self.sources.len() >= MOST_SOURCES && !self.sources.contains_key(&source) {
            return None;
        }
        Some(self.sources.entry(source).or_default())
    }

    /// What is wrong with the mapping of each source that has a broken order, in the order of their names.
    pub fn summaries(&self) -> Vec<Mapping> {
        let broken = self.sources.iter().filter(|(_, tally)| tally.broken > 0);
        broken.map(|(source, tally)| tally.summary(source.clone())).collect()
    }

    /// The mistakes of a source's mapping, as [`RepairOptions::mapping`](crate::RepairOptions::mapping) takes them. One with
    /// an amount that is in no field of an order is among them only if the mistakes explain four fifths of the
    /// broken orders and do not together explain any total. [`Mistake::LinesInAnotherCurrency`] never is.
    pub fn mistakes_of(&self, source: Option<&str>) -> Vec<Mistake> {
        let Some(tally) = self.sources.get(&named(source)) else { return Vec::new() };
        let Some(set) = tally.mistakes() else { return Vec::new() };
        let confirmed = tally.explained(set) * 100 >= tally.broken * LEAST_CONFIRMED && !explains_all(set);
        // Some rate fits nearly every order: that many seem to be in another currency does not prove it of each.
        let is_known = |mistake: Mistake| confirmed && mistake != Mistake::LinesInAnotherCurrency;
        set.mistakes().filter(|mistake| is_known(*mistake) || !mistake.row().free_amount).collect()
    }
}

/// The name of a source; a blank one is none.
fn named(source: Option<&str>) -> Option<String> {
    source.filter(|name| !name.trim().is_empty()).map(str::to_owned)
}

/// Whether two mistakes have amounts in no field for the same identity: one where a sum is too high, the other where it is too
/// low. Together they explain every difference, which says nothing.
fn explains_all(set: MistakeSet) -> bool {
    let MistakeSet(one, Some(two)) = set else { return false };
    one.row().free_amount && two.row().free_amount && one.when() & two.when() != 0
}

/// Whether a mistake was made with an amount that the right order does not have: it puts a charge where there was none, and
/// made in another way, another one. A mapping that makes this mistake needs such an amount, so the order does not
/// contradict it.
fn invents(order: &Figures, wrong: &Figures, other: Option<&Figures>) -> bool {
    let charges = |order: &Figures| [order.t(), order.h(), order.d(), order.tl];
    let is_new = charges(order).iter().zip(charges(wrong)).any(|(was, is)| was.is_zero() && !is.is_zero());
    is_new && other.is_some_and(|other| !other.is_same(wrong))
}

impl Tally {
    fn show(&mut self, order: &Order, policy: &Policy) {
        if self.sample.len() < MOST_SAMPLED
            && let Some(figures) = Figures::new(order, policy)
        {
            self.sample.push(figures);
        }
    }

    /// Adds what explains a broken order.
    fn explain(&mut self, fits: &[Fit]) {
        let gain = |fit: &Fit| UNEXPLAINED - i64::from(fit.extra);
        if self.broken == 1 {
            self.first = fits.iter().min_by_key(|fit| (fit.bits, fit.mistakes)).map(|fit| fit.mistakes);
        }
        let mut singles: Vec<(Mistake, i64, FieldSet)> = Vec::new();
        for fit in fits.iter().filter(|fit| fit.mistakes.1.is_none() && gain(fit) > 0) {
            singles.push((fit.mistakes.0, gain(fit), fit.fields[0]));
        }
        singles.sort_by_key(|(mistake, gain, _)| (-gain, *mistake));
        singles.truncate(MOST_FITS);
        for (mistake, gain, fields) in &singles {
            let single = self.single(*mistake, *fields);
            single.gain += gain;
            single.orders += 1;
        }
        let alone =
            |mistake: Mistake| singles.iter().find(|(known, ..)| *known == mistake).map_or(0, |(_, gain, _)| *gain);
        for (at, (one, one_gain, _)) in singles.iter().enumerate() {
            for (two, two_gain, _) in singles.iter().skip(at + 1) {
                let pair = self.pairs.entry((*one.min(two), *one.max(two))).or_default();
                pair.both += 1;
                pair.overlap += one_gain.min(two_gain);
            }
        }
        for fit in fits {
            let (MistakeSet(one, Some(two)), together) = (fit.mistakes, gain(fit)) else { continue };
            if together <= 0 {
                continue;
            }
            let least = alone(one).max(alone(two));
            self.single(one, fit.fields[0]);
            self.single(two, fit.fields[1]);
            let pair = self.pairs.entry((one, two)).or_default();
            pair.together += 1;
            pair.only += u64::from(least == 0);
            pair.more += (together - least).max(0);
        }
    }

    fn single(&mut self, mistake: Mistake, fields: FieldSet) -> &mut Single {
        let single = self.singles.entry(mistake).or_default();
        for field in fields.iter() {
            if let Some(count) = single.fields.get_mut(field as usize) {
                *count += 1;
            }
        }
        single
    }

    fn merge(&mut self, later: Tally) {
        self.first = if self.broken > 0 { self.first } else { later.first };
        self.orders += later.orders;
        self.broken += later.broken;
        for (mistake, part) in later.singles {
            let single = self.singles.entry(mistake).or_default();
            single.orders += part.orders;
            single.gain += part.gain;
            single.fields.iter_mut().zip(part.fields).for_each(|(sum, count)| *sum += count);
        }
        for (key, part) in later.pairs {
            let pair = self.pairs.entry(key).or_default();
            pair.both += part.both;
            pair.overlap += part.overlap;
            pair.only += part.only;
            pair.more += part.more;
            pair.together += part.together;
        }
        let room = MOST_SAMPLED.saturating_sub(self.sample.len());
        self.sample.extend(later.sample.into_iter().take(room));
    }

    /// How many of the kept valid orders contradict a mistake: undoing it changes and breaks them, or they have what the
    /// mistake needs and are right. A mistake with a free amount need not be in every order, and a wrong name is read in
    /// the order that has it, whatever names other orders have.
    fn contradicted(&self, mistake: Mistake) -> u64 {
        let row = mistake.row();
        let contradicts = |order: &&Figures| {
            let made = |pick| (row.make)(order, pick).filter(|wrong| !wrong.broken().is_none());
            let shows = || made(0).is_some_and(|wrong| !invents(order, &wrong, made(1).as_ref()));
            let steps = mistake.undo(order, false);
            let changes = || steps.iter().filter(|step| !order.is_same(&step.right));
            (!row.free_amount && mistake != Mistake::MisnamedField && shows())
                || (changes().next().is_some() && changes().all(|step| !step.right.broken().is_none()))
        };
        self.sample.iter().filter(contradicts).count() as u64
    }

    fn pair(&self, one: Mistake, two: Mistake) -> Pair {
        self.pairs.get(&(one.min(two), one.max(two))).copied().unwrap_or_default()
    }

    fn gain(&self, mistake: Mistake) -> i64 {
        self.singles.get(&mistake).map_or(0, |single| single.gain)
    }

    fn count(&self, mistake: Mistake) -> u64 {
        self.singles.get(&mistake).map_or(0, |single| single.orders)
    }

    /// How many broken orders a set of mistakes explains.
    fn explained(&self, set: MistakeSet) -> u64 {
        match set {
            MistakeSet(one, None) => self.count(one),
            MistakeSet(one, Some(two)) => {
                let pair = self.pair(one, two);
                self.count(one) + self.count(two) + pair.only - pair.both
            }
        }
    }

    /// How many broken orders a mistake of a set explains, alone or with the other one.
    fn shown(&self, set: MistakeSet, mistake: Mistake) -> u64 {
        match set {
            MistakeSet(one, Some(two)) => self.count(mistake) + self.pair(one, two).only,
            _ => self.count(mistake),
        }
    }

    /// The set without a mistake that has a free amount, explains fewer orders than the other mistake, and also explains most
    /// orders of that one. Such a mistake fits because a free amount fits nearly everything, so it is no evidence.
    fn without_what_fits_anyway(&self, set: MistakeSet) -> MistakeSet {
        let MistakeSet(one, Some(two)) = set else { return set };
        let both = self.pair(one, two).both;
        let fits_anyway = |free: Mistake, other: Mistake| {
            free.row().free_amount && self.count(free) < self.count(other) && self.count(other) < both * 2
        };
        match (fits_anyway(one, two), fits_anyway(two, one)) {
            (true, false) => MistakeSet(two, None),
            (false, true) => MistakeSet(one, None),
            _ => set,
        }
    }

    /// The cost of describing the broken orders by a set of mistakes, less the cost without any mistake.
    fn bits(&self, set: MistakeSet, contradicted: &BTreeMap<Mistake, u64>) -> i64 {
        let against: u64 = set.mistakes().map(|mistake| contradicted.get(&mistake).copied().unwrap_or_default()).sum();
        let own = i64::from(set.bits() as Bits) + UNEXPLAINED * against as i64;
        match set {
            MistakeSet(one, None) => own - self.gain(one),
            MistakeSet(one, Some(two)) => {
                let pair = self.pair(one, two);
                let which = WHICH * (self.broken - pair.together.min(self.broken)) as i64;
                own + which - (self.gain(one) + self.gain(two) - pair.overlap + pair.more)
            }
        }
    }

    /// The smallest set of mistakes that explains the broken orders. If only one order is broken, they are those of its own first
    /// diagnosis.
    fn mistakes(&self) -> Option<MistakeSet> {
        if self.broken == 1 {
            return self.first.filter(|set| self.explained(*set) > 0);
        }
        let mut known: Vec<Mistake> = self.singles.keys().copied().collect();
        known.sort_by_key(|mistake| (-self.gain(*mistake), *mistake));
        known.truncate(MOST_PAIRED);
        let contradicted: BTreeMap<Mistake, u64> =
            known.iter().map(|mistake| (*mistake, self.contradicted(*mistake))).collect();
        let singles = known.iter().map(|one| MistakeSet(*one, None));
        // Two mistakes are named only if each shows more than once, and neither explains as much alone by figures of the order.
        let shows = |set: &MistakeSet| {
            let explained = self.explained(*set);
            set.mistakes().all(|mistake| self.shown(*set, mistake) >= LEAST_SHOWN)
                && set.mistakes().all(|mistake| mistake.row().free_amount || self.count(mistake) < explained)
        };
        let paired = known
            .iter()
            .enumerate()
            .flat_map(|(at, one)| known.iter().skip(at + 1).map(|two| MistakeSet::of(*one, *two)));
        let best = singles.chain(paired.filter(shows)).min_by_key(|set| (self.bits(*set, &contradicted), *set))?;
        let best = self.without_what_fits_anyway(best);
        let explained = self.explained(best);
        (self.bits(best, &contradicted) < 0 && explained * 100 >= self.broken * LEAST_EXPLAINED).then_some(best)
    }

    fn summary(&self, order_source: Option<String>) -> Mapping {
        let set = self.mistakes();
        let mistakes = set.iter().flat_map(|set| set.mistakes()).map(|mistake| {
            let single = self.singles.get(&mistake).cloned().unwrap_or_default();
            let most = single.fields.iter().copied().max().unwrap_or_default();
            let fields = Field::ALL.iter().copied().zip(single.fields).filter(|(_, count)| *count * 2 >= most.max(1));
            MappingMistake {
                mistake,
                fields: fields.map(|(field, _)| field).collect(),
                explained: set.map_or(0, |set| self.shown(set, mistake)),
                contradicted: self.contradicted(mistake),
            }
        });
        Mapping {
            order_source,
            orders: self.orders,
            broken: self.broken,
            mistakes: mistakes.collect(),
            unexplained: self.broken - set.map_or(0, |set| self.explained(set)).min(self.broken),
        }
    }
}

/// What is wrong with the mapping of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapping {
    /// The `order_source` of the orders; `None` for orders without one.
    pub order_source: Option<String>,
    /// How many orders were checked.
    pub orders: u64,
    /// How many of them break an identity.
    pub broken: u64,
    /// The smallest set of mistakes that explains the broken orders; empty if no set explains half of them.
    pub mistakes: Vec<MappingMistake>,
    /// How many broken orders they do not explain.
    pub unexplained: u64,
}

/// A mistake of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappingMistake {
    /// The mistake.
    pub mistake: Mistake,
    /// The fields that are wrong.
    pub fields: Vec<Field>,
    /// How many broken orders it explains, alone or with the other mistake.
    pub explained: u64,
    /// How many valid orders contradict it, of the first 64.
    pub contradicted: u64,
}

impl MappingMistake {
    /// The fields in the form `items/*/price`.
    pub fn paths(&self) -> Vec<String> {
        let path = |field: &Field| match field.level() {
            Level::Header => field.name().to_owned(),
            Level::Line => format!("items/*/{}", field.name()),
        };
        self.fields.iter().map(path).collect()
    }
}

impl Mapping {
    /// What is wrong, in a sentence or two.
    pub fn sentence(&self) -> String {
        let source = match &self.order_source {
            Some(source) => format!("of {source}"),
            None => "without an order_source".to_owned(),
        };
        let explained = self.broken - self.unexplained.min(self.broken);
        let orders = match (explained, self.broken) {
            (1, 1) => format!("In the one broken order {source}"),
            (explained, broken) if explained == broken => format!("In all {broken} broken orders {source}"),
            (explained, broken) => format!("In {explained} of {broken} broken orders {source}"),
        };
        let what: Vec<&str> = self.mistakes.iter().map(|mistake| mistake.mistake.what()).collect();
        if what.is_empty() {
            return match self.broken {
                1 => format!("The one broken order {source} says nothing certain about its mapping."),
                broken => format!("No known mistake explains the {broken} broken orders {source}."),
            };
        }
        let against: u64 = self.mistakes.iter().map(|mistake| mistake.contradicted).sum();
        let against = match against {
            0 => "no valid order contradicts it".to_owned(),
            1 => "one valid order contradicts it".to_owned(),
            against => format!("{against} valid orders contradict it"),
        };
        format!("{orders}, {}; {against}.", what.join(", or "))
    }

    /// What to change in the mapping; empty if no mistake is known.
    pub fn remedy(&self) -> String {
        let remedies: Vec<&str> = self.mistakes.iter().map(|mistake| mistake.mistake.remedy()).collect();
        remedies.join("; ")
    }
}

#[derive(Serialize)]
struct WrittenMistake {
    name: Mistake,
    fields: Vec<String>,
    explained: u64,
    contradicted: u64,
    free_amount: bool,
}

#[derive(Serialize)]
#[serde(rename = "Mapping")]
struct Written<'a> {
    order_source: Option<&'a str>,
    orders: u64,
    broken: u64,
    mistakes: Vec<WrittenMistake>,
    unexplained: u64,
    sentence: String,
    remedy: String,
}

/// Serialises as an object with `order_source`, `orders`, `broken`, `mistakes`, `unexplained`, `sentence` and `remedy`.
impl Serialize for Mapping {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mistake = |known: &MappingMistake| WrittenMistake {
            name: known.mistake,
            fields: known.paths(),
            explained: known.explained,
            contradicted: known.contradicted,
            free_amount: known.mistake.has_free_amount(),
        };
        let written = Written {
            order_source: self.order_source.as_deref(),
            orders: self.orders,
            broken: self.broken,
            mistakes: self.mistakes.iter().map(mistake).collect(),
            unexplained: self.unexplained,
            sentence: self.sentence(),
            remedy: self.remedy(),
        };
        written.serialize(serializer)
    }
}
