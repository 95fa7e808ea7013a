//! Parts of texts, and where they are. Positions count characters, from 1.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::array::types::Int32Type;
use datafusion::arrow::datatypes::DataType;

use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use crate::error::Result;

const TEXT: Family = Family::Text;

const CHAR_LENGTH: Definition = Definition::new(
    TEXT,
    "CHAR_LENGTH",
    "CHAR_LENGTH(text)",
    "The number of characters.",
    ("CHAR_LENGTH('hello')", "5"),
    Parameters::Of(&[Kind::Text], 1),
    returns!(DataType::Int32),
    |call| {
        let texts = call.text(0)?;
        call.primitives::<Int32Type>(|row| Some(texts.get(row)?.chars().count() as i32))
    },
)
.aliases(&["CHARACTER_LENGTH", "LENGTH"]);

const OCTET_LENGTH: Definition = Definition::new(
    TEXT,
    "OCTET_LENGTH",
    "OCTET_LENGTH(text)",
    "The number of bytes in UTF-8.",
    ("OCTET_LENGTH('é')", "2"),
    Parameters::Of(&[Kind::Text], 1),
    returns!(DataType::Int32),
    |call| {
        let texts = call.text(0)?;
        call.primitives::<Int32Type>(|row| Some(texts.get(row)?.len() as i32))
    },
);

/// The byte where a character begins, or the text's end.
fn byte_of(text: &str, character: usize) -> usize {
    if text.is_ascii() {
        return character.min(text.len());
    }
    text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte)
}

fn characters(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

const SUBSTRING: Definition = Definition::new(
    TEXT,
    "SUBSTRING",
    "SUBSTRING(text, start [, length])",
    "The part from a position on, of a length or to the end. A negative position counts from the end, 0 is 1; NULL for \
     a negative length. Also `SUBSTRING(text FROM start FOR length)`.",
    ("SUBSTRING('hello', 2, 3)", "ell"),
    Parameters::Of(&[Kind::Text, Kind::Int, Kind::Int], 2),
    returns!(DataType::Utf8),
    |call| {
        let (texts, starts) = (call.text(0)?, call.int(1)?);
        let lengths = if call.len() > 2 { Some(call.int(2)?) } else { None };
        call.texts(|row, out| {
            let (text, start) = (texts.get(row)?, starts.get(row)?);
            let length = match &lengths {
                Some(lengths) => usize::try_from(lengths.get(row)?).ok()?,
                None => usize::MAX,
            };
            let first = match usize::try_from(start) {
                Ok(start) => start.saturating_sub(1),
                // Before the begin there is nothing.
                Err(_) => match characters(text).checked_sub(start.unsigned_abs() as usize) {
                    Some(first) => first,
                    None => return Some(()),
                },
            };
            let rest = &text[byte_of(text, first)..];
            out.push_str(&rest[..byte_of(rest, length)]);
            Some(())
        })
    },
)
.aliases(&["SUBSTR"]);

const LEFT: Definition = Definition::new(
    TEXT,
    "LEFT",
    "LEFT(text, length)",
    "The first characters.",
    ("LEFT('hello', 2)", "he"),
    Parameters::Of(&[Kind::Text, Kind::Int], 2),
    returns!(DataType::Utf8),
    |call| {
        let (texts, lengths) = (call.text(0)?, call.int(1)?);
        call.texts(|row, out| {
            let (text, length) = (texts.get(row)?, lengths.get(row)?);
            out.push_str(&text[..byte_of(text, length.max(0) as usize)]);
            Some(())
        })
    },
);

const RIGHT: Definition = Definition::new(
    TEXT,
    "RIGHT",
    "RIGHT(text, length)",
    "The last characters.",
    ("RIGHT('hello', 2)", "lo"),
    Parameters::Of(&[Kind::Text, Kind::Int], 2),
    returns!(DataType::Utf8),
    |call| {
        let (texts, lengths) = (call.text(0)?, call.int(1)?);
        call.texts(|row, out| {
            let (text, length) = (texts.get(row)?, lengths.get(row)?);
            let skipped = characters(text).saturating_sub(length.max(0) as usize);
            out.push_str(&text[byte_of(text, skipped)..]);
            Some(())
        })
    },
);

/// Position of `part` in `text` from position `start` on; 0 where it is not. An empty part is at 1, wherever it begins.
fn position(text: &str, part: &str, start: i32) -> i32 {
    if part.is_empty() {
        return 1;
    }
    let skipped = usize::try_from(i64::from(start) - 1).unwrap_or(0);
    if skipped > characters(text) {
        return 0;
    }
    let from = byte_of(text, skipped);
    text[from..].find(part).map_or(0, |at| characters(&text[..from + at]) as i32 + 1)
}

fn find(call: &Call, part: usize, text: usize) -> Result<ArrayRef> {
    let (parts, texts) = (call.text(part)?, call.text(text)?);
    if call.len() < 3 {
        return call.primitives::<Int32Type>(|row| Some(position(texts.get(row)?, parts.get(row)?, 1)));
    }
    let starts = call.int(2)?;
    call.primitives::<Int32Type>(|row| Some(position(texts.get(row)?, parts.get(row)?, starts.get(row)?)))
}

const POSITION: Definition = Definition::new(
    TEXT,
    "POSITION",
    "POSITION(part IN text)",
    "The position of the first occurrence; 0 where there is none.",
    ("POSITION('l', 'hello')", "3"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Int32),
    |call| find(call, 0, 1),
);

const LOCATE: Definition = Definition::new(
    TEXT,
    "LOCATE",
    "LOCATE(part, text [, start])",
    "The position of the first occurrence from a position on, 1 or less being the begin; 0 where there is none.",
    ("LOCATE('l', 'hello', 4)", "4"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Int], 2),
    returns!(DataType::Int32),
    |call| find(call, 0, 1),
);

