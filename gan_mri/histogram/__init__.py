"""Histograms by kernel density, differentiable and compiled by XLA.

`color` (each channel by itself), `joint` (two images together, and their mutual
information), `cells` (the arithmetic behind the first).
"""

import gan_mri.backend  # noqa: F401  Before Keras, whose backend it checks.
from gan_mri.histogram.color import color_histogram, reference_color_histogram

__all__ = ["color_histogram", "reference_color_histogram"]
