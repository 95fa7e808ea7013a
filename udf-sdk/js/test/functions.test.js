// Functions of all kinds, called as a host calls them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { aggregate, INT, scalar, STRING, table } from "anabranch-udf";
import { Failed, Tester } from "anabranch-udf/testing";
import * as kitchen from "./kitchen.js";

const tester = () => new Tester(kitchen, { options: { greeting: "hello" }, maxRows: 3 });
const failed = (message) => new Failed(message);
const DIVISION = failed("RangeError: Division by zero");

test("a declared function is the function that it was", () => {
  assert.equal(kitchen.add(1n, 2n), 3n);
  assert.deepEqual([...kitchen.split("to be")], [{ word: "to" }, { word: "be" }]);
  assert.equal(new kitchen.sum().evaluate(), null);
});

test("overloads are told apart by their types", () => {
  assert.deepEqual(tester().scalar("add", [[1n, 2n], [3n, 4n]]), [4n, 6n]);
  assert.deepEqual(tester().scalar("add", [["a"], ["b"]]), ["ab"]);
});

test("NULL is not passed to those who do not take it", () => {
  assert.deepEqual(tester().scalar("add", [[1n, null, 3n], [null, 2n, 4n]]), [null, null, 7n]);
  assert.deepEqual(tester().scalar("coalesce", [[1n, null, null], [2n, 3n, null]]), [1n, 3n, null]);
  assert.deepEqual(tester().scalar("len", [["Zürich", null, ""]]), [6, null, 0]);
  assert.deepEqual(tester().scalar("sum_of_four", [[1, 1], [2, null], [3, 3], [4, 4]]), [10, null]);
});

test("an exception is the error of its row", () => {
  assert.deepEqual(tester().scalar("divide", [[6n, 1n, null, 4n], [2n, 0n, 0n, 2n]]), [3n, DIVISION, null, 2n]);
});

test("a result of another type is the error of its row", () => {
  assert.deepEqual(tester().scalar("lie", [["null", "fine", "text", "large", "bigint", "nothing"]]), [
    failed("returned null, which is no TINYINT NOT NULL"),
    1,
    failed('returned "x", which is no TINYINT'),
    failed("returned 1000, which is no TINYINT"),
    failed("returned 1n, which is no TINYINT"),
    failed("returned undefined, which is no TINYINT NOT NULL"),
  ]);
});

test("whole columns are passed without their NULLs", () => {
  assert.deepEqual(tester().scalar("add_columns", [[1n, null, 3n], [4n, 5n, 6n]]), [5n, null, 9n]);
  assert.deepEqual(tester().scalar("add_columns", [[null], [1n]]), [null]);
  const rows = Array.from({ length: 100 }, (_, row) => [BigInt(row), [0n, 1n, 2n, null][(row * 7) % 4]]);
  const expected = rows.map(([x, y]) => (y === null ? null : y === 0n ? DIVISION : x / y));
  assert.deepEqual(tester().scalar("divide_columns", [rows.map(([x]) => x), rows.map(([, y]) => y)]), expected);
});

test("what is known beforehand", () => {
  assert.deepEqual(tester().scalar("constant", [[1n, 2n], [10n, 10n]], { literals: [1] }), [11n, 12n]);
  assert.throws(() => tester().scalar("constant", [[1n], [10n]]), /the second argument must be a literal/);
  assert.deepEqual(tester().scalar("where_bound", [["x"]]), ["UTC hello x"]);
  assert.deepEqual(tester().scalar("seven", [], { rows: 2 }), [7n, 7n]);
});

test("the example of the README, with a literal and without", () => {
  const matches = scalar(
    {
      args: [{ text: STRING }, { pattern: STRING }],
      returns: INT,
      bind: (context) => {
        const pattern = context.constant("pattern");
        return pattern === null ? null : new RegExp(pattern);
      },
    },
    (prepared, text, pattern) => Number((prepared ?? new RegExp(pattern)).test(text)),
  );
  const columns = (second) => [["null", "b"], ["^n", second]];
  assert.deepEqual(new Tester({ matches }).scalar("matches", columns("b")), [1, 1]);
  assert.deepEqual(new Tester({ matches }).scalar("matches", columns("^n"), { literals: [1] }), [1, 0]);
});

