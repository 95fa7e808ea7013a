//! Compiled code on disk: believed only where it is what this host wrote.

mod support;

use std::fs;
use std::path::PathBuf;

use anabranch_host::{Host, HostConfig, Limits};
use support::*;

fn load(directory: &std::path::Path) -> String {
    let host = Host::new(HostConfig { cache: Some(directory.to_path_buf()), ..HostConfig::default() }).unwrap();
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
    let host = Host::new(HostConfig { cache: Some(cache.to_path_buf()), ..HostConfig::default() }).unwrap();
    host.load_file(file("hostile"), &Limits::default()).unwrap();
    let other = files(cache).into_iter().find(|path| *path != code).unwrap();
    let moved = fs::read(other).unwrap();

    for (what, bytes) in [("empty", vec![]), ("cut", cut), ("flipped", flipped), ("moved", moved)] {
        fs::write(&code, bytes).unwrap();
        assert_eq!(load(cache), "1.2.3", "{what}");
        assert!(fs::read(&code).unwrap().len() == good.len(), "{what} is built anew");
    }
}

fn open(directory: &std::path::Path, cache_size: u64) -> std::sync::Arc<Host> {
    Host::new(HostConfig { cache: Some(directory.to_path_buf()), cache_size }).unwrap()
}

#[test]
fn what_was_not_used_for_longest_makes_room() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("cache");
    let unbounded = open(&cache, u64::MAX);
    let add = |host: &std::sync::Arc<Host>, name: &str| {
        let before = files(&cache);
        host.load_file(file(name), &Limits::default()).unwrap();
        files(&cache).into_iter().find(|file| !before.contains(file))
    };
    let trial = add(&unbounded, "trial").unwrap();
    pause();
    let hostile = add(&unbounded, "hostile").unwrap();
    pause();
    // Used again, so the other one is now the oldest.
    assert_eq!(add(&unbounded, "trial"), None);
    pause();
    let wasi = add(&unbounded, "wasi").unwrap();
    let size: u64 = files(&cache).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    fs::remove_file(&wasi).unwrap();
    // A byte less than all three have.
    assert_eq!(add(&open(&cache, size - 1), "wasi"), Some(wasi.clone()));
    assert!(!hostile.exists() && trial.exists() && wasi.exists());
    // However small it may be, what was made last stays.
    fs::remove_file(&wasi).unwrap();
    let wasi = add(&open(&cache, 1), "wasi").unwrap();
    assert_eq!(files(&cache), [wasi]);
}

#[test]
fn what_a_process_left_half_written_goes_away() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("cache");
    load(&cache);
    let hour = std::time::Duration::from_secs(3600);
    for (name, age) in [("old.part", 2 * hour), ("new.part", hour / 60), ("notes.txt", 2 * hour)] {
        let file = fs::File::create(cache.join(name)).unwrap();
        let then = std::time::SystemTime::now() - age;
        file.set_times(fs::FileTimes::new().set_accessed(then).set_modified(then)).unwrap();
    }
    open(&cache, u64::MAX).load_file(file("hostile"), &Limits::default()).unwrap();
    assert!(!cache.join("old.part").exists() && cache.join("new.part").exists());
    // Somebody else's, in a folder that was not meant for this.
    assert!(cache.join("notes.txt").exists());
}

const SHARED: &str = "ANABRANCH_TEST_SHARED_CACHE";

/// Does nothing of itself: the test below runs it in other processes.
#[test]
fn a_process_that_shares_a_cache() {
    let Some(cache) = std::env::var_os(SHARED) else { return };
    // So small that every file written removes another's.
    let host = open(std::path::Path::new(&cache), 1);
    for _ in 0..3 {
        for name in ["trial", "hostile"] {
            host.load_file(file(name), &Limits::default()).unwrap();
        }
    }
}

#[test]
fn processes_share_a_cache() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("cache");
    let start = |_| {
        let mut process = std::process::Command::new(std::env::current_exe().unwrap());
        process.args(["--exact", "a_process_that_shares_a_cache"]).env(SHARED, &cache).spawn().unwrap()
    };
    let processes: Vec<_> = (0..3).map(start).collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    assert_eq!(load(&cache), "1.2.3");
    assert!(files(&cache).iter().all(|file| file.extension().is_some_and(|extension| extension == "code")));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let cache = directory.path().join("cache");
    load(&cache);
    let code = files(&cache).pop().unwrap();
    // A pipe that nobody writes to, a folder, a file as large as a disk.
    fs::remove_file(&code).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&code).status().unwrap().success());
    assert_eq!(load(&cache), "1.2.3");
    fs::remove_file(&code).unwrap();
    fs::create_dir(&code).unwrap();
    assert_eq!(load(&cache), "1.2.3");
    fs::remove_dir(&code).unwrap();
    fs::File::create(&code).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(load(&cache), "1.2.3");
    assert!(fs::metadata(&code).unwrap().len() < 1 << 30);
}

fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(20));
}
