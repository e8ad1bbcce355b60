//! Minor units.

use crate::reader::Currency;

/// The decimals of an order's minor unit; `None` if its code is unknown (OC307).
pub(crate) fn minor_unit_of(currency: &Currency) -> Option<u32> {
    match currency {
        Currency::Unset => Some(2),
        Currency::NotText => None,
        Currency::Code(code) => minor_unit(code),
    }
}

/// The decimals of the minor unit of a currency, if it is in the table.
pub fn minor_unit(code: &str) -> Option<u32> {
    let known = MINOR_UNITS.iter().find(|(_, codes)| codes.split_ascii_whitespace().any(|known| known == code));
    known.map(|(decimals, _)| *decimals)
}

/// The codes of ISO 4217 by the decimals of their minor unit. Codes without one (metals, drawing rights, the code for tests)
/// count as having two.
const MINOR_UNITS: [(u32, &str); 6] = [
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF \
         CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
         IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN \
         MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS \
         SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
    ),
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
    (2, "XAD XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"),
    // Withdrawn recently: there are still orders in them.
    (2, "CUC HRK SLL ZWL"),
];
