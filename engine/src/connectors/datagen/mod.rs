//! `'connector' = 'datagen'`: rows made up, random or counted, at a rate.

mod field;
mod reader;

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::datatypes::SchemaRef;

use super::{
    Connector, ConnectorOption, Options, ReaderContext, Sink, Source, SourceReader, Split, SplitEnumerator,
    TableDescription,
};
use crate::error::{Error, Result};
use crate::suggest;
use field::Generator;

#[derive(Debug)]
pub struct Datagen;

impl Connector for Datagen {
    fn name(&self) -> &'static str {
        "datagen"
    }

    fn doc(&self) -> &'static str {
        "A source of random rows or counted ones. The same table gives the same values in every run, times excepted."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        let option = |name, default, doc| ConnectorOption { name, required: false, default, doc };
        vec![
            option("rows-per-second", Some("10000"), "Rows a second, of all subtasks together."),
            option(
                "number-of-rows",
                None,
                "The table ends after so many rows; without it and without sequences it never does.",
            ),
            option(
                "fields.*",
                None,
                "Of a column: `fields.c.kind` = `random` (default) or `sequence`; `fields.c.min` and `.max` of random \
                 numbers; `fields.c.length` of random text and bytes (default: the type's, of STRING and BYTES 100), or \
                 with `fields.c.var-len` = `true` the greatest; `fields.c.max-past` of random timestamps; `fields.c.null-rate` between 0 and 1; \
                 `fields.c.start` and `.end` of a sequence, whose end ends the table.",
            ),
        ]
    }

    fn check(&self, table: &TableDescription) -> Result<()> {
        self.source(table).map(|_| ())
    }

    fn source(&self, table: &TableDescription) -> Result<Arc<dyn Source>> {
        let options = Options::new(&table.options);
        check_fields(table)?;
        let generators = table
            .schema
            .fields()
            .iter()
            .zip(&table.sql_types)
            .enumerate()
            .map(|(number, (field, declared))| Generator::new(field, declared, number, &table.name, options))
            .collect::<Result<Vec<_>>>()?;
        let rows = generators.iter().filter_map(Generator::rows).chain(options.number("number-of-rows")?).min();
        Ok(Arc::new(DatagenSource {
            schema: table.schema.clone(),
            generators,
            rows,
            rows_per_second: options.positive("rows-per-second")?.unwrap_or(10_000) as u64,
        }))
    }

    fn sink(&self, _table: &TableDescription) -> Result<Arc<dyn Sink>> {
        Err(Error::user("connector 'datagen' cannot be written: it only gives rows").hint("use 'blackhole'"))
    }
}

/// Refuses options of columns that there are not, and ones that no column has.
fn check_fields(table: &TableDescription) -> Result<()> {
    const KNOWN: [&str; 9] = ["kind", "min", "max", "length", "start", "end", "null-rate", "max-past", "var-len"];
    for option in table.options.keys() {
        let Some((column, name)) = option.strip_prefix("fields.").and_then(|rest| rest.rsplit_once('.')) else {
            continue;
        };
        let columns = || table.schema.fields().iter().map(|field| field.name().as_str());
        if !columns().any(|known| known == column) {
            return Err(Error::user(format!("option '{option}' is of the column `{column}`, which the table has not"))
                .hint(suggest::did_you_mean(column, columns())));
        }
        if !KNOWN.contains(&name) {
            return Err(Error::user(format!("connector 'datagen' has no option '{option}'"))
                .hint(suggest::did_you_mean(name, KNOWN)));
        }
    }
    Ok(())
}

#[derive(Debug, Clone)]
struct DatagenSource {
    schema: SchemaRef,
    generators: Vec<Generator>,
    /// `None`: without end.
    rows: Option<u64>,
    rows_per_second: u64,
}

impl Source for DatagenSource {
    fn is_bounded(&self) -> bool {
        self.rows.is_some()
    }

