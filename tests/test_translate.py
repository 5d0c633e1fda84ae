"""What `translate` does around the network: a network that changes nothing shows it."""

import hashlib
import shutil

import keras
import nibabel as nib
import numpy as np
import pytest
import runs
from cards import card
from PIL import Image

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.files import write_json
from gan_mri.inference.export import export_translator
from gan_mri.inference.translator import Translator

UINT8 = {"method": "window", "typical": [0.0, 255.0]}
SHAPE = (9, 11, 7)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Networks that return their input, by the number of channels."""
    folder = tmp_path_factory.mktemp("identity")
    for channels in (1, 3):
        image = keras.Input((None, None, channels), name="image")
        network = keras.Model(image, keras.layers.Activation("linear")(image))
        export_translator(network, folder / str(channels), card(channels=channels))
    return folder


@pytest.fixture
def identity(exported, tmp_path):
    """`identity(**changes)`: a SavedModel that changes nothing, with such a card."""

    def make(channels=1, name="model", **changes):
        folder = shutil.copytree(exported / str(channels), tmp_path / name)
        content = card(channels=channels, **changes)
        write_json(folder / "assets.extra" / "gan_mri.json", content)
        return folder

    return make


def rotation(degrees, axis):
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
    "RAS": affine(np.diag([1.0, 1, 1])),
    "LAS": affine(np.diag([-1.0, 1, 1])),
    "LPI": affine(np.diag([-2.0, -2, -2])),
    "anisotropic": affine(np.diag([0.9, 0.9, 5])),
    "oblique": affine(rotation(17, 0) @ rotation(-12, 2) @ np.diag([-1.0, 1.2, 3])),
    "sagittal first": affine(np.array([[0, 0, 1.5], [1, 0, 0], [0, -1, 0]])),
    "PSR": affine(np.array([[0, 0, 1.0], [-1, 0, 0], [0, 1, 0]])),
}


def noise(shape=SHAPE, low=100, high=900, dtype=np.int16, seed=0):
    """Different everywhere, and above the threshold of foreground nearly everywhere."""
    return np.random.default_rng(seed).uniform(low, high, shape).astype(dtype)


def write(path, array, matrix=AFFINES["RAS"], *, kind=nib.Nifti1Image, sform=2, qform=1):
    image = kind(array, matrix)
    image.set_sform(matrix, code=sform)
    image.set_qform(matrix, code=qform)
    image.header.set_xyzt_units("mm", "sec")
    nib.save(image, path)
    return path


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(*arguments, **options):
    gan_mri.translate(*arguments, progress=False, **options)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("name", AFFINES)
def test_every_voxel_stays_where_it_is(tmp_path, identity, name, plane):
    array, matrix = noise(), AFFINES[name]
    source = write(tmp_path / "in.nii.gz", array, matrix, sform=4, qform=3)
    before = digest(source)
    output = tmp_path / "out.nii.gz"
    run(identity(plane=plane), source, output)
    assert digest(source) == before
    written, original = nib.load(output), nib.load(source)
    assert type(written) is nib.Nifti1Image and written.shape == SHAPE
    assert written.get_data_dtype() == np.int16
    np.testing.assert_array_equal(np.asarray(written.dataobj), array)
    np.testing.assert_array_equal(written.affine, original.affine)
    for form, code in (("sform", 4), ("qform", 3)):
        kept, kept_code = getattr(written, f"get_{form}")(coded=True)
        np.testing.assert_array_equal(kept, getattr(original, f"get_{form}")())
        assert kept_code == code
    assert written.header.get_xyzt_units() == ("mm", "sec")
    np.testing.assert_array_equal(written.header.get_zooms(), original.header.get_zooms())


# Which canonical axis (RAS+) runs down the rows and along the columns of a slice.
PLANES = {"axial": (1, 0), "coronal": (2, 0), "sagittal": (2, 1)}


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", ["RAS", "LAS", "PSR", "oblique"])
def test_the_network_sees_slices_upright(tmp_path, identity, monkeypatch, name, plane):
    """A network that paints rows and columns: where they end up in space says how it saw them."""

    def paint(self, images, references):
        images = images["image"]
        rows, columns = np.meshgrid(*map(np.arange, images.shape[1:3]), indexing="ij")
        pattern = (rows * 20 + columns) / 200 - 1
        return np.broadcast_to(pattern[..., np.newaxis], images.shape).astype(np.float32)

    monkeypatch.setattr(Translator, "__call__", paint)
    source = write(tmp_path / "in.nii", noise(), AFFINES[name])
    run(
        identity(plane=plane, target_scaling={"method": "window", "typical": [0, 400]}),
        source,
        tmp_path / "out.nii",
    )
    canonical = nib.as_closest_canonical(nib.load(tmp_path / "out.nii"))
    painted = np.rint(canonical.get_fdata()).astype(int)
    down, along = PLANES[plane]
    position = np.indices(painted.shape)
    # The first row is the farthest up or anterior, the first column the farthest left or posterior.
    row = painted.shape[down] - 1 - position[down]
    np.testing.assert_array_equal(painted, row * 20 + position[along])


def test_nifti_2(tmp_path, identity):
    source = write(tmp_path / "in.nii", noise(), AFFINES["oblique"], kind=nib.Nifti2Image)
    run(identity(), source, tmp_path / "out.nii.gz")
    written = nib.load(tmp_path / "out.nii.gz")
    assert type(written) is nib.Nifti2Image
    np.testing.assert_array_equal(np.asarray(written.dataobj), noise())
    np.testing.assert_array_equal(written.affine, AFFINES["oblique"])


def test_the_range_of_the_target_is_restored(tmp_path, identity):
    """In: the file's own percentiles to [-1, 1]. Out: [-1, 1] to the target's typical window."""
    array = noise(dtype=np.float32)
    model = identity(
        source_scaling={"method": "volume", "typical": [0, 1]},
        target_scaling={"method": "volume", "typical": [-50, 3950]},
    )
    run(model, write(tmp_path / "in.nii", array), tmp_path / "out.nii")
    low, top = np.percentile(array, (0.5, 99.9))
    high = np.percentile(array[array > low + 0.05 * (top - low)], 99.5)
    expected = np.clip((array - low) / (high - low), 0, 1) * 4000 - 50
    written = nib.load(tmp_path / "out.nii")
    assert written.get_data_dtype() == np.float32
    np.testing.assert_allclose(written.get_fdata(), expected, atol=0.01)


@pytest.mark.parametrize(
    "dtype, typical, expected",
    [
        (np.int16, (0, 1000), np.int16),
        (np.uint8, (0, 1000), np.int16),
        (np.int16, (0, 50000), np.int32),
        (np.int16, (0, 1), np.float32),
        (np.float64, (0, 1000), np.float32),
    ],
)
def test_types(tmp_path, identity, dtype, typical, expected):
    array = noise(high=250, dtype=dtype)
    model = identity(target_scaling={"method": "window", "typical": typical})
    run(model, write(tmp_path / "in.nii", array), tmp_path / "out.nii")
    written = nib.load(tmp_path / "out.nii")
    assert written.get_data_dtype() == expected
    step = 0.51 if np.dtype(expected).kind == "i" else 1e-4
    np.testing.assert_allclose(written.get_fdata(), array / 1000 * typical[1], atol=step)


def test_empty_slices_become_background(tmp_path, identity, monkeypatch):
    array = noise((9, 11, 12))
    array[..., [0, 5, 11]] = 0
    array[0, 0, 5] = 800  # 1 of 99 voxels is enough, 0 is not
    seen = []
    real = Translator.__call__
    monkeypatch.setattr(
        Translator,
        "__call__",
        lambda self, images, references: (
            seen.append(len(images["image"])),
            real(self, images),
        )[1],
    )
    model = identity(target_scaling={"method": "window", "typical": [-200, 800]})
    run(model, write(tmp_path / "in.nii", array), tmp_path / "out.nii", batch_size=4)
    assert seen == [4, 4, 2]
    written = np.asarray(nib.load(tmp_path / "out.nii").dataobj)
    np.testing.assert_array_equal(written, array - 200)
    assert (written[..., [0, 11]] == -200).all()


def test_other_sizes_go_through_a_resized_model(tmp_path, identity):
    model = identity(geometry={"size": [22, 18], "fit": "resize"})
    gradient = np.broadcast_to(np.linspace(100, 900, 26)[:, None, None], (26, 31, 3))
    run(model, write(tmp_path / "in.nii", gradient.astype(np.float32)), tmp_path / "out.nii")
    written = nib.load(tmp_path / "out.nii").get_fdata()
    assert written.shape == (26, 31, 3)
    np.testing.assert_allclose(written[3:-3], gradient[3:-3], atol=8)


@pytest.mark.parametrize(
    "name, dtype, shape, window, expected",
    [
        ("a.png", np.uint8, (19, 17), (0, 255), np.uint8),
        ("a.png", np.uint16, (19, 17), (0, 1000), np.uint16),
        ("a.png", np.uint8, (19, 17), (0, 1000), np.uint16),
        ("a.png", np.uint8, (19, 17, 3), (0, 255), np.uint8),
        ("a.tif", np.float32, (19, 17), (0, 1000), np.float32),
        ("a.tif", np.uint8, (19, 17), (-1000, 1000), np.float32),
    ],
)
def test_pictures(tmp_path, identity, name, dtype, shape, window, expected):
    array = noise(shape, 20, 250, dtype)
    Image.fromarray(array).save(tmp_path / name)
    scaling = {"method": "window", "typical": window}
    model = identity(
        3 if len(shape) == 3 else 1, plane=None, source_scaling=scaling, target_scaling=scaling
    )
    run(model, tmp_path / name, tmp_path / f"out-{name}")
    with Image.open(tmp_path / f"out-{name}") as picture:
        written = np.array(picture)
    assert written.dtype == expected
    np.testing.assert_allclose(written, array, rtol=1e-5)


def test_a_color_volume(tmp_path, identity):
    colors = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    array = noise((*SHAPE, 3), 20, 250, np.uint8)
    nib.save(nib.Nifti1Image(array.view(colors)[..., 0], AFFINES["LAS"]), tmp_path / "in.nii")
    colored = {"source_scaling": UINT8, "target_scaling": UINT8}
    run(identity(3, **colored), tmp_path / "in.nii", tmp_path / "out.nii")
    written = nib.load(tmp_path / "out.nii")
    assert written.get_data_dtype() == colors
    voxels = np.asarray(written.dataobj)
    for channel, name in enumerate("RGB"):
        np.testing.assert_array_equal(voxels[name], array[..., channel])


def test_a_folder_of_pictures(tmp_path, identity):
    folder = tmp_path / "in"
    folder.mkdir()
    arrays = {name: noise((19, 17), 20, 250, np.uint8, seed=i) for i, name in enumerate("abc")}
    for name, suffix in (("a", "png"), ("b", "tif"), ("c", "jpg")):
        Image.fromarray(arrays[name]).save(folder / f"{name}.{suffix}")
    (folder / "notes.txt").write_text("not an image")
    (folder / "._a.png").write_bytes(b"left by a Mac")
    before = {path.name: digest(path) for path in folder.iterdir()}
    run(identity(plane=None), folder, tmp_path / "out")
    assert {path.name: digest(path) for path in folder.iterdir()} == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.tif", "c.png"]
    for name, suffix in (("a", "png"), ("b", "tif")):
        with Image.open(tmp_path / "out" / f"{name}.{suffix}") as picture:
            np.testing.assert_array_equal(np.array(picture), arrays[name])
    with Image.open(tmp_path / "out" / "c.png") as picture, Image.open(folder / "c.jpg") as jpeg:
        np.testing.assert_array_equal(np.array(picture), np.array(jpeg))


def test_a_folder_is_written_in_formats_that_hold_the_target(tmp_path, identity):
    folder = tmp_path / "in"
    folder.mkdir()
    array = noise((19, 17), 20, 250, np.uint8)
    for name in ("a.png", "b.jpg", "c.tiff"):
        Image.fromarray(array).save(folder / name)
    fraction = {"method": "window", "typical": [-1.0, 1.0]}
    model = identity(plane=None, source_scaling=UINT8, target_scaling=fraction)
    run(model, folder, tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["a.tif", "b.tif", "c.tiff"]
    with Image.open(tmp_path / "out" / "a.tif") as picture:
        np.testing.assert_allclose(np.array(picture), array / 127.5 - 1, atol=1e-6)
    Image.fromarray(array).save(folder / "a.tif")
    with pytest.raises(GanMriError, match="a.png and .*a.tif would both be written as a.tif"):
        run(model, folder, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_trained_run_translates_in_either_direction(tmp_path_factory, tmp_path):
    finished = runs.finished_run(tmp_path_factory)
    source = write(tmp_path / "in.nii", noise((20, 21, 3)), AFFINES["LAS"])
    written = {}
    for name, model, direction in (
        ("default", finished, None),
        ("A2B", finished, "A2B"),
        ("B2A", finished, "B2A"),
        ("saved", finished / "export" / "B2A", None),
        ("named", finished / "export" / "B2A", "B2A"),
    ):
        run(model, source, tmp_path / f"{name}.nii.gz", direction=direction)
        written[name] = nib.load(tmp_path / f"{name}.nii.gz").get_fdata()
    np.testing.assert_array_equal(written["default"], written["A2B"])
    np.testing.assert_array_equal(written["saved"], written["B2A"])
    np.testing.assert_array_equal(written["named"], written["B2A"])
    assert np.abs(written["A2B"] - written["B2A"]).max() > 0
    with pytest.raises(GanMriError, match="export/A2B translates A2B. Received: direction B2A"):
        run(finished / "export" / "A2B", source, tmp_path / "out.nii", direction="B2A")


@pytest.fixture
def stochastic(monkeypatch):
    """Draws that lie 0.2 above and below the input in turn."""
    signs = iter([1, -1] * 100)
    monkeypatch.setattr(Translator, "stochastic", True)
    monkeypatch.setattr(
        Translator,
        "sample",
        lambda self, images, references: images["image"] + np.float32(0.2 * next(signs)),
    )


def test_samples_of_a_volume(tmp_path, identity, stochastic):
    array = noise((9, 11, 12))
    array[..., [0, 11]] = 0
    source, model = write(tmp_path / "in.nii.gz", array, AFFINES["oblique"]), identity()
    run(model, source, tmp_path / "out.nii.gz", samples=4, batch_size=12)
    mean, deviation = nib.load(tmp_path / "out.nii.gz"), nib.load(tmp_path / "out_sd.nii.gz")
    np.testing.assert_array_equal(np.asarray(mean.dataobj), array)
    # 0.2 of a range of 2 is a tenth of the window; where nothing is translated there is no doubt.
    expected = np.full(array.shape, 100.0)
    expected[..., [0, 11]] = 0
    assert deviation.get_data_dtype() == np.float32
    np.testing.assert_allclose(deviation.get_fdata(), expected, atol=1e-2)
    np.testing.assert_array_equal(deviation.affine, mean.affine)
    # Neither of the two files is overwritten.
    with pytest.raises(GanMriError, match="other_sd.nii.gz exists already"):
        shutil.copy(source, tmp_path / "other_sd.nii.gz")
        run(model, source, tmp_path / "other.nii.gz", samples=2)
    assert not (tmp_path / "other.nii.gz").exists()


@pytest.mark.parametrize("channels, shape", [(1, (19, 17)), (3, (19, 17, 3))])
def test_samples_of_a_picture(tmp_path, identity, stochastic, channels, shape):
    source = picture(tmp_path, shape=shape)
    model = identity(channels, plane=None, target_scaling=UINT8)
    run(model, source, tmp_path / "out.png", samples=2)
    deviation = np.load(tmp_path / "out_sd.npy")
    assert deviation.shape == shape
    np.testing.assert_allclose(deviation, 25.5, atol=1e-2)
    assert (tmp_path / "out.png").exists()


def test_samples_need_a_model_that_draws(tmp_path, identity):
    source, model = picture(tmp_path), identity()
    with pytest.raises(GanMriError, match="model draws no random numbers.*samples=3"):
        run(model, source, tmp_path / "out.png", samples=3)
    with pytest.raises(GanMriError, match="samples must be a whole number from 0. Received: -1"):
        run(model, source, tmp_path / "out.png", samples=-1)


def truncated(path):
    source = write(path / "cut.nii", noise())
    source.write_bytes(source.read_bytes()[:-50])
    return source


def with_nan(path):
    array = noise(dtype=np.float32)
    array[1, 2, 3] = np.nan
    return write(path / "nan.nii", array)


def picture(path, dtype=np.uint8, shape=(19, 17), name="p.png"):
    Image.fromarray(noise(shape, 20, 250, dtype)).save(path / name)
    return path / name


def twins(path):
    folder = path / "twins"
    folder.mkdir()
    picture(folder, name="a.png"), picture(folder, name="a.jpg")
    return folder


def half_bad(path):
    folder = path / "half"
    folder.mkdir()
    picture(folder, name="a.png")
    (folder / "b.png").write_bytes(b"no picture")
    return folder


def empty(path):
    (path / "empty").mkdir()
    return path / "empty"


BAD = {
    "no such file": (lambda path: path / "none.nii", "out.nii", "none.nii.*no such file"),
    "no image": (lambda path: path / "none.txt", "out.nii", "expected an image file.*none.txt"),
    "truncated": (truncated, "out.nii", "cut.nii.*truncated"),
    "NaN": (with_nan, "out.nii", "nan.nii.*1 NaN or infinite voxel"),
    "4D": (
        lambda path: write(path / "4d.nii", noise((5, 5, 5, 4))),
        "out.nii",
        "4d.nii.*4D series",
    ),
    "constant": (lambda path: write(path / "c.nii", noise(high=100)), "out.nii", "c.nii.*constant"),
    "volume as PNG": (
        lambda path: write(path / "v.nii", noise()),
        "out.png",
        "out.png.*ends in .nii",
    ),
    "PNG as volume": (picture, "out.nii.gz", "out.nii.gz.*ends in .png"),
    "JPEG out": (picture, "out.jpg", "out.jpg.*ends in .png"),
    "colour": (
        lambda path: picture(path, shape=(19, 17, 3)),
        "out.png",
        r"p.png.*1 channel\(s\).*Received: 3",
    ),
    "empty folder": (empty, "out", "empty: expected images.*Received: an empty folder"),
    "same names": (twins, "out", "would both be written as a.png"),
    "one bad of two": (half_bad, "out", "b.png"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named_and_nothing_is_written(tmp_path, identity, case):
    make, output, message = BAD[case]
    source, model = make(tmp_path), identity()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(GanMriError, match=message) as caught:
        run(model, source, tmp_path / output)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["file", "folder", "itself"])
def test_nothing_is_overwritten(tmp_path, identity, kind):
    source = picture(tmp_path)
    output = {"file": tmp_path / "out.png", "folder": tmp_path / "out", "itself": source}[kind]
    if kind == "file":
        output.write_text("precious")
    elif kind == "folder":
        output.mkdir()
    before = digest(source)
    with pytest.raises(GanMriError, match=f"{output} exists already and is not overwritten"):
        run(identity(), source, output)
    assert digest(source) == before
    assert kind != "file" or output.read_text() == "precious"


def test_models_and_options_that_are_refused(tmp_path, identity):
    source, output = picture(tmp_path), tmp_path / "out.png"
    (tmp_path / "folder").mkdir()
    for model, options, message in (
        (tmp_path / "folder", {}, "folder: expected a run folder"),
        (tmp_path / "none", {}, "none: expected a run folder .* no such folder"),
        (source, {}, "p.png: expected a run folder .* Received: a file"),
        (identity(), {"direction": "A2C"}, "model translates A2B. Received: direction A2C"),
        (identity(name="other"), {"batch_size": 0}, "batch_size must be a whole number from 1"),
    ):
        with pytest.raises(GanMriError, match=message):
            run(model, source, output, **options)
    assert not output.exists()


def test_16_bit_pictures_need_the_scaling_they_were_trained_in(tmp_path, identity):
    source = picture(tmp_path, np.uint16)
    model = identity(source_scaling={"method": "uint8", "typical": [0, 255]})
    with pytest.raises(GanMriError, match="p.png: expected uint8 pixels .* received uint16"):
        run(model, source, tmp_path / "out.png")
