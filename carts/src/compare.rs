//! A CartRover order compared with the charges that the cart's order gives.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ordercharge::{Amount, Charge};

use crate::calculated::{self, Calculations};
use crate::comparison::{Comparison, Difference, Verdict};
use crate::derived::{self, Known, Part};
use crate::exact::half_unit;
use crate::figures::Reading;
use crate::json::{Json, Node};
use crate::map::{Choice, LineCharges, Mapped};
use crate::rights::{Right, RightLine, other_rights, own_right};
use crate::rules::CartRule;
use crate::stated::{Stated, StatedLine, shown};
use crate::table::Cart;
use crate::unmappable::{Unmappable, shown_code};
use crate::values::{Candidate, How, Values};

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
        let cust_ref = stated.cust_ref.clone().map(Cow::into_owned);
        let (mapped, reading) = match self.cart.charged(self.json, self.order, self.choice) {
            Ok(charged) => charged,
            Err(why) => return self.unmappable(cust_ref, &why),
        };
        let differences = Matched::new(&mapped, &stated).differences(&reading);
        let verdict = if differences.is_empty() { Verdict::Same } else { Verdict::Different };
        Comparison { cust_ref, cart: Some(self.cart.name().to_owned()), verdict, differences }
    }

    fn unmappable(&self, cust_ref: Option<String>, why: &Unmappable) -> Comparison {
        Comparison::unmappable(cust_ref, Some(self.cart), &why.to_string())
    }
}

/// Which stated line belongs to which line of the cart.
struct Matched<'m> {
    mapped: &'m Mapped,
    stated: &'m Stated<'m>,
    /// For each line of the cart, the stated line.
    lines: Vec<Option<usize>>,
    /// For each stated line, the line of the cart.
    of_stated: Vec<Option<usize>>,
    /// Stated lines without a partner in the cart's order.
    extra: Vec<usize>,
}

/// A field that is not as one way of stating the charges has it.
struct Mismatch {
    /// The line of the cart.
    line: Option<usize>,
    field: &'static str,
    stated: Charge,
    right: Amount,
}

/// The SKU and the quantity of a line.
type Named<'n> = (Option<&'n str>, Option<Amount>);

/// For each line of the cart, the stated line with its SKU and quantity, else one with its SKU, else the next one that
/// has no SKU, or one that no line of the cart has.
fn partners<'n>(mapped: &'n Mapped, stated: &'n Stated<'_>) -> Vec<Option<usize>> {
    let own: Vec<Named<'_>> = std::iter::zip(&mapped.order.items, &mapped.charges.lines)
        .map(|(line, charges)| (line.item.as_deref(), Some(charges.quantity)))
        .collect();
    let all: Vec<Named<'_>> = stated.lines.iter().map(|line| (line.item.as_deref(), line.quantity.amount())).collect();
    // Nearly always they are in the same order.
    if own == all && own.iter().all(|(sku, _)| sku.is_some()) {
        return (0..own.len()).map(Some).collect();
    }
    let known: HashSet<Option<&str>> = own.iter().map(|(sku, _)| *sku).collect();
    let (mut lines, mut free) = (vec![None; own.len()], vec![true; all.len()]);
    for pass in 0..3 {
        let key = |(sku, quantity): Named<'n>| match pass {
            0 => sku.map(|sku| (sku, quantity)),
            1 => sku.map(|sku| (sku, None)),
            _ => Some(("", None)),
        };
        // The stated lines that are free, by what joins them, the first one last.
        let mut queues: HashMap<_, Vec<usize>> = HashMap::new();
        for (other, line) in all.iter().enumerate().rev() {
            // A line with a SKU of another line is not a line without one.
            let is_candidate =
                free.get(other) == Some(&true) && (pass < 2 || line.0.is_none() || !known.contains(&line.0));
            if let Some(key) = key(*line).filter(|_| is_candidate) {
                queues.entry(key).or_default().push(other);
            }
        }
        for (own, line) in own.iter().zip(&mut lines).filter(|(_, line)| line.is_none()) {
            *line = key(*own).and_then(|key| queues.get_mut(&key)).and_then(Vec::pop);
            if let Some(free) = line.and_then(|line| free.get_mut(line)) {
                *free = false;
            }
        }
    }
    lines
}

