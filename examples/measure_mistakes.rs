//! Measures the diagnosis on orders whose truth is known, and the table on orders that its rows make.
//!
//! `cargo run --release --all-features --example measure_mistakes -- FILE...` reads lines of JSON with an `order`, its
//! `verdict`, the `right_orders` and what is `wrong` (`path`, `stated`, `right`), or the pages of public cases (`.md`).
//! Without a file it makes every mistake many times and prints the ranks of its diagnoses.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use ordercharge::mapping::Mappings;
use ordercharge::{Amount, Certainty, Diagnosis, Edit, Order, Place, Policy, RepairOptions, check, repair};
use serde_json::Value;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let detail = arguments.iter().any(|argument| argument == "--detail");
    let files: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    if files.is_empty() {
        rows();
        noise(detail);
        return Ok(ExitCode::SUCCESS);
    }
    let mut tally = Tally::default();
    let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
    for file in &files {
        let text = std::fs::read_to_string(file)?;
        for line in text.lines().filter(|line| line.starts_with('{')) {
            let case = Case::read(line)?;
            let shown = tally.add(&case);
            if !case.group.is_empty() {
                groups.entry(case.group.clone()).or_default().add(&case);
            }
            if detail {
                println!("{shown}");
            }
        }
    }
    for (name, tally) in &groups {
        println!("{name}: {tally}");
    }
    mappings(&files)?;
    println!("{tally}");
    Ok(ExitCode::SUCCESS)
}

/// What is wrong with the mapping of each source, and how many orders are repaired correctly with it.
fn mappings(files: &[&String]) -> Result<(), Box<dyn Error>> {
    let policy = Policy::default();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file)?;
        for line in text.lines().filter(|line| line.contains("\"order_source\"")) {
            cases.push(Case::read(line)?);
        }
    }
    let mut mappings = Mappings::default();
    for case in &cases {
        mappings.add(&case.order, &check(&case.order, &policy), &policy);
    }
    for mapping in mappings.summaries() {
        let source = mapping.order_source.as_deref();
        let mut options = RepairOptions::default();
        options.mapping = mappings.mistakes_of(source);
        let (mut right, mut wrong, mut wrong_total) = (0, 0, 0);
        for case in cases.iter().filter(|case| case.invalid && case.order.order_source.as_deref() == source) {
            let Some(repair) = repair(&case.order, &policy, &options).filter(|repair| !repair.edits.is_empty()) else {
                continue;
            };
            let fits = case.is_right(repair.edits.iter().map(|edit| (&edit.place, Some(edit.value))));
            right += u64::from(fits);
            wrong += u64::from(!fits);
            let total = repair.edits.iter().find(|edit| edit.place.name() == "grand_total");
            let known = |edit: &Edit| case.right.iter().any(|right| right.grand_total.amount() == Some(edit.value));
            wrong_total += u64::from(total.is_some_and(|edit| !known(edit)));
        }
        let names: Vec<String> = mapping
            .mistakes
            .iter()
            .map(|known| format!("{} {}/{}", known.mistake, known.explained, known.contradicted))
            .collect();
        println!(
            "{}: {} of {} broken, {}; unexplained {}; repaired {right} rightly, {wrong} wrongly, {wrong_total} totals",
            source.unwrap_or("-"),
            mapping.broken,
            mapping.orders,
            names.join(" + "),
            mapping.unexplained
        );
    }
    Ok(())
}

struct Case {
    name: String,
    group: String,
    order: Order,
    invalid: bool,
    right: Vec<Order>,
    wrong: Vec<Place>,
}

impl Case {
    fn read(line: &str) -> Result<Case, Box<dyn Error>> {
        let value: Value = serde_json::from_str(line)?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let order = |value: &Value| Order::from_json(value.to_string().as_bytes());
        let list = |name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let right: Result<Vec<Order>, _> = list("right_orders").iter().map(order).collect();
        let wrong = list("wrong");
        let paths = wrong.iter().filter_map(|wrong| wrong.get("path")?.as_str()?.parse().ok());
        let invalid = match value.get("broken") {
            Some(broken) => broken.as_bool() == Some(true),
            None => text("verdict") == "invalid",
        };
        Ok(Case {
            name: text("name"),
            group: text("mapping"),
            order: order(value.get("order").ok_or("a line without an order")?)?,
            invalid,
            right: right?,
            wrong: paths.collect(),
        })
    }

