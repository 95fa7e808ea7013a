//! The options: the name, type, default and meaning of each.

use std::str::FromStr;
use std::sync::Arc;

use datafusion::arrow::array::timezone::Tz;

use super::quantity::{duration, memory_size};
use super::{RuntimeMode, Settings};
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
    pub(super) apply: fn(&mut Settings, &str) -> Result<(), String>,
}

/// Memory of all functions of a job. Errors name it.
pub const FUNCTIONS_MEMORY: &str = "functions.memory";

/// Key groups, at most: more is a mistake.
const MAX_PARALLELISM: usize = 32_768;

/// Subtasks of an operator, at most: each has a thread, and a channel to each of the next operator's.
const MAX_SUBTASKS: usize = 1_024;

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
        name: FUNCTIONS_MEMORY,
        kind: "memory size",
        default: "4 gb",
        doc: "Memory that all instances of all component functions of a job may have together. Each has its own limit, \
              the function's option 'memory', beside it.",
        apply: |settings, value| Ok(settings.functions_memory = bytes(value)?),
    },
    ConfigOption {
        name: "parallelism.default",
        kind: "integer",
        default: "1",
        doc: "Subtasks of each operator.",
        apply: |settings, value| Ok(settings.parallelism = integer(value, 1, MAX_SUBTASKS)?),
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
        kind: "tableau",
        default: "tableau",
        doc: "The rows of a SELECT are shown as a table that grows, with the row kind of each change in front.",
        apply: |_, value| one_of(value, &[("tableau", ())]),
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
                value => Some(integer(value, 1, MAX_SUBTASKS)?),
            };
            Ok(())
        },
    },
    ConfigOption {
        name: "table.exec.sink.not-null-enforcer",
        kind: "error or drop",
        default: "error",
        doc: "Whether a NULL for a NOT NULL column of a sink fails the job, or its row is dropped.",
        apply: |settings, value| Ok(settings.drop_nulls = one_of(value, &[("error", false), ("drop", true)])?),
    },
    ConfigOption {
        name: "table.exec.sink.require-on-conflict",
        kind: "boolean",
        default: "true",
        doc: "A query whose rows may meet at one primary key of its table is refused, unless it says ON CONFLICT. With false it is taken as if it said DO DEDUPLICATE.",
        apply: |settings, value| Ok(settings.require_on_conflict = boolean(value)?),
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
        doc: "Where rows of a query may meet at one primary key and require-on-conflict is off: auto keeps the rows of each key, so that the last one stands; none writes the changes as they come.",
        apply: |settings, value| Ok(settings.upsert_materialize = one_of(value, &[("auto", true), ("none", false)])?),
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

/// The option of this name.
pub(super) fn option(name: &str) -> Result<&'static ConfigOption> {
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

fn bytes(value: &str) -> Result<usize, String> {
    match memory_size(value)?.try_into() {
        Ok(0) => Err("it takes more than 0 bytes".into()),
        Ok(bytes) => Ok(bytes),
        Err(_) => Err("it takes no more bytes than an address can name".into()),
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
    // Java's custom zones: GMT+02:00.
    let zone = value.trim();
    let offset =
        zone.strip_prefix("GMT").or_else(|| zone.strip_prefix("UTC")).filter(|rest| rest.starts_with(['+', '-']));
    match Tz::from_str(offset.unwrap_or(zone)) {
        Ok(_) => Ok(offset.unwrap_or(zone).into()),
        Err(_) => Err("it takes an IANA name such as 'Europe/Berlin' or an offset such as '+02:00'".into()),
    }
}
