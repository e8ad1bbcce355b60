//! `ordercharge explain`: the tables of rules and causes, to be read.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ordercharge::{Cause, Rule};
use serde::Serialize;

use crate::args::{self, ExplainFormat, Subject};
use crate::output::{self, Stop};

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Explained {
    Rule {
        code: &'static str,
        name: &'static str,
        severity: &'static str,
        formula: &'static str,
        explanation: String,
        definition: &'static str,
        remedy: &'static str,
        example: &'static str,
    },
    Cause {
        name: &'static str,
        on: &'static str,
        signature: &'static str,
        guard: &'static str,
        certainty: &'static str,
        explanation: String,
    },
}

/// A row of one of the tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Rule(Rule),
    Cause(Cause),
}

pub(crate) fn run(args: &args::Explain) -> Result<u8, Stop> {
    let rows: BTreeSet<Row> = if args.all {
        let rules = Rule::ALL.iter().copied().map(Row::Rule);
        rules.chain(Cause::ALL.iter().copied().map(Row::Cause)).collect()
    } else {
        args.subjects.iter().flat_map(rows).collect()
    };
    let print = |how: fn(Row) -> String| rows.iter().copied().map(how).collect::<Vec<_>>().join("\n");
    let text = match args.format {
        ExplainFormat::Text => print(text),
        ExplainFormat::Md => print(|row| match row {
            Row::Rule(rule) => rule.markdown(),
            Row::Cause(cause) => cause.markdown(),
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
        Subject::Cause(cause) => vec![Row::Cause(*cause)],
    }
}

fn explained(row: Row) -> Explained {
    match row {
        Row::Rule(rule) => Explained::Rule {
            code: rule.code(),
            name: rule.name(),
            severity: rule.severity().name(),
            formula: rule.formula(),
            explanation: rule.explanation(),
            definition: rule.definition(),
            remedy: rule.remedy(),
            example: rule.example(),
        },
        Row::Cause(cause) => Explained::Cause {
            name: cause.name(),
            on: cause.on(),
            signature: cause.signature(),
            guard: cause.guard(),
            certainty: cause.certainty().name(),
            explanation: cause.explanation(),
        },
    }
}

fn text(row: Row) -> String {
    let (title, parts) = match row {
        Row::Rule(rule) => (
            format!("{} {} ({})", rule.code(), rule.name(), rule.severity()),
            vec![
                ("", rule.explanation()),
                ("Holds when: ", rule.formula().to_owned()),
                ("Rests on: ", rule.definition().to_owned()),
                ("What to do: ", rule.remedy().to_owned()),
                ("An order that breaks it:\n  ", rule.example().to_owned()),
            ],
        ),
        Row::Cause(cause) => (
            format!("{} (a cause, {})", cause.name(), cause.certainty().name()),
            vec![
                ("", cause.explanation()),
                ("On: ", cause.on().to_owned()),
                ("Signature: ", cause.signature().to_owned()),
                ("Tried where: ", cause.guard().to_owned()),
                ("", LETTERS.to_owned()),
            ],
        ),
    };
    let mut text = format!("{title}\n\n");
    for (title, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{title}{part}\n");
    }
    text
}

/// The letters of signatures.
const LETTERS: &str = "Letters: p price, d discount, q quantity, e stated extended_amount, a addl_discount, t tax,
x = (p - d) * q of a line; S sub_total, D order_discount, T sales_tax, H shipping_handling, G grand_total;
E, A, Tl, R the lines' sums of e, a, t and shipping_surcharge; n lines, u minor unit, G* = S + T + H - D.";
