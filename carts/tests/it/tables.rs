//! Users' own tables: what is refused, with its place.

use ordercharge_carts::{Cart, Choice, Json, Node};

const GOOD: &str = r#"name = "mine"
lines = "rows"
quantity = "n"
row = "price * n"
shipping = "/freight"
total = "/sum"
"#;

fn error(table: &str) -> String {
    Cart::from_toml("my.toml", table).map_or_else(|error| error.to_string(), |_| "read".to_owned())
}

#[test]
fn faults_have_a_place_and_a_suggestion() {
    assert_eq!(error(GOOD), "read");
    let cases = [
        ("shipping =", "shiping =", "my.toml:5:1: no part of a table is called \"shiping\": did you mean shipping?"),
        ("\"/freight\"", "7", "my.toml:5:12: expected a string, found a number"),
        (
            "\"/freight\"",
            "[\"/freight\", \"- /fr[eight\"]",
            "my.toml:5:31: expected the name of a member, found \"fr[eight\"",
        ),
        ("price * n", "price * n * n", "my.toml:4:8: expected one or two factors, found 3"),
        ("price * n", "price * =two", "my.toml:4:16: expected a number after `=`, found \"two\""),
        ("price * n", "a//b", "my.toml:4:10: expected the name of a member, found \"\""),
        ("price * n", "a/[b]/c", "my.toml:4:10: expected [name=value], found \"[b]\""),
        (
            "row = \"price * n\"\n",
            "",
            "my.toml:1:1: expected the part `row` (a whole line before discounts), found none",
        ),
        ("name = \"mine\"\n", "", "my.toml:1:1: expected a name of letters, digits, `-` and `_`: name = \"my-cart\""),
    ];
    for (from, to, expected) in cases {
        assert_eq!(error(&GOOD.replace(from, to)), expected, "{to}");
    }
    assert!(error("name = ").starts_with("my.toml:1:8: "), "{}", error("name = "));
    assert_eq!(error(&format!("{GOOD}[variants.newest]\n")), "my.toml:7:11: no variant is called \"newest\"");
    let note = "[[notes]]\nname = \"tip\"\nif = \"/tip\"\n";
    assert_eq!(error(&format!("{GOOD}{note}")), "my.toml:9:1: no key of a note is called \"if\"");
}

#[test]
fn a_path_that_no_order_has_is_an_error_with_a_suggestion() {
    let table = GOOD.replace("/freight", "/frieght");
    let cart = Cart::from_toml("my.toml", &table).unwrap();
    let json = Json::parse(br#"{"rows": [{"n": 2, "price": "1.50"}], "freight": 1, "sum": 3}"#).unwrap();
    cart.map(&json, Node::ROOT, Choice::default()).unwrap();
    let unused: Vec<String> = cart.unused(Some((&json, Node::ROOT))).iter().map(ToString::to_string).collect();
    let expected = "my.toml:5:13: expected a path that some order has, found \"/frieght\", which none has; there is a \"freight\" \
                    (write \"optional \" in front if that is right)";
    assert_eq!(unused, [expected]);
    let cart = Cart::from_toml("my.toml", &table.replace("/frieght", "optional /frieght")).unwrap();
    assert!(cart.map(&json, Node::ROOT, Choice::default()).is_ok());
    assert_eq!(cart.unused(None), []);
}

#[test]
fn every_name_of_a_charge_in_a_table_is_a_name_that_check_knows() {
    // A header field that a table takes as it is may be copied under its own name: OC304 then says what is meant.
    for (name, field) in [
        ("total_price", "grand_total"),
        ("total_tax", "sales_tax"),
        ("tax_amount", "sales_tax"),
        ("total_inc_tax", "grand_total"),
        ("grandtotal", "grand_total"),
        ("shipping_total", "shipping_handling"),
        ("shipping_amount", "shipping_handling"),
        ("shippingTotal", "shipping_handling"),
        ("taxTotal", "sales_tax"),
        ("grandTotal", "grand_total"),
        ("discountTotal", "order_discount"),
        ("discount_amt", "order_discount"),
        ("total_amount", "grand_total"),
    ] {
        let text = format!(r#"{{"items": [{{"quantity": 1, "price": 1}}], "{name}": 5}}"#);
        let order = ordercharge::Order::from_json(text.as_bytes()).unwrap();
        let means: Vec<&str> = order.misnamed.iter().map(|other| other.means.name()).collect();
        assert_eq!(means, [field], "{name}");
    }
}

#[test]
fn without_a_table_only_the_names_of_the_order_are_its_names() {
    let order = br#"{"customer_name": "Zebulon", "name": "Quimby", "phone_number": 5550109999, "orderer_name": "Zebulon",
        "buyer_reference": "B-1", "customer_no": 7, "order_phone_number": 5550109999, "loyalty_id": 8, "coupon_ref": "C",
        "id": 1, "order_number": "1001", "externalId": "E-1", "purchase_order_no": "P-1", "Customer Order Number": "O-1",
        "Receipt-ID": 5, "checkout_id": "K", "number": "1001"}"#;
    let json = Json::parse(order).unwrap();
    let names = ordercharge_carts::references(&json, Node::ROOT, None);
    assert_eq!(names, ["1", "1001", "E-1", "P-1", "O-1", "5", "K"]);
    // The name of an order has a digit and no blank; a person's name seldom does.
    let names_of = |name: &str| {
        let order = format!(r#"{{"name": "{name}", "increment_id": "000000012"}}"#);
        ordercharge_carts::references(&Json::parse(order.as_bytes()).unwrap(), Node::ROOT, None)
    };
    assert_eq!(names_of("#1001"), ["#1001", "000000012"]);
    assert_eq!(names_of("Quimby"), ["000000012"]);
    assert_eq!(names_of("Quimby 2"), ["000000012"]);
}

#[test]
fn only_a_path_that_was_looked_for_is_unused() {
    let table = format!("{GOOD}rows = \"/sum_of_rows\"\n[variants.current]\nshipping = \"/freight_now\"\n");
    let unused = |order: &str, choice: Choice| {
        let cart = Cart::from_toml("my.toml", &table).unwrap();
        let json = Json::parse(order.as_bytes()).unwrap();
        let _ = cart.map(&json, Node::ROOT, choice);
        cart.unused(None).iter().map(|error| (error.line, error.column)).collect::<Vec<_>>()
    };
    let order = r#"{"rows": [{"n": 2, "price": "1.50"}], "freight": 1, "freight_now": 0, "sum": 4}"#;
    // An order with lines is not searched for their sum, nor one as it was placed for what it is now.
    assert_eq!(unused(order, Choice::default()), []);
    // The figures of the choice are those that count.
    let current = Choice { edited: ordercharge_carts::Edited::Current, ..Choice::default() };
    assert_eq!(unused(&order.replace("freight", "fright"), current), [(9, 13)]);
    // Nothing is looked for after a line that cannot be read; what cannot be read is there.
    assert_eq!(unused(&order.replace("\"1.50\"", "\"ask\""), Choice::default()), []);
}
