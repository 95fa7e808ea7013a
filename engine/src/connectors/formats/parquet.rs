//! `'format' = 'parquet'`: whole files of columns, read with only the columns wanted.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, RecordBatchOptions, StructArray, new_null_array,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, FieldRef, Fields, SchemaRef};
use datafusion::arrow::error::ArrowError;
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
        "Apache Parquet files. Columns and the fields of a ROW are found by name; one that a file has not is NULL, with a warning, and fails where it is NOT NULL."
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
        check_fields(path, self.schema.fields(), builder.schema().fields(), "")?;
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

/// Tells of the columns, and fields of a ROW, that a file has not. As in Flink they are NULL: files written before a
/// column was added are read; but so is one whose name is misspelt. `within` names the ROW, with a dot behind it.
fn check_fields(path: &Path, wanted: &Fields, file: &Fields, within: &str) -> Result<()> {
    for field in wanted {
        let name = format!("{within}{}", field.name());
        if let Some((_, found)) = file.find(field.name()) {
            check_type(path, field.data_type(), found.data_type(), &name)?;
            continue;
        }
        let lacks = format!("the Parquet file '{}' has no column `{name}`", path.display());
        let nearest = did_you_mean(field.name(), file.iter().map(|field| field.name().as_str()));
        if !field.is_nullable() {
            return Err(Error::user(format!("{lacks}, which is NOT NULL")).hint(nearest));
        }
        tracing::warn!("{lacks}: it is read as NULL; {nearest}");
    }
    Ok(())
}

