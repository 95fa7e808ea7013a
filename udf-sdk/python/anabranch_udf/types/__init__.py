"""SQL types and the Python types that stand for them.

| SQL | Python |
|---|---|
| `BOOLEAN` | `bool` |
| `TINYINT`, `SMALLINT`, `INT`, `BIGINT` | `Int8`, `Int16`, `Int32`, `int` |
| `FLOAT`, `DOUBLE` | `Float32`, `float` |
| `DECIMAL(p, s)` | `Annotated[Decimal, DECIMAL(p, s)]`; `Decimal` alone is `DECIMAL(38, 18)` |
| `STRING`, `BYTES` | `str`, `bytes` |
| `DATE`, `TIME` | `datetime.date`, `datetime.time` |
| `TIMESTAMP(p)` | `Annotated[datetime, TIMESTAMP(p)]`; `datetime` alone is `TIMESTAMP(6)` |
| `TIMESTAMP_LTZ(p)` | `Annotated[datetime, TIMESTAMP_LTZ(p)]`: a `datetime` with a `tzinfo` |
| `INTERVAL YEAR TO MONTH` | `Annotated[int, INTERVAL_YEAR_TO_MONTH]`: months |
| `INTERVAL DAY TO SECOND` | `timedelta` |
| `ARRAY<t>` | `list[T]` |
| `MAP<k, v>` | `dict[K, V]` |
| `ROW<…>` | a dataclass, a `NamedTuple`, or a `tuple[…]` |

`T | None` stands for a value that may be NULL, at any depth. Dates, times and decimals are also to be had as plain
integers, as they cross the boundary, which is fast and has no limits: `Annotated[int, TIMESTAMP(9)]` counts nanoseconds,
`Annotated[int, DATE]` days, `Annotated[int, DECIMAL(10, 2)]` hundredths.
"""

from anabranch_udf.types.decimal import DECIMAL
from anabranch_udf.types.field import Field, SqlType
from anabranch_udf.types.fixed import BIGINT, BOOLEAN, DOUBLE, FLOAT, INT, SMALLINT, TINYINT
from anabranch_udf.types.nested import ARRAY, MAP, ROW
from anabranch_udf.types.text import BYTES, STRING
from anabranch_udf.types.time import (
    DATE,
    INTERVAL_DAY_TO_SECOND,
    INTERVAL_YEAR_TO_MONTH,
    TIME,
    TIMESTAMP,
    TIMESTAMP_LTZ,
)

__all__ = [
    "ARRAY",
    "BIGINT",
    "BOOLEAN",
    "BYTES",
    "DATE",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "Field",
    "INT",
    "INTERVAL_DAY_TO_SECOND",
    "INTERVAL_YEAR_TO_MONTH",
    "MAP",
    "ROW",
    "SMALLINT",
    "STRING",
    "SqlType",
    "TIME",
    "TIMESTAMP",
    "TIMESTAMP_LTZ",
    "TINYINT",
]
