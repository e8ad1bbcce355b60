//! Right orders that have what a mistake needs (discounts, tax at a usual rate, several lines), and mistakes that the rows of
//! the table make in them.

use crate::amount::{Amount, Rounding};
use crate::check::check;
use crate::currency::Currency;
use crate::findings::find;
use crate::mistakes::{Mistake, make};
use crate::order::{Charge, Items, Line, Order};
use crate::policy::Policy;
use crate::rules::{Rule, Severity};

use super::Choices;
use super::text::{Blanks, Style, json_text};

/// The most right orders that are drawn until one has what the mistake needs.
const MOST_DRAWN: u64 = 2000;

/// A right order with a mistake made in it, and the original order, whatever the diagnosis is.
///
/// ```
/// use ordercharge::generate::{Choices, with_mistake};
/// use ordercharge::{Mistake, Policy, check};
///
/// let made = with_mistake(Mistake::PriceIsLineTotal, &mut Choices::seeded(7)).unwrap();
/// assert!(check(&made.original, &Policy::default()).is_valid());
/// assert!(!check(&made.order, &Policy::default()).is_valid());
/// ```
pub fn with_mistake(mistake: Mistake, choices: &mut Choices<'_>) -> Option<Mistaken> {
    let policy = Policy::default();
    for attempt in 0..MOST_DRAWN {
        let original = plausible_order(choices);
        let pick = choices.below(1 << 16) as usize;
        if let Some(order) = make(mistake, &original, &policy, pick)
            && find(&order, &policy).may_be_diagnosed(&order)
        {
            return Some(Mistaken { order, original, mistake });
        }
        if !choices.are_left() {
            *choices = Choices::seeded(attempt);
        }
    }
    None
}

/// The most orders that are searched for an example.
const EXAMPLES: u64 = 160;

impl Mistake {
    /// A small order with the mistake, as JSON. The mistake is the first diagnosis, if there is such an order.
    ///
    /// ```
    /// use ordercharge::{Mistake, Order, Policy, check};
    ///
    /// let example = Mistake::ShippingTaxMissing.example().unwrap();
    /// let report = check(&Order::from_json(example.as_bytes())?, &Policy::default());
    /// assert_eq!(report.diagnoses[0].mistakes[0].mistake, Mistake::ShippingTaxMissing);
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn example(self) -> Option<String> {
        let orders = (0..EXAMPLES).filter_map(|seed| with_mistake(self, &mut Choices::seeded(seed)));
        let rated = orders.map(|made| {
            let report = check(&made.order, &Policy::default());
            let rank = report.diagnoses.iter().position(|diagnosis| {
                diagnosis.mistakes.len() == 1 && diagnosis.mistakes.iter().any(|made| made.mistake == self)
            });
            let text =
                json_text(&made.order, &Style { blanks: Blanks::None, ..Style::default() }, &mut Choices::seeded(0));
            let rivals = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first()).count();
            let odd = !check(&made.original, &Policy::default()).violations.is_empty();
            ((rank.unwrap_or(usize::MAX), odd, rivals, text.len()), text)
        });
        rated.min_by(|(one, _), (two, _)| one.cmp(two)).map(|(_, text)| text)
    }
}

impl Mistake {
    /// The whole row as a section of Markdown, as in `docs/mistakes.md`.
    pub fn markdown(self) -> String {
        let free = if self.has_free_amount() { " The amount is in no field of the order." } else { "" };
        let example = self.example().map(|order| format!("\n```json\n{order}\n```\n")).unwrap_or_default();
        format!(
            "## `{}`\n\n{}{free}\n\nWrong: {}.\n\nChange: {}.\n{example}",
            self.name(),
            self.explanation(),
            self.what(),
            self.remedy(),
        )
    }
}

/// An order with a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistaken {
    /// The order with the mistake.
    pub order: Order,
    /// The original order.
    pub original: Order,
    /// The mistake.
    pub mistake: Mistake,
}

/// Common rates of sales and value added taxes, in hundredths of a percent.
const RATES: [i128; 8] = [2000, 2100, 1900, 1000, 500, 700, 825, 725];

/// A right order as shops make them. Every identity holds; an odd quantity (OC204) may occur.
pub fn plausible_order(choices: &mut Choices<'_>) -> Order {
    for _ in 0..64 {
        let order = draw(choices).unwrap_or_default();
        let found = find(&order, &Policy::default());
        let only_odd = found.violations.iter().all(|violation| violation.rule == Rule::OddQuantity);
        debug_assert!(found.violations.iter().all(|violation| violation.severity <= Severity::Error));
        if only_odd && !order.lines().is_empty() {
            return order;
        }
    }
    let line = Line {
        price: Charge::from_text("10.00"),
        quantity: 1.into(),
        extended_amount: Charge::from_text("10.00"),
        ..Line::default()
    };
    Order {
        items: Items::Lines(vec![line]),
        sub_total: Charge::from_text("10.00"),
        grand_total: Charge::from_text("10.00"),
        ..Order::default()
    }
}

