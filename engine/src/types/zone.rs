//! Offsets of time zones at any time. The table of zones ends in 2100; from then on the last rules of a zone repeat for
//! ever, as they do in Java.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeZone};
use datafusion::arrow::array::timezone::Tz;

use super::calendar::{date_of, days_of, days_of_month};

const DAY: i64 = 86_400;

/// The last year that the table has all of.
const LAST_YEAR: i64 = 2099;

/// The begin of the year -9999, long before any zone's first offset ended. chrono does not reach much further back.
const FIRST: i64 = -377_705_116_800;

/// Seconds that a zone is ahead of UTC, at seconds since the epoch.
pub fn offset_at(zone: &Tz, seconds: i64) -> i64 {
    within_table(seconds).map_or(0, |time| ahead(&zone.offset_from_utc_datetime(&time)))
}

/// Seconds that a zone is ahead of UTC when its clock shows `local`: two where the time comes twice, the earlier first;
/// none where the clock leaves it out.
pub fn offsets_of_local(zone: &Tz, local: i64) -> MappedLocalTime<i64> {
    let Some(time) = within_table(local) else { return MappedLocalTime::Single(0) };
    match zone.offset_from_local_datetime(&time) {
        MappedLocalTime::Single(offset) => MappedLocalTime::Single(ahead(&offset)),
        MappedLocalTime::Ambiguous(one, other) => {
            let (one, other) = (ahead(&one), ahead(&other));
            // The further ahead a clock is, the earlier it shows a time.
            MappedLocalTime::Ambiguous(one.max(other), one.min(other))
        }
        MappedLocalTime::None => MappedLocalTime::None,
    }
}

fn ahead(offset: &impl Offset) -> i64 {
    i64::from(offset.fix().local_minus_utc())
}

/// A time in the table at which the same rules hold: beyond its end, the same day of a year that begins on the same day
/// of the week and is as long.
fn within_table(seconds: i64) -> Option<NaiveDateTime> {
    let seconds = seconds.max(FIRST);
    let days = seconds.div_euclid(DAY);
    let (year, ..) = date_of(days);
    let days = match year {
        ..=LAST_YEAR => days,
        _ => days - days_of(year, 1, 1) + days_of(like(year), 1, 1),
    };
    Some(DateTime::from_timestamp(days * DAY + seconds.rem_euclid(DAY), 0)?.naive_utc())
}

/// The last year of the table that has the same calendar as a year: 28 of a century have all that there are.
fn like(year: i64) -> i64 {
    let calendar = |year: i64| (days_of(year, 1, 1).rem_euclid(7), days_of_month(year, 2));
    let wanted = calendar(year);
    (LAST_YEAR - 27..=LAST_YEAR).rev().find(|&year| calendar(year) == wanted).unwrap_or(LAST_YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i64, month: u32, day: u32, hour: i64) -> i64 {
        days_of(year, month, day) * DAY + hour * 3_600
    }

    #[test]
    fn summer_time_goes_on_for_ever() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        for year in [2026, 2099, 2100, 2101, 2400, 9999, 300_000] {
            assert_eq!(offset_at(&berlin, at(year, 7, 1, 0)), 7_200, "{year}");
            assert_eq!(offset_at(&berlin, at(year, 12, 31, 23)), 3_600, "{year}");
        }
        // The last Sunday of March of 2100 is the 28th.
        assert_eq!(offset_at(&berlin, at(2100, 3, 28, 1) - 1), 3_600);
        assert_eq!(offset_at(&berlin, at(2100, 3, 28, 1)), 7_200);
        assert_eq!(offsets_of_local(&berlin, at(2100, 3, 28, 2)), MappedLocalTime::None);
        assert_eq!(offsets_of_local(&berlin, at(2100, 10, 31, 2)), MappedLocalTime::Ambiguous(7_200, 3_600));
        let sydney: Tz = "Australia/Sydney".parse().unwrap();
        assert_eq!(offset_at(&sydney, at(2150, 1, 1, 0)), 39_600);
    }

    #[test]
    fn times_without_end() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        for seconds in [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX] {
            let _ = (offset_at(&berlin, seconds), offsets_of_local(&berlin, seconds));
        }
        assert_eq!(offset_at(&berlin, i64::MIN), 3_208);
    }
}
