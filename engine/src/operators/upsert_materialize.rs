//! The row of each of a sink's keys, where rows of a query meet at one: the last that came and was not taken back.
//!
//! ```text
//! INSERT INTO sizes SELECT word, COUNT(*) AS cnt FROM words GROUP BY word ON CONFLICT DO DEDUPLICATE    (key: cnt)
//!   +I a 1      +I a 1
//!   +I b 1      +U b 1
//!   -U b 1      +U a 1      (what it had hidden)
//!   +U b 2      +I b 2
//!   -D a 1      -D a 1
//! ```
//!
//! So all rows of the query are kept by the sink's key. A retraction of a row that is not there is counted and gives
//! nothing.

use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::datatypes::SchemaRef;

use super::keyed_rows::{KeyedRows, Order};
use super::{Operator, OperatorMetrics, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::{ChangelogBatch, RowKind};
use crate::error::Result;
use crate::state::{KeyIndex, Snapshot, check_schema};

/// The plan of materialising rows by a key. The input is a retract stream, partitioned by the key; the output has no
/// `-U`.
#[derive(Debug, Clone)]
pub struct UpsertMaterializeSpec {
    pub schema: SchemaRef,
    /// Columns of the sink's primary key.
    pub keys: Vec<usize>,
}

impl OperatorSpec for UpsertMaterializeSpec {
    fn name(&self) -> &'static str {
        "UpsertMaterialize"
    }

    fn describe(&self) -> String {
        let keys = self.keys.iter().map(|&key| self.schema.field(key).name().as_str()).collect::<Vec<_>>();
        let names = self.schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>();
        format!("keys=[{}], select=[{}]", keys.join(", "), names.join(", "))
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>> {
        let types = self.keys.iter().map(|&key| self.schema.field(key).data_type().clone()).collect();
        Ok(Box::new(UpsertMaterialize {
            keys: KeyIndex::new(types)?,
            rows: KeyedRows::new(self.schema.clone(), self.keys.clone(), Order::LastCopy)?,
            pending: None,
            spec: self.clone(),
            subtask: subtask.clone(),
        }))
    }
}

struct UpsertMaterialize {
    spec: UpsertMaterializeSpec,
    subtask: Subtask,
    keys: KeyIndex,
    rows: KeyedRows,
    /// What is left of the input, after [`Step::More`].
    pending: Option<ChangelogBatch>,
}

/// Name of the table in snapshots.
const TABLE: &str = "rows";

impl Operator for UpsertMaterialize {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, _now: Timestamp, out: &mut Output) -> Result<Step> {
        self.pending = Some(batch);
        self.resume(out)
    }

    fn resume(&mut self, out: &mut Output) -> Result<Step> {
        let Some(batch) = self.pending.take() else { return Ok(Step::Done) };
        // A mini-batch gives at most as many changes as it has rows.
        let mini_batch_size = self.subtask.mini_batch_size.min(self.subtask.batch_size).max(1);
        let mut start = 0;
        while start < batch.num_rows() {
            let length = mini_batch_size.min(batch.num_rows() - start);
            for change in self.update(&batch.slice(start, length))? {
                out.push(change);
            }
            start += length;
            if out.is_full() && start < batch.num_rows() {
                self.pending = Some(batch.slice(start, batch.num_rows() - start));
                return Ok(Step::More);
            }
        }
        Ok(Step::Done)
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        let mut snapshot = Snapshot::default();
        if let Some(rows) = self.rows.snapshot(&self.keys.in_use(), self.subtask.max_parallelism)? {
            snapshot.keyed.insert(TABLE.to_owned(), rows);
        }
        Ok(snapshot)
    }

    fn restore(&mut self, mut snapshot: Snapshot) -> Result<()> {
        let Some(rows) = snapshot.keyed.remove(TABLE) else { return Ok(()) };
        check_schema(&rows, &self.rows.state_schema())?;
        let columns: Vec<ArrayRef> = self.spec.keys.iter().map(|&key| rows.column(key + 1).clone()).collect();
        let keys = self.keys.slots(&columns, rows.num_rows(), |_| 0)?.slots;
        self.rows.grow(self.keys.capacity());
        self.rows.restore(&rows, &keys)
    }
}

/// A key of a mini-batch.
struct Touched {
    key: u32,
    /// Its row before.
    before: Option<u32>,
    /// The number of its last row in the mini-batch.
    last: u32,
    /// A row of the mini-batch came to it.
    came: bool,
}

