//! A CartRover order compared with the charges that the cart's order gives.

use ordercharge::{Amount, Charge, Rounding};
use serde::Serialize;

use crate::exact::{half_unit, shares, unit};
use crate::figures::Unmappable;
use crate::json::{Json, Node};
use crate::map::{Charges, Choice, LineCharges, Mapped};
use crate::rules::CartRule;
use crate::stated::{Stated, StatedLine, shown};
use crate::table::Cart;
use crate::values::{Candidate, How, Values};

/// What a comparison says about a pair of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The charges are those of the cart's order.
    Same,
    /// At least one charge is not.
    Different,
    /// One of the two orders is missing.
    Unmatched,
    /// They cannot be compared: the cart's own order disagrees with itself, or there is no table for it.
    Unmappable,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The rule.
    pub rule: CartRule,
    /// The JSON Pointer in the CartRover order.
    pub path: String,
    /// What is stated there.
    pub stated: Option<String>,
    /// What it should be, if there is a table for the cart.
    pub right: Option<String>,
    /// The place of the cart's order that the stated value is from, if it is there.
    pub taken_from: Option<String>,
    /// What was done with the value there.
    pub how: Option<How>,
    /// In words.
    pub message: String,
    /// All places that it may be from, most likely first.
    #[serde(skip)]
    pub(crate) candidates: Vec<Candidate>,
}

/// The result of comparing two orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The name of the order in the CartRover order; the cart's name for it, if there is no such order.
    pub cust_ref: Option<String>,
    /// The cart, if there is a table for it.
    pub cart: Option<String>,
    /// What is said about the pair.
    pub verdict: Verdict,
    /// What differs; why there is nothing to compare with.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// An order without a partner. `in_cart` says that it is the cart's.
    pub fn unmatched(cust_ref: Option<String>, cart: Option<&Cart>, in_cart: bool) -> Comparison {
        let message = if in_cart {
            "the cart's order has no CartRover order".to_owned()
        } else {
            "no order of the cart has this name".to_owned()
        };
        let mut difference = Difference::new(CartRule::Unmatched, "/cust_ref".to_owned(), message);
        difference.stated.clone_from(&cust_ref);
        let cart = cart.map(|cart| cart.name().to_owned());
        Comparison { cust_ref, cart, verdict: Verdict::Unmatched, differences: vec![difference] }
    }

    pub(crate) fn unmappable(cust_ref: Option<String>, cart: Option<&Cart>, why: &str) -> Comparison {
        let difference = Difference::new(CartRule::Disagrees, String::new(), why.to_owned());
        let cart = cart.map(|cart| cart.name().to_owned());
        Comparison { cust_ref, cart, verdict: Verdict::Unmappable, differences: vec![difference] }
    }
}

impl Difference {
    pub(crate) fn new(rule: CartRule, path: String, message: String) -> Difference {
        Difference {
            rule,
            path,
            stated: None,
            right: None,
            taken_from: None,
            how: None,
            message,
            candidates: Vec::new(),
        }
    }

    /// Says where the stated value is from.
    pub(crate) fn with_places(mut self, candidates: Vec<Candidate>) -> Difference {
        if let Some(first) = candidates.first() {
            self.taken_from = Some(first.pointer.clone());
            self.how = Some(first.how);
        }
        self.candidates = candidates;
        self
    }
}

/// The two sides of a comparison that uses a table.
pub struct Pair<'p, 'a> {
    /// The cart.
    pub cart: &'p Cart,
    /// The cart's document.
    pub json: &'p Json<'a>,
    /// The cart's order in it.
    pub order: Node,
    /// Which figures are taken.
    pub choice: Choice,
}

