//! Numbers as text the way Java writes and reads them, which is how Flink's formats do.

use std::io::Write;

/// Appends a double as Java's `Double.toString`: `1.0`, `1.0E10`, `NaN`, `Infinity`.
pub fn write_double(out: &mut Vec<u8>, value: f64) {
    write_float(out, value, value.abs(), format_args!("{value:e}"));
}

/// Appends a float as Java's `Float.toString`.
pub fn write_single(out: &mut Vec<u8>, value: f32) {
    write_float(out, f64::from(value), f64::from(value.abs()), format_args!("{value:e}"));
}

/// `scientific` is the shortest text of the value with an exponent (`1.25e-7`).
fn write_float(out: &mut Vec<u8>, value: f64, magnitude: f64, scientific: std::fmt::Arguments) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
        return;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    if magnitude.is_infinite() {
        out.extend_from_slice(b"Infinity");
        return;
    }
    if magnitude == 0.0 {
        out.extend_from_slice(b"0.0");
        return;
    }
    let text = scientific.to_string();
    let (mantissa, exponent) = text.trim_start_matches('-').split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let (whole, fraction) = if (-3..7).contains(&exponent) {
        if exponent < 0 {
            ("0".to_owned(), format!("{}{digits}", "0".repeat((-exponent - 1) as usize)))
        } else {
            let point = exponent as usize + 1;
            if digits.len() <= point {
                (format!("{digits:0<point$}"), String::new())
            } else {
                (digits[..point].to_owned(), digits[point..].to_owned())
            }
        }
    } else {
        (digits[..1].to_owned(), digits[1..].to_owned())
    };
    out.extend_from_slice(whole.as_bytes());
    out.push(b'.');
    out.extend_from_slice(if fraction.is_empty() { b"0" } else { fraction.as_bytes() });
    if !(-3..7).contains(&exponent) {
        let _ = write!(out, "E{exponent}");
    }
}

/// Appends an integer.
pub fn write_integer(out: &mut Vec<u8>, value: i64) {
    let _ = write!(out, "{value}");
}

/// Appends a decimal of `scale` with all its digits: `-0.10`.
pub fn write_decimal(out: &mut Vec<u8>, value: i128, scale: i8) {
    if value < 0 {
        out.push(b'-');
    }
    let digits = value.unsigned_abs().to_string();
    let scale = usize::try_from(scale).unwrap_or(0);
    if scale == 0 {
        out.extend_from_slice(digits.as_bytes());
        return;
    }
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let _ = write!(out, "{whole}.{fraction}");
}

/// Appends a decimal as Java's `BigDecimal.toString`: with an exponent where the value is below 0.000001.
pub fn write_decimal_scientific(out: &mut Vec<u8>, value: i128, scale: i8) {
    let digits = value.unsigned_abs().to_string();
    let adjusted = digits.len() as i32 - 1 - i32::from(scale);
    if adjusted >= -6 {
        return write_decimal(out, value, scale);
    }
    if value < 0 {
        out.push(b'-');
    }
    let (first, rest) = digits.split_at(1);
    out.extend_from_slice(first.as_bytes());
    if !rest.is_empty() {
        let _ = write!(out, ".{rest}");
    }
    let _ = write!(out, "E{adjusted}");
}

/// What Java's `Double.parseDouble` takes: blanks around it, `NaN`, `Infinity`, an ending `d` or `f`.
pub fn parse_double(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let unsigned = text.trim_start_matches(['+', '-']);
    match unsigned {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        _ => {}
    }
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    text.trim_end_matches(['d', 'D', 'f', 'F']).parse().ok()
}

