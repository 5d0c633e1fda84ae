"""One file, or one of every source, translated and written."""

import logging

import numpy as np

from gan_mri.data.files.readers import read_image
from gan_mri.data.files.writers import check_suffix, write_like
from gan_mri.data.images.sampling import Sampling
from gan_mri.free_names import check_free
from gan_mri.inference.deviations import deviation_path
from gan_mri.inference.images import check_images, translate_images
from gan_mri.planning.volumes import check_volumes
from gan_mri.trust.checks.inputs import doubts

_log = logging.getLogger("gan_mri")


def translate_file(
    translator, translates, sources, output, *, samples, batch_size, progress, check=False
):
    """Read the sources of one translation, and write it like the first of them.

    Parameters
    ----------
    translator : gan_mri.inference.translator.Translator
    translates : callable
        See `gan_mri.inference.images.translate_images`.
    sources : dict of str to Path
        By the names of the network's inputs.
    output : Path
    samples : int
        Where there are any, their standard deviation is written beside the output, in the
        intensities of the target, see `deviation_path`.
    batch_size : int
        Slices at a time.
    progress : bool
        Show a progress bar.
    check : bool
        Warn of what speaks against the sources, see `gan_mri.trust.checks`.

    Raises
    ------
    GanMriError
        Nothing is written then.
    """
    sampling = translator.card.view.sampling or Sampling("axial")
    check_volumes(list(sources.values()), sampling, samples=samples)
    images = {name: read_image(path) for name, path in sources.items()}
    check_images(images, translator)
    if check:
        _warn(images, translator.card)
    card, first = translator.card, next(iter(images.values()))
    target = card.target_scaling
    check_suffix(output, first, target.typical)
    beside = deviation_path(output)
    if samples:
        check_free(beside)
    made, deviation = translate_images(
        translates, images, card, batch_size=batch_size, progress=progress
    )
    write_like(output, target.invert(made, out=made), first, target.typical)
    if samples:
        low, high = target.typical
        # A difference has no offset, and is small: never rounded to integers.
        floats = first._replace(array=np.broadcast_to(np.float32(0), first.array.shape))
        if deviation is None:  # nothing to translate: no doubt either
            deviation = np.zeros(first.array.shape, np.float32)
        write_like(beside, deviation * (high - low) / 2, floats, (0, high - low))


def _warn(images, card):
    """Log all doubts about the sources."""
    for name, image in images.items():
        for finding in doubts(image, card, name):
            # Of codes that are 0 the reader has told.
            if finding.quantity != "orientation_codes":
                _log.warning("%s: %s", image.path, finding)
