"""All doubts about the inputs of one translation."""

from nibabel.affines import voxel_sizes

from gan_mri.data.images.foreground import statistics
from gan_mri.data.images.planes import axes_of
from gan_mri.errors import GanMriError
from gan_mri.trust.checks.comparison import compared
from gan_mri.trust.checks.finding import Finding
from gan_mri.trust.checks.header import check_header
from gan_mri.trust.checks.looks import grid_seen, looks_of_image
from gan_mri.trust.checks.overview import overview
from gan_mri.trust.checks.quantities import measured
from gan_mri.trust.checks.ranges import placed

# A voxel may be so much larger than those it is resampled to, along each axis.
_COARSEST = 2.0


def doubts(image, card, name):
    """What speaks against giving an image to a model.

    At most 96 voxels along each axis, and five slices, are looked at, whatever the size of the
    image; about 0.2 s for a volume of 1 mm.

    Parameters
    ----------
    image : gan_mri.data.files.image_file.ImageFile
        That `gan_mri.inference.images.check_images` lets pass.
    card : gan_mri.inference.card.Card
        Of the model.
    name : str
        Of the input.

    Returns
    -------
    list of gan_mri.trust.checks.finding.Finding
    """
    trained = card.trained_on[name]
    known = trained is not None and "field_left_right" in trained["quantities"]
    seen = overview(image) if image.is_volume else None
    facts = statistics(image.array, channels=image.channels) if seen is None else seen.facts
    findings = [] if seen is None else check_header(image, seen, known=known)
    if facts is None:
        return [*findings, _empty()]
    if trained is None:
        return findings
    try:
        looks = looks_of_image(
            image,
            facts if seen is None else seen,
            card.scalings[name],
            card.view,
            trained.get("slices"),
        )
    except GanMriError as error:
        raise GanMriError(f"{image.path}: {error}") from error
    if not looks:
        findings.append(_empty())
    values = measured(looks) | _placed(image, card.view)
    findings += _coarse(seen, card.view)
    return findings + compared(
        values,
        trained,
        contrast=card.inputs[name],
        other=(card.content["target"], card.target_trained_on),
    )


def _empty():
    return Finding(
        "foreground",
        "Foreground",
        "nothing, or too little to be a head, rises above the background",
        "a head",
        "The image is empty, or holds a few bright voxels alone. Look at it.",
    )


def _placed(image, view):
    if not image.is_volume:
        return placed(None, None, image.array.shape[:2], view.geometry)
    grid = grid_seen(image, view)
    plane = "axial" if view.sampling is None else view.sampling.plane
    plane = "axial" if plane == "all" else plane
    size = grid.shape if view.rank == 3 else tuple(grid.shape[axis] for axis in axes_of(plane))
    return placed(grid, plane, size, view.geometry)


def _coarse(seen, view):
    """A resampled image has the right voxel size, but not what its own voxels never held."""
    spacing = None if seen is None or view.sampling is None else view.sampling.spacing
    if spacing is None:
        return []
    own = voxel_sizes(seen.grid.affine)
    if not any(0 < wanted * _COARSEST < size for size, wanted in zip(own, spacing)):
        return []
    shown = [" x ".join(f"{size:.3g}" for size in sizes) for sizes in (own, spacing)]
    return [
        Finding(
            "voxel",
            "Voxel size",
            f"{shown[0]} mm",
            f"at most {_COARSEST:g} times {shown[1]} mm, to which the model brings every image",
            "Thick slices stay blurred when they are resampled. Take an image of thinner ones.",
        )
    ]
