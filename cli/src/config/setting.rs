//! The options that a configuration file can set, and their values.

use std::cmp::Reverse;
use std::ffi::OsString;
use std::path::Path;

use clap::builder::ValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory};
use toml::Spanned;
use toml::de::DeValue;

use crate::args::{Args, Input, PolicyArgs};
use crate::config_file::{Entry, File, kind_of};
use crate::names::{rules, suggestion};

/// Options that a file cannot set: where the configuration comes from, and what a run writes. A file that is found and not
/// named must not make a run write to other files.
const COMMAND_LINE_ONLY: &[&str] =
    &["config", "no-config", "help", "version", "today", "write-baseline", "write-valid", "write-invalid", "report"];

/// The options of one place, each key once.
pub(super) type Layer = Vec<Setting>;

/// An option that a file can set.
pub(super) struct Opt {
    /// Its name, which is the key in the file.
    pub(super) key: String,
    pub(super) kind: Kind,
    /// The option itself.
    pub(super) arg: Arg,
    /// The options that it cannot be used with, by id.
    pub(super) excludes: Vec<String>,
}

/// What values an option takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is given or not.
    Flag,
    /// One value.
    Value,
    /// The path of a file. In a configuration file it is relative to the folder of that file.
    Path,
    /// A list of values.
    List,
    /// A table: a value for each rule, or for each name of a setting.
    Table,
}

/// An option with its values.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) key: String,
    pub(super) kind: Kind,
    pub(super) values: Vec<Value>,
    /// Where the file sets it; `None` for the command line.
    pub(super) place: Option<Place>,
}

/// A value as on the command line, and its place in the file.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) text: OsString,
    pub(super) place: Option<Place>,
}

/// A place in a configuration file.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) offset: usize,
}

/// The options of a command that a file can set: those of `check` for `check`, else those that the command shares with it.
pub(super) fn options(command: &str) -> Vec<Opt> {
    let mut all = Args::command();
    all.build();
    let command_of = |name: &str| all.find_subcommand(name).into_iter();
    let args_of = |name: &str| command_of(name).flat_map(Command::get_arguments);
    let shared: Vec<String> = match command {
        "check" => args_of("check").map(|arg| arg.get_id().to_string()).collect(),
        _ => {
            let (input, policy) = (Input::command(), PolicyArgs::command());
            let both = input.get_arguments().chain(policy.get_arguments()).chain(all.get_arguments());
            both.map(|arg| arg.get_id().to_string()).collect()
        }
    };
    let is_shared = |arg: &Arg| shared.iter().any(|id| arg.get_id() == id.as_str());
    let of =
        |command| Command::get_arguments(command).filter(|arg| is_shared(arg)).filter_map(|arg| Opt::new(command, arg));
    command_of(command).flat_map(of).collect()
}

impl Opt {
    fn new(command: &Command, arg: &Arg) -> Option<Opt> {
        let key = arg.get_long().filter(|key| !COMMAND_LINE_ONLY.contains(key))?;
        let of_rules = || arg.get_value_names().into_iter().flatten().any(|name| name.contains('='));
        let path = ValueParser::path_buf().type_id();
        let kind = match arg.get_action() {
            ArgAction::Append if of_rules() => Kind::Table,
            ArgAction::Append => Kind::List,
            ArgAction::Set if arg.get_value_parser().type_id() == path => Kind::Path,
            ArgAction::Set => Kind::Value,
            ArgAction::SetTrue => Kind::Flag,
            _ => return None,
        };
        let excludes = command.get_arg_conflicts_with(arg).into_iter().map(|other| other.get_id().to_string());
        Some(Opt { key: key.to_owned(), kind, arg: arg.clone(), excludes: excludes.collect() })
    }
}

impl Opt {
    /// Whether its values are by rule.
    pub(super) fn is_of_rules(&self) -> bool {
        self.kind == Kind::Table && self.key != "csv"
    }
}

