from types import SimpleNamespace

import numpy as np

from gan_mri.tasks import Direction
from gan_mri.trust.detection.way_back import ThereAndBack, way_back

THERE, BACK = Direction("A2B", ("A",), "B"), Direction("B2A", ("B",), "A")


def run(*directions):
    return SimpleNamespace(task=SimpleNamespace(directions=directions))


def test_the_way_back_starts_where_the_way_ends():
    assert way_back(run(THERE, BACK), THERE) == BACK
    assert way_back(run(THERE, BACK), BACK) == THERE
    other = Direction("C", ("B",), "C")
    assert way_back(run(THERE, other), THERE) is None
    several = Direction("C", ("A", "B"), "C")
    assert way_back(run(several, Direction("A", ("C",), "A")), several) is None


def test_the_second_model_gets_what_the_first_one_made():
    there = lambda batches: (batches["image"] / 2, "unused")  # noqa: E731
    back = lambda batches: (batches["other"] - 1, "unused")  # noqa: E731
    made, deviation = ThereAndBack(there, back, "other")({"image": np.ones((1, 2, 2, 1))})
    np.testing.assert_array_equal(made, np.full((1, 2, 2, 1), -0.5))
    assert deviation is None
