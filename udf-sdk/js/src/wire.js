// How columns cross the boundary: flat, one list of numbers that says where everything is, and the bytes.

import { EMPTY } from "./bitmap.js";
import { CallError } from "./rows.js";

/** What each buffer begins at a multiple of, in the bytes of a batch. */
const ALIGNMENT = 16;

/** Buffers of a node, by its format; validity is the first. All others have validity and data. */
const BUFFERS = new Map([["+s", 1], ["u", 3], ["z", 3]]);

/** How many buffers the nodes of a column of this type have. */
export function shapeOf(field) {
  return field.map(({ format }) => BUFFERS.get(format) ?? 2);
}

/** The columns of these shapes; their buffers lie in the batch's bytes. */
export function unpack({ layout, data: { buffer, byteOffset, length } }, shapes) {
  // In StarlingMonkey what the boundary makes is of another realm, and `instanceof Uint8Array` is false of it.
  const data = new Uint8Array(buffer, byteOffset, length);
  let at = 0;
  let place = 0;
  let last = 0;
  const columns = [];
  // Loops, as a call of one row has nothing in it that costs as much as a closure.
  for (const shape of shapes) {
    const nodes = [];
    for (const count of shape) {
      const node = { length: layout[at++], nullCount: layout[at++], buffers: [] };
      for (let index = 0; index < count; index++) {
        const size = layout[at++];
        node.buffers.push(size === 0 ? EMPTY : data.subarray(place, place + size));
        if (size !== 0) last = place + size;
        place = Math.ceil((place + size) / ALIGNMENT) * ALIGNMENT;
      }
      nodes.push(node);
    }
    columns.push(nodes);
  }
  // What is behind the end of a layout is no number, and nor is what is added to it.
  if (at !== layout.length || !(last <= length)) throw new CallError("the columns are not as their types say (a bug of the host)");
  return columns;
}

/** The columns, flat. */
export function pack(columns) {
  const nodes = [];
  const buffers = [];
  for (const column of columns) {
    for (const node of column) {
      nodes.push([node.length, node.nullCount]);
      buffers.push(...node.buffers);
    }
  }
  return { nodes, buffers };
}
