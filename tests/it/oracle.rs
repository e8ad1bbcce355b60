//! Every answer against unbounded exact arithmetic: an amount is right to the last digit, or OC302 says that it cannot be
//! held; never anything else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use num_bigint::BigInt;
use num_rational::BigRational;
use ordercharge::generate::{Choices, json_text};
use ordercharge::{Amount, Currency, Documents, Order, Policy, Rounding, Rule, strategy};
use ordercharge_oracle::{Decimal, decimals, held, judge, minor_unit, power_of_ten, read, rounded, shown, write};
use proptest::prelude::*;

use crate::util::{against, pages};

/// Every JSON text below a directory of the repository, and each line of those that are lines.
fn texts(directory: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{directory}/{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            found.extend(texts(&name));
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push((name, fs::read(&path).unwrap()));
        } else if path.extension().is_some_and(|ending| ending == "ndjson") {
            let text = fs::read(&path).unwrap();
            found.extend(text.split(|byte| *byte == b'\n').map(|line| (name.clone(), line.to_vec())));
        }
    }
    found
}

#[test]
fn the_committed_cases() {
    let mut compared = 0;
    let cases = pages::orders().map(|(name, order)| (name, order.into_bytes()));
    let files = ["samples", "fuzz/seeds", "fuzz/regressions"].into_iter().flat_map(texts);
    for (name, text) in cases.chain(files) {
        against::compare(&text).unwrap_or_else(|difference| panic!("{name}: {difference}"));
        // Each under another policy, too.
        let draw: Vec<u8> = (0..45_u8).map(|at| (at ^ name.len() as u8).wrapping_mul(37) % 16).collect();
        against::compare_under(&text, &against::policy(&draw))
            .unwrap_or_else(|difference| panic!("{name}: {difference}"));
        // Orders in containers are compared one by one.
        for record in Documents::new(&text) {
            if let Ok(document) = record.document {
                against::compare(document.text()).unwrap_or_else(|difference| panic!("{name}: {difference}"));
                compared += 1;
            }
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn the_currencies() {
    let letters = || b'A'..=b'Z';
    let codes = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| [a, b, c])));
    let differing: Vec<String> = codes
        .map(|code| String::from_utf8(code.to_vec()).unwrap())
        .filter(|code| {
            let ours = Currency::from_code(code);
            let known = !matches!(ours, Currency::Unknown(_));
            minor_unit(code) != known.then(|| ours.decimals())
        })
        .collect();
    assert!(differing.is_empty(), "{differing:?}");
}

/// An amount anywhere in the range, most often where its ends are near.
fn amounts() -> impl Strategy<Value = Amount> {
    let limit = 10_i128.pow(28);
    let mantissa = prop_oneof![
        2 => -100_000..100_000_i128,
        4 => -limit + 1..limit,
        2 => (0..28_u32, -2..3_i128).prop_map(|(power, off)| 10_i128.pow(power) + off),
        2 => (0..10_i128).prop_map(move |off| limit - 1 - off),
        1 => (0..41_u32).prop_map(|power| 5_i128.pow(power)),
        1 => (0..94_u32).prop_map(|power| 2_i128.pow(power)),
        1 => (0..28_u32).prop_map(|power| 5 * 10_i128.pow(power)),
    ];
    let amount = (mantissa, 0_u32..=28, any::<bool>());
    amount.prop_filter_map("an amount", |(mantissa, scale, negative)| {
        Amount::new(if negative { -mantissa } else { mantissa }, scale)
    })
}

/// The same number as a fraction.
fn exact(amount: Amount) -> BigRational {
    Decimal::read(&amount.to_string()).unwrap().held().unwrap()
}

/// Ours is the exact result, or none just where that cannot be held.
fn is(ours: Option<Amount>, right: &BigRational) -> Result<(), TestCaseError> {
    let expected = held(right).then(|| shown(right));
    prop_assert_eq!(ours.map(|amount| amount.to_string()), expected);
    Ok(())
}

