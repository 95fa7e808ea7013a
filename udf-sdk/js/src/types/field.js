// Fields and columns: what is the same for all types.
//
// A type has
// - `name`: as SQL writes it, and `format`: as the Arrow C Data Interface does;
// - `nullable`: whether its values may be null, and `children`: the fields inside of it;
// - `filler`: the value that is written where there is none;
// - `read(node, nodes, valid)`: the values of a column, anything where it is NULL, and by row why some have none that
//   JavaScript can hold (`{ values, unreadable }`);
// - `write(values, valid, nodes)`: appends the nodes of a column of values, which are fillers where it is NULL, and
//   throws where a value is not of this type.

import { count, EMPTY, pack, unpack } from "../bitmap.js";

export const LACKS = "holds a NULL where the function takes none";

export const NOTHING_UNREADABLE = new Map();

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

/** Reads the next column of an iterator over nodes: `{ values, valid, unreadable }`. */
export function readColumn(type, nodes) {
  const node = nodes.next().value;
  const valid = node.nullCount > 0 ? unpack(node.buffers[0], node.length) : null;
  const { values, unreadable } = type.read(node, nodes, valid);
  if (valid !== null && unreadable.size > 0) for (const row of unreadable.keys()) if (!valid[row]) unreadable.delete(row);
  return { values, valid, unreadable };
}

/** The values of a column, null where NULL. */
export function withNull({ values, valid }) {
  if (valid === null) return values;
  const result = new Array(values.length);
  for (let row = 0; row < values.length; row++) result[row] = valid[row] ? values[row] : null;
  return result;
}

/** A column's values as parts of others, and which of them cannot be. */
export function asMember(type, column) {
  if (type.nullable || column.valid === null) return { values: withNull(column), unreadable: column.unreadable };
  const unreadable = new Map(column.unreadable);
  column.valid.forEach((valid, row) => valid || unreadable.set(row, LACKS));
  return { values: column.values, unreadable };
}

/** Appends the nodes of a column of values, null where NULL. Throws where a value is not of the type. */
export function writeColumn(type, values, nodes) {
  const split = type.nullable ? splitNulls(values, type.filler) : { valid: null, values };
  type.write(split.values, split.valid, nodes);
}

/** The mask of the values that are not null (null where all are), and the values with a filler for null. */
export function splitNulls(values, filler) {
  if (!Array.isArray(values)) return { valid: null, values };
  let row = 0;
  while (row < values.length && values[row] !== null && values[row] !== undefined) row++;
  if (row === values.length) return { valid: null, values };
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

/** The node of a column with these buffers behind its validity. */
export function columnNode(length, valid, ...buffers) {
  if (valid === null) return { length, nullCount: 0, buffers: [EMPTY, ...buffers] };
  return { length, nullCount: length - count(valid), buffers: [pack(valid), ...buffers] };
}

/** Converts the values that are not NULL; those that cannot be are named. */
export function convert(values, conversion, valid, name) {
  const converted = new Array(values.length).fill(null);
  const unreadable = new Map();
  for (let row = 0; row < values.length; row++) {
    if (valid !== null && !valid[row]) continue;
    try {
      converted[row] = conversion(values[row]);
    } catch (error) {
      unreadable.set(row, `is a ${name} that JavaScript has no value for (${error.message})`);
    }
  }
  return { values: converted, unreadable };
}
