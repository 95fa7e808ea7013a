// STRING and BYTES.

import { decode, encode } from "../utf8.js";
import { Type } from "./field.js";

/** The offsets of so many rows: one more, of none, where there need be no buffer, too. */
export function readOffsets(reader, rows) {
  const offsets = reader.buffer(Int32Array);
  return rows > 0 ? offsets : new Int32Array(1);
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

  read(reader, rows, valid) {
    const offsets = readOffsets(reader, rows);
    return decode(reader.buffer(Uint8Array), offsets);
  }

  write(values, valid, columns) {
    const { bytes, offsets } = encode(values);
    columns.node(values.length, valid);
    columns.buffer(offsets);
    columns.buffers.push(bytes);
  }
}

class Binary extends Type {
  name = "BYTES";
  format = "z";
  filler = new Uint8Array(0);

  read(reader, rows, valid) {
    const offsets = readOffsets(reader, rows);
    const bytes = reader.buffer(Uint8Array);
    const values = new Array(rows);
    // Copies: a value that a function keeps is not to keep the batch.
    for (let row = 0; row < rows; row++) values[row] = bytes.slice(offsets[row], offsets[row + 1]);
    return values;
  }

  write(values, valid, columns) {
    for (const value of values) if (!(value instanceof Uint8Array)) throw new TypeError(this.name);
    const offsets = offsetsTo(values, (value) => value.length);
    const bytes = new Uint8Array(offsets[values.length]);
    values.forEach((value, row) => bytes.set(value, offsets[row]));
    columns.node(values.length, valid);
    columns.buffer(offsets);
    columns.buffers.push(bytes);
  }
}

export const STRING = new Text();
export const BYTES = new Binary();
