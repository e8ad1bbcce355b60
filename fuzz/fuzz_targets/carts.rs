//! Tables and carts' orders of any bytes: nothing panics, what is read is what `serde_json` reads, and what is mapped checks clean
//! and compares as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::{Document, Policy};
use ordercharge_carts::{Cart, Choice, Edited, Json, Money, Node, Pair, Verdict, compare_by_value, orders};

fuzz_target!(|bytes: &[u8]| {
    // A table, and a document that it is tried on.
    let (table, text) = match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (std::str::from_utf8(&bytes[..end]).ok(), &bytes[end + 1..]),
        None => (None, bytes),
    };
    let own = table.and_then(|table| Cart::from_toml("fuzz.toml", table).ok());
    let read = Json::parse(text);
    // serde_json takes no byte order mark, and limits the depth and the size of numbers in another way.
    let plain = !text.starts_with(b"\xEF\xBB\xBF");
    if plain && let Ok(value) = serde_json::from_slice::<serde_json::Value>(text) {
        let json = read.as_ref().unwrap_or_else(|error| panic!("{value} is JSON, but {error}"));
        if let Some(object) = value.as_object() {
            for (key, value) in object {
                let node = json.get(Node::ROOT, key).expect("a member that serde_json reads");
                assert!(value.as_str().is_none_or(|text| json.string(node) == text));
                assert_eq!(json.at(&json.pointer(node)), Some(node));
            }
        }
    }
    let Ok(json) = read else { return };
    for (order, cart) in orders(&json, own.as_ref()) {
        let Some(cart) = cart else {
            compare_by_value(&json, order, &json, Node::ROOT);
            continue;
        };
        for choice in [
            Choice::default(),
            Choice { edited: Edited::Current, money: Money::Presentment },
            Choice { edited: Edited::Original, money: Money::Shop },
        ] {
            let pair = Pair { cart, json: &json, order, choice };
            pair.compare(&json, Node::ROOT);
            let Ok(mapped) = cart.map(&json, order, choice) else { continue };
            mapped.sources(cart, &json, order, choice);
            let written = serde_json::to_string(&mapped.order).expect("an order that can be written");
            let document = Document::from_json(written.as_bytes()).expect("an order that can be read");
            let report = document.check(&Policy::default());
            assert!(report.is_valid(), "{written}\n{report}");
            let own = Json::parse(written.as_bytes()).expect("JSON");
            let compared = pair.compare(&own, Node::ROOT);
            assert_eq!(compared.verdict, Verdict::Same, "{written}\n{:?}", compared.differences);
        }
    }
    if let Some(cart) = &own {
        cart.unused(Some((&json, Node::ROOT)));
        cart.markdown();
    }
});
