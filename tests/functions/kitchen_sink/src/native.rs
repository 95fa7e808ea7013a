//! The functions, called natively as a host would: every type there and back, NULLs, errors, chunks, states.

use std::collections::BTreeMap;

use crate::identity::Place;
use anabranch_udf::testing::{Results, Tester, TypedColumn, column};
use anabranch_udf::types::{Argument, Output};
use anabranch_udf::{Date, Decimal, IntervalDaySecond, IntervalYearMonth, Time, Timestamp, TimestampLtz};
use expect_test::expect;
use proptest::prelude::*;

fn tester() -> Tester {
    Tester::new(crate::package())
}

fn scalar<T: for<'a> Argument<'a>>(name: &str, arguments: Vec<TypedColumn>) -> Results<T> {
    tester().scalar(name, arguments).unwrap()
}

/// Sends values of a type there and back.
fn same<T>(name: &str, values: Vec<Option<T>>) -> Result<(), TestCaseError>
where
    T: Output + for<'a> Argument<'a> + Clone + PartialEq + std::fmt::Debug,
{
    let expected: Results<T> = values.iter().cloned().map(Ok).collect();
    prop_assert_eq!(scalar::<T>(name, vec![column(values)]), expected);
    Ok(())
}

/// Up to some words of a bitmap, with NULLs.
fn rows<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<Option<T>>> {
    prop::collection::vec(prop::option::of(value), 0..200)
}

fn finite() -> impl Strategy<Value = f64> {
    prop::num::f64::NORMAL | prop::num::f64::ZERO
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn numbers_come_back(
        bools in rows(any::<bool>()),
        tiny in rows(any::<i8>()),
        small in rows(any::<i16>()),
        int in rows(any::<i32>()),
        big in rows(any::<i64>()),
        double in rows(finite()),
    ) {
        same("same_bool", bools)?;
        same("same_tinyint", tiny)?;
        same("same_smallint", small)?;
        same("same_date", int.iter().map(|days| days.map(Date)).collect())?;
        same("same_time", int.iter().map(|millis| millis.map(Time)).collect())?;
        same("same_year_month", int.iter().map(|months| months.map(IntervalYearMonth)).collect())?;
        same("same_int", int)?;
        same("same_decimal", big.iter().map(|n| n.and_then(|n| Decimal::<20, 4>::from_unscaled(n.into()))).collect())?;
        same("same_timestamp_seconds", big.iter().map(|n| n.map(Timestamp::<0>)).collect())?;
        same("same_timestamp_millis", big.iter().map(|n| n.map(Timestamp::<3>)).collect())?;
        same("same_timestamp_micros", big.iter().map(|n| n.map(Timestamp::<6>)).collect())?;
        same("same_timestamp_nanos", big.iter().map(|n| n.map(Timestamp::<9>)).collect())?;
        same("same_timestamp_ltz", big.iter().map(|n| n.map(TimestampLtz::<3>)).collect())?;
        same("same_day_second", big.iter().map(|n| n.map(IntervalDaySecond)).collect())?;
        same("same_bigint", big)?;
        same("same_float", double.iter().map(|x| x.map(|x| x as f32)).collect())?;
        same("same_double", double)?;
    }

    #[test]
    fn texts_and_what_holds_values_come_back(
        texts in rows(any::<String>()),
        bytes in rows(any::<Vec<u8>>()),
        arrays in rows(prop::collection::vec(any::<Option<i64>>(), 0..4)),
        nested in rows(prop::collection::vec(prop::option::of(prop::collection::vec(any::<String>(), 0..3)), 0..3)),
        maps in rows(prop::collection::btree_map(any::<String>(), any::<Option<i32>>(), 0..4)),
        places in rows((finite(), prop::option::of(finite()), any::<Option<String>>())),
    ) {
        same("same_string", texts)?;
        same("same_bytes", bytes)?;
        same("same_array", arrays)?;
        same("same_nested", nested)?;
        same::<BTreeMap<String, Option<i32>>>("same_map", maps)?;
        let places = places.into_iter().map(|place| place.map(|(x, y, name)| Place { x, y, name }));
        same("same_row", places.collect())?;
    }

    #[test]
    fn both_ways_of_adding_are_the_same(rows in rows(any::<(Option<i64>, i64)>())) {
        let (a, b): (Vec<Option<i64>>, Vec<Option<i64>>) =
            rows.into_iter().map(|row| row.map_or((Some(1), None), |(a, b)| (a, Some(b)))).unzip();
        let expected: Results<i64> = a.iter().zip(&b).map(|(a, b)| Ok(a.zip(*b).map(|(a, b)| a.wrapping_add(b)))).collect();
        let arguments = vec![column(a), column(b)];
        prop_assert_eq!(&scalar::<i64>("add", arguments.clone()), &expected);
        prop_assert_eq!(&scalar::<i64>("add_rows", arguments), &expected);
    }

    #[test]
    fn a_sum_is_the_same_however_it_comes_about(
        rows in prop::collection::vec((0_u32..5, prop::option::of(-1_000_i64..1_000), any::<bool>()), 0..100),
    ) {
        let (groups, values): (Vec<u32>, Vec<Option<i64>>) = rows.iter().map(|(group, value, _)| (*group, *value)).unzip();
        let like = || [column::<Option<i64>>([])];
        let mut tester = tester();
        let mut sums = tester.aggregate("sum", like()).unwrap();
        sums.accumulate(&groups, [column(values)]).unwrap();
        // What is retracted again leaves no trace.
        let (groups, values): (Vec<u32>, Vec<Option<i64>>) =
            rows.iter().filter(|(_, _, retracted)| *retracted).map(|(group, value, _)| (*group, *value)).unzip();
        sums.retract(&groups, [column(values)]).unwrap();

        let kept = |wanted: u32| rows.iter().filter(move |(group, _, retracted)| *group == wanted && !*retracted).filter_map(|(_, value, _)| *value);
        let expected: Results<i64> = (0..5).map(|group| Ok((kept(group).count() > 0).then(|| kept(group).sum()))).collect();
        let all = [0, 1, 2, 3, 4];
        prop_assert_eq!(&sums.evaluate::<i64>(&all).unwrap(), &expected);

        // A state is brought back under other ids, and merged with itself.
        let state = sums.state(&all);
        let mut others = tester.aggregate("sum", like()).unwrap();
        others.restore(&[14, 13, 12, 11, 10], state.clone()).unwrap();
        prop_assert_eq!(&others.evaluate::<i64>(&[14, 13, 12, 11, 10]).unwrap(), &expected);
        others.merge(&[14, 13, 12, 11, 10], state).unwrap();
        let doubled: Results<i64> = expected.into_iter().map(|sum| sum.map(|sum| sum.map(|sum| 2 * sum))).collect();
        prop_assert_eq!(&others.evaluate::<i64>(&[14, 13, 12, 11, 10]).unwrap(), &doubled);
        others.remove(&[12]);
        prop_assert_eq!(&others.evaluate::<i64>(&[12]).unwrap(), &vec![Ok(None)]);
    }

    #[test]
    fn chunks_of_any_size_hold_the_same_rows(
        lines in prop::collection::vec(prop::option::of("[a-c ]{0,12}"), 0..40),
        max_rows in 1_u32..9,
    ) {
        let (rows, errors) = tester().table::<String>("split", [column(lines.clone())], max_rows).unwrap();
        let expected: Vec<(usize, String)> = (lines.iter().enumerate())
            .flat_map(|(row, line)| {
                line.iter().flat_map(|line| line.split_whitespace()).map(move |word| (row, word.to_owned()))
            })
            .collect();
        prop_assert_eq!(rows, expected);
        prop_assert!(errors.is_empty());
    }
}

