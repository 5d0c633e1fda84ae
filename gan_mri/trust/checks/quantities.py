"""What is measured of an input and of training files, and how far an input may be off.

A model is often trained on few subjects: their range says little of the next one. So a range is
widened, by a margin that every quantity has here, or by half of the range where that is more. The
margins were chosen on 22 images of five people (a collection with skulls, two without) and on
phantoms of other seeds, so that a model trained on one person or six phantoms doubts no other
one of the same collection, and as narrow as that allows: `benchmarks/check_inputs.py`.
"""

import numpy as np

from gan_mri.trust.checks import contrast, shape, texture
from gan_mri.trust.checks.bias import bias
from gan_mri.trust.checks.quantity import Quantity

# Smaller slices show too little: their texture and depth tell nothing.
_SMALLEST = 48

# Pixels of foreground without which there is no head to measure.
_FEWEST = 100


_SIZE = (
    "The header may state a wrong voxel size: compare it with the protocol. If it is right, "
    "train with --spacing, or resample the image"
)
_FIELD = (
    "The image may be cropped, or its header may state a wrong voxel size. Crop or pad it as the "
    "training images are"
)
_PLACE = (
    "The header's affine may have lost its offset, or be of another space. Copy the header of "
    "the original file, or set the sform anew"
)
_SKULL = "With skull or without: strip the skull as for the training images, or take whole heads"
_INTENSITY = (
    "Intensities may have been changed (inverted, clipped, equalised), or the contrast is another "
    "one. Use the image as the scanner gave it"
)
_CONTRAST = "Check that the file is of the contrast that the model takes"
_TURNED = (
    "The head may be turned, front to back or upside down, with a header that does not say so. "
    "Look at the image"
)
_HEAD = (
    "The head may be cut off, turned, or at another scale than its header says. Look at the image"
)

_AXES = {"left_right": "left to right", "front_back": "front to back", "down_up": "down to up"}

#: Names of the canonical axes in quantities, in their order.
AXES = tuple(_AXES)


def _along_axes(key, *about):
    """One quantity for each axis."""
    return {f"{key}_{name}": Quantity(*about, part=words) for name, words in _AXES.items()}


#: By name.
QUANTITIES = {
    **_along_axes("voxel", "Voxel size, as the network sees it", "mm", True, 1.25, _SIZE, _SIZE),
    "slices": Quantity("Distance from slice to slice", "mm", True, 1.75, _SIZE, _SIZE),
    **_along_axes("field", "Field of view", "mm", True, 1.4, _FIELD, _FIELD),
    **_along_axes(
        "center", "Middle of the image, in the header's space", "mm", False, 80.0, _PLACE, _PLACE
    ),
    "rows": Quantity("Rows of the picture", "pixels", True, 1.5, _FIELD, _FIELD),
    "columns": Quantity("Columns of the picture", "pixels", True, 1.5, _FIELD, _FIELD),
    "foreground": Quantity("Foreground, of a slice", "%", True, 1.35, _HEAD, _SKULL),
    "border": Quantity("Foreground along one side of a slice", "%", False, 0.15, None, _HEAD),
    "length": Quantity("Extent of the head along the rows' axis", "mm", True, 1.2, _HEAD, _HEAD),
    "width": Quantity("Extent of the head along the columns' axis", "mm", True, 1.2, _HEAD, _HEAD),
    "aspect": Quantity("Length of the head by its width", "", True, 1.18, _HEAD, _HEAD),
    "front": Quantity(
        "Area of the front third of the head in a slice, by that of the back third (logarithm)",
        "",
        False,
        0.1,
        _TURNED,
        _TURNED,
    ),
    "dark_ring": Quantity(
        "Darkest shell between border and middle, of the brighter ones around it (a skull is "
        "about 0.4, a brain alone about 1)",
        "",
        False,
        0.2,
        _SKULL,
        _SKULL,
    ),
    **{
        f"percentile_{percent}": Quantity(
            "Intensity of the foreground, of the window",
            "%",
            False,
            0.15,
            _INTENSITY,
            _INTENSITY,
            contrast=True,
            part=f"{percent}th percentile",
        )
        for percent in contrast.PERCENTILES
    },
    "skewness": Quantity(
        "Skewness of the foreground's histogram (-1 dark tail, 1 bright tail)",
        "",
        False,
        0.35,
        _CONTRAST,
        _CONTRAST,
        contrast=True,
    ),
    **{
        f"depth_{name}": Quantity(
            f"Brightness of the middle of the head, by that {words}",
            "",
            True,
            1.25,
            _CONTRAST,
            _CONTRAST,
            contrast=True,
        )
        for name, words in (("border", "of its border"), ("cortex", "nearer to its border"))
    },
    **{
        f"bias_{part}": Quantity(
            "Smooth change of brightness over the head",
            "%",
            False,
            margin,
            None,
            "Correct the bias field (for instance with N4) as for the training images",
            part=words,
        )
        for part, words, margin in (
            ("line", "from side to side", 0.08),
            ("curve", "from middle to border", 0.12),
        )
    },
    "noise": Quantity(
        "Noise, of the intensity window",
        "%",
        True,
        1.75,
        None,
        "Denoise the image, or train with noise (--augment noise)",
    ),
    "blur": Quantity(
        "Blur: width of the finest structures",
        "pixels of the network",
        True,
        1.5,
        "It is sharper, or noisier, than the training images: resample it to their voxel size",
        "It is smoother than the training images: it may have been resampled or smoothed, or the "
        "head moved. Use the original",
    ),
}


