"""STRING and BYTES."""

from __future__ import annotations

from array import array
from itertools import accumulate, pairwise

from anabranch_udf.types.field import SqlType


def read_offsets(reader, rows) -> list[int]:
    """The offsets of so many rows: one more, of none, where there need be no buffer, too."""
    buffer = reader.buffer()
    return memoryview(buffer).cast("i").tolist() if rows else [0]


def offsets_to(lengths) -> bytes:
    """The offsets of values that are so long."""
    return array("i", accumulate(lengths, initial=0)).tobytes()


class Text(SqlType):
    """STRING."""

    format = "u"
    python = str
    filler = ""

    def __str__(self) -> str:
        return "STRING"

    def read(self, reader, rows, valid):
        offsets, data = read_offsets(reader, rows), reader.buffer()
        if data.isascii():
            text = data.decode("ascii")
            return [text[start:end] for start, end in pairwise(offsets)], {}
        # What lies under a NULL need not be UTF-8; all else is.
        return [data[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets)], {}

    def write(self, values, valid, columns):
        text = "".join(values)
        data = text.encode()
        # In ASCII, which is the rule, a character is a byte.
        lengths = map(len, values if text.isascii() else map(str.encode, values))
        columns.add(len(values), valid, offsets_to(lengths), data)


class Binary(SqlType):
    """BYTES."""

    format = "z"
    python = bytes
    filler = b""

    def __str__(self) -> str:
        return "BYTES"

    def read(self, reader, rows, valid):
        offsets, data = read_offsets(reader, rows), reader.buffer()
        return [data[start:end] for start, end in pairwise(offsets)], {}

    def write(self, values, valid, columns):
        values = list(map(memoryview, values))
        lengths = [value.nbytes for value in values]
        columns.add(len(values), valid, offsets_to(lengths), b"".join(values))


STRING = Text()
BYTES = Binary()
