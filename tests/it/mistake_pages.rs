//! What the table of mistakes says is written down in `docs/mistakes.md`. The page is derived, and compared.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ordercharge::Mistake;

use crate::util::{compare, path};

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
