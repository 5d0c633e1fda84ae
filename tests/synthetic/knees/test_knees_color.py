import numpy as np
import pytest
from skimage.color import lab2rgb, xyz2rgb

from gan_mri.synthetic.knees.color import LUMINANCE, black_body, develop, from_lab

TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)  # IEC 61966-2-1


def linear(encoded):
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("lab", [(50, 0, 0), (70, 9, 19), (36, 8, 11), (5, 1, -2), (60, 30, -20)])
def test_lab_is_that_of_scikit_image(lab):
    np.testing.assert_allclose(from_lab(lab), linear(lab2rgb(np.array(lab, float))), atol=5e-4)


@pytest.mark.parametrize(
    # 2856 K is illuminant A (CIE 15); the others are points of the Planckian locus to four digits.
    ("kelvin", "x", "y"),
    [
        (2856, 0.4476, 0.4074),
        (3000, 0.4369, 0.4041),
        (5000, 0.3451, 0.3516),
        (10000, 0.2807, 0.2884),
    ],
)
def test_black_bodies(kelvin, x, y):
    rgb = black_body(kelvin)
    xyz = TO_XYZ @ rgb
    np.testing.assert_allclose(xyz[:2] / xyz.sum(), (x, y), atol=1e-3)
    assert rgb @ LUMINANCE == pytest.approx(1, abs=1e-3)
    assert rgb.min() > 0.05 and (rgb[0] > rgb[2]) == (kelvin < 6000)


def test_developing_is_srgb_below_the_shoulder():
    light = np.linspace(0, 0.69, 40).astype(np.float32)
    # Grey of luminance Y has XYZ = Y * white.
    expected = xyz2rgb(light[:, None, None] * np.array([0.95047, 1.0, 1.08883]))[:, 0, 1]
    np.testing.assert_allclose(develop(light), expected, atol=1e-3)


def test_developing_never_ends_in_pure_white_and_keeps_the_order():
    values = develop(np.linspace(-1, 3, 400).astype(np.float32))
    assert values[0] == 0 and values[-1] <= 1 and values.dtype == np.float32
    assert (np.diff(values) >= 0).all() and (np.diff(values[150:300]) > 0).all()
