"""HDF5 files that lead elsewhere, need programs, or declare what they do not hold."""

import h5py
import numpy as np
import pytest

from gan_mri.data.files.hdf5_checks import check_hdf5

NUMBERS = np.arange(4000, dtype=np.int16).reshape(40, 100)
NOISE = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)


def refused(path, message):
    with h5py.File(path) as file, pytest.raises(ValueError, match=message):
        check_hdf5(file)


def test_what_we_and_keras_write_passes(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["plain"] = NUMBERS
        file["text"] = "a text of some length"
        file["fixed"] = np.bytes_("fixed")
        file["truth"] = np.array([True, False])
        file["scalar"] = 1.5
        file["none"] = np.zeros((0, 3), np.float32)
        file["group/a/b"] = NUMBERS
        for name, array in (("chunks", NUMBERS), ("noise", NOISE), ("zeros", np.zeros((999, 999)))):
            options = {"compression": "gzip", "shuffle": True, "fletcher32": True}
            file.create_dataset(name, data=array, chunks=(7, 9), **options)
        file.create_dataset("one", data=np.zeros((1, 512, 512)), compression="gzip", shuffle=True)
    with h5py.File(tmp_path / "a.h5") as file:
        check_hdf5(file)


def virtual(file, other):
    layout = h5py.VirtualLayout(NUMBERS.shape, NUMBERS.dtype)
    layout[:] = h5py.VirtualSource(other, "data", NUMBERS.shape)
    file.create_virtual_dataset("a", layout)


def external(file, other):
    file.create_dataset("a", NUMBERS.shape, NUMBERS.dtype, external=[(other, 0, NUMBERS.nbytes)])


def link(file, other):
    file["a"] = h5py.ExternalLink(other, "/data")


def soft_link(file, other):
    file["b"] = NUMBERS
    file["a"] = h5py.SoftLink("/b")


def cycle(file, other):
    file.create_group("group")["a"] = file["/"]


@pytest.mark.parametrize("below", ["", "deep/er"])
@pytest.mark.parametrize(
    "make, message",
    [
        (virtual, "a does not lie in the file"),
        (external, "a does not lie in the file"),
        (link, "a is a link to another place"),
        (soft_link, "a is a link to another place"),
        (cycle, "is in the file twice"),
    ],
)
def test_what_leads_elsewhere(tmp_path, make, message, below):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["data"] = NUMBERS
    with h5py.File(tmp_path / "a.h5", "w") as file:
        make(file.create_group(below) if below else file, str(tmp_path / "other.h5"))
    refused(tmp_path / "a.h5", message)


DECLARED = {
    "nothing is there": ({"shape": (10**6, 10**6), "dtype": "f4"}, "of which the file holds 0"),
    "chunks, nothing is there": (
        {"shape": (10**5, 10**5), "dtype": "f4", "chunks": (10, 10), "compression": "gzip"},
        "declares 40000000000 bytes, of which the file holds 0",
    ),
    "another filter": ({"data": NUMBERS, "compression": "lzf"}, "compressed by filter 32000"),
    "compound": ({"data": np.zeros(3, [("a", "f4")])}, "holds .*, not numbers"),
    "references": ({"shape": (3,), "dtype": h5py.ref_dtype}, "holds object, not numbers"),
    "sequences": ({"shape": (3,), "dtype": h5py.vlen_dtype(np.int8)}, "holds object, not numbers"),
    "chunks beyond": (
        {"data": NOISE, "chunks": (999, 999), "maxshape": (None, None)},
        "has chunks",
    ),
}


@pytest.mark.parametrize("case", DECLARED)
def test_what_is_mostly_declared(tmp_path, case):
    options, message = DECLARED[case]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("a", **options)
    refused(tmp_path / "a.h5", message)


def test_a_chunk_that_would_inflate_to_more_than_it_should_hold(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        bomb = file.create_dataset("a", (8, 8), "u1", chunks=(8, 8), compression="gzip")
        bomb.id.write_direct_chunk((0, 0), bytes(10_000))
    refused(tmp_path / "a.h5", "has 10000 bytes for 64")
