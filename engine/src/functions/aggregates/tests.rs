use datafusion::arrow::array::{Float64Array, StringArray, new_null_array};
use datafusion::arrow::compute::{cast, concat};
use datafusion::arrow::util::display::array_value_to_string;
use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::functions::Accumulators;

fn column_of(values: &[&str], data_type: &DataType) -> ArrayRef {
    let texts: StringArray = values.iter().map(|value| (*value != "null").then_some(*value)).collect();
    cast(&texts, data_type).unwrap()
}

fn show(values: &ArrayRef) -> String {
    let value = |row| if values.is_null(row) { "null".to_owned() } else { array_value_to_string(values, row).unwrap() };
    (0..values.len()).map(value).collect::<Vec<_>>().join(" ")
}

/// The value of `function` after all of `values`, after the first two were taken back, and of none; and its type.
fn results(name: &str, values: &[&str], data_type: &DataType) -> String {
    let function = find(name).unwrap().resolve(std::slice::from_ref(data_type)).unwrap();
    let mut accumulators = function.create(false).unwrap();
    let all = column_of(values, data_type);
    accumulators.accumulate(&vec![1; values.len()], std::slice::from_ref(&all)).unwrap();
    let full = show(&accumulators.evaluate(&[1]).unwrap());
    accumulators.retract(&[1, 1], &[all.slice(0, 2)]).unwrap();
    let rest = show(&accumulators.evaluate(&[1, 0]).unwrap());
    format!("{name}({data_type}) {} {full} | {rest}\n", function.return_type())
}

#[test]
fn listagg_of_too_much_is_refused() {
    let listagg = find("LISTAGG").unwrap().resolve(&[DataType::Utf8]).unwrap();
    let mut accumulators = listagg.create(false).unwrap();
    let mebibyte: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(1 << 20)]));
    for _ in 0..64 {
        accumulators.accumulate(&[0], std::slice::from_ref(&mebibyte)).unwrap();
    }
    expect!["LISTAGG: the text of a group would be longer than 67108864 bytes"]
        .assert_eq(&accumulators.evaluate(&[0]).unwrap_err().to_string());
}

/// Beyond 38 digits they are NULL, beyond 128 bits too; and right again when values are taken back.
#[test]
fn sums_of_decimals_do_not_wrap() {
    let kind = DataType::Decimal128(38, 0);
    let most = "9".repeat(38);
    for name in ["SUM", "AVG"] {
        let function = find(name).unwrap().resolve(std::slice::from_ref(&kind)).unwrap();
        let mut accumulators = function.create(false).unwrap();
        let mut said = vec![];
        for _ in 0..4 {
            accumulators.accumulate(&[0], &[column_of(&[&most], &kind)]).unwrap();
            said.push(show(&accumulators.evaluate(&[0]).unwrap()));
        }
        let state = accumulators.state(&[0]).unwrap();
        let mut restored = function.create(false).unwrap();
        restored.restore(&[1], &state).unwrap();
        for _ in 0..4 {
            restored.retract(&[1], &[column_of(&[&most], &kind)]).unwrap();
            said.push(show(&restored.evaluate(&[1]).unwrap()));
        }
        restored.retract(&[1], &[column_of(&[&most], &kind)]).unwrap();
        restored.accumulate(&[1, 1], &[column_of(&[&most, "5"], &kind)]).unwrap();
        said.push(show(&restored.evaluate(&[1]).unwrap()));
        let said = said.join(" ").replace(&most, "most");
        match name {
            "SUM" => expect!["most null null null null null most null 5"].assert_eq(&said),
            _ => expect!["null null null null null null null null 5.000000"].assert_eq(&said),
        }
    }
}

