//! Pages of cases: Markdown files in which a heading with an order below it is a test. `tests/README.md` has the format.
#![allow(dead_code, reason = "each test program uses what it needs")]

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A page of a folder below `tests/`.
pub(crate) struct Page {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its file name without the ending.
    pub(crate) name: String,
    /// Its first heading.
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) cases: Vec<Case>,
}

/// A heading with orders, a reason and a verdict below it.
pub(crate) struct Case {
    /// How it is called: folder, page, and heading without its title if it is not the page's own.
    pub(crate) name: String,
    pub(crate) heading: String,
    /// What is written between the heading and the first order.
    pub(crate) why: String,
    /// The orders, which share the verdict; each ends with a line end.
    pub(crate) orders: Vec<String>,
    /// The text of the verdict's block, or nothing if there is no such block yet.
    pub(crate) verdict: Option<String>,
    /// What is replaced when the verdict is rewritten: the text within its block, or the place for the block.
    at: Range<usize>,
}

const ORDER: &str = "```json\n";
const VERDICT: &str = "```text\n";
const END: &str = "```\n";

impl Page {
    /// Reads a page of a folder.
    pub(crate) fn read(folder: &str, path: &Path) -> Page {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut page = Page { path: path.to_owned(), title: String::new(), cases: Vec::new(), text, name };
        page.parse(folder).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        page
    }

    fn parse(&mut self, folder: &str) -> Result<(), String> {
        let mut names = BTreeSet::new();
        let mut sections: Vec<Section> = Vec::new();
        let mut block: Option<(&str, Range<usize>)> = None;
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let range = at..at + line.len();
            at = range.end;
            block = match block {
                Some((kind, content)) if line == END => {
                    let section = sections.last_mut().ok_or("a block before the first heading")?;
                    section
                        .add(kind, content, range.end)
                        .map_err(|problem| format!("{}: {problem}", section.heading))?;
                    None
                }
                Some((kind, content)) => Some((kind, content.start..range.end)),
                None if line.starts_with("```") => Some((line, range.end..range.end)),
                None => {
                    if let Some(heading) = line.strip_prefix('#') {
                        sections.push(Section::new(heading.trim_start_matches('#').trim()));
                    } else if let Some(section) = sections.last_mut() {
                        section.prose(line);
                    }
                    None
                }
            };
        }
        if block.is_some() {
            return Err("the last block does not end".to_owned());
        }
        self.title = sections.first().map(|section| section.heading.clone()).ok_or("no heading")?;
        for (index, section) in sections.into_iter().enumerate().filter(|(_, section)| section.end > 0) {
            let own = if index == 0 { String::new() } else { format!("::{}", slugs(&section.heading)) };
            let name = format!("{folder}::{}{own}", self.name);
            if !names.insert(name.clone()) {
                return Err(format!("{name} is there twice"));
            }
            self.cases.push(section.case(name, &self.text));
        }
        Ok(())
    }

    /// The text of the page with other verdicts, one for each case.
    pub(crate) fn with_verdicts(&self, verdicts: &[String]) -> String {
        let mut text = self.text.clone();
        for (case, verdict) in self.cases.iter().zip(verdicts).rev() {
            let block = format!("\n{VERDICT}{verdict}{END}");
            text.replace_range(case.at.clone(), if case.verdict.is_some() { verdict } else { &block });
        }
        text
    }
}

/// A heading and what is below it, while a page is read.
struct Section {
    heading: String,
    why: String,
    orders: Vec<Range<usize>>,
    verdict: Option<Range<usize>>,
    /// Where its last block ends.
    end: usize,
}

impl Section {
    fn new(heading: &str) -> Section {
        Section { heading: heading.to_owned(), why: String::new(), orders: Vec::new(), verdict: None, end: 0 }
    }

    fn prose(&mut self, line: &str) {
        if self.end == 0 {
            self.why += line;
        }
    }

    fn add(&mut self, kind: &str, content: Range<usize>, end: usize) -> Result<(), &'static str> {
        self.end = end;
        match kind {
            ORDER if self.verdict.is_none() => self.orders.push(content),
            VERDICT if self.verdict.is_none() && !self.orders.is_empty() => self.verdict = Some(content),
            ORDER | VERDICT => return Err("orders are followed by one verdict"),
            _ => return Err("a block is `json` for an order or `text` for a verdict"),
        }
        Ok(())
    }

    fn case(self, name: String, text: &str) -> Case {
        let read = |range: &Range<usize>| text[range.clone()].to_owned();
        Case {
            name,
            why: self.why.trim().to_owned(),
            orders: self.orders.iter().map(read).collect(),
            verdict: self.verdict.as_ref().map(read),
            at: self.verdict.unwrap_or(self.end..self.end),
            heading: self.heading,
        }
    }
}

/// A heading as the name of a test: `Breaks: line missing` is `breaks::line-missing`.
fn slugs(heading: &str) -> String {
    let parts = heading.splitn(2, ": ").map(|part| {
        let part = part.to_lowercase().replace(|letter: char| !letter.is_alphanumeric(), "-");
        part.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
    });
    parts.collect::<Vec<_>>().join("::")
}

/// All pages of a folder below `tests/`, by name.
pub(crate) fn pages(folder: &str) -> Vec<Page> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let files = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Page::read(folder, path)).collect()
}

/// The names and orders of all cases of the rules and the mistakes.
pub(crate) fn orders() -> impl Iterator<Item = (String, String)> {
    let cases = ["rules", "mistakes"].into_iter().flat_map(pages).flat_map(|page| page.cases);
    cases.flat_map(|case| case.orders.into_iter().map(move |order| (case.name.clone(), order)))
}
