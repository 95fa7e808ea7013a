"""Functions from source text."""

import datetime
from decimal import Decimal

import pytest

from anabranch_udf import DECIMAL, TIMESTAMP
from anabranch_udf.contract import CallError, Kind, Parameter, Signature
from anabranch_udf.http import HTTPError, Response
from anabranch_udf.interpreter import define
from anabranch_udf.source import SourceError
from anabranch_udf.testing import Failed, Tester, answers
from anabranch_udf.types import ARRAY, BIGINT, BYTES, DATE, DOUBLE, MAP, ROW, STRING, Field


def field(name: str, declared) -> Field:
    if isinstance(declared, Field):
        return Field(name, declared.type, declared.nullable)
    return Field(name, declared, True)


def signature(parameters: dict, result, name="f") -> Signature:
    kind = Kind.SCALAR
    if isinstance(result, dict):
        kind = Kind.TABLE
        result = ROW(tuple, [field(column, declared) for column, declared in result.items()])
    described = [Parameter(name, field(name, declared).describe()) for name, declared in parameters.items()]
    return Signature(name, kind, described, field("", result).describe(), True, False, False, "")


def function(source: str, parameters: dict, result, name="f") -> Tester:
    made = Tester("nothing is declared there", max_rows=2, options={"greeting": "hello"})
    made._package.functions.append(define(signature(parameters, result, name), source))
    return made


def refused(source: str, parameters: dict | None = None, result=BIGINT) -> str:
    with pytest.raises(SourceError) as caught:
        define(signature(parameters or {}, result), source)
    error = caught.value
    return f"{error.line}:{error.column} {error.message}"


NUMBER = {"x": BIGINT}


@pytest.mark.parametrize(
    "source",
    [
        "return x + 1",
        "x + 1",
        "\n    y = x\n    return y + 1\n",
        " y = x\n   return y + 1 ",
        "import math\nreturn math.floor(x + 1.5)",
        "def f(value):\n    return value + 1",
        "  def g(v): return v\n  def F(value):\n      return g(value) + 1\n",
        "from operator import add\r\nf = 3\r\ndef f(value):\r\n    return add(value, 1)\r\n",
        "\n    y = x\n# one more\n    return y + 1\n",
        "\n    return sum([\n  x,\n1\n    ])\n",
        "return sum([\n    x,\n  1])",
        " return sum([\n    x,\n  1])",
        "\tif x:\n\t\treturn x + 1\n",
        "if x:\n            return x + 1\n# otherwise\n      return 0",
        "return " + " + ".join(["x"] + ["0"] * 900 + ["1"]),
    ],
)
def test_forms_of_a_scalar_function(source):
    assert function(source, NUMBER, BIGINT).scalar("f", [1, 41]) == [2, 42]


def test_a_text_stays_as_it_is_within_quotes():
    for margin in ("", "    "):
        source = f'''\n{margin}"""What it does.\n  And how."""\n{margin}return """a\n  b\n    c""" + x\n'''
        made = function(source, {"x": STRING}, STRING)
        assert made.scalar("f", ["d"]) == ["a\n  b\n    cd"]
        assert made._package.functions[0].signature.doc == "What it does.\nAnd how."


def test_null_is_none_unless_the_parameter_takes_none():
    assert function("return 0 if x is None else x", NUMBER, BIGINT).scalar("f", [1, None]) == [1, 0]
    assert function("return x or None", NUMBER, BIGINT).scalar("f", [1, 0]) == [1, None]
    strict = {"x": Field("", BIGINT, False)}
    assert function("return x + 1", strict, BIGINT).scalar("f", [1, None]) == [2, None]


def test_all_types_arrive_as_themselves():
    parameters = {
        "number": DECIMAL(10, 2),
        "day": DATE,
        "moment": TIMESTAMP(3),
        "data": BYTES,
        "items": ARRAY(Field("item", BIGINT, True)),
        "pairs": MAP(Field("key", STRING, False), Field("value", BIGINT, True)),
        "person": ROW(tuple, [Field("name", STRING, True), Field("age", BIGINT, True)]),
    }
    source = "return repr((number, day, moment, data, items, pairs, person.name, person.age))"
    values = [
        Decimal("1.50"),
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 12),
        b"\0",
        [1, None],
        {"a": 1},
        ("Ada", 36),
    ]
    expected = repr((*values[:-1], "Ada", 36))
    assert function(source, parameters, STRING).scalar("f", *[[value] for value in values]) == [expected]


@pytest.mark.parametrize("value", ["('Ada', n)", "['Ada', n]", "{'age': n, 'name': 'Ada'}"])
def test_a_row_is_a_tuple_a_list_or_a_dict(value):
    person = ROW(tuple, [Field("name", STRING, True), Field("age", BIGINT, True)])
    assert function(f"return {value}", {"n": BIGINT}, person).scalar("f", [36]) == [("Ada", 36)]
    columns = {"name": STRING, "age": BIGINT}
    assert function(f"yield {value}", {"n": BIGINT}, columns).table("f", [36]) == [[("Ada", 36)]]


