use std::fs;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use expect_test::{Expect, expect};

use super::Filesystem;
use crate::changelog::ChangelogBatch;
use crate::connectors::testing::{read_all, table, text, writer_context};
use crate::connectors::{Connector, Source, TableDescription};

fn events(path: &Path) -> TableDescription {
    let path = path.to_str().unwrap();
    table(&[("word", DataType::Utf8), ("n", DataType::Int64)], &[("path", path), ("format", "json")])
}

fn read(table: &TableDescription, batch_size: usize, restart_after: Option<usize>) -> String {
    let source = Filesystem.source(table).unwrap();
    match read_all(&source, batch_size, restart_after) {
        Ok(batches) => text(&batches),
        Err(error) => error.to_string(),
    }
}

fn check(content: &str, expected: Expect) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    fs::write(&file, content).unwrap();
    let table = events(&file);
    let result = read(&table, 100, None).replace(folder.path().to_str().unwrap(), "DIR");
    for restart in [1, 2] {
        let again = read(&table, 1, Some(restart)).replace(folder.path().to_str().unwrap(), "DIR");
        assert_eq!(again, result, "restarted after every {restart} batches");
    }
    expected.assert_eq(&result);
}

#[test]
fn reads_lines_and_goes_on_from_positions() {
    check(
        "{\"word\":\"a\",\"n\":1}\n\n{\"n\":2,\"word\":\"b c\"}\r\n{\"word\":null}",
        expect![[r#"
            +I a 1
            +I "b c" 2
            +I null null
        "#]],
    );
    check("", expect![""]);
    // What some programs write first.
    check(
        "\u{feff}{\"word\":\"a\",\"n\":1}\n{\"n\":2}",
        expect![[r#"
        +I a 1
        +I null 2
    "#]],
    );
}

/// The name of a file may look like a range of another's bytes.
#[test]
fn a_file_with_the_name_of_a_range() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "{\"word\":\"a\",\"n\":1}\n{\"word\":\"b\",\"n\":2}\n";
    fs::write(folder.path().join("x.json"), lines).unwrap();
    for (name, n) in [("x.json#8-16", 3), ("x.json#", 4), ("x.json#a", 5)] {
        fs::write(folder.path().join(name), format!("{{\"word\":\"c\",\"n\":{n}}}\n")).unwrap();
    }
    for restart in [None, Some(1)] {
        let rows = read(&events(folder.path()), 1, restart);
        let mut rows: Vec<&str> = rows.lines().collect();
        rows.sort();
        assert_eq!(rows, ["+I a 1", "+I b 2", "+I c 3", "+I c 4", "+I c 5"]);
    }
}

#[test]
fn a_bad_line_is_named() {
    check(
        "{\"word\":\"a\",\"n\":\"x\"}\n",
        expect![[r#"'DIR/events.json', line 1: field `n`: cannot read "x" as BIGINT"#]],
    );
    check(
        "{\"word\":\"a\",\"n\":1}\n{\"word\":\"b\"\n",
        expect![[r#"'DIR/events.json', line 2: not JSON at byte 12 of the line (`,` or `}` is missing): {"word":"b""#]],
    );
}

#[test]
fn a_missing_file_is_named() {
    let result = read(&events(Path::new("/nowhere/events.json")), 1, None);
    expect!["there is no file or directory '/nowhere/events.json'; check the option 'path'"].assert_eq(&result);
}

#[test]
fn a_directory_is_read_in_order_without_hidden_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    for (name, word) in [("b.json", "b"), ("a.json", "a"), (".hidden", "x"), ("_part", "y"), ("sub/c.json", "c")] {
        fs::write(folder.path().join(name), format!("{{\"word\":\"{word}\",\"n\":1}}\n")).unwrap();
    }
    let mut table = events(folder.path());
    for restart in [None, Some(1)] {
        expect![[r#"
            +I a 1
            +I b 1
            +I c 1
        "#]]
        .assert_eq(&read(&table, 10, restart));
    }
    table.options.insert("source.path.regex-pattern".into(), ".*/sub/.*".into());
    expect![[r#"
        +I c 1
    "#]]
    .assert_eq(&read(&table, 10, None));
}

#[test]
fn a_watched_directory_gives_new_files_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = events(folder.path());
    table.options.insert("source.monitor-interval".into(), "50 ms".into());
    let source = Filesystem.source(&table).unwrap();
    assert!(!source.is_bounded());
    let mut enumerator = source.enumerator(2).unwrap();
    assert_eq!(enumerator.discover().unwrap(), []);
    fs::write(folder.path().join("a.json"), "{}").unwrap();
    assert_eq!(enumerator.discover().unwrap().len(), 1);
    fs::write(folder.path().join("b.json"), "{}").unwrap();
    let snapshot = enumerator.snapshot();
    let mut restored = source.enumerator(1).unwrap();
    restored.restore(snapshot).unwrap();
    let found = restored.discover().unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].id.ends_with("b.json"));
    assert!(restored.interval().is_some());
}

#[test]
fn a_large_file_is_cut_at_lines() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    let mut content = String::new();
    for n in 0..400_000 {
        content.push_str(&format!("{{\"word\":\"w{}\",\"n\":{n}}}\n", n % 7));
    }
    fs::write(&file, content).unwrap();
    let source = Filesystem.source(&events(&file)).unwrap();
    let splits = source.enumerator(4).unwrap().discover().unwrap();
    assert!(splits.len() > 1);
    let context = crate::connectors::testing::reader_context(8192);
    let batches = crate::connectors::testing::read_splits(&source, splits, &context, Some(3)).unwrap();
    let mut next = 0;
    for batch in batches {
        for value in batch.rows().column(1).as_any().downcast_ref::<datafusion::arrow::array::Int64Array>().unwrap() {
            assert_eq!(value, Some(next));
            next += 1;
        }
    }
    assert_eq!(next, 400_000);
}

#[test]
fn projection_reads_only_what_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    // `word` would not fit, but is not read.
    fs::write(&file, "{\"word\":\"a\",\"n\":1}\n{\"word\":{},\"n\":2}\n").unwrap();
    let source = Filesystem.source(&events(&file)).unwrap();
    let projected = source.project(&[1]).unwrap();
    assert_eq!(text(&read_all(&projected, 10, None).unwrap()), "+I 1\n+I 2\n");
    let none = source.project(&[]).unwrap();
    assert_eq!(read_all(&none, 10, None).unwrap()[0].num_rows(), 2);
}

fn parts(folder: &Path) -> String {
    let mut files = Vec::new();
    for file in super::path::list(folder).unwrap() {
        let inside = file.path.strip_prefix(folder).unwrap().parent().unwrap().display().to_string();
        files.push(format!("{inside}: {}", fs::read_to_string(&file.path).unwrap()));
    }
    files.sort();
    files.concat()
}

#[test]
fn parts_appear_when_they_are_committed() {
    let folder = tempfile::tempdir().unwrap();
    let (_runtime, context) = writer_context();
    let table = events(folder.path());
    let sink = Filesystem.sink(&table).unwrap();
    let batch = |text: &str| ChangelogBatch::from_text(&table.schema, text).unwrap();

    let mut writer = sink.writer(&context).unwrap();
    writer.write(batch("a 1\nb null")).unwrap();
    assert_eq!(parts(folder.path()), "");
    let first = writer.prepare(1).unwrap().unwrap();
    assert_eq!(parts(folder.path()), "");
    writer.write(batch("c 3")).unwrap();

    // A crash: a new writer commits what the checkpoint holds, twice; what came later is gone.
    drop(writer);
    let mut writer = sink.writer(&context).unwrap();
    writer.commit(&first).unwrap();
    writer.commit(&first).unwrap();
    expect![[r#"
        : {"word":"a","n":1}
        {"word":"b","n":null}
    "#]]
    .assert_eq(&parts(folder.path()));

    // An aborted checkpoint, and an aborted write.
    writer.write(batch("d 4")).unwrap();
    let second = writer.prepare(2).unwrap().unwrap();
    writer.abort(Some(&second)).unwrap();
    assert!(writer.commit(&second).is_err());
    writer.write(batch("e 5")).unwrap();
    writer.abort(None).unwrap();
    assert_eq!(writer.prepare(3).unwrap(), None);
    assert_eq!(parts(folder.path()).lines().count(), 2);
}

#[test]
fn partitions_are_directories_and_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (_runtime, context) = writer_context();
    let mut table = table(
        &[
            ("word", DataType::Utf8),
            ("day", DataType::Date32),
            ("kind", DataType::Utf8),
            ("at", DataType::Timestamp(TimeUnit::Millisecond, None)),
        ],
        &[("path", folder.path().to_str().unwrap()), ("format", "json")],
    );
    table.partition_keys = vec![1, 2];
    let rows = "+I a 2020-01-01 x/y 2020-01-01T00:00:00.5\n+I b 2020-01-02 null null\n+I c 2020-01-01 x/y null\n";
    let mut writer = Filesystem.sink(&table).unwrap().writer(&context).unwrap();
    writer.write(ChangelogBatch::from_text(&table.schema, rows).unwrap()).unwrap();
    let prepared = writer.prepare(1).unwrap().unwrap();
    writer.commit(&prepared).unwrap();
    expect![[r#"
        day=2020-01-01/kind=x%2Fy: {"word":"a","at":"2020-01-01 00:00:00.5"}
        {"word":"c","at":null}
        day=2020-01-02/kind=__HIVE_DEFAULT_PARTITION__: {"word":"b","at":null}
    "#]]
    .assert_eq(&parts(folder.path()));
    expect![[r#"
        +I a 2020-01-01 x/y 2020-01-01T00:00:00.500
        +I c 2020-01-01 x/y null
        +I b 2020-01-02 null null
    "#]]
    .assert_eq(&read(&table, 10, Some(1)));
    let source: Arc<dyn Source> = Filesystem.source(&table).unwrap().project(&[2, 0]).unwrap();
    assert_eq!(text(&read_all(&source, 10, None).unwrap()), "+I x/y a\n+I x/y c\n+I null b\n");
}

#[test]
fn a_part_is_closed_at_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let (_runtime, context) = writer_context();
    let mut table = events(folder.path());
    table.options.insert("sink.rolling-policy.file-size".into(), "30 b".into());
    let mut writer = Filesystem.sink(&table).unwrap().writer(&context).unwrap();
    for n in 0..4 {
        writer.write(ChangelogBatch::from_text(&table.schema, &format!("a {n}")).unwrap()).unwrap();
    }
    let prepared = writer.prepare(1).unwrap().unwrap();
    writer.commit(&prepared).unwrap();
    assert_eq!(super::path::list(folder.path()).unwrap().len(), 2);
}
