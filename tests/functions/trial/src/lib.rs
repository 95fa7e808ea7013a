//! Well-behaved functions of all three kinds, over all types.

use std::cell::{Cell, RefCell};

wit_bindgen::generate!({ path: "../../../wit", world: "function-package" });

#[path = "../../wire.rs"]
mod wire;

use anabranch::functions::types::{Batch, Columns, Field, FieldNode, RowError};
use exports::anabranch::functions::functions::*;
use wire::{Column, ColumnNode, columns, flat};

struct Package;

export!(Package);

/// What `bind` was told, by handle.
#[derive(Clone)]
struct Place {
    function: u32,
    told: String,
}

/// A batch of a table function, and how far it is.
#[derive(Default)]
struct Pending {
    counts: Vec<i64>,
    words: Vec<Vec<String>>,
    row: usize,
    index: i64,
}

thread_local! {
    static PLACES: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
    static PENDING: RefCell<Pending> = RefCell::new(Pending::default());
    static CALLS: Cell<i64> = const { Cell::new(0) };
}

fn node(name: &str, format: &str, nullable: bool, children: u32) -> FieldNode {
    FieldNode { name: name.into(), format: format.into(), nullable, children }
}

fn leaf(format: &str) -> Field {
    vec![node("", format, true, 0)]
}

fn parameters(parameters: &[(&str, Field)]) -> Vec<Parameter> {
    parameters.iter().map(|(name, field)| Parameter { name: name.to_string(), type_: field.clone() }).collect()
}

/// The types that `echo` takes.
fn echo_types() -> Vec<Field> {
    let mut types: Vec<Field> = [
        "b", "c", "s", "i", "l", "f", "g", "d:20,4", "u", "z", "tdD", "ttm", "tss:", "tsm:", "tsu:", "tsn:", "tsm:UTC",
        "tiM", "tDm",
    ]
    .iter()
    .map(|format| leaf(format))
    .collect();
    types.push(vec![node("", "+l", true, 1), node("item", "u", true, 0)]);
    types.push(vec![
        node("", "+m", true, 1),
        node("entries", "+s", false, 2),
        node("key", "u", false, 0),
        node("value", "l", true, 0),
    ]);
    types.push(vec![
        node("", "+s", true, 2),
        node("a", "l", true, 0),
        node("b", "+l", true, 1),
        node("item", "+s", true, 1),
        node("c", "u", true, 0),
    ]);
    types
}

const ADD: u32 = 0;
const LEN: u32 = 1;
const UPPER: u32 = 2;
const SPLIT: u32 = 3;
const SUM: u32 = 4;
const REPEAT: u32 = 5;
const TELL: u32 = 6;
const CALLED: u32 = 7;
const POSITIVE: u32 = 8;

fn functions() -> Vec<Signature> {
    let signature = |name: &str, kind, parameters, result| Signature {
        name: name.into(),
        kind,
        parameters,
        result,
        deterministic: true,
        retracts: false,
        merges: false,
        doc: format!("The function {name}."),
    };
    let table = |column: &str, format: &str| vec![node("", "+s", false, 1), node(column, format, true, 0)];
    let mut functions = vec![
        signature("add", Kind::Scalar, parameters(&[("a", leaf("l")), ("b", leaf("l"))]), leaf("l")),
        signature("len", Kind::Scalar, parameters(&[("text", leaf("u"))]), leaf("i")),
        signature("upper", Kind::Scalar, parameters(&[("text", leaf("u"))]), leaf("u")),
        signature("split", Kind::Table, parameters(&[("text", leaf("u"))]), table("word", "u")),
        Signature {
            retracts: true,
            merges: true,
            ..signature("sum", Kind::Aggregate, parameters(&[("a", leaf("l"))]), leaf("l"))
        },
        signature("repeat", Kind::Table, parameters(&[("times", leaf("l"))]), table("index", "l")),
        signature("tell", Kind::Scalar, parameters(&[("a", leaf("l"))]), leaf("u")),
        Signature { deterministic: false, ..signature("called", Kind::Scalar, vec![], leaf("l")) },
        signature("positive", Kind::Scalar, parameters(&[("a", leaf("l"))]), leaf("l")),
    ];
    for field in echo_types() {
        functions.push(signature("echo", Kind::Scalar, parameters(&[("x", field.clone())]), field));
    }
    functions
}

