import json
import math

import pytest

from gan_mri.errors import GanMriError
from gan_mri.files import write_json
from gan_mri.runs.held_out_file import read_held_out
from gan_mri.runs.run import Run
from gan_mri.tasks import TWO_DOMAINS
from gan_mri.training.held_out import held_out_table

CONTRASTS = {"A": "T1w", "B": "T2w"}
VALUES = {"mae_A2B": 0.0, "psnr_A2B": math.inf, "ssim_A2B": 1.0, "rank_A2B": None}
MEASURED = {
    "convention": "all",
    "slices": 2,
    "subjects": ["one"],
    "metrics": {
        "input itself": VALUES
        | {name.replace("A2B", "B2A"): value for name, value in VALUES.items()},
        "untrained": {
            f"{name}_{way}": 0.5 for name in ("mae", "psnr", "ssim") for way in ("A2B", "B2A")
        },
    },
}


def refuse(constant):
    raise AssertionError(f"{constant} is not JSON")


def test_infinity_is_written_as_json_and_read_as_infinity(tmp_path):
    path = tmp_path / "held_out.json"
    write_json(path, MEASURED)
    written = json.loads(path.read_text(), parse_constant=refuse)
    assert written["metrics"]["input itself"]["psnr_A2B"] == "inf"
    assert written["metrics"]["input itself"]["rank_A2B"] is None
    assert read_held_out(path) == MEASURED


def test_a_file_with_infinity_as_python_writes_it_is_read_too(tmp_path):
    path = tmp_path / "held_out.json"
    path.write_text(json.dumps(MEASURED))
    assert "Infinity" in path.read_text()
    assert read_held_out(path) == MEASURED


def test_a_run_gives_numbers(tmp_path, monkeypatch):
    write_json(tmp_path / "held_out.json", MEASURED)
    monkeypatch.setattr(Run, "__init__", lambda run, folder: setattr(run, "folder", folder))
    assert Run(tmp_path).held_out == MEASURED


def test_the_table_shows_infinity(tmp_path):
    write_json(tmp_path / "held_out.json", MEASURED)
    table = held_out_table(read_held_out(tmp_path / "held_out.json"), TWO_DOMAINS, CONTRASTS)
    assert "T1w -> T2w input itself 0.0000 inf 1.0000" in [
        " ".join(line.split()) for line in table.splitlines()
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"slices": 2}',
        '{"metrics": [1]}',
        '{"metrics": {"trained": {"mae": "small"}}}',
        '{"metrics": {"trained": {"mae": []}}}',
    ],
)
def test_another_file_is_named(tmp_path, text):
    (tmp_path / "held_out.json").write_text(text)
    with pytest.raises(
        GanMriError, match="held_out.json: expected metrics that gan_mri.train wrote"
    ):
        read_held_out(tmp_path / "held_out.json")
