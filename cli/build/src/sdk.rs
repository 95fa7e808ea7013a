//! The SDK of a language, unpacked into a folder: that of a package, or of an interpreter.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::Language;
use crate::embedded;

/// Unpacks the SDK into a folder of its name in `work`, unless this very SDK lies there; gives the folder.
pub(crate) fn unpack(language: Language, work: &Path) -> Result<PathBuf> {
    let name = language.sdk();
    let source = format!("udf-sdk/{name}");
    let digest = sdk_digest(language);
    let folder = work.join(name);
    // Written last, so that an SDK that was unpacked by half is unpacked again.
    let stamp = work.join(format!("{name}.digest"));
    if fs::read_to_string(&stamp).is_ok_and(|known| known == digest) && folder.is_dir() {
        return Ok(folder);
    }
    let write = || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        embedded::write(embedded::files(&source), &folder)?;
        fs::write(&stamp, &digest)
    };
    write().with_context(|| format!("cannot unpack the SDK into '{}'", folder.display()))?;
    Ok(folder)
}

/// A digest of the SDK that travels in this binary.
pub fn sdk_digest(language: Language) -> String {
    let mut digest = Sha256::new();
    for (path, content) in embedded::files(&format!("udf-sdk/{}", language.sdk())) {
        digest.update((path.len() as u64).to_le_bytes());
        digest.update(path);
        digest.update((content.len() as u64).to_le_bytes());
        digest.update(content);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
