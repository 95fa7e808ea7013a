"""Dates, times, timestamps and intervals."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

from anabranch_udf.types.fixed import Converted, Fixed

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = timedelta(milliseconds=1)
_MILLIS_PER_DAY = 86_400_000
_UNITS = {0: "s", 3: "m", 6: "u", 9: "n"}


class _Date(Converted):
    filler = date(1970, 1, 1)

    def from_number(self, days: int) -> date:
        return date.fromordinal(days + _EPOCH_DAY)

    def to_number(self, value: date) -> int:
        return value.toordinal() - _EPOCH_DAY


class _Millis(Fixed):
    """A TIME as a number of milliseconds since midnight."""

    def write(self, values, valid, columns):
        if len(values) > 0 and not (min(values) >= 0 and max(values) < _MILLIS_PER_DAY):
            raise OverflowError("no time of day")
        super().write(values, valid, columns)


class _Time(Converted):
    filler = time()

    def as_number(self):
        return _Millis(self.name, self.format, self.code, int)

    def from_number(self, milliseconds: int) -> time:
        seconds, milliseconds = divmod(milliseconds, 1000)
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60, milliseconds * 1000)

    def to_number(self, value: time) -> int:
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 1000 + value.microsecond // 1000


class TIMESTAMP(Converted):
    """A date and a time of day without a zone: units of 10⁻ᵖ seconds since 1970-01-01 00:00:00.

    A `datetime` counts microseconds: of TIMESTAMP(9), which counts nanoseconds, it has the microseconds.
    """

    zone: timezone | None = None

    def __init__(self, precision: int = 6):
        name = type(self).__name__
        if precision not in _UNITS:
            raise TypeError(f"{name}(p) has a precision of 0, 3, 6 or 9, not {precision}")
        zone = "UTC" if self.zone else ""
        super().__init__(f"{name}({precision})", f"ts{_UNITS[precision]}:{zone}", "q", datetime)
        self.filler = datetime(1970, 1, 1, tzinfo=self.zone)
        # A unit is so many microseconds, or a microsecond so many units.
        self._micros = 10 ** max(6 - precision, 0)
        self._fractions = 10 ** max(precision - 6, 0)

    def from_number(self, units: int) -> datetime:
        return self.filler + timedelta(microseconds=units * self._micros // self._fractions)

    def to_number(self, value: datetime) -> int:
        if (value.tzinfo is None) != (self.zone is None):
            wants = "none" if self.zone is None else "one"
            raise TypeError(f"a {self.name} has {wants} for its tzinfo")
        return (value - self.filler) // _MICROSECOND * self._fractions // self._micros


class TIMESTAMP_LTZ(TIMESTAMP):
    """A moment: units of 10⁻ᵖ seconds since 1970-01-01 00:00:00 UTC. A `datetime` with a tzinfo; arguments are in UTC."""

    zone = timezone.utc


class _DaySecond(Converted):
    filler = timedelta()

    def from_number(self, milliseconds: int) -> timedelta:
        return timedelta(milliseconds=milliseconds)

    def to_number(self, value: timedelta) -> int:
        return value // _MILLISECOND


DATE = _Date("DATE", "tdD", "i", date)
TIME = _Time("TIME", "ttm", "i", time)
INTERVAL_YEAR_TO_MONTH = Fixed("INTERVAL YEAR TO MONTH", "tiM", "i", int)
INTERVAL_DAY_TO_SECOND = _DaySecond("INTERVAL DAY TO SECOND", "tDm", "q", timedelta)
