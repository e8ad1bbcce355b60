//! Reads a stream in a thread of its own, a few blocks ahead of those who want its bytes.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use super::Stream;

/// The number of bytes of a block, and of the blocks that are ready at most.
const BLOCK: usize = 64 * 1024;
const READY: usize = 2;

/// A stream that another thread reads.
struct Ahead {
    filled: Receiver<Step>,
    /// Blocks that were read are filled again.
    spare: SyncSender<Vec<u8>>,
    block: Vec<u8>,
    /// The bytes of the block that were not taken yet.
    rest: Range<usize>,
    /// How the stream has ended.
    end: Option<io::Result<()>>,
}

/// What the other thread sends.
enum Step {
    /// A block and the number of bytes in it.
    Bytes(Vec<u8>, usize),
    End(io::Result<()>),
}

/// Reads a stream ahead. If the system gives no more threads, the stream is read when its bytes are wanted.
pub(super) fn read(stream: Stream) -> Stream {
    let (to_reader, filled) = sync_channel(READY);
    let (spare, to_fill) = sync_channel(READY);
    // The stream is sent to the thread once there is one: a closure that cannot be run is dropped with all it holds.
    let (hand_over, given) = sync_channel::<Stream>(1);
    let work = move || {
        if let Ok(stream) = given.recv() {
            fill(stream, &to_reader, &to_fill);
        }
    };
    if thread::Builder::new().spawn(work).is_err() {
        return stream;
    }
    match hand_over.send(stream) {
        Ok(()) => Box::new(Ahead { filled, spare, block: Vec::new(), rest: 0..0, end: None }),
        Err(unsent) => unsent.0,
    }
}

/// The work of the thread. It ends with the stream, or if nobody wants more of it.
fn fill(mut stream: Stream, ready: &SyncSender<Step>, spare: &Receiver<Vec<u8>>) {
    loop {
        let mut block = spare.try_recv().unwrap_or_default();
        block.resize(BLOCK, 0);
        let step = match stream.read(&mut block) {
            Ok(0) => Step::End(Ok(())),
            Ok(read) => Step::Bytes(block, read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Step::End(Err(error)),
        };
        if matches!(step, Step::End(_)) {
            // Whoever hears of the end opens the next stream, which may need what this one holds.
            drop(stream);
            let _ = ready.send(step);
            return;
        }
        if ready.send(step).is_err() {
            return;
        }
    }
}

impl Ahead {
    /// Takes the next block or the end, and waits for it if asked to. Returns whether there is a block.
    fn next(&mut self, wait: bool) -> bool {
        let step = match self.filled.try_recv() {
            Err(TryRecvError::Empty) if !wait => return false,
            Err(TryRecvError::Empty) => self.filled.recv().ok(),
            step => step.ok(),
        };
        let end = match step {
            Some(Step::Bytes(block, filled)) => {
                let empty = std::mem::replace(&mut self.block, block);
                self.rest = 0..filled;
                // If there are enough of them, or the thread has ended, it is dropped.
                let _ = self.spare.try_send(empty);
                return true;
            }
            Some(Step::End(end)) => end,
            None => Err(io::Error::other("the thread that reads ahead has stopped")),
        };
        self.end = Some(end);
        false
    }
}

impl Read for Ahead {
    /// Takes all that is ready, and waits only if that is nothing.
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        while count < room.len() {
            if self.rest.is_empty() && (self.end.is_some() || !self.next(count == 0)) {
                break;
            }
            let rest = self.block.get(self.rest.clone()).unwrap_or_default();
            let room = room.get_mut(count..).unwrap_or_default();
            let taken = rest.len().min(room.len());
            if let (Some(from), Some(to)) = (rest.get(..taken), room.get_mut(..taken)) {
                to.copy_from_slice(from);
            }
            self.rest.start += taken;
            count += taken;
        }
        match &mut self.end {
            Some(end) if count == 0 && self.rest.is_empty() => std::mem::replace(end, Ok(())).map(|()| 0),
            _ => Ok(count),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::mpsc::TrySendError;
    use std::time::Duration;

    use super::*;

    /// Gives the bytes that are sent to it, as they come. Without a sender it fails.
    struct Sent(Receiver<Vec<u8>>);

    impl Read for Sent {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let bytes = self.0.recv().map_err(|_| io::Error::other("nobody sends"))?;
            (&*bytes).read(room)
        }
    }

    fn sent() -> (SyncSender<Vec<u8>>, Stream) {
        let (sender, receiver) = sync_channel(1000);
        (sender, read(Box::new(Sent(receiver))))
    }

    #[test]
    fn the_bytes_are_those_of_the_stream() {
        let bytes: Vec<u8> = (0..5_000_000_u32).map(|at| (at * 7 / 3) as u8).collect();
        for room in [1000, 65_536, 1 << 20, 3_000_000] {
            let mut stream = read(Box::new(io::Cursor::new(bytes.clone())));
            let (mut out, mut part) = (Vec::new(), vec![0; room]);
            while let Ok(count @ 1..) = stream.read(&mut part) {
                out.extend_from_slice(part.get(..count).unwrap());
            }
            assert!(out == bytes, "{room}");
            assert_eq!(stream.read(&mut part).unwrap(), 0, "it has ended for good");
        }
    }

    #[test]
    fn what_has_come_waits_for_no_more_and_is_before_a_failure() {
        let (sender, mut stream) = sent();
        let mut room = [0; 100];
        for text in ["first", "second"] {
            sender.send(text.into()).unwrap();
            let count = stream.read(&mut room).unwrap();
            assert_eq!(room.get(..count).unwrap(), text.as_bytes());
        }
        sender.send("third".into()).unwrap();
        drop(sender);
        let mut rest = String::new();
        let error = stream.read_to_string(&mut rest).unwrap_err();
        assert_eq!((rest.as_str(), error.to_string().as_str()), ("third", "nobody sends"));
    }

    /// The thread ends with the stream, although more could be read.
    #[test]
    fn it_ends_when_nobody_wants_the_bytes() {
        let (sender, stream) = sent();
        for _ in 0..READY + 10 {
            sender.send(vec![1; 10]).unwrap();
        }
        drop(stream);
        let ended = (0..1000).any(|_| {
            thread::sleep(Duration::from_millis(10));
            matches!(sender.try_send(Vec::new()), Err(TrySendError::Disconnected(_)))
        });
        assert!(ended, "the thread still reads");
    }
}
