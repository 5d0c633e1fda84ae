import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import runs
from PIL import Image

import gan_mri
import gan_mri.training.session as session
from gan_mri.commands import run_command
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.errors import GanMriError
from gan_mri.runs.lock import reserve_folder
from gan_mri.train import main

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return runs.finished_run(tmp_path_factory)


def refusal(capsys, arguments):
    """The paragraph that the command prints before it leaves with status 2."""
    with pytest.raises(SystemExit) as caught:
        run_command(main, [str(argument) for argument in arguments])
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == "" and "Traceback" not in printed.err
    assert printed.err.startswith("error: ") and printed.err.count("\n") == 1, printed.err
    return printed.err


def volume(path, array=None, affine=None):
    """A volume of 8 x 9 x 6 voxels, or another."""
    if array is None:
        array = np.zeros((8, 9, 6), np.int16)
        array[1:7, 1:8] = np.random.default_rng(len(path.name)).integers(300, 900, (6, 7, 6))
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, np.eye(4) if affine is None else affine), path)
    return path


def bids(folder, subjects=("sub-01", "sub-02"), contrasts=("T1w", "T2w")):
    for subject in subjects:
        for contrast in contrasts:
            volume(folder / subject / "anat" / f"{subject}_{contrast}.nii.gz")
    return folder


def t2w(folder):
    return folder / "sub-02" / "anat" / "sub-02_T2w.nii.gz"


def empty(folder):
    folder.mkdir()
    return []


def one_contrast(folder):
    bids(folder, contrasts=("T1w", "PDw"))
    return ["--contrasts", "T1w", "T2w"]


def truncated(folder):
    path = t2w(bids(folder))
    path.write_bytes(path.read_bytes()[:-30])
    return ["--contrasts", "T1w", "T2w"]


def truncated_inside(folder):
    path = t2w(bids(folder))
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-40]))
    return ["--contrasts", "T1w", "T2w"]


def no_nifti(folder):
    t2w(bids(folder)).write_text("not an image")
    return ["--contrasts", "T1w", "T2w"]


def with_volume(array, affine=None):
    def make(folder):
        volume(t2w(bids(folder)), array, affine)
        return ["--contrasts", "T1w", "T2w"]

    return make


def different_grids(folder):
    volume(t2w(bids(folder)), affine=np.diag([1, 1, 1.5, 1]))
    return ["--contrasts", "T1w", "T2w", "--set", "supervised_weight=10"]


def mixed_channels(folder):
    runs.write_pictures(folder, trainA=2)
    runs.write_pictures(folder, (24, 24, 3), trainB=2)
    return []


def in_both_parts(folder):
    runs.write_pictures(folder, trainA=2, trainB=2, testB=1)
    (folder / "testA").mkdir()
    shutil.copy(folder / "trainA" / "trainA-1.png", folder / "testA")
    return []


def in_both_lists(folder):
    bids(folder, ("sub-01", "sub-02", "sub-03"))
    return ["--contrasts", "T1w", "T2w", "--test-subjects", "01", "--validation-subjects", "01"]


def broken_picture(folder):
    runs.write_pictures(folder, trainA=2, trainB=2)
    (folder / "trainB" / "trainB-1.png").write_bytes(b"\x89PNG no more")
    return []


NAN = np.full((8, 9, 6), 300, np.float32)
NAN[2, 2, 2] = np.nan
INFINITE = np.where(np.isnan(NAN), np.inf, NAN)

