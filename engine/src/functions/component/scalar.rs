//! Scalar functions of components, as DataFusion sees them.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use datafusion::physical_expr::PhysicalExpr;

use super::bound::fit;
use super::overload::{argument_type, resolve};
use super::pool::Place;
use super::row_errors::{host_error, row_failed};
use super::{BoundComponent, ComponentFunction, JobScope, OnError};
use crate::error::{Error, Result};

/// A component's scalar function. The planner for streams finds it by downcast and makes each call a
/// [`ComponentCallSpec`](crate::operators::ComponentCallSpec); the batch engine calls it as it is.
#[derive(Debug)]
pub struct ComponentScalar {
    function: ComponentFunction,
    signature: Signature,
}

impl ComponentScalar {
    pub(super) fn new(function: ComponentFunction, volatility: Volatility) -> Self {
        ComponentScalar { function, signature: Signature::user_defined(volatility) }
    }

    pub fn function(&self) -> &ComponentFunction {
        &self.function
    }

    /// Says itself that it always gives the same for the same, and is granted nothing that varies.
    pub fn is_deterministic(&self) -> bool {
        self.function.is_deterministic()
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

    /// One call by the batch engine or the optimiser.
    fn invoke(&self, arguments: ScalarFunctionArgs) -> Result<ArrayRef> {
        let constant = |argument: &ColumnarValue| match argument {
            ColumnarValue::Scalar(value) => Some(value.clone()),
            ColumnarValue::Array(_) => None,
        };
        let place = Place {
            function: self.function.declaration().clone(),
            types: arguments.args.iter().map(ColumnarValue::data_type).collect(),
            constants: arguments.args.iter().map(constant).collect(),
        };
        let job = JobScope::of(&arguments.config_options);
        if self.is_deterministic() && arguments.number_rows == 1 && place.constants.iter().all(Option::is_some) {
            return job.instances.constant(&place, || self.call(&arguments, &place, &job));
        }
        self.call(&arguments, &place, &job)
    }

    fn call(&self, arguments: &ScalarFunctionArgs, place: &Place, job: &JobScope) -> Result<ArrayRef> {
        let rows = arguments.number_rows;
        let (bound, mut instance) = job.instances.take(&self.function, place, job)?;
        let columns = arguments
            .args
            .iter()
            .zip(bound.argument_fields())
            .map(|(argument, parameter)| fit(&argument.to_array(rows)?, parameter))
            .collect::<Result<Vec<_>>>()?;
        let output = instance.call(&columns, rows).map_err(host_error)?;
        job.instances.put(place, instance);
        match output.errors.first() {
            Some(error) if self.function.0.on_error == OnError::Fail => {
                Err(row_failed(self.function.name(), error, &columns))
            }
            Some(error) if self.function.0.on_error != OnError::Null => {
                // Calls that may drop rows are stages of their own.
                let failed = row_failed(self.function.name(), error, &columns);
                Err(failed.hint("a function cannot drop rows here; use 'on-error' = 'null'"))
            }
            _ => Ok(output.array),
        }
    }
}

impl PartialEq for ComponentScalar {
    fn eq(&self, other: &Self) -> bool {
        self.function.declaration() == other.function.declaration()
    }
}

impl Eq for ComponentScalar {}

impl Hash for ComponentScalar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.declaration().hash(state);
    }
}

impl ScalarUDFImpl for ComponentScalar {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arguments: &[DataType]) -> DataFusionResult<Vec<DataType>> {
        let (_, parameters) = resolve(&self.function, arguments)?;
        Ok(parameters.iter().map(|parameter| argument_type(parameter.data_type())).collect())
    }

    fn return_type(&self, arguments: &[DataType]) -> DataFusionResult<DataType> {
        let (index, _) = resolve(&self.function, arguments)?;
        let functions = self.function.0.package.functions();
        let signature = functions.get(index).ok_or_else(|| Error::bug("an overload that is not in its package"))?;
        Ok(signature.result.data_type().clone())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        Ok(ColumnarValue::Array(self.invoke(arguments)?))
    }
}
