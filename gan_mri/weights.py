"""Weights of the 2018 code: their order, and how to load them."""

import h5py
import numpy as np

from gan_mri.errors import GanMriError


def gan_mri_order(network):
    """The variables of a network in the order of GAN-MRI's HDF5 files.

    Layer by layer as the network was drawn, inner networks where they stand;
    kernel before bias, gamma before beta. State that the 2018 code did not
    have (the u of spectral normalisation) is left out.

    Parameters
    ----------
    network : keras.Model

    Returns
    -------
    list of variables
    """
    variables = []
    for layer in network.layers:
        if hasattr(layer, "layers"):
            variables += gan_mri_order(layer)
        else:
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
            tensors = _tensors(file, path)
            _check_shapes(network, variables, tensors, path)
            # Only now, with sizes that the network has too, is memory taken.
            arrays = [dataset[()] for _, dataset in tensors]
    except (OSError, KeyError) as error:
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
