//! Columns out of a guest's memory: one copy per buffer into aligned Arrow buffers. What they hold is not looked at
//! here (see `decode`), only that it lies in the guest's memory and within the limit of output bytes.

use std::fmt;

use arrow::buffer::Buffer;
use smallvec::SmallVec;
use wasmtime::ValRaw;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext};
use wasmtime::component::{ComponentType, Lift};

use super::description::WireColumns;
use super::lower::WORD;

/// A list: pointer and length. A node: its rows, and how many are NULL.
const PAIR: usize = 8;
/// What a buffer of a few bytes costs the host beside them, and a place for one, charged to what a call may return.
const BUFFER_COST: usize = 64;
const PLACE_COST: usize = size_of::<Option<Buffer>>() - PAIR;

/// The nodes and buffers of a plain column lie beside each other, without allocations: most functions return one.
pub(crate) type Nodes = SmallVec<[(u32, u32); 1]>;
pub(crate) type Buffers = SmallVec<[Option<Buffer>; 3]>;

/// Returned columns: their nodes in pre-order, and the buffers of all nodes, `None` where one is empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiftedColumns {
    /// Rows of each node, and how many of them are NULL.
    pub nodes: Nodes,
    pub buffers: Buffers,
}

/// A call returned more bytes than it may.
#[derive(Debug)]
pub(crate) struct TooMuchOutput;

impl fmt::Display for TooMuchOutput {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("more output than a call may give")
    }
}

impl std::error::Error for TooMuchOutput {}

// SAFETY: `typecheck` accepts exactly `columns`, whose canonical form is two lists, each a pointer and a length, which
// is what `Lower` and `ABI` say.
unsafe impl ComponentType for LiftedColumns {
    type Lower = [ValRaw; 4];

    const ABI: CanonicalAbiInfo =
        CanonicalAbiInfo::record_static(&[CanonicalAbiInfo::POINTER_PAIR, CanonicalAbiInfo::POINTER_PAIR]);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <WireColumns as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: lifting reads only within the guest's memory (`list_bytes` checks) and builds owned values.
unsafe impl Lift for LiftedColumns {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, _: InterfaceType, src: &Self::Lower) -> wasmtime::Result<Self> {
        lift_columns(cx, std::array::from_fn(|index| src[index].get_u32()))
    }

    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, _: InterfaceType, bytes: &[u8]) -> wasmtime::Result<Self> {
        lift_columns(cx, std::array::from_fn(|index| word(bytes, index * 4)))
    }
}

fn lift_columns(cx: &mut LiftContext<'_>, words: [u32; 4]) -> wasmtime::Result<LiftedColumns> {
    let [nodes, node_count, buffers, buffer_count] = words;
    let nodes = list_bytes(cx, nodes, node_count, PAIR, WORD)?;
    let nodes = nodes.chunks_exact(PAIR).map(|node| (word(node, 0), word(node, 4))).collect();
    charge(cx, buffer_count as usize * PLACE_COST)?;
    let lists = list_bytes(cx, buffers, buffer_count, PAIR, WORD)?;
    let mut buffers = Buffers::with_capacity(lists.len() / PAIR);
    for list in lists.chunks_exact(PAIR) {
        let bytes = list_bytes(cx, word(list, 0), word(list, 4), 1, 1)?;
        buffers.push(if bytes.is_empty() {
            None
        } else {
            charge(cx, BUFFER_COST)?;
            Some(aligned_copy(bytes))
        });
    }
    Ok(LiftedColumns { nodes, buffers })
}

fn charge(cx: &mut LiftContext<'_>, bytes: usize) -> wasmtime::Result<()> {
    cx.consume_fuel(bytes).map_err(|_| wasmtime::Error::from(TooMuchOutput))
}

/// The bytes of a list in the guest's memory, charged to what the call may return.
fn list_bytes<'a>(
    cx: &mut LiftContext<'a>,
    pointer: u32,
    length: u32,
    size: usize,
    alignment: u32,
) -> wasmtime::Result<&'a [u8]> {
    let bytes = length as usize * size;
    if !pointer.is_multiple_of(alignment) {
        wasmtime::bail!("a list of the result is not aligned");
    }
    let memory: &'a [u8] = cx.memory();
    let slice = memory
        .get(pointer as usize..)
        .and_then(|memory| memory.get(..bytes))
        .ok_or_else(|| wasmtime::format_err!("a list of the result lies outside of the function's memory"))?;
    charge(cx, bytes)?;
    Ok(slice)
}

fn word(bytes: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]])
}

/// A copy that is aligned for every Arrow type. 16 bytes are what the system's allocator gives without a detour.
fn aligned_copy(bytes: &[u8]) -> Buffer {
    let words = bytes.len().div_ceil(size_of::<u128>());
    let mut copy: Vec<u128> = Vec::with_capacity(words);
    if let Some(last) = copy.spare_capacity_mut()[..words].last_mut() {
        last.write(0);
    }
    // SAFETY: `copy` has room for `words` elements, which hold at least `bytes.len()` bytes; source and target do not
    // overlap, the target being new. Every byte of the `words` elements is initialised: all before the last element by
    // this copy, the last one above. Any bytes are a `u128`.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), copy.as_mut_ptr().cast::<u8>(), bytes.len());
        copy.set_len(words);
    }
    Buffer::from_vec(copy).slice_with_length(0, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_aligned_and_equal() {
        for length in [0, 1, 15, 16, 17, 1000] {
            let bytes: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let copy = aligned_copy(&bytes);
            assert_eq!(copy.as_slice(), bytes);
            assert_eq!(copy.as_ptr() as usize % 16, 0);
        }
    }
}
