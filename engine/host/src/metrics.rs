//! What a bound function has done: counted by each instance for itself, added up when somebody looks.
//!
//! Reading a clock costs a tenth of the shortest call. So short calls are timed one in [`SAMPLED`], and that time counts
//! as often; long calls and calls with many rows are all timed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{RowError, RowErrorCause};
use crate::instance::Instance;

/// Of so many short calls one is timed.
const SAMPLED: u32 = 64;
/// Calls of so many rows are all timed.
const MANY_ROWS: usize = 512;
/// Calls that take so long are all timed, while they do.
const LONG: Duration = Duration::from_micros(20);

/// What all instances of a bound function have done together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FunctionTotals {
    /// Calls into the guest.
    pub calls: u64,
    /// Rows that the function was asked for; of an aggregate those that came and went.
    pub rows: u64,
    /// Rows for which the guest returned an error.
    pub row_errors: u64,
    /// Rows that trapped.
    pub traps: u64,
    /// Rows that took too long.
    pub timeouts: u64,
    /// Rows that needed too much memory or gave too much output.
    pub too_large: u64,
    /// Time in the guest; of short calls an estimate.
    pub guest: Duration,
    /// Time in the host around the guest: to encode, decode and check.
    pub host: Duration,
    /// Linear memory of the largest instance, in bytes.
    pub peak_memory: usize,
    /// Instances made.
    pub instances: u64,
    /// Instances that were replaced: since they had outgrown their memory, or failed.
    pub replaced: u64,
}

impl FunctionTotals {
    /// Rows that failed, however.
    pub fn failed(&self) -> u64 {
        self.row_errors + self.traps + self.timeouts + self.too_large
    }

    /// Adds what another binding of the function has done.
    pub fn add(&mut self, other: &FunctionTotals) {
        self.calls += other.calls;
        self.rows += other.rows;
        self.row_errors += other.row_errors;
        self.traps += other.traps;
        self.timeouts += other.timeouts;
        self.too_large += other.too_large;
        self.guest += other.guest;
        self.host += other.host;
        self.peak_memory = self.peak_memory.max(other.peak_memory);
        self.instances += other.instances;
        self.replaced += other.replaced;
    }
}

/// The counters of a bound function, which outlast it. Cheap to clone; clones count the same.
#[derive(Debug, Clone, Default)]
pub struct FunctionMetrics(Arc<Mutex<Vec<Arc<Counters>>>>);

impl FunctionMetrics {
    /// A meter for one instance of the function.
    pub(crate) fn meter(&self) -> Meter {
        let counters = Arc::new(Counters::default());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(counters.clone());
        Meter { counters, until_sample: 0, weight: 0, started: None, guest: Duration::ZERO, was_long: false }
    }

    /// What all instances have done so far.
    pub fn totals(&self) -> FunctionTotals {
        let mut totals = FunctionTotals::default();
        for counters in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            totals.add(&counters.totals());
        }
        totals
    }
}

/// Written by one instance alone, so that counting needs no exclusive access to memory.
#[derive(Debug, Default)]
struct Counters {
    calls: AtomicU64,
    rows: AtomicU64,
    row_errors: AtomicU64,
    traps: AtomicU64,
    timeouts: AtomicU64,
    too_large: AtomicU64,
    guest: AtomicU64,
    host: AtomicU64,
    peak_memory: AtomicU64,
    instances: AtomicU64,
    replaced: AtomicU64,
}

impl Counters {
    fn totals(&self) -> FunctionTotals {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FunctionTotals {
            calls: get(&self.calls),
            rows: get(&self.rows),
            row_errors: get(&self.row_errors),
            traps: get(&self.traps),
            timeouts: get(&self.timeouts),
            too_large: get(&self.too_large),
            guest: Duration::from_nanos(get(&self.guest)),
            host: Duration::from_nanos(get(&self.host)),
            peak_memory: get(&self.peak_memory) as usize,
            instances: get(&self.instances),
            replaced: get(&self.replaced),
        }
    }
}

/// Adds to a counter that nobody else writes.
fn add(counter: &AtomicU64, count: u64) {
    counter.store(counter.load(Ordering::Relaxed).wrapping_add(count), Ordering::Relaxed);
}

/// Counts what one instance does.
#[derive(Debug)]
pub(crate) struct Meter {
    counters: Arc<Counters>,
    until_sample: u32,
    /// As how many calls the running one counts in time; 0: it is not timed.
    weight: u32,
    started: Option<Instant>,
    /// Time in the guest during the running call.
    guest: Duration,
    was_long: bool,
}

impl Meter {
    /// A call of the host begins. (One of them may become several into the guest.)
    pub fn begin(&mut self, rows: usize) {
        self.weight = if rows >= MANY_ROWS || self.was_long {
            1
        } else if self.until_sample == 0 {
            self.until_sample = SAMPLED - 1;
            SAMPLED
        } else {
            self.until_sample -= 1;
            0
        };
        self.guest = Duration::ZERO;
        self.started = (self.weight > 0).then(Instant::now);
    }

    /// Whether calls into the guest are to be timed now.
    pub fn is_timing(&self) -> bool {
        self.weight > 0
    }

    /// Takes over what an instance has done since it was last asked.
    pub fn take(&mut self, instance: &mut Instance) {
        let (calls, guest) = instance.take_spent();
        self.guest += guest;
        add(&self.counters.calls, calls);
        let memory = instance.memory() as u64;
        if memory > self.counters.peak_memory.load(Ordering::Relaxed) {
            self.counters.peak_memory.store(memory, Ordering::Relaxed);
        }
    }

    /// The call of the host is over; it was for so many rows (0 where they were counted before).
    pub fn end(&mut self, rows: usize, errors: &[RowError]) {
        self.count(rows, errors);
        if let Some(started) = self.started.take() {
            let whole = started.elapsed();
            self.was_long = whole >= LONG;
            // A long call among short ones stands for itself.
            let weight = if self.was_long { 1 } else { u64::from(self.weight) };
            add(&self.counters.guest, nanos(self.guest) * weight);
            add(&self.counters.host, nanos(whole.saturating_sub(self.guest)) * weight);
        }
        self.weight = 0;
    }

    /// Counts rows and those of them that failed.
    pub fn count(&mut self, rows: usize, errors: &[RowError]) {
        add(&self.counters.rows, rows as u64);
        for error in errors {
            let counter = match error.cause {
                RowErrorCause::Function => &self.counters.row_errors,
                RowErrorCause::Trap => &self.counters.traps,
                RowErrorCause::Timeout => &self.counters.timeouts,
                RowErrorCause::Memory | RowErrorCause::Output => &self.counters.too_large,
            };
            add(counter, 1);
        }
    }

    /// An instance was made: the first, or one in the place of another.
    pub fn made(&mut self, replaces: bool) {
        add(&self.counters.instances, 1);
        if replaces {
            add(&self.counters.replaced, 1);
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
