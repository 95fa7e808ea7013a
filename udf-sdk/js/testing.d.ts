// Calls the functions of a module as a host does, but without WebAssembly: over columns, with NULLs, in chunks, with states
// that are saved and brought back. What a function computes is tested best by calling it; this is for what only a whole call
// shows.

import type { http } from "./index.js";

/** What a row gave that failed. */
export class Failed {
  readonly message: string;
  constructor(message: string);
}

export interface RowError {
  row: number;
  message: string;
}

/** A host of the functions that a module exports: `import * as module from "./greetings.js"`. */
export class Tester {
  constructor(module: object, options?: { timeZone?: string; options?: Record<string, string>; maxRows?: number });

  /**
   * The values of a scalar function, `Failed` where a row failed; null is NULL. `literals` are the arguments, by place,
   * whose value is told to the function beforehand. Of a function without parameters, so many `rows`.
   */
  scalar(name: string, columns: readonly unknown[][], options?: { rows?: number; literals?: number[] }): any[];

  /** The rows that a table function gives for each input row; where it failed, `Failed` behind what it gave. */
  table(name: string, columns: readonly unknown[][], options?: { rows?: number }): any[][];

  /** An aggregate function without any rows. `columns` may be empty ones: they choose among overloads. */
  aggregate(name: string, columns?: readonly unknown[][]): Aggregate;
}

/** An aggregate function under test: the accumulators of many groups, a group per row. */
export interface Aggregate {
  accumulate(groups: number[], columns: readonly unknown[][]): RowError[];
  retract(groups: number[], columns: readonly unknown[][]): RowError[];
  /** The values of groups, `Failed` where one failed; null is NULL. */
  evaluate(groups: number[]): any[];
  /** Saves the states of groups, removes these, and brings them back. */
  move(groups: number[]): void;
  /** Adds the states of other groups to groups. */
  merge(groups: number[], others: number[]): RowError[];
}

/** A response in a test; of status 200 where it says none. */
export interface Answer {
  status?: number;
  headers?: http.Headers;
  body?: string | Uint8Array | null;
  /** In place of a body: a value that is sent as JSON. */
  json?: unknown;
}

/**
 * What `run` returns, with HTTP requests answered by a function in place of web servers. What that throws, the one who sent the
 * request sees: `new http.HttpError("…")` stands for no response.
 */
export function answers<R>(answer: (request: http.Request) => Answer, run: () => R): R;
