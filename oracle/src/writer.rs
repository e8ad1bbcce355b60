//! Orders written from any bytes: plausible ones, near the limits of what can be read, held and summed.
//!
//! Every byte is a choice. After the last byte, the plainest choice is made. So a fuzzer that changes a byte changes one thing,
//! and fewer bytes give a simpler order. Amounts that follow from others are usually right or nearly right, because clearly
//! wrong amounts do not test the limits.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Pow, Zero};

use crate::exact::{power_of_ten, rounded, shown};

/// Writes an order.
pub fn write(bytes: &[u8]) -> String {
    let mut choices = Choices { bytes };
    let style = Style { blank: choices.pick(&["", " ", "\n  ", "\r\n\t"]) };
    let (currency, money) = currency(&mut choices);
    let mut header = Vec::new();
    header.extend(currency.map(|code| ("currency_code".to_owned(), code)));

    let (mut sub_total, mut tax, mut discount) = (BigRational::zero(), BigRational::zero(), BigRational::zero());
    let mut lines = Vec::new();
    for _ in 0..choices.pick(&[1, 2, 3, 5, 8, 0]) {
        let line = line(&mut choices, money);
        sub_total += line.extended_amount;
        tax += line.tax;
        discount += line.addl_discount;
        lines.push(choices.odd_entry().unwrap_or_else(|| style.object(&mut choices, line.members)));
    }

    let sub_total = choices.derived(
        &mut header,
        &["sub_total", "subtotal", "sub_total_price", "subtotal_ex_tax"],
        sub_total,
        money,
    );
    let tax = choices.derived(&mut header, &["sales_tax", "tax", "total_tax", "tax_amount", "taxTotal"], tax, money);
    let overall = if choices.seldom() { choices.amount() } else { BigRational::zero() };
    let names = ["order_discount", "discount", "total_discounts", "discount_amount", "discount_amt"];
    let discount = choices.derived(&mut header, &names, discount + overall, money);
    let shipping = if choices.of(2) == 0 { BigRational::zero() } else { choices.amount() };
    let shipping = choices.stated(
        &mut header,
        &["shipping_handling", "shipping", "shipping_cost", "shipping_amount", "total_shipping"],
        shipping,
    );
    let total = sub_total + tax + shipping - discount;
    choices.derived(
        &mut header,
        &["grand_total", "total", "order_total", "grandtotal", "total_price", "total_inc_tax"],
        total,
        money,
    );
    if choices.seldom() {
        let balance = choices.amount();
        choices.stated(&mut header, &["balance"], balance);
    }
    let items = format!("[{}]", lines.join(","));
    let items =
        if choices.seldom() { choices.pick(&[&*items, "null", "{}", "7", "[]", "\"\""]).to_owned() } else { items };
    let again = choices.rarely().then(|| items.clone());
    header.extend([Some(items), again].into_iter().flatten().map(|items| ("items".to_owned(), items)));
    style.object(&mut choices, header)
}

/// The bytes that have not been used.
struct Choices<'a> {
    bytes: &'a [u8],
}

/// The names and the values of an object.
type Members = Vec<(String, String)>;

