"""What is measured of one translated image, and in which convention."""

import numpy as np

from gan_mri import metrics

#: Of the joint histogram behind the mutual information, along each axis.
MI_BINS = 64
#: Smallest denominator of the relative absolute error, in standard deviations.
ERROR_FLOOR = 0.1
#: Images are in [-1, 1].
DATA_RANGE = 2.0

_Z = "each image by itself minus its mean, over its standard deviation (paper 001, section 2.2), "
_Z += "all pixels, a constant translation counting as 0 everywhere"
_SCALED = "images in [-1, 1] as the model sees them, foreground of either real image"
_FOREGROUND = "images in [-1, 1] as the model sees them, foreground"
_AVERAGE = "mean over the images of a subject, then over subjects"

#: Metric to (title, unit, better, convention). Better: "lower", "higher" or "" where
#: the real images say what is good.
METRICS = {
    "mae_z": ("MAE, z-scored", "SD", "lower", f"mean absolute error; {_Z}; {_AVERAGE}"),
    "psnr_z": (
        "PSNR, z-scored",
        "dB",
        "higher",
        "peak signal-to-noise ratio; data range: largest minus smallest value of the z-scored "
        "real image, "
        f"image by image; {_Z}; {_AVERAGE}",
    ),
    "mi_z": (
        "MI, z-scored",
        "nats",
        "higher",
        f"mutual information; joint histogram of {MI_BINS} x {MI_BINS} equal bins, each axis "
        "from the smallest to "
        f"the largest value of its image; {_Z}; {_AVERAGE}",
    ),
    "mae": ("MAE", "", "lower", f"mean absolute error; {_SCALED}; {_AVERAGE}"),
    "psnr": (
        "PSNR",
        "dB",
        "higher",
        f"peak signal-to-noise ratio; data range {DATA_RANGE:g}; {_SCALED}; {_AVERAGE}",
    ),
    "ssim": (
        "SSIM",
        "",
        "higher",
        "structural similarity (scikit-image, Gaussian window of SD 1.5 and 11 taps, K1 0.01, "
        "K2 0.03); "
        f"data range {DATA_RANGE:g}; {_SCALED}; {_AVERAGE}",
    ),
    "ssim_image": (
        "SSIM, whole image",
        "",
        "higher",
        f"structural similarity as SSIM, data range {DATA_RANGE:g}, images in [-1, 1] as the "
        "model sees them, but over "
        "all pixels, less the 5 along the border whose windows leave the image (Wang et al. "
        "2004): the background counts, "
        f"and raises it where both images are empty; {_AVERAGE}",
    ),
    "sharpness": (
        "sharpness",
        "",
        "",
        f"mean gradient magnitude of the translation, per pixel; {_FOREGROUND}; {_AVERAGE}",
    ),
    "sharpness_real": (
        "of real images",
        "",
        "",
        f"mean gradient magnitude of the real images of the contrast, per pixel; {_FOREGROUND}; "
        f"{_AVERAGE}",
    ),
    "cycle_mae": (
        "cycle MAE",
        "",
        "lower",
        "mean absolute error of an image translated there and back, against itself; "
        f"{_FOREGROUND}; {_AVERAGE}",
    ),
    "cycle_ssim": (
        "cycle SSIM",
        "",
        "higher",
        "structural similarity of an image translated there and back to itself; data range "
        f"{DATA_RANGE:g}; "
        f"{_FOREGROUND}; {_AVERAGE}",
    ),
}


def measure(case, translation, cycled, contrasts):
    """Every metric that one translated image allows.

    Parameters
    ----------
    case : gan_mri.evaluation.cases.Case
    translation, cycled : ndarray (H, W, C)
        The source translated, and translated back.
    contrasts : dict
        The contrast that each direction makes.

    Returns
    -------
    list of dict
        Rows with direction ("A2B", "B2A", or "A2B2A", "B2A2B" for cycles),
        contrast (of the image that is measured), subject, image, and metrics.

    Raises
    ------
    GanMriError
        If a translation is not finite.
    """
    there = case.direction
    back = there[::-1]
    made, given = contrasts[there], contrasts[back]
    named = {"subject": case.subject, "image": case.label}
    translated = {"sharpness": metrics.sharpness(translation, mask=case.mask)}
    rows = [{"direction": there, "contrast": made, **named}]
    if case.truth is None:
        # The real image of the contrast that the other direction makes.
        real = {"sharpness_real": metrics.sharpness(case.source, mask=case.mask)}
        rows.append({"direction": back, "contrast": given, **named, **real})
    else:
        translated = against_truth(case.truth, translation, case.mask) | translated
        translated["sharpness_real"] = metrics.sharpness(case.truth, mask=case.mask)
    rows[0] |= translated
    rows.append(
        {
            "direction": f"{there}2{there[0]}",
            "contrast": given,
            **named,
            "cycle_mae": metrics.mae(case.source, cycled, mask=case.mask),
            "cycle_ssim": metrics.ssim(case.source, cycled, data_range=DATA_RANGE, mask=case.mask),
        }
    )
    return rows


def against_truth(truth, image, mask):
    """The metrics of a translation against the real image, both in [-1, 1]."""
    real, made = metrics.z_score(truth), z_scored_output(image)
    scaled = {"data_range": DATA_RANGE, "mask": mask}
    constant = made.min() == made.max()
    return {
        "mae_z": metrics.mae(real, made),
        "psnr_z": metrics.psnr(real, made, data_range=float(np.ptp(real))),
        "mi_z": 0.0 if constant else metrics.mutual_information(real, made, bins=MI_BINS),
        "mae": metrics.mae(truth, image, mask=mask),
        "psnr": metrics.psnr(truth, image, **scaled),
        "ssim": metrics.ssim(truth, image, **scaled),
        "ssim_image": metrics.ssim(truth, image, data_range=DATA_RANGE),
    }


def z_scored_output(image):
    """`metrics.z_score`, but 0 everywhere for a constant image.

    A generator that has collapsed may answer with a constant. It says nothing
    of the truth and is measured as that, where an error would keep the other
    methods from being compared.
    """
    image = np.asarray(image)
    if np.isfinite(image).all() and image.min() == image.max():
        return np.zeros(image.shape)
    return metrics.z_score(image)
