//! The functions that bindings call by name: their options, and what they say about input that is wrong.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use ordercharge_records::call;
use serde_json::{Value, json};

const CART: &str = r#"{"AmazonOrderId": "Ä-1", "OrderTotal": {"CurrencyCode": "USD", "Amount": "27.98"}, "OrderItems": [{"SellerSKU": "MUG", "QuantityOrdered": 2, "ItemPrice": {"Amount": "27.98"}}]}"#;
const ORDER: &str =
    r#"{"cust_ref": "Ä-1", "items": [{"item": "MUG", "quantity": 2, "price": "27.98"}], "grand_total": "27.98"}"#;

fn record(function: &str, input: &[u8], options: &Value) -> Value {
    serde_json::from_slice(&call(function, input, &options.to_string()).unwrap()).unwrap()
}

fn records(function: &str, input: &[u8], options: &Value) -> Vec<Value> {
    let lines = call(function, input, &options.to_string()).unwrap();
    lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn failure(function: &str, input: &str, options: &Value) -> String {
    call(function, input.as_bytes(), &options.to_string()).unwrap_err().to_string()
}

/// Both texts as one input, with the option that says where the second one begins.
fn both(cart: &[u8], order: &[u8]) -> (Vec<u8>, Value) {
    ([cart, order].concat(), json!({ "cart_length": cart.len() }))
}

fn with(options: &Value, key: &str, value: Value) -> Value {
    let mut options = options.clone();
    options[key] = value;
    options
}

#[test]
fn a_cart_s_text_is_an_option_or_before_the_orders() {
    let (input, options) = both(CART.as_bytes(), ORDER.as_bytes());
    let expected = call("compare", ORDER.as_bytes(), &json!({ "cart_order": CART }).to_string()).unwrap();
    assert_eq!(call("compare", &input, &options.to_string()).unwrap(), expected);
    assert!(failure("compare", ORDER, &with(&options, "cart_order", json!(CART))).contains("found both"));
    assert_eq!(
        failure("compare", "{}", &json!({ "cart_length": 3 })),
        "expected a `cart_length` up to the 2 bytes of the input, found 3"
    );
}

#[test]
fn a_byte_that_is_not_text_costs_one_order() {
    let other = CART.replace("Ä-1", "Ä-2");
    let broken = [other.as_bytes(), b"\n"]
        .concat()
        .iter()
        .map(|byte| if *byte == 0xC3 { 0xFF } else { *byte })
        .collect::<Vec<u8>>();
    let cart = [broken.as_slice(), CART.as_bytes()].concat();
    let (input, options) = both(&cart, ORDER.as_bytes());
    let found = records("compare_all", &input, &options);
    let kinds: Vec<&str> = found.iter().map(|record| record["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["comparison", "error", "summary"]);
    assert_eq!(found[0]["verdict"], "different");
    assert!(found[1]["message"].as_str().unwrap().starts_with("cart: line 1, column 20: "), "{}", found[1]["message"]);
    assert_eq!((&found[2]["pairs"], &found[2]["exit"]), (&json!(1), &json!(2)));
}

#[test]
fn options_of_another_function_are_refused() {
    let options = json!({ "cart_order": CART });
    let all = failure("compare", ORDER, &with(&options, "all", json!(true)));
    assert_eq!(all, "expected the option `all` only in `compare_all`");
    let places = failure("compare_all", ORDER, &with(&options, "places", json!(true)));
    assert_eq!(places, "expected the option `places` only in `compare`");
    assert_eq!(failure("check", ORDER, &json!({ "all": true })), "expected the option `all` only in `check_all`");
}

#[test]
fn the_source_of_the_cart_is_in_messages() {
    let message = failure("compare", ORDER, &json!({ "cart_order": "{", "cart_source": "shop.json" }));
    assert!(message.starts_with("shop.json: line 1, column 2: "), "{message}");
}

#[test]
fn places_are_those_of_the_order_that_was_compared() {
    let places = |cart: &str, order: &str| {
        let (input, options) = both(cart.as_bytes(), order.as_bytes());
        record("compare", &input, &with(&options, "places", json!(true)))
    };
    let text = |text: &str, place: &Value| {
        let [start, end] = [0, 1].map(|at| place[at].as_u64().unwrap() as usize);
        text.get(start..end).unwrap().to_owned()
    };
    let other = CART.replace("Ä-1", "Ä-2");
    // A wrapper, a list, lines, and an order of the same figures before and after.
    for cart in [
        CART.to_owned(),
        format!(" {{\"payload\": {{\"Orders\": [\n{CART}]}}}}"),
        format!("[{other}, {CART}, {other}]"),
        format!("{other}\n{CART}\n{other}"),
    ] {
        let found = places(&cart, &format!("\n {ORDER}"));
        assert_eq!(text(&cart, &found["places"]["cart_order"]), CART, "{cart}");
        let difference = &found["places"]["differences"][0];
        assert_eq!(found["places"]["differences"].as_array().map(Vec::len), Some(1), "{found}");
        assert_eq!(text(&cart, &difference["taken_from"]), "\"27.98\"");
        assert_eq!(text(&format!("\n {ORDER}"), &difference["path"]), "\"27.98\"");
        let [order, taken] =
            [&found["places"]["cart_order"], &difference["taken_from"]].map(|place| place[0].as_u64().unwrap());
        assert_eq!(Some((taken - order) as usize), CART.rfind("\"27.98\""), "{cart}");
    }
    // What is not there has no place.
    let unset = places(CART, &ORDER.replace(r#", "price": "27.98""#, r#", "extended_amount": "1""#));
    let differences =
        unset["differences"].as_array().unwrap().iter().zip(unset["places"]["differences"].as_array().unwrap());
    assert!(differences.clone().count() > 0);
    for (difference, place) in differences {
        assert_eq!(place["path"].is_null(), difference["stated"].is_null(), "{difference} {place}");
        assert_eq!(place["taken_from"].is_null(), difference["taken_from"].is_null());
    }
    let unmatched = places(&format!("[{other}, {other}]"), ORDER);
    assert_eq!((&unmatched["verdict"], &unmatched["places"]["cart_order"]), (&json!("unmatched"), &Value::Null));
}

#[test]
fn findings_of_a_comparison_are_explained() {
    let explained =
        |name: &str| -> Vec<Value> { serde_json::from_slice(&call("explain", name.as_bytes(), "").unwrap()).unwrap() };
    for name in ["OC401", "oc401", "charge-differs"] {
        let [row] = explained(name).try_into().unwrap();
        assert_eq!((&row["kind"], &row["code"]), (&json!("comparison"), &json!("OC401")));
        assert!(row["remedy"].as_str().unwrap().starts_with("take the field"));
    }
    assert_eq!(explained("OC4").len(), 7);
    assert_eq!(explained("").iter().filter(|row| row["kind"] == "comparison").count(), 7);
    assert_eq!(
        failure("explain", "OC499", &json!({})).split(',').next(),
        Some("no rule or mistake is called \"OC499\"")
    );
}
