"""Give a trained model to other programs: `python -m gan_mri.export RUN OUT --format onnx`."""

import argparse
from pathlib import Path

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable, replacing_folder
from gan_mri.free_names import check_free
from gan_mri.inference.choice import exported_model

FORMATS = ("onnx", "saved_model")


def export(
    model, out, *, format="onnx", direction=None, target=None, checkpoint="last", progress=True
):
    """Write one direction of a trained model as a file or folder for other programs.

    Both take float32 `(N, H, W, C)`, or `(N, X, Y, Z, C)`, in [-1, 1], of any N and size, and
    give the same; how intensities come to [-1, 1] and back stands in the card that travels with
    it, see README, "Without gan_mri".

    Parameters
    ----------
    model : str or Path
        A run folder, or one of its SavedModels.
    out : str or Path
        Must not exist. For `onnx` a file, its name ending in .onnx; it is compared with the
        SavedModel in ONNX Runtime before it is written (needs the extra `onnx`). For
        `saved_model` a folder, a copy that needs TensorFlow only.
    format : {"onnx", "saved_model"}
    direction, target, checkpoint
        As for `gan_mri.translate`.
    progress : bool
        Print how far ONNX Runtime and TensorFlow differ.

    Returns
    -------
    dict of str to float
        For `onnx`: spatial size ("75 x 50") to the largest difference, of [-1, 1]; empty for
        `saved_model`.

    Raises
    ------
    GanMriError
        For everything that the user can put right; nothing is written then.

    Examples
    --------
    >>> export("runs/t1-t2", "t1-t2.onnx", direction="A2B")  # doctest: +SKIP
    """
    check_keras()
    required(model=model, out=out, checkpoint=checkpoint, progress=progress)
    checked(direction=direction, target=target)
    out = Path(out)
    if format not in FORMATS:
        raise GanMriError(f"format must be {' or '.join(FORMATS)}. Received: {format!r}.")
    check_free(out)
    if format == "onnx" and out.suffix != ".onnx":
        raise GanMriError(f"{out}: expected a name that ends in .onnx.")
    check_writable(out, folder=format == "saved_model")
    exported = exported_model(
        Path(model), direction=direction, target=target, checkpoint=checkpoint
    )

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.inference.copies import copy_exported
    from gan_mri.inference.onnx_file import OPSET, write_onnx
    from gan_mri.inference.translator import Translator

    if format == "saved_model":
        with replacing_folder(out, new=True) as unfinished:
            copy_exported(exported, unfinished)
        return {}
    differences = write_onnx(Translator(exported), out)
    if progress:
        print(f"{out}: ONNX, opset {OPSET}. Largest difference from TensorFlow, of [-1, 1]:")
        for size, difference in differences.items():
            print(f"  {size}: {difference:.1e}")
    return differences


def main(arguments):
    """The command line of `export`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.export",
        description="Give a trained model to other programs, as an ONNX file or a SavedModel.",
    )
    parser.add_argument("model", help="a run folder, or a SavedModel of one")
    parser.add_argument("out", help="file (.onnx) or folder to write; must not exist")
    parser.add_argument("--format", default="onnx", help="onnx (default) or saved_model")
    parser.add_argument("--direction", help="such as A2B or B2A; default: the first")
    parser.add_argument("--target", metavar="CONTRAST", help="what the model makes, instead")
    parser.add_argument("--checkpoint", default="last", help="last (default) or best")
    export(**vars(parser.parse_args(arguments)))


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