    /// Whether the order, with some edits made, is one of the right ones.
    fn is_right<'e>(&self, edits: impl Iterator<Item = (&'e Place, Option<Amount>)>) -> bool {
        let mut edited = amounts(&self.order);
        for (place, value) in edits {
            match value {
                Some(value) => drop(edited.insert(place.clone(), value)),
                None => return false,
            }
        }
        self.right.iter().any(|right| same(&edited, &amounts(right), &self.order))
    }

    fn is_good(&self, diagnosis: &Diagnosis) -> bool {
        let culprits = diagnosis.culprits.iter().map(|culprit| (&culprit.place, culprit.right));
        if self.is_right(culprits) {
            return true;
        }
        let blamed: Vec<&Place> = diagnosis.culprits.iter().map(|culprit| &culprit.place).collect();
        let same_set =
            |wrong: &[Place]| wrong.len() == blamed.len() && wrong.iter().all(|place| blamed.contains(&place));
        if self.right.is_empty() {
            return same_set(&self.wrong);
        }
        let stated = amounts(&self.order);
        self.right.iter().any(|right| {
            let right = amounts(right);
            let places: Vec<Place> = stated
                .keys()
                .chain(right.keys())
                .filter(|place| stated.get(*place) != right.get(*place))
                .cloned()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect();
            same_set(&places)
        })
    }
}

/// The amounts by place; 0 counts as unset if the definitions say so.
fn amounts(order: &Order) -> BTreeMap<Place, Amount> {
    let kept = ["sub_total", "grand_total", "extended_amount", "quantity", "price"];
    let known = order.charges().filter_map(|(place, charge)| Some((place, charge.amount()?)));
    known.filter(|(place, amount)| !amount.is_zero() || kept.contains(&place.name())).collect()
}

/// Whether two sets of amounts are equal, except those that the order leaves to be calculated.
fn same(one: &BTreeMap<Place, Amount>, two: &BTreeMap<Place, Amount>, order: &Order) -> bool {
    let counts = |place: &Place| place.name() != "extended_amount" || order.charge_at(place).amount().is_some();
    let of = |amounts: &BTreeMap<Place, Amount>| -> Vec<(Place, Amount)> {
        amounts
            .iter()
            .filter(|(place, amount)| {
                counts(place)
                    && !(amount.is_zero()
                        && ["tax", "discount", "addl_discount", "sales_tax", "shipping_handling", "order_discount"]
                            .contains(&place.name()))
            })
            .map(|(place, amount)| (place.clone(), *amount))
            .collect()
    };
    of(one) == of(two)
}

#[derive(Default)]
struct Tally {
    valid: u32,
    valid_diagnosed: u32,
    invalid: u32,
    first: u32,
    head: u32,
    among: u32,
    repaired: u32,
    harmful: u32,
    wrong_total: u32,
    withheld: u32,
    silent: u32,
    wrong_exact: u32,
}

