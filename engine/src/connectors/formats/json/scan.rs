//! Finding where JSON tokens end, eight bytes at a time. Nothing here looks past `end`, except that words of eight bytes
//! may be loaded that reach beyond it; what is found there counts as not found.

/// What is wrong with a record.
#[derive(Debug)]
pub struct Fault {
    pub what: What,
    /// The fields the way down to it, innermost first.
    pub path: Vec<String>,
}

#[derive(Debug)]
pub enum What {
    /// The text is not JSON; the record is lost. Where, and what is wrong.
    Syntax(usize, &'static str),
    /// The value that begins there is JSON, but not one of this type.
    Value(usize, &'static str),
    /// `null` where the type is NOT NULL.
    Null,
    /// A field is missing.
    Missing,
}

/// Errors are rare and boxed, so that the result of every call fits in registers.
pub type Scanned<T> = Result<T, Box<Fault>>;

#[cold]
pub fn syntax<T>(at: usize, what: &'static str) -> Scanned<T> {
    Err(Box::new(Fault { what: What::Syntax(at, what), path: vec![] }))
}

#[cold]
pub fn no_value<T>(at: usize, kind: &'static str) -> Scanned<T> {
    Err(Box::new(Fault { what: What::Value(at, kind), path: vec![] }))
}

#[cold]
pub fn null<T>() -> Scanned<T> {
    Err(Box::new(Fault { what: What::Null, path: vec![] }))
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Eight bytes, the first lowest.
#[inline(always)]
pub fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()).map(u64::from_le_bytes)
}

/// High bits where bytes are zero; exact up to the first.
#[inline(always)]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// What a string's bytes hold besides plain ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// Index of the closing quote.
    pub close: usize,
    pub escaped: bool,
}

/// The end of a string whose first byte after the quote is at `from`. UTF-8 is checked.
#[inline(always)]
pub fn string(bytes: &[u8], from: usize, end: usize) -> Scanned<Text> {
    let mut at = from;
    let mut above_ascii = 0;
    while let Some(word) = word(bytes, at) {
        let quotes = zeros(word ^ (ONES * b'"' as u64));
        let escapes = zeros(word ^ (ONES * b'\\' as u64));
        let found = quotes | escapes;
        if found == 0 {
            above_ascii |= word & HIGHS;
            at += 8;
            continue;
        }
        let place = found.trailing_zeros();
        // Only what stands before the place found: the bits below its own.
        above_ascii |= word & HIGHS & ((1u64 << place) - 1);
        let close = at + place as usize / 8;
        if close >= end || escapes >> place & 1 == 1 || above_ascii != 0 {
            return string_slow(bytes, from, end);
        }
        return Ok(Text { close, escaped: false });
    }
    string_slow(bytes, from, end)
}

/// The same a byte at a time, for escapes, text beyond ASCII and the end of the bytes.
#[cold]
fn string_slow(bytes: &[u8], from: usize, end: usize) -> Scanned<Text> {
    let mut at = from;
    let mut escaped = false;
    loop {
        match bytes.get(at) {
            _ if at >= end => return syntax(from, "the string does not end"),
            None => return syntax(from, "the string does not end"),
            Some(b'"') => break,
            Some(b'\\') => {
                escaped = true;
                at = escape(bytes, at, end)?;
            }
            Some(_) => at += 1,
        }
    }
    match std::str::from_utf8(&bytes[from..at]) {
        Ok(_) => Ok(Text { close: at, escaped }),
        Err(error) => syntax(from + error.valid_up_to(), "the string is not UTF-8"),
    }
}

/// The place after the escape at `at`.
fn escape(bytes: &[u8], at: usize, end: usize) -> Scanned<usize> {
    let rest = &bytes[at..end];
    match rest.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') if rest.len() >= 6 && rest[2..6].iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
        _ => syntax(at, "there is no such escape"),
    }
}

/// Appends what the escaped `text` stands for. Half of a surrogate pair alone becomes U+FFFD.
pub fn unescape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let (plain, length) = match rest.get(at + 1) {
            Some(b'u') => {
                let unit = hex(&rest[at + 2..]);
                let low = if rest.get(at + 6..at + 8) == Some(b"\\u") { hex(&rest[at + 8..]) } else { 0 };
                if (0xD800..0xDC00).contains(&unit) && (0xDC00..0xE000).contains(&low) {
                    (char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), 12)
                } else {
                    (char::from_u32(unit), 6)
                }
            }
            Some(b'b') => (Some('\u{8}'), 2),
            Some(b'f') => (Some('\u{c}'), 2),
            Some(b'n') => (Some('\n'), 2),
            Some(b'r') => (Some('\r'), 2),
            Some(b't') => (Some('\t'), 2),
            other => (other.map(|&byte| char::from(byte)), 2),
        };
        let character = plain.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn hex(digits: &[u8]) -> u32 {
    digits.iter().take(4).fold(0, |value, &digit| value << 4 | char::from(digit).to_digit(16).unwrap_or(0))
}

/// The place after blanks.
#[inline(always)]
pub fn blanks(bytes: &[u8], mut at: usize, end: usize) -> usize {
    while at < end && matches!(bytes[at], b' ' | b'\t' | b'\r' | b'\n') {
        at += 1;
    }
    at
}

