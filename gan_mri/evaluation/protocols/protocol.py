"""What a protocol of evaluation is: range, mask, window and measures, under one name."""

from dataclasses import dataclass
from typing import NamedTuple

from gan_mri.evaluation.measures import METRICS


class Measured(NamedTuple):
    """A pair of images as a protocol compares them.

    Attributes
    ----------
    real, made : ndarray of float64 (*spatial) or (*spatial, 3)
        In the protocol's range.
    mask : ndarray of bool (*spatial) or None
        None: everywhere.
    """

    real: object
    made: object
    mask: object


@dataclass(frozen=True)
class Protocol:
    """A way to measure translations that others can repeat.

    Parameters
    ----------
    name : str
        What `--protocol` takes.
    title, source : str
        What it is called, and who defined it.
    unit : str
        What one value is of: an image, or an assembled volume.
    range, mask, window : str
        Of the intensities, of the voxels that count, and from the model's [-1, 1] to the range.
    metrics : dict of str to str
        Of `gan_mri.evaluation.measures.METRICS`, and how each is computed.
    average : str
        From single values to the mean.
    measure : callable or None
        `measure(assembled)`, from a `gan_mri.evaluation.assembly.Assembled` to the metrics by
        name. None: image by image, as `gan_mri.evaluation.measures.measure` has them.
    unfit : callable
        `unfit(target)`, from a `gan_mri.evaluation.assembly.Target` to what it is instead of
        what the protocol needs; None where it fits.
    needs : str
        What it needs, in words.
    """

    name: str
    title: str
    source: str
    unit: str
    range: str
    mask: str
    window: str
    metrics: dict
    average: str
    measure: object
    unfit: object
    needs: str

    @property
    def per_image(self):
        """Whether single images are measured, and not what they are a part of."""
        return self.measure is None

    def conventions(self):
        """What each measure is: how it is computed, range, mask, unit of averaging.

        Returns
        -------
        dict of str to str
            In the order of `METRICS`.
        """
        if self.per_image:
            return {name: METRICS[name][3] for name in METRICS if name in self.metrics}
        rest = f"protocol {self.name}; {self.unit}; {self.range}; mask: {self.mask}; {self.average}"
        return {name: f"{self.metrics[name]}; {rest}" for name in METRICS if name in self.metrics}

    def to_record(self):
        """For `summary.json`: everything that a reader needs to repeat it."""
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "unit": self.unit,
            "range": self.range,
            "mask": self.mask,
            "window": self.window,
            "metrics": list(self.metrics),
            "average": self.average,
        }
