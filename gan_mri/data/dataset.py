"""`load`: from any source to a `TranslationData`."""

from pathlib import Path

from gan_mri.data.collection import Collection, only_matched, read_stacks, unmatched
from gan_mri.data.images.planes import check_plane, parse_slices
from gan_mri.data.images.scaling_choice import parse_scaling
from gan_mri.data.sources.hdf5 import is_hdf5, read_collection
from gan_mri.data.sources.layouts import plan
from gan_mri.data.splits import assign
from gan_mri.data.translation_data import assemble
from gan_mri.errors import GanMriError


def load(
    source,
    *,
    contrasts=None,
    plane=None,
    slices=None,
    scaling="auto",
    split=None,
    test_subjects=None,
    validation_subjects=None,
    paired=False,
    seed=0,
    subjects=20,
    image_size=None,
):
    """Load a data set for translation between two domains.

    The slices that are kept are held in the dtype of their files (or stay in
    the HDF5 file); scaling happens when a slice is asked for. A progress bar
    appears on standard error for more than 20 files.

    Parameters
    ----------
    source : str or Path
        A GAN-MRI folder (trainA, trainB, testA, testB of pictures or volumes),
        a BIDS folder, a folder with a sub-folder of pictures or volumes for
        each contrast (files of the same name are pairs), an HDF5 file of
        `gan_mri.prepare`, or the word of a built-in data set: "phantom" or
        "knees" (a folder of that name is "./knees").
    contrasts : (str, str), optional
        Domains A and B: ends of BIDS file names ("T1w", "T2w"; needed there),
        names of sub-folders (needed if more than two hold images), contrasts
        of the phantom, or just names for other layouts.
    plane : {"axial", "coronal", "sagittal"}, optional
        For volumes; default axial.
    slices : "START:STOP" or (int, int), optional
        For volumes: range along the canonical axis, 0-based, stop excluded.
        Default: all. Empty slices are dropped (`foreground.py`).
    scaling : str, IntensityScaling, pair or dict
        See `scaling.py`; a pair or {"A": ..., "B": ...} sets each domain.
    split : (float, float, float), optional
        Fractions of subjects for training, validation, test; default
        (0.7, 0, 0.3), for the knees (240/268, 0, 28/268). They hold for each
        contrast where these are sub-folders or no subject has both. Otherwise
        subjects that have one contrast only train.
    test_subjects, validation_subjects : sequence of str, optional
        Instead of `split`.
    paired : bool
        True: only slices that both domains have; what has no partner is left
        out with a warning. False: A and B are used independently, and the
        pairs there are serve measuring.
    seed : int
        Of the split.
    subjects : int
        Of a built-in data set; of each domain where these are of different
        subjects (knees).
    image_size : (int, int), optional
        Rows and columns that a built-in data set is drawn at, default
        (64, 64). Other data keep their size.

    Returns
    -------
    TranslationData

    Raises
    ------
    GanMriError
        With the file or argument, what was expected and what was received.

    Examples
    --------
    >>> data = load("bids", contrasts=("T1w", "T2w"), slices="80:120")  # doctest: +SKIP
    >>> data.train.A[0].shape  # doctest: +SKIP
    (218, 182, 1)
    """
    slices, scaling = parse_slices(slices), parse_scaling(scaling)
    plane = plane and check_plane(plane)
    if is_hdf5(source):
        if split is not None or test_subjects is not None or validation_subjects is not None:
            raise GanMriError(
                f"{source}: expected no split or subjects, because the prepared file holds its "
                "split; received one. "
                "Prepare the original data again to split them otherwise."
            )
        return _load_prepared(
            source, scaling, paired, contrasts=contrasts, plane=plane, slices=slices
        )
    found, manifest = survey(
        source,
        contrasts=contrasts,
        split=split,
        test_subjects=test_subjects,
        validation_subjects=validation_subjects,
        seed=seed,
        subjects=subjects,
        image_size=image_size,
    )
    alone = unmatched(found.entries)
    if paired:
        found = found._replace(entries=only_matched(found.entries, found.contrasts, found.source))
    plane = plane or "axial"
    stacks = list(read_stacks(found, plane=plane, slices=slices, paired=paired))
    collection = gather(found, manifest, stacks, plane=plane, slices=slices)
    return assemble(collection, scaling, paired=paired, alone=alone)


def _load_prepared(source, scaling, paired, **asked):
    collection, stored = read_collection(source)
    _check_stored(source, collection, **asked)
    scaling = {name: stored[name] if scaling[name] == "auto" else scaling[name] for name in "AB"}
    alone = unmatched(collection.stacks)
    if paired:
        collection = collection._replace(
            stacks=only_matched(collection.stacks, collection.contrasts, source)
        )
    data = assemble(collection, scaling, paired=paired, alone=alone)
    origin = {"kind": collection.kind, "source": collection.source}
    here = {"kind": "hdf5", "source": str(Path(source).resolve()), "prepared_from": origin}
    return data._replace(record=data.record | here)


def _check_stored(source, collection, *, contrasts, plane, slices):
    asked = {
        "contrasts": None if contrasts is None else tuple(contrasts),
        "plane": plane if collection.plane else None,
        "slices": slices,
    }
    for name, value in asked.items():
        stored = getattr(collection, name)
        if value is not None and value != stored:
            raise GanMriError(
                f"{source}: expected {name} {stored}, with which the file was prepared, received "
                f"{value}. Leave the "
                "argument out, or prepare the original data again."
            )


def survey(
    source, *, contrasts, split, test_subjects, validation_subjects, seed, subjects, image_size
):
    """Find the files of a source and decide the split of every subject, without reading any.

    Returns
    -------
    (gan_mri.data.sources.layouts.Plan, dict)
    """
    found = plan(source, contrasts=contrasts, subjects=subjects, image_size=image_size)
    manifest = assign(
        found,
        split=split,
        test_subjects=test_subjects,
        validation_subjects=validation_subjects,
        seed=seed,
    )
    return found, manifest


def gather(found, manifest, stacks, *, plane, slices):
    """The `Collection` of a plan that was read."""
    pictures = stacks[0].grid is None
    return Collection(
        found.kind,
        found.source,
        found.contrasts,
        None if pictures else plane,
        slices,
        manifest,
        stacks,
    )
