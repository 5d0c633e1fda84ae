import numpy as np
import pytest

from gan_mri.reporting.planes import as_picture, beside


def test_a_slice_is_a_picture_already():
    image = np.zeros((5, 6, 3), np.float32)
    assert as_picture(image, 2) is image


@pytest.mark.parametrize("channels", [1, 3])
def test_three_planes_through_the_middle_upright(channels):
    """What lies up, to the front and to the right in space is up, up and right in the picture."""
    volume = np.zeros((5, 7, 3, channels), np.float32)
    volume[4, 3, 1] = 0.25  # right
    volume[2, 6, 1] = 0.5  # front
    volume[2, 3, 2] = 0.75  # up
    picture = as_picture(volume, 3)
    assert picture.shape == (7, 5 + 2 + 5 + 2 + 7, channels)
    axial, coronal, sagittal = picture[:, :5], picture[2:5, 7:12], picture[2:5, 14:]
    places = {name: np.argwhere(picture[..., 0] == value).tolist() for name, value in (
        ("right", 0.25), ("front", 0.5), ("up", 0.75)
    )}  # fmt: skip
    assert places == {
        "right": [[3, 4], [3, 11]],
        "front": [[0, 2], [3, 20]],
        "up": [[2, 9], [2, 17]],
    }
    assert (axial[3, 4] == 0.25).all() and (coronal[0, 2] == 0.75).all()
    assert (sagittal[1, 6] == 0.5).all()


def test_what_is_between_and_around_is_air():
    picture = beside([np.ones((4, 2, 1)), np.ones((1, 3, 1)), np.ones((2, 1, 1))], gap=1)
    expected = -np.ones((4, 8))
    expected[:, :2] = 1
    expected[1, 3:6] = 1
    expected[1:3, 7] = 1
    np.testing.assert_array_equal(picture[..., 0], expected)


def test_without_a_gap():
    assert beside([np.ones((2, 2, 1)), np.zeros((2, 2, 1))], gap=0).shape == (2, 4, 1)


def test_thick_slices_are_drawn_as_thick_as_they_are():
    volume = np.random.default_rng(0).uniform(-1, 1, (8, 6, 3, 1))
    picture = as_picture(volume, 3, spacing=(0.7, 0.7, 2.8))
    axial, coronal, sagittal = picture[:, :8], picture[:, 10:18], picture[:, 20:]
    assert picture.shape == (12, 8 + 2 + 8 + 2 + 6, 1)  # 3 slices of 4 pixels each
    np.testing.assert_array_equal(axial[3:9, :, 0], volume[:, ::-1, 1, 0].T)
    np.testing.assert_array_equal(coronal[::4, :, 0], volume[:, 3, ::-1, 0].T)
    np.testing.assert_array_equal(sagittal[3::4, :, 0], volume[4, :, ::-1, 0].T)
    same = as_picture(volume, 3, spacing=(1.0, 1.0, 1.2))
    np.testing.assert_array_equal(same, as_picture(volume, 3))
