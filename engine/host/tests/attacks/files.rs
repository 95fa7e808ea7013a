//! Files that are no packages, or not those that they are said to be.

use std::fmt::Write;
use std::fs;

use anabranch_host::{Digest, Host, HostConfig, Limits};
use expect_test::expect;
use proptest::prelude::*;

use crate::drive::{drive_bytes, healthy, impatient, limits};
use crate::guest::Guest;
use crate::support::*;

fn component() -> Vec<u8> {
    wit_component::ComponentEncoder::default().module(&module()).unwrap().encode().unwrap()
}

/// A core module, which the host makes a component of.
fn module() -> Vec<u8> {
    Guest::new().module()
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for whole in [component(), module()] {
        assert_eq!(drive_bytes(&whole, &limits()), "");
        let steps = 97;
        for step in 0..steps {
            let cut = whole.len() * step / steps;
            // A file without its last custom sections is whole.
            if let Err(error) = host().load("cut", &whole[..cut], &limits()) {
                let error = error.to_string();
                assert!(error.starts_with("cannot load 'cut': "), "{cut}: {error}");
            }
        }
        assert!(host().load("cut", &whole[..whole.len() / 2], &limits()).is_err());
    }
    // A section that is said to be longer than the file.
    let lie = [b"\0asm\x01\0\0\0\x0a\xff\xff\x7f".as_slice(), &[0; 10]].concat();
    let error = host().load("lie", &lie, &limits()).unwrap_err().to_string();
    assert!(error.starts_with("cannot load 'lie': it is no valid core module: "), "{error}");
    healthy();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the bytes say, the host answers, within its limits.
    #[test]
    fn a_file_with_flipped_bits_is_refused_or_contained(
        of_module in any::<bool>(),
        flips in proptest::collection::vec((any::<proptest::sample::Index>(), 0u8..8), 1..4),
    ) {
        static WHOLE: std::sync::OnceLock<[Vec<u8>; 2]> = std::sync::OnceLock::new();
        let mut bytes = WHOLE.get_or_init(|| [component(), module()])[usize::from(of_module)].clone();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        // What it has become may not end.
        drive_bytes(&bytes, &impatient());
    }
}

