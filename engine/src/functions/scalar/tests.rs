//! Every definition's example, and what Flink said to other calls.

use datafusion::arrow::array::{AsArray, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, Schema, TimeUnit};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Cast, Expr, TryCast};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::create_physical_expr;
use datafusion::prelude::{SessionConfig, SessionContext, lit};
use expect_test::expect;
use regex::{Captures, Regex};
use std::sync::Arc;

use super::{cast_array, definitions, flink_semantics, function};
use crate::error::Result;

/// A context whose SQL calls our functions as `f_name`, as DataFusion has functions and syntax of the same names.
fn context(zone: &str) -> SessionContext {
    let mut config = SessionConfig::new();
    config.options_mut().sql_parser.parse_float_as_decimal = true;
    config.options_mut().sql_parser.map_string_types_to_utf8view = false;
    config.options_mut().execution.time_zone = Some(zone.to_owned());
    let context = SessionContext::new_with_config(config);
    for definition in definitions() {
        for name in std::iter::once(&definition.name).chain(definition.aliases) {
            let name = format!("f_{}", name.to_lowercase());
            context.register_udf(function::Builtin::udf(definition).with_aliases([&*name.leak()]));
        }
    }
    context
}

/// Literals and casts with the types that Flink gives them: INT, TIMESTAMP of the digits that are there, TIME.
fn as_flink_types(node: Expr) -> Expr {
    match node {
        Expr::Literal(ScalarValue::Int64(Some(value)), _) if i32::try_from(value).is_ok() => lit(value as i32),
        Expr::Cast(cast) => match (cast.field.data_type(), cast.expr.as_ref()) {
            (DataType::Time64(_), _) => Expr::Cast(Cast::new(cast.expr, DataType::Time32(TimeUnit::Millisecond))),
            (DataType::Timestamp(TimeUnit::Nanosecond, None), Expr::Literal(ScalarValue::Utf8(Some(text)), _)) => {
                let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32);
                let unit = crate::types::time_unit(digits);
                Expr::Cast(Cast::new(cast.expr, DataType::Timestamp(unit, None)))
            }
            _ => Expr::Cast(cast),
        },
        Expr::TryCast(cast) if matches!(cast.field.data_type(), DataType::Time64(_)) => {
            Expr::TryCast(TryCast::new(cast.expr, DataType::Time32(TimeUnit::Millisecond)))
        }
        other => other,
    }
}

