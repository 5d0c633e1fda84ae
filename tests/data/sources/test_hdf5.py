import json

import h5py
import numpy as np
import pytest

import gan_mri
from gan_mri.data import load
from gan_mri.data.sources.hdf5 import is_hdf5, read_collection
from gan_mri.errors import GanMriError


@pytest.fixture
def prepared(bids, tmp_path):
    return gan_mri.prepare(
        bids, tmp_path / "data.h5", contrasts=("T1w", "T2w"), slices="1:7", test_subjects=["sub-02"]
    )


def rewrite_record(path, **changes):
    with h5py.File(path, "r+") as file:
        record = json.loads(file["record"][()]) | changes
        del file["record"]
        file.create_dataset("record", data=json.dumps(record))


def test_what_the_file_looks_like(prepared, bids):
    with h5py.File(prepared) as file:
        stored = file["stacks/000001"]
        assert stored.dtype == np.int16 and stored.chunks == (1, 10, 12)
        assert stored.compression == "gzip" and stored.shuffle
        assert stored.attrs["subject"] == "sub-01" and stored.attrs["domain"] == "B"
        assert stored.attrs["path"] == str(bids / "sub-01" / "anat" / "sub-01_T2w.nii.gz")
        np.testing.assert_array_equal(stored.attrs["numbers"], [1, 2, 3, 4, 5, 6])
        record = json.loads(file["record"][()])
    assert record["format_number"] == 2 and record["gan_mri"] == gan_mri.__version__
    assert record["manifest"]["sub-02"] == "test"


def test_slices_stay_in_the_file(prepared):
    collection, _ = read_collection(prepared)
    assert all(isinstance(stack.array, h5py.Dataset) for stack in collection.stacks)


def test_arguments_that_contradict_the_file(prepared):
    for arguments, message in (
        ({"split": (0.5, 0, 0.5)}, "no split or subjects"),
        ({"test_subjects": ["sub-01"]}, "no split or subjects"),
        ({"contrasts": ("T2w", "T1w")}, r"contrasts \('T1w', 'T2w'\)"),
        ({"plane": "coronal"}, "plane axial"),
        ({"slices": "0:5"}, r"slices \(1, 7\)"),
    ):
        with pytest.raises(GanMriError, match=rf"data\.h5: expected {message}.*received"):
            load(prepared, **arguments)
    same = load(prepared, contrasts=["T1w", "T2w"], plane="axial", slices="1:7")
    assert len(same.train.A) == 12


def test_scaling_and_pairing_are_still_open(prepared):
    data = load(prepared, scaling=("window:0:2000", "auto"), paired=True)
    assert data.scaling["A"].typical == (0, 2000) and data.scaling["B"].method == "volume"
    assert len(data.train.pairs) == len(data.train.A) == 12


def test_not_hdf5(tmp_path, prepared):
    (tmp_path / "text.h5").write_text("hello")
    assert not is_hdf5(tmp_path / "text.h5") and not is_hdf5(tmp_path) and is_hdf5(prepared)
    with pytest.raises(GanMriError, match=r"text\.h5: .*neither a folder nor HDF5"):
        load(tmp_path / "text.h5")


def test_somebody_elses_hdf5(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["images"] = np.zeros(3)
    with pytest.raises(
        GanMriError,
        match=r"other\.h5: expected an HDF5 file from gan_mri\.prepare, received one that",
    ):
        load(tmp_path / "other.h5")
    with h5py.File(tmp_path / "other.h5", "r+") as file:
        file["record"] = np.zeros(3)
    with pytest.raises(
        GanMriError, match=r"other\.h5: expected an HDF5 file from gan_mri\.prepare"
    ):
        load(tmp_path / "other.h5")


def test_another_format_number(prepared):
    rewrite_record(prepared, format_number=3, gan_mri="9.9")
    with pytest.raises(
        GanMriError,
        match=r"data\.h5: expected format 2 .*received format 3, written by gan_mri 9\.9",
    ):
        load(prepared)


def test_truncated(prepared):
    raw = prepared.read_bytes()
    prepared.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(
        GanMriError,
        match=r"data\.h5: expected an HDF5 file from gan_mri\.prepare, could not read it",
    ):
        load(prepared)


def test_missing_pieces(prepared):
    rewrite_record(prepared, manifest={"sub-01": "train"})
    with pytest.raises(GanMriError, match=r"data\.h5: .*received a damaged one .*sub-02"):
        load(prepared)
    with h5py.File(prepared, "r+") as file:
        del file["stacks"]
    with pytest.raises(GanMriError, match=r"data\.h5: .*received a damaged one"):
        load(prepared)


def test_a_damaged_chunk_is_named_when_it_is_read(prepared):
    with h5py.File(prepared) as file:
        chunk = file["stacks/000000"].id.get_chunk_info(2)
    raw = bytearray(prepared.read_bytes())
    raw[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    prepared.write_bytes(raw)
    data = load(prepared)
    assert data.train.A[1].shape == (10, 12, 1)
    with pytest.raises(
        GanMriError, match=r"sub-01_T1w\.nii\.gz: expected to read sample 2 .*prepared HDF5"
    ):
        data.train.A[2]


def test_a_damaged_chunk_is_named_when_the_training_ranges_are_measured(prepared):
    with h5py.File(prepared) as file:
        chunk = file["stacks/000000"].id.get_chunk_info(0)
    raw = bytearray(prepared.read_bytes())
    raw[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    prepared.write_bytes(raw)
    collection, _ = read_collection(prepared)
    stack = next(one for one in collection.stacks if one.path.endswith("sub-01_T1w.nii.gz"))
    np.testing.assert_array_equal(stack.read(1), stack.array[1])
    for index in (0, np.s_[0, ::4, ::4]):
        with pytest.raises(GanMriError, match=r"expected to read sample 0 .*Prepare the file"):
            stack.read(index)


def test_a_damaged_table_of_names(prepared):
    """h5py has a RuntimeError for a message of the file's head that it does not know."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(h5py.File, "__contains__", lambda file, name: _raise(RuntimeError("message")))
        with pytest.raises(GanMriError, match=r"data\.h5: .*could not read it \(message\)"):
            load(prepared)


def _raise(error):
    raise error
