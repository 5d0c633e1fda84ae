import numpy as np
import pytest
from scipy.ndimage import binary_dilation, gaussian_filter

from gan_mri.trust.lesions.invented import (
    SURROUNDINGS,
    _largest_nearby,
    invented,
    local_contrast,
    total_ml,
    typical_difference,
)

SHAPE, SIZES, AFFINE = (40, 40, 40), (2.0, 2.0, 2.0), np.diag([2.0, 2, 2, 1])


def ball(center, radius):
    return sum((g - c) ** 2 for g, c in zip(np.indices(SHAPE), center)) <= radius**2


HEAD, LESION = ball((20, 20, 20), 18), ball((12, 20, 20), 2)
NOTHING = np.zeros(SHAPE, bool)


def find(synthetic, real, lesions=NOTHING, *, typical=0.6, **options):
    return invented(synthetic, real, lesions, HEAD, AFFINE, SIZES, typical=typical, **options)


def test_a_ball_that_is_in_the_translation_alone_is_found_with_its_volume():
    real = np.where(HEAD, 0.0, -1.0)
    spot = ball((27, 22, 18), 2)
    ((one, difference),) = find(real + 0.6 * spot, real)
    assert one.voxels == spot.sum() == 33 and one.volume == pytest.approx(33 * 8 / 1000)
    assert one.center == pytest.approx((54, 44, 36))
    # Closed form: its step, less its share of the Gaussian mean around each voxel (all head).
    share = gaussian_filter(spot.astype(float), SURROUNDINGS / 2, mode="constant")
    assert difference == pytest.approx(0.6 * (1 - share[spot].mean()), abs=0.01)
    assert total_ml([(one, difference)]) == one.volume


@pytest.mark.parametrize("step, count", [(0.6, 1), (0.25, 0), (-0.6, 0)])
def test_it_must_stand_out_as_lesions_do(step, count):
    real = np.where(HEAD, 0.0, -1.0)
    assert len(find(real + step * ball((27, 22, 18), 2), real)) == count
    # Lesions that are dark (T1w): the other way round.
    assert len(find(real - step * ball((27, 22, 18), 2), real, typical=-0.6)) == count


def test_what_the_real_image_shows_too_is_not_invented():
    real = np.where(HEAD, 0.0, -1.0) + 0.6 * ball((27, 22, 18), 3)
    assert find(real, real) == []
    assert find(0.5 * real, real) == []  # fainter


def test_blur_and_small_shifts_invent_nothing():
    sheet = np.zeros(SHAPE, bool)
    sheet[:, 20:22, :] = True  # a sulcus, 4 mm wide
    real = np.where(HEAD, 0.0, -1.0) + 0.8 * (sheet & HEAD)
    assert find(np.roll(real, 1, axis=1), real) == []
    assert find(gaussian_filter(real, 0.7), real) == []
    # 6 mm beside it there is a second one.
    assert len(find(np.roll(real, 3, axis=1), real)) > 0


def test_nearby_is_in_millimetres_along_every_axis():
    real, sizes = np.zeros((9, 9, 9)), (1.0, 2.0, 4.0)
    real[4, 4, 4] = 5.0
    found = _largest_nearby(real, sizes) == 5
    distances = np.sqrt(sum(((g - 4) * s) ** 2 for g, s in zip(np.indices((9, 9, 9)), sizes)))
    np.testing.assert_array_equal(found, distances <= 3)


def test_lesions_the_rim_of_the_head_and_specks_do_not_count():
    real = np.where(HEAD, 0.0, -1.0)
    # Up to 2 mm beyond the mask.
    assert find(real + 0.6 * binary_dilation(LESION), real, LESION) == []
    assert len(find(real + 0.6 * ball((12, 20, 20), 3), real)) == 1
    rim = HEAD & ~ball((20, 20, 20), 17)
    assert find(real + 0.6 * rim, real) == []
    speck = real.copy()
    speck[27, 22, 18] = 0.6  # 8 mm3
    assert find(speck, real) == [] and len(find(speck, real, least_volume=8)) == 1


def test_local_contrast_leaves_air_out():
    image = np.where(HEAD, 0.3, -1.0)
    np.testing.assert_allclose(local_contrast(image, HEAD, SIZES), 0, atol=1e-5)


def test_what_lesions_stand_out_by_is_a_median():
    assert typical_difference([0.2, 0.9, 0.3]) == 0.3 and typical_difference([]) is None
