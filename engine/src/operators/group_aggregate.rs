//! GROUP BY without windows: one row per key, updated as rows come and go.
//!
//! ```text
//! SELECT word, COUNT(*) FROM words GROUP BY word
//!   +I a        +I a 1
//!   +I a        -U a 1,  +U a 2
//!   -D a        -U a 2,  +U a 1
//!   -D a        -D a 1
//! ```
//!
//! The rows of a mini-batch update each key once, and keys whose values did not change are silent: with mini-batches of
//! one row that is the changelog of Flink.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions, UInt16Array, UInt32Array,
};
use datafusion::arrow::compute::kernels::cmp::distinct;
use datafusion::arrow::compute::{interleave, take};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};

use super::aggregates::Aggregates;
use super::dead_letter::describe_policies;
use super::{AggregateCall, Operator, OperatorMetrics, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::{ChangelogBatch, RowKind, RowKinds};
use crate::error::Result;
use crate::functions::component::BoundComponent;
use crate::state::{KEY_GROUP_COLUMN, KeyIndex, Slots, Snapshot, canonical, check_schema, key_groups};

/// The plan of an unbounded aggregation. The input is partitioned by the keys (all rows to one subtask without keys).
#[derive(Debug, Clone)]
pub struct GroupAggregateSpec {
    pub input: SchemaRef,
    /// Grouping columns of the input; none for one global group, which gives no row until the first row comes.
    pub keys: Vec<usize>,
    pub aggregates: Vec<AggregateCall>,
    /// Retractions may come (the input is a retract stream; upsert streams must be normalised first). All aggregates can
    /// then retract.
    pub input_retracts: bool,
    /// Emit `-U` before `+U`. Where the consumer works by key, the planner turns it off.
    pub emit_update_before: bool,
    /// The keys in the order of `keys`, then a column per aggregate.
    pub schema: SchemaRef,
}

impl OperatorSpec for GroupAggregateSpec {
    fn name(&self) -> &'static str {
        "GroupAggregate"
    }

    fn describe(&self) -> String {
        let keys = self.keys.iter().map(|&key| self.input.field(key).name().as_str()).collect::<Vec<_>>();
        let mut select = keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        select.extend(self.aggregates.iter().map(|aggregate| aggregate.describe(&self.input)));
        let select = format!("select=[{}]{}", select.join(", "), describe_policies(self.functions()));
        if keys.is_empty() { select } else { format!("groupBy=[{}], {select}", keys.join(", ")) }
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn functions(&self) -> Vec<&BoundComponent> {
        self.aggregates.iter().filter_map(|call| call.function.component()).collect()
    }

    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>> {
        let types = self.keys.iter().map(|&key| self.input.field(key).data_type().clone()).collect();
        Ok(Box::new(GroupAggregate {
            keys: KeyIndex::new(types)?,
            aggregates: Aggregates::new(&self.aggregates, &self.input, self.input_retracts, &subtask.cancelled)?,
            counts: vec![],
            touched_in: vec![],
            mini_batch: 0,
            pending: None,
            now: 0,
            spec: self.clone(),
            subtask: subtask.clone(),
        }))
    }
}

struct GroupAggregate {
    spec: GroupAggregateSpec,
    subtask: Subtask,
    keys: KeyIndex,
    aggregates: Aggregates,
    /// By slot: rows of the key. Kept only where rows may be taken back.
    counts: Vec<i64>,
    /// By slot: the mini-batch that touched it last.
    touched_in: Vec<u64>,
    mini_batch: u64,
    /// What is left of the input, after [`Step::More`].
    pending: Option<ChangelogBatch>,
    /// When the input came.
    now: Timestamp,
}

/// The keys of a mini-batch, in the order of their first rows.
#[derive(Default)]
struct Touched {
    slots: Vec<u32>,
    /// The first row of each.
    rows: Vec<u32>,
    /// The key had rows before.
    existed: Vec<bool>,
}

impl Operator for GroupAggregate {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, now: Timestamp, out: &mut Output) -> Result<Step> {
        self.now = now;
        self.pending = Some(batch);
        self.resume(out)
    }

    fn resume(&mut self, out: &mut Output) -> Result<Step> {
        let Some(batch) = self.pending.take() else { return Ok(Step::Done) };
        let mini_batch_size = self.subtask.mini_batch_size.max(1);
        let (mut start, mut changes, mut rows) = (0, Vec::new(), 0);
        while start < batch.num_rows() {
            let length = mini_batch_size.min(batch.num_rows() - start);
            let change = self.update(&batch.slice(start, length), out)?;
            start += length;
            rows += change.num_rows();
            changes.push(change);
            if rows >= self.subtask.batch_size {
                self.push(std::mem::take(&mut changes), out)?;
                rows = 0;
                if out.is_full() && start < batch.num_rows() {
                    self.pending = Some(batch.slice(start, batch.num_rows() - start));
                    return Ok(Step::More);
                }
            }
        }
        self.push(changes, out)?;
        Ok(Step::Done)
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        let slots = self.keys.in_use();
        if slots.is_empty() {
            return Ok(Snapshot::default());
        }
        let keys = self.keys.keys(&slots)?;
        let key_groups = key_groups(&keys, slots.len(), self.subtask.max_parallelism)?;
        let mut columns: Vec<ArrayRef> = vec![Arc::new(UInt16Array::from(key_groups))];
        columns.extend(keys);
        // Without retractions nobody asks for the count; 1 says that the key is there.
        let counts = slots.iter().map(|&slot| self.counts.get(slot as usize).copied().unwrap_or(1));
        columns.push(Arc::new(Int64Array::from_iter_values(counts)));
        columns.extend(self.aggregates.state(&slots)?);
        let rows = RecordBatch::try_new(self.state_schema(), columns)?;
        Ok(Snapshot { keyed: [(TABLE.to_owned(), rows)].into(), ..Snapshot::default() })
    }

    fn restore(&mut self, mut snapshot: Snapshot) -> Result<()> {
        let Some(rows) = snapshot.keyed.remove(TABLE) else { return Ok(()) };
        check_schema(&rows, &self.state_schema())?;
        let (keys, state) = rows.columns()[1..].split_at(self.spec.keys.len());
        let slots = self.keys.slots(keys, rows.num_rows(), |_| 0)?.slots;
        if self.spec.input_retracts {
            self.counts.resize(self.keys.capacity(), 0);
            let counts = state[0].as_primitive::<Int64Type>();
            slots.iter().zip(counts.values()).for_each(|(&slot, &count)| self.counts[slot as usize] = count);
        }
        self.aggregates.restore(&slots, &state[1..])
    }
}

