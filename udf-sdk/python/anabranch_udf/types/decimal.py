"""DECIMAL(p, s)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from anabranch_udf.types.field import SqlType, convert

# More digits than any DECIMAL has, so that nothing is rounded on the way.
_EXACT = Context(prec=100)


class DECIMAL(SqlType):
    """A number of at most `precision` digits, `scale` of them after the point."""

    python = Decimal

    def __init__(self, precision: int, scale: int = 0):
        if not (1 <= precision <= 38 and 0 <= scale <= precision):
            raise TypeError("DECIMAL(p, s) has 1 to 38 digits, and s of them at most p")
        self.precision = precision
        self.scale = scale
        self.format = f"d:{precision},{scale}"
        self.filler = Decimal(0)
        self._unit = Decimal(1).scaleb(-scale)
        self._limit = 10**precision

    def __str__(self) -> str:
        return f"DECIMAL({self.precision}, {self.scale})"

    def as_number(self):
        return _Unscaled(self)

    def from_number(self, unscaled: int) -> Decimal:
        return Decimal(unscaled).scaleb(-self.scale, _EXACT)

    def to_number(self, value: Decimal | int) -> int:
        """Digits beyond the scale are rounded half up, as Flink's casts do."""
        if not isinstance(value, (Decimal, int)):
            raise TypeError("a DECIMAL is a Decimal or an int")
        rounded = Decimal(value).quantize(self._unit, ROUND_HALF_UP, _EXACT)
        return int(rounded.scaleb(self.scale, _EXACT))

    def read(self, reader, rows, valid):
        return convert(_unscaled(reader.buffer()), self.from_number, valid, str(self))

    def write(self, values, valid, columns):
        self.write_unscaled(list(map(self.to_number, values)), valid, columns)

    def write_unscaled(self, values, valid, columns):
        if values and max(max(values), -min(values)) >= self._limit:
            raise OverflowError(f"more than {self.precision} digits")
        data = b"".join([value.to_bytes(16, "little", signed=True) for value in values])
        columns.add(len(values), valid, data)


class _Unscaled(SqlType):
    """A DECIMAL without its point, as an integer."""

    python = int
    filler = 0

    def __init__(self, decimal: DECIMAL):
        self.decimal = decimal
        self.format = decimal.format

    def __str__(self) -> str:
        return str(self.decimal)

    def read(self, reader, rows, valid):
        return _unscaled(reader.buffer()), {}

    def write(self, values, valid, columns):
        self.decimal.write_unscaled(values, valid, columns)


def _unscaled(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 16], "little", signed=True) for at in range(0, len(data), 16)]
