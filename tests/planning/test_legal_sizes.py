"""Legal sizes against what the recipes' networks are known to need."""

import dataclasses

import pytest

from gan_mri import recipes
from gan_mri.planning.sizes import LegalSizes, _least, legal_sizes

_SMALL = {"filters": 2, "discriminator_filters": 2, "residual_blocks": 1, "pool_size": 0}


def _of(name, shape, **settings):
    recipe = dataclasses.asdict(recipes.get(name, **settings).for_shape(shape))
    return legal_sizes(recipes.build(name, shape, **recipe), name, recipe, shape)


def test_a_generator_that_halves_twice_mirrors_what_is_no_multiple_of_4():
    found = _of("welander/cyclegan", (182, 220, 1), **_SMALL)
    assert found == LegalSizes(17, 4, (180, 220), (184, 220))
    assert "(nearest without: 180 x 220 and 184 x 220)" in str(found)


def test_halving_three_times_at_two_scales():
    found = _of("welander/cyclegan", (33, 40, 1), multiscale=True, **_SMALL)
    assert found.multiple == 8 and (found.below, found.above) == ((32, 40), (40, 40))


def test_networks_without_strides_take_every_side():
    assert str(_of("welander/simple", (31, 33, 1), filters=2)) == "every side from 17"


@pytest.mark.parametrize("least", [17, 18, 40, 64, 65])
def test_the_least_side_is_found_wherever_it_is(least):
    assert _least(lambda side: side >= least) == least
