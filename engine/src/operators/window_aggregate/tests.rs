use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::functions::aggregates::find;
use crate::operators::Window;
use crate::operators::harness::{Harness, schema};

fn call(input: &SchemaRef, function: &str, arguments: &[usize], distinct: bool) -> AggregateCall {
    let types: Vec<DataType> = arguments.iter().map(|&index| input.field(index).data_type().clone()).collect();
    let function = find(function).unwrap().resolve(&types).unwrap();
    AggregateCall {
        name: function.name().to_lowercase(),
        function,
        arguments: arguments.to_vec(),
        distinct,
        filter: None,
    }
}

/// Key, window_start, window_end, then COUNT(*), SUM(v), MIN(v), COUNT(DISTINCT v).
fn spec(input: &SchemaRef, windows: WindowSource, input_retracts: bool) -> WindowAggregateSpec {
    WindowAggregateSpec {
        input: input.clone(),
        keys: vec![0],
        windows,
        aggregates: vec![
            call(input, "COUNT", &[], false),
            call(input, "SUM", &[1], false),
            call(input, "MIN", &[1], false),
            call(input, "COUNT", &[1], true),
        ],
        input_retracts,
        output: vec![
            WindowColumn::Key(0),
            WindowColumn::Start,
            WindowColumn::End,
            WindowColumn::Aggregate(0),
            WindowColumn::Aggregate(1),
            WindowColumn::Aggregate(2),
            WindowColumn::Aggregate(3),
        ],
        schema: schema("k STRING, s TIMESTAMP(3), e TIMESTAMP(3), c BIGINT, s INT, m INT, d BIGINT"),
    }
}

fn by_event_time(window: Window) -> WindowSource {
    WindowSource::Assigned { window, time: WindowTime::Event { column: 2 } }
}

fn harness(window: Window, input_retracts: bool) -> Harness {
    let input = schema("k STRING, v INT, ts TIMESTAMP(3)");
    Harness::new(spec(&input, by_event_time(window), input_retracts), vec![(input, vec![0])])
}

/// A watermark after each row that advances it, a second behind.
const CHANGES: &str = "
    +I a 1 2020-01-01T00:00:01
    #watermark 1577836800000
    +I b 5 2020-01-01T00:00:02
    #watermark 1577836801000
    -D b 5 2020-01-01T00:00:02
    -D c 5 2020-01-01T00:00:02
    -U a 1 2020-01-01T00:00:01
    +U a 3 2020-01-01T00:00:03
    #watermark 1577836802000
    #snapshot 4
    +I a null 2020-01-01T00:00:15
    #watermark 1577836814000
    +I a 7 2020-01-01T00:00:26
    #watermark 1577836825000
    +I late 7 2020-01-01T00:00:09
    +I halflate 7 2020-01-01T00:00:17
    #snapshot 2
    #watermark 9223372036854775807
    #finish";

// What follows is what Flink 2.3 gives, but for the key `c`, of which only a retraction came: there Flink gives a count
// of -1.

