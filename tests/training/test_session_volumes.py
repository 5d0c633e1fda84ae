"""A run on volumes, from training to translation."""

import shutil
from unittest import mock

import nibabel as nib
import numpy as np
import pytest
import runs
import tensorflow as tf
from data_samples import head, write_nifti
from PIL import Image

import gan_mri
from gan_mri.data.images.foreground import statistics
from gan_mri.data.sources.built_in import BUILT_IN
from gan_mri.inference import passes
from gan_mri.inference.rebuilt import rebuilt
from gan_mri.inference.volumes import apply_in_windows
from gan_mri.reporting.planes import as_picture
from gan_mri.runs.run import load_run
from gan_mri.training import monitor

SIZE = (20, 22, 24)
OPTIONS = {
    "recipe": "welander/generators_s",
    "filters": 2,
    "residual_blocks": 1,
    "precision": "float32",
    "strategy": "none",
    "progress": False,
}


@pytest.fixture(scope="module", autouse=True)
def quick():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monitor, "history_figure", lambda *arguments: None)
        patch.setitem(BUILT_IN, "phantom", BUILT_IN["phantom"]._replace(training_volumes=4))
        yield


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Two epochs on the phantom; and the rows of the sheets."""
    folder, drawn, real = tmp_path_factory.mktemp("volumes") / "run", [], monitor.sample_sheet

    def sheet(path, columns, rows, **options):
        drawn.append((path, columns, rows))
        real(path, columns, rows, **options)

    with mock.patch.object(monitor, "sample_sheet", sheet):
        run = gan_mri.train(
            out=folder, data="phantom", image_size=SIZE, split=(0.5, 0, 0.5), epochs=2, **OPTIONS
        )
    return run, drawn


def test_volumes_are_trained_on_and_measured_whole(trained):
    run, _ = trained
    assert run.config["geometry"] == {"size": list(SIZE), "fit": "crop"}
    assert run.config["view"]["plane"] == "volume" and run.view.rank == 3
    assert [row["step"] for row in run.history] == [2, 4]
    measured = run.held_out
    assert measured["unit"] == "volumes" and measured["slices"] == 2
    assert measured["convention"].endswith("mean over volumes")
    test = run.load_data().test
    for name, source, target in (("A2B", "A", "B"), ("B2A", "B", "A")):
        translator, errors = run.translator(name), []
        for index in range(2):
            mask = test.A.mask(index) | test.B.mask(index)
            made = translator(test[source][index][np.newaxis])[0]
            errors.append(np.abs(made - test[target][index])[mask].mean())
        found = measured["metrics"]["trained"][f"mae_{name}"]
        assert found == pytest.approx(np.mean(errors), rel=1e-4)
        assert found == run.history[-1][f"mae_{name}"]


def test_sheets_show_three_planes(trained):
    run, drawn = trained
    path, columns, rows = drawn[-1]
    assert path == run.folder / "samples" / "epoch-0002.png"
    assert columns[0] == "T1w (real)" and len(rows) == 2
    volume = run.load_data().test.A[0]
    assert rows[0][1][0].shape == (24, 20 + 2 + 20 + 2 + 22, 1)
    np.testing.assert_array_equal(rows[0][1][0], as_picture(volume, 3))
    with Image.open(path) as sheet:
        assert min(sheet.size) > 200


def test_the_signature_of_the_export(trained):
    run, _ = trained
    signature = tf.saved_model.load(str(run.exported("A2B"))).signatures["serving_default"]
    (spec,) = signature.structured_input_signature[1].values()
    assert spec.name == "image" and spec.shape.as_list() == [None] * 4 + [1]


def test_it_is_resumed(trained, tmp_path):
    """1 epoch and 1 more are 2, bit for bit."""
    run, _ = trained
    arguments = {name: run.config["arguments"][name] for name in ("split", "image_size")}
    gan_mri.train(out=tmp_path / "run", data="phantom", epochs=1, **arguments, **OPTIONS)
    gan_mri.train(out=tmp_path / "run", resume=True, epochs=2, progress=False)
    one, other = runs.last_checkpoint(run.folder), runs.last_checkpoint(tmp_path / "run")
    runs.assert_same_tensors(one, other)


#: Oblique and flipped; larger than in training.
AFFINE = np.array([[-1.9, 0.2, 0, 40], [0.2, 1.9, 0.1, -30], [0, -0.1, 2, -20], [0, 0, 0, 1]])


@pytest.fixture
def source(tmp_path):
    return write_nifti(tmp_path / "in.nii.gz", head((30, 27, 25), seed=1), AFFINE)


def scaled(translator, source):
    """The volume as the network sees it, and back."""
    image = nib.load(source)
    array = np.asarray(image.dataobj)
    turned = array[::-1]  # to RAS+: the first axis runs to the left
    scaling = translator.card.scalings["image"]
    return scaling.scale(turned, scaling.window(statistics(array)))[np.newaxis, ..., np.newaxis]


def written(path):
    return np.asarray(nib.load(path).dataobj)


def test_a_volume_is_translated_whole(trained, source, tmp_path):
    run, _ = trained
    for name in ("A2B", "B2A"):
        output = tmp_path / f"{name}.nii"
        gan_mri.translate(run.folder, source, output, direction=name, progress=False)
        translator = run.translator(name)
        made = translator(scaled(translator, source))[0, ..., 0]
        expected = translator.card.target_scaling.invert(made)[::-1]
        assert np.abs(written(output) - expected).max() < 0.51
        np.testing.assert_allclose(nib.load(output).affine, AFFINE, atol=1e-6)


@pytest.mark.parametrize("memory", [0.2, 4])
def test_in_a_bound_of_memory_it_is_the_same(trained, source, tmp_path, memory):
    """Up to rounding: here to whole numbers, which the file holds."""
    run, _ = trained
    gan_mri.translate(run.folder, source, tmp_path / "one.nii", progress=False)
    with mock.patch.object(passes, "apply_exactly", wraps=passes.apply_exactly) as exactly:
        gan_mri.translate(run.folder, source, tmp_path / "two.nii", memory=memory, progress=False)
    assert exactly.call_args.kwargs["memory"] == memory
    one, two = written(tmp_path / "one.nii"), written(tmp_path / "two.nii")
    assert np.abs(one.astype(int) - two).max() <= 1 and np.ptp(one) > 100


def test_where_memory_is_short_it_goes_in_slabs_by_itself(
    trained, source, tmp_path, caplog, monkeypatch
):
    run, _ = trained
    # Unchecked: its voxels are unlike those of training.
    gan_mri.translate(run.folder, source, tmp_path / "one.nii", check=False, progress=False)
    assert not caplog.records
    monkeypatch.setattr(passes, "available_memory", lambda: 0.2 * 2**30)
    monkeypatch.setattr(passes, "whole_memory", lambda network, shape: 7.5)
    gan_mri.translate(run.folder, source, tmp_path / "two.nii", check=False, progress=False)
    (message,) = [record.getMessage() for record in caplog.records]
    assert "one pass over the volume would take about 7.5 GiB of the 0.2 there are" in message
    one, two = written(tmp_path / "one.nii"), written(tmp_path / "two.nii")
    assert np.abs(one.astype(int) - two).max() <= 1


def test_in_windows_it_is_blended_and_the_mismatch_is_printed(trained, source, tmp_path, capsys):
    run, _ = trained
    gan_mri.translate(run.folder, source, tmp_path / "out.nii", windows=(20, 20, 18))
    translator = run.translator()
    made, mismatch = apply_in_windows(
        rebuilt(translator), scaled(translator, source)[0], size=(20, 20, 18)
    )
    assert f"{mismatch}\n" in capsys.readouterr().out and mismatch.mean > 0
    expected = translator.card.target_scaling.invert(made[..., 0])[::-1]
    assert np.abs(written(tmp_path / "out.nii") - expected).max() < 0.52
    # As many windows as before, of a folder: each file with its own mismatch.
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.nii.gz", "b.nii.gz"):
        shutil.copy(source, folder / name)
    gan_mri.translate(run.folder, folder, tmp_path / "out", windows=20)
    text = capsys.readouterr()
    printed = text.out + text.err
    assert "a.nii.gz: tile mismatch" in printed and "b.nii.gz: tile mismatch" in printed


def test_patches_of_larger_volumes_at_2_mm(tmp_path):
    """`--fit crop` and `--spacing`: trained on windows, translated whole and on the file's grid."""
    for number in range(3):
        for contrast in ("T1w", "T2w"):
            name = f"sub-{number}_{contrast}.nii.gz"
            array = head((44, 40, 21), seed=10 * number + len(contrast) + (contrast == "T2w"))
            path = tmp_path / "data" / f"sub-{number}" / "anat" / name
            write_nifti(path, array, np.diag([-1.0, 1.1, 2, 1]))
    options = {"contrasts": ("T1w", "T2w"), "split": (0.4, 0, 0.6), "epochs": 1}
    run = gan_mri.train(
        data=tmp_path / "data",
        out=tmp_path / "run",
        image_size=(18, 17, 17),
        fit="crop",
        spacing=2,
        augment=("mirror", "gamma"),
        **options,
        **OPTIONS,
    )
    assert run.config["geometry"] == {"size": [18, 17, 17], "fit": "crop"}
    assert run.config["view"]["spacing"] == [2, 2, 2]
    assert run.load_data().test.A[0].shape == (22, 22, 21, 1)
    assert run.load_data().describe()["subjects"] == run.config["data"]["subjects"]
    output = tmp_path / "out.nii"
    gan_mri.translate(run.folder, path, output, direction="B2A", progress=False)
    assert nib.load(output).shape == (44, 40, 21)
    run = gan_mri.train(out=run.folder, resume=True, epochs=2, progress=False)
    assert len(run.history) == 2 and load_run(run.folder).view == run.view
