"""pix2pix's jitter: a random window of an enlarged image."""

import numpy as np
import pytest

from gan_mri.data.augmentation import Augmentation


@pytest.mark.parametrize("rank", [2, 3])
def test_a_ramp_is_a_window_of_the_enlarged_ramp(rank):
    size = (24, 30, 20)[:rank]
    axes = np.meshgrid(*(np.linspace(-0.5, 0.5, n) for n in size), indexing="ij")
    image = sum(axes)[..., np.newaxis] / rank
    transform = Augmentation(jitter=0.25).draw(np.random.default_rng(3), rank)
    moved = transform(image, np.random.default_rng(0))
    for axis, length in enumerate(size):
        # Enlarging by 1.25 makes the ramp that much flatter.
        steps = np.diff(moved, axis=axis)
        np.testing.assert_allclose(steps, 1 / (length - 1) / rank / 1.25, atol=1e-5)
    assert moved.shape == image.shape and np.abs(moved).max() <= 0.5 + 1e-6


def test_windows_lie_anywhere_inside_and_nowhere_else():
    image = np.linspace(-1, 1, 40)[:, np.newaxis, np.newaxis] * np.ones((1, 40, 1))
    starts = []
    for seed in range(60):
        transform = Augmentation(jitter=1.0).draw(np.random.default_rng(seed), 2)
        moved = transform(image, np.random.default_rng(0), background=9.0)
        starts.append(float(moved[0, 0, 0]))
        assert moved.max() <= 1
    # Of an image twice as large, a window of half of it: its first row lies in the first half.
    assert -1.0 <= min(starts) < -0.9 and -0.1 < max(starts) < 0.03


def test_both_images_of_a_pair_move_alike():
    rng = np.random.default_rng(1)
    image = rng.uniform(-1, 1, (16, 18, 1))
    transform = Augmentation.parse("jitter").draw(rng, 2)
    both = [transform(one, rng) for one in (image, -image)]
    np.testing.assert_allclose(both[0], -both[1], atol=1e-6)
