//! Lines into columns: only the fields wanted are converted.

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, SchemaRef};

use super::super::json::column::{Column, Values, Whole};
use super::super::json::value::{convert, name};
use super::super::{Decoder, RecordError, temporal};
use super::Layout;
use crate::error::Result;

/// As in the JSON decoder: offsets of text are 32 bits.
const MAX_BATCH_BYTES: usize = 256 << 20;

pub struct CsvDecoder {
    schema: SchemaRef,
    slots: Vec<Option<usize>>,
    layout: Layout,
    columns: Vec<Column>,
    rows: usize,
    consumed: usize,
    /// A field without its quotes and escapes.
    plain: Vec<u8>,
}

/// Where a field ends, and what follows.
struct Field {
    /// First and last byte and one, of what stands inside of quotes.
    from: usize,
    to: usize,
    /// Quotes or escapes are to be taken off inside.
    escaped: bool,
    quoted: bool,
    /// Place after the delimiter or the line feed.
    next: usize,
    last: bool,
}

/// Why a record is not there.
enum Broken {
    /// It does not end in the bytes given.
    Unfinished,
    Wrong(String),
}

impl CsvDecoder {
    pub fn new(schema: SchemaRef, slots: Vec<Option<usize>>, layout: Layout) -> Result<Self> {
        let columns = schema.fields().iter().map(|field| Column::new(field)).collect::<Result<_>>()?;
        Ok(CsvDecoder { schema, slots, layout, columns, rows: 0, consumed: 0, plain: vec![] })
    }

    /// Reads the record at `at` and gives the place after it.
    fn record(&mut self, bytes: &[u8], at: usize, end: bool) -> Result<usize, Broken> {
        let mut here = at;
        let mut number = 0;
        loop {
            let field = self.field(bytes, here, end)?;
            if let Some(&Some(slot)) = self.slots.get(number) {
                self.add(bytes, &field, slot)?;
            } else if number >= self.slots.len() {
                return Err(Broken::Wrong(format!("the line has more than {} fields", self.slots.len())));
            }
            number += 1;
            here = field.next;
            if field.last {
                break;
            }
        }
        if number < self.slots.len() && !self.layout.ignore_parse_errors {
            return Err(Broken::Wrong(format!("the line has {number} fields where {} are declared", self.slots.len())));
        }
        for slot in 0..self.columns.len() {
            if self.columns[slot].len() == self.rows {
                self.add_null(slot)?;
            }
        }
        self.rows += 1;
        Ok(here)
    }

    /// Finds the end of the field at `at`.
    fn field(&self, bytes: &[u8], at: usize, end: bool) -> Result<Field, Broken> {
        let Layout { delimiter, quote, escape, .. } = self.layout;
        let mut escaped = false;
        let ends = |from: usize, to: usize, place: usize, escaped: bool, quoted: bool| {
            let last = bytes.get(place) != Some(&delimiter);
            Field { from, to, escaped, quoted, next: bytes.len().min(place + 1), last }
        };
        if quote.is_some() && bytes.get(at) == quote.as_ref() {
            let mut here = at + 1;
            loop {
                match bytes.get(here) {
                    None if end => return Err(Broken::Wrong("the quotes do not end".to_owned())),
                    None => return Err(Broken::Unfinished),
                    Some(byte) if Some(*byte) == escape => {
                        escaped = true;
                        here += 2;
                    }
                    Some(byte) if Some(*byte) == quote => {
                        if bytes.get(here + 1) == quote.as_ref() {
                            escaped = true;
                            here += 2;
                            continue;
                        }
                        let mut after = here + 1;
                        while matches!(bytes.get(after), Some(b' ' | b'\r')) {
                            after += 1;
                        }
                        return match bytes.get(after) {
                            None if !end => Err(Broken::Unfinished),
                            None | Some(b'\n') => Ok(ends(at + 1, here, after, escaped, true)),
                            Some(byte) if *byte == delimiter => Ok(ends(at + 1, here, after, escaped, true)),
                            Some(_) => Err(Broken::Wrong("text follows after the quotes of a field".to_owned())),
                        };
                    }
                    Some(_) => here += 1,
                }
            }
        }
        let mut here = at;
        loop {
            let rest = bytes.get(here..).unwrap_or_default();
            let found = match escape {
                Some(escape) => memchr::memchr3(delimiter, b'\n', escape, rest),
                None => memchr::memchr2(delimiter, b'\n', rest),
            };
            match found {
                None if !end => return Err(Broken::Unfinished),
                None => return Ok(ends(at, bytes.len(), bytes.len(), escaped, false)),
                Some(length) if Some(bytes[here + length]) == escape => {
                    escaped = true;
                    here += length + 2;
                }
                Some(length) => {
                    let place = here + length;
                    let carriage = bytes[place] == b'\n' && place > at && bytes[place - 1] == b'\r';
                    return Ok(ends(at, place - usize::from(carriage), place, escaped, false));
                }
            }
        }
    }

