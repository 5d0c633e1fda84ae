import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import runs
import tensorflow as tf
from cards import card

from gan_mri.errors import GanMriError
from gan_mri.inference.export import export_translator
from gan_mri.inference.translator import Translator
from gan_mri.runs.run import load_run

# Runs where gan_mri cannot be imported, though it may be installed.
PLAIN = """
import sys
import numpy as np
import tensorflow as tf
sys.modules["gan_mri"] = None
try:
    import gan_mri
except ImportError:
    pass
else:
    sys.exit("gan_mri was importable, so this proves nothing")
model, inputs, outputs = sys.argv[1:]
loaded = tf.saved_model.load(model)
serve = loaded.signatures["serving_default"]
(image,) = serve.structured_input_signature[1].values()
assert image.name == "image" and image.dtype == tf.float32, image
assert image.shape.as_list() == [None, None, None, 1], image
with np.load(inputs) as arrays:
    results = {name: serve(image=tf.constant(array)) for name, array in arrays.items()}
assert all(list(result) == ["translation"] for result in results.values())
np.savez(outputs, **{name: result["translation"].numpy() for name, result in results.items()})
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return runs.finished_run(tmp_path_factory)


def test_plain_tensorflow_serves_any_size(finished, tmp_path):
    rng = np.random.default_rng(0)
    shapes = [(1, 17, 19, 1), (3, 33, 64, 1), (2, 24, 24, 1)]
    images = {
        "x".join(map(str, shape)): rng.uniform(-1, 1, shape).astype(np.float32) for shape in shapes
    }
    np.savez(tmp_path / "in.npz", **images)
    model = finished / "export" / "A2B"
    command = [sys.executable, "-I", "-c", PLAIN, model, tmp_path / "in.npz", tmp_path / "out.npz"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    trained = load_run(finished).network("G_A2B")
    # The network of the run has a fixed size: its weights in one of free size.
    from gan_mri.networks import resnet_generator

    network = resnet_generator((None, None, 1), filters=2, residual_blocks=1)
    network.set_weights(trained.get_weights())
    with np.load(tmp_path / "out.npz") as outputs:
        for name, image in images.items():
            assert outputs[name].dtype == np.float32 and outputs[name].shape == image.shape
            np.testing.assert_allclose(outputs[name], network(image), atol=1e-5)
            assert np.abs(outputs[name]).max() <= 1


def test_the_two_directions_are_two_networks(finished):
    run, images = load_run(finished), np.linspace(-1, 1, 400).reshape(1, 20, 20, 1)
    one, other = (run.translator(direction)(images) for direction in ("A2B", "B2A"))
    assert np.abs(one - other).max() > 1e-3


def test_the_card_says_what_it_translates(finished):
    config = json.loads((finished / "config.json").read_text())
    scaling = config["data"]["scaling"]
    for direction, source, target in (("A2B", "A", "B"), ("B2A", "B", "A")):
        content = load_run(finished).translator(direction).card.content
        names = {"A": "T1w", "B": "T2w"}
        assert content["direction"] == direction and content["recipe"] == "welander/cyclegan"
        image = {"domain": source, "contrast": names[source], "scaling": scaling[source]}
        image |= {"neighbours": 0, "optional": False}
        of_training = content["inputs"]["image"].pop("trained_on")
        assert of_training["files"] == 3 and of_training["quantities"]["rows"] == [24, 24]
        assert content["target_trained_on"]["files"] == 3
        assert content["inputs"] == {"image": image}
        assert (content["target_domain"], content["target"]) == (target, names[target])
        assert content["target_scaling"] == scaling[target]
        assert content["channels"] == 1 and content["view"]["plane"] is None
        assert content["view"]["geometry"] == config["geometry"]
        assert content["versions"] == config["versions"]
        assert content["settings"] == config["settings"] and content["step"] == 12
        assert content["contrasts"] == ["T1w", "T2w"] and content["align"] == "none"


def network(factor):
    image = keras.Input((None, None, 1), name="image")
    scale = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer="ones")
    model = keras.Model(image, scale(image))
    scale.set_weights([np.full((1, 1, 1, 1), factor, np.float32)])
    return model


def test_an_export_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path, ones = tmp_path / "A2B", np.ones((1, 2, 3, 1), np.float32)
    export_translator(network(0.5), path, card(number=1))

    def fail(*arguments, **keywords):
        raise OSError("disk full, on purpose")

    with monkeypatch.context() as patch, pytest.raises(GanMriError, match="on purpose"):
        patch.setattr(tf.saved_model, "save", fail)
        export_translator(network(0.25), path, card(number=2))
    translator = Translator(path)
    assert translator.card.content == card(number=1, takes_reference=False)
    np.testing.assert_array_equal(translator(ones), 0.5 * ones)
    export_translator(network(0.25), path, card(number=3))
    np.testing.assert_array_equal(Translator(path)(ones), 0.25 * ones)
    assert [entry.name for entry in tmp_path.iterdir()] == ["A2B"]


def test_weights_are_copied_into_the_export(tmp_path):
    model, ones = network(0.5), np.ones((1, 2, 3, 1), np.float32)
    export_translator(model, tmp_path / "A2B", card())
    model.set_weights([np.zeros((1, 1, 1, 1))])
    np.testing.assert_array_equal(Translator(tmp_path / "A2B")(ones), 0.5 * ones)


@pytest.mark.parametrize("what", ["no such folder", "a folder without it"])
def test_what_is_no_saved_model_is_named(tmp_path, what):
    path = tmp_path / "model"
    if what.startswith("a folder"):
        path.mkdir()
    with pytest.raises(GanMriError, match=f"model: expected a SavedModel .* Received: {what}"):
        Translator(path)


@pytest.mark.parametrize(
    "damage, message",
    [
        (lambda path: (path / "assets.extra" / "gan_mri.json").unlink(), "gan_mri.json: expected"),
        (lambda path: (path / "assets.extra" / "gan_mri.json").write_text("[]"), "a JSON list"),
        (lambda path: (path / "saved_model.pb").write_bytes(b"\x00garbage"), "loading it failed"),
        (lambda path: (path / "variables" / "variables.index").unlink(), "loading it failed"),
    ],
    ids=["no card", "card", "graph", "variables"],
)
def test_a_damaged_export_is_named(tmp_path, damage, message):
    export_translator(network(1), tmp_path / "A2B", card())
    damage(tmp_path / "A2B")
    with pytest.raises(GanMriError, match=f"{tmp_path}/A2B.*{message}"):
        Translator(tmp_path / "A2B")


def test_a_saved_model_of_somebody_else_is_named(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path / "other"))
    with pytest.raises(
        GanMriError, match="gan_mri.json: expected a JSON object that gan_mri wrote"
    ):
        Translator(tmp_path / "other")
