//! The connection: credentials from a file or the environment, settings from the arguments.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use ordercharge::submit::{Credentials, Settings};
use zeroize::Zeroizing;

use crate::args::Link;
use crate::output::Stop;

const USER: &str = "ORDERCHARGE_API_USER";
const KEY: &str = "ORDERCHARGE_API_KEY";

/// More bytes than any credentials have.
const LARGEST: u64 = 64 * 1024;

/// The credentials from the named file, else from the environment.
pub(super) fn credentials(link: &Link) -> Result<Credentials, Stop> {
    if let Some(path) = &link.credentials {
        return read(path).map_err(|why| Stop::Failed(format!("cannot use the credentials {}: {why}", path.display())));
    }
    let variable = |name: &str| match env::var(name) {
        Ok(value) => Ok(Zeroizing::new(value)),
        Err(env::VarError::NotPresent) => Err(Stop::Failed(format!(
            "expected credentials, found no {name} in the environment; set {USER} and {KEY}, or name a file with --credentials"
        ))),
        Err(env::VarError::NotUnicode(_)) => Err(Stop::Failed(format!("expected UTF-8 in {name}, found other bytes"))),
    };
    let (user, key) = (variable(USER)?, variable(KEY)?);
    Credentials::new(&user, &key).map_err(|error| Stop::Failed(format!("cannot use {USER} and {KEY}: {error}")))
}

fn read(path: &Path) -> Result<Credentials, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    private(&file, path)?;
    // The buffer is large enough from the start: growing would leave a copy of the credentials in memory.
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    file.take(LARGEST).read_to_end(&mut text).map_err(|error| error.to_string())?;
    Credentials::read(&text).map_err(|error| error.to_string())
}

/// Whether only its owner can read it.
#[cfg(unix)]
fn private(file: &File, path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| error.to_string())?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(format!("expected a file only its owner can read, found mode {mode:03o}; chmod 600 {}", path.display()))
}

#[cfg(not(unix))]
fn private(_: &File, _: &Path) -> Result<(), String> {
    Ok(())
}

/// The settings from the arguments.
pub(super) fn settings(link: &Link) -> Settings {
    Settings {
        attempts: link.attempts.get(),
        settle_after: Duration::from_secs(link.settle_after.into()),
        limit_new_orders: link.limit_new_orders,
        // Each process has its own seed.
        seed: RandomState::new().build_hasher().finish(),
        ..Settings::default()
    }
}
