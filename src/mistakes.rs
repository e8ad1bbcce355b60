//! Mistakes: what a mapping or a program did to a right order. The rows of the table make and undo them; the search finds
//! the mistakes that explain a wrong order.

mod diagnose;
mod figures;
mod header;
mod lines;
mod rates;
mod steps;
mod table;
mod total;
mod witness;

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::amount::{Amount, InWords};
use crate::currency::Currency;
use crate::edit::Edit;
use crate::error::Error;
use crate::order::{Field, FieldSet, Order, Place};
use crate::policy::Policy;
use crate::text_form::{named, serde_as_text};

pub(crate) use diagnose::{Fit, MistakeSet, Stories, Story};
pub(crate) use figures::Figures;
pub use table::Mistake;
pub(crate) use witness::Bits;
use witness::MARGIN;

/// How certain a diagnosis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// Every right value is determined to the last digit by the order's own figures.
    Exact,
    /// It fits only within rounding, assumes a usual tax rate or pack size, or has an amount that is in no field.
    Likely,
}

named!(Certainty, "certainty", Exact = "exact", Likely = "likely");

/// What may have happened to an order: the smallest set of mistakes such that, when they are undone, every identity that
/// can be checked holds and no other rule is newly broken.
///
/// `Display` writes it as a sentence. [`remedy`](Diagnosis::remedy) says what to change in the mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// 1 for the best. The figures of the order cannot decide between diagnoses that share a rank.
    pub rank: u32,
    /// How certain it is.
    pub certainty: Certainty,
    /// Whether something is still broken after it is undone.
    pub partial: bool,
    /// Whether it has an amount that is in no field of the order.
    pub free_amount: bool,
    /// The mistakes, in the order of the table.
    pub mistakes: Vec<MistakeAt>,
    /// The fields that are wrong.
    pub culprits: Vec<Culprit>,
    /// The amounts that the diagnosis leaves as they are and that agree with each other. Empty unless it is in the first
    /// rank.
    pub witnesses: Vec<Place>,
}

/// A mistake, and the fields that it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MistakeAt {
    /// The mistake.
    #[serde(rename = "name")]
    pub mistake: Mistake,
    /// The fields.
    #[serde(rename = "paths")]
    pub places: Vec<Place>,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Culprit {
    /// Where.
    #[serde(rename = "path")]
    pub place: Place,
    /// What the order states there.
    pub stated: Option<Amount>,
    /// What it should be; `None` if that cannot be known.
    pub right: Option<Amount>,
}

/// The most culprits that a sentence lists.
const LISTED: usize = 4;

impl Diagnosis {
    /// What to change in the mapping: a clause for each mistake.
    pub fn remedy(&self) -> String {
        let remedies: Vec<&str> = self.mistakes.iter().map(|made| made.mistake.remedy()).collect();
        remedies.join("; ")
    }

    /// Whether it is in the first rank.
    pub fn is_first(&self) -> bool {
        self.rank == 1
    }

    /// The names of its mistakes: `misnamed-field + discount-not-subtracted`.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.mistakes.iter().map(|made| made.mistake.name()).collect();
        names.join(" + ")
    }
}

impl Diagnosis {
    /// The diagnosis in a sentence: what `Display` prints.
    pub fn message(&self) -> String {
        let mut message = String::with_capacity(160);
        // Writing to a string does not fail.
        let _ = self.write(None, &mut message);
        message
    }

    /// Like [`message`](Diagnosis::message), but money has the decimals of the order's currency, as people write it.
    pub fn message_in(&self, currency: &Currency) -> String {
        let mut message = String::with_capacity(160);
        let _ = self.write_in(currency, &mut message);
        message
    }

    /// Writes what [`message_in`](Diagnosis::message_in) returns.
    pub fn write_in(&self, currency: &Currency, out: &mut impl fmt::Write) -> fmt::Result {
        self.write(Some(currency.decimals()), out)
    }

