import keras
import numpy as np
import pytest
import referring
from PIL import Image
from runs import write_pictures
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan_mri.data import load
from gan_mri.data.images.geometry import Geometry
from gan_mri.data.samples import Split
from gan_mri.runs.history import History
from gan_mri.tasks import TWO_DOMAINS, Direction, Task, Term
from gan_mri.training import monitor as monitor_module
from gan_mri.training.held_out import translator
from gan_mri.training.monitor import Monitor, held_out_split

TERMS = {"G_total": Term("total")}
LOSSES = {"step": 3, "learning_rate_factor": 1.0, "G_total": 2.5}


class Model:
    """Translates by a factor that a test may change."""

    def __init__(self):
        self.scales = {}
        self.translators = {}
        for direction in ("A2B", "B2A"):
            image = keras.Input((None, None, 1), name="image")
            scale = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer="ones")
            self.translators[direction] = keras.Model(image, scale(image))
            self.scales[direction] = scale

    def set(self, factor):
        for scale in self.scales.values():
            scale.set_weights([np.full((1, 1, 1, 1), factor, np.float32)])


@pytest.fixture
def unpaired(tmp_path):
    return load(write_pictures(tmp_path / "data", trainA=3, trainB=2, testA=2, testB=3))


@pytest.fixture
def validated(unpaired):
    """The test part taken for validation."""
    return unpaired._replace(validation=unpaired.test, test=unpaired.train)


def make(folder, model, data, **options):
    options = {"evaluate_every": 2, "epochs": 5, "task": TWO_DOMAINS, "terms": TERMS, **options}
    return Monitor(folder, translator(model), data, Geometry((24, 24)), **options)


def after_epochs(folder, data, factors, **options):
    """What `after_epoch` says of every epoch, and the monitor's history."""
    model = Model()
    monitor = make(folder, model, data, **options)
    answers = []
    for epoch, factor in enumerate(factors, start=1):
        model.set(factor)
        answers.append(monitor.after_epoch(epoch, LOSSES))
    monitor.close()
    return answers, History(folder).rows


@pytest.fixture
def no_pictures(monkeypatch):
    """Drawing has tests of its own, and takes a second a time."""
    monkeypatch.setattr(monitor_module, "history_figure", lambda *arguments: None)
    monkeypatch.setattr(
        monitor_module,
        "sample_sheet",
        lambda path, *arguments, **options: (
            path.parent.mkdir(exist_ok=True),
            Image.new("RGB", (4, 4)).save(path),
        ),
    )


def test_after_the_first_epoch_every_nth_and_the_last(tmp_path, validated, no_pictures):
    answers, rows = after_epochs(tmp_path / "run", validated, [0.4, 0.5, 1, 0.9, 0.8])
    measured = [row["cycle_mae_A"] is not None for row in rows]
    assert measured == [True, True, False, True, True]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5]
    assert all(row["G_total"] == 2.5 for row in rows)
    # Twice a factor f leaves 1 - f ** 2 of the image as its error: 0.84, 0.75, 0.19, 0.36.
    assert answers == [True, True, False, True, False]
    for row, factor in ((rows[0], 0.4), (rows[1], 0.5), (rows[4], 0.8)):
        for name, domain in (("A", validated.validation.A), ("B", validated.validation.B)):
            images = np.mean([np.abs(domain[i])[domain.mask(i)].mean() for i in range(2)])
            expected = (1 - factor**2) * images
            assert row[f"cycle_mae_{name}"] == pytest.approx(expected, rel=1e-4)


def test_the_best_is_never_chosen_on_test_subjects(tmp_path, unpaired, no_pictures):
    answers, rows = after_epochs(tmp_path / "run", unpaired, [0.4, 0.9], evaluate_every=1)
    assert answers == [False, False] and rows[1]["cycle_mae_A"] < rows[0]["cycle_mae_A"]


def test_the_best_of_a_resumed_run_counts_earlier_epochs(tmp_path, validated, no_pictures):
    after_epochs(tmp_path / "run", validated, [0.9], evaluate_every=1)
    model = Model()
    monitor = make(tmp_path / "run", model, validated, evaluate_every=1)
    for epoch, factor, best in ((2, 0.8, False), (3, 0.95, True)):
        model.set(factor)
        assert monitor.after_epoch(epoch, LOSSES) is best
    monitor.close()


