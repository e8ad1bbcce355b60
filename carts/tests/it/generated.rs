//! Generated orders of every cart: what is mapped checks clean and is the order that is right for them, and a right order is
//! never a finding.

use ordercharge_carts::generate::{CARTS, cart_order};
use ordercharge_carts::{Cart, Choice, Json, Node, Pair, Verdict, orders, outline, references};
use rust_decimal::Decimal;

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

/// The value of an arithmetic in words: what it says beside the figures is left out.
fn value(text: &str) -> Decimal {
    let digits =
        |word: &&str| word.trim_end_matches(',').trim_start_matches('(').starts_with(['+', '-', '*', '/', '(']);
    let is_part = |word: &&str| digits(word) || word.trim_matches(['(', ')', ',', '-']).parse::<Decimal>().is_ok();
    let text: Vec<&str> = text.split(' ').filter(is_part).collect();
    let text = text.join(" ").replace(',', "").replace('(', "( ").replace(')', " )");
    let words: Vec<&str> = text.split(' ').collect();
    let mut at = 0;
    let value = sum(&words, &mut at);
    assert_eq!(at, words.len(), "{text}");
    value
}

fn sum(words: &[&str], at: &mut usize) -> Decimal {
    let mut value = product(words, at);
    while let Some(sign @ (&"+" | &"-")) = words.get(*at) {
        *at += 1;
        let next = product(words, at);
        value = if *sign == "+" { value + next } else { value - next };
    }
    value
}

fn product(words: &[&str], at: &mut usize) -> Decimal {
    let mut value = factor(words, at);
    while let Some(sign @ (&"*" | &"/")) = words.get(*at) {
        *at += 1;
        let next = factor(words, at);
        value = if *sign == "*" { value * next } else { value / next };
    }
    value
}

fn factor(words: &[&str], at: &mut usize) -> Decimal {
    *at += 1;
    if words[*at - 1] == "(" {
        let value = sum(words, at);
        assert_eq!(words[*at], ")");
        *at += 1;
        return value;
    }
    words[*at - 1].parse().unwrap_or_else(|_| panic!("{words:?}"))
}

/// Whether an arithmetic gives an amount: what it gives is rounded to the decimals of the amount, up or to nearest.
fn assert_gives(arithmetic: &str, amount: &str, order: &str) {
    let amount: Decimal = amount.parse().unwrap();
    let off = (value(arithmetic) - amount).abs();
    let last = Decimal::new(1, amount.scale());
    let half = last / Decimal::from(2);
    let is_right = if arithmetic.contains("rounded up") { off < last } else { off <= half };
    assert!(is_right, "{arithmetic} is not {amount}\n{order}");
}

#[test]
fn every_arithmetic_that_is_shown_is_true() {
    let mut count = 0;
    for cart in CARTS {
        for number in 0..200 {
            let made = cart_order(cart, 5, number).unwrap();
            let json = Json::parse(made.cart_order.as_bytes()).unwrap();
            let (cart, choice) = (Cart::named(cart).unwrap(), Choice::default());
            let mapped = cart.map(&json, Node::ROOT, choice).unwrap();
            for source in mapped.sources(cart, &json, Node::ROOT, choice) {
                assert_gives(&source.arithmetic, &source.amount, &made.cart_order);
                count += 1;
            }
        }
    }
    assert!(count > 10_000);
    // Charges that are moved, prices that are rounded up, and lines that are taken to the cent.
    for lines in [
        r#"{"subtotal": "-2.00", "total": "-2.00", "quantity": 1}, {"subtotal": "5.00", "total": "5.00", "quantity": 1}"#,
        r#"{"subtotal": "5.00", "total": "-2.00", "quantity": 1}, {"subtotal": "5.00", "total": "5.00", "quantity": 1}"#,
        r#"{"subtotal": "3.00", "total": "3.00", "quantity": 0}"#,
        r#"{"subtotal": "1000.01", "total": "999.99", "quantity": 777}"#,
        r#"{"subtotal": "100.00", "total": "66.67", "quantity": 90}"#,
        r#"{"subtotal": "0.05", "total": "0.05", "quantity": 30000}"#,
    ] {
        for (shipping, fee) in [("0", "0"), ("-1.00", "0"), ("4.00", "-7.00")] {
            let total: Decimal = lines
                .split(r#""total": ""#)
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().parse::<Decimal>().unwrap())
                .chain([shipping.parse().unwrap(), fee.parse().unwrap()])
                .sum();
            let text = format!(
                r#"{{"line_items": [{lines}], "total": "{total}", "total_tax": "0", "shipping_total": "{shipping}", "fee_lines": [{{"total": "{fee}"}}]}}"#
            );
            let json = Json::parse(text.as_bytes()).unwrap();
            let (cart, choice) = (Cart::named("woocommerce").unwrap(), Choice::default());
            let Ok(mapped) = cart.map(&json, Node::ROOT, choice) else { continue };
            for source in mapped.sources(cart, &json, Node::ROOT, choice) {
                assert_gives(&source.arithmetic, &source.amount, &text);
            }
        }
    }
}

