"""The words of the contract (`wit/functions.wit`), as Python types.

In a component they cross the boundary as they are: what generates the boundary asks for attributes, not for classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anabranch_udf.wire import Columns


class CallError(Exception):
    """A failure of a whole call, not of one row."""


class Kind(IntEnum):
    """What a function gives."""

    SCALAR = 0
    TABLE = 1
    AGGREGATE = 2


@dataclass(slots=True)
class FieldNode:
    """One node of a type, in pre-order; `format` is that of the Arrow C Data Interface."""

    name: str
    format: str
    nullable: bool
    children: int


@dataclass(slots=True)
class Batch:
    """Columns that the host passes: of each node in pre-order its rows, its NULLs, and the bytes of each buffer."""

    layout: Sequence[int]
    data: bytes


@dataclass(slots=True)
class RowError:
    """One row of a call failed, the others did not."""

    row: int
    message: str


@dataclass(slots=True)
class Parameter:
    """A parameter of a function."""

    name: str
    type: list[FieldNode]


@dataclass(slots=True)
class Signature:
    """One signature. Several with one name are overloads."""

    name: str
    kind: Kind
    parameters: list[Parameter]
    result: list[FieldNode]
    deterministic: bool
    retracts: bool
    merges: bool
    doc: str


@dataclass(slots=True)
class Metadata:
    """What a package holds."""

    name: str
    version: str
    functions: list[Signature]


@dataclass(slots=True)
class Binding:
    """Where a function stands in a plan."""

    function: int
    arguments: list[list[FieldNode]]
    constants: list[Batch | None]
    time_zone: str
    options: list[tuple[str, str]]


@dataclass(slots=True)
class Bound:
    """A bound function; `state` are the fields of an accumulator's state."""

    handle: int
    result: list[FieldNode]
    state: list[list[FieldNode]]


@dataclass(slots=True)
class ScalarResult:
    """The values of a call, one per row."""

    column: Columns
    errors: list[RowError]


@dataclass(slots=True)
class TableChunk:
    """A part of a table function's output; `rows` are the input rows that the output rows belong to."""

    rows: list[int]
    columns: Columns
    errors: list[RowError]
    done: bool
