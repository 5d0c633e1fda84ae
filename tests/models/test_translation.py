import keras
import numpy as np
import pytest
import referring
import tensorflow as tf
import tiny

from gan_mri import models, networks
from gan_mri.errors import GanMriError
from gan_mri.layers import RandomStream
from gan_mri.models.translation import Translation
from gan_mri.networks.inputs import call_by_name, takes_reference
from gan_mri.tasks import Direction, Task, Term


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


def test_a_call_answers_in_the_form_it_was_asked():
    model = tiny.cyclegan()
    A, B = tiny.pair(2, 20, 18, 1)
    made = model({"B": B, "A": A})
    assert set(made) == {"A", "B"}
    for domain, image in zip("AB", model((A, B))):
        np.testing.assert_array_equal(made[domain], image)


def test_a_call_leaves_out_domains_into_which_nothing_is_translated():
    class Undistorting(Translation):
        task = Task(("T1w", "b0", "clean"), (Direction("clean", ("T1w", "b0"), "clean"),))

        @property
        def translators(self):
            T1w, b0 = (keras.Input((None, None, 1), name=name) for name in ("T1w", "b0"))
            return {"clean": keras.Model([b0, T1w], keras.layers.Subtract()([T1w, b0]))}

    T1w, b0, clean = tiny.images(3, 2, 6, 5, 1, dtype="float32")
    made = Undistorting().call({"clean": clean, "T1w": T1w, "b0": b0})
    assert list(made) == ["clean"]
    np.testing.assert_allclose(made["clean"], T1w - b0, atol=1e-6)
    (made,) = Undistorting().call((T1w, b0, clean))
    np.testing.assert_allclose(made, T1w - b0, atol=1e-6)


@pytest.mark.parametrize("batch", [{"A": 1}, {"A": 1, "b": 1}, (1,), (1, 1, 1)])
def test_batches_that_lack_a_domain_or_have_one_too_many(batch):
    images = tf.nest.map_structure(lambda _: tiny.images(1, 20, 18, 1), batch)
    with pytest.raises(GanMriError, match="batch: expected images of A, B"):
        tiny.cyclegan().train_step(images)


def test_domains_of_a_batch_that_the_task_does_not_have_are_left_alone():
    A, B = tiny.pair(1, 20, 18, 1)
    expected = tiny.step(tiny.cyclegan(), (A, B))
    given = {"mask": np.ones((1, 3)), "B": B, "A": A}
    assert tiny.step(tiny.cyclegan(), given) == expected


def test_the_weighted_sum():
    class Weighing(Translation):
        terms = {"one": Term("image", 3.0), "two": Term("generator", 0.5, "A2B")}

    assert Weighing().weighted({"two": 4.0, "one": 10.0}) == 32.0
    with pytest.raises(GanMriError, match="Weighing.terms: .*none of mystery_A, mystery_B"):
        Weighing().weighted({"one": 1.0, "mystery_A": 1.0, "mystery_B": 1.0})


@pytest.mark.parametrize("system", [models.CycleGAN, models.HistogramCycleGAN])
def test_a_loss_without_a_declared_weight_is_refused(system):
    """It was weighed as a supervised one."""

    class Mysterious(system):
        def _translations_and_losses(self, *images):
            fake_A, fake_B, image_losses = super()._translations_and_losses(*images)
            return fake_A, fake_B, image_losses | {"mystery_A": tf.constant(1.0)}

    small = {"filters": 2, "residual_blocks": 0}
    G = [networks.resnet_generator((16, 16, 1), **small) for _ in range(2)]
    D = [networks.patch_discriminator((16, 16, 1), filters=2) for _ in range(2)]
    model = Mysterious(*G, *D, supervised_weight=10.0)
    model.compile()
    with pytest.raises(GanMriError, match="Mysterious.terms: .*none of mystery_A"):
        model.train_step(tiny.pair(1, 16, 16, 1, dtype="float32"))


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
        given = {"image": images, "reference": references}
        np.testing.assert_allclose(call_by_name(network, given), wanted, atol=1e-6)
        trained = call_by_name(network, given, training=True)
        assert (np.abs(trained - wanted).max() > 0.01) == takes  # with noise
    alone = call_by_name(referring.plain(), {"image": images})
    np.testing.assert_allclose(alone, 0.5 * images, atol=1e-6)


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


def test_the_streams_of_the_networks_are_part_of_the_state(tmp_path):
    """Of any network with dropout, whichever system it is in, and a shared one once."""

    def dropping():
        streams = [RandomStream(5), RandomStream(6)]
        options = {"filters": 2, "levels": 3, "dropout": 0.5}
        generators = [networks.unet_generator((16, 16, 1), stream=s, **options) for s in streams]
        model = models.Generators(*generators)
        model.compile()
        return model, streams

    (model, streams), (other, _) = dropping(), dropping()
    assert model.random_streams == streams
    batches = [tiny.pair(1, 16, 16, 1, seed=seed, dtype="float32") for seed in range(2)]
    model.train_step(batches[0])
    path = tf.train.Checkpoint(**model.state()).write(str(tmp_path / "state"))
    tf.train.Checkpoint(**other.state()).read(path).assert_existing_objects_matched()
    assert [int(stream.count) for stream in other.random_streams] == [
        int(stream.count) for stream in streams
    ]
    assert tiny.step(model, batches[1]) == tiny.step(other, batches[1])
    cycle = models.CycleGAN(
        *(networks.unet_generator((16, 16, 1), filters=2, levels=2, stream=s) for s in streams),
        *(networks.patch_discriminator((16, 16, 1), filters=2) for _ in range(2)),
        pool_size=0,
        adversarial="wgan-gp",
    )
    assert cycle.random_streams[:2] == streams and len(cycle.random_streams) == 3
