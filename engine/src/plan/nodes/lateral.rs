//! `LATERAL TABLE(f(x))` in the logical plan: one input, whose columns come first, then the function's.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::datatypes::Field;
use datafusion::common::{DFSchema, DFSchemaRef, TableReference};
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, UserDefinedLogicalNodeCore};

use crate::error::{Error, Result};
use crate::functions::component::ComponentTable;
use crate::operators::LateralJoin;

/// The table function of a [`Lateral`], compared by its name: a plan has one function of a name.
#[derive(Debug, Clone)]
pub struct LateralFunction(pub Arc<ComponentTable>);

impl PartialEq for LateralFunction {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.name() == other.0.name()
    }
}

impl Eq for LateralFunction {}

impl Hash for LateralFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name().hash(state);
    }
}

/// Each row of the input with the rows that the function gives for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lateral {
    pub input: Arc<LogicalPlan>,
    pub function: LateralFunction,
    pub arguments: Vec<Expr>,
    pub join: LateralJoinKind,
    schema: DFSchemaRef,
}

/// What becomes of a row for which the function gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LateralJoinKind {
    Inner,
    Left,
}

impl From<LateralJoinKind> for LateralJoin {
    fn from(kind: LateralJoinKind) -> Self {
        match kind {
            LateralJoinKind::Inner => LateralJoin::Inner,
            LateralJoinKind::Left => LateralJoin::Left,
        }
    }
}

impl Lateral {
    /// The function's columns get the qualifier and, where they are given, the names.
    ///
    /// # Errors
    /// User errors where the function does not take the arguments or has another number of columns.
    pub fn new(
        input: LogicalPlan,
        function: LateralFunction,
        arguments: Vec<Expr>,
        join: LateralJoinKind,
        qualifier: TableReference,
        names: &[String],
    ) -> Result<Self> {
        let types = arguments.iter().map(|it| it.get_type(input.schema())).collect::<Result<Vec<_>, _>>()?;
        let columns = function.0.columns(&types)?;
        if !names.is_empty() && names.len() != columns.len() {
            return Err(Error::user(format!(
                "table function '{}' has {} columns, and {} names are given",
                function.0.name(),
                columns.len(),
                names.len()
            )));
        }
        let added = columns.iter().enumerate().map(|(index, column)| {
            let name = names.get(index).unwrap_or_else(|| column.name());
            (Some(qualifier.clone()), Arc::new(Field::new(name, column.data_type().clone(), true)))
        });
        let fields = input.schema().iter().map(|(qualifier, field)| (qualifier.cloned(), field.clone())).chain(added);
        let schema = Arc::new(DFSchema::new_with_metadata(fields.collect(), Default::default())?);
        Ok(Lateral { input: Arc::new(input), function, arguments, join, schema })
    }

    /// Columns of the input; the function's come behind.
    pub fn input_width(&self) -> usize {
        self.input.schema().fields().len()
    }

    /// The names of the function's columns.
    pub fn names(&self) -> Vec<String> {
        self.schema.fields()[self.input_width()..].iter().map(|field| field.name().clone()).collect()
    }
}

impl PartialOrd for Lateral {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.input.partial_cmp(&other.input)
    }
}

impl UserDefinedLogicalNodeCore for Lateral {
    fn name(&self) -> &str {
        "Correlate"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        self.arguments.clone()
    }

    /// Conditions on the function's columns stay above.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        self.names().into_iter().collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let arguments = self.arguments.iter().map(|it| it.to_string()).collect::<Vec<_>>().join(", ");
        write!(f, "Correlate: invocation=[{}({arguments})], joinType=[{:?}]", self.function.0.name(), self.join)
    }

    fn with_exprs_and_inputs(&self, expressions: Vec<Expr>, mut inputs: Vec<LogicalPlan>) -> DataFusionResult<Self> {
        let input = inputs.pop().ok_or_else(|| Error::bug("a lateral table without an input"))?;
        let added = self.schema.iter().skip(self.input_width());
        let added = added.map(|(qualifier, field)| (qualifier.cloned(), field.clone())).collect::<Vec<_>>();
        let fields = input.schema().iter().map(|(qualifier, field)| (qualifier.cloned(), field.clone())).chain(added);
        let schema = Arc::new(DFSchema::new_with_metadata(fields.collect(), Default::default())?);
        Ok(Lateral { input: Arc::new(input), arguments: expressions, schema, ..self.clone() })
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let width = self.input_width();
        let mut needed: Vec<usize> = output_columns.iter().copied().filter(|column| *column < width).collect();
        for argument in &self.arguments {
            for column in argument.column_refs() {
                needed.push(self.input.schema().maybe_index_of_column(column)?);
            }
        }
        needed.sort_unstable();
        needed.dedup();
        Some(vec![needed])
    }
}
