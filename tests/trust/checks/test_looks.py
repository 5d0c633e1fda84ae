"""Training files and inputs are looked at in the same way, whatever the view."""

import heads
import nibabel as nib
import numpy as np
import pytest

from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.images.foreground import statistics
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.sampling import Sampling
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.data.images.view import View
from gan_mri.data.stacks import Key, make_stacks
from gan_mri.trust.checks.looks import choose, enlargement, look, looks_of_image, looks_of_stack
from gan_mri.trust.checks.overview import overview
from gan_mri.trust.checks.quantities import measured

VOLUME = IntensityScaling("volume", (0.0, 1.0))
FLAT, SOLID = Geometry((64, 64)), Geometry((56, 56, 56))
CROP = Geometry((64, 64), "crop")

VIEWS = {
    "axial": (Sampling("axial"), CROP),
    "axial, smaller": (Sampling("axial"), FLAT),
    "coronal": (Sampling("coronal"), CROP),
    "sagittal, 3 mm": (Sampling("sagittal", (3.0, 3.0, 3.0)), CROP),
    "axial, 3 mm": (Sampling("axial", (3.0, 3.0, 0.0)), CROP),
    "all": (Sampling("all"), FLAT),
    "volume": (Sampling("volume"), Geometry((64, 64, 64), "crop")),
    "volume, smaller": (Sampling("volume"), SOLID),
    "volume, 3 mm": (Sampling("volume", (3.0, 3.0, 3.0)), SOLID),
}


def stack_of(image, sampling, slices=None):
    stacks = make_stacks(image, domain="A", key=Key("one"), sampling=sampling, slices=slices)
    return next(one for one in stacks if one.plane in ("axial", "volume") or len(stacks) == 1)


def stored(code):
    """The head in another stored orientation."""
    plain = heads.nifti(heads.head())
    target = nib.orientations.axcodes2ornt(code)
    turned = plain.as_reoriented(
        nib.orientations.ornt_transform(nib.orientations.io_orientation(plain.affine), target)
    )
    return ImageFile("head.nii", np.asarray(turned.dataobj), turned.affine, turned.header)


@pytest.mark.parametrize("code", ["RAS", "PSR"])
@pytest.mark.parametrize("name", VIEWS)
def test_a_training_file_as_an_input_gives_the_same(name, code):
    sampling, geometry = VIEWS[name]
    image = stored(code)
    trained = looks_of_stack(stack_of(image, sampling), VOLUME, geometry)
    seen = looks_of_image(image, overview(image), VOLUME, View(sampling, geometry))
    assert len(trained) == len(seen) == 5
    for one, other in zip(trained, seen):
        assert one.image.shape == other.image.shape and one.plane == other.plane
        np.testing.assert_allclose(one.pixel, other.pixel)
    values = measured(seen)
    for quantity, value in measured(trained).items():
        assert values[quantity] == pytest.approx(value, rel=0.07, abs=0.03)
    for one, other in zip(trained, seen) if sampling.spacing is None else ():
        # Where it is resampled, the top may be taken for one slice higher or lower.
        # Percentiles of some voxels are not quite those of all.
        np.testing.assert_allclose(one.image, other.image, atol=0.02)
        assert (one.mask != other.mask).mean() < 0.01


def test_axial_slices_are_chosen_from_the_top():
    chosen = choose(np.arange(5, 60), 2.5, "axial")
    np.testing.assert_array_equal(chosen, 59 - np.array([32, 28, 24, 20, 16]))
    # A longer neck changes nothing; in a thin slab, and of a stated range, it is the middle.
    assert choose(np.arange(60), 2.5, "axial") == chosen
    assert choose(np.arange(50, 60), 2.5, "axial") == [53, 54, 55, 56]
    assert choose(np.arange(0, 41), 2.5, "axial", limited=True) == [12, 16, 20, 24, 28]
    assert choose(np.array([], int), 1.0, "axial") == []


def test_a_range_of_training_is_looked_at_in_inputs_too():
    image, sampling = heads.image(heads.head()), Sampling("axial")
    trained = looks_of_stack(stack_of(image, sampling, (24, 40)), VOLUME, CROP, limited=True)
    view = View(sampling, CROP)
    seen = looks_of_image(image, overview(image), VOLUME, view, slices=(24, 40))
    for one, other in zip(trained, seen, strict=True):
        np.testing.assert_allclose(one.image, other.image, atol=0.02)
    # In a volume that has no such slices, those there are.
    beyond = looks_of_image(image, overview(image), VOLUME, view, slices=(400, 440))
    assert len(beyond) == 5


def test_a_picture():
    array = (200 * np.random.default_rng(0).random((70, 90))).astype(np.uint8)
    image, scaling = ImageFile("a.png", array), IntensityScaling("uint8", (0.0, 255.0))
    (seen,) = looks_of_image(image, statistics(array), scaling, View(None, CROP))
    np.testing.assert_allclose(seen.image, array / 255, atol=1e-6)
    assert seen.pixel is None and seen.plane is None
    (small,) = looks_of_image(image, statistics(array), scaling, View(None, Geometry((35, 45))))
    assert small.image.shape == (35, 45)


def test_colors_are_seen_as_their_mean():
    array = np.random.default_rng(0).integers(0, 255, (60, 60, 3)).astype(np.uint8)
    shown = look(array, lambda part: part / 127.5 - 1, 10, 1.0, channels=3)
    np.testing.assert_allclose(shown.image, array.mean(axis=-1) / 255, atol=1e-6)


def test_how_much_smaller_an_image_becomes():
    assert enlargement(Geometry((64, 32)), (128, 128)) == 0.25
    assert enlargement(Geometry((64, 32), "crop"), (128, 128)) == 1
    half = look(np.ones((100, 80)), lambda part: part, 0.5, 0.5, pixel=(1.0, 2.0))
    assert half.image.shape == (50, 40) and half.pixel == (2.0, 4.0)


def test_slices_under_48_pixels_are_not_measured():
    shown = look(np.ones((47, 90)), lambda part: part, 0.5, 1.0)
    assert measured([shown]) == {}
