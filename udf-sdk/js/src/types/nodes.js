// From the nodes of types, as the contract has them, to types: for functions whose signature comes from SQL.

import { DECIMAL } from "./decimal.js";
import { nullable } from "./field.js";
import { BIGINT, BOOLEAN, DOUBLE, FLOAT, INT, INTERVAL_DAY_TO_SECOND, INTERVAL_YEAR_TO_MONTH, SMALLINT, TIME, TINYINT } from "./fixed.js";
import { ARRAY, MAP, RowType } from "./nested.js";
import { BYTES, STRING } from "./text.js";
import { DATE, TIMESTAMP, TIMESTAMP_LTZ } from "./time.js";

/** A BIGINT is a bigint; a number is taken for one where it is whole and exact. */
const WHOLE = Object.create(BIGINT, {
  write: {
    value(values, valid, columns) {
      const whole = (value) => (Number.isSafeInteger(value) ? BigInt(value) : value);
      return BIGINT.write(Array.isArray(values) ? values.map(whole) : values, valid, columns);
    },
  },
});

const PRECISIONS = [0, 3, 6, 9];
const PLAIN = new Map(
  [
    WHOLE, BOOLEAN, BYTES, DATE, DOUBLE, FLOAT, INT, INTERVAL_DAY_TO_SECOND, INTERVAL_YEAR_TO_MONTH, SMALLINT, STRING, TIME,
    TINYINT, ...PRECISIONS.map(TIMESTAMP), ...PRECISIONS.map(TIMESTAMP_LTZ),
  ].map((type) => [type.format, type]),
);

/** A ROW: an object with members; an array of their values, or a Map of them by their names, is taken for one. */
class Record extends RowType {
  constructor(children) {
    super(Object.fromEntries(children.map(({ name, type }) => [name, type])));
    // In their order, whatever their names are.
    this.children = children;
  }

  columns(rows) {
    const { children } = this;
    const named = rows.map((row) => {
      if (row instanceof Map) return Object.fromEntries(row);
      if (!Array.isArray(row)) return row;
      if (row.length !== children.length) throw new TypeError(this.name);
      return Object.fromEntries(children.map(({ name }, index) => [name, row[index]]));
    });
    for (const row of named) {
      if (typeof row === "object" && row !== null && !Object.keys(row).every((key) => children.some(({ name }) => name === key))) {
        throw new TypeError(this.name);
      }
    }
    return super.columns(named);
  }
}

/** The columns of a table function. Where there is one, a row may be its value. */
export class Columns extends Record {
  columns(rows) {
    if (this.children.length > 1) return super.columns(rows);
    const [{ name }] = this.children;
    return [rows.map((row) => (isPlain(row) && Object.keys(row).join() === name ? row[name] : row))];
  }
}

function isPlain(value) {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The named type that these nodes describe. */
export function fieldOf(nodes) {
  return next(nodes.values());
}

function next(nodes) {
  const { name, format, nullable: mayBeNull, children } = nodes.next().value;
  const inner = Array.from({ length: children }, () => next(nodes));
  const type = typeOf(format, inner);
  return { name, type: mayBeNull ? nullable(type) : type };
}

function typeOf(format, children) {
  const plain = PLAIN.get(format);
  if (plain !== undefined) return plain;
  if (format === "+l") return ARRAY(children[0].type);
  if (format === "+m") return MAP(...children[0].type.children.map(({ type }) => type));
  if (format === "+s") return new Record(children);
  const [, precision, scale] = /^d:(\d+),(\d+)$/.exec(format) ?? [];
  if (precision === undefined) throw new TypeError(`the contract has no type '${format}'`);
  return DECIMAL(Number(precision), Number(scale));
}
