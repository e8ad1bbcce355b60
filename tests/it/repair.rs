//! Repairs: what is written, what is withheld and why, and that an order is right afterwards.

use std::collections::BTreeSet;

use ordercharge::generate::{Choices, Mistaken, with_mistake};
use ordercharge::{
    Amount, Applicability, Document, Documents, Field, Mistake, Order, Place, Policy, Repair, RepairOptions, Report,
    Violation, Withheld, check, repair,
};

use crate::util::amounts::is_restored;

/// How many orders are made with each mistake.
const SEEDS: u64 = 20;

fn order(text: &str) -> Order {
    Order::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn repaired(order: &Order, options: &RepairOptions) -> Option<Repair> {
    repair(order, &Policy::default(), options)
}

fn by_default() -> RepairOptions {
    RepairOptions::default()
}

fn safe() -> RepairOptions {
    let mut options = RepairOptions::default();
    options.applicability = Applicability::Safe;
    options
}

fn recalculate() -> RepairOptions {
    let mut options = RepairOptions::default();
    options.recalculate = true;
    options
}

fn prefer(mistake: Mistake) -> RepairOptions {
    let mut options = RepairOptions::default();
    options.prefer = vec![mistake];
    options
}

fn mapping(mistake: Mistake) -> RepairOptions {
    let mut options = RepairOptions::default();
    options.mapping = vec![mistake];
    options
}

/// The edits as they print, and why there are none.
fn written(order: &Order, options: &RepairOptions) -> (Vec<String>, Option<Withheld>) {
    let Some(found) = repaired(order, options) else { return (Vec::new(), None) };
    (found.edits.iter().map(ToString::to_string).collect(), found.withheld)
}

fn made(mistake: Mistake) -> impl Iterator<Item = Mistaken> {
    (0..SEEDS).map(move |seed| with_mistake(mistake, &mut Choices::seeded(seed)).unwrap())
}

/// What a repair promises of the order that it is made to.
fn keeps_its_promises(order: &Order, found: &Repair, options: &RepairOptions) -> Result<(), String> {
    let demand = |is_so: bool, what: &str| if is_so { Ok(()) } else { Err(what.to_owned()) };
    demand(found.edits.is_empty() == found.withheld.is_some(), "either edits or a reason why there are none")?;
    demand(found.applicability <= options.applicability, "more than was allowed")?;
    let places: BTreeSet<&Place> = found.edits.iter().map(|edit| &edit.place).collect();
    demand(places.len() == found.edits.len(), "a place is edited twice")?;
    for edit in &found.edits {
        let stated = order.charge_at(&edit.place);
        demand(edit.place.field().is_some() && !stated.is_unusable(), "not a charge field")?;
        demand(stated.amount() != Some(edit.value), "an edit that changes nothing")?;
        let is_money = edit.place.field() != Some(Field::Quantity);
        demand(!is_money || edit.decimals >= order.currency.decimals(), "fewer decimals than the minor unit")?;
    }
    let (before, after) = (check(order, &Policy::default()), check(&found.apply(order), &Policy::default()));
    let known: BTreeSet<_> = before.violations.iter().map(|found| (found.rule, &found.place)).collect();
    // A report lists a thousand violations of a rule. Of one that has more, others are listed afterwards.
    let is_counted = |rule| {
        let count = |report: &Report| {
            report.violations.iter().filter(|one| one.rule == rule).map(Violation::count).sum::<u64>()
        };
        count(&before) > 1000 && count(&after) <= count(&before)
    };
    let is_known =
        after.violations.iter().all(|found| known.contains(&(found.rule, &found.place)) || is_counted(found.rule));
    demand(is_known, "something is newly wrong")?;
    if found.edits.is_empty() {
        return Ok(());
    }
    demand(after.broken() == 0, "an identity is still broken")?;
    let again = repaired(&found.apply(order), options);
    demand(again.is_none_or(|again| again.edits.is_empty()), "a second repair writes something")
}

#[test]
fn after_a_repair_everything_holds_and_a_second_one_writes_nothing() {
    let mut edited = 0;
    for mistake in Mistake::ALL.iter().copied() {
        for Mistaken { order, .. } in made(mistake) {
            for options in [by_default(), safe(), recalculate(), prefer(mistake), mapping(mistake)] {
                let Some(found) = repaired(&order, &options) else { continue };
                edited += usize::from(!found.edits.is_empty());
                keeps_its_promises(&order, &found, &options)
                    .unwrap_or_else(|problem| panic!("{mistake}, {options:?}: {problem}\n{order:?}\n{found:?}"));
            }
        }
    }
    assert!(edited > 4000, "{edited}");
}

/// `Report::repair` is what `repair` finds by default.
#[test]
fn the_report_has_the_repair() {
    for mistake in Mistake::ALL.iter().copied() {
        for Mistaken { order, .. } in made(mistake) {
            assert_eq!(check(&order, &Policy::default()).repair, repaired(&order, &by_default()), "{mistake}");
        }
    }
}

const DISCOUNT_IN_TOTAL_OR_PRICES: &str = r#"{"sub_total": "18.00", "order_discount": "2.00", "grand_total": "18.00",
    "items": [{"price": "9.00", "quantity": 2, "extended_amount": "18.00"}]}"#;

