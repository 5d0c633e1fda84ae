import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS

from gan_mri.data.files.readers import read_image
from gan_mri.data.files.writers import write_like
from gan_mri.errors import GanMriError

SHAPE = (5, 6, 7)


def volume(path, dtype=np.int16, *, kind=nib.Nifti1Image, slope=None):
    """A volume whose header has something to lose; returns it as it is read."""
    array = np.random.default_rng(0).integers(0, 120, SHAPE).astype(dtype)
    image = kind(array, LAS)
    image.set_sform(LAS, code=4)
    image.set_qform(LAS, code=1)
    image.header.set_xyzt_units("mm", "msec")
    image.header["cal_max"], image.header["descrip"] = 77, b"scanner"
    if slope:
        image.header.set_slope_inter(*slope)
    nib.save(image, path)
    return read_image(path)


def result(low, high, shape=SHAPE, seed=1):
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("name", ["out.nii", "out.nii.gz"])
def test_the_grid_is_kept(tmp_path, name, kind):
    image = volume(tmp_path / "in.nii.gz", kind=kind)
    write_like(tmp_path / name, result(0, 1000), image, (0, 1000))
    written = nib.load(tmp_path / name)
    assert type(written) is kind
    np.testing.assert_array_equal(written.affine, LAS)
    for form in ("sform", "qform"):
        affine, code = getattr(written, f"get_{form}")(coded=True)
        np.testing.assert_allclose(affine, LAS, atol=1e-5)
        assert code == {"sform": 4, "qform": 1}[form]
    assert written.header.get_xyzt_units() == ("mm", "msec")
    np.testing.assert_allclose(written.header.get_zooms(), (2, 1, 3))


def test_what_described_the_source_is_dropped(tmp_path):
    image = volume(tmp_path / "in.nii", slope=(2, 10))
    write_like(tmp_path / "out.nii", result(0, 1000), image, (0, 1000))
    header = nib.load(tmp_path / "out.nii").header
    assert header["cal_max"] == header["cal_min"] == 0
    assert header.get_slope_inter() in ((1, 0), (None, None))
    assert b"synthetic" in header["descrip"].tobytes()


@pytest.mark.parametrize(
    "dtype, window, expected",
    [
        (np.int16, (0, 1000), np.int16),
        (np.int16, (-1024, 3000), np.int16),
        (np.uint8, (0, 1000), np.int16),  # another contrast's range needs another type
        (np.uint16, (0, 1000), np.int16),
        (np.int16, (0, 60000), np.int32),
        (np.int16, (0, 32767), np.int16),
        (np.int16, (0, 32768), np.int32),
        (np.int16, (-32769, 0), np.int32),
        (np.int16, (0, 1e10), np.float32),
        (np.int16, (0, 255), np.float32),  # rounding would show
        (np.int16, (0, 1), np.float32),
        (np.float32, (0, 1000), np.float32),
        (np.float64, (0, 1000), np.float32),
    ],
)
def test_type_of_a_volume(tmp_path, dtype, window, expected):
    image = volume(tmp_path / "in.nii", dtype)
    array = result(*window)
    write_like(tmp_path / "out.nii", array, image, window)
    written = nib.load(tmp_path / "out.nii")
    assert written.get_data_dtype() == expected
    step = 0.5 if np.dtype(expected).kind == "i" else 0
    np.testing.assert_allclose(np.asarray(written.dataobj), array, rtol=1e-6, atol=step)


def test_a_scaled_volume_is_written_in_floats(tmp_path):
    image = volume(tmp_path / "in.nii", slope=(0.5, 0))
    array = result(0, 1000)
    write_like(tmp_path / "out.nii", array, image, (0, 1000))
    np.testing.assert_array_equal(nib.load(tmp_path / "out.nii").get_fdata(dtype=np.float32), array)


def test_values_beyond_the_type_are_clipped_and_not_wrapped(tmp_path):
    image = volume(tmp_path / "in.nii")
    array = np.full(SHAPE, 40000, np.float32)
    array[0] = -40000
    write_like(tmp_path / "out.nii", array, image, (-1000, 1000))
    written = np.asarray(nib.load(tmp_path / "out.nii").dataobj)
    assert set(np.unique(written)) == {-32768, 32767}


def test_other_byte_order(tmp_path):
    header = nib.Nifti1Header(endianness=">")
    header.set_data_dtype(">i2")
    source = np.arange(np.prod(SHAPE)).reshape(SHAPE).astype(">i2")
    nib.save(nib.Nifti1Image(source, LAS, header), tmp_path / "in.nii")
    array = result(0, 1000)
    write_like(tmp_path / "out.nii", array, read_image(tmp_path / "in.nii"), (0, 1000))
    written = np.asarray(nib.load(tmp_path / "out.nii").dataobj)
    np.testing.assert_array_equal(written, np.rint(array))


def test_a_color_volume(tmp_path):
    colors = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    source = np.random.default_rng(0).integers(0, 255, (*SHAPE, 3), dtype=np.uint8)
    nib.save(nib.Nifti1Image(source.view(colors)[..., 0], LAS), tmp_path / "in.nii")
    array = result(-5, 260, (*SHAPE, 3))
    write_like(tmp_path / "out.nii", array, read_image(tmp_path / "in.nii"), (0, 255))
    written = nib.load(tmp_path / "out.nii")
    assert written.get_data_dtype() == colors and written.shape == SHAPE
    channels = np.stack([np.asarray(written.dataobj)[name] for name in "RGB"], axis=-1)
    np.testing.assert_array_equal(channels, np.clip(np.rint(array), 0, 255))


@pytest.mark.parametrize("shape", [(5, 6, 1), (1, 6, 7), (1, 1, 2)])
def test_a_volume_one_voxel_thick(tmp_path, shape):
    nib.save(
        nib.Nifti1Image(np.arange(np.prod(shape)).reshape(shape), LAS, dtype=np.int16),
        tmp_path / "in.nii",
    )
    array = result(0, 1000, shape)
    write_like(tmp_path / "out.nii.gz", array, read_image(tmp_path / "in.nii"), (0, 1000))
    written = nib.load(tmp_path / "out.nii.gz")
    assert written.shape == shape
    np.testing.assert_array_equal(np.asarray(written.dataobj), np.rint(array))


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    image = volume(tmp_path / "in.nii")
    path = tmp_path / "out.nii"

    def fail(*arguments):
        raise OSError("disk full, on purpose")

    with monkeypatch.context() as patch, pytest.raises(GanMriError, match="on purpose"):
        patch.setattr(nib, "save", fail)
        write_like(path, result(0, 1000), image, (0, 1000))
    assert [file.name for file in tmp_path.iterdir()] == ["in.nii"]
    write_like(path, result(0, 1000), image, (0, 1000))
    assert nib.load(path).shape == SHAPE
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.nii", "out.nii"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path, monkeypatch):
    image, real = volume(tmp_path / "in.nii"), nib.save

    def save(*arguments):
        real(*arguments)
        (tmp_path / "out.nii").write_bytes(b"precious")

    monkeypatch.setattr(nib, "save", save)
    with pytest.raises(GanMriError, match="out.nii exists already and is not overwritten"):
        write_like(tmp_path / "out.nii", result(0, 1000), image, (0, 1000))
    assert (tmp_path / "out.nii").read_bytes() == b"precious"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.nii", "out.nii"]
