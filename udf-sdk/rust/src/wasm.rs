//! The component: what `wit-bindgen` generates from the contract, and how a package answers it.

use std::cell::RefCell;

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

use bindings::anabranch::functions::types::{Batch as Block, Columns, RowError};
use bindings::exports::anabranch::functions::functions::{
    self as exported, Binding, Bound, Metadata, ScalarResult, TableChunk,
};

unsafe extern "Rust" {
    /// The package that the component is built from, defined by [`package!`](crate::package). By its symbol's name, not
    /// by a type parameter: so all that follows is compiled with this crate, for size, whatever the package itself is
    /// compiled for.
    safe fn __anabranch_package() -> Package;
}

/// The package as a component.
struct Component;

bindings::export!(Component with_types_in bindings);

thread_local! {
    static BINDINGS: RefCell<Bindings> = RefCell::new(Bindings::default());
}

/// Calls into a component do not nest, so that the borrow cannot fail.
fn with<T>(call: impl FnOnce(&mut Bindings) -> T) -> T {
    BINDINGS.with_borrow_mut(call)
}

/// A panic ends the instance with nothing but a trap. Its words go to the log, of which the host adds the last lines to its
/// error. With WASI they go to stderr, which is such a log.
fn tell_panics() {
    #[cfg(target_os = "unknown")]
    {
        static TOLD: std::sync::Once = std::sync::Once::new();
        TOLD.call_once(|| {
            std::panic::set_hook(Box::new(|panic| crate::log::log(crate::log::Level::Error, format_args!("{panic}"))));
        });
    }
}

impl exported::Guest for Component {
    type Accumulators = Accumulators;

    fn describe() -> Metadata {
        __anabranch_package().describe()
    }

    fn bind(binding: Binding) -> Result<Bound, String> {
        tell_panics();
        with(|bindings| bindings.bind(&__anabranch_package(), binding))
    }

    fn unbind(handle: u32) {
        with(|bindings| bindings.unbind(handle));
    }

    fn call(handle: u32, rows: u32, columns: Block) -> Result<ScalarResult, String> {
        with(|bindings| bindings.call(handle, rows, columns))
    }

    fn begin(handle: u32, rows: u32, columns: Block) -> Result<(), String> {
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

    fn accumulate(&self, groups: Vec<u32>, columns: Block) -> Result<Vec<RowError>, String> {
        self.0.borrow_mut().accumulate(&groups, &Batch::new(groups.len(), columns))
    }

    fn retract(&self, groups: Vec<u32>, columns: Block) -> Result<Vec<RowError>, String> {
        self.0.borrow_mut().retract(&groups, &Batch::new(groups.len(), columns))
    }

    fn merge(&self, groups: Vec<u32>, state: Block) -> Result<Vec<RowError>, String> {
        self.0.borrow_mut().merge(&groups, &Batch::new(groups.len(), state))
    }

    fn evaluate(&self, groups: Vec<u32>) -> Result<ScalarResult, String> {
        Ok(self.0.borrow_mut().evaluate(&groups))
    }

    fn state(&self, groups: Vec<u32>) -> Result<Columns, String> {
        Ok(self.0.borrow_mut().state(&groups))
    }

    fn restore(&self, groups: Vec<u32>, state: Block) -> Result<(), String> {
        self.0.borrow_mut().restore(&groups, &Batch::new(groups.len(), state))
    }

    fn remove(&self, groups: Vec<u32>) {
        self.0.borrow_mut().remove(&groups);
    }
}
