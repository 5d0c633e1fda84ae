"""`load`: from any source to a `TranslationData`."""

from pathlib import Path

from gan_mri.data.collection import (
    Collection,
    only_matched,
    read_stacks,
    refuse_pictures,
    unmatched,
)
from gan_mri.data.holding import check_fits, held, needed
from gan_mri.data.images.neighbours import check_neighbours, refuse_picture
from gan_mri.data.images.scaling_choice import parse_scaling
from gan_mri.data.options import DataOptions
from gan_mri.data.sources.hdf5 import is_hdf5, read_collection
from gan_mri.data.sources.layouts import plan
from gan_mri.data.splits import assign
from gan_mri.data.translation_data import assemble
from gan_mri.errors import GanMriError


def load(source, *, domains=None, paired=False, neighbours=None, **options):
    """Load a data set for translation between domains.

    The samples that are kept are held in the dtype of their files (or stay in
    the HDF5 file); scaling happens when a sample is asked for. A progress bar
    appears on standard error for more than 20 files.

    Parameters
    ----------
    source : str or Path
        A GAN-MRI folder (trainA, trainB, testA, testB of pictures or volumes),
        a BIDS folder, a folder with a sub-folder of pictures or volumes for
        each contrast (files of the same name are pairs), an HDF5 file of
        `gan_mri.prepare`, or the word of a built-in data set: "phantom",
        "knees" or "scanners" (a folder of that name is "./knees").
    domains : sequence of str, optional
        Default: "A" and "B" for two contrasts or none, the contrasts themselves
        for any other number.
    paired : bool or sequence of str
        True, or the domains: only samples that all of them have; what has no
        partner is left out with a warning. False: domains are used independently,
        and the pairs there are serve measuring.
    neighbours : dict of str to int, optional
        Domains whose slices come with so many of their neighbours on either side, as channels:
        `(H, W, (2 n + 1) C)`, see `gan_mri.data.images.neighbours`. Slices that are empty, or
        beyond the range of `slices`, are neighbours too.
    **options
        Fields of `gan_mri.data.options.DataOptions`: contrasts, plane, slices,
        spacing, scaling, split, ...

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
    unknown = sorted(set(options) - {*DataOptions.defaults(), "subjects"})
    if unknown:
        raise TypeError(f"load: unknown arguments {', '.join(unknown)}")
    options = DataOptions(data=source, **options)
    return load_options(options, domains=domains, paired=paired, neighbours=neighbours)


def load_options(options, *, domains=None, paired=False, neighbours=None):
    """`load` with its options as one object.

    Parameters
    ----------
    options : gan_mri.data.options.DataOptions
    domains, paired, neighbours
        As in `load`.

    Returns
    -------
    TranslationData
    """
    source = options.data
    if is_hdf5(source):
        return _load_prepared(options, domains, paired, neighbours)
    domains = domains_of(domains, options.contrasts)
    paired = _paired(paired, domains)
    most = _most(neighbours, domains)
    scaling = parse_scaling(options.scaling, domains)
    found, manifest = survey(options, domains)
    alone = unmatched(found.entries, domains)
    if paired:
        entries = only_matched(found.entries, paired, found.contrast_of, found.source)
        found = found._replace(entries=entries)
    there = check_fits(found, needed(found, options, neighbours=most))
    stacks = held(read_stacks(found, options, paired=paired, neighbours=most), found, there)
    collection = gather(found, manifest, stacks, options, neighbours=most)
    return assemble(collection, scaling, paired=paired, alone=alone, neighbours=neighbours)


def domains_of(domains, contrasts):
    """The names of the domains.

    Parameters
    ----------
    domains : sequence of str or None
        As `load` was given.
    contrasts : tuple of str or None

    Returns
    -------
    tuple of str

    Raises
    ------
    GanMriError
        Not different names.
    """
    if domains is None:
        return ("A", "B") if contrasts is None or len(contrasts) == 2 else tuple(contrasts)
    names = tuple(domains) if isinstance(domains, (tuple, list)) else ()
    good = names and all(isinstance(name, str) for name in names)
    if not good or len(set(names)) < len(names):
        raise GanMriError(
            f"domains: expected different names, such as ('A', 'B'). Received: {domains!r}."
        )
    return names


def _paired(paired, domains):
    if isinstance(paired, bool):
        return tuple(domains) if paired else ()
    names = tuple(paired) if isinstance(paired, (tuple, list)) else None
    good = names is not None and all(name in domains for name in names) and len(names) != 1
    if not good or len(set(names)) < len(names):
        raise GanMriError(
            f"paired: expected True, False, or two and more of the domains {', '.join(domains)}. "
            f"Received: {paired!r}."
        )
    return names


def _most(neighbours, domains):
    """The most neighbours that any domain comes with."""
    given = {} if neighbours is None else neighbours
    good = isinstance(given, dict) and set(given) <= set(domains)
    if not good or not all(isinstance(n, int) and n >= 0 for n in given.values()):
        raise GanMriError(
            f"neighbours: expected whole numbers from 0 by domain ({', '.join(domains)}). "
            f"Received: {neighbours!r}."
        )
    return max(given.values(), default=0)


def _load_prepared(options, domains, paired, neighbours):
    source = options.data
    for name in ("split", "test_subjects", "validation_subjects"):
        if getattr(options, name) is not None:
            raise GanMriError(
                f"{source}: expected no split or subjects, because the prepared file holds its "
                f"split; received {name}. "
                "Prepare the original data again to split them otherwise."
            )
    collection, stored = read_collection(source)
    _check_stored(options, collection)
    domains = collection.domains if domains is None else domains_of(domains, None)
    collection, stored = _with_domains(collection, stored, domains, source)
    paired = _paired(paired, domains)
    _check_neighbours(source, collection, _most(neighbours, domains))
    asked = parse_scaling(options.scaling, domains)
    scaling = {name: stored[name] if one == "auto" else one for name, one in asked.items()}
    alone = unmatched(collection.stacks, domains)
    if paired:
        contrasts = dict(zip(collection.domains, collection.contrasts))
        stacks = only_matched(collection.stacks, paired, contrasts, source)
        collection = collection._replace(stacks=stacks)
    data = assemble(collection, scaling, paired=paired, alone=alone, neighbours=neighbours)
    origin = {"kind": collection.kind, "source": collection.source}
    here = {"kind": "hdf5", "source": str(Path(source).resolve()), "prepared_from": origin}
    return data._replace(record=data.record | here)


def _with_domains(collection, stored, domains, source):
    """A prepared file with the domains that are asked for.

    Where these are the names of the file's domains, or of its contrasts, each is found by its
    name; others take the file's domains in their order.
    """
    known = (collection.domains, collection.contrasts)
    names = next((names for names in known if set(names) == set(domains)), domains)
    if len(names) != len(collection.domains):
        raise GanMriError(
            f"{source}: expected {len(domains)} contrasts, for {', '.join(domains)}. Received a "
            f"file with {len(collection.domains)}: {', '.join(collection.contrasts)}."
        )
    new = dict(zip(collection.domains, names))
    contrast_of = dict(zip(names, collection.contrasts))
    changes = {
        "domains": domains,
        "contrasts": tuple(contrast_of[domain] for domain in domains),
        "stacks": [stack.renamed(new[stack.domain]) for stack in collection.stacks],
    }
    stored = {new[name]: scaling for name, scaling in stored.items()}
    return collection._replace(**changes), stored


def _check_stored(options, collection):
    """Refuse what a prepared file does not hold: it was settled when it was written."""
    asked = {"contrasts": (options.contrasts, collection.contrasts)}
    sampling = collection.sampling
    if sampling is None:
        refuse_pictures(options.data, options)
    else:
        size = options.image_size
        if size is not None and len(size) != sampling.rank:
            holds = (
                "three numbers, because it holds volumes"
                if sampling.rank == 3
                else ("two numbers, because it holds slices")
            )
            raise GanMriError(
                f"{options.data}: expected an image_size of {holds}, received {size}. Prepare the "
                "original data again to cut them otherwise."
            )
        asked |= {
            "plane": (options.plane, sampling.plane),
            "slices": (options.slices, collection.slices),
            "spacing": (options.spacing, sampling.spacing),
            "align": (None if options.align == "none" else options.align, collection.align),
        }
    for name, (value, stored) in asked.items():
        if value is not None and value != stored:
            raise GanMriError(
                f"{options.data}: expected {name} {stored}, with which the file was prepared, "
                f"received {value}. Leave the argument out, or prepare the original data again."
            )


def _check_neighbours(source, collection, wanted):
    """Refuse more neighbours than a prepared file holds."""
    if wanted and collection.sampling is None:
        refuse_picture(source, wanted)
    check_neighbours(wanted, 2 if collection.sampling is None else collection.sampling.rank, source)
    if wanted > collection.neighbours:
        raise GanMriError(
            f"{source}: expected a prepared file whose slices come with {wanted} neighbours on "
            f"either side. Received: {collection.neighbours}. Prepare the original data again "
            f"with --neighbours {wanted}."
        )


def survey(options, domains):
    """Find the files of a source and decide the split of every subject, without reading any.

    Parameters
    ----------
    options : gan_mri.data.options.DataOptions
    domains : tuple of str

    Returns
    -------
    (gan_mri.data.sources.layouts.Plan, dict)
    """
    found = plan(options, domains)
    manifest = assign(
        found,
        split=options.split,
        test_subjects=options.test_subjects,
        validation_subjects=options.validation_subjects,
        seed=options.seed,
    )
    return found, manifest


def gather(found, manifest, stacks, options, neighbours=0):
    """The `Collection` of a plan that was read."""
    pictures = stacks[0].grid is None
    return Collection(
        found.kind,
        found.source,
        found.domains,
        found.contrasts,
        None if pictures else options.sampling,
        options.slices,
        options.align,
        manifest,
        stacks,
        neighbours,
    )
