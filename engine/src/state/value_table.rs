//! A hash table from (group, value) to a number, made for millions of short values.
//!
//! Entries of 32 bytes lie in the order in which they came, in chunks that never move: values of up to 16 bytes in the
//! entry itself, longer ones in an arena. Beside them is an open-addressing table (linear probing) of 8 bytes per bucket:
//! 32 bits of the hash and the entry's number. So a new value touches one random cache line, and growing moves 8 bytes per
//! entry. Look-ups come by the batch: a first pass fetches the buckets of a block, a second the entries they point to, a
//! third compares, so that the waits for memory overlap. Entries are never taken out one by one: dead ones are left until
//! a sweep rebuilds the table, which costs each entry a constant over its life.

use std::hash::BuildHasher;
use std::hint::black_box;

use datafusion::arrow::buffer::Buffer;
use foldhash::fast::RandomState;

/// A value as bytes. Those of up to 16 lie in `data`, the rest of it zero. Of longer ones the lower half of `data` holds
/// the first 8 bytes and the upper half the offset in the buffer where they lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    pub data: u128,
    pub length: u32,
}

/// Length of NULL.
const NULL: u32 = u32::MAX;
/// Bytes that fit into [`Value::data`].
pub const INLINE: usize = 16;

impl Value {
    pub const NULL: Value = Value { data: 0, length: NULL };

    /// A value of up to 16 bytes: little-endian in `data`.
    #[inline]
    pub fn inline(data: u128, length: u32) -> Self {
        Value { data, length }
    }

    /// The `length` bytes of `buffer` from `offset`.
    #[inline]
    pub fn from_bytes(buffer: &[u8], offset: usize, length: usize) -> Self {
        if length > INLINE {
            let mut first = [0; 8];
            first.copy_from_slice(&buffer[offset..offset + 8]);
            return Value::long(u64::from_le_bytes(first), offset as u64, length as u32);
        }
        // A load of fixed size and a mask are much faster than a copy of unknown length.
        let data = match buffer.get(offset..offset + INLINE) {
            Some(bytes) => {
                let bytes: [u8; INLINE] = bytes.try_into().unwrap_or_default();
                let mask = if length == INLINE { u128::MAX } else { (1u128 << (8 * length)) - 1 };
                u128::from_le_bytes(bytes) & mask
            }
            None => {
                let mut bytes = [0; INLINE];
                bytes[..length].copy_from_slice(&buffer[offset..offset + length]);
                u128::from_le_bytes(bytes)
            }
        };
        Value { data, length: length as u32 }
    }

    fn long(first: u64, offset: u64, length: u32) -> Self {
        Value { data: u128::from(first) | (u128::from(offset) << 64), length }
    }

    pub fn is_null(&self) -> bool {
        self.length == NULL
    }

    #[inline]
    fn is_long(&self) -> bool {
        self.length > INLINE as u32 && self.length != NULL
    }

    fn first(&self) -> u64 {
        self.data as u64
    }

    fn offset(&self) -> usize {
        (self.data >> 64) as usize
    }

    /// The bytes of a long value.
    fn long_bytes<'a>(&self, buffer: &'a [u8]) -> &'a [u8] {
        &buffer[self.offset()..self.offset() + self.length as usize]
    }

    /// Appends the bytes to `out`; of NULL none. `buffer` is where long values lie.
    pub fn append_to(&self, buffer: &[u8], out: &mut Vec<u8>) {
        if self.is_long() {
            out.extend_from_slice(self.long_bytes(buffer));
        } else if !self.is_null() {
            out.extend_from_slice(&self.data.to_le_bytes()[..self.length as usize]);
        }
    }
}

/// The values of a batch, and the buffer in which the long ones lie.
#[derive(Debug, Clone)]
pub struct Values {
    pub values: Vec<Value>,
    pub buffer: Buffer,
}

#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Entry {
    data: u128,
    group: u32,
    length: u32,
    payload: u32,
}

