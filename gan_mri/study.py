"""Ask readers what is real and what synthetic, as paper 001 did: `python -m gan_mri.study`."""

import argparse
import json
from hashlib import sha256
from pathlib import Path

from tqdm import tqdm

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import run_command
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable, replacing_folder, write_json
from gan_mri.free_names import check_free
from gan_mri.runs.run import Run, versions
from gan_mri.trust.perceptual.key import FORMAT, KEY, Key, folder_of, read_answers
from gan_mri.trust.perceptual.page import PAGE, reader_page


def make(runs, out, *, real=None, synthetic=None, data=None, seed=0, progress=True):
    """Make a study of finished runs on the test subjects that they share.

    | path          | what                                                             |
    |---------------|------------------------------------------------------------------|
    | `reader.html` | for the readers: one page with all images, for any browser, offline |
    | `key.json`    | not for the readers: what is what, with runs, versions and seed  |

    The page asks one image after the other, remembers the answers over a pause, and saves them
    as a file at the end, for `score`.

    Half of the images are real, if not said otherwise. Real and synthetic ones are
    scaled and drawn alike, have names of chance, and come in an order of chance that
    is another one for every reader; the page does not hold the truth.

    Parameters
    ----------
    runs : sequence of str, Path or gan_mri.runs.run.Run
        Finished run folders with the same domains and test images.
    out : str or Path
        The study's folder. Must not exist.
    real, synthetic : int, optional
        Real images of every contrast, and synthetic ones of every method and
        contrast; default: 12 synthetic ones and as many real as synthetic in all.
        Paper 001: 48 and 12.
    data : str or Path, optional
        Other data with the same contrasts; default: what the runs were trained on.
    seed : int
        Of everything that is left to chance.
    progress : bool
        Show a progress bar.

    Returns
    -------
    gan_mri.trust.perceptual.key.Key

    Raises
    ------
    GanMriError
        If a folder is no finished run, runs do not share their test images, there are too few
        of them, or the folder exists or cannot be written.

    Examples
    --------
    >>> make(["runs/cyclegan", "runs/unit"], "study", real=48)  # doctest: +SKIP
    """
    check_keras()
    (seed,) = required(seed=seed).values()
    required(out=out, progress=progress)
    checked(data=data)
    real, synthetic = checked(real=real, synthetic=synthetic).values()
    out = Path(out)
    check_free(out)
    check_writable(out, folder=True)
    runs = [run if isinstance(run, Run) else Run(run) for run in runs]

    # Here: wrong arguments are answered before TensorFlow is loaded.
    import numpy as np

    from gan_mri.evaluation.comparison import Comparison
    from gan_mri.trust.perceptual.draw import draw, shuffled_names
    from gan_mri.trust.perceptual.pictures import candidates_of, pictures_of

    comparison = Comparison(runs, data)
    rng = np.random.default_rng(seed)
    shown = draw(candidates_of(comparison), comparison.methods, rng, real=real, synthetic=synthetic)
    names = shuffled_names(len(shown), rng)
    entries, images = [], {}
    with tqdm(total=len(shown), unit="image", disable=not progress, dynamic_ncols=True) as bar:
        pictures = pictures_of(shown, comparison, runs, bar)
        for name, one, (png, label) in zip(names, shown, pictures):
            entries.append(
                {"image": name, "contrast": one.contrast, "method": one.method, "label": label}
                | {"sha256": sha256(png).hexdigest()}
            )
            images[name] = one.contrast, png
    content = {
        "methods": comparison.methods,
        "runs": [
            {name: run.config.get(name) for name in ("recipe", "settings", "seed", "versions")}
            | {"folder": str(run.folder)}
            for run in runs
        ],
        "seed": seed,
        "versions": versions(),
        "images": sorted(entries, key=lambda entry: entry["image"]),
    }
    study = sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()[:16]
    with replacing_folder(out, new=True) as unfinished:
        write_json(unfinished / KEY, {"format": FORMAT, "study": study, **content})
        (unfinished / PAGE).write_text(reader_page(study, images), encoding="utf-8")
    return Key(out)


def score(answers, *, study=None, out=None):
    """Score what readers answered.

    Parameters
    ----------
    answers : sequence of str or Path
        A file of each reader, as the page saved it.
    study : str or Path, optional
        The study's folder; default: the first one with a key, going up from the first file.
    out : str or Path, optional
        The folder to write; default: `score` in the study's.

    Returns
    -------
    result : gan_mri.trust.perceptual.result.Result
    page : Path

    Raises
    ------
    GanMriError
        If answers are incomplete, of another study, or two of one reader.

    Examples
    --------
    >>> result, page = score(["study/answers_AE.json"])  # doctest: +SKIP
    """
    checked(study=study, out=out)
    answers = [Path(one) for one in answers]
    key = Key(folder_of(answers[0]) if study is None else study)
    out = key.path.parent / "score" if out is None else Path(out)
    check_writable(out, folder=True)
    read = [read_answers(path, key) for path in answers]
    readers = [one.reader for one in read]
    for reader in readers:
        if readers.count(reader) > 1:
            raise GanMriError(
                f"{', '.join(map(str, answers))}: expected one file of each reader. Received "
                f"{readers.count(reader)} of {reader}."
            )

    # Here: SciPy and Matplotlib take a second to load.
    from gan_mri.trust.perceptual.result import Result

    result = Result.of(key, read)
    return result, result.write(out, key)


def main(arguments):
    """The command line of `study`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.study",
        description="A perceptual study: can readers tell synthetic images from real ones?",
    )
    parts = parser.add_subparsers(dest="what", required=True)
    making = parts.add_parser("make", help="draw images of runs and write the readers' page")
    making.add_argument("runs", nargs="+", metavar="RUN", help="a finished run folder")
    making.add_argument("out", help="the study's folder, a new one")
    making.add_argument("--real", type=int, metavar="N", help="real images of every contrast")
    making.add_argument(
        "--synthetic", type=int, metavar="N", help="images of every method and contrast"
    )
    making.add_argument("--data", help="other data with the same contrasts")
    making.add_argument("--seed", type=int, default=0)
    scoring = parts.add_parser("score", help="say what readers could tell")
    scoring.add_argument("answers", nargs="+", help="files that the page saved, one a reader")
    scoring.add_argument("--study", help="the study's folder; default: found from the answers")
    scoring.add_argument("--out", help="default: score in the study's folder")
    options = vars(parser.parse_args(arguments))
    if options.pop("what") == "make":
        key = make(options.pop("runs"), options.pop("out"), **options)
        real = sum(image.method is None for image in key.images.values())
        print(f"{len(key.images)} images, {real} of them real, of {', '.join(key.methods)}.")
        print(f"For the readers  {key.path.parent / PAGE}")
        print(f"Not for them     {key.path}")
        print(f"Then: python -m gan_mri.study score {key.path.parent}/answers_*.json")
        return
    result, page = score(options.pop("answers"), **options)
    for table in result.tables():
        print(f"{table.to_text()}\n")
    print(f"Page  {page}")


if __name__ == "__main__":
    run_command(main)