#[test]
fn a_row_fails_alone() {
    let texts = column([Some("a"), Some("error"), None, Some("null"), Some("b")]);
    let expected = [
        Ok(Some("a".to_owned())),
        Err("this text is an error".to_owned()),
        Ok(None),
        Ok(None),
        Ok(Some("b".to_owned())),
    ];
    assert_eq!(scalar::<String>("fail_on", vec![texts]), expected);

    let (rows, errors) =
        tester().table::<(String, i64)>("repeat", [column(["a", "b", "c"]), column([2_i64, -1, 1])], 2).unwrap();
    assert_eq!(rows, [(0, ("a".into(), 0)), (0, ("a".into(), 1)), (2, ("c".into(), 0))]);
    assert_eq!(
        errors.iter().map(|error| (error.row, error.message.as_str())).collect::<Vec<_>>(),
        [(1, "-1 times is less than none")]
    );

    let mut tester = tester();
    let arguments = || [column(["a", "error", "b"]), column([Some(","), None, None])];
    let mut texts = tester.aggregate("collect_texts", arguments()).unwrap();
    let errors = texts.accumulate(&[0, 0, 0], arguments()).unwrap();
    assert_eq!(errors.iter().map(|error| error.row).collect::<Vec<_>>(), [1]);
    assert_eq!(texts.evaluate::<String>(&[0, 7]).unwrap(), [Ok(Some("a,b".to_owned())), Ok(Some(String::new()))]);
    assert!(texts.retract(&[0], [column(["a"]), column([None::<&str>])]).is_err());
}

#[test]
fn a_null_inside_of_an_argument_that_takes_none_is_the_rows_error() {
    // `ARRAY<ARRAY<STRING NOT NULL>>`, sent with a NULL text inside.
    let arrays: Vec<Vec<Option<Vec<Option<String>>>>> =
        vec![vec![Some(vec![Some("a".to_owned())])], vec![None, Some(vec![Some("b".to_owned()), None])]];
    let result = scalar::<Vec<Option<Vec<String>>>>("same_nested", vec![column(arrays)]);
    assert_eq!(
        result,
        [
            Ok(Some(vec![Some(vec!["a".to_owned()])])),
            Err("argument `value` holds a NULL where the function takes none".to_owned())
        ]
    );
}

