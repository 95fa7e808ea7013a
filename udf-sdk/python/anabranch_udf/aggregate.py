"""Aggregate functions: one value per group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import Any

from anabranch_udf.contract import Batch, CallError, RowError, ScalarResult
from anabranch_udf.messages import say
from anabranch_udf.rows import Arguments, Errors, column_of, gather
from anabranch_udf.types import ROW, Field
from anabranch_udf.wire import Columns, Reader, passed


class State:
    """How an accumulator is kept, sent and brought back: as a row of columns."""

    def __init__(self, row: ROW | None, fields: list[Field], save: Callable, restore: Callable):
        self._row = row
        #: The columns.
        self.fields = fields
        self._save = save
        self._restore = restore
        self._reader = Reader(fields)

    def save(self, accumulators: Iterable) -> Columns:
        """The states of accumulators, which stay as they are."""
        saved = list(map(self._save, accumulators))
        values = [saved] if self._row is None else self._row.columns(saved)
        columns = Columns()
        for field, column in zip(self.fields, values):
            try:
                field.write(column, columns)
            except Exception as error:
                raise CallError(
                    f"its state cannot be kept: `{field.name}` is no {field.type} ({say(error)})"
                ) from error
        return columns

    def restore(self, state: Batch) -> list:
        """The accumulators in these states."""
        reader = self._reader.open(state)
        values = []
        for field in self.fields:
            members, unreadable = field.read_member(reader)
            if unreadable:
                raise CallError(f"`{field.name}` of a state {next(iter(unreadable.values()))}")
            values.append(members)
        reader.close()
        saved = values[0] if self._row is None else map(self._row.make, zip(*values))
        return list(map(self._restore, saved))


class Accumulators:
    """The accumulators of one function, by group."""

    def __init__(self, aggregate: AggregateCalls):
        self.aggregate = aggregate
        self._groups = _Groups(aggregate.empty)

    def accumulate(self, groups: list[int], batch: Batch) -> list[RowError]:
        """Adds each row to its group."""
        return self._update(self.aggregate.accumulate, groups, batch)

    def retract(self, groups: list[int], batch: Batch) -> list[RowError]:
        """Takes each row out of its group."""
        if self.aggregate.retract is None:
            raise CallError("it does not retract (a bug of the host)")
        return self._update(self.aggregate.retract, groups, batch)

    def merge(self, groups: list[int], state: Batch) -> list[RowError]:
        """Adds a state to each of the groups."""
        if self.aggregate.merge is None:
            raise CallError("it does not merge (a bug of the host)")
        others = self.aggregate.state.restore(state)
        errors = Errors()
        self._apply(self.aggregate.merge, groups, [others], errors)
        return errors.rows()

    def evaluate(self, groups: list[int]) -> ScalarResult:
        """The value of each of the groups, which stay as they are."""
        errors = Errors()
        calls = map(self.aggregate.evaluate, map(self._groups.__getitem__, groups))
        results = gather(calls, len(groups), errors.add)
        column = column_of(self.aggregate.result, results, errors, None)
        return ScalarResult(column, errors.rows())

    def state(self, groups: list[int]) -> Columns:
        """The state of each of the groups, which stay as they are."""
        return self.aggregate.state.save(map(self._groups.__getitem__, groups))

    def restore(self, groups: list[int], state: Batch) -> None:
        """Sets each of the groups to a state."""
        self._groups.update(zip(groups, self.aggregate.state.restore(state)))

    def remove(self, groups: list[int]) -> None:
        """Empties groups."""
        for group in groups:
            self._groups.pop(group, None)

    def _update(self, function: Callable, groups: list[int], batch: Batch) -> list[RowError]:
        arguments = self.aggregate.arguments
        columns = arguments.read(len(groups), batch)
        if arguments.selected is not None:
            groups = list(compress(groups, arguments.selected))
        self._apply(function, groups, columns, arguments.errors)
        return arguments.errors.rows()

    def _apply(self, function: Callable, groups: list[int], columns: list[Sequence], errors: Errors) -> None:
        """Calls the function with each row's accumulator and arguments. A row that fails leaves its group as it was."""
        undo = _Undo(self.aggregate.state, self._groups, function, groups, columns)

        def failed(index: int, message: str) -> None:
            errors.add(index, message)
            undo.row(index)

        gather(map(function, map(self._groups.__getitem__, groups), *columns), len(groups), failed)


class _Groups(dict):
    """Accumulators by group: one that was not seen yet is empty."""

    def __init__(self, empty: Callable):
        self._empty = empty

    def __missing__(self, group: int) -> Any:
        accumulator = self[group] = self._empty()
        return accumulator


class _Undo:
    """Brings back the accumulators of groups in which a row failed half way: from their states before the call, and the
    rows of the call that came before that row.
    """

    def __init__(
        self, state: State, accumulators: _Groups, function: Callable, groups: list[int], columns: list[Sequence]
    ):
        self._state = state
        self._accumulators = accumulators
        self._function = function
        self._groups = groups
        self._columns = columns
        self._places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
        self._before = state.save(map(accumulators.__getitem__, self._places))
        #: Of groups in which a row failed: a state, and the row behind it.
        self._since: dict[int, tuple[Columns, int]] = {}

    def row(self, index: int) -> None:
        """The row failed."""
        group = self._groups[index]
        if group in self._since:
            state, start = self._since[group]
            accumulator = self._restore(state)[0]
        else:
            start = 0
            accumulator = self._restore(self._before)[self._places[group]]
        for row in range(start, index):
            if self._groups[row] == group:
                self._function(accumulator, *[column[row] for column in self._columns])
        self._accumulators[group] = accumulator
        self._since[group] = (self._state.save([accumulator]), index + 1)

    def _restore(self, state: Columns) -> list:
        return self._state.restore(passed(state, self._state.fields))


class AggregateCalls:
    """An aggregate function at one place of a plan."""

    def __init__(
        self,
        empty: Callable,
        parameters: list[Field],
        result: Field,
        state: State,
        accumulate: Callable,
        evaluate: Callable,
        retract: Callable | None,
        merge: Callable | None,
    ):
        self.empty = empty
        self.arguments = Arguments(parameters)
        self.result = result
        self.state = state
        self.accumulate = accumulate
        self.evaluate = evaluate
        self.retract = retract
        self.merge = merge

    def open(self) -> Accumulators:
        """Accumulators of no groups yet."""
        return Accumulators(self)
