//! Orders of each cart, with the charges that follow from its documentation by hand.

use ordercharge_carts::{Choice, Edited, Money};

use crate::{charges, map, map_with};

fn shopify(rest: &str, lines: &str) -> String {
    format!(r#"{{"subtotal_price": "0", "currency": "USD", {rest}, "line_items": [{lines}]}}"#)
}

#[test]
fn shopify_takes_allocations_before_total_discount() {
    // Fifteen ninety-five three times, less 40 %; the tax is rounded for each of two rates.
    let order = shopify(
        r#""total_tax": "4.66", "total_price": "38.36", "shipping_lines": [{"price": "4.99", "discounted_price": "4.99"}]"#,
        r#"{"quantity": 3, "price": "15.95", "total_discount": "0.00", "discount_allocations": [{"amount": "19.14"}]}"#,
    );
    assert_eq!(map(&order), "3 * (15.9500 - 6.3800) = 28.71; 28.71 + 4.66 + 4.99 - 0.00 = 38.36");
}

#[test]
fn shopify_without_the_flag_says_by_its_total_that_prices_include_tax() {
    let order = shopify(
        r#""total_tax": "3.51", "total_price": "21.99""#,
        r#"{"quantity": 1, "price": "21.99", "tax_lines": [{"price": "3.51"}]}"#,
    );
    assert_eq!(map(&order), "1 * (18.4800 - 0.0000) = 18.48 tax 3.51; 18.48 + 3.51 + 0.00 - 0.00 = 21.99");
}

#[test]
fn shopify_draft_has_its_discount_in_the_header() {
    let order = shopify(
        r#""total_tax": "0.00", "total_price": "206.25", "applied_discount": {"amount": "5.00"}, "shipping_line": {"price": "12.25"}"#,
        r#"{"quantity": 1, "price": "199.00", "applied_discount": null}"#,
    );
    assert_eq!(map(&order), "1 * (199.0000 - 0.0000) = 199.00; 199.00 + 0.00 + 12.25 - 5.00 = 206.25");
}

#[test]
fn shopify_lines_that_do_not_make_the_total_are_refused_with_the_figures() {
    let line = r#"{"quantity": 1, "price": "199.00"}"#;
    let order = shopify(r#""total_tax": "11.94", "total_price": "409.94""#, &[line; 3].join(","));
    let why = "refused: the cart's order disagrees with itself: lines 597 + tax 11.94 = 608.94, but /total_price states 409.94 \
               (off by -199)";
    assert_eq!(map(&order), why);
}

#[test]
fn shopify_figures_after_an_edit_are_chosen() {
    let order = shopify(
        r#""total_tax": "0.00", "total_price": "30.00", "current_total_price": "10.00", "current_total_tax": "0.00",
           "current_total_discounts": "0.00""#,
        r#"{"quantity": 3, "current_quantity": 1, "price": "10.00"}"#,
    );
    assert_eq!(map(&order), "3 * (10.0000 - 0.0000) = 30.00; 30.00 + 0.00 + 0.00 - 0.00 = 30.00");
    let current = map_with(&order, Choice { edited: Edited::Current, ..Choice::default() }).unwrap();
    assert_eq!(charges(&current), "1 * (10.0000 - 0.0000) = 10.00; 10.00 + 0.00 + 0.00 - 0.00 = 10.00");
}

#[test]
fn shopify_figures_of_the_buyer_are_chosen() {
    let money = |shop: &str, buyer: &str| {
        format!(r#"{{"shop_money": {{"amount": "{shop}"}}, "presentment_money": {{"amount": "{buyer}"}}}}"#)
    };
    let order = shopify(
        &format!(
            r#""presentment_currency": "EUR", "total_tax": "0.00", "total_price": "45.01", "total_price_set": {}"#,
            money("45.01", "41.95")
        ),
        &format!(r#"{{"quantity": 1, "price": "45.01", "price_set": {}}}"#, money("45.01", "41.95")),
    );
    assert!(map(&order).ends_with("= 45.01"));
    let buyer = map_with(&order, Choice { money: Money::Presentment, ..Choice::default() }).unwrap();
    assert_eq!((buyer.grand_total.as_str(), buyer.currency_code.as_deref()), ("41.95", Some("EUR")));
}

#[test]
fn woocommerce_has_coupons_between_subtotal_and_total() {
    let order = r#"{"number": "727", "currency": "USD", "total": "35.40", "total_tax": "1.80", "shipping_total": "10.00",
        "fee_lines": [{"total": "2.00"}], "line_items": [
        {"sku": "A", "quantity": 3, "subtotal": "12.00", "total": "9.60", "total_tax": "0.80"},
        {"sku": "B", "quantity": 1, "subtotal": "12.00", "total": "12.00", "total_tax": "1.00"}]}"#;
    let right = "3 * (4.0000 - 0.8000) = 9.60 tax 0.80; 1 * (12.0000 - 0.0000) = 12.00 tax 1.00; \
                 21.60 + 1.80 + 12.00 - 0.00 = 35.40";
    assert_eq!(map(order), right);
}

#[test]
fn woocommerce_line_taxes_without_that_of_shipping_are_left_out() {
    let order = r#"{"id": 645, "total": "79.87", "total_tax": "5.90", "total_shipping": "10.00", "line_items": [
        {"quantity": 2, "subtotal": "43.98", "total": "43.98", "total_tax": "4.40"},
        {"quantity": 1, "subtotal": "19.99", "total": "19.99", "total_tax": "1.00"}]}"#;
    let right = "2 * (21.9900 - 0.0000) = 43.98; 1 * (19.9900 - 0.0000) = 19.99; 63.97 + 5.90 + 10.00 - 0.00 = 79.87";
    assert_eq!(map(order), right);
}

#[test]
fn amazon_prices_are_of_the_whole_line() {
    let order = r#"{"AmazonOrderId": "A-1", "OrderTotal": {"CurrencyCode": "USD", "Amount": "97.99"}, "OrderItems": [
        {"QuantityOrdered": 3, "ItemPrice": {"Amount": "92.00"}, "ItemTax": {"Amount": "0.00"},
         "ShippingPrice": {"Amount": "5.99"}}]}"#;
    assert_eq!(map(order), "3 * (30.6667 - 0.0000) = 92.00; 92.00 + 0.00 + 5.99 - 0.00 = 97.99");
}

