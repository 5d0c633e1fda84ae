import shutil
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

import gan_mri
from gan_mri import files
from gan_mri.data import load
from gan_mri.errors import GanMriError
from gan_mri.prepare import main


def write_bids(folder, color=False):
    for subject in ("sub-01", "sub-02", "sub-03"):
        for contrast in ("T1w", "T2w"):
            random = np.random.default_rng([int(subject[-2:]), len(contrast), ord(contrast[1])])
            array = np.zeros((8, 9, 10), np.float32)
            array[2:6, 2:7, 2:8] = random.normal(300, 50, (4, 5, 6))
            path = folder / subject / "anat" / f"{subject}_{contrast}.nii.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            nib.save(nib.Nifti1Image(array, np.diag([1.0, 1.2, 2, 1])), path)
    return folder


def write_pictures(folder):
    for name in ("trainA", "trainB", "testA", "testB"):
        (folder / name).mkdir(parents=True)
        for i in range(4):
            # The second picture of every folder is black: an empty slice.
            picture = np.random.default_rng([len(name), i]).integers(
                0, 255, (6, 7, 3), dtype=np.uint8
            ) * (i != 1)
            Image.fromarray(picture).save(folder / name / f"{name[:-1]}{i}.png")
    return folder


def write_seasons(folder):
    """Four folders of pictures, named freely."""
    for name, path in zip(
        ("spring", "summer", "autumn", "winter"), sorted(write_pictures(folder).iterdir())[::-1]
    ):
        path.rename(folder / name)
    return folder


SOURCES = {
    "bids": lambda folder: (
        write_bids(folder / "in"),
        {"contrasts": ("T1w", "T2w"), "split": (0.4, 0.3, 0.3)},
    ),
    "one slice": lambda folder: (
        write_bids(folder / "in"),
        {"contrasts": ("T1w", "T2w"), "slices": (3, 4)},
    ),
    "sagittal": lambda folder: (
        write_bids(folder / "in"),
        {"contrasts": ("T1w", "T2w"), "plane": "sagittal"},
    ),
    "all planes": lambda folder: (
        write_bids(folder / "in"),
        {"contrasts": ("T1w", "T2w"), "plane": "all", "slices": (2, 6)},
    ),
    "volumes": lambda folder: (
        write_bids(folder / "in"),
        {"contrasts": ("T1w", "T2w"), "plane": "volume", "split": (0.4, 0.3, 0.3)},
    ),
    "spaced volumes": lambda folder: (
        write_bids(folder / "in"),
        {"contrasts": ("T1w", "T2w"), "image_size": (20, 20, 20), "spacing": (0, 1.8, 1)},
    ),
    "spaced slices": lambda folder: (
        write_bids(folder / "in"),
        {"contrasts": ("T1w", "T2w"), "spacing": 1.5, "align": "headers"},
    ),
    "pictures": lambda folder: (write_pictures(folder / "in"), {}),
    "phantom": lambda folder: ("phantom", {"subjects": 3, "image_size": (32, 32)}),
    "two folders": lambda folder: (
        write_seasons(folder / "in"),
        {"contrasts": ("summer", "spring")},
    ),
    "knees": lambda folder: (
        "knees",
        {"subjects": 3, "image_size": (24, 20), "split": (0.4, 0.3, 0.3)},
    ),
}


@pytest.mark.parametrize("scaling", ["auto", "zscore", "percentile", ("window:0:500", "volume")])
@pytest.mark.parametrize("source", SOURCES)
def test_read_back_bit_for_bit(tmp_path, source, scaling):
    where, arguments = SOURCES[source](tmp_path)
    path = gan_mri.prepare(where, tmp_path / "out.h5", scaling=scaling, **arguments)
    direct, stored = load(where, scaling=scaling, **arguments), load(path)
    for field in ("domains", "contrasts", "scaling", "channels", "plane", "sampling"):
        assert getattr(stored, field) == getattr(direct, field)
    records = [data.describe() for data in (direct, stored)]
    assert records[1].pop("prepared_from") == {key: records[0][key] for key in ("kind", "source")}
    for record in records:
        del record["kind"], record["source"]
    assert records[0] == records[1]
    assert len(direct.train.A)
    for part in ("train", "validation", "test"):
        a, b = getattr(direct, part), getattr(stored, part)
        assert a.subjects == b.subjects
        np.testing.assert_array_equal(a.pairs, b.pairs)
        for first, second in ((a[domain], b[domain]) for domain in direct.domains):
            assert first.keys == second.keys
            for i in range(len(first)):
                np.testing.assert_array_equal(first[i], second[i])
                np.testing.assert_array_equal(first.mask(i), second.mask(i))
                assert first.window(i) == second.window(i) and first.shape(i) == second.shape(i)
                assert first.label(i) == second.label(i) and first.path(i) == second.path(i)
                assert first.plane(i) == second.plane(i)
                np.testing.assert_array_equal(first.spacing(i), second.spacing(i))


