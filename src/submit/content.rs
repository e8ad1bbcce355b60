//! `Content`: what is compared when an order is read back, so that another order of the same name is not mistaken for it.

use serde::{Deserialize, Serialize};
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
        let [total, items] = fields(order, ["grand_total", "items"]).unwrap_or_default();
        let grand_total = amount(total, TOTAL_DECIMALS).map(|total| seal(&salt, &total));
        let Some((goods, prices)) = items.and_then(lines) else {
            return Content { grand_total, salt, ..Content::default() };
        };
        let sealed = |list: Listed| {
            let mut list = list.into_iter().collect::<Option<Vec<String>>>()?;
            // The lines may come back in another order.
            list.sort_unstable();
            Some(seal(&salt, &list.join("\n")))
        };
        Content { grand_total, count: Some(goods.len() as u64), lines: sealed(goods), prices: sealed(prices), salt }
    }

    /// The content of an entry of a journal, which does not repeat the salt.
    pub(super) fn with_salt(self, salt: &str) -> Content {
        Content { salt: salt.to_owned(), ..self }
    }

    /// How an order that was read back differs, if it does.
    pub(super) fn difference(&self, found: &str) -> Option<&'static str> {
        let found = Content::salted(found, self.salt.clone());
        fn differ<T: PartialEq>(sent: &Option<T>, found: &Option<T>) -> bool {
            sent.is_some() && found.is_some() && sent != found
        }
        let differences = [
            (differ(&self.grand_total, &found.grand_total), "grand_total"),
            (differ(&self.count, &found.count), "number of lines"),
            (differ(&self.lines, &found.lines), "items or quantities"),
            (differ(&self.prices, &found.prices), "prices"),
        ];
        differences.into_iter().find_map(|(differ, what)| differ.then_some(what))
    }
}

/// What is compared of each line, if the line states all of it.
type Listed = Vec<Option<String>>;

/// The item and the quantity of each line, and both with the price.
fn lines(items: &str) -> Option<(Listed, Listed)> {
    let mut lines = Vec::new();
    let read = entries(items, |line| {
        let [item, quantity, price] = fields(line, ["item", "quantity", "price"]).unwrap_or_default();
        let item = item.and_then(text).filter(|item| !item.trim().is_empty());
        let quantity = amount(quantity, u32::MAX);
        let goods = item.zip(quantity).map(|(item, quantity)| format!("{quantity} of {:?}", item.trim()));
        let price =
            goods.as_ref().zip(amount(price, PRICE_DECIMALS)).map(|(goods, price)| format!("{goods} at {price}"));
        lines.push((goods, price));
    });
    read.is_ok().then(|| lines.into_iter().unzip())
}

/// An amount in one normal form, if it has at most this number of decimals.
fn amount(value: Option<&str>, decimals: u32) -> Option<String> {
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
