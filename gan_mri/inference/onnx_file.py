"""Exported models as ONNX files, for programs without TensorFlow."""

import json

import numpy as np
import tensorflow as tf

from gan_mri.errors import GanMriError
from gan_mri.files import replacing
from gan_mri.inference.export import Served
from gan_mri.inference.rebuilt import rebuilt

#: Version of ONNX's operators; ONNX Runtime knows it since 1.12 (2022).
OPSET = 17

#: Name of the card among the metadata of the file.
CARD_KEY = "gan_mri"

#: The two runtimes may differ by so much, of [-1, 1], before a file is refused.
TOLERANCE = 1e-3

# Sides of the images on which they are compared, by rank: none a multiple of the others' steps.
_SIDES = {2: ((64, 64), (75, 50), (33, 97)), 3: ((32, 32, 32), (25, 34, 19), (17, 21, 40))}


def write_onnx(translator, path):
    """Write a model as an ONNX file, and compare the two on images of three sizes.

    The file takes and gives what the SavedModel does (`gan_mri.inference.export`): float32
    `(N, *spatial, C)` in [-1, 1], N and sizes free, opset 17; inputs of the same names, the
    output `translation`; the card, as JSON, is the metadata `gan_mri`.

    Parameters
    ----------
    translator : gan_mri.inference.translator.Translator
    path : str or Path

    Returns
    -------
    dict of str to float
        Spatial size ("75 x 50") to the largest difference from the SavedModel.

    Raises
    ------
    GanMriError
        If the extra `onnx` is not installed, the network has an operation that
        ONNX has not (a histogram), or the two differ by more than `TOLERANCE`;
        nothing is written then.
    """
    tf2onnx, _ = _libraries()
    # Of today's layers: the graph that was exported may have operations that ONNX rounds otherwise.
    serve = Served(rebuilt(translator)).endpoints["serving_default"]
    try:
        model, _ = tf2onnx.convert.from_function(
            serve, input_signature=list(serve.input_signature), opset=OPSET
        )
        content = _completed(model, translator.card).SerializeToString()
        differences = _differences(content, serve, translator.card.view.rank)
    except _failures() as error:
        raise GanMriError(
            f"{translator.path}: expected a network of operations that ONNX has. Received one of "
            f"{translator.card.content.get('recipe', 'an unknown recipe')} with others: "
            f"{str(error).splitlines()[0]}"
        ) from error
    if not max(differences.values()) <= TOLERANCE:
        raise GanMriError(
            f"{translator.path}: expected ONNX Runtime to make the same images. Received "
            f"differences of up to {max(differences.values()):.2g}."
        )
    with replacing(path, new=True) as temporary:
        temporary.write_bytes(content)
    return differences


def _libraries():
    try:
        import onnx  # noqa: F401
        import onnxruntime
        import tf2onnx
    except (ImportError, AttributeError) as error:  # AttributeError: of onnx beside TensorFlow 2.15
        raise GanMriError(
            "export --format onnx needs onnx, tf2onnx and onnxruntime: pip install "
            "'gan_mri[onnx]', beside TensorFlow 2.15 'gan_mri[addons,onnx]' 'onnx<1.17'. "
            f"Received: {error}."
        ) from error
    return tf2onnx, onnxruntime


def _failures():
    """What the two libraries raise for an operation that they do not have."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return ValueError, NotImplementedError, state.InvalidGraph, state.Fail, state.NotImplemented


def _completed(model, card):
    """The model with names for its free sizes, and with its card."""
    import onnx

    axes = {2: ("N", "H", "W"), 3: ("N", "X", "Y", "Z")}[card.view.rank]
    for value in (*model.graph.input, *model.graph.output):
        # A reference image may be of another size than the images.
        beside = "reference_" if value.name == "reference" else ""
        for dimension, axis in zip(value.type.tensor_type.shape.dim, axes):
            if not dimension.dim_value:
                dimension.dim_param = beside + axis
    onnx.helper.set_model_props(model, {CARD_KEY: json.dumps(card.content)})
    return model


def _differences(content, serve, rank):
    """The largest difference for each of some sizes, on random images."""
    _, onnxruntime = _libraries()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    rng, found = np.random.default_rng(0), {}
    for size in _SIDES[rank]:
        inputs = {}
        for spec in serve.input_signature:
            # Numbers that an image is made of have no size.
            space = size if len(spec.shape) > 2 else ()
            shape = (2, *space, spec.shape[-1])
            inputs[spec.name] = rng.uniform(-1, 1, shape).astype(np.float32)
        (made,) = session.run(["translation"], inputs)
        expected = serve(*map(tf.constant, inputs.values()))["translation"].numpy()
        same = made.shape == expected.shape
        found[" x ".join(map(str, size))] = float(np.abs(made - expected).max()) if same else np.inf
    return found
