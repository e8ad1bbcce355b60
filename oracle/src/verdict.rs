//! The exact verdict: every rule of the specification, sections 3 and 4, on rational numbers of any size.
//!
//! The exact numbers show where an amount has too many digits (more than 28, or more than 28 decimals): if a result, or a step
//! towards it, is too long, there is no result but OC302.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::books::{Books, Grid, Result, Row, Stated, Why, kept, zero};
use crate::currency::minor_unit_of;
use crate::exact::{decimals, held, power_of_ten, shown};
use crate::misnamed::misnamed;
use crate::names::{HEADER_NAMES, LINE_NAMES};
use crate::policy::{Policy, Rounding, Severity};
use crate::reader::{Charge, Fields, Items, Order};

/// The rules that only warn.
const WARNINGS: [&str; 9] = ["OC106", "OC204", "OC206", "OC207", "OC208", "OC210", "OC304", "OC305", "OC307"];

/// The verdict on an order.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// What is wrong, by the code of the rule and the place.
    pub findings: BTreeMap<(&'static str, String), Finding>,
    /// The outcome of every identity.
    pub identities: BTreeMap<(&'static str, String), Outcome>,
    /// Every reason why an identity is unchecked.
    pub reasons: BTreeMap<(&'static str, String), BTreeSet<Why>>,
    valid: bool,
}

/// What is wrong at a place.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// The stated amount.
    pub stated: Option<BigRational>,
    /// The expected amount.
    pub expected: Option<BigRational>,
}

/// The outcome of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Held,
    /// It does not hold.
    Broken,
    /// It cannot be decided.
    Unchecked,
}

impl Verdict {
    fn found(
        &mut self,
        code: &'static str,
        place: impl Into<String>,
        stated: Option<&BigRational>,
        expected: Option<BigRational>,
    ) {
        self.findings.insert((code, place.into()), Finding { stated: stated.cloned(), expected });
    }

    /// Whether there is nothing worse than a warning.
    pub fn is_valid(&self) -> bool {
        self.valid
    }

    /// Removes the rules that are off.
    fn weighed(mut self, policy: &Policy) -> Verdict {
        let is_on = |code: &str| policy.severity(code) != Severity::Off;
        self.findings.retain(|(code, _), _| is_on(code));
        self.identities.retain(|(code, _), _| is_on(code));
        self.reasons.retain(|(code, _), _| is_on(code));
        self.valid = self.findings.keys().all(|(code, _)| policy.severity(code) == Severity::Warning);
        self
    }

    /// The verdict as lines, in the order of the codes and the places.
    pub fn lines(&self) -> Vec<String> {
        let findings = self.findings.iter().map(|((code, place), finding)| format!("{code} {place}: {finding}"));
        let identities = self.identities.iter().map(|((code, place), outcome)| format!("{code} {place}: {outcome:?}"));
        findings.chain(identities).chain([format!("valid: {}", self.is_valid())]).collect()
    }
}

impl Policy {
    /// The severity of a rule.
    pub fn severity(&self, code: &str) -> Severity {
        let own = if WARNINGS.contains(&code) { Severity::Warning } else { Severity::Error };
        self.severities.get(code).copied().unwrap_or(own)
    }
}

impl fmt::Display for Finding {
    /// The difference is included if an amount can hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_dash = |number: Option<&BigRational>| number.map_or_else(|| "-".to_owned(), shown);
        let difference = self.stated.as_ref().zip(self.expected.as_ref()).map(|(stated, expected)| stated - expected);
        let difference = or_dash(difference.as_ref().filter(|difference| held(difference)));
        write!(f, "{}, not {}: off by {difference}", or_dash(self.stated.as_ref()), or_dash(self.expected.as_ref()))
    }
}

/// Judges an order.
pub fn judge(order: &Order, policy: &Policy) -> Verdict {
    let mut verdict = Verdict::default();
    if minor_unit_of(&order.currency).is_none() {
        verdict.found("OC307", "/currency_code", None, None);
    }
    let books = Books::new(order, policy.rounding);

    read_alone(order, &mut verdict);
    if let Some(lines) = &books.lines {
        lines.iter().enumerate().for_each(|(at, line)| {
            if let Some(line) = line {
                line_rules(line, books.grid, policy, &format!("/items/{at}"), &mut verdict);
            }
        });
    }
    header_rules(&books, policy, &mut verdict);
    verdict.weighed(policy)
}

/// An identity of the header.
struct Identity {
    code: &'static str,
    name: &'static str,
    /// Whether more is right as well.
    at_least: bool,
}

const IDENTITIES: [Identity; 4] = [
    Identity { code: "OC102", name: "sub_total", at_least: false },
    Identity { code: "OC103", name: "sales_tax", at_least: false },
    Identity { code: "OC104", name: "order_discount", at_least: true },
    Identity { code: "OC105", name: "grand_total", at_least: false },
];

