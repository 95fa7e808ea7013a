//! Components that were fetched from elsewhere, kept by their digest.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::host::HostConfig;
use crate::registry::Digest;

/// A folder of components, each under its digest, which is checked whenever one is taken out: what has been changed
/// there is fetched again.
#[derive(Debug, Clone)]
pub struct Downloads(PathBuf);

impl Downloads {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Downloads(folder.into())
    }

    /// Beside the cache of compiled code; `None` where there is no folder for caches.
    pub fn of_user() -> Option<Self> {
        HostConfig::default().cache.map(|cache| Downloads(cache.join("components")))
    }

    /// The component of a digest, where it is there.
    pub fn get(&self, digest: &Digest) -> Option<Vec<u8>> {
        let bytes = fs::read(self.path(digest)).ok()?;
        if Digest::of(&bytes) != *digest {
            tracing::warn!(%digest, "a component that was kept is damaged, and is fetched again");
            return None;
        }
        Some(bytes)
    }

    /// Keeps a component, which must be the one of the digest. What cannot be kept is fetched again the next time.
    pub fn keep(&self, digest: &Digest, component: &[u8]) {
        let write = || {
            // The folder above may be that of compiled code, which has to be private.
            let mut folders = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
            folders.recursive(true).create(&self.0)?;
            // Renamed when it is whole, as other processes do the same.
            let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
            file.write_all(component)?;
            file.persist(self.path(digest))?;
            Ok(())
        };
        if let Err(error) = write() {
            let error: std::io::Error = error;
            tracing::warn!(folder = %self.0.display(), %error, "cannot keep a component that was fetched");
        }
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.0.join(format!("{digest}.wasm"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let downloads = Downloads::new(folder.path().join("components"));
        let digest = Digest::of(b"component");
        assert_eq!(downloads.get(&digest), None);
        downloads.keep(&digest, b"component");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&downloads.0).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "compiled code may lie beside it");
        }
        assert_eq!(downloads.get(&digest).as_deref(), Some(b"component".as_slice()));
        fs::write(downloads.path(&digest), b"changed").unwrap();
        assert_eq!(downloads.get(&digest), None);
        // A folder that cannot be made is no error.
        Downloads::new("/dev/null/components").keep(&digest, b"component");
    }
}
