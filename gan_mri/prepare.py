"""Prepare a data set once: `python -m gan_mri.prepare INPUT OUTPUT.h5`.

Reads any layout that `gan_mri.data.load` reads, cuts the slices or takes the
volumes, drops what is empty, decides the split, and writes it all to one HDF5
file, which `--data` takes afterwards: it opens in a moment and images are read
from the file when they are needed, so that a large cohort needs no large memory.
"""

import argparse
import itertools
import os
from functools import partial
from pathlib import Path

import h5py

import gan_mri
from gan_mri.arguments import required
from gan_mri.commands import make_callable, run_command
from gan_mri.data.collection import read_stacks
from gan_mri.data.dataset import domains_of, gather, load, survey
from gan_mri.data.files.names import check_utf8_path
from gan_mri.data.images.scaling_choice import parse_scaling
from gan_mri.data.options import DataOptions, add_arguments
from gan_mri.data.sources.built_in import BUILT_IN, is_built_in
from gan_mri.data.sources.hdf5 import is_hdf5, write_record, write_stack
from gan_mri.data.translation_data import choose_scalings
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable, replacing

#: Options of `DataOptions` that say how training shows what the file holds.
_OF_TRAINING = ("fit", "augment")
#: Bytes of the disk that are kept free for what HDF5 writes beside the voxels.
_RECORDS = 2**20


def prepare(source, output, *, domains=None, neighbours=0, **options):
    """Write the slices or volumes of a data set to one HDF5 file.

    One file of the source is in memory at a time.

    Parameters
    ----------
    source : str or Path
        Anything that `gan_mri.data.load` takes but an HDF5 file.
    output : str or Path
        A new file, `.h5` or `.hdf5`, outside the source. It appears under this
        name when it is complete.
    domains : sequence of str, optional
        As in `gan_mri.data.load`.
    neighbours : int
        Slices to keep on either side of every slice, for recipes whose `neighbours` are no more.
    **options
        Fields of `gan_mri.data.options.DataOptions`: contrasts, plane, slices,
        spacing, align, scaling, split, ... but not fit and augment, which are
        a matter of training. Of `image_size` counts only whether it has two
        numbers or three, unless the data are drawn at that size.

    Returns
    -------
    Path
        `output`.

    Raises
    ------
    GanMriError
        As `gan_mri.data.load`, or for an output that exists, lies inside the
        source, has another suffix or no folder to be in.

    Examples
    --------
    >>> gan_mri.prepare(  # doctest: +SKIP
    ...     "bids", "heads.h5", contrasts=("T1w", "T2w", "FLAIR"), plane="volume", spacing=2
    ... )
    """
    known = {*DataOptions.defaults(), "subjects"} - {"data", *_OF_TRAINING}
    unknown = sorted(set(options) - known)
    if unknown:
        raise TypeError(f"prepare: unknown arguments {', '.join(unknown)}")
    required(source=source, output=output)
    neighbours = required(neighbours=neighbours)["neighbours"]
    output = _check_output(Path(output), source)
    check_utf8_path(source, "which an HDF5 file can record")
    if is_hdf5(source):
        raise GanMriError(
            f"{source}: expected original images, received an HDF5 file; `--data` takes it as it "
            "is."
        )
    options = DataOptions(data=source, **options)
    domains = domains_of(domains, options.contrasts)
    scaling = parse_scaling(options.scaling, domains)
    found, manifest = survey(options, domains)
    try:
        with replacing(output, new=True) as new, h5py.File(new, "w") as file:
            # `map` keeps no file while the next one is read, as a loop's variable would.
            write = partial(_write_where_it_fits, file, output)
            read = read_stacks(found, options, neighbours=neighbours)
            stacks = list(map(write, read, itertools.count()))
            collection = gather(found, manifest, stacks, options, neighbours)
            write_record(
                file, collection, choose_scalings(collection, scaling), gan_mri.__version__
            )
    except OSError as error:
        raise GanMriError(
            f"{output}: expected to write the prepared file, which failed ({error})."
        ) from error
    return output


