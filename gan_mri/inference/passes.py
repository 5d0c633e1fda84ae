"""Ways to put a batch through a model: as exported, sampled, exactly in slabs, in windows."""

import logging
import math

import numpy as np

from gan_mri.data.files.limits import available_memory
from gan_mri.errors import GanMriError
from gan_mri.inference.rebuilt import rebuilt
from gan_mri.inference.variations import mean_and_deviation
from gan_mri.inference.volumes import apply_exactly, apply_in_windows, plan, whole_memory

_log = logging.getLogger("gan_mri")

#: Of the memory that there is, for a volume that would not fit in one pass.
_SHARE = 0.8

GIB = 2**30


class Pass:
    """A model as `translate(batches)` for `gan_mri.inference.images.translate_images`.

    Parameters
    ----------
    translator : gan_mri.inference.translator.Translator
    reference : ndarray (*spatial, C), optional
        For a model that takes one.
    samples : int
        0, or the number of stochastic passes to average.
    memory : float, optional
        GiB; volumes go through the network in slabs within it, exactly. By
        default a volume goes through in one pass where the memory of the
        machine allows, else in slabs.
    windows : tuple of int, optional
        Size; volumes go through in overlapping windows of it, blended.
    progress : bool
        Show a progress bar for slabs or windows.

    Attributes
    ----------
    mismatch : gan_mri.inference.volumes.Mismatch or None
        Of the last volume that went through in windows.
    """

    def __init__(
        self, translator, *, reference=None, samples=0, memory=None, windows=None, progress=False
    ):
        self._translator, self._reference = translator, reference
        self._samples, self._memory, self._windows = samples, memory, windows
        self._progress = progress
        self._network = None
        self.mismatch = None
        if (memory or windows) and translator.card.view.rank == 2:
            raise GanMriError(
                f"{translator.path} translates slices, which always fit: expected no memory bound "
                "and no windows (batch_size says how many slices go at a time). Received: "
                f"memory {memory}, windows {windows}."
            )
        if (memory or windows) and (samples or reference is not None):
            raise GanMriError(
                "memory, windows: expected without samples and reference, because a volume that is "
                "translated in parts is translated once, by itself."
            )

    @property
    def view(self):
        """The way to the model's images and back, a `gan_mri.data.images.view.View`."""
        return self._translator.card.view

    def __call__(self, batches):
        """(translations, standard deviation over samples or None)."""
        if self._samples:
            return mean_and_deviation(
                self._translator.sample(batches, self._reference) for _ in range(self._samples)
            )
        if self._windows:
            return self._each(batches, self._in_windows), None
        memory = self._memory or self._bound(batches)
        if memory is None:
            return self._translator(batches, self._reference), None
        return self._each(batches, lambda volume: self._exactly(volume, memory)), None

    def way(self, batches):
        """How a batch will go through the model, without sending it.

        Parameters
        ----------
        batches : dict of str to ndarray (N, *spatial, C)

        Returns
        -------
        (str, int or None)
            In words, and the bytes that it takes above what the process holds before; None for
            slices, and for networks that nobody can tell it of.
        """
        if self._translator.card.view.rank == 2:
            return "slice by slice", None
        shapes = {name: batch.shape[1:] for name, batch in batches.items()}
        first = next(iter(shapes.values()))
        memory = None if self._samples else self._memory or self._bound(batches)
        try:
            if self._windows:
                *space, channels = first
                window = tuple(map(min, self._windows, space))
                blended = 2 * 4 * math.prod(first)  # the sum, and the sum of weights
                needed = int(self._whole({name: (*window, channels) for name in shapes}) + blended)
                return f"in blended windows of {' x '.join(map(str, window))}", needed
            if memory is not None:
                found = plan(self._rebuilt(), first if len(shapes) == 1 else shapes, memory)
                return f"in slabs ({found})", found.peak
            return "in one pass", int(self._whole(shapes))
        except GanMriError as error:
            _log.info("%s: %s", self._translator.path, error)
            return "in one pass", None

    def _whole(self, shapes):
        """Bytes of one pass over volumes of these shapes, by input."""
        first = next(iter(shapes.values()))
        return GIB * whole_memory(self._rebuilt(), first if len(shapes) == 1 else shapes)

    def _bound(self, batches):
        """GiB within which a volume must go in slabs; None where one pass fits."""
        card = self._translator.card
        if card.view.rank == 2 or self._translator.takes_reference:
            return None
        if "settings" not in card.content:
            return None
        shapes = {name: batch.shape[1:] for name, batch in batches.items()}
        try:
            needed = self._whole(shapes) / GIB
        except GanMriError as error:
            # Such as self-attention, which no slab can be computed of: one pass is all there is.
            _log.info("%s is not translated in slabs: %s", self._translator.path, error)
            return None
        there = available_memory() / GIB
        if needed <= _SHARE * there:
            return None
        _log.warning(
            "one pass over the volume would take about %.1f GiB of the %.1f there are: it is "
            "translated in slabs, with the same result. --memory sets the bound.",
            needed,
            there,
        )
        return _SHARE * there

    def _each(self, batches, one):
        count = len(next(iter(batches.values())))
        results = []
        for index in range(count):
            volumes = {name: batch[index] for name, batch in batches.items()}
            results.append(one(next(iter(volumes.values())) if len(volumes) == 1 else volumes))
        return np.stack(results) if count > 1 else results[0][np.newaxis]

    def _exactly(self, volume, memory):
        return apply_exactly(self._rebuilt(), volume, memory=memory, progress=self._progress)

    def _in_windows(self, volume):
        result, self.mismatch = apply_in_windows(
            self._translator, volume, size=self._windows, progress=self._progress
        )
        return result

    def _rebuilt(self):
        if self._network is None:
            self._network = rebuilt(self._translator)
        return self._network
