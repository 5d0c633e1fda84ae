"""Measures that every protocol on assembled volumes adds to its own.

PSNR and SSIM hardly see blur, and see every shift of intensities; Dohmen et al. 2025 ask for
normalized mutual information and a measure of blur beside them. A collapsed model may answer
with a constant, of which nothing can be correlated: it is measured as an image that tells
nothing.
"""

import numpy as np

from gan_mri import metrics
from gan_mri.evaluation.measures import MI_BINS
from gan_mri.metrics.similarity import SSIM_WINDOW

#: Metric to how it is computed.
STRUCTURE = {
    "nmi": "normalized mutual information (Studholme et al. 1999), (H1 + H2) / H12, from 1 to 2; "
    f"joint histogram of {MI_BINS} x {MI_BINS} equal bins from the smallest to the largest value "
    "in the mask",
    "pearson": "Pearson's correlation",
    "blur_ratio": "mean gradient magnitude of the translation over that of the real image",
    "edge_agreement": "Pearson's correlation of the two gradient magnitudes",
    "displacement": "length of the shift between the edges of the two images in voxels, to a "
    "tenth: phase correlation of gradient magnitudes, over all voxels",
}

#: How gan_mri computes the SSIM.
SSIM_HOW = (
    "structural similarity, its map averaged in the mask (scikit-image, Gaussian window of SD 1.5 "
    "and 11 taps, K1 0.01, K2 0.03)"
)
#: Volumes and pictures must have room for its window.
SMALLEST = SSIM_WINDOW


def structure(pair):
    """The measures of `STRUCTURE`.

    Parameters
    ----------
    pair : gan_mri.evaluation.protocols.protocol.Measured

    Returns
    -------
    dict of str to float
    """
    real, made, mask = pair
    return {
        "nmi": _or(1.0, made, mask, metrics.normalized_mutual_information, real, bins=MI_BINS),
        "pearson": _or(0.0, made, mask, metrics.pearson, real),
        "blur_ratio": metrics.blur_ratio(real, made, mask=mask),
        "edge_agreement": _edge_agreement(real, made, mask),
        "displacement": float(np.linalg.norm(metrics.displacement(real, made))),
    }


def _or(nothing, made, mask, metric, real, **options):
    """The metric, or what an image that tells nothing has."""
    values = made if mask is None else made[mask]
    if values.min() == values.max():
        return nothing
    return metric(real, made, mask=mask, **options)


def _edge_agreement(real, made, mask):
    if metrics.sharpness(made, mask=mask) == 0:
        return 0.0
    return metrics.edge_agreement(real, made, mask=mask)


def too_small(target):
    """What an image is that has no room for the window; None where it has."""
    if min(target.shape) < SMALLEST:
        size = " x ".join(map(str, target.shape))
        return f"{target.path} with {size} voxels, fewer than the {SMALLEST} of the SSIM's window"
    return None
