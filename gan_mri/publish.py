"""Make a trained model ready to be passed on, with a card: `python -m gan_mri.publish`."""

import argparse
import shutil
from pathlib import Path

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable, replacing_folder, write_json
from gan_mri.free_names import check_free
from gan_mri.inference.choice import exported_model
from gan_mri.publishing.about import About
from gan_mri.publishing.checksums import write_checksums
from gan_mri.publishing.published import ABOUT, FORMAT, PICTURE, README, Published
from gan_mri.runs.run import Run


def publish(
    run,
    out,
    *,
    title,
    license,
    data,
    attribution,
    use="teaching, and research on methods",
    picture=None,
    checkpoint="last",
):
    """Write a trained model as a folder that others can use by itself.

    | path               | what                                                       |
    |--------------------|------------------------------------------------------------|
    | `README.md`        | the card, after the model cards of Hugging Face             |
    | `translations.png` | its picture                                                |
    | `A2B/`, ...        | a model for each direction: card, and weights of 16 bits   |
    | `model.json`       | title, license, directions                                 |
    | `SHA256SUMS`       | checksums, which are compared whenever the model is used   |

    `gan_mri.translate` takes the folder, and by its name alone if it lies in `weights/`. Cards
    leave out names of subjects and places on this machine. The run's own sheet, which is the
    picture by default, shows test subjects and their names: name another one where they must
    not be passed on.

    Parameters
    ----------
    run : str, Path or gan_mri.runs.run.Run
        A finished run folder.
    out : str or Path
        The folder to write. Must not exist.
    title, license, data, attribution, use : str
        See `gan_mri.publishing.about.About`.
    picture : str or Path, optional
        A PNG; default: the run's last sheet of samples.
    checkpoint : {"last", "best"}
        See `gan_mri.translate`.

    Returns
    -------
    gan_mri.publishing.published.Published

    Raises
    ------
    GanMriError
        If the run is not finished, something is not said, or the folder exists.

    Examples
    --------
    >>> publish("runs/ms", "weights/ms-t1-t2", title="T1w to T2w and back", license="CC-BY-4.0",
    ...         data="3D MR image database of MS patients",
    ...         attribution="Lesjak et al. 2017, CC-BY")  # doctest: +SKIP
    """
    check_keras()
    about = About(title, license, data, attribution, use)
    for name, text in about._asdict().items():
        if not isinstance(text, str) or not text.strip() or len(text.splitlines()) != 1:
            raise GanMriError(f"{name}: expected a text of one line. Received: {text!r}.")
    required(out=out, checkpoint=checkpoint)
    checked(picture=picture)
    out = Path(out)
    check_free(out)
    check_writable(out, folder=True)
    run = run if isinstance(run, Run) else Run(run)
    names = [way.name for way in run.task.directions]
    exported = {
        name: exported_model(run.folder, direction=name, checkpoint=checkpoint) for name in names
    }
    picture = _last_sheet(run) if picture is None else Path(picture)

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.evaluation.ways import ways_of
    from gan_mri.inference.packing import write_packed
    from gan_mri.inference.translator import Translator
    from gan_mri.publishing.model_card import model_card

    card = model_card(run, out.name, about, ways_of(run.task, run.contrasts))
    with replacing_folder(out, new=True) as unfinished:
        for name, model in exported.items():
            (unfinished / name).mkdir()
            write_packed(Translator(model), unfinished / name)
        content = {"format": FORMAT, "title": title, "license": license, "directions": names}
        write_json(unfinished / ABOUT, content)
        (unfinished / README).write_text(card, encoding="utf-8")
        shutil.copyfile(picture, unfinished / PICTURE)
        write_checksums(unfinished)
    return Published(out)


def _last_sheet(run):
    sheets = sorted((run.folder / "samples").glob("epoch-*.png"))
    if not sheets:
        raise GanMriError(
            f"{run.folder}: expected a sheet of samples for the card. Received none. Name a "
            "picture with --picture."
        )
    return sheets[-1]


def main(arguments):
    """The command line of `publish`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.publish",
        description="Make a trained model ready to be passed on, with a card and checksums.",
    )
    parser.add_argument("run", help="a finished run folder")
    parser.add_argument("out", help="the folder to write; must not exist")
    parser.add_argument("--title", required=True, help="what it translates, in one line")
    parser.add_argument("--license", required=True, help="of the weights: CC-BY-4.0, MIT, ...")
    parser.add_argument("--data", required=True, help="name of the data set")
    parser.add_argument("--attribution", required=True, help="whom the data are from")
    parser.add_argument(
        "--use", default="teaching, and research on methods", help="what it is meant for"
    )
    parser.add_argument("--picture", metavar="PNG", help="default: the last sheet of samples")
    parser.add_argument("--checkpoint", default="last", help="last (default) or best")
    published = publish(**vars(parser.parse_args(arguments)))
    size = sum(path.stat().st_size for path in published.folder.rglob("*") if path.is_file())
    print(f"{published.folder}: {', '.join(published.directions)}, {size / 1e6:.1f} MB")
    print(
        f"Before you pass it on, read its card, {published.folder / README}, and look whether its "
        f"picture, {published.folder / PICTURE}, may be shown: the default names test subjects."
    )


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
