"""Scalar functions: one value per row."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import repeat, starmap

from anabranch_udf.contract import Batch, CallError, ScalarResult
from anabranch_udf.messages import describe
from anabranch_udf.rows import FAILURES, Arguments, Errors, column_of, gather
from anabranch_udf.types import Field


class ScalarCalls:
    """A scalar function at one place of a plan."""

    def __init__(self, function: Callable, parameters: list[Field], result: Field, vectorized: bool):
        self._function = function
        self._arguments = Arguments(parameters)
        self._result = result
        self._compute = self._columns if vectorized else self._rows

    def call(self, rows: int, batch: Batch) -> ScalarResult:
        """The values of a call."""
        arguments = self._arguments
        columns = arguments.read(rows, batch)
        errors = arguments.errors
        results = self._compute(columns, arguments.count, errors)
        column = column_of(self._result, results, errors, arguments.selected)
        return ScalarResult(column, errors.rows())

    def _rows(self, columns: list[Sequence], count: int, errors: Errors) -> Sequence:
        # The function is called as the results are asked for.
        calls = map(self._function, *columns) if columns else starmap(self._function, repeat((), count))
        return gather(calls, count, errors.add)

    def _columns(self, columns: list[Sequence], count: int, errors: Errors) -> Sequence:
        return self._part(columns, 0, count, errors) if count else []

    def _part(self, columns: Sequence[Sequence], start: int, rows: int, errors: Errors) -> Sequence:
        """Computes some rows. An exception is of one of them: it is found by halving."""
        try:
            results = self._function(*columns)
            if not isinstance(results, (array, list, memoryview)):
                results = list(results)
        except FAILURES as error:
            if rows == 1:
                errors.add(start, describe(error))
                return [None]
            half = rows // 2
            first = self._part([column[:half] for column in columns], start, half, errors)
            second = self._part([column[half:] for column in columns], start + half, rows - half, errors)
            return [*first, *second]
        if len(results) != rows:
            raise CallError(f"it returned {len(results)} values for {rows} rows")
        return results