@pytest.mark.parametrize(
    "source",
    [
        "for word in line.split():\n    yield word, len(word)",
        "return [(word, len(word)) for word in line.split()]",
        "((word, len(word)) for word in line.split())",
        "def f(line):\n    for word in line.split():\n        yield {'n': len(word), 'word': word}",
    ],
)
def test_forms_of_a_table_function(source):
    made = function(source, {"line": STRING}, {"word": STRING, "n": BIGINT})
    assert made.table("f", ["to be or", "", "not"]) == [[("to", 2), ("be", 2), ("or", 2)], [], [("not", 3)]]


def test_a_table_of_one_column_yields_values():
    assert function("yield from line", {"line": STRING}, {"c": STRING}).table("f", ["ab"]) == [[("a",), ("b",)]]


MEAN_WITH_FIELDS = """
class Mean:
    "The mean."
    sum: float = 0.0
    count: int = 0
    def accumulate(self, x):
        self.sum += x
        self.count += 1
    def retract(self, x):
        self.sum -= x
        self.count -= 1
    def merge(self, other):
        self.sum += other.sum
        self.count += other.count
    def evaluate(self):
        return self.sum / self.count if self.count else None
"""

MEAN_WITHOUT = """
class mean:
    def __init__(self):
        self.seen = []
    def accumulate(self, x):
        self.seen.append(x)
    def retract(self, x):
        self.seen.remove(x)
    def merge(self, other):
        self.seen += other.seen
    def value(self):
        return sum(self.seen) / len(self.seen) if self.seen else None
"""


@pytest.mark.parametrize("source", [MEAN_WITH_FIELDS, MEAN_WITHOUT])
def test_a_class_is_an_aggregate(source):
    made = function(source, {"x": Field("", DOUBLE, False)}, DOUBLE, "mean")
    described = made._package.functions[0].signature
    assert (described.kind, described.retracts, described.merges) == (Kind.AGGREGATE, True, True)
    mean = made.aggregate("mean", [1.0])
    assert mean.accumulate([0, 1, 0, 1], [1.0, 10.0, 2.0, None]) == []
    assert mean.evaluate([0, 1, 2]) == [1.5, 10.0, None]
    mean.move([0, 1])
    assert mean.retract([0], [1.0]) == []
    assert mean.merge([0], [1]) == []
    assert mean.evaluate([0]) == [6.0]


def test_an_exception_names_its_line():
    made = function("half = x / 2\n\nreturn 10 / x", NUMBER, DOUBLE)
    failed = Failed("ZeroDivisionError: division by zero (line 3: return 10 / x)")
    assert made.scalar("f", [1, 0]) == [10.0, failed]
    made = function("import json\nreturn json.loads(x)", {"x": STRING}, BIGINT)
    assert made.scalar("f", ["]"]) == [
        Failed("json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0) (line 2: return json.loads(x))")
    ]
    assert function("return 'one'", {}, BIGINT).scalar("f", rows=1) == [Failed("returned 'one', which is no BIGINT")]


def answer(request):
    if request.url.endswith("/down"):
        raise HTTPError("refused")
    return Response(200, body=request.url.encode())


def test_it_sends_requests_and_those_that_fail_name_their_line():
    def ask(source):
        with answers(answer):
            return function(source, {"url": STRING}, STRING).scalar("f", ["http://a/", "http://a/down"])

    failed = Failed("anabranch_udf.http.HTTPError: refused (line 1: response = http.get(url))")
    assert ask("response = http.get(url)\nreturn response.text()") == ["http://a/", failed]
    caught = "try:\n    return http.get(url).text()\nexcept http.HTTPError as error:\n    return str(error)"
    assert ask(caught) == ["http://a/", "refused"]


UNSPEAKABLE = """
class Unspeakable(Exception):
    def __repr__(self):
        raise ValueError("no")
    __str__ = __eq__ = __repr__

def f(x):
    match x:
        case 1: return 10**5000
        case 2: return [Unspeakable()]
        case 3: raise Unspeakable()
        case 4: return "\\ud800"
        case 5: raise ValueError("\\ud800")
        case 6: raise SystemExit(3)
        case 7: return Unspeakable()
    return x
"""


def test_what_cannot_be_said_is_still_the_error_of_its_row():
    numbers = list(range(9))
    scalar = function(UNSPEAKABLE, NUMBER, BIGINT).scalar("f", numbers)
    table = function(UNSPEAKABLE + "g = f\ndef f(x):\n    yield g(x)", NUMBER, {"n": BIGINT}).table("f", numbers)
    assert [scalar[row] for row in (0, 8)] == [0, 8]
    assert [table[row] for row in (0, 8)] == [[(0,)], [(8,)]]
    for row in numbers[1:8]:
        (in_table,) = table[row]
        for message in (scalar[row].message, in_table.message):
            assert len(message.encode()) < 200
    assert scalar[1] == Failed("returned a value of type int that cannot be shown, which is no BIGINT")
    assert scalar[3].message.startswith("anabranch_source.Unspeakable: <")
    assert scalar[5] == Failed(r'ValueError: \ud800 (line 13: case 5: raise ValueError("\ud800"))')
    assert scalar[6] == Failed("SystemExit: 3 (line 14: case 6: raise SystemExit(3))")
    assert table[7] == [
        Failed("gave a value of type Unspeakable that cannot be shown, which is no row of this function")
    ]


