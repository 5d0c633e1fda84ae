"""Training, validation and test by subject: no subject is in two of them."""

import hashlib

from gan_mri.errors import GanMriError

SPLITS = ("train", "validation", "test")
DEFAULT_FRACTIONS = (0.7, 0.0, 0.3)


def assign(found, *, split, test_subjects, validation_subjects, seed):
    """Say for every subject of a plan in which split it is.

    Parameters
    ----------
    found : gan_mri.data.sources.layouts.Plan
    split : (float, float, float) or None
        Fractions of training, validation and test; default: the plan's,
        (0.7, 0, 0.3) unless a built-in data set has its own.
    test_subjects, validation_subjects : sequence of str or None
        Instead of fractions; all others train. "07" means "sub-07" if there is
        no subject "07".
    seed : int

    Returns
    -------
    dict
        Subject to "train", "validation" or "test".

    Raises
    ------
    GanMriError
    """
    explicit = test_subjects is not None or validation_subjects is not None
    if found.kind == "gan_mri_folder":
        if split is not None or explicit:
            raise GanMriError(
                f"{found.source}: expected no split or subjects, because trainA, trainB, testA "
                "and testB already "
                "say what trains and what tests; received one."
            )
        return _from_folders(found)
    if explicit and split is not None:
        raise GanMriError("split: expected either fractions or lists of subjects, received both.")
    members = [
        {entry.key.subject for entry in found.entries if entry.domain == name}
        for name in found.domains
    ]
    # Sorted: a prepared file holds the manifest, and shall be the same each time it is made.
    everybody, complete = sorted(set.union(*members)), set.intersection(*members)
    if explicit:
        return _from_lists(everybody, test_subjects or (), validation_subjects or ())
    fractions = found.fractions if split is None else check_fractions(split)
    if complete and found.kind != "two_folders":
        # A subject without some contrast is no use for testing: it trains.
        return dict.fromkeys(everybody, "train") | _draw(complete, fractions, seed)
    # Names that folders share by chance must not decide alone who tests.
    groups = {}
    for subject in everybody:
        groups.setdefault(tuple(subject in names for names in members), set()).add(subject)
    manifest = {}
    for subjects in groups.values():
        manifest |= _draw(subjects, fractions, seed)
    return manifest


def check_fractions(split):
    """Return three fractions that sum to 1, the first above 0."""
    try:
        fractions = tuple(float(fraction) for fraction in split)
    except (TypeError, ValueError):
        fractions = ()
    good = (
        len(fractions) == 3
        and min(fractions) >= 0
        and fractions[0] > 0
        and abs(sum(fractions) - 1) < 1e-6
    )
    if not good:
        raise GanMriError(
            "split: expected three fractions (training, validation, test) that sum to 1, the "
            "first above 0, "
            f"such as 0.7 0.0 0.3; received {split!r}."
        )
    return fractions


def _draw(subjects, fractions, seed):
    # A hash orders the subjects: the same on every machine and NumPy version, whatever the file
    # system's order.
    order = sorted(subjects, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
    count = len(order)
    # Who asks for a test or validation part gets at least one subject, and one is left to train.
    tests = min(max(1, round(fractions[2] * count)), count - 1) if fractions[2] else 0
    validations = min(max(1, round(fractions[1] * count)), count - 1 - tests) if fractions[1] else 0
    names = ["test"] * tests + ["validation"] * validations
    return dict(zip(order, names + ["train"] * (count - len(names))))


def _from_lists(known, test_subjects, validation_subjects):
    manifest = dict.fromkeys(known, "train")
    for name, subjects in (("test", test_subjects), ("validation", validation_subjects)):
        for subject in [subjects] if isinstance(subjects, str) else subjects:
            full = subject if subject in known else f"sub-{subject}"
            if full not in known:
                raise GanMriError(
                    f"{name}_subjects: expected subjects of the data, received {subject!r}. "
                    f"Known: {', '.join(sorted(known))}."
                )
            if manifest[full] not in ("train", name):
                raise GanMriError(
                    f"{full}: expected in one split, received in validation_subjects and "
                    "test_subjects."
                )
            manifest[full] = name
    if "train" not in manifest.values():
        raise GanMriError(
            "test_subjects, validation_subjects: expected to leave a subject to train, received "
            "all."
        )
    return manifest


def _from_folders(found):
    manifest = {}
    for entry in found.entries:
        manifest.setdefault(entry.key.subject, {}).setdefault(entry.split, entry.path)
    leaks = {subject: places for subject, places in manifest.items() if len(places) > 1}
    if leaks:
        subject, places = sorted(leaks.items())[0]
        others = f" ({len(leaks)} subjects in all)" if len(leaks) > 1 else ""
        raise GanMriError(
            f"{found.source}: expected every subject either in training or in test, received "
            f"{subject} in "
            f"both{others}: {places['train']} and {places['test']}. A subject is the sub-... "
            "part of a file "
            "name, else the whole name without suffix. Move or rename the files."
        )
    return {subject: next(iter(places)) for subject, places in manifest.items()}
