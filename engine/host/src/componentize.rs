//! A component of a core module: what `function build` leaves where a language's tools make modules.
//!
//! wit-bindgen marks a module with the world that it was made for, as a component in a custom section. That mark is the
//! guest's word, and what reads it trusts it; it is not read. The contract's worlds are known here, and a module is one
//! of the world whose exports it has.

use std::sync::OnceLock;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

use crate::wire::{CONTRACT_VERSION, FUNCTIONS_INTERFACE, INTERPRETER_INTERFACE};

/// Custom sections with wit-bindgen's marks.
const MARK: &[u8] = b"component-type";

/// Makes a component of a module, which must be valid.
///
/// # Errors
/// Why it is no module of the contract.
pub(crate) fn componentize(module: &[u8]) -> Result<Vec<u8>, String> {
    let mut module = without_marks(module).ok_or("it is no valid core module")?;
    let exports = |interface: &str| contains(&module, format!("{interface}#").as_bytes());
    if let (false, Some(version)) = (exports(FUNCTIONS_INTERFACE), other_version(&module)) {
        return Err(format!(
            "it exports version {version} of the contract `anabranch:functions`, but this host calls version \
             {CONTRACT_VERSION}"
        ));
    }
    let worlds = worlds().as_ref().map_err(|error| format!("the contract cannot be read (a bug): {error}"))?;
    let world = if exports(INTERPRETER_INTERFACE) { worlds.interpreter } else { worlds.package };
    embed_component_metadata(&mut module, &worlds.resolve, world, StringEncoding::UTF8)
        .and_then(|()| ComponentEncoder::default().validate(true).module(&module)?.encode())
        .map_err(|error| {
            format!("it is a core module and cannot be made a component: {error:#} (was it built with an SDK?)")
        })
}

struct Worlds {
    resolve: Resolve,
    package: WorldId,
    interpreter: WorldId,
}

fn worlds() -> &'static Result<Worlds, String> {
    static WORLDS: OnceLock<Result<Worlds, String>> = OnceLock::new();
    WORLDS.get_or_init(|| {
        let mut resolve = Resolve::default();
        let contract = include_str!("../../../wit/functions.wit");
        let package = resolve.push_str("functions.wit", contract).map_err(|error| format!("{error:#}"))?;
        let world = |name| resolve.select_world(&[package], Some(name)).map_err(|error| format!("{error:#}"));
        let (package, interpreter) = (world("function-package")?, world("function-interpreter")?);
        Ok(Worlds { resolve, package, interpreter })
    })
}

/// The version of the contract that a module exports, where it is another.
fn other_version(module: &[u8]) -> Option<String> {
    let prefix = FUNCTIONS_INTERFACE.trim_end_matches(CONTRACT_VERSION).as_bytes();
    let at = module.windows(prefix.len()).position(|window| window == prefix)? + prefix.len();
    let version = module[at..].iter().map(|&byte| char::from(byte));
    Some(version.take(32).take_while(|c| c.is_ascii_alphanumeric() || ".-+".contains(*c)).collect())
}

fn contains(module: &[u8], text: &[u8]) -> bool {
    module.windows(text.len()).any(|window| window == text)
}

/// The module without its marks; `None` where its sections are not those of a valid module.
fn without_marks(module: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 8;
    let mut kept = module.get(..HEADER)?.to_vec();
    let mut rest = module.get(HEADER..)?;
    while let Some((&id, behind)) = rest.split_first() {
        let (size, content) = number(behind)?;
        let (content, next) = content.split_at_checked(size)?;
        let is_mark = id == 0 && {
            let (length, name) = number(content)?;
            name.get(..length)?.starts_with(MARK)
        };
        if !is_mark {
            kept.extend_from_slice(&rest[..rest.len() - next.len()]);
        }
        rest = next;
    }
    Some(kept)
}

/// A number in LEB128, and what is behind it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_left_out() {
        let header = *b"\0asm\x01\0\0\0";
        let section = |name: &[u8]| [&[0, name.len() as u8 + 2, name.len() as u8], name, b"x"].concat();
        let (mark, other) = (section(b"component-type:of-wit-bindgen"), section(b"producers"));
        let module = [&header[..], &mark, &other, &mark].concat();
        assert_eq!(without_marks(&module).unwrap(), [&header[..], &other].concat());
        for cut in 1..module.len() {
            let _ = without_marks(&module[..cut]);
        }
        assert_eq!(number(&[0x80, 1]), Some((128, &[][..])));
        assert_eq!(number(&[0xff; 9]), None);
    }

    #[test]
    fn other_versions_are_named() {
        let exports = |name: &str| format!("(module (memory (export \"memory\") 1) (func (export \"{name}\")))");
        let module = wat::parse_str(exports("anabranch:functions/functions@0.9.1#describe")).unwrap();
        assert_eq!(
            componentize(&module).unwrap_err(),
            format!(
                "it exports version 0.9.1 of the contract `anabranch:functions`, but this host calls version {CONTRACT_VERSION}"
            )
        );
    }
}
