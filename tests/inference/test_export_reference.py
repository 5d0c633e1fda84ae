"""SavedModels of translators that take a reference image."""

import subprocess
import sys

import numpy as np
import pytest
import referring
import tensorflow as tf
import tiny
from cards import card

from gan_mri.errors import GanMriError
from gan_mri.inference.export import export_translator
from gan_mri.inference.translator import Translator

# Runs where gan_mri cannot be imported, though it may be installed.
PLAIN = """
import sys
import numpy as np
import tensorflow as tf
sys.modules["gan_mri"] = None
model, path = sys.argv[1:]
loaded = tf.saved_model.load(model)
with np.load(path) as arrays:
    inputs = {name: tf.constant(arrays[name]) for name in ("image", "reference")}
result = loaded.signatures["serving_default"](**inputs)
assert list(result) == ["translation"]
np.save(path + ".npy", result["translation"].numpy())
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """SavedModels "takes", "noisy" and "plain"."""
    folder = tmp_path_factory.mktemp("exported")
    networks = {
        "takes": referring.network(),
        "noisy": referring.network(noise=0.1),
        "plain": referring.plain(),
    }
    for name, network in networks.items():
        export_translator(network, folder / name, card(channels=3))
    return folder


def test_the_signature(exported):
    signatures = tf.saved_model.load(str(exported / "noisy")).signatures
    assert set(signatures) == {"serving_default", "sample"}
    for signature in signatures.values():
        specs = signature.structured_input_signature[1]
        assert set(specs) == {"image", "reference"}
        for name, spec in specs.items():
            assert (spec.name, spec.dtype) == (name, tf.float32)
            assert spec.shape.as_list() == [None, None, None, 3]
        assert list(signature.structured_outputs) == ["translation"]


@pytest.mark.parametrize("name, takes", [("takes", True), ("noisy", True), ("plain", False)])
def test_what_it_takes_is_known(exported, name, takes):
    translator = Translator(exported / name)
    assert translator.takes_reference is takes
    assert translator.card.content == card(channels=3, takes_reference=takes)


def test_one_reference_an_image_of_any_size(exported):
    translator = Translator(exported / "takes")
    images, references = tiny.images(3, 19, 22, 3), tiny.images(3, 11, 30, 3, seed=1)
    found = translator(images, references)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, referring.expected(images, references), atol=1e-6)


@pytest.mark.parametrize("count", [1, 4])
def test_one_reference_for_all(exported, count):
    translator = Translator(exported / "takes")
    images, reference = tiny.images(count, 19, 22, 3), tiny.images(1, 11, 30, 3, seed=1)
    wanted = referring.expected(images, reference)
    for given in (reference, reference[0]):
        np.testing.assert_allclose(translator(images, given), wanted, atol=1e-6)


def test_samples_follow_their_references(exported):
    translator = Translator(exported / "noisy")
    images, references = tiny.images(2, 40, 40, 3), tiny.images(2, 9, 9, 3, seed=1)
    references += np.array([0.5, -0.5]).reshape(2, 1, 1, 1)
    for given in (references, references[:1]):
        noise = translator.sample(images, given) - referring.expected(images, given)
        np.testing.assert_allclose(noise.std(axis=(1, 2, 3)), 0.1, rtol=0.05)
        np.testing.assert_allclose(noise.mean(axis=(1, 2, 3)), 0, atol=0.01)
        quiet = translator(images, given)
        np.testing.assert_allclose(quiet, referring.expected(images, given), atol=1e-6)


def test_a_missing_reference_is_named(exported):
    translator, images = Translator(exported / "noisy"), tiny.images(1, 20, 20, 3)
    for call in (translator, translator.sample):
        with pytest.raises(
            GanMriError, match="noisy makes an image after a reference.*--reference.*Received: none"
        ):
            call(images)


def test_a_reference_that_is_not_taken_is_refused(exported):
    images = tiny.images(1, 20, 20, 3)
    with pytest.raises(GanMriError, match="plain takes no reference image.*Received one"):
        Translator(exported / "plain")(images, images)


@pytest.mark.parametrize(
    "shape", [(2, 20, 20, 3), (1, 20, 20, 1), (20, 20), (1, 0, 20, 3), (1, 1, 20, 20, 3)]
)
def test_references_of_another_shape_are_named(exported, shape):
    message = "takes: expected one reference image for all 3 images or one for each, with 3 "
    message += rf".*shape \({shape[0]}, "
    with pytest.raises(GanMriError, match=message):
        Translator(exported / "takes")(tiny.images(3, 20, 20, 3), np.zeros(shape))


def test_plain_tensorflow_takes_the_histogram_itself(tmp_path):
    """With the paper's generator: nothing of gan_mri is needed, and the reference counts."""
    from gan_mri.models.histogram_cyclegan import compose_translator
    from gan_mri.networks import histogram_generator

    generator = histogram_generator((None, None, 3), bins=16, filters=2, residual_blocks=1)
    network = compose_translator(generator, 0.05, name="A2B")
    export_translator(network, tmp_path / "A2B", card(channels=3))
    images = tiny.images(2, 20, 24, 3, dtype="float32")
    references = tiny.images(2, 15, 18, 3, seed=1, dtype="float32")
    references *= np.array([0.2, 0.9], "float32").reshape(2, 1, 1, 1)
    np.savez(tmp_path / "in.npz", image=images, reference=references)
    command = [sys.executable, "-I", "-c", PLAIN, tmp_path / "A2B", tmp_path / "in.npz"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found = np.load(tmp_path / "in.npz.npy")
    np.testing.assert_allclose(found, network([images, references]), atol=1e-5)
    swapped = Translator(tmp_path / "A2B")(images, references[::-1])
    assert np.abs(found - swapped).max() > 1e-3