#[test]
fn a_preferred_mistake_is_chosen_from_the_first_rank() {
    let order = order(DISCOUNT_IN_TOTAL_OR_PRICES);
    assert_eq!(written(&order, &by_default()), (vec![], Some(Withheld::SharedRank)));
    let total = vec!["/grand_total = 16.00".to_owned()];
    assert_eq!(written(&order, &prefer(Mistake::DiscountNotSubtracted)), (total, None));
    let discount = vec!["/order_discount = 0.00".to_owned()];
    assert_eq!(written(&order, &prefer(Mistake::DiscountInPricesAlready)), (discount, None));
    // One that is not in the first rank chooses nothing.
    assert_eq!(written(&order, &prefer(Mistake::TaxTwice)), (vec![], Some(Withheld::SharedRank)));
    // Nor do two that would write different amounts.
    let mut both = prefer(Mistake::DiscountNotSubtracted);
    both.prefer.push(Mistake::DiscountInPricesAlready);
    assert_eq!(written(&order, &both), (vec![], Some(Withheld::SharedRank)));
}

#[test]
fn a_preferred_mistake_is_written_with_its_free_amount() {
    let order =
        order(r#"{"sub_total": "20.00", "grand_total": "23.50", "items": [{"price": "20.00", "quantity": 1}]}"#);
    // A charge, or a total that is older than the order: nothing in the order chooses between them.
    assert_eq!(written(&order, &by_default()), (vec![], Some(Withheld::SharedRank)));
    let shipping = vec!["/shipping_handling = 3.50".to_owned()];
    assert_eq!(written(&order, &prefer(Mistake::ChargeInNoField)), (shipping.clone(), None));
    assert_eq!(written(&order, &mapping(Mistake::ChargeInNoField)), (shipping, None));
}

#[test]
fn the_mistake_of_the_mapping_is_written_whatever_else_would_explain_the_order() {
    let order = order(DISCOUNT_IN_TOTAL_OR_PRICES);
    let total = vec!["/grand_total = 16.00".to_owned()];
    assert_eq!(written(&order, &mapping(Mistake::DiscountNotSubtracted)), (total.clone(), None));
    let mut options = prefer(Mistake::DiscountInPricesAlready);
    options.mapping = vec![Mistake::DiscountNotSubtracted];
    assert_eq!(written(&order, &options), (total, None));
    // One that does not explain the order changes nothing.
    assert_eq!(written(&order, &mapping(Mistake::TaxTwice)), written(&order, &by_default()));
    // Not even of orders that are repaired without it.
    for Mistaken { order, .. } in made(Mistake::UnitPriceRounded) {
        assert_eq!(repaired(&order, &mapping(Mistake::TaxTwice)), repaired(&order, &by_default()));
    }
}

/// Where the mapping's mistake is known, its orders are nearly always put right, and hardly ever otherwise.
#[test]
fn orders_are_restored_by_the_mistake_of_their_mapping() {
    let (mut right, mut wrong, mut all) = (0, 0, 0);
    for mistake in Mistake::ALL.iter().copied() {
        for Mistaken { order, original, .. } in made(mistake) {
            all += 1;
            let Some(found) = repaired(&order, &mapping(mistake)).filter(|found| !found.edits.is_empty()) else {
                continue;
            };
            let rights = found.edits.iter().map(|edit| (&edit.place, Some(edit.value)));
            let is_right = is_restored(&order, rights, &original);
            right += u64::from(is_right);
            wrong += u64::from(!is_right);
        }
    }
    assert!(100 * right >= 95 * all && 100 * wrong <= all, "{right} right, {wrong} wrong, of {all}");
}

#[test]
fn what_is_safe_needs_no_diagnosis() {
    let writes = |text: &str, options: &RepairOptions| {
        let order = order(text);
        let found = repaired(&order, options)?;
        Some((found.applicability, found.edits.iter().map(ToString::to_string).collect::<Vec<_>>()))
    };
    let noise = r#"{"sub_total": 30.299999999999997, "grand_total": "30.30", "items": [
        {"price": 10.1, "quantity": 3, "extended_amount": 30.3}]}"#;
    let balance = r#"{"balance": "5.00", "grand_total": "2.00", "items": [{"price": 2, "quantity": 1}]}"#;
    let blank = r#"{"grand_total": "", "items": [{"price": 2, "quantity": 1}]}"#;
    for (text, edit) in [(noise, "/sub_total = 30.30"), (balance, "/balance = 0.00"), (blank, "/grand_total = 2.00")] {
        for options in [safe(), by_default()] {
            assert_eq!(writes(text, &options), Some((Applicability::Safe, vec![edit.to_owned()])), "{text}");
        }
    }
    // Whatever needs a diagnosis is not safe.
    let price = r#"{"sub_total": "92.00", "grand_total": "92.00", "items": [
        {"price": "30.67", "quantity": 3, "extended_amount": "92.00"}]}"#;
    assert_eq!(
        writes(price, &by_default()),
        Some((Applicability::Unsafe, vec!["/items/0/price = 30.6667".to_owned()]))
    );
    assert_eq!(writes(price, &safe()), None);
    for mistake in Mistake::ALL.iter().copied() {
        for Mistaken { order, .. } in made(mistake) {
            let found = repaired(&order, &safe());
            assert!(found.is_none_or(|found| found.applicability == Applicability::Safe && found.withheld.is_none()));
        }
    }
}