impl Pair<'_, '_> {
    /// Compares with a CartRover order.
    ///
    /// ```
    /// use ordercharge_carts::{Cart, Choice, Json, Node, Pair, Verdict};
    ///
    /// let cart = br#"{"AmazonOrderId": "A-1", "OrderTotal": {"Amount": "27.98"},
    ///     "OrderItems": [{"QuantityOrdered": 2, "ItemPrice": {"Amount": "27.98"}}]}"#;
    /// let order = br#"{"cust_ref": "A-1", "items": [{"quantity": 2, "price": "27.98"}], "grand_total": "27.98"}"#;
    /// let (cart, order) = (Json::parse(cart)?, Json::parse(order)?);
    /// let pair = Pair { cart: Cart::named("amazon").unwrap(), json: &cart, order: Node::ROOT, choice: Choice::default() };
    /// let comparison = pair.compare(&order, Node::ROOT);
    /// assert_eq!(comparison.verdict, Verdict::Different);
    /// assert_eq!(comparison.differences[0].path, "/items/0/price");
    /// assert_eq!(comparison.differences[0].right.as_deref(), Some("13.9900"));
    /// assert_eq!(comparison.differences[0].taken_from.as_deref(), Some("/OrderItems/0/ItemPrice/Amount"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compare(&self, json: &Json<'_>, order: Node) -> Comparison {
        let stated = Stated::read(json, order);
        let mapped = match self.cart.charged(self.json, self.order, self.choice) {
            Ok((mapped, _)) => mapped,
            Err(why) => return self.unmappable(stated.cust_ref, &why),
        };
        let differences = Matched::new(&mapped, &stated).differences(self);
        let verdict = if differences.is_empty() { Verdict::Same } else { Verdict::Different };
        Comparison { cust_ref: stated.cust_ref, cart: Some(self.cart.name().to_owned()), verdict, differences }
    }

    fn unmappable(&self, cust_ref: Option<String>, why: &Unmappable) -> Comparison {
        Comparison::unmappable(cust_ref, Some(self.cart), &why.to_string())
    }
}

/// Which stated line belongs to which line of the cart.
struct Matched<'m> {
    mapped: &'m Mapped,
    stated: &'m Stated,
    /// For each line of the cart, the stated line.
    lines: Vec<Option<usize>>,
    /// Stated lines without a partner in the cart's order.
    extra: Vec<usize>,
}

/// One of the ways in which the definitions allow the charges to be stated.
#[derive(Clone)]
struct Right {
    lines: Vec<RightLine>,
    shipping: Amount,
    discount: Amount,
    /// How much a line may be off, where shares of an amount may be rounded in another way.
    loose: Amount,
}

#[derive(Clone, Copy)]
struct RightLine {
    off: Amount,
    net: Amount,
}

/// A field that is not as one way of stating the charges has it.
struct Mismatch {
    /// The line of the cart.
    line: Option<usize>,
    field: &'static str,
    stated: Charge,
    right: Amount,
}

