"""Kinds of values, as functions that refuse what is of another kind.

A *kind* is a function `kind(value, place)` that raises `Unfit` or returns nothing; `place` is
the way to the value, such as `("inputs", "image", "scaling")`. Kinds are put together to the
schema of a file, beside the code that writes it:

>>> point = fields({"x": number(), "y": number()}, {"label": text})
>>> check({"x": 1, "y": None}, point, "point.json", "a point")
Traceback (most recent call last):
gan_mri.errors.GanMriError: point.json: expected a point. Received one in which y is null, where \
a finite number is needed.

Names that no schema knows pass: a newer version may have written them.
"""

import json
import math
import os
import re
from numbers import Integral, Real

import numpy as np

from gan_mri.errors import GanMriError

_LONGEST_TEXT = 10_000
_LONGEST_SHOWN = 80


MISSING = object()


class Unfit(Exception):
    """A value that is of another kind.

    Parameters
    ----------
    place : tuple of str or int
    expected : str
        "a whole number from 1".
    value
        What is there; `MISSING` for nothing.
    """

    def __init__(self, place, expected, value):
        where = ".".join(map(str, place))[:_LONGEST_SHOWN] or "the whole"
        if value is MISSING:
            super().__init__(f"{where} is missing")
        else:
            super().__init__(f"{where} is {shown(value)}, where {expected} is needed")


def check(content, kind, path, what):
    """Refuse the content of a file that is of another structure.

    Parameters
    ----------
    content
        JSON as Python has it.
    kind : callable
    path : str or Path
        For the message.
    what : str
        What the file should be: "the card of a model that gan_mri exported".

    Raises
    ------
    GanMriError
        Naming the file, and the first value that does not fit.
    """
    try:
        kind(content, ())
    except Unfit as unfit:
        raise GanMriError(f"{path}: expected {what}. Received one in which {unfit}.") from unfit


def shown(value):
    """A value for messages, on one line and not long."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}" if len(str(value)) > _LONGEST_SHOWN else str(value)
    try:
        shown = json.dumps(value)
    except (TypeError, ValueError):
        shown = repr(value)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + " ..."


def _fitting(expected, fits):
    """The kind of all values for which `fits(value)` is true."""

    def kind(value, place):
        if not fits(value):
            raise Unfit(place, expected, value)

    return kind


def _is_text(value):
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT and "\0" not in value


def is_name(value):
    """Whether a text can be the name of a file in a folder, and of no file elsewhere."""
    return _is_text(value) and value not in ("", ".", "..") and os.path.basename(value) == value


#: A text of moderate length.
text = _fitting("a text", _is_text)
#: A text that can be the name of a file or folder, without a way to another place.
name = _fitting("a name without strokes", is_name)
#: True or False.
flag = _fitting("true or false", lambda value: isinstance(value, (bool, np.bool_)))
#: A dict of whatever.
anything = _fitting("an object", lambda value: isinstance(value, dict))


def whole(lowest=0, highest=2**63 - 1):
    """Whole numbers of a range."""
    upward = "" if highest == 2**63 - 1 else f" to {highest}"
    return _fitting(
        f"a whole number from {lowest}{upward}",
        lambda value: (
            isinstance(value, Integral)
            and not isinstance(value, bool)
            and lowest <= value <= highest
        ),
    )


def number(*, above=-math.inf):
    """Finite numbers, above a limit."""
    return _fitting(
        "a finite number" + (f" above {above:g}" if above > -math.inf else ""),
        # Compared, not converted: of a whole number with 400 digits no float can be made.
        lambda value: (
            isinstance(value, Real)
            and not isinstance(value, bool)
            and above < value
            and -1e300 < value < 1e300
        ),
    )


def one_of(*values):
    """One of some values, and of the same type (1 is not True)."""
    return _fitting(
        " or ".join(map(shown, values)),
        lambda value: any(type(value) is type(one) and value == one for one in values),
    )


def matching(pattern, expected):
    """Texts that a regular expression matches as a whole."""
    return _fitting(expected, lambda value: _is_text(value) and bool(re.fullmatch(pattern, value)))


def maybe(kind):
    """null, or a value of a kind."""
    return lambda value, place: None if value is None else kind(value, place)


def list_of(kind, least=0, most=2**63):
    """Lists whose values are of a kind."""
    exactly = f" of {least}" if least == most else f" of at least {least}" if least else ""

    def listed(value, place):
        if not isinstance(value, (list, tuple)) or not least <= len(value) <= most:
            raise Unfit(place, f"a list{exactly}", value)
        for index, one in enumerate(value):
            kind(one, (*place, index))

    return listed


def by_name(kind, key=text):
    """Objects whose names are of the kind `key`, and values of the kind `kind`."""

    def named(value, place):
        anything(value, place)
        for word, one in value.items():
            key(word, (*place, "a name"))
            kind(one, (*place, word))

    return named


def fields(needed, optional=None, *, others=True):
    """Objects with certain names.

    Parameters
    ----------
    needed, optional : dict of str to kind
    others : bool
        Whether further names pass.
    """
    optional = optional or {}

    def complete(value, place):
        anything(value, place)
        for word, kind in needed.items():
            if word not in value:
                raise Unfit((*place, word), "", MISSING)
            kind(value[word], (*place, word))
        for word, kind in optional.items():
            if word in value:
                kind(value[word], (*place, word))
        strange = [] if others else [word for word in value if word not in {**needed, **optional}]
        if strange:
            raise Unfit((*place, strange[0]), "nothing", value[strange[0]])

    return complete


def and_also(kind, fits, expected):
    """Values of a kind for which a condition between their parts holds too."""
    further = _fitting(expected, fits)

    def both(value, place):
        kind(value, place)
        further(value, place)

    return both
