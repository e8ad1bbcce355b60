//! Amounts: exact or nothing, where `Decimal` rounds or saturates without a word.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use ordercharge::{Amount, Charge, Rounding, Unusable};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn amount(text: &str) -> Amount {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

#[test]
fn decimal_loses_digits_and_amount_does_not() {
    // What `Decimal` does: the checked operations answer, with digits missing.
    let tiny = decimal("0.0000000000000001");
    assert_eq!(tiny.checked_mul(tiny), Some(Decimal::ZERO));
    let long = decimal("1.0000000000000000000000000001");
    assert_eq!(long.checked_mul(long), Some(decimal("1.0000000000000000000000000002")));
    assert_eq!(Decimal::MAX.checked_add(decimal("0.45")), Some(Decimal::MAX));
    let (a, b) = (decimal("9999999999999.9999"), decimal("9999999999.9999"));
    assert_ne!(a.checked_mul(b).unwrap().to_string(), "99999999999998999.00000000001");

    // What `Amount` does: the exact result, or none.
    let tiny = amount("1e-16");
    assert_eq!(tiny.checked_mul(tiny), None);
    let long = amount("1.000000000000000000000000001");
    assert_eq!(long.checked_mul(long), None);
    let most = amount("9999999999999999999999999999");
    assert_eq!(most.checked_add(amount("0.45")), None);
    assert_eq!(most.checked_add(Amount::ONE), None);
    assert_eq!(most.checked_sub(Amount::ONE), Some(amount("9999999999999999999999999998")));
    let (a, b) = (amount("9999999999999.9999"), amount("9999999999.9999"));
    assert_eq!(a.checked_mul(b), None);

    // 29 digits are more than an amount has, although a `Decimal` may hold them.
    assert!(Amount::try_from(Decimal::MAX).unwrap_err().is_inexact());
    assert!(Amount::try_from(decimal("1.0000000000000000000000000001")).unwrap_err().is_inexact());
}

#[test]
fn a_result_is_exact_although_its_factors_fill_the_integer() {
    // 5^39 * 2^39 is 10^39: too wide for 128 bits, and yet the product is 1.
    let fives = Amount::new(5_i128.pow(39), 28).unwrap();
    let twos = Amount::new(2_i128.pow(39), 11).unwrap();
    assert_eq!(fives.checked_mul(twos), Some(Amount::ONE));
    assert_eq!(twos.checked_mul(fives.negated()), Some(Amount::ONE.negated()));
    // The zeros of one factor alone: 10^27 * (10^12 + 1) is too wide.
    let one = Amount::new(10_i128.pow(27), 27).unwrap();
    let odd = amount("1000000000001");
    assert_eq!((one.checked_mul(odd), odd.checked_mul(one)), (Some(odd), Some(odd)));
    // Trailing zeros are no reason to refuse either.
    let padded = Amount::new(10_i128.pow(27), 27).unwrap();
    assert_eq!(padded.checked_mul(padded), Some(Amount::ONE));
    assert_eq!(padded.checked_add(amount("999999999999999999999999999")), Some(amount("1e27")));
}

#[test]
fn decimals_are_given_back_as_they_came() {
    for text in ["0", "5.00", "-12.3400", "0.0000000000000000000000000001", "9999999999999999999999999999"] {
        let decimal = decimal(text);
        let back = Decimal::from(Amount::try_from(decimal).unwrap());
        assert_eq!((back, back.scale()), (decimal, decimal.scale()), "{text}");
    }
}

