//! The splits of one source, shared by its subtasks: who reads what, and what nobody has begun.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::coordinator::Control;
use super::snapshot::{NodeSnapshot, SplitSnapshot};
use crate::connectors::SplitEnumerator;
use crate::error::Result;
use crate::operators::MIN_WATERMARK;

/// The enumerator and the splits that no reader has.
///
/// Splits that end are handed out one at a time, to whoever asks; splits that do not (partitions) are dealt out evenly
/// as they appear. While a barrier is on its way, from the moment it is sent until the last subtask has it, nothing is
/// handed out: so every split is either here, or in the snapshot of one reader, or finished.
pub(super) struct SplitPool {
    state: Mutex<State>,
    bounded: bool,
    /// Splits come to an end.
    on_demand: bool,
    /// To wake the subtasks, by their number.
    subtasks: Vec<Sender<Control>>,
}

struct State {
    enumerator: Box<dyn SplitEnumerator>,
    /// Discovered and not begun: one queue for all, or one for each subtask.
    queues: Vec<VecDeque<SplitSnapshot>>,
    /// Splits dealt to each subtask.
    dealt: Vec<usize>,
    /// `None`: nothing more will appear.
    next_discovery: Option<Instant>,
    /// Subtasks that have not ended.
    running: Vec<bool>,
    /// Subtasks that a barrier is on its way to.
    awaited: Vec<bool>,
}

/// What a subtask gets that asks for a split.
#[derive(Debug)]
pub(super) enum NextSplit {
    Split(SplitSnapshot),
    /// Ask again after this time, or when woken. `held`: there may be some, but a barrier is on its way.
    Wait {
        again: Option<Duration>,
        held: bool,
    },
    /// There will be no more.
    Finished,
}

impl SplitPool {
    pub(super) fn new(
        mut enumerator: Box<dyn SplitEnumerator>,
        bounded: bool,
        on_demand: bool,
        subtasks: Vec<Sender<Control>>,
        restored: Option<&NodeSnapshot>,
    ) -> Result<Self> {
        let count = subtasks.len();
        let mut splits = Vec::new();
        if let Some(snapshot) = restored {
            enumerator.restore(snapshot.enumerator.clone())?;
            splits = snapshot.splits();
        }
        let queues = if on_demand { 1 } else { count };
        let mut state = State {
            enumerator,
            queues: vec![VecDeque::new(); queues],
            dealt: vec![0; count],
            next_discovery: Some(Instant::now()),
            running: vec![true; count],
            awaited: vec![false; count],
        };
        splits.into_iter().for_each(|split| state.queue(split));
        Ok(SplitPool { state: Mutex::new(state), bounded, on_demand, subtasks })
    }

    pub(super) fn next(&self, subtask: usize) -> Result<NextSplit> {
        let mut state = self.lock();
        let now = Instant::now();
        let queue = if self.on_demand { 0 } else { subtask };
        if state.awaited.contains(&true) {
            // What there is stays where it is until the barrier is through. A subtask for which there is nothing may
            // call itself idle all the same.
            let held = !state.queues[queue].is_empty() || state.next_discovery.is_some_and(|due| due <= now);
            return Ok(NextSplit::Wait { again: None, held });
        }
        if state.next_discovery.is_some_and(|due| due <= now) {
            let found = state.enumerator.discover()?;
            state.next_discovery = state.enumerator.interval().map(|interval| now + interval);
            let others = !found.is_empty();
            for split in found {
                state.queue(SplitSnapshot { split, watermark: MIN_WATERMARK });
            }
            if others {
                self.wake();
            }
        }
        Ok(match (state.queues[queue].pop_front(), state.next_discovery) {
            (Some(split), _) => NextSplit::Split(split),
            (None, Some(due)) => NextSplit::Wait { again: Some(due.saturating_duration_since(now)), held: false },
            (None, None) if self.bounded => NextSplit::Finished,
            (None, None) => NextSplit::Wait { again: None, held: false },
        })
    }

    /// A barrier is about to be sent: what nobody has begun, and what the enumerator knows.
    pub(super) fn begin_barrier(&self) -> (Vec<SplitSnapshot>, Vec<String>) {
        let mut state = self.lock();
        state.awaited = state.running.clone();
        (state.queues.iter().flatten().cloned().collect(), state.enumerator.snapshot())
    }

    /// A subtask has taken its snapshot.
    pub(super) fn barrier_taken(&self, subtask: usize) {
        let mut state = self.lock();
        state.awaited[subtask] = false;
        if !state.awaited.contains(&true) {
            self.wake();
        }
    }

    pub(super) fn ended(&self, subtask: usize) {
        self.lock().running[subtask] = false;
        self.barrier_taken(subtask);
    }

    /// Whether a reader is given one split after another.
    pub(super) fn is_on_demand(&self) -> bool {
        self.on_demand
    }

    fn wake(&self) {
        for subtask in &self.subtasks {
            // A subtask that has ended does not listen any more.
            let _ = subtask.send(Control::Wake);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic of a peer ends the job anyway.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn queue(&mut self, split: SplitSnapshot) {
        let queue = match self.queues.len() {
            1 => 0,
            _ => (0..self.dealt.len()).min_by_key(|&subtask| self.dealt[subtask]).unwrap_or(0),
        };
        self.dealt[queue] += 1;
        self.queues[queue].push_back(split);
    }
}
