//! `ordercharge explain`: prints rows of the tables of rules and mistakes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ordercharge::{Mistake, Rule};
use ordercharge_carts::{Cart, CartRule};
use ordercharge_records::Explained as Known;
use serde::Serialize;

use crate::args::{self, ExplainFormat, Subject};
use crate::output::{self, Stop};

/// A row as data.
#[derive(Serialize)]
#[serde(untagged)]
enum Explained {
    Known(Known),
    Own(Own),
}

/// A row that only the command explains.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Own {
    Cart {
        name: &'static str,
        title: &'static str,
        /// What each field of CartRover comes from, in Markdown.
        table: String,
    },
}

/// A row of one of the tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Rule(Rule),
    Mistake(Mistake),
    Comparison(CartRule),
    /// By its place among the carts.
    Cart(usize),
}

/// A cart by its place.
fn cart(at: usize) -> Option<&'static Cart> {
    Cart::all().get(at)
}

pub(crate) fn run(args: &args::Explain) -> Result<u8, Stop> {
    let lists = args.subjects.is_empty() && !args.all && matches!(args.format, ExplainFormat::Text);
    let rows: BTreeSet<Row> = if args.subjects.is_empty() {
        let rules = Rule::ALL.iter().copied().map(Row::Rule);
        let mistakes = Mistake::ALL.iter().copied().map(Row::Mistake);
        let carts = CartRule::all().map(Row::Comparison).chain((0..Cart::all().len()).map(Row::Cart));
        rules.chain(mistakes).chain(carts).collect()
    } else {
        args.subjects.iter().flat_map(rows).collect()
    };
    let print = |how: fn(Row) -> String| rows.iter().copied().map(how).collect::<Vec<_>>().join("\n");
    if lists {
        return output::print(format!("{}\n", print(entry)).as_bytes());
    }
    let text = match args.format {
        ExplainFormat::Text => print(text),
        ExplainFormat::Md => print(|row| match row {
            Row::Rule(rule) => rule.markdown(),
            Row::Mistake(mistake) => mistake.markdown(),
            Row::Comparison(rule) => rule.markdown(),
            Row::Cart(at) => cart(at).map(Cart::markdown).unwrap_or_default(),
        }),
        ExplainFormat::Json => {
            let explained: Vec<Explained> = rows.iter().copied().map(explained).collect();
            let mut json = serde_json::to_string_pretty(&explained).map_err(|error| Stop::Failed(error.to_string()))?;
            json.push('\n');
            json
        }
    };
    output::print(text.as_bytes())
}

fn rows(subject: &Subject) -> Vec<Row> {
    match subject {
        Subject::Rules(rules) => rules.0.iter().copied().map(Row::Rule).collect(),
        Subject::Mistake(mistake) => vec![Row::Mistake(*mistake)],
        Subject::Comparison(rules) => rules.iter().copied().map(Row::Comparison).collect(),
        Subject::Cart(name) => {
            Cart::all().iter().position(|cart| cart.name() == *name).map(Row::Cart).into_iter().collect()
        }
    }
}

fn explained(row: Row) -> Explained {
    match row {
        Row::Rule(rule) => Explained::Known(rule.into()),
        Row::Mistake(mistake) => Explained::Known(mistake.into()),
        Row::Comparison(rule) => Explained::Known(rule.into()),
        Row::Cart(at) => Explained::Own(Own::Cart {
            name: cart(at).map_or("", Cart::name),
            title: cart(at).map_or("", Cart::title),
            table: cart(at).map(Cart::markdown).unwrap_or_default(),
        }),
    }
}

/// The line of the list: what a row is called, and what it is about.
fn entry(row: Row) -> String {
    let first = |text: &str| {
        let paragraph = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        paragraph.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned()
    };
    let (name, about) = match row {
        Row::Rule(rule) => (format!("{} {}", rule.code(), rule.name()), first(&rule.explanation())),
        Row::Comparison(rule) => (format!("{} {}", rule.code(), rule.name()), first(rule.explanation())),
        Row::Mistake(mistake) => (mistake.name().to_owned(), mistake.what().to_owned()),
        Row::Cart(at) => cart(at).map_or_else(Default::default, |cart| {
            (cart.name().to_owned(), format!("what the fields of {} become", cart.title()))
        }),
    };
    format!("{name:38} {}", about.replace('`', ""))
}

fn text(row: Row) -> String {
    let (title, parts) = match row {
        Row::Rule(rule) => (
            format!("{} {} ({})", rule.code(), rule.name(), rule.severity()),
            vec![
                ("", rule.explanation()),
                ("Holds when: ", rule.formula().to_owned()),
                ("Source: ", rule.definition().to_owned()),
                ("What to change: ", rule.remedy().to_owned()),
                ("An order that breaks it:\n  ", rule.example().to_owned()),
            ],
        ),
        Row::Mistake(mistake) => (
            format!("{} (a mistake)", mistake.name()),
            vec![
                ("", mistake.explanation()),
                ("What is wrong: ", mistake.what().replace('`', "")),
                ("What to change: ", mistake.remedy().replace('`', "")),
                ("An order that shows it:\n  ", mistake.example().unwrap_or_default()),
            ],
        ),
        Row::Comparison(rule) => (
            format!("{} {} (of `compare`)", rule.code(), rule.name()),
            vec![("", rule.explanation().replace('`', "")), ("What to change: ", rule.remedy().replace('`', ""))],
        ),
        Row::Cart(at) => return cart(at).map(in_words).unwrap_or_default(),
    };
    let mut text = format!("{title}\n");
    for (title, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "\n{title}{part}");
    }
    text
}

/// The table of a cart, without the marks of Markdown.
fn in_words(cart: &Cart) -> String {
    let mut text = String::new();
    for line in cart.markdown().lines() {
        let line = line.replace('`', "");
        match line.strip_prefix("| ").and_then(|row| row.strip_suffix(" |")).and_then(|row| row.split_once(" | ")) {
            Some(("---" | "CartRover", _)) => {}
            Some((field, value)) => text.push_str(&format!("  {field:18} {value}\n")),
            None => text.push_str(&format!("{}\n", line.strip_prefix("### ").unwrap_or(&line))),
        }
    }
    text
}
