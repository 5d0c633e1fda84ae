import gzip
import tracemalloc

import nibabel as nib
import numpy as np
import pytest
from data_samples import LAS, head, write_nifti

from gan_mri.data.files import limits, nifti
from gan_mri.data.files.image_file import ImageFile
from gan_mri.data.files.nifti import read_nifti
from gan_mri.errors import GanMriError


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
def test_native_dtype(tmp_path, suffix, dtype):
    array = head().astype(dtype)
    read, affine, header = read_nifti(write_nifti(tmp_path / f"v{suffix}", array))
    assert read.dtype == dtype
    np.testing.assert_array_equal(read, array)
    np.testing.assert_array_equal(affine, LAS)
    assert header["pixdim"][3] == 3


def test_big_endian_becomes_native(tmp_path):
    image = nib.Nifti1Image(head(), LAS, header=nib.Nifti1Header(endianness=">"), dtype=np.int16)
    nib.save(image, tmp_path / "big.nii")
    assert nib.load(tmp_path / "big.nii").get_data_dtype() == np.dtype(">i2")
    array = read_nifti(tmp_path / "big.nii")[0]
    assert array.dtype.isnative
    np.testing.assert_array_equal(array, head())


def test_slope_and_intercept(tmp_path):
    image = nib.Nifti1Image(head(), LAS)
    image.header.set_slope_inter(0.5, -100)
    nib.save(image, tmp_path / "scaled.nii.gz")
    array = read_nifti(tmp_path / "scaled.nii.gz")[0]
    assert array.dtype == np.float32
    np.testing.assert_allclose(array, nib.load(tmp_path / "scaled.nii.gz").get_fdata(), rtol=1e-6)


def test_rgb(tmp_path):
    colors = np.random.default_rng(0).integers(0, 255, (5, 4, 3, 3), dtype=np.uint8)
    rgb = np.zeros((5, 4, 3), nib.nifti1.data_type_codes.dtype["RGB"])
    for i, name in enumerate("RGB"):
        rgb[name] = colors[..., i]
    array = read_nifti(write_nifti(tmp_path / "rgb.nii.gz", rgb))[0]
    np.testing.assert_array_equal(array, colors)


def test_trailing_axis_of_one_is_dropped(tmp_path):
    path = write_nifti(tmp_path / "v.nii.gz", head()[..., np.newaxis])
    assert read_nifti(path)[0].shape == (12, 10, 8)


def test_4d_is_refused(tmp_path):
    path = write_nifti(tmp_path / "bold.nii.gz", np.stack([head(), head()], -1))
    with pytest.raises(
        GanMriError, match=r"bold\.nii\.gz: .*3D.*\(12, 10, 8, 2\).*slicer\[:, :, :, 0\]"
    ):
        read_nifti(path)


def test_2d_and_complex_are_refused(tmp_path):
    with pytest.raises(
        GanMriError, match=r"flat\.nii: expected a 3D volume, received shape \(12, 10\)"
    ):
        read_nifti(write_nifti(tmp_path / "flat.nii", head()[..., 4]))
    with pytest.raises(GanMriError, match=r"k\.nii: .*received NIfTI data type complex64"):
        read_nifti(write_nifti(tmp_path / "k.nii", head().astype(np.complex64)))


@pytest.mark.parametrize("keep", [0, 3, 200, 500, 0.5, 0.98])
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_truncated(tmp_path, suffix, keep):
    path = write_nifti(tmp_path / f"cut{suffix}", head())
    raw = path.read_bytes()
    path.write_bytes(raw[: int(keep * len(raw)) if isinstance(keep, float) else keep])
    with pytest.raises(GanMriError, match=r"cut\.nii.*: expected"):
        read_nifti(path)


def test_not_a_nifti(tmp_path):
    path = tmp_path / "fake.nii.gz"
    path.write_bytes(b"hello" * 100)
    with pytest.raises(GanMriError, match=r"fake\.nii\.gz: expected a NIfTI volume"):
        read_nifti(path)
    path.write_bytes(gzip.compress(b"hello" * 100))
    with pytest.raises(GanMriError, match=r"fake\.nii\.gz: expected a NIfTI volume"):
        read_nifti(path)


