"""Intensities of an image to [-1, 1] and back.

Every method is a *window*, a pair (low, high) in the units of the image, that
is mapped linearly to [-1, 1]; what lies outside is clipped.

| text            | window                                                              |
|-----------------|---------------------------------------------------------------------|
| uint8           | 0 .. 255, 8-bit data only                                           |
| uint16          | 0 .. 65535, unsigned 16-bit data only                               |
| window:LOW:HIGH | as stated, for instance window:-100:300 for soft tissue in CT       |
| window:NAME     | of CT, in Hounsfield units: brain, bone or full, see `CT_WINDOWS`   |
| percentile      | one for the data set: 0.5th percentile of all training pixels of    |
|                 | the domain .. 99.5th percentile of their foreground                 |
| volume          | one per file: the same percentiles, over the file's own voxels      |
| zscore[:K]      | one per file: foreground mean - K .. + K standard deviations, K = 3 |

`auto` is uint8 for 8-bit pictures, percentile for other pictures, volume for
NIfTI and for the phantom. Foreground is defined in `foreground.py`. Windows
that are learned from data are learned from training data alone.
"""

from dataclasses import dataclass

import numpy as np

from gan_mri.data.images.foreground import FOREGROUND_PERCENTILE, LOW_PERCENTILE, foreground_mask
from gan_mri.errors import GanMriError

_FIXED = {"uint8": (0.0, 255.0), "uint16": (0.0, 65535.0)}
#: Windows of CT by name, in Hounsfield units. "brain" is width 80 about 40 and "bone" width 2000
#: about 500, as viewers of medical images have them (dwv, `src/image/windowCenterAndWidth.js`;
#: the brain's is OHIF's too, whose bone is 2500 about 480); "full" is what the usual 12 bits hold
#: from -1024, the least of CT: outside of it there is nothing to be clipped but metal.
CT_WINDOWS = {"brain": (0.0, 80.0), "bone": (-500.0, 1500.0), "full": (-1024.0, 3071.0)}

#: What the command line takes.
TEXTS = (
    f"auto, uint8, uint16, window:LOW:HIGH, window:NAME (of CT: {', '.join(CT_WINDOWS)}), "
    "percentile, volume, zscore or zscore:K"
)

# At most this many pixels of a data set are sorted for its percentiles, evenly spaced.
_SAMPLE = 2**24


