//! The mistakes that `--prefer` can choose for an order whose repair is withheld.

use std::collections::BTreeSet;

use ordercharge::{Diagnosis, Mistake, MistakeAt, Order, Policy, RepairOptions, Report, Withheld, repair};

/// The mistakes of the first rank for which `fix --unsafe --prefer` writes something. Each is tried, because a mistake that
/// all diagnoses of the first rank have does not choose between them, and a partial diagnosis is never written.
pub(crate) fn choices(order: &Order, report: &Report, policy: &Policy, options: &RepairOptions) -> Vec<Mistake> {
    let first = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first());
    let mistakes: BTreeSet<Mistake> =
        first.flat_map(|diagnosis| &diagnosis.mistakes).map(|made| made.mistake).collect();
    let is_written = |mistake: &Mistake| {
        let mut options = options.clone();
        options.prefer = vec![*mistake];
        repair(order, policy, &options).is_some_and(|repair| !repair.edits.is_empty())
    };
    mistakes.into_iter().filter(is_written).collect()
}

/// Whether `--prefer` may choose something for an order, judged by its report only. `choices` tries it.
pub(crate) fn may_choose(report: &Report, withheld: Withheld) -> bool {
    let mut first = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first());
    match withheld {
        Withheld::SharedRank => {
            let all: Vec<_> = first.collect();
            let has = |diagnosis: &Diagnosis, mistake| diagnosis.mistakes.iter().any(|made| made.mistake == mistake);
            let chooses = |made: &MistakeAt| all.iter().any(|other| !has(other, made.mistake));
            all.iter().any(|diagnosis| !diagnosis.partial && diagnosis.mistakes.iter().any(chooses))
        }
        Withheld::FreeAmount | Withheld::ThinEvidence => first.any(|diagnosis| !diagnosis.partial),
        _ => false,
    }
}

/// Why a repair is withheld, in words that do not promise a choice if there is none.
pub(crate) fn reason(withheld: Withheld, is_choice: bool) -> &'static str {
    match withheld {
        Withheld::SharedRank if !is_choice => {
            "several diagnoses fit equally well, and --prefer cannot choose between them"
        }
        Withheld::ThinEvidence if !is_choice => "the evidence for the diagnosis is weak",
        Withheld::FreeAmount if !is_choice => "an amount is in no field of the order",
        withheld => withheld.name(),
    }
}
