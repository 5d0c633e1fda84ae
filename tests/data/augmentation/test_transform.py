import dataclasses

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage
from skimage.transform import rotate

from gan_mri.data import phantom
from gan_mri.data.augmentation import Augmentation, Transform

SHAPES = {2: (40, 30, 1), 3: (20, 24, 16, 2)}


def transform(rank, **values):
    """One that changes nothing but `values`."""
    nothing = Transform(
        mirror_axis=None,
        angles=(0.0,) * (1 if rank == 2 else 3),
        factor=1.0,
        spacing=(1.0,) * rank,
        amplitude=0.0,
        bias=np.zeros((3,) * rank),
        exponent=1.0,
        deviation=0.0,
    )
    return dataclasses.replace(nothing, **values)


def blob(shape, place, width=2.0):
    """A Gaussian at `place` (from the center, in voxels) on air, with a channel axis."""
    distance = [
        (np.arange(length) - (length - 1) / 2 - shift).reshape(
            [-1 if k == axis else 1 for k in range(len(shape))]
        )
        for axis, (length, shift) in enumerate(zip(shape, place))
    ]
    image = 2 * np.exp(-sum(d**2 for d in distance) / (2 * width**2)) - 1
    return image[..., np.newaxis].astype(np.float32)


def center_of_mass(image):
    """From the center of the image, in voxels."""
    return ndimage.center_of_mass(image[..., 0] + 1) - (np.array(image.shape[:-1]) - 1) / 2


@pytest.mark.parametrize("rank, axis", [(2, 1), (2, 0), (3, 0)])
def test_mirror_is_an_exact_flip(rank, axis):
    image = np.random.default_rng(0).uniform(-1, 1, SHAPES[rank]).astype(np.float32)
    flipped = transform(rank, mirror_axis=axis)(image, None)
    backwards = [slice(None)] * image.ndim
    backwards[axis] = slice(None, None, -1)
    np.testing.assert_array_equal(flipped, image[tuple(backwards)])
    restored = transform(rank, mirror_axis=axis)(flipped, None)
    np.testing.assert_array_equal(restored, image)


