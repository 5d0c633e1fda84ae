"""Exported models of several inputs, called from Python."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from cards import card, old_card

from gan_mri.errors import GanMriError
from gan_mri.files import write_json
from gan_mri.inference.card import CARD
from gan_mri.inference.export import export_translator
from gan_mri.inference.translator import Translator


def weighted(*names, rank=2):
    """1 / 2 of the first input, 1 / 4 of the second, and so on."""
    inputs = [keras.Input((*[None] * rank, 1), name=name) for name in names]
    parts = [keras.layers.Rescaling(0.5 ** (i + 1))(one) for i, one in enumerate(inputs)]
    return keras.Model(inputs, keras.layers.Add()(parts) if len(parts) > 1 else parts[0])


SOURCES = {"T1": "T1w", "PD": "PDw"}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    export_translator(weighted("T1", "PD"), folder / "two", card(inputs=SOURCES))
    # The network's order is another than the card's.
    export_translator(weighted("PD", "T1"), folder / "swapped", card(inputs=SOURCES))
    volumes = card(plane="volume", geometry={"size": [20, 20, 20], "fit": "crop"})
    export_translator(weighted("image", rank=3), folder / "volumes", volumes)
    return folder


def images(*shape, seed):
    return np.random.default_rng(seed).uniform(-1, 1, shape)


def test_inputs_are_found_by_their_names(models):
    t1, pd = images(2, 17, 19, 1, seed=1), images(2, 17, 19, 1, seed=2)
    for name, expected in (("two", t1 / 2 + pd / 4), ("swapped", pd / 2 + t1 / 4)):
        translator = Translator(models / name)
        for inputs in ({"T1": t1, "PD": pd}, {"PD": pd, "T1": t1}):
            found = translator(inputs)
            assert found.dtype == np.float32 and found.shape == t1.shape
            np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_signature_has_the_names_of_the_domains(models):
    signature = tf.saved_model.load(str(models / "two")).signatures["serving_default"]
    specs = signature.structured_input_signature[1]
    assert set(specs) == {"T1", "PD"}
    for spec in specs.values():
        assert spec.dtype == tf.float32 and spec.shape.as_list() == [None, None, None, 1]


@pytest.mark.parametrize(
    "inputs, received",
    [
        ({"T1": 1}, "T1"),
        ({"T1": 1, "PD": 1, "T2": 1}, "T1, PD, T2"),
        ({"T1w": 1, "PDw": 1}, "T1w, PDw"),
        ({}, "an array"),
        (1, "an array"),
    ],
)
def test_inputs_that_are_missing_or_unknown_are_named(models, inputs, received):
    image = images(1, 17, 17, 1, seed=0)
    given = {name: image for name in inputs} if isinstance(inputs, dict) else image
    message = rf"two: expected images for T1, PD, a dict by these names. Received: {received}\."
    with pytest.raises(GanMriError, match=message):
        Translator(models / "two")(given)


def test_of_one_input_an_array_or_a_dict_will_do(models):
    volume = images(1, 17, 18, 19, 1, seed=0)
    translator = Translator(models / "volumes")
    for given in (volume, {"image": volume}, volume.tolist()):
        np.testing.assert_allclose(translator(given), volume / 2, atol=1e-6)
    with pytest.raises(GanMriError, match="expected images for image"):
        translator({"A": volume})


def test_an_old_card_does_as_well(models, tmp_path):
    export_translator(weighted("image"), tmp_path / "old", card())
    write_json(tmp_path / "old" / CARD, old_card())
    translator = Translator(tmp_path / "old")
    image = images(1, 20, 20, 1, seed=0)
    np.testing.assert_allclose(translator(image), image / 2, atol=1e-6)
    assert not translator.takes_reference and not translator.stochastic


def test_a_changed_card_is_named(models, tmp_path):
    export_translator(weighted("image"), tmp_path / "A2B", card())
    write_json(tmp_path / "A2B" / CARD, card() | {"view": None})
    with pytest.raises(GanMriError, match="gan_mri.json: expected the card of a model"):
        Translator(tmp_path / "A2B")
