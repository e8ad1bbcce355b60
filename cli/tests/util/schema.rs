//! JSON Schemas, as far as the schemas of the records use them.
#![allow(clippy::panic, reason = "a test fails by panicking")]

use serde_json::Value;

/// Whether a value is what a schema says, with the keywords that the schemas of the records use.
pub(crate) fn conforms(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let fail = |what: &str| Err(format!("{what}: {value} against {schema}"));
    for (keyword, with) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$ref" => {
                let name = with.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                conforms(root, &root["$defs"][name], value)?;
            }
            "oneOf" => {
                let fitting = with.as_array().unwrap().iter().filter(|one| conforms(root, one, value).is_ok()).count();
                if fitting != 1 {
                    let why = with.as_array().unwrap().iter().find_map(|one| conforms(root, one, value).err());
                    return Err(format!("{fitting} fit: {}", why.unwrap_or_default()));
                }
            }
            "type" => {
                let types = with.as_array().cloned().unwrap_or_else(|| vec![with.clone()]);
                let is = |kind: &Value| match kind.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_u64(),
                    "null" => value.is_null(),
                    other => panic!("unknown type {other}"),
                };
                if !types.iter().any(is) {
                    return fail("type");
                }
            }
            "const" if value != with => return fail("const"),
            "enum" if !with.as_array().unwrap().contains(value) => return fail("enum"),
            "minimum" if value.as_u64().is_some_and(|number| number < with.as_u64().unwrap()) => {
                return fail("minimum");
            }
            "pattern" => {
                let Some(text) = value.as_str() else { continue };
                let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let matches = match with.as_str().unwrap() {
                    r"^-?[0-9]+(\.[0-9]+)?$" => {
                        let text = text.strip_prefix('-').unwrap_or(text);
                        text.split_once('.').map_or(digits(text), |(whole, part)| digits(whole) && digits(part))
                    }
                    "^OC[0-9]{3}$" => text.len() == 5 && text.strip_prefix("OC").is_some_and(digits),
                    "^(/.*)?$" => text.is_empty() || text.starts_with('/'),
                    other => panic!("unknown pattern {other}"),
                };
                if !matches {
                    return fail("pattern");
                }
            }
            "required" => {
                if let Some(missing) =
                    with.as_array().unwrap().iter().find(|key| value.get(key.as_str().unwrap()).is_none())
                {
                    return fail(&format!("{missing} is missing"));
                }
            }
            "properties" | "additionalProperties" => {
                for (key, member) in value.as_object().into_iter().flatten() {
                    match (schema["properties"].get(key), &schema["additionalProperties"]) {
                        (Some(property), _) => conforms(root, property, member)?,
                        (None, Value::Bool(false)) => return fail(&format!("unknown key {key}")),
                        (None, other) => conforms(root, other, member)?,
                    }
                }
            }
            "items" => {
                for entry in value.as_array().into_iter().flatten() {
                    conforms(root, with, entry)?;
                }
            }
            "const" | "enum" | "minimum" | "$schema" | "title" | "description" | "$defs" => {}
            other => panic!("unknown keyword {other}"),
        }
    }
    Ok(())
}

/// Every property of a schema.
pub(crate) fn properties(schema: &Value, found: &mut Vec<String>) {
    if let Some(members) = schema.as_object() {
        if let Some(own) = members.get("properties").and_then(Value::as_object) {
            found.extend(own.keys().cloned());
        }
        members.values().for_each(|member| properties(member, found));
    }
    schema.as_array().into_iter().flatten().for_each(|entry| properties(entry, found));
}
