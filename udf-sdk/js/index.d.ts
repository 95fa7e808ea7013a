// Scalar, table and aggregate functions for Anabranch in JavaScript and TypeScript.

/**
 * An SQL type, whose values are `T`. A column of them is a `C`: a typed array of numbers, else a list.
 *
 * | SQL | JavaScript | a column |
 * |---|---|---|
 * | `BOOLEAN` | boolean | list |
 * | `TINYINT`, `SMALLINT`, `INT` | number | Int8Array, Int16Array, Int32Array |
 * | `BIGINT` | bigint | BigInt64Array |
 * | `FLOAT`, `DOUBLE` | number | Float32Array, Float64Array |
 * | `DECIMAL(p, s)` | `Decimal` | list |
 * | `STRING`, `BYTES` | string, Uint8Array | list |
 * | `DATE` | Date, the beginning of the day in UTC | list |
 * | `TIME` | number of milliseconds since midnight | Int32Array |
 * | `TIMESTAMP(p)`, `TIMESTAMP_LTZ(p)`, p = 0 or 3 | Date | list |
 * | `TIMESTAMP(p)`, `TIMESTAMP_LTZ(p)`, p = 6 or 9 | bigint of units of 10⁻ᵖ seconds since 1970 | BigInt64Array |
 * | `INTERVAL_YEAR_TO_MONTH` | number of months | Int32Array |
 * | `INTERVAL_DAY_TO_SECOND` | bigint of milliseconds | BigInt64Array |
 * | `ARRAY(t)`, `MAP(k, v)`, `ROW({ … })` | list, Map, object | list |
 */
export interface Type<T, C extends Column<T> = T[]> {
  /** As SQL writes it. */
  readonly name: string;
  readonly nullable: boolean;
  /** Not there at run time: it tells TypeScript the types. */
  readonly "~types"?: { value: T; column: C };
}

/** What holds the values of a column. */
export type Column<T> = { readonly length: number; readonly [row: number]: T };

/** What functions may return as a column of values. */
export type Values<T> = Column<T>;

/** The values of a type. */
export type ValueOf<Y> = Y extends Type<infer T, any> ? T : never;

/** A column of a type's values. */
export type ColumnOf<Y> = Y extends Type<any, infer C> ? C : never;

/** The type, whose values may be null. A column of it is a list. */
export function nullable<T>(type: Type<T, any>): Type<T | null, (T | null)[]>;

/** DATE, TIMESTAMP and DECIMAL with their values as they cross the boundary: days, units of time, numbers without their point. */
export function raw(type: typeof DATE): Type<number, Int32Array>;
export function raw(type: Type<Date> | Type<bigint, BigInt64Array>): Type<bigint, BigInt64Array>;
export function raw(type: Type<Decimal>): Type<bigint>;

export const BOOLEAN: Type<boolean>;
export const TINYINT: Type<number, Int8Array>;
export const SMALLINT: Type<number, Int16Array>;
export const INT: Type<number, Int32Array>;
export const BIGINT: Type<bigint, BigInt64Array>;
export const FLOAT: Type<number, Float32Array>;
export const DOUBLE: Type<number, Float64Array>;
export const STRING: Type<string>;
export const BYTES: Type<Uint8Array>;
export const DATE: Type<Date> & { readonly name: "DATE" };
export const TIME: Type<number, Int32Array>;
export const INTERVAL_YEAR_TO_MONTH: Type<number, Int32Array>;
export const INTERVAL_DAY_TO_SECOND: Type<bigint, BigInt64Array>;
export function DECIMAL(precision: number, scale?: number): Type<Decimal>;
export function TIMESTAMP(precision: 0 | 3): Type<Date>;
export function TIMESTAMP(precision?: 6 | 9): Type<bigint, BigInt64Array>;
export function TIMESTAMP_LTZ(precision: 0 | 3): Type<Date>;
export function TIMESTAMP_LTZ(precision?: 6 | 9): Type<bigint, BigInt64Array>;
export function ARRAY<T>(item: Type<T, any>): Type<T[]>;
export function MAP<K, V>(key: Type<K, any>, value: Type<V, any>): Type<Map<K, V>>;
export function ROW<M extends Members>(members: M): Type<RowOf<M>>;

