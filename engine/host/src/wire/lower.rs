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

use super::description::WireBatch;

/// Alignment of a list's pointer and length, and of the numbers of a layout.
pub(super) const WORD: u32 = 4;
/// Each buffer begins at a multiple of this, in bytes.
const BUFFER_ALIGNMENT: usize = 16;

// Arrow's buffers are in the byte order of the machine, a component's memory is little-endian.
const _: () = assert!(cfg!(target_endian = "little"));
const _: () = assert!(WireBatch::SIZE32 == 16 && WireBatch::ALIGN32 == WORD);

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

/// The columns of a call, ready to be copied into the guest: `batch`.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    layout: Vec<u32>,
    /// The buffers that are not empty.
    buffers: Vec<Bytes<'a>>,
    /// Bytes of all buffers and of what lies between them.
    size: usize,
}

/// The vectors of a [`Columns`], kept from call to call.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    layout: Vec<u32>,
    buffers: Vec<Bytes<'static>>,
}

/// Nested columns taken apart: each list's items and each struct's fields follow it, cut to what the slice uses.
#[derive(Debug)]
pub(crate) struct Flattened {
    arrays: Vec<ArrayRef>,
}

/// Takes nested columns apart; `None` where there are none.
pub(crate) fn flatten(columns: &[ArrayRef]) -> Option<Flattened> {
    if !columns.iter().any(|column| column.data_type().is_nested()) {
        return None;
    }
    let mut flattened = Flattened { arrays: Vec::new() };
    for column in columns {
        flatten_into(column, &mut flattened.arrays);
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
        }
        Ok(encoded)
    }

    /// Columns some of which are nested.
    pub(crate) fn of_flattened(flattened: &'a Flattened, scratch: Scratch) -> Result<Self, String> {
        Self::of_flat(&flattened.arrays, scratch)
    }

    fn empty(scratch: Scratch) -> Self {
        // Collecting an empty vector in place changes the lifetime of its elements and keeps its allocation.
        let buffers = scratch.buffers.into_iter().map(|_| unreachable!("scratch is empty")).collect();
        Columns { layout: scratch.layout, buffers, size: 0 }
    }

    /// Gives the vectors back for the next call.
    pub(crate) fn into_scratch(mut self) -> Scratch {
        self.layout.clear();
        self.buffers.clear();
        let buffers = self.buffers.into_iter().map(|_| unreachable!("cleared above")).collect();
        Scratch { layout: self.layout, buffers }
    }

    /// The columns as a derived type, for constants.
    pub(crate) fn to_batch(&self) -> WireBatch {
        let mut data = vec![0; self.size];
        self.copy_to(&mut data);
        WireBatch { layout: self.layout.clone(), data }
    }

    /// Appends the node of one array, without its children.
    fn push_node(&mut self, array: &'a ArrayRef) -> Result<(), String> {
        let length = u32::try_from(array.len())
            .map_err(|_| format!("a column of {} rows is longer than a call can be", array.len()))?;
        let (null_count, validity) = validity(array.nulls());
        self.layout.extend([length, null_count]);
        self.push(validity)?;
        macro_rules! primitive {
            ($type:ty) => {
                self.push(Bytes::Borrowed(array.as_primitive::<$type>().values().inner().as_slice()))
            };
        }
        match array.data_type() {
            DataType::Boolean => self.push(bits(array.as_boolean().values())),
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
                self.push_offsets(strings.offsets())?;
                self.push_data(strings.offsets(), strings.values())
            }
            DataType::Binary => {
                let binary = array.as_binary::<i32>();
                self.push_offsets(binary.offsets())?;
                self.push_data(binary.offsets(), binary.values())
            }
            DataType::List(_) => self.push_offsets(array.as_list::<i32>().offsets()),
            DataType::Map(_, _) => self.push_offsets(array.as_map().offsets()),
            DataType::Struct(_) => Ok(()),
            other => Err(format!("type {other} cannot be sent to a function")),
        }
    }

    fn push_offsets(&mut self, offsets: &'a OffsetBuffer<i32>) -> Result<(), String> {
        let first = offsets.first().copied().unwrap_or(0);
        self.push(if first == 0 {
            Bytes::Borrowed(offsets.inner().inner().as_slice())
        } else {
            let rebased: Vec<i32> = offsets.iter().map(|offset| offset - first).collect();
            Bytes::Owned(Buffer::from_vec(rebased))
        })
    }

    fn push_data(&mut self, offsets: &OffsetBuffer<i32>, values: &'a Buffer) -> Result<(), String> {
        let (first, length) = extent(offsets);
        self.push(Bytes::Borrowed(&values.as_slice()[first..first + length]))
    }

    /// Appends a buffer of the node at hand.
    fn push(&mut self, bytes: Bytes<'a>) -> Result<(), String> {
        let length = bytes.as_slice().len();
        self.layout.push(length as u32);
        if length > 0 {
            self.size = self.size.next_multiple_of(BUFFER_ALIGNMENT) + length;
            // No guest has more memory than that, nor is a length cut off above.
            if self.size > i32::MAX as usize {
                return Err("the columns of a call hold more than 2 GiB".to_owned());
            }
            self.buffers.push(bytes);
        }
        Ok(())
    }

    /// Copies the buffers into a block of `size` bytes.
    fn copy_to(&self, block: &mut [u8]) {
        let mut end = 0usize;
        for bytes in &self.buffers {
            let bytes = bytes.as_slice();
            let start = end.next_multiple_of(BUFFER_ALIGNMENT);
            block[end..start].fill(0);
            end = start + bytes.len();
            block[start..end].copy_from_slice(bytes);
        }
    }

    /// Copies the columns into the guest: first the two lists are allocated, since each allocation is a call into it
    /// and may move its memory, then both are written.
    fn lower<T>(&self, cx: &mut LowerContext<'_, T>) -> wasmtime::Result<[usize; 4]> {
        let words = as_bytes(&self.layout);
        // An empty list owns nothing: its pointer is not looked at, and no call is made for it.
        let mut allocate = |size: usize, alignment: u32| match size {
            0 => Ok(BUFFER_ALIGNMENT),
            size => cx.realloc(0, 0, alignment, size),
        };
        let layout = allocate(words.len(), WORD)?;
        let data = allocate(self.size, 1)?;
        // `realloc` has checked that the memory holds both.
        let memory = cx.as_slice_mut();
        memory[layout..layout + words.len()].copy_from_slice(words);
        self.copy_to(&mut memory[data..data + self.size]);
        Ok([layout, self.layout.len(), data, self.size])
    }
}

