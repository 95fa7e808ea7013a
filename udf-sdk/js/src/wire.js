// How columns cross the boundary: flat, one list of numbers that says where everything is, and the bytes. Types read and
// write that themselves. In a call of one row, nothing costs as much as what lies between: so there is little here, and
// what every call runs makes few objects and closures, and no iterators.

import { EMPTY, count, pack, unpack } from "./bitmap.js";

/** A failure of a whole call, not of one row. */
export class CallError extends Error {}

/** The rows of a column that holds nothing but what JavaScript has values for. */
export const NOTHING_UNREADABLE = new Map();

/** What each buffer begins at a multiple of, in the bytes of a batch. */
const ALIGNMENT = 16;

/** Buffers of a node, by its format; validity is the first. All others have validity and data. */
const BUFFERS = new Map([["+s", 1], ["u", 3], ["z", 3]]);

/** How many buffers the nodes of columns of these fields have, in pre-order. */
function buffersOf(fields) {
  return fields.flatMap(({ type }) => [BUFFERS.get(type.format) ?? 2, ...buffersOf(type.children)]);
}

/** Where the buffer behind one that ends here begins. */
function aligned(end) {
  const last = end + ALIGNMENT - 1;
  return last - (last % ALIGNMENT);
}

/**
 * Reads columns of some fields, one after the other: of each node its rows, its NULLs and its buffers. It is made once, as
 * each property that an object gets costs as much as a call.
 */
export class Reader {
  constructor(fields) {
    /** How many numbers the layout has. */
    this.numbers = buffersOf(fields).reduce((sum, buffers) => sum + 2 + buffers, 0);
    this.layout = null;
    this.bytes = null;
    this.start = 0;
    this.end = 0;
    /** What is read next, of the layout and of the bytes. */
    this.at = 0;
    this.place = 0;
    /** Of the column that was read last: the mask of its validity, null where nothing is NULL. */
    this.valid = null;
    /** By row, why it has no value that JavaScript can hold. */
    this.unreadable = NOTHING_UNREADABLE;
  }

  /** Begins with what the host passed. */
  open({ layout, data }) {
    if (layout.length !== this.numbers) throw new CallError("the columns are not as their types say (a bug of the host)");
    this.layout = layout;
    this.bytes = data.buffer;
    this.start = data.byteOffset;
    this.end = data.length;
    this.at = 0;
    this.place = 0;
    return this;
  }

  /** Lets go of it. */
  close() {
    this.layout = null;
    this.bytes = null;
  }

  /** The rows of the next node. */
  rows() {
    return this.layout[this.at];
  }

  /** Goes to the next node; the mask of its validity, null where nothing is NULL. */
  validity() {
    const { layout, at } = this;
    const nulls = layout[at + 1];
    if (nulls === 0 && layout[at + 2] === 0) {
      this.at = at + 3;
      return null;
    }
    this.at = at + 2;
    const bitmap = this.buffer(Uint8Array);
    return nulls > 0 ? unpack(bitmap, layout[at]) : null;
  }

  /** Says why a row of the column that is being read has no value. */
  refuse(row, reason) {
    if (this.unreadable === NOTHING_UNREADABLE) this.unreadable = new Map();
    this.unreadable.set(row, reason);
  }

  /** The next buffer as numbers, where it lies if it is aligned to them. */
  buffer(Numbers) {
    const size = this.layout[this.at++];
    if (size === 0) return Numbers === Uint8Array ? EMPTY : new Numbers(0);
    const { place } = this;
    if (!(place + size <= this.end)) throw new CallError("the columns reach beyond their bytes (a bug of the host)");
    this.place = aligned(place + size);
    // In StarlingMonkey what the boundary makes is of another realm: only what is made here is an `instanceof Numbers`.
    const width = Numbers.BYTES_PER_ELEMENT;
    const start = this.start + place;
    if (start % width === 0) return new Numbers(this.bytes, start, size / width);
    return new Numbers(this.bytes.slice(start, start + size));
  }
}

/** Columns that a function returns, as they cross: rows and NULLs of each node, and all buffers. */
export class Columns {
  constructor() {
    this.nodes = [];
    this.buffers = [];
  }

  /** Appends a node, with its validity: a mask, or null where nothing is NULL. What other buffers it has, follow. */
  node(rows, valid) {
    this.nodes.push([rows, valid === null ? 0 : rows - count(valid)]);
    this.buffers.push(valid === null ? EMPTY : pack(valid));
  }

  /** Appends a buffer: the bytes of a typed array, where they lie. */
  buffer(array) {
    this.buffers.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
}

/** Columns of these fields that a function returned, as the host passes them. */
export function passed({ nodes, buffers }, fields) {
  const layout = [];
  let next = 0;
  buffersOf(fields).forEach((count, index) => {
    layout.push(...nodes[index]);
    for (const end = next + count; next < end; next++) layout.push(buffers[next].length);
  });
  const data = new Uint8Array(buffers.reduce((end, buffer) => aligned(end + buffer.length), 0));
  let place = 0;
  for (const buffer of buffers) {
    data.set(buffer, place);
    place = aligned(place + buffer.length);
  }
  return { layout, data };
}
