//! Annotations of GitHub Actions: how one is written, and that of a command which ends before it has a report.

use std::ffi::OsString;
use std::io::{self, Write};

use crate::output::visible;

/// The format that consists of annotations.
const FORMAT: &str = "github";

/// An annotation. What would end it or one of its properties is escaped.
pub(crate) fn annotation(kind: &str, properties: &[(&str, &str)], message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |(name, value): &(&str, &str)| {
        let value = data(&visible(value)).replace(':', "%3A").replace(',', "%2C");
        format!("{name}={value}")
    };
    let properties: Vec<String> = properties.iter().map(property).collect();
    // Only the line ends that are written here are kept.
    let message: Vec<String> = message.split('\n').map(visible).collect();
    format!("::{kind} {}::{}\n", properties.join(","), data(&message.join("\n")))
}

/// The annotation of an error that is not one of an order.
pub(crate) fn error(why: &str) -> String {
    annotation("error", &[("title", "ordercharge")], why)
}

/// What is wrong with the arguments, without the usage and the tips that follow it.
pub(crate) fn of_usage(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let line = lines.join(" ");
    line.strip_prefix("error: ").map(str::to_owned).unwrap_or(line)
}

/// Whether annotations are asked for, and where they go. If the arguments or the configuration are wrong, this is read from
/// the text of the arguments, without parsing them.
pub(crate) struct Annotations {
    wanted: bool,
    /// Something else goes to standard output.
    to_stderr: bool,
}

impl Annotations {
    /// What the arguments of the command ask for.
    pub(crate) fn of(arguments: &[OsString]) -> Annotations {
        let texts = arguments.iter().map(|argument| argument.to_string_lossy());
        let texts: Vec<_> = texts.take_while(|text| text != "--").collect();
        let has = |option: &str, value: &str| {
            texts.windows(2).any(|pair| matches!(pair, [name, of] if name == option && of == value))
        };
        Annotations {
            wanted: has("--format", FORMAT) || texts.iter().any(|text| *text == format!("--format={FORMAT}")),
            to_stderr: ["--write-valid", "--write-invalid"].iter().any(|option| has(option, "-"))
                || texts.iter().any(|text| text.ends_with("=-")),
        }
    }

    /// Takes the name of the format from arguments that are right; the configuration may have set it.
    pub(crate) fn follow(&mut self, format: Option<&str>) {
        self.wanted = format == Some(FORMAT);
    }

    /// Writes the annotation of why a command ends without a report. If that fails, the failure cannot be reported.
    pub(crate) fn fail(&self, why: &str) {
        if !self.wanted {
            return;
        }
        let text = error(why);
        let _ = match self.to_stderr {
            true => io::stderr().write_all(text.as_bytes()),
            false => io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()),
        };
    }
}
