//! How languages write a text between quotes.

use std::collections::BTreeSet;
use std::fmt::Write;

/// How a language writes characters that cannot stand as they are.
struct Style {
    /// Those that have a letter, behind a backslash.
    letters: &'static [(char, char)],
    /// Those that could stand, and are not left.
    also: &'static str,
    /// All others.
    other: fn(char, &mut String),
}

const PYTHON: &[(char, char)] = &[('\n', 'n'), ('\r', 'r'), ('\t', 't')];
const RUST: &[(char, char)] = &[('\n', 'n'), ('\r', 'r'), ('\t', 't'), ('\0', '0')];
const JSON: &[(char, char)] = &[('\n', 'n'), ('\r', 'r'), ('\t', 't'), ('\u{8}', 'b'), ('\u{c}', 'f')];
const C: &[(char, char)] =
    &[('\n', 'n'), ('\r', 'r'), ('\t', 't'), ('\u{7}', 'a'), ('\u{8}', 'b'), ('\u{b}', 'v'), ('\u{c}', 'f')];

const STYLES: &[Style] = &[
    // Python's `repr` of a text, and of bytes.
    Style { letters: PYTHON, also: "", other: by_size },
    Style { letters: PYTHON, also: "", other: hexadecimal_bytes },
    // JSON, as JavaScript and as Go write it.
    Style { letters: JSON, also: "", other: utf16 },
    Style { letters: JSON, also: "<>&", other: utf16 },
    // Go's `%q`.
    Style { letters: C, also: "", other: by_size_behind_ascii },
    Style { letters: C, also: "", other: octal_bytes },
    Style { letters: RUST, also: "", other: in_braces },
];

/// The quotes that a text has a backslash before: none where it stands between others.
const QUOTES: &[&str] = &["", "'", "\"", "'\""];

/// Which characters cannot stand as they are.
const LEVELS: &[fn(char) -> bool] =
    &[|c| c < ' ', |c| c < ' ' || is_unprintable(c), |c| c < ' ' || !c.is_ascii() || c == '\u{7f}'];

/// The spellings of a text that are not the text itself.
pub(super) fn spellings(text: &str) -> BTreeSet<String> {
    let mut spellings = BTreeSet::new();
    if text.chars().all(|c| c.is_ascii_graphic() && !"'\"\\<>&".contains(c) || c == ' ') {
        return spellings;
    }
    let quotes = if text.contains(['\'', '"']) { QUOTES } else { &QUOTES[..1] };
    let levels = if text.chars().any(|c| c >= '\u{7f}') { LEVELS } else { &LEVELS[..1] };
    for style in STYLES {
        for quotes in quotes {
            for is_escaped in levels {
                spellings.insert(style.spell(text, quotes, *is_escaped));
            }
        }
    }
    spellings.remove(text);
    spellings
}

impl Style {
    fn spell(&self, text: &str, quotes: &str, is_escaped: fn(char) -> bool) -> String {
        let mut spelled = String::with_capacity(text.len() + text.len() / 8);
        for c in text.chars() {
            if c == '\\' || quotes.contains(c) {
                spelled.extend(['\\', c]);
            } else if let Some((_, letter)) = self.letters.iter().find(|(named, _)| *named == c) {
                spelled.extend(['\\', *letter]);
            } else if is_escaped(c) || self.also.contains(c) {
                (self.other)(c, &mut spelled);
            } else {
                spelled.push(c);
            }
        }
        spelled
    }
}

/// Whether a character is no letter, sign or blank, as far as languages agree on that.
fn is_unprintable(c: char) -> bool {
    // What a mark is put on stands before it.
    let shown = ['a', c].iter().collect::<String>();
    !matches!(c, '\\' | '\'' | '"') && shown.escape_debug().count() > 2
}

// Writing to a text never fails.

fn by_size(c: char, out: &mut String) {
    let _ = match u32::from(c) {
        code @ ..0x100 => write!(out, "\\x{code:02x}"),
        code @ ..0x1_0000 => write!(out, "\\u{code:04x}"),
        code => write!(out, "\\U{code:08x}"),
    };
}

fn by_size_behind_ascii(c: char, out: &mut String) {
    let _ = match u32::from(c) {
        code @ ..0x80 => write!(out, "\\x{code:02x}"),
        code @ ..0x1_0000 => write!(out, "\\u{code:04x}"),
        code => write!(out, "\\U{code:08x}"),
    };
}

fn utf16(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(out, "\\u{unit:04x}");
    }
}

fn in_braces(c: char, out: &mut String) {
    let _ = write!(out, "{}", c.escape_unicode());
}

fn hexadecimal_bytes(c: char, out: &mut String) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        let _ = write!(out, "\\x{byte:02x}");
    }
}

fn octal_bytes(c: char, out: &mut String) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        let _ = write!(out, "\\{byte:03o}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_as_it_is_has_one_spelling() {
        assert!(spellings("sk-0123_ABC/+=~ {}").is_empty());
        assert!(!spellings("größer").contains("größer"));
    }

    #[test]
    fn every_language_is_there() {
        let text = "a'b\"c\\d\ne\u{1b}f<g\u{e9}h\u{a0}i\u{1f600}";
        let spellings = spellings(text);
        for spelled in [
            // Python: `repr`, `ascii`, `repr` of bytes.
            r#"a\'b"c\\d\ne\x1bf<géh\xa0i😀"#,
            r#"a\'b"c\\d\ne\x1bf<g\xe9h\xa0i\U0001f600"#,
            r#"a\'b"c\\d\ne\x1bf<g\xc3\xa9h\xc2\xa0i\xf0\x9f\x98\x80"#,
            // JavaScript's `JSON.stringify`, Go's `json.Marshal`, Python's `json.dumps`.
            "a'b\\\"c\\\\d\\ne\\u001bf<géh\u{a0}i😀",
            "a'b\\\"c\\\\d\\ne\\u001bf\\u003cgéh\u{a0}i😀",
            r#"a'b\"c\\d\ne\u001bf<g\u00e9h\u00a0i\ud83d\ude00"#,
            // Rust's `{:?}`.
            format!("{text:?}").trim_matches('"'),
            // Go's `%q` and `%+q`, and C.
            r#"a'b\"c\\d\ne\x1bf<géh\u00a0i😀"#,
            r#"a'b\"c\\d\ne\x1bf<g\u00e9h\u00a0i\U0001f600"#,
            r#"a'b\"c\\d\ne\033f<g\303\251h\302\240i\360\237\230\200"#,
        ] {
            assert!(spellings.contains(spelled), "{spelled} is not among {spellings:#?}");
        }
    }
}
