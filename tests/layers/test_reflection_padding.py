import numpy as np
import pytest
import tiny

from gan_mri.layers import ReflectionPadding2D, ReflectionPadding3D


@pytest.mark.parametrize("padding", [0, 3, (1, 2), (4, 0)])
def test_2d_is_numpys_reflect(padding):
    images = tiny.images(2, 6, 5, 3, dtype="float32")
    rows, columns = (padding, padding) if isinstance(padding, int) else padding
    expected = np.pad(images, [(0, 0), (rows, rows), (columns, columns), (0, 0)], mode="reflect")
    np.testing.assert_array_equal(ReflectionPadding2D(padding)(images), expected)


@pytest.mark.parametrize("padding", [2, (1, 2, 3)])
def test_3d_is_numpys_reflect(padding):
    volumes = tiny.images(2, 4, 5, 6, 2, dtype="float32")
    sizes = (padding,) * 3 if isinstance(padding, int) else padding
    expected = np.pad(volumes, [(0, 0), *((size, size) for size in sizes), (0, 0)], mode="reflect")
    np.testing.assert_array_equal(ReflectionPadding3D(padding)(volumes), expected)


@pytest.mark.parametrize("padding", [-1, (1, 2, 3), (1, -1), 1.5, (1.0, 2.0), "12"])
def test_wrong_padding(padding):
    with pytest.raises(ValueError, match="padding"):
        ReflectionPadding2D(padding)
