"""A subject's real images, mask and translation on one grid."""

from typing import NamedTuple

import numpy as np
from nibabel.affines import voxel_sizes

from gan_mri.data.files.nifti import read_nifti
from gan_mri.data.files.readers import read_image
from gan_mri.data.images.foreground import foreground_mask, statistics
from gan_mri.data.images.grid import Grid, canonical_grid, describe_grid, same_grid
from gan_mri.data.images.planes import to_stack
from gan_mri.data.images.resampling import coverage, resample
from gan_mri.data.images.sampling import Sampling
from gan_mri.errors import GanMriError
from gan_mri.evaluation.protocols.synthrad import outline
from gan_mri.inference.choice import inputs_of
from gan_mri.inference.images import check_images, translate_images
from gan_mri.planning.volumes import check_volumes

#: What a voxel of a mask must exceed, also where one was resampled or holds probabilities.
_LESION = 0.5
#: Below this share of the first source's grid, a file shows another place.
_LEAST_COVERAGE = 0.1


class Real(NamedTuple):
    """The real images of a case, along RAS+ on the grid of its first source.

    Attributes
    ----------
    sources : dict of str to ndarray (X, Y, Z)
        By contrast, in [-1, 1].
    truth : ndarray (X, Y, Z)
        The real image of the target: its window is [-1, 1], what lies beyond goes beyond. None
        where the case has none.
    lesions, head : ndarray of bool (X, Y, Z)
        The mask, None where there is none; and the largest part of the foreground of any real
        image, with what it encloses.
    grid : gan_mri.data.images.grid.Grid
    """

    sources: dict
    truth: np.ndarray
    lesions: np.ndarray
    head: np.ndarray
    grid: Grid

    @property
    def sizes(self):
        """Edges of a voxel in mm."""
        return voxel_sizes(self.grid.affine)


def read_real(case, card, align):
    """Read the real images and the mask of a case.

    Parameters
    ----------
    case : gan_mri.trust.lesions.cases.ReportCase
    card : gan_mri.inference.card.Card
        Of the model, for the scaling of every contrast.
    align : {"none", "headers"}
        "headers": bring files to the grid of the first source by their headers; else they must
        lie on it.

    Returns
    -------
    Real

    Raises
    ------
    GanMriError
        For a file that cannot be read, is no gray volume, or lies elsewhere.
    """
    images = {name: _volume(path) for name, path in case.sources.items()}
    first = next(iter(images.values()))
    grid = canonical_grid(first.array.shape, first.affine)
    head, scaled = np.zeros(grid.shape, bool), {}
    inputs = {contrast: name for name, contrast in card.inputs.items()}
    for name, image in images.items():
        values, inside = _placed(image, card.scalings[inputs[name]], grid, first.path, align)
        head |= inside
        scaled[name] = np.clip(values, -1, 1)
    truth = lesions = None
    if case.truth is not None:
        truth, inside = _placed(_volume(case.truth), card.target_scaling, grid, first.path, align)
        head |= inside
    if case.mask is not None:
        lesions = _mask(case.mask, grid, first.path, align)
    return Real(scaled, truth, lesions, outline(head), grid)


def translated(case, translator, translates, *, batch_size):
    """The translation of a case, made as `gan_mri.translate` makes it.

    Parameters
    ----------
    case : gan_mri.trust.lesions.cases.ReportCase
    translator : gan_mri.inference.translator.Translator
    translates : callable
        See `gan_mri.inference.images.translate_images`.
    batch_size : int
        Slices at a time.

    Returns
    -------
    ndarray (X, Y, Z)
        In [-1, 1], along RAS+ on the grid of the first source.
    """
    card = translator.card
    if len(case.sources) == 1:
        paths = inputs_of(translator, next(iter(case.sources.values())), None)
    else:
        paths = inputs_of(translator, None, case.sources)
    check_volumes(list(paths.values()), card.view.sampling or Sampling("axial"))
    images = {name: read_image(path) for name, path in paths.items()}
    check_images(images, translator)
    made, _ = translate_images(translates, images, card, batch_size=batch_size, progress=False)
    return to_stack(made, next(iter(images.values())).affine, "volume")[0]


def _volume(path):
    image = read_image(path)
    if not image.is_volume or image.channels > 1:
        raise GanMriError(f"{path}: expected a gray volume. Received a picture or colors.")
    return image


def _placed(image, scaling, grid, first, align):
    """An image in [-1, 1] and more, and its foreground, both on a grid."""
    facts = statistics(image.array)
    if facts is None:
        raise GanMriError(f"{image.path}: expected an image of a head. Received air alone.")
    low, high = scaling.window(facts)
    values, own = _on_grid(image.path, image.array, image.affine, grid, first, align)
    if own is not grid:
        values = resample(values, own, grid)
    values = np.asarray(values, np.float32)
    inside = foreground_mask(values, facts.threshold)
    return (values - np.float32(low)) * np.float32(2 / (high - low)) - 1, inside


def has_lesions(path):
    """Whether a mask marks anything."""
    return bool((_read_mask(path)[0] > _LESION).any())


def _read_mask(path):
    array, affine, _ = read_nifti(path)
    if array.ndim != 3 or not np.isfinite(array).all():
        raise GanMriError(
            f"{path}: expected a mask, one finite number a voxel. Received a volume of shape "
            f"{array.shape} with colors, NaN or infinity."
        )
    if array.min() < 0:
        raise GanMriError(
            f"{path}: expected a mask from 0 on, lesions above {_LESION}. Received values from "
            f"{array.min():g}."
        )
    return array, affine


def _mask(path, grid, first, align):
    """A mask of lesions on a grid; an empty one is a subject without lesions."""
    array, affine = _read_mask(path)
    lesions, own = _on_grid(path, array > _LESION, affine, grid, first, align)
    if own is not grid:
        lesions = resample(lesions, own, grid, background=0.0) > _LESION
    return np.ascontiguousarray(lesions)


def _on_grid(path, array, affine, grid, first, align):
    """An array along RAS+, and its grid: `grid` itself where they are the same."""
    own = canonical_grid(array.shape, affine)
    canonical = to_stack(array, affine, "volume")[0]
    if same_grid(own, grid):
        return canonical, grid
    if align != "headers":
        raise GanMriError(
            f"{path}: expected the grid of {first}, {describe_grid(grid)}. Received: "
            f"{describe_grid(own)}. --align headers brings it there by the headers."
        )
    covered = coverage(own, grid)
    if covered < _LEAST_COVERAGE:
        raise GanMriError(
            f"{path}: expected an image of the same place as {first}, to whose grid it is to be "
            f"brought. By their headers it covers {covered:.0%} of it. Repair the headers, or "
            "register the images."
        )
    return canonical, own
