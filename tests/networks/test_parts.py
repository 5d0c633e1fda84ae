"""What is frozen stays bit for bit, what is not moves, and parts are those of the drawing."""

import numpy as np
import pytest

from gan_mri import recipes
from gan_mri.backend import tf_variables
from gan_mri.errors import GanMriError
from gan_mri.networks import resnet_generator, unet_generator
from gan_mri.networks.parts import layers_of

SMALL = {"filters": 2, "residual_blocks": 2, "discriminator_filters": 2, "pool_size": 0}


def build(*freeze, **settings):
    return recipes.build("welander/cyclegan", (20, 20, 1), freeze=freeze, **{**SMALL, **settings})


def values(network):
    return [variable.numpy() for variable in tf_variables(network.variables)]


def moved(model):
    """After two steps: by network, which of its variables are other ones."""
    before = {name: values(network) for name, network in model.networks.items()}
    rng = np.random.default_rng(0)
    for _ in range(2):
        images = rng.uniform(-1, 1, (2, 1, 20, 20, 1)).astype(np.float32)
        model.train_step(tuple(images))
    return {
        name: [not np.array_equal(one, other) for one, other in zip(before[name], values(network))]
        for name, network in model.networks.items()
    }


def test_networks_by_name():
    found = moved(build("D_*", "G_B2A"))
    assert not any(found["D_A"]) and not any(found["D_B"]) and not any(found["G_B2A"])
    assert any(found["G_A2B"])


@pytest.mark.parametrize("part", ["encoder", "middle", "decoder"])
@pytest.mark.parametrize("recompute", [False, True])
def test_a_part_of_the_generators(part, recompute):
    model = build(f"G_*:{part}", recompute=recompute)
    found = moved(model)
    # Kernels and biases of 3 convolutions, 4 in two blocks, 3 from there on.
    counts = {"encoder": (0, 6), "middle": (6, 14), "decoder": (14, 20)}
    first, last = counts[part]
    for name in ("G_A2B", "G_B2A"):
        kernels = [
            changed
            for changed, variable in zip(found[name], model.networks[name].variables)
            if variable.name.rpartition("/")[2].startswith(("kernel", "bias"))
        ]
        assert len(kernels) == 20
        frozen = kernels[first:last]
        assert not any(frozen)
        # Every second one: a bias before a normalisation has no gradient.
        assert all((kernels[:first] + kernels[last:])[::2])
    assert any(found["D_A"])


def test_the_parts_make_up_the_network():
    unet = unet_generator((32, 32, 1), filters=2, levels=3)
    for network in (resnet_generator((20, 20, 1), filters=2), unet):
        parts = [layers_of(network, part) for part in ("encoder", "middle", "decoder")]
        names = [layer.name for layers in parts for layer in layers]
        assert len(set(names)) == len(names) and all(parts)


@pytest.mark.parametrize(
    "freeze, words",
    [
        ("G_C", "a network, G_A2B, G_B2A, D_A, D_B, or a part of one"),
        ("G_A2B:head", "(encoder, middle, decoder). Received: 'G_A2B:head'"),
        ("D_A:decoder", "makes its maps smaller and then larger"),
        ("*", "something to be left to train"),
    ],
)
def test_what_cannot_be_frozen(freeze, words):
    with pytest.raises(GanMriError) as caught:
        build(freeze)
    assert str(caught.value).startswith("freeze: expected") and words in str(caught.value)
