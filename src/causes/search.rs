//! The search over the causes: one assumption, then two together, whose shifts give the difference exactly. It names
//! no cause.

use crate::amount::Amount;
use crate::order::{Field, Place};

use super::{Broken, Cause, Certainty, Explanation};

/// The most assumptions that are tried together: the pairs of so many are few.
const MAX_SHIFTS: usize = 24;
/// The most explanations of one cause that are kept.
const MAX_ALIKE: usize = 3;
/// The most explanations that are kept.
const MAX_EXPLANATIONS: usize = 6;

/// What an assumption is about; two about the same are no explanation together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// A header field, or what the lines give for it.
    Header(Field),
    /// A field of the line in question.
    Line(Field),
    /// The lines' shipping surcharges.
    Surcharges,
    /// Amounts of lines that are wrong themselves.
    WrongLines,
    /// What the lines' unit discounts come to.
    UnitDiscounts,
}

/// How explanations are ranked: fewest assumptions first, what cannot be told by the numbers alone last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// It follows from another fault: it assumes nothing.
    Consequence,
    /// It explains several amounts at once.
    Prevailing,
    Exact,
    Likely,
    ExactPair,
    LikelyPair,
    Weak,
}

/// An assumption that shifts the expected amount. Its sentence is told when it is part of an explanation.
#[derive(Clone, Copy)]
struct Shift {
    cause: Cause,
    /// Which of the cause's offers it is.
    offer: usize,
    by: Amount,
    figure: Figure,
}

struct Candidate {
    rank: Rank,
    root: Option<Place>,
    explanation: Explanation,
}

