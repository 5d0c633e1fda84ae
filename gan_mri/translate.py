"""Translate volumes, pictures or folders of them: `python -m gan_mri.translate`."""

import argparse
import os
from numbers import Integral
from pathlib import Path

from tqdm import tqdm

from gan_mri.arguments import check_keras, checked, required
from gan_mri.commands import make_callable, run_command
from gan_mri.data.files.writers import names_of_outputs
from gan_mri.errors import GanMriError
from gan_mri.files import check_writable, replacing_folder
from gan_mri.free_names import check_free
from gan_mri.inference.choice import exported_model, files_of, inputs_of


def translate(
    model,
    source=None,
    output=None,
    *,
    direction=None,
    inputs=None,
    target=None,
    reference=None,
    samples=0,
    batch_size=8,
    memory=None,
    windows=None,
    checkpoint="last",
    trust=False,
    plan=False,
    progress=True,
):
    """Translate images with a trained model and write them like their sources.

    A file goes the way that the model's images went in training: orientation,
    plane or volume, voxel size, intensities, size; and all the way back, so
    that the result lies on the grid of its source: affine, sform, qform, their
    codes and units are kept. Intensities are in the typical range of the target
    contrast (see `gan_mri.data.images.scaling`). Slices that hold no head (under
    1 % foreground) become background, because no model has been trained on
    such. A model of slices of all three planes translates in the three, and the
    mean is written.

    Parameters
    ----------
    model : str or Path
        A run folder, or one of its SavedModels.
    source : str or Path
        A NIfTI volume, a picture, or a folder of either, for a model of one source.
    output : str or Path
        A file, or a folder where `source` is one. Must not exist.
    direction : str, optional
        Such as "A2B" or "B2A"; default: the first of the run, or that of the SavedModel.
    inputs : dict of str to path, optional
        For a model of several sources: files by contrast (or domain), all that it
        needs; those that its card calls optional may be missing. The result lies on the grid
        of the first one, in the order of the model's contrasts.
    target : str, optional
        In place of `direction`: the contrast (or domain) to make.
    reference : str or Path, optional
        For a model that makes an image after another one (`wada/method4` to
        `method6`), and only for such: the image of the target domain whose
        colours every translation shall have, of any size. Best of the kind
        that the model was trained on: it is scaled as the images of the target
        were. Of a volume, the middle slice counts (in the model's plane, of
        those that hold a head).
    samples : int
        For a model with noise or dropout (UNIT): 0 leaves them out; n writes
        the mean of n stochastic passes, and beside it their standard
        deviation, in the intensities of the target: `volume_sd.nii.gz`, or
        `picture_sd.npy`. The same command draws the same passes.
    batch_size : int
        Slices translated at a time.
    memory : float, optional
        GiB for a volume in a network of volumes: it goes through layer by layer, in slabs,
        with the statistics of the whole, so that the result is that of one pass, without
        seams. Default: one pass where the machine's memory allows, else slabs.
    windows : int or sequence of three int, optional
        Instead: overlapping windows of this size, blended; prints how much two
        windows differ about a voxel.
    checkpoint : {"last", "best"}
        "best": the weights that did best on the validation subjects; they are
        exported to `export-best` in the run folder when they are first asked for.
    trust : bool
        Run the exported graph of a model as it is. A SavedModel is a program; by default the
        network is built anew from its recipe and weights, and a graph with operations that
        could read or write files, reach the network or run Python is refused.
    plan : bool
        Translate nothing: try a part, and say what the whole would take.
    progress : bool
        Show a progress bar.

    Returns
    -------
    gan_mri.planning.translation.TranslationPlan
        Of a `plan`; else None.

    Raises
    ------
    GanMriError
        For everything that the user can put right; nothing is written then.
    """
    check_keras()
    # Also `trust`: what is merely true, such as "no", is none.
    required(model=model, checkpoint=checkpoint, plan=plan, trust=trust, progress=progress)
    checked(source=source, output=output, reference=reference, direction=direction, target=target)
    inputs, memory = checked(inputs=inputs, memory=memory).values()
    samples, batch_size = required(samples=samples, batch_size=batch_size).values()
    source, inputs, output = _arguments(source, inputs, output)
    if memory is not None and windows is not None:
        raise GanMriError(
            "memory, windows: expected one of the two, slabs within a bound or blended windows. "
            f"Received: memory {memory}, windows {windows}."
        )
    windows = _window_size(windows)
    files = files_of(source, samples) if inputs is None else None
    check_writable(output, folder=inputs is None and os.path.isdir(source))
    exported = exported_model(
        Path(model), direction=direction, target=target, checkpoint=checkpoint
    )

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.inference.files import translate_file
    from gan_mri.inference.passes import Pass
    from gan_mri.inference.reference import read_reference
    from gan_mri.inference.translator import Translator
    from gan_mri.planning.translation import plan_translation

    translator = Translator(exported, trust=trust)
    if samples and not translator.stochastic:
        raise GanMriError(
            f"{translator.path} draws no random numbers, so samples must be 0: every "
            f"pass gives the same translation. Received: samples={samples}."
        )
    translator.check_reference(reference)
    options = {"samples": samples, "batch_size": batch_size}
    if plan:
        tried = options | {"memory": memory, "windows": windows, "reference": reference}
        return plan_translation(translator, source, inputs, output, files, trust=trust, **tried)
    if reference is not None:
        reference = read_reference(reference, translator)
    translates = Pass(
        translator,
        reference=reference,
        samples=samples,
        memory=memory,
        windows=windows,
        progress=progress,
    )
    if inputs is not None or not os.path.isdir(source):
        sources = inputs_of(translator, source, inputs)
        translate_file(translator, translates, sources, output, progress=progress, **options)
        if translates.mismatch is not None and progress:
            print(translates.mismatch)
        return None
    window = translator.card.target_scaling.typical
    names = names_of_outputs(files, window, channels=translator.card.channels)
    inputs_of(translator, source, None)
    with replacing_folder(output, new=True) as unfinished:
        bar = tqdm(files, unit="file", disable=not progress, dynamic_ncols=True)
        for path, name in zip(bar, names):
            sources = inputs_of(translator, path, None)
            translate_file(
                translator, translates, sources, unfinished / name, progress=False, **options
            )
            if translates.mismatch is not None and progress:
                tqdm.write(f"{path.name}: {translates.mismatch}")
    return None


