//! Mistakes: one that is made in a right order is found, a right order is never diagnosed, and a wrong amount that no
//! mistake has made is not explained exactly.

use std::collections::BTreeMap;

use ordercharge::generate::{Choices, Mistaken, Params, consistent_order, plausible_order, with_mistake};
use ordercharge::{Amount, Certainty, Charge, Diagnosis, Field, Items, Mistake, Order, Place, Policy, Report, check};

use crate::util::amounts::is_restored;

/// How many orders are made with each mistake.
const SEEDS: u64 = 100;

/// Mistakes that cannot be undone from what the order says.
const NEVER_UNDONE: [Mistake; 1] = [
    // The order does not say what was in the line that is missing.
    Mistake::LineMissing,
];

fn checked(order: &Order) -> Report {
    check(order, &Policy::default())
}

fn made(mistake: Mistake) -> impl Iterator<Item = Mistaken> {
    let draw = move |seed: u64| with_mistake(mistake, &mut Choices::seeded(seed * 7919 + 13));
    (0..SEEDS).map(move |seed| draw(seed).unwrap_or_else(|| panic!("{mistake} is not made with seed {seed}")))
}

/// Whether a diagnosis is that mistake and no other.
fn is_of(mistake: Mistake, diagnosis: &Diagnosis) -> bool {
    matches!(diagnosis.mistakes.as_slice(), [made] if made.mistake == mistake)
}

/// Whether the right amounts of a diagnosis give the order before the mistake.
fn restores(order: &Order, original: &Order, diagnosis: &Diagnosis) -> bool {
    let rights = diagnosis.culprits.iter().map(|culprit| (&culprit.place, culprit.right));
    is_restored(order, rights, original)
}

/// How often something was so.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    yes: u64,
    all: u64,
}

impl Share {
    fn add(&mut self, yes: bool) {
        self.yes += u64::from(yes);
        self.all += 1;
    }

    fn percent(self) -> u64 {
        100 * self.yes / self.all.max(1)
    }
}

/// Measures something of all orders of each mistake, and of all of them together.
fn measure(is_so: impl Fn(&Mistaken, &Report) -> bool) -> (BTreeMap<Mistake, Share>, Share) {
    let (mut each, mut overall) = (BTreeMap::new(), Share::default());
    for mistake in Mistake::ALL.iter().copied() {
        let share: &mut Share = each.entry(mistake).or_default();
        for mistaken in made(mistake) {
            let yes = is_so(&mistaken, &checked(&mistaken.order));
            share.add(yes);
            overall.add(yes);
        }
    }
    (each, overall)
}

#[test]
fn a_mistake_breaks_a_right_order() {
    for mistake in Mistake::ALL.iter().copied() {
        for Mistaken { order, original, mistake: label, .. } in made(mistake) {
            assert_eq!(label, mistake);
            let before = checked(&original);
            assert!(before.is_valid() && before.broken() == 0, "{mistake}: {before:?}");
            let after = checked(&order);
            // An amount under another name may be one that is not needed.
            let is_wrong = !after.is_valid() || (mistake == Mistake::MisnamedField && after != before);
            assert!(is_wrong, "{mistake}: {order:?}");
        }
    }
}

#[test]
fn the_mistake_is_in_the_first_rank() {
    let (each, overall) = measure(|mistaken, report| {
        report.diagnoses.iter().any(|diagnosis| diagnosis.is_first() && is_of(mistaken.mistake, diagnosis))
    });
    let seldom: Vec<_> = each.iter().filter(|(_, share)| share.percent() < 50).collect();
    assert!(seldom.is_empty(), "seldom in the first rank: {seldom:?}");
    assert!(overall.percent() >= 95, "{overall:?}");
}

#[test]
fn undoing_a_diagnosis_gives_the_order_before() {
    let (each, overall) = measure(|Mistaken { order, original, .. }, report| {
        report.diagnoses.iter().any(|diagnosis| restores(order, original, diagnosis))
    });
    let seldom = each.iter().filter(|(mistake, share)| share.percent() < 60 && !NEVER_UNDONE.contains(mistake));
    let seldom: Vec<_> = seldom.collect();
    assert!(seldom.is_empty(), "seldom undone: {seldom:?}");
    assert!(overall.percent() >= 95, "{overall:?}");
    assert!(NEVER_UNDONE.iter().all(|mistake| each.get(mistake).unwrap().yes == 0), "{each:?}");
}

/// Right orders of both kinds.
fn right_order(seed: u64) -> Order {
    let choices = &mut Choices::seeded(seed);
    if seed.is_multiple_of(2) { plausible_order(choices) } else { consistent_order(&Params::default(), choices) }
}

#[test]
fn a_right_order_is_never_diagnosed() {
    for seed in 0..3000 {
        let order = right_order(seed);
        let report = checked(&order);
        assert!(report.diagnoses.is_empty() && report.repair.is_none(), "seed {seed}: {report:?}\n{order:?}");
    }
}

