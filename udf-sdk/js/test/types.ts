// What TypeScript is to accept and to refuse: checked by `npm run check`, never run.

import {
  aggregate, ARRAY, BIGINT, DATE, DECIMAL, Decimal, DOUBLE, http, INT, MAP, nullable, raw, ROW, scalar, STRING, table, TIMESTAMP,
} from "anabranch-udf";
import { answers } from "anabranch-udf/testing";

export const greet = scalar({ args: { name: STRING }, returns: STRING }, (name) => `Hello, ${name.trim()}!`);
greet("Ada").length;

export const several = scalar(
  { args: [{ text: STRING }, { times: INT }, { more: nullable(BIGINT) }], returns: nullable(STRING) },
  (text, times, more) => (more === null ? null : text.repeat(times + Number(more))),
);
several("a", 2, 3n);
// @ts-expect-error the first is a text
several(2, 2, 3n);

// @ts-expect-error a number is no STRING
export const wrong = scalar({ args: { x: DOUBLE }, returns: STRING }, (x) => x);

// @ts-expect-error an object of two has no order
export const unordered = scalar({ args: { a: INT, b: STRING }, returns: INT }, (a, b) => a + 1);

export const nothing = scalar({ returns: INT }, () => 7);

export const columns = scalar({ args: [{ a: BIGINT }, { b: nullable(BIGINT) }], returns: BIGINT, vectorized: true }, (a, b) => {
  const first: bigint | null = b[0];
  return a.map((value) => value + (first ?? 0n));
});

export const doubles = scalar({ args: [{ a: DOUBLE }, { b: DOUBLE }], returns: DOUBLE, vectorized: true }, (a, b) =>
  a.map((value, row) => value + b[row]),
);

export const prepared = scalar(
  {
    args: [{ text: STRING }, { pattern: STRING }],
    returns: INT,
    bind: (context) => {
      const pattern = context.constant("pattern");
      return pattern === null ? null : new RegExp(pattern);
    },
  },
  (prepared, text, pattern) => text.search(prepared ?? new RegExp(pattern)),
);

export const nested = scalar(
  { args: { value: ROW({ names: ARRAY(STRING), day: nullable(DATE), prices: MAP(STRING, DECIMAL(10, 2)) }) }, returns: STRING },
  ({ names, day, prices }) => `${names.join()} ${day?.getTime()} ${prices.get("a")?.rescaled(1)}`,
);

export const moments = scalar(
  { args: [{ a: TIMESTAMP(3) }, { b: TIMESTAMP() }, { c: raw(DATE) }, { d: raw(DECIMAL(3, 1)) }], returns: DECIMAL(10) },
  (a, b, c, d) => new Decimal(BigInt(a.getTime() + c) + b + d),
);

export const words = table({ args: { line: STRING }, returns: { word: STRING, place: INT } }, function* (line) {
  let place = 0;
  for (const word of line.split(" ")) yield { word, place: place++ };
});
for (const { word } of words("a b")) word.trim();

// @ts-expect-error a row has its columns
export const lacking = table({ args: { line: STRING }, returns: { word: STRING, place: INT } }, (line) => [{ word: line }]);

export const mean = aggregate(
  { args: { x: DOUBLE }, returns: nullable(DOUBLE), state: { sum: DOUBLE, count: BIGINT } },
  class Mean {
    sum = 0;
    count = 0n;

    accumulate(x: number) {
      this.sum += x;
      this.count += 1n;
    }

    merge(other: Mean) {
      this.sum += other.sum;
      this.count += other.count;
    }

    evaluate() {
      return this.count > 0n ? this.sum / Number(this.count) : null;
    }
  },
);
new mean().accumulate(1);

export const stateless = aggregate(
  { args: { x: DOUBLE }, returns: DOUBLE, state: { sum: DOUBLE } },
  // @ts-expect-error it does not have its state
  class {
    accumulate(x: number) {}
    evaluate() {
      return 0;
    }
  },
);

export const customer = scalar({ args: { key: STRING }, returns: nullable(STRING), deterministic: false }, (key) => {
  const response = http.get(`https://example.com/${key}`, { headers: { accept: "application/json" }, timeout: 1000 });
  const other = http.request("https://example.com", { method: "PUT", headers: [["a", "b"]], json: { key } });
  return response.status === 404 || !other.ok ? null : response.json().name;
});
const name: string | null = answers(({ url, headers }) => ({ status: 200, json: { name: `${url} ${headers.accept}` } }), () => customer("a"));
export const refused = new http.HttpError(`${name}`).message;

// @ts-expect-error the time limit is a number
http.post("https://example.com", { timeout: "1 s" });

// @ts-expect-error a function answers
answers({ status: 200 }, () => 1);
