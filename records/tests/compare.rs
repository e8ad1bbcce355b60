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
