//! Reading, checking and both together, each beside a baseline in the same run: read the ratios, not the seconds.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "criterion's macros write functions without docs")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ordercharge::generate::{Choices, Params, Presence, consistent_order};
use ordercharge::{Charge, Currency, Document, Documents, Items, Line, Order, Policy, Reader, check};
use ordercharge_carts::generate::cart_order;
use ordercharge_carts::{Cart, Choice, Json, Node, Pair, Verdict};
use rust_decimal::Decimal;

/// A right order of `lines` lines, the same at every run.
fn order(lines: usize) -> Order {
    let params = Params {
        lines: lines..=lines,
        // The baseline knows cents only, and rounds half to even.
        currencies: vec![Currency::from_code("USD")],
        fine_prices: Presence::Never,
        addl_discounts: Presence::Never,
        overall_discount: Presence::Never,
        shipping: Presence::Never,
        left_off: Presence::Never,
        ..Params::default()
    };
    consistent_order(&params, &mut Choices::seeded(lines as u64))
}

/// The order as JSON, with some 130 fields in its header, most of them null.
fn wide(order: &Order) -> String {
    let text = serde_json::to_string(order).unwrap();
    let fields: String = (0..125)
        .map(|at| format!("\"custom_field_{at}\":{},", if at % 5 == 0 { "\"some value\"" } else { "null" }))
        .collect();
    text.replacen('{', &format!("{{{fields}"), 1)
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    for lines in [1, 3, 100] {
        let text = wide(&order(lines));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("ordercharge", lines), &text, |bencher, text| {
            bencher.iter(|| Document::from_json(black_box(text.as_bytes())).unwrap());
        });
        group.bench_with_input(BenchmarkId::new("baseline serde_json::Value", lines), &text, |bencher, text| {
            bencher.iter(|| serde_json::from_str::<serde_json::Value>(black_box(text)).unwrap());
        });
    }
    group.finish();
}

/// The identities by the operators of `Decimal`, without reasons, policies or a report.
fn by_operators(order: &[(Decimal, Decimal, Decimal, Decimal)], totals: &[Decimal; 4]) -> bool {
    let lines = order
        .iter()
        .all(|(price, discount, quantity, extended)| ((price - discount) * quantity).round_dp(2) == *extended);
    let [sub_total, tax, discount, grand_total] = totals;
    let sum: Decimal = order.iter().map(|line| line.3).sum();
    lines && sum == *sub_total && sub_total + tax - discount == *grand_total
}

fn checking(criterion: &mut Criterion) {
    let policy = Policy::default();
    let mut group = criterion.benchmark_group("check");
    for lines in [1, 3, 100] {
        let order = order(lines);
        let decimal = |charge: Charge| charge.amount().map(Decimal::from).unwrap_or_default();
        let plain: Vec<_> = order
            .lines()
            .iter()
            .map(|line| {
                (decimal(line.price), decimal(line.discount), decimal(line.quantity), decimal(line.extended_amount))
            })
            .collect();
        let totals = [order.sub_total, order.sales_tax, order.order_discount, order.grand_total].map(decimal);
        assert!(by_operators(&plain, &totals) && check(&order, &policy).is_valid());
        group.bench_with_input(BenchmarkId::new("ordercharge", lines), &order, |bencher, order| {
            bencher.iter(|| check(black_box(order), &policy));
        });
        group.bench_with_input(BenchmarkId::new("baseline Decimal operators", lines), &plain, |bencher, plain| {
            bencher.iter(|| by_operators(black_box(plain), &totals));
        });
    }
    group.finish();
}

/// Orders with one fault each, by its name.
fn faulty(lines: usize) -> Vec<(&'static str, Order)> {
    let cents = |charge: Charge, more: i64| {
        let stated = charge.amount().map(Decimal::from).unwrap_or_default();
        Charge::from(stated + Decimal::new(more, 2))
    };
    let with = |change: &dyn Fn(&mut Order)| {
        let mut order = order(lines);
        order.order_discount = Decimal::new(150, 2).into();
        order.shipping_handling = Decimal::new(595, 2).into();
        order.grand_total = cents(order.grand_total, 595 - 150);
        change(&mut order);
        order
    };
    let line = |order: &mut Order, change: &dyn Fn(&mut Line)| {
        if let Items::Lines(lines) = &mut order.items {
            lines.last_mut().into_iter().for_each(change);
        }
    };
    vec![
        ("discount not subtracted", with(&|order| order.grand_total = cents(order.grand_total, 150))),
        ("total without a diagnosis", with(&|order| order.grand_total = cents(order.grand_total, -1234))),
        ("sub-total", with(&|order| order.sub_total = cents(order.sub_total, 595))),
        ("line", with(&|order| line(order, &|line| line.extended_amount = cents(line.extended_amount, 1)))),
        ("negative tax of a line", with(&|order| line(order, &|line| line.tax = Charge::from(-1)))),
        ("price in words", with(&|order| line(order, &|line| line.price = Charge::from_text("free")))),
        ("balance", with(&|order| order.balance = Charge::from(1))),
    ]
}

