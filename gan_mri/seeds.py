"""Random numbers by name: streams of one seed that cannot be the same."""

import hashlib
import json
import operator

import numpy as np

from gan_mri.errors import GanMriError


def generator(seed, *words):
    """A random generator that depends on the seed and the words, and on nothing else.

    Whatever differs in one word, in the order of the words or in their number
    is another stream. `np.random.default_rng([seed, *words])` does not promise
    that: NumPy fills short lists with zeros and splits large numbers, so that
    [3] and [3, 0], or [2**32] and [0, 1], are one stream.

    Parameters
    ----------
    seed : int or str
        Of the run, say.
    *words : str or int
        What the numbers are for: "order", the epoch, the step. Number and text
        differ: 1 is another word than "1".

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    GanMriError
        For anything else than integers and text.

    Examples
    --------
    >>> generator(7, "order", 3).permutation(5)
    array([4, 1, 2, 3, 0])
    """
    return np.random.default_rng(_hash(seed, words))


def integer(seed, *words):
    """As `generator`, one number from 0 to below 2**63: a seed for TensorFlow.

    The stateless random numbers of TensorFlow take a pair of such numbers:
    `(integer(seed, "pool", "A"), count)`.

    Parameters
    ----------
    seed, *words
        See `generator`.

    Returns
    -------
    int
    """
    return _hash(seed, words) % 2**63


def _hash(seed, words):
    """256 bits of what tells the streams apart."""
    for name, word in (("seed", seed), *(("word", word) for word in words)):
        if isinstance(word, bool) or not (hasattr(word, "__index__") or isinstance(word, str)):
            raise GanMriError(f"{name}: expected a whole number or text. Received: {word!r}.")
    # JSON keeps number and text, and the borders between words, apart.
    plain = [word if isinstance(word, str) else operator.index(word) for word in (seed, *words)]
    return int.from_bytes(hashlib.sha256(json.dumps(plain).encode("ascii")).digest(), "little")
