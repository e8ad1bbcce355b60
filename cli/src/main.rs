//! The `ordercharge` command.

mod accept;
mod annotation;
mod apart;
mod args;
mod calc;
mod cart;
mod check;
mod choices;
mod columns;
mod compare;
mod config;
mod config_file;
mod date;
mod diff;
mod edits;
mod excerpt;
mod explain;
mod file;
mod fix;
mod generate;
mod input;
mod map;
mod model;
mod names;
mod output;
mod outputs;
mod phrases;
mod progress;
mod render;
mod report;
mod sink;
#[cfg(feature = "submit")]
mod submit;
mod tally;
mod threshold;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::CommandFactory;

use annotation::Annotations;
use args::{Args, Command};
use config::{Config, Refused};
use output::Stop;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let mut annotations = Annotations::of(&arguments);
    let ended = match config::parse(arguments) {
        Ok((args, config)) => {
            annotations.follow(args.format().map(|row| row.name));
            run(args, &config)
        }
        Err(Refused::Usage(error)) => {
            if error.use_stderr() {
                annotations.fail(&annotation::of_usage(&error));
            }
            output::answer(&error)
        }
        Err(Refused::Stop(stop)) => Err(stop),
    };
    match ended {
        Ok(status) => ExitCode::from(status),
        // The reader closed the output. That is not a failure.
        Err(Stop::BrokenPipe(status)) => ExitCode::from(status),
        Err(Stop::Failed(why)) => {
            output::complain(&why);
            annotations.fail(&why);
            ExitCode::from(2)
        }
    }
}

/// Runs a command: the exit status.
fn run(args: Args, config: &Config) -> Result<u8, Stop> {
    args.color.apply();
    match args.command {
        Command::Check(check) => check::run(&check, config, args.quiet),
        Command::Fix(fix) => fix::run(&fix, config, args.quiet),
        Command::Calc(calc) => calc::run(&calc, config),
        Command::Config(show) => config::show::run(&show, config),
        Command::Report(report) => report::run(&report),
        Command::Compare(compare) => compare::run(&compare, args.quiet),
        Command::Map(map) => map::run(&map, args.quiet),
        Command::Explain(explain) => explain::run(&explain),
        Command::Generate(generate) => generate::run(&generate),
        #[cfg(feature = "submit")]
        Command::Submit(submit) => submit::run(&submit, config, args.quiet),
        #[cfg(feature = "submit")]
        Command::Reconcile(reconcile) => submit::reconcile(&reconcile, args.quiet),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "ordercharge", &mut script);
            output::print(&script)
        }
        Command::Man { command } => manual(command.as_deref()).and_then(|page| output::print(&page)),
    }
}

/// The manual page of `ordercharge`, or of one command.
fn manual(command: Option<&str>) -> Result<Vec<u8>, Stop> {
    let mut all = Args::command();
    // The commands get their full names only here.
    all.build();
    let page = match command {
        None => all,
        Some(name) => {
            let names = all.get_subcommands().map(|one| one.get_name().to_owned()).collect::<Vec<_>>().join(", ");
            let of = all.find_subcommand(name).cloned();
            let known: Vec<String> = all.get_subcommands().map(|one| one.get_name().to_owned()).collect();
            let near = names::suggestion(name, known.iter().map(String::as_str));
            of.ok_or_else(|| {
                let unknown = || format!("expected a command ({names}), found {name}{near}");
                Stop::Failed(args::not_built(name).unwrap_or_else(unknown))
            })?
        }
    };
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = clap_mangen::Man::new(page).render(&mut text);
    Ok(text)
}
