//! Paths as users write them, and the files below them.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What the option `path` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    StandardInput,
    Path(PathBuf),
}

impl Location {
    /// # Errors
    /// A user error for URLs of other schemes than `file`.
    pub fn parse(text: &str) -> Result<Self> {
        if matches!(text, "-" | "/dev/stdin") {
            return Ok(Location::StandardInput);
        }
        let path = match text.split_once("://") {
            Some(("file", rest)) => rest,
            Some((scheme, _)) => {
                return Err(Error::user(format!("option 'path' = '{text}': the scheme `{scheme}` is not supported"))
                    .hint("use a path or a file:// URL"));
            }
            None => text.strip_prefix("file:").unwrap_or(text),
        };
        if path.is_empty() {
            return Err(Error::user("option 'path' is empty"));
        }
        Ok(Location::Path(PathBuf::from(path)))
    }
}

/// A file to read and its size in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    pub size: u64,
}

/// The file, or all files below the directory in the order of their paths. Names that begin with `.` or `_` are hidden,
/// as in Flink: they are being written, or are not data.
///
/// # Errors
/// Connector errors that name the path.
pub fn list(root: &Path) -> Result<Vec<Found>> {
    let metadata = std::fs::metadata(root).map_err(|error| {
        let what = match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file or directory '{}'", root.display()),
            _ => format!("cannot read '{}': {error}", root.display()),
        };
        let hint = match std::env::current_dir() {
            Ok(current) if root.is_relative() => {
                format!("check the option 'path'; it is relative to '{}'", current.display())
            }
            _ => "check the option 'path'".to_owned(),
        };
        Error::connector(what).hint(hint).caused_by(error)
    })?;
    if !metadata.is_dir() {
        return Ok(vec![Found { path: root.to_owned(), size: metadata.len() }]);
    }
    let mut found = Vec::new();
    walk(root, &mut found)?;
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

fn walk(directory: &Path, found: &mut Vec<Found>) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::connector(format!("cannot read the directory '{}': {error}", directory.display())).caused_by(error)
    };
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().as_encoded_bytes().first().is_some_and(|first| matches!(first, b'.' | b'_')) {
            continue;
        }
        // A file may vanish between listing and looking, when its writer renames it.
        let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
        if metadata.is_dir() {
            walk(&entry.path(), found)?;
        } else {
            found.push(Found { path: entry.path(), size: metadata.len() });
        }
    }
    Ok(())
}

/// `value` as a directory name's part, with what paths cannot hold as `%XX`, as Hive and Flink write it.
pub fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if character.is_ascii_control() || "\"#%'*/:=?\\{[]^".contains(character) {
            escaped.push_str(&format!("%{:02X}", character as u32));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// The text that [`escape`] was given.
pub fn unescape(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match code {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The values of `key=value` directories on the way from `root` to `file`.
pub fn partition_values(root: &Path, file: &Path) -> Vec<(String, String)> {
    let inside = file.strip_prefix(root).unwrap_or(file);
    let mut values = Vec::new();
    for part in inside.parent().into_iter().flat_map(Path::components) {
        if let Some((key, value)) = part.as_os_str().to_str().and_then(|name| name.split_once('=')) {
            values.push((unescape(key), unescape(value)));
        }
    }
    values
}
