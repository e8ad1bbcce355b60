//! The search: which mistakes, when undone, make an order right, and which of these explanations ("stories") describes the
//! order most briefly. It names no mistake.

use core::iter;

use serde::{Deserialize, Serialize};

use super::Mistake;
use super::figures::{Broken, Figures, Fixed};
use super::steps::{Step, Steps};
use super::witness::{Bits, FREE, LOOSE, MARGIN, MOST, MOST_OF_ONE, disbelieved, is_telling};
use crate::order::{FieldSet, Place};

/// The most first mistakes for which a second one is searched. It keeps the search linear in the lines.
const MOST_FIRST_STEPS: usize = 24;
/// A story of two mistakes that costs more than this is never exact.
const MOST_EXACT_PAIR: Bits = 140;
/// The most partial stories that are reported.
const MOST_PARTIAL: usize = 3;
/// The additional cost of a story with weak evidence when many orders are explained together.
const THIN: Bits = 60;
/// The repair of a story that is not exact and costs more than this needs `--prefer`.
const MOST_WRITTEN: Bits = 160;

/// A set of one or two mistakes, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct MistakeSet(pub(crate) Mistake, pub(crate) Option<Mistake>);

impl MistakeSet {
    pub(crate) fn of(one: Mistake, two: Mistake) -> MistakeSet {
        if one == two { MistakeSet(one, None) } else { MistakeSet(one.min(two), Some(one.max(two))) }
    }

    pub(crate) fn mistakes(self) -> impl Iterator<Item = Mistake> {
        [Some(self.0), self.1].into_iter().flatten()
    }

    /// The cost of the mistakes, without their steps.
    pub(crate) fn bits(self) -> Bits {
        self.mistakes().map(|mistake| mistake.row().bits).sum()
    }

    pub(crate) fn has_free_amount(self) -> bool {
        self.mistakes().any(|mistake| mistake.row().free_amount)
    }

    /// Whether all of its mistakes are among the given ones.
    pub(crate) fn is_among(self, others: &[Mistake]) -> bool {
        self.mistakes().all(|mistake| others.contains(&mistake))
    }
}

/// What may have happened: mistakes, and the right order.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    /// Its number, in the order in which the stories were found.
    pub(crate) number: usize,
    pub(crate) mistakes: MistakeSet,
    pub(crate) right: Figures,
    /// The places where the order is wrong, with the right amounts.
    pub(crate) culprits: Vec<(Place, Option<Fixed>)>,
    pub(crate) bits: Bits,
    pub(crate) exact: bool,
    /// Every right value is determined, by the order's own figures or by a usual rate.
    determined: bool,
    /// The evidence is so weak that a repair needs `--prefer`.
    pub(crate) thin: bool,
    /// It has an amount that is in no field of the order and that nothing else confirms.
    pub(crate) free: bool,
    /// Something is still broken afterwards.
    pub(crate) partial: bool,
    /// Two mistakes, one with an amount that is in no field, explain any order: only many orders together can confirm
    /// them.
    pub(crate) of_many: bool,
    /// For two mistakes, the fields that each is in. A single mistake is in all culprits.
    places: Vec<(Mistake, Vec<Place>)>,
}

impl Story {
    /// The mistakes in the order of the table, with the fields that each is in.
    pub(crate) fn places(&self) -> Vec<(Mistake, Vec<Place>)> {
        if self.places.is_empty() {
            return vec![(self.mistakes.0, self.culprits.iter().map(|(place, _)| place.clone()).collect())];
        }
        self.places.clone()
    }

    /// Whether the evidence is so weak that a repair needs `--prefer`.
    pub(crate) fn is_thin(&self) -> bool {
        self.thin || (!self.determined && self.bits > MOST_WRITTEN)
    }
}

/// The result of a search.
#[derive(Debug, Default)]
pub(crate) struct Stories {
    /// Best first.
    pub(crate) found: Vec<Story>,
    /// Every set of mistakes that fits.
    pub(crate) fits: Vec<Fit>,
}

/// A set of mistakes that explains an order.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    pub(crate) mistakes: MistakeSet,
    /// The cost of the story in addition to that of its mistakes, for many orders: a coincidence that is likely says less
    /// about a mapping.
    pub(crate) extra: Bits,
    /// The cost of the story, for this order alone.
    pub(crate) bits: Bits,
    /// The number of the story with the same right order.
    pub(crate) story: usize,
    /// The fields that each of the mistakes is in.
    pub(crate) fields: [FieldSet; 2],
}

