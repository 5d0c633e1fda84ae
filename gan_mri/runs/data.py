"""The data of a run again, in its own scaling: what `Run.load_data` does."""

import logging
from pathlib import Path

from gan_mri.data import IntensityScaling, load
from gan_mri.data.samples import make_split
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.data.sources.hdf5 import is_hdf5
from gan_mri.data.sources.layouts import split_folders_of
from gan_mri.errors import GanMriError

_log = logging.getLogger("gan_mri")

#: Kinds of data that hold their split; that of all others is decided when they are loaded.
_HOLD_SPLIT = ("gan_mri_folder", "hdf5")


def load_own_data(run, source):
    """The data that the run recorded, split as recorded.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
    source : str or Path
        Where they are now.

    Returns
    -------
    gan_mri.data.TranslationData

    Raises
    ------
    GanMriError
    """
    record = run.config["data"]
    subjects = record["subjects"]
    options = _options(run) | {"slices": record["slices"]}
    if record["kind"] not in _HOLD_SPLIT:
        # Stated, not drawn again: subjects that were added since must not move the others.
        options["test_subjects"] = subjects["test"]
        options["validation_subjects"] = subjects["validation"]
    if record["kind"] in BUILT_IN:
        count = sum(map(len, subjects.values()))
        options["subjects"] = BUILT_IN[record["kind"]].count(count, len(run.task.domains))
        options["image_size"] = run.config["arguments"]["image_size"]
    data = load(source, paired=_paired(run), **options)
    if data.test.subjects != subjects["test"]:
        raise GanMriError(
            f"{source}: expected the test subjects of {run.folder}, "
            f"{_named(subjects['test'])}. Received: {_named(data.test.subjects)}."
        )
    return data


def load_other_data(run, source):
    """Data that the run was not trained on; `test` is their test part or all of them.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
    source : str or Path

    Returns
    -------
    gan_mri.data.TranslationData

    Raises
    ------
    GanMriError
    """
    record = run.config["data"]
    data = _load_whole(run, source)
    known = {name: set(subjects) for name, subjects in record["subjects"].items()}
    found = {*data.train.subjects, *data.validation.subjects, *data.test.subjects}
    kind = data.record["kind"]
    if data.test.complete:
        tested = data
    elif (
        kind not in _HOLD_SPLIT and kind == record["kind"] and set().union(*known.values()) <= found
    ):
        _log.warning(
            "%s holds every subject of %s: taken for the data it was trained on, with the "
            "recorded test subjects.",
            source,
            run.folder,
        )
        return load_own_data(run, source)
    elif data.validation.subjects:
        raise GanMriError(
            f"{source}: expected a test part, or no split at all. Received a split into "
            f"{len(data.train.subjects)} subjects for training, "
            f"{len(data.validation.subjects)} for validation and none for test."
        )
    else:
        nothing = make_split([], data.scaling)
        tested = data._replace(train=nothing, validation=nothing, test=data.train)
    seen = sorted(set(tested.test.subjects) & (known["train"] | known["validation"]))
    if seen:
        _log.warning(
            "%s: %d subjects have the name of one that %s was trained on, such as %s. If they "
            "are the same people, "
            "the result is no test.",
            source,
            len(seen),
            run.folder,
            seen[0],
        )
    return tested


def _load_whole(run, source):
    options = _options(run)
    if is_hdf5(source):
        # The slices and the split it was prepared with.
        return load(source, **options)
    options["slices"] = run.config["data"]["slices"]
    if not (Path(source) / split_folders_of(run.task.domains)[0]).is_dir():
        options["split"] = (1, 0, 0)
    return load(source, **options)


def _options(run):
    record, sampling = run.config["data"], run.view.sampling
    return {
        "domains": run.task.domains,
        "neighbours": run.task.contexts,
        "contrasts": record["contrasts"],
        "plane": sampling and sampling.plane,
        "spacing": sampling and sampling.spacing,
        "align": record.get("align", "none"),
        "scaling": {
            domain: IntensityScaling.from_config(record["scaling"][domain])
            for domain in run.task.domains
        },
    }


def _paired(run):
    return run.task.paired if run.config["data"]["paired"] else ()


def _named(subjects):
    return ", ".join(subjects[:5]) + (" ..." if len(subjects) > 5 else "") or "none"
