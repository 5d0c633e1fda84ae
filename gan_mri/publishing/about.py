"""What only its makers can say of a model."""

from typing import NamedTuple


class About(NamedTuple):
    """What a card says that no file knows.

    Attributes
    ----------
    title : str
        One line: "T1w to T2w and back, brains with multiple sclerosis".
    license : str
        Of the weights, by its SPDX name: "CC-BY-4.0".
    data : str
        Name of the data set.
    attribution : str
        Whom the data are from, and under which license.
    use : str
        What the model is meant for, after "For ".
    """

    title: str
    license: str
    data: str
    attribution: str
    use: str