    fn add(&mut self, bytes: &[u8], field: &Field, slot: usize) -> Result<(), Broken> {
        let mut text = &bytes[field.from..field.to];
        if field.escaped {
            self.plain.clear();
            let mut rest = text.iter();
            while let Some(&byte) = rest.next() {
                let special = Some(byte) == self.layout.escape || (field.quoted && Some(byte) == self.layout.quote);
                self.plain.push(if special { rest.next().copied().unwrap_or(byte) } else { byte });
            }
            text = &self.plain;
        }
        let column = &mut self.columns[slot];
        let null = self.layout.null_literal.as_deref() == Some(text)
            // A number or time of no characters is none; a list of none has no items.
            || (text.is_empty() && !matches!(column.values, Values::Text(..) | Values::List(..)));
        if null {
            return self.add_null(slot);
        }
        let before = column.len();
        if let Err(kind) = add_value(column, text, &self.layout) {
            column.truncate(before);
            if !self.layout.ignore_parse_errors || column.required {
                let text = String::from_utf8_lossy(text);
                let shown: String = text.chars().take(80).collect();
                let name = self.schema.field(slot).name();
                return Err(Broken::Wrong(format!("field `{name}`: cannot read \"{shown}\" as {kind}")));
            }
            column.append_null();
        }
        Ok(())
    }

    fn add_null(&mut self, slot: usize) -> Result<(), Broken> {
        let column = &mut self.columns[slot];
        if column.required {
            let name = self.schema.field(slot).name();
            return Err(Broken::Wrong(format!("field `{name}`: NULL where the table declares NOT NULL")));
        }
        column.append_null();
        Ok(())
    }
}

/// Adds a value, or the items of a list or row. The error is SQL's name of the type that the text is not of.
fn add_value(column: &mut Column, text: &[u8], layout: &Layout) -> Result<(), &'static str> {
    match &mut column.values {
        Values::Text(offsets, data) => {
            if std::str::from_utf8(text).is_err() {
                return Err("STRING (it is not UTF-8)");
            }
            data.extend_from_slice(text);
            offsets.push(data.len() as i32);
        }
        Values::List(offsets, item) => {
            for text in elements(text, &layout.element_delimiter) {
                add_item(item, text, layout)?;
            }
            offsets.push(item.len() as i32);
        }
        Values::Row(members) => {
            let mut texts = elements(text, &layout.element_delimiter).into_iter();
            members.append_with(|column| match texts.next() {
                Some(text) => add_item(column, text, layout),
                None if layout.ignore_parse_errors => add_null(column),
                None => Err("ROW"),
            })?;
            if texts.next().is_some() && !layout.ignore_parse_errors {
                return Err("ROW");
            }
        }
        values => {
            if !add_scalar(values, text) {
                return Err(name(values));
            }
        }
    }
    column.added();
    Ok(())
}

