// Types whose values have a fixed number of bytes: BOOLEAN, integers, floats; and those that are kept as such.

import { pack, unpack } from "../bitmap.js";
import { Type, convert } from "./field.js";

/** Numbers, as a typed array. */
class Fixed extends Type {
  constructor(name, format, Numbers) {
    super();
    this.name = name;
    this.format = format;
    this.Numbers = Numbers;
    this.filler = Numbers === BigInt64Array ? 0n : 0;
    this.exact = Numbers !== Float64Array && Numbers !== Float32Array;
  }

  read(reader, rows, valid) {
    return reader.buffer(this.Numbers);
  }

  write(values, valid, columns) {
    columns.node(values.length, valid);
    columns.buffer(this.numbers(values));
  }

  numbers(values) {
    if (values instanceof this.Numbers) return values;
    const numbers = new this.Numbers(values.length);
    const { exact } = this;
    const rows = values.length;
    for (let row = 0; row < rows; row++) {
      const value = values[row];
      numbers[row] = value;
      // What a typed array makes another value of, it silently cut off.
      if (exact ? numbers[row] !== value : typeof value !== "number") throw new TypeError(this.name);
    }
    return numbers;
  }
}

/** FLOAT. Numbers that are too large for it are refused, where a typed array makes infinities of them. */
class Single extends Fixed {
  numbers(values) {
    const numbers = super.numbers(values);
    // An infinity is rare, and is looked for natively.
    if (numbers !== values && (numbers.includes(Infinity) || numbers.includes(-Infinity))) {
      numbers.forEach((number, row) => {
        if (Math.abs(number) === Infinity && number !== values[row]) throw new TypeError(this.name);
      });
    }
    return numbers;
  }
}

const MILLIS_PER_DAY = 86_400_000;

/** TIME: milliseconds since midnight. */
class Time extends Fixed {
  numbers(values) {
    const numbers = super.numbers(values);
    const rows = numbers.length;
    for (let row = 0; row < rows; row++) if (numbers[row] >>> 0 >= MILLIS_PER_DAY) throw new TypeError(this.name);
    return numbers;
  }
}

/** Values of another class that are kept as numbers. */
export class Converted extends Fixed {
  constructor(name, format, Numbers, fromNumber, toNumber, filler) {
    super(name, format, Numbers);
    this.fromNumber = fromNumber;
    this.toNumber = toNumber;
    this.numberFiller = this.filler;
    this.filler = filler;
  }

  asNumber() {
    return new Fixed(this.name, this.format, this.Numbers);
  }

  read(reader, rows, valid) {
    return convert(reader, reader.buffer(this.Numbers), this.fromNumber, valid, this.name);
  }

  write(values, valid, columns) {
    super.write(Array.from(values, this.toNumber), valid, columns);
  }
}

class Boolean extends Type {
  name = "BOOLEAN";
  format = "b";
  filler = false;

  read(reader, rows, valid) {
    return Array.from(unpack(reader.buffer(Uint8Array), rows), (bit) => bit === 1);
  }

  write(values, valid, columns) {
    const mask = new Uint8Array(values.length);
    for (let row = 0; row < values.length; row++) {
      if (typeof values[row] !== "boolean") throw new TypeError(this.name);
      mask[row] = values[row] ? 1 : 0;
    }
    columns.node(values.length, valid);
    columns.buffers.push(pack(mask));
  }
}

export const BOOLEAN = new Boolean();
export const TINYINT = new Fixed("TINYINT", "c", Int8Array);
export const SMALLINT = new Fixed("SMALLINT", "s", Int16Array);
export const INT = new Fixed("INT", "i", Int32Array);
export const BIGINT = new Fixed("BIGINT", "l", BigInt64Array);
export const FLOAT = new Single("FLOAT", "f", Float32Array);
export const DOUBLE = new Fixed("DOUBLE", "g", Float64Array);
export const INTERVAL_YEAR_TO_MONTH = new Fixed("INTERVAL YEAR TO MONTH", "tiM", Int32Array);
export const INTERVAL_DAY_TO_SECOND = new Fixed("INTERVAL DAY TO SECOND", "tDm", BigInt64Array);
export const TIME = new Time("TIME", "ttm", Int32Array);
