//! Runs a command and says on standard error what it took. A program of its own because the kernel counts the memory of
//! whoever starts a process as that process's own until it runs: started by an interpreter, nothing stays small.

use std::process::{Command, ExitCode};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("measure: a command is missing");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let status = Command::new(program).args(words).status();
    let wall = start.elapsed().as_micros();
    match (status, getrusage(UsageWho::RUSAGE_CHILDREN)) {
        (Ok(status), Ok(usage)) => {
            let cpu = (usage.user_time() + usage.system_time()).num_microseconds();
            let code = status.code().map_or("null".to_owned(), |code| code.to_string());
            let peak = usage.max_rss();
            eprintln!("\n{{\"wall_us\":{wall},\"cpu_us\":{cpu},\"peak_kib\":{peak},\"exit\":{code}}}");
            ExitCode::SUCCESS
        }
        (Err(error), _) => fail(&error),
        (_, Err(error)) => fail(&error),
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("measure: {error}");
    ExitCode::FAILURE
}
