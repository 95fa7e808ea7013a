//! The options that SET knows, by Flink's names: one list, with the type, the default and the meaning of each.

mod options;
mod quantity;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use self::options::option;
use crate::error::{Error, Result};

pub use options::{ConfigOption, FUNCTIONS_MEMORY, OPTIONS};
pub use quantity::{duration, memory_size};

/// Whether a job ends, and what that allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RuntimeMode {
    /// Changelogs, on the streaming operators.
    #[default]
    Streaming,
    /// Final rows only, on DataFusion's batch engine. All sources are bounded.
    Batch,
}

impl fmt::Display for RuntimeMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RuntimeMode::Streaming => "streaming",
            RuntimeMode::Batch => "batch",
        })
    }
}

/// All settings with their types. Options that are not set have their defaults.
#[derive(Debug, Clone, PartialEq)]
struct Settings {
    parallelism: usize,
    table_parallelism: Option<usize>,
    max_parallelism: usize,
    runtime_mode: RuntimeMode,
    buffer_timeout: Duration,
    batch_size: usize,
    mini_batch_enabled: bool,
    mini_batch_latency: Option<Duration>,
    mini_batch_size: Option<usize>,
    time_zone: Arc<str>,
    idle_timeout: Option<Duration>,
    job_name: Option<String>,
    dml_sync: bool,
    drop_nulls: bool,
    require_on_conflict: bool,
    upsert_materialize: bool,
    functions_memory: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            parallelism: 1,
            table_parallelism: None,
            max_parallelism: 128,
            runtime_mode: RuntimeMode::Streaming,
            buffer_timeout: Duration::from_millis(5),
            batch_size: 8192,
            mini_batch_enabled: true,
            mini_batch_latency: None,
            mini_batch_size: None,
            time_zone: "UTC".into(),
            idle_timeout: None,
            job_name: None,
            dml_sync: false,
            drop_nulls: false,
            require_on_conflict: true,
            upsert_materialize: true,
            functions_memory: 4 << 30,
        }
    }
}

/// The session's options.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    values: BTreeMap<&'static str, String>,
    settings: Settings,
}