/// The columns of a call of a function.
fn arguments(function: u32, batch: &Batch) -> Vec<Column> {
    let parameters = &functions()[function as usize].parameters;
    columns(batch, &parameters.iter().map(|parameter| parameter.type_.clone()).collect::<Vec<_>>())
}

fn longs(column: &Column) -> Vec<i64> {
    column[0].buffers[1].chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn is_null(column: &Column, row: usize) -> bool {
    let validity = &column[0].buffers[0];
    !validity.is_empty() && validity[row / 8] >> (row % 8) & 1 == 0
}

fn texts(column: &Column) -> impl Iterator<Item = &str> {
    let data = &column[0].buffers[2];
    let offsets = column[0].buffers[1].chunks_exact(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()));
    offsets.clone().zip(offsets.skip(1)).map(|(start, end)| std::str::from_utf8(&data[start as usize..end as usize]).unwrap())
}

fn to_bytes<const N: usize, T>(values: impl ExactSizeIterator<Item = T>, bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len() * N);
    for value in values {
        out.extend_from_slice(&bytes(value));
    }
    out
}

fn text_column<S: AsRef<str>>(values: impl Iterator<Item = Option<S>>) -> Column {
    let (mut data, mut offsets, mut validity, mut length, mut nulls) =
        (Vec::new(), 0u32.to_le_bytes().to_vec(), Vec::new(), 0u32, 0u32);
    for value in values {
        if length % 8 == 0 {
            validity.push(0u8);
        }
        match value {
            Some(value) => {
                data.extend_from_slice(value.as_ref().as_bytes());
                *validity.last_mut().unwrap() |= 1 << (length % 8);
            }
            None => nulls += 1,
        }
        offsets.extend_from_slice(&(data.len() as u32).to_le_bytes());
        length += 1;
    }
    if nulls == 0 {
        validity.clear();
    }
    vec![ColumnNode { length, null_count: nulls, buffers: vec![validity, offsets, data] }]
}

fn long_column(values: &[i64]) -> Column {
    vec![ColumnNode {
        length: values.len() as u32,
        null_count: 0,
        buffers: vec![Vec::new(), to_bytes(values.iter(), |value| value.to_le_bytes())],
    }]
}

/// The validity of two columns together.
fn both_valid(left: &ColumnNode, right: &ColumnNode) -> (u32, Vec<u8>) {
    let (left_bits, right_bits) = (&left.buffers[0], &right.buffers[0]);
    let bits = match (left_bits.is_empty(), right_bits.is_empty()) {
        (true, true) => return (0, Vec::new()),
        (false, true) => left_bits.clone(),
        (true, false) => right_bits.clone(),
        (false, false) => left_bits.iter().zip(right_bits).map(|(left, right)| left & right).collect(),
    };
    let valid: u32 = (0..left.length as usize).map(|row| u32::from(bits[row / 8] >> (row % 8) & 1)).sum();
    (left.length - valid, bits)
}

fn add(columns: &[Column]) -> Column {
    let (left, right) = (&columns[0][0], &columns[1][0]);
    let (null_count, validity) = both_valid(left, right);
    let mut sums = vec![0u8; left.buffers[1].len()];
    for ((sum, left), right) in
        sums.chunks_exact_mut(8).zip(left.buffers[1].chunks_exact(8)).zip(right.buffers[1].chunks_exact(8))
    {
        let value = i64::from_le_bytes(left.try_into().unwrap()).wrapping_add(i64::from_le_bytes(right.try_into().unwrap()));
        sum.copy_from_slice(&value.to_le_bytes());
    }
    vec![ColumnNode { length: left.length, null_count, buffers: vec![validity, sums] }]
}

impl Guest for Package {
    type Accumulators = Sums;