#[test]
fn amazon_amounts_in_two_currencies_have_no_total() {
    let order = r#"{"OrderTotal": {"CurrencyCode": "JPY", "Amount": "68"}, "OrderItems": [{"QuantityOrdered": 1,
        "ItemPrice": {"CurrencyCode": "JPY", "Amount": "26"},
        "BuyerInfo": {"GiftWrapPrice": {"CurrencyCode": "GBP", "Amount": "42"}}}]}"#;
    let why = "refused: expected amounts in one currency, found JPY and GBP (/OrderItems/0/BuyerInfo/GiftWrapPrice)";
    assert_eq!(map(order), why);
}

/// Walmart writes the total of a summary with other names than its charges.
#[test]
fn walmart_states_its_total_in_a_currency_amount() {
    let order = r#"{"purchaseOrderId": "1", "orderSummary": {"totalAmount": {"currencyAmount": 21.69, "currencyUnit": "USD"}},
        "orderLines": {"orderLine": [{"item": {"sku": "A"}, "orderLineQuantity": {"amount": "1"}, "charges": {"charge": [
        {"chargeType": "PRODUCT", "chargeAmount": {"currency": "USD", "amount": 19.99},
         "tax": {"taxAmount": {"currency": "USD", "amount": 1.70}}}]}}]}}"#;
    assert_eq!(map(order), "1 * (19.9900 - 0.0000) = 19.99 tax 1.70; 19.99 + 1.70 + 0.00 - 0.00 = 21.69");
    let other = order.replace(r#""currencyUnit": "USD""#, r#""currencyUnit": "CAD""#);
    assert!(map(&other).starts_with("refused: expected amounts in one currency, found USD and CAD"), "{}", map(&other));
}

