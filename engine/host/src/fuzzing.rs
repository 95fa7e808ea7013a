//! What the fuzzers of `fuzz/` call: inputs made of bytes, and the properties that hold for all of them.

use arrow::array::{Array, UInt32Array};
use arrow::buffer::{Buffer, MutableBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Field};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::cache;
use crate::decode::decode;
use crate::metadata::PackageMetadata;
use crate::wire::description::{FieldNode, Kind, Metadata, Parameter, Signature};
use crate::wire::field::{from_nodes, to_nodes};
use crate::wire::lift::LiftedColumns;

/// Takes an input apart. Where it has ended, all is 0.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Mostly small, sometimes any.
    fn count(&mut self) -> u32 {
        match self.byte() {
            255 => u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()]),
            small => u32::from(small % 16),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = (self.byte() as usize).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes.to_vec()
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

const FORMATS: &[&str] = &[
    "b", "c", "s", "i", "l", "f", "g", "u", "z", "tdD", "ttm", "tiM", "tDm", "tss:", "tsm:UTC", "tsu:", "tsn:UTC",
    "d:5,2", "d:38,0", "+l", "+s", "+m", "+l", "+s",
];

fn node(input: &mut Input<'_>) -> FieldNode {
    let kind = input.byte();
    let (format, children) = match FORMATS.get(kind as usize % 32).copied() {
        Some(format @ ("+l" | "+m")) => (format.to_string(), 1),
        Some(format @ "+s") => (format.to_string(), input.count()),
        Some(format) => (format.to_string(), 0),
        None => (input.text(), input.count()),
    };
    let name = if kind & 64 == 0 { String::new() } else { input.text() };
    FieldNode { name, format, nullable: kind & 128 == 0, children }
}

/// Some nodes, of which as many follow each other as they have children, as a rule.
fn field(input: &mut Input<'_>) -> Vec<FieldNode> {
    let mut nodes = Vec::new();
    let mut open = 1u32;
    while open > 0 && nodes.len() < 64 && !(input.is_empty() && nodes.len() > 8) {
        let node = node(input);
        open = open.saturating_sub(1).saturating_add(node.children);
        nodes.push(node);
    }
    nodes
}

/// A column of a guest, right as a rule and then changed a little: what is taken, Arrow's own checks take, and its kernels
/// can work on.
pub fn arrow(data: &[u8]) {
    let mut input = Input(data);
    let rows = input.byte() as usize % 32;
    let Ok(field) = from_nodes(&field(&mut input)) else { return };
    let changes = input.byte() % 4;
    let mut columns = LiftedColumns::default();
    fill(&field, rows, &mut input, &mut columns);
    for _ in 0..changes {
        change(&mut input, &mut columns);
    }
    let Ok((array, faults)) = decode(columns, &field, rows) else { return };
    assert!(faults.iter().all(|fault| fault.row < rows));
    assert_eq!(array.len(), rows);
    array.to_data().validate_full().expect("what is decoded is valid");
    let options = FormatOptions::default();
    if let Ok(formatter) = ArrayFormatter::try_new(&array, &options) {
        for row in 0..rows {
            let _ = formatter.value(row).try_to_string();
        }
    }
    let backwards = UInt32Array::from_iter_values((0..rows as u32).rev());
    let taken = take(&array, &backwards, None).expect("rows can be taken");
    let both = concat(&[&array, &taken]).expect("arrays can be put together");
    assert_eq!(both.slice(0, rows).to_data(), array.to_data());
}

/// Nodes and buffers of a type, as a well-behaved guest returns them.
fn fill(field: &Field, length: usize, input: &mut Input<'_>, to: &mut LiftedColumns) {
    let buffer = |bytes: Vec<u8>| (!bytes.is_empty()).then(|| aligned(&bytes));
    let mut nulls = 0;
    let mut validity = Vec::new();
    if input.byte() % 4 == 1 {
        validity = (0..length.div_ceil(8)).map(|_| input.byte()).collect();
        nulls = (0..length).filter(|row| validity[row / 8] >> (row % 8) & 1 == 0).count();
    }
    to.nodes.push((length as u32, nulls as u32));
    to.buffers.push(buffer(validity));
    // At most a few items per row, and few in all, however deep lists nest.
    let mut offsets = |input: &mut Input<'_>| {
        let mut last = 0u32;
        let mut bytes = last.to_le_bytes().to_vec();
        for _ in 0..length {
            last = (last + u32::from(input.byte() % 4)).min(256);
            bytes.extend(last.to_le_bytes());
        }
        to.buffers.push(Some(aligned(&bytes)));
        last as usize
    };
    let width = match field.data_type() {
        DataType::Struct(fields) => return fields.iter().for_each(|child| fill(child, length, input, to)),
        DataType::List(child) | DataType::Map(child, _) => {
            let items = offsets(input);
            return fill(child, items, input, to);
        }
        DataType::Utf8 | DataType::Binary => {
            let bytes = offsets(input);
            let text = (0..bytes).map(|_| input.byte()).collect();
            return to.buffers.push(buffer(text));
        }
        DataType::Boolean => {
            let bits = (0..length.div_ceil(8)).map(|_| input.byte()).collect();
            return to.buffers.push(buffer(bits));
        }
        other => other.primitive_width().unwrap_or(8),
    };
    let values: Vec<u8> = (0..length * width).map(|_| input.byte()).collect();
    to.buffers.push(buffer(values));
}

