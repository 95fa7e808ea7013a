//! Functions that break every promise: each gets an error that says so, and the host goes on.

mod support;

use std::fmt::Write;

use anabranch_host::{Error, Limits, OnError, RowErrorCause, ScalarOutput, TableFunction};
use expect_test::expect;
use support::*;

fn unlucky_rows() -> arrow::array::ArrayRef {
    longs([1, 2, 3, 13, 5, 6, 7, 8])
}

/// No time limit ends what ends by itself.
fn timeout(how: &str) -> &'static str {
    if how == "spin" { "400 ms" } else { "20 s" }
}

fn show_output(output: &ScalarOutput) -> String {
    let mut shown = show(&output.array);
    for error in &output.errors {
        write!(shown, "\n  row {} ({:?}) {}", error.row, error.cause, error.message).unwrap();
    }
    shown
}

#[test]
fn a_row_that_kills_its_instance_fails_alone() {
    let mut said = String::new();
    for how in ["trap", "panic", "divide", "recurse", "grow", "spin"] {
        let bind = bind("hostile", "scalar").option("how", how).limit("memory", "16 mb");
        let mut function = bind.limit("timeout", timeout(how)).scalar();
        let output = function.call(&[unlucky_rows()], 8).unwrap();
        writeln!(said, "{how}: {}", show_output(&output)).unwrap();
        // The function goes on.
        assert_eq!(show(&function.call(&[longs([1])], 1).unwrap().array), "1");
    }
    expect![[r#"
        trap: 1 2 3 - 5 6 7 8
          row 3 (Trap) trapped: wasm `unreachable` instruction executed
        last lines from the function:
          about to trap
          like this
        panic: 1 2 3 - 5 6 7 8
          row 3 (Trap) trapped: wasm `unreachable` instruction executed
        divide: 1 2 3 - 5 6 7 8
          row 3 (Trap) trapped: wasm `unreachable` instruction executed
        recurse: 1 2 3 - 5 6 7 8
          row 3 (Trap) trapped: call stack exhausted
        grow: 1 2 3 - 5 6 7 8
          row 3 (Memory) needs more than 16777216 bytes of memory (option 'memory')
        spin: 1 2 3 - 5 6 7 8
          row 3 (Timeout) ran longer than 400 ms (option 'timeout')
    "#]]
    .assert_eq(&said);
}

#[test]
fn many_bad_rows_are_all_found() {
    let mut function = bind("hostile", "scalar").option("how", "trap").scalar();
    let rows = 2_000;
    let values = longs((0..rows).map(|row| if row % 10 == 3 { 13 } else { row }));
    let output = function.call(&[values], rows as usize).unwrap();
    let found: Vec<u32> = output.errors.iter().map(|error| error.row).collect();
    let expected: Vec<u32> = (0..rows as u32).filter(|row| row % 10 == 3 || *row == 13).collect();
    assert_eq!(found, expected);
    assert!(output.errors.iter().all(|error| error.cause == RowErrorCause::Trap));
    assert_eq!(show(&output.array.slice(0, 5)), "0 1 2 - 4");
}

#[test]
fn a_batch_that_no_row_explains_is_computed_in_pieces() {
    let mut function = bind("hostile", "scalar").option("how", "needs-two").scalar();
    let output = function.call(&[longs([1, 2, 3])], 3).unwrap();
    assert_eq!(show_output(&output), "1 2 3");
}

#[test]
fn a_function_that_is_slow_has_as_many_rows_as_it_has_time_for() {
    let bound = bind("hostile", "scalar").option("how", "slow").limit("timeout", "100 ms").bound().unwrap();
    let mut function = bound.scalar().unwrap();
    let mut replaced = vec![];
    for _ in 0..4 {
        let output = function.call(&[longs([1; 8_000])], 8_000).unwrap();
        assert!(output.errors.is_empty());
        assert_eq!(output.array.len(), 8_000);
        replaced.push(bound.totals().replaced);
    }
    // Each time that runs out costs an instance. What was learnt is kept, though more is tried now and then: without it,
    // each call would cost as many as the first.
    assert!(replaced[0] > 0 && replaced[3] - replaced[0] < 3 * replaced[0], "{replaced:?}");
}

#[test]
fn an_aggregate_that_is_slow_has_as_many_rows_as_it_has_time_for() {
    let mut total = bind("hostile", "total").option("how", "slow").limit("timeout", "500 ms").aggregate(OnError::Fail);
    for rows in [2_000, 1_500] {
        assert!(total.accumulate(&vec![0; rows], &[longs(vec![1; rows])]).unwrap().is_empty());
    }
    assert_eq!(show(&total.evaluate(&[0]).unwrap().array), "3500");
}

#[test]
fn rows_that_all_take_too_long_give_up_soon() {
    let mut function = bind("hostile", "scalar").option("how", "spin").limit("timeout", "20 ms").scalar();
    let error = function.call(&[longs([13; 100])], 100).unwrap_err();
    expect!["function 'scalar' ran longer than 20 ms at row 4 (option 'timeout'); 5 rows of the batch so far"]
        .assert_eq(&error.to_string());
}

#[test]
fn bad_results_say_what_is_bad() {
    let mut said = String::new();
    let of_long = [
        "short",
        "long",
        "few-bytes",
        "few-buffers",
        "many-buffers",
        "no-node",
        "many-nodes",
        "other-type",
        "nulls-without-bitmap",
        "short-bitmap",
        "wrong-null-count",
        "error",
        "error-of-no-row",
        "errors",
        "output",
        "many-lists",
    ];
    let of_text = ["bad-utf8", "within-character", "decreasing", "negative", "beyond", "not-from-0", "few-offsets"];
    for (function, hows) in [("scalar", &of_long[..]), ("text", &of_text[..])] {
        for how in hows {
            let mut function = bind("hostile", function).option("how", how).limit("max-output-bytes", "8 mb").scalar();
            let (values, rows) = match of_text.contains(how) {
                true => (longs([1, 2]), 2),
                false => (longs([1, 2, 3, 4, 5, 6, 7, 8, 9]), 9),
            };
            match function.call(&[values], rows) {
                Ok(output) => writeln!(said, "{how}: {}", show_output(&output)).unwrap(),
                Err(error) => writeln!(said, "{how}: {error}").unwrap(),
            }
        }
    }
    expect![[r#"
        short: function 'scalar' returned a bad result: the result has 8 rows instead of 9
        long: function 'scalar' returned a bad result: the result of type Int64: its data has 72 bytes instead of 80
        few-bytes: function 'scalar' returned a bad result: the result of type Int64: its data has 71 bytes instead of 72
        few-buffers: function 'scalar' returned a bad result: the result of type Int64: there are 1 buffers left instead of 2
        many-buffers: function 'scalar' returned a bad result: 100000 buffers are left over after the result of type Int64
        no-node: function 'scalar' returned a bad result: the nodes end before the result of type Int64
        many-nodes: function 'scalar' returned a bad result: 1 nodes are left over after the result of type Int64
        other-type: function 'scalar' returned a bad result: the result of type Int64: its data has 40 bytes instead of 72
        nulls-without-bitmap: function 'scalar' returned a bad result: the result of type Int64: it has 1 nulls and no validity bitmap
        short-bitmap: function 'scalar' returned a bad result: the result of type Int64: its validity bitmap has 1 bytes instead of 2
        wrong-null-count: function 'scalar' returned a bad result: the result of type Int64: it says 5 nulls, but its validity bitmap has 2
        error: function 'scalar' failed: not today
        error-of-no-row: function 'scalar' returned a bad result: it reports an error for row 9 of 9 rows
        errors: - 2 - 4 5 6 7 8 9
          row 0 (Function) row 0 is bad
          row 2 (Function) row 2 is bad
        output: - - - - - - - - -
          row 0 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 1 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 2 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 3 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 4 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 5 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 6 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 7 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 8 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
        many-lists: - - - - - - - - -
          row 0 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 1 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 2 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 3 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 4 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 5 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 6 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 7 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
          row 8 (Output) gives more than 8388608 bytes in one call (option 'max-output-bytes')
        bad-utf8: a -
          row 1 (Function) its result is not UTF-8
        within-character: - -
          row 0 (Function) its result is not UTF-8
          row 1 (Function) its result is not UTF-8
        decreasing: function 'text' returned a bad result: the result of type Utf8: its offsets decrease at row 1, from 2 to 1
        negative: function 'text' returned a bad result: the result of type Utf8: its offsets decrease at row 0, from 0 to -2
        beyond: function 'text' returned a bad result: the result of type Utf8: its last offset is 9, but its data has a length of 2
        not-from-0: function 'text' returned a bad result: the result of type Utf8: its first offset is 1 instead of 0
        few-offsets: function 'text' returned a bad result: the result of type Utf8: its offsets have 8 bytes instead of 12
    "#]].assert_eq(&said);
}

#[test]
fn binding_can_go_wrong() {
    let mut said = String::new();
    for how in ["bind-trap", "bind-other-type", "bind-bad-type"] {
        let error = bind("hostile", "scalar").option("how", how).bound().unwrap_err();
        writeln!(said, "{how}: {error}").unwrap();
    }
    let bound = bind("hostile", "scalar").bound().unwrap();
    writeln!(said, "{}", bound.table().unwrap_err()).unwrap();
    let error = bind("hostile", "scalar").limit("memory", "64 kb").bound().unwrap_err();
    writeln!(said, "{error}").unwrap();
    let error = bind("hostile", "scalar").limit("tables", "1").bound().unwrap_err();
    writeln!(said, "{error}").unwrap();
    let error = bind("hostile", "scalar").limit("instances", "1").bound().unwrap_err();
    writeln!(said, "{error}").unwrap();
    expect![[r#"
        bind-trap: function 'scalar' trapped: wasm `unreachable` instruction executed
        bind-other-type: cannot bind function 'scalar': the function binds its result as Utf8, but describes it as Int64
        bind-bad-type: cannot bind function 'scalar': the function's own result type is wrong: '' has the format '?', which the contract does not have
        bug in the function host: function 'scalar' is scalar, not table
        function 'scalar' needs more than its 65536 bytes of memory (option 'memory')
        cannot bind function 'scalar': it has more than 1 elements of tables (option 'tables')
        cannot bind function 'scalar': it consists of more than 1 instances (option 'instances')
    "#]].assert_eq(&said);
}

#[test]
fn a_flood_of_lines_is_cut() {
    let mut function = bind("hostile", "scalar").option("how", "flood").scalar();
    let output = function.call(&[longs([1])], 1).unwrap();
    let message = &output.errors[0].message;
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(lines.len(), 22, "{message}");
    assert!(lines[21].starts_with("  line 999: xxx") && lines[21].ends_with('…'));
    assert!(lines.iter().all(|line| line.len() < 1100));
}

#[test]
fn an_instance_that_leaks_is_replaced() {
    let mut function = bind("hostile", "scalar")
        .option("how", "leak")
        .limit("recycle-memory", "20 mb")
        .limit("memory", "64 mb")
        .scalar();
    for call in 0..200 {
        assert_eq!(show(&function.call(&[longs([call])], 1).unwrap().array), call.to_string());
        assert!(function.memory() <= 24 << 20, "{}", function.memory());
    }
    let mut total = bind("hostile", "total")
        .option("how", "leak")
        .limit("recycle-memory", "20 mb")
        .limit("memory", "64 mb")
        .aggregate(OnError::Fail);
    for _ in 0..200 {
        total.accumulate(&[0, 5], &[longs([1, 2])]).unwrap();
        assert!(total.memory() <= 24 << 20, "{}", total.memory());
    }
    assert_eq!(show(&total.evaluate(&[0, 5]).unwrap().array), "200 400");
}

fn drain(table: &mut TableFunction, max_rows: usize) -> String {
    let mut shown = String::new();
    loop {
        match table.next(max_rows) {
            Ok(Some(chunk)) => {
                assert!(chunk.rows.len() <= max_rows);
                writeln!(shown, "  rows {} values {}", show(&chunk.rows), show(&chunk.columns[0])).unwrap();
                for error in &chunk.errors {
                    writeln!(shown, "  row {} ({:?}) {}", error.row, error.cause, error.message).unwrap();
                }
            }
            Ok(None) => return shown,
            Err(error) => {
                writeln!(shown, "  {error}").unwrap();
                assert!(matches!(table.next(max_rows), Ok(None)));
                return shown;
            }
        }
    }
}

#[test]
fn table_functions_can_go_wrong() {
    let mut said = String::new();
    for how in [
        "trap",
        "second",
        "complain",
        "spin",
        "endless",
        "stuck",
        "backwards",
        "no-such-row",
        "too-many",
        "no-columns",
        "uneven",
    ] {
        let bind = bind("hostile", "table").option("how", how).limit("max-output-rows", "4");
        let mut table = bind.limit("timeout", timeout(how)).table();
        table.begin(&[longs([1, 2, 13, 4])], 4).unwrap();
        writeln!(said, "{how}:\n{}", drain(&mut table, 3).trim_end()).unwrap();
        if !matches!(how, "stuck" | "backwards" | "no-such-row" | "too-many" | "no-columns" | "uneven") {
            table.begin(&[longs([1])], 1).unwrap();
            assert_eq!(drain(&mut table, 10), "  rows 0 0 values 10 11\n", "{how}");
        }
    }
    expect![[r#"
        trap:
          rows 0 0 1 values 10 11 20
          rows 1 values 21
          rows 3 3 values 40 41
          row 2 (Trap) trapped: wasm `unreachable` instruction executed
        last lines from the function:
          about to trap
          like this
        second:
          rows 0 0 1 values 10 11 20
          rows 1 values 21
          rows 2 values 130
          rows 3 3 values 40 41
          row 2 (Trap) trapped: wasm `unreachable` instruction executed
        complain:
          rows 0 0 1 values 10 11 20
          rows 1 values 21
          row 2 (Function) unlucky
          rows 3 3 values 40 41
        spin:
          rows 0 0 1 values 10 11 20
          rows 1 values 21
          rows 3 3 values 40 41
          row 2 (Timeout) ran longer than 400 ms (option 'timeout')
        endless:
          rows 0 0 1 values 10 11 20
          rows 1 2 2 values 21 130 130
          rows 2 2 values 130 130
          row 2 (Output) gives more than 4 rows for one input row (option 'max-output-rows')
          rows 3 3 values 40 41
        stuck:
          function 'table' returned a bad result: it gave 1001 chunks without a row, one after the other
        backwards:
          function 'table' returned a bad result: the rows of its output decrease
        no-such-row:
          function 'table' returned a bad result: it gave output for row 99 of 4 rows
        too-many:
          function 'table' returned a bad result: it gave 4 rows where at most 3 were asked for
        no-columns:
          function 'table' returned a bad result: the nodes end before column 'y' of type Int64
        uneven:
          function 'table' returned a bad result: column 'y' has 2 rows instead of 3
    "#]]
    .assert_eq(&said);
}

#[test]
fn an_aggregate_that_fails_names_the_row() {
    let mut said = String::new();
    for how in ["trap", "spin", "grow", "when-large", "error"] {
        let bind = bind("hostile", "total").option("how", how).limit("memory", "16 mb");
        let mut total = bind.limit("timeout", timeout(how)).aggregate(OnError::Fail);
        let error = match total.accumulate(&[0, 0, 0, 0], &[longs([50, 13, 40, 30])]) {
            Err(error) => error,
            Ok(_) => panic!("{how} succeeds"),
        };
        writeln!(said, "{how} (row {:?}): {error}", error.row()).unwrap();
        match total.evaluate(&[0]) {
            Ok(output) => writeln!(said, "  then {}", show_output(&output)).unwrap(),
            Err(error) => writeln!(said, "  then {error}").unwrap(),
        }
    }
    for how in ["evaluate-trap", "no-state"] {
        let mut total = bind("hostile", "total").option("how", how).aggregate(OnError::Fail);
        total.accumulate(&[0], &[longs([1])]).unwrap();
        match how {
            "no-state" => writeln!(said, "{how}: {}", total.state(&[0]).unwrap_err()).unwrap(),
            _ => writeln!(said, "{how}: {}", total.evaluate(&[0]).unwrap_err()).unwrap(),
        }
    }
    expect![[r#"
        trap (row Some(1)): function 'total' trapped at row 1: wasm `unreachable` instruction executed
        last lines from the function:
          about to trap
          like this
          then function 'total' cannot go on: its instance was discarded after an error, and the accumulators with it
        spin (row Some(1)): function 'total' ran longer than 400 ms at row 1 (option 'timeout')
          then function 'total' cannot go on: its instance was discarded after an error, and the accumulators with it
        grow (row Some(1)): function 'total' needs more than its 16777216 bytes of memory at row 1 (option 'memory')
          then function 'total' cannot go on: its instance was discarded after an error, and the accumulators with it
        when-large (row None): function 'total' trapped: wasm `unreachable` instruction executed; no single row explains it
          then function 'total' cannot go on: its instance was discarded after an error, and the accumulators with it
        error (row None): function 'total' failed: not today
          then 0
        evaluate-trap: function 'total' trapped: wasm `unreachable` instruction executed
        no-state: function 'total' returned a bad result: its state: the nodes end before the result of type Int64
    "#]].assert_eq(&said);
}

#[test]
fn an_aggregate_can_leave_rows_out() {
    // More batches than the journal holds, but where each failure fills a memory first.
    for (how, batches) in [("trap", 400), ("when-large", 400), ("grow", 40)] {
        let mut total = bind("hostile", "total").option("how", how).limit("memory", "16 mb").aggregate(OnError::Skip);
        let mut expected = [0i64; 3];
        for batch in 0..batches {
            let values: Vec<i64> = (0..5).map(|row| if (batch + row) % 50 == 7i64 { 13 } else { batch % 3 }).collect();
            let groups: Vec<u32> = (0..5).map(|row| row % 3).collect();
            let errors = match batch % 4 {
                3 => total.retract(&groups, &[longs(values.clone())]).unwrap(),
                _ => total.accumulate(&groups, &[longs(values.clone())]).unwrap(),
            };
            let sign = if batch % 4 == 3 { -1 } else { 1 };
            for (row, value) in values.iter().enumerate() {
                let group = &mut expected[groups[row] as usize];
                let fails = match how {
                    "when-large" => *group + sign * value > 100,
                    _ => *value == 13,
                };
                assert_eq!(errors.iter().any(|error| error.row == row as u32), fails, "{how} {batch} {row}");
                if !fails {
                    *group += sign * value;
                }
            }
            if batch == 200 {
                total.remove(&[1]).unwrap();
                expected[1] = 0;
            }
        }
        let values = total.evaluate(&[0, 1, 2]).unwrap().array;
        assert_eq!(show(&values), expected.map(|value| value.to_string()).join(" "), "{how}");
    }
}

#[test]
fn files_that_are_no_packages_are_refused() {
    let host = host();
    let limits = Limits::default();
    let module = std::fs::read(file("trial")).unwrap();
    let component = wit_component::ComponentEncoder::default().module(&module).unwrap().encode().unwrap();
    let with = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let mut bytes = component.clone();
        let mut at = 0;
        while let Some(found) = bytes[at..].windows(from.len()).position(|window| window == from.as_bytes()) {
            at += found;
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        bytes
    };
    let small = Limits { max_module_size: 1000, ..Limits::default() };
    let empty_module = b"\0asm\x01\0\0\0".to_vec();
    let empty_component = b"\0asm\x0d\0\x01\0".to_vec();
    let mut said = String::new();
    for (name, bytes, limits) in [
        ("text", b"not wasm".to_vec(), &limits),
        ("nothing", vec![], &limits),
        ("module", empty_module, &limits),
        ("component", empty_component, &limits),
        ("cut", component[..component.len() / 2].to_vec(), &limits),
        ("large", component.clone(), &small),
        ("newer", with("anabranch:functions/functions@0.2.0", "anabranch:functions/functions@0.3.0"), &limits),
        ("patch", with("anabranch:functions/functions@0.2.0", "anabranch:functions/functions@0.1.7"), &limits),
        ("network", with("anabranch:functions/types@0.2.0", "evil:networking/sockets1@10.0.0"), &limits),
    ] {
        let error = host.load(name, &bytes, limits).unwrap_err();
        let error = error.to_string();
        writeln!(said, "{}", error.lines().next().unwrap()).unwrap();
    }
    let error = host.load_file("no/such/file.wasm", &limits).unwrap_err();
    writeln!(said, "{error}").unwrap();
    let said = without_sizes(&said);
    expect![[r#"
        cannot load 'text': it is no WebAssembly file
        cannot load 'nothing': it is no WebAssembly file
        cannot load 'module': it is a core module and cannot be made a component: failed to decode world from module: module was not valid: failed to find export of interface `anabranch:functions/functions@0.2.0` function `[static]accumulators.open` (was it built with an SDK?)
        cannot load 'component': it exports no interface, but this host calls `anabranch:functions/functions@0.2.0`
        cannot load 'cut': failed to parse WebAssembly module: wasm component contains an invalid module section: section range 232..SIZE is out of bounds (bound = SIZE)
        cannot load 'large': it has SIZE bytes, more than the limit of 1000 (option 'max-module-size')
        cannot load 'newer': it exports `anabranch:functions/functions@0.3.0`, but this host calls `anabranch:functions/functions@0.2.0`
        cannot load 'patch': it exports `anabranch:functions/functions@0.1.7`, but this host calls `anabranch:functions/functions@0.2.0`
        cannot load 'network': it imports `evil:networking/sockets1@10.0.0`, which functions are not given (a function may import the contract's log and http and WASI 0.2, in which there is what its DDL grants)
        cannot load 'no/such/file.wasm': No such file or directory (os error 2)
    "#]].assert_eq(&said);
    assert!(matches!(error, Error::Load { .. }));
}

/// Numbers of five digits and more are sizes of the packages, as this compiler makes them.
fn without_sizes(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let end = rest[start..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        out.push_str(if end - start > 4 { "SIZE" } else { &rest[start..end] });
        rest = &rest[end..];
    }
    out + rest
}

#[test]
fn who_does_without_the_rows_that_fail_goes_on_until_told() {
    let unlucky = || longs([13; 6]);
    let mut spinning = bind("hostile", "scalar").option("how", "spin").limit("timeout", "20 ms").scalar();
    let error = spinning.call(&[unlucky()], 6).unwrap_err().to_string();
    assert!(error.contains("5 rows of the batch so far"), "{error}");
    let cancelled = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    spinning.persist_until(cancelled.clone());
    let output = spinning.call(&[unlucky()], 6).unwrap();
    assert_eq!(output.errors.len(), 6);
    cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
    let error = spinning.call(&[unlucky()], 6).unwrap_err().to_string();
    assert_eq!(error, "function 'scalar' was interrupted");
    let mut total = bind("hostile", "total").option("how", "spin").limit("timeout", "200 ms").aggregate(OnError::Skip);
    total.persist_until(std::sync::Arc::default());
    let errors = total.accumulate(&[0, 0, 0, 0], &[longs([13, 1, 13, 2])]).unwrap();
    assert_eq!(errors.len(), 2);
    assert_eq!(show(&total.evaluate(&[0]).unwrap().array), "3");
}

#[test]
fn a_row_gives_the_same_before_it_traps_whatever_the_chunks() {
    for chunk in [1, 2, 3, 100] {
        let mut table = bind("hostile", "table").option("how", "second").table();
        table.begin(&[longs([1, 13, 2, 13, 3])], 5).unwrap();
        let (mut rows, mut errors) = (vec![], vec![]);
        while let Some(given) = table.next(chunk).unwrap() {
            rows.extend(given.rows.values().iter().copied());
            errors.extend(given.errors.into_iter().map(|error| error.row));
        }
        assert_eq!((rows, errors), (vec![0, 0, 1, 2, 2, 3, 4, 4], vec![1, 3]), "chunks of {chunk}");
    }
}
