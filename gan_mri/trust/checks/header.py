"""What a header says of how a volume lies in space, and whether the image agrees."""

import nibabel as nib
import numpy as np
from nibabel.affines import voxel_sizes

from gan_mri.data.files.image_file import orientation_stated
from gan_mri.trust.checks.finding import Finding
from gan_mri.trust.checks.symmetry import symmetry

# Two ways to state a voxel size may differ by this share: headers round.
_SAME_SIZE = 0.02

# mm that the corners of a volume may be apart by sform and by qform.
_SAME_PLACE = 2.0

# Degrees between the axes of a volume and those of the space: slices are cut along the former.
_TILTED = 30.0

# By how much another axis must be more symmetrical than left and right.
_MORE_SYMMETRICAL = 0.05

# mm. Where nothing is known of training images: the longest side of the field of view, of mice as
# of men, and how far a head lies from the origin of scanner, MNI and Talairach coordinates.
_FIELD, _FARTHEST = (10.0, 600.0), 150.0

_WORDS = ("left and right", "front and back", "down and up")

_COPY = "Copy sform and qform from the original file (for instance with fslcpgeom)"


def check_header(image, seen, *, known):
    """Doubts about the header of a volume.

    Parameters
    ----------
    image : gan_mri.data.files.image_file.ImageFile
        A volume; without a header (not from a NIfTI file) only its affine is checked.
    seen : gan_mri.trust.checks.overview.Overview
        Of it.
    known : bool
        There are ranges of training images for the field of view and the place, so that what any
        head has is not asked.

    Returns
    -------
    list of Finding
    """
    findings = []
    if image.header is not None:
        findings += _codes(image.header) or _forms(image)
        findings += _sizes(image)
    findings += _tilt(image.affine)
    if seen.facts is not None:
        findings += _symmetry(seen)
        if not known:
            findings += _head(seen)
    return findings


def _codes(header):
    if orientation_stated(header):
        return []
    return [
        Finding(
            "orientation_codes",
            "Orientation",
            "sform and qform codes are both 0, so the header does not say how the volume lies",
            "a code above 0 (1 scanner, 2 aligned, 3 Talairach, 4 MNI)",
            "Set the sform and its code; where the axes lead is a guess until then, so that the "
            "image may be turned or mirrored.",
        )
    ]


def _forms(image):
    """Where sform and qform are both stated and disagree."""
    header = image.header
    codes = int(header["sform_code"]), int(header["qform_code"])
    if min(codes) <= 0:
        return []
    sform = header.get_sform()
    try:
        qform = header.get_qform()
    except (ValueError, nib.spatialimages.HeaderDataError):
        return [
            Finding(
                "qform",
                "qform",
                "its rotation is none",
                "a unit quaternion",
                f"{_COPY}; the sform is used.",
            )
        ]
    axes = ["".join(nib.aff2axcodes(affine)) for affine in (sform, qform)]
    advice = f"The sform is used. {_COPY}, and look which of the two shows the patient's right."
    if np.linalg.det(sform[:3, :3]) * np.linalg.det(qform[:3, :3]) < 0:
        return [
            Finding(
                "handedness",
                "Left and right",
                f"sform ({axes[0]}) and qform ({axes[1]}) are mirror images of each other",
                "both of one handedness",
                advice,
            )
        ]
    if axes[0] != axes[1]:
        return [
            Finding(
                "orientation",
                "Orientation",
                f"the sform says {axes[0]}, the qform {axes[1]}",
                "the same axes",
                advice,
            )
        ]
    # Of two spaces (scanner and MNI) they may well be two.
    corners = np.array([[i, j, k, 1] for i in (0, 1) for j in (0, 1) for k in (0, 1)], float)
    corners[:, :3] *= np.array(image.array.shape[:3]) - 1
    apart = np.linalg.norm(((sform - qform) @ corners.T)[:3], axis=0).max()
    if codes[0] == codes[1] and apart > _SAME_PLACE:
        return [
            Finding(
                "forms",
                "sform and qform",
                f"they place corners {apart:.3g} mm apart, with one code ({codes[0]})",
                "the same place",
                advice,
            )
        ]
    return []


def _sizes(image):
    """Voxel sizes that are stated twice, and in which unit."""
    findings = []
    stated = np.array(image.header.get_zooms()[:3], float)
    used = voxel_sizes(image.affine)
    if np.abs(stated - used).max() > _SAME_SIZE * used.min():
        findings.append(
            Finding(
                "pixdim",
                "Voxel size",
                f"{_by(stated)} mm by pixdim, {_by(used)} mm by the affine",
                "the same twice",
                f"The affine is used. {_COPY}.",
            )
        )
    unit = image.header.get_xyzt_units()[0]
    if unit not in ("mm", "unknown"):
        findings.append(
            Finding(
                "units",
                "Unit of length",
                unit,
                "mm",
                "Lengths are taken as mm. Correct xyzt_units, or the affine.",
            )
        )
    return findings


def _tilt(affine):
    """Slices are cut along the axes of the volume, whatever its tilt."""
    directions = affine[:3, :3] / voxel_sizes(affine)
    angle = float(np.degrees(np.arccos(np.clip(np.abs(directions).max(axis=0), 0, 1))).max())
    if angle <= _TILTED:
        return []
    return [
        Finding(
            "tilt",
            "Tilt",
            f"axes up to {angle:.0f} degrees from left, front and up",
            f"at most {_TILTED:.0f} degrees",
            "Slices are cut along the volume's own axes, so that the head is seen tilted. Resample "
            "it to straight axes.",
        )
    ]


def _symmetry(seen):
    """The plane of symmetry must be between left and right."""
    alike = symmetry(seen)
    # NaN: nothing varies.
    if alike is None or not alike[1:].max() > alike[0] + _MORE_SYMMETRICAL:
        return []
    axis = 1 + int(np.argmax(alike[1:]))
    return [
        Finding(
            "symmetry",
            "Axes",
            f"the head is most like its mirror image across {_WORDS[axis]} (correlation "
            f"{alike[axis]:.2f}; across left and right {alike[0]:.2f})",
            "across left and right",
            "The header seems to name the axes wrongly, so that slices are cut in another plane. "
            f"{_COPY}.",
        )
    ]


def _head(seen):
    """What any head has."""
    findings = []
    largest = (voxel_sizes(seen.grid.affine) * seen.grid.shape).max()
    low, high = _FIELD
    if not low <= largest <= high:
        findings.append(
            Finding(
                "field",
                "Field of view",
                f"{largest:.4g} mm at most",
                f"{low:g} to {high:g} mm",
                "The header may state a wrong voxel size or unit: compare it with the protocol.",
            )
        )
    place = np.array([along.mean() for along in np.nonzero(seen.mask)]) * seen.steps
    place = seen.grid.affine[:3, :3] @ place + seen.grid.affine[:3, 3]
    if np.linalg.norm(place) > _FARTHEST:
        findings.append(
            Finding(
                "center",
                "Middle of the head",
                f"at ({', '.join(f'{value:.0f}' for value in place)}) mm",
                f"within {_FARTHEST:g} mm of the origin, as in scanner and MNI coordinates",
                f"The affine may have lost its offset. {_COPY}.",
            )
        )
    return findings


def _by(sizes):
    return " x ".join(f"{size:.3g}" for size in sizes)
