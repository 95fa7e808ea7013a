//! Functions of NULLs, conditions and comparisons. CASE and the IS predicates are DataFusion's own.

use std::cmp::Ordering;
use std::sync::LazyLock;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, make_comparator};
use datafusion::arrow::compute::kernels::cmp::not_distinct;
use datafusion::arrow::compute::kernels::zip::zip;
use datafusion::arrow::compute::{SortOptions, cast, interleave, is_not_null, nullif, prep_null_mask_filter};
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::Volatility;
use regex::Regex;

use super::cast::java_float;
use super::function::{Call, Definition, Family};
use super::parameters::{Parameters, common};
use super::returns;
use crate::error::{Error, Result};

const COALESCE: Definition = Definition {
    name: "COALESCE",
    aliases: &[],
    family: Family::Conditional,
    syntax: "COALESCE(value, …)",
    doc: "The first value that is not NULL.",
    example: ("COALESCE(CAST(NULL AS INT), 2)", "2"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Alike(1),
    result: |arguments| arguments.first(),
    call: coalesce,
};

const IFNULL: Definition = Definition {
    name: "IFNULL",
    aliases: &["NVL"],
    family: Family::Conditional,
    syntax: "IFNULL(value, instead)",
    doc: "The value, or the other where it is NULL.",
    example: ("IFNULL(CAST(NULL AS INT), 5)", "5"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Rule(|types| if types.len() == 2 { Parameters::Alike(2).coerce(types) } else { None }),
    result: |arguments| arguments.first(),
    call: coalesce,
};

fn coalesce(call: &Call) -> Result<ArrayRef> {
    let last = call.len().checked_sub(1).ok_or_else(|| Error::bug("COALESCE of nothing"))?;
    let mut result = call.array(last)?;
    for index in (0..last).rev() {
        let value = call.array(index)?;
        result = if value.null_count() == 0 { value } else { zip(&is_not_null(&value)?, &value, &result)? };
    }
    Ok(result)
}

const NULLIF: Definition = Definition {
    name: "NULLIF",
    aliases: &[],
    family: Family::Conditional,
    syntax: "NULLIF(value, other)",
    doc: "NULL where both are equal, else the value.",
    example: ("NULLIF(1, 2)", "1"),
    volatility: Volatility::Immutable,
    // The value keeps its own type; they are compared in the other's, which holds both.
    parameters: Parameters::Rule(|types| {
        let alike = if types.len() == 2 { Parameters::Alike(2).coerce(types)? } else { return None };
        let own = if types[0] == DataType::Null { &alike[0] } else { &types[0] };
        Some(vec![own.clone(), alike[1].clone()])
    }),
    result: |arguments| arguments.first(),
    call: |call| {
        let (value, other) = (call.array(0)?, call.array(1)?);
        Ok(nullif(&value, &not_distinct(&cast(&value, other.data_type())?, &other)?)?)
    },
};

const IF: Definition = Definition {
    name: "IF",
    aliases: &[],
    family: Family::Conditional,
    syntax: "IF(condition, value, otherwise)",
    doc: "One value or the other, by a condition; a condition that is NULL is not true.",
    example: ("IF(1 < 2, 'yes', 'no')", "yes"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Rule(|types| match types {
        [DataType::Boolean | DataType::Null, value, otherwise] => {
            let alike = match (value, otherwise) {
                // Of two floats it is the first, as in CASE.
                (DataType::Float32, DataType::Float64) => DataType::Float32,
                _ => common(&[value.clone(), otherwise.clone()])?,
            };
            Some(vec![DataType::Boolean, alike.clone(), alike])
        }
        _ => None,
    }),
    result: |arguments| arguments.types.get(1).cloned(),
    call: |call| {
        let condition = call.array(0)?;
        let mask = condition.as_boolean();
        let mask = if mask.null_count() > 0 { prep_null_mask_filter(mask) } else { mask.clone() };
        Ok(zip(&mask, &call.array(1)?, &call.array(2)?)?)
    },
};

const GREATEST: Definition = Definition {
    name: "GREATEST",
    aliases: &[],
    family: Family::Conditional,
    syntax: "GREATEST(value, …)",
    doc: "The greatest of the values; NULL if any of them is.",
    example: ("GREATEST(1, 3, 2)", "3"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Alike(1),
    result: |arguments| arguments.first(),
    call: |call| extreme(call, Ordering::Greater),
};

const LEAST: Definition = Definition {
    name: "LEAST",
    aliases: &[],
    family: Family::Conditional,
    syntax: "LEAST(value, …)",
    doc: "The least of the values; NULL if any of them is.",
    example: ("LEAST('b', 'a')", "a"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Alike(1),
    result: |arguments| arguments.first(),
    call: |call| extreme(call, Ordering::Less),
};

fn extreme(call: &Call, wanted: Ordering) -> Result<ArrayRef> {
    let columns = (0..call.len()).map(|index| call.array(index)).collect::<Result<Vec<_>>>()?;
    let mut best = columns.first().cloned().ok_or_else(|| Error::bug("an extreme of nothing"))?;
    for other in &columns[1..] {
        let compare = make_comparator(&best, other, SortOptions::default())?;
        let from: Vec<(usize, usize)> = (0..call.rows)
            .map(|row| match (best.is_null(row), other.is_null(row)) {
                (true, _) => (0, row),
                (_, true) => (1, row),
                _ => (usize::from(compare(row, row) != wanted), row),
            })
            .collect();
        best = interleave(&[best.as_ref(), other.as_ref()], &from)?;
    }
    Ok(best)
}

const ELT: Definition = Definition {
    name: "ELT",
    aliases: &[],
    family: Family::Conditional,
    syntax: "ELT(index, value, …)",
    doc: "The value at an index from 1; NULL where there is none.",
    example: ("ELT(2, 'a', 'b')", "b"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Rule(|types| {
        let (index, values) = types.split_first()?;
        let fits = !values.is_empty() && index.is_signed_integer();
        let alike = common(values)?;
        fits.then(|| std::iter::once(DataType::Int64).chain(values.iter().map(|_| alike.clone())).collect())
    }),
    result: |arguments| arguments.types.get(1).cloned(),
    call: |call| {
        let index = call.long(0)?;
        let mut columns = vec![datafusion::arrow::array::new_null_array(call.result, 1)];
        for column in 1..call.len() {
            columns.push(call.array(column)?);
        }
        let from: Vec<(usize, usize)> = (0..call.rows)
            .map(|row| match index.get(row).and_then(|index| usize::try_from(index).ok()) {
                Some(index) if (1..columns.len()).contains(&index) => (index, row),
                _ => (0, 0),
            })
            .collect();
        let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
        Ok(interleave(&columns, &from)?)
    },
};

/// Whether all letters are Java's digits, which are Unicode's decimal ones.
fn is_digits(text: &str) -> bool {
    static DIGITS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A\p{Nd}+\z").ok());
    if text.is_ascii() {
        return !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    }
    DIGITS.as_ref().is_some_and(|digits| digits.is_match(text))
}

macro_rules! truth {
    ($constant:ident, $name:literal, $example:literal => $value:literal, $test:expr) => {
        const $constant: Definition = Definition {
            name: $name,
            aliases: &[],
            family: Family::Conditional,
            syntax: concat!($name, "(text)"),
            doc: "Whether a text consists of such characters alone; FALSE of NULL.",
            example: ($example, $value),
            volatility: Volatility::Immutable,
            parameters: Parameters::Of(&[super::parameters::Kind::Text], 1),
            result: returns!(DataType::Boolean),
            call: |call| {
                let texts = call.text(0)?;
                let test: fn(&str) -> bool = $test;
                call.booleans(|row| Some(texts.get(row).is_some_and(test)))
            },
        };
    };
}

truth!(IS_ALPHA, "IS_ALPHA", "IS_ALPHA('abc')" => "TRUE", |text| !text.is_empty() && text.chars().all(char::is_alphabetic));
truth!(IS_DIGIT, "IS_DIGIT", "IS_DIGIT('12a')" => "FALSE", is_digits);
truth!(IS_DECIMAL, "IS_DECIMAL", "IS_DECIMAL('1.5')" => "TRUE", |text| java_float(text).is_some_and(|number| number.parse::<f64>().is_ok()));

pub const DEFINITIONS: &[&Definition] =
    &[&COALESCE, &IFNULL, &NULLIF, &IF, &GREATEST, &LEAST, &ELT, &IS_ALPHA, &IS_DIGIT, &IS_DECIMAL];
