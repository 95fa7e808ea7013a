// The boundary: what the contract's `functions` calls. Only in a component are there a log and HTTP to import.

import * as importedHttp from "anabranch:functions/http@0.2.0";
import * as importedLog from "anabranch:functions/log@0.2.0";
import { http, transport } from "./http.js";
import { Bindings, Package, messageOf } from "./package.js";
import { random } from "./random.js";
import { CallError } from "./wire.js";

// What an interface exports are names of the module in StarlingMonkey, and in QuickJS members of its default.
const { log } = importedLog.default ?? importedLog;
const { send } = importedHttp.default ?? importedHttp;
/** Whether there is a host: not yet when modules are run, as the component is built then. What they log is lost. */
let awake = false;
/** What the host is asked for beside the contract. Nothing in StarlingMonkey, which has no imports but static ones. */
const outside = importedLog.default ? await imports() : null;
const lines = (level) => (...values) => awake && log(level, values.map(String).join(" "));
// The console that StarlingMonkey has writes to standard output and knows no levels.
globalThis.console = Object.assign(globalThis.console ?? {}, {
  error: lines("error"),
  warn: lines("warn"),
  info: lines("info"),
  log: lines("info"),
  debug: lines("debug"),
  trace: lines("trace"),
});

/** The longest timeout: QuickJS passes no number of 32 bits on that has the highest. */
const LONGEST = 2 ** 31 - 1;

transport.send = ({ headers, timeout, ...rest }) => {
  if (!awake) throw new http.HttpError("a component sends no requests while it is built");
  const limit = timeout === null ? null : Math.ceil(Math.min(timeout, LONGEST)) | 0;
  let response;
  try {
    response = send({ ...rest, headers: Object.entries(headers), timeout: limit });
  } catch (error) {
    throw new http.HttpError(error.message);
  }
  const { buffer, byteOffset, length } = response.body;
  // As columns are, of the realm of functions.
  return { ...response, body: new Uint8Array(buffer, byteOffset, length) };
};

let nextRandom = Math.random;
// Libraries keep what they find here as they are loaded.
if (outside) Math.random = () => nextRandom();
// The function's environment is where Node.js has it, where tests may set it.
globalThis.process ??= {};
process.env ??= {};

/** To be called before anything else is, by a host. */
export function wake() {
  if (awake) return;
  awake = true;
  if (outside === null) return;
  const [{ insecureSeed }, { getEnvironment }] = outside;
  // Alike in all instances, unless randomness is granted.
  nextRandom = random(insecureSeed());
  Object.assign(process.env, Object.fromEntries(getEnvironment()));
}

async function imports() {
  // The bundler looks for a file of each, unless it sees that an import may fail.
  try {
    const modules = [await import("wasi:random/insecure-seed@0.2.12"), await import("wasi:cli/environment@0.2.12")];
    return modules.map((module) => module.default);
  } catch (error) {
    throw new CallError(`the world of the component has no WASI: ${error}`);
  }
}

/** A call of up to three arguments whose exceptions are its failure: a text is what the contract has for them. */
function fallible(call) {
  return function (a, b, c) {
    try {
      return call.call(this, a, b, c);
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
    #groups;

    constructor(groups) {
      this.#groups = groups;
    }

    static open(handle) {
      return new Accumulators(bindings.open(handle));
    }

    accumulate(groups, batch) {
      return this.#groups.accumulate(groups, batch);
    }

    retract(groups, batch) {
      return this.#groups.retract(groups, batch);
    }

    merge(groups, batch) {
      return this.#groups.merge(groups, batch);
    }

    evaluate(groups) {
      return this.#groups.evaluate(groups);
    }

    state(groups) {
      return this.#groups.state(groups);
    }

    restore(groups, batch) {
      this.#groups.restore(groups, batch);
    }

    remove(groups) {
      this.#groups.remove(groups);
    }
  }
  // StarlingMonkey looks methods up in the prototype, where the language puts them.
  Accumulators.open = fallible(Accumulators.open);
  for (const name of ["accumulate", "retract", "merge", "evaluate", "state", "restore"]) {
    Accumulators.prototype[name] = fallible(Accumulators.prototype[name]);
  }

  return {
    Accumulators,
    describe: () => bindings.describe(),
    bind: fallible((binding) => {
      wake();
      return bindings.bind(binding);
    }),
    unbind: (handle) => bindings.unbind(handle),
    // As `fallible` does, whose own calls are dear where there is only one row.
    call(handle, rows, batch) {
      try {
        return bindings.call(handle, rows, batch);
      } catch (error) {
        throw messageOf(error);
      }
    },
    begin: fallible((handle, rows, batch) => bindings.begin(handle, rows, batch)),
    next: fallible((handle, maxRows) => bindings.next(handle, maxRows)),
  };
}
