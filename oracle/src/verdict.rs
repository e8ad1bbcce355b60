//! The exact verdict: every rule of the specification, sections 3 and 4, on rational numbers of any size.
//!
//! What an amount cannot hold (28 digits, 28 decimals) is looked for in the exact numbers: a result, or what it is made
//! from step by step, that is too long is no result but OC302.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::exact::{decimals, held, rounded, shown};
use crate::policy::{Policy, Rounding, Severity};
use crate::reader::{Charge, Currency, Fields, Items, Order};

/// What an order is found to be.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// What is wrong, by the code of the rule and the place.
    pub findings: BTreeMap<(&'static str, String), Finding>,
    /// How every identity ended.
    pub identities: BTreeMap<(&'static str, String), Outcome>,
    /// Why those that are unchecked are: every reason that there is.
    pub reasons: BTreeMap<(&'static str, String), BTreeSet<Why>>,
    valid: bool,
}

/// Why one cannot tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Nothing stands there.
    Unset(String),
    /// What stands there cannot be used.
    Unusable(String),
    /// What is calculated there is too long to be held.
    TooLong(String),
    /// No line sets tax.
    NoLineTax,
}

/// What is wrong at a place.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// The amount that stands there.
    pub stated: Option<BigRational>,
    /// The amount that should.
    pub expected: Option<BigRational>,
}

/// How an identity ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Held,
    /// It does not.
    Broken,
    /// One cannot tell.
    Unchecked,
}

impl Verdict {
    /// Whether nothing worse than a warning was found.
    pub fn is_valid(&self) -> bool {
        self.valid
    }

    /// Leaves out the rules that are off.
    fn weighed(mut self, policy: &Policy) -> Verdict {
        let is_on = |code: &str| policy.severity(code) != Severity::Off;
        self.findings.retain(|(code, _), _| is_on(code));
        self.identities.retain(|(code, _), _| is_on(code));
        self.reasons.retain(|(code, _), _| is_on(code));
        self.valid = self.findings.keys().all(|(code, _)| policy.severity(code) == Severity::Warning);
        self
    }

    /// All of it in lines, in the order of the codes and the places.
    pub fn lines(&self) -> Vec<String> {
        let findings = self.findings.iter().map(|((code, place), finding)| format!("{code} {place}: {finding}"));
        let identities = self.identities.iter().map(|((code, place), outcome)| format!("{code} {place}: {outcome:?}"));
        findings.chain(identities).chain([format!("valid: {}", self.is_valid())]).collect()
    }
}