/// What gift cards pay is a payment: the total is what the buyer paid before them.
#[test]
fn gift_cards_pay_a_part_of_the_total() {
    let order = r#"{"id": 459, "total": "4.00", "total_tax": "0.00", "shipping_total": "10.00",
        "line_items": [{"quantity": 1, "subtotal": "18.00", "total": "18.00", "total_tax": "0.00"}],
        "gift_cards": [{"id": 1, "code": "A", "amount": 20}, {"id": 2, "code": "B", "amount": 4}]}"#;
    assert_eq!(map(order), "1 * (18.0000 - 0.0000) = 18.00; 18.00 + 0.00 + 10.00 - 0.00 = 28.00");
    let order = r#"{"id": "G-1", "subtotal": 50, "total": 35, "tax": 0, "couponDiscount": 0, "giftCardRedemption": 25,
        "items": [{"sku": "A", "price": 25, "quantity": 2}], "shippingOption": {"shippingRate": 10}}"#;
    assert_eq!(map(order), "2 * (25.0000 - 0.0000) = 50.00; 50.00 + 0.00 + 10.00 - 0.00 = 60.00");
}

#[test]
fn amazon_items_without_a_total_prove_nothing() {
    let order = r#"{"OrderItems": [{"QuantityOrdered": 3, "ItemPrice": {"Amount": 13.25}}]}"#;
    assert_eq!(map(order), "refused: expected the total at /OrderTotal, found none");
}

#[test]
fn magento_has_either_sign_and_children() {
    let order = r#"{"increment_id": "7", "base_currency_code": "USD", "subtotal": 55.59, "discount_amount": -2.78,
        "grand_total": 59.62, "gift_cards_amount": 5, "shipping_amount": 7.65, "tax_amount": 4.16, "items": [
        {"item_id": 1, "sku": "N", "qty": 1, "price": 55.59, "row_total": 55.59, "discount_amount": 2.78, "tax_amount": 3.63},
        {"item_id": 2, "parent_item_id": 1, "sku": "N", "qty": 1, "price": 0, "row_total": 0, "tax_amount": 0}]}"#;
    assert_eq!(map(order), "1 * (55.5900 - 2.7800) = 52.81; 52.81 + 4.16 + 7.65 - 0.00 = 64.62");
}

#[test]
fn magento_discount_on_a_price_with_tax_is_taken_without_its_tax() {
    let order = r#"{"grand_total": 45.8, "base_grand_total": 55.18, "subtotal": 48, "subtotal_with_discount": 39.14,
        "shipping_amount": 5, "tax_amount": 9.38, "items": [
        {"price": 24, "qty": 2, "row_total": 48, "tax_amount": 9.38, "discount_amount": 8.86}]}"#;
    assert_eq!(map(order), "2 * (24.0000 - 3.6000) = 40.80 tax 9.38; 40.80 + 9.38 + 5.00 - 0.00 = 55.18");
}

#[test]
fn magento_row_has_to_be_price_times_quantity() {
    let order = r#"{"grand_total": 40.5, "subtotal": 40, "subtotal_with_discount": 40, "shipping_amount": 0.5, "tax_amount": 0,
        "items": [{"price": 10, "qty": 2, "row_total": 40}]}"#;
    assert_eq!(map(order), "refused: the cart's order disagrees with itself: 10 * 2 = 20, but /items/0 states 40");
}

#[test]
fn bigcommerce_without_its_lines_is_one_line() {
    let order = r#"{"id": 247, "subtotal_ex_tax": "924.47", "total_tax": "76.88", "shipping_cost_ex_tax": "7.39",
        "total_inc_tax": "1008.74", "products": {"url": "https://example.com/products"}}"#;
    assert_eq!(map(order), "1 * (924.4700 - 0.0000) = 924.47; 924.47 + 76.88 + 7.39 - 0.00 = 1008.74");
}