/// Collects what the causes offer for one broken identity.
pub(crate) struct Search<'a> {
    broken: &'a Broken,
    /// The row that is asked.
    cause: Cause,
    /// How many shifts it has offered.
    offers: usize,
    /// The offer whose clause is asked for again, and the clause.
    retold: Option<(usize, String)>,
    delta: Option<Amount>,
    shifts: Vec<Shift>,
    found: Vec<Candidate>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(broken: &'a Broken, first: Cause) -> Search<'a> {
        let delta = broken.stated.checked_sub(broken.expected);
        Search { broken, cause: first, offers: 0, retold: None, delta, shifts: Vec::new(), found: Vec::new() }
    }

    pub(crate) fn ask(&mut self, cause: Cause) {
        self.cause = cause;
        self.offers = 0;
    }

    /// Whether anything fits so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// An assumption that shifts the expected amount, alone or with another. One that shifts it by nothing explains
    /// nothing.
    pub(crate) fn shift(&mut self, by: Option<Amount>, figure: Figure, clause: impl FnOnce(Amount) -> String) {
        self.offer(Rank::Exact, by, figure, || None, clause);
    }

    /// The right amount of something that is wrong was used: a consequence of that.
    pub(crate) fn consequence(
        &mut self,
        by: Option<Amount>,
        figure: Figure,
        root: impl FnOnce() -> Place,
        clause: impl FnOnce() -> String,
    ) {
        self.offer(Rank::Consequence, by, figure, || Some(root()), |_| clause());
    }

    fn offer(
        &mut self,
        rank: Rank,
        by: Option<Amount>,
        figure: Figure,
        root: impl FnOnce() -> Option<Place>,
        clause: impl FnOnce(Amount) -> String,
    ) {
        let offer = self.offers;
        self.offers += 1;
        let Some(by) = by.filter(|by| !by.is_zero()) else { return };
        if let Some((wanted, told)) = &mut self.retold {
            if *wanted == offer {
                *told = clause(by);
            }
        } else if self.delta == Some(by) {
            let broken = self.broken;
            self.keep(rank, &[self.cause], root, || shifted(broken, &[by], &clause(by)));
        } else if self.shifts.len() < MAX_SHIFTS {
            self.shifts.push(Shift { cause: self.cause, offer, by, figure });
        }
    }

    /// An assumption that is tried alone only.
    pub(crate) fn single(&mut self, by: Option<Amount>, clause: impl FnOnce() -> String) {
        let Some(by) = by.filter(|by| !by.is_zero() && self.delta == Some(*by)) else { return };
        // Of several lines that fit each is told.
        let known = self.found.iter().filter(|found| found.explanation.causes == [self.cause]).count();
        if known < MAX_ALIKE && self.retold.is_none() {
            let message = shifted(self.broken, &[by], &clause());
            let explanation = Explanation { causes: vec![self.cause], certainty: Certainty::Exact, message };
            self.found.push(Candidate { rank: Rank::Exact, root: None, explanation });
        }
    }

    /// A formula that gives another amount.
    pub(crate) fn formula(&mut self, gives: Option<Amount>, clause: impl FnOnce() -> String) {
        self.fits(gives == Some(self.broken.stated), Certainty::Exact, clause);
    }

    /// A condition of its own.
    pub(crate) fn fits(&mut self, fits: bool, certainty: Certainty, clause: impl FnOnce() -> String) {
        let rank = if certainty == Certainty::Exact { Rank::Exact } else { Rank::Likely };
        self.keep_if(fits, rank, clause);
    }

    /// A condition that is likely only, and yet explains more than what is exact of a single amount.
    pub(crate) fn prevailing(&mut self, fits: bool, clause: impl FnOnce() -> String) {
        self.keep_if(fits, Rank::Prevailing, clause);
    }

    /// A condition that fits easily by chance.
    pub(crate) fn weak(&mut self, fits: bool, clause: impl FnOnce() -> String) {
        self.keep_if(fits, Rank::Weak, clause);
    }

    /// Whether a single cause fits.
    pub(crate) fn is_settled(&self) -> bool {
        self.found.iter().any(|found| found.rank <= Rank::Exact)
    }

    /// What fits together with another assumption, and not by itself.
    pub(crate) fn beside(&mut self, cause: Cause, other: Search<'_>, clause: impl FnOnce() -> String) {
        let mut news = other.found;
        news.retain(|found| !self.knows(found.rank, &found.explanation.causes));
        if news.is_empty() {
            return;
        }
        let clause = clause();
        for found in news {
            let rank = match found.rank {
                Rank::Consequence | Rank::Exact => Rank::ExactPair,
                Rank::Prevailing | Rank::Likely => Rank::LikelyPair,
                _ => Rank::Weak,
            };
            let causes = [&[cause], found.explanation.causes.as_slice()].concat();
            self.keep(rank, &causes, || None, || format!("{clause}, and {}", found.explanation.message));
        }
    }

    fn keep_if(&mut self, fits: bool, rank: Rank, clause: impl FnOnce() -> String) {
        if fits && self.retold.is_none() {
            self.keep(rank, &[self.cause], || None, clause);
        }
    }

    /// Keeps what fits, unless the same is known as well or better. Only then it is put in words.
    fn keep(
        &mut self,
        rank: Rank,
        causes: &[Cause],
        root: impl FnOnce() -> Option<Place>,
        message: impl FnOnce() -> String,
    ) {
        if self.knows(rank, causes) {
            return;
        }
        let certainty = if matches!(rank, Rank::Prevailing | Rank::Likely | Rank::LikelyPair | Rank::Weak) {
            Certainty::Likely
        } else {
            Certainty::Exact
        };
        let explanation = Explanation { causes: causes.to_vec(), certainty, message: message() };
        self.found.push(Candidate { rank, root: root(), explanation });
    }

    fn knows(&self, rank: Rank, causes: &[Cause]) -> bool {
        self.found.iter().any(|found| found.rank <= rank && found.explanation.causes == causes)
    }

    /// Two assumptions together, where none alone is exact. `ask` asks a cause again, for the clauses of those that fit.
    pub(crate) fn pairs(&mut self, ask: impl Fn(Cause, &mut Search<'a>)) {
        let Some(delta) = self.delta else { return };
        if self.is_settled() {
            return;
        }
        let shifts = core::mem::take(&mut self.shifts);
        let mut told = 0;
        for (at, one) in shifts.iter().enumerate() {
            let rest = delta.checked_sub(one.by);
            let fitting = |other: &&Shift| Some(other.by) == rest && other.figure != one.figure;
            for other in shifts.iter().skip(at + 1).filter(fitting) {
                let causes = [one.cause, other.cause];
                // All are of one rank: what comes behind so many is not told.
                if told == MAX_EXPLANATIONS || self.knows(Rank::ExactPair, &causes) {
                    continue;
                }
                told += 1;
                let clause = format!("{}, and {}", self.retell(one, &ask), self.retell(other, &ask));
                let broken = self.broken;
                self.keep(Rank::ExactPair, &causes, || None, || shifted(broken, &[one.by, other.by], &clause));
            }
        }
    }

    /// The clause of an assumption, from its cause.
    fn retell(&mut self, shift: &Shift, ask: impl Fn(Cause, &mut Search<'a>)) -> String {
        self.retold = Some((shift.offer, String::new()));
        ask(shift.cause, self);
        self.retold.take().map(|(_, clause)| clause).unwrap_or_default()
    }

    /// What fits, the most plausible first, and the place it follows from if it is a consequence.
    pub(crate) fn finish(mut self) -> (Vec<Explanation>, Option<Place>) {
        // Stable: within a rank, the order of the table.
        self.found.sort_by_key(|found| found.rank);
        let root = self.found.first_mut().and_then(|first| first.root.take());
        // What fits only by a stretch is no help beside what fits by itself.
        let better = self.found.first().is_some_and(|first| first.rank <= Rank::Likely);
        let told = self.found.into_iter().filter(|found| !better || found.rank < Rank::Weak);
        (told.take(MAX_EXPLANATIONS).map(|found| found.explanation).collect(), root)
    }
}

/// The clause with the arithmetic: `...: 12 + 1 + 2 = 15`.
fn shifted(broken: &Broken, shifts: &[Amount], clause: &str) -> String {
    let mut message = String::with_capacity(clause.len() + 64);
    message.push_str(clause);
    message.push_str(": ");
    message.push_str(&broken.expected.text());
    for by in shifts {
        message.push_str(if by.is_negative() { " - " } else { " + " });
        message.push_str(&by.abs().text());
    }
    message.push_str(" = ");
    message.push_str(&broken.stated.text());
    message
}