/// An expression's value as a text, and its type.
fn evaluate(expression: &str, context: &SessionContext) -> Result<(Option<String>, String)> {
    let zone = context.copied_config().options().execution.time_zone.clone().unwrap_or_default();
    let is_ours =
        |name: &str| definitions().any(|definition| definition.name == name || definition.aliases.contains(&name));
    let calls = Regex::new(r"\b([A-Z][A-Z0-9_]*)\(").unwrap();
    let renamed = calls.replace_all(expression, |call: &Captures| {
        let name = &call[1];
        if is_ours(name) { format!("f_{}(", name.to_lowercase()) } else { call[0].to_owned() }
    });
    let renamed = [
        (r"f_extract\((\w+) FROM ", "f_extract('$1', "),
        (r"f_(floor|ceil)\((.*) TO (\w+)\)$", "f_$1($2, '$3')"),
        (r"f_position\((.*) IN (.*)\)$", "f_position($1, $2)"),
        (r"f_trim\(BOTH (.*) FROM (.*)\)$", "f_trim($2, $1)"),
        (r"f_trim\(LEADING (.*) FROM (.*)\)$", "f_ltrim($2, $1)"),
        (r"f_overlay\((.*) PLACING (.*) FROM (.*) FOR (.*)\)$", "f_overlay($1, $2, $3, $4)"),
        (r"f_overlay\((.*) PLACING (.*) FROM (.*)\)$", "f_overlay($1, $2, $3)"),
        (r"f_timestamp(add|diff)\(([A-Z]+),", "f_timestamp$1('$2',"),
        (r"MAP\[([^\]]*)\]", "f_map($1)"),
        (r"AS TIMESTAMP\)", "AS TIMESTAMP(6))"),
    ]
    .iter()
    .fold(renamed.into_owned(), |text, (pattern, ours)| {
        Regex::new(pattern).unwrap().replace_all(&text, *ours).into_owned()
    });
    let renamed = renamed
        .replace("AS STRING", "AS VARCHAR")
        .replace("AS BYTES", "AS BYTEA")
        .replace("AS TIMESTAMP_LTZ(3)", "AS TIMESTAMP(3) WITH TIME ZONE");
    let schema = DFSchema::empty();
    let parsed = context.parse_sql_expr(&renamed, &schema)?;
    let ours = parsed.transform_up(|node| Ok(Transformed::yes(flink_semantics(as_flink_types(node), &schema)?)))?.data;
    // Not folded by DataFusion, which would do it in its own zone.
    let mut properties = ExecutionProps::new();
    properties.config_options = Some(context.copied_config().options().clone());
    let coerced = ExprSimplifier::new(SimplifyContext::default()).coerce(ours, &schema)?;
    let physical = create_physical_expr(&coerced, &schema, &properties, &PhysicalPlanningContext::default())?;
    let row = RecordBatchOptions::new().with_row_count(Some(1));
    let row = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &row)?;
    let value = physical.evaluate(&row)?.into_array(1)?;
    let name = crate::types::sql_type(value.data_type());
    if *value.data_type() == DataType::Null {
        return Ok((None, name));
    }
    let text = cast_array(&value, &DataType::Utf8, false, &zone)?;
    Ok((text.as_string::<i32>().iter().next().flatten().map(str::to_owned), name))
}

