"""Reading `held_out.json`: metrics of held-out images, with numbers that JSON has not."""

from gan_mri.errors import GanMriError
from gan_mri.files import read_json


def read_held_out(path):
    """The content of the file, every metric a float or None.

    An infinite PSNR (a translation equal to the truth) is the text "inf" in it.

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


def _read(value):
    return None if value is None else float(value)