impl<'m> Matched<'m> {
    fn new(mapped: &'m Mapped, stated: &'m Stated) -> Matched<'m> {
        let charges = &mapped.charges;
        let mut lines: Vec<Option<usize>> = vec![None; charges.lines.len()];
        let mut free: Vec<bool> = vec![true; stated.lines.len()];
        let skus: Vec<Option<&str>> = mapped.order.items.iter().map(|line| line.item.as_deref()).collect();
        // By SKU and quantity, then by SKU, then in order.
        for pass in 0..3 {
            for (at, own) in lines.iter_mut().enumerate().filter(|(_, own)| own.is_none()) {
                let sku = skus.get(at).copied().flatten();
                let quantity = charges.lines.get(at).map(|line| line.quantity);
                let fits = |line: &StatedLine| match pass {
                    0 => sku.is_some() && line.item.as_deref() == sku && line.quantity.amount() == quantity,
                    1 => sku.is_some() && line.item.as_deref() == sku,
                    // A line with a SKU of another line is not a line without one.
                    _ => line.item.is_none() || !skus.contains(&line.item.as_deref()),
                };
                let found =
                    stated.lines.iter().enumerate().find(|(other, line)| free.get(*other) == Some(&true) && fits(line));
                if let Some((other, _)) = found {
                    *own = Some(other);
                    if let Some(free) = free.get_mut(other) {
                        *free = false;
                    }
                }
            }
        }
        let nothing = |line: &StatedLine| {
            let zero = |charge: Charge| charge.amount().is_none_or(Amount::is_zero);
            line.quantity.amount().is_some_and(Amount::is_zero) && zero(line.extended)
        };
        let extra = free.iter().enumerate().filter(|(_, free)| **free).map(|(at, _)| at);
        let extra = extra.filter(|at| stated.lines.get(*at).is_some_and(|line| !nothing(line))).collect();
        Matched { mapped, stated, lines, extra }
    }

    fn u(&self) -> u32 {
        self.mapped.figures.decimals
    }

    /// What differs from the way of stating the charges that is nearest.
    fn differences(&self, pair: &Pair<'_, '_>) -> Vec<Difference> {
        let own = own_right(self.mapped);
        let mut best = own.as_ref().map(|own| self.mismatches(own)).unwrap_or_default();
        if let Some(own) = own.filter(|_| !best.is_empty()) {
            for right in other_rights(self.mapped, &own).unwrap_or_default() {
                let found = self.mismatches(&right);
                if found.len() < best.len() {
                    best = found;
                }
            }
        }
        let currency = self.currency();
        let missing: Vec<usize> = if self.mapped.figures.stand_in {
            Vec::new()
        } else {
            self.lines.iter().enumerate().filter(|(_, line)| line.is_none()).map(|(at, _)| at).collect()
        };
        let extra: &[usize] = if self.mapped.figures.stand_in { &[] } else { &self.extra };
        if best.is_empty() && currency.is_none() && missing.is_empty() && extra.is_empty() {
            return Vec::new();
        }
        let lines: Vec<(Node, Amount)> =
            self.mapped.charges.lines.iter().map(|line| (line.node, line.quantity)).collect();
        let values = Values::new(pair.json, pair.order, &lines, self.u());
        let mut all = Vec::new();
        for at in missing {
            let Some(line) = self.mapped.charges.lines.get(at) else { continue };
            let place = pair.json.pointer(line.node);
            let net = self.money(line.net);
            let mut difference = Difference::new(
                CartRule::MissingLine,
                "/items".to_owned(),
                format!("the line {place} of the cart's order ({net}) is not in items"),
            );
            difference.right = Some(net);
            all.push(difference);
        }
        for at in extra.iter().copied() {
            let Some(line) = self.stated.lines.get(at) else { continue };
            let message = "this line is not in the cart's order, or is there twice".to_owned();
            let mut difference = Difference::new(CartRule::ExtraLine, format!("/items/{at}"), message);
            let amount = line.extended.amount().or(line.price.amount());
            difference.stated = amount.map(|amount| amount.to_string());
            let places = amount.map(|amount| values.places("extended_amount", None, amount)).unwrap_or_default();
            all.push(difference.with_places(places));
        }
        all.extend(currency);
        best.sort_by_key(|mismatch| {
            let order = ["quantity", "price", "discount", "extended_amount", "addl_discount", "tax"];
            let place = order.iter().position(|field| *field == mismatch.field).unwrap_or(order.len());
            (mismatch.line.unwrap_or(usize::MAX), place)
        });
        all.extend(best.iter().map(|mismatch| self.difference(mismatch, &values)));
        all
    }

    fn currency(&self) -> Option<Difference> {
        let (stated, right) = (self.stated.currency.as_deref()?, self.mapped.order.currency_code.as_deref()?);
        if stated.trim() == right {
            return None;
        }
        let message = format!("currency_code is {stated:?}, but the amounts are in {right}");
        let mut difference = Difference::new(CartRule::Currency, "/currency_code".to_owned(), message);
        (difference.stated, difference.right) = (Some(stated.to_owned()), Some(right.to_owned()));
        Some(difference)
    }

    fn money(&self, amount: Amount) -> String {
        format!("{amount:.*}", self.u() as usize)
    }

    fn difference(&self, mismatch: &Mismatch, values: &Values<'_, '_>) -> Difference {
        let field = mismatch.field;
        let stated_line = mismatch.line.and_then(|line| self.lines.get(line).copied().flatten());
        let path = match stated_line {
            Some(line) => format!("/items/{line}/{field}"),
            None => format!("/{field}"),
        };
        let right = match field {
            "price" | "discount" => format!("{:.4}", mismatch.right),
            "quantity" => mismatch.right.to_string(),
            _ => self.money(mismatch.right),
        };
        let stated = shown(mismatch.stated);
        let places = match mismatch.stated.amount() {
            Some(amount) => values.places(field, mismatch.line, amount),
            None => Vec::new(),
        };
        let place = match places.first() {
            Some(place) => format!("; it is {} {}", place.pointer, place.how.words()),
            None if stated.is_some() && mismatch.stated.amount().is_some_and(|amount| !amount.is_zero()) => {
                "; it is nowhere in the cart's order".to_owned()
            }
            None => String::new(),
        };
        let is = stated.clone().unwrap_or_else(|| "unset".to_owned());
        let message = format!("{field} is {is}, should be {right}{place}");
        let mut difference = Difference::new(CartRule::Charge, path, message);
        (difference.stated, difference.right) = (stated, Some(right));
        difference.with_places(places)
    }

    /// The fields that are not as one way of stating the charges has them.
    fn mismatches(&self, right: &Right) -> Vec<Mismatch> {
        let (charges, stated) = (&self.mapped.charges, self.stated);
        let mut all = Vec::new();
        if !self.mapped.figures.stand_in {
            for (at, own) in self.lines.iter().enumerate() {
                let line = own.and_then(|own| stated.lines.get(own));
                if let (Some(line), Some(cart), Some(rights)) = (line, charges.lines.get(at), right.lines.get(at)) {
                    self.line_mismatches(at, line, cart, *rights, right.loose, &mut all);
                }
            }
            self.tax_mismatches(&mut all);
            self.addl_mismatches(right, &mut all);
        }
        let mut header = |field: &'static str, stated: Charge, effective: Option<Amount>, right: Amount| {
            if stated.is_unusable() || effective.is_some_and(|effective| effective != right) {
                all.push(Mismatch { line: None, field, stated, right });
            }
        };
        let sub_total: Option<Amount> = right.lines.iter().map(|line| line.net).sum();
        if let Some(sub_total) = sub_total {
            header("sub_total", stated.sub_total, stated.sub_total.amount(), sub_total);
        }
        let of_lines = |get: fn(&StatedLine) -> Charge| -> Option<Amount> {
            stated.lines.iter().map(|line| get(line).amount().unwrap_or_default()).sum()
        };
        let tax = stated.sales_tax.amount().or_else(|| of_lines(|line| line.tax));
        header("sales_tax", stated.sales_tax, tax, charges.sales_tax);
        header(
            "shipping_handling",
            stated.shipping,
            Some(stated.shipping.amount().unwrap_or_default()),
            right.shipping,
        );
        let discount = stated.discount.amount().or_else(|| of_lines(|line| line.addl));
        header("order_discount", stated.discount, discount, right.discount);
        header("grand_total", stated.grand_total, stated.grand_total.amount(), charges.grand_total);
        all
    }

    fn line_mismatches(
        &self,
        at: usize,
        line: &StatedLine,
        cart: &LineCharges,
        right: RightLine,
        loose: Amount,
        all: &mut Vec<Mismatch>,
    ) {
        let (q, u) = (cart.quantity, self.u());
        let mut wrong = |field: &'static str, stated: Charge, right: Amount| {
            all.push(Mismatch { line: Some(at), field, stated, right });
        };
        if line.quantity.amount() != Some(q) {
            wrong("quantity", line.quantity, q);
        }
        let within = |one: Option<Amount>, other: Amount, most: Amount| {
            one.and_then(|one| one.checked_sub(other)).is_some_and(|off| off.abs() <= most)
        };
        if let Some(extended) = line.extended.amount() {
            // Cents that no price of four decimals gives are in `addl_discount`.
            let by_addl = line.addl.amount().is_some_and(|addl| Some(addl) == extended.checked_sub(right.net))
                && cart.addl == line.addl.amount().unwrap_or_default();
            if !by_addl && !within(Some(extended), right.net, loose) {
                wrong("extended_amount", line.extended, right.net);
            }
        } else if line.extended.is_unusable() {
            wrong("extended_amount", line.extended, right.net);
        }
        if line.price.is_unset()
            && line.extended.amount().is_some()
            && line.discount.amount().is_none_or(Amount::is_zero)
        {
            return;
        }
        let (price, discount) = (line.price.amount(), line.discount.amount().unwrap_or_default());
        let gross = right.net.checked_add(right.off);
        let (Some(gross), false) = (gross, line.discount.is_unusable()) else {
            return wrong("discount", line.discount, right.off);
        };
        // Half a minor unit for the line, and half of the last of four decimals for each item.
        let most = |amounts: &[Amount]| {
            let fine = amounts.iter().filter(|amount| amount.decimals() >= 4).count() as i128;
            let each = Amount::new(5 * fine, 5).and_then(|each| each.checked_mul(q.abs()));
            let most = each.and_then(|each| each.checked_add(half_unit(u))).and_then(|most| most.checked_add(loose));
            most.unwrap_or(loose)
        };
        let paid = price.and_then(|price| price.checked_sub(discount)).and_then(|paid| paid.checked_mul(q));
        let allowed = price.map_or(loose, |price| most(&[price, discount]));
        let allowed = allowed.checked_add(cart.addl).unwrap_or(allowed);
        if within(paid, right.net, allowed)
            && !discount.is_negative()
            && price.is_some_and(|price| !price.is_negative())
        {
            return;
        }
        let right_price = crate::exact::divided(gross, q, 4).unwrap_or_default();
        let right_discount = crate::exact::divided(right.off, q, 4).unwrap_or_default();
        let price_fits = price.is_some_and(|price| within(price.checked_mul(q), gross, most(&[price])));
        let discount_fits = !discount.is_negative() && within(discount.checked_mul(q), right.off, most(&[discount]));
        if !price_fits || discount_fits {
            wrong("price", line.price, right_price);
        }
        if !discount_fits {
            wrong("discount", line.discount, right_discount);
        }
    }

    /// The lines' tax: none, or all of the order's.
    fn tax_mismatches(&self, all: &mut Vec<Mismatch>) {
        let charges = &self.mapped.charges;
        let stated = |at: usize| self.lines.get(at).copied().flatten().and_then(|own| self.stated.lines.get(own));
        let of_lines: Option<Amount> = self.stated.lines.iter().map(|line| line.tax.amount().unwrap_or_default()).sum();
        let is_none = |charge: Charge| !charge.is_unusable() && charge.amount().is_none_or(Amount::is_zero);
        if of_lines == Some(charges.sales_tax) || self.stated.lines.iter().all(|line| is_none(line.tax)) {
            let negative = |charge: Charge| charge.amount().is_some_and(Amount::is_negative);
            if !self.stated.lines.iter().any(|line| negative(line.tax)) {
                return;
            }
        }
        for (at, cart) in charges.lines.iter().enumerate() {
            let Some(line) = stated(at) else { continue };
            let right = cart.tax.unwrap_or_default();
            if !is_none(line.tax) && line.tax.amount() != cart.tax {
                all.push(Mismatch { line: Some(at), field: "tax", stated: line.tax, right });
            }
        }
    }

    /// The lines' `addl_discount`: any share of the order's discount.
    fn addl_mismatches(&self, right: &Right, all: &mut Vec<Mismatch>) {
        let stated: Option<Amount> = self.stated.lines.iter().map(|line| line.addl.amount().unwrap_or_default()).sum();
        let odd = |charge: Charge| charge.is_unusable() || charge.amount().is_some_and(Amount::is_negative);
        let too_much = stated.is_none_or(|stated| stated > right.discount);
        for (at, cart) in self.mapped.charges.lines.iter().enumerate() {
            let own = self.lines.get(at).copied().flatten();
            let Some(line) = own.and_then(|own| self.stated.lines.get(own)) else { continue };
            let zero = line.addl.amount().is_some_and(Amount::is_zero);
            if odd(line.addl) || (too_much && !zero && !line.addl.is_unset()) {
                all.push(Mismatch { line: Some(at), field: "addl_discount", stated: line.addl, right: cart.addl });
            }
        }
    }
}

