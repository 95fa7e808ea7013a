"""Functions of all kinds, called as a host calls them."""

import random
import re
from decimal import Decimal

import kitchen
import pytest

from anabranch_udf import Context, aggregate, scalar, table
from anabranch_udf.testing import Failed, Tester

DIVISION = "division by zero"


def failed(results):
    """The messages without their places, and without what differs between versions of Python."""
    return [message_of(result) if isinstance(result, Failed) else result for result in results]


def message_of(result):
    message = re.sub(r" \(\S*\)$", "", result.message)
    return DIVISION if message.startswith("ZeroDivisionError") else message


def test_a_decorated_function_is_the_function_that_it_was():
    assert kitchen.add(1, 2) == 3
    assert list(kitchen.split("to be")) == ["to", "be"]
    assert kitchen.Sum(sum=3, count=2).evaluate() == 3


def test_overloads_are_told_apart_by_their_types(tester):
    assert tester.scalar("add", [1, 2], [3, 4]) == [4, 6]
    assert tester.scalar("add", ["a"], ["b"]) == ["ab"]


def test_sums_of_decimals_keep_all_their_digits(tester):
    largest = Decimal("4" * 34 + ".4444")
    assert tester.scalar("add_amounts", [largest], [largest]) == [Decimal("8" * 34 + ".8888")]


def test_null_is_not_passed_to_those_who_do_not_take_it(tester):
    assert tester.scalar("add", [1, None, 3], [None, 2, 4]) == [None, None, 7]
    assert tester.scalar("coalesce", [1, None, None], [2, 3, None]) == [1, 3, None]
    assert tester.scalar("len", ["Zürich", None, ""]) == [6, None, 0]


def test_an_exception_is_the_error_of_its_row(tester):
    results = tester.scalar("divide", [6, 1, None, 4], [2, 0, 0, 2])
    assert failed(results) == [3, DIVISION, None, 2]
    assert re.search(r" \(kitchen\.py:\d+\)$", results[1].message)
    assert tester.scalar("divide", [1] * 9, [0] * 9) == [results[1]] * 9


