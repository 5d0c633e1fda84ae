"""The bias field: how much brightness changes smoothly over the head."""

import numpy as np

# Share of the window below which a logarithm would say more of noise than of tissue.
_DARKEST = 0.02

# Which of the six terms are linear, and which quadratic.
_LINE, _CURVE = slice(1, 3), slice(3, 6)


def bias(image, mask):
    """The smooth part of the foreground's logarithm, as two standard deviations.

    A bias field multiplies, so it is added to the logarithm; and it is smooth, so that a quadratic
    in rows and columns, fitted by least squares, holds most of it (the model of N3 and N4 with the
    coarsest of their fields). Anatomy has a smooth part of its own, which is much the same in all
    images of one contrast: what counts is how it differs from training images. From side to side
    heads have little; from middle to border more.

    Parameters
    ----------
    image : ndarray (H, W)
        From 0 to 1.
    mask : ndarray of bool (H, W)

    Returns
    -------
    (float, float) or (None, None)
        Of the linear part (from side to side), and of the quadratic one (from middle to border):
        0.1 means that brightness changes by about 10 %. None for under 50 pixels.

    Examples
    --------
    >>> field = np.exp(np.linspace(-0.5, 0.5, 101))[:, np.newaxis] * np.full((101, 40), 0.4)
    >>> line, curve = bias(field, np.ones((101, 40), bool))
    >>> round(line, 3), round(curve, 3)  # a line from -0.5 to 0.5 deviates by 1 / sqrt(12)
    (0.292, 0.0)
    """
    rows, columns = np.nonzero(mask)
    if rows.size < 50:
        return None, None
    y, x = (2 * (axis - axis.mean()) / max(np.ptp(axis), 1) for axis in (rows, columns))
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y])
    logarithm = np.log(np.maximum(image[mask], _DARKEST)).astype(np.float64)
    # By the normal equations: six numbers, of tens of thousands of pixels.
    weights = np.linalg.lstsq(terms @ terms.T, terms @ logarithm, rcond=None)[0]
    return tuple(float((weights[part] @ terms[part]).std()) for part in (_LINE, _CURVE))
