"""What the arguments of the commands must be: one table and one check, before any work."""

import os
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_mri.errors import GanMriError

#: The largest seed: NumPy's and TensorFlow's generators mix 32 bits.
LARGEST_SEED = 2**32 - 1


class _Kind(NamedTuple):
    """What an argument must be: its name for people, and a function that takes it or raises."""

    expected: str
    take: object


def _path(value):
    text = os.fspath(value)
    if not isinstance(text, str) or "\0" in text:
        raise TypeError
    return value


def _of(*kinds):
    def take(value):
        if not isinstance(value, kinds):
            raise TypeError
        return value

    return take


def _whole(lowest, highest=None):
    def take(value):
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise TypeError
        if value < lowest or (highest is not None and value > highest):
            raise ValueError
        return int(value)

    upward = "" if highest is None else f" to {highest}"
    return _Kind(f"a whole number from {lowest}{upward}", take)


def _above_zero(value):
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError
    if not 0 < value < float("inf"):
        raise ValueError
    return float(value)


def _words(value):
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, Sequence) or not all(isinstance(word, str) for word in words):
        raise TypeError
    return list(words)


def _places(value):
    """Absolute paths: a run that is resumed may be so from another folder."""
    paths = [value] if isinstance(value, (str, os.PathLike)) else value
    if not isinstance(paths, Sequence) or not paths:
        raise TypeError
    return [os.path.abspath(_path(path)) for path in paths]


def _models(value):
    paths = [value] if isinstance(value, (str, os.PathLike)) else value
    if not isinstance(paths, Sequence):
        raise TypeError
    return [Path(_path(path)) for path in paths]


def _files(value):
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise TypeError
    return {name: Path(_path(path)) for name, path in value.items()}


_PATH = _Kind("a path, one text", _path)
_WORD = _Kind("a word", _of(str))
_FLAG = _Kind("True or False", _of(bool, np.bool_))

_KINDS = {
    **dict.fromkeys(
        ("source", "output", "out", "model", "run", "reference", "study", "picture"), _PATH
    ),
    **dict.fromkeys(("bids_dir", "output_dir"), _PATH),
    **dict.fromkeys(("recipe", "paper", "direction", "target", "checkpoint"), _WORD),
    **dict.fromkeys(("precision", "strategy"), _WORD),
    **dict.fromkeys(("resume", "resume_or_start", "plan", "progress"), _FLAG),
    **dict.fromkeys(("trust", "check", "vary"), _FLAG),
    **dict.fromkeys(("samples", "neighbours"), _whole(0)),
    **dict.fromkeys(("number", "batch_size", "steps_per_epoch", "evaluate_every"), _whole(1)),
    "seed": _whole(0, LARGEST_SEED),
    **dict.fromkeys(("subjects", "keep_checkpoints", "real", "synthetic"), _whole(1)),
    "checkpoint_every": _Kind("a number of minutes above 0", _above_zero),
    "data": _Kind("a path or a word", _path),
    "init": _Kind("a path, or several", _places),
    "also": _Kind("a path, or several", _models),
    "freeze": _Kind("names of networks, such as ('D_*', 'G_*:encoder')", _words),
    "memory": _Kind("a number of GiB above 0", _above_zero),
    **dict.fromkeys(
        ("participant_label", "session_label"),
        _Kind("labels, such as ('07', '26')", _words),
    ),
    "methods": _Kind("names of methods, such as ('cyclegan', 'unit')", _words),
    "inputs": _Kind("paths by contrast, such as {'T1w': 'a.nii.gz', 'T2w': 'b.nii.gz'}", _files),
}


def checked(**arguments):
    """Arguments of a command, of the kinds that their names ask for.

    Whatever has no entry here is checked where it is known what it means: options of the data in
    `gan_mri.data.options.DataOptions`, settings of a recipe in the recipe.

    Parameters
    ----------
    **arguments
        By name. None is what nobody has said, and passes.

    Returns
    -------
    dict
        The same, numbers of NumPy as Python's.

    Raises
    ------
    GanMriError
        Naming the argument, what it must be and what was received.

    Examples
    --------
    >>> checked(seed=3, out=None)
    {'seed': 3, 'out': None}
    """
    return {name: _checked(name, value) for name, value in arguments.items()}


def required(**arguments):
    """As `checked`, of arguments that somebody has to say: None is refused too."""
    return {name: _checked(name, value, needed=True) for name, value in arguments.items()}


def _checked(name, value, needed=False):
    kind = _KINDS.get(name)
    if kind is None or (value is None and not needed):
        return value
    try:
        return kind.take(value)
    except (TypeError, ValueError) as error:
        raise GanMriError(f"{name} must be {kind.expected}. Received: {value!r}.") from error


def check_keras():
    """Refuse another backend of Keras than TensorFlow, before anything imports Keras.

    Raises
    ------
    GanMriError
        Naming the environment variable.
    """
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise GanMriError(
            "KERAS_BACKEND: expected tensorflow, which gan_mri needs. Received the environment "
            f"variable as {backend!r}. Take it away, or set it to tensorflow."
        )
