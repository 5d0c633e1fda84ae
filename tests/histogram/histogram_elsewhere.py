"""Run by `test_histogram` in a process of its own.

    python histogram_elsewhere.py FOLDER

Loads FOLDER/compiled and FOLDER/plain, two SavedModels of `color_histogram`,
without gan_mri; then takes value and gradient on two replicas, which needs two
devices, settled when TensorFlow starts. FOLDER/given.npz has the images and the
gradient of the bins; FOLDER/done.npz is written.
"""

import pathlib
import sys

import numpy as np
import tensorflow as tf


def main(folder):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    with np.load(folder / "given.npz") as given:
        images, upstream = given["images"], given["upstream"].astype("float32")
    done = {}
    for name in ("compiled", "plain"):
        loaded = tf.saved_model.load(str(folder / name))
        done[name] = loaded.histogram(tf.constant(images)).numpy()
    assert "gan_mri" not in sys.modules
    done["replicas"], done["gradient"] = on_replicas(images, upstream)
    np.savez(folder / "done.npz", **done)


def on_replicas(images, upstream):
    """One image on each of two replicas."""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from gan_mri.histogram import color_histogram

    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

    def mine(context):
        replica = context.replica_id_in_sync_group
        own = slice(replica, replica + 1)
        return tf.constant(images[own]), tf.constant(upstream[own])

    def replica(images, upstream):
        with tf.GradientTape() as tape:
            tape.watch(images)
            histogram = color_histogram(images, 32, 0.05)
        return histogram, tape.gradient(histogram, images, upstream)

    @tf.function
    def step(arguments):
        return strategy.run(replica, arguments)

    arguments = strategy.experimental_distribute_values_from_function(mine)
    return [
        np.concatenate(strategy.experimental_local_results(result)) for result in step(arguments)
    ]


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
