//! Compressed inputs, recognised by their first bytes: gzip and zstd.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::sync::Mutex;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::Stream;

/// How an input is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

/// The number of bytes that show how an input is compressed.
const MAGIC: usize = 4;

impl Packing {
    /// The packing that these first bytes begin.
    fn of(head: &[u8]) -> Option<Packing> {
        match head {
            [0x1F, 0x8B, ..] => Some(Packing::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD] | [0x50..=0x5F, 0x2A, 0x4D, 0x18] => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// Its name in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
        }
    }
}

/// Whether a file begins like gzip.
pub(super) fn is_gzip(file: impl Read) -> io::Result<bool> {
    let mut head = Vec::with_capacity(MAGIC);
    file.take(MAGIC as u64).read_to_end(&mut head)?;
    Ok(Packing::of(&head) == Some(Packing::Gzip))
}

/// The bytes of a stream, decompressed if they are compressed, and how they were.
pub(super) fn unpacked(mut stream: impl Read + Send + 'static) -> io::Result<(Stream, Option<Packing>)> {
    let mut head = Vec::with_capacity(MAGIC);
    // The first byte of most inputs is enough: nobody waits for more of them.
    stream.by_ref().take(1).read_to_end(&mut head)?;
    if let [0x1F | 0x28 | 0x50..=0x5F] = head[..] {
        stream.by_ref().take(MAGIC as u64 - 1).read_to_end(&mut head)?;
    }
    let packing = Packing::of(&head);
    let whole = Cursor::new(head).chain(stream);
    let stream: Stream = match packing {
        None => Box::new(whole),
        Some(Packing::Gzip) => Box::new(MultiGzDecoder::new(whole)),
        Some(Packing::Zstd) => Box::new(Zstd::new(BufReader::with_capacity(128 * 1024, whole))),
    };
    Ok((stream, packing))
}

/// The largest window of a frame: what `zstd` itself accepts without an option.
const MOST_WINDOW: u64 = 128 << 20;

/// The decoder of a stream that has ended, for the next one: a new one would allocate a window again, and the memory of the old
/// one may not be given back.
static SPARE: Mutex<Option<FrameDecoder>> = Mutex::new(None);

/// A block without content, which is the last one of its frame, and a checksum.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Decompresses the frames of a zstd stream, one after the other, and verifies their checksums. All bytes before damage are
/// returned before the error is.
struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
    failure: Option<io::Error>,
}

impl<R> Drop for Zstd<R> {
    fn drop(&mut self) {
        if let Ok(mut spare) = SPARE.lock() {
            *spare = Some(std::mem::take(&mut self.decoder));
        }
    }
}

impl<R: BufRead> Zstd<R> {
    fn new(source: R) -> Zstd<R> {
        let mut decoder = SPARE.lock().ok().and_then(|mut spare| spare.take()).unwrap_or_default();
        decoder.set_max_window_size(MOST_WINDOW);
        Zstd { source, decoder, in_frame: false, failure: None }
    }

    /// Begins the next frame. Returns whether there is one.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => {
                    self.in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                    if skipped < length.into() {
                        return Err(cut_off());
                    }
                }
                Err(error) => return Err(described(error)),
            }
        }
        Ok(false)
    }

    /// Decodes the next block of the frame. If it is damaged, the frame is ended, because the decoder keeps the last bytes
    /// of a frame back until then.
    fn decode(&mut self) {
        if let Err(error) = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1)) {
            self.failure = Some(described(error));
            let _ = self.decoder.decode_blocks(LAST_BLOCK.as_slice(), BlockDecodingStrategy::All);
        }
    }

    /// Ends a frame that was decoded and returned.
    fn end(&mut self) -> io::Result<()> {
        self.in_frame = false;
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let stored = self.decoder.get_checksum_from_data();
        if stored.is_some() && stored != self.decoder.get_calculated_checksum() {
            return Err(io::Error::new(ErrorKind::InvalidData, "the zstd data is damaged: its checksum differs"));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame {
                if !self.begin()? {
                    return Ok(0);
                }
            } else if self.decoder.can_collect() > 0 {
                return self.decoder.read(room);
            } else if self.decoder.is_finished() {
                self.end()?;
            } else if self.failure.is_some() {
                // The decoder could not even end the frame.
                self.end()?;
            } else {
                self.decode();
            }
        }
    }
}

