import nibabel as nib
import numpy as np
import pytest
from cards import card
from PIL import Image

from gan_mri.errors import GanMriError
from gan_mri.inference.card import Card
from gan_mri.inference.reference import read_reference

UINT8 = {"method": "uint8", "typical": [0, 255]}
VOLUME = {"method": "volume", "typical": [0, 1]}


class Translator:
    """As much of a translator as reading a reference asks for."""

    path = "export/A2B"

    def __init__(self, channels=3, scaling=UINT8, plane=None, geometry=None):
        content = card(
            channels=channels,
            # Of the source nothing may be used.
            source_scaling={"method": "window", "typical": [-1e6, 1e6]},
            target_scaling=scaling,
            plane=plane,
            geometry=geometry,
        )
        self.card = Card(content, self.path)


def colors(path, shape=(31, 17, 3), seed=0):
    array = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    Image.fromarray(array).save(path)
    return array


def volume(path, array, affine=np.eye(4)):
    nib.save(nib.Nifti1Image(array, affine), path)
    return array


def windowed(array, low, high):
    return np.clip((array.astype(float) - low) / (high - low) * 2 - 1, -1, 1)


def own_window(array):
    """The window of `volume`, by the definition in `gan_mri.data.images.scaling`."""
    low, top = np.percentile(array, (0.5, 99.9))
    return low, np.percentile(array[array > low + 0.05 * (top - low)], 99.5)


def test_a_picture_of_any_size_in_the_scaling_of_the_target(tmp_path):
    array = colors(tmp_path / "r.png")
    found = read_reference(tmp_path / "r.png", Translator())
    assert found.shape == (31, 17, 3) and found.dtype == np.float32
    np.testing.assert_allclose(found, array / 127.5 - 1, atol=1e-6)


def test_a_gray_picture_in_its_own_window(tmp_path):
    array = colors(tmp_path / "r.png", (31, 17))
    array[:9] = 0
    Image.fromarray(array).save(tmp_path / "r.png")
    found = read_reference(tmp_path / "r.png", Translator(1, VOLUME))
    assert found.shape == (31, 17, 1)
    np.testing.assert_allclose(found[..., 0], windowed(array, *own_window(array)), atol=1e-5)


@pytest.mark.parametrize("plane, axis", [("axial", 2), ("sagittal", 0), (None, 2)])
def test_the_middle_slice_of_a_volume_that_is_not_empty(tmp_path, plane, axis):
    array = np.random.default_rng(0).uniform(100, 900, (12, 12, 12)).astype(np.float32)
    # Of the slices 0..11 the first three are empty: of 3..11 the middle is 7.
    array[(slice(None),) * axis + (slice(0, 3),)] = 0
    volume(tmp_path / "r.nii", array)
    found = read_reference(tmp_path / "r.nii", Translator(1, VOLUME, plane))
    shown = np.take(array, 7, axis).T[::-1]  # RAS: columns to the right, the first row up
    np.testing.assert_allclose(found[..., 0], windowed(shown, *own_window(array)), atol=1e-5)


def test_it_is_resized_as_training_images_are(tmp_path):
    ramp = np.broadcast_to(np.linspace(0, 255, 60)[:, None, None], (60, 30, 3)).astype(np.uint8)
    Image.fromarray(ramp).save(tmp_path / "r.png")
    resized = Translator(geometry={"size": [20, 18], "fit": "resize"})
    found = read_reference(tmp_path / "r.png", resized)
    assert found.shape == (20, 18, 3)
    # 60 x 30 becomes 20 x 10, and its sides are repeated to 18 columns.
    np.testing.assert_allclose(found[1:-1, 9, 0], np.linspace(-1, 1, 60)[4:-4:3], atol=0.03)


def test_one_color_is_a_reference_where_the_window_is_known(tmp_path):
    flat = np.full((20, 20, 3), (200, 100, 0), np.uint8)
    Image.fromarray(flat).save(tmp_path / "r.png")
    found = read_reference(tmp_path / "r.png", Translator())
    np.testing.assert_allclose(found[3, 4], np.array([200, 100, 0]) / 127.5 - 1, atol=1e-6)
    with pytest.raises(GanMriError, match="r.png: expected a reference image with a foreground"):
        read_reference(tmp_path / "r.png", Translator(scaling=VOLUME))


def specks(path):
    """A bright voxel in every slice: a foreground, but no slice that is not empty."""
    array = np.zeros((15, 15, 4), np.float32)
    array[7, 7] = 1
    volume(path / "specks.nii", array)
    return path / "specks.nii"


def half_cut(path):
    colors(path / "cut.png")
    (path / "cut.png").write_bytes((path / "cut.png").read_bytes()[:200])
    return path / "cut.png"


def gray(path, dtype=np.uint8):
    Image.fromarray(np.arange(400, dtype=dtype).reshape(20, 20)).save(path / "grey.png")
    return path / "grey.png"


def two_values(path):
    """All that rises above the background is of one value: no width for z-scores."""
    array = np.zeros((20, 20), np.uint8)
    array[5:15] = 200
    Image.fromarray(array).save(path / "two.png")
    return path / "two.png"


GRAY = Translator(1)
BAD = {
    "missing": (lambda path: path / "none.png", GRAY, "none.png.*no such file"),
    "truncated": (half_cut, Translator(), "cut.png"),
    "grey for colour": (
        gray,
        Translator(),
        r"grey.png: expected .* 3 channel\(s\), as export/A2B .*Received: 1",
    ),
    "16 bits": (
        lambda path: gray(path, np.uint16),
        GRAY,
        "grey.png: expected uint8 pixels .*received uint16",
    ),
    "empty slices": (
        specks,
        Translator(1, VOLUME),
        "specks.nii: expected a reference image with a foreground",
    ),
    "no width": (
        two_values,
        Translator(1, {"method": "zscore", "typical": [0, 1], "deviations": 3.0}),
        "two.png: scaling zscore: expected a foreground that varies",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_reference_is_named(tmp_path, case):
    make, translator, message = BAD[case]
    with pytest.raises(GanMriError, match=message) as caught:
        read_reference(make(tmp_path), translator)
    assert "\n" not in str(caught.value)
