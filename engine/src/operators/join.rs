//! The inner join of two streams: every pair of rows whose keys are equal and that the condition accepts.
//!
//! ```text
//! SELECT * FROM l JOIN r ON l.k = r.k
//!   left   +I a 1
//!   right  +I a x    +I a 1 a x
//!   left   +I a 2    +I a 2 a x
//!   right  -D a x    -D a 1 a x, -D a 2 a x
//! ```
//!
//! Both sides are kept: rows that are equal once, with the number of their copies. A retraction of a row that is not
//! there is counted and gives nothing.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, UInt32Array};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::physical_expr::PhysicalExpr;

use super::keyed_rows::{KeyedRows, Order};
use super::{Operator, OperatorMetrics, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::ChangelogBatch;
use crate::error::{Error, Result};
use crate::state::{KeyIndex, Snapshot, check_schema};

/// The plan of a regular join. Input 0 is the left one; both are partitioned by their keys (all to one subtask without
/// keys). Retractions may come on either side; the kind of an output row is that of the row that caused it.
#[derive(Debug, Clone)]
pub struct JoinSpec {
    pub left: SchemaRef,
    pub right: SchemaRef,
    /// The equal columns, in pairs.
    pub keys: Vec<JoinKey>,
    /// What else must be true: a boolean over the columns of the left input followed by those of the right.
    pub condition: Option<Arc<dyn PhysicalExpr>>,
    /// The output's columns, by their index in the left columns followed by the right ones.
    pub projection: Vec<usize>,
    pub schema: SchemaRef,
}

/// `left = right`. Both columns have one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinKey {
    /// Column of the left input.
    pub left: usize,
    /// Column of the right input.
    pub right: usize,
    /// NULL equals NULL: `IS NOT DISTINCT FROM`.
    pub null_equals_null: bool,
}

impl OperatorSpec for JoinSpec {
    fn name(&self) -> &'static str {
        "Join"
    }

    fn describe(&self) -> String {
        let mut conditions = self
            .keys
            .iter()
            .map(|key| {
                let (left, right) = (self.left.field(key.left).name(), self.right.field(key.right).name());
                let equal = if key.null_equals_null { "IS NOT DISTINCT FROM" } else { "=" };
                format!("{left} {equal} {right}")
            })
            .collect::<Vec<_>>();
        conditions.extend(self.condition.iter().map(|condition| condition.to_string()));
        let condition = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") };
        let select = self.schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ");
        format!("joinType=[InnerJoin], where=[{condition}], select=[{select}]")
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>> {
        let columns = |keys: fn(&JoinKey) -> usize| self.keys.iter().map(keys).collect::<Vec<_>>();
        let keys = [columns(|key| key.left), columns(|key| key.right)];
        let types = keys[0].iter().map(|&key| self.left.field(key).data_type().clone()).collect();
        let [left_keys, right_keys] = keys;
        let fields = self.left.fields().iter().chain(self.right.fields()).cloned().collect::<Vec<_>>();
        Ok(Box::new(Join {
            keys: KeyIndex::new(types)?,
            sides: [
                KeyedRows::new(self.left.clone(), left_keys, Order::FirstCopy)?,
                KeyedRows::new(self.right.clone(), right_keys, Order::FirstCopy)?,
            ],
            joined: Arc::new(Schema::new(fields)),
            pending: None,
            spec: self.clone(),
            subtask: subtask.clone(),
        }))
    }
}

struct Join {
    spec: JoinSpec,
    subtask: Subtask,
    /// The keys of both sides.
    keys: KeyIndex,
    sides: [KeyedRows; 2],
    /// The left columns, then the right ones.
    joined: SchemaRef,
    pending: Option<Pending>,
}

/// An input whose pairs are being emitted. Its rows are in the state already.
struct Pending {
    input: usize,
    batch: ChangelogBatch,
    /// Slot of each row's key.
    keys: Vec<u32>,
    /// The row whose pairs come next, and the row of the other side that it meets.
    row: usize,
    partner: Option<Partner>,
}

/// A stored row, and how many of its copies were met.
#[derive(Clone, Copy)]
struct Partner {
    slot: u32,
    copies: u32,
}

impl Operator for Join {
    fn process(&mut self, input: usize, batch: ChangelogBatch, _now: Timestamp, out: &mut Output) -> Result<Step> {
        let batch = self.without_null_keys(input, batch)?;
        if batch.num_rows() == 0 {
            return Ok(Step::Done);
        }
        let columns: Vec<ArrayRef> =
            self.sides[input].keys.iter().map(|&key| batch.rows().column(key).clone()).collect();
        let keys = self.keys.slots(&columns, batch.num_rows(), |_| 0)?.slots;
        let capacity = self.keys.capacity();
        self.sides.iter_mut().for_each(|side| side.grow(capacity));
        let lost = self.sides[input].update(&batch, &keys)?;
        self.drop_keys(&keys);
        let (batch, keys) = if lost.is_empty() {
            (batch, keys)
        } else {
            OperatorMetrics::add(&self.subtask.metrics.lost_retractions, lost.len());
            let kept: UInt32Array = (0..keys.len() as u32).filter(|row| lost.binary_search(row).is_err()).collect();
            let keys = kept.values().iter().map(|&row| keys[row as usize]).collect();
            (batch.take(&kept)?, keys)
        };
        self.pending = Some(Pending { input, batch, keys, row: 0, partner: None });
        self.resume(out)
    }

