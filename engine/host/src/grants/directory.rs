//! Directories of the host that a function sees.

use std::fmt;
use std::path::PathBuf;

use super::wrong;
use crate::error::Result;

/// A directory of the host, as the function sees it. Nothing outside of it can be reached through it: neither by `..`
/// nor by a symbolic link.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Directory {
    /// Its path for the function, absolute.
    pub guest: String,
    /// Where it lies; relative to the process's working directory, as components are.
    pub host: PathBuf,
    /// Whether the function may change what is in it.
    pub writable: bool,
}

impl Directory {
    /// `guest` from the option's name, `value` such as `data/models`, `data/models:ro` or `out:rw`.
    pub(super) fn parse(guest: &str, value: &str) -> Result<Self, String> {
        let trimmed = guest.trim_end_matches('/');
        let parts = trimmed.strip_prefix('/').map(|path| path.split('/'));
        let plain = parts.is_some_and(|mut parts| parts.all(|part| !matches!(part, "" | "." | "..")));
        if !plain || trimmed.contains('\0') {
            return Err(format!("'{guest}' is no path for the function: it is absolute, such as '/data'"));
        }
        let value = value.trim();
        let (host, writable) = match value.strip_suffix(":rw") {
            Some(host) => (host, true),
            None => (value.strip_suffix(":ro").unwrap_or(value), false),
        };
        if host.is_empty() {
            return Err("it is the path of a directory, with ':rw' behind it to write as well".into());
        }
        Ok(Directory { guest: trimmed.to_string(), host: host.into(), writable })
    }

    /// Looks whether it is there.
    pub(super) fn check(&self) -> Result<()> {
        let reason = match std::fs::metadata(&self.host) {
            Ok(metadata) if metadata.is_dir() => return Ok(()),
            Ok(_) => "it is no directory".to_string(),
            Err(error) => error.to_string(),
        };
        Err(wrong(&format!("grant.dir.{}", self.guest), &format!("'{}': {reason}", self.host.display())))
    }
}

impl fmt::Display for Directory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.writable { "rw" } else { "ro" };
        write!(out, "{}={}:{mode}", self.guest, self.host.display())
    }
}