/// See the module.
#[derive(Debug)]
pub struct ValueTable {
    /// A power of two of them, at most half are taken: 32 bits of the hash above the entry's number plus one, or 0.
    buckets: Vec<u64>,
    /// All full but the last.
    chunks: Vec<Vec<Entry>>,
    len: usize,
    arena: Vec<u8>,
    hasher: RandomState,
}

/// Rows of one pass of prefetching.
const BLOCK: usize = 256;
/// Entries of a chunk.
const CHUNK: usize = 4096;

impl Default for ValueTable {
    fn default() -> Self {
        ValueTable {
            buckets: vec![0; 4 * BLOCK],
            chunks: Vec::new(),
            len: 0,
            arena: Vec::new(),
            hasher: RandomState::default(),
        }
    }
}

/// The upper half of a bucket.
#[inline]
fn tag_of(bucket: u64) -> u32 {
    (bucket >> 32) as u32
}

/// The entry of a bucket that is not 0.
#[inline]
fn entry_of(bucket: u64) -> usize {
    bucket as u32 as usize - 1
}

impl ValueTable {
    /// Entries, dead ones included.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where long values of [`ValueTable::for_each`] lie.
    pub fn arena(&self) -> &[u8] {
        &self.arena
    }

    pub fn size(&self) -> usize {
        let chunks = self.chunks.iter().map(Vec::capacity).sum::<usize>();
        self.buckets.capacity() * size_of::<u64>() + chunks * size_of::<Entry>() + self.arena.capacity()
    }

    /// Looks up (`group(row)`, value) for every row, in order. `visit(row, payload, is_new, stored value)` sees the
    /// payload, which is 0 in a new entry, and may change it.
    #[inline]
    pub fn upsert(
        &mut self,
        values: &Values,
        group: impl Fn(usize) -> u32,
        mut visit: impl FnMut(usize, &mut u32, bool, Value),
    ) {
        let source = values.buffer.as_slice();
        let mut tags = [0; BLOCK];
        for (block, values) in values.values.chunks(BLOCK).enumerate() {
            let start = block * BLOCK;
            self.reserve(values.len());
            self.prefetch(values, source, |index| group(start + index), &mut tags);
            for (index, value) in values.iter().enumerate() {
                let row = start + index;
                let (entry, is_new) = match self.probe(group(row), tags[index], value, source) {
                    Ok(entry) => (entry, false),
                    Err(bucket) => {
                        let stored = if value.is_long() {
                            let offset = self.arena.len() as u64;
                            self.arena.extend_from_slice(value.long_bytes(source));
                            Value::long(value.first(), offset, value.length)
                        } else {
                            *value
                        };
                        (self.push(bucket, tags[index], group(row), stored, 0), true)
                    }
                };
                let entry = self.entry_mut(entry);
                let stored = Value { data: entry.data, length: entry.length };
                visit(row, &mut entry.payload, is_new, stored);
            }
        }
    }

    /// Looks up without adding: `visit(row, payload)` sees `None` where there is no entry.
    #[inline]
    pub fn find(
        &mut self,
        values: &Values,
        group: impl Fn(usize) -> u32,
        mut visit: impl FnMut(usize, Option<&mut u32>),
    ) {
        let source = values.buffer.as_slice();
        let mut tags = [0; BLOCK];
        for (block, values) in values.values.chunks(BLOCK).enumerate() {
            let start = block * BLOCK;
            self.prefetch(values, source, |index| group(start + index), &mut tags);
            for (index, value) in values.iter().enumerate() {
                let found = self.probe(group(start + index), tags[index], value, source).ok();
                visit(start + index, found.map(|entry| &mut self.entry_mut(entry).payload));
            }
        }
    }

    /// The payload of a value that lies in this table's own arena, if it is long.
    pub fn get_stored(&mut self, group: u32, value: &Value) -> Option<&mut u32> {
        let tag = self.tag(group, value, &self.arena);
        let found = self.probe(group, tag, value, &self.arena).ok()?;
        Some(&mut self.entry_mut(found).payload)
    }