    fn describe() -> Metadata {
        Metadata { name: "trial".into(), version: "1.2.3".into(), functions: functions() }
    }

    fn bind(binding: Binding) -> Result<Bound, String> {
        let function = binding.function;
        let result = functions()[function as usize].result.clone();
        let state = if function == SUM { vec![leaf("l"), leaf("l")] } else { vec![] };
        let constants: Vec<_> =
            (binding.constants.iter().zip(&binding.arguments))
                .map(|(constant, field)| constant.as_ref().map(|it| longs(&columns(it, std::slice::from_ref(field))[0])))
                .collect();
        if binding.options.iter().any(|(name, _)| name == "refuse") {
            return Err("I do not like it here".into());
        }
        let told = format!("zone {}, options {:?}, constants {constants:?}", binding.time_zone, binding.options);
        let handle = PLACES.with_borrow_mut(|places| {
            places.push(Place { function, told });
            places.len() as u32 - 1
        });
        Ok(Bound { handle, result, state })
    }

    fn unbind(_: u32) {}

    fn call(handle: u32, rows: u32, batch: Batch) -> Result<ScalarResult, String> {
        let function = PLACES.with_borrow(|places| places[handle as usize].function);
        let mut columns = arguments(function, &batch);
        let mut errors = Vec::new();
        let column = match function {
            ADD => add(&columns),
            LEN => {
                let node = &columns[0][0];
                let offsets: Vec<i32> =
                    node.buffers[1].chunks_exact(4).map(|bytes| i32::from_le_bytes(bytes.try_into().unwrap())).collect();
                let lengths = to_bytes(offsets.windows(2), |pair| (pair[1] - pair[0]).to_le_bytes());
                vec![ColumnNode {
                    length: node.length,
                    null_count: node.null_count,
                    buffers: vec![node.buffers[0].clone(), lengths],
                }]
            }
            UPPER => {
                let column = &columns[0];
                text_column(
                    texts(column)
                        .enumerate()
                        .map(|(row, text)| (!is_null(column, row)).then(|| text.to_uppercase())),
                )
            }
            TELL => {
                let told = PLACES.with_borrow(|places| places[handle as usize].told.clone());
                text_column((0..rows).map(|_| Some(told.as_str())))
            }
            CALLED => {
                let called = CALLS.get() + 1;
                CALLS.set(called);
                long_column(&vec![called; rows as usize])
            }
            POSITIVE => {
                for (row, value) in longs(&columns[0]).iter().enumerate() {
                    if *value <= 0 {
                        errors.push(RowError { row: row as u32, message: format!("{value} is not positive") });
                    }
                }
                columns.remove(0)
            }
            // Echo.
            _ => columns.remove(0),
        };
        Ok(ScalarResult { column: flat([column]), errors })
    }

    fn begin(handle: u32, _: u32, batch: Batch) -> Result<(), String> {
        let function = PLACES.with_borrow(|places| places[handle as usize].function);
        let columns = arguments(function, &batch);
        let mut pending = Pending::default();
        if function == REPEAT {
            pending.counts = longs(&columns[0]);
        } else {
            assert_eq!(function, SPLIT);
            pending.words = texts(&columns[0])
                .map(|text| text.split_whitespace().map(str::to_string).collect())
                .collect();
            pending.counts = pending.words.iter().map(|words| words.len() as i64).collect();
        }
        PENDING.set(pending);
        Ok(())
    }

    fn next(_: u32, max_rows: u32) -> Result<TableChunk, String> {
        PENDING.with_borrow_mut(|pending| {
            let (mut rows, mut indexes, mut words) = (Vec::new(), Vec::new(), Vec::new());
            while pending.row < pending.counts.len() && rows.len() < max_rows as usize {
                if pending.index >= pending.counts[pending.row] {
                    pending.row += 1;
                    pending.index = 0;
                    continue;
                }
                rows.push(pending.row as u32);
                indexes.push(pending.index);
                if !pending.words.is_empty() {
                    words.push(pending.words[pending.row][pending.index as usize].clone());
                }
                pending.index += 1;
            }
            let done = pending.row >= pending.counts.len();
            let column = if pending.words.is_empty() {
                long_column(&indexes)
            } else {
                text_column(words.iter().map(Some))
            };
            Ok(TableChunk { rows, columns: flat([column]), errors: Vec::new(), done })
        })
    }
}

