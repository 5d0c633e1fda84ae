"""Run by `test_cyclegan_distributed` in a process of its own.

    python two_replicas.py OUT.npz

Trains systems on one device with batches of 2, and on two logical CPUs with
batches of 1 each, and writes losses and weights of both: one whose batches are
tuples, one whose batches are dicts; then lets a pool meet images on two
replicas, and saves and restores it. A process of its own,
because the number of devices is settled when TensorFlow starts, and other
tests should see one.
"""

import sys
import tempfile

import numpy as np
import tensorflow as tf

# Everything whose state or schedule could drift apart on replicas.
SETTINGS = {
    "identity_modulus": 2,
    "spectral_normalization": True,
    "supervised_weight": 2.0,
}
STEPS = 3
# And what a user may choose; features make networks of their own on the replicas.
CHOSEN = {"adversarial": "hinge", "image_losses": "discriminator_features:5,l1:2"}
CHOSEN_STEPS = 2


def main(path):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    np.savez(
        path,
        **trained(strategy, "tuple", STEPS, tuple, **SETTINGS),
        **trained(strategy, "dict", CHOSEN_STEPS, lambda pair: dict(zip("AB", pair)), **CHOSEN),
        **pooled(strategy),
    )


def shared(strategy, arrays):
    """Each array's first half on the first replica, its second on the second."""

    def half(context):
        replica = context.replica_id_in_sync_group
        return tf.nest.map_structure(lambda array: tf.constant(np.split(array, 2)[replica]), arrays)

    return strategy.experimental_distribute_values_from_function(half)


def trained(strategy, batches, steps, form, **settings):
    """Losses, weights and counters: one/... of one device, two/... of replicas."""
    import tiny

    model = tiny.cyclegan(**settings)
    with strategy.scope():
        mirrored = tiny.cyclegan(**settings)

    @tf.function(autograph=False)
    def step(batch):
        results = strategy.run(mirrored.train_step, (batch,))
        return {name: strategy.reduce("MEAN", loss, axis=None) for name, loss in results.items()}

    arrays = {}
    for number in range(steps):
        batch = form(tiny.pair(2, 20, 18, 1, seed=number))
        for name, loss in model.train_step(batch).items():
            arrays[f"one/{batches}/loss/{name}/{number}"] = loss.numpy()
        for name, loss in step(shared(strategy, batch)).items():
            arrays[f"two/{batches}/loss/{name}/{number}"] = loss.numpy()
    for who, system in (("one", model), ("two", mirrored)):
        for name, weights in tiny.weights(system).items():
            for index, weight in enumerate(weights):
                arrays[f"{who}/{batches}/weight/{name}/{index}"] = weight
        for name, optimizer in system.optimizers_by_name.items():
            arrays[f"{who}/{batches}/iterations/{name}"] = optimizer.iterations.numpy()
    return arrays


def pooled(strategy):
    """What came back from a pool of 2 and what it held, by replica."""
    from gan_mri.models.image_pool import ImagePool

    with strategy.scope():
        pool, restored = (ImagePool(2, (1,), dtype="float64") for _ in range(2))
    query = tf.function(lambda images: strategy.run(pool.query, (images,)), autograph=False)
    returned = [[], []]
    for number in range(1, 21):
        # The first replica makes 1, 2, ...; the second -1, -2, ...
        images = np.array([[number], [-number]], float)
        local = strategy.experimental_local_results(query(*shared(strategy, [images])))
        for replica in range(2):
            returned[replica].append(float(local[replica][0, 0]))
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = tf.train.Checkpoint(pool=pool).write(f"{folder}/pool")
        tf.train.Checkpoint(pool=restored).read(checkpoint).assert_consumed()
    return {
        "pool/returned": np.array(returned),
        "pool/held": held(strategy, pool),
        "pool/restored": held(strategy, restored),
        "pool/queries": restored.queries.numpy(),
    }


def held(strategy, pool):
    local = strategy.experimental_local_results(pool.images)
    return np.array([images.numpy().ravel() for images in local])


if __name__ == "__main__":
    main(sys.argv[1])