/// Numbers as they lie in memory: little-endian, on all that Anabranch is built for.
fn as_bytes(words: &[u32]) -> &[u8] {
    // SAFETY: a `u32` is four initialised bytes, which need no alignment.
    unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), size_of_val(words)) }
}

/// Writes pointers and lengths of lists. All fit 32 bits: pointers come from `realloc`, which checks, and so do the
/// lengths of what it has made room for.
fn write_words<const N: usize>(memory: &mut [u8], offset: usize, words: [usize; N]) {
    memory[offset..offset + 4 * N].copy_from_slice(as_bytes(&words.map(|word| word as u32)));
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

// SAFETY: `typecheck` accepts exactly `batch`, whose canonical form is two lists, each a pointer and a length, which is
// what `Lower` and `ABI` say.
unsafe impl ComponentType for Columns<'_> {
    type Lower = [ValRaw; 4];

    const ABI: CanonicalAbiInfo =
        CanonicalAbiInfo::record_static(&[CanonicalAbiInfo::POINTER_PAIR, CanonicalAbiInfo::POINTER_PAIR]);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <WireBatch as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: both methods initialise all of their destination where they return `Ok`; the layout written by `lower` is
// that of two lists in the canonical ABI, asserted above against the derived type.
unsafe impl Lower for Columns<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        dst.write(self.lower(cx)?.map(|word| ValRaw::i64(word as i64)));
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _: InterfaceType,
        offset: usize,
    ) -> wasmtime::Result<()> {
        let words = self.lower(cx)?;
        write_words(cx.as_slice_mut(), offset, words);
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
        let bytes = as_bytes(self.0);
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
        write_words(cx.as_slice_mut(), offset, [pointer, self.0.len()]);
        Ok(())
    }
}
