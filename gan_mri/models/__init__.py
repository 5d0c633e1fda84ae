"""Systems: a `keras.Model` whose `train_step` is a paper's update, one a file."""

from gan_mri.models.cyclegan import CycleGAN

__all__ = ["CycleGAN"]
