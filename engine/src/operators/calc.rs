//! Calc: a filter, then a projection, as DataFusion's vectorised expressions. Row kinds stay with their rows.
//!
//! ```text
//! SELECT UPPER(word), n + 1 FROM words WHERE n > 1
//!   +I a 1      (nothing)
//!   -U b 2      -U B 3
//! ```

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::{cast, prep_null_mask_filter};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::Operator as Arithmetic;
use datafusion::physical_expr::expressions::BinaryExpr;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_expr_common::physical_expr::fmt_sql;

use super::{Operator, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::ChangelogBatch;
use crate::error::{Error, Result};

/// The plan of a filter and projection.
#[derive(Debug, Clone)]
pub struct CalcSpec {
    /// Boolean over the input: rows for which it is true go on.
    pub filter: Option<Arc<dyn PhysicalExpr>>,
    /// The output columns, over the input; `None`: the input's columns as they are.
    pub projection: Option<Vec<Arc<dyn PhysicalExpr>>>,
    /// Schema of the output. Its types are those of the expressions; names may differ.
    pub schema: SchemaRef,
}

impl OperatorSpec for CalcSpec {
    fn name(&self) -> &'static str {
        "Calc"
    }

    fn describe(&self) -> String {
        let mut parts = Vec::new();
        match &self.projection {
            None => parts.push(format!("select=[{}]", names(&self.schema).join(", "))),
            Some(expressions) => {
                let columns = expressions.iter().zip(names(&self.schema)).map(|(expression, name)| {
                    let text = describe(expression);
                    if text == name { text } else { format!("{text} AS {name}") }
                });
                parts.push(format!("select=[{}]", columns.collect::<Vec<_>>().join(", ")));
            }
        }
        if let Some(filter) = &self.filter {
            parts.push(format!("where=[{}]", describe(filter)));
        }
        parts.join(", ")
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn create(&self, _subtask: &Subtask) -> Result<Box<dyn Operator>> {
        if let Some(expressions) = &self.projection
            && expressions.len() != self.schema.fields().len()
        {
            return Err(Error::bug(format!(
                "{} expressions for {} columns",
                expressions.len(),
                self.schema.fields().len()
            )));
        }
        Ok(Box::new(Calc { spec: self.clone() }))
    }
}

fn names(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// An expression for people: columns by their names alone, so that it reads like SQL.
pub(super) fn describe(expression: &Arc<dyn PhysicalExpr>) -> String {
    // Arithmetic that is Flink's and not DataFusion's is made of functions that are named as the operators.
    let with_operators = expression.clone().transform_up(|node| {
        let Some(call) = node.downcast_ref::<ScalarFunctionExpr>() else { return Ok(Transformed::no(node)) };
        let operator = match call.name() {
            "+" => Arithmetic::Plus,
            "-" => Arithmetic::Minus,
            "*" => Arithmetic::Multiply,
            "/" => Arithmetic::Divide,
            "%" => Arithmetic::Modulo,
            _ => return Ok(Transformed::no(node)),
        };
        let [left, right] = call.args() else { return Ok(Transformed::no(node)) };
        let binary = BinaryExpr::new(left.clone(), operator, right.clone());
        Ok(Transformed::yes(Arc::new(binary) as Arc<dyn PhysicalExpr>))
    });
    let shown = with_operators.map_or_else(|_| expression.clone(), |shown| shown.data);
    fmt_sql(shown.as_ref()).to_string()
}

/// Evaluates an expression over a batch, to a column of `rows` values.
///
/// # Errors
/// Those of the expression, with the expression named.
pub(super) fn evaluate(expression: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<ArrayRef> {
    expression
        .evaluate(batch)
        .and_then(|value| value.into_array(batch.num_rows()))
        .map_err(|error| Error::from(error).context(format!("while evaluating `{}`", describe(expression))))
}

/// Evaluates a predicate: true where it is true, false where it is false or NULL.
pub(super) fn evaluate_filter(expression: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<BooleanArray> {
    let values = evaluate(expression, batch)?;
    match values.as_boolean_opt() {
        Some(mask) if mask.null_count() > 0 => Ok(prep_null_mask_filter(mask)),
        Some(mask) => Ok(mask.clone()),
        // The literal NULL.
        None if values.data_type() == &DataType::Null => Ok(BooleanArray::from(vec![false; values.len()])),
        None => Err(Error::bug(format!("the filter `{}` is {}", describe(expression), values.data_type()))),
    }
}

struct Calc {
    spec: CalcSpec,
}

impl Operator for Calc {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, _now: Timestamp, out: &mut Output) -> Result<Step> {
        let batch = match &self.spec.filter {
            None => batch,
            Some(filter) => {
                let mask = evaluate_filter(filter, batch.rows())?;
                match mask.true_count() {
                    0 => return Ok(Step::Done),
                    all if all == batch.num_rows() => batch,
                    _ => batch.filter(&mask)?,
                }
            }
        };
        let rows = batch.rows();
        let columns = match &self.spec.projection {
            None => rows.columns().to_vec(),
            Some(expressions) => expressions
                .iter()
                .zip(self.spec.schema.fields())
                .map(|(expression, field)| {
                    let column = evaluate(expression, rows)?;
                    // The same values in another layout, or a NULL without a type.
                    Ok(if column.data_type() == field.data_type() { column } else { cast(&column, field.data_type())? })
                })
                .collect::<Result<Vec<_>>>()?,
        };
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        let projected = RecordBatch::try_new_with_options(self.spec.schema.clone(), columns, &options)?;
        out.push(batch.with_rows(projected)?);
        Ok(Step::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::super::harness::Harness;
    use super::*;
    use datafusion::arrow::datatypes::{Field, Schema};
    use datafusion::common::ScalarValue;
    use datafusion::logical_expr::Operator as Op;
    use datafusion::physical_expr::expressions::{binary, col, lit};
    use expect_test::expect;

    fn input() -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("word", DataType::Utf8, true), Field::new("n", DataType::Int64, true)]))
    }

    fn schema(fields: &[(&str, DataType)]) -> SchemaRef {
        Arc::new(Schema::new(fields.iter().map(|(name, it)| Field::new(*name, it.clone(), true)).collect::<Vec<_>>()))
    }

    #[test]
    fn rows_keep_their_kinds() {
        let input = input();
        let filter = binary(col("n", &input).unwrap(), Op::Gt, lit(1i64), &input).unwrap();
        let next = binary(col("n", &input).unwrap(), Op::Plus, lit(1i64), &input).unwrap();
        let spec = CalcSpec {
            filter: Some(filter),
            projection: Some(vec![next, col("word", &input).unwrap(), lit(ScalarValue::Null)]),
            schema: schema(&[("next", DataType::Int64), ("word", DataType::Utf8), ("nothing", DataType::Utf8)]),
        };
        expect!["select=[n + 1 AS next, word, NULL AS nothing], where=[n > 1]"].assert_eq(&spec.describe());
        let mut harness = Harness::new(spec, vec![(input, vec![])]);
        expect![[r#"
            -U 3 b null
            +U 4 b null
        "#]]
        .assert_eq(&harness.run("+I a 1\n-U b 2\n+U b 3\n-D c null"));
    }

    #[test]
    fn columns_are_picked_without_a_copy() {
        let input = input();
        let spec = CalcSpec {
            filter: None,
            projection: Some(vec![col("n", &input).unwrap()]),
            schema: schema(&[("n", DataType::Int64)]),
        };
        let numbers: ArrayRef = Arc::new(datafusion::arrow::array::Int64Array::from(vec![1, 2]));
        let words: ArrayRef = Arc::new(datafusion::arrow::array::StringArray::from(vec!["a", "b"]));
        let batch = RecordBatch::try_new(input, vec![words, numbers.clone()]).unwrap();
        let mut operator = spec.create(&Subtask::for_test()).unwrap();
        let mut out = Output::new(10);
        let step = operator.process(0, ChangelogBatch::inserts(batch), 0, &mut out).unwrap();
        assert_eq!(step, Step::Done);
        assert!(Arc::ptr_eq(out.pop().unwrap().rows().column(0), &numbers));
    }

    #[test]
    fn an_error_names_its_expression() {
        let input = input();
        let divided = binary(lit(1i64), Op::Divide, col("n", &input).unwrap(), &input).unwrap();
        let spec =
            CalcSpec { filter: None, projection: Some(vec![divided]), schema: schema(&[("x", DataType::Int64)]) };
        let numbers: ArrayRef = Arc::new(datafusion::arrow::array::Int64Array::from(vec![0]));
        let words: ArrayRef = Arc::new(datafusion::arrow::array::StringArray::from(vec!["a"]));
        let batch = RecordBatch::try_new(input, vec![words, numbers]).unwrap();
        let mut operator = spec.create(&Subtask::for_test()).unwrap();
        let error = operator.process(0, ChangelogBatch::inserts(batch), 0, &mut Output::new(10)).unwrap_err();
        expect!["division by zero, while evaluating `1 / n`"].assert_eq(&error.to_string());
    }
}
