"""Which exported model a user means, and which file goes to which input: no network runs."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from cards import card
from untrained_runs import phantom_data, write_run

from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.files import write_json
from gan_mri.inference.card import CARD, Card
from gan_mri.inference.choice import exported_model, inputs_of
from gan_mri.runs.run import Run
from gan_mri.tasks import Direction, Task


def exported(folder, **content):
    """As much of an exported model as choosing one needs."""
    write_json(folder / CARD, card(**content))
    (folder / "saved_model.pb").write_bytes(b"")
    return folder


@pytest.fixture
def run(tmp_path):
    """A run of two directions."""
    folder = write_run(tmp_path / "run", phantom_data()).folder
    for name in ("A2B", "B2A"):
        exported(folder / "export" / name)
    return folder


@pytest.fixture
def three(tmp_path):
    """A run that makes each of three contrasts from the others, called by their roles."""
    roles, contrasts = ("a", "b", "c"), ("T1w", "T2w", "FLAIR")
    data = load("phantom", domains=roles, contrasts=contrasts, subjects=3, image_size=(20, 20))
    task = Task.each_from_the_others(roles)
    folder = write_run(tmp_path / "three", data, task=task.to_config()).folder
    for name in roles:
        exported(folder / "export" / name)
    return folder


def test_of_a_run_the_first_direction_or_the_one_that_is_named(run):
    assert exported_model(run) == run / "export" / "A2B"
    assert exported_model(run, direction="B2A") == run / "export" / "B2A"
    with pytest.raises(GanMriError, match="direction: expected A2B or B2A.*Received: 'A2C'"):
        exported_model(run, direction="A2C")


def test_by_what_it_makes(run, three):
    for target, name in (("T2w", "A2B"), ("B", "A2B"), ("T1w", "B2A"), ("A", "B2A")):
        assert exported_model(run, target=target) == run / "export" / name
    for target, name in (("FLAIR", "c"), ("c", "c"), ("T2w", "b")):
        assert exported_model(three, target=target) == three / "export" / name
    with pytest.raises(GanMriError, match="makes, T1w, T2w, FLAIR. Received: 'PDw'"):
        exported_model(three, target="PDw")


def test_a_direction_and_a_target_that_contradict_each_other(run):
    assert exported_model(run, direction="A2B", target="T2w").name == "A2B"
    with pytest.raises(GanMriError, match="direction: expected A2B, which makes T2w.*'B2A'"):
        exported_model(run, direction="B2A", target="T2w")


def test_of_two_ways_to_one_contrast_the_direction_says_which(run):
    ways = tuple(Direction(f"{name}2B", (name,), "B") for name in ("A", "C"))
    config = Run(run).config
    config["data"]["contrasts"] = ["T1w", "T2w", "PDw"]
    config["data"]["scaling"]["C"] = config["data"]["scaling"]["A"]
    task = Task(("A", "B", "C"), ways)
    write_json(run / "config.json", config | {"task": task.to_config()})
    exported(run / "export" / "C2B")
    assert exported_model(run, target="T2w").name == "A2B"
    assert exported_model(run, target="T2w", direction="C2B").name == "C2B"


def test_an_exported_model_is_what_it_is(tmp_path):
    model = exported(tmp_path / "model")
    assert exported_model(model) == model
    assert exported_model(model, direction="A2B", target="T2w") == model
    assert exported_model(model, target="B") == model
    with pytest.raises(GanMriError, match="model translates A2B. Received: direction B2A"):
        exported_model(model, direction="B2A")
    with pytest.raises(GanMriError, match="model makes T2w. Received: target T1w"):
        exported_model(model, target="T1w")
    with pytest.raises(GanMriError, match="expected its run folder, which holds the best"):
        exported_model(model, checkpoint="best")


@pytest.mark.parametrize("checkpoint", ["first", "", None])
def test_another_checkpoint(run, checkpoint):
    with pytest.raises(GanMriError, match="checkpoint must be last or best"):
        exported_model(run, checkpoint=checkpoint)


def translator(**content):
    return SimpleNamespace(path="export/T2w", card=Card(card(**content), "card"))


TWO = {"t1": "T1w", "pd": "PDw"}


def test_files_are_named_by_contrast_or_domain():
    files = {"t1": Path("a"), "pd": Path("b")}
    for names in (("T1w", "PDw"), ("t1", "pd"), ("PDw", "t1")):
        given = {name: files["t1" if name.lower().startswith("t1") else "pd"] for name in names}
        found = inputs_of(translator(inputs=TWO), None, given)
        assert found == files and list(found) == ["t1", "pd"]


def test_of_one_source_the_file_may_come_alone():
    assert inputs_of(translator(), Path("x"), None) == {"image": Path("x")}
    assert inputs_of(translator(), None, {"T1w": Path("x")}) == {"image": Path("x")}
    assert inputs_of(translator(), None, {"A": Path("x")}) == {"image": Path("x")}


BAD = {
    "one alone": (
        (Path("x"), None),
        "export/T2w makes T2w from T1w and PDw. Expected a file of each: "
        "--inputs T1w=FILE PDw=FILE. Received: x.",
    ),
    "missing": (
        (None, {"T1w": Path("x")}),
        "inputs: expected files of T1w, PDw, from which export/T2w makes T2w. Received none of "
        "PDw.",
    ),
    "unknown": (
        (None, {"T1w": Path("x"), "FLAIR": Path("y")}),
        "inputs: expected files of T1w, PDw, from which export/T2w makes T2w. Received: FLAIR.",
    ),
    "twice": (
        (None, {"T1w": Path("x"), "t1": Path("y"), "PDw": Path("z")}),
        "inputs: expected files of T1w, PDw, from which export/T2w makes T2w. Received two of T1w.",
    ),
    "the target": (
        (None, {"T2w": Path("x")}),
        "inputs: expected files of T1w, PDw, from which export/T2w makes T2w. Received: T2w.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_missing_or_unknown_is_named(case):
    arguments, message = BAD[case]
    with pytest.raises(GanMriError) as caught:
        inputs_of(translator(inputs=TWO), *arguments)
    assert str(caught.value) == message


def optional(which, **content):
    """The model of two sources of which some are optional."""
    found = card(inputs=TWO, **content)
    for name in which:
        found["inputs"][name]["optional"] = True
    return SimpleNamespace(path="export/T2w", card=Card(found, "card"))


def test_optional_inputs_may_be_missing():
    files = {"T1w": Path("a"), "PDw": Path("b")}
    both = optional(["t1", "pd"])
    assert inputs_of(both, None, {"PDw": files["PDw"]}) == {"pd": files["PDw"]}
    assert list(inputs_of(both, None, dict(reversed(files.items())))) == ["t1", "pd"]
    with pytest.raises(GanMriError, match="none of T1w and none of PDw. One of them at least is"):
        inputs_of(both, None, {})
    with pytest.raises(GanMriError, match=r"Received none of T1w\. One"):
        inputs_of(optional(["pd"]), None, {"PDw": files["PDw"]})
    assert inputs_of(optional(["pd"]), None, {"T1w": files["T1w"]}) == {"t1": files["T1w"]}


def test_a_model_that_could_have_been_trained_with_fewer():
    strict = optional([], settings={"input_dropout": 0.0})
    with pytest.raises(
        GanMriError, match=r"none of PDw\. A model .* --set input_dropout=0.3 takes"
    ):
        inputs_of(strict, None, {"T1w": Path("a")})
