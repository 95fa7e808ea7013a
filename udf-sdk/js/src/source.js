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

/** The line of the text that an error was thrown in, or that could not be read: QuickJS calls all text `<input>`. */
export function lineOf(error) {
  if (lines === null || !(error instanceof Error)) return null;
  const [, line, column] = /(?:<input>|<anonymous>):(\d+):(\d+)/.exec(error.stack ?? "") ?? [];
  if (line === undefined) return null;
  // What is behind the text closes what stands before it.
  const number = Math.min(Number(line), lines.length);
  return { line: number, column: number === Number(line) ? Number(column) : lines[number - 1].length + 1, text: lines[number - 1].trim() };
}
