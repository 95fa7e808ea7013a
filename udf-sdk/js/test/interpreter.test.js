// Functions from source text.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ARRAY, BIGINT, DATE, DECIMAL, DOUBLE, Decimal, http, MAP, ROW, STRING, TIMESTAMP, nullable } from "anabranch-udf";
import { answers, Failed, Tester } from "anabranch-udf/testing";
import { Interpreter, sourceError } from "../src/interpreter.js";
import { describe } from "../src/types/field.js";

const field = (type) => describe("", type);

function signature(parameters, result, name = "f") {
  const isTable = !("format" in result);
  return {
    name,
    kind: isTable ? "table" : "scalar",
    parameters: Object.entries(parameters).map(([name, type]) => ({ name, type: field(nullable(type)) })),
    result: field(isTable ? ROW(Object.fromEntries(Object.entries(result).map(([name, type]) => [name, nullable(type)]))) : nullable(result)),
    deterministic: true,
    retracts: false,
    merges: false,
    doc: "",
  };
}

/** A tester of the function that a text defines. */
function defined(source, parameters, result, name) {
  const tester = new Tester({}, { functions: new Interpreter(), maxRows: 2 });
  tester.package.define(signature(parameters, result, name), source);
  return tester;
}

function refused(source, parameters = { x: BIGINT }, result = BIGINT) {
  try {
    new Interpreter().define(signature(parameters, result), source);
  } catch (error) {
    const { message, line, column } = sourceError(error);
    return `${line}:${column} ${message}`;
  }
  return "nothing wrong";
}

test("forms of a scalar function", () => {
  for (const source of [
    "return x + 1n",
    "x + 1n",
    " x + 1n; ",
    "\n  const one = 1n;\n  return x + one;\n",
    "function f(value) { return value + 1n; }",
    "const g = 1n;\nconst F = (value) => value + g;",
    "\n  function g(v) { return v; }\n  function f(value) {\n    return g(value) + 1n; // one more\n  }\n",
    "function f(v) { return v; }\nreturn f(x) + 1n;",
    "const one = new Decimal(10n, 1);\nreturn x + one.rescaled(0);",
    "x + Decimal.parse('1').unscaled",
    "const Decimal = 1n; // Its own.\nreturn x + Decimal;",
    "class One { static to(x) { return x + 1n; } }.to(x)",
  ]) {
    assert.deepEqual(defined(source, { x: BIGINT }, BIGINT).scalar("f", [[1n, 41n]]), [2n, 42n], source);
  }
});

test("NULL is null, and whole numbers are taken for BIGINT", () => {
  assert.deepEqual(defined("x === null ? 0 : x", { x: BIGINT }, BIGINT).scalar("f", [[1n, null]]), [1n, 0n]);
  assert.deepEqual(defined("x || null", { x: BIGINT }, BIGINT).scalar("f", [[1n, 0n]]), [1n, null]);
  assert.deepEqual(defined("0.5", {}, BIGINT).scalar("f", [], { rows: 1 }), [new Failed("returned 0.5, which is no BIGINT")]);
});

test("all types arrive as themselves", () => {
  const person = ROW({ name: nullable(STRING), age: nullable(BIGINT) });
  const parameters = {
    number: DECIMAL(10, 2), day: DATE, moment: TIMESTAMP(3), items: ARRAY(nullable(BIGINT)), pairs: MAP(STRING, BIGINT), person,
  };
  const source = "return [number, day.toISOString(), moment.getTime(), items, pairs.get('a'), person.name].join()";
  const columns = [[Decimal.parse("1.50")], [new Date(0)], [new Date(5)], [[1n, null]], [new Map([["a", 1n]])], [{ name: "Ada", age: 36n }]];
  assert.deepEqual(defined(source, parameters, STRING).scalar("f", columns), ["1.50,1970-01-01T00:00:00.000Z,5,1,,1,Ada"]);
  for (const value of ["['Ada', 36]", "{ age: 36, name: 'Ada' }", "new Map([['age', 36], ['name', 'Ada']])"]) {
    assert.deepEqual(defined(value, {}, person).scalar("f", [], { rows: 1 }), [{ name: "Ada", age: 36n }]);
  }
});

