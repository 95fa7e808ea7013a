//! GROUP BY of rows that end: one row per key, when all have come.
//!
//! ```text
//! SELECT word, COUNT(*) FROM words GROUP BY word
//!   +I a
//!   +I b
//!   +I a
//!   (the end)   +I a 2,  +I b 1
//! ```
//!
//! In batch mode, for functions that send rows to a table: the batch engine's own aggregation does not hand on the rows
//! that fail. No barriers come, so there is no snapshot.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::SchemaRef;

use super::aggregates::Aggregates;
use super::dead_letter::describe_policies;
use super::{AggregateCall, Operator, OperatorMetrics, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::ChangelogBatch;
use crate::error::Result;
use crate::functions::component::BoundComponent;
use crate::state::KeyIndex;

/// The plan of an aggregation of rows that end, which are all inserts.
#[derive(Debug, Clone)]
pub struct BatchAggregateSpec {
    pub input: SchemaRef,
    /// Grouping columns of the input; none for one global group, which gives a row even if none came.
    pub keys: Vec<usize>,
    pub aggregates: Vec<AggregateCall>,
    /// The keys in the order of `keys`, then a column per aggregate.
    pub schema: SchemaRef,
}

impl OperatorSpec for BatchAggregateSpec {
    fn name(&self) -> &'static str {
        "BatchAggregate"
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
        Ok(Box::new(BatchAggregate {
            keys: KeyIndex::new(types)?,
            aggregates: Aggregates::new(&self.aggregates, &self.input, false, &subtask.cancelled)?,
            left: vec![],
            schema: self.schema.clone(),
            key_columns: self.keys.clone(),
            batch_size: subtask.batch_size.max(1),
            metrics: subtask.metrics.clone(),
        }))
    }
}

struct BatchAggregate {
    keys: KeyIndex,
    aggregates: Aggregates,
    /// At the end: the groups that were not given yet, the next one last.
    left: Vec<u32>,
    schema: SchemaRef,
    key_columns: Vec<usize>,
    batch_size: usize,
    metrics: Arc<OperatorMetrics>,
}

impl Operator for BatchAggregate {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, now: Timestamp, out: &mut Output) -> Result<Step> {
        let columns: Vec<ArrayRef> = self.key_columns.iter().map(|&key| batch.rows().column(key).clone()).collect();
        let groups = self.keys.slots(&columns, batch.num_rows(), |_| 0)?.slots;
        let failures = self.aggregates.update(&groups, batch.rows(), None)?;
        self.aggregates.settle(failures, &batch, &self.metrics, now, out)?;
        Ok(Step::Done)
    }

    fn finish(&mut self, out: &mut Output) -> Result<Step> {
        if self.key_columns.is_empty() && self.keys.is_empty() {
            self.keys.slots(&[], 1, |_| 0)?;
        }
        self.left = self.keys.in_use();
        self.left.reverse();
        self.resume(out)
    }

    fn resume(&mut self, out: &mut Output) -> Result<Step> {
        while !self.left.is_empty() {
            if out.is_full() {
                return Ok(Step::More);
            }
            let mut groups = self.left.split_off(self.left.len().saturating_sub(self.batch_size));
            groups.reverse();
            let mut columns = self.keys.keys(&groups)?;
            columns.extend(self.aggregates.evaluate(&groups, &self.keys)?);
            let options = RecordBatchOptions::new().with_row_count(Some(groups.len()));
            let rows = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
            out.push(ChangelogBatch::inserts(rows));
        }
        Ok(Step::Done)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{DataType, Field, Schema};
    use expect_test::{Expect, expect};

    use super::*;
    use crate::functions::aggregates::find;
    use crate::operators::harness::{Harness, schema};

    /// `SELECT keys, COUNT(*), SUM(v), COUNT(DISTINCT v)` of a script's rows `k v`.
    fn check(keys: Vec<usize>, batch_size: usize, script: &str, expected: Expect) {
        let input = schema("k STRING, v INT");
        let call = |name: &str, arguments: &[usize], distinct| {
            let types: Vec<DataType> = arguments.iter().map(|&index| input.field(index).data_type().clone()).collect();
            let function = find(name).unwrap().resolve(&types).unwrap();
            AggregateCall { name: name.to_lowercase(), function, arguments: arguments.to_vec(), distinct, filter: None }
        };
        let aggregates = vec![call("COUNT", &[], false), call("SUM", &[1], false), call("COUNT", &[1], true)];
        let mut fields: Vec<_> = keys.iter().map(|&key| input.field(key).clone()).collect();
        for (index, aggregate) in aggregates.iter().enumerate() {
            let value = aggregate.resolve(&input).unwrap().return_type();
            fields.push(Field::new(format!("a{index}"), value, true));
        }
        let schema = Arc::new(Schema::new(fields));
        let spec = BatchAggregateSpec { input: input.clone(), keys: keys.clone(), aggregates, schema };
        expected.assert_eq(&Harness::new(spec, vec![(input, keys)]).sizes(batch_size, 1).run(script));
    }

    const ROWS: &str = "
        +I a 1
        +I b null
        ---
        +I a 5
        +I c 7
        +I a 5
        #watermark 9223372036854775807
        #finish";

    #[test]
    fn a_key_has_a_row_at_the_end() {
        for batch_size in [1, 2, 100] {
            check(
                vec![0],
                batch_size,
                ROWS,
                expect![[r#"
                    #finish
                    +I a 3 11 2
                    +I b 1 null 0
                    +I c 1 7 1
                "#]],
            );
        }
    }

    #[test]
    fn without_keys_there_is_a_row_even_of_nothing() {
        check(
            vec![],
            10,
            ROWS,
            expect![[r#"
                #finish
                +I 5 18 3
            "#]],
        );
        check(
            vec![],
            10,
            "#finish",
            expect![[r#"
                #finish
                +I 0 null 0
            "#]],
        );
        check(vec![0], 10, "#finish", expect![""]);
    }
}
