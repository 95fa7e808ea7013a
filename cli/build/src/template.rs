//! New packages: an example package under another name.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::package::check_name;
use crate::{Language, PackageDir, embedded, rust, sdk};

/// The name of every example package, which a new package's name replaces.
const EXAMPLE: &str = "greetings";

/// Makes a package called `name` in `folder`, which must not exist or be empty: the example package of the language,
/// in which the word `greetings` becomes the name, and the SDK is the one that is unpacked beside it.
pub fn create(language: Language, name: &str, folder: &Path) -> Result<PackageDir> {
    check_name(language, name)?;
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() {
        bail!("'{}' is there already, and is not an empty folder", folder.display());
    }
    let source = format!("examples/functions/{}", language.name());
    if embedded::files(&source).next().is_none() {
        bail!("there is no template for {language} in this build");
    }
    let files =
        embedded::files(&source).map(|(path, content)| (path.replace(EXAMPLE, name), instantiate(content, name)));
    embedded::write(files, folder).with_context(|| format!("cannot make the package in '{}'", folder.display()))?;
    if language == Language::Rust {
        rust::detach(folder)?;
    }
    let package = PackageDir::open(folder)?;
    sdk::unpack(package.language, &package.work())?;
    Ok(package)
}

/// What a file of the example holds under another name. Files that are no text stay as they are.
fn instantiate(content: &[u8], name: &str) -> Vec<u8> {
    match std::str::from_utf8(content) {
        // In the repository, examples take the SDK from where it is written.
        Ok(text) => text.replace(EXAMPLE, name).replace("../../../udf-sdk/", ".anabranch/").into_bytes(),
        Err(_) => content.to_vec(),
    }
}
