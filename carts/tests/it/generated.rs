//! Generated orders of every cart: what is mapped checks clean and is the order that is right for them, and a right order is
//! never a finding.

use ordercharge_carts::generate::{CARTS, cart_order};
use ordercharge_carts::{Cart, Choice, Json, Node, Pair, Verdict, orders, outline, references};

#[test]
fn generated_orders_are_mapped_right() {
    for cart in CARTS {
        let table = Cart::named(cart).unwrap();
        for number in 0..300 {
            let made = cart_order(cart, 1, number).unwrap();
            let json = Json::parse(made.cart_order.as_bytes()).unwrap();
            let detected = Cart::detect(&json, Node::ROOT).map(Cart::name);
            assert_eq!(detected, Some(cart), "{}", made.cart_order);
            let mapped = table.map(&json, Node::ROOT, Choice::default());
            let mapped = mapped.unwrap_or_else(|why| panic!("{cart} {number}: {why}\n{}", made.cart_order));
            let written = serde_json::to_string(&mapped.order).unwrap();
            let document = ordercharge::Document::from_json(written.as_bytes()).unwrap();
            let report = document.check(&ordercharge::Policy::default());
            assert!(report.violations.is_empty(), "{written}\n{report}");
            let header = |order: &ordercharge_carts::MappedOrder| {
                let amounts = [
                    &order.sub_total,
                    &order.sales_tax,
                    &order.shipping_handling,
                    &order.order_discount,
                    &order.grand_total,
                ];
                (order.cust_ref.clone(), order.currency_code.clone(), amounts.map(String::clone), order.items.len())
            };
            assert_eq!(header(&mapped.order), header(&made.order), "{}", made.cart_order);
            // The right order is written by the definitions, not by the table.
            let right = serde_json::to_string(&made.order).unwrap();
            let right_json = Json::parse(right.as_bytes()).unwrap();
            let pair = Pair { cart: table, json: &json, order: Node::ROOT, choice: Choice::default() };
            let compared = pair.compare(&right_json, Node::ROOT);
            assert_eq!(compared.verdict, Verdict::Same, "{}\n{right}\n{:?}", made.cart_order, compared.differences);
        }
    }
    assert_eq!(cart_order("unknown", 0, 0), None);
}

#[test]
fn an_outline_says_what_the_whole_document_says() {
    for cart in CARTS {
        for number in 0..50 {
            let text = cart_order(cart, 3, number).unwrap().cart_order;
            let json = Json::parse(text.as_bytes()).unwrap();
            let [(node, Some(known))] = orders(&json, None)[..] else { panic!("one order expected: {text}") };
            for table in [None, Some(known)] {
                let (top, found) = outline(text.as_bytes(), table).unwrap();
                assert_eq!((found.name(), node), (known.name(), Node::ROOT));
                assert_eq!(references(&top, Node::ROOT, Some(found)), references(&json, node, Some(known)));
            }
        }
    }
    // What holds orders, or may be of another cart, needs a closer look.
    for text in [
        r#"{"orders": [{"line_items": [], "total": "1", "total_tax": "0"}]}"#,
        r#"{"items": [], "total": {"grand_total": 1}}"#,
        r#"[{"line_items": [], "total": "1", "total_tax": "0"}]"#,
    ] {
        assert!(outline(text.as_bytes(), None).is_none(), "{text}");
    }
}

#[test]
fn a_wrong_charge_is_always_found() {
    for cart in CARTS {
        for number in 0..60 {
            let made = cart_order(cart, 2, number).unwrap();
            let json = Json::parse(made.cart_order.as_bytes()).unwrap();
            let pair =
                Pair { cart: Cart::named(cart).unwrap(), json: &json, order: Node::ROOT, choice: Choice::default() };
            let fields: [fn(&mut ordercharge_carts::MappedOrder) -> &mut String; 8] = [
                |order| &mut order.grand_total,
                |order| &mut order.sub_total,
                |order| &mut order.sales_tax,
                |order| &mut order.shipping_handling,
                |order| &mut order.order_discount,
                |order| &mut order.items[0].price,
                |order| &mut order.items[0].extended_amount,
                |order| &mut order.items[0].quantity,
            ];
            for field in fields {
                let mut wrong = made.order.clone();
                let amount = field(&mut wrong);
                *amount = amount
                    .parse::<ordercharge::Amount>()
                    .unwrap()
                    .checked_add(ordercharge::Amount::ONE)
                    .unwrap()
                    .to_string();
                let text = serde_json::to_string(&wrong).unwrap();
                let compared = pair.compare(&Json::parse(text.as_bytes()).unwrap(), Node::ROOT);
                assert_eq!(compared.verdict, Verdict::Different, "{}\n{text}", made.cart_order);
            }
        }
    }
}
