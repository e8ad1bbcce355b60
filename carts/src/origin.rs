//! Where a table says that the right amounts of a field come from.

use std::collections::HashSet;

use crate::figures::Reading;
use crate::json::Node;
use crate::map::Mapped;
use crate::path::{Factor, Term, money_value};

fn add(reading: &Reading<'_, '_>, terms: &[Term], line: Node, nodes: &mut Vec<Node>) {
    for factor in terms.iter().filter_map(|term| term.product(reading.json, reading.line(line))).flatten() {
        if let Factor::Path(path) = factor {
            path.each(reading.json, reading.line(line), &mut |node| {
                nodes.push(money_value(reading.json, node).unwrap_or(node))
            });
        }
    }
}

impl Mapped {
    /// The places of the right amount of a field, of a line or of the order.
    pub(crate) fn places_of(&self, reading: &Reading<'_, '_>, field: &str, line: Option<Node>) -> Vec<Node> {
        let parts = reading.parts;
        let mut nodes = Vec::new();
        let mut of_lines = |terms: &[Term]| {
            self.charges.lines.iter().for_each(|own| add(reading, terms, own.node, &mut nodes));
            std::mem::take(&mut nodes)
        };
        let row: &[Term] = if self.figures.stand_in {
            &parts.rows
        } else if self.figures.row_was_unit {
            &parts.row_or
        } else {
            &parts.row
        };
        if field == "sub_total" {
            return of_lines(row);
        }
        if field == "order_discount" && self.figures.discount.is_zero() {
            return of_lines(&parts.off);
        }
        let terms: &[Term] = match field {
            "quantity" => &parts.quantity,
            "price" if !parts.unit.is_empty() => &parts.unit,
            "price" | "extended_amount" => row,
            "discount" => &parts.off,
            "tax" => &parts.tax,
            "sales_tax" => &parts.total_tax,
            "shipping_handling" if self.figures.shipping.is_zero() => &parts.fees,
            "shipping_handling" => &parts.shipping,
            "order_discount" => &parts.discount,
            "grand_total" => &parts.total,
            _ => &[],
        };
        add(reading, terms, line.unwrap_or(reading.order), &mut nodes);
        nodes
    }

    /// All places that the table uses.
    pub(crate) fn all_places(&self, reading: &Reading<'_, '_>) -> HashSet<Node> {
        const OF_LINES: [&str; 6] = ["quantity", "unit", "row", "row_or", "off", "tax"];
        let mut nodes = Vec::new();
        for (name, terms) in reading.parts.terms() {
            if OF_LINES.contains(&name) {
                self.charges.lines.iter().for_each(|line| add(reading, terms, line.node, &mut nodes));
            } else {
                add(reading, terms, reading.order, &mut nodes);
            }
        }
        nodes.into_iter().collect()
    }
}
