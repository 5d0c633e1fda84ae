"""CollaGAN's generator as a network that makes one contrast."""

import keras
import tensorflow as tf

from gan_mri.layers.constant_channels import ConstantChannels
from gan_mri.networks.collagan import MISSING


def compose_collagan_translator(generator, domains, target):
    """The generator with the missing image and the planes of one target filled in.

    Parameters
    ----------
    generator : keras.Model
        Of `gan_mri.networks.collagan_generator`.
    domains : sequence of str
        In the order of the generator's images.
    target : str
        One of them.

    Returns
    -------
    keras.Model
        Of the other domains, inputs of these names, of any size; to an image of
        `target`. It shares the generator's weights.
    """
    dtype = tf.as_dtype(generator.outputs[0].dtype).name
    image_shape = generator.input_shape[0][1:]
    sources = {
        domain: keras.Input(image_shape, name=domain, dtype=dtype)
        for domain in domains
        if domain != target
    }
    first = next(iter(sources.values()))
    missing = ConstantChannels([MISSING] * image_shape[-1], dtype=dtype)(first)
    planes = ConstantChannels([domain == target for domain in domains], dtype=dtype)(first)
    shown = [sources.get(domain, missing) for domain in domains]
    return keras.Model(list(sources.values()), generator([*shown, planes]), name=target)
