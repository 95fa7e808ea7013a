//! The runtime: a job graph becomes subtasks on threads, joined by bounded channels.
//!
//! Nodes whose rows stay in their subtask form a *chain* on one thread ([`chaining`], [`chain`]). A chain is driven by
//! its head: a source ([`source`]) or the channels from other chains ([`gate`]). What leaves a chain is split by key
//! group or in turn ([`exchange`]). Watermarks pass when all active inputs have brought them ([`valve`]); barriers when
//! all channels have ([`gate`]), and at each the nodes hand in their snapshots ([`coordinator`]).
//!
//! Nothing here looks into rows, but for the watermark and the key groups of an exchange.

mod chain;
mod chaining;
mod clock;
mod collect;
mod config;
mod coordinator;
mod element;
mod event_time;
mod exchange;
mod execute;
mod gate;
mod graph;
mod job;
mod metrics;
mod sink;
mod snapshot;
mod source;
mod splits;
mod subtask;
#[cfg(test)]
mod tests;
mod valve;

pub use clock::{Clock, ManualClock, SystemClock};
pub use collect::{Collected, collect};
pub use config::RuntimeConfig;
pub use execute::execute;
pub use graph::{Exchange, Input, JobGraph, Node, NodeId, NodeKind, SinkSpec, SourceSpec, WatermarkSpec};
pub use job::JobHandle;
pub(crate) use metrics::batch_function_metrics;
pub use metrics::{FunctionMetrics, JobEnding, JobMetrics, JobSummary, NodeMetrics};
pub use snapshot::{JobSnapshot, NodeSnapshot, SplitSnapshot, SubtaskSnapshot};