/// The unscaled value of a decimal in plain or scientific notation, rounded half up to `scale`. `Ok(None)`: it has more
/// digits than `precision`.
pub(crate) fn parse_decimal(text: &[u8], precision: u8, scale: i8) -> Result<Option<i128>, ()> {
    let text = text.trim_ascii();
    let (negative, unsigned) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => {
            let exponent = std::str::from_utf8(&unsigned[at + 1..]).map_err(|_| ())?;
            (&unsigned[..at], exponent.parse::<i32>().map_err(|_| ())?)
        }
        None => (unsigned, 0),
    };
    let (whole, fraction) = match mantissa.iter().position(|&byte| byte == b'.') {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return Err(());
    }
    // The value is 0.<digits> * 10^point; wanted are the digits before position point + scale.
    let digits = || whole.iter().chain(fraction).map(|digit| i128::from(digit - b'0'));
    let wanted = whole.len() as i64 + i64::from(exponent) + i64::from(scale);
    let mut value: i128 = 0;
    let mut position = 0i64;
    let mut rounds_up = false;
    for digit in digits() {
        if position < wanted {
            let Some(next) = value.checked_mul(10).and_then(|value| value.checked_add(digit)) else { return Ok(None) };
            value = next;
        } else {
            rounds_up = position == wanted && digit >= 5;
            break;
        }
        position += 1;
    }
    while position < wanted && value != 0 {
        let Some(next) = value.checked_mul(10) else { return Ok(None) };
        value = next;
        position += 1;
    }
    value += i128::from(rounds_up);
    if value >= 10i128.pow(u32::from(precision.min(38))) {
        return Ok(None);
    }
    Ok(Some(if negative { -value } else { value }))
}

/// Appends the bytes that Base64 text stands for; `false` where it is none.
pub fn decode_base64(text: &[u8], out: &mut Vec<u8>) -> bool {
    let text = match text {
        [rest @ .., b'=', b'='] | [rest @ .., b'='] => rest,
        all => all,
    };
    let mut buffer = 0u32;
    let mut bits = 0;
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return false,
        };
        buffer = buffer << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
        }
    }
    text.len() % 4 != 1
}

/// Appends Base64 text.
pub fn encode_base64(bytes: &[u8], out: &mut Vec<u8>) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            out.push(if place <= chunk.len() { ALPHABET[(word >> (18 - 6 * place)) as usize & 63] } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn doubles_look_like_java() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.001, "0.001"),
            (0.00012, "1.2E-4"),
            (1234567.0, "1234567.0"),
            (1e7, "1.0E7"),
            (-12345678.9, "-1.23456789E7"),
            (100.5, "100.5"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(written(|out| write_double(out, value)), expected);
        }
        assert_eq!(written(|out| write_single(out, 0.1)), "0.1");
    }

    #[test]
    fn decimals() {
        assert_eq!(written(|out| write_decimal(out, -10, 2)), "-0.10");
        assert_eq!(written(|out| write_decimal_scientific(out, 12, 9)), "1.2E-8");
        assert_eq!(parse_decimal(b"1.235", 5, 2), Ok(Some(124)));
        assert_eq!(parse_decimal(b"-1.2e1", 5, 2), Ok(Some(-1200)));
        assert_eq!(parse_decimal(b"0.05e-1", 5, 2), Ok(Some(1)));
        assert_eq!(parse_decimal(b"0.0049", 5, 2), Ok(Some(0)));
        assert_eq!(parse_decimal(b"1e400", 5, 2), Ok(None));
        assert_eq!(parse_decimal(b"99999", 4, 0), Ok(None));
        assert_eq!(parse_decimal(b"x", 4, 0), Err(()));
    }

    proptest! {
        #[test]
        fn doubles_round_trip(value: f64) {
            let text = written(|out| write_double(out, value));
            let back = parse_double(text.as_bytes()).unwrap();
            prop_assert!(back == value || back.is_nan() && value.is_nan());
        }

        #[test]
        fn base64_round_trips(bytes: Vec<u8>) {
            let text = written(|out| encode_base64(&bytes, out));
            let mut back = Vec::new();
            prop_assert!(decode_base64(text.as_bytes(), &mut back));
            prop_assert_eq!(back, bytes);
        }
    }
}
