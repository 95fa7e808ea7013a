//! Finds files, and cuts a large one into ranges of whole lines when several subtasks read.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use regex::Regex;

use super::path::{self, Found, Location};
use crate::connectors::formats;
use crate::connectors::{Split, SplitEnumerator};
use crate::error::{Error, Result};

/// Ranges smaller than this are not worth a subtask.
const MIN_RANGE: u64 = 4 << 20;

pub struct FileEnumerator {
    pub location: Location,
    pub pattern: Option<Regex>,
    /// Look again so often; `None`: once.
    pub monitor_interval: Option<Duration>,
    /// A lone file is cut into so many ranges, at most. 1 for formats that cannot be cut.
    pub ranges: usize,
    /// Ids of the splits found so far.
    pub found: BTreeSet<String>,
    pub done: bool,
}

impl SplitEnumerator for FileEnumerator {
    fn discover(&mut self) -> Result<Vec<Split>> {
        if self.done {
            return Ok(vec![]);
        }
        self.done = self.monitor_interval.is_none();
        let Location::Path(root) = self.location.clone() else {
            return Ok(self.fresh(STANDARD_INPUT.to_owned()).into_iter().collect());
        };
        // A watched directory may not be there yet.
        if self.monitor_interval.is_some() && !root.exists() {
            return Ok(vec![]);
        }
        let mut files = path::list(&root)?;
        if let Some(pattern) = &self.pattern {
            files.retain(|file| pattern.is_match(&file.path.to_string_lossy()));
        }
        let mut splits = Vec::new();
        if let ([file], true) = (files.as_slice(), self.done && self.ranges > 1) {
            for (start, end) in ranges(file, self.ranges)? {
                splits.extend(self.fresh(SplitId { path: file.path.clone(), range: Some((start, end)) }.to_text()?));
            }
            return Ok(splits);
        }
        for file in files {
            splits.extend(self.fresh(SplitId { path: file.path, range: None }.to_text()?));
        }
        Ok(splits)
    }

    fn interval(&self) -> Option<Duration> {
        self.monitor_interval
    }

    fn snapshot(&self) -> Vec<String> {
        self.found.iter().cloned().collect()
    }

    fn restore(&mut self, snapshot: Vec<String>) -> Result<()> {
        // A bounded source has found all that it ever will: ranges are not cut anew for another parallelism.
        self.done = self.monitor_interval.is_none() && !snapshot.is_empty();
        self.found = snapshot.into_iter().collect();
        Ok(())
    }
}

impl FileEnumerator {
    /// The split, if it has not been found before.
    fn fresh(&mut self, id: String) -> Option<Split> {
        self.found.insert(id.clone()).then(|| Split { id, position: String::new() })
    }
}

const STANDARD_INPUT: &str = "-";

/// What a split's id says: a file, or a range of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitId {
    pub path: PathBuf,
    /// First byte and the one after the last. `None`: to the end of the file, wherever that is when it is read.
    pub range: Option<(u64, u64)>,
}

impl SplitId {
    /// `path`, `path#` or `path#start-end`; `None` for standard input.
    pub fn parse(id: &str) -> Option<Self> {
        if id == STANDARD_INPUT {
            return None;
        }
        let split = id.rsplit_once('#').and_then(|(path, range)| {
            if range.is_empty() {
                return Some(SplitId { path: path.into(), range: None });
            }
            let (start, end) = range.split_once('-')?;
            Some(SplitId { path: path.into(), range: Some((start.parse().ok()?, end.parse().ok()?)) })
        });
        Some(split.unwrap_or_else(|| SplitId { path: id.into(), range: None }))
    }

    fn to_text(&self) -> Result<String> {
        let path = self.path.to_str().ok_or_else(|| {
            Error::connector(format!("the path '{}' is not UTF-8", self.path.display())).hint("rename the file")
        })?;
        Ok(match self.range {
            Some((start, end)) => format!("{path}#{start}-{end}"),
            // What comes last in the name of a file is no range.
            None if path.contains('#') => format!("{path}#"),
            None => path.to_owned(),
        })
    }
}

/// Cuts a file into ranges that end after line feeds.
fn ranges(file: &Found, wanted: usize) -> Result<Vec<(u64, u64)>> {
    let wanted = (file.size / MIN_RANGE).clamp(1, wanted as u64);
    let mut ends = Vec::new();
    for number in 1..wanted {
        let end = after_line_feed(&file.path, file.size / wanted * number)?;
        if end < file.size && ends.last().is_none_or(|&last| last < end) {
            ends.push(end);
        }
    }
    ends.push(file.size);
    let mut start = 0;
    Ok(ends.into_iter().map(|end| (std::mem::replace(&mut start, end), end)).collect())
}

/// The place after the first line feed at or after `from`, or the end of the file.
fn after_line_feed(path: &Path, from: u64) -> Result<u64> {
    let failed = |error: std::io::Error| {
        Error::connector(format!("cannot read the file '{}': {error}", path.display())).caused_by(error)
    };
    let mut file: File = formats::open(path)?;
    file.seek(SeekFrom::Start(from)).map_err(failed)?;
    let mut place = from;
    let mut buffer = [0; 4096];
    loop {
        let length = file.read(&mut buffer).map_err(failed)?;
        if length == 0 {
            return Ok(place);
        }
        if let Some(at) = memchr::memchr(b'\n', &buffer[..length]) {
            return Ok(place + at as u64 + 1);
        }
        place += length as u64;
    }
}
