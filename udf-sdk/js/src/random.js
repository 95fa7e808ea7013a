// Random numbers from a seed, in place of an engine's own: QuickJS seeds these as a component is built, so that they would be
// the same in all instances of it.

/** What gives the next random whole number of 32 bits, from a state of four of these (xoshiro128**). */
export function words([a, b, c, d]) {
  return () => {
    const scrambled = Math.imul(b, 5);
    const word = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return word;
  };
}

/** What gives random numbers as `Math.random` does, from a seed of two numbers of 64 bits, or as much of them as is there. */
export function random(seed) {
  const halves = seed.map(Number).flatMap((number) => [number / 2 ** 32, number]);
  // A state of zeros alone would stay so.
  const next = words(halves.map((half, index) => mix(half ^ Math.imul(index + 1, 0x9e3779b9)) | 1));
  // The bits of the seed come into all of the state.
  for (let step = 0; step < 16; step++) next();
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** Spreads the bits of a number over 32 (the last step of MurmurHash3). */
function mix(bits) {
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
