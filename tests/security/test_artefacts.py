"""Files of ours with another content: every value of theirs replaced, and one paragraph each."""

import copy
import json

import h5py
import numpy as np
import pytest
import runs
from cards import card, old_card
from data_samples import LAS, head, write_nifti

import gan_mri
from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.files import read_json, write_json
from gan_mri.inference.card import Card
from gan_mri.runs.held_out_file import read_held_out
from gan_mri.runs.run import Run

#: What takes the place of a value.
OTHERS = (None, True, -1, 10**400, 1.5, float("nan"), "", "../../x", "a" * 20_000, [], [[]], {})


def places(content, place=()):
    """The way to every value."""
    inside = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in inside:
        yield (*place, name)
        if isinstance(value, (dict, list)):
            yield from places(value, (*place, name))


def replaced(content, place, value):
    content = copy.deepcopy(content)
    inner = content
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return content


def removed(content, place):
    content = copy.deepcopy(content)
    inner = content
    for name in place[:-1]:
        inner = inner[name]
    del inner[place[-1]]
    return content


def variants(content):
    for place in places(content):
        yield place, removed(content, place)
        for value in OTHERS:
            yield place, replaced(content, place, value)


def opens(read, content):
    """Whether it opens; anything but one paragraph is a failure."""
    try:
        read(content)
    except GanMriError as error:
        assert str(error) and "\n" not in str(error) and len(str(error)) < 2000
        return False
    return True


def held(share, count, least):
    assert count > 100 and least < share / count < 1, f"{share} of {count}"


def test_cards():
    for whole in (card(step=1, settings={"epochs": 1}, labels=[0, 1], noise=0), old_card()):
        assert opens(lambda content: Card(content, "card"), whole)
        found = [opens(lambda content: Card(content, "card"), one) for _, one in variants(whole)]
        held(found.count(False), len(found), 0.6)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return read_json(runs.quick_run(tmp_path_factory) / "config.json")


def test_configs(config, tmp_path, monkeypatch):
    given = {}
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setattr("gan_mri.runs.run.read_json", lambda path: given["content"])

    def read(content):
        given["content"] = content
        run = Run(tmp_path)
        return run.contrasts, run.terms, run.view.rank, run.task.direction()

    assert opens(read, config)
    names = [("data", "contrasts", 0), ("data", "subjects", "test", 0), ("task", "domains", 0)]
    for place in names:
        for name in ("../x", "a/b", "/etc", "..", ""):
            assert not opens(read, replaced(config, place, name)), (place, name)
    # Each place once with every other value; the sections that nothing reads take most.
    found = [opens(read, one) for place, one in variants(config) if place[0] != "arguments"]
    held(found.count(False), len(found), 0.3)


def test_measurements(tmp_path):
    whole = {"metrics": {"trained": {"mae": 1.0}}, "convention": "all", "subjects": ["one"]}
    found = []
    for _, content in variants(whole):
        write_json(tmp_path / "held_out.json", content)
        found.append(opens(read_held_out, tmp_path / "held_out.json"))
    assert found.count(False) > 20


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 900 + "1" + "}" * 900, "9" * 5000, ""])
def test_json_that_is_none_or_too_deep(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(GanMriError, match="config.json: expected a JSON object that gan_mri wrote"):
        Run(tmp_path)


@pytest.fixture
def prepared(tmp_path):
    for name in ("T1w", "T2w"):
        for number in (1, 2):
            folder = tmp_path / "data" / f"sub-{number:02}" / "anat"
            folder.mkdir(parents=True, exist_ok=True)
            write_nifti(folder / f"sub-{number:02}_{name}.nii", head((20, 22, 8)), LAS)
    gan_mri.prepare(tmp_path / "data", tmp_path / "data.h5", contrasts=("T1w", "T2w"))
    return tmp_path / "data.h5"


ATTRIBUTES = {
    "domain": ["../x", 3, "C"],
    "subject": ["../x", "", 3, "sub-99"],
    "entities": [3],
    "numbers": [np.array([-1]), np.array([0.5]), np.array([[1]]), "a", np.array([2**40])],
    "dropped": [-1, 0.5, "a"],
    "plane": ["oblique", 3],
    "statistics": [np.zeros(3), np.full(5, np.nan), "a"],
    "grid_shape": [np.array([-1, 2, 3]), np.array([1, 2]), np.array([2.5, 1, 1])],
    "grid_affine": [np.eye(3), np.full((4, 4), np.inf), "a"],
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_of_prepared_files(prepared, name):
    for value in ATTRIBUTES[name]:
        with h5py.File(prepared, "r+") as file:
            attributes = file["stacks/000000"].attrs
            before = attributes[name]
            attributes[name] = value
        with pytest.raises(GanMriError, match="data.h5: expected a complete file .* damaged one"):
            load(prepared)
        with h5py.File(prepared, "r+") as file:
            file["stacks/000000"].attrs[name] = before
    load(prepared)


def test_records_of_prepared_files(prepared):
    with h5py.File(prepared) as file:
        record = json.loads(file["record"][()])
    found = []
    for place, content in variants(record):
        if place in (("format",), ("format_number",), ("gan_mri",)):
            continue
        with h5py.File(prepared, "r+") as file:
            del file["record"]
            file["record"] = json.dumps(content)
        found.append(opens(load, prepared))
    held(found.count(False), len(found), 0.6)


def test_a_prepared_file_leads_nowhere_else(prepared, tmp_path):
    """External storage, links and virtual data sets, which HDF5 would follow."""
    (tmp_path / "secret").write_bytes(bytes(10_000))
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["data"] = np.zeros((8, 22, 20), np.int16)
    with h5py.File(prepared) as file:
        shape = file["stacks/000000"].shape
        attributes = dict(file["stacks/000000"].attrs)
    layout = h5py.VirtualLayout(shape, np.int16)
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "data", shape)
    secret = [(str(tmp_path / "secret"), 0, int(np.prod(shape)) * 2)]
    made = {
        "external storage": lambda g: g.create_dataset("000000", shape, np.int16, external=secret),
        "virtual": lambda g: g.create_virtual_dataset("000000", layout),
        "link": lambda g: g.__setitem__(
            "000000", h5py.ExternalLink(str(tmp_path / "other.h5"), "data")
        ),
        "soft link": lambda g: g.__setitem__("000000", h5py.SoftLink("/stacks/000001")),
    }
    for how, make in made.items():
        with h5py.File(prepared, "r+") as file:
            del file["stacks/000000"]
            make(file["stacks"])
            if "link" not in how:
                file["stacks/000000"].attrs.update(attributes)
        with pytest.raises(
            GanMriError, match="damaged one .*(link to another|not lie in the file)"
        ):
            load(prepared)
