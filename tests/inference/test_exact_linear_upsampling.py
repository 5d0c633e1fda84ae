"""Linear interpolation to twice the size, in slabs, against one pass over the whole."""

import keras
import numpy as np
import pytest
import tiny

from gan_mri.inference.volumes import apply_exactly
from gan_mri.inference.volumes.exact import apply_plan
from gan_mri.inference.volumes.graph import Graph
from gan_mri.inference.volumes.operations import linear_upsampling  # noqa: F401 (registers it)
from gan_mri.inference.volumes.plan import fixed_plan
from gan_mri.inference.volumes.stages import stages
from gan_mri.layers.linear_upsampling import LinearUpsampling
from gan_mri.networks.residual_unet import residual_unet

HEIGHTS = (1, 2, 3, 7, 100)
FLOAT64 = {"dtype": "float64"}


def check(network, volume, heights=HEIGHTS):
    """One volume, or a dict of them by the names of the inputs."""
    volumes = volume if isinstance(volume, dict) else {"image": volume}
    batches = [one[np.newaxis] for one in volumes.values()]
    expected = np.asarray(network(batches if len(batches) > 1 else batches[0]))[0]
    graph = Graph(network, {name: one.shape for name, one in volumes.items()})
    for height in heights:
        plan = fixed_plan(graph, {stage.sink: height for stage in stages(graph)})
        found = apply_plan(graph, volumes, plan)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def chain(rank, *layers):
    x = image = keras.Input((*[None] * rank, 2), name="image", **FLOAT64)
    for layer in layers:
        x = layer(x)
    return keras.Model(image, keras.layers.Activation("tanh", **FLOAT64)(x))


@pytest.mark.parametrize("shape", [(9, 6, 2), (1, 4, 2), (5, 4, 3, 2), (2, 1, 3, 2)])
def test_alone(shape):
    check(chain(len(shape) - 1, LinearUpsampling(**FLOAT64)), tiny.images(*shape))


@pytest.mark.parametrize(("rank", "kind"), [(2, keras.layers.Conv2D), (3, keras.layers.Conv3D)])
def test_between_convolutions(rank, kind):
    """Rows beyond the ends of the map, and of slabs, twice in a row."""
    keras.utils.set_random_seed(2)
    options = {"padding": "same", **FLOAT64}
    layers = [kind(3, 3, **options), LinearUpsampling(**FLOAT64), kind(2, 5, **options)]
    network = chain(rank, *layers, LinearUpsampling(**FLOAT64), kind(1, 4, **options))
    check(network, tiny.images(*(7, 5, 4)[:rank], 2))


@pytest.mark.parametrize("options", [{}, {"upsampling": "transposed"}, {"recompute": True}])
def test_residual_unet(options):
    """Odd sizes, down and up again beside the skips."""
    keras.utils.set_random_seed(3)
    small = {"filters": 2, "levels": 3, "residual_blocks": 1, **FLOAT64}
    network = residual_unet((None, None, None, 1), **small, **options)
    volume = tiny.images(13, 10, 11, 1)
    check(network, volume, heights=(1, 4))
    found = apply_exactly(network, volume, memory=0.2)
    expected = np.asarray(network(volume[np.newaxis]))[0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_residual_unet_of_several_sources():
    keras.utils.set_random_seed(4)
    small = {"filters": 2, "levels": 2, "residual_blocks": 1, **FLOAT64}
    network = residual_unet((None, None, 1), sources=("T1w", "b0"), **small)
    check(network, {"T1w": tiny.images(9, 7, 1), "b0": tiny.images(9, 7, 1, seed=1)})
