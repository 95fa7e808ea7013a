"""Source text: from where it stands in SQL to Python's parser, and places in it for errors."""

from __future__ import annotations

import ast
import textwrap
import traceback

from anabranch_udf.rows import SOURCE


class SourceError(Exception):
    """A text that defines no function. Lines and columns count from 1 in the text as it was given; 0: nowhere."""

    def __init__(self, message: str, line: int = 0, column: int = 0):
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Text:
    """A text, without the margin that it has for standing in SQL."""

    def __init__(self, source: str):
        self._given = source.replace("\r\n", "\n").split("\n")
        #: What Python is given; it has the lines of what was given.
        self.text = textwrap.dedent("\n".join(self._given))

    def parse(self) -> ast.Module:
        """The syntax tree.

        Raises `SourceError`.
        """
        first: SyntaxError | None = None
        for text in self._readings():
            self.text = text
            try:
                return ast.parse(text, SOURCE)
            except SyntaxError as error:
                first = first or error
            except (ValueError, RecursionError, MemoryError) as error:
                raise SourceError(f"Python cannot read it: {error}") from None
        assert first is not None
        self.text = self._readings()[0]
        raise self.syntax_error(first)

    def _readings(self) -> list[str]:
        """The text without its margin. If it begins right behind the quotes, the other lines may have one of their own."""
        whole = textwrap.dedent("\n".join(self._given))
        first, *others = self._given
        if not first.strip() or not others:
            return [whole]
        return [whole, "\n".join([first.lstrip(), textwrap.dedent("\n".join(others))])]

    def error(self, message: str, line: int, column: int) -> SourceError:
        """An error at a line (from 1) and a column (in UTF-8 bytes, from 0, as Python's trees have it; -1: none)."""
        if not 1 <= line <= len(self._given):
            return SourceError(message)
        if column < 0:
            return SourceError(message, line, self._margin(line) + 1)
        read = self.text.split("\n")[line - 1]
        characters = len(read.encode()[:column].decode(errors="replace"))
        return SourceError(message, line, self._margin(line) + characters + 1)

    def syntax_error(self, error: SyntaxError) -> SourceError:
        """What Python says of a text that it does not understand."""
        said = f"{type(error).__name__}: {error.msg}"
        line = min(error.lineno or 0, len(self._given))
        column = (error.offset or 1) + self._margin(line) if line else 0
        return SourceError(said, line, max(column, 1) if line else 0)

    def _margin(self, line: int) -> int:
        """Characters that were taken from the beginning of a line."""
        read = self.text.split("\n")
        if line > len(read):
            return 0
        given, kept = self._given[line - 1], read[line - 1]
        return len(given) - len(kept) if kept else len(given) - len(given.lstrip())


def failed(text: Text, error: BaseException, line: int = 0) -> SourceError:
    """An exception of the text's own, when it is run; at `line` where it comes from none of its lines."""
    said = traceback.format_exception_only(error)[-1].strip()
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == SOURCE]
    if frames and frames[-1].lineno:
        line = frames[-1].lineno
    return text.error(said, line, -1)