def test_whole_columns_are_passed_without_their_nulls(tester):
    assert tester.scalar("add_columns", [1, None, 3], [4, 5, 6]) == [5, None, 9]
    assert tester.scalar("add_columns", [None], [1]) == [None]
    rows = 100
    dividends, divisors = list(range(rows)), [random.Random(row).choice([0, 1, 2, None]) for row in range(rows)]
    expected = [None if y is None else DIVISION if y == 0 else x // y for x, y in zip(dividends, divisors)]
    assert failed(tester.scalar("divide_columns", dividends, divisors)) == expected


def test_what_is_known_beforehand(tester):
    assert tester.scalar("constant", [1, 2], [10, 10], literals=[1]) == [11, 12]
    with pytest.raises(Exception, match="the second argument must be a literal"):
        tester.scalar("constant", [1], [10])
    assert tester.scalar("where_bound", ["x"]) == ["UTC hello x"]
    assert tester.scalar("seven", rows=2) == [7, 7]


def test_table_functions(tester):
    assert tester.table("split", ["to be", " ", None, "or not to be"]) == [
        [("to",), ("be",)],
        [],
        [],
        [("or",), ("not",), ("to",), ("be",)],
    ]
    rows = tester.table("repeat", ["a", "b", "c", "d"], [2, 0, -1, 4])
    assert rows[:2] == [[("a", 0), ("a", 1)], []]
    assert failed(rows[2]) == ["ValueError: -1 times is less than none"]
    assert rows[3] == [("d", number) for number in range(4)]
    assert tester.table("points", [1.0], [None]) == [[(1.0, None, "point"), (-1.0, None, "image")]]


@pytest.mark.parametrize("max_rows", range(1, 9))
def test_an_input_row_of_a_table_function_fails_alone_and_keeps_what_it_gave(max_rows):
    rows = Tester(kitchen.__name__, max_rows=max_rows).table("broken", [1, -2, 0, 2])
    wrong = "gave 1000, which is no row of this function"
    assert [failed(row) for row in rows] == [
        [(0,), "ValueError: broken"],
        [(0,), (1,), wrong],
        ["ValueError: broken"],
        [(0,), (1,), "ValueError: broken"],
    ]


def test_aggregates_accumulate_retract_merge_and_move(tester):
    choice = random.Random(7)
    rows = [(choice.randrange(5), choice.choice([None, *range(-9, 9)])) for _ in range(500)]
    groups = list(range(5))
    sums = tester.aggregate("sum", [0])
    expected = {group: [x for g, x in rows if g == group and x is not None] for group in groups}
    for start in range(0, len(rows), 100):
        part = rows[start : start + 100]
        assert sums.accumulate([g for g, _ in part], [x for _, x in part]) == []
        sums.move(groups[:3])
    assert sums.evaluate(groups) == [sum(expected[group]) for group in groups]
    for group in groups:
        taken = expected[group][::2]
        sums.retract([group] * len(taken), taken)
        expected[group] = expected[group][1::2]
    assert sums.evaluate(groups) == [sum(expected[group]) for group in groups]
    sums.merge([0, 7], [1, 1])
    assert sums.evaluate([0, 7, 8]) == [sum(expected[0] + expected[1]), sum(expected[1]), None]


def test_a_row_that_fails_leaves_its_group_as_it_was(tester):
    sums = tester.aggregate("sum", [0])
    sums.accumulate([0], [100])
    errors = sums.accumulate([0, 1, 0, 0, 0, 1, 0], [1, 5, 13, 2, 13, 13, 4])
    assert [error.row for error in errors] == [2, 4, 5]
    assert sums.evaluate([0, 1]) == [107, 5]
    # The count, which was changed before the exception, too.
    sums.retract([0] * 4 + [1], [100, 1, 2, 4, 5])
    assert sums.evaluate([0, 1]) == [None, None]


def test_states_of_lists_and_those_written_by_hand(tester):
    texts = tester.aggregate("collect_texts", [""], [None])
    texts.accumulate([0, 1, 0], ["a", "b", "c"], ["-", None, None])
    texts.move([0, 1])
    assert texts.evaluate([0, 1, 2]) == ["a-c", "b", ""]
    registers = tester.aggregate("registers", [0])
    errors = registers.accumulate([0, 0, 1, 0], [3, 3, 63, -1])
    assert [error.row for error in errors] == [3]
    registers.move([0, 1])
    assert registers.evaluate([0, 1]) == [1, 1]


def test_the_example_of_the_readme_with_a_literal_and_without():
    def compiled(context: Context) -> re.Pattern | None:
        pattern = context.constant("pattern")
        return None if pattern is None else re.compile(pattern)

    @scalar(bind=compiled)
    def matches(prepared: re.Pattern | None, text: str, pattern: str) -> bool:
        return (prepared or re.compile(pattern)).search(text) is not None

    readme = Tester(__name__)
    assert readme.scalar("matches", ["none", "b"], ["^n", "c"]) == [True, False]
    assert readme.scalar("matches", ["none", "b"], ["^n", "^n"], literals=[1]) == [True, False]


def test_what_cannot_be_a_function_is_refused_when_it_is_declared():
    def untyped(a) -> int: ...
    def without_result(a: int): ...
    def unknown(a: complex) -> int: ...
    def no_column(a: int) -> int: ...
    def key(a: dict[str | None, int]) -> int: ...
    def context_last(a: int, context: Context) -> int: ...

    refused = [
        (lambda: scalar(untyped), "the parameter `a` of untyped has no type annotation"),
        (lambda: scalar(without_result), "the result of without_result has no type annotation"),
        (lambda: scalar(unknown), "is annotated complex, which stands for no SQL type"),
        (lambda: scalar(no_column, vectorized=True), r"write what it is a sequence of, such as Sequence\[int\]"),
        (lambda: table(no_column), "write what it is a sequence of"),
        (lambda: scalar(key), "a key of a MAP cannot be NULL"),
        (lambda: scalar(context_last), "a Context is the first parameter"),
        (lambda: aggregate(type("Empty", (), {})), "an aggregate function has a method `accumulate`"),
    ]
    for declare, message in refused:
        with pytest.raises(TypeError, match=message):
            declare()


def test_documentation_and_names_are_told():
    from anabranch_udf.package import Package

    functions = Package(modules=["kitchen"]).describe().functions
    add = functions[0]
    assert (add.name, [p.name for p in add.parameters], add.doc) == ("add", ["a", "b"], kitchen.add.__doc__)
    (sums,) = [function for function in functions if function.name == "sum"]
    assert (sums.retracts, sums.merges, sums.doc) == (True, True, "The sum of numbers; NULL of none.")
    (points,) = [function for function in functions if function.name == "points"]
    assert [(node.name, node.format) for node in points.result] == [("", "+s"), ("x", "g"), ("y", "g"), ("name", "u")]
