//! A JSON Schema of the configuration file, from the options that it can set.

use clap::Arg;
use ordercharge::{Mistake, Rule};
use serde_json::{Map, Value, json};

use super::policy_keys;
use super::setting::{self, Kind, Opt};
use crate::names::identities;

/// The schema. It knows keys, types and names; the command also checks what values mean.
pub(super) fn schema() -> Value {
    let options = setting::options("check");
    let policy = policy_keys();
    let mut all = properties(&options, |_| true);
    let of_source = properties(&options, |option| policy.contains(&option.key));
    let source = json!({"type": "object", "additionalProperties": false, "properties": of_source});
    all.insert(
        "source".to_owned(),
        json!({
            "type": "object",
            "description": "Options for the orders of one source, by order_source.",
            "additionalProperties": source,
        }),
    );
    all.insert(
        "waiver".to_owned(),
        json!({
            "type": "array",
            "description": "Findings that are accepted until a day.",
            "items": waiver(),
        }),
    );
    let both = |rule: &Rule| [rule.code(), rule.name()];
    let codes: Vec<&str> = Rule::ALL.iter().flat_map(both).collect();
    let mut begins: Vec<&str> =
        Rule::ALL.iter().flat_map(|rule| (1..=3).filter_map(|end| rule.code().get(2..2 + end))).collect();
    begins.sort_unstable();
    begins.dedup();
    let identities: Vec<&str> = identities().flat_map(both).collect();
    let mistakes: Vec<&str> = Mistake::ALL.iter().map(|mistake| mistake.name()).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "ordercharge.toml",
        "description": "The configuration of ordercharge. Made by `ordercharge config --schema`.",
        "type": "object",
        "additionalProperties": false,
        "properties": all,
        "definitions": {
            "rules": {
                "description": "A rule, by code or name, or several by the beginning of their code.",
                "type": "string",
                "anyOf": [
                    {"enum": codes},
                    {"pattern": format!("^[oO][cC]({})$", begins.join("|"))},
                    {"pattern": in_any_case(&codes)},
                ],
            },
            "identity": {
                "description": "An identity, by code or name.",
                "type": "string",
                "anyOf": [{"enum": identities}, {"pattern": in_any_case(&identities)}],
            },
            "mistake": {"description": "A mistake.", "type": "string", "enum": mistakes},
            "names": {
                "description": "A name, or several.",
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
            },
        },
    })
}

/// The pattern of names in upper or lower case. Editors offer the names of an `enum`, but take no other case.
fn in_any_case(names: &[&str]) -> String {
    let of_char = |char: char| match char {
        'a'..='z' | 'A'..='Z' => format!("[{}{}]", char.to_ascii_lowercase(), char.to_ascii_uppercase()),
        char => char.to_string(),
    };
    let names: Vec<String> = names.iter().map(|name| name.chars().map(of_char).collect()).collect();
    format!("^({})$", names.join("|"))
}

/// The options as properties.
fn properties(options: &[Opt], which: impl Fn(&Opt) -> bool) -> Map<String, Value> {
    options.iter().filter(|option| which(option)).map(|option| (option.key.clone(), property(option))).collect()
}

fn property(option: &Opt) -> Value {
    let arg = &option.arg;
    let mut property = match option.kind {
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Path => json!({"type": "string"}),
        Kind::Value => one(arg),
        Kind::List if option.key == "select" => json!({"type": "array", "items": one(arg), "minItems": 1}),
        Kind::List => json!({"type": "array", "items": one(arg)}),
        Kind::Table => table(arg),
    };
    if let Some(property) = property.as_object_mut() {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        property.insert("description".to_owned(), Value::String(help));
        let default = arg.get_default_values().first().map(|default| default.to_string_lossy().into_owned());
        match default {
            Some(default) if option.kind == Kind::Flag => {
                property.insert("default".to_owned(), json!(default == "true"))
            }
            Some(default) => property.insert("default".to_owned(), Value::String(default)),
            None => None,
        };
    }
    property
}

/// The name of the value in the help, which says what it is.
fn value_name(arg: &Arg) -> &str {
    arg.get_value_names().and_then(|names| names.first()).map(|name| name.as_str()).unwrap_or_default()
}

/// The names that an option offers.
fn offered(arg: &Arg) -> Vec<String> {
    arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
}

/// One value of an option.
fn one(arg: &Arg) -> Value {
    match (value_name(arg), offered(arg)) {
        ("RULE", _) => json!({"$ref": "#/definitions/rules"}),
        (_, names) if !names.is_empty() => json!({"enum": names}),
        _ => json!({"type": ["string", "number"]}),
    }
}

/// A table: a value for each rule or name.
fn table(arg: &Arg) -> Value {
    match value_name(arg) {
        "RULE=LEVEL" => {
            let levels = ["error", "warning", "off"];
            json!({"type": "object", "propertyNames": {"$ref": "#/definitions/rules"}, "additionalProperties": {"enum": levels}})
        }
        "RULE=AMOUNT" => json!({
            "type": "object",
            "propertyNames": {"$ref": "#/definitions/identity"},
            "additionalProperties": {"type": ["string", "number"], "minimum": 0, "pattern": "^[^-]"},
        }),
        _ => json!({
            "type": "object",
            "additionalProperties": {"type": ["string", "number"]},
            "properties": {
                "header": {"enum": ["true", "false", "yes", "no"]},
                "layout": {"enum": ["vertical", "horizontal"]},
            },
        }),
    }
}

fn waiver() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["reason", "until"],
        "anyOf": [{"required": ["cust_ref"]}, {"required": ["source"]}],
        "oneOf": [{"required": ["rule"]}, {"required": ["mistake"]}],
        "properties": {
            "cust_ref": {"$ref": "#/definitions/names"},
            "source": {"$ref": "#/definitions/names"},
            "rule": {"$ref": "#/definitions/rules"},
            "mistake": {"$ref": "#/definitions/mistake"},
            "reason": {"description": "Why the finding is accepted.", "type": "string", "pattern": "\\S"},
            "until": {"description": "The last day, as a date without quotes.", "type": "string", "format": "date"},
        },
    })
}
