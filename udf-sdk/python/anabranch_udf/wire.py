"""How columns cross the boundary: flat, one list of numbers that says where everything is, and the bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anabranch_udf.contract import CallError, ColumnNode, FieldNode

#: What each buffer begins at a multiple of, in the bytes of a batch.
_ALIGNMENT = 16

#: Buffers of a node, by its format; validity is the first. All others have validity and data.
_BUFFERS = {"+s": 1, "u": 3, "z": 3}


@dataclass(slots=True)
class Batch:
    """Columns that the host passes: of each node in pre-order its rows, its NULLs, and the bytes of each buffer."""

    layout: list[int]
    data: bytes


@dataclass(slots=True)
class Columns:
    """Columns that a function returns: rows and NULLs of each node, and all buffers."""

    nodes: list[tuple[int, int]]
    buffers: list[bytes]


def shape(field: list[FieldNode]) -> list[int]:
    """How many buffers the nodes of a column of this type have."""
    return [_BUFFERS.get(node.format, 2) for node in field]


def unpack(batch: Batch, shapes: list[list[int]]) -> list[list[ColumnNode]]:
    """The columns of these shapes. Raises a CallError where the batch has others."""
    if len(batch.layout) != sum(2 + buffers for nodes in shapes for buffers in nodes):
        raise CallError("the columns are not as their types say (a bug of the host)")
    numbers, data = iter(batch.layout), batch.data
    columns = []
    place = last = 0
    for buffers_of_nodes in shapes:
        nodes = []
        for buffers in buffers_of_nodes:
            rows, nulls = next(numbers), next(numbers)
            parts = []
            for _ in range(buffers):
                end = place + next(numbers)
                parts.append(data[place:end])
                last = end if end > place else last
                place = end + -end % _ALIGNMENT
            nodes.append(ColumnNode(rows, nulls, parts))
        columns.append(nodes)
    if last > len(data):
        raise CallError("the columns reach beyond their bytes (a bug of the host)")
    return columns


def pack(columns: Iterable[list[ColumnNode]]) -> Columns:
    """The columns, flat."""
    nodes = [node for column in columns for node in column]
    return Columns(
        [(node.length, node.null_count) for node in nodes], [buffer for node in nodes for buffer in node.buffers]
    )
