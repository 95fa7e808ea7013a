// The form in which columns cross the boundary.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ARRAY, BIGINT, ROW, STRING, nullable } from "anabranch-udf";
import { describe } from "../src/types/field.js";
import { pack, shapeOf, unpack } from "../src/wire.js";

test("columns go flat and come back", () => {
  const row = nullable(ROW({ name: STRING, ages: ARRAY(BIGINT) }));
  const shapes = [shapeOf(describe("row", row)), shapeOf(describe("n", BIGINT))];
  assert.deepEqual(shapes, [[1, 3, 2, 2], [2]]);
  const bytes = (length) => Uint8Array.from({ length }, (_, index) => index);
  const columns = [
    [
      { length: 2, nullCount: 1, buffers: [bytes(1)] },
      { length: 2, nullCount: 0, buffers: [bytes(0), bytes(12), bytes(5)] },
      { length: 2, nullCount: 0, buffers: [bytes(0), bytes(12)] },
      { length: 0, nullCount: 0, buffers: [bytes(0), bytes(0)] },
    ],
    [{ length: 2, nullCount: 0, buffers: [bytes(0), bytes(16)] }],
  ];
  const flat = pack(columns);
  assert.deepEqual(flat.nodes, [[2, 1], [2, 0], [2, 0], [0, 0], [2, 0]]);
  assert.deepEqual(unpack(asPassed(flat, shapes.flat()), shapes), columns);
});

/** As the host passes what a function has returned. */
function asPassed({ nodes, buffers }, counts) {
  const [layout, data, rest] = [[], [], buffers.values()];
  nodes.forEach((node, index) => {
    layout.push(...node);
    for (let left = counts[index]; left > 0; left--) {
      const buffer = rest.next().value;
      layout.push(buffer.length);
      data.push(...buffer, ...new Array(Math.ceil(buffer.length / 16) * 16 - buffer.length).fill(0));
    }
  });
  return { layout: Uint32Array.from(layout), data: Uint8Array.from(data) };
}

test("a layout that does not fit its columns is refused", () => {
  const shapes = [shapeOf(describe("n", BIGINT))];
  const data = new Uint8Array(16);
  assert.equal(unpack({ layout: [2, 0, 0, 16], data }, shapes)[0][0].buffers[1].length, 16);
  for (const layout of [[], [2], [2, 0, 0], [2, 0, 0, 17], [2, 0, 16, 16], [2, 0, 0, 16, 0]]) {
    assert.throws(() => unpack({ layout, data }, shapes), /a bug of the host/, `${layout}`);
  }
});
