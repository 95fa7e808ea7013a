"""Scalar, table and aggregate functions for Anabranch in Python.

A function is an ordinary function or class with type annotations and a decorator. The engine runs it as a WebAssembly
component; `anabranch function build` makes one of a package.

    from anabranch_udf import scalar

    @scalar
    def greet(name: str) -> str:
        "Says hello to someone."
        return f"Hello, {name}!"

A parameter that is not annotated `T | None` takes no NULL: where an argument is NULL the function is not called, and the
result is NULL. An exception is the error of its row, and of no other. The types are listed in `anabranch_udf.types`.
"""

from anabranch_udf import http
from anabranch_udf.annotations import Float32, Int8, Int16, Int32
from anabranch_udf.context import Context
from anabranch_udf.function import aggregate, scalar, table
from anabranch_udf.types import (
    DATE,
    DECIMAL,
    INTERVAL_DAY_TO_SECOND,
    INTERVAL_YEAR_TO_MONTH,
    TIME,
    TIMESTAMP,
    TIMESTAMP_LTZ,
)

__all__ = [
    "Context",
    "DATE",
    "DECIMAL",
    "Float32",
    "INTERVAL_DAY_TO_SECOND",
    "INTERVAL_YEAR_TO_MONTH",
    "Int16",
    "Int32",
    "Int8",
    "TIME",
    "TIMESTAMP",
    "TIMESTAMP_LTZ",
    "aggregate",
    "http",
    "scalar",
    "table",
]
