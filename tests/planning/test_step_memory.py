import pytest
import tiny

from gan_mri.planning.step_memory import batch_spec, bound, traced
from gan_mri.tasks import Task

_SHAPE = (64, 64, 1)


@pytest.fixture(scope="module")
def model():
    return tiny.cyclegan(_SHAPE, dtype="float32", filters=8)


@pytest.fixture(scope="module")
def steps(model):
    """Of batches of one image and of two."""
    return [traced(model, _SHAPE, count) for count in (1, 2)]


def test_maps_grow_with_the_batch(steps):
    once, twice = steps
    # Gradients of the weights, and the weights' own casts, do not.
    assert 1.5 * once.alive < twice.alive < 2.05 * once.alive
    assert once.total > once.alive


def test_the_bound_is_one(model, steps):
    assert bound(model, _SHAPE, 2) > steps[1].alive


def test_the_bound_grows_with_everything(model):
    once = bound(model, _SHAPE, 1)
    assert bound(model, _SHAPE, 3) == 3 * once
    assert bound(model, (128, 64, 1), 1) == 2 * once


def test_a_batch_has_every_domain_with_its_neighbours():
    task = Task.between("A", "B")
    spec = batch_spec(task, (16, 24, 3), 2)
    assert {domain: tuple(one.shape) for domain, one in spec.items()} == {
        "A": (2, 16, 24, 3),
        "B": (2, 16, 24, 3),
    }
