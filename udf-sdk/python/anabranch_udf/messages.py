"""What messages say of exceptions and values. Whatever these are, saying it fails in no way: a message belongs to one row,
and an exception here would fail the whole call.
"""

from __future__ import annotations

import os
import traceback
from typing import Any

_SDK = os.path.dirname(os.path.abspath(__file__))

#: What tracebacks have for the file of a function that came as text.
SOURCE = "<source>"

#: The longest text that messages have of a value.
_SHORT = 100


def say(error: BaseException) -> str:
    """What an exception says."""
    try:
        if isinstance(error, SyntaxError):
            return _sendable(f"{type(error).__name__}: {error.msg}")
        # What follows are notes.
        return _sendable(traceback.format_exception_only(error)[0].strip())
    except Exception:
        return f"{type(error).__name__}, whose message cannot be shown"


def describe(error: BaseException) -> str:
    """What an exception says, and the line of the function's code that it comes from."""
    said = say(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_SDK)]
    inline = [frame for frame in frames if frame.filename == SOURCE]
    if inline:
        return f"{said} (line {inline[-1].lineno}: {inline[-1].line})"
    return f"{said} ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else said


def shorten(value: Any) -> str:
    """A value as messages show it; its type, where it has no text: an `int` of thousands of digits, for one."""
    try:
        shown = _sendable(repr(value))
    except Exception:
        return f"a value of type {type(value).__name__} that cannot be shown"
    return shown if len(shown) <= _SHORT else f"{shown[:_SHORT]}…"


def _sendable(text: str) -> str:
    """The text without lone surrogates, which no UTF-8 has."""
    return text.encode(errors="backslashreplace").decode()
