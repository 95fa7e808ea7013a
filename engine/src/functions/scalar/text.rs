//! Texts to texts. Positions and lengths count characters.

use datafusion::arrow::array::types::Int32Type;
use datafusion::arrow::datatypes::DataType;
use std::fmt::Write;

use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use crate::error::{Error, Result};
use datafusion::arrow::array::ArrayRef;

const TEXT: Family = Family::Text;
const ONE: Parameters = Parameters::Of(&[Kind::Text], 1);

/// What a text may grow to: more is refused, not tried.
pub(in crate::functions) const LONGEST: usize = 64 << 20;

pub(super) fn too_long() -> Error {
    Error::user(format!("the text would be longer than {LONGEST} bytes"))
}

/// Appends a part of a text, unless the text would be too long with it.
pub(super) fn append(part: &str, out: &mut String) -> Result<()> {
    if out.len().saturating_add(part.len()) > LONGEST {
        return Err(too_long());
    }
    out.push_str(part);
    Ok(())
}

/// A function of one text.
fn each(call: &Call, write: impl Fn(&str, &mut String)) -> Result<ArrayRef> {
    let texts = call.text(0)?;
    call.texts(|row, out| {
        write(texts.get(row)?, out);
        Some(())
    })
}

const UPPER: Definition = Definition::new(
    TEXT,
    "UPPER",
    "UPPER(text)",
    "The text in upper case.",
    ("UPPER('abc')", "ABC"),
    ONE,
    returns!(DataType::Utf8),
    |call| call.delegate(&datafusion::functions::string::upper(), vec![call.array(0)?]),
);

const LOWER: Definition = Definition::new(
    TEXT,
    "LOWER",
    "LOWER(text)",
    "The text in lower case.",
    ("LOWER('ABC')", "abc"),
    ONE,
    returns!(DataType::Utf8),
    |call| call.delegate(&datafusion::functions::string::lower(), vec![call.array(0)?]),
);

const INITCAP: Definition = Definition::new(
    TEXT,
    "INITCAP",
    "INITCAP(text)",
    "Every word with its first letter in upper case and the others in lower case. Words are of the letters and digits of \
     ASCII; all others stay as they are, and separate words.",
    ("INITCAP('hello wORLD foo_bar')", "Hello World Foo_Bar"),
    ONE,
    returns!(DataType::Utf8),
    |call| {
        each(call, |text, out| {
            let mut inside = false;
            for letter in text.chars() {
                out.push(if inside { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() });
                inside = letter.is_ascii_alphanumeric();
            }
        })
    },
);

const REVERSE: Definition = Definition::new(
    TEXT,
    "REVERSE",
    "REVERSE(text)",
    "The text backwards.",
    ("REVERSE('abc')", "cba"),
    ONE,
    returns!(DataType::Utf8),
    |call| each(call, |text, out| out.extend(text.chars().rev())),
);

/// The ends that a trim looks at, and by default what it takes off.
fn trim(call: &Call, start: bool, end: bool) -> Result<ArrayRef> {
    let texts = call.text(0)?;
    let characters = if call.len() > 1 { Some(call.text(1)?) } else { None };
    call.texts(|row, out| {
        let mut text = texts.get(row)?;
        let taken = match &characters {
            Some(characters) => characters.get(row)?,
            None => " ",
        };
        let is_taken = |letter: char| taken.contains(letter);
        if start {
            text = text.trim_start_matches(is_taken);
        }
        if end {
            text = text.trim_end_matches(is_taken);
        }
        out.push_str(text);
        Some(())
    })
}

macro_rules! trim {
    ($constant:ident, $name:literal, $doc:literal, $example:literal => $value:literal, $start:literal, $end:literal) => {
        const $constant: Definition = Definition::new(
            TEXT,
            $name,
            concat!($name, "(text [, characters])"),
            $doc,
            ($example, $value),
            Parameters::Of(&[Kind::Text, Kind::Text], 1),
            returns!(DataType::Utf8),
            |call| trim(call, $start, $end),
        );
    };
}

trim!(TRIM, "TRIM", "The text without spaces, or the given characters, at both ends. Also `TRIM(BOTH 'x' FROM text)`.",
    "TRIM('  a ')" => "a", true, true);
trim!(BTRIM, "BTRIM", "The same as TRIM.", "BTRIM('xaxx', 'x')" => "a", true, true);
trim!(LTRIM, "LTRIM", "The text without spaces, or the given characters, at its begin.",
    "LTRIM('xyabc', 'yx')" => "abc", true, false);
