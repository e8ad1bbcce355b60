//! Currency codes: how many decimals the minor unit of an ISO 4217 currency has.

/// The decimals assumed where no currency, or none with a minor unit, is known.
const USUAL: u32 = 2;

/// What an order says about its currency.
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
    /// No `currency_code`: two decimals.
    #[default]
    Unset,
    /// An ISO 4217 code, as in its table: three capital letters.
    Known(Iso),
    /// A `currency_code` that is not in the table: two decimals, and rule OC307.
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
    /// Looks a code up. Codes are compared to the letter: `usd` is not in the table. A blank text is no code.
    pub fn from_code(code: &str) -> Currency {
        Currency::from_utf8(code.as_bytes())
    }

    /// The same of a text known to be UTF-8.
    pub(crate) fn from_utf8(code: &[u8]) -> Currency {
        // Those that nearly all orders are in need not be looked up.
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

    /// The code, as the order writes it.
    pub fn code(&self) -> Option<&str> {
        match self {
            Currency::Unset => None,
            Currency::Known(known) => Some(known.code()),
            Currency::Unknown(code) => Some(code),
        }
    }

    /// The decimals of the minor unit. Codes without one (gold, the test code) count as having two.
    pub fn decimals(&self) -> u32 {
        match self {
            Currency::Known(Iso(known)) => known.exponent().map_or(USUAL, u32::from),
            Currency::Unset | Currency::Unknown(_) => USUAL,
        }
    }
}