impl Setting {
    /// Reads an entry of a file. `tables` are the other keys that the table may have.
    pub(super) fn read(
        file: &File,
        options: &[Opt],
        tables: &[&str],
        (key, value): &Entry<'_>,
    ) -> Result<Setting, String> {
        let name = key.get_ref();
        let Some(option) = options.iter().find(|option| option.key == **name) else {
            let why = if COMMAND_LINE_ONLY.contains(&&**name) {
                format!("{name} can only be set on the command line (--{name})")
            } else {
                let known = options.iter().map(|option| option.key.as_str()).chain(tables.iter().copied());
                let near = suggestion(name, known);
                format!("no option is called {name:?}{near} (docs/configuration.md lists all keys)")
            };
            return Err(file.message(&key.span(), &why));
        };
        let wrong = |expected: &str, found: &Spanned<DeValue<'_>>| {
            let why = format!("expected {expected} for {name}, found {}", kind_of(found.get_ref()));
            file.message(&found.span(), &why)
        };
        let place = |span: std::ops::Range<usize>| Some(Place { offset: span.start });
        let one = |expected: &str, value: &Spanned<DeValue<'_>>| {
            let text = text_of(value.get_ref()).ok_or_else(|| wrong(expected, value))?;
            Ok(Value { text: text.into(), place: place(value.span()) })
        };
        let values = match (option.kind, value.get_ref()) {
            (Kind::Flag, DeValue::Boolean(on)) => {
                vec![Value { text: on.to_string().into(), place: place(key.span()) }]
            }
            (Kind::Flag, _) => return Err(wrong("true or false", value)),
            (Kind::Value, _) => vec![one("one value", value)?],
            (Kind::Path, DeValue::String(path)) => {
                let folder = file.path.parent().unwrap_or(Path::new(""));
                vec![Value { text: folder.join(&**path).into(), place: place(value.span()) }]
            }
            (Kind::Path, _) => return Err(wrong("the path of a file", value)),
            (Kind::List, DeValue::Array(entries)) => {
                entries.iter().map(|entry| one("a list of strings", entry)).collect::<Result<_, _>>()?
            }
            (Kind::List, _) => return Err(wrong("a list of strings", value)),
            (Kind::Table, DeValue::Table(_)) => pairs(file, option, value, one)?,
            (Kind::Table, _) if option.is_of_rules() => return Err(wrong("a table of rules", value)),
            (Kind::Table, _) => return Err(wrong("a table", value)),
        };
        if option.key == "select" && values.is_empty() {
            return Err(
                file.message(&value.span(), "expected at least one rule for select; without select, all are checked")
            );
        }
        Ok(Setting { key: option.key.clone(), kind: option.kind, values, place: place(key.span()) })
    }

    /// Whether a file sets it, and not the command line.
    pub(super) fn is_from_file(&self) -> bool {
        self.place.is_some()
    }

    /// The option as arguments.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        self.values.iter().filter_map(|value| argument(&self.key, self.kind, value)).collect()
    }
}

/// A value as an argument; none for a flag that is not set.
fn argument(key: &str, kind: Kind, value: &Value) -> Option<OsString> {
    let mut argument = OsString::from(format!("--{key}"));
    match kind {
        Kind::Flag => return (value.text == "true").then_some(argument),
        _ => {
            argument.push("=");
            argument.push(&value.text);
        }
    }
    Some(argument)
}

