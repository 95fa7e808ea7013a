"""The decorators: they read a signature, and leave the function or class as it is."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, overload

from anabranch_udf.aggregate import AggregateCalls, State
from anabranch_udf.annotations import field_of, hints, items_of, row_of
from anabranch_udf.context import Context
from anabranch_udf.contract import Kind, Parameter, Signature
from anabranch_udf.scalar import ScalarCalls
from anabranch_udf.table import TableCalls
from anabranch_udf.types import ROW, Field

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform():
        """Tells type checkers that a decorator makes dataclasses; `typing` has it from Python 3.11 on."""
        return lambda decorator: decorator


F = TypeVar("F", bound=Callable)
C = TypeVar("C", bound=type)
Bound = ScalarCalls | TableCalls | AggregateCalls


@dataclasses.dataclass(frozen=True)
class Function:
    """A function as a package exports it."""

    #: The module that it was declared in.
    module: str
    signature: Signature
    parameters: list[Field]
    #: As in the signature; of a table function, a ROW of the columns.
    result: Field
    #: Makes what is called, at one place of a plan.
    bind: Callable[[Context], Bound]


#: All functions declared so far, in the order of their declaration.
DECLARED: list[Function] = []


@overload
def scalar(function: F, /) -> F: ...


@overload
def scalar(
    *,
    name: str | None = None,
    deterministic: bool = True,
    vectorized: bool = False,
    bind: Callable[[Context], Any] | None = None,
) -> Callable[[F], F]: ...


def scalar(
    function: Any = None,
    *,
    name: str | None = None,
    deterministic: bool = True,
    vectorized: bool = False,
    bind: Callable[[Context], Any] | None = None,
) -> Any:
    """Declares a scalar function, which gives one value per row.

    `name` is the name in SQL, the function's own by default; several functions of one name are overloads. What `bind`
    makes of a `Context`, once per place in a plan, is the function's first argument. A vectorized function takes and
    gives whole columns, annotated `Sequence[T]`: a memoryview of numbers, a list of other values or of values that may
    be NULL; an array, a memoryview or a list of results.
    """
    if function is None:
        return partial(scalar, name=name, deterministic=deterministic, vectorized=vectorized, bind=bind)
    function_name = name or function.__name__
    signature = _Signature(function, function_name, bind is not None, vectorized)
    if vectorized and not signature.parameters:
        raise TypeError(f"{function_name}: a vectorized function needs a parameter")
    result = field_of(signature.result(), "", f"the result of {function_name}")

    def bound(context: Context) -> Bound:
        return ScalarCalls(signature.with_context(context, bind), signature.parameters, result, vectorized)

    # An exception is an error of its row, where there is no value then.
    shown = dataclasses.replace(result, nullable=True)
    _declare(function, function_name, Kind.SCALAR, signature.parameters, shown, bound, deterministic=deterministic)
    return function


@overload
def table(function: F, /) -> F: ...


@overload
def table(
    *,
    columns: Sequence[str] | None = None,
    name: str | None = None,
    deterministic: bool = True,
    bind: Callable[[Context], Any] | None = None,
) -> Callable[[F], F]: ...


def table(
    function: Any = None,
    *,
    columns: Sequence[str] | None = None,
    name: str | None = None,
    deterministic: bool = True,
    bind: Callable[[Context], Any] | None = None,
) -> Any:
    """Declares a table function, which gives zero or more rows per row: it is a generator, or returns anything that
    iterates, or None for no rows.

    A row is one value, a tuple, a `NamedTuple` or a dataclass; `columns` are the names of the columns where the rows do
    not name them. The rest as for `scalar`.
    """
    if function is None:
        return partial(table, columns=columns, name=name, deterministic=deterministic, bind=bind)
    function_name = name or function.__name__
    signature = _Signature(function, function_name, bind is not None)
    rows = items_of(signature.result(), f"the result of {function_name}")
    row, fields = row_of(rows, columns, function_name, f"the result of {function_name}")

    def bound(context: Context) -> Bound:
        return TableCalls(signature.with_context(context, bind), signature.parameters, row, fields)

    result = Field("", ROW(tuple, fields), False)
    _declare(function, function_name, Kind.TABLE, signature.parameters, result, bound, deterministic=deterministic)
    return function


@overload
def aggregate(cls: C, /) -> C: ...


@overload
def aggregate(*, name: str | None = None, deterministic: bool = True) -> Callable[[C], C]: ...


@dataclass_transform()
def aggregate(cls: Any = None, *, name: str | None = None, deterministic: bool = True) -> Any:
    """Declares an aggregate function, which gives one value per group: a class whose instances hold what one group needs
    to know.

    Its `accumulate` adds a row, `evaluate` gives the value and leaves the accumulator as it is; `retract`, which takes a
    row out again, and `merge`, which adds another accumulator, are optional. The class is made a dataclass unless it is
    one, and its fields are the state, which is kept in checkpoints; each has a default. A class that keeps its state
    otherwise has `save`, whose annotation says what it is, and a class method `restore`. `name` is the name in SQL, that
    of the class in snake case by default.
    """
    if cls is None:
        return partial(aggregate, name=name, deterministic=deterministic)
    function_name = name or snake_case(cls.__name__)
    documented = inspect.cleandoc(cls.__doc__ or "")
    for wanted in ("accumulate", "evaluate"):
        if not callable(getattr(cls, wanted, None)):
            raise TypeError(f"{function_name}: an aggregate function has a method `{wanted}`")
    state = state_of(cls, function_name)
    accumulate = _Signature(cls.accumulate, function_name, True)
    retract, merge = getattr(cls, "retract", None), getattr(cls, "merge", None)
    if retract is not None:
        taken = _Signature(retract, f"{function_name}.retract", True).parameters
        if [parameter.type for parameter in taken] != [parameter.type for parameter in accumulate.parameters]:
            names = [f"{parameter.name} {parameter.type}" for parameter in accumulate.parameters]
            raise TypeError(f"{function_name}: `retract` takes what `accumulate` does ({', '.join(names)})")
    evaluated = _Signature(cls.evaluate, f"{function_name}.evaluate", True)
    result = field_of(evaluated.result(), "", f"the result of {function_name}")

    def bound(context: Context) -> Bound:
        return AggregateCalls(
            empty=cls,
            parameters=accumulate.parameters,
            result=result,
            state=state,
            accumulate=_with_context(cls.accumulate, context),
            evaluate=_with_context(cls.evaluate, context),
            retract=retract and _with_context(retract, context),
            merge=merge,
        )

    _declare(
        cls,
        function_name,
        Kind.AGGREGATE,
        accumulate.parameters,
        dataclasses.replace(result, nullable=True),
        bound,
        deterministic=deterministic,
        retracts=retract is not None,
        merges=merge is not None,
        doc=documented,
    )
    return cls


def _declare(
    declared: Any,
    name: str,
    kind: Kind,
    parameters: list[Field],
    result: Field,
    bind: Callable[[Context], Bound],
    *,
    deterministic: bool,
    retracts: bool = False,
    merges: bool = False,
    doc: str | None = None,
) -> None:
    described = [Parameter(parameter.name, parameter.describe()) for parameter in parameters]
    doc = inspect.cleandoc(declared.__doc__ or "") if doc is None else doc
    signature = Signature(name, kind, described, result.describe(), deterministic, retracts, merges, doc)
    DECLARED.append(Function(declared.__module__, signature, parameters, result, bind))


class _Signature:
    """A function's parameters that SQL sees. One that is prepared (or self) comes first, then one annotated `Context`."""

    def __init__(self, function: Callable, name: str, prepared: bool, vectorized: bool = False):
        self._function = function
        self._name = name
        self._known = hints(function, name)
        found = list(inspect.signature(function).parameters.values())[prepared:]
        self.takes_context = bool(found) and self._known.get(found[0].name) is Context
        self.parameters: list[Field] = []
        for parameter in found[self.takes_context :]:
            what = f"the parameter `{parameter.name}` of {name}"
            if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
                raise TypeError(f"{what} is not positional")
            if parameter.name not in self._known:
                raise TypeError(f"{what} has no type annotation")
            annotation = self._known[parameter.name]
            if annotation is Context:
                raise TypeError(f"{what}: a Context is the first parameter")
            self.parameters.append(
                field_of(items_of(annotation, what) if vectorized else annotation, parameter.name, what)
            )
        self._vectorized = vectorized

    def result(self) -> Any:
        """The annotation of the result; of a vectorized function, of one of its values."""
        if "return" not in self._known:
            raise TypeError(f"the result of {self._name} has no type annotation")
        annotation = self._known["return"]
        return items_of(annotation, f"the result of {self._name}") if self._vectorized else annotation

    def with_context(self, context: Context, bind: Callable[[Context], Any] | None) -> Callable:
        """The function with what was prepared, and the context, in place."""
        first = [] if bind is None else [bind(context)]
        if self.takes_context:
            first.append(context)
        return partial(self._function, *first) if first else self._function


