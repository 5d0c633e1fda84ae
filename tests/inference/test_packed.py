"""Models of 16 bits without a graph."""

import json
import shutil
import zipfile

import numpy as np
import pytest
import untrained_exports

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.files import read_json
from gan_mri.inference.packed import WEIGHTS, is_packed, packed_variables
from gan_mri.inference.packing import write_packed
from gan_mri.inference.translator import Translator

SETTINGS = {"filters": 4, "residual_blocks": 1, "discriminator_filters": 4}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    return untrained_exports.export(folder, "welander/cyclegan", (20, 20, 1), SETTINGS)


@pytest.fixture(scope="module")
def packed(exported, tmp_path_factory):
    folder = tmp_path_factory.mktemp("packed")
    change = write_packed(Translator(exported), folder)
    assert 0 < change < 2**-10  # half of the last of 11 bits, of a tensor's largest weight
    return folder


@pytest.fixture
def copy(packed, tmp_path):
    shutil.copytree(packed, tmp_path / "copy")
    return tmp_path / "copy"


def test_it_translates_as_the_model_whose_weights_are_rounded(exported, packed):
    assert is_packed(packed) and not is_packed(exported)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 24, 28, 1)).astype("float32")
    whole, small = Translator(exported), Translator(packed)
    for variable, other in zip(whole.network.weights, small.network.weights, strict=True):
        rounded = np.asarray(variable).astype(np.float16).astype(np.float32)
        np.testing.assert_array_equal(np.asarray(other), rounded)
        variable.assign(rounded)
    np.testing.assert_allclose(small(images), whole(images), atol=1e-5)


def test_it_is_half_as_large_and_holds_no_program(packed):
    files = {path.relative_to(packed).as_posix() for path in packed.rglob("*") if path.is_file()}
    assert files == {WEIGHTS, "assets.extra/gan_mri.json", "assets.extra/gan_mri_network.json"}
    with np.load(packed / WEIGHTS, allow_pickle=False) as stored:
        kinds = {stored[name].dtype.kind + str(stored[name].dtype.itemsize) for name in stored}
    assert "f2" in kinds and not kinds & {"f4", "f8", "O"}


def test_a_graph_can_be_made_of_it(packed, tmp_path):
    gan_mri.export(packed, tmp_path / "model", format="saved_model")
    images = np.random.default_rng(1).uniform(-1, 1, (1, 20, 20, 1)).astype("float32")
    made = Translator(tmp_path / "model", trust=True)  # runs the graph
    np.testing.assert_allclose(made(images), Translator(packed)(images), atol=1e-5)


def test_weights_that_were_changed_are_found(copy):
    with np.load(copy / WEIGHTS) as stored:
        arrays = {name: stored[name] for name in stored}
    arrays["0"] = arrays["0"] + np.float16(0.5)
    np.savez_compressed(copy / WEIGHTS, **arrays)
    with pytest.raises(GanMriError, match="the model or its card was changed"):
        Translator(copy)


def test_a_bomb_is_not_unpacked(copy):
    """Ten thousand times what the network needs, in an archive of some kilobytes."""
    with zipfile.ZipFile(copy / WEIGHTS) as archive:
        names = archive.namelist()
        contents = [archive.read(name) for name in names]
    with zipfile.ZipFile(copy / WEIGHTS, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(names[0], b"\0" * 20_000_000)
        for name, content in zip(names[1:], contents[1:]):
            archive.writestr(name, content)
    with pytest.raises(GanMriError, match="tensors of its network"):
        packed_variables(copy, [(1,)] * len(names))


def test_pickles_are_not_read(tmp_path):
    np.savez(tmp_path / WEIGHTS, **{"0": np.array([{"a": 1}], object)})
    with pytest.raises(GanMriError, match="reading them failed.*pickle"):
        packed_variables(tmp_path, [(1,)])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"\x93NUMPY"])
def test_what_is_no_archive_is_refused(copy, content):
    (copy / WEIGHTS).write_bytes(content)
    with pytest.raises(GanMriError, match="weights"):
        Translator(copy)


@pytest.mark.parametrize("shapes", [[(2,)], [(1,), (1,)], []])
def test_other_shapes_are_refused(tmp_path, shapes):
    np.savez(tmp_path / WEIGHTS, **{"0": np.zeros(1, np.float16)})
    assert len(packed_variables(tmp_path, [(1,)])) == 1
    with pytest.raises(GanMriError, match="expected the tensors"):
        packed_variables(tmp_path, shapes)


def test_without_its_known_translation_it_is_none(copy):
    (copy / "assets.extra" / "gan_mri_network.json").unlink()
    with pytest.raises(GanMriError, match="a packed model: card, known translation and weights"):
        Translator(copy)


def test_the_place_of_first_weights_is_left_out(exported, tmp_path):
    path = exported / "assets.extra" / "gan_mri.json"
    before = path.read_text()
    path.write_text(json.dumps(json.loads(before) | {"init": ["/home/somebody/run"]}))
    write_packed(Translator(exported), tmp_path)
    path.write_text(before)
    assert "init" not in read_json(tmp_path / "assets.extra" / "gan_mri.json")
