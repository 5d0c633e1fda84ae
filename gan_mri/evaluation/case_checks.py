"""What data and runs must have before anything is measured."""

from gan_mri.data.sides import check_sides_of
from gan_mri.errors import GanMriError
from gan_mri.evaluation.ways import ways_of


def check_test_part(data, run):
    """Refuse data without test images in a domain, and runs that start from no image.

    Parameters
    ----------
    data : gan_mri.data.TranslationData
    run : gan_mri.runs.run.Run
    """
    contrasts = dict(zip(data.domains, data.contrasts))
    ways = ways_of(run.task, contrasts)
    if not ways:
        raise GanMriError(
            f"{run.folder}: expected a run that translates real images. Received one that makes "
            f"{' and '.join(contrasts[way.target] for way in run.task.directions)} out of noise, "
            "for which there is no true image."
        )
    missing = [contrasts[domain] for domain in data.domains if not len(data.test[domain])]
    if missing:
        raise GanMriError(
            f"{run.folder}: expected test images of {_listed(data.contrasts)}, to measure "
            "the run on subjects "
            f"that it has not seen. Received: none of {' and none of '.join(missing)}. Give "
            "other data with --data, "
            "or train with a test part (--split 0.7 0 0.3 or --test-subjects)."
        )
    check_sides_of(data.test)
    for way in ways.values():
        if len(way.sources) > 1 and not len(data.test.matched(tuple(way.sources))):
            raise GanMriError(
                f"{run.folder}: expected test subjects with an image of each of "
                f"{_listed(way.sources.values())}, of which {way.contrast} is made. Received: none."
            )


def check_same_images(cases, first, run, first_run):
    """Refuse to compare runs that are not tested on the same images.

    Runs may differ in their directions; those that both have must start from
    the same images.

    Parameters
    ----------
    cases, first : gan_mri.evaluation.cases.Cases
        Of `run` and of `first_run`.
    run, first_run : gan_mri.runs.run.Run
    """
    both = f"{first_run.folder} and {run.folder}: expected runs that are tested on the same "
    both += "images. Received: "
    if cases.contrasts != first.contrasts:
        pair = [_contrasts(one, (cases, first)) for one in (first, cases)]
        raise GanMriError(both + f"{pair[0]} in the first, {pair[1]} in the second.")
    shared = [name for name in first.ways if name in cases.ways]
    if not shared or any(str(cases.ways[name]) != str(first.ways[name]) for name in shared):
        pair = [_listed(map(str, one.ways.values())) for one in (first, cases)]
        raise GanMriError(both + f"{pair[0]} in the first, {pair[1]} in the second.")
    here, there = ([one for one in x.identity if one[0] in shared] for x in (cases, first))
    mine, theirs = ({sample[0] for _, sample, *_ in found} for found in (here, there))
    if mine != theirs:
        raise GanMriError(
            both + f"different test subjects. Only the first has {_few(theirs - mine)}; "
            f"only the second has {_few(mine - theirs)}."
        )
    if here != there:
        kind = "volumes" if cases.rank == 3 else "slices"
        raise GanMriError(
            both + f"the same test subjects, but other {kind} or sizes (direction, (subject, "
            "entities, slice, plane), size). "
            f"Only the first has {_few(set(there) - set(here))}; only the second has "
            f"{_few(set(here) - set(there))}."
        )


def _contrasts(cases, both):
    """The contrasts of a run, with their domains where the contrasts alone do not differ."""
    if len({tuple(one.contrasts.values()) for one in both}) == 1:
        return _listed(f"{domain} = {name}" for domain, name in cases.contrasts.items())
    return _listed(cases.contrasts.values())


def _listed(names):
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _few(items):
    items = sorted(map(str, items))
    if not items:
        return "none"
    return ", ".join(items[:3]) + (f" ... ({len(items)} in all)" if len(items) > 3 else "")
