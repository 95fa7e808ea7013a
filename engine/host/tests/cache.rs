//! Compiled code on disk: believed only where it is what this host wrote.

mod support;

use std::fs;
use std::path::PathBuf;

use anabranch_host::{Host, HostConfig, Limits};
use support::*;

fn load(directory: &std::path::Path) -> String {
    let host = Host::new(HostConfig { cache: Some(directory.to_path_buf()) }).unwrap();
    let package = host.load_file(file("trial"), &Limits::default()).unwrap();
    package.metadata().version.clone()
}

fn files(directory: &std::path::Path) -> Vec<PathBuf> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn code_is_written_once_and_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("a/b");
    assert_eq!(load(&cache), "1.2.3");
    let [code] = &files(&cache)[..] else { panic!("one file") };
    let written = fs::metadata(code).unwrap().modified().unwrap();
    assert_eq!(load(&cache), "1.2.3");
    assert_eq!(files(&cache).len(), 1);
    assert_eq!(fs::metadata(code).unwrap().modified().unwrap(), written);
}

#[cfg(unix)]
#[test]
fn the_cache_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("cache");
    load(&cache);
    assert_eq!(fs::metadata(&cache).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&files(&cache)[0]).unwrap().permissions().mode() & 0o777, 0o600);

    // Where others may write, nothing is read or written.
    let open = directory.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(load(&open), "1.2.3");
    assert!(files(&open).is_empty());
}

#[test]
fn damaged_forged_and_moved_files_are_built_anew() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(cache, fs::Permissions::from_mode(0o700)).unwrap();
    }
    load(cache);
    let code = files(cache).pop().unwrap();
    let good = fs::read(&code).unwrap();

    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let cut = good[..good.len() - 1].to_vec();
    // Another package's file, whole, under this one's name.
    let host = Host::new(HostConfig { cache: Some(cache.to_path_buf()) }).unwrap();
    host.load_file(file("hostile"), &Limits::default()).unwrap();
    let other = files(cache).into_iter().find(|path| *path != code).unwrap();
    let moved = fs::read(other).unwrap();

    for (what, bytes) in [("empty", vec![]), ("cut", cut), ("flipped", flipped), ("moved", moved)] {
        fs::write(&code, bytes).unwrap();
        assert_eq!(load(cache), "1.2.3", "{what}");
        assert!(fs::read(&code).unwrap().len() == good.len(), "{what} is built anew");
    }
}
