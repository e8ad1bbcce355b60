//! Repairs: the edits that make an order right, or the reason why a repair is withheld.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::calculate::{complete_one, missing};
use crate::edit::{Applicability, Edit};
use crate::findings::{Findings, each_of, find};
use crate::kind::ViolationKind;
use crate::mistakes::{Mistake, Search, Story, search};
use crate::order::{Charge, Field, Order, Place, Unusable};
use crate::policy::Policy;
use crate::rules::Rule;
use crate::text_form::named;

/// What a repair may write, and which diagnosis it prefers if the order's figures cannot choose.
///
/// ```
/// use ordercharge::{Applicability, Mistake, RepairOptions};
///
/// let mut options = RepairOptions::default(); // what `fix --unsafe` writes
/// options.prefer = vec![Mistake::PricesIncludeTax];
/// options.applicability = Applicability::Safe; // only what is safe
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepairOptions {
    /// `Safe` writes only what needs no diagnosis.
    pub applicability: Applicability,
    /// If several diagnoses share the first rank, one with one of these mistakes is written. Free amounts are allowed.
    pub prefer: Vec<Mistake>,
    /// The mistakes of the mapping that the order comes from. A diagnosis of only these is written, whatever else would explain
    /// the order. Free amounts are allowed.
    pub mapping: Vec<Mistake>,
    /// Trusts the inputs: every derived amount is calculated from them and overwritten, and no diagnosis is used.
    pub recalculate: bool,
}

impl Default for RepairOptions {
    fn default() -> Self {
        RepairOptions {
            applicability: Applicability::Unsafe,
            prefer: Vec::new(),
            mapping: Vec::new(),
            recalculate: false,
        }
    }
}

/// A set of edits after which every identity that can be checked holds and nothing is newly wrong, or the reason why it is
/// withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Repair {
    /// Whether `fix` writes it, or only `fix --unsafe`.
    pub applicability: Applicability,
    /// The edits, each at a different place. Empty if the repair is withheld.
    pub edits: Vec<Edit>,
    /// Why nothing is written although something is wrong.
    pub withheld: Option<Withheld>,
}

impl Repair {
    /// The order with the edits applied.
    #[must_use]
    pub fn apply(&self, order: &Order) -> Order {
        let mut order = order.clone();
        for edit in &self.edits {
            order.put(&edit.place, edit.value);
        }
        order
    }

    /// By how much the edits change `grand_total`; `None` if they do not, or if the difference has more than 28 digits.
    pub fn moved(&self, order: &Order) -> Option<Amount> {
        let edit = self.edits.iter().find(|edit| edit.place == Place::Field(Field::GrandTotal))?;
        let stated = order.grand_total.amount()?;
        edit.value.checked_sub(stated).map(Amount::abs)
    }
}

/// Why a repair is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Withheld {
    /// No mistake of the table explains the order.
    NoKnownMistake,
    /// The only diagnosis explains just a part of what is wrong.
    Partial,
    /// Several diagnoses share the first rank.
    SharedRank,
    /// The diagnosis has an amount that is in no field of the order.
    FreeAmount,
    /// A right value is not known.
    ValueUnknown,
    /// The evidence for the diagnosis is too weak.
    ThinEvidence,
    /// Something would still be wrong, or newly wrong.
    NotEnough,
    /// Amounts under different names disagree, or lines may have been left out of the order.
    Unsure,
}

named!(
    Withheld,
    "reason of a withheld repair",
    NoKnownMistake = "no known mistake explains the order",
    Partial = "the diagnosis explains only a part of what is wrong",
    SharedRank = "several diagnoses fit equally well: choose one with --prefer",
    FreeAmount = "an amount is in no field of the order: confirm the diagnosis with --prefer or --from-mapping",
    ValueUnknown = "a right value cannot be known from the order",
    ThinEvidence = "the evidence for the diagnosis is weak: confirm it with --prefer",
    NotEnough = "something would still be wrong afterwards",
    Unsure = "amounts may be missing from the order",
);

