//! Every answer against unbounded exact arithmetic: an amount is right to the last digit, or OC302 says that it cannot be
//! held; never anything else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "util/against.rs"]
mod against;

use std::fs;
use std::path::Path;

use num_bigint::BigInt;
use num_rational::BigRational;
use ordercharge::generate::{Choices, json_text};
use ordercharge::{Amount, Currency, Documents, Order, Round, strategy};
use ordercharge_oracle::{Decimal, decimals, held, minor_unit, power_of_ten, rounded, shown, write};
use proptest::prelude::*;

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
    for (name, text) in
        ["tests/cases", "tests/causes", "samples", "fuzz/seeds", "fuzz/regressions"].into_iter().flat_map(texts)
    {
        against::compare(&text).unwrap_or_else(|difference| panic!("{name}: {difference}"));
        // Orders in containers are compared one by one.
        for record in Documents::new(&text) {
            if let Ok(document) = record.document {
                against::compare(document.text()).unwrap_or_else(|difference| panic!("{name}: {difference}"));
                compared += 1;
            }
        }
    }
    assert!(compared > 600, "{compared}");
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

proptest! {
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
        is(Some(amount.rounded(places, Round::HalfUp)), &nearest)?;
        let scaled = &number * power_of_ten(places);
        let down = scaled.trunc() / power_of_ten(places);
        is(Some(amount.rounded(places, Round::Down)), &down)?;
        let away = if down == number { down.clone() } else {
            let one = BigRational::from(BigInt::from(if amount.is_negative() { -1 } else { 1 }));
            (scaled.trunc() + one) / power_of_ten(places)
        };
        is(Some(amount.rounded(places, Round::Up)), &away)?;
        // Half way between two, the one with the even digit.
        let two = BigInt::from(2);
        let tie = &down + &away == &number * &two && down != away;
        let even = if (scaled.trunc() / two).is_integer() { down } else { away };
        is(Some(amount.rounded(places, Round::HalfEven)), if tie { &even } else { &nearest })?;
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
}
