"""`plane="all"`: slices of the three planes in one data set."""

import numpy as np
import pytest
from data_samples import LAS, head, stack_of, write_bids

from gan_mri.data import SampleKey, load
from gan_mri.data.images.planes import axes_of, to_stack
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.samples import Samples
from gan_mri.errors import GanMriError
from gan_mri.prepare import prepare

PLANES = ("sagittal", "coronal", "axial")
WINDOW = IntensityScaling.from_text("window:0:1000")
OPTIONS = {"contrasts": ("T1w", "T2w"), "plane": "all", "split": (1, 0, 0)}


@pytest.fixture
def data(tmp_path):
    return load(write_bids(tmp_path / "bids"), **OPTIONS)


def test_every_slice_of_every_plane(data):
    samples, volume = data.train.A, head(seed=0)
    assert (data.plane, data.rank) == ("all", 2)
    for plane in PLANES:
        indices = [
            i for i, key in enumerate(samples.keys) if (key.subject, key.plane) == ("sub-01", plane)
        ]
        numbers = [samples.keys[i].number for i in indices]
        whole = to_stack(volume, LAS, plane)
        assert numbers == [k for k in range(len(whole)) if (whole[k] > 0).mean() >= 0.01]
        for i, number in zip(indices, numbers):
            assert samples.plane(i) == plane and samples.shape(i) == whole[number].shape
            np.testing.assert_array_equal(samples.mask(i), whole[number] > 0)
            assert samples.label(i) == f"sub-01 {plane} slice {number}"


def test_keys_do_not_collide(data):
    keys = data.train.A.keys
    assert len(set(keys)) == len(keys)
    assert len({(key.subject, key.number) for key in keys}) < len(keys)
    assert SampleKey("sub-01", "", 4, "coronal") in keys


def test_pairs_are_within_a_plane(data):
    pairs, (a, b) = data.train.pairs, (data.train.A, data.train.B)
    assert len(pairs) == len(a) == len(b)
    for i, j in pairs:
        assert a.keys[i] == b.keys[j] and a.plane(i) == b.plane(j) and a.shape(i) == b.shape(j)


def test_a_prepared_file_has_them_too(data, tmp_path):
    stored = load(prepare(tmp_path / "bids", tmp_path / "all.h5", **OPTIONS))
    assert stored.plane == "all" and stored.train.A.keys == data.train.A.keys
    for i in range(len(data.train.B)):
        np.testing.assert_array_equal(stored.train.B[i], data.train.B[i])
        assert stored.train.B.label(i) == data.train.B.label(i)
        assert stored.train.B.plane(i) == data.train.B.plane(i)


def test_one_plane_is_named_nowhere(tmp_path):
    samples = load(write_bids(tmp_path), **OPTIONS | {"plane": "coronal"}).train.A
    assert {key.plane for key in samples.keys} == {""}
    assert samples.label(0).startswith("sub-01 slice ")


def test_a_range_holds_in_every_plane(tmp_path):
    folder = write_bids(tmp_path)
    samples = load(folder, **OPTIONS, slices="3:6").train.A
    found = {(key.plane, key.number) for key in samples.keys}
    assert found == {(plane, number) for plane in PLANES for number in (3, 4, 5)}
    with pytest.raises(GanMriError, match="slices 3:9 in the axial plane.*0:8"):
        load(folder, **OPTIONS, slices="3:9")


@pytest.mark.parametrize(
    "plane, spacing", [("axial", (1, 2)), ("coronal", (3, 2)), ("sagittal", (3, 1))]
)
def test_the_spacing_of_a_slice_is_that_of_its_rows_and_columns(plane, spacing):
    """LAS has voxels of 2 x 1 x 3 mm along R, A and S."""
    samples = Samples([stack_of(head(), plane=plane)], WINDOW)
    np.testing.assert_allclose(samples.spacing(0), spacing)
    assert samples.shape(0) == tuple((12, 10, 8)[axis] for axis in axes_of(plane))


def test_a_picture_has_no_spacing():
    samples = Samples([stack_of(head()[..., 4], affine=None)], WINDOW)
    assert samples.spacing(0) is None and samples.plane(0) is None
