//! `docs/carts.md` is derived from the tables and the rules.

use std::fs;
use std::path::Path;

use ordercharge_carts::{Cart, CartRule};

#[test]
fn the_page_of_the_carts_is_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/carts.md");
    let page = fs::read_to_string(&path).unwrap_or_default();
    let mark = "<!-- Derived from carts/tables and carts/src/rules.rs: `just bless` writes what follows. -->\n";
    let written = page.split(mark).next().unwrap_or_default();
    let carts = Cart::all().iter().map(Cart::markdown).collect::<Vec<_>>().join("\n");
    let rules = CartRule::all().map(CartRule::markdown).collect::<Vec<_>>().join("\n");
    let expected = format!("{written}{mark}\n## The findings\n\n{rules}\n## The carts\n\n{carts}");
    if std::env::var_os("ORDERCHARGE_BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
    } else {
        assert!(page == expected, "docs/carts.md differs from the tables; ORDERCHARGE_BLESS=1 writes it");
    }
}

#[test]
fn rules_have_codes_in_their_order() {
    let codes: Vec<&str> = CartRule::all().map(CartRule::code).collect();
    assert_eq!(codes, ["OC401", "OC402", "OC403", "OC404", "OC405", "OC406", "OC407"]);
    for rule in CartRule::all() {
        assert_eq!((rule.code().parse(), rule.name().parse()), (Ok(rule), Ok(rule)));
    }
}
