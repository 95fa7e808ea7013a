//! A running job, seen from outside.

use std::sync::Arc;
use std::time::Instant;

use futures::executor::block_on;

use super::coordinator::Coordinator;
use super::graph::JobGraph;
use super::metrics::{JobMetrics, JobSummary, NodeCounters, function_metrics, node_metrics};
use super::snapshot::JobSnapshot;
use crate::error::{Error, Result};

/// A running job. Dropping it leaves the job running; clones are the same job.
#[derive(Clone)]
pub struct JobHandle {
    pub(super) coordinator: Arc<Coordinator>,
    pub(super) graph: Arc<JobGraph>,
    pub(super) counters: Arc<Vec<NodeCounters>>,
    pub(super) started: Instant,
}

impl std::fmt::Debug for JobHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobHandle").field("running", &self.is_running()).finish_non_exhaustive()
    }
}

impl JobHandle {
    /// The counters at this moment.
    pub fn metrics(&self) -> JobMetrics {
        let nodes = self.graph.nodes.iter().zip(self.counters.iter());
        JobMetrics {
            nodes: nodes.map(|(node, counters)| node_metrics(&node.kind, counters)).collect(),
            functions: function_metrics(&self.graph),
        }
    }

    pub fn is_running(&self) -> bool {
        self.coordinator.is_running()
    }

    /// Lets the sources stop. What they have read goes through to the sinks, which commit it; windows that are open
    /// stay unfinished.
    pub fn stop(&self) {
        self.coordinator.stop();
    }

    /// Leaves everything at once; what sinks have not committed is dropped.
    pub fn cancel(&self) {
        self.coordinator.cancel();
    }

    /// Lets subtasks look at the clock: after it was set by hand.
    pub fn wake(&self) {
        self.coordinator.wake();
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// The first error of any subtask; later callers are only told that there was one.
    pub fn wait(&self) -> Result<JobSummary> {
        block_on(self.finished())
    }

    /// As [`JobHandle::wait`], without blocking the thread.
    pub async fn finished(&self) -> Result<JobSummary> {
        // The sender lives as long as the coordinator, and that as long as this handle.
        let _ = self.coordinator.finished().await;
        match self.coordinator.take_error() {
            Some(error) => Err(error),
            None => Ok(JobSummary {
                metrics: self.metrics(),
                elapsed: self.started.elapsed(),
                ending: self.coordinator.ending(),
            }),
        }
    }

    /// A consistent snapshot of all nodes, while the job goes on. Sinks commit what belongs to it.
    ///
    /// # Errors
    /// User errors where the job has ended, or ends by an error before the snapshot is complete (which
    /// [`JobHandle::wait`] tells), or another snapshot is being taken.
    pub fn snapshot(&self) -> Result<JobSnapshot> {
        block_on(self.take_snapshot(false))
    }

    /// Takes a snapshot and stops right behind it. Follow it by [`JobHandle::wait`].
    ///
    /// # Errors
    /// As [`JobHandle::snapshot`].
    pub fn stop_with_snapshot(&self) -> Result<JobSnapshot> {
        block_on(self.take_snapshot(true))
    }

    /// As [`JobHandle::snapshot`] or [`JobHandle::stop_with_snapshot`], without blocking the thread.
    pub async fn take_snapshot(&self, stop: bool) -> Result<JobSnapshot> {
        match self.coordinator.snapshot(stop)?.await {
            Ok(snapshot) => snapshot,
            Err(_) => Err(Error::user("the job ended before the snapshot was complete")),
        }
    }
}
