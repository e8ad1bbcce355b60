//! Files on systems other than Unix. The tests on Unix compile and run this code too.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// A standard stream.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Input,
    Output,
    Error,
}

/// A file that is open.
#[derive(PartialEq, Eq)]
pub(crate) struct Handle(same_file::Handle);

impl Handle {
    pub(super) fn of_path(path: &Path) -> io::Result<Option<Handle>> {
        same_file::Handle::from_path(path).map(|handle| Some(Handle(handle)))
    }

    pub(super) fn of_folder(path: &Path) -> io::Result<Handle> {
        same_file::Handle::from_path(path).map(Handle)
    }

    pub(super) fn of_stream(stream: Stream) -> io::Result<Option<Handle>> {
        let handle = match stream {
            Stream::Input => same_file::Handle::stdin(),
            Stream::Output => same_file::Handle::stdout(),
            Stream::Error => same_file::Handle::stderr(),
        };
        handle.map(|handle| Some(Handle(handle)))
    }

    pub(super) fn is_pipe(&self) -> bool {
        self.0.as_file().metadata().is_ok_and(|known| !known.is_file())
    }
}

/// A file as it was at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    size: u64,
    created: Option<SystemTime>,
    modified: Option<SystemTime>,
}

impl From<&Metadata> for Snapshot {
    fn from(known: &Metadata) -> Snapshot {
        Snapshot { size: known.len(), created: known.created().ok(), modified: known.modified().ok() }
    }
}

impl Snapshot {
    pub(crate) fn of(file: &File) -> io::Result<Snapshot> {
        Ok(Snapshot::from(&file.metadata()?))
    }

    pub(super) fn links(&self) -> u64 {
        1
    }

    pub(super) fn is_same_file(&self, other: &Snapshot) -> bool {
        self.created == other.created
    }
}

pub(super) fn private(_: &mut OpenOptions) {}

pub(super) fn copy_attributes(from: &File, to: &File) -> io::Result<()> {
    to.set_permissions(from.metadata()?.permissions())
}

/// Folders cannot be synced on these systems.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::metadata(folder).map(|_| ())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// A folder for one test, which is removed with it.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("ordercharge-other-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Folder(path)
        }

        fn file(&self, name: &str, content: &str) -> std::path::PathBuf {
            let path = self.0.join(name);
            fs::write(&path, content).unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_is_itself_by_every_name() {
        let folder = Folder::new("names");
        let (one, two) = (folder.file("one", "1"), folder.file("two", "1"));
        let other_name = folder.0.join(".").join("one");
        let handle = |path: &Path| Handle::of_path(path).unwrap().unwrap();
        assert!(handle(&one) == handle(&other_name));
        assert!(handle(&one) != handle(&two));
        assert!(Handle::of_folder(&folder.0).unwrap() == Handle::of_folder(&folder.0.join(".")).unwrap());
        assert!(!handle(&one).is_pipe());
        for stream in [Stream::Input, Stream::Output, Stream::Error] {
            // A closed stream has no handle; an open one is not the file.
            assert!(Handle::of_stream(stream).ok().flatten() != Some(handle(&one)));
        }
    }

    #[test]
    fn a_changed_file_has_another_snapshot() {
        let folder = Folder::new("snapshots");
        let path = folder.file("one", "1");
        let file = File::open(&path).unwrap();
        let before = Snapshot::of(&file).unwrap();
        assert_eq!(before, Snapshot::from(&fs::metadata(&path).unwrap()));
        assert!(before.is_same_file(&before) && before.links() == 1);
        fs::write(&path, "12").unwrap();
        assert_ne!(before, Snapshot::of(&file).unwrap());
    }

    #[test]
    fn permissions_are_kept() {
        let folder = Folder::new("permissions");
        let (from, to) = (folder.file("from", ""), folder.file("to", ""));
        let mut read_only = fs::metadata(&from).unwrap().permissions();
        read_only.set_readonly(true);
        fs::set_permissions(&from, read_only).unwrap();
        let mut options = OpenOptions::new();
        private(options.write(true));
        copy_attributes(&File::open(&from).unwrap(), &options.open(&to).unwrap()).unwrap();
        assert!(fs::metadata(&to).unwrap().permissions().readonly());
        sync_folder(&folder.0).unwrap();
        assert!(sync_folder(&folder.0.join("missing")).is_err());
    }
}
