"""Scalar functions: one value per row."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from anabranch_udf.contract import CallError, ColumnNode, ScalarResult
from anabranch_udf.messages import describe
from anabranch_udf.rows import FAILURES, Arguments, Errors, gather, scalar_result
from anabranch_udf.types import Field


class ScalarCalls:
    """A scalar function at one place of a plan."""

    def __init__(self, function: Callable, parameters: list[Field], result: Field, vectorized: bool):
        self._function = function
        self._parameters = parameters
        self._result = result
        self._compute = self._columns if vectorized else self._rows

    def call(self, rows: int, columns: list[list[ColumnNode]]) -> ScalarResult:
        """The values of a call."""
        arguments = Arguments(self._parameters, rows, columns)
        errors = Errors(arguments.numbers(), arguments.errors)
        results = self._compute(arguments, errors)
        return scalar_result(self._result, results, errors, arguments.selected)

    def _rows(self, arguments: Arguments, errors: Errors) -> Sequence:
        return gather(arguments.calls(self._function), arguments.count, errors.add)

    def _columns(self, arguments: Arguments, errors: Errors) -> Sequence:
        return self._part(arguments.columns, 0, arguments.count, errors) if arguments.count else []

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
