//! Arguments as the programs take them: `--name value`, and the rest.

use std::collections::BTreeMap;
use std::str::FromStr;

/// The arguments of this process.
pub struct Arguments {
    named: BTreeMap<String, String>,
    rest: Vec<String>,
}

impl Arguments {
    /// Reads them.
    pub fn read() -> Result<Arguments, String> {
        let (mut named, mut rest) = (BTreeMap::new(), Vec::new());
        let mut all = std::env::args().skip(1);
        while let Some(argument) = all.next() {
            match argument.strip_prefix("--") {
                Some(name) => {
                    let value = all.next().ok_or_else(|| format!("--{name} needs a value"))?;
                    named.insert(name.to_owned(), value);
                }
                None => rest.push(argument),
            }
        }
        Ok(Arguments { named, rest })
    }

    /// Takes what follows `--name`.
    pub fn take<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, String> {
        let Some(text) = self.named.remove(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("--{name} {text}: not understood"))
    }

    /// The one argument without a name, after every named one was taken.
    pub fn file(self) -> Result<String, String> {
        if let Some(name) = self.named.keys().next() {
            return Err(format!("--{name}: no such option"));
        }
        <[String; 1]>::try_from(self.rest).map(|[file]| file).map_err(|rest| format!("one file, not {}", rest.len()))
    }
}
