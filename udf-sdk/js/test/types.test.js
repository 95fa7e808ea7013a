// Every type crosses and comes back as it was.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ARRAY, BIGINT, DATE, DECIMAL, Decimal, FLOAT, INT, nullable, ROW, STRING, TIME } from "anabranch-udf";
import { Tester } from "anabranch-udf/testing";
import * as kitchen from "./kitchen.js";
import { Bindings, Package } from "../src/package.js";
import { describe, readColumn } from "../src/types/field.js";
import { Columns, Reader, passed } from "../src/wire.js";

const date = (text) => new Date(`${text}Z`);
const VALUES = {
  same_bool: [true, false],
  same_tinyint: [-128, 127, 0],
  same_smallint: [-(2 ** 15), 2 ** 15 - 1],
  same_int: [-(2 ** 31), 2 ** 31 - 1],
  same_bigint: [-(2n ** 63n), 2n ** 63n - 1n, 0n],
  same_float: [0.5, -1.25, Infinity, NaN],
  same_double: [0.1, -1e300, -Infinity, NaN],
  same_decimal: [new Decimal(1n, 4), Decimal.parse("-9999999999999999.9999"), new Decimal(0n, 4)],
  same_unscaled: [10n ** 38n - 1n, 1n - 10n ** 38n, 0n, -1n],
  same_string: ["", "Ada", "Zürich", "\u{1f600}", "\0"],
  same_bytes: [Uint8Array.of(), Uint8Array.of(255, 0)],
  same_date: [date("0001-01-01T00:00:00"), date("9999-12-31T00:00:00"), date("1969-12-31T00:00:00")],
  same_days: [-(2 ** 31), 2 ** 31 - 1],
  same_time: [0, 86_399_999],
  same_timestamp_seconds: [date("1969-12-31T23:59:59"), date("9999-12-31T00:00:00")],
  same_timestamp_millis: [date("1969-12-31T23:59:59.999"), date("9999-12-31T00:00:00")],
  same_timestamp: [-(2n ** 63n), 2n ** 63n - 1n],
  same_timestamp_nanos: [-1n, 1n],
  same_timestamp_ltz: [date("1969-12-31T23:59:59.999"), date("2024-02-29T00:00:00")],
  same_year_month: [-13, 2 ** 31 - 1],
  same_day_second: [-1n, 2n ** 63n - 1n],
  same_array: [[], [1n, 2n, 3n], [-(2n ** 63n)]],
  same_nested: [[], [null, [], ["a", null]]],
  same_map: [new Map(), new Map([["a", 1n], ["b", null]])],
  same_row: [{ x: 1, y: null, name: "x" }, { x: -2, y: 3, name: null }],
};

for (const [name, values] of Object.entries(VALUES)) {
  test(`values of ${name} come back`, () => {
    const tester = new Tester(kitchen);
    for (const rows of [0, 1, 7, 8, 9, 100]) {
      for (const choices of [values, [...values, null]]) {
        const column = Array.from({ length: rows }, (_, row) => choices[(row * 7 + rows) % choices.length]);
        assert.deepEqual(tester.scalar(name, [column]), column);
      }
    }
  });
}

test("decimals are read, written and rounded half up", () => {
  const texts = ["0.00", "-0.05", "12345678.99", "0"];
  for (const text of texts) assert.equal(Decimal.parse(text).toString(), text);
  assert.equal(Decimal.parse(".5").rescaled(0), 1n);
  assert.equal(Decimal.parse("-1.005").rescaled(2), -101n);
  assert.equal(Decimal.parse("1.004999").rescaled(2), 100n);
  assert.equal(Number(Decimal.parse("12.5")), 12.5);
  for (const text of ["", ".", "-", "1e3", "1.2x"]) assert.throws(() => Decimal.parse(text), TypeError);
});

test("values of another type are refused", () => {
  for (const [type, value] of [
    [DECIMAL(3, 1), Decimal.parse("100")],
    [DECIMAL(3, 1), 1.5],
    [INT, 2 ** 31],
    [INT, 1.5],
    [INT, "1"],
    [INT, NaN],
    [FLOAT, 1e300],
    [FLOAT, -3.5e38],
    [TIME, 86_400_000],
    [TIME, -1],
    [TIME, 0.5],
    [ROW({ x: nullable(INT) }), new Map([["x", 1]])],
    [ROW({ x: nullable(INT) }), [1]],
    [ROW({ x: nullable(INT) }), new Date(0)],
    [ARRAY(INT), [1, , 2]],
    [STRING, 5],
    [STRING, "\ud800"],
    [DATE, new Date(NaN)],
    [BIGINT, 5],
    [ARRAY(INT), "ab"],
  ]) {
    assert.throws(() => type.write([value], null, new Columns()), `${value} is no ${type.name}`);
  }
});

test("holes of lists are NULL", () => {
  const columns = new Columns();
  ARRAY(nullable(INT)).write([[1, , 2], new Array(2), [3]], null, columns);
  assert.deepEqual([...new Int32Array(columns.buffers[1].buffer)], [0, 3, 5, 6]);
  assert.deepEqual(columns.nodes, [[3, 0], [6, 3]]);
});

test("days that no Date has are errors of their rows", () => {
  const days = new Uint8Array(Int32Array.of(2 ** 31 - 1, 0).buffer);
  const reader = new Reader([{ type: DATE }]).open({ layout: [2, 0, 0, 8], data: days });
  const values = readColumn(DATE, reader);
  assert.deepEqual([values[1], [...reader.unreadable.keys()]], [new Date(0), [0]]);
});

test("a list with a NULL is an error where none is taken", () => {
  const pkg = new Package("test", "0", kitchen);
  const index = pkg.functions.findIndex(({ name }) => name === "same_array");
  const bindings = new Bindings(pkg);
  const parameters = pkg.functions[index].parameters.map(({ name, type }) => describe(name, type));
  const { handle } = bindings.bind({ function: index, arguments: parameters, constants: [null], timeZone: "UTC", options: [] });
  const bytes = (array) => new Uint8Array(array.buffer);
  const columns = {
    nodes: [[3, 0], [3, 1]],
    buffers: [bytes(Int32Array.of()), bytes(Int32Array.of(0, 1, 1, 3)), Uint8Array.of(5), bytes(BigInt64Array.of(1n, 2n, 3n))],
  };
  const { errors } = bindings.call(handle, 3, passed(columns, pkg.functions[index].parameters));
  assert.deepEqual(errors, [{ row: 2, message: "argument `value` holds a NULL where the function takes none" }]);
});
