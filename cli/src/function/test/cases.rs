//! The file of cases: a JSON object a line.

use std::path::Path;

use anabranch::arrow::array::RecordBatch;
use anabranch::arrow::datatypes::{DataType, Field};
use anabranch::{Error, Result};
use anabranch_host::{FunctionKind, Package, Signature};
use serde_json::{Map, Value};

use super::outcome::{Outcome, texts_of_rows};
use super::{is_aggregate, signature};
use crate::function::overloads;
use crate::function::rows::decode;

/// What a function must give for some rows.
pub struct Case {
    /// Line of the file, from 1.
    pub line: usize,
    /// Number of the function in its package.
    pub function: usize,
    /// A column for each parameter: of an aggregate, rows to accumulate, then rows to retract.
    pub arguments: RecordBatch,
    /// How many of the rows are retracted.
    pub retracted: usize,
    /// The rows of the result as text, or a part of the error's message.
    pub expected: Outcome,
}

/// A line as it is written.
struct Line {
    function: String,
    rows: Vec<Value>,
    retract: Vec<Value>,
    expected: Result<Value, String>,
}

pub fn read(file: &Path, package: &Package) -> Result<Vec<Case>> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Error::user(format!("cannot read the cases in `{}`: {error}", file.display()))
            .hint("`anabranch function test --help` says how cases are written")
    })?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            parse(line)
                .and_then(|line| case(index + 1, &line, package))
                .map_err(|error| error.context(format!("in line {} of `{}`", index + 1, file.display())))
        })
        .collect()
}

fn parse(line: &str) -> Result<Line> {
    let mut fields: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| Error::user(format!("it is no JSON object: {error}")))?;
    let Some(Value::String(function)) = fields.remove("function") else {
        return Err(Error::user("a case names its \"function\""));
    };
    let list = |name: &str, value: Option<Value>| match value {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(Error::user(format!("\"{name}\" is a list"))),
    };
    let rows = match (list("arguments", fields.remove("arguments"))?, list("rows", fields.remove("rows"))?) {
        (Some(arguments), None) => vec![Value::Array(arguments)],
        (None, Some(rows)) => rows,
        _ => return Err(Error::user("a case has either \"arguments\" (of one row) or \"rows\"")),
    };
    let retract = list("retract", fields.remove("retract"))?.unwrap_or_default();
    let expected = match (fields.remove("result"), fields.remove("error")) {
        (Some(result), None) => Ok(result),
        (None, Some(Value::String(error))) => Err(error),
        _ => return Err(Error::user("a case has either a \"result\" or an \"error\" (a text)")),
    };
    match fields.keys().next() {
        Some(unknown) => Err(Error::user(format!("a case has no \"{unknown}\""))),
        None => Ok(Line { function, rows, retract, expected }),
    }
}

/// The case for the overload that its values suit best.
fn case(line: usize, written: &Line, package: &Package) -> Result<Case> {
    let mut overloads = overloads(package, &written.function)?;
    overloads.sort_by_key(|(_, function)| misfits(function, &written.rows));
    let mut refused = Error::bug("a function without overloads");
    for (number, function) in overloads {
        match typed(line, written, number, function) {
            Ok(case) => return Ok(case),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn typed(line: usize, written: &Line, number: usize, function: &Signature) -> Result<Case> {
    if !is_aggregate(function.kind) && (written.rows.len() != 1 || !written.retract.is_empty()) {
        return Err(Error::user(format!("a case of {} has one row", signature(function))));
    }
    if !written.retract.is_empty() && !function.retracts {
        return Err(Error::user(format!("{} does not retract", signature(function))));
    }
    let rows: Vec<Value> = written.rows.iter().chain(&written.retract).cloned().collect();
    let arguments = decode(&function.parameters, &rows).map_err(|error| error.context(signature(function)))?;
    let expected = match &written.expected {
        Ok(result) => Ok(result_rows(function, result)?),
        Err(error) => Err(error.clone()),
    };
    Ok(Case { line, function: number, arguments, retracted: written.retract.len(), expected })
}

/// The expected rows as the function's own would be shown.
fn result_rows(function: &Signature, result: &Value) -> Result<Vec<String>> {
    let (fields, rows): (Vec<Field>, Vec<Value>) = match (function.kind, function.result.data_type(), result) {
        (FunctionKind::Table, DataType::Struct(columns), Value::Array(rows)) => {
            (columns.iter().map(|column| column.as_ref().clone()).collect(), rows.clone())
        }
        (FunctionKind::Table, _, _) => return Err(Error::user("the \"result\" of a table function is a list of rows")),
        (_, data_type, value) => {
            (vec![Field::new("result", data_type.clone(), true)], vec![Value::Array(vec![value.clone()])])
        }
    };
    texts_of_rows(decode(&fields, &rows)?.columns())
}

/// How many values of the rows are of another kind than their parameters.
fn misfits(function: &Signature, rows: &[Value]) -> usize {
    let values = |row: &Value| match row {
        Value::Array(values) => values.clone(),
        Value::Object(object) => object.values().cloned().collect(),
        _ => vec![],
    };
    let misfit = |(value, parameter): &(Value, &Field)| {
        let kind = parameter.data_type();
        let fits = match value {
            Value::Null => true,
            Value::Bool(_) => kind == &DataType::Boolean,
            Value::Number(number) if number.is_f64() => kind.is_floating() || matches!(kind, DataType::Decimal128(..)),
            Value::Number(_) => kind.is_integer(),
            Value::String(_) => kind == &DataType::Utf8,
            Value::Array(_) => matches!(kind, DataType::List(_)),
            Value::Object(_) => matches!(kind, DataType::Struct(_) | DataType::Map(..)),
        };
        !fits
    };
    rows.iter()
        .map(|row| {
            let values = values(row);
            let unequal = values.len().abs_diff(function.parameters.len());
            unequal + values.into_iter().zip(&function.parameters).filter(misfit).count()
        })
        .sum()
}
