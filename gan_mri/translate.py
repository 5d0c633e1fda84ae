"""Translate volumes, pictures or folders of them: `python -m gan_mri.translate`."""

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
from gan_mri.inference.command_line import parsed


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
    also=(),
    vary=False,
    batch_size=8,
    memory=None,
    windows=None,
    checkpoint="last",
    trust=False,
    check=True,
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
    also : sequence of str or Path
        Further models of the same data and size, such as runs with other seeds: what is
        written is the mean of all, and their standard deviation beside it, as for `samples`.
    vary : bool
        Translate mirrored and slightly shifted copies too, and write mean and standard
        deviation, as for `samples`. The mean is smoother than one translation.
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
    check : bool
        Warn where the header is doubtful, or an input unlike what the model was trained on, see
        `gan_mri.check`.
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
    required(check=check, vary=vary)
    checked(source=source, output=output, reference=reference, direction=direction, target=target)
    inputs, memory = checked(inputs=inputs, memory=memory).values()
    samples, batch_size = required(samples=samples, batch_size=batch_size).values()
    source, inputs, output = _arguments(source, inputs, output)
    if memory is not None and windows is not None:
        raise GanMriError(
            "memory, windows: expected one of the two, slabs within a bound or blended windows. "
            f"Received: memory {memory}, windows {windows}."
        )
    also = checked(also=also)["also"]
    differ = bool(also) or vary
    if differ and (samples or plan):
        raise GanMriError(
            "also, vary: expected without samples, which is another spread, and without plan: each "
            f"further pass takes as long as the first. Received: samples {samples}, plan {plan}."
        )
    windows = _window_size(windows)
    files = files_of(source, samples or differ) if inputs is None else None
    check_writable(output, folder=inputs is None and os.path.isdir(source))
    exported = exported_model(
        Path(model), direction=direction, target=target, checkpoint=checkpoint
    )

    # Here: wrong arguments are answered before TensorFlow is loaded.
    from gan_mri.inference.files import translate_file
    from gan_mri.inference.passes import Pass
    from gan_mri.inference.reference import read_reference
    from gan_mri.inference.translator import Translator
    from gan_mri.inference.variations import check_alike, together
    from gan_mri.planning.translation import plan_translation

    translator = Translator(exported, trust=trust)
    if samples and not translator.stochastic:
        raise GanMriError(
            f"{translator.path} draws no random numbers, so samples must be 0: every "
            f"pass gives the same translation. Received: samples={samples}."
        )
    translator.check_reference(reference)
    further = [
        Translator(
            exported_model(one, direction=translator.card.direction.name, checkpoint=checkpoint),
            trust=trust,
        )
        for one in also
    ]
    check_alike([translator, *further])
    options = {"samples": samples, "batch_size": batch_size}
    if plan:
        tried = options | {"memory": memory, "windows": windows, "reference": reference}
        return plan_translation(translator, source, inputs, output, files, trust=trust, **tried)
    if reference is not None:
        reference = read_reference(reference, translator)
    passes = [
        Pass(
            one,
            reference=reference,
            samples=samples,
            memory=memory,
            windows=windows,
            progress=progress,
        )
        for one in (translator, *further)
    ]
    translates = together(passes, vary=vary)
    if differ:
        options["samples"] = translates.draws
    if inputs is not None or not os.path.isdir(source):
        sources = inputs_of(translator, source, inputs)
        translate_file(
            translator, translates, sources, output, progress=progress, check=check, **options
        )
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
                translator,
                translates,
                sources,
                unfinished / name,
                progress=False,
                check=check,
                **options,
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
    planned = translate(**parsed(arguments))
    if planned is not None:
        print(planned)


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
