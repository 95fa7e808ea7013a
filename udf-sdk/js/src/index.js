// Scalar, table and aggregate functions for Anabranch in JavaScript and TypeScript. What there is, and what it is for,
// stands in index.d.ts.

export { aggregate, scalar, table } from "./declare.js";
export { http } from "./http.js";
export { DECIMAL, Decimal } from "./types/decimal.js";
export { nullable, raw } from "./types/field.js";
export {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  FLOAT,
  INT,
  INTERVAL_DAY_TO_SECOND,
  INTERVAL_YEAR_TO_MONTH,
  SMALLINT,
  TIME,
  TINYINT,
} from "./types/fixed.js";
export { ARRAY, MAP, ROW } from "./types/nested.js";
export { BYTES, STRING } from "./types/text.js";
export { DATE, TIMESTAMP, TIMESTAMP_LTZ } from "./types/time.js";
