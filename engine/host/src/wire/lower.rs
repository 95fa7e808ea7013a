//! Arrow columns into a guest's memory: one copy per buffer.

use std::mem::MaybeUninit;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};
use arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time32MillisecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use wasmtime::ValRaw;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LowerContext};
use wasmtime::component::{ComponentType, Lower};

use super::description::ConstantNode;

/// `list<column-node>` elements: `length`, `null-count`, and the pointer and length of `buffers`.
pub(super) const NODE_SIZE: usize = 16;
/// A list: pointer and length.
pub(super) const LIST_SIZE: usize = 8;
/// Alignment of both.
pub(super) const WORD: u32 = 4;

// Arrow's buffers are in the byte order of the machine, a component's memory is little-endian.
const _: () = assert!(cfg!(target_endian = "little"));
const _: () = assert!(ConstantNode::SIZE32 == NODE_SIZE && ConstantNode::ALIGN32 == WORD);

/// No node has more buffers than this: validity, offsets, data.
pub(super) const MAX_BUFFERS: usize = 3;

/// The bytes of one buffer: a view of the array's, or a copy where the array is a slice that starts within a byte or
/// has offsets that do not start at 0.
#[derive(Debug)]
enum Bytes<'a> {
    Borrowed(&'a [u8]),
    Owned(Buffer),
}

impl Bytes<'_> {
    fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Borrowed(bytes) => bytes,
            Bytes::Owned(buffer) => buffer.as_slice(),
        }
    }
}

#[derive(Debug)]
struct Node<'a> {
    length: u32,
    null_count: u32,
    buffer_count: usize,
    buffers: [Bytes<'a>; MAX_BUFFERS],
}

/// The columns of a call, ready to be copied into the guest: `list<column>`.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    /// Nodes of all columns in pre-order.
    nodes: Vec<Node<'a>>,
    /// End of each column within `nodes`.
    ends: Vec<usize>,
}

/// The vectors of a [`Columns`], kept from call to call.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    nodes: Vec<Node<'static>>,
    ends: Vec<usize>,
}

/// Nested columns taken apart: each list's items and each struct's fields follow it, cut to what the slice uses.
#[derive(Debug)]
pub(crate) struct Flattened {
    arrays: Vec<ArrayRef>,
    ends: Vec<usize>,
}

/// Takes nested columns apart; `None` where there are none.
pub(crate) fn flatten(columns: &[ArrayRef]) -> Option<Flattened> {
    if !columns.iter().any(|column| column.data_type().is_nested()) {
        return None;
    }
    let mut flattened = Flattened { arrays: Vec::new(), ends: Vec::new() };
    for column in columns {
        flatten_into(column, &mut flattened.arrays);
        flattened.ends.push(flattened.arrays.len());
    }
    Some(flattened)
}

fn flatten_into(array: &ArrayRef, arrays: &mut Vec<ArrayRef>) {
    arrays.push(array.clone());
    match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let (first, length) = extent(list.offsets());
            flatten_into(&list.values().slice(first, length), arrays);
        }
        DataType::Map(_, _) => {
            let map = array.as_map();
            let (first, length) = extent(map.offsets());
            let entries: ArrayRef = std::sync::Arc::new(map.entries().slice(first, length));
            flatten_into(&entries, arrays);
        }
        DataType::Struct(_) => {
            for column in array.as_struct().columns() {
                flatten_into(column, arrays);
            }
        }
        _ => {}
    }
}

/// First item and number of items that the offsets reach.
fn extent(offsets: &OffsetBuffer<i32>) -> (usize, usize) {
    let first = offsets.first().copied().unwrap_or(0) as usize;
    let last = offsets.last().copied().unwrap_or(0) as usize;
    (first, last - first)
}

impl<'a> Columns<'a> {
    /// Columns none of which is nested.
    pub(crate) fn of_flat(columns: &'a [ArrayRef], scratch: Scratch) -> Result<Self, String> {
        let mut encoded = Columns::empty(scratch);
        for column in columns {
            encoded.push_node(column)?;
            encoded.ends.push(encoded.nodes.len());
        }
        Ok(encoded)
    }

    /// Columns some of which are nested.
    pub(crate) fn of_flattened(flattened: &'a Flattened, scratch: Scratch) -> Result<Self, String> {
        let mut encoded = Columns::empty(scratch);
        for array in &flattened.arrays {
            encoded.push_node(array)?;
        }
        encoded.ends.extend_from_slice(&flattened.ends);
        Ok(encoded)
    }

    fn empty(scratch: Scratch) -> Self {
        // Collecting an empty vector in place changes the lifetime of its elements and keeps its allocation.
        let nodes = scratch.nodes.into_iter().map(|_| unreachable!("scratch is empty")).collect();
        Columns { nodes, ends: scratch.ends }
    }

    /// Gives the vectors back for the next call.
    pub(crate) fn into_scratch(mut self) -> Scratch {
        self.nodes.clear();
        self.ends.clear();
        let nodes = self.nodes.into_iter().map(|_| unreachable!("cleared above")).collect();
        Scratch { nodes, ends: self.ends }
    }

