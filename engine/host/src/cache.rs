//! Compiled code on disk, by content, engine version and settings.
//!
//! wasmtime runs what it deserialises, so a file is only believed where it lies in a directory that nobody else can
//! write to, and where its header's digest covers its name and its content: a file that is stale, truncated, damaged
//! or moved from another name is built anew.
//!
//! Processes share the directory without locks: a file appears whole, under its final name, and what one process
//! removes, another compiles again. Each that adds a file removes those that were not used for longest, while all
//! together are larger than the cache may be.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use blake3::Hasher as Blake3;
use wasmtime::Engine;
use wasmtime::component::Component;

const MAGIC: &[u8; 16] = b"anabranch-code-2";
const DIGEST: usize = 32;
/// Bytes of one file: many times the code of the largest component that a function may have.
const MAX_FILE: u64 = 4 << 30;
const SUFFIX: &str = "code";
/// Of a file that is being written.
const PART: &str = "part";
/// Age at which a file that another process began to write is taken to be forgotten.
const FORGOTTEN: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(crate) struct CodeCache {
    directory: PathBuf,
    /// Engine version and settings.
    engine: u64,
    /// Bytes that all files together may have.
    size: u64,
}

impl CodeCache {
    /// `None`, with a warning, where the directory cannot be made or is not private.
    pub fn open(directory: &Path, size: u64, engine: &Engine) -> Option<Self> {
        if let Err(reason) = make_private(directory) {
            tracing::warn!(
                directory = %directory.display(),
                %reason,
                "compiled functions are not cached"
            );
            return None;
        }
        let mut hasher = Fnv::default();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Some(CodeCache { directory: directory.to_path_buf(), engine: hasher.finish(), size })
    }

    /// The compiled component of `content`, which `compile` makes where the cache does not have it.
    pub fn get<E>(
        &self,
        engine: &Engine,
        content: &[u8],
        compile: impl FnOnce() -> Result<Component, E>,
    ) -> Result<Component, E> {
        let key = self.key(content);
        let path = self.path(&key);
        if let Some(component) = read(engine, &path, &key) {
            return Ok(component);
        }
        let component = compile()?;
        let stored = component
            .serialize()
            .map_err(|error| error.to_string())
            .and_then(|code| write(&self.directory, &path, &key, &code).map_err(|error| error.to_string()));
        match stored {
            Ok(()) => prune(&self.directory, self.size, &path),
            Err(reason) => tracing::warn!(path = %path.display(), %reason, "cannot cache a compiled function"),
        }
        Ok(component)
    }

    fn key(&self, content: &[u8]) -> [u8; DIGEST] {
        let mut digest = Blake3::new();
        digest.update(&self.engine.to_le_bytes()).update(content);
        digest.finalize().into()
    }

    fn path(&self, key: &[u8; DIGEST]) -> PathBuf {
        let name: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(format!("{name}.{SUFFIX}"))
    }
}

fn seal(key: &[u8; DIGEST], code: &[u8]) -> [u8; DIGEST] {
    let mut digest = Blake3::new();
    digest.update(MAGIC).update(key).update(code);
    digest.finalize().into()
}

/// What stands before the code in its file.
fn header(key: &[u8; DIGEST], code: &[u8]) -> [u8; MAGIC.len() + DIGEST] {
    let mut header = [0; MAGIC.len() + DIGEST];
    header[..MAGIC.len()].copy_from_slice(MAGIC);
    header[MAGIC.len()..].copy_from_slice(&seal(key, code));
    header
}

/// A whole file.
pub(crate) fn sealed(key: &[u8; DIGEST], code: &[u8]) -> Vec<u8> {
    [&header(key, code)[..], code].concat()
}

/// The code of a cached file, if the file is whole and was written under this key.
pub(crate) fn unseal<'a>(key: &[u8; DIGEST], bytes: &'a [u8]) -> Option<&'a [u8]> {
    let (magic, rest) = bytes.split_at_checked(MAGIC.len())?;
    let (digest, code) = rest.split_at_checked(DIGEST)?;
    (magic == MAGIC && digest == seal(key, code)).then_some(code)
}

fn read(engine: &Engine, path: &Path, key: &[u8; DIGEST]) -> Option<Component> {
    // Not a pipe that nobody writes to, and not a file as large as the disk.
    let metadata = fs::metadata(path).ok().filter(|metadata| metadata.is_file() && metadata.len() <= MAX_FILE)?;
    let mut file = fs::File::open(path).ok()?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(metadata.len() as usize).ok()?;
    (&mut file).take(metadata.len()).read_to_end(&mut bytes).ok()?;
    let Some(code) = unseal(key, &bytes) else {
        tracing::warn!(path = %path.display(), "a cached function is damaged and is compiled anew");
        return None;
    };
    // When it was used last, as `prune` asks. Where the file system does not keep it, the oldest file goes first.
    let _ = file.set_times(fs::FileTimes::new().set_accessed(SystemTime::now()));
    // SAFETY: the code was written by `write` from `Component::serialize` in a directory that only this user may write
    // to, for this content and these settings, and has not changed since: the digest covers all three. wasmtime checks
    // its own version and settings again.
    let component = unsafe { Component::deserialize(engine, code) };
    component.inspect_err(|error| tracing::warn!(path = %path.display(), %error, "a cached function is stale")).ok()
}

fn write(directory: &Path, path: &Path, key: &[u8; DIGEST], code: &[u8]) -> std::io::Result<()> {
    // Readable by its owner alone (tempfile's default), and renamed when whole.
    let mut file = tempfile::Builder::new().suffix(&format!(".{PART}")).tempfile_in(directory)?;
    file.write_all(&header(key, code))?;
    file.write_all(code)?;
    file.persist(path)?;
    Ok(())
}

/// Removes files that were not used for longest until the others fit, but not `kept`. What fails is left alone: another
/// process may have removed it already.
fn prune(directory: &Path, size: u64, kept: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut files = Vec::new();
    for entry in entries.flatten() {
        let (path, Ok(metadata)) = (entry.path(), entry.metadata()) else { continue };
        let used = metadata.accessed().or_else(|_| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        let is = |suffix: &str| path.extension().is_some_and(|extension| extension == suffix);
        if is(SUFFIX) {
            files.push((used, metadata.len(), path));
        } else if is(PART) && metadata.is_file() && used.elapsed().is_ok_and(|age| age > FORGOTTEN) {
            // Of a process that died while it wrote.
            let _ = fs::remove_file(path);
        }
    }
    files.sort();
    let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
    for (_, length, path) in files {
        if total <= size {
            return;
        }
        if path != kept && fs::remove_file(&path).is_ok() {
            tracing::debug!(path = %path.display(), "a cached function was removed to make room");
            total -= length;
        }
    }
}

#[cfg(unix)]
fn make_private(directory: &Path) -> Result<(), String> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};

    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(|error| error.to_string())?;
    let metadata = fs::metadata(directory).map_err(|error| error.to_string())?;
    if metadata.mode() & 0o022 != 0 {
        return Err("others may write to it (its mode should be 700)".into());
    }
    // The owner of a file that this process makes is who this process is.
    let probe = tempfile::NamedTempFile::new_in(directory).map_err(|error| error.to_string())?;
    let own = probe.as_file().metadata().map_err(|error| error.to_string())?.uid();
    if metadata.uid() != own {
        return Err("it belongs to another user".into());
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(directory: &Path) -> Result<(), String> {
    fs::create_dir_all(directory).map_err(|error| error.to_string())
}

/// FNV-1a: a hash that is the same in every process and version of Rust's library.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