#[test]
fn recalculating_writes_derived_amounts_only() {
    let text = r#"{"sub_total": "1.00", "sales_tax": "2.00", "shipping_handling": "3.00", "order_discount": "0.50",
        "grand_total": "100.00", "items": [{"price": "9.00", "quantity": 2, "extended_amount": "17.00"}]}"#;
    let edits = ["/sub_total = 18.00", "/grand_total = 22.50", "/items/0/extended_amount = 18.00"];
    let (mut found, withheld) = written(&order(text), &recalculate());
    found.sort();
    assert_eq!((found, withheld), (vec![edits[1].into(), edits[2].into(), edits[0].into()], None));
    // A right order is not touched, and neither is a total that a diagnosis would leave.
    let right = r#"{"sub_total": "18.00", "grand_total": "18.00", "items": [{"price": "9.00", "quantity": 2}]}"#;
    assert_eq!(repaired(&order(right), &recalculate()), None);

    let derived = [Field::ExtendedAmount, Field::SubTotal, Field::SalesTax, Field::OrderDiscount, Field::GrandTotal];
    for mistake in Mistake::ALL.iter().copied() {
        for Mistaken { order, .. } in made(mistake) {
            let Some(found) = repaired(&order, &recalculate()) else { continue };
            // An amount under another name is put where it belongs.
            let mut edits = found.edits.iter().filter(|edit| !order.charge_at(&edit.place).is_unset());
            let is_derived = edits.all(|edit| edit.place.field().is_some_and(|field| derived.contains(&field)));
            assert!(is_derived, "{mistake}: {found:?}\n{order:?}");
        }
    }
}

