//! Aggregate functions of components.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anabranch_host::{AggregateFunction as Instance, RowError};
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, FieldRef};

use super::bound::fit;
use super::left_out::LeftOut;
use super::overload::{argument_type, resolve};
use super::row_errors::{group_failed, host_error, merge_failed, row_failed};
use super::{BoundComponent, ComponentFunction, OnError};
use crate::error::Result;
use crate::functions::udaf::{AggregateArguments, AggregateResolver};
use crate::functions::{Accumulators, AggregateFunction};

/// A component's aggregate as the planner's aggregates find it.
#[derive(Debug)]
pub(super) struct ComponentResolver(pub ComponentFunction);

impl AggregateResolver for ComponentResolver {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let (_, parameters) = resolve(&self.0, types)?;
        Ok(parameters.iter().map(|parameter| argument_type(parameter.data_type())).collect())
    }

    fn resolve(&self, arguments: &AggregateArguments) -> Result<Arc<dyn AggregateFunction>> {
        let bound = BoundComponent::bind(&self.0, &arguments.types, &arguments.constants, &arguments.job)?;
        Ok(Arc::new(ComponentAggregate(bound)))
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let (index, _) = resolve(&self.0, types)?;
        Ok(self.0.0.package.functions()[index].result.data_type().clone())
    }

    fn is_deterministic(&self) -> bool {
        self.0.is_deterministic()
    }

    fn granted(&self) -> String {
        self.0.granted()
    }

    fn dead_letter_table(&self) -> Option<&Arc<str>> {
        self.0.dead_letter_table()
    }

    fn identity(&self) -> String {
        format!("{:?}", self.0.declaration())
    }
}

/// A component's aggregate with its argument types settled.
#[derive(Debug)]
struct ComponentAggregate(BoundComponent);

impl AggregateFunction for ComponentAggregate {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn return_type(&self) -> DataType {
        self.0.result_type().clone()
    }

    fn state_fields(&self) -> Vec<FieldRef> {
        let mut fields: Vec<FieldRef> = self.0.bound.state_fields().iter().cloned().map(Arc::new).collect();
        fields.extend(self.remembered().map(|types| LeftOut::state_field(&types)));
        fields
    }

    fn retracts(&self) -> bool {
        self.0.bound.supports_retract()
    }

    fn merges(&self) -> bool {
        self.0.bound.supports_merge()
    }

    fn is_deterministic(&self) -> bool {
        self.0.function.is_deterministic()
    }

    fn describe_grants(&self) -> String {
        self.0.describe_grants()
    }

    fn create(&self, append_only: bool) -> Result<Box<dyn Accumulators>> {
        let on_error = match self.0.on_error() {
            OnError::Fail => anabranch_host::OnError::Fail,
            // An accumulator has no place for a NULL: the row is left out either way.
            OnError::Null | OnError::Skip | OnError::DeadLetter => anabranch_host::OnError::Skip,
        };
        let instance = self.0.bound.aggregate(on_error).map_err(host_error)?;
        let left_out = self.remembered().map(LeftOut::new).transpose()?;
        Ok(Box::new(ComponentAccumulators {
            bound: self.0.clone(),
            instance,
            failures: vec![],
            failed_group: None,
            left_out,
            append_only,
        }))
    }

    fn component(&self) -> Option<&BoundComponent> {
        Some(&self.0)
    }
}

impl ComponentAggregate {
    /// The types of rows that are remembered when they are left out: where rows may be taken back.
    fn remembered(&self) -> Option<Vec<DataType>> {
        let types = || self.0.parameters().iter().map(|field| argument_type(field.data_type())).collect::<Vec<_>>();
        (self.0.on_error() != OnError::Fail && self.retracts())
            .then(types)
            .filter(|types| LeftOut::new(types.clone()).is_ok())
    }
}

