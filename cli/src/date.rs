//! A day of the calendar.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};
use toml::value::Datetime;

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// The day that it is now, in UTC.
    pub(crate) fn today() -> Date {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Date::of_days((seconds / (24 * 60 * 60)) as i64)
    }

    /// The day that is this number of days after 1970-01-01. Years are counted from March, so that a leap day ends one.
    fn of_days(days: i64) -> Date {
        const DAYS_OF_400_YEARS: i64 = 146_097;
        // From 0000-03-01.
        let days = days + 719_468;
        let in_era = days.rem_euclid(DAYS_OF_400_YEARS);
        let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / (DAYS_OF_400_YEARS - 1)) / 365;
        let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let months_from_march = (5 * in_year + 2) / 153;
        let day = in_year - (153 * months_from_march + 2) / 5 + 1;
        let month = if months_from_march < 10 { months_from_march + 3 } else { months_from_march - 9 };
        let year = year_of_era + days.div_euclid(DAYS_OF_400_YEARS) * 400 + i64::from(month <= 2);
        Date { year, month, day }
    }

    /// A date without a time.
    pub(crate) fn of_toml(written: &Datetime) -> Option<Date> {
        let date = written.date.filter(|_| written.time.is_none() && written.offset.is_none())?;
        Some(Date { year: date.year.into(), month: date.month.into(), day: date.day.into() })
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Date, String> {
        let date = text.parse().ok().as_ref().and_then(Date::of_toml);
        date.ok_or_else(|| format!("expected a date such as 2026-12-31, found {text:?}"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// The days are counted by another program: `date -u -d @$((days * 86400)) +%F`.
    #[test]
    fn days_are_the_days_of_the_calendar() {
        for (days, date) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (19_782, "2024-02-29"),
            (20_783, "2026-11-26"),
            (20_818, "2026-12-31"),
            (20_819, "2027-01-01"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(Date::of_days(days).to_string(), date);
            assert_eq!(date.parse(), Ok(Date::of_days(days)));
        }
    }

    #[test]
    fn a_date_has_no_time_and_exists() {
        for wrong in ["", "2026-1-1", "2026-02-30", "2026-13-01", "2026-12-31T00:00:00Z", "07:32:00", "tomorrow"] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
        let [earlier, later] = ["2026-09-30", "2026-10-01"].map(|text| text.parse::<Date>().unwrap());
        assert!(earlier < later);
    }
}