impl Config {
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an option.
    ///
    /// # Errors
    /// User errors for unknown options, naming the nearest known ones, and for values that do not fit.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let option = option(name)?;
        (option.apply)(&mut self.settings, value)
            .map_err(|problem| Error::user(format!("option '{name}' cannot be '{value}': {problem}")))?;
        self.values.insert(option.name, value.to_owned());
        Ok(())
    }

    /// Gives an option its default again.
    ///
    /// # Errors
    /// User errors for unknown options, naming the nearest known ones.
    pub fn reset(&mut self, name: &str) -> Result<()> {
        self.values.remove(option(name)?.name);
        let mut config = Config::default();
        for (name, value) in &self.values {
            config.set(name, value)?;
        }
        *self = config;
        Ok(())
    }

    /// Gives all options their defaults again.
    pub fn reset_all(&mut self) {
        *self = Config::default();
    }

    /// An option's value as text; the default where it is not set.
    ///
    /// # Errors
    /// User errors for unknown options, naming the nearest known ones.
    pub fn get(&self, name: &str) -> Result<&str> {
        let option = option(name)?;
        Ok(self.values.get(option.name).map_or(option.default, String::as_str))
    }

    /// The options that are set, by name.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Subtasks of each operator.
    pub fn parallelism(&self) -> usize {
        self.settings.table_parallelism.unwrap_or(self.settings.parallelism)
    }

    /// Number of key groups.
    pub fn max_parallelism(&self) -> usize {
        self.settings.max_parallelism
    }

    pub fn runtime_mode(&self) -> RuntimeMode {
        self.settings.runtime_mode
    }

    /// How long a partial batch may wait for more rows.
    pub fn buffer_timeout(&self) -> Duration {
        match self.settings.mini_batch_latency {
            Some(latency) => latency.min(self.settings.buffer_timeout),
            None => self.settings.buffer_timeout,
        }
    }

    /// Rows of a batch, at most.
    pub fn batch_size(&self) -> usize {
        self.settings.batch_size
    }

    /// Rows per update of state: the batch size unless set.
    pub fn mini_batch_size(&self) -> usize {
        match self.settings.mini_batch_enabled {
            true => self.settings.mini_batch_size.unwrap_or(self.settings.batch_size),
            false => 1,
        }
    }

    /// The session's time zone: an IANA name or an offset, known to Arrow.
    pub fn time_zone(&self) -> &Arc<str> {
        &self.settings.time_zone
    }

    /// Bytes of memory that all instances of the functions of a job may have together.
    pub fn functions_memory(&self) -> usize {
        self.settings.functions_memory
    }

    /// `None`: a split without rows holds the watermark back for ever.
    pub fn idle_timeout(&self) -> Option<Duration> {
        self.settings.idle_timeout
    }

    pub fn job_name(&self) -> Option<&str> {
        self.settings.job_name.as_deref()
    }

    /// Rows with a NULL for a NOT NULL column of a sink are dropped; else the job fails.
    pub fn drop_nulls(&self) -> bool {
        self.settings.drop_nulls
    }

    /// An INSERT whose rows may meet at one primary key must say what becomes of them.
    pub fn require_on_conflict(&self) -> bool {
        self.settings.require_on_conflict
    }

    /// Where it need not say, the last of them stands.
    pub fn upsert_materialize(&self) -> bool {
        self.settings.upsert_materialize
    }

    /// An INSERT returns when its job has ended.
    pub fn dml_sync(&self) -> bool {
        self.settings.dml_sync
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn defaults_are_what_the_list_says() {
        let mut explicit = Config::default();
        for option in OPTIONS {
            explicit.set(option.name, option.default).unwrap();
        }
        assert_eq!(explicit.settings, Settings::default());
        assert!(OPTIONS.is_sorted_by_key(|option| option.name));
    }

    #[test]
    fn typed() {
        let mut config = Config::new();
        assert_eq!((config.parallelism(), config.mini_batch_size()), (1, 8192));
        config.set("parallelism.default", "4").unwrap();
        config.set("execution.runtime-mode", "BATCH").unwrap();
        config.set("table.exec.mini-batch.size", "1").unwrap();
        config.set("table.local-time-zone", "Europe/Berlin").unwrap();
        config.set("table.exec.source.idle-timeout", "1 min").unwrap();
        assert_eq!(config.parallelism(), 4);
        assert_eq!(config.runtime_mode(), RuntimeMode::Batch);
        assert_eq!(config.mini_batch_size(), 1);
        assert_eq!(config.time_zone().as_ref(), "Europe/Berlin");
        assert_eq!(config.idle_timeout(), Some(Duration::from_secs(60)));
        config.reset("parallelism.default").unwrap();
        assert_eq!((config.parallelism(), config.mini_batch_size()), (1, 1));
        config.reset_all();
        assert_eq!(config, Config::new());
    }

    #[test]
    fn refusals() {
        let refused = [
            ("paralelism.default", "1"),
            ("parallelism.default", "0"),
            ("parallelism.default", "many"),
            ("execution.runtime-mode", "automatic"),
            ("execution.buffer-timeout.interval", "5 parsecs"),
            ("table.exec.state.ttl", "1 h"),
            ("table.local-time-zone", "Mars/Olympus"),
            ("state.backend", "rocksdb"),
        ];
        let said: Vec<_> =
            refused.iter().map(|(name, value)| Config::new().set(name, value).unwrap_err().to_string()).collect();
        expect![[r#"
            option 'paralelism.default' is not known; did you mean one of `parallelism.default`, `table.exec.resource.default-parallelism`?
            option 'parallelism.default' cannot be '0': it takes a whole number from 1 to 1024
            option 'parallelism.default' cannot be 'many': it takes a whole number from 1 to 1024
            option 'execution.runtime-mode' cannot be 'automatic': it takes 'streaming' or 'batch'
            option 'execution.buffer-timeout.interval' cannot be '5 parsecs': it takes a duration such as '500 ms', '10 s' or '1 min'
            option 'table.exec.state.ttl' cannot be '1 h': state that expires is not supported yet: only '0 ms', which keeps state for ever
            option 'table.local-time-zone' cannot be 'Mars/Olympus': it takes an IANA name such as 'Europe/Berlin' or an offset such as '+02:00'
            option 'state.backend' is not known"#]].assert_eq(&said.join("\n"));
    }
}
