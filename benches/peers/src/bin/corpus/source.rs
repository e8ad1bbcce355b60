//! Where orders come from: each source writes JSON in a way of its own, and always the same.

/// How a JSON string is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// Only what must be.
    Least,
    /// Everything beyond ASCII, as Python does.
    NonAscii,
    /// That and the slash, as PHP does.
    NonAsciiAndSlash,
}

/// What is written where an amount is unset.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    Zero,
    Null,
    Absent,
}

/// How an amount is written.
#[derive(Clone, Copy)]
pub struct Form {
    /// As a string.
    pub quoted: bool,
    /// With at least this many decimals.
    pub decimals: usize,
}

/// A source of orders.
pub struct Source {
    pub name: &'static str,
    /// What its references begin with.
    pub prefix: &'static str,
    /// How many of 100 orders are from it.
    pub share: u64,
    /// Blanks behind `,` and `:`.
    pub spaced: bool,
    pub escape: Escape,
    /// The form of `price` and `discount`.
    pub price: Form,
    /// The form of every other amount.
    pub amount: Form,
    pub quantity: Form,
    pub unset: Unset,
    /// Prices of more than two decimals.
    pub fine_prices: bool,
    /// Extended amounts with a tie rounded to the even cent.
    pub half_even: bool,
    /// Tax on the lines.
    pub taxes_lines: bool,
    /// `items` before the totals.
    pub items_first: bool,
}

const fn text(decimals: usize) -> Form {
    Form { quoted: true, decimals }
}

const fn number(decimals: usize) -> Form {
    Form { quoted: false, decimals }
}

/// The one orders of 19 digits come from: it writes numbers.
pub const OF_LARGE_AMOUNTS: &Source = &SOURCES[2];

pub const SOURCES: &[Source] = &[
    Source {
        name: "Shopify",
        prefix: "SH-",
        share: 30,
        spaced: false,
        escape: Escape::Least,
        price: text(2),
        amount: text(2),
        quantity: number(0),
        unset: Unset::Zero,
        fine_prices: false,
        half_even: false,
        taxes_lines: true,
        items_first: true,
    },
    Source {
        name: "WooCommerce",
        prefix: "WC-",
        share: 20,
        spaced: false,
        escape: Escape::NonAsciiAndSlash,
        price: text(4),
        amount: text(2),
        quantity: text(0),
        unset: Unset::Zero,
        fine_prices: false,
        half_even: false,
        taxes_lines: true,
        items_first: false,
    },
    Source {
        name: "Amazon",
        prefix: "AZ-",
        share: 20,
        spaced: false,
        escape: Escape::Least,
        price: number(0),
        amount: number(0),
        quantity: number(0),
        unset: Unset::Absent,
        fine_prices: false,
        half_even: false,
        taxes_lines: true,
        items_first: false,
    },
    Source {
        name: "Walmart",
        prefix: "WM-",
        share: 10,
        spaced: true,
        escape: Escape::NonAscii,
        price: number(1),
        amount: number(1),
        quantity: number(0),
        unset: Unset::Zero,
        fine_prices: true,
        half_even: false,
        taxes_lines: false,
        items_first: false,
    },
    Source {
        name: "EDI",
        prefix: "ED-",
        share: 10,
        spaced: true,
        escape: Escape::NonAscii,
        price: text(4),
        amount: text(2),
        quantity: text(0),
        unset: Unset::Null,
        fine_prices: true,
        half_even: true,
        taxes_lines: false,
        items_first: false,
    },
    Source {
        name: "Magento",
        prefix: "MG-",
        share: 10,
        spaced: false,
        escape: Escape::NonAsciiAndSlash,
        price: text(4),
        amount: number(0),
        quantity: number(0),
        unset: Unset::Null,
        fine_prices: true,
        half_even: true,
        taxes_lines: false,
        items_first: true,
    },
];
