"""The same functions in every language: see the README beside these folders."""

from __future__ import annotations

import math
import operator
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from anabranch_udf import DECIMAL, TIMESTAMP, Int32, aggregate, http, scalar, table

Amount = Annotated[Decimal, DECIMAL(38, 4)]
Millis = Annotated[datetime, TIMESTAMP(3)]


def wrap(number: int) -> int:
    """The number modulo 2⁶⁴, as a BIGINT has it."""
    return (number + 2**63) % 2**64 - 2**63


@scalar
def add(a: int, b: int) -> int:
    """The sum of two numbers."""
    return a + b


@scalar(vectorized=True)
def add_columns(a: Sequence[int], b: Sequence[int]) -> Sequence[int]:
    """The sum of two numbers, over whole columns."""
    return array("q", map(operator.add, a, b))


@scalar
def mix(a: int, b: int) -> int:
    """`31 * a + b`, modulo 2⁶⁴."""
    return wrap(31 * a + b)


@scalar
def spread(x: float, y: float) -> float:
    """`x * y - x`."""
    return x * y - x


@scalar
def root(x: float) -> float:
    """The square root; an error of negative numbers."""
    if x < 0:
        raise ValueError("it is negative")
    return math.sqrt(x)


@scalar(name="len")
def length(text: str) -> Int32:
    """Length of a text in characters."""
    return len(text)


@scalar
def reverse(text: str) -> str:
    """The characters of a text, the last one first."""
    return text[::-1]


@scalar
def both(p: bool | None, q: bool | None) -> bool | None:
    """SQL's AND."""
    if p is False or q is False:
        return False
    return True if p and q else None


@scalar
def add_amounts(a: Amount, b: Amount) -> Amount:
    """The sum of two amounts of 38 digits."""
    return a + b


@scalar
def later(at: Millis, millis: int) -> Millis:
    """So many milliseconds later."""
    return at + timedelta(milliseconds=millis)


@scalar
def backwards(items: list[int | None]) -> list[int | None]:
    """The items of an array, the last one first."""
    return items[::-1]


@dataclass
class Place:
    """A place on a line, with a name."""

    x: float
    name: str | None


@scalar
def mirrored(place: Place) -> Place:
    """The place on the other side."""
    return Place(-place.x, place.name)


@scalar(deterministic=False)
def ask(method: str, url: str, key: str, body: str) -> str:
    """What a web server answers to a request of a method with a key in its header and a body: status, type and body."""
    response = http.request(method, url, headers={"X-Key": key}, body=body, timeout=1)
    return f"{response.status} {response.headers.get('content-type', '?')} {response.text()}"


@table(columns=["word", "place"])
def split(line: str) -> Iterator[tuple[str, Int32]]:
    """The words of a text, which spaces divide, and where each stands."""
    words = (word for word in line.split(" ") if word)
    return ((word, place) for place, word in enumerate(words, 1))


@aggregate
class Total:
    """The sum of numbers, modulo 2⁶⁴; NULL of none."""

    sum: int = 0
    count: int = 0

    def accumulate(self, x: int) -> None:
        self.sum = wrap(self.sum + x)
        self.count += 1

    def retract(self, x: int) -> None:
        self.sum = wrap(self.sum - x)
        self.count -= 1

    def merge(self, other: Total) -> None:
        self.sum = wrap(self.sum + other.sum)
        self.count += other.count

    def evaluate(self) -> int | None:
        return self.sum if self.count else None
