//! Instances of scalar functions for the batch engine, which calls from any of its threads. A pool is of one job: what an
//! instance keeps in its memory, no other job sees.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anabranch_host::{BoundFunction, ScalarFunction};
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

/// Bindings by place, each with the instances that nobody uses now.
#[derive(Debug, Default)]
pub struct Pool(Mutex<HashMap<Place, (BoundFunction, Vec<ScalarFunction>)>>);

impl Pool {
    /// The binding of a place and an instance of it; give the instance back by [`Pool::put`].
    pub fn take(
        &self,
        function: &ComponentFunction,
        place: &Place,
        job: &JobScope,
    ) -> Result<(BoundFunction, ScalarFunction)> {
        let known = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(place)
            .map(|(bound, idle)| (bound.clone(), idle.pop()));
        let (bound, idle) = match known {
            Some(known) => known,
            None => {
                let bound = BoundComponent::bind(function, &place.types, &place.constants, job)?.bound;
                let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                places.entry(place.clone()).or_insert_with(|| (bound.clone(), vec![]));
                (bound, None)
            }
        };
        let instance = match idle {
            Some(instance) => instance,
            None => {
                let mut instance = bound.scalar().map_err(host_error)?;
                if function.on_error() != OnError::Fail {
                    // However many rows time out, the job does without them. No flag stops this: the batch engine has
                    // none to tell of a job that is cancelled.
                    instance.persist_until(Arc::default());
                }
                instance
            }
        };
        Ok((bound, instance))
    }

    pub fn put(&self, place: &Place, instance: ScalarFunction) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, idle)) = places.get_mut(place) {
            idle.push(instance);
        }
    }
}
