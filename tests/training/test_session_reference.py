"""A run whose translator A2B takes a reference and B2A none: method 5 of paper 000."""

import json

import numpy as np
import pytest
import runs
from PIL import Image

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.training import monitor

SIZE = (24, 24, 3)
SETTINGS = {**runs.SMALLEST, "bins": 8, "bandwidth": 0.1, "spectral_normalization": False}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(run, folder of data, titles of the sheets)."""
    folder = tmp_path_factory.mktemp("referring")
    runs.write_pictures(folder / "data", SIZE, trainA=2, trainB=3, testA=2, testB=2)
    titles, real = [], monitor.sample_sheet

    def sheet(*arguments, title, **options):
        titles.append(title)
        real(*arguments, title=title, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monitor, "sample_sheet", sheet)
        run = gan_mri.train(
            "wada/method5", data=folder / "data", out=folder / "run", epochs=1, strategy="none",
            precision="float32", progress=False, **SETTINGS,
        )  # fmt: skip
    return run, folder / "data", titles


def test_exports_say_what_they_take(trained):
    run, *_ = trained
    for direction, takes in (("A2B", True), ("B2A", False)):
        translator = run.translator(direction)
        assert translator.takes_reference is takes
        assert translator.card.content["takes_reference"] is takes


def test_the_export_is_the_trained_network(trained):
    from gan_mri.histogram import color_histogram

    run, *_ = trained
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (2, *SIZE)).astype("float32")
    references = rng.uniform(-0.5, 1, (2, 15, 33, 3)).astype("float32")
    histograms = np.asarray(color_histogram(references, 8, 0.1))
    expected = run.network("G_A2B")([images, histograms])
    np.testing.assert_allclose(run.translator("A2B")(images, references), expected, atol=1e-5)
    expected = run.network("G_B2A")(images)
    np.testing.assert_allclose(run.translator("B2A")(images), expected, atol=1e-5)


def test_what_was_held_out(trained):
    """The cycle A -> B -> A takes the row's B as reference, B -> A -> B the source B."""
    run, data, _ = trained
    loaded = gan_mri.data.load(data).test
    there, back = run.translator("A2B"), run.translator("B2A")
    errors = {"A": [], "B": []}
    for index in range(2):
        A, B = loaded.A[index][np.newaxis], loaded.B[index][np.newaxis]
        errors["A"].append(np.abs(back(there(A, B)) - A)[0][loaded.A.mask(index)].mean())
        errors["B"].append(np.abs(there(back(B), B) - B)[0][loaded.B.mask(index)].mean())
    measured = run.held_out
    for domain, values in errors.items():
        found = measured["metrics"]["trained"][f"cycle_mae_{domain}"]
        assert found == pytest.approx(np.mean(values), rel=1e-4)
    assert measured["convention"] == (
        "intensities scaled to [-1, 1] (data range 2), foreground of the source, mean over slices; "
        "reference: the real image of the target domain in the row"
    )


def test_sheets_name_the_reference(trained):
    *_, titles = trained
    assert titles == [
        "epoch 1 of 1 (A and B are of different subjects); reference for B: the real one of the row"
    ]


def test_translate_and_evaluate(trained, tmp_path):
    run, data, _ = trained
    source, reference = data / "testA" / "testA-0.png", data / "testB" / "testB-1.png"
    gan_mri.translate(run.folder, source, tmp_path / "b.png", reference=reference, progress=False)
    gan_mri.translate(run.folder, reference, tmp_path / "a.png", direction="B2A", progress=False)
    with pytest.raises(GanMriError, match="export/A2B makes an image after a reference"):
        gan_mri.translate(run.folder, source, tmp_path / "none.png", progress=False)
    with pytest.raises(GanMriError, match="export/B2A takes no reference"):
        gan_mri.translate(
            run.folder,
            source,
            tmp_path / "none.png",
            direction="B2A",
            reference=reference,
            progress=False,
        )
    with (
        Image.open(source) as one,
        Image.open(reference) as other,
        Image.open(tmp_path / "b.png") as made,
    ):
        images, references = (np.array(image)[np.newaxis] / 127.5 - 1 for image in (one, other))
        expected = (run.translator("A2B")(images, references)[0] + 1) * 127.5
        assert np.abs(np.array(made) - expected).max() < 0.51
    evaluation = gan_mri.evaluate(run.folder, out=tmp_path / "evaluation", progress=False)
    assert {row["metric"] for row in evaluation.summary} >= {"cycle_mae", "sharpness"}
    # One name, one number, in training and in evaluation.
    rows = [row for row in evaluation.summary if row["metric"] == "cycle_mae"]
    found = {f"cycle_mae_{row['direction'][0]}": row["mean"] for row in rows}
    trained = run.held_out["metrics"]["trained"]
    assert found == pytest.approx({name: trained[name] for name in found}, rel=1e-4)
    assert set(found) == {"cycle_mae_A", "cycle_mae_B"}


def test_the_command_that_is_shown(trained, capsys):
    run, *_ = trained
    gan_mri.train(out=run.folder, resume=True)
    text = capsys.readouterr().out
    assert f"gan_mri.translate {run.folder} INPUT OUTPUT --reference IMAGE\n" in text
    written = json.loads((run.folder / "held_out.json").read_text())
    assert list(written["metrics"]) == ["untrained", "trained"]
