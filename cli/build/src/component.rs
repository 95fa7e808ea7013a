//! From a core module, as compilers for WebAssembly make it, to a component.

use anyhow::{Context, Result};
use wit_component::ComponentEncoder;

/// The component of a core module that wit-bindgen has marked.
pub(crate) fn componentize(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .context("the module cannot be made a component: is it built with the SDK?")
}