trim!(RTRIM, "RTRIM", "The text without spaces, or the given characters, at its end.",
    "RTRIM('abcc', 'c')" => "ab", false, true);

const CONCAT: Definition = Definition::new(
    TEXT,
    "CONCAT",
    "CONCAT(text, …)",
    "All texts in one; NULL if any is NULL.",
    ("CONCAT('a', 'b', 'c')", "abc"),
    Parameters::Rest(&[Kind::Text]),
    returns!(DataType::Utf8),
    |call| {
        let parts = (0..call.len()).map(|index| call.text(index)).collect::<Result<Vec<_>>>()?;
        call.try_texts(|row, out| {
            for part in &parts {
                let Some(part) = part.get(row) else { return Ok(None) };
                append(part, out)?;
            }
            Ok(Some(()))
        })
    },
);

const CONCAT_WS: Definition = Definition::new(
    TEXT,
    "CONCAT_WS",
    "CONCAT_WS(separator, text, …)",
    "The texts that are not NULL, with a separator between them.",
    ("CONCAT_WS('~', 'a', CAST(NULL AS STRING), 'b')", "a~b"),
    Parameters::Rest(&[Kind::Text, Kind::Text]),
    returns!(DataType::Utf8),
    |call| {
        let separators = call.text(0)?;
        let parts = (1..call.len()).map(|index| call.text(index)).collect::<Result<Vec<_>>>()?;
        call.try_texts(|row, out| {
            let Some(separator) = separators.get(row) else { return Ok(None) };
            let mut between = "";
            for part in parts.iter().filter_map(|part| part.get(row)) {
                append(between, out)?;
                append(part, out)?;
                between = separator;
            }
            Ok(Some(()))
        })
    },
);

const REPEAT: Definition = Definition::new(
    TEXT,
    "REPEAT",
    "REPEAT(text, n)",
    "The text n times.",
    ("REPEAT('ab', 3)", "ababab"),
    Parameters::Of(&[Kind::Text, Kind::Int], 2),
    returns!(DataType::Utf8),
    |call| {
        let (texts, times) = (call.text(0)?, call.int(1)?);
        call.try_texts(|row, out| {
            let (Some(text), Some(times)) = (texts.get(row), times.get(row)) else { return Ok(None) };
            let times = times.max(0) as usize;
            if text.len().saturating_mul(times) > LONGEST {
                return Err(too_long());
            }
            (0..times).for_each(|_| out.push_str(text));
            Ok(Some(()))
        })
    },
);

const REPLACE: Definition = Definition::new(
    TEXT,
    "REPLACE",
    "REPLACE(text, old, new)",
    "The text with every occurrence of one text replaced by another. An empty one occurs before every character and at the \
     end.",
    ("REPLACE('hello', 'l', 'L')", "heLLo"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 3),
    returns!(DataType::Utf8),
    |call| {
        let (texts, old, new) = (call.text(0)?, call.text(1)?, call.text(2)?);
        call.try_texts(|row, out| {
            let (Some(mut text), Some(old), Some(new)) = (texts.get(row), old.get(row), new.get(row)) else {
                return Ok(None);
            };
            if old.is_empty() {
                for letter in text.chars() {
                    append(new, out)?;
                    out.push(letter);
                }
                append(new, out)?;
                text = "";
            } else {
                while let Some(at) = text.find(old) {
                    append(&text[..at], out)?;
                    append(new, out)?;
                    text = &text[at + old.len()..];
                }
            }
            append(text, out)?;
            Ok(Some(()))
        })
    },
);

const TRANSLATE: Definition = Definition::new(
    TEXT,
    "TRANSLATE",
    "TRANSLATE(text, from, to)",
    "Each character of the text that is in `from` replaced by the one at its place in `to`, or left out.",
    ("TRANSLATE('abc', 'ab', 'x')", "xc"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 3),
    returns!(DataType::Utf8),
    |call| {
        let (texts, from, to) = (call.text(0)?, call.text(1)?, call.text(2)?);
        call.texts(|row, out| {
            let (text, from, to) = (texts.get(row)?, from.get(row)?, to.get(row)?);
            out.extend(text.chars().filter_map(|letter| match from.chars().position(|it| it == letter) {
                None => Some(letter),
                Some(place) => to.chars().nth(place),
            }));
            Some(())
        })
    },
);

