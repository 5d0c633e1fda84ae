import csv
import json
from pathlib import Path

import numpy as np

from gan_mri.evaluation.report import Evaluation, write_tables
from gan_mri.evaluation.statistics import by_subject, compare_methods, summarize


def image_rows(subjects=2, psnr=20.0):
    rows = []
    for method in ("unit", "simple"):
        for number in range(subjects):
            named = {"method": method, "subject": f"s{number}", "image": f"s{number}"}
            rows.append(
                {
                    **named,
                    "direction": "A2B",
                    "contrast": "T2w",
                    "mae": 0.25 + number,
                    "psnr": psnr,
                    "mae_z": 0.5,
                }
            )
            rows.append({**named, "direction": "A2B2A", "contrast": "T1w", "cycle_mae": 0.125})
    return rows


def evaluation(rows):
    subjects = by_subject(rows)
    return Evaluation(Path("e"), ["unit", "simple"], summarize(subjects), [], {}, {})


def test_the_table_has_a_part_for_every_kind_of_metric():
    text = evaluation(image_rows()).table()
    parts = text.split("\n\n")
    assert [part.splitlines()[0] for part in parts] == [
        "After z-scoring every image (paper 001, section 2.2)",
        "In [-1, 1], foreground if not said otherwise",
        "There and back",
    ]
    assert "synthetic T2w  unit    0.7500 ± 0.7071  20.00 ± 0.00  -" in parts[1]
    assert "T1w, A2B2A  simple" in parts[2]


def test_one_subject_has_no_plus_minus():
    assert "±" not in evaluation(image_rows(subjects=1)).table()


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_files_hold_every_digit_and_empty_cells(tmp_path):
    images = image_rows(psnr=np.inf)
    subjects = by_subject(images)
    summary = summarize(subjects)
    wilcoxon = compare_methods(subjects, ["unit", "simple"])
    write_tables(
        tmp_path / "e",
        images=images,
        subjects=subjects,
        summary=summary,
        wilcoxon=wilcoxon,
        record={"notes": ["n"]},
    )
    table = read(tmp_path / "e" / "per_image.csv")
    assert len(table) == len(images)
    assert [row["cycle_mae"] for row in table[:2]] == ["", "0.125"]
    assert read(tmp_path / "e" / "per_subject.csv")[0]["images"] == "1"
    rows = read(tmp_path / "e" / "summary.csv")
    assert [float(row["mean"]) for row in rows] == [row["mean"] for row in summary]
    assert read(tmp_path / "e" / "wilcoxon.csv")[0]["why"].startswith("p < 0.05 needs 6")

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    content = json.loads((tmp_path / "e" / "summary.json").read_text(), parse_constant=refuse)
    assert content["notes"] == ["n"]
    assert content["interval"]["resamplings"] == 2000
    assert {"gan_mri", "numpy", "scipy", "scikit-image"} <= set(content["versions"])
    psnr = [row["mean"] for row in content["summary"] if row["metric"] == "psnr"]
    assert psnr == ["inf", "inf"]


def test_several_ways_to_one_contrast_are_told_apart():
    rows = [
        {**row, "direction": name, "subject": "s", "image": "s"}
        for name in ("a", "b")
        for row in ({"method": "unit", "contrast": "CT", "mae": 0.5},)
    ]
    found = evaluation(rows)
    found.sources.update({"a": "T1w", "b": "T2w"})
    assert "synthetic CT from T1w" in found.table() and "synthetic CT from T2w" in found.table()
