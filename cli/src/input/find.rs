//! The files that arguments name: directories and patterns are replaced by the files in them.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::Place;
use crate::file::Identity;

/// The ends of the names of files that are read in a directory, without the end of a packed file.
const ENDS: &[&str] = &[".json", ".ndjson", ".jsonl", ".csv"];
/// The ends of the names of packed files.
const PACKED: &[&str] = &[".gz", ".zst"];

/// Like a shell: `*` finds no name that begins with a dot.
const LIKE_A_SHELL: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The inputs that arguments name, in their order. `without` are files that hold no orders: directories and patterns leave
/// them out.
pub(super) fn all(inputs: &[PathBuf], recursive: bool, without: &[&Path]) -> Vec<Place> {
    let mut search = Search {
        recursive,
        without: without.iter().filter_map(|path| Identity::of_path(path)).collect(),
        is_among_others: inputs.len() > 1,
        found: Vec::new(),
    };
    for input in inputs {
        if input == Path::new("-") {
            search.found.push(Place::Stdin);
        } else if let Some(pattern) = pattern(input) {
            search.matches(input, pattern);
        } else {
            search.argument(input);
        }
    }
    search.found
}

/// The text of a pattern. A file of that name comes first: `a[1].json` may be one.
fn pattern(input: &Path) -> Option<&str> {
    let text = input.to_str().filter(|text| text.contains(['*', '?', '[']))?;
    matches!(fs::symlink_metadata(input), Err(error) if error.kind() != ErrorKind::PermissionDenied).then_some(text)
}

/// What arguments name.
struct Search {
    recursive: bool,
    /// The files that are left out.
    without: Vec<Identity>,
    /// There are several arguments: a shell may have made them of a pattern.
    is_among_others: bool,
    found: Vec<Place>,
}

impl Search {
    /// What a pattern finds, sorted by name.
    fn matches(&mut self, input: &Path, pattern: &str) {
        let none = |why: String| Place::Nothing { name: input.to_path_buf(), why };
        let paths = match glob::glob_with(pattern, LIKE_A_SHELL) {
            Ok(paths) => paths,
            Err(error) => {
                let literal = Pattern::escape(pattern);
                self.found.push(none(format!(
                    "there is no such file, and it is not a pattern: {} (to name a file: '{literal}')",
                    error.msg
                )));
                return;
            }
        };
        let before = self.found.len();
        for path in paths {
            match path {
                Ok(path) if path.is_dir() => self.folder(&path),
                Ok(path) if self.is_left_out(&path) => {}
                Ok(path) => self.found.push(Place::File(path)),
                Err(error) => {
                    let why = error.error().to_string();
                    self.found.push(Place::Nothing { name: error.path().to_path_buf(), why });
                }
            }
        }
        if self.found.len() == before {
            self.found.push(none("no file matches this pattern".to_owned()));
        }
    }

    /// A file, or the files of a directory.
    fn argument(&mut self, path: &Path) {
        if path.is_dir() {
            self.folder(path);
        } else if !self.is_among_others || !self.is_left_out(path) {
            self.found.push(Place::File(path.to_path_buf()));
        }
    }

    /// The files of a directory.
    fn folder(&mut self, path: &Path) {
        let before = self.found.len();
        let mut walk = Walk { known: HashSet::new(), folders: false, search: self };
        walk.folder(path);
        let folders = walk.folders;
        if self.found.len() == before {
            let kinds = ENDS.iter().map(|end| format!("*{end}")).collect::<Vec<_>>().join(", ");
            let below = if folders && !self.recursive { "; --recursive also reads the directories in it" } else { "" };
            let why = format!("this directory has no file to read ({kinds}, also {}){below}", PACKED.join(" or "));
            self.found.push(Place::Nothing { name: path.to_path_buf(), why });
        }
    }

    fn is_left_out(&self, path: &Path) -> bool {
        !self.without.is_empty() && Identity::of_path(path).is_some_and(|identity| self.without.contains(&identity))
    }
}

/// A walk over a directory.
struct Walk<'s> {
    /// The files and directories that were found, without links: each is read once, and links cannot form a loop.
    known: HashSet<PathBuf>,
    /// There are directories in it.
    folders: bool,
    search: &'s mut Search,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path) {
        if !self.is_new(folder) {
            return;
        }
        let mut cannot = |error: std::io::Error| {
            let nothing = Place::Nothing { name: folder.to_path_buf(), why: error.to_string() };
            self.search.found.push(nothing);
        };
        let mut names = Vec::new();
        match fs::read_dir(folder) {
            Err(error) => return cannot(error),
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        Ok(entry) => names.push(entry.file_name()),
                        Err(error) => cannot(error),
                    }
                }
            }
        }
        names.sort();
        for name in names.into_iter().filter(|name| !name.as_encoded_bytes().starts_with(b".")) {
            let path = folder.join(&name);
            let readable = is_read(&name.to_string_lossy());
            match fs::metadata(&path) {
                Ok(known) if known.is_dir() => {
                    self.folders = true;
                    if self.search.recursive {
                        self.folder(&path);
                    }
                }
                Ok(known) if known.is_file() && readable && self.is_new(&path) => {
                    if !self.search.is_left_out(&path) {
                        self.search.found.push(Place::File(path));
                    }
                }
                // A pipe or a device would wait for its other end.
                Ok(_) => {}
                // It cannot be opened either, which is then reported.
                Err(_) if readable => self.search.found.push(Place::File(path)),
                Err(_) => {}
            }
        }
    }

    fn is_new(&mut self, path: &Path) -> bool {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        self.known.insert(path)
    }
}

/// Whether a file of this name in a directory is read.
fn is_read(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let plain = PACKED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    ENDS.iter().any(|end| plain.ends_with(end))
}