#[test]
fn every_reason_to_withhold_a_repair() {
    let no_known_mistake = r#"{"sub_total": "41.66", "grand_total": "161.08", "items": [
        {"quantity": 2, "price": "20.83", "extended_amount": "41.66"}]}"#;
    let partial = r#"{"sub_total": "78.44", "shipping_handling": "37.30", "grand_total": "512.05", "items": [
        {"quantity": "40.21", "price": "45.00", "tax": "24.75", "extended_amount": "450.00"}]}"#;
    let free_amount = r#"{"sub_total": "4.08", "shipping_handling": "2.99", "grand_total": "7.07", "items": [
        {"quantity": 6, "price": "1.68", "extended_amount": "10.08"}]}"#;
    let a_line_is_missing = r#"{"sub_total": "45.00", "grand_total": "45.00", "items": [
        {"price": "30.00", "quantity": 1, "extended_amount": "30.00"}]}"#;
    let a_cent =
        r#"{"grand_total": "35.98", "items": [{"quantity": 1, "price": "35.99", "extended_amount": "35.99"}]}"#;
    let weighed = r#"{"sub_total": "437.69", "grand_total": "437.69", "items": [{"quantity": 2, "price": "190.30"}]}"#;
    let reasons = [
        (no_known_mistake, by_default(), Withheld::NoKnownMistake),
        (partial, by_default(), Withheld::Partial),
        (DISCOUNT_IN_TOTAL_OR_PRICES, by_default(), Withheld::SharedRank),
        (free_amount, by_default(), Withheld::FreeAmount),
        (a_line_is_missing, prefer(Mistake::LineMissing), Withheld::ValueUnknown),
        (a_cent, by_default(), Withheld::ThinEvidence),
        (weighed, by_default(), Withheld::NotEnough),
    ];
    for (text, options, reason) in reasons {
        assert_eq!(written(&order(text), &options), (vec![], Some(reason)), "{text}");
        assert_eq!(reason.name().parse::<Withheld>(), Ok(reason));
        assert_eq!(reason.to_string(), reason.name());
    }
    // Two prices in cents: the same order, but lines may be missing from it.
    let mut of_reply =
        order(r#"{"sub_total": "40.00", "grand_total": "20.00", "items": [{"price": 20, "quantity": 1}]}"#);
    assert!(!written(&of_reply, &recalculate()).0.is_empty());
    of_reply.from_reply = true;
    assert_eq!(written(&of_reply, &recalculate()), (vec![], Some(Withheld::Unsure)));
    assert!("because".parse::<Withheld>().is_err());
}

/// A reply of the API leaves out lines that are filtered: a `sub_total` above what is there may well be right.
#[test]
fn the_sub_total_of_a_reply_is_not_lowered() {
    let reply = r#"{"success_code": true, "response": {"sub_total": "40.00", "grand_total": "20.00", "items": [
        {"price": "20.00", "quantity": 1, "extended_amount": "20.00"}]}}"#;
    let record = Documents::new(reply.as_bytes()).next().unwrap();
    let of_reply = record.document.unwrap().into_order();
    assert!(of_reply.from_reply);
    let mut own = of_reply.clone();
    own.from_reply = false;
    assert!(written(&own, &recalculate()).0.contains(&"/sub_total = 20.00".to_owned()));
    let sub_total = Place::Field(Field::SubTotal);
    let lowers = |order: &Order, options: &RepairOptions| {
        let found = repaired(order, options);
        let edit = found.and_then(|found| found.edits.into_iter().find(|edit| edit.place == sub_total));
        edit.is_some_and(|edit| order.sub_total.amount().is_some_and(|stated| edit.value < stated))
    };
    let mut lowered = 0;
    for mistake in Mistake::ALL.iter().copied() {
        for Mistaken { mut order, .. } in made(mistake) {
            for options in [by_default(), safe(), recalculate(), prefer(mistake), mapping(mistake)] {
                order.from_reply = false;
                lowered += usize::from(lowers(&order, &options));
                order.from_reply = true;
                assert!(!lowers(&order, &options), "{mistake}, {options:?}: {order:?}");
            }
        }
    }
    assert!(lowered > 300, "{lowered}");
    assert!(!lowers(&of_reply, &recalculate()) && !lowers(&of_reply, &by_default()));
}

/// An amount under another name is written along with what else is wrong, and with what is safe.
#[test]
fn an_amount_under_another_name_is_written_with_the_rest() {
    let rounded = order(
        r#"{"sub_total": "92.00", "shipping_cost": "0", "grand_total": "92.00", "items": [
            {"price": "30.67", "quantity": 3, "extended_amount": "92.00"}]}"#,
    );
    let balance = order(r#"{"balance": "5.00", "shipping_cost": "3.00", "items": [{"price": "5.00", "quantity": 1}]}"#);
    for (order, options) in
        [(&rounded, by_default()), (&rounded, recalculate()), (&balance, by_default()), (&balance, recalculate())]
    {
        let found = repaired(order, &options).unwrap();
        keeps_its_promises(order, &found, &options)
            .unwrap_or_else(|problem| panic!("{options:?}: {problem}\n{found:?}"));
        let shipping = found.edits.iter().any(|edit| edit.place == Place::Field(Field::ShippingHandling));
        assert!(shipping, "{options:?}: {found:?}");
    }
}