test("forms of a table function", () => {
  for (const source of [
    "for (const word of line.split(' ')) if (word) yield { word, n: word.length };",
    "return line.split(' ').filter(Boolean).map((word) => [word, word.length]);",
    "line.split(' ').filter(Boolean).map((word) => ({ word, n: word.length }))",
    "function* f(line) {\n  for (const word of line.split(' ')) if (word) yield { word, n: word.length };\n}",
  ]) {
    const words = defined(source, { line: STRING }, { word: STRING, n: BIGINT }).table("f", [["to be or", "", "not"]]);
    const row = (word) => ({ word, n: BigInt(word.length) });
    assert.deepEqual(words, [[row("to"), row("be"), row("or")], [], [row("not")]], source);
  }
  const letters = defined("yield* line", { line: STRING }, { c: STRING }).table("f", [["ab"]]);
  assert.deepEqual(letters, [[{ c: "a" }, { c: "b" }]]);
});

test("a class is an aggregate", () => {
  for (const source of [
    `class Mean {
      static state = { sum: DOUBLE, count: DOUBLE };
      sum = 0;
      count = 0;
      accumulate(x) { if (x !== null) { this.sum += x; this.count++; } }
      retract(x) { this.sum -= x; this.count--; }
      merge(other) { this.sum += other.sum; this.count += other.count; }
      evaluate() { return this.count ? this.sum / this.count : null; }
    }`,
    `class mean {
      seen = new Map();
      add(x, n) { this.seen.set(x, (this.seen.get(x) ?? 0n) + n); }
      accumulate(x) { if (x !== null) this.add(x, 1n); }
      retract(x) { this.add(x, -1n); }
      merge(other) { for (const [x, n] of other.seen) this.add(x, n); }
      value() {
        let [sum, count] = [0, 0];
        for (const [x, n] of this.seen) { sum += x * Number(n); count += Number(n); }
        return count ? sum / count : null;
      }
    }`,
  ]) {
    const tester = defined(source, { x: DOUBLE }, DOUBLE, "mean");
    const { kind, retracts, merges } = tester.package.functions[0];
    assert.deepEqual({ kind, retracts, merges }, { kind: "aggregate", retracts: true, merges: true });
    const mean = tester.aggregate("mean");
    assert.deepEqual(mean.accumulate([0, 1, 0, 1], [[1, 10, 2, null]]), []);
    assert.deepEqual(mean.evaluate([0, 1, 2]), [1.5, 10, null]);
    mean.move([0, 1]);
    assert.deepEqual(mean.retract([0], [[1]]), []);
    assert.deepEqual(mean.merge([0], [1]), []);
    assert.deepEqual(mean.evaluate([0]), [6]);
  }
});

test("an exception names its line", () => {
  const source = "const half = x / 2n;\n\nif (x === 0n) throw new Error('nothing');\nreturn half";
  assert.deepEqual(defined(source, { x: BIGINT }, BIGINT).scalar("f", [[4n, 0n]]), [
    2n,
    new Failed("Error: nothing (line 3: if (x === 0n) throw new Error('nothing');)"),
  ]);
});

test("it sends requests, and those that fail name their line", () => {
  const answer = ({ url }) => {
    if (url.endsWith("/down")) throw new http.HttpError("refused");
    return { body: url };
  };
  const ask = (source) => answers(answer, () => defined(source, { url: STRING }, STRING).scalar("f", [["http://a/", "http://a/down"]]));
  const failed = new Failed("HttpError: refused (line 1: const response = http.get(url);)");
  assert.deepEqual(ask("const response = http.get(url);\nreturn response.text();"), ["http://a/", failed]);
  const caught = "try { return http.get(url).text(); } catch (error) { return error instanceof http.HttpError ? error.message : null; }";
  assert.deepEqual(ask(caught), ["http://a/", "refused"]);
});

