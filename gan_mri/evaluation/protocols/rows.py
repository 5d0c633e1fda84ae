"""The rows of an evaluation under a protocol: one an image, or one an assembled volume."""

import numpy as np

from gan_mri.errors import GanMriError
from gan_mri.evaluation.assembly import Assembly
from gan_mri.evaluation.measures import measure


class UnderProtocol:
    """Measures translations by a protocol, in the order of `Cases`.

    Parameters
    ----------
    protocol : gan_mri.evaluation.protocols.protocol.Protocol
    cases : gan_mri.evaluation.cases.Cases
        That it fits.
    """

    def __init__(self, protocol, cases):
        self._protocol = protocol
        self._assembly = None if protocol.per_image else Assembly(cases)

    def __call__(self, index, case, translation, cycled, way):
        """Rows as `gan_mri.evaluation.measures.measure`, possibly none: a volume has one when its
        last slice is there.

        Parameters
        ----------
        index : int
            Of the case among the cases.
        case, translation, cycled, way
            As `measure` takes them; `cycled` does not count.

        Raises
        ------
        GanMriError
            If a translation is not finite, or the protocol cannot measure an image.
        """
        if self._assembly is None:
            (row, *_) = measure(case, translation, None, way)
            kept = ("direction", "contrast", "subject", "image", *self._protocol.metrics)
            return [{name: row[name] for name in kept}]
        if not np.isfinite(translation).all():
            raise GanMriError(
                f"expected a finite translation. Received {np.sum(~np.isfinite(translation))} of "
                f"{translation.size} values that are NaN or infinite"
            )
        assembled = self._assembly.add(index, translation)
        if assembled is None:
            return []
        return [
            {
                "direction": way.name,
                "contrast": way.contrast,
                "subject": assembled.subject,
                "image": assembled.label,
                **self._protocol.measure(assembled),
            }
        ]
