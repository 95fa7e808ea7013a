//! Dates, times, timestamps and intervals.

use std::borrow::Cow;
use std::fmt;

use super::Fixed;

/// `DATE`: days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

/// `TIME`: milliseconds since midnight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i32);

/// `TIMESTAMP(P)`, a date and a time of day without a zone: units of 10⁻ᴾ seconds since 1970-01-01 00:00:00. `P` is 0,
/// 3, 6 or 9, and 6 where it is not written, as in SQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp<const P: u8 = 6>(pub i64);

/// `TIMESTAMP_LTZ(P)`, a moment: units of 10⁻ᴾ seconds since 1970-01-01 00:00:00 UTC. `P` is 0, 3, 6 or 9, and 6 where
/// it is not written, as in SQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimestampLtz<const P: u8 = 6>(pub i64);

/// `INTERVAL YEAR TO MONTH`: months.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalYearMonth(pub i32);

/// `INTERVAL DAY TO SECOND`: milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalDaySecond(pub i64);

macro_rules! fixed {
    ($([$($generics:tt)*] $type:ty: $native:ty = $format:expr;)*) => {$(
        impl<$($generics)*> Fixed for $type {
            type Native = $native;

            fn format() -> Cow<'static, str> {
                $format
            }

            #[inline(always)]
            fn from_native(native: $native) -> Self {
                Self(native)
            }

            #[inline(always)]
            fn to_native(self) -> $native {
                self.0
            }
        }
    )*};
}

fixed! {
    [] Date: i32 = "tdD".into();
    [] Time: i32 = "ttm".into();
    [const P: u8] Timestamp<P>: i64 = format!("ts{}:", const { unit(P) }).into();
    [const P: u8] TimestampLtz<P>: i64 = format!("ts{}:UTC", const { unit(P) }).into();
    [] IntervalYearMonth: i32 = "tiM".into();
    [] IntervalDaySecond: i64 = "tDm".into();
}

const fn unit(precision: u8) -> char {
    match precision {
        0 => 's',
        3 => 'm',
        6 => 'u',
        9 => 'n',
        _ => panic!("the precision of a timestamp is 0, 3, 6 or 9"),
    }
}

impl Date {
    /// The day of a year (of the Gregorian calendar, before its time too), month (1 to 12) and day (1 to 31); `None` if
    /// there is no such day.
    ///
    /// ```
    /// use anabranch_udf::Date;
    ///
    /// let date = Date::new(2024, 2, 29).unwrap();
    /// assert_eq!((date.0, date.to_string().as_str()), (19782, "2024-02-29"));
    /// assert_eq!(Date::new(2023, 2, 29), None);
    /// ```
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(-999_999..=999_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil: years start in March, so
        // that the leap day is the last one.
        let shifted = year - i32::from(month <= 2);
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let day_of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let date = Self(era * 146_097 + day_of_era - 719_468);
        (date.civil() == (year, month, day)).then_some(date)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.civil().0
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.civil().1
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u32 {
        self.civil().2
    }

    /// Year, month and day; the inverse of [`Date::new`], of the same source.
    fn civil(self) -> (i32, u32, u32) {
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year as i32, month as u32, day as u32)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Time {
    /// The time of an hour (0 to 23), minute, second and millisecond; `None` if there is no such time.
    pub fn new(hour: u32, minute: u32, second: u32, millisecond: u32) -> Option<Self> {
        (hour < 24 && minute < 60 && second < 60 && millisecond < 1_000)
            .then(|| Self((((hour * 60 + minute) * 60 + second) * 1_000 + millisecond) as i32))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1_000;
        write!(f, "{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)?;
        match self.0 % 1_000 {
            0 => Ok(()),
            milliseconds => write!(f, ".{milliseconds:03}"),
        }
    }
}

macro_rules! timestamps {
    ($($type:ident),*) => {$(
        impl<const P: u8> $type<P> {
            /// Units in a second.
            const PER_SECOND: i64 = 10_i64.pow(P as u32);

            /// The timestamp so many milliseconds after 1970-01-01 00:00:00; `None` if it is out of range.
            pub fn from_millis(milliseconds: i64) -> Option<Self> {
                if P == 0 {
                    return Some(Self(milliseconds.div_euclid(1_000)));
                }
                milliseconds.checked_mul(Self::PER_SECOND / 1_000).map(Self)
            }

            /// Milliseconds since 1970-01-01 00:00:00, rounded down; `None` if they are out of range.
            pub fn millis(self) -> Option<i64> {
                match P {
                    0 => self.0.checked_mul(1_000),
                    _ => Some(self.0.div_euclid(Self::PER_SECOND / 1_000)),
                }
            }

            /// The day.
            pub fn date(self) -> Date {
                Date(self.0.div_euclid(Self::PER_SECOND * 86_400) as i32)
            }

            /// The time of day, rounded down to a millisecond.
            pub fn time(self) -> Time {
                let units = i128::from(self.0.rem_euclid(Self::PER_SECOND * 86_400));
                Time((units * 1_000 / i128::from(Self::PER_SECOND)) as i32)
            }
        }
    )*};
}

timestamps!(Timestamp, TimestampLtz);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_count_every_day() {
        let mut date = Date::new(1582, 12, 31).unwrap();
        for _ in 0..400_000 {
            let next = Date(date.0 + 1);
            assert_eq!(Date::new(next.year(), next.month(), next.day()), Some(next));
            assert!((next.year(), next.month(), next.day()) > (date.year(), date.month(), date.day()));
            date = next;
        }
        assert_eq!(Date(0).to_string(), "1970-01-01");
        assert_eq!(Date(-1).to_string(), "1969-12-31");
        for (year, month, day) in [(2023, 0, 1), (2023, 13, 1), (2023, 4, 31), (2023, 1, 0), (1900, 2, 29)] {
            assert_eq!(Date::new(year, month, day), None);
        }
        // Any day count has a date.
        let _ = (Date(i32::MIN).to_string(), Date(i32::MAX).to_string());
    }

    #[test]
    fn timestamps_split_before_the_epoch_too() {
        let timestamp = Timestamp::<3>(-1);
        assert_eq!(timestamp.date().to_string(), "1969-12-31");
        assert_eq!(timestamp.time().to_string(), "23:59:59.999");
        assert_eq!(Timestamp::<0>::from_millis(-1), Some(Timestamp(-1)));
        assert_eq!(Timestamp::<9>::from_millis(1).and_then(Timestamp::millis), Some(1));
        assert_eq!(Timestamp::<9>::from_millis(i64::MAX), None);
    }
}
