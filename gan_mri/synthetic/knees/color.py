"""The few conversions of colour that painting needs. All light is linear sRGB, D65."""

import numpy as np

#: CIE XYZ to linear sRGB, IEC 61966-2-1.
_TO_RGB = np.array(
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])  # D65, 2 degrees
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


def from_lab(lab):
    """CIE L*a*b* (D65) to linear RGB, not clipped. One colour, three numbers."""
    level, a, b = lab
    middle = (level + 16) / 116
    f = np.array([middle + a / 500, middle, middle - b / 200])
    return _TO_RGB @ (_WHITE * np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)))


def black_body(kelvin):
    """Colour of a black body between 2222 and 25000 K, linear RGB of luminance 1.

    Chromaticity by the cubic approximation of Kim et al. 2002 (US patent 7024034).
    """
    t = 1000 / kelvin
    if kelvin < 4000:
        x = np.polyval([-0.2661239, -0.2343589, 0.8776956, 0.179910], t)
    else:
        x = np.polyval([-3.0258469, 2.1070379, 0.2226347, 0.240390], t)
    if kelvin < 4000:
        y = np.polyval([-0.9549476, -1.37418593, 2.09137015, -0.16748867], x)
    else:
        y = np.polyval([3.0817580, -5.87338670, 3.75112997, -0.37001483], x)
    return _TO_RGB @ [x / y, 1.0, (1 - x - y) / y]


_SHOULDER = 0.7  # where the shoulder of `develop` begins


def develop(light):
    """Linear light to sRGB values in [0, 1]; what is brighter than 0.7 is compressed, as cameras
    do.
    """
    light = np.maximum(light, 0)
    over = np.maximum(light - np.float32(_SHOULDER), 0) / np.float32(1 - _SHOULDER)
    light = np.minimum(light, np.float32(_SHOULDER)) + np.float32(1 - _SHOULDER) * (
        1 - np.exp(-over)
    )
    low = np.float32(12.92) * light
    return np.where(
        light <= 0.0031308,
        low,
        np.float32(1.055) * light ** np.float32(1 / 2.4) - np.float32(0.055),
    )
