//! `'connector' = 'filesystem'`: files of lines or whole files, read once or watched for, written in parts.

mod enumerator;
mod lines;
mod path;
mod reader;
mod sink;
mod source;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::formats::{self, FormatContext};
use super::{Connector, ConnectorOption, Options, Sink, Source, TableDescription};
use crate::error::Result;

#[derive(Debug)]
pub struct Filesystem;

impl Connector for Filesystem {
    fn name(&self) -> &'static str {
        "filesystem"
    }

    fn doc(&self) -> &'static str {
        "Reads a file, a directory with all below it, or standard input; writes parts into a directory, which appear \
         when they are committed. `PARTITIONED BY` columns stand in directory names (`day=2020-01-01`)."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        let option = |name, default, doc| ConnectorOption { name, required: false, default, doc };
        let mut options = vec![
            ConnectorOption {
                name: "path",
                required: true,
                default: None,
                doc: "A file or directory, also as `file:///…`; `-` is standard input. A sink's is a directory.",
            },
            option(
                "source.monitor-interval",
                None,
                "Watch the directory for new files this often; the table is then unbounded.",
            ),
            option("source.path.regex-pattern", None, "Read only files whose whole path matches."),
            option("sink.rolling-policy.file-size", Some("128 mb"), "A part that has grown to this size is closed."),
            option(
                "sink.rolling-policy.rollover-interval",
                Some("30 min"),
                "A part that has been open for so long is closed at the next row.",
            ),
            option("sink.rolling-policy.check-interval", Some("1 min"), "Accepted for jobs written for Flink."),
            option(
                "partition.default-name",
                Some("__HIVE_DEFAULT_PARTITION__"),
                "The directory's value where a partition column is NULL or empty.",
            ),
        ];
        options.extend(formats::format_options());
        options
    }

    fn source(&self, table: &TableDescription) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(source::FileSource::new(table)?))
    }

    fn sink(&self, table: &TableDescription) -> Result<Arc<dyn Sink>> {
        Ok(Arc::new(sink::FileSink::new(table)?))
    }
}

/// Where a table's columns stand: in the files or in directory names.
#[derive(Debug, Clone)]
struct Layout {
    /// Columns in the files, as indices into the table's schema.
    in_files: Vec<usize>,
    /// PARTITIONED BY columns, as indices into the table's schema, in the order of the directories.
    partition_keys: Vec<usize>,
    /// The directory's value for NULL.
    default_partition: String,
}

impl Layout {
    fn new(table: &TableDescription) -> Self {
        let in_files =
            (0..table.schema.fields().len()).filter(|column| !table.partition_keys.contains(column)).collect();
        let default_partition = table.options.get("partition.default-name").cloned();
        Layout {
            in_files,
            partition_keys: table.partition_keys.clone(),
            default_partition: default_partition.unwrap_or_else(|| "__HIVE_DEFAULT_PARTITION__".to_owned()),
        }
    }

    /// The format's view of the table; `wanted` are the columns to read, those in directory names left out.
    fn format_context<'a>(&self, table: &'a TableDescription, wanted: &[usize]) -> Result<FormatContext<'a>> {
        let place = |column: &usize| self.in_files.iter().position(|known| known == column);
        Ok(FormatContext {
            schema: Arc::new(table.schema.project(&self.in_files)?),
            projection: wanted.iter().filter_map(place).collect(),
            options: Options::new(&table.options),
        })
    }
}
