"""A package: its functions, and the places in plans that they are bound to."""

from __future__ import annotations

import decimal
from typing import Any

from anabranch_udf.aggregate import Accumulators, AggregateCalls
from anabranch_udf.context import Context
from anabranch_udf.contract import Batch, Binding, Bound, CallError, Metadata, ScalarResult, TableChunk
from anabranch_udf.function import DECLARED, Function
from anabranch_udf.messages import describe
from anabranch_udf.rows import FAILURES
from anabranch_udf.scalar import ScalarCalls
from anabranch_udf.table import Cursor, TableCalls


class Package:
    """The functions that were declared in some modules (and the modules below them); in all, if none is named."""

    def __init__(self, name: str = "", version: str = "", modules: list[str] | None = None):
        self.name = name
        self.version = version
        self.functions: list[Function] = [
            function
            for function in DECLARED
            if modules is None
            or any(function.module == module or function.module.startswith(f"{module}.") for module in modules)
        ]

    def describe(self) -> Metadata:
        """What the host is told."""
        return Metadata(self.name, self.version, [function.signature for function in self.functions])


#: Digits of a product of two DECIMALs.
_DIGITS = 76


class _Place:
    """A function at one place of a plan."""

    def __init__(self, function: Function, bound: Any):
        self.function = function
        self.bound = bound
        #: What is left of a table function's output.
        self.cursor: Cursor | None = None


class Bindings:
    """A package at work: what the host calls, without the boundary. Failures of a whole call are `CallError`s."""

    def __init__(self, package: Package):
        # Python rounds what is computed with Decimals to 28 digits, of which a DECIMAL may have 38. A module that has set
        # another precision keeps it.
        if decimal.getcontext().prec == decimal.DefaultContext.prec:
            decimal.getcontext().prec = _DIGITS
        self._package = package
        self._places: dict[int, _Place] = {}
        self._next = 0

    def describe(self) -> Metadata:
        """What the host is told."""
        return self._package.describe()

    def bind(self, binding: Binding) -> Bound:
        """Binds a function to a place in a plan."""
        if not 0 <= binding.function < len(self._package.functions):
            raise CallError(f"there is no function {binding.function}")
        function = self._package.functions[binding.function]
        expected = [parameter.type for parameter in function.signature.parameters]
        if list(map(_shape, expected)) != list(map(_shape, binding.arguments)):
            raise CallError(f"the arguments are not those of {function.signature.name}'s signature")
        try:
            bound = function.bind(Context(binding, function.parameters))
        except CallError:
            raise
        except FAILURES as error:
            raise CallError(describe(error)) from error
        handle, self._next = self._next, self._next + 1
        self._places[handle] = _Place(function, bound)
        state = [field.describe() for field in bound.state.fields] if isinstance(bound, AggregateCalls) else []
        return Bound(handle, function.signature.result, state)

    def unbind(self, handle: int) -> None:
        """Forgets a place."""
        self._places.pop(handle, None)

    def call(self, handle: int, rows: int, batch: Batch) -> ScalarResult:
        """Calls a scalar function."""
        return self._bound(handle, ScalarCalls).call(rows, batch)

    def begin(self, handle: int, rows: int, batch: Batch) -> None:
        """Gives a table function the rows of a call."""
        table = self._bound(handle, TableCalls)
        self._places[handle].cursor = None
        self._places[handle].cursor = table.begin(rows, batch)

    def next(self, handle: int, max_rows: int) -> TableChunk:
        """The next rows of a table function's output."""
        self._bound(handle, TableCalls)
        place = self._places[handle]
        if place.cursor is None:
            raise CallError("there is no call whose output could be fetched (a bug of the host)")
        chunk = place.cursor.next(max_rows)
        if chunk.done:
            place.cursor = None
        return chunk

    def open(self, handle: int) -> Accumulators:
        """Opens accumulators of an aggregate function."""
        return self._bound(handle, AggregateCalls).open()

    def _bound(self, handle: int, kind: type) -> Any:
        place = self._places.get(handle)
        if place is None or not isinstance(place.bound, kind):
            raise CallError(f"no such function is bound as {handle} (a bug of the host)")
        return place.bound


def _shape(field: list) -> list[tuple[str, int]]:
    return [(node.format, node.children) for node in field]
