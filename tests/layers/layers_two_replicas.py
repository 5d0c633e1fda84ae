"""Run by `test_layers_distributed` in a process of its own.

    python layers_two_replicas.py OUT.npz

Two logical CPUs with different images each, and one device with the images of
both: losses, gradients and state of layers that take statistics over the batch
or change something in the forward pass.
"""

import sys

import keras
import numpy as np
import tensorflow as tf
import tiny

from gan_mri.backend import precision, tf_variables
from gan_mri.layers import (
    BatchNormalization,
    BatchStatistics,
    Dropout,
    InstanceNormalization,
    RandomStream,
    Recomputed,
    SpectralNormalization,
    one_power_iteration,
)

# Means that differ from image to image, so that statistics of two are not those of four.
IMAGES = tiny.images(4, 5, 4, 3) + np.arange(4.0).reshape(4, 1, 1, 1)
UPSTREAM = tiny.images(4, 5, 4, 3, seed=9)


def batch_statistics():
    return [BatchStatistics()]


def batch_normalization():
    return [BatchNormalization()]


def batch_statistics_recomputed():
    return [Recomputed([keras.layers.Conv2D(3, 3, padding="same"), BatchStatistics()])]


def chain():
    return [
        SpectralNormalization(keras.layers.Conv2D(3, 3, padding="same")),
        InstanceNormalization(),
        Dropout(0.4, RandomStream(3)),
        SpectralNormalization(keras.layers.Conv2D(3, 3, padding="same")),
    ]


def chain_recomputed():
    return [Recomputed(chain())]


def network_of(make):
    with precision("float64"):
        image = x = keras.Input(IMAGES.shape[1:])
        for layer in make():
            x = layer(x)
        network = keras.Model(image, x)
    random = np.random.default_rng(2)
    network.set_weights([random.uniform(-1, 1, w.shape) for w in network.get_weights()])
    return network


def step(network, images, upstream):
    """Loss and gradients; with respect to the images, only those of this device."""
    variables = tf_variables(network.trainable_variables)
    with one_power_iteration(), tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([images, *variables])
        outputs = network(images, training=True)
        loss = tf.reduce_sum(outputs * upstream)
    return outputs, loss, tape.gradient(loss, [images, *variables])


def local(strategy, values):
    return [value.numpy() for value in strategy.experimental_local_results(values)]


def one_device(make):
    network = network_of(make)
    images, upstream = tf.constant(IMAGES), tf.constant(UPSTREAM)
    outputs, loss, gradients = tf.function(lambda: step(network, images, upstream))()
    return summary(outputs, loss, gradients, network)


def two_replicas(strategy, make):
    with strategy.scope():
        network = network_of(make)

    def replica():
        index = tf.distribute.get_replica_context().replica_id_in_sync_group
        own = [tf.gather(tf.reshape(a, (2, 2, *a.shape[1:])), index) for a in (IMAGES, UPSTREAM)]
        return step(network, *own)

    outputs, loss, gradients = tf.function(lambda: strategy.run(replica))()
    to_images, *to_weights = [local(strategy, gradient) for gradient in gradients]
    return summary(
        np.concatenate(local(strategy, outputs)),
        sum(local(strategy, loss)),
        [np.concatenate(to_images), *map(sum, to_weights)],
        network,
    )


def summary(outputs, loss, gradients, network):
    return {
        "outputs": np.array(outputs),
        "loss": np.array(loss),
        **{f"gradient/{k}": np.array(gradient) for k, gradient in enumerate(gradients)},
        **{f"weight/{k}": weight for k, weight in enumerate(network.get_weights())},
    }


def main(path):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    arrays = {}
    forms = (batch_statistics, batch_normalization, batch_statistics_recomputed)
    for make in (*forms, chain, chain_recomputed):
        for devices, found in (("one", one_device(make)), ("two", two_replicas(strategy, make))):
            arrays |= {f"{make.__name__}/{devices}/{name}": a for name, a in found.items()}
    np.savez(path, **arrays)


if __name__ == "__main__":
    main(sys.argv[1])