/// [`check_fields`] of all ROWs in a column.
fn check_type(path: &Path, wanted: &DataType, file: &DataType, name: &str) -> Result<()> {
    use DataType::{FixedSizeList, LargeList, List, Map, Struct};
    match (wanted, file) {
        (Struct(wanted), Struct(file)) => check_fields(path, wanted, file, &format!("{name}.")),
        (List(wanted), List(file) | LargeList(file) | FixedSizeList(file, _)) => {
            check_type(path, wanted.data_type(), file.data_type(), name)
        }
        (Map(wanted, _), Map(file, _)) => match (wanted.data_type(), file.data_type()) {
            // Keys and values, which have other names in other writers' files.
            (Struct(wanted), Struct(file)) => wanted
                .iter()
                .zip(file)
                .try_for_each(|(wanted, file)| check_type(path, wanted.data_type(), file.data_type(), name)),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The columns of a file in the table's order and types.
fn fit(rows: &RecordBatch, schema: &SchemaRef, path: &str) -> Result<RecordBatch> {
    let column = |field: &FieldRef| -> Result<ArrayRef> {
        let (name, kind) = (field.name(), field.data_type());
        let refused = |what: String| {
            Error::user(format!("column `{name}` of the Parquet file '{path}' {what}"))
                .hint("declare the column's type as the file has it")
        };
        let column = match rows.column_by_name(name) {
            None => new_null_array(kind, rows.num_rows()),
            Some(column) => fit_values(column, kind).map_err(|error| {
                refused(format!("is {}, not {}: {error}", sql_type(column.data_type()), sql_type(kind)))
            })?,
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

/// A column's values in the table's type. The fields of a ROW are found by name, as columns are; what else differs is
/// cast.
fn fit_values(values: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, ArrowError> {
    let cast = |wanted: &DataType| {
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        cast_with_options(values, wanted, &strict)
    };
    Ok(match (values.data_type(), wanted) {
        (file, wanted) if file == wanted => values.clone(),
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let rows = values.as_struct();
            let columns = fields.iter().map(|field| match rows.column_by_name(field.name()) {
                Some(column) => fit_values(column, field.data_type()),
                None => Ok(new_null_array(field.data_type(), rows.len())),
            });
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            let nulls = rows.nulls().cloned();
            Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls, rows.len())?)
        }
        (DataType::List(_), DataType::List(element)) => {
            let lists = values.as_list::<i32>();
            let elements = fit_values(lists.values(), element.data_type())?;
            Arc::new(ListArray::try_new(element.clone(), lists.offsets().clone(), elements, lists.nulls().cloned())?)
        }
        (DataType::LargeList(element) | DataType::FixedSizeList(element, _), DataType::List(_)) => {
            fit_values(&cast(&DataType::List(element.clone()))?, wanted)?
        }
        (DataType::Map(_, _), DataType::Map(entry, sorted)) => {
            let DataType::Struct(fields) = entry.data_type() else { return cast(wanted) };
            let [key, value] = fields.as_ref() else { return cast(wanted) };
            let maps = values.as_map();
            let columns =
                vec![fit_values(maps.keys(), key.data_type())?, fit_values(maps.values(), value.data_type())?];
            let entries = StructArray::try_new(fields.clone(), columns, maps.entries().nulls().cloned())?;
            Arc::new(MapArray::try_new(entry.clone(), maps.offsets().clone(), entries, maps.nulls().cloned(), *sorted)?)
        }
        _ => cast(wanted)?,
    })
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

    use datafusion::arrow::array::Array;
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
        expect!["is DECIMAL(10, 2), not DATE: Cast error: Casting from Decimal128(10, 2) to Date32 not supported; declare the column's type as the file has it"].assert_eq(&error(&table));
    }

    /// Fields are in another order, more and fewer than the table's: in a ROW, and within ARRAY and MAP.
    #[test]
    fn fields_of_rows_are_found_by_name() {
        use datafusion::arrow::array::{
            ArrayRef, Float64Array, Int32Array, ListArray, MapArray, RecordBatch, StringArray, StructArray,
        };
        use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
        use datafusion::parquet::arrow::ArrowWriter;

        let field = |name: &str, kind| Arc::new(Field::new(name, kind, true));
        let places = StructArray::from(vec![
            (field("lat", DataType::Float64), Arc::new(Float64Array::from(vec![1.0, 2.0])) as ArrayRef),
            (field("lon", DataType::Float64), Arc::new(Float64Array::from(vec![10.0, 20.0]))),
            (field("no", DataType::Int32), Arc::new(Int32Array::from(vec![7, 8]))),
        ]);
        let place = places.data_type().clone();
        let offsets = || OffsetBuffer::from_lengths([2, 0]);
        let list = ListArray::new(field("item", place.clone()), offsets(), Arc::new(places.clone()), None);
        let entries = StructArray::from(vec![
            (
                Arc::new(Field::new("key", DataType::Utf8, false)),
                Arc::new(StringArray::from(vec!["a", "b"])) as ArrayRef,
            ),
            (field("value", place.clone()), Arc::new(places.clone())),
        ]);
        let entry = Arc::new(Field::new("key_value", entries.data_type().clone(), false));
        let map = MapArray::new(entry, offsets(), entries, Some(NullBuffer::from(vec![true, false])), false);
        let columns: Vec<(&str, ArrayRef)> = vec![("w", Arc::new(places)), ("l", Arc::new(list)), ("m", Arc::new(map))];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = fs::File::create(folder.path().join("x.parquet")).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();

        let wanted = |latitude: bool| {
            DataType::Struct(
                vec![
                    Field::new("lon", DataType::Float64, true),
                    Field::new("latitude", DataType::Float64, latitude),
                    Field::new("no", DataType::Int64, true),
                ]
                .into(),
            )
        };
        let kinds = |wanted: DataType| {
            let entry = vec![Field::new("key", DataType::Utf8, false), Field::new("value", wanted.clone(), true)];
            let entry = Field::new("entries", DataType::Struct(entry.into()), false);
            [
                ("w", wanted.clone()),
                ("l", DataType::List(field("item", wanted))),
                ("m", DataType::Map(Arc::new(entry), false)),
            ]
        };
        let read = |kinds: &[(&str, DataType)]| {
            let path = folder.path().to_str().unwrap();
            let table = table(kinds, &[("connector", "filesystem"), ("path", path), ("format", "parquet")]);
            match read_all(&ConnectorRegistry::default().source(&table).unwrap(), 10, None) {
                Ok(batches) => text(&batches),
                Err(error) => error.to_string().replace(path, "DIR"),
            }
        };
        expect![[r#"
            +I "{lon: 10.0, latitude: null, no: 7}" "[{lon: 10.0, latitude: null, no: 7}, {lon: 20.0, latitude: null, no: 8}]" "{a: {lon: 10.0, latitude: null, no: 7}, b: {lon: 20.0, latitude: null, no: 8}}"
            +I "{lon: 20.0, latitude: null, no: 8}" [] null
        "#]].assert_eq(&read(&kinds(wanted(true))));
        for kind in kinds(wanted(false)) {
            assert_eq!(
                read(std::slice::from_ref(&kind)),
                format!(
                    "the Parquet file 'DIR/x.parquet' has no column `{}.latitude`, which is NOT NULL; did you mean `lat`?",
                    kind.0
                )
            );
        }
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