#[test]
fn bigcommerce_with_its_tax_in_the_wrong_field_is_refused() {
    let order = r#"{"subtotal_ex_tax": "336.32", "total_tax": "0.00", "total_inc_tax": "361.95"}"#;
    let why = "refused: the cart's order disagrees with itself: lines 336.32 = 336.32, but /total_inc_tax states 361.95 \
               (off by 25.63)";
    assert_eq!(map(order), why);
}

#[test]
fn ebay_discounts_come_with_either_sign() {
    let order = |sign: &str| {
        format!(
            r#"{{"orderId": "1", "pricingSummary": {{"deliveryCost": {{"value": "19.8"}}, "deliveryDiscount": {{"value": "{sign}14.85"}},
            "priceDiscount": {{"value": "{sign}13.24"}}, "total": {{"value": "256.51", "currency": "EUR"}}}}, "lineItems": [
            {{"quantity": 4, "lineItemCost": {{"value": "122.2"}}}}, {{"quantity": 4, "lineItemCost": {{"value": "142.6"}}}}]}}"#
        )
    };
    let right =
        "4 * (30.5500 - 0.0000) = 122.20; 4 * (35.6500 - 0.0000) = 142.60; 264.80 + 0.00 + 4.95 - 13.24 = 256.51";
    assert_eq!((map(&order("")), map(&order("-"))), (right.to_owned(), right.to_owned()));
}

#[test]
fn etsy_amounts_have_a_divisor() {
    let order = r#"{"receipt_id": 1, "grandtotal": {"amount": 1110, "divisor": 100, "currency_code": "GBP"},
        "discount_amt": {"amount": 140, "divisor": 100}, "total_shipping_cost": {"amount": 250, "divisor": 100}, "transactions": [
        {"quantity": 2, "price": {"amount": 500, "divisor": 100, "currency_code": "GBP"}}]}"#;
    assert_eq!(map(order), "2 * (5.0000 - 0.0000) = 10.00; 10.00 + 0.00 + 2.50 - 1.40 = 11.10");
}

#[test]
fn walmart_charges_are_of_the_line_unless_the_total_says_otherwise() {
    let line = r#"{"orderLineQuantity": {"amount": "2"}, "charges": {"charge": [
        {"chargeType": "PRODUCT", "chargeAmount": {"currency": "USD", "amount": 25.00}}]}}"#;
    let order = |total: &str| format!(r#"{{"purchaseOrderId": "1", "orderLines": {{"orderLine": [{line}]}}{total}}}"#);
    let total = |amount: &str| format!(r#", "orderSummary": {{"totalAmount": {{"amount": {amount}}}}}"#);
    assert_eq!(map(&order(&total("25"))), "2 * (12.5000 - 0.0000) = 25.00; 25.00 + 0.00 + 0.00 - 0.00 = 25.00");
    assert_eq!(map(&order(&total("50"))), "2 * (25.0000 - 0.0000) = 50.00; 50.00 + 0.00 + 0.00 - 0.00 = 50.00");
    assert!(map(&order("")).starts_with("refused: expected a total that shows whether /orderLines/orderLine/0 is"));
}

#[test]
fn ecwid_handling_is_shipping() {
    let order = r#"{"orderNumber": 1028, "subtotal": 1076.64, "total": 2014.97, "tax": 488.48, "discount": 4,
        "couponDiscount": 22, "shippingOption": {"shippingRate": 471.85}, "handlingFee": {"value": 4}, "items": [
        {"price": 1060, "quantity": 1}, {"price": 16.64, "quantity": 1}]}"#;
    let right = "1 * (1060.0000 - 0.0000) = 1060.00; 1 * (16.6400 - 0.0000) = 16.64; \
                 1076.64 + 488.48 + 475.85 - 26.00 = 2014.97";
    assert_eq!(map(order), right);
}

