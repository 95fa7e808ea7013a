//! What calls say of rows: errors and numbers of rows that do not exist, tables that never end, states of groups.

use std::fmt::Write;
use std::sync::Arc;

use anabranch_host::{BindRequest, Error, Grants, OnError, TableFunction};
use arrow::array::{ArrayRef, StringArray};
use expect_test::expect;

use crate::drive::{drive, limits};
use crate::guest::{Described, Guest, Value, columns, done, list, longs, ok, record, row_error};
use crate::results::{bytes, none, or_fine, words};
use crate::support::{host, longs as longs_of};

#[test]
fn row_errors_and_row_numbers_are_checked() {
    let chunk = |rows: &[u32], column: Value, errors: Vec<Value>, done: u8| {
        ok(record([list(rows.iter().map(|row| Value::Word(*row))), column, Value::List(errors), Value::Byte(done)]))
    };
    let mut said = String::new();
    for (name, export, value) in [
        ("an error of no row", "call", ok(record([longs(&[0]), list([row_error(1, "beyond")])]))),
        ("an error of the last row of all", "call", ok(record([longs(&[0]), list([row_error(u32::MAX, "beyond")])]))),
        ("an error that is no result", "call", Value::Record(vec![Value::Byte(7), longs(&[0]), list([])])),
        ("a chunk for no row", "next", chunk(&[1], longs(&[0]), vec![], 1)),
        ("a chunk with an error of no row", "next", chunk(&[], longs(&[]), vec![row_error(9, "beyond")], 1)),
        ("a chunk with more rows than values", "next", chunk(&[0, 0], longs(&[0]), vec![], 1)),
        ("a chunk of too many rows", "next", chunk(&[0; 9], longs(&[0; 9]), vec![], 1)),
        ("chunks without rows for ever", "next", chunk(&[], longs(&[]), vec![], 0)),
        ("a chunk with two columns", "next", chunk(&[0], columns(&[(1, 0), (1, 0)], vec![none(); 4]), vec![], 1)),
        ("done that is no boolean", "next", chunk(&[0], longs(&[0]), vec![], 2)),
        ("accumulate: an error of no row", "accumulate", ok(list([row_error(1, "beyond")]))),
        ("merge: an error of no row", "merge", ok(list([row_error(1, "beyond")]))),
        ("evaluate: two values for one group", "evaluate", ok(record([longs(&[0, 0]), list([])]))),
        ("evaluate: an error of no group", "evaluate", ok(record([longs(&[0]), list([row_error(1, "beyond")])]))),
        ("state: of another type", "state", ok(columns(&[(1, 0)], vec![none(), words(&[0, 1]), bytes(b"a")]))),
        ("state: two for one group", "state", ok(longs(&[0, 0]))),
        ("state: none", "state", ok(columns(&[], vec![]))),
        ("restore: something else", "restore", Value::Record(vec![Value::Byte(2), Value::Word(0), Value::Word(0)])),
        ("begin: something else", "begin", Value::Record(vec![Value::Byte(255), done()])),
    ] {
        let found = drive(&Guest::new().returns(export, value));
        writeln!(said, "{name}\n  {}", or_fine(&found).replace('\n', "\n  ")).unwrap();
    }
    expect![[r#"
        an error of no row
          scalar: function NAME returned a bad result: it reports an error for row 1 of 1 rows
        an error of the last row of all
          scalar: function NAME returned a bad result: it reports an error for row 4294967295 of 1 rows
        an error that is no result
          scalar: function NAME returned a bad result: invalid expected discriminant
        a chunk for no row
          table: function NAME returned a bad result: it gave output for row 1 of 1 rows
        a chunk with an error of no row
          table: function NAME returned a bad result: it reports an error for row 9 of 1 rows
        a chunk with more rows than values
          table: function NAME returned a bad result: column 'y' has 1 rows instead of 2
        a chunk of too many rows
          table: function NAME returned a bad result: it gave 9 rows where at most 8 were asked for
        chunks without rows for ever
          table: function NAME returned a bad result: it gave 1001 chunks without a row, one after the other
        a chunk with two columns
          table: function NAME returned a bad result: column 'y' of type Int64: its data has 0 bytes instead of 8
        done that is no boolean
          fine
        accumulate: an error of no row
          total: accumulate (Fail): function NAME returned a bad result: it reports an error for row 1 of 1 rows
          total: accumulate (Skip): function NAME returned a bad result: it reports an error for row 1 of 1 rows
        merge: an error of no row
          total: merge (Fail): function NAME returned a bad result: it reports an error for row 1 of 1 rows
          total: merge (Skip): function NAME returned a bad result: it reports an error for row 1 of 1 rows
        evaluate: two values for one group
          total: evaluate (Fail): function NAME returned a bad result: the result has 2 rows instead of 1
          total: evaluate (Skip): function NAME returned a bad result: the result has 2 rows instead of 1
        evaluate: an error of no group
          total: evaluate (Fail): function NAME returned a bad result: it reports an error for row 1 of 1 rows
          total: evaluate (Skip): function NAME returned a bad result: it reports an error for row 1 of 1 rows
        state: of another type
          total: state (Fail): function NAME returned a bad result: its state: 1 buffers are left over after 1 columns
          total: state (Skip): function NAME returned a bad result: its state: 1 buffers are left over after 1 columns
        state: two for one group
          total: state (Fail): function NAME returned a bad result: its state: the result has 2 rows instead of 1
          total: state (Skip): function NAME returned a bad result: its state: the result has 2 rows instead of 1
        state: none
          total: state (Fail): function NAME returned a bad result: its state: the nodes end before the result of type Int64
          total: state (Skip): function NAME returned a bad result: its state: the nodes end before the result of type Int64
        restore: something else
          total: restore (Fail): function NAME returned a bad result: invalid expected discriminant
          total: restore (Skip): function NAME returned a bad result: invalid expected discriminant
        begin: something else
          table: function NAME returned a bad result: invalid expected discriminant
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_table_that_never_ends_is_ended() {
    let endless = ok(record([list([Value::Word(0)]), longs(&[0]), list([]), Value::Byte(0)]));
    let limits = anabranch_host::Limits { max_output_rows: 1000, ..crate::drive::limits() };
    let guest = Guest::new().returns("next", endless);
    expect![[r#"
        table: row 0 (Output) gives more than 1000 rows for one input row (option 'max-output-rows')
    "#]]
    .assert_eq(&crate::drive::drive_within(&guest, &limits));
}

/// A batch in which a row fails is looked through row by row, and each row may never end.
#[test]
fn a_table_that_gives_nothing_for_ever_is_ended_where_a_row_failed() {
    let trap = "(if (i32.gt_u (local.get 1) (i32.const 1)) (then unreachable)) {value}";
    let guest = Guest::of([Described::new("table", 1)])
        .body("begin", trap)
        .returns("next", ok(record([list([]), longs(&[]), list([]), Value::Byte(0)])));
    let package = host().load("guest", &guest.module(), &limits()).unwrap();
    let arguments = package.functions()[0].parameters.clone();
    let request = BindRequest { arguments, ..BindRequest::default() };
    let mut table = package.bind(request, limits(), Grants::default()).unwrap().table().unwrap();
    let ended = table.begin(&[longs_of([1, 2, 3])], 3).and_then(|()| while_any(&mut table)).unwrap_err();
    expect!["function 'table' trapped: wasm `unreachable` instruction executed; no single row explains it"]
        .assert_eq(&ended.to_string());
}

fn while_any(table: &mut TableFunction) -> Result<(), Error> {
    while table.next(8)?.is_some() {}
    Ok(())
}

#[test]
fn state_that_grows_without_bound_is_bounded() {
    // One byte per group in the guest, 8 MiB per group in the host: the same bytes again and again.
    let state = ok(columns(&[(1, 0)], vec![none(), Value::At(0, 8 << 20)]));
    let limits = anabranch_host::Limits { max_output_bytes: 4 << 20, ..crate::drive::limits() };
    let guest = Guest::new().pages(256).returns("state", state);
    expect![[r#"
        total: state (Fail): function NAME gives more than 4194304 bytes in one call (option 'max-output-bytes')
        total: state (Skip): function NAME gives more than 4194304 bytes in one call (option 'max-output-bytes')
    "#]]
    .assert_eq(&crate::drive::drive_within(&guest, &limits));
}

/// States of a checkpoint that is not this function's, or was tampered with: each is refused before the guest sees it, and
/// the function goes on.
#[test]
fn states_that_are_none_of_the_functions_are_refused() {
    let package = host().load("guest", &Guest::new().module(), &limits()).unwrap();
    let arguments = package.functions()[2].parameters.clone();
    let request = BindRequest { function: 2, arguments, ..BindRequest::default() };
    let bound = package.bind(request, limits(), Grants::default()).unwrap();
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    let cases: [(&str, Vec<u32>, Vec<ArrayRef>); 5] = [
        ("another type", vec![0], vec![texts]),
        ("no column", vec![0], vec![]),
        ("two columns", vec![0], vec![longs_of([1]), longs_of([1])]),
        ("too few rows", vec![0, 1], vec![longs_of([1])]),
        ("too many rows", vec![0], vec![longs_of([1, 2])]),
    ];
    let mut said = String::new();
    for on_error in [OnError::Fail, OnError::Skip] {
        let mut total = bound.aggregate(on_error).unwrap();
        for (name, groups, state) in &cases {
            let restored = total.restore(groups, state).map_err(|error| error.to_string());
            let merged = total.merge(groups, state).map(drop).map_err(|error| error.to_string());
            if on_error == OnError::Fail {
                writeln!(said, "{name}\n  restore: {restored:?}").unwrap();
                if merged != restored {
                    writeln!(said, "  merge: {merged:?}").unwrap();
                }
            }
        }
        total.restore(&[0], &[longs_of([1])]).unwrap();
        assert!(total.merge(&[0], &[longs_of([1])]).unwrap().is_empty());
        assert!(total.evaluate(&[0]).unwrap().errors.is_empty());
    }
    expect![[r#"
        another type
          restore: Err("cannot call function 'total': column '' is of type Utf8 instead of Int64")
        no column
          restore: Err("cannot call function 'total': 0 columns of state instead of 1")
        two columns
          restore: Err("cannot call function 'total': 2 columns of state instead of 1")
        too few rows
          restore: Err("cannot call function 'total': column '' has 1 rows instead of 2")
        too many rows
          restore: Err("cannot call function 'total': column '' has 2 rows instead of 1")
    "#]]
    .assert_eq(&said);
}
