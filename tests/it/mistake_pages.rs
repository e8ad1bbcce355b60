//! What the table of mistakes says is written down in `docs/mistakes.md`, and what is diagnosed of each mistake's example in
//! `tests/mistakes`: both pages are derived, and compared.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use ordercharge::{Mistake, Policy, Report};

use crate::util::{compare, order, path};

/// The page of all mistakes.
fn page() -> String {
    let mut page = String::from(
        "# The mistakes\n\n\
         What a mapping or a program does to a right order, mistake by mistake: what happened, what is wrong then, what to\n\
         change, and an order that shows it. A name is stable for ever. `ordercharge check` names the mistakes that explain\n\
         an order, `ordercharge generate --fault NAME` makes orders that have one, and `ordercharge fix --prefer NAME`\n\
         chooses one where the figures of an order cannot. [diagnosis.md](diagnosis.md) says how they are found and ranked,\n\
         and how well.\n\n\
         | mistake | what is wrong |\n| --- | --- |\n",
    );
    for mistake in Mistake::ALL {
        writeln!(page, "| [`{mistake}`](#{mistake}) | {} |", mistake.what()).unwrap();
    }
    for mistake in Mistake::ALL {
        write!(page, "\n{}", mistake.markdown()).unwrap();
    }
    page
}

#[test]
fn the_page_of_mistakes_is_the_table() {
    if let Err(difference) = compare(&path("docs/mistakes.md"), &page()) {
        panic!("\n{difference}\n");
    }
}

/// What is diagnosed of an order, and what would be written.
fn verdict(report: &Report) -> String {
    let mut text = String::new();
    for violation in &report.violations {
        writeln!(text, "{violation}").unwrap();
    }
    for diagnosis in &report.diagnoses {
        let certainty = if diagnosis.partial { "partial" } else { diagnosis.certainty.name() };
        writeln!(text, "{}. {} ({certainty}): {diagnosis}", diagnosis.rank, diagnosis.names()).unwrap();
    }
    match &report.repair {
        None => writeln!(text, "nothing to repair").unwrap(),
        Some(repair) => {
            if let Some(withheld) = repair.withheld {
                writeln!(text, "repair withheld: {withheld}").unwrap();
            }
            for edit in &repair.edits {
                writeln!(text, "repair: {edit}").unwrap();
            }
        }
    }
    text
}

/// The page of one mistake.
fn case_page(mistake: Mistake) -> String {
    let example = mistake.example().unwrap_or_else(|| panic!("{mistake} has no example"));
    let report = order(&example).check(&Policy::default());
    format!("# {mistake}\n\n{}\n\n```json\n{example}\n```\n\n```text\n{}```\n", mistake.explanation(), verdict(&report))
}

#[test]
fn each_mistake_has_a_page_with_the_diagnosis_of_its_example() {
    let mut differences = Vec::new();
    for mistake in Mistake::ALL {
        let page = path(&format!("tests/mistakes/{mistake}.md"));
        differences.extend(compare(&page, &case_page(*mistake)).err());
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
    let names: BTreeSet<String> = Mistake::ALL.iter().map(|mistake| format!("{mistake}.md")).collect();
    let files = fs::read_dir(path("tests/mistakes")).unwrap();
    let known: BTreeSet<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(known, names, "a page for each mistake, and no other");
}

#[test]
fn names_are_read_back_and_unknown_ones_get_a_suggestion() {
    let mut names = BTreeSet::new();
    for mistake in Mistake::ALL {
        assert_eq!(mistake.name().parse(), Ok(*mistake));
        assert!(names.insert(mistake.name()), "{mistake} is there twice");
        assert!(mistake.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{mistake}");
        assert!(
            !mistake.what().ends_with('.') && !mistake.remedy().ends_with('.'),
            "{mistake}: clauses have no full stop"
        );
        assert!(mistake.explanation().ends_with('.'), "{mistake}: sentences have one");
    }
    let error = "price-is-line".parse::<Mistake>().unwrap_err();
    assert_eq!(error.to_string(), "no mistake is called \"price-is-line\": did you mean price-is-line-total?");
}
