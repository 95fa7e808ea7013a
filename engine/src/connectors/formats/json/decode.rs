//! Objects into columns: only the columns wanted are decoded, the rest is stepped over.
//!
//! Events of one stream nearly always have the same fields in the same order. So the text between two values of an
//! object (comma, name, colon, blanks) is remembered by its place in the object; where the same text stands there again,
//! one comparison of two or four words finds the column.

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Field, SchemaRef};
use std::sync::Arc;

use super::super::{Decoder, RecordError};
use super::ReadOptions;
use super::column::Column;
use super::scan::{self, Fault, Scanned, Text, What};
use super::value;
use crate::error::Result;

/// A batch holds no more than about so many bytes of text, whatever its number of rows: offsets are 32 bits.
const MAX_BATCH_BYTES: usize = 256 << 20;

pub struct JsonDecoder {
    schema: SchemaRef,
    options: ReadOptions,
    members: Members,
    /// Bytes consumed since the last batch.
    consumed: usize,
}

impl JsonDecoder {
    /// The schema's types have been checked.
    pub fn new(schema: SchemaRef, options: ReadOptions) -> Result<Self> {
        let members = Members::new(schema.fields())?;
        Ok(JsonDecoder { schema, options, members, consumed: 0 })
    }

    /// One line: an object, or an array of objects.
    fn record(&mut self, bytes: &[u8], at: usize, end: usize) -> Scanned<()> {
        let (members, options) = (&mut self.members, &self.options);
        let after = if bytes[at] == b'[' {
            scan::elements(bytes, at, end, 0, |at| members.read(bytes, at, end, options, 1))?
        } else {
            members.read(bytes, at, end, options, 0)?
        };
        if after < end {
            let after = scan::blanks(bytes, after, end);
            if after < end {
                return scan::syntax(after, "something follows after the object");
            }
        }
        Ok(())
    }
}

impl Decoder for JsonDecoder {
    fn decode(&mut self, bytes: &[u8], end: bool, max_rows: usize) -> Result<usize, RecordError> {
        let mut at = 0;
        while !self.is_full(max_rows) {
            let (line_end, next) = match memchr::memchr(b'\n', &bytes[at..]) {
                Some(length) => (at + length, at + length + 1),
                None if end && at < bytes.len() => (bytes.len(), bytes.len()),
                None => break,
            };
            let start = scan::blanks(bytes, at, line_end);
            if start < line_end {
                let before = self.members.rows;
                if let Err(fault) = self.record(bytes, start, line_end) {
                    self.members.truncate(before);
                    if !self.options.ignore_parse_errors {
                        return Err(RecordError { offset: at, message: describe(&fault, &bytes[..line_end], start) });
                    }
                }
            }
            self.consumed += next - at;
            at = next;
        }
        Ok(at)
    }

    fn rows(&self) -> usize {
        self.members.rows
    }

    fn is_full(&self, max_rows: usize) -> bool {
        self.members.rows >= max_rows || self.consumed > MAX_BATCH_BYTES
    }

    fn finish(&mut self) -> Result<RecordBatch> {
        self.consumed = 0;
        let options = RecordBatchOptions::new().with_row_count(Some(self.members.rows));
        let columns = self.members.finish()?;
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

/// What is wrong, with the text it concerns.
fn describe(fault: &Fault, line: &[u8], start: usize) -> String {
    let path: Vec<&str> = fault.path.iter().rev().map(String::as_str).collect();
    let field = if path.is_empty() { String::new() } else { format!("field `{}`: ", path.join(".")) };
    let excerpt = |from: usize, length: usize| {
        let text = String::from_utf8_lossy(line.get(from..).unwrap_or_default());
        let mut shown: String = text.chars().take(length).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        shown
    };
    match fault.what {
        What::Syntax(at, what) => {
            format!(
                "{field}not JSON at byte {} of the line ({what}): {}",
                at.saturating_sub(start) + 1,
                excerpt(start, 120)
            )
        }
        What::Value(at, kind) => {
            let after = scan::skip(line, at, line.len(), 0).unwrap_or(line.len());
            let text = String::from_utf8_lossy(&line[at..after]);
            let shown: String = text.chars().take(80).collect();
            format!("{field}cannot read {shown} as {kind}")
        }
        What::Null => format!("{field}NULL where the table declares NOT NULL: {}", excerpt(start, 120)),
        What::Missing => format!("{field}the field is missing: {}", excerpt(start, 120)),
    }
}

/// The fields of an object, or of a ROW in it.
#[derive(Debug, Default)]
pub struct Members {
    names: Vec<Box<str>>,
    columns: Vec<Column>,
    expected: Vec<Expected>,
    /// Whole rows.
    rows: usize,
}

/// The text that stood at one place of the last object: from the end of the value before to the value.
#[derive(Debug, Clone, Copy)]
struct Expected {
    words: [u64; 4],
    masks: [u64; 4],
    length: usize,
    /// Index of the column, or [`SKIP`].
    slot: usize,
}

const SKIP: usize = usize::MAX;

/// Fields of an object that are remembered, at most.
const MAX_EXPECTED: usize = 1024;

impl Expected {
    fn new(text: &[u8], slot: usize) -> Self {
        if text.len() > 32 {
            // Bytes that no JSON has: never found.
            return Expected { words: [u64::MAX; 4], masks: [u64::MAX; 4], length: 0, slot };
        }
        let (mut words, mut masks) = ([0u8; 32], [0u8; 32]);
        words[..text.len()].copy_from_slice(text);
        masks[..text.len()].fill(0xFF);
        let split = |bytes: [u8; 32]| {
            let mut words = [0; 4];
            for (word, eight) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
                *word = u64::from_le_bytes(*eight);
            }
            words
        };
        Expected { words: split(words), masks: split(masks), length: text.len(), slot }
    }

    #[inline(always)]
    fn stands_at(&self, bytes: &[u8], at: usize) -> bool {
        let Some(window) = bytes.get(at..at + 32) else { return false };
        let word = |number: usize| {
            let eight: [u8; 8] = [
                window[number * 8],
                window[number * 8 + 1],
                window[number * 8 + 2],
                window[number * 8 + 3],
                window[number * 8 + 4],
                window[number * 8 + 5],
                window[number * 8 + 6],
                window[number * 8 + 7],
            ];
            (u64::from_le_bytes(eight) ^ self.words[number]) & self.masks[number]
        };
        (word(0) | word(1)) == 0 && (self.length <= 16 || (word(2) | word(3)) == 0)
    }
}

impl Members {
    pub fn new<'a>(fields: impl IntoIterator<Item = &'a Arc<Field>>) -> Result<Self> {
        let mut members = Members::default();
        for field in fields {
            members.names.push(field.name().as_str().into());
            members.columns.push(Column::new(field)?);
        }
        Ok(members)
    }

