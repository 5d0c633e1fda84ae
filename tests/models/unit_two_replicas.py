"""Run by `test_unit_distributed` in a process of its own.

    python unit_two_replicas.py OUT.npz

Two logical CPUs: what a `RandomStream` gives each of them, and UNIT trained on
both, each with the same image; without noise that is one device with the image.
"""

import sys
import tempfile

import numpy as np
import tensorflow as tf

STEPS = 2


def main(path):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )
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
    """Losses by replica, and weights: quiet/... without noise, noisy/... with it."""
    import tiny

    arrays = {}
    batch = tiny.pair(1, 20, 16, 1)
    single = tiny.unit(noise=0.0, dropout=0.0)
    for _ in range(STEPS):
        losses = single.train_step(batch)
    arrays["single/losses"] = np.array([float(loss) for loss in losses.values()])
    for name, options in (("quiet", {"noise": 0.0, "dropout": 0.0}), ("noisy", {})):
        with strategy.scope():
            model = tiny.unit(**options)
        step = tf.function(
            lambda system=model: strategy.run(system.train_step, (batch,)), autograph=False
        )
        for _ in range(STEPS):
            losses = step()
        by_replica = [local(strategy, loss) for loss in losses.values()]
        arrays[f"{name}/losses"] = np.array(by_replica).T
        held = [
            local(strategy, variable)
            for group in ("D_A", "D_B", "G")
            for variable in model.adam.variables_of(group)
        ]
        for replica in range(2):
            flat = [np.ravel(values[replica]) for values in held]
            arrays[f"{name}/weights/{replica}"] = np.concatenate(flat)
    held = [
        variable.numpy().ravel()
        for group in ("D_A", "D_B", "G")
        for variable in single.adam.variables_of(group)
    ]
    return {**arrays, "single/weights": np.concatenate(held)}


if __name__ == "__main__":
    main(sys.argv[1])
