import numpy as np
import referring
import tensorflow as tf
import tiny

from gan_mri.models.translation import Translation, apply_translator, takes_reference


def test_learning_rates_are_set_by_a_factor():
    model = tiny.cyclegan(learning_rate=1e-3)
    for factor in (0.5, 0.25, 0.0):
        model.set_learning_rate(factor)
        for optimizer in (model.D_optimizer, model.G_optimizer):
            np.testing.assert_allclose(optimizer.learning_rate, factor * 1e-3)


def test_call_translates_both_ways():
    model = tiny.cyclegan()
    A, B = tiny.pair(2, 20, 18, 1)
    as_A, as_B = model((A, B))
    np.testing.assert_array_equal(as_A, model.G_B2A(B))
    np.testing.assert_array_equal(as_B, model.G_A2B(A))


def test_a_reference_is_the_other_image_of_the_batch():
    class Referring(Translation):
        translators = {"A2B": referring.network(), "B2A": referring.plain()}

    A, B = tiny.images(2, 20, 18, 3), tiny.images(2, 17, 23, 3, seed=1)
    as_A, as_B = Referring().call((A, B))
    np.testing.assert_allclose(as_A, 0.5 * B, atol=1e-6)
    np.testing.assert_allclose(as_B, referring.expected(A, B), atol=1e-6)


def test_references_are_given_to_translators_that_take_them():
    images, references = tiny.images(2, 20, 18, 3), tiny.images(2, 9, 11, 3, seed=1)
    for network, takes, wanted in (
        (referring.network(noise=0.1), True, referring.expected(images, references)),
        (referring.plain(), False, 0.5 * images),
    ):
        assert takes_reference(network) is takes
        np.testing.assert_allclose(apply_translator(network, images, references), wanted, atol=1e-6)
        trained = apply_translator(network, images, references, training=True)
        assert (np.abs(trained - wanted).max() > 0.01) == takes  # with noise
    np.testing.assert_allclose(apply_translator(referring.plain(), images), 0.5 * images, atol=1e-6)


def test_state_is_everything_that_training_changes(tmp_path):
    """A restored system goes on as the uninterrupted one."""
    settings = {"pool_size": 3, "identity_modulus": 2, "spectral_normalization": True}
    model, other = tiny.cyclegan(**settings), tiny.cyclegan(**settings)
    other.train_step(tiny.pair(1, 20, 18, 1, seed=99))
    batches = [tiny.pair(1, 20, 18, 1, seed=seed) for seed in range(8)]
    for batch in batches[:5]:
        model.train_step(batch)
    model.set_learning_rate(0.5)
    path = tf.train.Checkpoint(**model.state()).write(str(tmp_path / "state"))
    tf.train.Checkpoint(**other.state()).read(path).assert_existing_objects_matched()
    for batch in batches[5:]:
        ours, theirs = (system.train_step(batch) for system in (model, other))
        assert {k: float(v) for k, v in ours.items()} == {k: float(v) for k, v in theirs.items()}
    ours, theirs = tiny.weights(model), tiny.weights(other)
    for name in ours:
        for a, b in zip(ours[name], theirs[name], strict=True):
            np.testing.assert_array_equal(a, b)