fn add_item(column: &mut Column, text: &[u8], layout: &Layout) -> Result<(), &'static str> {
    if layout.null_literal.as_deref() == Some(text) || (text.is_empty() && column.kind != DataType::Utf8) {
        return add_null(column);
    }
    let before = column.len();
    match add_value(column, text, layout) {
        Err(_) if layout.ignore_parse_errors && !column.required => {
            column.truncate(before);
            add_null(column)
        }
        added => added,
    }
}

fn add_null(column: &mut Column) -> Result<(), &'static str> {
    if column.required {
        return Err("values that are NOT NULL");
    }
    column.append_null();
    Ok(())
}

/// Adds what is neither text nor nested. Flink's CSV reads some times that its JSON does not.
fn add_scalar(values: &mut Values, text: &[u8]) -> bool {
    match values {
        // 2020-1-5
        Values::Whole(days, Whole::Date) => {
            let mut parts = text.splitn(3, |&byte| byte == b'-');
            let (Some(&[y1, y2, y3, y4]), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
                return false;
            };
            let two = |part: &[u8]| match *part {
                [one] => Some([b'0', one]),
                [ten, one] => Some([ten, one]),
                _ => None,
            };
            let (Some([m1, m2]), Some([d1, d2])) = (two(month), two(day)) else { return false };
            let date = [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2];
            temporal::parse_date(&date).map(|date| days.push(date)).is_some()
        }
        // 10:11
        Values::Whole(times, Whole::Time) => {
            temporal::parse_millis_of_day(text, true).map(|time| times.push(time)).is_some()
        }
        Values::Whole(_, Whole::Timestamp(_) | Whole::Instant(_)) => convert(values, text.trim_ascii(), b' ', None),
        values => convert(values, text, b' ', None),
    }
}

/// The parts of `text` between delimiters; none of an empty text.
fn elements<'a>(text: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    if text.is_empty() {
        return vec![];
    }
    let mut parts = vec![];
    let mut from = 0;
    for at in memchr::memmem::find_iter(text, delimiter) {
        parts.push(&text[from..at]);
        from = at + delimiter.len();
    }
    parts.push(&text[from..]);
    parts
}

impl Decoder for CsvDecoder {
    fn decode(&mut self, bytes: &[u8], end: bool, max_rows: usize) -> Result<usize, RecordError> {
        let mut at = 0;
        while at < bytes.len() && !self.is_full(max_rows) {
            let line = &bytes[at..];
            let comment = self.layout.comments && line[0] == b'#';
            // A blank line is none, unless it is a column's empty text.
            if comment || (self.slots.len() != 1 && matches!(line[0], b'\n' | b'\r')) {
                match memchr::memchr(b'\n', line) {
                    Some(length) if comment || line[..length].iter().all(|&byte| byte == b'\r') => {
                        at += length + 1;
                        continue;
                    }
                    None if end && comment => {
                        at = bytes.len();
                        continue;
                    }
                    None if !end => break,
                    _ => {}
                }
            }
            match self.record(bytes, at, end) {
                Ok(next) => {
                    self.consumed += next - at;
                    at = next;
                }
                Err(broken) => {
                    let rows = self.rows;
                    self.columns.iter_mut().for_each(|column| column.truncate(rows));
                    match broken {
                        Broken::Unfinished => break,
                        Broken::Wrong(_) if self.layout.ignore_parse_errors => {
                            at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length + 1);
                        }
                        Broken::Wrong(message) => return Err(RecordError { offset: at, message }),
                    }
                }
            }
        }
        Ok(at)
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn is_full(&self, max_rows: usize) -> bool {
        self.rows >= max_rows || self.consumed > MAX_BATCH_BYTES
    }

    fn finish(&mut self) -> Result<RecordBatch> {
        self.consumed = 0;
        let options = RecordBatchOptions::new().with_row_count(Some(std::mem::take(&mut self.rows)));
        let columns = self.columns.iter_mut().map(Column::finish).collect::<Result<_>>()?;
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}
