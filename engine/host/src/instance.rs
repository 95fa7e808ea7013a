//! One instance of a component: calls into it, bounded, with every failure classified.

use std::time::{Duration, Instant};

use wasmtime::component::{ComponentNamedList, Lift, Lower, TypedFunc};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap, WasmBacktrace};

use crate::error::{Error, LastWords, Result};
use crate::grants::Grants;
use crate::host::{Host, MAX_INSTANCES};
use crate::limits::Limits;
use crate::package::{Definition, Package};
use crate::sandbox::{CallTimeout, MAX_HANDLES, State};
use crate::text;
use crate::wire::description::{Binding, Bound, Defined, Metadata, Signature, SourceError, WireRowError};
use crate::wire::lift::TooMuchOutput;

/// Frames of a trap's backtrace that are named in its message.
const NAMED_FRAMES: usize = 4;
/// Bytes of what a package or a binding says of itself.
const DESCRIPTION_BYTES: usize = 16 << 20;

/// An instance with its store. Dropped at the first failure: a trap leaves it in no known state.
pub(crate) struct Instance {
    pub store: Store<State>,
    pub exports: wasmtime::component::Instance,
    failed: Failed,
    ticks: u64,
    may_wait: bool,
    poisoned: bool,
    /// The number of the function that was defined in it.
    defined: Option<u32>,
    started: Instant,
    calls: usize,
    /// Calls into the guest are timed.
    pub timed: bool,
    /// Calls into the guest, and the time of those that were timed, since they were last taken.
    spent: (u64, Duration),
}

/// What a failure's message says beside its cause.
struct Failed {
    function: String,
    timeout: Duration,
    memory_limit: usize,
    output_limit: usize,
}

impl Instance {
    /// `function` stands in messages.
    pub fn new(package: &Package, function: &str, limits: &Limits, grants: &Grants) -> Result<Self> {
        let mut store = Store::new(&package.host.engine, State::new(function, limits, grants)?);
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(limits.max_output_bytes);
        // Of resources that the guest makes itself, too.
        store.set_max_component_handles(MAX_HANDLES);
        let ticks = Host::ticks(limits.timeout);
        store.set_epoch_deadline(ticks);
        let started = on_a_free_thread(package.may_wait, || package.pre.instantiate(&mut store))?;
        let failed = Failed {
            function: function.to_string(),
            timeout: limits.timeout,
            memory_limit: limits.memory,
            output_limit: limits.max_output_bytes,
        };
        let exports = started.map_err(|error| match classify(error, &store, &failed) {
            Error::BadResult { function, reason, words } => Error::Bind { function, reason, words },
            other => other,
        })?;
        let mut instance = Instance {
            store,
            exports,
            failed,
            ticks,
            may_wait: package.may_wait,
            poisoned: false,
            defined: None,
            started: Instant::now(),
            calls: 0,
            timed: false,
            spent: (0, Duration::ZERO),
        };
        if let Some(definition) = &package.definition {
            instance.define(package, definition)?;
        }
        Ok(instance)
    }

