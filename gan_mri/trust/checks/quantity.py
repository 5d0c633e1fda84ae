"""How one measured quantity is told of, and how far an input may be off."""

from typing import NamedTuple

import numpy as np

# What a factor leaves no room for: quantities that are 0, as the noise of drawn images.
_SLACK = 0.005


class Quantity(NamedTuple):
    """How a quantity is told of and compared.

    Attributes
    ----------
    title : str
        For people; quantities of one title are told of together.
    unit : str
        After the number; "%" for shares, which are shown in per cent.
    ratio : bool
        The margin is a factor; False: a difference.
    margin : float
    too_low, too_high : str or None
        What it means and what to do; None: that side is no reason to doubt.
    contrast : bool
        It tells contrasts apart.
    part : str
        Which of several with the same title: "left to right".
    """

    title: str
    unit: str
    ratio: bool
    margin: float
    too_low: str | None
    too_high: str | None
    contrast: bool = False
    part: str = ""

    def widened(self, low, high):
        """The range that raises no doubt, of that of the training files.

        Examples
        --------
        >>> Quantity("Noise", "%", True, 2.0, None, "Denoise it.").widened(0.02, 0.03)
        (0.005, 0.065)
        """
        if self.ratio:
            factor = max(self.margin, np.sqrt(high / low) if low > 0 else self.margin)
            return low / factor - _SLACK, high * factor + _SLACK
        more = max(self.margin, (high - low) / 2)
        return low - more, high + more

    def shown(self, value):
        """A value for people."""
        if self.unit == "%":
            return f"{100 * value:.3g} %"
        return f"{value:.3g}{' ' if self.unit else ''}{self.unit}"
