//! The sandbox of one instance: its limits, and a WASI in which there is what is granted.

mod clock;
mod deadline;
mod http;
mod limiter;
mod random;

use std::time::Instant;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, StoreContextMut};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::bindings::sync::io;
use wasmtime_wasi::{Deterministic, FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use self::clock::{Clock, ClockView, StillClock};
pub(crate) use self::deadline::CallTimeout;
use self::deadline::{Io, IoView};
use self::http::{Http, Request, Response};
use self::limiter::Limiter;
use self::random::seeded_bytes;
use crate::error::{Error, Result};
use crate::grants::{Grants, Resolved};
use crate::limits::Limits;
use crate::output::Output;
use crate::redact::Redactor;
use crate::wire::description::Level;
use crate::wire::{HTTP_INTERFACE, LOG_INTERFACE};

/// WASI interfaces that are linked, with nothing in them but what is granted. Any 0.2 version.
pub(crate) const WASI_INTERFACES: &[&str] = &[
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:http/outgoing-handler@",
    "wasi:http/types@",
    "wasi:io/",
    "wasi:random/",
    "wasi:sockets/",
];

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
    /// Whether who waits for the clock really waits.
    waits: bool,
    http: Http,
    http_context: WasiHttpCtx,
    pub limiter: Limiter,
    pub output: Output,
}

impl State {
    /// # Errors
    /// [`Error::Option`] where something that is granted is not there: a variable, a secret, a directory.
    pub fn new(function: &str, limits: &Limits, grants: &Grants) -> Result<Self> {
        let Resolved { variables, redactor } = grants.resolve()?;
        let output = Output::new(function, limits.log_lines, redactor);
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(output.stdout())
            .stderr(output.stderr())
            .envs(&variables)
            .max_random_size(MAX_RANDOM)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        for directory in &grants.directories {
            let permissions = if directory.writable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
            wasi.preopened_dir(&directory.host, &directory.guest, permissions).map_err(|error| {
                let (guest, host) = (&directory.guest, directory.host.display());
                Error::Option(format!("option 'grant.dir.{guest}': '{host}': {error:#}"))
            })?;
        }
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
        let mut http_context = WasiHttpCtx::new();
        http_context.set_field_size_limit(http::MAX_FIELDS);
        Ok(State {
            wasi: wasi.build(),
            table,
            clock: grants.clock.then(Instant::now),
            // Libraries for HTTP wait for a response or a timer, whichever is first.
            waits: grants.clock || !grants.http.is_empty(),
            http: Http::new(&grants.http, limits, output.clone()),
            http_context,
            limiter: Limiter::new(limits),
            output,
        })
    }

    /// Sets when the call that begins must have ended, wherever in the host it waits.
    pub fn set_deadline(&mut self, deadline: Instant) {
        self.http.deadline = deadline;
    }

    /// What hides the secrets that this instance was given.
    pub fn redactor(&self) -> &Redactor {
        self.output.redactor()
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.http, table: &mut self.table, ctx: &mut self.http_context }
    }
}

fn io_view(state: &mut State) -> IoView<'_> {
    IoView { deadline: state.http.deadline, table: &mut state.table }
}

/// Links what a package may import.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_sync(&mut linker)?;
    // Ours, which stand still, and which wait no longer than a call may.
    linker.allow_shadowing(true);
    monotonic_clock::add_to_linker::<State, Clock>(&mut linker, |state| ClockView {
        started: state.clock,
        waits: state.waits,
        table: &mut state.table,
    })?;
    io::poll::add_to_linker::<State, Io>(&mut linker, io_view)?;
    io::streams::add_to_linker::<State, Io>(&mut linker, io_view)?;
    linker.allow_shadowing(false);
    linker.instance(LOG_INTERFACE)?.func_wrap(
        "log",
        |store: StoreContextMut<'_, State>, (level, message): (Level, String)| {
            store.data().output.log(level, &message);
            Ok(())
        },
    )?;
    linker.instance(HTTP_INTERFACE)?.func_wrap(
        "send",
        |store: StoreContextMut<'_, State>, (request,): (Request,)| -> wasmtime::Result<(Result<Response, String>,)> {
            Ok((store.data().http.send_and_wait(request)?,))
        },
    )?;
    Ok(linker)
}
