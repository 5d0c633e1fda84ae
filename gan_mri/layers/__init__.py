"""Keras layers, one a file."""

from gan_mri.layers.batch_statistics import BatchStatistics
from gan_mri.layers.fit_to_multiple import CropLike, PadToMultiple
from gan_mri.layers.instance_normalization import InstanceNormalization
from gan_mri.layers.leaky_relu import LeakyReLU
from gan_mri.layers.random import Dropout, GaussianNoise, RandomStream, random_streams
from gan_mri.layers.reflection_padding import ReflectionPadding2D, ReflectionPadding3D
from gan_mri.layers.spectral_normalization import SpectralNormalization

__all__ = [
    "BatchStatistics",
    "CropLike",
    "Dropout",
    "GaussianNoise",
    "InstanceNormalization",
    "LeakyReLU",
    "PadToMultiple",
    "RandomStream",
    "ReflectionPadding2D",
    "ReflectionPadding3D",
    "SpectralNormalization",
    "random_streams",
]
