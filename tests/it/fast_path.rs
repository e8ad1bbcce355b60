//! The fast path for orders in memory: what it accepts has the report of the full check, to the byte.

use ordercharge::generate::{Choices, Params, Presence, consistent_order};
use ordercharge::{
    Amount, Charge, Field, IdentityOutcome, Items, Order, Policy, Report, Rounding, Rule, check, strategy,
};
use proptest::prelude::*;

use crate::util::in_doubt::in_doubt;

/// Checks an order, and in full if that found nothing: both reports must say the same.
fn checked(order: &Order, policy: &Policy) -> Report {
    let report = check(order, policy);
    if report.violations.is_empty() {
        let full = check(&in_doubt(order), policy);
        assert_eq!(report, full, "{order:?}");
        assert_eq!(format!("{report:?} {report}"), format!("{full:?} {full}"));
        assert_eq!(serde_json::to_string(&report).unwrap(), serde_json::to_string(&full).unwrap());
        assert_eq!((report.held(), report.broken()), (full.held(), full.broken()));
        assert_eq!(report.identities.len(), full.identities.len());
        assert!(report.unchecked().eq(full.unchecked()));
        assert_eq!(report.identities.get(report.identities.len()), None);
    }
    report
}

/// A policy that switches the identities of these bits off.
fn without(off: usize, rounding: Rounding) -> Policy {
    let mut policy = Policy { options: rounding.into(), ..Policy::default() };
    for (_, rule) in Rule::ALL.iter().filter(|rule| rule.is_identity()).enumerate().filter(|(at, _)| off >> at & 1 != 0)
    {
        policy.set_severity(*rule, None);
    }
    policy
}

fn policy() -> impl Strategy<Value = Policy> {
    (0..32_usize, prop::sample::select(Rounding::ALL)).prop_map(|(off, rounding)| without(off, rounding))
}

/// Something else in place of a charge: an amount near it, or what the fast path must not take for an amount.
fn other(charge: Charge, how: u64) -> Charge {
    let near = |mantissa: i128, scale| {
        let more = Amount::new(mantissa, scale).unwrap();
        Charge::from(charge.amount().unwrap_or_default().checked_add(more))
    };
    match how {
        0 => Charge::Unset,
        1 => Charge::Blank,
        2 => Charge::from_text("free"),
        3 => Charge::from_text("99999999999999999999999999999"),
        4 => Charge::from(charge.amount().map(Amount::negated)),
        5 => near(1, 2),
        6 => near(-1, 2),
        7 => near(1, 4),
        8 => near(1, 5),
        9 => near(1, 28),
        10 => near(i128::from(u32::MAX) + 1, 0),
        11 => near(i128::from(u64::MAX) + 1, 4),
        12 => near(1 << 92, 4),
        _ => Charge::from(0),
    }
}

proptest! {
    #[test]
    fn a_right_order_has_the_report_of_the_full_check(
        order in strategy::consistent_order(Params::default()),
        policy in policy(),
    ) {
        checked(&order, &policy);
    }

    #[test]
    fn no_wrong_charge_is_accepted(
        order in strategy::consistent_order(Params::default()),
        policy in policy(),
        field in prop::sample::select(Field::ALL),
        how in 0..14_u64,
    ) {
        let mut order = order;
        let slot = |order: &mut Order, charge: Charge| {
            let line = match &mut order.items {
                Items::Lines(lines) => lines.last_mut(),
                _ => None,
            };
            let line = line.unwrap();
            match field {
                Field::SubTotal => order.sub_total = charge,
                Field::OrderDiscount => order.order_discount = charge,
                Field::SalesTax => order.sales_tax = charge,
                Field::ShippingHandling => order.shipping_handling = charge,
                Field::GrandTotal => order.grand_total = charge,
                Field::Balance => order.balance = charge,
                Field::Quantity => line.quantity = charge,
                Field::Price => line.price = charge,
                Field::Discount => line.discount = charge,
                Field::AddlDiscount => line.addl_discount = charge,
                Field::Tax => line.tax = charge,
                Field::ShippingSurcharge => line.shipping_surcharge = charge,
                _ => line.extended_amount = charge,
            }
        };
        let stated = match order.get(field) {
            Charge::Unset => order.lines().last().unwrap().get(field),
            stated => stated,
        };
        slot(&mut order, other(stated, how));
        checked(&order, &policy);
    }
}

/// Each line states its extended amount, or its price, or both, in orders of up to 70 lines, whatever is switched off.
#[test]
fn what_each_line_leaves_off_is_reported() {
    let params = |lines| Params { lines: lines..=lines, fine_prices: Presence::Never, ..Params::default() };
    let mut unchecked = 0;
    for lines in [1, 2, 3, 63, 64, 65, 70] {
        for pattern in 0..9_usize {
            let mut order = consistent_order(
                &Params { left_off: Presence::Never, ..params(lines) },
                &mut Choices::seeded(pattern as u64),
            );
            let Items::Lines(all) = &mut order.items else { panic!("lines") };
            for (at, line) in all.iter_mut().enumerate() {
                match (at + 1) * pattern % 3 {
                    1 => line.extended_amount = Charge::Unset,
                    2 => (line.price, line.discount) = (Charge::Unset, Charge::Unset),
                    _ => {}
                }
            }
            for off in 0..32 {
                let report = checked(&order, &without(off, Rounding::Nearest));
                assert!(report.violations.is_empty(), "{report}");
                unchecked +=
                    report.identities.iter().filter(|identity| identity.outcome != IdentityOutcome::Held).count();
            }
        }
    }
    assert!(unchecked > 10_000, "{unchecked}");
}
