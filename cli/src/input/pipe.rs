//! Pipes: standard input without a buffer in between, and more room in the pipe.

use std::fs::File;
use std::io;

/// The number of bytes that a pipe is asked to hold. Linux gives 64 KiB without being asked. A writer then waits after
/// every 64 KiB, and each thread gets pieces so small that handing them on takes as long as checking them.
#[cfg(target_os = "linux")]
const ROOM: usize = 1 << 20;

/// Standard input. Its bytes do not pass through the buffer of [`io::stdin`].
#[cfg(unix)]
pub(super) fn stdin() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(widened(File::from(io::stdin().as_fd().try_clone_to_owned()?)))
}

/// Standard input.
#[cfg(not(unix))]
pub(super) fn stdin() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}

/// The file. If it is a pipe with less room, it gets more.
#[cfg(target_os = "linux")]
pub(super) fn widened(file: File) -> File {
    if rustix::pipe::fcntl_getpipe_size(&file).is_ok_and(|room| room < ROOM) {
        // The system may refuse: a user has only so much memory for pipes.
        let _ = rustix::pipe::fcntl_setpipe_size(&file, ROOM);
    }
    file
}

/// The file. Other systems have no such call.
#[cfg(not(target_os = "linux"))]
pub(super) fn widened(file: File) -> File {
    file
}
