import numpy as np
import pretended
import pytest

from gan_mri.evaluation import stage_sheets
from gan_mri.evaluation.passes import Shown
from gan_mri.evaluation.ways import ways_of
from gan_mri.tasks import Task

WAYS = pretended.WAYS


@pytest.fixture
def sheets(monkeypatch):
    """What was drawn: columns, rows."""
    drawn = []
    monkeypatch.setattr(
        stage_sheets,
        "sample_sheet",
        lambda path, columns, rows, **kw: drawn.append((columns, rows)),
    )
    return drawn


def images(count, shape=(20, 16, 1)):
    return list(np.random.default_rng(1).uniform(-1, 1, (count, *shape)).astype("float32"))


def same(drawn, expected):
    return len(drawn) == len(expected) and all(a is b for a, b in zip(drawn, expected))


def test_the_cycle_sheet_has_three_images_each_way(tmp_path, sheets):
    a, b, *made = images(6)
    one = {
        "A2B": Shown("sub-1", {"A": a}, made[0], made[1], b),
        "B2A": Shown("sub-1", {"B": b}, made[2], made[3], a),
    }
    path = tmp_path / "c.png"
    assert stage_sheets.cycle_sheet(path, {"unit": one, "there": {"A2B": one["A2B"]}}, WAYS) == path
    ((columns, rows),) = sheets
    assert columns == [
        "T1w (real)", "T2w (translated)", "T1w (reconstructed)",
        "T2w (real)", "T1w (translated)", "T2w (reconstructed)",
    ]  # fmt: skip
    assert [label for label, _ in rows] == ["unit", "there"]
    assert same(rows[0][1], [a, made[0], made[1], b, made[2], made[3]])
    assert same(rows[1][1], [a, made[0], made[1], None, None, None])
    assert stage_sheets.translation_sheet(path, {"unit": one}, WAYS) is None


def test_without_a_way_back_sources_and_truths_stand_before_the_translations(tmp_path, sheets):
    task = Task.each_from_the_others(("T1w", "T2w", "PDw"))
    ways = ways_of(task, {domain: domain for domain in task.domains})
    real, made = dict(zip(task.domains, images(3))), dict(zip(task.domains, images(6)[3:]))
    one = {
        name: Shown("s", {d: real[d] for d in way.sources}, made[name], None, real[name])
        for name, way in ways.items()
    }
    path = tmp_path / "t.png"
    assert stage_sheets.cycle_sheet(path, {"unit": one}, ways) is None
    assert stage_sheets.translation_sheet(path, {"unit": one}, ways) == path
    ((columns, ((_, drawn),)),) = sheets
    assert columns == [
        "T1w (real)", "T2w (real)", "PDw (real)",
        "T1w (translated)", "T2w (translated)", "PDw (translated)",
    ]  # fmt: skip
    assert same(drawn, [*real.values(), *made.values()])


def test_several_ways_to_one_contrast_are_told_apart(tmp_path, sheets):
    a, b, *made = images(4)
    ways = {
        "a": WAYS["A2B"]._replace(name="a", back=None),
        "b": WAYS["A2B"]._replace(name="b", back=None, sources={"C": "PDw"}),
    }
    one = {
        "a": Shown("s", {"A": a}, made[0], None, None),
        "b": Shown("s", {"C": b}, made[1], None, None),
    }
    stage_sheets.translation_sheet(tmp_path / "t.png", {"unit": one}, ways)
    ((columns, ((_, drawn),)),) = sheets
    assert columns == [
        "T1w (real)", "PDw (real)",
        "T2w from T1w (translated)", "T2w from PDw (translated)",
    ]  # fmt: skip
    assert same(drawn, [a, b, *made])


def test_of_volumes_three_planes(tmp_path, sheets):
    x, *made = images(3, (9, 7, 5, 1))
    stage_sheets.cycle_sheet(
        tmp_path / "c.png",
        {"unit": {"A2B": Shown("s", {"A": x}, *made, None)}},
        {"A2B": WAYS["A2B"]},
    )
    ((_, ((_, drawn),)),) = sheets
    for picture, volume in zip(drawn, (x, *made)):
        # Axial (x to the right, y up), coronal, sagittal, 2 pixels apart.
        assert picture.shape == (7, 9 + 2 + 9 + 2 + 7, 1)
        np.testing.assert_array_equal(picture[:, :9, 0], volume[:, ::-1, 2, 0].T)
        np.testing.assert_array_equal(picture[1:6, 11:20, 0], volume[:, 3, ::-1, 0].T)
        np.testing.assert_array_equal(picture[1:6, 22:, 0], volume[4, :, ::-1, 0].T)
