//! Space: memory, tables, handles, and floods of messages.

use std::fmt::Write;
use std::time::Duration;

use anabranch_host::{BindRequest, Grants, Limits};
use expect_test::{Expect, expect};

use crate::drive::{drive, drive_within, limits};
use crate::guest::{Guest, err, list, longs, ok, record, row_error};
use crate::support::host;

const GROW_MEMORY: &str = "(loop $more
    (br_if $more (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable";
const GROW_TABLE: &str = "(loop $more
    (br_if $more (i32.ne (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1)))) unreachable";
const LEAK_HANDLES: &str = "(loop $more (drop (call $new (i32.const 1))) (br $more)) unreachable";

fn in_some_exports(code: &str, items: &str, expected: Expect) {
    let mut said = String::new();
    for export in ["describe", "bind", "cabi_realloc", "call", "post-call", "next", "open", "accumulate", "state"] {
        let found = drive(&Guest::new().item(items).body(export, code));
        writeln!(said, "{export}").unwrap();
        for line in found.lines() {
            writeln!(said, "  {line}").unwrap();
        }
    }
    expected.assert_eq(&said);
}

#[test]
fn memory_is_limited_in_every_kind_of_export() {
    in_some_exports(
        GROW_MEMORY,
        "",
        expect![[r#"
        describe
          load: function 'guest' needs more than its 33554432 bytes of memory (option 'memory')
        bind
          scalar: bind: function NAME needs more than its 33554432 bytes of memory (option 'memory')
        cabi_realloc
          scalar: bind: function NAME needs more than its 33554432 bytes of memory (option 'memory')
        call
          scalar: row 0 (Memory) needs more than 33554432 bytes of memory (option 'memory')
        post-call
          scalar: row 0 (Memory) needs more than 33554432 bytes of memory (option 'memory')
        next
          table: row 0 (Memory) needs more than 33554432 bytes of memory (option 'memory')
        open
          total: open: function NAME needs more than its 33554432 bytes of memory (option 'memory')
        accumulate
          total: accumulate (Fail): function NAME needs more than its 33554432 bytes of memory at row 0 (option 'memory')
          total: accumulate (Skip): row 0 (Memory) needs more than 33554432 bytes of memory (option 'memory')
        state
          total: state (Fail): function NAME needs more than its 33554432 bytes of memory (option 'memory')
          total: state (Skip): function NAME needs more than its 33554432 bytes of memory (option 'memory')
    "#]],
    );
}

#[test]
fn tables_are_limited_in_every_kind_of_export() {
    in_some_exports(
        GROW_TABLE,
        "(table $table 0 funcref)",
        expect![[r#"
            describe
              load: function 'guest' trapped: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
            bind
              scalar: bind: function NAME trapped: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
            cabi_realloc
              scalar: bind: function NAME trapped: wasm `unreachable` instruction executed in `realloc`; it was refused more than 100000 elements of tables (option 'tables')
            call
              scalar: row 0 (Trap) trapped: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
            post-call
              scalar: row 0 (Trap) trapped: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
            next
              table: row 0 (Trap) trapped: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
            open
              total: open: function NAME trapped: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
            accumulate
              total: accumulate (Fail): function NAME trapped at row 0: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
              total: accumulate (Skip): row 0 (Trap) trapped: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
            state
              total: state (Fail): function NAME trapped: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
              total: state (Skip): function NAME trapped: wasm `unreachable` instruction executed; it was refused more than 100000 elements of tables (option 'tables')
        "#]],
    );
}

#[test]
fn handles_are_limited_in_every_kind_of_export() {
    in_some_exports(
        LEAK_HANDLES,
        "",
        expect![[r#"
        describe
          load: function 'guest' returned a bad result: cannot allocate another handle: store handle limit exceeded
        bind
          scalar: bind: function NAME returned a bad result: cannot allocate another handle: store handle limit exceeded
        cabi_realloc
          scalar: bind: function NAME trapped: cannot leave component instance in `realloc`
        call
          scalar: function NAME returned a bad result: cannot allocate another handle: store handle limit exceeded
        post-call
          scalar: row 0 (Trap) trapped: cannot leave component instance
        next
          table: function NAME returned a bad result: cannot allocate another handle: store handle limit exceeded
        open
          total: open: function NAME returned a bad result: cannot allocate another handle: store handle limit exceeded
        accumulate
          total: accumulate (Fail): function NAME returned a bad result: cannot allocate another handle: store handle limit exceeded
          total: accumulate (Skip): function NAME returned a bad result: cannot allocate another handle: store handle limit exceeded
        state
          total: state (Fail): function NAME returned a bad result: cannot allocate another handle: store handle limit exceeded
          total: state (Skip): function NAME returned a bad result: cannot allocate another handle: store handle limit exceeded
    "#]],
    );
}

#[test]
fn what_a_module_asks_for_at_load_is_limited() {
    let mut said = String::new();
    said.push_str(&drive(&Guest::new().pages(16 << 10)));
    said.push_str(&drive(&Guest::new().item("(table 100_000_000 funcref)")));
    let start = format!("(func $begin {GROW_MEMORY}) (start $begin)");
    said.push_str(&drive(&Guest::new().item(&start)));
    let tables = "(table 1 funcref)".repeat(99);
    said.push_str(&drive(&Guest::new().item(&tables)));
    let globals = "(global (mut i64) (i64.const 0))".repeat(1_000_000);
    said.push_str(&drive(&Guest::new().item(&globals)));
    expect![[r#"
        load: function 'guest' needs more than its 33554432 bytes of memory (option 'memory')
        load: cannot load 'guest': module table does not fit in pooling allocator requirements: table index 0 has a minimum element size of 100000000 which exceeds the limit of 1000000
        load: function 'guest' needs more than its 33554432 bytes of memory (option 'memory')
        load: cannot load 'guest': resource limit exceeded: table count too high at 100
        load: cannot load 'guest': it is no valid core module: globals count exceeds limit of 1000000 (at offset 0xed)
    "#]].assert_eq(&said);
}

#[test]
fn messages_are_cut_off() {
    let huge = "x".repeat(8 << 20) + "\u{1b}[2J";
    let mut said = String::new();
    for (export, value) in [
        ("call", err(&huge)),
        ("call", ok(record([longs(&[0]), list([row_error(0, &huge)])]))),
        ("begin", err(&huge)),
        ("next", err(&huge)),
        ("open", err(&huge)),
        ("accumulate", ok(list([row_error(0, &huge)]))),
        ("state", err(&huge)),
        ("bind", err(&huge)),
        ("call", err("\u{1b}]0;owned\u{7}\r\u{1b}[2J gone")),
    ] {
        let found = drive(&Guest::new().returns(export, value));
        let shortest = found.replace(&"x".repeat(4096), "x…x");
        assert!(shortest.len() < 2000, "{shortest:.3000}");
        writeln!(said, "{export}\n  {}", shortest.trim_end().replace('\n', "\n  ")).unwrap();
    }
    expect![[r#"
        call
          scalar: function NAME failed: x…x…
        call
          scalar: row 0 (Function) x…x…
        begin
          table: function NAME failed: x…x…
        next
          table: function NAME failed: x…x…
        open
          total: open: function NAME failed: x…x…
        accumulate
          total: accumulate (Fail): row 0 (Function) x…x…
          total: accumulate (Skip): row 0 (Function) x…x…
        state
          total: state (Fail): function NAME failed: x…x…
          total: state (Skip): function NAME failed: x…x…
        bind
          scalar: bind: cannot bind function NAME: x…x…
        call
          scalar: function NAME failed:  ]0;owned   [2J gone
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_secret_is_hidden_where_a_message_is_cut_off() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hunter2").unwrap();
    let mut grants = Grants::default();
    assert!(grants.set("grant.secret.KEY", &format!("file:{}", file.path().display())).unwrap());
    for before in (4080..4100).chain(8180..8200) {
        let message = "x".repeat(before) + "hunter2" + &"x".repeat(1 << 20);
        let guest = Guest::new().returns("call", err(&message)).module();
        let package = host().load("guest", &guest, &limits()).unwrap();
        let arguments = package.functions()[0].parameters.clone();
        let request = BindRequest { arguments, ..BindRequest::default() };
        let mut function = package.bind(request, limits(), grants.clone()).unwrap().scalar().unwrap();
        let error = function.call(&[crate::support::longs([1])], 1).unwrap_err().to_string();
        let said = error.strip_prefix("function 'scalar' failed: ").unwrap();
        assert!(said.len() < 5000 && !said.contains('h'), "{before}: {said}");
    }
}

#[test]
fn many_row_errors_for_one_row_are_one() {
    let errors = list((0..100_000).map(|_| row_error(0, "again")));
    expect![[r#"
        scalar: row 0 (Function) again
    "#]]
    .assert_eq(&drive(&Guest::new().returns("call", ok(record([longs(&[0]), errors])))));
}

#[test]
fn a_flood_of_log_costs_no_more_than_its_call() {
    // Messages of 24 MiB, as fast as they go; and messages of line ends.
    let mut said = String::new();
    for fill in ["a\u{a}", "\u{a}\u{a}", "aa"] {
        let fill = u16::from_le_bytes(fill.as_bytes().try_into().unwrap());
        let code = format!(
            "(local $at i32)
            (loop $fill
                (i32.store16 (i32.add (i32.const 65536) (local.get $at)) (i32.const {fill}))
                (br_if $fill (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 2))) (i32.const 4_000_000))))
            (loop $log (call $log (i32.const 0) (i32.const 65536) (i32.const 4_000_000)) (br $log))
            unreachable"
        );
        let limits = Limits { timeout: Duration::from_secs(1), ..limits() };
        let found = drive_within(&Guest::new().pages(80).body("call", &code), &limits);
        let shown: Vec<String> = found.lines().map(|line| format!("{line:.60}")).collect();
        writeln!(said, "{} lines, such as {:?}", shown.len(), &shown[..shown.len().min(3)]).unwrap();
    }
    expect![[r#"
        22 lines, such as ["scalar: row 0 (Timeout) ran longer than 1000 ms (option 'tim", "scalar: last lines from the function:", "scalar:   a"]
        1 lines, such as ["scalar: row 0 (Timeout) ran longer than 1000 ms (option 'tim"]
        22 lines, such as ["scalar: row 0 (Timeout) ran longer than 1000 ms (option 'tim", "scalar: last lines from the function:", "scalar:   aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
    "#]].assert_eq(&said);
}

#[test]
fn the_error_names_the_limit_that_was_set() {
    let guest = Guest::new().body("call", GROW_MEMORY);
    let found = drive_within(&guest, &Limits { memory: 3 << 20, ..limits() });
    expect![[r#"
        scalar: row 0 (Memory) needs more than 3145728 bytes of memory (option 'memory')
    "#]]
    .assert_eq(&found);
}
