//! `ordercharge explain`: the rule table, to be read.

use std::fmt::Write as _;

use ordercharge::Rule;
use serde::Serialize;

use crate::args::{self, ExplainFormat};
use crate::output::{self, Stop};

#[derive(Serialize)]
struct Explained {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    formula: &'static str,
    explanation: String,
    definition: &'static str,
    remedy: &'static str,
    example: &'static str,
}

pub(crate) fn run(args: &args::Explain) -> Result<u8, Stop> {
    let rules: Vec<Rule> = if args.all {
        Rule::ALL.to_vec()
    } else {
        args.rules.iter().flat_map(|rules| rules.0.iter().copied()).collect()
    };
    let text = match args.format {
        ExplainFormat::Text => rules.iter().map(|rule| text(*rule)).collect::<Vec<_>>().join("\n"),
        ExplainFormat::Md => rules.iter().map(|rule| rule.markdown()).collect::<Vec<_>>().join("\n"),
        ExplainFormat::Json => {
            let explained: Vec<Explained> = rules.iter().map(|rule| explained(*rule)).collect();
            let mut json = serde_json::to_string_pretty(&explained).map_err(|error| Stop::Failed(error.to_string()))?;
            json.push('\n');
            json
        }
    };
    output::print(text.as_bytes())
}

fn explained(rule: Rule) -> Explained {
    Explained {
        code: rule.code(),
        name: rule.name(),
        severity: rule.severity().name(),
        formula: rule.formula(),
        explanation: rule.explanation(),
        definition: rule.definition(),
        remedy: rule.remedy(),
        example: rule.example(),
    }
}

fn text(rule: Rule) -> String {
    let mut text = format!("{} {} ({})\n\n", rule.code(), rule.name(), rule.severity());
    let parts = [
        ("", rule.explanation()),
        ("Holds when: ", rule.formula().to_owned()),
        ("Rests on: ", rule.definition().to_owned()),
        ("What to do: ", rule.remedy().to_owned()),
        ("An order that breaks it:\n  ", rule.example().to_owned()),
    ];
    for (title, part) in parts {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{title}{part}\n");
    }
    text
}
