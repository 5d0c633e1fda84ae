"""Networks whose weights travel between the two stacks: every kind of layer with weights."""

import tensorflow as tf
import tiny

from gan_mri import networks

SPECTRAL = {"spectral_normalization": True, "filters": 2}
NETWORKS = {
    "encoder": lambda **options: networks.unit_encoder(
        residual_blocks=1, attention=True, **SPECTRAL, **options
    ),
    "generator": lambda **options: networks.unit_generator(
        (None, None, 8), residual_blocks=1, attention=True, spectral_normalization=True, **options
    ),
    "resnet": lambda **options: networks.resnet_generator(residual_blocks=1, **SPECTRAL, **options),
    "histogram": lambda **options: networks.histogram_generator(
        residual_blocks=1, bins=8, **SPECTRAL, **options
    ),
    "discriminator": lambda: networks.patch_discriminator((16, 20, 1), patch=False, **SPECTRAL),
}
_SHAPES = {"generator": [(1, 4, 5, 8)], "histogram": [(1, 16, 20, 3), (1, 3, 8)]}


def inputs(name):
    shapes = _SHAPES.get(name, [(1, 16, 20, 1)])
    return [tf.constant(tiny.images(*shape, dtype="float32", seed=4)) for shape in shapes]


def settled(network, given):
    """Moves every power iteration, so that it is no longer what it was initialised to."""
    for layer in network.layers:
        if hasattr(layer, "gamma") and layer.gamma.shape == ():
            layer.gamma.assign(0.7)
    for _ in range(3):
        network(given if len(given) > 1 else given[0], training=True)