test("what cannot be said is still the error of its row", () => {
  const source = `
    class Unspeakable { toString() { throw new Error("no"); } toJSON() { return this.toString(); } }
    function f(x) {
      const circular = {};
      circular.itself = circular;
      switch (x) {
        case 1n: return circular;
        case 2n: return [new Unspeakable()];
        case 3n: throw circular;
        case 4n: throw new Unspeakable();
        case 5n: throw Object.create(null);
        case 6n: throw Symbol("s");
        case 7n: return "x".repeat(98) + "\u{1f600}";
        case 8n: throw Object.defineProperty(new Error("\ud800"), "stack", { get() { throw this; } });
      }
      return x;
    }`;
  const rows = Array.from({ length: 10 }, (_, row) => BigInt(row));
  const scalar = defined(source, { x: BIGINT }, BIGINT).scalar("f", [rows]);
  const yields = `${source}\nconst once = f;\nfunction* g(x) { yield once(x); }`;
  const table = defined(yields, { x: BIGINT }, { n: BIGINT }, "g").table("g", [rows]);
  const object = "a value of type object that cannot be shown";
  const said = [`returned ${object}, which is no BIGINT`, `returned ${object}, which is no BIGINT`, "[object Object]", object, object, "Symbol(s)"];
  assert.deepEqual(scalar.slice(1, 7), said.map((message) => new Failed(message)));
  for (let row = 1; row <= 8; row++) {
    for (const { message } of [scalar[row], table[row][0]]) {
      assert(message.length < 200 && !/[\ud800-\udfff]/u.test(message), message);
    }
  }
  assert.deepEqual([scalar[0], scalar[9]], [0n, 9n]);
  assert.deepEqual([table[0], table[9]], [[{ n: 0n }], [{ n: 9n }]]);
  assert.deepEqual(table[1], [new Failed(`gave ${object}, which is no ROW<n BIGINT>`)]);
});

test("texts that define nothing say why", () => {
  const said = [
    ["", "0:0 the text is empty: write the function's body, such as `return x`"],
    ["const y = x;", "0:0 it never gives a value: write `return …`, one expression, or define `f`"],
    ["/* return */ const y = x;", "0:0 it never gives a value: write `return …`, one expression, or define `f`"],
    ["const y = `return ${'throw'}`; // yield", "0:0 it never gives a value: write `return …`, one expression, or define `f`"],
    ["const y = /return/.test(x);", "0:0 it never gives a value: write `return …`, one expression, or define `f`"],
    ["const g = () => { return x; };", "0:0 it never gives a value: write `return …`, one expression, or define `f`"],
    ["function g(y) { return y; }", "0:0 it defines `g`, but not `f`, and never gives a value: define `f`, or write `return …`"],
    ["class Mean { value() { return 1; } }\nfunction* g() { yield 1; }", "0:0 it defines `Mean` and `g`, but not `f`, and never gives a value: define `f`, or write `return …`"],
    ["\nconst limit = nothing;\nfunction f(x) { return x; }", "2:15 ReferenceError: nothing is not defined"],
    ["function f(x, y) { return x; }", "0:0 `f` takes 2 arguments, and SQL gives it 1"],
    ["async function f(x) { return x; }", "0:0 `f` is async: nothing here could wait for it"],
    ["yield x", "0:0 `f` yields rows: declare it RETURNS TABLE (…), or return one value"],
    ["class f {}", "0:0 the class `f` has no method `accumulate`, as an aggregate function has"],
    ["const f = 3;", "0:0 `f` is no function, but number"],
  ];
  for (const [source, message] of said) assert.equal(refused(source), message, source);
  assert.match(refused("return (x"), /SyntaxError/);
  assert.deepEqual(defined("throw new Error('no')", {}, BIGINT).scalar("f", [], { rows: 1 }), [new Failed("Error: no (line 1: throw new Error('no'))")]);
  assert.match(refused("function f(x) { return x +; }"), /SyntaxError/);
  const unnamed = "0:0 the parameter `class` has no name in JavaScript: give it another";
  assert.equal(refused("return 1", { class: BIGINT }), unnamed);
});
