"""Fields and columns: what is the same for all types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from anabranch_udf.contract import FieldNode
from anabranch_udf.messages import say
from anabranch_udf.wire import Columns, Reader

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

    def read(self, reader: Reader, rows: int, valid: bytes | None) -> tuple[Sequence, dict[int, str]]:
        """The values of a column, whose first node was read, anything where it is NULL; and why some rows, by number,
        have none that Python can hold.
        """
        raise NotImplementedError

    def write(self, values: Sequence, valid: bytes | None, columns: Columns) -> None:
        """Appends a column of values, which are fillers where it is NULL.

        Raises any exception where a value is not of this type.
        """
        raise NotImplementedError


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

    def read(self, reader: Reader) -> tuple[Sequence, dict[int, str]]:
        """Reads the next column: its values, None where NULL; and why some rows, by number, have none that Python can
        hold.
        """
        values, valid, unreadable = self._read(reader)
        return with_none(values, valid), unreadable

    def read_member(self, reader: Reader) -> tuple[list, dict[int, str]]:
        """Reads the next column as parts of others: the same, but NULL is a value only of a field that may be NULL."""
        values, valid, unreadable = self._read(reader)
        if self.nullable or valid is None:
            return list(with_none(values, valid)), unreadable
        return list(values), unreadable | {row: LACKS for row, known in enumerate(valid) if not known}

    def _read(self, reader: Reader) -> tuple[Sequence, bytes | None, dict[int, str]]:
        rows, valid = reader.node()
        values, unreadable = self.type.read(reader, rows, valid)
        if unreadable and valid is not None:
            unreadable = {row: reason for row, reason in unreadable.items() if valid[row]}
        return values, valid, unreadable

    def write(self, values: Sequence, columns: Columns) -> None:
        """Appends a column of values, None where NULL.

        Raises any exception where a value is not of the type.
        """
        valid, values = split_nulls(values, self.type.filler) if self.nullable else (None, values)
        self.type.write(values, valid, columns)


def with_none(values: Sequence, valid: bytes | None) -> Sequence:
    """The values of a column, None where NULL."""
    if valid is None:
        return values
    return [value if known else None for value, known in zip(values, valid)]


def split_nulls(values: Sequence, filler: Any) -> tuple[bytes | None, Sequence]:
    """The mask of the values that are not None (None where all are), and the values with `filler` for None."""
    if type(values) is not list or None not in values:
        return None, values
    valid = bytes([value is not None for value in values])
    return valid, [filler if value is None else value for value in values]


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
