// Text to UTF-8 and back. QuickJS has no TextDecoder, and a loop over characters is slow in it: so the work is left to
// what it has natively, base64 and the escapes of URIs, with "binary strings", of a character per byte, in between.

const decoder = typeof TextDecoder === "function" ? new TextDecoder() : null;
const encoder = typeof TextEncoder === "function" ? new TextEncoder() : null;

/** Whether all bytes are ASCII, looked at eight at a time. */
export function isAscii(bytes) {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, bytes.length >> 2);
  let index = 0;
  for (; index + 1 < words.length; index += 2) if ((words[index] | words[index + 1]) & 0x80808080) return false;
  for (index *= 4; index < bytes.length; index++) if (bytes[index] & 0x80) return false;
  return true;
}

/** The text of ASCII bytes. */
function ascii(bytes) {
  return decoder ? decoder.decode(bytes) : atob(bytes.toBase64());
}

/** The texts that offsets cut out of bytes, in UTF-8. */
export function decode(bytes, offsets) {
  const texts = new Array(offsets.length - 1);
  if (isAscii(bytes)) {
    const text = ascii(bytes);
    for (let row = 0, start = offsets[0]; row < texts.length; row++) {
      const end = offsets[row + 1];
      texts[row] = text.substring(start, end);
      start = end;
    }
    return texts;
  }
  const binary = decoder ? null : ascii(bytes);
  for (let row = 0; row < texts.length; row++) {
    const [start, end] = [offsets[row], offsets[row + 1]];
    texts[row] = decoder ? decoder.decode(bytes.subarray(start, end)) : fromBinary(binary.substring(start, end));
  }
  return texts;
}

function fromBinary(binary) {
  return /[\x80-\xff]/.test(binary) ? decodeURIComponent(escape(binary)) : binary;
}

/** The text of bytes that may be anything: what is no UTF-8 becomes U+FFFD, and a mark of the order of bytes is left out. */
export function decodeAny(bytes) {
  return decoder ? decoder.decode(bytes) : anyFromBinary(ascii(bytes));
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
  let bytes;
  if (encoder) {
    bytes = encoder.encode(text);
  } else {
    try {
      bytes = Uint8Array.fromBase64(btoa(text));
    } catch {
      return null;
    }
  }
  return bytes.length === text.length && isAscii(bytes) ? bytes : null;
}

/** A text as bytes, or as a binary string. */
function encodeOne(text) {
  if (encoder === null) return unescape(encodeURIComponent(text));
  if (!text.isWellFormed()) throw new TypeError("a text with half a character");
  return encoder.encode(text);
}
