//! The SDK of a package's language, unpacked into the package.

use std::fs;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::PackageDir;
use crate::embedded;

/// Unpacks the SDK into `.anabranch/SDK` of the package, unless this very SDK lies there.
pub(crate) fn unpack(package: &PackageDir) -> Result<()> {
    let name = package.language.sdk();
    let source = format!("udf-sdk/{name}");
    let mut digest = Sha256::new();
    for (path, content) in embedded::files(&source) {
        digest.update((path.len() as u64).to_le_bytes());
        digest.update(path);
        digest.update((content.len() as u64).to_le_bytes());
        digest.update(content);
    }
    let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = package.sdk();
    // Written last, so that an SDK that was unpacked by half is unpacked again.
    let stamp = package.work().join(format!("{name}.digest"));
    if fs::read_to_string(&stamp).is_ok_and(|known| known == digest) && folder.is_dir() {
        return Ok(());
    }
    let write = || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        embedded::write(embedded::files(&source), &folder)?;
        fs::write(&stamp, &digest)
    };
    write().with_context(|| format!("cannot unpack the SDK into '{}'", folder.display()))
}
