//! What an operator's state looks like at rest.

use std::collections::BTreeMap;

use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::{concat_batches, filter_record_batch};
use datafusion::arrow::datatypes::{FieldRef, Fields, SchemaRef, UInt16Type};

use super::KeyGroupRange;
use crate::error::{Error, Result};

/// Name of the first column of every keyed table: UInt16, the key group of the row.
pub const KEY_GROUP_COLUMN: &str = "__key_group";

/// The state of one operator instance, as columns: plain values that any later version can read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// State by key: on a restore each row goes to the subtask that has its key group. The first column is
    /// [`KEY_GROUP_COLUMN`].
    pub keyed: BTreeMap<String, RecordBatch>,
    /// State of the operator itself (splits of a source, pending output): on a restore every subtask is handed all rows
    /// and takes what is its own.
    pub operator: BTreeMap<String, RecordBatch>,
}

impl Snapshot {
    pub fn is_empty(&self) -> bool {
        self.keyed.is_empty() && self.operator.is_empty()
    }

    /// What a subtask restores from, given the snapshots of all subtasks of the same operator, at whatever parallelism
    /// they were taken.
    pub fn assign(snapshots: &[Snapshot], range: &KeyGroupRange) -> Result<Snapshot> {
        let mut assigned = Snapshot::default();
        for (name, batch) in merge(snapshots.iter().map(|snapshot| &snapshot.keyed))? {
            let groups = batch
                .columns()
                .first()
                .and_then(|column| column.as_primitive_opt::<UInt16Type>())
                .ok_or_else(|| Error::state(format!("keyed state `{name}` has no column of key groups")))?;
            let mask: BooleanArray =
                groups.values().iter().map(|&group| Some(range.contains(group as usize))).collect();
            assigned.keyed.insert(name, filter_record_batch(&batch, &mask)?);
        }
        assigned.operator = merge(snapshots.iter().map(|snapshot| &snapshot.operator))?;
        Ok(assigned)
    }
}

/// Checks that a table of a snapshot has the columns that the plan expects.
///
/// # Errors
/// State errors that name the column that differs.
pub fn check_schema(table: &RecordBatch, expected: &SchemaRef) -> Result<()> {
    let schema = table.schema();
    let (found, wanted) = (schema.fields(), expected.fields());
    let same = |(found, wanted): (&FieldRef, &FieldRef)| {
        found.name() == wanted.name() && found.data_type().equals_datatype(wanted.data_type())
    };
    if found.len() == wanted.len() && found.iter().zip(wanted).all(same) {
        return Ok(());
    }
    let list = |fields: &Fields| {
        fields.iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect::<Vec<_>>().join(", ")
    };
    Err(Error::state(format!("a snapshot holds ({}) where the plan keeps ({})", list(found), list(wanted)))
        .hint("the query has changed since the snapshot was taken; start without it"))
}

fn merge<'a>(tables: impl Iterator<Item = &'a BTreeMap<String, RecordBatch>>) -> Result<BTreeMap<String, RecordBatch>> {
    let mut by_name: BTreeMap<String, Vec<&RecordBatch>> = BTreeMap::new();
    for (name, batch) in tables.flatten() {
        by_name.entry(name.clone()).or_default().push(batch);
    }
    by_name.into_iter().map(|(name, batches)| Ok((name, concat_batches(&batches[0].schema(), batches)?))).collect()
}
