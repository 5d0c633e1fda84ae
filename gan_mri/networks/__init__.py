"""Networks: functions that build a `keras.Model`, one family a file.

Every builder takes `input_shape` without the batch axis: `(H, W, C)` or
`(X, Y, Z, C)`, where spatial sizes may be None (free). The spatial rank of
the network follows from it.
"""

import gan_mri.backend  # noqa: F401  Before Keras, whose backend it checks.
from gan_mri.networks.conditional_discriminator import conditional_discriminator
from gan_mri.networks.histogram_generator import histogram_generator
from gan_mri.networks.patch_discriminator import patch_discriminator
from gan_mri.networks.resnet_generator import resnet_generator
from gan_mri.networks.simple import simple_generator
from gan_mri.networks.unet import unet_generator
from gan_mri.networks.unit import (
    unit_discriminator,
    unit_encoder,
    unit_generator,
    unit_shared_decoder,
    unit_shared_encoder,
)

__all__ = [
    "conditional_discriminator",
    "histogram_generator",
    "patch_discriminator",
    "resnet_generator",
    "simple_generator",
    "unet_generator",
    "unit_discriminator",
    "unit_encoder",
    "unit_generator",
    "unit_shared_decoder",
    "unit_shared_encoder",
]
