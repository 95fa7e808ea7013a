//! The sandbox of one instance: its limits, and a WASI in which there is nothing.

use std::time::{Duration, Instant};

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime::{Engine, ResourceLimiter, StoreContextMut};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi::{Deterministic, HostWallClock, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use crate::budget::MemoryBudget;
use crate::limits::{Grants, Limits};
use crate::output::Output;
use crate::wire::LOG_INTERFACE;
use crate::wire::description::Level;

/// WASI interfaces that are linked, with nothing in them. Any 0.2 version.
pub(crate) const WASI_INTERFACES: &[&str] =
    &["wasi:cli/", "wasi:clocks/", "wasi:filesystem/", "wasi:io/", "wasi:random/", "wasi:sockets/"];

/// Handles (streams, pollables) that a guest may hold.
pub(crate) const MAX_HANDLES: usize = 4096;
/// Random bytes that a guest may ask for at once.
const MAX_RANDOM: u64 = 1 << 20;

/// What wasmtime keeps beside an instance.
pub(crate) struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    /// When the clock began to run, where it is granted.
    clock: Option<Instant>,
    pub limiter: Limiter,
    pub output: Output,
}

impl State {
    pub fn new(function: &str, limits: &Limits, grants: Grants) -> Self {
        let output = Output::new(function, limits.log_lines);
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(output.stdout())
            .stderr(output.stderr())
            .max_random_size(MAX_RANDOM)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        if !grants.clock {
            wasi.wall_clock(StillClock);
        }
        if !grants.randomness {
            wasi.secure_random(Deterministic::new(seeded_bytes(1)))
                .insecure_random(Deterministic::new(seeded_bytes(2)))
                .insecure_random_seed(0x0061_6e61_6272_616e_6368);
        }
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_HANDLES);
        State {
            wasi: wasi.build(),
            table,
            clock: grants.clock.then(Instant::now),
            limiter: Limiter::new(limits),
            output,
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// Links what a package may import.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    // WASI's own clock would let a guest sleep, and epochs do not interrupt the host.
    linker.allow_shadowing(true);
    monotonic_clock::add_to_linker::<State, Clock>(&mut linker, |state| ClockView {
        started: state.clock,
        table: &mut state.table,
    })?;
    linker.allow_shadowing(false);
    linker.instance(LOG_INTERFACE)?.func_wrap(
        "log",
        |store: StoreContextMut<'_, State>, (level, message): (Level, String)| {
            store.data().output.log(level, &message);
            Ok(())
        },
    )?;
    Ok(linker)
}

/// Counts what an instance uses, and refuses what is too much.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory_limit: usize,
    pub table_limit: usize,
    instances: usize,
    /// Bytes of all linear memories.
    pub memory: usize,
    table_elements: usize,
    /// Whether elements of a table were refused since the call began.
    pub table_refused: bool,
    /// Whether memory was refused since the call began.
    pub memory_refused: bool,
    /// Memory that is shared with other instances.
    pub budget: Option<MemoryBudget>,
    /// Whether the shared memory was used up since the call began.
    pub budget_refused: bool,
}

impl Limiter {
    fn new(limits: &Limits) -> Self {
        Limiter {
            memory_limit: limits.memory,
            table_limit: limits.tables,
            instances: limits.instances,
            memory: 0,
            table_elements: 0,
            table_refused: false,
            memory_refused: false,
            budget: limits.budget.clone(),
            budget_refused: false,
        }
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.give_back(self.memory);
        }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let total = self.memory.saturating_add(more);
        if total > self.memory_limit {
            self.memory_refused = true;
            return Ok(false);
        }
        if self.budget.as_ref().is_some_and(|budget| !budget.take(more)) {
            self.budget_refused = true;
            return Ok(false);
        }
        self.memory = total;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.table_elements.saturating_add(desired.saturating_sub(current));
        if total > self.table_limit {
            self.table_refused = true;
            return Ok(false);
        }
        self.table_elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.instances
    }
}

/// A wall clock that stands at the beginning of 1970.
struct StillClock;

impl HostWallClock for StillClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// The monotonic clock: stands still unless granted, and who waits for it is woken at once.
struct Clock;

impl HasData for Clock {
    type Data<'a> = ClockView<'a>;
}

struct ClockView<'a> {
    started: Option<Instant>,
    table: &'a mut ResourceTable,
}

impl monotonic_clock::Host for ClockView<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        let elapsed = self.started.map_or(Duration::ZERO, |started| started.elapsed());
        Ok(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX))
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, _: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.at_once()
    }

    fn subscribe_duration(&mut self, _: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.at_once()
    }
}

impl ClockView<'_> {
    fn at_once(&mut self) -> wasmtime::Result<Resource<DynPollable>> {
        let ready = self.table.push(AtOnce)?;
        subscribe(self.table, ready)
    }
}

struct AtOnce;

#[wasmtime_wasi::async_trait]
impl Pollable for AtOnce {
    async fn ready(&mut self) {}
}

/// Bytes that look random and are always the same (splitmix64).
fn seeded_bytes(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(4096);
    for _ in 0..512 {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(word ^ (word >> 31)).to_le_bytes());
    }
    bytes
}
