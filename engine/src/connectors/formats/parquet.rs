//! `'format' = 'parquet'`: whole files of columns, read with only the columns wanted.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::arrow::{ArrowWriter, ProjectionMask};
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;

use super::{Decoding, Encoder, Encoding, FileDecoding, FileRows, Format, FormatContext};
use crate::connectors::ConnectorOption;
use crate::error::{Error, Result};
use crate::suggest::did_you_mean;
use crate::types::sql_type;

#[derive(Debug)]
pub struct Parquet;

const COMPRESSIONS: [&str; 2] = ["SNAPPY", "UNCOMPRESSED"];

impl Format for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn doc(&self) -> &'static str {
        "Apache Parquet files. Columns are found by name; a column that a file has not is NULL, with a warning, and fails where it is NOT NULL."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        vec![ConnectorOption {
            name: "parquet.compression",
            required: false,
            default: Some("SNAPPY"),
            doc: "Compression of files written: `SNAPPY` or `UNCOMPRESSED`.",
        }]
    }

    fn decoding(&self, context: &FormatContext) -> Result<Decoding> {
        let schema = Arc::new(context.schema.project(&context.projection)?);
        Ok(Decoding::Files(Arc::new(ParquetDecoding { schema })))
    }

    fn encoding(&self, context: &FormatContext) -> Result<Arc<dyn Encoding>> {
        let compression = match context.options.choice("parquet.compression", &COMPRESSIONS, 0)? {
            0 => Compression::SNAPPY,
            _ => Compression::UNCOMPRESSED,
        };
        Ok(Arc::new(ParquetEncoding { schema: context.schema.clone(), compression }))
    }
}

#[derive(Debug)]
struct ParquetDecoding {
    /// The columns wanted.
    schema: SchemaRef,
}

impl FileDecoding for ParquetDecoding {
    fn open(&self, path: &Path, skip: u64, batch_size: usize) -> Result<FileRows> {
        let failed = {
            let path = path.display().to_string();
            move |error: String| Error::connector(format!("cannot read the Parquet file '{path}': {error}"))
        };
        let file = super::open(path)?;
        let builder = unbroken(|| ParquetRecordBatchReaderBuilder::try_new(file)).map_err(&failed)?;
        self.check_columns(path, builder.schema())?;
        let wanted = self.schema.fields().iter().filter_map(|field| builder.schema().index_of(field.name()).ok());
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let skip = usize::try_from(skip).map_err(|_| Error::state(format!("row {skip} is beyond any file")))?;
        let builder = builder.with_projection(mask).with_batch_size(batch_size).with_offset(skip);
        let mut reader = Some(unbroken(|| builder.build()).map_err(&failed)?);
        let (schema, path) = (self.schema.clone(), path.display().to_string());
        Ok(Box::new(std::iter::from_fn(move || {
            let rows = unbroken(|| reader.as_mut().and_then(Iterator::next).transpose());
            if rows.is_err() {
                // What failed once is not asked again.
                reader = None;
            }
            rows.map_err(&failed).and_then(|rows| rows.map(|rows| fit(&rows, &schema, &path)).transpose()).transpose()
        })))
    }
}

/// What a reader gives; of a broken file it may panic, and that is an error of the file.
fn unbroken<T, E: std::fmt::Display>(read: impl FnOnce() -> std::result::Result<T, E>) -> Result<T, String> {
    match std::panic::catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
            Err(format!("it is broken ({})", text.unwrap_or("its reader panicked")))
        }
    }
}

impl ParquetDecoding {
    /// Tells of the columns that a file has not. As in Flink they are NULL: files written before a column was added are
    /// read; but so is one whose name is misspelt.
    fn check_columns(&self, path: &Path, file: &Schema) -> Result<()> {
        for field in self.schema.fields().iter().filter(|field| file.index_of(field.name()).is_err()) {
            let lacks = format!("the Parquet file '{}' has no column `{}`", path.display(), field.name());
            let nearest = did_you_mean(field.name(), file.fields().iter().map(|field| field.name().as_str()));
            if !field.is_nullable() {
                return Err(Error::user(format!("{lacks}, which is NOT NULL")).hint(nearest));
            }
            tracing::warn!("{lacks}: it is read as NULL; {nearest}");
        }
        Ok(())
    }
}

/// The columns of a file in the table's order and types.
fn fit(rows: &RecordBatch, schema: &SchemaRef, path: &str) -> Result<RecordBatch> {
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let column = |field: &FieldRef| -> Result<ArrayRef> {
        let (name, kind) = (field.name(), field.data_type());
        let refused = |what: String| {
            Error::user(format!("column `{name}` of the Parquet file '{path}' {what}"))
                .hint("declare the column's type as the file has it")
        };
        let column = match rows.column_by_name(name) {
            None => new_null_array(kind, rows.num_rows()),
            Some(column) if column.data_type() == kind => column.clone(),
            Some(column) => cast_with_options(column, kind, &strict)
                .map_err(|error| refused(format!("is {}, not {}: {error}", column.data_type(), sql_type(kind))))?,
        };
        if column.null_count() > 0 && !field.is_nullable() {
            return Err(refused("is NULL, and declared NOT NULL".to_owned()));
        }
        Ok(column)
    };
    let columns = schema.fields().iter().map(column).collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}

#[derive(Debug)]
struct ParquetEncoding {
    schema: SchemaRef,
    compression: Compression,
}

