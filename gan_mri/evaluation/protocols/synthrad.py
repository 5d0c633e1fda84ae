"""The measures of the SynthRAD challenges: synthetic CT in Hounsfield units."""

import numpy as np
from scipy import ndimage

from gan_mri import metrics
from gan_mri.evaluation.protocols.foreground import AVERAGE
from gan_mri.evaluation.protocols.protocol import Measured, Protocol
from gan_mri.evaluation.protocols.structure import STRUCTURE, structure

#: Hounsfield units. Air is -1000; the challenge of 2025 has later taken 3071 for the upper end.
LOW, HIGH = -1024.0, 3000.0
#: The largest that the smallest value of a CT may be: its air.
_AIR = -500.0


def measure(assembled):
    """MAE in the mask, PSNR and multi-scale SSIM of clipped images, and structure."""
    mask = outline(assembled.mask)
    real, made = (
        np.where(mask, np.asarray(one, np.float64), LOW) for one in (assembled.real, assembled.made)
    )
    clipped = [np.clip(one, LOW, HIGH) for one in (real, made)]
    raised = [one - LOW for one in clipped]
    return {
        "mae_hu": metrics.mae(real, made, mask=mask),
        "psnr": metrics.psnr(*clipped, data_range=HIGH - LOW, mask=mask),
        "ms_ssim": metrics.ms_ssim_boxed(*raised, data_range=HIGH - LOW, mask=mask),
        **structure(Measured(*clipped, mask)),
    }


def outline(mask):
    """The patient: the largest part of a foreground, with what it encloses.

    Parameters
    ----------
    mask : ndarray of bool (X, Y, Z)

    Returns
    -------
    ndarray of bool (X, Y, Z)
        Everything where the foreground is empty.
    """
    parts, count = ndimage.label(mask)
    if count == 0:
        return np.ones_like(mask)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return ndimage.binary_fill_holes(parts == sizes.argmax())


def unfit(target):
    """Everything that is no CT volume in Hounsfield units, from a model with a common window."""
    if not target.is_volume:
        return f"{target.path}, a picture, whose values are no Hounsfield units"
    if target.channels > 1:
        return f"{target.path} with {target.channels} channels"
    if target.low > _AIR:
        return (
            f"{target.path} with values from {target.low:g} to {target.high:g}, in which nothing "
            f"is as dark as air"
        )
    if target.scaling.per_file:
        return (
            f"the scaling {target.scaling.method} of {target.contrast}, by which every file has a "
            "window of its own, so that translations are in no Hounsfield units (train with "
            "--scaling window:full or another common window for the CT)"
        )
    return None


SYNTHRAD = Protocol(
    name="synthrad",
    title="SynthRAD",
    source="SynthRAD2023 and SynthRAD2025 challenges (Thummerer et al., Medical Physics 50, 2023, "
    "4664-4674), https://github.com/SynthRAD2025/evaluation",
    unit="over the assembled volume, all slices of a file together",
    range=f"Hounsfield units; outside the mask {LOW:g}; PSNR and MS-SSIM clipped to "
    f"[{LOW:g}, {HIGH:g}], data range {HIGH - LOW:g}",
    mask="outline of the patient: the largest part of the foreground of any real image (source or "
    "truth: above low + 0.05 (high - low), with low and high the 0.5th and 99.9th percentile of "
    "its file), holes filled",
    window="a translation's [-1, 1] is the window of CT that the run was trained with; the real CT "
    "is taken from its file, unclipped",
    metrics={
        "mae_hu": "mean absolute error",
        "psnr": "peak signal-to-noise ratio in the mask",
        "ms_ssim": "multi-scale structural similarity: uniform window of 7 voxels a side, K1 "
        "0.01, K2 0.03, luminance at every level, sides under 97 padded, halved by means of two "
        "voxels a side, mean of the map in the mask at each of five levels",
        **STRUCTURE,
    },
    average=AVERAGE,
    measure=measure,
    unfit=unfit,
    needs="CT volumes in Hounsfield units",
)
