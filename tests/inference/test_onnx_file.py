"""ONNX files of all kinds of networks, in ONNX Runtime against TensorFlow."""

import json

import numpy as np
import pytest
import tiny
import untrained_exports

from gan_mri.errors import GanMriError
from gan_mri.inference import onnx_file
from gan_mri.inference.onnx_file import CARD_KEY, OPSET, write_onnx
from gan_mri.inference.translator import Translator

pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")

# Few numbers normalised by what they differ by: rounding is enlarged.
ENLARGED = {"several sources": 1e-4}
BLOCKS = {"filters": 2, "residual_blocks": 1, "discriminator_filters": 2}
CASES = {
    "slices": ("welander/cyclegan", (24, 24, 1), BLOCKS, None),
    "volumes": ("welander/cyclegan", (20, 20, 20, 1), BLOCKS | {"recompute": True}, None),
    "enlarged": (
        "welander/generators_s",
        (24, 24, 1),
        {"filters": 2, "residual_blocks": 1, "resize_convolution": True},
        None,
    ),
    "noise left out": ("welander/unit", (24, 24, 1), tiny.SETTINGS, None),
    "attention": ("maheshwari/attention_generator", (24, 24, 1), tiny.SETTINGS, None),
    "several sources": (
        "schilling/synb0",
        (24, 24, 1),
        {"filters": 4, "levels": 2},
        ("T1w", "b0_AP", "b0_PA", "b0"),
    ),
    "out of noise": (
        "guibas/dual_gan",
        (24, 24, 1),
        {"filters": 2, "discriminator_filters": 2, "mask_filters": 2, "noise": 4, "levels": 3},
        ("tissue", "T1w"),
    ),
}


def session_of(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("case", CASES)
def test_both_runtimes_make_the_same_images(tmp_path, case):
    recipe, shape, settings, contrasts = CASES[case]
    folder = untrained_exports.export(tmp_path, recipe, shape, settings, contrasts=contrasts)
    translator = Translator(folder)
    differences = write_onnx(translator, tmp_path / "model.onnx")
    allowed = ENLARGED.get(case, 1e-5)
    assert len(differences) == 3 and max(differences.values()) < allowed

    session = session_of(tmp_path / "model.onnx")
    size = (21, 34) if len(shape) == 3 else (19, 22, 17)
    inputs = {}
    for seed, tensor in enumerate(session.get_inputs()):
        noise = tensor.name == "noise"
        space = () if noise else size
        inputs[tensor.name] = tiny.images(3, *space, tensor.shape[-1], seed=seed, dtype="float32")
        free = ["N"] if noise else ["N", *("HW" if len(size) == 2 else "XYZ")]
        assert tensor.shape[:-1] == free and tensor.type == "tensor(float)"
    (made,) = session.run(["translation"], inputs)
    # The SavedModel itself, not the network that the file was made of.
    expected = translator(inputs)
    np.testing.assert_allclose(made, expected, rtol=0, atol=10 * allowed * expected.std())


def test_the_file_says_its_operators_and_carries_the_card(tmp_path):
    import onnx

    translator = Translator(untrained_exports.export(tmp_path, *CASES["slices"][:3]))
    write_onnx(translator, tmp_path / "model.onnx")
    versions = {one.domain: one.version for one in onnx.load(tmp_path / "model.onnx").opset_import}
    assert versions[""] == OPSET == 17
    metadata = session_of(tmp_path / "model.onnx").get_modelmeta().custom_metadata_map
    assert json.loads(metadata[CARD_KEY]) == translator.card.content


def test_a_histogram_is_refused_in_a_paragraph(tmp_path):
    settings = tiny.SETTINGS | {"bins": 8}
    folder = untrained_exports.export(tmp_path, "wada/method4", (24, 24, 3), settings)
    with pytest.raises(GanMriError, match="expected a network of operations that ONNX has"):
        write_onnx(Translator(folder), tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_another_result_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_file, "TOLERANCE", 1e-12)
    folder = untrained_exports.export(tmp_path, *CASES["slices"][:3])
    with pytest.raises(GanMriError, match="expected ONNX Runtime to make the same images"):
        write_onnx(Translator(folder), tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()
