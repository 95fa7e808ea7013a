// STRING and BYTES.

import { decode, encode } from "../utf8.js";
import { Type, columnNode, NOTHING_UNREADABLE } from "./field.js";
import { bytesOf, numbersOf } from "./fixed.js";

/** The offsets of a node: one more than rows. */
export function offsetsOf(node) {
  return node.length > 0 ? numbersOf(node.buffers[1], Int32Array) : new Int32Array(1);
}

/** The offsets of values with a length. */
export function offsetsTo(values, lengthOf) {
  const offsets = new Int32Array(values.length + 1);
  for (let row = 0, end = 0; row < values.length; row++) offsets[row + 1] = end += lengthOf(values[row]);
  return offsets;
}

class Text extends Type {
  name = "STRING";
  format = "u";
  filler = "";

  read(node) {
    return { values: decode(node.buffers[2], offsetsOf(node)), unreadable: NOTHING_UNREADABLE };
  }

  write(values, valid, nodes) {
    const { bytes, offsets } = encode(values);
    nodes.push(columnNode(values.length, valid, bytesOf(offsets), bytes));
  }
}

class Binary extends Type {
  name = "BYTES";
  format = "z";
  filler = new Uint8Array(0);

  read(node) {
    const offsets = offsetsOf(node);
    const values = new Array(node.length);
    for (let row = 0; row < node.length; row++) values[row] = node.buffers[2].subarray(offsets[row], offsets[row + 1]);
    return { values, unreadable: NOTHING_UNREADABLE };
  }

  write(values, valid, nodes) {
    for (const value of values) if (!(value instanceof Uint8Array)) throw new TypeError(this.name);
    const offsets = offsetsTo(values, (value) => value.length);
    const bytes = new Uint8Array(offsets[values.length]);
    values.forEach((value, row) => bytes.set(value, offsets[row]));
    nodes.push(columnNode(values.length, valid, bytesOf(offsets), bytes));
  }
}

export const STRING = new Text();
export const BYTES = new Binary();
