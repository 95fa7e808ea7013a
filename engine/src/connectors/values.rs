//! Rows that stand in the program or in the table's options: `'connector' = 'values'`, and what `from_elements` makes.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::datatypes::SchemaRef;

use super::{
    Connector, ConnectorOption, Options, ReaderContext, ReaderEvent, Sink, Source, SourceReader, Split,
    SplitEnumerator, TableDescription,
};
use crate::changelog::{ChangelogBatch, ChangelogMode};
use crate::error::{Error, Result};

#[derive(Debug)]
pub struct Values;

impl Connector for Values {
    fn name(&self) -> &'static str {
        "values"
    }

    fn doc(&self) -> &'static str {
        "A source of rows that stand in the option 'rows', for tests: a row a line, values separated by blanks, with \
         blanks in double quotes, NULL as `null`; a row kind may stand first: `+I a 1`."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        let option = |name, default, doc| ConnectorOption { name, required: false, default, doc };
        vec![
            option("rows", Some(""), "The rows, a line each; without a row kind they are inserts."),
            option("changelog-mode", None, "`append`, `upsert` or `retract`; by default what the rows' kinds need."),
        ]
    }

    fn source(&self, table: &TableDescription) -> Result<Arc<dyn Source>> {
        let options = Options::new(&table.options);
        let rows = ChangelogBatch::from_text(&table.schema, options.get("rows").unwrap_or_default())
            .map_err(|error| error.context("in the option 'rows'"))?;
        let changes = rows.kinds().is_some();
        let mut source = ValuesSource::new(table.schema.clone(), vec![rows]);
        if options.get("changelog-mode").is_some() {
            source.mode = match options.choice("changelog-mode", &["append", "upsert", "retract"], 0)? {
                0 => ChangelogMode::AppendOnly,
                1 => ChangelogMode::Upsert,
                _ => ChangelogMode::Retract,
            };
            if changes && source.mode == ChangelogMode::AppendOnly {
                let error = Error::user("option 'changelog-mode' = 'append', and some of 'rows' are no inserts");
                return Err(error.hint("say 'upsert' or 'retract', or leave the option out"));
            }
        }
        Ok(Arc::new(source))
    }

    fn sink(&self, _table: &TableDescription) -> Result<Arc<dyn Sink>> {
        Err(Error::user("connector 'values' cannot be written").hint("use 'print' or 'blackhole'"))
    }
}

/// Batches as a bounded source of one split.
#[derive(Debug, Clone)]
pub struct ValuesSource {
    schema: SchemaRef,
    batches: Arc<Vec<ChangelogBatch>>,
    mode: ChangelogMode,
}

impl ValuesSource {
    /// All batches have the schema. The changelog is append-only if no batch has row kinds, else retract.
    pub fn new(schema: SchemaRef, batches: Vec<ChangelogBatch>) -> Self {
        let append_only = batches.iter().all(|batch| batch.kinds().is_none());
        let mode = if append_only { ChangelogMode::AppendOnly } else { ChangelogMode::Retract };
        ValuesSource { schema, batches: Arc::new(batches), mode }
    }

    /// Says what the rows' kinds are, where [`ValuesSource::new`] would say otherwise.
    pub fn with_changelog_mode(mut self, mode: ChangelogMode) -> Self {
        self.mode = mode;
        self
    }
}

impl Source for ValuesSource {
    fn is_bounded(&self) -> bool {
        true
    }

    fn changelog_mode(&self) -> ChangelogMode {
        self.mode
    }

    fn project(&self, columns: &[usize]) -> Option<Arc<dyn Source>> {
        let batches = self
            .batches
            .iter()
            .map(|batch| batch.with_rows(batch.rows().project(columns).ok()?).ok())
            .collect::<Option<Vec<_>>>()?;
        let schema = Arc::new(self.schema.project(columns).ok()?);
        Some(Arc::new(ValuesSource { schema, batches: Arc::new(batches), mode: self.mode }))
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn enumerator(&self, _parallelism: usize) -> Result<Box<dyn SplitEnumerator>> {
        Ok(Box::new(OneSplit { found: false }))
    }

    fn reader(&self, context: &ReaderContext) -> Result<Box<dyn SourceReader>> {
        Ok(Box::new(ValuesReader {
            batches: self.batches.clone(),
            batch_size: context.batch_size.max(1),
            current: None,
        }))
    }
}

/// Finds the one split `values`.
struct OneSplit {
    found: bool,
}

impl SplitEnumerator for OneSplit {
    fn discover(&mut self) -> Result<Vec<Split>> {
        let fresh = !std::mem::replace(&mut self.found, true);
        Ok(fresh.then(|| Split { id: "values".to_owned(), position: String::new() }).into_iter().collect())
    }

    fn interval(&self) -> Option<Duration> {
        None
    }

    fn snapshot(&self) -> Vec<String> {
        if self.found { vec!["values".to_owned()] } else { vec![] }
    }

    fn restore(&mut self, snapshot: Vec<String>) -> Result<()> {
        self.found = !snapshot.is_empty();
        Ok(())
    }
}

struct ValuesReader {
    batches: Arc<Vec<ChangelogBatch>>,
    batch_size: usize,
    /// The split and the rows given of it.
    current: Option<(Arc<str>, usize)>,
}

impl SourceReader for ValuesReader {
    fn add_split(&mut self, split: Split) -> Result<()> {
        let given = match split.position.as_str() {
            "" => 0,
            text => text.parse().map_err(|_| Error::state(format!("`{text}` is no row number")))?,
        };
        self.current = Some((split.id.into(), given));
        Ok(())
    }

    fn poll(&mut self) -> Result<ReaderEvent> {
        let Some((split, given)) = &mut self.current else { return Ok(ReaderEvent::Exhausted) };
        let mut skip = *given;
        for batch in self.batches.iter() {
            if skip >= batch.num_rows() {
                skip -= batch.num_rows();
                continue;
            }
            let batch = batch.slice(skip, self.batch_size.min(batch.num_rows() - skip));
            *given += batch.num_rows();
            return Ok(ReaderEvent::Batch { split: split.clone(), batch });
        }
        let split = split.clone();
        self.current = None;
        Ok(ReaderEvent::Finished { split })
    }

    fn snapshot(&self) -> Vec<Split> {
        self.current.iter().map(|(id, given)| Split { id: id.to_string(), position: given.to_string() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::DataType;

    use super::*;
    use crate::connectors::testing::{read_all, table, text};

    #[test]
    fn gives_its_rows_and_goes_on_from_positions() {
        let rows = "+I a 1\n-U a 1\n+U a 2\n-D \"b c\" null\n";
        let table = table(&[("word", DataType::Utf8), ("n", DataType::Int64)], &[("rows", rows)]);
        let source = Values.source(&table).unwrap();
        assert_eq!(source.changelog_mode(), ChangelogMode::Retract);
        for (batch_size, restart) in [(10, None), (1, Some(1)), (3, Some(1))] {
            assert_eq!(text(&read_all(&source, batch_size, restart).unwrap()), rows);
        }
        let projected = source.project(&[1]).unwrap();
        assert_eq!(text(&read_all(&projected, 10, None).unwrap()), "+I 1\n-U 1\n+U 2\n-D null\n");
    }
}
