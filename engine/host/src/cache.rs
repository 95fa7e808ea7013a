//! Compiled code on disk, by content, engine version and settings.
//!
//! wasmtime runs what it deserialises, so a file is only believed where it lies in a directory that nobody else can
//! write to, and where its header's digest covers its name and its content: a file that is stale, truncated, damaged
//! or moved from another name is built anew.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

const MAGIC: &[u8; 16] = b"anabranch-code-1";
const DIGEST: usize = 32;

#[derive(Debug)]
pub(crate) struct CodeCache {
    directory: PathBuf,
    /// Engine version and settings.
    engine: u64,
}

impl CodeCache {
    /// `None`, with a warning, where the directory cannot be made or is not private.
    pub fn open(directory: &Path, engine: &Engine) -> Option<Self> {
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
        Some(CodeCache { directory: directory.to_path_buf(), engine: hasher.finish() })
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
        if let Err(reason) = stored {
            tracing::warn!(path = %path.display(), %reason, "cannot cache a compiled function");
        }
        Ok(component)
    }

    fn key(&self, content: &[u8]) -> [u8; DIGEST] {
        let mut digest = Sha256::new();
        digest.update(self.engine.to_le_bytes());
        digest.update(content);
        digest.finalize().into()
    }

    fn path(&self, key: &[u8; DIGEST]) -> PathBuf {
        let name: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(format!("{name}.code"))
    }
}

fn seal(key: &[u8; DIGEST], code: &[u8]) -> [u8; DIGEST] {
    let mut digest = Sha256::new();
    digest.update(MAGIC);
    digest.update(key);
    digest.update(code);
    digest.finalize().into()
}

fn read(engine: &Engine, path: &Path, key: &[u8; DIGEST]) -> Option<Component> {
    let bytes = fs::read(path).ok()?;
    let (magic, rest) = bytes.split_at_checked(MAGIC.len())?;
    let (digest, code) = rest.split_at_checked(DIGEST)?;
    if magic != MAGIC || digest != seal(key, code) {
        tracing::warn!(path = %path.display(), "a cached function is damaged and is compiled anew");
        return None;
    }
    // SAFETY: the code was written by `write` from `Component::serialize` in a directory that only this user may write
    // to, for this content and these settings, and has not changed since: the digest covers all three. wasmtime checks
    // its own version and settings again.
    let component = unsafe { Component::deserialize(engine, code) };
    component.inspect_err(|error| tracing::warn!(path = %path.display(), %error, "a cached function is stale")).ok()
}

fn write(directory: &Path, path: &Path, key: &[u8; DIGEST], code: &[u8]) -> std::io::Result<()> {
    // Readable by its owner alone (tempfile's default), and renamed when whole.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(MAGIC)?;
    file.write_all(&seal(key, code))?;
    file.write_all(code)?;
    file.persist(path)?;
    Ok(())
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
