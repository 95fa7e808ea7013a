use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use expect_test::{Expect, expect};

use super::Jdbc;
use crate::changelog::{ChangelogBatch, ChangelogMode};
use crate::connectors::testing::{read_all, reader_context, table, text, writer_context};
use crate::connectors::{Connector, ReaderEvent, TableDescription};

#[path = "../../../tests/services/postgres.rs"]
mod postgres;

use postgres::Postgres;

fn counts(options: &[(&str, &str)]) -> TableDescription {
    let mut table = table(&[("word", DataType::Utf8), ("n", DataType::Int64)], options);
    table.primary_key = vec![0];
    table
}

/// Writes changes, one batch per text, then reads the table.
fn write_and_read(table: &TableDescription, batches: &[&str]) -> String {
    let (_runtime, context) = writer_context();
    let written = Jdbc.sink(table).and_then(|sink| sink.writer(&context)).and_then(|mut writer| {
        for text in batches {
            writer.write(ChangelogBatch::from_text(&table.schema, text)?)?;
        }
        writer.prepare(1)
    });
    match written {
        Ok(_) => read(table),
        Err(error) => error.to_string(),
    }
}

fn read(table: &TableDescription) -> String {
    let source = Jdbc.source(table).unwrap();
    let whole = read_all(&source, 100, None).map(|batches| text(&batches));
    for restart in [1, 2] {
        let again = read_all(&source, 1, Some(restart)).map(|batches| text(&batches));
        assert_eq!(again.as_ref().ok(), whole.as_ref().ok());
    }
    whole.unwrap_or_else(|error| error.to_string())
}

