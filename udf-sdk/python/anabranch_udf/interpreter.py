"""Functions from source text: what `CREATE FUNCTION … LANGUAGE PYTHON AS $$ … $$` gives.

The text is the body of the function, with the parameters in scope; or one expression, which is its value; or it defines a
function, or for aggregates a class, of the function's name. Types come from the DDL, so nothing need be annotated.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import keyword
import linecache
import pickle
import random
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import anabranch_udf
from anabranch_udf.aggregate import AggregateCalls, State
from anabranch_udf.annotations import hints
from anabranch_udf.context import Context
from anabranch_udf.contract import CallError, Kind, Signature
from anabranch_udf.function import Bound, Function, snake_case, state_of
from anabranch_udf.messages import SOURCE, say
from anabranch_udf.rows import FAILURES
from anabranch_udf.scalar import ScalarCalls
from anabranch_udf.source import SourceError, Text, failed
from anabranch_udf.table import TableCalls
from anabranch_udf.types import BYTES, Field
from anabranch_udf.types.nodes import fields_of


@dataclass(slots=True)
class Defined:
    """What the host is told of a function that was defined, and the number to bind it by."""

    function: int
    signature: Signature


#: The module that the text becomes.
MODULE = "anabranch_source"


def define(signature: Signature, source: str) -> Function:
    """The function that a text defines, under a signature whose kind is scalar or table; it may prove an aggregate.

    Raises `SourceError`.
    """
    text = Text(source)
    parameters = fields_of([parameter.type for parameter in signature.parameters])
    parameters = [
        Field(described.name, parameter.type, parameter.nullable)
        for described, parameter in zip(signature.parameters, parameters)
    ]
    result = fields_of([signature.result])[0]
    definition = _Definition(signature, text)
    # Seeded by the host now: always alike, unless randomness is granted.
    random.seed()
    defined = definition.load()
    try:
        if isinstance(defined, type):
            return definition.aggregate(defined, parameters, result)
        return definition.function(defined, parameters, result)
    except SourceError:
        raise
    except FAILURES as error:
        raise failed(text, error, definition.line()) from error


class _Definition:
    """A text under its signature."""

    def __init__(self, signature: Signature, text: Text):
        self._signature = signature
        # In a component it is of an enumeration of the boundary's own.
        self._kind = Kind(signature.kind.value)
        self._text = text
        try:
            self._tree = text.parse()
        except SourceError:
            # A parameter that is no name cannot be read where it is used.
            if not self._seems_a_definition():
                self._check_names()
            raise
        self._check_imports()

    def load(self) -> Any:
        """Runs the text; gives the function or class that it defines."""
        name = self._defined_name()
        if name is None:
            name, tree = "function", self._as_body()
        else:
            tree = self._tree
        module = types.ModuleType(MODULE)
        module.__dict__.update({exported: getattr(anabranch_udf, exported) for exported in anabranch_udf.__all__})
        # Where pickle and the annotations of classes look for it; tracebacks show its lines.
        sys.modules[MODULE] = module
        linecache.cache[SOURCE] = (len(self._text.text), None, [f"{line}\n" for line in self._text.lines], SOURCE)
        try:
            exec(compile(tree, SOURCE, "exec", dont_inherit=True), module.__dict__)
        except SyntaxError as error:
            raise self._text.syntax_error(error) from None
        except FAILURES as error:
            raise failed(self._text, error) from error
        return module.__dict__[name]

    def function(self, function: Callable, parameters: list[Field], result: Field) -> Function:
        """A scalar or table function."""
        name = self._signature.name
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise self._refuse(f"`{name}` is `async`: nothing here could wait for it")
        if self._kind == Kind.SCALAR and inspect.isgeneratorfunction(function):
            raise self._refuse(f"`{name}` yields rows: declare it RETURNS TABLE (…), or return one value")
        first = next(iter(inspect.signature(function).parameters), None)
        takes_context = first is not None and hints(function, name).get(first) is Context
        self._check_arity(function, 1 if takes_context else 0)

        def bind(context: Context) -> Bound:
            called = (lambda *arguments: function(context, *arguments)) if takes_context else function
            if self._kind == Kind.SCALAR:
                return ScalarCalls(called, parameters, result, False)
            # A row of one column is its value.
            columns = list(result.type.children)
            return TableCalls(called, parameters, result.type if len(columns) > 1 else None, columns)

        return self._declared(self._kind, function, parameters, result, bind)

    def aggregate(self, cls: type, parameters: list[Field], result: Field) -> Function:
        """An aggregate function."""
        name = self._signature.name
        if self._kind == Kind.TABLE:
            raise self._refuse("a table function is a function that yields rows, not a class")
        evaluate = getattr(cls, "evaluate", None) or getattr(cls, "value", None)
        for method, wanted in [(getattr(cls, "accumulate", None), "accumulate"), (evaluate, "evaluate")]:
            if not callable(method):
                raise self._refuse(f"the class `{cls.__name__}` has no method `{wanted}`, as an aggregate function has")
        retract, merge = getattr(cls, "retract", None), getattr(cls, "merge", None)
        self._check_arity(cls.accumulate, 1)
        if retract is not None:
            self._check_arity(retract, 1)
        state = _state(cls, name)
        cls()

        def bind(context: Context) -> Bound:
            return AggregateCalls(cls, parameters, result, state, cls.accumulate, evaluate, retract, merge)

        return self._declared(Kind.AGGREGATE, cls, parameters, result, bind, retract is not None, merge is not None)

    def _declared(
        self,
        kind: Kind,
        declared: Any,
        parameters: list[Field],
        result: Field,
        bind: Callable,
        retracts: bool = False,
        merges: bool = False,
    ) -> Function:
        given = self._signature
        doc = given.doc or inspect.cleandoc(declared.__dict__.get("__doc__") or getattr(declared, "__doc__", "") or "")
        # An exception is an error of its row, where there is no value then.
        shown = result if kind == Kind.TABLE else Field("", result.type, True)
        signature = Signature(
            given.name, kind, given.parameters, shown.describe(), given.deterministic, retracts, merges, doc
        )
        return Function(MODULE, signature, parameters, result, bind)

    def _defined_name(self) -> str | None:
        """The name, as the text writes it, of what it defines; None where it is a body."""
        wanted = self._signature.name
        for matches in (lambda name: name == wanted, lambda name: snake_case(name) == snake_case(wanted)):
            for statement in self._tree.body:
                if isinstance(statement, _DEFINITIONS):
                    if matches(statement.name):
                        return statement.name
        return None

    def line(self) -> int:
        """Where the text defines it; 0 where it is a body."""
        name = self._defined_name()
        if name is None:
            return 0
        return next((part.lineno for part in self._tree.body if getattr(part, "name", None) == name), 0)

    def _as_body(self) -> ast.Module:
        """The module of a text that is the body of the function."""
        body = self._tree.body
        if not body:
            raise self._refuse("the text is empty: write the function's body, such as `return x`")
        match body:
            case [ast.Expr(value=expression)] if not isinstance(expression, (ast.Yield, ast.YieldFrom)):
                body = [ast.copy_location(ast.Return(expression), body[0])]
        own = list(_own(body))
        if not any(isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom, ast.Raise)) for node in own):
            raise self._without_value([node for node in own if isinstance(node, _DEFINITIONS)])
        self._check_names()
        names = ", ".join(parameter.name for parameter in self._signature.parameters)
        module = ast.parse(f"def function({names}): pass")
        function = module.body[0]
        assert isinstance(function, ast.FunctionDef)
        # What is imported first is imported once, not at every call.
        imports = 0
        while imports < len(body) - 1 and isinstance(body[imports], (ast.Import, ast.ImportFrom)):
            imports += 1
        function.body = body[imports:]
        module.body = [*body[:imports], function]
        return ast.fix_missing_locations(module)

    def _without_value(self, definitions: list[Any]) -> SourceError:
        """The error of a body that never gives a value, and of a text that defines something else than the function."""
        wanted = self._signature.name
        gives = "yield" if self._kind == Kind.TABLE else "return"
        if not definitions:
            return self._refuse(f"it never gives a value: write `{gives} …`, one expression, or define `{wanted}`")
        for definition in definitions:
            if snake_case(definition.name) == snake_case(wanted):
                message = f"`{definition.name}` is defined within another statement: define it by itself"
                return self._text.error(message, definition.lineno, -1)
        names = " and ".join(f"`{definition.name}`" for definition in definitions)
        message = (
            f"it defines {names}, but not `{wanted}`, and never gives a value: define `{wanted}`, or write `{gives} …`"
        )
        return self._text.error(message, definitions[0].lineno, -1)

    def _check_names(self) -> None:
        """That a body can name its parameters."""
        for parameter in self._signature.parameters:
            if not parameter.name.isidentifier() or keyword.iskeyword(parameter.name):
                # What the text defines is not known where it could not be read.
                raise SourceError(
                    f"the parameter `{parameter.name}` has no name in Python: give it another, or define "
                    f"`{self._signature.name}` with names of its own"
                )

    def _seems_a_definition(self) -> bool:
        """Whether a text that could not be read was to define the function."""
        names = re.findall(r"^\s*(?:async\s+)?(?:def|class)\s+(\w+)", self._text.text, re.MULTILINE)
        return snake_case(self._signature.name) in map(snake_case, names)

    def _check_imports(self) -> None:
        """What is not there fails now, not at the first row that comes by. What stands in a `try` may fail."""
        tried = {inner for node in ast.walk(self._tree) if isinstance(node, ast.Try) for inner in ast.walk(node)}
        for node in ast.walk(self._tree):
            if node in tried:
                continue
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            for name in names:
                try:
                    importlib.import_module(name)
                except Exception:
                    message = f"there is no module `{name}` here: an inline function has " + ", ".join(BUNDLED)
                    hint = "for other modules make a package (`anabranch function new --lang python`)"
                    if name.split(".")[0] in ("http", "requests", "urllib"):
                        hint = "for requests there is `http`, without an import"
                    raise self._text.error(f"{message}; {hint}", node.lineno, node.col_offset) from None

    def _check_arity(self, function: Callable, before: int) -> None:
        """That it takes what SQL gives, behind so many arguments of another kind."""
        given = [parameter.name for parameter in self._signature.parameters]
        taken = inspect.signature(function)
        try:
            taken.bind(*[None] * (before + len(given)))
        except TypeError:
            shown = f"`{function.__qualname__}{taken}`"
            message = f"{shown} does not take the {len(given)} arguments that SQL gives it ({', '.join(given)})"
            raise self._text.error(message, function.__code__.co_firstlineno, -1) from None

    def _refuse(self, message: str) -> SourceError:
        return self._text.error(message, self.line(), -1)


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a function's body in their order, without what is inside of the functions and classes in it."""
    following = [*body][::-1]
    while following:
        node = following.pop()
        yield node
        if not isinstance(node, (*_DEFINITIONS, ast.Lambda)):
            following += [*ast.iter_child_nodes(node)][::-1]


