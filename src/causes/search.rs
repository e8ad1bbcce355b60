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

struct Shift {
    cause: Cause,
    by: Amount,
    figure: Figure,
    clause: String,
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
    delta: Option<Amount>,
    shifts: Vec<Shift>,
    found: Vec<Candidate>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(broken: &'a Broken, first: Cause) -> Search<'a> {
        let delta = broken.stated.checked_sub(broken.expected);
        Search { broken, cause: first, delta, shifts: Vec::new(), found: Vec::new() }
    }

    pub(crate) fn ask(&mut self, cause: Cause) {
        self.cause = cause;
    }

    /// Whether anything fits so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// An assumption that shifts the expected amount, alone or with another. One that shifts it by nothing explains
    /// nothing.
    pub(crate) fn shift(&mut self, by: Option<Amount>, figure: Figure, clause: impl FnOnce(Amount) -> String) {
        let Some(by) = by.filter(|by| !by.is_zero()) else { return };
        let fits = self.delta == Some(by);
        if !fits && self.shifts.len() >= MAX_SHIFTS {
            return;
        }
        let clause = clause(by);
        if fits {
            self.keep(Rank::Exact, None, vec![self.cause], shifted(self.broken, &[by], &clause));
        }
        self.shifts.push(Shift { cause: self.cause, by, figure, clause });
    }

    /// An assumption that is tried alone only.
    pub(crate) fn single(&mut self, by: Option<Amount>, clause: impl FnOnce() -> String) {
        if let Some(by) = by.filter(|by| !by.is_zero() && self.delta == Some(*by)) {
            let message = shifted(self.broken, &[by], &clause());
            // Of several lines that fit each is told.
            let known = self.found.iter().filter(|found| found.explanation.causes == [self.cause]).count();
            if known < MAX_ALIKE {
                let explanation = Explanation { causes: vec![self.cause], certainty: Certainty::Exact, message };
                self.found.push(Candidate { rank: Rank::Exact, root: None, explanation });
            }
        }
    }

    /// The right amount of something that is wrong was used: a consequence of that.
    pub(crate) fn consequence(
        &mut self,
        by: Option<Amount>,
        figure: Figure,
        root: Place,
        clause: impl FnOnce() -> String,
    ) {
        let Some(by) = by.filter(|by| !by.is_zero()) else { return };
        let clause = clause();
        if self.delta == Some(by) {
            let message = shifted(self.broken, &[by], &clause);
            self.keep(Rank::Consequence, Some(root), vec![self.cause], message);
        }
        if self.shifts.len() < MAX_SHIFTS {
            self.shifts.push(Shift { cause: self.cause, by, figure, clause });
        }
    }

    /// A formula that gives another amount.
    pub(crate) fn formula(&mut self, gives: Option<Amount>, clause: impl FnOnce() -> String) {
        self.fits(gives == Some(self.broken.stated), Certainty::Exact, clause);
    }

    /// A condition of its own.
    pub(crate) fn fits(&mut self, fits: bool, certainty: Certainty, clause: impl FnOnce() -> String) {
        if fits {
            let rank = if certainty == Certainty::Exact { Rank::Exact } else { Rank::Likely };
            self.keep(rank, None, vec![self.cause], clause());
        }
    }

    /// A condition that is likely only, and yet explains more than what is exact of a single amount.
    pub(crate) fn prevailing(&mut self, fits: bool, clause: impl FnOnce() -> String) {
        if fits {
            self.keep(Rank::Prevailing, None, vec![self.cause], clause());
        }
    }

    /// Whether a single cause fits.
    pub(crate) fn is_settled(&self) -> bool {
        self.found.iter().any(|found| found.rank <= Rank::Exact)
    }

    /// What fits together with another assumption.
    pub(crate) fn beside(&mut self, cause: Cause, other: Search<'_>, clause: impl FnOnce() -> String) {
        if other.found.is_empty() {
            return;
        }
        let clause = clause();
        for found in other.found {
            let rank = match found.rank {
                Rank::Consequence | Rank::Exact => Rank::ExactPair,
                Rank::Prevailing | Rank::Likely => Rank::LikelyPair,
                _ => Rank::Weak,
            };
            let causes = [&[cause], found.explanation.causes.as_slice()].concat();
            self.keep(rank, None, causes, format!("{clause}, and {}", found.explanation.message));
        }
    }

    /// A condition that fits easily by chance.
    pub(crate) fn weak(&mut self, fits: bool, clause: impl FnOnce() -> String) {
        if fits {
            self.keep(Rank::Weak, None, vec![self.cause], clause());
        }
    }

    fn keep(&mut self, rank: Rank, root: Option<Place>, causes: Vec<Cause>, message: String) {
        let known = self.found.iter().any(|found| found.explanation.causes == causes && found.rank <= rank);
        if known {
            return;
        }
        let certainty = if matches!(rank, Rank::Prevailing | Rank::Likely | Rank::LikelyPair | Rank::Weak) {
            Certainty::Likely
        } else {
            Certainty::Exact
        };
        self.found.push(Candidate { rank, root, explanation: Explanation { causes, certainty, message } });
    }

    /// Two assumptions together, where none alone is exact.
    pub(crate) fn pairs(&mut self) {
        let Some(delta) = self.delta else { return };
        if self.is_settled() {
            return;
        }
        let mut pairs = Vec::new();
        for (at, one) in self.shifts.iter().enumerate() {
            for other in self.shifts.iter().skip(at + 1) {
                if one.figure != other.figure && one.by.checked_add(other.by) == Some(delta) {
                    let clause = format!("{}, and {}", one.clause, other.clause);
                    pairs.push((vec![one.cause, other.cause], shifted(self.broken, &[one.by, other.by], &clause)));
                }
            }
        }
        for (causes, message) in pairs {
            self.keep(Rank::ExactPair, None, causes, message);
        }
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
    let sum: String = shifts
        .iter()
        .map(|by| if by.is_negative() { format!(" - {}", by.abs()) } else { format!(" + {by}") })
        .collect();
    format!("{clause}: {}{sum} = {}", broken.expected, broken.stated)
}