fn check_upserts(options: &[(&str, &str)]) {
    let table = counts(options);
    assert_eq!(Jdbc.sink(&table).unwrap().changelog_mode(), ChangelogMode::Upsert);
    let first = write_and_read(&table, &["+I a 1\n+I b 1\n+U a 2\n+I \"c d\" null", "-D b 1\n+U a 3\n"]);
    expect![[r#"
        +I a 3
        +I "c d" null
    "#]]
    .assert_eq(&first);
    // The same again, as after a failure, changes nothing; a key comes back.
    let second = write_and_read(&table, &["+I a 1\n+I b 1\n+U a 2\n", "+U a 3\n-D b 1\n", "+I b 7\n"]);
    expect![[r#"
        +I a 3
        +I b 7
        +I "c d" null
    "#]]
    .assert_eq(&second);
    let source = Jdbc.source(&table).unwrap();
    assert_eq!(text(&read_all(&source.project(&[1]).unwrap(), 2, Some(1)).unwrap()), "+I 3\n+I 7\n+I null\n");
    assert_eq!(read_all(&source.project(&[]).unwrap(), 10, None).unwrap()[0].num_rows(), 3);
}

fn check_types(options: &[(&str, &str)], expected: Expect) {
    let columns = [
        ("a", DataType::Boolean),
        ("b", DataType::Int8),
        ("c", DataType::Int32),
        ("d", DataType::Float32),
        ("e", DataType::Float64),
        ("f", DataType::Decimal128(20, 3)),
        ("g", DataType::Utf8),
        ("h", DataType::Date32),
        ("i", DataType::Time32(TimeUnit::Millisecond)),
        ("j", DataType::Timestamp(TimeUnit::Millisecond, None)),
        ("k", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        ("l", DataType::Binary),
    ];
    let table = table(&columns, options);
    assert_eq!(Jdbc.sink(&table).unwrap().changelog_mode(), ChangelogMode::AppendOnly);
    let (_runtime, context) = writer_context();
    let mut writer = Jdbc.sink(&table).unwrap().writer(&context).unwrap();
    let rows = "true -7 123456 0.1 1e300 12345678901234567.125 \"it's é\" 2020-02-29 12:34:56.789 2020-01-01T00:00:00 2020-01-01T10:11:12.000001Z x\nnull null null null null null null null null null null null\n";
    writer.write(ChangelogBatch::from_text(&table.schema, rows).unwrap()).unwrap();
    writer.prepare(1).unwrap();
    expected.assert_eq(&read(&table));
}

const TYPES: &str = "+I true -7 123456 0.1 1e300 12345678901234567.125 \"it's é\" 2020-02-29 12:34:56.789 2020-01-01T00:00:00 2020-01-01T10:11:12.000001Z 78\n+I null null null null null null null null null null null null\n";

#[test]
fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("jdbc:sqlite:{}", folder.path().join("test.db").display());
    check_upserts(&[("url", &url), ("table-name", "counts"), ("sink.buffer-flush.max-rows", "3")]);
    let written = write_and_read_types(&[("url", &url), ("table-name", "types")]);
    assert_eq!(written, TYPES);
    // Read with types that its values are not of.
    let read_as = |kind, nullable| {
        let mut counts = counts(&[("url", &url), ("table-name", "counts")]);
        let fields = counts.schema.fields();
        let number = Field::new(fields[1].name(), kind, nullable);
        counts.schema = Arc::new(Schema::new(vec![fields[0].as_ref().clone(), number]));
        read(&counts)
    };
    expect!["column `n` of the database does not fit BIGINT: it is NULL, and declared NOT NULL; declare the column's type as the database has it"].assert_eq(&read_as(DataType::Int64, false));
    expect!["column `n` of the database does not fit DATE: Cast error: Cannot cast string '3' to value of Date32 type; declare the column's type as the database has it"].assert_eq(&read_as(DataType::Date32, true));
    let missing =
        read(&counts(&[("url", &url), ("table-name", "nothing")])).replace(folder.path().to_str().unwrap(), "DIR");
    expect!["the SQLite database 'DIR/test.db' refused to read the table `nothing`: no such table: nothing; check the option 'table-name', or create the table"].assert_eq(&missing);
    let refused = write_and_read(
        &counts(&[("url", &url), ("table-name", "nothing"), ("create-table", "false"), ("sink.max-retries", "0")]),
        &["a 1"],
    );
    assert!(refused.contains("no such table"), "{refused}");
}

fn write_and_read_types(options: &[(&str, &str)]) -> String {
    check_types(
        options,
        expect![[r#"
        +I true -7 123456 0.1 1e300 12345678901234567.125 "it's é" 2020-02-29 12:34:56.789 2020-01-01T00:00:00 2020-01-01T10:11:12.000001Z 78
        +I null null null null null null null null null null null null
    "#]],
    );
    TYPES.to_owned()
}

#[test]
fn postgresql() {
    let Some(server) = Postgres::start() else { return };
    let url = server.url();
    let with =
        |table: &'static str| [("url", url.clone()), ("table-name", table.to_owned()), ("username", "test".to_owned())];
    let borrowed = |options: &[(&'static str, String)], more: &[(&'static str, &'static str)]| {
        let mut all: Vec<(String, String)> =
            options.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        all.extend(more.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        all
    };
    let counts_options = borrowed(&with("public.counts"), &[("create-table", "true"), ("sink.max-retries", "0")]);
    let counts_options: Vec<(&str, &str)> = counts_options.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    check_upserts(&counts_options);
    let types_options = borrowed(&with("types"), &[("create-table", "true")]);
    let types_options: Vec<(&str, &str)> = types_options.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(write_and_read_types(&types_options), TYPES);

    // A table that is not there, and is not to be made.
    let missing = borrowed(&with("nothing"), &[("sink.max-retries", "0")]);
    let missing: Vec<(&str, &str)> = missing.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let error = write_and_read(&counts(&missing), &["a 1"]);
    assert!(
        error.ends_with("relation \"nothing\" does not exist; create the table, or set 'create-table' to 'true'"),
        "{error}"
    );

    // The server dies and comes back between two writes: the writer connects again.
    let (_runtime, context) = writer_context();
    let again: Vec<(&str, &str)> =
        counts_options.iter().copied().filter(|(name, _)| *name != "sink.max-retries").collect();
    let table = counts(&again);
    let mut writer = Jdbc.sink(&table).unwrap().writer(&context).unwrap();
    server.stop();
    server.boot();
    writer.write(ChangelogBatch::from_text(&table.schema, "+U a 99").unwrap()).unwrap();
    writer.prepare(1).unwrap();
    assert!(read(&table).starts_with("+I a 99\n"));

    // A dead server is named.
    server.stop();
    let error = write_and_read(&counts(&counts_options), &["a 1"]);
    assert!(error.contains("cannot connect to the PostgreSQL database 'postgres' at 127.0.0.1:"), "{error}");
    assert!(error.contains("check that the server runs"), "{error}");
}

/// SQLite takes a name in quotes that is no column's for a text.
#[test]
fn columns_that_are_not_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("jdbc:sqlite:{}", folder.path().join("test.db").display());
    let options = [("url", url.as_str()), ("table-name", "counts")];
    assert_eq!(write_and_read(&counts(&options), &["a 1"]), "+I a 1\n");
    let said = |columns: [&str; 2], key: Vec<usize>| {
        let mut other = table(&[(columns[0], DataType::Utf8), (columns[1], DataType::Int64)], &options);
        other.primary_key = key;
        read(&other).replace(folder.path().to_str().unwrap(), "DIR")
    };
    expect!["the SQLite database 'DIR/test.db' refused to read the table `counts`: no such column: row.wrod; compare the declared columns with those of the table in the database"].assert_eq(&said(["wrod", "n"], vec![]));
    let mut other = table(&[("word", DataType::Utf8), ("m", DataType::Int64)], &options);
    other.primary_key = vec![1];
    let only_words = Jdbc.source(&other).unwrap().project(&[0]).unwrap();
    let error = read_all(&only_words, 10, None).unwrap_err().to_string();
    expect!["the SQLite database 'DIR/test.db' refused to read the table `counts`: no such column: row.m; compare the declared columns with those of the table in the database"].assert_eq(&error.replace(folder.path().to_str().unwrap(), "DIR"));
}

/// A job may read from and write to one file of SQLite.
#[test]
fn a_scan_does_not_lock_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("jdbc:sqlite:{}", folder.path().join("test.db").display());
    let options = [("url", url.as_str()), ("table-name", "counts")];
    let rows: String = (0..5_000).map(|n| format!("{n} {n}\n")).collect();
    write_and_read(&counts(&options), &[&rows]);
    let source = Jdbc.source(&counts(&options)).unwrap();
    let mut reader = source.reader(&reader_context(10)).unwrap();
    for split in source.enumerator(1).unwrap().discover().unwrap() {
        reader.add_split(split).unwrap();
    }
    let first = loop {
        match reader.poll().unwrap() {
            ReaderEvent::Idle => {}
            event => break event,
        }
    };
    assert!(matches!(first, ReaderEvent::Batch { .. }));
    // The scan now waits for its reader.
    let mut others = counts(&options);
    others.options.insert("table-name".to_owned(), "others".to_owned());
    assert_eq!(write_and_read(&others, &["a 1"]), "+I a 1\n");
}

#[test]
fn urls_that_are_refused() {
    let refused = |url: &str| Jdbc.source(&counts(&[("url", url), ("table-name", "t")])).unwrap_err().to_string();
    expect!["option 'url' = 'jdbc:mysql…' names no known database; known are 'jdbc:sqlite:FILE' and 'jdbc:postgresql://host:port/database'"].assert_eq(&refused("jdbc:mysql://root:hunter2@h/db"));
    expect!["option 'url' = 'postgresql://root…' names no known database; known are 'jdbc:sqlite:FILE' and 'jdbc:postgresql://host:port/database'"].assert_eq(&refused("postgresql://root:hunter2@h/db"));
    expect!["option 'url': the parameters '?mode=ro' are not supported; leave them out: sources open the file for reading only"].assert_eq(&refused("jdbc:sqlite:file:x.db?mode=ro"));
    let folder = tempfile::tempdir().unwrap();
    let url = format!("jdbc:sqlite:{}", folder.path().join("none.db").display());
    let missing = read(&counts(&[("url", &url), ("table-name", "t")]));
    expect!["cannot connect to the SQLite database 'DIR/none.db': error returned from database: (code: 14) unable to open database file; check the option 'url': that the file is there, is one of SQLite, and may be opened"].assert_eq(&missing.replace(folder.path().to_str().unwrap(), "DIR"));
}

#[test]
fn what_is_aborted_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("jdbc:sqlite:{}", folder.path().join("test.db").display());
    let table = counts(&[("url", &url), ("table-name", "counts")]);
    let (_runtime, context) = writer_context();
    let mut writer = Jdbc.sink(&table).unwrap().writer(&context).unwrap();
    writer.write(ChangelogBatch::from_text(&table.schema, "a 1").unwrap()).unwrap();
    let flush_at = writer.next_timer().unwrap();
    writer.abort(None).unwrap();
    writer.timer(flush_at).unwrap();
    assert_eq!(read(&table), "");
    // A timer flushes what waits.
    writer.write(ChangelogBatch::from_text(&table.schema, "b 2").unwrap()).unwrap();
    let flush_at = writer.next_timer().unwrap();
    writer.timer(flush_at - 1).unwrap();
    assert_eq!(read(&table), "");
    writer.timer(flush_at).unwrap();
    assert_eq!(read(&table), "+I b 2\n");
}

#[test]
fn urls() {
    let error = |url: &str| Jdbc.source(&counts(&[("url", url), ("table-name", "t")])).unwrap_err().to_string();
    expect!["option 'url' = 'jdbc:mysql…' names no known database; known are 'jdbc:sqlite:FILE' and 'jdbc:postgresql://host:port/database'"].assert_eq(&error("jdbc:mysql://x/y"));
    expect!["option 'url' = 'jdbc:sqlite::memory:' names no file; write 'jdbc:sqlite:FILE'; a database in memory would be gone with the job"].assert_eq(&error("jdbc:sqlite::memory:"));
}

#[test]
fn values_that_sqlite_has_not_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("jdbc:sqlite:{}", folder.path().join("test.db").display());
    let of = |name: &str, kind: DataType| table(&[("x", kind)], &[("url", &url), ("table-name", name)]);
    expect!["column `x` is NaN, which SQLite has not: it would be NULL"]
        .assert_eq(&write_and_read(&of("doubles", DataType::Float64), &["NaN"]));
    // Text and bytes are told apart by the values.
    assert_eq!(write_and_read(&of("texts", DataType::Utf8), &["cafe"]), "+I cafe\n");
    expect![[r#"
        +I 63616665
    "#]]
    .assert_eq(&read(&of("texts", DataType::Binary)));
    write_and_read(&of("bytes", DataType::Binary), &["cafe"]);
    expect![
        "column `x` of the database does not fit STRING: it is BYTES; declare the column's type as the database has it"
    ]
    .assert_eq(&read(&of("bytes", DataType::Utf8)));
    expect![[r#"
        +I 1
    "#]]
    .assert_eq(&write_and_read(&of("main.schema", DataType::Int32), &["1"]));
    assert_eq!(read(&of("schema", DataType::Int32)), "+I 1\n");
}
