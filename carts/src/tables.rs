//! The tables that come with the crate.

use std::sync::LazyLock;

use crate::detect::Detector;
use crate::nearest::nearest;
use crate::table::Cart;

/// The tables: the name of the file, and its text.
pub(crate) const TABLES: &[(&str, &str)] = &[
    ("shopify.toml", include_str!("../tables/shopify.toml")),
    ("woocommerce.toml", include_str!("../tables/woocommerce.toml")),
    ("amazon.toml", include_str!("../tables/amazon.toml")),
    ("magento.toml", include_str!("../tables/magento.toml")),
    ("magento-cart.toml", include_str!("../tables/magento-cart.toml")),
    ("magento-graphql.toml", include_str!("../tables/magento-graphql.toml")),
    ("bigcommerce.toml", include_str!("../tables/bigcommerce.toml")),
    ("ebay.toml", include_str!("../tables/ebay.toml")),
    ("walmart.toml", include_str!("../tables/walmart.toml")),
    ("etsy.toml", include_str!("../tables/etsy.toml")),
    ("ecwid.toml", include_str!("../tables/ecwid.toml")),
    ("squarespace.toml", include_str!("../tables/squarespace.toml")),
    ("tiktok.toml", include_str!("../tables/tiktok.toml")),
];

/// The tables, read once. A test reads each of them, so that none is left out here.
pub(crate) fn built_in() -> &'static [Cart] {
    static CARTS: LazyLock<Vec<Cart>> =
        LazyLock::new(|| TABLES.iter().filter_map(|(file, text)| Cart::from_toml(file, text).ok()).collect());
    &CARTS
}

/// Recognises the carts of the tables.
pub(crate) fn detector() -> &'static Detector {
    static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(built_in()));
    &DETECTOR
}

impl Cart {
    /// The carts with a built-in table.
    pub fn all() -> &'static [Cart] {
        built_in()
    }

    /// The built-in table with a name.
    pub fn named(name: &str) -> Option<&'static Cart> {
        built_in().iter().find(|cart| cart.name == name)
    }

    /// The name of a built-in table that is similar to a name that none has.
    pub fn near(name: &str) -> Option<&'static str> {
        nearest(name, built_in().iter().map(Cart::name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_read_under_the_name_of_its_file() {
        for (file, text) in TABLES {
            let cart = Cart::from_toml(file, text).map_err(|error| error.to_string());
            assert_eq!(cart.map(|cart| format!("{}.toml", cart.name)), Ok((*file).to_owned()));
        }
        assert_eq!(built_in().len(), TABLES.len());
    }

    /// The library knows the names that carts have for the charges of the header (OC304), without these tables: they hold it to that.
    #[test]
    fn the_library_knows_the_names_of_the_tables() {
        // Not this one: in orders, which have `grand_total` too, it is in another currency.
        const OTHER: &str = "base_grand_total";
        let mut known = Vec::new();
        for cart in built_in() {
            let parts = &cart.parts;
            let fields = [
                ("grand_total", &parts.total),
                ("sales_tax", &parts.total_tax),
                ("shipping_handling", &parts.shipping),
            ];
            for (field, terms) in fields {
                // The first name; a sum of several figures has none, but for gift cards.
                let own = terms.iter().filter(|term| !term.text.contains("gift")).collect::<Vec<_>>();
                let [term] = own.as_slice() else { continue };
                let Some(path) = term.paths().next().filter(|path| path.is_short()) else { continue };
                let Some(name) = path.name_at(0).filter(|name| ![field, OTHER].contains(name)) else { continue };
                let text = format!(r#"{{"items":[{{"quantity":1,"price":"1.00"}}],"{name}":"1.00"}}"#);
                let document = ordercharge::Document::from_json(text.as_bytes());
                let report = document.map(|document| document.check(&ordercharge::Policy::default()).to_string());
                let report = report.map_err(|error| error.to_string()).unwrap_or_else(|error| error);
                assert!(
                    report.contains("OC304") && report.contains(field),
                    "{}: {name} as {field}: {report}",
                    cart.name
                );
                known.push(name);
            }
        }
        assert!(known.len() >= 15, "{known:?}");
    }
}
