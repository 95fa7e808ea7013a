//! One JSON value into one column, with Flink's conversions: text to numbers, numbers and objects to text.

use super::super::{temporal, text};
use super::ReadOptions;
use super::column::{Column, Values, Whole};
use super::compact;
use super::scan::{self, Scanned, What, no_value};

/// Adds the value at `at` to the column and gives the place after it. Where errors are ignored, a value that does not
/// fit is NULL; of a type NOT NULL, what it stands in is.
#[inline(always)]
pub fn read(
    column: &mut Column,
    bytes: &[u8],
    at: usize,
    end: usize,
    options: &ReadOptions,
    depth: usize,
) -> Scanned<usize> {
    // The hot ones first, inlined: plain text.
    if let (Some(b'"'), Values::Text(offsets, data)) = (bytes.get(at), &mut column.values) {
        let text = scan::string(bytes, at + 1, end)?;
        let raw = &bytes[at + 1..text.close];
        if text.escaped {
            scan::unescape(raw, data);
        } else {
            data.extend_from_slice(raw);
        }
        offsets.push(data.len() as i32);
        column.added();
        return Ok(text.close + 1);
    }
    let before = column.len();
    match read_any(column, bytes, at, end, options, depth) {
        Err(fault) if options.ignore_parse_errors && !column.required && !matches!(fault.what, What::Syntax(..)) => {
            column.truncate(before);
            column.append_null();
            scan::skip(bytes, at, end, depth)
        }
        other => other,
    }
}

fn read_any(
    column: &mut Column,
    bytes: &[u8],
    at: usize,
    end: usize,
    options: &ReadOptions,
    depth: usize,
) -> Scanned<usize> {
    let first = match bytes[..end].get(at) {
        None => return scan::syntax(at, "a value is missing"),
        Some(b'n') => {
            let after = scan::literal(bytes, at, end, b"null")?;
            if column.required {
                return scan::null();
            }
            column.append_null();
            return Ok(after);
        }
        Some(&first) => first,
    };
    let after = match &mut column.values {
        Values::Null => return no_value(at, "NULL"),
        Values::Row(members) => {
            if first != b'{' {
                return no_value(at, "ROW");
            }
            members.read(bytes, at, end, options, depth)?
        }
        Values::List(offsets, item) => {
            if first != b'[' {
                return no_value(at, "ARRAY");
            }
            let after = scan::elements(bytes, at, end, depth, |at| read(item, bytes, at, end, options, depth + 1))?;
            offsets.push(item.len() as i32);
            after
        }
        Values::Map(offsets, keys, values) => {
            if first != b'{' {
                return no_value(at, "MAP");
            }
            let after = scan::members(bytes, at, end, depth, |(from, name), at| {
                if let Values::Text(offsets, data) = &mut keys.values {
                    scan::unescape(&bytes[from..name.close], data);
                    offsets.push(data.len() as i32);
                    keys.added();
                }
                read(values, bytes, at, end, options, depth + 1)
            })?;
            offsets.push(keys.len() as i32);
            after
        }
        Values::Text(offsets, data) => {
            // Not a string: numbers and literals as they stand, objects and arrays without blanks.
            let after = match first {
                b'{' | b'[' => compact::copy(bytes, at, end, depth, data)?,
                _ => {
                    let after = scan::skip(bytes, at, end, depth)?;
                    data.extend_from_slice(&bytes[at..after]);
                    after
                }
            };
            offsets.push(data.len() as i32);
            after
        }
        scalar => {
            if matches!(first, b'{' | b'[') {
                scan::skip(bytes, at, end, depth)?;
                return no_value(at, name(scalar));
            }
            read_scalar(scalar, first, bytes, at, end, options)?
        }
    };
    column.added();
    Ok(after)
}

/// What stands at `at`: a string, a number, `true` or `false`.
fn read_scalar(
    values: &mut Values,
    first: u8,
    bytes: &[u8],
    at: usize,
    end: usize,
    options: &ReadOptions,
) -> Scanned<usize> {
    let mut unescaped = Vec::new();
    let mut fractional = false;
    let (raw, after) = match first {
        b'"' => {
            let found = scan::string(bytes, at + 1, end)?;
            let raw = &bytes[at + 1..found.close];
            if found.escaped {
                scan::unescape(raw, &mut unescaped);
                (unescaped.as_slice(), found.close + 1)
            } else {
                (raw, found.close + 1)
            }
        }
        b't' => (&b"true"[..], scan::literal(bytes, at, end, b"true")?),
        b'f' => (&b"false"[..], scan::literal(bytes, at, end, b"false")?),
        _ => {
            let (after, is_fractional) = scan::number(bytes, at, end)?;
            fractional = is_fractional;
            (&bytes[at..after], after)
        }
    };
    let number = (first == b'-' || first.is_ascii_digit()).then_some(Number { fractional });
    // Only strings are Base64.
    let fits =
        (first == b'"' || !matches!(values, Values::Binary(..))) && convert(values, raw, options.separator, number);
    if fits { Ok(after) } else { no_value(at, name(values)) }
}

