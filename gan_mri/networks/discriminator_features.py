"""What a discriminator sees of an image before it judges."""

import keras
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.layers import LeakyReLU


def discriminator_features(discriminator):
    """The maps after every activation of a discriminator.

    Parameters
    ----------
    discriminator : keras.Model
        Of one image, from `gan_mri.networks`: layers that it holds itself, or a network for each
        scale (`patch_discriminator` with `scales`), each of which sees the image averaged once
        more than the one before.

    Returns
    -------
    callable
        `features(images)`: a list of tensors, scale after scale. They share the discriminator's
        weights; the networks behind it are made when it is first called, and raise
        `gan_mri.errors.GanMriError` for another kind of network.

    References
    ----------
    Wang et al. 2018 (pix2pixHD), "feature matching".
    """
    made = []

    def features(images):
        if not made:
            made.extend(_judges_and_halvings(discriminator))
        judges, halvings = made
        maps = tf.nest.flatten(judges[0](images))
        for judge, halve in zip(judges[1:], halvings):
            images = halve(images)
            maps += tf.nest.flatten(judge(images))
        return maps

    return features


def _judges_and_halvings(discriminator):
    """From an image to its maps at each scale; what makes the image of the next scale."""
    judges = [layer for layer in discriminator.layers if hasattr(layer, "layers")]
    halvings = []
    if judges:
        # Keras sorts layers by their distance from the outputs: these chain, those do not.
        halvings = [layer for layer in discriminator.layers[1:] if layer not in judges]
    if len(discriminator.inputs) > 1 or judges and len(halvings) != len(judges) - 1:
        raise GanMriError(
            "discriminator_features: expected a discriminator of one image, a network for each "
            f"scale or one of layers alone. Received: {discriminator.name!r}."
        )
    return [_activations(network) for network in judges or [discriminator]], halvings


def _activations(network):
    maps = [layer.output for layer in network.layers if isinstance(layer, LeakyReLU)]
    if not maps:
        raise GanMriError(
            "discriminator_features: expected a discriminator with activations that are "
            f"gan_mri.layers.LeakyReLU. Received: {network.name!r}, which has none."
        )
    return keras.Model(network.inputs[0], maps, name=f"{network.name}_features")
