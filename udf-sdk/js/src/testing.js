// Calls the functions of a module as a host does, but without WebAssembly: over columns, with NULLs, in chunks, with
// states that are saved and brought back.

import { message, transport } from "./http.js";
import { Bindings, Package } from "./package.js";
import { describe, nullable, readColumn, withNull, writeColumn } from "./types/field.js";
import { Columns, Reader, passed } from "./wire.js";

/** What a row gave that failed. */
export class Failed {
  constructor(message) {
    this.message = message;
  }
}

/** A host of the functions that a module exports. */
export class Tester {
  constructor(module, { timeZone = "UTC", options = {}, maxRows = 1024, functions } = {}) {
    this.package = functions ?? new Package("test", "0", module);
    this.bindings = new Bindings(this.package);
    this.timeZone = timeZone;
    this.options = Object.entries(options);
    this.maxRows = maxRows;
  }

  /** The values of a scalar function, `Failed` where a row failed; null is NULL. */
  scalar(name, columns, { rows = columns[0]?.length, literals = [] } = {}) {
    const bound = this.bind(name, "scalar", columns, literals);
    return resultsOf(bound, this.bindings.call(bound.handle, rows, bound.batch));
  }

  /** The rows that a table function gives for each input row; where it failed, `Failed` behind what it gave. */
  table(name, columns, { rows = columns[0]?.length } = {}) {
    const bound = this.bind(name, "table", columns, []);
    const given = Array.from({ length: rows }, () => []);
    this.bindings.begin(bound.handle, rows, bound.batch);
    for (let done = false; !done; ) {
      const chunk = this.bindings.next(bound.handle, this.maxRows);
      const items = chunk.rows.map(() => ({}));
      const reader = received(chunk.columns, bound.result.children);
      bound.result.children.forEach(({ name, type }) => {
        const values = withNull(readColumn(type, reader), reader.valid);
        items.forEach((item, row) => (item[name] = values[row]));
      });
      chunk.rows.forEach((row, index) => given[row].push(items[index]));
      for (const { row, message } of chunk.errors) given[row].push(new Failed(message));
      done = chunk.done;
    }
    return given;
  }

  /** An aggregate function without any rows. `columns` may be empty ones: they choose among overloads. */
  aggregate(name, columns = [[]]) {
    return new Aggregate(this.bindings, this.bind(name, "aggregate", columns, []));
  }

  bind(name, kind, columns, literals) {
    for (const [index, declared] of this.package.functions.entries()) {
      if (declared.name !== name || declared.kind !== kind || declared.parameters.length !== columns.length) continue;
      let batch;
      try {
        batch = writeArguments(declared.parameters, columns);
      } catch {
        continue;
      }
      const { handle } = this.bindings.bind({
        function: index,
        arguments: declared.parameters.map((parameter) => describe(parameter.name, parameter.type)),
        constants: declared.parameters.map((parameter, place) =>
          literals.includes(place) ? writeArguments([parameter], [columns[place].slice(0, 1)]) : null,
        ),
        timeZone: this.timeZone,
        options: this.options,
      });
      return { handle, batch, declared, result: declared.result };
    }
    throw new TypeError(`there is no ${kind} function '${name}' that takes these values`);
  }
}

/** An aggregate function under test: the accumulators of many groups. */
class Aggregate {
  constructor(bindings, bound) {
    this.bound = bound;
    this.accumulators = bindings.open(bound.handle);
  }

  accumulate(groups, columns) {
    return this.accumulators.accumulate(groups, writeArguments(this.bound.declared.parameters, columns));
  }

  retract(groups, columns) {
    return this.accumulators.retract(groups, writeArguments(this.bound.declared.parameters, columns));
  }

  evaluate(groups) {
    return resultsOf(this.bound, this.accumulators.evaluate(groups));
  }

  /** Saves the states of groups, removes these, and brings them back. */
  move(groups) {
    const state = this.#state(groups);
    this.accumulators.remove(groups);
    this.accumulators.restore(groups, state);
  }

  /** Adds the states of other groups to groups. */
  merge(groups, others) {
    return this.accumulators.merge(groups, this.#state(others));
  }

  #state(groups) {
    return passed(this.accumulators.state(groups), this.bound.declared.state.children);
  }
}

/** What `run` gives, with HTTP requests answered by a function in place of web servers. */
export function answers(answer, run) {
  const before = transport.send;
  transport.send = (request) => {
    const { status = 200, ...rest } = answer(request);
    const { headers, body } = message(rest);
    return { status, headers: Object.entries(headers), body };
  };
  try {
    return run();
  } finally {
    transport.send = before;
  }
}

/** The columns of arguments. Any of them may hold NULL, as in a host. */
function writeArguments(parameters, values) {
  const columns = new Columns();
  parameters.forEach(({ type }, index) => writeColumn(nullable(type), Array.from(values[index]), columns));
  return passed(columns, parameters);
}

/** What a function returned, to be read. */
function received(columns, fields) {
  return new Reader(fields).open(passed(columns, fields));
}

function resultsOf({ result }, { column, errors }) {
  const reader = received(column, [{ type: result }]);
  const results = Array.from(withNull(readColumn(result, reader), reader.valid));
  for (const { row, message } of errors) {
    if (results[row] !== null) throw new Error(`row ${row} failed, but is not NULL`);
    results[row] = new Failed(message);
  }
  return results;
}