def test_command_prints_a_summary(tmp_path, capsys):
    write_bids(tmp_path / "in")
    output = tmp_path / "out.h5"
    main(
        [
            str(tmp_path / "in"),
            str(output),
            "--contrasts",
            "T1w",
            "T2w",
            "--slices",
            "0:9",
            "--test-subjects",
            "03",
            "--scaling",
            "volume",
            "window:0:600",
        ]
    )
    text = capsys.readouterr().out
    assert f"{output}" in text and "MiB, T1w and T2w" in text
    assert "train          2 subjects, slices: 12 T1w, 12 T2w, 12 pairs   sub-01, sub-02" in text
    assert "test           1 subjects, slices: 6 T1w, 6 T2w, 6 pairs   sub-03" in text
    assert "empty slices dropped: 9 and 9" in text
    assert (
        "T1w: scaling volume, typical window 0 .. " in text
        and "T2w: scaling window, window 0 .. 600" in text
    )


def test_the_command_ends_in_status_2_and_one_paragraph(tmp_path):
    command = [
        sys.executable,
        "-m",
        "gan_mri.prepare",
        str(tmp_path / "nowhere"),
        str(tmp_path / "out.h5"),
    ]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2 and result.stdout == ""
    assert (
        result.stderr.startswith("error: ")
        and "nowhere" in result.stderr
        and result.stderr.count("\n") == 1
    )
    assert not (tmp_path / "out.h5").exists()


