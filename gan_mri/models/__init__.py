"""Systems: a `keras.Model` whose `train_step` is a paper's update, one a file."""

import gan_mri.backend  # noqa: F401  Before Keras, whose backend it checks.
from gan_mri.models.cyclegan import CycleGAN
from gan_mri.models.generators import Generators
from gan_mri.models.histogram_cyclegan import HistogramCycleGAN
from gan_mri.models.pix2pix import Pix2Pix
from gan_mri.models.unit import UNIT

__all__ = ["CycleGAN", "Generators", "HistogramCycleGAN", "Pix2Pix", "UNIT"]
