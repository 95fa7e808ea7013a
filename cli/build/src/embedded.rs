//! The files of this project that travel inside the binary.

use std::fs;
use std::io;
use std::path::Path;

/// A file: its path from the root of the project, and what it holds.
type File = (&'static str, &'static [u8]);

static FILES: &[File] = &include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The files of a folder, such as `udf-sdk/rust`, by their paths within it.
pub fn files(folder: &str) -> impl Iterator<Item = File> {
    FILES.iter().filter_map(move |(path, content)| {
        let within = path.strip_prefix(folder)?.strip_prefix('/')?;
        Some((within, *content))
    })
}

/// Writes files into a folder, which is made.
pub fn write<C: AsRef<[u8]>>(files: impl Iterator<Item = (impl AsRef<Path>, C)>, folder: &Path) -> io::Result<()> {
    for (path, content) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, content)?;
    }
    Ok(())
}