/// Undoes every mistake that may explain what is broken. With `whole`, only the orders in which everything agrees are kept.
fn undo_all(order: &Figures, whole: bool) -> Vec<Step> {
    let faults = order.faults();
    let all = Mistake::ALL.iter().zip(Mistake::WHEN);
    let mut rows = all.filter(|(_, when)| *when & faults != 0).map(|(mistake, _)| *mistake);
    let Some(first) = rows.next() else { return Vec::new() };
    let mut steps = Steps::new(whole, first);
    // Most orders need no more, and the allocator is quicker with up to a kilobyte.
    steps.found.reserve(3);
    for mistake in iter::once(first).chain(rows) {
        steps.mistake = mistake;
        (mistake.row().undo)(order, &mut steps);
    }
    steps.found
}

struct Search<'a> {
    order: &'a Figures,
    was: Broken,
    /// Whether what is broken is off by so much that a story does not fit it by chance.
    telling: bool,
    stories: Stories,
}

impl Search<'_> {
    /// Whether nothing is wrong with an order after mistakes were undone.
    fn is_right(&self, right: &Figures) -> bool {
        let now = right.broken();
        now.is_none() && now.is_within(&self.was) && (now != self.was || !self.order.renamed.is_empty())
    }

    /// Whether a right amount would replace a value that is not an amount: it is not known what was meant there.
    fn any_unusable(&self, culprits: &[(Place, Option<Fixed>)]) -> bool {
        culprits.iter().any(|(place, _)| self.order.is_unusable(place))
    }

    /// Keeps a story if it explains everything. `bits` is the cost of its mistakes and steps.
    fn keep(&mut self, parts: &[&Step], bits: Bits) {
        let (mistakes, right) = match parts {
            [one] => (MistakeSet(one.mistake, None), &one.right),
            [one, two] => (MistakeSet::of(one.mistake, two.mistake), &two.right),
            _ => return,
        };
        let exact = parts.iter().all(|undone| undone.exact);
        let thin = parts.iter().any(|undone| undone.thin);
        if bits > MOST || !self.is_right(right) {
            return;
        }
        let culprits = self.order.differences(right);
        if culprits.is_empty() || self.any_unusable(&culprits) {
            return;
        }
        let free = parts.iter().any(|undone| undone.is_free());
        let bits = bits + disbelieved(self.order, &self.was, &culprits) + if free { FREE } else { 0 };
        if bits > MOST {
            return;
        }
        let extra = bits - mistakes.bits();
        let determined = exact && !free && (mistakes.1.is_none() || bits <= MOST_EXACT_PAIR);
        let exact = determined && self.telling && !parts.iter().any(|undone| undone.usual);
        let places = if parts.len() > 1 { places(self.order, parts) } else { Vec::new() };
        let fields = |at: usize| {
            places.get(at).map(|(_, places)| places.iter().filter_map(Place::field).collect()).unwrap_or_default()
        };
        let fields = match places.as_slice() {
            [] => [culprits.iter().filter_map(|(place, _)| place.field()).collect(), FieldSet::default()],
            _ => [fields(0), fields(1)],
        };
        let found = &mut self.stories.found;
        let same = found.iter().position(|known| known.mistakes == mistakes && known.right.is_same(right));
        let number = same.unwrap_or(found.len());
        if found.get(number).is_none_or(|known| bits < known.bits) {
            let right = right.clone();
            let story = Story {
                number,
                mistakes,
                right,
                culprits,
                bits,
                exact,
                determined,
                thin,
                free,
                partial: false,
                of_many: free && (parts.len() > 1 || bits > MOST_OF_ONE),
                places,
            };
            match found.get_mut(number) {
                Some(known) => *known = story,
                None => found.push(story),
            }
        }
        let extra = extra + if thin { THIN } else { 0 };
        let fit = Fit { mistakes, extra, bits, story: number, fields };
        match self.stories.fits.iter_mut().find(|known| known.mistakes == mistakes) {
            Some(known) if extra < known.extra => *known = fit,
            Some(_) => {}
            None => self.stories.fits.push(fit),
        }
    }

    /// Two mistakes: for each first one, a second one is searched.
    fn pairs(&mut self, ones: &[Step]) {
        let mut firsts: Vec<(Bits, &Step)> = Vec::new();
        for undone in ones.iter().filter(|undone| !undone.mistake.row().free_amount) {
            let bits = undone.bits() + if undone.exact { 0 } else { LOOSE };
            let now = undone.right.broken();
            // A first step that puts nothing right would go with any second one.
            if bits > MOST - 80
                || now.is_none()
                || !now.is_possible_after(&self.was)
                || (now.identities() >= self.was.identities() && undone.mistake.is_scale())
            {
                continue;
            }
            match firsts.iter_mut().find(|(_, known)| known.right.is_same(&undone.right)) {
                Some(known) if bits < known.0 => *known = (bits, undone),
                Some(_) => {}
                None => firsts.push((bits, undone)),
            }
        }
        firsts.sort_by_key(|(bits, undone)| (undone.right.broken().identities(), *bits, undone.mistake));
        for (bits, first) in firsts.into_iter().take(MOST_FIRST_STEPS) {
            for second in undo_all(&first.right, true) {
                if second.mistake == first.mistake {
                    continue;
                }
                let loose = if second.exact || second.is_free() { 0 } else { LOOSE };
                let bits = bits + second.bits() + loose;
                self.keep(&[first, &second], bits);
            }
        }
    }

    /// Partial stories: they make some identity hold and nothing worse. One mistake, or two of which one is a wrong name.
    fn partial(&mut self, ones: &[Step]) {
        let mut found: Vec<Story> = Vec::new();
        let is_better = |right: &Figures| {
            let now = right.broken();
            now.identities() < self.was.identities() && now.is_within(&self.was)
        };
        let mut keep = |parts: &[&Step]| {
            let Some(last) = parts.last() else { return };
            let certain = parts.iter().all(|undone| undone.exact && !undone.mistake.row().free_amount);
            if !certain || !is_better(&last.right) {
                return;
            }
            let mistakes = parts.iter().map(|undone| undone.mistake);
            let mistakes = mistakes.clone().fold(MistakeSet(last.mistake, None), |set, one| MistakeSet::of(set.0, one));
            let culprits = self.order.differences(&last.right);
            if self.any_unusable(&culprits) {
                return;
            }
            let bits =
                parts.iter().map(|undone| undone.bits()).sum::<Bits>() + disbelieved(self.order, &self.was, &culprits);
            let places = if parts.len() > 1 { places(self.order, parts) } else { Vec::new() };
            let right = last.right.clone();
            found.push(Story {
                number: 0,
                mistakes,
                right,
                culprits,
                bits,
                exact: false,
                determined: false,
                thin: true,
                free: false,
                partial: true,
                of_many: false,
                places,
            });
        };
        for undone in ones {
            keep(&[undone]);
        }
        for first in ones.iter().filter(|undone| !self.order.renamed.is_empty() && undone.right.renamed.is_empty()) {
            for second in undo_all(&first.right, false) {
                keep(&[first, &second]);
            }
        }
        found.sort_by_key(|story| (story.right.broken().identities(), story.bits, story.mistakes));
        let best = found.first().map(|story| (story.right.broken().identities(), story.bits));
        found.retain(|story| {
            best.is_some_and(|(left, bits)| story.right.broken().identities() == left && story.bits <= bits + MARGIN)
        });
        found.truncate(MOST_PARTIAL);
        self.stories.found.extend(found);
    }
}

