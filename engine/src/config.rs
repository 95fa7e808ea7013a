//! The options that SET knows, by Flink's names: one list, with the type, the default and the meaning of each.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::timezone::Tz;

use crate::error::{Error, Result};
use crate::suggest::{did_you_mean, nearest};

/// One option.
#[derive(Debug)]
pub struct ConfigOption {
    pub name: &'static str,
    /// What its value is: `integer`, `duration`, `streaming or batch`.
    pub kind: &'static str,
    /// As SET shows it; empty: not set.
    pub default: &'static str,
    pub doc: &'static str,
    /// Puts a value into the settings, or says what is wrong with it.
    apply: fn(&mut Settings, &str) -> Result<(), String>,
}

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

/// How a terminal shows the rows of a SELECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResultMode {
    /// A table that grows, with the row kind of each change in front.
    #[default]
    Tableau,
    /// A line per change.
    Changelog,
    /// The rows that remain at the end.
    Table,
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
    result_mode: ResultMode,
    job_name: Option<String>,
    dml_sync: bool,
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
            result_mode: ResultMode::Tableau,
            job_name: None,
            dml_sync: false,
        }
    }
}

/// Subtasks and key groups, at most: more is a mistake.
const MAX_PARALLELISM: usize = 32_768;

/// Every option, by name.
pub const OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        name: "execution.batch-size",
        kind: "integer",
        default: "8192",
        doc: "Rows of a batch, at most. An option of this engine; Flink has no batches.",
        apply: |settings, value| Ok(settings.batch_size = integer(value, 1, 1 << 20)?),
    },
    ConfigOption {
        name: "execution.buffer-timeout.interval",
        kind: "duration",
        default: "5 ms",
        doc: "How long a row may wait for others to share its batch.",
        apply: |settings, value| Ok(settings.buffer_timeout = duration(value)?),
    },
    ConfigOption {
        name: "execution.runtime-mode",
        kind: "streaming or batch",
        default: "streaming",
        doc: "In batch mode the same queries run on DataFusion's batch engine, over bounded sources, and give final rows.",
        apply: |settings, value| {
            settings.runtime_mode =
                one_of(value, &[("streaming", RuntimeMode::Streaming), ("batch", RuntimeMode::Batch)])?;
            Ok(())
        },
    },
    ConfigOption {
        name: "parallelism.default",
        kind: "integer",
        default: "1",
        doc: "Subtasks of each operator.",
        apply: |settings, value| Ok(settings.parallelism = integer(value, 1, MAX_PARALLELISM)?),
    },
    ConfigOption {
        name: "pipeline.max-parallelism",
        kind: "integer",
        default: "128",
        doc: "Number of key groups: the highest parallelism that keyed state can ever be spread over.",
        apply: |settings, value| Ok(settings.max_parallelism = integer(value, 1, MAX_PARALLELISM)?),
    },
    ConfigOption {
        name: "pipeline.name",
        kind: "text",
        default: "",
        doc: "Name of the jobs that follow, for progress and logs.",
        apply: |settings, value| Ok(settings.job_name = Some(value.to_owned()).filter(|name| !name.is_empty())),
    },
    ConfigOption {
        name: "sql-client.execution.result-mode",
        kind: "tableau, changelog or table",
        default: "tableau",
        doc: "How a terminal shows the rows of a SELECT: changes as a table, changes as lines, or the rows that remain.",
        apply: |settings, value| {
            settings.result_mode = one_of(
                value,
                &[("tableau", ResultMode::Tableau), ("changelog", ResultMode::Changelog), ("table", ResultMode::Table)],
            )?;
            Ok(())
        },
    },
    ConfigOption {
        name: "table.dml-sync",
        kind: "boolean",
        default: "false",
        doc: "An INSERT returns when its job has ended, not when it has started.",
        apply: |settings, value| Ok(settings.dml_sync = boolean(value)?),
    },
    ConfigOption {
        name: "table.exec.mini-batch.allow-latency",
        kind: "duration",
        default: "0 ms",
        doc: "How long rows may wait for a mini-batch, at most. Mini-batches are cut from batches here, so rows wait no \
              longer than execution.buffer-timeout.interval anyway; a shorter time than that one shortens it. 0: no limit \
              of its own.",
        apply: |settings, value| Ok(settings.mini_batch_latency = Some(duration(value)?).filter(|time| !time.is_zero())),
    },
    ConfigOption {
        name: "table.exec.mini-batch.enabled",
        kind: "boolean",
        default: "true",
        doc: "With false every row is a mini-batch of its own, and the changelog is exactly Flink's.",
        apply: |settings, value| Ok(settings.mini_batch_enabled = boolean(value)?),
    },
    ConfigOption {
        name: "table.exec.mini-batch.size",
        kind: "integer",
        default: "-1",
        doc: "Rows per update of state: with 1 the changelog is exactly Flink's, with more it is shorter, with the same \
              result. -1: the whole batch.",
        apply: |settings, value| {
            settings.mini_batch_size = match value.trim() {
                "-1" => None,
                value => Some(integer(value, 1, 1 << 30)?),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "table.exec.resource.default-parallelism",
        kind: "integer",
        default: "-1",
        doc: "Goes before parallelism.default where it is set.",
        apply: |settings, value| {
            settings.table_parallelism = match value.trim() {
                "-1" => None,
                value => Some(integer(value, 1, MAX_PARALLELISM)?),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "table.exec.sink.not-null-enforcer",
        kind: "error",
        default: "error",
        doc: "A NULL for a NOT NULL column of a sink fails the job. Dropping such rows is not supported.",
        apply: |_, value| one_of(value, &[("error", ())]),
    },
    ConfigOption {
        name: "table.exec.sink.type-length-enforcer",
        kind: "ignore",
        default: "ignore",
        doc: "Texts are not cut to the length of a sink's CHAR(n) and VARCHAR(n).",
        apply: |_, value| one_of(value, &[("ignore", ())]),
    },
    ConfigOption {
        name: "table.exec.sink.upsert-materialize",
        kind: "auto or none",
        default: "auto",
        doc: "No effect: a key's rows reach a sink in order, so nothing is materialised again.",
        apply: |_, value| one_of(value, &[("auto", ()), ("none", ())]),
    },
    ConfigOption {
        name: "table.exec.source.cdc-events-duplicate",
        kind: "false",
        default: "false",
        doc: "Changes that a source gives twice are not removed.",
        apply: |_, value| one_of(value, &[("false", ())]),
    },
    ConfigOption {
        name: "table.exec.source.idle-timeout",
        kind: "duration",
        default: "0 ms",
        doc: "A source split without rows for so long does not hold the watermark back. 0: it always does.",
        apply: |settings, value| Ok(settings.idle_timeout = Some(duration(value)?).filter(|time| !time.is_zero())),
    },
    ConfigOption {
        name: "table.exec.state.ttl",
        kind: "duration",
        default: "0 ms",
        doc: "How long idle state is kept. Only 0, for ever, is supported so far.",
        apply: |_, value| match duration(value)?.is_zero() {
            true => Ok(()),
            false => Err("state that expires is not supported yet: only '0 ms', which keeps state for ever".into()),
        },
    },
    ConfigOption {
        name: "table.local-time-zone",
        kind: "time zone",
        default: "UTC",
        doc: "The session's time zone, an IANA name such as Europe/Berlin or an offset such as +02:00: in which \
              TIMESTAMP_LTZ is shown, cast and cut into windows.",
        apply: |settings, value| Ok(settings.time_zone = time_zone(value)?),
    },
    ConfigOption {
        name: "table.optimizer.agg-phase-strategy",
        kind: "auto, one_phase or two_phase",
        default: "auto",
        doc: "No effect on results; the planner decides.",
        apply: |_, value| one_of(value, &[("auto", ()), ("one_phase", ()), ("two_phase", ())]),
    },
    ConfigOption {
        name: "table.optimizer.distinct-agg.split.enabled",
        kind: "boolean",
        default: "false",
        doc: "No effect on results; distinct values are never counted in two steps.",
        apply: |_, value| boolean(value).map(|_| ()),
    },
    ConfigOption {
        name: "table.optimizer.multi-join.enabled",
        kind: "boolean",
        default: "false",
        doc: "No effect on results; joins are of two inputs each.",
        apply: |_, value| boolean(value).map(|_| ()),
    },
];

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

    /// `None`: a split without rows holds the watermark back for ever.
    pub fn idle_timeout(&self) -> Option<Duration> {
        self.settings.idle_timeout
    }

    pub fn result_mode(&self) -> ResultMode {
        self.settings.result_mode
    }

    pub fn job_name(&self) -> Option<&str> {
        self.settings.job_name.as_deref()
    }

    /// An INSERT returns when its job has ended.
    pub fn dml_sync(&self) -> bool {
        self.settings.dml_sync
    }
}

fn option(name: &str) -> Result<&'static ConfigOption> {
    OPTIONS.iter().find(|option| option.name == name).ok_or_else(|| {
        let unknown = Error::user(format!("option '{name}' is not known"));
        let known = OPTIONS.iter().map(|option| option.name);
        match nearest(name, known.clone()).is_empty() {
            true => unknown,
            false => unknown.hint(did_you_mean(name, known)),
        }
    })
}

fn integer(value: &str, min: usize, max: usize) -> Result<usize, String> {
    match value.trim().parse() {
        Ok(number) if (min..=max).contains(&number) => Ok(number),
        _ => Err(format!("it takes a whole number from {min} to {max}")),
    }
}

fn boolean(value: &str) -> Result<bool, String> {
    one_of(value, &[("true", true), ("false", false)])
}

fn one_of<T: Copy>(value: &str, known: &[(&str, T)]) -> Result<T, String> {
    known.iter().find(|(name, _)| name.eq_ignore_ascii_case(value.trim())).map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| format!("'{name}'")).collect();
        format!("it takes {}", names.join(" or "))
    })
}