/// Name of the table in snapshots.
const TABLE: &str = "groups";

impl GroupAggregate {
    fn state_schema(&self) -> SchemaRef {
        let mut fields = vec![Arc::new(Field::new(KEY_GROUP_COLUMN, DataType::UInt16, false))];
        for (index, &key) in self.spec.keys.iter().enumerate() {
            fields.push(Arc::new(Field::new(
                format!("key{index}"),
                self.spec.input.field(key).data_type().clone(),
                true,
            )));
        }
        fields.push(Arc::new(Field::new("rows", DataType::Int64, false)));
        fields.extend(self.aggregates.state_fields());
        Arc::new(Schema::new(fields))
    }

    /// Takes in a mini-batch, and gives the changes of its keys.
    fn update(&mut self, batch: &ChangelogBatch, out: &mut Output) -> Result<ChangelogBatch> {
        let columns: Vec<ArrayRef> = self.spec.keys.iter().map(|&key| batch.rows().column(key).clone()).collect();
        let found = self.keys.slots(&columns, batch.num_rows(), |_| 0)?;
        let (touched, lost) = self.touch(&found, batch);
        let existing = pick(&touched.slots, &touched.existed, true);
        let before = self.aggregates.evaluate(&existing, &self.keys)?;
        let retractions = batch.kinds().map(RowKinds::retractions);
        if lost.is_empty() {
            let failures = self.aggregates.update(&found.slots, batch.rows(), retractions.as_ref())?;
            self.aggregates.settle(failures, batch, &self.subtask.metrics, self.now, out)?;
        } else {
            OperatorMetrics::add(&self.subtask.metrics.lost_retractions, lost.len());
            let mut lost = lost.into_iter().peekable();
            let kept = (0..batch.num_rows() as u32).filter(|row| lost.next_if_eq(row).is_none());
            let kept = UInt32Array::from_iter_values(kept);
            let slots: Vec<u32> = kept.values().iter().map(|&row| found.slots[row as usize]).collect();
            let batch = batch.take(&kept)?;
            let retractions = batch.kinds().map(RowKinds::retractions);
            let failures = self.aggregates.update(&slots, batch.rows(), retractions.as_ref())?;
            self.aggregates.settle(failures, &batch, &self.subtask.metrics, self.now, out)?;
        }
        let lives: Vec<bool> = match self.spec.input_retracts {
            false => vec![true; touched.slots.len()],
            true => touched.slots.iter().map(|&slot| self.counts[slot as usize] > 0).collect(),
        };
        let living = pick(&touched.slots, &lives, true);
        let after = self.aggregates.evaluate(&living, &self.keys)?;
        let gone = pick(&touched.slots, &lives, false);
        if !gone.is_empty() {
            self.aggregates.remove(&gone)?;
            self.keys.remove(&gone);
        }
        self.changes(&columns, &touched, &lives, before, after)
    }

