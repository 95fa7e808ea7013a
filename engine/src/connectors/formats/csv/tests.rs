use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::super::{Decoding, Format, FormatContext};
use super::Csv;
use crate::changelog::ChangelogBatch;
use crate::connectors::Options;

fn schema(columns: &[(&str, DataType)]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>()))
}

fn map(options: &[(&str, &str)]) -> BTreeMap<String, String> {
    options.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn decode(
    schema: &SchemaRef,
    projection: &[usize],
    options: &[(&str, &str)],
    text: &[u8],
    chunk: usize,
) -> Result<ChangelogBatch, String> {
    let options = map(options);
    let context =
        FormatContext { schema: schema.clone(), projection: projection.to_vec(), options: Options::new(&options) };
    let Decoding::Lines(lines) = Csv.decoding(&context).map_err(|error| error.to_string())? else {
        panic!("CSV is lines")
    };
    let mut decoder = lines.decoder().unwrap();
    let (mut start, mut end) = (0, 0);
    loop {
        start += decoder
            .decode(&text[start..end], end == text.len(), usize::MAX)
            .map_err(|error| format!("at {}: {}", start + error.offset, error.message))?;
        if end == text.len() {
            return Ok(ChangelogBatch::inserts(decoder.finish().unwrap()));
        }
        end = text.len().min(end + chunk);
    }
}

fn check(options: &[(&str, &str)], text: &str, expected: Expect) {
    let schema = schema(&[
        ("a", DataType::Utf8),
        ("n", DataType::Int32),
        ("at", DataType::Timestamp(TimeUnit::Millisecond, None)),
    ]);
    let show = |chunk| match decode(&schema, &[0, 1, 2], options, text.as_bytes(), chunk) {
        Ok(batch) => batch.to_text().unwrap(),
        Err(error) => error,
    };
    let whole = show(1 << 20);
    assert_eq!(show(1), whole);
    expected.assert_eq(&whole);
}

#[test]
fn reads_what_flink_reads() {
    check(
        &[],
        "x,1,2020-01-01 00:00:00\n\"y, \"\"z\"\"\nw\",,\r\n\n,2,2020-01-01 00:00:00.5",
        expect![[r#"
            +I x 1 2020-01-01T00:00:00
            +I "y, "z"
            w" null null
            +I "" 2 2020-01-01T00:00:00.500
        "#]],
    );
    check(
        &[
            ("csv.field-delimiter", ";"),
            ("csv.null-literal", "n/a"),
            ("csv.allow-comments", "true"),
            ("csv.escape-character", "\\"),
        ],
        "# a comment\nn/a;1;n/a\nb\\;c;2;\n",
        expect![[r#"
            +I null 1 null
            +I b;c 2 null
        "#]],
    );
    check(
        &[("csv.disable-quote-character", "true")],
        "\"x,1,\n",
        expect![[r#"
        +I "x 1 null
    "#]],
    );
}

#[test]
fn names_what_is_wrong() {
    check(&[], "x,1,\nx,one,\n", expect![[r#"at 5: field `n`: cannot read "one" as INT"#]]);
    check(&[], "x,1\n", expect!["at 0: the line has 2 fields where 3 are declared"]);
    check(&[], "x,1,,\n", expect!["at 0: the line has more than 3 fields"]);
    check(&[], "\"x,1,\n", expect!["at 0: the quotes do not end"]);
    check(
        &[("csv.ignore-parse-errors", "true")],
        "x,one,\ny\nz,1,,4\n",
        expect![[r#"
            +I x null null
            +I y null null
        "#]],
    );
}

/// What Flink 2.3 reads, but for numbers, dates and times of no characters, which it refuses where errors are not ignored.
#[test]
fn lists_rows_and_times_are_flinks() {
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        Field::new(
            "r",
            DataType::Struct(
                vec![Field::new("a", DataType::Int32, true), Field::new("b", DataType::Utf8, true)].into(),
            ),
            true,
        ),
        Field::new("l", DataType::List(Arc::new(Field::new("item", DataType::Int32, true))), true),
        Field::new("d", DataType::Date32, true),
        Field::new("t", DataType::Time32(TimeUnit::Millisecond), true),
        Field::new("ts", DataType::Timestamp(TimeUnit::Millisecond, None), true),
    ]));
    let show =
        |options: &[(&str, &str)], text: &str| match decode(&schema, &[0, 1, 2, 3, 4], options, text.as_bytes(), 7) {
            Ok(batch) => batch.to_text().unwrap(),
            Err(error) => error,
        };
    let ignoring = [("csv.ignore-parse-errors", "true")];
    let text = "1;x,1;2,2020-1-5,10:11,2020-01-01 10:11:12,9\n1;y,1;b,2020-1-5,10:11, 2020-01-01 10:11:12 \n1;z,1;2,2020-1-5\na;z,1;2,2020-1-5,10:11,x\n1,,2020-01-05 ,10:11:12.5 ,2020-01-01 10:11:12.5\n1;a;b,3;;4,2020-12-25,10:11:12,2020-01-01 10:11:12\n,5,2020-12-25,10:11:12,2020-01-01 10:11:12\n";
    expect![[r#"
        +I "{a: 1, b: y}" "[1, null]" 2020-01-05 10:11:00 2020-01-01T10:11:12
        +I "{a: 1, b: z}" "[1, 2]" 2020-01-05 null null
        +I "{a: null, b: z}" "[1, 2]" 2020-01-05 10:11:00 null
        +I "{a: 1, b: null}" [] null null 2020-01-01T10:11:12.500
        +I "{a: 1, b: a}" "[3, null, 4]" 2020-12-25 10:11:12 2020-01-01T10:11:12
        +I null [5] 2020-12-25 10:11:12 2020-01-01T10:11:12
    "#]]
    .assert_eq(&show(&ignoring, text));
    expect![[r#"at 0: field `r`: cannot read "1" as ROW"#]].assert_eq(&show(&[], "1,2,,,\n"));
    expect![[r#"at 0: field `d`: cannot read "2020-01-05 " as DATE"#]].assert_eq(&show(&[], "1;a,2,2020-01-05 ,,\n"));
    expect![[r#"
        +I "{a: 1, b: a}" [2] 2020-01-05 10:11:00 null
    "#]]
    .assert_eq(&show(&[], "1;a,2,2020-1-5,10:11,\n"));
}

/// Recorded with Flink 2.3.
#[test]
fn a_blank_line_is_an_empty_text_of_the_only_column() {
    let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("a", DataType::Utf8, true)]));
    let rows = decode(&schema, &[0], &[], b"a\n\nb\r\n\r\n", 3).unwrap();
    expect![[r#"
        +I a
        +I ""
        +I b
        +I ""
    "#]]
    .assert_eq(&rows.to_text().unwrap());
}

/// As in JSON.
#[test]
fn null_where_there_is_to_be_none() {
    let list = DataType::List(Arc::new(Field::new("item", DataType::Int32, false)));
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        Field::new("n", DataType::Int32, false),
        Field::new("a", DataType::Utf8, true),
        Field::new("l", list, true),
    ]));
    let show = |options: &[(&str, &str)], text: &str| match decode(&schema, &[0, 1, 2], options, text.as_bytes(), 7) {
        Ok(batch) => batch.to_text().unwrap(),
        Err(error) => error,
    };
    expect!["at 6: field `n`: NULL where the table declares NOT NULL"].assert_eq(&show(&[], "1,x,2\n,y,3\n"));
    expect![[r#"at 0: field `l`: cannot read "2;;3" as values that are NOT NULL"#]].assert_eq(&show(&[], "1,x,2;;3\n"));
    expect![[r#"
        +I 1 x [2]
        +I 5 w null
        +I 8 v "[9, 10]"
    "#]]
    .assert_eq(&show(&[("csv.ignore-parse-errors", "true")], "1,x,2\n,y,3\none,z,4\n\n5,w,6;;7\n8,v,9;10\n"));
}

#[test]
fn projects_and_nests() {
    let list = DataType::List(Arc::new(Field::new("item", DataType::Int32, true)));
    let row =
        DataType::Struct(vec![Field::new("x", DataType::Int32, true), Field::new("y", DataType::Utf8, true)].into());
    let schema = schema(&[("skipped", DataType::Int32), ("l", list), ("r", row)]);
    let batch = decode(&schema, &[2, 1], &[], b"no number,1;;3,4;b\n,,\n", 3).unwrap();
    expect![[r#"
        +I "{x: 4, y: b}" "[1, null, 3]"
        +I null []
    "#]]
    .assert_eq(&batch.to_text().unwrap());
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        rows in prop::collection::vec((any::<String>(), any::<Option<i32>>()), 0..20),
        chunk in 1usize..50,
    ) {
        let schema = schema(&[("a", DataType::Utf8), ("n", DataType::Int32)]);
        // A carriage return at the end of unquoted text, and `\r` alone, are not told from a line's end by any reader.
        let rows: Vec<(String, Option<i32>)> = rows.into_iter().map(|(text, n)| (text.replace('\r', ""), n)).collect();
        let batch = datafusion::arrow::array::RecordBatch::try_new(schema.clone(), vec![
            Arc::new(datafusion::arrow::array::StringArray::from_iter_values(rows.iter().map(|row| &row.0))),
            Arc::new(rows.iter().map(|row| row.1).collect::<datafusion::arrow::array::Int32Array>()),
        ]).unwrap();
        let options = map(&[]);
        let context = FormatContext { schema: schema.clone(), projection: vec![], options: Options::new(&options) };
        let mut text = vec![];
        Csv.encoding(&context).unwrap().encoder().unwrap().encode(&batch, &mut text).unwrap();
        let back = decode(&schema, &[0, 1], &[], &text, chunk).unwrap();
        prop_assert_eq!(back.rows(), &batch);
    }

    #[test]
    fn never_panics(text: Vec<u8>, chunk in 1usize..20) {
        let schema = schema(&[("a", DataType::Utf8), ("n", DataType::Int32)]);
        for options in [&[][..], &[("csv.ignore-parse-errors", "true"), ("csv.escape-character", "\\")]] {
            let _ = decode(&schema, &[0, 1], options, &text, chunk);
        }
    }
}