def _write_where_it_fits(file, output, stack, index):
    """`write_stack`, refused before the disk is full: HDF5 ends in a segmentation fault then."""
    check_writable(output, stack.array.nbytes + _RECORDS)
    written = write_stack(file, stack, index)
    file.flush()
    return written


def _check_output(output, source):
    if output.suffix.lower() not in (".h5", ".hdf5"):
        raise GanMriError(
            f"{output}: expected an output that ends in .h5 or .hdf5, received {output.name!r}."
        )
    # os.path: a name that is too long does not exist, rather than being an error.
    if os.path.exists(output):
        raise GanMriError(
            f"{output}: expected a new output file, received one that exists. Choose another name."
        )
    if not os.path.isdir(output.parent):
        raise GanMriError(
            f"{output}: expected an existing folder for the output, {output.parent} is none."
        )
    check_writable(output)
    inside = Path(os.path.realpath(output)).parents
    if not is_built_in(source) and Path(os.path.realpath(source)) in inside:
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
    data = load(path)
    record = data.describe()
    lines = [f"{path}  {Path(path).stat().st_size / 2**20:.1f} MiB, {_and(data.contrasts)}"]
    if data.sampling:
        lines.append(f"  {_kind(data)}")
    noun = "volumes" if data.rank == 3 else "slices" if data.sampling else "images"
    for name, subjects in record["subjects"].items():
        counts = record["counts"][name]
        of_each = [f"{counts[domain]} {data.contrast_of[domain]}" for domain in data.domains]
        if len(data.domains) > 1:
            of_each.append(f"{counts['pairs']} pairs")
        shown = ", ".join(subjects[:6]) + (" ..." if len(subjects) > 6 else "")
        line = f"  {name:<10} {len(subjects):>5} subjects, {noun}: {', '.join(of_each)}   {shown}"
        lines.append(line.rstrip())
    if data.rank == 2:
        dropped = record["empty_slices"]["dropped"]
        counts = [str(dropped[domain]) for domain in data.domains]
        lines.append(f"  empty {noun} dropped: {_and(counts)}")
    for domain, contrast in data.contrast_of.items():
        scaling = data.scaling[domain]
        kind = "typical window" if scaling.per_file else "window"
        lines.append(
            f"  {contrast}: scaling {scaling.method}, {kind} {scaling.typical[0]:g} .. "
            f"{scaling.typical[1]:g}"
        )
    return "\n".join(lines)


def _kind(data):
    """What the images are: "axial slices, voxels of 2 x 2 x 2 mm, aligned by headers"."""
    plane = {"volume": "whole volumes", "all": "slices of all three planes"}
    words = [plane.get(data.plane, f"{data.plane} slices")]
    if data.sampling.spacing:
        sizes = [f"{size:g}" if size else "their own" for size in data.sampling.spacing]
        words.append(f"voxels of {' x '.join(sizes)} mm")
    if data.record["align"] != "none":
        words.append(f"aligned by {data.record['align']}")
    return ", ".join(words)


def _and(names):
    """ "a", "a and b", "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def main(arguments):
    """The command line; see the module docstring."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.prepare",
        description="Write the slices or volumes of a data set to one HDF5 file for training.",
    )
    parser.add_argument(
        "input",
        help="BIDS folder, GAN-MRI folder (trainA, trainB, ...), folder with a sub-folder of "
        "images for each contrast, "
        f"or a built-in data set: {', '.join(BUILT_IN)}",
    )
    parser.add_argument("output", help="new file, .h5 or .hdf5")
    add_arguments(parser, leave_out=("data", *_OF_TRAINING))
    parser.add_argument(
        "--neighbours",
        type=int,
        metavar="N",
        help="slices to keep beside every slice, on either side, for --set neighbours=N",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the split; default: 0")
    parser.add_argument(
        "--subjects", type=int, default=20, help="of a built-in data set; default: 20"
    )
    options = vars(parser.parse_args(arguments))
    said = {name: value for name, value in options.items() if value is not None}
    print(summary(prepare(said.pop("input"), said.pop("output"), **said)))


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
