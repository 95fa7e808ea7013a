// Bitmaps, as Arrow has them (one bit per row, the lowest first), and masks: a byte per row, 0 or 1.
//
// Loops keep the length in a variable: in QuickJS, that of a typed array costs more than the rest of the loop.

const BITS = Array.from({ length: 256 }, (_, byte) => Uint8Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1));

/** A buffer without bytes, as a column has for its validity where nothing is NULL. */
export const EMPTY = new Uint8Array(0);

/** The mask of a bitmap. */
export function unpack(bitmap, rows) {
  const bytes = (rows + 7) >> 3;
  const mask = new Uint8Array(bytes * 8);
  for (let byte = 0; byte < bytes; byte++) mask.set(BITS[bitmap[byte]], byte * 8);
  return mask.subarray(0, rows);
}

/** The bitmap of a mask. */
export function pack(mask) {
  const bitmap = new Uint8Array((mask.length + 7) >> 3);
  const rows = mask.length;
  for (let row = 0; row < rows; row++) bitmap[row >> 3] |= mask[row] << (row & 7);
  return bitmap;
}

/** The rows that are set in two masks; null stands for a mask in which all are. */
export function both(one, other) {
  if (one === null || other === null) return one ?? other;
  const rows = one.length;
  const common = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) common[row] = one[row] & other[row];
  return common;
}

/** How many rows are set. */
export function count(mask) {
  let set = 0;
  const rows = mask.length;
  for (let row = 0; row < rows; row++) set += mask[row];
  return set;
}
