//! The calculation by itself: where terms come from, how a working reads, what is filled in, and how a policy rounds.

use ordercharge::{
    Amount, BuildError, Charge, Formula, Line, Options, Order, OrderBuilder, Origin, Policy, Reason, Rounding, Rule,
    Severity, Working, calculate, check, complete,
};
use serde_json::json;

fn order(text: &str) -> Order {
    Order::from_json(text.as_bytes()).unwrap()
}

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

#[test]
fn roundings_are_read_back() {
    let names: Vec<String> = Rounding::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["nearest", "half-up", "half-even", "down", "exact"]);
    for rounding in Rounding::ALL.iter().copied() {
        assert_eq!(rounding.name().parse(), Ok(rounding));
    }
    let error = "up".parse::<Rounding>().unwrap_err().to_string();
    assert!(error.contains("one of nearest, half-up, half-even, down, exact"), "{error}");
}

fn origins(working: &Working) -> Vec<Origin> {
    working.terms.iter().map(|term| term.origin).collect()
}

#[test]
fn workings_say_where_each_term_comes_from() {
    use Origin::{Calculated, Stated, Zero};
    let order = order(
        r#"{"items": [
            {"price": 4.40, "discount": -0.10, "quantity": 2},
            {"price": 5, "quantity": 1, "extended_amount": 5, "tax": 0.50},
            {"quantity": 1, "extended_amount": 3}]}"#,
    );
    let workings = calculate(&order, &Options::default());
    let lines = &workings.extended_amounts;
    let first = lines[0].as_ref().unwrap();
    assert_eq!((first.to_string(), first.formula), ("(4.4 - (-0.1)) * 2 = 9".to_owned(), Formula::Extension));
    assert_eq!(origins(first), [Stated, Stated, Stated]);
    assert_eq!(origins(lines[1].as_ref().unwrap()), [Stated, Zero, Stated]);
    assert_eq!(lines[2], Err(Reason::Unset("/items/2/price".parse().unwrap())));

    let sub_total = workings.sub_total.unwrap();
    assert_eq!((sub_total.to_string(), sub_total.formula), ("9 + 5 + 3 = 17".to_owned(), Formula::Sum));
    assert_eq!(origins(&sub_total), [Calculated, Stated, Stated]);
    // A line without the figure adds nothing and is no term.
    let sales_tax = workings.sales_tax.unwrap();
    assert_eq!((sales_tax.to_string(), origins(&sales_tax)), ("0.5 = 0.5".to_owned(), vec![Stated]));
    assert_eq!(workings.order_discount.unwrap().to_string(), "0 = 0");
    let grand_total = workings.grand_total.unwrap();
    assert_eq!(
        (grand_total.to_string(), grand_total.formula),
        ("17 + 0.5 + 0 - 0 = 17.5".to_owned(), Formula::GrandTotal)
    );
    assert_eq!(origins(&grand_total), [Calculated, Calculated, Zero, Calculated]);
}

#[test]
fn stated_terms_of_the_total_are_stated() {
    use Origin::{Calculated, Stated};
    let order = order(
        r#"{"sub_total": 14, "shipping_handling": 0, "order_discount": 2, "items": [{"price": 14, "quantity": 1}]}"#,
    );
    let grand_total = calculate(&order, &Options::default()).grand_total.unwrap();
    assert_eq!(grand_total.to_string(), "14 + 0 + 0 - 2 = 12");
    assert_eq!(origins(&grand_total), [Stated, Calculated, Stated, Stated]);
}

