"""`export`: what is written, the example that uses it without TensorFlow, and its errors."""

import os
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import untrained_exports

import gan_mri
from gan_mri.errors import GanMriError
from gan_mri.export import main
from gan_mri.inference.export import Served

EXAMPLE = Path(__file__).parents[1] / "examples" / "translate_onnx.py"
VOLUME = {"method": "volume", "typical": [0.0, 400.0]}
SMALL = {"filters": 2, "residual_blocks": 1}


def exported(folder, *, plane="axial", scaling=VOLUME):
    shape = (20, 20, 20, 1) if plane == "volume" else (20, 20, 1)
    return untrained_exports.export(
        folder, "welander/generators_s", shape, SMALL, plane=plane, source_scaling=scaling
    )


def head(path):
    """A volume with empty slices, stored along LAS with negative values."""
    rng = np.random.default_rng(0)
    x, y, z = np.ogrid[-1:1:22j, -1:1:25j, -1.4:1.4:28j]
    array = np.where(x**2 + y**2 + z**2 < 0.8, rng.uniform(200, 900, (22, 25, 28)), -3.0)
    nib.save(nib.Nifti1Image(array.astype(np.float32), np.diag([-1.0, 1.0, 1.0, 1.0])), path)
    return path


def test_a_saved_model_is_copied_whole(tmp_path):
    folder = exported(tmp_path / "run")
    assert gan_mri.export(folder, tmp_path / "copy", format="saved_model") == {}
    files = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    copied = {path for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    assert {path.relative_to(tmp_path / "copy") for path in copied} == files
    for path in copied:
        assert path.read_bytes() == (folder / path.relative_to(tmp_path / "copy")).read_bytes()


@pytest.mark.parametrize("plane", ["axial", "sagittal", "volume"])
@pytest.mark.parametrize("method", ["volume", "window"])
def test_the_example_translates_as_gan_mri_does_without_tensorflow(tmp_path, plane, method):
    pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    if plane == "volume" and method == "window":
        pytest.skip("nothing new beside the others")
    scaling = VOLUME if method == "volume" else {"method": "window", "typical": [100.0, 800.0]}
    folder, source = (
        exported(tmp_path / "run", plane=plane, scaling=scaling),
        head(tmp_path / "head.nii.gz"),
    )
    main([str(folder), str(tmp_path / "model.onnx")])
    gan_mri.translate(folder, source, tmp_path / "expected.nii.gz", progress=False)
    for name in ("tensorflow", "keras", "gan_mri"):
        (tmp_path / "without").mkdir(exist_ok=True)
        (tmp_path / "without" / f"{name}.py").write_text("raise ImportError('not here')\n")
    subprocess.run(
        [sys.executable, EXAMPLE, "model.onnx", source, "made.nii.gz"],
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "without")},
    )
    expected = nib.as_closest_canonical(nib.load(tmp_path / "expected.nii.gz"))
    made = nib.load(tmp_path / "made.nii.gz")
    np.testing.assert_allclose(made.affine, expected.affine)
    # The target's window is 1000 wide.
    np.testing.assert_allclose(made.get_fdata(), expected.get_fdata(), rtol=0, atol=0.05)
    assert made.get_fdata().std() > 1


def test_the_example_refuses_what_it_would_do_wrong(tmp_path):
    pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    folder = exported(tmp_path / "run", scaling=VOLUME | {"method": "zscore", "deviations": 3.0})
    gan_mri.export(folder, tmp_path / "model.onnx", progress=False)
    done = subprocess.run(
        [sys.executable, EXAMPLE, "model.onnx", head(tmp_path / "head.nii.gz"), "made.nii.gz"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "neither resampled nor in colour" in done.stderr
    assert not (tmp_path / "made.nii.gz").exists()


@pytest.mark.parametrize(
    ("out", "options", "words"),
    [
        ("model", {}, r"model: expected a name that ends in \.onnx"),
        ("model.onnx", {"format": "torch"}, "format must be onnx or saved_model"),
        ("taken.onnx", {}, r"taken\.onnx exists already"),
        ("taken.onnx/model.onnx", {}, "a file where a folder is needed"),
        ("model.onnx", {"direction": "A2B"}, "translates B2A. Received: direction A2B"),
    ],
)
def test_what_cannot_be_done_is_told_at_once(tmp_path, monkeypatch, out, options, words):
    folder = exported(tmp_path / "run")
    (tmp_path / "taken.onnx").write_text("mine")
    monkeypatch.setattr(Served, "__init__", lambda *arguments: pytest.fail("began to work"))
    with pytest.raises(GanMriError, match=words):
        gan_mri.export(folder, tmp_path / out, **options)
    assert (tmp_path / "taken.onnx").read_text() == "mine"


def test_without_the_extra_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    folder = exported(tmp_path / "run")
    with pytest.raises(GanMriError, match=r"'gan_mri\[onnx\]'"):
        gan_mri.export(folder, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()
