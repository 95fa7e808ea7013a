// DECIMAL(p, s).

import { Type, convert } from "./field.js";

/** An exact number: `unscaled / 10 ** scale`. */
export class Decimal {
  constructor(unscaled, scale = 0) {
    this.unscaled = BigInt(unscaled);
    this.scale = scale;
    Object.freeze(this);
  }

  /** Reads `-12.50`. */
  static parse(text) {
    const [, sign, whole, fraction = ""] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text) ?? [];
    if (!whole && !fraction) throw new TypeError(`'${text}' is no decimal number`);
    const unscaled = BigInt(whole + fraction);
    return new Decimal(sign === "-" ? -unscaled : unscaled, fraction.length);
  }

  /** The number without its point if it had so many digits after it; more digits are rounded half up, as Flink's casts do. */
  rescaled(scale) {
    if (scale >= this.scale) return this.unscaled * 10n ** BigInt(scale - this.scale);
    const unit = 10n ** BigInt(this.scale - scale);
    const half = this.unscaled < 0n ? -unit / 2n : unit / 2n;
    return (this.unscaled + half) / unit;
  }

  toString() {
    const digits = (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString().padStart(this.scale + 1, "0");
    const point = digits.length - this.scale;
    const fraction = this.scale > 0 ? `.${digits.slice(point)}` : "";
    return `${this.unscaled < 0n ? "-" : ""}${digits.slice(0, point)}${fraction}`;
  }

  toJSON() {
    return this.toString();
  }

  /** The nearest floating-point number. */
  valueOf() {
    return Number(this.toString());
  }
}

class DecimalType extends Type {
  constructor(precision, scale) {
    super();
    if (!(precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision)) {
      throw new TypeError("DECIMAL(p, s) has 1 to 38 digits, and s of them at most p");
    }
    this.name = `DECIMAL(${precision}, ${scale})`;
    this.format = `d:${precision},${scale}`;
    this.precision = precision;
    this.scale = scale;
    this.filler = new Decimal(0n, scale);
  }

  asNumber() {
    return new Unscaled(this);
  }

  read(reader, rows, valid) {
    return convert(reader, readUnscaled(reader), (unscaled) => new Decimal(unscaled, this.scale), valid, this.name);
  }

  write(values, valid, columns) {
    const unscaled = values.map((value) => {
      if (!(value instanceof Decimal)) throw new TypeError(this.name);
      return value.rescaled(this.scale);
    });
    this.writeUnscaled(unscaled, valid, columns);
  }

  writeUnscaled(values, valid, columns) {
    const limit = 10n ** BigInt(this.precision);
    const words = new BigInt64Array(2 * values.length);
    for (let row = 0; row < values.length; row++) {
      const value = values[row];
      if (typeof value !== "bigint" || value <= -limit || value >= limit) throw new TypeError(this.name);
      words[2 * row] = value;
      words[2 * row + 1] = value >> 64n;
    }
    columns.node(values.length, valid);
    columns.buffer(words);
  }
}

/** A DECIMAL without its point, as a bigint. */
class Unscaled extends Type {
  filler = 0n;

  constructor(decimal) {
    super();
    this.decimal = decimal;
    this.name = decimal.name;
    this.format = decimal.format;
  }

  read(reader, rows, valid) {
    return readUnscaled(reader);
  }

  write(values, valid, columns) {
    this.decimal.writeUnscaled(values, valid, columns);
  }
}

function readUnscaled(reader) {
  const words = reader.buffer(BigInt64Array);
  const values = new Array(words.length / 2);
  for (let row = 0; row < values.length; row++) {
    values[row] = (words[2 * row + 1] << 64n) | BigInt.asUintN(64, words[2 * row]);
  }
  return values;
}

/** A number of at most `precision` digits, `scale` of them after the point. */
export function DECIMAL(precision, scale = 0) {
  return new DecimalType(precision, scale);
}
