//! Mappings: what many orders of one source say of the program that made them.

use ordercharge::generate::{Choices, Mistaken, plausible_order, with_mistake};
use ordercharge::mapping::{Mapping, Mappings};
use ordercharge::{Amount, Items, Line, Mistake, Order, Policy, RepairOptions, Report, check, repair};

use crate::util::amounts::is_restored;

/// How many orders of a corpus have the mistake.
const BROKEN: u64 = 40;
/// After how many of them comes a right one.
const RIGHT_AFTER: u64 = 4;

/// The mistakes of twelve mappings. Those after each have the same arithmetic: the orders cannot show which it was.
const MAPPINGS: [(Mistake, &[Mistake]); 12] = [
    (Mistake::PriceIsLineTotal, &[]),
    (Mistake::PriceIsNetOfDiscount, &[]),
    (Mistake::DiscountIsPercentage, &[]),
    (Mistake::UnitPriceRounded, &[]),
    (Mistake::PricesIncludeTax, &[]),
    (Mistake::QuantityIgnored, &[]),
    (Mistake::SubTotalNetOfDiscount, &[]),
    (Mistake::ShippingHoldsItsTax, &[]),
    (Mistake::ChargeInNoField, &[]),
    (Mistake::TaxLeftOut, &[Mistake::TaxNotCharged]),
    (Mistake::ShippingLeftOut, &[Mistake::ShippingNotCharged]),
    (Mistake::DiscountNotSubtracted, &[Mistake::DiscountInPricesAlready]),
];

fn made(mistake: Mistake) -> impl Iterator<Item = Mistaken> {
    (0..BROKEN).map(move |seed| with_mistake(mistake, &mut Choices::seeded(seed)).unwrap())
}

fn from(source: &str, mut order: Order) -> Order {
    order.order_source = Some(source.to_owned());
    order
}

/// One of one item and nothing else: nearly no mistake has anything to go wrong in it.
fn plain_order(source: &str, cents: u64) -> Order {
    let price = Amount::new(cents.into(), 2).unwrap();
    let line = Line { price: price.into(), quantity: 1.into(), extended_amount: price.into(), ..Line::default() };
    let items = Items::Lines(vec![line]);
    from(source, Order { sub_total: price.into(), grand_total: price.into(), items, ..Order::default() })
}

/// Orders of a mapping that makes one mistake, with right ones between them that have nothing for it to go wrong in.
fn corpus(source: &str, mistake: Mistake) -> Vec<Order> {
    let with_right = |(at, made): (usize, Mistaken)| {
        let at = at as u64;
        let right = at.is_multiple_of(RIGHT_AFTER).then(|| plain_order(source, 500 + at));
        [Some(from(source, made.order)), right]
    };
    made(mistake).enumerate().flat_map(with_right).flatten().collect()
}

fn right_order(source: &str, seed: u64) -> Order {
    from(source, plausible_order(&mut Choices::seeded(1000 + seed)))
}

/// The corpora of all twelve mappings, their orders mixed.
fn all_corpora() -> Vec<Order> {
    let corpora: Vec<Vec<Order>> = MAPPINGS.iter().map(|(mistake, _)| corpus(mistake.name(), *mistake)).collect();
    let longest = corpora.iter().map(Vec::len).max().unwrap();
    (0..longest).flat_map(|at| corpora.iter().filter_map(move |corpus| corpus.get(at).cloned())).collect()
}

fn checked(order: &Order) -> Report {
    check(order, &Policy::default())
}

fn added<'o>(orders: impl IntoIterator<Item = &'o Order>) -> Mappings {
    let mut mappings = Mappings::default();
    orders.into_iter().for_each(|order| mappings.add(order, &checked(order), &Policy::default()));
    mappings
}

fn only(mappings: &Mappings) -> Mapping {
    let [mapping] = mappings.summaries().try_into().unwrap();
    mapping
}

fn names(mapping: &Mapping) -> Vec<Mistake> {
    mapping.mistakes.iter().map(|made| made.mistake).collect()
}

/// Everything that is added up, also what no summary shows.
fn all_of(mappings: &Mappings) -> String {
    format!("{mappings:?}")
}

