//! CSV of any bytes: nothing panics, every order that is made of rows is JSON, the same in pieces of any size, and every
//! finding is within the file.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../cli/src/names.rs"]
#[allow(dead_code, reason = "what only the command needs")]
mod names;
/// A stand-in for what the messages of the reader use of the output.
mod output {
    pub(crate) fn brief(text: &str) -> String {
        text.chars().take(300).collect()
    }
}

/// The reader is a part of the command, which is not a library.
#[path = "../../cli/src/input"]
#[allow(dead_code, reason = "what only the command needs")]
mod input {
    mod csv;

    use std::io::{self, Cursor, Read};
    use std::ops::ControlFlow;
    use std::sync::Arc;

    use ordercharge::Position;
    use ordercharge::bulk::{Bulk, Finding, Inspected, Task};

    use csv::{Csv, Setting, Settings};

    pub(crate) type Stream = Box<dyn Read + Send>;

    const MOST_NAMES: usize = 8;

    fn column(name: &str) -> String {
        crate::output::brief(name)
    }

    /// The reader of a source, and the orders of a source as JSON.
    fn orders(stream: Stream, delimiter: u8, settings: &Arc<Settings>) -> (Csv, io::Result<String>) {
        const LIMIT: usize = 4000;
        let (csv, mut text) = (Csv::default(), String::new());
        let read = csv.orders(stream, delimiter, LIMIT, settings);
        let read = read.and_then(|mut stream| stream.read_to_string(&mut text));
        (csv, read.map(|_| text))
    }

    /// Gives a few bytes at a time.
    struct Slow(Cursor<Vec<u8>>, usize);

    impl Read for Slow {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(room.len());
            self.0.read(&mut room[..most])
        }
    }

    struct Within<'a>(&'a Csv, &'a [u8]);

    impl Within<'_> {
        fn contains(&self, start: Position, end: u64) {
            assert!(start.offset <= end && end as usize <= self.1.len());
            let before = &self.1[..start.offset as usize];
            assert_eq!(start.line, 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64);
        }
    }

    impl Task for Within<'_> {
        type Part = ();

        fn found(&self, (): &mut (), found: Finding<'_>) {
            let mut room = Vec::new();
            match self.0.translated(found, &mut room).0.outcome {
                Inspected::Checked(document, report) => {
                    assert!(!document.text().starts_with(b"{\"csv rows"), "the rows are not a part of the order");
                    for span in report.violations.iter().filter_map(|violation| violation.span) {
                        self.contains(span.start, span.end);
                    }
                }
                Inspected::Unreadable(error) => {
                    if let Some(at) = error.position() {
                        assert!(at.offset as usize <= self.1.len());
                    }
                }
                _ => {}
            }
        }
    }

    /// Tries one file: the first byte chooses the settings.
    pub(crate) fn run(bytes: &[u8]) {
        let Some((first, text)) = bytes.split_first() else { return };
        let all =
            ["layout=vertical", "layout=horizontal", "line=ship_city", "header=false", "delimiter=;", "price=Price"];
        let chosen: Vec<Setting> = all
            .iter()
            .zip(0..)
            .filter(|(_, bit)| first >> bit & 1 == 1)
            .filter_map(|(setting, _)| Setting::parse(setting).ok())
            .collect();
        let settings = Arc::new(Settings::new(&chosen));
        let Some(delimiter) = csv::delimiter(text, true, &settings) else { return };
        let (csv, whole) = orders(Box::new(Cursor::new(text.to_vec())), delimiter, &settings);
        let slow = Slow(Cursor::new(text.to_vec()), 1 + usize::from(first >> 6) * 13);
        let (_, pieces) = orders(Box::new(slow), delimiter, &settings);
        assert_eq!(whole.as_ref().ok(), pieces.as_ref().ok(), "the same in pieces");
        let Ok(json) = whole else { return };
        for line in json.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert!(value.is_object() || line == "[0]", "{line}");
        }
        let bulk = Bulk { every: true, ..Bulk::default() };
        bulk.run([Ok(json.as_bytes())], &Within(&csv, text), |_| ControlFlow::Continue(()));
    }
}

fuzz_target!(|bytes: &[u8]| input::run(bytes));
