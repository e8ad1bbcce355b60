//! Keys of JSON objects: which field a key is, and which field it seems to mean under another name.

use crate::order::{Field, Level};

/// The meaning of a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    Charge(Field),
    Items,
    CustRef,
    OrderSource,
    CurrencyCode,
    FilteredSku,
    /// Another name that seems to mean a charge field.
    Meant(Field),
    /// Another name that seems to mean `items`.
    ItemsElsewhere,
    Orders,
    Response,
    SuccessCode,
    ErrorCode,
    Other,
}

impl Key {
    /// Whether only an order has it, and not an object that wraps orders.
    pub(super) fn is_of_orders(self) -> bool {
        matches!(self, Key::Charge(_) | Key::Items | Key::CustRef)
    }
}

/// The meaning of a name in the header of an order or in a line.
pub(super) fn key(level: Level, name: &[u8]) -> Key {
    let key = match level {
        Level::Header => header_key(name),
        Level::Line => line_key(name),
    };
    match key {
        Key::Other if is_near(level, name) => core::str::from_utf8(name).map_or(Key::Other, |name| meant(level, name)),
        known => known,
    }
}

/// A name in the header of an order, or in an object that wraps orders.
pub(super) fn header_key(name: &[u8]) -> Key {
    match name {
        b"items" => Key::Items,
        b"cust_ref" => Key::CustRef,
        b"order_source" => Key::OrderSource,
        b"currency_code" => Key::CurrencyCode,
        b"orders" => Key::Orders,
        b"response" => Key::Response,
        b"success_code" => Key::SuccessCode,
        b"error_code" => Key::ErrorCode,
        _ => Field::from_utf8(Level::Header, name).map_or(Key::Other, Key::Charge),
    }
}

/// A name in a line.
fn line_key(name: &[u8]) -> Key {
    match name {
        b"filtered_sku" => Key::FilteredSku,
        _ => Field::from_utf8(Level::Line, name).map_or(Key::Other, Key::Charge),
    }
}

/// Other names of `items`, in lower case without `-` and `_`. `transactions` is not among them: it has the lines in one cart
/// and the payments in another.
const ITEMS: &[&str] = &[
    "items",
    "lineitems",
    "lines",
    "orderlines",
    "orderlineitems",
    "orderlinelist",
    "orderitems",
    "products",
    "orderproducts",
    "cartitems",
];

/// What an unknown name seems to mean, ignoring letter case, `-` and `_`: a charge field by its own name, by one of its other
/// names, or by its own name with one letter too many, too few or wrong; in the header also `items`.
fn meant(level: Level, name: &str) -> Key {
    let name = fold(name);
    let fields = || level.fields().iter().copied();
    let field = fields()
        .find(|field| field.aliases().contains(&name.as_str()) || fold(field.name()) == name)
        .or_else(|| fields().find(|field| one_slip(&fold(field.name()), &name)));
    match field {
        Some(field) => Key::Meant(field),
        None if level == Level::Header && ITEMS.contains(&name.as_str()) => Key::ItemsElsewhere,
        None => Key::Other,
    }
}

fn fold(name: &str) -> String {
    name.chars().filter(|char| !matches!(char, '-' | '_')).map(|char| char.to_ascii_lowercase()).collect()
}

/// Whether two names differ by one letter that is changed, left out or added. A letter may have several bytes (`é`).
fn one_slip(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.chars(), b.chars());
    loop {
        let (rest_a, rest_b) = (a.as_str(), b.as_str());
        match (a.next(), b.next()) {
            (None, None) => return false,
            (one, other) if one == other => {}
            _ => return a.as_str() == b.as_str() || rest_a == b.as_str() || a.as_str() == rest_b,
        }
    }
}

static HEADER: Candidates = Candidates::of(Level::Header);
static LINE: Candidates = Candidates::of(Level::Line);

fn candidates(level: Level) -> &'static Candidates {
    match level {
        Level::Header => &HEADER,
        Level::Line => &LINE,
    }
}

/// Cheap filter before the spelling comparison: `false` only if no name can match. One wrong letter changes at most two
/// members of the set of letters.
fn is_near(level: Level, name: &[u8]) -> bool {
    let candidates = candidates(level);
    let letters = name.iter().fold(0, |set, byte| set | letter(*byte)) & !DASH;
    let near = |own: &u32| {
        let differs = own ^ letters;
        let but_one = differs & differs.wrapping_sub(1);
        but_one & but_one.wrapping_sub(1) == 0
    };
    candidates.own.iter().any(near) || candidates.others.contains(&letters)
}

