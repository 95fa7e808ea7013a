//! The component: what `wit-bindgen` generates from the contract, and how a package answers it.

use std::cell::RefCell;
use std::marker::PhantomData;

use crate::aggregate;
use crate::batch::Batch;
use crate::package::{Bindings, Package};

pub use wit_bindgen;

#[allow(missing_docs, clippy::all)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "function-package",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "anabranch_udf::wasm::bindings",
        runtime_path: "anabranch_udf::wasm::wit_bindgen::rt",
    });
}

use bindings::anabranch::functions::types::{Column, RowError};
use bindings::exports::anabranch::functions::functions::{
    self as exported, Binding, Bound, Metadata, ScalarResult, TableChunk,
};

/// The package that a component is built from.
pub trait Source: 'static {
    /// The package.
    const PACKAGE: Package;
}

/// A package as a component.
pub struct Component<S>(PhantomData<S>);

thread_local! {
    static BINDINGS: RefCell<Bindings> = RefCell::new(Bindings::default());
}

/// Calls into a component do not nest, so that the borrow cannot fail.
fn with<T>(call: impl FnOnce(&mut Bindings) -> T) -> T {
    BINDINGS.with_borrow_mut(call)
}

impl<S: Source> exported::Guest for Component<S> {
    type Accumulators = Accumulators;

    fn describe() -> Metadata {
        S::PACKAGE.describe()
    }

    fn bind(binding: Binding) -> Result<Bound, String> {
        with(|bindings| bindings.bind(&S::PACKAGE, binding))
    }

    fn unbind(handle: u32) {
        with(|bindings| bindings.unbind(handle));
    }

    fn call(handle: u32, rows: u32, columns: Vec<Column>) -> Result<ScalarResult, String> {
        with(|bindings| bindings.call(handle, rows, columns))
    }

    fn begin(handle: u32, rows: u32, columns: Vec<Column>) -> Result<(), String> {
        with(|bindings| bindings.begin(handle, rows, columns))
    }

    fn next(handle: u32, max_rows: u32) -> Result<TableChunk, String> {
        with(|bindings| bindings.next(handle, max_rows))
    }
}

/// The accumulators of many groups, as the resource of the contract.
pub struct Accumulators(RefCell<Box<dyn aggregate::Accumulators>>);

impl exported::GuestAccumulators for Accumulators {
    fn open(handle: u32) -> Result<exported::Accumulators, String> {
        let accumulators = with(|bindings| bindings.open(handle))?;
        Ok(exported::Accumulators::new(Self(RefCell::new(accumulators))))
    }

    fn accumulate(&self, groups: Vec<u32>, columns: Vec<Column>) -> Result<Vec<RowError>, String> {
        self.0.borrow_mut().accumulate(&groups, &Batch::new(groups.len(), columns)?)
    }

    fn retract(&self, groups: Vec<u32>, columns: Vec<Column>) -> Result<Vec<RowError>, String> {
        self.0.borrow_mut().retract(&groups, &Batch::new(groups.len(), columns)?)
    }

    fn merge(&self, groups: Vec<u32>, state: Vec<Column>) -> Result<Vec<RowError>, String> {
        self.0.borrow_mut().merge(&groups, &Batch::new(groups.len(), state)?)
    }

    fn evaluate(&self, groups: Vec<u32>) -> Result<ScalarResult, String> {
        Ok(self.0.borrow_mut().evaluate(&groups))
    }

    fn state(&self, groups: Vec<u32>) -> Result<Vec<Column>, String> {
        Ok(self.0.borrow_mut().state(&groups))
    }

    fn restore(&self, groups: Vec<u32>, state: Vec<Column>) -> Result<(), String> {
        self.0.borrow_mut().restore(&groups, &Batch::new(groups.len(), state)?)
    }

    fn remove(&self, groups: Vec<u32>) {
        self.0.borrow_mut().remove(&groups);
    }
}
