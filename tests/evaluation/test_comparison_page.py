import csv

import pretended
import pytest

from gan_mri.errors import GanMriError
from gan_mri.evaluation.comparison_page import paper_sections, write_comparison
from gan_mri.evaluation.report import FIGURES
from gan_mri.papers.paper import Paper
from gan_mri.reporting.page import Paragraph, Section
from gan_mri.runs.run import Run

METHODS = ("generators_s", "simple")
HOSTILE = "<script>alert(1)<b>"


def compared(folder, paper=Paper(title="A paper"), **options):
    for method in METHODS:
        pretended.write_run(folder / method, f"welander/{method}", **options)
    runs = {method: Run(folder / method) for method in METHODS}
    evaluation = pretended.evaluation(folder / "evaluation", METHODS)
    own = paper_sections(folder, paper, runs, evaluation)
    path = write_comparison(folder, paper, runs, evaluation, own)
    assert path == folder / "index.html"
    return path.read_text(encoding="utf-8")


def test_sections_in_order(tmp_path):
    text = compared(tmp_path)
    titles = [part.partition("</h2>")[0] for part in text.split("<h2>")[1:]]
    assert titles == [
        "What was compared",
        "Result",
        "Differences between methods",
        "What the paper found",
        "Figures",
        "Samples after the last epoch",
        "Conventions",
    ]
    assert "mean absolute error of it all" in text
    assert text.count("<img") == 1 + len(METHODS)
    assert "simple (simple/samples/epoch-0002.png)" in text


def test_names_of_files_and_subjects_are_escaped(tmp_path):
    subjects = {"train": [HOSTILE], "validation": [], "test": ["sub-3"]}
    text = compared(tmp_path, source=f"/data/{HOSTILE}", subjects=subjects)
    assert "<script" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;b&gt;") == 2


def test_paper_brings_findings_numbers_and_sections(tmp_path):
    def sections(paper, runs, evaluation, folder, *, progress):
        assert progress and paper.title == "A & B"
        assert list(runs) == evaluation.methods == list(METHODS)
        return [Section("Its own table", (Paragraph(f"in {folder.name}"),))]

    paper = Paper(
        title="A & B",
        source="Somebody 2030",
        findings=("It is good.",),
        numbers={"mae": {"simple": {"A2B": 0.4321}}},
        sections=sections,
    )
    text = compared(tmp_path, paper)
    assert "<h1>A &amp; B</h1>" in text
    assert "Somebody 2030. 2 methods" in text
    assert "<li>It is good.</li>" in text
    assert "0.4321" not in text  # the paper's own section sets its numbers beside the results
    assert f"<p>in {tmp_path.name}</p>" in text


def test_methods_as_csv(tmp_path):
    compared(tmp_path)
    with open(tmp_path / "methods.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["method"] for row in rows] == list(METHODS)
    assert rows[0]["recipe"] == "welander/generators_s"
    assert float(rows[0]["minutes"]) == pytest.approx((20 / 2 + 20 / 5) / 60)


def test_missing_sheet_is_named(tmp_path):
    for method in METHODS:
        pretended.write_run(tmp_path / method, f"welander/{method}")
    (tmp_path / "simple" / "samples" / "epoch-0002.png").unlink()
    runs = {method: Run(tmp_path / method) for method in METHODS}
    evaluation = pretended.evaluation(tmp_path / "evaluation", METHODS)
    with pytest.raises(GanMriError, match="epoch-0002.png: expected a PNG"):
        write_comparison(tmp_path, Paper(title="A paper"), runs, evaluation)
    assert not (tmp_path / "index.html").exists()


def test_every_figure_has_a_caption(tmp_path):
    for method in METHODS:
        pretended.write_run(tmp_path / method, f"welander/{method}")
    runs = {method: Run(tmp_path / method) for method in METHODS}
    evaluation = pretended.evaluation(tmp_path / "evaluation", METHODS)
    evaluation.figures.update({name: evaluation.figures["figure2"] for name in FIGURES})
    text = write_comparison(tmp_path, Paper(title="A paper"), runs, evaluation).read_text()
    for name in FIGURES:
        assert f"<figcaption>{name} " not in text
    assert text.count("<figcaption>") == len(FIGURES) + len(METHODS)
