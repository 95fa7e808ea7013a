// Requests to web servers, with a function that answers them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { http, nullable, scalar, STRING } from "anabranch-udf";
import { answers, Failed, Tester } from "anabranch-udf/testing";
import { anyFromBinary } from "../src/utf8.js";

const URL = "https://example.com/";
const bytes = (text) => new TextEncoder().encode(text);

/** What is sent where a function makes a request. */
function sent(run) {
  let seen;
  answers((request) => ((seen = request), {}), run);
  return seen;
}

/** The response to a GET. */
const answered = (answer) => answers(() => answer, () => http.get(URL));

test("a request is sent as it is meant", () => {
  const plain = { method: "GET", url: URL, headers: {}, body: new Uint8Array(), timeout: null };
  assert.deepEqual(sent(() => http.get(URL)), plain);
  assert.deepEqual(sent(() => http.request(URL)), plain);
  const headers = { "X-Key": "k" };
  assert.deepEqual(sent(() => http.request(URL, { method: "PUT", headers, body: "Zürich", timeout: 1500 })), {
    ...plain,
    method: "PUT",
    headers: { "x-key": "k" },
    body: bytes("Zürich"),
    timeout: 1500,
  });
  assert.deepEqual(sent(() => http.post(URL, { body: new Uint8Array([0, 255]) })).body, new Uint8Array([0, 255]));
  const pairs = [["A", "1"], ["a", "Zürich 😀"]];
  assert.deepEqual(sent(() => http.get(URL, { headers: pairs })).headers, { a: "1, Zürich 😀" });
});

test("json is a body with its type, unless another is given", () => {
  const { headers, body } = sent(() => http.post(URL, { json: { a: [1, null] } }));
  assert.deepEqual([headers, body], [{ "content-type": "application/json" }, bytes('{"a":[1,null]}')]);
  assert.deepEqual(sent(() => http.post(URL, { json: null })).body, bytes("null"));
  const given = { "Content-Type": "application/ld+json" };
  assert.deepEqual(sent(() => http.post(URL, { json: 1, headers: given })).headers, { "content-type": "application/ld+json" });
});

test("a wrong request is not sent", () => {
  const wrong = [
    [[URL, { method: "get" }], /method is none of GET, HEAD, .*, PATCH$/],
    [["/path"], /a scheme and a host/],
    [["http:///path"], /a scheme and a host/],
    [["http://example.com/a b"], /encodeURIComponent/],
    [["http://example.com/é"], /encodeURIComponent/],
    [[undefined], /a scheme and a host/],
    [[URL, { header: {} }], /no option 'header'/],
    [[URL, { headers: { "a b": "" } }], /a header of the request is called "a b"/],
    [[URL, { headers: { A: "secret\n" } }], /^TypeError: the value of the request's header `a` has control characters$/],
    [[URL, { headers: { a: "\ud800" } }], /has half a character/],
    [[URL, { headers: { a: undefined } }], /is no text, but undefined/],
    [[URL, { body: 5 }], /a text or a Uint8Array/],
    [[URL, { body: "", json: 1 }], /not both/],
    [[URL, { json: 1n }], /BigInt/],
    [[URL, { timeout: 0 }], /milliseconds above 0, not 0/],
    [[URL, { timeout: 5n }], /milliseconds above 0, not 5/],
  ];
  answers(
    () => assert.fail("it was sent"),
    () => {
      for (const [args, message] of wrong) {
        assert.throws(() => http.request(...args), (error) => error instanceof TypeError && message.test(error), String(message));
      }
    },
  );
});

test("a response has what was answered", () => {
  const response = answered({ headers: [["Content-Type", "text/plain"], ["X", "1"], ["x", "2"]], body: "Zürich" });
  const { status, ok, headers, body } = response;
  assert.deepEqual({ status, ok, body }, { status: 200, ok: true, body: bytes("Zürich") });
  assert.deepEqual(headers, { "content-type": "text/plain", x: "1, 2" });
  assert.equal(response.text(), "Zürich");
  assert.deepEqual(answered({ json: { a: [1] } }).json(), { a: [1] });
  assert.throws(() => answered({ body: "]" }).json(), SyntaxError);
  assert.deepEqual([302, 404, 204].map((status) => answered({ status }).ok), [false, false, true]);
});

test("a text is whatever bytes there are", () => {
  const cases = [
    [[0x61], "a"],
    [[], ""],
    [[0xef, 0xbb, 0xbf, 0xc3, 0xa9], "é"],
    [[0xc3, 0xa9, 0xe9, 0x61, 0xf0, 0x9f, 0x98, 0x80, 0x80], "é\ufffda😀\ufffd"],
    [[0xe2, 0x82, 0xac, 0xff], "€\ufffd"],
  ];
  for (const [body, text] of cases) {
    assert.equal(answered({ body: Uint8Array.from(body) }).text(), text);
    // As in QuickJS, which has no TextDecoder.
    assert.equal(anyFromBinary(String.fromCharCode(...body)), text);
  }
  assert.equal(anyFromBinary("\xed\xa0\x80\xc0\x80"), "\ufffd\ufffd");
});

test("without a response there is an error", () => {
  const refuse = () => {
    throw new http.HttpError("refused");
  };
  assert.throws(() => answers(refuse, () => http.get(URL)), { name: "HttpError", message: "refused" });
  // The one that answered is gone by now.
  assert.throws(() => http.get(URL), { name: "HttpError", message: /answers\(…\) of anabranch-udf\/testing/ });
});

test("a function looks something up", () => {
  const customer = scalar({ args: { id: STRING }, returns: nullable(STRING), deterministic: false }, (id) => {
    const response = http.get(`https://api.example.com/customers/${encodeURIComponent(id)}`);
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json().name;
  });
  const answer = ({ url }) => {
    if (url.endsWith("/a%20b")) return { json: { name: "Ada" } };
    if (url.endsWith("/down")) throw new http.HttpError("refused");
    return { status: url.endsWith("/broken") ? 500 : 404 };
  };
  const found = answers(answer, () => new Tester({ customer }).scalar("customer", [["a b", "c", "down", "broken", null]]));
  assert.deepEqual(found, ["Ada", null, new Failed("HttpError: refused"), new Failed("Error: status 500"), null]);
});
