//! What a job counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::graph::{JobGraph, NodeId, NodeKind};
use crate::functions::component::{ComponentFunction, FunctionTotals, JobScope, OnError};
use crate::operators::{MAX_WATERMARK, MIN_WATERMARK, OperatorMetrics, Timestamp};

/// Counters of a job, at one moment.
#[derive(Debug, Clone)]
pub struct JobMetrics {
    /// By node of the job graph; in batch mode, of sources and sinks alone.
    pub nodes: Vec<NodeMetrics>,
    /// The functions of components that the job calls, by name.
    pub functions: Vec<FunctionMetrics>,
}

/// What a function of a component has done in a job, at all places where it stands.
#[derive(Debug, Clone)]
pub struct FunctionMetrics {
    /// As SQL calls it.
    pub name: String,
    /// What becomes of rows that fail, of which [`FunctionTotals::failed`] is the number.
    pub on_error: OnError,
    /// Where they go under the policy `dead-letter`.
    pub dead_letter_table: Option<String>,
    pub totals: FunctionTotals,
}

/// Counters of one node, over all of its subtasks.
#[derive(Debug, Clone, Default)]
pub struct NodeMetrics {
    /// `Source`, `Union`, `DeadLetters`, `Sink`, or the operator's name.
    pub name: String,
    /// Of a source, a sink or dead letters.
    pub table: Option<String>,
    pub rows_in: u64,
    pub rows_out: u64,
    /// Rows behind the watermark that were dropped.
    pub late_rows: u64,
    /// Retractions that found no row.
    pub lost_retractions: u64,
    /// Rows whose function failed and was told to go on.
    pub function_errors: u64,
    /// The least over the subtasks, in milliseconds since the epoch; `None` before the first. `Timestamp::MAX` after
    /// the end of bounded inputs.
    pub watermark: Option<Timestamp>,
}

impl JobMetrics {
    pub fn sources(&self) -> impl Iterator<Item = &NodeMetrics> {
        self.nodes.iter().filter(|node| node.name == "Source")
    }

    pub fn sinks(&self) -> impl Iterator<Item = &NodeMetrics> {
        self.nodes.iter().filter(|node| node.name == "Sink")
    }

    /// Rows whose function failed and was told to go on. In batch mode, where operators do not count them, as the
    /// functions have: of an aggregate, groups whose value failed are among them.
    pub fn failed_rows(&self) -> u64 {
        let of_nodes: u64 = self.nodes.iter().map(|node| node.function_errors).sum();
        let of_functions = || self.functions.iter().map(|function| function.totals.failed()).sum();
        if of_nodes > 0 { of_nodes } else { of_functions() }
    }

    pub fn late_rows(&self) -> u64 {
        self.nodes.iter().map(|node| node.late_rows).sum()
    }
}

/// What a job did, when it has ended.
#[derive(Debug, Clone)]
pub struct JobSummary {
    pub metrics: JobMetrics,
    pub elapsed: Duration,
    pub ending: JobEnding,
}

/// How a job came to its end, if not by an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEnding {
    /// Its inputs came to their end.
    Finished,
    /// It was told to stop.
    Stopped,
    /// It was told to leave everything.
    Cancelled,
}

/// The counters that the subtasks of one node share.
#[derive(Debug, Clone)]
pub(super) struct NodeCounters {
    pub(super) metrics: Arc<OperatorMetrics>,
    /// By subtask.
    pub(super) watermarks: Arc<[AtomicI64]>,
}

impl NodeCounters {
    pub(super) fn of(graph: &JobGraph) -> Vec<NodeCounters> {
        let counters = |parallelism| NodeCounters {
            metrics: Arc::default(),
            watermarks: (0..parallelism).map(|_| AtomicI64::new(MIN_WATERMARK)).collect(),
        };
        graph.nodes.iter().map(|node| counters(node.parallelism)).collect()
    }
}

/// As EXPLAIN names it.
pub(super) fn node_name(kind: &NodeKind) -> &str {
    match kind {
        NodeKind::Source(_) => "Source",
        NodeKind::Operator(spec) => spec.name(),
        NodeKind::Union(_) => "Union",
        NodeKind::DeadLetters(_) => "DeadLetters",
        NodeKind::Sink(_) => "Sink",
    }
}

pub(super) fn table(kind: &NodeKind) -> Option<&str> {
    match kind {
        NodeKind::Source(source) => Some(&source.table),
        NodeKind::Sink(sink) => Some(&sink.table),
        NodeKind::DeadLetters(table) => Some(table),
        NodeKind::Operator(_) | NodeKind::Union(_) => None,
    }
}

pub(super) fn node_metrics(kind: &NodeKind, counters: &NodeCounters) -> NodeMetrics {
    let metrics = &counters.metrics;
    let watermark = counters.watermarks.iter().map(|watermark| watermark.load(Ordering::Relaxed)).min();
    NodeMetrics {
        name: node_name(kind).to_owned(),
        table: table(kind).map(str::to_owned),
        rows_in: metrics.rows_in.load(Ordering::Relaxed),
        rows_out: metrics.rows_out.load(Ordering::Relaxed),
        late_rows: metrics.late_rows.load(Ordering::Relaxed),
        lost_retractions: metrics.lost_retractions.load(Ordering::Relaxed),
        function_errors: metrics.function_errors.load(Ordering::Relaxed),
        watermark: watermark.filter(|&watermark| watermark > MIN_WATERMARK),
    }
}

/// The functions of a job graph, by name.
pub(super) fn function_metrics(graph: &JobGraph) -> Vec<FunctionMetrics> {
    let specs = graph.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Operator(spec) => Some(spec),
        _ => None,
    });
    let bound = specs.flat_map(|spec| spec.functions()).map(|bound| (bound.function().clone(), bound.totals()));
    by_name(bound.collect())
}

/// The functions of a job in batch mode, by name.
pub fn batch_function_metrics(job: &JobScope) -> Vec<FunctionMetrics> {
    by_name(job.functions())
}

fn by_name(bound: Vec<(ComponentFunction, FunctionTotals)>) -> Vec<FunctionMetrics> {
    let mut functions: Vec<FunctionMetrics> = vec![];
    for (function, totals) in bound {
        match functions.iter_mut().find(|known| known.name == function.name()) {
            Some(known) => known.totals.add(&totals),
            None => functions.push(FunctionMetrics {
                name: function.name().to_owned(),
                on_error: function.on_error(),
                dead_letter_table: function.dead_letter_table().map(|table| table.to_string()),
                totals,
            }),
        }
    }
    functions.sort_by(|one, other| one.name.cmp(&other.name));
    functions
}

impl NodeMetrics {
    /// All input has been read.
    pub fn is_finished(&self) -> bool {
        self.watermark == Some(MAX_WATERMARK)
    }

    /// Name and table, for people: `Source(clicks)`.
    pub fn title(&self) -> String {
        match &self.table {
            Some(table) => format!("{}({table})", self.name),
            None => self.name.clone(),
        }
    }
}

/// `Source(clicks)`: how errors name a node.
pub(super) fn node_title(graph: &JobGraph, node: NodeId) -> String {
    let kind = &graph.nodes[node].kind;
    match table(kind) {
        Some(table) => format!("{}({table})", node_name(kind)),
        None => node_name(kind).to_owned(),
    }
}
