// The boundary of the interpreter: what the contract's `functions` and `interpreter` call.

import { functionsOf, wake } from "./component.js";
import { Interpreter, sourceError } from "./interpreter.js";

const itself = new Interpreter();

export const functions = functionsOf(itself);

export const interpreter = {
  define(signature, source) {
    wake();
    try {
      return itself.define(signature, source);
    } catch (error) {
      throw sourceError(error);
    }
  },
};
