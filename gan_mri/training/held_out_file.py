"""`held_out.json`: metrics of held-out images, with numbers that JSON has not."""

import math

from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json


def write_held_out(path, measured):
    """Write what was measured.

    An infinite PSNR (a translation equal to the truth) is written as the text
    "inf", because JSON knows no infinity.

    Parameters
    ----------
    path : str or Path
    measured : dict
        "convention", "slices", "subjects", and "metrics": `HeldOut.measure` of
        the input itself, of the untrained and of the trained model, by name.
    """
    metrics = {
        image: {name: _written(value) for name, value in values.items()}
        for image, values in measured["metrics"].items()
    }
    write_json(path, measured | {"metrics": metrics})


def read_held_out(path):
    """Read it back, every metric a float or None.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict

    Raises
    ------
    GanMriError
        If it is no such file.
    """
    measured = read_json(path)
    try:
        metrics = {
            image: {name: _read(value) for name, value in values.items()}
            for image, values in measured["metrics"].items()
        }
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise GanMriError(
            f"{path}: expected metrics that gan_mri.train wrote, numbers by name. "
            f"Received something else: {type(error).__name__}: {error}."
        ) from error
    return measured | {"metrics": metrics}


def _written(value):
    return value if value is None or math.isfinite(value) else str(value)


def _read(value):
    return None if value is None else float(value)
