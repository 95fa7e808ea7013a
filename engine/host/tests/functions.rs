//! Well-behaved functions: what goes in, what comes out.

mod support;

use std::sync::Arc;

use anabranch_host::{BindRequest, Grants, Limits, OnError, RowErrorCause};
use arrow::array::*;
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::*;
use expect_test::expect;
use proptest::prelude::*;
use support::*;

#[test]
fn a_package_describes_itself() {
    let package = package("trial");
    let functions: Vec<String> =
        package.functions().iter().take(10).map(|function| format!("{} {function}", function.kind)).collect();
    expect![[r#"
        scalar add(a Int64, b Int64) -> Int64
        scalar len(text Utf8) -> Int32
        scalar upper(text Utf8) -> Utf8
        table split(text Utf8) -> Struct("word": Utf8)
        aggregate sum(a Int64) -> Int64
        table repeat(times Int64) -> Struct("index": Int64)
        scalar tell(a Int64) -> Utf8
        scalar called() -> Int64
        scalar positive(a Int64) -> Int64
        scalar echo(x Boolean) -> Boolean"#]]
    .assert_eq(&functions.join("\n"));
    assert_eq!(package.metadata().name, "trial");
    assert_eq!(package.metadata().version, "1.2.3");
    assert_eq!(package.imports(), ["anabranch:functions/types@0.2.0"]);
}

#[test]
fn scalar_calls_keep_rows_and_nulls() {
    let mut add = bind("trial", "add").scalar();
    let sums = add.call(&[maybe_longs([Some(1), None, Some(3)]), maybe_longs([Some(10), Some(20), None])], 3).unwrap();
    assert_eq!(show(&sums.array), "11 - -");
    assert!(sums.errors.is_empty());
    let none = add.call(&[longs([]), longs([])], 0).unwrap();
    assert_eq!(none.array.len(), 0);

    let mut upper = bind("trial", "upper").scalar();
    let words = texts([Some("grüße"), None, Some(""), Some("ok")]);
    assert_eq!(show(&upper.call(std::slice::from_ref(&words), 4).unwrap().array), "GRÜSSE -  OK");
    assert_eq!(show(&upper.call(&[words.slice(2, 2)], 2).unwrap().array), " OK");
}

#[test]
fn a_function_without_arguments_is_called_with_rows() {
    let mut called = bind("trial", "called").scalar();
    assert_eq!(show(&called.call(&[], 3).unwrap().array), "1 1 1");
    assert_eq!(show(&called.call(&[], 2).unwrap().array), "2 2");
}

#[test]
fn binding_tells_zone_options_and_constants() {
    let mut tell = bind("trial", "tell").option("colour", "red");
    tell.request.time_zone = "Europe/Berlin".into();
    tell.request.constants = vec![Some(longs([7]))];
    let said = tell.scalar().call(&[longs([7])], 1).unwrap();
    assert_eq!(show(&said.array), r#"zone Europe/Berlin, options [("colour", "red")], constants [Some([7])]"#);
}

#[test]
fn row_errors_stand_beside_the_result() {
    let mut positive = bind("trial", "positive").scalar();
    let output = positive.call(&[longs([5, -1, 7, 0])], 4).unwrap();
    assert_eq!(show(&output.array), "5 - 7 -");
    let errors: Vec<_> = output.errors.iter().map(|error| (error.row, error.cause, error.message.as_str())).collect();
    assert_eq!(
        errors,
        [(1, RowErrorCause::Function, "-1 is not positive"), (3, RowErrorCause::Function, "0 is not positive")]
    );
}

#[test]
fn a_panic_tells_its_words() {
    let mut function = bind("kitchen_sink", "panic_on").scalar();
    let output = function.call(&[texts([Some("a"), Some("panic"), Some("b")])], 3).unwrap();
    assert_eq!(output.errors.len(), 1);
    expect![[r#"
        trapped: wasm `unreachable` instruction executed
        last lines from the function:
          panicked at tests/functions/kitchen_sink/src/failing.rs:18:5:
          this text is a panic"#]]
    .assert_eq(&output.errors[0].message);
}

#[test]
fn what_the_caller_gets_wrong_is_said() {
    let mut add = bind("trial", "add").scalar();
    let mut said = String::new();
    for columns in [vec![longs([1])], vec![longs([1]), longs([1, 2])], vec![longs([1]), texts([Some("a")])]] {
        said.push_str(&format!("{}\n", add.call(&columns, 1).unwrap_err()));
    }
    let mut wrong = bind("trial", "add");
    wrong.request.arguments.pop();
    said.push_str(&format!("{}\n", wrong.bound().unwrap_err()));
    let mut wrong = bind("trial", "add");
    wrong.request.arguments[1] = Field::new("b", DataType::Utf8, true);
    said.push_str(&format!("{}\n", wrong.bound().unwrap_err()));
    let wrong = bind("trial", "add").option("refuse", "yes");
    said.push_str(&format!("{}\n", wrong.bound().unwrap_err()));
    expect![[r#"
        cannot call function 'add': 1 arguments instead of 2
        cannot call function 'add': column 'b' has 2 rows instead of 1
        cannot call function 'add': column 'b' is of type Utf8 instead of Int64
        cannot bind function 'add': it takes 2 arguments, not 1: add(a Int64, b Int64) -> Int64
        cannot bind function 'add': its parameter 'b' is of type Int64, not Utf8: add(a Int64, b Int64) -> Int64
        cannot bind function 'add': I do not like it here
    "#]]
    .assert_eq(&said);
    // The mistakes cost nothing.
    assert_eq!(show(&add.call(&[longs([1]), longs([2])], 1).unwrap().array), "3");
}

#[test]
fn other_layouts_of_text_are_cast() {
    let mut upper = bind("trial", "upper").scalar();
    let words = [Some("a"), None, Some("a longer text than a view holds")];
    let layouts: [ArrayRef; 3] = [
        Arc::new(StringViewArray::from_iter(words)),
        Arc::new(LargeStringArray::from_iter(words)),
        Arc::new(words.into_iter().collect::<DictionaryArray<Int32Type>>()),
    ];
    for layout in layouts {
        let upper = upper.call(&[layout], 3).unwrap().array;
        assert_eq!(show(&upper), "A - A LONGER TEXT THAN A VIEW HOLDS");
    }
}

/// Arrays of every type of the contract, with NULLs.
fn all_arrays() -> Vec<ArrayRef> {
    let nulls = || NullBuffer::from(vec![true, false, true, true, true, false, true, true, true, true, true]);
    macro_rules! primitive {
        ($array:ty, $values:expr) => {
            Arc::new(<$array>::new((0..11).map($values).collect::<Vec<_>>().into(), Some(nulls()))) as ArrayRef
        };
    }
    let text = || StringArray::from_iter((0..11).map(|i| (i % 4 != 1).then(|| "ä".repeat(i))));
    let offsets = || OffsetBuffer::from_lengths([2, 0, 1, 3, 0, 0, 1, 2, 0, 1, 1]);
    let structure: ArrayRef = {
        let items = StructArray::new(
            Fields::from(vec![Field::new("c", DataType::Utf8, true)]),
            vec![Arc::new(text())],
            Some(nulls()),
        );
        let item = Arc::new(Field::new("item", items.data_type().clone(), true));
        let list = ListArray::new(item, offsets(), Arc::new(items), Some(nulls()));
        let fields =
            Fields::from(vec![Field::new("a", DataType::Int64, true), Field::new("b", list.data_type().clone(), true)]);
        Arc::new(StructArray::new(fields, vec![primitive!(Int64Array, |i| i), Arc::new(list)], Some(nulls())))
    };
    let map: ArrayRef = {
        let keys = StringArray::from_iter_values((0..11).map(|i| format!("k{i}")));
        let fields =
            Fields::from(vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Int64, true)]);
        let entries = StructArray::new(fields, vec![Arc::new(keys), primitive!(Int64Array, |i| i)], None);
        let field = Arc::new(Field::new("entries", entries.data_type().clone(), false));
        Arc::new(MapArray::new(field, offsets(), entries, Some(nulls()), false))
    };
    vec![
        Arc::new(BooleanArray::from((0..11).map(|i| (i % 5 != 1).then_some(i % 3 == 0)).collect::<Vec<_>>())),
        primitive!(Int8Array, |i| i),
        primitive!(Int16Array, |i| i * 100),
        primitive!(Int32Array, |i| -i),
        primitive!(Int64Array, |i| i << 40),
        primitive!(Float32Array, |i| i as f32 / 3.0),
        primitive!(Float64Array, |i| i as f64 / 3.0),
        Arc::new(
            Decimal128Array::new((0..11).map(|i| i128::from(i) << 50).collect::<Vec<_>>().into(), Some(nulls()))
                .with_precision_and_scale(20, 4)
                .unwrap(),
        ),
        Arc::new(text()),
        Arc::new(BinaryArray::from_iter((0..11).map(|i| (i % 4 != 1).then(|| vec![i as u8; i])))),
        primitive!(Date32Array, |i| i * 1000),
        primitive!(Time32MillisecondArray, |i| i * 7_000_000),
        primitive!(TimestampSecondArray, |i| i),
        primitive!(TimestampMillisecondArray, |i| i),
        primitive!(TimestampMicrosecondArray, |i| -i),
        primitive!(TimestampNanosecondArray, |i| i),
        Arc::new(
            TimestampMillisecondArray::new((0..11).collect::<Vec<_>>().into(), Some(nulls())).with_timezone("UTC"),
        ),
        primitive!(IntervalYearMonthArray, |i| i),
        primitive!(DurationMillisecondArray, |i| i),
        Arc::new(ListArray::new(
            Arc::new(Field::new("item", DataType::Utf8, true)),
            offsets(),
            Arc::new(text()),
            Some(nulls()),
        )),
        map,
        structure,
    ]
}

#[test]
fn every_type_crosses_both_ways_whole_and_sliced() {
    let package = package("trial");
    let echoes: Vec<_> =
        (0..package.functions().len()).filter(|number| package.functions()[*number].name == "echo").collect();
    let arrays = all_arrays();
    assert_eq!(echoes.len(), arrays.len());
    for (function, array) in echoes.into_iter().zip(arrays) {
        let request = BindRequest {
            function,
            arguments: package.functions()[function].parameters.clone(),
            ..BindRequest::default()
        };
        let bound = package.bind(request, Limits::default(), Grants::default()).unwrap();
        let mut echo = bound.scalar().unwrap();
        for (start, length) in [(0, 11), (0, 1), (1, 10), (3, 5), (8, 3), (5, 0)] {
            let sent = array.slice(start, length);
            let back = echo.call(std::slice::from_ref(&sent), length).unwrap().array;
            back.to_data().validate_full().unwrap();
            assert_eq!(&back, &sent, "{} from {start}, {length} rows", array.data_type());
        }
    }
}

#[test]
fn a_table_function_gives_its_output_in_chunks() {
    let mut repeat = bind("trial", "repeat").table();
    repeat.begin(&[longs([2, 0, 5, 1])], 4).unwrap();
    let mut chunks = String::new();
    while let Some(chunk) = repeat.next(3).unwrap() {
        chunks.push_str(&format!("rows {} index {}\n", show(&chunk.rows), show(&chunk.columns[0])));
    }
    expect![[r#"
        rows 0 0 2 index 0 1 0
        rows 2 2 2 index 1 2 3
        rows 2 3 index 4 0
    "#]]
    .assert_eq(&chunks);
    assert!(repeat.next(3).unwrap().is_none());

    // A new batch drops what is left of the last one.
    repeat.begin(&[longs([100])], 1).unwrap();
    assert_eq!(repeat.next(10).unwrap().unwrap().rows.len(), 10);
    repeat.begin(&[longs([0, 1])], 2).unwrap();
    assert_eq!(show(&repeat.next(10).unwrap().unwrap().rows), "1");
    assert!(repeat.next(10).unwrap().is_none());
}

#[test]
fn a_large_expansion_is_held_nowhere() {
    let mut repeat = bind("trial", "repeat").limit("max-output-rows", "100000000").table();
    repeat.begin(&[longs([3_000_000])], 1).unwrap();
    let mut rows = 0;
    while let Some(chunk) = repeat.next(8192).unwrap() {
        rows += chunk.rows.len();
    }
    assert_eq!(rows, 3_000_000);
    assert!(repeat.memory() < 4 << 20, "{}", repeat.memory());
}

#[test]
fn words_are_split() {
    let mut split = bind("trial", "split").table();
    split.begin(&[texts([Some("to be or"), Some(""), Some("not to be")])], 3).unwrap();
    let chunk = split.next(100).unwrap().unwrap();
    assert_eq!(show(&chunk.rows), "0 0 0 2 2 2");
    assert_eq!(show(&chunk.columns[0]), "to be or not to be");
}

#[test]
fn an_aggregate_keeps_many_groups() {
    let mut sum = bind("trial", "sum").aggregate(OnError::Fail);
    assert!(sum.supports_retract() && sum.supports_merge());
    sum.accumulate(&[0, 1, 0, 2], &[maybe_longs([Some(1), Some(10), Some(2), None])]).unwrap();
    assert_eq!(show(&sum.evaluate(&[0, 1, 2, 3]).unwrap().array), "3 10 - -");
    sum.retract(&[0], &[longs([1])]).unwrap();
    assert_eq!(show(&sum.evaluate(&[0]).unwrap().array), "2");

    // State moves to another instance, under other ids, and is merged there.
    let state = sum.state(&[0, 1]).unwrap();
    assert_eq!((show(&state[0]), show(&state[1])), ("2 10".into(), "1 1".into()));
    let mut other = bind("trial", "sum").aggregate(OnError::Fail);
    other.restore(&[7, 3], &state).unwrap();
    other.merge(&[3, 3], &state).unwrap();
    assert_eq!(show(&other.evaluate(&[3, 7]).unwrap().array), "22 2");

    other.remove(&[3]).unwrap();
    assert_eq!(show(&other.evaluate(&[3, 7]).unwrap().array), "- 2");
}

#[test]
fn functions_run_within_tasks_too() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        let mut add = bind("trial", "add").scalar();
        assert_eq!(show(&add.call(&[longs([1]), longs([2])], 1).unwrap().array), "3");
    });
}

proptest! {
    #[test]
    fn sums_equal_native_ones(
        rows in prop::collection::vec((0u32..6, any::<i32>(), any::<bool>()), 0..200),
        restart in 0usize..200,
    ) {
        let mut sum = bind("trial", "sum").aggregate(OnError::Fail);
        let mut native = [(0i64, 0i64); 6];
        for (index, batch) in rows.chunks(7).enumerate() {
            if index * 7 == restart - restart % 7 {
                let ids = [0, 1, 2, 3, 4, 5];
                let state = sum.state(&ids).unwrap();
                sum = bind("trial", "sum").aggregate(OnError::Skip);
                sum.restore(&ids, &state).unwrap();
            }
            for retracts in [false, true] {
                let of_kind: Vec<_> = batch.iter().filter(|row| row.2 == retracts).collect();
                let groups: Vec<u32> = of_kind.iter().map(|row| row.0).collect();
                let values = longs(of_kind.iter().map(|row| i64::from(row.1)));
                let sign = if retracts { -1 } else { 1 };
                for row in &of_kind {
                    let group = &mut native[row.0 as usize];
                    *group = (group.0 + sign * i64::from(row.1), group.1 + sign);
                }
                match retracts {
                    true => sum.retract(&groups, &[values]).unwrap(),
                    false => sum.accumulate(&groups, &[values]).unwrap(),
                };
            }
        }
        let expected = maybe_longs(native.iter().map(|(sum, count)| (*count != 0).then_some(*sum)));
        prop_assert_eq!(&sum.evaluate(&[0, 1, 2, 3, 4, 5]).unwrap().array, &expected);
    }
}

#[test]
fn what_a_function_does_is_counted() {
    let bound = bind("trial", "positive").bound().unwrap();
    let mut positive = bound.scalar().unwrap();
    positive.call(&[longs([5, -1, 7, 0])], 4).unwrap();
    let large = longs((1..=10_000).collect::<Vec<_>>());
    positive.call(std::slice::from_ref(&large), 10_000).unwrap();
    let totals = bound.totals();
    assert_eq!((totals.calls, totals.rows, totals.row_errors, totals.failed()), (2, 10_004, 2, 2));
    assert_eq!((totals.instances, totals.replaced), (1, 0));
    assert!(totals.guest > std::time::Duration::ZERO && totals.host > std::time::Duration::ZERO, "{totals:?}");
    assert!(totals.peak_memory >= 65_536, "{totals:?}");
    // Another instance is added up with the first.
    bound.scalar().unwrap().call(&[longs([1])], 1).unwrap();
    assert_eq!((bound.totals().rows, bound.totals().instances), (10_005, 2));
}
