//! The rows that an aggregate has left out, per group, so that they are not taken back from it either.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{DataType, FieldRef};

use super::RowError;
use crate::error::{Error, Result};
use crate::functions::aggregates::DistinctSet;

/// See the module. Empty as long as nothing fails, and then free.
pub struct LeftOut {
    rows: DistinctSet,
    /// There may be some.
    any: bool,
}

/// Rows of groups and columns, with their numbers before others were taken away.
pub struct Kept {
    pub groups: Vec<u32>,
    pub columns: Vec<ArrayRef>,
    numbers: Vec<u32>,
}

impl LeftOut {
    /// # Errors
    /// A user error for types that cannot be compared.
    pub fn new(types: Vec<DataType>) -> Result<Self> {
        Ok(LeftOut { rows: DistinctSet::new(types)?, any: false })
    }

    pub fn state_field(types: &[DataType]) -> FieldRef {
        let field = DistinctSet::state_field(types);
        std::sync::Arc::new(field.as_ref().clone().with_name("left_out"))
    }

    /// Remembers the rows that failed.
    pub fn remember(&mut self, groups: &[u32], columns: &[ArrayRef], failed: &[RowError]) -> Result<()> {
        if failed.is_empty() {
            return Ok(());
        }
        self.any = true;
        let kept = pick(groups, columns, failed.iter().map(|error| error.row).collect())?;
        self.rows.accumulate(&kept.groups, &kept.columns, |_| ())
    }

    /// The rows to take back that were not left out; `None`: all. The others are forgotten.
    pub fn forget(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<Option<Kept>> {
        if !self.any {
            return Ok(None);
        }
        let mut left_out = vec![false; groups.len()];
        self.rows.retract_each(groups, columns, |row, _| left_out[row] = true)?;
        if !left_out.contains(&true) {
            return Ok(None);
        }
        let kept = (0..groups.len() as u32).filter(|row| !left_out[*row as usize]);
        pick(groups, columns, kept.collect()).map(Some)
    }

    pub fn state(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        self.rows.state(groups)
    }

    pub fn merge(&mut self, groups: &[u32], state: &ArrayRef) -> Result<()> {
        let lists = state.as_list_opt::<i32>();
        let lists = lists.ok_or_else(|| Error::state("the rows that an aggregate left out are no list"))?;
        if (0..lists.len()).all(|list| lists.value_length(list) == 0) {
            return Ok(());
        }
        self.any = true;
        self.rows.merge(groups, std::slice::from_ref(state), |_, _, _| Ok(()))
    }

    pub fn remove(&mut self, groups: &[u32]) {
        if self.any {
            self.rows.remove(groups);
        }
    }

    pub fn size(&self) -> usize {
        self.rows.size()
    }
}

impl Kept {
    /// Errors by the rows' numbers before.
    pub fn numbered(&self, errors: Vec<RowError>) -> Vec<RowError> {
        errors.into_iter().map(|error| RowError { row: self.numbers[error.row as usize], ..error }).collect()
    }
}

fn pick(groups: &[u32], columns: &[ArrayRef], numbers: Vec<u32>) -> Result<Kept> {
    let rows = UInt32Array::from(numbers.clone());
    let columns = columns.iter().map(|column| take(column, &rows, None)).collect::<Result<_, _>>()?;
    Ok(Kept { groups: numbers.iter().map(|&row| groups[row as usize]).collect(), columns, numbers })
}
