//! `Content`: what is compared when an order is read back, so that another order of the same name is not mistaken for it.

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::fields::{entries, fields, text};
use crate::amount::Amount;
use crate::order::Charge;

/// What is compared when an order is read back: the `grand_total`, the number of lines, and their `item`, `quantity` and
/// `price`. A value that one of the two orders does not state is not compared.
///
/// It holds digests, salted with the digest of the whole order, so that a journal shows no amounts.
///
/// ```
/// use ordercharge::submit::{Content, Endpoint, Response, judge_read_back};
///
/// let sent = Content::of(br#"{"cust_ref": "A", "grand_total": 5, "items": [{"item": "C100", "quantity": 1}]}"#);
/// let read_back = |total: &str| {
///     let body = format!(r#"{{"success_code": true, "response": {{"cust_ref": "A", "grand_total": "{total}"}}}}"#);
///     judge_read_back("A", &sent, &Ok(Response::new(200, [("", "")], body.into_bytes())), &[]).outcomes[0].name()
/// };
/// assert_eq!(read_back("5.00"), "sent");
/// assert_eq!(read_back("6.00"), "disputed");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Content {
    #[serde(skip)]
    salt: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    grand_total: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prices: Option<String>,
}

/// The number of decimals of the `grand_total` and of a price that the API returns. Amounts with more are not compared.
const TOTAL_DECIMALS: u32 = 2;
const PRICE_DECIMALS: u32 = 4;

impl Content {
    /// The content of the text of an order. A text that is not an order has nothing to compare.
    pub fn of(order: &[u8]) -> Content {
        let text = core::str::from_utf8(order).unwrap_or_default();
        Content::salted(text, hex(&Sha256::digest(order)))
    }

    pub(super) fn salted(order: &str, salt: String) -> Content {
        let Ok([total, items]) = fields(order, ["grand_total", "items"]) else {
            return Content { salt, ..Content::default() };
        };
        let grand_total = amount(total, TOTAL_DECIMALS).map(|total| seal(&salt, &total));
        let lines = items.and_then(|items| lines(items.get()));
        let listed = |list: Option<Vec<String>>| {
            let mut list = list?;
            // The lines may come back in another order.
            list.sort_unstable();
            Some(seal(&salt, &list.join("\n")))
        };
        let count = lines.as_ref().map(|lines| lines.len() as u64);
        let each =
            |what: fn(&Line) -> Option<String>| lines.as_ref().and_then(|lines| lines.iter().map(what).collect());
        let of_lines = listed(each(|line| line.goods.clone()));
        let prices = listed(each(|line| Some(format!("{} at {}", line.goods.as_ref()?, line.price.as_ref()?))));
        Content { grand_total, count, lines: of_lines, prices, salt }
    }

    /// The content of an entry of a journal.
    pub(super) fn read(entry: Option<&RawValue>, salt: &str) -> Content {
        let salt = salt.to_owned();
        let read = entry.and_then(|entry| fields(entry.get(), ["grand_total", "count", "lines", "prices"]).ok());
        let Some([grand_total, count, lines, prices]) = read else { return Content { salt, ..Content::default() } };
        let words = |value: Option<&RawValue>| value.and_then(text).map(|text| text.into_owned());
        let count = count.and_then(|count| count.get().parse().ok());
        Content { salt, grand_total: words(grand_total), count, lines: words(lines), prices: words(prices) }
    }

    /// How an order that was read back differs, if it does.
    pub(super) fn difference(&self, found: &str) -> Option<&'static str> {
        let found = Content::salted(found, self.salt.clone());
        fn differ<T: PartialEq>(sent: Option<T>, found: Option<T>) -> bool {
            sent.is_some() && found.is_some() && sent != found
        }
        if differ(self.grand_total.as_deref(), found.grand_total.as_deref()) {
            Some("grand_total")
        } else if differ(self.count, found.count) {
            Some("number of lines")
        } else if differ(self.lines.as_deref(), found.lines.as_deref()) {
            Some("items or quantities")
        } else if differ(self.prices.as_deref(), found.prices.as_deref()) {
            Some("prices")
        } else {
            None
        }
    }
}

/// The compared values of a line.
struct Line {
    /// The item and its quantity.
    goods: Option<String>,
    price: Option<String>,
}

fn lines(items: &str) -> Option<Vec<Line>> {
    let mut lines = Vec::new();
    let read = entries(items, |line| {
        let [item, quantity, price] = fields(line, ["item", "quantity", "price"]).unwrap_or_default();
        let item = item.and_then(text).map(|item| item.trim().to_owned()).filter(|item| !item.is_empty());
        let quantity = amount(quantity, u32::MAX);
        let goods = item.zip(quantity).map(|(item, quantity)| format!("{quantity} of {item:?}"));
        lines.push(Line { goods, price: amount(price, PRICE_DECIMALS) });
    });
    read.is_ok().then_some(lines)
}

/// An amount in one normal form, if it has at most this number of decimals.
fn amount(value: Option<&RawValue>, decimals: u32) -> Option<String> {
    let amount = Charge::from_text(&text(value?)?).amount().filter(|amount| amount.decimals() <= decimals)?;
    Some(Amount::to_string(&amount))
}

/// Sixteen digits of a digest are enough to distinguish orders of one name.
fn seal(salt: &str, what: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update("\n").chain_update(what).finalize();
    hex(digest.get(..8).unwrap_or_default())
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