/// An order of three lines whose diagnosis is exact and whose repair is written.
const REPAIRED: &str = r#"{"sub_total": "112.00", "shipping_handling": "5.95", "grand_total": "117.95", "items": [
    {"price": "30.67", "quantity": 3, "extended_amount": "92.00"},
    {"price": "5.00", "quantity": 2, "extended_amount": "10.00"},
    {"price": "10.00", "quantity": 1, "extended_amount": "10.00"}
]}"#;

/// What it costs to find, explain, place and write a fault.
fn faults(criterion: &mut Criterion) {
    let policy = Policy::default();
    let mut group = criterion.benchmark_group("fault");
    let repaired = Order::from_json(REPAIRED.as_bytes()).unwrap();
    assert!(check(&repaired, &policy).is_repairable());
    group.bench_function("check, diagnosed and repaired", |bencher| {
        bencher.iter(|| check(black_box(&repaired), &policy));
    });
    for (name, order) in faulty(3) {
        group.bench_function(BenchmarkId::new("check", name), |bencher| {
            bencher.iter(|| check(black_box(&order), &policy));
        });
    }
    for (name, order) in faulty(3).into_iter().take(4) {
        let lean = serde_json::to_string(&order).unwrap();
        for (width, text) in [("wide", wide(&order)), ("lean", lean)] {
            let document = Document::from_json(text.as_bytes()).unwrap();
            assert_ne!(document.check(&policy).violations, []);
            group.bench_function(BenchmarkId::new(format!("Document::check, {width}"), name), |bencher| {
                bencher.iter(|| black_box(&document).check(&policy));
            });
        }
        let report = Document::from_json(wide(&order).as_bytes()).unwrap().check(&policy);
        let mut record = Vec::new();
        group.bench_function(BenchmarkId::new("written", name), |bencher| {
            bencher.iter(|| {
                record.clear();
                serde_json::to_writer(&mut record, black_box(&report.violations)).unwrap();
                record.len()
            });
        });
    }
    group.finish();
}

fn streams(criterion: &mut Criterion) {
    let policy = Policy::default();
    let text: String = (0..2000).map(|at| wide(&order(at % 6 + 1)) + "\n").collect();
    let mut group = criterion.benchmark_group("stream");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("ordercharge, from memory", |bencher| {
        bencher.iter(|| {
            let records = Documents::new(black_box(text.as_bytes()));
            records.filter(|record| record.document.as_ref().unwrap().check(&policy).is_valid()).count()
        });
    });
    group.bench_function("ordercharge, from a reader", |bencher| {
        bencher.iter(|| {
            let mut reader = Reader::new(black_box(text.as_bytes()));
            let mut valid = 0;
            while let Some(record) = reader.next_record().unwrap() {
                valid += u32::from(record.document.unwrap().check(&policy).is_valid());
            }
            valid
        });
    });
    group.bench_function("baseline serde_json::Value, read only", |bencher| {
        bencher.iter(|| {
            let lines = black_box(&text).lines();
            lines.filter(|line| serde_json::from_str::<serde_json::Value>(line).unwrap().is_object()).count()
        });
    });
    group.finish();
}

/// Reading a cart's order and making the CartRover order; reading both and comparing them; and checking the CartRover order.
fn carts(criterion: &mut Criterion) {
    let policy = Policy::default();
    let mut group = criterion.benchmark_group("carts");
    for name in ["shopify", "amazon"] {
        let cart = Cart::named(name).unwrap();
        let pairs: Vec<(String, String)> = (0..200)
            .map(|number| {
                let made = cart_order(name, 1, number).unwrap();
                (made.cart_order, serde_json::to_string(&made.order).unwrap())
            })
            .collect();
        let size = |of: fn(&(String, String)) -> usize| Throughput::Bytes(pairs.iter().map(of).sum::<usize>() as u64);
        group.throughput(size(|(cart, _)| cart.len()));
        group.bench_function(BenchmarkId::new("map", name), |bencher| {
            bencher.iter(|| {
                let mapped = |text: &str| {
                    let json = Json::parse(text.as_bytes()).unwrap();
                    cart.map(&json, Node::ROOT, Choice::default()).unwrap().order.items.len()
                };
                black_box(&pairs).iter().map(|(text, _)| mapped(text)).sum::<usize>()
            });
        });
        group.throughput(size(|(cart, order)| cart.len() + order.len()));
        group.bench_function(BenchmarkId::new("compare", name), |bencher| {
            bencher.iter(|| {
                let same = |(text, order): &(String, String)| {
                    let (json, order) = (Json::parse(text.as_bytes()).unwrap(), Json::parse(order.as_bytes()).unwrap());
                    let pair = Pair { cart, json: &json, order: Node::ROOT, choice: Choice::default() };
                    pair.compare(&order, Node::ROOT).verdict == Verdict::Same
                };
                assert!(black_box(&pairs).iter().all(same));
            });
        });
        group.throughput(size(|(_, order)| order.len()));
        group.bench_function(BenchmarkId::new("baseline check of the CartRover order", name), |bencher| {
            bencher.iter(|| {
                let valid = |text: &str| Document::from_json(text.as_bytes()).unwrap().check(&policy).is_valid();
                assert!(black_box(&pairs).iter().all(|(_, order)| valid(order)));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, reading, checking, faults, streams, carts);
criterion_main!(benches);