    /// Writing the parts one by one takes half of the time of a format string.
    fn write(&self, decimals: Option<u32>, out: &mut impl fmt::Write) -> fmt::Result {
        for (at, made) in self.mistakes.iter().enumerate() {
            out.write_str(if at == 0 { "" } else { ", and " })?;
            out.write_str(made.mistake.row().plain)?;
        }
        out.write_str(": ")?;
        for (at, culprit) in self.culprits.iter().take(LISTED).enumerate() {
            out.write_str(if at == 0 { "" } else { "; " })?;
            culprit.write(decimals, out)?;
        }
        match self.culprits.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => write!(out, "; and {more} more"),
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(None, f)
    }
}

impl Culprit {
    fn write(&self, decimals: Option<u32>, out: &mut impl fmt::Write) -> fmt::Result {
        let decimals = decimals.filter(|_| self.place.field() != Some(Field::Quantity));
        self.place.write_in_words(out)?;
        match self.stated {
            Some(stated) => {
                out.write_str(" is ")?;
                InWords { amount: stated, decimals }.write(out)?;
            }
            None => out.write_str(if self.right.is_some() { " is unset" } else { " is incomplete" })?,
        }
        match (self.stated, self.right) {
            (_, Some(right)) => {
                out.write_str(", should be ")?;
                InWords { amount: right, decimals }.write(out)
            }
            (Some(_), None) => out.write_str(", which cannot be right"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(None, f)
    }
}

impl Mistake {
    /// The stable name: `price-is-line-total`.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// What is wrong, as a clause; names of fields are in backticks.
    pub const fn what(self) -> &'static str {
        self.row().what
    }

    /// What to change in the mapping.
    pub const fn remedy(self) -> &'static str {
        self.row().remedy
    }

    /// Whether it has an amount that is in no field of the order, such as a fee that was not sent.
    pub const fn has_free_amount(self) -> bool {
        self.row().free_amount
    }

    /// What happened, in a few sentences.
    pub fn explanation(self) -> String {
        let lines: Vec<&str> = self.row().explanation.lines().map(str::trim).collect();
        lines.join("\n").trim().to_owned()
    }

    /// Whether it reverses a sign while the amounts still agree.
    pub(crate) fn is_about_signs(self) -> bool {
        matches!(self, Mistake::DiscountSentAsLine | Mistake::DiscountSentAsCharge | Mistake::AmountSign)
    }

    /// Whether it multiplies amounts by a power of ten.
    pub(crate) fn is_scale(self) -> bool {
        matches!(self, Mistake::MinorUnitsOnLines | Mistake::MinorUnitsInHeader)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Mistake {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Mistake::ALL.iter().copied().find(|mistake| mistake.name() == name);
        known.ok_or_else(|| {
            let names = || Mistake::ALL.iter().map(|mistake| mistake.name());
            let near = names().find(|known| known.contains(name) || name.contains(*known));
            Error::unknown_name("mistake", name, near.map(str::to_owned))
        })
    }
}

serde_as_text!(Mistake);

/// A diagnosis in serde: every key is always there.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Diagnosis")]
struct Written {
    rank: u32,
    certainty: Certainty,
    partial: bool,
    free_amount: bool,
    mistakes: Vec<MistakeAt>,
    culprits: Vec<Culprit>,
    witnesses: Vec<Place>,
    message: String,
    remedy: String,
}

/// Serialises as an object with `rank`, `certainty`, `partial`, `free_amount`, `mistakes`, `culprits`, `witnesses`,
/// `message` and `remedy`. The last two are made from the others and are not read back.
impl Serialize for Diagnosis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            rank: self.rank,
            certainty: self.certainty,
            partial: self.partial,
            free_amount: self.free_amount,
            mistakes: self.mistakes.clone(),
            culprits: self.culprits.clone(),
            witnesses: self.witnesses.clone(),
            message: self.to_string(),
            remedy: self.remedy(),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Diagnosis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        Ok(Diagnosis {
            rank: written.rank,
            certainty: written.certainty,
            partial: written.partial,
            free_amount: written.free_amount,
            mistakes: written.mistakes,
            culprits: written.culprits,
            witnesses: written.witnesses,
        })
    }
}

/// The most diagnoses that are reported of one order.
const MOST_REPORTED: usize = 6;

