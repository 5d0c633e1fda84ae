"""What `translate` does around a network of volumes, or of slices of a given voxel size."""

import keras
import nibabel as nib
import numpy as np
import pytest
from cards import card
from data_samples import head, write_nifti
from PIL import Image
from scipy import ndimage

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.files import write_json
from gan_mri.inference.card import CARD
from gan_mri.inference.export import export_translator
from gan_mri.inference.translator import Translator

SIZE = {2: [20, 20], 3: [20, 20, 20]}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Networks that return their input, by rank."""
    folder = tmp_path_factory.mktemp("identity")
    for rank in (2, 3):
        image = keras.Input((*[None] * rank, 1), name="image")
        network = keras.Model(image, keras.layers.Activation("linear")(image))
        export_translator(network, folder / str(rank), card())
    return folder


@pytest.fixture
def identity(exported):
    """`identity(plane=...)`: the model of that plane, with such a card."""

    def make(plane="volume", **changes):
        rank = 3 if plane == "volume" else 2
        folder = exported / str(rank)
        geometry = {"size": SIZE[rank], "fit": "crop"}
        write_json(folder / CARD, card(**{"plane": plane, "geometry": geometry, **changes}))
        return folder

    return make


def run(*arguments, **options):
    gan_mri.translate(*arguments, progress=False, **options)


def turned(degrees, axis):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.eye(3)
    others = [i for i in range(3) if i != axis]
    matrix[np.ix_(others, others)] = [[c, -s], [s, c]]
    return matrix


def affine(matrix, origin=(-11.0, 23.5, 8.0)):
    whole = np.eye(4)
    whole[:3, :3], whole[:3, 3] = matrix, origin
    return whole


AFFINES = {
    "RAS": affine(np.eye(3)),
    "LPI": affine(np.diag([-2.0, -2, -2])),
    "oblique": affine(turned(17, 0) @ turned(-12, 2) @ np.diag([-1.0, 1.2, 3])),
    "sagittal first": affine(np.array([[0, 0, 1.5], [1, 0, 0], [0, -1, 0]])),
    "PSR": affine(np.array([[0, 0, 1.0], [-1, 0, 0], [0, 1, 0]])),
}


def noise(shape=(9, 11, 7), dtype=np.int16):
    return np.random.default_rng(0).uniform(100, 900, shape).astype(dtype)


@pytest.mark.parametrize("plane", ["volume", "all"])
@pytest.mark.parametrize("name", AFFINES)
def test_every_voxel_stays_where_it_is(tmp_path, identity, name, plane):
    source = write_nifti(tmp_path / "in.nii.gz", noise(), AFFINES[name])
    run(identity(plane), source, tmp_path / "out.nii.gz")
    written = nib.load(tmp_path / "out.nii.gz")
    np.testing.assert_array_equal(np.asarray(written.dataobj), noise())
    np.testing.assert_array_equal(written.affine, nib.load(source).affine)


@pytest.mark.parametrize("name", ["LPI", "oblique", "PSR"])
def test_the_network_sees_volumes_along_ras(tmp_path, identity, monkeypatch, name):
    """A network that paints its axes: where they end up in space says how it saw them."""
    seen = []

    def paint(self, images, references=None):
        images = images["image"]
        seen.append(images.shape)
        x, y, z = np.indices(images.shape[1:4])
        return ((x * 144 + y * 12 + z) / 1000 - 1)[np.newaxis, ..., np.newaxis].astype("float32")

    monkeypatch.setattr(Translator, "__call__", paint)
    source = write_nifti(tmp_path / "in.nii", noise(dtype=np.float32), AFFINES[name])
    model = identity(target_scaling={"method": "window", "typical": [0, 2000]})
    run(model, source, tmp_path / "out.nii")
    canonical = nib.as_closest_canonical(nib.load(tmp_path / "out.nii"))
    x, y, z = np.indices(canonical.shape)
    np.testing.assert_allclose(canonical.get_fdata(), x * 144 + y * 12 + z, atol=1e-3)
    assert seen == [(1, *canonical.shape, 1)]


def test_an_empty_volume_is_refused_by_its_reader(tmp_path, identity):
    source = write_nifti(tmp_path / "in.nii", np.zeros((9, 9, 9), np.int16))
    with pytest.raises(GanMriError, match="in.nii.*constant"):
        run(identity(), source, tmp_path / "out.nii")


@pytest.mark.parametrize("window", [(5000, 9000), (-50, 80)])
def test_an_image_beyond_the_models_window_is_refused(tmp_path, identity, window):
    """It would be of one value after scaling."""
    source = write_nifti(tmp_path / "in.nii", noise())
    model = identity(source_scaling={"method": "window", "typical": list(window)})
    message = f"in.nii: expected intensities within {window[0]} and {window[1]}.*from 1.. to 8.., "
    with pytest.raises(GanMriError, match=message):
        run(model, source, tmp_path / "out.nii")
    assert not (tmp_path / "out.nii").exists()


def test_a_picture_is_no_volume(tmp_path, identity):
    Image.fromarray(noise((20, 20), np.uint16)).save(tmp_path / "in.png")
    with pytest.raises(GanMriError, match="in.png: expected a volume, as .*Received: a picture"):
        run(identity(), tmp_path / "in.png", tmp_path / "out.png")


@pytest.mark.parametrize("plane", ["axial", "volume"])
def test_a_volume_given_to_a_model_of_pictures_is_told(tmp_path, identity, caplog, plane):
    source = write_nifti(tmp_path / "in.nii", noise())
    run(identity(plane), source, tmp_path / "one.nii")
    assert not caplog.records
    run(identity(None), source, tmp_path / "two.nii")
    (message,) = [record.getMessage() for record in caplog.records]
    assert "in.nii is a volume, but" in message
    assert "was trained on pictures: it is translated in axial slices" in message
    one, two = (np.asarray(nib.load(tmp_path / f"{name}.nii").dataobj) for name in ("one", "two"))
    np.testing.assert_array_equal(one, two)


def test_volumes_come_to_the_size_of_a_resizing_model_and_back(tmp_path, identity, monkeypatch):
    seen, real = [], Translator.__call__

    def spy(self, images, references=None):
        seen.append(images["image"].shape)
        return real(self, images)

    monkeypatch.setattr(Translator, "__call__", spy)
    model = identity(geometry={"size": [20, 22, 24], "fit": "resize"})
    ramp = np.linspace(100, 900, 31)[:, np.newaxis, np.newaxis] * np.ones((31, 26, 28))
    run(model, write_nifti(tmp_path / "in.nii", ramp.astype(np.float32)), tmp_path / "out.nii")
    assert seen == [(1, 20, 22, 24, 1)]
    written = nib.load(tmp_path / "out.nii").get_fdata()
    assert written.shape == (31, 26, 28)
    np.testing.assert_allclose(written[3:-3], ramp[3:-3], atol=12)


def blob(sampled, center=(1.0, -2.0, 3.0), width=6.0):
    """A smooth ball at a place in millimetres, on a dark ground."""
    shape, matrix = sampled
    places = np.moveaxis(np.indices(shape), 0, -1) @ matrix[:3, :3].T + matrix[:3, 3]
    distances = np.sum((places - center) ** 2, axis=-1)
    return (900 * np.exp(-distances / (2 * width**2))).astype(np.float32)


def centered(shape, sizes, signs=(1, 1, 1)):
    """A grid with its middle at 0 mm."""
    matrix = np.diag([*np.multiply(sizes, signs), 1.0])
    matrix[:3, 3] = -matrix[:3, :3] @ ((np.array(shape) - 1) / 2)
    return shape, matrix


def place_of(array, matrix):
    """Center of mass in millimetres."""
    weights = np.clip(array, 0, None)
    return matrix[:3, :3] @ ndimage.center_of_mass(weights) + matrix[:3, 3]


@pytest.mark.parametrize("plane", ["volume", "axial", "all"])
@pytest.mark.parametrize(
    "grid",
    [
        centered((37, 40, 43), (1, 1, 1)),
        centered((40, 37, 41), (1, 1, 1), (-1, 1, -1)),
        centered((30, 50, 14), (1.3, 0.8, 3)),
        centered((20, 20, 20), (2, 2, 2)),
    ],
    ids=["1 mm", "1 mm, flipped", "anisotropic", "2 mm"],
)
def test_a_model_of_2_mm_comes_back_on_the_files_grid(tmp_path, identity, monkeypatch, grid, plane):
    seen, real = [], Translator.__call__

    def spy(self, images, references=None):
        seen.append(images["image"].shape)
        return real(self, images)

    monkeypatch.setattr(Translator, "__call__", spy)
    array = blob(grid)
    source = write_nifti(tmp_path / "in.nii", array, grid[1])
    run(identity(plane, spacing=[2, 2, 2]), source, tmp_path / "out.nii")
    written = nib.load(tmp_path / "out.nii")
    assert written.shape == array.shape
    np.testing.assert_allclose(written.affine, grid[1], atol=1e-6)
    found = written.get_fdata()
    # 2 mm is finer than the ball, so its form and its place are the same.
    np.testing.assert_allclose(found, array, atol=0.07 * 900)
    np.testing.assert_allclose(place_of(found, grid[1]), place_of(array, grid[1]), atol=0.1)
    field = np.array(grid[0]) * np.abs(np.diag(grid[1])[:3])
    if plane == "volume":
        np.testing.assert_allclose(seen[0][1:4], field / 2, atol=0.51)
    else:
        # Of all planes the axial slices come last.
        np.testing.assert_allclose(seen[-1][1:3], field[[1, 0]] / 2, atol=0.51)


def test_an_axis_may_keep_its_voxels(tmp_path, identity, monkeypatch):
    seen, real = [], Translator.__call__
    monkeypatch.setattr(
        Translator,
        "__call__",
        lambda self, images, references=None: (
            seen.append(images["image"].shape),
            real(self, images),
        )[1],
    )
    grid = centered((40, 40, 9), (1, 1, 4))
    source = write_nifti(tmp_path / "in.nii", blob(grid, width=12), grid[1])
    run(identity(spacing=[2, 2, 0]), source, tmp_path / "out.nii")
    assert seen == [(1, 20, 20, 9, 1)] and nib.load(tmp_path / "out.nii").shape == grid[0]


def test_of_all_planes_the_mean_is_written(tmp_path, identity, monkeypatch):
    """Each plane painted in a value of its own: 0.1, 0.2 and 0.6 of the window."""
    value_of = {(11, 9): 0.1, (7, 9): 0.2, (7, 11): 0.6}  # rows and columns of a slice
    calls = []

    def paint(self, images, references=None):
        images = images["image"]
        calls.append((images.shape[1:3], len(images)))
        return np.full_like(images, 2 * value_of[images.shape[1:3]] - 1)

    monkeypatch.setattr(Translator, "__call__", paint)
    array = noise(dtype=np.float32)
    array[:, :, 0] = array[:, :2] = 0  # empty axial and coronal slices
    source = write_nifti(tmp_path / "in.nii", array, AFFINES["LPI"])
    run(identity("all"), source, tmp_path / "out.nii", batch_size=20)
    assert sorted(calls) == [((7, 9), 9), ((7, 11), 9), ((11, 9), 6)]
    # What is empty in a plane is background of that plane.
    axial, coronal = np.full(array.shape, 100.0), np.full(array.shape, 200.0)
    axial[:, :, 0], coronal[:, :2] = 0, 0
    np.testing.assert_allclose(
        nib.load(tmp_path / "out.nii").get_fdata(), (axial + coronal + 600) / 3, atol=1e-3
    )


def test_samples_of_all_planes(tmp_path, identity, monkeypatch):
    signs = iter([1, -1] * 100)
    monkeypatch.setattr(Translator, "stochastic", True)
    monkeypatch.setattr(
        Translator,
        "sample",
        lambda self, images, references: images["image"] + np.float32(0.2 * next(signs)),
    )
    source = write_nifti(tmp_path / "in.nii", noise(dtype=np.float32))
    run(identity("all"), source, tmp_path / "out.nii", samples=2, batch_size=20)
    mean = nib.load(tmp_path / "out.nii").get_fdata()
    np.testing.assert_allclose(mean, noise(dtype=np.float32), atol=1e-2)
    deviation = nib.load(tmp_path / "out_sd.nii").get_fdata()
    np.testing.assert_allclose(deviation, 100, atol=1e-2)


BAD = {
    "memory of slices": ("axial", {"memory": 1}, "translates slices, which always fit"),
    "windows of slices": ("axial", {"windows": 32}, "translates slices, which always fit"),
    "both": ("volume", {"memory": 1, "windows": 32}, "memory, windows: expected one of the two"),
    "no memory": ("volume", {"memory": 0}, "memory must be a number of GiB above 0. Received: 0"),
    "infinite": ("volume", {"memory": float("inf")}, "memory must be a number of GiB above 0"),
    "small": ("volume", {"windows": 9}, "windows: expected one size or three, whole numbers from"),
    "two": ("volume", {"windows": (32, 32)}, "windows: expected one size or three"),
    "text": ("volume", {"windows": ("a", "b", "c")}, "windows: expected one size or three"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_go_together_is_named(tmp_path, identity, case):
    plane, options, message = BAD[case]
    source = write_nifti(tmp_path / "in.nii", head((20, 20, 20)))
    with pytest.raises(GanMriError, match=message):
        run(identity(plane), source, tmp_path / "out.nii", **options)
    assert not (tmp_path / "out.nii").exists()