impl Choices<'_> {
    fn next(&mut self) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first)
    }

    /// One of several choices; the first is the plainest.
    fn of(&mut self, count: usize) -> usize {
        self.next() % count
    }

    fn seldom(&mut self) -> bool {
        self.of(8) == 7
    }

    fn rarely(&mut self) -> bool {
        self.next() > 247
    }

    fn pick<T: Copy + Default>(&mut self, all: &[T]) -> T {
        all.get(self.of(all.len())).copied().unwrap_or_default()
    }

    /// A whole number of two bytes.
    fn count(&mut self) -> BigRational {
        let (high, low) = (self.next(), self.next());
        BigRational::from(BigInt::from(high << 8 | low))
    }

    fn exponent(&mut self, from: u32, count: usize) -> u32 {
        from + self.of(count) as u32
    }

    /// An independent amount: usually cents, else an amount near a limit.
    fn amount(&mut self) -> BigRational {
        match self.of(16) {
            0..=4 => self.count() / power_of_ten(2),
            5 => BigRational::from(BigInt::from(self.next())),
            6 => self.count() / power_of_ten(4),
            // Half way between two minor units.
            7 => {
                let finer = self.exponent(1, 6);
                self.count() / power_of_ten(2) + BigRational::from(BigInt::from(5)) / power_of_ten(finer)
            }
            8 | 9 => self.long(),
            10 => power_of_ten(self.exponent(20, 10)) - self.unit(),
            11 => self.count() / power_of_ten(self.exponent(20, 12)),
            // Factors that fill an integer but have a short product.
            12 => BigRational::from(BigInt::from(5).pow(self.exponent(0, 42))) / power_of_ten(self.exponent(0, 30)),
            13 => BigRational::from(BigInt::from(2).pow(self.exponent(0, 100))) / power_of_ten(self.exponent(0, 30)),
            14 => -self.count() / power_of_ten(2),
            _ => -self.long(),
        }
    }

    /// 24 to 31 digits, with the point anywhere.
    fn long(&mut self) -> BigRational {
        let pattern = self.pick(&["9", "1", "5", "49", "10", "987654321", "0000009", "12345679"]);
        let digits: String = pattern.chars().cycle().take(self.exponent(24, 8) as usize).collect();
        let digits: BigInt = digits.parse().unwrap_or_default();
        BigRational::from(digits) / power_of_ten(self.exponent(0, 31))
    }

    /// 0, or 1 at some place.
    fn unit(&mut self) -> BigRational {
        match self.of(4) {
            0 => BigRational::zero(),
            1 => power_of_ten(0),
            2 => power_of_ten(0) / power_of_ten(2),
            _ => power_of_ten(0) / power_of_ten(self.exponent(0, 31)),
        }
    }

    /// Adds an amount that follows from others: right, nearly right, or left out. Returns the amount for the rest of the order.
    fn derived(&mut self, members: &mut Members, names: &[&str], right: BigRational, money: u32) -> BigRational {
        let stated = match self.of(10) {
            0..=3 => right,
            4 => return right,
            5 => rounded(&right, money),
            6 => right + self.unit(),
            7 => rounded(&right, money) - self.unit(),
            8 => rounded(&right, self.exponent(0, 30)),
            _ => self.amount(),
        };
        self.stated(members, names, stated)
    }

    /// Adds an amount, nearly always under its own name, and usually as a valid amount.
    fn stated(&mut self, members: &mut Members, names: &[&str], amount: BigRational) -> BigRational {
        let name = match self.of(32) {
            0..=25 => names.first().copied().unwrap_or_default().to_owned(),
            26..=28 => self.pick(names).to_owned(),
            29 => self.pick(names).to_uppercase().replace('_', "-"),
            _ => self.slip(names),
        };
        let value = if self.seldom() { self.oddity() } else { self.spelled(&amount) };
        if self.rarely() {
            members.push((name.clone(), self.spelled(&amount)));
        }
        if self.rarely() {
            let other = if self.of(2) == 0 { amount.clone() } else { self.amount() };
            members.push((self.pick(names).to_owned(), self.spelled(&other)));
        }
        members.push((name, value));
        amount
    }

    /// A name with one letter added, left out or replaced.
    fn slip(&mut self, names: &[&str]) -> String {
        let mut letters: Vec<char> = self.pick(names).chars().collect();
        let at = self.of(letters.len().max(1));
        let letter = self.pick(&['x', 'e', 'T', '_', '2', 'é', ' ', '/', '~']);
        match self.of(3) {
            0 => letters.insert(at, letter),
            1 => drop(letters.remove(at)),
            _ => letters.splice(at..=at, [letter]).for_each(drop),
        }
        letters.into_iter().collect()
    }

    /// One of the ways to write an amount.
    fn spelled(&mut self, amount: &BigRational) -> String {
        let plain = shown(amount);
        let padded = |zeros: usize| {
            let point = if plain.contains('.') { "" } else { "." };
            format!("{plain}{point}{}", "0".repeat(zeros))
        };
        match self.of(14) {
            0..=3 => plain,
            4 => format!("\"{plain}\""),
            5 => padded(2),
            6 => format!("\"{}\"", padded(self.of(3))),
            7 => format!("\"{}{plain}{}\"", self.pick(&["", " ", "\\t"]), self.pick(&[" ", "\\r\\n", "\\u0020"])),
            8 => {
                let power = self.exponent(0, 60);
                let sign = self.pick(&["e-", "E-"]);
                format!("{}{sign}{power}", shown(&(amount * power_of_ten(power))))
            }
            9 => {
                let power = self.exponent(0, 60);
                let sign = self.pick(&["e", "E+", "e+00"]);
                format!("{}{sign}{power}", shown(&(amount / power_of_ten(power))))
            }
            10 => format!("\"+{}\"", plain.trim_start_matches('-')),
            11 => format!("\"{}\"", plain.replacen("0.", ".", 1)),
            12 => format!("\"{}{plain}\"", if plain.starts_with('-') { "" } else { "000" }),
            _ => padded(self.of(64).max(1)),
        }
    }

    /// A value that is not an amount, or an unusual one.
    fn oddity(&mut self) -> String {
        let texts = [
            "null",
            "\"\"",
            "\" \\t\"",
            "true",
            "[]",
            "{}",
            "[1, {\"price\": 1}]",
            "\"$5.00\"",
            "\"1,000\"",
            "\"5,00\"",
            "\"five\"",
            "\"1_000\"",
            "\"0x10\"",
            "\"NaN\"",
            "\".\"",
            "\"-\"",
            "\"1e\"",
            "\"--5\"",
            "\"\\u00a05\"",
            "1e999999999",
            "1e-999999999",
            "0e99999999999999999999",
            "\"1e99999999999999999999999\"",
            "-0",
            "-0.00",
            "1e28",
            "1e27",
            "1e-28",
            "1e-29",
            "26.400000000000002",
            "\"5.\"",
            "0.1e1",
        ];
        self.pick(&texts).to_owned()
    }

    /// A value in place of a line.
    fn odd_entry(&mut self) -> Option<String> {
        if self.rarely() { Some(self.pick(&["null", "[]", "1", "\"x\"", "false"]).to_owned()) } else { None }
    }
}

