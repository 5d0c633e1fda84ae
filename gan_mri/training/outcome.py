"""What a run says of itself: what was held out, and where everything is."""

import shlex

from gan_mri.files import write_json
from gan_mri.runs.held_out_file import read_held_out
from gan_mri.training.held_out import HeldOut, copying, held_out_table
from gan_mri.training.monitor import held_out_split

#: Rows behind the table at the end of a run, by rank.
MOST_ROWS = {2: 200, 3: 16}

# How an older version measured cycles.
_WHOLE = "cycle, whole slices"


def measure_held_out(folder, name, translate, *, data, geometry, task):
    """Measure a model on held-out images, and add the result to `held_out.json`.

    Parameters
    ----------
    folder : Path
        The run folder.
    name : str
        Of the row, such as "untrained".
    translate : callable
        From `gan_mri.training.held_out.translator`.
    data : gan_mri.data.TranslationData
    geometry : gan_mri.data.images.geometry.Geometry
    task : gan_mri.tasks.Task

    Returns
    -------
    dict or None
        The content of the file; None where nothing is held out.
    """
    split = held_out_split(data)
    if split is None:
        return None
    held_out = HeldOut(split, geometry, task, most=MOST_ROWS[geometry.rank])
    convention = held_out.convention
    if translate.referring:
        convention += "; reference: the real image of the target domain in the row"
        convention += " (the truth)" if held_out.paired else ""
    path = folder / "held_out.json"
    if path.exists():
        measured = read_held_out(path)
        if measured["convention"].startswith(_WHOLE):
            # Not the same number, so not under the same name.
            before = {f"{key} (whole slices)": m for key, m in measured["metrics"].items()}
            measured |= {"convention": convention, "metrics": before}
    else:
        measured = {
            "convention": convention,
            "slices": len(held_out),
            "unit": "volumes" if geometry.rank == 3 else "slices",
            "subjects": split.subjects,
            "metrics": {},
        }
        if held_out.paired and all(way.sources for way in task.directions):
            measured["metrics"]["input itself"] = held_out.measure(copying(task))
    measured["metrics"][name] = held_out.measure(translate)
    write_json(path, measured)
    return measured


def report(folder, measured, *, task, contrasts, referring):
    """Print the table and the places of a finished run.

    Parameters
    ----------
    folder : Path
        The run folder.
    measured : dict or None
        From `measure_held_out`.
    task : gan_mri.tasks.Task
    contrasts : dict of str to str
        By domain.
    referring : list of str
        Directions whose translators take a reference.
    """
    print()
    if measured is not None:
        print(held_out_table(measured, task, contrasts))
        print()
    print(f"Run folder       {folder}")
    print(f"Samples          {folder / 'samples'}")
    print(f"Curves           {folder / 'curves.png'}, history.csv, tensorboard/")
    names = " and ".join(direction.name for direction in task.directions)
    print(f"SavedModels      {folder / 'export'}/{names}")
    print(f"Translate with   {_command(folder, task, contrasts, referring)}")
    if any(direction.noise for direction in task.directions):
        command = f"python -m gan_mri.generate {shlex.quote(str(folder))} OUT --number 100"
        print(f"Generate with    {command}")


def _command(folder, task, contrasts, referring):
    # The direction that the command takes when none is given.
    first = task.directions[0]
    command = f"python -m gan_mri.translate {shlex.quote(str(folder))} "
    if len(first.sources) == 1:
        command += "INPUT OUTPUT"
    else:
        names = [contrasts[domain] for domain in first.sources]
        command += f"--inputs {' '.join(f'{name}=FILE' for name in names)} "
        command += f"--target {contrasts[first.target]} OUTPUT"
    return command + (" --reference IMAGE" if first.name in referring else "")