BAD_DATA = {
    "empty folder": (empty, ["data: expected a GAN-MRI folder", "an empty folder"]),
    "missing folder": (
        lambda folder: [],
        ["data: expected a GAN-MRI folder", "no such file or folder"],
    ),
    "no second contrast": (
        one_contrast,
        ["data: expected files of both contrasts", "none of T2w", "PDw"],
    ),
    "no contrasts": (lambda folder: bids(folder) and [], ["two contrasts", "T1w (2), T2w (2)"]),
    "truncated NIfTI": (truncated, ["sub-02_T2w.nii.gz", "truncated"]),
    "truncated inside": (truncated_inside, ["sub-02_T2w.nii.gz", "truncated"]),
    "no NIfTI": (no_nifti, ["sub-02_T2w.nii.gz: expected a NIfTI volume"]),
    "4D": (
        with_volume(np.ones((8, 9, 6, 5), np.int16)),
        ["sub-02_T2w.nii.gz", "4D series of shape (8, 9, 6, 5)"],
    ),
    "NaN": (with_volume(NAN), ["sub-02_T2w.nii.gz", "1 NaN or infinite voxel"]),
    "infinite": (with_volume(INFINITE), ["sub-02_T2w.nii.gz", "1 NaN or infinite voxel"]),
    "constant": (
        with_volume(np.full((8, 9, 6), 7, np.int16)),
        ["sub-02_T2w.nii.gz", "constant volume", "7"],
    ),
    "different grids": (
        different_grids,
        ["sub-02_T1w.nii.gz and ", "sub-02_T2w.nii.gz", "one grid"],
    ),
    "mixed channels": (
        mixed_channels,
        ["trainB-0.png: expected grey (1 channel)", "RGB (3 channels)"],
    ),
    "subject in both parts": (in_both_parts, ["trainA-1 in both", "testA"]),
    "subject in both lists": (in_both_lists, ["sub-01: expected in one split"]),
    "broken picture": (broken_picture, ["trainB-1.png: expected a PNG"]),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_end_in_one_paragraph_and_leave_nothing(tmp_path, capsys, case):
    make, words = BAD_DATA[case]
    options = make(tmp_path / "data")
    out = tmp_path / "run"
    message = refusal(
        capsys, ["--data", tmp_path / "data", "--out", out, "--image-size", 20, 20, *options]
    )
    for word in words:
        assert word in message
    assert str(tmp_path / "data") in message or "lists" in case
    assert not out.exists()


BAD_ARGUMENTS = {
    "recipe": (["welander/gan"], "no recipe 'welander/gan'. There are: "),
    "setting": (["--set", "filter=3"], "'filter' is not a setting of this recipe. It has: epochs"),
    "value": (["--set", "filters=0"], "filters must be a whole number from 1. Received: 0"),
    "word": (
        ["--set", "normalization=batch"],
        "normalization must be one of instance, addons, none",
    ),
    "epochs": (["--epochs", "0"], "epochs must be a whole number from 1. Received: 0"),
    "steps": (["--steps-per-epoch", "0"], "steps_per_epoch must be a whole number from 1"),
    "evaluate": (["--evaluate-every", "-1"], "evaluate_every must be a whole number from 1"),
    "seed": (["--seed", "-5"], "seed must be a whole number from 0 to 4294967295. Received: -5"),
    "precision": (["--precision", "int8"], "precision must be one of auto, float32"),
    "strategy": (["--strategy", "tpu"], "strategy must be one of auto, mirrored"),
    "plane": (
        ["--plane", "oblique"],
        "plane: expected one of all, axial, coronal, sagittal, volume",
    ),
    "slices": (["--slices", "9"], "slices: expected START:STOP"),
    "scaling": (["--scaling", "max"], "scaling: expected auto, uint8"),
    "scalings": (["--scaling", "auto", "auto", "auto"], "scaling: expected one for both domains"),
    "split": (["--split", "0.5", "0.6", "0.2"], "split"),
    "contrasts": (["--contrasts", "T1w", "T1w"], "contrasts: expected different names"),
    "resume": (["--resume"], "--resume needs --out"),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_bad_arguments_end_in_one_paragraph(tmp_path, capsys, monkeypatch, case):
    options, words = BAD_ARGUMENTS[case]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(BUILT_IN, "phantom", runs.few(3))
    assert words in refusal(capsys, [*options, "--image-size", "20", "20"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "options, words",
    [
        (
            ["--fit", "stretch", "--image-size", "20", "20"],
            "fit must be resize or crop. Received: 'stretch'",
        ),
        (
            ["--image-size", "8", "40"],
            "image size must be two numbers (rows, columns) or three (X, Y, Z), each from 17. "
            "Received: (8, 40)",
        ),
    ],
)
def test_bad_geometries_end_in_one_paragraph(tmp_path, capsys, options, words):
    data = runs.write_pictures(tmp_path / "data", trainA=1, trainB=1)
    assert words in refusal(capsys, ["--data", data, "--out", tmp_path / "run", *options])
    assert not (tmp_path / "run").exists()


def test_settings_of_python_are_no_argument():
    with pytest.raises(GanMriError, match="'settings' is not a setting of this recipe"):
        gan_mri.train(settings={"filters": 2})


@pytest.mark.parametrize("kind", ["run", "folder", "file"])
def test_what_exists_is_not_overwritten(finished, tmp_path, capsys, kind):
    out = {"run": finished, "folder": tmp_path / "folder", "file": tmp_path / "file"}[kind]
    if kind == "folder":  # an empty one has words of its own
        out.mkdir()
        (out / "notes.txt").write_text("mine")
    elif kind == "file":
        out.write_text("precious")
    message = refusal(capsys, ["--out", out])
    assert message.startswith(f"error: {out} exists already.") and "--resume" in message
    assert kind != "file" or out.read_text() == "precious"


@pytest.fixture
def configured(finished, tmp_path):
    """A run folder of which only the config is there, with changes."""

    def make(**changes):
        config = json.loads((finished / "config.json").read_text())
        for section, values in changes.items():
            config[section] = {**config[section], **values} if isinstance(values, dict) else values
        folder = tmp_path / "run"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config))
        return folder

    return make


@pytest.mark.parametrize(
    "options, words",
    [
        (["--epochs", "9", "--batch-size", "2"], "batch_size=1"),
        (["--set", "filters=4"], "filters=2"),
        (["--set", "learning_rate=0.1"], "learning_rate=0.0002"),
        (["--data", "elsewhere"], "data 'phantom'"),
        (["--seed", "1"], "seed 0"),
        (["--precision", "float64"], "precision 'float32'"),
        (["--image-size", "32", "32"], "image_size [24, 24]"),
        (["--contrasts", "T1w", "PDw"], "contrasts None"),
        (["--split", "0.8", "0", "0.2"], "split [0.5, 0, 0.5]"),
        (["--steps-per-epoch", "7"], "steps_per_epoch None"),
        (["--strategy", "mirrored"], "strategy 'none'"),
    ],
)
def test_resume_with_other_arguments_names_them(configured, capsys, options, words):
    folder = configured()
    before = (folder / "config.json").read_bytes()
    message = refusal(capsys, ["--resume", "--out", folder, *options])
    assert message.startswith(f"error: {folder} ") and words in message
    assert "--resume continues as it is" in message
    assert (folder / "config.json").read_bytes() == before and len(list(folder.iterdir())) == 1


def test_resume_of_another_recipe(configured, capsys):
    folder = configured(recipe="wada/method1", arguments={"recipe": "wada/method1"})
    message = refusal(capsys, ["welander/cyclegan", "--resume", "--out", folder])
    assert (
        f"{folder} is a checkpoint of another recipe: a run with recipe 'wada/method1'" in message
    )


def test_resume_with_other_subjects(configured, capsys, monkeypatch):
    folder = configured()
    monkeypatch.setitem(BUILT_IN, "phantom", runs.few(8))
    message = refusal(capsys, ["--resume", "--out", folder])
    assert f"{folder} was trained on other subjects than the data hold now" in message


@pytest.mark.parametrize("what", ["no such folder", "a folder without it"])
def test_resume_of_what_is_no_run(tmp_path, capsys, what):
    out = tmp_path / "run"
    if what.startswith("a folder"):
        out.mkdir()
        (out / "notes.txt").write_text("mine")
    message = refusal(capsys, ["--resume", "--out", out])
    assert f"{out}: expected a run folder of gan_mri.train" in message and what in message


def test_what_resume_is_told_again_may_be_the_same(finished, monkeypatch):
    """Arguments as the command line spells them reach the session as the run had them."""
    reached = []

    class Session:
        chief = True

        def __init__(self, folder, arguments, *, run, numbered, shows):
            assert not numbered
            self.folder = folder
            reached.append((folder, arguments, run.folder, shows))

        def run(self):
            pass

    monkeypatch.setattr(session, "Session", Session)
    main(
        [
            "welander/cyclegan",
            "--resume",
            "--out",
            str(finished),
            "--data",
            "phantom",
            "--epochs",
            "6",
            "--image-size",
            "24",
            "24",
            "--split",
            "0.5",
            "0",
            "0.5",
            "--set",
            "filters=2",
            "pool_size=3",
        ]
    )
    config = json.loads((finished / "config.json").read_text())
    ((folder, arguments, opened, shows),) = reached
    assert folder == opened == finished and shows is True
    assert arguments == config["arguments"] | {"settings": config["settings"] | {"epochs": 6}}


def test_the_command_line_reaches_the_session(finished, tmp_path, monkeypatch):
    reached = []

    class Session:
        chief = True

        def __init__(self, folder, arguments, *, run, numbered, shows):
            self.folder = reserve_folder(folder, numbered=numbered)
            shutil.copy(finished / "config.json", self.folder)
            reached.append((self.folder, arguments, run))

        def run(self):
            pass

    monkeypatch.setattr(session, "Session", Session)
    monkeypatch.chdir(tmp_path)
    main(
        "--data d --contrasts T1w T2w --plane coronal --slices 3:9 --scaling volume uint8 "
        "--test-subjects 01 02 "
        "--validation-subjects 03 --image-size 20 30 --fit resize --epochs 7 --decay-epoch 3 "
        "--batch-size 2 "
        "--steps-per-epoch 5 --evaluate-every 4 --checkpoint-every 2.5 --keep-checkpoints 3 "
        "--precision float32 --strategy none --seed 8 --init other /w.hdf5 --freeze D_* G_A2B "
        "--set filters=16 multiscale=true real_label=0.9 residual_padding=reflect".split()
    )
    main([])
    assert [str(folder) for folder, _, _ in reached] == [
        f"runs/welander-cyclegan-{i}" for i in (1, 2)
    ]
    assert reached[0][1] == {
        "recipe": "welander/cyclegan",
        "data": "d",
        "contrasts": ["T1w", "T2w"],
        "plane": "coronal",
        "slices": "3:9",
        "scaling": ["volume", "uint8"],
        "split": None,
        "test_subjects": ["01", "02"],
        "validation_subjects": ["03"],
        "image_size": [20, 30],
        "fit": "resize",
        "spacing": None,
        "align": "none",
        "augment": None,
        "steps_per_epoch": 5,
        "evaluate_every": 4,
        "init": [str(tmp_path / "other"), "/w.hdf5"],
        "freeze": ["D_*", "G_A2B"],
        "checkpoint_every": 2.5,
        "keep_checkpoints": 3,
        "precision": "float32",
        "strategy": "none",
        "seed": 8,
        "settings": {
            "epochs": 7,
            "decay_epoch": 3,
            "batch_size": 2,
            "filters": 16,
            "multiscale": True,
            "real_label": 0.9,
            "residual_padding": "reflect",
        },
    }
    assert reached[1][1] == gan_mri.train.DEFAULTS | {"recipe": "welander/cyclegan", "settings": {}}


def python(code, *arguments, **options):
    command = [sys.executable, *(["-c", code] if code else []), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_commands_are_callable_in_every_order_of_imports():
    """And neither the package nor its commands load TensorFlow by being imported."""
    code = """
import sys
import gan_mri.train, gan_mri.translate
import gan_mri
from gan_mri import train
assert train is gan_mri.train and callable(gan_mri.train) and callable(gan_mri.translate)
assert gan_mri.train.main and gan_mri.translate.main
for command, arguments in ((gan_mri.train, {"recipe": "none/such"}), (gan_mri.translate, {})):
    try:
        command(**arguments) if arguments else command("model", "none.nii", "out.nii")
    except gan_mri.errors.GanMriError as error:
        print(error)
assert "tensorflow" not in sys.modules and "keras" not in sys.modules
"""
    process = python(code)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "There is no recipe 'none/such'" in out and "model: expected a run folder" in out


def test_ctrl_c_ends_with_status_130_and_says_how_to_go_on(tmp_path):
    data = runs.write_pictures(tmp_path / "data", trainA=2, trainB=2)
    out = tmp_path / "a run"
    process = python(
        None,
        "-m",
        "gan_mri.train",
        "--data",
        data,
        "--out",
        out,
        "--image-size",
        20,
        20,
        "--epochs",
        100000,
        "--precision",
        "float32",
        "--set",
        *(f"{k}={v}" for k, v in runs.SMALLEST.items()),
        bufsize=1,
    )
    try:
        seen = ""
        # The bar, redrawn with carriage returns, says when training has begun.
        while "images/s" not in seen and process.poll() is None:
            seen += process.stderr.read(50)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, seen + err
    last = err.strip().splitlines()[-1]
    assert last.startswith("interrupted after step ")
    assert last.endswith(f"Continue with: python -m gan_mri.train --resume --out '{out}'")
    assert "Traceback" not in seen + err
    index = json.loads((out / "checkpoints" / "index.json").read_text())
    state = json.loads((out / "checkpoints" / index["last"] / "state.json").read_text())
    assert f"interrupted after step {state['step']}," in last
    with Image.open(out / "samples" / "epoch-0001.png") as sheet:
        sheet.load()
