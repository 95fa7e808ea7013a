//! The window table-valued functions in the logical plan: the input's columns, then window_start, window_end and
//! window_time.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::{DFSchema, DFSchemaRef, TableReference};
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};

use crate::error::{Error, Result};
use crate::operators::Window;
use crate::types;

/// What a time attribute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimeAttribute {
    /// A column with a watermark. `local`: a TIMESTAMP_LTZ.
    Event { local: bool },
    /// The time at which a row is processed.
    Processing,
}

/// `TUMBLE(TABLE t, DESCRIPTOR(ts), size)`, and the windows of `GROUP BY TUMBLE(ts, size)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowAssign {
    pub input: Arc<LogicalPlan>,
    pub window: Window,
    pub attribute: TimeAttribute,
    /// The time column; `None` for processing time.
    pub time: Option<Expr>,
    schema: DFSchemaRef,
}

/// The columns that are added, in order.
pub const WINDOW_COLUMNS: [&str; 3] = ["window_start", "window_end", "window_time"];

impl WindowAssign {
    /// `qualifier` is that of the added columns.
    ///
    /// # Errors
    /// A user error where the input has a column of one of their names under the same qualifier.
    pub fn new(
        input: LogicalPlan,
        window: Window,
        attribute: TimeAttribute,
        time: Option<Expr>,
        qualifier: Option<TableReference>,
    ) -> Result<Self> {
        let bound = DataType::Timestamp(TimeUnit::Millisecond, None);
        let of_time = match attribute {
            TimeAttribute::Event { local: false } => bound.clone(),
            _ => types::timestamp_ltz(TimeUnit::Millisecond),
        };
        let added = WINDOW_COLUMNS
            .iter()
            .zip([bound.clone(), bound, of_time])
            .map(|(name, data_type)| (qualifier.clone(), Arc::new(Field::new(*name, data_type, false))));
        let fields = input.schema().iter().map(|(qualifier, field)| (qualifier.cloned(), field.clone())).chain(added);
        let schema = DFSchema::new_with_metadata(fields.collect(), Default::default())
            .map_err(|error| Error::from(error).context("while adding window_start, window_end and window_time"))?;
        Ok(WindowAssign { input: Arc::new(input), window, attribute, time, schema: Arc::new(schema) })
    }

    /// The added columns.
    pub fn schema_of_added(&self) -> impl Iterator<Item = &FieldRef> {
        self.schema.fields().iter().skip(self.input_width())
    }

    /// Columns of the input; the added ones come behind.
    pub fn input_width(&self) -> usize {
        self.input.schema().fields().len()
    }
}

impl Hash for WindowAssign {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.input.hash(state);
        self.attribute.hash(state);
        self.time.hash(state);
        self.window.to_string().hash(state);
    }
}

impl PartialOrd for WindowAssign {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.input.partial_cmp(&other.input)
    }
}

impl UserDefinedLogicalNodeCore for WindowAssign {
    fn name(&self) -> &str {
        "WindowTableFunction"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        self.time.iter().cloned().collect()
    }

    /// Conditions on the window itself stay above.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        WINDOW_COLUMNS.iter().map(|name| (*name).to_owned()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let time = self.time.as_ref().map_or("proctime".to_owned(), |time| time.to_string());
        write!(f, "WindowTableFunction: {}", self.window.to_string().replacen('(', &format!("(time_col=[{time}], "), 1))
    }

    fn with_exprs_and_inputs(
        &self,
        mut expressions: Vec<Expr>,
        mut inputs: Vec<LogicalPlan>,
    ) -> DataFusionResult<Self> {
        let input = inputs.pop().ok_or_else(|| Error::bug("a window function without an input"))?;
        let qualifier = self.schema.qualified_field(self.input_width()).0.cloned();
        Ok(WindowAssign::new(input, self.window, self.attribute, expressions.pop(), qualifier)?)
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let width = self.input_width();
        let mut needed: Vec<usize> = output_columns.iter().copied().filter(|column| *column < width).collect();
        if let Some(Expr::Column(time)) = &self.time {
            needed.push(self.input.schema().maybe_index_of_column(time)?);
        }
        needed.sort_unstable();
        needed.dedup();
        Some(vec![needed])
    }
}
