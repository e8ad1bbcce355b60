//! The arguments of `config`: those of `check`, with formats of its own.

use clap::builder::EnumValueParser;
use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use super::Check;

/// What `config` prints.
pub(crate) struct Show {
    pub(crate) format: ShowFormat,
    pub(crate) schema: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// Like a configuration file, with comments.
    #[default]
    Text,
    /// A JSON object.
    Json,
}

impl Args for Show {
    fn augment_args(command: Command) -> Command {
        let format = Arg::new("format").long("format").value_name("FORMAT").default_value("text");
        let schema = Arg::new("schema").long("schema").action(ArgAction::SetTrue);
        Check::augment_args(command)
            .about("Print the value of each option of `check`, and where it comes from")
            .long_about(
                "Print the value of each option of `check`, and where it comes from: the default, a line of the configuration \
                 file, or the command line.\n\nIt takes the arguments of `check`, apart from --format, and reads no orders. \
                 The exit status is 2 if the configuration is wrong.",
            )
            .after_help(
                "Examples:\n  ordercharge config\n  ordercharge config --severity OC304=error --format json\n  \
                 ordercharge config --schema > ordercharge.schema.json",
            )
            .mut_arg("format", |_| {
                format.value_parser(EnumValueParser::<ShowFormat>::new()).help("How to print it")
            })
            .arg(schema.help("Print a JSON Schema of ordercharge.toml instead, for editors"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Show::augment_args(command)
    }
}

impl FromArgMatches for Show {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Show, Error> {
        let format = matches.get_one::<ShowFormat>("format").copied().unwrap_or_default();
        Ok(Show { format, schema: matches.get_flag("schema") })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Show::from_arg_matches(matches)?;
        Ok(())
    }
}