fn cut_off() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the zstd data is cut off")
}

/// The failure of the decoder, or of what it reads from.
fn described(error: FrameDecoderError) -> io::Error {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(read) = inner.downcast_ref::<io::Error>() {
            return match read.kind() {
                ErrorKind::UnexpectedEof => cut_off(),
                kind => io::Error::new(kind, read.to_string()),
            };
        }
        cause = inner.source();
    }
    match error {
        FrameDecoderError::WindowSizeTooBig { requested, .. } => {
            let why = format!("the zstd data needs a window of {requested} bytes, more than {MOST_WINDOW}");
            io::Error::new(ErrorKind::InvalidData, why)
        }
        error => io::Error::new(ErrorKind::InvalidData, format!("the zstd data is damaged: {error}")),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// `printf 'hello hello hello hello\n' | zstd`, with a checksum.
    const HELLO: &[u8] = &[
        0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0x6D, 0x00, 0x00, 0x38, 0x68, 0x65, 0x6C, 0x6C, 0x6F, 0x20, 0x0A, 0x01,
        0x00, 0x99, 0x4B, 0x11, 0xA8, 0x7C, 0x2E, 0xA8,
    ];

    fn read(bytes: &[u8]) -> (Vec<u8>, io::Result<()>) {
        let (mut stream, _) = unpacked(Cursor::new(bytes.to_vec())).unwrap();
        let mut out = Vec::new();
        let ended = stream.read_to_end(&mut out).map(drop);
        (out, ended)
    }

    /// A frame of raw blocks, without a checksum.
    fn stored(parts: &[&[u8]]) -> Vec<u8> {
        // A window of 1 MB, so that the decoder keeps everything back until the end.
        let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50];
        for (at, part) in parts.iter().enumerate() {
            let header = ((part.len() as u32) << 3) | u32::from(at + 1 == parts.len());
            frame.extend_from_slice(&header.to_le_bytes()[..3]);
            frame.extend_from_slice(part);
        }
        frame
    }

    #[test]
    fn frames_follow_each_other_and_some_are_skipped() {
        let skipped: &[u8] = &[0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
        let bytes = [skipped, &stored(&[b"one ", b"two "]), skipped, &stored(&[b"three"]), skipped].concat();
        let (out, ended) = read(&bytes);
        assert_eq!((out.as_slice(), ended.is_ok()), (&b"one two three"[..], true));
        assert!(read(&[skipped, &skipped[..10]].concat()).1.unwrap_err().to_string().contains("cut off"));
    }

    #[test]
    fn what_is_before_damage_is_read() {
        let whole = stored(&[b"one ", b"two ", b"three"]);
        for cut in 7..whole.len() {
            let (out, ended) = read(&whole[..cut]);
            assert!(b"one two three".starts_with(&out[..]), "{cut}");
            assert_eq!(out.len(), [4 + 9, 8 + 12].iter().filter(|end| cut >= **end).count() * 4, "{cut}");
            assert_eq!(ended.unwrap_err().to_string(), "the zstd data is cut off", "{cut}");
        }
        let (out, ended) = read(&[&whole[..], b"more"].concat());
        assert_eq!(out, b"one two three");
        assert!(ended.unwrap_err().to_string().starts_with("the zstd data is damaged"));
    }

    #[test]
    fn checksums_are_verified() {
        assert_eq!(read(HELLO).0, b"hello hello hello hello\n");
        assert!(read(HELLO).1.is_ok());
        let mut wrong = HELLO.to_vec();
        *wrong.last_mut().unwrap() ^= 1;
        let (_, ended) = read(&wrong);
        assert!(ended.unwrap_err().to_string().contains("checksum"), "{wrong:?}");
    }

    /// Every byte of a frame changed in every bit: an error or other bytes, but no panic and no endless loop.
    #[test]
    fn damage_is_an_error_or_other_bytes() {
        for at in 0..HELLO.len() {
            for bit in 0..8 {
                let mut bytes = HELLO.to_vec();
                bytes[at] ^= 1 << bit;
                let _ = read(&bytes);
                // The decoder is used again, and knows nothing of the damage.
                assert_eq!(read(HELLO).0, b"hello hello hello hello\n", "{at} {bit}");
            }
            assert!(read(&HELLO[..at]).0.len() <= 24);
        }
    }
}
