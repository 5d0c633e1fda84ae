"""The golden numbers of the 2018 UNIT, with noise and dropout off; see `golden`."""

import golden
import numpy as np

import gan_mri
from gan_mri.weights import gan_mri_order

#: Our names of the networks, and theirs.
NETWORKS = {
    "encoder_A": "encoderA",
    "encoder_B": "encoderB",
    "shared_encoder": "encoderShared",
    "shared_decoder": "decoderShared",
    "generator_A": "generatorA",
    "generator_B": "generatorB",
    "discriminator_A": "discriminatorA",
    "discriminator_B": "discriminatorB",
}
SEEDS = {name: 2001 + index for index, name in enumerate(NETWORKS)}

#: Fixture name: (channels, training iterations).
CASES = {"gray": (1, 3), "rgb": (3, 1)}


def gain(name):
    """Of the recipe of weights: the discriminators' judgements spread more."""
    return 3.0 if name.startswith("discriminator") else 1.0


def build(case, dtype="float32"):
    """The whole UNIT of a case with the golden weights."""
    channels, _ = CASES[case]
    model = gan_mri.build("welander/unit", (64, 64, channels), dtype=dtype, noise=0.0, dropout=0.0)
    for name, network in model.networks.items():
        golden.fill(gan_mri_order(network), SEEDS[name], gain(name))
    return model


def to_range(pixels):
    """8-bit pixels in [-1, 1], as the 2018 loader of UNIT scaled each image."""
    return np.stack([(image / image.max() - 0.5) * 2 for image in pixels])


def comparable(kinds):
    """As `golden.comparable`, without the moving statistics, which nothing reads."""
    return [index for index in golden.comparable(kinds) if "moving" not in kinds[index]]


def thin(tensor):
    """Some 315 values of an image or 649 of a code, all of what is smaller.

    Evenly spread; 13 and 101 divide neither sides nor channels.
    """
    flat = np.ravel(tensor)
    step = 101 if flat.size > 2**15 else 13 if flat.size > 2**10 else 1
    return flat[::step]
