//! Any bytes, cut anywhere: a stream in pieces has the records of the whole text, and one that fails on the way those
//! that were whole before.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use ordercharge::{Documents, Reader};
use ordercharge_fuzz::Pieces;

fuzz_target!(|bytes: &[u8]| {
    let seed = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let read: Vec<String> = Documents::new(bytes).map(|record| format!("{record:?}")).collect();
    for seed in [seed, seed.rotate_left(32)] {
        let (again, failed) = records(Pieces::new(bytes, seed));
        assert!(!failed);
        assert_eq!(again, read);
    }
    let part = &bytes[..(seed >> 16) as usize % (bytes.len() + 1)];
    let (before, failed) = records(Pieces::new(part, seed).failing());
    assert!(failed, "the error of its source is lost");
    assert!(read.starts_with(&before), "{before:?}\nare not the first of\n{read:?}");
    // Of those that are in the part, only the last may not be known to be whole.
    let whole =
        Documents::new(part).map(|record| format!("{record:?}")).zip(&read).take_while(|(a, b)| a == *b).count();
    assert!(before.len() + 1 >= whole, "{before:?}\nlack some of {whole} of\n{read:?}");
    keeps_the_orders_after(part);
    keeps_the_orders_after(bytes);
});

/// Whatever is before them, cut off or not: orders on lines of their own are each found once.
fn keeps_the_orders_after(part: &[u8]) {
    let names = ["first good one", "second good one", "third good one"];
    for comma in ["", ","] {
        let lines: String = names
            .iter()
            .map(|name| format!("\n{{\"cust_ref\":\"{name}\",\"items\":[{{\"quantity\":1,\"price\":5}}]}}{comma}"))
            .collect();
        let text = [part, lines.as_bytes(), b"\n"].concat();
        let found: Vec<String> = Documents::new(&text)
            .filter_map(|record| record.document.ok()?.order().cust_ref.clone())
            .filter(|name| names.contains(&name.as_str()))
            .collect();
        assert_eq!(found, names, "after {:?}", String::from_utf8_lossy(part));
    }
}

fn records(source: impl Read) -> (Vec<String>, bool) {
    let mut reader = Reader::new(source);
    let mut read = Vec::new();
    loop {
        match reader.next_record() {
            Ok(Some(record)) => read.push(format!("{record:?}")),
            Ok(None) => return (read, false),
            Err(_) => return (read, true),
        }
    }
}