/// Returns the repair of an order, or `None` if nothing is wrong that could be repaired.
///
/// [`Report::repair`](crate::Report::repair) is this repair with the default options.
///
/// ```
/// use ordercharge::{Order, Policy, RepairOptions, repair};
///
/// let order = Order::from_json(br#"{"sub_total": "92.00", "grand_total": "92.00", "items": [
///     {"price": "30.67", "quantity": 3, "extended_amount": "92.00"}
/// ]}"#)?;
/// let repair = repair(&order, &Policy::default(), &RepairOptions::default()).unwrap();
/// assert_eq!(repair.edits[0].place.to_string(), "/items/0/price");
/// assert_eq!(repair.edits[0].value, "30.6667".parse()?);
/// # Ok::<(), ordercharge::Error>(())
/// ```
pub fn repair(order: &Order, policy: &Policy, options: &RepairOptions) -> Option<Repair> {
    let found = find(order, policy);
    if found.violations.is_empty() {
        return None;
    }
    let needed = needs_search(order, &found, options);
    let known = if needed { search(order, policy) } else { None };
    of_findings(order, policy, &found, known.as_ref(), options)
}

fn needs_search(order: &Order, found: &Findings, options: &RepairOptions) -> bool {
    !options.recalculate && options.applicability == Applicability::Unsafe && found.may_be_diagnosed(order)
}

/// The most repairs that are applied one after the other and written as one.
const MOST_STEPS: usize = 4;

/// The repair of an order whose findings and stories are known. It includes what can be repaired only after the first
/// edits, so that a second repair has nothing left to write.
pub(crate) fn of_findings(
    order: &Order,
    policy: &Policy,
    found: &Findings,
    known: Option<&Search>,
    options: &RepairOptions,
) -> Option<Repair> {
    let mut steps = match step(order, policy, found, known, options)? {
        Ok(first) => first,
        Err(withheld) => return Some(Repair::withheld(withheld)),
    };
    for _ in 1..MOST_STEPS {
        let Step { after, now, .. } = &steps;
        let known = if needs_search(after, now, options) { search(after, policy) } else { None };
        if let Some(Ok(next)) = step(after, policy, now, known.as_ref(), options) {
            steps.join(next);
        } else {
            let Step { applicability, mut edits, .. } = steps;
            edits.retain(|edit| order.charge_at(&edit.place) != Charge::Amount(edit.value));
            return Some(Repair { applicability, edits, withheld: None }).filter(|repair| !repair.edits.is_empty());
        }
    }
    Some(Repair::withheld(Withheld::NotEnough))
}

/// One repair, with one diagnosis or none.
fn step(
    order: &Order,
    policy: &Policy,
    found: &Findings,
    known: Option<&Search>,
    options: &RepairOptions,
) -> Option<Result<Step, Withheld>> {
    if found.violations.is_empty() {
        return None;
    }
    let safe = safe_edits(order, policy, found);
    let request = Request { order, policy, found };
    // Safe edits are written together with those of a diagnosis, so that a second repair has nothing left to do.
    let more = options.applicability == Applicability::Unsafe
        && (options.recalculate || known.is_some_and(|known| known.is_explained(&options.mapping)));
    if !safe.is_empty()
        && !more
        && let Some(step) = request.accept_most(&[], &safe, Applicability::Safe)
        && !step.edits.is_empty()
    {
        return Some(Ok(step));
    }
    if options.applicability == Applicability::Safe {
        return None;
    }
    let unsafe_edits = if options.recalculate {
        Some(recalculated(order, policy))
    } else {
        match known.map(|known| choose(order, known, options)) {
            Some(Ok(edits)) => Some(edits),
            Some(Err(Withheld::NoKnownMistake)) | None if !found.has_broken_identity() => None,
            Some(Err(withheld)) => return Some(Err(withheld)),
            None => return Some(Err(Withheld::NoKnownMistake)),
        }
    }?;
    if order.lines().is_empty() {
        return None;
    }
    if lowers_sub_total(order, &unsafe_edits) && lines_may_be_left_out(order) {
        return Some(Err(Withheld::Unsure));
    }
    let changes = |edit: &Edit| order.charge_at(&edit.place) != Charge::Amount(edit.value);
    // What a diagnosis says goes together. What is calculated anew where nothing was stated may be left out.
    let (edits, mut optional): (Vec<Edit>, Vec<Edit>) = unsafe_edits
        .into_iter()
        .filter(changes)
        .partition(|edit| !options.recalculate || !order.charge_at(&edit.place).is_unset());
    add(&mut optional, safe);
    optional.retain(changes);
    let unusable = |edit: &Edit| order.charge_at(&edit.place) == Charge::Unusable(Unusable::Duplicate);
    if edits.iter().chain(&optional).any(unusable) {
        return Some(Err(Withheld::ValueUnknown));
    }
    // A misnamed amount moves to its right name, if everything still holds then.
    let mut renamed = optional.clone();
    add(&mut renamed, Edit::of_other_names(order));
    let accept = |optional: &[Edit]| request.accept_most(&edits, optional, Applicability::Unsafe);
    match accept(&renamed).or_else(|| accept(&optional)) {
        Some(step) if step.edits.is_empty() => None,
        Some(step) => Some(Ok(step)),
        None => Some(Err(Withheld::NotEnough)),
    }
}

