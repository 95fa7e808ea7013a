// Random numbers from a seed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { random, words } from "../src/random.js";

const take = (count, next) => Array.from({ length: count }, () => next());

test("the generator is the one that it says", () => {
  // From the tests of other implementations.
  const expected = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
  assert.deepEqual(take(10, words([1, 2, 3, 4])), expected);
});

test("numbers are even, of their seed, and below 1", () => {
  const [seed, other] = [[0, 0], [0, 1n]];
  const numbers = take(10_000, random(seed));
  assert.deepEqual(take(10_000, random(seed)), numbers);
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  const tenths = new Array(10).fill(0);
  for (const number of numbers) tenths[Math.floor(number * 10)]++;
  assert.ok(tenths.every((count) => count > 850 && count < 1150), String(tenths));
  assert.equal(new Set(numbers).size, numbers.length);
  const others = new Set(take(10_000, random(other)));
  assert.ok(!numbers.some((number) => others.has(number)));
});

test("a seed may be numbers of 64 bits, exact or rounded", () => {
  const seeds = [[2n ** 64n - 1n, 5n], [2 ** 64, 5], [2n ** 32n, 0n], [1, 0], [0, 2 ** 32]];
  const first = seeds.map((seed) => random(seed)());
  assert.equal(first[0], first[1]);
  assert.equal(new Set(first).size, seeds.length - 1);
});