    /// Looks up an exported function.
    pub fn function<P, R>(&mut self, index: &wasmtime::component::ComponentExportIndex) -> Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.exports.get_typed_func(&mut self.store, index).map_err(|error| Error::Contract {
            package: format!("the package of '{}'", self.failed.function),
            found: format!("a function of it has another type ({error:#})"),
            wanted: crate::wire::FUNCTIONS_INTERFACE.to_string(),
        })
    }

    /// Calls into the guest within the limits.
    pub fn call<P, R>(&mut self, function: TypedFunc<P, R>, parameters: P) -> Result<R>
    where
        P: ComponentNamedList + Lower + Send,
        R: ComponentNamedList + Lift + Send,
    {
        if self.poisoned {
            return Err(Error::Poisoned { function: self.failed.function.clone() });
        }
        self.store.set_epoch_deadline(self.ticks);
        let state = self.store.data_mut();
        state.limiter.memory_refused = false;
        state.limiter.budget_refused = false;
        state.limiter.table_refused = false;
        state.output.begin_call();
        if self.may_wait {
            state.set_deadline(Instant::now() + self.failed.timeout);
        }
        self.calls += 1;
        let store = &mut self.store;
        let started = self.timed.then(Instant::now);
        let called = on_a_free_thread(self.may_wait, || function.call(store, parameters))?;
        self.spent.0 += 1;
        if let Some(started) = started {
            self.spent.1 += started.elapsed();
        }
        match called {
            Ok(result) => Ok(result),
            Err(error) => {
                self.poisoned = true;
                Err(classify(error, &self.store, &self.failed))
            }
        }
    }

    /// Gives the following calls another time limit.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.failed.timeout = timeout;
        self.ticks = Host::ticks(timeout);
    }

    /// Calls into the guest, and the time of those that were timed, since this was last asked.
    pub fn take_spent(&mut self) -> (u64, Duration) {
        std::mem::take(&mut self.spent)
    }

    /// Bytes of all linear memories.
    pub fn memory(&self) -> usize {
        self.store.data().limiter.memory
    }

    /// Whether a fresh instance should take its place: it has served as many calls, or as long, as one may.
    pub fn is_worn(&self, limits: &Limits) -> bool {
        limits.recycle_calls.is_some_and(|calls| self.calls >= calls)
            || limits.recycle_age.is_some_and(|age| self.started.elapsed() >= age)
    }

    /// What the guest wrote during the last call.
    pub fn last_words(&self) -> LastWords {
        self.store.data().output.last_words()
    }

    /// A text of the guest's, without the secrets that it was given.
    /// What [`text::message`] would cut off is not looked at, however long it is.
    pub fn redact(&self, mut text: String) -> String {
        let redactor = self.store.data().redactor();
        let longest = redactor.longest();
        if longest == 0 {
            return text;
        }
        // A secret that begins in what is shown is seen whole.
        let limit = text.floor_char_boundary(2 * text::MESSAGE_BYTES);
        text.truncate(text.floor_char_boundary(limit + longest));
        String::from_utf8_lossy(&redactor.redact_bytes(text.as_bytes(), limit)).into_owned()
    }

    /// Hides secrets in what the guest says of rows.
    pub fn redact_rows(&self, errors: &mut [WireRowError]) {
        for error in errors {
            error.message = self.redact(std::mem::take(&mut error.message));
        }
    }

    /// No call may follow: the guest broke a promise.
    pub fn poison(&mut self) {
        self.poisoned = true;
    }

    /// Asks the package what it holds.
    pub fn describe(&mut self, package: &Package) -> Result<Metadata> {
        let describe = self.function::<(), (Metadata,)>(&package.exports.describe)?;
        let (metadata,) = self.describing(|instance| instance.call(describe, ())).map_err(|error| match error {
            Error::OutputTooLarge { .. } => {
                Error::Metadata { package: format!("'{}'", package.name()), reason: too_long() }
            }
            other => other,
        })?;
        Ok(metadata)
    }

    /// Has an interpreter define a function: in this instance, it is the one that is bound then.
    pub fn define(&mut self, package: &Package, definition: &Definition) -> Result<Defined> {
        let Some(define) = package.exports.define.as_ref() else {
            return Err(Error::Bug(format!("package '{}' is no interpreter", package.name())));
        };
        type Parameters = (&'static Signature, &'static str);
        let define = self.function::<Parameters, (Result<Defined, SourceError>,)>(define)?;
        let parameters = (&definition.signature, definition.source.as_str());
        let (defined,) = self.describing(|instance| instance.call(define, parameters))?;
        let defined = defined.map_err(|SourceError { message, line, column }| Error::Source {
            function: self.failed.function.clone(),
            message: text::message(self.redact(message)),
            line,
            column,
            words: self.last_words(),
        })?;
        self.defined = Some(defined.function);
        Ok(defined)
    }

    /// Binds a function; the inner error is the guest's.
    pub fn bind(&mut self, package: &Package, binding: &Binding) -> Result<Result<Bound, String>> {
        let bind = self.function::<(&'static Binding,), (Result<Bound, String>,)>(&package.exports.bind)?;
        let of_defined;
        let binding = match self.defined {
            Some(function) => {
                of_defined = Binding { function, ..binding.clone() };
                &of_defined
            }
            None => binding,
        };
        let (bound,) = self.describing(|instance| instance.call(bind, (binding,))).map_err(|error| match error {
            Error::OutputTooLarge { function, words, .. } => Error::Bind { function, reason: too_long(), words },
            other => other,
        })?;
        // Secrets first: a cut might leave a part of one.
        Ok(bound.map_err(|reason| text::message(self.redact(reason))))
    }

    /// A call that returns a description, which has a limit of its own.
    fn describing<R>(&mut self, call: impl FnOnce(&mut Self) -> Result<R>) -> Result<R> {
        self.store.set_hostcall_fuel(DESCRIPTION_BYTES);
        let described = call(self);
        self.store.set_hostcall_fuel(self.failed.output_limit);
        described
    }
}

