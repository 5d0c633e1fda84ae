"""Files of weights: those of the 2018 code, and our own, which no recomputed block changes."""

import contextlib
import re
import tempfile
from collections import Counter
from pathlib import Path

import h5py
import numpy as np

from gan_mri.data.files.hdf5_checks import check_hdf5
from gan_mri.errors import GanMriError
from gan_mri.files import replacing
from gan_mri.layers import Recomputed, innermost_layers


def gan_mri_order(network):
    """The variables of a network in the order of GAN-MRI's HDF5 files.

    Layer by layer as the network was drawn, inner networks and recomputed
    blocks where they stand; kernel before bias, gamma before beta. State that
    the 2018 code did not have (the u of spectral normalisation) is left out.

    Parameters
    ----------
    network : keras.Model

    Returns
    -------
    list of variables
    """
    variables = []
    for layer in innermost_layers(network):
        # A wrapper (spectral normalisation) owns the layer that has them.
        variables += getattr(layer, "layer", layer).weights
    return variables


def load_gan_mri(network, path):
    """Load an HDF5 weight file of GAN-MRI (Keras 2.1, `save_weights`).

    Tensors are matched by their place in the structure, because the names in
    the files are counters (`conv2d_17`) that depend on what else had been
    built.

    Parameters
    ----------
    network : keras.Model
        Built as the 2018 network was, see `gan_mri.networks`.
    path : str or Path
        For example `G_A2B_model_weights_epoch_200.hdf5`.

    Raises
    ------
    GanMriError
        If it is no such file, or does not fit: the message names the first
        tensor that does not. The network is then unchanged.
    """
    variables = gan_mri_order(network)
    try:
        with h5py.File(path, "r") as file:
            check_hdf5(file)
            tensors = _tensors(file, path)
            _check_shapes(network, variables, tensors, path)
            # Only now, with sizes that the network has too, is memory taken.
            arrays = [dataset[()] for _, dataset in tensors]
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        if isinstance(error, GanMriError):  # which is a ValueError
            raise
        raise GanMriError(
            f"{path} should be an HDF5 weight file as GAN-MRI writes it (a root "
            f"attribute layer_names, a group for each layer), but reading it "
            f"failed: {error}"
        ) from error
    for (name, _), array in zip(tensors, arrays):
        if not np.all(np.isfinite(array)):
            raise GanMriError(
                f"{path}: tensor {name} should hold finite numbers, but holds NaN or infinity."
            )
    for variable, array in zip(variables, arrays):
        variable.assign(array)


def save(network, path):
    """Write a `.weights.h5` file, the same whether blocks are recomputed or not.

    Keras names the groups of such a file after how layers are nested. Here
    they are named as if nothing were recomputed: a network built with
    `recompute` writes what one without it writes, and opens it.

    Parameters
    ----------
    network : keras.Model
    path : str or Path
        Ends in `.weights.h5`. An older file is replaced when the new one is
        complete.
    """
    with replacing(path) as temporary:
        if not _has_blocks(network):
            network.save_weights(str(temporary))
            return
        with tempfile.TemporaryDirectory() as folder:
            nested = Path(folder) / "nested.weights.h5"
            network.save_weights(str(nested))
            _regroup(nested, temporary, _groups(network))


def load(network, path):
    """Open what `save`, or the network's own `save_weights`, has written.

    Parameters
    ----------
    network : keras.Model
        Built as the one that was saved, but for `recompute`.
    path : str or Path

    Raises
    ------
    GanMriError
        If the file cannot be read, leads to other files (`gan_mri.data.files.hdf5_checks`),
        or is that of `save_weights` with recomputed blocks and the network has none.
    ValueError
        By Keras, for weights that do not fit the network.
    """
    with opened(path) as file:
        nested = is_nested(file)
    if nested and not _has_blocks(network):
        raise GanMriError(
            f"{path}: expected weights that gan_mri.weights.save has written, received those of "
            "save_weights of a network with recomputed blocks. Load them into such a network, "
            "and save that one."
        )
    if nested or not _has_blocks(network):
        network.load_weights(str(path))
        return
    with tempfile.TemporaryDirectory() as folder:
        regrouped = Path(folder) / "nested.weights.h5"
        _regroup(path, regrouped, [(plain, own) for own, plain in _groups(network)])
        network.load_weights(str(regrouped))


