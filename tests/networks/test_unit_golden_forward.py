"""UNIT against the outputs of the 2018 code, in float32, without noise and dropout."""

import hashlib
import json

import golden
import golden_unit
import numpy as np
import pytest

from gan_mri import networks
from gan_mri.weights import gan_mri_order, load_gan_mri

TOLERANCE = 1e-4

# (trainable, moving statistics) of each network, from the collection's README.
COUNTS = {
    "gray": {
        "encoder": (3_915_776, 3_072),
        "shared": (1_181_184, 1_024),
        "generator": (3_912_449, 3_072),
        "discriminator": (4_651_011, 0),
    },
    "rgb": {
        "encoder": (3_922_048, 3_072),
        "shared": (1_181_184, 1_024),
        "generator": (3_912_579, 3_072),
        "discriminator": (4_654_467, 0),
    },
}
TOTALS = {"gray": 27_320_840 + 14_336, "rgb": 27_340_556 + 14_336}

BUILDERS = {
    "encoder": lambda: networks.unit_encoder((64, 64, 1)),
    "shared_encoder": lambda: networks.unit_shared_encoder((16, 16, 256)),
    "shared_decoder": lambda: networks.unit_shared_decoder((16, 16, 256)),
    "generator": lambda: networks.unit_generator((16, 16, 256)),
    "discriminator": lambda: networks.unit_discriminator((64, 64, 1)),
}


@pytest.fixture(scope="module", params=golden_unit.CASES)
def case(request):
    """(name, system with the golden weights, golden arrays) of one case."""
    arrays = golden.fixture(f"unit_forward_{request.param}")
    return request.param, golden_unit.build(request.param), arrays


def images(arrays, count):
    return [golden_unit.to_range(arrays[side]).astype("float32")[:count] for side in "AB"]


def check(output, expected, key):
    np.testing.assert_allclose(
        golden_unit.thin(output), expected, rtol=0, atol=TOLERANCE, err_msg=key
    )


def every_output(model, A, B, training):
    """What each network gives, under the names of the 2018 code."""
    net, options = model.networks, {"training": training}
    code_A, code_B = net["encoder_A"](A, **options), net["encoder_B"](B, **options)
    shared_A, shared_B = (net["shared_encoder"](code, **options) for code in (code_A, code_B))
    out_A, out_B = (net["shared_decoder"](code, **options) for code in (shared_A, shared_B))
    fake_A, fake_B = net["generator_A"](out_B, **options), net["generator_B"](out_A, **options)

    def again(encoder, image, generator):
        code = net["shared_encoder"](net[encoder](image, **options), **options)
        return net[generator](net["shared_decoder"](code, **options), **options)

    outputs = {
        "encoderA(A)": code_A,
        "encoderB(B)": code_B,
        "sharedA": shared_A,
        "sharedB": shared_B,
        "outSharedA": out_A,
        "outSharedB": out_B,
        "outAa": net["generator_A"](out_A, **options),
        "outBb": net["generator_B"](out_B, **options),
        "outBa": fake_A,
        "outAb": fake_B,
        "cycle_Ab_Ba": again("encoder_B", fake_B, "generator_A"),
        "cycle_Ba_Ab": again("encoder_A", fake_A, "generator_B"),
    }
    for key, domain, image in (
        ("discriminatorA(A)", "A", A),
        ("discriminatorA(outBa)", "A", fake_A),
        ("discriminatorB(B)", "B", B),
        ("discriminatorB(outAb)", "B", fake_B),
    ):
        for scale, judged in enumerate(net[f"discriminator_{domain}"](image, **options)):
            outputs[f"{key}/scale{scale}"] = judged
    return outputs


def test_every_network_on_one_image(case):
    _, model, arrays = case
    outputs = every_output(model, *images(arrays, 1), training=False)
    expected = {key.removeprefix("batch1/") for key in arrays if key.startswith("batch1/")}
    assert expected == {*outputs, "predict_A_B", "predict_B_A"}
    for key, output in outputs.items():
        check(output, arrays[f"batch1/{key}"], key)


def test_translation_of_one_image(case):
    _, model, arrays = case
    A, B = images(arrays, 1)
    check(model.translators["A2B"](A), arrays["batch1/predict_A_B"], "A2B")
    check(model.translators["B2A"](B), arrays["batch1/predict_B_A"], "B2A")


def test_two_images_are_coupled_in_training_as_in_2018(case):
    _, model, arrays = case
    outputs = every_output(model, *images(arrays, 2), training=True)
    for key in arrays:
        if key.startswith("batch2/") and "predict" not in key:
            check(outputs[key.removeprefix("batch2/")], arrays[key], key)
    # There, the translation was as coupled.
    check(outputs["outAb"], arrays["batch2/predict_A_B"], "predict_A_B")
    check(outputs["outBa"], arrays["batch2/predict_B_A"], "predict_B_A")


def test_two_images_are_not_coupled_in_translation(case):
    _, model, arrays = case
    A, _ = images(arrays, 2)
    translated = np.asarray(model.translators["A2B"](A))
    check(translated[:1], arrays["batch1/predict_A_B"], "first of two")
    coupled = arrays["batch2/predict_A_B"]
    assert np.abs(golden_unit.thin(translated) - coupled).max() > 0.01


def test_parameter_counts(case):
    name, model, _ = case
    for network_name, network in model.networks.items():
        trainable = sum(int(np.prod(v.shape)) for v in network.trainable_variables)
        kind = network_name.split("_")[0]
        assert (trainable, network.count_params() - trainable) == COUNTS[name][kind]
    assert sum(n.count_params() for n in model.networks.values()) == TOTALS[name]


def test_weights_are_those_of_the_collection(case):
    path = golden.SHARED / "weights_sha256.json"
    if not path.exists():
        pytest.skip(f"no {path}")
    name, model, _ = case
    listed = json.loads(path.read_text())[f"unit_{name}"]
    for ours, theirs in golden_unit.NETWORKS.items():
        found = [
            hashlib.sha256(variable.numpy().tobytes()).hexdigest()
            for variable in gan_mri_order(model.networks[ours])
        ]
        assert found == [tensor["sha256"] for tensor in listed[theirs]["weights"]]


@pytest.mark.parametrize("name", golden_unit.NETWORKS)
def test_file_of_2018_loads(name):
    path = golden.SHARED / "unit_gray" / f"{golden_unit.NETWORKS[name]}_epoch_0_weights.hdf5"
    if not path.exists():
        pytest.skip(f"no {path}")
    network = BUILDERS[name.removesuffix("_A").removesuffix("_B")]()
    load_gan_mri(network, path)
    variables = gan_mri_order(network)
    expected = golden.recipe_weights(
        golden_unit.SEEDS[name], golden.specs(variables), golden_unit.gain(name)
    )
    for variable, weight in zip(variables, expected, strict=True):
        np.testing.assert_array_equal(variable, weight)