    /// Reads the object at `at` as a row and gives the place after it.
    #[inline]
    pub fn read(&mut self, bytes: &[u8], at: usize, end: usize, options: &ReadOptions, depth: usize) -> Scanned<usize> {
        let rows = self.rows;
        let mut here = at;
        let mut place = 0;
        loop {
            let (slot, value) = match self.expected.get(place) {
                Some(expected) if expected.stands_at(bytes, here) => {
                    let value = here + expected.length;
                    // More blanks than in the last object.
                    let blank = bytes.get(value).is_some_and(|&byte| byte <= b' ');
                    (expected.slot, if blank { scan::blanks(bytes, value, end) } else { value })
                }
                _ => match self.unexpected(bytes, here, end, place, depth)? {
                    Next::Field { slot, value } => (slot, value),
                    Next::End(after) => {
                        here = after;
                        break;
                    }
                },
            };
            place += 1;
            here = if slot == SKIP {
                scan::skip(bytes, value, end, depth + 1)?
            } else {
                let column = &mut self.columns[slot];
                if column.len() > rows {
                    column.truncate(rows);
                }
                match value::read(column, bytes, value, end, options, depth + 1) {
                    Ok(after) => after,
                    Err(fault) => return Err(self.within(fault, slot)),
                }
            };
        }
        for slot in 0..self.columns.len() {
            if self.columns[slot].len() == rows {
                if options.fail_on_missing_field || self.columns[slot].required {
                    return Err(self.within(Box::new(Fault { what: What::Missing, path: vec![] }), slot));
                }
                self.columns[slot].append_null();
            }
        }
        self.rows += 1;
        Ok(here)
    }

    #[cold]
    fn within(&self, mut fault: Box<Fault>, slot: usize) -> Box<Fault> {
        fault.path.push(self.names[slot].to_string());
        fault
    }

    /// What stands at `here`, where another text was expected: the beginning of the object or the end of a value.
    fn unexpected(&mut self, bytes: &[u8], here: usize, end: usize, place: usize, depth: usize) -> Scanned<Next> {
        let text = &bytes[..end];
        let mut at = scan::blanks(text, here, end);
        match text.get(at) {
            Some(b'{') if place == 0 => {
                if depth >= scan::MAX_DEPTH {
                    return scan::syntax(at, "the value is nested too deep");
                }
                at = scan::blanks(text, at + 1, end);
                if text.get(at) == Some(&b'}') {
                    return Ok(Next::End(at + 1));
                }
            }
            Some(b'}') if place > 0 => return Ok(Next::End(at + 1)),
            Some(b',') if place > 0 => at = scan::blanks(text, at + 1, end),
            _ if place == 0 => return scan::syntax(at, "an object is wanted"),
            _ => return scan::syntax(at, "`,` or `}` is missing"),
        }
        let ((from, name), value) = scan::key(bytes, at, end)?;
        let slot = self.slot(&bytes[from..name.close], name);
        let expected = Expected::new(&bytes[here..value], slot);
        if let Some(old) = self.expected.get_mut(place) {
            *old = expected;
        } else if place == self.expected.len() && place < MAX_EXPECTED {
            self.expected.push(expected);
        }
        Ok(Next::Field { slot, value })
    }

    fn slot(&self, name: &[u8], text: Text) -> usize {
        let mut plain = Vec::new();
        let name = if text.escaped {
            scan::unescape(name, &mut plain);
            &plain
        } else {
            name
        };
        self.names.iter().position(|known| known.as_bytes() == name).unwrap_or(SKIP)
    }

    /// Adds a row whose values `add` adds, column by column.
    pub fn append_with<E>(&mut self, add: impl FnMut(&mut Column) -> Result<(), E>) -> Result<(), E> {
        self.columns.iter_mut().try_for_each(add)?;
        self.rows += 1;
        Ok(())
    }

    pub fn append_null(&mut self) {
        self.columns.iter_mut().for_each(Column::append_null);
        self.rows += 1;
    }

    pub fn truncate(&mut self, rows: usize) {
        self.columns.iter_mut().for_each(|column| column.truncate(rows));
        self.rows = rows.min(self.rows);
    }

    pub fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        self.rows = 0;
        self.columns.iter_mut().map(Column::finish).collect()
    }
}

enum Next {
    /// A field: its column and the place of its value.
    Field { slot: usize, value: usize },
    /// The object has ended; the place after it.
    End(usize),
}