#[test]
fn a_large_expansion_comes_in_chunks() {
    let (rows, _) = tester().table::<i64>("range", [column([Some(100_000_i64), None, Some(2)])], 1_024).unwrap();
    assert_eq!(rows.len(), 100_002);
    assert_eq!(rows.last(), Some(&(2, 1)));
}

#[test]
fn a_literal_is_read_when_it_is_bound() {
    let arguments = [column([1_i64, 2]), column([10_i64, 10])];
    let result = tester().scalar_with_constants::<i64>("constant", arguments.clone(), &[false, true]);
    assert_eq!(result, Ok(vec![Ok(Some(11)), Ok(Some(12))]));
    let result = tester().scalar::<i64>("constant", arguments);
    assert_eq!(result, Err("the second argument must be a literal".to_owned()));

    let mut tester = tester();
    tester.time_zone = "Europe/Berlin".to_owned();
    tester.options = vec![("greeting".to_owned(), "hello".to_owned())];
    let result = tester.scalar::<String>("where_bound", [column(["you"])]).unwrap();
    assert_eq!(result, [Ok(Some("Europe/Berlin hello you".to_owned()))]);
}

#[test]
fn signatures_come_from_the_code() {
    let mut text = String::new();
    for signature in crate::package().describe().functions {
        let parameters: Vec<String> = (signature.parameters.iter())
            .map(|parameter| {
                let formats: Vec<&str> = parameter.type_.iter().map(|node| node.format.as_str()).collect();
                format!("{} {}", parameter.name, formats.join(" "))
            })
            .collect();
        let result: Vec<String> = (signature.result.iter())
            .map(|node| format!("{}{}{}", node.name, if node.nullable { "?" } else { "" }, node.format))
            .collect();
        let flags = [
            (!signature.deterministic).then_some(" nondeterministic"),
            signature.retracts.then_some(" retracts"),
            signature.merges.then_some(" merges"),
        ];
        let flags: String = flags.into_iter().flatten().collect();
        text += &format!(
            "{:?} {}({}) -> {}{flags}\n",
            signature.kind,
            signature.name,
            parameters.join(", "),
            result.join(" ")
        );
        assert!(!signature.doc.is_empty());
    }
    expect![[r#"
        Scalar add(a l, b l) -> ?l
        Scalar add_rows(a l, b l) -> ?l
        Scalar add(a g, b g) -> ?g
        Scalar add(a u, b u) -> ?u
        Scalar upper(text u) -> ?u
        Scalar len(text u) -> ?i
        Scalar coalesce(a l, b l) -> ?l
        Scalar constant(a l, b l) -> ?l
        Scalar where_bound(text u) -> ?u
        Scalar random(seed l) -> ?l nondeterministic
        Scalar fail_on(text u) -> ?u
        Scalar panic_on(text u) -> ?u
        Scalar spin_on(text u) -> ?u
        Scalar allocate(bytes l) -> ?l nondeterministic
        Scalar say(text u) -> ?u
        Scalar same_bool(value b) -> ?b
        Scalar same_tinyint(value c) -> ?c
        Scalar same_smallint(value s) -> ?s
        Scalar same_int(value i) -> ?i
        Scalar same_bigint(value l) -> ?l
        Scalar same_float(value f) -> ?f
        Scalar same_double(value g) -> ?g
        Scalar same_decimal(value d:20,4) -> ?d:20,4
        Scalar same_string(value u) -> ?u
        Scalar same_bytes(value z) -> ?z
        Scalar same_date(value tdD) -> ?tdD
        Scalar same_time(value ttm) -> ?ttm
        Scalar same_timestamp_seconds(value tss:) -> ?tss:
        Scalar same_timestamp_millis(value tsm:) -> ?tsm:
        Scalar same_timestamp_micros(value tsu:) -> ?tsu:
        Scalar same_timestamp_nanos(value tsn:) -> ?tsn:
        Scalar same_timestamp_ltz(value tsm:UTC) -> ?tsm:UTC
        Scalar same_year_month(value tiM) -> ?tiM
        Scalar same_day_second(value tDm) -> ?tDm
        Scalar same_array(value +l l) -> ?+l item?l
        Scalar same_nested(value +l +l u) -> ?+l item?+l itemu
        Scalar same_map(value +m +s u i) -> ?+m entries+s keyu value?i
        Scalar same_row(value +s g g u) -> ?+s xg y?g name?u
        Table split(line u) -> +s wordu
        Table repeat(text u, times l) -> +s textu numberl
        Table range(end l) -> +s rangel
        Table points(x g, y g) -> +s xg y?g name?u
        Aggregate sum(x l) -> ?l retracts merges
        Aggregate collect_texts(text u, separator u) -> u
    "#]]
    .assert_eq(&text);
}
