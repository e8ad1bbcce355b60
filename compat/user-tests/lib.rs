//! A shop that maps its carts to orders, and tests its mapping with orders of `ordercharge`.

use ordercharge::{Amount, Error, Line, Order, OrderBuilder};

/// A cart, as this shop keeps it.
pub struct Cart {
    pub number: String,
    pub entries: Vec<Entry>,
    /// Taken off the whole cart.
    pub voucher: Amount,
    pub shipping: Amount,
}

pub struct Entry {
    pub unit_price: Amount,
    pub reduction: Amount,
    pub pieces: Amount,
    pub tax: Amount,
}

/// The mapping under test.
pub fn to_order(cart: &Cart) -> Result<Order, Error> {
    let lines = cart.entries.iter().map(|entry| Line {
        price: entry.unit_price.into(),
        discount: entry.reduction.into(),
        quantity: entry.pieces.into(),
        tax: entry.tax.into(),
        ..Line::default()
    });
    let order = lines
        .fold(OrderBuilder::new().cust_ref(&cart.number), OrderBuilder::line)
        .overall_discount(cart.voucher)
        .shipping_handling(cart.shipping)
        .build()?;
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordercharge::generate::{Params, Presence};
    use ordercharge::{Charge, Policy, Rule, check, strategy};
    use proptest::prelude::*;

    fn amount(charge: Charge) -> Amount {
        charge.amount().unwrap_or_default()
    }

    /// The cart an order may have come from.
    fn cart_of(order: &Order) -> Cart {
        let entries = order.lines().iter().map(|line| Entry {
            unit_price: amount(line.price),
            reduction: amount(line.discount),
            pieces: amount(line.quantity),
            tax: amount(line.tax),
        });
        Cart {
            number: order.cust_ref.clone().unwrap_or_default(),
            entries: entries.collect(),
            voucher: amount(order.order_discount),
            shipping: amount(order.shipping_handling),
        }
    }

    fn orders() -> impl Strategy<Value = Order> {
        // This shop knows no discounts after tax, sells in one currency, and sets tax on every line.
        strategy::consistent_order(Params {
            addl_discounts: Presence::Never,
            line_taxes: Presence::Always,
            left_off: Presence::Never,
            currencies: Vec::new(),
            ..Params::default()
        })
    }

    proptest! {
        #[test]
        fn my_carts_orders_become_valid_charges(order in orders()) {
            let sent = to_order(&cart_of(&order)).unwrap();
            let report = check(&sent, &Policy::default());
            prop_assert!(report.violations.is_empty(), "{:?}", report.violations);
            prop_assert_eq!(sent.grand_total, order.grand_total);
        }

        #[test]
        fn a_wrong_total_does_not_get_past_the_gate(faulty in strategy::one_fault(Rule::GrandTotal)) {
            let report = check(&faulty.order, &Policy::default());
            prop_assert!(!report.is_valid());
            prop_assert_eq!(report.violations[0].difference(), faulty.difference);
        }
    }
}