def test_unknown_data_type_code(tmp_path):
    path = write_nifti(tmp_path / "code.nii", head())
    raw = bytearray(path.read_bytes())
    raw[70:72] = np.array([77], "<i2").tobytes()
    path.write_bytes(raw)
    with pytest.raises(GanMriError, match=r"code\.nii: expected a NIfTI volume, could not read it"):
        read_nifti(path)


def test_an_affine_that_cannot_be_inverted(tmp_path):
    path = write_nifti(tmp_path / "v.nii", head())
    raw = bytearray(path.read_bytes())
    raw[280:328] = np.zeros(12, "<f4").tobytes()  # srow_x, srow_y, srow_z; sform_code stays
    path.write_bytes(raw)
    with pytest.raises(GanMriError, match=r"v\.nii: .*not invertible"):
        read_nifti(path)


def test_no_bit_of_a_compressed_file_can_flip_unseen(tmp_path):
    array = head(dtype=np.float32)
    packed = write_nifti(tmp_path / "v.nii.gz", array).read_bytes()
    random, refused = np.random.default_rng(0), 0
    for place in random.integers(0, len(packed), 150):
        flipped = bytearray(packed)
        flipped[place] ^= 1 << random.integers(8)
        (tmp_path / "f.nii.gz").write_bytes(flipped)
        try:
            read, affine, _ = read_nifti(tmp_path / "f.nii.gz")
        except GanMriError:
            refused += 1
        else:  # a bit that says nothing, such as those of gzip's date
            np.testing.assert_array_equal(read, array)
            np.testing.assert_array_equal(affine, LAS)
    assert refused > 140


def test_a_wrong_checksum_alone_is_found(tmp_path):
    path = write_nifti(tmp_path / "v.nii.gz", head())
    packed = bytearray(path.read_bytes())
    packed[-7] ^= 4
    path.write_bytes(packed)
    with pytest.raises(
        GanMriError, match=r"v\.nii\.gz: .*could not read it .*incorrect data check"
    ):
        read_nifti(path)


def test_a_second_member_holds_the_rest(tmp_path):
    raw = write_nifti(tmp_path / "v.nii", head()).read_bytes()
    whole = gzip.compress(raw[:1000]) + gzip.compress(raw[1000:]) + bytes(100)
    (tmp_path / "w.nii.gz").write_bytes(whole)
    np.testing.assert_array_equal(read_nifti(tmp_path / "w.nii.gz")[0], head())


def peak_of(path):
    """Bytes allocated at most while reading, and those of the array."""
    tracemalloc.start()
    try:
        array = read_nifti(path)[0]
        return tracemalloc.get_traced_memory()[1], array.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("case", ["int16", "float64", "big-endian", "scaled", "scaled.nii", "rgb"])
def test_memory_holds_one_copy(tmp_path, case):
    array = np.zeros((128, 128, 256), np.uint8 if case == "rgb" else np.int16)
    array[40:, 50:] = 7
    header = nib.Nifti1Header(endianness=">" if case == "big-endian" else "<")
    if case == "rgb":
        rgb = np.repeat(array[..., np.newaxis], 3, axis=-1)
        array = rgb.view([("R", "u1"), ("G", "u1"), ("B", "u1")])[..., 0]
    header.set_data_dtype({"float64": np.float64, "rgb": array.dtype}.get(case, np.int16))
    image = nib.Nifti1Image(array, LAS, header)
    if case.startswith("scaled"):
        image.header.set_slope_inter(0.5, 3)
    path = tmp_path / ("v.nii" if case.endswith("nii") else "v.nii.gz")
    nib.save(image, path)
    peak, size = peak_of(path)
    assert size >= array.size * 2
    assert peak < size + 8 * 2**20


