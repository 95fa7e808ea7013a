// Functions from source text: what `CREATE FUNCTION … LANGUAGE JAVASCRIPT AS $$ … $$` gives.
//
// The text is the body of the function, with the parameters in scope; or one expression, which is its value; or it defines
// a function, or for aggregates a class, of the function's name. Types come from the DDL.

import { AggregateCalls } from "./aggregate.js";
import * as sdk from "./index.js";
import { bringBack, keep } from "./keep.js";
import { signatureOf, snakeCase } from "./package.js";
import { said, say } from "./rows.js";
import { ScalarCalls } from "./scalar.js";
import { SourceError, lineOf, read } from "./source.js";
import { TableCalls } from "./table.js";
import { STRING } from "./types/text.js";
import { nullable } from "./types/field.js";
import { RowType } from "./types/nested.js";
import { Columns, fieldOf } from "./types/nodes.js";

/** A package without functions, until they are defined. */
export class Interpreter {
  name = "javascript";
  version = "";
  functions = [];

  describe() {
    return { name: this.name, version: this.version, functions: [] };
  }

  /** Defines a function under a signature whose kind is scalar or table; it may prove an aggregate. */
  define(signature, source) {
    const declared = declare(signature, source.replaceAll("\r\n", "\n"));
    this.functions.push(declared);
    return { function: this.functions.length - 1, signature: signatureOf(declared) };
  }
}

function declare(signature, source) {
  read(source);
  const parameters = signature.parameters.map(({ name, type }) => ({ name, type: fieldOf(type).type }));
  const { type: result } = fieldOf(signature.result);
  const value = valueOf(signature, source);
  const declaration = { ...signature, parameters, retracts: false, merges: false };
  if (typeof value !== "function") throw new SourceError(`\`${signature.name}\` is no function, but ${typeof value}`);
  if (isClass(value)) return aggregate(declaration, result, value);
  check(signature, value);
  if (signature.kind === "table") {
    const columns = new Columns(result.children);
    const table = { ...declaration, result: columns, shown: columns };
    return { ...table, bind: () => new TableCalls(value, table) };
  }
  const scalar = { ...declaration, result, vectorized: false };
  // An exception is an error of its row, where there is no value then.
  return { ...scalar, shown: nullable(result), bind: () => new ScalarCalls(value, scalar) };
}

const isClass = (value) => /^class\b/.test(Function.prototype.toString.call(value));
const kindOf = (value) => Object.getPrototypeOf(value).constructor.name;

function check({ name, kind, parameters }, value) {
  if (kindOf(value).startsWith("Async")) throw new SourceError(`\`${name}\` is async: nothing here could wait for it`);
  if (kind === "scalar" && kindOf(value) === "GeneratorFunction") {
    throw new SourceError(`\`${name}\` yields rows: declare it RETURNS TABLE (…), or return one value`);
  }
  if (value.length > parameters.length) {
    throw new SourceError(`\`${name}\` takes ${value.length} arguments, and SQL gives it ${parameters.length}`);
  }
}

function aggregate(declaration, result, Accumulator) {
  const { name } = declaration;
  if (declaration.kind === "table") throw new SourceError("a table function is a function that yields rows, not a class");
  const { prototype } = Accumulator;
  prototype.evaluate ??= prototype.value;
  for (const method of ["accumulate", "evaluate"]) {
    if (typeof prototype[method] !== "function") {
      throw new SourceError(`the class \`${name}\` has no method \`${method}\`, as an aggregate function has`);
    }
  }
  let state = new RowType({ state: STRING });
  if (Accumulator.state !== undefined) {
    state = run(() => new RowType(Accumulator.state));
  } else if (prototype.save || Accumulator.restore) {
    throw new SourceError(`the class \`${name}\` has \`save\` or \`restore\` and no \`static state = { … }\``);
  } else {
    prototype.save = function () {
      return { state: keep(this) };
    };
    Accumulator.restore = (saved) => bringBack(Accumulator, saved.state);
  }
  run(() => new Accumulator());
  const declared = {
    ...declaration,
    kind: "aggregate",
    result,
    shown: nullable(result),
    state,
    retracts: typeof prototype.retract === "function",
    merges: typeof prototype.merge === "function",
  };
  return { ...declared, bind: () => new AggregateCalls(Accumulator, declared) };
}