    fn project(&self, columns: &[usize]) -> Option<Arc<dyn Source>> {
        let generators =
            columns.iter().map(|&column| self.generators.get(column).cloned()).collect::<Option<Vec<_>>>()?;
        let schema = Arc::new(self.schema.project(columns).ok()?);
        Some(Arc::new(DatagenSource { schema, generators, ..self.clone() }))
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn enumerator(&self, parallelism: usize) -> Result<Box<dyn SplitEnumerator>> {
        Ok(Box::new(DatagenEnumerator { splits: parallelism.max(1), found: false }))
    }

    fn reader(&self, context: &ReaderContext) -> Result<Box<dyn SourceReader>> {
        Ok(Box::new(reader::DatagenReader::new(self.clone(), context)))
    }
}

/// A split per subtask: `2/4` makes the rows 2, 6, 10 …
struct DatagenEnumerator {
    splits: usize,
    found: bool,
}

impl SplitEnumerator for DatagenEnumerator {
    fn discover(&mut self) -> Result<Vec<Split>> {
        if std::mem::replace(&mut self.found, true) {
            return Ok(vec![]);
        }
        Ok((0..self.splits)
            .map(|split| Split { id: format!("{split}/{}", self.splits), position: String::new() })
            .collect())
    }

    fn interval(&self) -> Option<Duration> {
        None
    }

    fn snapshot(&self) -> Vec<String> {
        if self.found { vec!["found".to_owned()] } else { vec![] }
    }

