//! The columns that calls return: of the wrong type or length, with buffers, offsets and texts that lie.

use std::fmt::Write;

use expect_test::expect;

use crate::drive::drive;
use crate::guest::{Described, Guest, Value, columns, leaf, list, longs, node, ok, record, text};

/// A guest with a function of each kind whose results, and states, have the type, and whose call of one row gives the column.
fn giving(ty: Value, column: Value) -> Guest {
    let of_kind = |name, kind, result| Described { result, ..Described::new(name, kind) };
    let value = ok(record([column.clone(), list([])]));
    let total = Described { state: ty.clone(), ..of_kind("h", 2, ty.clone()) };
    Guest::of([of_kind("f", 0, ty.clone()), of_kind("g", 1, table_of(&ty)), total])
        .returns("call", value.clone())
        .returns("next", ok(record([list([Value::Word(0)]), column.clone(), list([]), Value::Byte(1)])))
        .returns("state", ok(column))
        .returns("evaluate", value)
}

/// The type of a table with one column of the type.
fn table_of(ty: &Value) -> Value {
    let Value::List(nodes) = ty else { unreachable!("a type is a list of nodes") };
    let mut nodes = nodes.clone();
    if let Some(Value::Record(fields)) = nodes.first_mut() {
        fields[0] = text("y");
    }
    nodes.insert(0, node("", "+s", 1));
    Value::List(nodes)
}

pub fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(bytes.to_vec())
}

pub fn words(words: &[i32]) -> Value {
    Value::Bytes(words.iter().flat_map(|word| word.to_le_bytes()).collect())
}

pub fn none() -> Value {
    bytes(&[])
}

/// Says that nothing was found wrong, rather than nothing.
pub fn or_fine(errors: &str) -> &str {
    if errors.is_empty() { "fine" } else { errors.trim_end() }
}

fn cases(cases: Vec<(&str, Value, Value)>) -> String {
    let mut said = String::new();
    for (name, ty, column) in cases {
        let errors = drive(&giving(ty, column));
        writeln!(said, "{name}\n  {}", or_fine(&errors)).unwrap();
    }
    said
}

