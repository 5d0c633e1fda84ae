"""Data files that hold programs: none is run."""

import ast
import os
import pickle
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import gan_mri
from gan_mri import networks, weights
from gan_mri.data.files.readers import read_image
from gan_mri.errors import GanMriError


class Deed:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_pickles_in_npy(tmp_path):
    stolen = tmp_path / "stolen"
    np.save(tmp_path / "a.npy", np.array([Deed(stolen)], dtype=object), allow_pickle=True)
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Deed(stolen)))
    for name in ("a.npy", "b.npy"):
        with pytest.raises(GanMriError, match=f"{name}: expected an array saved by numpy.save"):
            read_image(tmp_path / name)
    assert not stolen.exists()
    pickle.loads((tmp_path / "b.npy").read_bytes())
    assert stolen.exists()  # so the pickle would have worked


def test_headers_of_npy_are_no_expressions(tmp_path):
    head = b"{'descr': __import__('os').mkdir('stolen'), 'fortran_order': False, 'shape': (2, 2)}"
    head = head.ljust(117) + b"\n"
    raw = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head
    (tmp_path / "a.npy").write_bytes(raw + bytes(32))
    with pytest.raises(GanMriError, match="a.npy: expected an array saved by numpy.save"):
        read_image(tmp_path / "a.npy")


def network():
    return networks.resnet_generator((20, 20, 1), filters=2, residual_blocks=1)


HOSTILE = {
    "external storage": lambda group, folder: group.create_dataset(
        "0", (7, 7, 1, 2), np.float32, external=[(str(folder / "secret"), 0, 392)]
    ),
    "a link": lambda group, folder: group.__setitem__(
        "0", h5py.ExternalLink(str(folder / "other.h5"), "/data")
    ),
    "what is not there": lambda group, folder: group.create_dataset("0", (10**6, 10**6), "f4"),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_weights_lead_nowhere_else(tmp_path, how):
    net = network()
    weights.save(net, tmp_path / "a.weights.h5")
    weights.load_fitting(net, tmp_path / "a.weights.h5")
    (tmp_path / "secret").write_bytes(bytes(1000))
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["data"] = np.zeros((7, 7, 1, 2), np.float32)
    with h5py.File(tmp_path / "a.weights.h5", "r+") as file:
        found = []
        file.visititems(lambda name, one: found.append(name) if hasattr(one, "shape") else None)
        group, _, name = found[0].rpartition("/")
        del file[found[0]]
        HOSTILE[how](file[group], tmp_path)
        if name != "0":
            file[group].move("0", name)
    for load in (weights.load, weights.load_fitting):
        with pytest.raises(GanMriError, match="a.weights.h5: expected"):
            load(net, tmp_path / "a.weights.h5")


def test_a_keras_model_with_code_in_it_is_no_file_of_weights(tmp_path):
    image = keras.Input((20, 20, 1))
    model = keras.Model(image, keras.layers.Lambda(lambda x: x)(image))
    model.save(tmp_path / "model.h5")
    with pytest.raises(GanMriError, match="model.h5"):
        weights.load_fitting(network(), tmp_path / "model.h5")


# What would make data run: and where it may be, because it runs no data.
_FORBIDDEN = {"pickle", "marshal", "shelve", "joblib", "dill", "yaml", "cloudpickle"}
_CALLS = {"eval", "exec", "compile", "__import__", "load_model", "system", "popen"}


def test_nothing_in_the_package_runs_data():
    """Read, not searched: names in the source of every module."""
    found = []
    for path in Path(gan_mri.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
                found += [(path.name, one) for one in names if one.split(".")[0] in _FORBIDDEN]
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                keywords = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
                # Of a Keras model, which compiles nothing but its own training step.
                own = called == "compile" and isinstance(node.func, ast.Attribute)
                if (
                    (called in _CALLS and not own)
                    or keywords.get("allow_pickle")
                    or (keywords.get("shell"))
                ):
                    found.append((path.name, called))
            if isinstance(node, ast.Attribute) and node.attr == "Lambda":
                found.append((path.name, "Lambda"))
    assert found == []
