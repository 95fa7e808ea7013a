//! Rows by key, as a join keeps its sides and a materialiser the rows of its sink.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, UInt16Array, UInt32Array};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};

use crate::changelog::ChangelogBatch;
use crate::error::Result;
use crate::state::{KEY_GROUP_COLUMN, KeyIndex, NO_SLOT, key_groups};

/// Rows that are equal stand once, with the number of their copies; the rows of a key are a list in the order in which
/// they came. Keys go by their slots, which the operator allots.
pub(super) struct KeyedRows {
    schema: SchemaRef,
    /// Key columns.
    pub keys: Vec<usize>,
    order: Order,
    /// The group of a row is its key's slot.
    rows: KeyIndex,
    /// By slot of the row.
    links: Vec<Link>,
    /// By slot of the key: first and last row, or [`NO_SLOT`].
    ends: Vec<(u32, u32)>,
}

/// Where a row stands in its key's list when another copy of it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Where it stood.
    FirstCopy,
    /// At the end, with the copy that came last.
    LastCopy,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    previous: u32,
    next: u32,
    copies: u32,
}

const UNLINKED: Link = Link { previous: NO_SLOT, next: NO_SLOT, copies: 0 };

impl KeyedRows {
    pub fn new(schema: SchemaRef, keys: Vec<usize>, order: Order) -> Result<Self> {
        let types = schema.fields().iter().map(|field| field.data_type().clone()).collect();
        Ok(KeyedRows { schema, keys, order, rows: KeyIndex::of_rows(types)?, links: vec![], ends: vec![] })
    }

    /// Makes room for so many keys.
    pub fn grow(&mut self, keys: usize) {
        self.ends.resize(self.ends.len().max(keys), (NO_SLOT, NO_SLOT));
    }

    /// The first row of a key.
    pub fn first(&self, key: u32) -> Option<u32> {
        let first = self.ends.get(key as usize)?.0;
        (first != NO_SLOT).then_some(first)
    }

    /// The last row of a key.
    pub fn last(&self, key: u32) -> Option<u32> {
        let last = self.ends.get(key as usize)?.1;
        (last != NO_SLOT).then_some(last)
    }

    /// The row after another of the same key.
    pub fn next(&self, row: u32) -> Option<u32> {
        let next = self.links[row as usize].next;
        (next != NO_SLOT).then_some(next)
    }

    /// How often a row is there.
    pub fn copies(&self, row: u32) -> u32 {
        self.links[row as usize].copies
    }

    /// The columns of rows.
    pub fn rows(&self, rows: &[u32]) -> Result<Vec<ArrayRef>> {
        self.rows.keys(rows)
    }

    /// Takes rows in and back; first all that come, then all that go. Gives the numbers of the retractions that found no
    /// row, in order.
    pub fn update(&mut self, batch: &ChangelogBatch, keys: &[u32]) -> Result<Vec<u32>> {
        let Some(kinds) = batch.kinds() else {
            self.insert(batch.rows().columns(), keys, |_| 1)?;
            return Ok(vec![]);
        };
        let (going, coming): (Vec<u32>, Vec<u32>) =
            (0..keys.len() as u32).partition(|&row| kinds.get(row as usize).is_retraction());
        let part = |rows: &[u32]| -> Result<(ChangelogBatch, Vec<u32>)> {
            let part = batch.take(&UInt32Array::from(rows.to_vec()))?;
            Ok((part, rows.iter().map(|&row| keys[row as usize]).collect()))
        };
        let (rows, coming_keys) = part(&coming)?;
        self.insert(rows.rows().columns(), &coming_keys, |_| 1)?;
        let (rows, going_keys) = part(&going)?;
        let slots = self.rows.find(rows.rows().columns(), going.len(), |row| going_keys[row])?;
        let (mut lost, mut gone) = (Vec::new(), Vec::new());
        for (place, &slot) in slots.iter().enumerate() {
            if slot == NO_SLOT || self.links[slot as usize].copies == 0 {
                lost.push(going[place]);
                continue;
            }
            self.links[slot as usize].copies -= 1;
            if self.links[slot as usize].copies == 0 {
                self.unlink(slot, going_keys[place]);
                gone.push(slot);
            }
        }
        self.rows.remove(&gone);
        Ok(lost)
    }

