// How columns cross the boundary: flat, one list of numbers that says where everything is, and the bytes.

/** What each buffer begins at a multiple of, in the bytes of a batch. */
const ALIGNMENT = 16;

/** Buffers of a node, by its format; validity is the first. All others have validity and data. */
const BUFFERS = new Map([["+s", 1], ["u", 3], ["z", 3]]);

/** How many buffers the nodes of a column of this type have. */
export function shapeOf(field) {
  return field.map(({ format }) => BUFFERS.get(format) ?? 2);
}

/** The columns of these shapes; their buffers lie in the batch's bytes. */
export function unpack({ layout, data }, shapes) {
  let at = 0;
  let place = 0;
  return shapes.map((shape) =>
    shape.map((count) => {
      const node = { length: layout[at++], nullCount: layout[at++], buffers: new Array(count) };
      for (let index = 0; index < count; index++) {
        const end = place + layout[at++];
        node.buffers[index] = data.subarray(place, end);
        place = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      }
      return node;
    }),
  );
}

/** The columns, flat. */
export function pack(columns) {
  const nodes = columns.flat();
  return { nodes: nodes.map(({ length, nullCount }) => [length, nullCount]), buffers: nodes.flatMap(({ buffers }) => buffers) };
}
