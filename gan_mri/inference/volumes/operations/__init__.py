"""Every kind of layer that can be applied to a few rows of a volume, one family a file."""

from gan_mri.inference.volumes.operations import (  # noqa: F401 (each registers its layers)
    channel_attention,
    convolution,
    enlargement,
    linear_upsampling,
    normalization,
    padding,
    pointwise,
    pooling,
    transposed_convolution,
)
from gan_mri.inference.volumes.operations.operation import Identity, Operation
from gan_mri.inference.volumes.operations.registry import kind, operates, operation

__all__ = ["Identity", "Operation", "kind", "operates", "operation"]