#[test]
fn the_mistake_of_a_mapping_is_named() {
    for (mistake, rivals) in MAPPINGS {
        let mappings = added(&corpus("Amazon", mistake));
        let mapping = only(&mappings);
        let [named] = names(&mapping).try_into().unwrap();
        assert!(named == mistake || rivals.contains(&named), "{mistake}: {mapping:?}");
        assert_eq!(mappings.mistakes_of(Some("Amazon")), [named]);
        assert_eq!(mapping.order_source.as_deref(), Some("Amazon"));
        let right = BROKEN / RIGHT_AFTER;
        assert_eq!((mapping.orders, mapping.broken, mapping.unexplained), (BROKEN + right, BROKEN, 0), "{mistake}");
        let [made] = mapping.mistakes.as_slice() else { panic!("{mapping:?}") };
        assert_eq!((made.explained, made.contradicted), (BROKEN, 0), "{mistake}");
        assert!(!made.fields.is_empty() && made.fields.len() == made.paths().len(), "{mapping:?}");
        let sentence = mapping.sentence();
        assert!(sentence.starts_with("In all 40 broken orders of Amazon, "), "{sentence}");
        assert!(
            sentence.contains(named.what()) && sentence.ends_with("; no valid order contradicts it."),
            "{sentence}"
        );
        assert_eq!(mapping.remedy(), named.remedy());
    }
}

/// One mistake of all, whichever it is: a corpus of it names it, but for those that another has the same arithmetic as.
#[test]
fn most_mistakes_are_named_by_a_corpus() {
    let is_named = |mistake: &&Mistake| added(&corpus("A", **mistake)).mistakes_of(Some("A")).contains(mistake);
    let named = Mistake::ALL.iter().filter(is_named).count();
    assert!(100 * named >= 85 * Mistake::ALL.len(), "{named} of {}", Mistake::ALL.len());
}

#[test]
fn a_summary_is_written_with_every_key() {
    let mapping = only(&added(&corpus("Amazon", Mistake::PriceIsLineTotal)));
    let expected = serde_json::json!({
        "order_source": "Amazon", "orders": 50, "broken": 40,
        "mistakes": [{"name": "price-is-line-total", "fields": ["items/*/price"], "explained": 40, "contradicted": 0,
            "free_amount": false}],
        "unexplained": 0, "sentence": mapping.sentence(), "remedy": mapping.remedy(),
    });
    assert_eq!(serde_json::to_value(&mapping).unwrap(), expected);
}

#[test]
fn two_mistakes_of_one_mapping_are_named() {
    let (one, two) = (Mistake::PriceIsLineTotal, Mistake::ShippingTwice);
    let orders = corpus("Shop", one).into_iter().chain(corpus("Shop", two));
    let mapping = only(&added(&orders.collect::<Vec<_>>()));
    assert_eq!(names(&mapping), [one, two], "{mapping:?}");
    assert_eq!((mapping.broken, mapping.unexplained), (2 * BROKEN, 0));
}

#[test]
fn sources_are_kept_apart() {
    let mappings = added(&all_corpora());
    let summaries = mappings.summaries();
    let sources: Vec<&str> = summaries.iter().map(|mapping| mapping.order_source.as_deref().unwrap()).collect();
    assert!(sources.is_sorted() && sources.len() == MAPPINGS.len(), "{sources:?}");
    for (mistake, _) in MAPPINGS {
        let alone = only(&added(&corpus(mistake.name(), mistake)));
        assert!(summaries.contains(&alone), "{alone:?}");
    }
    // One whose orders are all right has no summary.
    let right: Vec<Order> = (0..20).map(|seed| right_order("Right", seed)).collect();
    assert_eq!(added(&right).summaries(), []);
    assert_eq!(added(&right).mistakes_of(Some("Right")), []);
}

#[test]
fn merging_parts_in_order_is_adding_one_after_the_other() {
    // More right orders than are kept.
    let mut orders = all_corpora();
    orders.extend((0..100).map(|seed| right_order("Many", seed)));
    orders.extend((0..3).map(|seed| plausible_order(&mut Choices::seeded(seed))));
    let whole = added(&orders);
    for size in [1, 7, 100, orders.len()] {
        let mut merged = Mappings::default();
        orders.chunks(size).for_each(|part| merged.merge(added(part)));
        assert_eq!(merged.summaries(), whole.summaries());
        assert_eq!(all_of(&merged), all_of(&whole), "parts of {size}");
    }
}