    fn restore(&mut self, snapshot: Vec<String>) -> Result<()> {
        self.found = !snapshot.is_empty();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{DataType, TimeUnit};
    use expect_test::expect;

    use super::*;
    use crate::changelog::ChangelogBatch;
    use crate::connectors::testing::{read_all, read_splits, reader_context, table, text};

    fn people(more: &[(&str, &str)]) -> TableDescription {
        let mut options = vec![
            ("rows-per-second", "1000000"),
            ("fields.id.kind", "sequence"),
            ("fields.id.start", "5"),
            ("fields.id.end", "9"),
            ("fields.name.length", "4"),
            ("fields.n.min", "1"),
            ("fields.n.max", "3"),
            ("fields.n.null-rate", "0.3"),
        ];
        options.extend_from_slice(more);
        table(&[("id", DataType::Int64), ("name", DataType::Utf8), ("n", DataType::Int32)], &options)
    }

    #[test]
    fn rows_are_repeatable_wherever_a_reader_begins() {
        let source = Datagen.source(&people(&[])).unwrap();
        assert!(source.is_bounded());
        let once = text(&read_all(&source, 100, None).unwrap());
        assert_eq!(once.lines().count(), 5);
        for (batch_size, restart) in [(1, Some(1)), (2, Some(1)), (2, None)] {
            assert_eq!(text(&read_all(&source, batch_size, restart).unwrap()), once);
        }
        let projected = text(&read_all(&source.project(&[0]).unwrap(), 100, None).unwrap());
        expect!["+I 5\n+I 6\n+I 7\n+I 8\n+I 9\n"].assert_eq(&projected);
        // Several subtasks make the same rows.
        let splits = source.enumerator(3).unwrap().discover().unwrap();
        let batches = read_splits(&source, splits, &reader_context(100), Some(1)).unwrap();
        let mut lines: Vec<String> = text(&batches).lines().map(str::to_owned).collect();
        lines.sort();
        let mut expected: Vec<&str> = once.lines().collect();
        expected.sort();
        assert_eq!(lines, expected);
    }

    #[test]
    fn long_texts_make_short_batches() {
        let source = Datagen.source(&people(&[("fields.name.length", "30000000")])).unwrap();
        let batches = read_all(&source, 100, None).unwrap();
        assert_eq!(batches.iter().map(ChangelogBatch::num_rows).collect::<Vec<_>>(), [2, 2, 1]);
    }

    #[test]
    fn every_type_has_values() {
        let kinds = [
            DataType::Boolean,
            DataType::Int8,
            DataType::Int16,
            DataType::Float32,
            DataType::Float64,
            DataType::Decimal128(10, 2),
            DataType::Decimal128(38, 10),
            DataType::Binary,
            DataType::Date32,
            DataType::Time32(TimeUnit::Millisecond),
            DataType::Timestamp(TimeUnit::Microsecond, None),
            DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        ];
        for kind in kinds {
            let table = table(&[("c", kind.clone())], &[("number-of-rows", "3"), ("rows-per-second", "1000000")]);
            let batches: Vec<ChangelogBatch> = read_all(&Datagen.source(&table).unwrap(), 10, None).unwrap();
            let batch = ChangelogBatch::concat(&table.schema, &batches).unwrap();
            assert_eq!((batch.num_rows(), batch.rows().column(0).null_count()), (3, 0), "{kind}");
        }
    }

    #[test]
    fn ranges_wider_than_the_largest_number() {
        use datafusion::arrow::array::AsArray;
        use datafusion::arrow::datatypes::{Decimal128Type, Float64Type};
        let column = |kind: DataType, (min, max): (&str, &str)| {
            let bounds = [("fields.c.min", min), ("fields.c.max", max), ("number-of-rows", "1000")];
            let table = table(&[("c", kind)], &[&bounds[..], &[("rows-per-second", "1000000")]].concat());
            let batches = read_all(&Datagen.source(&table).unwrap(), 1000, None).unwrap();
            batches[0].rows().column(0).clone()
        };
        let doubles = column(DataType::Float64, ("-1.7e308", "1.7e308"));
        let doubles = doubles.as_primitive::<Float64Type>().values();
        assert!(doubles.iter().all(|value| value.is_finite()) && doubles.iter().any(|&value| value > 1e308));
        let bound = "99999999999999999999999999999999999999";
        let decimals = column(DataType::Decimal128(38, 0), (&format!("-{bound}"), bound));
        let decimals = decimals.as_primitive::<Decimal128Type>().values();
        assert!(decimals.iter().any(|&value| value > 5 * 10i128.pow(37)));
        assert!(decimals.iter().any(|&value| value < -5 * 10i128.pow(37)));
        // Exact where a double would not be.
        let decimals = column(DataType::Decimal128(38, 1), ("1234567890123456789.1", "1234567890123456789.2"));
        let decimals = decimals.as_primitive::<Decimal128Type>().values();
        assert!(decimals.iter().all(|&value| (12345678901234567891..=12345678901234567892).contains(&value)));
    }

    #[test]
    fn ranges_of_no_value_are_refused() {
        let error = |kind: DataType, options: &[(&str, &str)]| {
            Datagen.source(&table(&[("c", kind)], options)).unwrap_err().to_string()
        };
        let range = |min, max| [("fields.c.min", min), ("fields.c.max", max)];
        expect!["column `c`: there is no TINYINT from 0 to 300"].assert_eq(&error(DataType::Int8, &range("0", "300")));
        expect!["column `c`: there is no FLOAT from 0 to 1000000000000000000000000000000000000000"]
            .assert_eq(&error(DataType::Float32, &range("0", "1e39")));
        expect!["column `c`: there is no DOUBLE from NaN to 1"]
            .assert_eq(&error(DataType::Float64, &range("NaN", "1")));
        expect!["option 'fields.c.max' = '100' is no DECIMAL(4, 2)"]
            .assert_eq(&error(DataType::Decimal128(4, 2), &range("0", "100")));
        expect!["column `c`: 'min' is more than 'max'"]
            .assert_eq(&error(DataType::Decimal128(4, 2), &range("1", "0.5")));
        let sequence = [("fields.c.kind", "sequence"), ("fields.c.start", "1"), ("fields.c.end", "128")];
        expect!["column `c`: there is no TINYINT from 1 to 128"].assert_eq(&error(DataType::Int8, &sequence));
    }

    #[test]
    fn wrong_options_are_named() {
        let error = |more| Datagen.source(&people(more)).unwrap_err().to_string();
        expect!["option 'fields.nme.length' is of the column `nme`, which the table has not; did you mean `name`?"]
            .assert_eq(&error(&[("fields.nme.length", "1")]));
        expect!["connector 'datagen' has no option 'fields.n.mx'; did you mean `max`?"]
            .assert_eq(&error(&[("fields.n.mx", "1")]));
        expect!["option 'fields.name.length' = '2000000000' must be at most 100000000"]
            .assert_eq(&error(&[("fields.name.length", "2000000000")]));
        expect!["option 'fields.id.end' is missing; add 'fields.id.end' = '…' to WITH"].assert_eq(
            &Datagen
                .source(&table(&[("id", DataType::Int64)], &[("fields.id.kind", "sequence"), ("fields.id.start", "1")]))
                .unwrap_err()
                .to_string(),
        );
    }
}
