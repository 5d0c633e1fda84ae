"""Measures of images: how far one is from its reference, how sharp, how diverse, of which colour.

Small pure NumPy functions. Those that compare take the reference first; all
but `diversity` and `cie76` take one image (or slice, or volume) at a time, and
all but `z_score`, `relative_absolute_error`, `displacement`, `mean_lab` and
`cie76` return a Python float. None normalises what it is given: z-scoring is a
function of its own. Accepted shapes:

* (H, W): a grey image;
* (H, W, 1) or (H, W, 3): a grey or colour image, channels last;
* (X, Y, Z): a volume. A last axis of 1 or 3 is always read as channels;
* (X, Y, Z, 1) or (X, Y, Z, 3): a volume with channels.

The values may be in any unit as long as both arrays share it; only colours
(`mean_lab`, `gradient_ssim`) must be RGB in [-1, 1]. Arithmetic is in float64
whatever is passed in. A `mask` is boolean, of the spatial shape (no channel
axis), True where a pixel counts. `data_range` has no default: a PSNR or an
SSIM without its range cannot be reproduced by anybody.

Every function raises `GanMriError` for different or unsupported shapes, for
values that are no real numbers, NaN or infinite (inside the mask or outside
it), for a mask that is not boolean, has another shape or is empty, and for a
`data_range` that is not a positive number.
"""

from gan_mri.metrics.appearance import diversity, sharpness, z_score
from gan_mri.metrics.color import cie76, gradient_ssim, mean_lab
from gan_mri.metrics.edges import blur_ratio, displacement, edge_agreement
from gan_mri.metrics.information import mutual_information, normalized_mutual_information
from gan_mri.metrics.multiscale import ms_ssim, ms_ssim_boxed
from gan_mri.metrics.pixelwise import mae, psnr, relative_absolute_error
from gan_mri.metrics.similarity import pearson, rank_correlation, ssim

__all__ = [
    "blur_ratio",
    "cie76",
    "displacement",
    "diversity",
    "edge_agreement",
    "gradient_ssim",
    "mae",
    "mean_lab",
    "ms_ssim",
    "ms_ssim_boxed",
    "mutual_information",
    "normalized_mutual_information",
    "pearson",
    "psnr",
    "rank_correlation",
    "relative_absolute_error",
    "sharpness",
    "ssim",
    "z_score",
]
