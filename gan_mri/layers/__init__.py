"""Keras layers, one a file."""

import gan_mri.backend  # noqa: F401  Before Keras, whose backend it checks.
from gan_mri.layers.batch_normalization import BatchNormalization
from gan_mri.layers.batch_statistics import BatchStatistics
from gan_mri.layers.color_histogram import ColorHistogram
from gan_mri.layers.fit_to_multiple import CropLike, PadToMultiple
from gan_mri.layers.innermost import innermost_layers
from gan_mri.layers.instance_normalization import InstanceNormalization
from gan_mri.layers.leaky_relu import LeakyReLU
from gan_mri.layers.random import Dropout, GaussianNoise, RandomStream, random_streams
from gan_mri.layers.recomputed import Recomputed
from gan_mri.layers.reflection_padding import ReflectionPadding2D, ReflectionPadding3D
from gan_mri.layers.self_attention import SelfAttention
from gan_mri.layers.spectral_normalization import SpectralNormalization, one_power_iteration
from gan_mri.layers.to_channels import ToChannels

__all__ = [
    "BatchNormalization",
    "BatchStatistics",
    "ColorHistogram",
    "CropLike",
    "Dropout",
    "GaussianNoise",
    "InstanceNormalization",
    "LeakyReLU",
    "PadToMultiple",
    "RandomStream",
    "Recomputed",
    "ReflectionPadding2D",
    "ReflectionPadding3D",
    "SelfAttention",
    "SpectralNormalization",
    "ToChannels",
    "innermost_layers",
    "one_power_iteration",
    "random_streams",
]