struct ComponentAccumulators {
    bound: BoundComponent,
    instance: Instance,
    /// `None`: none are left out, or none can be taken back.
    left_out: Option<LeftOut>,
    append_only: bool,
    /// Of the last rows that came.
    failures: Vec<RowError>,
    /// Of the last evaluation.
    failed_group: Option<usize>,
}

impl ComponentAccumulators {
    /// Arguments in the layout that was bound.
    fn arguments(&self, columns: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        let parameters = self.bound.bound.argument_fields();
        columns.iter().zip(parameters).map(|(column, to)| fit(column, to)).collect()
    }

    fn settle(&mut self, errors: Vec<RowError>, arguments: &[ArrayRef]) -> Result<()> {
        if let (Some(error), OnError::Fail) = (errors.first(), self.bound.on_error()) {
            return Err(row_failed(self.bound.name(), error, arguments));
        }
        self.failures = errors;
        Ok(())
    }
}

impl Accumulators for ComponentAccumulators {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        let arguments = self.arguments(columns)?;
        let errors = self.instance.accumulate(groups, &arguments).map_err(host_error)?;
        if let (Some(left_out), false) = (&mut self.left_out, self.append_only) {
            left_out.remember(groups, &arguments, &errors)?;
        }
        self.settle(errors, &arguments)
    }

    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        let arguments = self.arguments(columns)?;
        self.failures.clear();
        let kept = match &mut self.left_out {
            Some(left_out) => left_out.forget(groups, &arguments)?,
            None => None,
        };
        let errors = match kept {
            None => self.instance.retract(groups, &arguments).map_err(host_error)?,
            Some(kept) if kept.groups.is_empty() => return Ok(()),
            Some(kept) => {
                let errors = self.instance.retract(&kept.groups, &kept.columns).map_err(host_error)?;
                kept.numbered(errors)
            }
        };
        self.settle(errors, &arguments)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let state = match (&mut self.left_out, state.split_last()) {
            (Some(left_out), Some((rows, state))) => {
                left_out.merge(groups, rows)?;
                state
            }
            _ => state,
        };
        let errors = self.instance.merge(groups, state).map_err(host_error)?;
        match errors.first() {
            // A state is no row that could be left out: without it the group would silently be wrong.
            Some(error) => Err(merge_failed(self.bound.name(), error)),
            None => Ok(()),
        }
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        self.failed_group = None;
        let output = self.instance.evaluate(groups).map_err(host_error)?;
        match output.errors.first() {
            Some(error) if self.bound.on_error() == OnError::Fail => {
                self.failed_group = Some(error.row as usize);
                Err(group_failed(self.bound.name(), error))
            }
            // A group without a value is no row that failed: its value is NULL.
            _ => Ok(output.array),
        }
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let mut state = self.instance.state(groups).map_err(host_error)?;
        if let Some(left_out) = &mut self.left_out {
            state.push(left_out.state(groups)?);
        }
        Ok(state)
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let state = match (&mut self.left_out, state.split_last()) {
            (Some(left_out), Some((rows, state))) => {
                left_out.remove(groups);
                left_out.merge(groups, rows)?;
                state
            }
            _ => state,
        };
        self.instance.restore(groups, state).map_err(host_error)
    }

    fn take_failures(&mut self) -> Vec<RowError> {
        std::mem::take(&mut self.failures)
    }

    fn failed_group(&self) -> Option<usize> {
        self.failed_group
    }

    fn give_up_when(&mut self, cancelled: &Arc<AtomicBool>) {
        if self.bound.on_error() != OnError::Fail {
            self.instance.persist_until(cancelled.clone());
        } else {
            self.instance.stop_when(cancelled.clone());
        }
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        if let Some(left_out) = &mut self.left_out {
            left_out.remove(groups);
        }
        self.instance.remove(groups).map_err(host_error)
    }

    fn size(&self) -> usize {
        self.instance.memory() + self.left_out.as_ref().map_or(0, LeftOut::size)
    }
}
