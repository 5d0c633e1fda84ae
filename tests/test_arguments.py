"""Wrong kinds of arguments are told by name, by every command, before any work."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gan_mri
from gan_mri.arguments import check_keras, checked, required
from gan_mri.errors import GanMriError

ROOT = Path(__file__).resolve().parents[1]

#: Values that no argument of the name can mean.
WRONG = {
    "out": [3, b"x", ["a"], "a\0b"],
    "data": [3, ["a"]],
    "recipe": [3, ("welander/simple",)],
    "precision": [32, ["float32"]],
    "strategy": [3, ["none"]],
    "resume": ["yes", 1],
    "steps_per_epoch": [2.0, "2", 0, True],
    "evaluate_every": ["1", -1],
    "seed": [-1, 2**32, 2**64, 1.5, "3", True],
    "memory": ["1", 0, float("inf"), float("nan"), True],
    "methods": [3, [3], {"simple": 1}],
    "inputs": ["T1w=a", [("A", "b")], {"A": 3}, {3: "a"}],
}


@pytest.mark.parametrize("name, value", [(name, v) for name, vs in WRONG.items() for v in vs])
def test_another_kind_is_refused_by_name(name, value):
    with pytest.raises(GanMriError, match=rf"^{name} must be .*\. Received: .+\.$"):
        checked(**{name: value})


def test_what_fits_comes_as_pythons_own():
    taken = checked(
        seed=np.uint32(2**32 - 1), samples=np.int8(2), memory=1, out=Path("a"), x=object
    )
    assert taken == {"seed": 2**32 - 1, "samples": 2, "memory": 1.0, "out": Path("a"), "x": object}
    assert type(taken["seed"]) is type(taken["samples"]) is int
    assert checked(methods="unit", inputs={"T1w": "a"}) == {
        "methods": ["unit"],
        "inputs": {"T1w": Path("a")},
    }


def test_nobody_need_say_what_is_not_required():
    assert checked(out=None, seed=None) == {"out": None, "seed": None}
    with pytest.raises(GanMriError, match="^number must be a whole number from 1. Received: None"):
        required(number=None)


CALLS = {
    "train, where": (lambda: gan_mri.train(out=3), "out"),
    "train, how": (lambda: gan_mri.train(precision=32), "precision"),
    "train, scaling": (lambda: gan_mri.train(scaling=3), "scaling"),
    "train, seed": (lambda: gan_mri.train(seed=2**63), "seed"),
    "translate, model": (lambda: gan_mri.translate(3, "a", "b"), "model"),
    "translate, source": (lambda: gan_mri.translate("m", ["a"], "b"), "source"),
    "translate, samples": (lambda: gan_mri.translate("m", "a", "b", samples="2"), "samples"),
    "translate, batch": (lambda: gan_mri.translate("m", "a", "b", batch_size=2.5), "batch_size"),
    "translate, inputs": (lambda: gan_mri.translate("m", output="b", inputs="T1w=a"), "inputs"),
    "translate, windows": (lambda: gan_mri.translate("m", "a", "b", windows=17.5), "windows"),
    "evaluate": (lambda: gan_mri.evaluate(3), "runs"),
    "evaluate, several": (lambda: gan_mri.evaluate([3]), "runs"),
    "evaluate, where": (lambda: gan_mri.evaluate("run", out=3), "out"),
    "compare, where": (lambda: gan_mri.compare("welander", out=3), "out"),
    "compare, methods": (lambda: gan_mri.compare("welander", out="a", methods=3), "methods"),
    "compare, data": (lambda: gan_mri.compare("welander", out="a", data=3), "data"),
    "generate": (lambda: gan_mri.generate(3, "a", number=1), "run"),
    "prepare": (lambda: gan_mri.prepare("phantom", 3), "output"),
    "prepare, neighbours": (lambda: gan_mri.prepare("phantom", "a.h5", neighbours=1.0), "neigh"),
    "load_run": (lambda: gan_mri.load_run(3), "run"),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_command_names_the_argument(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, argument = CALLS[name]
    with pytest.raises(GanMriError, match=f"^{argument}.*Received: "):
        call()
    assert not list(tmp_path.iterdir())


def test_keras_on_another_backend(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(GanMriError, match="^KERAS_BACKEND: expected tensorflow.*'jax'"):
        check_keras()
    for call in (
        lambda: gan_mri.train(),
        lambda: gan_mri.translate("m", "a", "b"),
        lambda: gan_mri.evaluate("a"),
        lambda: gan_mri.generate("a", "b", number=1),
        lambda: gan_mri.compare("welander", out="a"),
    ):
        with pytest.raises(GanMriError, match="^KERAS_BACKEND"):
            call()
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    check_keras()


def test_the_command_ends_with_one_paragraph():
    result = subprocess.run(
        [sys.executable, "-m", "gan_mri.train", "--seed", str(2**32), "--out", "never"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2 and not (ROOT / "never").exists()
    last = result.stderr.splitlines()[-1]
    assert last == "error: seed must be a whole number from 0 to 4294967295. Received: 4294967296."
