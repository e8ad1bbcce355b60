//! Currency codes: how many decimals the minor unit of an ISO 4217 currency has.

/// The number of decimals if the currency is not known, or has no minor unit.
const USUAL: u32 = 2;

/// The most characters of a code that is shown.
const SHOWN: usize = 16;

/// The currency of an order.
///
/// ```
/// use ordercharge::Currency;
///
/// assert_eq!(Currency::from_code("JPY").decimals(), 0);
/// assert_eq!(Currency::from_code("KWD").decimals(), 3);
/// assert_eq!(Currency::Unset.decimals(), 2);
/// assert!(matches!(Currency::from_code("DOLLARS"), Currency::Unknown(_)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Currency {
    /// There is no `currency_code`: two decimals are assumed.
    #[default]
    Unset,
    /// An ISO 4217 code, as in its table: three capital letters.
    Known(Iso),
    /// A `currency_code` that is not in the table: two decimals are assumed, and OC307 is broken.
    Unknown(String),
}

/// A currency of the ISO 4217 table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Iso(iso_currency::Currency);

impl Iso {
    #[inline]
    pub(crate) fn code(self) -> &'static str {
        self.0.code()
    }
}

impl Currency {
    /// Looks a code up. Letter case counts: `usd` is not in the table. A blank string is no code, but unset.
    pub fn from_code(code: &str) -> Currency {
        Currency::from_utf8(code.as_bytes())
    }

    /// Like [`Self::from_code`], for bytes known to be UTF-8.
    pub(crate) fn from_utf8(code: &[u8]) -> Currency {
        // The codes of nearly all orders are compared before the table is searched.
        let known = match code {
            b"USD" => iso_currency::Currency::USD,
            b"EUR" => iso_currency::Currency::EUR,
            b"GBP" => iso_currency::Currency::GBP,
            b"CAD" => iso_currency::Currency::CAD,
            b"AUD" => iso_currency::Currency::AUD,
            b"JPY" => iso_currency::Currency::JPY,
            _ => return Currency::look_up(core::str::from_utf8(code).unwrap_or_default()),
        };
        Currency::Known(Iso(known))
    }

    fn look_up(code: &str) -> Currency {
        if crate::amount::trim(code.as_bytes()).is_empty() {
            return Currency::Unset;
        }
        match iso_currency::Currency::from_code(code) {
            Some(known) => Currency::Known(Iso(known)),
            None => Currency::Unknown(code.to_owned()),
        }
    }

    /// The code as it is in the order.
    pub fn code(&self) -> Option<&str> {
        match self {
            Currency::Unset => None,
            Currency::Known(known) => Some(known.code()),
            Currency::Unknown(code) => Some(code),
        }
    }

    /// The code, if a report may show it: one word of at most 16 letters, digits and signs. Anything else may be the value of
    /// another field, which nobody meant as a code.
    ///
    /// ```
    /// use ordercharge::Currency;
    ///
    /// assert_eq!(Currency::from_code("US$").shown(), Some("US$"));
    /// assert_eq!(Currency::from_code("Jane Roe, 12 Elm Street").shown(), None);
    /// ```
    pub fn shown(&self) -> Option<&str> {
        self.code().filter(|code| may_be_shown(code))
    }

    /// The number of decimals of the minor unit; 2 for codes without one (gold, the test code).
    pub fn decimals(&self) -> u32 {
        match self {
            Currency::Known(Iso(known)) => known.exponent().map_or(USUAL, u32::from),
            Currency::Unset | Currency::Unknown(_) => USUAL,
        }
    }
}

/// Whether a text looks like a code that somebody may have meant.
pub(crate) fn may_be_shown(code: &str) -> bool {
    let is_sign = |char: char| char.is_alphanumeric() || matches!(char, '$' | '€' | '£' | '¥' | '.' | '-' | '_');
    code.chars().count() <= SHOWN && code.chars().all(is_sign)
}