impl Tally {
    fn add(&mut self, case: &Case) -> String {
        let report = check(&case.order, &Policy::default());
        if !case.invalid {
            self.valid += 1;
            self.valid_diagnosed += u32::from(!report.diagnoses.is_empty());
            return format!("{:40} valid {}", case.name, if report.diagnoses.is_empty() { "" } else { "DIAGNOSED" });
        }
        self.invalid += 1;
        let first: Vec<&Diagnosis> = report.diagnoses.iter().filter(|diagnosis| diagnosis.rank == 1).collect();
        let in_first = first.iter().any(|diagnosis| case.is_good(diagnosis));
        let among = report.diagnoses.iter().any(|diagnosis| case.is_good(diagnosis));
        self.first += u32::from(in_first);
        self.head += u32::from(first.first().is_some_and(|diagnosis| case.is_good(diagnosis)));
        self.among += u32::from(among);
        let wrong_exact = !in_first
            && first.first().is_some_and(|diagnosis| diagnosis.certainty == Certainty::Exact && !diagnosis.partial);
        self.wrong_exact += u32::from(wrong_exact);
        let edits: &[Edit] = report.repair.as_ref().map(|repair| repair.edits.as_slice()).unwrap_or_default();
        let outcome = if report.diagnoses.is_empty() && edits.is_empty() {
            self.silent += 1;
            "silent"
        } else if edits.is_empty() {
            self.withheld += 1;
            "withheld"
        } else if case.is_right(edits.iter().map(|edit| (&edit.place, Some(edit.value)))) {
            self.repaired += 1;
            "right"
        } else {
            self.harmful += 1;
            let total = edits.iter().find(|edit| edit.place.name() == "grand_total");
            let fits = |edit: &Edit| case.right.iter().any(|right| right.grand_total.amount() == Some(edit.value));
            self.wrong_total += u32::from(total.is_some_and(|edit| !fits(edit)));
            "HARMFUL"
        };
        let names = |diagnosis: &&Diagnosis| {
            let star = if case.is_good(diagnosis) { "*" } else { "" };
            format!(
                "{star}{} {}",
                diagnosis.names(),
                if diagnosis.partial { "partial" } else { diagnosis.certainty.name() }
            )
        };
        let shown: Vec<String> = first.iter().map(names).collect();
        let later: Vec<String> =
            report.diagnoses.iter().filter(|d| d.rank > 1 && case.is_good(d)).take(1).map(|d| names(&d)).collect();
        format!(
            "{:40} {:5} {outcome:9}{} {}{}",
            case.name,
            if in_first {
                "ok"
            } else if among {
                "among"
            } else {
                "-"
            },
            if wrong_exact { " WRONG-EXACT" } else { "" },
            shown.join(" | "),
            if later.is_empty() { String::new() } else { format!(" || later: {}", later.join("")) }
        )
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = |count: u32| {
            format!(
                "{count} ({}.{} %)",
                1000 * count / self.invalid.max(1) / 10,
                1000 * count / self.invalid.max(1) % 10
            )
        };
        write!(
            f,
            "invalid {}: first rank {}, head {}, among {}, repaired {}, harmful {} (wrong total {}), withheld {}, silent {}, wrong exact {}; valid {}, of them diagnosed {}",
            self.invalid,
            share(self.first),
            share(self.head),
            share(self.among),
            share(self.repaired),
            share(self.harmful),
            share(self.wrong_total),
            share(self.withheld),
            share(self.silent),
            share(self.wrong_exact),
            self.valid,
            self.valid_diagnosed
        )
    }
}

/// Makes every mistake, and prints the rank of its diagnosis.
fn rows() {
    use ordercharge::Mistake;
    use ordercharge::generate::{Choices, with_mistake};
    println!("| mistake | made | first rank | alone | undone | repaired rightly | repaired wrongly |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for mistake in Mistake::ALL {
        let (mut made, mut first, mut alone, mut undone, mut right, mut wrong) = (0, 0, 0, 0, 0, 0);
        for seed in 0..300 {
            let Some(faulty) = with_mistake(*mistake, &mut Choices::seeded(seed * 7919 + 13)) else { continue };
            made += 1;
            let report = check(&faulty.order, &Policy::default());
            let ranked: Vec<&Diagnosis> = report.diagnoses.iter().filter(|diagnosis| diagnosis.rank == 1).collect();
            let known = |diagnosis: &&&Diagnosis| {
                diagnosis.mistakes.len() == 1 && diagnosis.mistakes.iter().any(|made| made.mistake == *mistake)
            };
            let hit = ranked.iter().any(|diagnosis| known(&diagnosis));
            first += u32::from(hit);
            alone += u32::from(hit && ranked.len() == 1);
            let case = Case {
                name: String::new(),
                group: String::new(),
                order: faulty.order.clone(),
                invalid: true,
                right: vec![faulty.original.clone()],
                wrong: Vec::new(),
            };
            let restores = |diagnosis: &&Diagnosis| {
                case.is_right(diagnosis.culprits.iter().map(|culprit| (&culprit.place, culprit.right)))
            };
            if !hit && made - first <= 3 && std::env::var_os("SHOW").is_some() {
                println!("  order {}", serde_json::to_string(&faulty.order).unwrap_or_default());
                println!("  right {}", serde_json::to_string(&faulty.original).unwrap_or_default());
                for diagnosis in report.diagnoses.iter().take(4) {
                    println!("    {} {} {diagnosis}", diagnosis.rank, diagnosis.names());
                }
            }
            undone += u32::from(report.diagnoses.iter().any(|diagnosis| restores(&diagnosis)));
            if let Some(repair) = report.repair.as_ref().filter(|repair| !repair.edits.is_empty()) {
                let fits = case.is_right(repair.edits.iter().map(|edit| (&edit.place, Some(edit.value))));
                right += u32::from(fits);
                wrong += u32::from(!fits);
            }
        }
        println!("| `{mistake}` | {made} | {first} | {alone} | {undone} | {right} | {wrong} |");
    }
}

