// A function of each kind, to start from.

import { aggregate, BIGINT, DOUBLE, nullable, scalar, STRING, table } from "anabranch-udf";

export const greet = scalar(
  { doc: "Says hello to someone.", args: { name: STRING }, returns: STRING },
  (name) => `Hello, ${name}!`,
);

export const splitWords = table(
  { doc: "The words of a text.", args: { line: STRING }, returns: { word: STRING } },
  function* (line) {
    for (const [word] of line.matchAll(/\S+/g)) yield { word };
  },
);

export const mean = aggregate(
  {
    doc: "The arithmetic mean; NULL of no numbers.",
    args: { x: DOUBLE },
    returns: nullable(DOUBLE),
    state: { sum: DOUBLE, count: BIGINT },
  },
  class Mean {
    sum = 0;
    count = 0n;

    accumulate(x) {
      this.sum += x;
      this.count += 1n;
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
      return this.count > 0n ? this.sum / Number(this.count) : null;
    }
  },
);
