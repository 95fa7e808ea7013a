//! Processing time, and how long to wait for it.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::operators::Timestamp;

/// Where processing time comes from.
pub trait Clock: Debug + Send + Sync {
    /// Milliseconds since the epoch.
    fn now(&self) -> Timestamp;

    /// How long a subtask sleeps until `time`, at most; `None`: until it is woken (`JobHandle::wake`).
    fn until(&self, time: Timestamp) -> Option<Duration>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::try_from(since.as_millis()).unwrap_or(Timestamp::MAX)
    }

    fn until(&self, time: Timestamp) -> Option<Duration> {
        Some(Duration::from_millis(u64::try_from(time.saturating_sub(self.now())).unwrap_or(0)))
    }
}

/// A clock that stands still until it is set: for tests. After setting it, wake the job.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn new(now: Timestamp) -> Self {
        ManualClock(AtomicI64::new(now))
    }

    pub fn set(&self, now: Timestamp) {
        self.0.store(now, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.0.load(Ordering::SeqCst)
    }

    fn until(&self, time: Timestamp) -> Option<Duration> {
        (time <= self.now()).then_some(Duration::ZERO)
    }
}