/// As lifted buffers are.
fn aligned(bytes: &[u8]) -> Buffer {
    let words: Vec<u128> = vec![0; bytes.len().div_ceil(16)];
    let mut buffer = MutableBuffer::from(words);
    buffer.as_slice_mut()[..bytes.len()].copy_from_slice(bytes);
    Buffer::from(buffer).slice_with_length(0, bytes.len())
}

fn change(input: &mut Input<'_>, columns: &mut LiftedColumns) {
    let (what, place) = (input.byte(), input.byte() as usize);
    if columns.nodes.is_empty() || columns.buffers.is_empty() {
        return;
    }
    let (node, buffer) = (place % columns.nodes.len(), place % columns.buffers.len());
    match what % 8 {
        0 => columns.nodes[node].0 = input.count(),
        1 => columns.nodes[node].1 = input.count(),
        2 => drop(columns.nodes.remove(node)),
        3 => drop(columns.buffers.remove(buffer)),
        4 => columns.buffers[buffer] = None,
        5 => columns.buffers[buffer] = Some(aligned(&input.bytes())),
        6 => columns.buffers.insert(buffer, Some(aligned(&input.bytes()))),
        _ => {
            if let Some(found) = &columns.buffers[buffer] {
                let mut bytes = found.to_vec();
                let at = input.byte() as usize % bytes.len().max(1);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = input.byte();
                }
                columns.buffers[buffer] = Some(aligned(&bytes));
            }
        }
    }
}

/// A package's description: where it is taken, its types go round unchanged, and it can be shown.
pub fn metadata(data: &[u8]) {
    let mut input = Input(data);
    let name = input.text();
    let version = input.text();
    let mut functions = Vec::new();
    while !input.is_empty() {
        let kind = [Kind::Scalar, Kind::Table, Kind::Aggregate][input.byte() as usize % 3];
        let parameters =
            (0..input.byte() % 8).map(|_| Parameter { name: input.text(), ty: field(&mut input) }).collect();
        let flags = input.byte();
        functions.push(Signature {
            name: input.text(),
            kind,
            parameters,
            result: field(&mut input),
            deterministic: flags & 1 == 0,
            retracts: flags & 2 == 0,
            merges: flags & 4 == 0,
            doc: input.text(),
        });
    }
    let Ok(checked) = PackageMetadata::from_wire(Metadata { name, version, functions }, false) else { return };
    for signature in &checked.functions {
        assert!(!signature.to_string().chars().any(|c| c.is_control() && c != '\n'), "{signature}");
        for field in signature.parameters.iter().chain([&signature.result]) {
            let nodes = to_nodes(field).expect("what came in goes out");
            assert_eq!(&from_nodes(&nodes).expect("what went out comes in"), field);
        }
    }
}

/// A file of the cache: taken where it was written under its name, and not after any change.
pub fn cache(data: &[u8]) {
    let mut input = Input(data);
    let mut key = [0; 32];
    key.iter_mut().for_each(|byte| *byte = input.byte());
    // Nobody finds a digest by chance.
    assert!(cache::unseal(&key, input.0).is_none());
    let (place, bit) = (input.count() as usize, input.byte() % 8);
    let code = input.0;
    let mut sealed = cache::sealed(&key, code);
    assert_eq!(cache::unseal(&key, &sealed), Some(code));
    let place = place % sealed.len();
    sealed[place] ^= 1 << bit;
    assert!(cache::unseal(&key, &sealed).is_none());
    sealed[place] ^= 1 << bit;
    let mut other = key;
    other[place % 32] ^= 1 << bit;
    assert!(cache::unseal(&other, &sealed).is_none());
    sealed.truncate(place);
    assert!(cache::unseal(&key, &sealed).is_none());
}
