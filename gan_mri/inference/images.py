"""One image through a translator: planes, scaling and geometry there and back."""

import numpy as np
from tqdm import tqdm

from gan_mri.data.images.foreground import kept_slices, statistics
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.images.planes import from_stack, to_stack
from gan_mri.data.images.scaling import IntensityScaling
from gan_mri.errors import GanMriError


def check_channels(image, translator):
    """Refuse an image with other channels than a translator was trained on.

    Parameters
    ----------
    image : gan_mri.data.files.image_file.ImageFile
    translator : gan_mri.inference.export.Translator
    """
    expected = translator.card["channels"]
    if image.channels != expected:
        raise GanMriError(
            f"{image.path}: expected an image with {expected} channel(s), as "
            f"{translator.path} was trained on. Received: {image.channels}."
        )


def translate_image(translator, image, *, reference, samples, batch_size, progress):
    """Translate a volume slice by slice, or a picture.

    Parameters
    ----------
    translator : gan_mri.inference.export.Translator
    image : gan_mri.data.files.image_file.ImageFile
        With the translator's channels.
    reference : ndarray (H, W, C) or None
        In [-1, 1].
    samples : int
        0, or the number of stochastic passes.
    batch_size : int
        Slices at a time.
    progress : bool
        Show a progress bar.

    Returns
    -------
    (ndarray, ndarray)
        The translation in [-1, 1] and its standard deviation over the passes
        (0 without), in the shape of `image.array`.

    Raises
    ------
    GanMriError
        If the image's pixels do not suit the model's scaling.
    """
    card = translator.card
    scaling = IntensityScaling.from_config(card["source_scaling"])
    scaling.check(image)
    geometry = Geometry.from_config(card["geometry"])
    facts = statistics(image.array, channels=image.channels)
    plane = card["plane"] or "axial"
    stack = image.array[np.newaxis]
    if image.is_volume:
        stack = to_stack(image.array, image.affine, plane)
    # What is not translated is background, without any doubt.
    results = [np.full(stack.shape, value, np.float32) for value in (-1, 0)]
    if facts is not None:
        kept = kept_slices(stack, facts.threshold, channels=image.channels)
        window = scaling.window(facts)
        gray = stack.ndim == 3
        with tqdm(total=len(kept), unit="slice", disable=not progress, dynamic_ncols=True) as bar:
            for start in range(0, len(kept), batch_size):
                numbers = kept[start : start + batch_size]
                batch = scaling.scale(stack[numbers], window)
                batch = batch[..., np.newaxis] if gray else batch
                batch = np.stack([geometry.whole(one) for one in batch])
                for result, outputs in zip(
                    results, _mean_and_deviation(translator, batch, reference, samples)
                ):
                    for number, one in zip(numbers, outputs):
                        one = geometry.restore(one, stack.shape[1:3])
                        result[number] = one[..., 0] if gray else one
                bar.update(len(numbers))
    if image.is_volume:
        return [from_stack(result, image.affine, plane) for result in results]
    return [result[0] for result in results]


def _mean_and_deviation(translator, batch, reference, samples):
    """One deterministic translation, or mean and deviation of stochastic ones."""
    if not samples:
        translated = translator(batch, reference)
        return translated, np.zeros_like(translated)
    drawn = np.stack([translator.sample(batch, reference) for _ in range(samples)])
    return drawn.mean(axis=0), drawn.std(axis=0)