def test_without_held_out_images_nothing_is_measured(tmp_path, no_pictures):
    data = load(write_pictures(tmp_path / "data", trainA=3, trainB=3))
    answers, rows = after_epochs(tmp_path / "run", data, [1, 1], evaluate_every=1)
    assert answers == [False, False]
    assert [set(row) for row in rows] == [{"epoch", *LOSSES}] * 2


def test_the_sheet_shows_held_out_images_and_their_translations(tmp_path, unpaired, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        monitor_module,
        "sample_sheet",
        lambda *arguments, **options: drawn.append((arguments, options)),
    )
    model = Model()
    model.set(0.5)
    monitor = make(tmp_path / "run", model, unpaired)
    monitor.draw("sheet.png", title="epoch 1 of 5")
    monitor.close()
    (((path, columns, rows), options),) = drawn
    assert path == "sheet.png"
    assert options["title"] == "epoch 1 of 5 (A and B are of different subjects)"
    assert columns == [
        "A (real)",
        "B (translated)",
        "B (real)",
        "A (translated)",
        "A (reconstructed)",
        "B (reconstructed)",
    ]
    assert [label for label, _ in rows] == ["testA-0 | testB-0", "testA-1 | testB-1"]
    for index, (_, images) in enumerate(rows):
        A, B = unpaired.test.A[index], unpaired.test.B[index]
        for image, expected in zip(images, (A, A / 2, B, B / 2, A / 4, B / 4), strict=True):
            np.testing.assert_allclose(image, expected, atol=1e-6)


def test_the_sheet_shows_and_names_what_was_referred_to(tmp_path, unpaired, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        monitor_module,
        "sample_sheet",
        lambda *arguments, **options: drawn.append((arguments, options)),
    )

    class Referring:
        translators = {"A2B": referring.network(1), "B2A": referring.plain(1)}

    monitor = make(tmp_path / "run", Referring(), unpaired)
    monitor.draw("sheet.png", title="epoch 1 of 5")
    Referring.translators["B2A"] = referring.network(1)
    make(tmp_path / "run", Referring(), unpaired).draw("sheet.png", title="epoch 1 of 5")
    monitor.close()
    (one, options), (both, options_of_both) = drawn
    assert options["title"].endswith("; reference for B: the real one of the row")
    assert options_of_both["title"].endswith("; reference for B and A: the real one of the row")
    A, B = unpaired.test.A[0], unpaired.test.B[0]
    mean_A, mean_B = A.mean() / 2, B.mean() / 2
    as_B, as_A = A / 2 + mean_B, B / 2 + mean_A
    expected = (A, as_B, B, B / 2, as_B / 2, B / 4 + mean_B)
    for image, wanted in zip(one[2][0][1], expected, strict=True):
        np.testing.assert_allclose(image, wanted, atol=1e-6)
    expected = (A, as_B, B, as_A, as_B / 2 + mean_A, as_A / 2 + mean_B)
    for image, wanted in zip(both[2][0][1], expected, strict=True):
        np.testing.assert_allclose(image, wanted, atol=1e-6)


def test_pictures_and_tensorboard_are_written(tmp_path, unpaired):
    folder = tmp_path / "run"
    monitor = make(folder, Model(), unpaired, evaluate_every=1)
    monitor.after_epoch(1, LOSSES)
    monitor.close()
    with Image.open(folder / "samples" / "epoch-0001.png") as sheet:
        assert min(sheet.size) > 48
    with Image.open(folder / "curves.png") as curves:
        assert min(curves.size) > 100
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    assert {"G_total", "cycle_mae_A"} <= set(events.Tags()["tensors"])
    assert "epoch" not in events.Tags()["tensors"]


@pytest.mark.parametrize(
    "validation, test, expected",
    [
        ((1, 1), (1, 1), "validation"),
        ((0, 0), (1, 1), "test"),
        ((1, 0), (2, 3), "test"),
        ((0, 0), (0, 0), None),
        ((0, 0), (0, 4), None),
    ],
)
def test_validation_comes_before_test(validation, test, expected):
    class Data:
        pass

    Data.validation, Data.test = (
        Split(dict(zip("AB", map(range, counts)))) for counts in (validation, test)
    )
    assert held_out_split(Data) is (expected and getattr(Data, expected))


