//! FIRST_VALUE and LAST_VALUE.

use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef};

use super::BuiltinAggregate;
use super::arrival::{ArrivalAccumulators, Arrivals};
use crate::error::Result;
use crate::functions::{Accumulators, AggregateFunction};

pub(super) const FIRST_VALUE: BuiltinAggregate = BuiltinAggregate {
    name: "FIRST_VALUE",
    signature: "FIRST_VALUE(value)",
    doc: "Of the values that are not NULL the one that arrived first; NULL if there are none.",
    resolve: |types| End::of(types, false),
};

pub(super) const LAST_VALUE: BuiltinAggregate = BuiltinAggregate {
    name: "LAST_VALUE",
    signature: "LAST_VALUE(value)",
    doc: "Of the values that are not NULL the one that arrived last; NULL if there are none.",
    resolve: |types| End::of(types, true),
};

#[derive(Debug)]
struct End {
    value_type: DataType,
    last: bool,
}

impl End {
    fn of(types: &[DataType], last: bool) -> Option<Arc<dyn AggregateFunction>> {
        let [value_type] = types else { return None };
        Some(Arc::new(End { value_type: value_type.clone(), last }))
    }
}

impl AggregateFunction for End {
    fn name(&self) -> &str {
        if self.last { LAST_VALUE.name } else { FIRST_VALUE.name }
    }

    fn return_type(&self) -> DataType {
        self.value_type.clone()
    }

    fn state_fields(&self) -> Vec<FieldRef> {
        ArrivalAccumulators::<First>::state_fields(&self.value_type)
    }

    fn retracts(&self) -> bool {
        true
    }

    /// What arrived first cannot be told from two states.
    fn merges(&self) -> bool {
        false
    }

    fn create(&self, append_only: bool) -> Result<Box<dyn Accumulators>> {
        let value_type = self.value_type.clone();
        Ok(if self.last {
            Box::new(ArrivalAccumulators::<Last>::new(value_type, append_only)?)
        } else {
            Box::new(ArrivalAccumulators::<First>::new(value_type, append_only)?)
        })
    }
}

struct First;

impl Arrivals for First {
    fn keep(values: &mut VecDeque<Box<[u8]>>) {
        values.truncate(1);
    }

    fn evaluate(values: &VecDeque<Box<[u8]>>, out: &mut Vec<u8>) -> bool {
        values.front().inspect(|value| out.extend_from_slice(value)).is_some()
    }
}

struct Last;

impl Arrivals for Last {
    fn keep(values: &mut VecDeque<Box<[u8]>>) {
        values.drain(..values.len().saturating_sub(1));
    }

    fn evaluate(values: &VecDeque<Box<[u8]>>, out: &mut Vec<u8>) -> bool {
        values.back().inspect(|value| out.extend_from_slice(value)).is_some()
    }
}
