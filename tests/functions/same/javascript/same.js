// The same functions in every language: see the README beside these folders.

import {
  aggregate, ARRAY, BIGINT, BOOLEAN, DECIMAL, Decimal, DOUBLE, http, INT, nullable, ROW, scalar, STRING, table,
  TIMESTAMP,
} from "anabranch-udf";

export const add = scalar(
  { doc: "The sum of two numbers.", args: { a: BIGINT, b: BIGINT }, returns: BIGINT },
  (a, b) => a + b,
);

export const addColumns = scalar(
  { doc: "The sum of two numbers, over whole columns.", args: { a: BIGINT, b: BIGINT }, returns: BIGINT, vectorized: true },
  (a, b) => a.map((a, row) => a + b[row]),
);

export const mix = scalar(
  { doc: "`31 * a + b`, modulo 2⁶⁴.", args: { a: BIGINT, b: BIGINT }, returns: BIGINT },
  (a, b) => BigInt.asIntN(64, 31n * a + b),
);

export const spread = scalar(
  { doc: "`x * y - x`.", args: { x: DOUBLE, y: DOUBLE }, returns: DOUBLE },
  (x, y) => x * y - x,
);

export const root = scalar(
  { doc: "The square root; an error of negative numbers.", args: { x: DOUBLE }, returns: DOUBLE },
  (x) => {
    if (x < 0) throw new RangeError("it is negative");
    return Math.sqrt(x);
  },
);

export const len = scalar(
  { doc: "Length of a text in characters.", args: { text: STRING }, returns: INT },
  (text) => {
    let characters = 0;
    for (const _ of text) characters++;
    return characters;
  },
);

export const reverse = scalar(
  { doc: "The characters of a text, the last one first.", args: { text: STRING }, returns: STRING },
  (text) => [...text].reverse().join(""),
);

export const both = scalar(
  { doc: "SQL's AND.", args: { p: nullable(BOOLEAN), q: nullable(BOOLEAN) }, returns: nullable(BOOLEAN) },
  (p, q) => {
    if (p === false || q === false) return false;
    return p && q ? true : null;
  },
);

const AMOUNT = DECIMAL(38, 4);

export const addAmounts = scalar(
  { doc: "The sum of two amounts of 38 digits.", args: { a: AMOUNT, b: AMOUNT }, returns: AMOUNT },
  (a, b) => new Decimal(a.unscaled + b.unscaled, 4),
);

export const later = scalar(
  { doc: "So many milliseconds later.", args: { at: TIMESTAMP(3), millis: BIGINT }, returns: TIMESTAMP(3) },
  (at, millis) => new Date(at.getTime() + Number(millis)),
);

const NUMBERS = ARRAY(nullable(BIGINT));

export const backwards = scalar(
  { doc: "The items of an array, the last one first.", args: { items: NUMBERS }, returns: NUMBERS },
  (items) => items.toReversed(),
);

const PLACE = ROW({ x: DOUBLE, name: nullable(STRING) });

export const mirrored = scalar(
  { doc: "The place on the other side.", args: { place: PLACE }, returns: PLACE },
  ({ x, name }) => ({ x: -x, name }),
);

export const ask = scalar(
  {
    doc: "What a web server answers to a request of a method with a key in its header and a body: status, type and body.",
    args: { method: STRING, url: STRING, key: STRING, body: STRING },
    returns: STRING,
    deterministic: false,
  },
  (method, url, key, body) => {
    const response = http.request(url, { method, headers: { "X-Key": key }, body, timeout: 1000 });
    return `${response.status} ${response.headers["content-type"] ?? "?"} ${response.text()}`;
  },
);

export const split = table(
  {
    doc: "The words of a text, which spaces divide, and where each stands.",
    args: { line: STRING },
    returns: { word: STRING, place: INT },
  },
  function* (line) {
    let place = 0;
    for (const word of line.split(" ")) if (word) yield { word, place: ++place };
  },
);

export const total = aggregate(
  {
    doc: "The sum of numbers, modulo 2⁶⁴; NULL of none.",
    args: { x: BIGINT },
    returns: nullable(BIGINT),
    state: { sum: BIGINT, count: BIGINT },
  },
  class Total {
    sum = 0n;
    count = 0n;

    accumulate(x) {
      this.sum = BigInt.asIntN(64, this.sum + x);
      this.count += 1n;
    }

    retract(x) {
      this.sum = BigInt.asIntN(64, this.sum - x);
      this.count -= 1n;
    }

    merge(other) {
      this.sum = BigInt.asIntN(64, this.sum + other.sum);
      this.count += other.count;
    }

    evaluate() {
      return this.count ? this.sum : null;
    }
  },
);
