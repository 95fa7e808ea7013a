//! An object or array as the text that a STRING column holds: without blanks, strings escaped no more than needed,
//! fractional numbers as Java writes doubles.

use super::super::text;
use super::scan::{self, Scanned, Text};

/// Appends the value at `at` to `out` and gives the place after it.
pub fn copy(bytes: &[u8], at: usize, end: usize, depth: usize, out: &mut Vec<u8>) -> Scanned<usize> {
    match bytes[..end].get(at) {
        Some(b'"') => {
            let found = scan::string(bytes, at + 1, end)?;
            copy_string(bytes, at + 1, found, out);
            Ok(found.close + 1)
        }
        Some(b'[') => {
            out.push(b'[');
            let mut first = true;
            let after = scan::elements(bytes, at, end, depth, |at| {
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                copy(bytes, at, end, depth + 1, out)
            })?;
            out.push(b']');
            Ok(after)
        }
        Some(b'{') => {
            out.push(b'{');
            let mut first = true;
            let after = scan::members(bytes, at, end, depth, |(from, name), at| {
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                copy_string(bytes, from, name, out);
                out.push(b':');
                copy(bytes, at, end, depth + 1, out)
            })?;
            out.push(b'}');
            Ok(after)
        }
        Some(b'-' | b'0'..=b'9') => {
            let (after, fractional) = scan::number(bytes, at, end)?;
            let raw = &bytes[at..after];
            match text::parse_double(raw).filter(|_| fractional) {
                Some(value) if value.is_finite() => text::write_double(out, value),
                _ => out.extend_from_slice(raw),
            }
            Ok(after)
        }
        _ => {
            let after = scan::skip(bytes, at, end, depth)?;
            out.extend_from_slice(&bytes[at..after]);
            Ok(after)
        }
    }
}

fn copy_string(bytes: &[u8], from: usize, found: Text, out: &mut Vec<u8>) {
    let raw = &bytes[from..found.close];
    if found.escaped {
        let mut plain = Vec::with_capacity(raw.len());
        scan::unescape(raw, &mut plain);
        write_string(out, &plain);
    } else {
        write_string(out, raw);
    }
}

/// Appends text as a JSON string.
pub fn write_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            other => out.extend_from_slice(format!("\\u{other:04X}").as_bytes()),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
