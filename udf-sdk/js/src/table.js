// Table functions: zero or more rows per row.

import { Arguments, fits, say, show } from "./rows.js";
import { writeColumn } from "./types/field.js";
import { Columns } from "./wire.js";

/** A table function at one place of a plan. */
export class TableCalls {
  constructor(expand, { parameters, result }) {
    this.expand = expand;
    this.args = new Arguments(parameters);
    this.result = result;
  }

  /** The output of a call, to be fetched in chunks. */
  begin(rows, batch) {
    return new Cursor(this, this.args.read(rows, batch), this.args);
  }

  /**
   * The columns of some output rows. One that is of another type is taken out, with what its input row gave behind it: in
   * smaller chunks, the function would not have been asked for that.
   */
  write(items, rows, failed) {
    try {
      return this.columns(items);
    } catch {
      const wrong = new Set();
      const kept = [];
      items.forEach((item, index) => {
        const row = rows[index];
        if (wrong.has(row)) return;
        if (fits(this.result, item)) {
          // Never beyond where it stood.
          rows[kept.length] = row;
          kept.push(item);
        } else {
          wrong.add(row);
          failed(row, `gave ${show(item)}, which is no ${this.result.name}`);
        }
      });
      rows.length = kept.length;
      return this.columns(kept);
    }
  }

  columns(items) {
    const columns = new Columns();
    const values = this.result.columns(items);
    this.result.children.forEach(({ type }, index) => writeColumn(type, values[index], columns));
    return columns;
  }
}

/** The rows of a call that are yet to be expanded, and those of the current one that are yet to be sent. */
class Cursor {
  constructor(calls, columns, args) {
    this.calls = calls;
    this.columns = columns;
    this.count = args.count;
    this.numbers = args.numbers();
    this.errors = new Map(args.errors.messages);
    this.following = 0;
    /** The input row that is being expanded. */
    this.row = -1;
    this.current = null;
    this.done = false;
  }

  /** At most so many more rows. */
  next(maxRows) {
    const limit = Math.max(maxRows, 1);
    const [rows, items] = [[], []];
    const failed = (row, message) => this.fail(row, message);
    while (items.length < limit && (this.current !== null || this.advance())) {
      const before = items.length;
      try {
        this.take(items, limit);
      } catch (error) {
        // What it gave before stays, as it does where it has gone out in an earlier chunk.
        failed(this.row, say(error));
      }
      for (let index = before; index < items.length; index++) rows.push(this.row);
    }
    const columns = this.calls.write(items, rows, failed);
    return { rows, columns, errors: this.takeErrors(), done: this.done };
  }

  /** Takes what the current input row gives. */
  take(items, limit) {
    while (items.length < limit) {
      const { done, value } = this.current.next();
      if (done) {
        this.current = null;
        return;
      }
      items.push(value);
    }
  }

  /** Expands the next input row, if there is one. */
  advance() {
    const { columns, count } = this;
    while (this.following < count) {
      const index = this.following++;
      this.row = this.numbers === null ? index : this.numbers[index];
      try {
        const expansion = this.calls.expand(...columns.map((column) => column[index]));
        if (expansion !== null && expansion !== undefined) {
          this.current = expansion[Symbol.iterator]();
          return true;
        }
      } catch (error) {
        this.fail(this.row, say(error));
      }
    }
    this.done = true;
    return false;
  }

  fail(row, message) {
    // A row that is found to be of another type was given before whatever else its input row failed with.
    this.errors.set(row, message);
    if (row === this.row) this.current = null;
  }

  /** The errors of the input rows that were reached. */
  takeErrors() {
    const reached = [...this.errors].filter(([row]) => this.done || row <= this.row);
    for (const [row] of reached) this.errors.delete(row);
    return reached.sort(([one], [other]) => one - other).map(([row, message]) => ({ row, message }));
  }
}