def _arguments(source, inputs, output):
    """The places to read from and to write to, every spelling."""
    if (source is None) == (inputs is None) or output is None:
        raise GanMriError(
            "translate: expected an input and an output, or inputs by contrast (--inputs T1w=FILE "
            f"T2w=FILE --target FLAIR) and an output. Received: input {source}, inputs {inputs}, "
            f"output {output}."
        )
    output = Path(output)
    check_free(output)
    source = None if source is None else Path(source)
    return source, inputs, output


def _window_size(windows):
    if windows is None:
        return None
    sizes = list(windows) if isinstance(windows, (tuple, list)) else [windows]
    sizes = sizes * 3 if len(sizes) == 1 else sizes
    if len(sizes) != 3 or not all(isinstance(size, Integral) and size >= 17 for size in sizes):
        raise GanMriError(
            f"windows: expected one size or three, whole numbers from 17. Received: {windows!r}."
        )
    return tuple(map(int, sizes))


def main(arguments):
    """The command line of `translate`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.translate",
        usage="%(prog)s [options] MODEL INPUT OUTPUT\n       %(prog)s [options] MODEL --inputs "
        "CONTRAST=FILE ... --target CONTRAST OUTPUT",
        description="Translate a NIfTI volume, a picture or a folder of them.",
    )
    parser.add_argument("model", help="a run folder, or a SavedModel of one")
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
        "--trust",
        action="store_true",
        help="run the model's own graph, whatever it does: only if you know who made it",
    )
    options = vars(parser.parse_intermixed_args(arguments))
    planned = translate(**_placed(options))
    if planned is not None:
        print(planned)


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


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