/// What is special about the goods of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goods {
    Plain,
    /// A percentage off each item.
    Reduced,
    /// Some items of a line are free.
    Free,
    /// Prices of four decimals, from the total of a line.
    Fine,
    /// The first line is a bundle without a price of its own.
    Bundle,
    /// Sold by weight.
    Weighed,
    /// A line was cancelled.
    Cancelled,
}

/// `amount * rate / 10 000`, rounded to `decimals` decimals.
fn percent(amount: Amount, rate: i128, decimals: u32) -> Option<Amount> {
    Some(amount.checked_mul(Amount::new(rate, 4)?)?.rounded(decimals, Rounding::HalfUp))
}

fn draw(choices: &mut Choices<'_>) -> Option<Order> {
    let currency = match choices.below(20) {
        0 => Currency::from_code("JPY"),
        1 => Currency::from_code("KWD"),
        2..=6 => Currency::from_code("EUR"),
        7..=12 => Currency::from_code("USD"),
        _ => Currency::Unset,
    };
    let decimals = currency.decimals();
    let kinds = [
        Goods::Plain,
        Goods::Plain,
        Goods::Plain,
        Goods::Reduced,
        Goods::Reduced,
        Goods::Free,
        Goods::Fine,
        Goods::Bundle,
        Goods::Weighed,
        Goods::Cancelled,
    ];
    let goods = *choices.one_of(&kinds)?;
    let least = if matches!(goods, Goods::Bundle) {
        3
    } else if goods == Goods::Cancelled {
        2
    } else {
        1
    };
    let count = choices.between(least, least.max(4)) as usize;
    let scale = |cents: i128| {
        if decimals == 0 {
            Amount::new(cents * 10, 0)
        } else {
            Amount::new(cents * if decimals == 3 { 10 } else { 1 }, decimals)
        }
    };
    let mut lines = Vec::with_capacity(count);
    for at in 0..count {
        let quantities = [1, 1, 1, 2, 2, 3, 4, 6, 10, 12];
        let quantity = *choices.one_of(&quantities)?;
        let cents = if choices.chance(60) { choices.between(1, 150) * 100 - 1 } else { choices.between(150, 20_000) };
        lines.push(line(goods, at, quantity, scale(cents)?, decimals, choices)?);
    }
    let sum = |of: fn(&Line) -> Charge, lines: &[Line]| {
        lines.iter().try_fold(Amount::ZERO, |sum, line| sum.checked_add(of(line).amount().unwrap_or_default()))
    };
    let sub_total = sum(|line| line.extended_amount, &lines)?;
    // The discount over the order.
    let all_of_it = choices.chance(4);
    let discount = match choices.below(10) {
        _ if all_of_it => sub_total,
        0..=2 => percent(sub_total, *choices.one_of(&[500, 1000, 1500, 2000, 2500])?, decimals)?,
        3 => scale(choices.between(1, 10) * 100)?,
        _ => Amount::ZERO,
    };
    if discount > sub_total {
        return None;
    }
    if choices.chance(40) && !discount.is_zero() && !sub_total.is_zero() {
        spread(&mut lines, discount, sub_total, decimals)?;
    }
    // Shipping, sometimes with the same discount as the goods.
    let shipping = if choices.chance(35) || all_of_it {
        Amount::ZERO
    } else {
        scale(*choices.one_of(&[299, 495, 599, 795, 1000, 1250, 1500])?)?
    };
    let rate = *choices.one_of(&RATES)?;
    let base = sub_total.checked_sub(discount)?;
    let of_shipping = percent(shipping, rate, decimals)?;
    let sales_tax = match choices.below(8) {
        _ if all_of_it => Amount::ZERO,
        0 | 1 => Amount::ZERO,
        2 | 3 => {
            for line in &mut lines {
                line.tax = percent(line.extended_amount.amount()?, rate, decimals)?.into();
            }
            sum(|line| line.tax, &lines)?
        }
        4 => percent(sub_total, rate, decimals)?,
        5 => percent(base, rate, decimals)?,
        6 => percent(base, rate, decimals)?.checked_add(of_shipping)?,
        _ => {
            let of_lines = lines.iter().try_fold(Amount::ZERO, |sum, line| {
                sum.checked_add(percent(line.extended_amount.amount()?, rate, decimals)?)
            })?;
            of_lines.checked_add(of_shipping)?
        }
    };
    if choices.chance(15)
        && let Some(line) = lines.first_mut()
    {
        line.shipping_surcharge = scale(*choices.one_of(&[150, 250, 400])?)?.into();
    }
    let grand_total = base.checked_add(sales_tax)?.checked_add(shipping)?;
    if choices.chance(12) {
        lines
            .iter_mut()
            .filter(|line| line.price.amount().is_some())
            .for_each(|line| line.extended_amount = Charge::Unset);
    }
    let left_off = |amount: Amount, choices: &mut Choices<'_>| {
        if amount.is_zero() && choices.chance(30) { Charge::Unset } else { amount.into() }
    };
    Some(Order {
        currency,
        order_discount: left_off(discount, choices),
        sales_tax: left_off(sales_tax, choices),
        shipping_handling: left_off(shipping, choices),
        sub_total: if choices.chance(95) { sub_total.into() } else { Charge::Unset },
        grand_total: grand_total.into(),
        items: Items::Lines(lines),
        ..Order::default()
    })
}

