"""Keras layers, one a file."""

from gan_mri.layers.fit_to_multiple import CropLike, PadToMultiple
from gan_mri.layers.instance_normalization import InstanceNormalization
from gan_mri.layers.leaky_relu import LeakyReLU
from gan_mri.layers.reflection_padding import ReflectionPadding2D, ReflectionPadding3D
from gan_mri.layers.spectral_normalization import SpectralNormalization

__all__ = [
    "CropLike",
    "InstanceNormalization",
    "LeakyReLU",
    "PadToMultiple",
    "ReflectionPadding2D",
    "ReflectionPadding3D",
    "SpectralNormalization",
]
