//! Counts and sums in words.

use ordercharge::{Amount, Currency, Rounding};
use ordercharge_records::{NO_CURRENCY, Sums, in_currency};

/// Sums by currency code, in words: each rounded to its minor unit, because orders may hold binary floats.
pub(crate) fn sums_in_words(sums: &Sums) -> String {
    let sum = |(code, sum): (&str, Option<Amount>)| {
        let shown = |sum: Amount| {
            let rounded = sum.rounded(Currency::from_code(code).decimals(), Rounding::HalfUp);
            format!("{}{}", if rounded == sum { "" } else { "about " }, in_currency(code, rounded))
        };
        let amount = sum.map_or("more than can be held".to_owned(), shown);
        if code == NO_CURRENCY { format!("{amount} (no known currency)") } else { format!("{amount} {code}") }
    };
    sums.iter().map(sum).collect::<Vec<_>>().join(" + ")
}

pub(crate) fn orders_of(count: u64) -> String {
    if count == 1 { "1 order".to_owned() } else { format!("{count} orders") }
}