/// A line of such amounts, written out: what it states is exact, rounded, one digit off, nothing, or something else.
fn edge_line() -> impl Strategy<Value = (String, BigRational)> {
    let off = (0_u32..29).prop_map(|places| power_of_ten(0) / power_of_ten(places));
    (amounts(), prop::option::of(amounts()), amounts(), 0..6_u8, off, amounts()).prop_map(
        |(price, discount, quantity, how, off, other)| {
            let extension = (exact(price) - discount.map_or_else(BigRational::default, exact)) * exact(quantity);
            let stated = match how {
                0 => Some(extension.clone()),
                1 => Some(rounded(&extension, 2)),
                2 => Some(&extension + off),
                3 => Some(rounded(&extension, 2) - off),
                4 => Some(exact(other)),
                _ => None,
            };
            let discount = discount.map(|discount| format!(r#""discount": {discount}, "#)).unwrap_or_default();
            let extended = stated.as_ref().map(|stated| format!(r#", "extended_amount": {}"#, shown(stated)));
            let line =
                format!(r#"{{"price": {price}, {discount}"quantity": {quantity}{}}}"#, extended.unwrap_or_default());
            (line, stated.unwrap_or_else(|| rounded(&extension, 2)))
        },
    )
}

/// An order of amounts whose products and sums just fit, or just do not, in every step or only in the end.
fn edge_order() -> impl Strategy<Value = String> {
    // Halves that cancel leave a sum that fits although a part of it does not.
    let lines = (prop::collection::vec(edge_line(), 0..4), prop::option::of(amounts())).prop_map(|(lines, pair)| {
        let mut lines = lines;
        if let Some(amount) = pair {
            let line = |amount: Amount| (format!(r#"{{"quantity": 1, "extended_amount": "{amount}"}}"#), exact(amount));
            lines.insert(0, line(amount));
            lines.push(line(amount.negated()));
        }
        lines
    });
    (lines, amounts(), amounts(), amounts(), 0..32_u8).prop_map(|(lines, tax, shipping, discount, which)| {
        let (lines, stated): (Vec<String>, Vec<BigRational>) = lines.into_iter().unzip();
        let sub_total = stated.into_iter().fold(BigRational::default(), |sum, stated| sum + stated);
        let terms = [
            ("sub_total", sub_total.clone()),
            ("sales_tax", exact(tax)),
            ("shipping_handling", exact(shipping)),
            ("order_discount", exact(discount)),
            ("grand_total", sub_total + exact(tax) + exact(shipping) - exact(discount)),
        ];
        let terms = terms.iter().enumerate().filter(|(at, _)| which >> at & 1 == 0);
        let terms: String = terms.map(|(_, (name, amount))| format!(r#""{name}": {}, "#, shown(amount))).collect();
        format!(r#"{{{terms}"items": [{}]}}"#, lines.join(", "))
    })
}

/// An order whose amounts are off by a few quarters of a cent, some by a tail too, and a policy that lets them be off by
/// about as much.
fn near_order() -> impl Strategy<Value = (String, Policy)> {
    let quarters = |count: i128| BigRational::from(BigInt::from(count * 25)) / power_of_ten(4);
    let tail = prop_oneof![4 => Just(None), 1 => (3_u32..29).prop_map(Some)];
    let off = (-10_i128..11, tail).prop_map(move |(count, tail)| {
        quarters(count) + tail.map_or_else(BigRational::default, |places| power_of_ten(0) / power_of_ten(places))
    });
    let line = (-200_i128..800, 1_u8..4, off.clone()).prop_map(move |(price, quantity, off)| {
        let price = quarters(price);
        let stated = &price * BigInt::from(quantity) + off;
        let (price, extended) = (shown(&price), shown(&stated));
        let tax = r#""tax": 0.02, "addl_discount": 0.01"#;
        let line = format!(r#"{{"price": {price}, "quantity": {quantity}, "extended_amount": {extended}, {tax}}}"#);
        (line, stated)
    });
    let policy = (prop::sample::select(Rounding::ALL), prop::collection::vec(0_i128..8, 5));
    let policy = policy.prop_map(|(rounding, tolerances)| {
        let mut policy = Policy { options: rounding.into(), ..Policy::default() };
        for (rule, tolerance) in Rule::ALL.iter().zip(tolerances) {
            policy.set_tolerance(*rule, Amount::new(tolerance * 25, 4).unwrap()).unwrap();
        }
        policy
    });
    let offs = (off.clone(), off.clone(), off.clone(), off);
    (prop::collection::vec(line, 1..4), offs, policy).prop_map(move |(lines, offs, policy)| {
        let (lines, stated): (Vec<String>, Vec<BigRational>) = lines.into_iter().unzip();
        let count = stated.len() as i128;
        let sum = stated.into_iter().fold(BigRational::default(), |sum, stated| sum + stated);
        let sub_total = sum + offs.0;
        let (tax, discount) = (quarters(count * 8) + offs.1, quarters(count * 4) + offs.2);
        let total = &sub_total + &tax - &discount + offs.3;
        let [sub_total, tax, discount, total] = [sub_total, tax, discount, total].map(|amount| shown(&amount));
        let header = format!(r#""sub_total": {sub_total}, "sales_tax": {tax}, "order_discount": {discount}"#);
        (format!(r#"{{{header}, "grand_total": {total}, "items": [{}]}}"#, lines.join(", ")), policy)
    })
}

/// A line whose price or discount may have 4 decimals, of any quantity: what it states is near what one of the next prices
/// comes to.
fn line_of_many() -> impl Strategy<Value = String> {
    let quantity = prop_oneof![
        4 => (1_i128..2_000, 0_u32..3),
        1 => (90_000_i128..1_000_000, 0_u32..6),
        1 => (10_i128.pow(26)..10_i128.pow(28), 0_u32..29),
    ];
    let scale = prop::sample::select(vec![4_u32, 4, 4, 3, 5, 2, 12, 28]);
    let unit = (-30_000_i128..30_000, scale);
    let currency = prop::sample::select(vec![("USD", 2_u32), ("JPY", 0), ("KWD", 3), ("CLF", 4)]);
    (unit.clone(), prop::option::of(unit), quantity, any::<bool>(), currency, -3_i128..4, -7_i128..8, 0_u32..3)
        .prop_filter_map(
            "amounts that can be held",
            |(price, discount, quantity, negative, (code, decimals), ticks, halves, finer)| {
                let amount = |(mantissa, scale): (i128, u32)| Amount::new(mantissa, scale);
                let (price, quantity) = (amount(price)?, amount(quantity)?);
                let quantity = if negative { quantity.negated() } else { quantity };
                let discount = discount.and_then(amount);
                let each = exact(price) - discount.map_or_else(BigRational::default, exact);
                let of_ticks = BigRational::from(BigInt::from(ticks)) / power_of_ten(4);
                let of_halves = BigRational::from(BigInt::from(halves * 5)) / power_of_ten(decimals + 1);
                let stated = rounded(&((each + of_ticks) * exact(quantity) + of_halves), decimals + finer);
                let discount = discount.map(|discount| format!(r#""discount": {discount}, "#)).unwrap_or_default();
                let line = format!(
                    r#""price": {price}, {discount}"quantity": {quantity}, "extended_amount": {}"#,
                    shown(&stated)
                );
                Some(format!(r#"{{"currency_code": "{code}", "items": [{{{line}}}]}}"#))
            },
        )
}

/// Comparing is worth something only where there is something to compare: the writer's orders break every rule, and every
/// identity holds, breaks and stays unchecked on many.
#[test]
fn the_orders_meet_every_rule() {
    let mut met: BTreeMap<String, u32> = BTreeMap::new();
    let mut state = 1_u64;
    for _ in 0..4000 {
        let bytes: Vec<u8> = (0..state >> 33 & 255)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect();
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let order = read(write(&bytes).as_bytes()).expect("an order");
        let verdict = judge(&order, &ordercharge_oracle::Policy::default());
        for (code, _) in verdict.findings.keys() {
            *met.entry((*code).to_owned()).or_default() += 1;
        }
        for ((code, _), outcome) in &verdict.identities {
            *met.entry(format!("{code} {outcome:?}")).or_default() += 1;
        }
    }
    let outcomes = |rule: &Rule| ["Held", "Broken", "Unchecked"].map(|outcome| format!("{rule} {outcome}"));
    let identities = Rule::ALL.iter().filter(|rule| rule.is_identity()).flat_map(outcomes);
    let seldom: Vec<String> = Rule::ALL
        .iter()
        .map(ToString::to_string)
        .chain(identities)
        .filter(|wanted| met.get(wanted).is_none_or(|times| *times < 20))
        .collect();
    assert!(seldom.is_empty(), "{seldom:?} of {met:?}");
}

proptest! {
    /// What is calculated is exact, or OC302 says that it cannot be held.
    #[test]
    fn orders_at_the_edges(text in edge_order()) {
        if let Err(difference) = against::compare(text.as_bytes()) {
            return Err(TestCaseError::fail(difference));
        }
    }

    /// Prices of 4 decimals, for many items and few.
    #[test]
    fn prices_of_four_decimals(text in line_of_many()) {
        if let Err(difference) = against::compare(text.as_bytes()) {
            return Err(TestCaseError::fail(difference));
        }
    }

    #[test]
    fn sums_differences_and_products(a in amounts(), b in amounts()) {
        is(a.checked_add(b), &(exact(a) + exact(b)))?;
        is(a.checked_sub(b), &(exact(a) - exact(b)))?;
        is(a.checked_mul(b), &(exact(a) * exact(b)))?;
        prop_assert_eq!(a.cmp(&b), exact(a).cmp(&exact(b)));
        prop_assert_eq!(a == b, exact(a) == exact(b));
        prop_assert_eq!(a.decimals(), decimals(&exact(a)));
    }

    /// Of two amounts at random hardly any sum of two long ones fits: these are made of what their sum leaves.
    #[test]
    fn what_two_parts_add_up_to(whole in amounts(), part in amounts()) {
        if let Some(rest) = whole.checked_sub(part) {
            prop_assert_eq!(rest.checked_add(part), Some(whole));
        }
    }

    #[test]
    fn roundings(amount in amounts(), places in 0_u32..30) {
        let number = exact(amount);
        let nearest = rounded(&number, places);
        is(Some(amount.rounded(places, Rounding::HalfUp)), &nearest)?;
        let scaled = &number * power_of_ten(places);
        let down = scaled.trunc() / power_of_ten(places);
        is(Some(amount.rounded(places, Rounding::Down)), &down)?;
        let away = if down == number { down.clone() } else {
            let one = BigRational::from(BigInt::from(if amount.is_negative() { -1 } else { 1 }));
            (scaled.trunc() + one) / power_of_ten(places)
        };
        is(Some(amount.rounded(places, Rounding::Nearest)), &nearest)?;
        is(Some(amount.rounded(places, Rounding::Exact)), &number)?;
        // Half way between two, the one with the even digit.
        let two = BigInt::from(2);
        let tie = &down + &away == &number * &two && down != away;
        let even = if (scaled.trunc() / two).is_integer() { down } else { away };
        is(Some(amount.rounded(places, Rounding::HalfEven)), if tie { &even } else { &nearest })?;
    }

    #[test]
    fn amounts_by_their_text(text in "[ \t]{0,2}[+-]?0{0,3}[0-9]{0,32}(\\.[0-9]{0,32}0{0,3})?([eE][+-]?[0-9]{1,3})?[ \t]{0,2}") {
        let ours: Result<Amount, _> = text.parse();
        match (ours, Decimal::read(text.trim_matches([' ', '\t', '\r', '\n']))) {
            (Ok(ours), Some(decimal)) => {
                let number = decimal.held();
                prop_assert_eq!(Some(ours.to_string()), number.as_ref().map(shown));
            }
            (Err(error), Some(decimal)) => prop_assert!(error.is_inexact() && decimal.held().is_none(), "{}", error),
            (Err(error), None) => prop_assert!(error.is_not_an_amount(), "{}", error),
            (Ok(ours), None) => prop_assert!(false, "{} is no amount but {}", text, ours),
        }
    }

    /// Generated orders: what they are labelled with is found by both.
    #[test]
    fn generated_orders(faulty in strategy::any_fault(), style in strategy::style(), seed in any::<u64>()) {
        let order = Order { from_reply: false, ..faulty.order };
        let text = json_text(&order, &style, &mut Choices::seeded(seed));
        if let Err(difference) = against::compare(text.as_bytes()) {
            return Err(TestCaseError::fail(difference));
        }
    }

    /// Plausible orders, at the edges of what can be read, held and summed.
    #[test]
    fn orders(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Err(difference) = against::compare(write(&bytes).as_bytes()) {
            return Err(TestCaseError::fail(difference));
        }
    }

    /// The same orders, and those at the edges, whatever the policy.
    #[test]
    fn policies(
        policy in prop::collection::vec(any::<u8>(), 0..50),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        edges in edge_order(),
    ) {
        let policy = against::policy(&policy);
        for text in [write(&bytes), edges] {
            if let Err(difference) = against::compare_under(text.as_bytes(), &policy) {
                return Err(TestCaseError::fail(difference));
            }
        }
    }

    /// A tolerance lets an amount be off by just so much.
    #[test]
    fn tolerances((text, policy) in near_order()) {
        if let Err(difference) = against::compare_under(text.as_bytes(), &policy) {
            return Err(TestCaseError::fail(difference));
        }
    }
}