fn time_zone(value: &str) -> Result<Arc<str>, String> {
    match Tz::from_str(value.trim()) {
        Ok(_) => Ok(value.trim().into()),
        Err(_) => Err("it takes an IANA name such as 'Europe/Berlin' or an offset such as '+02:00'".into()),
    }
}

/// A duration as Flink writes it: `1 min`, `500 ms`, `2h`; milliseconds where there is no unit. Also in ISO 8601:
/// `PT1M30S`.
///
/// # Errors
/// Says what a duration looks like.
pub fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: &[(&[&str], u64)] = &[
        (&["d", "day", "days"], 86_400_000_000_000),
        (&["h", "hour", "hours"], 3_600_000_000_000),
        (&["min", "m", "minute", "minutes"], 60_000_000_000),
        (&["s", "sec", "secs", "second", "seconds"], 1_000_000_000),
        (&["", "ms", "milli", "millis", "millisecond", "milliseconds"], 1_000_000),
        (&["µs", "us", "micro", "micros", "microsecond", "microseconds"], 1_000),
        (&["ns", "nano", "nanos", "nanosecond", "nanoseconds"], 1),
    ];
    quantity(text, UNITS)
        .or_else(|| iso_duration(text))
        .map(Duration::from_nanos)
        .ok_or_else(|| "it takes a duration such as '500 ms', '10 s' or '1 min'".into())
}