/// Right orders, which must not be diagnosed, and orders with one arbitrary wrong amount, which no diagnosis may claim to
/// explain exactly and wrongly.
fn noise(detail: bool) {
    use ordercharge::generate::{Choices, Params, consistent_order, plausible_order};
    use ordercharge::{Charge, Items};
    let (mut right, mut diagnosed) = (0, 0);
    let (mut wrong, mut exact, mut repaired) = (0, 0, 0);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = move |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    for seed in 0..20_000 {
        let choices = &mut Choices::seeded(seed);
        let order =
            if seed % 2 == 0 { plausible_order(choices) } else { consistent_order(&Params::default(), choices) };
        right += 1;
        diagnosed += u32::from(!check(&order, &Policy::default()).diagnoses.is_empty());
        let places: Vec<Place> =
            order.charges().filter(|(_, charge)| charge.amount().is_some()).map(|(place, _)| place).collect();
        let Some(place) = places.get(below(places.len().max(1) as u64) as usize) else { continue };
        let near = below(100) < 30;
        let units = 1 + i128::from(below(if near { 300 } else { 20_000 }));
        let stated = order.charge_at(place).amount().unwrap_or_default();
        let random = Amount::new(units, order.currency.decimals()).unwrap_or_default();
        let Some(value) = (if near { stated.checked_add(random) } else { Some(random) }) else { continue };
        let mut changed = order.clone();
        match (place, &mut changed.items) {
            (Place::LineField(at, field), Items::Lines(lines)) => {
                let Some(line) = lines.get_mut(*at) else { continue };
                let slot = match field.name() {
                    "price" => &mut line.price,
                    "discount" => &mut line.discount,
                    "quantity" => &mut line.quantity,
                    "tax" => &mut line.tax,
                    "addl_discount" => &mut line.addl_discount,
                    "extended_amount" => &mut line.extended_amount,
                    _ => continue,
                };
                *slot = Charge::Amount(value);
            }
            (Place::Field(field), _) => {
                let slot = match field.name() {
                    "sub_total" => &mut changed.sub_total,
                    "sales_tax" => &mut changed.sales_tax,
                    "shipping_handling" => &mut changed.shipping_handling,
                    "order_discount" => &mut changed.order_discount,
                    "grand_total" => &mut changed.grand_total,
                    _ => continue,
                };
                *slot = Charge::Amount(value);
            }
            _ => continue,
        }
        let report = check(&changed, &Policy::default());
        if !report.violations.iter().any(|violation| violation.rule.is_identity()) {
            continue;
        }
        wrong += 1;
        let case = Case {
            name: String::new(),
            group: String::new(),
            order: changed,
            invalid: true,
            right: vec![order],
            wrong: Vec::new(),
        };
        let first = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first());
        let claims = report
            .diagnoses
            .first()
            .is_some_and(|diagnosis| diagnosis.certainty == Certainty::Exact && !diagnosis.partial)
            && !first.clone().any(|diagnosis| case.is_good(diagnosis));
        exact += u32::from(claims);
        let edits = report.repair.as_ref().filter(|repair| !repair.edits.is_empty());
        let wrongly =
            edits.is_some_and(|repair| !case.is_right(repair.edits.iter().map(|edit| (&edit.place, Some(edit.value)))));
        repaired += u32::from(wrongly);
        if wrongly && detail {
            println!(
                "repaired wrongly at {place}: {}",
                first.clone().map(Diagnosis::names).collect::<Vec<_>>().join(" | ")
            );
        }
        if claims && detail {
            println!("  order {}", serde_json::to_string(&case.order).unwrap_or_default());
            println!("exact and wrong at {place}: {}", first.map(Diagnosis::names).collect::<Vec<_>>().join(" | "));
        }
    }
    println!("{right} right orders: {diagnosed} diagnosed");
    println!("{wrong} orders with one arbitrary wrong amount: {exact} exact and wrong, {repaired} repaired wrongly");
}