/// Says of a text that it is a JSON number.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    fractional: bool,
}

/// Adds a scalar that is not text from its text; `false` where it is none of this type. `number` is there for JSON
/// numbers, which convert in more ways than strings do.
pub fn convert(values: &mut Values, raw: &[u8], separator: u8, number: Option<Number>) -> bool {
    let fractional = number.is_some_and(|number| number.fractional);
    match values {
        Values::Whole(numbers, whole) => {
            let value = match whole {
                Whole::Small(least, most) => integer(raw).filter(|value| (*least..=*most).contains(value)),
                Whole::Int => integer_or_cut(raw, fractional).filter(|value| i32::try_from(*value).is_ok()),
                Whole::Big => integer_or_cut(raw, fractional),
                Whole::Date => temporal::parse_date(raw),
                Whole::Time => temporal::parse_millis_of_day(raw, false),
                Whole::Timestamp(unit) => temporal::parse_timestamp(raw, separator, *unit),
                Whole::Instant(unit) => {
                    raw.strip_suffix(b"Z").and_then(|raw| temporal::parse_timestamp(raw, separator, *unit))
                }
            };
            value.map(|value| numbers.push(value)).is_some()
        }
        Values::Boolean(bits) => {
            bits.append(raw.trim_ascii().eq_ignore_ascii_case(b"true"));
            true
        }
        Values::Float(numbers) => {
            let value = if number.is_some() { parse(raw) } else { text::parse_double(raw).map(|value| value as f32) };
            value.map(|value| numbers.push(value)).is_some()
        }
        Values::Double(numbers) => {
            let value = if number.is_some() { parse(raw) } else { text::parse_double(raw) };
            value.map(|value| numbers.push(value)).is_some()
        }
        Values::Decimal(numbers, precision, scale) => match text::parse_decimal(raw, *precision, *scale) {
            Ok(Some(value)) => {
                numbers.push(value);
                true
            }
            _ => false,
        },
        Values::Binary(offsets, data) => {
            let fits = text::decode_base64(raw, data);
            offsets.push(data.len() as i32);
            fits
        }
        Values::Null | Values::Text(..) | Values::List(..) | Values::Map(..) | Values::Row(_) => false,
    }
}

fn parse<T: std::str::FromStr>(raw: &[u8]) -> Option<T> {
    std::str::from_utf8(raw).ok()?.parse().ok()
}

/// As Java's `Long.parseLong`, blanks around it allowed.
fn integer(raw: &[u8]) -> Option<i64> {
    let raw = raw.trim_ascii();
    let (negative, digits) = match raw.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, raw),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for &digit in digits {
        let digit = i64::from(digit.wrapping_sub(b'0'));
        if !(0..10).contains(&digit) {
            return None;
        }
        value = value.checked_mul(10)?.checked_sub(digit)?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// A JSON number's fraction is cut off.
fn integer_or_cut(raw: &[u8], fractional: bool) -> Option<i64> {
    if !fractional {
        return integer(raw);
    }
    let value: f64 = parse(raw)?;
    (value > -9.3e18 && value < 9.3e18 && value as i64 as f64 == value.trunc()).then_some(value as i64)
}

/// SQL's name of what a column holds, for errors.
pub fn name(values: &Values) -> &'static str {
    match values {
        Values::Null => "NULL",
        Values::Boolean(_) => "BOOLEAN",
        Values::Whole(_, whole) => match whole {
            Whole::Small(-128, _) => "TINYINT",
            Whole::Small(..) => "SMALLINT",
            Whole::Int => "INT",
            Whole::Big => "BIGINT",
            Whole::Date => "DATE",
            Whole::Time => "TIME",
            Whole::Timestamp(_) => "TIMESTAMP (see the option 'json.timestamp-format.standard')",
            Whole::Instant(_) => "TIMESTAMP_LTZ (it ends with Z; see the option 'json.timestamp-format.standard')",
        },
        Values::Float(_) => "FLOAT",
        Values::Double(_) => "DOUBLE",
        Values::Decimal(..) => "DECIMAL",
        Values::Text(..) => "STRING",
        Values::Binary(..) => "BYTES (Base64)",
        Values::List(..) => "ARRAY",
        Values::Map(..) => "MAP",
        Values::Row(_) => "ROW",
    }
}