impl<'m> Matched<'m> {
    fn new(mapped: &'m Mapped, stated: &'m Stated<'m>) -> Matched<'m> {
        let lines = partners(mapped, stated);
        let mut of_stated = vec![None; stated.lines.len()];
        for (at, own) in lines.iter().enumerate() {
            if let Some(of) = own.and_then(|own| of_stated.get_mut(own)) {
                *of = Some(at);
            }
        }
        let nothing = |line: &StatedLine<'_>| {
            let zero = |charge: Charge| charge.amount().is_none_or(Amount::is_zero);
            line.quantity.amount().is_some_and(Amount::is_zero) && zero(line.extended)
        };
        let without = stated.lines.iter().zip(&of_stated).enumerate().filter(|(_, (_, of))| of.is_none());
        let extra = without.filter(|(_, (line, _))| !nothing(line)).map(|(at, _)| at).collect();
        Matched { mapped, stated, lines, of_stated, extra }
    }

    fn u(&self) -> u32 {
        self.mapped.figures.decimals
    }

    /// What differs from the way of stating the charges that is nearest.
    fn differences(&self, cart: &Reading<'_, '_>) -> Vec<Difference> {
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
        let values = Values::new(cart.json, cart.order, &lines, self.mapped.all_places(cart), self.u());
        let mut all = Vec::new();
        for at in missing {
            let Some(line) = self.mapped.charges.lines.get(at) else { continue };
            let place = cart.json.pointer(line.node);
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
        let places = self.places(cart, &best, &values);
        let is_searched = !values.is_exhausted();
        all.extend(best.iter().zip(places).map(|(mismatch, places)| self.difference(mismatch, places, is_searched)));
        all
    }

    fn currency(&self) -> Option<Difference> {
        let (stated, right) = (self.stated.currency.as_deref()?, self.mapped.order.currency_code.as_deref()?);
        if stated.trim() == right {
            return None;
        }
        let stated = shown_code(stated.trim(), "not a currency code");
        let message = format!("currency_code is {stated}, but the amounts are in {right}");
        let mut difference = Difference::new(CartRule::Currency, "/currency_code".to_owned(), message);
        (difference.stated, difference.right) = (Some(stated.to_owned()), Some(right.to_owned()));
        Some(difference)
    }

    fn money(&self, amount: Amount) -> String {
        format!("{amount:.*}", self.u() as usize)
    }

    /// The stated line of a mismatch.
    fn stated_line(&self, mismatch: &Mismatch) -> Option<usize> {
        mismatch.line.and_then(|line| self.lines.get(line).copied().flatten())
    }

    /// Where the amounts that differ may have been taken from: a figure of the cart's order; else another amount of the order that
    /// has such a place; else the right figure, with something done to it; else two figures, or one far away.
    fn places(&self, cart: &Reading<'_, '_>, mismatches: &[Mismatch], values: &Values<'_, '_>) -> Vec<Vec<Candidate>> {
        let known = |mismatch: &Mismatch| Known {
            field: mismatch.field,
            line: self.stated_line(mismatch),
            amount: mismatch.stated.amount(),
            places: Vec::new(),
        };
        let mut all: Vec<Known> = mismatches.iter().map(known).collect();
        let mut far: Vec<Vec<Candidate>> = Vec::with_capacity(all.len());
        for (known, mismatch) in all.iter_mut().zip(mismatches) {
            let places = known.amount.map(|amount| values.places(known.field, mismatch.line, amount));
            let places = places.unwrap_or_default();
            let is_near = places.first().is_some_and(Candidate::is_near);
            far.push(if is_near { Vec::new() } else { places.clone() });
            known.places = if is_near { places } else { Vec::new() };
        }
        derived::follow(self.stated, self.u(), &mut all);
        // The very amount of another line is more likely than a calculation.
        for (known, far) in all.iter_mut().zip(&far).filter(|(known, _)| known.places.is_empty()) {
            if far.first().is_some_and(|place| place.how == How::AsIs) {
                known.places.clone_from(far);
            }
        }
        derived::follow(self.stated, self.u(), &mut all);
        let calculations = Calculations::new(values);
        for (known, mismatch) in all.iter_mut().zip(mismatches).filter(|(known, _)| known.places.is_empty()) {
            let Some(amount) = known.amount else { continue };
            let line = mismatch.line.and_then(|line| self.mapped.charges.lines.get(line));
            let own = self.mapped.places_of(cart, known.field, line.map(|line| line.node));
            let Some(first) = own.first().copied() else { continue };
            let pattern = cart.json.pattern(first);
            // Over all lines the place is a pattern.
            let of_lines = line.is_none() && own.len() > 1;
            let pointer = if of_lines { pattern.clone() } else { cart.json.pointer(first) };
            let right = calculated::Right { amount: mismatch.right, place: (pointer, pattern) };
            known.places = calculations.of_right(known.field, mismatch.line, amount, &right);
        }
        derived::follow(self.stated, self.u(), &mut all);
        let wrong: HashSet<Part> = all.iter().map(|known| (known.field, known.line)).collect();
        let wrong_on_lines: HashSet<&str> =
            wrong.iter().filter(|(_, line)| line.is_some()).map(|(field, _)| *field).collect();
        for known in all.iter_mut().filter(|known| known.places.is_empty()) {
            // A field of all lines is right if it is right on each.
            let is_right = |part: &Part| {
                !wrong.contains(part) && (known.line.is_some() || part.1.is_none() || !wrong_on_lines.contains(part.0))
            };
            known.places = self.of_right_parts(cart, known, is_right);
        }
        for ((known, mismatch), far) in all.iter_mut().zip(mismatches).zip(far) {
            if let Some(amount) = known.amount.filter(|_| known.places.is_empty()) {
                known.places = calculations.of_figures(known.field, mismatch.line, amount);
            }
            if known.places.is_empty() {
                known.places = far;
            }
        }
        derived::follow(self.stated, self.u(), &mut all);
        all.into_iter().map(|known| known.places).collect()
    }

    /// The places of an amount that follows from amounts that are right.
    fn of_right_parts(
        &self,
        cart: &Reading<'_, '_>,
        known: &Known,
        is_right: impl Fn(&Part) -> bool,
    ) -> Vec<Candidate> {
        let parts = derived::parts(self.stated, self.u(), known);
        // If an amount follows from several parts and one of them is wrong, the right parts do not explain it.
        let all_right = parts.iter().all(is_right);
        let places = parts.iter().filter(|_| all_right).find_map(|(field, line)| {
            let at = line.and_then(|line| self.of_stated.get(line).copied().flatten());
            let line = at.and_then(|at| self.mapped.charges.lines.get(at)).map(|line| line.node);
            let place = self.mapped.places_of(cart, field, line).first().copied()?;
            let all = if parts.len() > 1 && line.is_some() && known.line.is_none() { "each " } else { "" };
            let words = format!("follows from {all}{field}, which is right");
            Some(vec![Candidate::at(cart.json, place, How::Follows, words)])
        });
        places.unwrap_or_default()
    }

    fn difference(&self, mismatch: &Mismatch, places: Vec<Candidate>, is_searched: bool) -> Difference {
        let field = mismatch.field;
        let path = match self.stated_line(mismatch) {
            Some(line) => format!("/items/{line}/{field}"),
            None => format!("/{field}"),
        };
        let right = match field {
            "price" | "discount" => format!("{:.4}", mismatch.right),
            "quantity" => mismatch.right.to_string(),
            _ => self.money(mismatch.right),
        };
        let stated = shown(mismatch.stated);
        let place = match places.first() {
            Some(place) => format!("; it {}", place.words()),
            None if is_searched && mismatch.stated.amount().is_some_and(|amount| !amount.is_zero()) => {
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
        let of_lines = |get: fn(&StatedLine<'_>) -> Charge| -> Option<Amount> {
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
        line: &StatedLine<'_>,
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
