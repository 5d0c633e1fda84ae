"""`--set`, and arguments that belong together, on the command line of `train`."""

import pytest
import runs
from data_samples import write_bids

from gan_mri.commands import run_command
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.train import _parser, main, parse


def options_of(*words):
    return parse(_parser(), list(words))


def refusal(capsys, *words):
    """The paragraph that the command prints before it leaves with status 2."""
    with pytest.raises(SystemExit) as caught:
        run_command(main, [str(word) for word in words])
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1 and "Traceback" not in printed.err
    return printed.err


def test_a_second_set_adds_to_the_first():
    options = options_of("--set", "filters=4", "patch=false", "--seed", "3", "--set", "bins=8")
    assert (options["filters"], options["patch"], options["bins"]) == (4, False, 8)
    assert options["seed"] == 3


def test_of_one_setting_the_last_word_counts():
    assert options_of("--set", "filters=4", "--set", "filters=8")["filters"] == 8


@pytest.mark.parametrize(
    "word",
    ["out=here", "recipe=welander/unit", "data=knees", "resume=true", "image_size=32", "seed=3"]
    + ["settings=3", "epochs=2", "set=1"],
)
def test_arguments_are_no_settings(tmp_path, capsys, monkeypatch, word):
    monkeypatch.chdir(tmp_path)
    name, _, value = word.partition("=")
    message = refusal(capsys, "--set", word)
    assert message.startswith("error: ") and name in message and "setting" in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["filters", "filters 3"])
def test_a_setting_has_a_value(capsys, text):
    with pytest.raises(SystemExit):
        main(["--set", *text.split()])
    assert "expected NAME=VALUE, received 'filters'" in capsys.readouterr().err


@pytest.mark.parametrize("data", ["phantom", "files"])
def test_crop_needs_a_size_to_crop_to(tmp_path, capsys, monkeypatch, data):
    """Of what is drawn at the image size there is nothing to cut off either."""
    monkeypatch.setitem(BUILT_IN, "phantom", runs.few(6))
    source = "phantom" if data == "phantom" else write_bids(tmp_path / "data", shape=(20, 20, 8))
    words = ["--data", source, "--contrasts", "T1w", "T2w", "--out", tmp_path / "run"]
    message = refusal(capsys, *words, "--fit", "crop")
    assert message.startswith("error: fit crop: expected an image size that is smaller")
    assert "Received image_size None" in message and not (tmp_path / "run").exists()
    if data == "phantom":
        message = refusal(capsys, *words, "--fit", "crop", "--image-size", 24, 24)
        assert "Received image_size (24, 24); built-in data are drawn at it" in message


VOLUMES = {
    ("--image-size", "24", "24", "24", "--plane", "axial"): "expected two numbers with plane axial",
    ("--image-size", "24", "24", "--plane", "volume"): "expected three numbers with plane volume",
    (
        "--image-size",
        "24",
        "24",
        "24",
        "--slices",
        "2:9",
    ): "slices: expected none for whole volumes",
    ("--image-size", "24"): "image size must be two numbers (rows, columns) or three (X, Y, Z)",
    ("--spacing", "1", "2"): "spacing: expected a voxel size in mm, one number or three",
    ("--spacing", "-1"): "spacing: expected a voxel size in mm",
    ("--align", "affine"): "align must be none or headers. Received: 'affine'",
    ("--augment", "shear"): "augment",
}


@pytest.mark.parametrize("words", VOLUMES)
def test_what_does_not_go_together_is_told_at_once(tmp_path, capsys, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    assert VOLUMES[words] in refusal(capsys, *words)
    assert not list(tmp_path.iterdir())
