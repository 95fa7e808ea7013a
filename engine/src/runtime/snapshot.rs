//! A consistent snapshot of a whole job, in memory.

use crate::connectors::Split;
use crate::error::{Error, Result};
use crate::operators::{MIN_WATERMARK, Timestamp};
use crate::state::{KeyGroupRange, Snapshot};

/// All of a job between two rows of its inputs: the job can go on from here, at another parallelism too.
#[derive(Debug, Clone)]
pub struct JobSnapshot {
    /// Number of the barrier.
    pub id: u64,
    /// Number of key groups, which a restored job must have too.
    pub max_parallelism: usize,
    /// By node of the job graph.
    pub nodes: Vec<NodeSnapshot>,
}

/// One node of the graph.
#[derive(Debug, Clone, Default)]
pub struct NodeSnapshot {
    /// As EXPLAIN names it, to recognise another plan.
    pub name: String,
    pub subtasks: Vec<SubtaskSnapshot>,
    /// Source: what the enumerator knows.
    pub enumerator: Vec<String>,
    /// Source: splits that no subtask had begun.
    pub unassigned: Vec<SplitSnapshot>,
}

/// One subtask of a node.
#[derive(Debug, Clone, Default)]
pub struct SubtaskSnapshot {
    /// The operator's.
    pub state: Snapshot,
    /// The last watermark.
    pub watermark: Timestamp,
    /// It was idle, and its watermark was not waited for.
    pub idle: bool,
    /// Source: the splits it had begun and not finished.
    pub splits: Vec<SplitSnapshot>,
    /// Sink: what was prepared and may not have been committed.
    pub prepared: Vec<String>,
}

/// A split and how far event time had come in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitSnapshot {
    pub split: Split,
    pub watermark: Timestamp,
}

impl JobSnapshot {
    /// # Errors
    /// A state error where the snapshot is of another plan.
    pub(super) fn check(&self, names: &[String], max_parallelism: usize) -> Result<()> {
        if self.max_parallelism != max_parallelism {
            return Err(Error::state(format!(
                "the snapshot was taken with 'pipeline.max-parallelism' = '{}', the job has {max_parallelism}",
                self.max_parallelism
            ))
            .hint("set the option to what it was"));
        }
        let was: Vec<&str> = self.nodes.iter().map(|node| node.name.as_str()).collect();
        if was != names {
            return Err(Error::state(format!(
                "the snapshot is of another plan: it has {}, the job {}",
                was.join(", "),
                names.join(", ")
            )));
        }
        Ok(())
    }
}

impl NodeSnapshot {
    /// The event time that all subtasks had come to.
    pub(super) fn watermark(&self) -> Timestamp {
        let active = self.subtasks.iter().filter(|subtask| !subtask.idle).map(|subtask| subtask.watermark).min();
        let all = self.subtasks.iter().map(|subtask| subtask.watermark).max();
        active.or(all).unwrap_or(MIN_WATERMARK)
    }

    /// What the operator of a subtask with these key groups restores from.
    pub(super) fn state(&self, range: &KeyGroupRange) -> Result<Snapshot> {
        let states: Vec<Snapshot> = self.subtasks.iter().map(|subtask| subtask.state.clone()).collect();
        Snapshot::assign(&states, range)
    }

    /// The splits that are not finished.
    pub(super) fn splits(&self) -> Vec<SplitSnapshot> {
        let begun = self.subtasks.iter().flat_map(|subtask| &subtask.splits);
        begun.chain(&self.unassigned).cloned().collect()
    }

    /// What sinks had prepared.
    pub(super) fn prepared(&self) -> impl Iterator<Item = &str> {
        self.subtasks.iter().flat_map(|subtask| subtask.prepared.iter().map(String::as_str))
    }
}
