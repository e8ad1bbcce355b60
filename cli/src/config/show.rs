//! `ordercharge config`: the value of each option, and where it comes from.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::Parser;
use serde::Serialize;
use serde_json::Value as Json;

use super::setting::{self, Kind, Opt, Place, Setting, Value};
use super::{Config, policy_keys, schema};
use crate::args::{self, Args, Command, ShowFormat};
use crate::names::rules;
use crate::output::{self, Stop};

/// The column at which the text says where a value comes from.
const COLUMN: usize = 38;

/// The configuration as JSON.
#[derive(Serialize)]
struct Shown {
    format: u32,
    r#type: &'static str,
    /// The configuration file.
    file: Option<String>,
    options: Vec<Row>,
    sources: Vec<Source>,
    waivers: Vec<Waiver>,
}

/// An option, or an entry of a table.
#[derive(Serialize)]
struct Row {
    key: String,
    /// The name of an entry of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// `null` if it is not set.
    value: Json,
    /// default, file or command line.
    from: &'static str,
    /// `FILE:LINE`.
    at: Option<String>,
}

#[derive(Serialize)]
struct Source {
    name: String,
    options: Vec<Row>,
}

#[derive(Serialize)]
struct Waiver {
    at: String,
    what: String,
    until: String,
}

/// Runs the command and returns the exit status.
pub(crate) fn run(args: &args::Show, config: &Config) -> Result<u8, Stop> {
    let failed = |error: serde_json::Error| Stop::Failed(error.to_string());
    if args.schema {
        let text = serde_json::to_string_pretty(&schema::schema()).map_err(failed)?;
        return output::print(format!("{text}\n").as_bytes());
    }
    verify(config)?;
    let shown = Places::of(config).shown(config);
    let text = match args.format {
        ShowFormat::Json => output::json(&shown).map_err(failed)? + "\n",
        ShowFormat::Text => in_words(&shown).map_err(failed)?,
    };
    output::print(text.as_bytes())
}

/// Refuses what `check` would refuse.
fn verify(config: &Config) -> Result<(), Stop> {
    let start = ["ordercharge", "check"].map(Into::into);
    let arguments = start.into_iter().chain(config.kept.iter().flat_map(Setting::arguments));
    let args = Args::try_parse_from(arguments).map_err(|error| Stop::Failed(setting::why(&error)))?;
    match args.command {
        Command::Check(check) => config.policies(check.policy.get()?).map(drop),
        _ => Ok(()),
    }
}

/// The places of the configuration file.
struct Places {
    name: String,
    /// The offsets of the ends of its lines.
    ends: Vec<usize>,
}

impl Places {
    fn of(config: &Config) -> Places {
        let name = config.path().map(|path| path.display().to_string()).unwrap_or_default();
        Places { name, ends: config.file.as_ref().map(super::File::line_ends).unwrap_or_default() }
    }

    fn line(&self, line: usize) -> String {
        format!("{}:{line}", self.name)
    }

    fn row(&self, key: &str, name: Option<String>, value: Json, place: Option<Place>) -> Row {
        let at = place.map(|place| self.line(self.ends.partition_point(|end| *end < place.offset) + 1));
        let from = if at.is_some() { "file" } else { "command line" };
        Row { key: key.to_owned(), name, value, from, at }
    }

    fn shown(&self, config: &Config) -> Shown {
        let options = setting::options("check");
        let policy = policy_keys();
        let source = |source: &super::SourceTable| {
            let kept = setting::layered(&[&config.settings, &source.settings, &config.command_line]);
            let of_policy = options.iter().filter(|option| policy.contains(&option.key));
            let rows = of_policy.flat_map(|option| self.rows(&kept, option)).filter(|row| row.from != "default");
            Source { name: source.name.clone(), options: rows.collect() }
        };
        let waiver = |waiver: &super::Waiver| Waiver {
            at: self.line(waiver.line),
            what: waiver.subject(),
            until: waiver.until.to_string(),
        };
        Shown {
            format: 1,
            r#type: "configuration",
            file: config.path().map(|path| path.display().to_string()),
            options: options.iter().flat_map(|option| self.rows(&config.kept, option)).collect(),
            sources: config.sources.iter().map(source).collect(),
            waivers: config.waivers.iter().map(waiver).collect(),
        }
    }

