//! What the decoder reads, as snapshots; and the decoder against serde_json as its slow reference.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::{Decoding, Format, FormatContext};
use super::Json;
use crate::changelog::ChangelogBatch;
use crate::connectors::Options;

fn schema(columns: &[(&str, DataType)]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>()))
}

fn options(options: &[(&str, &str)]) -> BTreeMap<String, String> {
    options.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// Decodes `text` in chunks of `chunk` bytes, in batches of `batch` rows.
fn decode(
    schema: &SchemaRef,
    given: &[(&str, &str)],
    text: &[u8],
    chunk: usize,
    batch: usize,
) -> Result<Vec<RecordBatch>, String> {
    let given = options(given);
    let projection = (0..schema.fields().len()).collect();
    let context = FormatContext { schema: schema.clone(), projection, options: Options::new(&given) };
    let Decoding::Lines(lines) = Json.decoding(&context).unwrap() else { panic!("JSON is lines") };
    let mut decoder = lines.decoder().unwrap();
    let (mut batches, mut start, mut end) = (vec![], 0, 0);
    loop {
        start += decoder
            .decode(&text[start..end], end == text.len(), batch)
            .map_err(|error| format!("at {}: {}", start + error.offset, error.message))?;
        if decoder.is_full(batch) {
            batches.push(decoder.finish().unwrap());
        } else if end == text.len() {
            break;
        } else {
            end = text.len().min(end + chunk);
        }
    }
    if decoder.rows() > 0 {
        batches.push(decoder.finish().unwrap());
    }
    Ok(batches)
}

fn shown(schema: &SchemaRef, given: &[(&str, &str)], text: &str) -> String {
    match decode(schema, given, text.as_bytes(), 1 << 20, 1 << 20) {
        Ok(batches) => batches.into_iter().map(|rows| ChangelogBatch::inserts(rows).to_text().unwrap()).collect(),
        Err(error) => error,
    }
}

/// A column `c` of one type, a value a line.
fn check(kind: DataType, given: &[(&str, &str)], values: &[&str], expected: Expect) {
    let schema = schema(&[("c", kind)]);
    let lines = values
        .iter()
        .map(|value| shown(&schema, given, &format!("{{\"c\":{value}}}")))
        .map(|line| line.trim_end().to_owned());
    expected.assert_eq(&lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn text_takes_everything() {
    check(
        DataType::Utf8,
        &[],
        &[
            r#""é""#,
            r#""\u00e9\ud83d\ude00\"\\\/\t""#,
            "1.50",
            "true",
            "null",
            r#"{ "a" : [1.50, 2, "\u00e9\n"] }"#,
            "[ ]",
        ],
        expect![[r#"
            +I é
            +I "é😀"\/	"
            +I 1.50
            +I true
            +I null
            +I {"a":[1.5,2,"é\n"]}
            +I []"#]],
    );
}

#[test]
fn numbers() {
    check(
        DataType::Int32,
        &[],
        &["1", "-2147483648", "2147483648", "1.9", "\" +7 \"", "\"\"", "true", "[1]", "01", "1x"],
        expect![[r#"
            +I 1
            +I -2147483648
            at 0: field `c`: cannot read 2147483648 as INT
            +I 1
            +I 7
            at 0: field `c`: cannot read "" as INT
            at 0: field `c`: cannot read true as INT
            at 0: field `c`: cannot read [1] as INT
            at 0: field `c`: not JSON at byte 6 of the line (this is no JSON value): {"c":01}
            at 0: field `c`: not JSON at byte 6 of the line (this is no JSON value): {"c":1x}"#]],
    );
    check(
        DataType::Int64,
        &[],
        &["9223372036854775807", "-9223372036854775808", "9223372036854775808"],
        expect![[r#"
        +I 9223372036854775807
        +I -9223372036854775808
        at 0: field `c`: cannot read 9223372036854775808 as BIGINT"#]],
    );
    check(
        DataType::Int8,
        &[],
        &["127", "1.5"],
        expect![[r#"
        +I 127
        at 0: field `c`: cannot read 1.5 as TINYINT"#]],
    );
    check(
        DataType::Float64,
        &[],
        &["1", "-1.5e3", "\" 2.5\"", "\"NaN\"", "\"x\""],
        expect![[r#"
        +I 1.0
        +I -1500.0
        +I 2.5
        +I NaN
        at 0: field `c`: cannot read "x" as DOUBLE"#]],
    );
    check(
        DataType::Decimal128(5, 2),
        &[],
        &["1", "1.005", "\"12.3\"", "1e2", "1000"],
        expect![[r#"
        +I 1.00
        +I 1.01
        +I 12.30
        +I 100.00
        at 0: field `c`: cannot read 1000 as DECIMAL"#]],
    );
    check(
        DataType::Boolean,
        &[],
        &["true", "\"TRUE\"", "\"x\"", "false"],
        expect![[r#"
        +I true
        +I true
        +I false
        +I false"#]],
    );
}

#[test]
fn times() {
    let iso = [("json.timestamp-format.standard", "ISO-8601")];
    check(
        DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        &iso,
        &[r#""2017-11-26T00:00:00.390Z""#, r#""2017-11-26T00:00:00""#, r#""2017-11-26 00:00:00Z""#],
        expect![[r#"
            +I 2017-11-26T00:00:00.390Z
            at 0: field `c`: cannot read "2017-11-26T00:00:00" as TIMESTAMP_LTZ (it ends with Z; see the option 'json.timestamp-format.standard')
            at 0: field `c`: cannot read "2017-11-26 00:00:00Z" as TIMESTAMP_LTZ (it ends with Z; see the option 'json.timestamp-format.standard')"#]],
    );
    check(
        DataType::Timestamp(TimeUnit::Microsecond, None),
        &[],
        &[r#""2017-11-26 00:00:00.1234567""#, "5", r#""2017-11-31 00:00:00""#],
        expect![[r#"
            +I 2017-11-26T00:00:00.123456
            at 0: field `c`: cannot read 5 as TIMESTAMP (see the option 'json.timestamp-format.standard')
            at 0: field `c`: cannot read "2017-11-31 00:00:00" as TIMESTAMP (see the option 'json.timestamp-format.standard')"#]],
    );
    check(DataType::Date32, &[], &[r#""2020-02-29""#], expect!["+I 2020-02-29"]);
    check(DataType::Time32(TimeUnit::Millisecond), &[], &[r#""12:34:56.7""#], expect!["+I 12:34:56.700"]);
    check(DataType::Binary, &[], &[r#""YWI=""#], expect!["+I 6162"]);
}

#[test]
fn nested() {
    let row = DataType::Struct(Fields::from(vec![
        Field::new("x", DataType::Int32, true),
        Field::new("y", DataType::Utf8, true),
    ]));
    let list = DataType::List(Arc::new(Field::new("item", row.clone(), true)));
    check(
        list,
        &[],
        &[r#"[{"x":1,"y":"a","z":[{}]}, null, {"y":2}]"#, "[]", r#"[{"x":"q"}]"#],
        expect![[r#"
            +I "[{x: 1, y: a}, null, {x: null, y: 2}]"
            +I []
            at 0: field `c.x`: cannot read "q" as INT"#]],
    );
    let entries = DataType::Struct(Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Int64, true),
    ]));
    let map = DataType::Map(Arc::new(Field::new("entries", entries, false)), false);
    check(
        map,
        &[],
        &[r#"{"a\n":1,"b":null}"#, "{}", "[]"],
        expect![[r#"
        +I "{a
        : 1, b: null}"
        +I {}
        at 0: field `c`: cannot read [] as MAP"#]],
    );
}

#[test]
fn broken_lines_and_missing_fields() {
    let schema = schema(&[("a", DataType::Int32), ("b", DataType::Utf8)]);
    let text = "{\"a\":1,\"b\":\"x\"}\nnonsense\n{\"a\":\"y\",\"b\":\"z\"}\n{\"b\":\"unfinished\n{\"b\":\"w\",\"a\":3} x\n{\"a\":4}\n[{\"a\":5},{\"b\":\"v\",\"b\":\"u\"}]\n";
    expect!["at 16: not JSON at byte 1 of the line (an object is wanted): nonsense"].assert_eq(&shown(
        &schema,
        &[],
        text,
    ));
    expect![[r#"
        +I 1 x
        +I null z
        +I 4 null
        +I 5 null
        +I null u
    "#]]
    .assert_eq(&shown(&schema, &[("json.ignore-parse-errors", "true")], text));
    expect!["at 0: field `b`: the field is missing: {\"a\":4}"].assert_eq(&shown(
        &schema,
        &[("json.fail-on-missing-field", "true")],
        "{\"a\":4}\n",
    ));
    let deep = format!("{{\"x\":{}", "[".repeat(100_000));
    assert!(shown(&schema, &[], &deep).contains("nested too deep"));
}

/// A NULL that the table does not allow is an error of its record; where errors are ignored, the record is dropped, or
/// what may be NULL around it is NULL.
#[test]
fn null_where_there_is_to_be_none() {
    let field = |name: &str, kind: DataType, nullable| Field::new(name, kind, nullable);
    let row = DataType::Struct(Fields::from(vec![field("x", DataType::Int32, false)]));
    let list = DataType::List(Arc::new(field("item", DataType::Int32, false)));
    let schema: SchemaRef =
        Arc::new(Schema::new(vec![field("a", DataType::Int64, false), field("r", row, true), field("l", list, true)]));
    for (text, message) in [
        (r#"{"a":null}"#, r#"at 0: field `a`: NULL where the table declares NOT NULL: {"a":null}"#),
        (r#"{"r":null}"#, r#"at 0: field `a`: the field is missing: {"r":null}"#),
        (r#"{"a":1,"r":{}}"#, r#"at 0: field `r.x`: the field is missing: {"a":1,"r":{}}"#),
        (r#"{"a":1,"l":[1,null]}"#, r#"at 0: field `l`: NULL where the table declares NOT NULL: {"a":1,"l":[1,null]}"#),
    ] {
        assert_eq!(shown(&schema, &[], text), message);
    }
    let text = "{\"a\":null}\n{\"a\":\"x\"}\n{}\n{\"a\":1,\"r\":{\"x\":null},\"l\":[1]}\n{\"a\":2,\"r\":{\"x\":3},\"l\":[4,null]}\n{\"a\":5,\"r\":{\"x\":6},\"l\":[7,8]}\n";
    expect![[r#"
        +I 1 null [1]
        +I 2 "{x: 3}" null
        +I 5 "{x: 6}" "[7, 8]"
    "#]]
    .assert_eq(&shown(&schema, &[("json.ignore-parse-errors", "true")], text));
}

#[test]
fn writes_what_flink_writes() {
    let schema = schema(&[
        ("t", DataType::Utf8),
        ("d", DataType::Float64),
        ("n", DataType::Decimal128(10, 8)),
        ("at", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))),
    ]);
    let given = options(&[("json.timestamp-format.standard", "ISO-8601")]);
    let context = FormatContext { schema: schema.clone(), projection: vec![], options: Options::new(&given) };
    let batch =
        ChangelogBatch::from_text(&schema, "a\"\\ 1e10 0.00000012 2020-01-01T00:00:00Z\nnull 0.5 1 null\n").unwrap();
    let mut out = vec![];
    Json.encoding(&context).unwrap().encoder().unwrap().encode(batch.rows(), &mut out).unwrap();
    expect![[r#"
        {"t":"a\"\\","d":1.0E10,"n":1.2E-7,"at":"2020-01-01T00:00:00Z"}
        {"t":null,"d":0.5,"n":1.00000000,"at":null}
    "#]]
    .assert_eq(&String::from_utf8(out).unwrap());
}

fn event_schema() -> SchemaRef {
    let row = DataType::Struct(Fields::from(vec![
        Field::new("x", DataType::Int64, true),
        Field::new("user_id", DataType::Utf8, true),
    ]));
    schema(&[
        ("user_id", DataType::Utf8),
        ("n", DataType::Int64),
        ("f", DataType::Float64),
        ("row", row.clone()),
        ("list", DataType::List(Arc::new(Field::new("item", DataType::Int64, true)))),
        ("a longer name than a few words", DataType::Boolean),
    ])
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9]{0,40}", any::<String>(), "[\"\\\\\\t é😀\u{0}-\u{1f}]{0,20}"]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any_text(), inner, 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// An event of the schema in some order, with fields missing and strange ones between.
fn any_event() -> impl Strategy<Value = Value> {
    let fields = (
        prop::option::weighted(0.9, prop_oneof![any_text().prop_map(Value::from), Just(Value::Null)]),
        prop::option::weighted(0.9, prop_oneof![any::<i64>().prop_map(Value::from), Just(Value::Null)]),
        // Eighths: serde_json does not read the last digit of others exactly.
        prop::option::of((-1_000_000_000i64..1_000_000_000).prop_map(|eighths| Value::from(eighths as f64 / 8.0))),
        prop::option::of(
            (any::<i64>(), any_text()).prop_map(|(x, user)| json!({"user_id": user, "x": x, "more": [x]})),
        ),
        prop::option::of(prop::collection::vec(prop::option::of(any::<i64>()), 0..4).prop_map(|list| json!(list))),
        prop::option::of(any::<bool>().prop_map(Value::from)),
        prop::collection::vec((any_text(), any_json()), 0..2),
        any::<bool>(),
    );
    fields.prop_map(|(user, n, f, row, list, long, others, backwards)| {
        let names = ["user_id", "n", "f", "row", "list", "a longer name than a few words"];
        let mut members: Vec<(String, Value)> = names
            .iter()
            .zip([user, n, f, row, list, long])
            .filter_map(|(name, value)| Some((name.to_string(), value?)))
            .collect();
        members.extend(others.into_iter().filter(|(name, _)| !names.contains(&name.as_str())));
        if backwards {
            members.reverse();
        }
        Value::from(members.into_iter().collect::<Map<_, _>>())
    })
}

/// What the decoder should read, worked out by serde_json.
fn reference(events: &[Value]) -> String {
    let show = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "null".to_owned(),
        Some(Value::String(text)) => format!("{text:?}"),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(whole) => whole.to_string(),
            None => format!("{:?}", number.as_f64().unwrap()),
        },
        Some(other) => other.to_string(),
    };
    let mut text = String::new();
    for event in events {
        let mut fields = vec![];
        for name in ["user_id", "n", "f"] {
            fields.push(show(event.get(name)));
        }
        let row = event.get("row");
        fields.push(show(row.and_then(|row| row.get("x"))));
        fields.push(show(row.and_then(|row| row.get("user_id"))));
        fields.push(match event.get("list") {
            Some(Value::Array(items)) => items.iter().map(|item| show(Some(item))).collect::<Vec<_>>().join(","),
            _ => "null".into(),
        });
        fields.push(show(event.get("a longer name than a few words")));
        text.push_str(&fields.join(" "));
        text.push('\n');
    }
    text
}

/// The same text from batches.
fn rendered(batches: &[RecordBatch]) -> String {
    use datafusion::arrow::array::{Array, AsArray};
    use datafusion::arrow::datatypes::{Float64Type, Int64Type};
    let string = |array: &dyn Array, row: usize| {
        if array.is_null(row) { "null".into() } else { format!("{:?}", array.as_string::<i32>().value(row)) }
    };
    let whole = |array: &dyn Array, row: usize| {
        if array.is_null(row) { "null".into() } else { array.as_primitive::<Int64Type>().value(row).to_string() }
    };
    let mut text = String::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let nested = batch.column(3).as_struct();
            let in_row = |text: String| if nested.is_null(row) { "null".into() } else { text };
            let double = batch.column(2);
            let fields = [
                string(batch.column(0), row),
                whole(batch.column(1), row),
                if double.is_null(row) {
                    "null".into()
                } else {
                    format!("{:?}", double.as_primitive::<Float64Type>().value(row))
                },
                in_row(whole(nested.column(0), row)),
                in_row(string(nested.column(1), row)),
                if batch.column(4).is_null(row) {
                    "null".into()
                } else {
                    let items = batch.column(4).as_list::<i32>().value(row);
                    (0..items.len()).map(|item| whole(&items, item)).collect::<Vec<_>>().join(",")
                },
                if batch.column(5).is_null(row) {
                    "null".into()
                } else {
                    batch.column(5).as_boolean().value(row).to_string()
                },
            ];
            text.push_str(&fields.join(" "));
            text.push('\n');
        }
    }
    text
}

/// The text before a value is recognised by that of the last object, which may have had fewer blanks.
#[test]
fn blanks_may_differ_from_line_to_line() {
    let lines = ["{\"n\":1,\"user_id\":\"a\"}", "{\"n\":  2, \"user_id\":\t\"b\"}", "{\"n\":3,\"user_id\": null}"];
    let text = format!("{}\n{}\n", lines.join("\n"), " ".repeat(64));
    let events: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let batches = decode(&event_schema(), &[], text.as_bytes(), 1 << 20, 1 << 20).unwrap();
    assert_eq!(rendered(&batches), reference(&events));
}

proptest! {
    #[test]
    fn decodes_what_serde_json_parses(
        events in prop::collection::vec(any_event(), 1..30),
        pretty in any::<bool>(),
        chunk in 1usize..400,
        batch in 1usize..20,
    ) {
        let mut text = String::new();
        for event in &events {
            let line = event.to_string();
            text.push_str(&if pretty { line.replace("\":", "\" : ") } else { line });
            text.push('\n');
        }
        // `":` also stands inside of strings: compare with what is really there.
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let batches = decode(&event_schema(), &[], text.as_bytes(), chunk, batch).unwrap();
        prop_assert_eq!(rendered(&batches), reference(&events));
    }

    #[test]
    fn refuses_what_serde_json_refuses(
        event in any_event(),
        place in any::<prop::sample::Index>(),
        byte in prop_oneof![any::<u8>(), prop::sample::select(&b"\"\\{}[],:0-.eE tn\n"[..])],
        insert in any::<bool>(),
    ) {
        // A valid line around the broken one, so that the fast path is taken.
        let mut broken = event.to_string().into_bytes();
        let place = place.index(broken.len());
        if insert { broken.insert(place, byte) } else { broken[place] = byte }
        let mut text = event.to_string().into_bytes();
        text.push(b'\n');
        text.extend_from_slice(&broken);
        text.extend_from_slice(b"\n");
        text.extend_from_slice(&[b' '; 64]);
        let valid = broken.split(|&byte| byte == b'\n').all(|line| {
            line.trim_ascii().is_empty()
                || std::str::from_utf8(line).is_ok_and(|line| {
                    // Unlike serde_json, Flink allows control characters in strings, and half a surrogate pair. The stand-in
                    // is neither a hexadecimal digit nor a letter of an escape.
                    let line: String = line.chars().map(|c| if c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r') { '~' } else { c }).collect();
                    serde_json::from_str::<Value>(&line.replace('\t', " ")).is_ok_and(|value| value.is_object())
                })
        });
        let outcome = decode(&schema(&[("none of them", DataType::Utf8)]), &[], &text, 1 << 20, 1 << 20);
        let near_surrogate = broken.windows(3).any(|window| window[0] == b'\\' && window[1] == b'u' && window[2].eq_ignore_ascii_case(&b'd'));
        // serde_json refuses numbers that no double holds.
        let huge = broken.windows(2).any(|window| matches!(window[0], b'e' | b'E') && window[1].is_ascii_digit() || window[1] == b'+');
        if !near_surrogate && !huge && !broken.contains(&b'\r') {
            prop_assert_eq!(outcome.is_ok(), valid, "{:?}: {:?}", String::from_utf8_lossy(&broken), outcome.err());
        }
    }

    #[test]
    fn never_panics(bytes: Vec<u8>, chunk in 1usize..50) {
        for ignore in ["true", "false"] {
            let _ = decode(&event_schema(), &[("json.ignore-parse-errors", ignore)], &bytes, chunk, 3);
        }
    }
}

/// Not a test: `cargo test --release -p anabranch --lib measure_json -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn measure_json() {
    let rows: usize = 1_000_000;
    let mut text = Vec::new();
    for row in 0..rows as u64 {
        use std::io::Write;
        let mixed = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        writeln!(
            text,
            r#"{{"user_id":"u{}","item_id":"i{}","category_id":"c{}","behavior":"{}","ts":"2017-11-26T{:02}:{:02}:{:02}.{:03}Z"}}"#,
            mixed % 50_000,
            mixed % 10_007,
            mixed % 101,
            ["pv", "pv", "pv", "cart", "fav", "buy"][(mixed % 6) as usize],
            row / 1000 / 3600 % 24,
            row / 1000 / 60 % 60,
            row / 1000 % 60,
            row % 1000,
        )
        .unwrap();
    }
    let schema = schema(&[
        ("user_id", DataType::Utf8),
        ("behavior", DataType::Utf8),
        ("ts", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))),
    ]);
    let given = options(&[("json.timestamp-format.standard", "ISO-8601")]);
    let context = FormatContext { schema: schema.clone(), projection: vec![0, 1, 2], options: Options::new(&given) };
    let Decoding::Lines(lines) = Json.decoding(&context).unwrap() else { panic!("JSON is lines") };
    for _ in 0..5 {
        let mut decoder = lines.decoder().unwrap();
        let start = std::time::Instant::now();
        let (mut at, mut count) = (0, 0);
        while at < text.len() {
            let chunk = (at + (256 << 10)).min(text.len());
            let consumed = decoder.decode(&text[at..chunk], chunk == text.len(), 8192).unwrap();
            at += consumed;
            if decoder.is_full(8192) || at == text.len() {
                count += decoder.finish().unwrap().num_rows();
            }
        }
        assert_eq!(count, rows);
        let ours = start.elapsed().as_nanos() as f64 / rows as f64;
        let start = std::time::Instant::now();
        let reader =
            datafusion::arrow::json::ReaderBuilder::new(schema.clone()).with_batch_size(8192).build(&text[..]).unwrap();
        let count: usize = reader.map(|batch| batch.unwrap().num_rows()).sum();
        assert_eq!(count, rows);
        let arrow = start.elapsed().as_nanos() as f64 / rows as f64;
        println!("{} bytes/row; ours {ours:.0} ns/row, arrow-json {arrow:.0} ns/row", text.len() / rows);
    }
}
