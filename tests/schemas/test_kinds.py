import doctest

import numpy as np
import pytest

from gan_mri.errors import GanMriError
from gan_mri.schemas import kinds, nesting
from gan_mri.schemas.kinds import (
    and_also,
    by_name,
    check,
    fields,
    flag,
    list_of,
    matching,
    maybe,
    name,
    number,
    one_of,
    text,
    whole,
)

HUGE = 10**400

# Kind, values that fit, values that do not.
CASES = {
    "text": (text, ["", "a b"], [None, 1, b"a", "a\0", "a" * 10_001]),
    "name": (name, ["a", "T1w", "é.png", "..."], ["", ".", "..", "a/b", "/a", "../a", "a\0", 1]),
    "flag": (flag, [True, False, np.True_], [0, 1, None, "true"]),
    "whole": (whole(1, 9), [1, 9, np.int64(3)], [0, 10, 1.0, True, None, "1", HUGE]),
    "number": (number(above=0), [1, 0.5, 1e299], [0, -1, True, None, "1", HUGE, np.nan, np.inf]),
    "any number": (number(), [-1, 0, 2.5], [np.nan, -np.inf, HUGE, -HUGE, [1]]),
    "one of": (one_of(1, "a"), [1, "a"], [True, 1.0, 2, "b", None, [1], {}]),
    "matching": (matching("a+", "some a"), ["a", "aa"], ["", "ab", "a\n", 1]),
    "maybe": (maybe(whole()), [None, 1], [-1, "a"]),
    "list": (list_of(whole(), 1, 2), [[1], (1, 2)], [[], [1, 2, 3], ["a"], 1, "1", {}]),
    "by name": (by_name(whole(), key=name), [{}, {"a": 1}], [{"a": -1}, {"../a": 1}, [], 1]),
    "fields": (
        fields({"a": whole()}, {"b": text}),
        [{"a": 1}, {"a": 1, "b": ""}, {"a": 1, "c": None}],
        [{}, {"a": None}, {"a": 1, "b": 1}, [1], "a"],
    ),
    "no others": (
        fields({"a": whole()}, {"b": text}, others=False),
        [{"a": 1}, {"a": 1, "b": ""}],
        [{"a": 1, "c": 1}],
    ),
    "and also": (
        and_also(list_of(number(), 2, 2), lambda pair: pair[0] < pair[1], "rising"),
        [[0, 1]],
        [[1, 0], [1, 1], [1], "ab"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_fits_passes_and_what_does_not_is_refused(case):
    kind, fitting, others = CASES[case]
    for value in fitting:
        check(value, kind, "file", "something")
    for value in others:
        with pytest.raises(
            GanMriError, match="^file: expected something. Received one in"
        ) as error:
            check(value, kind, "file", "something")
        assert "\n" not in str(error.value) and len(str(error.value)) < 400


def test_the_place_is_named():
    kind = fields({"inputs": by_name(fields({"sizes": list_of(whole(1))}))})
    with pytest.raises(GanMriError, match=r"in which inputs\.image\.sizes\.1 is -3, where a whole"):
        check({"inputs": {"image": {"sizes": [1, -3]}}}, kind, "card.json", "a card")
    with pytest.raises(GanMriError, match=r"in which inputs\.image\.sizes is missing\."):
        check({"inputs": {"image": {}}}, kind, "card.json", "a card")
    with pytest.raises(GanMriError, match="in which the whole is a list of 0|is \\[\\]"):
        check([], kind, "card.json", "a card")


@pytest.mark.parametrize("module", [kinds, nesting])
def test_the_examples(module):
    assert doctest.testmod(module).failed == 0


def test_deep_nesting_is_refused_before_anything_recurs():
    content = {}
    for _ in range(nesting.DEEPEST - 1):
        content = {"a": content, "b": [1]}
    nesting.check_nesting(content)
    with pytest.raises(ValueError, match="nested more than 64 deep"):
        nesting.check_nesting([content])