impl UpsertMaterialize {
    /// Takes in a mini-batch; gives the keys that have no row any more, and the rows of those that have another.
    fn update(&mut self, batch: &ChangelogBatch) -> Result<Vec<ChangelogBatch>> {
        let columns: Vec<ArrayRef> = self.spec.keys.iter().map(|&key| batch.rows().column(key).clone()).collect();
        let keys = self.keys.slots(&columns, batch.num_rows(), |_| 0)?.slots;
        self.rows.grow(self.keys.capacity());
        let touched = self.touch(&keys, batch);
        let lost = self.rows.update(batch, &keys)?;
        OperatorMetrics::add(&self.subtask.metrics.lost_retractions, lost.len());
        let (mut deleted, mut changed, mut kinds, mut unused) = (vec![], vec![], vec![], vec![]);
        for Touched { key, before, last, came } in touched {
            match (before, self.rows.last(key)) {
                (Some(_), None) => deleted.push(last),
                (before, Some(after)) if came || before != Some(after) => {
                    changed.push(after);
                    kinds.push(if before.is_none() { RowKind::Insert } else { RowKind::UpdateAfter });
                }
                _ => {}
            }
            if self.rows.last(key).is_none() {
                unused.push(key);
            }
        }
        self.keys.remove(&unused);
        let mut changes = vec![];
        if !deleted.is_empty() {
            let rows = batch.take(&UInt32Array::from(deleted))?;
            let kinds = std::iter::repeat_n(RowKind::Delete, rows.num_rows()).collect();
            changes.push(ChangelogBatch::new(rows.into_parts().0, Some(kinds))?);
        }
        if !changed.is_empty() {
            let rows = RecordBatch::try_new(self.spec.schema.clone(), self.rows.rows(&changed)?)?;
            changes.push(ChangelogBatch::new(rows, Some(kinds.into_iter().collect()))?);
        }
        Ok(changes)
    }

    /// The keys of a mini-batch, in the order of their first rows.
    fn touch(&self, keys: &[u32], batch: &ChangelogBatch) -> Vec<Touched> {
        let mut touched: Vec<Touched> = vec![];
        let mut places = std::collections::HashMap::new();
        for (row, &key) in keys.iter().enumerate() {
            let place = *places.entry(key).or_insert_with(|| {
                touched.push(Touched { key, before: self.rows.last(key), last: 0, came: false });
                touched.len() - 1
            });
            touched[place].last = row as u32;
            touched[place].came |= !batch.kind(row).is_retraction();
        }
        touched
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::harness::{Harness, schema};
    use super::*;

    fn materialiser() -> Harness {
        let schema = schema("name STRING, k BIGINT");
        let spec = UpsertMaterializeSpec { schema: schema.clone(), keys: vec![1] };
        Harness::new(spec, vec![(schema, vec![1])])
    }

    #[test]
    fn the_last_row_that_is_still_there() {
        let mut harness = materialiser().sizes(8192, 1);
        let said = harness.run("+I a 1\n+I b 1\n-U b 1\n+U b 2\n-D a 1\n---\n#snapshot 3\n-D b 2\n-D b 2\n");
        assert_eq!(said, "+I a 1\n+U b 1\n+U a 1\n+I b 2\n-D a 1\n-D b 2\n");
        assert_eq!(harness.metrics().lost_retractions.load(std::sync::atomic::Ordering::Relaxed), 1);
    }

    #[test]
    fn a_copy_that_comes_again_is_the_last() {
        let mut harness = materialiser().sizes(8192, 1);
        let said = harness.run("+I a 1\n+I b 1\n+I a 1\n---\n#snapshot 2\n-D b 1\n-D a 1\n-D a 1\n");
        assert_eq!(said, "+I a 1\n+U b 1\n+U a 1\n-D a 1\n");
    }

    #[test]
    fn a_mini_batch_gives_one_change_per_key() {
        let mut harness = materialiser();
        let said = harness.run("+I a 1\n+I b 1\n+I c 2\n-D c 2\n---\n-U b 1\n+U b 3\n---\n-D a 1\n");
        assert_eq!(said, "+I b 1\n+U a 1\n+I b 3\n-D a 1\n");
    }

    proptest! {
        /// Against a list of rows per key, whatever the mini-batches and the snapshots.
        #[test]
        fn as_lists_of_rows(changes in proptest::collection::vec((0..3u8, 0..2u8, any::<bool>()), 1..60), size in 1..7usize) {
            let mut lists = [Vec::<u8>::new(), vec![]];
            let mut script = String::new();
            for (step, (name, key, retract)) in changes.into_iter().enumerate() {
                let list = &mut lists[key as usize];
                match list.iter().position(|&row| row == name).filter(|_| retract) {
                    Some(place) => {
                        list.remove(place);
                        script.push_str(&format!("-D n{name} {key}\n"));
                    }
                    None => {
                        list.push(name);
                        script.push_str(&format!("+I n{name} {key}\n"));
                    }
                }
                if step % 11 == 10 {
                    script.push_str(&format!("---\n#snapshot {}\n", 1 + step % 3));
                }
            }
            let mut harness = materialiser().sizes(8192, size);
            let mut found = [None, None];
            for line in harness.run(&script).lines().filter(|line| !line.starts_with(['#', '-'])) {
                let (row, key) = line[3..].split_once(' ').unwrap();
                found[key.parse::<usize>().unwrap()] = Some(row.to_owned());
            }
            for (list, found) in lists.iter().zip(found) {
                // A key whose last row went has been deleted: what it had last says nothing.
                if let Some(last) = list.last() {
                    prop_assert_eq!(Some(format!("n{last}")), found);
                }
            }
        }
    }
}