#[test]
fn columns_of_plain_values_are_checked() {
    let long = || leaf("l");
    let said = cases(vec![
        ("good", long(), longs(&[1])),
        ("two rows", long(), longs(&[1, 2])),
        ("no rows", long(), longs(&[])),
        ("4 billion rows", long(), columns(&[(u32::MAX, 0)], vec![none(), bytes(&[0; 8])])),
        ("few bytes", long(), columns(&[(1, 0)], vec![none(), bytes(&[0; 7])])),
        ("many bytes", long(), columns(&[(1, 0)], vec![none(), bytes(&[0; 9])])),
        ("a buffer is missing", long(), columns(&[(1, 0)], vec![none()])),
        ("a buffer too many", long(), columns(&[(1, 0)], vec![none(), bytes(&[0; 8]), none()])),
        ("no buffers", long(), columns(&[(1, 0)], vec![])),
        ("no nodes", long(), columns(&[], vec![])),
        ("a node too many", long(), columns(&[(1, 0), (1, 0)], vec![none(), bytes(&[0; 8])])),
        ("nulls without a bitmap", long(), columns(&[(1, 1)], vec![none(), bytes(&[0; 8])])),
        ("a bitmap without nulls", long(), columns(&[(1, 0)], vec![bytes(&[1]), bytes(&[0; 8])])),
        ("a bitmap that disagrees", long(), columns(&[(1, 0)], vec![bytes(&[0]), bytes(&[0; 8])])),
        ("more nulls than rows", long(), columns(&[(1, 2)], vec![bytes(&[0]), bytes(&[0; 8])])),
        ("a bitmap too long", long(), columns(&[(1, 1)], vec![bytes(&[0; 100]), bytes(&[0; 8])])),
        ("a buffer that lies anywhere", long(), columns(&[(1, 0)], vec![none(), Value::At(u32::MAX - 3, 8)])),
        ("a buffer as large as memory", long(), columns(&[(1, 0)], vec![none(), Value::At(0, u32::MAX)])),
        ("an odd buffer", long(), columns(&[(1, 0)], vec![none(), Value::At(1025, 8)])),
        ("booleans without a bit", leaf("b"), columns(&[(1, 0)], vec![none(), none()])),
        ("a time of day beyond 24 h", leaf("ttm"), columns(&[(1, 0)], vec![none(), words(&[86_400_000])])),
        ("a time of day before 0 h", leaf("ttm"), columns(&[(1, 0)], vec![none(), words(&[-1])])),
        ("a decimal of 6 digits", leaf("d:5,2"), columns(&[(1, 0)], vec![none(), bytes(&100_000i128.to_le_bytes())])),
        ("the least decimal", leaf("d:38,0"), columns(&[(1, 0)], vec![none(), bytes(&i128::MIN.to_le_bytes())])),
        ("the last second", leaf("tss:"), columns(&[(1, 0)], vec![none(), bytes(&i64::MAX.to_le_bytes())])),
        ("the first nanosecond", leaf("tsn:UTC"), columns(&[(1, 0)], vec![none(), bytes(&i64::MIN.to_le_bytes())])),
        ("the last day", leaf("tdD"), columns(&[(1, 0)], vec![none(), words(&[i32::MAX])])),
        ("not a number", leaf("g"), columns(&[(1, 0)], vec![none(), bytes(&f64::NAN.to_le_bytes())])),
    ]);
    expect![[r#"
        good
          fine
        two rows
          f: function NAME returned a bad result: the result has 2 rows instead of 1
        g: function NAME returned a bad result: column 'y' has 2 rows instead of 1
        h: evaluate (Fail): function NAME returned a bad result: the result has 2 rows instead of 1
        h: state (Fail): function NAME returned a bad result: its state: the result has 2 rows instead of 1
        h: evaluate (Skip): function NAME returned a bad result: the result has 2 rows instead of 1
        h: state (Skip): function NAME returned a bad result: its state: the result has 2 rows instead of 1
        no rows
          f: function NAME returned a bad result: the result has 0 rows instead of 1
        g: function NAME returned a bad result: column 'y' has 0 rows instead of 1
        h: evaluate (Fail): function NAME returned a bad result: the result has 0 rows instead of 1
        h: state (Fail): function NAME returned a bad result: its state: the result has 0 rows instead of 1
        h: evaluate (Skip): function NAME returned a bad result: the result has 0 rows instead of 1
        h: state (Skip): function NAME returned a bad result: its state: the result has 0 rows instead of 1
        4 billion rows
          f: function NAME returned a bad result: the result of type Int64: its data has 8 bytes instead of 34359738360
        g: function NAME returned a bad result: column 'y' of type Int64: its data has 8 bytes instead of 34359738360
        h: evaluate (Fail): function NAME returned a bad result: the result of type Int64: its data has 8 bytes instead of 34359738360
        h: state (Fail): function NAME returned a bad result: its state: the result of type Int64: its data has 8 bytes instead of 34359738360
        h: evaluate (Skip): function NAME returned a bad result: the result of type Int64: its data has 8 bytes instead of 34359738360
        h: state (Skip): function NAME returned a bad result: its state: the result of type Int64: its data has 8 bytes instead of 34359738360
        few bytes
          f: function NAME returned a bad result: the result of type Int64: its data has 7 bytes instead of 8
        g: function NAME returned a bad result: column 'y' of type Int64: its data has 7 bytes instead of 8
        h: evaluate (Fail): function NAME returned a bad result: the result of type Int64: its data has 7 bytes instead of 8
        h: state (Fail): function NAME returned a bad result: its state: the result of type Int64: its data has 7 bytes instead of 8
        h: evaluate (Skip): function NAME returned a bad result: the result of type Int64: its data has 7 bytes instead of 8
        h: state (Skip): function NAME returned a bad result: its state: the result of type Int64: its data has 7 bytes instead of 8
        many bytes
          f: function NAME returned a bad result: the result of type Int64: its data has 9 bytes instead of 8
        g: function NAME returned a bad result: column 'y' of type Int64: its data has 9 bytes instead of 8
        h: evaluate (Fail): function NAME returned a bad result: the result of type Int64: its data has 9 bytes instead of 8
        h: state (Fail): function NAME returned a bad result: its state: the result of type Int64: its data has 9 bytes instead of 8
        h: evaluate (Skip): function NAME returned a bad result: the result of type Int64: its data has 9 bytes instead of 8
        h: state (Skip): function NAME returned a bad result: its state: the result of type Int64: its data has 9 bytes instead of 8
        a buffer is missing
          f: function NAME returned a bad result: the result of type Int64: there are 1 buffers left instead of 2
        g: function NAME returned a bad result: column 'y' of type Int64: there are 1 buffers left instead of 2
        h: evaluate (Fail): function NAME returned a bad result: the result of type Int64: there are 1 buffers left instead of 2
        h: state (Fail): function NAME returned a bad result: its state: the result of type Int64: there are 1 buffers left instead of 2
        h: evaluate (Skip): function NAME returned a bad result: the result of type Int64: there are 1 buffers left instead of 2
        h: state (Skip): function NAME returned a bad result: its state: the result of type Int64: there are 1 buffers left instead of 2
        a buffer too many
          f: function NAME returned a bad result: 1 buffers are left over after the result of type Int64
        g: function NAME returned a bad result: 1 buffers are left over after 1 columns
        h: evaluate (Fail): function NAME returned a bad result: 1 buffers are left over after the result of type Int64
        h: state (Fail): function NAME returned a bad result: its state: 1 buffers are left over after 1 columns
        h: evaluate (Skip): function NAME returned a bad result: 1 buffers are left over after the result of type Int64
        h: state (Skip): function NAME returned a bad result: its state: 1 buffers are left over after 1 columns
        no buffers
          f: function NAME returned a bad result: the result of type Int64: there are 0 buffers left instead of 2
        g: function NAME returned a bad result: column 'y' of type Int64: there are 0 buffers left instead of 2
        h: evaluate (Fail): function NAME returned a bad result: the result of type Int64: there are 0 buffers left instead of 2
        h: state (Fail): function NAME returned a bad result: its state: the result of type Int64: there are 0 buffers left instead of 2
        h: evaluate (Skip): function NAME returned a bad result: the result of type Int64: there are 0 buffers left instead of 2
        h: state (Skip): function NAME returned a bad result: its state: the result of type Int64: there are 0 buffers left instead of 2
        no nodes
          f: function NAME returned a bad result: the nodes end before the result of type Int64
        g: function NAME returned a bad result: the nodes end before column 'y' of type Int64
        h: evaluate (Fail): function NAME returned a bad result: the nodes end before the result of type Int64
        h: state (Fail): function NAME returned a bad result: its state: the nodes end before the result of type Int64
        h: evaluate (Skip): function NAME returned a bad result: the nodes end before the result of type Int64
        h: state (Skip): function NAME returned a bad result: its state: the nodes end before the result of type Int64
        a node too many
          f: function NAME returned a bad result: 1 nodes are left over after the result of type Int64
        g: function NAME returned a bad result: 1 nodes are left over after 1 columns
        h: evaluate (Fail): function NAME returned a bad result: 1 nodes are left over after the result of type Int64
        h: state (Fail): function NAME returned a bad result: its state: 1 nodes are left over after 1 columns
        h: evaluate (Skip): function NAME returned a bad result: 1 nodes are left over after the result of type Int64
        h: state (Skip): function NAME returned a bad result: its state: 1 nodes are left over after 1 columns
        nulls without a bitmap
          f: function NAME returned a bad result: the result of type Int64: it has 1 nulls and no validity bitmap
        g: function NAME returned a bad result: column 'y' of type Int64: it has 1 nulls and no validity bitmap
        h: evaluate (Fail): function NAME returned a bad result: the result of type Int64: it has 1 nulls and no validity bitmap
        h: state (Fail): function NAME returned a bad result: its state: the result of type Int64: it has 1 nulls and no validity bitmap
        h: evaluate (Skip): function NAME returned a bad result: the result of type Int64: it has 1 nulls and no validity bitmap
        h: state (Skip): function NAME returned a bad result: its state: the result of type Int64: it has 1 nulls and no validity bitmap
        a bitmap without nulls
          fine
        a bitmap that disagrees
          f: function NAME returned a bad result: the result of type Int64: it says 0 nulls, but its validity bitmap has 1
        g: function NAME returned a bad result: column 'y' of type Int64: it says 0 nulls, but its validity bitmap has 1
        h: evaluate (Fail): function NAME returned a bad result: the result of type Int64: it says 0 nulls, but its validity bitmap has 1
        h: state (Fail): function NAME returned a bad result: its state: the result of type Int64: it says 0 nulls, but its validity bitmap has 1
        h: evaluate (Skip): function NAME returned a bad result: the result of type Int64: it says 0 nulls, but its validity bitmap has 1
        h: state (Skip): function NAME returned a bad result: its state: the result of type Int64: it says 0 nulls, but its validity bitmap has 1
        more nulls than rows
          f: function NAME returned a bad result: the result of type Int64: it says 2 nulls, but its validity bitmap has 1
        g: function NAME returned a bad result: column 'y' of type Int64: it says 2 nulls, but its validity bitmap has 1
        h: evaluate (Fail): function NAME returned a bad result: the result of type Int64: it says 2 nulls, but its validity bitmap has 1
        h: state (Fail): function NAME returned a bad result: its state: the result of type Int64: it says 2 nulls, but its validity bitmap has 1
        h: evaluate (Skip): function NAME returned a bad result: the result of type Int64: it says 2 nulls, but its validity bitmap has 1
        h: state (Skip): function NAME returned a bad result: its state: the result of type Int64: it says 2 nulls, but its validity bitmap has 1
        a bitmap too long
          fine
        a buffer that lies anywhere
          f: function NAME returned a bad result: a list of the result lies outside of the function's memory
        h: evaluate (Fail): function NAME returned a bad result: a list of the result lies outside of the function's memory
        h: state (Fail): function NAME returned a bad result: a list of the result lies outside of the function's memory
        h: evaluate (Skip): function NAME returned a bad result: a list of the result lies outside of the function's memory
        h: state (Skip): function NAME returned a bad result: a list of the result lies outside of the function's memory
        a buffer as large as memory
          f: function NAME returned a bad result: a list of the result lies outside of the function's memory
        h: evaluate (Fail): function NAME returned a bad result: a list of the result lies outside of the function's memory
        h: state (Fail): function NAME returned a bad result: a list of the result lies outside of the function's memory
        h: evaluate (Skip): function NAME returned a bad result: a list of the result lies outside of the function's memory
        h: state (Skip): function NAME returned a bad result: a list of the result lies outside of the function's memory
        an odd buffer
          fine
        booleans without a bit
          f: function NAME returned a bad result: the result of type Boolean: its data has 0 bytes instead of 1
        g: function NAME returned a bad result: column 'y' of type Boolean: its data has 0 bytes instead of 1
        h: evaluate (Fail): function NAME returned a bad result: the result of type Boolean: its data has 0 bytes instead of 1
        h: state (Fail): function NAME returned a bad result: its state: the result of type Boolean: its data has 0 bytes instead of 1
        h: evaluate (Skip): function NAME returned a bad result: the result of type Boolean: its data has 0 bytes instead of 1
        h: state (Skip): function NAME returned a bad result: its state: the result of type Boolean: its data has 0 bytes instead of 1
        a time of day beyond 24 h
          f: row 0 (Function) its result is 86400000 milliseconds, which is no time of day
        g: function NAME returned a bad result: column 'y' of type Time32(ms): row 0 is 86400000 milliseconds, which is no time of day
        h: evaluate (Fail): row 0 (Function) its result is 86400000 milliseconds, which is no time of day
        h: state (Fail): function NAME returned a bad result: its state: the result of type Time32(ms): row 0 is 86400000 milliseconds, which is no time of day
        h: evaluate (Skip): row 0 (Function) its result is 86400000 milliseconds, which is no time of day
        h: state (Skip): function NAME returned a bad result: its state: the result of type Time32(ms): row 0 is 86400000 milliseconds, which is no time of day
        a time of day before 0 h
          f: row 0 (Function) its result is -1 milliseconds, which is no time of day
        g: function NAME returned a bad result: column 'y' of type Time32(ms): row 0 is -1 milliseconds, which is no time of day
        h: evaluate (Fail): row 0 (Function) its result is -1 milliseconds, which is no time of day
        h: state (Fail): function NAME returned a bad result: its state: the result of type Time32(ms): row 0 is -1 milliseconds, which is no time of day
        h: evaluate (Skip): row 0 (Function) its result is -1 milliseconds, which is no time of day
        h: state (Skip): function NAME returned a bad result: its state: the result of type Time32(ms): row 0 is -1 milliseconds, which is no time of day
        a decimal of 6 digits
          f: row 0 (Function) its result is 100000 (unscaled), which has more than 5 digits
        g: function NAME returned a bad result: column 'y' of type Decimal128(5, 2): row 0 is 100000 (unscaled), which has more than 5 digits
        h: evaluate (Fail): row 0 (Function) its result is 100000 (unscaled), which has more than 5 digits
        h: state (Fail): function NAME returned a bad result: its state: the result of type Decimal128(5, 2): row 0 is 100000 (unscaled), which has more than 5 digits
        h: evaluate (Skip): row 0 (Function) its result is 100000 (unscaled), which has more than 5 digits
        h: state (Skip): function NAME returned a bad result: its state: the result of type Decimal128(5, 2): row 0 is 100000 (unscaled), which has more than 5 digits
        the least decimal
          f: row 0 (Function) its result is -170141183460469231731687303715884105728 (unscaled), which has more than 38 digits
        g: function NAME returned a bad result: column 'y' of type Decimal128(38, 0): row 0 is -170141183460469231731687303715884105728 (unscaled), which has more than 38 digits
        h: evaluate (Fail): row 0 (Function) its result is -170141183460469231731687303715884105728 (unscaled), which has more than 38 digits
        h: state (Fail): function NAME returned a bad result: its state: the result of type Decimal128(38, 0): row 0 is -170141183460469231731687303715884105728 (unscaled), which has more than 38 digits
        h: evaluate (Skip): row 0 (Function) its result is -170141183460469231731687303715884105728 (unscaled), which has more than 38 digits
        h: state (Skip): function NAME returned a bad result: its state: the result of type Decimal128(38, 0): row 0 is -170141183460469231731687303715884105728 (unscaled), which has more than 38 digits
        the last second
          fine
        the first nanosecond
          fine
        the last day
          fine
        not a number
          fine
    "#]].assert_eq(&said);
}

#[test]
fn columns_of_texts_are_checked() {
    let text = |offsets: &[i32], data: &[u8]| columns(&[(1, 0)], vec![none(), words(offsets), bytes(data)]);
    let utf8 = || leaf("u");
    let said = cases(vec![
        ("good", utf8(), text(&[0, 2], b"ab")),
        ("no offsets", utf8(), text(&[], b"ab")),
        ("few offsets", utf8(), text(&[0], b"ab")),
        ("many offsets", utf8(), text(&[0, 1, 2], b"ab")),
        ("not from 0", utf8(), text(&[1, 2], b"ab")),
        ("from below 0", utf8(), text(&[-1, 2], b"ab")),
        ("to below 0", utf8(), text(&[0, -1], b"ab")),
        ("beyond the data", utf8(), text(&[0, 3], b"ab")),
        ("as far as can be", utf8(), text(&[0, i32::MAX], b"ab")),
        ("before the end", utf8(), text(&[0, 1], b"ab")),
        ("not UTF-8", utf8(), text(&[0, 2], b"\xc3\x28")),
        ("a cut character", utf8(), text(&[0, 2], b"\xe2\x82")),
        ("a surrogate", utf8(), text(&[0, 3], b"\xed\xa0\x80")),
        ("bytes of any kind", leaf("z"), text(&[0, 2], b"\xff\xfe")),
        ("bytes beyond the data", leaf("z"), text(&[0, 9], b"\xff\xfe")),
    ]);
    expect![[r#"
        good
          fine
        no offsets
          f: function NAME returned a bad result: the result of type Utf8: its offsets have 0 bytes instead of 8
        g: function NAME returned a bad result: column 'y' of type Utf8: its offsets have 0 bytes instead of 8
        h: evaluate (Fail): function NAME returned a bad result: the result of type Utf8: its offsets have 0 bytes instead of 8
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: its offsets have 0 bytes instead of 8
        h: evaluate (Skip): function NAME returned a bad result: the result of type Utf8: its offsets have 0 bytes instead of 8
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: its offsets have 0 bytes instead of 8
        few offsets
          f: function NAME returned a bad result: the result of type Utf8: its offsets have 4 bytes instead of 8
        g: function NAME returned a bad result: column 'y' of type Utf8: its offsets have 4 bytes instead of 8
        h: evaluate (Fail): function NAME returned a bad result: the result of type Utf8: its offsets have 4 bytes instead of 8
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: its offsets have 4 bytes instead of 8
        h: evaluate (Skip): function NAME returned a bad result: the result of type Utf8: its offsets have 4 bytes instead of 8
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: its offsets have 4 bytes instead of 8
        many offsets
          f: function NAME returned a bad result: the result of type Utf8: its offsets have 12 bytes instead of 8
        g: function NAME returned a bad result: column 'y' of type Utf8: its offsets have 12 bytes instead of 8
        h: evaluate (Fail): function NAME returned a bad result: the result of type Utf8: its offsets have 12 bytes instead of 8
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: its offsets have 12 bytes instead of 8
        h: evaluate (Skip): function NAME returned a bad result: the result of type Utf8: its offsets have 12 bytes instead of 8
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: its offsets have 12 bytes instead of 8
        not from 0
          f: function NAME returned a bad result: the result of type Utf8: its first offset is 1 instead of 0
        g: function NAME returned a bad result: column 'y' of type Utf8: its first offset is 1 instead of 0
        h: evaluate (Fail): function NAME returned a bad result: the result of type Utf8: its first offset is 1 instead of 0
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: its first offset is 1 instead of 0
        h: evaluate (Skip): function NAME returned a bad result: the result of type Utf8: its first offset is 1 instead of 0
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: its first offset is 1 instead of 0
        from below 0
          f: function NAME returned a bad result: the result of type Utf8: its first offset is -1 instead of 0
        g: function NAME returned a bad result: column 'y' of type Utf8: its first offset is -1 instead of 0
        h: evaluate (Fail): function NAME returned a bad result: the result of type Utf8: its first offset is -1 instead of 0
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: its first offset is -1 instead of 0
        h: evaluate (Skip): function NAME returned a bad result: the result of type Utf8: its first offset is -1 instead of 0
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: its first offset is -1 instead of 0
        to below 0
          f: function NAME returned a bad result: the result of type Utf8: its offsets decrease at row 0, from 0 to -1
        g: function NAME returned a bad result: column 'y' of type Utf8: its offsets decrease at row 0, from 0 to -1
        h: evaluate (Fail): function NAME returned a bad result: the result of type Utf8: its offsets decrease at row 0, from 0 to -1
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: its offsets decrease at row 0, from 0 to -1
        h: evaluate (Skip): function NAME returned a bad result: the result of type Utf8: its offsets decrease at row 0, from 0 to -1
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: its offsets decrease at row 0, from 0 to -1
        beyond the data
          f: function NAME returned a bad result: the result of type Utf8: its last offset is 3, but its data has a length of 2
        g: function NAME returned a bad result: column 'y' of type Utf8: its last offset is 3, but its data has a length of 2
        h: evaluate (Fail): function NAME returned a bad result: the result of type Utf8: its last offset is 3, but its data has a length of 2
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: its last offset is 3, but its data has a length of 2
        h: evaluate (Skip): function NAME returned a bad result: the result of type Utf8: its last offset is 3, but its data has a length of 2
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: its last offset is 3, but its data has a length of 2
        as far as can be
          f: function NAME returned a bad result: the result of type Utf8: its last offset is 2147483647, but its data has a length of 2
        g: function NAME returned a bad result: column 'y' of type Utf8: its last offset is 2147483647, but its data has a length of 2
        h: evaluate (Fail): function NAME returned a bad result: the result of type Utf8: its last offset is 2147483647, but its data has a length of 2
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: its last offset is 2147483647, but its data has a length of 2
        h: evaluate (Skip): function NAME returned a bad result: the result of type Utf8: its last offset is 2147483647, but its data has a length of 2
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: its last offset is 2147483647, but its data has a length of 2
        before the end
          f: function NAME returned a bad result: the result of type Utf8: its last offset is 1, but its data has a length of 2
        g: function NAME returned a bad result: column 'y' of type Utf8: its last offset is 1, but its data has a length of 2
        h: evaluate (Fail): function NAME returned a bad result: the result of type Utf8: its last offset is 1, but its data has a length of 2
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: its last offset is 1, but its data has a length of 2
        h: evaluate (Skip): function NAME returned a bad result: the result of type Utf8: its last offset is 1, but its data has a length of 2
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: its last offset is 1, but its data has a length of 2
        not UTF-8
          f: row 0 (Function) its result is not UTF-8
        g: function NAME returned a bad result: column 'y' of type Utf8: row 0 is not UTF-8
        h: evaluate (Fail): row 0 (Function) its result is not UTF-8
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: row 0 is not UTF-8
        h: evaluate (Skip): row 0 (Function) its result is not UTF-8
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: row 0 is not UTF-8
        a cut character
          f: row 0 (Function) its result is not UTF-8
        g: function NAME returned a bad result: column 'y' of type Utf8: row 0 is not UTF-8
        h: evaluate (Fail): row 0 (Function) its result is not UTF-8
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: row 0 is not UTF-8
        h: evaluate (Skip): row 0 (Function) its result is not UTF-8
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: row 0 is not UTF-8
        a surrogate
          f: row 0 (Function) its result is not UTF-8
        g: function NAME returned a bad result: column 'y' of type Utf8: row 0 is not UTF-8
        h: evaluate (Fail): row 0 (Function) its result is not UTF-8
        h: state (Fail): function NAME returned a bad result: its state: the result of type Utf8: row 0 is not UTF-8
        h: evaluate (Skip): row 0 (Function) its result is not UTF-8
        h: state (Skip): function NAME returned a bad result: its state: the result of type Utf8: row 0 is not UTF-8
        bytes of any kind
          fine
        bytes beyond the data
          f: function NAME returned a bad result: the result of type Binary: its last offset is 9, but its data has a length of 2
        g: function NAME returned a bad result: column 'y' of type Binary: its last offset is 9, but its data has a length of 2
        h: evaluate (Fail): function NAME returned a bad result: the result of type Binary: its last offset is 9, but its data has a length of 2
        h: state (Fail): function NAME returned a bad result: its state: the result of type Binary: its last offset is 9, but its data has a length of 2
        h: evaluate (Skip): function NAME returned a bad result: the result of type Binary: its last offset is 9, but its data has a length of 2
        h: state (Skip): function NAME returned a bad result: its state: the result of type Binary: its last offset is 9, but its data has a length of 2
    "#]].assert_eq(&said);
}

#[test]
fn columns_of_columns_are_checked() {
    let of_list = || list([node("", "+l", 1), node("item", "l", 0)]);
    let strict_list = || list([node("", "+l", 1), strict("item", "l", 0)]);
    let of_struct = || list([node("", "+s", 2), node("a", "l", 0), node("b", "i", 0)]);
    let of_map = || list([node("", "+m", 1), strict("entries", "+s", 2), strict("key", "l", 0), node("value", "l", 0)]);
    let long = |value: i64| bytes(&value.to_le_bytes());
    let said = cases(vec![
        ("a good list", of_list(), columns(&[(1, 0), (1, 0)], vec![none(), words(&[0, 1]), none(), long(1)])),
        (
            "items that are missing",
            of_list(),
            columns(&[(1, 0), (1, 0)], vec![none(), words(&[0, 2]), none(), long(1)]),
        ),
        ("items that nobody has", of_list(), columns(&[(1, 0), (1, 0)], vec![none(), words(&[0, 0]), none(), long(1)])),
        ("no items at all", of_list(), columns(&[(1, 0)], vec![none(), words(&[0, 0])])),
        (
            "NULL where none may be",
            strict_list(),
            columns(&[(1, 0), (1, 1)], vec![none(), words(&[0, 1]), bytes(&[0]), long(1)]),
        ),
        (
            "4 billion items",
            of_list(),
            columns(&[(1, 0), (u32::MAX, 0)], vec![none(), words(&[0, -1]), none(), long(1)]),
        ),
        (
            "a million items without a field",
            list([node("", "+l", 1), node("item", "+s", 0)]),
            columns(&[(1, 0), ((1 << 20) + 1, 0)], vec![none(), words(&[0, (1 << 20) + 1]), none()]),
        ),
        (
            "a good struct",
            of_struct(),
            columns(&[(1, 0), (1, 0), (1, 0)], vec![none(), none(), long(1), none(), words(&[1])]),
        ),
        (
            "fields of other lengths",
            of_struct(),
            columns(&[(1, 0), (1, 0), (2, 0)], vec![none(), none(), long(1), none(), words(&[1, 2])]),
        ),
        ("a field too few", of_struct(), columns(&[(1, 0), (1, 0)], vec![none(), none(), long(1)])),
        (
            "a struct of no row",
            of_struct(),
            columns(&[(0, 0), (1, 0), (1, 0)], vec![none(), none(), long(1), none(), words(&[1])]),
        ),
        (
            "a good map",
            of_map(),
            columns(
                &[(1, 0), (1, 0), (1, 0), (1, 0)],
                vec![none(), words(&[0, 1]), none(), none(), long(1), none(), long(2)],
            ),
        ),
        (
            "a map with a key NULL",
            of_map(),
            columns(
                &[(1, 0), (1, 0), (1, 1), (1, 0)],
                vec![none(), words(&[0, 1]), none(), bytes(&[0]), long(1), none(), long(2)],
            ),
        ),
        (
            "a map with an entry NULL",
            of_map(),
            columns(
                &[(1, 0), (1, 1), (1, 0), (1, 0)],
                vec![none(), words(&[0, 1]), bytes(&[0]), none(), long(1), none(), long(2)],
            ),
        ),
    ]);
    expect![[r#"
        a good list
          fine
        items that are missing
          f: function NAME returned a bad result: the result of type List(Int64): its last offset is 2, but its data has a length of 1
        g: function NAME returned a bad result: column 'y' of type List(Int64): its last offset is 2, but its data has a length of 1
        h: evaluate (Fail): function NAME returned a bad result: the result of type List(Int64): its last offset is 2, but its data has a length of 1
        h: state (Fail): function NAME returned a bad result: its state: the result of type List(Int64): its last offset is 2, but its data has a length of 1
        h: evaluate (Skip): function NAME returned a bad result: the result of type List(Int64): its last offset is 2, but its data has a length of 1
        h: state (Skip): function NAME returned a bad result: its state: the result of type List(Int64): its last offset is 2, but its data has a length of 1
        items that nobody has
          f: function NAME returned a bad result: the result of type List(Int64): its last offset is 0, but its data has a length of 1
        g: function NAME returned a bad result: column 'y' of type List(Int64): its last offset is 0, but its data has a length of 1
        h: evaluate (Fail): function NAME returned a bad result: the result of type List(Int64): its last offset is 0, but its data has a length of 1
        h: state (Fail): function NAME returned a bad result: its state: the result of type List(Int64): its last offset is 0, but its data has a length of 1
        h: evaluate (Skip): function NAME returned a bad result: the result of type List(Int64): its last offset is 0, but its data has a length of 1
        h: state (Skip): function NAME returned a bad result: its state: the result of type List(Int64): its last offset is 0, but its data has a length of 1
        no items at all
          f: function NAME returned a bad result: the nodes end before column 'item' of type Int64
        h: evaluate (Fail): function NAME returned a bad result: the nodes end before column 'item' of type Int64
        h: state (Fail): function NAME returned a bad result: its state: the nodes end before column 'item' of type Int64
        h: evaluate (Skip): function NAME returned a bad result: the nodes end before column 'item' of type Int64
        h: state (Skip): function NAME returned a bad result: its state: the nodes end before column 'item' of type Int64
        NULL where none may be
          f: row 0 (Function) its result holds NULL in 'item', which its type forbids
        g: function NAME returned a bad result: column 'y' of type List(non-null Int64): row 0 holds NULL in 'item', which its type forbids
        h: evaluate (Fail): row 0 (Function) its result holds NULL in 'item', which its type forbids
        h: state (Fail): function NAME returned a bad result: its state: the result of type List(non-null Int64): row 0 holds NULL in 'item', which its type forbids
        h: evaluate (Skip): row 0 (Function) its result holds NULL in 'item', which its type forbids
        h: state (Skip): function NAME returned a bad result: its state: the result of type List(non-null Int64): row 0 holds NULL in 'item', which its type forbids
        4 billion items
          f: function NAME returned a bad result: the result of type List(Int64): its offsets decrease at row 0, from 0 to -1
        g: function NAME returned a bad result: column 'y' of type List(Int64): its offsets decrease at row 0, from 0 to -1
        h: evaluate (Fail): function NAME returned a bad result: the result of type List(Int64): its offsets decrease at row 0, from 0 to -1
        h: state (Fail): function NAME returned a bad result: its state: the result of type List(Int64): its offsets decrease at row 0, from 0 to -1
        h: evaluate (Skip): function NAME returned a bad result: the result of type List(Int64): its offsets decrease at row 0, from 0 to -1
        h: state (Skip): function NAME returned a bad result: its state: the result of type List(Int64): its offsets decrease at row 0, from 0 to -1
        a million items without a field
          f: function NAME returned a bad result: column 'item' of type Struct(): it has 1048577 rows without a field, more than 1048576
        h: evaluate (Fail): function NAME returned a bad result: column 'item' of type Struct(): it has 1048577 rows without a field, more than 1048576
        h: state (Fail): function NAME returned a bad result: its state: column 'item' of type Struct(): it has 1048577 rows without a field, more than 1048576
        h: evaluate (Skip): function NAME returned a bad result: column 'item' of type Struct(): it has 1048577 rows without a field, more than 1048576
        h: state (Skip): function NAME returned a bad result: its state: column 'item' of type Struct(): it has 1048577 rows without a field, more than 1048576
        a good struct
          fine
        fields of other lengths
          f: function NAME returned a bad result: the result of type Struct("a": Int64, "b": Int32): its field 'b' has 2 rows instead of 1
        g: function NAME returned a bad result: column 'y' of type Struct("a": Int64, "b": Int32): its field 'b' has 2 rows instead of 1
        h: evaluate (Fail): function NAME returned a bad result: the result of type Struct("a": Int64, "b": Int32): its field 'b' has 2 rows instead of 1
        h: state (Fail): function NAME returned a bad result: its state: the result of type Struct("a": Int64, "b": Int32): its field 'b' has 2 rows instead of 1
        h: evaluate (Skip): function NAME returned a bad result: the result of type Struct("a": Int64, "b": Int32): its field 'b' has 2 rows instead of 1
        h: state (Skip): function NAME returned a bad result: its state: the result of type Struct("a": Int64, "b": Int32): its field 'b' has 2 rows instead of 1
        a field too few
          f: function NAME returned a bad result: the nodes end before column 'b' of type Int32
        h: evaluate (Fail): function NAME returned a bad result: the nodes end before column 'b' of type Int32
        h: state (Fail): function NAME returned a bad result: its state: the nodes end before column 'b' of type Int32
        h: evaluate (Skip): function NAME returned a bad result: the nodes end before column 'b' of type Int32
        h: state (Skip): function NAME returned a bad result: its state: the nodes end before column 'b' of type Int32
        a struct of no row
          f: function NAME returned a bad result: the result of type Struct("a": Int64, "b": Int32): its field 'a' has 1 rows instead of 0
        g: function NAME returned a bad result: column 'y' of type Struct("a": Int64, "b": Int32): its field 'a' has 1 rows instead of 0
        h: evaluate (Fail): function NAME returned a bad result: the result of type Struct("a": Int64, "b": Int32): its field 'a' has 1 rows instead of 0
        h: state (Fail): function NAME returned a bad result: its state: the result of type Struct("a": Int64, "b": Int32): its field 'a' has 1 rows instead of 0
        h: evaluate (Skip): function NAME returned a bad result: the result of type Struct("a": Int64, "b": Int32): its field 'a' has 1 rows instead of 0
        h: state (Skip): function NAME returned a bad result: its state: the result of type Struct("a": Int64, "b": Int32): its field 'a' has 1 rows instead of 0
        a good map
          fine
        a map with a key NULL
          f: row 0 (Function) its result holds NULL in 'key', which its type forbids
        g: function NAME returned a bad result: column 'y' of type Map("entries": non-null Struct("key": non-null Int64, "value": Int64), unsorted): row 0 holds NULL in 'key', which its type forbids
        h: evaluate (Fail): row 0 (Function) its result holds NULL in 'key', which its type forbids
        h: state (Fail): function NAME returned a bad result: its state: the result of type Map("entries": non-null Struct("key": non-null Int64, "value": Int64), unsorted): row 0 holds NULL in 'key', which its type forbids
        h: evaluate (Skip): row 0 (Function) its result holds NULL in 'key', which its type forbids
        h: state (Skip): function NAME returned a bad result: its state: the result of type Map("entries": non-null Struct("key": non-null Int64, "value": Int64), unsorted): row 0 holds NULL in 'key', which its type forbids
        a map with an entry NULL
          f: row 0 (Function) its result holds NULL in 'entries', which its type forbids
        g: function NAME returned a bad result: column 'y' of type Map("entries": non-null Struct("key": non-null Int64, "value": Int64), unsorted): row 0 holds NULL in 'entries', which its type forbids
        h: evaluate (Fail): row 0 (Function) its result holds NULL in 'entries', which its type forbids
        h: state (Fail): function NAME returned a bad result: its state: the result of type Map("entries": non-null Struct("key": non-null Int64, "value": Int64), unsorted): row 0 holds NULL in 'entries', which its type forbids
        h: evaluate (Skip): row 0 (Function) its result holds NULL in 'entries', which its type forbids
        h: state (Skip): function NAME returned a bad result: its state: the result of type Map("entries": non-null Struct("key": non-null Int64, "value": Int64), unsorted): row 0 holds NULL in 'entries', which its type forbids
    "#]].assert_eq(&said);
}

fn strict(name: &str, format: &str, children: u32) -> Value {
    let Value::Record(mut fields) = node(name, format, children) else { unreachable!() };
    fields[2] = Value::Byte(0);
    Value::Record(fields)
}
