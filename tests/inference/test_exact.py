import keras
import numpy as np
import pytest
import tiny

from gan_mri import networks
from gan_mri.errors import GanMriError
from gan_mri.inference.volumes import apply_exactly
from gan_mri.inference.volumes.exact import apply_plan
from gan_mri.inference.volumes.graph import Graph
from gan_mri.inference.volumes.plan import fixed_plan
from gan_mri.inference.volumes.stages import stages
from gan_mri.networks.collagan import collagan_generator
from gan_mri.networks.collagan_translator import compose_collagan_translator
from gan_mri.networks.residual_unet import residual_unet
from gan_mri.networks.unet import unet_generator
from gan_mri.networks.unit_translator import compose_translator

ODD = (37, 29, 41)
RESNETS = {
    "transposed": {},
    "resized": {"resize_convolution": True},
    "mirrored": {"residual_padding": "reflect"},
    "spectral": {"spectral_normalization": True},
    "addons": {"normalization": "addons"},
    "unnormalized": {"normalization": "none"},
    "three halvings": {"downsamplings": 3, "residual_blocks": 1},
}


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(1)


def generator(channels=1, rank=3, **options):
    options = {"filters": 2, "residual_blocks": 2, "dtype": "float64", **options}
    return shaken(networks.resnet_generator((*[None] * rank, channels), **options))


def shaken(network):
    """With other biases, scales and offsets than 0 and 1."""
    generated = np.random.default_rng(5)
    network.set_weights(
        [weight + generated.normal(0, 0.1, weight.shape) for weight in network.get_weights()]
    )
    return network


def whole(network, volume):
    """One pass; a dict of volumes by the names of the inputs."""
    if isinstance(volume, dict):
        volume = {name: one[np.newaxis] for name, one in volume.items()}
        return np.asarray(network(volume))[0]
    return np.asarray(network(volume[np.newaxis]))[0]


def in_slabs(network, volume, height, in_files=()):
    """In slabs of one height."""
    volumes = volume if isinstance(volume, dict) else {"image": volume}
    graph = Graph(network, {name: one.shape for name, one in volumes.items()})
    cut = stages(graph)
    files = [stage.sink for stage in cut if in_files == "all" and stage.sink != graph.output]
    return apply_plan(
        graph, volumes, fixed_plan(graph, {stage.sink: height for stage in cut}, files)
    )


@pytest.mark.parametrize("options", RESNETS.values(), ids=RESNETS)
def test_generators(options):
    network, volume = generator(**options), tiny.images(*ODD, 1)
    found = apply_exactly(network, volume)
    assert found.shape == volume.shape and found.dtype == np.float64
    np.testing.assert_allclose(found, whole(network, volume), rtol=0, atol=1e-12)


@pytest.mark.parametrize("height", [1, 2, 7, 100])
def test_slabs_of_any_height(height):
    network, volume = generator(), tiny.images(*ODD, 1)
    found = in_slabs(network, volume, height)
    np.testing.assert_allclose(found, whole(network, volume), rtol=0, atol=1e-12)


@pytest.mark.parametrize("options", [{}, {"resize_convolution": True}])
def test_pictures(options):
    network, picture = generator(3, rank=2, **options), tiny.images(37, 41, 3)
    for height in (1, 3, 50):
        found = in_slabs(network, picture, height)
        np.testing.assert_allclose(found, whole(network, picture), rtol=0, atol=1e-12)


@pytest.mark.parametrize("spectral_normalization", [False, True])
def test_unit_translators(spectral_normalization):
    """Networks within a network, dropout and noise, batch statistics, gray for RGB."""
    code = (None, None, None, 8)
    style = {"dtype": "float64", "spectral_normalization": spectral_normalization}
    network = compose_translator(
        networks.unit_encoder((None, None, None, 1), filters=2, residual_blocks=1, **style),
        networks.unit_shared_encoder(code, **style),
        networks.unit_shared_decoder(code, **style),
        networks.unit_generator(code, residual_blocks=1, **style),
        channels=3,
        name="A2B",
    )
    volume = tiny.images(*ODD, 3)
    expected = whole(shaken(network), volume)
    for height in (1, 6):
        np.testing.assert_allclose(in_slabs(network, volume, height), expected, rtol=0, atol=1e-12)


