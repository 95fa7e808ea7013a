"""Table functions: zero or more rows per row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, repeat
from typing import Any

from anabranch_udf.contract import Batch, RowError, TableChunk
from anabranch_udf.messages import describe, shorten
from anabranch_udf.rows import FAILURES, Arguments, fits
from anabranch_udf.types import ROW, Field
from anabranch_udf.wire import Columns


class TableCalls:
    """A table function at one place of a plan."""

    def __init__(self, function: Callable, parameters: list[Field], row: ROW | None, columns: list[Field]):
        self._function = function
        self._arguments = Arguments(parameters)
        self._row = row
        self._columns = columns

    def begin(self, rows: int, batch: Batch) -> Cursor:
        """The output of a call, to be fetched in chunks."""
        columns = self._arguments.read(rows, batch)
        return Cursor(self._function, columns, self._arguments, self.write)

    def write(self, items: list, rows: list[int], failed: Callable[[int, str], None]) -> Columns:
        """The columns of some output rows. One that is of another type is taken out, with what its input row gave behind it:
        in smaller chunks, the function would not have been asked for that.
        """
        try:
            return self._write(items)
        except Exception:
            wrong: dict[int, str] = {}
            kept = []
            for index, (item, row) in enumerate(zip(items, rows)):
                if row in wrong:
                    continue
                if self._fits(item):
                    kept.append(index)
                else:
                    wrong[row] = f"gave {shorten(item)}, which is no row of this function"
            items[:], rows[:] = [items[index] for index in kept], [rows[index] for index in kept]
            for row, message in wrong.items():
                failed(row, message)
            return self._write(items)

    def _write(self, items: list) -> Columns:
        values = [items] if self._row is None else self._row.columns(items)
        columns = Columns()
        for field, column in zip(self._columns, values):
            field.write(column, columns)
        return columns

    def _fits(self, item: Any) -> bool:
        return fits(self._columns[0] if self._row is None else Field("", self._row, False), item)


class Cursor:
    """The rows of a call that are yet to be expanded, and those of the current one that are yet to be sent."""

    def __init__(self, function: Callable, columns: list[Sequence], arguments: Arguments, write: Callable):
        self._function = function
        self._write = write
        self._errors = arguments.errors.messages
        self._todo = iter(zip(arguments.numbers(), zip(*columns) if columns else repeat(())))
        self._row = -1
        self._current: Iterator | None = None
        self._done = False

    def next(self, max_rows: int) -> TableChunk:
        """At most so many more rows."""
        rows: list[int] = []
        items: list[Any] = []
        while len(items) < max(max_rows, 1):
            if self._current is None and not self._advance():
                break
            before = len(items)
            try:
                items.extend(islice(self._current or (), max(max_rows, 1) - before))
                if len(items) < max(max_rows, 1):
                    self._current = None
            except FAILURES as error:
                # What it gave before stays, as it does where it has gone out in an earlier chunk.
                self._fail(self._row, describe(error))
            rows.extend(repeat(self._row, len(items) - before))
        columns = self._write(items, rows, self._fail)
        return TableChunk(rows, columns, self._take_errors(), self._done)

    def _advance(self) -> bool:
        """Expands the next input row, if there is one."""
        for self._row, arguments in self._todo:
            try:
                expansion = self._function(*arguments)
                if expansion is not None:
                    self._current = iter(expansion)
                    return True
            except FAILURES as error:
                self._fail(self._row, describe(error))
        self._done = True
        return False

    def _fail(self, row: int, message: str) -> None:
        # A row that is found to be of another type was given before whatever else its input row failed with.
        self._errors[row] = message
        if row == self._row:
            self._current = None

    def _take_errors(self) -> list[RowError]:
        """The errors of the input rows that were reached."""
        reached = sorted(row for row in self._errors if self._done or row <= self._row)
        return [RowError(row, self._errors.pop(row)) for row in reached]
