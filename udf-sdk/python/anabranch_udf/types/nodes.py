"""From the nodes of types, as the contract has them, to types: for functions whose signature comes from SQL."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Sequence
from typing import Any

from anabranch_udf.contract import FieldNode
from anabranch_udf.types.decimal import DECIMAL
from anabranch_udf.types.field import Field, SqlType
from anabranch_udf.types.fixed import BIGINT, BOOLEAN, DOUBLE, FLOAT, INT, SMALLINT, TINYINT
from anabranch_udf.types.nested import ARRAY, MAP, ROW
from anabranch_udf.types.text import BYTES, STRING
from anabranch_udf.types.time import (
    DATE,
    INTERVAL_DAY_TO_SECOND,
    INTERVAL_YEAR_TO_MONTH,
    TIME,
    TIMESTAMP,
    TIMESTAMP_LTZ,
)

_PLAIN: dict[str, SqlType] = {
    known.format: known
    for known in (
        BIGINT,
        BOOLEAN,
        BYTES,
        DATE,
        DOUBLE,
        FLOAT,
        INT,
        INTERVAL_DAY_TO_SECOND,
        INTERVAL_YEAR_TO_MONTH,
        SMALLINT,
        STRING,
        TIME,
        TINYINT,
        *(TIMESTAMP(precision) for precision in (0, 3, 6, 9)),
        *(TIMESTAMP_LTZ(precision) for precision in (0, 3, 6, 9)),
    )
}


class Record(ROW):
    """A ROW whose members have the names of the DDL: a named tuple. Any tuple, a list, or a dict is taken for one."""

    def __init__(self, members: list[Field]):
        names = [member.name for member in members]
        super().__init__(namedtuple("Row", names, rename=True), members)
        self._names = names

    def columns(self, rows: Sequence) -> list[Sequence]:
        try:
            return super().columns(rows)
        except TypeError:
            return super().columns(list(map(self._tuple, rows)))

    def _tuple(self, row: Any) -> Any:
        if isinstance(row, dict):
            unknown = [name for name in row if name not in self._names]
            if unknown:
                raise TypeError(f"there is no column {unknown[0]!r}")
            return tuple(map(row.get, self._names))
        return tuple(row) if isinstance(row, list) else row


class Declared(Field):
    """A field that the DDL declares."""

    __slots__ = ()
    to_be_nullable = "leave out NOT NULL behind the type of its result"


def fields_of(described: Sequence[list[FieldNode]]) -> list[Field]:
    """The fields that these nodes describe.

    Raises `TypeError` for a type that the contract does not have.
    """
    return [_field(iter(nodes)) for nodes in described]


def _field(nodes: Iterator[FieldNode]) -> Field:
    node = next(nodes)
    children = [_field(nodes) for _ in range(node.children)]
    return Declared(node.name, _type(node.format, children), node.nullable)


def _type(format: str, children: list[Field]) -> SqlType:
    if format in _PLAIN and not children:
        return _PLAIN[format]
    match format, children:
        case "+l", [item]:
            return ARRAY(item)
        case "+s", [_, *_]:
            return Record(children)
        case "+m", [Field(type=ROW(members=[key, value]))]:
            return MAP(key, value)
    if format.startswith("d:") and not children:
        precision, _, scale = format[2:].partition(",")
        return DECIMAL(int(precision), int(scale or 0))
    raise TypeError(f"the contract has no type `{format}` with {len(children)} children")
