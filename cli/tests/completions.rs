//! What a shell offers, and commands that a build does not have.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use ordercharge::{Mistake, Rule};
use util::{Folder, RIGHT};

mod util;

/// The names that a completion script offers where the text before them ends with `after`.
fn offered(script: &str, after: &str) -> Vec<String> {
    let part = script.split(after).nth(1).unwrap_or_else(|| panic!("{after} is missing"));
    let list = part.split("compgen -W \"").nth(1).unwrap().split('"').next().unwrap();
    list.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn completions_offer_rules_and_mistakes() {
    let folder = Folder::new("completions");
    let bash = folder.run("completions bash").out;
    let of = |command: &str, option: &str| {
        let of_command = bash.split_once(&format!("\n        ordercharge__subcmd__{command})")).unwrap().1;
        offered(of_command, &format!("\n                --{option})"))
    };
    for rule in Rule::ALL {
        for option in ["select", "ignore"] {
            let offered = of("check", option);
            assert!(offered.contains(&rule.code().to_owned()) && offered.contains(&rule.name().to_owned()), "{rule}");
        }
        assert!(of("check", "severity").contains(&format!("{}=off", rule.code())));
    }
    for mistake in Mistake::ALL {
        assert!(of("fix", "prefer").contains(&mistake.name().to_owned()));
        assert!(of("generate", "fault").contains(&mistake.name().to_owned()));
        for shell in ["bash", "zsh", "fish"] {
            assert!(folder.run(&format!("completions {shell}")).out.contains(mistake.name()), "{shell}");
        }
    }
    // What is offered is taken, and the beginning of a code still is.
    let all = |option: &str| of("check", option).join(",");
    let args = format!("check --no-config -q --select OC1,oc105,{} --severity {}", all("select"), all("severity"));
    assert_eq!(folder.pipe(&args, RIGHT).status, 2, "the last severity of each rule is off");
    let args = format!("check --no-config -q --select OC1,oc105,{}", all("select"));
    assert_eq!(folder.pipe(&args, RIGHT).status, 0);
    assert_eq!(of("check", "tolerance").len(), 5);
    let args = format!("check --no-config -q --tolerance {}", all("tolerance"));
    assert_eq!(folder.pipe(&args, RIGHT).status, 0);
    for command in ["check", "compare", "report"] {
        assert!(of(command, "report").contains(&"html=report.html".to_owned()), "{command}");
    }
    for report in of("check", "report") {
        assert_eq!(folder.pipe(&format!("check --no-config -q --report {report}"), RIGHT).status, 0, "{report}");
        assert!(folder.0.join(report.split_once('=').unwrap().1).exists(), "{report}");
    }
    for fault in of("generate", "fault").iter().filter(|fault| fault.starts_with(['a', 'n', 'O'])) {
        assert_eq!(folder.run(&format!("generate --count 1 --fault {fault}")).status, 0, "{fault}");
    }
    let subjects = bash.split_once("opts=\"-q -h -V --all --format").unwrap().1.lines().next().unwrap();
    let is_name = |word: &&str| !word.is_empty() && !word.starts_with('-') && !word.contains(['[', '=', '<']);
    let subjects: Vec<&str> = subjects.split([' ', '"']).filter(is_name).collect();
    assert!(subjects.contains(&"shopify") && subjects.contains(&"OC105") && subjects.contains(&"price-is-line-total"));
    assert_eq!(folder.run(&format!("explain {}", subjects.join(" "))).status, 0);
}

#[cfg(not(feature = "submit"))]
#[test]
fn a_command_that_is_not_built_says_what_to_do() {
    let folder = Folder::new("not-built");
    for args in ["submit", "submit --yes orders.json", "reconcile day.journal", "help submit", "man submit"] {
        let ran = folder.run(args);
        assert_eq!((ran.status, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{args}: {}", ran.whole());
        assert!(ran.err.contains("`cargo install --path cli --features submit`"), "{args}: {}", ran.err);
    }
    assert!(folder.run("submt").err.contains("unrecognized subcommand"));
}
