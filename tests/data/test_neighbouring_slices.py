"""Slices that come with their neighbours: from a folder, and from a prepared file."""

import h5py
import numpy as np
import pytest
from data_samples import LAS, head, write_nifti, write_pictures

import gan_mri
from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.planes import to_stack
from gan_mri.data.order import epoch_order
from gan_mri.data.pipeline import batches
from gan_mri.data.stacks import Key
from gan_mri.errors import GanMriError

SUBJECTS = ("sub-01", "sub-02", "sub-03")
OPTIONS = {"scaling": "window:0:2000", "split": (1, 0, 0)}
SHAPE = (20, 18, 9)


def volume(number):
    """A head without a gap at its ends, but with an empty slice in the middle, of other noise."""
    array = head((20, 18, 13), seed=number)[..., 2:-2].copy()
    array[:10, :9, 4] = 0
    array[10:, :, 4] = array[:, 9:, 4] = 0
    array[0, 0, 4] = 7 + number
    return array


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("neighbours") / "bids"
    for number, subject in enumerate(SUBJECTS):
        for place, contrast in enumerate(("T1w", "T2w")):
            path = found / subject / "anat" / f"{subject}_{contrast}.nii.gz"
            write_nifti(path, volume(10 * number + place))
    return found


@pytest.fixture(scope="module", params=["folder", "prepared"])
def source(request, folder):
    if request.param == "folder":
        return folder
    path = folder.parent / "data.h5"
    options = {"contrasts": ("T1w", "T2w"), "split": (1, 0, 0)}
    return gan_mri.prepare(folder, path, neighbours=3, **options)


def opened(source, **options):
    options = {**OPTIONS, **options}
    if source.suffix == ".h5":
        del options["split"]
    else:
        options["contrasts"] = ("T1w", "T2w")
    return load(source, **options)


def expected(array, number, neighbours, plane="axial"):
    """From the padded stack of the whole volume, empty slices among them."""
    stack = to_stack(array, LAS, plane)
    stack = np.pad(stack, [(neighbours, neighbours), (0, 0), (0, 0)], mode="edge")
    window = stack[number : number + 2 * neighbours + 1]
    return np.moveaxis(np.clip(window / 1000.0 - 1, -1, 1), 0, -1)


@pytest.mark.parametrize("neighbours", [1, 2, 3])
def test_neighbours_are_those_of_the_volume(source, neighbours):
    data = opened(source, neighbours={"A": neighbours})
    samples = data.train.A
    kept = [key.number for key in samples.keys if key.subject == "sub-02"]
    assert kept == [0, 1, 2, 3, 5, 6, 7, 8]
    for index, key in enumerate(samples.keys):
        array = volume(10 * SUBJECTS.index(key.subject))
        wanted = expected(array, key.number, neighbours)
        np.testing.assert_allclose(samples[index], wanted, atol=1e-6)
        own = to_stack(array, LAS, "axial")[key.number]
        np.testing.assert_array_equal(samples.mask(index), own > 50)
        assert samples.foreground(index)[9, 10] == (own[9, 10] > 50)


def test_the_other_domain_is_the_slice_alone(source):
    with_them, without = opened(source, neighbours={"A": 2}), opened(source)
    assert with_them.train.B[3].shape == (18, 20, 1)
    for domain in "AB":
        assert with_them.train[domain].keys == without.train[domain].keys
    for index in range(len(without.train.B)):
        np.testing.assert_array_equal(with_them.train.B[index], without.train.B[index])
        middle = with_them.train.A[index][..., 2:3]
        np.testing.assert_array_equal(middle, without.train.A[index])


def test_a_window_of_a_sample_is_cut_out_of_every_slice(source):
    samples = opened(source, neighbours={"A": 1}).train.A
    part = samples.part(4, (3, 5), (6, 7))
    np.testing.assert_array_equal(part, samples[4][3:9, 5:12])


def test_neighbours_beyond_the_range_and_in_other_planes(folder):
    options = {"contrasts": ("T1w", "T2w"), "neighbours": {"B": 2}, **OPTIONS}
    data = load(folder, slices="3:6", **options)
    assert [key.number for key in data.train.B.keys[:2]] == [3, 5]
    np.testing.assert_allclose(data.train.B[0], expected(volume(1), 3, 2), atol=1e-6)
    data = load(folder, plane="all", **options)
    seen = set()
    for index, key in enumerate(data.train.B.keys):
        if key.subject == "sub-01":
            seen.add(key.plane)
            wanted = expected(volume(1), key.number, 2, key.plane)
            np.testing.assert_allclose(data.train.B[index], wanted, atol=1e-6)
    assert seen == {"axial", "coronal", "sagittal"}


