//! The job graph: what the planner makes and the runtime runs. Plain data.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::physical_expr::PhysicalExpr;

use crate::changelog::ChangelogMode;
use crate::connectors::{Sink, Source};
use crate::operators::OperatorSpec;

/// Index of a node in [`JobGraph::nodes`].
pub type NodeId = usize;

/// Operators and the edges between them. Inputs of a node stand before it.
#[derive(Debug, Clone, Default)]
pub struct JobGraph {
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone)]
pub struct Node {
    pub kind: NodeKind,
    pub inputs: Vec<Input>,
    /// Number of subtasks.
    pub parallelism: usize,
    /// The kinds that its output carries.
    pub changelog_mode: ChangelogMode,
}

#[derive(Debug, Clone)]
pub enum NodeKind {
    Source(SourceSpec),
    Operator(Arc<dyn OperatorSpec>),
    /// All inputs as one stream; they have one schema.
    Union(SchemaRef),
    /// Of the operator that is its input, the rows whose functions failed and that go to this table
    /// ([`crate::operators::dead_letter_schema`]). In one chain with the operator.
    DeadLetters(Arc<str>),
    Sink(SinkSpec),
}

/// An edge, seen from its lower end.
#[derive(Debug, Clone)]
pub struct Input {
    pub node: NodeId,
    pub exchange: Exchange,
}

/// How rows go from the subtasks above to those below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchange {
    /// Subtask i to subtask i, in one chain where possible. Both have the same parallelism.
    Forward,
    /// By the key group of these columns.
    Hash(Vec<usize>),
    /// Batches in turn.
    Rebalance,
    /// All to subtask 0.
    Single,
}

/// A table's scan: its connector, the computed columns and the watermark, which are worked out per split.
#[derive(Debug, Clone)]
pub struct SourceSpec {
    /// The table's name, for EXPLAIN and metrics.
    pub table: String,
    pub source: Arc<dyn Source>,
    /// The output columns over the source's schema; `None`: the source's columns as they are.
    pub projection: Option<Vec<Arc<dyn PhysicalExpr>>>,
    /// Schema after the projection.
    pub schema: SchemaRef,
    pub watermark: Option<WatermarkSpec>,
}

/// `WATERMARK FOR ts AS expression`.
#[derive(Debug, Clone)]
pub struct WatermarkSpec {
    /// Index of the row time in [`SourceSpec::schema`].
    pub column: usize,
    /// The watermark of a row, over [`SourceSpec::schema`]: a timestamp.
    pub expression: Arc<dyn PhysicalExpr>,
    /// A split without rows for so long steps aside. `None`: never.
    pub idle_timeout: Option<Duration>,
}

#[derive(Debug, Clone)]
pub struct SinkSpec {
    /// The table's name, for EXPLAIN and metrics.
    pub table: String,
    pub sink: Arc<dyn Sink>,
    /// Schema of what is written.
    pub schema: SchemaRef,
}
