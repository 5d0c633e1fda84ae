import csv

import color_runs
import numpy as np
import pytest
import untrained_runs
from color_runs import Domain, Translator, tinted
from PIL import Image

from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.papers.wada import sections as module
from gan_mri.papers.wada.round_robin import round_robin
from gan_mri.papers.wada.sections import color_sections
from gan_mri.reporting.page import Picture, Table, write_page
from gan_mri.runs.run import Run

NUMBERS = {
    "method1": ("CycleGAN", 14.1),
    "method2": ("CycleGAN + SN", 13.7),
    "method6": ("proposed <b>", 4.6),
}


def runs(**changes):
    data = changes.pop("data", None) or color_runs.data()
    plain = Translator(lambda image: 0.8 * image, takes_reference=False)
    made = {"method1": plain, "method6": Translator(tinted)}
    return {
        name: color_runs.run(one, data, folder=f"runs/{name}", **changes)
        for name, one in made.items()
    }


def sections(folder, given=None, *, best="method6"):
    return color_sections(
        runs() if given is None else given, folder, numbers=NUMBERS, best=best, progress=False
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A folder and the sections that filled it, only to be read."""
    folder = tmp_path_factory.mktemp("colours")
    return folder, sections(folder)


def tables(found):
    return [block for block in found[0].blocks if isinstance(block, Table)]


def pictures(found):
    return [block for block in found[1].blocks if isinstance(block, Picture)]


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_table_1_beside_the_papers(done):
    table, _ = tables(done[1])
    assert [row[:3] for row in table.rows] == [
        (1, "method1", "CycleGAN"),
        (2, "method2", "CycleGAN + SN"),
        (3, "method6", "proposed <b>"),
    ]
    assert [row[3].text for row in table.rows] == ["14.1", "13.7", "4.6"]
    assert table.rows[1][4:] == (None, None)  # was not trained here
    for (*_, difference, structure), run in zip((table.rows[0], table.rows[2]), runs().values()):
        found = round_robin(run, progress=False)
        mean, sd = np.mean(found.differences), np.std(found.differences, ddof=1)
        assert difference.text == f"{mean:.1f} ± {sd:.1f}"
        assert structure.text.startswith(f"{found.structure.mean():.3f} ± ")
        low, high = map(float, difference.note.split(" to "))
        assert low < mean < high
    assert [row[4].best for row in (table.rows[0], table.rows[2])] == [False, True]


def test_baselines(done):
    found = round_robin(runs()["method1"], progress=False)
    _, table = tables(done[1])
    means = [found.untranslated, found.other_reference, found.mean_reference]
    assert [float(row[1].text.split()[0]) for row in table.rows] == [
        round(x.mean(), 1) for x in means
    ]


def test_orders_and_tolerance(done):
    lines = [block.text for block in done[1][0].blocks if hasattr(block, "text")]
    (order,) = [line for line in lines if "Smallest first" in line]
    assert "here: method6, method1; in the paper: method6, method2, method1." in order
    assert order.endswith("here: none; in the paper: method6.")


def test_every_combination_as_csv(done):
    rows = read(done[0] / "colour_difference.csv")
    assert len(rows) == 2 * 4 * 3
    found = round_robin(runs()["method6"], progress=False)
    (row,) = [row for row in rows if list(row.values())[:3] == ["method6", "render 2", "photo 1"]]
    expected = [one[2, 1] for one in (found.differences, found.structure, found.untranslated)]
    names = ("colour_difference", "structure", "untranslated")
    np.testing.assert_allclose([float(row[name]) for name in names], expected)


def test_table_1_as_csv(done):
    rows = read(done[0] / "table1.csv")
    names = ["method1", "method2", "method6", "untranslated", "other_reference", "mean_reference"]
    assert [row["method"] for row in rows] == names
    assert [row["paper"] for row in rows] == ["14.1", "13.7", "4.6", "", "", ""]
    found = round_robin(runs()["method6"], progress=False)
    assert float(rows[2]["mean"]) == pytest.approx(found.differences.mean())
    assert float(rows[2]["structure"]) == pytest.approx(found.structure.mean())
    assert float(rows[2]["low"]) < float(rows[2]["mean"]) < float(rows[2]["high"])
    assert rows[1]["mean"] == ""


@pytest.mark.parametrize("best, shown", [("method1", "method1"), ("method2", "method6")])
def test_figure_4_is_of_the_best_method_or_says_of_which(tmp_path, monkeypatch, best, shown):
    asked = []
    draw = module.grid_figure
    monkeypatch.setattr(
        module, "grid_figure", lambda path, found: asked.append(found) or draw(path, found)
    )
    found = sections(tmp_path, best=best)
    expected = round_robin(runs()[shown], progress=False)
    np.testing.assert_allclose(asked[0].differences, expected.differences)
    assert [one.path.name for one in pictures(found)] == ["colour_methods.png", "colour_grid.png"]
    assert pictures(found)[1].caption.startswith(f"{shown}: ")


def test_a_page_can_hold_them(tmp_path, done):
    text = write_page(tmp_path / "index.html", "Colours", done[1]).read_text(encoding="utf-8")
    assert text.count("<img") == 2
    assert "proposed &lt;b&gt;" in text
    assert "D65" in text and "2 degree observer" in text and "data range" in text


def test_one_method_one_source_and_one_reference(tmp_path):
    data = color_runs.data(sources=1, references=1)
    one = {"method6": runs(data=data)["method6"]}
    table, baselines = tables(sections(tmp_path, one))
    difference = table.rows[2][4]
    assert "±" not in difference.text and not difference.note and not difference.best
    assert baselines.rows[1][1] is None  # there is no other reference


def test_runs_of_the_same_data_load_them_once(tmp_path):
    given, loads = runs(), []
    for run in given.values():
        load_data = run.load_data
        run.load_data = lambda load_data=load_data: loads.append(1) or load_data()
    sections(tmp_path, given)
    assert len(loads) == 1


def test_runs_on_other_images_are_refused(tmp_path):
    given = runs()
    other = color_runs.data()
    other.test.images["B"] = Domain(color_runs.images(3, 9), "photo")
    given["method6"] = color_runs.run(Translator(tinted), other, folder="runs/method6")
    given["method6"].config["data"] = {"source": "elsewhere"}
    with pytest.raises(GanMriError, match="method1 and runs/method6.*other reference colors"):
        sections(tmp_path, given)


def test_refuses_methods_without_numbers_and_gray_images(tmp_path):
    with pytest.raises(
        GanMriError, match="expected runs of method1, method2, method6.*Received: unet"
    ):
        sections(tmp_path, {"unet": runs()["method1"]})
    with pytest.raises(GanMriError, match="Received: none"):
        sections(tmp_path, {})
    with pytest.raises(GanMriError, match="expected RGB images"):
        sections(tmp_path, runs(data=color_runs.data(channels=1)))


def test_run_folders_of_real_pictures(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    for part in ("trainA", "trainB", "testA", "testB"):
        (tmp_path / "data" / part).mkdir(parents=True)
        for number in range(2):
            values = rng.integers(30, 220, (24, 24, 3), dtype=np.uint8)
            Image.fromarray(values).save(tmp_path / "data" / part / f"{part}-{number}.png")
    data = load(tmp_path / "data")
    names = ("method1", "method6")
    given = {name: untrained_runs.write_run(tmp_path / name, data) for name in names}
    monkeypatch.setattr(Run, "translator", lambda run, direction: Translator(tinted))
    table, _ = tables(sections(tmp_path, given))
    found = round_robin(given["method6"], data=data, progress=False)
    assert found.sources == ["testA-0", "testA-1"]
    assert table.rows[2][4].text.startswith(f"{found.differences.mean():.1f} ±")
