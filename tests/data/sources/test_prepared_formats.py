"""Files of the first format, and files that are not what they seem."""

import json
import shutil

import h5py
import numpy as np
import pytest
from data_samples import LAS, head, stack_of, write_bids

from gan_mri.data import load
from gan_mri.data.images.planes import to_stack
from gan_mri.data.sources import hdf5
from gan_mri.data.sources.hdf5 import read_collection
from gan_mri.errors import GanMriError
from gan_mri.prepare import prepare, summary

MANIFEST = {"sub-01": "train", "sub-02": "test"}
VOLUME = {"method": "volume", "typical": [0.0, 990.0]}


def write_first_format(path, *, plane="coronal", channels=()):
    """As version 0.1 wrote it: two domains, one plane, named in the record alone."""
    with h5py.File(path, "w") as file:
        places = [(subject, domain) for subject in MANIFEST for domain in "AB"]
        for index, (subject, domain) in enumerate(places):
            array = head(seed=index)
            affine = LAS if plane else None
            cut = stack_of(array if plane else array[..., 4], affine=affine, plane=plane or "axial")
            stored = file.create_dataset(
                f"stacks/{index:06d}",
                data=cut.array,
                chunks=(1, *cut.array.shape[1:]),
                compression="gzip",
                shuffle=True,
            )
            stored.attrs["domain"] = domain
            stored.attrs["subject"], stored.attrs["entities"] = subject, "ses-1" if plane else ""
            stored.attrs["path"] = f"/data/{subject}_{domain}"
            stored.attrs["numbers"] = cut.numbers
            stored.attrs["dropped"] = cut.dropped
            stored.attrs["statistics"] = np.array(cut.statistics, np.float64)
            if plane:
                stored.attrs["grid_shape"], stored.attrs["grid_affine"] = cut.grid
        record = {
            "kind": "bids" if plane else "gan_mri_folder",
            "source": "/data",
            "contrasts": ["T1w", "T2w"],
            "plane": plane,
            "slices": [2, 9] if plane else None,
            "manifest": MANIFEST,
            "format": "gan_mri.prepare",
            "format_number": 1,
            "gan_mri": "0.1.0",
            "scaling": {"A": VOLUME, "B": VOLUME},
        }
        file.create_dataset("record", data=json.dumps(record))
    return path


def test_the_first_format_still_opens(tmp_path):
    path = write_first_format(tmp_path / "old.h5")
    data = load(path, paired=True)
    assert (data.domains, data.contrasts, data.plane) == (("A", "B"), ("T1w", "T2w"), "coronal")
    assert data.rank == 2 and data.sampling.spacing is None
    assert data.train.subjects == ["sub-01"] and data.test.subjects == ["sub-02"]
    whole = to_stack(head(seed=1).astype(np.float64), LAS, "coronal")
    high = np.percentile(whole[whole > 0], 99.5)
    for sample, key in zip(data.train.B, data.train.B.keys):
        expected = np.clip(2 * whole[key.number] / high - 1, -1, 1)
        np.testing.assert_allclose(sample[..., 0], expected, atol=1e-6)
    assert data.train.B.label(0).startswith("sub-01 ses-1 slice ")
    assert data.train.B.keys[0].plane == ""
    record = data.describe()
    assert record["slices"] == [2, 9] and record["align"] == "none"
    assert record["prepared_from"] == {"kind": "bids", "source": "/data"}
    assert "MiB, T1w and T2w" in summary(path) and "coronal slices" in summary(path)


def test_arguments_are_held_against_the_first_format_too(tmp_path):
    path = write_first_format(tmp_path / "old.h5")
    assert len(load(path, plane="coronal", slices="2:9", align="none").train.A)
    for asked, message in (
        ({"plane": "axial"}, "plane coronal"),
        ({"spacing": 2}, "spacing None"),
        ({"align": "headers"}, "align none"),
        ({"image_size": (20, 20, 20)}, "an image_size of two numbers"),
    ):
        with pytest.raises(GanMriError, match=rf"old\.h5: expected {message}.*received"):
            load(path, **asked)


def test_pictures_of_the_first_format(tmp_path):
    path = write_first_format(tmp_path / "old.h5", plane=None)
    data = load(path)
    assert data.plane is None and data.sampling is None and data.train.A.label(0) == "sub-01"
    np.testing.assert_array_equal(data.train.A.mask(0), head(seed=0)[..., 4] > 0)
    with pytest.raises(GanMriError, match=r"old\.h5: expected a volume because a voxel size"):
        load(path, spacing=2)


@pytest.fixture
def prepared(tmp_path):
    return prepare(
        write_bids(tmp_path / "in"),
        tmp_path / "new.h5",
        contrasts=("T1w", "T2w"),
        plane="volume",
        split=(1, 0, 0),
    )


def test_volumes_that_are_asked_for_as_slices(prepared):
    assert load(prepared, image_size=(20, 20, 20), plane="volume").rank == 3
    for asked, message in (
        ({"image_size": (20, 20)}, "an image_size of three numbers, because it holds volumes"),
        ({"plane": "axial"}, "plane volume"),
        ({"slices": "2:4"}, "slices None"),
    ):
        with pytest.raises(GanMriError, match=rf"new\.h5: expected {message}.*received"):
            load(prepared, **asked)


