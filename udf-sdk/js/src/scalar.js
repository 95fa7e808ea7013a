// Scalar functions: one value per row.

import { Arguments, columnOf, mapRows, say } from "./rows.js";
import { CallError } from "./wire.js";

/** A scalar function at one place of a plan. */
export class ScalarCalls {
  constructor(compute, { parameters, result, vectorized }) {
    this.compute = compute;
    this.args = new Arguments(parameters);
    this.result = result;
    this.vectorized = vectorized;
  }

  /** The values of a call. */
  call(rows, batch) {
    const { args } = this;
    const columns = args.read(rows, batch);
    const { count, errors } = args;
    const results = this.vectorized
      ? this.part(columns, 0, count, errors)
      : mapRows(this.compute, columns, count, errors);
    return { column: columnOf(this.result, results, errors, args.selected), errors: errors.rows() };
  }

  /** Computes some rows. An exception is of one of them: it is found by halving. */
  part(columns, start, rows, errors) {
    if (rows === 0) return [];
    let results;
    try {
      results = this.compute(...columns);
    } catch (error) {
      if (rows === 1) {
        errors.add(start, say(error));
        return [null];
      }
      const half = rows >> 1;
      const first = this.part(columns.map((column) => column.slice(0, half)), start, half, errors);
      const second = this.part(columns.map((column) => column.slice(half)), start + half, rows - half, errors);
      return [...first, ...second];
    }
    if (results?.length !== rows) throw new CallError(`it returned ${results?.length ?? "no"} values for ${rows} rows`);
    return results;
  }
}