def test_what_is_declared_not_null_is_not_none():
    strict = Field("", BIGINT, False)
    said = "returned None, but is not declared to (leave out NOT NULL behind the type of its result)"
    assert function("return x or None", NUMBER, strict).scalar("f", [1, 0]) == [1, Failed(said)]
    array = ARRAY(Field("item", BIGINT, False))
    said = "returned [1, None], which is no ARRAY<BIGINT NOT NULL>"
    assert function("return [1, x]", NUMBER, array).scalar("f", [2, None]) == [[1, 2], Failed(said)]


def test_a_state_that_cannot_be_kept_is_named():
    source = """
class f:
    def __init__(self):
        self.count, self.numbers = 0, iter(())
        self.next = lambda: self.count + 1
    def accumulate(self, x):
        self.count = self.next()
    def evaluate(self):
        return self.count
"""
    aggregate = function(source, NUMBER, BIGINT).aggregate("f", [])
    with pytest.raises(CallError, match=r"^`self.next`, of type function, cannot be kept in a checkpoint \(.*Can't .*"):
        aggregate.accumulate([0], [1])


def test_what_is_known_beforehand():
    source = "def f(context: Context, x):\n    return context.options['greeting'] + x"
    assert function(source, {"x": STRING}, STRING).scalar("f", [" you"]) == ["hello you"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "0:0 the text is empty: write the function's body, such as `return x`"),
        ("\n    y = x +\n    return y", "2:12 SyntaxError: invalid syntax"),
        ("y = x + 1", "0:0 it never gives a value: write `return …`, one expression, or define `f`"),
        ("return (x", "1:8 SyntaxError: '(' was never closed"),
        ("\n  if x:\n  return 1", "3:3 IndentationError: expected an indented block after 'if' statement on line 2"),
        ("import math\nimport numpy\nreturn x", "2:1 there is no module `numpy` here: an inline function has array"),
        ("x = 1\nif x:\n   import nothing.there\nreturn x", "3:4 there is no module `nothing.there` here"),
        ("\n  y = x\n# a comment\n  return (y +\n 1", "4:10 SyntaxError: '(' was never closed"),
        ("if x:\n      y = (1]\n   return 1", "2:13 SyntaxError: closing parenthesis ']' does not match"),
        (" return é +", "1:12 SyntaxError: invalid syntax"),
        ("é = x\n        return é[1 +", "2:17 SyntaxError: '[' was never closed"),
        ("\n    y = x\nreturn y", "3:1 IndentationError: unindent does not match the lines above"),
        ("\n    import math, numpy\n    return x", "2:5 there is no module `numpy` here"),
        ("é = x; import numpy\n    return x", "1:8 there is no module `numpy` here"),
        (
            "def g(y): return y",
            "1:1 it defines `g`, but not `f`, and never gives a value: define `f`, or write `return …`",
        ),
        ("\n  import math\n  class G:\n    def f(x): return x", "3:3 it defines `G`, but not `f`, and never gives"),
        ("def f2(x): return x\nclass g: pass", "1:1 it defines `f2` and `g`, but not `f`, and never gives a value"),
        ("if True:\n  def f(x):\n    return x", "2:3 `f` is defined within another statement: define it by itself"),
        ("g = lambda y: (yield y)", "0:0 it never gives a value: write `return …`, one expression, or define `f`"),
        ("return 1\nbreak", "2:1 SyntaxError: 'break' outside loop"),
        ("\n  limit = 1 / 0\n  def f(x):\n      return x", "2:3 ZeroDivisionError: division by zero"),
        (
            "import math\ndef f(x, y):\n    return x",
            "2:1 `f(x, y)` does not take the 1 arguments that SQL gives it (x)",
        ),
        ("async def f(x):\n    return x", "1:1 `f` is `async`: nothing here could wait for it"),
        ("yield x", "0:0 `f` yields rows: declare it RETURNS TABLE (…), or return one value"),
        ("class f:\n    pass", "1:1 the class `f` has no method `accumulate`, as an aggregate function has"),
    ],
)
def test_texts_that_define_nothing_say_where(source, said):
    assert refused(source, NUMBER).startswith(said)


def test_a_module_that_sends_requests_is_not_there_but_http_is():
    said = refused("import requests.nothing\nreturn x", NUMBER)
    assert said.endswith("; for requests there is `http`, without an import")


def test_names_that_python_has_not():
    said = "0:0 the parameter `class` has no name in Python: give it another, or define `f` with names of its own"
    assert refused("return 1", {"class": BIGINT}) == said
    assert refused("class + 1", {"class": BIGINT}) == said
    assert refused("def f(kind):\n    return kind +", {"class": BIGINT}) == "2:18 SyntaxError: invalid syntax"
    assert function("def f(kind):\n    return kind", {"class": BIGINT}, BIGINT).scalar("f", [3]) == [3]
