//! What a job is run with.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Handle;

use super::clock::{Clock, SystemClock};
use super::snapshot::JobSnapshot;
use crate::error::{Error, Result};
use crate::state::DEFAULT_MAX_PARALLELISM;

/// What a job is run with: sizes, times, and where it starts from.
#[derive(Debug, Clone)]
pub struct RuntimeConfig {
    /// Rows of a batch, at most.
    pub batch_size: usize,
    /// How long a partial batch waits for more rows; zero: not at all, every batch goes on as it is.
    pub buffer_timeout: Duration,
    /// Rows per update of state. With 1 the changelog is Flink's, with more it is shorter.
    pub mini_batch_size: usize,
    /// Number of key groups.
    pub max_parallelism: usize,
    /// Batches, watermarks and barriers that a channel between two subtasks holds, at most.
    pub channel_capacity: usize,
    /// The session's time zone, an IANA name.
    pub time_zone: Arc<str>,
    /// Processing time.
    pub clock: Arc<dyn Clock>,
    /// For connectors whose libraries are asynchronous. `None`: that of the caller, else one of the engine's own.
    pub tokio: Option<Handle>,
    /// Where to go on; `None`: from the beginning.
    pub restore: Option<JobSnapshot>,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        RuntimeConfig {
            batch_size: 8192,
            buffer_timeout: Duration::from_millis(5),
            mini_batch_size: 8192,
            max_parallelism: DEFAULT_MAX_PARALLELISM,
            channel_capacity: 8,
            time_zone: "UTC".into(),
            clock: Arc::new(SystemClock),
            tokio: None,
            restore: None,
        }
    }
}

impl RuntimeConfig {
    /// The handle that connectors get.
    pub(super) fn tokio_handle(&self) -> Result<Handle> {
        static OWN: OnceLock<std::io::Result<tokio::runtime::Runtime>> = OnceLock::new();
        if let Some(handle) = &self.tokio {
            return Ok(handle.clone());
        }
        if let Ok(handle) = Handle::try_current() {
            return Ok(handle);
        }
        let own = OWN.get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("anabranch-io")
                .enable_all()
                .build()
        });
        match own {
            Ok(runtime) => Ok(runtime.handle().clone()),
            Err(error) => Err(Error::connector(format!("the threads for input and output cannot be started: {error}"))),
        }
    }
}
