"""HDF5 files in the layout of Keras 2.1, written here with h5py alone."""

import h5py
import numpy as np
import pytest
import tiny

from gan_mri.errors import GanMriError
from gan_mri.networks import patch_discriminator, resnet_generator
from gan_mri.weights import gan_mri_order, load_gan_mri


def generator(**options):
    return resnet_generator((16, 16, 1), filters=2, residual_blocks=1, **options)


# Tensors of `generator()` as the 2018 code had them: c7s1-2, d4, d8, R8, u4, u2
# (Conv2DTranspose keeps the outputs before the inputs), c7s1-1.
LAYERS = [
    ("conv2d_1", [("kernel", (7, 7, 1, 2)), ("bias", (2,))]),
    ("instance_normalization_1", [("gamma", (2,)), ("beta", (2,))]),
    ("activation_1", []),
    ("conv2d_2", [("kernel", (3, 3, 2, 4)), ("bias", (4,))]),
    ("instance_normalization_2", [("gamma", (4,)), ("beta", (4,))]),
    ("conv2d_3", [("kernel", (3, 3, 4, 8)), ("bias", (8,))]),
    ("instance_normalization_3", [("gamma", (8,)), ("beta", (8,))]),
    ("conv2d_4", [("kernel", (3, 3, 8, 8)), ("bias", (8,))]),
    ("instance_normalization_4", [("gamma", (8,)), ("beta", (8,))]),
    ("conv2d_5", [("kernel", (3, 3, 8, 8)), ("bias", (8,))]),
    ("instance_normalization_5", [("gamma", (8,)), ("beta", (8,))]),
    ("add_1", []),
    ("conv2d_transpose_1", [("kernel", (3, 3, 4, 8)), ("bias", (4,))]),
    ("instance_normalization_6", [("gamma", (4,)), ("beta", (4,))]),
    ("conv2d_transpose_2", [("kernel", (3, 3, 2, 4)), ("bias", (2,))]),
    ("instance_normalization_7", [("gamma", (2,)), ("beta", (2,))]),
    ("conv2d_6", [("kernel", (7, 7, 2, 1)), ("bias", (1,))]),
]
# A discriminator of filters 2 and 2 levels: one group with all tensors.
JUDGE = [
    ("conv2d_1", [("kernel", (4, 4, 1, 2)), ("bias", (2,))]),
    ("conv2d_2", [("kernel", (4, 4, 2, 4)), ("bias", (4,))]),
    ("instance_normalization_1", [("gamma", (4,)), ("beta", (4,))]),
    ("conv2d_3", [("kernel", (4, 4, 4, 8)), ("bias", (8,))]),
    ("instance_normalization_2", [("gamma", (8,)), ("beta", (8,))]),
    ("conv2d_4", [("kernel", (4, 4, 8, 1)), ("bias", (1,))]),
]


def tensors_of(layers):
    """[(layer, name in the file, array)], every number another one."""
    found, start = [], 0
    for layer, parts in layers:
        for part, shape in parts:
            size = int(np.prod(shape))
            array = np.arange(start, start + size, dtype="float32").reshape(shape)
            found.append((layer, f"{layer}/{part}:0", array))
            start += size
    return found


def write(path, layers, group_of=lambda layer: layer):
    """A file in the layout of Keras 2.1; `group_of` names a layer's group."""
    tensors, groups = tensors_of(layers), {}
    for layer, _ in layers:
        groups.setdefault(group_of(layer), [])
    for layer, name, array in tensors:
        groups[group_of(layer)].append((name, array))
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array(["input_1", *groups], dtype="S")
        file.create_group("input_1").attrs["weight_names"] = np.array([], dtype="S")
        for layer, members in groups.items():
            group = file.create_group(layer)
            names = [name for name, _ in members]
            group.attrs["weight_names"] = np.array(names, dtype="S")
            for name, array in members:
                group[name] = array
    return [array for _, _, array in tensors]


def test_generator_file(tmp_path):
    written = write(tmp_path / "G.hdf5", LAYERS)
    network = generator()
    load_gan_mri(network, tmp_path / "G.hdf5")
    loaded = gan_mri_order(network)
    assert len(loaded) == len(written)
    for variable, array in zip(loaded, written):
        np.testing.assert_array_equal(variable, array)


@pytest.mark.parametrize("scales", [1, 2])
def test_discriminator_file(tmp_path, scales):
    # One inner model: all tensors in one group, D1's before D2's.
    layers = [
        (f"D{scale}_{layer}", parts) for scale in range(1, scales + 1) for layer, parts in JUDGE
    ]
    path = tmp_path / "D.hdf5"
    written = write(path, layers, group_of=lambda layer: "model_1")
    network = patch_discriminator((16, 16, 1), filters=2, levels=2, scales=scales)
    load_gan_mri(network, path)
    for variable, array in zip(gan_mri_order(network), written, strict=True):
        np.testing.assert_array_equal(variable, array)


def test_order_leaves_out_the_state_of_spectral_normalization(tmp_path):
    write(tmp_path / "G.hdf5", LAYERS)
    network = generator(spectral_normalization=True)
    assert len(gan_mri_order(network)) == len(gan_mri_order(generator()))
    load_gan_mri(network, tmp_path / "G.hdf5")
    np.testing.assert_array_equal(gan_mri_order(network)[0], np.arange(98.0).reshape(7, 7, 1, 2))


