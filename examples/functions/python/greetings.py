"""A function of each kind, to start from."""

from __future__ import annotations

from collections.abc import Iterator

from anabranch_udf import aggregate, scalar, table


@scalar
def greet(name: str) -> str:
    """Says hello to someone."""
    return f"Hello, {name}!"


@table(columns=["word"])
def split_words(line: str) -> Iterator[str]:
    """The words of a text."""
    yield from line.split()


@aggregate
class Mean:
    """The arithmetic mean; NULL of no numbers."""

    sum: float = 0.0
    count: int = 0

    def accumulate(self, x: float) -> None:
        self.sum += x
        self.count += 1

    def retract(self, x: float) -> None:
        self.sum -= x
        self.count -= 1

    def merge(self, other: Mean) -> None:
        self.sum += other.sum
        self.count += other.count

    def evaluate(self) -> float | None:
        return self.sum / self.count if self.count else None
