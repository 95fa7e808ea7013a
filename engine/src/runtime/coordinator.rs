//! What the subtasks of a job share: its end, its first error, its snapshots.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::Sender;
use futures::channel::oneshot;

use super::element::{Ending, Halt};
use super::graph::NodeId;
use super::metrics::JobEnding;
use super::snapshot::{JobSnapshot, NodeSnapshot, SubtaskSnapshot};
use super::splits::SplitPool;
use crate::connectors::Sink;
use crate::error::{Error, Result};

/// What a subtask is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// To sources: send this barrier, and then stop if it says so.
    Barrier { id: u64, stop: bool },
    /// To sources: stop reading.
    Stop,
    /// To sinks: the snapshots up to this barrier are complete.
    Commit(u64),
    /// All subtasks have ended: commit everything and leave.
    Finish,
    /// Look around: a timer, a split.
    Wake,
    /// Leave at once.
    Cancel,
}

/// What the nodes of one subtask were at a barrier.
pub(super) type Report = Vec<(NodeId, SubtaskSnapshot)>;

pub(super) struct Coordinator {
    state: Mutex<State>,
    /// By number of the thread.
    controls: Vec<Sender<Control>>,
    /// The node, threads and splits of each source.
    sources: Vec<SourceControl>,
    /// Name and parallelism of each node.
    nodes: Vec<(String, usize)>,
    /// To be interrupted when the job is cancelled.
    sinks: Vec<Arc<dyn Sink>>,
    max_parallelism: usize,
    cancelled: Arc<AtomicBool>,
    /// The last complete snapshot.
    completed: AtomicU64,
    /// The barrier behind which the job stops; 0: none.
    stops_at: AtomicU64,
}

pub(super) struct SourceControl {
    pub(super) node: NodeId,
    pub(super) threads: Vec<usize>,
    pub(super) splits: Arc<SplitPool>,
}

struct State {
    error: Option<Error>,
    stopped: bool,
    /// Dropped when the job is cancelled.
    cancel: Option<Sender<()>>,
    /// Of each thread that has come to the end of its inputs, what its nodes were.
    ended: Vec<Option<Report>>,
    /// Threads that have not left.
    running: usize,
    pending: Option<Pending>,
    next_barrier: u64,
    waiting: Vec<oneshot::Sender<()>>,
}

struct Pending {
    id: u64,
    reports: Vec<Option<Report>>,
    nodes: Vec<NodeSnapshot>,
    reply: oneshot::Sender<Result<JobSnapshot>>,
}

impl Coordinator {
    /// `cancel`: is dropped when the job is cancelled. `restored`: number of the snapshot that the job starts from.
    pub(super) fn new(
        controls: Vec<Sender<Control>>,
        sources: Vec<SourceControl>,
        nodes: Vec<(String, usize)>,
        sinks: Vec<Arc<dyn Sink>>,
        max_parallelism: usize,
        cancel: Sender<()>,
        restored: u64,
    ) -> Self {
        let threads = controls.len();
        let state = State {
            error: None,
            stopped: false,
            cancel: Some(cancel),
            ended: vec![None; threads],
            running: threads,
            pending: None,
            next_barrier: restored + 1,
            waiting: vec![],
        };
        Coordinator {
            state: Mutex::new(state),
            controls,
            sources,
            nodes,
            sinks,
            max_parallelism,
            cancelled: Arc::default(),
            completed: AtomicU64::new(restored),
            stops_at: AtomicU64::new(0),
        }
    }

    // ---- from outside ------------------------------------------------------------------------------------------

