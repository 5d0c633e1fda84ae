"""Weights that a training starts from: of a run, of a folder, or files."""

import hashlib
import os
import tempfile
from pathlib import Path

import h5py

from gan_mri import weights
from gan_mri.errors import GanMriError

_OWN = ".weights.h5"


def load_start_weights(networks, places):
    """Give networks the weights they start from.

    Parameters
    ----------
    networks : dict of str to keras.Model
        By name, as a model has them.
    places : sequence of str
        A run folder; a folder of `NETWORK.weights.h5`; or files whose names begin with that of
        a network, the 2018 code's `G_A2B_model_weights_epoch_200.hdf5` among them.

    Returns
    -------
    dict
        For the records: "places"; "networks", the SHA-256 of the file of each; "untrained", those
        of which there was none.

    Raises
    ------
    GanMriError
        If there are no weights, or some do not fit: names the file and the tensor. No network
        is changed then.
    """
    files = {}
    for place in places:
        for name, path in _files_of(Path(place), networks).items():
            if name in files:
                raise GanMriError(
                    f"init: expected one file for {name}. Received: {files[name]} and {path}."
                )
            files[name] = path
    for name, path in files.items():
        if path.name.endswith(_OWN):
            _check_tensors(networks[name], name, path)
    for name, path in files.items():
        if path.name.endswith(_OWN):
            weights.load_fitting(networks[name], path)
        else:
            weights.load_gan_mri(networks[name], path)
    return {
        "places": [str(place) for place in places],
        "networks": {name: _sha256(path) for name, path in files.items()},
        "untrained": [name for name in networks if name not in files],
    }


def _files_of(place, networks):
    """The file of each network that a place holds."""
    known = ", ".join(networks)
    # os.path: a name that is too long does not exist, rather than being an error.
    if os.path.isfile(place):
        fitting = [name for name in networks if _is_of(place.name, name)]
        if not fitting:
            raise GanMriError(
                f"{place}: expected a file of weights whose name begins with that of a network: "
                f"{known}. Received another name."
            )
        return {max(fitting, key=len): place}
    if not os.path.isdir(place):
        raise GanMriError(
            f"{place}: expected a run folder, a folder of weights or a file of weights to start "
            "from. Received: no such file or folder."
        )
    folder = place / "weights" if (place / "config.json").exists() else place
    found = {name: folder / f"{name}{_OWN}" for name in networks}
    found = {name: path for name, path in found.items() if path.is_file()}
    if not found:
        others = sorted(path.name for path in folder.glob(f"*{_OWN}")) if folder.is_dir() else []
        held = f"has {', '.join(others[:8])}" if others else f"has no *{_OWN} (is it finished?)"
        raise GanMriError(
            f"{place}: expected weights of one of the networks {known}. Received a folder "
            f"that {held}."
        )
    return found


def _is_of(file_name, network):
    rest = file_name[len(network) :]
    return file_name.startswith(network) and rest[:1] in ("_", ".")


def _check_tensors(network, name, path):
    """Refuse a file whose tensors are not those of a network, by their names."""
    with weights.opened(path) as file:
        nested, held = weights.is_nested(file), _shapes(file)
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / f"own{_OWN}"
        network.save_weights(str(own)) if nested else weights.save(network, own)
        with h5py.File(own, "r") as file:
            needed = _shapes(file)
    wrong = next((one for one in [*needed, *held] if held.get(one) != needed.get(one)), None)
    if wrong is None:
        return
    what = {
        tensor: "none" if shape is None else f"the shape {shape}"
        for tensor, shape in (("held", held.get(wrong)), ("needed", needed.get(wrong)))
    }
    raise GanMriError(
        f"{path} does not fit the network {name} of this run: for the tensor {wrong} the network "
        f"has {what['needed']}, the file {what['held']}. Was it trained with other settings "
        "(filters, blocks, channels)?"
    )


def _shapes(file):
    shapes = {}

    def note(name, entry):
        if isinstance(entry, h5py.Dataset):
            shapes[name] = tuple(entry.shape)

    file.visititems(note)
    return shapes


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
