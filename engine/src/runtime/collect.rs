//! A sink that hands batches to the caller: what a SELECT writes to.

use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures::Stream;

use crate::changelog::{ChangelogBatch, ChangelogMode};
use crate::connectors::{Sink, SinkWriter, WriterContext};
use crate::error::{Error, Result};

/// A sink and its other end. Of `capacity` batches the sink waits, so a slow reader slows the query down.
///
/// Rows are handed out as they come, without waiting for a commit. The sink can be opened for one job, by several
/// subtasks; when all of them have left, the stream ends.
pub fn collect(mode: ChangelogMode, capacity: usize) -> (Arc<dyn Sink>, Collected) {
    let queue = Arc::new(Queue { state: Mutex::default(), room: Condvar::new(), capacity: capacity.max(1) });
    (Arc::new(CollectSink { mode, queue: queue.clone() }), Collected { queue })
}

struct Queue {
    state: Mutex<State>,
    room: Condvar,
    capacity: usize,
}

#[derive(Default)]
struct State {
    batches: VecDeque<ChangelogBatch>,
    writers: usize,
    opened: bool,
    /// The reader has gone, or the job was cancelled: batches are dropped.
    closed: bool,
    waiting: Option<Waker>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.room.notify_all();
        wake(&mut state);
    }
}

fn wake(state: &mut State) {
    if let Some(waker) = state.waiting.take() {
        waker.wake();
    }
}

struct CollectSink {
    mode: ChangelogMode,
    queue: Arc<Queue>,
}

impl Debug for CollectSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectSink").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl Sink for CollectSink {
    fn changelog_mode(&self) -> ChangelogMode {
        self.mode
    }

    fn writer(&self, _context: &WriterContext) -> Result<Box<dyn SinkWriter>> {
        let mut state = self.queue.lock();
        state.opened = true;
        state.writers += 1;
        Ok(Box::new(CollectWriter { queue: self.queue.clone() }))
    }

    /// The order of rows is the query's.
    fn max_parallelism(&self) -> Option<usize> {
        Some(1)
    }

    fn interrupt(&self) {
        self.queue.close();
    }
}

struct CollectWriter {
    queue: Arc<Queue>,
}

impl SinkWriter for CollectWriter {
    fn write(&mut self, batch: ChangelogBatch) -> Result<()> {
        let state = self.queue.lock();
        let full = |state: &mut State| !state.closed && state.batches.len() >= self.queue.capacity;
        let mut state = self.queue.room.wait_while(state, full).unwrap_or_else(PoisonError::into_inner);
        if !state.closed {
            state.batches.push_back(batch);
            wake(&mut state);
        }
        Ok(())
    }

    fn prepare(&mut self, _checkpoint: u64) -> Result<Option<String>> {
        Ok(None)
    }

    fn commit(&mut self, _prepared: &str) -> Result<()> {
        Err(Error::bug("a collecting sink has nothing to commit"))
    }

    fn abort(&mut self, _prepared: Option<&str>) -> Result<()> {
        Ok(())
    }
}

impl Drop for CollectWriter {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.writers -= 1;
        wake(&mut state);
    }
}

/// The batches of a query, as a stream (`StreamExt::next`, or `futures::executor::block_on_stream`). It ends when the
/// job has ended, well or not: ask the job for its error. Once it is dropped, further batches are dropped too.
pub struct Collected {
    queue: Arc<Queue>,
}

impl Debug for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collected").finish_non_exhaustive()
    }
}

impl Stream for Collected {
    type Item = ChangelogBatch;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ChangelogBatch>> {
        let mut state = self.queue.lock();
        if let Some(batch) = state.batches.pop_front() {
            self.queue.room.notify_one();
            return Poll::Ready(Some(batch));
        }
        if state.closed || (state.opened && state.writers == 0) {
            return Poll::Ready(None);
        }
        state.waiting = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Collected {
    fn drop(&mut self) {
        self.queue.close();
    }
}