/// Nanoseconds of `P1DT2H3M4.5S`.
fn iso_duration(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_uppercase();
    let mut rest = text.strip_prefix('P')?;
    let (mut nanoseconds, mut of_day, mut parts) = (0_u64, false, 0);
    while !rest.is_empty() {
        if let (Some(after), false) = (rest.strip_prefix('T'), of_day) {
            (of_day, rest) = (true, after);
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = (&rest[..end], rest.as_bytes()[end]);
        let seconds = match (unit, of_day) {
            (b'D', false) => 86_400,
            (b'H', true) => 3_600,
            (b'M', true) => 60,
            (b'S', true) => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.len() > 9 || (!fraction.is_empty() && unit != b'S') {
            return None;
        }
        let fraction: u64 = format!("{fraction:0<9}").parse().ok()?;
        let whole = whole.parse::<u64>().ok()?.checked_mul(seconds)?.checked_mul(1_000_000_000)?;
        nanoseconds = nanoseconds.checked_add(whole)?.checked_add(fraction)?;
        // All of these are of one byte.
        rest = &rest[end + 1..];
        parts += 1;
    }
    (parts > 0).then_some(nanoseconds)
}

/// A size in bytes as Flink writes it: `10 mb`, `64k`; bytes where there is no unit, and 1 kb is 1,024 bytes.
///
/// # Errors
/// Says what a size looks like.
pub fn memory_size(text: &str) -> Result<u64, String> {
    const UNITS: &[(&[&str], u64)] = &[
        (&["", "b", "bytes"], 1),
        (&["k", "kb", "kibibytes"], 1 << 10),
        (&["m", "mb", "mebibytes"], 1 << 20),
        (&["g", "gb", "gibibytes"], 1 << 30),
        (&["t", "tb", "tebibytes"], 1 << 40),
    ];
    quantity(text, UNITS).ok_or_else(|| "it takes a size such as '512 kb', '10 mb' or '1 gb'".into())
}

/// A whole number and a unit.
fn quantity(text: &str, units: &[(&[&str], u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let unit = text[digits..].trim().to_lowercase();
    let (_, scale) = units.iter().find(|(names, _)| names.contains(&unit.as_str()))?;
    number.checked_mul(*scale)
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
            option 'parallelism.default' cannot be '0': it takes a whole number from 1 to 32768
            option 'parallelism.default' cannot be 'many': it takes a whole number from 1 to 32768
            option 'execution.runtime-mode' cannot be 'automatic': it takes 'streaming' or 'batch'
            option 'execution.buffer-timeout.interval' cannot be '5 parsecs': it takes a duration such as '500 ms', '10 s' or '1 min'
            option 'table.exec.state.ttl' cannot be '1 h': state that expires is not supported yet: only '0 ms', which keeps state for ever
            option 'table.local-time-zone' cannot be 'Mars/Olympus': it takes an IANA name such as 'Europe/Berlin' or an offset such as '+02:00'
            option 'state.backend' is not known"#]].assert_eq(&said.join("\n"));
    }

    #[test]
    fn quantities() {
        assert_eq!(duration("1 min"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("250"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        assert_eq!(duration("PT1M30.5S"), Ok(Duration::from_millis(90_500)));
        assert_eq!(duration("p1dt1h"), Ok(Duration::from_secs(90_000)));
        assert!(
            duration("P").is_err() && duration("PT").is_err() && duration("PT1X").is_err() && duration("PTüS").is_err()
        );
        assert_eq!(memory_size("10 mb"), Ok(10 << 20));
        assert_eq!(memory_size("7"), Ok(7));
        assert!(duration("").is_err() && duration("1 fortnight").is_err() && duration("99999999999999999 d").is_err());
        assert!(memory_size("-1 mb").is_err());
    }
}
