// Fields and columns: what is the same for all types.
//
// A type has
// - `name`: as SQL writes it, and `format`: as the Arrow C Data Interface does;
// - `nullable`: whether its values may be null, and `children`: the fields inside of it;
// - `filler`: the value that is written where there is none;
// - `read(reader, rows, valid)`: the values of a column, behind its first node's validity, anything where it is NULL; sets
//   the reader's `unreadable` where there are some that JavaScript cannot hold;
// - `write(values, valid, columns)`: appends a column of values, which are fillers where it is NULL, and throws where a
//   value is not of this type.

import { NOTHING_UNREADABLE } from "../wire.js";

export const LACKS = "holds a NULL where the function takes none";

export class Type {
  nullable = false;
  children = [];
}

/** The type, whose values may be null. */
export function nullable(type) {
  const copy = Object.create(Object.getPrototypeOf(type), Object.getOwnPropertyDescriptors(type));
  copy.nullable = true;
  return copy;
}

/** The type of a field, as SQL writes it. */
export function nameOf(type) {
  return type.nullable ? type.name : `${type.name} NOT NULL`;
}

/** The type with its values as they cross the boundary: plain integers. */
export function raw(type) {
  if (!type.asNumber) throw new TypeError(`${type.name} has no other values than its own`);
  return type.nullable ? nullable(type.asNumber()) : type.asNumber();
}

/** The nodes of a named type, in pre-order. */
export function describe(name, type) {
  const nodes = [{ name, format: type.format, nullable: type.nullable, children: type.children.length }];
  for (const child of type.children) nodes.push(...describe(child.name, child.type));
  return nodes;
}

/**
 * Reads the next column: its values, anything where it is NULL; where that is, and where it has none that
 * JavaScript can hold, the reader says.
 */
export function readColumn(type, reader) {
  const rows = reader.rows();
  const valid = reader.validity();
  reader.unreadable = NOTHING_UNREADABLE;
  const values = type.read(reader, rows, valid);
  reader.valid = valid;
  const { unreadable } = reader;
  if (valid !== null && unreadable.size > 0) for (const row of unreadable.keys()) if (!valid[row]) unreadable.delete(row);
  return values;
}

/** The values of a column, null where NULL. */
export function withNull(values, valid) {
  if (valid === null) return values;
  const result = new Array(values.length);
  for (let row = 0; row < values.length; row++) result[row] = valid[row] ? values[row] : null;
  return result;
}

/** Reads the next column as parts of others: its values, and by row why some cannot be. */
export function readMember(type, reader) {
  const values = readColumn(type, reader);
  const { valid, unreadable } = reader;
  if (type.nullable || valid === null) return { values: withNull(values, valid), unreadable };
  const lacking = new Map(unreadable);
  valid.forEach((set, row) => set || lacking.set(row, LACKS));
  return { values, unreadable: lacking };
}

/** Appends a column of values, null where NULL. Throws where a value is not of the type. */
export function writeColumn(type, values, columns) {
  const split = type.nullable ? splitNulls(values, type.filler) : null;
  if (split === null) type.write(values, null, columns);
  else type.write(split.values, split.valid, columns);
}

/** The mask of the values that are not null, and the values with a filler for null; null where none is. */
export function splitNulls(values, filler) {
  if (!Array.isArray(values)) return null;
  let row = 0;
  while (row < values.length && values[row] !== null && values[row] !== undefined) row++;
  if (row === values.length) return null;
  const valid = new Uint8Array(values.length).fill(1);
  const filled = values.slice();
  for (; row < values.length; row++) {
    if (values[row] === null || values[row] === undefined) {
      valid[row] = 0;
      filled[row] = filler;
    }
  }
  return { valid, values: filled };
}

/** The values of a reader's column converted, where they are not NULL; those that cannot be are named. */
export function convert(reader, values, conversion, valid, name) {
  const converted = new Array(values.length).fill(null);
  for (let row = 0; row < values.length; row++) {
    if (valid !== null && !valid[row]) continue;
    try {
      converted[row] = conversion(values[row]);
    } catch (error) {
      reader.refuse(row, `is a ${name} that JavaScript has no value for (${error.message})`);
    }
  }
  return converted;
}
