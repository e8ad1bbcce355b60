//! Writes a corpus of orders, and beside it the `cust_ref` of every order that has a fault. The same arguments write
//! the same bytes everywhere.

mod fault;
mod header;
mod json;
mod order;
mod random;
mod source;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::str::FromStr;

use json::Json;
use order::{Line, Order};
use ordercharge_peers::Outcome;
use ordercharge_peers::arguments::Arguments;
use random::Random;
use source::{Form, OF_LARGE_AMOUNTS, SOURCES, Source, Unset};

/// One in this many orders has amounts of 19 digits.
const LARGE_ONE_IN: u64 = 3000;
/// How many of 10 000 of these are off by a cent.
const LARGE_FAULTS: u64 = 2000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// The fields CartRover returns.
    Wide,
    /// The charges, and little else.
    Lean,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// One order a line.
    Ndjson,
    /// One array, all on one line.
    Array,
}

impl FromStr for Shape {
    type Err = ();

    fn from_str(name: &str) -> Result<Shape, ()> {
        match name {
            "wide" => Ok(Shape::Wide),
            "lean" => Ok(Shape::Lean),
            _ => Err(()),
        }
    }
}

impl FromStr for Layout {
    type Err = ();

    fn from_str(name: &str) -> Result<Layout, ()> {
        match name {
            "ndjson" => Ok(Layout::Ndjson),
            "array" => Ok(Layout::Array),
            _ => Err(()),
        }
    }
}

/// A share in whole percent.
struct Percent(u64);

impl FromStr for Percent {
    type Err = ();

    fn from_str(text: &str) -> Result<Percent, ()> {
        text.strip_suffix('%').and_then(|number| number.parse().ok()).map(Percent).ok_or(())
    }
}

fn main() -> Outcome {
    let mut arguments = Arguments::read()?;
    let shape = arguments.take("shape")?.unwrap_or(Shape::Wide);
    let layout = arguments.take("layout")?.unwrap_or(Layout::Ndjson);
    let bytes: u64 = arguments.take("bytes")?.unwrap_or(1_000_000_000);
    let seed = arguments.take("seed")?.unwrap_or(1);
    let Percent(faults) = arguments.take("faults")?.unwrap_or(Percent(2));
    let path = arguments.file()?;

    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let mut expected = BufWriter::new(File::create(format!("{path}.expected"))?);
    let mut random = Random::new(seed);
    let mut written = 0;
    let mut text = Vec::new();
    for number in 0.. {
        if written >= bytes {
            break;
        }
        text.clear();
        if layout == Layout::Array {
            text.push(if number == 0 { b'[' } else { b',' });
        }
        let (order, source) = draw(&mut random, faults);
        let cust_ref = format!("{}{number:07}", source.prefix);
        write_order(&mut text, &mut random, shape, source, &cust_ref, &order);
        if layout == Layout::Ndjson {
            text.push(b'\n');
        }
        if !order.is_right() {
            writeln!(expected, "{cust_ref}")?;
        }
        out.write_all(&text)?;
        written += text.len() as u64;
    }
    if layout == Layout::Array {
        out.write_all(b"]\n")?;
    }
    out.flush()?;
    expected.flush()?;
    Ok(())
}

/// An order, and where it is from.
fn draw(random: &mut Random, faults: u64) -> (Order, &'static Source) {
    if random.below(LARGE_ONE_IN) == 0 {
        let mut order = Order::make_large(random, OF_LARGE_AMOUNTS);
        if random.chance(LARGE_FAULTS) {
            fault::break_by_a_cent(&mut order, random);
        }
        return (order, OF_LARGE_AMOUNTS);
    }
    let source = drawn_source(random);
    let mut order = Order::make(random, source);
    if random.below(100) < faults {
        fault::break_one(&mut order, random);
    }
    (order, source)
}

/// A source, each as often as its share says.
fn drawn_source(random: &mut Random) -> &'static Source {
    let mut drawn = random.below(SOURCES.iter().map(|source| source.share).sum());
    for source in SOURCES {
        if drawn < source.share {
            return source;
        }
        drawn -= source.share;
    }
    OF_LARGE_AMOUNTS
}

fn write_order(out: &mut Vec<u8>, random: &mut Random, shape: Shape, source: &Source, cust_ref: &str, order: &Order) {
    let json = &mut Json { out, source };
    json.open(b'{');
    json.key("cust_ref");
    json.text(cust_ref);
    json.key("order_source");
    json.text(source.name);
    if shape == Shape::Wide {
        header::write(json, random, header::BEFORE);
    }
    json.key("currency_code");
    json.text(random.one_of(&["USD", "USD", "EUR", "GBP", "CAD"]));
    if source.items_first {
        write_lines(json, random, shape, &order.lines);
    }
    amount(json, "sub_total", Some(order.sub_total), 2, source.amount);
    amount(json, "order_discount", order.order_discount, 2, source.amount);
    amount(json, "sales_tax", order.sales_tax, 2, source.amount);
    amount(json, "shipping_handling", order.shipping_handling, 2, source.amount);
    amount(json, "grand_total", Some(order.grand_total), 2, source.amount);
    if shape == Shape::Wide {
        amount(json, "balance", None, 2, source.amount);
        header::write(json, random, header::BEHIND);
    }
    if !source.items_first {
        write_lines(json, random, shape, &order.lines);
    }
    json.close(b'}');
}

fn write_lines(json: &mut Json<'_>, random: &mut Random, shape: Shape, lines: &[Line]) {
    let source = json.source;
    json.key("items");
    json.open(b'[');
    for (at, line) in (1..).zip(lines) {
        json.next();
        json.open(b'{');
        json.key("line_no");
        json.digits(at, 1);
        json.key("item");
        let item = format!("SKU-{:05}", random.below(100_000));
        json.text(&item);
        match line.quantity {
            Some(quantity) => amount(json, "quantity", Some(quantity), 0, source.quantity),
            None => {
                json.key("quantity");
                json.raw("null");
            }
        }
        amount(json, "price", Some(line.price), 4, source.price);
        amount(json, "discount", line.discount, 4, source.price);
        amount(json, "addl_discount", line.addl_discount, 2, source.amount);
        amount(json, "extended_amount", Some(line.extended_amount), 2, source.amount);
        amount(json, "tax", line.tax, 2, source.amount);
        amount(json, "shipping_surcharge", line.shipping_surcharge, 2, source.amount);
        if shape == Shape::Wide {
            header::write(json, random, header::OF_A_LINE);
        }
        json.close(b'}');
    }
    json.close(b']');
}

/// A charge field; where it is unset, what the source writes then.
fn amount(json: &mut Json<'_>, name: &str, units: Option<i128>, scale: usize, form: Form) {
    match (units, json.source.unset) {
        (None, Unset::Absent) => {}
        (None, Unset::Null) => {
            json.key(name);
            json.raw("null");
        }
        (units, _) => {
            json.key(name);
            json.amount(units.unwrap_or(0), scale, form);
        }
    }
}
