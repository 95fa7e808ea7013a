use std::collections::BTreeMap;

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::functions::aggregates::find;
use crate::operators::harness::{Harness, materialise, schema};

fn call(
    input: &SchemaRef,
    function: &str,
    arguments: &[usize],
    distinct: bool,
    filter: Option<usize>,
) -> AggregateCall {
    let types: Vec<DataType> = arguments.iter().map(|&index| input.field(index).data_type().clone()).collect();
    let function = find(function).unwrap().resolve(&types).unwrap();
    AggregateCall { name: function.name().to_lowercase(), function, arguments: arguments.to_vec(), distinct, filter }
}

fn spec(
    input: SchemaRef,
    keys: Vec<usize>,
    aggregates: Vec<AggregateCall>,
    input_retracts: bool,
) -> GroupAggregateSpec {
    let mut fields: Vec<_> = keys.iter().map(|&key| input.field(key).clone()).collect();
    for (index, aggregate) in aggregates.iter().enumerate() {
        fields.push(Field::new(format!("a{index}"), aggregate.resolve(&input).unwrap().return_type(), true));
    }
    let schema = Arc::new(Schema::new(fields));
    GroupAggregateSpec { input, keys, aggregates, input_retracts, emit_update_before: true, schema }
}

/// The changes of the script that the aggregates' results were taken from Flink 2.3 with.
const CHANGES: &str = "
    +I a 1
    +I a 5
    +I b null
    -U a 5
    +U a 5
    -U a 5
    +U a 3
    -D a 1
    -D zz 1
    -D a 3
    -D b null
    +I a 2
    -D a 9
    +I a 4";

