// How a call runs over rows: which of them are computed, what is made of exceptions, how results become a column.

import { both, count } from "./bitmap.js";
import { lineOf } from "./source.js";
import { nameOf, readColumn, splitNulls, withNull } from "./types/field.js";

/** A failure of a whole call, not of one row. */
export class CallError extends Error {}

/** What a thrown value says; of a function that came as text, with the line of it. */
export function say(thrown) {
  const place = lineOf(thrown);
  return place === null ? said(thrown) : `${said(thrown)} (line ${place.line}: ${place.text})`;
}

/** What a thrown value says. */
export function said(thrown) {
  return textOf(thrown, String);
}

/** A value as messages show it. */
export function show(value) {
  const shown = textOf(value, (value) =>
    typeof value === "bigint" ? `${value}n` : typeof value === "object" ? JSON.stringify(value, plain) : quoted(value),
  );
  return shown.length <= 100 ? shown : `${wellFormed(shown.slice(0, 100))}…`;
}

/**
 * The text of a value; what it is, where it has none: an object may refer to itself, and what its methods throw would fail
 * the whole call, while the message is of one row.
 */
function textOf(value, convert) {
  try {
    return wellFormed(convert(value));
  } catch {
    return `a value of type ${typeof value} that cannot be shown`;
  }
}

/** The text without lone surrogates, which no UTF-8 has. */
const wellFormed = (text) => text.replace(/[\ud800-\udfff]/gu, "\ufffd");

const plain = (_, value) => (typeof value === "bigint" ? `${value}n` : value instanceof Map ? [...value] : value);
const quoted = (value) => (typeof value === "string" ? JSON.stringify(value) : String(value));

/** Some values of a column: those where `mask` is set, `total` of them. */
function compress(values, mask, total) {
  const kept = Array.isArray(values) ? new Array(total) : new values.constructor(total);
  const rows = mask.length;
  for (let row = 0, next = 0; row < rows; row++) if (mask[row]) kept[next++] = values[row];
  return kept;
}

/**
 * The arguments of a call: those of the rows that are computed. Rows where an argument is NULL that the function does not
 * take are left out; rows that hold what it cannot be given are errors.
 */
export class Arguments {
  constructor(parameters, rows, columns) {
    if (columns.length !== parameters.length || columns.some((column) => column[0].length !== rows)) {
      throw new CallError("the columns of a call are not those agreed on (a bug of the host)");
    }
    const read = [];
    this.rows = rows;
    /** The mask of the rows that are computed; null where all are. */
    this.selected = null;
    /** Messages by row. */
    this.errors = new Map();
    let unreadable = 0;
    for (let index = 0; index < parameters.length; index++) {
      const { type } = parameters[index];
      const column = readColumn(type, columns[index].values());
      if (!type.nullable) this.selected = both(this.selected, column.valid);
      unreadable += column.unreadable.size;
      read.push(column);
    }
    if (unreadable > 0) {
      parameters.forEach(({ name }, index) => {
        for (const [row, reason] of read[index].unreadable) {
          if (this.selected?.[row] !== 0) this.errors.set(row, `argument \`${name}\` ${reason}`);
        }
      });
    }
    if (this.errors.size > 0) {
      this.selected = this.selected?.slice() ?? new Uint8Array(rows).fill(1);
      for (const row of this.errors.keys()) this.selected[row] = 0;
    }
    /** How many rows are computed. */
    this.count = this.selected === null ? rows : count(this.selected);
    /** Their values. */
    this.columns = [];
    for (let index = 0; index < parameters.length; index++) {
      const values = parameters[index].type.nullable ? withNull(read[index]) : read[index].values;
      this.columns.push(this.selected === null ? values : compress(values, this.selected, this.count));
    }
  }

  /** The rows of the call that are computed; null where all are. */
  numbers() {
    if (this.selected === null) return null;
    const numbers = [];
    for (let row = 0; row < this.rows; row++) if (this.selected[row]) numbers.push(row);
    return numbers;
  }
}

/** The errors of a call, the first of each row. */
export class Errors {
  /** Of a call with these arguments; of one that computes all its rows without. */
  constructor(args = null) {
    this.args = args;
    this.numbers = null;
    this.messages = new Map(args?.errors);
  }

  /** A computed row, by its place among them, failed. */
  add(index, message) {
    this.numbers ??= this.args?.numbers() ?? null;
    const row = this.numbers === null ? index : this.numbers[index];
    if (!this.messages.has(row)) this.messages.set(row, message);
  }

  /** By row. */
  rows() {
    if (this.messages.size === 0) return [];
    return [...this.messages].sort(([one], [other]) => one - other).map(([row, message]) => ({ row, message }));
  }
}

/** Calls a function of one row, by its place, for each; `failed` is told which threw what. */
export function forEachRow(total, call, failed) {
  for (let index = 0; index < total; index++) {
    try {
      for (; index < total; index++) call(index);
    } catch (error) {
      failed(index, say(error));
    }
  }
}

/**
 * The results of a function for each row, null where it threw. Calls with few arguments are written out, as one with a list
 * of arguments takes twice the time.
 */
export function mapRows(compute, columns, total, failed) {
  const results = new Array(total).fill(null);
  const [a, b, c] = columns;
  const calls = [
    (row) => { results[row] = compute(); },
    (row) => { results[row] = compute(a[row]); },
    (row) => { results[row] = compute(a[row], b[row]); },
    (row) => { results[row] = compute(a[row], b[row], c[row]); },
  ];
  const args = new Array(columns.length);
  const call = calls[columns.length] ?? ((row) => {
    for (let index = 0; index < args.length; index++) args[index] = columns[index][row];
    results[row] = compute.apply(null, args);
  });
  forEachRow(total, call, failed);
  return results;
}

/**
 * The column of results, NULL in the rows that are not selected, where they are null, and where they are of another type;
 * `errors` are told of these.
 */
export function columnOf(type, results, errors, selected) {
  let { valid, values } = type.nullable || errors.messages.size > 0 ? splitNulls(results, type.filler) : { valid: null, values: results };
  if (valid !== null && !type.nullable) valid.forEach((set, index) => set || errors.add(index, wrong(type, results[index])));
  let nodes = [];
  try {
    write(type, values, valid, selected, nodes);
  } catch {
    const checked = Array.from(results, (result, index) => {
      if (isNull(result) ? type.nullable : fits(type, result)) return result;
      errors.add(index, wrong(type, result));
      return null;
    });
    ({ valid, values } = splitNulls(checked, type.filler));
    nodes = [];
    write(type, values, valid, selected, nodes);
  }
  return nodes;
}

function write(type, values, valid, selected, nodes) {
  if (selected === null) return type.write(values, valid, nodes);
  const rows = selected.length;
  const spread = Array.isArray(values) ? new Array(rows).fill(type.filler) : new values.constructor(rows);
  const set = valid === null ? selected : new Uint8Array(rows);
  for (let row = 0, next = 0; row < rows; row++) {
    if (!selected[row]) continue;
    if (valid !== null) set[row] = valid[next];
    spread[row] = values[next++];
  }
  return type.write(spread, set, nodes);
}

const isNull = (value) => value === null || value === undefined;

/** Whether a value is of a type. */
export function fits(type, value) {
  try {
    type.write([value], null, []);
  } catch {
    return false;
  }
  return true;
}

function wrong(type, result) {
  return `returned ${show(result)}, which is no ${isNull(result) ? nameOf(type) : type.name}`;
}
