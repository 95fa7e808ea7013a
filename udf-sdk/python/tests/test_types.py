"""Every type crosses and comes back as it was."""

import random
from array import array
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import kitchen
import pytest
from kitchen import Pair, Place

from anabranch_udf.contract import Batch, Binding
from anabranch_udf.package import Bindings, Package
from anabranch_udf.testing import Failed
from anabranch_udf.types import DATE, DECIMAL, FLOAT, INT, STRING, TIME, TIMESTAMP, Field
from anabranch_udf.wire import Columns, Reader, passed

UTC = timezone.utc
VALUES = {
    "same_bool": [True, False],
    "same_tinyint": [-128, 127, 0],
    "same_smallint": [-(2**15), 2**15 - 1],
    "same_int": [-(2**31), 2**31 - 1],
    "same_bigint": [-(2**63), 2**63 - 1, 0],
    "same_float": [0.5, -1.25, float("inf")],
    "same_double": [0.1, -1e300, float("-inf")],
    "same_decimal": [Decimal("0.0001"), Decimal("-9999999999999999.9999"), Decimal(0)],
    "same_unscaled": [10**38 - 1, 1 - 10**38, 0],
    "same_string": ["", "Ada", "Zürich", "\U0001f600", "\0"],
    "same_bytes": [b"", b"\xff\0"],
    "same_date": [date(1, 1, 1), date(9999, 12, 31), date(1969, 12, 31)],
    "same_days": [-(2**31), 2**31 - 1],
    "same_time": [time(), time(23, 59, 59, 999000)],
    "same_timestamp_seconds": [datetime(1969, 12, 31, 23, 59, 59), datetime(9999, 12, 31)],
    "same_timestamp": [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)],
    "same_timestamp_nanos": [-(2**63), 2**63 - 1],
    "same_timestamp_ltz": [datetime(1969, 12, 31, 23, 59, 59, 999000, UTC), datetime(9999, 1, 1, tzinfo=UTC)],
    "same_year_month": [-13, 2**31 - 1],
    "same_day_second": [timedelta(milliseconds=-1), timedelta(days=999_999_999)],
    "same_array": [[], [1, 2, 3], [-(2**63)]],
    "same_nested": [[], [None, [], ["a", None]]],
    "same_map": [{}, {"a": 1, "b": None}],
    "same_row": [Place(1.0, None, "x"), Place(-2.0, 3.0, None)],
    "same_pair": [Pair(1, []), Pair(2, ["a", None])],
}


@pytest.mark.parametrize("name", VALUES)
def test_values_come_back(tester, name):
    choice = random.Random(name)
    for rows in (0, 1, 7, 8, 9, 100):
        for nulls in (False, True):
            values = choice.choices(VALUES[name] + [None] * nulls, k=rows)
            assert tester.scalar(name, values) == values


def test_digits_beyond_the_scale_are_rounded_half_up(tester):
    values = [Decimal("0.00005"), Decimal("-0.00005"), Decimal("0.00004999")]
    assert tester.scalar("same_decimal", values) == [Decimal("0.0001"), Decimal("-0.0001"), Decimal(0)]


def test_values_of_another_type_are_refused():
    for type, value in [
        (DECIMAL(3, 1), Decimal("100")),
        (DECIMAL(3, 1), 1.5),
        (DECIMAL(3, 1), Decimal("NaN")),
        (INT, 2**31),
        (INT, b"1234"),
        (FLOAT, 1e300),
        (FLOAT, -3.5e38),
        (FLOAT, "1"),
        (TIME.as_number(), 86_400_000),
        (TIME.as_number(), -1),
        (TIME.as_number(), "1"),
        (STRING, b"a"),
        (STRING, "\ud800"),
        (TIMESTAMP(3), datetime(2024, 1, 1, tzinfo=UTC)),
    ]:
        with pytest.raises(Exception):
            Field("x", type, False).write([value], Columns())


def test_a_float_is_rounded_and_an_infinity_stays():
    for value in (0.1, 3.4e38, -3.4028235677973362e38, float("inf"), float("-inf"), 7):
        columns = Columns()
        Field("x", FLOAT, False).write([value], columns)
        assert columns.buffers[1] == array("f", [value]).tobytes()


def test_days_that_no_date_has_are_errors_of_their_rows():
    days = (3_000_000).to_bytes(4, "little", signed=True) + (0).to_bytes(4, "little")
    field = Field("x", DATE, False)
    values, unreadable = field.read(Reader([field]).open(Batch([2, 0, 0, 8], days)))
    assert values[1] == date(1970, 1, 1)
    assert list(unreadable) == [0]


def test_a_list_with_a_null_is_an_error_where_none_is_taken(tester):
    # What the function takes is written as a type that may hold NULL, as a host may send it.
    package = Package(modules=[kitchen.__name__])
    (index,) = [at for at, f in enumerate(package.functions) if f.signature.name == "same_array"]
    bindings = Bindings(package)
    parameters = [parameter.type for parameter in package.functions[index].signature.parameters]
    handle = bindings.bind(Binding(index, parameters, [None], "UTC", [])).handle
    bitmap, offsets = b"\x05", b"".join(n.to_bytes(4, "little") for n in (0, 1, 1, 3))
    items = b"".join(n.to_bytes(8, "little") for n in (1, 2, 3))
    columns = Columns()
    columns.nodes += [(3, 0), (3, 1)]
    columns.buffers += [b"", offsets, bitmap, items]
    result = bindings.call(handle, 3, passed(columns, package.functions[index].parameters))
    assert [(error.row, error.message) for error in result.errors] == [
        (2, "argument `value` holds a NULL where the function takes none")
    ]
    assert result.column.nodes[0] == (3, 1)


def test_failed_rows_are_named(tester):
    assert tester.scalar("lie", ["none", "text", "large", "stop"]) == [
        Failed("returned None, but is not declared to (write `| None` behind the type of its result)"),
        Failed("returned 'x', which is no TINYINT"),
        Failed("returned 1000, which is no TINYINT"),
        Failed("StopIteration"),
    ]