#[test]
fn with_mini_batches_of_one_the_changelog_is_flinks() {
    let input = schema("k STRING, v INT");
    let aggregates = vec![
        call(&input, "COUNT", &[], false, None),
        call(&input, "COUNT", &[1], false, None),
        call(&input, "SUM", &[1], false, None),
        call(&input, "AVG", &[1], false, None),
        call(&input, "MIN", &[1], false, None),
        call(&input, "MAX", &[1], false, None),
        call(&input, "COUNT", &[1], true, None),
        call(&input, "SUM", &[1], true, None),
        call(&input, "FIRST_VALUE", &[1], false, None),
        call(&input, "LAST_VALUE", &[1], false, None),
    ];
    let spec = spec(input.clone(), vec![0], aggregates, true);
    expect![[r#"
        groupBy=[k], select=[k, COUNT(*) AS count, COUNT(v) AS count, SUM(v) AS sum, AVG(v) AS avg, MIN(v) AS min, MAX(v) AS max, COUNT(DISTINCT v) AS count, SUM(DISTINCT v) AS sum, FIRST_VALUE(v) AS first_value, LAST_VALUE(v) AS last_value]"#]]
    .assert_eq(&spec.describe());
    let mut harness = Harness::new(spec, vec![(input, vec![0])]).sizes(8, 1);
    // Recorded from Flink 2.3.
    expect![[r#"
        +I a 1 1 1 1 1 1 1 1 1 1
        -U a 1 1 1 1 1 1 1 1 1 1
        +U a 2 2 6 3 1 5 2 6 1 5
        +I b 1 0 null null null null 0 null null null
        -U a 2 2 6 3 1 5 2 6 1 5
        +U a 1 1 1 1 1 1 1 1 1 1
        -U a 1 1 1 1 1 1 1 1 1 1
        +U a 2 2 6 3 1 5 2 6 1 5
        -U a 2 2 6 3 1 5 2 6 1 5
        +U a 1 1 1 1 1 1 1 1 1 1
        -U a 1 1 1 1 1 1 1 1 1 1
        +U a 2 2 4 2 1 3 2 4 1 3
        -U a 2 2 4 2 1 3 2 4 1 3
        +U a 1 1 3 3 3 3 1 3 3 3
        -D a 1 1 3 3 3 3 1 3 3 3
        -D b 1 0 null null null null 0 null null null
        +I a 1 1 2 2 2 2 1 2 2 2
        -D a 1 1 2 2 2 2 1 2 2 2
        +I a 1 1 4 4 4 4 1 4 4 4
    "#]]
    .assert_eq(&harness.run(CHANGES));
    assert_eq!(harness.metrics().lost_retractions.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[test]
fn a_mini_batch_updates_each_key_once() {
    let input = schema("k STRING, v INT");
    let aggregates = vec![call(&input, "COUNT", &[], false, None), call(&input, "MAX", &[1], false, None)];
    let mut harness = Harness::new(spec(input.clone(), vec![0], aggregates, true), vec![(input, vec![0])]);
    expect![[r#"
        +I a 2 2
        +I b 1 7
        -U a 2 2
        +U a 2 1
        -D b 1 7
        +I c 1 1
        -U a 2 1
        +U a 1 1
    "#]]
    .assert_eq(&harness.run(
        "+I a 1
         +I b 7
         +I a 2
         ---
         -U a 2
         -D b 7
         +I c 1
         +U a 1
         +I gone 1
         -D gone 1
         #snapshot 3
         -D a 1
         +I c 1
         -D c 1",
    ));
}

#[test]
fn without_keys_the_first_row_makes_the_only_group() {
    let input = schema("v INT, valid BOOLEAN");
    let aggregates = vec![
        call(&input, "SUM", &[0], false, None),
        call(&input, "COUNT", &[], false, Some(1)),
        call(&input, "MAX", &[0], false, Some(1)),
    ];
    let mut harness = Harness::new(spec(input.clone(), vec![], aggregates, true), vec![(input, vec![])]).sizes(8, 1);
    expect![[r#"
        +I 1 0 null
        -U 1 0 null
        +U 6 1 5
        -U 6 1 5
        +U 9 1 5
        -U 9 1 5
        +U 4 0 null
        -U 4 0 null
        +U 1 0 null
        -D 1 0 null
        +I null 0 null
    "#]]
    .assert_eq(&harness.run(
        "+I 1 false
         +I 5 true
         +I 3 null
         #snapshot 4
         -D 5 true
         -D 3 null
         -D 1 false
         +I null null",
    ));
}

#[test]
fn without_aggregates_keys_come_and_go() {
    let input = schema("k STRING, n INT");
    let mut spec = spec(input.clone(), vec![0, 1], vec![], true);
    spec.emit_update_before = false;
    let mut harness = Harness::new(spec, vec![(input, vec![0, 1])]).sizes(8, 1);
    expect![[r#"
        +I a null
        +I a 1
        -D a 1
    "#]]
    .assert_eq(&harness.run(
        "+I a null
         +I a 1
         +I a 1
         -D a 1
         -D a 1",
    ));
}

/// A row of the random changelogs: key, value, text.
type Row = (u8, Option<i16>, u8);

/// Changes of which every retraction takes back a row that is there.
fn changelogs() -> impl Strategy<Value = Vec<(bool, Row)>> {
    let row = (0u8..6, proptest::option::of(-300i16..300), 0u8..5);
    proptest::collection::vec((any::<bool>(), row, any::<prop::sample::Index>()), 1..120).prop_map(|steps| {
        let mut there: Vec<Row> = vec![];
        steps
            .into_iter()
            .map(|(take_back, row, which)| {
                if take_back && !there.is_empty() {
                    return (true, there.remove(which.index(there.len())));
                }
                there.push(row);
                (false, row)
            })
            .collect()
    })
}

fn text(take_back: bool, row: Row) -> String {
    let value = row.1.map_or("null".to_owned(), |value| value.to_string());
    let kind = if take_back { "-D" } else { "+I" };
    format!("{kind} key{} {value} {value}.5 text{} {}\n", row.0, row.2, row.2 > 2)
}

/// What the rows aggregate to, computed from all of them at once.
fn recompute(rows: &[Row]) -> Vec<String> {
    let mut groups: BTreeMap<u8, Vec<Row>> = BTreeMap::new();
    rows.iter().for_each(|&row| groups.entry(row.0).or_default().push(row));
    let show = |value: Option<i64>| value.map_or("null".to_owned(), |value| value.to_string());
    let mut lines: Vec<String> = groups
        .into_iter()
        .map(|(key, rows)| {
            let values: Vec<i64> = rows.iter().filter_map(|row| row.1.map(i64::from)).collect();
            let sum = (!values.is_empty()).then(|| values.iter().sum::<i64>());
            let mut distinct = values.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let valid: Vec<u8> = rows.iter().filter(|row| row.2 > 2).map(|row| row.2).collect();
            let mut texts = valid.clone();
            texts.sort_unstable();
            texts.dedup();
            let distinct_sum = (!distinct.is_empty()).then(|| distinct.iter().sum::<i64>());
            // Values such as -0.5 stand as "-0.5" and "0.5": -0 and 0 differ there.
            let most =
                rows.iter().filter_map(|row| row.1.map(|value| text(false, (0, Some(value), 0)))).collect::<Vec<_>>();
            let largest = most
                .iter()
                .map(|line| line.split(' ').nth(3).unwrap().parse::<f64>().unwrap())
                .fold(None, |most: Option<f64>, value| Some(most.map_or(value, |most| most.max(value))));
            format!(
                " key{key} {} {} {} {} {} {} {} {} {} {}",
                rows.len(),
                values.len(),
                show(sum),
                show(sum.map(|sum| sum / values.len() as i64)),
                show(values.iter().min().copied()),
                largest.map_or("null".to_owned(), |value| format!("{value:?}")),
                distinct.len(),
                show(distinct_sum),
                texts.len(),
                texts.first().map_or("null".to_owned(), |text| format!("text{text}")),
            )
        })
        .collect();
    lines.sort();
    lines
}

proptest! {
    /// However rows come and go, in whatever batches, with whatever restarts: the result is that of the rows that stay.
    #[test]
    fn incremental_equals_recomputed(
        changes in changelogs(),
        mini_batch in 1usize..20,
        restarts in proptest::collection::vec((0usize..10, 1usize..5), 0..3),
    ) {
        let input = schema("k STRING, v INT, d DOUBLE, s STRING, valid BOOLEAN");
        let aggregates = vec![
            call(&input, "COUNT", &[], false, None),
            call(&input, "COUNT", &[1], false, None),
            call(&input, "SUM", &[1], false, None),
            call(&input, "AVG", &[1], false, None),
            call(&input, "MIN", &[1], false, None),
            call(&input, "MAX", &[2], false, None),
            call(&input, "COUNT", &[1], true, None),
            call(&input, "SUM", &[1], true, None),
            call(&input, "COUNT", &[3], true, Some(4)),
            call(&input, "MIN", &[3], false, Some(4)),
        ];
        let spec = spec(input.clone(), vec![0], aggregates, true);
        let mut harness = Harness::new(spec, vec![(input.clone(), vec![0])]).sizes(7, mini_batch);
        let mut there: Vec<Row> = vec![];
        let mut out = vec![];
        for (number, batch) in changes.chunks(15).enumerate() {
            let mut lines = String::new();
            for &(take_back, row) in batch {
                if take_back {
                    let place = there.iter().position(|&other| other == row).unwrap();
                    there.remove(place);
                } else {
                    there.push(row);
                }
                lines.push_str(&text(take_back, row).replace("null.5", "null"));
            }
            harness.process(0, ChangelogBatch::from_text(&input, &lines).unwrap());
            out.extend(harness.take());
            if let Some((_, parallelism)) = restarts.iter().find(|(at, _)| *at == number) {
                harness.rescale(*parallelism);
            }
            prop_assert_eq!(materialise(&out), recompute(&there));
        }
        prop_assert_eq!(harness.metrics().lost_retractions.load(std::sync::atomic::Ordering::Relaxed), 0);
    }
}
