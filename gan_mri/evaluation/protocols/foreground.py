"""The package's own range and mask, over whole volumes."""

import numpy as np

from gan_mri import metrics
from gan_mri.evaluation.measures import DATA_RANGE
from gan_mri.evaluation.protocols.protocol import Measured, Protocol
from gan_mri.evaluation.protocols.structure import SSIM_HOW, STRUCTURE, structure, too_small
from gan_mri.metrics.multiscale import levels_that_fit

#: What a volume is averaged to.
AVERAGE = "mean over the volumes of a subject, then over subjects"
VOLUMES = "over the assembled volume, all slices of a file together (a picture by itself)"


def measure(assembled):
    """MAE, PSNR, SSIM, multi-scale SSIM and structure, in [-1, 1], of the foreground."""
    real, made = (
        np.asarray(one, np.float64) for one in (assembled.real_scaled, assembled.made_scaled)
    )
    mask = assembled.mask if assembled.mask.any() else None
    scaled, levels = {"data_range": DATA_RANGE, "mask": mask}, levels_that_fit(assembled.mask.shape)
    return {
        "mae": metrics.mae(real, made, mask=mask),
        "psnr": metrics.psnr(real, made, **scaled),
        "ssim": metrics.ssim(real, made, **scaled),
        "ms_ssim": metrics.ms_ssim(real, made, levels=levels, **scaled),
        **structure(Measured(real, made, mask)),
    }


FOREGROUND = Protocol(
    name="foreground",
    title="Foreground, over whole volumes",
    source="gan_mri: what an evaluation without a protocol measures of single images, here of the "
    "volumes that they are parts of. Of a model of volumes MAE, PSNR and SSIM are the same.",
    unit=VOLUMES,
    range=f"[-1, 1] as the model sees it, data range {DATA_RANGE:g}",
    mask="foreground of any real image, source or truth: above low + 0.05 (high - low), with low "
    "and high the 0.5th and 99.9th percentile of its file",
    window="that of the real image's file, by the scaling of the run; what lies beyond is clipped",
    metrics={
        "mae": "mean absolute error",
        "psnr": "peak signal-to-noise ratio",
        "ssim": SSIM_HOW,
        "ms_ssim": "multi-scale structural similarity (Wang et al. 2003), window as SSIM, of as "
        "many of its five levels as the smallest side has room for (five from 176 voxels), their "
        "weights divided by their sum",
        **STRUCTURE,
    },
    average=AVERAGE,
    measure=measure,
    unfit=too_small,
    needs="images of at least 11 voxels along every axis",
)
