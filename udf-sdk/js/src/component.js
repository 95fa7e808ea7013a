// The boundary: what the contract's `functions` calls. Only in a component is there a log to import.

import log from "anabranch:functions/log@0.1.0";
import { Bindings, Package, messageOf } from "./package.js";

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

  class Accumulators {
    constructor(accumulators) {
      for (const method of ["accumulate", "retract", "merge", "evaluate", "state", "restore", "remove"]) {
        this[method] = fallible(accumulators[method].bind(accumulators));
      }
    }
  }
  Accumulators.open = fallible((handle) => new Accumulators(bindings.open(handle)));

  const functions = { Accumulators, describe: () => bindings.describe(), unbind: (handle) => bindings.unbind(handle) };
  for (const call of ["bind", "call", "begin", "next"]) functions[call] = fallible(bindings[call].bind(bindings));
  return functions;
}