def test_what_the_second_format_says(prepared):
    with h5py.File(prepared) as file:
        record = json.loads(file["record"][()])
        attributes = dict(file["stacks/000001"].attrs)
    assert record["format_number"] == hdf5.FORMAT_NUMBER == 2
    assert record["domains"] == ["A", "B"] and record["contrasts"] == ["T1w", "T2w"]
    assert record["sampling"] == {"plane": "volume", "spacing": None}
    assert record["align"] == "none" and "plane" not in record
    assert attributes["domain"] == "B" and attributes["plane"] == "volume"
    assert not attributes["names_plane"] and attributes["numbers"].tolist() == [0]


def test_links_and_storage_elsewhere_are_refused(prepared, tmp_path):
    """A file that is handed on must not read other files of whoever opens it."""
    elsewhere = tmp_path / "elsewhere.h5"
    shutil.copy(prepared, elsewhere)
    raw = tmp_path / "secret.bin"
    raw.write_bytes(bytes(range(96)) * 200)

    def external(file, name):
        stored = file.create_dataset(name, (1, 12, 10, 8), "<i2", external=[(str(raw), 0, 1920)])
        return stored

    def virtual(file, name):
        layout = h5py.VirtualLayout((1, 12, 10, 8), "<i2")
        layout[:] = h5py.VirtualSource(str(elsewhere), "stacks/000001", (1, 12, 10, 8), "<i2")
        return file.create_virtual_dataset(name, layout)

    def link(kind):
        def put(file, name):
            file[name] = kind(name)

        return put

    swaps = {
        "external storage": ("stacks/000001", external, "does not lie in the file"),
        "virtual": ("stacks/000001", virtual, "does not lie in the file"),
        "external link": (
            "stacks/000001",
            link(lambda name: h5py.ExternalLink(str(elsewhere), name)),
            "000001 is a link",
        ),
        "soft link": (
            "stacks/000001",
            link(lambda name: h5py.SoftLink("/stacks/000000")),
            "000001 is a link",
        ),
        "all stacks": (
            "stacks",
            link(lambda name: h5py.ExternalLink(str(elsewhere), name)),
            "stacks is a link",
        ),
        "record": (
            "record",
            link(lambda name: h5py.ExternalLink(str(elsewhere), name)),
            "record is a link",
        ),
    }
    for name, (place, put, message) in swaps.items():
        path = tmp_path / f"{name.replace(' ', '_')}.h5"
        shutil.copy(prepared, path)
        with h5py.File(path, "r+") as file:
            attributes = dict(file[place].attrs)
            del file[place]
            stored = put(file, place)
            if stored is not None:
                stored.attrs.update(attributes)
        with pytest.raises(GanMriError, match=rf"{path.name}: .*{message}"):
            load(path)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"data": np.array(["a"] * 960, object).reshape(1, 12, 10, 8)}, "not numbers"),
        ({"data": np.zeros((1, 12, 10), np.int16)}, r"has shape \(1, 12, 10\) for 1 samples"),
        ({"data": np.zeros((2, 12, 10, 8), np.int16)}, "for 1 samples"),
        ({"data": np.zeros((1, 12, 10, 8, 2), np.int16)}, "for 1 samples"),
        ({"shape": (1, 2**20, 2**10, 2**10), "dtype": "<i2", "chunks": True}, "the file holds 0"),
    ],
)
def test_arrays_that_are_no_images(prepared, change, message):
    with h5py.File(prepared, "r+") as file:
        attributes = dict(file["stacks/000001"].attrs)
        del file["stacks/000001"]
        if change.get("data") is not None and change["data"].dtype == object:
            change = {"data": change["data"].astype(object), "dtype": h5py.string_dtype()}
        file.create_dataset("stacks/000001", **change).attrs.update(attributes)
    with pytest.raises(GanMriError, match=rf"new\.h5: .*received a damaged one .*{message}"):
        load(prepared)


@pytest.mark.parametrize(
    "changes",
    [
        {"domains": ["A"], "contrasts": ["T1w"], "scaling": {"A": VOLUME}},
        {"contrasts": ["T1w"]},
        {"sampling": {"plane": "top", "spacing": None}},
        {"sampling": 5},
        {"domains": None},
        {"scaling": {"A": VOLUME}},
    ],
)
def test_a_record_that_does_not_fit(prepared, changes):
    with h5py.File(prepared, "r+") as file:
        record = json.loads(file["record"][()]) | changes
        del file["record"]
        file.create_dataset("record", data=json.dumps(record))
    with pytest.raises(GanMriError, match=r"new\.h5: expected a complete file .*damaged one"):
        load(prepared)


@pytest.mark.parametrize("text", ["[]", "5", "null", "{", '{"format": "gan_mri.prepare"}'])
def test_records_that_are_none(tmp_path, text):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("record", data=text)
    with pytest.raises(GanMriError, match=r"x\.h5: expected"):
        read_collection(tmp_path / "x.h5")
