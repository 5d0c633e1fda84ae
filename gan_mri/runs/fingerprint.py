"""What of the data a run must find again to be continued: samples, counts, intensities."""

import hashlib

from gan_mri.data.splits import SPLITS
from gan_mri.errors import GanMriError

# Intensities agree to so many digits wherever they are computed.
_DIGITS = 5


def fingerprint(data):
    """A short text for every file that a split is made of.

    Parameters
    ----------
    data : gan_mri.data.TranslationData

    Returns
    -------
    dict of str to str
        "train T1w sub-01 ses-1" to "12 samples of 64 x 64, intensities 3fa0b1c2": of what is
        kept of the file, and of the statistics of all its voxels. JSON-able.
    """
    found = {}
    for part in SPLITS:
        for domain, samples in getattr(data, part).images.items():
            contrast = data.contrast_of[domain]
            for stack, count in samples.files():
                name = f"{part} {contrast} {stack.key}"
                name += f" {stack.plane}" if stack.names_plane else ""
                found[name] = _described(stack, count)
    return found


def _described(stack, count):
    size = " x ".join(map(str, stack.size))
    values = "" if stack.statistics is None else [f"{v:.{_DIGITS}g}" for v in stack.statistics]
    digest = hashlib.sha256(f"{values} {list(map(int, stack.numbers))}".encode()).hexdigest()[:8]
    return f"{count} samples of {size}, intensities {digest}"


def check_fingerprint(run, data):
    """Refuse to continue a run on other data than it was trained on.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
    data : gan_mri.data.TranslationData

    Raises
    ------
    GanMriError
        Naming the first file that differs.
    """
    before, now = run.config["data"], data.describe()
    if before["subjects"] != now["subjects"]:
        raise GanMriError(
            f"{run.folder} was trained on other subjects than the data hold now, so it "
            f"cannot be resumed. Expected {before['subjects']}. Received: {now['subjects']}."
        )
    then = before.get("fingerprint")
    if then is None:  # of an older version
        then, found = before["counts"], now["counts"]
    else:
        found = fingerprint(data)
    for name in sorted({*then, *found}):
        if then.get(name) != found.get(name):
            raise GanMriError(
                f"{run.folder} was trained on other images than the data hold now, so it cannot "
                f"be resumed. Expected of {name}: {then.get(name, 'nothing')}. "
                f"Received: {found.get(name, 'nothing')}."
            )
