"""What holds for every recipe: its task, its terms, its batches, its translators."""

import numpy as np
import pytest
import tiny

import gan_mri
from gan_mri import recipes, tasks
from gan_mri.networks.inputs import call_by_name, input_names, takes_reference

SHAPE = (17, 18, 1)


class Trained:
    """A recipe's model after one step on a dict, and a twin after one step on a tuple."""

    def __init__(self, name):
        self.recipe = recipes.get(name, **tiny.small(name))
        self.model, twin = (
            gan_mri.build(name, SHAPE, seed=1, **tiny.small(name)) for _ in range(2)
        )
        self.before = tiny.weights(self.model)
        self.batch = tiny.by_domain(self.model.task, 2, *SHAPE)
        # Another order than that of the domains: names count.
        self.losses = tiny.step(self.model, dict(reversed(self.batch.items())))
        self.losses_of_a_tuple = tiny.step(twin, tuple(self.batch.values()))


@pytest.fixture(scope="module", params=recipes.all_recipes())
def trained(request):
    return Trained(request.param)


def test_recipe_and_model_agree_on_the_task(trained):
    assert trained.recipe.task() == trained.model.task
    assert (
        trained.recipe.needs_pairs == trained.model.needs_pairs == bool(trained.model.task.paired)
    )


def test_every_network_learns_and_all_is_finite(trained):
    after = tiny.weights(trained.model)
    assert all(np.isfinite(loss) for loss in trained.losses.values())
    for name, weights in trained.before.items():
        assert any(np.any(a != b) for a, b in zip(weights, after[name], strict=True)), name
        assert all(np.isfinite(weight).all() for weight in after[name]), name


def test_terms_are_what_a_step_returns(trained):
    terms, task = trained.model.terms, trained.model.task
    assert set(terms) == set(trained.losses)
    names = {direction.name for direction in task.directions}
    for name, term in terms.items():
        assert isinstance(term, tasks.Term) and term.kind in tasks.KINDS, name
        assert term.direction is None or term.direction in names, name
        assert np.isfinite(term.weight) and term.weight > 0, name


def test_the_total_is_the_weighted_sum_of_images_and_generators(trained):
    terms = trained.model.terms
    (total,) = [name for name, term in terms.items() if term.kind == "total"]
    summands = [
        terms[name].weight * loss
        for name, loss in trained.losses.items()
        if terms[name].kind in ("image", "generator")
    ]
    np.testing.assert_allclose(trained.losses[total], sum(summands), rtol=1e-5)


def test_a_tuple_in_the_order_of_the_domains_gives_the_same_losses(trained):
    assert trained.losses == pytest.approx(trained.losses_of_a_tuple, rel=1e-6)


def test_networks_that_translate_have_the_inputs_of_their_direction(trained):
    model = trained.model
    assert list(model.translators) == [direction.name for direction in model.task.directions]
    for direction in model.task.directions:
        network = model.translators[direction.name]
        reference = "a reference" if takes_reference(network) else None
        inputs = direction.inputs(dict.fromkeys(model.task.domains, "images"), reference)
        assert set(input_names(network)) == set(inputs)


def test_a_call_translates_into_every_target(trained):
    model = trained.model
    made = model(trained.batch)
    assert set(made) == {direction.target for direction in model.task.directions}
    for direction in model.task.directions:
        network = model.translators[direction.name]
        inputs = direction.inputs(trained.batch, trained.batch[direction.target])
        expected = call_by_name(network, inputs)
        assert expected.shape == (2, *SHAPE)
        np.testing.assert_array_equal(made[direction.target], expected)


def test_fresh_translators_take_the_exported_weights(trained):
    free = (None, None, SHAPE[-1])
    fresh = trained.recipe.for_shape(SHAPE).build_translators(free, trained.recipe.task())
    exported = trained.model.exported_translators
    assert list(fresh) == list(exported)
    for direction in trained.model.task.directions:
        network = fresh[direction.name]
        assert input_names(network) == input_names(exported[direction.name])
        network.set_weights(exported[direction.name].get_weights())
        inputs = direction.inputs(trained.batch, trained.batch[direction.target])
        np.testing.assert_allclose(
            call_by_name(network, inputs),
            call_by_name(exported[direction.name], inputs),
            rtol=0,
            atol=1e-5,
        )


@pytest.mark.parametrize("name", ["welander/cyclegan", "welander/generators_s", "welander/unit"])
def test_volumes(name):
    shape = (20, 20, 20, 1)
    model = gan_mri.build(name, shape, seed=1, **tiny.small(name))
    before, batch = tiny.weights(model), tiny.by_domain(model.task, 1, *shape)
    assert all(np.isfinite(loss) for loss in tiny.step(model, batch).values())
    after = tiny.weights(model)
    for network, weights in before.items():
        assert any(np.any(a != b) for a, b in zip(weights, after[network], strict=True)), network
    # Of any size, as slices are.
    larger = tiny.by_domain(model.task, 1, 21, 20, 24, 1)
    for domain, made in model(larger).items():
        assert made.shape == larger[domain].shape
        assert np.isfinite(made).all() and np.std(made) > 0
