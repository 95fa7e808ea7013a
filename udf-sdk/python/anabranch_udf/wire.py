"""How columns cross the boundary: flat, one list of numbers that says where everything is, and the bytes.

Types read and write that themselves. In a call of one row nothing costs as much as what lies between, so there is little
here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from anabranch_udf import bitmap
from anabranch_udf.contract import Batch, CallError

if TYPE_CHECKING:
    from anabranch_udf.types import Field

#: What each buffer begins at a multiple of, in the bytes of a batch.
_ALIGNMENT = 16

#: Buffers of a node, by its format; validity is the first. All others have validity and data.
_BUFFERS = {"+s": 1, "u": 3, "z": 3}


def _buffers(fields: Iterable[Field]) -> Iterator[int]:
    """How many buffers the nodes of columns of these fields have, in pre-order."""
    for field in fields:
        yield _BUFFERS.get(field.type.format, 2)
        yield from _buffers(field.type.children)


class Reader:
    """Reads columns of some fields, one after the other: of each node its rows, its NULLs and its buffers."""

    __slots__ = ("_numbers", "_layout", "_data", "_at", "_place")

    def __init__(self, fields: Iterable[Field]):
        #: How many numbers the layout has.
        self._numbers = sum(2 + buffers for buffers in _buffers(fields))
        self.close()

    def open(self, batch: Batch) -> Reader:
        """Begins with what the host passed. Raises a CallError where that has other columns."""
        if len(batch.layout) != self._numbers:
            raise CallError("the columns are not as their types say (a bug of the host)")
        self._layout = batch.layout
        self._data = batch.data
        self._at = self._place = 0
        return self

    def close(self) -> None:
        """Lets go of it."""
        self._layout: Sequence[int] = ()
        self._data = b""

    def node(self) -> tuple[int, bytes | None]:
        """The rows of the next node, and the mask of its validity, None where nothing is NULL."""
        layout, at = self._layout, self._at
        rows, nulls = layout[at], layout[at + 1]
        if not nulls and not layout[at + 2]:
            self._at = at + 3
            return rows, None
        self._at = at + 2
        validity = self.buffer()
        return rows, bitmap.unpack(validity, rows) if nulls else None

    def buffer(self) -> bytes:
        """The next buffer."""
        at = self._at
        self._at = at + 1
        size = self._layout[at]
        if not size:
            return b""
        place = self._place
        end = place + size
        if end > len(self._data):
            raise CallError("the columns reach beyond their bytes (a bug of the host)")
        self._place = end + -end % _ALIGNMENT
        return self._data[place:end]


class Columns:
    """Columns that a function returns, as they cross: rows and NULLs of each node, and all buffers."""

    __slots__ = ("nodes", "buffers")

    def __init__(self) -> None:
        self.nodes: list[tuple[int, int]] = []
        self.buffers: list[bytes] = []

    def add(self, rows: int, valid: bytes | None, *buffers: bytes) -> None:
        """Appends a node with these buffers behind its validity: a mask, or None where nothing is NULL."""
        if valid is None:
            self.nodes.append((rows, 0))
            self.buffers += (b"", *buffers)
        else:
            self.nodes.append((rows, rows - sum(valid)))
            self.buffers += (bitmap.pack(valid), *buffers)


def passed(columns: Columns, fields: Iterable[Field]) -> Batch:
    """Columns of these fields that a function returned, as the host passes them."""
    layout: list[int] = []
    data = bytearray()
    buffers = iter(columns.buffers)
    for node, count in zip(columns.nodes, _buffers(fields), strict=True):
        layout += node
        for _ in range(count):
            buffer = next(buffers)
            layout.append(len(buffer))
            data += buffer + bytes(-len(buffer) % _ALIGNMENT)
    return Batch(layout, bytes(data))
