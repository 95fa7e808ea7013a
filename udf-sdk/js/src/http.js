// Requests to web servers, for functions that are granted them.

import { decodeAny, encode } from "./utf8.js";

/** There is no response. */
class HttpError extends Error {
  get name() {
    return "HttpError";
  }
}

/** What a server answers; headers by their names in lower case. */
class Response {
  constructor(status, headers, body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  text() {
    return decodeAny(this.body);
  }

  json() {
    return JSON.parse(this.text());
  }
}

/** What sends requests: a component's host, or `answers` of a test, puts itself here. */
export const transport = {
  send() {
    throw new HttpError("Node.js sends no requests here: have a function answer them, with answers(…) of anabranch-udf/testing");
  },
};

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

/** What is checked here, a host checks too; but so the tests of a function find it. */
function request(url, { method = "GET", headers, body, json, timeout = null, ...others } = {}) {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new TypeError(`a request has no option '${unknown}'`);
  if (!METHODS.includes(method)) throw new TypeError(`the request's method is none of ${METHODS.join(", ")}`);
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#:]/i.test(url)) {
    throw new TypeError("the request's URL does not begin with a scheme and a host, as https://example.com/path does");
  }
  if (!/^[!-~]*$/.test(url)) {
    throw new TypeError("the request's URL has characters that are to be escaped, as encodeURIComponent does");
  }
  if (timeout !== null && !(typeof timeout === "number" && timeout > 0)) {
    throw new TypeError(`the request's timeout is a number of milliseconds above 0, not ${String(timeout)}`);
  }
  const response = transport.send({ method, url: String(url), ...message({ headers, body, json }), timeout });
  return new Response(response.status, joined(response.headers), response.body);
}

/** Headers and a body as they are sent: these by their names in lower case, this in bytes. */
export function message({ headers = {}, body = null, json }) {
  const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  pairs.forEach(checkHeader);
  const named = joined(pairs);
  if (json !== undefined) {
    if (body !== null) throw new TypeError("there is a body or json, not both");
    body = JSON.stringify(json);
    named["content-type"] ??= "application/json";
  }
  if (typeof body === "string") body = encode([body]).bytes;
  if (body !== null && !(body instanceof Uint8Array)) throw new TypeError("a body is a text or a Uint8Array");
  return { headers: named, body: body ?? new Uint8Array() };
}

/** What is wrong with a value is said without it, as it may be a secret. */
function checkHeader([name, value]) {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    throw new TypeError(`a header of the request is called "${name}", which is no header's name`);
  }
  const its = `the value of the request's header \`${name.toLowerCase()}\``;
  if (typeof value !== "string") throw new TypeError(`${its} is no text, but ${typeof value}`);
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) throw new TypeError(`${its} has control characters`);
  // Nothing but UTF-8 reaches a host.
  if (/[\ud800-\udfff]/u.test(value)) throw new TypeError(`${its} has half a character`);
}

/** Headers by their names in lower case; several of one name are joined, as HTTP has it. */
function joined(pairs) {
  const values = new Map();
  for (const [given, value] of pairs) {
    const name = given.toLowerCase();
    values.set(name, values.has(name) ? `${values.get(name)}, ${value}` : value);
  }
  return Object.fromEntries(values);
}

export const http = {
  request,
  get: (url, options) => request(url, { ...options, method: "GET" }),
  post: (url, options) => request(url, { ...options, method: "POST" }),
  HttpError,
};