#[test]
fn tumbling_windows() {
    let mut harness = harness(Window::Tumble { size: 10_000, offset: 0 }, true);
    expect![[r#"
        #watermark 1577836814000
        +I a 2020-01-01T00:00:00 2020-01-01T00:00:10 1 3 3 1
        #watermark 1577836825000
        +I a 2020-01-01T00:00:10 2020-01-01T00:00:20 1 null null 0
        #watermark 9223372036854775807
        +I a 2020-01-01T00:00:20 2020-01-01T00:00:30 1 7 7 1
    "#]]
    .assert_eq(&harness.run(CHANGES));
    assert_eq!(harness.metrics().late_rows.load(Ordering::Relaxed), 2);
    assert_eq!(harness.metrics().lost_retractions.load(Ordering::Relaxed), 1);
}

#[test]
fn hopping_windows() {
    let mut harness = harness(Window::Hop { size: 20_000, slide: 10_000, offset: 0 }, true);
    expect![[r#"
        #watermark 1577836814000
        +I a 2019-12-31T23:59:50 2020-01-01T00:00:10 1 3 3 1
        #watermark 1577836825000
        +I a 2020-01-01T00:00:00 2020-01-01T00:00:20 2 3 3 1
        #watermark 9223372036854775807
        +I a 2020-01-01T00:00:10 2020-01-01T00:00:30 2 7 7 1
        +I halflate 2020-01-01T00:00:10 2020-01-01T00:00:30 1 7 7 1
        +I a 2020-01-01T00:00:20 2020-01-01T00:00:40 1 7 7 1
    "#]]
    .assert_eq(&harness.run(CHANGES));
    assert_eq!(harness.metrics().late_rows.load(Ordering::Relaxed), 1);
}

#[test]
fn hopping_windows_that_do_not_fit_their_slide() {
    let mut harness = harness(Window::Hop { size: 15_000, slide: 10_000, offset: 0 }, true);
    expect![[r#"
        #watermark 1577836814000
        +I a 2019-12-31T23:59:50 2020-01-01T00:00:05 1 3 3 1
        #watermark 1577836825000
        +I a 2020-01-01T00:00:00 2020-01-01T00:00:15 1 3 3 1
        +I a 2020-01-01T00:00:10 2020-01-01T00:00:25 1 null null 0
        #watermark 9223372036854775807
        +I a 2020-01-01T00:00:20 2020-01-01T00:00:35 1 7 7 1
    "#]]
    .assert_eq(&harness.run(CHANGES));
    assert_eq!(harness.metrics().late_rows.load(Ordering::Relaxed), 2);
}

#[test]
fn emission_is_in_bounded_batches_in_the_order_of_keys() {
    let mut harness = harness(Window::Tumble { size: 10_000, offset: 0 }, false).sizes(2, 2);
    expect![[r#"
        #watermark 1577836809999
        +I z 2020-01-01T00:00:00 2020-01-01T00:00:10 2 3 1 2
        +I a 2020-01-01T00:00:00 2020-01-01T00:00:10 1 1 1 1
        +I null 2020-01-01T00:00:00 2020-01-01T00:00:10 1 1 1 1
        +I b 2020-01-01T00:00:00 2020-01-01T00:00:10 1 1 1 1
        +I m 2020-01-01T00:00:00 2020-01-01T00:00:10 1 1 1 1
    "#]]
    .assert_eq(&harness.run(
        "+I z 1 2020-01-01T00:00:01
         +I a 1 2020-01-01T00:00:01
         +I null 1 2020-01-01T00:00:01
         +I b 1 2020-01-01T00:00:01
         +I z 2 2020-01-01T00:00:01
         +I m 1 2020-01-01T00:00:01
         #watermark 1577836809998
         #watermark 1577836809999",
    ));
}

#[test]
fn a_row_without_a_time_is_an_error() {
    let input = schema("k STRING, v INT, ts TIMESTAMP(3)");
    let spec = spec(&input, by_event_time(Window::Tumble { size: 10_000, offset: 0 }), false);
    let mut operator = spec.create(&Subtask::for_test()).unwrap();
    let batch = ChangelogBatch::from_text(&input, "+I a 1 2020-01-01T00:00:01\n+I a 1 null").unwrap();
    let error = operator.process(0, batch, 0, &mut Output::new(10)).unwrap_err();
    expect!["a row has NULL in 'ts', by which it should fall in a window; leave such rows out by WHERE ts IS NOT NULL, or give them a time by COALESCE in a computed column"]
        .assert_eq(&error.to_string());
}

#[test]
fn windows_that_share_nothing_have_their_rows_in_the_order_in_which_these_came() {
    let input = schema("k STRING, v INT, ts TIMESTAMP(3)");
    let mut spec = spec(&input, by_event_time(Window::Hop { size: 10_000, slide: 5_000, offset: 0 }), false);
    spec.aggregates = vec![call(&input, "FIRST_VALUE", &[1], false), call(&input, "LAST_VALUE", &[1], false)];
    spec.output =
        vec![WindowColumn::Key(0), WindowColumn::Start, WindowColumn::Aggregate(0), WindowColumn::Aggregate(1)];
    spec.schema = schema("k STRING, s TIMESTAMP(3), f INT, l INT");
    let rows = [
        "+I a 1 2020-01-01T00:00:01",
        "+I a 2 2020-01-01T00:00:06",
        "+I a 3 2020-01-01T00:00:04",
        "+I b 4 2020-01-01T00:00:03",
        "+I a 5 2020-01-01T00:00:02",
        "+I b 6 2020-01-01T00:00:08",
        "+I b 7 2020-01-01T00:00:05",
    ];
    let expected = expect![[r#"
        #finish
        +I a 2019-12-31T23:59:55 1 5
        +I b 2019-12-31T23:59:55 4 4
        +I a 2020-01-01T00:00:00 1 5
        +I b 2020-01-01T00:00:00 4 7
        +I a 2020-01-01T00:00:05 2 2
        +I b 2020-01-01T00:00:05 6 7
    "#]];
    for separator in ["\n", "\n---\n"] {
        let mut harness = Harness::new(spec.clone(), vec![(input.clone(), vec![0])]);
        expected.assert_eq(&harness.run(&format!("{}\n#finish", rows.join(separator))));
    }
}

#[test]
fn processing_time_windows_fire_by_timers_and_at_the_end() {
    let input = schema("k STRING, v INT, ts TIMESTAMP(3)");
    let window = Window::Tumble { size: 10_000, offset: 0 };
    let windows = WindowSource::Assigned { window, time: WindowTime::Processing };
    let mut harness = Harness::new(spec(&input, windows, false), vec![(input, vec![0])]);
    expect![[r#"
        #time 10000
        +I a 1970-01-01T00:00:00 1970-01-01T00:00:10 1 1 1 1
        #finish
        +I b 1970-01-01T00:00:10 1970-01-01T00:00:20 1 1 1 1
    "#]]
    .assert_eq(&harness.run(
        "+I a 1 null
         #watermark 9223372036854775807
         #time 9999
         #time 10000
         #snapshot 2
         +I b 1 null
         #finish",
    ));
}

#[test]
fn attached_windows_end_in_the_session_zone() {
    let input = schema("k STRING, v INT, s TIMESTAMP(3), e TIMESTAMP(3)");
    let windows = WindowSource::Attached { start: 2, end: 3, local: true };
    let mut spec = spec(&input, windows, false);
    spec.output = vec![WindowColumn::Key(0), WindowColumn::Start, WindowColumn::Time, WindowColumn::Aggregate(0)];
    spec.schema = schema("k STRING, s TIMESTAMP(3), t TIMESTAMP_LTZ(3), c BIGINT");
    let mut harness = Harness::new(spec, vec![(input, vec![0])]).time_zone("+01:00");
    expect![[r#"
        #watermark 6399999
        +I a 1970-01-01T02:00:00 1970-01-01T01:46:39.999Z 2
        #watermark 9999999
        +I a 1970-01-01T02:30:00 1970-01-01T02:46:39.999Z 1
    "#]]
    .assert_eq(&harness.run(
        "+I a 1 1970-01-01T02:00:00 1970-01-01T02:46:40
         +I a 1 1970-01-01T02:30:00 1970-01-01T03:46:40
         +I a 1 1970-01-01T02:00:00 1970-01-01T02:46:40
         #watermark 6399998
         #watermark 6399999
         +I late 1 1970-01-01T02:00:00 1970-01-01T02:46:40
         #snapshot 1
         #watermark 9999999",
    ));
    assert_eq!(harness.metrics().late_rows.load(Ordering::Relaxed), 1);
}

#[test]
fn windows_without_keys() {
    let input = schema("v INT, ts TIMESTAMP_LTZ(3)");
    let spec = WindowAggregateSpec {
        input: input.clone(),
        keys: vec![],
        windows: WindowSource::Assigned {
            window: Window::Tumble { size: 3_600_000, offset: 0 },
            time: WindowTime::Event { column: 1 },
        },
        aggregates: vec![call(&input, "COUNT", &[], false), call(&input, "MAX", &[0], false)],
        input_retracts: false,
        output: vec![WindowColumn::End, WindowColumn::Aggregate(1), WindowColumn::Aggregate(0)],
        schema: schema("e TIMESTAMP(3), m INT, c BIGINT"),
    };
    expect!["window=[TUMBLE(time_col=[ts], size=[1 h])], select=[end('w$) AS e, MAX(v) AS max, COUNT(*) AS count]"]
        .assert_eq(&spec.describe());
    let mut harness = Harness::new(spec, vec![(input, vec![])]).time_zone("+05:30");
    expect![[r#"
        #watermark 9223372036854775807
        +I 1970-01-01T06:00:00 2 2
        +I 1970-01-01T07:00:00 3 1
    "#]]
    .assert_eq(&harness.run(
        "+I 1 1970-01-01T00:29:59Z
         +I 3 1970-01-01T00:30:00Z
         +I 2 1970-01-01T00:00:00Z
         #watermark 9223372036854775807",
    ));
}

/// An aggregate whose states cannot be merged, so that windows share no slices.
fn without_merge(input: &SchemaRef) -> AggregateCall {
    call(input, "LAST_VALUE", &[1], false)
}

proptest! {
    /// Windows of any shape, shared or not, give what a loop over rows and windows gives; late rows are dropped.
    #[test]
    fn windows_equal_a_slow_reference(
        size in 1i64..40, slide in 1i64..40, offset in -20i64..20, shared in any::<bool>(),
        steps in proptest::collection::vec((proptest::collection::vec((0u8..4, 0i32..5, -60i64..200), 0..12), 0i64..40, 0usize..12), 1..8),
    ) {
        let input = schema("k STRING, v INT, ts TIMESTAMP(3)");
        let window = if size == slide { Window::Tumble { size, offset } } else { Window::Hop { size, slide, offset } };
        let mut spec = spec(&input, by_event_time(window), false);
        if !shared {
            spec.aggregates.push(without_merge(&input));
            spec.output.push(WindowColumn::Aggregate(4));
            spec.schema = schema("k STRING, s TIMESTAMP(3), e TIMESTAMP(3), c BIGINT, s INT, m INT, d BIGINT, l INT");
        }
        let mut harness = Harness::new(spec, vec![(input.clone(), vec![0])]).sizes(3, 3);
        let mut watermark = -50;
        harness.watermark(watermark);
        let mut reference: BTreeMap<(i64, i64, String), Vec<i32>> = BTreeMap::new();
        let (mut late, mut lines) = (0, vec![]);
        let mut expected = vec![];
        for (rows, advance, parallelism) in steps {
            let mut text = String::new();
            for (key, value, time) in rows {
                let timestamp = chrono::DateTime::from_timestamp_millis(time).unwrap().format("%FT%T%.3f");
                text.push_str(&format!("+I key{key} {value} {timestamp}\n"));
                let (mut open, mut windows) = (0, 0);
                let first = (time - offset - size).div_euclid(slide) * slide + offset;
                for start in (first - slide..=time).filter(|start| (start - offset) % slide == 0) {
                    if start <= time && time < start + size {
                        windows += 1;
                        if start + size - 1 > watermark {
                            open += 1;
                            reference.entry((start + size, start, format!("key{key}"))).or_default().push(value);
                        }
                    }
                }
                late += u64::from(open == 0 && windows > 0);
            }
            if !text.is_empty() {
                harness.process(0, ChangelogBatch::from_text(&input, &text).unwrap());
            }
            if (1..5).contains(&parallelism) {
                harness.rescale(parallelism);
            }
            watermark += advance;
            harness.watermark(watermark);
            lines.extend(harness.take().iter().flat_map(|batch| batch.to_text().unwrap().lines().map(str::to_owned).collect::<Vec<_>>()));
            let over: Vec<_> = reference.keys().filter(|(end, _, _)| end - 1 <= watermark).cloned().collect();
            for key in over {
                let mut values = reference.remove(&key).unwrap();
                let (end, start, name) = key;
                let show = |time| ChangelogBatch::inserts(RecordBatch::try_new(
                    schema("t TIMESTAMP(3)"), vec![Arc::new(TimestampMillisecondArray::from_value(time, 1))],
                ).unwrap()).to_text().unwrap()[3..].trim().to_owned();
                let (count, sum, least) = (values.len(), values.iter().sum::<i32>(), *values.iter().min().unwrap());
                let last = if shared { String::new() } else { format!(" {}", values[count - 1]) };
                values.sort_unstable();
                values.dedup();
                expected.push(format!("+I {name} {} {} {count} {sum} {least} {}{last}", show(start), show(end), values.len()));
            }
            lines.sort();
            expected.sort();
            prop_assert_eq!(&lines, &expected);
        }
        prop_assert_eq!(harness.metrics().late_rows.load(Ordering::Relaxed), late);
    }
}
