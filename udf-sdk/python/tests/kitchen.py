"""Functions of every kind over every type, for the tests and measurements."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from anabranch_udf import (
    DATE,
    DECIMAL,
    INTERVAL_YEAR_TO_MONTH,
    TIMESTAMP,
    TIMESTAMP_LTZ,
    Context,
    Float32,
    Int8,
    Int16,
    Int32,
    aggregate,
    scalar,
    table,
)


@scalar
def add(a: int, b: int) -> int:
    """The sum of two numbers, row by row."""
    return a + b


@scalar(name="add")
def add_text(a: str, b: str) -> str:
    """Two texts, one after the other: an overload."""
    return a + b


@scalar
def add_amounts(
    a: Annotated[Decimal, DECIMAL(38, 4)], b: Annotated[Decimal, DECIMAL(38, 4)]
) -> Annotated[Decimal, DECIMAL(38, 4)]:
    """The sum of two exact numbers."""
    return a + b


@scalar(vectorized=True)
def add_columns(a: Sequence[int], b: Sequence[int]) -> Sequence[int]:
    """The sum of two numbers, over whole columns."""
    return array("q", map(operator.add, a, b))


@scalar(vectorized=True)
def divide_columns(a: Sequence[int], b: Sequence[int | None]) -> Sequence[int | None]:
    """The quotient of two numbers over whole columns; NULL of a NULL divisor."""
    return [None if y is None else x // y for x, y in zip(a, b)]


@scalar(name="len")
def length(text: str) -> Int32:
    """Length of a text in characters."""
    return len(text)


@scalar
def coalesce(a: int | None, b: int | None) -> int | None:
    """The first of two numbers that is not NULL."""
    return b if a is None else a


@scalar
def divide(a: int, b: int) -> int:
    """An error of the row where `b` is zero."""
    return a // b


@scalar
def lie(what: str) -> Int8:
    """Returns what it should not."""
    if what == "stop":
        raise StopIteration
    lies: dict[str, Any] = {"none": None, "text": "x", "large": 1000}
    return lies[what]


@scalar(deterministic=False)
def seven() -> int:
    """A function of nothing."""
    return 7


def _prepared(context: Context) -> int:
    literal = context.constant("b")
    if literal is None:
        raise ValueError("the second argument must be a literal")
    return literal


@scalar(bind=_prepared)
def constant(literal: int, a: int, b: int) -> int:
    """The sum of a number and a literal that is read once."""
    return literal + a


@scalar
def where_bound(context: Context, text: str) -> str:
    """The session's time zone and the option `greeting`, before a text."""
    return f"{context.time_zone} {context.options.get('greeting', '-')} {text}"


@dataclass
class Place:
    x: float
    y: float | None
    name: str | None


class Pair(NamedTuple):
    left: int
    right: list[str | None]


@scalar
def same_bool(value: bool | None) -> bool | None:
    return value


@scalar
def same_tinyint(value: Int8 | None) -> Int8 | None:
    return value


@scalar
def same_smallint(value: Int16 | None) -> Int16 | None:
    return value


@scalar
def same_int(value: Int32 | None) -> Int32 | None:
    return value


@scalar
def same_bigint(value: int | None) -> int | None:
    return value


@scalar
def same_float(value: Float32 | None) -> Float32 | None:
    return value


@scalar
def same_double(value: float | None) -> float | None:
    return value


@scalar
def same_decimal(value: Annotated[Decimal, DECIMAL(20, 4)] | None) -> Annotated[Decimal, DECIMAL(20, 4)] | None:
    return value


@scalar
def same_unscaled(value: Annotated[int, DECIMAL(38, 2)] | None) -> Annotated[int, DECIMAL(38, 2)] | None:
    return value


@scalar
def same_string(value: str | None) -> str | None:
    return value


@scalar
def same_bytes(value: bytes | None) -> bytes | None:
    return value


@scalar
def same_date(value: date | None) -> date | None:
    return value