/// The fields that each mistake is in: the ones that its step changed.
fn places(order: &Figures, parts: &[&Step]) -> Vec<(Mistake, Vec<Place>)> {
    let mut before = order;
    let mut found = Vec::with_capacity(parts.len());
    for undone in parts {
        let changed = before.differences(&undone.right).into_iter().map(|(place, _)| place).collect();
        found.push((undone.mistake, changed));
        before = &undone.right;
    }
    found.sort();
    found
}

/// Every story of an order, the best first. Empty if nothing is wrong that a mistake could explain.
pub(crate) fn stories(order: &Figures) -> Stories {
    let was = order.broken();
    let mut search = Search { order, was, telling: is_telling(order, &was), stories: Stories::default() };
    if !was.is_any() && order.renamed.is_empty() {
        return search.stories;
    }
    let mut ones = undo_all(order, true);
    if was.identities() == 0 && was.wrong_signs == 0 && order.renamed.is_empty() {
        // The amounts agree with each other; only signs can be wrong.
        ones.retain(|undone| undone.mistake.is_about_signs());
    }
    for undone in &ones {
        search.keep(&[undone], undone.bits());
    }
    if !search.stories.found.iter().any(|story| !story.mistakes.has_free_amount())
        && (was.identities() > 0 || was.wrong_signs > 0)
    {
        ones = undo_all(order, false);
        search.pairs(&ones);
    }
    if search.stories.found.iter().all(|story| story.of_many) {
        search.partial(&ones);
    }
    search.stories.found.sort_by_key(|story| (story.bits, story.mistakes));
    search.stories
}

/// Each story after its rank. Stories close to the first one share its rank.
pub(crate) fn ranked<'s>(stories: impl Iterator<Item = &'s Story>) -> impl Iterator<Item = (u32, &'s Story)> {
    let (mut rank, mut least) = (0, Bits::MIN);
    stories.map(move |story| {
        if rank == 0 || story.bits > least + MARGIN {
            rank += 1;
            least = story.bits;
        }
        (rank, story)
    })
}