@dataclass(frozen=True)
class IntensityScaling:
    """A way to scale one domain, with what it learned from the training data.

    Parameters
    ----------
    method : {"uint8", "uint16", "window", "percentile", "volume", "zscore"}
    typical : (float, float), optional
        The window of every image or, for the per-file methods `volume` and
        `zscore`, the median window of the training files: it gives a model's
        output the intensities of the domain where there is no file to ask.
        None until `fitted`.
    deviations : float
        K of `zscore`.

    Examples
    --------
    >>> ct = IntensityScaling.from_text("window:-100:300")
    >>> ct.scale(np.array([-100.0, 100.0, 1000.0]))
    array([-1.,  0.,  1.], dtype=float32)
    >>> ct.invert(np.array([0.0]))
    array([100.], dtype=float32)
    """

    method: str
    typical: tuple | None = None
    deviations: float = 3.0

    @property
    def per_file(self):
        """True if every file has a window of its own."""
        return self.method in ("volume", "zscore")

    def window(self, statistics=None):
        """The window of one image.

        Parameters
        ----------
        statistics : gan_mri.data.images.foreground.Statistics, optional
            Of the image's file; only the per-file methods need it.

        Returns
        -------
        (float, float)

        Raises
        ------
        GanMriError
            The file's foreground is constant, so `zscore` has no width.
        """
        if not self.per_file:
            return self.typical
        if self.method == "volume":
            return statistics.low, statistics.high
        if statistics.deviation == 0:
            raise GanMriError(
                "scaling zscore: expected a foreground that varies, received a constant one."
            )
        spread = self.deviations * statistics.deviation
        return statistics.mean - spread, statistics.mean + spread

    def scale(self, array, window=None):
        """Map `window` (default: `typical`) to [-1, 1] and clip.

        Parameters
        ----------
        array : ndarray
        window : (float, float), optional

        Returns
        -------
        ndarray
            float32, the shape of `array`.
        """
        low, high = window or self.typical
        scaled = np.array(array, dtype=np.float32)
        scaled -= low
        scaled *= 2.0 / (high - low)
        scaled -= 1.0
        return np.clip(scaled, -1.0, 1.0, out=scaled)

    def invert(self, array, window=None, *, out=None):
        """Map [-1, 1] back to `window` (default: `typical`).

        Parameters
        ----------
        array : ndarray
        window : (float, float), optional
        out : ndarray, float32, optional
            Takes the result; may be `array` itself, so that nothing is copied.

        Returns
        -------
        ndarray
            float32, the units of the domain; equal to what was scaled, inside
            the window, to float32 rounding.
        """
        low, high = window or self.typical
        inverted = np.add(np.asarray(array, np.float32), np.float32(1), out=out)
        inverted *= np.float32((high - low) / 2)
        inverted += np.float32(low)
        return inverted

    def fitted(self, stacks):
        """This scaling with `typical` learned from the training stacks of its domain.

        Parameters
        ----------
        stacks : list of gan_mri.data.stacks.Stack

        Returns
        -------
        IntensityScaling
        """
        if self.method in _FIXED or self.method == "window":
            return self
        if self.method == "percentile":
            typical = _dataset_window(stacks)
        else:
            windows = [self.window(stack.statistics) for stack in stacks]
            typical = tuple(float(value) for value in np.median(windows, axis=0))
        return IntensityScaling(self.method, typical, self.deviations)

    def check(self, stack):
        """Refuse a file whose pixel type does not suit the method.

        Parameters
        ----------
        stack : gan_mri.data.stacks.Stack or gan_mri.data.files.image_file.ImageFile
        """
        if self.method in _FIXED and stack.array.dtype != np.dtype(self.method):
            raise GanMriError(
                f"{stack.path}: expected {self.method} pixels because the scaling is "
                f"{self.method}, received "
                f"{stack.array.dtype}. Choose another scaling: {TEXTS}."
            )

    def to_config(self):
        """JSON-able record; `from_config` is its inverse."""
        config = {
            "method": self.method,
            "typical": None if self.typical is None else list(self.typical),
        }
        return config | ({"deviations": self.deviations} if self.method == "zscore" else {})

    @classmethod
    def from_config(cls, config):
        """The scaling that `to_config` wrote."""
        typical = config["typical"]
        return cls(
            config["method"],
            None if typical is None else tuple(typical),
            config.get("deviations", 3.0),
        )

    @classmethod
    def from_text(cls, text):
        """Read the spelling of the command line (module docstring); `auto` needs the data, see
        `scaling_choice`.
        """
        method, *numbers = str(text).split(":")
        if method == "window" and len(numbers) == 1 and numbers[0] in CT_WINDOWS:
            return cls(method, CT_WINDOWS[numbers[0]])
        try:
            numbers = [float(number) for number in numbers]
        except ValueError:
            numbers = [np.nan] * 3
        if method in _FIXED and not numbers:
            return cls(method, _FIXED[method])
        if method in ("percentile", "volume") and not numbers:
            return cls(method)
        if method == "zscore" and (not numbers or (len(numbers) == 1 and 0 < numbers[0] < np.inf)):
            return cls(method, None, *numbers)
        if (
            method == "window"
            and len(numbers) == 2
            and np.isfinite(numbers).all()
            and numbers[0] < numbers[1]
        ):
            return cls(method, tuple(numbers))
        raise GanMriError(f"scaling: expected {TEXTS}, received {text!r}.")


def _dataset_window(stacks):
    sizes = (len(stack.numbers) * int(np.prod(stack.array.shape[1:])) for stack in stacks)
    step = -(-sum(sizes) // _SAMPLE)
    values, foreground = [], []
    for stack in stacks:
        images = stack.samples()
        # Copies, or every file would stay in memory for the few of its pixels that are taken.
        values.append(images.ravel()[::step].copy())
        mask = foreground_mask(images, stack.statistics.threshold, channels=stack.channels)
        foreground.append(images[mask].ravel()[::step].copy())
    low = float(np.percentile(np.concatenate(values), LOW_PERCENTILE))
    high = float(np.percentile(np.concatenate(foreground), FOREGROUND_PERCENTILE))
    if not low < high:
        raise GanMriError(
            f"scaling percentile: expected training images that vary, received {len(stacks)} "
            "files such as "
            f"{stacks[0].path} whose 0.5th percentile is {low:g} and whose foreground reaches "
            f"{high:g}. "
            "State a window instead: window:LOW:HIGH."
        )
    return low, high
