import hashlib
import json

import bids_folders
import pytest

from gan_mri.data.files.readers import read_image
from gan_mri.derivatives.dataset import checksum, is_skull_stripped, open_dataset
from gan_mri.errors import GanMriError


def test_it_says_who_made_it_and_of_what(tmp_path):
    source, folder = tmp_path / "study", tmp_path / "study" / "derivatives" / "synthetic"
    source.mkdir()
    open_dataset(folder, source)
    facts = json.loads((folder / "dataset_description.json").read_text())
    assert facts["DatasetType"] == "derivative" and facts["GeneratedBy"][0]["Name"] == "gan_mri"
    assert (folder / facts["DatasetLinks"]["raw"]).resolve() == source
    before = (folder / "dataset_description.json").read_bytes()
    open_dataset(folder, source)
    assert (folder / "dataset_description.json").read_bytes() == before


@pytest.mark.parametrize(
    "whose", ["the source", "another program", "nobody's", "damaged", "makers that are none"]
)
def test_folders_of_others(tmp_path, whose):
    source, folder = tmp_path / "study", tmp_path / "out"
    source.mkdir()
    folder.mkdir()
    if whose == "the source":
        folder = source
    elif whose == "nobody's":
        (folder / "notes.txt").write_text("mine")
    else:
        text = {"another program": '{"GeneratedBy": [{"Name": "fMRIPrep"}]}', "damaged": "[1]"}
        text["makers that are none"] = '{"GeneratedBy": 3}'
        (folder / "dataset_description.json").write_text(text[whose])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(GanMriError, match="expected"):
        open_dataset(folder, source)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_checksum_is_of_names_and_contents(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two").write_bytes(b"2")
    (tmp_path / "a").write_bytes(b"1")
    text = b"a\0" + hashlib.sha256(b"1").digest() + b"b/two\0" + hashlib.sha256(b"2").digest()
    assert checksum(tmp_path) == hashlib.sha256(text).hexdigest()


@pytest.mark.parametrize(("size", "stripped"), [(6.0, True), (10.0, False)])
def test_a_head_is_larger_than_a_brain(tmp_path, size, stripped):
    """Balls of 0.5 and 2.5 litres."""
    bids_folders.write(tmp_path, "sub-01/anat/sub-01_T1w.nii.gz", size=size)
    path = tmp_path / "sub-01/anat/sub-01_T1w.nii.gz"
    image = read_image(path)
    litres = (image.array > 100).sum() * size**3 / 1e6
    assert (litres < 1.9) == stripped
    assert is_skull_stripped(image, path) is stripped
    # Who knows it says so.
    path.with_name("sub-01_T1w.json").write_text(json.dumps({"SkullStripped": not stripped}))
    assert is_skull_stripped(image, path) is not stripped
