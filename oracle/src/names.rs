//! The charge fields, and which names mean them (OC304).

/// The charge fields of the header, and those of a line, with their other names.
pub(crate) const HEADER_NAMES: [(&str, &[&str]); 6] = [
    ("sales_tax", &["tax", "total_tax", "tax_amount", "tax_total", "total_tax_cost"]),
    ("sub_total", &["subtotal", "sub_total_price", "subtotal_price", "subtotal_ex_tax"]),
    (
        "order_discount",
        &["discount", "total_discount", "total_discounts", "discount_total", "discount_amount", "discount_amt"],
    ),
    (
        "shipping_handling",
        &[
            "shipping",
            "shipping_cost",
            "shipping_total",
            "shipping_amount",
            "total_shipping",
            "total_shipping_cost",
            "shipping_cost_ex_tax",
            "shipping_fee",
        ],
    ),
    ("grand_total", &["total", "order_total", "grandtotal", "total_price", "total_inc_tax", "total_amount"]),
    ("balance", &[]),
];
pub(crate) const LINE_NAMES: [(&str, &[&str]); 7] = [
    ("quantity", &["qty", "qty_ordered", "quantity_ordered"]),
    ("price", &["unit_price", "price_ex_tax", "unit_price_paid"]),
    ("extended_amount", &["line_total", "row_total", "extended_price", "total_ex_tax"]),
    ("addl_discount", &["additional_discount"]),
    ("tax", &["sales_tax", "tax_amount", "total_tax", "line_tax"]),
    ("discount", &[]),
    ("shipping_surcharge", &[]),
];

/// Whether a name is another word for a field, or its own name with one wrong letter, ignoring letter case and dashes.
pub(crate) fn means(name: &str, field: &str, aliases: &[&str]) -> bool {
    let plain = |name: &str| -> Vec<char> {
        name.chars().filter(|char| !['-', '_'].contains(char)).map(|char| char.to_ascii_lowercase()).collect()
    };
    let name = plain(name);
    aliases.iter().any(|alias| plain(alias) == name) || steps(&name, &plain(field)) <= 1
}

/// The number of letters to add, leave out or replace to turn one word into another: Levenshtein's table.
pub(crate) fn steps(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, own) in from.iter().enumerate() {
        let mut next = vec![at + 1];
        for ((other, both), above) in to.iter().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            next.push((both + usize::from(own != other)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