fn pad(call: &Call, left: bool) -> Result<ArrayRef> {
    let (texts, lengths, pads) = (call.text(0)?, call.int(1)?, call.text(2)?);
    call.try_texts(|row, out| {
        let (Some(text), Some(length), Some(pad)) = (texts.get(row), lengths.get(row), pads.get(row)) else {
            return Ok(None);
        };
        let Ok(length) = usize::try_from(length) else { return Ok(None) };
        let missing = length.saturating_sub(text.chars().count());
        if pad.is_empty() {
            return Ok(None);
        }
        if length > LONGEST / 4 {
            return Err(too_long());
        }
        let padding = pad.chars().cycle().take(missing);
        if left {
            out.extend(padding);
            out.extend(text.chars().take(length));
        } else {
            out.extend(text.chars().take(length));
            out.extend(padding);
        }
        Ok(Some(()))
    })
}

macro_rules! pad {
    ($constant:ident, $name:literal, $doc:literal, $example:literal => $value:literal, $left:literal) => {
        const $constant: Definition = Definition::new(
            TEXT,
            $name,
            concat!($name, "(text, length, pad)"),
            $doc,
            ($example, $value),
            Parameters::Of(&[Kind::Text, Kind::Int, Kind::Text], 3),
            returns!(DataType::Utf8),
            |call| pad(call, $left),
        );
    };
}

pad!(LPAD, "LPAD", "The text filled up on the left to a length, or cut to it; NULL for negative lengths, or an empty pad.",
    "LPAD('hi', 4, '?')" => "??hi", true);
pad!(RPAD, "RPAD", "The text filled up on the right to a length, or cut to it; NULL for negative lengths, or an empty pad.",
    "RPAD('hi', 5, 'xy')" => "hixyx", false);

const CHR: Definition = Definition::new(
    TEXT,
    "CHR",
    "CHR(code)",
    "The character of a code, modulo 256; an empty text for negative ones.",
    ("CHR(65)", "A"),
    Parameters::Of(&[Kind::Long], 1),
    returns!(DataType::Utf8),
    |call| {
        let codes = call.long(0)?;
        call.texts(|row, out| {
            let code = codes.get(row)?;
            if code >= 0 {
                out.push(char::from((code & 0xff) as u8));
            }
            Some(())
        })
    },
);

const ASCII: Definition = Definition::new(
    TEXT,
    "ASCII",
    "ASCII(text)",
    "The code of the first byte; 0 of an empty text.",
    ("ASCII('abc')", "97"),
    ONE,
    returns!(DataType::Int32),
    |call| {
        let texts = call.text(0)?;
        // Java's bytes are signed.
        call.primitives::<Int32Type>(|row| Some(texts.get(row)?.bytes().next().map_or(0, |byte| i32::from(byte as i8))))
    },
);

const BIN: Definition = Definition::new(
    TEXT,
    "BIN",
    "BIN(integer)",
    "The integer in binary digits.",
    ("BIN(5)", "101"),
    Parameters::Of(&[Kind::Long], 1),
    returns!(DataType::Utf8),
    |call| {
        let values = call.long(0)?;
        call.texts(|row, out| write!(out, "{:b}", values.get(row)?).ok())
    },
);

const HEX: Definition = Definition::new(
    TEXT,
    "HEX",
    "HEX(integer) or HEX(text)",
    "The integer, or the bytes of the text, in hexadecimal digits.",
    ("HEX(255)", "FF"),
    Parameters::Rule(|types| match types {
        [DataType::Utf8] => Some(types.to_vec()),
        _ => Parameters::Of(&[Kind::Long], 1).coerce(types),
    }),
    returns!(DataType::Utf8),
    |call| {
        if call.types() == [&DataType::Utf8] {
            return each(call, |text, out| {
                for byte in text.bytes() {
                    // Writing to a String does not fail.
                    let _ = write!(out, "{byte:02X}");
                }
            });
        }
        let values = call.long(0)?;
        call.texts(|row, out| write!(out, "{:X}", values.get(row)?).ok())
    },
);

pub const DEFINITIONS: &[&Definition] = &[
    &UPPER, &LOWER, &INITCAP, &REVERSE, &TRIM, &BTRIM, &LTRIM, &RTRIM, &CONCAT, &CONCAT_WS, &REPEAT, &REPLACE,
    &TRANSLATE, &LPAD, &RPAD, &CHR, &ASCII, &BIN, &HEX,
];
