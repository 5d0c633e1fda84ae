import io

import numpy as np
from PIL import Image

from gan_mri.trust.perceptual.pictures import to_png


def test_grey_goes_from_black_at_minus_one_to_white_at_one():
    image = np.array([[-1.0, 0.0], [1.0, 7.0]])[..., None]
    picture = Image.open(io.BytesIO(to_png(image)))
    levels = np.asarray(picture)
    assert picture.mode == "L" and levels.shape == (384, 384)
    np.testing.assert_array_equal(levels[::192, ::192], [[0, 128], [255, 255]])
    assert not picture.info  # nothing about its origin


def test_colours_and_large_images_stay():
    image = np.zeros((500, 400, 3))
    image[..., 0] = 1
    levels = np.asarray(Image.open(io.BytesIO(to_png(image))))
    assert levels.shape == (500, 400, 3)
    np.testing.assert_array_equal(levels[0, 0], [255, 128, 128])
