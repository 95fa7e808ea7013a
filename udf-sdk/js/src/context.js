// Where a function stands in a plan.

import { readColumn, withNull } from "./types/field.js";
import { CallError, Reader } from "./wire.js";

/** What was agreed before any row is sent; what an option `bind` is given. */
export class Context {
  #constants;
  #parameters;

  constructor(binding, parameters) {
    /** The session's time zone, an IANA name or an offset. */
    this.timeZone = binding.timeZone;
    /** The options of the function's DDL that are not the host's own. */
    this.options = Object.fromEntries(binding.options);
    this.#constants = binding.constants;
    this.#parameters = parameters;
  }

  /** The value of an argument that is a literal, by its name; null where it is not, or is NULL. */
  constant(name) {
    const index = this.#parameters.findIndex((parameter) => parameter.name === name);
    if (index < 0) throw new TypeError(`there is no parameter '${name}'`);
    const batch = this.#constants[index];
    if (batch === null || batch === undefined) return null;
    const parameter = this.#parameters[index];
    const reader = new Reader([parameter]).open(batch);
    const values = readColumn(parameter.type, reader);
    for (const reason of reader.unreadable.values()) throw new CallError(`the literal for '${name}' ${reason}`);
    return withNull(values, reader.valid)[0];
  }
}