    /// Adds a value that lies in this table's own arena, if it is long, to another group, or finds it there. Gives the
    /// payload and whether it is new.
    pub fn upsert_stored(&mut self, group: u32, value: &Value) -> (&mut u32, bool) {
        self.reserve(1);
        let tag = self.tag(group, value, &self.arena);
        let (entry, is_new) = match self.probe(group, tag, value, &self.arena) {
            Ok(entry) => (entry, false),
            Err(bucket) => (self.push(bucket, tag, group, *value, 0), true),
        };
        (&mut self.entry_mut(entry).payload, is_new)
    }

    /// Every entry in the order in which they came: its group, value, payload.
    pub fn for_each(&self, mut visit: impl FnMut(u32, Value, u32)) {
        for entry in self.chunks.iter().flatten() {
            visit(entry.group, Value { data: entry.data, length: entry.length }, entry.payload);
        }
    }

    /// Drops the entries for which `keep(group, payload)` is false, and tells of the new place of each other: what was
    /// stored and is long moves in the arena.
    pub fn sweep(&mut self, keep: impl Fn(u32, u32) -> bool, mut moved: impl FnMut(u32, u32, Value)) {
        let chunks = std::mem::take(&mut self.chunks);
        let arena = std::mem::take(&mut self.arena);
        let kept = chunks.iter().flatten().filter(|entry| keep(entry.group, entry.payload)).count();
        self.buckets = vec![0; buckets_for(kept + BLOCK)];
        self.len = 0;
        for chunk in chunks {
            for entry in chunk.iter().filter(|entry| keep(entry.group, entry.payload)) {
                let mut value = Value { data: entry.data, length: entry.length };
                if value.is_long() {
                    let offset = self.arena.len() as u64;
                    self.arena.extend_from_slice(value.long_bytes(&arena));
                    value = Value::long(value.first(), offset, value.length);
                }
                moved(entry.group, entry.payload, value);
                let tag = self.tag(entry.group, &value, &self.arena);
                let bucket = vacant(&self.buckets, tag);
                self.push(bucket, tag, entry.group, value, entry.payload);
            }
        }
    }

    /// Hashes a block, and touches the buckets and then the entries it will look at.
    #[inline]
    fn prefetch(&self, values: &[Value], source: &[u8], group: impl Fn(usize) -> u32, tags: &mut [u32; BLOCK]) {
        for (index, (tag, value)) in tags.iter_mut().zip(values).enumerate() {
            *tag = self.tag(group(index), value, source);
        }
        let mask = self.buckets.len() - 1;
        let mut buckets = [0u64; BLOCK];
        for (bucket, tag) in buckets.iter_mut().zip(&tags[..values.len()]) {
            *bucket = self.buckets[*tag as usize & mask];
        }
        let mut touched = 0;
        for (bucket, tag) in buckets.iter().zip(&tags[..values.len()]) {
            if *bucket != 0 && tag_of(*bucket) == *tag {
                touched ^= self.entry(entry_of(*bucket)).payload;
            }
        }
        black_box(touched);
    }

    fn reserve(&mut self, additional: usize) {
        if (self.len + additional) * 2 > self.buckets.len() {
            let old = std::mem::take(&mut self.buckets);
            self.buckets = vec![0; buckets_for(2 * self.len + additional)];
            for bucket in old.into_iter().filter(|&bucket| bucket != 0) {
                let place = vacant(&self.buckets, tag_of(bucket));
                self.buckets[place] = bucket;
            }
        }
    }

    fn push(&mut self, bucket: usize, tag: u32, group: u32, value: Value, payload: u32) -> usize {
        let entry = self.len;
        if entry.is_multiple_of(CHUNK) {
            // The first chunk grows as needed: many tables stay small.
            self.chunks.push(Vec::with_capacity(if entry == 0 { 4 } else { CHUNK }));
        }
        self.chunks[entry / CHUNK].push(Entry { data: value.data, group, length: value.length, payload });
        self.len += 1;
        self.buckets[bucket] = (u64::from(tag) << 32) | self.len as u64;
        entry
    }