@pytest.mark.parametrize("scaling", ["percentile", "volume", "zscore"])
def test_intensities_are_learned_from_the_samples_alone(source, scaling):
    plain = opened(source, scaling=scaling)
    data = opened(source, scaling=scaling, neighbours={"A": 3})
    assert data.scaling == plain.scaling
    np.testing.assert_array_equal(data.train.A[5][..., 3], plain.train.A[5][..., 0])


def test_batches(source):
    data = opened(source, neighbours={"B": 1}, paired=True)
    order = epoch_order(data.train, batch_size=2, paired=("A", "B"), seed=0, epoch=0)[:3]
    geometry = Geometry((17, 17), "crop")
    dataset = batches(data.train, geometry, order, channels=1, seed=0, epoch=0)
    assert dataset.element_spec["A"].shape == (2, 17, 17, 1)
    assert dataset.element_spec["B"].shape == (2, 17, 17, 3)
    for step, batch in enumerate(dataset.as_numpy_iterator()):
        for row in range(2):
            whole = data.train.B[int(order[step, row, 1])]
            found = batch["B"][row]
            # One window for all three slices.
            assert any(
                np.array_equal(found, whole[i : i + 17, j : j + 17])
                for i in range(2)
                for j in range(4)
            )


def test_prepared_files_that_hold_too_few(folder, tmp_path):
    options = {"contrasts": ("T1w", "T2w"), "split": (1, 0, 0)}
    for kept in (0, 1):
        path = gan_mri.prepare(folder, tmp_path / f"{kept}.h5", neighbours=kept, **options)
        with pytest.raises(GanMriError, match=rf"{kept}\.h5: .*2 neighbours .*{kept}\. Prepare"):
            load(path, neighbours={"A": 2})
    assert len(load(path, neighbours={"A": 1}).train.A) == 24
    with h5py.File(path, "r+") as file:
        held = file["stacks/000000"].attrs["held"]
        file["stacks/000000"].attrs["held"] = held + 1
    with pytest.raises(GanMriError, match=r"1\.h5: .*damaged.*lacks neighbours"):
        load(path)


def test_what_neighbours_are_refused_of(folder, tmp_path):
    options = {"contrasts": ("T1w", "T2w"), "neighbours": {"A": 1}}
    with pytest.raises(GanMriError, match="bids: expected neighbours=0, because whole volumes"):
        load(folder, image_size=(20, 20, 20), **options)
    with pytest.raises(GanMriError, match="phantom .*: expected a volume.*Received: a picture"):
        load("phantom", subjects=3, image_size=(20, 20), **options)
    for name in ("trainA", "trainB"):
        write_pictures(tmp_path / "p" / name, "ab")
    with pytest.raises(GanMriError, match=r"a\.png: expected a volume"):
        load(tmp_path / "p", neighbours={"A": 1})
    pictures = gan_mri.prepare(tmp_path / "p", tmp_path / "p.h5")
    with pytest.raises(GanMriError, match=r"p\.h5: expected a volume"):
        load(pictures, neighbours={"A": 1})
    volumes = gan_mri.prepare(folder, tmp_path / "v.h5", plane="volume", contrasts=("T1w", "T2w"))
    with pytest.raises(GanMriError, match=r"v\.h5: expected neighbours=0"):
        load(volumes, neighbours={"A": 1})
    for wrong in ({"C": 1}, {"A": -1}, {"A": 1.5}, 2):
        with pytest.raises(
            GanMriError, match="neighbours: expected whole numbers from 0 by domain"
        ):
            load(folder, contrasts=("T1w", "T2w"), neighbours=wrong)
    with pytest.raises(GanMriError, match="neighbours must be a whole number from 0"):
        gan_mri.prepare(folder, tmp_path / "x.h5", neighbours=-1)


def test_the_number_of_kept_slices_is_what_it_was(folder):
    options = {"contrasts": ("T1w", "T2w"), **OPTIONS}
    plain, data = load(folder, **options), load(folder, neighbours={"A": 2}, **options)
    assert plain.describe()["counts"] == data.describe()["counts"]
    assert plain.record == data.record
    assert plain.train.A.files()[0][0].key == Key("sub-01")
