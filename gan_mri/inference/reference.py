"""The image whose colours a translation shall have, as a model sees it."""

import numpy as np

from gan_mri.data.files.readers import read_image
from gan_mri.data.images.foreground import kept_slices, statistics
from gan_mri.errors import GanMriError


def read_reference(path, translator):
    """Read a reference image as training saw the images of the target domain.

    It is scaled by the target's scaling, with the window of its own file where
    the scaling is per file, and brought to the training size where the model
    resizes. Of a volume, the middle one of the slices that are not empty
    (`gan_mri.data.images.foreground`) counts, in the model's (first) plane; a model of
    volumes takes it whole.

    Parameters
    ----------
    path : str or Path
        A picture or a volume.
    translator : gan_mri.inference.translator.Translator

    Returns
    -------
    ndarray (*spatial, C)
        float32 in [-1, 1].

    Raises
    ------
    GanMriError
        If it cannot be read, has other channels than the model, pixels that
        do not suit the scaling, or no foreground where one is needed.
    """
    image, card = read_image(path), translator.card
    if image.channels != card.channels:
        raise GanMriError(
            f"{image.path}: expected a reference with {card.channels} channel(s), as "
            f"{translator.path} was trained on. Received: {image.channels}."
        )
    scaling = card.target_scaling
    scaling.check(image)
    facts = statistics(image.array, channels=image.channels)
    shown = _shown(image, facts, card.view)
    # A picture of one colour is a good reference where its window is known.
    if shown is None or (facts is None and scaling.per_file):
        raise GanMriError(
            f"{path}: expected a reference image with a foreground. Received one in which "
            "(nearly) nothing rises above the background."
        )
    try:
        scaled = scaling.scale(shown, scaling.window(facts))
    except GanMriError as error:
        raise GanMriError(f"{path}: {error}") from error
    scaled = scaled if card.channels > 1 else scaled[..., np.newaxis]
    return card.view.geometry.whole(scaled)


def _shown(image, facts, view):
    """The picture, the volume, or its middle slice; None if all its slices are empty."""
    if facts is None:
        return None if image.is_volume else image.array
    stack = next(iter(view.stacks(image)[0].values()))
    if not image.is_volume or view.rank == 3:
        return stack[0]
    kept = kept_slices(stack, facts.threshold, channels=image.channels)
    return stack[kept[len(kept) // 2]] if len(kept) else None
