//! The configuration: options from a file, below those of the command line.
//!
//! Each key of the file is an option of `check`. Its value is handed to the same parser as on the command line, so that an
//! option that is added to `check` can be configured too.

mod schema;
mod setting;
pub(crate) mod show;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};
use ordercharge::{Policies, Policy};

use toml::Spanned;

use crate::accept::waiver::Waiver;
use crate::args::{self, Args, PolicyArgs};
use crate::config_file::{self, File};
use crate::output::Stop;
use setting::{Layer, Opt, Setting};

/// The keys of the file that are not options.
const TABLES: &[&str] = &["source", "waiver"];

/// What a configuration file sets, and what the command line sets instead.
#[derive(Default)]
pub(crate) struct Config {
    /// The file, if there is one.
    file: Option<File>,
    /// The options of the file, in its order.
    settings: Layer,
    /// `[source."NAME"]`: options for the orders of one source.
    sources: Vec<SourceTable>,
    /// The options of the command line.
    command_line: Layer,
    /// What applies of the file and the command line.
    kept: Layer,
    /// `[[waiver]]`: findings that are accepted until a day.
    pub(crate) waivers: Vec<Waiver>,
}

/// The options for the orders of one source.
struct SourceTable {
    name: String,
    /// Where the table begins, for messages.
    at: String,
    settings: Layer,
}

/// Why the arguments cannot be used.
pub(crate) enum Refused {
    /// Clap says what is wrong, or prints the help.
    Usage(Box<clap::Error>),
    Stop(Stop),
}

impl From<clap::Error> for Refused {
    fn from(error: clap::Error) -> Refused {
        Refused::Usage(Box::new(error))
    }
}

/// Why clap refuses the arguments. Of a command that is not built, what to do.
fn refused(error: clap::Error) -> Refused {
    match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(name)) => match args::not_built(name) {
            Some(why) => Refused::Stop(Stop::Failed(why)),
            None => error.into(),
        },
        _ => error.into(),
    }
}

/// Parses the arguments and adds what a configuration file sets.
pub(crate) fn parse(arguments: Vec<OsString>) -> Result<(Args, Config), Refused> {
    let matches = Args::command().try_get_matches_from(&arguments).map_err(refused)?;
    let Some((name, chosen)) = matches.subcommand() else {
        return Ok((Args::from_arg_matches(&matches)?, Config::default()));
    };
    let shows = name == "config";
    // A schema does not depend on a file.
    if shows && chosen.get_flag("schema") {
        return Ok((Args::from_arg_matches(&matches)?, Config::default()));
    }
    let mut config = Config::of(chosen).map_err(|why| Refused::Stop(Stop::Failed(why)))?;
    if config.file.is_none() && !shows {
        return Ok((Args::from_arg_matches(&matches)?, config));
    }
    let options = setting::options(if shows { "check" } else { name });
    config.command_line = setting::of_command_line(&options, chosen);
    // `config` has formats of its own.
    config.command_line.retain(|setting| !shows || setting.key != "format");
    // What the command line gives takes precedence over an option of the file that excludes it, such as `baseline`.
    let is_given = |id: &String| chosen.value_source(id) == Some(ValueSource::CommandLine);
    let applies = |option: &&Opt| !option.excludes.iter().any(is_given);
    let applying: Vec<&str> = options.iter().filter(applies).map(|option| option.key.as_str()).collect();
    config.kept = setting::layered(&[&config.settings, &config.command_line]);
    config.kept.retain(|setting| applying.contains(&setting.key.as_str()));
    if shows {
        return Ok((Args::from_arg_matches(&matches)?, config));
    }
    let from_file = config.kept.iter().filter(|setting| setting.is_from_file());
    let added: Vec<OsString> = from_file.flat_map(Setting::arguments).collect();
    // Behind the name of the command, so that what follows on the command line takes precedence.
    let at = arguments.iter().skip(1).position(|argument| argument == name).map_or(arguments.len(), |at| at + 2);
    let (before, behind) = arguments.split_at(at.min(arguments.len()));
    let all = before.iter().cloned().chain(added).chain(behind.iter().cloned());
    Ok((Args::try_parse_from(all)?, config))
}

impl Config {
    /// The configuration that the arguments of a command ask for.
    fn of(chosen: &ArgMatches) -> Result<Config, String> {
        // Commands without these options have no configuration. Clap has a value for every switch of a command, and panics
        // when it is asked for one that the command does not have.
        if !chosen.ids().any(|id| id == "no_config") || chosen.get_flag("no_config") {
            return Ok(Config::default());
        }
        let found = match chosen.get_one::<PathBuf>("config") {
            Some(path) => Some(path.clone()),
            None => config_file::find()?,
        };
        found.map_or(Ok(Config::default()), |path| Config::read(&path))
    }

    /// Reads a configuration file.
    fn read(path: &Path) -> Result<Config, String> {
        let file = File::read(path)?;
        let mut config = Config::default();
        let options = setting::options("check");
        for entry in file.entries()? {
            let (key, value) = &entry;
            match &**key.get_ref() {
                "source" => {
                    for (name, table) in file.table(value)? {
                        config.sources.push(SourceTable {
                            name: name.get_ref().to_string(),
                            at: file.place(name.span().start),
                            settings: policy_settings(&file, &table)?,
                        });
                    }
                }
                "waiver" => {
                    for written in file.tables(key, value)? {
                        config.waivers.push(Waiver::read(&file, written)?);
                    }
                }
                _ => config.settings.push(Setting::read(&file, &options, TABLES, &entry)?),
            }
        }
        setting::check(&file, &config.settings)?;
        config.file = Some(file);
        Ok(config)
    }

    /// What the file is and its path, for `keep_apart`.
    pub(crate) fn also_read(&self) -> (&'static str, Option<&Path>) {
        ("configuration file", self.path())
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.path.as_path())
    }

    /// The policies: the one that the arguments ask for, which include the options of the file, and one for each source table.
    pub(crate) fn policies(&self, base: Policy) -> Result<Policies, Stop> {
        let mut policies = Policies::from(base);
        for source in &self.sources {
            let layers = [&self.settings, &source.settings, &self.command_line];
            let keys = policy_keys();
            let kept = setting::layered(&layers).into_iter().filter(|setting| keys.contains(&setting.key));
            let arguments = kept.flat_map(|setting| setting.arguments());
            let named =
                |why: String| Stop::Failed(format!("{}: for the orders of {:?}: {why}", source.at, source.name));
            let arguments = PolicyArgs::try_parse_from([OsString::from("policy")].into_iter().chain(arguments));
            let policy = arguments.map_err(|error| named(setting::why(&error)))?.get().map_err(|stop| match stop {
                Stop::Failed(why) => named(why),
                stop => stop,
            })?;
            policies.sources.insert(source.name.clone(), policy);
        }
        Ok(policies)
    }
}

/// The options of a source table: those that decide how strictly orders are checked.
fn policy_settings(file: &File, table: &Spanned<toml::de::DeValue<'_>>) -> Result<Layer, String> {
    let keys = policy_keys();
    let mut options = setting::options("check");
    options.retain(|option| keys.contains(&option.key));
    let entries = file.table(table)?;
    let settings: Layer =
        entries.iter().map(|entry| Setting::read(file, &options, &[], entry)).collect::<Result<_, _>>()?;
    setting::check(file, &settings)?;
    Ok(settings)
}

/// The names of the options that decide how strictly orders are checked.
fn policy_keys() -> Vec<String> {
    PolicyArgs::command().get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
}