#[test]
fn reports_that_were_read_back_give_the_same() {
    let orders = all_corpora();
    let mut mappings = Mappings::default();
    for order in &orders {
        let json = serde_json::to_string(&checked(order)).unwrap();
        mappings.add(order, &serde_json::from_str(&json).unwrap(), &Policy::default());
    }
    assert_eq!(all_of(&mappings), all_of(&added(&orders)));
}

#[test]
fn valid_orders_may_be_counted_and_shown_apart() {
    let orders = corpus("Amazon", Mistake::PriceIsLineTotal);
    let mut mappings = Mappings::default();
    for order in &orders {
        let report = checked(order);
        if report.broken() == 0 {
            mappings.add_valid(Some("Amazon"), 1);
            mappings.show_valid(order, &Policy::default());
        } else {
            mappings.add(order, &report, &Policy::default());
        }
    }
    assert_eq!(all_of(&mappings), all_of(&added(&orders)));
}

#[test]
fn valid_orders_contradict_a_mistake() {
    let order = |quantity: u32, price: &str, total: &str| {
        let text = format!(
            r#"{{"order_source": "Shop", "sub_total": "{total}", "grand_total": "{total}",
                "items": [{{"price": "{price}", "quantity": {quantity}}}]}}"#
        );
        Order::from_json(text.as_bytes()).unwrap()
    };
    let mut orders: Vec<Order> = (2..6).map(|quantity| order(quantity, "60.00", "60.00")).collect();
    assert_eq!(names(&only(&added(&orders))), [Mistake::PriceIsLineTotal]);
    // Where the same source sends the price of each as often, that is not what its mapping does.
    orders.extend((0..20).map(|_| order(2, "30.00", "60.00")));
    let mapping = only(&added(&orders));
    assert!(!names(&mapping).contains(&Mistake::PriceIsLineTotal), "{mapping:?}");
}

/// A wrong name is read in the order that has it: right names in other orders do not make a fee of it.
#[test]
fn a_wrong_name_is_named_whatever_names_other_orders_have() {
    let order = |tax: &str| {
        let text = format!(
            r#"{{"order_source": "Names", "currency_code": "USD", "sub_total": "83.00", "{tax}": "6.64",
                "order_discount": "0.00", "grand_total": "89.64",
                "items": [{{"price": "83.00", "quantity": 1, "extended_amount": "83.00"}}]}}"#
        );
        Order::from_json(text.as_bytes()).unwrap()
    };
    let mapping = only(&added(&[order("sales_tax"), order("tax"), order("sales_tax")]));
    assert_eq!(names(&mapping), [Mistake::MisnamedField], "{mapping:?}");
    assert_eq!((mapping.mistakes[0].explained, mapping.mistakes[0].contradicted), (1, 0), "{mapping:?}");
}

#[test]
fn orders_are_repaired_by_the_mistake_that_is_named() {
    // A charge in no field is not written for one order alone.
    for mistake in [Mistake::ChargeInNoField, Mistake::PriceIsLineTotal] {
        let mut options = RepairOptions::default();
        options.mapping = added(&corpus("Shop", mistake)).mistakes_of(Some("Shop"));
        let is_right = |Mistaken { order, original, .. }: &Mistaken| {
            let found = repair(order, &Policy::default(), &options).unwrap();
            let rights = found.edits.iter().map(|edit| (&edit.place, Some(edit.value)));
            is_restored(order, rights, original)
        };
        let right = made(mistake).filter(is_right).count() as u64;
        assert!(right * 10 >= BROKEN * 9, "{mistake}: {right} of {BROKEN}");
    }
}

/// An order of one item of 20.00, with another total.
fn with_total(total: &str) -> Order {
    let text = format!(
        r#"{{"order_source": "Shop", "sub_total": "20.00", "sales_tax": "0.00", "shipping_handling": "5.00",
            "grand_total": "{total}", "items": [{{"price": "20.00", "quantity": 1, "extended_amount": "20.00"}}]}}"#
    );
    Order::from_json(text.as_bytes()).unwrap()
}

