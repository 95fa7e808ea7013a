// What declares functions: it reads the options, and leaves a function to be called as it is.

import { AggregateCalls } from "./aggregate.js";
import { ScalarCalls } from "./scalar.js";
import { TableCalls } from "./table.js";
import { Type, nullable } from "./types/field.js";
import { RowType } from "./types/nested.js";

const DECLARATION = Symbol("anabranch function");

/** How a value was declared, if it was. */
export function declarationOf(value) {
  return value?.[DECLARATION];
}

const OPTIONS = {
  scalar: ["args", "bind", "deterministic", "doc", "name", "returns", "vectorized"],
  table: ["args", "bind", "deterministic", "doc", "name", "returns"],
  aggregate: ["args", "deterministic", "doc", "name", "returns", "state"],
};

function checkOptions(kind, options) {
  const known = OPTIONS[kind];
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown !== undefined) throw new TypeError(`${kind} has no option '${unknown}': there are ${known.join(", ")}`);
}

function checkType(type, what) {
  if (!(type instanceof Type)) throw new TypeError(`${what} has no type, such as STRING or DECIMAL(10, 2)`);
  return type;
}

/** Parameters, from `{ name: TYPE, … }` or a list of such. */
function parametersOf(args = {}) {
  const members = [args].flat().flatMap((part) => Object.entries(part));
  return members.map(([name, type]) => ({ name, type: checkType(type, `the parameter '${name}'`) }));
}

function rowOf(members, what) {
  for (const [name, type] of Object.entries(members ?? {})) checkType(type, `'${name}' of ${what}`);
  return new RowType(members ?? {});
}

function declare(kind, options, rest) {
  return {
    kind,
    name: options.name,
    doc: options.doc ?? "",
    deterministic: options.deterministic ?? true,
    parameters: parametersOf(options.args),
    retracts: false,
    merges: false,
    ...rest,
  };
}

/** The function itself, to be called, with its declaration. */
function callable(compute, declaration) {
  const itself = (...args) => compute(...args);
  return Object.assign(itself, { [DECLARATION]: declaration });
}

/** What is called at one place of a plan: with what `bind` made, where there is one. */
function bound(compute, bind, context) {
  if (!bind) return compute;
  // Not a closure: a list of arguments, taken and given, costs more than all else of a call.
  return compute.bind(undefined, bind(context));
}

export function scalar(options, compute) {
  checkOptions("scalar", options);
  const result = checkType(options.returns, "the result");
  const declaration = declare("scalar", options, { result, vectorized: options.vectorized ?? false });
  if (declaration.vectorized && declaration.parameters.length === 0) {
    throw new TypeError("a vectorized function has a parameter");
  }
  // An exception is an error of its row, where there is no value then.
  declaration.shown = nullable(result);
  declaration.bind = (context) => new ScalarCalls(bound(compute, options.bind, context), declaration);
  return callable(compute, declaration);
}

export function table(options, expand) {
  checkOptions("table", options);
  const result = rowOf(options.returns, "the result");
  const declaration = declare("table", options, { result, shown: result });
  declaration.bind = (context) => new TableCalls(bound(expand, options.bind, context), declaration);
  return callable(expand, declaration);
}

export function aggregate(options, Accumulator) {
  checkOptions("aggregate", options);
  for (const method of ["accumulate", "evaluate"]) {
    if (typeof Accumulator?.prototype?.[method] !== "function") throw new TypeError(`an aggregate has a method ${method}`);
  }
  const { prototype } = Accumulator;
  if ((typeof prototype.save === "function") !== (typeof Accumulator.restore === "function")) {
    throw new TypeError("an aggregate has both of the method save and the static method restore, or none of them");
  }
  const result = checkType(options.returns, "the result");
  const declaration = declare("aggregate", options, {
    result,
    shown: nullable(result),
    state: rowOf(options.state, "the state"),
    retracts: typeof prototype.retract === "function",
    merges: typeof prototype.merge === "function",
  });
  declaration.bind = () => new AggregateCalls(Accumulator, declaration);
  return Object.assign(Accumulator, { [DECLARATION]: declaration });
}