fn currency(choices: &mut Choices<'_>) -> (Option<String>, u32) {
    let codes = [
        (None, 2),
        (Some("\"USD\""), 2),
        (Some("\"JPY\""), 0),
        (Some("\"KWD\""), 3),
        (Some("\"CLF\""), 4),
        (Some("\"XAU\""), 2),
        (Some("\"usd\""), 2),
        (Some("\"\""), 2),
        (Some("null"), 2),
        (Some("840"), 2),
    ];
    let (code, money) = choices.pick(&codes);
    (code.map(str::to_owned), money)
}

/// A line, and what it adds to the header.
struct Written {
    members: Members,
    extended_amount: BigRational,
    tax: BigRational,
    addl_discount: BigRational,
}

fn line(choices: &mut Choices<'_>, money: u32) -> Written {
    let mut members = Vec::new();
    let (price, quantity) = (choices.amount(), choices.pick(&[1_u8, 2, 3, 7, 12, 100, 0]));
    let quantity = if choices.seldom() { choices.amount() } else { BigRational::from(BigInt::from(quantity)) };
    if choices.seldom() {
        return line_of_many(choices, money);
    }
    let price = choices.stated(&mut members, &["price", "unit_price"], price);
    let quantity = choices.stated(&mut members, &["quantity", "qty", "qty_ordered"], quantity);
    let mut maybe = |names: &[&str], members: &mut Members| match choices.of(6) {
        0..=2 => BigRational::zero(),
        3 | 4 => {
            let cents = BigRational::from(BigInt::from(choices.next())) / power_of_ten(2);
            choices.stated(members, names, cents)
        }
        _ => {
            let amount = choices.amount();
            choices.stated(members, names, amount)
        }
    };
    let discount = maybe(&["discount"], &mut members);
    let addl_discount = maybe(&["addl_discount", "additional_discount"], &mut members);
    let tax = maybe(&["tax", "sales_tax", "tax_amount", "total_tax"], &mut members);
    maybe(&["shipping_surcharge"], &mut members);
    let exact = (price - discount) * quantity;
    let right = if choices.of(4) == 3 { exact } else { rounded(&exact, money) };
    let names = ["extended_amount", "line_total", "extended_price", "row_total", "total_ex_tax"];
    let extended_amount = choices.derived(&mut members, &names, right, money);
    Written { members, extended_amount, tax, addl_discount }
}

/// A line of many items whose price is the total divided by the quantity, to about 4 decimals. It may or may not give the
/// total.
fn line_of_many(choices: &mut Choices<'_>, money: u32) -> Written {
    let mut members = Vec::new();
    let total = choices.count() / power_of_ten(money);
    let quantity = choices.pick(&[300_u32, 144, 999, 100, 101, 30_000, 12, 20_000, 1]);
    let quantity = BigRational::from(BigInt::from(quantity)) / power_of_ten(choices.exponent(0, 3));
    let quantity = if choices.seldom() { -quantity } else { quantity };
    let discount = choices.pick(&[0_u32, 0, 0, 1, 10_005, 10]);
    let discount = BigRational::from(BigInt::from(discount)) / power_of_ten(choices.exponent(4, 2));
    let places = choices.pick(&[4, 4, 4, 4, 3, 5, 2]);
    let each = (&total / &quantity + &discount) * power_of_ten(places);
    let nearby = BigRational::from(BigInt::from(choices.pick(&[0, 0, 0, 1, -1, 2])));
    let price = (each.round() + nearby) / power_of_ten(places);
    choices.stated(&mut members, &["price"], price);
    choices.stated(&mut members, &["quantity"], quantity);
    if !discount.is_zero() {
        choices.stated(&mut members, &["discount"], discount);
    }
    let extended_amount = choices.derived(&mut members, &["extended_amount"], total, money);
    Written { members, extended_amount, tax: BigRational::zero(), addl_discount: BigRational::zero() }
}

/// How an order is laid out.
struct Style {
    blank: &'static str,
}

impl Style {
    fn object(&self, choices: &mut Choices<'_>, mut members: Members) -> String {
        if choices.seldom() {
            let strangers =
                ["\"} ] \\\" ,\"", "{\"price\": [1, {}]}", "\"\\ud83d\\ude00\"", "[[], {}]", "1e5", "\"Y\""];
            let names = ["extra", "note \\\"1\\\"", "item", "cust_ref", "filtered_sku", "\\u0070rice2"];
            members.push((choices.pick(&names).to_owned(), choices.pick(&strangers).to_owned()));
        }
        let count = members.len().max(1);
        members.rotate_left(choices.of(count));
        let blank = self.blank;
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!("{blank}\"{name}\":{blank}{value}{blank}")).collect();
        format!("{{{}{blank}}}", members.join(","))
    }
}