#[test]
fn types_and_values_are_flinks() {
    let mut all = String::new();
    let values = ["1", "2", "null", "127", "100"];
    let types = [
        DataType::Int8,
        DataType::Int32,
        DataType::Int64,
        DataType::Float32,
        DataType::Float64,
        DataType::Decimal128(10, 2),
        DataType::Decimal128(30, 10),
    ];
    for name in ["SUM", "AVG", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP"] {
        for data_type in &types {
            all.push_str(&results(name, &values, data_type));
        }
    }
    for name in ["COUNT", "MIN", "MAX", "FIRST_VALUE", "LAST_VALUE", "LISTAGG"] {
        all.push_str(&results(name, &["b", "a", "null", "aa", "b"], &DataType::Utf8));
    }
    for name in ["MIN", "MAX"] {
        all.push_str(&results(name, &["true", "false", "null", "false"], &DataType::Boolean));
    }
    expect![[r#"
        SUM(Int8) Int8 -26 | -29 null
        SUM(Int32) Int32 230 | 227 null
        SUM(Int64) Int64 230 | 227 null
        SUM(Float32) Float32 230.0 | 227.0 null
        SUM(Float64) Float64 230.0 | 227.0 null
        SUM(Decimal128(10, 2)) Decimal128(38, 2) 230.00 | 227.00 null
        SUM(Decimal128(30, 10)) Decimal128(38, 10) 230.0000000000 | 227.0000000000 null
        AVG(Int8) Int8 57 | 113 null
        AVG(Int32) Int32 57 | 113 null
        AVG(Int64) Int64 57 | 113 null
        AVG(Float32) Float32 57.5 | 113.5 null
        AVG(Float64) Float64 57.5 | 113.5 null
        AVG(Decimal128(10, 2)) Decimal128(38, 6) 57.500000 | 113.500000 null
        AVG(Decimal128(30, 10)) Decimal128(38, 10) 57.5000000000 | 113.5000000000 null
        STDDEV_POP(Int8) Int8 56 | 13 null
        STDDEV_POP(Int32) Int32 56 | 13 null
        STDDEV_POP(Int64) Int64 56 | 13 null
        STDDEV_POP(Float32) Float32 56.80889 | 13.5 null
        STDDEV_POP(Float64) Float64 56.80889014934194 | 13.500000000000034 null
        STDDEV_POP(Decimal128(10, 2)) Decimal128(38, 6) 56.808890 | 13.500000 null
        STDDEV_POP(Decimal128(30, 10)) Decimal128(38, 10) 56.8088901493 | 13.5000000000 null
        STDDEV_SAMP(Int8) Int8 65 | 19 null
        STDDEV_SAMP(Int32) Int32 65 | 19 null
        STDDEV_SAMP(Int64) Int64 65 | 19 null
        STDDEV_SAMP(Float32) Float32 65.59726 | 19.091883 null
        STDDEV_SAMP(Float64) Float64 65.5972560401729 | 19.09188309203683 null
        STDDEV_SAMP(Decimal128(10, 2)) Decimal128(38, 6) 65.597256 | 19.091883 null
        STDDEV_SAMP(Decimal128(30, 10)) Decimal128(38, 10) 65.5972560402 | 19.0918830920 null
        VAR_POP(Int8) Int8 -101 | -74 null
        VAR_POP(Int32) Int32 3227 | 182 null
        VAR_POP(Int64) Int64 3227 | 182 null
        VAR_POP(Float32) Float32 3227.25 | 182.25 null
        VAR_POP(Float64) Float64 3227.25 | 182.2500000000009 null
        VAR_POP(Decimal128(10, 2)) Decimal128(38, 6) 3227.250000 | 182.250000 null
        VAR_POP(Decimal128(30, 10)) Decimal128(38, 10) 3227.2500000000 | 182.2500000000 null
        VAR_SAMP(Int8) Int8 -49 | 108 null
        VAR_SAMP(Int32) Int32 4303 | 364 null
        VAR_SAMP(Int64) Int64 4303 | 364 null
        VAR_SAMP(Float32) Float32 4303.0 | 364.5 null
        VAR_SAMP(Float64) Float64 4303.0 | 364.5000000000018 null
        VAR_SAMP(Decimal128(10, 2)) Decimal128(38, 6) 4303.000000 | 364.500000 null
        VAR_SAMP(Decimal128(30, 10)) Decimal128(38, 10) 4303.0000000000 | 364.5000000000 null
        COUNT(Utf8) Int64 4 | 2 0
        MIN(Utf8) Utf8 a | aa null
        MAX(Utf8) Utf8 b | b null
        FIRST_VALUE(Utf8) Utf8 b | aa null
        LAST_VALUE(Utf8) Utf8 b | b null
        LISTAGG(Utf8) Utf8 b,a,aa,b | aa,b null
        MIN(Boolean) Boolean false | false null
        MAX(Boolean) Boolean true | false null
    "#]]
    .assert_eq(&all);
}

#[test]
fn decimals_round_half_up_and_overflow_to_null() {
    let data_type = DataType::Decimal128(38, 6);
    let mut all = results("AVG", &["null", "null", "0.000001", "-0.000004"], &data_type);
    all.push_str(&results("AVG", &["null", "null", "-0.000001", "0", "0"], &data_type));
    let largest = "99999999999999999999999999999999.999999";
    all.push_str(&results("SUM", &[largest, "null", "0.000001"], &data_type));
    expect![[r#"
        AVG(Decimal128(38, 6)) Decimal128(38, 6) -0.000002 | -0.000002 null
        AVG(Decimal128(38, 6)) Decimal128(38, 6) 0.000000 | 0.000000 null
        SUM(Decimal128(38, 6)) Decimal128(38, 6) null | 0.000001 null
    "#]]
    .assert_eq(&all);
}

#[test]
fn other_types_are_refused() {
    let error = builtin("sum", false, &[DataType::Utf8]).unwrap_err();
    expect!["SUM does not take arguments of type (STRING); its signature is SUM([DISTINCT] number)"]
        .assert_eq(&error.to_string());
    assert!(builtin("median", false, &[DataType::Int64]).unwrap().is_none());
}

#[test]
fn the_separator_of_listagg_may_be_given() {
    let function = builtin("listagg", true, &[DataType::Utf8, DataType::Utf8]).unwrap().unwrap();
    let mut accumulators = function.create(true).unwrap();
    let columns = [column_of(&["x", "y", "x"], &DataType::Utf8), column_of(&["-", "-", "-"], &DataType::Utf8)];
    accumulators.accumulate(&[0, 0, 0], &columns).unwrap();
    assert_eq!(show(&accumulators.evaluate(&[0]).unwrap()), "x-y");
}

/// Every function with every type, with and without DISTINCT.
fn all_functions() -> Vec<(String, Arc<dyn AggregateFunction>, DataType)> {
    let types = [
        DataType::Int32,
        DataType::Int64,
        DataType::Float64,
        DataType::Utf8,
        DataType::Boolean,
        DataType::Decimal128(10, 2),
        DataType::Date32,
    ];
    let mut all = vec![];
    for builtin in BUILTINS {
        for data_type in &types {
            if let Ok(function) = builtin.resolve(std::slice::from_ref(data_type)) {
                let name = format!("{} {data_type}", builtin.name);
                all.push((
                    format!("{name} DISTINCT"),
                    distinct(function.clone(), vec![data_type.clone()]),
                    data_type.clone(),
                ));
                all.push((name, function, data_type.clone()));
            }
        }
    }
    all
}

fn random_column(seeds: &[u8], data_type: &DataType) -> ArrayRef {
    let values: Vec<String> = seeds
        .iter()
        .map(|seed| match (seed % 6, data_type) {
            (0, _) => "null".to_owned(),
            (value, DataType::Utf8) => "a text of some length ".repeat(usize::from(value / 3)) + &value.to_string(),
            (value, DataType::Boolean) => (value % 2 == 0).to_string(),
            (value, DataType::Date32) => format!("2026-01-0{value}"),
            (value, _) => (i32::from(value) - 3).to_string(),
        })
        .collect();
    column_of(&values.iter().map(String::as_str).collect::<Vec<_>>(), data_type)
}

/// Equal up to rounding, which decides how a variance is cut to an integer.
fn assert_same(name: &str, one: &ArrayRef, other: &ArrayRef) {
    if one.data_type().is_integer() && (name.starts_with("VAR") || name.starts_with("STDDEV")) {
        return;
    }
    if one.data_type() != &DataType::Float64 {
        assert_eq!(one, other, "{name}");
        return;
    }
    let (one, other): (&Float64Array, &Float64Array) = (one.as_primitive(), other.as_primitive());
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one.is_some(), other.is_some(), "{name}");
        assert!((one.unwrap_or(0.0) - other.unwrap_or(0.0)).abs() < 1e-6, "{name}: {one:?} {other:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// For every function: what is taken back leaves no trace, states restored elsewhere and merged give the value of
    /// all rows, and removed groups are empty.
    #[test]
    fn retract_state_restore_merge_remove(
        first in proptest::collection::vec((0u32..5, any::<u8>()), 1..40),
        second in proptest::collection::vec((0u32..5, any::<u8>()), 1..40),
    ) {
        let groups_of = |rows: &[(u32, u8)]| rows.iter().map(|row| row.0).collect::<Vec<_>>();
        let seeds_of = |rows: &[(u32, u8)]| rows.iter().map(|row| row.1).collect::<Vec<_>>();
        let every = [4, 3, 2, 1, 0];
        for (name, function, data_type) in all_functions() {
            let (one, two) = (random_column(&seeds_of(&first), &data_type), random_column(&seeds_of(&second), &data_type));
            let (one_groups, two_groups) = (groups_of(&first), groups_of(&second));
            let fresh = |append_only, columns: &[(&[u32], &ArrayRef)]| -> Box<dyn Accumulators> {
                let mut accumulators = function.create(append_only).unwrap();
                columns.iter().for_each(|(groups, column)| accumulators.accumulate(groups, &[(*column).clone()]).unwrap());
                accumulators
            };
            let both_columns = concat(&[&one, &two]).unwrap();
            let both_groups: Vec<u32> = [one_groups.clone(), two_groups.clone()].concat();
            let mut both = fresh(true, &[(&both_groups, &both_columns)]);
            let expected = both.evaluate(&every).unwrap();
            prop_assert_eq!(expected.data_type(), &function.return_type());

            let mut halves = fresh(false, &[(&one_groups, &one), (&two_groups, &two)]);
            assert_same(&name, &halves.evaluate(&every).unwrap(), &expected);

            let state = halves.state(&every).unwrap();
            let types: Vec<DataType> = function.state_fields().iter().map(|field| field.data_type().clone()).collect();
            for (column, data_type) in state.iter().zip(&types) {
                prop_assert!(column.data_type().equals_datatype(data_type), "{}: {} {}", name, column.data_type(), data_type);
            }
            let mut restored = function.create(false).unwrap();
            restored.accumulate(&[7], &[one.slice(0, 1)]).unwrap();
            restored.restore(&[5, 6, 7, 8, 9], &state).unwrap();
            assert_same(&name, &restored.evaluate(&[5, 6, 7, 8, 9]).unwrap(), &expected);

            restored.retract(&one_groups.iter().map(|group| 9 - group).collect::<Vec<_>>(), std::slice::from_ref(&one)).unwrap();
            let mut only_second = fresh(true, &[(&two_groups, &two)]);
            let of_second = only_second.evaluate(&every).unwrap();
            // What is left of equal texts are the later ones, so the order of arrival may be another.
            if !name.starts_with("LISTAGG Utf8 DISTINCT") && !name.contains("_VALUE") {
                assert_same(&name, &restored.evaluate(&[5, 6, 7, 8, 9]).unwrap(), &of_second);
            }

            if function.merges() {
                let mut merged = fresh(true, &[(&one_groups, &one)]);
                let state = only_second.state(&every).unwrap();
                merged.merge(&every, &state).unwrap();
                assert_same(&name, &merged.evaluate(&every).unwrap(), &expected);
            }

            both.remove(&[0, 3]).unwrap();
            let left = both.evaluate(&[3, 4, 0]).unwrap();
            let empty = function.create(true).unwrap().evaluate(&[0]).unwrap();
            prop_assert_eq!(&left.slice(0, 1), &empty);
            prop_assert_eq!(&left.slice(2, 1), &empty);
            prop_assert_eq!(&left.slice(1, 1), &expected.slice(0, 1));
            let nulls = new_null_array(&data_type, 2);
            both.accumulate(&[0, 0], &[nulls]).unwrap();
            prop_assert_eq!(&both.evaluate(&[0]).unwrap(), &empty, "{} does not ignore NULL", name);
        }
    }
}
