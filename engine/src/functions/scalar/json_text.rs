//! JSON values as they are written. Numbers of any size keep their digits, and what is not asked for is not built.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;

/// A value within a text, without whitespace around it. Known to be JSON.
#[derive(Clone, Copy)]
pub struct Json<'a>(&'a str);

/// As deep as Flink reads it, structures are written.
const DEEPEST: usize = 1000;

const WHITESPACE: [char; 4] = [' ', '\t', '\n', '\r'];

fn trim(text: &str) -> &str {
    text.trim_start_matches(WHITESPACE)
}

impl<'a> Json<'a> {
    /// The first value of a text; `None` where it is not one.
    pub fn parse(text: &'a str) -> Option<Self> {
        let text = trim(text);
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        Some(Json(text.get(..values.byte_offset())?))
    }

    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The last member of a name of an object.
    pub fn member(self, name: &str) -> Option<Self> {
        let mut found = None;
        self.members(|key, value| {
            if text_of(key).is_some_and(|key| key == name) {
                found = Some(value);
            }
        })?;
        found
    }

    /// An item of an array, from 0.
    pub fn item(self, index: usize) -> Option<Self> {
        let mut rest = trim(self.0.strip_prefix('[')?);
        let mut at = 0;
        while !rest.starts_with(']') {
            let (value, after) = split_value(rest)?;
            if at == index {
                return Some(Json(value));
            }
            at += 1;
            rest = after_comma(after);
        }
        None
    }

    /// Writes a text, a number, TRUE or FALSE; `None` for others.
    pub fn scalar(self, out: &mut String) -> Option<()> {
        match self.0.as_bytes().first()? {
            b'{' | b'[' | b'n' => return None,
            b'"' => out.push_str(&text_of(self.0)?),
            b't' | b'f' => out.push_str(self.0),
            _ => write_number(self.0, out),
        }
        Some(())
    }

    /// Writes an object or an array, without whitespace and with the members by their names; `None` for others.
    pub fn structure(self, out: &mut String) -> Option<()> {
        if self.0.starts_with(['{', '[']) { self.write(out, DEEPEST) } else { None }
    }

    fn write(self, out: &mut String, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match self.0.as_bytes().first()? {
            b'{' => {
                let mut members = BTreeMap::new();
                self.members(|key, value| members.insert(text_of(key), value))?;
                out.push('{');
                for (number, (name, value)) in members.into_iter().enumerate() {
                    out.push_str(if number > 0 { "," } else { "" });
                    // Written anew, so that what needs no escape has none.
                    out.extend([&*serde_json::to_string(&name?).ok()?, ":"]);
                    value.write(out, depth)?;
                }
                out.push('}');
            }
            b'[' => {
                let (mut rest, mut comma) = (trim(self.0.get(1..)?), "");
                out.push('[');
                while !rest.starts_with(']') {
                    let (value, after) = split_value(rest)?;
                    out.push_str(comma);
                    Json(value).write(out, depth)?;
                    (rest, comma) = (after_comma(after), ",");
                }
                out.push(']');
            }
            b'"' => out.push_str(&serde_json::to_string(&text_of(self.0)?).ok()?),
            b'-' | b'0'..=b'9' => write_number(self.0, out),
            _ => out.push_str(self.0),
        }
        Some(())
    }

    /// The names as they are written, and the values.
    fn members<R>(self, mut run: impl FnMut(&'a str, Self) -> R) -> Option<()> {
        let mut rest = trim(self.0.strip_prefix('{')?);
        while rest.starts_with('"') {
            let (key, after) = split_value(rest)?;
            let (value, after) = split_value(trim(trim(after).strip_prefix(':')?))?;
            run(key, Json(value));
            rest = after_comma(after);
        }
        Some(())
    }
}

/// The text that is written so.
fn text_of(written: &str) -> Option<Cow<'_, str>> {
    let bare = written.strip_prefix('"')?.strip_suffix('"')?;
    if bare.contains('\\') { serde_json::from_str(written).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(bare)) }
}

fn after_comma(text: &str) -> &str {
    let text = trim(text);
    text.strip_prefix(',').map_or(text, trim)
}

