"""Translate a volume, a picture or a folder of them: `python -m gan_mri.translate`."""

import argparse
import os
import shutil
from pathlib import Path

import numpy as np
from tqdm import tqdm

from gan_mri.commands import make_callable, run_command
from gan_mri.errors import GanMriError


def translate(
    model,
    source,
    output,
    *,
    direction=None,
    reference=None,
    samples=0,
    batch_size=8,
    progress=True,
):
    """Translate images with a trained model and write them like their sources.

    A volume is translated slice by slice, in the plane and the scaling that
    the model was trained in, and written on the same grid: affine, sform,
    qform, their codes and units are kept. Intensities are in the typical range
    of the target contrast (see `gan_mri.data.images.scaling`). Slices that hold no
    head (under 1 % foreground) become background, because no model has been
    trained on such.

    Parameters
    ----------
    model : str or Path
        A run folder, or one of its SavedModels.
    source : str or Path
        A NIfTI volume, a picture, or a folder of either.
    output : str or Path
        A file, or a folder where `source` is one. Must not exist.
    direction : {"A2B", "B2A"}, optional
        Default: A2B, or that of the SavedModel.
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
    progress : bool
        Show a progress bar.

    Raises
    ------
    GanMriError
        For everything that the user can put right; nothing is written then.
    """
    source, output = Path(source), Path(output)
    if output.exists():
        raise GanMriError(f"{output} exists already and is not overwritten. Give another name.")
    for name, value, lowest in (("batch_size", batch_size, 1), ("samples", samples, 0)):
        if value < lowest:
            raise GanMriError(f"{name} must be {lowest} or more. Received: {value!r}.")
    files = _files(source, samples)

    # Here: wrong arguments are answered before libraries are loaded.
    from gan_mri.inference.reference import read_reference

    translator = _load(Path(model), direction)
    if samples and not translator.stochastic:
        raise GanMriError(
            f"{translator.path} draws no random numbers, so samples must be 0: every "
            f"pass gives the same translation. Received: samples={samples}."
        )
    translator.check_reference(reference)
    if reference is not None:
        reference = read_reference(reference, translator)
    options = {"reference": reference, "samples": samples, "batch_size": batch_size}
    if not source.is_dir():
        _translate_file(translator, source, output, progress=progress, **options)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{os.getpid()}.{output.name}")
    unfinished.mkdir()
    try:
        from gan_mri.data.files.writers import names_of_outputs
        from gan_mri.data.images.scaling import IntensityScaling

        card = translator.card
        window = IntensityScaling.from_config(card["target_scaling"]).typical
        names = names_of_outputs(files, window, channels=card["channels"])
        bar = tqdm(files, unit="file", disable=not progress, dynamic_ncols=True)
        for path, name in zip(bar, names):
            _translate_file(translator, path, unfinished / name, progress=False, **options)
        os.replace(unfinished, output)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _files(source, samples):
    """The images of a folder, or the file itself."""
    from gan_mri.data.files.names import SUFFIXES, suffix_of
    from gan_mri.data.files.writers import name_of_output

    if not source.is_dir():
        return [source]
    # Hidden files are other programs' ("._scan.nii" of macOS), never images.
    files = sorted(
        path
        for path in source.iterdir()
        if path.is_file() and suffix_of(path) and not path.name.startswith(".")
    )
    if not files:
        found = ", ".join(sorted(path.name for path in source.iterdir())[:5])
        raise GanMriError(
            f"{source}: expected images ({', '.join(SUFFIXES)}). "
            f"Received: {found or 'an empty folder'}."
        )
    names = {}
    for path in files:
        output = Path(name_of_output(path))
        for written in [output, _deviation_path(output)][: 2 if samples else 1]:
            other = names.setdefault(written.name, path)
            if other is not path:
                raise GanMriError(
                    f"{path} and {other} would both be written as {written.name}. "
                    "Rename one of them."
                )
    return files


def _load(model, direction):
    """The translator of a run folder or a SavedModel folder."""
    from gan_mri.runs.run import Run

    if direction not in (None, "A2B", "B2A"):
        raise GanMriError(f"direction must be A2B or B2A. Received: {direction!r}.")
    if (model / "saved_model.pb").is_file():
        from gan_mri.inference.export import Translator

        translator = Translator(model)
        if direction not in (None, translator.card["direction"]):
            raise GanMriError(
                f"{model} translates {translator.card['direction']}. "
                f"Received: direction {direction}."
            )
        return translator
    return Run(model).translator(direction or "A2B")


def _translate_file(translator, source, output, *, samples, **options):
    from gan_mri.data.files.readers import read_image
    from gan_mri.data.files.writers import check_suffix, write_like
    from gan_mri.data.images.scaling import IntensityScaling
    from gan_mri.inference.images import check_channels, translate_image

    image = read_image(source)
    check_channels(image, translator)
    target = IntensityScaling.from_config(translator.card["target_scaling"])
    check_suffix(output, image, target.typical)
    deviation_path = _deviation_path(output)
    if samples and deviation_path.exists():
        raise GanMriError(
            f"{deviation_path} exists already and is not overwritten. Give another name."
        )
    mean, deviation = translate_image(translator, image, samples=samples, **options)
    write_like(output, target.invert(mean), image, target.typical)
    if samples:
        low, high = target.typical
        # A difference has no offset, and is small: never rounded to integers.
        floats = image._replace(array=image.array.astype(np.float32))
        write_like(deviation_path, deviation * (high - low) / 2, floats, (0, high - low))


def _deviation_path(output):
    """`volume_sd.nii.gz` of `volume.nii.gz`, `picture_sd.npy` of `picture.png`.

    Not every picture format holds floats, and none of them in colour.
    """
    from gan_mri.data.files.names import VOLUME_SUFFIXES, stem_of, suffix_of

    suffix = suffix_of(output)
    suffix = suffix if suffix in VOLUME_SUFFIXES else ".npy"
    return output.with_name(f"{stem_of(output)}_sd{suffix}")


def main(arguments):
    """The command line of `translate`."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_mri.translate",
        description="Translate a NIfTI volume, a picture or a folder of them.",
    )
    parser.add_argument("model", help="a run folder, or a SavedModel of one")
    parser.add_argument("input")
    parser.add_argument("output", help="must not exist")
    parser.add_argument("--direction", help="A2B (default) or B2A")
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
    options = parser.parse_args(arguments)
    translate(
        options.model,
        options.input,
        options.output,
        direction=options.direction,
        reference=options.reference,
        samples=options.samples,
        batch_size=options.batch_size,
    )


make_callable(__name__)

if __name__ == "__main__":
    run_command(main)