@pytest.mark.parametrize("degrees", [90, -90, 180])
def test_a_quarter_turn_is_numpys(degrees):
    """Positive turns the first axis towards the second, which is `np.rot90`'s direction."""
    image = np.random.default_rng(1).uniform(-1, 1, (21, 21, 3)).astype(np.float32)
    turned = transform(2, angles=(np.deg2rad(degrees),))(image, None)
    np.testing.assert_allclose(turned, np.rot90(image, degrees // 90), atol=1e-5)


def test_a_slice_turns_as_in_scikit_image():
    image = blob((41, 31), (8, -5)) * 0.5
    turned = transform(2, angles=(np.deg2rad(25),))(image, None)
    expected = rotate(image[..., 0].astype(np.float64), 25, order=1, cval=-1)
    np.testing.assert_allclose(turned[2:-2, 2:-2, 0], expected[2:-2, 2:-2], atol=1e-4)


@pytest.mark.parametrize("spacing", [(1, 1), (0.7, 1.4)])
def test_a_point_of_a_slice_goes_where_the_rotation_says(spacing):
    angle, factor, spacing = 0.4, 1.1, np.array(spacing, float)
    place = np.array([9.0, 4.0])  # in voxels
    image = blob((61, 51), place)
    moved = transform(2, angles=(angle,), factor=factor, spacing=tuple(spacing))(image, None)
    x, y = place * spacing
    turned = np.array(
        [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)]
    )
    np.testing.assert_allclose(center_of_mass(moved), factor * turned / spacing, atol=0.05)


@pytest.mark.parametrize("spacing", [(1, 1, 1), (1, 0.8, 2)])
def test_a_point_of_a_volume_goes_where_the_rotations_say(spacing):
    angles, factor, spacing = (0.3, -0.5, 0.4), 0.9, np.array(spacing, float)
    place = np.array([7.0, 5.0, 4.0])
    image = blob((45, 47, 41), place)
    moved = transform(3, angles=angles, factor=factor, spacing=tuple(spacing))(image, None)
    # nibabel turns about the fixed axes in the order of its name: z last.
    rotation = nib.eulerangles.euler2mat(z=angles[2]) @ nib.eulerangles.euler2mat(y=angles[1])
    rotation = rotation @ nib.eulerangles.euler2mat(x=angles[0])
    expected = factor * rotation @ (place * spacing) / spacing
    np.testing.assert_allclose(center_of_mass(moved), expected, atol=0.06)


def test_a_sphere_stays_a_sphere_where_voxels_are_no_cubes():
    """A ball of 10 mm in voxels of 1 x 1 x 2 mm, turned about the first axis."""
    place = np.indices((32, 32, 16)).T - [15.5, 15.5, 7.5]
    ball = np.linalg.norm(place * [1, 1, 2], axis=-1).T[..., np.newaxis]
    ball = np.clip(10 - ball, -1, 1)
    spaced, cubes = (
        transform(3, angles=(0.7, 0.0, 0.0), spacing=spacing)(ball, None)
        for spacing in ((1.0, 1.0, 2.0), (1.0, 1.0, 1.0))
    )
    assert np.abs(spaced - ball).mean() < 0.02 < np.abs(cubes - ball).mean()


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_scaling_enlarges_about_the_center(factor):
    image = blob((61, 61), (6, -8), width=3.0)
    scaled = transform(2, factor=factor)(image, None)
    np.testing.assert_allclose(center_of_mass(scaled), factor * np.array([6, -8]), atol=0.05)
    assert (scaled + 1).sum() == pytest.approx(factor**2 * (image + 1).sum(), rel=0.01)


def test_mirror_rotation_and_scaling_together_are_one_interpolation():
    """Against scipy's spline of first order at the places of the formula, in float64."""
    image = np.random.default_rng(2).uniform(-1, 1, (30, 24, 2))
    angle, factor, spacing = 0.3, 1.1, np.array([1.0, 1.5])
    moved = transform(2, mirror_axis=1, angles=(angle,), factor=factor, spacing=tuple(spacing))(
        image, None, background=0.25
    )
    places = (np.moveaxis(np.indices((30, 24)), 0, -1) - [14.5, 11.5]) * spacing
    backwards = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    places = places @ backwards.T / factor / spacing + [14.5, 11.5]
    padded = np.pad(image[:, ::-1], ((20, 20), (20, 20), (0, 0)), constant_values=0.25)
    for channel in range(2):
        expected = ndimage.map_coordinates(
            padded[..., channel], np.moveaxis(places, -1, 0) + 20, order=1
        )
        np.testing.assert_allclose(moved[..., channel], expected, atol=2e-6)


@pytest.mark.parametrize("rank", [2, 3])
def test_what_comes_in_from_outside_is_background(rank):
    image = np.ones(SHAPES[rank], np.float32)
    small = transform(rank, factor=0.5)(image, None)
    assert (small[0] == -1).all() and small[tuple(n // 2 for n in image.shape[:-1])].min() == 1
    small = transform(rank, factor=0.5)(image, None, background=-0.5)
    assert (small[0] == -0.5).all()


@pytest.mark.parametrize("rank", [2, 3])
def test_images_of_a_pair_move_as_one(rank):
    """Two images of one anatomy, related voxel by voxel, stay so."""
    (subject,) = phantom(1, shape=(64, 64) if rank == 2 else (24, 28, 24), noise=0, bias_field=0)
    first = np.clip(subject.images["T1w"][..., np.newaxis] / 500 - 1, -1, 1).astype(np.float32)
    words, rng = Augmentation.parse("mirror:1 rotate:30 scale:0.2"), np.random.default_rng(0)
    drawn = words.draw(rng, rank, 0)
    moved = drawn(first, rng, background=0)
    assert np.abs(moved - first).mean() > 0.05
    np.testing.assert_allclose(drawn(-0.5 * first, rng, background=0), -0.5 * moved, atol=1e-6)
    # Gamma and bias field are shared too: the same image twice is the same twice.
    drawn = Augmentation.parse("mirror rotate scale bias gamma").draw(rng, rank, 0)
    np.testing.assert_array_equal(drawn(first, rng), drawn(first, rng))


@pytest.mark.parametrize("rank", [2, 3])
def test_intensities_stay_in_range(rank):
    strongest = Augmentation.parse("mirror:1 rotate:180 scale:0.5 bias:0.9 gamma:2 noise:1")
    rng = np.random.default_rng(0)
    image = rng.uniform(-1, 1, SHAPES[rank]).astype(np.float32)
    original = image.copy()
    for _ in range(15):
        changed = strongest.draw(rng, rank, 0)(image, rng)
        assert changed.shape == image.shape and changed.dtype == np.float32
        assert -1 <= changed.min() and changed.max() <= 1
        np.testing.assert_array_equal(image, original)


@pytest.mark.parametrize("rank", [2, 3])
def test_air_stays_air_under_gamma_bias_and_motion(rank):
    words = Augmentation.parse("mirror:1 rotate:40 scale:0.3 bias:0.9 gamma:2")
    air = np.full(SHAPES[rank], -1, np.float32)
    for seed in range(5):
        image = words.draw(np.random.default_rng(seed), rank, 0)(air, None)
        np.testing.assert_array_equal(image, air)


def test_noise_is_of_one_level_and_of_its_own_in_each_image():
    gray = np.zeros((200, 150, 1), np.float32)
    noisy, rng = transform(2, deviation=0.1), np.random.default_rng(5)
    first, second = noisy(gray, rng), noisy(gray, rng)
    for image in (first, second):
        # 30,000 values: standard errors of the mean 0.0006, of the deviation 0.0004.
        assert abs(image.mean()) < 0.0025 and image.std() == pytest.approx(0.1, abs=0.002)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.025
    np.testing.assert_array_equal(noisy(gray, np.random.default_rng(5)), first)