    fn resume(&mut self, out: &mut Output) -> Result<Step> {
        let Some(mut pending) = self.pending.take() else { return Ok(Step::Done) };
        if pending.row == 0 && pending.partner.is_none() {
            pending.partner = self.first_partner(&pending);
        }
        while pending.row < pending.keys.len() {
            if out.is_full() {
                self.pending = Some(pending);
                return Ok(Step::More);
            }
            let (rows, partners) = self.pairs(&mut pending);
            if !rows.is_empty() {
                out.push(self.join(&pending, rows, &partners)?);
            }
        }
        Ok(Step::Done)
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        let mut snapshot = Snapshot::default();
        let keys = self.keys.in_use();
        for (side, name) in self.sides.iter().zip(TABLES) {
            if let Some(rows) = side.snapshot(&keys, self.subtask.max_parallelism)? {
                snapshot.keyed.insert(name.to_owned(), rows);
            }
        }
        Ok(snapshot)
    }

    fn restore(&mut self, mut snapshot: Snapshot) -> Result<()> {
        for (side, name) in TABLES.into_iter().enumerate() {
            let Some(rows) = snapshot.keyed.remove(name) else { continue };
            check_schema(&rows, &self.sides[side].state_schema())?;
            let key_columns: Vec<ArrayRef> =
                self.sides[side].keys.iter().map(|&key| rows.column(key + 1).clone()).collect();
            let keys = self.keys.slots(&key_columns, rows.num_rows(), |_| 0)?.slots;
            let capacity = self.keys.capacity();
            self.sides.iter_mut().for_each(|side| side.grow(capacity));
            self.sides[side].restore(&rows, &keys)?;
        }
        Ok(())
    }
}

/// Names of the tables in snapshots.
const TABLES: [&str; 2] = ["left", "right"];

impl Join {
    /// Leaves out the rows that can meet none.
    fn without_null_keys(&self, input: usize, batch: ChangelogBatch) -> Result<ChangelogBatch> {
        let mut nulls: Option<NullBuffer> = None;
        for (key, &column) in self.spec.keys.iter().zip(&self.sides[input].keys) {
            if !key.null_equals_null {
                nulls = NullBuffer::union(nulls.as_ref(), batch.rows().column(column).logical_nulls().as_ref());
            }
        }
        match nulls.filter(|nulls| nulls.null_count() > 0) {
            None => Ok(batch),
            Some(nulls) => batch.filter(&BooleanArray::new(nulls.into_inner(), None)),
        }
    }

    /// Forgets keys of which neither side has rows.
    fn drop_keys(&mut self, keys: &[u32]) {
        let mut unused: Vec<u32> =
            keys.iter().copied().filter(|&key| self.sides.iter().all(|side| side.first(key).is_none())).collect();
        unused.sort_unstable();
        unused.dedup();
        self.keys.remove(&unused);
    }

    fn first_partner(&self, pending: &Pending) -> Option<Partner> {
        let key = *pending.keys.get(pending.row)?;
        self.sides[1 - pending.input].first(key).map(|slot| Partner { slot, copies: 0 })
    }

    /// The next pairs, at most a batch: rows of the input, and slots of the other side.
    fn pairs(&self, pending: &mut Pending) -> (Vec<u32>, Vec<u32>) {
        let other = &self.sides[1 - pending.input];
        let limit = self.subtask.batch_size.max(1);
        let (mut rows, mut partners) = (Vec::new(), Vec::new());
        while rows.len() < limit && pending.row < pending.keys.len() {
            let Some(partner) = &mut pending.partner else {
                pending.row += 1;
                pending.partner = self.first_partner(pending);
                continue;
            };
            let copies = (other.copies(partner.slot) - partner.copies).min((limit - rows.len()) as u32);
            rows.resize(rows.len() + copies as usize, pending.row as u32);
            partners.resize(rows.len(), partner.slot);
            partner.copies += copies;
            if partner.copies == other.copies(partner.slot) {
                pending.partner = other.next(partner.slot).map(|slot| Partner { slot, copies: 0 });
                if pending.partner.is_none() {
                    pending.row += 1;
                    pending.partner = self.first_partner(pending);
                }
            }
        }
        (rows, partners)
    }

    /// The pairs that the condition accepts, with the row kinds of the input.
    fn join(&self, pending: &Pending, rows: Vec<u32>, partners: &[u32]) -> Result<ChangelogBatch> {
        let own = pending.batch.take(&UInt32Array::from(rows))?;
        let other = self.sides[1 - pending.input].rows(partners)?;
        let own_columns = own.rows().columns().iter().cloned();
        let columns: Vec<ArrayRef> = match pending.input {
            0 => own_columns.chain(other).collect(),
            _ => other.into_iter().chain(own_columns).collect(),
        };
        let options = RecordBatchOptions::new().with_row_count(Some(partners.len()));
        let joined = RecordBatch::try_new_with_options(self.joined.clone(), columns, &options)?;
        let project = |batch: ChangelogBatch| {
            let columns = self.spec.projection.iter().map(|&column| batch.rows().column(column).clone()).collect();
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            batch.with_rows(RecordBatch::try_new_with_options(self.spec.schema.clone(), columns, &options)?)
        };
        let Some(condition) = &self.spec.condition else { return project(own.with_rows(joined)?) };
        let accepted = condition.evaluate(&joined)?.into_array(joined.num_rows())?;
        let accepted = accepted.as_boolean_opt().ok_or_else(|| Error::bug("the condition of a join is not boolean"))?;
        let accepted = match accepted.nulls() {
            None => accepted.clone(),
            Some(nulls) => BooleanArray::new(accepted.values() & nulls.inner(), None),
        };
        project(own.with_rows(joined)?.filter(&accepted)?)
    }
}

#[cfg(test)]
mod tests;