def test_loaded_into_float64(tmp_path):
    write(tmp_path / "G.hdf5", LAYERS)
    network = generator(dtype="float64")
    load_gan_mri(network, tmp_path / "G.hdf5")
    assert gan_mri_order(network)[0].dtype == "float64"
    images = tiny.images(1, 16, 16, 1)
    assert np.all(np.isfinite(network(images)))


def refuses(network, path, message):
    before = network.get_weights()
    with pytest.raises(GanMriError, match=message) as caught:
        load_gan_mri(network, path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    for ours, theirs in zip(network.get_weights(), before):
        np.testing.assert_array_equal(ours, theirs)


def test_wrong_shape_names_the_first_tensor(tmp_path):
    write(tmp_path / "G.hdf5", LAYERS)
    network = resnet_generator((16, 16, 1), filters=2, residual_blocks=0)
    # Without the residual block the tensor of place 12 is that of u4.
    refuses(
        network,
        tmp_path / "G.hdf5",
        r"tensor 12 of the file, 'conv2d_4/conv2d_4/kernel:0', has the shape "
        r"\(3, 3, 8, 8\), but the network expects \(3, 3, 4, 8\)",
    )


def test_wrong_number_of_tensors(tmp_path):
    write(tmp_path / "short.hdf5", LAYERS[:-1])
    refuses(generator(), tmp_path / "short.hdf5", "holds 28 tensors, .* expects 30")
    write(tmp_path / "long.hdf5", [*LAYERS, ("conv2d_7", [("kernel", (1, 1, 1, 1))])])
    refuses(generator(), tmp_path / "long.hdf5", "holds 31 tensors, .* expects 30")


def test_missing_file(tmp_path):
    refuses(generator(), tmp_path / "none.hdf5", "HDF5 weight file")


def test_not_hdf5(tmp_path):
    path = tmp_path / "text.hdf5"
    path.write_text("these are no weights")
    refuses(generator(), path, "HDF5 weight file")


def test_truncated(tmp_path):
    path = tmp_path / "G.hdf5"
    write(path, LAYERS)
    path.write_bytes(path.read_bytes()[:4000])
    refuses(generator(), path, "HDF5 weight file")


@pytest.mark.parametrize("attribute", ["layer_names", "weight_names"])
def test_missing_attribute(tmp_path, attribute):
    path = tmp_path / "G.hdf5"
    write(path, LAYERS)
    with h5py.File(path, "a") as file:
        del (file if attribute == "layer_names" else file["conv2d_2"]).attrs[attribute]
    refuses(generator(), path, attribute)


def test_missing_dataset(tmp_path):
    path = tmp_path / "G.hdf5"
    write(path, LAYERS)
    with h5py.File(path, "a") as file:
        del file["conv2d_2/conv2d_2/bias:0"]
    refuses(generator(), path, "HDF5 weight file")


def test_missing_layer(tmp_path):
    path = tmp_path / "G.hdf5"
    write(path, LAYERS)
    with h5py.File(path, "a") as file:
        del file["conv2d_2"]
    refuses(generator(), path, "HDF5 weight file")


def test_not_floating_point(tmp_path):
    path = tmp_path / "G.hdf5"
    write(path, LAYERS)
    with h5py.File(path, "a") as file:
        del file["conv2d_2/conv2d_2/bias:0"]
        file["conv2d_2/conv2d_2/bias:0"] = np.array([b"a"] * 4)
    refuses(generator(), path, "floating-point")


def test_group_in_the_place_of_a_tensor(tmp_path):
    path = tmp_path / "G.hdf5"
    write(path, LAYERS)
    with h5py.File(path, "a") as file:
        del file["conv2d_2/conv2d_2/bias:0"]
        file.create_group("conv2d_2/conv2d_2/bias:0")
    refuses(generator(), path, "bias:0 .* holds a group")


def test_tensor_in_the_place_of_a_layer(tmp_path):
    path = tmp_path / "G.hdf5"
    write(path, LAYERS)
    with h5py.File(path, "a") as file:
        del file["conv2d_2"]
        file["conv2d_2"] = np.zeros(3)
    refuses(generator(), path, "HDF5 weight file")


def test_huge_tensor_is_refused_unread(tmp_path):
    path = tmp_path / "G.hdf5"
    write(path, LAYERS)
    with h5py.File(path, "a") as file:
        del file["conv2d_1/conv2d_1/kernel:0"]
        # 4 TB on paper, nothing on disk.
        file["conv2d_1"].create_dataset(
            "conv2d_1/kernel:0", (10**6, 10**6), "float32", chunks=(1000, 1000)
        )
    refuses(generator(), path, r"declares 4000000000000 bytes, of which the file holds 0")


def test_values_that_are_not_finite(tmp_path):
    path = tmp_path / "G.hdf5"
    write(path, LAYERS)
    with h5py.File(path, "a") as file:
        file["conv2d_2/conv2d_2/bias:0"][0] = np.nan
    refuses(generator(), path, "bias:0.*finite")
