//! Properties: what must hold of every order, however it is written.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use ordercharge::{
    Amount, Applicability, Charge, Document, Documents, Items, Line, Order, OrderBuilder, Outcome, Place, Policy,
    Reader, Report, Rounding, check, complete, fix,
};
use proptest::prelude::*;

/// An amount of so many hundredths, or less often of more decimals.
fn money(most: i64) -> impl Strategy<Value = Amount> {
    prop_oneof![
        8 => (0..most).prop_map(|cents| Amount::new(cents.into(), 2).unwrap()),
        1 => (0..most * 100).prop_map(|parts| Amount::new(parts.into(), 4).unwrap()),
    ]
}

fn maybe(amount: impl Strategy<Value = Amount>) -> impl Strategy<Value = Charge> {
    proptest::option::of(amount).prop_map(|amount| amount.map_or(Charge::Unset, Charge::Amount))
}

prop_compose! {
    /// What a cart knows of a line: right whatever is calculated from it.
    fn cart_line()(
        price in 1000..100_000_i64, discount in maybe(money(1000)), quantity in 1..20_i64,
        addl_discount in maybe((0..500_i64).prop_map(|cents| Amount::new(cents.into(), 2).unwrap())),
        tax in maybe((0..500_i64).prop_map(|cents| Amount::new(cents.into(), 2).unwrap())),
    ) -> Line {
        Line {
            price: Amount::new(price.into(), 2).into_charge(), quantity: quantity.into(),
            discount, addl_discount, tax, ..Line::default()
        }
    }
}

trait IntoCharge {
    fn into_charge(self) -> Charge;
}

impl IntoCharge for Option<Amount> {
    fn into_charge(self) -> Charge {
        Charge::Amount(self.unwrap())
    }
}

fn cart() -> impl Strategy<Value = Order> {
    let lines = proptest::collection::vec(cart_line(), 1..6);
    (lines, 0..300_i64, proptest::option::of(0..2000_i64)).prop_map(|(lines, discount, shipping)| {
        let cents = |count: i64| Amount::new(count.into(), 2).unwrap();
        let builder = lines.into_iter().fold(OrderBuilder::new().cust_ref("T1"), OrderBuilder::line);
        let builder = builder.overall_discount(cents(discount));
        let builder = match shipping {
            Some(shipping) => builder.shipping_handling(cents(shipping)),
            None => builder,
        };
        builder.build().unwrap()
    })
}

/// An order with some amounts replaced: wrong in any way, or by luck right.
fn any_order() -> impl Strategy<Value = Order> {
    let replacement = prop_oneof![
        4 => (-50_000..50_000_i64, 0_u32..6).prop_map(|(mantissa, scale)| Amount::new(mantissa.into(), scale).into_charge()),
        1 => Just(Charge::Unset),
    ];
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), replacement), 0..5);
    (cart(), changes).prop_map(|(mut order, changes)| {
        for (which, replacement) in changes {
            let Items::Lines(lines) = &mut order.items else { panic!("built with lines") };
            let line = lines.len();
            let mut slots = vec![
                &mut order.sub_total,
                &mut order.order_discount,
                &mut order.sales_tax,
                &mut order.shipping_handling,
                &mut order.grand_total,
                &mut order.balance,
            ];
            for line in lines {
                slots.extend([
                    &mut line.quantity,
                    &mut line.price,
                    &mut line.discount,
                    &mut line.addl_discount,
                    &mut line.tax,
                    &mut line.shipping_surcharge,
                    &mut line.extended_amount,
                ]);
            }
            assert_eq!(slots.len(), 6 + 7 * line);
            let at = which.index(slots.len());
            *slots[at] = replacement;
        }
        order
    })
}

/// How an order is written as JSON.
#[derive(Clone, Debug)]
struct Style {
    seed: u64,
    blanks: &'static str,
}

fn style() -> impl Strategy<Value = Style> {
    let blanks = prop_oneof![Just(""), Just(" "), Just("\n  "), Just("\r\n\t")];
    (any::<u64>(), blanks).prop_map(|(seed, blanks)| Style { seed, blanks })
}

impl Style {
    /// The next of a row of numbers that look random.
    fn roll(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }

    fn amount(&mut self, amount: Amount) -> String {
        let plain = amount.to_string();
        let padded = format!("{amount:.*}", plain.len());
        match self.roll(6) {
            0 => plain,
            1 => format!("\"{plain}\""),
            2 => padded,
            3 => format!("\"{padded}\""),
            4 => format!("{plain}e0"),
            _ => format!("\" {plain} \""),
        }
    }

