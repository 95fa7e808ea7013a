//! `anabranch function inspect`: what a package holds.

use std::path::Path;

use anabranch::Result;
use anabranch_host::{FunctionKind, Limits};

use super::{load, signature};

pub fn inspect(file: &Path) -> Result<()> {
    let package = load(file, &Limits::default())?;
    let metadata = package.metadata();
    say!("package   {} {}", metadata.name, metadata.version);
    say!("contract  anabranch:functions@{}", anabranch_host::CONTRACT_VERSION);
    let imports = package.imports();
    say!("imports   {}", if imports.is_empty() { "nothing".to_owned() } else { imports.join(", ") });
    let grants = package.wanted_grants();
    if !grants.is_empty() {
        say!("could use {}", grants.join(", "));
    }
    for function in package.functions() {
        say!("\n{}", signature(function));
        let mut traits = vec![function.kind.to_string()];
        traits.push(if function.deterministic { "deterministic" } else { "not deterministic" }.to_owned());
        if function.kind == FunctionKind::Aggregate {
            traits.extend(function.retracts.then(|| "retracts".to_owned()));
            traits.extend(function.merges.then(|| "merges".to_owned()));
        }
        say!("    {}", traits.join(", "));
        for line in function.doc.lines() {
            say!("    {line}");
        }
    }
    Ok(())
}
