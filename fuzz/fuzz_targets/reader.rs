//! Any bytes: nothing panics, and every position is correct: spans slice to their values, and lines and columns are those of
//! a slow count.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::{Charge, Documents, Policy, Position, Rule};

fuzz_target!(|bytes: &[u8]| {
    for (index, record) in Documents::new(bytes).enumerate() {
        assert_eq!(record.index, index as u64);
        is_there(record.position, bytes);
        let document = match record.document {
            Ok(document) => document,
            Err(error) => {
                let position = error.position().expect("read from a text");
                assert!(position.offset >= record.position.offset);
                is_there(position, bytes);
                assert!(!error.to_string().is_empty());
                continue;
            }
        };
        assert!(bytes[record.position.offset as usize..].starts_with(document.text()));
        assert!(document.text().starts_with(b"{") && document.text().ends_with(b"}"));
        let report = document.check(&Policy::default());
        let outline = document.outline();
        for violation in &report.violations {
            let span = violation.span.expect("read from a text");
            is_there(span.start, bytes);
            // They are found in a pass that ends when there is no more to find.
            let begin = record.position.offset as usize;
            let nearest = outline.nearest(&violation.place);
            assert_eq!(span.start.offset as usize..span.end as usize, begin + nearest.start..begin + nearest.end);
            let slice = &bytes[span.start.offset as usize..span.end as usize];
            if let Some(stated) = violation.stated() {
                let text: String = match slice.first() {
                    Some(b'"') => serde_json::from_slice(slice).expect("a string"),
                    _ => String::from_utf8(slice.to_vec()).expect("a number"),
                };
                let shown = Charge::from_text(&text).amount();
                // A misnamed amount may be followed by its name again without one: the last is shown.
                let is_gone = violation.rule == Rule::MisnamedField && shown.is_none();
                assert!(is_gone || shown == Some(stated), "{} is {shown:?}, not {stated}", violation.place);
            }
        }
    }
});

/// A byte order mark between documents takes no column.
fn is_there(position: Position, bytes: &[u8]) {
    let before = &bytes[..position.offset as usize];
    assert_eq!(position.line, 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64);
    let line = before.rsplit(|byte| *byte == b'\n').next().expect("at least one");
    let most = 1 + line.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
    let marks = line.windows(3).filter(|bytes| bytes == b"\xEF\xBB\xBF").count() as u64;
    assert!((most - marks..=most).contains(&position.column), "{position} is {most} with {marks} marks");
}
