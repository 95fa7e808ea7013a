use datafusion::common::ScalarValue;
use datafusion::logical_expr::Operator as Op;
use datafusion::physical_expr::expressions::{binary, col, lit};
use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::operators::harness::{Harness, materialise, schema};

/// `l JOIN r ON l.k = r.k`, and `l.v < r.w` if there is a condition.
fn spec(null_equals_null: bool, with_condition: bool) -> JoinSpec {
    let (left, right) = (schema("k STRING, v INT"), schema("w INT, k STRING, f DOUBLE"));
    let joined = schema("k STRING, v INT, w INT, k1 STRING, f DOUBLE");
    let condition = binary(col("v", &joined).unwrap(), Op::Lt, col("w", &joined).unwrap(), &joined).unwrap();
    JoinSpec {
        left,
        right,
        keys: vec![JoinKey { left: 0, right: 1, null_equals_null }],
        condition: with_condition.then_some(condition),
        projection: vec![0, 1, 2, 4],
        schema: schema("k STRING, v INT, w INT, f DOUBLE"),
    }
}

fn harness(spec: JoinSpec) -> Harness {
    let inputs = vec![(spec.left.clone(), vec![0]), (spec.right.clone(), vec![1])];
    Harness::new(spec, inputs)
}

#[test]
fn rows_meet_and_part() {
    let mut harness = harness(spec(false, false));
    expect!["joinType=[InnerJoin], where=[k = k], select=[k, v, w, f]"].assert_eq(&spec(false, false).describe());
    expect![[r#"
        +I a 1 7 0.5
        +I a 2 7 0.5
        +U a 3 7 0.5
        -U a 2 7 0.5
        -D a 1 7 0.5
        -D a 3 7 0.5
    "#]]
    .assert_eq(&harness.run(
        "+I a 1
         +I b 1
         +I null 1
         #input 1
         +I 7 a 0.5
         +I 8 c -0.0
         +I 9 null 1.5
         #input 0
         +I a 2
         +U a 3
         -U a 2
         #snapshot 3
         -U a 2
         -D gone 2
         #input 1
         -D 7 a 0.5
         -D 9 null 1.5",
    ));
    assert_eq!(harness.metrics().lost_retractions.load(std::sync::atomic::Ordering::Relaxed), 2);
}

#[test]
fn null_meets_null_where_it_is_not_distinct_from_it() {
    let mut harness = harness(spec(true, true));
    expect![[r#"
        +I null 1 7 -0.0
    "#]]
    .assert_eq(&harness.run(
        "+I null 1
         +I null null
         +I null 8
         #input 1
         +I 7 null -0.0",
    ));
}

#[test]
fn copies_multiply_in_bounded_batches() {
    let mut harness = harness(spec(false, false)).sizes(2, 2);
    expect![[r#"
        +I a 1 7 0.5
        +I a 1 7 0.5
        +I a 1 7 0.5
        +I a 2 7 0.5
        +I a 1 8 0.5
        +I a 1 8 0.5
        +I a 1 8 0.5
        +I a 2 8 0.5
    "#]]
    .assert_eq(&harness.run(
        "+I a 1
         +I a 1
         +I a 2
         +I a 1
         #snapshot 1
         #input 1
         +I 7 a 0.5
         +I 8 a 0.5",
    ));
}

#[test]
fn without_keys_all_rows_meet() {
    let (left, right) = (schema("v INT"), schema("w INT"));
    let joined = schema("v INT, w INT");
    let sum = binary(col("v", &joined).unwrap(), Op::Plus, col("w", &joined).unwrap(), &joined).unwrap();
    let condition = binary(sum, Op::Gt, lit(ScalarValue::Int32(Some(10))), &joined).unwrap();
    let inputs = vec![(left.clone(), vec![]), (right.clone(), vec![])];
    let spec = JoinSpec {
        left,
        right,
        keys: vec![],
        condition: Some(condition),
        projection: vec![1, 0],
        schema: schema("w INT, v INT"),
    };
    let mut harness = Harness::new(spec, inputs);
    expect![[r#"
        +I 7 8
        +I 5 8
        -D 7 8
    "#]]
    .assert_eq(&harness.run(
        "+I 1
         +I 8
         +I null
         #input 1
         +I 7
         +I 5
         +I 2
         #snapshot 4
         -D 7",
    ));
}

/// A row of either side: key (0 is NULL) and value.
type Row = (u8, i8);

proptest! {
    /// However rows come and go on both sides, what is left is the join of what is left.
    #[test]
    fn incremental_equals_recomputed(
        steps in proptest::collection::vec(
            (0usize..2, any::<bool>(), (0u8..5, -5i8..6), any::<prop::sample::Index>()), 1..100,
        ),
        batch in 1usize..9, null_equals_null in any::<bool>(), with_condition in any::<bool>(),
        restarts in proptest::collection::vec((0usize..20, 1usize..5), 0..3),
    ) {
        let mut harness = harness(spec(null_equals_null, with_condition)).sizes(3, 3);
        let schemas = [harness.input(0), harness.input(1)];
        let mut there: [Vec<Row>; 2] = [vec![], vec![]];
        let mut out = vec![];
        for (number, steps) in steps.chunks(batch).enumerate() {
            for side in 0..2 {
                let mut text = String::new();
                for &(_, take_back, row, which) in steps.iter().filter(|step| step.0 == side) {
                    let (kind, row) = if take_back && !there[side].is_empty() {
                        ("-D", { let index = which.index(there[side].len()); there[side].remove(index) })
                    } else {
                        there[side].push(row);
                        ("+I", row)
                    };
                    let key = if row.0 == 0 { "null".to_owned() } else { format!("a rather long key {}", row.0) };
                    let key = if key.contains(' ') { format!("\"{key}\"") } else { key };
                    text.push_str(&match side {
                        0 => format!("{kind} {key} {}\n", row.1),
                        _ => format!("{kind} {} {key} 0.5\n", row.1),
                    });
                }
                if !text.is_empty() {
                    harness.process(side, ChangelogBatch::from_text(&schemas[side], &text).unwrap());
                }
                out.extend(harness.take());
                let mut expected = vec![];
                for left in &there[0] {
                    for right in &there[1] {
                        let equal = left.0 == right.0 && (left.0 != 0 || null_equals_null);
                        if equal && (!with_condition || left.1 < right.1) {
                            let key = if left.0 == 0 { "null".to_owned() } else { format!("\"a rather long key {}\"", left.0) };
                            expected.push(format!(" {key} {} {} 0.5", left.1, right.1));
                        }
                    }
                }
                expected.sort();
                prop_assert_eq!(materialise(&out), expected);
            }
            if let Some((_, parallelism)) = restarts.iter().find(|(at, _)| *at == number) {
                harness.rescale(*parallelism);
            }
        }
        prop_assert_eq!(harness.metrics().lost_retractions.load(std::sync::atomic::Ordering::Relaxed), 0);
    }
}