    fn insert(&mut self, columns: &[ArrayRef], keys: &[u32], copies: impl Fn(usize) -> u32) -> Result<()> {
        let found = self.rows.slots(columns, keys.len(), |row| keys[row])?;
        self.links.resize(self.links.len().max(self.rows.capacity()), UNLINKED);
        let mut new = found.new.iter().copied().peekable();
        for (row, &slot) in found.slots.iter().enumerate() {
            let before = if new.next_if_eq(&(row as u32)).is_some() {
                self.link(slot, keys[row]);
                0
            } else {
                let copies = self.links[slot as usize].copies;
                if self.order == Order::LastCopy && self.links[slot as usize].next != NO_SLOT {
                    self.unlink(slot, keys[row]);
                    self.link(slot, keys[row]);
                }
                copies
            };
            self.links[slot as usize].copies = before + copies(row);
        }
        Ok(())
    }

    /// Puts a row at the end of its key's list.
    fn link(&mut self, slot: u32, key: u32) {
        let (first, last) = &mut self.ends[key as usize];
        self.links[slot as usize] = Link { previous: *last, ..UNLINKED };
        match *last {
            NO_SLOT => *first = slot,
            last => self.links[last as usize].next = slot,
        }
        *last = slot;
    }

    fn unlink(&mut self, slot: u32, key: u32) {
        let Link { previous, next, .. } = self.links[slot as usize];
        let (first, last) = &mut self.ends[key as usize];
        match previous {
            NO_SLOT => *first = next,
            previous => self.links[previous as usize].next = next,
        }
        match next {
            NO_SLOT => *last = previous,
            next => self.links[next as usize].previous = previous,
        }
    }

    /// The columns of a snapshot: the key group, the row's columns, the number of its copies.
    pub fn state_schema(&self) -> SchemaRef {
        let mut fields = vec![Arc::new(Field::new(KEY_GROUP_COLUMN, DataType::UInt16, false))];
        for (index, field) in self.schema.fields().iter().enumerate() {
            fields.push(Arc::new(Field::new(format!("column{index}"), field.data_type().clone(), true)));
        }
        fields.push(Arc::new(Field::new("copies", DataType::Int64, false)));
        Arc::new(Schema::new(fields))
    }

    /// The rows of these keys; `None` if there are none.
    pub fn snapshot(&self, keys: &[u32], max_parallelism: usize) -> Result<Option<RecordBatch>> {
        let mut slots = Vec::with_capacity(self.rows.len());
        for &key in keys {
            slots.extend(std::iter::successors(self.first(key), |&row| self.next(row)));
        }
        if slots.is_empty() {
            return Ok(None);
        }
        let rows = self.rows(&slots)?;
        let keys: Vec<ArrayRef> = self.keys.iter().map(|&key| rows[key].clone()).collect();
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(UInt16Array::from(key_groups(&keys, slots.len(), max_parallelism)?))];
        columns.extend(rows);
        let copies = slots.iter().map(|&slot| i64::from(self.copies(slot)));
        columns.push(Arc::new(Int64Array::from_iter_values(copies)));
        Ok(Some(RecordBatch::try_new(self.state_schema(), columns)?))
    }

    /// Takes on the rows of a snapshot.
    pub fn restore(&mut self, rows: &RecordBatch, keys: &[u32]) -> Result<()> {
        let (columns, copies) = rows.columns()[1..].split_at(self.schema.fields().len());
        let copies = copies[0].as_primitive::<Int64Type>();
        self.insert(columns, keys, |row| u32::try_from(copies.value(row)).unwrap_or(u32::MAX))
    }
}
