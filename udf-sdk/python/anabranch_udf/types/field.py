"""Fields and columns: what is the same for all types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from anabranch_udf import bitmap
from anabranch_udf.contract import ColumnNode, FieldNode
from anabranch_udf.messages import say

LACKS = "holds a NULL where the function takes none"


class SqlType:
    """An SQL type, and how its columns are read and written. In `Annotated[int, TIMESTAMP(3)]` it marks the type."""

    #: Format string of the Arrow C Data Interface.
    format: str
    #: The Python type of its values.
    python: Any
    #: The value that is written where there is none.
    filler: Any

    def __str__(self) -> str:
        raise NotImplementedError

    @property
    def children(self) -> Sequence[Field]:
        """The fields inside of a nested type."""
        return ()

    def as_number(self) -> SqlType | None:
        """The same type with plain integers for its values, as they cross the boundary, where it has such."""
        return None

    def read(self, node: ColumnNode, nodes: Iterator[ColumnNode], valid: bytes | None) -> tuple[Sequence, dict]:
        """The values of a column, anything where it is NULL, and why some rows have none that Python can hold."""
        raise NotImplementedError

    def write(self, values: Sequence, valid: bytes | None, nodes: list[ColumnNode]) -> None:
        """Appends the nodes of a column of values, which are fillers where it is NULL.

        Raises any exception where a value is not of this type.
        """
        raise NotImplementedError


@dataclass(slots=True)
class Values:
    """A column that was read."""

    #: Anything where it is NULL.
    values: Sequence
    #: A mask; None where nothing is NULL.
    valid: bytes | None
    #: The rows, by number, whose value Python cannot hold, with the reason.
    unreadable: dict[int, str] = field(default_factory=dict)

    def with_none(self) -> Sequence:
        """The values, None where NULL."""
        if self.valid is None:
            return self.values
        return [value if valid else None for value, valid in zip(self.values, self.valid)]

    def as_member(self, nullable: bool) -> tuple[list, dict[int, str]]:
        """The values as parts of others, and which of them cannot be."""
        if nullable or self.valid is None:
            return list(self.with_none()), self.unreadable
        lacking = {row: LACKS for row, valid in enumerate(self.valid) if not valid}
        return list(self.values), self.unreadable | lacking


@dataclass(slots=True, frozen=True)
class Field:
    """A named type, and whether its values may be NULL."""

    name: str
    type: SqlType
    nullable: bool

    #: What the author of a function does for its result to be nullable.
    to_be_nullable: ClassVar[str] = "write `| None` behind the type of its result"

    def __str__(self) -> str:
        """The type as SQL writes it of a field."""
        return f"{self.type}" if self.nullable else f"{self.type} NOT NULL"

    def describe(self) -> list[FieldNode]:
        """The nodes of the type, in pre-order."""
        children = self.type.children
        nodes = [FieldNode(self.name, self.type.format, self.nullable, len(children))]
        for child in children:
            nodes += child.describe()
        return nodes

    def read(self, nodes: Iterator[ColumnNode]) -> Values:
        """Reads the next column of `nodes`."""
        node = next(nodes)
        valid = bitmap.unpack(node.buffers[0], node.length) if node.null_count else None
        values, unreadable = self.type.read(node, nodes, valid)
        if unreadable and valid is not None:
            unreadable = {row: reason for row, reason in unreadable.items() if valid[row]}
        return Values(values, valid, unreadable)

    def write(self, values: Sequence, nodes: list[ColumnNode]) -> None:
        """Appends the nodes of a column of values, None where NULL.

        Raises any exception where a value is not of the type.
        """
        valid, values = split_nulls(values, self.type.filler) if self.nullable else (None, values)
        self.type.write(values, valid, nodes)


def split_nulls(values: Sequence, filler: Any) -> tuple[bytes | None, Sequence]:
    """The mask of the values that are not None (None where all are), and the values with `filler` for None."""
    if type(values) is not list or None not in values:
        return None, values
    valid = bytes([value is not None for value in values])
    return valid, [filler if value is None else value for value in values]


def column_node(rows: int, valid: bytes | None, *buffers: bytes) -> ColumnNode:
    """The node of a column with these buffers behind its validity."""
    if valid is None:
        return ColumnNode(rows, 0, [b"", *buffers])
    return ColumnNode(rows, rows - sum(valid), [bitmap.pack(valid), *buffers])


def convert(values: Sequence, conversion: Any, valid: bytes | None, type_name: str) -> tuple[list, dict[int, str]]:
    """Converts the values that are not NULL; those that cannot be are named."""
    if valid is None:
        try:
            return list(map(conversion, values)), {}
        except Exception:
            pass  # One by one, then.
    converted: list[Any] = []
    unreadable: dict[int, str] = {}
    for row, value in enumerate(values):
        result = None
        if valid is None or valid[row]:
            try:
                result = conversion(value)
            except Exception as error:
                unreadable[row] = f"is a {type_name} that Python has no value for ({say(error)})"
        converted.append(result)
    return converted, unreadable
