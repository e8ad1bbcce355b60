//! The `ordercharge` command.

mod args;
mod calc;
mod check;
mod excerpt;
mod explain;
mod fix;
mod generate;
mod input;
mod output;
mod progress;
mod render;
#[cfg(feature = "submit")]
mod submit;
mod tally;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Args, Command};
use output::Stop;

fn main() -> ExitCode {
    let args = Args::parse();
    args.color.apply();
    let done = match args.command {
        Command::Check(check) => check::run(&check, args.quiet),
        Command::Fix(fix) => fix::run(&fix, args.quiet),
        Command::Calc(calc) => calc::run(&calc, args.quiet),
        Command::Explain(explain) => explain::run(&explain),
        Command::Generate(generate) => generate::run(&generate),
        #[cfg(feature = "submit")]
        Command::Submit(submit) => submit::run(&submit, args.quiet),
        #[cfg(feature = "submit")]
        Command::Reconcile(reconcile) => submit::reconcile(&reconcile, args.quiet),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "ordercharge", &mut script);
            output::print(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            // Writing to memory does not fail.
            let _ = clap_mangen::Man::new(Args::command()).render(&mut page);
            output::print(&page)
        }
    };
    match done {
        Ok(status) => ExitCode::from(status),
        // Whoever read the output has had enough: that is no fault.
        Err(Stop::BrokenPipe(status)) => ExitCode::from(status),
        Err(Stop::Failed(why)) => {
            output::complain(&why);
            ExitCode::from(2)
        }
    }
}
