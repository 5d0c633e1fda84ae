import json

import numpy as np
import pytest
from data_samples import LAS, head, write_bids, write_pictures

from gan_mri.data import load
from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.planes import to_stack
from gan_mri.data.images.sampling import Sampling
from gan_mri.data.images.view import View

VOLUME = ImageFile("v.nii", head(dtype=np.float32), LAS)
PICTURE = ImageFile("p.png", np.random.default_rng(0).integers(0, 255, (9, 7, 3), np.uint8))


@pytest.mark.parametrize("plane", ["axial", "sagittal", "volume"])
def test_there_and_back(plane):
    view = View(Sampling(plane), Geometry((20, 20, 20) if plane == "volume" else (20, 20)))
    stacks, grid = view.stacks(VOLUME)
    assert list(stacks) == [plane] and grid.shape == (12, 10, 8)
    np.testing.assert_array_equal(stacks[plane], to_stack(VOLUME.array, LAS, plane))
    np.testing.assert_array_equal(view.restore(VOLUME, stacks), VOLUME.array)


def test_the_voxel_size_is_part_of_it():
    view = View(Sampling("all", (4.0, 2.0, 6.0)), Geometry((20, 20)))
    stacks, grid = view.stacks(VOLUME)
    assert grid.shape == (6, 5, 4) and {plane: s.shape for plane, s in stacks.items()} == {
        "axial": (4, 5, 6),
        "coronal": (5, 4, 6),
        "sagittal": (6, 4, 5),
    }
    assert view.restore(VOLUME, stacks).shape == VOLUME.array.shape


@pytest.mark.parametrize("sampling", [None, Sampling("volume", (2.0, 2.0, 2.0))])
def test_a_picture_is_its_only_slice(sampling):
    view = View(sampling, Geometry((20, 20)))
    stacks, grid = view.stacks(PICTURE)
    assert grid is None and list(stacks) == [None]
    np.testing.assert_array_equal(stacks[None], PICTURE.array[np.newaxis])
    np.testing.assert_array_equal(view.restore(PICTURE, stacks), PICTURE.array)


def test_a_model_of_pictures_shows_a_volume_in_axial_slices():
    stacks, _ = View(None, Geometry((20, 20))).stacks(VOLUME)
    assert list(stacks) == ["axial"]
    np.testing.assert_array_equal(stacks["axial"], to_stack(VOLUME.array, LAS, "axial"))


def test_it_sees_what_training_saw(tmp_path):
    folder = write_bids(tmp_path / "bids", subjects=["sub-01"])
    data = load(folder, contrasts=("T1w", "T2w"), plane="all", spacing=2)
    view = View.of(data, Geometry((20, 20)))
    stacks, _ = view.stacks(ImageFile("a.nii", head(seed=0), LAS))
    for sample, key in zip(data.train.A, data.train.A.keys):
        low, high = data.train.A.window(0)
        expected = np.clip(2 * (stacks[key.plane][key.number] - low) / (high - low) - 1, -1, 1)
        np.testing.assert_allclose(sample[..., 0], expected, atol=1e-5)
    for name in ("trainA", "trainB"):
        write_pictures(tmp_path / "pictures" / name, "ab")
    assert View.of(load(tmp_path / "pictures"), Geometry((20, 20))).sampling is None


@pytest.mark.parametrize(
    "sampling", [None, Sampling("coronal"), Sampling("volume", (2.0, 0.0, 1.0))]
)
def test_config_comes_back(sampling):
    geometry = Geometry((20, 24, 20) if sampling and sampling.rank == 3 else (20, 24), "crop")
    view = View(sampling, geometry)
    assert View.from_config(json.loads(json.dumps(view.to_config()))) == view
    assert view.rank == geometry.rank