/// The way of [`Cart::map`] to state the charges; none if a sum has too many digits.
fn own_right(mapped: &Mapped) -> Option<Right> {
    let charges = &mapped.charges;
    // Where the tax in the prices is shared among the lines, others may round the shares in another way.
    let count = Amount::new(charges.lines.len() as i128 + 1, mapped.figures.decimals)?;
    Some(Right {
        lines: charges.lines.iter().map(|line| RightLine { off: line.off, net: line.extended }).collect(),
        shipping: charges.shipping,
        discount: charges.discount,
        loose: if charges.tax_was_shared { count } else { Amount::ZERO },
    })
}

/// The other ways in which the definitions allow to state the charges.
fn other_rights(mapped: &Mapped, own: &Right) -> Option<Vec<Right>> {
    let (charges, figures): (&Charges, _) = (&mapped.charges, &mapped.figures);
    let u = figures.decimals;
    let cents: Amount = charges.lines.iter().map(|line| line.addl).sum::<Option<Amount>>()?;
    let count = Amount::new(charges.lines.len() as i128 + 1, u)?;
    let loose = own.loose;
    let mut all = vec![own.clone()];
    if !cents.is_zero() {
        // The lines to the cent, at prices that are as exact as they can be.
        let mut plain = own.clone();
        plain.lines.iter_mut().zip(&charges.lines).for_each(|(right, line)| right.net = line.net);
        plain.discount = own.discount.checked_sub(cents)?;
        all.push(plain);
    }
    let base = all.last()?.clone();
    let off: Amount = base.lines.iter().map(|line| line.off).sum::<Option<Amount>>()?;
    if !off.is_zero() {
        // The lines' discounts in the order's.
        let mut header = base.clone();
        for line in &mut header.lines {
            line.net = line.net.checked_add(line.off)?;
            line.off = Amount::ZERO;
        }
        header.discount = base.discount.checked_add(off)?;
        all.push(header);
    }
    if !base.discount.is_zero() {
        // The order's discount in the lines, in proportion.
        let weights: Vec<Amount> = base.lines.iter().map(|line| line.net).collect();
        let all_net = Amount::checked_sum(weights.iter().copied())?;
        if base.discount <= all_net {
            let mut lines = base.clone();
            for (line, share) in lines.lines.iter_mut().zip(shares(base.discount, &weights, u)?) {
                line.net = line.net.checked_sub(share)?;
                line.off = line.off.checked_add(share)?;
            }
            lines.discount = Amount::ZERO;
            lines.loose = count.max(loose);
            all.push(lines);
        }
    }
    // Shipping before its discount, which is then in the order's.
    let saved = figures.shipping_before.checked_sub(figures.shipping)?.rounded(u, Rounding::HalfUp);
    if saved >= unit(u) && !figures.included {
        for mut right in all.clone() {
            right.shipping = right.shipping.checked_add(saved)?;
            right.discount = right.discount.checked_add(saved)?;
            all.push(right);
        }
    }
    Some(all)
}
