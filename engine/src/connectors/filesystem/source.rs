//! The source's description: what to read, with which format, which columns.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::datatypes::SchemaRef;
use regex::Regex;

use super::Layout;
use super::enumerator::FileEnumerator;
use super::path::Location;
use super::reader::FileReader;
use crate::connectors::formats::{self, Decoding};
use crate::connectors::{Options, ReaderContext, Source, SourceReader, SplitEnumerator, TableDescription};
use crate::error::{Error, Result};

/// A table of files.
#[derive(Debug, Clone)]
pub struct FileSource {
    table: TableDescription,
    location: Location,
    pattern: Option<Regex>,
    monitor_interval: Option<Duration>,
    layout: Layout,
    /// The columns read, as indices into the table's schema.
    columns: Vec<usize>,
    schema: SchemaRef,
    decoding: Decoding,
}

impl FileSource {
    pub fn new(table: &TableDescription) -> Result<Self> {
        let options = Options::new(&table.options);
        let location = Location::parse(options.required("path")?)?;
        let pattern = options.get("source.path.regex-pattern").map(|pattern| {
            Regex::new(&format!("^(?:{pattern})$")).map_err(|error| {
                Error::user(format!("option 'source.path.regex-pattern' is no regular expression: {error}"))
            })
        });
        let monitor_interval = options.duration("source.monitor-interval")?.filter(|interval| !interval.is_zero());
        let columns: Vec<usize> = (0..table.schema.fields().len()).collect();
        let layout = Layout::new(table);
        if location == Location::StandardInput && !layout.partition_keys.is_empty() {
            return Err(Error::user("standard input has no directories to read PARTITIONED BY columns from"));
        }
        let source = FileSource {
            table: table.clone(),
            location,
            pattern: pattern.transpose()?,
            monitor_interval,
            decoding: decoding(table, &layout, &columns)?,
            layout,
            columns,
            schema: table.schema.clone(),
        };
        if source.location == Location::StandardInput && matches!(source.decoding, Decoding::Files(_)) {
            return Err(Error::user("this format reads whole files, so it cannot read standard input"));
        }
        Ok(source)
    }
}

fn decoding(table: &TableDescription, layout: &Layout, columns: &[usize]) -> Result<Decoding> {
    let context = layout.format_context(table, columns)?;
    formats::format(context.options)?.decoding(&context)
}

impl Source for FileSource {
    fn is_bounded(&self) -> bool {
        self.monitor_interval.is_none()
    }

    fn project(&self, columns: &[usize]) -> Option<Arc<dyn Source>> {
        let columns: Vec<usize> =
            columns.iter().map(|&column| self.columns.get(column).copied()).collect::<Option<_>>()?;
        let schema = Arc::new(self.table.schema.project(&columns).ok()?);
        let decoding = decoding(&self.table, &self.layout, &columns).ok()?;
        Some(Arc::new(FileSource { columns, schema, decoding, ..self.clone() }))
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn enumerator(&self, parallelism: usize) -> Result<Box<dyn SplitEnumerator>> {
        Ok(Box::new(FileEnumerator {
            location: self.location.clone(),
            pattern: self.pattern.clone(),
            monitor_interval: self.monitor_interval,
            ranges: match &self.decoding {
                Decoding::Lines(lines) if lines.splits_at_line_feeds() => parallelism,
                _ => 1,
            },
            found: BTreeSet::new(),
            done: false,
        }))
    }

    fn reader(&self, context: &ReaderContext) -> Result<Box<dyn SourceReader>> {
        let names =
            |keys: &[usize]| keys.iter().map(|&key| self.table.schema.field(key).name().clone()).collect::<Vec<_>>();
        Ok(Box::new(FileReader::new(
            self.table.name.clone(),
            self.location.clone(),
            self.decoding.clone(),
            self.schema.clone(),
            names(&self.layout.partition_keys),
            self.layout.default_partition.clone(),
            context,
        )))
    }
}