/// The value of a place in a message: an element, or the sum of a pattern, each figure times its quantity if it is said so.
fn at_place(cart: &Cart, json: &Json<'_>, place: &str, times_quantity: bool) -> Decimal {
    let quantity = if cart.name() == "amazon" { "QuantityOrdered" } else { "quantity" };
    let mut all = vec![(Node::ROOT, Decimal::ONE)];
    for step in place.split('/').skip(1) {
        all = all
            .into_iter()
            .flat_map(|(node, times)| {
                let children: Vec<Node> = match (step, json.kind(node)) {
                    ("*", _) => json.children(node).collect(),
                    (step, ordercharge_carts::Kind::Array) => {
                        json.children(node).nth(step.parse().unwrap()).into_iter().collect()
                    }
                    (step, _) => json.get(node, step).into_iter().collect(),
                };
                children.into_iter().map(move |child| {
                    let own = json.get(child, quantity).and_then(|own| json.string(own).parse().ok());
                    (child, own.unwrap_or(times))
                })
            })
            .collect();
    }
    let value = |(node, times): (Node, Decimal)| {
        let value: Decimal = json.string(node).trim().parse().unwrap();
        if times_quantity { value * times } else { value }
    };
    all.into_iter().map(value).sum()
}

#[test]
fn what_a_comparison_says_of_an_amount_is_true() {
    let mut count = 0;
    for name in ["woocommerce", "amazon"] {
        let cart = Cart::named(name).unwrap();
        for number in 0..150 {
            let made = cart_order(name, 7, number).unwrap();
            let json = Json::parse(made.cart_order.as_bytes()).unwrap();
            let pair = Pair { cart, json: &json, order: Node::ROOT, choice: Choice::default() };
            let amount = |text: &str| text.parse::<Decimal>().unwrap();
            let mut order = made.order.clone();
            // Two charges exchanged or added, as mappings do.
            let (tax, shipping) = (amount(&order.sales_tax), amount(&order.shipping_handling));
            match number % 5 {
                0 => order.grand_total = (amount(&order.grand_total) + tax).to_string(),
                1 => order.grand_total = (amount(&order.grand_total) - shipping).to_string(),
                2 => order.shipping_handling = (shipping + tax).to_string(),
                3 => order.sub_total = (amount(&order.sub_total) - tax - tax).to_string(),
                _ => order.items[0].price = (amount(&order.items[0].price) + tax).to_string(),
            }
            let text = serde_json::to_string(&order).unwrap();
            let compared = pair.compare(&Json::parse(text.as_bytes()).unwrap(), Node::ROOT);
            for difference in &compared.differences {
                let Some((_, said)) = difference.message.split_once("; it is the right amount ") else { continue };
                if !said.starts_with("plus ") && !said.starts_with("less ") {
                    continue;
                }
                let line = difference
                    .path
                    .strip_prefix("/items/")
                    .and_then(|rest| rest.split('/').next()?.parse::<usize>().ok());
                let quantity = line.map_or(Decimal::ONE, |line| amount(&order.items[line].quantity));
                let stated = amount(difference.stated.as_deref().unwrap());
                let mut given = amount(difference.right.as_deref().unwrap());
                // `plus /a less /b divided by the quantity`: each part begins with its sign.
                let signed = said.replace(" plus ", "\nplus ").replace(" less ", "\nless ");
                for part in signed.lines() {
                    let (sign, rest) = part.split_once(' ').unwrap();
                    let place = rest.split(' ').next().unwrap();
                    let mut other = at_place(cart, &json, place, rest.contains("times its quantity"));
                    if rest.contains("multiplied by the quantity") {
                        other *= quantity;
                    } else if rest.contains("divided by the quantity") {
                        other /= quantity;
                    }
                    given = if sign == "plus" { given + other } else { given - other };
                }
                assert!((given - stated).abs() <= Decimal::new(6, 3), "{}\n{}", difference.message, made.cart_order);
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count}");
}