/// Adds the edits at places that have none yet.
fn add(edits: &mut Vec<Edit>, others: Vec<Edit>) {
    if others.is_empty() {
        return;
    }
    let known: BTreeSet<Place> = edits.iter().map(|edit| edit.place.clone()).collect();
    edits.extend(others.into_iter().filter(|edit| !known.contains(&edit.place)));
}

impl Repair {
    fn withheld(why: Withheld) -> Repair {
        Repair { applicability: Applicability::Unsafe, edits: Vec::new(), withheld: Some(why) }
    }
}

/// Edits that may be written, with the order that they give and the findings in it.
struct Step {
    applicability: Applicability,
    edits: Vec<Edit>,
    after: Order,
    now: Findings,
}

impl Step {
    /// These edits followed by the next ones.
    fn join(&mut self, next: Step) {
        let again: BTreeSet<&Place> = next.edits.iter().map(|edit| &edit.place).collect();
        self.edits.retain(|edit| !again.contains(&edit.place));
        self.edits.extend(next.edits);
        self.applicability = self.applicability.max(next.applicability);
        (self.after, self.now) = (next.after, next.now);
    }
}

struct Request<'a> {
    order: &'a Order,
    policy: &'a Policy,
    found: &'a Findings,
}

impl Request<'_> {
    /// The edits, if every identity that can be checked holds after them and nothing is newly wrong; else where something is.
    fn accept(&self, edits: &[Edit], applicability: Applicability) -> Result<Step, BTreeSet<Place>> {
        let mut after = self.order.clone();
        for edit in edits {
            after.put(&edit.place, edit.value);
        }
        let now = find(&after, self.policy);
        if now.places().next().is_none() {
            return Ok(Step { applicability, edits: edits.to_vec(), after, now });
        }
        let known: BTreeSet<(Rule, &Place)> = self.found.places().collect();
        let wrong = now.places().filter(|is| is.0.is_identity() || !known.contains(is));
        let wrong: BTreeSet<Place> = wrong.map(|(_, place)| place.clone()).collect();
        if wrong.is_empty() { Ok(Step { applicability, edits: edits.to_vec(), after, now }) } else { Err(wrong) }
    }

    /// Like [`Request::accept`], with as many of the optional edits as may be made. Lines do not depend on each other, so all
    /// that must stay as they are fall away at once: the number of rounds does not grow with the lines.
    fn accept_most(&self, edits: &[Edit], optional: &[Edit], applicability: Applicability) -> Option<Step> {
        let mut optional = optional.to_vec();
        loop {
            let mut all = edits.to_vec();
            add(&mut all, optional.clone());
            let wrong = match self.accept(&all, applicability) {
                Ok(step) => return Some(step),
                Err(_) if optional.is_empty() => return None,
                Err(wrong) => wrong,
            };
            let count = optional.len();
            for blames in BLAMES {
                optional.retain(|edit| !blames(&wrong, edit));
                if optional.len() < count {
                    break;
                }
            }
            if optional.len() == count {
                optional.clear();
            }
        }
    }
}

/// Which edits may be to blame for something at those places: the first that is so of some is taken for all of them.
const BLAMES: [fn(&BTreeSet<Place>, &Edit) -> bool; 4] = [
    |wrong, edit| wrong.contains(&edit.place),
    |wrong, edit| {
        let line = edit.place.line();
        line.is_some_and(|line| {
            let at = Place::Line(line);
            wrong.contains(&at) || Field::ALL.iter().any(|field| wrong.contains(&Place::LineField(line, *field)))
        })
    },
    |wrong, edit| {
        // What the lines add up to.
        let total = match edit.place {
            Place::LineField(_, Field::Tax) => Field::SalesTax,
            Place::LineField(_, Field::AddlDiscount) => Field::OrderDiscount,
            Place::LineField(..) => Field::SubTotal,
            _ => return false,
        };
        wrong.contains(&Place::Field(total))
    },
    |wrong, edit| matches!(edit.place, Place::Field(_)) && wrong.contains(&Place::Field(Field::GrandTotal)),
];

