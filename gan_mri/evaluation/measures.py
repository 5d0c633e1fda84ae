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
_SCALED = "images in [-1, 1] as the model sees them, foreground of any real image (source or truth)"
_FOREGROUND = "images in [-1, 1] as the model sees them, foreground"
_SOURCE = f"{_FOREGROUND} of the source"
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
        f"{_SOURCE}; {_AVERAGE}",
    ),
    "cycle_ssim": (
        "cycle SSIM",
        "",
        "higher",
        "structural similarity of an image translated there and back to itself; data range "
        f"{DATA_RANGE:g}; "
        f"{_SOURCE}; {_AVERAGE}",
    ),
}

_BY_PROTOCOL = "measured by protocols alone, which state range, mask and averaging"

#: Metrics that an evaluation without a protocol does not have: `gan_mri.evaluation.protocols`
#: says how each protocol computes them.
PROTOCOL_METRICS = {
    "mae_hu": ("MAE", "HU", "lower", _BY_PROTOCOL),
    "ms_ssim": ("MS-SSIM", "", "higher", _BY_PROTOCOL),
    "nmi": ("NMI", "", "higher", _BY_PROTOCOL),
    "pearson": ("Pearson's correlation", "", "higher", _BY_PROTOCOL),
    "blur_ratio": ("blur ratio", "", "", _BY_PROTOCOL),
    "edge_agreement": ("edge agreement", "", "higher", _BY_PROTOCOL),
    "displacement": ("displacement", "voxels", "lower", _BY_PROTOCOL),
}
METRICS |= PROTOCOL_METRICS

_OF_VOLUMES = "over the whole volume (voxels, windows and gradients in three dimensions); "


def conventions(names, rank):
    """What each metric is: range, mask, unit of averaging.

    Parameters
    ----------
    names : collection of str
        Of `METRICS`.
    rank : {2, 3}
        Of the images.

    Returns
    -------
    dict of str to str
        In the order of `METRICS`.
    """
    start = _OF_VOLUMES if rank == 3 else ""
    return {name: start + METRICS[name][3] for name in METRICS if name in names}


def is_cycle(metric):
    """Whether a metric is of an image translated there and back."""
    return metric.startswith("cycle_")


def measure(case, translation, cycled, way):
    """Every metric that one translated image allows.

    Parameters
    ----------
    case : gan_mri.evaluation.cases.Case
    translation : ndarray (*spatial, C)
    cycled : ndarray (*spatial, C) or None
        The translation translated back, where there is a way back.
    way : gan_mri.evaluation.ways.Way
        Of the case's direction.

    Returns
    -------
    list of dict
        Rows with direction (its name, or the way there and back, "A2B2A"),
        contrast (of the image that is measured), subject, image, and metrics.

    Raises
    ------
    GanMriError
        If a translation is not finite.
    """
    named = {"subject": case.subject, "image": case.label}
    measured = {"sharpness": metrics.sharpness(translation, mask=case.mask)}
    rows = [{"direction": way.name, "contrast": way.contrast, **named}]
    if case.truth is None:
        if way.back is not None:
            # The real images of what the way back makes.
            rows.append(_real(way.back, way.source, named, case.source, case.mask))
    else:
        measured = against_truth(case.truth, translation, case.mask) | measured
        measured["sharpness_real"] = metrics.sharpness(case.truth, mask=case.mask)
    rows[0] |= measured
    if cycled is not None:
        mask = case.source_mask
        ssim = metrics.ssim(case.source, cycled, data_range=DATA_RANGE, mask=mask)
        rows.append(
            {
                "direction": way.cycle,
                "contrast": way.source,
                **named,
                "cycle_mae": metrics.mae(case.source, cycled, mask=mask),
                "cycle_ssim": ssim,
            }
        )
    return rows


def measure_real(real, way):
    """The row of a real image by itself.

    Parameters
    ----------
    real : gan_mri.evaluation.cases.Real
    way : gan_mri.evaluation.ways.Way
        That makes images of its contrast.

    Returns
    -------
    dict
    """
    named = {"subject": real.subject, "image": real.label}
    return _real(way.name, way.contrast, named, real.image, real.mask)


def _real(direction, contrast, named, image, mask):
    sharpness = metrics.sharpness(image, mask=mask)
    return {
        "direction": direction,
        "contrast": contrast,
        **named,
        "sharpness_real": sharpness,
    }


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