/// What is not an amount, and what is there twice, is not unset: nothing is guessed in its place.
#[test]
fn what_is_unusable_is_not_written_over() {
    let header = |order_discount: &str| {
        format!(
            r#"{{"sub_total": "8.00", {order_discount}, "grand_total": "8.00", "items": [
                {{"price": "10.00", "quantity": 1, "extended_amount": "10.00"}}]}}"#
        )
    };
    let twice = r#""order_discount": "1.00", "order_discount": "2.00""#;
    for text in [header(r#""order_discount": "abc""#), header(twice)] {
        let order = order(&text);
        for diagnosis in check(&order, &Policy::default()).diagnoses {
            let blamed = diagnosis.culprits.iter().find(|culprit| culprit.place == Place::Field(Field::OrderDiscount));
            assert!(blamed.is_none(), "{}: {diagnosis}\n{text}", diagnosis.names());
        }
        let options = mapping(Mistake::SubTotalNetOfHiddenDiscount);
        let edits = written(&order, &options).0;
        assert!(!edits.iter().any(|edit| edit.starts_with("/order_discount")), "{edits:?}\n{text}");
    }
}

/// The text that was edited is the order that was repaired: a field that is there twice would still be.
#[test]
fn what_is_there_twice_is_not_recalculated() {
    let text = r#"{"sub_total": "5.00", "grand_total": "4.00", "items": [
        {"price": "5.00", "quantity": 1, "extended_amount": "4.00", "extended_amount": "5.00"}]}"#;
    let document = Document::from_json(text.as_bytes()).unwrap();
    if let Some(found) = repaired(document.order(), &recalculate()) {
        assert_eq!(Order::from_json(&document.repaired(&found)).unwrap(), found.apply(document.order()), "{found:?}");
    }
}

/// An edit of the text changes the bytes of its amount and no other.
#[test]
fn in_the_text_only_the_edited_amounts_change() {
    let text = r#"{ "note":"a\u0041",  "items":[{"quantity" : 3,"price":30.670,"extended_amount":"92.00"} ],
        "grand_total":92.0, "sub_total" :"92.00" }"#;
    let document = Document::from_json(text.as_bytes()).unwrap();
    let found = document.check(&Policy::default()).repair.unwrap();
    let expected = text.replace("30.670", "30.6667");
    assert_eq!(String::from_utf8(document.repaired(&found)).unwrap(), expected);
    assert_eq!(document.json_patch(&found), r#"[{"op":"replace","path":"/items/0/price","value":30.6667}]"#);
    assert_eq!(found.moved(document.order()), None);

    let total = r#"{"sub_total": "92.00", "grand_total": "-92.00", "items": [{"quantity": 1, "price": 92}]}"#;
    let document = Document::from_json(total.as_bytes()).unwrap();
    let found = document.check(&Policy::default()).repair.unwrap();
    assert_eq!(String::from_utf8(document.repaired(&found)).unwrap(), total.replace("-92.00", "92.00"));
    assert_eq!(found.moved(document.order()), Amount::new(184, 0));
}

/// Lines that must stay as they are keep none of the others from being repaired, however many there are of each and
/// wherever they are: an amount that would be below 0 (OC202) is not filled in.
#[test]
fn lines_that_must_stay_do_not_keep_others_from_being_repaired() {
    let stays = r#"{"quantity": 1, "price": "1.00", "discount": "2.00", "extended_amount": ""}"#;
    let blank = r#"{"quantity": 2, "price": "3.00", "extended_amount": ""}"#;
    let cannot_be_named = r#"{"quantity": 1, "price": "1.00", "line_total": "-1.00", "discount": "2.00"}"#;
    let rounded = r#"{"quantity": 3, "price": "1.00", "extended_amount": 3.0000000000000004}"#;
    for (before, behind) in [(24, 5), (1, 1), (5, 24), (0, 200), (200, 200), (1000, 3)] {
        for (stay, repaired_line) in [(stays, blank), (stays, rounded), (cannot_be_named, blank)] {
            let lines: Vec<&str> =
                std::iter::repeat_n(stay, before).chain(std::iter::repeat_n(repaired_line, behind)).collect();
            for lines in [lines.clone(), lines.into_iter().rev().collect()] {
                let order = order(&format!(r#"{{"items": [{}]}}"#, lines.join(",")));
                for options in [safe(), by_default(), recalculate()] {
                    let found = repaired(&order, &options).unwrap();
                    keeps_its_promises(&order, &found, &options)
                        .unwrap_or_else(|problem| panic!("{problem}: {found:?}"));
                    let filled = found.edits.iter().filter(|edit| edit.place.field() == Some(Field::ExtendedAmount));
                    assert_eq!(filled.count(), behind, "{before} {behind} {options:?}");
                }
            }
        }
    }
}
