import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

from gan_mri.errors import GanMriError
from gan_mri.seeds import generator, integer

# Among them all that NumPy's own list of numbers confuses.
STREAMS = [
    (0,),
    (0, 0),
    (0, 0, 0),
    (0, 0, 0, 0, 0),
    (3,),
    (3, 0),
    (2**32,),
    (0, 1),
    (1, 0),
    (10,),
    (-1,),
    (0, "0"),
    (0, ""),
    (0, "", ""),
    (0, "a", "b"),
    (0, "ab"),
    (0, "a", "", "b"),
    (0, 'a", "b'),
    (0, "a,b"),
    (0, "ä"),
    (0, "\\u00e4"),
    (0, "order", 12, 3),
    (0, "order", 1, 23),
]


def test_numpy_confuses_some_of_them():
    """Why this module is there."""
    for first, second in [((3,), (3, 0)), ((2**32,), (0, 1))]:
        one, two = (np.random.default_rng(list(words)).integers(2**60) for words in (first, second))
        assert one == two


@pytest.mark.parametrize("draw", [integer, lambda *words: generator(*words).integers(2**60)])
def test_no_two_streams_are_the_same(draw):
    drawn = [int(draw(*words)) for words in STREAMS]
    for (words, one), (others, two) in itertools.combinations(zip(STREAMS, drawn), 2):
        assert one != two, (words, others)
    assert drawn == [int(draw(*words)) for words in STREAMS]


def test_streams_are_independent():
    n = 20_000
    drawn = [generator(0, "step", step).standard_normal(n) for step in range(6)]
    correlations = np.corrcoef(drawn)[np.triu_indices(6, k=1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(n)


def test_numbers_of_numpy_are_numbers():
    words = (np.int64(4), "epoch", np.uint8(7))
    assert integer(*words) == integer(4, "epoch", 7)


def test_integers_suit_tensorflow():
    drawn = [integer(0, k) for k in range(1000)]
    assert min(drawn) >= 0 and max(drawn) < 2**63
    # Bits are fair: 63 of 1000 draws each, six standard errors.
    ones = np.array([[n >> bit & 1 for bit in range(63)] for n in drawn]).mean(0)
    assert np.abs(ones - 0.5).max() < 6 * 0.5 / np.sqrt(1000)


def test_the_same_in_another_process():
    """Nothing of a hash that changes from process to process."""
    script = (
        "import json\n"
        "from gan_mri.seeds import generator, integer\n"
        "print(json.dumps([int(generator(5, 'a', 1).integers(2**60)), integer(5, 'a', 1)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60
    )
    expected = [int(generator(5, "a", 1).integers(2**60)), integer(5, "a", 1)]
    assert json.loads(done.stdout) == expected


def test_numbers_that_runs_depend_on():
    """Runs are repeated by their seed: these never change."""
    assert generator(7, "order", 3).permutation(5).tolist() == [4, 1, 2, 3, 0]
    assert integer(7, "pool", "A") == 6652460209560471601


@pytest.mark.parametrize("word", [1.5, None, True, (1, 2), b"a"])
def test_other_words(word):
    with pytest.raises(GanMriError, match="word: expected a whole number or text"):
        generator(0, word)
    with pytest.raises(GanMriError, match="seed: expected a whole number"):
        integer(word)
