import json

import numpy as np
import pytest

from gan_mri.data.augmentation import Augmentation
from gan_mri.data.augmentation.options import STRENGTHS
from gan_mri.errors import GanMriError

ALL = Augmentation.parse(list(STRENGTHS))


def record(transform):
    """All that was drawn, comparable."""
    return {name: np.asarray(value).tolist() for name, value in vars(transform).items()}


@pytest.mark.parametrize("words", [None, "", " ", "none", [], ["none"]])
def test_off_by_default(words):
    off = Augmentation.parse(words)
    assert off == Augmentation() and not off and str(off) == "none"
    image, rng = (
        np.linspace(-1, 1, 40).reshape(8, 5, 1).astype(np.float32),
        np.random.default_rng(0),
    )
    np.testing.assert_array_equal(off.draw(rng, 2, 1)(image, rng), image)


@pytest.mark.parametrize(
    "words",
    [
        "mirror rotate:7.5 noise:0.1",
        "noise:0.1,mirror, rotate:7.5",
        ["mirror", "rotate:7.5", "noise:0.1"],
        ["mirror:0.5 rotate:7.5", "noise:.1"],
    ],
)
def test_spellings(words):
    augmentation = Augmentation.parse(words)
    assert augmentation == Augmentation(mirror=0.5, rotate=7.5, noise=0.1) and augmentation
    assert str(augmentation) == "mirror:0.5 rotate:7.5 noise:0.1"
    assert Augmentation.parse(str(augmentation)) == augmentation
    assert Augmentation.parse(augmentation) is augmentation


def test_every_word_has_a_strength_that_does_something():
    for word, (default, largest) in STRENGTHS.items():
        assert 0 < getattr(Augmentation.parse(word), word) == default <= largest
        assert getattr(Augmentation.parse(f"{word}:{largest}"), word) == largest


@pytest.mark.parametrize("words", ["blur", "mirror turn:5", "rotate rotate:3", "none mirror", ":3"])
def test_unknown_and_repeated_words_are_refused_with_a_list(words):
    with pytest.raises(GanMriError, match="augment: expected none, or any of mirror:0.5 .*noise"):
        Augmentation.parse(words)


@pytest.mark.parametrize(
    "words, message",
    [
        ("rotate:", "augment rotate: expected a number after the colon, received 'rotate:'"),
        ("rotate:5:6", "augment rotate: expected a number"),
        ("rotate:181", "augment rotate: expected a strength from 0 to 180, received 181"),
        ("scale:-0.1", "augment scale: expected a strength from 0 to 0.5, received -0.1"),
        ("bias:1", "augment bias: expected a strength from 0 to 0.9"),
        ("noise:nan", "augment noise: expected a strength from 0 to 1, received nan"),
    ],
)
def test_strengths_that_are_refused(words, message):
    with pytest.raises(GanMriError, match=message):
        Augmentation.parse(words)


def test_config_comes_back():
    config = json.loads(json.dumps(ALL.to_config()))
    assert Augmentation.from_config(config) == ALL
    assert Augmentation.from_config({}) == Augmentation()


@pytest.mark.parametrize("rank", [2, 3])
def test_one_state_draws_one_transform(rank):
    image = np.random.default_rng(0).uniform(-1, 1, (9, 8, 7)[:rank] + (2,))
    drawn = []
    for seed in ([5, 1], [5, 1], 6):
        rng = np.random.default_rng(seed)
        transform = ALL.draw(rng, rank, 0)
        drawn.append((record(transform), transform(image, rng)))
    (first, one), (again, same), (other, another) = drawn
    assert first == again and first["angles"] != other["angles"]
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, another)


def test_what_is_drawn_spans_what_was_asked_for():
    """Against the moments of the distributions that the docstring states."""
    rng = np.random.default_rng(3)
    drawn = [ALL.draw(rng, 3, 0) for _ in range(2000)]
    angles = np.rad2deg([transform.angles for transform in drawn])
    even = [(angle, 5) for angle in angles.T]
    factors = [transform.factor / (1 + ALL.jitter) - 1 for transform in drawn]
    even.append((factors, 0.05))
    even.append((np.log([transform.exponent for transform in drawn]), 0.2))
    for values, largest in even:
        assert 0.99 * largest < np.abs(values).max() <= largest
        assert abs(np.mean(values)) < 4 * largest / np.sqrt(3 * 2000)
        assert np.std(values) == pytest.approx(largest / np.sqrt(3), rel=0.05)
    for name, largest in (("amplitude", 0.3), ("deviation", 0.02)):
        values = [getattr(transform, name) for transform in drawn]
        assert 0 <= min(values) and 0.99 * largest < max(values) <= largest
        assert np.mean(values) == pytest.approx(largest / 2, rel=0.05)
    mirrored = np.mean([transform.mirror_axis == 0 for transform in drawn])
    assert mirrored == pytest.approx(0.5, abs=0.05)
    # Angles and the rest are drawn apart from each other.
    everything = np.column_stack([angles, *(values for values, _ in even[3:])])
    assert np.abs(np.corrcoef(everything.T) - np.eye(5)).max() < 0.1


def test_without_an_axis_nothing_is_mirrored():
    rng = np.random.default_rng(0)
    always = Augmentation(mirror=1)
    assert always.draw(rng, 2).mirror_axis is None
    assert always.draw(rng, 2, 1).mirror_axis == 1


def test_one_change_more_leaves_the_others_as_they_were():
    few, more = (
        record(Augmentation.parse(words).draw(np.random.default_rng(1), 2, 1))
        for words in ("rotate gamma", "mirror rotate scale bias gamma")
    )
    for name in ("angles", "exponent"):
        assert few[name] == more[name]
