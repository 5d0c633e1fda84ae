"""Run by `test_unit_distributed` in a process of its own.

    python unit_two_replicas.py OUT.npz

Two logical CPUs: what a `RandomStream` gives each of them, and UNIT trained on
both, each with the same image: without noise, that is one device with the image.
"""

import sys
import tempfile

import numpy as np
import tensorflow as tf

STEPS = 2


def main(path):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    np.savez(path, **streamed(strategy), **trained(strategy))


def local(strategy, values):
    return [value.numpy() for value in strategy.experimental_local_results(values)]


def streamed(strategy):
    """Seeds by replica and draw; and the counter, saved and restored."""
    from gan_mri.layers import RandomStream

    with strategy.scope():
        stream, other = RandomStream(seed=5), RandomStream(seed=5)
    draw = tf.function(lambda: strategy.run(stream.next), autograph=False)
    redraw = tf.function(lambda: strategy.run(other.next), autograph=False)
    seeds = [local(strategy, draw()) for _ in range(3)]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = tf.train.Checkpoint(count=stream.count).write(f"{folder}/stream")
        tf.train.Checkpoint(count=other.count).read(checkpoint).assert_consumed()
    return {
        "seeds": np.array(seeds),
        "count": stream.count.numpy(),
        "next": np.array(local(strategy, draw())),
        "restored": np.array(local(strategy, redraw())),
    }


def trained(strategy):
    """Losses and weights of one device and of both replicas; and drawn translations."""
    import tiny

    quiet, arrays = {"noise": 0.0, "dropout": 0.0}, {}
    batch = tiny.pair(1, 20, 16, 1)
    single = tiny.unit(**quiet)
    with strategy.scope():
        mirrored, noisy = tiny.unit(**quiet), tiny.unit()
    step = tf.function(lambda: strategy.run(mirrored.train_step, (batch,)), autograph=False)
    for _ in range(STEPS):
        losses, by_replica = single.train_step(batch), step()
    arrays["one/losses"] = np.array([float(loss) for loss in losses.values()])
    found = [local(strategy, loss) for loss in by_replica.values()]
    arrays["two/losses"] = np.array(found).T
    groups = ("D_A", "D_B", "G")
    ones, twos = (
        [variable for group in groups for variable in model.adam.variables_of(group)]
        for model in (single, mirrored)
    )
    arrays["one/weights"] = np.concatenate([v.numpy().ravel() for v in ones])
    held = [local(strategy, variable) for variable in twos]
    for replica in range(2):
        flat = [np.ravel(values[replica]) for values in held]
        arrays[f"two/weights/{replica}"] = np.concatenate(flat)
    sample = tf.function(
        lambda: strategy.run(lambda: noisy.translators["A2B"](batch[0], training=True)),
        autograph=False,
    )
    arrays["drawn"] = np.array([local(strategy, sample()) for _ in range(2)])
    return arrays


if __name__ == "__main__":
    main(sys.argv[1])