    /// The columns as derived types, for constants.
    pub(crate) fn to_constants(&self) -> Vec<Vec<ConstantNode>> {
        let mut start = 0;
        let mut columns = Vec::with_capacity(self.ends.len());
        for &end in &self.ends {
            let nodes = &self.nodes[start..end];
            columns.push(
                nodes
                    .iter()
                    .map(|node| ConstantNode {
                        length: node.length,
                        null_count: node.null_count,
                        buffers: node.buffers[..node.buffer_count]
                            .iter()
                            .map(|bytes| bytes.as_slice().to_vec())
                            .collect(),
                    })
                    .collect(),
            );
            start = end;
        }
        columns
    }

    /// Appends the node of one array, without its children.
    fn push_node(&mut self, array: &'a ArrayRef) -> Result<(), String> {
        let length = u32::try_from(array.len())
            .map_err(|_| format!("a column of {} rows is longer than a call can be", array.len()))?;
        let (null_count, validity) = validity(array.nulls());
        let none = || Bytes::Borrowed(&[]);
        let mut node = Node { length, null_count, buffer_count: 2, buffers: [validity, none(), none()] };
        macro_rules! primitive {
            ($type:ty) => {
                node.buffers[1] = Bytes::Borrowed(array.as_primitive::<$type>().values().inner().as_slice())
            };
        }
        match array.data_type() {
            DataType::Boolean => {
                let values = array.as_boolean().values();
                node.buffers[1] = bits(values);
            }
            DataType::Int8 => primitive!(Int8Type),
            DataType::Int16 => primitive!(Int16Type),
            DataType::Int32 => primitive!(Int32Type),
            DataType::Int64 => primitive!(Int64Type),
            DataType::Float32 => primitive!(Float32Type),
            DataType::Float64 => primitive!(Float64Type),
            DataType::Decimal128(_, _) => primitive!(Decimal128Type),
            DataType::Date32 => primitive!(Date32Type),
            DataType::Time32(TimeUnit::Millisecond) => primitive!(Time32MillisecondType),
            DataType::Timestamp(TimeUnit::Second, _) => primitive!(TimestampSecondType),
            DataType::Timestamp(TimeUnit::Millisecond, _) => primitive!(TimestampMillisecondType),
            DataType::Timestamp(TimeUnit::Microsecond, _) => primitive!(TimestampMicrosecondType),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => primitive!(TimestampNanosecondType),
            DataType::Interval(IntervalUnit::YearMonth) => primitive!(IntervalYearMonthType),
            DataType::Duration(TimeUnit::Millisecond) => primitive!(DurationMillisecondType),
            DataType::Utf8 => {
                let strings = array.as_string::<i32>();
                node.set_offsets(strings.offsets());
                node.set_data(strings.offsets(), strings.values());
            }
            DataType::Binary => {
                let binary = array.as_binary::<i32>();
                node.set_offsets(binary.offsets());
                node.set_data(binary.offsets(), binary.values());
            }
            DataType::List(_) => node.set_offsets(array.as_list::<i32>().offsets()),
            DataType::Map(_, _) => node.set_offsets(array.as_map().offsets()),
            DataType::Struct(_) => node.buffer_count = 1,
            other => return Err(format!("type {other} cannot be sent to a function")),
        }
        self.nodes.push(node);
        Ok(())
    }

    /// Copies the columns into the guest: first all that it must allocate, since each allocation is a call into it and
    /// may move its memory, then all that is written.
    fn lower<T>(&self, cx: &mut LowerContext<'_, T>) -> wasmtime::Result<(usize, usize)> {
        let columns = cx.realloc(0, 0, WORD, self.ends.len() * LIST_SIZE)?;
        let mut blocks = Vec::with_capacity(self.ends.len() + self.nodes.len() * (1 + MAX_BUFFERS));
        let mut start = 0;
        for &end in &self.ends {
            blocks.push(cx.realloc(0, 0, WORD, (end - start) * NODE_SIZE)?);
            for node in &self.nodes[start..end] {
                blocks.push(cx.realloc(0, 0, WORD, node.buffer_count * LIST_SIZE)?);
                for bytes in &node.buffers[..node.buffer_count] {
                    // An empty list owns nothing: its pointer is not looked at, and no call is made for it.
                    blocks.push(match bytes.as_slice().len() {
                        0 => WORD as usize,
                        length => cx.realloc(0, 0, 1, length)?,
                    });
                }
            }
            start = end;
        }
        // `realloc` has checked that the memory holds every block.
        let memory = cx.as_slice_mut();
        let mut blocks = blocks.into_iter();
        let mut next = || blocks.next().unwrap_or_default();
        let mut start = 0;
        for (index, &end) in self.ends.iter().enumerate() {
            let nodes = next();
            write_pair(memory, columns + index * LIST_SIZE, nodes, end - start);
            for (index, node) in self.nodes[start..end].iter().enumerate() {
                let list = next();
                for (index, bytes) in node.buffers[..node.buffer_count].iter().enumerate() {
                    let (bytes, data) = (bytes.as_slice(), next());
                    memory[data..data + bytes.len()].copy_from_slice(bytes);
                    write_pair(memory, list + index * LIST_SIZE, data, bytes.len());
                }
                let record = nodes + index * NODE_SIZE;
                write_pair(memory, record, node.length as usize, node.null_count as usize);
                write_pair(memory, record + 8, list, node.buffer_count);
            }
            start = end;
        }
        Ok((columns, self.ends.len()))
    }
}

