// Scalar functions: one value per row.

import { Arguments, CallError, Errors, columnOf, mapRows, say } from "./rows.js";

/** A scalar function at one place of a plan. */
export class ScalarCalls {
  constructor(compute, { parameters, result, vectorized }) {
    this.compute = compute;
    this.parameters = parameters;
    this.result = result;
    this.vectorized = vectorized;
  }

  /** The values of a call. */
  call(rows, columns) {
    const args = new Arguments(this.parameters, rows, columns);
    const errors = new Errors(args);
    const failed = (index, message) => errors.add(index, message);
    const results = this.vectorized
      ? this.part(args.columns, 0, args.count, failed)
      : mapRows(this.compute, args.columns, args.count, failed);
    const column = columnOf(this.result, results, errors, args.selected);
    return { column, errors: errors.rows() };
  }

  /** Computes some rows. An exception is of one of them: it is found by halving. */
  part(columns, start, rows, failed) {
    if (rows === 0) return [];
    let results;
    try {
      results = this.compute(...columns);
    } catch (error) {
      if (rows === 1) {
        failed(start, say(error));
        return [null];
      }
      const half = rows >> 1;
      const first = this.part(columns.map((column) => column.slice(0, half)), start, half, failed);
      const second = this.part(columns.map((column) => column.slice(half)), start + half, rows - half, failed);
      return [...first, ...second];
    }
    if (results?.length !== rows) throw new CallError(`it returned ${results?.length ?? "no"} values for ${rows} rows`);
    return results;
  }
}
