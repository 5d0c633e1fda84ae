"""Edges: whether they are as steep as in the reference, where they are, and how far beside."""

from skimage.registration import phase_cross_correlation

from gan_mri.errors import GanMriError
from gan_mri.metrics.appearance import gradient_magnitude, sharpness
from gan_mri.metrics.checks import checked
from gan_mri.metrics.similarity import pearson


def blur_ratio(reference, image, *, mask=None):
    """How steep the edges of an image are, as a share of its reference's.

    The mean gradient magnitude (`sharpness`) of the image over that of the reference. Under 1
    the image is blurred; above 1 it is sharper, or has noise that the reference has not. It
    asks nothing about where the edges lie, see `edge_agreement`.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring. Every spatial axis has at least 2 pixels.
    mask : array-like of bool, spatial shape, optional
        Average over the True pixels only; their neighbours may lie outside.

    Returns
    -------
    float
        From 0.

    Raises
    ------
    GanMriError
        Also if the reference (within the mask) has no gradient at all.

    Examples
    --------
    >>> blur_ratio([[0.0, 2.0, 4.0], [0.0, 2.0, 4.0]], [[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]])
    0.5
    """
    checked(reference, image, mask)
    own = sharpness(reference, mask=mask)
    if own == 0:
        raise GanMriError(
            "blur_ratio: expected 'reference' to vary. Received: an image without any gradient"
        )
    return sharpness(image, mask=mask) / own


def edge_agreement(reference, image, *, mask=None):
    """Whether edges are where those of the reference are, from -1 to 1.

    Pearson's correlation of the two gradient magnitudes: 1 where every edge is in its place and
    all are equally much flatter or steeper, near 0 where edges lie elsewhere. Contrast may be
    inverted, as a magnitude has no sign.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring. Every spatial axis has at least 2 pixels.
    mask : array-like of bool, spatial shape, optional
        Count the True pixels only; their neighbours may lie outside.

    Returns
    -------
    float

    Raises
    ------
    GanMriError
        Also if a gradient magnitude (within the mask) is constant.

    Examples
    --------
    >>> step = [[0.0, 0.0, 1.0, 1.0, 1.0]] * 2
    >>> round(edge_agreement(step, [[5.0, 5.0, 3.0, 3.0, 3.0]] * 2), 6)
    1.0
    """
    magnitudes = [gradient_magnitude(one) for one in checked(reference, image, mask)[:2]]
    return pearson(*magnitudes, mask=mask)


def displacement(reference, image):
    """How far the edges of an image lie beside those of its reference.

    Phase correlation of the gradient magnitudes (Kuglin and Hines 1975, with
    the upsampling of Guizar-Sicairos et al. 2008, as in scikit-image), to a
    tenth of a pixel. Edges are compared because contrasts differ in everything
    else.

    Parameters
    ----------
    reference, image : array-like of the same shape
        See the module's docstring.

    Returns
    -------
    tuple of float
        Pixels along each spatial axis, positive where the image lies further
        along it. All 0 if an image is constant: it has no edges.

    Examples
    --------
    >>> square = np.zeros((32, 32)); square[8:16, 8:16] = 1
    >>> displacement(square, np.roll(square, (2, -3), axis=(0, 1)))
    (2.0, -3.0)
    """
    reference, image, _ = checked(reference, image, None)
    edges = [gradient_magnitude(one).sum(axis=-1) for one in (reference, image)]
    if any(not one.any() for one in edges):
        return (0.0,) * edges[0].ndim
    back, _, _ = phase_cross_correlation(*edges, upsample_factor=10)
    return tuple(0.0 - float(pixels) for pixels in back)