impl<'a> Node<'a> {
    fn set_offsets(&mut self, offsets: &'a OffsetBuffer<i32>) {
        let first = offsets.first().copied().unwrap_or(0);
        self.buffers[1] = if first == 0 {
            Bytes::Borrowed(offsets.inner().inner().as_slice())
        } else {
            let rebased: Vec<i32> = offsets.iter().map(|offset| offset - first).collect();
            Bytes::Owned(Buffer::from_vec(rebased))
        };
    }

    fn set_data(&mut self, offsets: &OffsetBuffer<i32>, values: &'a Buffer) {
        let (first, length) = extent(offsets);
        self.buffer_count = 3;
        self.buffers[2] = Bytes::Borrowed(&values.as_slice()[first..first + length]);
    }
}

/// Writes a pair of words: a list's pointer and length, or the two numbers that a node begins with. All fit 32 bits:
/// pointers come from `realloc`, which checks, and so do the lengths of what it has made room for.
fn write_pair(memory: &mut [u8], offset: usize, first: usize, second: usize) {
    let pair = &mut memory[offset..offset + LIST_SIZE];
    pair[0..4].copy_from_slice(&(first as u32).to_le_bytes());
    pair[4..8].copy_from_slice(&(second as u32).to_le_bytes());
}

fn validity(nulls: Option<&NullBuffer>) -> (u32, Bytes<'_>) {
    match nulls {
        Some(nulls) if nulls.null_count() > 0 => (nulls.null_count() as u32, bits(nulls.inner())),
        _ => (0, Bytes::Borrowed(&[])),
    }
}

fn bits(values: &arrow::buffer::BooleanBuffer) -> Bytes<'_> {
    if values.offset().is_multiple_of(8) {
        let first = values.offset() / 8;
        let length = values.len().div_ceil(8);
        Bytes::Borrowed(&values.values()[first..first + length])
    } else {
        Bytes::Owned(values.sliced())
    }
}

// SAFETY: `typecheck` accepts exactly `list<list<column-node>>`, whose canonical form is a pointer and a length, which
// is what `Lower` and `ABI` say.
unsafe impl ComponentType for Columns<'_> {
    type Lower = [ValRaw; 2];

    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::POINTER_PAIR;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <[Vec<ConstantNode>] as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: both methods initialise all of their destination where they return `Ok`; the layout written by `lower` is
// that of `list<list<column-node>>` in the canonical ABI, asserted above against the derived type.
unsafe impl Lower for Columns<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        let (pointer, length) = self.lower(cx)?;
        dst.write([ValRaw::i64(pointer as i64), ValRaw::i64(length as i64)]);
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _: InterfaceType,
        offset: usize,
    ) -> wasmtime::Result<()> {
        let (pointer, length) = self.lower(cx)?;
        write_pair(cx.as_slice_mut(), offset, pointer, length);
        Ok(())
    }
}

/// Group ids: `list<u32>`, one copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GroupIds<'a>(pub &'a [u32]);

// SAFETY: as `[u32]`, to which it forwards.
unsafe impl ComponentType for GroupIds<'_> {
    type Lower = <[u32] as ComponentType>::Lower;

    const ABI: CanonicalAbiInfo = <[u32] as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <[u32] as ComponentType>::typecheck(ty, types)
    }
}

impl GroupIds<'_> {
    fn lower<T>(&self, cx: &mut LowerContext<'_, T>) -> wasmtime::Result<usize> {
        let pointer = cx.realloc(0, 0, WORD, size_of_val(self.0))?;
        // SAFETY: any `u32` is four bytes, which are little-endian on all that Anabranch is built for.
        let bytes = unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast::<u8>(), size_of_val(self.0)) };
        cx.as_slice_mut()[pointer..pointer + bytes.len()].copy_from_slice(bytes);
        Ok(pointer)
    }
}

// SAFETY: both methods initialise all of their destination where they return `Ok`, as `[u32]` would.
unsafe impl Lower for GroupIds<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        let pointer = self.lower(cx)?;
        dst.write([ValRaw::i64(pointer as i64), ValRaw::i64(self.0.len() as i64)]);
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _: InterfaceType,
        offset: usize,
    ) -> wasmtime::Result<()> {
        let pointer = self.lower(cx)?;
        write_pair(cx.as_slice_mut(), offset, pointer, self.0.len());
        Ok(())
    }
}