def _with_context(method: Callable, context: Context) -> Callable:
    """A method with the context in place, if it takes one."""
    if not _Signature(method, "", True).takes_context:
        return method
    return lambda self, *arguments: method(self, context, *arguments)


def snake_case(name: str) -> str:
    """`SplitWords` is `split_words` in SQL."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def state_of(cls: Any, name: str) -> State:
    """How a class keeps its state: as its fields, or as `save` gives it. A class without `save` becomes a dataclass."""
    what = f"the state of {name}"
    if hasattr(cls, "save"):
        if not hasattr(cls, "restore"):
            raise TypeError(
                f"{name}: a class with `save` has a class method `restore`, which makes one of what it gave"
            )
        saved = hints(cls.save, what).get("return")
        if saved is None:
            raise TypeError(f"{what}: `save` has no type annotation for its result")
        row, fields = row_of(saved, None, "state", what)
        return State(row, fields, cls.save, cls.restore)
    if not dataclasses.is_dataclass(cls):
        dataclasses.dataclass(cls)
    known = hints(cls, what)
    fields = [
        field_of(known[member.name], member.name, f"`{member.name}` of {what}") for member in dataclasses.fields(cls)
    ]
    if not fields:
        raise TypeError(f"{what} has no fields")
    names = [field.name for field in fields]
    if len(names) == 1:
        return State(None, fields, attrgetter(names[0]), cls)
    return State(ROW(tuple, fields), fields, attrgetter(*names), lambda saved: cls(*saved))