/// The bit of the characters that are ignored.
const DASH: u32 = 1 << 27;

/// The bit of a letter in either case; all other characters share one bit.
#[expect(clippy::indexing_slicing, reason = "a byte is always within a table of 256")]
#[inline]
const fn letter(byte: u8) -> u32 {
    LETTERS[byte as usize]
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static LETTERS: [u32; 256] = {
    let mut bits = [1 << 26; 256];
    let mut at = 0;
    while at < 26 {
        bits[b'a' as usize + at] = 1 << at;
        bits[b'A' as usize + at] = 1 << at;
        at += 1;
    }
    bits[b'-' as usize] = DASH;
    bits[b'_' as usize] = DASH;
    bits
};

const fn letters(name: &str) -> u32 {
    let (mut set, mut rest) = (0, name.as_bytes());
    while let [first, others @ ..] = rest {
        set |= letter(*first);
        rest = others;
    }
    set & !DASH
}

/// The letters of the names that mean a charge field or `items`. Unused slots match no name.
struct Candidates {
    own: [u32; MOST_FIELDS],
    others: [u32; MOST_OTHERS],
}

/// The largest number of fields of an object, and the largest number of other names for them.
const MOST_FIELDS: usize = larger(Level::Header.fields().len(), Level::Line.fields().len());
const MOST_OTHERS: usize = larger(others(Level::Header), others(Level::Line));

const fn larger(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

/// Other names for `items`, which is not a charge field.
const fn unfielded(level: Level) -> &'static [&'static str] {
    match level {
        Level::Header => ITEMS,
        Level::Line => &[],
    }
}

const fn others(level: Level) -> usize {
    let (mut count, mut fields) = (unfielded(level).len(), level.fields());
    while let [field, more @ ..] = fields {
        count += field.aliases().len();
        fields = more;
    }
    count
}

impl Candidates {
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn of(level: Level) -> Candidates {
        let mut all = Candidates { own: [u32::MAX; MOST_FIELDS], others: [u32::MAX; MOST_OTHERS] };
        let (mut own, mut others) = (0, 0);
        let mut fields = level.fields();
        while let [field, more @ ..] = fields {
            fields = more;
            all.own[own] = letters(field.name());
            own += 1;
            let mut names = field.aliases();
            while let [name, more @ ..] = names {
                all.others[others] = letters(name);
                others += 1;
                names = more;
            }
        }
        let mut names = unfielded(level);
        while let [name, more @ ..] = names {
            all.others[others] = letters(name);
            others += 1;
            names = more;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every name that differs from a known one by one byte changed, added or left out, in either case, with dashes.
    #[test]
    fn the_filter_by_letters_loses_no_name() {
        let mut found = 0;
        for level in [Level::Header, Level::Line] {
            for known in known(level).flat_map(variants) {
                let is_known = !matches!(key(level, known.as_bytes()), Key::Other);
                let means = !matches!(meant(level, &known), Key::Other);
                assert!(is_known || !means, "{known}");
                found += u32::from(means);
            }
        }
        assert!(found > 4000, "{found}");
    }

    /// What a name means does not depend on the order of the fields.
    #[test]
    fn no_name_means_two_fields() {
        for level in [Level::Header, Level::Line] {
            let fields = || level.fields().iter();
            for (field, alias) in fields().flat_map(|field| field.aliases().iter().map(move |alias| (field, *alias))) {
                assert_eq!(fold(alias), alias);
                let means = |other: &Field| {
                    let own = fold(other.name());
                    other.aliases().contains(&alias) || own == alias || one_slip(&own, alias)
                };
                assert!(fields().all(|other| other == field || !means(other)), "{alias}");
                assert!(!ITEMS.contains(&alias), "{alias}");
            }
        }
    }

    fn known(level: Level) -> impl Iterator<Item = &'static str> {
        let fields = level.fields().iter();
        fields
            .flat_map(|field| core::iter::once(field.name()).chain(field.aliases().iter().copied()))
            .chain(ITEMS.iter().copied())
    }

    fn variants(name: &str) -> Vec<String> {
        let mut variants = vec![name.to_owned(), name.to_uppercase(), name.replace('_', "-"), format!("-{name}_")];
        for at in 0..=name.len() {
            let (before, behind) = name.split_at(at);
            let after = behind.get(1..).unwrap_or_default();
            variants.push(format!("{before}{after}"));
            for char in ['a', 'e', 't', 'l', 'x', 'Z', '_', '3', ' ', 'é'] {
                variants.push(format!("{before}{char}{behind}"));
                variants.push(format!("{before}{char}{after}"));
            }
        }
        variants
    }
}
