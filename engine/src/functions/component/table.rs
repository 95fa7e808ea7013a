//! Table functions of components.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef, SchemaRef};
use datafusion::physical_expr::PhysicalExpr;

use super::overload::resolve;
use super::{BoundComponent, ComponentFunction, JobScope};
use crate::error::{Error, Result};

/// A component's table function: `LATERAL TABLE(f(x))`.
#[derive(Debug, Clone)]
pub struct ComponentTable {
    pub(super) function: ComponentFunction,
}

impl ComponentTable {
    pub fn function(&self) -> &ComponentFunction {
        &self.function
    }

    pub fn name(&self) -> &str {
        self.function.name()
    }

    pub fn is_deterministic(&self) -> bool {
        self.function.is_deterministic()
    }

    /// The columns that it gives for arguments of these types.
    ///
    /// # Errors
    /// User errors where no overload takes the arguments.
    pub fn columns(&self, arguments: &[DataType]) -> Result<Vec<FieldRef>> {
        let (index, _) = resolve(&self.function, arguments)?;
        match self.function.0.package.functions().get(index).map(|signature| signature.result.data_type()) {
            Some(DataType::Struct(columns)) => Ok(columns.iter().cloned().collect()),
            other => Err(Error::bug(format!("table function '{}' gives {other:?}", self.name()))),
        }
    }

    /// Binds a call with these arguments over `input`; gives the arguments back cast to the overload's parameter types.
    ///
    /// # Errors
    /// User errors where no overload takes the arguments; function errors where the function refuses the binding.
    pub fn bind(
        &self,
        arguments: Vec<Arc<dyn PhysicalExpr>>,
        input: &SchemaRef,
        job: &JobScope,
    ) -> Result<(BoundComponent, Vec<Arc<dyn PhysicalExpr>>)> {
        BoundComponent::of_expressions(&self.function, arguments, input, job)
    }
}
