"""CollaGAN's generator in slabs: attention with the means of the whole, constant planes."""

import numpy as np
import pytest
import tiny

from gan_mri.inference.volumes.exact import apply_plan
from gan_mri.inference.volumes.graph import Graph
from gan_mri.inference.volumes.plan import fixed_plan
from gan_mri.inference.volumes.stages import stages
from gan_mri.networks.collagan import collagan_generator
from gan_mri.networks.collagan_translator import compose_collagan_translator


@pytest.mark.parametrize("shape", [(22, 13, 1), (22, 9, 10, 1)])
def test_in_slabs_as_at_once(shape):
    generator = collagan_generator(
        (*[None] * (len(shape) - 1), 1),
        contrasts=3,
        filters=3,
        branch_filters=2,
        levels=2,
        dtype="float64",
    )
    random = np.random.default_rng(3)
    weights = [random.normal(0, 0.3, weight.shape) for weight in generator.get_weights()]
    generator.set_weights(weights)
    translator = compose_collagan_translator(generator, ("a", "b", "c"), "b")
    volumes = {name: tiny.images(*shape, seed=seed) for seed, name in enumerate("ac")}
    at_once = translator([one[np.newaxis] for one in volumes.values()])[0]
    graph = Graph(translator, {name: shape for name in volumes})
    for height in (3, 22):
        plan = fixed_plan(graph, {stage.sink: height for stage in stages(graph)})
        in_slabs = apply_plan(graph, volumes, plan)
        np.testing.assert_allclose(in_slabs, at_once, rtol=0, atol=1e-11)
