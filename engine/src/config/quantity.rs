//! Durations and sizes, as Flink writes them.

use std::time::Duration;

/// A duration as Flink writes it: `1 min`, `500 ms`, `2h`; milliseconds where there is no unit. Also in ISO 8601:
/// `PT1M30S`.
///
/// # Errors
/// Says what a duration looks like.
pub fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: &[(&[&str], u64)] = &[
        (&["d", "day", "days"], 86_400_000_000_000),
        (&["h", "hour", "hours"], 3_600_000_000_000),
        (&["min", "m", "mins", "minute", "minutes"], 60_000_000_000),
        (&["s", "sec", "secs", "second", "seconds"], 1_000_000_000),
        (&["", "ms", "milli", "millis", "millisecond", "milliseconds"], 1_000_000),
        (&["µs", "us", "micro", "micros", "microsecond", "microseconds"], 1_000),
        (&["ns", "nano", "nanos", "nanosecond", "nanoseconds"], 1),
    ];
    quantity(text, UNITS)
        .or_else(|| iso_duration(text))
        .map(Duration::from_nanos)
        .ok_or_else(|| "it takes a duration such as '500 ms', '10 s' or '1 min'".into())
}

/// Nanoseconds of `P1DT2H3M4.5S`.
fn iso_duration(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_uppercase();
    let mut rest = text.strip_prefix('P')?;
    let (mut nanoseconds, mut of_day, mut parts) = (0_u64, false, 0);
    while !rest.is_empty() {
        if let (Some(after), false) = (rest.strip_prefix('T'), of_day) {
            (of_day, rest) = (true, after);
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = (&rest[..end], rest.as_bytes()[end]);
        let seconds = match (unit, of_day) {
            (b'D', false) => 86_400,
            (b'H', true) => 3_600,
            (b'M', true) => 60,
            (b'S', true) => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.len() > 9 || (!fraction.is_empty() && unit != b'S') {
            return None;
        }
        let fraction: u64 = format!("{fraction:0<9}").parse().ok()?;
        let whole = whole.parse::<u64>().ok()?.checked_mul(seconds)?.checked_mul(1_000_000_000)?;
        nanoseconds = nanoseconds.checked_add(whole)?.checked_add(fraction)?;
        // All of these are of one byte.
        rest = &rest[end + 1..];
        parts += 1;
    }
    (parts > 0).then_some(nanoseconds)
}

/// A size in bytes as Flink writes it: `10 mb`, `64k`; bytes where there is no unit, and 1 kb is 1,024 bytes.
///
/// # Errors
/// Says what a size looks like.
pub fn memory_size(text: &str) -> Result<u64, String> {
    const UNITS: &[(&[&str], u64)] = &[
        (&["", "b", "bytes"], 1),
        (&["k", "kb", "kibibytes"], 1 << 10),
        (&["m", "mb", "mebibytes"], 1 << 20),
        (&["g", "gb", "gibibytes"], 1 << 30),
        (&["t", "tb", "tebibytes"], 1 << 40),
    ];
    quantity(text, UNITS).ok_or_else(|| "it takes a size such as '512 kb', '10 mb' or '1 gb'".into())
}

/// A whole number and a unit.
fn quantity(text: &str, units: &[(&[&str], u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let unit = text[digits..].trim().to_lowercase();
    let (_, scale) = units.iter().find(|(names, _)| names.contains(&unit.as_str()))?;
    number.checked_mul(*scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        assert_eq!(duration("1 min"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("250"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        assert_eq!(duration("PT1M30.5S"), Ok(Duration::from_millis(90_500)));
        assert_eq!(duration("p1dt1h"), Ok(Duration::from_secs(90_000)));
        assert!(
            duration("P").is_err() && duration("PT").is_err() && duration("PT1X").is_err() && duration("PTüS").is_err()
        );
        assert_eq!(memory_size("10 mb"), Ok(10 << 20));
        assert_eq!(memory_size("7"), Ok(7));
        assert!(duration("").is_err() && duration("1 fortnight").is_err() && duration("99999999999999999 d").is_err());
        assert!(memory_size("-1 mb").is_err());
    }
}