/// The result of the search for one order: the explanations found, and the order in millionths.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) stories: Stories,
    figures: Figures,
}

/// Searches for the mistakes in an order. `None` if nothing is wrong that they could explain, or its amounts are too large.
pub(crate) fn search(order: &Order, policy: &Policy) -> Option<Search> {
    let figures = Figures::new(order, policy)?;
    let stories = diagnose::stories(&figures);
    Some(Search { stories, figures })
}

impl Search {
    /// The explanations, best first, each after its rank.
    fn ranked(&self) -> impl Iterator<Item = (u32, &Story)> {
        diagnose::ranked(self.stories.found.iter().filter(|story| !story.of_many))
    }

    /// Whether there is an explanation that may be reported, or one by these mistakes only.
    pub(crate) fn is_explained(&self, mistakes: &[Mistake]) -> bool {
        self.ranked().next().is_some() || self.of_mistakes(mistakes).is_some()
    }

    /// The explanations of the first rank.
    pub(crate) fn first_rank(&self) -> Vec<&Story> {
        self.ranked().take_while(|(rank, _)| *rank == 1).map(|(_, story)| story).collect()
    }

    /// The edits that undo an explanation; `None` if a right value is not known.
    pub(crate) fn edits(&self, order: &Order, story: &Story) -> Option<Vec<Edit>> {
        story.culprits.iter().map(|(place, right)| Some(Edit::new(order, place.clone(), (*right)?.amount()))).collect()
    }

    /// The best explanation by these mistakes only.
    pub(crate) fn of_mistakes(&self, mistakes: &[Mistake]) -> Option<&Story> {
        let among = self.stories.fits.iter().filter(|fit| fit.mistakes.is_among(mistakes));
        let best = among.min_by_key(|fit| (fit.extra + fit.mistakes.bits(), fit.mistakes))?;
        self.stories.found.iter().find(|story| story.number == best.story && !story.partial)
    }

    /// Whether the same mistakes may be in other fields instead, and the figures cannot choose: the prices of two lines were
    /// swapped, or their amounts.
    pub(crate) fn has_rival(&self, story: &Story) -> bool {
        let fields = |story: &Story| -> FieldSet { story.culprits.iter().filter_map(|(at, _)| at.field()).collect() };
        let is_close = |other: &Story| (other.bits - story.bits).abs() <= MARGIN && other.mistakes == story.mistakes;
        let known = fields(story);
        let is_elsewhere = |other: &Story| fields(other).without(known) == fields(other);
        !story.free && self.stories.found.iter().any(|other| is_close(other) && is_elsewhere(other))
    }

    /// The diagnoses, best first.
    pub(crate) fn diagnoses(&self, order: &Order) -> Vec<Diagnosis> {
        let reported = self.ranked().take(MOST_REPORTED);
        reported.map(|(rank, story)| diagnosis(&self.figures, order, story, rank)).collect()
    }
}

/// The order with a mistake made in it, if it has what the mistake needs.
#[cfg(feature = "generate")]
pub(crate) fn make(mistake: Mistake, order: &Order, policy: &Policy, pick: usize) -> Option<Order> {
    let figures = Figures::new(order, policy)?;
    let wrong = (mistake.row().make)(&figures, pick)?;
    Some(wrong.write_to(&figures, order))
}

fn diagnosis(figures: &Figures, order: &Order, story: &Story, rank: u32) -> Diagnosis {
    let culprit = |(place, right): &(Place, Option<figures::Fixed>)| Culprit {
        place: place.clone(),
        stated: order.charge_at(place).amount(),
        right: right.map(figures::Fixed::amount),
    };
    let certainty = if story.exact { Certainty::Exact } else { Certainty::Likely };
    Diagnosis {
        rank,
        certainty,
        partial: story.partial,
        free_amount: story.free,
        mistakes: story.places().into_iter().map(|(mistake, places)| MistakeAt { mistake, places }).collect(),
        culprits: story.culprits.iter().map(culprit).collect(),
        witnesses: if rank == 1 { witness::witnesses(figures, &story.culprits) } else { Vec::new() },
    }
}
