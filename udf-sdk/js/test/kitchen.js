// Functions of every kind over every type, for the tests and measurements.

import {
  aggregate, ARRAY, BIGINT, BOOLEAN, BYTES, DATE, DECIMAL, DOUBLE, FLOAT, INT, INTERVAL_DAY_TO_SECOND,
  INTERVAL_YEAR_TO_MONTH, MAP, nullable, raw, ROW, scalar, SMALLINT, STRING, table, TIME, TIMESTAMP, TIMESTAMP_LTZ, TINYINT,
} from "anabranch-udf";

export const add = scalar(
  { doc: "The sum of two numbers, row by row.", args: [{ a: BIGINT }, { b: BIGINT }], returns: BIGINT },
  (a, b) => a + b,
);

export const addText = scalar(
  { name: "add", doc: "An overload.", args: { a: STRING, b: STRING }, returns: STRING },
  (a, b) => a + b,
);

export const addColumns = scalar({ args: { a: BIGINT, b: BIGINT }, returns: BIGINT, vectorized: true }, (a, b) => {
  const rows = a.length;
  const sums = new BigInt64Array(rows);
  for (let row = 0; row < rows; row++) sums[row] = a[row] + b[row];
  return sums;
});

export const addDoubles = scalar({ args: { a: DOUBLE, b: DOUBLE }, returns: DOUBLE, vectorized: true }, (a, b) =>
  a.map((value, row) => value + b[row]),
);

export const divideColumns = scalar(
  { args: { a: BIGINT, b: nullable(BIGINT) }, returns: nullable(BIGINT), vectorized: true },
  (a, b) => b.map((divisor, row) => (divisor === null ? null : a[row] / divisor)),
);

export const len = scalar({ args: { text: STRING }, returns: INT }, (text) => [...text].length);

export const units = scalar({ args: { text: STRING }, returns: INT }, (text) => text.length);

export const coalesce = scalar(
  { args: { a: nullable(BIGINT), b: nullable(BIGINT) }, returns: nullable(BIGINT) },
  (a, b) => a ?? b,
);

export const divide = scalar({ args: { a: BIGINT, b: BIGINT }, returns: BIGINT }, (a, b) => a / b);

export const lie = scalar({ args: { what: STRING }, returns: TINYINT }, (what) => {
  return { null: null, text: "x", large: 1000, bigint: 1n, fine: 1 }[what];
});

export const seven = scalar({ returns: BIGINT, deterministic: false }, () => 7n);

export const sumOfFour = scalar(
  { args: { a: INT, b: INT, c: INT, d: INT }, returns: INT },
  (a, b, c, d) => a + b + c + d,
);

export const constant = scalar(
  {
    args: { a: BIGINT, b: BIGINT },
    returns: BIGINT,
    bind(context) {
      const literal = context.constant("b");
      if (literal === null) throw new TypeError("the second argument must be a literal");
      return literal;
    },
  },
  (literal, a) => literal + a,
);

export const whereBound = scalar(
  { args: { text: STRING }, returns: STRING, bind: (context) => context },
  (context, text) => `${context.timeZone} ${context.options.greeting ?? "-"} ${text}`,
);

const same = (type) => scalar({ args: { value: nullable(type) }, returns: nullable(type) }, (value) => value);

export const sameBool = same(BOOLEAN);
export const sameTinyint = same(TINYINT);
export const sameSmallint = same(SMALLINT);
export const sameInt = same(INT);
export const sameBigint = same(BIGINT);
export const sameFloat = same(FLOAT);
export const sameDouble = same(DOUBLE);
export const sameDecimal = same(DECIMAL(20, 4));
export const sameUnscaled = same(raw(DECIMAL(38, 2)));
export const sameString = same(STRING);
export const sameBytes = same(BYTES);
export const sameDate = same(DATE);
export const sameDays = same(raw(DATE));
export const sameTime = same(TIME);
export const sameTimestampSeconds = same(TIMESTAMP(0));
export const sameTimestampMillis = same(TIMESTAMP(3));
export const sameTimestamp = same(TIMESTAMP());
export const sameTimestampNanos = same(TIMESTAMP(9));
export const sameTimestampLtz = same(TIMESTAMP_LTZ(3));
export const sameYearMonth = same(INTERVAL_YEAR_TO_MONTH);
export const sameDaySecond = same(INTERVAL_DAY_TO_SECOND);
export const sameArray = same(ARRAY(BIGINT));
export const sameNested = same(ARRAY(nullable(ARRAY(nullable(STRING)))));
export const sameMap = same(MAP(STRING, nullable(BIGINT)));
export const sameRow = same(ROW({ x: DOUBLE, y: nullable(DOUBLE), name: nullable(STRING) }));

export const split = table({ args: { line: STRING }, returns: { word: STRING } }, function* (line) {
  for (const word of line.split(/\s+/)) if (word) yield { word };
});

export const repeat = table(
  { args: { text: STRING, times: BIGINT }, returns: { text: STRING, number: BIGINT } },
  (text, times) => {
    if (times < 0n) throw new RangeError(`${times} times is less than none`);
    return times === 0n ? null : Array.from({ length: Number(times) }, (_, number) => ({ text, number: BigInt(number) }));
  },
);

export const broken = table({ args: { count: INT }, returns: { number: TINYINT } }, function* (count) {
  for (let number = 0; number < Math.abs(count); number++) yield { number };
  if (count < 0) yield { number: 1000 };
  throw new Error("broken");
});

export const sum = aggregate(
  {
    doc: "The sum of numbers; NULL of none.",
    args: { x: BIGINT },
    returns: nullable(BIGINT),
    state: { sum: BIGINT, count: BIGINT },
  },
  class Sum {
    sum = 0n;
    count = 0n;

    accumulate(x) {
      this.count += 1n;
      if (x === 13n) throw new RangeError("13 brings bad luck");
      this.sum += x;
    }

    retract(x) {
      this.sum -= x;
      this.count -= 1n;
    }

    merge(other) {
      this.sum += other.sum;
      this.count += other.count;
    }

    evaluate() {
      return this.count > 0n ? this.sum : null;
    }
  },
);

export const distinct = aggregate(
  { args: { text: STRING, more: nullable(STRING) }, returns: INT, state: { texts: ARRAY(STRING) } },
  class Distinct {
    texts = new Set();

    accumulate(text, more) {
      this.texts.add(text);
      if (more !== null) this.texts.add(more);
    }

    evaluate() {
      return this.texts.size;
    }

    save() {
      return { texts: [...this.texts] };
    }

    static restore({ texts }) {
      return Object.assign(new Distinct(), { texts: new Set(texts) });
    }
  },
);
