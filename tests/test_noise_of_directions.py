"""Directions that start from random numbers."""

import json

import numpy as np
import pytest

from gan_mri.tasks import Direction, Task

MASK = Direction("mask", (), "mask", 40)
IMAGE = Direction("image", ("mask",), "image")
TASK = Task(("mask", "image"), (IMAGE, MASK), ("mask", "image"))


def test_the_numbers_of_an_image_depend_on_its_number_and_the_seed_alone():
    drawn = MASK.draw_noise(range(300))
    assert drawn.shape == (300, 40) and drawn.dtype == np.float32
    np.testing.assert_array_equal(MASK.draw_noise([7, 250]), drawn[[7, 250]])
    assert len(np.unique(drawn)) > 11_000
    assert (MASK.draw_noise([7], seed=1) != drawn[7]).all()
    # Uniform in [-1, 1]: mean 0, variance 1/3.
    assert -1 <= drawn.min() < -0.999 and 0.999 < drawn.max() <= 1
    assert drawn.mean() == pytest.approx(0, abs=0.02)
    assert drawn.var() == pytest.approx(1 / 3, abs=0.01)
    assert MASK.draw_noise([]).shape == (0, 40)


def test_inputs():
    images = {"mask": np.zeros((3, 4, 5, 1)), "image": np.ones((3, 4, 5, 1))}
    (name,) = MASK.inputs(images)
    np.testing.assert_array_equal(MASK.inputs(images)[name], MASK.draw_noise(range(3)))
    assert name == "noise"
    assert MASK.inputs({"noise": "given"}) == {"noise": "given"}
    assert MASK.inputs({"noise": "given"}, reference=9) == {"noise": "given", "reference": 9}
    assert set(IMAGE.inputs(images | {"noise": 0})) == {"image"}


def test_a_record_keeps_how_many():
    written = json.loads(json.dumps(TASK.to_config()))
    assert Task.from_config(written) == TASK
    # As every record was before there was noise.
    assert "noise" not in written["directions"][0]
