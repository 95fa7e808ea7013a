//! What a package says about its functions, and what a plan tells it: descriptions, not data.

use wasmtime::component::{ComponentType, Lift, Lower};

use super::lift::LiftedColumns;

#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub(crate) struct FieldNode {
    pub name: String,
    pub format: String,
    pub nullable: bool,
    pub children: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
#[allow(dead_code, reason = "wasmtime makes the values")]
pub(crate) enum Kind {
    #[component(name = "scalar")]
    Scalar,
    #[component(name = "table")]
    Table,
    #[component(name = "aggregate")]
    Aggregate,
}

#[derive(Debug, Clone, ComponentType, Lift, Lower)]
#[component(record)]
pub(crate) struct Parameter {
    pub name: String,
    #[component(name = "type")]
    pub ty: Vec<FieldNode>,
}

#[derive(Debug, Clone, ComponentType, Lift, Lower)]
#[component(record)]
pub(crate) struct Signature {
    pub name: String,
    pub kind: Kind,
    pub parameters: Vec<Parameter>,
    pub result: Vec<FieldNode>,
    pub deterministic: bool,
    pub retracts: bool,
    pub merges: bool,
    pub doc: String,
}

#[derive(Debug, Clone, ComponentType, Lift)]
#[component(record)]
pub(crate) struct Metadata {
    pub name: String,
    pub version: String,
    pub functions: Vec<Signature>,
}

/// A function that an interpreter has defined from source.
#[derive(Debug, Clone, ComponentType, Lift)]
#[component(record)]
pub(crate) struct Defined {
    pub function: u32,
    pub signature: Signature,
}

/// Why a source defines no function, and where in it.
#[derive(Debug, Clone, ComponentType, Lift)]
#[component(record)]
pub(crate) struct SourceError {
    pub message: String,
    pub line: u32,
    pub column: u32,
}

/// Columns that are passed rarely: a constant's, lowered by the derived code.
#[derive(Debug, Clone, ComponentType, Lower)]
#[component(record)]
pub(crate) struct WireBatch {
    pub layout: Vec<u32>,
    pub data: Vec<u8>,
}

/// The type of returned columns, which `lift` reads by hand.
#[derive(ComponentType)]
#[component(record)]
#[allow(dead_code, reason = "only its type is asked for")]
pub(crate) struct WireColumns {
    pub nodes: Vec<(u32, u32)>,
    pub buffers: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, ComponentType, Lower)]
#[component(record)]
pub(crate) struct Binding {
    pub function: u32,
    pub arguments: Vec<Vec<FieldNode>>,
    pub constants: Vec<Option<WireBatch>>,
    #[component(name = "time-zone")]
    pub time_zone: String,
    pub options: Vec<(String, String)>,
}

#[derive(Debug, Clone, ComponentType, Lift)]
#[component(record)]
pub(crate) struct Bound {
    pub handle: u32,
    pub result: Vec<FieldNode>,
    pub state: Vec<Vec<FieldNode>>,
}

#[derive(Debug, Clone, ComponentType, Lift)]
#[component(record)]
pub(crate) struct WireRowError {
    pub row: u32,
    pub message: String,
}

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub(crate) struct ScalarResult {
    pub column: LiftedColumns,
    pub errors: Vec<WireRowError>,
}

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub(crate) struct WireTableChunk {
    pub rows: Vec<u32>,
    pub columns: LiftedColumns,
    pub errors: Vec<WireRowError>,
    pub done: bool,
}

#[derive(Debug, Clone, Copy, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
#[allow(dead_code, reason = "wasmtime makes the values")]
pub(crate) enum Level {
    #[component(name = "error")]
    Error,
    #[component(name = "warn")]
    Warn,
    #[component(name = "info")]
    Info,
    #[component(name = "debug")]
    Debug,
    #[component(name = "trace")]
    Trace,
}
