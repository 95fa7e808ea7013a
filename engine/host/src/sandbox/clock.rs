//! Clocks: they stand still unless they are granted.

use std::time::{Duration, Instant};

use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::HostWallClock;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

/// A wall clock that stands at the beginning of 1970.
pub(super) struct StillClock;

impl HostWallClock for StillClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// Nanoseconds where the monotonic clock begins: not zero, which Go's runtime takes for a failure.
const BEGINNING: u64 = 1_000_000_000;

/// The monotonic clock: stands still unless granted.
pub(super) struct Clock;

impl HasData for Clock {
    type Data<'a> = ClockView<'a>;
}

pub(super) struct ClockView<'a> {
    /// When the clock began to run, where it is granted.
    pub started: Option<Instant>,
    /// Whether who waits for the clock really waits; otherwise he is woken at once.
    pub waits: bool,
    pub table: &'a mut ResourceTable,
}

impl monotonic_clock::Host for ClockView<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        let elapsed = self.started.map_or(Duration::ZERO, |started| started.elapsed());
        Ok(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX).saturating_add(BEGINNING))
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        // A clock that stands still shows its beginning.
        self.subscribe(self.started.unwrap_or_else(Instant::now), when.saturating_sub(BEGINNING))
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.subscribe(Instant::now(), duration)
    }
}

impl ClockView<'_> {
    fn subscribe(&mut self, from: Instant, nanoseconds: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let timer = match (self.waits, from.checked_add(Duration::from_nanos(nanoseconds))) {
            (false, _) => Timer::Now,
            (true, Some(instant)) => Timer::At(instant),
            (true, None) => Timer::Never,
        };
        let timer = self.table.push(timer)?;
        subscribe(self.table, timer)
    }
}

/// What waits for the clock. That it does not outlast the call is seen to by who waits for it.
enum Timer {
    Now,
    At(Instant),
    Never,
}

#[wasmtime_wasi::async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {
        match self {
            Timer::Now => {}
            Timer::At(instant) => tokio::time::sleep_until((*instant).into()).await,
            Timer::Never => std::future::pending().await,
        }
    }
}