/// The value that a text begins with, and what follows.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let end = match text.as_bytes().first()? {
        b'"' => text_end(text)?,
        b'{' | b'[' => structure_end(text)?,
        _ => text.find([',', ':', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(text.len()),
    };
    text.split_at_checked(end)
}

/// After the quote that ends the text that begins here.
fn text_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// After the bracket that ends the object or array that begins here.
fn structure_end(text: &str) -> Option<usize> {
    let (mut at, mut depth) = (0, 0usize);
    loop {
        match text.as_bytes().get(at)? {
            b'"' => at += text_end(text.get(at..)?)?,
            b'{' | b'[' => (at, depth) = (at + 1, depth + 1),
            b'}' | b']' if depth <= 1 => return Some(at + 1),
            b'}' | b']' => (at, depth) = (at + 1, depth - 1),
            _ => at += 1,
        }
    }
}

/// A number as Java's BigDecimal writes it: `1e3` is `1E+3`, and `-0` is `0`.
fn write_number(number: &str, out: &mut String) {
    use std::fmt::Write;
    let (negative, bare) = number.strip_prefix('-').map_or((false, number), |bare| (true, bare));
    let (mantissa, exponent) = bare.split_once(['e', 'E']).unwrap_or((bare, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_zero = mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if negative && !is_zero {
        out.push('-');
    }
    // Beyond what an exponent may be, it stays as it is.
    let Ok(exponent) = exponent.parse::<i32>() else { return out.push_str(bare) };
    if exponent == 0 && (!is_zero || fraction.len() <= 6) && !is_small(whole, fraction) {
        return out.push_str(mantissa);
    }
    let scale = fraction.len() as i64 - i64::from(exponent);
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    let adjusted = digits.len() as i64 - 1 - scale;
    if scale >= 0 && adjusted >= -6 {
        let missing = (scale + 1 - digits.len() as i64).max(0) as usize;
        let digits = format!("{}{digits}", "0".repeat(missing));
        let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
        out.push_str(whole);
        if !fraction.is_empty() {
            out.extend([".", fraction]);
        }
        return;
    }
    let (first, rest) = digits.split_at(1);
    out.push_str(first);
    if !rest.is_empty() {
        out.extend([".", rest]);
    }
    // Writing to a String does not fail.
    let _ = write!(out, "E{adjusted:+}");
}

/// Whether a number without exponent is below a millionth, but not 0.
fn is_small(whole: &str, fraction: &str) -> bool {
    whole == "0" && fraction.len() > 6 && fraction.starts_with("000000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_java_writes_them() {
        for (number, java) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0.0"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("-1.0", "-1.0"),
            ("0.1000", "0.1000"),
            ("1e3", "1E+3"),
            ("1.5e20", "1.5E+20"),
            ("1.50e1", "15.0"),
            ("1e-7", "1E-7"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1E-7"),
            ("0.0000000", "0E-7"),
            ("0.00000012", "1.2E-7"),
            ("1e400", "1E+400"),
            ("123e-2", "1.23"),
        ] {
            let mut text = String::new();
            write_number(number, &mut text);
            assert_eq!(text, java, "{number}");
        }
    }

    #[test]
    fn values_are_found_in_any_json() {
        let json = Json::parse(r#" {"a\"}" : [1, {"b": "x]\\"}, [ ] ] , "c":{},"c":null} , trailing"#).unwrap();
        let array = json.member("a\"}").unwrap();
        let mut out = String::new();
        array.structure(&mut out).unwrap();
        assert_eq!(out, r#"[1,{"b":"x]\\"},[]]"#);
        let unsorted = Json::parse(r#"{"b": "\u00e9\/", "a": {"d": 1e3, "c": [ null , true ]}, "b": 2}"#).unwrap();
        out.clear();
        unsorted.structure(&mut out).unwrap();
        assert_eq!(out, r#"{"a":{"c":[null,true],"d":1E+3},"b":2}"#);
        assert!(json.member("c").unwrap().is_null() && json.member("b").is_none());
        assert!(array.item(2).is_some() && array.item(3).is_none() && json.item(0).is_none());
        assert!(Json::parse("{\"a\":1").is_none() && Json::parse(" ").is_none());
    }
}
