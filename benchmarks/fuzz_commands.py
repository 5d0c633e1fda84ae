"""The commands that `benchmarks/fuzz.py` runs, how often, and with what."""

import shutil

#: Of the tiny run.
RECIPE = {"filters": 2, "residual_blocks": 0, "discriminator_filters": 2, "normalization": "none"}
SOURCES = ("volume.nii", "volume.nii.gz", "picture.png", "picture.npy", "picture.tif")
#: What a command takes of the good files.
_GIVEN = {
    "translate": ("run",),
    "published": ("weights",),
    "check": ("run", "data"),
    "calibrate": ("run", "data"),
    "lesions": ("run", "data", "masks"),
    "detect": ("run", "data", "masks"),
    "publish": ("run",),
    "make": ("run", "data"),
    "score": ("study",),
    "evaluate": ("run", "data"),
    "export": ("run",),
    "generate": ("run",),
    "bids": ("run", "data"),
    "prepare": ("data",),
    "resume": ("run", "data"),
    "prepared": ("data.h5",),
    "folder": ("data",),
}


#: What a published model must say.
_SAID = ("title", "license", "data", "attribution")
#: Commands, and their shares.
SHARES = {
    "translate": 0.32,
    "evaluate": 0.08,
    "export": 0.06,
    "generate": 0.02,
    "bids": 0.1,
    "prepare": 0.08,
    "train": 0.1,
    "check": 0.08,
    "calibrate": 0.04,
    "lesions": 0.03,
    "detect": 0.02,
    "publish": 0.02,
    "study": 0.05,
}
#: Ways to use some of them, with shares of 0.4, 0.5 and 0.1.
WAYS = {
    "train": ("resume", "prepared", "folder"),
    "translate": ("published", "translate", "translate"),
    "study": ("make", "score", "score"),
}


def words_of(name, source, good, place, how):
    """The words of a command, and copies of the good files that it takes."""
    for one in (*_GIVEN[how or name], *([source] if source else [])):
        if (good / one).is_dir():
            shutil.copytree(good / one, place / one)
        else:
            shutil.copy(good / one, place / one)
    out = place / "out"
    out.mkdir()
    run, data, tiny = place / "run", place / "data", [f"{k}={v}" for k, v in RECIPE.items()]
    made = out / ("made.npy" if source.startswith("picture") else f"made{source[6:]}")
    train = ["--epochs", 1, "--steps-per-epoch", 1, "--strategy", "none", "--out", out / "r"]
    words = {
        "resume": ["--resume", "--out", run, "--data", data, "--epochs", 2],
        "prepared": ["--data", place / "data.h5", *train, "--set", *tiny],
        "folder": ["--data", data, "--contrasts", "T1w", "T2w", *train, "--set", *tiny],
        "translate": [run, place / source, made],
        "published": [place / "weights", place / source, made],
        "evaluate": [run, "--data", data, "--out", out / "e"],
        "export": [run, out / "m", "--format", "saved_model"],
        "generate": [run, out / "g", "--number", 2],
        "bids": [data, out / "b", "participant", "--model", run],
        "prepare": [data, out / "p.h5", "--contrasts", "T1w", "T2w"],
        "check": [run, data / "sub-1" / "anat" / "sub-1_T1w.nii.gz"],
        "calibrate": [run, "--vary", "--data", data, "--out", out / "c"],
        "lesions": [run, "--data", data, "--masks", place / "masks", "--out", out / "l"],
        "detect": [run, "--data", data, "--masks", place / "masks", "--out", out / "d"],
        "publish": [run, out / "p", *(f"--{one}=x" for one in _SAID)],
        "make": ["make", run, out / "s", "--synthetic", 2, "--data", data],
        "score": ["score", place / "study" / "answers.json", "--out", out / "s"],
    }[how or name]
    return [str(word) for word in words]