#[test]
fn squarespace_discount_may_cover_shipping() {
    let value = |amount: &str| format!(r#"{{"value": "{amount}", "currency": "USD"}}"#);
    let order = format!(
        r#"{{"orderNumber": "1", "grandTotal": {}, "shippingTotal": {}, "discountTotal": {}, "lineItems": [
        {{"quantity": 30, "unitPricePaid": {}}}]}}"#,
        value("0.00"),
        value("289.00"),
        value("709.00"),
        value("14.00")
    );
    assert_eq!(map(&order), "30 * (14.0000 - 0.0000) = 420.00; 420.00 + 0.00 + 289.00 - 709.00 = 0.00");
}

#[test]
fn squarespace_prices_with_tax_are_made_net() {
    let order = r#"{"grandTotal": {"value": "121.00"}, "taxTotal": {"value": "21.00"}, "priceTaxInterpretation": "INCLUSIVE",
        "lineItems": [{"quantity": 2, "unitPricePaid": {"value": "60.50"}}]}"#;
    assert_eq!(map(order), "2 * (50.0000 - 0.0000) = 100.00; 100.00 + 21.00 + 0.00 - 0.00 = 121.00");
}

#[test]
fn tiktok_items_are_lines() {
    let order = r#"{"id": "1", "payment": {"currency": "USD", "shipping_fee": "5.00", "tax": "4.00", "total_amount": "54.00"},
        "line_items": [{"seller_sku": "T", "original_price": "50.00", "sale_price": "45.00", "seller_discount": "5.00"}]}"#;
    assert_eq!(map(order), "1 * (50.0000 - 5.0000) = 45.00; 45.00 + 4.00 + 5.00 - 0.00 = 54.00");
}

#[test]
fn cents_that_four_decimals_cannot_give_are_a_discount() {
    // 0.0001 each is 0.03 for 300 items; 100.01 / 300 is between two prices of four decimals.
    let order = r#"{"OrderTotal": {"Amount": "100.01"}, "OrderItems": [{"QuantityOrdered": 300, "ItemPrice": {"Amount": "100.01"}}]}"#;
    assert_eq!(map(order), "300 * (0.3334 - 0.0000) = 100.02 addl 0.01; 100.02 + 0.00 + 0.00 - 0.01 = 100.01");
}

#[test]
fn a_line_with_a_minus_sign_is_a_discount() {
    let order = shopify(
        r#""total_tax": "0.00", "total_price": "15.00""#,
        r#"{"quantity": 1, "price": "20.00"}, {"quantity": 1, "price": "-5.00"}"#,
    );
    assert_eq!(map(&order), "1 * (20.0000 - 0.0000) = 20.00; 20.00 + 0.00 + 0.00 - 5.00 = 15.00");
}

#[test]
fn currencies_have_their_own_decimals() {
    let order = r#"{"OrderTotal": {"CurrencyCode": "JPY", "Amount": "100"}, "OrderItems": [
        {"QuantityOrdered": 3, "ItemPrice": {"CurrencyCode": "JPY", "Amount": "100"}}]}"#;
    assert_eq!(map(order), "3 * (33.3333 - 0.0000) = 100; 100 + 0 + 0 - 0 = 100");
}

#[test]
fn a_code_that_is_no_currency_is_left_out() {
    let order = |code: &str| {
        let order = format!(
            r#"{{"OrderTotal": {{"CurrencyCode": "{code}", "Amount": "1"}}, "OrderItems": [
            {{"QuantityOrdered": 1, "ItemPrice": {{"Amount": "1"}}}}]}}"#
        );
        map_with(&order, Choice::default()).unwrap().currency_code
    };
    assert_eq!((order("usd"), order("dollars")), (Some("USD".to_owned()), None));
}

#[test]
fn amounts_that_are_none_are_refused_with_their_place() {
    let order = shopify(r#""total_tax": "Rs. 4", "total_price": "5""#, r#"{"quantity": 1, "price": "1"}"#);
    assert_eq!(map(&order), "refused: expected an amount at /total_tax, found something else");
    let order = shopify(r#""total_tax": "0", "total_price": "5""#, r#"{"quantity": 1, "price": "1e-29"}"#);
    assert_eq!(map(&order), "refused: expected amounts of at most 28 digits, found more at /line_items/0/price");
}
