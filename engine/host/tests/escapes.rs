//! A guest with all of Rust's library, that tries every way out of the sandbox: each leads nowhere.

mod support;

use std::fmt::Write;

use anabranch_host::OnError;
use expect_test::expect;
use support::*;

/// What each way leads to, from a function of every kind.
fn escape(ways: &[&str]) -> String {
    let mut said = String::new();
    for way in ways {
        let first_line = |found: String| found.lines().next().unwrap_or_default().to_owned();
        let found = first_line(from_scalar(way));
        assert_eq!(first_line(from_table(way)), found, "{way}, from a table function");
        assert_eq!(first_line(from_aggregate(way)), found, "{way}, from an aggregate");
        writeln!(said, "{way}: {found}").unwrap();
        // A function beside it goes on.
        assert_eq!(show(&bind("trial", "add").scalar().call(&[longs([1]), longs([2])], 1).unwrap().array), "3");
    }
    said
}

fn from_scalar(way: &str) -> String {
    let mut function = bind("escapes", "escape").limit("timeout", "20 s").scalar();
    let output = function.call(&[texts([Some(way)])], 1).unwrap();
    output.errors.first().map_or_else(|| show(&output.array), |error| error.message.clone())
}

fn from_table(way: &str) -> String {
    let mut function = bind("escapes", "escape_rows").limit("timeout", "20 s").table();
    function.begin(&[texts([Some(way)])], 1).unwrap();
    let mut found = String::new();
    while let Some(chunk) = function.next(8).unwrap() {
        match chunk.errors.first() {
            Some(error) => found = error.message.clone(),
            None if !chunk.rows.is_empty() => found = show(&chunk.columns[0]),
            None => {}
        }
    }
    found
}

fn from_aggregate(way: &str) -> String {
    let mut function = bind("escapes", "escapes").limit("timeout", "20 s").aggregate(OnError::Skip);
    let errors = function.accumulate(&[0], &[texts([Some(way)])]).unwrap();
    errors.first().map_or_else(|| show(&function.evaluate(&[0]).unwrap().array), |error| error.message.clone())
}

#[test]
fn no_path_leads_to_a_file() {
    expect![[r#"
        paths: {"InvalidInput": 15, "NotFound": 416, "canonicalize of \".\"": 1, "canonicalize of \"..\"": 1, "canonicalize of \"/\"": 1, "canonicalize of \"/..\"": 1}
        long path: NotFound
        many files: 0
        cwd: Ok("/") NotFound
        home: Err(NotPresent)
    "#]]
    .assert_eq(&escape(&["paths", "long path", "many files", "cwd", "home"]));
}

#[test]
fn nothing_is_known_of_the_process() {
    let ways = ["environment", "own environment", "mark", "arguments", "program", "thread", "process", "processors"];
    expect![[r#"
        environment: 0 Err(NotPresent)
        own environment: Ok("1")
        mark: Err(NotPresent)
        arguments: 0
        program: Unsupported
        thread: Unsupported
        process: Unsupported
        processors: Unsupported
    "#]]
    .assert_eq(&escape(&ways));
}

#[test]
fn the_process_does_not_end() {
    expect![[r#"
        exit: trapped: it called exit(0)
        abort: trapped: wasm `unreachable` instruction executed
    "#]]
    .assert_eq(&escape(&["exit", "abort"]));
}

#[test]
fn no_socket_is_opened_and_no_name_looked_up() {
    let open = || std::fs::read_dir("/proc/self/fd").map_or(0, |files| files.count());
    let before = open();
    let ways = ["tcp", "tcp 6", "listen", "listen everywhere", "udp", "names", "far names"];
    expect![[r#"
        tcp: 0 of 5000, Some(PermissionDenied)
        tcp 6: 0 of 5000, Some(PermissionDenied)
        listen: 0 of 5000, Some(PermissionDenied)
        listen everywhere: 0 of 5000, Some(PermissionDenied)
        udp: 0 of 5000, Some(PermissionDenied)
        names: Uncategorized
        far names: Uncategorized
    "#]]
    .assert_eq(&escape(&ways));
    // Other tests of this process open a few.
    assert!(open() < before + 50, "{before} files were open, now {}", open());
}

#[test]
fn time_stands_still_and_nobody_waits() {
    let started = std::time::Instant::now();
    expect![[r#"
        sleep: slept
        clocks: Ok(0ns) 0ns true
        input: 0
    "#]]
    .assert_eq(&escape(&["sleep", "clocks", "input"]));
    assert!(started.elapsed().as_secs() < 10);
}

#[test]
fn floods_of_output_are_taken_and_forgotten() {
    expect![[r#"
        output: written
        one line: written
    "#]]
    .assert_eq(&escape(&["output", "one line"]));
}

/// What an instance keeps, no other one sees: neither of the same job nor of another.
#[test]
fn marks_are_not_seen_by_others() {
    let bound = bind("escapes", "escape").bound().unwrap();
    let (mut one, mut two) = (bound.scalar().unwrap(), bound.scalar().unwrap());
    let ask = |function: &mut anabranch_host::ScalarFunction, what| {
        show(&function.call(&[texts([Some(what)])], 1).unwrap().array)
    };
    assert_eq!(ask(&mut one, "own environment"), r#"Ok("1")"#);
    assert_eq!(ask(&mut one, "mark"), r#"Ok("1")"#);
    assert_eq!(ask(&mut two, "mark"), "Err(NotPresent)");
    assert_eq!(ask(&mut bound.scalar().unwrap(), "mark"), "Err(NotPresent)");
}

#[test]
fn what_an_aggregate_did_in_time_may_take_longer_when_it_is_repeated() {
    let bound = bind("escapes", "escapes").limit("timeout", "400 ms").grant("grant.clock", "true");
    let mut function = bound.aggregate(OnError::Skip);
    let slow_at = std::time::UNIX_EPOCH.elapsed().unwrap() + std::time::Duration::from_secs(3);
    let slow = format!("slow after {} 600", slow_at.as_millis());
    assert!(function.accumulate(&[0, 1], &[texts([Some(slow.as_str()), Some("home")])]).unwrap().is_empty());
    std::thread::sleep(slow_at.saturating_sub(std::time::UNIX_EPOCH.elapsed().unwrap()));
    let errors = function.accumulate(&[0], &[texts([Some("abort")])]).unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(show(&function.evaluate(&[0, 1]).unwrap().array), "done Err(NotPresent)");
}
