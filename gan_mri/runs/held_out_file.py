"""Reading `held_out.json`: metrics of held-out images, with numbers that JSON has not."""

from gan_mri.files import read_json
from gan_mri.schemas.kinds import by_name, check, fields, list_of, maybe, number, text


def _metric(value, place):
    """A number, which may be infinite, or null."""
    if value not in ("inf", "-inf", "nan") and not isinstance(value, float):
        maybe(number())(value, place)


_KIND = fields(
    {"metrics": by_name(by_name(_metric))}, {"convention": text, "subjects": list_of(text)}
)


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
    check(measured, _KIND, path, "metrics that gan_mri.train wrote, numbers by name")
    return measured | {
        "metrics": {
            image: {name: _read(value) for name, value in values.items()}
            for image, values in measured["metrics"].items()
        }
    }


def _read(value):
    return None if value is None else float(value)
