// What an object holds, as a text: the state of aggregates that do not say what theirs is.

const TAG = "$";

const TAGGED = {
  bigint: { of: (value) => typeof value === "bigint", take: String, give: BigInt },
  number: { of: (value) => typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)), take: takeNumber, give: Number },
  undefined: { of: (value) => value === undefined, take: () => 0, give: () => undefined },
  Map: { of: isA(Map), take: (map) => pack([...map]), give: (pairs) => new Map(unpack(pairs)) },
  Set: { of: isA(Set), take: (set) => pack([...set]), give: (items) => new Set(unpack(items)) },
  Date: { of: isA(Date), take: (date) => pack(date.getTime()), give: (millis) => new Date(unpack(millis)) },
  Uint8Array: { of: isA(Uint8Array), take: (bytes) => [...bytes], give: (bytes) => Uint8Array.from(bytes) },
  Float64Array: { of: isA(Float64Array), take: (numbers) => pack([...numbers]), give: (numbers) => Float64Array.from(unpack(numbers)) },
};

function isA(constructor) {
  return (value) => value instanceof constructor;
}

function takeNumber(value) {
  return Object.is(value, -0) ? "-0" : String(value);
}

function pack(value) {
  for (const [tag, { of, take }] of Object.entries(TAGGED)) if (of(value)) return { [TAG]: tag, value: take(value) };
  if (Array.isArray(value)) return value.map(pack);
  if (value === null || ["boolean", "number", "string"].includes(typeof value)) return value;
  const prototype = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) {
    const what = typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
    throw new TypeError(`a ${what} cannot be kept in a checkpoint: give the class \`static state = { … }\``);
  }
  return members(value);
}

function members(object) {
  const packed = Object.fromEntries(Object.entries(object).map(([name, value]) => [name, pack(value)]));
  return TAG in packed ? { [TAG]: "object", value: packed } : packed;
}

function unpack(packed) {
  if (Array.isArray(packed)) return packed.map(unpack);
  if (packed === null || typeof packed !== "object") return packed;
  if (!(TAG in packed)) return Object.fromEntries(Object.entries(packed).map(([name, value]) => [name, unpack(value)]));
  if (packed[TAG] === "object") return Object.fromEntries(Object.entries(packed.value).map(([name, value]) => [name, unpack(value)]));
  return TAGGED[packed[TAG]].give(packed.value);
}

/** What the object holds. */
export function keep(object) {
  return JSON.stringify(members(object));
}

/** An object of the class, which holds what was kept. */
export function bringBack(constructor, text) {
  return Object.assign(new constructor(), unpack(JSON.parse(text)));
}