/// The outcome of an identity of the header, and the amount that it requires.
fn ended(books: &Books, identity: &Identity, policy: &Policy) -> (Outcome, Result) {
    let calculated = books.calculated(identity.name);
    let holds = |stated: &BigRational, right: &BigRational| {
        policy.is_near(identity.code, stated, right) || (identity.at_least && stated >= right)
    };
    let outcome = match (books.header.number(identity.name), &calculated) {
        (Some(stated), Result::Is(right)) if holds(stated, right) => Outcome::Held,
        (Some(_), Result::Is(_)) => Outcome::Broken,
        _ => Outcome::Unchecked,
    };
    (outcome, calculated)
}

/// The header: its identities (OC102 to OC105), those again as stored (OC209), and what its amounts must not be.
fn header_rules(books: &Books, policy: &Policy, verdict: &mut Verdict) {
    let stored = books.stored();
    for identity in &IDENTITIES {
        let place = format!("/{}", identity.name);
        let stated = books.header.number(identity.name);
        let (mut outcome, right) = ended(books, identity, policy);
        let is_sum = identity.code != "OC105";
        if (identity.code == "OC103" && !books.tax_is_set()) || (is_sum && books.no_items) {
            outcome = Outcome::Unchecked;
        }
        verdict.identities.insert((identity.code, place.clone()), outcome);
        if outcome == Outcome::Unchecked {
            let mut reasons = books.why_not(identity.name);
            reasons.extend(books.header.why_none("", identity.name));
            if identity.code == "OC103" && books.is_without_tax() {
                reasons.insert(Why::NoLineTax);
            }
            if is_sum && books.no_items {
                reasons = BTreeSet::from([Why::NoItems]);
            }
            verdict.reasons.insert((identity.code, place.clone()), reasons);
        }
        // A sum is needed if it is compared, or if it replaces an unset term of a total that is compared.
        let needed = match books.header.get(identity.name) {
            Stated::Is(_) => true,
            Stated::Unset => books.header.number("grand_total").is_some(),
            Stated::Unusable => false,
        };
        match right {
            Result::TooLong if needed => verdict.found("OC302", place, stated, None),
            Result::Is(right) if outcome == Outcome::Broken => verdict.found(identity.code, place, stated, Some(right)),
            _ if outcome == Outcome::Held => {
                if let (Outcome::Broken, Result::Is(right)) = ended(&stored, identity, policy) {
                    verdict.found("OC209", place, stated, Some(right));
                }
            }
            _ => {}
        }
    }
    let negative = |name: &str| books.header.number(name).is_some_and(Signed::is_negative);
    for (name, code) in [
        ("order_discount", "OC201"),
        ("sub_total", "OC202"),
        ("sales_tax", "OC202"),
        ("shipping_handling", "OC202"),
        ("grand_total", "OC207"),
    ] {
        if negative(name) {
            verdict.found(code, format!("/{name}"), books.header.number(name), None);
        }
    }
    if let Some(balance) = books.header.number("balance").filter(|balance| !balance.is_zero()) {
        verdict.found("OC106", "/balance", Some(balance), Some(BigRational::zero()));
    }
    precision(&books.header, books.grid.money, "", verdict);
}

/// OC208.
fn precision(row: &Row, money: u32, at: &str, verdict: &mut Verdict) {
    for name in row.0.keys() {
        let number = row.number(name);
        if number.zip(kept(name, money)).is_some_and(|(number, kept)| decimals(number) > kept) {
            verdict.found("OC208", format!("{at}/{name}"), number, None);
        }
    }
}