    /// The rows of an option: one, or one for each entry of a table.
    fn rows(&self, kept: &[Setting], option: &Opt) -> Vec<Row> {
        let mut set = kept.iter().filter(|setting| setting.key == option.key);
        if option.kind == Kind::Table {
            return self.entries(option, set.flat_map(|setting| &setting.values));
        }
        let row = match set.next_back() {
            Some(setting) => self.row(&option.key, None, value_of(option.kind, &setting.values), setting.place),
            None => {
                let place = None;
                let defaults: Vec<Value> =
                    option.arg.get_default_values().iter().map(|text| Value { text: text.into(), place }).collect();
                let value = if defaults.is_empty() { Json::Null } else { value_of(option.kind, &defaults) };
                Row { key: option.key.clone(), name: None, value, from: "default", at: None }
            }
        };
        vec![row]
    }

    /// The entries of a table. Of two for one rule or name, the later one counts; columns of CSV are added.
    fn entries<'v>(&self, option: &Opt, values: impl Iterator<Item = &'v Value>) -> Vec<Row> {
        let mut entries: BTreeMap<String, Row> = BTreeMap::new();
        for value in values {
            let text = value.text.to_string_lossy();
            let (name, set) = text.split_once('=').unwrap_or((&text, ""));
            let names = match rules(name).filter(|_| option.is_of_rules()) {
                Some(rules) => rules.0.iter().map(|rule| rule.code().to_owned()).collect(),
                None => vec![name.trim().to_owned()],
            };
            for name in names {
                let before = entries.get(&name).and_then(|row| row.value.as_str());
                let set = match before.filter(|_| !option.is_of_rules() && ["line", "ignore"].contains(&name.as_str()))
                {
                    Some(before) => format!("{before}, {set}"),
                    None => set.to_owned(),
                };
                let row = self.row(&option.key, Some(name.clone()), Json::String(set), value.place);
                entries.insert(name, row);
            }
        }
        entries.into_values().collect()
    }
}

fn value_of(kind: Kind, values: &[Value]) -> Json {
    let mut texts = values.iter().map(|value| value.text.to_string_lossy().into_owned());
    match kind {
        Kind::Flag => Json::Bool(texts.next_back().is_some_and(|text| text == "true")),
        Kind::List => texts.map(Json::String).collect(),
        _ => texts.next_back().map_or(Json::Null, Json::String),
    }
}

/// The configuration as a file with comments.
fn in_words(shown: &Shown) -> serde_json::Result<String> {
    let mut text = match &shown.file {
        Some(file) => format!("# The configuration file is {}\n", output::visible(file)),
        None => "# There is no configuration file\n".to_owned(),
    };
    rows_in_words(&mut text, "", &shown.options)?;
    for source in &shown.sources {
        let table = format!("source.{}", quoted(&source.name)?);
        let _ = write!(text, "\n[{table}]\n");
        rows_in_words(&mut text, &format!("{table}."), &source.options)?;
    }
    for Waiver { at, what, until } in &shown.waivers {
        let _ = write!(text, "\n# waiver: {} until {until} # {}\n", output::visible(what), output::visible(at));
    }
    Ok(text)
}

/// The options, then the tables.
fn rows_in_words(text: &mut String, before: &str, rows: &[Row]) -> serde_json::Result<()> {
    let mut table = "";
    let (options, entries): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.name.is_none());
    for row in options.into_iter().chain(entries) {
        if row.name.is_some() && row.key != table {
            table = &row.key;
            let _ = write!(text, "\n[{before}{table}]\n");
        }
        let name = row.name.as_ref().unwrap_or(&row.key);
        let is_bare =
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) && !name.is_empty();
        let name = if is_bare { name.clone() } else { quoted(name)? };
        let set = match &row.value {
            Json::Null => format!("# {name} is not set"),
            Json::Array(values) => {
                let values = values.iter().map(output::json).collect::<Result<Vec<_>, _>>()?;
                format!("{name} = [{}]", values.join(", "))
            }
            value => format!("{name} = {}", output::json(value)?),
        };
        let from = output::visible(row.at.as_deref().unwrap_or(row.from));
        let _ = writeln!(text, "{set:<COLUMN$} # {from}");
    }
    Ok(())
}

/// A string of TOML. The escapes of JSON are escapes of TOML too.
fn quoted(text: &str) -> serde_json::Result<String> {
    output::json(&text)
}
