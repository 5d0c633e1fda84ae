"""One doubt about an input."""

from typing import NamedTuple


class Finding(NamedTuple):
    """What was found, in words for people.

    Attributes
    ----------
    quantity : str
        A name for programs, such as "noise" or "handedness".
    title : str
        A name for people: "Noise".
    value : str
        What the input has.
    expected : str
        What training images have, or what a header should say.
    advice : str
        What to do.

    Examples
    --------
    >>> str(Finding("noise", "Noise", "9 %", "at most 3 %", "Denoise it."))
    'Noise: 9 %. Expected: at most 3 %. Denoise it.'
    """

    quantity: str
    title: str
    value: str
    expected: str
    advice: str

    def __str__(self):
        return f"{self.title}: {self.value}. Expected: {self.expected}. {self.advice}"
