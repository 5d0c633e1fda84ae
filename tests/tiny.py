"""Systems and images small enough for a test."""

import dataclasses

import numpy as np

import gan_mri
from gan_mri import recipes

#: Fields of "welander/cyclegan" and "welander/unit" that make them small.
SETTINGS = {"filters": 2, "discriminator_filters": 2, "residual_blocks": 1}

#: Of any recipe; it has only some of these fields.
SMALL = {**SETTINGS, "pool_size": 2, "bins": 8, "bandwidth": 0.1}


def small(name):
    """Those settings of `SMALL` that the recipe of this name has."""
    fields = {field.name for field in dataclasses.fields(recipes.get(name))}
    return {key: value for key, value in SMALL.items() if key in fields}


def cyclegan(image_shape=(20, 18, 1), *, dtype="float64", seed=3, **settings):
    """A compiled CycleGAN of a few hundred weights, without a pool unless asked."""
    settings = {**SETTINGS, "pool_size": 0, **settings}
    return gan_mri.build("welander/cyclegan", image_shape, dtype=dtype, seed=seed, **settings)


def unit(image_shape=(20, 16, 1), *, dtype="float64", seed=3, **settings):
    """A compiled UNIT of a few thousand weights, with noise and dropout."""
    settings = {**SETTINGS, "residual_blocks": 0, **settings}
    return gan_mri.build("welander/unit", image_shape, dtype=dtype, seed=seed, **settings)


def images(*shape, seed=0, dtype="float64"):
    """Smooth-free random images in [-1, 1]."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(dtype)


def pair(*shape, seed=0, dtype="float64"):
    """A batch (A, B)."""
    return images(*shape, seed=seed, dtype=dtype), images(*shape, seed=seed + 1000, dtype=dtype)


def by_domain(task, *shape, seed=0, dtype="float32"):
    """A batch as a dict, each domain with images of its own."""
    return {
        domain: images(*shape, seed=seed + 1000 * number, dtype=dtype)
        for number, domain in enumerate(task.domains)
    }


def step(model, batch):
    """The losses of a training step as numbers, by name."""
    return {name: float(loss) for name, loss in model.train_step(batch).items()}


def weights(model):
    """Every weight of a system's networks by network, as lists of arrays."""
    return {
        name: [np.array(value) for value in network.get_weights()]
        for name, network in model.networks.items()
    }
