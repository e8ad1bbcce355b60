//! Properties: what must hold of every order, however it is written.

use std::collections::BTreeSet;

use ordercharge::generate::{Choices, Params, Presence, Style, json_text};
use ordercharge::{
    Amount, Applicability, Charge, Document, Documents, Field, IdentityOutcome, Items, Options, Order, OrderBuilder,
    Place, Policy, Reader, RepairOptions, Report, Rounding, check, complete, repair, strategy,
};
use proptest::prelude::*;

/// What a cart sends, every amount stated.
fn cart() -> impl Strategy<Value = Order> {
    strategy::consistent_order(Params { left_off: Presence::Never, ..Params::default() })
}

/// An order with some amounts replaced: wrong in any way, or by luck right.
fn any_order() -> impl Strategy<Value = Order> {
    let replacement = prop_oneof![
        4 => (-50_000..50_000_i64, 0_u32..6).prop_map(|(mantissa, scale)| Charge::Amount(Amount::new(mantissa.into(), scale).unwrap())),
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

/// A way to write an order: the same every time.
#[derive(Clone, Debug)]
struct Written(Style, u64);

fn style() -> impl Strategy<Value = Written> {
    (strategy::style(), any::<u64>()).prop_map(|(style, seed)| Written(style, seed))
}

impl Written {
    fn write(&self, order: &Order) -> String {
        json_text(order, &self.0, &mut Choices::seeded(self.1))
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
        .map(|found| format!("{} {} {:?} {:?}", found.rule, place(&found.place), found.stated(), found.expected()));
    let identities = report.identities.iter().map(|identity| {
        let outcome = match &identity.outcome {
            // Which of several lines is named as the reason may change.
            IdentityOutcome::Unchecked(_) => "unchecked".to_owned(),
            other => format!("{other:?}"),
        };
        format!("{} {} {outcome}", identity.rule, place(&identity.place))
    });
    violations.chain(identities).collect()
}

proptest! {
    #[test]
    fn what_is_built_is_right(order in cart()) {
        let amount = |charge: Charge| charge.amount().unwrap_or_default();
        let of_lines = |field| order.lines().iter().try_fold(Amount::ZERO, |sum, line| sum.checked_add(amount(line.get(field))));
        let overall = amount(order.order_discount).checked_sub(of_lines(Field::AddlDiscount).unwrap()).unwrap();
        let builder = order.lines().iter().cloned().fold(OrderBuilder::new(), OrderBuilder::line);
        let builder = builder.currency_code(order.currency.code().unwrap_or("USD")).overall_discount(overall);
        let builder = builder.shipping_handling(amount(order.shipping_handling)).sales_tax(amount(order.sales_tax));
        let built = builder.build().unwrap();
        let report = check(&built, &Policy::default());
        prop_assert!(report.violations.is_empty(), "{report:?}");
        prop_assert_eq!(report.broken(), 0);
        // It is the order the lines were taken from.
        let charges = |order: &Order| order.charges().map(|(_, charge)| amount(charge)).collect::<Vec<_>>();
        prop_assert_eq!(charges(&built), charges(&order));
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
        let completed = complete(order, &rounding.into());
        let report = check(&completed, &Policy { options: rounding.into(), ..Policy::default() });
        prop_assert_eq!(report.broken(), 0, "{:?}", report);
        // What is not rounded at all may not survive storage (OC209).
        prop_assert!(report.is_valid() || rounding == Rounding::Exact, "{:?}", report);
        let derived = ["extended_amount", "sub_total", "sales_tax", "order_discount", "grand_total"];
        let filled = |(place, charge): (Place, Charge)| !derived.contains(&place.name()) || charge.amount().is_some();
        prop_assert!(completed.charges().all(filled));
        prop_assert_eq!(complete(completed.clone(), &rounding.into()), completed);
    }

    #[test]
    fn the_way_it_is_written_changes_nothing(order in any_order(), style in style()) {
        let text = style.write(&order);
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
        let text = format!("{before}{}", style.write(&order));
        let record = Documents::new(text.as_bytes()).next().unwrap();
        for violation in record.document.unwrap().check(&Policy::default()).violations {
            let span = violation.span.unwrap();
            let slice = &text[span.start.offset as usize..span.end as usize];
            match violation.stated() {
                Some(stated) => {
                    let text = serde_json::from_str(slice).unwrap_or_else(|_| slice.to_owned());
                    prop_assert_eq!(Charge::from_text(&text).amount(), Some(stated));
                }
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
    fn after_a_repair_everything_holds_and_it_is_made_once(order in any_order(), style in style(), safe in any::<bool>()) {
        let policy = Policy::default();
        let mut options = RepairOptions::default();
        options.applicability = if safe { Applicability::Safe } else { Applicability::Unsafe };
        let before = check(&order, &policy);
        let found = repair(&order, &policy, &options);
        if !safe {
            prop_assert_eq!(&found, &before.repair);
        }
        if let Some(found) = found.filter(|found| !found.edits.is_empty()) {
            prop_assert!(found.applicability <= options.applicability && found.withheld.is_none());
            let after = check(&found.apply(&order), &policy);
            let known: BTreeSet<_> = before.violations.iter().map(|found| (found.rule, found.place.clone())).collect();
            prop_assert!(after.violations.iter().all(|found| known.contains(&(found.rule, found.place.clone()))), "{:?}", after);
            prop_assert_eq!(after.broken(), 0);
            let again = repair(&found.apply(&order), &policy, &options);
            prop_assert!(again.is_none_or(|again| again.edits.is_empty()));

            // The same in the text, where nothing but the amounts is another.
            let text = style.write(&order);
            let document = Document::from_json(text.as_bytes()).unwrap();
            let fixed = document.repaired(&found);
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
        let text = style.write(&order);
        let completed = Document::from_json(text.as_bytes()).unwrap().completed(&Options::default());
        let read = Order::from_json(&completed).unwrap();
        prop_assert_eq!(read, complete(order, &Options::default()), "{}", String::from_utf8_lossy(&completed));
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
