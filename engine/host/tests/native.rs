//! A function in a component gives what the same function gives in native Rust: functions built with the SDK, on random
//! columns, whole or in slices.

mod support;

#[path = "../../../tests/functions/kitchen_sink/src"]
#[allow(dead_code, reason = "some of the functions are compared")]
mod kitchen_sink {
    pub mod aggregates;
    pub mod failing;
    pub mod scalars;
}

use std::sync::Arc;

use anabranch_host::{AggregateFunction, OnError};
use anabranch_udf::testing::{Tester, column};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray};
use arrow::datatypes::{Int32Type, Int64Type};
use kitchen_sink::{failing, scalars};
use proptest::prelude::*;
use support::*;

anabranch_udf::package!(kitchen_sink::aggregates::Sum);

fn numbers() -> impl Strategy<Value = Vec<Option<i64>>> {
    prop::collection::vec(prop::option::weighted(0.8, any::<i64>()), 1..300)
}

fn words() -> impl Strategy<Value = Vec<Option<String>>> {
    let word =
        prop_oneof![Just(String::new()), "[a-zäß ]{0,12}", any::<String>(), Just("error".into()), Just("null".into())];
    prop::collection::vec(prop::option::weighted(0.8, word), 1..200)
}

fn values_of(array: &ArrayRef) -> Vec<Option<i64>> {
    array.as_primitive::<Int64Type>().iter().collect()
}

fn texts_of(array: &ArrayRef) -> Vec<Option<String>> {
    array.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

/// The groups' sums, by the component.
fn evaluated(sums: &mut AggregateFunction, groups: &[u32]) -> Vec<Option<i64>> {
    values_of(&sums.evaluate(groups).unwrap().array)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn numbers_are_added(a in numbers(), skip in 0usize..9) {
        let b: Vec<Option<i64>> = a.iter().rev().copied().collect();
        let skip = skip.min(a.len());
        let columns: Vec<ArrayRef> =
            [&a, &b].map(|values| Int64Array::from(values.clone()).slice(skip, a.len() - skip)).map(|array| Arc::new(array) as _).into();
        let expected: Vec<Option<i64>> =
            a.iter().zip(&b).skip(skip).map(|(a, b)| Some(scalars::add_rows((*a)?, (*b)?))).collect();
        for function in ["add", "add_rows"] {
            let output = bind("kitchen_sink", function).scalar().call(&columns, a.len() - skip).unwrap();
            prop_assert_eq!(values_of(&output.array), expected.clone());
        }
        let first = bind("kitchen_sink", "coalesce").scalar().call(&columns, a.len() - skip).unwrap();
        let expected: Vec<Option<i64>> =
            a.iter().zip(&b).skip(skip).map(|(a, b)| scalars::coalesce(*a, *b)).collect();
        prop_assert_eq!(values_of(&first.array), expected);
    }

    #[test]
    fn texts_are_read_and_written(words in words(), skip in 0usize..9) {
        let skip = skip.min(words.len());
        let columns = [Arc::new(StringArray::from(words.clone()).slice(skip, words.len() - skip)) as ArrayRef];
        let words = &words[skip..];
        let call = |function| bind("kitchen_sink", function).scalar().call(&columns, words.len()).unwrap();

        let expected: Vec<_> = words.iter().map(|word| word.as_deref().map(scalars::upper)).collect();
        prop_assert_eq!(texts_of(&call("upper").array), expected);

        let expected: Vec<_> = words.iter().map(|word| word.as_deref().map(scalars::len)).collect();
        prop_assert_eq!(call("len").array.as_primitive::<Int32Type>().iter().collect::<Vec<_>>(), expected);

        let failed = call("fail_on");
        let expected: Vec<_> = words.iter().map(|word| word.as_deref().map(failing::fail_on)).collect();
        let errors: Vec<(u32, String)> = failed.errors.into_iter().map(|error| (error.row, error.message)).collect();
        let failures = expected.iter().enumerate().filter_map(|(row, result)| match result {
            Some(Err(message)) => Some((row as u32, message.clone())),
            _ => None,
        });
        prop_assert_eq!(errors, failures.collect::<Vec<_>>());
        let given: Vec<_> = expected.iter().map(|result| result.clone()?.ok()?.map(str::to_owned)).collect();
        prop_assert_eq!(texts_of(&failed.array), given);
    }

    #[test]
    fn texts_are_split(words in words(), max_rows in 1usize..50) {
        let mut split = bind("kitchen_sink", "split").table();
        let columns = [Arc::new(StringArray::from(words.clone())) as ArrayRef];
        split.begin(&columns, words.len()).unwrap();
        let mut given = Vec::new();
        while let Some(chunk) = split.next(max_rows).unwrap() {
            prop_assert!(chunk.rows.len() <= max_rows && chunk.errors.is_empty());
            given.extend(chunk.rows.values().iter().copied().zip(texts_of(&chunk.columns[0])));
        }
        let expected = words.iter().enumerate().flat_map(|(row, line)| {
            line.iter().flat_map(|line| line.split_whitespace()).map(move |word| (row as u32, Some(word.to_owned())))
        });
        prop_assert_eq!(given, expected.collect::<Vec<_>>());
    }

    #[test]
    fn sums_change(
        changes in prop::collection::vec((0u8..4, prop::collection::vec((0u32..6, prop::option::of(-1000i64..1000)), 1..40)), 1..12),
    ) {
        let all = [0, 1, 2, 3, 4, 5];
        let mut sums = bind("kitchen_sink", "sum").aggregate(OnError::Fail);
        let mut tester = Tester::new(package());
        let mut native = tester.aggregate("sum", [column::<Option<i64>>([])]).unwrap();
        for (change, rows) in changes {
            let (groups, values): (Vec<u32>, Vec<Option<i64>>) = rows.into_iter().unzip();
            let columns = [Arc::new(Int64Array::from(values.clone())) as ArrayRef];
            match change {
                0 | 1 => {
                    sums.accumulate(&groups, &columns).unwrap();
                    native.accumulate(&groups, [column(values)]).unwrap();
                }
                2 => {
                    sums.retract(&groups, &columns).unwrap();
                    native.retract(&groups, [column(values)]).unwrap();
                }
                // Every state goes to a fresh instance, and the first two groups there are added to the last.
                _ => {
                    let (state, added) = (sums.state(&all).unwrap(), native.state(&[0, 1]));
                    sums = bind("kitchen_sink", "sum").aggregate(OnError::Fail);
                    sums.restore(&all, &state).unwrap();
                    let merged: Vec<ArrayRef> = state.iter().map(|column| column.slice(0, 2)).collect();
                    sums.merge(&[5, 5], &merged).unwrap();
                    native.merge(&[5, 5], added).unwrap();
                }
            }
            let expected: Vec<Option<i64>> =
                native.evaluate::<i64>(&all).unwrap().into_iter().map(|value| value.unwrap()).collect();
            prop_assert_eq!(evaluated(&mut sums, &all), expected);
        }
    }
}