const INSTR: Definition = Definition::new(
    TEXT,
    "INSTR",
    "INSTR(text, part)",
    "The position of the first occurrence; 0 where there is none.",
    ("INSTR('hello', 'l')", "3"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Int32),
    |call| find(call, 1, 0),
);

const STARTSWITH: Definition = Definition::new(
    TEXT,
    "STARTSWITH",
    "STARTSWITH(text, part)",
    "Whether a text begins with another.",
    ("STARTSWITH('abc', 'a')", "TRUE"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Boolean),
    |call| {
        let (texts, parts) = (call.text(0)?, call.text(1)?);
        call.booleans(|row| Some(texts.get(row)?.starts_with(parts.get(row)?)))
    },
);

const ENDSWITH: Definition = Definition::new(
    TEXT,
    "ENDSWITH",
    "ENDSWITH(text, part)",
    "Whether a text ends with another.",
    ("ENDSWITH('abc', 'c')", "TRUE"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Boolean),
    |call| {
        let (texts, parts) = (call.text(0)?, call.text(1)?);
        call.booleans(|row| Some(texts.get(row)?.ends_with(parts.get(row)?)))
    },
);

/// Java's `Character.isWhitespace`.
fn is_java_whitespace(letter: char) -> bool {
    match letter {
        '\u{1c}'..='\u{1f}' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        letter => letter.is_whitespace(),
    }
}

const SPLIT_INDEX: Definition = Definition::new(
    TEXT,
    "SPLIT_INDEX",
    "SPLIT_INDEX(text, separator, index)",
    "The part at an index, from 0, of a text split at a separator, or at each whitespace where that is empty; NULL where \
     there is none, as in an empty text.",
    ("SPLIT_INDEX('a,b,c', ',', 1)", "b"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Int], 3),
    returns!(DataType::Utf8),
    |call| {
        let (texts, separators, indices) = (call.text(0)?, call.text(1)?, call.int(2)?);
        call.texts(|row, out| {
            let (text, separator, index) = (texts.get(row)?, separators.get(row)?, indices.get(row)?);
            let index = usize::try_from(index).ok().filter(|_| !text.is_empty())?;
            out.push_str(if separator.is_empty() {
                text.split(is_java_whitespace).nth(index)?
            } else {
                text.split(separator).nth(index)?
            });
            Some(())
        })
    },
);

const OVERLAY: Definition = Definition::new(
    TEXT,
    "OVERLAY",
    "OVERLAY(text PLACING part FROM start [FOR length])",
    "The text with a part of it, of this length or of that of the new part, replaced. What follows is left out where that \
     length is 0 or less.",
    ("OVERLAY('xxxxxtest', 'xxxx', 6)", "xxxxxxxxx"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Int, Kind::Int], 3),
    returns!(DataType::Utf8),
    |call| {
        let (texts, parts, starts) = (call.text(0)?, call.text(1)?, call.int(2)?);
        let lengths = if call.len() > 3 { Some(call.int(3)?) } else { None };
        call.texts(|row, out| {
            let (text, part, start) = (texts.get(row)?, parts.get(row)?, starts.get(row)?);
            let length = match &lengths {
                Some(lengths) => usize::try_from(lengths.get(row)?).unwrap_or(0),
                None => characters(part),
            };
            let all = characters(text);
            let Some(before) = usize::try_from(i64::from(start) - 1).ok().filter(|before| *before < all) else {
                out.push_str(text);
                return Some(());
            };
            out.push_str(&text[..byte_of(text, before)]);
            out.push_str(part);
            if length > 0 {
                out.push_str(&text[byte_of(text, before.saturating_add(length))..]);
            }
            Some(())
        })
    },
);

pub const DEFINITIONS: &[&Definition] = &[
    &CHAR_LENGTH,
    &OCTET_LENGTH,
    &SUBSTRING,
    &LEFT,
    &RIGHT,
    &POSITION,
    &LOCATE,
    &INSTR,
    &STARTSWITH,
    &ENDSWITH,
    &SPLIT_INDEX,
    &OVERLAY,
];