/// The place after the number at `at`, and whether it has a fraction or an exponent.
#[inline]
pub fn number(bytes: &[u8], at: usize, end: usize) -> Scanned<(usize, bool)> {
    let text = &bytes[..end];
    let mut here = at + usize::from(text.get(at) == Some(&b'-'));
    let digits = |mut here: usize| {
        let from = here;
        while text.get(here).is_some_and(u8::is_ascii_digit) {
            here += 1;
        }
        (here, here - from)
    };
    let (after, count) = digits(here);
    if count == 0 || (count > 1 && text[here] == b'0') {
        return syntax(at, "this is no JSON value");
    }
    here = after;
    let mut fractional = false;
    if text.get(here) == Some(&b'.') {
        let (after, count) = digits(here + 1);
        if count == 0 {
            return syntax(at, "this is no JSON number");
        }
        (here, fractional) = (after, true);
    }
    if matches!(text.get(here), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(here + 1), Some(b'+' | b'-')));
        let (after, count) = digits(here + 1 + sign);
        if count == 0 {
            return syntax(at, "this is no JSON number");
        }
        (here, fractional) = (after, true);
    }
    match text.get(here) {
        None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n') => Ok((here, fractional)),
        _ => syntax(at, "this is no JSON value"),
    }
}

/// The place after `null`, `true` or `false`.
#[inline]
pub fn literal(bytes: &[u8], at: usize, end: usize, literal: &'static [u8]) -> Scanned<usize> {
    let after = at + literal.len();
    if !bytes[at..end].starts_with(literal) || bytes[..end].get(after).is_some_and(u8::is_ascii_alphanumeric) {
        return syntax(at, "this is no JSON value");
    }
    Ok(after)
}

/// Deeper nesting than this is refused.
pub const MAX_DEPTH: usize = 256;

/// The place after the value at `at`, which is checked to be JSON.
#[inline]
pub fn skip(bytes: &[u8], at: usize, end: usize, depth: usize) -> Scanned<usize> {
    match bytes[..end].get(at) {
        Some(b'"') => Ok(string(bytes, at + 1, end)?.close + 1),
        Some(b'{' | b'[') => skip_nested(bytes, at, end, depth),
        Some(b'n') => literal(bytes, at, end, b"null"),
        Some(b't') => literal(bytes, at, end, b"true"),
        Some(b'f') => literal(bytes, at, end, b"false"),
        Some(_) => Ok(number(bytes, at, end)?.0),
        None => syntax(at, "a value is missing"),
    }
}

fn skip_nested(bytes: &[u8], at: usize, end: usize, depth: usize) -> Scanned<usize> {
    if bytes[at] == b'[' {
        return elements(bytes, at, end, depth, |at| skip(bytes, at, end, depth + 1));
    }
    members(bytes, at, end, depth, |_, at| skip(bytes, at, end, depth + 1))
}

/// Goes through the array at `at`: `each` gets the place of an element and gives the place after it.
pub fn elements(
    bytes: &[u8],
    at: usize,
    end: usize,
    depth: usize,
    mut each: impl FnMut(usize) -> Scanned<usize>,
) -> Scanned<usize> {
    if depth >= MAX_DEPTH {
        return syntax(at, "the value is nested too deep");
    }
    let mut here = blanks(bytes, at + 1, end);
    if bytes[..end].get(here) == Some(&b']') {
        return Ok(here + 1);
    }
    loop {
        here = blanks(bytes, each(here)?, end);
        match bytes[..end].get(here) {
            Some(b',') => here = blanks(bytes, here + 1, end),
            Some(b']') => return Ok(here + 1),
            _ => return syntax(here, "`,` or `]` is missing"),
        }
    }
}

/// Goes through the object at `at`: `each` gets a key (its place after the quote, and its end) and the place of the
/// value, and gives the place after the value.
pub fn members(
    bytes: &[u8],
    at: usize,
    end: usize,
    depth: usize,
    mut each: impl FnMut((usize, Text), usize) -> Scanned<usize>,
) -> Scanned<usize> {
    if depth >= MAX_DEPTH {
        return syntax(at, "the value is nested too deep");
    }
    let mut here = blanks(bytes, at + 1, end);
    if bytes[..end].get(here) == Some(&b'}') {
        return Ok(here + 1);
    }
    loop {
        let (key, value) = key(bytes, here, end)?;
        here = blanks(bytes, each(key, value)?, end);
        match bytes[..end].get(here) {
            Some(b',') => here = blanks(bytes, here + 1, end),
            Some(b'}') => return Ok(here + 1),
            _ => return syntax(here, "`,` or `}` is missing"),
        }
    }
}

/// The key at `at` (its place after the quote, and its end), and the place of its value.
pub fn key(bytes: &[u8], at: usize, end: usize) -> Scanned<((usize, Text), usize)> {
    if bytes[..end].get(at) != Some(&b'"') {
        return syntax(at, "a field's name is missing");
    }
    let text = string(bytes, at + 1, end)?;
    let colon = blanks(bytes, text.close + 1, end);
    if bytes[..end].get(colon) != Some(&b':') {
        return syntax(colon, "`:` is missing");
    }
    Ok(((at + 1, text), blanks(bytes, colon + 1, end)))
}