/// The entries of a table as `NAME=VALUE`. Of rules, those that name many rules come first, so that `OC208` is an exception to
/// `OC2`, in whatever order they are written.
fn pairs(
    file: &File,
    option: &Opt,
    table: &Spanned<DeValue<'_>>,
    one: impl Fn(&str, &Spanned<DeValue<'_>>) -> Result<Value, String>,
) -> Result<Vec<Value>, String> {
    let mut pairs = Vec::new();
    for (name, value) in file.table(table)? {
        let mut entry = one("a string", &value)?;
        let text = entry.text.to_string_lossy().into_owned();
        // Several values may be in one argument.
        let splits = |text: &str| option.arg.get_value_delimiter().is_some_and(|delimiter| text.contains(delimiter));
        if name.get_ref().contains('=') || splits(name.get_ref()) || splits(&text) {
            let what = if option.is_of_rules() { "rule" } else { "name" };
            return Err(file.message(&name.span(), &format!("expected one {what} with one value")));
        }
        entry.text = format!("{}={text}", name.get_ref()).into();
        let known = rules(name.get_ref()).filter(|_| option.is_of_rules());
        if known.is_none() && option.is_of_rules() {
            entry.place = entry.place.map(|_| Place { offset: name.span().start });
        }
        pairs.push((known.map_or(1, |rules| rules.0.len()), entry));
    }
    pairs.sort_by_key(|(rules, _)| Reverse(*rules));
    Ok(pairs.into_iter().map(|(_, entry)| entry).collect())
}

/// A string or number as it is written; a number is never read through a binary float.
fn text_of(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// The options that the command line gives.
pub(super) fn of_command_line(options: &[Opt], chosen: &ArgMatches) -> Layer {
    let given = options
        .iter()
        .filter(|option| chosen.value_source(option.arg.get_id().as_str()) == Some(ValueSource::CommandLine));
    given
        .map(|option| {
            let raw = chosen.get_raw(option.arg.get_id().as_str()).into_iter().flatten();
            let text = |raw: &std::ffi::OsStr| Value { text: raw.to_owned(), place: None };
            let values = match option.kind {
                Kind::Flag => vec![Value { text: "true".into(), place: None }],
                _ => raw.map(text).collect(),
            };
            Setting { key: option.key.clone(), kind: option.kind, values, place: None }
        })
        .collect()
}

/// What applies of several layers, the last of which takes precedence. Tables are joined rule by rule; everything else is
/// replaced. A layer that selects rules decides alone which rules are checked, so `ignore` of those below it is dropped.
pub(super) fn layered(layers: &[&Layer]) -> Vec<Setting> {
    let mut kept: Vec<Setting> = Vec::new();
    for layer in layers {
        let selects = layer.iter().any(|setting| setting.key == "select");
        let replaced = |setting: &Setting| {
            setting.kind != Kind::Table && layer.iter().any(|other| other.key == setting.key)
                || selects && setting.key == "ignore"
        };
        kept.retain(|setting| !replaced(setting));
        kept.extend(layer.iter().cloned());
    }
    kept
}

/// Checks the values of a layer by the parsers of the command. The error has the place of the value.
pub(super) fn check(file: &File, settings: &Layer) -> Result<(), String> {
    let mut command = Args::command();
    let mut parse = |arguments: Vec<OsString>| {
        let start = ["ordercharge", "check"].map(OsString::from);
        command.try_get_matches_from_mut(start.into_iter().chain(arguments))
    };
    if parse(settings.iter().flat_map(Setting::arguments).collect()).is_ok() {
        return Ok(());
    }
    for setting in settings {
        for value in &setting.values {
            if let Err(error) = parse(argument(&setting.key, setting.kind, value).into_iter().collect()) {
                let start = value.place.map_or(0, |place| place.offset);
                return Err(file.message(&(start..start), &why(&error)));
            }
        }
    }
    // Each value is right alone, so two of them exclude each other.
    let together = parse(settings.iter().flat_map(Setting::arguments).collect());
    together.map(drop).map_err(|error| file.message(&(0..0), &why(&error)))
}

/// What is wrong with arguments, on one line.
pub(super) fn why(error: &clap::Error) -> String {
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    match (error.kind(), std::error::Error::source(error)) {
        (ErrorKind::InvalidValue, _) => {
            let (found, known) = (text(ContextKind::InvalidValue).concat(), text(ContextKind::ValidValue));
            let near = suggestion(&found, known.iter().map(String::as_str));
            format!("expected one of {}, found {found:?}{near}", known.join(", "))
        }
        (_, Some(source)) => source.to_string(),
        _ => {
            let rendered = error.to_string();
            let first = rendered.lines().next().unwrap_or_default();
            first.strip_prefix("error: ").unwrap_or(first).to_owned()
        }
    }
}
