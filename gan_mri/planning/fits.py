"""Whether a training finds the memory that it needs, asked before it starts."""

import logging

import tensorflow as tf

from gan_mri.data.files.limits import available_memory, free_swap
from gan_mri.errors import GanMriError
from gan_mri.planning.step_memory import bound, traced
from gan_mri.planning.words import gib

_log = logging.getLogger("gan_mri")

#: Of the memory there is: a step that surely takes less is not looked at closely.
_PLENTY = 0.5

#: An estimate lies within a quarter of what is measured: beyond this share it is close.
_CLOSE = 0.8


def check_training(model, recipe, image_shape, *, batch_size, replicas=1, precision="float32"):
    """Refuse a training whose steps cannot fit, and warn of one whose steps may not.

    Where there is plenty of memory this takes no time: a bound from the weights' shapes says
    so. Else the step is traced, which takes seconds, see `gan_mri.planning.step_memory`. Data
    and weights are in memory already, so that what is left is what a step may take. Steps on
    GPUs have memory of their own, and are not judged.

    Parameters
    ----------
    model : gan_mri.models.translation.Translation
        Built, with the data loaded.
    recipe : gan_mri.recipes.recipe.Recipe
        Its settings, for the advice.
    image_shape : tuple of int
        `(H, W, C)` or `(X, Y, Z, C)`.
    batch_size : int
        Of one replica.
    replicas : int
        On this machine.
    precision : str

    Raises
    ------
    GanMriError
        Where even the tensors that exist at a time are more than memory and swap hold.
    """
    there = available_memory()
    if there is None or tf.config.list_physical_devices("GPU"):
        return
    if replicas * bound(model, image_shape, batch_size) < _PLENTY * there:
        return
    step = traced(model, image_shape, batch_size)
    alive, total = replicas * step.alive, replicas * step.total
    if total <= _CLOSE * there:
        return
    size = " x ".join(map(str, image_shape[:-1]))
    wanted = f"a training step on images of {size} takes about {gib(total)} of memory"
    advice = _advice(recipe, batch_size, precision)
    if alive > there + free_swap():
        raise GanMriError(
            f"memory: {wanted}, {gib(alive)} at the very least. Received: {gib(there)} that are "
            f"free. What takes less: {advice}."
        )
    _log.warning(
        "%s, of the %s that are free: it may not fit. What takes less: %s.",
        wanted,
        gib(there),
        advice,
    )


def _advice(recipe, batch_size, precision):
    """What makes a step smaller, of that which this recipe can still do."""
    words = ["smaller images (--image-size)"]
    if getattr(recipe, "recompute", True) is False:
        words.append("--set recompute=true, for up to a third more time")
    if batch_size > 1:
        words.append(f"a smaller batch (--batch-size, now {batch_size})")
    if hasattr(recipe, "filters"):
        words.append(f"fewer filters (--set filters=N, now {recipe.filters})")
    if precision in ("float32", "float64"):
        words.append("--precision bfloat16")
    return ", ".join(words[:-1]) + f" or {words[-1]}" if words[1:] else words[0]
