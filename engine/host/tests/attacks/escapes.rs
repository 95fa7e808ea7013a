//! Ways out of the sandbox: imports under misleading names, other instances' memory, calls where none may be. What WASI
//! gives a guest that asks for everything is in `sandbox.rs`.

use std::fmt::Write;

use anabranch_host::CONTRACT_VERSION;
use expect_test::expect;

use crate::drive::{drive, drive_bytes, limits};
use crate::guest::Guest;
use crate::support::*;

#[test]
fn imports_are_given_by_their_exact_names_alone() {
    let mut said = String::new();
    for import in [
        r#""wasi:cli/../x" (instance)"#,
        r#""wasi:cli/environment@0.3.0" (instance)"#,
        r#""wasi:cli/environment" (instance)"#,
        r#""wasi:cli/shell@0.2.0" (instance (export "run" (func)))"#,
        r#""wasi:cli/exit@0.2.0" (instance (export "exit" (func)))"#,
        r#""wasi:cli/exit@0.2.0" (instance (export "exit-quietly" (func)))"#,
        r#""wasi:cli/exit@0.2.999" (instance)"#,
        r#""wasi:cli-evil/x@0.2.0" (instance)"#,
        r#""wasi:clix/x@0.2.0" (instance)"#,
        r#""wasi:filesystem/mount@0.2.0" (instance (export "mount" (func)))"#,
        r#""wasi:http/outgoing-handler@0.2.0" (instance)"#,
        r#""wasi:http/types@0.2.0" (instance)"#,
        r#""wasi:sockets/raw@0.2.0" (instance (export "open" (func)))"#,
        r#""wasi:nn/graph@0.2.0" (instance)"#,
        r#""wasi:threads/spawn@0.2.0" (instance)"#,
        r#""wasi:io/poll@0.2.0-rc" (instance)"#,
        r#""anabranch:functions/log@9.0.0" (instance)"#,
        r#""anabranch:functions/log" (instance)"#,
        r#""anabranch:functions/logs@OURS" (instance)"#,
        r#""anabranch:functions/functions@OURS" (instance)"#,
        r#""anabranch:functions/log@OURS" (instance (export "log" (func)))"#,
        r#""anabranch:functions/log@OURS" (instance (export "erase" (func)))"#,
        r#""anabranch:functions/types@OURS" (instance (export "call" (func)))"#,
        r#""anabranch:function/log@OURS" (instance)"#,
        r#""anabranch:functions/log@OURS" (func)"#,
        r#""exec" (func (param "command" string))"#,
        r#""host" (instance)"#,
    ] {
        let import = import.replace("OURS", CONTRACT_VERSION);
        let text = format!("(component (import {import}) (core module $m) (core instance (instantiate $m)))");
        let found = match wat::parse_str(&text) {
            Ok(bytes) => drive_bytes(&bytes, &limits()),
            Err(error) => format!("not even text: {}\n", error.to_string().lines().next().unwrap_or_default()),
        };
        write!(said, "{import}\n  {}", found).unwrap();
    }
    expect![[r#"
        "wasi:cli/../x" (instance)
          load: cannot load 'guest': failed to parse WebAssembly module: import name `wasi:cli/../x` is not a valid extern name
        `` is not in kebab case (at offset 0x10)
        "wasi:cli/environment@0.3.0" (instance)
          load: cannot load 'guest': it imports `wasi:cli/environment@0.3.0`, which functions are not given (of WASI, version 0.2 is linked)
        "wasi:cli/environment" (instance)
          load: cannot load 'guest': it imports `wasi:cli/environment`, which functions are not given (of WASI, version 0.2 is linked)
        "wasi:cli/shell@0.2.0" (instance (export "run" (func)))
          load: cannot load 'guest': component imports instance `wasi:cli/shell@0.2.0`, but a matching implementation was not found in the linker: instance export `run` has the wrong type: function implementation is missing
        "wasi:cli/exit@0.2.0" (instance (export "exit" (func)))
          load: cannot load 'guest': component imports instance `wasi:cli/exit@0.2.0`, but a matching implementation was not found in the linker: instance export `exit` has the wrong type: type mismatch with parameters: expected 1-tuple, found 0-tuple
        "wasi:cli/exit@0.2.0" (instance (export "exit-quietly" (func)))
          load: cannot load 'guest': component imports instance `wasi:cli/exit@0.2.0`, but a matching implementation was not found in the linker: instance export `exit-quietly` has the wrong type: function implementation is missing
        "wasi:cli/exit@0.2.999" (instance)
          load: cannot load 'guest': it exports no interface, but this host calls `anabranch:functions/functions@0.2.0`
        "wasi:cli-evil/x@0.2.0" (instance)
          load: cannot load 'guest': it imports `wasi:cli-evil/x@0.2.0`, which functions are not given (a function may import the contract's log and http and WASI 0.2, in which there is what its DDL grants)
        "wasi:clix/x@0.2.0" (instance)
          load: cannot load 'guest': it imports `wasi:clix/x@0.2.0`, which functions are not given (a function may import the contract's log and http and WASI 0.2, in which there is what its DDL grants)
        "wasi:filesystem/mount@0.2.0" (instance (export "mount" (func)))
          load: cannot load 'guest': component imports instance `wasi:filesystem/mount@0.2.0`, but a matching implementation was not found in the linker: instance export `mount` has the wrong type: function implementation is missing
        "wasi:http/outgoing-handler@0.2.0" (instance)
          load: cannot load 'guest': it exports no interface, but this host calls `anabranch:functions/functions@0.2.0`
        "wasi:http/types@0.2.0" (instance)
          load: cannot load 'guest': it exports no interface, but this host calls `anabranch:functions/functions@0.2.0`
        "wasi:sockets/raw@0.2.0" (instance (export "open" (func)))
          load: cannot load 'guest': component imports instance `wasi:sockets/raw@0.2.0`, but a matching implementation was not found in the linker: instance export `open` has the wrong type: function implementation is missing
        "wasi:nn/graph@0.2.0" (instance)
          load: cannot load 'guest': it imports `wasi:nn/graph@0.2.0`, which functions are not given (a function may import the contract's log and http and WASI 0.2, in which there is what its DDL grants)
        "wasi:threads/spawn@0.2.0" (instance)
          load: cannot load 'guest': it imports `wasi:threads/spawn@0.2.0`, which functions are not given (a function may import the contract's log and http and WASI 0.2, in which there is what its DDL grants)
        "wasi:io/poll@0.2.0-rc" (instance)
          load: cannot load 'guest': it exports no interface, but this host calls `anabranch:functions/functions@0.2.0`
        "anabranch:functions/log@9.0.0" (instance)
          load: cannot load 'guest': it imports `anabranch:functions/log@9.0.0`, but this host calls `anabranch:functions/log@OURS`
        "anabranch:functions/log" (instance)
          load: cannot load 'guest': it imports `anabranch:functions/log`, but this host calls `anabranch:functions/log@OURS`
        "anabranch:functions/logs@0.2.0" (instance)
          load: cannot load 'guest': it imports `anabranch:functions/logs@0.2.0`, but this host calls `anabranch:functions/log@OURS`
        "anabranch:functions/functions@0.2.0" (instance)
          load: cannot load 'guest': it imports `anabranch:functions/functions@0.2.0`, but this host calls `anabranch:functions/log@OURS`
        "anabranch:functions/log@OURS" (instance (export "log" (func)))
          load: cannot load 'guest': component imports instance `anabranch:functions/log@OURS`, but a matching implementation was not found in the linker: instance export `log` has the wrong type: type mismatch with parameters: expected 2-tuple, found 0-tuple
        "anabranch:functions/log@OURS" (instance (export "erase" (func)))
          load: cannot load 'guest': component imports instance `anabranch:functions/log@OURS`, but a matching implementation was not found in the linker: instance export `erase` has the wrong type: function implementation is missing
        "anabranch:functions/types@0.2.0" (instance (export "call" (func)))
          load: cannot load 'guest': component imports instance `anabranch:functions/types@0.2.0`, but a matching implementation was not found in the linker: instance export `call` has the wrong type: function implementation is missing
        "anabranch:function/log@0.2.0" (instance)
          load: cannot load 'guest': it imports `anabranch:function/log@0.2.0`, which functions are not given (a function may import the contract's log and http and WASI 0.2, in which there is what its DDL grants)
        "anabranch:functions/log@OURS" (func)
          load: cannot load 'guest': component imports function `anabranch:functions/log@OURS`, but a matching implementation was not found in the linker: expected function found instance
        "exec" (func (param "command" string))
          load: cannot load 'guest': it imports `exec`, which functions are not given (a function may import the contract's log and http and WASI 0.2, in which there is what its DDL grants)
        "host" (instance)
          load: cannot load 'guest': it imports `host`, which functions are not given (a function may import the contract's log and http and WASI 0.2, in which there is what its DDL grants)
    "#]].assert_eq(&said.replace(&format!("functions/log@{CONTRACT_VERSION}"), "functions/log@OURS"));
}

#[test]
fn nothing_is_called_within_a_call() {
    // Memory is asked for while columns are lowered, and what is called after a call may call nothing.
    let mut said = String::new();
    let log = "(call $log (i32.const 0) (i32.const 1024) (i32.const 4))";
    for export in ["cabi_realloc", "post-call", "post-describe"] {
        let code = match export {
            "cabi_realloc" => format!("{log} unreachable"),
            _ => log.to_string(),
        };
        let found = drive(&Guest::new().body(export, &code));
        writeln!(said, "{export}\n  {}", found.trim_end().replace('\n', "\n  ")).unwrap();
    }
    // A guest that calls itself through its own exports does not reach the host again.
    let guest = Guest::new()
        .item("(func $again (call $again2)) (func $again2 (call $again))")
        .body("call", "(call $again) unreachable");
    // Where the stack ends depends on how the host was compiled.
    let found = drive(&guest);
    let found = found.split(" in `again").next().unwrap_or_default();
    writeln!(said, "again\n  {}", found.trim_end()).unwrap();
    expect![[r#"
        cabi_realloc
          scalar: bind: function NAME trapped: cannot leave component instance in `realloc`
        post-call
          scalar: row 0 (Trap) trapped: cannot leave component instance
        post-describe
          load: function 'guest' trapped: cannot leave component instance
        again
          scalar: row 0 (Trap) trapped: call stack exhausted
    "#]]
    .assert_eq(&said);
}

#[test]
fn an_instance_sees_no_memory_of_another() {
    // Writes a mark far behind, and traps where it finds one. Every instance finds zeros.
    let code = "(if (i32.load (i32.const 900_000)) (then unreachable))
        (i32.store (i32.const 900_000) (i32.const 7))
        (if (global.get $marked) (then unreachable))
        (global.set $marked (i32.const 1))";
    let item = format!("(global $marked (mut i32) (i32.const 0)) (func $begin {code}) (start $begin)");
    let guest = Guest::new().pages(16).item(&item);
    for _ in 0..3 {
        assert_eq!(drive(&guest), "");
    }
    let package = host().load("marks", &guest.module(), &limits()).unwrap();
    for _ in 0..50 {
        let request = anabranch_host::BindRequest {
            arguments: package.functions()[0].parameters.clone(),
            ..anabranch_host::BindRequest::default()
        };
        let bound = package.bind(request, limits(), Default::default()).unwrap();
        let (mut one, mut two) = (bound.scalar().unwrap(), bound.scalar().unwrap());
        for function in [&mut one, &mut two] {
            assert_eq!(show(&function.call(&[longs([1])], 1).unwrap().array), "0");
        }
    }
}

#[test]
fn memory_of_the_host_is_out_of_reach() {
    // Addresses beyond the memory trap, wherever they lie.
    for address in ["0x7fffffff", "-1", "0x10000000", "-65536"] {
        for code in ["(drop (i64.load {}))", "(i64.store {} (i64.const 1))", "(drop (i64.load offset=0xffffffff {}))"] {
            let code = code.replace("{}", &format!("(i32.const {address})"));
            let found = drive(&Guest::new().body("call", &format!("{code} unreachable")));
            assert_eq!(found, "scalar: row 0 (Trap) trapped: out of bounds memory access\n", "{code}");
        }
    }
    let bulk = "(memory.copy (i32.const 0) (i32.const 1024) (i32.const -1)) unreachable";
    assert_eq!(drive(&Guest::new().body("call", bulk)), "scalar: row 0 (Trap) trapped: out of bounds memory access\n");
}

#[test]
fn tables_and_code_are_out_of_reach() {
    let mut said = String::new();
    for (items, code) in [
        ("(table 1 funcref)", "(call_indirect (i32.const 0))"),
        ("(table 1 funcref)", "(call_indirect (i32.const -1))"),
        ("(table 1 funcref) (elem (i32.const 0) $realloc)", "(call_indirect (i32.const 0))"),
    ] {
        said.push_str(&drive(&Guest::new().item(items).body("call", &format!("{code} unreachable"))));
    }
    expect![[r#"
        scalar: row 0 (Trap) trapped: uninitialized element
        scalar: row 0 (Trap) trapped: undefined element: out of bounds table access
        scalar: row 0 (Trap) trapped: indirect call type mismatch
    "#]]
    .assert_eq(&said);
}

#[test]
fn resources_are_not_forged() {
    let mut said = String::new();
    for code in ["(i32.store (i32.const 900) (i32.const 77))", "(i32.store (i32.const 900) (i32.const 0))"] {
        // `ok` of a handle that was never made.
        let open = format!("(i32.store (i32.const 896) (i32.const 0)) {code} (i32.const 896)");
        said.push_str(&drive(&Guest::new().body("open", &open)));
    }
    expect![[r#"
        total: open: function NAME returned a bad result: unknown handle index 77
        total: open: function NAME returned a bad result: unknown handle index 0
    "#]]
    .assert_eq(&said);
}