/// A line: its identity (OC101), what a price cannot give (OC210), and what its amounts must not be.
fn line_rules(line: &Row, grid: Grid, policy: &Policy, at: &str, verdict: &mut Verdict) {
    let number = |name| line.number(name);
    let place = |name: &str| format!("{at}/{name}");

    let extension = line.extension();
    let outcome = match (number("extended_amount"), &extension) {
        (Some(stated), Result::Is(exact)) => {
            let right = policy.rounding.right(exact, grid.money);
            let holds = right.iter().any(|right| policy.is_near("OC101", stated, right))
                || policy.is_near("OC101", stated, exact);
            let limited = policy.rounding == Rounding::Nearest && no_price_gives(line, stated, exact, grid.money);
            if limited && !holds {
                let given = grid.round(exact);
                verdict.found("OC210", place("extended_amount"), Some(stated), Some(given));
            }
            if holds || limited { Outcome::Held } else { Outcome::Broken }
        }
        _ => Outcome::Unchecked,
    };
    match &extension {
        Result::TooLong => verdict.found("OC302", place("extended_amount"), number("extended_amount"), None),
        Result::Is(exact) if outcome == Outcome::Broken => {
            let right = grid.round(exact);
            verdict.found("OC101", place("extended_amount"), number("extended_amount"), Some(right));
        }
        _ => {}
    }
    verdict.identities.insert(("OC101", place("extended_amount")), outcome);
    if outcome == Outcome::Unchecked {
        let mut reasons = line.why_no_extension(at);
        reasons.extend(line.why_none(at, "extended_amount"));
        verdict.reasons.insert(("OC101", place("extended_amount")), reasons);
    }

    let mut breaks = |code, name, broken: bool| {
        if broken {
            verdict.found(code, place(name), number(name), None);
        }
    };
    for name in ["discount", "addl_discount"] {
        breaks("OC201", name, number(name).is_some_and(Signed::is_negative));
    }
    for name in ["price", "tax", "shipping_surcharge", "extended_amount"] {
        breaks("OC202", name, number(name).is_some_and(Signed::is_negative));
    }
    let quantity = line.get("quantity");
    breaks("OC203", "quantity", *quantity == Stated::Unset || quantity.number().is_some_and(Signed::is_negative));
    breaks("OC204", "quantity", quantity.number().is_some_and(|count| count.is_zero() || !count.is_integer()));
    let exceeds = |discount: &BigRational, price: &BigRational| !price.is_negative() && discount > price;
    let both = number("discount").zip(number("price"));
    breaks("OC205", "discount", both.is_some_and(|(discount, price)| exceeds(discount, price)));
    let calculated = extension.map(|exact| grid.round(&exact));
    let costs = Result::of(line.get("extended_amount"), calculated)
        .then(Result::of(line.get("tax"), zero()), |extended, tax| extended + tax);
    let exceeds = match (number("addl_discount"), costs) {
        (Some(discount), Result::Is(costs)) => *discount > costs,
        _ => false,
    };
    breaks("OC206", "addl_discount", exceeds);
    precision(line, grid.money, at, verdict);
}

/// OC210: whether 4 decimals of price and discount are too few for what is stated.
fn no_price_gives(line: &Row, stated: &BigRational, exact: &BigRational, money: u32) -> bool {
    let number = |name| line.number(name).cloned().unwrap_or_else(BigRational::zero);
    let (price, discount, quantity) = (number("price"), number("discount"), number("quantity"));
    let half = most_off(money);
    let off = (stated - exact).abs();
    // An amount is wrong if its difference has too many digits.
    if off <= half || !held(&off) || quantity.is_zero() {
        return false;
    }
    let of_four = [&price, &discount].into_iter().filter(|each| decimals(each) == 4).count();
    let leeway = quantity.abs() * most_off(4) * BigRational::from(BigInt::from(of_four));
    let nearest_price = (stated / &quantity + &discount) * power_of_ten(4);
    let nearest_price = nearest_price.round() / power_of_ten(4);
    let would_do = ((nearest_price - discount) * quantity - stated).abs() <= half;
    of_four > 0 && off <= &half + leeway && !would_do
}

/// The largest error of an amount that is rounded to this number of decimals.
fn most_off(places: u32) -> BigRational {
    BigRational::new(BigInt::from(1), BigInt::from(2)) / power_of_ten(places)
}

/// The rules on single members and on `items`: OC301 to OC306.
fn read_alone(order: &Order, verdict: &mut Verdict) {
    members(&order.header, &HEADER_NAMES, "", verdict);
    match &order.items {
        Items::Twice => verdict.found("OC303", "/items", None, None),
        Items::Unset | Items::NotArray => verdict.found("OC306", "/items", None, None),
        Items::Entries(entries) if entries.is_empty() => verdict.found("OC306", "/items", None, None),
        Items::Entries(entries) => {
            for (at, entry) in entries.iter().enumerate() {
                let place = format!("/items/{at}");
                match entry {
                    Some(line) => members(&line.fields, &LINE_NAMES, &place, verdict),
                    None => verdict.found("OC306", place, None, None),
                }
            }
        }
    }
}

fn members(fields: &Fields, names: &[(&str, &[&str])], at: &str, verdict: &mut Verdict) {
    for (name, charge) in &fields.charges {
        let code = match charge {
            Charge::Unset => continue,
            Charge::Amount(decimal) if decimal.held().is_some() => continue,
            Charge::Amount(_) => "OC302",
            Charge::NotAmount => "OC301",
            Charge::Twice => "OC303",
            Charge::Blank => "OC305",
        };
        verdict.found(code, format!("{at}/{name}"), None, None);
    }
    for other in misnamed(fields, names) {
        let pointer = other.name.replace('~', "~0").replace('/', "~1");
        verdict.found("OC304", format!("{at}/{pointer}"), other.amount.as_ref(), None);
    }
}
