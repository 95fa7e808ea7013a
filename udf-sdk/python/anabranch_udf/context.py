"""Where a function stands in a plan."""

from __future__ import annotations

from typing import Any

from anabranch_udf.contract import Binding, CallError
from anabranch_udf.types import Field
from anabranch_udf.wire import Reader


class Context:
    """What was agreed before any row is sent. A function whose first parameter is annotated `Context` is given it."""

    def __init__(self, binding: Binding, parameters: list[Field]):
        #: The session's time zone, an IANA name or an offset.
        self.time_zone = binding.time_zone
        #: The options of the function's DDL that are not the host's own.
        self.options = dict(binding.options)
        self._constants = binding.constants
        self._parameters = parameters

    def constant(self, argument: int | str) -> Any:
        """The value of an argument that is a literal, by its place (from 0) or name; None where it is not, or is NULL."""
        if isinstance(argument, str):
            names = [parameter.name for parameter in self._parameters]
            if argument not in names:
                raise ValueError(f"there is no parameter `{argument}`")
            argument = names.index(argument)
        batch = self._constants[argument] if 0 <= argument < len(self._constants) else None
        if batch is None:
            return None
        parameter = self._parameters[argument]
        values, unreadable = parameter.read(Reader([parameter]).open(batch))
        if unreadable:
            raise CallError(f"the literal for `{parameter.name}` {unreadable[0]}")
        return values[0]