fn too_long() -> String {
    format!("what it says of itself has more than {DESCRIPTION_BYTES} bytes")
}

/// Host functions of WASI and HTTP block on asynchronous tasks, which a thread that drives such tasks must not do. There,
/// calls go to a thread of their own; elsewhere, and where nothing waits, they stay.
fn on_a_free_thread<R: Send>(may_wait: bool, call: impl FnOnce() -> R + Send) -> Result<R> {
    if !may_wait || tokio::runtime::Handle::try_current().is_err() {
        return Ok(call());
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .spawn_scoped(scope, call)
            .map_err(|error| Error::Bug(format!("no thread can be started for a call into a function: {error}")))?;
        thread.join().map_err(|_| Error::Bug("a call into a function panicked".into()))
    })
}

/// Says what a failure of wasmtime means.
fn classify(error: wasmtime::Error, store: &Store<State>, failed: &Failed) -> Error {
    let function = failed.function.clone();
    let state = store.data();
    let words = state.output.last_words();
    // wasmtime's own lists are charged to the same account, but its error has no public type.
    let too_much = error.is::<TooMuchOutput>() || error.to_string().contains("fuel allocated for hostcalls");
    if too_much {
        return Error::OutputTooLarge {
            function,
            row: None,
            limit: failed.output_limit,
            what: "bytes in one call",
            option: "max-output-bytes",
            words,
        };
    }
    if error.is::<PoolConcurrencyLimitError>() {
        let reason = format!(
            "this process has {MAX_INSTANCES} instances of functions, and cannot have more: lower the parallelism, or \
             divide the job"
        );
        return Error::BadResult { function, reason, words };
    }
    let trap = error.downcast_ref::<Trap>().copied();
    if trap == Some(Trap::Interrupt) || error.is::<CallTimeout>() {
        return Error::Timeout { function, row: None, limit: failed.timeout, words };
    }
    if state.limiter.memory_refused {
        return Error::OutOfMemory { function, row: None, limit: failed.memory_limit, words };
    }
    if let Some(budget) = state.limiter.budget.as_ref().filter(|_| state.limiter.budget_refused) {
        return Error::OverBudget { function, limit: budget.limit(), option: budget.option(), words };
    }
    if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return Error::Trap { function, row: None, reason: format!("it called exit({})", exit.0), words };
    }
    match trap {
        Some(trap) => {
            let trap = trap.to_string();
            let reason = trap.strip_prefix("wasm trap: ").unwrap_or(&trap);
            let refused = match state.limiter.table_refused {
                true => format!(
                    "; it was refused more than {} elements of tables (option 'tables')",
                    state.limiter.table_limit
                ),
                false => String::new(),
            };
            Error::Trap { function, row: None, reason: format!("{reason}{}{refused}", place(&error)), words }
        }
        None => {
            let said = error.root_cause().to_string();
            let reason = if state.limiter.table_refused {
                format!("it has more than {} elements of tables (option 'tables')", state.limiter.table_limit)
            } else if said.contains("instance count too high") {
                format!("it consists of more than {} instances (option 'instances')", state.limiter.instance_limit)
            } else {
                text::message(state.redactor().redact(said))
            };
            Error::BadResult { function, reason, words }
        }
    }
}

/// Where the guest was, innermost first, as far as the component has names.
fn place(error: &wasmtime::Error) -> String {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else {
        return String::new();
    };
    let names: Vec<_> = backtrace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        .take(NAMED_FRAMES)
        .map(|name| format!("`{}`", text::name(name)))
        .collect();
    if names.is_empty() { String::new() } else { format!(" in {}", names.join(" < ")) }
}
