"""Source text: from where it stands in SQL to Python's parser, and places in it for errors."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Iterator

from anabranch_udf.messages import SOURCE, say


class SourceError(Exception):
    """A text that defines no function. Lines and columns count from 1 in the text as it was given; 0: nowhere."""

    def __init__(self, message: str, line: int = 0, column: int = 0):
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Text:
    """A text, which may have a margin for standing in SQL."""

    def __init__(self, source: str):
        self.text = source.replace("\r\n", "\n")
        self.lines = self.text.split("\n")
        #: The first line as Python was given it; all others are as they are.
        self._first = self.lines[0]

    def parse(self) -> ast.Module:
        """The syntax tree.

        Raises `SourceError`.
        """
        errors: list[SourceError] = []
        for is_block, self._first in self._readings():
            read = "\n".join([self._first, *self.lines[1:]])
            try:
                return _parse_block(read) if is_block else ast.parse(read, SOURCE)
            except SyntaxError as error:
                errors.append(self.syntax_error(error))
            except (ValueError, RecursionError, MemoryError) as error:
                raise SourceError(f"Python cannot read it: {error}") from None
        # Where the indentation is not as a reading supposes, it comes no further than that.
        raise max(errors, key=lambda error: (error.line, not error.message.startswith("IndentationError")))

    def _readings(self) -> Iterator[tuple[bool, str]]:
        """How the text may be meant: whether as an indented block, and what its first line is."""
        first, *others = self.lines
        yield False, first
        yield True, first
        if first.strip():
            # If it begins right behind the quotes, the margin is that of some other line.
            margins = {line[: _indentation(line)] for line in others if line.strip()}
            for margin in sorted(margins, key=lambda margin: (len(margin), margin)):
                yield bool(margin), margin + first.lstrip()

    def error(self, message: str, line: int, column: int) -> SourceError:
        """An error at a line (from 1) and a column (in UTF-8 bytes, from 0, as Python's trees have it; -1: none)."""
        if not 1 <= line <= len(self.lines):
            return SourceError(message)
        given = self.lines[line - 1]
        if column < 0:
            return SourceError(message, line, _indentation(given) + 1)
        read = self._first if line == 1 else given
        return SourceError(message, line, self._column(line, len(read.encode()[:column].decode(errors="replace")) + 1))

    def syntax_error(self, error: SyntaxError) -> SourceError:
        """What Python says of a text that it does not understand."""
        line = min(error.lineno or 0, len(self.lines))
        return SourceError(f"{type(error).__name__}: {error.msg}", line, self._column(line, error.offset or 1))

    def _column(self, line: int, column: int) -> int:
        """The place in the text as it was given of a column (from 1) as Python read it."""
        if line < 1:
            return 0
        moved = len(self._first) - len(self.lines[0]) if line == 1 else 0
        return max(column - moved, 1)


#: What an indented block stands below. The text stays as it is: its literals may have lines that stand further left.
_HEAD = "def function():\n"


def _parse_block(text: str) -> ast.Module:
    """The syntax tree of an indented block, with places as if it stood alone."""
    try:
        tree = ast.parse(_HEAD + text, SOURCE)
    except SyntaxError as error:
        error.lineno = (error.lineno or 1) - 1
        error.msg = re.sub(r"(?<=\bline )\d+", lambda line: str(int(line[0]) - 1), error.msg)
        raise
    ast.increment_lineno(tree, -1)
    block, *others = tree.body
    assert isinstance(block, ast.FunctionDef)
    if others:
        place = (SOURCE, others[0].lineno, others[0].col_offset + 1, None)
        raise IndentationError("unindent does not match the lines above", place)
    tree.body = block.body
    return tree


def _indentation(line: str) -> int:
    """How many characters a line is indented by."""
    return len(line) - len(line.lstrip())


def failed(text: Text, error: BaseException, line: int = 0) -> SourceError:
    """An exception of the text's own, when it is run; at `line` where it comes from none of its lines."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == SOURCE]
    if frames and frames[-1].lineno:
        line = frames[-1].lineno
    return text.error(say(error), line, -1)
