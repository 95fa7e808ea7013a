//! Which rows of a call are computed.

use crate::bitmap::{Bitmap, bytes_of_words, word_mask};
use crate::contract::{Columns, RowError};
use crate::scalar::add_error;
use crate::types::push_node;

/// The rows of a call for which the function is called: those where no argument is NULL that it cannot take.
#[derive(Debug)]
pub struct Selection {
    rows: usize,
    /// One bit per row; `None` while all are selected.
    words: Option<Vec<u64>>,
    /// Rows that failed before they were computed.
    pub(crate) errors: Vec<RowError>,
}

impl Selection {
    /// All of so many rows.
    pub fn all(rows: usize) -> Self {
        Self { rows, words: None, errors: Vec::new() }
    }

    /// Number of rows, selected or not.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Drops the rows that are not set.
    pub(crate) fn and(&mut self, bitmap: Bitmap<'_>) {
        match &mut self.words {
            Some(words) => words.iter_mut().enumerate().for_each(|(index, word)| *word &= bitmap.word(index)),
            None => self.words = Some((0..self.rows.div_ceil(64)).map(|index| bitmap.word(index)).collect()),
        }
    }

    /// Drops a row that failed.
    pub(crate) fn fail(&mut self, row: usize, message: String) {
        let rows = self.rows;
        let words =
            self.words.get_or_insert_with(|| (0..rows.div_ceil(64)).map(|index| word_mask(rows, index)).collect());
        if let Some(word) = words.get_mut(row / 64) {
            *word &= !(1 << (row % 64));
        }
        add_error(&mut self.errors, row, message);
    }

    /// Whether a row is selected.
    #[inline]
    pub(crate) fn contains(&self, row: usize) -> bool {
        match &self.words {
            None => row < self.rows,
            Some(words) => words.get(row / 64).is_some_and(|word| (word >> (row % 64)) & 1 == 1),
        }
    }

    /// The words of the bitmap; `None` where all rows are selected.
    #[inline]
    pub(crate) fn words(&self) -> Option<&[u64]> {
        self.words.as_deref()
    }

    /// Calls `visit` with each row, and whether it is selected.
    #[inline(always)]
    pub(crate) fn visit(&self, mut visit: impl FnMut(usize, bool)) {
        match &self.words {
            None => (0..self.rows).for_each(|row| visit(row, true)),
            Some(words) => {
                for (index, word) in words.iter().enumerate() {
                    let start = index * 64;
                    for row in start..self.rows.min(start + 64) {
                        visit(row, (word >> (row - start)) & 1 == 1);
                    }
                }
            }
        }
    }

    /// Calls `visit` with each selected row.
    #[inline(always)]
    pub(crate) fn for_each(&self, mut visit: impl FnMut(usize)) {
        match &self.words {
            None => (0..self.rows).for_each(visit),
            Some(words) => {
                for (index, word) in words.iter().enumerate() {
                    let mut rest = *word;
                    while rest != 0 {
                        visit(index * 64 + rest.trailing_zeros() as usize);
                        rest &= rest - 1;
                    }
                }
            }
        }
    }

    /// A column without children that is NULL in the rows that are not selected.
    pub(crate) fn column(&self, data: Vec<u8>) -> Columns {
        column_of_words(self.words(), self.rows, data)
    }
}

/// A column without children whose validity has these words.
pub(crate) fn column_of_words(words: Option<&[u64]>, rows: usize, data: Vec<u8>) -> Columns {
    let valid = words.map_or(rows, |words| words.iter().map(|word| word.count_ones() as usize).sum());
    let validity = match words {
        Some(words) if valid < rows => bytes_of_words(words, rows),
        _ => Vec::new(),
    };
    let mut columns = Columns { nodes: Vec::with_capacity(1), buffers: Vec::with_capacity(2) };
    push_node(&mut columns, rows, rows - valid, validity, [data]);
    columns
}