def meaningful(ranges):
    """Without what tells nothing of such images, of ranges of training files.

    How bright the middle of the head is, is told by its border for brains alone, and by what is
    inside the bone for heads.

    Parameters
    ----------
    ranges : dict of str to (float, float)

    Returns
    -------
    dict
    """
    bone = "dark_ring" in ranges and np.mean(ranges["dark_ring"]) < contrast.SKULL
    without = "depth_border" if bone else "depth_cortex"
    return {name: ends for name, ends in ranges.items() if name != without}


def measured(looks):
    """Every quantity of some slices that can be told of them.

    Parameters
    ----------
    looks : list of gan_mri.trust.checks.looks.Look
        Of one file.

    Returns
    -------
    dict of str to float
        Medians over the slices; none of slices under 48 pixels.
    """
    found = {}
    for one in looks:
        for name, value in _of_slice(one).items():
            if value is not None and np.isfinite(value):
                found.setdefault(name, []).append(value)
    return {name: float(np.median(values)) for name, values in found.items()}


def _of_slice(one):
    image, mask = one.image, one.mask
    if min(mask.shape) < _SMALLEST or mask.sum() < _FEWEST:
        return {}
    part = shape.largest_part(mask)
    rows, columns = shape.extents(part)
    pixel = one.pixel or (np.nan, np.nan)
    profile = contrast.shells(image, part)
    line, curve = bias(image, mask)
    return {
        "foreground": shape.fraction(mask),
        "border": shape.border(mask),
        "length": rows * pixel[0],
        "width": columns * pixel[1],
        "aspect": rows * (pixel[0] / pixel[1] if one.pixel else 1) / columns,
        **{f"percentile_{p}": contrast.percentile(image, mask, p) for p in contrast.PERCENTILES},
        "skewness": contrast.skewness(image, mask),
        "depth_border": contrast.depth_ratio(profile, contrast.BORDER),
        "depth_cortex": contrast.depth_ratio(profile, contrast.CORTEX),
        "dark_ring": contrast.dark_ring(profile),
        # In other planes the upper third is the top of the head.
        "front": shape.front(part) if one.plane in (None, "axial") else None,
        "bias_line": line,
        "bias_curve": curve,
        "noise": texture.noise(image, mask),
        "blur": texture.blur(image, mask),
    }