def _state(cls: type, name: str) -> State:
    """What the SDK keeps of an aggregate with annotated fields or a method `save`. Of any other, all that it holds."""
    if hasattr(cls, "save") or getattr(cls, "__annotations__", None):
        return state_of(cls, name)
    return State(None, [Field("state", BYTES, False)], _keep, pickle.loads)


def _keep(accumulator: Any) -> bytes:
    """All that an accumulator holds."""
    try:
        return pickle.dumps(accumulator)
    except Exception as error:
        raise CallError(_not_kept(accumulator, error)) from error


def _not_kept(accumulator: Any, error: Exception) -> str:
    """What cannot be kept of what an accumulator holds, and what to do about it."""
    what, why = "all that it holds", error
    for name, value in getattr(accumulator, "__dict__", {}).items():
        try:
            pickle.dumps(value)
        except Exception as reason:
            what, why = f"`self.{name}`, of type {type(value).__name__},", reason
            break
    return (
        f"{what} cannot be kept in a checkpoint ({say(why)}): annotate the fields that are the state, as in "
        "`count: int = 0`, or give the class `save` and `restore`"
    )


#: What inline functions may import. It is imported when the interpreter is built, as there is nowhere to look later.
BUNDLED = (
    "array",
    "base64",
    "binascii",
    "bisect",
    "calendar",
    "cmath",
    "collections",
    "colorsys",
    "contextlib",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fnmatch",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "html.parser",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "logging",
    "math",
    "numbers",
    "operator",
    "pickle",
    "random",
    "re",
    "secrets",
    "shlex",
    "statistics",
    "string",
    "struct",
    "textwrap",
    "time",
    "types",
    "typing",
    "unicodedata",
    "urllib.parse",
    "uuid",
    "xml.etree.ElementTree",
    "zlib",
)

#: What those import only when it is used, and codecs.
BEHIND_THEM = (
    "_strptime",
    "encodings.ascii",
    "encodings.cp1252",
    "encodings.idna",
    "encodings.iso8859_1",
    "encodings.iso8859_15",
    "encodings.latin_1",
    "encodings.punycode",
    "encodings.unicode_escape",
    "encodings.utf_16",
    "encodings.utf_16_be",
    "encodings.utf_16_le",
    "encodings.utf_32",
    "encodings.utf_8_sig",
    "json.scanner",
    "xml.etree.ElementTree",
)


def bundle() -> list[str]:
    """Imports what inline functions may import; gives what this Python does not have."""
    missing = []
    for name in BUNDLED + BEHIND_THEM:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return missing