    /// Sends a barrier. The snapshot comes when all subtasks have it behind them.
    pub(super) fn snapshot(&self, stop: bool) -> Result<oneshot::Receiver<Result<JobSnapshot>>> {
        let (reply, answer) = oneshot::channel();
        let mut state = self.lock();
        if state.pending.is_some() {
            return Err(Error::user("a snapshot of the job is being taken").hint("wait for it"));
        }
        if self.is_cancelled() || state.running == 0 {
            return Err(Error::user("the job has ended, there is nothing to take a snapshot of"));
        }
        let id = state.next_barrier;
        state.next_barrier += 1;
        state.stopped |= stop;
        if stop {
            self.stops_at.store(id, Ordering::Release);
        }
        let mut nodes: Vec<NodeSnapshot> = self
            .nodes
            .iter()
            .map(|(name, parallelism)| NodeSnapshot {
                name: name.clone(),
                subtasks: vec![SubtaskSnapshot::default(); *parallelism],
                ..NodeSnapshot::default()
            })
            .collect();
        for source in &self.sources {
            (nodes[source.node].unassigned, nodes[source.node].enumerator) = source.splits.begin_barrier();
        }
        state.pending = Some(Pending { id, reports: vec![None; self.controls.len()], nodes, reply });
        for &thread in self.sources.iter().flat_map(|source| &source.threads) {
            self.tell(thread, Control::Barrier { id, stop });
        }
        self.complete(&mut state);
        Ok(answer)
    }

    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        for &thread in self.sources.iter().flat_map(|source| &source.threads) {
            self.tell(thread, Control::Stop);
        }
    }

    pub(super) fn cancel(&self) {
        self.cancel_locked(&mut self.lock());
    }

    pub(super) fn wake(&self) {
        (0..self.controls.len()).for_each(|thread| self.tell(thread, Control::Wake));
    }

    /// Lets one thread look around.
    pub(super) fn wake_thread(&self, thread: usize) {
        self.tell(thread, Control::Wake);
    }

    /// Resolves when all threads have left.
    pub(super) fn finished(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.lock();
        if state.running == 0 {
            let _ = sender.send(());
        } else {
            state.waiting.push(sender);
        }
        receiver
    }

    /// The first error, once.
    pub(super) fn take_error(&self) -> Option<Error> {
        self.lock().error.take()
    }

    pub(super) fn threads(&self) -> usize {
        self.controls.len()
    }

    pub(super) fn is_running(&self) -> bool {
        self.lock().running > 0
    }

    pub(super) fn ending(&self) -> JobEnding {
        match self.lock().stopped {
            _ if self.is_cancelled() => JobEnding::Cancelled,
            true => JobEnding::Stopped,
            false => JobEnding::Finished,
        }
    }

    // ---- from subtasks -----------------------------------------------------------------------------------------

    /// Set when the job is cancelled.
    pub(super) fn cancelled_flag(&self) -> &Arc<AtomicBool> {
        &self.cancelled
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// The job stops right behind this barrier.
    pub(super) fn stops_at(&self, id: u64) -> bool {
        self.stops_at.load(Ordering::Acquire) == id
    }

    pub(super) fn completed(&self) -> u64 {
        self.completed.load(Ordering::Acquire)
    }

    /// A thread has a barrier behind it.
    pub(super) fn report(&self, thread: usize, id: u64, report: Report) {
        let mut state = self.lock();
        if let Some(pending) = state.pending.as_mut().filter(|pending| pending.id == id) {
            pending.reports[thread] = Some(report);
        }
        self.complete(&mut state);
    }

    /// A thread has come to the end of its inputs: what its nodes are now stands for every later barrier.
    pub(super) fn ended(&self, thread: usize, ending: Ending, report: Report) {
        let mut state = self.lock();
        state.stopped |= ending == Ending::Stopped;
        state.ended[thread] = Some(report);
        self.complete(&mut state);
        if state.ended.iter().all(Option::is_some) {
            (0..self.controls.len()).for_each(|thread| self.tell(thread, Control::Finish));
        }
    }

    /// A thread leaves.
    pub(super) fn left(&self, halt: Option<Halt>) {
        let mut state = self.lock();
        match halt {
            None => {}
            Some(Halt::Cancelled) => self.cancel_locked(&mut state),
            Some(Halt::Failed(error)) => self.fail_locked(&mut state, error),
        }
        state.running -= 1;
        if state.running == 0 {
            state.pending = None;
            state.waiting.drain(..).for_each(|waiting| {
                let _ = waiting.send(());
            });
        }
    }

    /// Notes an error; the job is cancelled. The first one counts.
    pub(super) fn fail(&self, error: Error) {
        self.fail_locked(&mut self.lock(), error);
    }

    // ---- inside ------------------------------------------------------------------------------------------------

    fn fail_locked(&self, state: &mut State, error: Error) {
        // What fails in a job that is cancelled may do so because it is.
        if state.cancel.is_some() {
            state.error.get_or_insert(error);
        }
        self.cancel_locked(state);
    }

    fn cancel_locked(&self, state: &mut State) {
        if state.cancel.take().is_some() {
            self.cancelled.store(true, Ordering::Release);
            // Whoever waits for the snapshot is told by the loss of the sender.
            state.pending = None;
            (0..self.controls.len()).for_each(|thread| self.tell(thread, Control::Cancel));
            self.sinks.iter().for_each(|sink| sink.interrupt());
        }
    }

    fn complete(&self, state: &mut State) {
        let State { pending: slot, ended, .. } = state;
        let complete = slot.as_ref().is_some_and(|pending| {
            pending.reports.iter().zip(ended.iter()).all(|(report, ended)| report.is_some() || ended.is_some())
        });
        let Some(Pending { id, reports, mut nodes, reply }) = slot.take_if(|_| complete) else { return };
        let mut subtasks = vec![0; nodes.len()];
        // Threads are in the order of subtasks within each node.
        for (report, ended) in reports.into_iter().zip(ended.iter()) {
            for (node, snapshot) in report.or_else(|| ended.clone()).unwrap_or_default() {
                nodes[node].subtasks[subtasks[node]] = snapshot;
                subtasks[node] += 1;
            }
        }
        self.completed.store(id, Ordering::Release);
        (0..self.controls.len()).for_each(|thread| self.tell(thread, Control::Commit(id)));
        // Nobody may be waiting any more; the commit stands.
        let _ = reply.send(Ok(JobSnapshot { id, max_parallelism: self.max_parallelism, nodes }));
    }

    fn tell(&self, thread: usize, control: Control) {
        // A thread that has left needs no telling.
        let _ = self.controls[thread].send(control);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics under this lock; and if it did, the job must still come to its end.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
