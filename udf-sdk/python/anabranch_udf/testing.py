"""Calls the functions of a package as a host does, but without WebAssembly: over columns, with NULLs, in chunks, with
states that are saved and brought back. What a function computes is tested best by calling it, as the Python function
that it is; this is for what only a whole call shows.

    tester = Tester()
    assert tester.scalar("greet", ["Ada", None]) == ["Hello, Ada!", None]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from anabranch_udf import http
from anabranch_udf.contract import Batch, Binding, CallError, Kind, RowError
from anabranch_udf.function import Function
from anabranch_udf.package import Bindings, Package
from anabranch_udf.types import Field
from anabranch_udf.wire import Columns, Reader, passed


@dataclass(frozen=True)
class Failed:
    """What a row gave that failed."""

    message: str


class Tester:
    """A host of the functions that were declared so far, or only of those in some modules."""

    # pytest would take a class of this name for tests.
    __test__ = False

    def __init__(
        self, *modules: str, time_zone: str = "UTC", options: dict[str, str] | None = None, max_rows: int = 1024
    ):
        self._package = Package("test", "0", list(modules) or None)
        self._bindings = Bindings(self._package)
        self._time_zone = time_zone
        self._options = list((options or {}).items())
        self._max_rows = max_rows

    def scalar(self, name: str, *columns: Sequence, rows: int | None = None, literals: Sequence[int] = ()) -> list:
        """The values of a scalar function, `Failed` where a row failed; None is NULL. `literals` are the arguments whose
        value is told to the function beforehand. Of a function without parameters, so many `rows`.
        """
        bound = self._bind(name, Kind.SCALAR, columns, literals)
        result = self._bindings.call(bound.handle, _rows(columns, rows), bound.batch)
        return _results(bound.function.result, result.column, result.errors)

    def table(self, name: str, *columns: Sequence, rows: int | None = None) -> list[list]:
        """The rows that a table function gives for each input row, as tuples; where it failed, `Failed` behind what it gave."""
        bound = self._bind(name, Kind.TABLE, columns, ())
        count = _rows(columns, rows)
        self._bindings.begin(bound.handle, count, bound.batch)
        given: list[list] = [[] for _ in range(count)]
        done = False
        while not done:
            chunk = self._bindings.next(bound.handle, self._max_rows)
            fields = bound.function.result.type.children
            reader = Reader(fields).open(passed(chunk.columns, fields))
            read = [field.read(reader)[0] for field in fields]
            for row, values in zip(chunk.rows, zip(*read)):
                given[row].append(values)
            for error in chunk.errors:
                given[error.row].append(Failed(error.message))
            done = chunk.done
        return given

    def aggregate(self, name: str, *columns: Sequence) -> Aggregate:
        """An aggregate function without any rows. `columns` may be empty ones: they choose among overloads."""
        return Aggregate(self, name, columns)

    def _bind(self, name: str, kind: Kind, columns: Sequence[Sequence], literals: Sequence[int]) -> _Bound:
        for index, function in enumerate(self._package.functions):
            signature = function.signature
            if (signature.name, signature.kind) != (name, kind) or len(function.parameters) != len(columns):
                continue
            try:
                batch = write(function.parameters, columns)
            except Exception:
                continue
            constants = [
                write([parameter], [values]) if place in literals else None
                for place, (parameter, values) in enumerate(zip(function.parameters, columns))
            ]
            fields = [parameter.type for parameter in signature.parameters]
            bound = self._bindings.bind(Binding(index, fields, constants, self._time_zone, self._options))
            return _Bound(function, bound.handle, batch)
        raise LookupError(f"there is no {kind.name.lower()} function `{name}` that takes these values")


class Aggregate:
    """An aggregate function under test: the accumulators of many groups."""

    def __init__(self, tester: Tester, name: str, columns: Sequence[Sequence]):
        self._bound = tester._bind(name, Kind.AGGREGATE, columns, ())
        self._accumulators = tester._bindings.open(self._bound.handle)

    def accumulate(self, groups: list[int], *columns: Sequence) -> list[RowError]:
        """Adds each row to its group."""
        return self._accumulators.accumulate(groups, write(self._bound.function.parameters, columns))

    def retract(self, groups: list[int], *columns: Sequence) -> list[RowError]:
        """Takes each row out of its group."""
        return self._accumulators.retract(groups, write(self._bound.function.parameters, columns))

    def evaluate(self, groups: list[int]) -> list:
        """The values of groups, `Failed` where one failed; None is NULL."""
        result = self._accumulators.evaluate(groups)
        return _results(self._bound.function.result, result.column, result.errors)

    def move(self, groups: list[int]) -> None:
        """Saves the states of groups, removes these, and brings them back."""
        state = self._state(groups)
        self._accumulators.remove(groups)
        self._accumulators.restore(groups, state)

    def merge(self, groups: list[int], others: list[int]) -> list[RowError]:
        """Adds the states of other groups to groups."""
        return self._accumulators.merge(groups, self._state(others))

    def _state(self, groups: list[int]) -> Batch:
        return passed(self._accumulators.state(groups), self._accumulators.aggregate.state.fields)


@contextmanager
def answers(function: Callable[[http.Request], http.Response]) -> Iterator[None]:
    """Has a function answer HTTP requests in place of web servers. An `HTTPError` that it raises stands for no response.

        with answers(lambda request: http.Response(200, body=b"Ada")):
            assert customer(7) == "Ada"
    """
    before, http.transport = http.transport, function
    try:
        yield
    finally:
        http.transport = before


@dataclass(frozen=True)
class _Bound:
    function: Function
    handle: int
    batch: Batch


def write(parameters: Sequence[Field], columns: Sequence[Sequence]) -> Batch:
    """The columns of arguments. Any of them may hold NULL, as in a host."""
    written = Columns()
    for parameter, values in zip(parameters, columns, strict=True):
        Field(parameter.name, parameter.type, True).write(list(values), written)
    return passed(written, parameters)


def _results(field: Field, column: Columns, errors: list[RowError]) -> list:
    results = list(field.read(Reader([field]).open(passed(column, [field])))[0])
    for error in errors:
        if results[error.row] is not None:
            raise CallError(f"row {error.row} failed, but is not NULL")
        results[error.row] = Failed(error.message)
    return results


def _rows(columns: Sequence[Sequence], rows: int | None) -> int:
    if rows is None and not columns:
        raise CallError("say of how many `rows` the call is, as it has no columns")
    return len(columns[0]) if rows is None else rows
