//! Puts the SDKs and the example packages into the binary, so that it makes packages where there is no checkout.

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// What travels, from the root of the project.
const FOLDERS: [&str; 2] = ["udf-sdk", "examples/functions"];

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = here.ancestors().nth(2).ok_or("this crate lies two folders below the root of the project")?;
    let mut table = String::from("[\n");
    for folder in FOLDERS {
        embed(root, &root.join(folder), &mut table)?;
    }
    table.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("files.rs"), table)?;
    Ok(())
}

/// Adds the files of a folder, in a fixed order. What the project's `.gitignore` files name (what was built or installed)
/// stays behind, also where the sources are not in a git repository; what git ignores elsewhere on this machine does not
/// matter.
fn embed(root: &Path, folder: &Path, table: &mut String) -> Result<(), Box<dyn Error>> {
    let mut walk = WalkBuilder::new(folder);
    walk.hidden(false)
        .require_git(false)
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .follow_links(true)
        .sort_by_file_path(Ord::cmp);
    if let Some(error) = walk.add_ignore(root.join(".gitignore")) {
        return Err(error.into());
    }
    for entry in walk.build() {
        let entry = entry?;
        println!("cargo:rerun-if-changed={}", entry.path().display());
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let path = entry.path().strip_prefix(root)?.to_str().ok_or("a path is not UTF-8")?.replace('\\', "/");
            writeln!(table, "({path:?}, include_bytes!({:?})),", entry.path())?;
        }
    }
    Ok(())
}
