//! Functions that break every promise they can. The option `how` says which; the row with the value 13 is the unlucky
//! one where only a row misbehaves.

use std::cell::RefCell;

wit_bindgen::generate!({ path: "../../../wit", world: "function-package" });

use anabranch::functions::log::{Level, log};
#[path = "../../wire.rs"]
mod wire;

use anabranch::functions::types::{Batch, Columns, Field, FieldNode, RowError};
use exports::anabranch::functions::functions::*;
use wire::{Column, ColumnNode, flat};

struct Package;

export!(Package);

const UNLUCKY: i64 = 13;

thread_local! {
    static HOW: RefCell<String> = const { RefCell::new(String::new()) };
    static ROWS: RefCell<Vec<i64>> = const { RefCell::new(Vec::new()) };
    static SENT: RefCell<usize> = const { RefCell::new(0) };
    static HOARD: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

fn how() -> String {
    HOW.with_borrow(Clone::clone)
}

fn node(name: &str, format: &str, nullable: bool, children: u32) -> FieldNode {
    FieldNode { name: name.into(), format: format.into(), nullable, children }
}

fn leaf(format: &str) -> Field {
    vec![node("", format, true, 0)]
}

/// Rows for which a slow function has time in one call.
const IN_TIME: u32 = 500;

fn trap() -> ! {
    core::arch::wasm32::unreachable()
}

fn spin() {
    loop {
        std::hint::black_box(0);
    }
}

fn recurse(depth: u64) -> u64 {
    if depth == u64::MAX { 0 } else { std::hint::black_box(recurse(std::hint::black_box(depth + 1))) + 1 }
}

/// What one unlucky row does.
fn unlucky() {
    match how().as_str() {
        "trap" => {
            log(Level::Error, "about to trap\nlike this");
            trap()
        }
        "panic" => panic!("this goes nowhere"),
        "divide" => {
            std::hint::black_box(1 / std::hint::black_box(0));
        }
        "spin" => spin(),
        "recurse" => {
            std::hint::black_box(recurse(0));
        }
        "grow" => loop {
            HOARD.with_borrow_mut(|hoard| hoard.push(vec![1; 1 << 20]));
        },
        _ => {}
    }
}

/// The values of the only column of a call.
fn longs(batch: &Batch) -> Vec<i64> {
    wire::columns(batch, &[leaf("l")])[0][0].buffers[1].chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn long_column(values: &[i64]) -> Column {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    vec![ColumnNode { length: values.len() as u32, null_count: 0, buffers: vec![Vec::new(), data] }]
}

fn text(rows: u32, offsets: &[i32], data: &[u8]) -> Column {
    let offsets = offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
    vec![ColumnNode { length: rows, null_count: 0, buffers: vec![Vec::new(), offsets, data.to_vec()] }]
}

impl Guest for Package {
    type Accumulators = Sums;

    fn describe() -> Metadata {
        let signature = |name: &str, kind, result| Signature {
            name: name.into(),
            kind,
            parameters: vec![Parameter { name: "x".into(), type_: leaf("l") }],
            result,
            deterministic: true,
            retracts: kind == Kind::Aggregate,
            merges: kind == Kind::Aggregate,
            doc: String::new(),
        };
        Metadata {
            name: "hostile".into(),
            version: "0".into(),
            functions: vec![
                signature("scalar", Kind::Scalar, leaf("l")),
                signature("text", Kind::Scalar, leaf("u")),
                signature("table", Kind::Table, vec![node("", "+s", false, 1), node("y", "l", true, 0)]),
                signature("total", Kind::Aggregate, leaf("l")),
            ],
        }
    }

    fn bind(binding: Binding) -> Result<Bound, String> {
        let how = binding.options.iter().find(|(name, _)| name == "how").map_or(String::new(), |(_, how)| how.clone());
        let mut result = Self::describe().functions[binding.function as usize].result.clone();
        match how.as_str() {
            "bind-trap" => trap(),
            "bind-other-type" => result = leaf("u"),
            "bind-bad-type" => result = leaf("?"),
            _ => {}
        }
        HOW.set(how);
        let state = if binding.function == 3 { vec![leaf("l")] } else { vec![] };
        Ok(Bound { handle: binding.function, result, state })
    }

    fn unbind(_: u32) {}

    fn call(handle: u32, rows: u32, batch: Batch) -> Result<ScalarResult, String> {
        let values = longs(&batch);
        values.iter().filter(|&&value| value == UNLUCKY).for_each(|_| unlucky());
        if handle == 1 {
            let column = match how().as_str() {
                "bad-utf8" => text(2, &[0, 1, 3], b"a\xff\xfe"),
                "within-character" => text(2, &[0, 1, 2], "ü".as_bytes()),
                "decreasing" => text(2, &[0, 2, 1], b"ab"),
                "negative" => text(2, &[0, -2, 2], b"ab"),
                "beyond" => text(2, &[0, 1, 9], b"ab"),
                "not-from-0" => text(2, &[1, 1, 2], b"ab"),
                "few-offsets" => text(2, &[0, 2], b"ab"),
                _ => text(2, &[0, 1, 2], b"ab"),
            };
            return Ok(ScalarResult { column: flat([column]), errors: Vec::new() });
        }
        let mut column = long_column(&values);
        let mut errors = Vec::new();
        match how().as_str() {
            "short" => column = long_column(&values[1..]),
            "long" => column[0].length += 1,
            "few-bytes" => {
                column[0].buffers[1].pop();
            }
            "few-buffers" => {
                column[0].buffers.pop();
            }
            "many-buffers" => column[0].buffers.extend((0..100_000).map(|_| Vec::new())),
            "no-node" => column.clear(),
            "many-nodes" => column.extend(long_column(&values)),
            "other-type" => column = text(rows, &vec![0; rows as usize + 1], b""),
            "nulls-without-bitmap" => column[0].null_count = 1,
            "short-bitmap" => {
                column[0].null_count = 1;
                column[0].buffers[0] = vec![];
                column[0].buffers[0].extend(vec![0xfe; rows as usize / 8]);
            }
            "wrong-null-count" => {
                column[0].null_count = 5;
                column[0].buffers[0] = vec![0xfe; (rows as usize).div_ceil(8)];
            }
            "error" => return Err("not today".into()),
            "error-of-no-row" => errors.push(RowError { row: rows, message: "beyond".into() }),
            "errors" => {
                for row in [2, 0, 2] {
                    errors.push(RowError { row, message: format!("row {row} is bad") });
                }
            }
            "flood" => {
                for line in 0..1_000 {
                    log(Level::Info, &format!("line {line}: {}", "x".repeat(2_000)));
                }
                trap()
            }
            "output" => column[0].buffers[1] = vec![0; 10 << 20],
            "many-lists" => column[0].buffers = vec![Vec::new(); 2 << 20],
            "needs-two" if rows > 1 => trap(),
            "slow" if rows > IN_TIME => spin(),
            "leak" => HOARD.with_borrow_mut(|hoard| hoard.push(vec![1; 1 << 20])),
            _ => {}
        }
        Ok(ScalarResult { column: flat([column]), errors })
    }

    fn begin(_: u32, _: u32, batch: Batch) -> Result<(), String> {
        ROWS.set(longs(&batch));
        SENT.set(0);
        Ok(())
    }

    fn next(_: u32, max_rows: u32) -> Result<TableChunk, String> {
        ROWS.with_borrow(|values| {
            SENT.with_borrow_mut(|sent| {
                let how = how();
                // Two rows of output per row of input; endlessly many for the unlucky one.
                let endless = how == "endless";
                let (mut rows, mut out) = (Vec::new(), Vec::new());
                while rows.len() < max_rows as usize && *sent < values.len() * 2 {
                    let row = *sent / 2;
                    if values[row] == UNLUCKY && (how != "second" || *sent % 2 == 1) {
                        if how == "second" {
                            trap();
                        }
                        unlucky();
                        if how == "complain" {
                            *sent += 2;
                            let errors = vec![RowError { row: row as u32, message: "unlucky".into() }];
                            return Ok(TableChunk {
                                columns: flat([long_column(&out)]),
                                rows,
                                errors,
                                done: *sent >= values.len() * 2,
                            });
                        }
                    }
                    rows.push(row as u32);
                    out.push(values[row] * 10 + (*sent % 2) as i64);
                    if !(endless && values[row] == UNLUCKY) {
                        *sent += 1;
                    }
                }
                let mut columns = vec![long_column(&out)];
                let mut done = *sent >= values.len() * 2;
                match how.as_str() {
                    "stuck" => {
                        rows.clear();
                        columns = vec![long_column(&[])];
                        done = false;
                    }
                    "backwards" => rows.reverse(),
                    "no-such-row" => rows.fill(99),
                    "too-many" => {
                        rows = vec![0; max_rows as usize + 1];
                        columns = vec![long_column(&vec![0; max_rows as usize + 1])];
                    }
                    "no-columns" => columns.clear(),
                    "uneven" => columns = vec![long_column(&out[1..])],
                    _ => {}
                }
                Ok(TableChunk { rows, columns: flat(columns), errors: Vec::new(), done })
            })
        })
    }
}

struct Sums {
    groups: RefCell<Vec<i64>>,
}

impl Sums {
    fn change(&self, ids: &[u32], values: &[i64], sign: i64) {
        if how() == "slow" && ids.len() > IN_TIME as usize {
            spin();
        }
        let mut groups = self.groups.borrow_mut();
        for (id, value) in ids.iter().zip(values) {
            let id = *id as usize;
            if groups.len() <= id {
                groups.resize(id + 1, 0);
            }
            if *value == UNLUCKY {
                unlucky();
            }
            groups[id] += sign * value;
            if how() == "when-large" && groups[id] > 100 {
                trap();
            }
        }
    }
}

impl GuestAccumulators for Sums {
    fn open(_: u32) -> Result<Accumulators, String> {
        Ok(Accumulators::new(Sums { groups: RefCell::new(Vec::new()) }))
    }

    fn accumulate(&self, ids: Vec<u32>, batch: Batch) -> Result<Vec<RowError>, String> {
        if how() == "leak" {
            HOARD.with_borrow_mut(|hoard| hoard.push(vec![1; 1 << 20]));
        }
        if how() == "error" {
            return Err("not today".into());
        }
        self.change(&ids, &longs(&batch), 1);
        Ok(Vec::new())
    }

    fn retract(&self, ids: Vec<u32>, batch: Batch) -> Result<Vec<RowError>, String> {
        self.change(&ids, &longs(&batch), -1);
        Ok(Vec::new())
    }

    fn merge(&self, ids: Vec<u32>, state: Batch) -> Result<Vec<RowError>, String> {
        self.change(&ids, &longs(&state), 1);
        Ok(Vec::new())
    }

    fn evaluate(&self, ids: Vec<u32>) -> Result<ScalarResult, String> {
        if how() == "evaluate-trap" {
            trap();
        }
        let state = self.state(ids)?;
        Ok(ScalarResult { column: state, errors: Vec::new() })
    }

    fn state(&self, ids: Vec<u32>) -> Result<Columns, String> {
        let groups = self.groups.borrow();
        let values: Vec<i64> = ids.iter().map(|id| groups.get(*id as usize).copied().unwrap_or_default()).collect();
        if how() == "no-state" {
            return Ok(flat([]));
        }
        Ok(flat([long_column(&values)]))
    }

    fn restore(&self, ids: Vec<u32>, state: Batch) -> Result<(), String> {
        let mut groups = self.groups.borrow_mut();
        for (id, value) in ids.iter().zip(longs(&state)) {
            let id = *id as usize;
            if groups.len() <= id {
                groups.resize(id + 1, 0);
            }
            groups[id] = value;
        }
        Ok(())
    }

    fn remove(&self, ids: Vec<u32>) {
        let mut groups = self.groups.borrow_mut();
        for id in ids {
            if let Some(group) = groups.get_mut(id as usize) {
                *group = 0;
            }
        }
    }
}
