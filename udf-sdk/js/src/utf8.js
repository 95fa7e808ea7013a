// Text to UTF-8 and back. QuickJS has no TextDecoder, and a loop over characters is slow in it: so the work is left to
// what it has natively, base64 and the escapes of URIs, with "binary strings", of a character per byte, in between.

const decoder = typeof TextDecoder === "function" ? new TextDecoder() : null;
/** For values, to which a mark of the order of bytes belongs. */
const exact = decoder && new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = typeof TextEncoder === "function" ? new TextEncoder() : null;

const HIGH = /[\x80-\xff]/;

/** The "binary string" of bytes. */
function binaryOf(bytes) {
  return atob(bytes.toBase64());
}

/** The texts that offsets cut out of bytes, in UTF-8. */
export function decode(bytes, offsets) {
  const texts = new Array(offsets.length - 1);
  const whole = exact ? exact.decode(bytes) : binaryOf(bytes);
  // What is not ASCII gets shorter when it is decoded, unless it is no UTF-8, as what lies under a NULL may be.
  const plain = exact ? whole.length === bytes.length : !HIGH.test(whole);
  for (let row = 0, start = offsets[0]; row < texts.length; row++) {
    const end = offsets[row + 1];
    if (plain) texts[row] = whole.substring(start, end);
    else texts[row] = exact ? exact.decode(bytes.subarray(start, end)) : fromBinary(whole.substring(start, end));
    start = end;
  }
  return texts;
}

function fromBinary(binary) {
  return HIGH.test(binary) ? decodeURIComponent(escape(binary)) : binary;
}

/** The text of bytes that may be anything: what is no UTF-8 becomes U+FFFD, and a mark of the order of bytes is left out. */
export function decodeAny(bytes) {
  return decoder ? decoder.decode(bytes) : anyFromBinary(binaryOf(bytes));
}

const CHARACTERS = /[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}|[\x80-\xff]/g;

/** The same of a binary string. For tests, as others than QuickJS do not come here. */
export function anyFromBinary(binary) {
  const text = binary.replace(/^\xef\xbb\xbf/, "");
  return fromBinaryOr(text, () => text.replace(CHARACTERS, (bytes) => fromBinaryOr(bytes, () => "\ufffd")));
}

function fromBinaryOr(binary, otherwise) {
  try {
    return fromBinary(binary);
  } catch {
    return otherwise();
  }
}

/** The texts behind each other in UTF-8, and their offsets. */
export function encode(texts) {
  for (let row = 0; row < texts.length; row++) if (typeof texts[row] !== "string") throw new TypeError("STRING");
  const whole = asciiBytes(texts.join(""));
  const offsets = new Int32Array(texts.length + 1);
  if (whole !== null) {
    for (let row = 0, end = 0; row < texts.length; row++) offsets[row + 1] = end += texts[row].length;
    return { bytes: whole, offsets };
  }
  const encoded = texts.map(encodeOne);
  for (let row = 0, end = 0; row < texts.length; row++) offsets[row + 1] = end += encoded[row].length;
  const bytes = new Uint8Array(offsets[texts.length]);
  if (encoder) encoded.forEach((part, row) => bytes.set(part, offsets[row]));
  else bytes.set(Uint8Array.fromBase64(btoa(encoded.join(""))));
  return { bytes, offsets };
}

/** The bytes of a text, or null if not all of it is ASCII. */
function asciiBytes(text) {
  if (encoder === null) return /[^\x00-\x7f]/.test(text) ? null : Uint8Array.fromBase64(btoa(text));
  const bytes = encoder.encode(text);
  return bytes.length === text.length ? bytes : null;
}

/** A text as bytes, or as a binary string. */
function encodeOne(text) {
  if (encoder === null) return unescape(encodeURIComponent(text));
  if (!text.isWellFormed()) throw new TypeError("a text with half a character");
  return encoder.encode(text);
}
