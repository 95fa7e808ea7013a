"""ARRAY, MAP and ROW."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain, pairwise
from types import SimpleNamespace
from typing import Any

from anabranch_udf.types.field import Field, SqlType, convert
from anabranch_udf.types.text import offsets_to, read_offsets


def _of_items(unreadable: dict[int, str], offsets: list[int]) -> dict[int, str]:
    """The rows whose items are unreadable."""
    return {bisect_right(offsets, item) - 1: reason for item, reason in unreadable.items()}


class ARRAY(SqlType):
    """ARRAY<t>: a list."""

    format = "+l"
    python = list

    def __init__(self, item: Field):
        self.item = item
        self.filler: list = []

    def __str__(self) -> str:
        return f"ARRAY<{self.item}>"

    @property
    def children(self):
        return (self.item,)

    def read(self, reader, rows, valid):
        offsets = read_offsets(reader, rows)
        items, unreadable = self.item.read_member(reader)
        return [items[start:end] for start, end in pairwise(offsets)], _of_items(unreadable, offsets)

    def write(self, values, valid, columns):
        if not set(map(type, values)) <= {list, tuple}:
            raise TypeError("an ARRAY is a list")
        columns.add(len(values), valid, offsets_to(map(len, values)))
        self.item.write(list(chain.from_iterable(values)), columns)


class MAP(SqlType):
    """MAP<k, v>: a dict."""

    format = "+m"
    python = dict

    def __init__(self, key: Field, value: Field):
        self.key, self.value = key, value
        self.entries = Field("entries", ROW(tuple, [key, value]), False)
        self.filler: dict = {}

    def __str__(self) -> str:
        return f"MAP<{self.key.type}, {self.value}>"

    @property
    def children(self):
        return (self.entries,)

    def read(self, reader, rows, valid):
        offsets = read_offsets(reader, rows)
        entries, unreadable = self.entries.read_member(reader)
        values, unhashable = convert(
            list(pairwise(offsets)), lambda ends: dict(entries[ends[0] : ends[1]]), valid, str(self)
        )
        return values, _of_items(unreadable, offsets) | unhashable

    def write(self, values, valid, columns):
        if not all(isinstance(value, dict) for value in values):
            raise TypeError("a MAP is a dict")
        columns.add(len(values), valid, offsets_to(map(len, values)))
        self.entries.write(list(chain.from_iterable(map(dict.items, values))), columns)


class ROW(SqlType):
    """ROW<…>: a dataclass, a NamedTuple, or a tuple, whose members are named `f0`, `f1` … as Flink does."""

    format = "+s"

    def __init__(self, python: Any, members: list[Field]):
        self.python = python
        self.members = members
        fillers = [member.type.filler for member in members]
        self.filler: Any = tuple(fillers)
        self._by_name = dataclasses.is_dataclass(python)
        if self._by_name:
            self.filler = SimpleNamespace(**{member.name: filler for member, filler in zip(members, fillers)})

    def __str__(self) -> str:
        members = ", ".join(f"{member.name} {member}" for member in self.members)
        return f"ROW<{members}>"

    @property
    def children(self):
        return self.members

    def make(self, values: Sequence) -> Any:
        """The row of these values."""
        if self.python is tuple:
            return tuple(values)
        return self.python(*values)

    def columns(self, rows: Sequence) -> list[Sequence]:
        """The values of each member.

        Raises any exception where a row is none of these.
        """
        if self._by_name:
            return [[getattr(row, member.name) for row in rows] for member in self.members]
        if not all(isinstance(row, tuple) and len(row) == len(self.members) for row in rows):
            raise TypeError(f"a row is a tuple of {len(self.members)} values")
        return [list(column) for column in zip(*rows)] if rows else [[] for _ in self.members]

    def read(self, reader, rows, valid):
        columns, unreadable = [], {}
        for member in self.members:
            values, wrong = member.read_member(reader)
            columns.append(values)
            unreadable |= wrong
        # Under a NULL, or beside what is unreadable, no row is made.
        made = bytes([row not in unreadable and (valid is None or valid[row]) for row in range(rows)])
        tuples = list(zip(*columns))
        if self.python is tuple:
            return tuples, unreadable
        values, wrong = convert(tuples, self.make, made if 0 in made else None, str(self))
        return values, unreadable | wrong

    def write(self, values, valid, columns):
        members = self.columns(values)
        columns.add(len(values), valid)
        for member, column in zip(self.members, members):
            member.write(column, columns)
