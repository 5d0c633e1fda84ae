"""The card for people: `README.md`, after the model cards of Hugging Face.

M. Mitchell et al., "Model cards for model reporting", FAT* 2019. The head between the lines is
metadata in YAML as model hubs read it; strings are written as JSON, which YAML contains.
"""

import json
from pathlib import Path

from gan_mri.publishing.published import PICTURE
from gan_mri.runs.held_out_file import read_held_out
from gan_mri.train import DEFAULTS

_NEVER = (
    "diagnosis, or any other decision about a patient: the network paints what images of the "
    "contrast usually look like, so it can remove a lesion, or invent one",
    "images unlike those it was trained on: `python -m gan_mri.check` says what speaks against "
    "an image",
    "measuring anything on a translation as if it had been scanned",
)
_MEASURES = (("mae", "MAE", 3), ("psnr", "PSNR / dB", 2), ("ssim", "SSIM", 3))


def model_card(run, name, about, ways):
    """The text of a published model's `README.md`.

    Parameters
    ----------
    run : gan_mri.runs.run.Run
    name : str
        Of the published model.
    about : gan_mri.publishing.about.About
    ways : dict of str to gan_mri.evaluation.ways.Way
        Its directions.

    Returns
    -------
    str
        Markdown.
    """
    parts = [
        _head(about),
        f"# {about.title}",
        f"![Test subjects: real images and what the model makes of them]({PICTURE})",
        _model(run, ways),
        _use(name, about, ways),
        _data(run, about),
        _results(run, ways),
        _training(run),
    ]
    return "\n\n".join(parts) + "\n"


def _head(about):
    tags = ["mri", "medical", "image-to-image", "gan", "not-for-diagnosis"]
    return "\n".join(
        [
            "---",
            f"license: {json.dumps(about.license)}",
            "library_name: gan_mri",
            "pipeline_tag: image-to-image",
            f"tags: {json.dumps(tags)}",
            f"datasets: {json.dumps([about.data])}",
            "---",
        ]
    )


def _model(run, ways):
    config, view = run.config, run.view
    size = " x ".join(map(str, view.geometry.size))
    what = "volumes" if view.rank == 3 else "slices"
    plane = f"{config['data']['plane']} {what}" if config["data"].get("plane") else what
    spacing = config["data"].get("spacing")
    voxel = f", {' x '.join(f'{one:g}' for one in spacing)} mm" if spacing else ""
    lines = [
        "## Model",
        f"`{config['recipe']}` of `gan_mri` {config['versions']['gan_mri']}: "
        + "; ".join(map(str, ways.values()))
        + f". Trained on {plane} of {size}{voxel}, {_steps(run):,} steps with "
        f"{config['global_batch_size']} image(s) each. Weights are of 16 bits; there is no program "
        "in the files, the network is built from its recipe.",
    ]
    return "\n\n".join(lines)


def _use(name, about, ways):
    first, *others = ways.values()
    commands = [f"python -m gan_mri.translate {name} INPUT.nii.gz OUTPUT.nii.gz"]
    if len(first.sources) > 1:
        given = " ".join(f"{one}={one}.nii.gz" for one in first.sources.values())
        commands = [
            f"python -m gan_mri.translate {name} --inputs {given} --target {first.contrast} "
            "OUTPUT.nii.gz"
        ]
    elif others:
        commands += [f"{commands[0]} --target {way.contrast}" for way in others]
    return (
        "\n".join(
            ["## Use", "", "```sh", *commands, "```", "", f"For {about.use}.", "", "Not for", ""]
            + [f"* {one};" for one in _NEVER]
        ).removesuffix(";")
        + "."
    )


def _data(run, about):
    data = run.config["data"]
    counts = {part: len(who) for part, who in data["subjects"].items() if who}
    subjects = ", ".join(f"{count} subject(s) for {part}" for part, count in counts.items())
    return "\n\n".join(["## Data", f"{about.data}: {subjects}.", f"{about.attribution}"])


def _results(run, ways):
    measured = read_held_out(run.folder / "held_out.json")
    header = ["", "", *(title for _, title, _ in _MEASURES)]
    lines = [_row(header), _row(["--"] * len(header))]
    for name, way in ways.items():
        for row, values in measured["metrics"].items():
            found = [values.get(f"{metric}_{name}") for metric, _, _ in _MEASURES]
            if any(value is not None for value in found):
                cells = [
                    "-" if value is None else f"{value:.{digits}f}"
                    for value, (_, _, digits) in zip(found, _MEASURES)
                ]
                lines.append(_row([str(way), row, *cells]))
    count = len(measured.get("subjects", ()))
    return "\n".join(
        [
            "## Held-out results",
            "",
            f"Of {count} subject(s) that training has not seen; {measured['convention']}.",
            "",
            *lines,
        ]
    )


def _training(run):
    """The call that made it, without places on the machine where it was made."""
    given = dict(run.config["arguments"])
    settings = given.pop("settings")
    recipe = given.pop("recipe")
    words = {
        name: value
        for name, value in (given | settings).items()
        if name in settings or value != DEFAULTS.get(name)
    }
    for name in ("data", "init"):
        if isinstance(words.get(name), str) and "/" in words[name]:
            words[name] = Path(words[name]).name
        elif words.get(name):
            words[name] = [Path(one).name for one in words[name]] if name == "init" else words[name]
    call = ", ".join([repr(recipe), *(f"{name}={value!r}" for name, value in words.items())])
    versions = ", ".join(f"{name} {value}" for name, value in run.config["versions"].items())
    return "\n".join(
        ["## Training", "", "```python", f"gan_mri.train({call})", "```", "", versions]
    )


def _steps(run):
    return int(run.history[-1]["step"]) if run.history else 0


def _row(cells):
    return f"| {' | '.join(cells)} |"