def test_what_does_not_fit_is_refused_before_it_is_allocated(tmp_path, monkeypatch):
    header = nib.Nifti1Header()
    header.set_data_shape((256, 256, 256))
    header.set_data_dtype(np.float32)
    header["vox_offset"], header["sform_code"] = 352, 1
    header["srow_x"][0] = header["srow_y"][1] = header["srow_z"][2] = 1
    path = tmp_path / "bomb.nii.gz"
    path.write_bytes(gzip.compress(header.binaryblock + bytes(4) + bytes(64 * 2**20), 1))
    assert path.stat().st_size < 2**20
    monkeypatch.setattr(limits, "available_memory", lambda: 50 * 2**20)
    tracemalloc.start()
    with pytest.raises(GanMriError, match=r"bomb\.nii\.gz: .*0\.06 GiB.*Received: 0\.05 GiB"):
        read_nifti(path)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


def test_extensions_cannot_be_a_bomb(tmp_path):
    raw = bytearray(write_nifti(tmp_path / "v.nii", head()).read_bytes())
    raw[108:112] = np.float32(2**30).tobytes()  # vox_offset
    raw[348:360] = b"\1\0\0\0" + np.array([2**30 - 400, 6], "<i4").tobytes()
    (tmp_path / "e.nii.gz").write_bytes(gzip.compress(bytes(raw) + bytes(2**22)))
    with pytest.raises(GanMriError, match=r"e\.nii\.gz: .*begin at byte 1073741824"):
        read_nifti(tmp_path / "e.nii.gz")


def test_extensions_are_kept(tmp_path):
    image = nib.Nifti1Image(head(), LAS)
    image.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"hello " * 100))
    nib.save(image, tmp_path / "v.nii.gz")
    array, _, header = read_nifti(tmp_path / "v.nii.gz")
    np.testing.assert_array_equal(array, head())
    assert header.extensions[0].get_content() == b"hello " * 100


def test_an_offset_inside_the_header_is_refused(tmp_path):
    path = write_nifti(tmp_path / "v.nii", head())
    raw = bytearray(path.read_bytes())
    raw[108:112] = np.float32(0).tobytes()
    path.write_bytes(raw)
    with pytest.raises(GanMriError, match=r"v\.nii: .*begin at byte 0 \(vox_offset\)"):
        read_nifti(path)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_nifti2(tmp_path, suffix):
    nib.save(nib.Nifti2Image(head(), LAS), tmp_path / f"v{suffix}")
    array, affine, header = read_nifti(tmp_path / f"v{suffix}")
    np.testing.assert_array_equal(array, head())
    np.testing.assert_array_equal(affine, LAS)
    assert isinstance(header, nib.Nifti2Header)


@pytest.mark.parametrize("sform, qform, known", [(0, 0, False), (0, 1, True), (2, 0, True)])
def test_a_guessed_orientation_is_told_once(tmp_path, caplog, sform, qform, known):
    nifti._tell_guess.cache_clear()
    image = nib.Nifti1Image(head(), np.diag([2.0, 1, 3, 1]))
    image.set_sform(None if sform == 0 else np.diag([2.0, 1, 3, 1]), sform)
    image.set_qform(None if qform == 0 else np.diag([2.0, 1, 3, 1]), qform)
    nib.save(image, tmp_path / "v.nii")
    read = ImageFile("v", *read_nifti(tmp_path / "v.nii"))
    read_nifti(tmp_path / "v.nii")
    assert read.orientation_known is known
    if known:
        assert not caplog.records
        return
    # nibabel lets the first axis lead from right to left: radiological storage.
    np.testing.assert_array_equal(np.diag(read.affine), [-2, 1, 3, 1])
    (record,) = caplog.records
    assert record.name == "gan_mri" and record.levelname == "WARNING"
    assert str(tmp_path / "v.nii") in record.getMessage()
    assert "axes lead to the left, the front, the top" in record.getMessage()


def test_pictures_have_no_orientation():
    assert not ImageFile("p", np.zeros((4, 4))).orientation_known
    assert ImageFile("drawn", np.zeros((4, 4, 4)), np.eye(4)).orientation_known