@scalar
def same_days(value: Annotated[int, DATE] | None) -> Annotated[int, DATE] | None:
    return value


@scalar
def same_time(value: time | None) -> time | None:
    return value


@scalar
def same_timestamp_seconds(
    value: Annotated[datetime, TIMESTAMP(0)] | None,
) -> Annotated[datetime, TIMESTAMP(0)] | None:
    return value


@scalar
def same_timestamp(value: datetime | None) -> datetime | None:
    return value


@scalar
def same_timestamp_nanos(value: Annotated[int, TIMESTAMP(9)] | None) -> Annotated[int, TIMESTAMP(9)] | None:
    return value


@scalar
def same_timestamp_ltz(
    value: Annotated[datetime, TIMESTAMP_LTZ(3)] | None,
) -> Annotated[datetime, TIMESTAMP_LTZ(3)] | None:
    return value


@scalar
def same_year_month(
    value: Annotated[int, INTERVAL_YEAR_TO_MONTH] | None,
) -> Annotated[int, INTERVAL_YEAR_TO_MONTH] | None:
    return value


@scalar
def same_day_second(value: timedelta | None) -> timedelta | None:
    return value


@scalar
def same_array(value: list[int] | None) -> list[int] | None:
    return value


@scalar
def same_nested(value: list[list[str | None] | None] | None) -> list[list[str | None] | None] | None:
    return value


@scalar
def same_map(value: dict[str, int | None] | None) -> dict[str, int | None] | None:
    return value


@scalar
def same_row(value: Place | None) -> Place | None:
    return value


@scalar
def same_pair(value: Pair | None) -> Pair | None:
    return value


@table(columns=["word"])
def split(line: str) -> Iterator[str]:
    """The words of a text."""
    yield from line.split()


@table(columns=["text", "number"])
def repeat(text: str, times: int) -> Iterator[tuple[str, int]] | None:
    """A text so many times, each with its number; an error of the row where the number is negative."""
    if times < 0:
        raise ValueError(f"{times} times is less than none")
    return ((text, number) for number in range(times)) if times else None


@table
def points(x: float, y: float | None) -> list[Place]:
    """A point and its mirror image."""
    return [Place(x, y, "point"), Place(-x, y, "image")]


@table
def broken(count: int) -> Iterable[Int8]:
    """An error after so many rows; a wrong value where it is negative."""
    yield from range(abs(count))
    if count < 0:
        yield 1000
    raise ValueError("broken")


@aggregate
class Sum:
    """The sum of numbers; NULL of none."""

    sum: int = 0
    count: int = 0

    def accumulate(self, x: int) -> None:
        self.count += 1
        if x == 13:
            raise ValueError("13 brings bad luck")
        self.sum += x

    def retract(self, x: int) -> None:
        self.sum -= x
        self.count -= 1

    def merge(self, other: Sum) -> None:
        self.sum += other.sum
        self.count += other.count

    def evaluate(self) -> int | None:
        return self.sum if self.count else None


@aggregate(name="collect_texts")
@dataclass
class Collect:
    """The texts in the order of their arrival, behind each other."""

    texts: list[str] = field(default_factory=list)

    def accumulate(self, text: str, separator: str | None) -> None:
        self.texts.append(f"{text}{separator or ''}")

    def evaluate(self) -> str:
        return "".join(self.texts)


@aggregate
class Registers:
    """How many different numbers of 0 to 63 there were; its state is written by hand."""

    def __init__(self) -> None:
        self.seen = 0

    def accumulate(self, context: Context, x: int) -> None:
        assert context.time_zone
        self.seen |= 1 << x

    def evaluate(self) -> int:
        return bin(self.seen).count("1")

    def save(self) -> tuple[bytes, str | None]:
        return self.seen.to_bytes(8, "little"), None

    @classmethod
    def restore(cls, saved: tuple[bytes, str | None]) -> Registers:
        registers = cls()
        registers.seen = int.from_bytes(saved[0], "little")
        return registers
