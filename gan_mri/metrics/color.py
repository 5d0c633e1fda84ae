"""Of RGB images: their mean colour, how far two colours are apart, the structure that a recolouring
keeps.

Colours are CIE 1976 L*a*b*: values in [-1, 1] are sRGB (IEC 61966-2-1, 0 and 1
after halving and shifting), taken to L*a*b* by scikit-image for the white of
illuminant D65 and the 2 degree standard observer.
"""

import numpy as np
from skimage.color import rgb2lab
from skimage.metrics import structural_similarity

from gan_mri.errors import GanMriError
from gan_mri.metrics.checks import checked, checked_one, masked, real
from gan_mri.metrics.similarity import check_window

#: How far beyond [-1, 1] a value may lie: the rounding of resampled float32 images.
_ROUNDING = 1e-4
#: Less than this many L* per pixel is rounding; one step of 8 bits is 0.3.
_LEAST_GRADIENT = 1e-3


def mean_lab(image, *, mask=None):
    """Mean colour of an RGB image: its pixels in L*a*b*, averaged there.

    "Compare the mean colors in the L*a*b* color space" (Wada and Kobayashi,
    paper 000, section 4.2) leaves open whether pixels are averaged before or
    after the conversion. Here it is after: equal steps in L*a*b* are meant to
    look equal, so a mean there is a mean of what is seen, while sRGB values
    are neither that nor amounts of light. (On ten photographs of skin the two
    mean colours of an image differ by 0.1 to 1.7.)

    Parameters
    ----------
    image : array-like (H, W, 3) or (X, Y, Z, 3)
        sRGB in [-1, 1].
    mask : array-like of bool, spatial shape, optional
        Average over the True pixels only.

    Returns
    -------
    ndarray of float64 (3,)
        L* from 0 to 100, a*, b*.

    Raises
    ------
    GanMriError
        Also if the image has not three channels or leaves [-1, 1].

    Examples
    --------
    >>> abs(mean_lab(np.ones((2, 2, 3))).round(2))
    array([100.,   0.,   0.])
    """
    values, mask = checked_one(image, "image", mask)
    return masked(_lab(values, "image"), mask).reshape(-1, 3).mean(axis=0)


def cie76(first, second):
    """CIE76 colour difference: the Euclidean distance of two colours in L*a*b*.

    Equation 8 of paper 000. About 2.3 can just be seen (Mahy et al. 1994); 5
    is the tolerance for printed solids that the paper quotes from ISO 12647-2.

    Parameters
    ----------
    first, second : array-like (..., 3)
        L*, a*, b*, such as from `mean_lab`; leading axes broadcast.

    Returns
    -------
    float, or ndarray of float64 where there are leading axes

    Raises
    ------
    GanMriError
        If the last axis has not length 3, the shapes do not broadcast, or a
        value is no finite real number.

    Examples
    --------
    >>> cie76([50.0, 3.0, 0.0], [50.0, 0.0, 4.0])
    5.0
    """
    first, second = real(first, "first"), real(second, "second")
    if first.shape[-1:] != (3,) or second.shape[-1:] != (3,) or not _broadcast(first, second):
        raise GanMriError(
            "cie76: expected colours (..., 3) in L*a*b* whose leading axes broadcast. "
            f"Received: shapes {first.shape} and {second.shape}"
        )
    distance = np.linalg.norm(first - second, axis=-1)
    return distance if distance.ndim else float(distance)


def gradient_ssim(source, image, *, mask=None):
    """How much of the source's structure an image keeps: 1 all, near 0 none.

    Structural similarity (window and constants as in `ssim`) of the gradient
    magnitudes of lightness L*, in L* per pixel, averaged with the source's
    magnitudes as weights. Hue and a constant change of lightness cost nothing;
    a weaker or stronger contrast costs a little (0.84 where sRGB values
    are multiplied by 0.6), a blur or a shift much.

    A plain mean would not do: where the source is flat, flat colour matches
    it, and a picture of one colour scored 0.03 to 0.66 on photographs of skin
    and on a shaded shape (with the weights: up to 0.006). Structure counts
    where the source has some; what an image adds elsewhere (a background) is
    not asked.

    The `data_range` of the SSIM, which sets its two small constants, is the
    typical magnitude of the source, `sum(g ** 2) / sum(g)`: its largest one
    would hang on a single pixel, and 100 would hide all soft shading. The two
    arguments are therefore not exchangeable.

    Parameters
    ----------
    source, image : array-like (H, W, 3) or (X, Y, Z, 3), of the same shape
        sRGB in [-1, 1]. Every spatial axis has at least 11 pixels.
    mask : array-like of bool, spatial shape, optional
        Average over the True pixels only; windows near the edge of the mask
        also see pixels outside it. At the border windows see the image
        mirrored.

    Returns
    -------
    float

    Raises
    ------
    GanMriError
        Also if the images have not three channels or leave [-1, 1], are
        smaller than the window, or the source (within the mask) has no
        structure to keep.
    """
    source, image, mask = checked(source, image, mask)
    check_window(source, "gradient_ssim")
    kept, made = _gradient(source, "source"), _gradient(image, "image")
    weights = masked(kept, mask)
    if weights.max() < _LEAST_GRADIENT:
        raise GanMriError(
            "gradient_ssim: expected a 'source' whose lightness varies (within the mask). "
            f"Received: no gradient above {weights.max():.2g} L* per pixel"
        )
    _, similarity = structural_similarity(
        kept,
        made,
        data_range=np.square(weights).sum() / weights.sum(),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    return float(np.average(masked(similarity, mask), weights=weights))


def _gradient(image, name):
    """Gradient magnitude of the lightness of an image with a channel axis."""
    parts = np.gradient(_lab(image, name)[..., 0])
    return np.sqrt(sum(np.square(part) for part in parts))


def _lab(values, name):
    if values.shape[-1] != 3:
        raise GanMriError(
            f"metrics: expected '{name}' in RGB, with a last axis of 3. "
            f"Received: {values.shape[-1]} channel, which has no colour"
        )
    low, high = values.min(), values.max()
    if low < -1 - _ROUNDING or high > 1 + _ROUNDING:
        raise GanMriError(
            f"metrics: expected '{name}' to hold sRGB values in [-1, 1]. "
            f"Received: values from {low:g} to {high:g}"
        )
    return rgb2lab((np.clip(values, -1, 1) + 1) / 2, illuminant="D65", observer="2")


def _broadcast(first, second):
    pairs = zip(reversed(first.shape[:-1]), reversed(second.shape[:-1]))
    return all(a == b or 1 in (a, b) for a, b in pairs)
