//! `compare` and `compare_all` by name, for texts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use ordercharge_records::call;
use serde_json::{Value, json};

const TABLE: &str = "name = \"mine\"\nlines = \"rows\"\nquantity = \"n\"\nrow = \"n\"\nshipping = \"/frieght\"\nfees = \"/fee\"\ntotal = \"/sum\"\nreferences = [\"/id\"]\n";
const CART: &str = r#"{"id": "A", "sum": 3, "rows": [{"n": 3}]}"#;
const ORDER: &str = r#"{"cust_ref": " A ", "items": [{"quantity": 3, "price": 1}], "grand_total": 3}"#;

fn records(orders: &str, options: &Value) -> Vec<Value> {
    let records = String::from_utf8(call("compare_all", orders.as_bytes(), &options.to_string()).unwrap()).unwrap();
    records.lines().map(|record| serde_json::from_str(record).unwrap()).collect()
}

#[test]
fn an_order_of_the_cart_alone_has_an_index_after_every_document() {
    let carts = [CART, &CART.replace("\"A\"", "\"B\"")].join("\n");
    let table = TABLE.replace("shipping = \"/frieght\"\nfees = \"/fee\"\n", "");
    let options = json!({"cart_order": carts, "cart_table": table, "all": true});
    for (orders, index) in [(ORDER.to_owned(), 1), (format!("{ORDER}\n{{\"cust_ref\": oops}}\n"), 2)] {
        let records = records(&orders, &options);
        let of = |name: &str| records.iter().find(|record| record["cust_ref"] == name).unwrap();
        // Space around a name is not a part of it.
        assert_eq!((&of("A")["verdict"], &of("A")["index"]), (&json!("same"), &json!(0)));
        assert_eq!((&of("B")["verdict"], &of("B")["index"]), (&json!("unmatched"), &json!(index)));
    }
}

#[test]
fn every_unused_path_of_a_table_is_named() {
    let options = json!({"cart_order": CART, "cart_table": TABLE});
    let failure = call("compare", ORDER.as_bytes(), &options.to_string()).unwrap_err().to_string();
    for path in ["/frieght", "/fee"] {
        assert!(failure.contains(&format!("found {path:?}, which none has")), "{failure}");
    }
    let records = records(ORDER, &options);
    assert_eq!(records.iter().filter(|record| record["type"] == "error").count(), 2, "{records:?}");
}

#[test]
fn without_a_table_the_id_of_one_order_is_not_taken_for_the_number_of_another() {
    let carts = r#"{"id": 1001, "number": 5, "total": 4} {"id": 7, "number": 1001, "total": 4}"#;
    let order =
        |name: &str| format!(r#"{{"cust_ref": "{name}", "items": [{{"quantity": 1, "price": 4}}], "grand_total": 4}}"#);
    let options = json!({"cart_order": carts, "cart": "none", "all": true});
    let verdict = |name: &str| {
        let records = records(&order(name), &options);
        let own = &records[0];
        (
            own["verdict"].as_str().unwrap().to_owned(),
            own["differences"][0]["message"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(verdict("7").0, "same");
    let message = "several orders of the cart have this name, under keys that differ";
    assert_eq!(verdict("1001"), ("unmatched".to_owned(), message.to_owned()));
    assert_eq!(verdict("1002").1, "no order of the cart has this name");
}

#[test]
fn without_a_table_the_amounts_tell_orders_with_one_name_apart() {
    let cart = |id: u32, number: u32, total: u32| {
        format!(r#"{{"id": {id}, "number": {number}, "total": {total}, "lines": [{{"qty": 1, "price": {total}}}]}}"#)
    };
    // The number of each is the id of the one after the next.
    let carts: Vec<String> = (0..5).map(|at| cart(1001 + at, 1003 + at, 40 + at)).collect();
    let orders: Vec<String> = (0..5)
        .map(|at| {
            let (name, total) = (1003 + at, 40 + at);
            format!(
                r#"{{"cust_ref": "{name}", "items": [{{"quantity": 1, "price": {total}}}], "grand_total": {total}}}"#
            )
        })
        .collect();
    let options = json!({"cart_order": carts.join("\n"), "cart": "none", "all": true});
    let records = records(&orders.join("\n"), &options);
    let verdicts: Vec<&str> = records.iter().filter_map(|record| record["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["same"; 5], "{records:?}");
}