    /// Counts the rows of keys, lists the keys of the batch, and the retractions that have no row to take back.
    fn touch(&mut self, found: &Slots, batch: &ChangelogBatch) -> (Touched, Vec<u32>) {
        self.mini_batch += 1;
        self.touched_in.resize(self.touched_in.len().max(self.keys.capacity()), 0);
        if self.spec.input_retracts {
            self.counts.resize(self.counts.len().max(self.keys.capacity()), 0);
            // A slot may be used again after its key was removed.
            found.new.iter().for_each(|&row| self.counts[found.slots[row as usize] as usize] = 0);
        }
        let (mut touched, mut lost) = (Touched::default(), Vec::new());
        let mut new = found.new.iter().copied().peekable();
        for (row, &slot) in found.slots.iter().enumerate() {
            let is_new = new.next_if_eq(&(row as u32)).is_some();
            if std::mem::replace(&mut self.touched_in[slot as usize], self.mini_batch) != self.mini_batch {
                touched.slots.push(slot);
                touched.rows.push(row as u32);
                touched.existed.push(!is_new);
            }
            if self.spec.input_retracts {
                let count = &mut self.counts[slot as usize];
                if !batch.kind(row).is_retraction() {
                    *count += 1;
                } else if *count > 0 {
                    *count -= 1;
                } else {
                    lost.push(row as u32);
                }
            }
        }
        (touched, lost)
    }

    /// The changelog of the keys touched: `before` has the values of those that existed, `after` of those that live.
    fn changes(
        &self,
        keys: &[ArrayRef],
        touched: &Touched,
        lives: &[bool],
        before: Vec<ArrayRef>,
        after: Vec<ArrayRef>,
    ) -> Result<ChangelogBatch> {
        let changed = self.changed(touched, lives, &before, &after)?;
        // Places in the output: the touched key, and its values in `before` (0) or `after` (1).
        let (mut rows, mut values, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
        let (mut old, mut new) = (0, 0);
        for (index, (&existed, &lives)) in touched.existed.iter().zip(lives).enumerate() {
            let mut emit = |place: (usize, usize), kind: RowKind| {
                rows.push(touched.rows[index]);
                values.push(place);
                kinds.push(kind);
            };
            match (existed, lives) {
                (false, false) => {}
                (false, true) => emit((1, new), RowKind::Insert),
                (true, false) => emit((0, old), RowKind::Delete),
                (true, true) if changed[index] => {
                    if self.spec.emit_update_before {
                        emit((0, old), RowKind::UpdateBefore);
                    }
                    emit((1, new), RowKind::UpdateAfter);
                }
                (true, true) => {}
            }
            old += usize::from(existed);
            new += usize::from(lives);
        }
        let row_numbers = UInt32Array::from(rows);
        // Keys that are equal are one key, and must be written as one: the row that is taken back later is found by it.
        let key = |key: &ArrayRef| Ok(canonical(&take(key, &row_numbers, None)?));
        let mut columns = keys.iter().map(key).collect::<Result<Vec<_>>>()?;
        for (before, after) in before.iter().zip(&after) {
            columns.push(interleave(&[before.as_ref(), after.as_ref()], &values)?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(kinds.len()));
        let rows = RecordBatch::try_new_with_options(self.spec.schema.clone(), columns, &options)?;
        let append_only = kinds.iter().all(|&kind| kind == RowKind::Insert);
        ChangelogBatch::new(rows, (!append_only).then(|| kinds.into_iter().collect()))
    }

    /// Of each key touched, whether its values are others than before. Meant for keys that existed and live.
    fn changed(&self, touched: &Touched, lives: &[bool], before: &[ArrayRef], after: &[ArrayRef]) -> Result<Vec<bool>> {
        let mut changed = vec![false; lives.len()];
        let (mut old, mut new, mut which) = (vec![], vec![], vec![]);
        let (mut next_old, mut next_new) = (0u32, 0u32);
        for (index, (&existed, &lives)) in touched.existed.iter().zip(lives).enumerate() {
            if existed && lives {
                old.push(next_old);
                new.push(next_new);
                which.push(index);
            }
            next_old += u32::from(existed);
            next_new += u32::from(lives);
        }
        if which.is_empty() {
            return Ok(changed);
        }
        let (old, new) = (UInt32Array::from(old), UInt32Array::from(new));
        for (before, after) in before.iter().zip(after) {
            let differs = differ(&take(before, &old, None)?, &take(after, &new, None)?)?;
            for (place, &index) in which.iter().enumerate() {
                changed[index] |= differs.value(place);
            }
        }
        Ok(changed)
    }

    fn push(&self, changes: Vec<ChangelogBatch>, out: &mut Output) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let changes = ChangelogBatch::concat(&self.spec.schema, &changes)?;
        let size = self.subtask.batch_size.max(1);
        (0..changes.num_rows()).step_by(size).for_each(|start| {
            out.push(changes.slice(start, size.min(changes.num_rows() - start)));
        });
        Ok(())
    }
}

/// The slots whose flag is `wanted`.
fn pick(slots: &[u32], flags: &[bool], wanted: bool) -> Vec<u32> {
    slots.iter().zip(flags).filter(|(_, flag)| **flag == wanted).map(|(&slot, _)| slot).collect()
}

/// Whether the values of two columns differ, row by row. NULL is like NULL, NaN like NaN.
fn differ(left: &ArrayRef, right: &ArrayRef) -> Result<BooleanArray> {
    if left.data_type().is_nested() {
        let differs = (0..left.len()).map(|row| left.slice(row, 1) != right.slice(row, 1));
        return Ok(differs.map(Some).collect());
    }
    Ok(distinct(left, right)?)
}

#[cfg(test)]
mod tests;
