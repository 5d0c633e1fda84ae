"""What `benchmarks/fuzz.py` does wrong is one thing, and the same for the same seed."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import fuzz_damage  # noqa: E402


def make(folder):
    (folder / "run").mkdir(parents=True)
    (folder / "run" / "a.bin").write_bytes(bytes(range(200)))
    (folder / "run" / "config.json").write_text(json.dumps({"a": {"b": [1, 2]}, "c": "text"}))
    (folder / "b.nii").write_bytes(bytes(300))
    return folder


def content(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("kind", fuzz_damage.WRONG)
def test_one_thing_is_wrong_and_can_be_repeated(tmp_path, kind):
    before, outcomes = content(make(tmp_path / "good")), []
    for number in range(12):
        both = []
        for copy in ("first", "second"):
            folder = make(tmp_path / f"{number}" / copy)
            words = [str(folder / "run"), str(folder / "b.nii")]
            rng = np.random.default_rng(number)
            command, what = fuzz_damage.WRONG[kind](rng, folder, list(words), "translate")
            both.append(
                ([word.replace(str(folder), "") for word in command], what, content(folder))
            )
            changed = content(folder) != before
            assert (changed or command != words) == (kind != "nothing") or kind == "json"
            if kind in ("bits", "cut"):
                assert len(set(content(folder).items()) ^ set(before.items())) == 2
        assert both[0] == both[1]
        outcomes.append(both[0][1])
    assert kind == "nothing" or len(set(outcomes)) > 1