#[test]
fn files_are_looked_at_before_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::File::create(path("large.wasm")).unwrap().set_len(500 << 20).unwrap();
    fs::write(path("text.wasm"), "SELECT 1").unwrap();
    fs::write(path("empty.wasm"), "").unwrap();
    fs::create_dir(path("folder.wasm")).unwrap();
    let mut said = String::new();
    let mut load = |path: &std::path::Path| {
        let error = host().load_file(path, &limits()).unwrap_err().to_string();
        writeln!(said, "{}", error.replace(&folder.path().display().to_string(), "DIR")).unwrap();
    };
    for name in ["large.wasm", "text.wasm", "empty.wasm", "folder.wasm", "none.wasm"] {
        load(&path(name));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("loop.wasm", path("loop.wasm")).unwrap();
        load(&path("loop.wasm"));
        // Would never end, or never begin.
        load(std::path::Path::new("/dev/zero"));
        let pipe = path("pipe.wasm");
        if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|made| made.success()) {
            let error = host().load_file(&pipe, &limits()).unwrap_err().to_string();
            assert!(error.ends_with("it is no file"), "{error}");
        }
    }
    expect![[r#"
        cannot load 'DIR/large.wasm': it has 524288000 bytes, more than the limit of 67108864 (option 'max-module-size')
        cannot load 'DIR/text.wasm': it is no WebAssembly file
        cannot load 'DIR/empty.wasm': it is no WebAssembly file
        cannot load 'DIR/folder.wasm': it is no file
        cannot load 'DIR/none.wasm': No such file or directory (os error 2)
        cannot load 'DIR/loop.wasm': Too many levels of symbolic links (os error 40)
        cannot load '/dev/zero': it is no file
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_component_of_another_contract_is_named() {
    let whole = component();
    let versions = |version: &str| {
        let own = anabranch_host::CONTRACT_VERSION;
        assert_eq!(version.len(), own.len());
        let mut bytes = whole.clone();
        let (from, to) = (format!("@{own}"), format!("@{version}"));
        while let Some(at) = bytes.windows(from.len()).position(|window| window == from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        drive_bytes(&bytes, &limits())
    };
    let said: String = ["0.0.1", "0.9.0", "9.9.9"].map(versions).concat();
    expect![[r#"
        load: cannot load 'guest': it imports `anabranch:functions/log@0.0.1`, but this host calls `anabranch:functions/log@OURS`
        load: cannot load 'guest': it imports `anabranch:functions/log@0.9.0`, but this host calls `anabranch:functions/log@OURS`
        load: cannot load 'guest': it imports `anabranch:functions/log@9.9.9`, but this host calls `anabranch:functions/log@OURS`
    "#]].assert_eq(&said.replace(anabranch_host::CONTRACT_VERSION, "OURS"));
}

#[test]
fn modules_with_foreign_imports_are_refused() {
    let mut said = String::new();
    for import in [
        r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#,
        r#"(import "env" "system" (func (param i32) (result i32)))"#,
        r#"(import "env" "memory" (memory 1))"#,
        r#"(import "" "" (func))"#,
    ] {
        let module = wat::parse_str(format!("(module {import})")).unwrap();
        said.push_str(&drive_bytes(&module, &limits()));
        let embedded = Guest::new().module();
        let marked = marked(&module, &embedded);
        said.push_str(&drive_bytes(&marked, &limits()));
    }
    expect![[r#"
        load: cannot load 'guest': it is a core module and cannot be made a component: failed to decode world from module: module was not valid: failed to resolve import `wasi_snapshot_preview1::fd_write`: module requires an import interface named `wasi_snapshot_preview1` (was it built with an SDK?)
        load: cannot load 'guest': it is a core module and cannot be made a component: failed to decode world from module: module was not valid: failed to resolve import `wasi_snapshot_preview1::fd_write`: module requires an import interface named `wasi_snapshot_preview1` (was it built with an SDK?)
        load: cannot load 'guest': it is a core module and cannot be made a component: failed to decode world from module: module was not valid: failed to resolve import `env::system`: module requires an import interface named `env` (was it built with an SDK?)
        load: cannot load 'guest': it is a core module and cannot be made a component: failed to decode world from module: module was not valid: failed to resolve import `env::system`: module requires an import interface named `env` (was it built with an SDK?)
        load: cannot load 'guest': it is a core module and cannot be made a component: failed to decode world from module: module was not valid: failed to find export of interface `anabranch:functions/functions@0.2.0` function `[static]accumulators.open` (was it built with an SDK?)
        load: cannot load 'guest': it is a core module and cannot be made a component: failed to decode world from module: module was not valid: failed to find export of interface `anabranch:functions/functions@0.2.0` function `[static]accumulators.open` (was it built with an SDK?)
        load: cannot load 'guest': it is a core module and cannot be made a component: failed to decode world from module: module was not valid: failed to resolve import `::`: module requires an import interface named `` (was it built with an SDK?)
        load: cannot load 'guest': it is a core module and cannot be made a component: failed to decode world from module: module was not valid: failed to resolve import `::`: module requires an import interface named `` (was it built with an SDK?)
    "#]].assert_eq(&said);
}

/// A module with the contract's mark of another one.
fn marked(module: &[u8], other: &[u8]) -> Vec<u8> {
    let name = b"component-type";
    let at = other.windows(name.len()).rposition(|window| window == name).unwrap();
    // A custom section: 0, its size as LEB128, the length of its name, its name.
    let start = (0..at).rev().find(|&start| other[start] == 0 && start + 2 < at).unwrap();
    [module, &other[start..]].concat()
}

#[test]
fn a_file_that_is_not_what_the_digest_says_is_refused() {
    let digest = Digest::of(&component());
    let error = digest.check("f.wasm", b"something else").unwrap_err().to_string();
    assert!(
        error.starts_with("cannot load 'f.wasm': its SHA-256 is ") && error.ends_with(&digest.to_string()),
        "{error}"
    );
}

#[test]
fn a_file_that_changes_under_a_running_function_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.wasm");
    fs::write(&path, component()).unwrap();
    let cache = folder.path().join("cache");
    let host = Host::new(HostConfig { cache: Some(cache), ..HostConfig::default() }).unwrap();
    let package = host.load_file(&path, &limits()).unwrap();
    let request = || anabranch_host::BindRequest {
        arguments: package.functions()[0].parameters.clone(),
        ..anabranch_host::BindRequest::default()
    };
    let bound = package.bind(request(), limits(), Default::default()).unwrap();
    let mut function = bound.scalar().unwrap();
    for content in [&b"no package"[..], &[], &b"\0asm\x0d\0\x01\0"[..]] {
        fs::write(&path, content).unwrap();
        assert_eq!(show(&function.call(&[longs([1])], 1).unwrap().array), "0");
        // New instances are of what was loaded, too.
        assert_eq!(show(&bound.scalar().unwrap().call(&[longs([1])], 1).unwrap().array), "0");
        package.bind(request(), limits(), Default::default()).unwrap();
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(show(&function.call(&[longs([1])], 1).unwrap().array), "0");
}

#[test]
fn what_is_slow_to_compile_has_a_bound() {
    // Blocks within blocks, and a function as large as functions may be.
    let deep = format!("{}{}", "(block ".repeat(5_000), ")".repeat(5_000));
    let long = "(drop (i32.add (i32.const 1) (i32.const 2)))".repeat(200_000);
    for code in [deep, long] {
        let guest = Guest::new().item(&format!("(func {code})"));
        let started = std::time::Instant::now();
        let loaded = host().load("slow", &guest.module(), &Limits::default());
        assert!(loaded.is_ok() || loaded.is_err());
        assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
    }
    healthy();
}
