//! Ctrl-C and SIGTERM: the first ends the statement that runs, in good order; the second ends the process.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use anabranch::config::RuntimeMode;
use anabranch::runtime::JobHandle;
use anabranch::sql::statement::StatementKind;
use anabranch::table::TableEnvironment;

use crate::tell::tell;

/// Clones are the same.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    running: Running,
    /// The first signal that came.
    signal: Option<Signal>,
}

/// What a signal would end.
#[derive(Default)]
enum Running {
    /// Nothing that has written anything.
    #[default]
    Nothing,
    /// A statement in batch mode.
    Batch(TableEnvironment),
    /// A statement that starts a streaming job, and may wait for it.
    Waiting(TableEnvironment),
    /// A streaming job.
    Job(JobHandle),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Interrupt,
    Terminate,
}

impl Signal {
    /// As shells have it: 128 and the signal's number.
    fn exit_code(self) -> u8 {
        match self {
            Signal::Interrupt => 130,
            Signal::Terminate => 143,
        }
    }
}

impl Interrupt {
    /// Signals do this from now on.
    pub fn watch() -> Self {
        let interrupt = Interrupt::default();
        let shared = interrupt.clone();
        let (listens, listening) = mpsc::channel::<()>();
        // A thread of its own: whatever the job does, the signal is heard.
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                // Without it, the signal does what it does by itself.
                let Ok(mut signals) = Signals::listen() else { return };
                drop(listens);
                while let Some(signal) = signals.next().await {
                    shared.received(signal);
                }
            });
        });
        // Until its other end is dropped.
        let _ = listening.recv();
        interrupt
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn received(&self, signal: Signal) {
        let mut state = self.lock();
        if state.signal.is_some() || matches!(state.running, Running::Nothing) {
            // Nothing is flushed: who holds the output may be what does not end.
            std::process::exit(i32::from(signal.exit_code()));
        }
        state.signal = Some(signal);
        // On a terminal the progress stands on the line, or `^C`.
        let begin = if std::io::stderr().is_terminal() { "\n" } else { "" };
        let what = match &state.running {
            Running::Batch(_) => "cancelling: what is not committed is taken back",
            _ => "stopping: what has been read is written",
        };
        tell!("{begin}{what}; press Ctrl-C again to leave at once");
        state.running.end();
    }

    /// A statement is about to be executed.
    pub fn begin(&self, statement: &StatementKind, environment: &TableEnvironment) {
        let config = environment.config();
        let writes = matches!(statement, StatementKind::Insert(_) | StatementKind::StatementSet(_));
        let runs = writes || matches!(statement, StatementKind::Query(_));
        self.lock().running = match config.runtime_mode() {
            RuntimeMode::Batch if runs => Running::Batch(environment.clone()),
            RuntimeMode::Streaming if writes => Running::Waiting(environment.clone()),
            _ => Running::Nothing,
        };
    }

    /// The statement that is executed has become a job.
    pub fn set_job(&self, job: &JobHandle) {
        let mut state = self.lock();
        state.running = Running::Job(job.clone());
        if state.signal.is_some() {
            state.running.end();
        }
    }

    /// The statement has been executed.
    pub fn end(&self) {
        self.lock().running = Running::Nothing;
    }

    /// The exit code of the signal that came, if one came.
    pub fn exit_code(&self) -> Option<u8> {
        self.lock().signal.map(Signal::exit_code)
    }
}

impl Running {
    fn end(&self) {
        match self {
            Running::Nothing => {}
            Running::Batch(environment) | Running::Waiting(environment) => environment.interrupt(),
            Running::Job(job) => job.stop(),
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Option<Signal> {
        tokio::select! {
            got = self.interrupt.recv() => got.map(|()| Signal::Interrupt),
            got = self.terminate.recv() => got.map(|()| Signal::Terminate),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) -> Option<Signal> {
        tokio::signal::ctrl_c().await.ok().map(|()| Signal::Interrupt)
    }
}
