//! Row kinds, and which of them a stream carries.

use datafusion::arrow::array::BooleanArray;
use datafusion::arrow::buffer::{BooleanBuffer, ScalarBuffer};

/// What a row of a changelog means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RowKind {
    Insert = 0,
    UpdateBefore = 1,
    UpdateAfter = 2,
    Delete = 3,
}

impl RowKind {
    /// Flink's short text: `+I`, `-U`, `+U`, `-D`.
    pub fn short(self) -> &'static str {
        match self {
            RowKind::Insert => "+I",
            RowKind::UpdateBefore => "-U",
            RowKind::UpdateAfter => "+U",
            RowKind::Delete => "-D",
        }
    }

    pub fn from_short(text: &str) -> Option<Self> {
        [RowKind::Insert, RowKind::UpdateBefore, RowKind::UpdateAfter, RowKind::Delete]
            .into_iter()
            .find(|kind| kind.short() == text)
    }

    /// Takes a row away: `-U` or `-D`.
    pub fn is_retraction(self) -> bool {
        matches!(self, RowKind::UpdateBefore | RowKind::Delete)
    }

    /// The kind of number 0 to 3.
    pub fn from_u8(kind: u8) -> Self {
        match kind {
            0 => RowKind::Insert,
            1 => RowKind::UpdateBefore,
            2 => RowKind::UpdateAfter,
            _ => RowKind::Delete,
        }
    }
}

/// The kinds of a batch's rows, a byte each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowKinds(ScalarBuffer<u8>);

impl RowKinds {
    pub fn get(&self, row: usize) -> RowKind {
        RowKind::from_u8(self.0[row])
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = RowKind> + '_ {
        self.0.iter().map(|&kind| RowKind::from_u8(kind))
    }

    pub fn slice(&self, offset: usize, length: usize) -> Self {
        RowKinds(self.0.slice(offset, length))
    }

    /// The numbers of the kinds, as [`RowKind::from_u8`] takes them.
    pub fn values(&self) -> &ScalarBuffer<u8> {
        &self.0
    }

    /// True where the row takes a row away (`-U`, `-D`): kinds 1 and 3, the odd ones.
    pub fn retractions(&self) -> BooleanArray {
        BooleanArray::new(BooleanBuffer::collect_bool(self.0.len(), |row| self.0[row] & 1 == 1), None)
    }
}

impl From<ScalarBuffer<u8>> for RowKinds {
    /// Numbers above 3 count as [`RowKind::Delete`].
    fn from(kinds: ScalarBuffer<u8>) -> Self {
        RowKinds(kinds)
    }
}

impl FromIterator<RowKind> for RowKinds {
    fn from_iter<I: IntoIterator<Item = RowKind>>(kinds: I) -> Self {
        RowKinds(kinds.into_iter().map(|kind| kind as u8).collect())
    }
}

/// Which kinds a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangelogMode {
    /// `+I` only.
    AppendOnly,
    /// `+I`, `-U`, `+U`, `-D`: every retraction carries the whole old row.
    Retract,
    /// `+I`, `+U`, `-D` by a unique key: an update replaces the row of its key, `-U` is left out, and of a `-D` only
    /// the key counts.
    Upsert,
}