def test_nothing_is_left_behind_by_a_failure(tmp_path):
    folder = write_bids(tmp_path / "in")
    last = folder / "sub-03" / "anat" / "sub-03_T2w.nii.gz"
    last.write_bytes(last.read_bytes()[:500])
    with pytest.raises(GanMriError, match=r"sub-03_T2w\.nii\.gz"):
        gan_mri.prepare(folder, tmp_path / "out.h5", contrasts=("T1w", "T2w"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_outputs_that_are_refused(tmp_path):
    folder = write_bids(tmp_path / "in")
    (tmp_path / "exists.h5").write_text("precious")
    for output, message in (
        (
            tmp_path / "exists.h5",
            r"exists\.h5: expected a new output file, received one that exists",
        ),
        (tmp_path / "out.npz", r"out\.npz: expected an output that ends in \.h5 or \.hdf5"),
        (tmp_path / "no" / "out.h5", r"out\.h5: expected an existing folder"),
        (folder / "out.h5", r"out\.h5: expected an output outside the input"),
        (folder / "sub-01" / "out.h5", r"out\.h5: expected an output outside the input"),
    ):
        with pytest.raises(GanMriError, match=message):
            gan_mri.prepare(folder, output, contrasts=("T1w", "T2w"))
    assert (tmp_path / "exists.h5").read_text() == "precious"


def test_a_prepared_file_is_not_prepared_again(tmp_path):
    path = gan_mri.prepare("phantom", tmp_path / "a.h5", subjects=2, image_size=(32, 32))
    with pytest.raises(
        GanMriError, match=r"a\.h5: expected original images, received an HDF5 file"
    ):
        gan_mri.prepare(path, tmp_path / "b.h5")


def test_the_command_prepares_volumes_of_three_contrasts(tmp_path, capsys):
    output = tmp_path / "out.h5"
    words = "phantom {} --contrasts T1w T2w FLAIR --image-size 18 20 17 --subjects 4 --spacing 14"
    main(words.format(output).split())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{output}  ") and lines[0].endswith("MiB, T1w, T2w and FLAIR")
    assert lines[1] == "  whole volumes, voxels of 14 x 14 x 14 mm"
    assert lines[2] == (
        "  train          3 subjects, volumes: 3 T1w, 3 T2w, 3 FLAIR, 3 pairs   "
        "sub-002, sub-003, sub-004"
    )
    assert lines[3] == "  validation     0 subjects, volumes: 0 T1w, 0 T2w, 0 FLAIR, 0 pairs"
    assert (
        lines[4] == "  test           1 subjects, volumes: 1 T1w, 1 T2w, 1 FLAIR, 1 pairs   sub-001"
    )
    assert [line.split(":")[0] for line in lines[5:]] == ["  T1w", "  T2w", "  FLAIR"]
    data = load(output)
    assert data.rank == 3 and data.train.domains == ("T1w", "T2w", "FLAIR")
    np.testing.assert_allclose(data.train.FLAIR.spacing(0), 14)


def test_the_command_prepares_one_contrast(tmp_path, capsys):
    folder = write_bids(tmp_path / "in")
    main(f"{folder} {tmp_path / 'out.h5'} --contrasts T2w --plane all --spacing 0 2 0".split())
    text = capsys.readouterr().out
    assert (
        "MiB, T2w\n  slices of all three planes, voxels of their own x 2 x their own mm\n" in text
    )
    assert "pairs" not in text and "empty slices dropped: " in text
    assert load(tmp_path / "out.h5").domains == ("T2w",)


def test_the_command_aligns(tmp_path, capsys):
    folder = write_bids(tmp_path / "in")
    for path in folder.rglob("*_T2w.nii.gz"):
        image = nib.load(path)
        # Twice the voxels along z, over the same field of view.
        affine = np.diag([1.0, 1.2, 1, 1])
        affine[2, 3] = -0.5
        nib.save(nib.Nifti1Image(np.repeat(image.get_fdata(), 2, axis=2), affine), path)
    words = f"{folder} {tmp_path / 'out.h5'} --contrasts T1w T2w --align headers --plane volume"
    main(words.split())
    assert "whole volumes, aligned by headers\n" in capsys.readouterr().out
    assert len(load(tmp_path / "out.h5", paired=True).train.pairs) == 2


def test_domains_are_named_by_the_caller(tmp_path):
    path = gan_mri.prepare(
        "phantom",
        tmp_path / "x.h5",
        domains=("source", "target"),
        contrasts=["T1w", "CT"],
        subjects=2,
    )
    assert load(path).domains == ("source", "target") and load(path).contrasts == ("T1w", "CT")


@pytest.mark.parametrize("option", ["fit", "augment", "data", "planes"])
def test_options_that_are_not_prepared(tmp_path, option):
    with pytest.raises(TypeError, match=f"prepare: unknown arguments {option}"):
        gan_mri.prepare("phantom", tmp_path / "x.h5", **{option: "crop"})


@pytest.mark.parametrize("words", ["--fit crop", "--augment mirror", "--data x"])
def test_the_command_offers_none_of_them(tmp_path, words, capsys):
    with pytest.raises(SystemExit):
        main(["phantom", str(tmp_path / "x.h5"), *words.split()])
    assert words.split()[0] in capsys.readouterr().err


def test_wrong_options_leave_nothing_behind(tmp_path):
    for options, message in (
        ({"plane": "top"}, "plane: expected"),
        ({"spacing": -1}, "spacing: expected"),
        ({"image_size": (64, 0)}, "image size"),
        ({"scaling": "bright"}, "scaling: expected"),
        ({"scaling": ("auto",) * 3}, "scaling: expected one for both domains or one each"),
        ({"domains": ("A", "A")}, "domains: expected different names"),
        ({"slices": "3:5"}, "expected a volume because a range of slices was given"),
    ):
        with pytest.raises(GanMriError, match=message):
            gan_mri.prepare("phantom", tmp_path / "x.h5", subjects=2, **options)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up(tmp_path, monkeypatch):
    """HDF5 itself would end in a segmentation fault."""
    usage = shutil.disk_usage(tmp_path)

    checks = []

    def free(path):
        checks.append(path)
        return usage._replace(free=2**30 if len(checks) < 4 else 1000)

    monkeypatch.setattr(files.shutil, "disk_usage", free)
    with pytest.raises(GanMriError, match="heads.h5: expected .* MiB of free space on the disk"):
        gan_mri.prepare("phantom", tmp_path / "heads.h5", subjects=4, image_size=(24, 20))
    assert len(checks) == 4 and not list(tmp_path.iterdir())
