//! An instance of a function of any kind.

use anabranch::Result;
use anabranch::functions::component::host_error;
use anabranch_host::{AggregateFunction, BoundFunction, FunctionKind, OnError, ScalarFunction, TableFunction};

/// An instance of any kind of function.
pub enum Instance {
    Scalar(ScalarFunction),
    Table(TableFunction),
    Aggregate(AggregateFunction),
}

impl Instance {
    pub fn new(bound: &BoundFunction) -> Result<Self> {
        match bound.kind() {
            FunctionKind::Scalar => bound.scalar().map(Instance::Scalar),
            FunctionKind::Table => bound.table().map(Instance::Table),
            FunctionKind::Aggregate => bound.aggregate(OnError::Fail).map(Instance::Aggregate),
        }
        .map_err(host_error)
    }

    /// Bytes of linear memory.
    pub fn memory(&self) -> usize {
        match self {
            Instance::Scalar(function) => function.memory(),
            Instance::Table(function) => function.memory(),
            Instance::Aggregate(function) => function.memory(),
        }
    }
}
