//! The threads that wait: each has an instance of the function and calls it for one row at a time.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anabranch_host::{RowErrorCause, ScalarFunction, ScalarOutput};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use datafusion::arrow::array::ArrayRef;

use crate::error::{Error, Result};
use crate::functions::component::{AsyncOptions, BoundComponent, RowError, host_error};
use crate::operators::Waker;

/// Makes what calls the function; one per thread.
pub trait RowCallers: Debug + Send + Sync {
    fn caller(&self) -> Result<Box<dyn RowCaller>>;
}

/// Calls the function for one row.
pub trait RowCaller: Send {
    /// A row that fails is no error.
    ///
    /// # Errors
    /// Where the function cannot be called at all.
    fn call(&mut self, arguments: &[ArrayRef], timeout: Duration) -> Result<ScalarOutput>;

    /// The row is done, well or not: for counting.
    fn settled(&mut self, error: Option<&RowError>);
}

impl RowCallers for BoundComponent {
    fn caller(&self) -> Result<Box<dyn RowCaller>> {
        // Nothing here is waited for when the job is cancelled: the thread ends by itself.
        Ok(Box::new(self.scalar_instance(&Arc::default())?))
    }
}

impl RowCaller for ScalarFunction {
    fn call(&mut self, arguments: &[ArrayRef], timeout: Duration) -> Result<ScalarOutput> {
        self.call_row(arguments, timeout).map_err(host_error)
    }

    fn settled(&mut self, error: Option<&RowError>) {
        self.count_row(error);
    }
}

/// A row to be called for.
struct Request {
    id: u64,
    /// Of one row each.
    arguments: Vec<ArrayRef>,
}

/// What came of it: a value of one row, or why there is none.
pub struct Reply {
    pub id: u64,
    pub outcome: Result<Result<ArrayRef, RowError>>,
}

/// Threads, as many as rows are in flight, up to the capacity.
pub struct Workers {
    callers: Arc<dyn RowCallers>,
    options: AsyncOptions,
    requests: Sender<Request>,
    waiting: Receiver<Request>,
    replies: Receiver<Reply>,
    reply: Sender<Reply>,
    /// Nothing is sent: it is dropped when the operator is, and what sleeps wakes up.
    stop: Option<Sender<()>>,
    stopped: Receiver<()>,
    threads: usize,
    in_flight: usize,
    waker: Waker,
    /// The subtask was woken and has not looked since.
    woken: Arc<AtomicBool>,
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Threads are not waited for: a call ends by its own limit.
        self.stop = None;
    }
}

impl Workers {
    pub fn new(callers: Arc<dyn RowCallers>, options: AsyncOptions, waker: Waker) -> Self {
        let (requests, waiting) = unbounded();
        let (reply, replies) = unbounded();
        let (stop, stopped) = unbounded();
        Workers {
            callers,
            options,
            requests,
            waiting,
            replies,
            reply,
            stop: Some(stop),
            stopped,
            threads: 0,
            in_flight: 0,
            waker,
            woken: Arc::default(),
        }
    }

    /// Lets a thread call for a row. Not more than the capacity are to be in flight.
    pub fn submit(&mut self, id: u64, arguments: Vec<ArrayRef>) -> Result<()> {
        if self.in_flight >= self.threads {
            self.spawn()?;
        }
        self.in_flight += 1;
        self.requests.send(Request { id, arguments }).map_err(|_| Error::bug("an asynchronous function has no threads"))
    }

    fn spawn(&mut self) -> Result<()> {
        let worker = Worker {
            callers: self.callers.clone(),
            caller: None,
            options: self.options.clone(),
            stopped: self.stopped.clone(),
        };
        let (waiting, reply) = (self.waiting.clone(), self.reply.clone());
        let (waker, woken) = (self.waker.clone(), self.woken.clone());
        let run = move || worker.run(&waiting, &reply, &waker, &woken);
        std::thread::Builder::new()
            .name("async-call".into())
            .spawn(run)
            .map_err(|error| Error::connector(format!("a thread cannot be started: {error}")))?;
        self.threads += 1;
        Ok(())
    }

    /// What has come so far.
    pub fn try_reply(&mut self) -> Option<Reply> {
        // Before looking: what comes afterwards wakes again.
        self.woken.store(false, Ordering::SeqCst);
        let reply = self.replies.try_recv().ok()?;
        self.in_flight -= 1;
        Some(reply)
    }

    /// Waits for what comes next, for a short while.
    pub fn wait(&mut self, at_most: Duration) -> Option<Reply> {
        let reply = self.replies.recv_timeout(at_most).ok()?;
        self.in_flight -= 1;
        Some(reply)
    }

    pub fn has_replies(&self) -> bool {
        !self.replies.is_empty()
    }
}

/// One thread.
struct Worker {
    callers: Arc<dyn RowCallers>,
    caller: Option<Box<dyn RowCaller>>,
    options: AsyncOptions,
    stopped: Receiver<()>,
}

impl Worker {
    fn run(mut self, waiting: &Receiver<Request>, reply: &Sender<Reply>, waker: &Waker, woken: &AtomicBool) {
        while let Ok(request) = self.next(waiting) {
            // A panic must not be a row that never comes.
            let outcome = catch_unwind(AssertUnwindSafe(|| self.serve(&request)));
            let outcome = outcome.unwrap_or_else(|_| Err(Error::bug("the call of an asynchronous function panicked")));
            if reply.send(Reply { id: request.id, outcome }).is_err() {
                return;
            }
            if !woken.swap(true, Ordering::SeqCst) {
                waker.wake();
            }
        }
    }

    fn next(&self, waiting: &Receiver<Request>) -> Result<Request, ()> {
        crossbeam_channel::select! {
            recv(self.stopped) -> _ => Err(()),
            recv(waiting) -> request => request.map_err(|_| ()),
        }
    }

    /// Calls until there is a value, or no more attempt or time.
    fn serve(&mut self, request: &Request) -> Result<Result<ArrayRef, RowError>> {
        let caller = match &mut self.caller {
            Some(caller) => caller,
            empty => empty.insert(self.callers.caller()?),
        };
        let AsyncOptions { timeout, max_attempts, retry_delay, .. } = self.options;
        // From here: making the instance is not the row's time. Before, no row waits: there is a thread for each.
        let begin = Instant::now();
        let left = || timeout.saturating_sub(begin.elapsed());
        let too_late = |last: Option<&str>| RowError {
            row: 0,
            cause: RowErrorCause::Timeout,
            message: format!(
                "took longer than {} ms (option 'async.timeout'){}",
                timeout.as_millis(),
                last.map_or_else(String::new, |last| format!("; it last said: {last}"))
            ),
        };
        let mut attempt = 1;
        let failed = loop {
            let time = left();
            if time.is_zero() {
                break too_late(None);
            }
            let mut output = caller.call(&request.arguments, time)?;
            let Some(error) = output.errors.pop() else {
                caller.settled(None);
                return Ok(Ok(output.array));
            };
            if error.cause == RowErrorCause::Timeout && left().is_zero() {
                break too_late(None);
            }
            if error.cause != RowErrorCause::Function || attempt >= max_attempts {
                break match attempt {
                    1 => error,
                    _ => RowError { message: format!("{} (after {attempt} attempts)", error.message), ..error },
                };
            }
            if left() <= retry_delay {
                break too_late(Some(&error.message));
            }
            if self.stopped.recv_timeout(retry_delay) != Err(RecvTimeoutError::Timeout) {
                // The operator is gone, nobody reads this.
                break error;
            }
            attempt += 1;
        };
        caller.settled(Some(&failed));
        Ok(Err(failed))
    }
}