impl fmt::Display for Finding {
    /// The difference is told where an amount can hold it.
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
    let money = money(order, &mut verdict);
    let books = Books::new(order, Grid { money, rounding: policy.rounding });

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

/// An amount that follows from others.
#[derive(Clone, Debug)]
pub struct Derived {
    /// What it comes to.
    pub amount: Option<BigRational>,
    /// Why it comes to nothing: every reason that there is.
    pub reasons: BTreeSet<Why>,
    /// Whether it is to be filled in: it is unset, there are lines, and nothing that it is made from stands under another
    /// name.
    pub missing: bool,
}

/// Every amount of an order that follows from others, by its place. Entries of `items` that are no objects have one, too,
/// that comes to nothing.
pub fn derive(order: &Order, rounding: Rounding) -> BTreeMap<String, Derived> {
    let money = money(order, &mut Verdict::default());
    let books = Books::new(order, Grid { money, rounding });
    let entries = match &order.items {
        Items::Entries(entries) => entries.as_slice(),
        _ => &[],
    };
    let is_meant = |fields: &Fields, names, wanted: &[&str]| {
        misnamed(fields, names).iter().flat_map(|other| &other.means).any(|field| wanted.contains(field))
    };
    let on_lines = |wanted: &[&str]| entries.iter().flatten().any(|line| is_meant(&line.fields, &LINE_NAMES, wanted));
    let in_header = |wanted: &[&str]| is_meant(&order.header, &HEADER_NAMES, wanted);

    let mut derived = BTreeMap::new();
    let mut extended_amounts_are_sure = true;
    for (at, entry) in entries.iter().enumerate() {
        let place = format!("/items/{at}/extended_amount");
        let Some(line) = entry else {
            let reasons = BTreeSet::from([Why::Unusable(format!("/items/{at}"))]);
            derived.insert(place, Derived { amount: None, reasons, missing: false });
            continue;
        };
        let row = Row::new(&line.fields);
        let sure = !is_meant(&line.fields, &LINE_NAMES, &["price", "discount", "quantity", "extended_amount"]);
        extended_amounts_are_sure &= sure || row.number("extended_amount").is_some();
        let missing = sure && *row.get("extended_amount") == Stated::Unset;
        let amount = row.extension().number().map(|exact| rounding.apply(&exact, money));
        let reasons = row.why_no_extension(&format!("/items/{at}"));
        derived.insert(place, Derived { amount, reasons, missing });
    }
    let unset = |name: &str| *books.header.get(name) == Stated::Unset;
    let sub_total = extended_amounts_are_sure && !in_header(&["sub_total"]);
    let sales_tax = !on_lines(&["tax"]) && !in_header(&["sales_tax"]);
    let order_discount = !on_lines(&["addl_discount"]) && !in_header(&["order_discount"]);
    let terms = [("sub_total", sub_total), ("sales_tax", sales_tax), ("order_discount", order_discount)];
    let grand_total = terms.iter().all(|(name, sure)| *sure || !unset(name));
    let grand_total = grand_total && !in_header(&["shipping_handling", "grand_total"]);
    for (name, sure) in terms.into_iter().chain([("grand_total", grand_total)]) {
        let missing = sure && unset(name) && !entries.is_empty();
        let (amount, reasons) = (books.calculated(name).number(), books.why_not(name));
        derived.insert(format!("/{name}"), Derived { amount, reasons, missing });
    }
    derived
}

/// The decimals of the order's minor unit (OC307).
fn money(order: &Order, verdict: &mut Verdict) -> u32 {
    let known = match &order.currency {
        Currency::Unset => Some(2),
        Currency::NotText => None,
        Currency::Code(code) => minor_unit(code),
    };
    if known.is_none() {
        verdict.found("OC307", "/currency_code", None, None);
    }
    known.unwrap_or(2)
}

/// The decimals of the minor unit of a currency, if it is in the table.
pub fn minor_unit(code: &str) -> Option<u32> {
    let known = MINOR_UNITS.iter().find(|(_, codes)| codes.split_ascii_whitespace().any(|known| known == code));
    known.map(|(decimals, _)| *decimals)
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
}

/// What a charge field comes to.
#[derive(Clone, Debug, PartialEq)]
enum Stated {
    Unset,
    Unusable,
    Is(BigRational),
}

impl Stated {
    fn number(&self) -> Option<&BigRational> {
        match self {
            Stated::Is(number) => Some(number),
            _ => None,
        }
    }
}

/// What a calculation comes to.
#[derive(Clone, Debug, PartialEq)]
enum Result {
    Is(BigRational),
    /// A step of it gives more digits than an amount holds.
    TooLong,
    /// Something it needs is not known.
    Unknown,
}

impl Result {
    /// One step: what is not known stays so, however long the rest is.
    fn then(self, other: Result, step: impl Fn(BigRational, BigRational) -> BigRational) -> Result {
        match (self, other) {
            (Result::Unknown, _) | (_, Result::Unknown) => Result::Unknown,
            (Result::TooLong, _) | (_, Result::TooLong) => Result::TooLong,
            (Result::Is(a), Result::Is(b)) => Some(step(a, b)).filter(held).map_or(Result::TooLong, Result::Is),
        }
    }

