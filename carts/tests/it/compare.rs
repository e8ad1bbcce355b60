//! CartRover orders compared with the cart's orders.

use ordercharge_carts::{Comparison, Corpus, How, Json, Node, Verdict, compare_by_value};

use crate::compare;

const AMAZON: &str = r#"{"AmazonOrderId": "A-1", "OrderTotal": {"CurrencyCode": "USD", "Amount": "35.97"}, "OrderItems": [
    {"SellerSKU": "MUG", "QuantityOrdered": 2, "ItemPrice": {"Amount": "27.98"}, "ItemTax": {"Amount": "0.00"}},
    {"SellerSKU": "PEN", "QuantityOrdered": 1, "ItemPrice": {"Amount": "7.99"}, "ItemTax": {"Amount": "0.00"}}]}"#;

fn order(items: &str, header: &str) -> String {
    format!(r#"{{"cust_ref": "A-1", "items": [{items}], {header}}}"#)
}

const PEN: &str = r#"{"item": "PEN", "quantity": 1, "price": "7.99"}"#;
const MUG: &str = r#"{"item": "MUG", "quantity": 2, "price": "13.99"}"#;

/// What differs: path, stated, right, place, how.
fn found(comparison: &Comparison) -> Vec<String> {
    let one = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let lines = comparison.differences.iter().map(|difference| {
        let how = difference.how.map_or("-", How::words);
        let place = one(&difference.taken_from);
        format!(
            "{} {} {} {} {place} {how}",
            difference.rule,
            difference.path,
            one(&difference.stated),
            one(&difference.right)
        )
    });
    lines.collect()
}

#[test]
fn lines_are_joined_by_sku() {
    let comparison = compare(AMAZON, &order(&[PEN, MUG].join(","), r#""grand_total": "35.97""#));
    assert_eq!((comparison.verdict, found(&comparison)), (Verdict::Same, vec![]));
}

/// Shipping may be stated before its discount, with the discount in the order's, also where prices include a tax of 0.
#[test]
fn shipping_before_its_discount_is_right() {
    for included in [false, true] {
        for (left, total) in [("0.00", "57.50"), ("2.00", "59.50")] {
            let cart = format!(
                r#"{{"name": "A-1", "currency": "EUR", "subtotal_price": "57.50", "total_price": "{total}", "total_tax": "0.00",
                "taxes_included": {included}, "line_items": [{{"price": "57.50", "quantity": 1, "sku": "MUG"}}],
                "shipping_lines": [{{"price": "7.00", "discounted_price": "{left}"}}]}}"#
            );
            let item = r#"{"item": "MUG", "quantity": 1, "price": "57.50"}"#;
            let off = if left == "0.00" { "7.00" } else { "5.00" };
            let header = format!(r#""shipping_handling": "7.00", "order_discount": "{off}", "grand_total": "{total}""#);
            let comparison = compare(&cart, &order(item, &header));
            assert_eq!((comparison.verdict, found(&comparison)), (Verdict::Same, vec![]), "{included} {left}");
        }
    }
}

#[test]
fn a_price_that_is_the_total_of_the_line_is_named() {
    let wrong = r#"{"item": "MUG", "quantity": 2, "price": "27.98"}"#;
    let comparison = compare(AMAZON, &order(&[PEN, wrong].join(","), r#""grand_total": "35.97""#));
    assert_eq!(found(&comparison), ["OC401 /items/1/price 27.98 13.9900 /OrderItems/0/ItemPrice/Amount as it is"]);
}

#[test]
fn a_wrong_order_that_agrees_with_itself_is_found() {
    // Every figure in cents: no rule can see that.
    let items =
        [r#"{"item": "MUG", "quantity": 2, "price": "1399"}"#, r#"{"item": "PEN", "quantity": 1, "price": "799"}"#];
    let comparison = compare(AMAZON, &order(&items.join(","), r#""sub_total": "3597", "grand_total": "3597""#));
    assert_eq!(
        found(&comparison),
        [
            "OC401 /items/0/price 1399 13.9900 /OrderItems/0/ItemPrice/Amount in minor units",
            "OC401 /items/1/price 799 7.9900 /OrderItems/1/ItemPrice/Amount in minor units",
            "OC401 /sub_total 3597 35.97 /OrderTotal/Amount in minor units",
            "OC401 /grand_total 3597 35.97 /OrderTotal/Amount in minor units",
        ]
    );
}

#[test]
fn minor_units_with_the_other_sign_are_found() {
    // In the cart as an amount and its divisor, and as a price with decimals.
    let etsy = r#"{"receipt_id": 7, "grandtotal": {"amount": 1500, "divisor": 100, "currency_code": "USD"},
        "subtotal": {"amount": 1500, "divisor": 100, "currency_code": "USD"},
        "discount_amt": {"amount": 375, "divisor": 100, "currency_code": "USD"},
        "transactions": [{"sku": "MUG", "quantity": 1, "price": {"amount": 1875, "divisor": 100, "currency_code": "USD"}}]}"#;
    let comparison =
        by_value(etsy, &order(r#"{"item": "MUG", "quantity": 1, "price": "18.75"}"#, r#""order_discount": "-375""#));
    let named = comparison.differences.iter().find(|difference| difference.path == "/order_discount").unwrap();
    assert_eq!(named.taken_from.as_deref(), Some("/discount_amt/amount"));
    assert!(
        named.message.ends_with("is /discount_amt/amount in minor units, with its sign turned"),
        "{}",
        named.message
    );
    let comparison = compare(AMAZON, &order(&[PEN, MUG].join(","), r#""grand_total": "-3597""#));
    let named = comparison.differences.first().unwrap();
    assert_eq!(named.taken_from.as_deref(), Some("/OrderTotal/Amount"));
    assert!(named.message.contains("in minor units, with its sign turned"), "{}", named.message);
}

#[test]
fn an_amount_that_follows_from_a_wrong_one_is_named_by_it() {
    let wrong = r#"{"item": "MUG", "quantity": 2, "price": "27.98", "extended_amount": "55.96"}"#;
    let header = r#""sub_total": "63.95", "shipping_handling": "3.33", "grand_total": "67.28""#;
    let comparison = compare(AMAZON, &order(&[wrong, PEN].join(","), header));
    let place = "/OrderItems/0/ItemPrice/Amount";
    assert_eq!(
        found(&comparison),
        [
            format!("OC401 /items/0/price 27.98 13.9900 {place} as it is"),
            format!("OC401 /items/0/extended_amount 55.96 27.98 {place} multiplied by the quantity"),
            "OC401 /sub_total 63.95 35.97 /OrderItems/*/ItemPrice/Amount in a sum".to_owned(),
            "OC401 /shipping_handling 3.33 0.00 - -".to_owned(),
            "OC401 /grand_total 67.28 35.97 /OrderItems/*/ItemPrice/Amount by way of another amount".to_owned(),
        ]
    );
    assert_eq!(
        comparison.differences.last().unwrap().message,
        "grand_total is 67.28, should be 35.97; it follows from sub_total, taken from /OrderItems/*/ItemPrice/Amount"
    );
}

#[test]
fn what_was_done_with_the_right_amount_is_named() {
    let cart = AMAZON
        .replace(r#""ItemTax": {"Amount": "0.00"}}]"#, r#""ItemTax": {"Amount": "3.11"}}]"#)
        .replace("35.97", "39.08");
    let items = [MUG, PEN].join(",");
    for (header, stated, right, words, how) in [
        // Two figures of the cart, neither of which is the amount alone.
        (
            r#""sales_tax": "3.11", "grand_total": "42.19""#,
            "grand_total is 42.19",
            "39.08",
            "the right amount plus /OrderItems/*/ItemTax/Amount",
            How::Summed,
        ),
        (
            r#""sales_tax": "6.22", "grand_total": "39.08""#,
            "sales_tax is 6.22",
            "3.11",
            "the right amount twice",
            How::Summed,
        ),
        (
            r#""sales_tax": "3.11", "grand_total": "39""#,
            "grand_total is 39",
            "39.08",
            "the right amount with fewer decimals",
            How::Rounded,
        ),
    ] {
        let comparison = compare(&cart, &order(&items, header));
        let message = &comparison.differences[0].message;
        assert!(message.starts_with(&format!("{stated}, should be {right}; it is ")), "{message}");
        assert!(message.contains(words), "{message}");
        assert!(comparison.differences[0].taken_from.is_some());
        assert_eq!(comparison.differences[0].how, Some(how));
    }
}

#[test]
fn lines_that_are_missing_or_too_many_are_found() {
    let comparison = compare(AMAZON, &order(MUG, r#""grand_total": "35.97""#));
    assert_eq!(found(&comparison), ["OC402 /items - 7.99 - -"]);
    let comparison = compare(AMAZON, &order(&[MUG, PEN, PEN].join(","), r#""grand_total": "35.97""#));
    assert_eq!(found(&comparison), ["OC403 /items/2 7.99 - /OrderItems/1/ItemPrice/Amount as it is"]);
}

#[test]
fn an_unset_charge_is_compared_as_zero() {
    let cart = AMAZON.replace(
        r#""ItemPrice": {"Amount": "7.99"}"#,
        r#""ShippingPrice": {"Amount": "7.99"}, "ItemPrice": {"Amount": "0"}"#,
    );
    let pen = r#"{"item": "PEN", "quantity": 1, "price": 0}"#;
    let comparison = compare(&cart, &order(&[MUG, pen].join(","), r#""grand_total": "35.97""#));
    assert_eq!(found(&comparison), ["OC401 /shipping_handling - 7.99 - -"]);
}

#[test]
fn what_is_not_a_currency_code_is_not_shown() {
    let items = [MUG, PEN].join(",");
    let comparison = compare(AMAZON, &order(&items, r#""currency_code": "Zebulon Quimby", "grand_total": "35.97""#));
    assert_eq!(found(&comparison), ["OC404 /currency_code not a currency code USD - -"]);
    let message = &comparison.differences[0].message;
    assert_eq!(message, "currency_code is not a currency code, but the amounts are in USD");
    let cart = AMAZON.replace(r#""Amount": "27.98""#, r#""CurrencyCode": "Zebulon Quimby", "Amount": "27.98""#);
    let comparison = compare(&cart, &order(&items, r#""grand_total": "35.97""#));
    let message = &comparison.differences[0].message;
    assert!(message.starts_with("expected amounts in one currency, found something else and USD ("), "{message}");
}

#[test]
fn another_currency_is_found() {
    let comparison =
        compare(AMAZON, &order(&[MUG, PEN].join(","), r#""currency_code": "EUR", "grand_total": "35.97""#));
    assert_eq!(found(&comparison), ["OC404 /currency_code EUR USD - -"]);
}

#[test]
fn every_way_that_the_definitions_allow_is_the_same() {
    let cart = r#"{"number": "1", "currency": "USD", "total": "25.00", "total_tax": "2.00", "shipping_total": "5.00", "line_items": [
        {"sku": "A", "quantity": 2, "subtotal": "20.00", "total": "18.00", "total_tax": "2.00"}]}"#;
    let ways = [
        r#"{"items": [{"item": "A", "quantity": 2, "price": 10, "discount": 1, "extended_amount": 18, "tax": 2}], "sales_tax": 2, "shipping_handling": 5, "grand_total": 25}"#,
        r#"{"items": [{"item": "A", "quantity": 2, "price": 9}], "sub_total": 18, "sales_tax": 2, "shipping_handling": 5, "order_discount": 0, "grand_total": 25}"#,
        r#"{"items": [{"item": "A", "quantity": 2, "price": 10, "addl_discount": 2}], "sub_total": 20, "sales_tax": 2, "shipping_handling": 5, "order_discount": 2, "grand_total": 25}"#,
        r#"{"items": [{"item": "A", "quantity": 2, "price": 10, "tax": 2}], "sub_total": 20, "shipping_handling": 5, "order_discount": 2}"#,
    ];
    for way in ways {
        let comparison = compare(cart, way);
        assert_eq!((comparison.verdict, found(&comparison)), (Verdict::Same, vec![]), "{way}");
    }
    // But the discount must not be in both.
    let twice = r#"{"items": [{"item": "A", "quantity": 2, "price": 10, "discount": 1}], "sales_tax": 2, "shipping_handling": 5, "order_discount": 2, "grand_total": 25}"#;
    assert_eq!(found(&compare(cart, twice)), ["OC401 /order_discount 2 0.00 /total_tax as it is"]);
}

#[test]
fn a_cart_that_disagrees_with_itself_judges_nothing() {
    let comparison = compare(&AMAZON.replace("35.97", "40.00"), &order(MUG, r#""grand_total": "40.00""#));
    assert_eq!(comparison.verdict, Verdict::Unmappable);
    assert!(comparison.differences[0].message.contains("off by 4.03"), "{:?}", comparison.differences);
}

fn by_value(cart: &str, order: &str) -> Comparison {
    let (cart, json) = (Json::parse(cart.as_bytes()).unwrap(), Json::parse(order.as_bytes()).unwrap());
    compare_by_value(&cart, Node::ROOT, &json, Node::ROOT)
}

const OTHER: &str = r#"{"ref": "X", "grand": {"total": 57.98}, "delivery": "-2.00", "positions": [
    {"code": "MUG", "count": 4, "net": 51.98}, {"code": "PEN", "count": 1, "net": 8.00}]}"#;

#[test]
fn without_a_table_the_places_are_named() {
    let wrong = r#"{"cust_ref": "X", "items": [{"item": "MUG", "quantity": 4, "price": "51.98"}, {"item": "PEN", "quantity": 1, "price": 8}],
        "order_discount": "2.00", "grand_total": "57.98"}"#;
    let comparison = by_value(OTHER, wrong);
    assert_eq!(comparison.verdict, Verdict::Different);
    assert_eq!(
        found(&comparison)[..2],
        [
            "OC401 /items/0/price 51.98 - /positions/0/net as it is",
            "OC405 /items/1/price 8 - /positions/1/net as it is",
        ]
    );
    let right = wrong.replace(r#""price": "51.98""#, r#""price": "12.995""#);
    // Carts state discounts with either sign, and their totals before or after a gift card.
    assert_eq!(by_value(OTHER, &right).verdict, Verdict::Same);
    let paid = OTHER.replace("57.98", "52.98").replace(r#""ref": "X""#, r#""ref": "X", "gift_card": "5.00""#);
    assert_eq!(by_value(&paid, &right).verdict, Verdict::Same);
    assert_eq!(by_value(&paid.replace("5.00", "4.00"), &right).verdict, Verdict::Different);
    // Another figure of that amount does not pay.
    assert_eq!(by_value(&paid.replace("gift_card", "shipping"), &right).verdict, Verdict::Different);
}

#[test]
fn without_a_table_a_total_that_is_too_high_is_not_paid_by_another_figure() {
    let cart = r#"{"id": 1001, "total": "25.00", "shipping_total": "5.00",
        "line_items": [{"sku": "A", "price": "10.00", "quantity": 2, "total": "20.00"}]}"#;
    let order = |price: &str, extended: &str, shipping: &str, total: &str| {
        format!(
            r#"{{"items": [{{"item": "A", "quantity": 2, "price": "{price}", "extended_amount": "{extended}"}}],
                "shipping_handling": "{shipping}", "grand_total": "{total}"}}"#
        )
    };
    assert_eq!(by_value(cart, &order("10.00", "20.00", "5.00", "25.00")).verdict, Verdict::Same);
    // The excess is the quantity, the cost of shipping, the total of the line.
    for wrong in [
        order("11.00", "22.00", "5.00", "27.00"),
        order("10.00", "20.00", "10.00", "30.00"),
        order("20.00", "40.00", "5.00", "45.00"),
    ] {
        assert_eq!(by_value(cart, &wrong).verdict, Verdict::Different, "{wrong}");
    }
    let none = by_value(cart, r#"{"cust_ref": "1001"}"#);
    assert_eq!((none.verdict, none.differences.len()), (Verdict::Unmappable, 1));
}

#[test]
fn many_orders_name_one_place_for_a_field() {
    let mut corpus = Corpus::default();
    for number in 2..12 {
        let row = number * 1000;
        let cart = format!(
            r#"{{"OrderTotal": {{"Amount": "{row}"}}, "OrderItems": [{{"QuantityOrdered": {number}, "ItemPrice": {{"Amount": "{row}"}}}}]}}"#
        );
        let order = format!(r#"{{"items": [{{"quantity": {number}, "price": "{row}"}}], "grand_total": "{row}"}}"#);
        corpus.add(&compare(&cart, &order));
    }
    let fields = corpus.fields(ordercharge_carts::Cart::named("amazon"));
    assert_eq!(fields.len(), 1);
    assert_eq!(fields[0].sentence, "In 10 orders, price is /OrderItems/*/ItemPrice/Amount as it is.");
    assert_eq!(
        fields[0].remedy,
        "price = ItemPrice / QuantityOrdered, with four decimals, less the tax if the prices include it"
    );
    assert_eq!((fields[0].field.as_str(), fields[0].orders), ("items/*/price", 10));
}

#[test]
fn figures_under_similar_names_are_not_added_up() {
    // The names differ only in the middle, and are long.
    let line = |one: &str, other: &str| {
        format!(r#"{{"count": 1, "discount_a_amount_x": {one}, "discount_b_amount_x": {other}}}"#)
    };
    let lines = [line("1.00", "20.00"), line("300.00", "4000.00")].join(",");
    let cart = format!(r#"{{"total": 10, "lines": [{lines}]}}"#);
    for (discount, place) in [("301.00", "/lines/*/discount_a_amount_x"), ("4020.00", "/lines/*/discount_b_amount_x")] {
        let order = format!(
            r#"{{"items": [{{"quantity": 1, "price": 9000}}], "order_discount": {discount}, "grand_total": 11}}"#
        );
        let comparison = by_value(&cart, &order);
        let found = comparison.differences.iter().find(|difference| difference.path == "/order_discount").unwrap();
        assert_eq!(found.taken_from.as_deref(), Some(place), "{found:?}");
    }
}

#[test]
fn what_is_plus_or_less_has_its_sign_and_its_quantity() {
    let cart = AMAZON.replace(
        r#""ItemTax": {"Amount": "0.00"}},"#,
        r#""ItemTax": {"Amount": "0.00"}, "PromotionDiscount": {"Amount": "0.00"}, "UnitFee": {"Amount": "-1.17"}},"#,
    );
    let message = |line: &str| {
        let comparison = compare(&cart, &order(&[line, PEN].join(","), r#""grand_total": "35.97""#));
        comparison.differences.last().unwrap().message.clone()
    };
    let place = "/OrderItems/0/UnitFee/Amount";
    let extended = |amount: &str| {
        message(&format!(r#"{{"item": "MUG", "quantity": 2, "price": "13.99", "extended_amount": {amount}}}"#))
    };
    assert_eq!(
        extended("26.81"),
        format!("extended_amount is 26.81, should be 27.98; it is the right amount plus {place}")
    );
    assert_eq!(
        extended("29.15"),
        format!("extended_amount is 29.15, should be 27.98; it is the right amount less {place}")
    );
    assert_eq!(
        extended("30.32"),
        format!(
            "extended_amount is 30.32, should be 27.98; it is the right amount less {place} multiplied by the quantity"
        )
    );
}

#[test]
fn a_wrong_quantity_is_what_an_amount_follows_from() {
    let cart = AMAZON.replace(r#""QuantityOrdered": 2"#, r#""QuantityOrdered": 2, "QuantityShipped": 5"#);
    let wrong = r#"{"item": "MUG", "quantity": 5, "price": "13.99", "extended_amount": "69.95"}"#;
    let comparison = compare(&cart, &order(&[wrong, PEN].join(","), r#""grand_total": "35.97""#));
    let of = |path: &str| comparison.differences.iter().find(|difference| difference.path == path).unwrap();
    assert_eq!(of("/items/0/quantity").taken_from.as_deref(), Some("/OrderItems/0/QuantityShipped"));
    let extended = of("/items/0/extended_amount");
    assert_eq!(extended.taken_from.as_deref(), Some("/OrderItems/0/QuantityShipped"), "{extended:?}");
    assert_eq!(extended.how, Some(How::Follows));
    // What follows from a wrong amount that is nowhere does not follow from one that is right.
    let wrong = r#"{"item": "MUG", "quantity": 2, "price": "17.17", "extended_amount": "34.34"}"#;
    let comparison = compare(AMAZON, &order(&[wrong, PEN].join(","), r#""grand_total": "35.97""#));
    assert!(
        comparison.differences.iter().all(|difference| !difference.message.contains("price, which is right")),
        "{:?}",
        comparison.differences
    );
}

/// A cart with 20 % tax on two lines, a discount on one of them and one of the order.
const TAXED: &str = r#"{"id": "A-1", "subtotal": "151.30", "coupon_discount": "15.13", "shipping_cost": "9.00", "total_tax": "29.03",
    "total": "174.20", "lines": [
    {"sku": "MUG", "quantity": 4, "row_total": "120.00", "discount_amount": "24.17"},
    {"sku": "PEN", "quantity": 1, "row_total": "31.30", "discount_amount": "0.00"}]}"#;

/// What is said of an amount by value alone.
fn said(path: &str, lines: &str, header: &str) -> String {
    let comparison = by_value(TAXED, &order(lines, &format!(r#"{header}, "grand_total": "1.00""#)));
    let difference = comparison.differences.into_iter().find(|difference| difference.path == path);
    difference.map(|difference| difference.message).unwrap_or_default()
}

#[test]
fn amounts_that_were_calculated_are_named_by_what_made_them() {
    for (field, stated, words) in [
        ("price", "36", "/lines/0/row_total with 20 % added, divided by the quantity"),
        ("price", "25", "/lines/0/row_total without the 20 % tax in it, divided by the quantity"),
        ("price", "23.9575", "(/lines/0/row_total less /lines/0/discount_amount) divided by the quantity"),
        ("price", "7.5", "/lines/0/row_total divided by the quantity twice"),
        ("extended_amount", "95.83", "/lines/0/row_total less /lines/0/discount_amount"),
        ("extended_amount", "108", "/lines/0/row_total less /coupon_discount shared by the amounts of the lines"),
        ("tax", "19.17", "20 % of (/lines/0/row_total less /lines/0/discount_amount)"),
        ("tax", "23.02", "/total_tax shared by the amounts of the lines"),
        ("addl_discount", "7.57", "/coupon_discount shared equally among the lines"),
    ] {
        let line = format!(r#"{{"item": "MUG", "quantity": 4, "{field}": "{stated}"}}, {PEN}"#);
        assert_eq!(
            said(&format!("/items/0/{field}"), &line, r#""sub_total": "151.30""#),
            format!("{field} {stated} is {words}")
        );
    }
    for (field, stated, words) in [
        ("sub_total", "127.17", "/subtotal less /coupon_discount less /shipping_cost"),
        ("sub_total", "55.47", "/subtotal less (/lines/0/row_total less /lines/0/discount_amount)"),
        ("sales_tax", "30.26", "20 % of /subtotal"),
        ("sales_tax", "58.06", "/total_tax twice"),
        ("order_discount", "10", "/coupon_discount as a percentage of /subtotal"),
        ("order_discount", "0.1", "/coupon_discount as a fraction of /subtotal"),
        ("shipping_handling", "10.8", "/shipping_cost with 20 % added"),
    ] {
        let header = format!(r#""{field}": "{stated}""#);
        assert_eq!(said(&format!("/{field}"), &[MUG, PEN].join(","), &header), format!("{field} {stated} is {words}"));
    }
}

#[test]
fn the_quantity_of_another_line_is_not_the_place_of_a_price() {
    let wrong = |price: &str| format!(r#"{{"item": "PEN", "quantity": 1, "price": "{price}"}}"#);
    let message = |price: &str| {
        let comparison = compare(AMAZON, &order(&[MUG, &wrong(price)].join(","), r#""grand_total": "35.97""#));
        comparison.differences.first().unwrap().message.clone()
    };
    assert_eq!(message("2"), "price is 2, should be 7.9900; it is nowhere in the cart's order");
    assert_eq!(message("1"), "price is 1, should be 7.9900; it is /OrderItems/1/QuantityOrdered as it is");
}

#[test]
fn an_amount_does_not_follow_from_a_part_that_is_right_if_another_is_wrong() {
    let wrong = r#"{"item": "MUG", "quantity": 2, "price": "17.31", "extended_amount": "34.62"}"#;
    let comparison = compare(AMAZON, &order(&[wrong, PEN].join(","), r#""grand_total": "35.97""#));
    let messages: Vec<&str> = comparison.differences.iter().map(|difference| difference.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "price is 17.31, should be 13.9900; it is nowhere in the cart's order",
            "extended_amount is 34.62, should be 27.98; it is nowhere in the cart's order",
        ]
    );
}