    fn object(&mut self, mut fields: Vec<(String, String)>) -> String {
        for at in (1..fields.len()).rev() {
            let other = self.roll(at as u64 + 1) as usize;
            fields.swap(at, other);
        }
        let blanks = self.blanks;
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{blanks}\"{name}\"{blanks}:{blanks}{value}")).collect();
        format!("{{{}{blanks}}}", fields.join(","))
    }

    fn write(&mut self, order: &Order) -> String {
        let mut header = vec![("cust_ref".to_owned(), "\"T1\"".to_owned())];
        let mut lines: Vec<Vec<(String, String)>> = vec![Vec::new(); order.lines().len()];
        for (place, charge) in order.charges() {
            let fields = place.line().map_or(&mut header, |line| &mut lines[line]);
            match charge {
                Charge::Amount(amount) => fields.push((place.name().to_owned(), self.amount(amount))),
                Charge::Unset if self.roll(2) == 0 => fields.push((place.name().to_owned(), "null".to_owned())),
                Charge::Unset => {}
                other => panic!("{other:?} is not written"),
            }
        }
        header.push(("note".to_owned(), r#""} ] , \" grand_total: 1""#.to_owned()));
        header.push(("extra_fields".to_owned(), r#"{"grand_total": [1, {"items": []}], "é": null}"#.to_owned()));
        let lines: Vec<String> = lines.into_iter().map(|fields| self.object(fields)).collect();
        header.push(("items".to_owned(), format!("[{}]", lines.join(","))));
        self.object(header)
    }
}

/// A report without the places in the text.
fn bare(mut report: Report) -> Report {
    report.violations.iter_mut().for_each(|violation| violation.span = None);
    report
}

/// What a report says, whatever the order of the lines: the line numbers mapped back.
fn verdicts(report: &Report, original: impl Fn(usize) -> usize) -> BTreeSet<String> {
    let place = |place: &Place| match place {
        Place::LineField(line, field) => Place::LineField(original(*line), *field),
        other => other.clone(),
    };
    let violations = report.violations.iter();
    let violations = violations
        .map(|found| format!("{} {} {:?} {:?}", found.rule, place(&found.place), found.stated, found.expected));
    let identities = report.identities.iter().map(|identity| {
        let outcome = match &identity.outcome {
            // Which of several lines is named as the reason may change.
            Outcome::Unchecked(_) => "unchecked".to_owned(),
            other => format!("{other:?}"),
        };
        format!("{} {} {outcome}", identity.rule, place(&identity.place))
    });
    violations.chain(identities).collect()
}

proptest! {
    #[test]
    fn what_is_built_is_right(order in cart()) {
        let report = check(&order, &Policy::default());
        prop_assert!(report.of(ordercharge::Severity::Error).next().is_none(), "{report:?}");
        prop_assert_eq!(report.broken(), 0);
    }

    #[test]
    fn what_is_completed_is_clean(order in cart(), mask in any::<u64>(), rounding in prop::sample::select(Rounding::ALL)) {
        let mut order = order;
        // Take any of the derived amounts off again, but tax and discount only where the lines give them back.
        order.order_discount = Charge::Unset;
        let drop = |bit: u64, charge: &mut Charge| if mask >> bit & 1 == 1 { *charge = Charge::Unset };
        order.grand_total = Charge::Unset;
        drop(0, &mut order.sub_total);
        if let Items::Lines(lines) = &mut order.items {
            for (at, line) in lines.iter_mut().enumerate() {
                drop(at as u64 + 1, &mut line.extended_amount);
            }
        }
        if rounding != Rounding::Nearest && rounding != Rounding::HalfUp {
            // What was built with another rounding is calculated anew.
            order.sub_total = Charge::Unset;
            if let Items::Lines(lines) = &mut order.items {
                lines.iter_mut().for_each(|line| line.extended_amount = Charge::Unset);
            }
        }
        let completed = complete(order, rounding);
        let report = check(&completed, &Policy { rounding, ..Policy::default() });
        prop_assert_eq!(report.broken(), 0, "{:?}", report);
        // What is not rounded at all may not survive storage (OC209).
        prop_assert!(report.is_valid() || rounding == Rounding::Exact, "{:?}", report);
        let derived = ["extended_amount", "sub_total", "sales_tax", "order_discount", "grand_total"];
        let filled = |(place, charge): (Place, Charge)| !derived.contains(&place.name()) || charge.amount().is_some();
        prop_assert!(completed.charges().all(filled));
        prop_assert_eq!(complete(completed.clone(), rounding), completed);
    }

    #[test]
    fn the_way_it_is_written_changes_nothing(order in any_order(), style in style()) {
        let text = style.clone().write(&order);
        let document = Document::from_json(text.as_bytes()).unwrap();
        prop_assert_eq!(document.order(), &order, "{}", text);
        prop_assert_eq!(bare(document.check(&Policy::default())), check(&order, &Policy::default()));
    }

    #[test]
    fn the_order_of_the_lines_changes_nothing(order in any_order()) {
        let mut turned = order.clone();
        if let Items::Lines(lines) = &mut turned.items {
            lines.reverse();
        }
        let last = order.lines().len() - 1;
        let straight = verdicts(&check(&order, &Policy::default()), |line| line);
        let turned = verdicts(&check(&turned, &Policy::default()), |line| last - line);
        prop_assert_eq!(straight, turned);
    }

    #[test]
    fn spans_slice_back_to_what_they_name(order in any_order(), style in style(), before in "[ \n]{0,5}") {
        let text = format!("{before}{}", style.clone().write(&order));
        let record = Documents::new(text.as_bytes()).next().unwrap();
        for violation in record.document.unwrap().check(&Policy::default()).violations {
            let span = violation.span.unwrap();
            let slice = &text[span.start.offset as usize..span.end as usize];
            match violation.stated {
                Some(stated) => prop_assert_eq!(Charge::from_text(slice.trim_matches('"')).amount(), Some(stated)),
                None => prop_assert!(["null", "{"].contains(&slice), "{} at {}", slice, violation.place),
            }
            let above = &text[..span.start.offset as usize];
            prop_assert_eq!(span.start.line as usize, above.matches('\n').count() + 1);
            let line = above.rsplit('\n').next().unwrap();
            prop_assert_eq!(span.start.column as usize, line.chars().count() + 1);
        }
    }

    #[test]
    fn reports_are_the_same_every_time_and_read_back(order in any_order()) {
        let report = check(&order, &Policy::default());
        prop_assert_eq!(&check(&order.clone(), &Policy::default()), &report);
        let json = serde_json::to_string(&report).unwrap();
        let read: Report = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), json);
        prop_assert_eq!(read, report);
    }

    #[test]
    fn a_fix_makes_an_order_better_and_is_made_once(order in any_order(), style in style(), safe in any::<bool>()) {
        let policy = Policy::default();
        let allowed = if safe { Applicability::Safe } else { Applicability::Unsafe };
        let before = check(&order, &policy);
        if let Some(found) = fix(&order, &policy, allowed) {
            prop_assert!(found.applicability <= allowed);
            let after = check(&found.apply(&order), &policy);
            let known: BTreeSet<_> = before.violations.iter().map(|found| (found.rule, found.place.clone())).collect();
            prop_assert!(after.violations.iter().all(|found| known.contains(&(found.rule, found.place.clone()))), "{:?}", after);
            prop_assert!(after.violations.len() < before.violations.len());
            prop_assert_eq!(fix(&found.apply(&order), &policy, allowed), None);

            // The same in the text, where nothing but the amounts is another.
            let text = style.clone().write(&order);
            let document = Document::from_json(text.as_bytes()).unwrap();
            let fixed = document.fixed(&found);
            prop_assert_eq!(Order::from_json(&fixed).unwrap(), found.apply(&order), "{}", String::from_utf8_lossy(&fixed));
            let outline = document.outline();
            let again = Document::from_json(&fixed).unwrap();
            let outline_again = again.outline();
            let mut kept = text.clone();
            let mut kept_again = String::from_utf8(fixed.clone()).unwrap();
            // Blank out what was edited, from the back.
            let blank = |text: &mut String, ranges: Vec<std::ops::Range<usize>>| {
                let mut ranges = ranges;
                ranges.sort_by_key(|range| std::cmp::Reverse(range.start));
                ranges.into_iter().for_each(|range| text.replace_range(range, "?"));
            };
            let standing: Vec<_> = found.edits.iter().filter(|edit| outline.value_at(&edit.place).is_some()).collect();
            blank(&mut kept, standing.iter().map(|edit| outline.value_at(&edit.place).unwrap()).collect());
            if standing.len() == found.edits.len() {
                blank(&mut kept_again, standing.iter().map(|edit| outline_again.value_at(&edit.place).unwrap()).collect());
                prop_assert_eq!(kept, kept_again);
            }
        }
    }

    #[test]
    fn completing_a_text_is_completing_its_order(order in any_order(), style in style()) {
        let text = style.clone().write(&order);
        let completed = Document::from_json(text.as_bytes()).unwrap().completed(Rounding::Nearest);
        let read = Order::from_json(&completed).unwrap();
        prop_assert_eq!(read, complete(order, Rounding::Nearest), "{}", String::from_utf8_lossy(&completed));
    }

    #[test]
    fn bytes_of_any_kind_are_read_the_same_in_pieces(
        text in prop::collection::vec(prop::sample::select(&b"{}[]\":,\\ \n\r\t0123456789eE+-.truefalsnu\"{\"items\x00\xC3\xA9\xFF"[..]), 0..200),
        size in 1..20_usize,
    ) {
        let told: Vec<String> = Documents::new(&text).map(|record| format!("{record:?}")).collect();
        let mut reader = Reader::new(text.chunks(size).fold(
            Box::new(std::io::empty()) as Box<dyn std::io::Read>,
            |before, piece| Box::new(std::io::Read::chain(before, piece)),
        ));
        let mut pieces = Vec::new();
        while let Some(record) = reader.next_record().unwrap() {
            pieces.push(format!("{record:?}"));
        }
        prop_assert_eq!(pieces, told);
    }
}
