//! Causes: why a stated amount is what it is. The table's rows say what to try, the search beside it what fits.

mod books;
mod search;
mod table;

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::amount::Amount;
use crate::calculate::{Calculation, Rounding};
use crate::error::Error;
use crate::order::{Field, Place};

use books::{Books, Corrected, LineFigures};
use search::Search;

pub use table::Cause;

/// How sure a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Its formula gives the stated amount to the last digit.
    Exact,
    /// It would lead to an amount like the stated one.
    Likely,
}

impl Certainty {
    /// Its name: `exact`.
    pub const fn name(self) -> &'static str {
        match self {
            Certainty::Exact => "exact",
            Certainty::Likely => "likely",
        }
    }
}

/// Why a stated amount may be what it is: one cause, or two together, in plain words with the order's own figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The causes that hold together.
    pub causes: Vec<Cause>,
    /// How sure that is.
    pub certainty: Certainty,
    /// The sentence.
    pub message: String,
}

/// An identity that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) place: Place,
    pub(crate) stated: Amount,
    pub(crate) expected: Amount,
}

/// What is known of one broken identity.
#[derive(Debug, Default)]
pub(crate) struct Explained {
    pub(crate) explanations: Vec<Explanation>,
    /// Where the fault is that this one follows from.
    pub(crate) root: Option<Place>,
}

/// Tried only when nothing else fits.
const LAST_RESORT: Cause = Cause::FeeOrTip;

/// Explains what is broken, in the same order.
pub(crate) fn explain(calculation: &Calculation<'_>, rounding: Rounding, broken: &[Broken]) -> Vec<Explained> {
    if broken.is_empty() {
        return Vec::new();
    }
    let books = Books::new(calculation, rounding, broken);
    let mut explained: Vec<Explained> = broken.iter().map(|broken| search(&books, broken)).collect();
    // A consequence of a consequence names the root of both.
    for at in 0..explained.len() {
        let next = |place: &Place| {
            let at = broken.iter().position(|broken| broken.place == *place)?;
            explained.get(at)?.root.clone()
        };
        let root = explained.get(at).and_then(|explained| explained.root.as_ref());
        if let Some(further) = root.and_then(next)
            && let Some(explained) = explained.get_mut(at)
        {
            explained.root = Some(further);
        }
    }
    explained
}

/// Asks every cause about one broken identity.
fn search(books: &Books<'_>, broken: &Broken) -> Explained {
    let mut search = Search::new(broken, LAST_RESORT);
    let ask = |cause: Cause, search: &mut Search<'_>| {
        search.ask(cause);
        (cause.row().finds)(books, broken, search);
    };
    let others = Cause::ALL.iter().copied().filter(|cause| *cause != LAST_RESORT);
    others.for_each(|cause| ask(cause, &mut search));
    search.pairs(ask);
    if !search.is_settled() {
        for corrected in books.corrected(broken) {
            beside_correction(&corrected, broken, &mut search);
        }
    }
    if search.is_empty() {
        ask(LAST_RESORT, &mut search);
    }
    let (explanations, root) = search.finish();
    Explained { explanations, root }
}

/// What else is wrong with an amount that was worked out from the right amount of something that is wrong itself: the
/// causes are tried on books that hold that right amount.
fn beside_correction(corrected: &Corrected<'_>, broken: &Broken, search: &mut Search<'_>) {
    let Corrected { books, expected, places } = corrected;
    // That is explained by the corrections alone.
    if *expected == broken.stated {
        return;
    }
    let broken = Broken { expected: *expected, ..broken.clone() };
    let mut beside = Search::new(&broken, Cause::CorrectedAmount);
    for cause in Cause::ALL.iter().copied().filter(|cause| ![Cause::CorrectedAmount, LAST_RESORT].contains(cause)) {
        beside.ask(cause);
        (cause.row().finds)(books, &broken, &mut beside);
    }
    search.beside(Cause::CorrectedAmount, beside, || {
        let names: Vec<&str> = places.iter().map(|(place, _)| place.name()).collect();
        match places.as_slice() {
            [(place, amount)] => format!("{place} was taken as {amount}, which it should be"),
            _ if names.iter().all(|name| Some(name) == names.first()) => {
                format!("{} lines were taken with the extended_amount they should have", names.len())
            }
            _ => format!("{} were taken as they should be", names.join(" and ")),
        }
    });
}

impl Broken {
    /// The header field it is about.
    fn header(&self) -> Option<Field> {
        match self.place {
            Place::Field(field) => Some(field),
            _ => None,
        }
    }

    fn is(&self, field: Field) -> bool {
        self.header() == Some(field)
    }

    /// The figures of the line it is about.
    fn line<'b>(&self, books: &'b Books<'_>) -> Option<&'b LineFigures> {
        books.lines.get(self.place.line()?)
    }
}

impl Cause {
    /// The stable name: `discount-not-subtracted`.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The amounts it may explain, in letters: `e` for `extended_amount`, `S`, `T`, `D`, `G` for the header.
    pub const fn on(self) -> &'static str {
        self.row().on
    }

    /// The formula it rests on, in letters.
    pub const fn signature(self) -> &'static str {
        self.row().signature
    }

    /// What must be other than 0, or so, for it to be tried.
    pub const fn guard(self) -> &'static str {
        self.row().guard
    }

    /// How sure it is when it fits.
    pub const fn certainty(self) -> Certainty {
        self.row().certainty
    }

    /// What happened.
    pub fn explanation(self) -> String {
        let lines: Vec<&str> = self.row().explanation.lines().map(str::trim).collect();
        lines.join("\n").trim().to_owned()
    }
}

impl Cause {
    /// The whole row as a section of Markdown, as in `docs/causes.md`.
    pub fn markdown(self) -> String {
        let guard = if self.guard().is_empty() { String::new() } else { format!(" Tried where: {}.", self.guard()) };
        format!(
            "## `{}`\n\n{}\n\nOn {}: {}.{guard} Certainty: {}.\n",
            self.name(),
            self.explanation(),
            self.on(),
            self.signature(),
            self.certainty().name(),
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Cause {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Cause::ALL.iter().copied().find(|cause| cause.name() == name);
        known.ok_or_else(|| Error::unknown_name("cause", name, None))
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
