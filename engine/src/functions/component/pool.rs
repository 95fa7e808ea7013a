//! Instances of scalar functions for the batch engine, which calls from any of its threads. A pool is of one job: what an
//! instance keeps in its memory, no other job sees.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anabranch_host::{BoundFunction, ScalarFunction};
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;

use super::row_errors::host_error;
use super::{BoundComponent, ComponentDeclaration, ComponentFunction, JobScope, OnError};
use crate::error::Result;

/// Which binding a call needs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    pub function: ComponentDeclaration,
    pub types: Vec<DataType>,
    pub constants: Vec<Option<ScalarValue>>,
}

/// Bindings by place, each with the instances that nobody uses now; and what calls of constants have given.
#[derive(Debug, Default)]
pub struct Pool {
    bindings: Mutex<HashMap<Place, (BoundFunction, Vec<ScalarFunction>)>>,
    constants: Mutex<HashMap<Place, Result<ArrayRef>>>,
}

impl Pool {
    /// The binding of a place and an instance of it; give the instance back by [`Pool::put`].
    pub fn take(
        &self,
        function: &ComponentFunction,
        place: &Place,
        job: &JobScope,
    ) -> Result<(BoundFunction, ScalarFunction)> {
        let known = self
            .bindings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(place)
            .map(|(bound, idle)| (bound.clone(), idle.pop()));
        let (bound, idle) = match known {
            Some(known) => known,
            None => {
                let bound = BoundComponent::bind(function, &place.types, &place.constants, job)?.bound;
                let mut places = self.bindings.lock().unwrap_or_else(PoisonError::into_inner);
                places.entry(place.clone()).or_insert_with(|| (bound.clone(), vec![]));
                (bound, None)
            }
        };
        let instance = match idle {
            Some(instance) => instance,
            None => {
                let mut instance = bound.scalar().map_err(host_error)?;
                match function.on_error() {
                    OnError::Fail => instance.stop_when(job.cancelled().clone()),
                    // However many rows time out, the job does without them.
                    _ => instance.persist_until(job.cancelled().clone()),
                }
                instance
            }
        };
        Ok((bound, instance))
    }

    pub fn put(&self, place: &Place, instance: ScalarFunction) {
        let mut places = self.bindings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, idle)) = places.get_mut(place) {
            idle.push(instance);
        }
    }

    /// The value of a deterministic call of constants, which is made once: the optimiser tries again and again, even what
    /// has failed.
    pub fn constant(&self, place: &Place, call: impl FnOnce() -> Result<ArrayRef>) -> Result<ArrayRef> {
        if let Some(known) = self.constants.lock().unwrap_or_else(PoisonError::into_inner).get(place) {
            return known.clone();
        }
        let given = call();
        self.constants.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone(), given.clone());
        given
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::component::FunctionCode;

    #[test]
    fn a_call_of_constants_is_made_once() {
        let pool = Pool::default();
        let code = FunctionCode::Component { export: None, path: "f.wasm".to_owned() };
        let function = ComponentDeclaration { name: "f".to_owned(), code, options: Default::default() };
        let place = |value: i64| Place {
            function: function.clone(),
            types: vec![DataType::Int64],
            constants: vec![Some(ScalarValue::from(value))],
        };
        let mut calls = 0;
        for value in [1, 1, 2, 1, 2] {
            let mut call = || {
                calls += 1;
                Err(crate::error::Error::user("it fails"))
            };
            assert!(pool.constant(&place(value), &mut call).is_err());
        }
        assert_eq!(calls, 2);
    }
}
