import types

import numpy as np
import pytest

from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.sampling import Sampling
from gan_mri.data.images.view import View
from gan_mri.errors import GanMriError
from gan_mri.inference.variations import (
    Variation,
    Varied,
    check_alike,
    mean_and_deviation,
    variations_of,
)

RNG = np.random.default_rng(0)
SLICES = RNG.uniform(-1, 1, (2, 20, 18, 1)).astype("float32")
VOLUME = RNG.uniform(-1, 1, (1, 17, 18, 19, 1)).astype("float32")


def view(plane, size=(20, 18)):
    return View(Sampling(plane) if plane else None, Geometry(size))


@pytest.mark.parametrize(
    ("plane", "batch", "mirrored"),
    [("axial", SLICES, 1), ("coronal", SLICES, 1), ("volume", VOLUME, 0), (None, SLICES, 1)],
)
def test_left_and_right_change_sides_where_they_are(plane, batch, mirrored):
    found = variations_of(view(plane, batch.shape[1:-1]))
    assert found[0] == Variation() and len(set(found)) == len(found) == 6
    assert {one.mirror_axis for one in found} == {None, mirrored}
    for one in found:
        seen = one.there(batch)
        np.testing.assert_array_equal(one.back(seen), batch)
        assert (seen == batch).all() == (one == Variation())


@pytest.mark.parametrize("plane", ["sagittal", "all"])
def test_nothing_is_mirrored_where_they_are_not(plane):
    found = variations_of(view(plane))
    assert {one.mirror_axis for one in found} == {None} and len(set(found)) == 5


def test_a_mirrored_slice_is_mirrored_along_its_columns():
    seen = Variation(mirror_axis=1).there(SLICES)
    np.testing.assert_array_equal(seen, SLICES[:, :, ::-1])
    seen = Variation(shift=(1, 2)).there(SLICES)
    np.testing.assert_array_equal(seen[:, 1:, 2:], SLICES[:, :-1, :-2])


def test_mean_and_deviation_are_numpys():
    draws = RNG.normal(3, 2, (7, 2, 5, 5, 1)).astype("float32")
    mean, deviation = mean_and_deviation(iter(draws))
    np.testing.assert_allclose(mean, draws.mean(0, dtype="float64"), rtol=1e-6)
    np.testing.assert_allclose(deviation, draws.std(0, dtype="float64"), rtol=1e-5)


def test_what_moves_with_the_image_is_certain():
    """Inverting and blurring by neighbours commute with mirror and shift."""

    def blur(batches):
        image = batches["image"]
        return -(np.roll(image, 1, 2) + np.roll(image, -1, 2)) / 2, None

    mean, deviation = Varied([blur], variations_of(view("axial")))({"image": SLICES})
    np.testing.assert_allclose(mean, blur({"image": SLICES})[0], atol=1e-6)
    np.testing.assert_allclose(deviation, 0, atol=1e-6)


def test_what_depends_on_the_place_is_not():
    """A ramp along the columns, which mirror and shifts move under the image."""
    ramp = np.arange(18.0)[None, None, :, None]
    expected = []
    for one in (variations := variations_of(view("axial"))):
        column = np.arange(18.0)
        if one.shift[1]:
            column = np.roll(column, -one.shift[1])
        expected.append(column if one.mirror_axis is None else column[::-1])
    varied = Varied([lambda batches: (batches["image"] + ramp, None)], variations)
    mean, deviation = varied({"image": SLICES})
    np.testing.assert_allclose(mean, SLICES + np.mean(expected, 0)[None, None, :, None], atol=1e-5)
    np.testing.assert_allclose(deviation[0, 0, :, 0], np.std(expected, 0), rtol=1e-5)
    assert varied.draws == 6


def test_several_models_are_one_with_a_deviation():
    passes = [lambda batches, k=k: (batches["image"] + k, None) for k in (0, 1, 5)]
    mean, deviation = Varied(passes)({"image": SLICES})
    np.testing.assert_allclose(mean, SLICES + 2, atol=1e-6)
    np.testing.assert_allclose(deviation, np.std([0, 1, 5]), rtol=1e-6)


def model(path, **change):
    content = {
        "direction": "A2B",
        "inputs": {"image": {"contrast": "T1w", "scaling": {"high": 1.0}, "trained_on": {}}},
        "target": "T2w",
        "target_scaling": {"high": 2.0},
        "view": {"plane": "axial"},
        "align": "no",
    }
    card = types.SimpleNamespace(content=content | change)
    return types.SimpleNamespace(path=path, card=card)


def test_models_of_other_scaling_are_not_averaged():
    one = model("a")
    inputs = {"image": one.card.content["inputs"]["image"] | {"trained_on": {"blur": [0, 1]}}}
    check_alike([one, model("b", inputs=inputs)])
    with pytest.raises(GanMriError, match="a and b: .*another target_scaling"):
        check_alike([one, model("b", target_scaling={"high": 3.0})])
