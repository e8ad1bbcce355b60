//! Any bytes: nothing panics, every span slices back to its value, and a stream gives the same records in pieces.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use ordercharge::{Charge, Documents, Policy, Reader};

fuzz_target!(|bytes: &[u8]| {
    let mut told = Vec::new();
    for record in Documents::new(bytes) {
        if let Ok(document) = &record.document {
            let report = document.check(&Policy::default());
            for violation in &report.violations {
                let span = violation.span.expect("read from a text");
                let slice = &bytes[span.start.offset as usize..span.end as usize];
                if let Some(stated) = violation.stated {
                    let text: String = match slice.first() {
                        Some(b'"') => serde_json::from_slice(slice).expect("a string"),
                        _ => String::from_utf8(slice.to_vec()).expect("a number"),
                    };
                    assert_eq!(Charge::from_text(&text).amount(), Some(stated));
                }
            }
            let json = serde_json::to_string(&report).expect("reports are plain data");
            assert_eq!(serde_json::from_str::<ordercharge::Report>(&json).expect("and read back"), report);
        }
        told.push(format!("{record:?}"));
    }
    let size = usize::from(*bytes.first().unwrap_or(&0) % 16) + 1;
    let pieces: Box<dyn Read> = bytes
        .chunks(size)
        .take(64)
        .fold(Box::new(std::io::empty()) as Box<dyn Read>, |before, piece| Box::new(before.chain(piece)));
    let rest = bytes.get(64 * size..).unwrap_or_default();
    let mut reader = Reader::new(pieces.chain(rest));
    let mut again = Vec::new();
    while let Some(record) = reader.next_record().expect("memory does not fail") {
        again.push(format!("{record:?}"));
    }
    assert_eq!(again, told);
});