#[test]
fn long_sums_are_cut_and_roundings_shown() {
    let lines = |count: usize| {
        let lines = vec![r#"{"quantity": 1, "extended_amount": 1}"#; count].join(",");
        let order = order(&format!(r#"{{"items": [{lines}]}}"#));
        calculate(&order, &Options::default()).sub_total.unwrap().to_string()
    };
    let twelve = ["1"; 12].join(" + ");
    assert_eq!(lines(12), format!("{twelve} = 12"));
    assert_eq!(lines(13), format!("{twelve} + ... (1 more) = 13"));
    let tie = order(r#"{"items": [{"price": 0.125, "quantity": 1}]}"#);
    let extended =
        |rounding| calculate(&tie, &Options::from(rounding)).extended_amounts[0].as_ref().unwrap().to_string();
    assert_eq!(extended(Rounding::Nearest), "(0.125 - 0) * 1 = 0.125, rounded 0.13");
    assert_eq!(extended(Rounding::HalfEven), "(0.125 - 0) * 1 = 0.125, rounded 0.12");
    assert_eq!(extended(Rounding::Exact), "(0.125 - 0) * 1 = 0.125");
}

/// What `complete` gives for the line and the header, `-` where it leaves a field unset.
fn completed(text: &str) -> [String; 5] {
    let order = complete(order(text), &Options::default());
    let shown = |charge: Charge| charge.amount().map_or("-".to_owned(), |amount| amount.to_string());
    let line = order.lines()[0].extended_amount;
    [line, order.sub_total, order.sales_tax, order.order_discount, order.grand_total].map(shown)
}

#[test]
fn what_stands_under_a_wrong_name_is_not_calculated_without_it() {
    // The line's extended_amount, then sub_total, sales_tax, order_discount and grand_total.
    let line = r#""price": 10, "quantity": 2"#;
    assert_eq!(completed(&format!(r#"{{"items": [{{{line}}}]}}"#)), ["20", "20", "0", "0", "20"]);
    assert_eq!(completed(&format!(r#"{{"tax": 1, "items": [{{{line}}}]}}"#)), ["20", "20", "-", "0", "-"]);
    // Stated under the right name too, it is sure.
    assert_eq!(
        completed(&format!(r#"{{"tax": 1, "sales_tax": 2, "items": [{{{line}}}]}}"#)),
        ["20", "20", "2", "0", "22"]
    );
    // Whether the names agree or not.
    let twice = |names: &str| completed(&format!(r#"{{{names}, "items": [{{{line}}}]}}"#));
    assert_eq!(twice(r#""tax": 1, "total_tax": 2"#), ["20", "20", "-", "0", "-"]);
    assert_eq!(twice(r#""tax": 1, "tax": 2"#), ["20", "20", "-", "0", "-"]);
    assert_eq!(twice(r#""tax": 1, "total_tax": 1.00"#), ["20", "20", "-", "0", "-"]);
    let of_line = |misnamed: &str| completed(&format!(r#"{{"items": [{{{line}, {misnamed}}}]}}"#));
    assert_eq!(of_line(r#""sales_tax": 1"#), ["20", "20", "-", "0", "-"]);
    assert_eq!(of_line(r#""additional_discount": 1"#), ["20", "20", "0", "-", "-"]);
    assert_eq!(of_line(r#""line_total": 1"#), ["-", "-", "0", "0", "-"]);
    assert_eq!(of_line(r#""discoun": 1"#), ["-", "-", "0", "0", "-"]);
    // From some nothing is made.
    assert_eq!(of_line(r#""shipping_subcharge": 1"#), ["20", "20", "0", "0", "20"]);
    assert_eq!(completed(&format!(r#"{{"balanc": 1, "items": [{{{line}}}]}}"#)), ["20", "20", "0", "0", "20"]);
    assert_eq!(completed(&format!(r#"{{"shipping": 1, "items": [{{{line}}}]}}"#)), ["20", "20", "0", "0", "-"]);
    // What depends on it is stated: the rest can be calculated.
    assert_eq!(
        completed(&format!(r#"{{"sales_tax": 3, "items": [{{{line}, "extended_amount": 20, "sales_tax": 1}}]}}"#)),
        ["20", "20", "3", "0", "23"]
    );
    assert_eq!(
        completed(r#"{"items": [{"price": 5, "qty": 4, "extended_amount": 20}]}"#),
        ["20", "20", "0", "0", "20"]
    );
}

#[test]
fn an_order_without_items_has_no_sub_total() {
    for items in [r#""a": 1"#, r#""items": null"#, r#""items": []"#, r#""items": {}"#, r#""items": "MUG""#] {
        let order = order(&format!(r#"{{"sales_tax": 1, {items}}}"#));
        let workings = calculate(&order, &Options::default());
        assert_eq!((workings.sub_total, workings.grand_total), (Err(Reason::NoItems), Err(Reason::NoItems)), "{items}");
    }
    let reason = Reason::NoItems.to_string();
    assert_eq!((reason.as_str(), reason.parse()), ("the order has no items", Ok(Reason::NoItems)));
}

#[test]
fn what_is_stated_stays() {
    let text = r#"{"cust_ref": "A", "grand_total": 7, "items": [{"price": 10, "quantity": 2, "extended_amount": 9}]}"#;
    let whole = complete(order(text), &Options::default());
    assert_eq!((whole.cust_ref.as_deref(), whole.grand_total), (Some("A"), 7.into()));
    assert_eq!((whole.lines()[0].extended_amount, whole.sub_total), (9.into(), 9.into()));
}

/// Whether OC101 holds of a line with that exact extension.
fn holds(rounding: Rounding, tolerance: &str, exact: &str, stated: &str) -> bool {
    let text = format!(r#"{{"items": [{{"price": {exact}, "quantity": 1, "extended_amount": {stated}}}]}}"#);
    let mut policy = Policy { options: rounding.into(), ..Policy::default() };
    policy.set_tolerance(Rule::ExtendedAmount, amount(tolerance)).unwrap();
    check(&order(&text), &policy).violations.iter().all(|found| found.rule != Rule::ExtendedAmount)
}

#[test]
fn roundings_of_a_policy() {
    use Rounding::{Down, Exact, HalfEven, HalfUp, Nearest};
    let cases = [
        // A tie: either way under the default, one way under any other.
        (Nearest, "0", "0.125", [("0.12", true), ("0.13", true), ("0.125", true), ("0.11", false), ("0.14", false)]),
        (HalfUp, "0", "0.125", [("0.12", false), ("0.13", true), ("0.125", true), ("0.11", false), ("0.14", false)]),
        (HalfEven, "0", "0.125", [("0.12", true), ("0.13", false), ("0.125", true), ("0.11", false), ("0.14", false)]),
        (Down, "0", "0.129", [("0.12", true), ("0.13", false), ("0.129", true), ("0.11", false), ("0.14", false)]),
        (Exact, "0", "0.125", [("0.12", false), ("0.13", false), ("0.125", true), ("0.11", false), ("0.14", false)]),
        // Half a unit off is no rounding of what need not be rounded, nor is what has more decimals itself.
        (Nearest, "0", "0.12", [("0.125", false), ("0.115", false), ("0.12", true), ("0.13", false), ("0.11", false)]),
        (
            Nearest,
            "0",
            "0.123",
            [("0.12", true), ("0.13", false), ("0.122", false), ("0.124", false), ("0.128", false)],
        ),
        // A tolerance counts from the exact amount and from the rounded one.
        (
            HalfUp,
            "0.005",
            "0.125",
            [("0.12", true), ("0.13", true), ("0.135", true), ("0.119", false), ("0.136", false)],
        ),
        // At a tie, from either.
        (
            Nearest,
            "0.002",
            "0.125",
            [("0.118", true), ("0.132", true), ("0.117", false), ("0.133", false), ("0.1225", false)],
        ),
    ];
    for (rounding, tolerance, exact, stated) in cases {
        for (stated, expected) in stated {
            assert_eq!(holds(rounding, tolerance, exact, stated), expected, "{rounding} {tolerance} {exact} {stated}");
        }
    }
}

/// However many digits the difference has.
#[test]
fn tolerances_are_exact() {
    let holds = |sub_total: &str, extended_amount: &str, tolerance: &str| {
        let text = format!(
            r#"{{"sub_total": {sub_total}, "items": [{{"quantity": 1, "extended_amount": {extended_amount}}}]}}"#
        );
        let mut policy = Policy::default();
        policy.set_tolerance(Rule::SubTotal, amount(tolerance)).unwrap();
        check(&order(&text), &policy).violations.iter().all(|found| found.rule != Rule::SubTotal)
    };
    let (nines, negative) = ("0.9999999999999999999999999999", "-0.9999999999999999999999999999");
    let (large, low) = ("9999999999999999999999999999", "-9999999999999999999999999999");
    for (stated, right, tolerance, expected) in [
        // 5.0999999999999999999999999999
        ("5.5", "0.4000000000000000000000000001", "5.1", true),
        ("5.5", "0.4000000000000000000000000001", "5.09999999999999999999", false),
        ("0.4000000000000000000000000001", "5.5", "5.1", true),
        ("0.4000000000000000000000000001", "5.5", "5.09999999999999999999", false),
        // 1.9999999999999999999999999998
        (nines, negative, "2", true),
        (negative, nines, "2", true),
        (nines, negative, "1.999999999999999999999999999", false),
        (negative, nines, "1.999999999999999999999999999", false),
        (nines, negative, "10.5", true),
        (nines, negative, large, true),
        (large, nines, large, true),
        (large, negative, large, false),
        (negative, large, large, false),
        (large, low, large, false),
        (low, large, "0.01", false),
    ] {
        assert_eq!(holds(stated, right, tolerance), expected, "{stated} {right} {tolerance}");
    }
}

#[test]
fn each_identity_has_its_own_tolerance() {
    // Every identity is off by 0.01, and no rounding is to blame.
    let text = r#"{"sub_total": 10.02, "sales_tax": 1.01, "order_discount": 0.99, "shipping_handling": 0,
        "grand_total": 10.05, "items": [
        {"price": 10, "quantity": 1, "extended_amount": 10.01, "tax": 1, "addl_discount": 1}]}"#;
    let order = order(text);
    let identities = [Rule::ExtendedAmount, Rule::SubTotal, Rule::SalesTax, Rule::OrderDiscount, Rule::GrandTotal];
    let broken = |policy: &Policy| -> Vec<Rule> {
        check(&order, policy).violations.iter().map(|found| found.rule).filter(|rule| rule.is_identity()).collect()
    };
    assert_eq!(broken(&Policy::default()), identities);
    for rule in identities {
        let mut policy = Policy::default();
        policy.set_tolerance(rule, amount("0.0099")).unwrap();
        assert_eq!(broken(&policy), identities, "{rule}");
        policy.set_tolerance(rule, amount("0.01")).unwrap();
        let others: Vec<Rule> = identities.into_iter().filter(|other| *other != rule).collect();
        assert_eq!(broken(&policy), others, "{rule}");
        assert!(policy.set_tolerance(rule, amount("-0.01")).is_err());
    }
    assert!(Policy::default().set_tolerance(Rule::Balance, Amount::ZERO).is_err());
}

/// What no price of 4 decimals gives (OC210), under other policies.
#[test]
fn unit_price_precision_and_policies() {
    let found = |policy: &Policy| -> Vec<Rule> {
        let order = order(r#"{"items": [{"price": 0.3333, "quantity": 300, "extended_amount": 100}]}"#);
        check(&order, policy).violations.iter().map(|found| found.rule).collect()
    };
    let tolerant = |tolerance: &str| {
        let mut policy = Policy::default();
        policy.set_tolerance(Rule::ExtendedAmount, amount(tolerance)).unwrap();
        found(&policy)
    };
    assert_eq!(found(&Policy::default()), [Rule::UnitPricePrecision]);
    assert_eq!(tolerant("0.0099"), [Rule::UnitPricePrecision]);
    // Within the tolerance nothing is off.
    assert_eq!(tolerant("0.01"), []);
    for rounding in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Exact] {
        assert_eq!(
            found(&Policy { options: rounding.into(), ..Policy::default() }),
            [Rule::ExtendedAmount],
            "{rounding}"
        );
    }
    let mut off = Policy::default();
    off.set_severity(Rule::UnitPricePrecision, None);
    assert_eq!(found(&off), []);
}

#[test]
fn severities_of_a_policy() {
    let order = order(r#"{"balance": 5, "items": [{"quantity": 1}]}"#);
    let mut policy = Policy::default();
    assert!(check(&order, &policy).is_valid());
    policy.set_severity(Rule::Balance, Some(Severity::Error));
    assert_eq!(policy.severity(Rule::Balance), Some(Severity::Error));
    assert!(!check(&order, &policy).is_valid());
    policy.set_severity(Rule::Balance, None);
    assert!(check(&order, &policy).violations.is_empty());
}

#[test]
fn charges_print_what_they_hold() {
    let shown = |text: &str| format!("{:>9}|", Charge::from_text(text));
    assert_eq!(shown("4.40"), "      4.4|");
    assert_eq!(shown(" "), "    unset|");
    assert_eq!(shown("$5"), " unusable|");
}

#[test]
fn workings_are_data() {
    let order = order(r#"{"sales_tax": 1, "items": [{"price": "0.125", "quantity": 2}, {"price": 1}]}"#);
    let written = serde_json::to_value(calculate(&order, &Options::default())).unwrap();
    let term = |path: &str, amount: &str, origin: &str| json!({"path": path, "amount": amount, "origin": origin});
    assert_eq!(
        written["extended_amounts"][0],
        json!({
            "formula": "extension",
            "terms": [
                term("/items/0/price", "0.125", "stated"),
                term("/items/0/discount", "0", "zero"),
                term("/items/0/quantity", "2", "stated"),
            ],
            "exact": "0.25",
            "result": "0.25",
        })
    );
    assert_eq!(written["extended_amounts"][1], json!({"reason": "/items/1/quantity is unset"}));
    assert_eq!(written["grand_total"], written["sub_total"]);
}

#[test]
fn what_cannot_be_built_is_data() {
    let line = |price: &str, quantity: &str| Line {
        price: price.parse().unwrap(),
        quantity: quantity.parse().unwrap(),
        ..Line::default()
    };
    let error = |builder: OrderBuilder| builder.build().unwrap_err();
    let Err(BuildError::Invalid(violation)) = OrderBuilder::new().line(line("1", "-1")).build() else { panic!() };
    assert_eq!((violation.rule, violation.stated()), (Rule::NegativeAmount, Some("-1".parse().unwrap())));
    let unpriced = error(OrderBuilder::new().line(line("1", "1")).line(line("", "1")));
    assert!(matches!(unpriced, BuildError::NoExtendedAmount { line: 1, .. }), "{unpriced:?}");
    assert_eq!(unpriced.to_string(), "expected a price and a quantity for line 1, found none");
    assert_eq!(ordercharge::Error::from(unpriced.clone()).to_string(), unpriced.to_string());
}
