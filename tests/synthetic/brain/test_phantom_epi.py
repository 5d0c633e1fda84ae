"""Echo-planar images: the signal moves as the field says, and none of it is lost."""

import numpy as np
import pytest
from scipy.ndimage import binary_erosion, gaussian_filter1d

from gan_mri.synthetic.brain import CONTRASTS, epi, phantom, tissues
from gan_mri.synthetic.brain.anatomy import Anatomy
from gan_mri.synthetic.brain.epi import epi_displacement, phase_encoding_axis, push
from gan_mri.synthetic.brain.grid import grid
from gan_mri.synthetic.brain.susceptibility import HeadField

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("size", [0.3, 5.0])
def test_signal_is_conserved_along_every_line(axis, size):
    image = RNG.uniform(0, 1, (5, 12, 9))
    displacement = RNG.normal(0, size, image.shape)  # folds over, and leaves at both ends
    pushed = push(image, displacement, axis)
    np.testing.assert_allclose(pushed.sum(axis), image.sum(axis), rtol=1e-12)
    assert pushed.shape == image.shape and pushed.min() >= 0


def test_no_displacement_and_whole_voxels():
    image = RNG.uniform(0, 1, (7, 10))
    np.testing.assert_allclose(push(image, np.zeros_like(image), 0), image, rtol=1e-12)
    for voxels in (3, -2, 11):
        moved = push(image, np.full_like(image, voxels), 1)
        np.testing.assert_allclose(moved, np.roll(image, voxels, axis=1), rtol=1e-12)
    half = push(image, np.full_like(image, 0.25), 1)
    np.testing.assert_allclose(half, 0.75 * image + 0.25 * np.roll(image, 1, axis=1), rtol=1e-12)


def test_boxes_are_shared_out_exactly():
    """Against a numerical integral: every box cut into 20,000 grains."""
    signal, shift = RNG.uniform(0, 1, 11), RNG.normal(0, 1.3, 11)
    faces = np.arange(12) + np.interp(np.arange(12) - 0.5, np.arange(11), shift)
    expected, grains = np.zeros(11), (np.arange(20000) + 0.5) / 20000
    for i in range(11):
        where = faces[i] + grains * (faces[i + 1] - faces[i])
        np.add.at(expected, np.floor(where).astype(int) % 11, signal[i] / 20000)
    np.testing.assert_allclose(push(signal, shift, 0), expected, atol=2e-3)


def test_density_follows_the_jacobian():
    """A smooth map x + u: what is measured at x + u(x) is the signal over 1 + u'(x)."""
    x = np.arange(400.0)
    u = 12 * np.sin(2 * np.pi * x / 400)
    signal = gaussian_filter1d(RNG.uniform(0, 1, 400), 6, mode="wrap")
    expected = signal / (1 + 12 * 2 * np.pi / 400 * np.cos(2 * np.pi * x / 400))
    pushed = push(signal, u, 0)
    np.testing.assert_allclose(np.interp(x + u, x, pushed)[20:-20], expected[20:-20], rtol=0.01)


def test_displacement_is_field_times_time_of_the_lines():
    anatomy, cells = Anatomy(0, 0), grid((32, 28))
    moved = epi_displacement(anatomy, cells)
    ppm = HeadField(anatomy).at(cells.points(slice(0, 32), (1, 1, 1))).reshape(cells.shape)
    # 42.577 MHz/T * 3 T * 0.75 ms * 32 lines; rows run to the back, as the lines of AP do.
    np.testing.assert_allclose(moved, 42.577 * 3 * 0.75e-3 * 32 * ppm, rtol=1e-5, atol=1e-6)
    doubled = epi_displacement(anatomy, cells, field_strength=6.0, echo_spacing=0.75e-3)
    np.testing.assert_allclose(doubled, 2 * moved, rtol=1e-6)
    # In mm it does not depend on the voxels.
    finer = epi_displacement(anatomy, grid((64, 56))).reshape(32, 2, 28, 2).mean(axis=(1, 3))
    assert np.corrcoef(finer.ravel(), moved.ravel())[0, 1] > 0.999
    assert np.abs(finer / 2 - moved[..., 0]).mean() < 0.01 * np.abs(moved).max()


def test_a_volume_is_moved_as_its_slice():
    options = {"contrasts": ("b0_AP",), "noise": 0, "bias_field": 0}
    (volume,), (image,) = (phantom([2], shape=s, **options) for s in [(40, 40, 34), (40, 40)])
    assert phase_encoding_axis(grid((40, 40, 34))) == 1
    assert phase_encoding_axis(grid((40, 40))) == 0
    index = int(round((image.affine[2, 3] - volume.affine[2, 3]) / volume.affine[2, 2]))
    # As displayed. Volumes are stored from back to front, so their indices fall along AP.
    plane = -volume.displacement[:, ::-1, index].T
    brain = image.labels >= tissues.CSF
    np.testing.assert_allclose(plane[brain], image.displacement[brain], atol=0.5)
    shown = volume.images["b0_AP"][:, ::-1, index].T
    assert np.corrcoef(shown.ravel(), image.images["b0_AP"].ravel())[0, 1] > 0.85


def test_blips_are_distorted_to_either_side():
    (made,) = phantom(1, contrasts=epi.EPI, shape=(88, 72), noise=0, bias_field=0)
    true, moved = made.images["b0"], made.displacement
    assert moved.shape == (88, 72) and moved.dtype == np.float32
    brain = made.labels >= tissues.CSF
    assert 0.5 < np.sqrt(np.mean(moved[brain] ** 2)) < 2 and np.abs(moved[brain]).max() > 2
    for name in epi.BLIPS:
        np.testing.assert_allclose(made.images[name].sum(), true.sum(), rtol=1e-3)
        assert np.abs(made.images[name] - true)[brain].mean() > 30
    # Looked up where the displacement says, and thinned as much, they are the true image again.
    rows, inside = np.arange(88.0), binary_erosion(brain, iterations=2)
    for name, sign in (("b0_AP", 1), ("b0_PA", -1)):
        errors = {}
        for way in (sign, -sign):
            undone = [
                np.interp(rows + u, rows, line) * (1 + np.gradient(u))
                for line, u in zip(made.images[name].T, way * moved.T)
            ]
            errors[way] = np.abs(np.transpose(undone) - true)[inside].mean()
        untouched = np.abs(made.images[name] - true)[inside].mean()
        assert errors[sign] < 0.4 * untouched < untouched < errors[-sign]


def test_the_true_image_has_the_contrast_of_t2_and_no_fat():
    (made,) = phantom(1, contrasts=("b0", "T2w"), shape=(96, 80), noise=0, bias_field=0)
    assert made.displacement is None
    image, labels = made.images["b0"], made.labels
    medians = [np.median(image[labels == c]) for c in (tissues.CSF, tissues.GRAY, tissues.WHITE)]
    assert medians == sorted(medians, reverse=True)
    fat = labels == tissues.FAT
    assert np.median(image[fat]) < 0.6 * np.median(made.images["T2w"][fat])
    # Blurred to 2.5 mm.
    assert (
        np.abs(np.diff(image, axis=0)).mean() < np.abs(np.diff(made.images["T2w"], axis=0)).mean()
    )


def test_other_contrasts_need_no_field():
    (made,) = phantom(1)
    assert made.displacement is None and set(epi.EPI) <= set(CONTRASTS)
