// How a call runs over rows: which of them are computed, what is made of exceptions, how results become a column.

import { both, count } from "./bitmap.js";
import { lineOf } from "./source.js";
import { nameOf, readColumn, splitNulls, withNull } from "./types/field.js";
import { CallError, Columns, NOTHING_UNREADABLE, Reader } from "./wire.js";

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
 * The arguments of calls, one after the other: those of the rows that are computed. Rows where an argument is NULL that the
 * function does not take are left out; rows that hold what it cannot be given are errors.
 */
export class Arguments {
  constructor(parameters) {
    this.parameters = parameters;
    this.reader = new Reader(parameters);
    this.errors = new Errors(this);
    this.rows = 0;
    /** How many rows are computed. */
    this.count = 0;
    /** The mask of the rows that are computed; null where all are. */
    this.selected = null;
  }

  /** The values of a call, by column. The rest is of this call until the next. */
  read(rows, batch) {
    const { parameters, errors } = this;
    const reader = this.reader.open(batch);
    const columns = [];
    let selected = null;
    let unreadable = null;
    for (let index = 0; index < parameters.length; index++) {
      const { name, type } = parameters[index];
      if (reader.rows() !== rows) throw new CallError("the columns of a call are not those agreed on (a bug of the host)");
      const values = readColumn(type, reader);
      const { valid } = reader;
      columns.push(type.nullable ? withNull(values, valid) : values);
      if (!type.nullable && valid !== null) selected = both(selected, valid);
      if (reader.unreadable !== NOTHING_UNREADABLE) (unreadable ??= []).push([name, reader.unreadable]);
    }
    reader.close();
    this.rows = rows;
    errors.reset();
    if (unreadable !== null) selected = this.refuse(unreadable, selected);
    this.selected = selected;
    this.count = selected === null ? rows : count(selected);
    return selected === null ? columns : columns.map((values) => compress(values, selected, this.count));
  }

  /** The rows that are left of those selected where others hold what the function cannot be given. */
  refuse(unreadable, selected) {
    const messages = new Map();
    for (const [name, reasons] of unreadable) {
      for (const [row, reason] of reasons) if (selected?.[row] !== 0) messages.set(row, `argument \`${name}\` ${reason}`);
    }
    if (messages.size === 0) return selected;
    this.errors.messages = messages;
    const left = selected?.slice() ?? new Uint8Array(this.rows).fill(1);
    for (const row of messages.keys()) left[row] = 0;
    return left;
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
  /** Of calls with these arguments; of one that computes all its rows without. */
  constructor(args = null) {
    this.args = args;
    this.reset();
  }

  /** Begins a call. */
  reset() {
    this.numbers = null;
    /** By row; null where there are none. */
    this.messages = null;
  }

  /** A computed row, by its place among them, failed. */
  add(index, message) {
    this.messages ??= new Map();
    this.numbers ??= this.args?.numbers() ?? null;
    const row = this.numbers === null ? index : this.numbers[index];
    if (!this.messages.has(row)) this.messages.set(row, message);
  }

  /** By row. */
  rows() {
    if (this.messages === null) return [];
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
 * By the number of columns, what appends the results of a function for the rows behind those that have one. They are
 * written out, as a call with a list of arguments takes twice the time.
 */
const APPEND = [
  (results, total, compute) => {
    for (let row = results.length; row < total; row++) results[row] = compute();
  },
  (results, total, compute, columns) => {
    const a = columns[0];
    for (let row = results.length; row < total; row++) results[row] = compute(a[row]);
  },
  (results, total, compute, columns) => {
    const a = columns[0];
    const b = columns[1];
    for (let row = results.length; row < total; row++) results[row] = compute(a[row], b[row]);
  },
  (results, total, compute, columns) => {
    const a = columns[0];
    const b = columns[1];
    const c = columns[2];
    for (let row = results.length; row < total; row++) results[row] = compute(a[row], b[row], c[row]);
  },
  (results, total, compute, columns) => {
    const a = columns[0];
    const b = columns[1];
    const c = columns[2];
    const d = columns[3];
    for (let row = results.length; row < total; row++) results[row] = compute(a[row], b[row], c[row], d[row]);
  },
];

function appendAny(results, total, compute, columns) {
  const args = new Array(columns.length);
  for (let row = results.length; row < total; row++) {
    for (let index = 0; index < args.length; index++) args[index] = columns[index][row];
    results[row] = compute.apply(undefined, args);
  }
}

/** The results of a function for each row, null where it threw; `errors` are told which threw what. */
export function mapRows(compute, columns, total, errors) {
  const append = APPEND[columns.length] ?? appendAny;
  const results = [];
  while (results.length < total) {
    try {
      append(results, total, compute, columns);
    } catch (error) {
      errors.add(results.length, say(error));
      results.push(null);
    }
  }
  return results;
}

/**
 * The column of results, NULL in the rows that are not selected, where they are null, and where they are of another type;
 * `errors` are told of these.
 */
export function columnOf(type, results, errors, selected) {
  const split = type.nullable || errors.messages !== null ? splitNulls(results, type.filler) : null;
  if (split !== null && !type.nullable) {
    split.valid.forEach((set, index) => set || errors.add(index, wrong(type, results[index])));
  }
  try {
    return split === null ? written(type, results, null, selected) : written(type, split.values, split.valid, selected);
  } catch {
    const checked = Array.from(results, (result, index) => {
      if (isNull(result) ? type.nullable : fits(type, result)) return result;
      errors.add(index, wrong(type, result));
      return null;
    });
    const { values, valid } = splitNulls(checked, type.filler) ?? { values: checked, valid: null };
    return written(type, values, valid, selected);
  }
}

function written(type, values, valid, selected) {
  const columns = new Columns();
  if (selected === null) {
    type.write(values, valid, columns);
    return columns;
  }
  const rows = selected.length;
  const spread = Array.isArray(values) ? new Array(rows).fill(type.filler) : new values.constructor(rows);
  const set = valid === null ? selected : new Uint8Array(rows);
  for (let row = 0, next = 0; row < rows; row++) {
    if (!selected[row]) continue;
    if (valid !== null) set[row] = valid[next];
    spread[row] = values[next++];
  }
  type.write(spread, set, columns);
  return columns;
}

const isNull = (value) => value === null || value === undefined;

/** Whether a value is of a type. */
export function fits(type, value) {
  try {
    type.write([value], null, new Columns());
  } catch {
    return false;
  }
  return true;
}

function wrong(type, result) {
  return `returned ${show(result)}, which is no ${isNull(result) ? nameOf(type) : type.name}`;
}
