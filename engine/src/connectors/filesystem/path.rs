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
/// as in Flink: they are being written, or are not data. Directories of partitions (`_key=value`) are not.
///
/// # Errors
/// Connector errors that name the path: of what cannot be read, and of directories that contain themselves by a link.
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
    walk(root, &mut Vec::new(), &mut found)?;
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

/// `above`: the real paths of the directories that this one is in.
fn walk(directory: &Path, above: &mut Vec<PathBuf>, found: &mut Vec<Found>) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::connector(format!("cannot read the directory '{}': {error}", directory.display())).caused_by(error)
    };
    let real = directory.canonicalize().map_err(failed)?;
    if above.contains(&real) {
        let message = format!("the directory '{}' is a link to one that it is in", directory.display());
        return Err(Error::connector(message).hint("remove the link: the files would be read again and again"));
    }
    above.push(real);
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.as_encoded_bytes();
        let is_hidden = name.first().is_some_and(|first| matches!(first, b'.' | b'_'));
        if is_hidden && !name.contains(&b'=') {
            continue;
        }
        let metadata = match std::fs::metadata(&path) {
            Ok(metadata) => metadata,
            // A file may vanish between listing and looking, when its writer renames it.
            Err(_) if !path.is_symlink() && !path.exists() => continue,
            Err(error) => {
                return Err(Error::connector(format!("cannot read '{}': {error}", path.display())).caused_by(error));
            }
        };
        if metadata.is_dir() {
            walk(&path, above, found)?;
        } else if !is_hidden {
            found.push(Found { path, size: metadata.len() });
        }
    }
    above.pop();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_circles() {
        let folder = tempfile::tempdir().unwrap();
        let (root, other) = (folder.path().join("root"), folder.path().join("other"));
        for directory in [&root, &root.join("_p=x"), &root.join(".hidden"), &other] {
            std::fs::create_dir(directory).unwrap();
        }
        for file in ["root/a", "root/_p=x/b", "root/_p=x/_c", "root/.hidden/d", "other/e"] {
            std::fs::write(folder.path().join(file), "x").unwrap();
        }
        std::os::unix::fs::symlink(&other, root.join("link")).unwrap();
        let names = |found: Vec<Found>| -> Vec<_> {
            found.into_iter().map(|it| it.path.strip_prefix(&root).unwrap().display().to_string()).collect()
        };
        assert_eq!(names(list(&root).unwrap()), ["_p=x/b", "a", "link/e"]);
        std::os::unix::fs::symlink(&root, other.join("back")).unwrap();
        let error = list(&root).unwrap_err().to_string();
        assert!(error.contains("link/back' is a link to one that it is in"), "{error}");
        std::fs::remove_file(other.join("back")).unwrap();
        std::os::unix::fs::symlink("nowhere", other.join("dangling")).unwrap();
        let error = list(&root).unwrap_err().to_string();
        assert!(error.contains("link/dangling': No such file"), "{error}");
    }
}
