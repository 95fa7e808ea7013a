"""Types whose values have a fixed number of bytes: BOOLEAN, integers, floats; and those that are kept as such."""

from __future__ import annotations

import struct
from typing import Any

from anabranch_udf import bitmap
from anabranch_udf.types.field import SqlType, convert


class Fixed(SqlType):
    """Numbers, read as a memoryview and written from any sequence of them.

    They are written by `struct`: an array reads each number as if it were the argument of a call, which takes twice the
    time, and makes infinities of those that are too large for a FLOAT, where `struct` refuses them.
    """

    filler: Any = 0

    def __init__(self, name: str, format: str, code: str, python: type):
        self.name = name
        self.format = format
        #: As the modules `array` and `struct` name the type.
        self.code = code
        self.python = python

    def __str__(self) -> str:
        return self.name

    def read(self, reader, rows, valid):
        return memoryview(reader.buffer()).cast(self.code), {}

    def write(self, values, valid, columns):
        given = None
        if type(values) is not list:
            given = getattr(values, "typecode", None) or getattr(values, "format", None)
        data = values.tobytes() if given == self.code else struct.pack(f"<{len(values)}{self.code}", *values)
        columns.add(len(values), valid, data)


class Converted(Fixed):
    """Values of another class that are kept as numbers."""

    def from_number(self, number: int) -> Any:
        raise NotImplementedError

    def to_number(self, value: Any) -> int:
        raise NotImplementedError

    def as_number(self):
        return Fixed(self.name, self.format, self.code, int)

    def read(self, reader, rows, valid):
        numbers, _ = super().read(reader, rows, valid)
        return convert(numbers, self.from_number, valid, self.name)

    def write(self, values, valid, columns):
        super().write(list(map(self.to_number, values)), valid, columns)


class Boolean(SqlType):
    """BOOLEAN: a bit per row."""

    format = "b"
    python = bool
    filler = False

    def __str__(self) -> str:
        return "BOOLEAN"

    def read(self, reader, rows, valid):
        return list(map((False, True).__getitem__, bitmap.unpack(reader.buffer(), rows))), {}

    def write(self, values, valid, columns):
        columns.add(len(values), valid, bitmap.pack(bytes(values)))


BOOLEAN = Boolean()
TINYINT = Fixed("TINYINT", "c", "b", int)
SMALLINT = Fixed("SMALLINT", "s", "h", int)
INT = Fixed("INT", "i", "i", int)
BIGINT = Fixed("BIGINT", "l", "q", int)
FLOAT = Fixed("FLOAT", "f", "f", float)
DOUBLE = Fixed("DOUBLE", "g", "d", float)