#[test]
fn an_amount_in_no_field_is_confirmed_by_most_orders_or_not_at_all() {
    let charged: Vec<Order> = (0..12).map(|at| with_total(&format!("{}.37", 27 + at % 5))).collect();
    // Two amounts of these have nothing to do with the order.
    let others = (0..6).map(|_| {
        let text = r#"{"order_source": "Shop", "sub_total": "20.00", "sales_tax": "5.51", "grand_total": "22.13", "items": [
            {"price": "20.00", "quantity": 1, "extended_amount": "17.39", "tax": "1.27"}]}"#;
        Order::from_json(text.as_bytes()).unwrap()
    });
    let all: Vec<Order> = charged.iter().cloned().chain(others).collect();
    assert_eq!(added(&charged).mistakes_of(Some("Shop")), [Mistake::ChargeInNoField]);
    let mappings = added(&all);
    let mapping = only(&mappings);
    assert_eq!((mapping.broken, mapping.unexplained), (18, 6), "{mapping:?}");
    assert_eq!(names(&mapping), [Mistake::ChargeInNoField]);
    assert_eq!(mappings.mistakes_of(Some("Shop")), []);
}

/// A total that is too high has a charge, one that is too low a payment: together they explain any total.
#[test]
fn two_amounts_in_no_field_that_explain_any_total_confirm_nothing() {
    let off = |at: u64| if at.is_multiple_of(2) { format!("{}.37", 27 + at) } else { format!("{}.13", 24 - at) };
    let orders: Vec<Order> = (0..20).map(|at| with_total(&off(at))).collect();
    let mappings = added(&orders);
    assert!(names(&only(&mappings)).contains(&Mistake::ChargeInNoField), "{:?}", only(&mappings));
    assert_eq!(mappings.mistakes_of(Some("Shop")), []);
}

#[test]
fn one_broken_order_is_explained_as_by_itself() {
    // The tax is thin evidence, so that many orders of this kind would be explained by the quantity.
    let text = r#"{"items": [{"price": "10.00", "quantity": 2, "extended_amount": "20.00"}], "grand_total": "25.00"}"#;
    let order = Order::from_json(text.as_bytes()).unwrap();
    let first = |order: &Order| checked(order).diagnoses[0].mistakes[0].mistake;
    assert_eq!(names(&only(&added([&order]))), [first(&order)]);
    let right = plain_order("none", 700);
    let mut parts = added([&right]);
    parts.merge(added([&order]));
    assert_eq!(parts.summaries()[0].mistakes[0].mistake, first(&order));
}

#[test]
fn a_blank_source_is_none() {
    let order = |source: &str| from(source, with_total("27.37"));
    let orders = [order(" "), order(""), Order { order_source: None, ..with_total("28.37") }];
    let mapping = only(&added(&orders));
    assert_eq!((mapping.order_source, mapping.broken), (None, 3));
    assert_eq!(added(&orders).mistakes_of(Some("")), added(&orders).mistakes_of(None));
}

/// A discount in no field explains most gross prices too, but not what else is wrong with the orders.
#[test]
fn an_amount_in_no_field_that_fits_anyway_is_no_second_mistake() {
    let order = |goods: &str, price: &str, quantity: u64, tax: &str, total: &str| {
        let text = format!(
            r#"{{"order_source": "Shop", "sub_total": "{goods}", "sales_tax": "{tax}", "grand_total": "{total}", "items": [
                {{"price": "{price}", "quantity": {quantity}, "extended_amount": "{goods}"}}]}}"#
        );
        Order::from_json(text.as_bytes()).unwrap()
    };
    let gross = (2..14).map(|quantity| {
        let goods = format!("{}.00", 11 * quantity);
        order(&goods, "11.00", quantity, &format!("{quantity}.00"), &goods)
    });
    // The gross price was rounded, so that its line is off too.
    let rounded = (0..8).map(|_| order("110.02", "36.67", 3, "10.00", "110.02"));
    let others = (0..6).map(|at| order("50.00", "10.00", 5, "4.61", &format!("{}.37", 48 - at)));
    let mapping = only(&added(&gross.chain(rounded).chain(others).collect::<Vec<_>>()));
    assert_eq!((names(&mapping), mapping.unexplained), (vec![Mistake::PricesIncludeTax], 6), "{mapping:?}");
}