impl Encoding for ParquetEncoding {
    fn extension(&self) -> &'static str {
        "parquet"
    }

    fn encoder(&self) -> Result<Box<dyn Encoder>> {
        let properties = WriterProperties::builder().set_compression(self.compression).build();
        let writer = ArrowWriter::try_new(Vec::new(), self.schema.clone(), Some(properties)).map_err(refused)?;
        Ok(Box::new(ParquetEncoder { schema: self.schema.clone(), writer: Some(writer) }))
    }
}

struct ParquetEncoder {
    schema: SchemaRef,
    /// None after the end.
    writer: Option<ArrowWriter<Vec<u8>>>,
}

fn refused(error: ParquetError) -> Error {
    Error::user(format!("the rows cannot be written as Parquet: {error}"))
}

impl Encoder for ParquetEncoder {
    fn encode(&mut self, rows: &RecordBatch, out: &mut Vec<u8>) -> Result<()> {
        let Some(writer) = &mut self.writer else { return Err(Error::bug("a Parquet file was written after its end")) };
        // The same columns, perhaps without the names that the table gives them.
        let rows = RecordBatch::try_new(self.schema.clone(), rows.columns().to_vec())?;
        writer.write(&rows).map_err(refused)?;
        // What row groups have been finished so far; the writer counts its bytes by itself.
        out.append(writer.inner_mut());
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<()> {
        if let Some(writer) = self.writer.take() {
            out.append(&mut writer.into_inner().map_err(refused)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
    use expect_test::expect;

    use crate::changelog::ChangelogBatch;
    use crate::connectors::testing::{read_all, table, text, writer_context};
    use crate::connectors::{ConnectorRegistry, TableDescription};

    fn events(folder: &str) -> TableDescription {
        table(
            &[
                ("word", DataType::Utf8),
                ("n", DataType::Int64),
                ("price", DataType::Decimal128(10, 2)),
                ("at", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))),
            ],
            &[("connector", "filesystem"), ("path", folder), ("format", "parquet")],
        )
    }

    /// Files in which a byte was changed, of which the reader panics.
    #[test]
    fn broken_files_are_errors_that_name_them() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/broken");
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path().display().to_string();
            let options = [("connector", "filesystem"), ("path", &path), ("format", "parquet")];
            let table = table(
                &[
                    ("a", DataType::Int32),
                    ("s", DataType::Utf8),
                    ("d", DataType::Decimal128(10, 2)),
                    ("l", DataType::new_list(DataType::Int32, true)),
                ],
                &options,
            );
            let registry = ConnectorRegistry::default();
            let source = registry.source(&table).unwrap();
            let error = read_all(&source, 100, None).unwrap_err().to_string();
            assert!(error.starts_with(&format!("cannot read the Parquet file '{path}': it is broken (")), "{error}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut table = events(folder.path().to_str().unwrap());
        let registry = ConnectorRegistry::default();
        let (_runtime, context) = writer_context();
        let rows =
            "+I a 1 1.50 2020-01-01T00:00:00Z\n+I \"b c\" null null null\n+I d 3 -0.01 2020-01-01T00:00:00.500Z\n";
        let mut writer = registry.sink(&table).unwrap().writer(&context).unwrap();
        for row in rows.lines() {
            writer.write(ChangelogBatch::from_text(&table.schema, row).unwrap()).unwrap();
        }
        let prepared = writer.prepare(1).unwrap().unwrap();
        writer.commit(&prepared).unwrap();
        let source = registry.source(&table).unwrap();
        for (batch_size, restart) in [(100, None), (1, Some(1)), (2, Some(1))] {
            assert_eq!(text(&read_all(&source, batch_size, restart).unwrap()), rows);
        }
        let projected = source.project(&[1]).unwrap();
        assert_eq!(text(&read_all(&projected, 10, None).unwrap()), "+I 1\n+I null\n+I 3\n");
        assert_eq!(read_all(&source.project(&[]).unwrap(), 10, None).unwrap()[0].num_rows(), 3);

        // Other types that can be cast, and a column that is not there.
        table.schema =
            super::super::super::testing::table(&[("n", DataType::Int32), ("more", DataType::Utf8)], &[]).schema;
        let source = registry.source(&table).unwrap();
        assert_eq!(text(&read_all(&source, 10, None).unwrap()), "+I 1 null\n+I null null\n+I 3 null\n");
        table.schema = Arc::new(Schema::new(vec![Field::new("pric", DataType::Decimal128(10, 2), false)]));
        let error = |table: &TableDescription| {
            let error = read_all(&registry.source(table).unwrap(), 10, None).unwrap_err().to_string();
            error.split_once(".parquet' ").unwrap().1.to_owned()
        };
        expect!["has no column `pric`, which is NOT NULL; did you mean `price`?"].assert_eq(&error(&table));
        table.schema = Arc::new(Schema::new(vec![Field::new("price", DataType::Decimal128(10, 2), false)]));
        expect!["is NULL, and declared NOT NULL; declare the column's type as the file has it"]
            .assert_eq(&error(&table));
        table.schema = Arc::new(Schema::new(vec![Field::new("price", DataType::Date32, true)]));
        expect!["is Decimal128(10, 2), not DATE: Cast error: Casting from Decimal128(10, 2) to Date32 not supported; declare the column's type as the file has it"].assert_eq(&error(&table));
    }

    #[test]
    fn a_file_that_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.parquet");
        fs::write(&file, "no Parquet").unwrap();
        let table = events(file.to_str().unwrap());
        let source = ConnectorRegistry::default().source(&table).unwrap();
        let error =
            read_all(&source, 10, None).unwrap_err().to_string().replace(folder.path().to_str().unwrap(), "DIR");
        expect!["cannot read the Parquet file 'DIR/x.parquet': Parquet error: Invalid Parquet file. Corrupt footer"]
            .assert_eq(&error);
    }
}
