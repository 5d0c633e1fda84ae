import pretended
import pytest

from gan_mri.evaluation.comparison_setup import cost, setup_section
from gan_mri.reporting.page import Listing, Table
from gan_mri.runs.run import Run
from gan_mri.tasks import Direction, Task


def run(folder, recipe="welander/cyclegan", **options):
    pretended.write_run(folder, recipe, **options)
    return Run(folder)


def test_cost_from_the_history(tmp_path):
    found = cost(run(tmp_path / "a", batch_size=3, filters=8, decay_epoch=1))
    # 10 steps of 3 images on 2 replicas at 2 images a second, 10 at 5.
    seconds = 10 * 6 / 2 + 10 * 6 / 5
    assert found["minutes"] == pytest.approx(seconds / 60)
    assert found["images_per_second"] == pytest.approx(120 / seconds)
    assert (found["epochs"], found["steps"], found["batch_size"]) == (2, 20, 6)
    assert (found["training"], found["precision"]) == ("unpaired", "float32")
    assert found["settings"] == "filters=8"
    assert cost(run(tmp_path / "b", "welander/generators_s"))["training"] == "pairs"


def data_rows(runs):
    section = setup_section(runs, {name: cost(one) for name, one in runs.items()})
    return dict(section.blocks[0].rows)


def test_data(tmp_path):
    found = data_rows({"cyclegan": run(tmp_path / "a", source="/data/<b>")})
    assert found == {
        "source": "/data/<b> (phantom)",
        "contrasts": "A = T1w, B = T2w",
        "slices": "axial, 10:20",
        "size in training": "24 x 20 (crop)",
        "intensity scaling": "T1w: volume; T2w: window",
        "seed": "7",
        "train": "2 subjects, 2 images of T1w, 2 of T2w, 2 pairs: sub-1, sub-2",
        "validation": "none",
        "test": "1 subject, 1 images of T1w, 1 of T2w, 1 pairs: sub-3",
        "versions": "gan_mri 0.1.0",
    }


def test_methods_with_other_subjects_are_told(tmp_path):
    fewer = pretended.SUBJECTS | {"train": ["sub-1"]}
    runs = {
        "cyclegan": run(tmp_path / "a"),
        "unit": run(tmp_path / "b"),
        "simple": run(tmp_path / "c", "welander/simple", subjects=fewer),
    }
    found = data_rows(runs)
    assert found["train of cyclegan, unit"].startswith("2 subjects")
    assert found["train of simple"].startswith("1 subject,")
    assert "test" in found and "train" not in found


def test_many_subjects_are_not_all_named(tmp_path):
    many = pretended.SUBJECTS | {"train": [f"sub-{number}" for number in range(1000)]}
    found = data_rows({"cyclegan": run(tmp_path / "a", subjects=many)})["train"]
    assert found.startswith("1000 subjects")
    assert "sub-59" in found and "sub-60" not in found and "config.json" in found


def test_table_of_costs(tmp_path):
    runs = {"cyclegan": run(tmp_path / "a", decay_epoch=1, filters=8), "unit": run(tmp_path / "b")}
    section = setup_section(runs, {name: cost(one) for name, one in runs.items()})
    table = [block for block in section.blocks if isinstance(block, Table)][1]
    cells = [dict(zip(table.header, line)) for line in table.rows]
    assert [line["method"] for line in cells] == ["cyclegan", "unit"]
    assert [line["rate falls after"] for line in cells] == [1, None]
    # 10 steps of 1 image on 2 replicas at 2 images a second, 10 at 5: 14 s
    assert [line["minutes"].text for line in cells] == ["0.2", "0.2"]
    assert section.blocks[-1] == Listing(("cyclegan: filters=8",))


def test_volumes_of_three_domains(tmp_path):
    task = Task(
        ("T1w", "distorted", "undistorted"),
        (Direction("undistorted", ("T1w", "distorted"), "undistorted"),),
    )
    contrasts = ("T1w", "b0", "b0fix")
    found = data_rows({"synb0": run(tmp_path / "a", task=task, contrasts=contrasts)})
    assert found["contrasts"] == "T1w, distorted = b0, undistorted = b0fix"
    assert found["images"] == "whole volumes" and "slices" not in found
    assert found["voxel size"] == "2 x 2 x as it is mm"
    assert found["size in training"] == "24 x 20 x 18 (crop)"
    assert found["intensity scaling"] == "T1w: volume; b0: window; b0fix: window"
    assert found["test"] == (
        "1 subject, 1 images of T1w, 1 of b0, 1 of b0fix, 1 of all contrasts: sub-3"
    )


def test_the_batch_of_a_resumed_run_is_that_over_all_replicas(tmp_path):
    one = run(tmp_path / "a", batch_size=3)
    one.config["global_batch_size"] = 4
    assert cost(one)["batch_size"] == 4
