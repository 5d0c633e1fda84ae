"""The sizes of training images and of batches."""

from gan_mri.data.images.geometry import SMALLEST, Geometry, common_size
from gan_mri.errors import GanMriError


def choose_geometry(options, data, *, built_in):
    """The size of training images, and how images come to it.

    Parameters
    ----------
    options : gan_mri.data.options.DataOptions
    data : gan_mri.data.TranslationData
    built_in : bool
        Whether the data are drawn at the size that was asked for.

    Returns
    -------
    gan_mri.data.images.geometry.Geometry

    Raises
    ------
    GanMriError
        For windows without a size, or images that are too small.
    """
    size, fit = options.image_size, options.fit
    if fit == "crop" and (size is None or built_in):
        why = "built-in data are drawn at it" if built_in else "it says how large windows are"
        raise GanMriError(
            "fit crop: expected an image size that is smaller than the images. Received "
            f"image_size {size}; {why}."
        )
    if size is None or built_in:
        # Nothing is larger than this size, so nothing is cut or resampled,
        # neither here nor in images of other sizes that are translated.
        size, fit = natural_size(data), "crop"
    return Geometry(tuple(size), fit)


def natural_size(data):
    """The size at which nothing is cut or resampled: of every side the largest.

    Parameters
    ----------
    data : gan_mri.data.TranslationData

    Returns
    -------
    tuple of int

    Raises
    ------
    GanMriError
        If the networks' borders need larger images.
    """
    files = [stack.size for samples in data.train.images.values() for stack, _ in samples.files()]
    size = common_size(files)
    if min(size) < SMALLEST:
        raise GanMriError(
            f"{data.record['source']}: expected training images of at least {SMALLEST} pixels "
            f"along every side. Received: {' x '.join(map(str, size))} at most. Give an image size "
            f"of {SMALLEST} or more (--image-size), to which they are enlarged."
        )
    return size


def global_batch_size(batch_size, replicas, run=None):
    """Images of each domain in a step, over all replicas: a resumed run keeps the first's.

    Parameters
    ----------
    batch_size : int
        Of a replica.
    replicas : int
    run : gan_mri.runs.run.Run, optional
        The run that goes on.

    Returns
    -------
    int

    Raises
    ------
    GanMriError
        If so many replicas cannot share the batch of the run.
    """
    if run is None:
        return batch_size * replicas
    before = run.config["replicas"]
    whole = run.config.get("global_batch_size", batch_size * before)
    if whole % replicas:
        fit = ", ".join(str(n) for n in range(1, whole + 1) if whole % n == 0)
        raise GanMriError(
            f"{run.folder} was started on {before} device(s) with a batch of {whole} images "
            "over all of them, which its schedule depends on. Expected a number of devices "
            f"that divides it: {fit}. Received: {replicas}."
        )
    return whole
