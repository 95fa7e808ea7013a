"""The form in which columns cross the boundary."""

import pytest

from anabranch_udf.contract import Batch, Binding, CallError
from anabranch_udf.package import Bindings, Package
from anabranch_udf.types import ARRAY, BIGINT, ROW, STRING, Field
from anabranch_udf.wire import Columns, Reader, passed

N = Field("n", BIGINT, False)
FIELDS = [
    Field("row", ROW(tuple, [Field("name", STRING, False), Field("ages", ARRAY(N), True)]), True),
    N,
]


def test_columns_go_flat_and_come_back():
    rows = [("abcde", None), None]
    columns = Columns()
    FIELDS[0].write(rows, columns)
    FIELDS[1].write([1, -1], columns)
    assert columns.nodes == [(2, 1), (2, 0), (2, 1), (0, 0), (2, 0)]
    assert [len(buffer) for buffer in columns.buffers] == [1, 0, 12, 5, 1, 12, 0, 0, 0, 16]
    batch = passed(columns, FIELDS)
    assert batch.layout == [2, 1, 1, 2, 0, 0, 12, 5, 2, 1, 1, 12, 0, 0, 0, 0, 2, 0, 0, 16]
    assert len(batch.data) == 96 and batch.data[32:37] == b"abcde"
    reader = Reader(FIELDS).open(batch)
    assert FIELDS[0].read(reader) == (rows, {})
    assert list(FIELDS[1].read(reader)[0]) == [1, -1]


@pytest.mark.parametrize(
    "layout", [[], [2], [2, 0, 0], [2, 0, 0, 17], [2, 0, 16, 16], [2, 0, 0, 16, 0]], ids=str
)
def test_a_layout_that_does_not_fit_its_columns_is_refused(layout):
    assert len(N.read(Reader([N]).open(Batch([2, 0, 0, 16], bytes(16))))[0]) == 2
    with pytest.raises(CallError, match="a bug of the host"):
        N.read(Reader([N]).open(Batch(layout, bytes(16))))


def test_columns_of_other_rows_than_the_calls_are_refused(tester):
    package = Package()
    (index,) = [at for at, f in enumerate(package.functions) if f.signature.name == "same_bigint"]
    bindings = Bindings(package)
    parameters = [parameter.type for parameter in package.functions[index].signature.parameters]
    handle = bindings.bind(Binding(index, parameters, [None], "UTC", [])).handle
    batch = Batch([2, 0, 0, 16], bytes(16))
    assert bindings.call(handle, 2, batch).column.nodes == [(2, 0)]
    with pytest.raises(CallError, match="not those agreed on"):
        bindings.call(handle, 1, batch)
    with pytest.raises(CallError, match="no such function is bound as 1"):
        bindings.call(handle + 1, 2, batch)
