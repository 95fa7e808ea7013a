//! What an aggregate function is to the engine, built-in or component alike.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::{DataType, FieldRef};

use super::component::{BoundComponent, RowError};
use crate::error::Result;

/// An aggregate function with its argument types settled: the factory of [`Accumulators`]. Lives in a plan.
pub trait AggregateFunction: Debug + Send + Sync {
    /// As SQL names it: `COUNT`.
    fn name(&self) -> &str;

    /// Type of the value.
    fn return_type(&self) -> DataType;

    /// Fields of the state of one accumulator.
    fn state_fields(&self) -> Vec<FieldRef>;

    /// Accumulators can take rows back.
    fn retracts(&self) -> bool;

    /// Accumulators can take in states of others.
    fn merges(&self) -> bool;

    fn is_deterministic(&self) -> bool {
        true
    }

    /// For EXPLAIN: ` GRANTED [clock]` of a component's function that is granted something.
    fn describe_grants(&self) -> String {
        String::new()
    }

    /// The function over distinct arguments of these types, where the function knows a better way than to be handed each
    /// combination once.
    fn distinct(&self, _argument_types: &[DataType]) -> Option<Arc<dyn AggregateFunction>> {
        None
    }

    /// The component's function that it is, where it is one.
    fn component(&self) -> Option<&BoundComponent> {
        None
    }

    /// Empty accumulators. `append_only` promises that `retract` is never called, so that a function may keep less.
    fn create(&self, append_only: bool) -> Result<Box<dyn Accumulators>>;
}

/// The accumulators of many groups. Group ids are dense and used again after `remove`; a group that was not seen, or was
/// removed, is empty. All calls are by the batch; `groups` has one id per row of the columns.
pub trait Accumulators: Send {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()>;

    /// Takes rows back that were accumulated.
    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()>;

    /// Adds states (columns as of [`Accumulators::state`]) to groups.
    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()>;

    /// The value of each of the groups, which stay as they are.
    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef>;

    /// The state of each of the groups, which stay as they are. Columns as of [`AggregateFunction::state_fields`].
    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>>;

    /// Sets groups to states.
    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()>;

    fn remove(&mut self, groups: &[u32]) -> Result<()>;

    /// The rows of the last [`Accumulators::accumulate`] or [`Accumulators::retract`] that failed and were left out, in
    /// their order, each once. They are counted in its columns.
    fn take_failures(&mut self) -> Vec<RowError> {
        vec![]
    }

    /// After an error of [`Accumulators::evaluate`]: which of its groups has no value, where it is one group's error.
    fn failed_group(&self) -> Option<usize> {
        None
    }

    /// A call that would go on for long ends with an error when the flag is set.
    fn give_up_when(&mut self, _cancelled: &Arc<AtomicBool>) {}

    /// Bytes held, roughly.
    fn size(&self) -> usize;
}