#[test]
fn texts_that_are_amounts() {
    let same = [
        ("5", "5"),
        ("+5", "5"),
        ("-5", "-5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-.5e1", "-5"),
        (" 5.00\t", "5"),
        ("1e2", "100"),
        ("1E+2", "100"),
        ("125e-2", "1.25"),
        ("0e999999999999", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("00012.50", "12.5"),
        ("1e27", "1000000000000000000000000000"),
        ("1e-28", "0.0000000000000000000000000001"),
        ("10000000000000000000000000000000000000000e-40", "1"),
        ("12345678901234567.89", "12345678901234567.89"),
    ];
    for (text, printed) in same {
        assert_eq!(amount(text).to_string(), printed, "{text:?}");
    }
    let zeros = format!("1.{}", "0".repeat(1_000_000));
    assert_eq!(amount(&zeros), Amount::ONE);
}

#[test]
fn texts_that_are_no_amounts() {
    let texts = [
        "", " ", ".", "-", "+", "e5", "5e", "5e+", "1_000", "1,000", "1.2.3", "0x10", "NaN", "inf", "$5", "5 %", "5 5",
        "--5", "+-5", "\u{a0}5", "٥", "1e2.5",
    ];
    for text in texts {
        assert!(text.parse::<Amount>().unwrap_err().is_not_an_amount(), "{text:?}");
    }
    let digits = "9".repeat(1_000_000);
    for text in ["1e28", "1e-29", "12345678901234567890123456789", "0.12345678901234567890123456789", "1e400", &digits]
    {
        assert!(text.parse::<Amount>().unwrap_err().is_inexact(), "{text:?}");
    }
}

#[test]
fn rounding_by_name() {
    let cases = [
        ("2.5", 0, ["3", "2", "2"]),
        ("3.5", 0, ["4", "4", "3"]),
        ("-2.5", 0, ["-3", "-2", "-2"]),
        ("0.125", 2, ["0.13", "0.12", "0.12"]),
        ("0.1250000000000000000000000001", 2, ["0.13", "0.13", "0.12"]),
        ("0.1249999999999999999999999999", 2, ["0.12", "0.12", "0.12"]),
        ("9.999", 2, ["10", "10", "9.99"]),
        ("0.004", 2, ["0", "0", "0"]),
        ("8.80", 2, ["8.8", "8.8", "8.8"]),
        ("8.8000", 2, ["8.8", "8.8", "8.8"]),
    ];
    for (text, decimals, expected) in cases {
        let how = [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down];
        let rounded = how.map(|how| amount(text).rounded(decimals, how).to_string());
        assert_eq!(rounded, expected, "{text}");
        assert_eq!(amount(text).rounded(decimals, Rounding::Nearest).to_string(), expected[0], "{text}");
        assert_eq!(amount(text).rounded(decimals, Rounding::Exact), amount(text), "{text}");
    }
}

#[test]
fn printing() {
    assert_eq!(format!("{:.2}", amount("8.8")), "8.80");
    assert_eq!(format!("{:.2}", amount("8.805")), "8.805", "no digit is dropped");
    assert_eq!(format!("{:>8}|{:?}", amount("-1.50"), amount("1e3")), "    -1.5|1000");
    assert_eq!(format!("{:8.2}|{:8.2}|", amount("5"), amount("-4.5")), "    5.00|   -4.50|");
    assert_eq!(serde_json::to_string(&amount("1.50")).unwrap(), r#""1.5""#);
    assert_eq!(serde_json::from_str::<Amount>(r#""1.50""#).unwrap(), amount("1.5"));
}

#[test]
fn equal_amounts_hash_alike_and_others_need_not() {
    let hash = |text: &str| BuildHasherDefault::<DefaultHasher>::default().hash_one(amount(text));
    assert_eq!(hash("1"), hash("1.00"));
    assert_eq!(hash("0"), hash("-0.0"));
    let all: BTreeSet<u64> = ["0", "1", "-1", "0.1", "10", "0.01"].map(hash).into();
    assert_eq!(all.len(), 6);
}

/// Amounts over the whole range, small ones most often.
fn amounts() -> impl Strategy<Value = Amount> {
    let limit = 10_i128.pow(28);
    let mantissa = prop_oneof![-100_000..100_000_i128, -limit + 1..limit, Just(limit - 1), Just(0)];
    (mantissa, 0_u32..=28).prop_map(|(mantissa, scale)| Amount::new(mantissa, scale).unwrap())
}

/// The value as an integer count of 10^-56, in two halves wide enough for every product: an oracle of another make.
fn wide(amount: Amount) -> (bool, Vec<u8>) {
    let text = format!("{:.56}", amount.abs());
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    let first = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len());
    (amount.is_negative(), digits.get(first..).unwrap_or_default().to_vec())
}

/// Schoolbook multiplication of two digit strings.
fn product(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut cells = vec![0_u32; a.len() + b.len()];
    for (i, x) in a.iter().rev().enumerate() {
        for (j, y) in b.iter().rev().enumerate() {
            cells[i + j] += u32::from(*x) * u32::from(*y);
        }
    }
    let mut carry = 0;
    let mut digits: Vec<u8> = Vec::new();
    for cell in cells {
        let sum = cell + carry;
        digits.push((sum % 10) as u8);
        carry = sum / 10;
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits.reverse();
    digits
}

proptest! {
    #[test]
    fn sums_undo(a in amounts(), b in amounts()) {
        if let Some(sum) = a.checked_add(b) {
            prop_assert_eq!(sum.checked_sub(b), Some(a));
            prop_assert_eq!(sum.checked_sub(a), Some(b));
            prop_assert_eq!(b.checked_add(a), Some(sum));
        }
    }

    #[test]
    fn products_are_those_of_long_multiplication(a in amounts(), b in amounts()) {
        let (negative_a, digits_a) = wide(a);
        let (negative_b, digits_b) = wide(b);
        // The product of two counts of 10^-56 counts 10^-112.
        let mut digits = product(&digits_a, &digits_b);
        let mut scale = if digits.is_empty() { 0 } else { 112_i32 };
        while digits.last() == Some(&0) && scale > 0 {
            digits.pop();
            scale -= 1;
        }
        let held = digits.len() <= 28 && scale <= 28;
        let expected = held.then(|| {
            let mantissa = digits.iter().fold(0_i128, |sum, digit| sum * 10 + i128::from(*digit));
            Amount::new(if negative_a == negative_b { mantissa } else { -mantissa }, scale.unsigned_abs()).unwrap()
        });
        prop_assert_eq!(a.checked_mul(b), expected);
    }

    #[test]
    fn order_is_that_of_the_difference(a in amounts(), b in amounts()) {
        if let Some(difference) = a.checked_sub(b) {
            prop_assert_eq!(a.cmp(&b), difference.cmp(&Amount::ZERO));
        }
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
    }

    #[test]
    fn printing_and_parsing_cancel(a in amounts()) {
        prop_assert_eq!(amount(&a.to_string()), a);
        prop_assert_eq!(Amount::try_from(Decimal::from(a)).unwrap(), a);
        let (text, printed) = (a.text(), a.to_string());
        prop_assert_eq!((&*text, text.as_bytes(), format!("{text:?}")), (&*printed, printed.as_bytes(), printed.clone()));
    }
}

#[test]
fn charges_come_from_what_there_is() {
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!(Charge::from(None::<Decimal>), Charge::Unset);
    assert_eq!(Charge::from(Some(decimal("4.40"))), Charge::from_text("4.4"));
    assert_eq!(Charge::from(Some(Decimal::MAX)), Charge::Unusable(Unusable::Inexact));
    assert_eq!(Charge::from(Charge::from_text("1").amount()), 1.into());
    assert_eq!(" ".parse(), Ok(Charge::Blank));
    for (charge, written) in [("4.40", json!("4.4")), (" ", json!(""))] {
        assert_eq!(serde_json::to_value(Charge::from_text(charge)).unwrap(), written);
    }
    assert_eq!(serde_json::to_value(Charge::Unset).unwrap(), Value::Null);
    assert!(serde_json::to_value(Charge::from_text("$1")).is_err());
}

#[test]
fn sums_are_exact_or_none() {
    let amounts = |texts: &[&str]| texts.iter().map(|text| text.parse::<Amount>().unwrap()).collect::<Vec<_>>();
    assert_eq!(Amount::checked_sum([]), Some(Amount::ZERO));
    assert_eq!(amounts(&["0.1", "0.2", "-1"]).into_iter().sum::<Option<Amount>>(), "-0.7".parse().ok());
    assert_eq!(Amount::checked_sum(amounts(&["9999999999999999999999999999", "1"])), None);
}
