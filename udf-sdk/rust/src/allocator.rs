//! The allocator of packages: segregated free lists.
//!
//! A package allocates and frees the same few sizes with every call: the columns that come in, the columns that go out,
//! and what holds them. So each size class keeps a list of free blocks, last in first out, and nothing is ever merged:
//! an allocation is a few instructions, where the standard library's allocator takes a dozen times as many (and eight
//! kilobytes of code). Blocks are aligned to 16 bytes, as columns of every type want. Memory never shrinks, as it never
//! does in WebAssembly; the host replaces an instance that has grown too large.
//!
//! Classes lie four to a doubling, so that at most a fifth of a block is unused: the scheme of "segregated fits" in
//! Wilson et al., "Dynamic Storage Allocation: A Survey and Critical Review" (1995).

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::null_mut;

const ALIGNMENT: usize = 16;
/// Classes up to 2 GiB, the largest that a `Layout` can ask for.
const CLASSES: usize = 108;
/// Memory is asked for in pieces of at least so many bytes.
const PIECE: usize = 256 << 10;
const PAGE: usize = 64 << 10;

/// The allocator; one per instance, which has one thread.
pub struct Allocator(UnsafeCell<Lists>);

struct Lists {
    /// The first free block of each class, which holds the address of the next.
    free: [*mut u8; CLASSES],
    /// Memory that was never allocated.
    rest: usize,
    end: usize,
}

// SAFETY: a component has one thread, and no allocation happens within another.
unsafe impl Sync for Allocator {}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(UnsafeCell::new(Lists { free: [null_mut(); CLASSES], rest: 0, end: 0 }));

/// The class of blocks that hold `size` bytes, and their size. The classes are 16, 32, 48, 64, then four to a doubling.
#[inline]
fn class(size: usize) -> (usize, usize) {
    if size <= 64 {
        let class = size.saturating_sub(1) / ALIGNMENT;
        return (class, (class + 1) * ALIGNMENT);
    }
    // 65 to 128 come in steps of 16, 129 to 256 of 32, and so on.
    let doubling = (usize::BITS - 7) - (size - 1).leading_zeros();
    let step = ALIGNMENT << doubling;
    let steps = (size - 1) / step;
    (4 * doubling as usize + steps, (steps + 1) * step)
}

impl Lists {
    /// # Safety
    /// `size` is at most `isize::MAX`.
    #[inline]
    unsafe fn allocate(&mut self, size: usize) -> *mut u8 {
        let (class, size) = class(size);
        let block = self.free[class];
        if block.is_null() {
            return self.carve(size);
        }
        // SAFETY: a block in the list is of this class, nobody's, and begins with the address of the next.
        self.free[class] = unsafe { block.cast::<*mut u8>().read() };
        block
    }

    /// A block of memory that was never used.
    #[cold]
    fn carve(&mut self, size: usize) -> *mut u8 {
        if self.end - self.rest < size {
            let pages = size.max(PIECE).div_ceil(PAGE);
            let grown = core::arch::wasm32::memory_grow(0, pages);
            if grown == usize::MAX {
                return null_mut();
            }
            let start = grown * PAGE;
            // What is left of the last piece goes on in this one, unless somebody else has grown the memory between.
            if start != self.end {
                self.rest = start;
            }
            // The last byte of a full memory has no address behind it: that page is left alone.
            self.end = start.saturating_add(pages * PAGE) & !(PAGE - 1);
        }
        match self.end - self.rest >= size {
            true => {
                let block = self.rest;
                self.rest += size;
                block as *mut u8
            }
            false => null_mut(),
        }
    }

    /// # Safety
    /// The block was allocated with this size, and is nobody's any more.
    #[inline]
    unsafe fn free(&mut self, block: *mut u8, size: usize) {
        let (class, _) = class(size);
        // SAFETY: a block holds at least 16 bytes.
        unsafe { block.cast::<*mut u8>().write(self.free[class]) };
        self.free[class] = block;
    }
}

// SAFETY: blocks do not overlap, since each is carved once and is in a list only while it is nobody's; they are as large
// as their class, and aligned to 16 bytes, or by `allocate_aligned`.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: there is one thread, and no call below comes back here.
        let lists = unsafe { &mut *self.0.get() };
        if layout.align() > ALIGNMENT {
            return allocate_aligned(lists, layout);
        }
        // SAFETY: a layout's size is at most `isize::MAX`.
        unsafe { lists.allocate(layout.size()) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: there is one thread, and no call below comes back here.
        let lists = unsafe { &mut *self.0.get() };
        if layout.align() > ALIGNMENT {
            // SAFETY: `allocate_aligned` has left the address of the whole block before it.
            let whole = unsafe { block.cast::<*mut u8>().sub(1).read() };
            // SAFETY: that is how it was allocated.
            return unsafe { lists.free(whole, layout.size() + layout.align()) };
        }
        // SAFETY: that is how it was allocated.
        unsafe { lists.free(block, layout.size()) };
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if layout.align() <= ALIGNMENT && class(layout.size()) == class(new_size) {
            return block;
        }
        // SAFETY: the caller promises that the new size is a layout's.
        let grown = unsafe { self.alloc(Layout::from_size_align_unchecked(new_size, layout.align())) };
        if !grown.is_null() {
            // SAFETY: both blocks hold so many bytes, and are not the same.
            unsafe { std::ptr::copy_nonoverlapping(block, grown, layout.size().min(new_size)) };
            // SAFETY: the caller gives it up.
            unsafe { self.dealloc(block, layout) };
        }
        grown
    }
}

/// A block at an address that few ask for, within one that is larger by as much; the word before it says where that
/// begins.
///
#[cold]
fn allocate_aligned(lists: &mut Lists, layout: Layout) -> *mut u8 {
    let size = layout.size() + layout.align();
    if size > isize::MAX as usize {
        return null_mut();
    }
    // SAFETY: just looked at.
    let whole = unsafe { lists.allocate(size) };
    if whole.is_null() {
        return whole;
    }
    let start = (whole as usize + ALIGNMENT).next_multiple_of(layout.align()) as *mut u8;
    // SAFETY: `start` is 16 bytes at least and `align` bytes at most behind the beginning of the whole block: both are
    // multiples of 16, and `align` is more than 16.
    unsafe { start.cast::<*mut u8>().sub(1).write(whole) };
    start
}
