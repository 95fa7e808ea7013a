// Functions that came as text: where in it an error comes from.

/** The lines of the text that was read last. */
let lines = null;

/** A text that defines no function. Lines and columns count from 1; 0: nowhere. */
export class SourceError extends Error {
  constructor(message, line = 0, column = 0) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** Errors are of this text from now on. */
export function read(source) {
  lines = source.split("\n");
}

/**
 * The line of the text that an error was thrown in, or that could not be read: QuickJS calls all text `<input>`. So many
 * characters stood before its first line.
 */
export function lineOf(error, before = 0) {
  if (lines === null) return null;
  let stack = "";
  try {
    if (error instanceof Error) stack = String(error.stack);
  } catch {
    // What was thrown is the function's own, and may throw when it is looked at.
  }
  const [, line, column] = /(?:<input>|<anonymous>):(\d+):(\d+)/.exec(stack) ?? [];
  if (line === undefined) return null;
  // What is behind the text closes what stands before it.
  const number = Math.min(Number(line), lines.length);
  const given = lines[number - 1];
  const read = number === 1 ? Math.max(Number(column) - before, 1) : Number(column);
  return { line: number, column: number === Number(line) ? read : given.length + 1, text: given.trim() };
}
