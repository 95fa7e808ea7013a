"""From type annotations to fields."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Union

from anabranch_udf import types as sql
from anabranch_udf.types import ARRAY, DECIMAL, MAP, ROW, TIMESTAMP, Field, SqlType

Int8 = Annotated[int, sql.TINYINT]
Int16 = Annotated[int, sql.SMALLINT]
Int32 = Annotated[int, sql.INT]
Float32 = Annotated[float, sql.FLOAT]

_PLAIN: dict[Any, SqlType] = {
    bool: sql.BOOLEAN,
    int: sql.BIGINT,
    float: sql.DOUBLE,
    str: sql.STRING,
    bytes: sql.BYTES,
    Decimal: DECIMAL(38, 18),
    date: sql.DATE,
    time: sql.TIME,
    datetime: TIMESTAMP(6),
    timedelta: sql.INTERVAL_DAY_TO_SECOND,
}


def hints(annotated: Any, what: str) -> dict[str, Any]:
    """The annotations of a function or class, resolved."""
    try:
        return typing.get_type_hints(annotated, include_extras=True)
    except NameError as error:
        raise TypeError(f"{what}: an annotation is not known: {error}") from None


def field_of(annotation: Any, name: str, what: str) -> Field:
    """The field that an annotation stands for; `what` stands in messages.

    Raises `TypeError` where it stands for none.
    """
    inner, nullable = _without_none(annotation)
    return Field(name, _type_of(inner, what), nullable)


def row_of(annotation: Any, names: Sequence[str] | None, default: str, what: str) -> tuple[ROW | None, list[Field]]:
    """The columns that a row of this type has: a ROW and its members, or None and one column."""
    inner, nullable = _without_none(annotation)
    row = None if nullable or not _is_row(inner) else typing.cast(ROW, _type_of(inner, what))
    fields = row.members if row else [field_of(annotation, default, what)]
    if names is not None:
        if len(names) != len(fields):
            raise TypeError(f"{what}: {len(names)} names are given for {len(fields)} columns")
        fields = [dataclasses.replace(field, name=name) for field, name in zip(fields, names)]
    return row, fields


def items_of(annotation: Any, what: str) -> Any:
    """What a table function's or a vectorized function's annotation iterates over."""
    inner, _ = _without_none(annotation)
    origin, arguments = typing.get_origin(inner), typing.get_args(inner)
    if origin in (Iterator, Iterable, Generator, Sequence, list) and arguments:
        return arguments[0]
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return arguments[0]
    raise TypeError(f"{what} is annotated {_show(annotation)}: write what it is a sequence of, such as Sequence[int]")


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        members = typing.get_args(annotation)
        others = [member for member in members if member is not types.NoneType]
        if len(others) == 1 and len(members) == 2:
            return others[0], True
    return annotation, False


def _is_row(annotation: Any) -> bool:
    is_class = isinstance(annotation, type)
    return (
        typing.get_origin(annotation) is tuple
        or (is_class and dataclasses.is_dataclass(annotation))
        or (is_class and issubclass(annotation, tuple) and hasattr(annotation, "_fields"))
    )


def _type_of(annotation: Any, what: str) -> SqlType:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        marked = next((mark for mark in arguments[1:] if isinstance(mark, SqlType)), None)
        return _type_of(arguments[0], what) if marked is None else _marked(arguments[0], marked, what)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if origin is list and len(arguments) == 1:
        return ARRAY(field_of(arguments[0], "item", what))
    if origin is dict and len(arguments) == 2:
        key = field_of(arguments[0], "key", what)
        if key.nullable:
            raise TypeError(f"{what}: a key of a MAP cannot be NULL")
        return MAP(key, field_of(arguments[1], "value", what))
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        return ROW(tuple, [field_of(member, f"f{index}", what) for index, member in enumerate(arguments)])
    if _is_row(annotation):
        known = hints(annotation, what)
        if dataclasses.is_dataclass(annotation):
            names = [member.name for member in dataclasses.fields(annotation) if member.init]
        else:
            names = annotation._fields
        if names and all(name in known for name in names):
            return ROW(annotation, [field_of(known[name], name, what) for name in names])
    raise TypeError(f"{what} is annotated {_show(annotation)}, which stands for no SQL type")


def _marked(python: Any, marked: SqlType, what: str) -> SqlType:
    number = marked.as_number()
    if python is marked.python:
        return marked
    if python is int and number is not None:
        return number
    raise TypeError(f"{what} is annotated {_show(python)}, which holds no {marked}: write {_show(marked.python)}")


def _show(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
