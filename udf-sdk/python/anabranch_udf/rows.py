"""How a call runs over rows: which of them are computed, what is made of exceptions, how results become a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress, repeat, starmap
from typing import Any

from anabranch_udf import bitmap
from anabranch_udf.contract import CallError, ColumnNode, RowError, ScalarResult
from anabranch_udf.messages import describe, shorten
from anabranch_udf.types import Field
from anabranch_udf.types.field import split_nulls

#: What a function may raise. What is no Exception, as that of `sys.exit`, would end the instance, with all the other rows
#: of the call.
FAILURES = BaseException


class Arguments:
    """The arguments of a call: those of the rows that are computed.

    Rows where an argument is NULL that the function does not take are left out; rows that hold what it cannot be given
    are errors.
    """

    def __init__(self, parameters: list[Field], rows: int, columns: list[list[ColumnNode]]):
        if len(columns) != len(parameters) or any(column[0].length != rows for column in columns):
            raise CallError("the columns of a call are not those agreed on (a bug of the host)")
        read = [parameter.read(iter(column)) for parameter, column in zip(parameters, columns)]
        #: Rows of the call.
        self.rows = rows
        #: The mask of the rows that are computed; None where all are.
        self.selected: bytes | None = None
        #: By row.
        self.errors: list[RowError] = []
        for parameter, values in zip(parameters, read):
            if not parameter.nullable:
                self.selected = bitmap.both(self.selected, values.valid)
        wrong: dict[int, str] = {}
        for parameter, values in zip(parameters, read):
            for row, reason in values.unreadable.items():
                if self.selected is None or self.selected[row]:
                    wrong.setdefault(row, f"argument `{parameter.name}` {reason}")
        if wrong:
            selected = bytearray(self.selected or b"\1" * rows)
            for row in wrong:
                selected[row] = 0
            self.selected = bytes(selected)
            self.errors = [RowError(row, wrong[row]) for row in sorted(wrong)]
        #: The values of the rows that are computed.
        self.columns = [
            values.with_none() if parameter.nullable else values.values for parameter, values in zip(parameters, read)
        ]
        #: How many rows are computed.
        self.count = rows
        if self.selected is not None:
            self.columns = [list(compress(column, self.selected)) for column in self.columns]
            self.count = sum(self.selected)

    def numbers(self) -> Sequence[int]:
        """The rows of the call that are computed."""
        return range(self.rows) if self.selected is None else list(compress(range(self.rows), self.selected))

    def calls(self, function: Callable) -> Iterable:
        """Calls the function with each row's arguments, as the results are asked for."""
        return map(function, *self.columns) if self.columns else starmap(function, repeat((), self.count))


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


def column_of(field: Field, results: Sequence, failed: Callable[[int, str], None], selected: bytes | None) -> list:
    """The column of results, NULL in the rows that are not selected, where they are None, and where they are of another
    type; `failed` is told of these.
    """
    nodes: list[ColumnNode] = []
    try:
        valid, values = split_nulls(results, field.type.filler)
        _write(field, values, valid, selected, nodes)
    except Exception:
        checked = list(results)
        for index, result in enumerate(results):
            if result is not None and not fits(field, result):
                failed(index, f"returned {shorten(result)}, which is no {field.type}")
                checked[index] = None
        nodes.clear()
        valid, values = split_nulls(checked, field.type.filler)
        _write(field, values, valid, selected, nodes)
    if valid is not None and not field.nullable:
        # Only where a call failed may there be no value, which `failed` knows already.
        for index, result in enumerate(results):
            if result is None:
                failed(index, f"returned None, but is not declared to ({field.to_be_nullable})")
    return nodes


def _write(field: Field, values: Sequence, valid: bytes | None, selected: bytes | None, nodes: list) -> None:
    if selected is not None:
        valid = selected if valid is None else bytes(_spread(valid, 0, selected))
        values = _spread(values, field.type.filler, selected)
    field.type.write(values, valid, nodes)


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
        Field("", field.type, True).write([value], [])
    except Exception:
        return False
    return True


class Errors:
    """The errors of a call, the first of each row."""

    def __init__(self, numbers: Sequence[int], known: list[RowError]):
        self._numbers = numbers
        self._messages = {error.row: error.message for error in known}

    def add(self, index: int, message: str) -> None:
        """A computed row, by its place among them, failed."""
        self._messages.setdefault(self._numbers[index], message)

    def rows(self) -> list[RowError]:
        """By row."""
        return [RowError(row, self._messages[row]) for row in sorted(self._messages)]


def scalar_result(field: Field, results: Sequence, errors: Errors, selected: bytes | None) -> ScalarResult:
    """The results of a scalar or aggregate function."""
    column = column_of(field, results, errors.add, selected)
    return ScalarResult(column, errors.rows())
