//! Bitmaps as Arrow has them: one bit per row, least significant first.

use crate::contract::Columns;
use crate::types::push_node;

/// One bit per row, borrowed from a column.
#[derive(Clone, Copy, Debug)]
pub struct Bitmap<'a> {
    bytes: &'a [u8],
    length: usize,
}

impl<'a> Bitmap<'a> {
    /// The first `length` bits of `bytes`; `None` if there are not so many.
    pub(crate) fn new(bytes: &'a [u8], length: usize) -> Option<Self> {
        (bytes.len() >= length.div_ceil(8)).then_some(Self { bytes, length })
    }

    /// Number of bits.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are no bits.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The bit of a row; false past the end.
    #[inline(always)]
    pub fn get(&self, row: usize) -> bool {
        match self.bytes.get(row / 8) {
            Some(byte) => (byte >> (row % 8)) & 1 == 1,
            None => false,
        }
    }

    /// The bits of the rows `64 * index ..`; zero where there are none.
    #[inline]
    pub(crate) fn word(&self, index: usize) -> u64 {
        let start = index * 8;
        let word = match self.bytes.get(start..start + 8) {
            Some(bytes) => u64::from_le_bytes(std::array::from_fn(|byte| bytes[byte])),
            None => {
                let rest = self.bytes.get(start..).unwrap_or_default();
                (rest.iter().rev()).fold(0, |word, byte| (word << 8) | u64::from(*byte))
            }
        };
        word & word_mask(self.length, index)
    }
}

/// The bits of word `index` that stand for rows, of a bitmap of `length` bits.
#[inline]
pub(crate) fn word_mask(length: usize, index: usize) -> u64 {
    match length.saturating_sub(index * 64) {
        0 => 0,
        rows @ 1..64 => (1 << rows) - 1,
        _ => u64::MAX,
    }
}

/// The bytes of a bitmap of `length` bits held in words.
pub(crate) fn bytes_of_words(words: &[u64], length: usize) -> Vec<u8> {
    let mut bytes: Vec<[u8; 8]> = Vec::with_capacity(words.len());
    bytes.extend(words.iter().map(|word| word.to_le_bytes()));
    let mut bytes = bytes.into_flattened();
    bytes.truncate(length.div_ceil(8));
    bytes
}

/// Writes one bit after the other.
#[derive(Debug, Default)]
pub(crate) struct BitmapBuilder {
    words: Vec<u64>,
    length: usize,
}

impl BitmapBuilder {
    pub(crate) fn with_capacity(bits: usize) -> Self {
        Self { words: Vec::with_capacity(bits.div_ceil(64)), length: 0 }
    }

    #[inline]
    pub(crate) fn push(&mut self, bit: bool) {
        let place = self.length % 64;
        if place == 0 {
            self.words.push(0);
        }
        if let Some(word) = self.words.last_mut() {
            *word |= u64::from(bit) << place;
        }
        self.length += 1;
    }

    /// Appends `count` set bits.
    pub(crate) fn push_set(&mut self, count: usize) {
        // Only the validity of a column that meets its first NULL comes here: once per column.
        for _ in 0..count {
            self.push(true);
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        bytes_of_words(&self.words, self.length)
    }
}

/// The validity of a column under construction: nothing until the first NULL.
#[derive(Debug, Default)]
pub(crate) struct ValidityBuilder {
    length: usize,
    null_count: usize,
    bits: Option<BitmapBuilder>,
}

impl ValidityBuilder {
    #[inline]
    pub(crate) fn push_valid(&mut self) {
        if let Some(bits) = &mut self.bits {
            bits.push(true);
        }
        self.length += 1;
    }

    pub(crate) fn push_null(&mut self) {
        let length = self.length;
        let bits = self.bits.get_or_insert_with(|| {
            let mut bits = BitmapBuilder::with_capacity(length + 64);
            bits.push_set(length);
            bits
        });
        bits.push(false);
        self.length += 1;
        self.null_count += 1;
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Appends the node of a column with these NULLs and, after the validity, these buffers.
    pub(crate) fn finish(self, data: impl IntoIterator<Item = Vec<u8>>, columns: &mut Columns) {
        let validity = self.bits.map(BitmapBuilder::finish).unwrap_or_default();
        push_node(columns, self.length, self.null_count, validity, data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_masked_at_the_end() {
        let bytes = [0xff; 9];
        let bitmap = Bitmap::new(&bytes, 67).unwrap();
        assert_eq!(bitmap.word(0), u64::MAX);
        assert_eq!(bitmap.word(1), 0b111);
        assert_eq!(bitmap.word(2), 0);
        assert!(Bitmap::new(&bytes, 73).is_none());
    }

    #[test]
    fn a_validity_starts_with_its_first_null() {
        let mut validity = ValidityBuilder::default();
        (0..70).for_each(|_| validity.push_valid());
        validity.push_null();
        validity.push_valid();
        let mut columns = Columns { nodes: Vec::new(), buffers: Vec::new() };
        validity.finish([], &mut columns);
        assert_eq!(columns.nodes, [(72, 1)]);
        let bitmap = Bitmap::new(&columns.buffers[0], 72).unwrap();
        assert_eq!((0..72).filter(|row| !bitmap.get(*row)).collect::<Vec<_>>(), [70]);
    }
}
