//! The counts of a run as OpenMetrics text, for the textfile collector of a monitoring system.

use std::fmt::Write as _;

use ordercharge::Rule;

use super::{Format, Run};
use crate::model::{Compared, Totals, Wants, descriptors};
use crate::output::{Stop, visible};

pub(super) struct Metrics;

impl Format for Metrics {
    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        let mut text = Text(String::new());
        text.family("ordercharge_orders", "Documents of the run by verdict.");
        let Totals { valid, invalid, unreadable, .. } = run.totals;
        for (verdict, count) in [("valid", valid), ("invalid", invalid), ("unreadable", unreadable)] {
            text.sample("ordercharge_orders", &[("verdict", verdict)], count);
        }
        text.one(
            "ordercharge_unchecked_orders",
            "Valid orders without a total that could be checked.",
            run.totals.unchecked,
        );
        text.one("ordercharge_repairable_orders", "Orders that fix --unsafe can repair.", run.totals.repairable);
        text.family("ordercharge_violations", "Violations of each rule.");
        for rule in Rule::ALL {
            let count = run.totals.violations.get(rule.code()).copied().unwrap_or_default();
            text.sample("ordercharge_violations", &[("rule", rule.code()), ("name", rule.name())], count);
        }
        text.family("ordercharge_findings", "Findings of each kind: a diagnosis of two mistakes counts at both.");
        let is_comparison = run.totals.compared.is_some();
        for known in descriptors().into_iter().filter(|known| (known.kind == "comparison") == is_comparison) {
            let count = run.gathered.names.get(known.id).copied().unwrap_or_default();
            text.sample("ordercharge_findings", &[("name", known.id), ("kind", known.kind)], count);
        }
        text.family("ordercharge_at_risk", "Money at risk by currency.");
        for (currency, sum) in &run.totals.at_risk {
            // A sum that cannot be held has no value.
            if let Some(sum) = sum {
                text.sample("ordercharge_at_risk", &[("currency", currency)], sum);
            }
        }
        self.mappings(&mut text, run.totals);
        if let Some(compared) = &run.totals.compared {
            self.compared(&mut text, compared);
        }
        self.accepted(&mut text, run.totals);
        text.one(
            "ordercharge_complete",
            "Whether everything was read and written to its end.",
            u8::from(run.totals.complete),
        );
        text.one("ordercharge_exit_status", "The exit status of the run.", run.totals.exit);
        text.0.push_str("# EOF\n");
        Ok(text.0)
    }

    fn wants(&self) -> Option<Wants> {
        Some(Wants::default())
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}

impl Metrics {
    fn accepted(&self, text: &mut Text, totals: &Totals) {
        let Totals { waivers, baseline, .. } = totals;
        if waivers.is_some() || baseline.is_some() {
            text.family("ordercharge_accepted_findings", "Findings that are accepted and not counted elsewhere.");
        }
        if let Some(waivers) = waivers {
            text.sample("ordercharge_accepted_findings", &[("by", "waivers")], waivers.findings);
        }
        if let Some(baseline) = baseline {
            text.sample("ordercharge_accepted_findings", &[("by", "baseline")], baseline.findings);
        }
        if let Some(waivers) = waivers {
            text.family("ordercharge_waivers", "Waivers that have expired, or that waive nothing in this run.");
            text.sample("ordercharge_waivers", &[("state", "expired")], waivers.expired.len());
            if let Some(unused) = &waivers.unused {
                text.sample("ordercharge_waivers", &[("state", "unused")], unused.len());
            }
        }
        if let Some(gone) = baseline.as_ref().and_then(|baseline| baseline.gone) {
            text.one("ordercharge_gone_findings", "Findings of the baseline that are gone.", gone);
        }
    }

    fn mappings(&self, text: &mut Text, totals: &Totals) {
        text.family("ordercharge_mapping_orders", "Orders of each source with a broken order.");
        for mapping in &totals.mappings {
            let source = mapping.order_source.as_deref().unwrap_or_default();
            let states = [("all", mapping.orders), ("broken", mapping.broken), ("unexplained", mapping.unexplained)];
            for (state, count) in states {
                text.sample("ordercharge_mapping_orders", &[("order_source", source), ("state", state)], count);
            }
        }
        text.family("ordercharge_mapping_mistakes", "Broken orders that each mistake of a mapping explains.");
        for mapping in &totals.mappings {
            let source = mapping.order_source.as_deref().unwrap_or_default();
            for mistake in &mapping.mistakes {
                let labels = [("order_source", source), ("mistake", mistake.name.as_str())];
                text.sample("ordercharge_mapping_mistakes", &labels, mistake.explained);
            }
        }
    }
}

impl Metrics {
    fn compared(&self, text: &mut Text, compared: &Compared) {
        text.family("ordercharge_comparisons", "Comparisons of the run by verdict.");
        for (verdict, count) in compared.counts() {
            text.sample("ordercharge_comparisons", &[("verdict", verdict)], count);
        }
        text.family("ordercharge_wrong_fields", "Orders in which a field differs from the cart's order.");
        for field in &compared.fields {
            text.sample("ordercharge_wrong_fields", &[("field", &field.field)], field.orders);
        }
    }
}

struct Text(String);

impl Text {
    fn family(&mut self, name: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = write!(self.0, "# TYPE {name} gauge\n# HELP {name} {help}\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let label = |(name, value): &(&str, &str)| format!("{name}=\"{}\"", escaped(value));
        let labels: Vec<String> = labels.iter().map(label).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, help);
        self.sample(name, &[], value);
    }
}

/// The value of a label: backslashes, quotes and line ends are escaped.
fn escaped(value: &str) -> String {
    visible(value).replace('\\', "\\\\").replace('"', "\\\"")
}