/// Whether lines of the order may be missing: the API filters the lines in a reply.
fn lines_may_be_left_out(order: &Order) -> bool {
    order.from_reply || order.lines().iter().any(|line| line.filtered)
}

fn lowers_sub_total(order: &Order, edits: &[Edit]) -> bool {
    edits.iter().any(|edit| {
        edit.place == Place::Field(Field::SubTotal)
            && order.sub_total.amount().is_some_and(|stated| edit.value < stated)
    })
}

/// The edits of the diagnosis that may be written.
fn choose(order: &Order, known: &Search, options: &RepairOptions) -> Result<Vec<Edit>, Withheld> {
    if let Some(story) = known.of_mistakes(&options.mapping) {
        if known.has_rival(story) {
            return Err(Withheld::SharedRank);
        }
        return known.edits(order, story).ok_or(Withheld::ValueUnknown);
    }
    let first = known.first_rank();
    let is_preferred = |story: &&Story| story.mistakes.mistakes().any(|mistake| options.prefer.contains(&mistake));
    let preferred: Vec<&Story> = first.iter().copied().filter(is_preferred).collect();
    let confirmed = !preferred.is_empty();
    let choices = if confirmed { preferred } else { first };
    // Of stories with the same right order, the one that needs the least confirmation.
    let readiness = |story: &&Story| (story.partial, story.free, story.is_thin());
    let story = choices.iter().copied().min_by_key(readiness).ok_or(Withheld::NoKnownMistake)?;
    if choices.iter().all(|story| story.partial) {
        return Err(Withheld::Partial);
    }
    if !choices.iter().all(|other| other.right.is_same(&story.right)) {
        return Err(Withheld::SharedRank);
    }
    if story.free && !confirmed {
        return Err(Withheld::FreeAmount);
    }
    if story.is_thin() && !confirmed {
        return Err(Withheld::ThinEvidence);
    }
    known.edits(order, story).ok_or(Withheld::ValueUnknown)
}

/// The edits that need no diagnosis: a balance of 0, blank derived amounts, and changes of less than half a minor unit.
fn safe_edits(order: &Order, policy: &Policy, found: &Findings) -> Vec<Edit> {
    let mut edits = Vec::new();
    if order.lines().is_empty() {
        return edits;
    }
    let balance = found.violations.iter().find(|violation| violation.rule == Rule::Balance);
    if let Some(violation) = balance {
        edits.push(Edit::new(order, violation.place.clone(), Amount::ZERO));
    }
    let minor_unit = order.currency.decimals();
    let is_small = |kind: &ViolationKind| kind.difference().is_some_and(|off| is_tail(off, minor_unit));
    // Of those that are not listed, any may be small.
    let tails = found.violations.iter().any(|violation| violation.rule.is_identity() && is_small(&violation.kind))
        || found.further.iter().any(|(rule, ..)| rule.is_identity());
    if !tails && !found.has(Rule::EmptyAmount) {
        return edits;
    }
    let mut after = order.clone();
    let steps = [Rule::ExtendedAmount, Rule::SalesTax, Rule::OrderDiscount, Rule::SubTotal, Rule::GrandTotal];
    for rule in steps {
        if !tails {
            continue;
        }
        let mut small = Vec::new();
        each_of(&after, policy, rule, |place, kind| {
            if is_small(&kind) {
                small.extend(kind.expected().map(|expected| (place, expected)));
            }
        });
        for (place, expected) in small {
            after.put(&place, expected);
            edits.push(Edit::new(order, place, expected));
        }
    }
    if found.has(Rule::EmptyAmount) {
        for (place, amount) in missing(&after, &policy.options) {
            if order.charge_at(&place) == Charge::Blank {
                edits.push(Edit::new(order, place, amount));
            }
        }
    }
    edits
}

/// Every derived amount that is stated, calculated again from the inputs: lines first, then the header.
fn recalculated(order: &Order, policy: &Policy) -> Vec<Edit> {
    let mut after = order.clone();
    for edit in Edit::of_other_names(order) {
        after.put(&edit.place, edit.value);
    }
    complete_one(&mut after, &policy.options);
    let places = after.charges().filter(|(place, charge)| order.charge_at(place) != *charge);
    places.filter_map(|(place, charge)| Some(Edit::new(order, place, charge.amount()?))).collect()
}

/// Whether a difference is less than half a minor unit.
pub(crate) fn is_tail(off: Amount, minor_unit: u32) -> bool {
    Amount::new(5, minor_unit + 1).is_some_and(|half| off.abs() < half)
}