/// Sums of longs and how many there were; a sum of none is NULL.
struct Sums {
    groups: RefCell<Vec<(i64, i64)>>,
}

impl Sums {
    fn each(&self, ids: &[u32], columns: &[Column], change: impl Fn(&mut (i64, i64), usize)) {
        let mut groups = self.groups.borrow_mut();
        let most = ids.iter().max().map_or(0, |most| *most as usize + 1);
        if groups.len() < most {
            groups.resize(most, (0, 0));
        }
        for (row, id) in ids.iter().enumerate() {
            if columns.is_empty() || !is_null(&columns[0], row) {
                change(&mut groups[*id as usize], row);
            }
        }
    }

    fn get(&self, id: u32) -> (i64, i64) {
        self.groups.borrow().get(id as usize).copied().unwrap_or_default()
    }
}

impl GuestAccumulators for Sums {
    fn open(_: u32) -> Result<Accumulators, String> {
        Ok(Accumulators::new(Sums { groups: RefCell::new(Vec::new()) }))
    }

    fn accumulate(&self, ids: Vec<u32>, batch: Batch) -> Result<Vec<RowError>, String> {
        let columns = arguments(SUM, &batch);
        let values = longs(&columns[0]);
        self.each(&ids, &columns, |group, row| {
            group.0 = group.0.wrapping_add(values[row]);
            group.1 += 1;
        });
        Ok(Vec::new())
    }

    fn retract(&self, ids: Vec<u32>, batch: Batch) -> Result<Vec<RowError>, String> {
        let columns = arguments(SUM, &batch);
        let values = longs(&columns[0]);
        self.each(&ids, &columns, |group, row| {
            group.0 = group.0.wrapping_sub(values[row]);
            group.1 -= 1;
        });
        Ok(Vec::new())
    }

    fn merge(&self, ids: Vec<u32>, state: Batch) -> Result<Vec<RowError>, String> {
        let state = columns(&state, &[leaf("l"), leaf("l")]);
        let (sums, counts) = (longs(&state[0]), longs(&state[1]));
        self.each(&ids, &[], |group, row| {
            group.0 = group.0.wrapping_add(sums[row]);
            group.1 += counts[row];
        });
        Ok(Vec::new())
    }

    fn evaluate(&self, ids: Vec<u32>) -> Result<ScalarResult, String> {
        let mut validity = vec![0u8; ids.len().div_ceil(8)];
        let mut null_count = 0;
        let sums: Vec<i64> = ids.iter().map(|id| self.get(*id).0).collect();
        for (row, id) in ids.iter().enumerate() {
            if self.get(*id).1 == 0 {
                null_count += 1;
            } else {
                validity[row / 8] |= 1 << (row % 8);
            }
        }
        let mut column = long_column(&sums);
        if null_count > 0 {
            column[0].null_count = null_count;
            column[0].buffers[0] = validity;
        }
        Ok(ScalarResult { column: flat([column]), errors: Vec::new() })
    }

    fn state(&self, ids: Vec<u32>) -> Result<Columns, String> {
        let sums: Vec<i64> = ids.iter().map(|id| self.get(*id).0).collect();
        let counts: Vec<i64> = ids.iter().map(|id| self.get(*id).1).collect();
        Ok(flat([long_column(&sums), long_column(&counts)]))
    }

    fn restore(&self, ids: Vec<u32>, state: Batch) -> Result<(), String> {
        let state = columns(&state, &[leaf("l"), leaf("l")]);
        let (sums, counts) = (longs(&state[0]), longs(&state[1]));
        self.each(&ids, &[], |group, row| *group = (sums[row], counts[row]));
        Ok(())
    }

    fn remove(&self, ids: Vec<u32>) {
        self.each(&ids, &[], |group, _| *group = (0, 0));
    }
}
