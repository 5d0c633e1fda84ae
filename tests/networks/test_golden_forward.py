"""The networks against the outputs of the 2018 code, in float32."""

import hashlib
import json

import golden
import numpy as np
import pytest

import gan_mri
from gan_mri.weights import gan_mri_order, load_gan_mri

# Parameters of (generator, discriminator), from the collection's README.
COUNTS = {
    "default": (2_849_537, 2_764_481),
    "resize_convolution": (2_849_537, 2_764_481),
    "multiscale": (11_410_049, 5_528_962),
    "dense": (2_849_537, 2_789_057),
    "rgb": (2_855_811, 2_766_529),
}

FILES = [
    ("default", "G_A2B"),
    ("default", "G_B2A"),
    ("default", "D_A"),
    ("default", "D_B"),
    ("resize_convolution", "G_A2B"),
    ("resize_convolution", "D_A"),
    ("dense", "G_A2B"),
    ("dense", "D_A"),
    ("rgb", "G_A2B"),
    ("rgb", "D_A"),
]


def build(case):
    _, settings, channels = golden.FORWARD_CASES[case]
    return gan_mri.build("welander/cyclegan", (64, 64, channels), pool_size=0, **settings)


@pytest.fixture(scope="module", params=golden.FORWARD_CASES)
def case(request):
    """(name, networks with the golden weights, golden arrays) of one case."""
    model = build(request.param)
    for name, network in model.networks.items():
        golden.fill(gan_mri_order(network), golden.SEEDS[name])
    return request.param, model.networks, golden.fixture(f"forward_{request.param}")


def check(output, arrays, key):
    scales = output if isinstance(output, (list, tuple)) else [output]
    for index, scale in enumerate(scales):
        expected = arrays[key if len(scales) == 1 else f"{key}/out{index}"]
        scale = np.asarray(scale)
        scale = golden.thin(scale) if key.startswith("G") else scale
        np.testing.assert_allclose(scale, expected, rtol=0, atol=5e-4)


def test_outputs(case):
    _, networks, arrays = case
    A, B = (golden.to_range(arrays[side]).astype("float32") for side in "AB")
    fake_B, fake_A = networks["G_A2B"](A), networks["G_B2A"](B)
    check(fake_B, arrays, "G_A2B(A)")
    check(fake_A, arrays, "G_B2A(B)")
    check(networks["G_B2A"](fake_B), arrays, "G_B2A(G_A2B(A))")
    check(networks["G_A2B"](fake_A), arrays, "G_A2B(G_B2A(B))")
    check(networks["D_A"](A), arrays, "D_A(A)")
    check(networks["D_B"](B), arrays, "D_B(B)")
    check(networks["D_A"](fake_A), arrays, "D_A(G_B2A(B))")
    check(networks["D_B"](fake_B), arrays, "D_B(G_A2B(A))")


def test_parameter_counts(case):
    name, networks, _ = case
    generator, discriminator = COUNTS[name]
    assert networks["G_A2B"].count_params() == generator
    assert networks["G_B2A"].count_params() == generator
    assert networks["D_A"].count_params() == discriminator
    assert networks["D_B"].count_params() == discriminator


def test_weights_are_those_of_the_collection(case):
    path = golden.SHARED / "weights_sha256.json"
    if not path.exists():
        pytest.skip(f"no {path}")
    name, networks, _ = case
    listed = json.loads(path.read_text())[golden.FORWARD_CASES[name][0]]
    for network in networks:
        variables = gan_mri_order(networks[network])
        ours = [hashlib.sha256(variable.numpy().tobytes()).hexdigest() for variable in variables]
        assert ours == [tensor["sha256"] for tensor in listed[network]["weights"]]


@pytest.mark.parametrize(("name", "network"), FILES)
def test_file_of_2018_loads(name, network):
    folder = golden.FORWARD_CASES[name][0]
    path = golden.SHARED / folder / f"{network}_model_weights_epoch_0.hdf5"
    if not path.exists():
        pytest.skip(f"no {path}")
    arrays = golden.fixture(f"forward_{name}")
    built = build(name).networks[network]
    load_gan_mri(built, path)
    # G_A2B and D_A see A; G_B2A and D_B see B.
    side = {"G_A2B": "A", "D_A": "A", "G_B2A": "B", "D_B": "B"}[network]
    output = built(golden.to_range(arrays[side]).astype("float32"))
    check(output, arrays, f"{network}({side})")