fn line(
    goods: Goods,
    at: usize,
    quantity: i128,
    price: Amount,
    decimals: u32,
    choices: &mut Choices<'_>,
) -> Option<Line> {
    let mut line = Line { price: price.into(), quantity: Amount::new(quantity, 0)?.into(), ..Line::default() };
    let whole = Amount::new(quantity, 0)?;
    match goods {
        Goods::Reduced if choices.chance(80) => {
            line.discount = percent(price, *choices.one_of(&[500, 1000, 1500, 2000, 2500, 3000])?, 4)?.into();
        }
        Goods::Free if quantity > 1 => {
            let free = Amount::new(quantity / 2, 0)?;
            let off = price.checked_mul(free)?;
            line.discount = divided(off, quantity)?.into();
        }
        Goods::Fine if quantity > 1 => {
            let total = price.checked_mul(whole)?.checked_add(Amount::new(choices.between(1, 5), decimals)?)?;
            line.price = divided(total, quantity)?.into();
        }
        Goods::Bundle if at == 0 => (line.price, line.quantity) = (Amount::ZERO.into(), Amount::ONE.into()),
        Goods::Weighed => line.quantity = Amount::new(quantity * 10 + choices.between(1, 9), 1)?.into(),
        Goods::Cancelled if at == 0 => line.quantity = Amount::ZERO.into(),
        _ => {}
    }
    let each = line.price.amount()?.checked_sub(line.discount.amount().unwrap_or_default())?;
    line.extended_amount = each.checked_mul(line.quantity.amount()?)?.rounded(decimals, Rounding::HalfUp).into();
    Some(line)
}

/// `amount / divisor`, to four decimals.
fn divided(amount: Amount, divisor: i128) -> Option<Amount> {
    let (mantissa, scale) = amount.parts();
    let raised = mantissa.checked_mul(10_i128.checked_pow(4_u32.checked_sub(scale)?)?)?;
    Amount::new((2 * raised + divisor) / (2 * divisor), 4)
}

/// Spreads a discount over the lines; the largest takes the rest.
fn spread(lines: &mut [Line], discount: Amount, sub_total: Amount, decimals: u32) -> Option<()> {
    let (off, scale) = discount.parts();
    let (whole, whole_scale) = sub_total.parts();
    let raised = |mantissa: i128, scale: u32| mantissa.checked_mul(10_i128.checked_pow(decimals.checked_sub(scale)?)?);
    let (off, whole) = (raised(off, scale)?, raised(whole, whole_scale)?);
    let mut parts = Vec::with_capacity(lines.len());
    for line in lines.iter() {
        let (extended, scale) = line.extended_amount.amount()?.parts();
        let part = (2 * off.checked_mul(raised(extended, scale)?)? + whole) / (2 * whole);
        parts.push((raised(extended, scale)?, part));
    }
    let rest = off - parts.iter().map(|(_, part)| part).sum::<i128>();
    let largest = parts
        .iter()
        .enumerate()
        .max_by_key(|(at, (extended, _))| (*extended, core::cmp::Reverse(*at)))
        .map(|(at, _)| at);
    for (at, (line, (_, part))) in lines.iter_mut().zip(&parts).enumerate() {
        let part = if Some(at) == largest { part + rest } else { *part };
        line.addl_discount = Amount::new(part, decimals)?.into();
    }
    Some(())
}
