// The form in which columns cross the boundary.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ARRAY, BIGINT, ROW, STRING, nullable } from "anabranch-udf";
import { Bindings, Package } from "../src/package.js";
import { describe, readColumn, withNull, writeColumn } from "../src/types/field.js";
import { Columns, Reader, passed } from "../src/wire.js";
import * as kitchen from "./kitchen.js";

const FIELDS = [
  { name: "row", type: nullable(ROW({ name: STRING, ages: nullable(ARRAY(BIGINT)) })) },
  { name: "n", type: BIGINT },
];

test("columns go flat and come back", () => {
  const rows = [{ name: "abcde", ages: null }, null];
  const columns = new Columns();
  writeColumn(FIELDS[0].type, rows, columns);
  writeColumn(FIELDS[1].type, [1n, -1n], columns);
  assert.deepEqual(columns.nodes, [[2, 1], [2, 0], [2, 1], [0, 0], [2, 0]]);
  assert.deepEqual(columns.buffers.map(({ length }) => length), [1, 0, 12, 5, 1, 12, 0, 0, 0, 16]);
  const batch = passed(columns, FIELDS);
  assert.deepEqual(batch.layout, [2, 1, 1, 2, 0, 0, 12, 5, 2, 1, 1, 12, 0, 0, 0, 0, 2, 0, 0, 16]);
  assert.deepEqual([batch.data.length, ...batch.data.subarray(32, 37)], [96, ...Buffer.from("abcde")]);
  // Bytes that lie anywhere, as a host may pass them.
  const data = new Uint8Array(batch.data.length + 3).subarray(3);
  data.set(batch.data);
  for (const given of [batch, { layout: Uint32Array.from(batch.layout), data }]) {
    const read = new Reader(FIELDS).open(given);
    const values = readColumn(FIELDS[0].type, read);
    assert.deepEqual(withNull(values, read.valid), rows);
    assert.deepEqual([...readColumn(FIELDS[1].type, read)], [1n, -1n]);
  }
});

test("a layout that does not fit its columns is refused", () => {
  const data = new Uint8Array(16);
  const read = (layout) => readColumn(BIGINT, new Reader([FIELDS[1]]).open({ layout, data }));
  assert.equal(read([2, 0, 0, 16]).length, 2);
  for (const layout of [[], [2], [2, 0, 0], [2, 0, 0, 17], [2, 0, 16, 16], [2, 0, 0, 16, 0]]) {
    assert.throws(() => read(layout), /a bug of the host/, `${layout}`);
  }
});

test("columns of other rows than the call's are refused", () => {
  const pkg = new Package("test", "0", kitchen);
  const index = pkg.functions.findIndex(({ name }) => name === "same_bigint");
  const { parameters } = pkg.functions[index];
  const bindings = new Bindings(pkg);
  const fields = parameters.map(({ name, type }) => describe(name, type));
  const { handle } = bindings.bind({ function: index, arguments: fields, constants: [null], timeZone: "UTC", options: [] });
  const batch = { layout: [2, 0, 0, 16], data: new Uint8Array(16) };
  assert.deepEqual(bindings.call(handle, 2, batch).column.nodes, [[2, 0]]);
  assert.throws(() => bindings.call(handle, 1, batch), /not those agreed on \(a bug of the host\)/);
  assert.throws(() => bindings.call(handle + 1, 2, batch), /no such function is bound as 1 \(a bug of the host\)/);
});
