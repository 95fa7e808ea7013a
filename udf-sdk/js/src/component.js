// The boundary: what the contract's `functions` calls. Only in a component is there a log to import.

import log from "anabranch:functions/log@0.2.0";
import { Bindings, Package, messageOf } from "./package.js";
import { pack, shapeOf, unpack } from "./wire.js";

const lines = (level) => (...values) => log.log(level, values.map(String).join(" "));
globalThis.console ??= {
  error: lines("error"),
  warn: lines("warn"),
  info: lines("info"),
  log: lines("info"),
  debug: lines("debug"),
  trace: lines("trace"),
};

/** A call whose exceptions are its failure: a text is what the contract has for them. */
function fallible(call) {
  return function (...args) {
    try {
      return call.apply(this, args);
    } catch (error) {
      throw messageOf(error);
    }
  };
}

/** The contract's `functions`, of a package. */
export function component(name, version, module) {
  return functionsOf(new Package(name, version, module));
}

/** The same, of what describes itself and has `functions`. */
export function functionsOf(pkg) {
  const bindings = new Bindings(pkg);
  /** Of each bound place, by its handle: the shapes of a call's columns, and those of a state's. */
  const shapes = new Map();
  const columnsOf = (handle, batch) => unpack(batch, shapes.get(handle)?.args ?? []);

  class Accumulators {
    constructor(accumulators, { args, state }) {
      const define = (methods) => {
        for (const [name, method] of Object.entries(methods)) this[name] = fallible(method);
      };
      define({
        accumulate: (groups, columns) => accumulators.accumulate(groups, unpack(columns, args)),
        retract: (groups, columns) => accumulators.retract(groups, unpack(columns, args)),
        merge: (groups, batch) => accumulators.merge(groups, unpack(batch, state)),
        evaluate: (groups) => flat(accumulators.evaluate(groups)),
        state: (groups) => pack(accumulators.state(groups)),
        restore: (groups, batch) => accumulators.restore(groups, unpack(batch, state)),
        remove: (groups) => accumulators.remove(groups),
      });
    }
  }
  Accumulators.open = fallible((handle) => new Accumulators(bindings.open(handle), shapes.get(handle)));

  return {
    Accumulators,
    describe: () => bindings.describe(),
    bind: fallible((binding) => {
      const args = binding.arguments.map(shapeOf);
      const constants = binding.constants.map((constant, index) => constant && unpack(constant, [args[index]])[0]);
      const bound = bindings.bind({ ...binding, constants });
      shapes.set(bound.handle, { args, state: bound.state.map(shapeOf) });
      return bound;
    }),
    unbind: (handle) => {
      bindings.unbind(handle);
      shapes.delete(handle);
    },
    call: fallible((handle, rows, columns) => flat(bindings.call(handle, rows, columnsOf(handle, columns)))),
    begin: fallible((handle, rows, columns) => bindings.begin(handle, rows, columnsOf(handle, columns))),
    next: fallible((handle, maxRows) => {
      const chunk = bindings.next(handle, maxRows);
      return { ...chunk, columns: pack(chunk.columns) };
    }),
  };
}

/** The result of a scalar or aggregate function as it crosses. */
function flat({ column, errors }) {
  return { column: pack([column]), errors };
}
