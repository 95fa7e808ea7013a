//! One aggregate of a GROUP BY: what function, over which columns, with DISTINCT or FILTER.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, SchemaRef};

use crate::error::{Error, Result};
use crate::functions::AggregateFunction;
use crate::functions::aggregates::distinct;

/// An aggregate in the plan of an aggregating operator. Expressions stand in a Calc below: arguments are columns.
#[derive(Debug, Clone)]
pub struct AggregateCall {
    /// Its column in the output, for EXPLAIN: `cnt`.
    pub name: String,
    /// The function itself, without DISTINCT: the operator wraps it.
    pub function: Arc<dyn AggregateFunction>,
    /// Columns of the input, none for `COUNT(*)`.
    pub arguments: Vec<usize>,
    /// Each combination of arguments counts once.
    pub distinct: bool,
    /// Boolean column of the input: only rows where it is true are aggregated.
    pub filter: Option<usize>,
}

impl AggregateCall {
    /// `COUNT(DISTINCT user_id) FILTER valid AS uv`, with the names of the input's columns.
    pub fn describe(&self, input: &SchemaRef) -> String {
        let column = |index: &usize| input.fields().get(*index).map_or("?", |field| field.name().as_str());
        let mut arguments = self.arguments.iter().map(column).collect::<Vec<_>>().join(", ");
        if arguments.is_empty() {
            arguments.push('*');
        }
        let distinct = if self.distinct { "DISTINCT " } else { "" };
        let filter = self.filter.as_ref().map_or(String::new(), |filter| format!(" FILTER {}", column(filter)));
        let granted = self.function.describe_grants();
        format!("{}({distinct}{arguments}){granted}{filter} AS {}", self.function.name(), self.name)
    }

    /// The function as the operator runs it: with DISTINCT around it where that is asked for.
    ///
    /// # Errors
    /// A bug where an argument is no column of the input.
    pub fn resolve(&self, input: &SchemaRef) -> Result<Arc<dyn AggregateFunction>> {
        if !self.distinct {
            return Ok(self.function.clone());
        }
        let types = self.arguments.iter().map(|&index| column_type(input, index)).collect::<Result<Vec<_>>>()?;
        Ok(distinct(self.function.clone(), types))
    }
}

fn column_type(schema: &SchemaRef, index: usize) -> Result<DataType> {
    let field = schema.fields().get(index);
    Ok(field.ok_or_else(|| Error::bug(format!("no column {index} in {schema}")))?.data_type().clone())
}