@contextlib.contextmanager
def opened(path):
    """A `.weights.h5` file that leads nowhere else, to be read.

    Raises
    ------
    GanMriError
        For what HDF5 cannot open, or does not belong into such a file.
    """
    try:
        with h5py.File(path, "r") as file:
            check_hdf5(file)
            yield file
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        if isinstance(error, GanMriError):  # which is a ValueError
            raise
        raise GanMriError(
            f"{path}: expected a .weights.h5 file of Keras, received what HDF5 cannot open: {error}"
        ) from error


def is_nested(file):
    """Whether the groups of an opened file are named by recomputed blocks."""
    return any(name.startswith("recomputed") for name in file.get("layers", ()))


def load_fitting(network, path):
    """As `load`, with one error for everything that does not fit.

    Parameters
    ----------
    network, path
        As for `load`.

    Raises
    ------
    GanMriError
        Naming the file. The network may have some of the weights then.
    """
    try:
        load(network, path)
    except GanMriError:
        raise
    # What Keras and h5py raise on a file of another network, or one that is cut short.
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise GanMriError(
            f"{path}: expected the weights of {network.name}. Received others, or damaged ones: "
            f"{' '.join(str(error).split())[:300]}"
        ) from error


def _has_blocks(network):
    return any(own != plain for own, plain in _groups(network))


def _groups(network):
    """(group in the network's own file, group as if nothing were recomputed) of each layer."""
    return list(_groups_of(network.layers, "layers", "layers", Counter()))


def _groups_of(layers, own, plain, plain_names):
    own_names = Counter()
    for layer in layers:
        group = f"{own}/{_next_name(layer, own_names)}"
        if isinstance(layer, Recomputed):
            yield from _groups_of(layer.inner_layers, f"{group}/inner_layers", plain, plain_names)
            continue
        renamed = f"{plain}/{_next_name(layer, plain_names)}"
        if hasattr(layer, "layers"):
            yield from _groups_of(layer.layers, f"{group}/layers", f"{renamed}/layers", Counter())
        else:
            yield group, renamed


def _next_name(layer, names):
    """As Keras names groups: the class, and a number from the second one on."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", type(layer).__name__)
    name = re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
    names[name] += 1
    return name if names[name] == 1 else f"{name}_{names[name] - 1}"


def _regroup(source, target, groups):
    """Copy groups of an HDF5 file into a new one, to other names."""
    with h5py.File(source, "r") as old, h5py.File(target, "w") as new:
        for name, renamed in [("vars", "vars"), *groups]:
            if name in old:  # a layer without weights has none
                old.copy(name, new, renamed)


def _tensors(file, path):
    """(name, HDF5 dataset) of every tensor of the file, in the file's order."""
    tensors = []
    for layer in _names(file, "layer_names"):
        for name in _names(file[layer], "weight_names"):
            dataset, name = file[layer][name], f"{layer}/{name}"
            held = dataset.dtype if isinstance(dataset, h5py.Dataset) else "a group"
            if held == "a group" or not np.issubdtype(held, np.floating):
                raise GanMriError(
                    f"{path}: tensor {name} should hold floating-point numbers, but holds {held}."
                )
            tensors.append((name, dataset))
    return tensors


def _check_shapes(network, variables, tensors, path):
    for index, (variable, (name, tensor)) in enumerate(zip(variables, tensors)):
        if tuple(tensor.shape) != tuple(variable.shape):
            raise GanMriError(
                f"{path} does not fit the network {network.name!r}: tensor {index} "
                f"of the file, {name!r}, has the shape {tuple(tensor.shape)}, but the "
                f"network expects {tuple(variable.shape)} there. Was the network "
                "built with the same channels, filters, blocks and options?"
            )
    if len(tensors) != len(variables):
        raise GanMriError(
            f"{path} does not fit the network {network.name!r}: the file holds "
            f"{len(tensors)} tensors, the network expects {len(variables)}."
        )


def _names(group, attribute):
    return [
        name.decode(errors="replace") if isinstance(name, bytes) else str(name)
        for name in np.ravel(group.attrs[attribute])
    ]
