// ARRAY, MAP and ROW.

import { Type, convert, nameOf, readMember, writeColumn } from "./field.js";
import { offsetsTo, readOffsets } from "./text.js";

/** The rows whose items are unreadable. */
function ofItems(unreadable, offsets) {
  const rows = new Map();
  let row = 0;
  for (const item of [...unreadable.keys()].sort((one, other) => one - other)) {
    while (offsets[row + 1] <= item) row++;
    rows.set(row, unreadable.get(item));
  }
  return rows;
}

class ArrayType extends Type {
  format = "+l";
  filler = [];

  constructor(item) {
    super();
    this.item = item;
    this.name = `ARRAY<${nameOf(item)}>`;
    this.children = [{ name: "item", type: item }];
  }

  read(reader, rows, valid) {
    const offsets = readOffsets(reader, rows);
    const items = readMember(this.item, reader);
    const list = Array.from(items.values);
    const values = new Array(rows);
    for (let row = 0; row < rows; row++) values[row] = list.slice(offsets[row], offsets[row + 1]);
    reader.unreadable = ofItems(items.unreadable, offsets);
    return values;
  }

  write(values, valid, columns) {
    if (!values.every(Array.isArray)) throw new TypeError(this.name);
    const offsets = offsetsTo(values, (value) => value.length);
    columns.node(values.length, valid);
    columns.buffer(offsets);
    let items = values.flat(1);
    // Holes, which `flat` leaves out, are undefined.
    if (items.length !== offsets[values.length]) items = values.flatMap((list) => Array.from(list));
    writeColumn(this.item, items, columns);
  }
}

class MapType extends Type {
  format = "+m";
  filler = new Map();

  constructor(key, value) {
    super();
    if (key.nullable) throw new TypeError("a key of a MAP cannot be NULL");
    this.name = `MAP<${key.name}, ${nameOf(value)}>`;
    this.entries = new RowType({ key, value });
    this.children = [{ name: "entries", type: this.entries }];
  }

  read(reader, rows, valid) {
    const offsets = readOffsets(reader, rows);
    const entries = readMember(this.entries, reader);
    const pairs = entries.values.map((entry) => entry && [entry.key, entry.value]);
    const unreadable = ofItems(entries.unreadable, offsets);
    const readable = Uint8Array.from({ length: rows }, (_, row) => +(valid?.[row] !== 0 && !unreadable.has(row)));
    const numbers = Array.from({ length: rows }, (_, row) => row);
    reader.unreadable = unreadable;
    return convert(reader, numbers, (row) => new Map(pairs.slice(offsets[row], offsets[row + 1])), readable, this.name);
  }

  write(values, valid, columns) {
    if (!values.every((value) => value instanceof Map)) throw new TypeError(this.name);
    columns.node(values.length, valid);
    columns.buffer(offsetsTo(values, (value) => value.size));
    const entries = values.flatMap((map) => Array.from(map, ([key, value]) => ({ key, value })));
    writeColumn(this.entries, entries, columns);
  }
}

export class RowType extends Type {
  format = "+s";

  constructor(members) {
    super();
    this.children = Object.entries(members).map(([name, type]) => ({ name, type }));
    if (this.children.length === 0) throw new TypeError("a ROW has a member");
    this.name = `ROW<${this.children.map(({ name, type }) => `${name} ${nameOf(type)}`).join(", ")}>`;
    this.filler = Object.fromEntries(this.children.map(({ name, type }) => [name, type.filler]));
  }

  read(reader, rows, valid) {
    const unreadable = new Map();
    const values = Array.from({ length: rows }, () => ({}));
    for (const { name, type } of this.children) {
      const member = readMember(type, reader);
      for (const [row, reason] of member.unreadable) unreadable.set(row, reason);
      for (let row = 0; row < rows; row++) values[row][name] = member.values[row];
    }
    reader.unreadable = unreadable;
    return values;
  }

  /** The values of each member, undefined where a row has none. Throws where a row is no record. */
  columns(rows) {
    const [{ name: first }] = this.children;
    for (const row of rows) {
      if (typeof row !== "object" || row === null) throw new TypeError(this.name);
      // What has the first member is one. A list, a Map or a Date has none, and would be a row of NULLs.
      if (row[first] === undefined && (Symbol.iterator in row || row instanceof Date)) throw new TypeError(this.name);
    }
    return this.children.map(({ name }) => rows.map((row) => row[name]));
  }

  write(values, valid, columns) {
    const members = this.columns(values);
    columns.node(values.length, valid);
    this.children.forEach(({ type }, index) => writeColumn(type, members[index], columns));
  }
}

/** A list. */
export function ARRAY(item) {
  return new ArrayType(item);
}

/** A Map. */
export function MAP(key, value) {
  return new MapType(key, value);
}

/** An object with members. */
export function ROW(members) {
  return new RowType(members);
}
