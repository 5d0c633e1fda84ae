"""What an exported network makes of one fixed image: by it the network is known again.

A network that is built anew from the settings of a card and the exported weights need not be
the one that was exported: a card may have been changed, and so may the layers of a newer
version. Comparing the two by running the exported graph would run what may be a stranger's
program. So the export keeps a few pixels of one translation, and the seeds of the network's
random numbers, beside the card.
"""

from pathlib import Path

import numpy as np

from gan_mri.files import read_json, write_json
from gan_mri.schemas.kinds import check, fields, list_of, number, whole

#: Beside the card, see `gan_mri.inference.card.CARD`.
PATH = Path("assets.extra") / "gan_mri_network.json"

# Side of the image, how many values of the translation are kept, and by how much they may differ,
# of [-1, 1]: GPUs that multiply in TF32 differ by some thousandths.
_SIDE, _VALUES, TOLERANCE = 20, 64, 5e-3

_KIND = fields(
    {"seeds": list_of(whole(0, 2**63 - 1)), "translation": list_of(number(), _VALUES, _VALUES)}
)


def fixed_inputs(signature):
    """An image, or numbers, for every input of a network: always the same.

    Parameters
    ----------
    signature : sequence of tf.TensorSpec
        `(None, ..., None, C)`, or `(None, C)` for random numbers.

    Returns
    -------
    dict of str to ndarray
        By the name of the input, float32 in [-1, 1].
    """
    inputs = {}
    for number_of_input, spec in enumerate(signature):
        shape = (1, *[_SIDE] * (len(spec.shape) - 2), spec.shape[-1])
        place = np.arange(np.prod(shape), dtype=np.float64)
        # A wave whose length is no whole number of pixels, so that no two are alike.
        inputs[spec.name] = np.sin(0.7 * place + number_of_input).reshape(shape).astype(np.float32)
    return inputs


def translation_of(serve):
    """Some values of what a network makes of `fixed_inputs`.

    Parameters
    ----------
    serve : tf.function
        `serving_default` of `gan_mri.inference.export.Served`.

    Returns
    -------
    list of float
    """
    made = serve(*fixed_inputs(serve.input_signature).values())["translation"].numpy().ravel()
    return [float(value) for value in made[np.linspace(0, made.size - 1, _VALUES).astype(int)]]


def write_known_translation(folder, serve, streams):
    """Write it into the folder of an exported model, unless the network makes no numbers.

    Parameters
    ----------
    folder : Path
    serve : tf.function
    streams : list of gan_mri.layers.RandomStream
        Of the network.
    """
    made = translation_of(serve)
    if np.isfinite(made).all():
        seeds = [stream.seed for stream in streams]
        write_json(folder / PATH, {"seeds": seeds, "translation": made})


def read_known_translation(folder):
    """That of an exported model, or None: older versions wrote none.

    Raises
    ------
    GanMriError
        If there is a file of another structure.
    """
    path = folder / PATH
    if not path.is_file():
        return None
    content = read_json(path)
    check(content, _KIND, path, "a translation of a model that gan_mri exported")
    return content


def difference(known, serve):
    """The largest between the kept values and those of another network; inf for NaN.

    Parameters
    ----------
    known : dict
        See `read_known_translation`.
    serve : tf.function
    """
    found = np.abs(np.array(translation_of(serve)) - known["translation"]).max()
    return float(found) if np.isfinite(found) else np.inf