/** An exact number: `unscaled / 10 ** scale`. */
export class Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
  constructor(unscaled: bigint | number, scale?: number);
  /** Reads `-12.50`. */
  static parse(text: string): Decimal;
  /** The number without its point if it had so many digits after it; more digits are rounded half up. */
  rescaled(scale: number): bigint;
  toString(): string;
  toJSON(): string;
  /** The nearest floating-point number. */
  valueOf(): number;
}

/** Named types. */
export type Members = Readonly<Record<string, Type<any, any>>>;

/** An object with members of these types. */
export type RowOf<M extends Members> = { -readonly [K in keyof M]: ValueOf<M[K]> };

/**
 * Parameters by name. TypeScript does not know the order of an object's keys, so that several parameters are a list of
 * objects there: `[{ a: INT }, { b: STRING }]`. In JavaScript `{ a: INT, b: STRING }` does as well.
 */
export type Parameters = OneMember | readonly OneMember[] | Record<string, never>;
type OneMember = Members;

type Only<M> = { [K in keyof M]: { [L in keyof M]: [L] extends [K] ? ([K] extends [L] ? M[K] : never) : never }[keyof M] }[keyof M];
type TypeIn<M> = Only<M> extends Type<any, any> ? Only<M> : never;

/** The values of parameters, in their order. */
export type Arguments<P> = P extends readonly Members[]
  ? { -readonly [I in keyof P]: ValueOf<TypeIn<P[I]>> }
  : P extends Record<string, never>
    ? []
    : [ValueOf<TypeIn<P>>];

/** Columns of parameters, in their order. */
export type Columns<P> = P extends readonly Members[]
  ? { -readonly [I in keyof P]: ColumnOf<TypeIn<P[I]>> }
  : [ColumnOf<TypeIn<P>>];

/** Where a function stands in a plan. */
export interface Context {
  /** The session's time zone, an IANA name or an offset. */
  readonly timeZone: string;
  /** The options of the function's DDL that are not the host's own. */
  readonly options: Readonly<Record<string, string>>;
  /** The value of an argument that is a literal, by its name; null where it is not, or is NULL. */
  constant(name: string): any;
}

/** What all functions say of themselves. */
interface Description<P> {
  /** Parameters by name. A parameter that is not nullable takes no NULL: the function is not called for it. */
  args?: P;
  /** The name in SQL; by default that of the export, in snake case. Several functions of one name are overloads. */
  name?: string;
  /** What the function does, one sentence first. */
  doc?: string;
  /** Whether the same arguments always give the same result; true by default. */
  deterministic?: boolean;
}

/** A value with which the function is called first, made once per place in a plan. */
interface Bind<B> {
  bind: (context: Context) => B;
}

type Scalar<P, R> = Description<P> & { returns: R; vectorized?: false };
type Vectorized<P, R> = Description<P> & { returns: R; vectorized: true };
type Table<P, M> = Description<P> & { returns: M };

/** Declares a scalar function, which gives one value per row. An exception is the error of its row. */
export function scalar<const P extends Parameters, R extends Type<any, any>, B>(
  options: Scalar<P, R> & Bind<B>,
  compute: (prepared: B, ...args: Arguments<P>) => ValueOf<R>,
): (prepared: B, ...args: Arguments<P>) => ValueOf<R>;
export function scalar<const P extends Parameters, R extends Type<any, any>>(
  options: Scalar<P, R>,
  compute: (...args: Arguments<P>) => ValueOf<R>,
): (...args: Arguments<P>) => ValueOf<R>;
/** Declares one over whole columns, of the rows in which no argument is NULL that the function does not take. */
export function scalar<const P extends Parameters, R extends Type<any, any>, B>(
  options: Vectorized<P, R> & Bind<B>,
  compute: (prepared: B, ...columns: Columns<P>) => Values<ValueOf<R>>,
): (prepared: B, ...columns: Columns<P>) => Values<ValueOf<R>>;
export function scalar<const P extends Parameters, R extends Type<any, any>>(
  options: Vectorized<P, R>,
  compute: (...columns: Columns<P>) => Values<ValueOf<R>>,
): (...columns: Columns<P>) => Values<ValueOf<R>>;