/// Puts an amount in a field.
fn set(order: &mut Order, place: &Place, amount: Amount) {
    let field = place.field().unwrap();
    let slot = match (place.line(), &mut order.items) {
        (Some(at), Items::Lines(lines)) => {
            let line = lines.get_mut(at).unwrap();
            match field {
                Field::Quantity => &mut line.quantity,
                Field::Price => &mut line.price,
                Field::Discount => &mut line.discount,
                Field::AddlDiscount => &mut line.addl_discount,
                Field::Tax => &mut line.tax,
                Field::ShippingSurcharge => &mut line.shipping_surcharge,
                Field::ExtendedAmount => &mut line.extended_amount,
                other => panic!("{other:?} is not a field of a line"),
            }
        }
        _ => match field {
            Field::SubTotal => &mut order.sub_total,
            Field::OrderDiscount => &mut order.order_discount,
            Field::SalesTax => &mut order.sales_tax,
            Field::ShippingHandling => &mut order.shipping_handling,
            Field::GrandTotal => &mut order.grand_total,
            other => panic!("{other:?} is not a field of the header"),
        },
    };
    *slot = Charge::Amount(amount);
}

/// Numbers that look random, the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// The order with one stated amount replaced by another, near it or anywhere; `None` where that amount is the same.
fn with_arbitrary_amount(order: &Order, numbers: &mut Numbers) -> Option<(Place, Order)> {
    let stated = order.charges().filter_map(|(place, charge)| Some((place, charge.amount()?)));
    let stated: Vec<(Place, Amount)> = stated.collect();
    let (place, was) = stated.get(numbers.below(stated.len() as u64) as usize)?;
    let decimals = order.currency.decimals();
    let is_near = numbers.below(100) < 30;
    let units = 1 + numbers.below(if is_near { 300 } else { 20_000 });
    let random = Amount::new(units.into(), decimals)?;
    let amount = if is_near { was.checked_add(random)? } else { random };
    let mut changed = order.clone();
    set(&mut changed, place, amount);
    (amount != *was).then(|| (place.clone(), changed))
}

#[test]
fn an_arbitrary_amount_is_not_explained_exactly() {
    const ORDERS: u64 = 3000;
    let (mut broken, mut wrong) = (0, Vec::new());
    let numbers = &mut Numbers(0x9E37_79B9_7F4A_7C15);
    for seed in 0.. {
        let original = right_order(seed);
        let Some((place, order)) = with_arbitrary_amount(&original, numbers) else { continue };
        let report = checked(&order);
        if report.broken() == 0 {
            continue;
        }
        broken += 1;
        let first = report.diagnoses.first().filter(|first| first.certainty == Certainty::Exact && !first.partial);
        if let Some(first) = first.filter(|first| !restores(&order, &original, first)) {
            wrong.push(format!(
                "seed {seed}, {place}: {} {first}\n{}",
                first.names(),
                serde_json::to_string(&order).unwrap()
            ));
        }
        if broken == ORDERS {
            break;
        }
    }
    assert!(wrong.len() as u64 * 1000 <= ORDERS, "{} of {ORDERS}:\n{}", wrong.len(), wrong.join("\n"));
}

/// An order with each mistake: what is reported of it is written and read back without a loss.
#[test]
fn reports_with_diagnoses_and_repairs_are_read_back() {
    let (mut edits, mut withheld, mut witnesses) = (0, 0, 0);
    for mistake in Mistake::ALL.iter().copied() {
        for mistaken in made(mistake).take(10) {
            let report = checked(&mistaken.order);
            let json = serde_json::to_string(&report).unwrap();
            let read: Report = serde_json::from_str(&json).unwrap();
            assert_eq!(read, report, "{json}");
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
            let value = serde_json::to_value(&report).unwrap();
            assert_eq!(serde_json::from_value::<Report>(value).unwrap(), report);
            let repair = report.repair.as_ref();
            edits += repair.map_or(0, |repair| repair.edits.len());
            withheld += repair.map_or(0, |repair| usize::from(repair.withheld.is_some()));
            witnesses += report.diagnoses.iter().map(|diagnosis| diagnosis.witnesses.len()).sum::<usize>();
        }
    }
    assert!(
        edits > 500 && withheld > 100 && witnesses > 500,
        "{edits} edits, {withheld} withheld, {witnesses} witnesses"
    );
}

#[test]
fn a_negative_discount_has_the_wrong_sign() {
    // The discounts of the lines are in it, with the other sign.
    let order = Order::from_json(
        br#"{"sub_total": "40.00", "sales_tax": "3.60", "shipping_handling": "5.00", "order_discount": "-4.00",
        "grand_total": "44.60", "items": [{"quantity": 2, "price": "20.00", "addl_discount": "4.00", "tax": "3.60",
        "extended_amount": "40.00"}]}"#,
    );
    let report = checked(&order.unwrap());
    let names: Vec<String> = report.diagnoses.iter().map(|diagnosis| diagnosis.names().to_string()).collect();
    assert_eq!(names, ["order-discount-sign"]);
}
