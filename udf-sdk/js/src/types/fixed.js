// Types whose values have a fixed number of bytes: BOOLEAN, integers, floats; and those that are kept as such.

import { pack, unpack } from "../bitmap.js";
import { Type, columnNode, convert, NOTHING_UNREADABLE } from "./field.js";

/** The bytes of a typed array, where they lie. */
export function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A buffer as numbers, where it lies if it is aligned to them. */
export function numbersOf(buffer, Numbers) {
  const aligned = buffer.byteOffset % Numbers.BYTES_PER_ELEMENT === 0 ? buffer : buffer.slice();
  return new Numbers(aligned.buffer, aligned.byteOffset, aligned.byteLength / Numbers.BYTES_PER_ELEMENT);
}

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

  read(node) {
    return { values: numbersOf(node.buffers[1], this.Numbers), unreadable: NOTHING_UNREADABLE };
  }

  write(values, valid, nodes) {
    nodes.push(columnNode(values.length, valid, bytesOf(this.numbers(values))));
  }

  numbers(values) {
    if (values instanceof this.Numbers) return values;
    const numbers = new this.Numbers(values.length);
    for (let row = 0; row < values.length; row++) {
      const value = values[row];
      numbers[row] = value;
      // What a typed array makes another value of, it silently cut off.
      if (this.exact ? numbers[row] !== value : typeof value !== "number") throw new TypeError(this.name);
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

  read(node, nodes, valid) {
    return convert(super.read(node).values, this.fromNumber, valid, this.name);
  }

  write(values, valid, nodes) {
    super.write(Array.from(values, this.toNumber), valid, nodes);
  }
}

class Boolean extends Type {
  name = "BOOLEAN";
  format = "b";
  filler = false;

  read(node) {
    const values = Array.from(unpack(node.buffers[1], node.length), (bit) => bit === 1);
    return { values, unreadable: NOTHING_UNREADABLE };
  }

  write(values, valid, nodes) {
    const mask = new Uint8Array(values.length);
    for (let row = 0; row < values.length; row++) {
      if (typeof values[row] !== "boolean") throw new TypeError(this.name);
      mask[row] = values[row] ? 1 : 0;
    }
    nodes.push(columnNode(values.length, valid, pack(mask)));
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
