"""How a call runs over rows: which of them are computed, what is made of exceptions, how results become a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import Any

from anabranch_udf import bitmap
from anabranch_udf.contract import Batch, CallError, RowError
from anabranch_udf.messages import describe, shorten
from anabranch_udf.types import Field, SqlType
from anabranch_udf.types.field import split_nulls, with_none
from anabranch_udf.wire import Columns, Reader

#: What a function may raise. What is no Exception, as that of `sys.exit`, would end the instance, with all the other rows
#: of the call.
FAILURES = BaseException


class Arguments:
    """The arguments of calls, one after the other: those of the rows that are computed.

    Rows where an argument is NULL that the function does not take are left out; rows that hold what it cannot be given
    are errors.
    """

    def __init__(self, parameters: list[Field]):
        self._parameters = [(field.name, field.nullable, field.type.read) for field in parameters]
        self._reader = Reader(parameters)
        self.errors = Errors(self)
        #: Rows of the call.
        self.rows = 0
        #: How many rows are computed.
        self.count = 0
        #: The mask of the rows that are computed; None where all are.
        self.selected: bytes | None = None

    def read(self, rows: int, batch: Batch) -> list[Sequence]:
        """The values of a call, by column. The rest is of this call until the next."""
        reader = self._reader.open(batch)
        columns = []
        selected = None
        refused = []
        for name, nullable, read in self._parameters:
            length, valid = reader.node()
            if length != rows:
                raise CallError("the columns of a call are not those agreed on (a bug of the host)")
            values, unreadable = read(reader, rows, valid)
            if unreadable:
                refused.append((name, unreadable, valid))
            if valid is not None:
                if nullable:
                    values = with_none(values, valid)
                else:
                    selected = bitmap.both(selected, valid)
            columns.append(values)
        reader.close()
        self.rows = self.count = rows
        self.errors.reset()
        if refused:
            selected = self._refuse(refused, selected)
        self.selected = selected
        if selected is not None:
            self.count = sum(selected)
            columns = [list(compress(column, selected)) for column in columns]
        return columns

    def _refuse(self, refused: list, selected: bytes | None) -> bytes | None:
        """The rows that are left of those selected where others hold what the function cannot be given."""
        messages = self.errors.messages
        for name, unreadable, valid in refused:
            for row, reason in unreadable.items():
                if (valid is None or valid[row]) and (selected is None or selected[row]):
                    messages.setdefault(row, f"argument `{name}` {reason}")
        if not messages:
            return selected
        left = bytearray(selected or b"\1" * self.rows)
        for row in messages:
            left[row] = 0
        return bytes(left)

    def numbers(self) -> Sequence[int]:
        """The rows of the call that are computed."""
        return range(self.rows) if self.selected is None else list(compress(range(self.rows), self.selected))


def gather(calls: Iterable, count: int, failed: Callable[[int, str], None]) -> list:
    """The results of so many calls; `failed` is told which raised what, and their result is None."""
    results: list[Any] = []
    while len(results) < count:
        try:
            # What was computed before an exception stays, and the calls go on behind it.
            results.extend(calls)
            if len(results) < count:
                failed(len(results), "StopIteration")
                results.append(None)
        except FAILURES as error:
            failed(len(results), describe(error))
            results.append(None)
    return results


def column_of(field: Field, results: Sequence, errors: Errors, selected: bytes | None) -> Columns:
    """The column of results, NULL in the rows that are not selected, where they are None, and where they are of another
    type; `errors` are told of these.
    """
    try:
        valid, values = split_nulls(results, field.type.filler)
        columns = _written(field.type, values, valid, selected)
    except Exception:
        checked = list(results)
        for index, result in enumerate(results):
            if result is not None and not fits(field, result):
                errors.add(index, f"returned {shorten(result)}, which is no {field.type}")
                checked[index] = None
        valid, values = split_nulls(checked, field.type.filler)
        columns = _written(field.type, values, valid, selected)
    if valid is not None and not field.nullable:
        # Only where a call failed may there be no value, which `errors` know already.
        for index, result in enumerate(results):
            if result is None:
                errors.add(index, f"returned None, but is not declared to ({field.to_be_nullable})")
    return columns


def _written(type: SqlType, values: Sequence, valid: bytes | None, selected: bytes | None) -> Columns:
    columns = Columns()
    if selected is not None:
        valid = selected if valid is None else bytes(_spread(valid, 0, selected))
        values = _spread(values, type.filler, selected)
    type.write(values, valid, columns)
    return columns


def _spread(values: Iterable, filler: Any, selected: bytes) -> list:
    """The values in the rows that are selected."""
    following = iter(values).__next__
    return [following() if chosen else filler for chosen in selected]


def fits(field: Field, value: Any) -> bool:
    """Whether a value is one of the field's."""
    if value is None:
        return field.nullable
    try:
        # As nullable, as that looks for None: an object that cannot even be compared with it is refused, too.
        Field("", field.type, True).write([value], Columns())
    except Exception:
        return False
    return True


class Errors:
    """The errors of a call, the first of each row."""

    def __init__(self, arguments: Arguments | None = None):
        """Of calls with these arguments; of one that computes all its rows without."""
        self._arguments = arguments
        self.reset()

    def reset(self) -> None:
        """Begins a call."""
        self._numbers: Sequence[int] | None = None
        #: By row.
        self.messages: dict[int, str] = {}

    def add(self, index: int, message: str) -> None:
        """A computed row, by its place among them, failed."""
        if self._numbers is None and self._arguments is not None:
            self._numbers = self._arguments.numbers()
        row = index if self._numbers is None else self._numbers[index]
        self.messages.setdefault(row, message)

    def rows(self) -> list[RowError]:
        """By row."""
        return [RowError(row, self.messages[row]) for row in sorted(self.messages)] if self.messages else []
