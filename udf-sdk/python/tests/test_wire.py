"""The form in which columns cross the boundary."""

import pytest

from anabranch_udf.contract import CallError, ColumnNode
from anabranch_udf.types import ARRAY, BIGINT, ROW, STRING, Field
from anabranch_udf.wire import Batch, Columns, pack, shape, unpack


def test_columns_go_flat_and_come_back():
    row = ROW(tuple, [Field("name", STRING, True), Field("ages", ARRAY(Field("item", BIGINT, True)), True)])
    shapes = [shape(Field("row", row, True).describe()), shape(Field("n", BIGINT, False).describe())]
    assert shapes == [[1, 3, 2, 2], [2]]
    columns = [
        [
            ColumnNode(2, 1, [b"\1"]),
            ColumnNode(2, 0, [b"", bytes(12), b"abcde"]),
            ColumnNode(2, 0, [b"", bytes(12)]),
            ColumnNode(0, 0, [b"", b""]),
        ],
        [ColumnNode(2, 0, [b"", bytes(range(16))])],
    ]
    flat = pack(columns)
    assert flat.nodes == [(2, 1), (2, 0), (2, 0), (0, 0), (2, 0)]
    assert unpack(as_passed(flat, shapes), shapes) == columns


@pytest.mark.parametrize(
    "layout", [[], [2], [2, 0, 0], [2, 0, 0, 17], [2, 0, 16, 16], [2, 0, 0, 16, 0]], ids=str
)
def test_a_layout_that_does_not_fit_its_columns_is_refused(layout):
    assert len(unpack(Batch([2, 0, 0, 16], bytes(16)), [[2]])) == 1
    with pytest.raises(CallError):
        unpack(Batch(layout, bytes(16)), [[2]])


def as_passed(columns: Columns, shapes: list[list[int]]) -> Batch:
    """As the host passes what a function has returned."""
    layout, data, buffers = [], b"", iter(columns.buffers)
    for node, count in zip(columns.nodes, [count for counts in shapes for count in counts]):
        layout += node
        for _ in range(count):
            buffer = next(buffers)
            layout.append(len(buffer))
            data += buffer + bytes(-len(buffer) % 16)
    return Batch(layout, data)
