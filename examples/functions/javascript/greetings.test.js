import assert from "node:assert/strict";
import { test } from "node:test";

import { Tester } from "anabranch-udf/testing";
import * as greetings from "./greetings.js";

test("the functions are what they look like", () => {
  assert.equal(greetings.greet("Ada"), "Hello, Ada!");
  assert.deepEqual([...greetings.splitWords(" to be  or ")], [{ word: "to" }, { word: "be" }, { word: "or" }]);
});

test("and a host calls them over columns, with NULLs, for many groups", () => {
  const means = new Tester(greetings).aggregate("mean");
  means.accumulate([0, 1, 0], [[1, null, 2]]);
  assert.deepEqual(means.evaluate([0, 1]), [1.5, null]);
});
