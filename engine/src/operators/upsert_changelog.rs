//! A retract stream for a sink that takes upserts by key: what a `-U` takes back is deleted, and a `+U` that follows puts
//! the key's row there again.
//!
//! ```text
//! INSERT INTO counts SELECT word, COUNT(*) FROM words GROUP BY word HAVING COUNT(*) < 3
//!   +I a 1      +I a 1
//!   -U a 1      -D a 1
//!   +U a 2      +U a 2
//!   -U a 2      -D a 2      (its +U did not pass HAVING)
//! ```

use datafusion::arrow::datatypes::SchemaRef;

use super::{Operator, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::{ChangelogBatch, RowKind, RowKinds};
use crate::error::Result;

/// The plan of making upserts. The output has no `-U`.
#[derive(Debug, Clone)]
pub struct UpsertChangelogSpec {
    pub schema: SchemaRef,
}

impl OperatorSpec for UpsertChangelogSpec {
    fn name(&self) -> &'static str {
        "UpsertChangelog"
    }

    fn describe(&self) -> String {
        let names = self.schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>();
        format!("select=[{}]", names.join(", "))
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn create(&self, _subtask: &Subtask) -> Result<Box<dyn Operator>> {
        Ok(Box::new(UpsertChangelog))
    }
}

struct UpsertChangelog;

impl Operator for UpsertChangelog {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, _now: Timestamp, out: &mut Output) -> Result<Step> {
        let (rows, kinds) = batch.into_parts();
        let upserts = |kind| if kind == RowKind::UpdateBefore { RowKind::Delete } else { kind };
        let kinds = kinds.map(|kinds| kinds.iter().map(upserts).collect::<RowKinds>());
        out.push(ChangelogBatch::new(rows, kinds)?);
        Ok(Step::Done)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    #[test]
    fn what_is_taken_back_is_deleted() {
        let schema = Arc::new(Schema::new(vec![Field::new("word", DataType::Utf8, true)]));
        let mut operator = UpsertChangelogSpec { schema: schema.clone() }.create(&Subtask::for_test()).unwrap();
        let mut out = Output::new(100);
        let batch = ChangelogBatch::from_text(&schema, "+I a\n-U a\n+U a\n-D a\n").unwrap();
        assert_eq!(operator.process(0, batch, 0, &mut out).unwrap(), Step::Done);
        assert_eq!(out.pop().unwrap().to_text().unwrap(), "+I a\n-D a\n+U a\n-D a\n");
    }
}
