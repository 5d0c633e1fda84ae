"""Prepare a data set once: `python -m gan_mri.prepare INPUT OUTPUT.h5`.

Reads any layout that `gan_mri.data.load` reads, cuts the slices, drops the
empty ones, decides the split, and writes it all to one HDF5 file, which
`--data` takes afterwards: it opens in a moment and slices are read from the
file when they are needed, so that a large cohort needs no large memory.
"""

import argparse
from pathlib import Path

import gan_mri
from gan_mri.commands import make_callable, run_command
from gan_mri.data.sources.built_in import BUILT_IN, is_built_in
from gan_mri.errors import GanMriError
from gan_mri.files import replacing


def prepare(
    source,
    output,
    *,
    contrasts=None,
    plane="axial",
    slices=None,
    scaling="auto",
    split=None,
    test_subjects=None,
    validation_subjects=None,
    seed=0,
    subjects=20,
    image_size=None,
):
    """Write the slices of a data set to one HDF5 file.

    Parameters
    ----------
    source : str or Path
        Anything that `gan_mri.data.load` takes but an HDF5 file.
    output : str or Path
        A new file, `.h5` or `.hdf5`, outside the source. It appears under this
        name when it is complete.
    contrasts, plane, slices, scaling, split, test_subjects, validation_subjects, seed, subjects,
    image_size
        As in `gan_mri.data.load`.

    Returns
    -------
    Path
        `output`.

    Raises
    ------
    GanMriError
        As `gan_mri.data.load`, or for an output that exists, lies inside the
        source, has another suffix or no folder to be in.
    """
    import h5py

    from gan_mri.data.collection import read_stacks
    from gan_mri.data.dataset import gather, survey
    from gan_mri.data.images.planes import check_plane, parse_slices
    from gan_mri.data.images.scaling_choice import parse_scaling
    from gan_mri.data.sources.hdf5 import is_hdf5, write_record, write_stack
    from gan_mri.data.translation_data import choose_scalings

    output = _check_output(Path(output), source)
    if is_hdf5(source):
        raise GanMriError(
            f"{source}: expected original images, received an HDF5 file; `--data` takes it as it "
            "is."
        )
    plane, slices, scaling = check_plane(plane), parse_slices(slices), parse_scaling(scaling)
    found, manifest = survey(
        source,
        contrasts=contrasts,
        split=split,
        test_subjects=test_subjects,
        validation_subjects=validation_subjects,
        seed=seed,
        subjects=subjects,
        image_size=image_size,
    )
    try:
        with replacing(output) as partial, h5py.File(partial, "w") as file:
            stacks = [
                write_stack(file, stack, index)
                for index, stack in enumerate(read_stacks(found, plane=plane, slices=slices))
            ]
            collection = gather(found, manifest, stacks, plane=plane, slices=slices)
            write_record(
                file, collection, choose_scalings(collection, scaling), gan_mri.__version__
            )
    except OSError as error:
        raise GanMriError(
            f"{output}: expected to write the prepared file, which failed ({error})."
        ) from error
    return output


def _check_output(output, source):
    if output.suffix.lower() not in (".h5", ".hdf5"):
        raise GanMriError(
            f"{output}: expected an output that ends in .h5 or .hdf5, received {output.name!r}."
        )
    if output.exists():
        raise GanMriError(
            f"{output}: expected a new output file, received one that exists. Choose another name."
        )
    if not output.parent.is_dir():
        raise GanMriError(
            f"{output}: expected an existing folder for the output, {output.parent} is none."
        )
    if not is_built_in(source) and Path(source).resolve() in output.resolve().parents:
        raise GanMriError(
            f"{output}: expected an output outside the input, received one inside {source}."
        )
    return output


def summary(path):
    """What a prepared file holds, as lines for people.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    str
    """
    from gan_mri.data import load

    data = load(path)
    record = data.describe()
    lines = [f"{path}  {Path(path).stat().st_size / 2**20:.1f} MiB, {' and '.join(data.contrasts)}"]
    for name, subjects in record["subjects"].items():
        counts = record["counts"][name]
        shown = ", ".join(subjects[:6]) + (" ..." if len(subjects) > 6 else "")
        lines.append(
            f"  {name:<10} {len(subjects):>5} subjects, slices: {counts['A']} {data.contrasts[0]}, "
            f"{counts['B']} {data.contrasts[1]}, {counts['pairs']} pairs   {shown}"
        )
    dropped = record["empty_slices"]["dropped"]
    lines.append(f"  empty slices dropped: {dropped['A']} and {dropped['B']}")
    for name, contrast in zip("AB", data.contrasts):
        scaling = data.scaling[name]
        kind = "typical window" if scaling.per_file else "window"
        lines.append(
            f"  {contrast}: scaling {scaling.method}, {kind} {scaling.typical[0]:g} .. "
            f"{scaling.typical[1]:g}"
        )
    return "\n".join(lines)


def main(arguments):
    """The command line; see the module docstring."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.prepare",
        description="Write the slices of a data set to one HDF5 file for training.",
    )
    parser.add_argument(
        "input",
        help="BIDS folder, GAN-MRI folder (trainA, trainB, ...), folder with a sub-folder of "
        "images for each contrast, "
        f"or a built-in data set: {', '.join(BUILT_IN)}",
    )
    parser.add_argument("output", help="new file, .h5 or .hdf5")
    parser.add_argument(
        "--contrasts",
        nargs=2,
        metavar=("A", "B"),
        help="for instance T1w T2w; needed for BIDS and more than two sub-folders",
    )
    parser.add_argument(
        "--plane", default="axial", choices=("axial", "coronal", "sagittal"), help="default: axial"
    )
    parser.add_argument(
        "--slices",
        metavar="START:STOP",
        help="range in RAS+ order, 0-based, stop excluded; default: all",
    )
    parser.add_argument(
        "--split",
        nargs=3,
        type=float,
        metavar=("TRAIN", "VALIDATION", "TEST"),
        help="fractions of the subjects; default: 0.7 0.0 0.3",
    )
    parser.add_argument(
        "--test-subjects", nargs="+", metavar="SUBJECT", help="instead of fractions"
    )
    parser.add_argument(
        "--validation-subjects", nargs="+", metavar="SUBJECT", help="instead of fractions"
    )
    parser.add_argument(
        "--scaling",
        nargs="+",
        default="auto",
        metavar="SCALING",
        help="auto, uint8, uint16, window:LOW:HIGH, percentile, volume or zscore[:K]; one, or "
        "one for each contrast",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the split; default: 0")
    parser.add_argument(
        "--subjects", type=int, default=20, help="of a built-in data set; default: 20"
    )
    parser.add_argument(
        "--image-size",
        nargs=2,
        type=int,
        metavar=("H", "W"),
        help="of a built-in data set; default: 64 64",
    )
    options = vars(parser.parse_args(arguments))
    print(summary(prepare(options.pop("input"), options.pop("output"), **options)))


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
