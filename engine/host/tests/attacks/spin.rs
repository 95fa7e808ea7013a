//! Time: loops, recursion and traps in every export.

use std::fmt::Write;

use expect_test::{Expect, expect};

use crate::drive::{drive, drive_within, impatient};
use crate::guest::Guest;

const SPIN: &str = "(loop $spin (br $spin)) unreachable";
const RECURSE: &str = "(call $recurse (i64.const 1)) unreachable";
const RECURSION: &str = "(func $recurse (param i64) (call $recurse (i64.add (local.get 0) (i64.const 1))))";

/// Runs the same code in every export, one after the other.
fn in_every_export(code: &str, items: &str, expected: Expect) {
    let mut said = String::new();
    for export in Guest::exports() {
        let found = drive_within(&Guest::new().item(items).body(&export, code), &impatient());
        writeln!(said, "{export}").unwrap();
        for line in found.lines() {
            writeln!(said, "  {line}").unwrap();
        }
    }
    expected.assert_eq(&said);
}

#[test]
fn a_healthy_guest_has_nothing_to_say() {
    assert_eq!(drive(&Guest::new()), "");
}

#[test]
fn a_loop_in_any_export_is_cut_off() {
    in_every_export(
        SPIN,
        "",
        expect![[r#"
            cabi_realloc
              scalar: bind: function NAME ran longer than 100 ms (option 'timeout')
            post-describe
              load: function 'guest' ran longer than 100 ms (option 'timeout')
            describe
              load: function 'guest' ran longer than 100 ms (option 'timeout')
            post-bind
              scalar: bind: function NAME ran longer than 100 ms (option 'timeout')
            bind
              scalar: bind: function NAME ran longer than 100 ms (option 'timeout')
            unbind
            post-call
              scalar: row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            call
              scalar: row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            post-begin
              table: row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            begin
              table: row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            post-next
              table: row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            next
              table: row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            post-open
              total: open: function NAME ran longer than 100 ms (option 'timeout')
            open
              total: open: function NAME ran longer than 100 ms (option 'timeout')
            post-accumulate
              total: accumulate (Fail): function NAME ran longer than 100 ms at row 0 (option 'timeout')
              total: accumulate (Skip): row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            accumulate
              total: accumulate (Fail): function NAME ran longer than 100 ms at row 0 (option 'timeout')
              total: accumulate (Skip): row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            post-retract
              total: retract (Fail): function NAME ran longer than 100 ms at row 0 (option 'timeout')
              total: retract (Skip): row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            retract
              total: retract (Fail): function NAME ran longer than 100 ms at row 0 (option 'timeout')
              total: retract (Skip): row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            post-merge
              total: merge (Fail): function NAME ran longer than 100 ms at row 0 (option 'timeout')
              total: merge (Skip): row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            merge
              total: merge (Fail): function NAME ran longer than 100 ms at row 0 (option 'timeout')
              total: merge (Skip): row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            post-evaluate
              total: evaluate (Fail): function NAME ran longer than 100 ms (option 'timeout')
              total: evaluate (Skip): row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            evaluate
              total: evaluate (Fail): function NAME ran longer than 100 ms (option 'timeout')
              total: evaluate (Skip): row 0 (Timeout) ran longer than 100 ms (option 'timeout')
            post-state
              total: state (Fail): function NAME ran longer than 100 ms (option 'timeout')
              total: state (Skip): function NAME ran longer than 100 ms (option 'timeout')
            state
              total: state (Fail): function NAME ran longer than 100 ms (option 'timeout')
              total: state (Skip): function NAME ran longer than 100 ms (option 'timeout')
            post-restore
              total: restore (Fail): function NAME ran longer than 100 ms at row 0 (option 'timeout')
              total: restore (Skip): function NAME ran longer than 100 ms at row 0 (option 'timeout')
            restore
              total: restore (Fail): function NAME ran longer than 100 ms at row 0 (option 'timeout')
              total: restore (Skip): function NAME ran longer than 100 ms at row 0 (option 'timeout')
            remove
              total: remove (Fail): function NAME ran longer than 100 ms (option 'timeout')
              total: remove (Skip): function NAME ran longer than 100 ms (option 'timeout')
        "#]],
    );
}

#[test]
fn recursion_in_any_export_is_cut_off() {
    in_every_export(
        RECURSE,
        RECURSION,
        expect![[r#"
            cabi_realloc
              scalar: bind: function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-describe
              load: function 'guest' trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            describe
              load: function 'guest' trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-bind
              scalar: bind: function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            bind
              scalar: bind: function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            unbind
            post-call
              scalar: row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            call
              scalar: row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-begin
              table: row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            begin
              table: row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-next
              table: row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            next
              table: row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-open
              total: open: function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            open
              total: open: function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-accumulate
              total: accumulate (Fail): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: accumulate (Skip): row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            accumulate
              total: accumulate (Fail): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: accumulate (Skip): row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-retract
              total: retract (Fail): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: retract (Skip): row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            retract
              total: retract (Fail): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: retract (Skip): row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-merge
              total: merge (Fail): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: merge (Skip): row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            merge
              total: merge (Fail): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: merge (Skip): row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-evaluate
              total: evaluate (Fail): function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: evaluate (Skip): row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            evaluate
              total: evaluate (Fail): function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: evaluate (Skip): row 0 (Trap) trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-state
              total: state (Fail): function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: state (Skip): function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            state
              total: state (Fail): function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: state (Skip): function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            post-restore
              total: restore (Fail): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: restore (Skip): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            restore
              total: restore (Fail): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: restore (Skip): function NAME trapped at row 0: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
            remove
              total: remove (Fail): function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
              total: remove (Skip): function NAME trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
        "#]],
    );
}

#[test]
fn a_trap_in_any_export_is_contained() {
    in_every_export(
        "unreachable",
        "",
        expect![[r#"
            cabi_realloc
              scalar: bind: function NAME trapped: wasm `unreachable` instruction executed in `realloc`
            post-describe
              load: function 'guest' trapped: wasm `unreachable` instruction executed
            describe
              load: function 'guest' trapped: wasm `unreachable` instruction executed
            post-bind
              scalar: bind: function NAME trapped: wasm `unreachable` instruction executed
            bind
              scalar: bind: function NAME trapped: wasm `unreachable` instruction executed
            unbind
            post-call
              scalar: row 0 (Trap) trapped: wasm `unreachable` instruction executed
            call
              scalar: row 0 (Trap) trapped: wasm `unreachable` instruction executed
            post-begin
              table: row 0 (Trap) trapped: wasm `unreachable` instruction executed
            begin
              table: row 0 (Trap) trapped: wasm `unreachable` instruction executed
            post-next
              table: row 0 (Trap) trapped: wasm `unreachable` instruction executed
            next
              table: row 0 (Trap) trapped: wasm `unreachable` instruction executed
            post-open
              total: open: function NAME trapped: wasm `unreachable` instruction executed
            open
              total: open: function NAME trapped: wasm `unreachable` instruction executed
            post-accumulate
              total: accumulate (Fail): function NAME trapped at row 0: wasm `unreachable` instruction executed
              total: accumulate (Skip): row 0 (Trap) trapped: wasm `unreachable` instruction executed
            accumulate
              total: accumulate (Fail): function NAME trapped at row 0: wasm `unreachable` instruction executed
              total: accumulate (Skip): row 0 (Trap) trapped: wasm `unreachable` instruction executed
            post-retract
              total: retract (Fail): function NAME trapped at row 0: wasm `unreachable` instruction executed
              total: retract (Skip): row 0 (Trap) trapped: wasm `unreachable` instruction executed
            retract
              total: retract (Fail): function NAME trapped at row 0: wasm `unreachable` instruction executed
              total: retract (Skip): row 0 (Trap) trapped: wasm `unreachable` instruction executed
            post-merge
              total: merge (Fail): function NAME trapped at row 0: wasm `unreachable` instruction executed
              total: merge (Skip): row 0 (Trap) trapped: wasm `unreachable` instruction executed
            merge
              total: merge (Fail): function NAME trapped at row 0: wasm `unreachable` instruction executed
              total: merge (Skip): row 0 (Trap) trapped: wasm `unreachable` instruction executed
            post-evaluate
              total: evaluate (Fail): function NAME trapped: wasm `unreachable` instruction executed
              total: evaluate (Skip): row 0 (Trap) trapped: wasm `unreachable` instruction executed
            evaluate
              total: evaluate (Fail): function NAME trapped: wasm `unreachable` instruction executed
              total: evaluate (Skip): row 0 (Trap) trapped: wasm `unreachable` instruction executed
            post-state
              total: state (Fail): function NAME trapped: wasm `unreachable` instruction executed
              total: state (Skip): function NAME trapped: wasm `unreachable` instruction executed
            state
              total: state (Fail): function NAME trapped: wasm `unreachable` instruction executed
              total: state (Skip): function NAME trapped: wasm `unreachable` instruction executed
            post-restore
              total: restore (Fail): function NAME trapped at row 0: wasm `unreachable` instruction executed
              total: restore (Skip): function NAME trapped at row 0: wasm `unreachable` instruction executed
            restore
              total: restore (Fail): function NAME trapped at row 0: wasm `unreachable` instruction executed
              total: restore (Skip): function NAME trapped at row 0: wasm `unreachable` instruction executed
            remove
              total: remove (Fail): function NAME trapped: wasm `unreachable` instruction executed
              total: remove (Skip): function NAME trapped: wasm `unreachable` instruction executed
        "#]],
    );
}

#[test]
fn code_that_runs_at_load_has_a_limit_too() {
    let mut said = String::new();
    for (code, items) in [(SPIN, ""), (RECURSE, RECURSION), ("unreachable", "")] {
        let start = format!("{items} (func $begin {code}) (start $begin)");
        said.push_str(&drive_within(&Guest::new().item(&start), &impatient()));
    }
    expect![[r#"
        load: function 'guest' ran longer than 100 ms (option 'timeout')
        load: function 'guest' trapped: call stack exhausted in `recurse` < `recurse` < `recurse` < `recurse`
        load: function 'guest' trapped: wasm `unreachable` instruction executed in `begin`
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_search_that_backtracks_for_ever_is_cut_off() {
    // What a slow regular expression does: (a|a)*b on a text of many a, one call per choice.
    let search = "(func $match (param $left i32) (result i32)
        (if (i32.eqz (local.get $left)) (then (return (i32.const 0))))
        (if (result i32) (call $match (i32.sub (local.get $left) (i32.const 1)))
            (then (i32.const 1))
            (else (call $match (i32.sub (local.get $left) (i32.const 1))))))";
    let guest = Guest::new().item(search).body("call", "(drop (call $match (i32.const 64))) unreachable");
    expect![[r#"
        scalar: row 0 (Timeout) ran longer than 100 ms (option 'timeout')
    "#]]
    .assert_eq(&drive_within(&guest, &impatient()));
}
