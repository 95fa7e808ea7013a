//! A component's function at a place in a plan.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anabranch_host::{BindRequest, BoundFunction, FunctionTotals, Limits};
use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Literal, cast};

use super::overload::{argument_type, resolve, same};
use super::row_errors::host_error;
use super::{AsyncOptions, ComponentFunction, JobScope, OnError};
use crate::error::{Error, Result};
use crate::functions::scalar::{cast_array, physical_cast};

/// A function bound to a place in a plan: argument types, constants and session zone are agreed with it. Operators make
/// an instance of it per subtask.
#[derive(Debug, Clone)]
pub struct BoundComponent {
    pub(super) function: ComponentFunction,
    pub(super) bound: BoundFunction,
}

/// A column as a parameter is bound: in its layout, with whatever NULLs there are inside.
pub(super) fn fit(column: &ArrayRef, parameter: &Field) -> Result<ArrayRef> {
    let (from, to) = (column.data_type(), parameter.data_type());
    match from.is_nested() {
        true if same(from, to) => Ok(column.clone()),
        // No implicit cast asks for the session's zone.
        true => cast_array(column, &argument_type(to), false, "UTC"),
        false => Ok(compute::cast(column, to)?),
    }
}

impl BoundComponent {
    /// Binds an overload to arguments of the types of its parameters, of which some may be constants.
    ///
    /// # Errors
    /// User errors where no overload takes the types; function errors where the function refuses the binding.
    pub(super) fn bind(
        function: &ComponentFunction,
        types: &[DataType],
        constants: &[Option<ScalarValue>],
        job: &JobScope,
    ) -> Result<Self> {
        let (index, parameters) = resolve(function, types)?;
        let constant = |(position, parameter): (usize, &Field)| -> Result<Option<ArrayRef>> {
            match constants.get(position) {
                Some(Some(value)) => Ok(Some(fit(&value.to_array()?, parameter)?)),
                _ => Ok(None),
            }
        };
        let loaded = &function.0;
        let request = BindRequest {
            function: index,
            name: function.name().to_string(),
            arguments: parameters.to_vec(),
            constants: parameters.iter().enumerate().map(constant).collect::<Result<_>>()?,
            time_zone: job.time_zone.to_string(),
            options: loaded.options.clone(),
        };
        let limits = Limits { budget: Some(job.memory.clone()), ..loaded.limits.clone() };
        let bound = loaded.package.bind(request, limits, loaded.grants.clone()).map_err(host_error)?;
        job.add(function, bound.metrics());
        Ok(BoundComponent { function: function.clone(), bound })
    }

    /// Binds a call over `input`; gives the arguments back cast to the overload's parameter types.
    pub(super) fn of_expressions(
        function: &ComponentFunction,
        arguments: Vec<Arc<dyn PhysicalExpr>>,
        input: &SchemaRef,
        job: &JobScope,
    ) -> Result<(Self, Vec<Arc<dyn PhysicalExpr>>)> {
        let types = arguments.iter().map(|argument| Ok(argument.data_type(input)?)).collect::<Result<Vec<_>>>()?;
        let constants: Vec<_> =
            arguments.iter().map(|argument| argument.downcast_ref::<Literal>().map(|it| it.value().clone())).collect();
        let bound = Self::bind(function, &types, &constants, job)?;
        let arguments = arguments
            .into_iter()
            .zip(&types)
            .zip(bound.bound.argument_fields())
            .map(|((argument, from), parameter)| {
                let to = argument_type(parameter.data_type());
                match from.is_nested() {
                    _ if *from == to => Ok(argument),
                    true if same(from, &to) => Ok(argument),
                    true => physical_cast(argument, &to, input, &job.time_zone),
                    false => Ok(cast(argument, input, to)?),
                }
            })
            .collect::<Result<Vec<_>>>()?;
        Ok((bound, arguments))
    }

    /// As SQL calls it.
    pub fn name(&self) -> &str {
        self.function.name()
    }

    pub fn function(&self) -> &ComponentFunction {
        &self.function
    }

    /// For EXPLAIN: ` GRANTED [clock]`; nothing where nothing is granted.
    pub fn describe_grants(&self) -> String {
        let granted = self.function.granted();
        if granted.is_empty() { granted } else { format!(" GRANTED [{granted}]") }
    }

    /// Of a scalar or aggregate function the value's type, of a table function the struct of its columns.
    pub fn result_type(&self) -> &DataType {
        self.bound.result_field().data_type()
    }

    /// The columns of a table function.
    pub fn table_columns(&self) -> Result<Vec<FieldRef>> {
        match self.result_type() {
            DataType::Struct(columns) => Ok(columns.iter().cloned().collect()),
            other => Err(Error::bug(format!("table function '{}' gives {other}", self.name()))),
        }
    }

    /// What becomes of a row that fails.
    pub fn on_error(&self) -> OnError {
        self.function.0.on_error
    }

    /// The table for rows that fail, where the policy says so.
    pub fn dead_letter_table(&self) -> Option<&Arc<str>> {
        self.function.0.dead_letter_table.as_ref()
    }

    /// How it is called where it waits; `None`: as others are.
    pub fn asynchronous(&self) -> Option<&AsyncOptions> {
        self.function.asynchronous()
    }

    /// The parameters as bound.
    pub fn parameters(&self) -> &[Field] {
        self.bound.argument_fields()
    }

    /// What its instances have done so far.
    pub fn totals(&self) -> FunctionTotals {
        self.bound.totals()
    }

    /// An instance for one subtask, which gives up when `cancelled` is set.
    pub fn scalar_instance(&self, cancelled: &Arc<AtomicBool>) -> Result<anabranch_host::ScalarFunction> {
        let mut instance = self.bound.scalar().map_err(host_error)?;
        if self.on_error() != OnError::Fail {
            instance.persist_until(cancelled.clone());
        } else {
            instance.stop_when(cancelled.clone());
        }
        Ok(instance)
    }

    /// An instance for one subtask, which gives up when `cancelled` is set.
    pub fn table_instance(&self, cancelled: &Arc<AtomicBool>) -> Result<anabranch_host::TableFunction> {
        let mut instance = self.bound.table().map_err(host_error)?;
        if self.on_error() != OnError::Fail {
            instance.persist_until(cancelled.clone());
        } else {
            instance.stop_when(cancelled.clone());
        }
        Ok(instance)
    }
}