test("table functions", () => {
  const words = (text) => text.split(" ").map((word) => ({ word }));
  assert.deepEqual(tester().table("split", [["to be", " ", null, "or not to be"]]), [
    words("to be"),
    [],
    [],
    words("or not to be"),
  ]);
  const numbers = (text, times) => Array.from({ length: times }, (_, number) => ({ text, number: BigInt(number) }));
  assert.deepEqual(tester().table("repeat", [["a", "b", "c", "d"], [2n, 0n, -1n, 4n]]), [
    numbers("a", 2),
    [],
    [failed("RangeError: -1 times is less than none")],
    numbers("d", 4),
  ]);
});

test("an input row of a table function fails alone, and keeps what it gave", () => {
  const broken = failed("Error: broken");
  const wrong = failed('gave {"number":1000}, which is no ROW<number TINYINT NOT NULL>');
  for (let maxRows = 1; maxRows < 9; maxRows++) {
    assert.deepEqual(new Tester(kitchen, { maxRows }).table("broken", [[1, -2, 0, 2]]), [
      [{ number: 0 }, broken],
      [{ number: 0 }, { number: 1 }, wrong],
      [broken],
      [{ number: 0 }, { number: 1 }, broken],
    ]);
  }
});

test("aggregates accumulate, retract, merge and move", () => {
  const groups = [0, 1, 2, 3, 4];
  const rows = Array.from({ length: 500 }, (_, row) => [(row * 7) % 5, row % 11 === 0 ? null : BigInt((row % 19) - 9) * 2n]);
  const expected = groups.map((group) => rows.filter(([g, x]) => g === group && x !== null).map(([, x]) => x));
  const total = (values) => values.reduce((sum, x) => sum + x, 0n);
  const sums = tester().aggregate("sum");
  for (let start = 0; start < rows.length; start += 100) {
    const part = rows.slice(start, start + 100);
    assert.deepEqual(sums.accumulate(part.map(([g]) => g), [part.map(([, x]) => x)]), []);
    sums.move([0, 1, 2]);
  }
  assert.deepEqual(sums.evaluate(groups), expected.map(total));
  for (const group of groups) {
    const taken = expected[group].splice(0, 20);
    sums.retract(taken.map(() => group), [taken]);
  }
  assert.deepEqual(sums.evaluate(groups), expected.map(total));
  sums.merge([0, 7], [1, 1]);
  assert.deepEqual(sums.evaluate([0, 7, 8]), [total(expected[0]) + total(expected[1]), total(expected[1]), null]);
});

test("a row that fails leaves its group as it was", () => {
  const sums = tester().aggregate("sum");
  sums.accumulate([0], [[100n]]);
  const errors = sums.accumulate([0, 1, 0, 0, 0, 1, 0], [[1n, 5n, 13n, 2n, 13n, 13n, 4n]]);
  assert.deepEqual(errors.map(({ row }) => row), [2, 4, 5]);
  assert.deepEqual(sums.evaluate([0, 1]), [107n, 5n]);
  // The count, which was changed before the exception, too.
  sums.retract([0, 0, 0, 0, 1], [[100n, 1n, 2n, 4n, 5n]]);
  assert.deepEqual(sums.evaluate([0, 1]), [null, null]);
});

test("a state written by hand", () => {
  const distinct = tester().aggregate("distinct", [[], []]);
  distinct.accumulate([0, 0, 1], [["a", "a", "b"], [null, "c", null]]);
  distinct.move([0, 1]);
  assert.deepEqual(distinct.evaluate([0, 1, 2]), [2, 1, 0]);
});

test("what cannot be a function is refused when it is declared", () => {
  const refused = [
    [() => scalar({ args: { a: INT } }, (a) => a), /the result has no type/],
    [() => scalar({ args: { a: "INT" }, returns: INT }, (a) => a), /the parameter 'a' has no type/],
    [() => scalar({ arguments: {}, returns: INT }, () => 1), /scalar has no option 'arguments': there are args/],
    [() => scalar({ returns: INT, vectorized: true }, () => []), /a vectorized function has a parameter/],
    [() => table({ args: { a: INT }, returns: STRING }, () => []), /has no type|has a member/],
    [() => aggregate({ returns: INT, state: { n: INT } }, class {}), /an aggregate has a method accumulate/],
  ];
  for (const [declare, message] of refused) assert.throws(declare, message);
  assert.throws(() => new Tester({}), /exports no functions/);
});