/**
 * Declares a table function, which gives zero or more rows per row: it is a generator, or returns anything that iterates,
 * or null for no rows. `returns` are the columns, by name.
 */
export function table<const P extends Parameters, const M extends Members, B>(
  options: Table<P, M> & Bind<B>,
  expand: (prepared: B, ...args: Arguments<P>) => Iterable<RowOf<M>> | null,
): (prepared: B, ...args: Arguments<P>) => Iterable<RowOf<M>> | null;
export function table<const P extends Parameters, const M extends Members, I extends Iterable<RowOf<M>> | null>(
  options: Table<P, M>,
  expand: (...args: Arguments<P>) => I,
): (...args: Arguments<P>) => I;

/** What an aggregate's instances do: each holds what one group needs to know. */
interface Accumulator<A extends unknown[], R> {
  /** Adds a row. If it throws, the group is as it was. */
  accumulate(...args: A): void;
  /** Takes a row out again: the function can stand where rows are updated. */
  retract?(...args: A): void;
  /** Adds another accumulator: the function can stand where partial results are combined. */
  merge?(other: any): void;
  /** The value, which leaves the accumulator as it is. */
  evaluate(): R;
}

/**
 * Declares an aggregate function, which gives one value per group. `state` are the properties that are kept in checkpoints; a
 * class that keeps them otherwise has a method `save`, which gives an object of them, and a static method `restore`.
 */
export function aggregate<
  const P extends Parameters,
  R extends Type<any, any>,
  const M extends Members,
  C extends (new () => Accumulator<Arguments<P>, ValueOf<R>> & RowOf<M>) | (new () => Accumulator<Arguments<P>, ValueOf<R>> & { save(): RowOf<M> }) & { restore(saved: RowOf<M>): any },
>(options: Description<P> & { returns: R; state: M }, accumulator: C): C;

/**
 * Requests to web servers, for functions that are granted them. A function waits for the response; whatever its status is, it
 * is a response, and redirects are not followed.
 */
export namespace http {
  type Headers = Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

  interface Options {
    headers?: Headers;
    /** A text is sent in UTF-8. */
    body?: string | Uint8Array | null;
    /** In place of a body: a value that is sent as JSON. */
    json?: unknown;
    /** Milliseconds for all of the exchange. The time limit of the function's call ends it in any case. */
    timeout?: number | null;
  }

  /** A request as it is sent. */
  interface Request {
    readonly method: string;
    readonly url: string;
    /** By their names in lower case. */
    readonly headers: Record<string, string>;
    readonly body: Uint8Array;
    readonly timeout: number | null;
  }

  /** What a server answers. */
  interface Response {
    readonly status: number;
    /** Whether the status is one of 200 to 299. */
    readonly ok: boolean;
    /** By their names in lower case; several of one name are joined by commas. */
    readonly headers: Record<string, string>;
    readonly body: Uint8Array;
    /** The body as a text in UTF-8, with U+FFFD for what is none. */
    text(): string;
    /** What the body says in JSON. */
    json(): any;
  }

  /** There is no response: the message says why. */
  class HttpError extends Error {}

  /** Sends a request and waits for the whole response. Throws an `HttpError` where there is none. */
  function request(url: string, options?: Options & { method?: string }): Response;
  /** One with the method GET. */
  function get(url: string, options?: Options): Response;
  /** One with the method POST. */
  function post(url: string, options?: Options): Response;
}
