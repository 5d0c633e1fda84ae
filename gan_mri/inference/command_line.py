"""The command line of `python -m gan_mri.translate`, as arguments of `gan_mri.translate`."""

import argparse

from gan_mri.errors import GanMriError
from gan_mri.publishing.published import list_of_shipped


def parsed(arguments):
    """What a command line says.

    Parameters
    ----------
    arguments : list of str

    Returns
    -------
    dict
        Arguments of `gan_mri.translate`.

    Raises
    ------
    GanMriError
        If there are not as many paths as needed, or two files of one contrast.
    SystemExit
        As argparse has it, for words that mean nothing.
    """
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.translate",
        usage="%(prog)s [options] MODEL INPUT OUTPUT\n       %(prog)s [options] MODEL --inputs "
        "CONTRAST=FILE ... --target CONTRAST OUTPUT",
        description="Translate a NIfTI volume, a picture or a folder of them.",
    )
    parser.add_argument(
        "model", help="a run folder, a SavedModel of one, or the name of shipped weights"
    )
    parser.add_argument("--list", action=_List, help="name the weights that are shipped, and end")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="input and output")
    parser.add_argument(
        "--inputs",
        nargs="+",
        metavar="CONTRAST=FILE",
        help="of a model of several sources: a file of each, such as T1w=a.nii.gz T2w=b.nii.gz",
    )
    parser.add_argument("--target", metavar="CONTRAST", help="what to make")
    parser.add_argument("--direction", help="such as A2B or B2A; default: the first")
    parser.add_argument(
        "--reference",
        metavar="IMAGE",
        help="of a model that needs one: the image whose colours the translations shall have",
    )
    parser.add_argument(
        "--samples",
        type=int,
        default=0,
        metavar="N",
        help="of a model with noise: mean and deviation of N stochastic passes",
    )
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="MODEL",
        help="a further model of the same data (again for each): mean and deviation of all",
    )
    parser.add_argument(
        "--vary",
        action="store_true",
        help="mirrored and shifted copies too: mean and deviation",
    )
    parser.add_argument("--batch-size", type=int, default=8, help="slices at a time")
    parser.add_argument(
        "--memory", type=float, metavar="GIB", help="bound for a volume in a network of volumes"
    )
    parser.add_argument(
        "--windows", type=int, nargs="+", metavar="N", help="blended windows of this size instead"
    )
    parser.add_argument(
        "--plan", action="store_true", help="translate nothing: say what it would take"
    )
    parser.add_argument("--checkpoint", default="last", help="last (default) or best")
    parser.add_argument(
        "--no-check",
        dest="check",
        action="store_false",
        help="do not warn of doubtful headers and of inputs unlike the training images",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="run the model's own graph, whatever it does: only if you know who made it",
    )
    return _placed(vars(parser.parse_intermixed_args(arguments)))


class _List(argparse.Action):
    """Prints the shipped weights, as --help prints help."""

    def __init__(self, option_strings, dest, **options):
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, **options)

    def __call__(self, parser, namespace, values, option_string=None):
        print(list_of_shipped())
        parser.exit()


def _placed(options):
    """The paths of a command line as source and output; argparse gives --inputs what follows it."""
    paths, inputs = options.pop("paths"), options.pop("inputs")
    if inputs is not None:
        paths = [word for word in inputs if "=" not in word] + paths
        named = [word.split("=", 1) for word in inputs if "=" in word]
        inputs = dict(named)
        if len(inputs) < len(named):
            raise GanMriError(
                "--inputs: expected one file of each contrast. Received: "
                f"{' '.join('='.join(pair) for pair in named)}."
            )
    if len(paths) != (2 if inputs is None else 1):
        raise GanMriError(
            "translate: expected MODEL INPUT OUTPUT, or MODEL --inputs CONTRAST=FILE ... --target "
            f"CONTRAST OUTPUT. Received the paths {' '.join(paths) or 'none'}."
        )
    source, output = paths if inputs is None else (None, paths[0])
    return options | {"source": source, "output": output, "inputs": inputs}