def test_float32_is_nearer_to_float64_than_one_pass():
    """Mostly background, where sums in float32 are at their worst."""
    network = generator(filters=8)
    narrow = generator(filters=8, dtype="float32")
    narrow.set_weights(network.get_weights())
    volume = tiny.images(48, 64, 48, 1, dtype="float32")
    volume[:, :, 20:] = -1
    exact = apply_exactly(network, volume)
    found = apply_exactly(narrow, volume)
    assert found.dtype == np.float32
    assert np.abs(found - exact).max() < 1e-4
    assert np.abs(found - exact).mean() < np.abs(whole(narrow, volume) - exact).mean()


NETWORKS = {
    "unet": lambda shape: unet_generator(shape, levels=4, **SMALL),
    "unet, spectral": lambda shape: unet_generator(
        shape, levels=3, spectral_normalization=True, **SMALL
    ),
    "residual unet": lambda shape: residual_unet(shape, levels=3, **SMALL),
    "residual unet, transposed": lambda shape: residual_unet(
        shape, levels=3, upsampling="transposed", recompute=True, **SMALL
    ),
}
SMALL = {"filters": 2, "dtype": "float64"}


@pytest.mark.parametrize("size", [(19, 17, 22), (22, 37)])
@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_networks_with_skips(build, size):
    network = shaken(build((*[None] * len(size), 1)))
    volume = tiny.images(*size, 1)
    found = in_slabs(network, volume, 3)
    np.testing.assert_allclose(found, whole(network, volume), rtol=0, atol=1e-12)


def test_collagan():
    """Several sources, planes that are constant, attention to channels."""
    generator = collagan_generator(
        (None, None, None, 1), contrasts=3, branch_filters=2, levels=2, **SMALL
    )
    network = compose_collagan_translator(shaken(generator), ("T1w", "T2w", "FLAIR"), "T2w")
    size = (21, 18, 23, 1)
    volumes = {"T1w": tiny.images(*size), "FLAIR": tiny.images(*size, seed=1)}
    found = in_slabs(network, volumes, 4)
    np.testing.assert_allclose(found, whole(network, volumes), rtol=0, atol=1e-12)


def several_inputs():
    """Two contrasts, of one and two channels, joined, and one of them added again."""
    first = keras.Input((None, None, None, 1), name="T1w", dtype="float64")
    second = keras.Input((None, None, None, 2), name="FLAIR", dtype="float64")
    options = {"padding": "same", "dtype": "float64"}
    x = keras.layers.Concatenate(dtype="float64")([first, second])
    x = keras.layers.Conv3D(3, 3, **options)(x)
    x = keras.layers.Add(dtype="float64")([keras.layers.Conv3D(1, 5, **options)(x), first])
    return keras.Model({"T1w": first, "FLAIR": second}, x)


