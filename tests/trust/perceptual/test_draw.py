from collections import Counter

import numpy as np
import pytest

from gan_mri.errors import GanMriError
from gan_mri.trust.perceptual.draw import Candidate, draw, shuffled_names


def anatomies(count, slices=1):
    places = [(f"sub-{n:03d}", k) for n in range(count) for k in range(slices)]
    return [Candidate(subject, ("real", subject, k), ("made", subject, k)) for subject, k in places]


def counted(shown):
    return Counter((one.contrast, one.method) for one in shown)


def test_as_many_real_as_synthetic_where_nothing_is_said():
    shown = draw({"T1w": anatomies(60)}, ["a", "b"], np.random.default_rng(0))
    assert counted(shown) == {("T1w", "a"): 12, ("T1w", "b"): 12, ("T1w", None): 24}


def test_the_numbers_of_paper_001():
    candidates = {"T1w": anatomies(84), "T2w": anatomies(84)}
    shown = draw(candidates, ["a", "b", "c"], np.random.default_rng(0), real=48, synthetic=12)
    assert sum(one.method is None for one in shown) == 96
    assert sum(one.method is not None for one in shown) == 72
    for contrast in candidates:  # 36 + 48 = 84: no anatomy twice in one contrast
        mine = [one.candidate for one in shown if one.contrast == contrast]
        assert len(set(mine)) == 84


def test_anatomies_are_seen_again_as_seldom_as_can_be_and_never_twice_in_one_role():
    shown = draw({"T1w": anatomies(10)}, ["a", "b"], np.random.default_rng(3), synthetic=8)
    assert counted(shown) == {("T1w", "a"): 8, ("T1w", "b"): 8, ("T1w", None): 10}
    seen = Counter(one.candidate for one in shown)
    assert set(seen.values()) <= {2, 3} and len(seen) == 10
    for method in ("a", "b", None):
        mine = [one.candidate for one in shown if one.method == method]
        assert len(set(mine)) == len(mine)


def test_subjects_take_turns():
    shown = draw({"T1w": anatomies(6, slices=50)}, ["a"], np.random.default_rng(1), synthetic=6)
    for method in ("a", None):
        subjects = Counter(one.candidate.subject for one in shown if one.method == method)
        assert set(subjects.values()) == {1}


def test_without_pairs_real_and_made_ones_are_others():
    real = [one._replace(made=None) for one in anatomies(5)]
    made = [one._replace(real=None, subject=f"x{one.subject}") for one in anatomies(4)]
    shown = draw({"photo": real + made}, ["a"], np.random.default_rng(0))
    assert all((one.candidate.real is None) is (one.method == "a") for one in shown)
    assert counted(shown) == {("photo", "a"): 4, ("photo", None): 4}


@pytest.mark.parametrize("asked", [{"real": 6}, {"synthetic": 6}, {"real": 0}])
def test_more_than_there_is_is_refused(asked):
    (name,) = asked
    with pytest.raises(GanMriError, match=f"--{name}: .* 1 to 5"):
        draw({"T1w": anatomies(5)}, ["a"], np.random.default_rng(0), **asked)


def test_a_seed_repeats_the_draw_and_another_does_not():
    draws = [draw({"T1w": anatomies(60)}, ["a"], np.random.default_rng(seed)) for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]


def test_names_differ_and_are_in_no_order():
    names = shuffled_names(200, np.random.default_rng(0))
    assert len(set(names)) == 200 and names != sorted(names)
    assert all(len(name) == 8 and int(name, 16) >= 0 for name in names)