def drawings(monkeypatch):
    """What `sample_sheet` is called with, in place of drawing."""
    drawn = []
    monkeypatch.setattr(
        monitor_module,
        "sample_sheet",
        lambda path, columns, rows, **options: drawn.append((columns, rows, options["title"])),
    )
    return drawn


class Adding:
    """Translators for a task with several sources: the mean of all inputs, by their names."""

    def __init__(self, task, rank=2):
        self.translators = {}
        for direction in task.directions:
            names = direction.inputs({name: name for name in task.domains})
            inputs = [keras.Input((*[None] * rank, 1), name=name) for name in names]
            mean = keras.layers.Average()(inputs) if len(inputs) > 1 else inputs[0]
            self.translators[direction.name] = keras.Model(
                inputs, keras.layers.Activation("linear")(mean)
            )


def test_several_sources_have_no_way_back_to_show(tmp_path, monkeypatch):
    drawn = drawings(monkeypatch)
    domains = ("T1w", "PDw", "T2w")
    task = Task(domains, (Direction("T2w", ("T1w", "PDw"), "T2w"),), domains)
    options = {"subjects": 4, "image_size": (24, 24), "split": (0.5, 0, 0.5)}
    data = load("phantom", contrasts=domains, **options)
    monitor = make(tmp_path / "run", Adding(task), data, task=task)
    monitor.draw("sheet.png", title="epoch 1 of 5")
    monitor.close()
    ((columns, rows, title),) = drawn
    assert title == "epoch 1 of 5"
    assert columns == ["T1w (real)", "PDw (real)", "T2w (translated)", "T2w (real)"]
    t1, pd, t2 = (data.test[name][0] for name in domains)
    for image, expected in zip(rows[0][1], (t1, pd, (t1 + pd) / 2, t2), strict=True):
        np.testing.assert_allclose(image, expected, atol=1e-6)


def test_two_directions_to_one_target_have_a_column_each(tmp_path, monkeypatch):
    drawn = drawings(monkeypatch)
    domains = ("T1w", "PDw", "T2w")
    ways = tuple(Direction(f"{name}2T2w", (name,), "T2w") for name in domains[:2])
    data = load("phantom", contrasts=domains, subjects=3, image_size=(24, 24))
    model = Adding(Task(domains, ways))
    make(tmp_path / "run", model, data, task=Task(domains, ways)).draw("sheet.png", title="t")
    ((columns, rows, _),) = drawn
    assert columns == [
        "T1w (real)",
        "T2w (translated, T1w2T2w)",
        "PDw (real)",
        "T2w (translated, PDw2T2w)",
        "T2w (real)",
    ]
    np.testing.assert_allclose(rows[0][1][3], rows[0][1][2], atol=1e-6)


def test_volumes_are_shown_in_three_planes(tmp_path, monkeypatch):
    """Axial, coronal, sagittal through the middle, each with the last row at the bottom."""
    drawn = drawings(monkeypatch)
    task = Task.between("A", "B")
    shape = (20, 22, 18)
    options = {"subjects": 3, "image_size": shape, "split": (0.4, 0, 0.6)}
    data = load("phantom", **options)
    monitor = Monitor(
        tmp_path / "run",
        translator(Adding(task, rank=3)),
        data,
        Geometry(shape, "crop"),
        task=task,
        terms=TERMS,
        evaluate_every=1,
        epochs=1,
    )
    monitor.draw("sheet.png", title="epoch 1 of 1")
    monitor.close()
    ((columns, rows, _),) = drawn
    assert columns[:2] == ["T1w (real)", "T2w (translated)"]
    volume = data.test.A[0][..., 0]
    picture = rows[0][1][0][..., 0]
    assert picture.shape == (22, 20 + 2 + 20 + 2 + 22)
    np.testing.assert_array_equal(picture[:, :20], volume[:, ::-1, 9].T)
    # The coronal and the sagittal plane are 18 high, so two rows are empty above and below.
    np.testing.assert_array_equal(picture[2:20, 22:42], volume[:, 11, ::-1].T)
    np.testing.assert_array_equal(picture[2:20, 44:], volume[10, :, ::-1].T)
    assert (picture[:2, 20:] == -1).all() and (picture[20:, 20:] == -1).all()
    assert (picture[:, 20:22] == -1).all()