fn show(expression: &str, context: &SessionContext) -> String {
    match evaluate(expression, context) {
        Ok((value, data_type)) => {
            format!("{data_type}: {}", value.map_or("NULL".to_owned(), |value| format!("'{value}'")))
        }
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn every_example_is_true() {
    let context = context("UTC");
    let mut wrong = vec![];
    for definition in definitions() {
        let (expression, expected) = definition.example;
        match evaluate(expression, &context) {
            Ok((Some(value), _)) if value == expected => {}
            other => wrong.push(format!("{expression} is {other:?}, not '{expected}'")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_are_used_once() {
    let mut names: Vec<&str> = definitions()
        .flat_map(|definition| std::iter::once(&definition.name).chain(definition.aliases))
        .copied()
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(names.iter().all(|name| name.to_uppercase() == *name));
}

/// Answers of Flink 2.3, recorded with TYPEOF; CHAR(n) and VARCHAR(n) are STRING here.
const FLINK: &str = include_str!("tests/flink.tsv");

#[test]
fn functions_answer_as_flink_does() {
    let context = context("UTC");
    let mut wrong = vec![];
    for line in FLINK.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let (Some(expression), Some(data_type), Some(value)) = (cells.next(), cells.next(), cells.next()) else {
            panic!("a line of three cells: {line}");
        };
        let expected = if value == "NULL" { format!("{data_type}: NULL") } else { format!("{data_type}: '{value}'") };
        let found = show(expression, &context);
        if found != expected {
            wrong.push(format!("{expression}\n    Flink  {expected}\n    we     {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn errors_say_what_is_wrong() {
    let context = context("UTC");
    let mut said = String::new();
    for expression in [
        "UPPER(5)",
        "SUBSTRING('a')",
        "CAST('abc' AS INT)",
        "CAST('2020-13-01' AS DATE)",
        "STR_TO_MAP('a', '(', ':')",
        "REGEXP('a', '\\X')",
        "REGEXP_COUNT('a', '(?=a)*')",
        "DATE_FORMAT(TIMESTAMP '2020-01-02 03:04:05', 'yyyy-QQ')",
        "CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'Mars')",
        "1.5 / 0.0",
        "EXTRACT('YEER', DATE '2020-01-01')",
    ] {
        said += &format!("{expression}: {}\n", show(expression, &context));
    }
    expect![[r#"
        UPPER(5): error: UPPER does not take arguments of type (INT); its signature is UPPER(text)
        SUBSTRING('a'): error: SUBSTRING does not take arguments of type (STRING); its signature is SUBSTRING(text, start [, length])
        CAST('abc' AS INT): error: cannot cast 'abc' to INT
        CAST('2020-13-01' AS DATE): error: cannot cast '2020-13-01' to DATE
        STR_TO_MAP('a', '(', ':'): error: '(' is not a regular expression that is understood: unclosed group, in STR_TO_MAP
        REGEXP('a', '\X'): error: the regular expression '\X' is not supported: `\X`, in REGEXP
        REGEXP_COUNT('a', '(?=a)*'): error: the regular expression '(?=a)*' is not supported: Target of repeat operator is invalid, in REGEXP_COUNT
        DATE_FORMAT(TIMESTAMP '2020-01-02 03:04:05', 'yyyy-QQ'): error: the letter `Q` in the pattern 'yyyy-QQ' is not supported, in DATE_FORMAT; known are y, M, d, D, E, H, h, m, s, S, a and text in single quotes
        CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'Mars'): error: 'Mars' is not a time zone, in CONVERT_TZ
        1.5 / 0.0: error: division by zero
        EXTRACT('YEER', DATE '2020-01-01'): error: `YEER` is not a unit of time, in EXTRACT; did you mean `YEAR`?
    "#]].assert_eq(&said);
}

#[test]
fn the_session_zone_counts() {
    let context = context("Europe/Berlin");
    let mut said = String::new();
    for expression in [
        "CAST(TO_TIMESTAMP_LTZ(1577836800123, 3) AS STRING)",
        "DATE_FORMAT(TO_TIMESTAMP_LTZ(1577836800123, 3), 'yyyy-MM-dd HH:mm')",
        "HOUR(TO_TIMESTAMP_LTZ(1577836800123, 3))",
        "CAST(FLOOR(TO_TIMESTAMP_LTZ(1577836800123, 3), 'DAY') AS STRING)",
        "FROM_UNIXTIME(1577836800)",
        "UNIX_TIMESTAMP('2020-01-01 00:00:00')",
        "CAST(TO_TIMESTAMP_LTZ(1577836800123, 3) AS DATE)",
        "CAST(TO_TIMESTAMP_LTZ(1577836800123, 3) AS TIMESTAMP(3))",
        // Clocks go from 02:00 to 03:00.
        "UNIX_TIMESTAMP('2020-03-29 02:30:00')",
    ] {
        said += &format!("{expression}: {}\n", show(expression, &context));
    }
    expect![[r#"
        CAST(TO_TIMESTAMP_LTZ(1577836800123, 3) AS STRING): STRING: '2020-01-01 01:00:00.123'
        DATE_FORMAT(TO_TIMESTAMP_LTZ(1577836800123, 3), 'yyyy-MM-dd HH:mm'): STRING: '2020-01-01 01:00'
        HOUR(TO_TIMESTAMP_LTZ(1577836800123, 3)): BIGINT: '1'
        CAST(FLOOR(TO_TIMESTAMP_LTZ(1577836800123, 3), 'DAY') AS STRING): STRING: '2020-01-01 00:00:00.000'
        FROM_UNIXTIME(1577836800): STRING: '2020-01-01 01:00:00'
        UNIX_TIMESTAMP('2020-01-01 00:00:00'): BIGINT: '1577833200'
        CAST(TO_TIMESTAMP_LTZ(1577836800123, 3) AS DATE): DATE: '2020-01-01'
        CAST(TO_TIMESTAMP_LTZ(1577836800123, 3) AS TIMESTAMP(3)): TIMESTAMP(3): '2020-01-01 01:00:00.123'
        UNIX_TIMESTAMP('2020-03-29 02:30:00'): BIGINT: '1585445400'
    "#]]
    .assert_eq(&said);
}