    #[inline]
    fn entry(&self, entry: usize) -> &Entry {
        &self.chunks[entry / CHUNK][entry % CHUNK]
    }

    #[inline]
    fn entry_mut(&mut self, entry: usize) -> &mut Entry {
        &mut self.chunks[entry / CHUNK][entry % CHUNK]
    }

    #[inline]
    fn tag(&self, group: u32, value: &Value, source: &[u8]) -> u32 {
        let head = (u64::from(group) << 32) | u64::from(value.length);
        let hash = if value.is_long() {
            self.hasher.hash_one((head, value.long_bytes(source)))
        } else {
            self.hasher.hash_one((head, value.data))
        };
        (hash ^ (hash >> 32)) as u32
    }

    /// The entry of the value, or else the bucket where it belongs.
    #[inline]
    fn probe(&self, group: u32, tag: u32, value: &Value, source: &[u8]) -> Result<usize, usize> {
        let mask = self.buckets.len() - 1;
        let mut at = tag as usize & mask;
        loop {
            let bucket = self.buckets[at];
            if bucket == 0 {
                return Err(at);
            }
            if tag_of(bucket) == tag {
                let entry = self.entry(entry_of(bucket));
                if entry.group == group && entry.length == value.length {
                    let same = if value.is_long() {
                        let stored = Value { data: entry.data, length: entry.length };
                        stored.first() == value.first() && stored.long_bytes(&self.arena) == value.long_bytes(source)
                    } else {
                        entry.data == value.data
                    };
                    if same {
                        return Ok(entry_of(bucket));
                    }
                }
            }
            at = (at + 1) & mask;
        }
    }
}

/// Buckets for so many entries.
fn buckets_for(entries: usize) -> usize {
    (2 * entries).next_power_of_two().max(4 * BLOCK)
}

/// The bucket for an entry that is not there yet.
fn vacant(buckets: &[u64], tag: u32) -> usize {
    let mask = buckets.len() - 1;
    let mut at = tag as usize & mask;
    while buckets[at] != 0 {
        at = (at + 1) & mask;
    }
    at
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn values_of(texts: &[String]) -> Values {
        let mut buffer = Vec::new();
        let mut places = Vec::new();
        for text in texts {
            places.push((buffer.len(), text.len()));
            buffer.extend_from_slice(text.as_bytes());
        }
        let values = places.iter().map(|&(offset, length)| Value::from_bytes(&buffer, offset, length)).collect();
        Values { values, buffer: buffer.into() }
    }

    proptest! {
        /// The table counts as a hash map does, through growth and sweeps that drop every other group.
        #[test]
        fn counts_as_a_hash_map(batches in proptest::collection::vec(
            proptest::collection::vec((0u32..4, "[ab]{0,3}(0123456789abcdefghij)?[ab]?"), 0..400), 1..6,
        )) {
            let mut table = ValueTable::default();
            let mut reference: HashMap<(u32, String), u32> = HashMap::new();
            for (number, batch) in batches.iter().enumerate() {
                let texts: Vec<String> = batch.iter().map(|(_, text)| text.clone()).collect();
                let values = values_of(&texts);
                table.upsert(&values, |row| batch[row].0, |row, count, is_new, _| {
                    let expected = reference.entry(batch[row].clone()).or_insert(0);
                    assert_eq!(is_new, *expected == 0);
                    *count += 1;
                    *expected += 1;
                });
                if number % 2 == 1 {
                    table.sweep(|group, _| group % 2 == 0, |_, _, _| ());
                    reference.retain(|(group, _), _| group % 2 == 0);
                }
                prop_assert_eq!(table.len(), reference.len());
                let mut found = HashMap::new();
                table.for_each(|group, value, count| {
                    let mut bytes = Vec::new();
                    value.append_to(table.arena(), &mut bytes);
                    found.insert((group, String::from_utf8(bytes).unwrap()), count);
                });
                prop_assert_eq!(&found, &reference);
            }
        }
    }
}