/** What the text defines. */
function valueOf(signature, source) {
  if (source.trim() === "") throw new SourceError("the text is empty: write the function's body, such as `return x`");
  const name = definedName(signature.name, source);
  if (name === null) return body(signature, source);
  try {
    asBlock(source);
  } catch (error) {
    try {
      return body(signature, source);
    } catch {
      throw error;
    }
  }
  return within("", source, `return ${name};`);
}

const DEFINITION = /^[ \t]*(?:async\s+)?(?:function\b\s*\*?\s*|(?:class|const|let|var)\s+)([\p{ID_Start}$_][\p{ID_Continue}$]*)/gmu;

/** The name, as the text writes it, of what it defines at the beginning of a line. */
function definedName(wanted, source) {
  const names = [...source.matchAll(DEFINITION)].map(([, name]) => name);
  return names.find((name) => name === wanted) ?? names.find((name) => snakeCase(name) === snakeCase(wanted)) ?? null;
}

/** The function whose body the text is. */
function body(signature, source) {
  const names = signature.parameters.map(({ name }) => name);
  for (const name of names) {
    if (!isName(name)) throw new SourceError(`the parameter \`${name}\` has no name in JavaScript: give it another`);
  }
  const list = names.join(", ");
  /** Whether it has a `return` or `yield` of its own. */
  const gives = !isBlock(source);
  // A function or class by itself is no value, but a definition.
  if (gives || !/^\s*(?:async\s+)?(?:function|class)\b/.test(source)) {
    try {
      return within(`return function (${list}) { return (`, source.replace(/;(?=\s*$)/, ""), ")};");
    } catch {
      // It is no expression.
    }
  }
  let plain;
  try {
    plain = within(`return function (${list}) { `, source, "};");
  } catch (error) {
    try {
      return within(`return function* (${list}) { `, source, "};");
    } catch (generator) {
      throw /\byield\b/.test(source) ? generator : error;
    }
  }
  if (!gives && !throws(source)) throw withoutValue(signature, source);
  return plain;
}

/** The error of a body that never gives a value, and of a text that defines something else than the function. */
function withoutValue({ name, kind }, source) {
  const statement = kind === "table" ? "yield" : "return";
  const others = [...source.matchAll(DEFINITION)].filter(([definition]) => /\b(?:function|class)\b/.test(definition));
  if (others.length === 0) {
    return new SourceError(`it never gives a value: write \`${statement} …\`, one expression, or define \`${name}\``);
  }
  const names = others.map(([, other]) => `\`${other}\``).join(" and ");
  return new SourceError(`it defines ${names}, but not \`${name}\`, and never gives a value: define \`${name}\`, or write \`${statement} …\``);
}

const BLOCK = '"use strict"; if (false) {';

/**
 * Reads the text as a block outside of any function. There is no `return` and no `yield` in it then, but inside of the
 * functions that it defines.
 */
function asBlock(source) {
  try {
    compile(BLOCK, source, "}");
  } catch (error) {
    throw placed(error, BLOCK.length);
  }
}

function isBlock(source) {
  try {
    asBlock(source);
    return true;
  } catch {
    return false;
  }
}

const COMMENTS_AND_TEXTS = /\/\*[^]*?\*\/|\/\/.*|(["'`])(?:\\[^]|(?!\1)[^])*\1/g;

/** Whether the text may throw. */
function throws(source) {
  return /\bthrow\b/.test(source.replace(COMMENTS_AND_TEXTS, ""));
}

/** What a text gives, between two others, in a function that has the names of the SDK. */
function within(before, source, after) {
  const start = `(function (${Object.keys(sdk).join(", ")}) { "use strict"; ${before}`;
  return run(() => compile(start, source, `${after} })`)(...Object.values(sdk)), start.length);
}

function isName(name) {
  try {
    compile("(function (", name, ') { "use strict"; })');
  } catch {
    return false;
  }
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}

/** The value of a text between two others: with all its lines where they were. */
function compile(before, source, after) {
  return (0, eval)(`${before}${source}\n${after}`);
}

/** Runs what belongs to the text. */
function run(call, before = 0) {
  try {
    return call();
  } catch (error) {
    throw placed(error, before);
  }
}

/** The error as one of the text, before whose first line so many characters stood. */
function placed(error, before) {
  if (error instanceof SourceError) return error;
  const { line = 0, column = 0 } = lineOf(error, before) ?? {};
  return new SourceError(said(error), line, column);
}

/** What is thrown across the boundary: a record of the contract. */
export function sourceError(error) {
  const { message, line = 0, column = 0 } = error instanceof SourceError ? error : { message: say(error) };
  return { message, line, column };
}
