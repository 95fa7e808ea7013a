//! From a core module, as compilers for WebAssembly make it, to a component.

use anyhow::{Context, Result};
use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::preview1;

/// The contract, which says what the functions stand for that a module exports and imports.
const CONTRACT: &str = include_str!("../../../wit/functions.wit");

/// The version of the contract.
pub(crate) fn contract_version() -> &'static str {
    let version = CONTRACT.lines().find_map(|line| line.strip_prefix("package anabranch:functions@"));
    version.unwrap_or_default().trim_end_matches(';')
}

/// The component of a core module that wit-bindgen has marked.
pub(crate) fn componentize(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .context("the module cannot be made a component: is it built with the SDK?")
}

/// What stands below a core module that imports WASI preview 1.
pub(crate) enum Preview1 {
    /// Nothing: see [`preview1`].
    Inert,
    /// An adapter to WASI 0.2 of the host, in memory of its own, which outlives calls.
    Wasi,
    /// The same in memory that the module gives out by `cabi_realloc_adapter`: Go's runtime takes all that memory grows by
    /// for its own.
    WasiInGo,
}

/// The component of a core module whose SDK writes the canonical ABI by hand.
pub(crate) fn componentize_plain(mut module: Vec<u8>, preview1: Preview1) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("functions.wit", CONTRACT)?;
    let world = resolve.select_world(&[package], Some("function-package"))?;
    // What wit-bindgen would have had the compiler do.
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    let (adapter, grows) = match preview1 {
        Preview1::Inert => (preview1::adapter(), false),
        Preview1::Wasi => (WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER.to_vec(), true),
        Preview1::WasiInGo => (WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER.to_vec(), false),
    };
    ComponentEncoder::default()
        .validate(true)
        .realloc_via_memory_grow(grows)
        .module(&module)
        .and_then(|encoder| encoder.adapter(preview1::NAME, &adapter))
        .and_then(|mut encoder| encoder.encode())
        .context("the module cannot be made a component: does the package list its functions, and import nothing?")
}
