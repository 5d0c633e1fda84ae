"""A method with two sources, from training to the command line, without a line elsewhere."""

import logging
import shutil

import nibabel as nib
import numpy as np
import pytest
import runs
import two_sources
from data_samples import head, write_nifti
from nibabel.processing import resample_from_to

import gan_mri
from gan_mri.commands import run_command
from gan_mri.data.images.foreground import statistics
from gan_mri.errors import GanMriError
from gan_mri.inference.rebuilt import rebuilt
from gan_mri.training import monitor
from gan_mri.translate import main

OPTIONS = {
    "recipe": "tests/from_two",
    "contrasts": two_sources.DOMAINS,
    "precision": "float32",
    "strategy": "none",
    "progress": False,
}


@pytest.fixture(scope="module", autouse=True)
def registered():
    with pytest.MonkeyPatch.context() as patch:
        two_sources.register(patch)
        patch.setattr(monitor, "history_figure", lambda *arguments: None)
        yield


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on pictures of the phantom, and what it printed."""
    folder = tmp_path_factory.mktemp("several") / "run"
    split = {"split": (0.5, 0, 0.5), "image_size": (24, 24)}
    return runs.train_phantom(folder, **OPTIONS | {"epochs": 2} | split)


#: T1w of 20 x 18 x 9 voxels, 2 x 1 x 3 mm; PDw coarser, cut and shifted; T2w as T1w.
T1_GRID = np.diag([2.0, 1.0, 3.0, 1.0])
PD_GRID = np.array([[2.5, 0, 0, 1.0], [0, 1.25, 0, -1], [0, 0, 2, 1], [0, 0, 0, 1]])


@pytest.fixture(scope="module")
def bids(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bids") / "data"
    for number in range(3):
        for contrast, affine, shape in (
            ("T1w", T1_GRID, (20, 18, 9)),
            ("PDw", PD_GRID, (16, 16, 13)),
            ("T2w", T1_GRID, (20, 18, 9)),
        ):
            seed = 10 * number + len(shape) + ord(contrast[0])
            name = f"sub-{number}_{contrast}.nii.gz"
            array = head(shape, seed=seed)
            write_nifti(folder / f"sub-{number}" / "anat" / name, array, affine)
    return folder


@pytest.fixture(scope="module")
def aligned(bids):
    """A run on them, brought to the grid of the T1w."""
    split = {"split": (0.4, 0, 0.6), "align": "headers", "epochs": 1}
    return gan_mri.train(data=bids, out=bids.parent / "run", **OPTIONS | split)


def test_it_is_trained_measured_and_drawn(trained):
    assert [row["step"] for row in trained.history] == [3, 6]
    assert {"G_total", "supervised_T2w", "mae_T2w"} <= set(trained.history[0])
    assert trained.history[1]["supervised_T2w"] < trained.history[0]["supervised_T2w"]
    assert trained.config["task"]["directions"] == [
        {"name": "T2w", "sources": ["T1w", "PDw"], "target": "T2w"}
    ]
    measured = trained.held_out
    assert set(measured["metrics"]) == {"input itself", "untrained", "trained"}
    data, translator, errors = trained.load_data().test, trained.translator("T2w"), []
    for index in range(3):
        images = {name: data[name][index][np.newaxis] for name in data.domains}
        mask = np.logical_or.reduce([data[name].mask(index) for name in data.domains])
        made = translator({name: images[name] for name in ("T1w", "PDw")})
        errors.append(np.abs(made - images["T2w"])[0, ..., 0][mask].mean())
    found = {name: values["mae_T2w"] for name, values in measured["metrics"].items()}
    assert found["trained"] == pytest.approx(np.mean(errors), rel=1e-5)
    assert found["trained"] != found["untrained"]
    assert (trained.folder / "samples" / "epoch-0002.png").is_file()
    assert [path.name for path in (trained.folder / "export").iterdir()] == ["T2w"]


def test_it_is_resumed(trained, tmp_path):
    """1 epoch and 1 more are 2, bit for bit."""
    half = tmp_path / "half"
    arguments = {name: trained.config["arguments"][name] for name in ("split", "image_size")}
    runs.train_phantom(half, **OPTIONS | {"epochs": 1} | arguments)
    run = runs.train_phantom(half, resume=True, epochs=2, progress=False)
    runs.assert_same_tensors(runs.last_checkpoint(half), runs.last_checkpoint(trained.folder))
    assert run.held_out["metrics"] == trained.held_out["metrics"]


def test_the_command_that_is_shown(trained, tmp_path, capsys):
    copy = shutil.copytree(trained.folder, tmp_path / "copy")
    runs.train_phantom(copy, resume=True, progress=True)
    text = capsys.readouterr().out
    assert f"gan_mri.translate {copy} --inputs T1w=FILE PDw=FILE --target T2w OUTPUT\n" in text
    assert "T1w + PDw -> T2w" in text and f"{copy / 'export'}/T2w" in text


def pictures(run, folder):
    """The images of a test subject as files."""
    data, files = run.load_data(), {}
    for name in ("T1w", "PDw"):
        low, high = data.test[name].window(0)
        files[name] = folder / f"{name}.npy"
        pixels = (data.test[name][0][..., 0] + 1) / 2 * (high - low) + low
        np.save(files[name], np.rint(pixels).astype(np.float32))
    return files


def expected(run, arrays):
    """What the exported model makes of arrays, each in its own window, in intensities."""
    translator = run.translator("T2w")
    card = translator.card
    scaled = {}
    for name, array in arrays.items():
        scaling = card.scalings[name]
        scaled[name] = scaling.scale(array, scaling.window(statistics(array)))[..., np.newaxis]
    return card.target_scaling.invert(translator(scaled)[..., 0])


def test_pictures_from_python(trained, tmp_path):
    files = pictures(trained, tmp_path)
    wanted = expected(trained, {name: np.load(path)[np.newaxis] for name, path in files.items()})
    for number, inputs in enumerate((files, dict(reversed(files.items())))):
        output = tmp_path / f"{number}.npy"
        gan_mri.translate(
            trained.folder, output=output, inputs=inputs, target="T2w", progress=False
        )
        np.testing.assert_allclose(np.load(output), wanted[0], rtol=1e-5, atol=1e-3)
    swapped = dict(zip(files, reversed(files.values())))
    gan_mri.translate(trained.folder, output=tmp_path / "s.npy", inputs=swapped, progress=False)
    assert np.abs(np.load(tmp_path / "s.npy") - wanted[0]).max() > 1


@pytest.mark.parametrize(
    "order",
    [
        "MODEL --inputs T1w=A PDw=B --target T2w OUT",
        "MODEL --target T2w --inputs T1w=A PDw=B OUT",
        "MODEL --inputs PDw=B T1w=A OUT",
        "MODEL OUT --inputs T1w=A PDw=B",
        "--target T2w MODEL OUT --inputs T1w=A PDw=B",
        "MODEL --direction T2w --inputs T1w=A PDw=B OUT",
        "EXPORT --inputs T1w=A PDw=B --target T2w OUT",
    ],
)
def test_pictures_from_the_command_line(trained, tmp_path, order):
    files = pictures(trained, tmp_path)
    wanted = expected(trained, {name: np.load(path)[np.newaxis] for name, path in files.items()})
    words = {
        "MODEL": trained.folder,
        "EXPORT": trained.folder / "export" / "T2w",
        "OUT": tmp_path / "out.npy",
        "T1w=A": f"T1w={files['T1w']}",
        "PDw=B": f"PDw={files['PDw']}",
    }
    run_command(main, [str(words.get(word, word)) for word in order.split()])
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), wanted[0], rtol=1e-5, atol=1e-3)


WRONG = {
    "MODEL A OUT": "makes T2w from T1w and PDw. Expected a file of each: --inputs T1w=FILE PDw=",
    "MODEL --inputs T1w=A OUT": "from which .* makes T2w. Received none of PDw",
    "MODEL --inputs T1w=A PDw=B FLAIR=B OUT": "expected files of T1w, PDw.*Received: FLAIR",
    "MODEL --inputs T1w=A PDw=B T1w=B OUT": "--inputs: expected one file of each contrast",
    "MODEL --inputs T1w=A PDw=B --target T1w OUT": "target: expected a contrast that .* makes, T2w",
    "MODEL --inputs T1w=A PDw=B": "Received the paths none",
    "MODEL --inputs T1w=A PDw=B A OUT": "Received the paths .*T1w.npy .*out.npy",
    "MODEL --inputs T1w=A PDw=NONE OUT": "none.npy: expected an image file, received no such",
    "MODEL --inputs T1w=A PDw=SMALL OUT": "T1w.npy and .*small.npy: expected the sources on one "
    r"grid.*\(24, 24\) against \(20, 24\) rows and columns",
    "MODEL --inputs T1w=A PDw=VOLUME OUT": "T1w.npy: expected volumes only, or pictures only",
    "MODEL --inputs T1w=A PDw=B --memory 1 OUT": "translates slices, which always fit",
}


@pytest.mark.parametrize("order", WRONG)
def test_what_is_wrong_ends_in_one_paragraph(trained, tmp_path, capsys, order):
    files = pictures(trained, tmp_path)
    np.save(tmp_path / "small.npy", np.load(files["PDw"])[:20])
    write_nifti(tmp_path / "volume.nii", head((20, 18, 9)))
    places = {
        "A": files["T1w"],
        "B": files["PDw"],
        "NONE": tmp_path / "none.npy",
        "SMALL": tmp_path / "small.npy",
        "VOLUME": tmp_path / "volume.nii",
        "MODEL": trained.folder,
        "OUT": tmp_path / "out.npy",
    }
    words = []
    for word in order.split():
        name, equals, place = word.rpartition("=")
        words.append(f"{name}{equals}{places.get(place, place)}")
    with pytest.raises(SystemExit) as caught:
        run_command(main, words)
    assert caught.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith("error: ") and message.count("\n") == 1
    with pytest.raises(AssertionError, match=WRONG[order]):
        raise AssertionError(message)
    assert not (tmp_path / "out.npy").exists()


def test_a_source_without_anything_in_it_is_background(trained, tmp_path):
    files = pictures(trained, tmp_path)
    np.save(files["PDw"], np.zeros((24, 24), np.float32))
    gan_mri.translate(trained.folder, output=tmp_path / "o.npy", inputs=files, progress=False)
    translator = trained.translator("T2w")
    pixels = np.load(files["T1w"])[np.newaxis]
    scaled = translator.card.scalings["T1w"].scale(
        pixels, translator.card.scalings["T1w"].window(statistics(pixels))
    )[..., np.newaxis]
    made = translator({"T1w": scaled, "PDw": np.full_like(scaled, -1)})[0, ..., 0]
    wanted = translator.card.target_scaling.invert(made)
    np.testing.assert_allclose(np.load(tmp_path / "o.npy"), wanted, rtol=1e-5, atol=1e-3)


def volumes(bids):
    anat = bids / "sub-1" / "anat"
    return {name: anat / f"sub-1_{name}.nii.gz" for name in ("T1w", "PDw")}


def test_volumes_on_other_grids_go_to_the_first_one_s(aligned, bids, tmp_path):
    """Checked with nibabel's resampling, trilinear as ours, away from the PDw's rim."""
    assert aligned.config["data"]["align"] == "headers"
    files = volumes(bids)
    gan_mri.translate(
        aligned.folder, output=tmp_path / "out.nii", inputs=files, target="T2w", progress=False
    )
    written, t1 = nib.load(tmp_path / "out.nii"), nib.load(files["T1w"])
    assert written.shape == t1.shape
    np.testing.assert_array_equal(written.affine, t1.affine)
    pd = nib.load(files["PDw"])
    moved = resample_from_to(pd, t1, order=1, mode="nearest").get_fdata()
    translator = aligned.translator("T2w")
    card, scaled = translator.card, {}
    for name, array, own in (("T1w", t1.get_fdata(), t1), ("PDw", moved, pd)):
        window = card.scalings[name].window(statistics(np.asarray(own.dataobj)))
        slices = array.transpose(2, 1, 0)[:, ::-1]  # axial, the first row anterior
        scaled[name] = card.scalings[name].scale(slices, window)[..., np.newaxis]
    made = card.target_scaling.invert(translator(scaled)[..., 0])
    wanted = made[:, ::-1].transpose(2, 1, 0)
    inside = np.s_[3:14, 3:14, 2:7]
    found = written.get_fdata()
    assert np.abs(found - wanted)[inside].max() < 0.02 * np.ptp(wanted[inside])


def test_without_alignment_other_grids_are_refused(bids, tmp_path):
    """Of the same model, had it been trained on contrasts of one grid."""
    run = shutil.copytree(bids.parent / "run", tmp_path / "run")
    path = run / "export" / "T2w" / "assets.extra" / "gan_mri.json"
    path.write_text(path.read_text().replace('"align": "headers"', '"align": "none"'))
    message = "T1w.nii.gz and .*PDw.nii.gz: expected the sources on one grid.*20, 18, 9.*16, 16, 13"
    with pytest.raises(GanMriError, match=message):
        gan_mri.translate(run, output=tmp_path / "o.nii", inputs=volumes(bids), progress=False)
    assert not (tmp_path / "o.nii").exists()


def test_a_source_of_another_place_is_refused(aligned, bids, tmp_path):
    files = volumes(bids)
    far = PD_GRID.copy()
    far[:3, 3] += 500
    array = np.asarray(nib.load(files["PDw"]).dataobj)
    files["PDw"] = write_nifti(tmp_path / "far.nii", array, far)
    with pytest.raises(GanMriError, match="far.nii: expected an image of the same place .* 0% of"):
        gan_mri.translate(aligned.folder, output=tmp_path / "o.nii", inputs=files, progress=False)


def test_an_image_of_no_width_is_named(aligned, bids, tmp_path):
    files = volumes(bids)
    run = shutil.copytree(bids.parent / "run", tmp_path / "run")
    path = run / "export" / "T2w" / "assets.extra" / "gan_mri.json"
    path.write_text(path.read_text().replace('"method": "volume"', '"method": "zscore"'))
    array = np.zeros((16, 16, 13), np.int16)
    array[4:12, 4:12, 4:10] = 100
    files["PDw"] = write_nifti(tmp_path / "flat.nii", array, PD_GRID)
    with pytest.raises(GanMriError, match="flat.nii: scaling zscore: expected a foreground that"):
        gan_mri.translate(run, output=tmp_path / "o.nii", inputs=files, progress=False)


def test_the_network_is_built_anew_from_its_card(aligned, tmp_path):
    translator = aligned.translator("T2w")
    rng = np.random.default_rng(0)
    inputs = {name: rng.uniform(-1, 1, (2, 21, 19, 1)).astype("float32") for name in ("T1w", "PDw")}
    network = rebuilt(translator)
    np.testing.assert_allclose(
        network([inputs["T1w"], inputs["PDw"]]), translator(inputs), atol=1e-6
    )


def test_nothing_is_told_that_is_not_so(aligned, bids, tmp_path, caplog):
    with caplog.at_level(logging.INFO, "gan_mri"):
        gan_mri.translate(
            aligned.folder, output=tmp_path / "o.nii", inputs=volumes(bids), progress=False
        )
    assert not caplog.records