    /// A stated amount; another result stands in where there is none.
    fn of(stated: &Stated, unset: Result) -> Result {
        match stated {
            Stated::Is(number) => Result::Is(number.clone()),
            Stated::Unset => unset,
            Stated::Unusable => Result::Unknown,
        }
    }

    /// As a part of something else: there it is not known, for whatever reason.
    fn known(self) -> Result {
        match self {
            Result::TooLong => Result::Unknown,
            other => other,
        }
    }

    fn number(self) -> Option<BigRational> {
        match self {
            Result::Is(number) => Some(number),
            _ => None,
        }
    }

    fn map(self, change: impl Fn(BigRational) -> BigRational) -> Result {
        match self {
            Result::Is(number) => Result::Is(change(number)),
            other => other,
        }
    }
}

fn zero() -> Result {
    Result::Is(BigRational::zero())
}

/// The charges of one object.
#[derive(Clone, Debug)]
struct Row(BTreeMap<&'static str, Stated>);

impl Row {
    fn new(fields: &Fields) -> Row {
        let stated = |charge: &Charge| match charge {
            Charge::Unset | Charge::Blank => Stated::Unset,
            Charge::Amount(decimal) => decimal.held().map_or(Stated::Unusable, Stated::Is),
            Charge::NotAmount | Charge::Twice => Stated::Unusable,
        };
        Row(fields.charges.iter().map(|(name, charge)| (*name, stated(charge))).collect())
    }

    fn get(&self, name: &str) -> &Stated {
        self.0.get(name).unwrap_or(&Stated::Unset)
    }

    fn number(&self, name: &str) -> Option<&BigRational> {
        self.get(name).number()
    }

    /// Why a field is no amount.
    fn why_none(&self, at: &str, name: &str) -> Option<Why> {
        match self.get(name) {
            Stated::Unset => Some(Why::Unset(format!("{at}/{name}"))),
            Stated::Unusable => Some(Why::Unusable(format!("{at}/{name}"))),
            Stated::Is(_) => None,
        }
    }

    /// Why a field that counts as 0 where it is unset is no amount.
    fn why_unusable(&self, at: &str, name: &str) -> Option<Why> {
        self.why_none(at, name).filter(|why| matches!(why, Why::Unusable(_)))
    }

    /// Why the line has no extension.
    fn why_no_extension(&self, at: &str) -> BTreeSet<Why> {
        let operands = [self.why_none(at, "price"), self.why_unusable(at, "discount"), self.why_none(at, "quantity")];
        let mut why: BTreeSet<Why> = operands.into_iter().flatten().collect();
        if why.is_empty() && self.extension() == Result::TooLong {
            why.insert(Why::TooLong(format!("{at}/extended_amount")));
        }
        why
    }

    /// As CartRover keeps it.
    fn stored(&self, money: u32) -> Row {
        let keep = |(name, stated): (&&'static str, &Stated)| match (stated, kept(name, money)) {
            (Stated::Is(number), Some(places)) => (*name, Stated::Is(rounded(number, places))),
            _ => (*name, stated.clone()),
        };
        Row(self.0.iter().map(keep).collect())
    }

    /// `(price - discount) * quantity`.
    fn extension(&self) -> Result {
        let needed = |name| Result::of(self.get(name), Result::Unknown);
        let each = needed("price").then(Result::of(self.get("discount"), zero()), |price, discount| price - discount);
        each.then(needed("quantity"), |each, quantity| each * quantity)
    }

    /// What the line adds to the sub-total: what is stated, where that can be used, else what is calculated.
    fn extended_amount(&self, grid: Grid) -> Result {
        match self.number("extended_amount") {
            Some(number) => Result::Is(number.clone()),
            None => self.extension().map(|exact| grid.round(&exact)),
        }
    }
}

/// The decimals that are kept of an amount; quantities are none.
fn kept(name: &str, money: u32) -> Option<u32> {
    match name {
        "quantity" => None,
        "price" | "discount" | "addl_discount" => Some(4),
        _ => Some(money),
    }
}

/// What extensions are rounded to, and how.
#[derive(Clone, Copy)]
struct Grid {
    money: u32,
    rounding: Rounding,
}

impl Grid {
    fn round(self, exact: &BigRational) -> BigRational {
        self.rounding.apply(exact, self.money)
    }
}

/// All charges of an order.
struct Books {
    grid: Grid,
    header: Row,
    /// None in the place of an entry that is no object; no list where `items` gives none.
    lines: Option<Vec<Option<Row>>>,
    /// The header as calculated.
    sums: BTreeMap<&'static str, Result>,
}

impl Books {
    fn new(order: &Order, grid: Grid) -> Books {
        let lines = match &order.items {
            Items::Unset => Some(Vec::new()),
            Items::Twice | Items::NotArray => None,
            Items::Entries(entries) => {
                Some(entries.iter().map(|entry| entry.as_ref().map(|line| Row::new(&line.fields))).collect())
            }
        };
        Books::of(grid, Row::new(&order.header), lines)
    }

    fn of(grid: Grid, header: Row, lines: Option<Vec<Option<Row>>>) -> Books {
        let mut books = Books { grid, header, lines, sums: BTreeMap::new() };
        // The grand total is made of the others.
        for name in ["sub_total", "sales_tax", "order_discount", "grand_total"] {
            let result = books.calculate(name);
            books.sums.insert(name, result);
        }
        books
    }

    fn stored(&self) -> Books {
        let money = self.grid.money;
        let rows =
            |lines: &Vec<Option<Row>>| lines.iter().map(|line| line.as_ref().map(|row| row.stored(money))).collect();
        Books::of(self.grid, self.header.stored(money), self.lines.as_ref().map(rows))
    }

    /// Adds up what each line gives, from 0 and in the order of the lines.
    fn sum(&self, of: impl Fn(&Row) -> Result) -> Result {
        let Some(lines) = &self.lines else { return Result::Unknown };
        let parts = lines.iter().map(|line| line.as_ref().map_or(Result::Unknown, &of).known());
        parts.fold(zero(), |sum, part| sum.then(part, |sum, part| sum + part))
    }

    /// A header field as it is calculated; 0 for those that are not.
    fn calculated(&self, name: &str) -> Result {
        self.sums.get(name).cloned().unwrap_or_else(zero)
    }

    fn calculate(&self, name: &str) -> Result {
        match name {
            "sub_total" => self.sum(|line| line.extended_amount(self.grid)),
            "sales_tax" => self.sum(|line| Result::of(line.get("tax"), zero())),
            "order_discount" => self.sum(|line| Result::of(line.get("addl_discount"), zero())),
            "grand_total" => {
                let part = |name| Result::of(self.header.get(name), self.calculated(name).known());
                let charges = part("sub_total").then(part("sales_tax"), |a, b| a + b);
                let charges = charges.then(part("shipping_handling"), |a, b| a + b);
                charges.then(part("order_discount"), |a, b| a - b)
            }
            _ => zero(),
        }
    }

    /// Why a header field cannot be calculated.
    fn why_not(&self, name: &str) -> BTreeSet<Why> {
        let mut why: BTreeSet<Why> = match name {
            "grand_total" => ["sub_total", "sales_tax", "shipping_handling", "order_discount"]
                .into_iter()
                .flat_map(|term| match self.header.get(term) {
                    Stated::Unset => self.why_not(term),
                    _ => self.header.why_none("", term).into_iter().collect(),
                })
                .collect(),
            "sub_total" => self.why_no_sum(|line, at| {
                let mut why = line.why_no_extension(at);
                why.extend(line.why_none(at, "extended_amount"));
                let known = line.extended_amount(self.grid).number().is_some();
                if known { BTreeSet::new() } else { why }
            }),
            "sales_tax" => self.why_no_sum(|line, at| line.why_unusable(at, "tax").into_iter().collect()),
            "order_discount" => {
                self.why_no_sum(|line, at| line.why_unusable(at, "addl_discount").into_iter().collect())
            }
            _ => BTreeSet::new(),
        };
        if why.is_empty() && self.calculated(name) == Result::TooLong {
            why.insert(Why::TooLong(format!("/{name}")));
        }
        why
    }

    /// Why the lines have no sum, given why one of them adds nothing to it.
    fn why_no_sum(&self, of: impl Fn(&Row, &str) -> BTreeSet<Why>) -> BTreeSet<Why> {
        let Some(lines) = &self.lines else { return BTreeSet::from([Why::Unusable("/items".to_owned())]) };
        let why = lines.iter().enumerate().flat_map(|(at, line)| {
            let at = format!("/items/{at}");
            line.as_ref().map_or_else(|| BTreeSet::from([Why::Unusable(at.clone())]), |line| of(line, &at))
        });
        why.collect()
    }

    /// Whether every line is known to have no tax, or one of 0.
    fn is_without_tax(&self) -> bool {
        let is_none = |line: &Row| match line.get("tax") {
            Stated::Is(tax) => tax.is_zero(),
            unset => *unset == Stated::Unset,
        };
        self.lines.as_ref().is_some_and(|lines| lines.iter().all(|line| line.as_ref().is_some_and(is_none)))
    }

    /// Whether a line sets a tax that is not 0.
    fn tax_is_set(&self) -> bool {
        let lines = self.lines.iter().flatten().flatten();
        lines.filter_map(|line| line.number("tax")).any(|tax| !tax.is_zero())
    }

    /// How an identity of the header ends, and the amount it asks for.
    fn identity(&self, identity: &Identity, policy: &Policy) -> (Outcome, Result) {
        let calculated = self.calculated(identity.name);
        let holds = |stated: &BigRational, right: &BigRational| {
            policy.is_near(identity.code, stated, right) || (identity.at_least && stated >= right)
        };
        let outcome = match (self.header.number(identity.name), &calculated) {
            (Some(stated), Result::Is(right)) if holds(stated, right) => Outcome::Held,
            (Some(_), Result::Is(_)) => Outcome::Broken,
            _ => Outcome::Unchecked,
        };
        (outcome, calculated)
    }
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

/// The header: its identities (OC102 to OC105), those again as stored (OC209), and what its amounts must not be.
fn header_rules(books: &Books, policy: &Policy, verdict: &mut Verdict) {
    let stored = books.stored();
    for identity in &IDENTITIES {
        let place = format!("/{}", identity.name);
        let stated = books.header.number(identity.name);
        let (mut outcome, right) = books.identity(identity, policy);
        if identity.code == "OC103" && !books.tax_is_set() {
            outcome = Outcome::Unchecked;
        }
        verdict.identities.insert((identity.code, place.clone()), outcome);
        if outcome == Outcome::Unchecked {
            let mut reasons = books.why_not(identity.name);
            reasons.extend(books.header.why_none("", identity.name));
            if identity.code == "OC103" && books.is_without_tax() {
                reasons.insert(Why::NoLineTax);
            }
            verdict.reasons.insert((identity.code, place.clone()), reasons);
        }
        // A sum is needed where it is compared, and where it stands in for an unset term of a total that is.
        let needed = match books.header.get(identity.name) {
            Stated::Is(_) => true,
            Stated::Unset => books.header.number("grand_total").is_some(),
            Stated::Unusable => false,
        };
        match right {
            Result::TooLong if needed => verdict.found("OC302", place, stated, None),
            Result::Is(right) if outcome == Outcome::Broken => verdict.found(identity.code, place, stated, Some(right)),
            _ if outcome == Outcome::Held => {
                if let (Outcome::Broken, Result::Is(right)) = stored.identity(identity, policy) {
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

/// A line: its identity (OC101) and what its amounts must not be.
fn line_rules(line: &Row, grid: Grid, policy: &Policy, at: &str, verdict: &mut Verdict) {
    let number = |name| line.number(name);
    let place = |name: &str| format!("{at}/{name}");

    let extension = line.extension();
    let outcome = match (number("extended_amount"), &extension) {
        (Some(stated), Result::Is(exact)) => {
            let right = policy.rounding.right(exact, grid.money);
            let holds = right.iter().any(|right| policy.is_near("OC101", stated, right))
                || policy.is_near("OC101", stated, exact);
            if holds { Outcome::Held } else { Outcome::Broken }
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

/// What is told of each member by itself, and of `items`: OC301 to OC306.
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
        verdict.found("OC304", format!("{at}/{pointer}"), Some(&other.amount), None);
    }
}

/// An amount under another name.
struct Misnamed<'a> {
    name: &'a str,
    amount: BigRational,
    /// The unset fields that it may mean.
    means: Vec<&'a str>,
}

/// Every amount that stands under another name than its own, which is unset.
fn misnamed<'a>(fields: &'a Fields, names: &[(&'a str, &[&str])]) -> Vec<Misnamed<'a>> {
    let row = Row::new(fields);
    // Of equal names the last counts.
    let others: BTreeMap<&str, &Charge> = fields.others.iter().map(|(name, charge)| (name.as_str(), charge)).collect();
    let amounts = others.into_iter().filter_map(|(name, charge)| match charge {
        Charge::Amount(decimal) => Some((name, decimal.held()?)),
        _ => None,
    });
    let meant = amounts.map(|(name, amount)| {
        let fields = names.iter().filter(|(field, aliases)| means(name, field, aliases)).map(|(field, _)| *field);
        Misnamed { name, amount, means: fields.filter(|field| *row.get(field) == Stated::Unset).collect() }
    });
    meant.filter(|other| !other.means.is_empty()).collect()
}

/// The names charge fields go by elsewhere.
const HEADER_NAMES: [(&str, &[&str]); 6] = [
    ("sales_tax", &["tax", "total_tax"]),
    ("sub_total", &["subtotal", "sub_total_price"]),
    ("order_discount", &["discount", "total_discount"]),
    ("shipping_handling", &["shipping", "shipping_cost"]),
    ("grand_total", &["total", "order_total", "grandtotal"]),
    ("balance", &[]),
];
const LINE_NAMES: [(&str, &[&str]); 7] = [
    ("quantity", &["qty"]),
    ("price", &["unit_price"]),
    ("extended_amount", &["line_total", "extended_price"]),
    ("addl_discount", &["additional_discount"]),
    ("tax", &["sales_tax"]),
    ("discount", &[]),
    ("shipping_surcharge", &[]),
];

/// Whether a name is another word for a field, or its own name with one letter wrong; letter case and dashes aside.
fn means(name: &str, field: &str, aliases: &[&str]) -> bool {
    let plain = |name: &str| -> Vec<char> {
        name.chars().filter(|char| !['-', '_'].contains(char)).map(|char| char.to_ascii_lowercase()).collect()
    };
    let name = plain(name);
    aliases.iter().any(|alias| plain(alias) == name) || steps(&name, &plain(field)) <= 1
}

/// How many letters have to be put in, left out or replaced to make one word of another: Levenshtein's table.
fn steps(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, own) in from.iter().enumerate() {
        let mut next = vec![at + 1];
        for ((other, both), above) in to.iter().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            next.push((both + usize::from(own != other)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// The codes of ISO 4217 by the decimals of their minor unit. Those without one (metals, drawing rights, the code for
/// tests) count as having two.
const MINOR_UNITS: [(u32, &str); 6] = [
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF \
         CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
         IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN \
         MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS \
         SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    ),
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
    (2, "XAD XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"),
    // Withdrawn of late: orders in them are still about.
    (2, "CUC HRK SLL ZWL"),
];
