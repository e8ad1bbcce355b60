//! The tables that come with the crate.

use std::sync::LazyLock;

use crate::table::{Cart, nearest};

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
}