def test_inputs_by_name():
    network = several_inputs()
    volumes = {"FLAIR": tiny.images(9, 8, 7, 2), "T1w": tiny.images(9, 8, 7, 1, seed=1)}
    expected = whole(network, volumes)
    np.testing.assert_allclose(apply_exactly(network, volumes), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(in_slabs(network, volumes, 2), expected, rtol=0, atol=1e-12)


def test_a_network_with_skips():
    """A U-Net: maps that are read again at the end, pooling, enlargement, sums of sums."""
    options = {"padding": "same", "dtype": "float64"}
    image = keras.Input((None, None, 1), name="image", dtype="float64")
    a = keras.layers.Conv2D(2, 3, activation="relu", **options)(image)
    b = keras.layers.Conv2D(2, 3, **options)(keras.layers.MaxPooling2D(dtype="float64")(a))
    c = keras.layers.Add(dtype="float64")([keras.layers.Conv2D(2, 3, **options)(b), b])
    d = keras.layers.Add(dtype="float64")([keras.layers.Conv2D(2, 3, **options)(c), c])
    e = keras.layers.UpSampling2D(dtype="float64")(d)
    f = keras.layers.Concatenate(dtype="float64")([a, e, a])
    network = keras.Model(image, keras.layers.Conv2D(1, 3, **options)(f))
    picture = tiny.images(22, 18, 1)
    for height in (1, 4, 22):
        found = in_slabs(network, picture, height)
        np.testing.assert_allclose(found, whole(network, picture), rtol=0, atol=1e-12)


def test_recomputed_blocks():
    network, volume = generator(recompute=True), tiny.images(18, 20, 17, 1)
    np.testing.assert_allclose(
        in_slabs(network, volume, 3), whole(network, volume), rtol=0, atol=1e-12
    )


def test_maps_in_files(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    network, volume = generator(), tiny.images(20, 21, 22, 1)
    found = in_slabs(network, volume, 3, in_files="all")
    np.testing.assert_allclose(found, whole(network, volume), rtol=0, atol=1e-12)
    assert not list(tmp_path.iterdir())


def test_files_are_removed_after_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened = []

    def write(storage, start, rows):
        opened.append(storage._file)
        if len(opened) == 12:
            raise OSError("No space left on device")

    monkeypatch.setattr("gan_mri.inference.volumes.storage.InFile.write", write)
    # Nothing is really written: reading would fail, too.
    monkeypatch.setattr(
        "gan_mri.inference.volumes.storage.InFile.read",
        lambda storage, start, stop: np.zeros((stop - start, *storage._shape[1:])),
    )
    with pytest.raises(GanMriError, match=f"{tmp_path}.*TMPDIR.*No space left"):
        in_slabs(generator(), tiny.images(20, 21, 22, 1), 3, in_files="all")
    assert len(opened) == 12 and all(file.closed for file in opened)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_is_too_small(monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 10}))
    with pytest.raises(GanMriError, match="TMPDIR.*Received: 0.0 GiB"):
        in_slabs(generator(), tiny.images(20, 21, 22, 1), 3, in_files="all")


def test_a_volume_of_whole_numbers():
    network = generator()
    volume = np.random.default_rng(0).integers(-1, 2, (17, 18, 19, 1))
    expected = whole(network, volume.astype(float))
    np.testing.assert_allclose(apply_exactly(network, volume), expected, rtol=0, atol=1e-12)


def with_layer(*layers):
    image = keras.Input((None, None, None, 1), name="image")
    x = image
    for layer in layers:
        x = layer(x)
    return keras.Model(image, x)


@pytest.mark.parametrize(
    ("network", "volume", "message"),
    [
        (lambda: networks.unit_encoder((None, None, 1), filters=2, attention=True), (20, 20, 1),
         "layer self_attention.*SelfAttention.*windows"),
        (lambda: with_layer(keras.layers.GlobalAveragePooling3D()), (8, 8, 8, 1),
         "GlobalAveragePooling3D"),
        (lambda: with_layer(keras.layers.Conv3D(1, 9)), (8, 9, 9, 1), "a larger volume"),
        (lambda: generator(), (17, 18, 1), "volume image.*None, None, None, 1"),
        (lambda: generator(), (17, 18, 19, 2), r"Received: \(17, 18, 19, 2\)"),
        (lambda: generator(), (1, 18, 19, 1), "sides of 3 or more"),
        (lambda: several_inputs(), (8, 8, 8, 1), "inputs named .*T1w"),
        (lambda: generator(dtype="bfloat16"), (17, 18, 19, 1), "computes in bfloat16"),
        (lambda: networks.patch_discriminator, (8, 8, 1), "functional keras.Model"),
        (lambda: networks.unit_discriminator(filters=2), (40, 40, 1), "one output. Received: 3"),
    ],
)  # fmt: skip
def test_refused(network, volume, message):
    with pytest.raises(GanMriError, match=message):
        apply_exactly(network(), np.zeros(volume, np.float32))


def test_a_volume_without_numbers():
    with pytest.raises(GanMriError, match="volume image: expected numbers"):
        apply_exactly(generator(), np.full((17, 18, 19, 1), "a"))
