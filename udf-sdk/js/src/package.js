// A package: its functions, and the places in plans that they are bound to.

import { AggregateCalls } from "./aggregate.js";
import { Context } from "./context.js";
import { declarationOf } from "./declare.js";
import { say } from "./rows.js";
import { ScalarCalls } from "./scalar.js";
import { TableCalls } from "./table.js";
import { describe } from "./types/field.js";
import { CallError } from "./wire.js";

/** `splitWords` and `SplitWords` are `split_words` in SQL. */
export function snakeCase(name) {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}

/** The functions that modules export. */
export class Package {
  constructor(name, version, ...modules) {
    this.name = name;
    this.version = version;
    this.functions = modules.flatMap((module) =>
      Object.entries(module).flatMap(([exported, value]) => {
        const declaration = declarationOf(value);
        return declaration ? [{ ...declaration, name: declaration.name ?? snakeCase(exported) }] : [];
      }),
    );
    if (this.functions.length === 0) {
      throw new TypeError("the package exports no functions: export what scalar, table or aggregate returned");
    }
  }

  /** What the host is told. */
  describe() {
    const { name, version, functions } = this;
    return { name, version, functions: functions.map(signatureOf) };
  }
}

export function signatureOf({ name, kind, parameters, shown, deterministic, retracts, merges, doc }) {
  return {
    name,
    kind,
    parameters: parameters.map((parameter) => ({ name: parameter.name, type: describe(parameter.name, parameter.type) })),
    result: describe("", shown),
    deterministic,
    retracts,
    merges,
    doc,
  };
}

const shapeOf = (field) => field.map(({ format, children }) => `${format} ${children}`).join();

/** A package at work: what the host calls, without the boundary. Failures of a whole call are thrown. */
export class Bindings {
  #package;
  /** By their handles. */
  #places = [];

  constructor(pkg) {
    this.#package = pkg;
  }

  describe() {
    return this.#package.describe();
  }

  /** Binds a function to a place in a plan. */
  bind(binding) {
    const declared = this.#package.functions[binding.function];
    if (declared === undefined) throw new CallError(`there is no function ${binding.function}`);
    const { name, parameters, shown, state } = declared;
    const expected = parameters.map((parameter) => shapeOf(describe(parameter.name, parameter.type)));
    if (expected.join(";") !== binding.arguments.map(shapeOf).join(";")) {
      throw new CallError(`the arguments are not those of ${name}'s signature`);
    }
    const handle = this.#places.push({ calls: declared.bind(new Context(binding, parameters)), cursor: null }) - 1;
    const fields = state ? state.children.map((member) => describe(member.name, member.type)) : [];
    return { handle, result: describe("", shown), state: fields };
  }

  /** Forgets a place. */
  unbind(handle) {
    if (handle < this.#places.length) this.#places[handle] = null;
  }

  /** Calls a scalar function. */
  call(handle, rows, batch) {
    return this.#place(handle, ScalarCalls).calls.call(rows, batch);
  }

  /** Gives a table function the rows of a call. */
  begin(handle, rows, batch) {
    const place = this.#place(handle, TableCalls);
    place.cursor = null;
    place.cursor = place.calls.begin(rows, batch);
  }

  /** The next rows of a table function's output. */
  next(handle, maxRows) {
    const place = this.#place(handle, TableCalls);
    if (place.cursor === null) throw new CallError("there is no call whose output could be fetched (a bug of the host)");
    const chunk = place.cursor.next(maxRows);
    if (chunk.done) place.cursor = null;
    return chunk;
  }

  /** Opens accumulators of an aggregate function. */
  open(handle) {
    return this.#place(handle, AggregateCalls).calls.open();
  }

  #place(handle, kind) {
    const place = this.#places[handle];
    if (!(place?.calls instanceof kind)) throw new CallError(`no such function is bound as ${handle} (a bug of the host)`);
    return place;
  }
}

/** What is thrown as the message of a failed call. */
export function messageOf(error) {
  return error instanceof CallError ? error.message : say(error);
}
