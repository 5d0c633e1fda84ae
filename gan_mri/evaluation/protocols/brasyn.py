"""The measures of the Brain MR Image Synthesis challenge (BraSyn)."""

import numpy as np

from gan_mri import metrics
from gan_mri.errors import GanMriError
from gan_mri.evaluation.protocols.foreground import AVERAGE, VOLUMES
from gan_mri.evaluation.protocols.protocol import Measured, Protocol
from gan_mri.evaluation.protocols.structure import SSIM_HOW, STRUCTURE, structure, too_small

#: Percentiles of the whole real volume that become 0 and 1.
PERCENTILES = (0.5, 99.5)


def measure(assembled):
    """PSNR, SSIM and structure after both images were brought to [0, 1] by the real one.

    Raises
    ------
    GanMriError
        If the two percentiles of the real image are equal.
    """
    real = np.asarray(assembled.real, np.float64)
    low, high = np.percentile(real, PERCENTILES)
    if not low < high:
        raise GanMriError(
            f"protocol brasyn: expected a real image of {assembled.label} whose 0.5th and 99.5th "
            f"percentile differ. Received: {low:g} and {high:g}."
        )
    made = np.asarray(assembled.made, np.float64)
    real, made = (np.clip((one - low) / (high - low), 0.0, 1.0) for one in (real, made))
    mask = assembled.mask if assembled.mask.any() else None
    return {
        "psnr": metrics.psnr(real, made, data_range=1.0, mask=mask),
        "ssim": metrics.ssim(real, made, data_range=1.0, mask=mask),
        **structure(Measured(real, made, mask)),
    }


def unfit(target):
    """Colors, and images that are too small."""
    if target.channels > 1:
        return f"{target.path} with {target.channels} channels, a color picture"
    return too_small(target)


BRASYN = Protocol(
    name="brasyn",
    title="BraSyn",
    source="Brain MR Image Synthesis challenge (BraSyn, Li et al. 2023, arXiv:2305.09011); its "
    "Dice of a tumor segmenter is left out",
    unit=VOLUMES,
    range="[0, 1], data range 1: 0 and 1 are the 0.5th and 99.5th percentile of the whole real "
    "volume, for both images; what lies beyond is clipped",
    mask="foreground of any real image, source or truth: above low + 0.05 (high - low), with low "
    "and high the 0.5th and 99.9th percentile of its file; in skull-stripped images the brain",
    window="a translation's [-1, 1] is the window of the real image's file, by the scaling of the "
    "run",
    metrics={"psnr": "peak signal-to-noise ratio in the mask", "ssim": SSIM_HOW, **STRUCTURE},
    average=AVERAGE,
    measure=measure,
    unfit=unfit,
    needs="gray images of at least 11 voxels along every axis",
)
