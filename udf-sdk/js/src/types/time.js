// Dates and timestamps. A Date counts milliseconds: what is finer than that is a bigint.

import { Converted } from "./fixed.js";

const DAY = 86_400_000;
const UNITS = { 0: "s", 3: "m", 6: "u", 9: "n" };

/** The milliseconds of a Date that is one. */
function millisOf(date) {
  const millis = date instanceof Date ? date.getTime() : NaN;
  if (Number.isNaN(millis)) throw new TypeError("no Date");
  return millis;
}

/** The Date of so many milliseconds, if there is one. */
function dateOf(millis) {
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) throw new RangeError("out of the range of Date");
  return date;
}

/** A day, as the Date of its beginning in UTC. */
export const DATE = new Converted(
  "DATE",
  "tdD",
  Int32Array,
  (days) => dateOf(days * DAY),
  (date) => Math.floor(millisOf(date) / DAY),
  new Date(0),
);

function timestamp(name, precision, zone) {
  const unit = UNITS[precision];
  if (unit === undefined) throw new TypeError(`${name}(p) has a precision of 0, 3, 6 or 9, not ${precision}`);
  const type = [`${name}(${precision})`, `ts${unit}:${zone}`, BigInt64Array];
  if (precision > 3) return new Converted(...type, undefined, undefined, undefined).asNumber();
  const millis = precision === 0 ? 1000 : 1;
  return new Converted(
    ...type,
    (units) => dateOf(Number(units) * millis),
    (date) => BigInt(Math.floor(millisOf(date) / millis)),
    new Date(0),
  );
}

/** A date and a time of day without a zone: units of 10⁻ᵖ seconds since 1970-01-01 00:00:00; a Date for p of 0 and 3. */
export function TIMESTAMP(precision = 6) {
  return timestamp("TIMESTAMP", precision, "");
}

/** A moment: units of 10⁻ᵖ seconds since 1970-01-01 00:00:00 UTC; a Date for p of 0 and 3. */
export function TIMESTAMP_LTZ(precision = 6) {
  return timestamp("TIMESTAMP_LTZ", precision, "UTC");
}
