//! What a function finds when it looks around: nothing, unless it is granted.

mod support;

use std::fmt::Write;

use expect_test::expect;
use support::*;

const PLACES: &[&str] =
    &["clock", "random", "environment", "files", "write", "network", "input", "sleep", "exit", "panic"];

fn look(what: &str, grant: bool) -> String {
    // Who sleeps for ever is not to be waited for.
    let timeout = if what == "sleep" { "400 ms" } else { "20 s" };
    let mut bind = bind("wasi", "look").option("what", what).limit("timeout", timeout);
    bind.grants.clock = grant;
    bind.grants.randomness = grant;
    let output = bind.scalar().call(&[], 1).unwrap();
    match output.errors.first() {
        Some(error) => error.message.clone(),
        None => show(&output.array),
    }
}

#[test]
fn there_is_nothing_in_the_sandbox() {
    let mut found = String::new();
    for what in PLACES {
        writeln!(found, "{what}: {}", look(what, false)).unwrap();
    }
    expect![[r#"
        clock: 0, elapsed true
        random: ac01043281206a15
        environment: 0 0
        files: Err(NotFound)
        write: Err(NotFound)
        network: Err(PermissionDenied) Err(PermissionDenied)
        input: Ok(0) ""
        sleep: slept
        exit: trapped: it called exit(1)
        last lines from the function:
          good
          bye
        panic: trapped: wasm `unreachable` instruction executed
        last lines from the function:
          thread '<unnamed>' (1) panicked at src/lib.rs:62:20:
          this is said on standard error
          note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
    "#]]
    .assert_eq(&found);
    assert_eq!(look("random", false), look("random", false));
}

#[test]
fn clocks_and_randomness_can_be_granted() {
    assert_ne!(look("random", true), look("random", true));
    let clock = look("clock", true);
    let (now, elapsed) = clock.split_once(", elapsed ").unwrap();
    assert!(now.parse::<u128>().unwrap() > 1_700_000_000_000_000_000);
    assert_eq!(elapsed, "false");
    // Who may read the clock waits for it in earnest, but not for longer than a call may take.
    assert_eq!(look("sleep", true), "ran longer than 400 ms (option 'timeout')");
    let started = std::time::Instant::now();
    assert_eq!(look("nap", true), "rested");
    assert!(started.elapsed() >= std::time::Duration::from_millis(20));
    assert_eq!(look("nap", false), "rested");
}

#[test]
fn wasi_works_where_tasks_run() {
    for runtime in [
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap(),
        tokio::runtime::Builder::new_current_thread().build().unwrap(),
    ] {
        runtime.block_on(async {
            assert_eq!(look("sleep", false), "slept");
            assert!(look("panic", false).contains("this is said on standard error"));
        });
    }
}

#[test]
fn imports_are_listed() {
    let imports = package("wasi").imports().join("\n");
    assert!(imports.contains("wasi:clocks/monotonic-clock@0.2."), "{imports}");
}
